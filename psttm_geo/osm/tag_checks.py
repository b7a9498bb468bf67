"""What must hold in the tables of OpenStreetMap tags beyond the contract of each column."""

import re
from collections.abc import Iterator, Mapping

import pandas as pd

from psttm_geo.core.errors import Fault
from psttm_geo.core.messages import gettext
from psttm_geo.osm.network import EdgeFlag, NodeFlag
from psttm_geo.schema.checks import at, rows_of

_SAID_ONCE = ("name_it", "name_en", "icon", "essential", "reason_it", "reason_en", "source")
"""What all rows of a category of services repeat."""

_ALL = "*"
"""Stands for all categories."""


def tag_faults(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Return every contradiction in the tables of tags.

    Parameters
    ----------
    tables
        By file name, each right by its own contract; a table that is missing is passed over.

    Returns
    -------
    list of Fault
        Empty when all is well.
    """
    faults: list[Fault] = []
    if "walkable.csv" in tables:
        faults += _walkable_faults(tables["walkable.csv"])
    if "services.csv" in tables:
        faults += _service_faults(tables["services.csv"])
    if {"services.csv", "closed_services.csv"} <= set(tables):
        faults += _closed_faults(tables["closed_services.csv"], set(tables["services.csv"]["category"]))
    if {"services.csv", "register_categories.csv"} <= set(tables):
        faults += _register_faults(tables["register_categories.csv"], set(tables["services.csv"]["category"]))
    if "features.csv" in tables:
        faults += _feature_faults(tables["features.csv"])
    return faults


def _walkable_faults(table: pd.DataFrame) -> Iterator[Fault]:
    for label, row in rows_of(table):
        known = [flag.name.lower() for flag in (EdgeFlag if row["object"] == "way" else NodeFlag) if flag.name]
        for name in row["flag"].split():
            if name not in known:
                yield at(
                    "walkable.csv",
                    label,
                    gettext("unknown flag “{name}”; write one of: {listed}.", name=name, listed=", ".join(known)),
                )
        if bool(row["rank"]) != bool(row["verdict"]):
            yield at("walkable.csv", label, gettext("write both “rank” and “verdict”, or leave both blank."))
        if row.get("kerb_cm") and row["object"] != "node":
            yield at("walkable.csv", label, gettext("“kerb_cm” is for rows of “node” only; leave it blank."))


def _service_faults(table: pd.DataFrame) -> Iterator[Fault]:
    first = table.drop_duplicates("category").set_index("category")
    for label, row in rows_of(table):
        for column in _SAID_ONCE:
            said = str(first.loc[row["category"], column])
            if row[column] != said:
                yield at(
                    "services.csv",
                    label,
                    gettext(
                        "“{column}” is “{row}”, but the category {category} has “{said}” already; write the same in "
                        "all its rows.",
                        column=column,
                        row=row[column],
                        category=row["category"],
                        said=said,
                    ),
                )
        if bool(row["and_key"]) != bool(row["and_value"]):
            yield at("services.csv", label, gettext("write both “and_key” and “and_value”, or leave both blank."))


def _closed_faults(table: pd.DataFrame, categories: set[str]) -> Iterator[Fault]:
    for label, row in rows_of(table):
        if row["category"] not in {*categories, _ALL}:
            yield at(
                "closed_services.csv",
                label,
                gettext(
                    "unknown category “{category}”; write one of services.csv, or * for all.", category=row["category"]
                ),
            )
        if bool(row["rank"]) != bool(row["verdict"]):
            yield at("closed_services.csv", label, gettext("write both “rank” and “verdict”, or leave both blank."))


def _register_faults(table: pd.DataFrame, categories: set[str]) -> Iterator[Fault]:
    for label, row in rows_of(table):
        if row["category"] and row["category"] not in categories:
            yield at(
                "register_categories.csv",
                label,
                gettext(
                    "unknown category “{category}”; add it to services.csv or write one that is there.",
                    category=row["category"],
                ),
            )


def _feature_faults(table: pd.DataFrame) -> Iterator[Fault]:
    for label, row in rows_of(table):
        try:
            re.compile(row["name_pattern"])
        except re.error as error:
            yield at(
                "features.csv",
                label,
                gettext(
                    "“{name_pattern}” is no regular expression ({error}); correct it.",
                    name_pattern=row["name_pattern"],
                    error=error,
                ),
            )
