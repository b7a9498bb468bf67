"""Sentences in the two languages of the users: English in the code, Italian in the catalogue of ``psttm_geo/locale``.

:func:`gettext`, :func:`pgettext` and :func:`ngettext` are called as those of the standard library, and Babel finds them
by their names; they give a :class:`Text`, since one process speaks both languages.
"""

import functools
import gettext as catalogues
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

Language = Literal["it", "en"]

LANGUAGES: tuple[Language, ...] = ("it", "en")

LOCALE = Path(__file__).parent.parent / "locale"

DOMAIN = "psttm_geo"


class Text(NamedTuple):
    """One sentence or label in the two languages of the users."""

    it: str
    en: str

    def say(self, language: Language) -> str:
        """Return the wording in `language`."""
        return self.it if language == "it" else self.en

    def fill(self, **values: Any) -> "Text":  # noqa: ANN401 - whatever can be written
        """Return the wordings with their places filled, each ``Text`` of the values in its own language."""
        return Text(*(self.say(language).format(**_said(values, language)) for language in LANGUAGES))

    def lower(self) -> "Text":
        """Return both wordings in lower case."""
        return Text(self.it.lower(), self.en.lower())

    def join(self, texts: Iterable["Text"]) -> "Text":
        """Return the wordings of several texts, this one between them."""
        listed = list(texts)
        return Text(self.it.join(text.it for text in listed), self.en.join(text.en for text in listed))


NOTHING, COMMA, SEMICOLON = Text("", ""), Text(", ", ", "), Text("; ", "; ")


def same(said: str) -> Text:
    """Return what is written alike in both languages: a name, a code."""
    return Text(said, said)


def gettext(message: str, /, **values: Any) -> Text:  # noqa: ANN401 - whatever can be written
    """Return an English message and its Italian wording.

    Parameters
    ----------
    message
        In English, the places of values in braces where there are any.
    values
        By the names of their places; a ``Text`` is said in the language of the wording.
    """
    text = Text(_italian().gettext(message), message)
    return text.fill(**values) if values else text


def pgettext(context: str, message: str, /, **values: Any) -> Text:  # noqa: ANN401 - whatever can be written
    """Return a message as :func:`gettext` does, where one English wording has several Italian ones."""
    text = Text(_italian().pgettext(context, message), message)
    return text.fill(**values) if values else text


def ngettext(one: str, many: str, count: int, /, **values: Any) -> Text:  # noqa: ANN401 - whatever can be written
    """Return a message in the form that a count takes in each language; ``{count}`` is among its places."""
    text = Text(_italian().ngettext(one, many, count), one if count == 1 else many)
    return text.fill(count=count, **values)


def list_some(names: Sequence[str], shown: int) -> Text:
    """Return names as a list, those after the first `shown` as a number."""
    listed, more = ", ".join(names[:shown]), len(names) - shown
    return gettext("{listed} and {more} more", listed=listed, more=more) if more > 0 else same(listed)


def as_sentence(text: Text) -> Text:
    """Return a text with a full stop."""
    return same("{text}.").fill(text=text)


def _said(values: dict[str, Any], language: Language) -> dict[str, Any]:
    return {name: value.say(language) if isinstance(value, Text) else value for name, value in values.items()}


@functools.cache
def _italian() -> catalogues.NullTranslations:
    return catalogues.translation(DOMAIN, LOCALE, ["it"])
