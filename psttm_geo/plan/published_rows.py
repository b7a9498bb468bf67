"""The rows of what Italia Domani publishes, one by one, whatever the year's layout: files are larger than memory."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

import pandas as pd

from psttm_geo.core.errors import InputMissingError
from psttm_geo.core.messages import gettext
from psttm_geo.core.names import plain_name

FileKind = Literal["projects", "places", "tenders", "payments"]

_KINDS: tuple[FileKind, ...] = ("tenders", "payments", "projects", "places")
"""In the order in which a header is tried: those of tenders and payments have more of their own."""

_DELIMITERS = ";,\t|"

_LONGEST_LINE, _LONGEST_HEADER = 1 << 20, 1 << 16

_PARQUET = b"PAR1"

_BATCH_ROWS = 20_000

Row = tuple[int, dict[str, str]]
"""The line of a row in its file, the header being line 1, and its cells by role, without outer spaces."""


@dataclass
class PublishedFile:
    """A file of Italia Domani.

    Attributes
    ----------
    path
        The file.
    kind
        What it lists.
    columns, names
        The position of each role's column, and its name.
    width
        How many columns there are.
    rows
        How many rows were read.
    broken
        The lines that are no row of the table, such as those with quotes that are left open.
    kept
        Rows that whoever read the file wants to keep.
    """

    path: Path
    kind: FileKind
    columns: Mapping[str, int]
    names: Mapping[str, str]
    width: int
    rows: int = 0
    broken: list[int] = field(default_factory=list)
    kept: list[dict[str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Row]:
        """Read the rows, from the first."""
        self.rows, self.broken = 0, []
        read = self._parquet_rows() if _is_parquet(self.path) else self._text_rows()
        for line, cells in read:
            self.rows += 1
            yield line, {role: cells[place].strip() for role, place in self.columns.items()}

    def _text_rows(self) -> Iterator[tuple[int, list[str]]]:
        with self.path.open("rb") as file:
            lines = _Lines(file)
            delimiter = _delimiter_of(next(lines))
            lines.taken.clear()
            while True:
                try:
                    cells = next(csv.reader(lines, delimiter=delimiter))
                except StopIteration:
                    return
                except csv.Error:  # a quote that is left open takes in all that follows
                    cells = []
                if len(cells) == self.width:
                    yield lines.number, cells
                else:
                    yield from self._part(lines, delimiter)
                lines.taken.clear()

    def _part(self, lines: "_Lines", delimiter: str) -> Iterator[tuple[int, list[str]]]:
        """Take the lines of a broken row each as a row of its own; those that are none are counted as broken."""
        first = lines.number - len(lines.taken) + 1
        for number, line in enumerate(lines.taken, start=first):
            cells = line.rstrip("\r\n").split(delimiter)
            if len(cells) == self.width:
                yield number, [cell.strip().strip('"') for cell in cells]
            else:
                self.broken.append(number)

    def _parquet_rows(self) -> Iterator[tuple[int, list[str]]]:
        from pyarrow import parquet  # noqa: PLC0415 - text files do without

        line = 1
        for batch in parquet.ParquetFile(self.path).iter_batches(_BATCH_ROWS):
            texts = [[_text_of(value) for value in column.to_pylist()] for column in batch.columns]
            for cells in zip(*texts, strict=True):
                line += 1
                yield line, list(cells)


class _Lines:
    """The lines of a text, with those that were taken since somebody last cleared them."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = self._file.readline()
        if not raw:
            raise StopIteration
        self.number += 1
        self.taken.append(_decode(raw))
        if len(raw) > _LONGEST_LINE or len(self.taken) > _LONGEST_ROW:
            raise csv.Error
        return self.taken[-1]


_LONGEST_ROW = 200
"""Lines of a row whose texts have line ends: beyond it a quote was left open."""


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _text_of(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is what differs from itself
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PARQUET)) == _PARQUET


def _delimiter_of(header: str) -> str:
    return max(_DELIMITERS, key=header.count)


def open_published(path: Path, columns: pd.DataFrame) -> PublishedFile | None:
    """Recognise a file of Italia Domani by its header.

    Parameters
    ----------
    path
        CSV (UTF-8 or Windows; semicolons, commas, tabs or bars) or Parquet.
    columns
        The table ``published_columns.csv``.

    Returns
    -------
    PublishedFile
        None for any other file.

    Raises
    ------
    InputMissingError
        There is no such file.
    """
    if not path.is_file():
        raise InputMissingError(gettext("{path} does not exist; check the path.", path=path))
    header = _header_of(path)
    found = {name: place for place, name in reversed(list(enumerate(map(plain_name, header))))}
    for kind in _KINDS:
        mine = columns[columns["file"] == kind]
        places = {
            role: next((found[name] for name in names.split("|") if name in found), None)
            for role, names in zip(mine["role"], mine["names"], strict=True)
        }
        needed = mine.loc[mine["needed"] == "si", "role"]
        if all(places[role] is not None for role in needed):
            here = {role: place for role, place in places.items() if place is not None}
            return PublishedFile(path, kind, here, {role: header[place] for role, place in here.items()}, len(header))
    return None


def _header_of(path: Path) -> list[str]:
    if _is_parquet(path):
        from pyarrow import parquet  # noqa: PLC0415 - text files do without

        return list(parquet.read_schema(path).names)
    with path.open("rb") as file:
        line = _decode(file.readline(_LONGEST_HEADER))
    return next(csv.reader([line], delimiter=_delimiter_of(line)), [])
