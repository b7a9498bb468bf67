"""The straight pieces of streets, and lists of those that matter in each square of a grid; compiled."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inlined, inner, int64
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


@inlined
def away(x: float, y: float, lines: Floats, stretch: int) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the square of the distance to a stretch, and where on the stretch the nearest point is (0 to 1)."""
    to_x, to_y = x - lines[stretch, 0], y - lines[stretch, 1]
    along_x, along_y = lines[stretch, 2], lines[stretch, 3]
    where = min(max((to_x * along_x + to_y * along_y) * lines[stretch, 4], 0.0), 1.0)
    to_x -= where * along_x
    to_y -= where * along_y
    return to_x * to_x + to_y * to_y, where


@inner
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


@inner
def _squares(
    start: float, along: float, reach: float, before: int, size: int
) -> tuple[int, int]:  # pragma: no cover - compiled
    """Return the first and the last of a row of squares whose centre is within `reach` of a stretch in x, or in y."""
    first = math.ceil((min(start, start + along) - reach) / CELL_M - 0.5) - before
    last = math.floor((max(start, start + along) + reach) / CELL_M - 0.5) - before
    return max(first, 0), min(last, size - 1)


@inner
def _nearest_end(lines: Floats, one: int, other: int) -> float:  # pragma: no cover - compiled
    """Return the square of the distance from the nearer end of a stretch to another stretch."""
    x, y = lines[one, 0], lines[one, 1]
    first, _ = away(x, y, lines, other)
    last, _ = away(x + lines[one, 2], y + lines[one, 3], lines, other)
    return min(first, last)


@inner
def _parts_ends(lines: Floats, one: int, other: int) -> bool:  # pragma: no cover - compiled
    """Return whether the ends of a stretch lie on both sides of the line through another one."""
    to_x, to_y = lines[one, 0] - lines[other, 0], lines[one, 1] - lines[other, 1]
    begin = lines[other, 2] * to_y - lines[other, 3] * to_x
    to_x, to_y = to_x + lines[one, 2], to_y + lines[one, 3]
    apart: bool = (begin > 0.0) != (lines[other, 2] * to_y - lines[other, 3] * to_x > 0.0)
    return apart


@inner
def _come_close(lines: Floats, one: int, other: int) -> bool:  # pragma: no cover - compiled
    """Return whether two stretches cross or come nearer to each other than :data:`_CLOSE_M`."""
    least = min(_nearest_end(lines, one, other), _nearest_end(lines, other, one))
    return least < _CLOSE_M * _CLOSE_M or (_parts_ends(lines, one, other) and _parts_ends(lines, other, one))


@inner
def _cut_away(lines: Floats, stretch: int, x: float, y: float) -> bool:  # pragma: no cover - compiled
    """Cut what is within :data:`_FORK_M` of a point off a stretch, and return whether something is left.

    A stretch that runs past the point keeps the longer of its two sides.
    """
    from_x, from_y, per_square = lines[stretch, 0] - x, lines[stretch, 1] - y, lines[stretch, 4]
    middle = -(from_x * lines[stretch, 2] + from_y * lines[stretch, 3]) * per_square
    square = from_x * from_x + from_y * from_y
    if per_square > 0.0:
        square -= middle * middle / per_square
    if square >= _FORK_M * _FORK_M:
        return True
    half = math.sqrt((_FORK_M * _FORK_M - square) * per_square)
    first, last = max(middle + half, 0.0), 1.0
    if middle > 1.0 - middle:
        first, last = 0.0, min(middle - half, 1.0)
    if per_square == 0.0 or last <= first:
        return False
    lines[stretch, 0] += first * lines[stretch, 2]
    lines[stretch, 1] += first * lines[stretch, 3]
    lines[stretch, 2] *= last - first
    lines[stretch, 3] *= last - first
    lines[stretch, 4] /= (last - first) * (last - first)
    return True


@inner
def _run_close(
    lines: Floats, one: int, other: int, ends: Indices, nodes: Floats, pair: Floats
) -> bool:  # pragma: no cover - compiled
    """Return whether two stretches come close other than where their streets meet; `pair` is room for both."""
    for column in range(pair.shape[1]):
        pair[0, column], pair[1, column] = lines[one, column], lines[other, column]
    for first in range(2):
        for second in range(2):
            node = ends[one, first]
            if node == ends[other, second]:
                for line in range(2):
                    if not _cut_away(pair, line, nodes[node, 0], nodes[node, 1]):
                        return False
    return _come_close(pair, int64(0), int64(1))


