"""The start page: what the plan is, three findings of the data in force, and where to begin."""

import html

import streamlit as st

from psttm_geo.app import map_panel, used_sources
from psttm_geo.app.state import PAGE, State, write_parameter
from psttm_geo.app.texts import bold, number, say
from psttm_geo.app.views import start_view, unit_maps
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.app.views.start_view import Finding
from psttm_geo.core.messages import gettext
from psttm_geo.jobs import Territory

_BEGINNINGS = {
    "scheda": (gettext("The sheet of a municipality"), gettext("one page to print")),
    "quindici_minuti": (gettext("Who has services within 15 minutes"), gettext("map, ranking, ages")),
    "obiettivi": (gettext("A goal on the territory"), gettext("where it applies and who acts")),
    "dove_serve": (gettext("Where one more service is needed"), gettext("the best places")),
}
"""What people come for, and a word on it, by the page that gives it."""


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(key="start"):
        _show_plan(state, territory)
        _show_findings(start_view.findings(state, territory))
        _show_beginnings(state)
    with right:
        shown = unit_maps.territory_map(state, territory)
        map_panel.show_maps(state, shown)
        map_panel.show_legend(shown.legend, state.language)
    used_sources.show_sources(state, territory, start_view.find_layers(territory))


def _show_plan(state: State, territory: Territory) -> None:
    """Say what the plan is."""
    language, plan, whole = state.language, plan_of(territory, state.edition), territory.whole.iloc[0]
    st.header(say("The Strategic Plan of the territory, municipality by municipality", language), anchor=False)
    st.markdown(
        say(
            "{missions} missions, {goals} goals and {drivers} drivers for {municipalities} municipalities and "
            "{residents} residents: where they apply, who puts them into effect, and which services are within "
            "15 minutes of home. Edition {edition}.",
            language,
            missions=number(len(plan.missions), language),
            goals=number(len(plan.goals), language),
            drivers=number(len(plan.drivers), language),
            municipalities=number(whole["municipality_count"], language),
            residents=number(whole["residents"], language),
            edition=state.edition,
        )
    )


def _show_findings(found: list[Finding]) -> None:
    """Show the findings, each with its figure and what that rests on."""
    items = "".join(
        f'<li class="{one.theme}"><b>{html.escape(one.figure)}</b>'
        f"<p>{html.escape(one.about)} <small>{html.escape(one.basis)}</small></p></li>"
        for one in found
    )
    st.html(f'<ul class="psttm-findings">{items}</ul>')


def _show_beginnings(state: State) -> None:
    """Offer the pages that people come for."""
    st.markdown(bold(say("Where to begin", state.language)))
    with st.container(key="beginnings"):
        for page, (words, about) in _BEGINNINGS.items():
            st.button(
                f"**{say(words, state.language)}**  \n{say(about, state.language)}",
                key=f"begin_{page}",
                on_click=write_parameter,
                args=(PAGE, page),
                width="stretch",
            )
