from itertools import product

import pandas as pd
import pytest

from psttm_geo.plan.levels import combine_marks, resolve_marks
from psttm_geo.schema.code_lists import GOAL_KEY, LEVEL_BASES, LEVELS, MARK_COLUMNS

Goal = tuple[str, int, int]

LINK = [f"{side}_{name}" for side in ("from", "to") for name in GOAL_KEY]

A1, A2, A3 = (("a", 1, number) for number in (1, 2, 3))
B1, B2 = (("b", 1, number) for number in (1, 2))
C1 = ("c", 1, 1)

SI, BLANK, UNKNOWN = "si", "non_indicato", "non_noto"


def resolve(
    written: dict[Goal, tuple[str, str, str, bool]], *links: tuple[Goal | None, Goal | None, str]
) -> dict[Goal, tuple[object, ...]]:
    """Give the marks, their basis and the doubt of every goal that is written or linked."""
    table = resolve_with_texts(written, *links)
    return {goal: tuple(row[name] for name in MARK_COLUMNS[:5]) for goal, row in table.items()}


def resolve_with_texts(
    written: dict[Goal, tuple[str, str, str, bool]],
    *links: tuple[Goal | None, Goal | None, str],
    texts: tuple[tuple[Goal, str, str], ...] = (),
) -> dict[Goal, dict[str, object]]:
    """Give all that is known of the levels of every goal that is written, linked or named by its text."""
    linked = [goal for link in links for goal in link[:2] if goal]
    goals = pd.DataFrame(list(dict.fromkeys([*written, *linked, *(text[0] for text in texts)])), columns=GOAL_KEY)
    marks = pd.DataFrame(
        [(*goal, *values) for goal, values in written.items()], columns=[*GOAL_KEY, *LEVELS, "doubtful"]
    )
    rows = [(*(before or ("", None, None)), *(after or ("", None, None)), kind) for before, after, kind in links]
    numbers = {name: "Int64" for name in LINK if not name.endswith("edition")}
    table = pd.DataFrame(rows, columns=[*LINK, "kind"]).astype(numbers)
    named = pd.DataFrame([(*goal, level, said) for goal, level, said in texts], columns=[*GOAL_KEY, "level", "passage"])
    resolved = resolve_marks(goals, marks, table, named)
    assert list(resolved.columns) == [*GOAL_KEY, *MARK_COLUMNS]
    assert resolved[GOAL_KEY].to_numpy().tolist() == goals.to_numpy().tolist()
    return {tuple(row[name] for name in GOAL_KEY): row for row in resolved.to_dict("records")}


NOTHING = (UNKNOWN, UNKNOWN, UNKNOWN, "none", False)


@pytest.mark.parametrize(("first", "second"), list(product((SI, UNKNOWN, BLANK), repeat=2)))
def test_of_two_marks_si_wins_then_unknown_then_blank(first: str, second: str) -> None:
    expected = {
        frozenset({SI}): SI,
        frozenset({BLANK}): BLANK,
        frozenset({SI, BLANK}): SI,
        frozenset({SI, UNKNOWN}): SI,
    }
    assert combine_marks([first, second]) == expected.get(frozenset({first, second}), UNKNOWN)


@pytest.mark.parametrize("mark", [SI, UNKNOWN, BLANK])
def test_one_mark_stays_as_it_is(mark: str) -> None:
    assert combine_marks([mark]) == mark


def test_no_mark_is_unknown() -> None:
    assert combine_marks([]) == UNKNOWN


def test_a_goal_that_continues_takes_its_marks_over() -> None:
    found = resolve({A1: (SI, BLANK, BLANK, False)}, (A1, B1, "continued"))
    assert found[A1] == (SI, BLANK, BLANK, "document", False)
    assert found[B1] == (SI, BLANK, BLANK, "inherited", False)


@pytest.mark.parametrize("kind", ["continued", "reworded", "changed", "extended", "narrowed", "merged", "split"])
def test_every_link_between_two_goals_inherits(kind: str) -> None:
    assert resolve({A1: (SI, SI, BLANK, False)}, (A1, B1, kind))[B1] == (SI, SI, BLANK, "inherited", False)


def test_the_document_is_worth_more_than_what_would_be_inherited() -> None:
    found = resolve({A1: (SI, SI, SI, True), B1: (SI, BLANK, BLANK, False)}, (A1, B1, "continued"))
    assert found[B1] == (SI, BLANK, BLANK, "document", False)


def test_a_merged_goal_combines_level_by_level() -> None:
    found = resolve(
        {A1: (SI, BLANK, BLANK, False), A2: (BLANK, SI, BLANK, False)}, (A1, B1, "merged"), (A2, B1, "merged")
    )
    assert found[B1] == (SI, SI, BLANK, "inherited", False)


def test_a_merged_goal_with_an_illegible_origin_is_unknown_where_the_other_is_blank() -> None:
    written = {A1: (SI, BLANK, BLANK, False), A2: (UNKNOWN, UNKNOWN, UNKNOWN, False)}
    found = resolve(written, (A1, B1, "merged"), (A2, B1, "merged"))
    assert found[B1] == (SI, UNKNOWN, UNKNOWN, "inherited", False)


def test_a_split_goal_hands_a_copy_to_each_heir() -> None:
    found = resolve({A1: (BLANK, SI, SI, True)}, (A1, B1, "split"), (A1, B2, "split"))
    assert found[B1] == found[B2] == (BLANK, SI, SI, "inherited", True)


