"""The goals of the plan: where each applies and why, who must act, what became of it."""

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from psttm_geo.app import agenda_panels, cards, controls, download_button, goal_projects, map_panel, used_sources
from psttm_geo.app.figure_tables import LIST_HEIGHT_PX, ROW_HEIGHT_PX
from psttm_geo.app.state import ACTOR, GOAL, KEY_WORD, LEVEL, MISSION, ROLE, TEXT, State, write_parameter
from psttm_geo.app.texts import TEXTS, bold, say
from psttm_geo.app.views import goal_view, level_marks, statement_view, unit_maps
from psttm_geo.app.views.figures import say_figures
from psttm_geo.app.views.goal_view import GoalView
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.records import Plan
from psttm_geo.schema.code_lists import LEVELS

_GOAL_WIDTH_PX = 330
"""Of titles in the list: whom the text names stands beside them."""

_LAYERS = ("obiettivi_comuni", "obiettivi_attori", "obiettivi_strumenti", "temi_missioni", "parole_chiave")


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = goal_view.read_view(state, territory)
    chosen = view.goal
    left, right = st.columns(2, gap="medium")
    with left:
        shown = goal_view.goal_map(chosen, state, territory) if chosen else unit_maps.territory_map(state, territory)
        map_panel.show_maps(state, shown)
        map_panel.show_legend(shown.legend, state.language)
    with right:
        _show_filters(view, state.language, territory)
        found = goal_view.filter_goals(view.plan, view.filters)
        listed = statement_view.keep_named(found, view.filters, territory)
        table = goal_view.list_table(listed, state, territory, view.filters.key_word)
        _show_list(table, view.plan, state.language)
        if chosen is None:
            _show_overview(view.plan, state.language)
            mission = int(view.filters.mission) if view.filters.mission else None
            _show_terms(state, mission, territory)
            download_button.show_downloads(
                goal_view.download_list(table, listed, state.language),
                f"obiettivi_{state.edition}",
                lambda: map_panel.map_page(shown),
                state,
            )
        else:
            _show_goal(chosen, state, territory)
            _show_answers(chosen, state, territory)
            download_button.show_downloads(
                goal_view.download_answers(chosen, state, territory),
                f"obiettivo_{state.edition}_{chosen['mission']}.{chosen['number']}",
                lambda: map_panel.map_page(goal_view.levels_map(chosen, state, territory)),
                state,
            )
        used_sources.show_sources(state, territory, _LAYERS)


def _show_filters(view: GoalView, language: Language, territory: Territory) -> None:
    """Show the filters of the list of goals; each is a part of the address bar."""
    plan, filters = view.plan, view.filters
    title = f"title_{language}"
    missions = {str(row["mission"]): f"{row['mission']}. {row[title]}" for row in plan.missions.to_dict("records")}
    level_names = {level: say(TEXTS[f"level_{level}"], language) for level in LEVELS}
    key_words = dict(zip(territory.plan.key_words["key_word"], territory.plan.key_words[title], strict=True))
    left, right = st.columns(2)
    with left:
        _show_filter(MISSION, "mission", missions, filters.mission, language)
        _show_filter(KEY_WORD, "key_word", key_words, filters.key_word, language)
        actors = statement_view.actor_names(plan.edition.identifier, territory, language)
        _show_filter(ACTOR, "actor", actors, filters.actor, language)
    with right:
        _show_filter(LEVEL, "level", level_names, filters.level, language)
        st.session_state["filter_text"] = filters.text
        st.text_input(
            say("Search the goals", language),
            key="filter_text",
            on_change=lambda: write_parameter(TEXT, st.session_state["filter_text"].strip()),
        )
        _show_filter(ROLE, "role", statement_view.role_names(language), filters.role, language)
    if filters.key_word:
        st.caption(goal_view.say_key_word(plan, filters.key_word, language))
        cards.show_stated(statement_view.key_word_table(plan.edition.identifier, territory, language, filters.key_word))
    if filters.level:
        unknown = int((plan.goals[filters.level] == "non_noto").sum())
        st.caption(say("Only goals that mark the level; of {count} more it is not known.", language, count=unknown))
    if filters.actor or filters.role:
        st.caption(
            say(
                "Only goals whose text names the actor in the role chosen; that a text does not name an actor does not "
                "mean that it does not act.",
                language,
            )
        )


def _show_filter(parameter: str, label: str, names: Mapping[str, str], chosen: str | None, language: Language) -> None:
    everything = say(TEXTS[_EVERYTHING.get(parameter, "all")], language)
    key = f"filter_{parameter}"
    controls.show_select(parameter, label, names, chosen, language, key=key, placeholder=everything)


_EVERYTHING = {LEVEL: "all_level", ACTOR: "all_attore", ROLE: "all_ruolo"}


