"""Hexagons of the H3 grid: places counted in them, and their outlines on the map."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from h3.api import basic_int as h3

from psttm_geo.core.crs import GEOGRAPHIC, METRIC, require_metric

RESOLUTION = 9
"""About 0.1 km2 and 200 m from side to side here (Uber's H3: https://h3geo.org)."""


def find_hexagons(places: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.intp], list[int]]:
    """Find the hexagon of each place.

    Parameters
    ----------
    places
        Points in EPSG:32632.

    Returns
    -------
    places_in : ndarray
        For each place, the position of its hexagon among those found.
    cells : list of int
        H3 indexes, in order.

    Raises
    ------
    CrsError
        `places` is not metric.
    """
    require_metric(places, "residenti")
    points = places.geometry.to_crs(GEOGRAPHIC)
    cells = np.fromiter(
        (h3.latlng_to_cell(lat, lon, RESOLUTION) for lat, lon in zip(points.y, points.x, strict=True)),
        dtype=np.uint64,
        count=len(points),
    )
    distinct, position = np.unique(cells, return_inverse=True)
    return position.astype(np.intp), [int(cell) for cell in distinct]


def hexagon_layer(cells: list[int]) -> gpd.GeoDataFrame:
    """Return hexagons as ``hexagon`` (the index as H3 writes it) and their area in EPSG:32632."""
    corners = [[(lon, lat) for lat, lon in h3.cell_to_boundary(cell)] for cell in cells]
    shapes = [shapely.Polygon(corner) for corner in corners]
    names = [h3.int_to_str(cell) for cell in cells]
    return gpd.GeoDataFrame({"hexagon": names}, geometry=shapes, crs=GEOGRAPHIC).to_crs(METRIC)
