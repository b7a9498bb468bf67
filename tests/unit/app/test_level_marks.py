"""What pages say of who acts: the words follow what a mark rests on."""

import dataclasses
from typing import Any

import pandas as pd
import pytest

from psttm_geo.app.state import GoalFilters
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.app.views import goal_view, level_marks
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.records import Plan
from psttm_geo.schema.code_lists import LEVEL_BASES, LEVELS

BLANK = "non_indicato"

LANGUAGES: tuple[Language, ...] = ("it", "en")


def goal(
    marks: tuple[str, str, str], bases: tuple[str, str, str], table: str = "a", passage: str = ""
) -> dict[str, Any]:
    """Give a goal of the edition b with its marks, the basis of each, and the edition whose table they come from."""
    return {
        "edition": "b",
        **dict(zip(LEVELS, marks, strict=True)),
        **dict(zip(LEVEL_BASES, bases, strict=True)),
        "mark_edition": table,
        "text_passage": passage,
    }


OWN = goal(("si", BLANK, BLANK), ("document",) * 3, "b")
HEIR = goal(("si", BLANK, BLANK), ("inherited",) * 3)
UNKNOWN_HEIR = goal(("non_noto",) * 3, ("inherited",) * 3)
NAMED = goal(("si", "si", BLANK), ("inherited", "from_text", "inherited"), passage="I Comuni firmano (riga 7)")
NEW = goal(("non_noto",) * 3, ("none",) * 3, "")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (OWN, ["sì", "non indicato nella tabella", "non indicato nella tabella"]),
        (HEIR, ["sì", "non indicato nella tabella a", "non indicato nella tabella a"]),
        (NAMED, ["sì", "sì", "non indicato nella tabella a"]),
        (NEW, ["non noto"] * 3),
    ],
    ids=["own table", "inherited", "named by its text", "new"],
)
def test_a_blank_cell_is_called_by_one_name_with_the_table_it_stands_in(
    row: dict[str, Any], expected: list[str]
) -> None:
    assert [level_marks.level_word(row, level, "it") for level in LEVELS] == expected


def test_the_basis_is_said_once_or_level_by_level_with_the_passage() -> None:
    assert level_marks.say_bases(OWN, "it") == "tabella del documento"
    assert level_marks.say_bases(HEIR, "en") == "inherited from edition a"
    assert level_marks.say_bases(NAMED, "it") == (
        "Città metropolitana: ereditato dall'edizione a; Comuni: testo dell'obiettivo; "
        "Corpi intermedi e altri: ereditato dall'edizione a. I Comuni firmano (riga 7)"
    )
    assert level_marks.basis_words(pd.DataFrame([OWN, NAMED, NEW]), "municipalities", "it") == [
        "tabella del documento",
        "testo dell'obiettivo",
        "nessuna: obiettivo nuovo",
    ]


@pytest.mark.parametrize("row", [HEIR, UNKNOWN_HEIR, NAMED, NEW], ids=["blank", "unknown", "named", "new"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_table_of_the_document_holds_is_never_called_a_mark_of_it(
    row: dict[str, Any], language: Language
) -> None:
    said = level_marks.say_municipalities(row, language)
    assert not any(phrase in said for phrase in ("tabella del documento", "riga del documento", "document's"))
    assert said


def test_a_mark_of_the_document_is_said_to_be_one() -> None:
    assert (
        level_marks.say_municipalities(OWN, "it") == "Il livello dei Comuni non è indicato nella tabella del documento."
    )
    unread = goal(("non_noto",) * 3, ("document",) * 3, "b")
    assert "nella riga del documento nessun segno è leggibile" in level_marks.say_municipalities(unread, "it")


def test_every_mark_and_basis_that_can_meet_has_its_sentence() -> None:
    together = {"si": LEVEL_KINDS, BLANK: LEVEL_KINDS[:2], "non_noto": (*LEVEL_KINDS[:2], "none")}
    for mark, bases in together.items():
        assert {f"sentence_{mark}_{basis}" for basis in bases} <= TEXTS.keys()


LEVEL_KINDS = ("document", "inherited", "from_text")


def test_the_doubt_names_the_table_that_lost_a_mark() -> None:
    assert "tabella a" in level_marks.say_doubt(HEIR, "it")
    assert level_marks.say_doubt(OWN, "it") == say(TEXTS["doubtful"], "it")


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_an_edition_without_columns_says_where_its_levels_come_from(
    territory: Territory, language: Language
) -> None:
    before, after = territory.plan.plans
    assert level_marks.say_tables(before, language) == ""
    assert level_marks.say_vision(before, language) == ""
    assert "2022-2024" in level_marks.say_tables(after, language)
    assert "2022-2024" in level_marks.say_vision(after, language)


def marked(plan: Plan, **marks: str) -> Plan:
    """Give a plan whose vision marks one key word so, by mission."""
    rows = [("x", int(name.removeprefix("m")), mark, plan.edition.identifier) for name, mark in marks.items()]
    return dataclasses.replace(plan, vision=pd.DataFrame(rows, columns=["key_word", "mission", "mark", "mark_edition"]))


def missions(plan: Plan) -> list[int]:
    return sorted(set(goal_view.filter_goals(plan, GoalFilters(None, None, "x", ""))["mission"]))


def test_a_key_word_lists_the_missions_that_are_marked(territory: Territory) -> None:
    plan = marked(
        territory.plan.plans[0], m1="si", m2="non_noto", m3="non_indicato", m4="si", m5="non_noto", m6="non_noto"
    )
    assert missions(plan) == [1, 4]
    marks = goal_view.key_word_marks(plan, "x")
    assert marks.value_counts().to_dict() == {"si": 27, "non_noto": 35, "non_indicato": 13}


def test_a_key_word_without_a_legible_mark_leaves_out_only_what_is_known_not_to_be_marked(territory: Territory) -> None:
    plan = marked(territory.plan.plans[0], m1="non_noto", m2="non_indicato", m3="non_noto")
    assert missions(plan) == [1, 3, 4, 5, 6], "a mission of which the vision says nothing is not known either"


def test_no_key_word_of_either_edition_is_answered_with_no_goal(territory: Territory) -> None:
    for plan in territory.plan.plans:
        counts = {
            word: len(goal_view.filter_goals(plan, GoalFilters(None, None, word, "")))
            for word in territory.plan.key_words["key_word"]
        }
        assert all(counts.values())
        assert counts["connettivita"] == counts["attrattivita"] == len(plan.goals)
    assert counts == {"sostenibilita": 32, "connettivita": 75, "prossimita": 28, "inclusione": 13, "attrattivita": 75}
