"""The tables that the office keeps of the plan's implementation, as ``monitoring_columns.csv`` describes them.

Cells are kept as they were written, so that an office gets its table back unchanged; what they mean is read beside
them, into a table with the package's own columns.
"""

import csv
import functools
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from psttm_geo.core.files import replacing
from psttm_geo.core.messages import Text
from psttm_geo.core.names import plain_name
from psttm_geo.core.spreadsheets import EXPLANATION, parse_date, parse_number, parse_whole
from psttm_geo.schema.cells import CELL_KINDS
from psttm_geo.schema.dictionary import YES, OnFirstUse, read_groups


@dataclass(frozen=True)
class Column:
    """A column of one of the tables.

    Attributes
    ----------
    written, name
        What the office calls it, and what the package does.
    kind
        Of its cells, a key of :data:`psttm_geo.schema.cells.CELL_KINDS`.
    blank, key
        Whether cells may be blank, and whether it is part of what tells rows apart.
    text
        What goes in it.
    """

    written: str
    name: str
    kind: str
    blank: bool
    key: bool
    text: Text

    def read(self, cell: str) -> str | None:
        """Return what a cell means, in one way of writing; None where that is not clear."""
        if not cell:
            return "" if self.blank else None
        value = _READERS.get(self.kind, str)(cell)
        return value if not value or self._pattern.fullmatch(value) else None

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(CELL_KINDS[self.kind].pattern or ".*", re.DOTALL)


def _columns(rows: Sequence[Mapping[str, str]]) -> tuple[Column, ...]:
    return tuple(
        Column(
            row["column"],
            row["name"],
            row["kind"],
            blank=row["blank"] == YES,
            key=row["key"] == YES,
            text=Text(row["text_it"], row["text_en"]),
        )
        for row in rows
    )


COLUMNS: Mapping[str, tuple[Column, ...]] = OnFirstUse(
    lambda: {name: _columns(rows) for name, rows in read_groups("monitoring_columns.csv", "table").items()}
)
"""The columns of each table, in order."""

TABLES = ("agreements", "dup_links", "milestones", "indicators", "observations", "updates")
"""The tables; those that others refer to come before them."""

APPENDED = "updates"
"""The table of which no row ever changes."""

Tables = Mapping[str, pd.DataFrame]
"""Some of the tables by name: as written, with the office's columns, or as read, with the package's."""


def written_names(table: str) -> list[str]:
    """Return what the office calls the columns of a table."""
    return [column.written for column in COLUMNS[table]]


def empty_table(table: str) -> pd.DataFrame:
    """Return a table as written, without rows."""
    return pd.DataFrame(columns=written_names(table), dtype="str")


def template_rows(table: str) -> list[list[str]]:
    """Return an empty table to fill in: its header, and a line that says what goes in each column."""
    texts = [column.text.it for column in COLUMNS[table]]
    return [written_names(table), [EXPLANATION + texts[0], *texts[1:]]]


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as the text of a CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def table_rows(table: pd.DataFrame) -> list[list[str]]:
    """Return the header and the rows of a table as written."""
    return [list(table.columns), *table.to_numpy().tolist()]


def pack(path: Path, tables: Tables) -> None:
    """Keep tables as written in one file; the same tables give the same bytes.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with replacing(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(tables):
            if len(tables[name]):
                archive.writestr(zipfile.ZipInfo(f"{name}.csv"), csv_text(table_rows(tables[name])))


def unpack(path: Path) -> dict[str, pd.DataFrame]:
    """Return all tables as written that a file of :func:`pack` holds, those without rows too."""
    tables = {name: empty_table(name) for name in TABLES}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            header, *rows = csv.reader(io.StringIO(archive.read(name).decode(), newline=""))
            tables[Path(name).stem] = pd.DataFrame(rows, columns=header, dtype="str")
    return tables


def _read_measured(cell: str) -> str | None:
    return "" if plain_name(cell) in _UNKNOWN else parse_number(cell)


_UNKNOWN = ("n d", "nd", "non noto", "non disponibile", "non rilevato")


def _read_whole(cell: str) -> str | None:
    number = parse_whole(cell)
    return None if number is None else str(number)


def _read_years(cell: str) -> str | None:
    found = re.fullmatch(r"(\d{4})\s*[-/\u2013]\s*(\d{4}|\d{2})", cell)
    if not found:
        return None
    first, last = int(found[1]), int(found[2] if len(found[2]) > _SHORT else found[1][:_SHORT] + found[2])
    return f"{first}-{last}" if last == first + 2 else None


_SHORT = 2
"""Digits of a year without its century."""


def _read_quarter(cell: str) -> str | None:
    plain = plain_name(cell).upper()
    for pattern in _QUARTERS:
        found = re.fullmatch(pattern, plain)
        if found:
            number = found["quarter"]
            return f"{found['year']}-T{_ROMAN.get(number, number)}"
    return None


_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4"}

_NUMBER_OF = r"(?P<quarter>[1-4]|I{1,3}|IV)"

_QUARTERS = (
    rf"(?P<year>\d{{4}}) ?[TQ] ?{_NUMBER_OF}",
    rf"[TQ] ?{_NUMBER_OF} ?(?P<year>\d{{4}})",
    rf"{_NUMBER_OF} ?(?:T|Q|TRIM|TRIMESTRE) (?:DEL )?(?P<year>\d{{4}})",
)


def _choice(kind: str) -> Callable[[str], str | None]:
    """Return what reads a cell that is one of several words."""

    def read(cell: str) -> str | None:
        words = {plain_name(word): word for word in CELL_KINDS[kind].pattern.split("|")}
        return words.get(plain_name(cell))

    return read


_CHOICES = (
    *("agreement_kind", "agreement_status", "dup_relation", "milestone_kind"),
    *("indicator_system", "stock_or_flow", "indicator_level"),
)

_READERS: dict[str, Callable[[str], str | None]] = {
    "day": parse_date,
    "signed_number": parse_number,
    "measured_value": _read_measured,
    "count": _read_whole,
    "budget_code": _read_whole,
    "three_years": _read_years,
    "quarter": _read_quarter,
    **{kind: _choice(kind) for kind in _CHOICES},
}
"""By kind of cell, what reads the ways in which it is written; others are taken as they are."""
