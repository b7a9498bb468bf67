from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.project_records import Projects
from psttm_geo.plan.projects import read_projects
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
    assert projects.projects[["driver", "mission", "amount_eur"]].isna().all(axis=None)


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
    assert attributed["progetti"]["driver"].count() == 1


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
    sources = read_geopackage(tmp_path / "x.gpkg")["fonti"]
    assert {"obiettivi", "obiettivi_comuni"} <= set(sources[sources["sha256"] == registered]["layer"])
