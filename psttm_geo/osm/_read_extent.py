"""How far the streets of an extract go.

Ways that run on beyond the edge of an extract meet no others there. The area is therefore drawn around the places
where three or more streets meet, as far as they lie close together.
"""

import math

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from psttm_geo.core.crs import GEOGRAPHIC
from psttm_geo.osm._containers import Bounds
from psttm_geo.osm.extent import Extent
from psttm_geo.osm.network import Floats, Ints, WalkNetwork

_FEWEST_JUNCTIONS = 20

_WIDEST_SPACING_M = 500.0
"""Fewer junctions, or sparser ones, do not tell where an extract ends: it then covers what its streets surround."""

_BESIDE_M = 250.0
"""How far around such streets it covers at least, as far as places are put on them; else as junctions are apart."""

_STREETS_MEET = 3

_SPACINGS = 3.0
"""Junctions belong together in circles of this many times their spacing, without others inside."""

_HULL_RADIUS_M, _DENSE_RADIUS_M = 500.0, 1000.0
"""Of such circles at least: for the hull, and for what counts as having streets all around."""

_GRID_M = 200.0
"""Junctions are thinned to one in each square of this side: circles are larger."""

_NEAR_DEGREES = 1.0
"""How far beyond the streets a stated box is looked at."""

_BOX_STEP_DEGREES = 0.02
"""Between the corners put on the sides of the stated box, which are no straight lines on the plane."""


def find_extent(network: WalkNetwork, box: Bounds | None) -> Extent:
    """Find the area that an extract speaks of.

    Parameters
    ----------
    network
        Its streets; at least one.
    box
        West, south, east and north that the file states, degrees; None where it states none.

    Returns
    -------
    Extent
        In the CRS of the network. Method: the hull of an alpha shape (Edelsbrunner, Kirkpatrick and Seidel 1983, On the
        shape of a set of points in the plane, IEEE Transactions on Information Theory 29(4)) of the junctions.
    """
    parts = _areas(network)
    stated = None if box is None else _near(box, network)
    if stated is not None:
        stepped = gpd.GeoSeries([shapely.segmentize(stated, _BOX_STEP_DEGREES)], crs=GEOGRAPHIC)
        parts["box"] = stepped.to_crs(network.crs).iloc[0]
    return Extent(gpd.GeoDataFrame({"part": list(parts)}, geometry=list(parts.values()), crs=network.crs))


def _near(box: Bounds, network: WalkNetwork) -> shapely.Geometry | None:
    """Return the part of a stated box around the streets, which the plane can show; None for a box without a surface.

    What lies far away from the streets says nothing of where they end. A box of somewhere else is taken as it is.
    """
    if not (box[0] < box[2] and box[1] < box[3]):
        return None
    stated = shapely.box(*box)
    x, y = network.geometry_x, network.geometry_y
    around = gpd.GeoSeries([shapely.box(x.min(), y.min(), x.max(), y.max())], crs=network.crs)
    west, south, east, north = around.to_crs(GEOGRAPHIC).total_bounds
    nearby = shapely.box(west - _NEAR_DEGREES, south - _NEAR_DEGREES, east + _NEAR_DEGREES, north + _NEAR_DEGREES)
    common: shapely.Geometry = shapely.intersection(stated, nearby)
    return common


def _areas(network: WalkNetwork) -> dict[str, shapely.Geometry]:
    degree = np.bincount(np.concatenate([network.edge_from, network.edge_to]), minlength=network.node_count)
    meeting = degree >= _STREETS_MEET
    junctions = np.column_stack([network.node_x[meeting], network.node_y[meeting]])
    around = _hull(junctions).area
    spacing_m = math.sqrt(around / max(len(junctions), 1))
    if len(junctions) >= _FEWEST_JUNCTIONS and 0 < spacing_m <= _WIDEST_SPACING_M:
        thinned, place = _thin_out(junctions)
        together, dense = _alpha_shape(thinned, _SPACINGS * spacing_m)
        if together.any():
            return {
                "hull": _hull(junctions[together[place]]),
                "dense": _without_holes(dense),
                "junctions": shapely.MultiPoint(thinned),
            }
    streets = _hull(np.column_stack([network.geometry_x, network.geometry_y]))
    surrounded = streets.buffer(max(_BESIDE_M, spacing_m))
    return {"hull": surrounded, "dense": surrounded}


def _thin_out(points: Floats) -> tuple[Floats, Ints]:
    """Return one point of each square of the grid, and for every point the position of that one."""
    column, row = np.round(points / _GRID_M).astype(np.int64).T
    _, first, square_of = np.unique((column << 32) + row, return_index=True, return_inverse=True)
    return points[first], square_of


def _hull(points: Floats) -> BaseGeometry:
    # One line through all of them has the same hull as so many points, and is made sooner.
    return shapely.LineString(np.repeat(points, 2, axis=0) if len(points) == 1 else points).convex_hull


def _alpha_shape(points: Floats, radius_m: float) -> tuple[npt.NDArray[np.bool_], shapely.Geometry]:
    """Return which points belong together for the hull, and what the triangles between those for the dense area cover.

    Points belong together where a circle through three of them is no larger than the radius and holds no other.
    """
    from scipy.spatial import Delaunay, QhullError  # noqa: PLC0415 - a tenth of a second that only readers wait for

    try:
        corners = Delaunay(points - points.mean(axis=0)).simplices
    except QhullError:  # fewer than four, or in a line
        return np.zeros(len(points), bool), shapely.Polygon()
    triangles = points[corners]
    sides = np.hypot(*np.moveaxis(triangles - np.roll(triangles, 1, axis=1), 2, 0))
    one, other = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    twice_area = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    circles = np.divide(sides.prod(axis=1), 2 * twice_area, out=np.full(len(sides), np.inf), where=twice_area > 0)
    together = np.zeros(len(points), bool)
    together[corners[circles <= max(radius_m, _HULL_RADIUS_M)]] = True
    dense = shapely.polygons(triangles[circles <= max(radius_m, _DENSE_RADIUS_M)])
    return together, shapely.coverage_union_all(dense)


def _without_holes(area: shapely.Geometry) -> shapely.Geometry:
    return shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(area))))
