"""Goals of the plan: which there are, where one applies and whom it calls, in the words of the pages."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from psttm_geo.app.state import GOAL, GoalFilters, State, map_state, read_choice, read_filters
from psttm_geo.app.texts import TEXTS, mark, measure_name, number, percent, say
from psttm_geo.app.views import access_view, level_marks, statement_view, unit_maps
from psttm_geo.app.views.unit_maps import list_credits
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.records import Plan
from psttm_geo.schema import colours
from psttm_geo.schema.answers import UNKNOWN, YES
from psttm_geo.schema.code_lists import GOAL_KEY
from psttm_geo.webmap.maps import Colouring, MapState

_MARKS = {"si": colours.NAMED, "non_noto": colours.NAMED_UNKNOWN}

QUARTER_HOUR = "quota_tutte_15"
"""The measure of those who reach all essential services within a quarter of an hour."""

_FILLS = {"si": colours.YES_FILL, "no": colours.NO_FILL, "non_noto": colours.UNKNOWN}


@dataclass(frozen=True)
class GoalView:
    """What the page of goals shows.

    Attributes
    ----------
    plan
        Of the edition.
    filters
        Which goals are listed.
    goal
        Row of the one that is chosen; None where none is.
    """

    plan: Plan
    filters: GoalFilters
    goal: dict[Hashable, Any] | None


def plan_of(territory: Territory, edition: str) -> Plan:
    """Return the plan of an edition."""
    return next(plan for plan in territory.plan.plans if plan.edition.identifier == edition)


def read_view(state: State, territory: Territory) -> GoalView:
    """Read from the address bar which goals to list, and which one to show."""
    plan = plan_of(territory, state.edition)
    filters = read_filters(
        [str(mission) for mission in plan.missions["mission"]],
        list(territory.plan.key_words["key_word"]),
        statement_view.actor_names(state.edition, territory, state.language),
        statement_view.role_names(state.language),
    )
    rows = {f"{row['mission']}.{row['number']}": row for row in plan.goals.to_dict("records")}
    chosen = read_choice(GOAL, rows)
    return GoalView(plan, filters, rows[chosen] if chosen else None)


def say_key_word(plan: Plan, key_word: str, language: Language) -> str:
    """Say what the list holds of a key word, and of how many goals it is not known; whose marks they are."""
    known = key_word_marks(plan, key_word)
    marked = "key_word_marked" if (known == YES).any() else "key_word_unknown"
    said = say(TEXTS[marked], language, unknown=int((known == UNKNOWN).sum()))
    return f"{said} {level_marks.say_vision(plan, language)}".strip()


def key_word_marks(plan: Plan, key_word: str) -> pd.Series:
    """Return what the vision marks for a key word, of the mission of every goal of a plan."""
    mine = plan.vision[plan.vision["key_word"] == key_word]
    return plan.goals["mission"].map(dict(zip(mine["mission"], mine["mark"], strict=True))).fillna(UNKNOWN)


def filter_goals(plan: Plan, filters: GoalFilters) -> pd.DataFrame:
    """Return the goals of a plan that pass the filters.

    Of a key word, those of the missions that the vision marks; all but those it is known not to mark, where no mark of
    the key word is legible: what is not known is no reason to leave a goal out.
    """
    goals = plan.goals
    keep = pd.Series(data=True, index=goals.index)
    if filters.mission:
        keep &= goals["mission"] == int(filters.mission)
    if filters.level:
        keep &= goals[filters.level] == "si"
    if filters.key_word:
        marks = key_word_marks(plan, filters.key_word)
        keep &= marks == (YES if (marks == YES).any() else UNKNOWN)
    names = goals["mission"].astype(str) + "." + goals["number"].astype(str)
    text = names + " " + goals["title_it"] + " " + goals["title_en"]
    for word in filters.text.lower().split():
        keep &= text.str.lower().str.contains(word, regex=False)
    return goals[keep].reset_index(drop=True)


def list_table(goals: pd.DataFrame, state: State, territory: Territory, key_word: str | None = None) -> pd.DataFrame:
    """Return the goals in the words of the page, and whether the vision marks them for a key word."""
    language, plan = state.language, plan_of(territory, state.edition)
    counts = goal_counts(territory, state.edition)
    joined = goals.merge(counts, on=GOAL_KEY, how="left", validate="1:1")
    columns = {
        "n.": joined["mission"].astype(str) + "." + joined["number"].astype(str),
        say("Goal", language): joined[f"title_{language}"],
        say("Who is named", language): statement_view.named_words(joined, territory, language),
        say(TEXTS["level_municipalities"], language): level_marks.level_words(
            joined, level_marks.MUNICIPALITIES, language
        ),
        say("Basis of the level", language): level_marks.basis_words(joined, level_marks.MUNICIPALITIES, language),
        say("Municipalities it applies to", language): [
            applies_word(row, language) for row in joined[["yes", "unknown"]].to_dict("records")
        ],
        **_project_columns(joined, territory, language),
    }
    if key_word:
        titles = territory.plan.key_words.set_index("key_word")[f"title_{language}"]
        marks = joined["mission"].map(dict(zip(plan.goals["mission"], key_word_marks(plan, key_word), strict=True)))
        name = say("Key word: {name}", language, name=titles[key_word])
        columns[name] = [level_marks.answer_word(mark, "", language) for mark in marks]
    return pd.DataFrame(columns)


def _project_columns(goals: pd.DataFrame, territory: Territory, language: Language) -> dict[str, pd.Series]:
    """Return how many projects of the register serve each goal, and their amount; NA where no link is known."""
    registered = territory.plan.projects
    if registered is None or registered.goals.empty:
        return {}
    amounts = registered.projects[["project", "amount_eur"]]
    linked = registered.goals.merge(amounts, on="project", validate="m:1").groupby(GOAL_KEY)["amount_eur"]
    sums = pd.DataFrame({"projects": linked.size(), "amount_eur": linked.sum(min_count=1)}).reset_index()
    found = goals[GOAL_KEY].merge(sums, on=GOAL_KEY, how="left", validate="1:1")
    return {
        say("Projects", language): found["projects"].astype("Int64"),
        f"{say('Financed', language)} (€)": found["amount_eur"],
    }


def goal_counts(territory: Territory, edition: str) -> pd.DataFrame:
    """Count the municipalities of each goal: ``yes``, ``unknown``, ``called`` beside the key of the goal."""
    answers = territory.plan.answers.municipalities
    mine = answers[answers["edition"] == edition]
    flags = mine.assign(
        yes=mine["applies"] == "si", unknown=mine["applies"] == "non_noto", called=mine["called"] == "si"
    )
    return flags.groupby(GOAL_KEY, sort=False)[["yes", "unknown", "called"]].sum().reset_index()


def applies_word(row: Mapping[Hashable, int], language: Language) -> str:
    """Say to how many municipalities a goal applies; what is not known is said, never shown as zero."""
    if row["unknown"]:
        return say(TEXTS["non_noto"], language)
    return number(row["yes"], language)


def colour_goal(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> Colouring:
    """Return the map of a goal: where it applies, where not, where it is not known and why, and what it names."""
    language = state.language
    answers = goal_answers(goal, territory)
    codes = answers["municipality_code"]
    marks = {code: _MARKS[one] for code, one in zip(codes, answers["focus"], strict=True) if one in _MARKS}
    signs = [
        (say(TEXTS[f"focus_{answer}"], language), sign) for answer, sign in _MARKS.items() if sign in marks.values()
    ]
    return Colouring(
        fills={code: _FILLS[answer] for code, answer in zip(codes, answers["applies"], strict=True)},
        tips=dict(zip(codes, _tips(answers, language), strict=True)),
        legend=[*((say(TEXTS[f"applies_{answer}"], language), fill) for answer, fill in _FILLS.items()), *signs],
        marks=marks,
    )


def _tips(answers: pd.DataFrame, language: Language) -> list[str]:
    """Say of each municipality why the goal applies or not, and whether it is named in particular."""
    pairs = zip(answers[f"reason_{language}"], answers[f"focus_reason_{language}"], strict=True)
    return [
        say("{reason}. In particular: {focus}", language, reason=why, focus=focus) if focus else str(why)
        for why, focus in pairs
    ]


def goal_answers(goal: Mapping[Hashable, Any], territory: Territory) -> pd.DataFrame:
    """Return where a goal applies and whom it calls, one row per municipality."""
    answers = territory.plan.answers.municipalities
    mine = pd.Series(data=True, index=answers.index)
    for column in GOAL_KEY:
        mine &= answers[column] == goal[column]
    names = territory.municipalities[["municipality_code", "municipality", "zone"]]
    return answers[mine].merge(names, on="municipality_code", how="left", validate="1:1")


def say_measure(measure: str, language: Language, territory: Territory) -> str:
    """Say by what a goal is measured, and the figure of the whole where it was computed."""
    name = measure_name(measure, language)
    share = access_view.quarter_hour_share(territory) if measure == QUARTER_HOUR else None
    if share is None:
        return say("{measure} (not computed yet)", language, measure=name)
    said = say("{measure}: {share} in the Metropolitan City", language, measure=name, share=percent(share, language))
    return mark(language, synthetic=territory.synthetic) + said


def scope_facts(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> dict[str, str]:
    """Return the scope of a goal with its reason and basis, and what it names in particular, each by its heading."""
    language = state.language
    focuses = plan_of(territory, state.edition).focuses
    mine = focuses[(focuses["mission"] == goal["mission"]) & (focuses["number"] == goal["number"])]
    named = [
        say(
            "{name}: {reason} ({basis})",
            language,
            name=row[f"name_{language}"],
            reason=row[f"reason_{language}"],
            basis=say(TEXTS[f"scope_basis_{row['basis']}"], language),
        )
        for row in mine.to_dict("records")
    ]
    return {
        say("Scope", language): say(TEXTS[f"scope_{goal['scope']}"], language),
        say("Reason of the scope", language): reason_with_basis(goal, language),
        say(TEXTS["focus"], language): "; ".join(named) or say("nothing", language),
    }


def reason_with_basis(goal: Mapping[Hashable, Any], language: Language) -> str:
    """Return why the scope of a goal is what it is, and what that rests on."""
    return f"{goal[f'scope_reason_{language}']} ({say(TEXTS['scope_basis_' + goal['scope_basis']], language)})"


def scope_columns(goals: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the scope of each goal, its reason and basis, and what it names in particular, for tables of goals."""
    return pd.DataFrame(
        {
            say("Scope", language): [say(TEXTS[f"scope_{scope}"], language) for scope in goals["scope"]],
            say("Reason of the scope", language): goals[f"scope_reason_{language}"].to_list(),
            say(TEXTS["scope_basis"], language): [
                say(TEXTS[f"scope_basis_{basis}"], language) for basis in goals["scope_basis"]
            ],
            say(TEXTS["focus"], language): goals[f"focus_{language}"].fillna(say("nothing", language)).to_list(),
        }
    )


