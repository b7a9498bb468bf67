"""Pieces of the page of goals: which goals there are, where one applies and whom it calls."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo.app import widgets
from psttm_geo.app.figures import LIST_HEIGHT_PX, ROW_HEIGHT_PX, list_credits
from psttm_geo.app.state import (
    GOAL,
    KEY_WORD,
    LEVEL,
    MISSION,
    TEXT,
    GoalFilters,
    State,
    map_state,
    read_choice,
    write_parameter,
)
from psttm_geo.app.texts import mark, measure_name, number, percent, say
from psttm_geo.errors import Language
from psttm_geo.model.plan import GOAL_KEY, LEVELS, Plan
from psttm_geo.outputs import styles
from psttm_geo.outputs.maps import Colouring, MapState
from psttm_geo.workflows import Territory

QUARTER_HOUR = "quota_tutte_15"
"""The measure of those who reach all essential services within a quarter of an hour."""

_FILLS = {"si": styles.YES_FILL, "no": styles.NO_FILL, "non_noto": styles.UNKNOWN}


def quarter_hour_share(territory: Territory) -> float | None:
    """Return that figure of the whole, everybody at the pace of their age; None where it was not computed."""
    layers = {} if territory.results is None else territory.results.layers
    whole = layers.get("accessibilita_citta_metropolitana")
    return None if whole is None else float(whole["share_all_15"].iloc[0])


def plan_of(territory: Territory, edition: str) -> Plan:
    """Return the plan of an edition."""
    return next(plan for plan in territory.plans if plan.edition.identifier == edition)


def find_goal(plan: Plan) -> dict[Hashable, Any] | None:
    """Return the goal that the address bar names; None where it names none."""
    rows = {f"{row['mission']}.{row['number']}": row for row in plan.goals.to_dict("records")}
    chosen = read_choice(GOAL, rows)
    return rows[chosen] if chosen else None


def show_filters(filters: GoalFilters, state: State, territory: Territory) -> None:
    """Show the filters of the list of goals; each is a part of the address bar."""
    plan, language = plan_of(territory, state.edition), state.language
    title = f"title_{language}"
    missions = {str(row["mission"]): f"{row['mission']}. {row[title]}" for row in plan.missions.to_dict("records")}
    levels = {level: say(f"level_{level}", language) for level in LEVELS}
    key_words = dict(zip(territory.key_words["key_word"], territory.key_words[title], strict=True))
    left, right = st.columns(2)
    with left:
        _filter(MISSION, "mission", missions, filters.mission, language)
        _filter(KEY_WORD, "key_word", key_words, filters.key_word, language)
    with right:
        _filter(LEVEL, "level", levels, filters.level, language)
        st.session_state["filter_text"] = filters.text
        st.text_input(
            say("search_goals", language),
            key="filter_text",
            on_change=lambda: write_parameter(TEXT, st.session_state["filter_text"].strip()),
        )
    if filters.key_word:
        known = int((plan.vision["mark"] == "si").sum())
        st.caption(say("key_word_note", language, count=known, total=len(plan.vision)))
    if filters.level:
        unknown = int((plan.goals[filters.level] == "non_noto").sum())
        st.caption(say("level_note", language, count=unknown))


def _filter(parameter: str, label: str, options: Mapping[str, str], chosen: str | None, language: Language) -> None:
    key = f"filter_{parameter}"
    st.session_state[key] = chosen
    st.selectbox(
        say(label, language),
        list(options),
        key=key,
        format_func=options.__getitem__,
        placeholder=say("all", language),
        on_change=lambda: write_parameter(parameter, st.session_state[key]),
    )


def filter_goals(plan: Plan, filters: GoalFilters) -> pd.DataFrame:
    """Return the goals of a plan that pass the filters."""
    goals = plan.goals
    keep = pd.Series(data=True, index=goals.index)
    if filters.mission:
        keep &= goals["mission"] == int(filters.mission)
    if filters.level:
        keep &= goals[filters.level] == "si"
    if filters.key_word:
        marked = plan.vision[(plan.vision["key_word"] == filters.key_word) & (plan.vision["mark"] == "si")]
        keep &= goals["mission"].isin(marked["mission"])
    names = goals["mission"].astype(str) + "." + goals["number"].astype(str)
    text = names + " " + goals["title_it"] + " " + goals["title_en"]
    for word in filters.text.lower().split():
        keep &= text.str.lower().str.contains(word, regex=False)
    return goals[keep].reset_index(drop=True)


def list_table(goals: pd.DataFrame, state: State, territory: Territory) -> pd.DataFrame:
    """Return the goals in the words of the page."""
    language = state.language
    counts = goal_counts(territory, state.edition)
    joined = goals.merge(counts, on=GOAL_KEY, how="left", validate="1:1")
    return pd.DataFrame(
        {
            "n.": joined["mission"].astype(str) + "." + joined["number"].astype(str),
            say("goal", language): joined[f"title_{language}"],
            say("level_municipalities", language): joined["municipalities"].map(partial(mark_word, language=language)),
            say("applies_to", language): [
                applies_word(row, language) for row in joined[["yes", "unknown"]].to_dict("records")
            ],
        }
    )


def show_list(goals: pd.DataFrame, state: State, territory: Territory) -> None:
    """Show the goals as a table; a chosen row chooses the goal."""
    language = state.language
    table = list_table(goals, state, territory)
    key = f"goals_{language}_{state.edition}"

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        write_parameter(GOAL, str(table["n."].iloc[rows[0]]) if rows else None)

    st.caption(say("goals_found", language, count=len(goals), total=len(plan_of(territory, state.edition).goals)))
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        height=min(LIST_HEIGHT_PX, (len(table) + 1) * ROW_HEIGHT_PX + 2),
        on_select=picked,
        selection_mode="single-row",
        column_config={"n.": st.column_config.TextColumn(width=50)},
    )


def goal_counts(territory: Territory, edition: str) -> pd.DataFrame:
    """Count the municipalities of each goal: ``yes``, ``unknown``, ``called`` beside the key of the goal."""
    answers = territory.answers.municipalities
    mine = answers[answers["edition"] == edition]
    flags = mine.assign(
        yes=mine["applies"] == "si", unknown=mine["applies"] == "non_noto", called=mine["called"] == "si"
    )
    return flags.groupby(GOAL_KEY, sort=False)[["yes", "unknown", "called"]].sum().reset_index()


def applies_word(row: Mapping[Hashable, int], language: Language) -> str:
    """Say to how many municipalities a goal applies; what is not known is said, never shown as zero."""
    if row["unknown"]:
        return say("non_noto", language)
    return number(row["yes"], language)


def mark_word(mark: str, language: Language) -> str:
    """Return the words of a mark or an answer."""
    return say(mark, language)


def colour_goal(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> Colouring:
    """Return the map of a goal: where it applies, where it does not, where it is not known, and why."""
    language = state.language
    answers = goal_answers(goal, territory)
    reasons = dict(zip(answers["municipality_code"], answers[f"reason_{language}"], strict=True))
    return Colouring(
        fills={
            code: _FILLS[answer] for code, answer in zip(answers["municipality_code"], answers["applies"], strict=True)
        },
        tips=reasons,
        legend=[(say(f"applies_{answer}", language), fill) for answer, fill in _FILLS.items()],
    )


def goal_answers(goal: Mapping[Hashable, Any], territory: Territory) -> pd.DataFrame:
    """Return where a goal applies and whom it calls, one row per municipality."""
    answers = territory.answers.municipalities
    mine = pd.Series(data=True, index=answers.index)
    for column in GOAL_KEY:
        mine &= answers[column] == goal[column]
    names = territory.municipalities[["municipality_code", "municipality", "zone"]]
    return answers[mine].merge(names, on="municipality_code", how="left", validate="1:1")


def show_goal(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Show the card of a goal: who must act, where and why, and what became of it in the other edition."""
    language = state.language
    st.header(f"{goal['mission']}.{goal['number']} {goal[f'title_{language}']}", anchor=False)
    answers = goal_answers(goal, territory)
    st.markdown(_sentence(goal, answers, language))
    facts = {say(f"level_{level}", language): mark_word(str(goal[level]), language) for level in LEVELS}
    facts[say("mark_basis", language)] = say(f"basis_{goal['mark_basis']}", language)
    facts[say("scope", language)] = say(f"scope_{goal['scope']}", language)
    if goal["measure"]:
        facts[say("measure", language)] = say_measure(str(goal["measure"]), language, territory)
    facts[say("reference", language)] = f"{state.edition}, {goal['reference']}"
    widgets.show_facts(facts)
    if goal["doubtful"]:
        st.caption(say("doubtful", language))
    _show_links(goal, state, territory)


