import pandas as pd
import pytest

from psttm_geo.plan.driver_coverage import (
    activated_coverage,
    count_answers,
    located_projects,
    normative_coverage,
    weighted_coverage,
)
from psttm_geo.schema.code_lists import GOAL_KEY

MUNICIPALITIES = pd.DataFrame({"unit": ["X", "Y"], "municipality_code": ["X", "Y"]})

SHARES = ["applies_share", "applies_unknown_share", "called_share", "called_unmarked_share", "called_unknown_share"]


@pytest.fixture
def answers() -> pd.DataFrame:
    """Give four goals in two municipalities; the second edition says no of the first goal."""
    rows = [
        ("a", 1, 1, "X", "si", "si"),
        ("a", 1, 2, "X", "si", "non_indicato"),
        ("a", 1, 3, "X", "non_noto", "non_noto"),
        ("a", 2, 1, "X", "no", "no"),
        ("a", 1, 1, "Y", "si", "si"),
        ("a", 1, 2, "Y", "no", "no"),
        ("a", 1, 3, "Y", "si", "si"),
        ("a", 2, 1, "Y", "si", "non_noto"),
        ("b", 1, 1, "X", "no", "no"),
        ("b", 1, 1, "Y", "no", "no"),
    ]
    return pd.DataFrame(rows, columns=[*GOAL_KEY, "unit", "applies", "called"])


@pytest.fixture
def driver_goals() -> pd.DataFrame:
    """Give a driver of all four goals, one of a single goal, and one of the other edition."""
    rows = [("a", 1, 1, 1), ("a", 1, 1, 2), ("a", 1, 1, 3), ("a", 1, 2, 1), ("a", 2, 1, 1), ("b", 1, 1, 1)]
    return pd.DataFrame(rows, columns=["edition", "driver", "mission", "number"])


@pytest.fixture
def drivers() -> pd.DataFrame:
    """Give the drivers of both editions; the third of the first one has no goal."""
    return pd.DataFrame({"edition": ["a", "a", "a", "b"], "driver": [1, 2, 3, 1]})


@pytest.fixture
def coverage(answers: pd.DataFrame, driver_goals: pd.DataFrame, drivers: pd.DataFrame) -> pd.DataFrame:
    return normative_coverage(answers, driver_goals, drivers, MUNICIPALITIES)


def test_shares_are_goals_by_all_goals_of_the_driver(coverage: pd.DataFrame) -> None:
    shares = coverage.set_index(["edition", "driver", "unit"])
    assert shares.loc[("a", 1, "X"), SHARES].to_list() == [0.5, 0.25, 0.25, 0.25, 0.25]
    assert shares.loc[("a", 1, "Y"), SHARES].to_list() == [0.75, 0, 0.5, 0, 0.25]
    assert shares.loc[("a", 2, "X"), SHARES].to_list() == [1, 0, 1, 0, 0]
    assert shares.loc[("b", 1, "X"), SHARES].to_list() == [0, 0, 0, 0, 0]
    assert shares["goal_count"].to_dict() == {
        **{("a", 1, unit): 4 for unit in "XY"},
        **{("a", 2, unit): 1 for unit in "XY"},
        **{("a", 3, unit): 0 for unit in "XY"},
        **{("b", 1, unit): 1 for unit in "XY"},
    }


def test_a_driver_without_goals_has_a_row_per_unit_whose_shares_are_unknown_not_zero(coverage: pd.DataFrame) -> None:
    mine = coverage[(coverage["edition"] == "a") & (coverage["driver"] == 3)]
    assert mine["unit"].to_list() == ["X", "Y"]
    assert mine[SHARES].isna().all(axis=None)
    people = pd.DataFrame({"municipality_code": ["X", "Y"], "residents": [300, 100]})
    whole = pd.DataFrame({"unit": ["Z", "Z"], "municipality_code": ["X", "Y"]})
    weighted = weighted_coverage(coverage, whole, people).set_index(["edition", "driver", "unit"])
    assert weighted.loc[("a", 3, "Z")].isna().all()


def test_a_unit_of_one_edition_has_the_drivers_of_that_edition(
    answers: pd.DataFrame, driver_goals: pd.DataFrame, drivers: pd.DataFrame
) -> None:
    units = pd.DataFrame({"edition": ["a", "b", "b"], "unit": ["X", "Y", "Y"], "municipality_code": ["X", "Y", "V"]})
    found = normative_coverage(answers, driver_goals, drivers, units)
    assert found[["edition", "driver", "unit"]].to_numpy().tolist() == [
        ["a", 1, "X"],
        ["a", 2, "X"],
        ["a", 3, "X"],
        ["b", 1, "Y"],
    ]


def test_weights_are_residents(coverage: pd.DataFrame) -> None:
    units = pd.DataFrame({"unit": ["Z", "Z"], "municipality_code": ["X", "Y"]})
    people = pd.DataFrame({"municipality_code": ["X", "Y"], "residents": [300, 100]})
    weighted = weighted_coverage(coverage, units, people).set_index(["edition", "driver", "unit"])
    assert weighted.loc[("a", 1, "Z"), [f"{share}_residents" for share in SHARES]].to_list() == pytest.approx(
        [(300 * x + 100 * y) / 400 for x, y in ((0.5, 0.75), (0.25, 0), (0.25, 0.5), (0.25, 0), (0.25, 0.25))], abs=1e-4
    )
    assert weighted.loc[("a", 2, "Z")].to_list() == [1, 0, 1, 0, 0]


