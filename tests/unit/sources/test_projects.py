import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from psttm_geo.errors import InputMissingError, TableError
from psttm_geo.model.projects import Projects
from psttm_geo.sources.office_projects import TEMPLATE, template_text
from psttm_geo.sources.projects import read_attribution, read_projects

EDITIONS = ["2022-2024", "2025-2027"]

Reader = Callable[..., Projects]


@pytest.fixture
def read(tmp_path: Path, zones: pd.DataFrame, predecessors: pd.DataFrame) -> Reader:
    """Read a register from text, bytes, rows of a sheet or a file."""

    def read(content: object, name: str = "register.csv") -> Projects:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str):
            path.write_text(content, "utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, list):
            write_sheet(path, content)
        return read_projects(path, zones, predecessors, EDITIONS)

    return read


def write_sheet(path: Path, rows: list[list[object]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


def register(*rows: dict[str, object], header: tuple[str, ...] = tuple(TEMPLATE), delimiter: str = ",") -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[row.get(name, "") for name in header] for row in rows])
    return buffer.getvalue()


def project(code: str = "P1", comuni: object = "015146", **cells: object) -> dict[str, object]:
    return {"codice": code, "comuni": comuni, **cells}


@pytest.fixture
def faults(read: Reader) -> Callable[..., list[tuple[int | None, str]]]:
    """Give row and English words of every fault of a register."""

    def faults(content: object, name: str = "register.csv") -> list[tuple[int | None, str]]:
        with pytest.raises(TableError) as error:
            read(content, name)
        assert all(fault.file == name for fault in error.value.faults)
        assert all(fault.text.it != fault.text.en for fault in error.value.faults)
        return [(fault.row, fault.text.en) for fault in error.value.faults]

    return faults


def test_a_full_row_is_read_whole(read: Reader) -> None:
    row = project(
        comuni="015146;015118",
        titolo="Scuola",
        edizione="2022-2024",
        driver="7",
        missione="4",
        importo_eur="1.234,50",
        stato="in corso",
        data_inizio="2023-02-01",
        data_fine="2024-12-31",
    )
    found = read(register(row))
    assert found.projects.to_dict("records") == [
        {
            "project": "P1",
            "title": "Scuola",
            "edition": "2022-2024",
            "driver": 7,
            "mission": 4,
            "amount_eur": 1234.5,
            "status": "in corso",
            "start_date": "2023-02-01",
            "end_date": "2024-12-31",
            "row": 2,
        }
    ]
    assert found.places.to_numpy().tolist() == [["P1", "015146"], ["P1", "015118"]]
    assert (found.elsewhere, found.notices) == (0, ())
    assert found.source.title == "Registro dei progetti dell'ente (register.csv)"


def test_a_bare_row_leaves_unknown_what_it_does_not_say(read: Reader) -> None:
    found = read("codice,comuni\nP1,015146\n").projects
    assert found[["driver", "mission", "amount_eur"]].isna().all(axis=None)
    assert found["edition"].to_list() == ["2025-2027"]
    assert found[["title", "status", "start_date", "end_date"]].to_numpy().tolist() == [["", "", "", ""]]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1234567", 1234567),
        ("1.234.567,89", 1234567.89),
        ("1,234,567.89", 1234567.89),
        ("1234567,89", 1234567.89),
        ("1234567.89", 1234567.89),
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1.234", 1234),
        ("1234,5", 1234.5),
        ("0", 0),
        ("0,50", 0.5),
        ("€ 1.234,50", 1234.5),
        ("1.234,50 €", 1234.5),
        ("1 234 567,89", 1234567.89),
        ("1\N{NO-BREAK SPACE}234,50 EUR", 1234.5),
        ("1'234'567.89", 1234567.89),
        ("100 Euro", 100),
    ],
)
def test_amounts_are_read_in_every_usual_form(read: Reader, written: str, amount: float) -> None:
    assert read(register(project(importo_eur=written))).projects["amount_eur"].to_list() == [amount]


