"""An edition of the plan at a glance: its figures, missions, key words, drivers and partnerships."""

import streamlit as st

from psttm_geo.app import overview, used_sources
from psttm_geo.app.proximity import WHOLE
from psttm_geo.app.state import State
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    overview.show_edition(state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        overview.show_vision(state, territory)
        overview.show_missions(state, territory)
        overview.show_partnerships(state, territory)
    with right:
        overview.show_drivers(state, territory)
        used_sources.show_sources(state, territory, [WHOLE])
