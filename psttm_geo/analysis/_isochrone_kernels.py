"""Where the streets near the points of a grid are reached in time, and the outline of that; compiled.

What is worked out for a point depends on the point, the streets and their times alone, never on the order of work:
parts of a grid that share points agree on them to the last bit.

Stretches are the straight pieces of streets. Time grows along a street from both its ends and from the places on it
that walks begin at: its marks.
"""

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.analysis._outline_kernels import FINER, trace_square
from psttm_geo.model.walks import UNREACHED

CELL_M = 10.0
"""Side of the squares that the streets near them are listed for."""

COARSE, FINE = 3, 3 * FINER
"""Steps along the side of a square, and of one where streets that do not meet run close together."""

STEP_M = CELL_M / COARSE

FINE_STEP_M = CELL_M / FINE

REACH_M = 50.0
"""How far beside a street is still reached."""

_CLOSE_M = STEP_M
"""Streets that come nearer than this to each other leave strips to each that the points of the grid could miss."""

_ON_STREET_M = FINE_STEP_M / 2
"""A point is taken to be on every street that is so near: none passes between the points of a fine grid unseen."""

_RADIUS_M = CELL_M / math.sqrt(2)

_GUARD = 1e-6
"""More than rounding can make of metres and deciseconds, where a square is judged as a whole."""

_EXACT_M = 0.02
"""How exactly the place is found where an outline crosses the side between two points."""

_SAFE, _LATE, _BETWEEN = 0, 1, 2
"""A stretch by which all within reach is reached in time; one that is not reached in time; any other."""

_OUTSIDE, _INSIDE, _EDGE, _MIXED = 0, 1, 2, 3
"""A square of which nothing is reached; all; all that is within reach of a street; any other."""

_ROWS = 5
"""What is noted of points: x, y, square of the distance to the nearest stretch, which it is, how many they are on."""

_ROOM = 2 * FINE * FINE
"""Segments: an outline runs at most twice through a cell."""

_END = 1e-9
"""Share of a street that is as good as its end."""

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
    marked
        For each street the first of its marks, -1 for none.
    marks
        Street, where on it (0 to 1), deciseconds; sorted.
    """

    node_ds: npt.NDArray[np.uint16]
    edge_from: Indices
    edge_to: Indices
    edge_ds: Indices
    marked: Indices
    marks: Floats


class Block(NamedTuple):
    """Which stretches matter in the squares of a block.

    Attributes
    ----------
    left, low
        The first square.
    size
        Squares a side.
    lines
        One row per stretch: x and y of its first end, x and y from there to the last, 1 / square of the length (0 for
        a point), where on the street the first end is (0 to 1), and how much of the street this is.
    edge
        The street of each stretch.
    offsets
        Where the list of each square begins, row by row; one more than squares.
    near
        The lists.
    covered
        Whether all of the square is within reach of a street.
    tangled
        Whether streets that do not meet run close together in the square.
    """

    left: int
    low: int
    size: int
    lines: Floats
    edge: Indices
    offsets: Indices
    near: Indices
    covered: Flags
    tangled: Flags


@numba.njit(cache=True, nogil=True, forceinline=True)
def _away(x: float, y: float, lines: Floats, stretch: int) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the square of the distance to a stretch, and where on the stretch the nearest point is (0 to 1)."""
    to_x, to_y = x - lines[stretch, 0], y - lines[stretch, 1]
    along_x, along_y = lines[stretch, 2], lines[stretch, 3]
    where = min(max((to_x * along_x + to_y * along_y) * lines[stretch, 4], 0.0), 1.0)
    to_x -= where * along_x
    to_y -= where * along_y
    return to_x * to_x + to_y * to_y, where


