"""Panels that the pages of accessibility share: whose services are shown, the ranking, and what it rests on."""

from collections.abc import Iterable

import streamlit as st

from psttm_geo.app import controls, figure_tables
from psttm_geo.app.state import CATEGORY, PROFILE, State
from psttm_geo.app.texts import TEXTS, plain, say
from psttm_geo.app.used_sources import source_lines
from psttm_geo.app.views import access_view
from psttm_geo.app.views.access_view import AccessView
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory


def show_whom(view: AccessView, categories: Iterable[str], language: Language, territory: Territory) -> None:
    """Show lists of services and of who walks; each choice is a part of the address bar."""
    names = access_view.category_names(categories, language, territory)
    profiles = {name: access_view.profile_name(name, language, territory) for name in view.whole["profile"]}
    with st.container(horizontal=True, gap="medium"):
        controls.show_select(CATEGORY, "category", names, view.category, language)
        controls.show_select(PROFILE, "profile", profiles, view.profile, language)


def show_ranking(view: AccessView, state: State) -> None:
    """Show the ranking; a chosen row chooses the municipality."""
    key = f"access_ranking_{state.language}_{view.ranked}"
    figure_tables.show_ranking(access_view.ranking(view, state), key, view.ranked, state.language)
    if alike := access_view.say_alike(view, state.language):
        st.caption(plain(alike))


def show_sources(view: AccessView, state: State) -> None:
    """Say what the figures rest on, with the date of residents."""
    language = state.language
    with st.expander(say("Where these figures come from", language)):
        lines = source_lines(view.sources, language)
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        for method in ("access_method", "access_limits"):
            st.markdown(say(TEXTS[method], language))
