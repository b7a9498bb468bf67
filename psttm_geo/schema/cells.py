"""What a cell of a table has to be, and the sentence that says so to people."""

from datetime import date

import pandera.pandas as pa

from psttm_geo.core.errors import Text

IDENTIFIER = r"[a-z0-9][a-z0-9_-]*"
FILLED = Text("un testo non vuoto, senza spazi ai bordi", "a text that is not blank, without outer spaces")
FREE = Text("un testo senza spazi ai bordi, o niente", "a text without outer spaces, or nothing")
DAY = Text("una data AAAA-MM-GG", "a date YYYY-MM-DD")
YEAR = Text("un anno di quattro cifre", "a year of four digits")
COUNT = Text("un numero intero", "a whole number")
NAME = Text(
    "un identificativo di lettere minuscole, cifre, trattini",
    "an identifier of lower-case letters, digits, hyphens",
)
YES = Text("si o no", "si or no")
SHORT = Text(
    "un titolo di al massimo 110 caratteri, senza spazi ai bordi",
    "a title of at most 110 characters, without outer spaces",
)
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
