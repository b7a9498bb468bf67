"""The outline of what is reached in time, beside streets too; compiled.

What is worked out for a point depends on the point, the streets and their times alone, never on the order of work:
parts of a grid that share points agree on them to the last bit.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.crossing import CROSSED, LANES, WAYS, find_crossings, note_way, place_crossings
from psttm_geo.access._kernels.outline import FINER, trace_square
from psttm_geo.access._kernels.reach import BETWEEN, CLOSED, LATE, PLAIN, SAFE, Times, in_time, sort_streets, time_at
from psttm_geo.access._kernels.stretch import (
    CELL_M,
    COARSE,
    FINE,
    FINE_STEP_M,
    GUARD,
    RADIUS_M,
    REACH_M,
    Block,
    away,
)

_COVERED_M, _BEYOND_M = REACH_M - RADIUS_M - GUARD, REACH_M + RADIUS_M + GUARD
"""A square is within reach of a street that is so near to its middle, and out of reach of one that is farther."""

_ON_STREET_M = FINE_STEP_M / 2
"""A point is taken to be on every street that is so near: none passes between the points of a fine grid unseen."""

_POINTS = (FINE + 1) ** 2
"""Of the grid of a square, at most."""

_X, _Y, _SQUARE, _NEAREST, _TIME, _UNSAFE, _ROWS = (row * _POINTS for row in range(7))
"""Where the rows noted of points begin: x, y, square of the distance to the nearest stretch, which it is, when it is
reached there, and on how many stretches they are that are not safe; and how long all rows are."""

_ROOM = 2 * FINE * FINE
"""Segments: an outline runs at most twice through a cell."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@numba.njit(cache=True, nogil=True, forceinline=True)
def _is_decided(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    kinds: Bytes,
    walks: Floats,
    marks: Floats,
    x: float,
    y: float,
    distance: float,
    limit_ds: float,
    ds_per_m: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether nothing of a square around a point is reached in time, or all of it.

    Parts of it that are out of reach are not reached: only a square all of which is near a street can be so in whole.
    """
    safe, late = distance <= _COVERED_M, True
    for position in range(begin, end):
        stretch = near[position]
        kind = kinds[stretch]
        if kind != BETWEEN:
            safe, late = safe and kind == SAFE, late and kind == LATE
        elif walks[stretch, 3] == CLOSED or walks[stretch, 6] != 0.0:
            return False
        else:
            square, where = away(x, y, lines, stretch)
            time = time_at(lines, walks, marks, stretch, where) + math.sqrt(square) * ds_per_m
            safe = safe and time + walks[stretch, 5] <= limit_ds
            late = late and time - walks[stretch, 5] > limit_ds
        if not (safe or late):
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _find_nearest(
    lines: Floats, near: Indices, begin: int, end: int, kinds: Bytes, walks: Floats, grid: Floats, count: int
) -> None:  # pragma: no cover - compiled
    """Write which stretch is the nearest to each point, the first of several, how near, and when it is reached there.

    Points are measured in step and without branches, several at once. The time at a stretch with marks or of a closed
    street is left open, NaN.
    """
    for point in range(count):
        grid[_SQUARE + point], grid[_NEAREST + point] = np.inf, -1.0
        grid[_TIME + point], grid[_UNSAFE + point] = np.inf, 0.0
    for position in range(begin, end):
        stretch = near[position]
        start_x, start_y, along_x, along_y = lines[stretch, 0], lines[stretch, 1], lines[stretch, 2], lines[stretch, 3]
        per_square, number = lines[stretch, 4], float(stretch)
        unsafe = 0.0 if kinds[stretch] == SAFE else 1.0
        plain = walks[stretch, 3] == PLAIN
        ahead, behind = (walks[stretch, 0], walks[stretch, 1]) if plain else (np.nan, np.nan)
        change = walks[stretch, 2]
        for point in range(count):
            to_x, to_y = grid[_X + point] - start_x, grid[_Y + point] - start_y
            where = min(max((to_x * along_x + to_y * along_y) * per_square, 0.0), 1.0)
            to_x -= where * along_x
            to_y -= where * along_y
            square = to_x * to_x + to_y * to_y
            least, nearest = grid[_SQUARE + point], grid[_NEAREST + point]
            nearer = (square < least) | ((square == least) & (number < nearest))
            grid[_SQUARE + point] = square if nearer else least
            grid[_NEAREST + point] = number if nearer else nearest
            along = where * change
            time = min(ahead + along, behind - along)
            grid[_TIME + point] = time if nearer else grid[_TIME + point]
            grid[_UNSAFE + point] += unsafe if square < _ON_STREET_M * _ON_STREET_M else 0.0


@numba.njit(cache=True, nogil=True)
def _ask_point(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    walks: Floats,
    marks: Floats,
    x: float,
    y: float,
    limit_ds: float,
    ds_per_m: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether a point is inside."""
    least, at, nearest = np.inf, 0.0, -1
    for position in range(begin, end):
        square, where = away(x, y, lines, near[position])
        if square < least or (square == least and near[position] < nearest):
            least, at, nearest = square, where, near[position]
    return bool(in_time(lines, walks, marks, nearest, at, least, limit_ds, ds_per_m))


@numba.njit(cache=True, nogil=True)
def _all_in_time(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    walks: Floats,
    marks: Floats,
    x: float,
    y: float,
    limit_ds: float,
) -> bool:  # pragma: no cover - compiled
    """Return whether all stretches that a point is on are reached in time there."""
    for position in range(begin, end):
        stretch = near[position]
        square, where = away(x, y, lines, stretch)
        if square < _ON_STREET_M * _ON_STREET_M and time_at(lines, walks, marks, stretch, where) > limit_ds:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _ask_points(
    lines: Floats,
    near: Indices,
    begin: int,
    end: int,
    walks: Floats,
    marks: Floats,
    grid: Floats,
    parts: int,
    limit_ds: float,
    ds_per_m: float,
    inside: Bytes,
) -> int:  # pragma: no cover - compiled
    """Write which points of a square are inside, and return how many."""
    within = 0
    for row in range(parts + 1):
        for column in range(parts + 1):
            point = row * (parts + 1) + column
            square, time = grid[_SQUARE + point], grid[_TIME + point]
            here = (square <= REACH_M * REACH_M) & (time + math.sqrt(square) * ds_per_m <= limit_ds)
            x, y = grid[_X + point], grid[_Y + point]
            if math.isnan(time):
                here = _ask_point(lines, near, begin, end, walks, marks, x, y, limit_ds, ds_per_m)
            if here and grid[_UNSAFE + point] > 0.0:
                here = _all_in_time(lines, near, begin, end, walks, marks, x, y, limit_ds)
            inside[row, column] = here
            within += here
    return within


@numba.njit(cache=True, nogil=True)
def _note_side(
    lines: Floats,
    walks: Floats,
    grid: Floats,
    parts: int,
    row: int,
    column: int,
    upright: int,
    length: int,
    inside: Bytes,
    ways: Floats,
    lane: int,
) -> None:  # pragma: no cover - compiled
    """Note the way along a side, of a length in fine steps, that begins at a point of a square."""
    point = row * (parts + 1) + column
    last = point + length * parts // FINE * (parts + 1 if upright == 1 else 1)
    step_x, step_y = (0.0, length * FINE_STEP_M) if upright == 1 else (length * FINE_STEP_M, 0.0)
    one, other = int(grid[_NEAREST + point]), int(grid[_NEAREST + last])
    x, y = grid[_X + point], grid[_Y + point]
    note_way(lines, walks, x, y, step_x, step_y, inside[row, column], one, other, ways, lane)


@numba.njit(cache=True, nogil=True)
def _settle_sides(
    lines: Floats,
    walks: Floats,
    marks: Floats,
    grid: Floats,
    coarse: Flags,
    inside: Bytes,
    ways: Floats,
    limit_ds: float,
    ds_per_m: float,
) -> None:  # pragma: no cover - compiled
    """Write which points on the coarse sides of a fine square are inside as the square beyond the side draws it."""
    for turn in range(2):
        lanes = 0
        for side in range(len(coarse)):
            if not coarse[side]:
                continue
            upright = side % 2
            # Sides go round the square: the lower, right, upper, left one.
            row_there, column_there = (side == 2) * FINE, (side == 1) * FINE  # noqa: PLR2004 - the upper side
            for begin in range(0, FINE, FINER):
                row, column = (begin, column_there) if upright == 1 else (row_there, begin)
                here = inside[row, column]
                last = inside[row + FINER * upright, column + FINER * (1 - upright)]
                crossed = float(FINER)
                if here != last:
                    if turn == 0:
                        _note_side(lines, walks, grid, FINE, row, column, upright, FINER, inside, ways, lanes)
                    else:
                        crossed = FINER * ways[CROSSED + lanes]
                    lanes += 1
                if turn == 1:
                    for step in range(1, FINER):
                        inside[row + step * upright, column + step * (1 - upright)] = here if step < crossed else last
        if turn == 0:
            find_crossings(lines, walks, marks, ways, lanes, limit_ds, ds_per_m)


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
        The sides that segments begin and end on, as :func:`psttm_geo.access._kernels.outline.trace_square` writes
        them, and where they begin, in metres.
    """
    lines, near, offsets, marks, size = block.lines, block.near, block.offsets, times.marks, block.size
    tangled = block.tangled
    links, points = np.empty((_ROOM, 2), np.int64), np.empty((_ROOM, 2))
    ways, settled = np.empty(WAYS), np.empty(WAYS)
    count = lanes = 0
    kinds, walks, timely, unsafe, box = sort_streets(block, times, limit_ds, ds_per_m)
    grid = np.empty(_ROWS)
    inside, middles = np.zeros((FINE + 1, FINE + 1), np.uint8), np.zeros((FINE, FINE), np.uint8)
    begins, coarse = np.empty((_ROOM, 4), np.int32), np.zeros(4, np.bool_)
    for row in range(max(1, box[1] - block.low), min(size - 1, box[3] - block.low)):
        for column in range(max(1, box[0] - block.left), min(size - 1, box[2] - block.left)):
            cell = row * size + column
            distance, there = block.distance[cell], block.parts[cell]
            if distance > _BEYOND_M or there & timely == 0 or (distance <= _COVERED_M and there & unsafe == 0):
                continue
            begin, end = offsets[cell], offsets[cell + 1]
            x, y = (block.left + column + 0.5) * CELL_M, (block.low + row + 0.5) * CELL_M
            if _is_decided(lines, near, begin, end, kinds, walks, marks, x, y, distance, limit_ds, ds_per_m):
                continue
            parts = FINE if tangled[cell] else COARSE
            step = FINE // parts
            left, low = (block.left + column) * FINE, (block.low + row) * FINE
            every = (parts + 1) * (parts + 1)
            for point in range(every):
                grid[_X + point] = (left + point % (parts + 1) * step) * FINE_STEP_M
                grid[_Y + point] = (low + point // (parts + 1) * step) * FINE_STEP_M
            _find_nearest(lines, near, begin, end, kinds, walks, grid, every)
            within = _ask_points(lines, near, begin, end, walks, marks, grid, parts, limit_ds, ds_per_m, inside)
            if not 0 < within < every:
                continue
            coarse[:] = step > 1
            if step == 1:
                coarse[0], coarse[1] = not tangled[cell - size], not tangled[cell + 1]
                coarse[2], coarse[3] = not tangled[cell + size], not tangled[cell - 1]
                _settle_sides(lines, walks, marks, grid, coarse, inside, settled, limit_ds, ds_per_m)
            for j in range(parts):
                for i in range(parts):
                    first, second = inside[j, i], inside[j, i + 1]
                    if first != second and first == inside[j + 1, i + 1] and second == inside[j + 1, i]:
                        x, y = (left + (i + 0.5) * step) * FINE_STEP_M, (low + (j + 0.5) * step) * FINE_STEP_M
                        middles[j, i] = _ask_point(lines, near, begin, end, walks, marks, x, y, limit_ds, ds_per_m)
            if len(links) < count + _ROOM:
                # Twice the room.
                links, points = np.concatenate((links, links)), np.concatenate((points, points))
            before = count
            count = trace_square(inside, middles, left, low, step, parts, coarse, links, begins, count)
            for segment in range(before, count):
                side = begins[segment - before]
                _note_side(lines, walks, grid, parts, side[0], side[1], side[2], side[3], inside, ways, lanes)
                lanes += 1
                if lanes == LANES:
                    place_crossings(
                        lines, walks, marks, ways, limit_ds, ds_per_m, points[segment + 1 - lanes : segment + 1]
                    )
                    lanes = 0
    place_crossings(lines, walks, marks, ways, limit_ds, ds_per_m, points[count - lanes : count])
    return links[:count].copy(), points[:count].copy()
