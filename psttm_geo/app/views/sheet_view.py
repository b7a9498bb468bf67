"""Whom a sheet is about, and all that plan and measures say of it."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from psttm_geo.app.state import NAME, State, read_choice
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.app.views import access_view, driver_view, gap_summary, goal_view, level_marks
from psttm_geo.app.views.access_view import EVERYTHING, WHOLE, category_name
from psttm_geo.app.views.figures import percentages
from psttm_geo.app.views.gap_summary import Lacking
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.core.messages import Language, pgettext
from psttm_geo.jobs import Territory
from psttm_geo.plan.plan_layers import MUNICIPALITY, UNION, ZONE
from psttm_geo.schema.answers import UNKNOWN, YES
from psttm_geo.schema.code_lists import GOAL_KEY

ANSWERS = "obiettivi_comuni"
"""The layer of where goals apply, whom they involve and what they name."""

KINDS = {"comuni": MUNICIPALITY, "zone": ZONE, "unioni": UNION}


@dataclass(frozen=True)
class Subject:
    """Whom a sheet is about.

    Attributes
    ----------
    units
        ``comuni``, ``zone`` or ``unioni``.
    unit
        Code of the municipality, else the name.
    row
        Its row of ``comuni``, ``zone_omogenee`` or ``unioni_comuni``.
    members
        Rows of its municipalities by code, in order of their names; the municipality itself.
    """

    units: str
    unit: str
    row: pd.Series
    members: pd.DataFrame

    @property
    def name(self) -> str:
        """As people call it."""
        return str(self.members["municipality"].iloc[0]) if self.units == "comuni" else self.unit


def find_subject(units: str, state: State, territory: Territory) -> Subject | None:
    """Return whom the address asks for; where it names no zone or union, the chosen municipality's or the first.

    None where no municipality is chosen, or the edition has no union.
    """
    towns = territory.municipalities.set_index("municipality_code").sort_values("municipality")
    if units == "comuni":
        if state.municipality is None:
            return None
        return Subject(units, state.municipality, towns.loc[state.municipality], towns.loc[[state.municipality]])
    names, column = unit_names(units, state, territory), driver_view.UNIT_LAYERS[units][1]
    mine = territory.memberships[territory.memberships["edition"] == state.edition]
    belongs = mine.set_index("municipality_code")[column]
    own = belongs.get(state.municipality) if state.municipality else None
    name = read_choice(NAME, names) or (own if own in names else next(iter(names), None))
    if name is None:
        return None
    rows = territory.zones if units == "zone" else territory.unions[territory.unions["edition"] == state.edition]
    members = towns[towns.index.isin(belongs.index[belongs == name])]
    return Subject(units, name, rows.set_index(column).loc[name], members)


def unit_names(units: str, state: State, territory: Territory) -> list[str]:
    """Return the zones, or the unions of the edition."""
    return list(territory.zones["zone"]) if units == "zone" else list(plan_of(territory, state.edition).union_names)


def layers_of(subject: Subject) -> list[str]:
    """Return the layers of the delivery whose figures the sheet shows."""
    zone = [access_view.UNIT_LAYERS["zone"][0]] if subject.units == "comuni" else []
    return [
        ANSWERS,
        driver_view.UNIT_LAYERS[subject.units][0],
        access_view.UNIT_LAYERS[subject.units][0],
        *zone,
        WHOLE,
        "carenze_comuni",
    ]


def municipality_facts(code: str, row: pd.Series, state: State, territory: Territory) -> dict[str, str]:
    """Return codes, zone, and union by edition of a municipality, by their names in words."""
    language = state.language
    mine = territory.memberships[territory.memberships["municipality_code"] == code]
    return {
        say("ISTAT code", language): code,
        say(TEXTS["cadastral_code"], language): row["cadastral_code"] or say(TEXTS["unknown"], language),
        say(TEXTS["zone"], language): row["zone"],
        **{
            say("Unione {edition}", language, edition=one["edition"]): one["union"]
            or say(pgettext("unione", "none"), language)
            for one in mine.to_dict("records")
        },
    }


def unit_facts(subject: Subject, state: State, territory: Territory) -> dict[str, str]:
    """Return what a subject is, in words: codes, zone and unions of a municipality, members of a larger unit."""
    language, members = state.language, subject.members
    if subject.units == "comuni":
        return municipality_facts(subject.unit, subject.row, state, territory)
    facts = {say(TEXTS["units_comuni"], language): str(len(members))}
    if subject.units == "unioni":
        return facts | {say(TEXTS["units_zone"], language): ", ".join(dict.fromkeys(members["zone"]))}
    inside = territory.memberships[territory.memberships["municipality_code"].isin(members.index)]
    for edition, rows in inside.groupby("edition"):
        unions = sorted(set(rows["union"].dropna()))
        facts[say("Unione {edition}", language, edition=edition)] = ", ".join(unions) or say(
            pgettext("unione", "none"), language
        )
    return facts


def goal_table(subject: Subject, state: State, territory: Territory) -> pd.DataFrame:
    """Return every goal of the edition: whether it applies in the subject, involves it and names it, and why."""
    language, plan = state.language, plan_of(territory, state.edition)
    answers = territory.plan.answers.units
    mine = answers[
        (answers["edition"] == state.edition)
        & (answers["unit_kind"] == KINDS[subject.units])
        & (answers["unit"] == subject.unit)
    ]
    rows = plan.goals.merge(mine[[*GOAL_KEY, "applies", "called"]], on=GOAL_KEY, how="left", validate="1:1")
    last = "reason" if subject.units == "comuni" else "sheet_where"
    return pd.DataFrame(
        {
            "n.": rows["mission"].astype(str) + "." + rows["number"].astype(str),
            say("Goal", language): rows[f"title_{language}"],
            say(TEXTS["applies"], language): [
                level_marks.answer_word(answer, "", language) for answer in rows["applies"]
            ],
            say(TEXTS["called"], language): level_marks.level_words(rows, "called", language),
            say("Basis of the level", language): level_marks.basis_words(rows, level_marks.MUNICIPALITIES, language),
            say(TEXTS[last], language): _reasons_or_places(rows, subject, state, territory),
            say(TEXTS["focus"], language): _focuses(rows, subject, state, territory),
            say("Reason of the scope", language): [
                goal_view.reason_with_basis(row, language) for row in rows.to_dict("records")
            ],
        }
    )


def _answers_by_goal(subject: Subject, state: State, territory: Territory) -> dict[Hashable, pd.DataFrame]:
    """Return the answers for the municipalities of a subject, by the key of the goal."""
    answers = territory.plan.answers.municipalities
    mine = answers[(answers["edition"] == state.edition) & answers["municipality_code"].isin(subject.members.index)]
    return dict(iter(mine.groupby(GOAL_KEY)))


def _reasons_or_places(goals: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> list[str]:
    """Say why a goal applies in the municipality or not, or in which municipalities of a larger unit it applies."""
    language, by_goal = state.language, _answers_by_goal(subject, state, territory)
    found = [by_goal[key] for key in goals[GOAL_KEY].itertuples(index=False, name=None)]
    if subject.units == "comuni":
        return [str(rows[f"reason_{language}"].iloc[0]) for rows in found]
    return [_say_places(rows, "applies", subject, language) for rows in found]


def _focuses(goals: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> list[str]:
    """Say whether a goal names the municipality in particular and why, or which ones of a larger unit."""
    language, by_goal = state.language, _answers_by_goal(subject, state, territory)
    said = []
    for key, named in zip(goals[GOAL_KEY].itertuples(index=False, name=None), goals["focus_it"], strict=True):
        rows = by_goal[key]
        if not named:
            said.append("")
        elif subject.units == "comuni":
            word = level_marks.answer_word(rows["focus"].iloc[0], "", language)
            said.append(f"{word}. {rows[f'focus_reason_{language}'].iloc[0]}")
        else:
            said.append(_say_places(rows, "focus", subject, language))
    return said


def _say_places(answers: pd.DataFrame, column: str, subject: Subject, language: Language) -> str:
    """Say in which of the municipalities the answer is yes, then of which it is not known."""
    parts, names = [], subject.members["municipality"]
    for answer, everywhere in ((YES, "sheet_everywhere"), (UNKNOWN, "sheet_unknown_everywhere")):
        codes = set(answers.loc[answers[column] == answer, "municipality_code"])
        if len(codes) == len(names):
            return say(TEXTS[everywhere], language)
        if codes:
            listed = ", ".join(names[names.index.isin(codes)])
            parts.append(listed if answer == YES else f"{say(TEXTS['non_noto'], language)}: {listed}")
    return "; ".join(parts) or say(TEXTS["none"], language)


def say_goals(table: pd.DataFrame, subject: Subject, language: Language) -> str:
    """Say how many goals involve the subject and apply in it, and of how many either is not known."""
    called, applies = (table[say(TEXTS[name], language)].value_counts() for name in ("called", "applies"))
    yes, no, unknown = (say(TEXTS[answer], language) for answer in ("si", "no", "non_noto"))
    count = called.get(yes, 0)
    return say(
        TEXTS["sheet_goals_sentence_one" if count == 1 else "sheet_goals_sentence"],
        language,
        whom=say(TEXTS[f"sheet_whom_{subject.units}"], language),
        called=count,
        total=len(table),
        unknown=called.get(unknown, 0),
        unmarked=called.drop([yes, no, unknown], errors="ignore").sum(),
        applies=applies.get(yes, 0),
        untold=applies.get(unknown, 0),
    )


def access_table(subject: Subject, state: State, territory: Territory) -> pd.DataFrame | None:
    """Return shares within 15 minutes of the subject, a municipality's zone, and the whole; None if not computed."""
    language, results = state.language, territory.results
    layer, column = access_view.UNIT_LAYERS[subject.units]
    if results is None or layer not in results.layers:
        return None
    layers = results.layers
    whole = layers[WHOLE].iloc[0]
    compared = [(subject.name, layer, column, subject.unit)]
    if subject.units == "comuni":
        compared.append((str(subject.row["zone"]), *access_view.UNIT_LAYERS["zone"], str(subject.row["zone"])))
    rows = {name: _access_row(layers[layer], column, unit, whole, state) for name, layer, column, unit in compared}
    if rows[subject.name] is None:
        return None
    rows[say("Metropolitan City", language)] = whole
    categories = [EVERYTHING, *access_view.list_categories(layers[WHOLE])]
    columns = [access_view.column_of(access_view.SHARE, category) for category in categories]
    return pd.DataFrame(
        {say(TEXTS["category"], language): [category_name(name, language, territory) for name in categories]}
        | {f"{name} (%)": percentages(row[columns]).to_numpy() for name, row in rows.items() if row is not None}
    )


def _access_row(layer: pd.DataFrame, column: str, unit: str, whole: pd.Series, state: State) -> pd.Series | None:
    """Return the row of a unit, walked with the profile of the whole's; None where the layer has none."""
    mine = layer[(layer["profile"] == whole["profile"]) & (layer[column] == unit)]
    if "edition" in mine:
        mine = mine[mine["edition"] == state.edition]
    return None if mine.empty else mine.iloc[0]


def gap_table(lacking: Lacking, names: Mapping[str, str], subject: Subject, language: Language) -> pd.DataFrame:
    """Return the categories that residents lack; of a larger unit, in how many of its municipalities."""
    totals = gap_summary.total_by_category(lacking)
    table = pd.DataFrame(
        {
            say("Essential category", language): totals["category"].map(names),
            say(TEXTS["residents_beyond"], language): totals["residents_beyond"].round(0),
            say(TEXTS["reach_minuti"], language): totals["gap_minutes"].round(1),
        }
    )
    if subject.units == "comuni":
        return table
    return table.assign(**{say(TEXTS["municipalities"], language): totals["municipality_count"]})
