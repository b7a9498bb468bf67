"""Contracts of the tables under ``data/``, as ``data_columns.csv`` states them, and what breaks one."""

import functools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from psttm_geo.core.errors import Fault
from psttm_geo.core.messages import SEMICOLON, gettext
from psttm_geo.schema.cells import CELL_KINDS, CellKind
from psttm_geo.schema.dictionary import YES, OnFirstUse, read_groups

if TYPE_CHECKING:
    import pandera.pandas as pa

HEADER_LINES = 1
"""Lines above the first row of a table file; row numbers in faults count from the top of the file."""


@dataclass(frozen=True)
class Column:
    """A column of a table, as its row of ``data_columns.csv`` states it.

    Attributes
    ----------
    kind
        Of its cells.
    blank, unique, required
        Whether cells may be blank, have to differ, and whether the column may not be left out.
    default
        What its cells are where it is left out.
    """

    kind: CellKind
    blank: bool
    unique: bool
    required: bool
    default: str


@dataclass(frozen=True)
class Contract:
    """What a table has to be.

    Attributes
    ----------
    columns
        By name, in order.
    unique
        Columns that have to differ together; None for none.
    """

    columns: Mapping[str, Column]
    unique: list[str] | None

    @functools.cached_property
    def schema(self) -> "pa.DataFrameSchema":
        """The same for pandera."""
        import pandera.pandas as pa  # noqa: PLC0415 - tables that are right beyond doubt do without

        columns = {
            # All cells are read as text, and looking at the type of each takes as long as all else.
            name: pa.Column(None, column.kind.check(blank=column.blank), unique=column.unique, required=column.required)
            for name, column in self.columns.items()
        }
        return pa.DataFrameSchema(columns, unique=self.unique, strict=True)


def _contract(rows: Sequence[dict[str, str]]) -> Contract:
    columns = {
        row["column"]: Column(
            kind=CELL_KINDS[row["kind"]],
            blank=row["blank"] == YES,
            unique=row["unique"] == YES,
            required=row["optional"] != YES,
            default=row["default"],
        )
        for row in rows
    }
    return Contract(columns, [row["column"] for row in rows if row["key"] == YES] or None)


SCHEMAS = OnFirstUse(lambda: {name: _contract(rows) for name, rows in read_groups("data_columns.csv", "table").items()})
"""By file name."""


def contract_faults(name: str, table: pd.DataFrame) -> list[Fault]:
    """Return every place where a table breaks its contract.

    Parameters
    ----------
    name
        File name, a key of :data:`SCHEMAS`.
    table
        All columns as text, blank cells as empty text.

    Returns
    -------
    list of Fault
        In the order of the file; empty when the table is right.
    """
    contract = SCHEMAS[name]
    if _is_right(contract, table):
        return []
    from pandera.errors import SchemaErrors  # noqa: PLC0415 - as above

    missing = [name for name, column in contract.columns.items() if column.required and name not in table.columns]
    surplus = [column for column in table.columns if column not in contract.columns]
    if missing or surplus:
        return [_columns_fault(name, missing, surplus)]
    try:
        contract.schema.validate(table, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.dropna(subset=["index"]).sort_values(["index", "column"])
        # A key of several columns fails once per column: told once.
        joint = cases["check"].astype(str).str.startswith("multiple_fields")
        cases = cases[~joint | ~cases.duplicated(["index", "check"])]
        return [_case_fault(name, contract, case) for case in cases.to_dict("records")]
    return []


def _is_right(contract: Contract, table: pd.DataFrame) -> bool:
    """Tell whether a table is right beyond doubt; what is wrong pandera says, which takes long to load."""
    columns = {name: column for name, column in contract.columns.items() if column.required or name in table.columns}
    if sorted(columns) != sorted(table.columns) or not all(map(pd.api.types.is_string_dtype, table.dtypes)):
        return False
    if any(column.unique and table[name].duplicated().any() for name, column in columns.items()):
        return False
    if contract.unique and table.duplicated(contract.unique).any():
        return False
    return all(column.kind.fits(table[name], blank=column.blank) for name, column in columns.items())


def with_defaults(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that a table leaves out and may leave out, each with the cell that stands for nothing said."""
    columns = SCHEMAS[name].columns.items()
    left_out = {key: column.default for key, column in columns if key not in table and not column.required}
    return table.assign(**left_out)


def _columns_fault(name: str, missing: list[str], surplus: list[str]) -> Fault:
    expected = ",".join(SCHEMAS[name].columns)
    parts = [gettext("columns {listed} are missing", listed=", ".join(missing))] if missing else []
    parts += [gettext("unexpected columns: {listed}", listed=", ".join(surplus))] if surplus else []
    text = gettext(
        "{parts}; the header expected is “{expected}”, separated by commas.",
        parts=SEMICOLON.join(parts),
        expected=expected,
    )
    return Fault(name, HEADER_LINES, text)


def _case_fault(name: str, contract: Contract, case: dict[Hashable, Any]) -> Fault:
    """Say one failure case of pandera in words."""
    row, check, column, value = (
        int(case["index"]) + HEADER_LINES + 1,
        str(case["check"]),
        case["column"],
        case["failure_case"],
    )
    if check.startswith("multiple_fields"):
        key = ", ".join(contract.unique or [])
        return Fault(name, row, gettext("the row repeats the key {key} of another one; keep one row only.", key=key))
    if "unique" in check:
        return Fault(name, row, gettext("“{column}” repeats “{value}”; keep one row only.", column=column, value=value))
    expected = contract.columns[column].kind.expected
    return Fault(
        name,
        row,
        gettext(
            "“{column}” is “{value}”, expected {expected}; correct the cell.",
            column=column,
            value=value,
            expected=expected,
        ),
    )
