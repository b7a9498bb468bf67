"""Read the office's tables of implementation: which table a file holds, and what its cells mean."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError, quote
from psttm_geo.core.messages import COMMA, NOTHING, Text, gettext
from psttm_geo.core.spreadsheets import NOT_COMPUTED, Table, cell_fault, read_table
from psttm_geo.plan.monitoring_tables import COLUMNS, TABLES, Column, written_names
from psttm_geo.schema.cells import CELL_KINDS

GOAL = "obiettivo"
"""The office's column of goals, in whose codes a workbook may lose a nought."""

_FORMULA = re.compile(r"=|[+@-]\s*[A-Za-z_][\w.]*[(|!]|[+-]\s*\$?[A-Za-z]{1,3}\$?\d+\b")
"""How a cell begins that a spreadsheet computes."""


@dataclass(frozen=True)
class Written:
    """A table as somebody wrote it.

    Attributes
    ----------
    table
        Which one it is.
    path, sheet
        Where it stands; no sheet in a CSV.
    rows
        All columns of the table in order, cells as text, labelled by their row in the file.
    decimals
        Rows whose goal a workbook holds as a number with decimals.
    notices
        What was passed over.
    """

    table: str
    path: Path
    sheet: str
    rows: pd.DataFrame
    decimals: frozenset[int] = frozenset()
    notices: tuple[Text, ...] = ()


def read_file(path: Path) -> Table:
    """Read a file that holds one of the tables, or a municipality's part of one.

    Raises
    ------
    InputMissingError
        It does not exist.
    EmptyTableError
        It has no row of data.
    TableError
        It is no table.
    """
    every = dict.fromkeys(name for table in TABLES for name in written_names(table))
    return read_table(path, every, codes=[GOAL])


def read_whole(path: Path, read: Table) -> Written:
    """Return the table that a file holds.

    Raises
    ------
    TableError
        It is none of these, or columns are missing.
    """
    return as_written(_recognise(path, read), path, read)


def as_written(table: str, path: Path, read: Table) -> Written:
    """Take a table that was read as one of these: all its columns, in their order.

    Raises
    ------
    TableError
        Columns are missing or are none of its.
    """
    names = written_names(table)
    missing = [column.written for column in COLUMNS[table] if not column.blank and column.written not in read.rows]
    strange = [name for name in read.rows.columns if name not in names]
    if missing or strange:
        raise TableError([_columns_fault(path, read, table, missing, strange)])
    rows = read.rows.reindex(columns=names, fill_value="")
    known = next(column.text.it for column in COLUMNS[table] if column.written == read.rows.columns[0])
    return Written(
        table, path, read.sheet, rows, read.decimals.get(GOAL, frozenset()), tuple(read.say_explaining(known))
    )


def _recognise(path: Path, read: Table) -> str:
    """Return the table that has most of the columns of a file."""
    counts = {table: len(set(written_names(table)) & set(read.rows.columns)) for table in TABLES}
    most = max(counts.values())
    found = [table for table, count in counts.items() if count == most]
    if len(found) > 1 or most < _FEWEST:
        raise TableError.of(
            path.name,
            read.header,
            gettext(
                "columns {found} are those of none of the tables {tables}; start from a template: psttm-geo "
                "monitoring template TABLE -o FILE.",
                found=quote(", ".join(read.rows.columns)),
                tables=", ".join(TABLES),
            ),
        )
    return found[0]


_FEWEST = 3
"""Columns by which a table is known."""


def _columns_fault(path: Path, read: Table, table: str, missing: Iterable[str], strange: Iterable[str]) -> Fault:
    parts = [gettext("columns {listed} are missing", listed=", ".join(missing))] if missing else []
    parts += [gettext("unexpected columns: {listed}", listed=quote(", ".join(strange)))] if strange else []
    return Fault(
        path.name,
        read.header,
        gettext(
            "{where}{parts}; the table {table} has the columns {expected}; remarks belong in “note”.",
            where=_where(read.sheet),
            parts=COMMA.join(parts),
            table=table,
            expected=", ".join(written_names(table)),
        ),
    )


def _where(sheet: str) -> Text:
    return gettext("sheet “{sheet}”: ", sheet=sheet) if sheet else NOTHING


