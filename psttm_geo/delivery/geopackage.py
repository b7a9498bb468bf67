"""The GeoPackage that the GIS office takes away.

Data are written by GDAL through pyogrio; what GDAL does not write is added with :mod:`sqlite3` as the GeoPackage 1.3
standard and QGIS say (:mod:`psttm_geo.delivery.geopackage_tables`).
"""

import contextlib
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pandas.api.types import is_float_dtype

from psttm_geo.core import gdal
from psttm_geo.core.errors import BoundaryFileError, InputMissingError
from psttm_geo.core.files import DATA_ERRORS, output_error, readable, replacing
from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.core.provenance import Source
from psttm_geo.core.reading import OF_PROJECTS, OF_SQLITE, refusing
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.geopackage_tables import write_metadata, write_project, write_schema, write_styles
from psttm_geo.delivery.metadata_records import list_records, part_in, say_sources
from psttm_geo.delivery.qgis.content import arrange
from psttm_geo.delivery.qgis.layer_styles import Styled
from psttm_geo.delivery.qgis.project_file import NAME, packed, project, unpacked
from psttm_geo.schema.coded_values import CodedValues
from psttm_geo.schema.columns import column_named
from psttm_geo.schema.layers import LAYERS

VERSION = "1.3"
"""GDAL 3.12 writes 1.4 unless told: GDAL 3.6's validator rejects that and QGIS 3.22 warns."""

_APPLICATION_ID = slice(68, 72)
"""Where an SQLite file says what application it belongs to."""


def write_geopackage(
    path: Path, layers: Mapping[str, pd.DataFrame], *, date: str, delivery: Delivery | None = None
) -> None:
    """Write layers as one GeoPackage, whole or not at all, the same bytes for the same input.

    Parameters
    ----------
    path
        The file to create or replace.
    layers
        By Italian layer name, tables with the English columns of :data:`psttm_geo.schema.layers.LAYERS`; EPSG:32632
        where spatial. Written in the order of the contract, in the system of the delivery.
    date
        The date of the newest source or computation, ISO 8601: it stands wherever the format wants a date of change of
        the whole file, or of a layer of which nothing is known.
    delivery
        What is to be said of them; None where nothing is known beside them.

    Raises
    ------
    LayerContractError
        A table does not hold what its layer promises.
    OutputError
        The file cannot be written.
    """
    delivery = delivery or Delivery()
    ordered = [
        Styled(
            layer,
            layer.columns_of(layers[name]),
            _in_crs(layer.select(layers[name]), delivery.crs),
            delivery.codes,
            name in delivery.synthetic,
        )
        for name, layer in LAYERS.items()
        if name in layers
    ]
    records = list_records(ordered, delivery, date=date)
    abstracts = {record.name: record.abstract for record in records}
    with replacing(path) as beside, _fixed_date(date):
        try:
            for position, styled in enumerate(ordered):
                _write_layer(beside, styled, abstracts[styled.layer.name], append=position > 0)
            with contextlib.closing(sqlite3.connect(beside)) as connection, connection:
                write_schema(connection, ordered)
                write_styles(connection, ordered, date=date)
                write_metadata(connection, records, date=date)
                content = arrange(ordered, delivery)
                notes = {theme.title: say_sources(content.records(theme, records)) for theme in content.themes}
                xml = project(content, f"./{path.name}", notes=notes, date=date, crs=delivery.crs, part=delivery.part)
                write_project(connection, packed(xml), date=date)
            _require_whole(beside, {styled.layer.name: len(styled.rows) for styled in ordered})
        except DATA_ERRORS as error:
            raise output_error(path, error) from error


def list_held(path: Path) -> list[str]:
    """Return the names of the layers of a GeoPackage, in the contract's order; errors as :func:`read_geopackage`."""
    _require_there(path)
    with refusing(OF_SQLITE, lambda _: _not_ours(path)), readable(path) as file:
        held = _held(file)
    if not held:
        raise _not_ours(path)
    return held


def _held(file: Path) -> list[str]:
    present = gdal.list_layers(gdal.dataset_of(file)) if _is_geopackage(file) else []
    return [name for name in LAYERS if name in present]


