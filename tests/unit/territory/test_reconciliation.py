from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.osm.synthetic_territory import write_synthetic
from psttm_geo.schema.layers import layer_named
from psttm_geo.territory.municipalities import Snapshot
from psttm_geo.territory.reconciliation import Reconciliation, reconcile, say_outcomes

ALFA, BETA, GAMMA = (shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000, 2000))

OFFICIAL = gpd.GeoDataFrame(
    {"municipality_code": ["015001", "015002", "015003"], "municipality": ["Alfa", "Beta", "Gamma d'Adda"]},
    geometry=[ALFA, BETA, GAMMA],
    crs=METRIC,
)


def mapped(*rows: tuple[str | None, str | None, shapely.Geometry]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(rows), columns=["name", "ref_istat", "geometry"], crs=METRIC)


def outcomes(result: Reconciliation) -> list[tuple[str, str]]:
    table = result.municipalities
    return list(zip(table["outcome"], table["matched_by"], strict=True))


SAME = (("Alfa", "015001", ALFA), ("Beta", "015002", BETA), ("Gamma d'Adda", "015003", GAMMA))


def test_equal_boundaries_are_equal() -> None:
    result = reconcile(OFFICIAL, mapped(*SAME))
    table = result.municipalities
    assert outcomes(result) == [("uguale", "codice")] * 3
    assert table["iou"].to_list() == [1, 1, 1]
    assert table["largest_distance_m"].to_list() == [0, 0, 0]
    assert table["area_difference_km2"].to_list() == [0, 0, 0]
    assert result.doubts == ()
    assert result.extra.empty
    assert layer_named("confini_confronto").select(table)["esito"].to_list() == ["uguale"] * 3


def test_a_wider_outline_has_the_figures_of_arithmetic() -> None:
    result = reconcile(OFFICIAL, mapped(("Alfa", "015001", shapely.box(-200, 0, 1000, 1000)), *SAME[1:]))
    row = result.municipalities.iloc[0]
    assert row["outcome"] == "spostato"
    assert row["iou"] == pytest.approx(1000 / 1200)
    assert row["largest_distance_m"] == pytest.approx(200)
    assert row["area_difference_km2"] == pytest.approx(0.2)
    assert row["doubt_it"] == ""
    assert [text.en for text in result.doubts] == ["Alfa (015001): displaced, largest distance 200 m"]


@pytest.mark.parametrize(("limit_m", "outcome"), [(199, "spostato"), (201, "uguale")])
def test_the_limit_of_displacement_can_be_chosen(limit_m: float, outcome: str) -> None:
    wider = mapped(("Alfa", "015001", shapely.box(-200, 0, 1000, 1000)), *SAME[1:])
    assert reconcile(OFFICIAL, wider, displaced_over_m=limit_m).municipalities["outcome"][0] == outcome


@pytest.mark.parametrize(
    ("west_m", "outcome"), [(-49.5, "uguale"), (-50, "uguale"), (-50.25, "spostato"), (-51, "spostato")]
)
def test_outlines_are_displaced_beyond_50_m_not_at_them(west_m: float, outcome: str) -> None:
    wider = mapped(("Alfa", "015001", shapely.box(west_m, 0, 1000, 1000)), *SAME[1:])
    assert reconcile(OFFICIAL, wider).municipalities["outcome"][0] == outcome


@pytest.mark.parametrize(
    ("north_m", "found"),
    [
        (499, ("mancante", "")),
        (500, ("mancante", "")),
        (501, ("spostato, rinominato, ricodificato", "sovrapposizione")),
    ],
)
def test_overlap_alone_must_be_of_more_than_half(north_m: float, found: tuple[str, str]) -> None:
    """What covers the lower part of Alfa shares as much of the whole as it is high; of halves there may be two."""
    result = reconcile(OFFICIAL, mapped(("Omega", "099999", shapely.box(0, 0, 1000, north_m)), *SAME[1:]))
    assert outcomes(result)[0] == found


