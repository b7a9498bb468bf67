"""The nearest street to a point, by a grid of square cells over the pieces of streets, compiled.

Each straight piece between two points of a street stands in every cell it goes through; a search looks through boxes
around the point that double until the nearest piece found is nearer than the box is wide. Lengths are those of the
plane, in double precision; nothing is rounded or sampled.
"""

import math

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inner, int64

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

NOWHERE = np.int32(-1)
"""Edge of a point that no street is near enough to."""

_MARGIN_M = 1e-3
"""Pieces are put into cells this much beyond their own, so that rounding loses none."""


@inner
def _clip(value: float, low: int, high: int) -> int:  # pragma: no cover - compiled
    """Return the whole number below a value, kept within bounds; a value may be too large for a whole number."""
    if value <= low:
        return low
    if value >= high:
        return high
    return math.floor(value)


@inner
def _within_row(
    x: Floats, y: Floats, piece: int, low: float, high: float
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the least and the largest x of a piece between two values of y that it reaches."""
    x1, y1, x2, y2 = x[piece], y[piece], x[piece + 1], y[piece + 1]
    if y1 == y2:
        return min(x1, x2), max(x1, x2)
    one = min(max((low - y1) / (y2 - y1), 0.0), 1.0)
    other = min(max((high - y1) / (y2 - y1), 0.0), 1.0)
    from_x, to_x = x1 + one * (x2 - x1), x1 + other * (x2 - x1)
    return min(from_x, to_x), max(from_x, to_x)


@entry
def fill_cells(
    x: Floats,
    y: Floats,
    owner: Indices,
    west: float,
    south: float,
    side: float,
    columns: int,
    rows: int,
    ends: Indices,
    pieces: Indices,
) -> None:  # pragma: no cover - compiled
    """Put the pieces of streets into cells, row by row of the grid.

    A piece goes from point `i` to point `i + 1` of one `owner`. Without room in `pieces` the pieces of each cell are
    counted: added to `ends`. With room, `ends` has to say where each cell ends; afterwards it says where each begins.
    """
    counting = len(pieces) == 0
    for piece in range(len(x) - 1):
        if owner[piece] != owner[piece + 1]:
            continue
        lowest, highest = min(y[piece], y[piece + 1]), max(y[piece], y[piece + 1])
        first_row = _clip((lowest - _MARGIN_M - south) / side, int64(0), rows - 1)
        last_row = _clip((highest + _MARGIN_M - south) / side, int64(0), rows - 1)
        for row in range(first_row, last_row + 1):
            low, high = south + row * side - _MARGIN_M, south + (row + 1) * side + _MARGIN_M
            least, largest = _within_row(x, y, piece, low, high)
            first = _clip((least - _MARGIN_M - west) / side, int64(0), columns - 1)
            last = _clip((largest + _MARGIN_M - west) / side, int64(0), columns - 1)
            for cell in range(row * columns + first, row * columns + last + 1):
                if counting:
                    ends[cell] += 1
                else:
                    ends[cell] -= 1
                    pieces[ends[cell]] = piece


@inner
def _nearest_on(
    x: Floats, y: Floats, piece: int, at_x: float, at_y: float
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Return the distance from a point to a piece, and how far along the piece, 0 to 1, its nearest point lies."""
    x1, y1, x2, y2 = x[piece], y[piece], x[piece + 1], y[piece + 1]
    square = (x2 - x1) ** 2 + (y2 - y1) ** 2
    along = ((at_x - x1) * (x2 - x1) + (at_y - y1) * (y2 - y1)) / square if square > 0 else 0.0
    # At its ends the very coordinates count: streets that meet in a point are equally near to what it is nearest to.
    if along <= 0:
        return math.hypot(at_x - x1, at_y - y1), 0.0
    if along >= 1:
        return math.hypot(at_x - x2, at_y - y2), 1.0
    return math.hypot(at_x - (x1 + along * (x2 - x1)), at_y - (y1 + along * (y2 - y1))), along


@entry
def nearest_streets(
    x: Floats,
    y: Floats,
    owner: Indices,
    offsets: npt.NDArray[np.int64],
    usable: npt.NDArray[np.bool_],
    west: float,
    south: float,
    side: float,
    columns: int,
    rows: int,
    begins: Indices,
    pieces: Indices,
    at_x: Floats,
    at_y: Floats,
    max_m: float,
    edge: Indices,
    fraction: Floats,
    away: Floats,
) -> None:  # pragma: no cover - compiled
    """Write the nearest usable street of each point, where on it, 0 to 1, and how far away.

    Of equally near streets the first is taken; points farther than `max_m` are left as they are. Street `e` has the
    points `offsets[e]` to `offsets[e + 1]`; `begins` has one entry more than there are cells.
    """
    for place in range(len(at_x)):
        px, py = at_x[place], at_y[place]
        if not (math.isfinite(px) and math.isfinite(py)):
            continue
        best, best_piece, best_along = np.inf, -1, 0.0
        reach = side / 2
        while True:
            first = _clip((px - reach - west) / side, int64(-1), columns)
            last = _clip((px + reach - west) / side, int64(-1), columns)
            bottom = _clip((py - reach - south) / side, int64(-1), rows)
            top = _clip((py + reach - south) / side, int64(-1), rows)
            for row in range(max(bottom, 0), min(top, rows - 1) + 1):
                for cell in range(row * columns + max(first, 0), row * columns + min(last, columns - 1) + 1):
                    for position in range(begins[cell], begins[cell + 1]):
                        piece = int64(pieces[position])
                        if not usable[owner[piece]]:
                            continue
                        distance, along = _nearest_on(x, y, piece, px, py)
                        if distance < best or (distance == best and piece < best_piece):
                            best, best_piece, best_along = distance, piece, along
            whole = first < 0 and last >= columns and bottom < 0 and top >= rows
            if best <= reach or reach >= max_m or whole:
                break
            reach = reach * 2
        if best <= max_m:
            street = owner[best_piece]
            edge[place], away[place] = street, best
            before, total = 0.0, 0.0
            for piece in range(offsets[street], offsets[street + 1] - 1):
                length = math.hypot(x[piece + 1] - x[piece], y[piece + 1] - y[piece])
                if piece < best_piece:
                    before += length
                elif piece == best_piece:
                    before += best_along * length
                total += length
            fraction[place] = min(before / total, 1.0) if total > 0 else 0.0
