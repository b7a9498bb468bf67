"""Levels of schools as mappers write them."""

import pytest

from psttm_geo.osm._storeys import read_levels


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        ("2", "2"),
        ("0;2", "02"),
        (" 0 , 2 ", "02"),
        ("0-3", "0123"),
        ("2 \u2013 3", "23"),
        ("3-2", "23"),
        ("1 to 3", "123"),
        ("0-1;3", "013"),
        ("ISCED 2", "2"),
        ("ISCED-2", "2"),
        ("isced:1 - isced:2", "12"),
        ("Level 2/3", "23"),
        ("3A;3C", "3"),
        ("1 e 2", "12"),
        ("1 and 2", "12"),
        ("2;media", "2"),
    ],
)
def test_lists_ranges_and_words_are_read(value: str, levels: str) -> None:
    assert read_levels(value) == set(levels)


@pytest.mark.parametrize("value", ["", "?", "elementare", "P", "12", "9", "1-9", "0.5", "-", "yes"])
def test_what_is_no_level_names_none(value: str) -> None:
    assert read_levels(value) == frozenset()
