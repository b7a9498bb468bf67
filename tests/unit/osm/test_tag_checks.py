from collections.abc import Callable

import pandas as pd
import pytest

from psttm_geo.osm.tag_checks import tag_faults
from psttm_geo.schema.data_tables import Register

NAMES = ("walkable.csv", "services.csv", "features.csv", "register_categories.csv", "closed_services.csv")


@pytest.fixture
def faults_of(register: Register) -> Callable[[str, str, str], list[str]]:
    """Give the faults of the tables with one cell of the first row changed."""

    def faults_of(name: str, column: str, value: str) -> list[str]:
        tables = {other: register.tables[other].copy() for other in NAMES}
        tables[name].loc[0, column] = value
        return [fault.say("it") for fault in tag_faults(tables)]

    return faults_of


def test_the_packaged_tables_agree(register: Register) -> None:
    assert tag_faults(register.tables) == []
    assert tag_faults({}) == []


def test_eight_of_fourteen_categories_are_essential(register: Register) -> None:
    categories = register.tables["services.csv"].drop_duplicates("category")
    assert len(categories) == 14
    assert (categories["essential"] == "si").sum() == 8
    assert categories["icon"].is_unique


@pytest.mark.parametrize(
    ("name", "column", "value", "said"),
    [
        (
            "walkable.csv",
            "flag",
            "ladder",
            "walkable.csv, riga 2: contrassegno «ladder» sconosciuto; indicarne uno fra: steps",
        ),
        ("walkable.csv", "rank", "", "walkable.csv, riga 2: «rank» e «verdict» vanno scritti insieme"),
        ("walkable.csv", "kerb_cm", "4", "walkable.csv, riga 2: «kerb_cm» vale solo per righe «node»"),
        (
            "services.csv",
            "and_key",
            "isced:level",
            "services.csv, riga 2: «and_key» e «and_value» vanno scritti insieme",
        ),
        (
            "register_categories.csv",
            "category",
            "farmacie",
            "register_categories.csv, riga 2: categoria «farmacie» sconosciuta; aggiungerla a services.csv",
        ),
        (
            "closed_services.csv",
            "category",
            "parco",
            "closed_services.csv, riga 2: categoria «parco» sconosciuta; scriverne",
        ),
        ("closed_services.csv", "rank", "", "closed_services.csv, riga 2: «rank» e «verdict» vanno scritti insieme"),
        ("features.csv", "name_pattern", "(", "features.csv, riga 2: «(» non è un'espressione regolare"),
    ],
)
def test_a_contradiction_is_told_with_its_row(
    faults_of: Callable[[str, str, str], list[str]], name: str, column: str, value: str, said: str
) -> None:
    (fault,) = faults_of(name, column, value)
    assert fault.startswith(said)


def test_what_a_category_repeats_has_to_be_the_same(faults_of: Callable[[str, str, str], list[str]]) -> None:
    faults = faults_of("services.csv", "essential", "no")
    assert faults[0].startswith("services.csv, riga 3: «essential» vale «si», ma la categoria alimentari ha già «no»")


@pytest.mark.parametrize("column", ["reason_it", "reason_en", "source"])
def test_a_category_gives_one_reason(faults_of: Callable[[str, str, str], list[str]], column: str) -> None:
    assert any(f"«{column}» vale" in fault for fault in faults_of("services.csv", column, "un altro motivo"))


def test_every_category_of_the_package_gives_its_reason_and_source(register: Register) -> None:
    table = register.tables["services.csv"]
    assert table[["reason_it", "reason_en", "source"]].ne("").all(axis=None)
    plan = table.drop_duplicates("category").set_index("category")["source"].str.contains("Prossimità")
    assert plan["alimentari"]
    assert plan["farmacia"]
    assert table[table["category"] == "scuola"]["reason_it"].str.contains("basta una delle due").all()


def test_a_flag_of_ways_is_none_of_nodes() -> None:
    row = {"object": "node", "key": "a", "value": "b", "rank": "", "verdict": "", "flag": "steps"}
    (fault,) = tag_faults({"walkable.csv": pd.DataFrame([row])})
    assert "crossing, signals, obstacle" in fault.text.en


def test_a_type_that_a_register_leaves_out_needs_no_category(register: Register) -> None:
    table = register.tables["register_categories.csv"]
    assert (table["category"] == "").any()
    assert tag_faults({name: register.tables[name] for name in ("services.csv", "register_categories.csv")}) == []


def test_categories_of_registers_are_not_checked_against_a_table_that_is_missing(register: Register) -> None:
    table = register.tables["register_categories.csv"].assign(category="unknown")
    assert tag_faults({"register_categories.csv": table}) == []
