"""What stands above every page: its style, the bar with the pages and the language, and the controls."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from psttm_geo.app import controls
from psttm_geo.app.state import EDITION, LANGUAGE, PAGE, State, write_background, write_parameter
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import SYNTHETIC
from psttm_geo.jobs import Territory

_STATIC = Path(__file__).with_name("static")

_STYLE = _STATIC / "page.css"

_bar = st.components.v2.component(
    "psttm_bar", js=(_STATIC / "page_bar.js").read_text("utf-8"), css=(_STATIC / "page_bar.css").read_text("utf-8")
)


def inject_style() -> None:
    """Set the few rules that Streamlit's theme has no option for."""
    st.html(_STYLE)


def declare_language(language: Language) -> None:
    """Tell the browser, and who has the page read aloud, which language it is in: Streamlit always says English."""
    st.html(f'<script>document.documentElement.lang = "{language}"</script>', unsafe_allow_javascript=True)


def show_bar(state: State, page: str, home: str, groups: Mapping[str, Sequence[str]]) -> None:
    """Show the bar with the pages in groups, the sign of made-up data, and the other language.

    Parameters
    ----------
    state
        Of the address.
    page, home
        The one that is shown and the one that the brand leads to, by their names in the address.
    groups
        Pages by group, all of which have words in :data:`psttm_geo.app.texts.TEXTS`.
    """
    language = state.language

    def word(key: str) -> str:
        return say(TEXTS[key], language)

    links = [
        {
            "words": word(f"group_{group}"),
            "pages": [{"name": one, "words": word(f"page_{one}"), "about": word(f"about_{one}")} for one in pages],
        }
        for group, pages in groups.items()
    ]
    sign = {"words": SYNTHETIC.say(language), "about": word("synthetic")} if state.synthetic else None
    other: Language = "it" if language == "en" else "en"
    data = {
        "label": word("page"),
        "menu": word("menu"),
        "brand": [word("brand"), word("brand_of")],
        "page": page,
        "home": home,
        "groups": links,
        "sign": sign,
        "other": {"language": other, "words": {"it": "Italiano", "en": "English"}[other]},
    }

    def follow(part: str, allowed: Sequence[str]) -> None:
        value = st.session_state["bar"][part]
        if value in allowed:
            write_parameter(part, value)

    with st.container(key="page_bar"):
        _bar(
            key="bar",
            data=data,
            on_pagina_change=lambda: follow(PAGE, [home, *(one for pages in groups.values() for one in pages)]),
            on_lingua_change=lambda: follow(LANGUAGE, ("it", "en")),
        )


def show_controls(state: State, territory: Territory, *, one_edition: bool, mapped: bool) -> None:
    """Show the switch of editions where a page shows one, search, and the background where it shows a map."""
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
