"""Outlines on random grids, beside those that contourpy draws."""

from random import Random

import contourpy
import hypothesis
import hypothesis.extra.numpy as arrays
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from psttm_geo.access._kernels.outline import FINER, join_segments, trace_square

values = arrays.arrays(np.int8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(-3, 3))


def framed(drawn: np.ndarray) -> np.ndarray:
    """Give values around which all is outside, none of them 0."""
    return np.pad(drawn + 0.25, 1, constant_values=-1.0)


def trace(grid: np.ndarray, left: int, low: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Trace a grid cell by cell; its first point is numbered in fine steps, and so are the points given back."""
    rows, columns = grid.shape
    links, points = np.empty((2 * grid.size, 2), np.int64), np.empty((2 * grid.size, 2))
    begins, coarse = np.empty((2, 4), np.int32), np.full(4, step > 1)
    count = 0
    for row in range(rows - 1):
        for column in range(columns - 1):
            values = grid[row : row + 2, column : column + 2]
            inside, middle = (values > 0).astype(np.uint8), np.full((1, 1), values.sum() > 0, np.uint8)
            corner = left + column * step, low + row * step
            before = count
            count = trace_square(inside, middle, *corner, step, 1, coarse, links, begins, count)
            for segment in range(before, count):
                j, i, upright, length = begins[segment - before].tolist()
                assert length == step
                first, last = values[j, i], values[j + upright, i + 1 - upright]
                share = first / (first - last)
                points[segment] = np.array(corner) + step * np.array([i, j]) + step * share * np.eye(2)[upright]
    return links[:count], points[:count]


def as_shape(points: np.ndarray, rings: np.ndarray, polygons: np.ndarray) -> shapely.MultiPolygon:
    offsets = (rings, polygons, np.array([0, len(polygons) - 1]))
    return shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, offsets)[0]


@given(values, st.sampled_from([-700, 0, 450_000]), st.sampled_from([1, FINER]))
@hypothesis.settings(max_examples=300)
def test_outlines_are_those_of_contourpy(drawn: np.ndarray, start: int, step: int) -> None:
    grid = framed(drawn)
    links, points = trace(grid, start * FINER, -start * FINER, step)
    if (drawn < 0).all():
        assert len(links) == 0
        return
    ours = as_shape(*join_segments(links, points))
    rows, columns = grid.shape
    x, y = np.arange(columns) * step + float(start * FINER), np.arange(rows) * step - float(start * FINER)
    generator = contourpy.contour_generator(x, y, grid, name="serial", fill_type="ChunkCombinedOffsetOffset")
    (expected,), (rings,), (polygons,) = generator.filled(0, np.inf)
    theirs = as_shape(expected, rings, polygons)
    assert ours.is_valid
    assert len(ours.geoms) == len(theirs.geoms)
    assert shapely.get_num_coordinates(ours) == shapely.get_num_coordinates(theirs)
    assert shapely.get_num_interior_rings(ours.geoms).sum() == shapely.get_num_interior_rings(theirs.geoms).sum()
    assert ours.symmetric_difference(theirs, grid_size=1e-6).area < 1e-6


@given(values, st.randoms(use_true_random=False))
@hypothesis.settings(max_examples=100)
def test_the_order_of_segments_does_not_matter(drawn: np.ndarray, random: Random) -> None:
    drawn[0, 0] = 1
    links, points = trace(framed(drawn), 5, 7, 1)
    order = list(range(len(links)))
    random.shuffle(order)
    for one, other in zip(join_segments(links, points), join_segments(links[order], points[order]), strict=True):
        np.testing.assert_array_equal(one, other)
