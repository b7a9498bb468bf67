"""Which mapped features a municipality has: how many there are and what they are called, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from psttm_geo.core.errors import Text

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
    "parco_agricolo_sud": _Nouns(
        Text("", ""),
        Text("", ""),
        Text("il Parco Agricolo Sud Milano", "the Parco Agricolo Sud Milano"),
        Text("parti del Parco Agricolo Sud Milano", "parts of the Parco Agricolo Sud Milano"),
        Text("un'altra parte", "another part"),
        Text("altre parti", "other parts"),
        Text("il Parco Agricolo Sud Milano non è nel comune", "the Parco Agricolo Sud Milano is not here"),
    ),
    "canali": _Nouns(
        Text("il canale ", "the canal "),
        Text("i canali ", "the canals "),
        Text("un canale", "a canal"),
        Text("canali", "canals"),
        Text("un altro", "another one"),
        Text("altri", "others"),
        Text("nessun canale è nel comune", "no canal is here"),
    ),
    "corsi_d_acqua": _Nouns(
        Text("il corso d'acqua ", "the watercourse "),
        Text("i corsi d'acqua ", "the watercourses "),
        Text("un corso d'acqua", "a watercourse"),
        Text("corsi d'acqua", "watercourses"),
        Text("un altro", "another one"),
        Text("altri", "others"),
        Text("nessun corso d'acqua è nel comune", "no watercourse is here"),
    ),
    "acque": _Nouns(
        Text("lo specchio d'acqua ", "the water "),
        Text("gli specchi d'acqua ", "the waters "),
        Text("uno specchio d'acqua", "a body of water"),
        Text("specchi d'acqua", "bodies of water"),
        Text("un altro", "another one"),
        Text("altri", "others"),
        Text("nessuno specchio d'acqua è nel comune", "no body of water is here"),
    ),
    "parchi": _Nouns(
        Text("il parco ", "the park "),
        Text("i parchi ", "the parks "),
        Text("un parco", "a park"),
        Text("parchi", "parks"),
        Text("un altro", "another one"),
        Text("altri", "others"),
        Text("nessun parco è nel comune", "no park is here"),
    ),
    "aree_protette": _Nouns(
        Text("l'area protetta ", "the protected area "),
        Text("le aree protette ", "the protected areas "),
        Text("un'area protetta", "a protected area"),
        Text("aree protette", "protected areas"),
        Text("un'altra", "another one"),
        Text("altre", "others"),
        Text("nessuna area protetta è nel comune", "no protected area is here"),
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
        return Text(f"nel comune c'è {said.it}", f"{said.en} is here")
    return Text(f"nel comune ci sono {said.it}", f"{said.en} are here")


def say_no_feature(parameter: str) -> Text:
    """Say that no feature meets a municipality."""
    return _NOUNS.get(parameter, _ANY).none


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
