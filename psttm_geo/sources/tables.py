"""Tables that an office fills in or publishes, CSV or XLSX, and the numbers and days in their cells.

Cells come as text; what is in them is read only where it leaves no doubt.
"""

import csv
import io
import re
import zipfile
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from psttm_geo.errors import Fault, InputMissingError, TableError, Text

EXPLANATION = "# "
"""How a line that explains the columns begins; it holds no data."""

_LARGEST_BYTES = 50_000_000

_LARGEST_UNPACKED_BYTES = 200_000_000
"""Of a workbook, which is a zip: a few bytes can be made to unpack to any size."""

_MOST_CELLS = 5_000_000
"""Of a sheet, blank ones included: a single cell far to the right or below makes them without any bytes."""

_OLD_EXCEL = bytes.fromhex("d0cf11e0")
"""How files of Excel before 2007 begin."""

_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T][\d:.]+)?"),
    re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})[.-](?P<month>\d{1,2})[.-](?P<year>\d{4})"),
)


def read_rows(path: Path, *, decimals: int | None = None, sheet: str | None = None) -> pd.DataFrame:
    """Read a table whose first filled row names the columns.

    Parameters
    ----------
    path
        CSV (comma, semicolon or tab; UTF-8 or Windows) or XLSX (first sheet; formulas as their text, not computed).
    decimals
        How many a fractional number of a sheet gets; by default those it has. Amounts get two, so that their decimal
        point is never taken for one of thousands.
    sheet
        The name of the sheet to read where a workbook has it; the first by default.

    Returns
    -------
    DataFrame
        All cells as text without outer spaces, labelled by their row in the file (the first is 1); columns in lower
        case. Blank rows and those that begin with :data:`EXPLANATION` are left out; at least one row.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        The file is too large, damaged or empty, has no row below the header, columns are repeated, or rows have more
        cells than the header.
    """
    filled = [(row, cells) for row, cells in _read_cells(path, decimals, sheet) if any(cells)]
    if not filled:
        raise TableError(
            [
                file_fault(
                    path,
                    "il foglio è vuoto; riempirlo o indicare un'altra tabella.",
                    "the sheet is empty; fill it in or give another table.",
                )
            ]
        )
    names = _column_names(path, *filled[0])
    rows = {row: cells for row, cells in filled[1:] if not cells[0].startswith(EXPLANATION)}
    surplus = [row for row, cells in rows.items() if any(cells[len(names) :])]
    if surplus:
        raise TableError(
            [
                cell_fault(
                    path,
                    row,
                    f"{len(rows[row])} celle, attese {len(names)} (le virgole nei testi vanno fra virgolette)",
                    f"{len(rows[row])} cells, expected {len(names)} (texts with a comma belong in quotes)",
                )
                for row in surplus
            ]
        )
    if not rows:
        raise TableError(
            [
                file_fault(
                    path,
                    "non c'è nessuna riga sotto l'intestazione; aggiungerne o indicare un'altra tabella.",
                    "there is no row below the header; add some or give another table.",
                )
            ]
        )
    padded = {row: (cells + [""] * len(names))[: len(names)] for row, cells in rows.items()}
    return pd.DataFrame.from_dict(padded, orient="index", columns=names, dtype="str")


def parse_amount(text: str) -> float | None:
    """Return an amount in euros, or None where it cannot be read without doubt.

    A separator followed by exactly three digits parts thousands (cents have two); the last of two is the decimal one.
    """
    bare = re.sub(r"[\s€\u00a0']|euro?", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"\d[\d.,]*", bare):
        return None
    for thousands, decimal in ((".", ","), (",", ".")):
        grouped = re.fullmatch(rf"([1-9]\d{{0,2}}(?:\{thousands}\d{{3}})+|\d+)(?:\{decimal}(\d{{1,2}}))?", bare)
        if grouped:
            return float(grouped[1].replace(thousands, "") + "." + (grouped[2] or "0"))
    return None


def parse_date(text: str) -> str | None:
    """Return a day as ISO 8601, or None where it is none: 2025-03-04, 04/03/2025 and 4.3.2025 are the same."""
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match:
            try:
                return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
            except ValueError:
                return None
    return None


def parse_whole(text: str) -> int | None:
    """Return a whole number, or None: 7, 07, 7.0 and 7,0 are the same."""
    number = re.fullmatch(r"0*(\d{1,9})(?:[.,]0{1,2})?", text)
    return int(number[1]) if number else None


def cell_fault(path: Path, row: int | None, it: str, en: str) -> Fault:
    """Return a fault of a row of a file: what was found; the user is told to correct the cell."""
    return Fault(path.name, row, Text(f"{it}; correggere la cella.", f"{en}; correct the cell."))


