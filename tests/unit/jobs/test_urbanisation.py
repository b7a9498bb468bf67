"""The Degree of Urbanisation in force: what a table or a computation does to scopes, layers and sources."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.core.provenance import SYNTHETIC_MARK as SYNTHETIC
from psttm_geo.core.provenance import Source
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.project import Project
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.degurba_records import EXPERIMENTAL, FILE, Urbanisation
from psttm_geo.territory.population_records import Population

Run = Callable[..., Any]

MILANO, BASIGLIO, NOSATE, MORIMONDO = "015146", "015015", "015155", "015150"

GOAL = ("2025-2027", 5, 10)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "degurba.csv"
    path.write_text(f"LAU CODE,DEGURBA,DEGURBA_L2\n{MILANO},1,\n{BASIGLIO},2,21\n015002,2,\n{NOSATE},3,12\n")
    return path


@pytest.fixture
def peri_urban(spoil: Callable[..., None]) -> Settings:
    """Give a plan one of whose goals applies to peri-urban municipalities only."""
    written = "2025-2027,5,10,{},document"
    spoil("scopes.csv", written.format("every_municipality,"), written.format("figure,periurbano"))
    return Settings()


def answers(territory: jobs.Territory) -> pd.DataFrame:
    edition, mission, number = GOAL
    found = territory.plan.answers.municipalities
    chosen = (found["edition"] == edition) & (found["mission"] == mission) & (found["number"] == number)
    return found[chosen].set_index("municipality_code")


def on_points(territory: jobs.Territory, method: str = "sections") -> Population:
    """Put everybody of a municipality on one point in it: on one cell."""
    towns = territory.municipalities
    columns = ["municipality_code", "residents", *AGE_BANDS]
    places = gpd.GeoDataFrame(
        towns[columns].assign(method=method, section=None), geometry=towns.representative_point(), crs=METRIC
    )
    return Population(places, pd.DataFrame(), ())


def sources_of(layers: dict[str, pd.DataFrame], layer: str) -> list[str]:
    table = layers["fonti"]
    return table.loc[table["layer"] == layer, "source"].to_list()


def test_without_a_class_the_rule_is_unknown_and_the_columns_are_empty(peri_urban: Settings) -> None:
    territory = jobs.load_territory(Project(peri_urban))
    assert set(answers(territory)["applies"]) == {"non_noto"}
    assert set(answers(territory)["basis"]) == {"missing_input"}
    assert territory.urbanisation is None
    columns = territory.municipalities[["urbanisation", "urbanisation_2", "urbanisation_basis"]]
    assert columns.isna().all(axis=None)
    assert jobs.read_urbanisation(Project(peri_urban)) is None


def test_a_table_in_the_workspace_resolves_the_rule_and_stands_beside_the_layers_that_rest_on_it(
    peri_urban: Settings, table: Path
) -> None:
    jobs.add_input(Project(peri_urban), "degurba", table)
    territory = jobs.load_territory(Project(peri_urban))
    found = answers(territory)
    assert found.loc[[MILANO, BASIGLIO, "015002", NOSATE, MORIMONDO], "applies"].to_list() == [
        "no",
        "si",
        "non_noto",
        "no",
        "non_noto",
    ]
    assert found["applies"].value_counts().to_dict() == {"non_noto": 130, "no": 2, "si": 1}
    assert found.loc[BASIGLIO, "reason_it"].startswith("si applica: classe 21, sobborgo o area periurbana (secondo")
    assert found.loc[[BASIGLIO, "015002"], "basis"].to_list() == ["figure", "missing_input"]
    layers = jobs.territory_layers(territory)
    title = "Grado di urbanizzazione dei comuni (degurba.csv), Eurostat"
    for layer in ("comuni", "obiettivi", "obiettivi_comuni", "driver_zone"):
        assert title in sources_of(layers, layer)
    for layer in ("zone_omogenee", "appartenenze"):
        assert title not in sources_of(layers, layer)


def test_the_real_plan_names_the_peri_urban_in_particular(
    settings: Settings, territory: jobs.Territory, table: Path
) -> None:
    before = answers(territory)
    assert set(before["focus"]) == {"non_noto"}
    assert before["focus_reason_it"].str.contains("manca il grado di urbanizzazione, livello 2", regex=False).all()
    jobs.add_input(Project(settings), "degurba", table)
    after = jobs.load_territory(Project(settings))
    found = answers(after)
    assert found.loc[[MILANO, BASIGLIO, "015002", NOSATE, MORIMONDO], "focus"].to_list() == [
        "no",
        "si",
        "non_noto",
        "no",
        "non_noto",
    ]
    assert set(found["applies"]) == {"si"}
    assert found.loc[BASIGLIO, "focus_reason_it"].startswith("Aree periurbane: classe 21, sobborgo o area periurbana")
    assert after.urbanisation is not None
    assert after.urbanisation.source in after.plan.answer_sources
    assert after.urbanisation.source not in after.plan.scope_sources, "where goals apply does not rest on it"


def test_classes_are_delivered_with_the_municipalities(
    run: Run, settings: Settings, table: Path, tmp_path: Path
) -> None:
    jobs.add_input(Project(settings), "degurba", table)
    built = run("build", "-o", tmp_path / "x.gpkg")
    assert built.code == 0
    assert "Comuni senza classe nella tabella" in built.err
    rows = pyogrio.read_dataframe(tmp_path / "x.gpkg", layer="comuni").set_index("pro_com_t")
    columns = ["degurba", "degurba_2", "degurba_base"]
    assert rows.loc[BASIGLIO, columns].to_list() == [2, 21, FILE]
    assert rows.loc[MILANO, columns].fillna("").to_list() == [1, "", FILE]
    assert rows.loc[MORIMONDO, columns].isna().all()


def test_a_table_is_added_listed_and_removed(run: Run, table: Path) -> None:
    added = run("inputs", "add", "degurba", table)
    assert added.code == 0
    assert added.out.startswith("degurba: degurba.csv, ")
    assert "Comuni senza classe nella tabella, che resta non nota: 129" in added.err
    assert json.loads(run("status", "--json").out)["inputs"]["degurba"]["file"].endswith("degurba.csv")
    assert run("inputs", "remove", "degurba").out == "degurba: tolto.\n"
    assert json.loads(run("status", "--json").out)["inputs"] == {}


def test_a_bad_table_leaves_the_workspace_as_it_was(run: Run, settings: Settings, table: Path, tmp_path: Path) -> None:
    jobs.add_input(Project(settings), "degurba", table)
    bad = tmp_path / "bad.csv"
    bad.write_text(f"LAU CODE,DEGURBA\n{MILANO},7\n")
    refused = run("inputs", "add", "degurba", bad)
    assert (refused.code, refused.out) == (2, "")
    assert "bad.csv, riga 2: classe «7» sconosciuta" in refused.err
    assert "Traceback" not in refused.err
    assert Workspace(settings.workspace).inputs["degurba"].path.name == "degurba.csv"
    assert run("inputs", "add", "degurba", table, bad).code == 2


def test_a_table_can_be_read_without_being_kept(settings: Settings, table: Path, tmp_path: Path) -> None:
    found = jobs.read_urbanisation(Project(settings), table)
    assert found is not None
    assert not found.experimental
    assert not settings.workspace.exists()
    with pytest.raises(InputMissingError):
        jobs.read_urbanisation(Project(settings), tmp_path / "none.csv")


@pytest.fixture(scope="module")
def computed(territory: jobs.Territory) -> Urbanisation:
    return jobs.compute_urbanisation(Project(Settings()), on_points(territory), territory)


def test_classes_follow_from_who_lives_on_which_cell(computed: Urbanisation, territory: jobs.Territory) -> None:
    """On one cell each: 50,000 make a city, 1,000 far from others a village."""
    classes = computed.classes.set_index("municipality_code")["urbanisation_2"]
    residents = territory.municipalities.set_index("municipality_code")["residents"]
    assert len(classes) == 133
    assert set(classes[residents[residents >= 50_000].index]) == {30}
    assert classes[[MILANO, MORIMONDO]].to_list() == [30, 13]
    assert set(computed.classes["urbanisation_basis"]) == {EXPERIMENTAL}


def test_it_says_everywhere_that_it_is_experimental(computed: Urbanisation) -> None:
    assert computed.experimental
    assert "SPERIMENTALE" in computed.source.title
    assert "Applying the Degree of Urbanisation, 2021 edition" in computed.source.title
    first, *rest = computed.notices
    assert first.it.startswith("Grado di urbanizzazione: SPERIMENTALE, non è una classificazione ufficiale")
    assert first.en.startswith("Degree of Urbanisation: EXPERIMENTAL, not an official classification")
    assert rest[0].it.endswith("comuni del territorio 0, comuni intorno 308.")
    assert computed.source.reference_date == "2023-01-01"
    assert computed.source.licence == "CC BY 4.0"


def test_a_municipality_without_places_stays_unknown_but_counts_for_its_neighbours(territory: jobs.Territory) -> None:
    everybody = on_points(territory)
    places = everybody.places[everybody.places["municipality_code"] != BASIGLIO]
    found = jobs.compute_urbanisation(Project(Settings()), dataclasses.replace(everybody, places=places), territory)
    classes = found.classes.set_index("municipality_code")
    assert classes.loc[BASIGLIO].isna().all()
    assert classes["urbanisation_2"].notna().sum() == 132
    assert "comuni del territorio 1 (Basiglio), comuni intorno 308." in found.notices[1].it


STREETS = Source(
    "osm", "OpenStreetMap, x.osm.pbf", "OSM", "", "2026-01-01", "ODbL 1.0", "© OpenStreetMap contributors", ""
)


@pytest.mark.parametrize(
    ("method", "licence"),
    [("sections", "CC BY 4.0"), ("buildings", "CC BY 4.0; ODbL 1.0"), ("streets", "CC BY 4.0; ODbL 1.0")],
)
def test_the_licence_is_that_of_all_it_rests_on(territory: jobs.Territory, method: str, licence: str) -> None:
    found = jobs.compute_urbanisation(Project(Settings()), on_points(territory, method), territory, streets=STREETS)
    assert found.source.licence == licence
    assert ("© OpenStreetMap contributors" in found.source.attribution) == ("ODbL" in licence)


def test_on_synthetic_streets_it_says_so(territory: jobs.Territory) -> None:
    streets = dataclasses.replace(STREETS, title=f"{SYNTHETIC}x")
    found = jobs.compute_urbanisation(Project(Settings()), on_points(territory, "streets"), territory, streets=streets)
    assert found.source.title.startswith(SYNTHETIC)


def test_residents_of_two_days_are_told(territory: jobs.Territory) -> None:
    later = dataclasses.replace(territory, municipalities=territory.municipalities.assign(residents_date="2026-01-01"))
    found = jobs.compute_urbanisation(Project(Settings()), on_points(later), later)
    assert found.notices[-1].it == (
        "Grado di urbanizzazione: residenti del territorio al 1° gennaio 2026, dei comuni intorno al 1° gennaio 2023."
    )


def test_a_kept_computation_resolves_the_rule_and_says_what_it_is(
    peri_urban: Settings, computed: Urbanisation, run: Run, tmp_path: Path
) -> None:
    assert jobs.save_urbanisation(Project(peri_urban), computed)
    territory = jobs.load_territory(Project(peri_urban))
    found = answers(territory)
    assert set(found["applies"]) == {"si", "no"}
    assert found["reason_it"].str.contains("(sperimentale, calcolata da psttm-geo", regex=False).all()
    assert territory.notices[0].it.startswith("Grado di urbanizzazione: SPERIMENTALE")
    layers = jobs.territory_layers(territory)
    for layer in ("comuni", "obiettivi_comuni"):
        (title,) = [name for name in sources_of(layers, layer) if "urbanizz" in name]
        assert title.startswith("Grado di urbanizzazione SPERIMENTALE")
    assert "SPERIMENTALE" in run("build", "-o", tmp_path / "x.gpkg").err
    rows = pyogrio.read_dataframe(tmp_path / "x.gpkg", layer="comuni")
    assert set(rows["degurba_base"]) == {EXPERIMENTAL}
    assert run("inputs", "remove", "degurba").code == 0


def test_a_newer_computation_takes_the_place_of_an_older_one(settings: Settings, computed: Urbanisation) -> None:
    assert jobs.save_urbanisation(Project(settings), dataclasses.replace(computed, notices=()))
    assert jobs.save_urbanisation(Project(settings), computed)
    held = jobs.read_urbanisation(Project(settings))
    assert held is not None
    assert held.notices == computed.notices
    pd.testing.assert_frame_equal(held.classes, computed.classes)


def test_a_computation_never_takes_the_place_of_the_office_s_table(
    settings: Settings, table: Path, computed: Urbanisation
) -> None:
    jobs.add_input(Project(settings), "degurba", table)
    assert not jobs.save_urbanisation(Project(settings), computed)
    held = jobs.read_urbanisation(Project(settings))
    assert held is not None
    assert not held.experimental


def test_the_office_s_table_takes_the_place_of_a_computation(
    settings: Settings, table: Path, computed: Urbanisation
) -> None:
    jobs.save_urbanisation(Project(settings), computed)
    jobs.add_input(Project(settings), "degurba", table)
    held = jobs.read_urbanisation(Project(settings))
    assert held is not None
    assert not held.experimental


def test_a_damaged_computation_stops_with_one_sentence(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "degurba.json"
    path.write_text("{}")
    Workspace(settings.workspace).add("degurba", path)
    with pytest.raises(TableError, match=r"degurba\.json: è danneggiato o di un'altra versione"):
        jobs.load_territory(Project(settings))
