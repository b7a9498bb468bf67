"""When stretches of streets are reached, and which of them in time; compiled.

Time grows along a street from both its ends and from the places on it that walks begin at: its marks.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inlined, inner, int64
from psttm_geo.access._kernels.stretch import CELL_M, GUARD, RADIUS_M, REACH_M, STEP_M, Block
from psttm_geo.access.travel_times import UNREACHED

SAFE, LATE, BETWEEN = 0, 1, 2
"""A stretch by which all within reach is reached in time; one that is not reached in time; any other."""

NEVER_DS = 1e9
"""Along a street on which nobody walks, or only the other way: longer than any limit, a nanometre beyond its end."""

AROUND_M = REACH_M + STEP_M
"""Squares and blocks farther from all streets reached have no outline."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
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
        Street, where on it (0 to 1), deciseconds there, and along all of the street to its end and to its beginning
        (:data:`NEVER_DS` where nobody walks that way); sorted.
    """

    node_ds: npt.NDArray[np.uint16]
    edge_from: Indices
    edge_to: Indices
    edge_ds: Indices
    way: npt.NDArray[np.int8]
    marked: Indices
    marks: Floats


class Reached(NamedTuple):
    """Which stretches of a block are reached by a limit, and when.

    Attributes
    ----------
    lines, marks
        As in :class:`psttm_geo.access._kernels.stretch.Block` and :class:`Times`.
    kinds
        :data:`SAFE`, :data:`LATE` or :data:`BETWEEN`, for each stretch.
    walks
        One row per stretch: the time at its first end by the street from its beginning, and from its end; the time
        along the stretch to its last end, and to its first one; the first mark of its street, -1 for none; and by how
        much times at the middle of a square and at another point of it can differ. From the middle it is half a
        diagonal at most: what of that lies along the stretch moves the nearest place on it, and what lies across
        changes the distance. Late stretches are never reached, safe ones always are.
    limit_ds, ds_per_m
        The limit, and how long a metre beside the streets takes.
    """

    lines: Floats
    marks: Floats
    kinds: Bytes
    walks: Floats
    limit_ds: float
    ds_per_m: float


@inlined
def _at_node(node_ds: npt.NDArray[np.uint16], node: int) -> float:  # pragma: no cover - compiled
    return np.inf if node_ds[node] == UNREACHED else float(node_ds[node])


@inlined
def time_at(reached: Reached, stretch: int, where: float) -> float:  # pragma: no cover - compiled
    """Return the time at a point of a stretch."""
    walks = reached.walks
    time = float(min(walks[stretch, 0] + where * walks[stretch, 2], walks[stretch, 1] - where * walks[stretch, 3]))
    return time if walks[stretch, 4] < 0.0 else min(time, _time_from_marks(reached, stretch, where))


@inner
def _time_from_marks(reached: Reached, stretch: int, where: float) -> float:  # pragma: no cover - compiled
    """Return the time at a point of a stretch by its street from one of the marks on it."""
    lines, marks = reached.lines, reached.marks
    place = lines[stretch, 5] + where * lines[stretch, 6]
    mark = first = int64(reached.walks[stretch, 4])
    best = np.inf
    while mark < len(marks) and marks[mark, 0] == marks[first, 0]:
        between = place - marks[mark, 1]
        best = min(best, marks[mark, 2] + (between * marks[mark, 3] if between > 0.0 else -between * marks[mark, 4]))
        mark += 1
    return best


@inlined
def in_time(reached: Reached, stretch: int, where: float, square: float) -> bool:  # pragma: no cover - compiled
    """Return whether a point is within reach of a place on a stretch, and the walk there and to the point in time."""
    time = time_at(reached, stretch, where) + math.sqrt(square) * reached.ds_per_m
    return bool((square <= REACH_M * REACH_M) & (time <= reached.limit_ds))


@inner
def _kind(reached: Reached, stretch: int) -> int:  # pragma: no cover - compiled
    """Return :data:`SAFE` if all beside a stretch is reached, :data:`LATE` if nothing of it is, or neither.

    Between marks, time is highest at most half the stretch from one of its ends, walked the slower way.
    """
    lines, marks, walks = reached.lines, reached.marks, reached.walks
    at_first, at_last = time_at(reached, stretch, 0.0), time_at(reached, stretch, 1.0)
    highest = (at_first + at_last + max(walks[stretch, 2], walks[stretch, 3])) / 2
    if highest <= reached.limit_ds - REACH_M * reached.ds_per_m - GUARD:
        return SAFE
    if min(at_first, at_last) <= reached.limit_ds:
        return BETWEEN
    if walks[stretch, 4] >= 0.0:
        first, last = lines[stretch, 5], lines[stretch, 5] + lines[stretch, 6]
        mark = begin = int64(walks[stretch, 4])
        while mark < len(marks) and marks[mark, 0] == marks[begin, 0]:
            if first <= marks[mark, 1] <= last:
                return BETWEEN
            mark += 1
    return LATE


@inner
def sort_streets(
    block: Block, times: Times, reached: Reached, squares: Longs
) -> tuple[np.uint64, np.uint64]:  # pragma: no cover - compiled
    """Write `kinds` and `walks` of what is reached, and the squares near stretches that are not late.

    Of `squares` these are the first column and row, and those after the last ones; none where all stretches are late.
    Return the parts of the block, as a number with their bits, in which some stretches are not late, and in which some
    are not safe.
    """
    lines, walks, limit_ds, ds_per_m = block.lines, reached.walks, reached.limit_ds, reached.ds_per_m
    timely = unsafe = np.uint64(0)
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    for stretch in range(len(lines)):
        edge = block.edge[stretch]
        kind = LATE
        ahead, behind = _at_node(times.node_ds, times.edge_from[edge]), _at_node(times.node_ds, times.edge_to[edge])
        if min(ahead, behind) <= limit_ds or times.marked[edge] >= 0:
            whole = float(times.edge_ds[edge]) if times.edge_ds[edge] >= 0 else NEVER_DS
            onward = whole if times.way[edge] >= 0 else NEVER_DS
            back = whole if times.way[edge] <= 0 else NEVER_DS
            walks[stretch, 0] = ahead + lines[stretch, 5] * onward
            walks[stretch, 1] = behind + (1.0 - lines[stretch, 5]) * back
            walks[stretch, 2], walks[stretch, 3] = lines[stretch, 6] * onward, lines[stretch, 6] * back
            walks[stretch, 4] = times.marked[edge]
            slowest = max(walks[stretch, 2], walks[stretch, 3])
            per_m_squared = slowest * slowest * lines[stretch, 4]
            walks[stretch, 5] = RADIUS_M * math.sqrt(per_m_squared + ds_per_m * ds_per_m) + GUARD
            kind = _kind(reached, stretch)
        reached.kinds[stretch] = kind
        if kind != SAFE:
            unsafe |= block.part[stretch]
        if kind != BETWEEN:
            walks[stretch, 0] = -np.inf if kind == SAFE else np.inf
            walks[stretch, 1], walks[stretch, 2], walks[stretch, 3], walks[stretch, 4] = np.inf, 0.0, 0.0, -1.0
        if kind != LATE:
            timely |= block.part[stretch]
            x, y = lines[stretch, 0], lines[stretch, 1]
            last_x, last_y = x + lines[stretch, 2], y + lines[stretch, 3]
            west, east = min(west, x, last_x), max(east, x, last_x)
            south, north = min(south, y, last_y), max(north, y, last_y)
    for side in range(4):
        squares[side] = 0
    if west <= east:
        squares[0], squares[1] = math.floor((west - AROUND_M) / CELL_M), math.floor((south - AROUND_M) / CELL_M)
        squares[2] = math.floor((east + AROUND_M) / CELL_M) + 1
        squares[3] = math.floor((north + AROUND_M) / CELL_M) + 1
    return timely, unsafe


@entry
def find_reached(
    times: Times, limit_ds: float, boxes: Floats, side_m: float, left: int, low: int, near: Flags
) -> None:  # pragma: no cover - compiled
    """Find where outlines can be.

    Parameters
    ----------
    times, limit_ds
        When streets are reached, and the limit.
    boxes
        Around each street, as shapely writes boxes.
    side_m
        Of a block.
    left, low
        Column and row of a block.
    near
        To be written: for each block from there on, row by row, whether a street that is reached at an end or marked
        is within reach of it. All of these streets have to be within.
    """
    for edge in range(len(times.edge_ds)):
        first = min(times.node_ds[times.edge_from[edge]], times.node_ds[times.edge_to[edge]])
        if times.marked[edge] < 0 and (first == UNREACHED or first > limit_ds):
            continue
        first_column = math.floor((boxes[edge, 0] - AROUND_M) / side_m) - left
        first_row = math.floor((boxes[edge, 1] - AROUND_M) / side_m) - low
        last_column = math.floor((boxes[edge, 2] + AROUND_M) / side_m) - left
        last_row = math.floor((boxes[edge, 3] + AROUND_M) / side_m) - low
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                near[row, column] = True