@pytest.mark.parametrize(
    "written",
    [
        *("1234.567", "1.234,567", "1.23.456", "1,23,456", "12.34.567", "1.234.5", "0.500", "0,123", "000.123"),
        *("-5", "1e6", "mille", "12 mln", "1,", ",5", "=1+1", "10-20", "$5", "€"),
    ],
)
def test_an_amount_that_leaves_a_doubt_is_refused(faults: Callable[..., list], written: str) -> None:
    ((row, said),) = faults(register(project(importo_eur=written)))
    assert row == 2
    assert f"importo_eur “{written}” cannot be read without doubt" in said


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025-03-04", "2025-03-04"),
        ("2025-3-4", "2025-03-04"),
        ("2025-03-04T00:00:00", "2025-03-04"),
        ("2025-03-04 10:30", "2025-03-04"),
        ("04/03/2025", "2025-03-04"),
        ("4/3/2025", "2025-03-04"),
        ("04.03.2025", "2025-03-04"),
        ("04-03-2025", "2025-03-04"),
        ("29/02/2024", "2024-02-29"),
    ],
)
def test_dates_are_read_in_three_forms_the_day_first(read: Reader, written: str, day: str) -> None:
    found = read(register(project(data_inizio=written, data_fine=written))).projects
    assert found[["start_date", "end_date"]].to_numpy().tolist() == [[day, day]]


@pytest.mark.parametrize(
    "written",
    ["29/02/2025", "31/04/2025", "2025-13-01", "03/13/2025", "4/3/25", "marzo 2025", "2025", "45000", "0/1/2025"],
)
def test_a_day_that_does_not_exist_is_refused(faults: Callable[..., list], written: str) -> None:
    ((row, said),) = faults(register(project(data_fine=written)))
    assert row == 2
    assert f"data_fine “{written}”" in said


@pytest.mark.parametrize("written", ["15146", "15146.0", "15.146", " 015146 "])
def test_a_code_without_zeros_is_read_and_said(read: Reader, written: str) -> None:
    found = read(register(project(comuni=written)))
    assert found.places["municipality_code"].to_list() == ["015146"]
    assert bool(found.notices) is (written.strip() != "015146")


@pytest.mark.parametrize("separator", [";", ",", "|", " ", "; ", "\n"])
def test_municipalities_are_parted_by_any_usual_mark(read: Reader, separator: str) -> None:
    found = read(register(project(comuni=separator.join(["015146", "015118", "015146"]))))
    assert found.places["municipality_code"].to_list() == ["015146", "015118"]


def test_predecessors_become_their_successor_once_and_it_is_said(read: Reader) -> None:
    found = read(register(project(comuni="015235;015246"), project("P2", comuni="15235")))
    assert found.places.to_numpy().tolist() == [["P1", "015251"], ["P2", "015251"]]
    said = " ".join(notice.en for notice in found.notices)
    assert "row 2: 015235 read as 015251" in said
    assert "row 3: 015235 read as 015251" in said


BAD_CELLS = {
    "unknown municipality": (project(comuni="015999"), "municipality “015999” is not in the territory"),
    "municipality elsewhere": (project(comuni="058091"), "municipality “058091” is not in the territory"),
    "municipality by name": (project(comuni="Milano"), "municipality “Milano” is not in the territory"),
    "one of several": (project(comuni="015146;015999"), "municipality “015999” is not in the territory"),
    "no municipality": (project(comuni=""), "the municipality is missing"),
    "no code": ({"titolo": "x", "comuni": "015146"}, "the project's code is missing"),
    "unknown driver": (project(driver="11"), "unknown driver “11”, expected a number from 1 to 10"),
    "driver zero": (project(driver="0"), "unknown driver “0”"),
    "driver in words": (project(driver="Lavoro"), "unknown driver “Lavoro”"),
    "unknown mission": (project(missione="7"), "unknown missione “7”, expected a number from 1 to 6"),
    "unknown edition": (project(edizione="2019-2021"), "unknown edition “2019-2021”, expected one of: 2022-2024, 2025"),
}


@pytest.mark.parametrize("case", BAD_CELLS.values(), ids=BAD_CELLS)
def test_a_wrong_cell_is_named_with_its_row(faults: Callable[..., list], case: tuple[dict[str, object], str]) -> None:
    row, said = case
    ((found, words),) = faults(register(project("P0"), row))
    assert found == 3
    assert said in words


