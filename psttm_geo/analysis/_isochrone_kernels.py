"""Streets beside each square of a grid, times there, and outlines of what is reached in time; compiled.

The grid has squares of :data:`CELL_M` and, where a street runs through a square, :data:`FINER` times finer ones. What
is reached at a point depends on the point, the streets and their times alone, never on the order of work: squares and
blocks of squares that share a point agree on it to the last bit, and outlines close across them.

Stretches are the straight pieces of streets. Time grows along a street from both its ends and from the places on it
that walks begin at: its marks.
"""

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

CELL_M = 10.0

FINER = 4

REACH_M = 50.0
"""How far beside a street is still reached."""

UNREACHED = np.uint16(65535)

_STEP_M = CELL_M / FINER

_CARVE_M = _STEP_M * 0.5

_RADIUS_M = CELL_M / math.sqrt(2)

_SEEN_M = REACH_M + CELL_M
"""Distances are known this far, so that the line at the reach can be found between two points of the grid."""

_OUT_M = -_STEP_M / 2
"""Margin of a point that is taken to be outside whatever its own margin is."""

_LEAST = 0.01
"""Share of the side of a square that outlines keep from its corners: they never touch each other."""

_CORNERS = 4

_UNIFORM, _PLAIN, _FINE = 0, 1, 2
"""A square that no outline crosses; one that is drawn from its corners; one that is drawn finely."""

_SAFE, _LATE, _BETWEEN = 0, 1, 2
"""A stretch that all within reach of is reached in time; one that is not reached in time; any other."""

