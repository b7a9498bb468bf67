"""Acts on an axis of years, and in words: those whose date is not stated stand apart."""

import pytest

from psttm_geo import jobs
from psttm_geo.app.views import process_view
from psttm_geo.core.messages import Language


def test_acts_stand_in_their_years_each_where_it_can_be_read(territory: jobs.Territory) -> None:
    shown = process_view.timeline(territory, "it")
    assert list(shown.axis.years) == list(range(2019, 2029))
    assert [(mark.label, mark.begins, mark.ends) for mark in shown.axis.periods] == [
        ("2022-2024", 2022, 2025),
        ("2025-2027", 2025, 2028),
    ]
    assert [mark.label for mark in shown.axis.marks] == list("1234567")
    first, *others = shown.axis.marks
    assert (first.begins, first.ends) == (2019, 2020), "only its year is stated"
    assert all(mark.begins == mark.ends for mark in others)
    assert others[0].begins == pytest.approx(2022 + 166 / 365, abs=0.01), "16 June"
    assert [mark.level for mark in shown.axis.marks] == [0, 0, 0, 1, 2, 3, 0]


@pytest.mark.parametrize(
    ("language", "first", "second"), [("it", "2019", "16 giugno 2022"), ("en", "2019", "16 June 2022")]
)
def test_every_act_is_listed_once_in_words(
    territory: jobs.Territory, language: Language, first: str, second: str
) -> None:
    shown = process_view.timeline(territory, language)
    dated, undated = shown.listed.table, shown.undated.table
    assert len(dated) + len(undated) == len(territory.plan.statements["atti_del_piano"]) == 15
    assert dated.iloc[:2, 1].to_list() == [first, second]
    assert not dated.map(str).eq("").any(axis=None)


def test_results_are_those_of_the_edition_and_of_the_one_before(territory: jobs.Territory) -> None:
    for edition in ("2022-2024", "2025-2027"):
        found = process_view.result_tables(edition, territory, "en")
        assert [(of, kind, len(stated.table)) for of, kind, stated in found] == [
            ("2022-2024", "raggiunto", 15),
            ("2022-2024", "aperto", 5),
        ]


def test_an_instrument_has_the_goals_of_the_edition_that_name_it(territory: jobs.Territory) -> None:
    table = process_view.instrument_table("2022-2024", territory, "en").table.set_index("Instrument")
    rows = territory.plan.statements["obiettivi_strumenti"]
    named = rows[rows["edition"] == "2022-2024"]
    assert table["Goals 2022-2024"].str.split(", ").map(lambda goals: len(list(filter(None, goals)))).sum() == len(
        named
    )
    assert table.loc["Metropolitan Territorial Plan (PTM)", "Kind"] == "plan"