@dataclass
class Reading:
    """What the cells of a table mean, and what is wrong with them.

    Attributes
    ----------
    written
        The table.
    cells
        The package's columns, rows labelled as there.
    faults
        All that were found.
    notices
        How doubtful cells were read.
    """

    written: Written
    cells: pd.DataFrame = field(init=False)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.notices += self.written.notices
        columns = COLUMNS[self.written.table]
        self.cells = pd.DataFrame({column.name: self._read(column) for column in columns})

    def _read(self, column: Column) -> pd.Series:
        cells = self.written.rows[column.written]
        read = {cell: column.read(cell) for cell in dict.fromkeys(cells.to_list())}
        said = {cell: _say_wrong(column, cell, meaning) for cell, meaning in read.items()}
        wrong = {cell: found for cell, found in said.items() if found is not None}
        self.tell(column.written, cells.isin(list(wrong)), lambda row: wrong[cells[row]])
        return _mapped(cells, {cell: meaning or "" for cell, meaning in read.items() if cell not in wrong})

    def tell(self, column: str, rows: pd.Series, say: Callable[[int], Text]) -> None:
        """Note a fault of a column in every row that is marked."""
        for row in rows.index[rows.to_numpy(dtype=bool)]:
            where = _where(self.written.sheet)
            found = gettext("{where}“{column}” {said}", where=where, column=column, said=say(row))
            self.faults.append(cell_fault(self.written.path, int(row), found))

    def read_references(self, column: str, read: Callable[[str], tuple[str, Text | None]]) -> None:
        """Replace each cell of one of the package's columns by what it refers to; what it does not is a fault."""
        cells = self.cells[column]
        found = {cell: read(cell) for cell in dict.fromkeys(cells.to_list()) if cell}
        wrong = {cell: said for cell, (_, said) in found.items() if said is not None}
        self.tell(self.name_of(column), cells.isin(list(wrong)), lambda row: wrong[cells[row]])
        self.cells[column] = _mapped(cells, {cell: value for cell, (value, _) in found.items()})

    def name_of(self, column: str) -> str:
        """Return what the office calls one of the package's columns."""
        return next(one.written for one in COLUMNS[self.written.table] if one.name == column)

    def require_distinct(self) -> None:
        """Tell rows that repeat the key of another one."""
        keys = [column for column in COLUMNS[self.written.table] if column.key]
        names = [column.name for column in keys]
        folded = self.cells[names].apply(lambda cells: cells.str.casefold())
        # What could not be read is told already, and need not be the same.
        whole = ~pd.DataFrame({one.name: (self.cells[one.name] == "") & (not one.blank) for one in keys}).any(axis=1)
        repeated = folded.duplicated() & whole
        if not repeated.any():
            return
        first = folded[whole].groupby(names, sort=False)[names[0]].transform(lambda group: group.index[0])
        listed = ", ".join(column.written for column in keys)
        self.tell(
            keys[0].written,
            repeated,
            lambda row: gettext("repeats row {first} ({listed})", first=first[row], listed=listed),
        )

    def require_order(self, first: str, last: str) -> None:
        """Tell rows whose later day comes before the earlier one."""
        before, after = self.cells[first], self.cells[last]
        self.tell(
            self.name_of(last),
            (before != "") & (after != "") & (after < before),
            lambda row: gettext(
                "{after} comes before “{column}” {before}",
                after=after[row],
                column=self.name_of(first),
                before=before[row],
            ),
        )


def _mapped(cells: pd.Series, meanings: Mapping[str, str]) -> pd.Series:
    """Return what each cell means, blank where that is not known."""
    return pd.Series([meanings.get(cell, "") for cell in cells.to_list()], index=cells.index, dtype="str")


def _say_wrong(column: Column, cell: str, meaning: str | None) -> Text | None:
    """Say what is wrong with a cell by itself, which may have no meaning."""
    if _FORMULA.match(cell):
        return gettext("is a formula, “{cell}”, expected its value", cell=quote(cell))
    if NOT_COMPUTED.fullmatch(cell):
        return gettext("is a formula error, “{cell}”, expected its value", cell=cell)
    if meaning is not None:
        return None
    if not cell:
        return gettext("is blank, expected {expected}", expected=CELL_KINDS[column.kind].expected)
    return gettext("is “{cell}”, expected {expected}", cell=quote(cell), expected=CELL_KINDS[column.kind].expected)
