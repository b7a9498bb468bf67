"""Points, lines and areas out of nodes, ways and relations, with what was missing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.osm._objects import Relations, Ways, owners
from psttm_geo.osm._tags import Mask, Tags, join_tags
from psttm_geo.osm.network import Floats, Ints

Geometries = npt.NDArray[np.object_]

_RING_POINTS = 4
"""A ring has three corners and comes back to the first."""


@dataclass(frozen=True)
class Places:
    """Nodes with a place on the plane.

    Attributes
    ----------
    ids
        Sorted.
    x, y
        Metres.
    """

    ids: Ints
    x: Floats
    y: Floats

    def find(self, ids: Ints) -> Ints:
        """Return the position of each node, -1 for one that is not there."""
        return find_sorted(self.ids, ids)

    def points(self, rows: Ints) -> npt.NDArray[np.float64]:
        """Return the coordinates of some nodes, one row each."""
        return np.column_stack([self.x[rows], self.y[rows]])


def find_sorted(known: Ints, ids: Ints) -> Ints:
    """Return the position of each identifier among sorted ones, -1 for one that is not there."""
    if not len(known):
        return np.full(len(ids), -1)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[place] == ids, place, -1)


@dataclass(frozen=True)
class Objects:
    """Nodes, ways and relations alike.

    Attributes
    ----------
    kind
        ``n``, ``w`` or ``r``.
    ids
        Of the objects; unique within a kind.
    tags, texts
        Of the objects.
    geometry
        A point; an area for a closed way or a relation whose rings close; else the line or lines that are there.
    missing
        Whether nodes or members are not in the file, or rings do not close.
    outline_owner, outline_node
        Nodes on the outline of areas: position of the object, position of the node.
    """

    kind: npt.NDArray[np.str_]
    ids: Ints
    tags: Tags
    texts: Tags
    geometry: Geometries
    missing: Mask
    outline_owner: Ints
    outline_node: Ints

    def take(self, rows: Ints) -> "Objects":
        """Return some of the objects, in the order given."""
        place = np.full(len(self.ids), -1)
        place[rows] = np.arange(len(rows))
        owner = place[self.outline_owner]
        return Objects(
            self.kind[rows],
            self.ids[rows],
            self.tags.take(rows),
            self.texts.take(rows),
            self.geometry[rows],
            self.missing[rows],
            owner[owner >= 0],
            self.outline_node[owner >= 0],
        )


def join_objects(parts: list[Objects]) -> Objects:
    """Put objects one after the other."""
    starts = np.cumsum([0, *(len(part.ids) for part in parts)])
    return Objects(
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.ids for part in parts]),
        join_tags([part.tags for part in parts]),
        join_tags([part.texts for part in parts]),
        np.concatenate([part.geometry for part in parts]),
        np.concatenate([part.missing for part in parts]),
        np.concatenate([part.outline_owner + start for part, start in zip(parts, starts[:-1], strict=True)]),
        np.concatenate([part.outline_node for part in parts]),
    )


def point_objects(ids: Ints, tags: Tags, texts: Tags, places: Places) -> Objects:
    """Make points of nodes; all of them have a place."""
    nothing = np.zeros(0, np.int64)
    geometry = np.asarray(shapely.points(places.points(places.find(ids))), object)
    return Objects(_kinds("n", len(ids)), ids, tags, texts, geometry, np.zeros(len(ids), bool), nothing, nothing)


def way_objects(ways: Ways, places: Places) -> Objects:
    """Make areas of closed ways and lines of the others; a node without a place is missing from the file."""
    count = len(ways.ids)
    place, owner = places.find(ways.refs), owners(ways.offsets)
    geometry, missing = _routes(ways, places)
    closed = ways.refs[ways.offsets[:-1]] == ways.refs[ways.offsets[1:] - 1]
    closed &= ~missing & (np.diff(ways.offsets) >= _RING_POINTS)
    outlined = closed[owner]
    rings = np.cumsum(closed)[owner[outlined]] - 1
    geometry[closed] = _areas(shapely.polygons(shapely.linearrings(places.points(place[outlined]), indices=rings)))
    return Objects(
        _kinds("w", count), ways.ids, ways.tags, ways.texts, geometry, missing, owner[outlined], place[outlined]
    )


def relation_objects(relations: Relations, members: Ways, places: Places) -> Objects:
    """Make areas of the ways that are members, holes by what lies within what.

    Parameters
    ----------
    relations
        Of any kind that outlines an area.
    members
        The ways found, sorted by identifier.
    places
        Of their nodes.
    """
    count = len(relations.ids)
    members = members.take(np.flatnonzero(np.isin(members.ids, relations.way)))
    routes, lacking = _routes(members, places)
    member = find_sorted(members.ids, relations.way)
    away = member < 0
    missing = np.zeros(count, bool)
    missing[relations.owner[away]] = True
    owner, member = relations.owner[~away], member[~away]
    missing[owner[lacking[member]]] = True
    missing[_open_ends(members, owner, member)] = True
    geometry = np.full(count, None, object)
    drawn = ~shapely.is_missing(routes[member])
    if drawn.any():
        shapely.multilinestrings(routes[member][drawn], indices=owner[drawn], out=geometry)
    area = _areas(np.asarray(shapely.build_area(geometry), object))
    missing |= shapely.is_empty(area) | shapely.is_missing(area)
    geometry[~missing] = area[~missing]
    node_owner, node = _nodes_of(members, places, owner, member)
    outlined = ~missing[node_owner]
    return Objects(
        _kinds("r", count),
        relations.ids,
        relations.tags,
        relations.texts,
        geometry,
        missing,
        node_owner[outlined],
        node[outlined],
    )


def _routes(ways: Ways, places: Places) -> tuple[Geometries, Mask]:
    """Draw each way through the nodes that are there; tell which ways lack some."""
    place, owner = places.find(ways.refs), owners(ways.offsets)
    away = place < 0
    missing = np.zeros(len(ways.ids), bool)
    missing[owner[away]] = True
    return _lines(owner[~away], place[~away], len(ways.ids), places), missing


def _kinds(kind: str, count: int) -> npt.NDArray[np.str_]:
    return np.full(count, kind)


def _lines(owner: Ints, place: Ints, count: int, places: Places) -> Geometries:
    """Draw a line through the nodes of each owner; None where fewer than two are left."""
    geometry = np.full(count, None, object)
    enough = np.bincount(owner, minlength=count)[owner] > 1
    if enough.any():
        shapely.linestrings(places.points(place[enough]), indices=owner[enough], out=geometry)
    return geometry


def _areas(polygons: object) -> Geometries:
    """Repair areas that cross themselves; what has no surface becomes empty."""
    repaired = np.array(polygons, object)
    broken = ~shapely.is_valid(repaired) & ~shapely.is_missing(repaired)
    repaired[broken] = shapely.make_valid(repaired[broken], method="structure", keep_collapsed=False)
    return repaired


def _nodes_of(members: Ways, places: Places, owner: Ints, member: Ints) -> tuple[Ints, Ints]:
    """Return the nodes of all member ways: position of the relation, position of the node or -1."""
    routes = members.take(member)
    return owner[owners(routes.offsets)], places.find(routes.refs)


def _open_ends(members: Ways, owner: Ints, member: Ints) -> Ints:
    """Return the relations in which an odd number of ways ends at some node: their rings do not close."""
    ends = np.concatenate([members.refs[members.offsets[member]], members.refs[members.offsets[member + 1] - 1]])
    keys, counts = np.unique(np.stack([np.concatenate([owner, owner]), ends]), axis=1, return_counts=True)
    odd: Ints = keys[0][counts % 2 == 1]
    return odd
