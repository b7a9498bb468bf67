"""The frame around the pages: which there are and how they are grouped, what stands above them, errors in words."""

import dataclasses
from collections.abc import Callable

import streamlit as st

from psttm_geo.app import data, page_frame
from psttm_geo.app.pages import (
    comparison,
    drivers,
    goals,
    implementation,
    overview,
    proximity,
    scenario,
    sheet,
    sources,
    start,
    territory,
    where_next,
)
from psttm_geo.app.state import State, read_ignored, read_page, read_state
from psttm_geo.app.texts import TEXTS, plain, say
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.provenance import marked
from psttm_geo.jobs import Territory
from psttm_geo.webmap.offline_leaflet import STATIC

_TITLE = "PSTTM Milano"
"""Of the window."""

_LONGEST_SAID = 120

PAGES: dict[str, Callable[[State, Territory], None]] = {
    "inizio": start.show,
    "territorio": territory.show,
    "panoramica": overview.show,
    "obiettivi": goals.show,
    "driver": drivers.show,
    "attuazione": implementation.show,
    "quindici_minuti": proximity.show,
    "scenario": scenario.show,
    "dove_serve": where_next.show,
    "scheda": sheet.show,
    "confronto": comparison.show,
    "dati": sources.show,
}
"""By their name in the address; the first one where it names none.

The page is a parameter of the address, not a path: below the path of a page Streamlit asks for its server's health in
the wrong place first, and logs an error.
"""

GROUPS = {
    "territory": ("territorio", "scheda"),
    "plan": ("panoramica", "obiettivi", "driver", "attuazione", "confronto"),
    "city": ("quindici_minuti", "scenario", "dove_serve"),
    "data": ("dati",),
}
"""The pages by what people come for, in the order of the bar; its brand leads to the first page."""

_WITHOUT_MAP = ("panoramica", "scheda", "dati")


def show() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title=_TITLE, page_icon=str(STATIC / "icon.svg"), layout="wide")
    # Declaring the one page keeps Streamlit from listing the files of a folder called "pages" in a sidebar.
    st.navigation([st.Page(_show_page, title=_TITLE, default=True)], position="hidden").run()


def _show_page() -> None:
    page_frame.inject_style()
    try:
        shown = data.territory()
    except PsttmError as error:
        st.error(error.text.it)
        st.caption(error.text.en)
        return
    codes = set(shown.municipalities["municipality_code"])
    state = read_state([plan.edition.identifier for plan in shown.plan.plans], codes)
    if shown.synthetic:
        state = dataclasses.replace(state, synthetic=True)
        st.set_page_config(page_title=marked(_TITLE, state.language, synthetic=True))
    page = read_page(list(PAGES))
    page_frame.show_bar(state, page, next(iter(PAGES)), GROUPS)
    top = st.container(key="controls")
    PAGES[page](state, shown)  # before what stands above it: the map takes longest to draw
    page_frame.declare_language(state.language)
    with top:
        page_frame.show_controls(
            state, shown, one_edition=page not in ("confronto", "dati"), mapped=page not in _WITHOUT_MAP
        )
        ignored = ", ".join(read_ignored())
        if ignored:
            st.warning(say(TEXTS["ignored"], state.language, names=plain(ignored[:_LONGEST_SAID])))
