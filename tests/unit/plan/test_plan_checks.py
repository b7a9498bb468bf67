from collections.abc import Callable

import pandas as pd
import pytest

from psttm_geo.plan.plan_checks import plan_faults
from psttm_geo.schema.contracts import contract_faults
from psttm_geo.schema.data_tables import Register

Tables = dict[str, pd.DataFrame]

GOAL = "edition,mission,number"

LINK = ",".join(f"{side}_{name}" for side in ("from", "to") for name in GOAL.split(","))


def table(header: str, *rows: str) -> pd.DataFrame:
    return pd.DataFrame([row.split(",") for row in rows], columns=header.split(","), dtype="str")


@pytest.fixture
def tables() -> Tables:
    """Give two editions of one mission: two goals, of which one goes on and one is dropped, and a new one."""
    return {
        "editions.csv": table("edition", "a", "b"),
        "missions.csv": table("edition,mission,goal_count", "a,1,2", "b,1,2"),
        "key_words.csv": table("key_word", "verde"),
        "goals.csv": table(GOAL, "a,1,1", "a,1,2", "b,1,1", "b,1,2"),
        "goal_marks.csv": table(
            f"{GOAL},metropolitan_city,municipalities,others",
            "a,1,1,si,si,non_indicato",
            "a,1,2,non_noto,non_noto,non_noto",
        ),
        "goal_links.csv": table(f"{LINK},kind", "a,1,1,b,1,1,continued", "a,1,2,,,,dropped", ",,,b,1,2,new"),
        "vision.csv": table("edition,key_word,mission,mark", "a,verde,1,si", "b,verde,1,non_noto"),
        "drivers.csv": table("edition,driver", "a,1", "b,1"),
        "driver_missions.csv": table("edition,driver,mission", "a,1,1", "b,1,1"),
        "driver_goals.csv": table("edition,driver,mission,number", "a,1,1,1", "b,1,1,2"),
        "partnerships.csv": table("edition,number", "a,1", "b,1"),
        "scopes.csv": table(
            f"{GOAL},scope,parameter",
            "a,1,1,whole_area,",
            "a,1,2,named,canali",
            "b,1,1,feature,x",
            "b,1,2,figure,residenti<5",
        ),
        "focuses.csv": table(f"{GOAL},rule,parameter", "a,1,1,named,canali", "a,1,1,unlisted,", "b,1,2,feature,x"),
        "scope_lists.csv": table("list,municipality_code,municipality", "canali,015001,Alfa"),
        "zones.csv": table("municipality_code,municipality", "015001,Alfa", "015002,Beta"),
        "sources.csv": table("source", "doc"),
        "goal_text_levels.csv": table(
            f"{GOAL},level,source,first_line,last_line", "a,1,2,others,doc,3,3", "b,1,2,municipalities,doc,9,10"
        ),
        "vision_confirmations.csv": table("edition,confirmed,source,first_line,last_line", "b,a,doc,1,2"),
        "partner_links.csv": table("edition,number,kind,partner_edition,partner_number", "b,1,same,a,1"),
        "measure_drivers.csv": table("measure,edition,driver", "M1C1I1,,1", "M1C1I1,,1", "M2C1I1,b,1", "M2C1I1,b,1"),
        "measure_goals.csv": table(f"measure,{GOAL}", "M1C1I1,a,1,1", "M1C1I1,b,1,2"),
    }


def test_tables_that_agree_have_no_fault(tables: Tables) -> None:
    assert plan_faults(tables) == []


def put(name: str, row: int, **cells: str) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        for column, value in cells.items():
            tables[name].loc[row, column] = value

    return spoil


def drop(name: str, row: int) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        tables[name] = tables[name].drop(index=row)

    return spoil


def add(name: str, text: str) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        more = table(",".join(tables[name].columns), text)
        tables[name] = pd.concat([tables[name], more], ignore_index=True)

    return spoil


