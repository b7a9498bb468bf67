import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.core.provenance import Source
from psttm_geo.services.locations import count_services, place_register, say_register
from psttm_geo.services.register_records import ISSUES, PlacedRegister, ServiceRegister

KM = 1000.0

ALFA, BETA, RING, FAR = "015001", "015002", "016001", "098001"

SOURCE = Source("s", "Farmacie (f.csv)", "p", "", "", "l", "a", "")


@pytest.fixture
def towns() -> gpd.GeoDataFrame:
    """Give Alfa and Beta, squares of 1 km side by side, and a municipality of the ring to the east of them."""
    return gpd.GeoDataFrame(
        {
            "municipality_code": [ALFA, BETA, RING],
            "municipality": ["Alfa", "Beta", "Anello"],
            "in_territory": [True, True, False],
        },
        geometry=[shapely.box(n * KM, 0, n * KM + KM, KM) for n in range(3)],
        crs=METRIC,
    )


def register(*rows: tuple[object, ...], issues: list[tuple[object, ...]] | None = None) -> ServiceRegister:
    """Give a register from rows of declared municipality, x (None for no point), and optionally code and category."""
    services = gpd.GeoDataFrame(
        {
            "row": pd.Series(range(2, len(rows) + 2), dtype="int64"),
            "type": "t",
            "category": pd.Series([row[3] if len(row) > 3 else "farmacia" for row in rows], dtype=object),
            "code": [row[2] if len(row) > 2 else f"F{number}" for number, row in enumerate(rows)],
            "name": [f"N{number}" for number in range(len(rows))],
            "municipality_code": pd.Series([row[0] for row in rows], dtype=object),
        },
        geometry=[None if row[1] is None else shapely.Point(row[1], 500) for row in rows],
        crs=METRIC,
    )
    left_out = pd.DataFrame([("t", "non serve", "not needed", 1)], columns=["type", "reason_it", "reason_en", "rows"])
    listed = pd.DataFrame(issues or [], columns=["row", "kind", "written"])
    return ServiceRegister("r", SOURCE, "replaces", None, services, left_out, listed, ())


def columns(placed: PlacedRegister, *names: str) -> list[list[object]]:
    return placed.services[list(names)].to_numpy().tolist()


def conflicts(placed: PlacedRegister) -> list[tuple[int, str, str]]:
    return list(placed.conflicts[["row", "kind", "found_en"]].itertuples(index=False, name=None))


def test_a_service_counts_where_it_is_declared_and_stands_at_its_point(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((ALFA, 500), (ALFA, 1249), (ALFA, 1251)), towns)
    assert columns(placed, "municipality_code", "point_code", "outcome") == [
        [ALFA, ALFA, "agrees"],
        [ALFA, BETA, "near_border"],
        [ALFA, BETA, "doubtful"],
    ]
    assert placed.services["distance_m"].to_list() == [0, 249, 251]
    assert placed.services.geometry.x.to_list() == [500, 1249, 1251], "no point is moved"
    assert conflicts(placed) == [
        (3, "near_border", "declared Alfa, point in Beta (249 m)"),
        (4, "doubtful", "declared Alfa, point in Beta (251 m)"),
    ]


@pytest.mark.parametrize(
    ("x", "outcome"),
    [
        (1000, "agrees"),
        (1000.25, "near_border"),
        (1249.75, "near_border"),
        (1250, "near_border"),
        (1250.25, "doubtful"),
    ],
)
def test_a_point_is_used_up_to_250_m_from_the_border(towns: gpd.GeoDataFrame, x: float, outcome: str) -> None:
    assert columns(place_register(register((ALFA, x)), towns), "outcome") == [[outcome]]


