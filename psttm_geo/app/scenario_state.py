"""The scenario that a visitor is trying: in the address while it is small, with what was done to it before and undone.

Nothing of it is written to the workspace or shared with another visitor.
"""

import json
import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo.access import scenarios as model
from psttm_geo.access.scenarios import ADD, ANTIMERIDIAN, CLOSE, MOVE, POLE, Scenario
from psttm_geo.app.state import SCENARIO, ignore, restore_address, write_parameter
from psttm_geo.webmap.service_marks import scenario_key

MOST_CHANGES = 100
"""Of a scenario on the page; more belong to a file and the command."""

_MOST_STEPS = 100
"""That can be undone."""

_HELD, _NOW, _PAST, _FUTURE = "scenario_held", "scenario_now", "scenario_past", "scenario_future"


def read_scenario(categories: Collection[str]) -> Scenario:
    """Read the scenario from the address, or from the session where it is too large for one."""
    text = st.query_params.get(SCENARIO)
    changes: Scenario = st.session_state.get(_HELD, ())
    if text is not None:
        changes, refused = model.parse_address(text, categories)
        for part in refused:
            ignore(SCENARIO, part)
    st.session_state[_NOW] = changes
    return changes


def present() -> Scenario:
    """Return the scenario as it was last read or written."""
    changes: Scenario = st.session_state.get(_NOW, ())
    return changes


def is_held() -> bool:
    """Return whether the scenario is too large for the address."""
    return bool(st.session_state.get(_HELD))


def can_undo() -> bool:
    """Return whether something was done that can be undone."""
    return bool(st.session_state.get(_PAST))


def can_redo() -> bool:
    """Return whether something was undone that can be done again."""
    return bool(st.session_state.get(_FUTURE))


def change_to(changes: Scenario) -> bool:
    """Take another scenario, so that it can be undone; return whether that was done: too large a one is not taken."""
    if len(changes) > MOST_CHANGES:
        return False
    now = present()
    if changes != now:
        st.session_state[_PAST] = [*st.session_state.get(_PAST, []), now][-_MOST_STEPS:]
        st.session_state[_FUTURE] = []
        _write(changes)
    return True


def clear() -> None:
    """Take every change out of the scenario."""
    change_to(())


def undo() -> None:
    """Go back to the scenario before the last change."""
    _step(_PAST, _FUTURE)


def redo() -> None:
    """Go on to the scenario that was undone last."""
    _step(_FUTURE, _PAST)


def _step(here: str, there: str) -> None:
    steps = st.session_state.get(here, [])
    if steps:
        st.session_state[there] = [*st.session_state.get(there, []), present()]
        st.session_state[here] = steps[:-1]
        _write(steps[-1])


def _write(changes: Scenario) -> None:
    restore_address()
    text = model.address_text(changes)
    st.session_state[_NOW] = changes
    st.session_state[_HELD] = changes if text is None else ()
    write_parameter(SCENARIO, text)


def remove(position: int, key: str) -> None:
    """Take one change out of the scenario of a key; of another one by now, nothing."""
    changes = present()
    if key == scenario_key(changes) and position < len(changes):
        change_to(model.without(changes, position))


def edited(told: str, changes: Scenario, category: str, services: pd.DataFrame) -> Scenario | None:
    """Return a scenario after what was done to it on the map.

    Parameters
    ----------
    told
        JSON, as ``psttm_map.js`` says it; a visitor can send anything.
    changes
        The scenario.
    category
        Whose services the map shows.
    services
        Of today in that category, by identifier, with ``service_name``.

    Returns
    -------
    Scenario or None
        None where that means nothing, or was done to another scenario than this one.
    """
    try:
        edit = json.loads(told)
    except ValueError:
        return None
    if not isinstance(edit, dict):
        return None
    if "number" in edit:
        return _change_edited(edit, changes)
    place = _place(edit.get("at"))
    if edit.get("action") == ADD:
        return model.with_added(changes, category, place) if place else None
    return _service_edited(edit, changes, category, services)


def _service_edited(
    edit: Mapping[str, Any], changes: Scenario, category: str, services: pd.DataFrame
) -> Scenario | None:
    service, place = edit.get("service"), _place(edit.get("at"))
    if not isinstance(service, str) or service not in services.index:
        return None
    if edit.get("action") == MOVE and place:
        return model.with_moved(changes, category, service, place, str(services.loc[service, "service_name"]))
    return model.with_closed(changes, category, service) if edit.get("action") == CLOSE else None


def _change_edited(edit: Mapping[str, Any], changes: Scenario) -> Scenario | None:
    number = edit["number"]
    known = type(number) is int and 0 <= number < len(changes) and edit.get("key") == scenario_key(changes)
    if not known:  # what was done to another scenario than this one would befall another service
        return None
    if edit.get("action") == "togli":
        return model.without(changes, number)
    place = _place(edit.get("at"))
    movable = edit.get("action") == MOVE and changes[number].action != CLOSE
    return model.with_place(changes, number, place) if movable and place else None


def _place(told: object) -> tuple[float, float] | None:
    if not isinstance(told, list) or len(told) != len((POLE, ANTIMERIDIAN)):
        return None
    if not all(type(degrees) in (int, float) and math.isfinite(degrees) for degrees in told):
        return None
    lat, lon = map(float, told)
    return (lat, lon) if abs(lat) <= POLE and abs(lon) <= ANTIMERIDIAN else None
