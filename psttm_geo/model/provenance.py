"""Where facts and figures come from."""

from dataclasses import dataclass
from datetime import date

from psttm_geo.errors import Text

_MONTHS = {
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "en": "January February March April May June July August September October November December",
}


FACT = "fatto pubblico"
"""Stands for the publisher of a fact that anybody may state."""

OFFICE = "ente"
"""Stands for the publisher of the user's own file."""

UNSTATED = "non indicata"
"""Stands for the licence of a source that states none."""


@dataclass(frozen=True)
class Source:
    """One file or dataset that a result rests on, a row of ``sources.csv`` or a file of the user.

    Attributes
    ----------
    identifier
        Short name, unique in the register.
    title, publisher, address
        What it is, who publishes it and where; `address` is empty for a user's own file.
    reference_date
        The date its content refers to, ISO 8601; empty where a user's own file does not say.
    licence, attribution
        As published; "non indicata" where the publisher states none.
    sha256
        Of the file that was read.
    """

    identifier: str
    title: str
    publisher: str
    address: str
    reference_date: str
    licence: str
    attribution: str
    sha256: str


def say_date(iso: str) -> Text:
    """Return an ISO 8601 date as people write it: «1° gennaio 2023», “1 January 2023”."""
    day = date.fromisoformat(iso)
    ordinal = "1°" if day.day == 1 else str(day.day)
    italian, english = (_MONTHS[language].split()[day.month - 1] for language in ("it", "en"))
    return Text(it=f"{ordinal} {italian} {day.year}", en=f"{day.day} {english} {day.year}")
