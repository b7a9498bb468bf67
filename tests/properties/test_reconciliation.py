import geopandas as gpd
import hypothesis.strategies as st
import numpy as np
import shapely
from hypothesis import given, settings

from psttm_geo.core.crs import METRIC
from psttm_geo.territory.reconciliation import reconcile

SIDE_M = 1000.0

PLACES = [(column * SIDE_M, row * SIDE_M) for row in range(3) for column in range(4)]

OFFICIAL = gpd.GeoDataFrame(
    {
        "municipality_code": [f"0150{number:02d}" for number in range(len(PLACES))],
        "municipality": [f"Comune {chr(65 + number)}" for number in range(len(PLACES))],
    },
    geometry=[shapely.box(x, y, x + SIDE_M, y + SIDE_M) for x, y in PLACES],
    crs=METRIC,
)

Place = tuple[int, float, str | None, str]


@st.composite
def mapped_places(draw: st.DrawFn) -> list[Place]:
    """Give some of the places in any order, each a little aside, with any code and name."""
    numbers = draw(st.lists(st.integers(0, len(PLACES) - 1), unique=True))
    codes = st.sampled_from([*OFFICIAL["municipality_code"], "099999", "", None])
    names = st.sampled_from([*OFFICIAL["municipality"], "Altro", ""])
    return [(number, draw(st.floats(-200, 200)), draw(codes), draw(names)) for number in numbers]


def draw_map(places: list[Place]) -> gpd.GeoDataFrame:
    shapes = [
        shapely.box(
            PLACES[number][0] + shift_m,
            PLACES[number][1],
            PLACES[number][0] + shift_m + SIDE_M,
            PLACES[number][1] + SIDE_M,
        )
        for number, shift_m, _, _ in places
    ]
    table = {"name": [place[3] for place in places], "ref_istat": [place[2] for place in places]}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=METRIC)


@settings(max_examples=40)
@given(mapped_places())
def test_what_shares_most_of_its_place_is_found_whatever_it_is_called(places: list[Place]) -> None:
    result = reconcile(OFFICIAL, draw_map(places))
    table = result.municipalities
    found = {number: shift_m for number, shift_m, _, _ in places}
    assert result.extra.empty
    assert set(np.flatnonzero(table["outcome"] != "mancante")) == found.keys()
    for number, shift_m in found.items():
        row = table.iloc[number]
        assert abs(row["iou"] - (SIDE_M - abs(shift_m)) / (SIDE_M + abs(shift_m))) < 1e-9
        assert abs(row["largest_distance_m"] - abs(shift_m)) < 1e-6
        assert ("spostato" in row["outcome"]) == (abs(shift_m) > 50)
        assert (row["doubt_it"] == "") == (row["osm_code"] == row["municipality_code"])


@settings(max_examples=40)
@given(mapped_places(), st.randoms(use_true_random=False))
def test_the_order_of_the_map_does_not_matter(places: list[Place], random: object) -> None:
    shuffled = list(places)
    random.shuffle(shuffled)
    one, other = (reconcile(OFFICIAL, draw_map(order)).municipalities for order in (places, shuffled))
    columns = ["outcome", "matched_by", "osm_name", "osm_code"]
    assert one[columns].to_numpy().tolist() == other[columns].to_numpy().tolist()