FAULTS = {
    "goal without link": (drop("goal_links.csv", 2), "goals.csv", 5, "goal b 1.2 has no link"),
    "link from an unknown goal": (
        put("goal_links.csv", 1, from_number="9"),
        "goal_links.csv",
        3,
        "goal a 1.9 is not in goals.csv",
    ),
    "link to an unknown goal": (
        put("goal_links.csv", 0, to_edition="z"),
        "goal_links.csv",
        2,
        "goal z 1.1 is not in goals.csv",
    ),
    "new with an origin": (put("goal_links.csv", 0, kind="new"), "goal_links.csv", 2, "“new” does not go with"),
    "dropped with an heir": (put("goal_links.csv", 0, kind="dropped"), "goal_links.csv", 2, "“dropped” does not go"),
    "continued without heir": (put("goal_links.csv", 1, kind="continued"), "goal_links.csv", 3, "“continued” does not"),
    "split without origin": (put("goal_links.csv", 2, kind="split"), "goal_links.csv", 4, "“split” does not go with"),
    "link half filled": (put("goal_links.csv", 1, to_edition="b"), "goal_links.csv", 3, "is not in goals.csv"),
    "link within an edition": (put("goal_links.csv", 0, to_edition="a", to_number="2"), "goal_links.csv", 2, "edition"),
    "link of a goal to itself": (put("goal_links.csv", 0, to_edition="a"), "goal_links.csv", 2, "edition"),
    "link backwards": (put("goal_links.csv", 0, from_edition="b", to_edition="a"), "goal_links.csv", 2, "edition"),
    "goal without scope": (drop("scopes.csv", 1), "goals.csv", 3, "goal a 1.2 has no scope"),
    "scope of an unknown goal": (put("scopes.csv", 1, number="9"), "scopes.csv", 3, "“a, 1, 9” is not in goals.csv"),
    "parameter missing": (put("scopes.csv", 2, parameter=""), "scopes.csv", 4, "the scope “feature” needs a parameter"),
    "parameter too many": (put("scopes.csv", 0, parameter="x"), "scopes.csv", 2, "“whole_area” takes no parameter"),
    "unknown list": (put("scopes.csv", 1, parameter="laghi"), "scopes.csv", 3, "the list “laghi” is not in"),
    "focus of an unknown goal": (put("focuses.csv", 0, number="9"), "focuses.csv", 2, "“a, 1, 9” is not in goals.csv"),
    "focus without its list": (put("focuses.csv", 0, parameter="laghi"), "focuses.csv", 2, "the list “laghi” is not"),
    "focus of no figure": (put("focuses.csv", 2, rule="figure", parameter="r<5"), "focuses.csv", 4, "residenti<NUMBER"),
    "unlisted with a parameter": (put("focuses.csv", 1, parameter="x"), "focuses.csv", 3, "takes no parameter"),
    "scope of no figure": (
        put("scopes.csv", 3, parameter="residenti<"),
        "scopes.csv",
        5,
        "residenti<NUMBER or periurb",
    ),
    "goals too few": (put("missions.csv", 0, goal_count="3"), "missions.csv", 2, "mission 1 of a: expected goals 1-3"),
    "goals too many": (put("missions.csv", 1, goal_count="1"), "missions.csv", 3, "missing or too many: 2"),
    "goals not numbered on": (put("goals.csv", 3, number="3"), "missions.csv", 3, "missing or too many: 2, 3"),
    "blank without a mark": (
        put("goal_marks.csv", 0, metropolitan_city="non_indicato", municipalities="non_indicato"),
        "goal_marks.csv",
        2,
        "contradicting marks",
    ),
    "illegible beside a mark": (put("goal_marks.csv", 1, others="si"), "goal_marks.csv", 3, "contradicting marks"),
    "illegible beside a blank": (put("goal_marks.csv", 0, others="non_noto"), "goal_marks.csv", 2, "contradicting"),
    "marks of an unknown goal": (put("goal_marks.csv", 1, number="9"), "goal_marks.csv", 3, "“a, 1, 9” is not in"),
    "unknown driver of a goal": (put("driver_goals.csv", 1, driver="7"), "driver_goals.csv", 3, "“b, 7” is not in dri"),
    "unknown driver of a mission": (put("driver_missions.csv", 0, driver="7"), "driver_missions.csv", 2, "“a, 7” is"),
    "unknown goal of a driver": (put("driver_goals.csv", 0, number="9"), "driver_goals.csv", 2, "“a, 1, 9” is not in"),
    "unknown mission of a driver": (put("driver_missions.csv", 1, mission="9"), "driver_missions.csv", 3, "“b, 9” is"),
    "unknown mission of a goal": (add("goals.csv", "b,9,1"), "goals.csv", 6, "“b, 9” is not in missions.csv"),
    "unknown edition of a mission": (add("missions.csv", "z,1,0"), "missions.csv", 4, "“z” is not in editions.csv"),
    "unknown edition of a driver": (add("drivers.csv", "z,1"), "drivers.csv", 4, "“z” is not in editions.csv"),
    "unknown edition of a partner": (add("partnerships.csv", "z,1"), "partnerships.csv", 4, "“z” is not in editions"),
    "unknown key word": (add("vision.csv", "a,blu,1,si"), "vision.csv", 4, "“blu” is not in key_words.csv"),
    "missing row of the vision": (drop("vision.csv", 1), "vision.csv", None, "the row b, verde, mission 1 is missing"),
    "text of an unknown goal": (put("goal_text_levels.csv", 0, number="9"), "goal_text_levels.csv", 2, "“a, 1, 9” is"),
    "text where the table is legible": (
        put("goal_text_levels.csv", 0, number="1"),
        "goal_text_levels.csv",
        2,
        "the levels of goal a 1.1 are legible in the document's table",
    ),
    "text of an unknown document": (
        put("goal_text_levels.csv", 1, source="z"),
        "goal_text_levels.csv",
        3,
        "“z” is not in sources.csv",
    ),
    "lines backwards": (put("goal_text_levels.csv", 1, last_line="8"), "goal_text_levels.csv", 3, "go from 9 to 8"),
    "confirmed of no edition": (
        put("vision_confirmations.csv", 0, confirmed="z"),
        "vision_confirmations.csv",
        2,
        "“z” is not in editions.csv",
    ),
    "a later vision confirmed": (
        put("vision_confirmations.csv", 0, edition="a", confirmed="b"),
        "vision_confirmations.csv",
        2,
        "a cannot confirm the vision of b",
    ),
    "a vision that confirms itself": (
        put("vision_confirmations.csv", 0, confirmed="b"),
        "vision_confirmations.csv",
        2,
        "b cannot confirm the vision of b",
    ),
    "lines of a vision backwards": (
        put("vision_confirmations.csv", 0, first_line="4"),
        "vision_confirmations.csv",
        2,
        "go from 4 to 2",
    ),
    "link of an unknown partner": (put("partner_links.csv", 0, number="7"), "partner_links.csv", 2, "“b, 7” is not in"),
    "link to an unknown partner": (
        put("partner_links.csv", 0, partner_number="7"),
        "partner_links.csv",
        2,
        "“a, 7” is not in partnerships.csv",
    ),
    "wrong name in a list": (
        put("scope_lists.csv", 0, municipality="Alpha"),
        "scope_lists.csv",
        2,
        "“015001, Alpha” is not in zones.csv",
    ),
    "unknown code in a list": (
        put("scope_lists.csv", 0, municipality_code="015999"),
        "scope_lists.csv",
        2,
        "“015999, Alfa” is not in zones.csv",
    ),
}


