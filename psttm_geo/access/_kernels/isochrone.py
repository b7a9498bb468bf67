"""The outline of what is reached in time, beside streets too; compiled.

What is worked out for a point depends on the point, the streets and their times alone, never on the order of work:
parts of a grid that share points agree on them to the last bit.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inner, int64
from psttm_geo.access._kernels.outline import FINER, trace_square
from psttm_geo.access._kernels.reach import BETWEEN, LATE, SAFE, Reached, Times, in_time, sort_streets, time_at
from psttm_geo.access._kernels.stretch import CELL_M, COARSE, FINE, FINE_STEP_M, GUARD, RADIUS_M, REACH_M, Block, away

_COVERED_M, _BEYOND_M = REACH_M - RADIUS_M - GUARD, REACH_M + RADIUS_M + GUARD
"""A square is within reach of a street that is so near to its middle, and out of reach of one that is farther."""

_ON_STREET_M = FINE_STEP_M / 2
"""A point is taken to be on every street that is so near: none passes between the points of a fine grid unseen."""

_POINTS = (FINE + 1) ** 2
"""Of the grid of a square, at most."""

_X, _Y, _SQUARE, _NEAREST, _UNSAFE, _ROWS = (row * _POINTS for row in range(6))
"""Where the rows noted of points begin: x, y, square of the distance to the nearest stretch, which it is, and on how
many stretches they are that are not safe; and how long all rows are."""

_HALVINGS = 8
"""So often a side of at most 3.3 m is halved to find where it is crossed: to less than two centimetres."""

_ROOM = 2 * FINE * FINE
"""Segments: an outline runs at most twice through a cell."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@inner
def _is_decided(
    reached: Reached, near: Indices, begin: int, end: int, x: float, y: float, distance: float
) -> bool:  # pragma: no cover - compiled
    """Return whether nothing of a square around a point is reached in time, or all of it.

    Parts of it that are out of reach are not reached: only a square all of which is near a street can be so in whole.
    """
    safe, late = distance <= _COVERED_M, True
    for position in range(begin, end):
        stretch = int64(near[position])
        kind = reached.kinds[stretch]
        if kind != BETWEEN:
            safe, late = safe and kind == SAFE, late and kind == LATE
        else:
            square, where = away(x, y, reached.lines, stretch)
            time = time_at(reached, stretch, where) + math.sqrt(square) * reached.ds_per_m
            safe = safe and time + reached.walks[stretch, 5] <= reached.limit_ds
            late = late and time - reached.walks[stretch, 5] > reached.limit_ds
        if not (safe or late):
            return False
    return True


@inner
def _find_nearest(
    reached: Reached, near: Indices, begin: int, end: int, grid: Floats, count: int
) -> None:  # pragma: no cover - compiled
    """Write which stretch is the nearest to each point, the first of several, and how near.

    Points are measured in step and without branches, several at once.
    """
    lines = reached.lines
    for point in range(count):
        grid[_SQUARE + point], grid[_NEAREST + point], grid[_UNSAFE + point] = np.inf, -1.0, 0.0
    for position in range(begin, end):
        stretch = int64(near[position])
        start_x, start_y, along_x, along_y = lines[stretch, 0], lines[stretch, 1], lines[stretch, 2], lines[stretch, 3]
        per_square, number = lines[stretch, 4], float(stretch)
        unsafe = 0.0 if reached.kinds[stretch] == SAFE else 1.0
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
            grid[_UNSAFE + point] += unsafe if square < _ON_STREET_M * _ON_STREET_M else 0.0


@inner
def _ask_point(
    reached: Reached, near: Indices, begin: int, end: int, x: float, y: float
) -> bool:  # pragma: no cover - compiled
    """Return whether a point is inside."""
    least, at, nearest = np.inf, 0.0, int64(-1)
    for position in range(begin, end):
        stretch = int64(near[position])
        square, where = away(x, y, reached.lines, stretch)
        if square < least or (square == least and stretch < nearest):
            least, at, nearest = square, where, stretch
    return bool(in_time(reached, nearest, at, least))


