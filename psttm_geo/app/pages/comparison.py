"""Two editions of the plan side by side: what stayed, what changed, and where."""

import streamlit as st

from psttm_geo import workflows
from psttm_geo.app import comparison, widgets
from psttm_geo.app.state import THEME, State, read_choice
from psttm_geo.workflows import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    before, after = comparison.read_editions(territory)
    theme = read_choice(THEME, comparison.THEMES) or "unioni"
    compared = workflows.compare_editions(territory, before, after)
    tables = comparison.sheet_tables(compared, before, after, state, territory)
    comparison.show_choices(before, after, theme, state, territory)
    with st.container(key="twins"):
        comparison.show_maps(compared, before, after, theme, state, territory)
    comparison.show_sentence(compared, before, after, state)
    sheet = comparison.show_sheets(tables, state)
    st.space("small")
    widgets.show_downloads(
        tables[sheet],
        f"confronto_{sheet}_{before}_{after}",
        lambda: comparison.twin_page(compared, before, after, theme, state, territory),
        state,
    )
    widgets.show_sources(state, territory)
