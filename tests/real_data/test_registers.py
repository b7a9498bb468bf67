from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.italia_domani import open_files, read_italia_domani
from psttm_geo.plan.project_records import Projects
from psttm_geo.plan.projects import attribute_by_measure, read_projects
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.snapshot import read_gazetteer

pytestmark = pytest.mark.real_data


@pytest.fixture
def stations(test_data: Path) -> list[Path]:
    return sorted((test_data / "stations").glob("*.shp"))


@pytest.fixture
def opencup(test_data: Path) -> Path:
    return test_data / "registers" / "pnrr_cup_localizzazioni_2022.csv"


@pytest.fixture
def projects(opencup: Path, register: Register) -> Projects:
    return read_projects(opencup, read_gazetteer(register), build_plans(register.tables, ()))


def test_opencup_holds_137_projects_in_64_municipalities_none_attributed(projects: Projects, opencup: Path) -> None:
    rows = pd.read_csv(opencup, dtype="str")
    mine = rows[(rows["CODICE_PROVINCIA"] == "015") & (rows["CODICE_COMUNE"] != "-1")].drop_duplicates(
        ["CUP", "CODICE_COMUNE"]
    )
    assert len(projects.places) == len(mine) == 137
    assert len(projects.projects) == mine["CUP"].nunique() == 137
    assert projects.places["municipality_code"].nunique() == 64
    assert projects.projects[["mission", "amount_eur"]].isna().all(axis=None)
    assert projects.drivers.empty


def test_opencup_is_counted_by_municipality_and_by_no_driver_until_attributed(
    run: Callable[..., object], projects: Projects, opencup: Path, tmp_path: Path
) -> None:
    added = run("projects", "add", opencup)
    assert added.code == 0
    assert "per edizione, non nota: 137." in added.err
    assert "137 di 215" not in added.err, "the interventions are others than the projects of a register"
    assert "215 interventi nelle missioni del PNRR, per 464.267.194 euro" in added.err
    assert run("build", "-o", tmp_path / "a.gpkg").code == 0
    tables = read_geopackage(tmp_path / "a.gpkg")
    assert (len(tables["progetti"]), len(tables["progetti_comuni"])) == (137, 137)
    assert tables["driver_comuni"][["progetti", "importo_eur"]].isna().all(axis=None)
    counted = tables["comuni"].set_index("pro_com_t")[["progetti", "progetti_senza_driver"]]
    places = projects.places.groupby("municipality_code")["project"].nunique().reindex(counted.index, fill_value=0)
    assert (places > 0).sum() == 64
    assert counted["progetti"].to_list() == counted["progetti_senza_driver"].to_list() == places.to_list()
    for name in ("zone_omogenee", "citta_metropolitana"):
        assert tables[name]["progetti_senza_driver"].sum() == 137, "every project stands in one municipality"
    chosen = projects.places[projects.places["municipality_code"] == "015146"]["project"].iloc[0]
    (tmp_path / "attribution.csv").write_text(f"cup,driver\n{chosen},5\n")
    assert run("projects", "add", "--attribution", tmp_path / "attribution.csv").code == 0
    assert run("build", "-o", tmp_path / "b.gpkg").code == 0
    attributed = read_geopackage(tmp_path / "b.gpkg")
    latest = attributed["driver_comuni"].query("edizione == '2025-2027'")
    assert latest["progetti"].sum() == 1
    assert attributed["citta_metropolitana"][["progetti", "progetti_senza_driver"]].to_numpy().tolist() == [[137, 136]]
    assert latest.set_index(["driver", "pro_com_t"]).loc[(5, "015146"), "progetti"] == 1
    assert (attributed["progetti"]["elenco_driver"] == "5").sum() == 1
    assert set(attributed["progetti_driver"]["progetto"]) == {chosen}


def test_698_stations_say_where_goal_38_applies(
    run: Callable[..., object], stations: list[Path], settings: Settings
) -> None:
    before = jobs.load_territory(Project(settings)).plan.answers.municipalities
    told = run("inputs", "add", "stations", *stations)
    assert (told.code, told.out.split(",")[0]) == (0, "stations: 698")
    after = jobs.load_territory(Project(settings)).plan.answers.municipalities
    this = "mission == 3 and number == 8"
    assert set(before.query(this)["applies"]) == {"non_noto"}
    assert set(before.query(this)["basis"]) == {"missing_input"}
    assert set(after.query(this)["applies"]) == {"si", "no"}
    assert set(after.query(this)["basis"]) == {"feature"}
    milano = after.query(this).set_index("municipality_code").loc["015146", "reason_it"]
    assert all(reason.startswith("si applica: nel comune ci sono le stazioni ") for reason in milano)
    alone = after.query(this)["reason_it"].str.startswith("si applica: nel comune c'è la stazione ")
    assert alone.any()
    assert not after.query(this)["reason_it"].str.contains(r"\b(?:None|nan)\b|c'è ,|sono ,| $", regex=True).any()
    named = after.query("mission == 3 and number == 5").set_index("municipality_code")["focus"]
    assert set(named["015146"]) == {"si"}
    assert set(named) == {"si", "no"}
    rest = "not (mission == 3 and number in (5, 8))"
    pd.testing.assert_frame_equal(before.query(rest), after.query(rest))


