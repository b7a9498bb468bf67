"""Workbooks without formulas are read as openpyxl reads them, which reads all others."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart

from psttm_geo.core import _workbook
from psttm_geo.core._plain_sheets import Cells, read_plain_sheets
from psttm_geo.core._workbook import cell_text
from psttm_geo.core.spreadsheets import read_rows

MOST = 100_000


SHEET = "xl/worksheets/sheet1.xml"

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

FORMATS = [
    "General",
    "0.00%",
    "@",
    "000000",
    "#,##0.00\\ [$€-410];[Red]\\-#,##0.00\\ [$€-410]",
    '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-',
    '0 "mesi"',
    '0"d"',
    "# ?/?",
    "0.00E+00",
]

DATES = ["dd/mm/yyyy", "[$-410]d mmmm yyyy;@", "mmm-yy", "yyyy\\-mm\\-dd", "d/m/yy h:mm", "[h]:mm:ss"]

NUMBERS = [0, 1, 7.0, -3, 0.1, 1e-7, 5.1, 0.30000000000000004, 123456.789, 12345678901]

DAYS = [1, 59, 60, 61, 60.5, 45000, 46022.75, 44999.9999999999, 2958465]
"""Of Excel, from 1 January 1900 with a 29 February that was none."""

TEXTS = [
    "5.10",
    "015146",
    " con spazi ",
    "due\nrighe",
    "è <b>&amp;</b> €",
    "'5.10",
    "#N/D",
    "un formato: f, e",
    "01/02/2026",
    "\u00a0\u200b",
    "",
]


def bytes_of(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def texts(rows: object) -> list[list[str]]:
    """Return what the cells say, without the blanks at the end of rows."""
    said = [[cell_text(value) for value in row] for row in rows]  # type: ignore[attr-defined] # of openpyxl, without types
    return [row[: max((place for place, text in enumerate(row, start=1) if text), default=0)] for row in said]


def with_sheet(rows: str) -> bytes:
    """Return a workbook whose sheet is of these rows of XML."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(bytes_of(openpyxl.Workbook()))) as whole,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in whole.namelist():
            part = whole.read(name).decode()
            if name == SHEET:
                part = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
            changed.writestr(name, part)
    return content.getvalue()


def read_plain(data: bytes) -> dict[str, Cells] | None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [archive.read(name) for name in archive.namelist() if name.endswith(".xml")]
    return read_plain_sheets(data, parts, MOST)


def test_every_value_says_what_openpyxl_says() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for form, numbers in [*((form, NUMBERS) for form in FORMATS), *((form, DAYS) for form in DATES)]:
        sheet.append(numbers)
        for cell in sheet[sheet.max_row]:
            cell.number_format = form
    sheet.append(TEXTS)
    sheet.append([True, False, None, date(2026, 2, 3), timedelta(hours=30)])
    sheet.append([])
    sheet.append([None, None, "after blanks"])
    sheet["B30"].number_format = "0.00"  # styled and blank
    sheet.merge_cells("C40:E42")
    sheet["C40"] = "merged"
    hidden = book.create_sheet("Nascosto")
    hidden.sheet_state = "hidden"
    hidden.append(["a", 1])
    book.create_sheet("Vuoto")
    book.create_chartsheet("Grafico").add_chart(BarChart())
    data = bytes_of(book)
    plain = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    read = read_plain(data)
    assert read is not None
    assert list(read) == ["Sheet", "Nascosto", "Vuoto"]
    for one in plain:
        expected = texts(one.iter_rows(values_only=True))
        assert texts(read[one.title]) == expected[: len(read[one.title])]
        assert not any(expected[len(read[one.title]) :])


def test_whole_numbers_are_told_from_those_with_decimals() -> None:
    rows = '<row r="1"><c r="A1"><v>5</v></c><c r="B1" s="0"><v>5.1</v></c><c r="C1" t="n"><v>-7E2</v></c></row>'
    read = read_plain(with_sheet(rows))
    assert read is not None
    assert [(value, type(value)) for value in read["Sheet"][0]] == [(5, int), (5.1, float), (-700, int)]


