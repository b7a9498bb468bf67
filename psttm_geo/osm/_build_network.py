"""From ways and the places of their nodes to a network cut at junctions and ends."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from psttm_geo.osm.network import (
    NOT_MAPPED,
    Bytes,
    Floats,
    Indices,
    Ints,
    NodeFlag,
    WalkNetwork,
    connect,
    fill_measures,
    no_measures,
)

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Streets:
    """Ways that can be walked, as read.

    Attributes
    ----------
    ids
        Of the ways.
    offsets
        Way `i` has the nodes `offsets[i]` to `offsets[i + 1]` of `places`.
    places
        Positions among the points; -1 for a node that is not there.
    classes, flags
        Of the ways: position among the names of classes, :class:`psttm_geo.osm.network.EdgeFlag` values.
    widths_cm, slopes_percent, smoothness
        Of the ways: measures as :class:`psttm_geo.osm.network.WalkNetwork` has them.
    """

    ids: Ints
    offsets: Ints
    places: Ints
    classes: Bytes
    flags: npt.NDArray[np.uint16]
    widths_cm: Bytes = field(default_factory=no_measures)
    slopes_percent: Bytes = field(default_factory=no_measures)
    smoothness: Bytes = field(default_factory=no_measures)

    def __post_init__(self) -> None:
        """Fill in measures that were left out."""
        fill_measures(self, ["widths_cm", "slopes_percent", "smoothness"], len(self.ids))


@dataclass(frozen=True)
class Points:
    """Nodes of the ways.

    Attributes
    ----------
    ids
        Of the nodes.
    x, y
        Metres.
    flags
        :class:`psttm_geo.osm.network.NodeFlag` values.
    kerbs_cm
        Heights of kerbs, :data:`psttm_geo.osm.network.NOT_MAPPED` for none or unknown.
    """

    ids: Ints
    x: Floats
    y: Floats
    flags: Bytes
    kerbs_cm: Bytes = field(default_factory=no_measures)

    def __post_init__(self) -> None:
        """Fill in heights that were left out."""
        fill_measures(self, ["kerbs_cm"], len(self.ids))

    def take(self, rows: Ints) -> "Points":
        """Return some of the points, in the order given."""
        return Points(self.ids[rows], self.x[rows], self.y[rows], self.flags[rows], self.kerbs_cm[rows])


def build_network(streets: Streets, points: Points, *, crs: str, classes: tuple[str, ...]) -> WalkNetwork:
    """Cut ways at junctions, at their ends and at obstacles; all other nodes become points of an edge's geometry.

    A way breaks where a node is not there, and where one is closed: every street that comes to a closed node gets a
    node of its own there, so that they are not connected for whoever looks at the network. Nodes are put in the order
    of a Hilbert curve, edges in the order of their first node.

    Parameters
    ----------
    streets, points
        Ways and the nodes they go through.
    crs
        Of the points; metric.
    classes
        Names of the street classes.

    Returns
    -------
    WalkNetwork
        Without nodes when no two neighbouring nodes of a way are there.
    """
    pieces, points = _part_at_closed(_cut_pieces(streets), points)
    ends = _mark_ends(pieces, points)
    place, kept = _hilbert_order(points, np.flatnonzero(ends))
    first, last = _edges(pieces, ends, place)
    edge_from, edge_to = place[pieces.start[first]], place[pieces.stop[last]]
    offsets, route = _routes(pieces, first, last)
    x, y = points.x[route], points.y[route]
    way = pieces.way[first]
    return WalkNetwork(
        crs=crs,
        classes=classes,
        node_x=points.x[kept],
        node_y=points.y[kept],
        node_osm_id=points.ids[kept],
        node_flags=points.flags[kept],
        node_kerb_cm=points.kerbs_cm[kept],
        node_component=_components(edge_from, edge_to, len(kept)),
        edge_from=edge_from,
        edge_to=edge_to,
        edge_length_m=_lengths(offsets, x, y),
        edge_way=streets.ids[way],
        edge_class=streets.classes[way],
        edge_flags=streets.flags[way],
        edge_crossings=_crossings(offsets, points.flags[route]),
        edge_width_cm=streets.widths_cm[way],
        edge_slope_percent=streets.slopes_percent[way],
        edge_smoothness=streets.smoothness[way],
        geometry_offsets=offsets,
        geometry_x=x,
        geometry_y=y,
    )


@dataclass(frozen=True)
class _Pieces:
    """Straight pieces between two neighbouring nodes of a way, in the order of the ways.

    `opens` marks a piece that does not go on from the one before it.
    """

    start: Ints
    stop: Ints
    way: Ints
    opens: Mask


def _cut_pieces(streets: Streets) -> _Pieces:
    places = streets.places
    way = np.repeat(np.arange(len(streets.ids)), np.diff(streets.offsets))
    repeated = np.zeros(len(places), bool)
    repeated[1:] = (places[1:] == places[:-1]) & (way[1:] == way[:-1])
    places, way = places[~repeated], way[~repeated]
    found = (way[1:] == way[:-1]) & (places[1:] >= 0) & (places[:-1] >= 0)
    at = np.flatnonzero(found)
    opens = np.ones(len(at), bool)
    opens[1:] = (np.diff(at) > 1) | (way[at[1:]] != way[at[:-1]])
    return _Pieces(places[at], places[at + 1], way[at], opens)


def _part_at_closed(pieces: _Pieces, points: Points) -> tuple[_Pieces, Points]:
    """Give every piece that begins or ends at a closed point a copy of that point, and let it open or close there."""
    closed = (points.flags & NodeFlag.CLOSED) > 0
    at_start, at_stop = np.flatnonzero(closed[pieces.start]), np.flatnonzero(closed[pieces.stop])
    if not len(at_start) + len(at_stop):
        return pieces, points
    start, stop, opens = pieces.start.copy(), pieces.stop.copy(), pieces.opens.copy()
    copied = np.concatenate([start[at_start], stop[at_stop]])
    places = len(points.ids) + np.arange(len(copied))
    start[at_start], stop[at_stop] = places[: len(at_start)], places[len(at_start) :]
    opens[at_start] = True
    return _Pieces(start, stop, pieces.way, opens), points.take(np.append(np.arange(len(points.ids)), copied))


def _mark_ends(pieces: _Pieces, points: Points) -> Mask:
    """Tell which points are nodes of the network: where ways end, break, meet or cross, and obstacles on the way."""
    count = len(points.ids)
    degree = np.bincount(pieces.start, minlength=count) + np.bincount(pieces.stop, minlength=count)
    ends: Mask = degree > 2  # noqa: PLR2004 - a point on the way has two neighbours
    ends |= (degree > 0) & _is_obstacle(points)
    ends[pieces.start[pieces.opens]] = True
    closes = np.append(pieces.opens[1:], True) if len(pieces.opens) else pieces.opens
    ends[pieces.stop[closes]] = True
    return ends


def _is_obstacle(points: Points) -> Mask:
    """Tell what may stop a wheelchair: obstacles, and kerbs of any height, since profiles say how high is too high."""
    kerb = (points.kerbs_cm > 0) & (points.kerbs_cm != NOT_MAPPED)
    obstacle = ((points.flags & NodeFlag.OBSTACLE) > 0) | kerb
    return np.asarray(obstacle & ((points.flags & NodeFlag.WHEELCHAIR_YES) == 0))


def _hilbert_order(points: Points, chosen: Ints) -> tuple[Indices, Ints]:
    """Return the position of each point among the network's nodes (-1 for none), and the points in that order."""
    place = np.full(len(points.ids), -1, np.int32)
    if not len(chosen):
        return place, chosen
    kept = chosen[np.lexsort((points.ids[chosen], _hilbert_distance(points.x[chosen], points.y[chosen])))]
    place[kept] = np.arange(len(kept), dtype=np.int32)
    return place, kept


