"""The 15-minute city: who reaches everyday services on foot, where, and what is lacking."""

import streamlit as st

from psttm_geo.app import choice, data, download_button, proximity, surroundings, used_sources
from psttm_geo.app.state import State
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = proximity.read_view(state, territory)
    choice.show_status(state, territory)
    if view is None:
        proximity.show_absent(state)
        choice.show_data(state, territory, shown=False)
        choice.show_served(state.language)
        return
    data.prepare_surroundings()
    around = surroundings.look_around(view.profile)
    left, right = st.columns(2, gap="medium")
    with left:
        proximity.show_map(view, around, state, territory)
    with right:
        proximity.show_choices(view, state, territory)
        surroundings.show_panel(around, state, proximity.category_names(view, state.language, territory))
        if around.found is None:
            proximity.show_whole(view, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        proximity.show_ranking(view, state)
        download_button.show_downloads(
            proximity.ranking(view, state),
            f"accessibilita_{view.units}_{view.category}_{view.profile}",
            lambda: proximity.map_page(view, around, state, territory),
            state,
        )
    with right:
        if around.found is not None:
            proximity.show_whole(view, state, territory)
        proximity.show_splits(view, state)
        proximity.show_gaps(view, state, territory)
        proximity.show_sources(view, state)
        used_sources.show_sources(state, territory)
    choice.show_data(state, territory, shown=True)
    choice.show_served(state.language)
    surroundings.await_streets(around, state.language)
