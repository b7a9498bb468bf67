import re
from pathlib import Path

import pytest

from psttm_geo.plan import reasons
from psttm_geo.plan.reasons import say_features, say_no_feature
from psttm_geo.schema.data_tables import Register
from psttm_geo.schema.dictionary import read_rows

NOUNS = read_rows("feature_nouns.csv", Path(reasons.__file__).parent)

STATIONS = {
    "one": (["A"], "c'è la stazione A", "station A is"),
    "two": (["B", "A"], "ci sono le stazioni A e B", "stations A and B are"),
    "three": (["B", "A", "C"], "ci sono le stazioni A, B e C", "stations A, B and C are"),
    "four": (list("DBAC"), "ci sono le stazioni A, B, C e un'altra", "stations A, B, C and another one are"),
    "six": (list("FEDBAC"), "ci sono le stazioni A, B, C e altre 3", "stations A, B, C and 3 others are"),
    "twice": (["A", "A"], "c'è la stazione A", "station A is"),
    "unnamed": ([""], "c'è una stazione (senza nome nei dati)", "a station (unnamed in the data) is"),
    "two unnamed": (["", ""], "ci sono 2 stazioni (senza nome nei dati)", "2 stations (unnamed in the data) are"),
    "one of two named": (["", "A"], "ci sono le stazioni A e un'altra", "stations A and another one are"),
    "some unnamed": (["", "B", "A", "", ""], "ci sono le stazioni A, B e altre 3", "stations A, B and 3 others are"),
}


@pytest.mark.parametrize("case", STATIONS.values(), ids=STATIONS)
def test_stations_are_said_as_many_as_they_are(case: tuple[list[str], str, str]) -> None:
    names, italian, english = case
    assert say_features("stazioni", names) == (f"nel comune {italian}", f"{english} here")


CANALS = {
    "one": (["Naviglio Grande"], "c'è il Naviglio Grande", "the Naviglio Grande is"),
    "two": (
        ["Naviglio Pavese", "Naviglio Grande"],
        "ci sono i canali Naviglio Grande e Naviglio Pavese",
        "the canals Naviglio Grande and Naviglio Pavese are",
    ),
    "five": (list("EDCBA"), "ci sono i canali A, B, C e altri 2", "the canals A, B, C and 2 others are"),
    "unnamed": ([""], "c'è un Naviglio (senza nome nei dati)", "a Naviglio (unnamed in the data) is"),
}


@pytest.mark.parametrize("case", CANALS.values(), ids=CANALS)
def test_navigli_are_said_as_canals(case: tuple[list[str], str, str]) -> None:
    names, italian, english = case
    assert say_features("navigli", names) == (f"nel comune {italian}", f"{english} here")


IDROSCALO = {
    "water": (["Idroscalo"], "c'è Idroscalo", "Idroscalo is"),
    "park": (["Parco dell'Idroscalo"], "c'è Parco dell'Idroscalo", "Parco dell'Idroscalo is"),
    "both": (
        ["Parco Idroscalo", "Idroscalo"],
        "ci sono Idroscalo e Parco Idroscalo",
        "Idroscalo and Parco Idroscalo are",
    ),
    "unnamed": (
        ["", ""],
        "ci sono 2 parti dell'Idroscalo (senza nome nei dati)",
        "2 parts of the Idroscalo (unnamed in the data) are",
    ),
}


@pytest.mark.parametrize("case", IDROSCALO.values(), ids=IDROSCALO)
def test_the_idroscalo_is_said_by_the_names_of_its_parts(case: tuple[list[str], str, str]) -> None:
    names, italian, english = case
    assert say_features("idroscalo", names) == (f"nel comune {italian}", f"{english} here")


ANY = {
    "one": (["Naviglio Grande"], "c'è Naviglio Grande", "Naviglio Grande is"),
    "two": (["B", "A"], "ci sono A e B", "A and B are"),
    "five": (list("EDCBA"), "ci sono A, B, C e altri 2", "A, B, C and 2 others are"),
    "unnamed": ([""], "c'è un elemento mappato (senza nome nei dati)", "a mapped feature (unnamed in the data) is"),
    "two unnamed": (
        ["", ""],
        "ci sono 2 elementi mappati (senza nome nei dati)",
        "2 mapped features (unnamed in the data) are",
    ),
}


@pytest.mark.parametrize("case", ANY.values(), ids=ANY)
def test_features_of_any_kind_are_said_without_a_noun(case: tuple[list[str], str, str]) -> None:
    names, italian, english = case
    assert say_features("boschi", names) == (f"nel comune {italian}", f"{english} here")


def test_where_there_is_none_it_is_said_of_what() -> None:
    assert say_no_feature("stazioni").it == "nessuna stazione è nel comune"
    assert say_no_feature("navigli") == ("nessun Naviglio è nel comune", "no Naviglio is here")
    assert say_no_feature("idroscalo").it == "l'Idroscalo non è nel comune"
    assert say_no_feature("boschi").en == "none of the mapped features is here"


OTHERS = {
    "canali": (["Villoresi", ""], "ci sono i canali Villoresi e un altro", "the canals Villoresi and another one are"),
    "corsi_d_acqua": (["Olona"], "c'è il corso d'acqua Olona", "the watercourse Olona is"),
    "acque": ([""], "c'è uno specchio d'acqua (senza nome nei dati)", "a body of water (unnamed in the data) is"),
    "parchi": (["", ""], "ci sono 2 parchi (senza nome nei dati)", "2 parks (unnamed in the data) are"),
    "aree_protette": (["B", "A"], "ci sono le aree protette A e B", "the protected areas A and B are"),
    "parco_agricolo_sud": ([""], "c'è il Parco Agricolo Sud Milano (senza nome nei dati)", None),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_every_other_kind_has_its_noun(kind: str) -> None:
    names, italian, english = OTHERS[kind]
    said = say_features(kind, names)
    assert said.it == f"nel comune {italian}"
    assert english is None or said.en == f"{english} here"
    assert say_no_feature(kind) != say_no_feature("boschi")


def test_what_stands_before_names_is_parted_from_them_and_every_other_noun_is_filled() -> None:
    for row in NOUNS:
        feature, *nouns = row.values()
        assert re.fullmatch("[a-z_]*", feature)
        assert all(re.fullmatch(r"(\S.* )?", noun) for noun in nouns[:4])
        assert all(re.fullmatch(r"\S(.*\S)?", noun) for noun in nouns[4:])
        assert len({bool(noun) for noun in nouns[:4]}) == 1
        assert nouns[-2] != nouns[-1]


def test_every_kind_of_mapped_feature_has_its_nouns_once(register: Register) -> None:
    features = [row["feature"] for row in NOUNS]
    assert len(set(features)) == len(features)
    assert set(features) == {*register.tables["features.csv"]["feature"], reasons.STATIONS, ""}
