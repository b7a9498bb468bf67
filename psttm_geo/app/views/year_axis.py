"""An axis of years: what stands on it, and on which level, so that marks can be read."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

_MONTH_DIGITS = len("AAAA-MM")

_DECEMBER = 12

_QUARTERS = 4

_APART_YEARS = 0.6
"""Room that the number of a mark takes on a narrow screen."""


@dataclass(frozen=True)
class Mark:
    """Something on the axis.

    Attributes
    ----------
    label
        The number of a row in the list, or a name.
    begins, ends
        In years, such as 2023.5; equal for a day, apart where only a month, a quarter or a year is stated.
    level
        How many it stands below: marks of one level are far enough apart to be read.
    kind
        What sets it off from the others, for the page's style; empty for nothing.
    """

    label: str
    begins: float
    ends: float
    level: int = 0
    kind: str = ""


@dataclass(frozen=True)
class Axis:
    """An axis of years.

    Attributes
    ----------
    years
        In order; the axis ends with the beginning of the last.
    periods
        What stands above it, side by side.
    marks
        What stands on it.
    """

    years: range
    periods: Sequence[Mark]
    marks: Sequence[Mark]


def draw_axis(marks: Iterable[Mark], periods: Sequence[Mark] = ()) -> Axis:
    """Return the axis that holds marks, in the order of their beginnings, and periods; at least one of either."""
    placed = list(_apart(marks))
    both = [*placed, *periods]
    first, last = min(mark.begins for mark in both), max(mark.ends for mark in both)
    return Axis(range(int(first), max(math.ceil(last), int(first) + 1) + 1), periods, placed)


def _apart(marks: Iterable[Mark]) -> Iterator[Mark]:
    """Give marks in their order, each on the first level where nothing is near."""
    ends: list[float] = []
    for mark in marks:
        free = (level for level, end in enumerate(ends) if end + _APART_YEARS <= mark.begins)
        level = next(free, len(ends))
        ends[level : level + 1] = [mark.ends]
        yield replace(mark, level=level)


def span_of(written: str) -> tuple[float, float]:
    """Return between which points of the years a date lies that may be a year, a month or a day."""
    year, *rest = (int(part) for part in written.split("-"))
    if not rest:
        return float(year), float(year + 1)
    if len(written) == _MONTH_DIGITS:
        return year + (rest[0] - 1) / _DECEMBER, year + rest[0] / _DECEMBER
    at = year + (date(year, *rest) - date(year, 1, 1)).days / 366
    return at, at


def span_of_quarter(quarter: str) -> tuple[float, float]:
    """Return between which points of the years a quarter such as 2026-T2 lies."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return year + (number - 1) / _QUARTERS, year + number / _QUARTERS