def test_units_of_an_edition_are_weighted_in_it_only(coverage: pd.DataFrame) -> None:
    units = pd.DataFrame({"edition": ["b"], "unit": ["U"], "municipality_code": ["X"]})
    people = pd.DataFrame({"municipality_code": ["X", "Y"], "residents": [300, 100]})
    weighted = weighted_coverage(coverage, units, people)
    assert weighted[["edition", "driver", "unit"]].to_numpy().tolist() == [["b", 1, "U"]]


def test_counts_by_mission_keep_unknown_and_blank_apart(answers: pd.DataFrame) -> None:
    counts = count_answers(answers.assign(unit_kind="comune")).set_index(["edition", "unit", "mission"])
    names = [
        "goal_count",
        "applies_count",
        "applies_unknown_count",
        "called_count",
        "called_unmarked_count",
        "called_unknown_count",
    ]
    assert counts.loc[("a", "X", 1), names].to_list() == [3, 2, 1, 1, 1, 1]
    assert counts.loc[("a", "Y", 2), names].to_list() == [1, 1, 0, 0, 0, 1]
    assert counts.loc[("b", "Y", 1), names].to_list() == [1, 0, 0, 0, 0, 0]


def projects(*rows: tuple[str, str, object, float | None, int]) -> pd.DataFrame:
    columns = ["project", "municipality_code", "driver", "amount_eur", "municipality_count"]
    table = pd.DataFrame(rows, columns=columns).astype({"driver": "Int64", "amount_eur": "float64"})
    return table.assign(amount_eur=table["amount_eur"] / table.pop("municipality_count"))


UNITS = pd.DataFrame({"unit": ["Z", "Z", "W"], "municipality_code": ["X", "Y", "V"]})


def activated(table: pd.DataFrame, units: pd.DataFrame = UNITS) -> dict[tuple[object, str], tuple[int, object, int]]:
    """Give number, amount and how many have none, by driver and unit."""
    rows = activated_coverage(table, units)
    keys = zip(rows["driver"], rows["unit"], strict=True)
    figures = rows[["projects", "amount_eur", "projects_without_amount"]].itertuples(index=False, name=None)
    return dict(zip(keys, figures, strict=True))


def test_a_project_in_two_municipalities_of_a_unit_counts_once_with_its_whole_amount() -> None:
    assert activated(projects(("P", "X", 1, 100, 2), ("P", "Y", 1, 100, 2))) == {(1, "Z"): (1, 100, 0)}


def test_a_project_across_units_counts_in_each_and_shares_its_amount() -> None:
    table = projects(("P", "X", 1, 90, 3), ("P", "Y", 1, 90, 3), ("P", "V", 1, 90, 3))
    assert activated(table) == {(1, "Z"): (1, 60, 0), (1, "W"): (1, 30, 0)}


def test_drivers_are_counted_apart_a_project_of_two_in_each() -> None:
    table = projects(("P", "X", 1, 10, 1), ("P", "X", 2, 10, 1), ("Q", "X", 2, 20, 1), ("R", "Y", 2, 30, 1))
    assert activated(table) == {(1, "Z"): (1, 10, 0), (2, "Z"): (3, 60, 0)}


def test_an_unknown_amount_is_not_zero_and_does_not_spoil_known_ones() -> None:
    table = projects(
        ("P", "X", 1, None, 2), ("P", "Y", 1, None, 2), ("Q", "V", 1, None, 1), ("R", "X", 1, 5, 1), ("S", "V", 2, 0, 1)
    )
    found = activated(table)
    assert found[1, "Z"] == (2, 5, 1)
    count, amount, without = found[1, "W"]
    assert (count, without) == (1, 1)
    assert pd.isna(amount)
    assert found[2, "W"] == (1, 0, 0)


def test_located_projects_are_counted_once_per_unit_whatever_their_driver() -> None:
    table = projects(
        ("P", "X", 1, 1, 2), ("P", "Y", 1, 1, 2), ("Q", "Y", None, 1, 2), ("Q", "V", None, 1, 2), ("R", "X", None, 1, 1)
    ).assign(edition=["a", "a", "", "", "b"])
    table = table.assign(attributed=table.pop("driver").notna())
    z = {"projects": 3, "projects_unattributed": 2, "projects_edition_unknown": 1}
    w = {"projects": 1, "projects_unattributed": 1, "projects_edition_unknown": 1}
    found = located_projects(table, UNITS).set_index("unit")
    assert [found.loc["Z"].to_dict(), found.loc["W"].to_dict()] == [z, w]
    of_an_edition = located_projects(table, UNITS.assign(edition="c")).set_index(["edition", "unit"])
    assert of_an_edition.loc[("c", "Z")].to_dict() == z, "a unit of one edition holds the projects of all"


def test_a_project_outside_every_unit_counts_nowhere() -> None:
    assert activated(projects(("P", "elsewhere", 1, 5, 1))) == {}
