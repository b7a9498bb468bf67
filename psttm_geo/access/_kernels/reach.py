"""When stretches of streets are reached, and which of them in time; compiled.

Time grows along a street from both its ends and from the places on it that walks begin at: its marks.
"""

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.stretch import CELL_M, GUARD, RADIUS_M, REACH_M, STEP_M, Block
from psttm_geo.access.travel_times import UNREACHED

SAFE, LATE, BETWEEN = 0, 1, 2
"""A stretch by which all within reach is reached in time; one that is not reached in time; any other."""

PLAIN, CLOSED, ONE_WAY = -1.0, -2.0, -3.0
"""Instead of the first mark on a street: there is none; nobody walks on it; there is none and it is walked one way."""

_AROUND_M = REACH_M + STEP_M
"""Squares and blocks farther from all streets reached have no outline."""

_END = 1e-9
"""Share of a street that is as good as its end."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class Times(NamedTuple):
    """When streets are reached.

    Attributes
    ----------
    node_ds
        Deciseconds at the nodes, or :data:`UNREACHED`.
    edge_from, edge_to
        The nodes at the ends of each street.
    edge_ds
        Deciseconds along each street; negative where it is closed.
    way
        Of each street: 1 where time grows from its first node to its last only, -1 the other way, 0 both ways.
    marked
        For each street the first of its marks, -1 for none.
    marks
        Street, where on it (0 to 1), deciseconds; sorted.
    """

    node_ds: npt.NDArray[np.uint16]
    edge_from: Indices
    edge_to: Indices
    edge_ds: Indices
    way: npt.NDArray[np.int8]
    marked: Indices
    marks: Floats


class Reached(NamedTuple):
    """Which stretches of a block are reached, and when.

    Attributes
    ----------
    kinds
        :data:`SAFE`, :data:`LATE` or :data:`BETWEEN`, for each stretch.
    travel_times
        One row per stretch: the time at its first end by the street from its beginning, and from its end; the time
        along the stretch; the first mark of its street, or :data:`PLAIN`, :data:`CLOSED` or :data:`ONE_WAY`; the time
        along all of the street; by how much times at the middle of a square and at another point of it can differ; and
        the `way` of the street. From the middle it is half a diagonal at most: what of that lies along the stretch
        moves the nearest place on it, and what lies across changes the distance. Times of a closed street are those at
        its ends, of one walked one way those from one end, but at the other its own; late stretches are never reached,
        safe ones always are.
    timely, unsafe
        The parts of the block, as a number with their bits, in which some stretches are not late, and are not safe.
    box
        The squares near stretches that are not late: first column and row, and those after the last ones.
    """

    kinds: Bytes
    walks: Floats
    timely: np.uint64
    unsafe: np.uint64
    box: tuple[int, int, int, int]


@numba.njit(cache=True, nogil=True, forceinline=True)
def _at_node(node_ds: npt.NDArray[np.uint16], node: int) -> float:  # pragma: no cover - compiled
    return np.inf if node_ds[node] == UNREACHED else float(node_ds[node])


@numba.njit(cache=True, nogil=True, forceinline=True)
def time_at(
    lines: Floats, walks: Floats, marks: Floats, stretch: int, where: float
) -> float:  # pragma: no cover - compiled
    """Return the time at a point of a stretch; `travel_times` are those of :class:`Reached`."""
    if walks[stretch, 3] == PLAIN:
        along = where * walks[stretch, 2]
        return float(min(walks[stretch, 0] + along, walks[stretch, 1] - along))
    return _special_time_at(lines, walks, marks, stretch, where)


@numba.njit(cache=True, nogil=True)
def _special_time_at(
    lines: Floats, walks: Floats, marks: Floats, stretch: int, where: float
) -> float:  # pragma: no cover - compiled
    """Return the time at a point of a street with marks, of a closed one, or of one walked one way.

    A closed street is reached at its ends and nowhere else. One walked one way is reached from one end and from marks
    behind; at its other end the time is that of the node.
    """
    place = lines[stretch, 5] + where * lines[stretch, 6]
    if walks[stretch, 3] == CLOSED:
        return float(walks[stretch, 0] if place <= _END else (walks[stretch, 1] if place >= 1.0 - _END else np.inf))
    along, way = where * walks[stretch, 2], walks[stretch, 6]
    best = np.inf
    if way >= 0.0 or place <= _END:
        best = walks[stretch, 0] + along
    if way <= 0.0 or place >= 1.0 - _END:
        best = min(best, walks[stretch, 1] - along)
    if walks[stretch, 3] == ONE_WAY:
        return float(best)
    mark = first = int(walks[stretch, 3])
    while mark < len(marks) and marks[mark, 0] == marks[first, 0]:
        between = place - marks[mark, 1]
        if between * way >= 0.0:
            best = min(best, marks[mark, 2] + abs(between) * walks[stretch, 4])
        mark += 1
    return float(best)


@numba.njit(cache=True, nogil=True, forceinline=True)
def in_time(
    lines: Floats,
    walks: Floats,
    marks: Floats,
    stretch: int,
    where: float,
    square: float,
    limit_ds: float,
    ds_per_m: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether a point is within reach of a place on a stretch, and the walk there and to the point in time."""
    time = time_at(lines, walks, marks, stretch, where) + math.sqrt(square) * ds_per_m
    return bool((square <= REACH_M * REACH_M) & (time <= limit_ds))