def say_measure(measure: str, language: Language, territory: Territory) -> str:
    """Say by what a goal is measured, and the figure of the whole where it was computed."""
    name = measure_name(measure, language)
    share = quarter_hour_share(territory) if measure == QUARTER_HOUR else None
    if share is None:
        return say("measure_not_computed", language, measure=name)
    said = say("measure_value", language, measure=name, share=percent(share, language))
    return mark(language, synthetic=territory.synthetic) + said


def _sentence(goal: Mapping[Hashable, Any], answers: pd.DataFrame, language: Language) -> str:
    yes, unknown = int((answers["applies"] == "si").sum()), int((answers["applies"] == "non_noto").sum())
    called = int((answers["called"] == "si").sum())
    where = (
        say("sentence_unknown", language)
        if unknown
        else say("sentence_applies", language, count=yes, total=len(answers))
    )
    who = (
        say("sentence_called", language, count=called)
        if goal["municipalities"] == "si" and not unknown
        else say(f"sentence_level_{goal['municipalities']}", language)
    )
    return f"{where} {who}"


def _show_links(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Say what the goal comes from, and what became of it."""
    language = state.language
    st.markdown(f"**{say('other_editions', language)}**")
    titles = {
        (row["edition"], row["mission"], row["number"]): row[f"title_{language}"]
        for plan in territory.plans
        for row in plan.goals.to_dict("records")
    }
    lines = []
    for row in territory.links.to_dict("records"):
        for here, there in (("from", "to"), ("to", "from")):
            if [row[f"{here}_edition"], row[f"{here}_mission"], row[f"{here}_number"]] == [goal[c] for c in GOAL_KEY]:
                lines.append(_link_line(row, there, titles, language))
    st.markdown("\n".join(f"- {line}" for line in lines))


def _link_line(
    row: Mapping[Hashable, Any], side: str, titles: Mapping[tuple[Any, ...], str], language: Language
) -> str:
    kind = say(f"link_{row['kind']}", language)
    key = tuple(row[f"{side}_{column}"] for column in GOAL_KEY)
    note = f" ({row['note']})" if row["note"] and language == "it" else ""
    if key not in titles:
        return f"{kind}{note}"
    arrow = "→" if side == "to" else "←"
    return f"{arrow} {key[0]}, {key[1]}.{key[2]} {titles[key]}: {kind}{note}"


def answer_table(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> pd.DataFrame:
    """Return where a goal applies and whom it calls, in the words of the page."""
    language = state.language
    answers = goal_answers(goal, territory)
    return pd.DataFrame(
        {
            say("municipality", language): answers["municipality"],
            say("zone", language): answers["zone"],
            say("applies", language): answers["applies"].map(partial(mark_word, language=language)),
            say("called", language): answers["called"].map(partial(mark_word, language=language)),
            say("reason", language): answers[f"reason_{language}"],
            say("istat_code", language): answers["municipality_code"],
        }
    ).sort_values(say("municipality", language))


def show_answers(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> None:
    """Show the table that says what the map shows."""
    with st.expander(say("answers_table", state.language)):
        st.dataframe(answer_table(goal, state, territory), hide_index=True, height=LIST_HEIGHT_PX)


def show_overview(state: State, territory: Territory) -> None:
    """Say what the list holds while no goal is chosen: goals by mission, and how many levels are marked."""
    language, plan = state.language, plan_of(territory, state.edition)
    st.caption(say("choose_goal", language))
    titles = dict(zip(plan.missions["mission"], plan.missions[f"title_{language}"], strict=True))
    grouped = plan.goals.groupby("mission")
    table = pd.DataFrame(
        {
            say("mission", language): [f"{mission}. {titles[mission]}" for mission in grouped.groups],
            say("goals", language): grouped.size().to_list(),
            **{
                say(f"level_{level}", language): grouped[level].agg(lambda marks: int((marks == "si").sum())).to_list()
                for level in LEVELS
            },
            say("marks_unknown", language): grouped["municipalities"]
            .agg(lambda marks: int((marks == "non_noto").sum()))
            .to_list(),
        }
    )
    st.dataframe(table, hide_index=True)


def show_map_of_goal(goal: Mapping[Hashable, Any] | None, state: State, territory: Territory) -> None:
    """Show where the chosen goal applies; the zones while none is chosen."""
    shown = widgets.territory_map(state, territory) if goal is None else goal_map(goal, state, territory)
    widgets.show_maps(state, shown)
    widgets.show_legend(shown.legend, state.language)


def goal_map(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> MapState:
    """Return the map of the chosen goal, which names whom the features that its scope looks for come from."""
    colouring = colour_goal(goal, state, territory)
    if goal["scope"] == "feature":
        colouring = replace(colouring, credits=list_credits(territory.scope_sources, state.language))
    title = say("goal_map_title", state.language, goal=f"{goal['mission']}.{goal['number']}", edition=state.edition)
    return map_state(state, title, widgets.class_legend(colouring.legend, state), colouring)
