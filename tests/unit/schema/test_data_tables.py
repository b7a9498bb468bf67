from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.schema.contracts import SCHEMAS
from psttm_geo.schema.data_tables import BOUNDARIES, RESIDENTS, Register, data_path, read_register

TABLES = [name for name in SCHEMAS if name != "sources.csv"]


def test_the_packaged_data_are_in_order(register: Register) -> None:
    assert register.faults == ()
    assert set(register.tables) == set(SCHEMAS)


def test_every_file_of_the_folder_is_registered_with_its_sum(register: Register) -> None:
    folder = data_path()
    found = {
        file.relative_to(folder).as_posix(): sha256_of(file)
        for file in folder.rglob("*")
        if file.is_file() and file.name != "sources.csv"
    }
    rows = register.tables["sources.csv"]
    listed = rows[rows["file"] != ""]
    assert dict(zip(listed["file"], listed["sha256"], strict=True)) == found


def test_every_cell_is_text_and_blank_cells_are_empty_text(register: Register) -> None:
    for table in register.tables.values():
        assert table.map(lambda cell: isinstance(cell, str)).all(axis=None)


def test_a_source_is_found_by_name_and_by_file(register: Register) -> None:
    assert register.source("istat-boundaries") == register.source_of_file(BOUNDARIES)
    assert register.source_of_file(RESIDENTS).reference_date == "2023-01-01"


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="PSTTM_DATA"):
        read_register(tmp_path / "none")


def test_every_missing_table_is_one_fault(data_copy: Path) -> None:
    for name in TABLES:
        (data_copy / name).unlink()
    register = read_register(data_copy)
    assert {(fault.file, fault.text.en[:19]) for fault in register.faults} == {
        (name, "the file is missing") for name in TABLES
    }
    assert len(register.faults) == len(TABLES)
    assert set(register.tables) == {"sources.csv"}


def test_beside_a_missing_table_the_others_are_read(data_copy: Path) -> None:
    (data_copy / "unions.csv").unlink()
    register = read_register(data_copy)
    assert [fault.file for fault in register.faults] == ["unions.csv"]
    assert set(register.tables) == {*TABLES, "sources.csv"} - {"unions.csv"}


@pytest.mark.parametrize("name", [BOUNDARIES, RESIDENTS])
def test_a_missing_snapshot_is_one_fault(data_copy: Path, name: str) -> None:
    (data_copy / name).unlink()
    assert [fault.file for fault in read_register(data_copy).faults] == [name]


def test_without_the_register_nothing_is_trusted(data_copy: Path) -> None:
    (data_copy / "sources.csv").unlink()
    with pytest.raises(TableError) as error:
        read_register(data_copy)
    assert [fault.file for fault in error.value.faults] == ["sources.csv"]


def test_a_changed_file_is_told_with_its_new_sum(data_copy: Path, spoil: Callable[..., None]) -> None:
    spoil("zones.csv", "Arconate", "Arconàte", registered=False)
    (fault,) = read_register(data_copy).faults
    assert (fault.file, fault.row) == ("sources.csv", 11)
    assert sha256_of(data_copy / "zones.csv") in fault.text.it


@pytest.mark.parametrize("name", ["zones.csv", BOUNDARIES])
def test_a_file_that_is_not_registered_is_told(data_copy: Path, name: str) -> None:
    sources = data_copy / "sources.csv"
    lines = [line for line in sources.read_text("utf-8").splitlines(keepends=True) if f",{name}," not in line]
    sources.write_text("".join(lines), "utf-8")
    assert [fault.text.en.split(";")[0] for fault in read_register(data_copy).faults] == [f"{name} is not registered"]


def test_the_mark_that_excel_puts_in_front_is_accepted(data_copy: Path, spoil: Callable[..., None]) -> None:
    spoil("zones.csv", "municipality_code,municipality", "\ufeffmunicipality_code,municipality")
    assert read_register(data_copy).faults == ()


def test_windows_line_ends_are_accepted(data_copy: Path, spoil: Callable[..., None]) -> None:
    text = (data_copy / "zones.csv").read_text("utf-8")
    spoil("zones.csv", text, text.replace("\n", "\r\n"))
    assert read_register(data_copy).faults == ()


def test_a_table_that_is_not_utf8_is_told_with_the_line(data_copy: Path) -> None:
    file = data_copy / "editions.csv"
    file.write_bytes(file.read_text("utf-8").replace("“", '""').replace("”", '""').encode("cp1252"))
    faults = [fault for fault in read_register(data_copy).faults if fault.file == "editions.csv"]
    assert [(fault.row, fault.text.en) for fault in faults] == [(2, "is not UTF-8; save it as UTF-8 CSV.")]


def test_an_empty_table_is_told(data_copy: Path) -> None:
    (data_copy / "unions.csv").write_bytes(b"")
    faults = [fault for fault in read_register(data_copy).faults if fault.file == "unions.csv"]
    assert len(faults) == 1
    assert "the header expected is “edition,union," in faults[0].text.en


def test_semicolons_instead_of_commas_are_told_on_the_header(data_copy: Path, spoil: Callable[..., None]) -> None:
    text = (data_copy / "zone_names.csv").read_text("utf-8")
    spoil("zone_names.csv", text, text.replace(",", ";"))
    (fault,) = read_register(data_copy).faults
    assert (fault.file, fault.row) == ("zone_names.csv", 1)
    assert "separated by commas" in fault.text.en


def test_the_line_of_a_fault_counts_blank_lines_too(data_copy: Path, spoil: Callable[..., None]) -> None:
    spoil("zones.csv", "\n015007,Arconate,", "\n\n\n15007,Arconate,")
    assert [(fault.file, fault.row) for fault in read_register(data_copy).faults] == [("zones.csv", 4)]


def test_a_row_with_too_few_cells_is_told(data_copy: Path, spoil: Callable[..., None]) -> None:
    spoil("zones.csv", "015007,Arconate,Alto Milanese,", "015007,Arconate")
    assert {(fault.file, fault.row) for fault in read_register(data_copy).faults} == {("zones.csv", 2)}
