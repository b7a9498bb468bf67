"""Straight walks inside areas: which points of an outline see each other, and which of those walks are needed.

Method: the visibility graph of T. Lozano-Pérez and M. A. Wesley, An algorithm for planning collision-free paths among
polyhedral obstacles, Communications of the ACM 22(10), 1979. The shortest way inside a polygon with holes bends at its
corners only, and it passes a corner without cutting into the outline.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.osm.network import Floats, Ints

Mask = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

SPARE = 1.01
"""A straight walk is left out where two others, or stretches of the outline, together are at most this much longer.

A hundred metres become a metre longer, less than a second; where such walks follow one another, somewhat more.
"""

MOST_FOR_EACH = 20
"""Where that leaves more walks for each point of an area, those stay that the others would lengthen most."""

_AT_ONCE = 200_000
"""Pairs of points looked at in one go: each becomes a line of hundreds of bytes."""

_OFF_M = 1e-3
"""How much of a walk at both of its ends may lie on the outline."""

_HARDLY_ANY_M2 = 1e-6
"""Twice the area of a triangle whose corners lie on one line, but for rounding."""


@dataclass(frozen=True)
class Rings:
    """All vertices of the outlines of areas and of their holes, ring by ring, none repeated.

    Attributes
    ----------
    owner
        Position of the area, rising.
    ring
        Number of the ring, rising.
    x, y
        Metres.
    before, after
        Position of the vertex before and of the one after, on the same ring.
    bends
        Whether more than half of what lies around the vertex is area: ways inside can bend there.
    """

    owner: Ints
    ring: Ints
    x: Floats
    y: Floats
    before: Ints
    after: Ints
    bends: Mask


def read_rings(areas: Geometries, chosen: Ints) -> Rings:
    """Return the vertices of chosen ones of some areas (polygons of one or of several parts)."""
    parts, area = shapely.get_parts(areas[chosen], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    is_hole = np.zeros(len(rings), bool)
    is_hole[1:] = part[1:] == part[:-1]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    kept = ~_last_of_runs(ring)  # the last vertex is the first one again
    points, ring = points[kept], ring[kept]
    before, after = np.arange(len(ring)) - 1, np.arange(len(ring)) + 1
    last = _last_of_runs(ring)
    first = np.roll(last, 1)
    before[first], after[last] = np.flatnonzero(last), np.flatnonzero(first)
    x, y = points[:, 0], points[:, 1]
    turn = _cross(x - x[before], y - y[before], x[after] - x, y[after] - y)
    # Around a ring that runs against the clock the area lies on the left, around a hole on the right.
    outward = np.where(shapely.is_ccw(rings) == is_hole, 1, -1)[ring]
    return Rings(chosen[area[part[ring]]], ring, x, y, before, after, turn * outward > _HARDLY_ANY_M2)


@dataclass(frozen=True)
class Points:
    """Points of areas that straight walks may join, area by area.

    Attributes
    ----------
    owner
        Position of the area, rising.
    x, y
        Metres.
    vertex
        Position of the vertex among the :class:`Rings`, -1 for a point inside.
    only_bends
        Where walks neither begin nor end.
    """

    owner: Ints
    x: Floats
    y: Floats
    vertex: Ints
    only_bends: Mask


def straight_walks(areas: Geometries, rings: Rings, points: Points, passed: Mask) -> tuple[Ints, Ints]:
    """Return pairs of points of the same area to be joined by straight walks.

    Parameters
    ----------
    areas
        Polygons of one or of several parts.
    rings
        Theirs.
    points
        What to join.
    passed
        Of the vertices: whether one walks along the outline there.

    Returns
    -------
    ndarray of int
        Walks that lie inside the area but for their ends: with those along the outline they are nearly as short as the
        shortest ways inside the area between points that do not only bend.
    """
    shapely.prepare(areas[np.unique(points.owner)])
    seen = [_visible(areas, rings, points, *pair) for pair in _pairs(points.owner)]
    if not seen:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    one, other, length = (np.concatenate(part) for part in zip(*seen, strict=True))
    outline = _Outline(rings, points, passed)
    limits = np.append(np.flatnonzero(np.diff(points.owner, prepend=-1)), len(points.owner))
    links = np.searchsorted(one, limits)
    needed = [
        _needed(outline, slice(*limits[number : number + 2]), one[mine], other[mine], length[mine])
        for number, mine in enumerate(map(slice, links[:-1], links[1:]))
    ]
    kept = np.concatenate(needed)
    return one[kept], other[kept]


def _pairs(owner: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Give all pairs of points of the same area, some points at a time."""
    count = np.searchsorted(owner, owner, side="right") - np.arange(len(owner)) - 1
    batch = np.cumsum(count) // _AT_ONCE
    for number in np.unique(batch):
        rows = np.flatnonzero(batch == number)
        row, other = spread(rows + 1, count[rows])
        yield rows[row], other


