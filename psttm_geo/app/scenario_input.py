"""The ways to change a scenario without the map: fields to write in, and a file to open and to keep."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo.access import scenarios as model
from psttm_geo.access.scenario_file import read_scenario, scenario_text, template_text
from psttm_geo.access.scenarios import ACTIONS, ADD, CLOSE, MOVE, Scenario
from psttm_geo.app import data, scenario_state
from psttm_geo.app.download_button import offer
from psttm_geo.app.figure_tables import show_faults
from psttm_geo.app.state import parse_point
from psttm_geo.app.texts import TEXTS, number, plain, say
from psttm_geo.app.views.scenario_view import Attempt, WhatIfView
from psttm_geo.core.errors import Fault, PsttmError, TableError
from psttm_geo.core.messages import Language, pgettext
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.settings import Settings

_LARGEST_MB = 1

_MB = 1_000_000

_LONGEST, _LONGEST_SAID = 120, 60
"""Letters that are written in a field, and repeated in a sentence."""

_MOST_NAMED = 5

_ACTION, _SERVICE, _POINT = "scenario_action", "scenario_service", "scenario_point"

_COMPLAINT, _UPLOADS, _OUTCOME = "scenario_form_complaint", "scenario_uploads", "scenario_outcome"


def show_form(view: WhatIfView, attempt: Attempt, language: Language) -> None:
    """Show fields that add, move or close a service of the category shown: the way of the keyboard."""
    services = attempt.services
    if services is None:
        return
    with st.expander(say("Without the map", language)):
        st.session_state.setdefault(_ACTION, ADD)
        st.segmented_control(
            say("What to do", language),
            ACTIONS,
            required=True,
            key=_ACTION,
            format_func=lambda action: say(TEXTS[f"whatif_do_{action}"], language),
        )
        action = st.session_state[_ACTION]
        with st.form("scenario_form", border=False):
            st.text_input(
                say(TEXTS["whatif_which_new" if action == ADD else "whatif_which"], language),
                key=_SERVICE,
                max_chars=_LONGEST,
            )
            if action != CLOSE:
                st.text_input(
                    say("Point (latitude, longitude)", language),
                    key=_POINT,
                    placeholder="45.4642, 9.19",
                    max_chars=_LONGEST,
                )
            st.form_submit_button(
                say(pgettext("button", "Apply"), language),
                on_click=_submit,
                args=(action, view.category, services, language),
            )
        complaint = st.session_state.pop(_COMPLAINT, None)
        if complaint:
            st.error(plain(complaint))


def _submit(action: str, category: str, services: pd.DataFrame, language: Language) -> None:
    written = st.session_state[_SERVICE].strip()
    where = "" if action == CLOSE else st.session_state[_POINT].strip()
    found = _apply(action, category, services, (written, where), language)
    if isinstance(found, str):
        st.session_state[_COMPLAINT] = found
    elif not scenario_state.change_to(found):
        st.session_state[_COMPLAINT] = say(TEXTS["whatif_too_many"], language, most=scenario_state.MOST_CHANGES)
    else:
        st.session_state[_SERVICE] = ""
        if action != CLOSE:
            st.session_state[_POINT] = ""


def _apply(
    action: str, category: str, services: pd.DataFrame, written: tuple[str, str], language: Language
) -> Scenario | str:
    """Return the scenario after what was written, or what is wrong with it."""
    named, where = written
    place = parse_point(where)
    if action != CLOSE and place is None:
        return say(
            "“{text}” is no point; write latitude and longitude in degrees, such as 45.4642, 9.19.",
            language,
            text=where[:_LONGEST_SAID],
        )
    changes = scenario_state.present()
    if action == ADD and place is not None:
        return model.with_added(changes, category, place, named)
    found = find_service(services, named)
    if len(found) != 1:
        listed = ", ".join(found[:_MOST_NAMED])
        key = "whatif_several" if found else "whatif_not_found"
        return say(TEXTS[key], language, count=number(len(found), language), text=named[:_LONGEST_SAID], names=listed)
    if action == MOVE and place is not None:
        return model.with_moved(changes, category, found[0], place, str(services.loc[found[0], "service_name"]))
    return model.with_closed(changes, category, found[0])


def find_service(services: pd.DataFrame, written: str) -> list[str]:
    """Return the identifiers of services that are meant: that one, else those of that name, else with it in theirs."""
    if written in services.index:
        return [written]
    wanted, names = written.casefold(), services["service_name"].str.casefold()
    same = list(services.index[names == wanted]) if wanted else []
    return same or (list(services.index[names.str.contains(wanted, regex=False)]) if wanted else [])


def show_files(view: WhatIfView, attempt: Attempt, language: Language) -> None:
    """Offer the scenario as a file, and open one; nothing is half-opened, and the file does not stay."""
    with st.container(horizontal=True):
        offer(
            say("Download the scenario", language),
            "scenario.csv",
            lambda: scenario_text(attempt.changes).encode(),
            width="content",
            disabled=not attempt.changes,
        )
        offer(
            say("Empty template", language), "modello_scenario.csv", lambda: template_text().encode(), width="content"
        )
    if Settings().served:
        st.caption(
            say(
                "This site takes no files: a scenario is opened again from its link. Those too large for the "
                "address ({most} changes at most) are opened with psttm-geo on a computer of one's own.",
                language,
                most=scenario_state.MOST_CHANGES,
            )
        )
        return
    with st.expander(say("File of the scenario", language)):
        st.caption(
            say(
                "A table, CSV or XLSX, with azione, categoria, servizio, nome, lon, lat: the same that "
                "psttm-geo what-if reads. If a row is wrong nothing is opened, and the faults are listed one "
                "by one. The file does not stay on the server.",
                language,
            )
        )
        # Each file has a field of its own: the one that was opened goes, and with it what the server held of it.
        key = f"scenario_file_{st.session_state.get(_UPLOADS, 0)}"
        file = st.file_uploader(
            say("Scenario (CSV or XLSX, 1 MB at most)", language),
            type=["csv", "xlsx"],
            key=key,
            max_upload_size=_LARGEST_MB,
        )
        st.button(
            say("Open the scenario", language),
            disabled=file is None or attempt.services is None,
            on_click=_open,
            args=(file, view, language),
        )
        _show_outcome(language)


def _open(file: Any, view: WhatIfView, language: Language) -> None:  # noqa: ANN401 - Streamlit's uploaded file
    try:
        changes = _read(file, view)
    except TableError as error:
        st.session_state[_OUTCOME] = error.faults
        return
    except PsttmError as error:
        st.session_state[_OUTCOME] = (Fault(Path(file.name).name, None, error.text),)
        return
    scenario_state.change_to(changes)
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    st.session_state[_OUTCOME] = say("Scenario opened; changes: {count}.", language, count=len(changes))


def _read(file: Any, view: WhatIfView) -> Scenario:  # noqa: ANN401 - Streamlit's uploaded file
    """Read an uploaded scenario whole, and try it.

    Raises
    ------
    PsttmError
        It cannot be read, names a service that is not there, or puts one where there is no street.
    """
    name = Path(file.name).name
    if file.size > _LARGEST_MB * _MB:
        size = round(file.size / _MB, 1)
        raise TableError.of(name, None, TEXTS["whatif_file_large"].fill(size=size))
    with scratch_folder() as folder:
        path = folder / name
        path.write_bytes(file.getvalue())
        changes = read_scenario(path, view.today.categories)
    if len(changes) > scenario_state.MOST_CHANGES:
        raise TableError.of(name, None, TEXTS["whatif_too_many"].fill(most=scenario_state.MOST_CHANGES))
    data.trial(changes, view.category, view.today.profile)
    return changes


def _show_outcome(language: Language) -> None:
    outcome = st.session_state.pop(_OUTCOME, None)
    if isinstance(outcome, str):
        st.success(outcome)
    elif outcome:
        st.error(
            say("Not opened. Faults: {count}; mend them in the file and load it again.", language, count=len(outcome))
        )
        show_faults(outcome, language)
