"""Tables as ISTAT and Eurostat lay them out, and what is refused of them."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from psttm_geo.core.errors import Fault, InputMissingError, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source
from psttm_geo.territory.degurba_files import (
    load_urbanisation,
    open_urbanisation,
    read_urbanisation,
    write_urbanisation,
)
from psttm_geo.territory.degurba_records import EXPERIMENTAL, FILE, Urbanisation, class_table

Rows = Sequence[Sequence[object]]

Read = Callable[[Path], Urbanisation]

ISTAT = [
    "Codice Regione",
    "Codice Istat del Comune \n(alfanumerico)",
    "Codice Istat del Comune \n(numerico)",
    "Denominazione (Italiana e straniera)",
    "Comune litoraneo",
    "Grado di urbanizzazione",
]

EUROSTAT = ["NUTS 3 CODE", "LAU CODE", "LAU NAME NATIONAL", "POPULATION", "TOTAL AREA (km2)", "DEGURBA"]

MILANO, MONZA, NOSATE = "015146", "108033", "015155"


@pytest.fixture
def read(zones: pd.DataFrame, predecessors: pd.DataFrame) -> Read:
    return lambda path: read_urbanisation(path, zones, predecessors)


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    def sheet(name: str = "classi.csv", **sheets: Rows) -> Path:
        path = tmp_path / name
        if name.endswith(".csv"):
            (rows,) = sheets.values()
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file, delimiter=";").writerows(rows)
            return path
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            page = book.create_sheet(title)
            for row in rows:
                page.append(list(row))
        book.save(path)
        return path

    return sheet


Sheet = Callable[..., Path]


def istat(*rows: tuple[object, ...]) -> list[Sequence[object]]:
    """Give rows of ISTAT's table from code and class."""
    return [ISTAT, *((3, code, int(str(code)), "Comune", 0, grade) for code, grade in rows)]


def classes(urbanisation: Urbanisation) -> dict[str, tuple[object, ...]]:
    table = urbanisation.classes.astype(object)
    table = table.where(table.notna(), None)
    return {row[0]: row[1:] for row in table.itertuples(index=False, name=None)}


def faults(read: Read, path: Path) -> list[Fault]:
    with pytest.raises(TableError) as refused:
        read(path)
    found = list(refused.value.faults)
    assert all(fault.text.it != fault.text.en and fault.file == path.name for fault in found)
    return found


def fault(read: Read, path: Path) -> tuple[int | None, str]:
    (only,) = faults(read, path)
    return only.row, only.text.it


def test_istat_s_workbook_gives_level_1(read: Read, sheet: Sheet) -> None:
    path = sheet(
        "Classificazioni.xlsx", **{"Comuni 31-12-2024": istat((MILANO, 1), (MONZA, 1), (NOSATE, 3), ("015015", 2))}
    )
    found = read(path)
    assert classes(found) == {"015015": (2, None, FILE), MILANO: (1, None, FILE), NOSATE: (3, None, FILE)}
    assert found.classes.dtypes[["urbanisation", "urbanisation_2"]].to_list() == ["Int64", "Int64"]
    assert not found.experimental
    assert (found.source.publisher, found.source.licence) == ("ISTAT", "CC BY 4.0")
    assert found.source.title == "Grado di urbanizzazione dei comuni (Classificazioni.xlsx)"
    assert found.source.sha256 == sha256_of(path)


def test_those_that_are_missing_and_the_lack_of_level_2_are_said(read: Read, sheet: Sheet) -> None:
    missing, coarse = read(sheet(comuni=istat((MILANO, 1), (NOSATE, "")))).notices
    assert missing.it.startswith("Comuni senza classe nella tabella, che resta non nota: 132 (Abbiategrasso, ")
    assert missing.en.endswith(" and 122 more).")
    assert coarse.it.startswith("La tabella ha solo il livello 1")


