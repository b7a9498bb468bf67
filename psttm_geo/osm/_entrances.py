"""Points where one gets into services."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.osm._areas import Geometries, Objects, Places
from psttm_geo.osm._tags import ANY, TagIndex, Tags
from psttm_geo.osm._visibility import spread
from psttm_geo.osm.network import EdgeFlag, Floats, Ints, WalkNetwork

ALONG_M = 0.5
"""A street is the edge of an area where it stays this near to its outline: both go through the same nodes, or so."""

STEP_M = 2.5
"""Along such an edge one may get in at points this far apart, half a metre more at its ends: nobody walks more than
1.5 m further, under two seconds at the speed of a wheelchair."""

_MERGED_M = 1.0
"""Points of access that are nearer to each other are one."""

_SURFACE = 2
"""Dimensions of an area."""

_NO_ENTRANCE = ("no", "emergency", "fire_exit", "exit", "service", "garage")


def find_entrances(
    services: pd.DataFrame, objects: Objects, places: Places, entrances: Ints, network: WalkNetwork
) -> pd.DataFrame:
    """Find the points where one gets into each service.

    An area has the entrances mapped on its outline; else, unless it is one in the open air, those of buildings inside
    it; else the points where its outline meets streets, all along a street that is its edge; else one point inside.
    Where a service is mapped as an area and as a point, the area counts; where it is a site, the site counts.

    Parameters
    ----------
    services
        As :func:`psttm_geo.osm._services.find_services` makes them.
    objects, places
        What they are made of.
    entrances
        Positions of nodes that are entrances.
    network
        The streets.

    Returns
    -------
    DataFrame
        ``service``, ``x``, ``y``, ``access`` (node, entrance, outline, inside), sorted by service.
    """
    shapes = objects.geometry[services["object"]]
    is_area = shapely.get_dimensions(shapes) == _SURFACE
    number = services["service"].to_numpy()
    mapped_as_area = np.isin(number, number[is_area])
    kept = np.flatnonzero((is_area | ~mapped_as_area) & ~services["part"].to_numpy())
    shapes, number, is_area = shapes[kept], number[kept], is_area[kept]
    mapped = services["object"].to_numpy()[kept]
    doors = _entrances(mapped, objects, entrances, places)
    closed = is_area & ~np.isin(np.arange(len(kept)), doors.row)
    covered = np.flatnonzero(closed & (services["open_air"].to_numpy()[kept] != "si"))
    inner = _inner_entrances((mapped, number), covered, (objects, places), entrances)
    closed[inner.row] = False
    outlines = _outline_points(shapes, np.flatnonzero(closed), network)
    rest = np.setdiff1d(np.arange(len(kept)), np.concatenate([doors.row, inner.row, outlines.row]))
    is_node = objects.kind[mapped[rest]] == "n"
    nodes, points = (_points(shapes, rest[which], name) for which, name in ((is_node, "node"), (~is_node, "inside")))
    return _each_once([doors, inner, outlines, nodes, points], number)


class _Found(NamedTuple):
    """Points of access: position of the service among those looked at, metres, and of which kind they are."""

    row: Ints
    x: Floats
    y: Floats
    access: str


def _each_once(found: list[_Found], number: Ints) -> pd.DataFrame:
    """Return all points of access by service, of those that are one the first."""
    service = number[np.concatenate([part.row for part in found])]
    x, y = np.concatenate([part.x for part in found]), np.concatenate([part.y for part in found])
    access = np.repeat([part.access for part in found], [len(part.row) for part in found]).astype(object)
    cells = np.round(np.column_stack([x, y]) / _MERGED_M).astype(np.int64)
    order = np.lexsort((*cells.T, service))
    columns = np.column_stack([service, cells])[order]
    opens = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))[: len(order)]
    first = order[opens]  # sorting is stable
    first = first[np.lexsort((first, service[first]))]
    return pd.DataFrame({"service": service[first], "x": x[first], "y": y[first], "access": access[first]})


def _entrances(mapped: Ints, objects: Objects, entrances: Ints, places: Places) -> _Found:
    """Return the entrances on the outlines of objects."""
    return _doors(*_on_outlines(mapped, objects, entrances), places)


def _doors(row: Ints, node: Ints, places: Places) -> _Found:
    return _Found(row, places.x[node], places.y[node], "entrance")


def _on_outlines(mapped: Ints, objects: Objects, nodes: Ints) -> tuple[Ints, Ints]:
    """Return which of some nodes are on the outline of which object: positions of the objects, and the nodes."""
    here = np.isin(objects.outline_node, nodes)
    owner, node = np.unique(np.stack([objects.outline_owner[here], objects.outline_node[here]]), axis=1)
    first = np.searchsorted(owner, mapped)
    row, pair = spread(first, np.searchsorted(owner, mapped, side="right") - first)
    return row, node[pair]


def _inner_entrances(
    services: tuple[Ints, Ints], wanted: Ints, mapped: tuple[Objects, Places], entrances: Ints
) -> _Found:
    """Return the entrances inside areas that are not on the outline of another service: of the buildings in it."""
    (rows, number), (objects, places) = services, mapped
    points = np.asarray(shapely.points(places.points(entrances)), object)
    area, door = shapely.STRtree(points).query(objects.geometry[rows[wanted]], predicate="contains")
    row, node = wanted[area], entrances[door]
    owner, owned = _on_outlines(rows, objects, node)
    count = len(places.ids)
    owners = np.unique(number[owner] * count + owned)
    others = np.bincount(owners % count, minlength=count)[node] - np.isin(number[row] * count + node, owners)
    return _doors(row[others == 0], node[others == 0], places)


def _outline_points(shapes: Geometries, rows: Ints, network: WalkNetwork) -> _Found:
    """Return the points where the outlines of areas meet streets.

    A tunnel or a bridge meets an outline only at nodes that both go through.
    """
    streets, outlines = network.geometries()[network.is_street], shapely.boundary(shapes[rows])
    area, street = shapely.STRtree(streets).query(outlines, predicate="dwithin", distance=ALONG_M)
    level = _is_level(network)[street]
    met, beside = _joined(area[level], streets[street[level]])
    passed, above = _joined(area[~level], streets[street[~level]])
    parts = [
        (met, _crossings(outlines[met], beside)),
        (met, _edges(outlines[met], beside)),
        (passed, _shared_nodes(outlines[passed], above)),
    ]
    at = np.concatenate([owner[index] for owner, (_, index) in parts])
    x, y = np.concatenate([points for _, (points, _) in parts]).T
    return _Found(rows[at], x, y, "outline")


_Points = tuple[np.ndarray, Ints]
"""Coordinates, and the position of the area that each belongs to."""


def _is_level(network: WalkNetwork) -> npt.NDArray[np.bool_]:
    """Tell which streets run on the ground."""
    return np.asarray(network.edge_flags[network.is_street] & (EdgeFlag.TUNNEL | EdgeFlag.BRIDGE) == 0)


def _joined(area: Ints, streets: Geometries) -> tuple[Ints, Geometries]:
    """Return each area once, and its streets as one geometry: one question for each area, not for each street."""
    areas, place = np.unique(area, return_inverse=True)
    order = np.argsort(place, kind="stable")
    return areas, np.asarray(shapely.multilinestrings(streets[order], indices=place[order]), object)


def _crossings(outlines: Geometries, streets: Geometries) -> _Points:
    """Return the points where streets cross outlines or begin and end to run along them."""
    points, area = shapely.get_coordinates(shapely.intersection(outlines, streets), return_index=True)
    return points, area


def _edges(outlines: Geometries, streets: Geometries) -> _Points:
    """Return points every few metres where streets run along outlines."""
    beside = shapely.buffer(outlines, ALONG_M, quad_segs=2)
    runs, area = shapely.get_parts(shapely.intersection(beside, streets), return_index=True)
    lengths = shapely.length(runs) - 2 * ALONG_M  # a street that goes straight on leaves the strip so much later
    steps = np.ceil(lengths / STEP_M).astype(np.int64)
    long = np.flatnonzero(lengths > STEP_M)
    run = np.repeat(long, steps[long] + 1)
    step = np.arange(len(run)) - np.repeat(np.cumsum(steps[long] + 1) - steps[long] - 1, steps[long] + 1)
    points = shapely.line_interpolate_point(runs[run], ALONG_M + step * lengths[run] / steps[run])
    return shapely.get_coordinates(points), area[run]


def _shared_nodes(outlines: Geometries, streets: Geometries) -> _Points:
    """Return the nodes that both an outline and a street go through."""
    points, area = shapely.get_coordinates(shapely.intersection(_nodes(outlines), _nodes(streets)), return_index=True)
    return points, area


def _nodes(lines: Geometries) -> Geometries:
    points, line = shapely.get_coordinates(lines, return_index=True)
    return np.asarray(shapely.multipoints(points, indices=line), object)


def _points(shapes: Geometries, rows: Ints, access: str) -> _Found:
    """Return the points of what is but points, and one on each other shape."""
    several = shapely.get_dimensions(shapes[rows]) == 0
    points, at = shapely.get_coordinates(shapes[rows[several]], return_index=True)
    one = shapely.point_on_surface(shapes[rows[~several]])
    row = np.concatenate([rows[several][at], rows[~several]])
    x = np.concatenate([points[:, 0], shapely.get_x(one)])
    y = np.concatenate([points[:, 1], shapely.get_y(one)])
    return _Found(row, x, y, access)


def entrance_nodes(kinds: TagIndex, tags: Tags, ids: Ints) -> Ints:
    """Return the nodes that are entrances people use."""
    mask = kinds.has(tags, "entrance", ANY)
    for value in _NO_ENTRANCE:
        mask &= ~kinds.has(tags, "entrance", value)
    return ids[mask]