@pytest.mark.parametrize("driver", ["7", "07", "7.0", "7,0"])
def test_a_driver_may_be_written_as_a_number_is(read: Reader, driver: str) -> None:
    assert read(register(project(driver=driver))).projects["driver"].to_list() == [7]


def test_a_repeated_code_names_both_rows(faults: Callable[..., list]) -> None:
    found = faults(register(project(), project("P2"), project(), project()))
    assert [row for row, _ in found] == [4, 5]
    assert all("“P1” stands on row 2 already" in said for _, said in found)


def test_all_faults_of_a_file_are_listed_at_once(faults: Callable[..., list]) -> None:
    text = register(
        project("P0"),
        project(comuni="015999;058091", importo_eur="x", data_inizio="y"),
        project("P2", driver="11", missione="9"),
        project("P0"),
    )
    assert [row for row, _ in faults(text)] == [3, 3, 3, 3, 4, 4, 5]


def test_rows_count_from_the_top_of_the_file_across_blank_lines_and_long_cells(faults: Callable[..., list]) -> None:
    text = '\ncodice,titolo,comuni\n\nP1,"two\nlines",015146\n\nP2,x,015999\n'
    assert [row for row, _ in faults(text)] == [7]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" , , \n"], ids=str)
def test_an_empty_file_is_refused(faults: Callable[..., list], content: bytes) -> None:
    ((row, said),) = faults(content)
    assert row is None
    assert said == "the sheet is empty; fill the template in."


def test_an_empty_sheet_is_refused(faults: Callable[..., list]) -> None:
    assert faults([], "register.xlsx") == [(None, "the sheet is empty; fill the template in.")]


@pytest.mark.parametrize(
    "content", [register(), register() + "\n\n", register() + ",,,\n"], ids=["alone", "blank", "commas"]
)
def test_a_header_alone_is_refused(faults: Callable[..., list], content: str) -> None:
    assert faults(content) == [(None, "there is no row below the header; fill the template in.")]


def test_the_template_is_an_empty_register_that_explains_itself(faults: Callable[..., list]) -> None:
    header, told = csv.reader(io.StringIO(template_text()))
    assert header == list(TEMPLATE)
    assert [cell.removeprefix("# ") for cell in told] == [text.it for text in TEMPLATE.values()]
    assert faults(template_text()) == [(None, "there is no row below the header; fill the template in.")]


def test_a_template_filled_in_below_its_explanation_is_read(read: Reader) -> None:
    found = read(template_text() + "P1,Scuola,015146,,7,4,1000,,,\n")
    assert found.projects[["project", "driver", "row"]].to_numpy().tolist() == [["P1", 7, 3]]


@pytest.mark.parametrize("text", ["code,place\nP1,015146\n", "codice;titolo\nP1;x\n", "comuni\n015146\n"])
def test_missing_columns_are_named_on_the_header(faults: Callable[..., list], text: str) -> None:
    ((row, said),) = faults(text)
    assert row == 1
    assert "are missing (expected: codice, titolo, comuni, " in said
    assert "psttm-geo template projects" in said


def test_a_row_with_more_cells_than_the_header_is_refused(faults: Callable[..., list]) -> None:
    found = faults("codice,comuni,importo_eur,stato\nP1,015146,1234,56,in corso\n")
    assert [row for row, _ in found] == [2]


def test_a_code_that_a_spreadsheet_could_not_compute_is_not_passed_over(faults: Callable[..., list]) -> None:
    text = register(project("P1"), project("#REF!", comuni="015999"))
    assert 3 in [row for row, _ in faults(text)]


@pytest.mark.parametrize("header", ["codice,comuni,codice", "codice,comuni,,", "cup,driver,cup,codice,comuni"])
def test_columns_written_twice_are_refused_or_harmless_never_a_traceback(read: Reader, header: str) -> None:
    try:
        found = read(f"{header}\nP1,015146,P1,,\n")
    except TableError:
        return
    assert found.projects["project"].to_list() == ["P1"]