@numba.njit(cache=True, nogil=True)
def _kind(
    lines: Floats, walks: Floats, marks: Floats, stretch: int, limit_ds: float, safe_ds: float
) -> int:  # pragma: no cover - compiled
    """Return :data:`SAFE` if a stretch is reached by `safe_ds`, :data:`LATE` if it is not by `limit_ds`, or neither.

    On a stretch without marks, time is highest at most half its length from one of its ends; on a street walked one way
    it may be anywhere.
    """
    at_first, at_last = time_at(lines, walks, marks, stretch, 0.0), time_at(lines, walks, marks, stretch, 1.0)
    if (
        walks[stretch, 3] != CLOSED
        and walks[stretch, 6] == 0.0
        and (at_first + at_last + walks[stretch, 2]) / 2 <= safe_ds
    ):
        return SAFE
    if min(at_first, at_last) <= limit_ds:
        return BETWEEN
    if walks[stretch, 3] >= 0.0:
        first, last = lines[stretch, 5], lines[stretch, 5] + lines[stretch, 6]
        mark = begin = int(walks[stretch, 3])
        while mark < len(marks) and marks[mark, 0] == marks[begin, 0]:
            if first <= marks[mark, 1] <= last:
                return BETWEEN
            mark += 1
    return LATE


@numba.njit(cache=True, nogil=True)
def sort_streets(
    block: Block, times: Times, limit_ds: float, ds_per_m: float
) -> Reached:  # pragma: no cover - compiled
    """Return which stretches of a block are reached by a limit, at so many deciseconds a metre beside the streets."""
    edges, lines, marks = block.edge, block.lines, times.marks
    node_ds, edge_from, edge_to = times.node_ds, times.edge_from, times.edge_to
    edge_ds, marked = times.edge_ds, times.marked
    kinds, walks = np.empty(len(lines), np.uint8), np.empty((len(lines), 7))
    safe_ds = limit_ds - REACH_M * ds_per_m - GUARD
    timely = unsafe = np.uint64(0)
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for stretch in range(len(lines)):
        edge = edges[stretch]
        kind = LATE
        ahead, behind = _at_node(node_ds, edge_from[edge]), _at_node(node_ds, edge_to[edge])
        if min(ahead, behind) <= limit_ds or marked[edge] >= 0:
            closed = edge_ds[edge] < 0
            whole = 0.0 if closed else float(edge_ds[edge])
            walks[stretch, 0] = ahead + lines[stretch, 5] * whole
            walks[stretch, 1] = behind + (1.0 - lines[stretch, 5]) * whole
            walks[stretch, 2] = lines[stretch, 6] * whole
            one_way = ONE_WAY if times.way[edge] != 0 and marked[edge] < 0 else float(marked[edge])
            walks[stretch, 3] = CLOSED if closed else one_way
            walks[stretch, 6] = times.way[edge]
            walks[stretch, 4] = whole
            per_m_squared = walks[stretch, 2] * walks[stretch, 2] * lines[stretch, 4]
            walks[stretch, 5] = RADIUS_M * math.sqrt(per_m_squared + ds_per_m * ds_per_m) + GUARD
            kind = _kind(lines, walks, marks, stretch, limit_ds, safe_ds)
        kinds[stretch] = kind
        if kind != SAFE:
            unsafe |= block.part[stretch]
        if kind != BETWEEN:
            walks[stretch, 0] = -np.inf if kind == SAFE else np.inf
            walks[stretch, 1], walks[stretch, 2], walks[stretch, 3] = np.inf, 0.0, PLAIN
            walks[stretch, 6] = 0.0
        if kind != LATE:
            timely |= block.part[stretch]
            x, y = lines[stretch, 0], lines[stretch, 1]
            last_x, last_y = x + lines[stretch, 2], y + lines[stretch, 3]
            west, east = min(west, x, last_x), max(east, x, last_x)
            south, north = min(south, y, last_y), max(north, y, last_y)
    if west > east:
        return Reached(kinds, walks, timely, unsafe, (0, 0, 0, 0))
    left, low = math.floor((west - _AROUND_M) / CELL_M), math.floor((south - _AROUND_M) / CELL_M)
    right, high = math.floor((east + _AROUND_M) / CELL_M) + 1, math.floor((north + _AROUND_M) / CELL_M) + 1
    return Reached(kinds, walks, timely, unsafe, (left, low, right, high))


