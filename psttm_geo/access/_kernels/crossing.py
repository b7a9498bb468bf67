"""Where outlines cross the ways between two points of a grid; compiled.

Ways are noted first, each in a lane of its own, and all of them are then looked at in step and without branches,
several at once.
"""

import math

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.reach import PLAIN, in_time
from psttm_geo.access._kernels.stretch import REACH_M, away

LANES = 64
"""So many ways are looked at together."""

_HALVINGS = 8
"""So often a way of at most 3.3 m is halved to find where it is crossed: to less than two centimetres."""

_OF_LINE, _OF_WALK = 5, 3
"""Values of a stretch and of the walk on it that are needed: the first ones of both."""

_X, _Y, _STEP_X, _STEP_Y, _INSIDE, _ONE, _OTHER, CROSSED, _FIRST, _SECOND, _SPECIAL, WAYS = (
    row * LANES for row in (0, 1, 2, 3, 4, 5, 13, 21, 22, 23, 24, 25)
)
"""Where the rows noted of ways begin: first point, steps to the last, whether the first is inside, values of the two
stretches nearest to the points, where the way is crossed (0 to 1), which stretches these are, whether one of them is of
a street with marks or of a closed one; and how long all rows are."""

Floats = npt.NDArray[np.float64]


@numba.njit(cache=True, nogil=True)
def note_way(
    lines: Floats,
    walks: Floats,
    x: float,
    y: float,
    step_x: float,
    step_y: float,
    inside: int,
    one: int,
    other: int,
    ways: Floats,
    lane: int,
) -> None:  # pragma: no cover - compiled
    """Write what :func:`find_crossings` has to know of a way, of which either the first point is inside or the last.

    Parameters
    ----------
    lines, walks
        As in :class:`psttm_geo.access._kernels.stretch.Block` and of
        :class:`psttm_geo.access._kernels.reach.Reached`.
    x, y, step_x, step_y
        The first point, and the way from there to the last, metres.
    inside
        Whether the first point is inside.
    one, other
        The stretches nearest to the points.
    ways, lane
        :data:`WAYS` values, and where to write; below :data:`LANES`.
    """
    ways[_X + lane], ways[_Y + lane] = x, y
    ways[_STEP_X + lane], ways[_STEP_Y + lane] = step_x, step_y
    ways[_INSIDE + lane] = inside
    # Of two stretches that are as near the first one counts.
    first, second = min(one, other), max(one, other)
    for value in range(_OF_LINE):
        ways[_ONE + value * LANES + lane] = lines[first, value]
        ways[_OTHER + value * LANES + lane] = lines[second, value]
    for value in range(_OF_WALK):
        ways[_ONE + (_OF_LINE + value) * LANES + lane] = walks[first, value]
        ways[_OTHER + (_OF_LINE + value) * LANES + lane] = walks[second, value]
    ways[_FIRST + lane], ways[_SECOND + lane] = first, second
    ways[_SPECIAL + lane] = walks[first, 3] != PLAIN or walks[second, 3] != PLAIN


@numba.njit(cache=True, nogil=True, forceinline=True)
def _reach(ways: Floats, street: int, x: float, y: float) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the square of the distance from a point to a stretch noted, and the time at the nearest point of it."""
    to_x, to_y = x - ways[street], y - ways[street + LANES]
    along_x, along_y = ways[street + 2 * LANES], ways[street + 3 * LANES]
    where = min(max((to_x * along_x + to_y * along_y) * ways[street + 4 * LANES], 0.0), 1.0)
    to_x -= where * along_x
    to_y -= where * along_y
    along = where * ways[street + 7 * LANES]
    time = min(ways[street + 5 * LANES] + along, ways[street + 6 * LANES] - along)
    return to_x * to_x + to_y * to_y, time


@numba.njit(cache=True, nogil=True)
def _halve(
    lines: Floats, walks: Floats, marks: Floats, ways: Floats, lane: int, limit_ds: float, ds_per_m: float
) -> float:  # pragma: no cover - compiled
    """Return where a way begins to be crossed, whatever the streets near it; see :func:`find_crossings`."""
    first, second = int(ways[_FIRST + lane]), int(ways[_SECOND + lane])
    low, part = 0.0, 1.0
    for _ in range(_HALVINGS):
        part /= 2
        x = ways[_X + lane] + (low + part) * ways[_STEP_X + lane]
        y = ways[_Y + lane] + (low + part) * ways[_STEP_Y + lane]
        square, where = away(x, y, lines, first)
        other_square, other_where = away(x, y, lines, second)
        nearest = first
        if other_square < square:
            square, where, nearest = other_square, other_where, second
        within = in_time(lines, walks, marks, nearest, where, square, limit_ds, ds_per_m)
        if within == (ways[_INSIDE + lane] > 0.0):
            low += part
    return low


@numba.njit(cache=True, nogil=True)
def find_crossings(
    lines: Floats, walks: Floats, marks: Floats, ways: Floats, count: int, limit_ds: float, ds_per_m: float
) -> None:  # pragma: no cover - compiled
    """Write where the ways in the first lanes are crossed by an outline.

    Of the streets the nearest ones of both points are asked. Halving the way finds a place that only moves towards the
    point that is outside when the limit rises.
    """
    ways[CROSSED : CROSSED + LANES] = 0.0
    part = 1.0
    for _ in range(_HALVINGS):
        part /= 2
        for lane in range(count):
            middle = ways[CROSSED + lane] + part
            x, y = ways[_X + lane] + middle * ways[_STEP_X + lane], ways[_Y + lane] + middle * ways[_STEP_Y + lane]
            square, time = _reach(ways, _ONE + lane, x, y)
            other_square, other_time = _reach(ways, _OTHER + lane, x, y)
            time = other_time if other_square < square else time
            square = min(square, other_square)
            within = (square <= REACH_M * REACH_M) & (time + math.sqrt(square) * ds_per_m <= limit_ds)
            ways[CROSSED + lane] = middle if within == (ways[_INSIDE + lane] > 0.0) else ways[CROSSED + lane]
    for lane in range(count):
        if ways[_SPECIAL + lane] > 0.0:
            ways[CROSSED + lane] = _halve(lines, walks, marks, ways, lane, limit_ds, ds_per_m)
        ways[CROSSED + lane] += part / 2


@numba.njit(cache=True, nogil=True)
def place_crossings(
    lines: Floats, walks: Floats, marks: Floats, ways: Floats, limit_ds: float, ds_per_m: float, points: Floats
) -> None:  # pragma: no cover - compiled
    """Write the points at which the ways in the first lanes are crossed, one for each row of `points`."""
    find_crossings(lines, walks, marks, ways, len(points), limit_ds, ds_per_m)
    for lane in range(len(points)):
        crossed = ways[CROSSED + lane]
        points[lane, 0] = ways[_X + lane] + crossed * ways[_STEP_X + lane]
        points[lane, 1] = ways[_Y + lane] + crossed * ways[_STEP_Y + lane]
