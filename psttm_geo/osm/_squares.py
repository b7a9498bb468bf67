"""Squares: areas that people walk on, walked along their outline and crossed in the open.

An area is a closed way with ``area=yes``, a closed platform, or a multipolygon: a closed ``highway`` alone is a street
that comes back to its beginning (OpenStreetMap Wiki, Key:area). Its outline and the outlines of its holes are streets.
Where it is made for walking, people also go straight from where one walk meets it to where another does, around its
corners and holes: see :mod:`psttm_geo.osm._visibility`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.osm._areas import Objects, Places, find_sorted, join_objects, relation_objects, way_objects
from psttm_geo.osm._build_network import Streets
from psttm_geo.osm._objects import Relations, Ways, no_members, owners
from psttm_geo.osm._selection import meets_any
from psttm_geo.osm._tags import Mask, TagIndex, Tags, WalkRule, join_tags
from psttm_geo.osm._visibility import Points, Rings, read_rings, spread, straight_walks
from psttm_geo.osm.network import EdgeFlag, Floats, Ints, connect

KEYS = frozenset({"area", "highway", "layer", "level", "man_made", "public_transport", "railway", "tunnel", "type"})
"""What tells squares, and on which storey they are."""

AREA_KEYS = frozenset({"highway", "man_made", "public_transport", "railway"})
"""Relations that outline a square carry one of them."""

MOST_POINTS = 300
"""A square where more walks meet, its corners added, is walked along its outline only: pairs go with the square."""

_PLATFORMS = (
    (("railway", "platform"),),
    (("public_transport", "platform"),),
    (("highway", "platform"),),
    (("man_made", "pier"),),
)

_FOR_WALKING = (
    *_PLATFORMS,
    *((("highway", value),) for value in ("pedestrian", "footway", "path", "corridor", "crossing", "steps")),
)
"""Other streets drawn as areas, such as yards for deliveries, are walked along their outline."""

_SURFACE = 2
"""Dimensions of an area."""


@dataclass(frozen=True)
class Squares:
    """Areas that are walked on.

    Attributes
    ----------
    objects
        Their outlines; ways first, then relations, each an area unless something is missing.
    for_walking
        Which ones are made for walking.
    classes, flags, widths_cm, slopes_percent, smoothness
        As of streets.
    layer
        On which storey they are; 0 is the ground.
    relations, members
        Those that are relations, and the ways found that they are made of.
    layer_of_way
        On which storey each of the ways that can be walked is.
    """

    objects: Objects
    for_walking: Mask
    classes: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint16]
    widths_cm: npt.NDArray[np.uint8]
    slopes_percent: npt.NDArray[np.uint8]
    smoothness: npt.NDArray[np.uint8]
    layer: Floats
    relations: Relations
    members: Ways
    layer_of_way: Floats


def outlines_square(rule: WalkRule, kinds: TagIndex, tags: Tags) -> Mask:
    """Tell which relations outline areas that are walked on."""
    for_walking = meets_any(kinds, tags, _FOR_WALKING) & kinds.has(tags, "type", "multipolygon")
    return for_walking & rule.walkable(tags, kinds)


def find_squares(
    rule: WalkRule, kinds: TagIndex, walked: Ways, places: Places, drawn: tuple[Relations, Ways] | None = None
) -> Squares:
    """Find the areas among the ways and relations that are walked.

    Parameters
    ----------
    rule, kinds
        What can be walked, by which tags; with :data:`KEYS`.
    walked
        Ways that can be walked.
    places
        Of all nodes.
    drawn
        Relations, and the ways found that they are made of, sorted by identifier; None where only ways are looked at.
    """
    relations, members = drawn or (_NO_RELATIONS, walked.take(_NOTHING))
    relations = relations.take(np.flatnonzero(outlines_square(rule, kinds, relations.tags)))
    areas = relation_objects(relations, members, places)
    closed = way_objects(walked.take(np.flatnonzero(is_square(kinds, walked.tags))), places)
    closed = closed.take(np.flatnonzero(shapely.get_dimensions(closed.geometry) == _SURFACE))
    closed = closed.take(np.flatnonzero(~_drawn_by(closed, relations, areas)))
    objects = join_objects([closed, areas])
    return Squares(
        objects,
        meets_any(kinds, objects.tags, _FOR_WALKING),
        rule.class_of(objects.tags, kinds),
        rule.way_flags(objects.tags, kinds) | np.uint16(EdgeFlag.AREA),
        rule.widths_cm(objects.tags, kinds),
        rule.slopes_percent(objects.tags, kinds),
        rule.smoothness(objects.tags, kinds),
        _layers(kinds, objects.tags),
        relations,
        members,
        _layers(kinds, walked.tags),
    )


_NOTHING = np.zeros(0, np.int64)

_NO_RELATIONS = Relations(_NOTHING, join_tags([]), join_tags([]), _NOTHING, _NOTHING, 0, no_members())


def is_square(kinds: TagIndex, tags: Tags) -> Mask:
    """Tell which ways are squares where they end where they begin."""
    platform = meets_any(kinds, tags, _PLATFORMS) & ~kinds.has(tags, "area", "no")
    return platform | kinds.has(tags, "area", "yes")


def _drawn_by(closed: Objects, relations: Relations, areas: Objects) -> Mask:
    """Tell which closed ways are an outer ring of a relation, which knows the holes, or belong to an incomplete one."""
    way = find_sorted(closed.ids, relations.way)
    owner, way = relations.owner[way >= 0], way[way >= 0]
    outer = areas.missing[owner] | ~shapely.touches(areas.geometry[owner], closed.geometry[way])
    drawn = np.zeros(len(closed.ids), bool)
    drawn[way[outer]] = True
    return drawn


def _layers(kinds: TagIndex, tags: Tags) -> Floats:
    """Return the storey of objects by ``layer``, else ``level``; a tunnel without them is one below the ground."""
    layer = np.where(kinds.has(tags, "tunnel", "yes"), -1.0, 0.0)
    for name in ("level", "layer"):
        said = pd.Series([value if key == name else None for key, value in kinds.pairs], dtype=object)
        number = pd.to_numeric(said, errors="coerce").to_numpy(float)[tags.code]
        known = ~np.isnan(number)
        layer[tags.owner[known]] = number[known]
    return layer


def with_outlines(streets: Streets, squares: Squares, places: Places) -> Streets:
    """Add the ways that relations outline squares with to the ways that can be walked."""
    relations = squares.relations
    member = find_sorted(squares.members.ids, relations.way)
    added = (member >= 0) & (find_sorted(streets.ids, relations.way) < 0)
    member, first = np.unique(member[added], return_index=True)
    ways = squares.members.take(member)
    relation = np.flatnonzero(squares.objects.kind == "r")[relations.owner[added][first]]
    at = places.find(ways.refs)
    measures = (getattr(squares, name)[relation] for name in _OF_WAYS)
    return _join(streets, Streets(ways.ids, ways.offsets, at, *measures))


def _join(streets: Streets, more: Streets) -> Streets:
    return Streets(
        np.concatenate([streets.ids, more.ids]),
        np.concatenate([streets.offsets, streets.offsets[-1] + more.offsets[1:]]),
        np.concatenate([streets.places, more.places]),
        *(np.concatenate([getattr(streets, name), getattr(more, name)]) for name in _OF_WAYS),
    )


_OF_WAYS = ("classes", "flags", "widths_cm", "slopes_percent", "smoothness")
"""Of :class:`psttm_geo.osm._build_network.Streets`, in its order."""


def with_walks_across(streets: Streets, squares: Squares, places: Places) -> tuple[Streets, dict[str, int]]:
    """Add straight walks across squares to streets and outlines, each a way between two nodes.

    What relations outline and no walk meets, or only others of that kind, is left out again: nobody gets there.

    Parameters
    ----------
    streets
        What :func:`with_outlines` gave; nodes that are not to be walked to have no place.
    squares
        Of the same ways.
    places
        Of all nodes.

    Returns
    -------
    Streets
        A walk across has the identifier, the class, the flags and the measures of its square, and
        :data:`EdgeFlag.ACROSS`.
    dict
        How many squares are walked along their outlines only since they have more than :data:`MOST_POINTS` points, and
        how many are not walked, or not all around, since no walk meets them: as in
        :class:`psttm_geo.osm.extract_records.ExtractReport`.
    """
    walked = np.zeros(len(places.ids) + 1, bool)  # the last one stands for nodes that are not there
    walked[streets.places] = True
    walked[-1] = False
    square, node = _entrances(streets, squares, places, walked)
    rings = read_rings(squares.objects.geometry, np.unique(square))
    at_vertex = _nodes_of_vertices(rings, squares.objects, places)
    passed = walked[at_vertex]
    points, node, crowded = _join_points((square, node), (rings, at_vertex, passed), places)
    one, other = straight_walks(squares.objects.geometry, rings, points, passed)
    crossed = _join(streets, _as_streets(points.owner[one], node[one], node[other], squares))
    met = _met_by_ways(crossed, len(squares.layer_of_way), len(walked))
    alone = np.isin(squares.relations.way, crossed.ids[~met])
    counts = {"squares_uncrossed": crowded, "squares_alone": len(np.unique(squares.relations.owner[alone]))}
    return _take(crossed, np.flatnonzero(met)), counts


def _met_by_ways(streets: Streets, ways: int, count: int) -> Mask:
    """Tell which streets are among the first ones, which are walked by themselves, or lead to one of those."""
    way = owners(streets.offsets)
    first = np.searchsorted(way, ways)
    by_itself = np.zeros(count, bool)
    by_itself[streets.places[:first]] = True
    by_itself[-1] = False
    way, place = way[first:], streets.places[first:]
    joined = (way[1:] == way[:-1]) & (place[1:] >= 0) & (place[:-1] >= 0)
    used, node = np.unique(place, return_inverse=True)
    piece = connect(node[:-1][joined], node[1:][joined], len(used))
    met = np.arange(len(streets.ids)) < ways
    met[way[np.isin(piece, piece[by_itself[used]])[node]]] = True
    return met


def _take(streets: Streets, rows: Ints) -> Streets:
    _, node = spread(streets.offsets[rows], np.diff(streets.offsets)[rows])
    return Streets(
        streets.ids[rows],
        np.append([0], np.cumsum(np.diff(streets.offsets)[rows])),
        streets.places[node],
        *(getattr(streets, name)[rows] for name in _OF_WAYS),
    )


def _entrances(streets: Streets, squares: Squares, places: Places, walked: Mask) -> tuple[Ints, Ints]:
    """Return squares that are crossed and the nodes where walks meet them."""
    on_outline, inside = _shared_nodes(streets, squares, len(places.ids)), _ends_inside(streets, squares, places)
    square, node = (np.concatenate(pair) for pair in zip(on_outline, inside, strict=True))
    crossed = squares.for_walking & ~squares.objects.missing
    kept = crossed[square] & walked[node]
    return square[kept], node[kept]


def _shared_nodes(streets: Streets, squares: Squares, count: int) -> tuple[Ints, Ints]:
    """Return squares and the nodes on their outlines where other streets or squares are."""
    objects = squares.objects
    outline = np.unique(objects.outline_owner * count + objects.outline_node)
    square, node = outline // count, outline % count
    on_outline = np.zeros(count + 1, bool)  # the last one stands for nodes that are not there
    on_outline[node] = True
    here = on_outline[streets.places]
    # Who walks there: ways by their position, relations by their own behind them.
    by_relation = objects.kind[square] == "r"
    user = np.concatenate([owners(streets.offsets)[here], len(streets.ids) + square[by_relation]])
    used = np.unique(user * count + np.concatenate([streets.places[here], node[by_relation]]))
    user, used_node = used // count, used % count
    mine, own_user = _own_users(streets, squares)
    first = np.searchsorted(user, own_user)
    pair, use = spread(first, np.searchsorted(user, own_user, side="right") - first)
    own = find_sorted(outline, mine[pair] * count + used_node[use])
    own_uses = np.bincount(own[own >= 0], minlength=len(outline))
    shared = np.bincount(used_node, minlength=count)[node] > own_uses
    return square[shared], node[shared]


def _own_users(streets: Streets, squares: Squares) -> tuple[Ints, Ints]:
    """Return squares and who draws their outlines; a member that is a square itself is somebody else."""
    objects, relations = squares.objects, squares.relations
    way, relation = np.flatnonzero(objects.kind == "w"), np.flatnonzero(objects.kind == "r")
    is_member = ~np.isin(relations.way, objects.ids[way])
    square = np.concatenate([way, relation[relations.owner[is_member]]])
    order = np.argsort(streets.ids)
    row = find_sorted(streets.ids[order], np.concatenate([objects.ids[way], relations.way[is_member]]))
    found = row >= 0
    user = np.concatenate([order[row[found]], len(streets.ids) + relation])
    pairs = np.unique(np.stack([np.concatenate([square[found], relation]), user]), axis=1)
    return pairs[0], pairs[1]


def _ends_inside(streets: Streets, squares: Squares, places: Places) -> tuple[Ints, Ints]:
    """Return squares and the nodes inside them where ways end that are on the same storey.

    Steps lead from one storey to another: they do not count unless another way is there.
    """
    areas, ways = squares.objects.geometry, len(squares.layer_of_way)
    offsets = streets.offsets[: ways + 1]
    ends = np.unique(np.concatenate([streets.places[offsets[:-1]], streets.places[offsets[1:] - 1]]))
    ends = ends[ends >= 0]
    ends = ends[np.argsort(places.x[ends])]
    west, south, east, north = shapely.bounds(areas).T
    first = np.searchsorted(places.x[ends], west)
    square, row = spread(first, np.searchsorted(places.x[ends], east) - first)
    node = ends[row]
    near = (places.y[node] > south[square]) & (places.y[node] < north[square])
    square, node = square[near], node[near]
    inside = shapely.contains_xy(areas[square], places.x[node], places.y[node])
    square, node = square[inside], node[inside]
    lowest, highest = _layers_at(np.unique(node), streets, squares.layer_of_way, len(places.ids))
    level = (lowest[node] >= squares.layer[square]) & (highest[node] <= squares.layer[square])
    return square[level], node[level]


def _layers_at(nodes: Ints, streets: Streets, layer_of_way: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the lowest and the highest storey of the ways at some nodes that are no steps."""
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    offsets = streets.offsets[: len(layer_of_way) + 1]
    asked = np.zeros(count + 1, bool)
    asked[nodes] = True
    use = np.flatnonzero(asked[streets.places[: offsets[-1]]])
    way = np.searchsorted(offsets, use, side="right") - 1
    flat = (streets.flags[way] & EdgeFlag.STEPS) == 0
    node, layer = streets.places[use[flat]], layer_of_way[way[flat]]
    np.minimum.at(lowest, node, layer)
    np.maximum.at(highest, node, layer)
    return lowest, highest


