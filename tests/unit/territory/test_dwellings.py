from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.osm.extent import Extent
from psttm_geo.osm.network import EdgeFlag, WalkNetwork
from psttm_geo.territory.dwellings import (
    drop_sparse_buildings,
    list_beyond,
    list_dwellings,
    municipality_at,
    within_extent,
)

HALVES = gpd.GeoDataFrame(
    {"municipality_code": ["015001", "015002"]},
    geometry=[shapely.box(0, -100, 500, 100), shapely.box(500, -100, 1000, 100)],
    crs=METRIC,
)

HOMES = pd.DataFrame({"x": [10.0, 900.0, 5000.0], "y": [0.0, 0.0, 0.0], "area_m2": [50.0, 80.0, 70.0]})


@pytest.fixture
def street(street_network: Callable[..., WalkNetwork]) -> WalkNetwork:
    return street_network([(0, 0), (250, 0)], [(0, 1)])


def test_buildings_and_stretches_are_listed_by_municipality(street: WalkNetwork) -> None:
    listed = list_dwellings(HOMES, street, HALVES)
    buildings = listed[listed["kind"] == "building"]
    assert buildings["municipality_code"].tolist() == ["015001", "015002"]
    assert buildings["weight"].tolist() == [50, 80]
    streets = listed[listed["kind"] == "street"]
    assert streets["x"].tolist() == pytest.approx([250 / 6, 125, 1250 / 6])
    assert streets["weight"].sum() == pytest.approx(250)


def test_nobody_lives_on_a_walk_across_a_square(street_network: Callable[..., WalkNetwork]) -> None:
    flags = {1: EdgeFlag.ACROSS | EdgeFlag.RESIDENTIAL}
    listed = list_dwellings(
        HOMES, street_network([(0, 0), (100, 0), (300, 0)], [(0, 1), (1, 2)], edge_flags=flags), HALVES
    )
    assert listed.loc[listed["kind"] != "building", ["x", "weight"]].to_numpy().tolist() == [[50, 100]]


def test_a_point_on_a_common_border_counts_in_the_first() -> None:
    found = municipality_at(np.array([500.0, 2000.0, 501.0]), np.zeros(3), HALVES)
    assert found.tolist() == ["015001", None, "015002"]
    turned = municipality_at(np.array([500.0]), np.zeros(1), HALVES.iloc[::-1].reset_index(drop=True))
    assert turned.tolist() == ["015002"]


def test_degrees_are_refused(street: WalkNetwork) -> None:
    with pytest.raises(CrsError):
        list_dwellings(HOMES, street, HALVES.to_crs(GEOGRAPHIC))


def around(west: float, east: float) -> Extent:
    """Give an extent over all of the two halves between two meridians."""
    box = shapely.box(west, -100, east, 100)
    return Extent(gpd.GeoDataFrame({"part": ["hull", "dense"]}, geometry=[box, box], crs=METRIC))


def test_dwellings_beyond_an_extent_count_only_in_towns_that_it_covers_in_whole(street: WalkNetwork) -> None:
    listed = list_dwellings(HOMES, street, HALVES)
    buildings = listed[listed["kind"] == "building"]
    assert within_extent(buildings, around(450, 750), HALVES)["x"].tolist() == []
    assert within_extent(buildings, around(50, 1000), HALVES)["x"].tolist() == [10, 900]


def test_points_stand_all_over_what_is_not_covered() -> None:
    wide = HALVES.assign(geometry=[shapely.box(0, 0, 3000, 2000), shapely.box(3000, 0, 6000, 2000)])
    extent = Extent(
        gpd.GeoDataFrame({"part": ["hull", "dense"]}, geometry=[shapely.box(0, 0, 4500, 2000)] * 2, crs=METRIC)
    )
    beyond = list_beyond(extent, wide)
    assert set(beyond["municipality_code"]) == {"015002"}
    assert beyond["covered"].unique().tolist() == [0.5]
    assert beyond["x"].between(4500, 6000).all()
    assert len(beyond) == pytest.approx(1500 * 2000 / 500**2, rel=0.5)
    assert list_beyond(around(0, 1000), HALVES).empty


def test_a_sliver_has_a_point_too() -> None:
    assert len(list_beyond(around(0, 750), HALVES)) == 1


@pytest.mark.parametrize(("houses", "kinds"), [([50.0], {"building"}), ([], {"street"}), ([5000.0], {"street"})])
def test_few_buildings_do_not_stand_for_a_town(
    street_network: Callable[..., WalkNetwork], houses: list[float], kinds: set[str]
) -> None:
    # A street of 2 km: one house in it speaks for the quarter within 250 m, one far away for nothing.
    network = street_network([(0, 0), (2000, 0)], [(0, 1)])
    homes = pd.DataFrame({"x": houses, "y": [0.0] * len(houses), "area_m2": [80.0] * len(houses)})
    homes = pd.concat([homes, homes.assign(x=300.0)]) if kinds == {"building"} else homes
    town = gpd.GeoDataFrame({"municipality_code": ["015001"]}, geometry=[shapely.box(-9, -9, 6000, 9)], crs=METRIC)
    kept = drop_sparse_buildings(list_dwellings(homes, network, town))
    assert set(kept["kind"]) == kinds | {"street"}
