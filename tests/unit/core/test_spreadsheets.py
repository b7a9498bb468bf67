import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from psttm_geo.core import _workbook
from psttm_geo.core.errors import Fault, InputMissingError, TableError
from psttm_geo.core.spreadsheets import list_rows, parse_amount, parse_date, parse_whole, read_rows, read_table

Table = Callable[..., Path]


def faults(path: Path) -> list[Fault]:
    with pytest.raises(TableError) as error:
        read_rows(path)
    assert all(fault.file == path.name for fault in error.value.faults)
    assert all(fault.text.it != fault.text.en for fault in error.value.faults)
    return list(error.value.faults)


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
def test_amounts_are_read_in_every_usual_form(written: str, amount: float) -> None:
    assert parse_amount(written) == amount


@pytest.mark.parametrize(
    "written",
    [
        *("1234.567", "1.234,567", "1.23.456", "1,23,456", "12.34.567", "1.234.5", "0.500", "0,123", "000.123"),
        *("-5", "1e6", "mille", "12 mln", "1,", ",5", "=1+1", "10-20", "$5", "€", ""),
    ],
)
def test_an_amount_that_leaves_a_doubt_is_none(written: str) -> None:
    assert parse_amount(written) is None


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
        ("2025/03/04", "2025-03-04"),
        ("'04/03/2025", "2025-03-04"),
        ("04/03/2025 00:00:00", "2025-03-04"),
        ("04/03/2025 10.30", "2025-03-04"),
        ("4 marzo 2025", "2025-03-04"),
        ("1° Settembre 2025", "2025-09-01"),
        ("04-mar-2025", "2025-03-04"),
        ("2025-03-04T00:00:00Z", "2025-03-04"),
        ("2025-03-04T00:00:00.000Z", "2025-03-04"),
        ("2025-03-04 12:00:00 UTC", "2025-03-04"),
        ("2025-03-04T00:00:00+01:00", "2025-03-04"),
        ("2025-07-04T00:00:00+02:00", "2025-07-04"),
        ("2025-07-04T23:59:59+0200", "2025-07-04"),
        ("2025-03-04T06:00:00-05:00", "2025-03-04"),
    ],
)
def test_dates_are_read_in_every_usual_form_the_day_first(written: str, day: str) -> None:
    assert parse_date(written) == day


@pytest.mark.parametrize(
    "written",
    [
        *("29/02/2025", "31/04/2025", "2025-13-01", "03/13/2025", "4/3/25", "marzo 2025", "2025", "45000", "0/1/2025"),
        *("", "2025-03-03T23:00:00Z", "2025-03-03T22:30:00Z", "2025-03-04T20:00:00-05:00", "04/03-2025", "4 foo 2025"),
        *("9999-12-31T23:00 -05:00", "0001-01-01T00:00 +14:00"),
    ],
)
def test_a_day_that_does_not_exist_or_is_another_in_italy_is_none(written: str) -> None:
    assert parse_date(written) is None


@pytest.mark.parametrize("written", ["7", "07", "7.0", "7,0"])
def test_a_whole_number_may_be_written_as_spreadsheets_do(written: str) -> None:
    assert parse_whole(written) == 7


@pytest.mark.parametrize("written", ["", "7.5", "-7", "sette", "=7", "7.000", "1234567890"])
def test_what_is_no_whole_number_is_none(written: str) -> None:
    assert parse_whole(written) is None


def test_cells_are_text_without_outer_spaces_labelled_by_row(table: Table) -> None:
    rows = read_rows(table("Codice, Nome \n 015146 ,Milano\n\n# note,\n15118.0,\n"))
    assert rows.to_dict("index") == {2: {"codice": "015146", "nome": "Milano"}, 5: {"codice": "15118.0", "nome": ""}}


def test_rows_count_from_the_top_of_the_file_across_blank_lines_and_long_cells(table: Table) -> None:
    rows = read_rows(table('\na,b,c\n\nP1,"two\nlines",x\n\nP2,x,y\n'))
    assert rows.index.to_list() == [4, 7]
    assert rows.loc[4, "b"] == "two\nlines"


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
def test_the_ways_of_writing_a_csv_are_all_read(table: Table, encode: Callable[[str], bytes], delimiter: str) -> None:
    text = delimiter.join(["a", "b"]) + "\n" + delimiter.join(['"Città «è», più; o\tmeno"', "x"]) + "\n"
    rows = read_rows(table(encode(text)))
    assert rows.to_dict("records") == [{"a": "Città «è», più; o\tmeno", "b": "x"}]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" , , \n"], ids=str)
