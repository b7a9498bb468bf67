"""Tables that an office fills in or publishes, CSV or XLSX, and the numbers and days in their cells.

Every table that a user gives is read here, whatever its encoding, whatever parts its cells, with titles above its
header. Cells come as text; what is in them is read only where it leaves no doubt.
"""

import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from psttm_geo.core._headers import Headers
from psttm_geo.core._table_text import Rows, decode, split_rows
from psttm_geo.core._workbook import Values, cell_text, read_workbook
from psttm_geo.core.errors import EmptyTableError, Fault, InputMissingError, TableError
from psttm_geo.core.messages import Text, gettext

EXPLANATION = "# "
"""How a line that explains the columns begins; it holds no data."""

UNNAMED = "#"
"""Before the place of a column whose name is blank or repeated."""

NOT_COMPUTED = re.compile(r"#(?:N/[AD]|[A-Z0-9/_]+[!?]|GETTING_DATA|#+)|Err:\d{3}", re.IGNORECASE)
"""What a spreadsheet writes where a formula failed: #N/D, #RIF!, #NOME?, Err:502; #### where a column is narrow."""

_LARGEST_BYTES = 50_000_000

_OLD_EXCEL = bytes.fromhex("d0cf11e0")
"""How files of Excel before 2007 begin, and those of any year that ask for a password."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

_ZIP = b"PK"

_ITALY = (timedelta(hours=1), timedelta(hours=2))
"""How far Italy is from UTC, in winter and in summer."""

_MONTHS = ("gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic")

_NAMES_OF_MONTHS = (
    "gen(?:naio)?|feb(?:braio)?|mar(?:zo)?|apr(?:ile)?|mag(?:gio)?|giu(?:gno)?|lug(?:lio)?|ago(?:sto)?|"
    "sett?(?:embre)?|ott(?:obre)?|nov(?:embre)?|dic(?:embre)?"
)

_TIME = r"(?:[ T](?P<time>\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?)(?: ?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}))?)?"

_DATES = tuple(
    re.compile(day + _TIME, re.IGNORECASE)
    for day in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4})",
        rf"(?P<day>\d{{1,2}})[°º]?(?P<mark>[- /])(?P<month>{_NAMES_OF_MONTHS})\.?(?P=mark)(?P<year>\d{{4}})",
    )
)


class Table(NamedTuple):
    """A table as its file has it.

    Attributes
    ----------
    rows
        All cells as text without outer spaces, labelled by their row in the file (the first is 1); blank rows, the
        header where it is repeated, and what explains the columns are left out. Columns that are known have the name
        that was asked for, others theirs in lower case, followed by ``#`` and their place where it is repeated or
        blank.
    header
        The row of the header.
    above
        The texts of the rows above it.
    explaining
        Rows that were passed over because they explain the columns, and how they begin.
    sheet
        The name of the sheet, empty where there is none.
    decimals
        Of the columns that were asked to be codes, the rows where a workbook has a number with decimals, which has
        lost its last noughts.
    """

    rows: pd.DataFrame
    header: int
    above: tuple[str, ...]
    explaining: Mapping[int, str] = MappingProxyType({})
    sheet: str = ""
    decimals: Mapping[str, frozenset[int]] = MappingProxyType({})

    def say_explaining(self, known: str = "") -> tuple[Text, ...]:
        """Say which rows were passed over as explanations, but for one that is `known`, a template's own."""
        others = {row: text for row, text in self.explaining.items() if text != EXPLANATION + known}
        if not others:
            return ()
        listed = list_rows(others)
        return (
            gettext(
                "rows that begin with “{explanation}”, read as explanations and not as data: {listed}.",
                explanation=EXPLANATION.strip(),
                listed=listed,
            ),
        )


