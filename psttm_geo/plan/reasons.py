"""Which mapped features a municipality has: how many there are and what they are called, in words.

The nouns stand in ``feature_nouns.csv`` beside this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from psttm_geo.core.messages import COMMA, NOTHING, Text, gettext, same
from psttm_geo.schema.dictionary import OnFirstUse, read_rows

STATIONS = "stazioni"
"""What scope rules call railway and metro stations."""

NAMES_SHOWN = 3
"""Names given before the rest is only counted."""


@dataclass(frozen=True)
class _Nouns:
    """What a kind of feature is called: before names, as a count, as what is left over, and where there is none."""

    before_one: Text
    before_many: Text
    one: Text
    many: Text
    other: Text
    others: Text
    none: Text


def _read() -> dict[str, _Nouns]:
    return {
        row["feature"]: _Nouns(*(Text(row[f"{noun.name}_it"], row[f"{noun.name}_en"]) for noun in fields(_Nouns)))
        for row in read_rows("feature_nouns.csv", Path(__file__).parent)
    }


_NOUNS = OnFirstUse(_read)

_ANY = ""
"""Stands for every kind of feature that has no nouns of its own."""


def say_features(parameter: str, names: Sequence[str]) -> Text:
    """Say which features meet a municipality.

    Parameters
    ----------
    parameter
        The kind of feature, as scope rules call it.
    names
        Of the features met, at least one; empty where the data give none. A name counts once.
    """
    nouns = _nouns_of(parameter)
    named = sorted({name for name in names if name})
    total = len(named) + sum(not name for name in names)
    said = _listed(nouns, named, total) if named else _unnamed(nouns, total)
    if total == 1:
        return gettext("{said} is here", said=said)
    return gettext("{said} are here", said=said)


def say_no_feature(parameter: str) -> Text:
    """Say that no feature meets a municipality."""
    return _nouns_of(parameter).none


def _nouns_of(parameter: str) -> _Nouns:
    return _NOUNS.get(parameter) or _NOUNS[_ANY]


def _unnamed(nouns: _Nouns, total: int) -> Text:
    counted = nouns.one if total == 1 else same("{total} {nouns}").fill(total=total, nouns=nouns.many)
    return gettext("{counted} (unnamed in the data)", counted=counted)


def _listed(nouns: _Nouns, named: Sequence[str], total: int) -> Text:
    shown = list(named[:NAMES_SHOWN])
    rest = total - len(shown)
    before = nouns.before_one if total == 1 else nouns.before_many
    tail = nouns.other if rest == 1 else gettext("{rest} {others}", rest=rest, others=nouns.others)
    *first, last = [*map(same, shown), *([tail] if rest else [])]
    listed = gettext("{first} and {last}", first=COMMA.join(first), last=last) if first else last
    return NOTHING.join((before, listed))