def test_an_empty_file_is_refused(table: Table, content: bytes) -> None:
    (fault,) = faults(table(content))
    assert fault.row is None
    assert fault.text.en == "the sheet is empty; fill it in or give another table."


def test_an_empty_sheet_is_refused(table: Table) -> None:
    (fault,) = faults(table([], "register.xlsx"))
    assert fault.text.en == "the sheet is empty; fill it in or give another table."


@pytest.mark.parametrize("content", ["a,b\n", "a,b\n\n\n", "a,b\n,,,\n", "a,b\n# text,\n"])
def test_a_header_alone_is_refused(table: Table, content: str) -> None:
    (fault,) = faults(table(content))
    assert (fault.row, fault.text.en) == (None, "there is no row below the header; add some or give another table.")


def test_a_row_with_more_cells_than_the_header_is_refused(table: Table) -> None:
    assert [fault.row for fault in faults(table("a,b\n1,2\n3,4,5\n6,7,,\n8,9,0\n"))] == [3, 5]


@pytest.mark.parametrize("header", ["a,b,a", "a,,,b", "A,a,b"])
def test_columns_repeated_or_unnamed_are_refused(table: Table, header: str) -> None:
    (fault,) = faults(table(f"{header}\n1,2,3\n"))
    assert fault.row == 1
    assert fault.text.en.startswith("columns repeated or unnamed: ")


def test_a_quote_that_never_closes_is_refused_in_words(table: Table) -> None:
    (fault,) = faults(table('a,b\n1,"never closed\n' + "2,3\n" * 50_000))
    assert "quotes never closed" in fault.text.en


def test_a_number_of_a_sheet_keeps_its_decimals_unless_it_is_an_amount(table: Table) -> None:
    path = table([["y", "n"], [45.46427, 15146.0], [1e-07, 12.345], [-9.5, 1e21]], "register.xlsx")
    assert read_rows(path).to_numpy().tolist() == [
        ["45.46427", "15146"],
        ["0.0000001", "12.345"],
        ["-9.5", "1000000000000000000000"],
    ]
    assert read_rows(path, ["y", "n"], amounts=["y"]).to_numpy().tolist() == [
        ["45.46", "15146"],
        ["0.00", "12.345"],
        ["-9.5", "1000000000000000000000"],
    ]


def test_a_formula_is_kept_as_text_and_never_computed(table: Table) -> None:
    assert read_rows(table([["a"], ["=1+1"]], "register.xlsx"))["a"].to_list() == ["=1+1"]


def test_a_sheet_is_found_by_its_name_else_the_first_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append(["first"])
    other = book.create_sheet("IT")
    other.append(["a"])
    other.append(["second"])
    book.save(tmp_path / "two.xlsx")
    found = [read_rows(tmp_path / "two.xlsx", sheet=name)["a"].item() for name in ("IT", "FR", None)]
    assert found == ["second", "first", "first"]


def test_excel_s_old_format_is_told(table: Table) -> None:
    (fault,) = faults(table(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100), "register.xls"))
    assert fault.text.it == "è un foglio XLS, il vecchio formato di Excel; salvarlo come XLSX o CSV."


def test_a_file_that_only_looks_like_a_workbook_is_refused(table: Table) -> None:
    (fault,) = faults(table(b"PK\x03\x04 no workbook", "register.xlsx"))
    assert fault.row is None
    assert "does not open as XLSX" in fault.text.en


def test_a_workbook_with_a_broken_sheet_is_refused(table: Table, tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(table([["a", "b"], ["P1", "015146"]], "whole.xlsx")) as whole,
        zipfile.ZipFile(tmp_path / "broken.xlsx", "w") as broken,
    ):
        for name in whole.namelist():
            content = whole.read(name)
            broken.writestr(name, content[:-40] if name == "xl/worksheets/sheet1.xml" else content)
    (fault,) = faults(tmp_path / "broken.xlsx")
    assert fault.row is None
    assert "does not open as XLSX" in fault.text.en


