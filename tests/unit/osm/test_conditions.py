"""Conditions judged on a Tuesday in the middle of October at ten."""

import pytest

from psttm_geo.osm._conditions import value_at_hour


@pytest.mark.parametrize(
    "condition",
    [
        "(09:00-11:00)",
        "09:00-11:00",
        "(10:00-10:01)",
        "(8:00+)",
        "(23:00-12:00)",
        "(06:00-09:00,09:30-18:00)",
        "(24/7)",
        "(day)",
        "(sunrise-sunset)",
        "((sunrise+01:00)-(sunset-01:00))",
        "(Tu)",
        "(Mo-Fr)",
        "(Sa-Tu 09:00-11:00)",
        "(Mo,Tu 09:00-11:00)",
        "(Mo-Fr09:00-18:00)",
        "(Mo 20:00-11:00)",
        "(Oct)",
        "(Sep-Mar)",
        "(Oct 14)",
        "(Oct 1-15)",
        "(Oct 14-Mar 31 08:00-18:00)",
        "(Apr-Oct 08:00-20:00; Nov-Mar 10:30-17:00)",
        "(Mo-Fr 08:00-12:00, Sa 10:30-12:00)",
        "(08:00-19:00; PH off)",
        "(Mo-Su 11:00-19:00; Tu 09:00-11:00)",
        "(Mo-Fr AND 08:00-12:00)",
    ],
)
def test_what_holds_at_the_hour(condition: str) -> None:
    assert value_at_hour(f"no @ {condition}") == "no"


@pytest.mark.parametrize(
    "condition",
    [
        "(22:00-06:00)",
        "(09:00-10:00)",
        "(night)",
        "(sunset-sunrise)",
        "(Sa,Su)",
        "(We-Mo 09:00-11:00)",
        "(Fr 20:00-11:00)",
        "(PH,Su 09:00-11:00)",
        "(SH)",
        "(Nov-Mar)",
        "(Oct 15-Mar 31)",
        "(Oct 13)",
        "(09:00-11:00; Tu off)",
        "(Mo-Su 09:00-11:00; Tu 14:00-18:00)",
    ],
)
def test_what_does_not_hold_at_the_hour(condition: str) -> None:
    assert value_at_hour(f"no @ {condition}") == ""


@pytest.mark.parametrize(
    "condition",
    [
        "(wet)",
        "(destination)",
        "(weight>3.5)",
        "(09:00-11:00 AND wet)",
        "(2019 May 01-2019 Oct 31)",
        "(week 1-52)",
        "(summer)",
        "(Tu; what)",
        "()",
        "",
    ],
)
def test_what_is_no_condition_of_the_clock_never_holds(condition: str) -> None:
    assert value_at_hour(f"no @ {condition}") == ""


def test_the_last_clause_that_holds_decides() -> None:
    assert value_at_hour("yes @ (09:00-11:00); private @ (Mo-Fr); no @ (night)") == "private"
    assert value_at_hour("no") == ""
