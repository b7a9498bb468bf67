import itertools
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.files import sha256_of
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.plan.plan_layers import project_places
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path

pytestmark = pytest.mark.slow

Tables = dict[str, pd.DataFrame]

ACTIVATED = ["progetti", "importo_eur", "progetti_senza_importo"]

COUNTED = ["progetti", "progetti_senza_driver", "progetti_edizione_non_nota"]

BY_EDITION = ["progetti_edizione", "importo_edizione_eur", "progetti_edizione_non_nota", "progetti_driver_dubbio"]

REGISTER = """codice,comuni,edizione,driver,importo_eur
P1,015146;015118,2025-2027,1,1000
P2,015014;015136,2025-2027,1,500
P3,015146,2025-2027,1,
P4,015146,2025-2027,,700
P5,015146,2025-2027,2,30
P6,015118;015014,2025-2027,1,
P7,015007,2025-2027,3,
P8,015014;015136,2025-2027,,
"""

EDITIONS = ("2022-2024", "2025-2027")

MIXED = """codice,comuni,edizione,driver,importo_eur
Q1,015146,2022-2024,7,100
Q2,015146,2025-2027,7,10
Q3,015146;015118,,7,2
Q4,015146,2022-2024,3,5
Q5,015118,,3,50
"""
"""Of two editions and of none."""


@pytest.fixture(scope="module")
def tables(built: Path) -> Tables:
    return read_geopackage(built)