def read_rows(
    path: Path,
    columns: Iterable[str] = (),
    *,
    pattern: re.Pattern[str] | None = None,
    amounts: Collection[str] = (),
    sheet: str | None = None,
) -> pd.DataFrame:
    """Return the rows of a table; parameters and errors as :func:`read_table`."""
    return read_table(path, columns, pattern=pattern, amounts=amounts, sheet=sheet).rows


def read_table(
    path: Path,
    columns: Iterable[str] = (),
    *,
    pattern: re.Pattern[str] | None = None,
    amounts: Collection[str] = (),
    codes: Collection[str] = (),
    sheet: str | None = None,
) -> Table:
    """Read a table.

    Parameters
    ----------
    path
        CSV (comma, semicolon, tab or bar; UTF-8, UTF-16, Windows) or XLSX (formulas as their text, not computed).
    columns
        Those that it may have: they tell the header from titles above it, the sheet from others, what parts the cells.
        By default any column will do.
    pattern
        Names of columns, in lower case, that it may have too.
    amounts
        Columns of money: numbers of a sheet get two decimals, that their point never be taken for one of thousands.
    codes
        Columns of codes with a point, such as 5.10, of which a number of a sheet is only 5.1.
    sheet
        The name of the sheet to read where a workbook has it.

    Returns
    -------
    Table
        At least one row, unless none of its columns is known.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    EmptyTableError
        The file has no row below the header.
    TableError
        The file is no table, too large, damaged, columns that are known are repeated, or rows have more cells than the
        header.
    """
    table, surplus = _read(path, _read_bytes(path), Headers(columns, pattern), amounts, sheet, codes)
    if surplus:
        width = len(table.rows.columns)
        raise TableError(
            [
                cell_fault(
                    path,
                    row,
                    gettext(
                        "{count} cells, expected {width} (texts that contain the delimiter belong in quotes)",
                        count=count,
                        width=width,
                    ),
                )
                for row, count in surplus.items()
            ]
        )
    return table


def read_noted_table(path: Path, data: bytes, columns: Iterable[str]) -> Table:
    """Read a table whose notes may have more cells than its header; those beyond it are not read.

    Parameters
    ----------
    path
        For messages.
    data
        Of the CSV or XLSX; whoever calls knows that it is not too large.
    columns
        As :func:`read_table`, and its errors.
    """
    return _read(path, data, Headers(columns), (), None)[0]


def parse_amount(text: str) -> float | None:
    """Return an amount in euros, or None where it cannot be read without doubt.

    A separator followed by exactly three digits parts thousands (cents have two); the last of two is the decimal one.
    """
    bare = re.sub(r"[\s€'\u2019]|euro?", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"\d[\d.,]*", bare):
        return None
    for thousands, decimal in ((".", ","), (",", ".")):
        grouped = re.fullmatch(rf"([1-9]\d{{0,2}}(?:\{thousands}\d{{3}})+|\d+)(?:\{decimal}(\d{{1,2}}))?", bare)
        if grouped:
            return float(grouped[1].replace(thousands, "") + "." + (grouped[2] or "0"))
    return None


def parse_date(text: str) -> str | None:
    """Return a day as ISO 8601, or None where it is none.

    2025-03-04, 2025/03/04, 04/03/2025, 4.3.2025 and 4 marzo 2025 are the same, with a time behind or without. A time
    of another zone than Italy's counts only where it is the same day in Italy.
    """
    bare = " ".join(text.removeprefix("'").split())
    for pattern in _DATES:
        match = pattern.fullmatch(bare)
        if match:
            return _day(match)
    return None


def _day(match: re.Match[str]) -> str | None:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
    try:
        day = date(int(match["year"]), number, int(match["day"]))
    except ValueError:
        return None
    try:
        there = _days_in_italy(day, match["time"], match["zone"]) if match["zone"] else [day]
    except OverflowError:  # before the first year, or after the last
        return None
    return day.isoformat() if set(there) == {day} else None


