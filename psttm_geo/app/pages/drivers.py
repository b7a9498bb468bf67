"""The drivers of the plan: what each combines, and where it is at work."""

import streamlit as st

from psttm_geo.app import download_button, drivers, map_panel, projects, used_sources
from psttm_geo.app.state import State
from psttm_geo.app.texts import say
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = drivers.read_view(state, territory)
    if view is None:
        st.info(say("no_drivers", state.language, edition=state.edition))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        drivers.show_driver_map(view, state, territory)
    with right:
        drivers.show_choices(view, state, territory)
        drivers.show_card(view, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        drivers.show_ranking(view, state)
        download_button.show_downloads(
            drivers.ranking(view, state),
            f"driver_{view.number}_{view.units}_{state.edition}",
            lambda: map_panel.map_page(drivers.driver_map(view, state, territory)),
            state,
        )
    with right:
        projects.show_projects(view, state, territory)
        projects.show_upload(state, territory)
        used_sources.show_sources(state, territory, [drivers.UNIT_LAYERS[view.units][0]])