def test_a_year_behind_the_column_and_codes_as_numbers_are_read(read: Read, sheet: Sheet) -> None:
    rows = [["Codice Istat del Comune (numerico)", "Grado di urbanizzazione 2021"], [15146, 1.0], [15155, "3"]]
    found = read(sheet("istat.xlsx", comuni=rows))
    assert classes(found) == {MILANO: (1, None, FILE), NOSATE: (3, None, FILE)}
    assert found.notices[0].it.startswith("2 codici ISTAT scritti senza zeri")


def test_the_italian_sheet_of_eurostat_s_workbook_is_read(read: Read, sheet: Sheet) -> None:
    path = sheet(
        "EU-27-LAU.xlsx",
        AT=[EUROSTAT, ["AT111", "10101", "Deutschkreutz", 3000, 34.0, 3]],
        IT=[EUROSTAT, ["ITC4C", MILANO, "Milano", 1_354_196, 181.7, 1]],
    )
    found = read(path)
    assert classes(found) == {MILANO: (1, None, FILE)}
    assert (found.source.publisher, found.source.licence) == ("Eurostat", "CC BY 4.0")


def test_codes_of_other_countries_are_not_taken_for_italian_ones(read: Read, sheet: Sheet) -> None:
    """15146 would be Milano, 15030 a municipality that was of the province once: both are Spanish here."""
    rows = [
        EUROSTAT,
        ["ES111", "15146", "A", 1, 1, 3],
        ["ES111", "15030", "B", 1, 1, 1],
        ["ITC4C", "015155", "N", 1, 1, 3],
    ]
    assert classes(read(sheet(all=rows))) == {NOSATE: (3, None, FILE)}


def test_gisco_s_columns_are_read(read: Read, sheet: Sheet) -> None:
    rows = [
        ["GISCO_ID", "CNTR_CODE", "LAU_NAME", "DGURBA"],
        ["IT_015146", "IT", "Milano", 1],
        ["FR_15146", "FR", "Quelque part", 3],
    ]
    assert classes(read(sheet(lau=rows))) == {MILANO: (1, None, FILE)}


@pytest.mark.parametrize("column", ["DEGURBA", "DEGURBA_L2", "degurba_2", "DEGURBA level 2"])
@pytest.mark.parametrize(("code", "coarse"), [(30, 1), (23, 2), (22, 2), (21, 2), (13, 3), (12, 3), (11, 3)])
def test_a_class_of_level_2_tells_that_of_level_1(
    read: Read, sheet: Sheet, column: str, code: int, coarse: int
) -> None:
    found = read(sheet(lau=[["PRO_COM_T", column], [MILANO, code]]))
    assert classes(found) == {MILANO: (coarse, code, FILE)}
    assert len(found.notices) == 1, "only the missing ones are told"
    assert (found.source.publisher, found.source.licence) == ("ente", "non indicata")


def test_both_levels_stand_together(read: Read, sheet: Sheet) -> None:
    rows = [["LAU CODE", "DEGURBA", "DEGURBA_L2"], [MILANO, 1, 30], ["015015", 2, ""], [NOSATE, "", 12]]
    assert classes(read(sheet(lau=rows))) == {"015015": (2, None, FILE), MILANO: (1, 30, FILE), NOSATE: (3, 12, FILE)}


def test_ghsl_s_first_level_is_not_read_since_it_counts_the_other_way(read: Read, sheet: Sheet) -> None:
    row, said = fault(read, sheet(x=[["PRO_COM_T", "DEGURBA_L1"], [MILANO, 3]]))
    assert row is None
    assert "trovate: pro_com_t, degurba_l1" in said


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2", "2", (2, None, FILE)),
        ("2", "3", (None, None, None)),
        ("21", "22", (2, None, FILE)),
        ("2", "", (None,) * 3),
    ],
)
def test_a_merged_municipality_has_the_class_of_its_parts_where_they_agree(
    read: Read, sheet: Sheet, first: str, second: str, expected: tuple[object, ...]
) -> None:
    found = read(sheet(lau=[["LAU CODE", "DEGURBA"], ["015235", first], ["015246", second], [MILANO, 1]]))
    assert classes(found)["015251"] == expected
    (merged,) = [notice for notice in found.notices if "015251" in notice.it]
    assert "Vermezzo (015235) e Zelo Surrigone (015246) uniti in Vermezzo con Zelo" in merged.it
    missing = next(notice for notice in found.notices if "senza classe" in notice.it)
    assert missing.it.split(": ")[1].startswith("131" if expected[0] else "132")


