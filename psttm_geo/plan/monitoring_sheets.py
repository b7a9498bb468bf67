"""Workbooks of the tables of implementation: whole tables, and the sheet that a municipality fills in for its DUP."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.names import plain_name
from psttm_geo.core.spreadsheets import EXPLANATION, Table
from psttm_geo.plan.monitoring_reading import Written, as_written
from psttm_geo.plan.monitoring_tables import COLUMNS
from psttm_geo.territory.gazetteer import Gazetteer

BODY = "ente"
"""The column of the bodies of DUPs, which a municipality's sheet states once, above its header."""

_CODE = "Codice ISTAT"

_NAME = "Comune"

_TITLE = "Collegamenti del DUP al Piano strategico"


def workbook_bytes(name: str, rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as a workbook of one sheet, every cell a text, so that codes such as 5.10 be kept.

    Parameters
    ----------
    name
        Of the sheet.
    rows
        As they stand, none a formula.

    Returns
    -------
    bytes
        The same for the same rows.
    """
    import xlsxwriter  # noqa: PLC0415 - few commands write workbooks

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True}) as book:
        book.set_properties({"created": _WRITTEN})
        text = book.add_format({"num_format": _TEXT})
        sheet = book.add_worksheet(name)
        sheet.set_column(0, max(map(len, rows)) - 1, _WIDTH, text)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, place, cell, text)
    return content.getvalue()


_TEXT = "@"

_WIDTH = 24

_WRITTEN = datetime(1980, 1, 1, tzinfo=UTC)
"""A workbook does not say when it was written: the same rows are the same bytes."""


def sheet_template(code: str, municipality: str) -> bytes:
    """Return the empty sheet of a municipality, an XLSX to be filled in."""
    columns = [column for column in COLUMNS["dup_links"] if column.written != BODY]
    texts = [column.text.it for column in columns]
    rows = [
        [_TITLE],
        [_NAME, municipality],
        [_CODE, code],
        [],
        [column.written for column in columns],
        [EXPLANATION + texts[0], *texts[1:]],
    ]
    return workbook_bytes("DUP", rows)


def sheet_name(code: str, municipality: str) -> str:
    """Return the name of the file of a municipality's sheet."""
    return f"DUP_{code}_{re.sub(r'[^A-Za-z0-9]+', '-', plain_name(municipality)).strip('-')}.xlsx"


def is_sheet(read: Table) -> bool:
    """Return whether a table is a municipality's sheet."""
    return any(line.startswith(_CODE) for line in read.above)


def read_sheet(path: Path, read: Table, gazetteer: Gazetteer) -> Written:
    """Read a municipality's sheet as rows of its DUP.

    Parameters
    ----------
    path
        Of the file: a municipality that its name states has to be that of the sheet.
    read
        What :func:`is_sheet` is true of.
    gazetteer
        Of the territory.

    Raises
    ------
    TableError
        The municipality is not known or stated twice differently, or columns are missing.
    """
    code = _stated(read.above, _CODE)
    body = _municipality(gazetteer, code)
    if body is None:
        raise TableError.of(
            path.name,
            None,
            gettext("states the ISTAT code “{code}”, expected that of a municipality of the territory.", code=code),
        )
    _require_same(path, gazetteer, body, _stated(read.above, _NAME), _STATED)
    _require_same(path, gazetteer, body, path.stem, _CALLED)
    rows = read.rows.assign(**{BODY: code if body == code else body})
    return as_written("dup_links", path, read._replace(rows=rows))


_STATED = gettext("states the municipality {other} beside the ISTAT code of {own}; correct one of them.")

_CALLED = gettext("is named after {other} but filled in for {own}; correct its name or its ISTAT code.")


def _stated(above: Sequence[str], what: str) -> str:
    line = next((line for line in above if line.startswith(what)), "")
    return line.removeprefix(what).strip(" :")


def _require_same(path: Path, gazetteer: Gazetteer, body: str, written: str, say: Text) -> None:
    """Refuse a sheet where a municipality is written that is another one; what is none says nothing."""
    other = _named(gazetteer, written)
    if other is not None and other != body:
        names = {"other": gazetteer.official[other], "own": gazetteer.official[body]}
        raise TableError([Fault(path.name, None, say.fill(**names))])


def _named(gazetteer: Gazetteer, written: str) -> str | None:
    for number in re.findall(r"(?<!\d)\d{6}(?!\d)", written):
        found = _municipality(gazetteer, number)
        if found is not None:
            return found
    bare = re.sub(
        r"\b(?:dup|scheda|modello|comune di)\b|[_\d.()-]+", " ", written.replace("_", " "), flags=re.IGNORECASE
    )
    return _municipality(gazetteer, " ".join(bare.split())) or _municipality(gazetteer, written)


def _municipality(gazetteer: Gazetteer, written: str) -> str | None:
    code = gazetteer.find(written) if written else None
    place = gazetteer.successors.get(code or "", code or "")
    return place if place in gazetteer.territory else None
