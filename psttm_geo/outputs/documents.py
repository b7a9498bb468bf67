"""Tables as documents that offices edit: DOCX and XLSX."""

import io
from collections.abc import Mapping

import pandas as pd
from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt
from openpyxl.styles import Alignment

from psttm_geo.outputs.tables import LONGEST_SHEET_NAME, neutralised

_A4_MM = (210, 297)

_MARGIN_MM = 18

_FONT_PT = 9

_WIDEST = 70
"""Characters of a column of a sheet; longer cells are broken into lines."""

_NOTES = "Note"


def docx_document(title: str, facts: Mapping[str, str], table: pd.DataFrame, notes: tuple[str, ...]) -> bytes:
    """Return a title, facts, one table and notes as a DOCX on A4, landscape; the heading row repeats on every page.

    Parameters
    ----------
    title
        Of the document.
    facts
        Terms and what each is, above the table.
    table
        Texts and figures as they are to be read.
    notes
        Below the table: what it rests on.
    """
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_height, section.page_width = (Mm(size) for size in _A4_MM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    document.styles["Normal"].font.size = Pt(_FONT_PT)
    document.core_properties.title = title
    document.core_properties.author = "psttm-geo"
    document.add_heading(title, level=1)
    for term, fact in facts.items():
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(f"{term}: ").bold = True
        paragraph.add_run(fact)
    document.add_paragraph()
    _add_table(document, table)
    for note in notes:
        document.add_paragraph(note)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _add_table(document: Docx, table: pd.DataFrame) -> None:
    grid = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    for cell, name in zip(grid.rows[0].cells, table.columns, strict=True):
        cell.text = ""
        cell.paragraphs[0].add_run(str(name)).bold = True
    # Word repeats on every page the rows marked so.
    grid.rows[0]._tr.get_or_add_trPr().append(grid._tbl.makeelement(_HEADER_ROW, {}))  # noqa: SLF001 - the library has no other way
    for row in table.astype(str).itertuples(index=False):
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text


_HEADER_ROW = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}tblHeader"


def xlsx_document(name: str, table: pd.DataFrame, notes: tuple[str, ...], title: str = "") -> bytes:
    """Return one table as an XLSX sheet of a name with its heading frozen and a filter, notes on a sheet of their own.

    The workbook has the title that is given, else the name of its sheet.
    """
    written = io.BytesIO()
    with pd.ExcelWriter(written, engine="openpyxl") as writer:
        neutralised(table).to_excel(writer, sheet_name=name[:LONGEST_SHEET_NAME], index=False, freeze_panes=(1, 0))
        neutralised(pd.DataFrame({_NOTES: notes})).to_excel(writer, sheet_name=_NOTES, index=False)
        writer.book.properties.title = title or name
        sheet = writer.sheets[name[:LONGEST_SHEET_NAME]]
        sheet.auto_filter.ref = sheet.dimensions
        for cells in sheet.iter_cols():
            longest = max(len(str(cell.value or "")) for cell in cells)
            sheet.column_dimensions[cells[0].column_letter].width = min(longest + 2, _WIDEST)
            for cell in cells:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    return written.getvalue()
