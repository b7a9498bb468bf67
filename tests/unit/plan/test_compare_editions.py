import dataclasses

import pandas as pd
import pytest

from psttm_geo.core.messages import Text
from psttm_geo.jobs import Territory
from psttm_geo.plan.compare_editions import (
    compare_answers,
    compare_drivers,
    compare_partnerships,
    compare_unions,
    count_links,
    link_goals,
)
from psttm_geo.plan.records import Edition, Plan

LINK = ["from_edition", "from_mission", "from_number", "to_edition", "to_mission", "to_number", "kind", "note"]


def plan(edition: str, *goals: tuple[int, int], unions: tuple[tuple[str, str], ...] = ()) -> Plan:
    row = Edition(edition, Text(edition, edition), "", "", "2023-01-01", 7, 0, None, None, "s")
    table = pd.DataFrame(goals, columns=["mission", "number"])
    titles = [f"{edition} {mission}.{number}" for mission, number in goals]
    members = pd.DataFrame(unions, columns=["union", "municipality_code"], dtype="str")
    named = table.assign(edition=edition, title_it=titles, title_en=titles)
    return Plan(row, members, pd.DataFrame(), named, *[pd.DataFrame()] * 6)


def links(*rows: tuple[str, tuple[int, int] | None, str, tuple[int, int] | None, str]) -> pd.DataFrame:
    cells = [
        (before, *(old or (None, None)), after, *(new or (None, None)), kind, "")
        for before, old, after, new, kind in rows
    ]
    numbers = {name: "Int64" for name in LINK if name.endswith(("mission", "number"))}
    return pd.DataFrame(cells, columns=LINK).astype(numbers)


BEFORE = plan("a", (1, 1), (1, 2), (1, 3), (1, 4), (2, 1))
AFTER = plan("b", (1, 1), (1, 2), (1, 3), (2, 1), (2, 2))

LINKS = links(
    ("a", (1, 4), "", None, "dropped"),
    ("", None, "b", (1, 3), "new"),
    ("a", (1, 1), "b", (1, 1), "continued"),
    ("a", (1, 2), "b", (1, 2), "merged"),
    ("a", (1, 3), "b", (1, 2), "merged"),
    ("a", (2, 1), "b", (2, 1), "split"),
    ("a", (2, 1), "b", (2, 2), "split"),
    ("b", (1, 1), "c", (1, 1), "continued"),
    ("b", (1, 2), "", None, "dropped"),
    ("", None, "c", (1, 2), "new"),
)


def test_goals_are_linked_with_their_titles_in_order_dropped_last() -> None:
    linked = link_goals(BEFORE, AFTER, LINKS)
    shown = linked[["mission", "from_title_it", "to_title_it", "kind"]].astype(object)
    assert shown.where(shown.notna(), None).to_numpy().tolist() == [
        [1, "a 1.1", "b 1.1", "continued"],
        [1, "a 1.2", "b 1.2", "merged"],
        [1, "a 1.3", "b 1.2", "merged"],
        [1, None, "b 1.3", "new"],
        [1, "a 1.4", None, "dropped"],
        [2, "a 2.1", "b 2.1", "split"],
        [2, "a 2.1", "b 2.2", "split"],
    ]


def test_goals_are_counted_by_mission_the_merged_and_split_once_each() -> None:
    counts = count_links(link_goals(BEFORE, AFTER, LINKS))
    assert counts.to_dict("records") == [
        {"mission": 1, "kept": 1, "changed": 1, "dropped": 1, "new": 1},
        {"mission": 2, "kept": 0, "changed": 2, "dropped": 0, "new": 0},
    ]


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        *((kind, "kept") for kind in ("continued", "reworded")),
        *((kind, "changed") for kind in ("changed", "extended", "narrowed", "merged", "split")),
    ],
)
def test_every_kind_of_link_counts_as_kept_or_changed(kind: str, column: str) -> None:
    linked = link_goals(plan("a", (1, 1)), plan("b", (1, 1)), links(("a", (1, 1), "b", (1, 1), kind)))
    (counts,) = count_links(linked).to_dict("records")
    assert counts == {"mission": 1, "kept": 0, "changed": 0, "dropped": 0, "new": 0} | {column: 1}