FAULTS |= {
    "measure of two editions": (
        put("measure_drivers.csv", 3, edition=""),
        "measure_drivers.csv",
        5,
        "measure M2C1I1 is of edition “” here and of “b” on another row",
    ),
    "measure of no driver": (put("measure_drivers.csv", 0, driver="3"), "measure_drivers.csv", 2, "“3” is not in"),
    "measure of a driver of another edition": (
        put("measure_drivers.csv", 2, edition="z"),
        "measure_drivers.csv",
        4,
        "“z, 1” is not in drivers.csv",
    ),
    "measure of no goal": (put("measure_goals.csv", 1, number="9"), "measure_goals.csv", 3, "“b, 1, 9” is not in"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_where_it_stands(
    tables: Tables, fault: tuple[Callable[[Tables], None], str, int | None, str]
) -> None:
    spoil, file, row, said = fault
    spoil(tables)
    faults = plan_faults(tables)
    assert [(found.file, found.row) for found in faults if found.file == file and said in found.text.en] == [
        (file, row)
    ]
    assert all(found.text.it and found.text.it != found.text.en for found in faults)


def test_rows_are_counted_in_the_file_even_where_lines_are_blank(tables: Tables) -> None:
    tables["scopes.csv"] = tables["scopes.csv"].set_axis([0, 1, 5, 6])
    put("scopes.csv", 5, parameter="")(tables)
    assert [(fault.file, fault.row) for fault in plan_faults(tables)] == [("scopes.csv", 7)]


def test_all_faults_are_found_at_once(tables: Tables) -> None:
    for name in ("goal without scope", "missing row of the vision", "unknown driver of a goal"):
        FAULTS[name][0](tables)
    assert {fault.file for fault in plan_faults(tables)} == {"goals.csv", "vision.csv", "driver_goals.csv"}


@pytest.mark.parametrize("name", ["goal_text_levels.csv", "vision_confirmations.csv", "partner_links.csv"])
def test_without_a_table_of_readings_the_others_are_compared(tables: Tables, name: str) -> None:
    drop("goal_links.csv", 2)(tables)
    del tables[name]
    assert {fault.file for fault in plan_faults(tables)} == {"goals.csv"}


def test_a_feature_that_no_tag_selects_is_a_fault_of_every_rule_that_asks_for_it(tables: Tables) -> None:
    tables["features.csv"] = table("feature", "y")
    assert [(fault.file, fault.row) for fault in plan_faults(tables)] == [("scopes.csv", 4), ("focuses.csv", 4)]
    tables["features.csv"] = table("feature", "x")
    assert plan_faults(tables) == []


@pytest.mark.parametrize("name", ["goals.csv", "zones.csv", "missions.csv", "focuses.csv"])
def test_without_one_of_the_tables_nothing_is_compared(tables: Tables, name: str) -> None:
    drop("goal_links.csv", 2)(tables)
    del tables[name]
    assert plan_faults(tables) == []


KEYED = ["goals.csv", "goal_marks.csv", "goal_links.csv", "scopes.csv", "vision.csv", "missions.csv", "drivers.csv"]
KEYED += ["focuses.csv"]


@pytest.mark.parametrize(
    "name",
    [
        *(*KEYED, "driver_missions.csv", "driver_goals.csv", "partnerships.csv", "goal_text_levels.csv"),
        *("measure_drivers.csv", "measure_goals.csv"),
    ],
)
def test_a_repeated_key_is_one_fault_of_the_later_row(register: Register, name: str) -> None:
    original = register.tables[name]
    repeated = pd.concat([original, original.iloc[[3]]], ignore_index=True)
    faults = contract_faults(name, repeated)
    assert len(original) + 2 in {fault.row for fault in faults}
    assert {fault.row for fault in faults} <= {5, len(original) + 2}
    assert all("repeats the key" in fault.text.en for fault in faults)


CELLS = {
    "title too long": ("goals.csv", "title_it", "x" * 111, "a title of at most 110 characters"),
    "mark in words": ("goal_marks.csv", "others", "no", "si, non_indicato or non_noto"),
    "vision in words": ("vision.csv", "mark", "no", "si, non_indicato or non_noto"),
    "doubt in English": ("goal_marks.csv", "doubtful", "yes", "si or no"),
    "unknown kind of link": ("goal_links.csv", "kind", "gone", "a link: continued"),
    "unknown level": ("goal_text_levels.csv", "level", "comuni", "a level: metropolitan_city"),
    "line in words": ("goal_text_levels.csv", "first_line", "0", "a whole number"),
    "unknown kind of partner link": ("partner_links.csv", "kind", "like", "a link: same, names"),
    "unknown scope": ("scopes.csv", "scope", "somewhere", "a scope: whole_area"),
    "unknown focus": ("focuses.csv", "rule", "whole_area", "a rule: unlisted"),
    "scope without a reason": ("scopes.csv", "reason_en", "", "a text that is not blank"),
    "number in words": ("goals.csv", "number", "one", "a whole number"),
    "unknown basis": ("drivers.csv", "title_basis", "guess", "document, inherited or editorial"),
    "fact without words": ("scope_lists.csv", "fact_it", "", "a text that is not blank"),
    "projects in words": ("editions.csv", "project_count", "many", "a whole number"),
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_that_breaks_its_contract_is_named(register: Register, cell: tuple[str, str, str, str]) -> None:
    name, column, value, expected = cell
    broken = register.tables[name].copy()
    broken.loc[1, column] = value
    (fault,) = contract_faults(name, broken)
    assert (fault.file, fault.row) == (name, 3)
    assert f"“{column}” is “{value}”, expected {expected}" in fault.text.en


def test_a_title_of_110_characters_is_accepted(register: Register) -> None:
    goals = register.tables["goals.csv"].copy()
    goals.loc[0, "title_it"] = "x" * 110
    assert contract_faults("goals.csv", goals) == []