@pytest.mark.parametrize("code", [None, "", "n.d.", np.nan])
def test_a_boundary_without_code_is_known_by_its_name_with_doubt(code: str | None) -> None:
    result = reconcile(OFFICIAL, mapped(("ALFÀ", code, ALFA), *SAME[1:]))
    assert outcomes(result)[0] == ("senza_codice", "nome")
    row = result.municipalities.iloc[0]
    assert row["osm_code"] == ""
    assert row["doubt_it"] == ("riconosciuto dal nome: in OSM è «ALFÀ», codice assente; le aree coincidono al 100 %")


@pytest.mark.parametrize("code", ["15001", "15.001", "15001.0"])
def test_a_code_written_otherwise_is_the_same_code(code: str) -> None:
    assert outcomes(reconcile(OFFICIAL, mapped(("Alfa", code, ALFA), *SAME[1:])))[0] == ("uguale", "codice")


@pytest.mark.parametrize("name", ["gamma d\u2019adda", "Gamma D Adda", "GAMMA D'ADDA"])
def test_a_name_spelled_otherwise_is_the_same_name(name: str) -> None:
    assert outcomes(reconcile(OFFICIAL, mapped(*SAME[:2], (name, "015003", GAMMA))))[2] == ("uguale", "codice")


def test_another_name_is_said() -> None:
    result = reconcile(OFFICIAL, mapped(("Omega", "015001", ALFA), *SAME[1:]))
    assert outcomes(result)[0] == ("rinominato", "codice")
    assert result.municipalities["osm_name"][0] == "Omega"


def test_another_name_and_code_are_known_by_overlap() -> None:
    result = reconcile(OFFICIAL, mapped(("Omega", "099999", ALFA), *SAME[1:]))
    assert outcomes(result)[0] == ("rinominato, ricodificato", "sovrapposizione")
    assert "riconosciuto dalla sola sovrapposizione" in result.municipalities["doubt_it"][0]
    assert "recognised by overlap alone: in OSM it is “Omega”, code 099999" in result.doubts[0].en


def test_exchanged_codes_do_not_exchange_the_municipalities() -> None:
    result = reconcile(OFFICIAL, mapped(("Alfa", "015002", ALFA), ("Beta", "015001", BETA), SAME[2]))
    assert outcomes(result)[:2] == [("ricodificato", "nome")] * 2
    assert result.municipalities["iou"].to_list() == [1, 1, 1]


FAR = shapely.box(9000, 0, 9100, 100)


@pytest.mark.parametrize(
    ("better", "worse", "matched_by"),
    [
        (("Omega", "015001", shapely.box(0, 0, 1000, 900)), ("Alfa", None, ALFA), "codice"),
        (("Alfa", None, shapely.box(0, 0, 1000, 900)), ("Omega", None, ALFA), "nome"),
        (("Psi", None, shapely.box(0, 0, 1000, 900)), ("Omega", "015001", FAR), "sovrapposizione"),
        (("Omega", "015001", FAR), ("Alfa", None, shapely.box(0, 0, 300, 1000)), "codice"),
        (("Psi", None, ALFA), ("Omega", None, shapely.box(0, 0, 1000, 900)), "sovrapposizione"),
    ],
    ids=["code before name", "name before overlap", "place before code", "code before name elsewhere", "more overlap"],
)
def test_of_two_boundaries_the_one_that_says_more_is_taken(
    better: tuple[str, str | None, shapely.Geometry], worse: tuple[str, str | None, shapely.Geometry], matched_by: str
) -> None:
    for rows in ((better, worse), (worse, better)):
        result = reconcile(OFFICIAL, mapped(*rows, *SAME[1:]))
        assert outcomes(result)[0][1] == matched_by
        assert result.municipalities["osm_name"][0] == better[0]
        assert result.extra["name"].to_list() == [worse[0]]


