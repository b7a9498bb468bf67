"""The cells of a workbook of Excel, as they were typed; formulas as their text, never computed."""

import io
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from psttm_geo.core._plain_sheets import read_plain_sheets
from psttm_geo.core._table_text import Rows, tidy_cell
from psttm_geo.core.errors import TableError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.reading import MOST_TIMES, OF_WORKBOOKS, OF_ZIPS, refusing

Values = list[tuple[int, list[object]]]
"""Each filled row with its number in the sheet, the first is 1."""

_LARGEST_UNPACKED_BYTES = 200_000_000
"""Of a workbook, which is a zip: a few bytes can be made to unpack to any size."""

_MOST_CELLS = 5_000_000
"""Of a sheet, blank ones included: a single cell far to the right or below makes them without any bytes."""

_FIRST_ROWS = 30

_CENTS = 2


def read_workbook(
    path: Path, data: bytes, sheet: str | None, choose: Callable[[list[Rows]], list[int]]
) -> tuple[str, Values]:
    """Return the name and the rows of the sheet that holds the table.

    Parameters
    ----------
    path
        For messages.
    data
        Of an XLSX.
    sheet
        The name of the sheet, where the workbook has it.
    choose
        Given the first rows of each sheet, which may hold the table.

    Raises
    ------
    TableError
        It is no workbook of Excel, is damaged or too large, or several sheets may hold the table.
    """
    _require_workbook(path, data)
    plain = read_plain_sheets(data, _read_parts(path, data), _MOST_CELLS)
    if plain is not None:
        return _read_sheet(path, [_Sheet(title, rows.__iter__) for title, rows in plain.items()], sheet, choose)
    import openpyxl  # noqa: PLC0415 - takes as long to load as a table to check, and few tables are workbooks

    with (
        refusing(OF_WORKBOOKS, lambda _: TableError.of(path.name, None, _DAMAGED)),
        closing(openpyxl.load_workbook(io.BytesIO(data), read_only=True)) as book,
    ):
        sheets = [_Sheet(one.title, partial(_iterate, one)) for one in book.worksheets]
        return _read_sheet(path, sheets, sheet, choose)


class _Sheet(NamedTuple):
    title: str
    rows: Callable[[], Iterator[Sequence[object]]]


def _iterate(sheet: Any) -> Iterator[Sequence[object]]:  # noqa: ANN401 - openpyxl has no types
    sheet.reset_dimensions()  # what a file declares of its size need not be true
    return iter(sheet.iter_rows(values_only=True))


def _read_sheet(
    path: Path, sheets: list[_Sheet], name: str | None, choose: Callable[[list[Rows]], list[int]]
) -> tuple[str, Values]:
    named = [one for one in sheets if one.title == name]
    found = named[0] if named else _choose_sheet(path, sheets, choose)
    return found.title, _read_rows(path, found)


_DAMAGED = gettext("does not open as XLSX; save it again or as CSV.")


def cell_text(value: object, *, amount: bool = False) -> str:
    """Return what a cell says, a number as it was typed; an amount of money with its cents, that none be doubtful."""
    if isinstance(value, str):
        return tidy_cell(value)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        exact = Decimal(str(int(value)) if value.is_integer() else repr(value))
        return f"{value:.{_CENTS}f}" if amount and value > 0 and not value.is_integer() else f"{exact:f}"
    return tidy_cell(str(value))


def _require_workbook(path: Path, data: bytes) -> None:
    """Refuse a zip that is no workbook, or unpacks to too much; zipfile reads no more than what is declared."""
    with (
        refusing(OF_ZIPS, lambda _: TableError.of(path.name, None, _DAMAGED)),
        zipfile.ZipFile(io.BytesIO(data)) as archive,
    ):
        names = set(archive.namelist())
        declared = sum(member.file_size for member in archive.infolist())
        kind = _read_kind(archive) if "mimetype" in names else b""
    if "xl/workbook.xml" not in names:
        raise TableError.of(path.name, None, _say_foreign(names, kind))
    if declared > _LARGEST_UNPACKED_BYTES:
        found, most = declared // 1_000_000, _LARGEST_UNPACKED_BYTES // 1_000_000
        raise TableError.of(
            path.name,
            None,
            gettext(
                "unpacks to {found} MB, at most {most} are read; remove sheets and images or save it as CSV.",
                found=found,
                most=most,
            ),
        )


