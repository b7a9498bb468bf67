"""Hexagons on web maps: their outlines, which the browser gets once, and apart from them what they show."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.crs import GEOGRAPHIC, require_metric
from psttm_geo.outputs import styles

UNITS_PER_DEGREE = 100_000
"""Corners are whole numbers of this part of a degree, about a metre."""


@dataclass(frozen=True)
class Hexagons:
    """Hexagons as a map shows them, as JSON texts.

    Attributes
    ----------
    shapes
        As :func:`hexagon_shapes` returns them.
    values
        As :func:`hexagon_values` returns them, in the same order.
    """

    shapes: str
    values: str


def hexagon_shapes(layer: gpd.GeoDataFrame) -> str:
    """Return outlines as JSON text.

    Parameters
    ----------
    layer
        ``hexagon`` (a row or more of each) and geometry, EPSG:32632.

    Returns
    -------
    str
        One list per hexagon, in the order of their names: latitude and longitude of a corner, then the steps to each
        next one, all in :data:`UNITS_PER_DEGREE`. Corners that neighbours share are equal.

    Raises
    ------
    CrsError
        The layer is not metric.
    """
    require_metric(layer, "esagoni")
    distinct = layer[["hexagon", "geometry"]].drop_duplicates("hexagon").sort_values("hexagon")
    shapes = distinct.geometry.to_crs(GEOGRAPHIC).to_numpy()
    points, owner = shapely.get_coordinates(shapely.get_exterior_ring(shapes), return_index=True)
    corners = np.rint(points[:, ::-1] * UNITS_PER_DEGREE).astype(int)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    steps = np.diff(corners, axis=0, prepend=0)
    steps[first] = corners[first]
    # The last point of a ring is its first again.
    rings = [ring[:-1].ravel().tolist() for ring in np.split(steps, first[1:]) if len(ring)]
    return json.dumps(rings, separators=(",", ":"))


def hexagon_values(
    values: "pd.Series[float]", classes: Sequence[styles.Class], say_value: Callable[[float], str], *, decimals: int
) -> str:
    """Return what hexagons show as JSON text.

    Parameters
    ----------
    values
        One per hexagon, by its name; NaN where unknown.
    classes
        Their fills.
    say_value
        Says a value with its unit.
    decimals
        Of the values said.

    Returns
    -------
    str
        ``entries`` (each value said, and its fill; :data:`psttm_geo.outputs.styles.UNKNOWN` is hatched), and ``of``
        (the position of each hexagon's entry, hexagons in the order of their names).
    """
    known = values.sort_index().to_numpy(dtype=float)
    within = [(one.low <= known) & (known <= one.high) for one in classes]
    fills = np.select(within, list(range(len(classes))), -1) if classes else np.full(len(known), -1)
    shown = pd.DataFrame({"value": known.round(decimals), "fill": fills})
    entries = shown.drop_duplicates()
    of = shown.groupby(["value", "fill"], dropna=False, sort=False).ngroup()
    named = [*(one.fill for one in classes), styles.UNKNOWN]
    said = [[say_value(value), named[fill]] for value, fill in entries.itertuples(index=False, name=None)]
    return json.dumps({"entries": said, "of": of.to_list()}, ensure_ascii=False, separators=(",", ":"))
