import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.core.provenance import Source
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.population import STEPS_PER_PERSON, apportion, choose_dwellings, place_residents
from psttm_geo.territory.population_records import METHODS, OUTSIDE, Population, Sections

BANDS = list(AGE_BANDS)

SOURCE = Source("s", "t", "p", "", "2021-12-31", "l", "a", "")

KM = 1000.0

ALFA, BETA = "015001", "015002"


@pytest.fixture
def towns() -> gpd.GeoDataFrame:
    """Give two squares of 1 km side by side: 100 residents in Alfa, 10 in Beta."""
    bands = [[20, 60, 10, 10], [1, 6, 2, 1]]
    return gpd.GeoDataFrame(
        {"municipality_code": [ALFA, BETA], "municipality": ["Alfa", "Beta"], "residents": [100, 10]}
        | {band: [row[position] for row in bands] for position, band in enumerate(BANDS)},
        geometry=[shapely.box(0, 0, KM, KM), shapely.box(KM, 0, 2 * KM, KM)],
        crs=METRIC,
    )


def sections(*rows: tuple[object, ...], by_age: bool = False) -> Sections:
    """Give sections of 100 m from rows of code, west edge in metres, residents and, by age, the four bands."""
    table = gpd.GeoDataFrame(
        {
            "municipality_code": [row[0] for row in rows],
            "section": [f"{row[0]}{number:07}" for number, row in enumerate(rows)],
            "residents": [row[2] for row in rows],
        }
        | ({band: [row[3 + position] for row in rows] for position, band in enumerate(BANDS)} if by_age else {}),
        geometry=[None if row[1] is None else shapely.box(row[1], 0, row[1] + 100, 100) for row in rows],
        crs=METRIC,
    )
    return Sections(table, by_age, 2021, SOURCE, ())


def dwellings(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["municipality_code", "kind", "weight"]).assign(x=10.0, y=20.0)


def methods(population: Population) -> dict[str, str]:
    return dict(zip(population.methods["municipality_code"], population.methods["method"], strict=True))


def test_shares_follow_the_weights() -> None:
    shares = apportion([100, 10], np.array([0, 0, 1]), np.array([1.0, 3.0, 0.2]))
    assert shares.tolist() == [25, 75, 10]


def test_what_is_left_over_goes_to_the_largest_remainders() -> None:
    shares = apportion([1], np.zeros(3, dtype=np.intp), np.ones(3)) * STEPS_PER_PERSON
    assert shares.tolist() == [342, 341, 341]
    assert (apportion([1], np.zeros(3, dtype=np.intp), np.array([1.0, 2.0, 2.0])) * 1024).tolist() == [205, 410, 409]


def test_a_group_without_weights_shares_out_evenly_and_a_place_without_weight_gets_nothing() -> None:
    assert apportion([8], np.zeros(2, dtype=np.intp), np.zeros(2)).tolist() == [4, 4]
    assert apportion([8], np.zeros(2, dtype=np.intp), np.array([0.0, 5.0])).tolist() == [0, 8]
    assert apportion([], np.array([], dtype=np.intp), np.array([])).tolist() == []


def test_of_millions_of_steps_each_goes_to_the_largest_remainder() -> None:
    """A million people are 1,024,000,000 steps: a third of them leaves a third of a step, two thirds the rest of it."""
    shares = apportion([1_000_000], np.zeros(2, dtype=np.intp), np.array([1.0, 2.0])) * 1024
    assert shares.tolist() == [341_333_333, 682_666_667]


def test_nobody_has_less_than_nothing_where_the_sum_of_weights_is_rounded_down() -> None:
    """A million weights of 0.3 add up, as floats, to less than 300,000: every quota comes out a millionth too large.

    The total is one step short of `each` for every place and ten thirds of it for the first, so that one place has a
    step less, and the last, whose quota is a ten-millionth of a step, has none.
    """
    count = 999_999
    third = pow(3 * count + 10, -1, 1024) + 1024 * 32
    each, first = 3 * third, 10 * third
    total, rest = divmod(each * count + first - 1, 1024)
    assert rest == 0
    weights = np.concatenate([[1.0], np.full(count, 0.3), [3e-13]])
    shares = apportion([total], np.zeros(count + 2, dtype=np.intp), weights) * 1024
    assert (shares[0], shares[-1]) == (first, 0)
    assert dict(zip(*np.unique(shares[1:-1], return_counts=True), strict=True)) == {each - 1: 1, each: count - 1}


@pytest.mark.parametrize("weights", [[1e308, 1e308], [5e-324, 5e-324], [1e-300, 1e-300]])
def test_the_size_of_weights_does_not_matter(weights: list[float]) -> None:
    assert apportion([10], np.zeros(2, dtype=np.intp), np.array(weights)).tolist() == [5, 5]


