"""Shares: rounded once, written alike, and differences that are too small for that said otherwise."""

import math

import numpy as np
import pytest

from psttm_geo.core.messages import Text
from psttm_geo.core.numbers import percentage, say_number, say_percent, say_share_change


@pytest.mark.parametrize(
    ("share", "rounded"),
    [
        (0.7795, 78.0),  # stored as 0.77949999999999997
        (0.77949, 77.9),
        (0.7794999, 77.9),  # two roundings, to 77.95 and then to 78.0, would say more
        (0.29, 29.0),
        (1 / 3, 33.3),
        (-0.0005, -0.1),
        (0, 0),
        (1, 100),
    ],
)
def test_a_share_is_rounded_once_and_halves_go_up(share: float, rounded: float) -> None:
    assert percentage(share) == rounded
    assert percentage(np.array([share, math.nan]))[0] == rounded


def test_what_is_not_known_stays_so() -> None:
    assert math.isnan(percentage(math.nan))
    assert say_percent(math.nan) == Text("non noto", "not known")


def test_a_table_of_shares_is_rounded_as_each_of_them() -> None:
    shares = np.arange(10_001) / 10_000
    assert percentage(shares).tolist() == [percentage(float(share)) for share in shares]


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, Text("0 %", "0%")),
        (0.0001, Text("0,0 %", "0.0%")),
        (0.5, Text("50,0 %", "50.0%")),
        (0.9999, Text("100,0 %", "100.0%")),
        (1, Text("100 %", "100%")),
    ],
)
def test_none_and_all_are_told_from_few_and_nearly_all(share: float, said: Text) -> None:
    assert say_percent(share) == said


def test_numbers_have_the_separators_of_their_language() -> None:
    assert say_number(3_219_391.25, 1) == Text("3.219.391,2", "3,219,391.2")


@pytest.mark.parametrize(
    ("before", "after", "italian"),
    [
        (0.7259, 0.7412, "la quota passa da 72,6 % a 74,1 %"),
        (0.7259, 0.7262, "la quota, 72,6 %, sale di 0,03 punti percentuali"),
        (0.72590, 0.72594, "la quota, 72,6 %, sale di meno di 0,01 punti percentuali"),
        (0.72594, 0.72590, "la quota, 72,6 %, scende di meno di 0,01 punti percentuali"),
        (0.7259, 0.7259, "la quota resta 72,6 %"),
        (0.5, math.nan, "la quota, prima 50,0 %, non è più nota"),
        (math.nan, 0.5, "la quota non è nota"),
    ],
)
def test_no_share_goes_from_a_figure_to_the_same_figure(before: float, after: float, italian: str) -> None:
    assert say_share_change(before, after).it == italian


def test_a_change_is_said_in_english_too() -> None:
    assert say_share_change(0.7259, 0.7262).en == "the share, 72.6%, rises by 0.03 percentage points"
    assert say_share_change(0.25, 0.5).en == "the share goes from 25.0% to 50.0%"
