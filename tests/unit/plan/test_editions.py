import pandas as pd
import pytest

from psttm_geo.core.messages import Text
from psttm_geo.jobs import Territory
from psttm_geo.plan.editions import build_plans, with_numbers
from psttm_geo.plan.records import Plan
from psttm_geo.schema.code_lists import GOAL_KEY, LEVEL_BASES, LEVELS
from psttm_geo.schema.data_tables import Register

DOUBTFUL = {(2, 6), (2, 7), (2, 10), (2, 14), (2, 16), (4, 1), (6, 1), (6, 2), (6, 3)}


@pytest.fixture(scope="session")
def plans(register: Register) -> dict[str, Plan]:
    return {plan.edition.identifier: plan for plan in build_plans(register.tables, ())}


@pytest.fixture(scope="session")
def before(plans: dict[str, Plan]) -> Plan:
    return plans["2022-2024"]


@pytest.fixture(scope="session")
def after(plans: dict[str, Plan]) -> Plan:
    return plans["2025-2027"]


def goal(plan: Plan, mission: int, number: int) -> dict[str, object]:
    return plan.goals.set_index(["mission", "number"]).loc[(mission, number)].to_dict()


def test_an_edition_is_its_row(plans: dict[str, Plan], register: Register) -> None:
    rows = register.tables["editions.csv"].set_index("edition").to_dict("index")
    for name, row in rows.items():
        edition = plans[str(name)].edition
        assert (edition.title.it, edition.title.en) == (row["title_it"], row["title_en"])
        assert [edition.approved_on, edition.approval_act, edition.boundary_date, edition.source] == [
            row[column] for column in ("approved_on", "approval_act", "boundary_date", "source")
        ]
    counted, told = plans["2022-2024"].edition.counted, register.tables["counted_projects.csv"].iloc[0]
    assert counted is not None
    assert (counted.kind, counted.note) == (
        Text(told["kind_it"], told["kind_en"]),
        Text(told["note_it"], told["note_en"]),
    )
    assert counted.reference == told["reference"]


@pytest.mark.parametrize(
    ("edition", "counts"), [("2022-2024", [18, 18, 13, 9, 13, 4]), ("2025-2027", [15, 17, 15, 11, 13, 4])]
)
def test_goals_by_mission_are_those_of_the_documents(plans: dict[str, Plan], edition: str, counts: list[int]) -> None:
    goals = plans[edition].goals
    assert goals.groupby("mission").size().to_list() == counts
    assert len(goals) == 75
    assert goals.groupby("mission")["number"].apply(list).to_list() == [list(range(1, count + 1)) for count in counts]
    assert plans[edition].missions["mission"].to_list() == [1, 2, 3, 4, 5, 6]


def test_the_bullets_of_2022_2024_are_counted(register: Register) -> None:
    patterns = register.tables["goal_marks.csv"][list(LEVELS)].apply("|".join, axis=1)
    assert patterns.value_counts().to_dict() == {
        "non_noto|non_noto|non_noto": 23,
        "si|si|non_indicato": 24,
        "si|non_indicato|non_indicato": 13,
        "non_indicato|si|non_indicato": 11,
        "si|si|si": 3,
        "si|non_indicato|si": 1,
    }


NAMED_BEFORE = {(2, 5): ["others"], (4, 7): ["others"], (4, 9): ["metropolitan_city", "municipalities"]}

NAMED_AFTER = {
    **{goal: ["municipalities"] for goal in [(1, 13), (2, 13), (3, 3), (3, 4), (6, 1)]},
    **{goal: ["municipalities", "others"] for goal in [(2, 1), (5, 7)]},
    **{goal: ["others"] for goal in [(2, 5), (3, 5), (4, 2), (4, 4), (4, 7), (4, 11), (5, 6), (5, 13), (6, 3)]},
    (2, 17): ["metropolitan_city"],
    (4, 9): ["metropolitan_city", "municipalities"],
}


