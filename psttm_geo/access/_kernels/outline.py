"""Outlines of what is inside on the points of a grid: marching squares, traced and joined; compiled.

Parts of a grid can be finer than the rest: :data:`FINER` fine steps make a coarse one, and points are numbered in fine
steps. An outline crosses a side between two neighbouring points of which one is inside. Every side that is crossed
begins one segment and ends another one, so that segments found in parts of the grid, in any order, join to closed
rings; where a fine part meets a coarse one, their common sides are coarse.
"""

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inlined, int64

FINER = 3
"""Fine steps in a coarse one."""

_ROW_BITS = 31
"""Points are numbered row by row; no row has so many that it takes more bits."""

_FINE = 2**60
"""Sides on rows that not all parts of the grid have come after those that all have."""

_UPRIGHT = 2**61
"""Sides that run upwards come after all others."""

_SIDES = 4
"""Of a cell or a square; they go round it."""

_LOWER, _RIGHT, _UPPER, _LEFT = 0, 1, 2, 3

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


def _list_runs() -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    """Return how many segments run through a cell, and the sides that each begins and ends on.

    A cell is known by its corners that are inside: the first counts 1, then 2, 4 and 8. Segments run around a corner
    inside, or around one outside where the middle of the cell is inside too.
    """
    cells = 2**_SIDES
    count, runs = np.zeros(cells, np.int8), np.zeros((2, cells, 2, 2), np.int8)
    for cell in range(cells):
        corners = [cell >> corner & 1 for corner in range(_SIDES)]
        begins = [side for side in range(_SIDES) if corners[side] and not corners[(side + 1) % _SIDES]]
        count[cell] = len(begins)
        for middle_inside, turn in ((0, _SIDES - 1), (1, 1)):
            for number, side in enumerate(begins):
                end = (side + turn) % _SIDES
                while corners[end] or not corners[(end + 1) % _SIDES]:
                    end = (end + turn) % _SIDES
                runs[middle_inside, cell, number] = side, end
    return count, runs


_COUNT, _RUNS = _list_runs()


@inlined
def _take_side(
    step: int, size: int, row: int, column: int, upright: int, coarse: Flags
) -> tuple[int, int, int]:  # pragma: no cover - compiled
    """Return the first point of a side, and its length in fine steps; of a coarse side those of the whole."""
    if step == 1 and upright == 1 and ((column == 0 and coarse[_LEFT]) or (column == size and coarse[_RIGHT])):
        return row - row % FINER, column, FINER
    if step == 1 and upright == 0 and ((row == 0 and coarse[_LOWER]) or (row == size and coarse[_UPPER])):
        return row, column - column % FINER, FINER
    return row, column, step


@inlined
def _number_side(row: int, column: int, upright: int) -> int:  # pragma: no cover - compiled
    """Return the number of a side, from its first point in fine steps."""
    number = (row << _ROW_BITS) + column
    if upright == 1:
        return number + _UPRIGHT
    return number if row % FINER == 0 else number + _FINE


@entry
def trace_square(
    inside: Bytes,
    middles: Bytes,
    left: int,
    low: int,
    step: int,
    size: int,
    coarse: Flags,
    links: Longs,
    begins: Indices,
    count: int,
) -> int:  # pragma: no cover - compiled
    """Write the segments of outlines in a square; return how many there are with those before.

    Parameters
    ----------
    inside
        Whether each point is inside, row by row.
    middles
        Whether the middle of each cell is inside, asked where two opposite corners alone are.
    left, low
        The square's first point, in fine steps.
    step, size
        Fine steps between points (1 or :data:`FINER`), and cells along the side of the square.
    coarse
        Which sides of the square, if it is fine, are those of coarse squares: the lower, right, upper, left one. Points
        on them that coarse squares do not have are inside from one point that they have up to where the next coarse
        side is crossed.
    links
        One row per segment: the sides that it begins and ends on. What is inside is left of it.
    begins
        One row per segment of this square: row and column of the first point of the side that it begins on, whether
        that is upright, and its length in fine steps.
    count
        How many segments there are already.
    """
    first = count
    for row in range(size):
        for column in range(size):
            corners = (
                inside[row, column]
                + 2 * inside[row, column + 1]
                + 4 * inside[row + 1, column + 1]
                + 8 * inside[row + 1, column]
            )
            turned = 1 if middles[row, column] > 0 else 0
            for number in range(_COUNT[corners]):
                side, end = int64(_RUNS[turned, corners, number, 0]), int64(_RUNS[turned, corners, number, 1])
                j, i, length = _take_side(
                    step, size, row + (side == _UPPER), column + (side == _RIGHT), side % 2, coarse
                )
                mine = count - first
                begins[mine, 0], begins[mine, 1], begins[mine, 2], begins[mine, 3] = j, i, side % 2, length
                links[count, 0] = _number_side(low + j * step, left + i * step, side % 2)
                j, i, _ = _take_side(step, size, row + (end == _UPPER), column + (end == _RIGHT), end % 2, coarse)
                links[count, 1] = _number_side(low + j * step, left + i * step, end % 2)
                count += 1
    return count


