"""The sheet of a municipality, a zone or a union: what the plan asks of it and what is measured in it."""

import streamlit as st

from psttm_geo.app import sheet, used_sources
from psttm_geo.app.state import State
from psttm_geo.app.texts import say
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    subject = sheet.find_subject(state, territory)
    sheet.show_choice(subject, state, territory)
    if subject is None:
        st.info(say("sheet_choose" if sheet.asked_units() == "comuni" else "sheet_no_union", state.language))
        return
    rests_on = sheet.layers_of(subject)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        sheet.show_head(subject, state, territory)
    with right:
        goals = sheet.goal_table(subject, state, territory)
        sheet.show_goals(goals, subject, state, territory)
        sheet.show_documents(goals, subject, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        sheet.show_drivers(subject, state, territory)
    with right:
        sheet.show_access(subject, state, territory)
        used_sources.show_sources(state, territory, rests_on)
        used_sources.show_printed_sources(state, territory, rests_on)