@numba.njit(cache=True, nogil=True)
def _meets(lines: Floats, stretch: int, x: float, y: float, half: float) -> bool:  # pragma: no cover - compiled
    """Return whether a stretch comes within `half` of a point in x and in y at once.

    Liang, Y.-D., Barsky, B. A. (1984), A new concept and method for line clipping, ACM Transactions on Graphics 3(1).
    """
    first, last = 0.0, 1.0
    for axis in range(2):
        start, along = lines[stretch, axis], lines[stretch, 2 + axis]
        centre = x if axis == 0 else y
        if along == 0.0:
            if abs(start - centre) > half:
                return False
            continue
        enters, leaves = (centre - half - start) / along, (centre + half - start) / along
        if along < 0.0:
            enters, leaves = leaves, enters
        first, last = max(first, enters), min(last, leaves)
    return first <= last


@numba.njit(cache=True, nogil=True)
def _squares(
    start: float, along: float, reach: float, before: int, size: int
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Return the first and the last of a row of squares whose centre is within `reach` of a stretch in x, or in y."""
    first = math.ceil((min(start, start + along) - reach) / CELL_M - 0.5) - before
    last = math.floor((max(start, start + along) + reach) / CELL_M - 0.5) - before
    return max(first, 0), min(last, size - 1)


@numba.njit(cache=True, nogil=True)
def _come_close(lines: Floats, one: int, other: int) -> bool:  # pragma: no cover - compiled
    """Return whether two stretches cross or come nearer to each other than :data:`_CLOSE_M`."""
    least = np.inf
    for first, second in ((one, other), (other, one)):
        x, y = lines[first, 0], lines[first, 1]
        least = min(least, _away(x, y, lines, second)[0])
        least = min(least, _away(x + lines[first, 2], y + lines[first, 3], lines, second)[0])
    if least < _CLOSE_M * _CLOSE_M:
        return True
    # Each has its ends on both sides of the other.
    for first, second in ((one, other), (other, one)):
        to_x, to_y = lines[second, 0] - lines[first, 0], lines[second, 1] - lines[first, 1]
        begin = lines[first, 2] * to_y - lines[first, 3] * to_x
        to_x, to_y = to_x + lines[second, 2], to_y + lines[second, 3]
        if (begin > 0.0) == (lines[first, 2] * to_y - lines[first, 3] * to_x > 0.0):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _is_tangled(lines: Floats, ends: Indices, near: Indices, x: float, y: float) -> bool:  # pragma: no cover - compiled
    """Return whether two of the stretches that run through a square come close though their streets do not meet."""
    half = CELL_M / 2 + STEP_M
    for position in range(1, len(near)):
        one = near[position]
        if not _meets(lines, one, x, y, half):
            continue
        for before in range(position):
            other = near[before]
            meet = (
                ends[one, 0] == ends[other, 0]
                or ends[one, 0] == ends[other, 1]
                or ends[one, 1] == ends[other, 0]
                or ends[one, 1] == ends[other, 1]
            )
            if not meet and _meets(lines, other, x, y, half) and _come_close(lines, one, other):
                return True
    return False


@numba.njit(cache=True, nogil=True)
def list_streets(
    lines: Floats, ends: Indices, left: int, low: int, size: int
) -> tuple[Indices, Indices, Flags, Flags]:  # pragma: no cover - compiled
    """Return `offsets`, `near`, `covered` and `tangled` of a :class:`Block`, from the stretches that may matter in it.

    `ends` are the nodes at the ends of the street of each stretch. Somewhere in a square a stretch can be the nearest
    one only if it is not farther from the centre than the nearest one there by more than a diagonal. Of points a step
    beyond the reach the nearest one is listed too.
    """
    farthest = REACH_M + STEP_M + _RADIUS_M + _GUARD
    nearest = np.full(size * size, farthest * farthest)
    offsets = np.zeros(size * size + 1, np.int32)
    near, room = np.empty(0, np.int32), np.empty(0, np.int32)
    for turn in range(3):
        for stretch in range(len(lines)):
            first_column, last_column = _squares(lines[stretch, 0], lines[stretch, 2], farthest, left, size)
            first_row, last_row = _squares(lines[stretch, 1], lines[stretch, 3], farthest, low, size)
            for row in range(first_row, last_row + 1):
                y = (low + row + 0.5) * CELL_M
                for column in range(first_column, last_column + 1):
                    x = (left + column + 0.5) * CELL_M
                    cell = row * size + column
                    square, _ = _away(x, y, lines, stretch)
                    if turn == 0:
                        nearest[cell] = min(nearest[cell], square)
                        continue
                    reach = min(math.sqrt(nearest[cell]) + 2 * _RADIUS_M + _GUARD, farthest)
                    if square > reach * reach:
                        continue
                    if turn == 1:
                        offsets[cell + 1] += 1
                    else:
                        near[room[cell]] = stretch
                        room[cell] += 1
        if turn == 1:
            offsets = np.cumsum(offsets).astype(np.int32)
            near, room = np.empty(offsets[-1], np.int32), offsets.copy()
    tangled = np.zeros(size * size, np.bool_)
    for cell in range(size * size):
        if offsets[cell + 1] - offsets[cell] > 1:
            x, y = (left + cell % size + 0.5) * CELL_M, (low + cell // size + 0.5) * CELL_M
            tangled[cell] = _is_tangled(lines, ends, near[offsets[cell] : offsets[cell + 1]], x, y)
    return offsets, near, np.sqrt(nearest) <= REACH_M - _RADIUS_M - _GUARD, tangled


@numba.njit(cache=True, nogil=True, forceinline=True)
def _at_node(node_ds: npt.NDArray[np.uint16], node: int) -> float:  # pragma: no cover - compiled
    return np.inf if node_ds[node] == UNREACHED else float(node_ds[node])


@numba.njit(cache=True, nogil=True, forceinline=True)
def _time_at(streets: Floats, stretch: int, marks: Floats, where: float) -> float:  # pragma: no cover - compiled
    """Return the time at a point of a stretch's street; a closed one is reached at its ends and nowhere else.

    `streets` are those of :func:`_sort_streets`.
    """
    ahead, behind, whole = streets[stretch, 0], streets[stretch, 1], streets[stretch, 2]
    if whole < 0.0:
        return ahead if where <= _END else (behind if where >= 1.0 - _END else np.inf)
    best = min(ahead + where * whole, behind + (1.0 - where) * whole)
    if streets[stretch, 3] >= 0.0:
        mark = first = int(streets[stretch, 3])
        while mark < len(marks) and marks[mark, 0] == marks[first, 0]:
            best = min(best, marks[mark, 2] + abs(where - marks[mark, 1]) * whole)
            mark += 1
    return float(best)


@numba.njit(cache=True, nogil=True, forceinline=True)
def _kind(
    streets: Floats, stretch: int, marks: Floats, first: float, last: float, limit_ds: float, safe_ds: float
) -> int:  # pragma: no cover - compiled
    """Return :data:`_SAFE` if a stretch is reached by `safe_ds`, :data:`_LATE` if it is not by `limit_ds`, or neither.

    On a stretch without marks, time is highest at most half its length from one of its ends.
    """
    at_first, at_last = _time_at(streets, stretch, marks, first), _time_at(streets, stretch, marks, last)
    whole = streets[stretch, 2]
    part = (last - first) * max(whole, 0.0)
    if whole >= 0.0 and (at_first + at_last + part) / 2 <= safe_ds:
        return _SAFE
    if min(at_first, at_last) <= limit_ds:
        return _BETWEEN
    if streets[stretch, 3] >= 0.0:
        mark = begin = int(streets[stretch, 3])
        while mark < len(marks) and marks[mark, 0] == marks[begin, 0]:
            if first <= marks[mark, 1] <= last:
                return _BETWEEN
            mark += 1
    return _LATE


@numba.njit(cache=True, nogil=True)
def reached_box(
    times: Times, limit_ds: float, boxes: Floats
) -> tuple[float, float, float, float]:  # pragma: no cover - compiled
    """Return the box around the streets reached at an end or marked, as shapely writes boxes; west > east for none."""
    left, low, right, high = np.inf, np.inf, -np.inf, -np.inf
    for edge in range(len(times.edge_ds)):
        first = min(times.node_ds[times.edge_from[edge]], times.node_ds[times.edge_to[edge]])
        if times.marked[edge] >= 0 or (first != UNREACHED and first <= limit_ds):
            left, low = min(left, boxes[edge, 0]), min(low, boxes[edge, 1])
            right, high = max(right, boxes[edge, 2]), max(high, boxes[edge, 3])
    return left, low, right, high


@numba.njit(cache=True, nogil=True, forceinline=True)
def _in_time(
    lines: Floats,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    stretch: int,
    where: float,
    square: float,
    limit_ds: float,
    ds_per_m: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether a point is within reach of a place on a stretch, and the walk there and to the point in time."""
    if square > REACH_M * REACH_M or kinds[stretch] == _LATE:
        return False
    if kinds[stretch] == _SAFE:
        return True
    place = lines[stretch, 5] + where * lines[stretch, 6]
    return bool(_time_at(streets, stretch, marks, place) + math.sqrt(square) * ds_per_m <= limit_ds)


@numba.njit(cache=True, nogil=True, forceinline=True)
def _judge(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    x: float,
    y: float,
    limit_ds: float,
    ds_per_m: float,
) -> int:  # pragma: no cover - compiled
    """Return what is reached of a square around a point, if one can say so of all of it.

    From the centre to any point of a square it is half a diagonal at most. Of each step on the way, what lies along a
    stretch moves the nearest place on it, and what lies across changes the distance.
    """
    least = np.inf
    safe = late = True
    for position in range(begin, end):
        stretch = near[position]
        square, where = _away(x, y, lines, stretch)
        least = min(least, square)
        kind = kinds[stretch]
        if kind != _BETWEEN:
            safe, late = safe and kind == _SAFE, late and kind == _LATE
        elif streets[stretch, 2] < 0.0:
            safe = late = False
        elif safe or late:
            place = lines[stretch, 5] + where * lines[stretch, 6]
            time = _time_at(streets, stretch, marks, place) + math.sqrt(square) * ds_per_m
            along = streets[stretch, 2] * lines[stretch, 6] * math.sqrt(lines[stretch, 4])
            change = _RADIUS_M * math.hypot(along, ds_per_m) + _GUARD
            safe, late = safe and time + change <= limit_ds, late and time - change > limit_ds
    distance = math.sqrt(least)
    if late or distance > REACH_M + _RADIUS_M + _GUARD:
        return _OUTSIDE
    if not safe:
        return _MIXED
    return _INSIDE if distance <= REACH_M - _RADIUS_M - _GUARD else _EDGE


@numba.njit(cache=True, nogil=True)
def _find_nearest(
    lines: Floats, near: Indices, begin: int, end: int, grid: Floats, count: int
) -> None:  # pragma: no cover - compiled
    """Write the square of the distance to the nearest stretch of each point, and which one it is, the first of several.

    Points are measured in step and without branches, several at once.
    """
    x, y, least, nearest, on_streets = grid[0], grid[1], grid[2], grid[3], grid[4]
    least[:count], nearest[:count], on_streets[:count] = np.inf, -1.0, 0.0
    for position in range(begin, end):
        stretch = near[position]
        start_x, start_y, along_x, along_y = lines[stretch, 0], lines[stretch, 1], lines[stretch, 2], lines[stretch, 3]
        per_square, number = lines[stretch, 4], float(stretch)
        for point in range(count):
            to_x, to_y = x[point] - start_x, y[point] - start_y
            where = min(max((to_x * along_x + to_y * along_y) * per_square, 0.0), 1.0)
            to_x -= where * along_x
            to_y -= where * along_y
            square = to_x * to_x + to_y * to_y
            nearer = (square < least[point]) | ((square == least[point]) & (number < nearest[point]))
            least[point] = square if nearer else least[point]
            nearest[point] = number if nearer else nearest[point]
            on_streets[point] += 1.0 if square < _ON_STREET_M * _ON_STREET_M else 0.0


@numba.njit(cache=True, nogil=True, forceinline=True)
def _find_crossing(
    lines: Floats,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    x: float,
    y: float,
    step_x: float,
    step_y: float,
    one: int,
    other: int,
    inside: int,
    limit_ds: float,
    ds_per_m: float,
) -> float:  # pragma: no cover - compiled
    """Return where between two points, of which the first is inside or the second, an outline is (0 to 1, both apart).

    Of the streets the nearest ones of both points are asked. Halving the way finds a place that only moves towards the
    point that is outside when the limit rises.
    """
    low, high = 0.0, 1.0
    while (high - low) * (step_x + step_y) > _EXACT_M:
        middle = (low + high) / 2
        here_x, here_y = x + middle * step_x, y + middle * step_y
        square, where = _away(here_x, here_y, lines, one)
        nearest = one
        if other != one:
            other_square, other_where = _away(here_x, here_y, lines, other)
            if other_square < square or (other_square == square and other < one):
                square, where, nearest = other_square, other_where, other
        if _in_time(lines, kinds, streets, marks, nearest, where, square, limit_ds, ds_per_m) == (inside > 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


@numba.njit(cache=True, nogil=True, forceinline=True)
def _common_kind(kinds: Bytes, near: Indices, begin: int, end: int) -> int:  # pragma: no cover - compiled
    """Return the kind that all stretches of a part of a list have, or :data:`_BETWEEN`; late without any."""
    if begin == end:
        return _LATE
    kind = kinds[near[begin]]
    for position in range(begin + 1, end):
        if kinds[near[position]] != kind:
            return _BETWEEN
    return int(kind)


@numba.njit(cache=True, nogil=True)
def _sort_streets(
    block: Block, times: Times, limit_ds: float, ds_per_m: float
) -> tuple[Bytes, Floats]:  # pragma: no cover - compiled
    """Return the kind of each stretch of a block, and of its street.

    Rows of the latter are the times at both ends of a street, the time along it (negative if closed), and the first of
    its marks (negative for none).
    """
    edges, lines, marks = block.edge, block.lines, times.marks
    node_ds, edge_from, edge_to = times.node_ds, times.edge_from, times.edge_to
    edge_ds, marked = times.edge_ds, times.marked
    kinds, streets = np.empty(len(lines), np.uint8), np.empty((len(lines), 4))
    safe_ds = limit_ds - REACH_M * ds_per_m - _GUARD
    for stretch in range(len(lines)):
        edge = edges[stretch]
        streets[stretch, 0] = _at_node(node_ds, edge_from[edge])
        streets[stretch, 1] = _at_node(node_ds, edge_to[edge])
        streets[stretch, 2] = edge_ds[edge]
        streets[stretch, 3] = marked[edge]
        start = lines[stretch, 5]
        last = start + lines[stretch, 6]
        kinds[stretch] = _kind(streets, stretch, marks, start, last, limit_ds, safe_ds)
    return kinds, streets


@numba.njit(cache=True, nogil=True)
def _ask_middle(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    x: float,
    y: float,
    limit_ds: float,
    ds_per_m: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether a point is inside."""
    least, at, nearest = np.inf, 0.0, -1
    for position in range(begin, end):
        square, where = _away(x, y, lines, near[position])
        if square < least or (square == least and near[position] < nearest):
            least, at, nearest = square, where, near[position]
    return bool(_in_time(lines, kinds, streets, marks, nearest, at, least, limit_ds, ds_per_m))


@numba.njit(cache=True, nogil=True)
def _all_in_time(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    x: float,
    y: float,
    limit_ds: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether all stretches that a point is on are reached in time there."""
    for position in range(begin, end):
        stretch = near[position]
        square, where = _away(x, y, lines, stretch)
        if square < _ON_STREET_M * _ON_STREET_M and kinds[stretch] != _SAFE:
            place = lines[stretch, 5] + where * lines[stretch, 6]
            if _time_at(streets, stretch, marks, place) > limit_ds:
                return False
    return True


@numba.njit(cache=True, nogil=True)
def _ask_points(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    grid: Floats,
    parts: int,
    judged: int,
    limit_ds: float,
    ds_per_m: float,
    inside: Bytes,
) -> int:  # pragma: no cover - compiled
    """Write which points of a square are inside, and return how many."""
    x, y, least, nearest, on_streets = grid[0], grid[1], grid[2], grid[3], grid[4]
    within = 0
    for row in range(parts + 1):
        for column in range(parts + 1):
            point = row * (parts + 1) + column
            here = least[point] <= REACH_M * REACH_M
            if here and judged == _MIXED:
                stretch = int(nearest[point])
                here = kinds[stretch] == _SAFE
                if kinds[stretch] == _BETWEEN:
                    _, where = _away(x[point], y[point], lines, stretch)
                    here = _in_time(lines, kinds, streets, marks, stretch, where, least[point], limit_ds, ds_per_m)
                if here and on_streets[point] > 1.0:
                    here = _all_in_time(lines, near, begin, end, kinds, streets, marks, x[point], y[point], limit_ds)
            inside[row, column] = here
            within += here
    return within


@numba.njit(cache=True, nogil=True, forceinline=True)
def _cross_side(
    lines: Floats,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    grid: Floats,
    parts: int,
    row: int,
    column: int,
    upright: int,
    length: int,
    inside: Bytes,
    limit_ds: float,
    ds_per_m: float,
) -> float:  # pragma: no cover - compiled
    """Return where a side that begins at a point of a square is crossed, in fine steps of which it has `length`."""
    x, y, nearest = grid[0], grid[1], grid[3]
    point = row * (parts + 1) + column
    other = point + length * parts // FINE * (parts + 1 if upright == 1 else 1)
    along = length * FINE_STEP_M
    share = _find_crossing(
        lines,
        kinds,
        streets,
        marks,
        x[point],
        y[point],
        0.0 if upright == 1 else along,
        along if upright == 1 else 0.0,
        int(nearest[point]),
        int(nearest[other]),
        inside[row, column],
        limit_ds,
        ds_per_m,
    )
    return share * length


@numba.njit(cache=True, nogil=True)
def _settle_sides(
    lines: Floats,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    grid: Floats,
    coarse: Flags,
    inside: Bytes,
    limit_ds: float,
    ds_per_m: float,
) -> None:  # pragma: no cover - compiled
    """Write which points on the coarse sides of a fine square are inside as the square beyond the side draws it."""
    for side in range(len(coarse)):
        if not coarse[side]:
            continue
        upright = side % 2
        # Sides go round the square: the lower, right, upper, left one.
        row_there, column_there = (side == 2) * FINE, (side == 1) * FINE  # noqa: PLR2004 - the upper side
        for first in range(0, FINE, FINER):
            row, column = (first, column_there) if upright == 1 else (row_there, first)
            here = inside[row, column]
            last = inside[row + FINER * upright, column + FINER * (1 - upright)]
            crossed = float(FINER)
            if here != last:
                crossed = _cross_side(
                    lines, kinds, streets, marks, grid, FINE, row, column, upright, FINER, inside, limit_ds, ds_per_m
                )
            for step in range(1, FINER):
                inside[row + step * upright, column + step * (1 - upright)] = here if step < crossed else last


@numba.njit(cache=True, nogil=True)
def trace_block(
    block: Block, times: Times, limit_ds: float, ds_per_m: float, box: tuple[int, int, int, int]
) -> tuple[Longs, Floats]:  # pragma: no cover - compiled
    """Return the segments of outlines in a block, without the outermost squares, which other blocks have too.

    Parameters
    ----------
    block, times
        Streets and when they are reached.
    limit_ds, ds_per_m
        The limit, and how long a metre beside the streets takes.
    box
        The squares that matter: first column and row, and those after the last ones.

    Returns
    -------
    tuple of ndarray
        The sides that segments begin and end on, as :func:`psttm_geo.analysis._outline_kernels.trace_square` writes
        them, and where they begin, in fine steps.
    """
    lines, near, offsets, marks, size = block.lines, block.near, block.offsets, times.marks, block.size
    tangled, covered = block.tangled, block.covered
    links, points = np.empty((_ROOM, 2), np.int64), np.empty((_ROOM, 2))
    count = 0
    kinds, streets = _sort_streets(block, times, limit_ds, ds_per_m)
    grid = np.empty((_ROWS, (FINE + 1) ** 2))
    inside, middles = np.zeros((FINE + 1, FINE + 1), np.uint8), np.zeros((FINE, FINE), np.uint8)
    begins, coarse = np.empty((_ROOM, 4), np.int32), np.zeros(4, np.bool_)
    for row in range(max(1, box[1] - block.low), min(size - 1, box[3] - block.low)):
        for column in range(max(1, box[0] - block.left), min(size - 1, box[2] - block.left)):
            cell = row * size + column
            begin, end = offsets[cell], offsets[cell + 1]
            kind = _common_kind(kinds, near, begin, end)
            if kind == _LATE or (kind == _SAFE and covered[cell]):
                continue
            x, y = (block.left + column + 0.5) * CELL_M, (block.low + row + 0.5) * CELL_M
            judged = _judge(lines, near, begin, end, kinds, streets, marks, x, y, limit_ds, ds_per_m)
            if judged <= _INSIDE:
                continue
            parts = FINE if tangled[cell] else COARSE
            step = FINE // parts
            left, low = (block.left + column) * FINE, (block.low + row) * FINE
            every = (parts + 1) * (parts + 1)
            for point in range(every):
                grid[0, point] = (left + point % (parts + 1) * step) * FINE_STEP_M
                grid[1, point] = (low + point // (parts + 1) * step) * FINE_STEP_M
            _find_nearest(lines, near, begin, end, grid, every)
            within = _ask_points(
                lines, near, begin, end, kinds, streets, marks, grid, parts, judged, limit_ds, ds_per_m, inside
            )
            if not 0 < within < every:
                continue
            coarse[:] = step > 1
            if step == 1:
                coarse[0], coarse[1] = not tangled[cell - size], not tangled[cell + 1]
                coarse[2], coarse[3] = not tangled[cell + size], not tangled[cell - 1]
                _settle_sides(lines, kinds, streets, marks, grid, coarse, inside, limit_ds, ds_per_m)
            for j in range(parts):
                for i in range(parts):
                    first, second = inside[j, i], inside[j, i + 1]
                    if first != second and first == inside[j + 1, i + 1] and second == inside[j + 1, i]:
                        x, y = (left + (i + 0.5) * step) * FINE_STEP_M, (low + (j + 0.5) * step) * FINE_STEP_M
                        middles[j, i] = _ask_middle(
                            lines, near, begin, end, kinds, streets, marks, x, y, limit_ds, ds_per_m
                        )
            if len(links) < count + _ROOM:
                # Twice the room.
                links, points = np.concatenate((links, links)), np.concatenate((points, points))
            before = count
            count = trace_square(inside, middles, left, low, step, parts, coarse, links, begins, count)
            for segment in range(before, count):
                side = begins[segment - before]
                j, i, upright, length = side[0], side[1], side[2], side[3]
                crossed = _cross_side(
                    lines, kinds, streets, marks, grid, parts, j, i, upright, length, inside, limit_ds, ds_per_m
                )
                points[segment, 0] = left + i * step + (1 - upright) * crossed
                points[segment, 1] = low + j * step + upright * crossed
    return links[:count].copy(), points[:count].copy()