def test_a_quote_that_never_closes_is_refused_in_words(faults: Callable[..., list]) -> None:
    text = 'codice,titolo,comuni\nP0,"never closed,015146\n' + register(*(project(f"P{n}") for n in range(20_000)))
    assert faults(text)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r\n").encode("cp1252"),
        lambda text: text.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "mark", "windows", "windows lines", "old mac lines"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_ways_of_writing_a_csv_are_all_read(read: Reader, encode: Callable[[str], bytes], delimiter: str) -> None:
    found = read(encode(register(project(titolo="Città «è», più"), project("P2"), delimiter=delimiter)))
    assert found.projects["title"].to_list() == ["Città «è», più", ""]
    assert found.places["municipality_code"].to_list() == ["015146", "015146"]


def test_column_names_may_be_in_capitals(read: Reader) -> None:
    assert read("CODICE, Comuni\nP1,015146\n").projects["project"].to_list() == ["P1"]


def test_a_sheet_is_read_with_numbers_and_dates_as_excel_keeps_them(read: Reader) -> None:
    day = pd.Timestamp("2025-03-04").to_pydatetime()
    found = read(
        [
            ["codice", "comuni", "driver", "importo_eur", "data_inizio"],
            ["P1", 15146, 7, 1234.5, day],
            [2, 15146.0, None, 10],
        ],
        "register.xlsx",
    )
    assert found.projects[["project", "start_date", "row"]].to_numpy().tolist() == [
        ["P1", "2025-03-04", 2],
        ["2", "", 3],
    ]
    assert found.projects["amount_eur"].to_list() == [1234.5, 10]
    assert found.places["municipality_code"].to_list() == ["015146", "015146"]


@pytest.mark.parametrize("amount", [12.345, 0.125, 1234.567])
def test_a_number_of_a_sheet_is_never_taken_for_thousands(read: Reader, amount: float) -> None:
    try:
        found = read([["codice", "comuni", "importo_eur"], ["P1", "015146", amount]], "register.xlsx")
    except TableError:
        return
    assert found.projects["amount_eur"].to_list() == [pytest.approx(amount, abs=0.01)]


def test_a_formula_is_kept_as_text_and_never_computed(read: Reader) -> None:
    formula = '=HYPERLINK("http://example.org";"x")'
    rows = [["codice", "titolo", "comuni", "stato"], ["P1", formula, "015146", "=1+1"]]
    found = read(rows, "register.xlsx").projects
    assert found[["title", "status"]].to_numpy().tolist() == [[formula, "=1+1"]]


@pytest.mark.parametrize("column", ["importo_eur", "driver", "missione", "data_inizio", "comuni", "edizione"])
def test_a_formula_where_a_figure_belongs_is_refused(faults: Callable[..., list], column: str) -> None:
    cells = project() | {column: "=1000+1"}
    found = faults([list(cells), list(cells.values())], "register.xlsx")
    assert {row for row, _ in found} == {2}
    assert "“=1000+1”" in found[0][1]


def test_html_is_kept_as_the_text_it_is(read: Reader) -> None:
    text = "<img src=x onerror=alert(1)>&amp;"
    assert read(register(project(titolo=text))).projects["title"].to_list() == [text]


def test_a_file_that_only_looks_like_a_workbook_is_refused(faults: Callable[..., list]) -> None:
    ((row, said),) = faults(b"PK\x03\x04 no workbook", "register.xlsx")
    assert row is None
    assert "does not open as XLSX" in said