def _say_scope(goal: Mapping[Hashable, Any], language: Language) -> str:
    return say(
        "Scope: {scope}. {reason}.",
        language,
        scope=say(TEXTS[f"scope_{goal['scope']}"], language),
        reason=reason_with_basis(goal, language),
    )


def sentence(goal: Mapping[Hashable, Any], answers: pd.DataFrame, language: Language) -> str:
    """Say where a goal applies, whom it calls and whom it names in particular."""
    yes, unknown = int((answers["applies"] == "si").sum()), int((answers["applies"] == "non_noto").sum())
    called = int((answers["called"] == "si").sum())
    where = (
        say(TEXTS["sentence_unlisted" if goal["scope"] == "unlisted" else "sentence_unknown"], language)
        if unknown
        else say("Applies to {count} of {total} municipalities.", language, count=yes, total=len(answers))
    )
    said = [where]
    if goal[level_marks.MUNICIPALITIES] == YES and not unknown:
        said.append(say(TEXTS["sentence_called_one" if called == 1 else "sentence_called"], language, count=called))
    said += [level_marks.say_municipalities(goal, language), _say_focus(goal, answers, language)]
    return " ".join(filter(None, said))


def _say_focus(goal: Mapping[Hashable, Any], answers: pd.DataFrame, language: Language) -> str:
    if not goal[f"focus_{language}"]:
        return ""
    named, unknown = (int((answers["focus"] == answer).sum()) for answer in _MARKS)
    key = "sentence_focus_unknown" if unknown else "sentence_focus"
    return say(TEXTS[key], language, names=goal[f"focus_{language}"], count=named, unknown=unknown)