def swell(path: Path, member: str, content: bytes) -> None:
    """Put a member into a workbook, in place of the one of that name."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**members, member: content}.items():
            archive.writestr(name, data)


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_refused(table: Table) -> None:
    path = table([["a"], ["1"]], "bomb.xlsx")
    swell(path, "xl/media/zeros.bin", bytes(201_000_000))
    assert path.stat().st_size < 300_000
    (fault,) = faults(path)
    assert fault.row is None
    assert fault.text.en.startswith("unpacks to 201 MB, at most 200 are read")


STRINGS = "xl/sharedStrings.xml"

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.mark.parametrize("text", [b"<si/>" * 400_000, b"<si><t>" + b"a" * 2_000_000 + b"</t></si>"])
def test_a_workbook_with_more_texts_than_any_table_is_refused(table: Table, text: bytes) -> None:
    path = table([["a"], ["1"]], "bomb.xlsx")
    swell(path, STRINGS, f'<sst xmlns="{SPREADSHEET}">'.encode() + text + b"</sst>")
    (fault,) = faults(path)
    assert fault.text.en.startswith("holds more texts")


def test_a_workbook_that_declares_less_than_it_holds_is_not_unpacked_beyond(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table([["a"], *([str(number)] for number in range(5000))], "lying.xlsx")
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(name).file_size
    content = path.read_bytes()
    directory = content.rindex(name.encode())  # the last mention stands in the central directory
    lied = content[: directory - 22] + (2000).to_bytes(4, "little") + content[directory - 18 :]
    path.write_bytes(lied)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo(name).file_size == 2000 < size
    monkeypatch.setattr(_workbook, "_LARGEST_UNPACKED_BYTES", size)
    (fault,) = faults(path)
    assert "does not open as XLSX" in fault.text.en


@pytest.mark.parametrize(
    "rows",
    ['<row r="1000000000000"><c r="A1000000000000"><v>1</v></c></row>', '<row><c r="ZZZ1"><v>1</v></c></row>' * 300],
    ids=["far below", "far right"],
)
def test_a_sheet_of_blank_cells_without_end_is_refused(table: Table, rows: str) -> None:
    path = table([["a"], ["1"]], "far.xlsx")
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = f'<row r="1"><c r="A1"><v>7</v></c></row>{rows}'
    sheet = f'<worksheet xmlns="{space}"><sheetData>{data}</sheetData></worksheet>'
    swell(path, "xl/worksheets/sheet1.xml", sheet.encode())
    (fault,) = faults(path)
    assert "over 5 million cells, blank ones included" in fault.text.en


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputMissingError, match="non esiste"):
            read_rows(path)


MARK = "\N{RIGHT SINGLE QUOTATION MARK}"

TEXT = f"Città;Nome\nMilano è;Sant{MARK}Angelo\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        "\ufeff\ufeff".encode() + TEXT.encode(),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("cp1252"),
        TEXT.replace(MARK, "'").encode("cp850"),
        TEXT.encode("mac_roman"),
        "Città;Nome\nMilano è;Sant".encode() + MARK.encode("cp1252") + b"Angelo\n",
        "Città;".encode("cp1252") + f"Nome\nMilano è;Sant{MARK}Angelo\n".encode(),
    ],
    ids=[
        *("utf-8", "two marks", "utf-16", "utf-16 be", "utf-16 le no mark", "utf-16 be no mark", "utf-32", "cp1252"),
        *("dos", "mac", "a byte of Windows in UTF-8", "a header of Windows on UTF-8"),
    ],
)
def test_accents_are_read_in_every_encoding(table: Table, content: bytes) -> None:
    (row,) = read_rows(table(content), ["citta", "nome"]).to_numpy().tolist()
    assert [cell.replace("'", MARK) for cell in row] == ["Milano è", f"Sant{MARK}Angelo"]


def test_signs_of_windows_side_by_side_are_not_taken_for_one_letter_of_utf_8(table: Table) -> None:
    path = table("nome;note\n«PERCHÉ»;“PIÙ”\n".encode("cp1252"))
    assert read_rows(path).to_dict("records") == [{"nome": "«PERCHÉ»", "note": "“PIÙ”"}]


@pytest.mark.parametrize(
    ("content", "row", "said"),
    [
        (b"a;b\n1;x\x81\n2;y\n3;\x81\n", 2, "a byte is no letter, neither of UTF-8 nor of Windows"),
        (b"a;b\n1;\x00\n" + b"2;3\n" * 9, 2, "is no text (it contains null bytes)"),
        ("a;b\n1;2\n".encode("utf-16")[:-1], None, "its UTF-16 text is truncated or damaged"),
        (b"%PDF-1.7\n", None, "is a PDF, no table; give a CSV or an XLSX."),
        (b"\n<html><table>", None, "is an HTML page or an XML file, no table"),
        (b"SQLite format 3\x00", None, "is a GeoPackage or another database, no table"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            None,
            "is protected by a password",
        ),
        (b'a;b\n1;"x\n2;y\n', 2, "quotes never closed"),
        (b'a;b;c\n1;"x;y\n2;3;4\n5;"6";7\n', 2, "quotes opened in this row swallow other rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_true_reason(
    table: Table, content: bytes, row: int | None, said: str
) -> None:
    fault = faults(table(content))[0]
    assert fault.row == row
    assert said in fault.text.en


def test_every_row_with_an_unreadable_byte_is_listed(table: Table) -> None:
    assert [fault.row for fault in faults(table(b"a;b\n1;\x81\n2;y\n3;\x8d\n"))] == [2, 4]


@pytest.mark.parametrize(
    ("kind", "said"), [("ods", "is a document of LibreOffice"), ("xlsb", "is a binary sheet"), ("zip", "is a zip")]
)
def test_a_zip_of_another_kind_is_refused_by_its_name(tmp_path: Path, kind: str, said: str) -> None:
    member, content = {
        "ods": ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        "xlsb": ("xl/workbook.bin", ""),
        "zip": ("t.csv", "a,b"),
    }[kind]
    path = tmp_path / f"t.{kind}"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
    (fault,) = faults(path)
    assert said in fault.text.en


KNOWN = ("codice", "importo_eur", "nome")

ROWS = {4: {"codice": "1", "importo_eur": "2,5", "nome": "x"}}


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize(
    "above", ["Elenco, al 31/12/2025; provvisorio\n\n", "\n\n", "{d}{d}\nElenco{d}{d}\n", '"Elenco\ndel 2025"\n']
)
@pytest.mark.parametrize("header", ['"Codice*"{d}"IMPORTO EUR"{d}Nome', "codice{d}importo_eur (in €){d}\xa0nome"])
def test_titles_stand_above_a_header_however_it_is_parted(
    table: Table, delimiter: str, above: str, header: str
) -> None:
    text = (above + header + '\n1{d}"2,5"{d}x\n').replace("{d}", delimiter)
    found = read_table(table(text), KNOWN)
    assert found.rows.to_dict("index") == ROWS
    assert found.header == 3
    assert ("Elenco" in " ".join(found.above)) is ("Elenco" in above)


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_a_line_that_names_the_delimiter_is_no_row(table: Table, first: str) -> None:
    rows = read_rows(table(f"{first}\ncodice;nome\n1;a,b,c,d\n"), KNOWN)
    assert rows.to_dict("index") == {3: {"codice": "1", "nome": "a,b,c,d"}}


def test_a_delimiter_that_is_named_and_not_used_is_passed_over(table: Table) -> None:
    assert read_rows(table("sep=,\ncodice;nome\n1;a\n"), KNOWN).to_dict("index") == {3: {"codice": "1", "nome": "a"}}


def test_lines_that_are_one_quoted_cell_each_are_read_within(table: Table) -> None:
    rows = read_rows(table('"codice;nome"\n\n"1;""a;b"""\n'), KNOWN)
    assert rows.to_dict("index") == {3: {"codice": "1", "nome": "a;b"}}


