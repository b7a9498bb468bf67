from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.analysis.dwellings import list_dwellings, municipality_at
from psttm_geo.crs import GEOGRAPHIC, METRIC
from psttm_geo.errors import CrsError
from psttm_geo.model.network import EdgeFlag, WalkNetwork

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