@pytest.mark.parametrize(
    ("towns_in_all", "towns_with", "listed"),
    [(2, 1, "T1"), (3, 1, ""), (3, 2, "T2"), (4, 1, ""), (4, 2, "T2, T3"), (4, 4, ""), (5, 2, ""), (5, 3, "T3, T4")],
)
def test_municipalities_without_any_are_listed_where_they_are_half_of_all_at_most(
    towns_in_all: int, towns_with: int, listed: str
) -> None:
    numbers = range(towns_in_all)
    territory = gpd.GeoDataFrame(
        {"municipality_code": [f"01500{n}" for n in numbers], "municipality": [f"T{n}" for n in numbers]},
        geometry=[shapely.box(n * KM, 0, n * KM + KM, KM) for n in numbers],
        crs=METRIC,
    ).assign(in_territory=True)
    placed = place_register(register(*((f"01500{n}", n * KM + 500) for n in range(towns_with))), territory)
    said = [line.en for line in say_register(placed, territory) if line.en.startswith("Municipalities")]
    assert said == ([f"Municipalities without any: {listed}."] if listed else [])


def test_a_service_without_municipality_counts_where_its_point_is(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((None, 1500)), towns)
    assert columns(placed, "municipality_code", "outcome") == [[BETA, "by_point"]]
    assert placed.services["in_territory"].all()
    assert placed.conflicts.empty


def test_a_service_without_point_counts_and_has_no_place(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((ALFA, None)), towns)
    assert columns(placed, "municipality_code", "outcome") == [[ALFA, "no_point"]]
    assert conflicts(placed) == [(2, "no_point", "Alfa, without a point")]


def test_a_point_beyond_every_known_place_is_doubtful(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((ALFA, 9000), (FAR, 500)), towns)
    assert columns(placed, "outcome", "in_territory") == [["doubtful", True], ["doubtful", False]]
    assert conflicts(placed) == [
        (2, "doubtful", "declared Alfa, point outside the area (8000 m)"),
        (3, "doubtful", f"declared {FAR}, point in Alfa"),
    ]


def test_services_of_the_ring_are_kept_and_those_beyond_it_are_only_counted(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((RING, 2500), (FAR, 9000), (FAR, None), (None, None)), towns)
    assert columns(placed, "municipality_code", "in_territory") == [[RING, False]]
    assert (placed.elsewhere, placed.nowhere) == (2, 1)
    assert conflicts(placed) == [(5, "nowhere", "without municipality and point")]


@pytest.mark.parametrize("code", ["014001", "115001"])
def test_what_declares_a_municipality_of_another_province_is_elsewhere(towns: gpd.GeoDataFrame, code: str) -> None:
    placed = place_register(register((code, None)), towns)
    assert (placed.nowhere, placed.elsewhere, conflicts(placed)) == (0, 1, [])


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        (["farmacia", "farmacia"], []),
        (["farmacia", "park"], ["By category, in the territory: farmacia 1, park 1."]),
        (["a", "b", "a", "c"], ["By category, in the territory: a 2, b 1, c 1."]),
    ],
)
def test_categories_are_counted_where_there_are_several(
    towns: gpd.GeoDataFrame, categories: list[str], said: list[str]
) -> None:
    rows = [(ALFA, 100 * number, f"F{number}", category) for number, category in enumerate(categories)]
    lines = [line.en for line in say_register(place_register(register(*rows), towns), towns[:2])]
    assert [line for line in lines if line.startswith("By category")] == said


def test_conflicts_of_the_ring_alone_are_not_told(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((RING, 3100), (RING, None), (RING, 1990)), towns)
    assert conflicts(placed) == [(4, "near_border", "declared Anello, point in Beta (10 m)")]


