"""Pieces of pages about what the plan reaches of the 2030 Agenda, which Italia Domani's mapping tells."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo.app.download_button import offer_table
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import State
from psttm_geo.app.texts import bold, plain, say
from psttm_geo.app.views import agenda_view
from psttm_geo.jobs import Territory


def show_driver_agenda(driver: int, state: State, territory: Territory) -> None:
    """Show the targets that a driver reaches through its projects."""
    table = agenda_view.driver_agenda(territory, state.edition, driver, state.language)
    nothing = say("No project of this driver leads to a goal of the 2030 Agenda.", state.language)
    _show_agenda(table, nothing, f"agenda_driver_{driver}", state, territory)


def show_goal_agenda(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Show the targets that a goal of the plan reaches through the projects of its drivers."""
    key = (int(goal["mission"]), int(goal["number"]))
    table = agenda_view.goal_agenda(territory, state.edition, key, state.language)
    nothing = say("No project of this goal's drivers leads to a goal of the 2030 Agenda.", state.language)
    _show_agenda(table, nothing, f"agenda_obiettivo_{key[0]}_{key[1]}", state, territory)


def _show_agenda(table: pd.DataFrame | None, nothing: str, name: str, state: State, territory: Territory) -> None:
    """Show what is reached; without a register or a mapping, neither of which says anything, show nothing."""
    mapping = territory.plan.agenda
    if table is None or mapping is None:
        return
    st.markdown(bold(say("Targets of the 2030 Agenda, derived from projects", state.language)))
    if table.empty:
        st.markdown(nothing)
    else:
        show_figures(table, f"{name}_{state.language}_{state.edition}", state.language)
        offer_table(say("Table CSV", state.language), f"{name}.csv", table, state)
    st.caption(
        say(
            "A project reaches the targets of the sub-measures that finance it, by {source}; it stands at each of "
            "them, so that counts do not add up.",
            state.language,
            source=plain(mapping.source.title),
        )
    )