def _nodes_of_vertices(rings: Rings, objects: Objects, places: Places) -> Ints:
    """Return the place of the node at each vertex, -1 where lines cross without one."""
    owner, node = objects.outline_owner, objects.outline_node
    spots, spot = np.unique(places.x[node] + 1j * places.y[node], return_inverse=True)
    known, first = np.unique(owner * len(spots) + spot, return_index=True)
    at = rings.x + 1j * rings.y
    vertex_spot = np.searchsorted(spots, at)
    found = find_sorted(known, rings.owner * len(spots) + vertex_spot)
    found[found >= 0] = first[found[found >= 0]]
    there = (found >= 0) & (spots[np.minimum(vertex_spot, len(spots) - 1)] == at)
    return np.where(there, node[found], -1)


def _join_points(
    entrances: tuple[Ints, Ints], outline: tuple[Rings, Ints, Mask], places: Places
) -> tuple[Points, Ints, int]:
    """Return what walks across join, their nodes, and how many squares have too many of them.

    Parameters
    ----------
    entrances
        Squares and nodes.
    outline
        Vertices of the squares, the node at each, and whether one walks there.
    places
        Of all nodes.
    """
    rings, at_vertex, passed = outline
    corner = np.flatnonzero((rings.bends | _touches(rings, at_vertex)) & passed)
    square, node = np.append(entrances[0], rings.owner[corner]), np.append(entrances[1], at_vertex[corner])
    count = len(places.ids)
    key, first, times = np.unique(square * count + node, return_index=True, return_counts=True)
    # Where an outline meets itself in a corner, walks come from several sides as at an entrance.
    only_bends = (first >= len(entrances[0])) & (times == 1)
    size = np.bincount(key // count)
    few = size[key // count] <= MOST_POINTS
    key, only_bends = key[few], only_bends[few]
    vertex_key = np.where(passed, rings.owner * count + at_vertex, -1)
    order = np.argsort(vertex_key, kind="stable")
    vertex = find_sorted(vertex_key[order], key)
    vertex = np.where(vertex >= 0, order[vertex], -1)
    node = key % count
    points = Points(key // count, places.x[node], places.y[node], vertex, only_bends)
    return points, node, int(np.count_nonzero(size > MOST_POINTS))


def _touches(rings: Rings, at_vertex: Ints) -> Mask:
    """Tell at which vertices an outline meets itself, or another one of the same square, in a node."""
    key = rings.owner * (at_vertex.max(initial=0) + 2) + at_vertex + 1  # 0 for a vertex without a node
    _, place, times = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray((times[place] > 1) & (at_vertex >= 0))


def _as_streets(square: Ints, one: Ints, other: Ints, squares: Squares) -> Streets:
    flags = squares.flags[square] & ~np.uint16(_OF_OUTLINES) | np.uint16(EdgeFlag.ACROSS)
    measures = (getattr(squares, name)[square] for name in ("widths_cm", "slopes_percent", "smoothness"))
    ends = np.column_stack([one, other]).ravel()
    offsets = np.arange(len(square) + 1) * 2
    return Streets(squares.objects.ids[square], offsets, ends, squares.classes[square], flags, *measures)


_OF_OUTLINES = EdgeFlag.AREA | EdgeFlag.FORWARD | EdgeFlag.BACKWARD
"""Flags that a walk across does not take over."""