def spread(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Return for runs of whole numbers, given where each begins and how long it is, the run and the number of each."""
    run = np.repeat(np.arange(len(count)), count)
    return run, first[run] + np.arange(len(run)) - (np.cumsum(count) - count)[run]


def _visible(areas: Geometries, rings: Rings, points: Points, one: Ints, other: Ints) -> tuple[Ints, Ints, Floats]:
    """Return the pairs that see each other and do not cut into the outline at a corner, with their distance."""
    length = np.hypot(points.x[other] - points.x[one], points.y[other] - points.y[one])
    rows = np.flatnonzero(length > 2 * _OFF_M)
    for corner, toward in ((one, other), (other, one)):
        rows = rows[_passes(rings, points, corner[rows], toward[rows])]
    one, other, length = one[rows], other[rows], length[rows]
    x, y = points.x, points.y
    off = _OFF_M / length
    off_x, off_y = (x[other] - x[one]) * off, (y[other] - y[one]) * off
    ends = np.column_stack([x[one] + off_x, y[one] + off_y, x[other] - off_x, y[other] - off_y]).reshape(-1, 2, 2)
    # A walk along the outline is one already, and what touches it in between is put together at the corner there.
    inside = shapely.contains_properly(areas[points.owner[one]], np.asarray(shapely.linestrings(ends), object))
    return one[inside], other[inside], length[inside]


def _passes(rings: Rings, points: Points, corner: Ints, toward: Ints) -> Mask:
    """Tell for which pairs the outline lies on one side of their line at the first point, if that is only a corner.

    On any other line the shortest way would not bend there.
    """
    vertex, x, y = points.vertex[corner], points.x[corner], points.y[corner]
    along_x, along_y = points.x[toward] - x, points.y[toward] - y
    before, after = (
        _cross(along_x, along_y, rings.x[side[vertex]] - x, rings.y[side[vertex]] - y)
        for side in (rings.before, rings.after)
    )
    one_side = (before * after >= 0) | (np.minimum(np.abs(before), np.abs(after)) <= _HARDLY_ANY_M2)
    return one_side | ~points.only_bends[corner]


class _Outline:
    """How far points are apart along the outline, as far as one walks there."""

    def __init__(self, rings: Rings, points: Points, passed: Mask) -> None:
        step = np.hypot(rings.x[rings.after] - rings.x, rings.y[rings.after] - rings.y)
        whole = np.bincount(rings.ring, step)
        whole[rings.ring[~passed]] = np.inf
        run, on = np.cumsum(step) - step, points.vertex >= 0
        # Beyond a vertex that nobody passes another stretch begins; points inside are each on their own.
        stretch = rings.ring + np.cumsum(~passed)
        self._stretch = np.where(on, stretch[points.vertex], -1 - np.arange(len(on)))
        self._run, self._whole = np.where(on, run[points.vertex], 0), np.where(on, whole[rings.ring[points.vertex]], 0)

    def distances(self, area: slice) -> Floats:
        """Return the distances between all points of an area, infinite where the outline does not join them."""
        stretch, run = self._stretch[area], self._run[area]
        along = np.abs(run[:, None] - run)
        along = np.minimum(along, self._whole[area] - along)
        return np.where(stretch[:, None] == stretch, along, np.inf)


def _needed(outline: _Outline, area: slice, one: Ints, other: Ints, length: Floats) -> Mask:
    """Tell which walks across an area two shorter ones, or stretches of the outline, hardly stand for."""
    if not len(one):
        return np.zeros(0, bool)
    along = outline.distances(area)
    across = np.full_like(along, np.inf)
    one, other = one - area.start, other - area.start
    across[one, other] = across[other, one] = length
    longer = np.empty(len(one))
    step = max(_AT_ONCE // len(along), 1)
    for start in range(0, len(one), step):
        rows = slice(start, start + step)
        # Only shorter walks stand for a walk, so that none stand for each other.
        longest = length[rows, None]
        legs = [
            np.minimum(along[end], np.where(across[end] < longest, across[end], np.inf))
            for end in (one[rows], other[rows])
        ]
        longer[rows] = (legs[0] + legs[1]).min(axis=1) / length[rows]
    most = MOST_FOR_EACH * len(along)
    return longer > max(SPARE, 0 if len(one) <= most else np.partition(longer, -most)[-most])


def _last_of_runs(values: Ints) -> Mask:
    last = np.ones(len(values), bool)
    last[:-1] = values[1:] != values[:-1]
    return last


def _cross(one_x: Floats, one_y: Floats, other_x: Floats, other_y: Floats) -> Floats:
    return one_x * other_y - one_y * other_x
