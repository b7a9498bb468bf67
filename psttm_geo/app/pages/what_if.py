"""What if: services added, moved and closed on the map, and who gains and who loses."""

import streamlit as st

from psttm_geo.app import choice, data, proximity, scenario_input, used_sources, what_if
from psttm_geo.app.state import State
from psttm_geo.app.texts import say
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = what_if.read_view(state, territory)
    if view is None:
        proximity.show_absent(state)
        choice.show_way(state)
        return
    data.prepare_trials()
    attempt = what_if.look(view, view.changes)
    left, right = st.columns(2, gap="medium")
    with left:
        what_if.show_map(view, state, territory)
        what_if.show_meaning(view, attempt, state, territory)
    with right:
        what_if.show_choices(view, state, territory)
        st.caption(say("whatif_loading" if attempt.waiting else "whatif_hint", state.language))
        what_if.show_history(attempt, state.language)
        what_if.show_changes(attempt, state, territory)
        scenario_input.show_form(view, attempt, state.language)
        scenario_input.show_files(view, attempt, state.language)
    left, right = st.columns(2, gap="medium")
    with left:
        what_if.show_table(view, attempt, state, territory)
    with right:
        proximity.show_sources(view.today, state)
        used_sources.show_sources(state, territory)
    what_if.await_services(attempt, state.language)
