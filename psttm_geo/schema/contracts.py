"""Contracts of the tables under ``data/``, as ``data_columns.csv`` states them, and what breaks one."""

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

from psttm_geo.core.errors import Fault
from psttm_geo.core.messages import SEMICOLON, gettext
from psttm_geo.schema.cells import CELL_KINDS
from psttm_geo.schema.dictionary import YES, OnFirstUse, read_groups

HEADER_LINES = 1
"""Lines above the first row of a table file; row numbers in faults count from the top of the file."""


def _schema(rows: Sequence[dict[str, str]]) -> pa.DataFrameSchema:
    columns = {row["column"]: _column(row) for row in rows}
    key = [row["column"] for row in rows if row["key"] == YES]
    return pa.DataFrameSchema(columns, unique=key or None, strict=True)


def _column(row: dict[str, str]) -> pa.Column:
    kind = CELL_KINDS[row["kind"]]
    return pa.Column(
        None,  # all cells are read as text, and looking at the type of each takes as long as all else
        kind.check(blank=row["blank"] == YES),
        unique=row["unique"] == YES,
        required=row["optional"] != YES,
        metadata={"expected": kind.expected, "default": row["default"]},
    )


SCHEMAS = OnFirstUse(lambda: {name: _schema(rows) for name, rows in read_groups("data_columns.csv", "table").items()})
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
    schema = SCHEMAS[name]
    missing = [name for name, column in schema.columns.items() if column.required and name not in table.columns]
    surplus = [column for column in table.columns if column not in schema.columns]
    if missing or surplus:
        return [_columns_fault(name, missing, surplus)]
    try:
        schema.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases.dropna(subset=["index"]).sort_values(["index", "column"])
        # A key of several columns fails once per column: told once.
        joint = cases["check"].astype(str).str.startswith("multiple_fields")
        cases = cases[~joint | ~cases.duplicated(["index", "check"])]
        return [_case_fault(name, schema, case) for case in cases.to_dict("records")]
    return []


def with_defaults(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that a table leaves out and may leave out, each with the cell that stands for nothing said."""
    columns = SCHEMAS[name].columns.items()
    left_out = {key: column.metadata["default"] for key, column in columns if key not in table and not column.required}
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


def _case_fault(name: str, schema: pa.DataFrameSchema, case: dict[Hashable, Any]) -> Fault:
    """Say one failure case of pandera in words."""
    row, check, column, value = (
        int(case["index"]) + HEADER_LINES + 1,
        str(case["check"]),
        case["column"],
        case["failure_case"],
    )
    if check.startswith("multiple_fields"):
        key = ", ".join(schema.unique)
        return Fault(name, row, gettext("the row repeats the key {key} of another one; keep one row only.", key=key))
    if "unique" in check:
        return Fault(name, row, gettext("“{column}” repeats “{value}”; keep one row only.", column=column, value=value))
    expected = schema.columns[column].metadata["expected"]
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
