"""Contracts of the tables under ``data/``, and faults found when a table breaks its contract."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
import pandera.pandas as pa

from psttm_geo.core.errors import Fault, Text
from psttm_geo.schema.city_contracts import CITY
from psttm_geo.schema.plan_contracts import PLAN

HEADER_LINES = 1
"""Lines above the first row of a table file; row numbers in faults count from the top of the file."""

SCHEMAS = {**PLAN, **CITY}


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
    parts_it = [f"mancano le colonne {', '.join(missing)}"] if missing else []
    parts_en = [f"columns {', '.join(missing)} are missing"] if missing else []
    if surplus:
        parts_it.append(f"colonne non previste: {', '.join(surplus)}")
        parts_en.append(f"unexpected columns: {', '.join(surplus)}")
    return Fault(
        name,
        HEADER_LINES,
        Text(
            it=f"{'; '.join(parts_it)}; l'intestazione attesa è «{expected}», separata da virgole.",
            en=f"{'; '.join(parts_en)}; the header expected is “{expected}”, separated by commas.",
        ),
    )


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
        return Fault(
            name,
            row,
            Text(
                it=f"la riga ripete la chiave {key} di un'altra; tenere una sola riga.",
                en=f"the row repeats the key {key} of another one; keep one row only.",
            ),
        )
    if "unique" in check:
        return Fault(
            name,
            row,
            Text(
                it=f"«{column}» ripete «{value}»; tenere una sola riga.",
                en=f"“{column}” repeats “{value}”; keep one row only.",
            ),
        )
    expected = schema.columns[column].metadata["expected"]
    return Fault(
        name,
        row,
        Text(
            it=f"«{column}» vale «{value}», atteso {expected.it}; correggere la cella.",
            en=f"“{column}” is “{value}”, expected {expected.en}; correct the cell.",
        ),
    )
