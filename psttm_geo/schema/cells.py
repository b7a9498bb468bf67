"""What a cell of a table has to be, and the sentence that says so to people."""

from datetime import date

import pandera.pandas as pa

from psttm_geo.core.messages import Text, gettext

IDENTIFIER = r"[a-z0-9][a-z0-9_-]*"
FILLED = gettext("a text that is not blank, without outer spaces")
FREE = gettext("a text without outer spaces, or nothing")
DAY = gettext("a date YYYY-MM-DD")
YEAR = gettext("a year of four digits")
COUNT = gettext("a whole number")
NAME = gettext("an identifier of lower-case letters, digits, hyphens")
YES = gettext("si or no")
SHORT = gettext("a title of at most 110 characters, without outer spaces")
TITLE = r"(?=.{1,110}$)\S(?:.*\S)?"


def day(*, blank: bool = False) -> pa.Column:
    """Describe a column of dates."""
    return pa.Column(
        str,
        pa.Check(lambda text: (blank and not text) or _is_day(text), element_wise=True, error=DAY.it),
        metadata={"expected": DAY},
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def text(
    expected: Text,
    pattern: str = r"\S(.*\S)?",
    *,
    unique: bool = False,
    blank: bool = False,
    default: str | None = None,
) -> pa.Column:
    """Describe a text column by a pattern and the sentence that says what was expected.

    With a `default` a table may leave the column out.
    """
    full = rf"(?:{pattern}){'?' if blank else ''}"
    return pa.Column(
        str,
        pa.Check.str_matches(rf"^{full}$", error=expected.it),
        unique=unique,
        required=default is None,
        metadata={"expected": expected, "default": default},
    )
