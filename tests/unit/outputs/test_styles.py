"""The palette: contrast as WCAG 2.2 computes it."""

import pytest

from psttm_geo.outputs import styles


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


@pytest.mark.parametrize("outline", [styles.OUTLINE, styles.UNION_OUTLINE, styles.SELECTED_OUTLINE])
@pytest.mark.parametrize("fill", [*styles.ZONE_FILLS, styles.OUTSIDE_FILL])
def test_outlines_stand_out_from_every_fill(outline: str, fill: str) -> None:
    assert contrast(outline, fill) >= 3


@pytest.mark.parametrize("fill", styles.ZONE_FILLS)
def test_dark_labels_are_readable_on_every_zone(fill: str) -> None:
    assert contrast("#1B2026", fill) >= 4.5


def test_each_zone_has_a_fill_of_its_own_in_the_order_of_the_documents() -> None:
    fills = styles.zone_fills(list("abcdefgh"))
    assert list(fills.items()) == list(zip("abcdefgh", styles.ZONE_FILLS, strict=True))
    assert len(set(fills.values())) == 8


def test_colours_start_again_when_zones_outnumber_them() -> None:
    fills = styles.zone_fills(list("abcdefghi"))
    assert fills["i"] == fills["a"]
