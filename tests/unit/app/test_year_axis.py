"""Marks on an axis of years: where they stand is arithmetic."""

import pytest

from psttm_geo.app.views.year_axis import Mark, draw_axis, span_of, span_of_quarter


@pytest.mark.parametrize(
    ("written", "begins", "ends"),
    [("2023", 2023, 2024), ("2023-07", 2023.5, 2023.5 + 1 / 12), ("2023-01-01", 2023, 2023)],
)
def test_a_date_is_as_wide_as_it_is_vague(written: str, begins: float, ends: float) -> None:
    assert span_of(written) == pytest.approx((begins, ends))


def test_a_quarter_is_a_quarter_of_its_year() -> None:
    assert span_of_quarter("2026-T1") == (2026, 2026.25)
    assert span_of_quarter("2026-T4") == (2026.75, 2027)


def test_marks_that_are_near_stand_one_below_the_other() -> None:
    axis = draw_axis([Mark("1", 2026, 2026.25), Mark("2", 2026.5, 2026.75), Mark("3", 2027.5, 2027.75)])
    assert [mark.level for mark in axis.marks] == [0, 1, 0]
    assert list(axis.years) == [2026, 2027, 2028]
    assert draw_axis([Mark("1", 2026, 2026)]).years == range(2026, 2028), "an axis has a length"