def test_a_merged_municipality_in_parts_is_refused(read: Read, sheet: Sheet) -> None:
    said = fault(read, sheet(lau=[["LAU CODE", "DEGURBA"], ["015235", 2]]))[1]
    assert said.startswith("di Vermezzo con Zelo (015251) manca Zelo Surrigone (015246)")


def test_notes_below_the_table_are_passed_over(read: Read, sheet: Sheet) -> None:
    path = sheet("note.xlsx", comuni=[*istat((MILANO, 1)), [], ["Fonte: Istat", None, None, None, None, None]])
    assert classes(read(path)) == {MILANO: (1, None, FILE)}


@pytest.mark.parametrize("header", [["Comune", "DEGURBA"], ["LAU CODE", "Classe"], ["a", "b"]])
def test_missing_columns_are_named_with_those_that_are_there(read: Read, sheet: Sheet, header: list[str]) -> None:
    row, said = fault(read, sheet(x=[header, ["015146", 1]]))
    assert row is None
    assert said.startswith(
        "servono una colonna di codici (Codice Istat del Comune, LAU CODE, GISCO_ID) e una di classi"
    )
    assert f"trovate: {', '.join(header).lower()};" in said


@pytest.mark.parametrize("code", ["Milano", "0151460", "015999", "15000", ""])
def test_an_unknown_code_is_told_with_its_row(read: Read, sheet: Sheet, code: str) -> None:
    row, said = fault(read, sheet(x=[["LAU CODE", "DEGURBA"], [MILANO, 1], [code, 3]]))
    assert row == 3
    assert said.startswith(f"codice di comune «{code}» sconosciuto, attesi sei caratteri come 015146; ")


@pytest.mark.parametrize("written", ["4", "0", "-1", "31", "città", "1,5", "130"])
def test_an_unknown_class_is_told_with_its_row(read: Read, sheet: Sheet, written: str) -> None:
    row, said = fault(read, sheet(x=[["LAU CODE", "DEGURBA"], [MILANO, 1], [NOSATE, written]]))
    assert row == 3
    assert said.startswith(f"classe «{written}» sconosciuta, attesa la cella vuota o una di 1, 2, 3, 30, 23, ")


def test_a_class_of_level_1_has_no_place_in_the_column_of_level_2(read: Read, sheet: Sheet) -> None:
    row, said = fault(read, sheet(x=[["LAU CODE", "DEGURBA_L2"], [MILANO, 1]]))
    assert (row, said.split(";")[0]) == (
        2,
        "classe «1» sconosciuta, attesa la cella vuota o una di 30, 23, 22, 21, 13, 12, 11",
    )


def test_levels_that_contradict_each_other_are_told(read: Read, sheet: Sheet) -> None:
    row, said = fault(read, sheet(x=[["LAU CODE", "DEGURBA", "DEGURBA_L2"], [MILANO, 2, 30]]))
    assert (row, said.split(";")[0]) == (2, "la classe 30 di livello 2 non è parte della classe 2 di livello 1")


@pytest.mark.parametrize("second", ["1", "2"])
def test_a_municipality_that_stands_twice_is_told(read: Read, sheet: Sheet, second: str) -> None:
    row, said = fault(read, sheet(x=[["LAU CODE", "DEGURBA"], [MILANO, 1], ["15146", second]]))
    assert (row, said.split(";")[0]) == (3, "il comune 015146 è già in un'altra riga")