@inner
def _all_in_time(
    reached: Reached, near: Indices, begin: int, end: int, x: float, y: float
) -> bool:  # pragma: no cover - compiled
    """Return whether all stretches that a point is on are reached in time there."""
    for position in range(begin, end):
        stretch = int64(near[position])
        square, where = away(x, y, reached.lines, stretch)
        if square < _ON_STREET_M * _ON_STREET_M and time_at(reached, stretch, where) > reached.limit_ds:
            return False
    return True


@inner
def _ask_points(
    reached: Reached, near: Indices, begin: int, end: int, grid: Floats, parts: int, inside: Bytes
) -> int:  # pragma: no cover - compiled
    """Write which points of a square are inside, and return how many."""
    within = 0
    for point in range((parts + 1) * (parts + 1)):
        x, y, nearest = grid[_X + point], grid[_Y + point], int64(grid[_NEAREST + point])
        _, where = away(x, y, reached.lines, nearest)
        here = in_time(reached, nearest, where, grid[_SQUARE + point])
        if here and grid[_UNSAFE + point] > 0.0:
            here = _all_in_time(reached, near, begin, end, x, y)
        inside[point // (parts + 1), point % (parts + 1)] = here
        within += here
    return within


@inner
def _find_crossing(
    reached: Reached, grid: Floats, parts: int, row: int, column: int, upright: int, length: int, inside: Bytes
) -> float:  # pragma: no cover - compiled
    """Return how far along a side (0 to 1) an outline crosses it.

    The side begins at a point of a square and is so many fine steps long; either its first point is inside or its last.
    Of the streets the nearest ones of both points are asked, of two that are as near the first one. Halving the way
    finds a place that only moves towards the point that is outside when the limit rises.
    """
    point = row * (parts + 1) + column
    last = point + length * parts // FINE * (parts + 1 if upright == 1 else 1)
    one, other = int64(grid[_NEAREST + point]), int64(grid[_NEAREST + last])
    first, second = min(one, other), max(one, other)
    crossed, part = 0.0, 1.0
    for _ in range(_HALVINGS):
        part /= 2
        step = (crossed + part) * length * FINE_STEP_M
        x, y = grid[_X + point] + (1 - upright) * step, grid[_Y + point] + upright * step
        square, where = away(x, y, reached.lines, first)
        other_square, other_where = away(x, y, reached.lines, second)
        nearest = first
        if other_square < square:
            square, where, nearest = other_square, other_where, second
        if in_time(reached, nearest, where, square) == (inside[row, column] > 0):
            crossed += part
    return crossed + part / 2


@inner
def _settle_sides(reached: Reached, grid: Floats, coarse: Flags, inside: Bytes) -> None:  # pragma: no cover - compiled
    """Write which points on the coarse sides of a fine square are inside as the square beyond the side draws it."""
    for side in range(len(coarse)):
        if not coarse[side]:
            continue
        upright = side % 2
        for begin in range(0, FINE, FINER):
            # Sides go round the square: the lower, right, upper, left one.
            row, column = (begin, (side == 1) * FINE) if upright == 1 else ((side == 2) * FINE, begin)  # noqa: PLR2004
            here, last = inside[row, column], inside[row + FINER * upright, column + FINER * (1 - upright)]
            crossed = 1.0
            if here != last:
                crossed = _find_crossing(reached, grid, int64(FINE), row, column, upright, int64(FINER), inside)
            for step in range(1, FINER):
                inside[row + step * upright, column + step * (1 - upright)] = here if step < FINER * crossed else last


class Room(NamedTuple):
    """What an outline is written to, and what is worked in; nothing in it is read before it is written but `middles`.

    Attributes
    ----------
    links, points
        The sides that segments begin and end on, as :func:`psttm_geo.access._kernels.outline.trace_square` writes
        them, and where they begin, in metres.
    squares
        See :func:`psttm_geo.access._kernels.reach.sort_streets`.
    grid
        What is known of the points of a square, in rows.
    inside, middles, begins, coarse
        See :func:`psttm_geo.access._kernels.outline.trace_square`.
    """

    links: Longs
    points: Floats
    squares: Longs
    grid: Floats
    inside: Bytes
    middles: Bytes
    begins: Indices
    coarse: Flags


def make_room(segments: int) -> Room:
    """Return room for so many segments."""
    return Room(
        np.empty((segments, 2), np.int64),
        np.empty((segments, 2)),
        np.empty(4, np.int64),
        np.empty(_ROWS),
        np.empty((FINE + 1, FINE + 1), np.uint8),
        np.zeros((FINE, FINE), np.uint8),
        np.empty((_ROOM, 4), np.int32),
        np.empty(4, np.bool_),
    )


@entry
def trace_block(block: Block, times: Times, reached: Reached, room: Room) -> int:  # pragma: no cover - compiled
    """Write the segments of outlines in a block, without the outermost squares, which other blocks have too.

    Parameters
    ----------
    block, times
        Streets and when they are reached.
    reached
        `lines` and `marks` of both, the limit and how long a metre beside the streets takes; the rest is written.
    room
        See :func:`make_room`.

    Returns
    -------
    int
        How many segments there are; -1 where the room is too small for them.
    """
    size, tangled, near = block.size, block.tangled, block.near
    grid, inside, coarse = room.grid, room.inside, room.coarse
    count = int64(0)
    timely, unsafe = sort_streets(block, times, reached, room.squares)
    first_column, last_column = max(1, room.squares[0] - block.left), min(size - 1, room.squares[2] - block.left)
    first_row, last_row = max(1, room.squares[1] - block.low), min(size - 1, room.squares[3] - block.low)
    for row in range(first_row, last_row):
        for column in range(first_column, last_column):
            cell = row * size + column
            distance, there = block.distance[cell], block.parts[cell]
            if distance > _BEYOND_M or there & timely == 0 or (distance <= _COVERED_M and there & unsafe == 0):
                continue
            begin, end = int64(block.offsets[cell]), int64(block.offsets[cell + 1])
            x, y = (block.left + column + 0.5) * CELL_M, (block.low + row + 0.5) * CELL_M
            if _is_decided(reached, near, begin, end, x, y, distance):
                continue
            parts = FINE if tangled[cell] else COARSE
            step = FINE // parts
            left, low = (block.left + column) * FINE, (block.low + row) * FINE
            every = (parts + 1) * (parts + 1)
            for point in range(every):
                grid[_X + point] = (left + point % (parts + 1) * step) * FINE_STEP_M
                grid[_Y + point] = (low + point // (parts + 1) * step) * FINE_STEP_M
            _find_nearest(reached, near, begin, end, grid, every)
            within = _ask_points(reached, near, begin, end, grid, parts, inside)
            if not 0 < within < every:
                continue
            for side in range(4):
                coarse[side] = step > 1
            if step == 1:
                coarse[0], coarse[1] = not tangled[cell - size], not tangled[cell + 1]
                coarse[2], coarse[3] = not tangled[cell + size], not tangled[cell - 1]
                _settle_sides(reached, grid, coarse, inside)
            for j in range(parts):
                for i in range(parts):
                    first, second = inside[j, i], inside[j, i + 1]
                    if first != second and first == inside[j + 1, i + 1] and second == inside[j + 1, i]:
                        x, y = (left + (i + 0.5) * step) * FINE_STEP_M, (low + (j + 0.5) * step) * FINE_STEP_M
                        room.middles[j, i] = _ask_point(reached, near, begin, end, x, y)
            if len(room.links) < count + _ROOM:
                return -1
            before = count
            count = trace_square(inside, room.middles, left, low, step, parts, coarse, room.links, room.begins, count)
            for segment in range(before, count):
                mine = segment - before
                j, i = int64(room.begins[mine, 0]), int64(room.begins[mine, 1])
                upright, length = int64(room.begins[mine, 2]), int64(room.begins[mine, 3])
                crossed = _find_crossing(reached, grid, parts, j, i, upright, length, inside)
                crossed *= length * FINE_STEP_M
                point = j * (parts + 1) + i
                room.points[segment, 0] = grid[_X + point] + (1 - upright) * crossed
                room.points[segment, 1] = grid[_Y + point] + upright * crossed
    return count