@pytest.mark.parametrize("text", ["codice^nome\n1^2,5\n", '[{"codice": 1}]', "Elenco\n"])
def test_a_table_without_known_columns_is_given_to_whoever_says_which_are_missing(table: Table, text: str) -> None:
    found = read_table(table(text), KNOWN)
    assert found.header == 1
    assert not {*found.rows.columns} & {*KNOWN}


def test_commas_in_a_header_part_nothing(table: Table) -> None:
    rows = read_rows(table("codice;nome (breve, senza sigle, in italiano)\n1;a\n"), KNOWN)
    assert rows.to_dict("records") == [{"codice": "1", "nome": "a"}]


def test_the_closest_name_is_the_column_and_others_are_none(table: Table) -> None:
    rows = read_rows(table("Nome (breve),nome,NOME.\n1,2,3\n"), ["nome"])
    assert rows["nome"].to_list() == ["2"]


def test_columns_that_nobody_uses_may_be_blank_or_repeated(table: Table) -> None:
    rows = read_rows(table(",codice,note,,note,,nome\n,1,a,,b,c,x\n"), KNOWN)
    assert rows.columns.to_list() == ["codice", "note #3", "note #5", "#6", "nome"]


def test_columns_that_are_used_may_not_be_repeated(table: Table) -> None:
    with pytest.raises(TableError) as error:
        read_rows(table("codice,nome,Nome\n1,x,y\n"), KNOWN)
    assert error.value.faults[0].text.en.startswith("columns repeated or unnamed: nome")