def _days_in_italy(day: date, time: str, zone: str) -> list[date]:
    """Return the day that a moment of a zone is in Italy, by winter and by summer time."""
    hours, minutes = (int(zone[1:3]), int(zone[-2:])) if zone[0] in "+-" else (0, 0)
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    if offset in _ITALY:
        return [day]
    hour, minute = (int(part) for part in re.findall(r"\d+", time)[:2])
    moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, minutes=minute)
    return [(moment - offset + there).date() for there in _ITALY]


def parse_whole(text: str) -> int | None:
    """Return a whole number, or None: 7, 07, 7.0 and 7,0 are the same."""
    number = re.fullmatch(r"'?0*([0-9]{1,9})(?:[.,]0{1,2})?", text)
    return int(number[1]) if number else None


def parse_number(text: str) -> str | None:
    """Return a number with its decimals after a point; None where a mark may part thousands or decimals.

    Three digits behind a single mark leave that doubt, unless what is before them can be no thousands.
    """
    bare = re.sub(r"[\s'\u2019%]", "", text).replace("\u2212", "-")
    sign, bare = ("-", bare[1:]) if bare.startswith("-") else ("", bare)
    if re.fullmatch(r"\d+", bare):
        return sign + bare
    single = re.fullmatch(r"(\d+)[.,](\d+)", bare)
    if single:
        doubtful = len(single[2]) == _GROUP and re.fullmatch(r"[1-9]\d{0,2}", single[1])
        return None if doubtful else f"{sign}{single[1]}.{single[2]}"
    for thousands, decimal in ((".", ","), (",", ".")):
        if re.fullmatch(rf"[1-9]\d{{0,2}}(\{thousands}\d{{3}})+(\{decimal}\d+)?", bare):
            return sign + bare.replace(thousands, "").replace(decimal, ".")
    return None


_GROUP = 3
"""Digits between marks of thousands."""


def parse_identifier(text: str) -> str:
    """Return a code without the apostrophe that makes a spreadsheet keep it as text."""
    return text.removeprefix("'").strip()


def cell_fault(path: Path, row: int | None, found: Text) -> Fault:
    """Return a fault of a row of a file: what was found; the user is told to correct the cell."""
    return Fault(path.name, row, gettext("{found}; correct the cell.", found=found))


def file_fault(path: Path, text: Text) -> Fault:
    """Return a fault of a whole file."""
    return Fault(path.name, None, text)


def list_rows(rows: Iterable[int]) -> str:
    """Return rows as people list them, those that follow each other as one: 2, 5-8, 11."""
    runs = itertools.groupby(enumerate(sorted(rows)), key=lambda pair: pair[1] - pair[0])
    parts = ([row for _, row in run] for _, run in runs)
    return ", ".join(f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in parts)


def _read_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputMissingError(gettext("{path} does not exist; give a table, CSV or XLSX.", path=path))
    if path.stat().st_size > _LARGEST_BYTES:
        raise TableError.of(path.name, None, gettext("the file is larger than 50 MB; split it."))
    data = path.read_bytes()
    if data.startswith(_OLD_EXCEL):
        raise TableError.of(path.name, None, _PROTECTED if _ENCRYPTED in data else _OLD)
    return data


_OLD = gettext("is an XLS sheet, Excel's old format; save it as XLSX or CSV.")

_PROTECTED = gettext("is protected by a password; save it without, as XLSX or CSV.")