def test_of_two_boundaries_that_say_the_same_the_first_is_taken() -> None:
    result = reconcile(OFFICIAL, mapped(("ALFA", "015001", ALFA), *SAME))
    assert result.municipalities["osm_name"][0] == "ALFA"


def test_of_two_municipalities_of_one_name_the_first_takes_what_lies_on_both() -> None:
    """A square over halves of both shares a third with either."""
    namesakes = OFFICIAL[:2].assign(municipality="Alfa")
    result = reconcile(namesakes, mapped(("Alfa", None, shapely.box(500, 0, 1500, 1000))))
    assert [matched_by for _, matched_by in outcomes(result)] == ["nome", ""]


@pytest.mark.parametrize(("north_m", "share"), [(10, 1), (334, 33), (667, 67), (995, 100)])
def test_the_name_and_any_common_area_are_a_match_and_the_share_is_rounded(north_m: float, share: int) -> None:
    result = reconcile(OFFICIAL, mapped(("Alfa", None, shapely.box(0, 0, 1000, north_m)), *SAME[1:]))
    assert outcomes(result)[0][1] == "nome"
    assert result.municipalities["doubt_it"][0].endswith(f"le aree coincidono al {share} %")


def test_a_code_far_from_its_place_is_taken_with_doubt_where_nothing_else_is_left() -> None:
    result = reconcile(OFFICIAL, mapped(("Alfa", "015001", shapely.box(9000, 0, 9100, 100)), *SAME[1:]))
    assert outcomes(result)[0] == ("spostato", "codice")
    assert result.municipalities["iou"][0] == 0
    assert "riconosciuto dal solo codice" in result.municipalities["doubt_it"][0]


def test_a_name_alone_without_any_common_area_is_no_match() -> None:
    result = reconcile(OFFICIAL, mapped(("Alfa", "", shapely.box(9000, 0, 9100, 100)), *SAME[1:]))
    assert outcomes(result)[0] == ("mancante", "")
    assert result.extra["name"].to_list() == ["Alfa"]


def test_missing_and_extra_are_named() -> None:
    result = reconcile(OFFICIAL, mapped(*SAME[1:], (None, None, shapely.box(100, 100, 200, 200))))
    row = result.municipalities.iloc[0]
    assert (row["outcome"], row["osm_name"], row["osm_code"]) == ("mancante", "", "")
    assert row[["iou", "largest_distance_m", "area_difference_km2", "osm_part_count"]].isna().all()
    assert [text.en for text in result.doubts] == [
        "Alfa (015001): OSM has no boundary of it",
        "OSM has “without name” besides, code absent",
    ]
    assert layer_named("confini_confronto").select(result.municipalities)["esito"][0] == "mancante"


def test_of_two_boundaries_with_one_code_the_better_one_is_taken() -> None:
    smaller = shapely.box(0, 0, 600, 1000)
    result = reconcile(OFFICIAL, mapped(("Alfa", "015001", smaller), *SAME))
    assert outcomes(result) == [("uguale", "codice")] * 3
    assert result.extra.geometry.to_list() == [smaller]


def test_parts_are_counted() -> None:
    split = shapely.union(shapely.box(0, 0, 1000, 499), shapely.box(0, 501, 1000, 1000))
    result = reconcile(OFFICIAL, mapped(("Alfa", "015001", split), *SAME[1:]))
    assert result.municipalities[["part_count", "osm_part_count"]].iloc[0].to_list() == [1, 2]
    assert "parti_diverse" in outcomes(result)[0][0]


def test_nothing_mapped_is_all_missing_and_the_order_does_not_matter() -> None:
    assert outcomes(reconcile(OFFICIAL, mapped())) == [("mancante", "")] * 3
    backwards = reconcile(OFFICIAL, mapped(*SAME[::-1]))
    pd.testing.assert_frame_equal(
        pd.DataFrame(backwards.municipalities), pd.DataFrame(reconcile(OFFICIAL, mapped(*SAME)).municipalities)
    )


