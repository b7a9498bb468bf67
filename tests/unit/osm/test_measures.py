"""Lengths and slopes as they are written on the map."""

import pytest

from psttm_geo.osm._measures import height_cm, is_below_ground, slope_percent, smoothness, width_cm
from psttm_geo.osm.network import NOT_MAPPED


@pytest.mark.parametrize(
    ("text", "cm"),
    [
        ("0.5", 50),
        (".5", 50),
        ("1,5 m", 150),
        ("0.899 m", 89),
        ("0.9", 90),
        ("85 cm", 85),
        ("1200 mm", 120),
        ("3'", 91),
        ("2'6\"", 76),
        ('30"', 76),
        ("1.2;0.8", 80),
        ("12", 254),
        ("", NOT_MAPPED),
        ("0", NOT_MAPPED),
        ("-1", NOT_MAPPED),
        ("narrow", NOT_MAPPED),
        ("1-2", 100),
        ("0.5 - 0.8 m", 50),
        ("50-80 cm", 50),
        ("~0.8", 80),
        ("ca. 0,8 m", 80),
        ("<0.8", 80),
        (">0.8", NOT_MAPPED),
        ("0.8 M", 80),
        ("0.8  m", 80),
        ("0.8 meters", 80),
        ("80 centimetri", 80),
        ("2 ft", 60),
        ("3 ft 6 in", 106),
        ("1:2", NOT_MAPPED),
    ],
)
def test_widths_are_rounded_down(text: str, cm: int) -> None:
    assert width_cm(text) == cm


@pytest.mark.parametrize(
    ("text", "cm"),
    [
        ("0.03", 3),
        ("0.07", 7),
        ("0.031", 4),
        ("3 cm", 3),
        ("0", 0),
        ("0.02;0.1", 10),
        ("9", 9),
        ("2", 2),
        ("12 m", 254),
        ("5 CM", 5),
        ("5  cm", 5),
        ("2-5 cm", 5),
        ("~5 cm", 5),
        (">3 cm", 4),
        ("<3 cm", NOT_MAPPED),
        ("2 in", 6),
        ("2''", 6),
        ('2"', 6),
        ("1'", 31),
        ("yes", NOT_MAPPED),
        ("-0.05", NOT_MAPPED),
    ],
)
def test_heights_are_rounded_up(text: str, cm: int) -> None:
    assert height_cm(text) == cm


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("5%", 5),
        ("-8 %", 8),
        ("+5.2%", 6),
        ("0%", 0),
        ("45°", 100),
        ("90°", 254),
        ("1000%", 254),
        ("up", NOT_MAPPED),
        ("steep", NOT_MAPPED),
        ("10", NOT_MAPPED),
        ("\u221210%", 10),
        ("10%;12%", 12),
        ("up;10%", 10),
        ("up 10%", 10),
        ("10% down", 10),
        ("~10%", 10),
        (">10%", 11),
        ("<10%", NOT_MAPPED),
        ("8-12%", 12),
        ("1:10", 10),
        ("1:0", NOT_MAPPED),
        ("6 deg", 11),
        ("up;down", NOT_MAPPED),
    ],
)
def test_slopes_are_rounded_up_either_way(text: str, percent: int) -> None:
    assert slope_percent(text) == percent


@pytest.mark.parametrize(
    ("text", "grade"),
    [("excellent", 0), ("impassable", 7), ("good; bad", 3), ("Bad", 3), ("fine", NOT_MAPPED), ("", NOT_MAPPED)],
)
def test_grades_are_positions_in_the_scale(text: str, grade: int) -> None:
    assert smoothness(text) == grade


@pytest.mark.parametrize(
    ("text", "below"),
    [
        ("-1", True),
        ("-2;-1", True),
        ("-2--1", True),
        ("-0.5", True),
        ("-1;0", False),
        ("0", False),
        ("1-2", False),
        ("", False),
    ],
)
def test_storeys_below_the_ground(text: str, *, below: bool) -> None:
    assert is_below_ground(text) == below
