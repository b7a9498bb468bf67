"""What if: services added, moved and closed on the map, and who gains and who loses."""

import dataclasses
import html

import streamlit as st

from psttm_geo.access.scenarios import ACTIONS
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import access_panels, choice, controls, data, map_panel, scenario_input, scenario_state, used_sources
from psttm_geo.app.download_button import show_downloads
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import HEXAGONS, UNITS, State, restore_address
from psttm_geo.app.texts import TEXTS, bold, plain, say
from psttm_geo.app.views import scenario_view, unit_maps
from psttm_geo.app.views.access_view import category_name
from psttm_geo.app.views.scenario_view import Attempt, WhatIfView
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.webmap.service_marks import scenario_key

_SIGNS = {"aggiungi": "+", "sposta": "→", "chiudi": "×"}  # noqa: RUF001 - a cross, not a letter
"""Of changes, as on the map."""

_TOO_MANY = "scenario_too_many"


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = scenario_view.read_view(state, territory)
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
    attempt = scenario_view.look(view, view.changes)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_map(view, state, territory)
        _show_meaning(view, attempt, state, territory)
    with right:
        _show_choices(view, state, territory)
        st.caption(say(TEXTS["whatif_loading" if attempt.waiting else "whatif_hint"], state.language))
        _show_history(attempt, state.language)
        _show_changes(attempt, state, territory)
        scenario_input.show_form(view, attempt, state.language)
        scenario_input.show_files(view, attempt, state.language)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_table(view, attempt, state, territory)
    with right:
        access_panels.show_sources(view.today, state)
        used_sources.show_sources(state, territory)
    if attempt.waiting:
        map_panel.await_ready(data.trials_are_ready, say(TEXTS["whatif_loading"], state.language))


def _show_choices(view: WhatIfView, state: State, territory: Territory) -> None:
    """Show which services, for whom, in which units; each is a part of the address bar."""
    language = state.language
    access_panels.show_whom(view.today, view.today.categories, language, territory)
    controls.show_switch(
        UNITS, "map_by", ["comuni", HEXAGONS], view.today.units, language, controls.worded("units", language)
    )


@st.fragment
def _show_map(view: WhatIfView, state: State, territory: Territory) -> None:
    """Show the map; what is done to a service there is drawn, with what it changes, before the page around follows."""
    restore_address()  # what is read here is what was last written, not what the browser brings along
    attempt = scenario_view.look(view, scenario_state.read_scenario(view.today.categories))

    def edited(told: str) -> None:
        services = attempt.services
        changes = (
            None if services is None else scenario_state.edited(told, scenario_state.present(), view.category, services)
        )
        if changes is not None and not scenario_state.change_to(changes):
            st.session_state[_TOO_MANY] = True

    map_panel.draw_maps(state, [scenario_view.map_shown(view, attempt, state, territory)], on_edited=edited)
    if st.session_state.pop(_TOO_MANY, False):
        st.error(say(TEXTS["whatif_too_many"], state.language, most=scenario_state.MOST_CHANGES))
    if attempt.changes != view.changes:
        map_panel.follow_map()


def _show_meaning(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> None:
    """Show the legend, and the sentences that say what the map shows."""
    language = state.language
    name = category_name(view.category, language, territory)
    st.markdown(
        f"**{say(TEXTS['whatif_today' if attempt.told is None else 'whatif_change'], language, category=name)}**"
    )
    classes = scenario_view.colour(view, attempt, state, territory).legend
    map_panel.show_legend(unit_maps.class_legend(classes, state), language)
    _show_signs(language)
    for line in scenario_view.sentences(view, attempt, state, territory):
        st.markdown(plain(line))
    st.caption(say(TEXTS["reach_quota_method" if attempt.told is None else "whatif_method"], language))


def _show_signs(language: Language) -> None:
    service = html.escape(say("service of today", language))
    today = f"<li><i class='sign today'></i>{service}</li>"
    names = {action: html.escape(say(TEXTS[f"whatif_sign_{action}"], language)) for action in ACTIONS}
    items = "".join(f"<li><i class='sign {action}'>{_SIGNS[action]}</i>{name}</li>" for action, name in names.items())
    st.html(map_panel.list_legend(say("Signs on the map", language), today + items))


def _show_history(attempt: Attempt, language: Language) -> None:
    """Show what goes back and forth, what is wrong, and the changes one by one."""
    steps = (
        ("whatif_undo", ":material/undo:", scenario_state.undo, scenario_state.can_undo()),
        ("whatif_redo", ":material/redo:", scenario_state.redo, scenario_state.can_redo()),
        ("whatif_empty", ":material/delete:", scenario_state.clear, bool(attempt.changes)),
    )
    with st.container(horizontal=True):
        for name, icon, step, possible in steps:
            st.button(say(TEXTS[name], language), icon=icon, on_click=step, disabled=not possible)
    for problem in attempt.problems:
        st.warning(plain(problem.say(language)), icon=":material/wrong_location:")
    if scenario_state.is_held():
        st.warning(
            say(
                "The scenario is too large for the address: download it, for neither a link nor another visit has it.",
                language,
            ),
            icon=":material/link_off:",
        )


def _show_changes(attempt: Attempt, state: State, territory: Territory) -> None:
    """Show the changes, each with a button that takes it out."""
    language = state.language
    st.markdown(bold(say("Changes", language)))
    if not attempt.changes:
        st.caption(say("No change yet.", language))
    key = scenario_key(attempt.changes)
    for position, change in enumerate(attempt.changes):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            said = scenario_view.say_change(position, change, attempt, language, territory)
            st.markdown(plain(said), width="stretch")
            st.button(
                say("Remove change {number}", language, number=position + 1),
                key=f"scenario_remove_{position}_{key}",
                icon=":material/close:",
                on_click=scenario_state.remove,
                args=(position, key),
            )


def _show_table(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> None:
    """Show gains and losses by municipality, with their downloads; where nothing is changed, the ranking of today."""
    language, found = state.language, attempt.told
    if found is None:
        access_panels.show_ranking(view.today, state)
        return
    names = [category_name(name, language, territory) for name in (view.category, FARTHEST_ESSENTIAL)]
    table = scenario_view.municipality_table(view, found, language, names)
    key = f"whatif_table_{language}_{view.category}"
    st.markdown(bold(say("Municipality by municipality", language)))
    show_figures(table, key, language, **controls.chosen_row(key, table.iloc[:, -1], controls.choose))

    def page() -> str:
        shown = scenario_view.map_shown(view, attempt, state, territory)
        return map_panel.map_page(dataclasses.replace(shown, editing=False))

    show_downloads(
        table,
        f"scenario_{view.category}_{view.today.profile}",
        page,
        state,
        ("scenario.gpkg", lambda: data.scenario_geopackage(attempt.changes)),
    )
