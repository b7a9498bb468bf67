"""Why a goal applies where mapped features are: how many there are and what they are called, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from psttm_geo.errors import Text

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
        Text("la stazione ", "station "),
        Text("le stazioni ", "stations "),
        Text("una stazione", "a station"),
        Text("stazioni", "stations"),
        Text("un'altra", "another one"),
        Text("altre", "others"),
        Text("nessuna stazione è nel comune", "no station is here"),
    ),
    "navigli": _Nouns(
        Text("il ", "the "),
        Text("i canali ", "the canals "),
        Text("un Naviglio", "a Naviglio"),
        Text("Navigli", "Navigli"),
        Text("un altro", "another one"),
        Text("altri", "others"),
        Text("nessun Naviglio è nel comune", "no Naviglio is here"),
    ),
    "idroscalo": _Nouns(
        Text("", ""),
        Text("", ""),
        Text("l'Idroscalo", "the Idroscalo"),
        Text("parti dell'Idroscalo", "parts of the Idroscalo"),
        Text("un'altra parte", "another part"),
        Text("altre parti", "other parts"),
        Text("l'Idroscalo non è nel comune", "the Idroscalo is not here"),
    ),
}

_ANY = _Nouns(
    Text("", ""),
    Text("", ""),
    Text("un elemento mappato", "a mapped feature"),
    Text("elementi mappati", "mapped features"),
    Text("un altro", "another one"),
    Text("altri", "others"),
    Text("nessuno degli elementi mappati è nel comune", "none of the mapped features is here"),
)


def say_features(parameter: str, names: Sequence[str]) -> Text:
    """Say why a goal applies to a municipality that features meet.

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
        return Text(f"si applica: nel comune c'è {said.it}", f"applies: {said.en} is here")
    return Text(f"si applica: nel comune ci sono {said.it}", f"applies: {said.en} are here")


def say_no_feature(parameter: str) -> Text:
    """Say why a goal does not apply to a municipality that no feature meets."""
    none = _NOUNS.get(parameter, _ANY).none
    return Text(f"non si applica: {none.it}", f"does not apply: {none.en}")


def _unnamed(nouns: _Nouns, total: int) -> Text:
    counted = nouns.one if total == 1 else Text(f"{total} {nouns.many.it}", f"{total} {nouns.many.en}")
    return Text(
        f"{counted.it} (senza nome nei dati)",
        f"{counted.en} (unnamed in the data)",
    )


def _listed(nouns: _Nouns, named: Sequence[str], total: int) -> Text:
    shown = list(named[:NAMES_SHOWN])
    rest = total - len(shown)
    before = nouns.before_one if total == 1 else nouns.before_many
    tail = nouns.other if rest == 1 else Text(f"{nouns.others.it} {rest}", f"{rest} {nouns.others.en}")
    parts_it, parts_en = ([*shown, tail.it], [*shown, tail.en]) if rest else (shown, shown)
    return Text(before.it + _joined(parts_it, "e"), before.en + _joined(parts_en, "and"))


def _joined(parts: Sequence[str], conjunction: str) -> str:
    *first, last = parts
    return f"{', '.join(first)} {conjunction} {last}" if first else last
