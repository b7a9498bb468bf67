"""Data and method: every source, layer, indicator, category of services, the workspace, and everything as a file."""

import streamlit as st

from psttm_geo.app import sources
from psttm_geo.app.state import State
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    sources.show_source_table(state)
    left, right = st.columns(2, gap="medium")
    with left:
        sources.show_layers(state)
    with right:
        sources.show_indicators(state)
    sources.show_categories(state)
    sources.show_workspace(state)
    sources.show_everything(state, territory)