def read_geopackage(path: Path, names: Collection[str] = LAYERS) -> dict[str, pd.DataFrame]:
    """Read layers and tables of a GeoPackage that :func:`write_geopackage` made, by default every one.

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
    _require_there(path)
    with refusing(OF_SQLITE, lambda _: _not_ours(path)), readable(path) as file:
        held = _held(file)
        tables = {name: _read_layer(file, name) for name in held if name in names}
    if not held:
        raise _not_ours(path)
    return tables


def _read_layer(path: Path, name: str) -> pd.DataFrame:
    """Read a layer; whole numbers stay whole where some are unknown."""
    dataset = gdal.dataset_of(path)
    table: pd.DataFrame = gdal.read_dataframe(dataset, layer=name)
    gaps = [field for field in table.columns if is_float_dtype(table[field]) and table[field].hasnans]
    if not gaps:
        return table
    info = gdal.read_info(dataset, name)
    declared = dict(zip(info["fields"], info["dtypes"], strict=True))
    return table.astype({field: "Int64" for field in gaps if declared[field].startswith("int")})


def read_delivery(path: Path) -> Delivery:
    """Read what a GeoPackage that :func:`write_geopackage` made says beside its layers.

    Editions and the office stand in it only in words: they are left out.

    Raises
    ------
    InputMissingError, BoundaryFileError
        As :func:`read_geopackage`.
    """
    meanings: dict[str, dict[str, Text]] = {}
    for name, code, said in _ask(
        path,
        "SELECT constraint_name, value, coalesce(description, '') FROM gpkg_data_column_constraints ORDER BY rowid",
    ):
        meanings.setdefault(name, {})[code] = same(said)
    coded = _ask(
        path, "SELECT table_name, column_name, constraint_name FROM gpkg_data_columns WHERE constraint_name IS NOT NULL"
    )
    english = ((LAYERS[layer].english(field), name) for layer, field, name in coded if layer in LAYERS)
    with refusing((KeyError,), lambda _: _not_ours(path)):  # of a column or a list that is no more
        codes = {
            column: CodedValues(name, meanings[name]) for column, name in english if column_named(column).codes is None
        }
    parts = [part_in(abstract) for (abstract,) in _ask(path, "SELECT coalesce(description, '') FROM gpkg_contents")]
    days = _ask(path, "SELECT table_name, timestamp FROM gpkg_metadata_reference WHERE reference_scope = 'table'")
    sources = read_sources(path)
    changed = {layer: instant[: len("AAAA-MM-GG")] for layer, instant in days if layer in sources}
    return Delivery(sources, codes, part=max(parts, default=""), computed_on=changed)


def read_sources(path: Path) -> dict[str, tuple[Source, ...]]:
    """Read what each layer of a GeoPackage that :func:`write_geopackage` made rests on; of another, nothing.

    Raises
    ------
    InputMissingError, BoundaryFileError
        As :func:`read_geopackage`.
    """
    held = {name for (name,) in _ask(path, "SELECT name FROM pragma_table_info('fonti')")}
    # A file of an earlier version has not all columns.
    if not held:
        return {}
    columns = ", ".join(f"coalesce({name}, '')" if name in held else "''" for name in LAYERS["fonti"].fields())
    sources: dict[str, list[Source]] = {}
    for row in _ask(path, f"SELECT {columns} FROM fonti ORDER BY fid"):  # noqa: S608 - names of our contract
        layer, told, address, licence, attribution, day, added_on, sha256 = row
        title, _, publisher = told.rpartition(", ")
        source = Source("", title, publisher, address, day, licence, attribution, sha256, added_on)
        sources.setdefault(layer, []).append(source)
    return {layer: tuple(one) for layer, one in sources.items()}


def read_documents(path: Path) -> dict[str, str]:
    """Read the metadata of a GeoPackage that :func:`write_geopackage` made.

    Returns
    -------
    dict
        Texts by the name of a file: the layer's name with ``.xml``, ``psttm.xml`` for the whole, ``psttm.jsonld``.

    Raises
    ------
    InputMissingError, BoundaryFileError
        As :func:`read_geopackage`.
    """
    rows = _ask(
        path,
        "SELECT coalesce(table_name, ''), mime_type, metadata "
        "FROM gpkg_metadata JOIN gpkg_metadata_reference ON id = md_file_id ORDER BY id",
    )
    suffixes = {"text/xml": ".xml", "application/ld+json": ".jsonld"}
    return {f"{table or 'psttm'}{suffixes[kind]}": text for table, kind, text in rows if kind in suffixes}


def read_project(path: Path) -> str:
    """Read the QGIS project of a GeoPackage that :func:`write_geopackage` made.

    Raises
    ------
    InputMissingError, BoundaryFileError
        As :func:`read_geopackage`.
    """
    rows = _ask(path, "SELECT content FROM qgis_projects WHERE name = ?", NAME)
    if not rows:
        raise _not_ours(path)
    with refusing(OF_PROJECTS, lambda _: _not_ours(path)):
        return unpacked(bytes.fromhex(rows[0][0]))


def _ask(path: Path, query: str, *values: str) -> list[tuple[str, ...]]:
    """Return the rows that a query gives, which are of texts."""
    _require_there(path)
    with (
        readable(path) as file,
        refusing(OF_SQLITE, lambda _: _not_ours(path)),
        contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        rows: list[tuple[str, ...]] = connection.execute(query, values).fetchall()
    if not all(isinstance(value, str) for row in rows for value in row):
        raise _not_ours(path)
    return rows


def _require_there(path: Path) -> None:
    if not path.is_file():
        raise InputMissingError(
            gettext("{path} does not exist; make it with psttm-geo build -o {name}.", path=path, name=path.name)
        )


def _is_geopackage(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(_APPLICATION_ID.stop)
    return head.startswith(b"SQLite format 3\x00") and head[_APPLICATION_ID] == b"GPKG"


def _not_ours(path: Path) -> BoundaryFileError:
    return BoundaryFileError(
        gettext("{path} is no GeoPackage made by psttm-geo build, or is damaged; make it again with build.", path=path)
    )


@contextlib.contextmanager
def _fixed_date(date: str) -> Iterator[None]:
    """Make GDAL write `date` instead of now, so that equal inputs give equal bytes.

    It need not wait for the disk after every layer: the file gets its name only once the whole of it has been flushed.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z", "OGR_SQLITE_SYNCHRONOUS": "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None, "OGR_SQLITE_SYNCHRONOUS": None})


def _in_crs(table: pd.DataFrame, crs: str) -> pd.DataFrame:
    return table.to_crs(crs) if isinstance(table, gpd.GeoDataFrame) and table.crs != crs else table


def _write_layer(path: Path, styled: Styled, abstract: str, *, append: bool) -> None:
    layer, table = styled.layer, styled.rows
    options = {"FID": "fid", "IDENTIFIER": styled.title, "DESCRIPTION": abstract}
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


def _require_whole(path: Path, expected: dict[str, int]) -> None:
    """Count rows back: GDAL may report a failed flush only in its log."""
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        for name, count in expected.items():
            found = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of our contract
            if found != count:
                message = f"{name}: {found} rows written of {count}, disk full?"
                raise sqlite3.DatabaseError(message)