@entry
def _walk_rings(following: Longs, seen: Flags, walked: Longs, begins: Longs) -> int:  # pragma: no cover - compiled
    """Write the segments ring by ring, each from its first segment on, and where rings begin; return how many.

    Of `following` segments none is `seen` yet.
    """
    rings = position = 0
    for first in range(len(following)):
        if seen[first]:
            continue
        begins[rings] = position
        rings += 1
        segment = first
        while not seen[segment]:
            seen[segment] = True
            walked[position] = segment
            position += 1
            segment = following[segment]
    begins[rings] = position
    return rings


def _find_holes(ends: Floats, points: Floats, begins: Longs, ring: Longs) -> Flags:
    """Return which rings are holes, from both ends of each segment, ring by ring."""
    # From the first point, so that far-away grids are as exact as near ones.
    (x, y), (next_x, next_y) = ((corners - points[begins[:-1]][ring]).T for corners in (points, ends))
    return np.asarray(np.add.reduceat(x * next_y - next_x * y, begins[:-1]) < 0.0)


def _left_of(points: Floats, following: Longs, ring: Longs, first: int) -> int:
    """Return the ring that comes next left of the point where a segment begins, in any part of the grid."""
    x, y = points[first]
    above = points[:, 1] > y
    across = np.flatnonzero((above != above[following]) & (ring != ring[first]))
    (begin_x, begin_y), (end_x, end_y) = points[across].T, points[following[across]].T
    crossed = begin_x + (y - begin_y) / (end_y - begin_y) * (end_x - begin_x)
    crossed[crossed >= x] = -np.inf
    return int(ring[across[np.argmax(crossed)]])


def join_segments(links: Longs, points: Floats) -> tuple[Floats, Longs, Longs]:
    """Join segments to polygons, in the same order whatever the order of the segments.

    Parameters
    ----------
    links
        As :func:`trace_square` writes them: at least one, of whole outlines.
    points
        Where each segment begins.

    Returns
    -------
    tuple of ndarray
        Points of the rings, each closed by its first; where rings begin among points; where polygons begin among rings.
        The first ring of a polygon goes around it, the others are its holes.
    """
    order = np.argsort(links[:, 0])
    sides, points = links[order, 0], points[order]
    following = np.searchsorted(sides, links[order, 1])
    walked, begins = np.empty(len(links), np.int64), np.empty(len(links) + 1, np.int64)
    rings = _walk_rings(following, np.zeros(len(links), np.bool_), walked, begins)
    begins = begins[: rings + 1]
    lengths = np.diff(begins)
    ring = np.empty(len(points), np.int64)
    ring[walked] = np.repeat(np.arange(rings), lengths)
    hole = _find_holes(points[following[walked]], points[walked], begins, ring[walked])
    # A ring begins where it crosses its lowest row for the first time from the left. Left of a hole's beginning is the
    # polygon that it is in, from the side crossed before on; but rows that not all parts have may have gaps.
    around = np.arange(rings)
    for number in np.flatnonzero(hole):
        first = walked[begins[number]]
        before = ring[first - 1] if sides[first] < _FINE // 2 else _left_of(points, following, ring, first)
        around[number] = around[before]
    by_polygon = np.argsort(around, kind="stable")
    lengths = lengths[by_polygon]
    offsets = np.concatenate([[0], np.cumsum(lengths + 1)])
    step = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths + 1)
    step += np.repeat(begins[by_polygon], lengths + 1)
    step[offsets[1:] - 1] = begins[by_polygon]
    return points[walked[step]], offsets, np.append(np.flatnonzero(~hole[by_polygon]), rings)
