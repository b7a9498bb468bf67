"""The palette: contrast as WCAG 2.2 computes it."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psttm_geo.schema import colours


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("outline", [colours.OUTLINE, colours.UNION_OUTLINE, colours.SELECTED_OUTLINE])
@pytest.mark.parametrize("fill", [*colours.ZONE_FILLS, colours.OUTSIDE_FILL])
def test_outlines_stand_out_from_every_fill(outline: str, fill: str) -> None:
    assert contrast(outline, fill) >= 3


@pytest.mark.parametrize("fill", colours.ZONE_FILLS)
def test_dark_labels_are_readable_on_every_zone(fill: str) -> None:
    assert contrast("#1B2026", fill) >= 4.5


def test_each_zone_has_a_fill_of_its_own_in_the_order_of_the_documents() -> None:
    fills = colours.zone_fills(list("abcdefgh"))
    assert list(fills.items()) == list(zip("abcdefgh", colours.ZONE_FILLS, strict=True))
    assert len(set(fills.values())) == 8


def test_colours_start_again_when_zones_outnumber_them() -> None:
    fills = colours.zone_fills(list("abcdefghi"))
    assert fills["i"] == fills["a"]


FIGURES = st.lists(st.integers(0, 30).map(float) | st.floats(0, 1) | st.just(math.nan), max_size=60)


@given(FIGURES)
def test_every_known_value_is_in_exactly_one_class_and_the_unknown_in_none(values: list[float]) -> None:
    classes = colours.classify(values)
    for value in values:
        held = [one for one in classes if one.low <= value <= one.high]
        assert len(held) == (0 if math.isnan(value) else 1)
        assert colours.fill_of(value, classes) == (held[0].fill if held else colours.UNKNOWN)


@given(FIGURES)
def test_classes_stand_in_order_apart_and_never_empty(values: list[float]) -> None:
    classes = colours.classify(values)
    assert len(classes) <= 3
    assert all(one.low <= one.high for one in classes)
    assert all(one.high < other.low for one, other in pairwise(classes))
    assert {edge for one in classes for edge in (one.low, one.high)} <= set(values)
    assert bool(classes) is any(not math.isnan(value) for value in values)


@given(FIGURES)
def test_fills_of_neighbouring_classes_differ_by_three_to_one(values: list[float]) -> None:
    fills = [one.fill for one in colours.classify(values)]
    assert all(contrast(one, other) >= 3 for one, other in pairwise(fills))
    assert colours.UNKNOWN not in fills


@given(FIGURES)
def test_white_is_zero_and_zero_is_white(values: list[float]) -> None:
    classes = colours.classify(values)
    assert [one.low for one in classes if one.fill == colours.ZERO_FILL] == [value for value in {*values} if value == 0]
    assert all(one.high == 0 for one in classes if one.fill == colours.ZERO_FILL)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([math.nan], []),
        ([0, 0], [(0, 0)]),
        ([5], [(5, 5)]),
        ([2, 0, 1, math.nan], [(0, 0), (1, 1), (2, 2)]),
        ([3, 1, 2, 4, 5, 6], [(1, 2), (3, 4), (5, 6)]),
        ([0, 1, 2, 3, 4], [(0, 0), (1, 2), (3, 4)]),
        ([0, *[1] * 99, 2, 3], [(0, 0), (1, 2), (3, 3)]),
    ],
    ids=str,
)
def test_classes_hold_about_as_many_distinct_values(values: list[float], expected: list[tuple[float, float]]) -> None:
    assert [(one.low, one.high) for one in colours.classify(values)] == expected


@pytest.mark.parametrize("line", colours.HATCH_LINES)
def test_lines_of_hatched_areas_are_seen_on_white(line: str) -> None:
    assert contrast(line, "#FFFFFF") >= 3


def test_the_hatch_is_seen_and_no_answer_looks_like_it() -> None:
    assert contrast(*colours.HATCH) >= 3
    assert contrast(colours.YES_FILL, colours.NO_FILL) >= 3
    assert colours.UNKNOWN not in {colours.ZERO_FILL, *colours.CLASS_FILLS, colours.YES_FILL, colours.NO_FILL}


def lightness(colour: str) -> float:
    """Give L* of CIELAB, which grey paper keeps."""
    return 116 * luminance(colour) ** (1 / 3) - 16


def test_fills_of_who_reaches_services_fall_evenly_in_grey_and_none_is_white() -> None:
    steps = [lightness(colour) for colour in colours.REACHED_FILLS]
    assert all(high - low >= 10 for high, low in pairwise(steps))
    assert contrast(colours.REACHED_FILLS[0], "#FFFFFF") > 1.1
    assert not {*colours.REACHED_FILLS} & {colours.ZERO_FILL, *colours.CLASS_FILLS}
