"""Hexagons and own units on web maps: outlines, which the browser gets once, and apart from them what they show."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, require_metric
from psttm_geo.schema import colours

UNITS_PER_DEGREE = 100_000
"""Corners are whole numbers of this part of a degree, about a metre."""


@dataclass(frozen=True)
class Areas:
    """Areas of one kind as a map shows them in place of municipalities, as JSON texts.

    Attributes
    ----------
    shapes
        As :func:`area_shapes` returns them.
    values
        As :func:`area_values` returns them, in the same order.
    outlined
        Whether each has a border of its own; hexagons, which are many and small, have none.
    """

    shapes: str
    values: str
    outlined: bool = False


def area_shapes(layer: gpd.GeoDataFrame, name: str) -> str:
    """Return outlines as JSON text.

    Parameters
    ----------
    layer
        A column of names (a row or more of each) and polygons, EPSG:32632.
    name
        Of that column.

    Returns
    -------
    str
        One list per area, in the order of their names: its polygons, each a list of rings, the outer one first. A ring
        is latitude and longitude of a corner, then the steps to each next one, all in :data:`UNITS_PER_DEGREE`. Corners
        that neighbours share are equal.

    Raises
    ------
    CrsError
        The layer is not metric.
    """
    require_metric(layer, name)
    distinct = layer[[name, "geometry"]].drop_duplicates(name).sort_values(name)
    shapes = distinct.geometry.to_crs(GEOGRAPHIC).to_numpy()
    polygons, area = shapely.get_parts(shapes, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corners = np.rint(points[:, ::-1] * UNITS_PER_DEGREE).astype(int)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    steps = np.diff(corners, axis=0, prepend=0)
    steps[first] = corners[first]
    # The last point of a ring is its first again.
    written = [one[:-1].ravel().tolist() for one in np.split(steps, first[1:]) if len(one)]
    return json.dumps(_nested(_nested(written, polygon, len(polygons)), area, len(shapes)), separators=(",", ":"))


def _nested(parts: Sequence[Any], owner: np.ndarray, count: int) -> list[list[Any]]:
    """Return the parts of each of some owners."""
    nested: list[list[Any]] = [[] for _ in range(count)]
    for part, position in zip(parts, owner.tolist(), strict=True):
        nested[position].append(part)
    return nested


def area_values(
    values: "pd.Series[float]",
    classes: Sequence[colours.Class],
    say_value: Callable[[float], str],
    *,
    decimals: int,
    named: bool = False,
) -> str:
    """Return what areas show as JSON text.

    Parameters
    ----------
    values
        One per area, by its name; NaN where unknown.
    classes
        Their fills.
    say_value
        Says a value with its unit.
    decimals
        Of the values said.
    named
        Whether the name of an area stands before its value.

    Returns
    -------
    str
        ``entries`` (each value said, and its fill; :data:`psttm_geo.schema.colours.UNKNOWN` is hatched), and ``of``
        (the position of each area's entry, areas in the order of their names).
    """
    ordered = values.sort_index()
    known = ordered.to_numpy(dtype=float)
    within = [(one.low <= known) & (known <= one.high) for one in classes]
    fills = np.select(within, list(range(len(classes))), -1) if classes else np.full(len(known), -1)
    names = [f"{name}: " for name in ordered.index] if named else ""
    shown = pd.DataFrame({"name": names, "value": known.round(decimals), "fill": fills})
    entries = shown.drop_duplicates()
    of = shown.groupby(list(shown.columns), dropna=False, sort=False).ngroup()
    drawn = [*(one.fill for one in classes), colours.UNKNOWN]
    said = [[name + say_value(value), drawn[fill]] for name, value, fill in entries.itertuples(index=False, name=None)]
    return json.dumps({"entries": said, "of": of.to_list()}, ensure_ascii=False, separators=(",", ":"))
