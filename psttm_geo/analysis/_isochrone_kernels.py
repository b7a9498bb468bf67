"""How far inside what is reached in time the points of a fine grid are, from the streets near each of them; compiled.

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

from psttm_geo.model.walks import UNREACHED

CELL_M = 10.0
"""Side of the squares that the streets near them are listed for."""

FINER = 3
"""Steps of the fine grid along the side of a square."""

STEP_M = CELL_M / FINER

REACH_M = 50.0
"""How far beside a street is still reached."""

_ON_STREET_M = STEP_M / 2
"""A point is taken to be on every street that is so near: no street passes between the points of the grid unseen."""

_RADIUS_M = CELL_M / math.sqrt(2)

_SEEN_M = REACH_M + 2 * STEP_M
"""Streets are looked for this far, so that the end of the reach can be found between two points of the grid."""

_LEAST_M = STEP_M / 100
"""Points are not nearer to an outline, in either direction, so that outlines never touch each other in a point."""

FAR_OUT_M = -2 * STEP_M
"""Margin of a point that is outside by more than is worked out."""

_CORNERS = 4

_SAFE, _LATE, _BETWEEN = 0, 1, 2
"""A stretch by which all within reach is reached in time; one that is not reached in time; any other."""

_END = 1e-9
"""Share of a street that is as good as its end."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
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
    through
        How many of the list run through the square or within a step of it; they come first.
    near
        The lists.
    covered
        Whether all of the square is within reach of a street.
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

    Somewhere in a square a stretch can be the nearest one, or two steps from being it, only if it is not farther from
    the centre than the nearest one there by more than a diagonal and two steps.
    """
    farthest = _SEEN_M + _RADIUS_M
    half = CELL_M / 2 + STEP_M
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
                    reach = min(math.sqrt(nearest[cell]) + 2 * (_RADIUS_M + STEP_M), farthest)
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
    return offsets, through, near, np.sqrt(nearest) <= REACH_M - _RADIUS_M


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
    return float(best)


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
def _margin(
    block: Block,
    times: Times,
    kinds: Bytes,
    cell: int,
    x: float,
    y: float,
    limit_ds: float,
    ds_per_m: float,
    squares: Floats,
) -> float:  # pragma: no cover - compiled
    """Return how many metres a point of a square is inside what is reached (negative: outside), at most a step.

    A point is inside if the walk along the nearest street and from there to the point takes no longer than the limit,
    and the street is within reach. The margin is the least of what is left of the walk, of the reach, and half of what
    the nearest street by which the point is not reached is farther; on a street, also of what is left on it. It never
    falls when the limit rises. `squares` is room for the squares of distances.
    """
    # Taken out of the block once: each time counts.
    lines, near = block.lines, block.near
    begin, end = block.offsets[cell], block.offsets[cell + 1]
    least = np.inf
    for position in range(begin, end):
        squares[position - begin], _ = _away(x, y, lines, near[position])
        least = min(least, squares[position - begin])
    if least > _SEEN_M * _SEEN_M:
        return -STEP_M
    far = math.sqrt(least) + 2 * STEP_M
    good, bad = np.inf, np.inf
    good_left, bad_left = np.inf, -np.inf
    margin = min(REACH_M - math.sqrt(least), STEP_M)
    for position in range(begin, end):
        square = squares[position - begin]
        if square > far * far:
            continue
        stretch = near[position]
        left = np.inf
        if kinds[stretch] == _LATE:
            left = -np.inf
        elif kinds[stretch] == _BETWEEN:
            _, where = _away(x, y, lines, stretch)
            place = lines[stretch, 5] + where * lines[stretch, 6]
            left = (limit_ds - _time_at(times, block.edge[stretch], place)) / ds_per_m - math.sqrt(square)
        if square < _ON_STREET_M * _ON_STREET_M:
            margin = min(margin, left)
        if left >= 0.0:
            if square < good or (square == good and left > good_left):
                good, good_left = square, left
        elif square < bad or (square == bad and left > bad_left):
            bad, bad_left = square, left
    apart = (math.sqrt(bad) - math.sqrt(good)) / 2
    margin = min(margin, min(good_left, apart) if good < bad else max(bad_left, min(apart, 0.0)))
    if margin >= 0.0 and good < bad:
        return max(margin, _LEAST_M)
    return max(min(margin, -_LEAST_M), -STEP_M)


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
def _sort_streets(block: Block, times: Times, limit_ds: float, ds_per_m: float) -> Bytes:  # pragma: no cover - compiled
    """Return the kind of each stretch of a block."""
    kinds = np.empty(len(block.lines), np.uint8)
    safe_ds = limit_ds - (_SEEN_M + STEP_M) * ds_per_m
    for stretch in range(len(block.lines)):
        start, part = block.lines[stretch, 5], block.lines[stretch, 6]
        kinds[stretch] = _kind(times, block.edge[stretch], start, start + part, limit_ds, safe_ds)
    return kinds


@numba.njit(cache=True, nogil=True)
def _fill_square(
    block: Block,
    times: Times,
    kinds: Bytes,
    corners: Floats,
    squares: Floats,
    row: int,
    column: int,
    inside: bool,  # noqa: FBT001 - kernels take no keywords
    limit_ds: float,
    ds_per_m: float,
    left: int,
    low: int,
    margins: Floats,
) -> None:  # pragma: no cover - compiled
    """Write the margins of the points of a square, its sides included, unless all of it is outside.

    `inside` says that all of it is known to be inside. Otherwise, where no street that is reached in part runs through
    a square, its corners tell whether an outline does.
    """
    cell = row * block.size + column
    uniform = inside
    if not uniform:
        count = 0
        for corner in range(_CORNERS):
            j, i = row + corner // 2, column + corner % 2
            if np.isnan(corners[j, i]):
                x, y = (block.left + i) * CELL_M, (block.low + j) * CELL_M
                corners[j, i] = _margin(block, times, kinds, cell, x, y, limit_ds, ds_per_m, squares)
            count += corners[j, i] > 0.0
        inside = count == _CORNERS
        uniform = inside or count == 0
        if block.through[cell] > 0:
            begin = block.offsets[cell]
            common = _common_kind(kinds, block.near, begin, begin + block.through[cell])
            uniform = uniform and common == (_SAFE if inside else _LATE)
    if uniform and not inside:
        return
    first_row, first_column = (block.low + row - low) * FINER, (block.left + column - left) * FINER
    for j in range(max(first_row, 0), min(first_row + FINER + 1, margins.shape[0])):
        for i in range(max(first_column, 0), min(first_column + FINER + 1, margins.shape[1])):
            # On a side, what is worked out for one of the squares goes before what stands for all of the other one.
            if uniform and margins[j, i] == FAR_OUT_M:
                margins[j, i] = STEP_M
            elif not uniform and margins[j, i] in (FAR_OUT_M, STEP_M):
                x, y = (left * FINER + i) * CELL_M / FINER, (low * FINER + j) * CELL_M / FINER
                margins[j, i] = _margin(block, times, kinds, cell, x, y, limit_ds, ds_per_m, squares)


@numba.njit(cache=True, nogil=True)
def fill_margins(
    block: Block, times: Times, limit_ds: float, ds_per_m: float, left: int, low: int, margins: Floats
) -> None:  # pragma: no cover - compiled
    """Write how many metres the points of a block are inside what is reached; negative outside, a step at most.

    Parameters
    ----------
    block, times
        Streets and when they are reached.
    limit_ds, ds_per_m
        The limit, and how long a metre beside the streets takes.
    left, low
        The first square of `margins`.
    margins
        Points of the fine grid, row by row from the lower left corner of the first square; :data:`FAR_OUT_M` so far.
        Blocks that only touch them count too.
    """
    kinds = _sort_streets(block, times, limit_ds, ds_per_m)
    if np.all(kinds == _LATE):
        return
    offsets, near, covered = block.offsets, block.near, block.covered
    rows, columns = (margins.shape[0] - 1) // FINER, (margins.shape[1] - 1) // FINER
    corners = np.full((block.size + 1, block.size + 1), np.nan)
    squares = np.empty(len(block.lines))
    # One square more on each side: their sides are among the points.
    for row in range(max(low - 1 - block.low, 0), min(low + rows + 1 - block.low, block.size)):
        for column in range(max(left - 1 - block.left, 0), min(left + columns + 1 - block.left, block.size)):
            cell = row * block.size + column
            kind = _common_kind(kinds, near, offsets[cell], offsets[cell + 1])
            if kind != _LATE:
                inside = kind == _SAFE and covered[cell]
                _fill_square(
                    block,
                    times,
                    kinds,
                    corners,
                    squares,
                    row,
                    column,
                    inside,
                    limit_ds,
                    ds_per_m,
                    left,
                    low,
                    margins,
                )
