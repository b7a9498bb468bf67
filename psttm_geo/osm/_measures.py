"""Widths, slopes, heights and grades as people write them on the map, in one byte each."""

import math
import re
from collections.abc import Callable

from psttm_geo.osm.network import NOT_MAPPED
from psttm_geo.schema.code_lists import SMOOTHNESS

_LARGEST = NOT_MAPPED - 1
"""More than this is stored as this."""

_NUMBER = r"(\d+(?:[.,]\d+)?|[.,]\d+)"

_METRIC = "m|cm|mm|met(?:er|re)s?|centimet(?:er|re)s?|metr[oi]|centimetr[oi]"

_LENGTH = re.compile(rf"{_NUMBER} ?({_METRIC}|)(?: ?- ?{_NUMBER} ?({_METRIC}|))?")

_FEET = re.compile(r"(?:(\d+(?:\.\d+)?) ?(?:'|ft|feet|foot))? ?(?:(\d+(?:\.\d+)?) ?(?:\"|''|in|inch|inches))?")

_SLOPE = re.compile(rf"(?:up |down )?[+-]?{_NUMBER}(?: ?- ?{_NUMBER})? ?(%|°|deg|degrees?)(?: up| down)?")

_RATIO = re.compile(rf"[+-]?{_NUMBER} ?: ?{_NUMBER}")

_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "\u2019": "'", "\u201d": '"', "\u00a0": " "})
"""Signs that are written in the place of others."""

_ABOUT = re.compile(r"^(?:~|\u2248|ca\.?|about|circa) ?")

_LEAST, _MOST = re.compile(r"^(?:>=?|\u2265) ?"), re.compile(r"^(?:<=?|\u2264) ?")

_BELOW = re.compile(r"-\d+(?:\.\d+)?(?: ?- ?-\d+(?:\.\d+)?)?")

_CM_PER_INCH = 2.54

_HARDLY_ANY = 1e-3
"""What is said to be more than a measure is taken to be so much more."""


def width_cm(text: str) -> int:
    """Return whole centimetres, rounded down; of a list or a range the narrowest.

    Returns
    -------
    int
        :data:`psttm_geo.osm.network.NOT_MAPPED` for what is no length above 0, or only one that it is wider than.
    """
    parts = [_MOST.sub("", part) for part in _parts(text)]
    read = [length for part in parts for length in _lengths_cm(part) if length > 0]
    return min(math.floor(min(read)), _LARGEST) if read else NOT_MAPPED


def height_cm(text: str) -> int:
    """Return whole centimetres, rounded up; of a list or a range the highest.

    Without a unit, what is below 1 are metres and all else centimetres: no kerb is a metre high.

    Returns
    -------
    int
        :data:`psttm_geo.osm.network.NOT_MAPPED` for what is no length, or only one that it is lower than.
    """
    read = [above + length for part, above in _at_least(text) for length in _lengths_cm(part, no_unit=_kerb_unit)]
    return min(math.ceil(max(read)), _LARGEST) if read else NOT_MAPPED


def slope_percent(text: str) -> int:
    """Return how steep a street is, up or down, in whole percent, rounded up; of a list or a range the steepest.

    Returns
    -------
    int
        :data:`psttm_geo.osm.network.NOT_MAPPED` for what is no number with its unit: ``up``, ``down``, ``steep``; and
        for what it is only less steep than.
    """
    read = [above + slope for part, above in _at_least(text) for slope in _slopes_percent(part)]
    return min(math.ceil(round(max(read), 6)), _LARGEST) if read else NOT_MAPPED


def smoothness(text: str) -> int:
    """Return the position of a grade in OSM's scale; of a list the worst.

    Returns
    -------
    int
        :data:`psttm_geo.osm.network.NOT_MAPPED` for what is no grade.
    """
    grades = _parts(text)
    return max((SMOOTHNESS.index(grade) for grade in grades if grade in SMOOTHNESS), default=NOT_MAPPED)


def is_below_ground(text: str) -> bool:
    """Tell whether storeys (``-1``, ``-2;-1``, ``-2--1``) all lie below the one at the level of the ground, 0."""
    return all(_BELOW.fullmatch(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    """Return the values of a list in small letters, with plain signs and single blanks."""
    plain = " ".join(text.translate(_SIGNS).casefold().split())
    return [_ABOUT.sub("", part.strip()) for part in plain.split(";")]


def _at_least(text: str) -> list[tuple[str, float]]:
    """Return the values of a list, and how much is to be added to what is said to be more than a measure."""
    return [(_LEAST.sub("", part), _HARDLY_ANY if part.startswith(">") else 0.0) for part in _parts(text)]


def _metres(_: float) -> str:
    return "m"


def _kerb_unit(number: float) -> str:
    return "m" if number < 1 else "cm"


def _lengths_cm(text: str, no_unit: Callable[[float], str] = _metres) -> list[float]:
    """Return a length, or the two ends of a range; nothing for what is no length."""
    if found := _LENGTH.fullmatch(text):
        numbers = [_number(number) for number in (found[1], found[3]) if number]
        last = found[4] if found[3] else found[2]
        units = [found[2] or last, last][: len(numbers)]
        pairs = zip(numbers, units, strict=True)
        return [round(number * _cm_per(unit or no_unit(number)), 6) for number, unit in pairs]
    if text and (found := _FEET.fullmatch(text)):
        return [(float(found[1] or 0) * 12 + float(found[2] or 0)) * _CM_PER_INCH]
    return []


def _cm_per(unit: str) -> float:
    if unit == "mm":
        return 0.1
    return 1.0 if unit.startswith("c") else 100.0


def _slopes_percent(text: str) -> list[float]:
    """Return a slope, or the two ends of a range; nothing for what is no slope."""
    if found := _RATIO.fullmatch(text):
        rise, run = _number(found[1]), _number(found[2])
        return [100 * rise / run] if run else []
    if (found := _SLOPE.fullmatch(text)) is None:
        return []
    numbers = [_number(number) for number in (found[1], found[2]) if number]
    return numbers if found[3] == "%" else [100 * math.tan(math.radians(min(number, 80))) for number in numbers]


def _number(text: str) -> float:
    return float(text.replace(",", "."))
