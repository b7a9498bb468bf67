"""Conditions of the clock and the calendar in tags such as ``foot:conditional``, judged at one stated moment.

The moment is a Tuesday in the middle of October at ten in the morning, on no holiday: schools, shops, offices and parks
are open, and neither what closes in summer nor what closes in winter is closed. The times of the sun are those of
Milano on that day, summer time.

What is read is the part of OSM's specification of opening hours that such tags use: times, times of the sun, weekdays,
months and days of a month, rules one after the other. Anything else (weather, weights, ``destination``, weeks, years)
is no condition of the clock and holds never, so that the tag without condition stays in force.
"""

import functools
import re

MONTH, DAY, WEEKDAY, MINUTE = 10, 14, 1, 10 * 60
"""The moment: 14 October, a Tuesday (Monday is 0), minutes from midnight."""

SUFFIX = ":conditional"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")

_SUN = {"dawn": 7 * 60 + 7, "sunrise": 7 * 60 + 37, "sunset": 18 * 60 + 41, "dusk": 19 * 60 + 11}
"""Minutes from midnight in Milano (45.46 N, 9.19 E) on that day, summer time, after the equations of the NOAA."""

_MINUTES_PER_DAY = 24 * 60

_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_DAY = r"\d{1,2}(?![\d:])"
_DATES = rf"{_MONTH}(?: ?{_DAY})?(?: ?- ?(?:{_MONTH}(?: ?{_DAY})?|{_DAY}))?"
_HOLIDAYS = ("ph", "sh")
_WEEKDAY = rf"(?:{'|'.join((*_WEEKDAYS, *_HOLIDAYS))})"
_DAYS = rf"{_WEEKDAY}(?: ?- ?{_WEEKDAY})?"
_EVENT = rf"(?:{'|'.join(_SUN)})"
_TIME = rf"(?:\d{{1,2}}:\d{{2}}|{_EVENT}|\({_EVENT} ?[+-] ?\d{{1,2}}:\d{{2}}\))"
_TIMES = rf"{_TIME}(?: ?- ?{_TIME}|\+)"


def _list_of(item: str) -> str:
    return rf"{item}(?: ?, ?{item})*"


_RULE = re.compile(
    rf"(?P<dates>{_list_of(_DATES)})?:? ?(?P<days>{_list_of(_DAYS)})?:? ?(?P<times>{_list_of(_TIMES)})? ?"
    r"(?P<state>off|closed|open)?"
)

_CLAUSE = re.compile(r"([^@;()]+)@\s*(\((?:[^()]|\([^()]*\))*\)|[^;()]+)")
"""A value, and the condition under which it holds."""

_ALSO = re.compile(rf"(?<=\d) ?, ?(?={_WEEKDAY}\b)")
"""Between two rules that hold both: ``Mo-Fr 08:00-18:00, Sa 09:00-12:00``."""


@functools.cache
def value_at_hour(text: str) -> str:
    """Return the value that a conditional tag has at the stated moment.

    Parameters
    ----------
    text
        Such as ``no @ (22:00-06:00); destination @ (Sa,Su)``.

    Returns
    -------
    str
        The value of the last clause whose condition holds; empty where none does.
    """
    value = ""
    for stated, condition in _CLAUSE.findall(text):
        if all(_holds(part) for part in re.split(r"\bAND\b", _bare(condition))):
            value = stated.strip()
    return value


def _bare(condition: str) -> str:
    condition = condition.strip()
    return condition[1:-1] if condition.startswith("(") and condition.endswith(")") else condition


def _holds(part: str) -> bool:
    """Tell whether opening hours hold; what is not understood does not."""
    text = " ".join(part.lower().split())
    if text in {"24/7", "day", "daytime", "daylight"}:
        return True
    state = False
    for rules in text.split(";"):
        read = [_RULE.fullmatch(rule.strip()) for rule in _ALSO.split(rules)]
        if not all(found and found.group() for found in read):
            return False
        # A later rule takes the place of the ones before on the days that it speaks of.
        said = [answer for found in read if found and (answer := _say(found)) is not None]
        state = any(said) if said else state
    return state


def _say(rule: re.Match[str]) -> bool | None:
    """Return whether a rule holds; None on a day that it does not speak of."""
    today = _is_day(rule["dates"], rule["days"], WEEKDAY)
    yesterday = _is_day(rule["dates"], rule["days"], (WEEKDAY - 1) % 7)
    spans = [_span(found) for found in re.findall(_TIMES, rule["times"] or "")] or [(0, _MINUTES_PER_DAY)]
    now = any(today and start <= MINUTE < stop for start, stop in spans)
    now |= any(yesterday and start <= MINUTE + _MINUTES_PER_DAY < stop for start, stop in spans)
    if rule["state"] in {"off", "closed"}:
        return False if now else None
    return now if now or today else None


def _is_day(dates: str | None, days: str | None, weekday: int) -> bool:
    in_dates = dates is None or any(_is_date(found) for found in re.findall(_DATES, dates))
    return in_dates and (days is None or any(_is_weekday(found, weekday) for found in re.findall(_DAYS, days)))


def _is_date(span: str) -> bool:
    start, _, stop = span.partition("-")
    first = _date(start, 1)
    last = _date(stop or start, 31, first[0])
    if not stop and any(sign.isdigit() for sign in start):
        last = first
    today = (MONTH, DAY)
    return first <= today <= last if first <= last else today >= first or today <= last


def _date(text: str, day: int, month: int = 0) -> tuple[int, int]:
    """Return month and day; of a text without a month those given."""
    words = re.findall(r"[a-z]+|\d+", text)
    if words and words[0] in _MONTHS:
        month = _MONTHS.index(words.pop(0)) + 1
    return month, int(words[0]) if words else day


def _is_weekday(span: str, weekday: int) -> bool:
    start, _, stop = (part.strip() for part in span.partition("-"))
    if start in _HOLIDAYS or stop in _HOLIDAYS:
        return False
    first = _WEEKDAYS.index(start)
    return (weekday - first) % 7 <= (_WEEKDAYS.index(stop or start) - first) % 7


def _span(text: str) -> tuple[int, int]:
    """Return when a time begins and ends, the end after midnight where it comes before the beginning."""
    start, *stop = re.findall(_TIME, text)
    first = _minute(start)
    last = _minute(stop[0]) if stop else _MINUTES_PER_DAY
    return first, last if last > first else last + _MINUTES_PER_DAY


def _minute(text: str) -> int:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    clock = numbers[0] * 60 + numbers[1] if numbers else 0
    event = re.search(_EVENT, text)
    return (_SUN[event.group()] if event else 0) + (-clock if "-" in text else clock)
