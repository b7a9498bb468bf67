"""The straight pieces of streets, and lists of those that matter in each square of a grid; compiled."""

import math
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.outline import FINER

CELL_M = 10.0
"""Side of the squares that the streets near them are listed for."""

COARSE, FINE = 3, 3 * FINER
"""Steps along the side of a square, and of one where streets run close together other than where they meet."""

STEP_M = CELL_M / COARSE

FINE_STEP_M = CELL_M / FINE

REACH_M = 50.0
"""How far beside a street is still reached."""

_CLOSE_M = STEP_M
"""Streets that come nearer than this to each other leave strips to each that the points of the grid could miss."""

RADIUS_M = CELL_M / math.sqrt(2)

GUARD = 1e-6
"""More than rounding can make of metres and deciseconds, where a square is judged as a whole."""

_FORK_M = 2 * STEP_M
"""Streets are close to each other up to here from a node that they meet at."""

_PARTS = 8
"""Parts of a block, in a row and in a column: one for each bit of a number."""

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Masks = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


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
    part
        In which of 64 parts of the block each stretch has its middle, as a number with one bit.
    offsets
        Where the list of each square begins, row by row; one more than squares.
    near
        The lists.
    parts
        The parts of the stretches listed, as a number with their bits.
    distance
        From the middle of the square to the nearest stretch, metres; infinite where none is listed.
    tangled
        Whether streets run close together in the square other than where they meet.
    """

    left: int
    low: int
    size: int
    lines: Floats
    edge: Indices
    part: Masks
    offsets: Indices
    near: Indices
    parts: Masks
    distance: Floats
    tangled: Flags


@numba.njit(cache=True, nogil=True, forceinline=True)
def away(x: float, y: float, lines: Floats, stretch: int) -> tuple[float, float]:  # pragma: no cover - compiled
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
        least = min(least, away(x, y, lines, second)[0])
        least = min(least, away(x + lines[first, 2], y + lines[first, 3], lines, second)[0])
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
def _cut_away(line: Floats, x: float, y: float) -> bool:  # pragma: no cover - compiled
    """Cut what is within :data:`_FORK_M` of a point off a stretch, and return whether something is left.

    A stretch that runs past the point keeps the longer of its two sides.
    """
    from_x, from_y = line[0] - x, line[1] - y
    middle = -(from_x * line[2] + from_y * line[3]) * line[4]
    square = from_x * from_x + from_y * from_y - middle * middle / line[4] if line[4] > 0.0 else from_x**2 + from_y**2
    if square >= _FORK_M * _FORK_M:
        return True
    half = math.sqrt((_FORK_M * _FORK_M - square) * line[4])
    first, last = (0.0, min(middle - half, 1.0)) if middle > 1.0 - middle else (max(middle + half, 0.0), 1.0)
    if line[4] == 0.0 or last <= first:
        return False
    line[0] += first * line[2]
    line[1] += first * line[3]
    line[2] *= last - first
    line[3] *= last - first
    line[4] /= (last - first) ** 2
    return True


@numba.njit(cache=True, nogil=True)
def _run_close(
    lines: Floats, one: int, other: int, ends: Indices, nodes: Floats, pair: Floats
) -> bool:  # pragma: no cover - compiled
    """Return whether two stretches come close other than where their streets meet; `pair` is room for both."""
    pair[0], pair[1] = lines[one], lines[other]
    for first in range(2):
        for second in range(2):
            node = ends[one, first]
            if node == ends[other, second]:
                for line in range(2):
                    if not _cut_away(pair[line], nodes[node, 0], nodes[node, 1]):
                        return False
    return _come_close(pair, 0, 1)


@numba.njit(cache=True, nogil=True)
def _is_tangled(
    lines: Floats, edge: Indices, ends: Indices, nodes: Floats, near: Indices, x: float, y: float, pair: Floats
) -> bool:  # pragma: no cover - compiled
    """Return whether two of the stretches that run through a square come close other than where their streets meet."""
    half = CELL_M / 2 + STEP_M
    for position in range(1, len(near)):
        one = near[position]
        if not _meets(lines, one, x, y, half):
            continue
        for before in range(position):
            other = near[before]
            if (
                edge[one] != edge[other]
                and _meets(lines, other, x, y, half)
                and _run_close(lines, one, other, ends, nodes, pair)
            ):
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _part_block(lines: Floats, left: int, low: int, size: int) -> Masks:  # pragma: no cover - compiled
    """Return `part` of a :class:`Block`."""
    part = np.empty(len(lines), np.uint64)
    for stretch in range(len(lines)):
        x, y = lines[stretch, 0] + lines[stretch, 2] / 2, lines[stretch, 1] + lines[stretch, 3] / 2
        column = math.floor((x / CELL_M - left) / size * _PARTS)
        row = math.floor((y / CELL_M - low) / size * _PARTS)
        number = min(max(row, 0), _PARTS - 1) * _PARTS + min(max(column, 0), _PARTS - 1)
        part[stretch] = np.uint64(1) << np.uint64(number)
    return part


@numba.njit(cache=True, nogil=True)
def list_streets(
    lines: Floats, edge: Indices, ends: Indices, nodes: Floats, left: int, low: int, size: int
) -> tuple[Masks, Indices, Indices, Masks, Floats, Flags]:  # pragma: no cover - compiled
    """Return `part` and all after it of a :class:`Block`, from the stretches that may matter in it.

    `ends` are the nodes at the ends of the street of each stretch, `nodes` are x and y of all nodes. Somewhere in a
    square a stretch can be the nearest one only if it is not farther from the centre than the nearest one there by more
    than a diagonal. Of points a step beyond the reach the nearest one is listed too.
    """
    farthest = REACH_M + STEP_M + RADIUS_M + GUARD
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
                    square, _ = away(x, y, lines, stretch)
                    if turn == 0:
                        nearest[cell] = min(nearest[cell], square)
                        continue
                    reach = min(math.sqrt(nearest[cell]) + 2 * RADIUS_M + GUARD, farthest)
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
    part, parts = _part_block(lines, left, low, size), np.zeros(size * size, np.uint64)
    tangled, pair = np.zeros(size * size, np.bool_), np.empty((2, lines.shape[1]))
    for cell in range(size * size):
        mine = near[offsets[cell] : offsets[cell + 1]]
        for stretch in mine:
            parts[cell] |= part[stretch]
        if len(mine) > 1:
            x, y = (left + cell % size + 0.5) * CELL_M, (low + cell // size + 0.5) * CELL_M
            tangled[cell] = _is_tangled(lines, edge, ends, nodes, mine, x, y, pair)
    distance = np.where(nearest < farthest * farthest, np.sqrt(nearest), np.inf)
    return part, offsets, near, parts, distance, tangled
