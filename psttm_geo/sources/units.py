"""The office's own units: any file of polygons, such as Municipi, NIL or social districts."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from psttm_geo.errors import BoundaryFileError, Text
from psttm_geo.sources.features import read_features

_AREA = 2
"""Dimensions of a polygon."""

_TOLERATED_M2 = 100.0
"""Outlines drawn by hand overlap by slivers; more than this is an overlap."""

_SHOWN = 5


def read_units(path: Path) -> gpd.GeoDataFrame:
    """Read the office's own units.

    Parameters
    ----------
    path
        A vector file; names are taken from a field such as ``nome`` or ``name``, else units are numbered from 1.

    Returns
    -------
    GeoDataFrame
        ``own_unit`` (unique) and valid areas in EPSG:32632.

    Raises
    ------
    InputMissingError, BoundaryFileError
        The file cannot be read; a unit is no area, is empty, has the name of another, or overlaps another.
    """
    features = read_features(path)
    shapes = shapely.make_valid(features.geometry.to_numpy())
    empty = (shapely.area(shapes) == 0) | (shapely.get_dimensions(shapes) != _AREA)
    names = features["name"].where(features["name"] != "", (features.index + 1).astype(str))
    if empty.any():
        _refuse(path, names[empty], Text("senza superficie", "without area"))
    if names.duplicated().any():
        _refuse(path, names[names.duplicated()], Text("con un nome ripetuto", "with a repeated name"))
    _refuse_overlaps(path, names.to_list(), shapes)
    return gpd.GeoDataFrame({"own_unit": names}, geometry=shapes, crs=features.crs)


def _refuse_overlaps(path: Path, names: Sequence[str], shapes: np.ndarray) -> None:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    common = shapely.area(shapely.intersection(shapes[first], shapes[second])) > _TOLERATED_M2
    if common.any():
        listed = [f"{names[one]} / {names[two]}" for one, two in zip(first[common], second[common], strict=True)]
        _refuse(path, listed, Text("sovrapposte", "that overlap"))


def _refuse(path: Path, names: Sequence[str], what: Text) -> None:
    listed = ", ".join(list(names)[:_SHOWN])
    raise BoundaryFileError(
        Text(
            f"{path}: unità {what.it}: {len(names)} ({listed}); attesi poligoni distinti con un nome: correggere il "
            "file.",
            f"{path}: units {what.en}: {len(names)} ({listed}); expected distinct polygons with a name: correct the "
            "file.",
        )
    )
