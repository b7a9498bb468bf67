"""Words and numbers in both languages."""

import math
import re

import pytest

from psttm_geo.app.texts import day, duration, number, percent, plain, say, span
from psttm_geo.core.messages import gettext
from psttm_geo.webmap.offline_leaflet import STATIC


def test_the_script_of_the_map_has_the_same_words_in_both_languages() -> None:
    script = (STATIC / "psttm_map.js").read_text("utf-8")
    italian, english = (
        re.findall(r"(\w+): \"", words) for words in re.findall(r"^    (?:it|en): {(.*)}", script, re.MULTILINE)
    )
    assert italian == english != []


def test_a_text_is_said_in_its_language_with_its_places_filled() -> None:
    english = "residents on {date}{estimate}"
    assert say(english, "it", date="1° gennaio 2026", estimate=" (stima)") == "residenti al 1° gennaio 2026 (stima)"
    assert say(english, "en", date="1 January 2026", estimate="") == "residents on 1 January 2026"
    assert say(gettext("no unione di comuni"), "it") == "nessuna unione di comuni"


@pytest.mark.parametrize(
    ("value", "decimals", "italian", "english"),
    [
        (3_219_391, 0, "3.219.391", "3,219,391"),
        (1575.028, 2, "1.575,03", "1,575.03"),
        (0, 1, "0,0", "0.0"),
        (999.96, 1, "1.000,0", "1,000.0"),
        (-1234.5, 1, "-1.234,5", "-1,234.5"),
    ],
)
def test_numbers_are_written_as_each_language_does(value: float, decimals: int, italian: str, english: str) -> None:
    assert number(value, "it", decimals) == italian
    assert number(value, "en", decimals) == english


@pytest.mark.parametrize(
    ("share", "italian", "english"),
    [
        (0, "0 %", "0%"),
        (1, "100 %", "100%"),
        (0.5, "50,0 %", "50.0%"),
        (0.8889, "88,9 %", "88.9%"),
        (0.29, "29,0 %", "29.0%"),  # 100 * 0.29 is 28.999999999999996
        (math.nan, "non noto", "not known"),
    ],
)
def test_shares_are_written_as_each_language_does(share: float, italian: str, english: str) -> None:
    assert percent(share, "it") == italian
    assert percent(share, "en") == english


def test_numbers_from_one_to_another_are_one_where_they_are_equal() -> None:
    assert span(71, 73, "it") == "71-73"
    assert span(1000, 2000, "it") == "1.000-2.000"
    assert span(2, 2, "it") == "2"
    assert span(math.nan, math.nan, "en") == "not known"


@pytest.mark.parametrize(
    "text", ["[a](http://b)", "<b>a</b>", "*a* _b_ `c`", "$a$", "# a", "![a](b)", "a | b", "~~a~~"]
)
def test_marks_of_markdown_lose_their_meaning(text: str) -> None:
    assert re.sub(r"\\(.)", r"\1", plain(text)) == text
    assert not re.search(r"(?<!\\)[\[\]()<>*_`$#!|~]", plain(text))


def test_days_are_written_as_each_language_does() -> None:
    assert day("2023-01-01", "it") == "1° gennaio 2023"
    assert day("2023-01-01", "en") == "1 January 2023"
    assert day("2023-06-13", "it") == "13 giugno 2023"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min 0 s"), (125, "2 min 5 s"), (7300, "121 min 40 s")],
)
def test_a_time_that_has_passed_is_said_in_minutes_and_seconds(seconds: float, said: str) -> None:
    assert duration(seconds, "it") == duration(seconds, "en") == said