def test_a_goal_that_moves_to_another_mission_counts_in_the_later_one() -> None:
    linked = link_goals(plan("a", (1, 1)), plan("b", (2, 1)), links(("a", (1, 1), "b", (2, 1), "continued")))
    assert count_links(linked)[["mission", "kept"]].to_numpy().tolist() == [[2, 1]]


def test_the_real_editions_account_for_every_goal_once(territory: Territory) -> None:
    before, after = territory.plan.plans
    counts = count_links(link_goals(before, after, territory.plan.links)).set_index("mission")
    assert counts.index.to_list() == [1, 2, 3, 4, 5, 6]
    later = counts[["kept", "changed", "new"]].sum(axis=1)
    assert later.to_list() == after.missions["goal_count"].astype(int).to_list()
    assert counts["dropped"].sum() == 4
    assert counts["new"].sum() == 6


def test_the_unions_that_changed_are_truccazzano_and_the_nine_of_fontanili(territory: Territory) -> None:
    changed = compare_unions(*territory.plan.plans)
    names = territory.municipalities.set_index("municipality_code")["municipality"]
    rows = {names[row.municipality_code]: (row.union_before, row.union_after) for row in changed.itertuples()}
    assert rows.pop("Truccazzano") == ("Unione di Comuni Adda Martesana", None)
    assert set(rows.values()) == {(None, "Unione di Comuni dei Fontanili")}
    assert len(rows) == 9
    assert changed["municipality_code"].is_monotonic_increasing


def test_who_changes_union_is_listed_and_who_stays_is_not() -> None:
    before = plan("a", unions=(("U", "015001"), ("U", "015002"), ("V", "015003")))
    after = plan("b", unions=(("V", "015001"), ("U", "015002"), ("V", "015004")))
    assert compare_unions(before, after).astype(object).to_numpy().tolist() == [
        ["015001", "U", "V"],
        ["015003", "V", None],
        ["015004", None, "V"],
    ]
    assert compare_unions(before, before).empty


def test_answers_are_counted_by_municipality_and_edition() -> None:
    before = pd.DataFrame(
        {
            "municipality_code": ["015001", "015001", "015002", "015002"],
            "applies": ["si", "no", "si", "si"],
            "called": ["si", "no", "non_noto", "non_indicato"],
        }
    )
    after = pd.DataFrame(
        {"municipality_code": ["015001", "015002"], "applies": ["si", "non_noto"], "called": ["si", "non_noto"]}
    )
    found = compare_answers(before, after).set_index("municipality_code")
    assert found.loc["015001"].to_dict() == {
        "applies_before": 1,
        "applies_after": 1,
        "applies_unknown_before": 0,
        "applies_unknown_after": 0,
        "called_before": 1,
        "called_after": 1,
        "called_unknown_before": 0,
        "called_unknown_after": 0,
    }
    assert found.loc["015002"].to_list() == [2, 0, 0, 1, 0, 0, 1, 1]


def test_of_a_plan_without_goals_no_number_is_known() -> None:
    before = pd.DataFrame({"municipality_code": ["015001"], "applies": ["no"], "called": ["no"]})
    (row,) = compare_answers(before, before.head(0)).to_dict("records")
    assert (row["municipality_code"], row["applies_before"], row["called_before"]) == ("015001", 0, 0)
    assert all(pd.isna(row[f"{what}_after"]) for what in ("applies", "applies_unknown", "called", "called_unknown"))


