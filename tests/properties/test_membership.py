import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import Source
from psttm_geo.plan import membership
from psttm_geo.schema.layers import AGE_BANDS, RESIDENT_COUNTS
from psttm_geo.territory.municipalities import Residents

SOURCE = Source("s", "t", "p", "", "2023-01-01", "l", "a", "")

WIDTH = 4

NAMES = ["Nord", "Sud", "Est"]


@st.composite
def towns(draw: st.DrawFn) -> gpd.GeoDataFrame:
    """Give up to 12 unit squares of a grid in random zones with random residents."""
    places = draw(st.lists(st.integers(0, WIDTH * WIDTH - 1), min_size=1, max_size=12, unique=True))
    codes = [f"015{place:03}" for place in places]
    zones = draw(st.lists(st.sampled_from(NAMES), min_size=len(codes), max_size=len(codes)))
    people = st.tuples(st.integers(0, 100), st.integers(0, 9_999), st.integers(0, 9_999))
    rows = [
        (code, *row)
        for code in codes
        for row in draw(st.lists(people, min_size=1, max_size=4, unique_by=lambda row: row[0]))
    ]
    outlines = gpd.GeoDataFrame(
        {"municipality_code": codes, "municipality": codes, "cadastral_code": codes},
        geometry=[
            shapely.box(column * 1000, row * 1000, column * 1000 + 1000, row * 1000 + 1000)
            for row, column in (divmod(place, WIDTH) for place in places)
        ],
        crs=METRIC,
    )
    counts = pd.DataFrame(rows, columns=["municipality_code", "age", "males", "females"])
    return membership.join_municipalities(
        outlines, Residents(counts, "2023-01-01", SOURCE), pd.DataFrame({"municipality_code": codes, "zone": zones})
    )


@settings(max_examples=40)
@given(towns())
def test_whatever_the_zones_nothing_is_lost_or_counted_twice(town: gpd.GeoDataFrame) -> None:
    zones = membership.dissolve_zones(town, [name for name in NAMES if name in set(town["zone"])])
    whole = membership.dissolve_all(town)
    for column in (*RESIDENT_COUNTS, "municipality_count", "area_km2"):
        assert zones[column].sum() == town[column].sum() == whole[column].iloc[0]
    for name, shape in zip(zones["zone"], zones.geometry, strict=True):
        assert shape.equals(shapely.union_all(town.geometry[town["zone"] == name].to_numpy()))


@settings(max_examples=40)
@given(towns())
def test_bands_and_sexes_both_add_up_to_the_residents(town: gpd.GeoDataFrame) -> None:
    assert (town[list(AGE_BANDS)].sum(axis=1) == town["residents"]).all()
    assert (town["residents_male"] + town["residents_female"] == town["residents"]).all()


@settings(max_examples=40)
@given(towns())
def test_neighbours_are_mutual_and_borders_are_what_dissolving_removes(town: gpd.GeoDataFrame) -> None:
    pairs = membership.find_neighbours(town)
    there = set(map(tuple, pairs[["municipality_code", "neighbour_code"]].to_numpy()))
    assert there == {(right, left) for left, right in there}
    assert all(left != right for left, right in there)
    whole = membership.dissolve_all(town)
    assert town.length.sum() - pairs["border_m"].sum() == whole.length.sum()