def file_fault(path: Path, it: str, en: str) -> Fault:
    """Return a fault of a whole file."""
    return Fault(path.name, None, Text(it, en))


def _read_cells(path: Path, decimals: int | None, sheet: str | None) -> list[tuple[int, list[str]]]:
    if not path.is_file():
        raise InputMissingError(
            Text(
                f"{path} non esiste; indicare una tabella CSV o XLSX.",
                f"{path} does not exist; give a table, CSV or XLSX.",
            )
        )
    if path.stat().st_size > _LARGEST_BYTES:
        raise TableError(
            [file_fault(path, "il file supera 50 MB; dividerlo.", "the file is larger than 50 MB; split it.")]
        )
    with path.open("rb") as file:
        head = file.read(len(_OLD_EXCEL))
    if head == _OLD_EXCEL:
        raise TableError(
            [
                file_fault(
                    path,
                    "è un foglio XLS, il vecchio formato di Excel; salvarlo come XLSX o CSV.",
                    "is an XLS sheet, Excel's old format; save it as XLSX or CSV.",
                )
            ]
        )
    return _xlsx_rows(path, decimals, sheet) if head.startswith(b"PK") else _csv_rows(path)


def _column_names(path: Path, header_row: int, header: list[str]) -> list[str]:
    """Return the names of the columns in lower case; blank ones at the end are no columns."""
    names = [name.lower() for name in header]
    while names and not names[-1]:
        names.pop()
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        listed = ", ".join(repeated) or "«»"
        raise TableError(
            [
                cell_fault(
                    path,
                    header_row,
                    f"colonne ripetute o senza nome: {listed}",
                    f"columns repeated or unnamed: {listed}",
                )
            ]
        )
    return names


def _csv_rows(path: Path) -> list[tuple[int, list[str]]]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            [
                cell_fault(
                    path, line, "testo troppo lungo o virgolette mai chiuse", "text too long or quotes never closed"
                )
            ]
        ) from error
    return rows


def _xlsx_rows(path: Path, decimals: int | None, sheet: str | None) -> list[tuple[int, list[str]]]:
    """Read one sheet; formulas come as their text and are never computed."""
    import openpyxl  # noqa: PLC0415 - takes as long to load as a table to check, and few tables are workbooks

    try:
        _require_unpackable(path)
        with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True)) as book:
            chosen = next((one for one in book.worksheets if one.title == sheet), book.worksheets[0])
            return _sheet_rows(path, chosen, decimals)
    except TableError:
        raise
    except Exception as error:  # openpyxl lets errors of zipfile, of XML parsers and its own through
        raise TableError(
            [
                file_fault(
                    path,
                    "non si apre come XLSX; salvarlo di nuovo o come CSV.",
                    "does not open as XLSX; save it again or as CSV.",
                )
            ]
        ) from error


def _require_unpackable(path: Path) -> None:
    """Refuse a workbook that unpacks to too much; zipfile reads no more of a member than its declared size."""
    with zipfile.ZipFile(path) as archive:
        declared = sum(member.file_size for member in archive.infolist())
    if declared > _LARGEST_UNPACKED_BYTES:
        found, most = declared // 1_000_000, _LARGEST_UNPACKED_BYTES // 1_000_000
        raise TableError(
            [
                file_fault(
                    path,
                    f"si espande a {found} MB, ammessi {most}; togliere fogli e immagini o salvarlo come CSV.",
                    f"unpacks to {found} MB, at most {most} are read; remove sheets and images or save it as CSV.",
                )
            ]
        )


def _sheet_rows(path: Path, sheet: Any, decimals: int | None) -> list[tuple[int, list[str]]]:  # noqa: ANN401 - openpyxl has no types
    sheet.reset_dimensions()  # what a file declares of its size need not be true
    rows, count = [], 0
    for row, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        count += max(1, len(cells))
        if count > _MOST_CELLS:
            most = f"{_MOST_CELLS // 1_000_000}"
            raise TableError(
                [
                    file_fault(
                        path,
                        f"il foglio ha più di {most} milioni di celle, anche vuote; togliere quelle lontane dai dati.",
                        f"the sheet has over {most} million cells, blank ones included; remove those far off the data.",
                    )
                ]
            )
        if any(value is not None for value in cells):
            rows.append((row, [_cell_text(value, decimals) for value in cells]))
    return rows


def _cell_text(value: object, decimals: int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        exact = Decimal(str(int(value)) if value.is_integer() else repr(value))
        return f"{exact:f}" if decimals is None or value.is_integer() else f"{value:.{decimals}f}"
    return str(value).strip()
