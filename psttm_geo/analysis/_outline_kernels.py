"""Outlines of where a number on the points of a grid is positive: marching squares, traced and joined; compiled.

Where two opposite corners of a cell are inside and the others are not, the mean of the four says whether its middle is.
An outline crosses a side between two neighbouring points of which one is inside. Every side that is crossed begins one
segment and ends another one, so that segments found in parts of the grid, in any order, join to closed rings.
"""

import numba
import numpy as np
import numpy.typing as npt

_ROW = 2**31
"""Points are numbered row by row; no row has so many."""

_UPRIGHT = 2**61
"""Sides that run upwards come after all others."""

_SIDES = 4

_RIGHT, _UPPER = 1, 2
"""The other sides of a cell are the lower one, 0, and the left one, 3."""

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]


@numba.njit(cache=True, nogil=True, forceinline=True)
def _cross(
    values: Floats, left: int, low: int, row: int, column: int, side: int
) -> tuple[int, float, float]:  # pragma: no cover - compiled
    """Return the number of a side of a cell, and where it is crossed."""
    upright = side % 2 == 1
    j, i = row + (side == _UPPER), column + (side == _RIGHT)
    first = values[j, i]
    last = values[j + 1, i] if upright else values[j, i + 1]
    share = first / (first - last)
    number = (low + j) * _ROW + (left + i)
    if upright:
        return number + _UPRIGHT, float(left + i), float(low + j + share)
    return number, float(left + i + share), float(low + j)


@numba.njit(cache=True, nogil=True)
def trace_cell(
    values: Floats, left: int, low: int, row: int, column: int, links: Longs, points: Floats, count: int
) -> int:  # pragma: no cover - compiled
    """Write the segments of an outline in a cell of a grid; return how many there are with those before.

    Parameters
    ----------
    values
        Of the points, none of them 0; positive inside.
    left, low
        The numbers of the grid's first column and row.
    row, column
        The cell, by its first point; not all of its corners are inside, nor all outside.
    links, points
        One row per segment: the sides that it begins and ends on, and where it begins, in steps of the grid. What is
        inside is left of it.
    count
        How many segments there are already.
    """
    corners = (values[row, column], values[row, column + 1], values[row + 1, column + 1], values[row + 1, column])
    inside = (corners[0] > 0.0, corners[1] > 0.0, corners[2] > 0.0, corners[3] > 0.0)
    # Around a corner outside if the middle is inside, otherwise around one inside.
    turn = 1 if corners[0] + corners[1] + corners[2] + corners[3] > 0.0 else _SIDES - 1
    for side in range(_SIDES):
        if inside[side] and not inside[(side + 1) % _SIDES]:
            end = (side + turn) % _SIDES
            while inside[end] or not inside[(end + 1) % _SIDES]:
                end = (end + turn) % _SIDES
            links[count, 0], points[count, 0], points[count, 1] = _cross(values, left, low, row, column, side)
            links[count, 1], _, _ = _cross(values, left, low, row, column, end)
            count += 1
    return count


@numba.njit(cache=True, nogil=True)
def _walk_rings(
    following: Longs, points: Floats
) -> tuple[Longs, Longs, Longs, npt.NDArray[np.bool_]]:  # pragma: no cover - compiled
    """Return the segments ring by ring, where each ring begins, the ring of each segment, and which rings are holes."""
    count = len(following)
    walked, begins, ring = np.empty(count, np.int64), np.empty(count + 1, np.int64), np.full(count, -1)
    hole = np.empty(count, np.bool_)
    rings = position = 0
    for first in range(count):
        if ring[first] >= 0:
            continue
        begins[rings] = position
        twice_area = 0.0
        segment = first
        while ring[segment] < 0:
            ring[segment] = rings
            walked[position] = segment
            position += 1
            after = following[segment]
            # From the first point, so that far-away grids are as exact as near ones.
            x, y = points[segment, 0] - points[first, 0], points[segment, 1] - points[first, 1]
            next_x, next_y = points[after, 0] - points[first, 0], points[after, 1] - points[first, 1]
            twice_area += x * next_y - next_x * y
            segment = after
        hole[rings] = twice_area < 0.0
        rings += 1
    begins[rings] = position
    return walked, begins[: rings + 1], ring, hole[:rings]


@numba.njit(cache=True, nogil=True)
def join_segments(links: Longs, points: Floats) -> tuple[Floats, Longs, Longs]:  # pragma: no cover - compiled
    """Join segments to polygons, in the same order whatever the order of the segments.

    Parameters
    ----------
    links, points
        As :func:`trace_cell` writes them: at least one, of whole outlines.

    Returns
    -------
    tuple of ndarray
        Points of the rings, each closed by its first; where rings begin among points; where polygons begin among rings.
        The first ring of a polygon goes around it, the others are its holes.
    """
    order = np.argsort(links[:, 0])
    sides, points = links[order, 0], points[order]
    walked, begins, ring, hole = _walk_rings(np.searchsorted(sides, links[order, 1]), points)
    rings = len(hole)
    # A ring begins where it crosses its lowest row for the first time from the left. Left of a hole's beginning is the
    # polygon that it is in, from the side crossed before on.
    around = np.arange(rings)
    for number in range(rings):
        if hole[number]:
            around[number] = around[ring[walked[begins[number]] - 1]]
    joined = np.empty((len(points) + rings, 2))
    ring_offsets, polygon_offsets = np.zeros(rings + 1, np.int64), np.zeros(rings + 1, np.int64)
    polygons = position = done = 0
    by_polygon = np.argsort(around, kind="mergesort")
    for number in by_polygon:
        if not hole[number]:
            polygon_offsets[polygons] = done
            polygons += 1
        first = begins[number]
        for step in range(first, begins[number + 1]):
            joined[position] = points[walked[step]]
            position += 1
        joined[position] = points[walked[first]]
        position += 1
        done += 1
        ring_offsets[done] = position
    polygon_offsets[polygons] = done
    return joined, ring_offsets, polygon_offsets[: polygons + 1]
