"""Two editions of the plan side by side: what stayed, what changed, and where."""

import streamlit as st

from psttm_geo.app import comparison, download_button, map_panel, used_sources
from psttm_geo.app.state import State
from psttm_geo.app.texts import say
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = comparison.read_view(territory)
    if view is None:
        st.info(say("one_edition", state.language))
        return
    table = comparison.sheet_table(view, state, territory)
    comparison.show_choices(view, state, territory)
    with st.container(key="twins"):
        comparison.show_maps(view, state, territory)
    comparison.show_sentence(view, state)
    comparison.show_sheet(view, table, state, territory)
    download_button.show_downloads(
        table,
        f"confronto_{view.sheet}_{view.before}_{view.after}",
        lambda: map_panel.map_page(*comparison.twin_maps(view, state, territory)),
        state,
    )
    used_sources.show_sources(state, territory, ["obiettivi"])
