"""Tables as documents that offices edit: DOCX and XLSX."""

import io
from collections.abc import Mapping

import pandas as pd
from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.shared import Length, Mm, Pt
from docx.text.paragraph import Paragraph
from openpyxl.styles import Alignment
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from psttm_geo.core.messages import Language
from psttm_geo.delivery.formats import LONGEST_SHEET_NAME, neutralised

_A4_MM = (210, 297)

_MARGIN_MM = 18

_FONT_PT = 9

_WIDEST, _WIDEST_NOTE = 34, 120
"""Characters of a column of a sheet, and of its notes: with more, the page is too small to read on paper."""

_NOTES = "Note"

_NARROWEST, _BROADEST = 6, 34
"""Characters that a column of a document is given room for, whatever its longest cell has."""

_LOCALES = {"it": "it-IT", "en": "en-GB"}

_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx_document(
    title: str, facts: Mapping[str, str], table: pd.DataFrame, notes: tuple[str, ...], language: Language = "it"
) -> bytes:
    """Return a title, facts, one table and notes as a DOCX on A4, landscape.

    The heading row repeats on every page; the title and the number of the page stand at its foot.

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
    language
        Of the texts, by which they are spelt.
    """
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_height, section.page_width = (Mm(size) for size in _A4_MM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    document.styles["Normal"].font.size = Pt(_FONT_PT)
    _set_language(document, _LOCALES[language])
    _add_foot(section.footer.paragraphs[0], title)
    document.core_properties.title = title
    document.core_properties.language = _LOCALES[language]
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


def _set_language(document: Docx, locale: str) -> None:
    """Say which language the texts are in: the library's own template says English, and all else is underlined."""
    fonts = document.styles.element.find(f"{{{_WORDS}}}docDefaults/{{{_WORDS}}}rPrDefault/{{{_WORDS}}}rPr")
    fonts.find(f"{{{_WORDS}}}lang").set(f"{{{_WORDS}}}val", locale)


def _add_foot(paragraph: Paragraph, title: str) -> None:
    paragraph.add_run(f"{title} · ")
    field = paragraph._p.makeelement(f"{{{_WORDS}}}fldSimple", {f"{{{_WORDS}}}instr": "PAGE"})  # noqa: SLF001 - the library knows no fields
    paragraph._p.append(field)  # noqa: SLF001 - as above


def _add_table(document: Docx, table: pd.DataFrame) -> None:
    texts = table.astype(str)
    grid = document.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    grid.autofit = False
    for cell, name in zip(grid.rows[0].cells, table.columns, strict=True):
        cell.text = ""
        cell.paragraphs[0].add_run(str(name)).bold = True
    # Word repeats on every page the rows marked so.
    grid.rows[0]._tr.get_or_add_trPr().append(grid._tbl.makeelement(f"{{{_WORDS}}}tblHeader", {}))  # noqa: SLF001 - the library has no other way
    for row in texts.itertuples(index=False):
        for cell, text in zip(grid.add_row().cells, row, strict=True):
            cell.text = text
    for column, width in zip(grid.columns, _column_widths(texts), strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _column_widths(texts: pd.DataFrame) -> list[Length]:
    """Share the width of the page among columns by what they hold: a number needs less room than a sentence."""
    lengths = [texts[name].str.len().max() for name in texts.columns]
    words = [max((len(word) for word in str(name).split()), default=0) + 2 for name in texts.columns]
    rooms = [
        min(max(length, word, _NARROWEST) if length else _BROADEST, _BROADEST)
        for length, word in zip(lengths, words, strict=True)
    ]
    width = max(_A4_MM) - 2 * _MARGIN_MM
    return [Mm(width * room / sum(rooms)) for room in rooms]


def xlsx_document(name: str, table: pd.DataFrame, notes: tuple[str, ...], title: str = "") -> bytes:
    """Return one table as an XLSX sheet of a name with its heading frozen and a filter, notes on a sheet of their own.

    Both print on A4, landscape, as wide as the page. The workbook has the title that is given, else its sheet's name.
    """
    written = io.BytesIO()
    with pd.ExcelWriter(written, engine="openpyxl") as writer:
        neutralised(table).to_excel(writer, sheet_name=name[:LONGEST_SHEET_NAME], index=False, freeze_panes=(1, 0))
        neutralised(pd.DataFrame({_NOTES: notes})).to_excel(writer, sheet_name=_NOTES, index=False)
        writer.book.properties.title = title or name
        sheet = writer.sheets[name[:LONGEST_SHEET_NAME]]
        sheet.auto_filter.ref = sheet.dimensions
        _set_columns(sheet, _WIDEST)
        _set_columns(writer.sheets[_NOTES], _WIDEST_NOTE)
        for one in writer.sheets.values():
            _set_for_print(one)
    return written.getvalue()


def _set_columns(sheet: Worksheet, widest: int) -> None:
    """Give each column the width of its longest cell, up to the widest; longer cells are broken into lines."""
    for cells in sheet.iter_cols():
        longest = max(len(str(cell.value or "")) for cell in cells)
        sheet.column_dimensions[cells[0].column_letter].width = min(longest + 2, widest)
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _set_for_print(sheet: Worksheet) -> None:
    """Set a sheet for A4, landscape: all its columns on one page, the heading on each, the number at the foot."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
    sheet.oddFooter.center.text = "&A · &P/&N"
