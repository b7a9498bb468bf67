"""Every column of the layers and tables that leave the package, as ``columns.csv`` describes it.

Inside the package columns have English names; in files they have the Italian field names, titles and descriptions
written there.
"""

from dataclasses import dataclass, replace

from psttm_geo.core.messages import Text
from psttm_geo.schema.coded_values import CODE_LISTS, CodedValues
from psttm_geo.schema.dictionary import YES, OnFirstUse, read_rows


@dataclass(frozen=True)
class Column:
    """A column wherever it appears.

    Attributes
    ----------
    field
        Italian snake_case ASCII name in files.
    title
        Short heading with the unit, for tables and QGIS aliases.
    description
        What it means, in one sentence or two.
    codes
        The codes it holds; None where it holds none, or the tables say which.
    """

    field: str
    title: Text
    description: Text
    codes: CodedValues | None = None


def _read(family: str) -> dict[str, Column]:
    return {
        row["column"]: Column(
            row["field"],
            Text(row["title_it"], row["title_en"]),
            Text(row["description_it"], row["description_en"]),
            CODE_LISTS[row["codes"]] if row["codes"] else None,
        )
        for row in read_rows("columns.csv")
        if row["family"] == family
    }


COLUMNS = OnFirstUse(lambda: _read(""))

FAMILIES = OnFirstUse(lambda: _read(YES))
"""Columns that there is one of per category of services: by the beginning of their name, which the category ends."""


def column_named(name: str) -> Column:
    """Return the description of a column, also of one of a family.

    Raises
    ------
    KeyError
        There is no such column.
    """
    for beginning, family in FAMILIES.items():
        if name.startswith(beginning):
            return _of_category(family, name.removeprefix(beginning))
    return COLUMNS[name]


def _of_category(family: Column, category: str) -> Column:
    title, description = (
        Text(text.it.format(category), text.en.format(category)) for text in (family.title, family.description)
    )
    return replace(family, field=family.field.format(category), title=title, description=description)
