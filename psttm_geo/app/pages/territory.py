"""The territory: municipalities, zone omogenee and unioni di comuni on the map."""

import streamlit as st

from psttm_geo.app import used_sources, widgets
from psttm_geo.app.state import State
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        shown = widgets.territory_map(state, territory)
        widgets.show_maps(state, shown)
        widgets.show_legend(shown.legend, state.language)
        widgets.show_sentence(state, territory)
    with right:
        widgets.show_panel(state, territory)
        widgets.show_downloads(
            widgets.municipality_table(state, territory),
            f"comuni_{state.edition}",
            lambda: widgets.map_page(shown),
            state,
        )
        used_sources.show_sources(state, territory)
