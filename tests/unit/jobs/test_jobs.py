from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.errors import TableError, UnknownNameError, WorkspaceError
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.plan.compare_editions import count_links, link_goals
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register, data_path
from psttm_geo.schema.layers import LAYERS

EVERYBODY = 3_219_391

FONTANILI = [
    "Besate", "Binasco", "Bubbiano", "Casarile", "Gaggiano", "Gudo Visconti", "Noviglio", "Rosate", "Vermezzo con Zelo"
]  # fmt: skip

UNIONS = {
    ("2022-2024", "Unione di Comuni Basiano e Masate"): ["Basiano", "Masate"],
    ("2022-2024", "Unione di Comuni Adda Martesana"): [
        "Bellinzago Lombardo", "Liscate", "Pozzuolo Martesana", "Truccazzano"
    ],
    ("2025-2027", "Unione di Comuni Basiano e Masate"): ["Basiano", "Masate"],
    ("2025-2027", "Unione di Comuni Adda Martesana"): ["Bellinzago Lombardo", "Liscate", "Pozzuolo Martesana"],
}  # fmt: skip


def files_of(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_packaged_tables_have_no_fault(settings: Settings) -> None:
    assert Project(settings).check() == []


def test_the_territory_is_133_municipalities_in_eight_zones(register: Register) -> None:
    zones = register.tables["zones.csv"]
    assert len(zones) == zones["municipality_code"].nunique() == zones["municipality"].nunique() == 133
    assert zones.groupby("zone").size().to_dict() == {
        "Alto Milanese": 22,
        "Nord Ovest": 16,
        "Nord Milano": 6,
        "Adda Martesana": 29,
        "Sud Est": 15,
        "Sud Ovest": 16,
        "Magentino Abbiatense": 28,
        "Milano": 1,
    }


def test_there_are_two_editions(territory: jobs.Territory) -> None:
    assert [plan.edition.identifier for plan in territory.plan.plans] == ["2022-2024", "2025-2027"]
    assert [plan.edition.union_count for plan in territory.plan.plans] == [2, 3]
    assert [plan.edition.zone_count for plan in territory.plan.plans] == [7, 7]


def test_the_unions_are_those_of_the_documents(territory: jobs.Territory) -> None:
    members = territory.memberships.dropna(subset="union")
    found = members.groupby(["edition", "union"])["municipality"].apply(sorted).to_dict()
    (fontanili,) = (name for _, name in found if "Fontanili" in name)
    assert found == UNIONS | {("2025-2027", fontanili): FONTANILI}


def test_truccazzano_leaves_its_union(territory: jobs.Territory) -> None:
    rows = territory.memberships.set_index(["municipality", "edition"])["union"]
    assert rows["Truccazzano", "2022-2024"] == "Unione di Comuni Adda Martesana"
    assert rows["Truccazzano", "2025-2027"] is None


def test_a_union_is_not_nested_in_a_zone(territory: jobs.Territory) -> None:
    zones = territory.memberships.dropna(subset="union").groupby(["edition", "union"])["zone"].nunique()
    assert sorted(zones) == [1, 1, 1, 1, 2]
    assert "Fontanili" in zones.idxmax()[1]


@pytest.mark.parametrize(
    ("editions", "unions", "memberships"),
    [(["2022-2024"], 2, 133), (["2025-2027"], 3, 133), (["2025-2027", "2022-2024"], 5, 266), ([], 5, 266)],
)
def test_only_the_editions_asked_for_are_loaded(
    settings: Settings, editions: list[str], unions: int, memberships: int
) -> None:
    loaded = jobs.load_territory(Project(settings), editions=editions)
    assert (len(loaded.unions), len(loaded.memberships)) == (unions, memberships)
    assert len(loaded.municipalities) == 133
    if editions:
        assert set(loaded.memberships["edition"]) == set(editions)


def test_an_unknown_edition_is_refused_with_the_known_ones(settings: Settings) -> None:
    with pytest.raises(UnknownNameError, match="1999-2001 sconosciuta; quelle disponibili sono: 2022-2024, 2025-2027"):
        jobs.load_territory(Project(settings), editions=["2022-2024", "1999-2001"])


def test_every_layer_of_the_contract_is_given(territory: jobs.Territory) -> None:
    layers = jobs.territory_layers(territory)
    asked_for = (
        "progetti",
        "agenda",
        *MONITORING,
        "servizi",
        "confini_confronto",
        "access",
        "carenze",
        "completezza",
        "bacini",
        "indicatori",
        "scenario",
        "siti",
        "isocrone",
    )
    assert set(layers) == {name for name in LAYERS if not name.startswith(asked_for)}
    for name, table in layers.items():
        assert LAYERS[name].select(table).shape[0] == len(table)
        assert isinstance(table, gpd.GeoDataFrame) is LAYERS[name].spatial


def test_a_third_edition_is_rows_in_tables_and_the_old_ones_are_the_same_beside_it(
    run: Callable[..., object], third_edition: Path, settings: Settings, territory: jobs.Territory, tmp_path: Path
) -> None:
    assert Project(settings.model_copy(update={"data": third_edition})).check() == []
    assert run("check") == (0, "Tabelle in ordine: nessun errore.\n", "")
    assert run("build", "-o", tmp_path / "three.gpkg").code == 0
    tables = read_geopackage(tmp_path / "three.gpkg")
    third = {
        name: table[table["edizione"] == "2028-2030"] for name, table in tables.items() if "edizione" in table.columns
    }
    third = {name: rows for name, rows in third.items() if len(rows)}
    assert {name: len(rows) for name, rows in third.items()} == {
        "unioni_comuni": 1,
        "appartenenze": 133,
        "obiettivi": 4,
        "obiettivi_comuni": 4 * 133,
        "obiettivi_conteggi": (133 + 8 + 1) * 2,
        "driver": 12,
        "driver_comuni": 12 * 133,
        "driver_zone": 12 * 8,
        "driver_unioni": 12,
        "missioni": 2,
        "parole_chiave": 5,
        "visione": 10,
        "partenariati": 1,
        "driver_missioni": 2,
        "driver_obiettivi": 4,
    }
    assert all(table["edizione"].nunique() == 3 for name, table in tables.items() if name in third)
    goals = third["obiettivi"].set_index(["missione", "numero"])
    assert goals["liv_base"].to_list() == ["inherited", "inherited", "none", "inherited"]
    assert goals.loc[(1, 2), "liv_comuni"] == "si", "inherited from 5.10 of 2022-2024 through 2025-2027"
    assert goals.geometry.isna().to_list() == [False, False, True, False]
    assert third["driver"]["obiettivi"].to_list()[:2] == ["1.1, 1.2, 1.3", "2.1"]
    assert third["driver_unioni"]["unione"].to_list() == ["Unione nuova"] * 12
    shares = ["quota_si_applica", "quota_chiamato", "quota_si_applica_residenti"]
    assert third["driver_unioni"].set_index("driver").loc[range(3, 13), shares].isna().all(axis=None)
    expected = LAYERS["obiettivi"].select(jobs.territory_layers(territory)["obiettivi"])
    kept = tables["obiettivi"][tables["obiettivi"]["edizione"] != "2028-2030"]
    names = [name for name in expected.columns if name != "geometry"]
    assert kept[names].fillna("").to_numpy().tolist() == expected[names].fillna("").to_numpy().tolist()


def test_projects_on_a_driver_without_goals_are_counted(
    run: Callable[..., object], third_edition: Path, tmp_path: Path
) -> None:
    assert third_edition.is_dir()
    (tmp_path / "r.csv").write_text("codice,comuni,driver,importo_eur\nP1,015146;015118,12,90\n", "utf-8")
    assert run("projects", "add", tmp_path / "r.csv").code == 0
    assert run("build", "-o", tmp_path / "three.gpkg", "--edition", "2028-2030").code == 0
    tables = read_geopackage(tmp_path / "three.gpkg", ("driver_comuni", "driver_zone", "driver_unioni"))
    for name, unit in (("driver_comuni", "015146"), ("driver_zone", "Milano"), ("driver_unioni", "Unione nuova")):
        (row,) = tables[name][(tables[name] == unit).any(axis=1) & (tables[name]["driver"] == 12)].to_dict("records")
        assert (row["progetti"], row["importo_eur"]) == (1, 90 if name == "driver_unioni" else 45)
        assert row["n_obiettivi"] == 0
        assert pd.isna(row["quota_si_applica"])


PLAN_TABLES = [
    *("unions.csv", "missions.csv", "goals.csv", "goal_marks.csv", "goal_links.csv", "vision.csv", "drivers.csv"),
    *("driver_missions.csv", "driver_goals.csv", "partnerships.csv", "scopes.csv"),
]


@pytest.mark.parametrize("names", [["editions.csv"], ["editions.csv", *PLAN_TABLES]], ids=["alone", "whole plan"])
def test_no_edition_is_a_fault_of_the_tables(
    run: Callable[..., object], spoil: Callable[..., None], data_copy: Path, names: list[str]
) -> None:
    for name in names:
        text = (data_copy / name).read_text("utf-8")
        spoil(name, text, text.splitlines(keepends=True)[0])
    checked = run("check")
    assert checked.code == 1
    assert "editions.csv: non c'è nessuna edizione; aggiungere la riga di almeno una." in checked.out
    (data_copy.parent / "r.csv").write_text("codice,comuni\nP1,015146\n", "utf-8")
    for command in (["projects", "add", data_copy.parent / "r.csv"], ["build", "-o", data_copy.parent / "x.gpkg"]):
        outcome = run(*command)
        assert outcome.code == 2
        assert "non c'è nessuna edizione" in outcome.err


def test_an_edition_whose_goals_are_not_written_yet_builds_without_them(
    run: Callable[..., object], edition_without_goals: Path, tmp_path: Path
) -> None:
    assert edition_without_goals.is_dir()
    outcome = run("build", "-o", tmp_path / "new.gpkg", "--edition", "2028-2030")
    assert outcome.code == 0
    names = ("comuni", "appartenenze", "obiettivi", "obiettivi_comuni", "driver", "driver_comuni")
    tables = read_geopackage(tmp_path / "new.gpkg", names)
    assert len(tables["appartenenze"]) == len(tables["comuni"]) == 133
    assert all(tables[name].empty for name in names[2:])


def test_three_editions_are_compared_two_by_two(third_edition: Path, settings: Settings) -> None:
    loaded = jobs.load_territory(Project(settings.model_copy(update={"data": third_edition})))
    first, second, third = loaded.plan.plans
    linked = link_goals(second, third, loaded.plan.links)
    counts = count_links(linked).set_index("mission")
    assert counts.loc[1].to_dict() == {"kept": 2, "changed": 0, "dropped": 14, "new": 1}
    assert counts.loc[2].to_dict() == {"kept": 0, "changed": 1, "dropped": 15, "new": 0}
    assert counts["dropped"].sum() == 75 - 4
    earlier = count_links(link_goals(first, second, loaded.plan.links))
    assert (earlier["dropped"].sum(), earlier["new"].sum()) == (4, 6)


def test_the_real_editions_side_by_side(territory: jobs.Territory) -> None:
    changes = jobs.compare_editions(territory, "2022-2024", "2025-2027")
    assert changes.counts.drop(columns="mission").sum().to_dict() == {"kept": 40, "changed": 29, "dropped": 4, "new": 6}
    assert changes.goals["to_title_it"].notna().sum() >= 75
    assert (len(changes.drivers), len(changes.partnerships)) == (10, 7)
    rows = changes.municipalities.set_index("municipality")
    assert len(rows) == 133
    assert rows.index[rows["union_changed"]].to_list() == sorted([*FONTANILI, "Truccazzano"])
    assert rows.loc["Truccazzano", "union_before"] == "Unione di Comuni Adda Martesana"
    assert rows.loc["Truccazzano", "union_after"] is None
    answers = territory.plan.answers.municipalities
    legnano = answers[answers["municipality_code"] == "015118"].groupby("edition")[["applies", "called"]]
    for side, edition in (("before", "2022-2024"), ("after", "2025-2027")):
        mine = legnano.get_group(edition)
        assert rows.loc["Legnano", f"applies_{side}"] == (mine["applies"] == "si").sum()
        assert rows.loc["Legnano", f"called_{side}"] == (mine["called"] == "si").sum()
        assert rows.loc["Legnano", f"called_unknown_{side}"] == (mine["called"] == "non_noto").sum()


def test_an_edition_beside_itself_changes_nothing(territory: jobs.Territory) -> None:
    rows = jobs.compare_editions(territory, "2025-2027", "2025-2027").municipalities
    assert not rows["union_changed"].any()
    assert not rows["goals_changed"].any()


def test_beside_an_edition_without_goals_no_number_has_changed(settings: Settings, edition_without_goals: Path) -> None:
    loaded = jobs.load_territory(Project(settings.model_copy(update={"data": edition_without_goals})))
    rows = jobs.compare_editions(loaded, "2025-2027", "2028-2030").municipalities
    assert len(rows) == 133
    assert rows["applies_before"].notna().all()
    assert rows["applies_after"].isna().all()
    assert not rows["goals_changed"].any()


def test_a_plan_without_unions_builds(
    run: Callable[..., object], spoil: Callable[..., None], data_copy: Path, tmp_path: Path
) -> None:
    text = (data_copy / "unions.csv").read_text("utf-8")
    spoil("unions.csv", text, text.splitlines(keepends=True)[0])
    spoil("editions.csv", ",133,7,2,", ",133,7,0,")
    spoil("editions.csv", ",133,7,3,", ",133,7,0,")
    assert run("check").code == 0
    outcome = run("build", "-o", tmp_path / "none.gpkg")
    assert outcome.code == 0
    unions = gpd.read_file(tmp_path / "none.gpkg", layer="unioni_comuni")
    assert unions.empty
    assert {"edizione", "unione", "residenti"} <= set(unions.columns)


def test_broken_tables_are_not_loaded(spoil: Callable[..., None], data_copy: Path) -> None:
    spoil("zones.csv", "Arconate,Alto Milanese", "Arconate,Alto")
    with pytest.raises(TableError):
        jobs.load_territory(Project(Settings(data=data_copy)))


def test_neighbours_reach_across_the_border_of_the_territory(settings: Settings) -> None:
    pairs = jobs.find_neighbours(Project(settings))
    there = set(map(tuple, pairs[["municipality_code", "neighbour_code"]].to_numpy()))
    assert there == {(right, left) for left, right in there}
    inside = pairs["municipality_code"].str.startswith("015")
    outside = ~pairs["neighbour_code"].str.startswith("015")
    assert (inside & outside).any()
    assert pairs.loc[inside, "municipality_code"].nunique() == 133
    of_exclave = pairs[pairs["municipality_code"] == "015191"]
    assert not of_exclave.empty
    assert not of_exclave["neighbour_code"].str.startswith("015").any(), "San Colombano touches no municipality of ours"


def test_residents_of_the_workspace_take_the_place_of_the_embedded_ones(
    settings: Settings, posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    double = posas_rows.assign(males=posas_rows["males"] * 2, females=posas_rows["females"] * 2)
    path = posas(double, "POSAS_2026_it_Comuni.zip")
    assert jobs.add_input(Project(settings), "residents", path) == ()
    path.unlink()
    loaded = jobs.load_territory(Project(settings))
    assert loaded.municipalities["residents"].sum() == 2 * EVERYBODY
    assert loaded.residents_date == "2026-01-01"
    assert loaded.residents.provisional
    assert loaded.residents.source.sha256 in set(jobs.territory_layers(loaded)["fonti"]["sha256"])


def test_a_file_named_wins_over_the_workspace(
    settings: Settings, posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    jobs.add_input(Project(settings), "residents", posas(posas_rows, "in workspace.csv", year=2026))
    loaded = jobs.load_territory(Project(settings), residents=posas(posas_rows, "named.csv", year=2022))
    assert loaded.residents_date == "2022-01-01"


def test_a_changed_file_of_the_workspace_stops_the_build(
    run: Callable[..., object], settings: Settings, posas: Callable[..., Path], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    jobs.add_input(Project(settings), "residents", posas(posas_rows))
    Workspace(tmp_path / "workspace").inputs["residents"].path.write_text("changed")
    with pytest.raises(WorkspaceError):
        jobs.load_territory(Project(settings))
    outcome = run("build", "-o", tmp_path / "new.gpkg")
    assert outcome.code == 2
    assert "è cambiato dopo la registrazione" in outcome.err
    assert not (tmp_path / "new.gpkg").exists()


def test_reading_never_writes_to_the_packaged_data(settings: Settings, tmp_path: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in data_path().rglob("*")}
    jobs.build(tmp_path / "new.gpkg", Project(settings))
    assert {file: file.stat().st_mtime_ns for file in data_path().rglob("*")} == before
    assert files_of(tmp_path) == {"new.gpkg"}
