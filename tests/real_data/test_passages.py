"""Every row that says where in a document it was read names lines that are there, and that speak of it."""

import difflib
import re
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.core.names import plain_words
from psttm_geo.schema.data_tables import Register

pytestmark = pytest.mark.real_data

DOCUMENTS = {
    "plan-2022-2024": "000",
    "plan-2025-2027": "001",
    "press-release-2025": "002",
    "slides-2022": "003",
    "policy-directions": "004",
}

NAMED = {
    "afol_centri_impiego": "afol|impiego|lmpiego|employment",
    "agenzia_tpl": "tpl|transport",
    "associazioni_categoria": "associa|categor|rappresentanz|cooperativ",
    "ato": "ato|ambit",
    "ats_asst": "health|sanitar",
    "attori_territoriali": "actor|attor|stakeholder|soggett|territor",
    "citta_metropolitana": "metropolitan|city|citt|ente|entity|sit",
    "cittadini": (
        "communit|comunit|famigl|citizen|cittadin|resident|people|famil|passegger|passenger|person|inhabit|popolazion|"
        "utent|users"
    ),
    "commercio_artigianato": "commerc|shop|artigian|negozi|retail",
    "comune_milano": "milan",
    "comuni": "munic|comun|local|locali",
    "comunita_energetiche": "energ",
    "dipendenti_enti": "staff|personal|employee|dipendent",
    "donne": "women|donn|femmin|ragazz",
    "enti_pubblici": "public|pubblic|bodies|enti|administrat|amministraz|institution|territorial",
    "enti_ricerca": "research|ricerc",
    "fondi_immobiliari": "fond",
    "formazione": "training|formazion|education|its",
    "forze_ordine": "police|polizia|forz|law",
    "gestori_reti": "manager|gestor|utilit|operator|water|servizio idrico",
    "giovani_studenti": "young|youth|giovan|student",
    "imprese": "pmi|startup|dellimpresa|business|enterpris|compan|impres|produc|produtt|firm|aziend|sector",
    "lavoratori": "worker|lavorator|job|unemploy|disoccup|personal|staff",
    "mobility_manager": "mobility",
    "operatori_trasporto": "transport|trasport|operator|mobilit",
    "osservatorio_giovani": "observ|osservator",
    "persone_disabili": "disab",
    "persone_fragili": "frag|vulnerab|sosten|poor|pover|categor",
    "polizia_locale": "polic|poliz",
    "province": "provinc|pavia|lodi",
    "regione": "region",
    "scuole": "school|scuol|scolast|docent",
    "sindacati_parti_sociali": "sindac|union|social",
    "soggetti_europei": "europe",
    "soggetti_privati": "privat",
    "stato": "state|stat|national|nazional|ministr|govern",
    "terzo_settore": "third|terzo|associa|volunt|volont|non profit|no profit",
    "unione_europea": "europe|eu|comunitar",
    "unioni_comuni": "associated|union|unioni|associat",
    "universita": "universi|aten",
    "vigili_protezione_civile": "fire|vigil|protezione|civil",
}
"""How the documents call each actor, in English and in Italian as it was recognised."""

FUNDED = {
    "M1C1I1.03": "interoperabili|inter operabili|operabilit",
    "M1C1I1.04.01": "government",
    "M1C1I1.04.03": "government",
    "M1C1I1.04.04": "government",
    "M1C1I1.07": "alphabetization",
    "M1C2I3.01": "5g|ultra|divide",
    "M2C2I1.02": "energ",
    "M2C2I1.04": "biometano",
    "M2C2I4.01": "cycling|ciclabil",
    "M2C2I4.02": "rapid",
    "M2C2I4.04.01": "autobus",
    "M2C4I3.01": "forest",
    "M2C4I4.01": "infrastruct|infrastruttur",
    "M2C4I4.02": "maintenance|manutenzion",
    "M4C1I1.03": "sport",
    "M4C1I1.05": "its",
    "M4C1I1.06": "orient",
    "M4C1I3.03": "school|scolastic",
    "M4C1R1.07": "student",
    "M5C1I1.01": "employment|impiego|lmpiego",
    "M5C2I2.03": "housing|residenzial",
    "M6C1I1.01": "health|sanitar",
}
"""What each measure funds, as the texts of the goals that it serves call it."""

_ALIKE = 0.75
"""Of words that the recognition of characters has changed."""


@pytest.fixture(scope="module")
def documents(test_data: Path, absent: object) -> dict[str, list[str]]:
    folder = test_data.parent / "sources"
    found = {source: next(iter(folder.glob(f"{name}_*.txt")), None) for source, name in DOCUMENTS.items()}
    if None in found.values():
        absent(f"the plan's own text is missing from {folder}")
    return {source: file.read_text("utf-8").split("\n") for source, file in found.items()}


def tables(register: Register) -> dict[str, pd.DataFrame]:
    return {
        name: table[table["first_line"] != ""]
        for name, table in register.tables.items()
        if "first_line" in table.columns
    }


def text_of(row: dict[str, str], documents: dict[str, list[str]]) -> str:
    return " ".join(documents[row["source"]][int(row["first_line"]) - 1 : int(row["last_line"])])


def test_the_lines_of_every_row_are_in_its_document_and_hold_words(
    register: Register, documents: dict[str, list[str]]
) -> None:
    found = tables(register)
    assert {"goal_actors.csv", "acts.csv", "instruments.csv", "bodies.csv", "measure_drivers.csv"} <= found.keys()
    assert set(found["measure_goals.csv"]["basis"]) == {"document"}, "where the text names nothing there is no row"
    for name, table in found.items():
        for row in table.to_dict("records"):
            assert int(row["last_line"]) <= len(documents[row["source"]]), (name, row)
            assert plain_words(text_of(row, documents)), (name, row)


def test_every_actor_is_named_in_the_lines_of_its_goal(register: Register, documents: dict[str, list[str]]) -> None:
    rows = register.tables["goal_actors.csv"]
    assert set(rows["actor"]) == set(NAMED) == set(register.tables["actors.csv"]["actor"])
    for row in rows.to_dict("records"):
        text = " ".join(plain_words(text_of(row, documents)))
        assert re.search(rf"\b(?:{NAMED[row['actor']]})", text), (row, text)


def test_what_a_measure_funds_is_named_in_the_lines_of_its_goal(
    register: Register, documents: dict[str, list[str]]
) -> None:
    rows = register.tables["measure_goals.csv"]
    assert set(rows["measure"]) == set(FUNDED)
    for row in rows.to_dict("records"):
        assert row["source"] == f"plan-{row['edition']}"
        text = " ".join(plain_words(text_of(row, documents)))
        assert re.search(rf"\b(?:{FUNDED[row['measure']]})", text), (row, text)


@pytest.mark.parametrize(
    "name", ["acts", "stages", "instruments", "bodies", "municipal_services", "plan_dimensions", "mission_themes"]
)
def test_a_word_of_every_name_stands_in_its_lines(
    register: Register, documents: dict[str, list[str]], name: str
) -> None:
    for row in register.tables[f"{name}.csv"].to_dict("records"):
        said = " ".join(str(value) for column, value in row.items() if column not in ("source", "edition", "kind"))
        names = {word for word in plain_words(said) if len(word) > 2}
        words = plain_words(text_of(row, documents))
        assert any(difflib.get_close_matches(word, names, 1, _ALIKE) for word in words), (row, words)