@inner
def _is_tangled(
    lines: Floats,
    edge: Indices,
    ends: Indices,
    nodes: Floats,
    near: Indices,
    begin: int,
    end: int,
    x: float,
    y: float,
    pair: Floats,
) -> bool:  # pragma: no cover - compiled
    """Return whether two of the stretches that run through a square come close other than where their streets meet."""
    half = CELL_M / 2 + STEP_M
    for position in range(begin + 1, end):
        one = int64(near[position])
        if not _meets(lines, one, x, y, half):
            continue
        for before in range(begin, position):
            other = int64(near[before])
            if (
                edge[one] != edge[other]
                and _meets(lines, other, x, y, half)
                and _run_close(lines, one, other, ends, nodes, pair)
            ):
                return True
    return False


FARTHEST_M = REACH_M + STEP_M + RADIUS_M + GUARD
"""Streets farther from the middle of a square do not matter in it: of points a step beyond the reach the nearest
stretch is listed too."""


def part_block(lines: Floats, left: int, low: int, size: int) -> Masks:
    """Return `part` of a :class:`Block`."""
    numbers = [
        np.clip(np.floor(((lines[:, axis] + lines[:, 2 + axis] / 2) / CELL_M - first) / size * _PARTS), 0, _PARTS - 1)
        for axis, first in ((0, left), (1, low))
    ]
    return np.asarray(np.uint64(1) << (numbers[1] * _PARTS + numbers[0]).astype(np.uint64))


@entry
def find_squares(
    lines: Floats, left: int, low: int, size: int, nearest: Floats, room: Indices, near: Indices
) -> None:  # pragma: no cover - compiled
    """Find the squares of a block that each stretch may matter in; called three times.

    First, without `room`, `nearest` is lowered to the square of the distance from the middle of each square to the
    nearest stretch. Then, without `near`, stretches are counted: added to `room`. With both, they are written to
    `near`, those of each square from where `room` says on.

    Somewhere in a square a stretch can be the nearest one only if it is not farther from the middle than the nearest
    one there by more than a diagonal.
    """
    for stretch in range(len(lines)):
        first_column, last_column = _squares(lines[stretch, 0], lines[stretch, 2], FARTHEST_M, left, size)
        first_row, last_row = _squares(lines[stretch, 1], lines[stretch, 3], FARTHEST_M, low, size)
        for row in range(first_row, last_row + 1):
            y = (low + row + 0.5) * CELL_M
            for column in range(first_column, last_column + 1):
                x = (left + column + 0.5) * CELL_M
                cell = row * size + column
                square, _ = away(x, y, lines, stretch)
                if len(room) == 0:
                    nearest[cell] = min(nearest[cell], square)
                    continue
                reach = min(math.sqrt(nearest[cell]) + 2 * RADIUS_M + GUARD, FARTHEST_M)
                if square > reach * reach:
                    continue
                if len(near) > 0:
                    near[room[cell]] = stretch
                room[cell] += 1


@entry
def find_tangles(
    lines: Floats,
    edge: Indices,
    ends: Indices,
    nodes: Floats,
    left: int,
    low: int,
    size: int,
    part: Masks,
    offsets: Indices,
    near: Indices,
    pair: Floats,
    parts: Masks,
    tangled: Flags,
) -> None:  # pragma: no cover - compiled
    """Write `parts` and `tangled` of a :class:`Block`.

    `ends` are the nodes at the ends of the street of each stretch, `nodes` are x and y of all nodes, `pair` is room for
    two stretches.
    """
    for cell in range(size * size):
        begin, end = int64(offsets[cell]), int64(offsets[cell + 1])
        for position in range(begin, end):
            parts[cell] |= part[near[position]]
        if end > begin + 1:
            x, y = (left + cell % size + 0.5) * CELL_M, (low + cell // size + 0.5) * CELL_M
            tangled[cell] = _is_tangled(lines, edge, ends, nodes, near, begin, end, x, y, pair)
