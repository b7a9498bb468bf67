"""Two editions, a and b: number 1 is one driver in both, number 3 a different one in each, number 9 only in a."""

import math

import pandas as pd
import pytest

from psttm_geo.plan.driver_projects import count_projects, find_drivers, known_drivers, of_edition
from psttm_geo.plan.project_records import UNKNOWN_EDITION

DRIVERS = pd.DataFrame(
    {
        "edition": ["a", "a", "a", "b", "b"],
        "driver": [1, 3, 9, 1, 3],
        "title_it": ["Uno", "Vecchio", "Nove", "Uno", "Nuovo"],
        "same_in_all": [True, False, True, True, False],
    }
)

MEMBERS = pd.DataFrame({"unit": ["Z", "Z", "W"], "municipality_code": ["X", "Y", "V"]})

Row = tuple[str, str, str, int | tuple[int, ...] | None, float | None]


def register(*rows: Row) -> pd.DataFrame:
    """Give projects by name, municipalities (letters), edition, drivers and amount; one row per municipality."""
    table = pd.DataFrame(
        [
            (name, code, edition, driver, None if amount is None else amount / len(codes))
            for name, codes, edition, driver, amount in rows
            for code in codes
        ],
        columns=["project", "municipality_code", "edition", "driver", "amount_eur"],
    )
    return table.astype({"amount_eur": "float64"}).assign(waits=table["driver"].isna())


def links_of(table: pd.DataFrame) -> pd.DataFrame:
    """Give the drivers of such projects; one row per project and driver."""
    links = table[["project", "edition", "driver"]].drop_duplicates("project").explode("driver").dropna()
    return links.astype({"driver": "int64"})


def asked_rows(members: pd.DataFrame = MEMBERS) -> pd.DataFrame:
    units = members[[name for name in ("edition", "unit") if name in members.columns]].drop_duplicates()
    how = {"on": "edition"} if "edition" in members.columns else {"how": "cross"}
    return DRIVERS[["edition", "driver"]].merge(units, **how)


def counted(
    table: pd.DataFrame, members: pd.DataFrame = MEMBERS, **options: object
) -> dict[tuple[str, int, str], tuple]:
    """Give projects, amount, projects without one and possible ones by edition, driver and unit; None for unknown."""
    rows = asked_rows(members)
    found = count_projects(rows, members, table, links_of(table), DRIVERS, **options)
    assert found.index.equals(rows.index)
    keys = rows.itertuples(index=False, name=None)
    figures = found.astype(object).where(found.notna(), None).itertuples(index=False, name=None)
    return dict(zip(keys, figures, strict=True))


def pairs_of(*rows: Row, asked: str | None = None) -> list[tuple[str, str, int, bool]]:
    table = of_edition(find_drivers(links_of(register(*rows)), DRIVERS), asked)
    return list(table[["project", "edition", "driver", "certain"]].itertuples(index=False, name=None))


def test_a_project_belongs_to_the_same_driver_of_every_edition() -> None:
    assert pairs_of(("P", "X", "a", 1, None)) == [("P", "a", 1, True), ("P", "b", 1, True)]
    assert pairs_of(("P", "X", UNKNOWN_EDITION, 1, None)) == [("P", "a", 1, True), ("P", "b", 1, True)]


def test_a_number_that_means_another_driver_in_another_edition_is_not_carried_over() -> None:
    assert pairs_of(("P", "X", "a", 3, None)) == [("P", "a", 3, True)]
    assert pairs_of(("P", "X", "b", 3, None)) == [("P", "b", 3, True)]


def test_of_unknown_edition_it_is_neither_of_the_two_drivers_for_certain_nor_ruled_out() -> None:
    assert pairs_of(("P", "X", UNKNOWN_EDITION, 3, None)) == [("P", "a", 3, False), ("P", "b", 3, False)]
    assert pairs_of(("P", "X", UNKNOWN_EDITION, 9, None)) == [("P", "a", 9, True)], "only one edition has the number"


def test_a_project_without_a_driver_belongs_to_none() -> None:
    assert pairs_of(("P", "X", "a", None, None)) == []


def test_of_an_edition_only_its_own_projects_are_certain_and_those_of_another_are_left_out() -> None:
    rows: tuple[Row, ...] = (("A", "X", "a", 1, None), ("B", "X", "b", 1, None), ("U", "X", UNKNOWN_EDITION, 1, None))
    assert [(name, certain) for name, edition, _, certain in pairs_of(*rows, asked="a") if edition == "b"] == [
        ("A", True),
        ("U", False),
    ]
    assert [(name, certain) for name, edition, _, certain in pairs_of(*rows, asked=UNKNOWN_EDITION)] == [
        ("U", True)
    ] * 2


def test_projects_of_all_editions_count_once_in_each_row_of_their_driver() -> None:
    found = counted(register(("A", "XY", "a", 1, 100), ("B", "V", "b", 1, None), ("U", "XV", UNKNOWN_EDITION, 1, 50)))
    for edition in "ab":
        assert found[edition, 1, "Z"] == (2, 125, 0, 0)
        assert found[edition, 1, "W"] == (2, 25, 1, 0)
    assert found["a", 9, "Z"] == (0, 0, 0, 0)


