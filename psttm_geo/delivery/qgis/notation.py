"""Colours, columns and expressions as QGIS writes them."""

from collections.abc import Iterable, Mapping

from psttm_geo.schema.columns import column_named

VERSION = "3.22"
"""The oldest QGIS whose form is written; newer ones read it."""


def colour(code: str) -> str:
    """Return ``#RRGGBB`` as QGIS writes colours: red, green, blue, opacity."""
    return ",".join(str(int(code[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def field_of(column: str) -> str:
    """Return the field that holds a column of an English name."""
    return column_named(column).field


def quoted(name: str) -> str:
    """Return a column's name as it stands in an expression."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """Return a text or a number as it stands in an expression."""
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def equal(values: Mapping[str, object]) -> str:
    """Return the expression that is true where columns have these values."""
    return both(f"{quoted(name)} = {literal(value)}" for name, value in values.items())


def both(conditions: Iterable[str]) -> str:
    """Return the expression that is true where all of them are."""
    return " AND ".join(conditions)


def inside_sentence(title: str) -> str:
    """Return a title as it stands after a colon; abbreviations in it keep their capitals."""
    return title[:1].lower() + title[1:]
