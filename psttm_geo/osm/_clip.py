"""Where to read: the territory, the margin around it, the plane to measure in, how much an extract covers."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from psttm_geo.core.crs import GEOGRAPHIC
from psttm_geo.osm._objects import WORLD, Box, Nodes
from psttm_geo.osm._reader import UNITS_PER_DEGREE
from psttm_geo.osm.network import Floats

MARGIN_M = 2000.0
"""How far beyond the territory streets and services count: farther than a quarter of an hour on foot."""

_MARGIN_DEGREES = 0.02
"""Added to the box of what is read, so that a street just outside is cut where the margin ends, not before."""

_DIRECTIONS = 32
"""In so many directions the outermost nodes are taken for the corners of the extract."""

_ZONES = 60

_ZONE_DEGREES = 6


def project(x: npt.NDArray[np.int32], y: npt.NDArray[np.int32], crs: str) -> tuple[Floats, Floats]:
    """Bring longitudes and latitudes in :data:`UNITS_PER_DEGREE` onto a plane."""
    onto = Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
    east, north = onto.transform(x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE)
    return np.asarray(east), np.asarray(north)


def utm_of_nodes(nodes: Nodes) -> str:
    """Return the UTM zone of the middle of some nodes."""
    x, y = np.median(nodes.locations["x"]), np.median(nodes.locations["y"])
    return _utm(float(x) / UNITS_PER_DEGREE, float(y) / UNITS_PER_DEGREE)


def utm_of(territory: gpd.GeoDataFrame) -> str:
    """Return the UTM zone of the middle of a territory."""
    west, south, east, north = territory.to_crs(GEOGRAPHIC).total_bounds
    return _utm((west + east) / 2, (south + north) / 2)


def _utm(lon: float, lat: float) -> str:
    zone = min(int((lon + 180) // _ZONE_DEGREES) + 1, _ZONES)
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone}"


def box_of(territory: gpd.GeoDataFrame) -> Box:
    """Return the box around a territory and its margin."""
    metric = territory.to_crs(utm_of(territory))
    around = gpd.GeoSeries([shapely.box(*metric.total_bounds).buffer(MARGIN_M)], crs=metric.crs)
    bounds = around.to_crs(GEOGRAPHIC).total_bounds + _MARGIN_DEGREES * np.array([-1, -1, 1, 1])
    west, south, east, north = (int(bound) for bound in bounds * UNITS_PER_DEGREE)
    return max(west, WORLD[0]), max(south, WORLD[1]), min(east, WORLD[2]), min(north, WORLD[3])


def with_margin(territory: gpd.GeoDataFrame) -> shapely.Geometry | None:
    """Return the area to read; None for a territory without areas: everything counts then."""
    if territory.empty:
        return None
    return shapely.buffer(shapely.union_all(territory.geometry.to_numpy()), MARGIN_M)


def overlaps_percent(nodes: Nodes, territory: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return how much of the territory lies inside the convex hull of the nodes, and how much of the hull inside it."""
    x, y = nodes.locations["x"].astype(float), nodes.locations["y"].astype(float)
    angles = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    corners = [int(np.argmax(x * np.cos(angle) + y * np.sin(angle))) for angle in angles]
    points = project(nodes.locations["x"][corners], nodes.locations["y"][corners], str(territory.crs))
    # A street that runs straight on has a hull without a surface, though it lies somewhere.
    hull = shapely.buffer(shapely.convex_hull(shapely.multipoints(np.column_stack(points))), 1.0)
    whole = shapely.union_all(territory.geometry.to_numpy())
    common = 100 * shapely.area(shapely.intersection(whole, hull))
    return float(common / shapely.area(whole)), float(common / shapely.area(hull))
