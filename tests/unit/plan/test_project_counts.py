"""Three municipalities, two zones and one union; every amount is arithmetic."""

import pandas as pd
import pytest

from psttm_geo.plan.project_counts import KEYS, PROVINCE, count_by_unit
from psttm_geo.plan.project_records import IN_MUNICIPALITIES, IN_PROVINCE

RESIDENTS = pd.Series({"X": 100, "Y": 300, "V": 50})

MEMBERS = {
    "zona": pd.DataFrame({"unit": ["Z", "Z", "W"], "municipality_code": ["X", "Y", "V"]}),
    "tutto": pd.DataFrame({"unit": "T", "municipality_code": ["X", "Y", "V", PROVINCE]}),
    "unione": pd.DataFrame({"unit": ["U"], "edition": ["a"], "municipality_code": ["Y"]}),
}


def project(name: str, amount: float | None, drivers: str = "1", **cells: str) -> dict[str, object]:
    said = {"edition": "", "pnrr_mission": "M1", "body_kind": "comune", "status": "attivo", "phase": ""} | cells
    said.setdefault("extent", IN_MUNICIPALITIES)
    return {"project": name, "amount_eur": amount, "drivers": drivers, **said}


@pytest.fixture
def counted() -> pd.DataFrame:
    projects = pd.DataFrame(
        [
            project("P", 900.0),
            project("Q", None),
            project("R", 60.0, drivers="", body_kind="altro"),
            project("whole province", 1e6, extent=IN_PROVINCE),
        ]
    ).astype({"amount_eur": "float64"})
    places = pd.DataFrame(
        [("P", "X", 0.5), ("P", "Y", 0.25), ("P", "V", 0.25), ("Q", "X", 1.0), ("R", "Y", 1.0)],
        columns=["project", "municipality_code", "share"],
    )
    return count_by_unit(projects, places, MEMBERS, RESIDENTS).set_index(["unit", "drivers"])


FIGURES = ["projects", "projects_without_amount", "amount_eur", "amount_per_resident_eur"]


def test_a_project_counts_once_in_a_unit_with_the_parts_of_its_members(counted: pd.DataFrame) -> None:
    assert counted.loc[("Z", "1"), FIGURES].to_list() == [2, 1, 675, round(675 / 400, 2)]
    assert counted.loc[("W", "1"), FIGURES].to_list() == [1, 0, 225, 4.5]


def test_the_whole_has_what_is_located_on_the_province_and_says_which_share_of_the_register_each_row_is(
    counted: pd.DataFrame,
) -> None:
    columns = [*FIGURES, "amount_share", "whole_amount_eur"]
    declared = 1e6 + 960
    assert counted.loc[("T", "1"), columns].to_list() == [
        3,
        1,
        1e6 + 900,
        round((1e6 + 900) / 450, 2),
        round((1e6 + 900) / declared, 6),
        1e6 + 900,
    ]
    assert counted.loc[("Z", "1"), "whole_amount_eur"] == 900
    assert counted.loc[("Z", "1"), "amount_share"] == round(675 / declared, 6)


def test_what_no_driver_takes_stands_apart(counted: pd.DataFrame) -> None:
    assert counted.loc[("Z", ""), FIGURES].to_list() == [1, 0, 60, 0.15]
    assert counted.loc[("Z", ""), "body_kind"] == "altro"


def test_unions_have_their_edition(counted: pd.DataFrame) -> None:
    assert counted.loc[("U", "1"), "edition_or_all"] == "a"
    assert set(counted.loc[["Z", "W"], "edition_or_all"]) == {""}


def test_amounts_add_up_over_units_and_each_row_stands_once(counted: pd.DataFrame) -> None:
    zones = counted[counted["unit_kind"] == "zona"].reset_index()
    assert zones["amount_eur"].sum() == 900 + 60
    assert not zones.duplicated(["unit", *KEYS]).any()


def test_an_amount_that_no_project_states_is_not_known() -> None:
    projects = pd.DataFrame([project("Q", None)]).astype({"amount_eur": "float64"})
    places = pd.DataFrame({"project": ["Q"], "municipality_code": ["X"], "share": [1.0]})
    (row,) = count_by_unit(projects, places, {"zona": MEMBERS["zona"]}, RESIDENTS).to_dict("records")
    assert (row["projects"], row["projects_without_amount"]) == (1, 1)
    assert pd.isna(row["amount_eur"])
    assert pd.isna(row["amount_per_resident_eur"])


def test_a_project_of_two_drivers_counts_once_in_numbers_amounts_shares_and_per_resident() -> None:
    projects = pd.DataFrame([project("P", 900.0, "1, 2"), project("Q", 100.0, "2")])
    places = pd.DataFrame(
        [("P", "X", 0.5), ("P", "V", 0.5), ("Q", "X", 1.0)], columns=["project", "municipality_code", "share"]
    )
    rows = count_by_unit(projects, places, {"tutto": MEMBERS["tutto"]}, RESIDENTS).set_index("drivers")
    totals = rows[["projects", "amount_eur", "amount_share", "amount_per_resident_eur", "whole_amount_eur"]].sum()
    assert totals.to_list() == pytest.approx([2, 1000, 1, 1000 / 450, 1000], abs=0.01)
    assert rows["projects"].to_dict() == {"1, 2": 1, "2": 1}
