"""What a visitor does to a scenario: undone and redone, in the address while it is small, whatever the map sends."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
import streamlit as st

from psttm_geo.access.scenarios import ADD, CLOSE, MOST_IN_ADDRESS, MOVE, Change
from psttm_geo.app import scenario_state
from psttm_geo.app.scenario_input import find_service
from psttm_geo.app.state import read_ignored, read_state
from psttm_geo.webmap.service_marks import scenario_key

CATEGORIES = ("alimentari", "farmacia")

NEW = Change(ADD, "farmacia", "", "", 9.19, 45.46)
MOVED = Change(MOVE, "farmacia", "n1", "Comunale", 9.2, 45.47)
CLOSED = Change(CLOSE, "farmacia", "n1", "", None, None)

SERVICES = pd.DataFrame(
    {"service_name": ["Comunale", "Farmacia Rossi", "Farmacia Bianchi", "Farmacia Rossi", ""], "lat": 45.0, "lon": 9.0},
    index=pd.Index(["n1", "n2", "n3", "n4", "n5"], name="service"),
)


class Address(dict[str, str]):
    """What Streamlit gives to ask and set the address bar."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, parts: dict[str, str]) -> None:
        self.clear()
        self.update(parts)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    bar = Address()
    monkeypatch.setattr(st, "query_params", bar)
    monkeypatch.setattr(st, "session_state", {})
    read_state(["2025-2027"], ())
    return bar


def test_a_scenario_stands_in_the_address(address: Address) -> None:
    assert scenario_state.change_to((NEW, CLOSED))
    assert address == {"scenario": "a,farmacia,,45.46,9.19;c,farmacia,n1"}
    assert scenario_state.read_scenario(CATEGORIES) == (NEW, CLOSED)
    scenario_state.clear()
    assert address == {}


def test_steps_are_undone_and_done_again(address: Address) -> None:
    for changes in ((NEW,), (NEW, MOVED), (NEW, CLOSED)):
        scenario_state.change_to(changes)
    scenario_state.undo()
    scenario_state.undo()
    assert scenario_state.present() == (NEW,)
    assert address == {"scenario": "a,farmacia,,45.46,9.19"}
    assert scenario_state.can_redo()
    scenario_state.redo()
    assert scenario_state.present() == (NEW, MOVED)
    scenario_state.change_to((MOVED,))
    assert not scenario_state.can_redo(), "another way was taken"
    for _ in range(5):
        scenario_state.undo()
    assert scenario_state.present() == ()
    assert not scenario_state.can_undo()


@pytest.mark.usefixtures("address")
def test_the_same_again_is_no_step() -> None:
    scenario_state.change_to((NEW,))
    scenario_state.change_to((NEW,))
    scenario_state.undo()
    assert scenario_state.present() == ()


def test_a_large_scenario_is_held_by_the_session_and_told(address: Address) -> None:
    large = (NEW,) * (MOST_IN_ADDRESS + 1)
    scenario_state.change_to((NEW,))
    scenario_state.change_to(large)
    assert address == {}
    assert scenario_state.is_held()
    assert scenario_state.read_scenario(CATEGORIES) == large
    scenario_state.undo()
    assert scenario_state.read_scenario(CATEGORIES) == (NEW,)
    assert not scenario_state.is_held()


@pytest.mark.usefixtures("address")
def test_too_large_a_scenario_is_not_taken() -> None:
    assert not scenario_state.change_to((NEW,) * (scenario_state.MOST_CHANGES + 1))
    assert scenario_state.present() == ()


def test_what_an_address_says_wrongly_is_told(address: Address) -> None:
    address["scenario"] = "a,farmacia,,45.46,9.19;demolisci"
    read_state(["2025-2027"], ())
    assert scenario_state.read_scenario(CATEGORIES) == (NEW,)
    assert read_ignored() == ("scenario=demolisci",)


@pytest.mark.usefixtures("address")
def test_a_change_is_taken_out_of_the_scenario_that_was_seen() -> None:
    scenario_state.change_to((NEW, CLOSED))
    scenario_state.remove(0, scenario_key((NEW,)))
    assert scenario_state.present() == (NEW, CLOSED)
    scenario_state.remove(0, scenario_key((NEW, CLOSED)))
    assert scenario_state.present() == (CLOSED,)


def edited(edit: object, changes: tuple[Change, ...] = ()) -> tuple[Change, ...] | None:
    return scenario_state.edited(json.dumps(edit), changes, "farmacia", SERVICES)


def test_the_map_adds_moves_and_closes() -> None:
    assert edited({"action": "aggiungi", "at": [45.46, 9.19]}) == (NEW,)
    assert edited({"action": "sposta", "service": "n1", "at": [45.47, 9.2]}) == (MOVED,)
    assert edited({"action": "chiudi", "service": "n1"}, (NEW, MOVED)) == (NEW, CLOSED)


def test_the_map_changes_what_it_changed_before() -> None:
    changes = (NEW, CLOSED)
    key = scenario_key(changes)
    assert edited({"action": "sposta", "number": 0, "at": [45.0, 9.0], "key": key}, changes) == (
        Change(ADD, "farmacia", "", "", 9.0, 45.0),
        CLOSED,
    )
    assert edited({"action": "togli", "number": 1, "key": key}, changes) == (NEW,)
    assert edited({"action": "sposta", "number": 1, "at": [45.0, 9.0], "key": key}, changes) is None
    assert edited({"action": "togli", "number": 1, "key": scenario_key((NEW,))}, changes) is None


@pytest.mark.parametrize(
    "edit",
    [
        None,
        [],
        7,
        {},
        {"action": "demolisci", "service": "n1"},
        {"action": "aggiungi"},
        {"action": "aggiungi", "at": [45.46]},
        {"action": "aggiungi", "at": "45.46,9.19"},
        {"action": "aggiungi", "at": [91, 9.19]},
        {"action": "aggiungi", "at": [45.46, True]},
        {"action": "aggiungi", "at": [float("nan"), 9.19]},
        {"action": "sposta", "service": "n99", "at": [45.46, 9.19]},
        {"action": "sposta", "service": ["n1"], "at": [45.46, 9.19]},
        {"action": "sposta", "service": "n1"},
        {"action": "togli", "number": 0, "key": scenario_key(())},
        {"action": "togli", "number": -1, "key": scenario_key((NEW,))},
        {"action": "togli", "number": True, "key": scenario_key((NEW,))},
        {"action": "togli", "number": "0", "key": scenario_key((NEW,))},
    ],
    ids=str,
)
def test_whatever_else_is_sent_changes_nothing(edit: Any) -> None:  # noqa: ANN401 - whatever it is
    assert edited(edit) is None
    assert edited(edit, (NEW,) * 0) is None
    assert scenario_state.edited("{", (NEW,), "farmacia", SERVICES) is None


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("n3", ["n3"]),
        ("comunale", ["n1"]),
        ("FARMACIA ROSSI", ["n2", "n4"]),
        ("bianchi", ["n3"]),
        ("farmacia", ["n2", "n3", "n4"]),
        ("verdi", []),
        ("", []),
        (".*", []),
    ],
)
def test_a_service_is_found_by_identifier_or_name(written: str, found: list[str]) -> None:
    assert find_service(SERVICES, written) == found
