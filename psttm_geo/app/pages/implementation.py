"""The plan put into effect: projects with their amounts, state and bodies, as a register tells them."""

import pandas as pd
import streamlit as st

from psttm_geo.app import cards, controls, monitoring_panels, project_register, used_sources
from psttm_geo.app.download_button import offer_table
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import BODY, DRIVER, State, write_parameter
from psttm_geo.app.texts import TEXTS, bold, number, plain, say
from psttm_geo.app.views import project_view
from psttm_geo.app.views.project_view import ProjectView
from psttm_geo.jobs import Territory
from psttm_geo.plan.italia_domani import METROPOLITAN_CITY
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.plan.project_records import UNKNOWN_EDITION

_MOST_ROWS = 500
"""Of a table on the page; the file holds them all."""

_LAYERS = ("progetti", "progetti_conteggi", *MONITORING)
"""What the page rests on."""


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = project_view.read_view(state, territory)
    if view is None:
        st.info(
            say(
                "The workspace holds no register of projects: what is put into effect is not known. Load the office's "
                "register, OpenCUP's places or Italia Domani's projects and places here.",
                state.language,
            )
        )
        project_register.show_upload(state, territory)
        monitoring_panels.show_monitoring(state, territory)
        used_sources.show_sources(state, territory, _LAYERS)
        return
    _show_filters(view, state, territory)
    cards.show_figures(list(project_view.totals(view, state.language).values()))
    # What documents count is said below, beside the register.
    st.caption(project_register.say_register(state, territory, UNKNOWN_EDITION))
    left, right = st.columns(2, gap="medium")
    with left:
        _show_table(
            say("By mission of the PNRR", state.language),
            project_view.by_mission(view, state.language),
            "missioni",
            state,
        )
        _show_bodies(view, state)
        if state.municipality is None:
            _show_table(
                say("By zone, what falls to its municipalities", state.language),
                project_view.by_zone(view, state, territory),
                "zone",
                state,
            )
    with right:
        _show_table(
            say("By status and phase", state.language), project_view.by_state(view, state.language), "stati", state
        )
        _show_table(
            say("By driver of the edition {edition}", state.language, edition=state.edition),
            project_view.by_driver(view, state, territory),
            "driver",
            state,
        )
        st.caption(say(TEXTS["drivers_not_additive"], state.language))
        _show_unattributed(view, state)
    _show_projects(view, state, territory)
    _show_known_check(state, territory)
    monitoring_panels.show_monitoring(state, territory)
    project_register.show_upload(state, territory)
    used_sources.show_sources(state, territory, _LAYERS)


def _show_filters(view: ProjectView, state: State, territory: Territory) -> None:
    """Show what projects are filtered by; each choice is a part of the address bar."""
    language = state.language
    body, status, driver = st.columns(3)
    project_register.show_filter(view.wanted, (body, status), language, territory)
    with driver:
        drivers = project_view.driver_names(state, territory)
        controls.show_select(
            DRIVER,
            "driver",
            drivers,
            view.driver,
            language,
            key="projects_driver",
            placeholder=say("all of them", language),
        )


def _show_table(heading: str, table: pd.DataFrame, name: str, state: State) -> None:
    """Show a table of figures, the first rows of a long one, and offer all of it as a file."""
    language = state.language
    st.markdown(bold(heading))
    show_figures(table.head(_MOST_ROWS), f"attuazione_{name}_{language}", language)
    if len(table) > _MOST_ROWS:
        st.caption(
            say("The first {shown} by amount; the CSV holds them all.", language, shown=number(_MOST_ROWS, language))
        )
    offer_table(say("Table CSV", language), f"attuazione_{name}.csv", table, state)


def _show_bodies(view: ProjectView, state: State) -> None:
    """Show what each kind of body carries out; the Metropolitan City's own projects are one click away."""
    language = state.language
    _show_table(say("By implementing body", language), project_view.by_body(view, language), "soggetti", state)
    own = say("Only the projects of the Metropolitan City", language)
    if view.wanted.body is None:
        st.button(own, on_click=lambda: write_parameter(BODY, METROPOLITAN_CITY))


def _show_unattributed(view: ProjectView, state: State) -> None:
    """Show the measures that no driver takes, and what they weigh."""
    table = project_view.unattributed_measures(view, state.language)
    if len(table):
        _show_table(say("Measures that no driver takes", state.language), table, "misure", state)


def _show_known_check(state: State, territory: Territory) -> None:
    """Say how far the register stands from what the documents count."""
    said = project_view.say_known_check(state, territory)
    if said:
        st.markdown(bold(say("Beside what the documents count", state.language)))
        st.markdown("\n\n".join(plain(one) for one in said))


def _show_projects(view: ProjectView, state: State, territory: Territory) -> None:
    """Show the projects one by one."""
    table = project_view.list_projects(view.rows, view.places, state, territory, is_part=bool(state.chosen))
    heading = say("Projects: {count}", state.language, count=number(len(table), state.language))
    _show_table(heading, table, "progetti", state)
