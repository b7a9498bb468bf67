"""Pieces of the page of goals about the projects that serve a goal through the measures that finance them."""

from collections.abc import Hashable, Mapping
from typing import Any

import streamlit as st

from psttm_geo.app import cards
from psttm_geo.app.download_button import offer_table
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import State
from psttm_geo.app.texts import bold, number, plain, say
from psttm_geo.app.views import measure_view, project_view
from psttm_geo.jobs import Territory

_MOST_PROJECTS = 100
"""Rows on the page; the file holds them all."""


def show_goal_projects(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Show which measures fund what a goal's text names, and the projects of the register that they finance."""
    language, registered = state.language, territory.plan.projects
    measures = measure_view.goal_measures(goal, territory, language)
    rows = measure_view.goal_projects(goal, state, territory)
    if measures.table.empty or rows is None or registered is None:
        return
    count = number(len(rows), language)
    st.markdown(bold(say("Projects that serve the goal: {count}", language, count=count)))
    if len(rows):
        amount = project_view.say_amount(rows["here_eur"], language)
        said = (
            say("Amount that falls here: {amount}.", language, amount=amount)
            if state.chosen
            else say("Amount: {amount}.", language, amount=amount)
        )
        st.markdown(plain(said))
        is_part = bool(state.chosen)
        table = project_view.list_projects(rows, registered.places, state, territory, is_part=is_part)
        show_figures(table.head(_MOST_PROJECTS), f"goal_projects_{language}", language)
        if len(table) > _MOST_PROJECTS:
            shown = number(_MOST_PROJECTS, language)
            st.caption(say("The first {shown} by amount; the CSV holds them all.", language, shown=shown))
        name = f"progetti_obiettivo_{state.edition}_{goal['mission']}.{goal['number']}.csv"
        offer_table(say("Projects CSV", language), name, table, state)
    st.caption(
        say(
            "They are funded by measures of the PNRR for what the goal's text names; other projects may serve it too. "
            "A project that serves several goals counts for each of them: sums by goal do not add up.",
            language,
        )
    )
    cards.show_stated(measures)