def _read_parts(path: Path, data: bytes) -> list[bytes]:
    """Return the parts of a workbook that are XML; refuse those that were made to take long to parse.

    None at all where one is stored twice: programs differ in which of the two they read.
    """
    with (
        refusing(OF_ZIPS, lambda _: TableError.of(path.name, None, _DAMAGED)),
        zipfile.ZipFile(io.BytesIO(data)) as archive,
    ):
        names = [name.lower() for name in archive.namelist()]
        written = [part for part in archive.infolist() if part.filename.lower().endswith(".xml")]
        inflated = any(map(_is_inflated, written))
        parts = [] if inflated else [archive.read(part) for part in written]
    if inflated or any(len(_TEXT.findall(part)) > _MOST_TEXTS for part in parts if b"si" in part):
        raise TableError.of(path.name, None, _BOMB)
    return parts if len(set(names)) == len(names) else []


_ANY_PART_BYTES = 1 << 20

_MOST_TEXTS = 1_000_000

_TEXT = re.compile(rb"<(?:\w+:)?si[\s/>]")

_BOMB = gettext("holds more texts, or texts more often repeated, than any table; save it as CSV.")


def _is_inflated(part: zipfile.ZipInfo) -> bool:
    return part.file_size > max(_ANY_PART_BYTES, MOST_TIMES * part.compress_size)


def _read_kind(archive: zipfile.ZipFile) -> bytes:
    with archive.open("mimetype") as file:
        return file.read(100)


def _say_foreign(names: set[str], kind: bytes) -> Text:
    if b"opendocument" in kind:
        return gettext("is a document of LibreOffice (ODS), no XLSX; save it as XLSX or CSV.")
    if "xl/workbook.bin" in names:
        return gettext("is a binary sheet of Excel (XLSB), no XLSX; save it as XLSX or CSV.")
    return gettext("is a zip, no table: it does not open as XLSX; extract the table and give that.")


def _choose_sheet(path: Path, sheets: list[_Sheet], choose: Callable[[list[Rows]], list[int]]) -> _Sheet:
    """Return the one sheet that holds the table."""
    found = choose([_first_rows(sheet) for sheet in sheets]) if len(sheets) > 1 else [0]
    if len(found) > 1:
        listed = ", ".join(sheets[position].title for position in found)
        raise TableError.of(
            path.name,
            None,
            gettext(
                "{count} sheets have the columns of the table ({listed}); leave one or split them.",
                count=len(found),
                listed=listed,
            ),
        )
    return sheets[found[0]]


def _first_rows(sheet: _Sheet) -> Rows:
    rows = enumerate(itertools.islice(sheet.rows(), _FIRST_ROWS), start=1)
    return [(row, [cell_text(value) for value in cells]) for row, cells in rows]


def _read_rows(path: Path, sheet: _Sheet) -> Values:
    rows: Values = []
    count = 0
    for row, cells in enumerate(sheet.rows(), start=1):
        count += max(1, len(cells))
        if count > _MOST_CELLS:
            most = f"{_MOST_CELLS // 1_000_000}"
            raise TableError.of(
                path.name,
                None,
                gettext(
                    "the sheet has over {most} million cells, blank ones included; remove those far off the data.",
                    most=most,
                ),
            )
        width = next((place for place in range(len(cells), 0, -1) if cells[place - 1] is not None), 0)
        if width:
            rows.append((row, list(cells[:width])))
    return rows