@pytest.mark.parametrize(("edition", "named"), [("2022-2024", NAMED_BEFORE), ("2025-2027", NAMED_AFTER)])
def test_levels_that_the_goals_name_themselves_are_marked_with_their_passage(
    plans: dict[str, Plan], edition: str, named: dict[tuple[int, int], list[str]]
) -> None:
    rows = plans[edition].goals
    mine = rows[rows["mark_basis"] == "from_text"]
    found = {
        (row["mission"], row["number"]): [
            level for level, basis in zip(LEVELS, LEVEL_BASES, strict=True) if row[basis] == "from_text"
        ]
        for row in mine.to_dict("records")
    }
    assert found == named
    for row in mine.to_dict("records"):
        assert all(row[level] == "si" for level in named[row["mission"], row["number"]])
    assert mine["text_passage"].str.contains(r" \(rig(?:a \d+|he \d+-\d+)\)$").all()
    assert not rows.drop(mine.index)["text_passage"].any()


def test_what_the_document_of_2022_2024_prints_stays_as_it_prints_it(before: Plan, register: Register) -> None:
    marks = with_numbers(register.tables["goal_marks.csv"]).set_index(["mission", "number"])
    rows = before.goals.set_index(["mission", "number"])
    assert set(rows["mark_edition"]) == {"2022-2024"}
    for level, basis in zip(LEVELS, LEVEL_BASES, strict=True):
        printed = rows[rows[basis] == "document"]
        assert printed[level].to_list() == marks.loc[printed.index, level].to_list()
        assert set(marks.loc[rows.index.difference(printed.index), level]) <= {"non_noto"}


def test_exactly_the_nine_rows_that_lost_a_bullet_are_doubtful(before: Plan) -> None:
    doubtful = before.goals[before.goals["doubtful"]]
    assert set(zip(doubtful["mission"], doubtful["number"], strict=True)) == DOUBTFUL
    assert set(doubtful["metropolitan_city"]) == {"non_indicato"}
    assert set(doubtful["municipalities"]) == {"si"}