def test_sections_without_ages_take_the_age_bands_of_their_municipality(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, 0, 30), (ALFA, 200, 10), (ALFA, 400, 0), (BETA, 1200, 4)), None)
    places = placed.places
    assert places["residents"].to_list() == [75, 25, 10]
    assert places[BANDS].to_numpy().tolist() == [[15, 45, 7.5, 7.5], [5, 15, 2.5, 2.5], [1, 6, 2, 1]]
    assert places["section"].to_list() == ["0150010000000", "0150010000001", "0150020000003"]
    assert places.geometry.x.to_list() == [50, 250, 1250]
    assert places.crs == METRIC
    assert placed.methods.drop(columns="municipality").to_numpy().tolist() == [
        [ALFA, "sections", 100, 40, 2],
        [BETA, "sections", 10, 4, 1],
    ]


def test_sections_by_age_are_scaled_band_by_band(towns: gpd.GeoDataFrame) -> None:
    by_age = sections((ALFA, 0, 20, 10, 5, 5, 0), (ALFA, 200, 60, 0, 55, 0, 5), by_age=True)
    placed = place_residents(towns, by_age, None)
    assert placed.places[BANDS].to_numpy().tolist() == [[20, 5, 10, 0], [0, 55, 0, 10]]
    assert placed.places["residents"].to_list() == [35, 65]
    assert methods(placed) == {ALFA: "sections_by_age", BETA: "nowhere"}


def test_a_band_that_no_section_has_follows_all_residents(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(
        towns, sections((ALFA, 0, 30, 10, 10, 10, 0), (ALFA, 200, 10, 5, 5, 0, 0), by_age=True), None
    )
    assert placed.places["residents_75_over"].to_list() == [7.5, 2.5]


def test_without_sections_residents_live_where_streets_and_buildings_are(towns: gpd.GeoDataFrame) -> None:
    places = dwellings((ALFA, "building", 300), (ALFA, "building", 700), (ALFA, "street", 50), (BETA, "street", 10))
    placed = place_residents(towns, None, places)
    assert placed.places["residents"].to_list() == [30, 70, 10]
    assert methods(placed) == {ALFA: "buildings", BETA: "streets"}
    assert placed.places["section"].isna().all()
    assert placed.methods["counted"].isna().all()


def test_sections_win_over_streets_municipality_by_municipality(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(
        towns, sections((ALFA, 0, 90)), dwellings((ALFA, "street", 5), (BETA, "residential_street", 5))
    )
    assert methods(placed) == {ALFA: "sections", BETA: "residential_streets"}
    assert len(placed.places) == 2
    assert placed.places["residents"].sum() == 110


def test_one_resident_makes_a_section_and_part_of_one_a_place(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, 0, 1)), dwellings(*[(BETA, "street", 0.04)] * 16))
    assert methods(placed) == {ALFA: "sections", BETA: "streets"}
    assert placed.places["residents"].to_list() == [100, *[0.625] * 16]


def test_a_place_that_nobody_is_left_for_is_not_listed(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, None, dwellings((ALFA, "street", 1e9), (ALFA, "street", 1e-9), (BETA, "street", 1)))
    assert placed.places["residents"].to_list() == [100, 10]
    assert placed.methods["places"].to_list() == [1, 1]


def test_sections_that_nobody_lives_on_leave_the_place_to_streets(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, 0, 0)), dwellings((ALFA, "street", 5)))
    assert methods(placed)[ALFA] == "streets"


@pytest.mark.parametrize(
    ("rows", "method"),
    [
        ([("building", 500.0), ("residential_street", 9.0)], "buildings"),
        ([("building", 499.0), ("residential_street", 9.0), ("street", 9.0)], "residential_streets"),
        ([("building", 499.0), ("residential_street", 0.0), ("street", 9.0)], "streets"),
        ([("building", 499.0)], "buildings"),
        ([("building", 0.0)], None),
        ([], None),
    ],
)
def test_buildings_are_used_where_enough_are_mapped(
    towns: gpd.GeoDataFrame, rows: list[tuple[str, float]], method: str | None
) -> None:
    chosen = choose_dwellings(towns, dwellings(*((ALFA, *row) for row in rows), ("016001", "street", 1.0)))
    assert set(chosen["method"]) == ({method} if method else set())
    assert set(chosen["municipality_code"]) <= {ALFA}


def test_residents_without_any_place_are_told_and_not_lost_silently(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, None, None)
    assert placed.places.empty
    assert placed.places.crs == METRIC
    assert methods(placed) == {ALFA: "nowhere", BETA: "nowhere"}
    (notice,) = placed.notices
    assert notice.en.endswith("neither sections nor streets: 110 (Alfa, Beta).")


def test_a_section_far_from_its_municipality_is_told_and_kept(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, 0, 60), (ALFA, 1500, 40), (BETA, 1100, 10)), None)
    (notice,) = placed.notices
    assert notice.en == (
        "Sections more than 250 m from the municipality they belong to: 1, with 40 residents, up to 550 m "
        "(0150010000001)."
    )
    assert placed.places["residents"].sum() == 110