def test_inputs_stay_as_they_are_and_must_be_metric() -> None:
    before = mapped(*SAME)
    reconcile(OFFICIAL, before)
    pd.testing.assert_frame_equal(before, mapped(*SAME))
    with pytest.raises(CrsError):
        reconcile(OFFICIAL.to_crs(GEOGRAPHIC), before)
    with pytest.raises(CrsError):
        reconcile(OFFICIAL, before.to_crs(GEOGRAPHIC))


def read_boundaries(path: Path) -> gpd.GeoDataFrame:
    """Put the boundaries of a file together, as plainly as can be."""
    factory = osmium.geom.WKBFactory()
    rows = []
    for thing in osmium.FileProcessor(path).with_areas():
        if thing.is_area() and not thing.from_way() and thing.tags.get("admin_level") == "8":
            shape = shapely.from_wkb(factory.create_multipolygon(thing))
            rows.append((thing.tags.get("name"), thing.tags.get("ref:ISTAT"), shape))
    return gpd.GeoDataFrame(rows, columns=["name", "ref_istat", "geometry"], crs=GEOGRAPHIC).to_crs(METRIC)


OUTCOME_OF = {"displaced": "spostato", "missing": "mancante", "renamed": "rinominato", "recoded": "ricodificato"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_fault_of_the_synthetic_territory_is_found_and_named(
    embedded: Snapshot, tmp_path: Path, seed: int
) -> None:
    municipalities = embedded.boundaries.municipalities
    path = tmp_path / "synthetic.osm.pbf"
    residents = embedded.residents.counts.groupby("municipality_code")[["males", "females"]].sum().sum(axis=1)
    made = write_synthetic(path, municipalities, residents, node_count=1_000, seed=seed)
    result = reconcile(municipalities, read_boundaries(path))
    found = result.municipalities.set_index("municipality_code")["outcome"]
    expected = pd.Series("uguale", index=found.index, name="outcome")
    for fault in made.faults:
        if fault.kind != "extra":
            uncoded = fault.kind == "recoded" and not fault.written
            expected[fault.code] = "senza_codice" if uncoded else OUTCOME_OF[fault.kind]
    pd.testing.assert_series_equal(found, expected, check_dtype=False)
    assert result.extra["name"].to_list() == [fault.name for fault in made.faults if fault.kind == "extra"]
    told = "\n".join(text.it for text in result.doubts)
    assert all(fault.name in told and fault.code in told and fault.written in told for fault in made.faults)
    distances = result.municipalities.set_index("municipality_code")["largest_distance_m"]
    for fault in made.faults:
        if fault.kind == "displaced":
            assert distances[fault.code] == pytest.approx(fault.distance_m, abs=0.2)


def test_outcomes_are_counted_in_words_the_equal_first() -> None:
    result = reconcile(OFFICIAL, mapped(("Alfa Nuova", None, ALFA), ("Beta", None, BETA)))
    assert say_outcomes(result.municipalities) == (
        "rinominato, senza codice 1; senza codice 1; mancante 1",
        "renamed, without code 1; without code 1; missing 1",
    )
    assert say_outcomes(reconcile(OFFICIAL, mapped(*SAME)).municipalities) == ("uguale 3", "equal 3")


def test_a_new_name_under_the_right_code_is_told() -> None:
    (doubt,) = reconcile(OFFICIAL, mapped(("Alfa Nuova", "015001", ALFA), *SAME[1:])).doubts
    assert doubt.it == "Alfa (015001): rinominato, scarto massimo 0 m; in OSM è «Alfa Nuova»"
    assert doubt.en == "Alfa (015001): renamed, largest distance 0 m; in OSM it is “Alfa Nuova”"
    (nameless,) = reconcile(OFFICIAL, mapped((None, "015001", ALFA), *SAME[1:])).doubts
    assert nameless.it.endswith("in OSM è «senza nome»")
