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

from psttm_geo.analysis._outline_kernels import trace_cell
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

_X, _Y, _MARGIN = 0, 1, 2
"""Rows of the table that points are measured in; those after them are room."""

_ROWS = 10

_POINTS = (FINER + 1) ** 2
"""Of a square, its sides included."""

_SAFE, _LATE, _BETWEEN = 0, 1, 2
"""A stretch by which all within reach is reached in time; one that is not reached in time; any other."""

_END = 1e-9
"""Share of a street that is as good as its end."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
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
    return offsets, through, near, np.sqrt(nearest) <= REACH_M - _RADIUS_M - _LEAST_M


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
def _measure(
    lines: Floats,
    near: Indices,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    points: Floats,
    count: int,
    limit_ds: float,
    ds_per_m: float,
    squares: Floats,
) -> None:  # pragma: no cover - compiled
    """Write how many metres some points are inside what is reached (negative: outside), at most a step.

    A point is inside if the walk along the nearest street and from there to the point takes no longer than the limit,
    and the street is within reach. The margin is the least of what is left of the walk, of the reach, and half of what
    the nearest street by which the point is not reached is farther; on a street, also of what is left on it. It never
    falls when the limit rises.

    Points are measured in step and without branches, several at once, which takes a third of the time; handed over in
    tuples, the arrays alone would take as long as the work.

    Parameters
    ----------
    lines
        As in a :class:`Block`.
    near
        The stretches that can be nearest to one of the points, or two steps from being it.
    kinds, streets
        Of all stretches, see :func:`_sort_streets`.
    marks
        As in :class:`Times`.
    points
        Rows of x, y, margins, and room; a column for each point, of which the first `count` matter.
    limit_ds, ds_per_m
        The limit, and how long a metre beside the streets takes.
    squares
        Room for as many rows as there are stretches near, and for as many columns as points.
    """
    x, y, margins, least, far, left = points[_X], points[_Y], points[_MARGIN], points[3], points[4], points[5]
    good, good_left, bad, bad_left = points[6], points[7], points[8], points[9]
    least[:count] = np.inf
    for position in range(len(near)):
        stretch = near[position]
        start_x, start_y, along_x, along_y = lines[stretch, 0], lines[stretch, 1], lines[stretch, 2], lines[stretch, 3]
        per_square = lines[stretch, 4]
        for point in range(count):
            to_x, to_y = x[point] - start_x, y[point] - start_y
            where = min(max((to_x * along_x + to_y * along_y) * per_square, 0.0), 1.0)
            to_x -= where * along_x
            to_y -= where * along_y
            square = to_x * to_x + to_y * to_y
            squares[position, point] = square
            least[point] = min(least[point], square)
    for point in range(count):
        far[point] = (math.sqrt(least[point]) + 2 * STEP_M) ** 2
    good[:count], good_left[:count], bad[:count], bad_left[:count] = np.inf, np.inf, np.inf, -np.inf
    for point in range(count):
        margins[point] = min(REACH_M - math.sqrt(least[point]), STEP_M)
    for position in range(len(near)):
        matter = 0
        for point in range(count):
            matter += squares[position, point] <= far[point]
        if matter == 0:
            continue
        stretch = near[position]
        kind = kinds[stretch]
        for point in range(count):
            left[point] = np.inf if kind == _SAFE else -np.inf
        if kind == _BETWEEN:
            for point in range(count):
                _, where = _away(x[point], y[point], lines, stretch)
                place = lines[stretch, 5] + where * lines[stretch, 6]
                spare_ds = limit_ds - _time_at(streets, stretch, marks, place)
                left[point] = spare_ds / ds_per_m - math.sqrt(squares[position, point])
        for point in range(count):
            square, spare = squares[position, point], left[point]
            near_enough = square <= far[point]
            on_street = square < _ON_STREET_M * _ON_STREET_M
            margins[point] = min(margins[point], spare) if near_enough & on_street else margins[point]
            gains = (square < good[point]) | ((square == good[point]) & (spare > good_left[point]))
            gains = gains & near_enough & (spare >= 0.0)
            good[point] = square if gains else good[point]
            good_left[point] = spare if gains else good_left[point]
            loses = (square < bad[point]) | ((square == bad[point]) & (spare > bad_left[point]))
            loses = loses & near_enough & (spare < 0.0)
            bad[point] = square if loses else bad[point]
            bad_left[point] = spare if loses else bad_left[point]
    for point in range(count):
        apart = (math.sqrt(bad[point]) - math.sqrt(good[point])) / 2
        better = good[point] < bad[point]
        margin = min(margins[point], min(good_left[point], apart) if better else max(bad_left[point], min(apart, 0.0)))
        clear = max(margin, _LEAST_M) if (margin >= 0.0) & better else max(min(margin, -_LEAST_M), -STEP_M)
        margins[point] = -STEP_M if least[point] > _SEEN_M * _SEEN_M else clear


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
    safe_ds = limit_ds - (_SEEN_M + STEP_M) * ds_per_m
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
def _fill_margins(
    block: Block,
    kinds: Bytes,
    streets: Floats,
    marks: Floats,
    limit_ds: float,
    ds_per_m: float,
    margins: Floats,
    crossed: Bytes,
) -> None:  # pragma: no cover - compiled
    """Write the margins of the points of a block's squares, sides included, but for those that are all outside.

    Where no street that is reached in part runs through a square, its corners tell whether an outline does. Where all
    of a square is inside, its points get a step. `crossed` is set for squares that an outline may run through.
    """
    size, lines, offsets, all_near, through = block.size, block.lines, block.offsets, block.near, block.through
    covered = block.covered
    longest = np.max(offsets[1:] - offsets[:-1])
    points, squares = np.empty((_ROWS, _POINTS)), np.empty((longest, _POINTS))
    for row in range(size):
        for column in range(size):
            cell = row * size + column
            begin, end = offsets[cell], offsets[cell + 1]
            kind = _common_kind(kinds, all_near, begin, end)
            if kind == _LATE:
                continue
            near = all_near[begin:end]
            first_row, first_column = row * FINER, column * FINER
            uniform = inside = kind == _SAFE and covered[cell]
            through_kind = _common_kind(kinds, all_near, begin, begin + through[cell])
            if not uniform and (through[cell] == 0 or through_kind != _BETWEEN):
                for corner in range(_CORNERS):
                    points[_X, corner] = (block.left + column + corner % 2) * CELL_M
                    points[_Y, corner] = (block.low + row + corner // 2) * CELL_M
                _measure(lines, near, kinds, streets, marks, points, _CORNERS, limit_ds, ds_per_m, squares)
                count = 0
                for corner in range(_CORNERS):
                    count += points[_MARGIN, corner] > 0.0
                inside = count == _CORNERS
                uniform = inside or count == 0
                if through[cell] > 0:
                    uniform = uniform and through_kind == (_SAFE if inside else _LATE)
            if uniform:
                if inside:
                    # Sides that a square beside it shares may be worked out already.
                    for j in range(first_row, first_row + FINER + 1):
                        for i in range(first_column, first_column + FINER + 1):
                            if margins[j, i] == FAR_OUT_M:
                                margins[j, i] = STEP_M
                continue
            crossed[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = 1
            for point in range(_POINTS):
                j, i = point // (FINER + 1), point % (FINER + 1)
                points[_X, point] = (block.left * FINER + first_column + i) * CELL_M / FINER
                points[_Y, point] = (block.low * FINER + first_row + j) * CELL_M / FINER
            _measure(lines, near, kinds, streets, marks, points, _POINTS, limit_ds, ds_per_m, squares)
            for point in range(_POINTS):
                margins[first_row + point // (FINER + 1), first_column + point % (FINER + 1)] = points[_MARGIN, point]


@numba.njit(cache=True, nogil=True)
def trace_block(
    block: Block, times: Times, limit_ds: float, ds_per_m: float
) -> tuple[Longs, Floats]:  # pragma: no cover - compiled
    """Return the segments of outlines in a block, without the outermost squares, which other blocks have too.

    Parameters
    ----------
    block, times
        Streets and when they are reached.
    limit_ds, ds_per_m
        The limit, and how long a metre beside the streets takes.

    Returns
    -------
    tuple of ndarray
        As :func:`psttm_geo.analysis._outline_kernels.trace_cell` writes them, points in steps of the fine grid.
    """
    kinds, streets = _sort_streets(block, times, limit_ds, ds_per_m)
    if np.all(kinds == _LATE):
        return np.empty((0, 2), np.int64), np.empty((0, 2))
    size = block.size
    margins = np.full((size * FINER + 1, size * FINER + 1), FAR_OUT_M)
    crossed = np.zeros((size, size), np.uint8)
    _fill_margins(block, kinds, streets, times.marks, limit_ds, ds_per_m, margins, crossed)
    squares = np.flatnonzero(crossed[1:-1, 1:-1])
    # An outline runs at most twice through a cell.
    most = 2 * len(squares) * FINER * FINER
    links, points = np.empty((most, 2), np.int64), np.empty((most, 2))
    count = 0
    for square in squares:
        row, column = (square // (size - 2) + 1) * FINER, (square % (size - 2) + 1) * FINER
        for j in range(row, row + FINER):
            for i in range(column, column + FINER):
                inside = (margins[j, i] > 0.0) + (margins[j, i + 1] > 0.0)
                inside += (margins[j + 1, i] > 0.0) + (margins[j + 1, i + 1] > 0.0)
                if 0 < inside < _CORNERS:
                    count = trace_cell(margins, block.left * FINER, block.low * FINER, j, i, links, points, count)
    # The room is given back.
    return links[:count].copy(), points[:count].copy()
