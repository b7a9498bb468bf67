"""Projects added up: what is not known of some is said beside the sum; every amount is arithmetic."""

import dataclasses
import math

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.app.state import State
from psttm_geo.app.views import goal_view, measure_view, project_view
from psttm_geo.app.views.project_filter import EVERY_PROJECT
from psttm_geo.app.views.project_view import ProjectView
from psttm_geo.core.provenance import Source
from psttm_geo.plan.project_records import IN_MUNICIPALITIES, IN_PROVINCE, Projects

STATE = State("it", "2025-2027", None, tiles=False, view=None, table=False)

MILANO, LEGNANO, ROZZANO = "015146", "015118", "015189"

UNKNOWN = math.nan


@pytest.fixture
def view() -> ProjectView:
    """Give four projects: two of known amount, one of unknown, one of the whole province."""
    columns = ["project", "here_eur", "awarded_eur", "paid_eur", "submeasure", "measure_title", "extent"]
    rows = pd.DataFrame(
        [
            ("P", 800.0, 500.0, UNKNOWN, "M1.1", "Prima", IN_MUNICIPALITIES),
            ("Q", UNKNOWN, UNKNOWN, UNKNOWN, "M1.1", "Prima", IN_MUNICIPALITIES),
            ("R", 200.0, UNKNOWN, UNKNOWN, "M2.1", "Seconda", IN_MUNICIPALITIES),
            ("S", 4000.0, UNKNOWN, UNKNOWN, "", "", IN_PROVINCE),
        ],
        columns=columns,
    )
    rows = rows.assign(edition="", pnrr_mission="", body_kind="", status="", phase="")
    rows = rows.assign(amount_eur=rows["here_eur"], actual_end_date="", drivers="")
    places = pd.DataFrame(
        [("P", MILANO, 0.75), ("P", LEGNANO, 0.25), ("Q", ROZZANO, 1.0), ("R", MILANO, 1.0)],
        columns=["project", "municipality_code", "share"],
    )
    return ProjectView(rows, places, EVERY_PROJECT, None)


def test_a_zone_says_what_is_not_known_and_the_province_has_its_own_row(
    view: ProjectView, territory: jobs.Territory
) -> None:
    table = project_view.by_zone(view, STATE, territory).set_index("Zona omogenea")
    assert list(table.columns) == ["Progetti", "Finanziamento (€)", "Senza importo", "Per residente (€)"]
    residents = territory.zones.set_index("zone")["residents"]
    assert table.loc["Milano"].to_list() == [2, 800, 0, round(800 / residents["Milano"], 2)]
    assert table.loc["Alto Milanese"].to_list()[:3] == [1, 200, 0]
    assert table.loc["Sud Ovest", "Progetti"] == 1
    assert pd.isna(table.loc["Sud Ovest", "Finanziamento (€)"]), "unknown, not zero"
    assert table.loc["Sud Ovest", "Senza importo"] == 1
    assert table.loc["Sud Est"].to_list() == [0, 0, 0, 0]
    province = table.loc["intera provincia, in nessuna zona"]
    assert province.to_list()[:3] == [1, 4000, 0]
    assert pd.isna(province["Per residente (€)"])
    assert table["Finanziamento (€)"].sum() == view.rows["amount_eur"].sum()


def test_without_anything_unknown_or_wide_a_zone_says_nothing_of_it(
    view: ProjectView, territory: jobs.Territory
) -> None:
    some = ProjectView(view.rows[view.rows["project"].isin(["P", "R"])], view.places, EVERY_PROJECT, None)
    table = project_view.by_zone(some, STATE, territory)
    assert "Senza importo" not in table.columns
    assert set(table["Zona omogenea"]) == set(territory.zones["zone"])


def test_sums_stand_beside_how_many_projects_state_them(view: ProjectView) -> None:
    table = project_view.unattributed_measures(view, "it").set_index("Misura")
    assert table.loc["M1.1", ["Titolo", "Progetti", "Finanziamento (€)", "Senza importo"]].to_list() == [
        "Prima",
        2,
        800,
        1,
    ]
    assert table.loc["M1.1", ["Aggiudicato (€)", "Progetti con importo aggiudicato"]].to_list() == [500, 1]
    assert pd.isna(table.loc["M2.1", "Aggiudicato (€)"])
    assert "Pagato (€)" not in table.columns


