"""The scenario file: what it says is read, and what is wrong with it is told with its row."""

from pathlib import Path

import pytest

from psttm_geo.access.scenario_file import read_scenario, scenario_text
from psttm_geo.access.scenarios import ADD, CLOSE, Change
from psttm_geo.core.errors import TableError

HEADER = "azione,categoria,servizio,nome,lon,lat\n"


def test_a_service_changed_twice_is_a_fault_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text(f"{HEADER}chiudi,farmacia,n12,,,\naggiungi,farmacia,,,9.19,45.46\nsposta,farmacia,n12,,9.2,45.4\n")
    with pytest.raises(TableError) as refused:
        read_scenario(path, ["farmacia"])
    (fault,) = refused.value.faults
    assert fault.row == 4
    assert "già modificato alla riga 2" in fault.text.it


def test_a_name_that_a_spreadsheet_would_compute_is_written_so_that_none_does(tmp_path: Path) -> None:
    changes = (Change(ADD, "farmacia", "", "=1+1", -9.19, 45.46), Change(CLOSE, "farmacia", "-7", "", None, None))
    path = tmp_path / "scenario.csv"
    path.write_text(scenario_text(changes), "utf-8")
    cells = [line.split(",") for line in path.read_text("utf-8").splitlines()[1:]]
    assert [line[2] for line in cells] == ["", "'-7"]
    assert [line[4:] for line in cells] == [["-9.19", "45.46"], ["", ""]]
    assert [line[3] for line in cells] == ["'=1+1", ""]
    assert read_scenario(path, ["farmacia"]) == changes


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("9.19", 9.19),
        ("9,19", 9.19),
        ("'9,19", 9.19),
        ("9,19°", 9.19),
        ("+9", 9.0),
        ("1e1", 10.0),
        ("1E1", 10.0),
        ("-9.5", -9.5),
    ],
)
def test_degrees_are_read_as_offices_write_them(tmp_path: Path, written: str, read: float) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text(f"Cambiamenti proposti\n{HEADER.replace(',', ';')}Aggiungi;Farmacia;;Nuova;{written};45,46\n")
    assert read_scenario(path, ["farmacia"]) == (Change(ADD, "farmacia", "", "Nuova", read, 45.46),)


@pytest.mark.parametrize("written", ["", "181", "1_0", "٩", "nan", "inf", "9.190.123", "9°11'", "nove", "=9+1"])
def test_what_are_no_degrees_is_a_fault_of_its_row(tmp_path: Path, written: str) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text(f"{HEADER}aggiungi,farmacia,,,9.19,45.46\naggiungi,farmacia,,,{written},45.46\n")
    with pytest.raises(TableError) as refused:
        read_scenario(path, ["farmacia"])
    (fault,) = refused.value.faults
    assert fault.row == 3
    assert f"“lon” is “{written}”" in fault.text.en


def test_a_file_without_a_column_says_which_and_what_it_found(tmp_path: Path) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text("azione,servizio\nchiudi,n12\n")
    with pytest.raises(TableError) as refused:
        read_scenario(path, ["farmacia"])
    (fault,) = refused.value.faults
    assert "categoria" in fault.text.en.split(";")[0]
    assert "azione, servizio" in fault.text.en


def test_faults_stand_beside_how_many_rows_there_are_and_degrees_beside_examples(tmp_path: Path) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text("azione,categoria,lon,lat\naggiungi,farmacia,9.19,45.46\naggiungi,farmacia,nove,45.46\n")
    with pytest.raises(TableError) as refused:
        read_scenario(path, ["farmacia"])
    assert "(rows with faults 1, without 1, in all 2)" in refused.value.text.en
    assert refused.value.faults[0].text.en.startswith("“lon” is")
    path.write_text("azione,categoria,lon,lat\naggiungi,farmacia,9.19,45.46\n")
    assert read_scenario(path, ["farmacia"]) == (Change(ADD, "farmacia", "", "", 9.19, 45.46),)