def test_the_real_drivers_stand_side_by_side(territory: Territory) -> None:
    before, after = territory.plan.plans
    found = compare_drivers(before, after).set_index("driver")
    assert found.index.to_list() == list(range(1, 11))
    assert found["title_basis_before"].to_list() == ["document"] * 5 + ["inherited"] * 5
    assert (found["title_it_before"] == found["title_it_after"]).all()
    assert found["goals_before"].sum() == len(before.driver_goals)
    assert found["goals_after"].sum() == len(after.driver_goals)
    assert found.loc[2, "missions_before"] == "1, 2, 5"


def partnerships(*partners: str, purpose: str, names: dict[str, tuple[str, ...]] | None = None) -> Plan:
    """Give a plan whose partners are called by the letter before a stroke, in one language and the other."""
    rows = [
        (f"{name} it", f"{name} en", f"{purpose} it", f"{purpose} en", name[0], (names or {}).get(name, ()))
        for name in partners
    ]
    columns = ["partner_it", "partner_en", "purpose_it", "purpose_en", "partner", "names"]
    return dataclasses.replace(plan("a"), partnerships=pd.DataFrame(rows, columns=columns))


def test_partnerships_stand_by_partner_those_of_the_later_plan_first() -> None:
    found = compare_partnerships(partnerships("A", "B", "C", purpose="old"), partnerships("D", "B", purpose="new"))
    assert found[
        ["partner_it_before", "purpose_it_before", "partner_it_after", "purpose_it_after"]
    ].to_numpy().tolist() == [
        [None, None, "D it", "new it"],
        ["B it", "old it", "B it", "new it"],
        ["A it", "old it", None, None],
        ["C it", "old it", None, None],
    ]
    assert found.loc[1, ["partner_en_after", "purpose_en_before", "purpose_en_after"]].to_list() == [
        "B en",
        "old en",
        "new en",
    ]
    assert not found[["within_it_before", "within_it_after"]].notna().any(axis=None)


def test_a_partner_under_two_names_is_one_row() -> None:
    found = compare_partnerships(partnerships("B/old", purpose="old"), partnerships("B/new", purpose="new"))
    assert found[["partner_it_before", "partner_it_after"]].to_numpy().tolist() == [["B/old it", "B/new it"]]


def test_a_partner_named_in_the_row_of_another_is_said_to_be() -> None:
    later = partnerships("B", purpose="new", names={"B": ("A",)})
    found = compare_partnerships(partnerships("A", purpose="old"), later)
    assert found[["within_it_before", "within_it_after", "within_en_after"]].to_numpy().tolist() == [
        [None, None, None],
        [None, "B it", "B en"],
    ]
    assert found["purpose_it_after"].to_list() == ["new it", None]


def test_a_plan_without_partnerships_leaves_its_side_empty() -> None:
    found = compare_partnerships(partnerships(purpose="old"), partnerships("A", purpose="new"))
    assert found[["purpose_it_before", "purpose_it_after"]].to_numpy().tolist() == [[None, "new it"]]


def test_the_real_partnerships_are_five_and_six_of_which_four_are_the_same(territory: Territory) -> None:
    before, after = territory.plan.plans
    found = compare_partnerships(before, after)
    assert found["purpose_it_before"].notna().sum() == len(before.partnerships) == 5
    assert found["purpose_it_after"].notna().sum() == len(after.partnerships) == 6
    both = found.dropna(subset=["purpose_it_before", "purpose_it_after"]).set_index("partner_it_after")
    renamed = both[both["partner_it_before"] != both.index]
    assert sorted(both.index.difference(renamed.index)) == [
        "Comune di Milano",
        "Comuni e zone omogenee",
        "Regione Lombardia",
    ]
    (authorities,) = renamed.index
    assert authorities.startswith("Autonomie funzionali")
    assert found["partner_it_after"].head(6).to_list() == after.partnerships["partner_it"].to_list()
    (forum,) = found[found["purpose_it_after"].isna()].to_dict("records")
    assert forum["partner_it_before"].startswith("Forum")
    assert forum["within_it_after"] == authorities