@pytest.fixture(scope="module")
def other_third(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give tables in which number 3 of the earlier edition is another driver, as its title says."""
    folder = tmp_path_factory.mktemp("data") / "data"
    shutil.copytree(data_path(), folder)
    file, sources = folder / "drivers.csv", folder / "sources.csv"
    before = sha256_of(file)
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    rows.loc[(rows["edition"] == EDITIONS[0]) & (rows["driver"] == "3"), ["title_it", "title_en"]] = "Energie"
    rows.to_csv(file, index=False, lineterminator="\n")
    sources.write_text(sources.read_text("utf-8").replace(before, sha256_of(file)), "utf-8", newline="\n")
    return folder


@pytest.fixture(scope="module")
def active(tmp_path_factory: pytest.TempPathFactory, other_third: Path) -> Tables:
    """Give the build of a workspace with a register of one edition."""
    folder = tmp_path_factory.mktemp("active")
    (folder / "register.csv").write_text(REGISTER, "utf-8")
    settings = Settings(workspace=folder / "workspace", data=other_third)
    jobs.add_projects(Project(settings), [folder / "register.csv"], None)
    jobs.build(folder / "x.gpkg", Project(settings))
    return read_geopackage(folder / "x.gpkg")


def members(tables: Tables, kind: str) -> dict[tuple[str, str], set[str]]:
    """Give the municipalities of every unit in every edition, from the table of memberships."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in tables["appartenenze"].itertuples():
        unit = {"comuni": row.pro_com_t, "zone": row.zona, "unioni": row.unione}[kind]
        if isinstance(unit, str):
            found[row.edizione, unit].add(row.pro_com_t)
    return found


def goals_of(tables: Tables) -> dict[tuple[str, int], list[tuple[int, int]]]:
    return {
        (row.edizione, row.driver): [tuple(map(int, goal.split("."))) for goal in row.obiettivi.split(", ")]
        for row in tables["driver"].itertuples()
    }


SHARES = [
    "quota_si_applica",
    "quota_si_applica_non_nota",
    "quota_chiamato",
    "quota_chiamato_non_indicata",
    "quota_chiamato_non_nota",
]

UNIT_FIELD = {"comuni": "pro_com_t", "zone": "zona", "unioni": "unione"}

LAYER = {"comuni": "comuni", "zone": "zone_omogenee", "unioni": "unioni_comuni"}


def first_of(order: tuple[str, ...], answers: set[str]) -> str:
    return next(answer for answer in order if answer in answers)


@pytest.mark.parametrize("kind", UNIT_FIELD)
def test_every_share_is_what_the_other_tables_give(tables: Tables, kind: str) -> None:
    answer = {
        (row.edizione, row.missione, row.numero, row.pro_com_t): (row.si_applica, row.chiamato)
        for row in tables["obiettivi_comuni"].itertuples()
    }
    units, drivers = members(tables, kind), goals_of(tables)
    layer = tables[f"driver_{kind}"]
    keys = list(layer[["edizione", "driver", UNIT_FIELD[kind]]].itertuples(index=False, name=None))
    assert sorted(keys) == sorted((e, d, u) for (e, d), (e2, u) in itertools.product(drivers, units) if e == e2)
    for key, row in zip(keys, layer.to_dict("records"), strict=True):
        edition, driver, unit = key
        where, who = Counter(), Counter()
        for goal in drivers[edition, driver]:
            mine = [answer[edition, *goal, code] for code in units[edition, unit]]
            where[first_of(("si", "non_noto", "no"), {applies for applies, _ in mine})] += 1
            who[first_of(("si", "non_noto", "non_indicato", "no"), {called for _, called in mine})] += 1
        count = len(drivers[edition, driver])
        assert row["n_obiettivi"] == count
        expected = [where["si"], where["non_noto"], who["si"], who["non_indicato"], who["non_noto"]]
        assert [row[field] for field in SHARES] == pytest.approx([n / count for n in expected], abs=5e-5)


@pytest.mark.parametrize("kind", ["zone", "unioni"])
def test_every_weighted_share_is_the_mean_of_the_members_by_residents(tables: Tables, kind: str) -> None:
    people = dict(zip(tables["comuni"]["pro_com_t"], tables["comuni"]["residenti"], strict=True))
    shares = tables["driver_comuni"].set_index(["edizione", "driver", "pro_com_t"])
    units = members(tables, kind)
    for row in tables[f"driver_{kind}"].to_dict("records"):
        codes = sorted(units[row["edizione"], row[UNIT_FIELD[kind]]])
        total = sum(people[code] for code in codes)
        for field in SHARES:
            mean = (
                sum(shares.loc[(row["edizione"], row["driver"], code), field] * people[code] for code in codes) / total
            )
            assert row[f"{field}_residenti"] == pytest.approx(mean, abs=1e-4)


def test_the_shape_of_a_goal_is_the_union_of_its_municipalities(tables: Tables) -> None:
    shapes = tables["comuni"].set_index("pro_com_t").geometry
    answers = tables["obiettivi_comuni"].groupby(["edizione", "missione", "numero"])
    united: dict[tuple[str, ...], object] = {}
    unknown = 0
    for row in tables["obiettivi"].itertuples():
        mine = answers.get_group((row.edizione, row.missione, row.numero))
        codes = tuple(mine.loc[mine["si_applica"] == "si", "pro_com_t"])
        if not codes:
            assert set(mine["si_applica"]) == {"non_noto"}
            assert row.geometry is None
            unknown += 1
            continue
        if codes not in united:
            united[codes] = shapely.union_all(shapes[list(codes)].to_numpy())
        assert row.geometry.symmetric_difference(united[codes]).area < 1
    assert unknown == 31, "3.8 of both editions waits for stations, and the documents list no places of 29 goals"
    assert len(united) == 3, "everywhere, on the Navigli, around the Idroscalo"


def test_every_goal_answers_for_every_municipality(tables: Tables) -> None:
    answers = tables["obiettivi_comuni"]
    assert len(answers) == 150 * 133
    assert set(answers["si_applica"]) <= {"si", "no", "non_noto"}
    assert set(answers["chiamato"]) <= {"si", "no", "non_indicato", "non_noto"}
    assert answers["motivo"].str.len().gt(0).all()
    marks = tables["obiettivi"].set_index(["edizione", "missione", "numero"])["liv_comuni"]
    for row in answers.itertuples():
        mark = marks[row.edizione, row.missione, row.numero]
        expected = "no" if row.si_applica == "no" else mark if mark != "si" else row.si_applica
        assert row.chiamato == expected


def test_counts_are_those_of_the_answers(tables: Tables) -> None:
    counts = tables["obiettivi_conteggi"]
    answers = tables["obiettivi_comuni"]
    keys = ["edizione", "pro_com_t", "missione"]
    fields = {
        "n_obiettivi": answers["si_applica"].notna(),
        "n_si_applica": answers["si_applica"] == "si",
        "n_si_applica_non_noto": answers["si_applica"] == "non_noto",
        "n_chiamato": answers["chiamato"] == "si",
        "n_chiamato_non_indicato": answers["chiamato"] == "non_indicato",
        "n_chiamato_non_noto": answers["chiamato"] == "non_noto",
    }
    mine = counts[counts["tipo_unita"] == "comune"].set_index(["edizione", "unita", "missione"]).sort_index()
    for field, flags in fields.items():
        expected = flags.groupby([answers[key] for key in keys]).sum().sort_index()
        assert mine[field].to_list() == expected.to_list()
    assert counts.groupby("tipo_unita").size().to_dict() == {"comune": 2 * 133 * 6, "zona": 2 * 8 * 6, "unione": 5 * 6}


@pytest.mark.parametrize("kind", UNIT_FIELD)
def test_without_a_register_projects_and_amounts_are_unknown_not_zero(tables: Tables, kind: str) -> None:
    layer = tables[f"driver_{kind}"]
    assert layer[[*ACTIVATED, *BY_EDITION, "indicatore", "valore"]].isna().all(axis=None)
    assert tables[LAYER[kind]][COUNTED].isna().all(axis=None)
    assert tables["citta_metropolitana"][COUNTED].isna().all(axis=None)
    assert "progetti" not in tables


@pytest.mark.parametrize("kind", UNIT_FIELD)
def test_a_register_of_one_edition_tells_of_the_other_what_both_have_alike(active: Tables, kind: str) -> None:
    layer = active[f"driver_{kind}"]
    earlier = layer[layer["edizione"] == "2022-2024"]
    assert earlier[["progetti_edizione", "importo_edizione_eur"]].isna().all(axis=None)
    assert earlier.loc[earlier["driver"] == 3, ACTIVATED].isna().all(axis=None), "another driver than that of 2025-2027"
    assert earlier.loc[earlier["driver"] == 5, "progetti"].notna().any()
    assert active["unioni_comuni"][COUNTED].notna().all(axis=None)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, other_third: Path) -> Tables:
    """Give the build of a workspace with a register of both editions and of unknown edition."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "register.csv").write_text(MIXED, "utf-8")
    settings = Settings(workspace=folder / "workspace", data=other_third)
    jobs.add_projects(Project(settings), [folder / "register.csv"], None)
    jobs.build(folder / "x.gpkg", Project(settings))
    return read_geopackage(folder / "x.gpkg")


def test_projects_of_every_edition_count_in_the_rows_of_each(mixed: Tables) -> None:
    layer = mixed["driver_comuni"].set_index(["edizione", "driver", "pro_com_t"])
    assert [layer.loc[(edition, 7, "015146"), ACTIVATED].to_list() for edition in EDITIONS] == [[3, 111, 0]] * 2
    assert layer.loc[("2022-2024", 7, "015146"), BY_EDITION].to_list() == [1, 100, 1, 0]
    assert layer.loc[("2025-2027", 7, "015146"), BY_EDITION].to_list() == [1, 10, 1, 0]
    assert layer.loc[("2025-2027", 7, "015118"), ACTIVATED].to_list() == [1, 1, 0]


def test_a_number_that_is_another_driver_in_each_edition_counts_where_its_edition_is_known(mixed: Tables) -> None:
    layer = mixed["driver_comuni"].set_index(["edizione", "driver", "pro_com_t"])
    assert layer.loc[("2022-2024", 3, "015146"), "progetti"] == 1
    assert layer.loc[("2025-2027", 3, "015146"), "progetti"] == 0
    for edition in EDITIONS:
        assert pd.isna(layer.loc[(edition, 3, "015118"), "progetti"]), "it may be the one or the other"
        assert layer.loc[(edition, 3, "015118"), "progetti_driver_dubbio"] == 1


@pytest.mark.parametrize("kind", ["comuni", "zone"])
def test_amounts_of_the_rows_own_edition_add_up_to_those_of_known_edition_and_driver(mixed: Tables, kind: str) -> None:
    assert mixed[f"driver_{kind}"]["importo_edizione_eur"].sum() == 115


def test_units_count_projects_of_all_editions_once(mixed: Tables) -> None:
    assert mixed["citta_metropolitana"][COUNTED].to_numpy().tolist() == [[5, 0, 2]]
    towns = mixed["comuni"].set_index("pro_com_t")
    assert towns.loc[["015146", "015118", "015007"], COUNTED].to_numpy().tolist() == [[4, 0, 1], [2, 0, 2], [0, 0, 0]]
    assert mixed["progetti"].set_index("progetto")["edizione"].isna().to_dict() == {
        **dict.fromkeys(("Q1", "Q2", "Q4"), False),
        **dict.fromkeys(("Q3", "Q5"), True),
    }


def registered() -> list[tuple[str, set[str], str, float | None]]:
    """Give code, places, driver and amount of every project of the register."""
    rows = [line.split(",") for line in REGISTER.splitlines()[1:]]
    return [
        (code, set(places.split(";")), driver, float(amount) if amount else None)
        for code, places, _, driver, amount in rows
    ]


@pytest.mark.parametrize("kind", UNIT_FIELD)
def test_projects_and_amounts_of_a_driver_are_what_the_register_gives(active: Tables, kind: str) -> None:
    units = members(active, kind)
    layer = active[f"driver_{kind}"].query("edizione == '2025-2027'")
    for row in layer.to_dict("records"):
        codes = units["2025-2027", row[UNIT_FIELD[kind]]]
        here = [(places, driver, amount) for _, places, driver, amount in registered() if places & codes]
        mine = [(places, amount) for places, driver, amount in here if driver == str(row["driver"])]
        if not mine and any(driver == "" for _, driver, _ in here):
            assert pd.isna([row[field] for field in ACTIVATED]).all(), "one that waits for its driver may be it"
            continue
        parts = [amount * len(places & codes) / len(places) for places, amount in mine if amount is not None]
        assert row["progetti"] == len(mine)
        assert row["progetti_senza_importo"] == len(mine) - len(parts)
        if mine and not parts:
            assert pd.isna(row["importo_eur"])
        else:
            assert row["importo_eur"] == pytest.approx(sum(parts))


@pytest.mark.parametrize("kind", UNIT_FIELD)
def test_units_count_each_project_of_the_register_once_attributed_or_not(active: Tables, kind: str) -> None:
    units = members(active, kind)
    layer = active[LAYER[kind]]
    for row in layer.to_dict("records"):
        codes = units[row.get("edizione", "2025-2027"), row[UNIT_FIELD[kind]]]
        here = [driver for _, places, driver, _ in registered() if places & codes]
        assert [row[field] for field in COUNTED] == [len(here), here.count(""), 0]
    assert layer[COUNTED].notna().any(axis=None)


def test_the_whole_counts_every_project_once(active: Tables) -> None:
    assert active["citta_metropolitana"][COUNTED].to_numpy().tolist() == [[8, 2, 0]]


def test_amounts_add_up_over_partitions_of_the_territory(active: Tables) -> None:
    for kind in ("comuni", "zone"):
        latest = active[f"driver_{kind}"].query("edizione == '2025-2027'")
        assert latest.groupby("driver")["importo_eur"].sum().loc[[1, 2]].to_list() == [1500, 30]


def test_the_tables_of_projects_hold_all_the_attributed_and_the_others(active: Tables) -> None:
    projects = active["progetti"].set_index("progetto")
    assert projects["n_comuni"].to_list() == [2, 2, 1, 1, 1, 2, 1, 2]
    assert list(projects.index[projects["elenco_driver"] == ""]) == ["P4", "P8"]
    places = active["progetti_comuni"].groupby("progetto")["importo_eur"].sum(min_count=1)
    assert places.dropna().to_dict() == {"P1": 1000, "P2": 500, "P4": 700, "P5": 30}


def test_no_project_in_any_union_is_zero_in_unions_not_unknown(tmp_path: Path, run: Callable[..., object]) -> None:
    (tmp_path / "r.csv").write_text("codice,comuni,driver\nP1,015146,1\n")
    assert run("projects", "add", tmp_path / "r.csv").code == 0
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    unions = read_geopackage(tmp_path / "x.gpkg", ["driver_unioni"])["driver_unioni"]
    assert unions[ACTIVATED].to_numpy().tolist() == [[0, 0, 0]] * 50, "of both editions: the project's is not known"
    assert unions["progetti_edizione"].isna().all()


def test_a_driver_table_lists_the_goals_it_combines(tables: Tables) -> None:
    goals = set(tables["obiettivi"][["edizione", "missione", "numero"]].itertuples(index=False, name=None))
    combined = {(edition, *goal) for (edition, _), listed in goals_of(tables).items() for goal in listed}
    assert combined <= goals
    assert len(tables["driver"]) == 20


def test_places_of_a_project_carry_what_falls_to_each() -> None:
    projects = pd.DataFrame({"project": ["P"], "edition": ["a"], "drivers": "1", "amount_eur": [9.0], "submeasure": ""})
    places = pd.DataFrame(
        {"project": "P", "municipality_code": ["015001", "015002"], "share": [0.25, 0.5], "rule": "quota pubblicata"}
    )
    assert project_places(projects, places)["amount_eur"].to_list() == [2.25, 4.5]