def test_a_section_without_geometry_leaves_its_residents_to_the_others(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, None, 60), (ALFA, 0, 40), (BETA, 1100, 10)), None)
    assert placed.places["residents"].to_list() == [100, 10]
    (notice,) = placed.notices
    assert notice.en.startswith("Inhabited sections without geometry: 1, whose 60 residents are put on")


@pytest.mark.parametrize(
    ("west_m", "away_m"), [(1199.5, None), (1200, None), (1200.25, "250"), (1210, "260"), (1440, "490")]
)
def test_a_section_is_far_beyond_250_m(towns: gpd.GeoDataFrame, west_m: float, away_m: str | None) -> None:
    """The middle of the section is 50 m east of its west edge, Alfa ends at 1,000 m."""
    placed = place_residents(towns, sections((ALFA, 0, 60), (ALFA, west_m, 40), (BETA, 1100, 10)), None)
    said = [notice.en.partition("up to ")[2].partition(" m")[0] for notice in placed.notices]
    assert said == ([] if away_m is None else [away_m])


@pytest.mark.parametrize(("residents", "told"), [(79, True), (80, False), (125, False), (126, True)])
def test_sections_that_hold_far_fewer_or_more_people_are_told(
    towns: gpd.GeoDataFrame, residents: int, *, told: bool
) -> None:
    placed = place_residents(towns, sections((ALFA, 0, residents), (BETA, 1100, 10)), None)
    assert [notice.en.startswith(f"Alfa: {residents} residents") for notice in placed.notices] == [True] * told
    assert placed.places["residents"].to_list() == [100, 10]


def test_sections_of_elsewhere_are_nobody_s(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, 0, 100), ("016001", 0, 50), (BETA, 1100, 10)), None)
    assert set(placed.places["municipality_code"]) == {ALFA, BETA}


def test_degrees_are_refused(towns: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError):
        place_residents(towns.set_crs(GEOGRAPHIC, allow_override=True), None, None)
    odd = sections((ALFA, 0, 10))
    odd.sections.set_crs(GEOGRAPHIC, allow_override=True, inplace=True)
    with pytest.raises(CrsError):
        place_residents(towns, odd, None)


def test_inputs_are_not_changed(towns: gpd.GeoDataFrame) -> None:
    given, places = sections((ALFA, 0, 10)), dwellings((BETA, "street", 1.0))
    before = towns.copy(), given.sections.copy(), places.copy()
    place_residents(towns, given, places)
    for was, now in zip(before, (towns, given.sections, places), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(was), pd.DataFrame(now))


def test_every_method_is_said_in_both_languages() -> None:
    assert all(text.it and text.en and text.it != text.en for text in METHODS.values())


def beyond(*rows: tuple[str, float]) -> pd.DataFrame:
    """Give points beyond an extract: code, and the part of the municipality that is covered."""
    return pd.DataFrame(rows, columns=["municipality_code", "covered"]).assign(x=30.0, y=40.0)


def test_who_lives_beyond_the_extract_is_in_proportion_to_the_area(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(
        towns,
        None,
        dwellings((ALFA, "building", 600), (ALFA, "building", 200), (BETA, "street", 5)),
        beyond((ALFA, 0.8), (ALFA, 0.8)),
    )
    people = placed.places.groupby(["municipality_code", "method"])["residents"].sum()
    assert people[ALFA].to_dict() == {"buildings": pytest.approx(80, abs=0.01), OUTSIDE: pytest.approx(20, abs=0.01)}
    assert people[ALFA].sum() == 100
    assert people[BETA].to_dict() == {"streets": 10}


@pytest.mark.parametrize("covered", [0.01, 0.3, 0.49, 0.51])
def test_a_small_covered_part_keeps_its_residents(towns: gpd.GeoDataFrame, covered: float) -> None:
    placed = place_residents(towns, None, dwellings((ALFA, "building", 600)), beyond((ALFA, covered), (BETA, 0.0)))
    people = placed.places.groupby(["municipality_code", "method"])["residents"].sum()
    assert people[ALFA]["buildings"] == pytest.approx(100 * covered, abs=0.01)


def test_of_a_municipality_without_dwellings_in_the_extract_all_are_beyond(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, None, dwellings((BETA, "street", 5)), beyond((ALFA, 0.3), (BETA, 0.0)))
    assert methods(placed) == {ALFA: OUTSIDE, BETA: OUTSIDE}
    assert placed.places["residents"].sum() == 110


def test_sections_need_no_estimate_of_who_lives_beyond(towns: gpd.GeoDataFrame) -> None:
    placed = place_residents(towns, sections((ALFA, 0, 30)), dwellings((BETA, "street", 5)), beyond((ALFA, 0.3)))
    assert methods(placed) == {ALFA: "sections", BETA: "streets"}
