"""Where next: the best places for more services of a category, and who gains from them."""

import dataclasses
from collections.abc import Callable

import streamlit as st

from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import access_panels, choice, controls, data, map_panel, scenario_state, used_sources
from psttm_geo.app.download_button import show_downloads
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import AIM, CANDIDATES, CATEGORY, HEXAGONS, PAGE, SITES, UNITS, WEIGHT, State, write_parameter
from psttm_geo.app.texts import TEXTS, bold, plain, say
from psttm_geo.app.views import scenario_view, site_view, unit_maps
from psttm_geo.app.views.access_view import category_name, category_names
from psttm_geo.app.views.site_view import Answer, SiteView
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.webmap.maps import MapState

_LABELS = {SITES: "site_count", AIM: "site_aim", WEIGHT: "site_weight", CANDIDATES: "site_candidates"}


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = site_view.read_view(state, territory)
    if view is None:
        st.info(
            say(
                "The workspace holds no accessibility yet: to compute it, streets and services of "
                "OpenStreetMap are needed.",
                state.language,
            )
        )
        choice.show_way(state)
        return
    data.prepare_trials()
    data.prepare_sites(view.request)
    scenario_state.read_scenario(view.today.today.categories)
    answer = site_view.look(view)
    left, right = st.columns(2, gap="medium")
    with left:
        map_panel.show_maps(state, _map(view, answer, state, territory))
        _show_meaning(view, answer, state, territory)
    with right:
        _show_choices(view, state, territory)
        _show_answer(answer, territory, state.language)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_gains(view, answer, state, territory)
    with right:
        access_panels.show_sources(view.today.today, state)
        used_sources.show_sources(state, territory)
    if answer.found is None and answer.problem is None:
        ready = data.trials_are_ready if answer.attempt.waiting else _sites_ready(view)
        map_panel.await_ready(ready, _say_waiting(state.language))


def _sites_ready(view: SiteView) -> Callable[..., bool]:
    return lambda *, patience_s: data.sites_are_ready(view.request, patience_s=patience_s)


def _say_waiting(language: Language) -> str:
    return say("Looking for the best places…", language)


def _map(view: SiteView, answer: Answer, state: State, territory: Territory) -> MapState:
    return dataclasses.replace(scenario_view.map_shown(view.today, answer.attempt, state, territory), editing=False)


def _show_choices(view: SiteView, state: State, territory: Territory) -> None:
    """Show what is looked for, where and for whom; each is a part of the address bar."""
    language, today = state.language, view.today.today
    names = category_names(today.categories, language, territory)
    with st.container(horizontal=True, gap="medium"):
        controls.show_select(CATEGORY, "category", names, view.request.category, language)
        offered = site_view.choices(language)
        chosen = (str(view.request.count), view.request.aim, str(view.request.weight), view.request.candidates)
        for (parameter, label), value in zip(_LABELS.items(), chosen, strict=True):
            controls.show_select(parameter, label, offered[parameter], value, language)
    controls.show_switch(
        UNITS, "map_by", ["comuni", HEXAGONS], today.units, language, controls.worded("units", language)
    )


def _show_answer(answer: Answer, territory: Territory, language: Language) -> None:
    """Show the places, what each adds, and the button that makes a scenario of them."""
    if answer.problem is not None:
        st.warning(plain(answer.problem.say(language)))
    found = answer.found
    if found is None:
        return
    for line in found.summary:
        st.markdown(plain(line.say(language)) + ".")
    for notice in found.notices:
        st.caption(plain(notice.say(language)))
    if not found.changes:
        return
    st.markdown(bold(say("The places, from the one that would be missed most", language)))
    show_figures(site_view.site_table(found, territory, language), f"site_table_{language}", language)
    st.button(
        say("Make it a scenario", language),
        icon=":material/arrow_forward:",
        type="primary",
        on_click=_make_scenario,
        args=(answer,),
        help=say("Opens the page What if with these places, to change them and to see every category.", language),
    )


def _make_scenario(answer: Answer) -> None:
    if answer.found is not None and scenario_state.change_to(answer.found.changes):
        write_parameter(PAGE, "scenario")


def _show_meaning(view: SiteView, answer: Answer, state: State, territory: Territory) -> None:
    """Show the legend, and the sentences that say what the map shows."""
    language, attempt = state.language, answer.attempt
    name = category_name(view.request.category, language, territory)
    heading = TEXTS["whatif_today" if attempt.told is None else "whatif_change"]
    st.markdown(f"**{say(heading, language, category=name)}**")
    classes = scenario_view.colour(view.today, attempt, state, territory).legend
    map_panel.show_legend(unit_maps.class_legend(classes, state), language)
    for line in scenario_view.sentences(view.today, attempt, state, territory):
        st.markdown(plain(line))
    st.caption(say(TEXTS["reach_quota_method" if attempt.told is None else "whatif_method"], language))


def _show_gains(view: SiteView, answer: Answer, state: State, territory: Territory) -> None:
    """Show who gains by municipality and by age, with their downloads."""
    language, found, told = state.language, answer.found, answer.attempt.told
    if found is None or told is None:
        access_panels.show_ranking(view.today.today, state)
        return
    names = [category_name(name, language, territory) for name in (view.request.category, FARTHEST_ESSENTIAL)]
    table = scenario_view.municipality_table(view.today, told, language, names)
    key = f"site_gains_{language}_{view.request.category}"
    st.markdown(bold(say("Municipality by municipality", language)))
    show_figures(table, key, language, **controls.chosen_row(key, table.iloc[:, -1], controls.choose))
    st.markdown(bold(say("Age by age", language)))
    show_figures(site_view.age_table(found, language), f"site_ages_{language}", language)
    show_downloads(
        table,
        f"dove_serve_{view.request.category}",
        lambda: map_panel.map_page(_map(view, answer, state, territory)),
        state,
        ("siti.gpkg", lambda: data.sites_geopackage(view.request)),
    )
