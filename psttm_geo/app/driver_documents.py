"""Pieces of the page of drivers about what the documents say, which needs no register of projects."""

import html

import streamlit as st

from psttm_geo.app import controls
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import GOAL, State
from psttm_geo.app.texts import TEXTS, bold, plain, say
from psttm_geo.app.views import document_view
from psttm_geo.app.views.driver_view import DriverView
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.jobs import Territory
from psttm_geo.schema.code_lists import LEVELS


def show_documents(view: DriverView, state: State, territory: Territory) -> None:
    """Show the matrix of drivers, missions and levels; the chosen driver stands out."""
    language, plan = state.language, plan_of(territory, state.edition)
    table = document_view.driver_matrix(plan, language)
    first, *others = (f"<th scope='col'>{html.escape(name)}</th>" for name in table.columns)
    missions = len(plan.missions)
    parts = ((missions, say(TEXTS["missions"], language)), (len(LEVELS), say(TEXTS["level"], language)), (1, ""))
    groups = "".join(
        f"<th scope='colgroup' colspan='{count}'>{html.escape(name)}</th>" if name else "<td></td>"
        for count, name in parts
    )
    head = f"<tr><td></td>{groups}</tr><tr>{first}{''.join(others)}</tr>"
    chosen = list(plan.drivers["driver"]).index(view.number)
    body = "".join(
        f"<tr{' class=chosen' if place == chosen else ''}><th scope='row'>{html.escape(row[0])}</th>"
        + "".join(f"<td>{count or ''}</td>" for count in row[1:])
        + "</tr>"
        for place, row in enumerate(table.itertuples(index=False, name=None))
    )
    heading = say("Drivers and missions, edition {edition}", language, edition=state.edition)
    st.markdown(bold(heading))
    st.html(
        f"<div class='psttm-scroll' tabindex='0' role='region' aria-label='{html.escape(heading, quote=True)}'>"
        f"<table class='psttm-matrix psttm-drivers'><thead>{head}</thead><tbody>{body}</tbody></table></div>"
    )
    st.caption(
        say(
            "How many goals each driver combines, by mission; how many of them mark each level as one that must act, "
            "and name places in particular. Blank: none; a mark that is not legible is not counted. Which goals a "
            "driver combines is this project's reading.",
            language,
        )
    )
    if not view.registered:
        st.info(
            say(
                "Where drivers are put into effect is said by projects. Download them with psttm-geo fetch pnrr, or "
                "load a register below; maps of rules and levels are under Coverage.",
                language,
            ),
            icon=":material/map:",
        )


def show_details(view: DriverView, state: State, territory: Territory) -> None:
    """Show whom the goals of the driver name, and which places."""
    language, plan = state.language, plan_of(territory, state.edition)
    actors = document_view.driver_actors(plan, view.number, language)
    st.markdown(bold(say("Actors that the goals' texts name", language)))
    if actors.empty:
        st.markdown(say(TEXTS["none"], language))
    else:
        show_figures(actors, f"driver_actors_{language}_{state.edition}_{view.number}", language)
    places = document_view.driver_places(plan, view.number, language)
    st.markdown(bold(say("Goals that name places in particular", language)))
    if places.empty:
        st.markdown(plain(say(TEXTS["none"], language)))
        return
    key = f"driver_places_{language}_{state.edition}_{view.number}"
    choice = controls.chosen_row(key, places["n."], controls.opener("obiettivi", GOAL))
    show_figures(places, key, language, **choice)
