"""Where facts and figures come from."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from psttm_geo.core.messages import LANGUAGES, Language, Text, gettext, same

FACT = "fatto pubblico"
"""Stands for the publisher of a fact that anybody may state."""

OFFICE = "ente"
"""Stands for the publisher of the user's own file."""

UNSTATED = "non indicata"
"""Stands for the licence of a source that states none."""

_STANDING = {
    FACT: Text(FACT, "public fact"),
    OFFICE: Text(OFFICE, "the office"),
    UNSTATED: Text(UNSTATED, "not stated"),
}

SYNTHETIC = gettext("SYNTHETIC DATA")
"""What is said of everything that rests on data which are made up."""

SYNTHETIC_MARK = f"{SYNTHETIC.it}: "
"""What begins the name of every source that is made up, wherever it is written down: who reads it knows by this."""

_EARLIER_MARK = "DATI SINTETICI (SYNTHETIC DATA): "
"""The same in files of earlier versions."""


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
    added_on
        The day on which a user's own file was registered in the workspace, ISO 8601; empty for everything else.
    """

    identifier: str
    title: str
    publisher: str
    address: str
    reference_date: str
    licence: str
    attribution: str
    sha256: str
    added_on: str = ""

    @property
    def newest(self) -> str:
        """The day up to which it tells: of its content, else of its registration; empty where nobody says."""
        return self.reference_date or self.added_on

    @property
    def synthetic(self) -> bool:
        """Whether it is made up."""
        return self.title.startswith((SYNTHETIC_MARK, _EARLIER_MARK))


def are_synthetic(sources: Iterable[Source]) -> bool:
    """Return whether something that rests on these sources is to be marked: one that is made up is enough."""
    return any(source.synthetic for source in sources)


def merge_sources(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return each source once, in order, with the day of its registration where one of its mentions has it."""
    days: dict[Source, str] = {}
    for source in sources:
        same = replace(source, added_on="")
        days[same] = max(days.get(same, ""), source.added_on)
    return tuple(replace(source, added_on=day) for source, day in days.items())


def marked(text: str, language: Language = "it", *, synthetic: bool) -> str:
    """Return a title or a sentence as it is to be said, with the mark of made-up data before it where they are in."""
    return f"{SYNTHETIC.say(language)}: {text}" if synthetic else text


def mark_lines(lines: Iterable[Text], *, synthetic: bool) -> tuple[Text, ...]:
    """Return sentences as :func:`marked` does, in both languages."""
    return tuple(same("{mark}: {line}").fill(mark=SYNTHETIC, line=line) if synthetic else line for line in lines)


def say_name(written: str, language: Language) -> str:
    """Return what is written down of a source in a language: its title, with the publisher or alone, or its licence.

    Its mark, and the words that stand for a publisher or a licence, are written down in Italian.
    """
    for mark in (SYNTHETIC_MARK, _EARLIER_MARK):
        if written.startswith(mark):
            return marked(say_name(written.removeprefix(mark), language), language, synthetic=True)
    before, comma, last = written.rpartition(", ")
    return f"{before}{comma}{_STANDING[last].say(language)}" if last in _STANDING else written


def say_date(iso: str) -> Text:
    """Return an ISO 8601 date as people write it: «1° gennaio 2023», “1 January 2023”; that none is stated if empty."""
    from babel.dates import format_date  # noqa: PLC0415 - commands that say no day do without

    if not iso:
        return gettext("date not stated")
    day = date.fromisoformat(iso)
    italian, english = (format_date(day, "d MMMM yyyy", language) for language in LANGUAGES)
    return Text(italian.replace("1 ", "1° ", 1) if day.day == 1 else italian, english)
