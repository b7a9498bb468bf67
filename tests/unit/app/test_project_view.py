"""Projects added up: what is not known of some is said beside the sum; every amount is arithmetic."""

import math

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.app.state import State
from psttm_geo.app.views import project_view
from psttm_geo.app.views.project_filter import EVERY_PROJECT
from psttm_geo.app.views.project_view import ProjectView
from psttm_geo.plan.project_records import IN_MUNICIPALITIES, IN_PROVINCE

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