def say_links(goal: Mapping[Hashable, Any], language: Language, territory: Territory) -> list[str]:
    """Say what a goal comes from, and what became of it."""
    titles = {
        (row["edition"], row["mission"], row["number"]): row[f"title_{language}"]
        for plan in territory.plan.plans
        for row in plan.goals.to_dict("records")
    }
    return [
        _link_line(row, there, titles, language)
        for row in territory.plan.links.to_dict("records")
        for here, there in (("from", "to"), ("to", "from"))
        if [row[f"{here}_{column}"] for column in GOAL_KEY] == [goal[column] for column in GOAL_KEY]
    ]


def _link_line(
    row: Mapping[Hashable, Any], side: str, titles: Mapping[tuple[Any, ...], str], language: Language
) -> str:
    kind = say(TEXTS[f"link_{row['kind']}"], language)
    key = tuple(row[f"{side}_{column}"] for column in GOAL_KEY)
    note = f" ({row['note']})" if row["note"] and language == "it" else ""
    if key not in titles:
        return f"{kind}{note}"
    arrow = "→" if side == "to" else "←"
    return f"{arrow} {key[0]}, {key[1]}.{key[2]} {titles[key]}: {kind}{note}"


def answer_table(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> pd.DataFrame:
    """Return where a goal applies, whom it calls and whom it names in particular, in the words of the page."""
    language = state.language
    answers = goal_answers(goal, territory)
    focus = {
        say(TEXTS["focus"], language): [level_marks.answer_word(answer, "", language) for answer in answers["focus"]],
        say("Reason of the reference", language): answers[f"focus_reason_{language}"],
    }
    return pd.DataFrame(
        {
            say(TEXTS["municipality"], language): answers["municipality"],
            say(TEXTS["zone"], language): answers["zone"],
            say(TEXTS["applies"], language): [
                level_marks.answer_word(answer, "", language) for answer in answers["applies"]
            ],
            say(TEXTS["called"], language): [
                level_marks.answer_word(answer, level_marks.table_of(goal), language) for answer in answers["called"]
            ],
            say("Basis of the level", language): level_marks.basis_word(goal, level_marks.MUNICIPALITIES, language),
            say(TEXTS["reason"], language): answers[f"reason_{language}"],
            **(focus if goal[f"focus_{language}"] else {}),
            say("ISTAT code", language): answers["municipality_code"],
        }
    ).sort_values(say(TEXTS["municipality"], language))


def goal_map(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> MapState:
    """Return the map of the chosen goal, naming whom the features that its scope or focus looks for come from."""
    colouring = colour_goal(goal, state, territory)
    rests_on = [*(territory.plan.scope_sources if goal["scope"] == "feature" else ())]
    rests_on += territory.plan.answer_sources if goal[f"focus_{state.language}"] else ()
    colouring = replace(colouring, credits=list_credits(rests_on, state.language))
    title = say(
        "Municipalities that goal {goal} of edition {edition} applies to: {title}.",
        state.language,
        goal=f"{goal['mission']}.{goal['number']}",
        edition=state.edition,
        title=goal[f"title_{state.language}"],
    )
    return map_state(state, title, unit_maps.class_legend(colouring.legend, state), colouring)


def levels_map(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> MapState:
    """Return the same map for a page of its own: it says the scope, and what the goal names."""
    shown, language = goal_map(goal, state, territory), state.language
    said = (shown.title, _say_scope(goal, language), _say_focus(goal, goal_answers(goal, territory), language))
    return replace(shown, heading=" ".join(filter(None, said)))


def download_list(table: pd.DataFrame, goals: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return the list of goals with their scopes, for a file."""
    return pd.concat([table, scope_columns(goals, language)], axis=1)


def download_answers(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> pd.DataFrame:
    """Return the answers of a goal with its scope and the reason on every row, for a file."""
    table = answer_table(goal, state, territory).reset_index(drop=True)
    scope = scope_columns(pd.DataFrame([goal]), state.language).drop(columns=say(TEXTS["focus"], state.language))
    return table.assign(**{str(name): said for name, said in scope.iloc[0].items()})
