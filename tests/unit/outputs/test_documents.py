import io
import zipfile

import openpyxl
import pandas as pd
from docx import Document

from psttm_geo.outputs.documents import docx_document, xlsx_document

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
