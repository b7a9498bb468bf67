"""Which mapped features a municipality has: how many there are and what they are called, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from psttm_geo.core.messages import COMMA, NOTHING, Text, gettext, pgettext, same

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


_NOUNS = {
    STATIONS: _Nouns(
        gettext("station "),
        gettext("stations "),
        gettext("a station"),
        gettext("stations"),
        pgettext("feminine", "another one"),
        pgettext("feminine", "others"),
        gettext("no station is here"),
    ),
    "navigli": _Nouns(
        gettext("the "),
        gettext("the canals "),
        gettext("a Naviglio"),
        gettext("Navigli"),
        pgettext("masculine", "another one"),
        pgettext("masculine", "others"),
        gettext("no Naviglio is here"),
    ),
    "idroscalo": _Nouns(
        Text("", ""),
        Text("", ""),
        gettext("the Idroscalo"),
        gettext("parts of the Idroscalo"),
        gettext("another part"),
        pgettext("of one place", "other parts"),
        gettext("the Idroscalo is not here"),
    ),
    "parco_agricolo_sud": _Nouns(
        Text("", ""),
        Text("", ""),
        gettext("the Parco Agricolo Sud Milano"),
        gettext("parts of the Parco Agricolo Sud Milano"),
        gettext("another part"),
        pgettext("of one place", "other parts"),
        gettext("the Parco Agricolo Sud Milano is not here"),
    ),
    "canali": _Nouns(
        gettext("the canal "),
        gettext("the canals "),
        gettext("a canal"),
        gettext("canals"),
        pgettext("masculine", "another one"),
        pgettext("masculine", "others"),
        gettext("no canal is here"),
    ),
    "corsi_d_acqua": _Nouns(
        gettext("the watercourse "),
        gettext("the watercourses "),
        gettext("a watercourse"),
        gettext("watercourses"),
        pgettext("masculine", "another one"),
        pgettext("masculine", "others"),
        gettext("no watercourse is here"),
    ),
    "acque": _Nouns(
        gettext("the water "),
        gettext("the waters "),
        gettext("a body of water"),
        gettext("bodies of water"),
        pgettext("masculine", "another one"),
        pgettext("masculine", "others"),
        gettext("no body of water is here"),
    ),
    "parchi": _Nouns(
        gettext("the park "),
        gettext("the parks "),
        gettext("a park"),
        gettext("parks"),
        pgettext("masculine", "another one"),
        pgettext("masculine", "others"),
        gettext("no park is here"),
    ),
    "aree_protette": _Nouns(
        gettext("the protected area "),
        gettext("the protected areas "),
        gettext("a protected area"),
        gettext("protected areas"),
        pgettext("feminine", "another one"),
        pgettext("feminine", "others"),
        gettext("no protected area is here"),
    ),
}

_ANY = _Nouns(
    Text("", ""),
    Text("", ""),
    gettext("a mapped feature"),
    gettext("mapped features"),
    pgettext("masculine", "another one"),
    pgettext("masculine", "others"),
    gettext("none of the mapped features is here"),
)


def say_features(parameter: str, names: Sequence[str]) -> Text:
    """Say which features meet a municipality.

    Parameters
    ----------
    parameter
        The kind of feature, as scope rules call it.
    names
        Of the features met, at least one; empty where the data give none. A name counts once.
    """
    nouns = _NOUNS.get(parameter, _ANY)
    named = sorted({name for name in names if name})
    total = len(named) + sum(not name for name in names)
    said = _listed(nouns, named, total) if named else _unnamed(nouns, total)
    if total == 1:
        return gettext("{said} is here", said=said)
    return gettext("{said} are here", said=said)


def say_no_feature(parameter: str) -> Text:
    """Say that no feature meets a municipality."""
    return _NOUNS.get(parameter, _ANY).none


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
