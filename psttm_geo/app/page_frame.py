"""What stands above every page: its style, the title, the links to the pages, search and language."""

from pathlib import Path

import streamlit as st

from psttm_geo.app import controls
from psttm_geo.app.state import EDITION, LANGUAGE, PAGE, State, write_background
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import marked
from psttm_geo.jobs import Territory

_STYLE = Path(__file__).with_name("static") / "page.css"


def inject_style() -> None:
    """Set the few rules that Streamlit's theme has no option for."""
    st.html(_STYLE)


def declare_language(language: Language) -> None:
    """Tell the browser, and who has the page read aloud, which language it is in: Streamlit always says English."""
    st.html(f'<script>document.documentElement.lang = "{language}"</script>', unsafe_allow_javascript=True)


def show_header(state: State, page: str, pages: list[str]) -> None:
    """Show the title and the switch between pages."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="header"):
        title = marked(
            say("Strategic Plan of the Metropolitan City of Milan", state.language),
            state.language,
            synthetic=state.synthetic,
        )
        st.title(title, anchor=False, width="content")
        controls.show_switch(PAGE, "page", pages, page, state.language, controls.worded("page", state.language))


def show_controls(state: State, territory: Territory, *, one_edition: bool, mapped: bool) -> None:
    """Show the switch of editions where a page shows one, search, background where it shows a map, and language."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if one_edition:
            editions = [plan.edition.identifier for plan in territory.plan.plans]
            controls.show_switch(EDITION, "edition", editions, state.edition, state.language)
        _show_search(state, territory)
        if mapped:
            st.session_state["background"] = state.tiles
            st.toggle(
                say(TEXTS["background"], state.language),
                key="background",
                help=say(
                    "Fetches the background map from openstreetmap.org. Switched off, the maps use no network.",
                    state.language,
                ),
                on_change=lambda: write_background(on=st.session_state["background"]),
                width="content",
            )
        st.space("stretch")
        controls.show_switch(LANGUAGE, "language", ["it", "en"], state.language, state.language, str.upper)


def _show_search(state: State, territory: Territory) -> None:
    by_name = territory.municipalities.sort_values("municipality")
    names = dict(zip(by_name["municipality_code"], by_name["municipality"], strict=True))
    key, remember = controls.renewed_key("search", state.municipality)
    st.session_state[key] = state.municipality

    def searched() -> None:
        code = st.session_state[key]
        remember(code)
        controls.choose(code)

    st.selectbox(
        say(TEXTS["search"], state.language),
        list(names),
        key=key,
        format_func=names.__getitem__,
        placeholder=say("Name of the municipality…", state.language),
        on_change=searched,
        width=controls.SEARCH_WIDTH_PX,
    )
