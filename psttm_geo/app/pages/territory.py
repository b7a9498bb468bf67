"""The territory: municipalities, zone omogenee and unioni di comuni on the map."""

import streamlit as st

from psttm_geo.app import data, widgets
from psttm_geo.app.state import read_state
from psttm_geo.app.texts import say

territory = data.territory()
codes = set(territory.municipalities["municipality_code"])
state = read_state([plan.edition.identifier for plan in territory.plans], codes)

widgets.show_controls(state, territory)
if state.ignored:
    st.warning(say("ignored", state.language, names=", ".join(state.ignored)))
left, right = st.columns([3, 2], gap="medium")
with left:
    widgets.show_map(state)
    widgets.show_legend(state, territory)
    widgets.show_sentence(state, territory)
with right:
    widgets.show_panel(state, territory)
    widgets.show_downloads(state, territory)
    widgets.show_sources(state, territory)
