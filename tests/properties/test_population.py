import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import Source
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.population import STEPS_PER_PERSON, apportion, place_residents
from psttm_geo.territory.population_records import Sections

BANDS = list(AGE_BANDS)

WEIGHTS = st.one_of(st.just(0.0), st.floats(0, 1e300), st.floats(0, 1e-300), st.integers(0, 5000).map(float))


@given(
    st.lists(st.integers(0, 2_000_000), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), WEIGHTS), max_size=40),
    st.randoms(use_true_random=False),
)
def test_shares_add_up_to_the_total_exactly_in_any_order(totals: list[int], places: list, random: object) -> None:
    groups = np.array([group % len(totals) for group, _ in places], dtype=np.intp)
    weights = np.array([weight for _, weight in places])
    shares = apportion(totals, groups, weights)
    assert (shares >= 0).all()
    assert (shares * STEPS_PER_PERSON % 1 == 0).all()
    for group, total in enumerate(totals):
        mine = shares[groups == group].tolist()
        random.shuffle(mine)
        assert sum(mine) == (total if mine else 0)
        if weights[groups == group].any():
            assert not shares[(groups == group) & (weights == 0)].any()


@given(st.integers(0, 1_000_000), st.lists(st.integers(1, 1000), min_size=1, max_size=30))
def test_a_share_is_within_two_steps_of_its_quota(total: int, weights: list[int]) -> None:
    shares = apportion([total], np.zeros(len(weights), dtype=np.intp), np.array(weights, dtype=float))
    quota = total * np.array(weights) / sum(weights)
    assert np.abs(shares - quota).max() <= 2 / STEPS_PER_PERSON


@st.composite
def towns(draw: st.DrawFn) -> tuple[gpd.GeoDataFrame, Sections]:
    """Give up to three municipalities with any residents, and any sections of them, with or without ages."""
    count, by_age = draw(st.integers(1, 3)), draw(st.booleans())
    people = st.lists(st.integers(0, 5000), min_size=4, max_size=4)
    bands = draw(st.lists(people, min_size=count, max_size=count))
    codes = [f"01500{number}" for number in range(count)]
    municipalities = gpd.GeoDataFrame(
        {"municipality_code": codes, "municipality": codes, "residents": [sum(row) for row in bands]}
        | {band: [row[position] for row in bands] for position, band in enumerate(BANDS)},
        geometry=[shapely.box(number, 0, number + 1, 1) for number in range(count)],
        crs=METRIC,
    )
    rows = [(code, draw(people)) for code in codes for _ in range(draw(st.integers(1, 5)))]
    sections = gpd.GeoDataFrame(
        {
            "municipality_code": [code for code, _ in rows],
            "section": [f"{code}{number:07}" for number, (code, _) in enumerate(rows)],
            "residents": [max(1, sum(ages)) for _, ages in rows],
        }
        | {band: [ages[position] for _, ages in rows] for position, band in enumerate(BANDS)},
        geometry=[shapely.box(0, 0, 1, 1)] * len(rows),
        crs=METRIC,
    )
    return municipalities, Sections(sections, by_age, 2021, Source("s", "t", "p", "", "", "l", "a", ""), ())


@settings(max_examples=60)
@given(towns())
def test_totals_by_municipality_and_age_band_are_always_those_given(town: tuple[gpd.GeoDataFrame, Sections]) -> None:
    municipalities, sections = town
    placed = place_residents(municipalities, sections, None)
    sums = placed.places.groupby("municipality_code")[["residents", *BANDS]].sum()
    expected = municipalities.set_index("municipality_code")[["residents", *BANDS]]
    assert sums.reindex(expected.index, fill_value=0.0).to_numpy().tolist() == expected.to_numpy().tolist()