def _hilbert_distance(x: Floats, y: Floats) -> Ints:
    """Return how far along a Hilbert curve through their box points lie, in steps of its side over 2**16.

    Method: D. Hilbert, Über die stetige Abbildung einer Linie auf ein Flächenstück, 1891; quadrant by quadrant.
    """
    side = max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    column, row = (((values - values.min()) / side * (2**_HILBERT_ORDER - 1)).astype(np.int64) for values in (x, y))
    distance = np.zeros(len(x), np.int64)
    for half in 2 ** np.arange(_HILBERT_ORDER - 1, -1, -1):
        right, upper = (column & half) > 0, (row & half) > 0
        distance += half * half * ((3 * right) ^ upper)
        mirrored = right & ~upper
        column, row = (
            np.where(mirrored, half - 1 - column % half, column),
            np.where(mirrored, half - 1 - row % half, row),
        )
        column, row = np.where(upper, column, row), np.where(upper, row, column)
    return distance


_HILBERT_ORDER = 16


def _edges(pieces: _Pieces, ends: Mask, place: Indices) -> tuple[Ints, Ints]:
    """Return the first and the last piece of each edge, edges in the order of their nodes."""
    first = np.flatnonzero(pieces.opens | ends[pieces.start])
    last = np.append(first[1:], len(pieces.start)) - 1 if len(first) else first
    order = np.lexsort((place[pieces.stop[last]], place[pieces.start[first]]))
    return first[order], last[order]


def _routes(pieces: _Pieces, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return the points that each run of pieces goes through, as offsets and positions."""
    counts = last - first + 2
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
    piece = np.repeat(first, counts) + within
    is_last = within == np.repeat(counts - 1, counts)
    route = pieces.start[np.where(is_last, piece - 1, piece)]
    route[is_last] = pieces.stop[last]
    return offsets, route


def _lengths(offsets: Ints, x: Floats, y: Floats) -> Floats:
    """Return the length of each run of points."""
    edge = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    within = edge[1:] == edge[:-1]
    steps = np.hypot(np.diff(x), np.diff(y))[within]
    return np.bincount(edge[1:][within], steps, minlength=len(offsets) - 1).astype(np.float64)


def _crossings(offsets: Ints, flags: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Count the pedestrian crossings of each run of points, its two ends left out."""
    crossing = flags & NodeFlag.CROSSING > 0
    crossing[offsets[:-1]] = crossing[offsets[1:] - 1] = False
    edge = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    counts = np.bincount(edge[crossing], minlength=len(offsets) - 1)
    return np.minimum(counts, np.iinfo(np.uint8).max).astype(np.uint8)


def _components(edge_from: Indices, edge_to: Indices, count: int) -> Indices:
    """Label connected pieces, the one with the most nodes 0, equal ones in the order of their first node."""
    label = connect(edge_from, edge_to, count)
    sizes = np.bincount(label)
    rank = np.empty(len(sizes), np.int32)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes), dtype=np.int32)
    ranked: Indices = rank[label]
    return ranked