def test_cells_are_read_as_a_person_sees_them(table: Table) -> None:
    text = 'codice;nome\n="015146";"a\N{ZERO WIDTH SPACE}b\N{SOFT HYPHEN}"\n"=""1""";\N{NO-BREAK SPACE}x \n'
    assert read_rows(table(text), KNOWN).to_numpy().tolist() == [["015146", "ab"], ["1", "x"]]


def test_the_header_written_again_is_no_row(table: Table) -> None:
    assert read_rows(table("codice;nome\n1;a\ncodice;nome\n2;b\n"), KNOWN).index.to_list() == [2, 4]


def test_explanations_are_no_rows_but_rows_below_that_begin_alike_are(table: Table) -> None:
    rows = read_rows(table("codice;nome\n# the code;the name\n1;a\n# 2;b\n# a note;\n"), KNOWN)
    assert rows["codice"].to_dict() == {3: "1", 4: "# 2"}


def test_rows_below_the_header_with_a_number_are_data_though_they_begin_as_explanations_do(table: Table) -> None:
    found = read_table(table("codice;nome\n# uno;la prima\n# 7;a\n# P1;2024\n# nota;\n# P2;b\n"), KNOWN)
    assert found.rows["codice"].to_dict() == {3: "# 7", 4: "# P1", 6: "# P2"}
    assert found.explaining == {2: "# uno", 5: "# nota"}
    (said,) = found.say_explaining()
    assert said.en == "rows that begin with “#”, read as explanations and not as data: 2, 5."
    (said,) = found.say_explaining("uno")
    assert said.en.endswith(": 5.")


def test_without_explanations_nothing_is_said_of_them(table: Table) -> None:
    assert read_table(table("codice;nome\n1;a\n"), KNOWN).say_explaining() == ()


def test_texts_of_several_lines_that_hold_the_delimiter_are_texts(table: Table) -> None:
    rows = read_rows(table('codice;nome;note\n1;"uno; due\ntre; quattro";x\n2;b;y\n'), KNOWN)
    assert rows["nome"].to_dict() == {2: "uno; due\ntre; quattro", 4: "b"}


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


def test_the_sheet_that_has_the_columns_is_read_with_its_row_numbers(tmp_path: Path) -> None:
    cover: list[list[object]] = [["Registro dei progetti"], ["Settore", "Pianificazione"]]
    data: list[list[object]] = [[None, "Elenco"], [], [None, "Codice", "Nome", None], [None, 15.146, "x", None, "nota"]]
    found = read_table(workbook(tmp_path / "t.xlsx", Copertina=cover, Dati=data, Vuoto=[]), KNOWN)
    assert found.rows.to_dict("index") == {4: {"codice": "15.146", "nome": "x", "#5": "nota"}}
    assert (found.header, found.above) == (3, ("Elenco",))


def test_two_sheets_that_have_the_columns_are_refused(tmp_path: Path) -> None:
    rows: list[list[object]] = [["codice", "nome"], ["1", "x"]]
    with pytest.raises(TableError) as error:
        read_rows(workbook(tmp_path / "t.xlsx", A=rows, B=rows), KNOWN)
    assert "2 sheets have the columns of the table (A, B)" in error.value.text.en


def test_rows_are_listed_as_runs() -> None:
    assert list_rows([8, 2, 5, 6, 7]) == "2, 5-8"
    assert list_rows([]) == ""