def test_marks_go_through_an_edition_that_writes_none() -> None:
    found = resolve({A1: (SI, SI, BLANK, False)}, (A1, B1, "reworded"), (B1, C1, "continued"))
    assert found[C1] == (SI, SI, BLANK, "inherited", False)


def test_marks_of_the_nearest_edition_count() -> None:
    written = {A1: (SI, SI, BLANK, True), B1: (BLANK, BLANK, SI, False)}
    found = resolve(written, (A1, B1, "continued"), (B1, C1, "continued"))
    assert found[C1] == (BLANK, BLANK, SI, "inherited", False)


def test_a_new_goal_without_columns_is_unknown() -> None:
    assert resolve({}, (None, B1, "new"))[B1] == NOTHING


def test_what_continues_a_new_goal_is_unknown_too() -> None:
    assert resolve({}, (None, B1, "new"), (B1, C1, "continued"))[C1] == NOTHING


def test_a_goal_that_nothing_links_is_unknown_and_a_dropped_one_keeps_its_marks() -> None:
    found = resolve({A1: (SI, BLANK, BLANK, False)}, (A1, None, "dropped"), (None, B1, "new"))
    assert found == {A1: (SI, BLANK, BLANK, "document", False), B1: NOTHING}


def test_illegible_marks_are_inherited_as_illegible() -> None:
    found = resolve({A1: (UNKNOWN, UNKNOWN, UNKNOWN, False)}, (A1, B1, "continued"))
    assert found[B1] == (UNKNOWN, UNKNOWN, UNKNOWN, "inherited", False)


def test_the_doubt_of_any_origin_is_carried_on() -> None:
    written = {A1: (SI, SI, BLANK, False), A2: (BLANK, SI, BLANK, True), A3: (SI, BLANK, BLANK, False)}
    found = resolve(written, (A1, B1, "merged"), (A2, B1, "merged"), (A3, B2, "continued"), (B1, C1, "continued"))
    assert [found[goal][-1] for goal in (B1, B2, C1)] == [True, False, True]


def bases(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in LEVEL_BASES)


def marks(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in LEVELS)


def test_a_level_that_the_text_names_is_marked_and_the_others_are_inherited() -> None:
    found = resolve_with_texts(
        {A1: (SI, BLANK, BLANK, False)}, (A1, B1, "changed"), texts=((B1, "municipalities", "I Comuni (riga 7)"),)
    )[B1]
    assert marks(found) == (SI, SI, BLANK)
    assert bases(found) == ("inherited", "from_text", "inherited")
    assert (found["mark_basis"], found["mark_edition"], found["text_passage"]) == (
        "from_text",
        "a",
        "I Comuni (riga 7)",
    )


def test_the_text_of_a_new_goal_leaves_unknown_what_it_does_not_name() -> None:
    named = ((B1, "municipalities", "x"), (B1, "others", "y"))
    found = resolve_with_texts({}, (None, B1, "new"), texts=named)[B1]
    assert marks(found) == (UNKNOWN, SI, SI)
    assert bases(found) == ("none", "from_text", "from_text")
    assert (found["mark_basis"], found["mark_edition"], found["text_passage"]) == ("from_text", "", "x; y")


def test_the_text_speaks_where_the_row_of_the_document_is_not_legible_and_nowhere_else() -> None:
    written = {A1: (UNKNOWN, UNKNOWN, UNKNOWN, False), A2: (SI, BLANK, BLANK, False)}
    texts = ((A1, "municipalities", "x"), (A2, "municipalities", "y"))
    found = resolve_with_texts(written, texts=texts)
    assert (marks(found[A1]), bases(found[A1])) == ((UNKNOWN, SI, UNKNOWN), ("document", "from_text", "document"))
    assert (marks(found[A2]), bases(found[A2])) == ((SI, BLANK, BLANK), ("document",) * 3)
    assert (found[A2]["mark_basis"], found[A2]["text_passage"]) == ("document", "")


def test_what_a_text_names_is_handed_on_as_inherited() -> None:
    texts = ((B1, "municipalities", "x"),)
    found = resolve_with_texts({}, (None, B1, "new"), (B1, C1, "continued"), texts=texts)[C1]
    assert (marks(found), bases(found)) == ((UNKNOWN, SI, UNKNOWN), ("inherited",) * 3)
    assert (found["mark_basis"], found["mark_edition"], found["text_passage"]) == ("inherited", "b", "")


def test_a_doubt_about_the_city_ends_where_the_text_names_it() -> None:
    written = {A1: (BLANK, SI, BLANK, True)}
    links = ((A1, B1, "continued"), (A1, B2, "split"))
    found = resolve_with_texts(written, *links, texts=((B1, "metropolitan_city", "x"), (B2, "others", "y")))
    assert [found[goal]["doubtful"] for goal in (A1, B1, B2)] == [True, False, True]


def test_the_tables_that_marks_come_from_are_named_once_each() -> None:
    written = {A1: (SI, BLANK, BLANK, False), A2: (SI, SI, BLANK, False), B2: (SI, SI, SI, False)}
    links = ((A1, B1, "merged"), (A2, B1, "merged"), (B1, C1, "merged"), (B2, C1, "merged"), (None, A3, "new"))
    found = resolve_with_texts(written, *links)
    assert [found[goal]["mark_edition"] for goal in (A1, B1, C1, A3)] == ["a", "a", "a, b", ""]