def test_letters_that_a_workbook_writes_as_their_number_are_read_as_letters() -> None:
    rows = '<row r="1"><c r="A1" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c></row>'
    assert read_plain(with_sheet(rows)) == {"Sheet": [["a\rb_x0041_"]]}


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='A1'><v>1</v></c>",
        '<c r="A1"><f>1+1</f></c>',
        '<c r="A1"><f>1+1</f><v>2</v></c>',
        '<c r="A1" t="str"><f>B1</f><v>2</v></c>',
        '<c r="A1" t="b"><f>TRUE()</f><v>1</v></c>',
        '<c r="A1"><v>2</v><f>1+1</f></c>',
        '<c r="A1" t="e"><v>#REF!</v></c>',
        '<c r="A1" t="d"><v>2026-01-01</v></c>',
        '<c r="A1"><v>abc</v></c>',
        '<c r="A1"><v> 5 </v></c>',
        '<c r="A1"><v>NaN</v></c>',
        '<c r="A1"><v>123456789012345678</v></c>',
        '<c r="A1"><v>1E999</v></c>',
        '<c r="A1" t="b"><v>true</v></c>',
        '<c r="A1" t="s"><v>7</v></c>',
        "<c><v>1</v></c>",
        '<c r="XFD1"><v>1</v></c><c r="A7"><v>1</v></c>',
        '<c r="A1048576"><v>1</v></c>',
        '<c r="A1"><v>1</v></c><!-- a note -->',
        '<c r="A1"><v>1</v></row>',
        '<c r="A1" s="1"><v>-1e15</v></c>',
        '<c r="A1" s="1"><v>-1E300</v></c>',
        '<c r="A1"/></row><row r="1"><c r="A1"/>',
        '<c r="A1"/></row></sheetData><sheetData><row r="2"><c r="A2"/>',
    ],
)
def test_what_may_be_no_value_is_left_to_openpyxl(cell: str) -> None:
    assert read_plain(with_sheet(f'<row r="1">{cell}</row>')) is None


@pytest.mark.parametrize("value", [-1, time(8, 30)])
def test_what_may_be_a_day_before_1900_is_left_to_openpyxl(value: object) -> None:
    book = openpyxl.Workbook()
    book.active.append([value])
    book.active["A1"].number_format = "dd/mm/yyyy hh:mm"
    assert read_plain(bytes_of(book)) is None


def test_elements_with_a_prefix_are_left_to_openpyxl() -> None:
    data = with_sheet("")
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(content, "w") as changed:
        for name in whole.namelist():
            part = whole.read(name)
            if name == SHEET:
                cell = '<x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c>'
                rows = f'<x:sheetData><x:row r="1">{cell}</x:row></x:sheetData>'
                part = f"<x:worksheet {MAIN.replace('xmlns', 'xmlns:x')}>{rows}</x:worksheet>".encode()
            changed.writestr(name, part)
    assert read_plain(content.getvalue()) is None


def test_a_table_is_the_same_whoever_reads_it(table: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = table([["codice", "importo", "data"], ["5.10", 12.5, date(2026, 1, 2)], [], ["P", None, None]], "t.xlsx")
    read = read_rows(path)
    assert read.to_numpy().tolist() == [["5.10", "12.5", "2026-01-02"], ["P", "", ""]]
    monkeypatch.setattr(_workbook, "read_plain_sheets", lambda *_: None)
    assert read_rows(path).equals(read)


def test_of_sheets_of_one_name_none_is_passed_over() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Uno"
    book.create_sheet("Due")
    data = bytes_of(book)
    assert read_plain(data) is not None
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(content, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, whole.read(name).replace(b'"Due"', b'"Uno"'))
    assert read_plain(content.getvalue()) is None


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_workbook_with_a_part_stored_twice_is_read_by_openpyxl(table: Callable[..., Path]) -> None:
    path = table([["codice"], ["a"]], "t.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/styles.xml", archive.read("xl/styles.xml"))
    assert read_rows(path)["codice"].to_list() == ["a"]
