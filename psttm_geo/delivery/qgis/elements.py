"""Pieces of the XML that QGIS reads, the same text for the same content."""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree as ET

VERSION = "3.22"
"""The oldest QGIS whose form is written; newer ones read it."""

_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"


def element(
    tag: str, attributes: Mapping[str, object] | None = None, *children: ET.Element, text: str | None = None
) -> ET.Element:
    """Return an element; booleans and numbers become the text that QGIS expects."""
    made = ET.Element(tag, {name: _text(value) for name, value in (attributes or {}).items()})
    made.text = text
    made.extend(children)
    return made


def options(values: Mapping[str, object]) -> ET.Element:
    """Return named values as QGIS keeps those of symbols."""
    return element(
        "Option",
        {"type": "Map"},
        *(element("Option", {"name": name, "type": "QString", "value": value}) for name, value in values.items()),
    )


def document(root: ET.Element) -> str:
    """Return a whole QGIS document."""
    return f"{_DOCTYPE}\n{ET.tostring(root, encoding='unicode')}\n"


def colour(code: str) -> str:
    """Return ``#RRGGBB`` as QGIS writes colours: red, green, blue, opacity."""
    return ",".join(str(int(code[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


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


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
