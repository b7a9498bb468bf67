"""The frame around the pages: title, language, list of pages, and errors in words."""

from pathlib import Path

import streamlit as st

from psttm_geo.app import data, widgets
from psttm_geo.app.state import read_state
from psttm_geo.app.texts import say
from psttm_geo.errors import PsttmError
from psttm_geo.outputs.offline_leaflet import STATIC

_PAGES = Path(__file__).with_name("pages")


def show() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="PSTTM Milano", page_icon=str(STATIC / "icon.svg"), layout="wide")
    widgets.inject_style()
    try:
        territory = data.territory()
    except PsttmError as error:
        st.error(error.text.it)
        st.caption(error.text.en)
        return
    codes = set(territory.municipalities["municipality_code"])
    state = read_state([plan.edition.identifier for plan in territory.plans], codes)
    pages = [st.Page(_PAGES / "territory.py", title=say("territory", state.language), default=True)]
    page = st.navigation(pages, position="hidden" if len(pages) == 1 else "top")
    widgets.show_header(state)
    page.run()
