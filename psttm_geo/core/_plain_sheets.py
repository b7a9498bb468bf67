"""Sheets that hold nothing but values, read several times faster than those that hold formulas.

calamine gives the value that a formula had when the file was saved, and a blank where it failed. It is given a workbook
only where every cell is written in the few ways in which spreadsheets write values; openpyxl reads all others.
"""

import io
import itertools
import math
import re
from collections.abc import Collection
from datetime import time
from functools import reduce
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

Cells = list[list[object]]
"""The rows of a sheet from its first on, all as long as the longest; a blank cell is None."""

_TEXT = rb"(?:[^<&\x00-\x1f]|[\t\r\n]|&(?:lt|gt|amp|quot|apos|#(?:9|10|13|3[2-9]|[4-9]\d|[1-9]\d{2,3}));)*+"

_SPACE = rb'(?: xml:space="preserve")?'

_NUMBER = rb"(?:\d+(?:\.\d+)?(?:[Ee][-+]?\d+)?|-\d{1,11}(?:\.\d+)?(?:[Ee]-\d+)?|-\d(?:\.\d+)?[Ee]\+?\d)"
"""calamine does not survive days billions of years ago."""

_CELL = (
    rb'<c r="[A-Z]{1,3}\1"(?: s="\d+")?(?:'
    rb'(?: t="n")?(?: s="\d+")?(?:/>|></c>|><v>' + _NUMBER + rb"</v></c>)"
    rb'| t="b"(?: s="\d+")?><v>[01]</v></c>'
    rb'| t="s"(?: s="\d+")?><v>\d+</v></c>'
    rb'| t="str"(?: s="\d+")?><v' + _SPACE + rb">" + _TEXT + rb"</v></c>"
    rb'| t="inlineStr"(?: s="\d+")?(?:/>|></c>|><is><t' + _SPACE + rb">" + _TEXT + rb"</t></is></c>)"
    rb")"
)
"""A blank cell, a number, a truth or a text in the row that group 1 is; formulas and errors are written otherwise."""

_ROWS = re.compile(
    rb'<sheetData(?:\s*/>|>\s*+(?:<row r="([1-9]\d{0,6})"(?: [\w:]+="[^"<&]*")*+(?:/>|>\s*+(?:(?:'
    + _CELL
    + rb")\s*+)*+</row>)\s*+)*+</sheetData>)"
)

_NAMES_OF_ROWS = re.compile(rb'<row r="(\d+)')

_NAMES_OF_COLUMNS = re.compile(rb'<c r="([A-Z]+)')

_PREFIXED = re.compile(rb"xmlns:\w+=.http://schemas\.openxmlformats\.org/spreadsheetml/2006/main")

_EXACT = 2**53
"""From here on a binary number may stand for several whole ones."""

_BEYOND = (CalamineError, OSError, ValueError, OverflowError)
"""What calamine raises on what it does not read, and on spans of time longer than Python's."""


def read_plain_sheets(data: bytes, parts: Collection[bytes], most_cells: int) -> dict[str, Cells] | None:
    """Return the cells of all sheets by their name, in their order.

    Parameters
    ----------
    data
        Of an XLSX.
    parts
        All of it that is XML.
    most_cells
        Of all sheets, blank ones included.

    Returns
    -------
    dict
        Cells say what those of openpyxl do. None where one may be anything but a value, or a sheet is damaged or too
        large: openpyxl reads it or says why not.
    """
    rooms = [_count_room(part) if _is_plain(part) else math.inf for part in parts]
    if not parts or sum(rooms) > most_cells:
        return None
    checked = sum(b"<sheetData" in part for part in parts)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
    except _BEYOND:
        return None
    if not sheets or checked < len(names) or len(sheets) < len(names):
        return None
    cells = {name: [[_value(value) for value in row] for row in rows] for name, rows in sheets.items()}
    return None if any(_DOUBTFUL in row for rows in cells.values() for row in rows) else cells


def _is_plain(part: bytes) -> bool:
    """Return whether a part is well formed and has no cell but values, its rows in order."""
    if b"<!" in part or _PREFIXED.search(part):
        return False
    rows = _ROWS.search(part)
    if part.count(b"<sheetData") != (rows is not None):
        return False
    numbers = [int(number) for number in _NAMES_OF_ROWS.findall(part)]
    if any(after <= before for before, after in itertools.pairwise(numbers)):
        return False
    rest = part[: rows.start()] + part[rows.end() :] if rows is not None and part.isascii() else part
    try:
        expat.ParserCreate().Parse(rest, True)  # noqa: FBT003 - the only way to say that there is no more
    except (expat.ExpatError, LookupError):  # an encoding that does not exist
        return False
    return True


def _count_room(part: bytes) -> int:
    """Return how many cells there are up to the last row and column."""
    last = max(map(int, _NAMES_OF_ROWS.findall(part)), default=0)
    return last * max(map(_place_of_column, set(_NAMES_OF_COLUMNS.findall(part))), default=0)


def _place_of_column(name: bytes) -> int:
    return reduce(lambda number, letter: 26 * number + letter - 64, name, 0)


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
