"""Parts of squares whose shares are arithmetic."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.osm.extent import Extent

Make = Callable[..., Extent]


@pytest.fixture
def extent() -> Make:
    """Make an extent of boxes: west, south, east, north."""

    def extent(**parts: tuple[float, float, float, float]) -> Extent:
        shapes = [shapely.box(*box) for box in parts.values()]
        return Extent(gpd.GeoDataFrame({"part": list(parts)}, geometry=shapes, crs=METRIC))

    return extent


def share(extent: Extent, *box: float) -> float:
    return float(extent.shares(np.array([shapely.box(*box)]))[0])


def test_the_part_in_the_hull_is_covered(extent: Make) -> None:
    half = extent(hull=(0, 0, 10, 10), dense=(0, 0, 10, 10))
    assert share(half, 0, 0, 10, 10) == 1
    assert share(half, 5, 0, 15, 10) == 0.5
    assert share(half, 10, 0, 20, 10) == 0


def test_woods_at_the_border_are_no_gap(extent: Make) -> None:
    assert share(extent(hull=(0, 0, 10, 10), dense=(0, 0, 6, 10)), 0, 0, 12, 10) == 1


def test_a_place_between_streets_that_meet_elsewhere_is_not_covered(extent: Make) -> None:
    around = extent(hull=(0, 0, 30, 10), dense=(0, 0, 11, 10))
    assert share(around, 10, 0, 20, 10) == pytest.approx(0.1)


def test_a_place_that_streets_only_pass_through_is_not_covered_even_among_others(extent: Make) -> None:
    around = extent(hull=(0, 0, 30, 10), dense=(0, 0, 30, 10))
    meeting = [(x + 0.5, y + 0.5) for x in range(30) for y in range(10) if not 10 <= x < 20]
    table = around.table

    def with_junctions(*more: tuple[float, float]) -> Extent:
        points = gpd.GeoDataFrame({"part": ["junctions"]}, geometry=[shapely.MultiPoint([*meeting, *more])], crs=METRIC)
        return Extent(gpd.GeoDataFrame(pd.concat([table, points], ignore_index=True), crs=METRIC))

    assert share(around, 10, 0, 20, 10) == 1
    assert share(with_junctions((11, 5), (19, 5)), 10, 0, 20, 10) == 0
    assert share(with_junctions((11, 5), (15, 5), (19, 5)), 10, 0, 20, 10) == 1
    assert share(with_junctions(), 0, 0, 10, 10) == 1
    assert share(with_junctions(), 12, 2, 14, 4) == 1  # too small to tell


def test_the_stated_box_takes_away_and_never_adds(extent: Make) -> None:
    parts = {"hull": (0, 0, 10, 10), "dense": (0, 0, 10, 10)}
    assert share(extent(**parts, box=(0, 0, 10, 9)), 0, 0, 10, 10) == pytest.approx(0.9)
    assert share(extent(**parts, box=(0, 0, 10, 9.95)), 0, 0, 10, 10) == 1
    assert share(extent(**parts, box=(-99, -99, 99, 99)), 5, 0, 15, 10) == 0.5


def test_points_are_inside_the_hull_and_the_box(extent: Make) -> None:
    made = extent(hull=(0, 0, 10, 10), dense=(0, 0, 5, 10), box=(0, 0, 8, 10))
    assert made.contains(np.array([7.0, 9.0, 11.0]), np.array([5.0, 5.0, 5.0])).tolist() == [True, False, False]


def test_the_end_is_where_streets_stop_meeting_or_the_box_ends(extent: Make) -> None:
    made = extent(hull=(0, 0, 100, 100), dense=(0, 0, 100, 100), box=(0, 0, 80, 100))
    x, y = np.array([50.0, 75.0, 90.0, np.nan]), np.array([60.0, 50.0, 50.0, np.nan])
    assert made.distances_to_end(x, y).tolist() == [30, 5, 0, np.inf]
