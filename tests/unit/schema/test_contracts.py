import pandas as pd
import pytest

from psttm_geo.schema.contracts import SCHEMAS, contract_faults, with_defaults
from psttm_geo.schema.data_tables import Register

NAMES = list(SCHEMAS)


def zones(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["municipality_code", "municipality", "zone", "written_as"], dtype="str")


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_of_the_package_keep_their_contract(register: Register, name: str) -> None:
    assert contract_faults(name, register.tables[name]) == []


def test_every_broken_cell_is_found_with_its_line() -> None:
    table = zones(("015001", "Alfa", "Est", ""), ("15002", "Beta", "Est", ""), ("015003", " Gamma", "", ""))
    faults = contract_faults("zones.csv", table)
    assert [(fault.row, fault.text.en.split("”")[0]) for fault in faults] == [
        (3, "“municipality_code"),
        (4, "“municipality"),
        (4, "“zone"),
    ]
    assert "«15002», atteso un codice ISTAT di sei cifre" in faults[0].text.it
    assert all(fault.text.en.endswith("correct the cell.") for fault in faults)


def test_missing_and_unexpected_columns_are_named_on_the_header_line() -> None:
    faults = contract_faults("zones.csv", zones(("015001", "Alfa", "Est", "")).rename(columns={"zone": "zona"}))
    assert [fault.row for fault in faults] == [1]
    assert "columns zone are missing; unexpected columns: zona" in faults[0].text.en
    assert "municipality_code,municipality,zone,written_as" in faults[0].text.en


def test_a_repeated_identifier_is_one_row_too_many() -> None:
    names = pd.DataFrame({"number": ["1", "1"], "zone": ["Est", "Ovest"]}, dtype="str")
    faults = contract_faults("zone_names.csv", names)
    assert {fault.row for fault in faults} & {3}
    assert all("keep one row only" in fault.text.en for fault in faults)


def test_a_table_without_rows_keeps_its_contract() -> None:
    columns = list(SCHEMAS["unions.csv"].columns)
    assert contract_faults("unions.csv", pd.DataFrame(columns=columns, dtype="str")) == []


@pytest.mark.parametrize("day", ["2023-2-1", "01/02/2023", "2023-02-30", "2023-13-01"])
def test_what_is_no_day_of_the_calendar_is_a_fault(register: Register, day: str) -> None:
    editions = register.tables["editions.csv"].assign(boundary_date=day)
    assert [fault.row for fault in contract_faults("editions.csv", editions)] == [2, 3]


@pytest.mark.parametrize("value", ["sixx", "xno", "sino", "si ", "no,", "s", ""])
def test_one_of_several_words_is_the_whole_cell(register: Register, value: str) -> None:
    services = register.tables["services.csv"].copy()
    services.loc[0, "essential"] = value
    assert [fault.row for fault in contract_faults("services.csv", services)] == [2]


def test_columns_that_may_be_left_out_are_filled_with_what_says_nothing(register: Register) -> None:
    table = register.tables["services.csv"]
    own = table[["category", "name_it", "name_en", "icon", "essential", "key", "value"]].assign(
        and_key="", and_value="", level_unknown="no"
    )
    own = own.drop_duplicates(["category", "key", "value"])
    assert contract_faults("services.csv", own) == []
    filled = with_defaults("services.csv", own)
    assert set(filled["open_air"]) == {"no"}
    assert set(filled["reason_it"]) == {""}
    assert with_defaults("services.csv", table).equals(table)


def test_a_reason_that_is_there_is_not_blank(register: Register) -> None:
    blank = register.tables["services.csv"].assign(reason_it="")
    assert len(contract_faults("services.csv", blank)) == len(blank)
