"""The GeoPackage that the GIS office takes away.

Data are written by GDAL through pyogrio; what GDAL does not write (aliases of columns) is added with :mod:`sqlite3`
as the GeoPackage 1.3 standard says.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from psttm_geo.errors import BoundaryFileError, InputMissingError, Text
from psttm_geo.files import DATA_ERRORS, output_error, replacing
from psttm_geo.model.columns import column_named
from psttm_geo.model.layers import LAYERS, Layer

VERSION = "1.3"
"""GDAL 3.12 writes 1.4 unless told: GDAL 3.6's validator rejects that and QGIS 3.22 warns."""

_APPLICATION_ID = slice(68, 72)
"""Where an SQLite file says what application it belongs to."""

_SCHEMA_EXTENSION = "http://www.geopackage.org/spec130/#extension_schema"

_SCHEMA_TABLES = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""


def write_geopackage(path: Path, layers: Mapping[str, pd.DataFrame], *, date: str) -> None:
    """Write layers as one GeoPackage, whole or not at all, the same bytes for the same input.

    Parameters
    ----------
    path
        The file to create or replace.
    layers
        By Italian layer name, tables with the English columns of :data:`psttm_geo.model.layers.LAYERS`; EPSG:32632
        where spatial. Written in the order of the contract.
    date
        The date of the latest source, ISO 8601: it stands wherever the format wants a date of change.

    Raises
    ------
    LayerContractError
        A table does not hold what its layer promises.
    OutputError
        The file cannot be written.
    """
    ordered = [(layer, layers[name]) for name, layer in LAYERS.items() if name in layers]
    with replacing(path) as beside, _fixed_date(date):
        try:
            for position, (layer, table) in enumerate(ordered):
                _write_layer(beside, layer, layer.select(table), append=position > 0)
            _describe_columns(beside, {layer.name: layer.columns_of(table) for layer, table in ordered})
            _require_whole(beside, {layer.name: len(table) for layer, table in ordered})
        except DATA_ERRORS as error:
            raise output_error(path, error) from error


def read_geopackage(path: Path) -> dict[str, pd.DataFrame]:
    """Read every layer and table of a GeoPackage that :func:`write_geopackage` made.

    Returns
    -------
    dict
        By Italian layer name, with Italian field names; GeoDataFrames where spatial.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    BoundaryFileError
        `path` is no GeoPackage of this package.
    """
    if not path.is_file():
        raise InputMissingError(
            Text(
                it=f"{path} non esiste; crearlo con psttm-geo build -o {path.name}.",
                en=f"{path} does not exist; make it with psttm-geo build -o {path.name}.",
            )
        )
    try:
        present = {name for name, _ in pyogrio.list_layers(path)} if _is_geopackage(path) else set()
        tables = {name: pyogrio.read_dataframe(path, layer=name) for name in LAYERS if name in present}
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _not_ours(path) from error
    if not tables:
        raise _not_ours(path)
    return tables


def _is_geopackage(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_APPLICATION_ID.stop)
    return head.startswith(b"SQLite format 3\x00") and head[_APPLICATION_ID] == b"GPKG"


def _not_ours(path: Path) -> BoundaryFileError:
    return BoundaryFileError(
        Text(
            it=f"{path} non è un GeoPackage prodotto da psttm-geo build, o è danneggiato; rifarlo con build.",
            en=f"{path} is no GeoPackage made by psttm-geo build, or is damaged; make it again with build.",
        )
    )


@contextlib.contextmanager
def _fixed_date(date: str) -> Iterator[None]:
    """Make GDAL write `date` instead of now, so that equal inputs give equal bytes."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_layer(path: Path, layer: Layer, table: pd.DataFrame, *, append: bool) -> None:
    options = {"FID": "fid", "IDENTIFIER": layer.title.it, "DESCRIPTION": layer.abstract}
    if layer.spatial:
        options |= {"GEOMETRY_NAME": "geom", "SPATIAL_INDEX": "YES"}
    pyogrio.write_dataframe(
        table,
        path,
        layer=layer.name,
        driver="GPKG",
        append=append,
        geometry_type=layer.geometry if isinstance(table, gpd.GeoDataFrame) else None,
        promote_to_multi=layer.geometry != "Point" if layer.spatial else None,
        dataset_options={"VERSION": VERSION},
        layer_options=options,
    )


def _describe_columns(path: Path, columns: Mapping[str, Sequence[str]]) -> None:
    """Write titles and descriptions of columns (extension "schema"); QGIS and GDAL 3.7 show them as aliases."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA_TABLES)
        connection.executemany(
            "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) "
            "VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
            [("gpkg_data_columns", _SCHEMA_EXTENSION), ("gpkg_data_column_constraints", _SCHEMA_EXTENSION)],
        )
        connection.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description) VALUES (?, ?, ?, ?, ?)",
            [
                (layer, column.field, column.title.it, column.title.it, column.description)
                for layer, names in columns.items()
                for column in map(column_named, names)
            ],
        )


def _require_whole(path: Path, expected: dict[str, int]) -> None:
    """Count rows back: GDAL may report a failed flush only in its log."""
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        for name, count in expected.items():
            found = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of our contract
            if found != count:
                message = f"{name}: {found} rows written of {count}, disk full?"
                raise sqlite3.DatabaseError(message)
