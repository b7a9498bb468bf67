"""Widths, slopes, heights and grades as people write them on the map, in one byte each."""

import math
import re

from psttm_geo.model.network import NOT_MAPPED, SMOOTHNESS

_LARGEST = NOT_MAPPED - 1
"""More than this is stored as this."""

_NUMBER = r"(\d+(?:[.,]\d+)?|[.,]\d+)"

_LENGTH = re.compile(rf"{_NUMBER} ?(m|cm|mm|)")

_FEET = re.compile(r"(?:(\d+)')? ?(?:(\d+)\")?")

_SLOPE = re.compile(rf"[+-]?{_NUMBER} ?(%|°)")

_CM = {"": 100.0, "m": 100.0, "cm": 1.0, "mm": 0.1}

_CM_PER_INCH = 2.54


def width_cm(text: str) -> int:
    """Return whole centimetres, rounded down; of a list the narrowest.

    Returns
    -------
    int
        :data:`psttm_geo.model.network.NOT_MAPPED` for what is no length above 0.
    """
    read = [length for part in text.split(";") if (length := _length_cm(part.strip()))]
    return min(math.floor(min(read)), _LARGEST) if read else NOT_MAPPED


def height_cm(text: str) -> int:
    """Return whole centimetres, rounded up; of a list the highest.

    Returns
    -------
    int
        :data:`psttm_geo.model.network.NOT_MAPPED` for what is no length.
    """
    read = [length for part in text.split(";") if (length := _length_cm(part.strip())) is not None]
    return min(math.ceil(max(read)), _LARGEST) if read else NOT_MAPPED


def slope_percent(text: str) -> int:
    """Return how steep a street is, up or down, in whole percent, rounded up.

    Returns
    -------
    int
        :data:`psttm_geo.model.network.NOT_MAPPED` for what is no number with its unit: ``up``, ``down``, ``steep``.
    """
    found = _SLOPE.fullmatch(text.strip())
    if found is None:
        return NOT_MAPPED
    number = _number(found[1])
    percent = number if found[2] == "%" else 100 * math.tan(math.radians(min(number, 80)))
    return min(math.ceil(round(percent, 6)), _LARGEST)


def smoothness(text: str) -> int:
    """Return the position of a grade in OSM's scale; of a list the worst.

    Returns
    -------
    int
        :data:`psttm_geo.model.network.NOT_MAPPED` for what is no grade.
    """
    grades = [part.strip() for part in text.split(";")]
    return max((SMOOTHNESS.index(grade) for grade in grades if grade in SMOOTHNESS), default=NOT_MAPPED)


def _length_cm(text: str) -> float | None:
    if found := _LENGTH.fullmatch(text):
        return round(_number(found[1]) * _CM[found[2]], 6)
    if text and (found := _FEET.fullmatch(text)):
        return (int(found[1] or 0) * 12 + int(found[2] or 0)) * _CM_PER_INCH
    return None


def _number(text: str) -> float:
    return float(text.replace(",", "."))