def test_a_workbook_with_a_broken_sheet_is_refused(faults: Callable[..., list], tmp_path: Path) -> None:
    write_sheet(tmp_path / "whole.xlsx", [["codice", "comuni"], ["P1", "015146"]])
    with (
        zipfile.ZipFile(tmp_path / "whole.xlsx") as whole,
        zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as broken,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            broken.writestr(name, content[:-40] if name == "xl/worksheets/sheet1.xml" else content)
    ((row, said),) = faults(tmp_path / "broken.xlsx", "broken.xlsx")
    assert row is None
    assert "does not open as XLSX" in said


def test_a_file_that_does_not_exist_is_refused(read: Reader, tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputMissingError, match="non esiste"):
            read(path)


def test_50_000_rows_are_read_whole(read: Reader) -> None:
    rows = [project(f"P{n}", importo_eur=str(n), driver=str(n % 10 + 1)) for n in range(50_000)]
    found = read(register(*rows))
    assert len(found.projects) == len(found.places) == 50_000
    assert found.projects["amount_eur"].sum() == sum(range(50_000))
    assert found.projects["row"].iloc[-1] == 50_001


def test_every_fault_of_many_is_listed(faults: Callable[..., list]) -> None:
    assert len(faults(register(*(project(f"P{n}", driver="11") for n in range(2000))))) == 2000


OPENCUP = "CUP,CODICE_PROVINCIA,CODICE_COMUNE\n"


def test_opencup_is_projects_not_attributed_by_municipality(read: Reader) -> None:
    found = read(OPENCUP + "A,015,015146\nA,015,015118\nB,017,017029\nA,017,017029\nA,015,015146\n")
    assert found.projects["project"].to_list() == ["A"]
    assert found.projects[["driver", "mission", "amount_eur"]].isna().all(axis=None)
    assert found.places.to_numpy().tolist() == [["A", "015146"], ["A", "015118"]]
    assert found.elsewhere == 1


def test_opencup_predecessors_are_accepted_and_said(read: Reader) -> None:
    found = read(OPENCUP + "A,015,015235\nA,015,015246\n")
    assert found.places.to_numpy().tolist() == [["A", "015251"]]
    assert any("015235" in notice.it for notice in found.notices)


def test_opencup_projects_of_the_whole_province_are_said_and_not_counted(read: Reader) -> None:
    found = read(OPENCUP + "A,015,015146\nB,015,-1\nC,017,-1\n")
    assert found.projects["project"].to_list() == ["A"]
    assert [notice.en for notice in found.notices] == [
        "1 projects located on the whole province: not counted by municipality."
    ]


def test_opencup_rows_that_cannot_be_read_are_all_named(faults: Callable[..., list]) -> None:
    found = faults(OPENCUP + "A,015,MILANO\n,015,015146\nB,015,015146\n")
    assert [row for row, _ in found] == [2, 3]


REGISTERED = pd.DataFrame({"project": ["A", "B", "C"]})


@pytest.fixture
def attribute(tmp_path: Path) -> Callable[[str], pd.DataFrame]:
    def attribute(text: str) -> pd.DataFrame:
        (tmp_path / "attribution.csv").write_text(text, "utf-8")
        return read_attribution(tmp_path / "attribution.csv", REGISTERED)

    return attribute


def test_an_attribution_gives_drivers_to_projects(attribute: Callable[[str], pd.DataFrame]) -> None:
    assert attribute("CUP;Driver\nB;10\nA;01\n").to_numpy().tolist() == [["B", 10], ["A", 1]]


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("cup,driver\nX,1\n", 2, "project “X” is not in the register"),
        ("cup,driver\nA,1\nA,2\n", 3, "project “A” is attributed already"),
        ("cup,driver\nA,11\n", 2, "unknown driver “11”"),
        ("cup,driver\nA,\n", 2, "unknown driver “”"),
        ("cup,driver\nA,=1\n", 2, "unknown driver “=1”"),
        ("cup\nA\n", 1, "columns driver are missing (expected: cup, driver)"),
        ("cup,driver\n", None, "there is no row below the header"),
    ],
)
def test_a_wrong_attribution_is_refused(
    attribute: Callable[[str], pd.DataFrame], text: str, row: int | None, said: str
) -> None:
    with pytest.raises(TableError) as error:
        attribute(text)
    (fault,) = error.value.faults
    assert fault.row == row
    assert said in fault.text.en


def test_all_faults_of_an_attribution_are_listed_at_once(attribute: Callable[[str], pd.DataFrame]) -> None:
    with pytest.raises(TableError) as error:
        attribute("cup,driver\nX,1\nA,11\nB,2\nB,3\n")
    assert [fault.row for fault in error.value.faults] == [2, 3, 5]
