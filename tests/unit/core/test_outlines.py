import numpy as np
import pytest
import shapely

from psttm_geo.core.outlines import measure_distances

SQUARE = shapely.box(0, 0, 1000, 1000)


def test_the_largest_distance_is_that_between_outlines_and_in_both_directions() -> None:
    # A spike that only one of the two has, in the middle of a long straight side.
    spike = shapely.union(SQUARE, shapely.Polygon([(490, 1000), (500, 1300), (510, 1000)]))
    hole = shapely.difference(SQUARE, shapely.box(400, 400, 600, 600))
    found = measure_distances(np.array([SQUARE, spike, SQUARE, hole]), np.array([spike, SQUARE, hole, SQUARE]))
    assert found == pytest.approx([300, 300, 400, 400], abs=5)


def test_equal_outlines_are_at_no_distance_and_parts_count() -> None:
    two = shapely.MultiPolygon([SQUARE, shapely.box(3000, 0, 3100, 100)])
    assert measure_distances(np.array([SQUARE, two]), np.array([SQUARE, SQUARE])) == pytest.approx([0, 2100])


def test_no_outlines_have_no_distances() -> None:
    none = np.array([], dtype=object)
    assert measure_distances(none, none).shape == (0,)
