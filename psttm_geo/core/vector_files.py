"""Vector files as offices have them: one layer is chosen, shapes are flat, and all that goes wrong is one sentence.

A file may be a Shapefile (or one of the files that make it up), a zip or a folder of vector files, a GeoPackage, a
GeoJSON, a FlatGeobuf, a KML. Where several layers would do nobody but the user knows which one is meant.
"""

import math
import warnings
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from psttm_geo.core import gdal
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import InputMissingError, VectorFileError
from psttm_geo.core.messages import Text, gettext, ngettext
from psttm_geo.core.reading import OF_VECTORS, refusing
from psttm_geo.core.vector_zips import (
    NO_CONTAINER,
    SHOWN,
    is_zip,
    require_companions,
    require_undamaged,
    vector_members,
    zip_names,
)

SHAPEFILE = (".shp", ".shx", ".dbf", ".prj", ".cpg")
"""How the files end that make up a Shapefile."""

_FIELD_TABLE_LENGTH = slice(8, 10)
"""Where a .dbf says how many bytes stand before its first record."""


class Layer(NamedTuple):
    """A layer of a vector file, before it is read.

    Attributes
    ----------
    label
        How it is called in sentences.
    dataset, name
        What GDAL opens.
    fields
        As the file names them.
    features
        How many.
    spatial
        Whether it has geometry.
    crs
        As declared; None where it is not.
    encoding
        Of its texts; None for what GDAL makes of it.
    """

    label: str
    dataset: str
    name: str
    fields: tuple[str, ...]
    features: int
    spatial: bool
    crs: pyproj.CRS | None
    encoding: str | None


@dataclass(frozen=True)
class Located:
    """The features of a layer.

    Attributes
    ----------
    rows
        Their fields, labelled by their position in the layer (the first is 1).
    shapes
        Flat, in EPSG:32632; None where a feature has no place.
    notices
        Which layer was read, where there are others, and what was odd.
    """

    rows: pd.DataFrame
    shapes: np.ndarray
    notices: tuple[Text, ...]


def list_layers(path: Path, only: str | None = None) -> list[Layer]:
    """List the layers of a vector file, a zip or a folder.

    Parameters
    ----------
    path
        The file.
    only
        The file in the zip or folder to open; all vector files by default.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    VectorFileError
        Nothing in it opens as a vector file, or a part of it is missing or damaged.
    """
    layers: list[Layer] = []
    failure: VectorFileError | None = None
    for member, dataset in _find_datasets(path, only):
        try:
            layers += _layers_of(path, member, dataset)
        except VectorFileError as error:  # another file in the zip or folder may do
            failure = error
    if not layers:
        raise failure or VectorFileError(path, _NO_VECTOR)
    return layers


_NO_VECTOR = gettext("does not open as a vector file; use Shapefile, GeoPackage or GeoJSON, exporting it again.")


def choose_layer(
    path: Path, layers: Sequence[Layer], fits: Callable[[Layer], bool]
) -> tuple[Layer | None, tuple[Text, ...]]:
    """Return the one layer that fits and has features, and which were passed over; None where none fits.

    Raises
    ------
    VectorFileError
        Several fit.
    """
    filled = [layer for layer in layers if layer.features]
    fitting = [layer for layer in filled if fits(layer)]
    if len(fitting) > 1:
        listed = ", ".join(layer.label for layer in fitting[:SHOWN])
        raise VectorFileError(
            path,
            gettext(
                "holds {count} layers that may serve ({listed}), expected one; export the one to use to a "
                "file of its own.",
                count=len(fitting),
                listed=listed,
            ),
        )
    if not fitting:
        return None, ()
    others = [layer.label for layer in filled if layer is not fitting[0]]
    if not others:
        return fitting[0], ()
    used, unused = fitting[0].label, ", ".join(others[:SHOWN])
    return fitting[0], (
        gettext("{name}: layer {used} was read, not {unused}.", name=path.name, used=used, unused=unused),
    )


