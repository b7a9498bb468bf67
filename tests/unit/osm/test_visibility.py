"""Straight walks inside shapes whose corners are known."""

import numpy as np
import pytest
import shapely

from psttm_geo.osm import _visibility
from psttm_geo.osm._visibility import Points, read_rings, spread, straight_walks

L_SHAPE = shapely.Polygon([(0, 0), (200, 0), (200, 50), (50, 50), (50, 200), (0, 200)])

RING = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))


def travel_times(
    areas: list[shapely.Geometry], begins: list[tuple[float, float]]
) -> set[frozenset[tuple[float, float]]]:
    """Give the straight walks between some vertices and all corners of the areas."""
    shapes = np.array(areas, object)
    rings = read_rings(shapes, np.arange(len(areas)))
    here = [(x, y) in begins for x, y in zip(rings.x, rings.y, strict=True)]
    chosen = np.flatnonzero(rings.bends | here)
    points = Points(rings.owner[chosen], rings.x[chosen], rings.y[chosen], chosen, ~np.array(here)[chosen])
    one, other = straight_walks(shapes, rings, points, np.ones(len(rings.x), bool))
    ends = zip(points.x[one], points.y[one], points.x[other], points.y[other], strict=True)
    return {frozenset({(a, b), (c, d)}) for a, b, c, d in ends}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("area", "corners"),
    [
        (shapely.box(0, 0, 1, 1), set()),
        (L_SHAPE, {(50, 50)}),
        (RING, {(40, 40), (40, 60), (60, 40), (60, 60)}),
        (shapely.MultiPolygon([L_SHAPE, shapely.box(300, 0, 301, 1)]), {(50, 50)}),
    ],
)
def test_ways_bend_at_corners_that_point_inward(
    area: shapely.Geometry, corners: set[tuple[float, float]], *, turned: bool
) -> None:
    rings = read_rings(np.array([shapely.reverse(area) if turned else area], object), np.array([0]))
    assert set(zip(rings.x[rings.bends].tolist(), rings.y[rings.bends].tolist(), strict=True)) == corners


def test_the_rings_of_chosen_areas_go_by_their_position() -> None:
    rings = read_rings(np.array([RING, None, shapely.box(0, 0, 1, 1)], object), np.array([0, 2]))
    assert rings.owner.tolist() == [0] * 8 + [2] * 4
    assert rings.ring.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert rings.after.tolist() == [1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8]
    assert rings.before[rings.after].tolist() == list(range(12))


def test_of_no_areas_there_are_no_rings_and_no_walks() -> None:
    nothing = np.zeros(0, np.int64)
    rings = read_rings(np.array([RING], object), nothing)
    points = Points(nothing, rings.x, rings.y, nothing, rings.bends)
    assert [len(part) for part in straight_walks(np.array([RING], object), rings, points, rings.bends)] == [0, 0]


def test_opposite_corners_see_each_other_and_neighbours_walk_along_the_outline() -> None:
    corners = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    assert travel_times([shapely.box(0, 0, 100, 100)], corners) == {frozenset({corners[0], corners[2]})}


def test_walks_touch_holes_and_do_not_cut_them() -> None:
    found = travel_times([RING], [(0.0, 0.0), (100.0, 100.0)])
    touching = {(40.0, 60.0), (60.0, 40.0)}
    assert found == {frozenset({end, corner}) for end in ((0.0, 0.0), (100.0, 100.0)) for corner in touching}


def test_areas_are_crossed_each_by_itself_however_few_pairs_are_looked_at_in_one_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    areas = [L_SHAPE, shapely.box(0, 0, 100, 100), RING]
    begins = [(0.0, 0.0), (100.0, 100.0), (200.0, 0.0), (0.0, 200.0)]
    whole = travel_times(areas, begins)
    assert whole == set().union(*(travel_times([area], begins) for area in areas))
    monkeypatch.setattr(_visibility, "_AT_ONCE", 2)
    assert travel_times(areas, begins) == whole


def test_where_the_outline_is_not_walked_it_stands_for_no_walk() -> None:
    area = np.array([shapely.Polygon([(0, 0), (50, -0.5), (100, 0), (100, 100), (0, 100)])], object)
    rings = read_rings(area, np.array([0]))
    chosen = np.flatnonzero((rings.y == 0) & (rings.x % 100 == 0))
    points = Points(rings.owner[chosen], rings.x[chosen], rings.y[chosen], chosen, np.zeros(2, bool))
    assert len(straight_walks(area, rings, points, np.ones(5, bool))[0]) == 0
    passed = rings.y != -0.5
    assert len(straight_walks(area, rings, points, passed)[0]) == 1


def test_runs_of_numbers() -> None:
    run, number = spread(np.array([5, 9, 2]), np.array([2, 0, 3]))
    assert (run.tolist(), number.tolist()) == ([0, 0, 2, 2, 2], [5, 6, 2, 3, 4])
