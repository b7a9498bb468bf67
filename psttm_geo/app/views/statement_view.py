"""What the documents state, in the words of the pages: who acts, instruments, key words; with document and lines."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from psttm_geo.app.state import GoalFilters
from psttm_geo.app.texts import TEXTS, day, say
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.statements import goal_actors
from psttm_geo.schema.code_lists import GOAL_KEY
from psttm_geo.schema.coded_values import CODE_LISTS


@dataclass(frozen=True)
class Stated:
    """A table of what documents state.

    Attributes
    ----------
    table
        In the words of the page; the last column says in which lines.
    note
        Which documents have those lines, and of when they are; empty where the table has no rows.
    """

    table: pd.DataFrame
    note: str


def cite(rows: pd.DataFrame, columns: Mapping[str, Iterable[str]], territory: Territory, language: Language) -> Stated:
    """Return a table with the lines of each row.

    Parameters
    ----------
    rows
        ``document``, ``first_line`` and ``last_line``.
    columns
        What the table says, by the words of its headings; the same length as `rows`.
    territory, language
        Give the dates of documents, and the words.
    """
    numbers = {title: position for position, title in enumerate(dict.fromkeys(rows["document"]), start=1)}
    told = rows[["document", "first_line", "last_line"]].itertuples(index=False, name=None)
    passages = [
        (f"[{numbers[title]}] " if len(numbers) > 1 else "") + _say_lines(int(first), int(last), language)
        for title, first, last in told
    ]
    heading = say("Passage", language)
    return Stated(pd.DataFrame({**columns, heading: passages}), _say_documents(numbers, territory, language))


def _say_lines(first: int, last: int, language: Language) -> str:
    if first == last:
        return say("line {line}", language, line=first)
    return say("lines {first}-{last}", language, first=first, last=last)


def _say_documents(numbers: Mapping[str, int], territory: Territory, language: Language) -> str:
    """Say which documents have the passages, with the number that rows have where there are several."""
    if not numbers:
        return ""
    dates = {one.title: one.reference_date for found in territory.plan.statement_sources.values() for one in found}
    listed = [
        f"{f'[{number}] ' if len(numbers) > 1 else ''}{title} ({day(dates[title], language)})"
        for title, number in numbers.items()
    ]
    return say("Lines of the text of: {documents}.", language, documents="; ".join(listed))


def words_of(rows: pd.DataFrame, column: str, codes: str, language: Language) -> list[str]:
    """Return the words of a column of codes."""
    meanings = CODE_LISTS[codes].meanings
    return [meanings[code].say(language) for code in rows[column]]


def optional_texts(values: pd.Series) -> list[str]:
    """Return texts, empty where none is stated."""
    return ["" if value is None or pd.isna(value) else str(value) for value in values]


def _of_goal(rows: pd.DataFrame, goal: Mapping[Hashable, Any]) -> pd.DataFrame:
    return rows[(rows[GOAL_KEY] == [goal[name] for name in GOAL_KEY]).all(axis=1)]


def actor_names(edition: str, territory: Territory, language: Language) -> dict[str, str]:
    """Return the actors that goals of an edition name, in words, by their identifiers."""
    rows = territory.plan.statements["obiettivi_attori"]
    named = set(rows.loc[rows["edition"] == edition, "actor"])
    actors = territory.plan.statements["attori"]
    told = actors[actors["actor"].isin(named)]
    return dict(zip(told["actor"], told[f"name_{language}"], strict=True))


def role_names(language: Language) -> dict[str, str]:
    """Return the roles of actors in words."""
    return {role: text.say(language) for role, text in CODE_LISTS["ruolo"].meanings.items()}


def keep_named(goals: pd.DataFrame, filters: GoalFilters, territory: Territory) -> pd.DataFrame:
    """Return the goals whose text names an actor, or anybody, in a role, as the filters ask; all where they do not."""
    if not filters.actor and not filters.role:
        return goals
    rows = territory.plan.statements["obiettivi_attori"]
    if filters.actor:
        rows = rows[rows["actor"] == filters.actor]
    if filters.role:
        rows = rows[rows["actor_role"] == filters.role]
    named = pd.MultiIndex.from_frame(rows[GOAL_KEY])
    return goals[pd.MultiIndex.from_frame(goals[GOAL_KEY]).isin(named)].reset_index(drop=True)


def named_words(goals: pd.DataFrame, territory: Territory, language: Language) -> list[str]:
    """Return whom the text of each goal names, in words."""
    rows = goal_actors(territory.plan.statements)
    names = rows.groupby(GOAL_KEY, sort=False)[f"name_{language}"].agg(", ".join).to_dict()
    nobody = say("nobody named", language)
    return [names.get(key, nobody) for key in goals[GOAL_KEY].itertuples(index=False, name=None)]


def goal_actor_table(goal: Mapping[Hashable, Any], territory: Territory, language: Language) -> Stated:
    """Return whom the text of a goal names, in which role, and where."""
    rows = _of_goal(goal_actors(territory.plan.statements), goal)
    columns = {
        say("Actor", language): rows[f"name_{language}"].to_list(),
        say("Role", language): words_of(rows, "actor_role", "ruolo", language),
        say("What the text says (in Italian)", language): rows["reading"].to_list(),
    }
    return cite(rows, columns, territory, language)


def goal_instrument_table(goal: Mapping[Hashable, Any], territory: Territory, language: Language) -> Stated:
    """Return the instruments that the text of a goal names, and where."""
    statements = territory.plan.statements
    known = statements["strumenti"][["instrument", "instrument_kind", "short_name", f"name_{language}"]]
    mine = _of_goal(statements["obiettivi_strumenti"], goal)
    rows = mine.merge(known, on="instrument", how="left", validate="m:1")
    columns = {
        say("Instrument", language): instrument_names(rows, language),
        say("Kind", language): words_of(rows, "instrument_kind", "tipo_di_strumento", language),
        say("What the text says (in Italian)", language): rows["reading"].to_list(),
    }
    return cite(rows, columns, territory, language)


def instrument_names(rows: pd.DataFrame, language: Language) -> list[str]:
    """Return the names of instruments, with the short one where they have one that the name does not say."""
    pairs = zip(optional_texts(rows["short_name"]), rows[f"name_{language}"], strict=True)
    return [f"{name} ({short})" if short and short not in name else str(name) for short, name in pairs]


def theme_table(edition: str, mission: int | None, territory: Territory, language: Language) -> Stated:
    """Return the themes of a mission of an edition, or of all missions."""
    rows = territory.plan.statements["temi_missioni"]
    rows = rows[rows["edition"] == edition]
    columns: dict[str, Iterable[str]] = {}
    if mission is None:
        columns[say(TEXTS["mission"], language)] = rows["mission"].astype(str).to_list()
    else:
        rows = rows[rows["mission"] == mission]
    columns[say("Theme", language)] = rows[f"theme_{language}"].to_list()
    return cite(rows, columns, territory, language)


def key_word_table(edition: str, territory: Territory, language: Language, key_word: str | None = None) -> Stated:
    """Return what an edition means by its key words, or by one; those that it does not define are left out."""
    rows = territory.plan.statements["parole_chiave"]
    rows = rows[(rows["edition"] == edition) & rows["document"].notna()]
    if key_word is not None:
        rows = rows[rows["key_word"] == key_word]
    columns = {
        say(TEXTS["key_word"], language): rows[f"title_{language}"].to_list(),
        say("Definition, in our words", language): rows[f"definition_{language}"].to_list(),
    }
    return cite(rows, columns, territory, language)


def count_actors(editions: Iterable[str], territory: Territory, language: Language) -> pd.DataFrame:
    """Count, for each actor, the goals of each edition whose text names it; zero says that no text does."""
    rows, actors = (territory.plan.statements[name] for name in ("obiettivi_attori", "attori"))
    counts = {edition: rows.loc[rows["edition"] == edition, "actor"].value_counts() for edition in editions}
    columns = {
        say("Goals {edition}", language, edition=edition): actors["actor"].map(found).fillna(0).astype(int)
        for edition, found in counts.items()
    }
    table = pd.DataFrame(
        {
            say("Actor", language): actors[f"name_{language}"],
            say("Kind", language): words_of(actors, "actor_kind", "tipo_di_attore", language),
            **columns,
        }
    )
    named = table[list(columns)].sum(axis=1)
    order = named[named > 0].sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
