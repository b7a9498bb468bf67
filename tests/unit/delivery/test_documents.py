import io
import zipfile

import openpyxl
import pandas as pd
import pytest
from docx import Document

from psttm_geo.delivery.documents import docx_document, xlsx_document

TABLE = pd.DataFrame({"n.": ["1.1", "1.2"], "Obiettivo": ["L'acqua è di tutti", "=2+2"], "Azione": ["", ""]})

NOTES = ("ISTAT; CC BY 4.0", "=cmd")


def test_a_document_holds_title_facts_table_and_notes() -> None:
    document = Document(io.BytesIO(docx_document("Obiettivi: Legnano", {"Zona": "Alto Milanese"}, TABLE, NOTES)))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert said[:2] == ["Obiettivi: Legnano", "Zona: Alto Milanese"]
    assert said[-2:] == list(NOTES)
    (grid,) = document.tables
    assert [[cell.text for cell in row.cells] for row in grid.rows] == [
        ["n.", "Obiettivo", "Azione"],
        ["1.1", "L'acqua è di tutti", ""],
        ["1.2", "=2+2", ""],
    ]


def test_the_page_is_a4_landscape_and_the_heading_repeats() -> None:
    content = docx_document("Titolo", {}, TABLE, ())
    section = Document(io.BytesIO(content)).sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"w:tblHeader" in parts.read("word/document.xml")


def test_a_sheet_holds_the_table_and_its_notes_and_no_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_document("San Colombano al Lambro e molti altri", TABLE, NOTES)))
    assert book.sheetnames == ["San Colombano al Lambro e molti", "Note"]
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert rows == [("n.", "Obiettivo", "Azione"), ("1.1", "L'acqua è di tutti", None), ("1.2", "'=2+2", None)]
    assert book.worksheets[0].freeze_panes == "A2"
    assert [row[0].value for row in book["Note"].iter_rows(min_row=2)] == ["ISTAT; CC BY 4.0", "'=cmd"]
    assert book.properties.title == "San Colombano al Lambro e molti altri"


def test_a_workbook_has_the_title_that_it_is_given() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_document("Arese", TABLE, NOTES, "DATI SINTETICI: Arese")))
    assert (book.sheetnames[0], book.properties.title) == ("Arese", "DATI SINTETICI: Arese")


def test_a_document_is_spelt_in_its_language_and_has_its_title_and_page_at_the_foot() -> None:
    for language, locale in (("it", "it-IT"), ("en", "en-GB")):
        content = docx_document("Titolo", {}, TABLE, (), language)
        document = Document(io.BytesIO(content))
        assert document.core_properties.language == locale
        assert document.sections[0].footer.paragraphs[0].text.startswith("Titolo")
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            assert f'w:lang w:val="{locale}"'.encode() in parts.read("word/styles.xml")
            assert b'w:instr="PAGE"' in parts.read("word/footer1.xml")


def test_columns_of_a_document_share_the_page_by_what_they_hold() -> None:
    table = pd.DataFrame({"n.": ["1.1"], "Obiettivo": ["parole " * 20], "Azione": [""]})
    (grid,) = Document(io.BytesIO(docx_document("Titolo", {}, table, ()))).tables
    number, goal, action = (cell.width.mm for cell in grid.rows[1].cells)
    assert number < goal / 4
    assert goal == pytest.approx(action), "what is to be filled in has as much room as a sentence"
    assert number + goal + action == pytest.approx(297 - 36, abs=1)


def test_a_sheet_prints_on_a4_as_wide_as_the_page_with_its_heading_on_each() -> None:
    table = pd.DataFrame({"n.": ["1.1"], "Obiettivo": ["parole " * 40]})
    book = openpyxl.load_workbook(io.BytesIO(xlsx_document("Arese", table, ("nota " * 90,))))
    for one in book.worksheets:
        assert (one.page_setup.orientation, int(one.page_setup.paperSize)) == ("landscape", 9)
        assert one.sheet_properties.pageSetUpPr.fitToPage
        assert one.page_setup.fitToHeight == 0
        assert one.print_title_rows == "$1:$1"
    goals, notes = book.worksheets
    assert goals.column_dimensions["B"].width < 40
    assert goals["B2"].alignment.wrap_text
    assert notes["A2"].alignment.wrap_text