def test_stations_are_named_among_the_sources(run: Callable[..., object], stations: list[Path], tmp_path: Path) -> None:
    assert run("inputs", "add", "stations", *stations).code == 0
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    registered = Workspace(tmp_path / "workspace").inputs["stations"].sha256
    sources = read_geopackage(tmp_path / "x.gpkg", ["fonti"])["fonti"]
    assert {"obiettivi", "obiettivi_comuni"} <= set(sources[sources["sha256"] == registered]["layer"])


@pytest.fixture(scope="module")
def recovery_plan(test_data: Path, register: Register) -> Projects:
    files = [test_data / "pnrr" / f"{name}_milano.csv" for name in ("progetti_validati", "localizzazioni_validate")]
    return read_italia_domani(open_files(files, register.tables["published_columns.csv"]), read_gazetteer(register))


def test_the_projects_of_the_recovery_plan_are_those_that_are_counted_apart(
    recovery_plan: Projects, test_data: Path
) -> None:
    folder = test_data / "pnrr"
    rows = pd.read_csv(folder / "progetti_validati_milano.csv", sep=";", decimal=",", dtype={"CUP": str})
    counted = rows.drop_duplicates(["CUP", "Codice Locale Progetto"]).groupby("Missione")["Finanziamento Totale"].sum()
    found = recovery_plan.projects
    assert len(found) == rows["CUP"].nunique() == 1938
    sums = found.groupby("pnrr_mission")["amount_eur"].sum()
    pd.testing.assert_series_equal(sums, counted, check_names=False, check_index_type=False, rtol=1e-12)
    city = found[found["body_kind"] == "citta_metropolitana"]
    assert (len(city), city["amount_eur"].sum()) == (23, 32_956_655)
    assert (city["submeasure"] == "M5C2I2.03.01").sum() == 22


def test_the_places_of_the_recovery_plan_are_those_of_the_province(recovery_plan: Projects, test_data: Path) -> None:
    rows = pd.read_csv(test_data / "pnrr" / "localizzazioni_validate_milano.csv", sep=";", dtype=str)
    mine = rows[rows["Codice Provincia"] == "15"]
    assert len(mine) == 2123
    named = mine[mine["Codice Comune"] != "0"].drop_duplicates(["CUP", "Codice Comune"])
    places = recovery_plan.places
    assert len(places) == len(named)
    assert set(places["municipality_code"]) == set("015" + named["Codice Comune"].str.zfill(3))
    everywhere = (
        rows.drop_duplicates(["CUP", "Codice Regione", "Codice Provincia", "Codice Comune"]).groupby("CUP").size()
    )
    alone = places[places["project"].map(everywhere) == 1]
    assert (alone["share"] == 1).all()
    assert (places.groupby("project")["share"].sum() <= 1 + 1e-9).all()
    assert (recovery_plan.projects["extent"] == "provincia").sum() == 17


def test_measures_give_the_projects_of_the_recovery_plan_drivers_and_goals(
    recovery_plan: Projects, register: Register
) -> None:
    tables = register.tables
    found = attribute_by_measure(recovery_plan, tables["measure_drivers.csv"], tables["measure_goals.csv"])
    projects = found.projects
    none = projects[projects["drivers"] == ""]
    assert (len(none), round(none["amount_eur"].sum())) == (1003, 1_525_332_953)
    amounts = projects.set_index("project")["amount_eur"]
    by_driver = found.drivers["project"].map(amounts).sum()
    mobility = projects[projects["drivers"] == "1, 5"]
    assert (set(mobility["submeasure"]), mobility["amount_eur"].sum()) == ({"M1C1I1.04.06"}, 10_300_000)
    assert round(by_driver - mobility["amount_eur"].sum(), 2) == round(amounts.sum() - none["amount_eur"].sum(), 2)
    housing = found.goals.query("edition == '2025-2027' and mission == 5 and number == 6")["project"]
    told = projects[projects["submeasure"].str.startswith(("M5C2I2.03", "M4C1R1.07"))]
    assert set(housing) == set(told["project"])
    assert len(housing) == 23 + 9


def test_the_layout_of_2022_is_read_too(test_data: Path, register: Register) -> None:
    files = [test_data / "pnrr" / f"{name}_2022_milano.csv" for name in ("progetti", "localizzazione")]
    found = read_italia_domani(
        open_files(files, register.tables["published_columns.csv"]), read_gazetteer(register)
    ).projects
    rows = pd.read_csv(files[0], dtype=str)
    assert len(found) == len(rows) == 494
    assert found["amount_eur"].sum() == rows["FINANZ_TOTALE"].str.replace(".", "").astype(int).sum()
    assert set(found["body_kind"]) == {""}, "the layout names no body"