def test_where_every_measure_has_a_driver_none_is_listed(view: ProjectView) -> None:
    taken = view.rows.assign(drivers="1")
    assert project_view.unattributed_measures(ProjectView(taken, view.places, EVERY_PROJECT, None), "it").empty


@pytest.mark.parametrize(
    ("amounts", "said"),
    [([1000.0, 500.0], "1.500 €"), ([1000.0, UNKNOWN], "1.000 € (noto per 1 su 2)"), ([UNKNOWN], "non noto")],
)
def test_an_amount_says_of_how_many_it_is_known(amounts: list[float], said: str) -> None:
    assert project_view.say_amount(pd.Series(amounts), "it") == said


@pytest.fixture
def of_two_drivers(territory: jobs.Territory) -> jobs.Territory:
    """Give a register of three projects: P of drivers 1 and 5 and of two goals, Q of driver 5, R of none."""
    rows = pd.DataFrame(
        {"project": ["P", "Q", "R"], "drivers": ["1, 5", "5", ""], "here_eur": [8.0, 2.0, 4.0], "actual_end_date": ""}
    ).assign(amount_eur=lambda table: table["here_eur"], awarded_eur=UNKNOWN, paid_eur=UNKNOWN)
    places = pd.DataFrame({"project": ["P", "P"], "municipality_code": [MILANO, LEGNANO], "share": [0.75, 0.25]})
    links = pd.DataFrame(
        [("P", "", 1, "documento"), ("P", "", 5, "lettura"), ("Q", "", 5, "lettura")],
        columns=["project", "edition", "driver", "driver_basis"],
    )
    goals = pd.DataFrame(
        [("P", "2025-2027", 1, 2, "documento"), ("P", "2025-2027", 3, 1, "documento")],
        columns=["project", "edition", "mission", "number", "goal_basis"],
    )
    source = Source("projects-file", "Registro", "ente", "", "", "", "Registro", "")
    registered = Projects(rows, places, source, (), links, goals)
    return dataclasses.replace(territory, plan=dataclasses.replace(territory.plan, projects=registered))


def test_a_project_of_two_drivers_stands_under_each_and_once_in_the_totals(of_two_drivers: jobs.Territory) -> None:
    registered = of_two_drivers.plan.projects
    assert registered is not None
    rows = project_view.with_drivers_here(registered, STATE, of_two_drivers)
    assert rows["drivers_here"].to_list() == [("1", "5"), ("5",), ("nessuno",)]
    view = ProjectView(rows, registered.places, EVERY_PROJECT, None)
    shown = project_view.by_driver(view, STATE, of_two_drivers)
    sums = {name.partition(".")[0]: (count, amount) for name, count, amount in shown.iloc[:, :3].to_numpy().tolist()}
    assert sums == {"5": (2, 10), "1": (1, 8), "non attribuito a un driver": (1, 4)}
    assert "3" in project_view.totals(view, "it")["projects"]
    assert project_view.totals(view, "it")["here_eur"][0] == "14 €"


def test_goals_say_how_many_projects_serve_them_and_for_how_much(of_two_drivers: jobs.Territory) -> None:
    goals = goal_view.plan_of(of_two_drivers, STATE.edition).goals
    table = goal_view.list_table(goals, STATE, of_two_drivers).set_index("n.")
    served = table[["Progetti", "Finanziamento (€)"]].dropna()
    assert served.to_numpy().tolist() == [[1, 8], [1, 8]]
    assert list(served.index) == ["1.2", "3.1"]
    goal = {"edition": "2025-2027", "mission": 3, "number": 1}
    in_legnano = dataclasses.replace(STATE, municipality=LEGNANO)
    for state, amount in ((STATE, 8), (in_legnano, 2)):
        found = measure_view.goal_projects(goal, state, of_two_drivers)
        assert found is not None
        assert found[["project", "here_eur"]].to_numpy().tolist() == [["P", amount]]
    other = measure_view.goal_projects(goal | {"number": 2}, STATE, of_two_drivers)
    assert other is not None
    assert other.empty


def test_without_links_to_goals_the_list_says_nothing_of_projects(territory: jobs.Territory) -> None:
    goals = goal_view.plan_of(territory, STATE.edition).goals
    assert "Progetti" not in goal_view.list_table(goals, STATE, territory).columns
