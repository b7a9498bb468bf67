"""The sheet of a municipality: what the plan asks of it and what is measured in it, to read, print and edit."""

import streamlit as st

from psttm_geo.app import sheet, widgets
from psttm_geo.app.state import State
from psttm_geo.app.texts import say
from psttm_geo.workflows import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    town = sheet.town_of(state, territory)
    if town is None:
        st.info(say("sheet_choose", state.language))
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        sheet.show_head(town, state, territory)
    with right:
        sheet.show_goals(town, state, territory)
        sheet.show_documents(town, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        sheet.show_drivers(town, state, territory)
    with right:
        sheet.show_access(town, state, territory)
        widgets.show_sources(state, territory)