def read_layer(
    path: Path,
    layer: Layer,
    *,
    columns: Sequence[str] | None = None,
    where: str | None = None,
    with_shapes: bool = True,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the fields and the flat shapes of a layer, both in the order of the file.

    Parameters
    ----------
    path
        The file, as the user named it.
    layer
        One of :func:`list_layers`.
    columns, where
        The fields to read, all by default, and which features.
    with_shapes
        False to read fields alone: all shapes are then None.

    Returns
    -------
    tuple of DataFrame, ndarray
        Rows labelled from 1; shapes in the system of the layer, None where missing, empty or without coordinates.

    Raises
    ------
    VectorFileError
        The layer is damaged.
    """
    with refusing(OF_VECTORS, lambda _: VectorFileError(path, _DAMAGED)):
        with warnings.catch_warnings(action="ignore"):
            features = gdal.read_dataframe(
                layer.dataset,
                layer=layer.name,
                encoding=layer.encoding,
                columns=columns,
                where=where,
                read_geometry=with_shapes,
            )
        located = isinstance(features, gpd.GeoDataFrame)
        shapes = _flatten(features.geometry.to_numpy()) if located else np.full(len(features), None, dtype=object)
    rows = pd.DataFrame(features.drop(columns=features.geometry.name) if located else features)
    rows.index = pd.RangeIndex(1, len(rows) + 1)
    return rows, shapes


_DAMAGED = gettext(
    "is damaged or holds a shape that is none (a ring that is not closed ...); correct it in "
    "QGIS with “Fix geometries”, or export it again."
)


def read_located(path: Path) -> Located:
    """Read the one layer with geometry of a vector file.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    VectorFileError
        It cannot be opened, has no geometry or no CRS, or several layers would do.
    """
    layers = list_layers(path)
    layer, notices = choose_layer(path, [one for one in layers if one.spatial], lambda _: True)
    if layer is None:
        raise VectorFileError(path, NOWHERE if any(one.features for one in layers) else _EMPTY)
    rows, shapes = read_layer(path, layer)
    located, more = to_metric(path, shapes, layer.crs)
    return Located(rows, located, (*notices, *more))


_EMPTY = gettext("is empty; export it again complete.")

NOWHERE = gettext("is a table without geometry; export it with its shapes (Shapefile, GeoPackage, GeoJSON).")


def to_metric(path: Path, shapes: np.ndarray, crs: pyproj.CRS | None) -> tuple[np.ndarray, tuple[Text, ...]]:
    """Bring shapes to EPSG:32632; those whose coordinates cannot be in their system become None and are listed.

    Raises
    ------
    VectorFileError
        No shape has a place, the system is not declared, or no coordinates can be in it.
    """
    there = ~shapely.is_missing(shapes)
    if not there.any():
        raise VectorFileError(path, _NO_SHAPE)
    if crs is None:
        raise VectorFileError(path, NO_CRS)
    with refusing(OF_VECTORS, lambda _: VectorFileError(path, NO_CRS)):
        moved = gpd.GeoSeries(shapes, crs=crs).to_crs(METRIC).to_numpy()
    lost = there & ~np.isfinite(shapely.bounds(moved)).all(axis=1)
    if (there & ~lost).any():
        moved[lost] = None
        return moved, _list_lost(path, lost)
    x, y = shapely.get_coordinates(shapes)[0]
    example = f"{x:.10g}, {y:.10g}"
    raise VectorFileError(
        path,
        gettext(
            "the coordinates ({example}) cannot be in the CRS that is declared ({name}); assign the "
            "right one and export it again.",
            example=example,
            name=crs.name,
        ),
    )


_NO_SHAPE = gettext("no feature has a geometry; export it again complete.")

NO_CRS = gettext(
    "does not declare its CRS, which cannot be guessed; export it again with its own (a Shapefile with its .prj)."
)


def _list_lost(path: Path, lost: np.ndarray) -> tuple[Text, ...]:
    if not lost.any():
        return ()
    count, rows = int(lost.sum()), say_rows(np.flatnonzero(lost) + 1)
    return (
        gettext(
            "{name}: features with impossible coordinates, read as having no place: {count} ({rows}).",
            name=path.name,
            count=count,
            rows=rows,
        ),
    )


def say_rows(rows: Iterable[int]) -> Text:
    """Name rows of a layer by their position, the first :data:`SHOWN` of them."""
    numbers = [str(row) for row in rows]
    listed = ", ".join(numbers[:SHOWN]) + (" ..." if len(numbers) > SHOWN else "")
    return ngettext("row {listed}", "rows {listed}", len(numbers), listed=listed)


def members_of(path: Path) -> list[Path]:
    """Return the files that a vector file is made of: a Shapefile with those beside it, else the file alone."""
    if path.suffix.lower() != ".shp":
        return [path]
    return [file for file in sorted(path.parent.iterdir()) if file.stem == path.stem and _is_of_shapefile(file.name)]


def _is_of_shapefile(name: str) -> bool:
    return name.lower().endswith(SHAPEFILE)


def list_members(path: Path) -> list[str]:
    """Return the names of the files in a zip or folder; none of any other file.

    Raises
    ------
    VectorFileError
        The zip is damaged or encrypted.
    """
    if path.is_dir() and path.suffix.lower() != _FOLDER_OF_ESRI:
        return [member.relative_to(path).as_posix() for member in sorted(path.rglob("*")) if member.is_file()]
    return zip_names(path) if is_zip(path) else []


def _find_datasets(path: Path, only: str | None) -> list[tuple[str, str]]:
    """Return what GDAL opens: the file, or each vector file in a zip or folder, with its name there."""
    if not path.exists():
        raise InputMissingError(gettext("{path} does not exist; give a vector file.", path=path))
    folder = path.is_dir() and path.suffix.lower() != _FOLDER_OF_ESRI
    if not folder and not is_zip(path):
        _require_whole(path)
        return [("", gdal.dataset_of(path))]
    names = list_members(path)
    wanted = vector_members(path, names) if only is None else [only]
    for name in wanted:
        if name.lower().endswith(".shp"):
            require_companions(path, name, names)
        if not folder:
            require_undamaged(path, name)
    return [(name, gdal.dataset_of(path / name) if folder else gdal.dataset_of(path, name)) for name in wanted]


_FOLDER_OF_ESRI = ".gdb"
"""How a folder ends that is one file to whoever uses it."""


def _require_whole(path: Path) -> None:
    """Refuse a part of a Shapefile, and a Shapefile that lacks one."""
    beside = path.with_suffix(".shp")
    if path.suffix.lower() in SHAPEFILE and path.suffix.lower() != ".shp" and beside.exists():
        raise VectorFileError(path, gettext("is a part of a Shapefile; give {name}.", name=beside.name))
    if path.suffix.lower() == ".shp":
        require_companions(path, path.name, [member.name for member in path.parent.iterdir()])


def _layers_of(path: Path, member: str, dataset: str) -> list[Layer]:
    with refusing(OF_VECTORS, lambda _: VectorFileError(path, _NO_VECTOR)), warnings.catch_warnings(action="ignore"):
        encoding = _encoding_of(path, member)
        layers = [_describe(member, dataset, name, encoding) for name in gdal.list_layers(dataset)]
    room = _bytes_of(path, member, dataset)
    if any(layer.features > room for layer in layers):
        raise VectorFileError(path, _DAMAGED)
    return layers


def _describe(member: str, dataset: str, name: str, encoding: str | None) -> Layer:
    info = gdal.read_info(dataset, name, encoding=encoding, force_feature_count=True)
    alone = not member or PurePosixPath(member).stem == name
    return Layer(
        label=(member or name) if alone else f"{member}/{name}",
        dataset=dataset,
        name=name,
        fields=tuple(map(str, info["fields"])),
        features=int(info["features"]),
        spatial=info["geometry_type"] is not None,
        crs=_declared(info["crs"]),
        encoding=encoding,
    )


def _bytes_of(path: Path, member: str, dataset: str) -> float:
    """Return how many bytes hold the features, of which each takes some; without end where they are packed."""
    if member.lower().endswith(NO_CONTAINER) or path.suffix.lower() in NO_CONTAINER:
        return math.inf
    if is_zip(path):
        with zipfile.ZipFile(path) as archive:
            return archive.getinfo(member).file_size
    return Path(dataset).stat().st_size if Path(dataset).is_file() else math.inf


def _declared(written: str | None) -> pyproj.CRS | None:
    """Return a CRS; None where the file has none that leads to places, or says that it is unknown as GeoPackages do."""
    crs = None if not written else pyproj.CRS.from_user_input(written)
    if crs is None or crs.is_engineering or crs.name.lower().startswith("undefined"):
        return None
    try:
        pyproj.Transformer.from_crs(crs, METRIC)
    except pyproj.exceptions.ProjError:  # of a height, of a time
        return None
    return crs


def _encoding_of(path: Path, member: str) -> str | None:
    """Return UTF-8 for a Shapefile that is written so and does not say it, as its missing .cpg should."""
    name = member or path.name
    if not name.lower().endswith(".shp"):
        return None
    stem = name.rpartition(".")[0]
    if is_zip(path):
        with zipfile.ZipFile(path) as archive:
            by_name = {one.lower(): one for one in archive.namelist()}
            stated = f"{stem}.cpg".lower() in by_name
            table = archive.read(by_name[f"{stem}.dbf".lower()])
    else:
        folder = (path if path.is_dir() else path.parent) / PurePosixPath(stem).parent
        by_stem = {one.name.lower(): one for one in folder.iterdir() if one.stem == PurePosixPath(stem).name}
        stated = any(one.endswith(".cpg") for one in by_stem)
        table = next(one.read_bytes() for name, one in by_stem.items() if name.endswith(".dbf"))
    records = table[int.from_bytes(table[_FIELD_TABLE_LENGTH], "little") :]
    if stated or records.isascii():
        return None
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "UTF-8"


def polygons_of(shapes: np.ndarray) -> np.ndarray:
    """Return the areas of shapes as valid polygons: shapes that are so as they are, of others what has a surface."""
    areas = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    odd = ~(shapely.is_valid(shapes) & ((kinds == _POLYGON) | (kinds == _MULTIPOLYGON)))
    if not odd.any():
        return areas
    mended = shapely.make_valid(shapes[odd], method="structure", keep_collapsed=False)
    outer, owners = shapely.get_parts(mended, return_index=True)
    parts, inner = shapely.get_parts(outer, return_index=True)
    areal = shapely.get_dimensions(parts) == SURFACE
    polygons = np.full(len(mended), shapely.MultiPolygon())
    shapely.multipolygons(parts[areal], indices=owners[inner][areal], out=polygons)
    areas[odd] = polygons
    return areas


SURFACE = 2
"""Dimensions of an area."""

_POLYGON, _MULTIPOLYGON = 3, 6
"""What shapely numbers these types."""


def _flatten(shapes: np.ndarray) -> np.ndarray:
    """Return shapes without heights, None for those that are empty or have no coordinates.

    GDAL reads a point of KML without coordinates as one at zero, which no system of these files has on land.
    """
    flat = shapely.force_2d(shapes)
    empty = shapely.is_missing(flat) | shapely.is_empty(flat)
    coordinates, owners = shapely.get_coordinates(flat, return_index=True)
    empty[owners[~np.isfinite(coordinates).all(axis=1)]] = True
    empty |= ~empty & (shapely.bounds(flat) == 0).all(axis=1)
    flat[empty] = None
    return flat
