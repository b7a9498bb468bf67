"""Accessibility of the whole territory on a small synthetic extract: kept, delivered, and said to be old."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.access.travel_times import BY_AGE, FARTHEST_ESSENTIAL
from psttm_geo.core.provenance import SYNTHETIC_MARK as SYNTHETIC
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.jobs.accessibility import Accessibility, compute_access, save_access
from psttm_geo.plan.plan_layers import WHOLE
from psttm_geo.project import Project
from psttm_geo.schema.layers import LAYERS

EVERYBODY = 3_219_391

SPREAD = ("accessibilita_comuni", "accessibilita_zone", "accessibilita_citta_metropolitana")
"""Layers whose units hold everybody once."""


@pytest.fixture
def layers(computed: Accessibility) -> dict[str, pd.DataFrame]:
    return dict(computed.layers)


def test_everybody_is_in_every_kind_of_units(layers: dict[str, pd.DataFrame]) -> None:
    for name in SPREAD:
        assert layers[name].groupby("profile")["residents"].sum().eq(EVERYBODY).all(), name
    hexagons = layers["accessibilita_esagoni"].groupby("profile")["residents"].sum()
    unplaced = layers["accessibilita_citta_metropolitana"].set_index("profile")["residents_unplaced"]
    assert (hexagons + unplaced).eq(EVERYBODY).all()


def test_residents_within_add_up_from_municipalities_to_the_whole(layers: dict[str, pd.DataFrame]) -> None:
    table = layers["indicatori"]
    chosen = table[(table["access_indicator"] == "residenti_entro_15") & (table["profile"] == BY_AGE)]
    sums = chosen.groupby(["unit_kind", "age_band", "category"], observed=True)["access_value"].sum(min_count=1)
    pd.testing.assert_series_equal(sums["comune"], sums["zona"], check_exact=True, check_names=False)
    pd.testing.assert_series_equal(sums["comune"], sums[WHOLE], check_exact=True, check_names=False)
    by_band = sums["comune"].reset_index("age_band")
    whole = by_band["age_band"] == "totale"
    ages = by_band.loc[~whole, "access_value"].groupby("category", observed=True).sum(min_count=1)
    assert by_band.loc[whole, "access_value"].equals(ages)


def test_layers_follow_their_contracts_and_agree_with_indicators(layers: dict[str, pd.DataFrame]) -> None:
    for name, table in layers.items():
        assert len(LAYERS[name].select(table)) == len(table), name
    table = layers["indicatori"]
    mine = table[(table["unit_kind"] == "comune") & (table["profile"] == BY_AGE) & (table["age_band"] == "totale")]
    shares = mine[(mine["access_indicator"] == "quota_entro_15") & (mine["category"] == FARTHEST_ESSENTIAL)]
    mapped = layers["accessibilita_comuni"].query("profile == @BY_AGE").set_index("municipality_code")["share_all_15"]
    told = shares.astype({"unit": str}).set_index("unit")["access_value"]
    pd.testing.assert_series_equal(told.reindex(mapped.index), mapped, check_exact=True, check_names=False)


def test_a_share_lies_between_its_low_and_its_high_value(layers: dict[str, pd.DataFrame]) -> None:
    table = layers["indicatori"]
    sure = table[table["access_low"].notna()]
    assert set(sure["access_indicator"]) == {"residenti_entro_15", "quota_entro_15", "minuti_medi"}
    assert (sure["access_low"] <= sure["access_value"] + 1e-9).all()
    assert (sure["access_value"] <= sure["access_high"] + 1e-9).all()
    assert (sure["access_width"] > 0).any()
    mine = sure[(sure["unit_kind"] == "comune") & (sure["profile"] == BY_AGE) & (sure["age_band"] == "totale")]
    mine = mine[mine["category"] == FARTHEST_ESSENTIAL].astype({"unit": str}).set_index("unit")
    mapped = layers["accessibilita_comuni"].query("profile == @BY_AGE").set_index("municipality_code")
    for measure, indicator in (("share_all_15", "quota_entro_15"), ("minutes_all", "minuti_medi")):
        told = mine[mine["access_indicator"] == indicator]
        for end in ("low", "high"):
            expected = told[f"access_{end}"].reindex(mapped.index)
            pd.testing.assert_series_equal(expected, mapped[f"{measure}_{end}"], check_names=False)


def test_how_many_services_are_known_is_a_layer_of_its_own(
    computed: Accessibility, layers: dict[str, pd.DataFrame]
) -> None:
    table = layers["completezza_servizi"].set_index("category")
    assert set(table["found_basis"]) <= {"ipotesi", "un_solo_servizio", "nessun_servizio"}
    assert table.loc[table["found_basis"] == "ipotesi", "found_share"].round(9).eq(0.9).all()
    assert table["services_mapped"].isna().all()
    assert any(
        notice.en.startswith("The data are taken to hold 90.0% of the services, as") for notice in computed.notices
    )


def test_nothing_is_said_of_how_sure_figures_are_unless_asked_for(synthetic_extract: Path, settings: Settings) -> None:
    request = jobs.AccessRequest(synthetic_extract, territory="osm:8", profiles=("adulto",), minutes=(15,))
    plain = compute_access(Project(settings), request)
    assert "completezza_servizi" not in plain.layers
    assert plain.layers["indicatori"]["access_low"].isna().all()
    assert plain.layers["accessibilita_citta_metropolitana"]["share_all_15_high"].isna().all()
    assert "bacini_servizi" not in plain.layers
    asked = compute_access(Project(settings), dataclasses.replace(request, uncertainty=True, choice=True))
    catchments = asked.layers["bacini_servizi"]
    assert len(LAYERS["bacini_servizi"].select(catchments)) == len(catchments)
    assert (catchments["catchment_minutes"] > 0).all()
    assert catchments["residents"].isna().all()
    indicators = asked.layers["indicatori"]
    assert indicators["access_value"].dtype == float
    assert {"servizi_entro_15", "minuti_al_secondo", "minuti_al_terzo"} <= set(indicators["access_indicator"])
    assert len(LAYERS["indicatori"].select(indicators)) == len(indicators)
    whole = asked.layers["accessibilita_citta_metropolitana"]
    assert whole["share_all_15_low"].notna().all()
    assert whole["share_all_15_high"].isna().all()
    assert any("--found states which part the data hold" in notice.en for notice in asked.notices)


def test_indicators_are_split_by_classes_marked_experimental(
    computed: Accessibility, layers: dict[str, pd.DataFrame]
) -> None:
    table = layers["indicatori"]
    classes = table[table["unit_kind"].isin(["degurba", "degurba_2"])]["unit"].astype(str).unique()
    assert len(classes)
    assert all(name.endswith(" (sperimentale)") for name in classes)
    assert any("Grado di urbanizzazione SPERIMENTALE" in source.title for source in computed.sources)
    assert any("SPERIMENTALE" in notice.it for notice in computed.notices)


def test_an_official_table_of_classes_stands_before_the_computation(
    walked: Settings, walked_territory: jobs.Territory, synthetic_extract: Path, tmp_path: Path
) -> None:
    path = tmp_path / "degurba.csv"
    path.write_text("LAU CODE,DEGURBA,DEGURBA_L2\n015146,1,30\n015015,2,21\n")
    request = jobs.AccessRequest(synthetic_extract, degurba=path, minutes=(15,), profiles=("adulto",))
    table = compute_access(Project(walked), request).layers["indicatori"]
    residents = table[(table["unit_kind"] == "degurba_2") & (table["access_indicator"] == "residenti")]
    people = walked_territory.municipalities.set_index("municipality_code")["residents"]
    assert residents.astype({"unit": str}).set_index("unit")["access_value"].to_dict() == {
        "città": people["015146"],
        "sobborgo o area periurbana": people["015015"],
    }


def test_whatever_is_made_up_says_so(computed: Accessibility) -> None:
    assert computed.synthetic
    assert all(line.it.startswith(SYNTHETIC) for line in computed.summary)
    assert any(notice.it.startswith(SYNTHETIC) for notice in computed.notices)
    assert any(source.title.startswith(SYNTHETIC) for source in computed.sources)


def test_a_build_delivers_what_was_kept(
    walked_territory: jobs.Territory, layers: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    jobs.write_territory(tmp_path / "built.gpkg", walked_territory)
    tables = read_geopackage(tmp_path / "built.gpkg")
    for name, table in layers.items():
        assert len(tables[name]) == len(table), name
    fonti = tables["fonti"]
    assert fonti.loc[fonti["layer"] == "indicatori", "fonte"].str.startswith(SYNTHETIC).any()
    drivers = tables["driver_comuni"]
    measured = drivers[(drivers["driver"] == 10) & drivers["valore"].notna()]
    assert set(measured["indicatore"]) == {"quota_tutte_15"}


def test_results_of_other_inputs_are_said_to_be_old(
    walked: Settings, walked_territory: jobs.Territory, tmp_path: Path
) -> None:
    assert not any("ripetere psttm-geo access" in notice.it for notice in walked_territory.notices)
    mine = Settings(workspace=tmp_path / "moved")
    shutil.copytree(walked.workspace, mine.workspace)
    path = tmp_path / "degurba.csv"
    path.write_text("LAU CODE,DEGURBA\n015146,1\n")
    jobs.add_input(Project(mine), "degurba", path)
    assert any("ripetere psttm-geo access" in notice.it for notice in jobs.load_territory(Project(mine)).notices)


def test_an_edition_has_its_own_unions_only(walked: Settings) -> None:
    territory = jobs.load_territory(Project(walked), editions=["2022-2024"])
    unions = territory.results.layers["accessibilita_unioni"]
    assert set(unions["edition"]) == {"2022-2024"}
    assert set(territory.results.layers["indicatori"]["edition_or_all"]) == {"", "2022-2024"}


def test_nothing_is_kept_of_another_territory(
    computed: Accessibility, synthetic_extract: Path, settings: Settings
) -> None:
    request = jobs.AccessRequest(synthetic_extract, territory="osm:8")
    assert not save_access(Project(settings), request, computed)
    assert Workspace(settings.workspace).inputs == {}


def test_a_results_file_that_is_cut_off_is_said_to_be_damaged(
    walked: Settings, tmp_path: Path, run: Callable[..., object]
) -> None:
    mine = Settings(workspace=tmp_path / "cut")
    shutil.copytree(walked.workspace, mine.workspace)
    path = Workspace(mine.workspace).inputs["access"].path
    path.write_bytes(path.read_bytes()[:1000])
    outcome = run("--quiet", "build", "-o", tmp_path / "a.gpkg", "--workspace", mine.workspace)
    assert (outcome.code, outcome.out) == (2, "")
    assert not (tmp_path / "a.gpkg").exists()


def test_an_extract_of_a_part_of_the_territory_is_told(settings: Settings, write_osm: Callable[..., Path]) -> None:
    path = write_osm({1: (0, 0), 2: (1000, 0), 3: (0, 1000)}, {7: ([1, 2, 3], {"highway": "residential"})})
    notices = compute_access(Project(settings), jobs.AccessRequest(path)).notices
    (told,) = [notice.it for notice in notices if notice.it.startswith("Comuni coperti dall'estratto")]
    assert told.startswith("Comuni coperti dall'estratto: per intero 0, in parte 1 (Milano 1 %), per nulla 132")


def test_of_an_extract_of_the_whole_territory_nothing_of_the_kind(computed: Accessibility) -> None:
    assert not [notice for notice in computed.notices if notice.it.startswith("Comuni coperti dall'estratto")]