def test_blank_cells_are_never_no(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        assert set(plan.goals[list(LEVELS)].to_numpy().ravel()) <= {"si", "non_indicato", "non_noto"}
        assert set(plan.vision["mark"]) <= {"si", "non_indicato", "non_noto"}


def test_goals_of_2025_2027_inherit_or_are_unknown(after: Plan, register: Register) -> None:
    links = with_numbers(register.tables["goal_links.csv"])
    heirs = links[~links["kind"].isin(["new", "dropped"])]
    expected = set(zip(heirs["to_mission"], heirs["to_number"], strict=True))
    inherited = after.goals[after.goals["mark_edition"] != ""]
    assert set(zip(inherited["mission"], inherited["number"], strict=True)) == expected
    assert set(inherited["mark_edition"]) == {"2022-2024"}
    assert set(inherited["mark_basis"]) == {"inherited", "from_text"}
    rest = after.goals.drop(inherited.index)
    assert len(rest) == 6
    assert set(rest["mark_basis"]) == {"none", "from_text"}
    for level, basis in zip(LEVELS, LEVEL_BASES, strict=True):
        assert "document" not in set(after.goals[basis])
        assert (rest[level] == rest[basis].map({"none": "non_noto", "from_text": "si"})).all()


def test_the_doubt_of_2022_2024_is_carried_to_what_continues_it(after: Plan, register: Register) -> None:
    links = with_numbers(register.tables["goal_links.csv"])
    heirs = links[links["to_number"].notna() & links["from_number"].notna()]
    expected = {
        (row.to_mission, row.to_number) for row in heirs.itertuples() if (row.from_mission, row.from_number) in DOUBTFUL
    }
    doubtful = after.goals[after.goals["doubtful"]]
    assert set(zip(doubtful["mission"], doubtful["number"], strict=True)) == expected


def test_the_city_of_15_minutes_calls_municipalities_and_hands_that_on(before: Plan, after: Plan) -> None:
    for plan, basis in ((before, "document"), (after, "inherited")):
        row = goal(plan, 5, 10)
        assert (row["municipalities"], row["mark_basis"], row["scope"]) == ("si", basis, "every_municipality")
        assert "15" in str(row["title_it"])
        assert row["measure"]


def test_the_goal_printed_twice_is_kept_twice_and_flagged(before: Plan) -> None:
    assert goal(before, 2, 10)["note"]
    assert goal(before, 2, 18)["note"]
    assert goal(before, 2, 10)["metropolitan_city"] != goal(before, 2, 18)["metropolitan_city"] or (
        goal(before, 2, 10)["municipalities"] != goal(before, 2, 18)["municipalities"]
    )


def test_the_vision_has_thirty_rows_an_edition_and_five_marks(before: Plan, after: Plan) -> None:
    for plan in (before, after):
        assert len(plan.vision) == 30
        assert plan.vision.groupby("key_word")["mission"].apply(sorted).to_list() == [[1, 2, 3, 4, 5, 6]] * 5
        assert plan.vision["mark"].value_counts().to_dict() == {"si": 5, "non_noto": 25}
        assert set(plan.vision["mark_edition"]) == {"2022-2024"}
    assert after.vision["mark"].to_list() == before.vision["mark"].to_list(), "the vision is confirmed"


def test_ten_drivers_an_edition_and_the_press_of_2023_names_the_first_five(before: Plan, after: Plan) -> None:
    for plan in (before, after):
        assert plan.drivers["driver"].to_list() == list(range(1, 11))
        assert set(plan.driver_goals["driver"]) == set(plan.driver_missions["driver"]) == set(range(1, 11))
        assert set(plan.driver_goals["basis"]) == {"editorial"}
        assert plan.driver_goals["passage"].map(bool).all()
    assert before.drivers["title_basis"].to_list() == ["document"] * 5 + ["inherited"] * 5
    assert before.drivers["title_it"].to_list() == after.drivers["title_it"].to_list()
    assert set(after.drivers["title_basis"]) == {"document"}


def test_a_driver_combines_goals_of_its_own_missions_only(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        missions = set(zip(plan.driver_missions["driver"], plan.driver_missions["mission"], strict=True))
        assert set(zip(plan.driver_goals["driver"], plan.driver_goals["mission"], strict=True)) <= missions


def test_mobility_has_all_goals_of_its_mission_and_work_those_on_training_and_the_labour_market(
    before: Plan, after: Plan
) -> None:
    for plan, count in ((before, 13), (after, 15)):
        mobility = plan.driver_goals[plan.driver_goals["driver"] == 5]
        assert set(mobility["mission"]) == {3}
        assert mobility["number"].to_list() == list(range(1, count + 1))
    work = {
        plan.edition.identifier: list(zip(mine["mission"], mine["number"], strict=True))
        for plan in (before, after)
        for mine in [plan.driver_goals[plan.driver_goals["driver"] == 8]]
    }
    assert work == {
        "2022-2024": [(1, 11), (4, 1), (4, 2), (5, 2), (5, 3), (5, 4), (5, 6)],
        "2025-2027": [(1, 9), (4, 1), (4, 2), (4, 10), (5, 2), (5, 3), (5, 4), (5, 5)],
    }


def test_the_functional_authorities_are_one_partner_and_the_forum_is_named_with_them(before: Plan, after: Plan) -> None:
    old, new = (plan.partnerships.set_index("number") for plan in (before, after))
    assert old.loc[5, "partner"] == new.loc[5, "partner"]
    assert old.loc[5, "partner_it"] != new.loc[5, "partner_it"]
    assert new.loc[5, "names"] == (old.loc[1, "partner"],)
    assert set(new["names"].drop(5)) | set(old["names"]) == {()}


def test_partnerships_are_five_and_six(before: Plan, after: Plan) -> None:
    assert [len(before.partnerships), len(after.partnerships)] == [5, 6]


def test_the_later_document_counts_interventions_among_the_results_of_the_earlier_edition(
    before: Plan, after: Plan
) -> None:
    assert (before.edition.project_count, before.edition.project_amount_eur) == (215, 464_267_194)
    assert before.edition.counted is not None
    assert before.edition.counted.kind.it == "interventi nelle missioni del PNRR"
    assert "2025-2027" in before.edition.counted.document
    assert (after.edition.project_count, after.edition.project_amount_eur) == (None, None)
    assert after.edition.counted is None, "the document counts none of its own edition"


def test_a_number_stands_for_one_driver_in_both_editions_whose_titles_are_the_same(before: Plan, after: Plan) -> None:
    for plan in (before, after):
        same = dict(zip(plan.drivers["driver"], plan.drivers["same_in_all"], strict=True))
        assert same == dict.fromkeys(range(1, 11), True)


@pytest.mark.parametrize("language", ["it", "en"])
def test_titles_are_short_and_of_our_own_in_each_goal(plans: dict[str, Plan], language: str) -> None:
    for plan in plans.values():
        titles = plan.goals[f"title_{language}"]
        assert titles.str.len().between(5, 110).all()
        assert (plan.goals["title_it"] != plan.goals["title_en"]).all()
        assert plan.goals["reference"].str.len().gt(0).all()


def test_every_goal_has_a_scope_with_its_basis(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        assert (
            plan.goals[["scope", "parameter", "scope_basis", "scope_reason_it", "scope_reason_en"]]
            .notna()
            .all(axis=None)
        )
        assert set(plan.goals["scope_basis"]) <= {"document", "editorial"}


UNLISTED = {
    "2022-2024": {
        *("1.10", "1.11", "2.2", "2.11", "3.3", "3.4", "3.9", "3.13"),
        *("4.6", "5.3", "5.6", "5.7", "5.8", "5.9"),
    },
    "2025-2027": {
        *("1.8", "1.9", "2.2", "2.11", "3.3", "3.4", "3.9", "3.13"),
        *("4.6", "4.11", "5.3", "5.5", "5.6", "5.8", "5.9"),
    },
}


def test_where_is_unknown_of_the_goals_whose_places_are_not_listed_and_the_reason_says_so(
    plans: dict[str, Plan],
) -> None:
    for edition, plan in plans.items():
        names = plan.goals["mission"].astype(str) + "." + plan.goals["number"].astype(str)
        unlisted = plan.goals["scope"] == "unlisted"
        assert set(names[unlisted]) == UNLISTED[edition]
        said = plan.goals["scope_reason_it"].str.contains("non elenca|non colloca")
        assert said.equals(unlisted.rename(said.name))
        assert plan.goals.loc[unlisted, "focus_it"].isna().all()


NAMING = {
    "2022-2024": {"1.16", "1.18", "2.1", "2.6", "2.14", "2.15", "2.17", "3.5", "4.3", "5.10"},
    "2025-2027": {"1.11", "1.13", "1.15", "2.1", "2.6", "2.14", "2.15", "2.17", "3.5", "3.6", "4.3", "5.10"},
}


def test_goals_that_name_places_say_which_and_rest_on_a_passage(plans: dict[str, Plan]) -> None:
    for edition, plan in plans.items():
        named = plan.goals[plan.goals["focus_it"].notna()]
        assert set(named["mission"].astype(str) + "." + named["number"].astype(str)) == NAMING[edition]
        assert (named["focus_it"] != named["focus_en"]).sum() >= len(named) - 2
        assert plan.focuses["passage"].str.startswith("missione ").all()
    tourism = plans["2025-2027"].goals.query("mission == 1 and number == 11").iloc[0]
    assert tourism["focus_it"] == "Navigli; Vie d'acqua; Parchi urbani; Parchi regionali"


def test_only_the_edition_asked_for_is_built_yet_it_inherits(register: Register, after: Plan) -> None:
    (alone,) = build_plans(register.tables, ["2025-2027"])
    assert alone.edition == after.edition
    pd.testing.assert_frame_equal(alone.goals, after.goals)
    for name in (
        "unions",
        "missions",
        "focuses",
        "drivers",
        "driver_missions",
        "driver_goals",
        "vision",
        "partnerships",
    ):
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(after, name))


def test_numbers_are_whole_and_blank_ones_unknown() -> None:
    table = with_numbers(pd.DataFrame({"mission": ["1", ""], "number": ["10", "2"], "note": ["", "3"]}))
    assert table["mission"].isna().to_list() == [False, True]
    assert table["number"].to_list() == [10, 2]
    assert table["note"].to_list() == ["", "3"]


def test_building_leaves_the_tables_as_they_were(register: Register) -> None:
    copies = {name: table.copy() for name, table in register.tables.items()}
    build_plans(register.tables, ())
    for name, table in register.tables.items():
        pd.testing.assert_frame_equal(table, copies[name])


def test_the_rows_of_a_plan_are_of_its_edition_only(territory: Territory) -> None:
    for plan in territory.plan.plans:
        tables = (plan.missions, plan.goals, plan.drivers, plan.driver_missions, plan.driver_goals, plan.vision)
        assert {edition for table in tables for edition in table["edition"]} == {plan.edition.identifier}
        assert not plan.goals.duplicated(GOAL_KEY).any()
