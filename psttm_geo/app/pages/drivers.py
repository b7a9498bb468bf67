"""The drivers of the plan: what each combines, and where it is at work."""

import pandas as pd
import streamlit as st

from psttm_geo.app import (
    agenda_panels,
    cards,
    controls,
    download_button,
    driver_documents,
    figure_tables,
    map_panel,
    project_register,
    used_sources,
)
from psttm_geo.app.figure_tables import LIST_HEIGHT_PX, ROW_HEIGHT_PX, TALL_ROW_HEIGHT_PX
from psttm_geo.app.state import COVERAGE, DRIVER, GOAL, PROJECTS, UNITS, State
from psttm_geo.app.texts import TEXTS, bold, plain, say
from psttm_geo.app.views import driver_view, goal_view, unit_maps
from psttm_geo.app.views.driver_view import DriverView
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.project_records import UNKNOWN_EDITION
from psttm_geo.plan.records import Plan
from psttm_geo.schema.code_lists import GOAL_KEY


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = driver_view.read_view(state, territory)
    if view is None:
        st.info(say("Edition {edition} has no drivers in the tables yet.", state.language, edition=state.edition))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        if view.measure == driver_view.DOCUMENTS:
            driver_documents.show_documents(view, state, territory)
        else:
            _show_driver_map(view, state, territory)
    with right:
        _show_choices(view, state, territory)
        _show_card(view, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        if view.measure == driver_view.DOCUMENTS:
            driver_documents.show_details(view, state, territory)
        else:
            _show_ranking(view, state, territory)
    with right:
        project_register.show_projects(view, state, territory)
        agenda_panels.show_driver_agenda(view.number, state, territory)
        project_register.show_upload(state, territory)
        used_sources.show_sources(state, territory, [driver_view.UNIT_LAYERS[view.units][0]])


def _show_ranking(view: DriverView, state: State, territory: Territory) -> None:
    """Show the units ranked, and what is shown as files."""
    ranking = driver_view.ranking(view, state)
    figure_tables.show_ranking(ranking, f"ranking_{state.language}_{view.units}", view.units, state.language)
    download_button.show_downloads(
        ranking,
        f"driver_{view.number}_{view.units}_{state.edition}",
        lambda: map_panel.map_page(driver_view.driver_map(view, state, territory)),
        state,
    )


def _show_choices(view: DriverView, state: State, territory: Territory) -> None:
    """Show which driver, which units and which coverage; each is a part of the address bar."""
    language = state.language
    plan = plan_of(territory, state.edition)
    titles = {
        str(row["driver"]): f"{row['driver']}. {row[f'title_{language}']}" for row in plan.drivers.to_dict("records")
    }
    controls.show_select(DRIVER, "driver", titles, str(view.number), language, key="driver")
    with st.container(horizontal=True, gap="medium"):
        if view.measure != driver_view.DOCUMENTS:
            controls.show_switch(
                UNITS, "units", list(driver_view.UNIT_LAYERS), view.units, language, controls.worded("units", language)
            )
        controls.show_switch(
            COVERAGE,
            "coverage",
            [
                driver_view.DOCUMENTS,
                *(name for name in driver_view.MEASURES if name != "misura" or view.measure == "misura"),
            ],
            view.measure,
            language,
            controls.worded("coverage", language),
        )
        if view.registered:
            _show_filter(view, territory, language)
    if view.registered:
        project_register.show_filter(view.wanted, st.columns(2), language, territory)


def _show_filter(view: DriverView, territory: Territory, language: Language) -> None:
    """Show the switch of projects by edition."""
    names = {None: driver_view.ALL_EDITIONS, UNKNOWN_EDITION: driver_view.NOT_KNOWN}
    controls.show_switch(
        PROJECTS,
        "projects_counted",
        driver_view.project_filters(territory),
        names.get(view.asked, view.asked or driver_view.ALL_EDITIONS),
        language,
        lambda name: say(TEXTS[f"projects_{name}"], language) if name in names.values() else name,
    )


def _show_driver_map(view: DriverView, state: State, territory: Territory) -> None:
    """Show the map of the driver with its legend and the sentence that says the same."""
    heading = bold(driver_view.say_measure(view, view.measure, state.language))
    if unit_maps.differs(view.rows["value"]):
        shown = driver_view.driver_map(view, state, territory)
        map_panel.show_maps(state, shown)
        st.markdown(heading)
        map_panel.show_legend(shown.legend, state.language)
    else:
        st.markdown(heading)
        st.info(unit_maps.say_alike(state.language))
    said = [driver_view.sentence(view, state), driver_view.say_gaps(view, state.language)]
    if view.measure in driver_view.OF_PROJECTS:
        said.append(driver_view.say_unknown(driver_view.find_projects(view, state, territory), view, state.language))
    st.markdown(plain(" ".join(filter(None, said))))
    st.caption(driver_view.say_method(view, state, territory))


def _show_card(view: DriverView, state: State, territory: Territory) -> None:
    """Show what the driver is: its summary, missions, and the goals it combines."""
    language, plan = state.language, plan_of(territory, state.edition)
    st.header(f"{view.number}. {view.driver[f'title_{language}']}", anchor=False)
    st.markdown(plain(str(view.driver[f"summary_{language}"])))
    missions = plan.driver_missions[plan.driver_missions["driver"] == view.number]["mission"]
    titles = dict(zip(plan.missions["mission"], plan.missions[f"title_{language}"], strict=True))
    facts = {
        say(TEXTS["title_basis"], language): say(TEXTS[f"title_basis_{view.driver['title_basis']}"], language),
        say(TEXTS["missions"], language): "; ".join(f"{mission}. {titles[mission]}" for mission in missions)
        or say(TEXTS["non_noto"], language),
        say("Reference (in Italian)", language): f"{state.edition}, {view.driver['reference']}",
    }
    if indicator := driver_view.say_indicator(view, plan, language):
        facts[say("An indicator beside it", language)] = indicator
    cards.show_facts(facts)
    _show_goals(view, plan, state, territory)


def _show_goals(view: DriverView, plan: Plan, state: State, territory: Territory) -> None:
    """Say how many of the driver's goals apply everywhere and which differ; a chosen row opens the goal."""
    language = state.language
    mine = plan.driver_goals[plan.driver_goals["driver"] == view.number][["edition", "mission", "number"]]
    if mine.empty:
        st.markdown(say("No goal is linked to this driver yet.", language))
        return
    counts = goal_view.goal_counts(territory, state.edition)
    rows = mine.merge(counts, on=GOAL_KEY, how="left", validate="1:1").merge(
        plan.goals[[*GOAL_KEY, f"title_{language}"]], on=GOAL_KEY, how="left", validate="1:1"
    )
    names = rows["mission"].astype(str) + "." + rows["number"].astype(str)
    everywhere, unknown = rows["yes"] == len(territory.municipalities), rows["unknown"] > 0
    none = say(TEXTS["none"], language)
    said = say(
        TEXTS["driver_everywhere" if everywhere.all() else "driver_differs"],
        language,
        same=int(everywhere.sum()),
        count=len(rows),
        partly=", ".join(names[~everywhere & ~unknown]) or none,
        unknown=", ".join(names[unknown]) or none,
    )
    st.markdown(said + " " + say("A chosen row opens the goal.", language))
    table = pd.DataFrame(
        {
            "n.": names,
            say("Goal", language): rows[f"title_{language}"],
            say("Municipalities it applies to", language): [
                goal_view.applies_word(row, language) for row in rows[["yes", "unknown"]].to_dict("records")
            ],
        }
    )
    key = f"driver_goals_{language}_{state.edition}_{view.number}"
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        height=min(LIST_HEIGHT_PX, ROW_HEIGHT_PX + TALL_ROW_HEIGHT_PX * len(table) + 2),
        row_height=TALL_ROW_HEIGHT_PX,
        column_config={
            "n.": st.column_config.TextColumn(width=50),
            say("Goal", language): st.column_config.TextColumn(width="large"),
        },
        **controls.chosen_row(key, names, controls.opener("obiettivi", GOAL)),
    )
