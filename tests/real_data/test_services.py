"""What a build holds of Regione Lombardia's registers, without and with a map."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path

pytestmark = pytest.mark.real_data

FILES = ("farmacie_lombardia.csv", "scuole_lombardia.csv", "strutture_sanitarie.csv")


@pytest.fixture(scope="module")
def settings_of_registers(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=data_path(), workspace=tmp_path_factory.mktemp("registers"))
    jobs.add_registers(Project(settings), [test_data / "registers" / file for file in FILES])
    return settings


@pytest.fixture(scope="module")
def tables(settings_of_registers: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    path = tmp_path_factory.mktemp("built") / "psttm.gpkg"
    jobs.build(path, Project(settings_of_registers))
    return read_geopackage(path)


def test_services_of_the_territory_are_those_of_the_registers(tables: dict[str, pd.DataFrame]) -> None:
    inside = tables["servizi"].dropna(subset="pro_com_t")
    counts = inside["categoria"].value_counts().to_dict()
    assert counts["farmacia"] == 921
    assert counts["ospedale"] == 62
    assert set(counts) == {"farmacia", "ospedale", "infanzia", "scuola", "superiori"}
    pharmacies = inside[inside["categoria"] == "farmacia"]
    assert pharmacies["pro_com_t"].nunique() == 130
    assert tables["servizi"]["osm_id"].isna().all()


def test_registers_are_counted_by_municipality_with_nothing_of_openstreetmap(tables: dict[str, pd.DataFrame]) -> None:
    table = tables["servizi_confronto"]
    assert len(table) == 133 * 5
    totals = table.drop(columns="pro_com_t").groupby("categoria").sum()
    assert totals["registro"].to_dict() == {
        "farmacia": 921,
        "infanzia": 294,
        "ospedale": 63,
        "scuola": 738,
        "superiori": 336,
    }
    assert totals.loc["ospedale", "senza_posizione"] == 1
    assert not totals[["osm", "in_entrambi", "solo_osm"]].to_numpy().any()
    inside = tables["servizi"].dropna(subset="pro_com_t")["categoria"].value_counts()
    assert (totals["registro"] - totals["senza_posizione"]).to_dict() == inside.to_dict()


def test_the_sources_of_services_are_the_three_registers(tables: dict[str, pd.DataFrame]) -> None:
    sources = tables["fonti"]
    mine = sources.loc[sources["layer"] == "servizi", "fonte"]
    assert [title.split(" (")[0] for title in mine[1:]] == [
        "Elenco delle farmacie",
        "Anagrafe delle scuole",
        "Strutture di ricovero",
    ]


def test_a_synthetic_map_gives_way_to_the_registers_and_it_is_said(
    run: Callable[..., object], map_workspace: Path, tmp_path: Path, test_data: Path
) -> None:
    workspace = tmp_path / "workspace"
    files = [test_data / "registers" / file for file in FILES]
    assert run("inputs", "add", "registers", *files, "--workspace", workspace).code == 0
    kept = Workspace(map_workspace).inputs["osm"].path
    Workspace(workspace).add("osm", kept)
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--workspace", workspace, "--json")
    told = json.loads(outcome.out)
    assert "DATI SINTETICI" in outcome.err
    assert [line.split(":")[0] for line in told["service_comparison"]] == [
        *("farmacia", "infanzia", "ospedale", "scuola", "superiori")
    ]
    assert told["service_comparison"][0].startswith(
        "farmacia: registri 921 (0 senza un punto utilizzabile), OpenStreetMap "
    )
    inside = read_geopackage(tmp_path / "x.gpkg", ["servizi"])["servizi"].dropna(subset="pro_com_t")
    pharmacies = inside[inside["categoria"] == "farmacia"]
    assert (len(pharmacies), pharmacies["osm_id"].notna().sum()) == (921, 0)
