"""The contract of every layer and table of a delivery, as ``layers.csv`` and ``layer_columns.csv`` state it.

Its columns are described in :mod:`.columns`.
"""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from psttm_geo.core.errors import LayerContractError, UnknownNameError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.schema.columns import FAMILIES, column_named
from psttm_geo.schema.dictionary import YES, OnFirstUse, read_groups, read_rows


@dataclass(frozen=True)
class Layer:
    """A layer or table of the GeoPackage.

    Attributes
    ----------
    name
        Italian snake_case ASCII name in files.
    title
        For lists and legends.
    abstract
        What one feature is and how it was made.
    columns
        English column names as :func:`psttm_geo.schema.columns.column_named` knows them, in order.
    key
        The columns that identify a row.
    geometry
        The type that features have, ``MultiPolygon`` or ``Point``; None for a table without geometry.
    families
        Beginnings of columns that there is one of per category: all that a table has follow the others.
    """

    name: str
    title: Text
    abstract: Text
    columns: tuple[str, ...]
    key: tuple[str, ...]
    geometry: str | None
    families: tuple[str, ...] = ()

    @property
    def spatial(self) -> bool:
        """Whether features have a geometry."""
        return self.geometry is not None

    def columns_of(self, table: pd.DataFrame) -> tuple[str, ...]:
        """Return the columns of `table` that the layer takes, in order."""
        return (*self.columns, *(name for name in table.columns if str(name).startswith(self.families)))

    def select(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the layer's columns of `table` under their Italian names, in order, with the geometry if spatial.

        Raises
        ------
        LayerContractError
            A column is missing, a key is repeated or empty, or a spatial layer has no active geometry.
        """
        missing = [name for name in self.columns if name not in table.columns]
        if missing or (self.spatial and not isinstance(table, gpd.GeoDataFrame)):
            absent = ", ".join(missing) or "geometry"
            raise LayerContractError(
                gettext("Layer “{name}”: columns {absent} are missing.", name=self.name, absent=absent)
            )
        keys = table[list(self.key)]
        if keys.duplicated().any() or keys.isna().any(axis=None):
            raise LayerContractError(
                gettext(
                    "Layer “{name}”: the key {listed} is empty or repeated.", name=self.name, listed=", ".join(self.key)
                )
            )
        names = {name: column_named(name).field for name in self.columns_of(table)}
        columns = [*names, table.geometry.name] if self.spatial else list(names)
        return table[columns].rename(columns=names).reset_index(drop=True)

    def fields(self, *names: str) -> list[str]:
        """Return the Italian names of columns; of all that every table of the layer has, where none is given."""
        return [column_named(name).field for name in names or self.columns]

    def field(self, name: str) -> str:
        """Return the Italian name of a column; one that the layer does not know has that name already."""
        known = name in self.columns or name.startswith(self.families)
        return column_named(name).field if known else name

    def in_english(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table that :meth:`select` made under English names again; unknown columns keep theirs."""
        return table.rename(columns={name: self.english(str(name)) for name in table.columns})

    def english(self, field: str) -> str:
        """Return the English name of a column by its Italian one; one that the layer does not know keeps it."""
        known = dict(zip(self.fields(), self.columns, strict=True))
        if field in known:
            return known[field]
        for beginning in self.families:
            before, after = FAMILIES[beginning].field.split("{}")
            if field.startswith(before) and field.endswith(after) and len(field) > len(before) + len(after):
                return beginning + field[len(before) : len(field) - len(after)]
        return field


AGE_BANDS = {
    "residents_0_14": (0, 14),
    "residents_15_64": (15, 64),
    "residents_65_74": (65, 74),
    "residents_75_over": (75, None),
}
"""Disjoint age bands in completed years, both ends included; None is open."""

RESIDENT_COUNTS = ("residents", "residents_male", "residents_female", *AGE_BANDS)


def _read() -> dict[str, Layer]:
    columns = read_groups("layer_columns.csv", "layer")
    return {row["layer"]: _layer(row, columns[row["layer"]]) for row in read_rows("layers.csv")}


def _layer(row: dict[str, str], columns: list[dict[str, str]]) -> Layer:
    names = [column["column"] for column in columns]
    return Layer(
        row["layer"],
        Text(row["title_it"], row["title_en"]),
        Text(row["abstract_it"], row["abstract_en"]),
        columns=tuple(name for name in names if name not in FAMILIES),
        key=tuple(column["column"] for column in columns if column["key"] == YES),
        geometry=row["geometry"] or None,
        families=tuple(name for name in names if name in FAMILIES),
    )


LAYERS = OnFirstUse(_read)
"""Every layer and table of a delivery by its Italian name, from ``layers.csv`` and ``layer_columns.csv``."""


def layer_named(name: str) -> Layer:
    """Return the contract of a layer by its Italian name.

    Raises
    ------
    UnknownNameError
        There is no such layer.
    """
    if name not in LAYERS:
        known = ", ".join(LAYERS)
        raise UnknownNameError(gettext("There is no layer “{name}”; the layers are: {known}.", name=name, known=known))
    return LAYERS[name]