@numba.njit(cache=True, nogil=True)
def find_reached(
    times: Times, limit_ds: float, boxes: Floats, side_m: float
) -> tuple[int, int, Flags]:  # pragma: no cover - compiled
    """Return where outlines can be.

    Parameters
    ----------
    times, limit_ds
        When streets are reached, and the limit.
    boxes
        Around each street, as shapely writes boxes.
    side_m
        Of a block.

    Returns
    -------
    int, int, ndarray
        Column and row of a block, and for each block from there on, row by row, whether a street that is reached at an
        end or marked is within reach of it.
    """
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    reached, count = np.empty(len(times.edge_ds), np.int32), 0
    for edge in range(len(times.edge_ds)):
        first = min(times.node_ds[times.edge_from[edge]], times.node_ds[times.edge_to[edge]])
        if times.marked[edge] >= 0 or (first != UNREACHED and first <= limit_ds):
            reached[count] = edge
            count += 1
            west, south = min(west, boxes[edge, 0] - _AROUND_M), min(south, boxes[edge, 1] - _AROUND_M)
            east, north = max(east, boxes[edge, 2] + _AROUND_M), max(north, boxes[edge, 3] + _AROUND_M)
    if count == 0:
        return 0, 0, np.zeros((0, 0), np.bool_)
    left, low = math.floor(west / side_m), math.floor(south / side_m)
    near = np.zeros((math.floor(north / side_m) - low + 1, math.floor(east / side_m) - left + 1), np.bool_)
    for edge in reached[:count]:
        first_column = math.floor((boxes[edge, 0] - _AROUND_M) / side_m) - left
        first_row = math.floor((boxes[edge, 1] - _AROUND_M) / side_m) - low
        last_column = math.floor((boxes[edge, 2] + _AROUND_M) / side_m) - left
        last_row = math.floor((boxes[edge, 3] + _AROUND_M) / side_m) - low
        near[first_row : last_row + 1, first_column : last_column + 1] = True
    return left, low, near
