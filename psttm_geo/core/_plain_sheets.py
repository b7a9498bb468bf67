"""Sheets that hold nothing but values, read several times faster than those that hold formulas.

calamine gives the value that a formula had when the file was saved, and a blank where it failed. It is given a workbook
only where every cell is written in the few ways in which spreadsheets write values; openpyxl reads all others.
"""

import io
import re
import zipfile
from collections.abc import Collection
from datetime import time
from functools import reduce
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

Cells = list[list[object]]
"""The rows of a sheet from its first on, all as long as the longest; a blank cell is None."""

_ANY_ROW = re.compile(rb"<row[\s/>]")

_ANY_CELL = re.compile(rb"<c[\s/>]")

_ROW = re.compile(rb'<row r="\d')

_VALUE = re.compile(
    rb'<c r="[A-Z]{1,3}[1-9]\d{0,6}"(?: s="\d+")?(?:'
    rb'(?: t="n")?(?: s="\d+")?(?:/>|></c>|><v>-?\d+(?:\.\d+)?(?:[Ee][-+]?\d+)?</v></c>)'
    rb'| t="b"(?: s="\d+")?><v>[01]</v></c>'
    rb'| t="(?:s|str)"(?: s="\d+")?><v[ >]'
    rb'| t="inlineStr"(?: s="\d+")?(?:/>|></c>|><is>))'
)
"""A blank cell, a number, a truth or a text; formulas and errors are written otherwise."""

_COLUMN_OF_CELL = re.compile(rb'<c r="([A-Z]+)')

_ROW_OF_CELL = re.compile(rb'<c r="[A-Z]+(\d+)')

_PREFIXED = re.compile(rb"xmlns:\w+=.http://schemas\.openxmlformats\.org/spreadsheetml/2006/main")

_EXACT = 2**53
"""From here on a binary number may stand for several whole ones."""

_BEYOND = (CalamineError, OSError, ValueError, OverflowError)
"""What calamine raises on what it does not read, and on spans of time longer than Python's."""


def read_plain_sheets(data: bytes, names: Collection[str], most_cells: int) -> dict[str, Cells] | None:
    """Return the cells of sheets by their name.

    Parameters
    ----------
    data
        Of an XLSX that openpyxl has opened.
    names
        Of all its sheets.
    most_cells
        Of a sheet, blank ones included.

    Returns
    -------
    dict
        Cells say what those of openpyxl do. None where one may be anything but a value, or a sheet is damaged or too
        large: openpyxl reads it or says why not.
    """
    checked = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            if part.filename.endswith(".xml"):
                content = archive.read(part)
                if not _is_plain(content, most_cells):
                    return None
                checked += b"<sheetData" in content
    if checked < len(names):
        return None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except _BEYOND:
        return None
    cells = {name: [[_value(value) for value in row] for row in rows] for name, rows in sheets.items()}
    return None if any(_DOUBTFUL in row for rows in cells.values() for row in rows) else cells


def _is_plain(part: bytes, most_cells: int) -> bool:
    """Return whether a part is well formed and has no cell but values, none far off the others."""
    if b"<!" in part or _PREFIXED.search(part):
        return False
    try:
        expat.ParserCreate().Parse(part, True)  # noqa: FBT003 - the only way to say that there is no more
    except (expat.ExpatError, LookupError):  # an encoding that does not exist
        return False
    usual = _count(_ANY_ROW, part) == _count(_ROW, part) and _count(_ANY_CELL, part) == _count(_VALUE, part)
    return usual and _count_room(part) <= most_cells


def _count(pattern: re.Pattern[bytes], part: bytes) -> int:
    return sum(1 for _ in pattern.finditer(part))


def _count_room(part: bytes) -> int:
    """Return how many cells a sheet has up to its last row and column."""
    columns = (
        reduce(lambda number, letter: 26 * number + letter - 64, name, 0) for name in _found(_COLUMN_OF_CELL, part)
    )
    return max(columns, default=0) * max(map(int, _found(_ROW_OF_CELL, part)), default=0)


def _found(pattern: re.Pattern[bytes], part: bytes) -> set[bytes]:
    return set(pattern.findall(part))


_DOUBTFUL = object()


def _value(value: object) -> object:
    """Return a value as openpyxl does: whole numbers as such; a time of day may be a day before 1900."""
    if isinstance(value, float):
        if abs(value) >= _EXACT:
            return _DOUBTFUL
        return int(value) if value.is_integer() else value
    if isinstance(value, time):
        return _DOUBTFUL
    return None if value == "" else value