def _show_list(table: pd.DataFrame, plan: Plan, language: Language) -> None:
    """Show the goals that are listed; a chosen row chooses the goal."""
    key = f"goals_{language}_{plan.edition.identifier}"
    found = "goal_found" if len(table) == 1 else "goals_found"
    st.caption(say(TEXTS[found], language, count=len(table), total=len(plan.goals)))
    figures = [column for column in table.columns if is_numeric_dtype(table[column])]
    st.dataframe(
        table.assign(**{column: say_figures(table[column], language, 2) for column in figures}),
        key=key,
        hide_index=True,
        height=min(LIST_HEIGHT_PX, (len(table) + 1) * ROW_HEIGHT_PX + 2),
        column_config={
            "n.": st.column_config.TextColumn(width=50),
            say("Goal", language): st.column_config.TextColumn(width=_GOAL_WIDTH_PX),
            **{column: st.column_config.TextColumn(alignment="right") for column in figures},
        },
        **controls.chosen_row(key, table["n."], partial(write_parameter, GOAL)),
    )


def _show_goal(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Show the card of a goal: who must act, where and why, and what became of it in the other edition."""
    language = state.language
    st.header(f"{goal['mission']}.{goal['number']} {goal[f'title_{language}']}", anchor=False)
    answers = goal_view.goal_answers(goal, territory)
    st.markdown(goal_view.sentence(goal, answers, language))
    facts = {say(TEXTS[f"level_{level}"], language): level_marks.level_word(goal, level, language) for level in LEVELS}
    facts[say("Basis of the levels", language)] = level_marks.say_bases(goal, language)
    facts |= goal_view.scope_facts(goal, state, territory)
    if goal["measure"]:
        facts[say(TEXTS["measure"], language)] = goal_view.say_measure(str(goal["measure"]), language, territory)
    facts[say("Reference (in Italian)", language)] = f"{state.edition}, {goal['reference']}"
    cards.show_facts(facts)
    if goal["doubtful"]:
        st.caption(level_marks.say_doubt(goal, language))
    _show_named(goal, territory, language)
    goal_projects.show_goal_projects(goal, state, territory)
    agenda_panels.show_goal_agenda(goal, state, territory)
    st.markdown(bold(say("In the other editions", language)))
    st.markdown("\n".join(f"- {line}" for line in goal_view.say_links(goal, language, territory)))


def _show_named(goal: Mapping[Hashable, Any], territory: Territory, language: Language) -> None:
    """Show whom and which instruments the text of a goal names, and the themes of its mission."""
    st.markdown(bold(say("Who acts, by the text of the goal", language)))
    actors = statement_view.goal_actor_table(goal, territory, language)
    cards.show_stated(
        actors, say("The text of the goal names no actor: who acts beside the levels above is not stated.", language)
    )
    instruments = statement_view.goal_instrument_table(goal, territory, language)
    if not instruments.table.empty:
        st.markdown(bold(say("Instruments that the text of the goal names", language)))
        cards.show_stated(instruments)
    with st.expander(say("Themes of mission {mission}", language, mission=goal["mission"])):
        cards.show_stated(
            statement_view.theme_table(str(goal["edition"]), int(goal["mission"]), territory, language),
            say(TEXTS["non_noto"], language),
        )


def _show_terms(state: State, mission: int | None, territory: Territory) -> None:
    """Show the themes of the missions listed, and what the key words mean."""
    language, nothing = state.language, say(TEXTS["non_noto"], state.language)
    with st.expander(say("Themes of the missions", language)):
        cards.show_stated(statement_view.theme_table(state.edition, mission, territory, language), nothing)
    with st.expander(say("Key words and their meaning in the edition", language)):
        cards.show_stated(statement_view.key_word_table(state.edition, territory, language), nothing)


def _show_answers(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Show the table that says what the map shows."""
    with st.expander(say("The municipalities one by one", state.language)):
        st.dataframe(goal_view.answer_table(goal, state, territory), hide_index=True, height=LIST_HEIGHT_PX)


def _show_overview(plan: Plan, language: Language) -> None:
    """Say what the list holds while no goal is chosen: goals by mission, and how many levels are marked."""
    st.caption(say("Choose a goal in the list: the map shows where it applies and why.", language))
    titles = dict(zip(plan.missions["mission"], plan.missions[f"title_{language}"], strict=True))
    grouped = plan.goals.groupby("mission")
    table = pd.DataFrame(
        {
            say(TEXTS["mission"], language): [f"{mission}. {titles[mission]}" for mission in grouped.groups],
            say(TEXTS["goals"], language): grouped.size().to_list(),
            **{
                say(TEXTS[f"level_{level}"], language): grouped[level]
                .agg(lambda marks: int((marks == "si").sum()))
                .to_list()
                for level in LEVELS
            },
            say("Municipalities: not known", language): grouped["municipalities"]
            .agg(lambda marks: int((marks == "non_noto").sum()))
            .to_list(),
        }
    )
    st.dataframe(table, hide_index=True)
    if said := level_marks.say_tables(plan, language):
        st.caption(said)
