"""Who acts on a goal, in the words of a page: a mark is told with what it rests on."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language
from psttm_geo.plan.records import Plan
from psttm_geo.schema.answers import NOT_MARKED
from psttm_geo.schema.code_lists import LEVEL_BASES, LEVELS

MUNICIPALITIES = "municipalities"

_BASIS_OF = dict(zip(LEVELS, LEVEL_BASES, strict=True))


def answer_word(answer: str, table: str, language: Language) -> str:
    """Return the words of a mark or an answer; of a blank cell they name the table, unless it is the edition's own."""
    if answer == NOT_MARKED and table:
        return say("not marked in the table of {edition}", language, edition=table)
    return say(TEXTS[answer], language)


def table_of(goal: Mapping[Hashable, Any]) -> str:
    """Return the editions whose table a goal's marks come from; empty where it is its own, or where there is none."""
    return "" if goal["mark_edition"] == goal["edition"] else str(goal["mark_edition"])


def tables_of(plan: Plan) -> str:
    """Return the editions whose tables the marks of a plan come from; empty where they are its own, or unknown."""
    found = [table for row in plan.goals["mark_edition"].unique() for table in str(row).split(", ") if table]
    return ", ".join(dict.fromkeys(table for table in found if table != plan.edition.identifier))


def level_word(goal: Mapping[Hashable, Any], level: str, language: Language) -> str:
    """Return the words of the mark of a level of a goal."""
    return answer_word(str(goal[level]), table_of(goal), language)


def level_words(goals: pd.DataFrame, column: str, language: Language) -> list[str]:
    """Return the words of a mark, or of an answer that follows from one, of every goal."""
    return [answer_word(str(row[column]), table_of(row), language) for row in goals.to_dict("records")]


def basis_words(goals: pd.DataFrame, level: str, language: Language) -> list[str]:
    """Return the words of what the mark of a level rests on, of every goal."""
    return [basis_word(row, level, language) for row in goals.to_dict("records")]


def basis_word(goal: Mapping[Hashable, Any], level: str, language: Language) -> str:
    """Return the words of what the mark of a level of a goal rests on."""
    return say(TEXTS[f"basis_{goal[_BASIS_OF[level]]}"], language, edition=goal["mark_edition"])


def say_bases(goal: Mapping[Hashable, Any], language: Language) -> str:
    """Say what the levels of a goal rest on: once where it is the same of all, else level by level."""
    words = {level: basis_word(goal, level, language) for level in LEVELS}
    said = "; ".join(
        [f"{say(TEXTS[f'level_{level}'], language)}: {word}" for level, word in words.items()]
        if len(set(words.values())) > 1
        else list(words.values())[:1]
    )
    return f"{said}. {goal['text_passage']}" if goal["text_passage"] else said


def say_municipalities(goal: Mapping[Hashable, Any], language: Language) -> str:
    """Say whether a goal involves the municipalities, and what that rests on."""
    mark, basis = str(goal[MUNICIPALITIES]), str(goal[_BASIS_OF[MUNICIPALITIES]])
    return say(TEXTS[f"sentence_{mark}_{basis}"], language, edition=goal["mark_edition"])


def say_doubt(goal: Mapping[Hashable, Any], language: Language) -> str:
    """Say that a bullet of the Metropolitan City was probably lost, and in which table."""
    return say(TEXTS["doubtful_inherited" if table_of(goal) else "doubtful"], language, edition=goal["mark_edition"])


def say_tables(plan: Plan, language: Language) -> str:
    """Say that the levels of an edition are not marks of its document; empty where they are."""
    tables = tables_of(plan)
    return (
        say(
            "The document of {edition} has no columns of levels: who is involved is inherited from the "
            "table of {tables}, or said by the goal's own text.",
            language,
            edition=plan.edition.identifier,
            tables=tables,
        )
        if tables
        else ""
    )


def say_vision(plan: Plan, language: Language) -> str:
    """Say whose vision an edition confirms, and so has the marks of; empty where its own document has them."""
    confirmed = ", ".join(sorted(set(plan.vision["mark_edition"]) - {plan.edition.identifier}))
    return (
        say(
            "The document confirms the vision of edition {edition}: the marks are those of its table.",
            language,
            edition=confirmed,
        )
        if confirmed
        else ""
    )