_END = 1e-9
"""Share of a street that is as good as its end."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]


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
    """Which stretches matter in the squares of a block and in the ring of squares around it.

    Attributes
    ----------
    left, low
        The first square of the ring.
    size
        Squares a side, the ring included.
    lines
        One row per stretch: x and y of its first end, x and y from there to the last, 1 / square of the length (0 for
        a point), where on the street the first end is (0 to 1), and how much of the street this is.
    edge
        The street of each stretch.
    offsets
        Where the list of each square begins, row by row; one more than squares.
    through
        How many of the list run through the square or within a fine step of it; they come first.
    near
        The lists.
    covered
        Whether the lower left corner of each square is within reach of a street.
    """

    left: int
    low: int
    size: int
    lines: Floats
    edge: Indices
    offsets: Indices
    through: Indices
    near: Indices
    covered: npt.NDArray[np.bool_]


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
def list_streets(
    lines: Floats, left: int, low: int, size: int
) -> tuple[Indices, Indices, Indices, npt.NDArray[np.bool_]]:  # pragma: no cover - compiled
    """Return `offsets`, `through`, `near` and `covered` of a :class:`Block`, from the stretches that may matter in it.

    Somewhere in a square a stretch can be the nearest one, or a fine step from being it on both sides, only if it is
    not farther from the centre than the nearest one there by more than a diagonal and two fine steps.
    """
    farthest = _SEEN_M + _RADIUS_M
    half = CELL_M / 2 + _STEP_M
    nearest = np.full(size * size, farthest * farthest)
    through, beside = np.zeros(size * size, np.int32), np.zeros(size * size, np.int32)
    offsets = np.zeros(size * size + 1, np.int32)
    near = np.empty(0, np.int32)
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
                    reach = min(math.sqrt(nearest[cell]) + 2 * (_RADIUS_M + _STEP_M), farthest)
                    if square > reach * reach:
                        continue
                    runs_through = square <= 2 * half * half and _meets(lines, stretch, x, y, half)
                    if turn == 1:
                        through[cell] += runs_through
                        beside[cell] += not runs_through
                    elif runs_through:
                        near[offsets[cell] + through[cell]] = stretch
                        through[cell] += 1
                    else:
                        near[offsets[cell + 1] - beside[cell]] = stretch
                        beside[cell] -= 1
        if turn == 1:
            offsets[1:] = np.cumsum(through + beside)
            near = np.empty(offsets[-1], np.int32)
            through[:] = 0
    covered = np.zeros(size * size, np.bool_)
    for cell in range(size * size):
        x, y = (left + cell % size) * CELL_M, (low + cell // size) * CELL_M
        for position in range(offsets[cell], offsets[cell + 1]):
            covered[cell] |= _away(x, y, lines, near[position])[0] <= REACH_M * REACH_M
    return offsets, through, near, covered


@numba.njit(cache=True, nogil=True, forceinline=True)
def _at_node(times: Times, node: int) -> float:  # pragma: no cover - compiled
    reached = times.node_ds[node]
    return np.inf if reached == UNREACHED else float(reached)


@numba.njit(cache=True, nogil=True, forceinline=True)
def _time_at(times: Times, edge: int, where: float) -> float:  # pragma: no cover - compiled
    """Return the time at a point of a street; a closed one is reached at its ends and nowhere else."""
    whole = times.edge_ds[edge]
    ahead, behind = _at_node(times, times.edge_from[edge]), _at_node(times, times.edge_to[edge])
    if whole < 0:
        return ahead if where <= _END else (behind if where >= 1.0 - _END else np.inf)
    best = min(ahead + where * whole, behind + (1.0 - where) * whole)
    mark = times.marked[edge]
    while 0 <= mark < len(times.marks) and times.marks[mark, 0] == edge:
        best = min(best, times.marks[mark, 2] + abs(where - times.marks[mark, 1]) * whole)
        mark += 1
    return best


@numba.njit(cache=True, nogil=True, forceinline=True)
def _kind(
    times: Times, edge: int, first: float, last: float, limit_ds: float, safe_ds: float
) -> int:  # pragma: no cover - compiled
    """Return :data:`_SAFE` if a stretch is reached by `safe_ds`, :data:`_LATE` if it is not by `limit_ds`, or neither.

    On a stretch without marks, time is highest at most half its length from one of its ends.
    """
    at_first, at_last = _time_at(times, edge, first), _time_at(times, edge, last)
    whole = times.edge_ds[edge]
    part = (last - first) * max(whole, 0)
    if whole >= 0 and (at_first + at_last + part) / 2 <= safe_ds:
        return _SAFE
    if min(at_first, at_last) <= limit_ds:
        return _BETWEEN
    mark = times.marked[edge]
    while 0 <= mark < len(times.marks) and times.marks[mark, 0] == edge:
        if first <= times.marks[mark, 1] <= last:
            return _BETWEEN
        mark += 1
    return _LATE


@numba.njit(cache=True, nogil=True)
def sort_streets(
    block: Block, times: Times, limit_ds: float, ds_per_m: float
) -> tuple[Bytes, int, int, int, int]:  # pragma: no cover - compiled
    """Return the kind of each stretch of a block, and the columns and rows that outlines may run through.

    Where no stretch is reached in time, the first column is beyond the last.
    """
    reach = _SEEN_M + _RADIUS_M + CELL_M
    kinds = np.empty(len(block.lines), np.uint8)
    first_column, last_column, first_row, last_row = block.size, -1, block.size, -1
    for stretch in range(len(block.lines)):
        start, part = block.lines[stretch, 5], block.lines[stretch, 6]
        safe_ds = limit_ds - (REACH_M + _STEP_M) * ds_per_m
        kinds[stretch] = _kind(times, block.edge[stretch], start, start + part, limit_ds, safe_ds)
        if kinds[stretch] != _LATE:
            first, last = _squares(block.lines[stretch, 0], block.lines[stretch, 2], reach, block.left, block.size)
            first_column, last_column = min(first_column, first), max(last_column, last)
            first, last = _squares(block.lines[stretch, 1], block.lines[stretch, 3], reach, block.low, block.size)
            first_row, last_row = min(first_row, first), max(last_row, last)
    if first_row > last_row:
        first_column, last_column = block.size, -1
    return kinds, first_column, last_column, first_row, last_row


@numba.njit(cache=True, nogil=True, forceinline=True)
def _margin(
    block: Block, times: Times, kinds: Bytes, cell: int, x: float, y: float, limit_ds: float, ds_per_m: float
) -> float:  # pragma: no cover - compiled
    """Return how many metres a point of a square is inside what is reached (negative: outside), at most a fine step.

    A point is inside if the walk along the nearest street and from there to the point takes no longer than the limit,
    and the street is within reach. The margin is the least of what is left of the walk, of the reach, and half of what
    the nearest street by which the point is not reached is farther; it never falls when the limit rises.
    """
    begin, end = block.offsets[cell], block.offsets[cell + 1]
    least = np.inf
    for position in range(begin, end):
        least = min(least, _away(x, y, block.lines, block.near[position])[0])
    if least > _SEEN_M * _SEEN_M:
        return -_STEP_M
    far = math.sqrt(least) + 2 * _STEP_M
    good, bad = np.inf, np.inf
    good_left, bad_left = np.inf, -np.inf
    for position in range(begin, end):
        stretch = block.near[position]
        square, where = _away(x, y, block.lines, stretch)
        if square > far * far:
            continue
        left = np.inf
        if kinds[stretch] == _LATE:
            left = -np.inf
        elif kinds[stretch] == _BETWEEN:
            place = block.lines[stretch, 5] + where * block.lines[stretch, 6]
            left = (limit_ds - _time_at(times, block.edge[stretch], place)) / ds_per_m - math.sqrt(square)
        if left >= 0.0:
            if square < good or (square == good and left > good_left):
                good, good_left = square, left
        elif square < bad or (square == bad and left > bad_left):
            bad, bad_left = square, left
    if bad < _CARVE_M * _CARVE_M and good < bad:
        return _OUT_M
    apart = (math.sqrt(bad) - math.sqrt(good)) / 2
    margin = min(good_left, apart) if good < bad else max(bad_left, min(apart, -1e-9))
    return max(min(margin, REACH_M - math.sqrt(least), _STEP_M), -_STEP_M)


@numba.njit(cache=True, nogil=True, forceinline=True)
def _kind_of_square(block: Block, kinds: Bytes, cell: int) -> int:  # pragma: no cover - compiled
    """Return the kind that all stretches which can be nearest in a square have; late without any."""
    begin, end = block.offsets[cell], block.offsets[cell + 1]
    if begin == end:
        return _LATE
    kind = kinds[block.near[begin]]
    for position in range(begin + 1, end):
        if kinds[block.near[position]] != kind:
            return _BETWEEN
    return kind


@numba.njit(cache=True, nogil=True)
def reached_box(
    times: Times, limit_ds: float, boxes: Floats
) -> tuple[float, float, float, float]:  # pragma: no cover - compiled
    """Return the box (as shapely writes boxes) around the streets reached at an end or marked; lows > highs for none."""
    left, low, right, high = np.inf, np.inf, -np.inf, -np.inf
    for edge in range(len(times.edge_ds)):
        first = min(times.node_ds[times.edge_from[edge]], times.node_ds[times.edge_to[edge]])
        if times.marked[edge] >= 0 or (first != UNREACHED and first <= limit_ds):
            left, low = min(left, boxes[edge, 0]), min(low, boxes[edge, 1])
            right, high = max(right, boxes[edge, 2]), max(high, boxes[edge, 3])
    return left, low, right, high


_TURNS = np.array(
    [
        # Where an outline enters and leaves a square (0 below, 1 right, 2 above, 3 left), what is reached on its left.
        # One row for each set of reached corners: 1 below left, 2 below right, 4 above right, 8 above left, added up.
        # Two opposite corners are kept apart.
        [-1, -1, -1, -1],
        [0, 3, -1, -1],
        [1, 0, -1, -1],
        [1, 3, -1, -1],
        [2, 1, -1, -1],
        [0, 3, 2, 1],
        [2, 0, -1, -1],
        [2, 3, -1, -1],
        [3, 2, -1, -1],
        [0, 2, -1, -1],
        [1, 0, 3, 2],
        [1, 2, -1, -1],
        [3, 1, -1, -1],
        [0, 1, -1, -1],
        [3, 0, -1, -1],
        [-1, -1, -1, -1],
    ],
    np.int64,
)

_KEY_BITS = 27

_KEY_ZERO = 1 << (_KEY_BITS - 1)


@numba.njit(cache=True, nogil=True, forceinline=True)
def _cross(
    column: int, row: int, upright: int, before: float, after: float, level: int
) -> tuple[int, float, float]:  # pragma: no cover - compiled
    """Return the key of a fine side and the point where the outline crosses it, from the margins at its two ends."""
    share = min(max(before / (before - after), _LEAST), 1.0 - _LEAST)
    key = (((level << _KEY_BITS) + row + _KEY_ZERO) << _KEY_BITS) + column + _KEY_ZERO
    x = (column + (0.0 if upright else share)) * _STEP_M
    y = (row + (share if upright else 0.0)) * _STEP_M
    return 2 * key + upright, x, y


@numba.njit(cache=True, nogil=True)
def _settle(side: Floats) -> int:  # pragma: no cover - compiled
    """Make margins along the side of a square change their sign at most once, as its ends say; return before which.

    Seen from the end that is reached, what is reached stops where it stops first. Returns -1 where the sign never
    changes.
    """
    last = len(side) - 1
    if (side[0] >= 0) == (side[last] >= 0):
        for place in range(1, last):
            side[place] = max(side[place], -_OUT_M) if side[0] >= 0 else min(side[place], _OUT_M)
        return -1
    step = 1 if side[0] >= 0 else -1
    place = 0 if step == 1 else last
    while side[place + step] >= 0:
        place += step
    change = place if step == 1 else place - 1
    while 0 < place + step < last:
        place += step
        side[place] = min(side[place], _OUT_M)
    return change


@numba.njit(cache=True, nogil=True)
def _states(
    block: Block, times: Times, kinds: Bytes, window: tuple[int, int, int, int], limit_ds: float, ds_per_m: float
) -> tuple[Bytes, npt.NDArray[np.bool_]]:  # pragma: no cover - compiled
    """Return how each square of a block is drawn, and which of their corners are inside."""
    size = block.size
    first_column, last_column, first_row, last_row = window
    inside = np.zeros((size + 1, size + 1), np.bool_)
    common = np.full((size + 1, size + 1), _LATE, np.uint8)
    for row in range(first_row, last_row + 1):
        for column in range(first_column, last_column + 1):
            cell = row * size + column
            kind = _kind_of_square(block, kinds, cell)
            common[row, column] = kind
            if kind == _SAFE:
                inside[row, column] = block.covered[cell]
            elif kind == _BETWEEN:
                x, y = (block.left + column) * CELL_M, (block.low + row) * CELL_M
                inside[row, column] = _margin(block, times, kinds, cell, x, y, limit_ds, ds_per_m) >= 0.0
    states = np.zeros((size, size), np.uint8)
    for row in range(first_row, last_row):
        for column in range(first_column, last_column):
            count = (
                int(inside[row, column])
                + inside[row, column + 1]
                + inside[row + 1, column]
                + inside[row + 1, column + 1]
            )
            cell = row * size + column
            reached, missed = count > 0, count < _CORNERS
            if block.through[cell] == 0:
                states[row, column] = _PLAIN if reached and missed else _UNIFORM
                continue
            if common[row, column] != _BETWEEN:
                reached |= common[row, column] == _SAFE
                missed |= common[row, column] == _LATE
            else:
                for position in range(block.offsets[cell], block.offsets[cell] + block.through[cell]):
                    reached |= kinds[block.near[position]] != _LATE
                    missed |= kinds[block.near[position]] != _SAFE
            states[row, column] = _FINE if reached and missed else _UNIFORM
    return states, inside


@numba.njit(cache=True, nogil=True)
def _find_change(
    block: Block,
    times: Times,
    kinds: Bytes,
    cell: int,
    start: tuple[int, int, int],
    ends: tuple[bool, bool],
    limit_ds: float,
    ds_per_m: float,
) -> tuple[int, float, float]:  # pragma: no cover - compiled
    """Return between which fine points the side of a plain square is crossed, and the margins at those two.

    The side starts at a fine column and row and is upright or not; of its two ends one is inside. The crossing is the
    first one seen from there. Returns -1 first where both ends are alike.
    """
    if ends[0] == ends[1]:
        return -1, 0.0, 0.0
    step = 1 if ends[0] else -1
    place = 0 if ends[0] else FINER
    column, row, upright = start
    here = 0.0
    known = False
    while True:
        there = -_STEP_M
        place += step
        x, y = (column + (0 if upright else place)) * _STEP_M, (row + (place if upright else 0)) * _STEP_M
        there = _margin(block, times, kinds, cell, x, y, limit_ds, ds_per_m)
        if there < 0.0 or not 0 < place < FINER:
            break
        here, known = there, True
    if not known:
        before = place - step
        x, y = (column + (0 if upright else before)) * _STEP_M, (row + (before if upright else 0)) * _STEP_M
        here = _margin(block, times, kinds, cell, x, y, limit_ds, ds_per_m)
    return (place - 1, here, there) if step == 1 else (place, there, here)


@numba.njit(cache=True, nogil=True)
def outline(
    block: Block, times: Times, limit_ds: float, ds_per_m: float, level: int
) -> tuple[Ints, Floats]:  # pragma: no cover - compiled
    size = block.size
    kinds, first_column, last_column, first_row, last_row = sort_streets(block, times, limit_ds, ds_per_m)
    keys, points, count = np.empty((1024, 2), np.int64), np.empty((1024, 2)), 0
    if first_column > last_column:
        return keys[:0], points[:0]
    window = (first_column, last_column, first_row, last_row)
    states, inside = _states(block, times, kinds, window, limit_ds, ds_per_m)
    margins = np.empty((FINER + 1, FINER + 1))
    lower = np.empty((size, 3))
    changes = np.empty((4, 3))
    for row in range(max(first_row, 1), min(last_row, size - 2) + 1):
        for column in range(max(first_column, 1), min(last_column, size - 2) + 1):
            state = states[row, column]
            if state == _UNIFORM:
                continue
            cell = row * size + column
            column_0, row_0 = (block.left + column) * FINER, (block.low + row) * FINER
            if count + 2 * FINER * FINER > len(keys):
                more_keys, more_points = np.empty((2 * len(keys), 2), np.int64), np.empty((2 * len(keys), 2))
                more_keys[:count], more_points[:count] = keys[:count], points[:count]
                keys, points = more_keys, more_points
            if state == _PLAIN:
                a, b, c, d = inside[row, column], inside[row, column + 1], inside[row + 1, column + 1], inside[row + 1, column]
                case = int(a) + 2 * b + 4 * c + 8 * d
                for side in range(4):
                    if side == 0:
                        if row > 1 and states[row - 1, column] == _PLAIN:
                            changes[0] = lower[column]
                            continue
                        begin, ends = (column_0, row_0, 0), (a, b)
                    elif side == 1:
                        begin, ends = (column_0 + FINER, row_0, 1), (b, c)
                    elif side == 2:
                        begin, ends = (column_0, row_0 + FINER, 0), (d, c)
                    else:
                        if column > 1 and states[row, column - 1] == _PLAIN:
                            changes[3] = changes[1]
                            continue
                        begin, ends = (column_0, row_0, 1), (a, d)
                    changes[side] = _find_change(block, times, kinds, cell, begin, ends, limit_ds, ds_per_m)
                lower[column] = changes[2]
                for turn in range(0, 4, 2):
                    if _TURNS[case, turn] < 0:
                        continue
                    for end in range(2):
                        side = _TURNS[case, turn + end]
                        upright = side % 2
                        place = int(changes[side, 0])
                        i = column_0 + (FINER if side == 1 else (0 if upright else place))
                        j = row_0 + (FINER if side == 2 else (place if upright else 0))
                        key, x, y = _cross(i, j, upright, changes[side, 1], changes[side, 2], level)
                        keys[count, end] = key
                        if end == 0:
                            points[count] = x, y
                    count += 1
                continue
            for j in range(FINER + 1):
                for i in range(FINER + 1):
                    x, y = (column_0 + i) * _STEP_M, (row_0 + j) * _STEP_M
                    margins[j, i] = _margin(block, times, kinds, cell, x, y, limit_ds, ds_per_m)
            if states[row - 1, column] != _FINE:
                _settle(margins[0])
            if states[row, column + 1] != _FINE:
                _settle(margins[:, FINER])
            if states[row + 1, column] != _FINE:
                _settle(margins[FINER])
            if states[row, column - 1] != _FINE:
                _settle(margins[:, 0])
            for j in range(FINER):
                for i in range(FINER):
                    case = (
                        int(margins[j, i] >= 0)
                        + 2 * (margins[j, i + 1] >= 0)
                        + 4 * (margins[j + 1, i + 1] >= 0)
                        + 8 * (margins[j + 1, i] >= 0)
                    )
                    for turn in range(0, 4, 2):
                        if _TURNS[case, turn] < 0:
                            continue
                        for end in range(2):
                            side = _TURNS[case, turn + end]
                            upright = side % 2
                            a, b = i + (side == 1), j + (side == 2)
                            after = margins[b + 1, a] if upright else margins[b, a + 1]
                            key, x, y = _cross(column_0 + a, row_0 + b, upright, margins[b, a], after, level)
                            keys[count, end] = key
                            if end == 0:
                                points[count] = x, y
                        count += 1
    return keys[:count], points[:count]


@numba.njit(cache=True, nogil=True)
def rings(following: Ints) -> tuple[Ints, Ints]:  # pragma: no cover - compiled
    """Return the rings that pieces make, each from its first piece on, and where each begins (one more than rings)."""
    order, offsets = np.empty(len(following), np.int64), np.empty(len(following) + 1, np.int64)
    taken = np.zeros(len(following), np.bool_)
    count, found = 0, 0
    for start in range(len(following)):
        piece = start
        if not taken[piece]:
            offsets[found] = count
            found += 1
        while not taken[piece]:
            taken[piece] = True
            order[count] = piece
            count += 1
            piece = following[piece]
    offsets[found] = count
    return order, offsets[: found + 1]