def test_all_faults_are_told_at_once(read: Read, sheet: Sheet) -> None:
    rows = [["LAU CODE", "DEGURBA"], [MILANO, 1], [MILANO, 9], ["x", 1]]
    assert sorted(found.row for found in faults(read, sheet(x=rows))) == [3, 3, 4]


def test_a_table_of_another_place_is_refused(read: Read, sheet: Sheet) -> None:
    row, said = fault(read, sheet(comuni=istat((MONZA, 1), ("016024", 1))))
    assert row is None
    assert said.startswith("nessun comune del territorio è nella tabella")


def test_this_package_s_own_classes_do_not_come_back_as_official(read: Read, sheet: Sheet) -> None:
    rows = [["pro_com_t", "degurba", "degurba_2", "degurba_base"], [MILANO, 1, 30, EXPERIMENTAL]]
    row, said = fault(read, sheet(x=rows))
    assert row is None
    assert said.startswith("le classi sono un calcolo sperimentale di psttm-geo")
    rows[1][-1] = FILE
    assert classes(read(sheet(x=rows))) == {MILANO: (1, 30, FILE)}


def test_an_old_workbook_is_refused_in_one_sentence(read: Read, tmp_path: Path) -> None:
    path = tmp_path / "Classificazioni.xls"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    assert fault(read, path) == (None, "è un foglio XLS, il vecchio formato di Excel; salvarlo come XLSX o CSV.")


def test_a_file_that_does_not_exist_is_told(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError):
        read(tmp_path / "none.csv")


COMPUTED = Urbanisation(
    class_table(
        pd.Series([NOSATE, MILANO]),
        pd.Series([pd.NA, pd.NA], dtype="Int64"),
        pd.Series([pd.NA, 30], dtype="Int64"),
        EXPERIMENTAL,
    ),
    experimental=True,
    source=Source("degurba-grid", "Calcolo", "psttm-geo", "https://x", "2023-01-01", "CC BY 4.0", "ISTAT", ""),
    notices=(Text("sperimentale", "experimental"),),
)


def test_a_kept_computation_is_read_back_as_it_was(
    tmp_path: Path, zones: pd.DataFrame, predecessors: pd.DataFrame
) -> None:
    path = tmp_path / "degurba.json"
    write_urbanisation(path, COMPUTED)
    found = open_urbanisation(path, zones, predecessors)
    assert classes(found) == {MILANO: (1, 30, EXPERIMENTAL), NOSATE: (None, None, None)}
    pd.testing.assert_frame_equal(found.classes, COMPUTED.classes)
    assert (found.experimental, found.notices) == (True, COMPUTED.notices)
    assert found.source.title == "Calcolo"
    assert found.source.sha256 == sha256_of(path)


def test_what_a_workspace_holds_may_be_a_table_too(
    sheet: Sheet, zones: pd.DataFrame, predecessors: pd.DataFrame
) -> None:
    path = sheet("degurba.csv", x=istat((MILANO, 1)))
    assert not open_urbanisation(path, zones, predecessors).experimental


@pytest.mark.parametrize("damage", ["{", "{}", "[]", '{"version": 9}', '{"version": 1, "source": {}, "notices": []}'])
def test_a_damaged_computation_is_refused_in_one_sentence(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "degurba.json"
    path.write_text(damage)
    with pytest.raises(TableError) as refused:
        load_urbanisation(path)
    (only,) = refused.value.faults
    assert only.text.it.startswith("è danneggiato o di un'altra versione")


def test_a_computation_is_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "degurba.json"
    write_urbanisation(path, COMPUTED)
    assert json.loads(path.read_text("utf-8"))["classes"][0] == {
        "municipality_code": MILANO,
        "urbanisation": 1,
        "urbanisation_2": 30,
        "urbanisation_basis": EXPERIMENTAL,
    }