def _read(
    path: Path, data: bytes, known: Headers, amounts: Collection[str], sheet: str | None, codes: Collection[str] = ()
) -> tuple[Table, dict[int, int]]:
    """Return a table, and how many cells those rows have that have more than its header."""
    values: Values = []
    title = ""
    if data.startswith(_ZIP):
        title, values = read_workbook(path, data, sheet, known.best_sheets)
        rows = [(row, [cell_text(value) for value in cells]) for row, cells in values]
    else:
        rows = split_rows(path, decode(path, data), known.score)
    filled = [(row, cells) for row, cells in rows if any(cells)]
    if not filled:
        raise EmptyTableError.of(path.name, None, _EMPTY)
    first = known.place(filled)
    header, names = filled[first]
    labels = _column_names(path, known, header, names, widest=max(len(cells) for _, cells in filled) if values else 0)
    below, explaining = _rows_below(filled[first + 1 :], names)
    if not below and (known.any_will_do or known.count(names)):
        raise EmptyTableError.of(path.name, None, _NO_ROW)
    padded = {row: (cells + [""] * len(labels))[: len(labels)] for row, cells in below.items()}
    frame = pd.DataFrame(list(padded.values()), index=list(padded), columns=labels, dtype="str")
    typed = dict(values)
    for name in set(amounts) & set(labels) if values else ():
        place = labels.index(name)
        frame[name] = [cell_text(typed[row][place], amount=True) if place < len(typed[row]) else "" for row in below]
    nobodys = [name for name in labels if name.startswith(UNNAMED) and (frame[name] == "").all()]
    above = tuple(" ".join(filter(None, cells)) for _, cells in filled[:first])
    aligned = known.any_will_do or known.count(names) > 0  # else whoever reads says which columns are missing
    surplus = {row: len(cells) for row, cells in below.items() if aligned and any(cells[len(labels) :])}
    decimals = {name: _decimal_rows(typed, labels.index(name)) for name in set(codes) & set(labels)}
    return Table(frame.drop(columns=nobodys), header, above, explaining, title, decimals), surplus


def _decimal_rows(values: Mapping[int, list[object]], place: int) -> frozenset[int]:
    return frozenset(row for row, cells in values.items() if place < len(cells) and isinstance(cells[place], float))


def _rows_below(rows: Rows, header: Sequence[str]) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Return the rows that hold data, and how those begin that explain the columns: in words below them, or alone.

    A header that is repeated is neither.
    """
    below = {row: cells for row, cells in rows if cells != header}
    marked = {row for row, cells in below.items() if _is_marked(cells)}
    first = itertools.takewhile(lambda row: row in marked and _is_wordy(below[row]), below)
    explaining = {*first, *(row for row in marked if sum(map(bool, below[row])) == 1)}
    data = {row: cells for row, cells in below.items() if row not in explaining}
    return data, {row: next(filter(None, cells)) for row, cells in below.items() if row in explaining}


_EMPTY = gettext("the sheet is empty; fill it in or give another table.")

_NO_ROW = gettext("there is no row below the header; add some or give another table.")


def _is_marked(cells: Sequence[str]) -> bool:
    return next(filter(None, cells), "").startswith(EXPLANATION)


def _is_wordy(cells: Sequence[str]) -> bool:
    """Return whether every cell that is filled has a letter: a row of data has a number, a code or a day."""
    return all(re.search(r"[^\W\d_]", cell) for cell in cells if cell)


def _column_names(path: Path, known: Headers, header: int, cells: Sequence[str], *, widest: int) -> list[str]:
    """Return what the columns are called; where any will do, blank ones at the end are none."""
    names = [" ".join(cell.lower().split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if known.any_will_do:
        return _require_distinct(path, header, names)
    meant = known.meanings(cells[: len(names)])
    _require_distinct(path, header, [meaning for meaning in meant if meaning])
    names += [""] * (widest - len(names))
    meant += [None] * (widest - len(meant))
    times = Counter(names)
    return [
        meaning or (name if name and times[name] == 1 else f"{name} {UNNAMED}{place}".lstrip())
        for place, (meaning, name) in enumerate(zip(meant, names, strict=True), start=1)
    ]


def _require_distinct(path: Path, header: int, names: list[str]) -> list[str]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        listed = ", ".join(repeated) or "«»"
        raise TableError([cell_fault(path, header, gettext("columns repeated or unnamed: {listed}", listed=listed))])
    return names