def test_a_project_of_two_drivers_counts_once_for_each_with_its_whole_amount() -> None:
    rows: tuple[Row, ...] = (("A", "XV", "a", (1, 9), 100), ("B", "Y", "a", 9, 10))
    assert pairs_of(*rows) == [("A", "a", 1, True), ("A", "b", 1, True), ("A", "a", 9, True), ("B", "a", 9, True)]
    found = counted(register(*rows))
    assert (found["a", 1, "Z"], found["a", 9, "Z"]) == ((1, 50, 0, 0), (2, 60, 0, 0))
    assert (found["a", 1, "W"], found["a", 9, "W"]) == ((1, 50, 0, 0), (1, 50, 0, 0))
    assert (found["b", 1, "Z"], found["a", 3, "Z"]) == ((1, 50, 0, 0), (0, 0, 0, 0))


def test_of_some_projects_it_is_said_by_all_of_which_drivers_anything_is_known() -> None:
    table = register(("A", "X", "a", 1, 10), ("B", "X", "b", 3, 5))
    found = count_projects(asked_rows(), MEMBERS, table.query("project == 'A'"), links_of(table), DRIVERS)
    keys = asked_rows()
    assert found.loc[(keys["edition"] == "b") & (keys["driver"] == 3), "projects"].to_list() == [0, 0]


def test_rows_of_their_own_edition_add_up_to_what_the_register_gives_to_editions() -> None:
    table = register(
        ("A", "XY", "a", 1, 100), ("B", "V", "b", 1, 40), ("C", "X", "b", 3, 7), ("U", "X", UNKNOWN_EDITION, 1, 50)
    )
    found = counted(table, own=True)
    known = [figures for figures in found.values() if figures[0] is not None]
    assert sum(figures[0] for figures in known) == 3
    assert sum(figures[1] for figures in known) == 147
    assert found["a", 1, "Z"] == (1, 100, 0, 1), "the one of unknown edition may be of it too"
    assert found["b", 1, "Z"] == (None, None, None, 1), "none is known, and one may be"
    assert found["b", 3, "W"] == (0, 0, 0, 0)


def test_a_project_of_doubtful_driver_makes_none_unknown_where_it_stands() -> None:
    found = counted(register(("A", "X", "a", 3, 10), ("U", "V", UNKNOWN_EDITION, 3, 20)))
    assert found["a", 3, "Z"] == (1, 10, 0, 0)
    assert found["a", 3, "W"] == found["b", 3, "W"] == (None, None, None, 1)
    assert found["b", 3, "Z"] == (0, 0, 0, 0)


def test_one_that_waits_for_a_driver_makes_none_unknown_for_the_drivers_that_it_may_have() -> None:
    found = counted(register(("A", "V", "b", 1, 1), ("W", "X", "b", None, 1)))
    assert found["b", 3, "Z"] == found["a", 1, "Z"] == (None, None, None, 0)
    assert found["a", 1, "W"] == (1, 1, 0, 0)
    assert found["b", 3, "W"] == (0, 0, 0, 0)


@pytest.mark.parametrize("driver", [3, 9])
def test_of_a_driver_that_no_attributed_project_can_have_a_register_says_nothing(driver: int) -> None:
    found = counted(register(("B", "X", "b", 1, 1)))
    assert found["a", driver, "W"] == (None, None, None, 0)
    assert found["a", 1, "W"] == (0, 0, 0, 0)


def test_without_an_attributed_project_nothing_is_known() -> None:
    assert set(counted(register(("P", "X", UNKNOWN_EDITION, None, 5))).values()) == {(None, None, None, 0)}


def test_units_of_an_edition_are_counted_in_it_with_the_projects_of_all() -> None:
    unions = pd.DataFrame({"edition": ["a", "b"], "unit": ["U", "U"], "municipality_code": ["X", "V"]})
    found = counted(register(("A", "X", "a", 1, 10), ("B", "X", "b", 1, 5), ("C", "V", "a", 1, 2)), unions)
    assert found["a", 1, "U"] == (2, 15, 0, 0)
    assert found["b", 1, "U"] == (1, 2, 0, 0)


def test_an_edition_asked_for_counts_in_the_rows_of_every_edition() -> None:
    table = register(("A", "X", "a", 1, 10), ("B", "X", "b", 1, 5), ("U", "X", UNKNOWN_EDITION, 1, 3))
    assert counted(table, asked="a")["b", 1, "Z"] == (1, 10, 0, 1)
    assert counted(table, asked=UNKNOWN_EDITION)["b", 1, "Z"] == (1, 3, 0, 0)
    assert math.isclose(counted(table)["b", 1, "Z"][1], 18)
    only_later = register(("B", "X", "b", 1, 5))
    assert counted(only_later, asked="b")["b", 3, "Z"] == (0, 0, 0, 0)
    assert counted(only_later, asked="a")["b", 3, "Z"] == (None, None, None, 0), "it tells nothing of edition a"


def test_drivers_told_are_those_that_editions_of_attributed_projects_have() -> None:
    table = links_of(register(("B", "X", "b", 1, 1), ("W", "X", "a", None, 1)))
    assert set(known_drivers(table, DRIVERS)) == {("a", 1), ("b", 1), ("b", 3)}
    assert set(known_drivers(table, DRIVERS, asked="a")) == set()
    assert set(known_drivers(table, DRIVERS, own=True)) == {("b", 1), ("b", 3)}