def test_services_of_one_category_on_one_point_are_told_and_kept(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(
        register((ALFA, 500), (ALFA, 500), (ALFA, 500, "X", "park"), (ALFA, 600), (ALFA, 500, "Y", None)), towns
    )
    assert set(placed.services["outcome"]) == {"agrees"}
    assert conflicts(placed) == [
        (2, "shared_point", "same point, rows 2, 3"),
        (3, "shared_point", "same point, rows 2, 3"),
    ]


def test_a_code_that_stands_there_twice_counts_once(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(
        register((ALFA, 500, "F"), (BETA, 1500, "F"), (ALFA, 700, "F", "park"), (ALFA, 800, ""), (ALFA, 900, "")), towns
    )
    assert placed.services["outcome"].to_list() == ["agrees", "repeated", "agrees", "agrees", "agrees"]
    assert conflicts(placed) == [(3, "repeated", "code seen before")]
    assert count_services(placed, towns[:2])["by_code"].to_list() == [4, 0]


def test_codes_that_differ_in_case_alone_are_the_same(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((ALFA, 500, "F1"), (ALFA, 700, "f1"), (ALFA, 800, "F2")), towns)
    assert placed.services["outcome"].to_list() == ["agrees", "repeated", "agrees"]


def test_a_point_on_the_border_lies_in_one_municipality(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register((BETA, 1000)), towns)
    assert columns(placed, "point_code", "outcome") == [[ALFA, "agrees"]]
    assert len(placed.services) == 1


def test_what_reading_listed_is_told_for_the_territory(towns: gpd.GeoDataFrame) -> None:
    read = register((ALFA, 500), (FAR, 9000), issues=[(2, "swapped", "45 9"), (3, "swapped", "46 9")])
    assert conflicts(place_register(read, towns)) == [(2, "swapped", "“45 9”")]


def test_counts_by_municipality_add_up(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(
        register((ALFA, 500), (ALFA, 1600), (BETA, None), (BETA, 1500, "X", None), (RING, 2500)), towns
    )
    counts = count_services(placed, towns[:2])
    assert counts.drop(columns="municipality").to_numpy().tolist() == [[ALFA, 2, 1, 1], [BETA, 2, 2, 0]]


def test_the_report_says_counts_reasons_and_every_conflict(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(
        register((ALFA, 500), (ALFA, 500), (ALFA, 1600), (ALFA, 700, "X", None), (RING, 2500)), towns
    )
    said = [line.en for line in say_register(placed, towns[:2])]
    assert said[0] == (
        "Farmacie (f.csv): 5 rows; in the territory 4 by declared municipality (in 1 municipality), 4 by point "
        "(in 2 municipalities), 2 with a category and a point that can be used."
    )
    assert said[1] == "Municipalities without any: Beta."
    assert said[2] == (
        "Farmacie (f.csv): rows 5 = 2 used + 1 counted in its municipality, without a usable point + 1 of a type left "
        "out + 1 outside the territory."
    )
    assert said[3:5] == [
        "Left out “t”: 1 (not needed).",
        "row 2: F0 N0: same point, rows 2, 3; all kept, at the given point.",
    ]
    assert said[5].startswith(
        "row 4: F2 N2: declared Alfa, point in Beta (600 m); counts in the declared municipality; "
    )
    assert len(said) == 6
    assert all(line.it != line.en for line in say_register(placed, towns[:2]))


def test_an_empty_register_is_placed(towns: gpd.GeoDataFrame) -> None:
    placed = place_register(register(), towns)
    assert placed.services.empty
    assert placed.conflicts.empty
    assert count_services(placed, towns[:2])["by_code"].to_list() == [0, 0]


def test_degrees_are_refused_and_inputs_not_changed(towns: gpd.GeoDataFrame) -> None:
    read = register((ALFA, 500))
    before = read.services.copy(), towns.copy()
    place_register(read, towns)
    pd.testing.assert_frame_equal(pd.DataFrame(before[0]), pd.DataFrame(read.services))
    pd.testing.assert_frame_equal(pd.DataFrame(before[1]), pd.DataFrame(towns))
    with pytest.raises(CrsError):
        place_register(read, towns.set_crs(GEOGRAPHIC, allow_override=True))


def test_every_issue_is_said_in_both_languages() -> None:
    assert all(text.it and text.en and text.it != text.en for text in ISSUES.values())
