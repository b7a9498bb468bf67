"""Two tables of one layer, row by row: what was added, what was removed, what changed and by how much."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.errors import CrsError, DeliveryError
from psttm_geo.core.messages import gettext
from psttm_geo.schema.layers import Layer

Key = tuple[Any, ...]


@dataclass(frozen=True)
class ShapeChange:
    """How far the places of a feature lie apart.

    Attributes
    ----------
    gained_m2, lost_m2
        Area that is only in the later shape, and only in the earlier one.
    moved_m
        Distance between two points; None for areas, and where one of the two is missing.
    """

    gained_m2: float
    lost_m2: float
    moved_m: float | None = None


@dataclass(frozen=True)
class RowChange:
    """A row that differs.

    Attributes
    ----------
    layer
        Italian name.
    key
        Values of the layer's key, by English name.
    kind
        Whether the row is only in the later table, only in the earlier one, or in both.
    fields
        Earlier and later value, None for unknown, by English name (Italian for columns of a family); of a row that
        only one table has, nothing.
    shape
        None where the place is the same, or there is none.
    """

    layer: str
    key: Mapping[str, Any]
    kind: Literal["added", "removed", "changed"]
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    shape: ShapeChange | None = None


@dataclass(frozen=True)
class LayerDifference:
    """What differs between two tables of a layer.

    Attributes
    ----------
    rows
        In the order of the earlier table; rows added last.
    columns_added, columns_removed
        Italian names; rows are compared in the columns that both have.
    """

    rows: tuple[RowChange, ...]
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]


def compare_tables(layer: Layer, before: pd.DataFrame, after: pd.DataFrame) -> LayerDifference:
    """Compare two tables of a layer, rows matched by the layer's key.

    Values are compared exactly, since equal inputs give equal bytes: a difference in the last digit is one too. Shapes
    are the same when they have the same vertices, wherever their rings begin.

    Parameters
    ----------
    layer
        Their contract.
    before, after
        Under English names (:meth:`psttm_geo.schema.layers.Layer.in_english`).

    Raises
    ------
    DeliveryError
        A table lacks a column of the key, or the key is empty or repeated: it is of another origin. Or coordinates
        are no numbers.
    CrsError
        The two are in different systems of coordinates.
    """
    keys = [_keys(layer, table) for table in (before, after)]
    _require_one_system(layer, before, after)
    for table in (before, after):
        _require_coordinates(layer, table)
    places = keys[1].get_indexer(keys[0])
    both = places >= 0
    old, new = before[both], after.iloc[places[both]]
    rows = [
        *_removed_or_changed(layer, keys[0], both, _changed(layer, keys[0][both], old, new)),
        *(_row(layer, key, "added") for key in keys[1][keys[0].get_indexer(keys[1]) < 0]),
    ]
    columns = [_plain_columns(table) for table in (before, after)]
    return LayerDifference(
        tuple(rows),
        tuple(layer.field(name) for name in columns[1] if name not in columns[0]),
        tuple(layer.field(name) for name in columns[0] if name not in columns[1]),
    )


def _keys(layer: Layer, table: pd.DataFrame) -> pd.MultiIndex:
    missing = [layer.field(name) for name in layer.key if name not in table.columns]
    if not missing:
        keys = table[list(layer.key)]
        if not keys.isna().any(axis=None) and not keys.duplicated().any():
            return pd.MultiIndex.from_frame(keys)
    fields = ", ".join(missing or layer.fields(*layer.key))
    why = gettext("columns are missing:") if missing else gettext("bad key")
    raise DeliveryError(
        gettext(
            "Layer “{name}”: {why} {fields}; two files of psttm-geo build are needed, make them with build.",
            name=layer.name,
            why=why,
            fields=fields,
        )
    )


def _require_one_system(layer: Layer, before: pd.DataFrame, after: pd.DataFrame) -> None:
    if isinstance(before, gpd.GeoDataFrame) and isinstance(after, gpd.GeoDataFrame) and before.crs != after.crs:
        found = [table.crs.to_string() if table.crs else "nessuno" for table in (before, after)]
        raise CrsError(
            gettext(
                "Layer “{name}”: different coordinate reference systems, {found} and {other}; make one of "
                "the two again with psttm-geo build --crs.",
                name=layer.name,
                found=found[0],
                other=found[1],
            )
        )


def _require_coordinates(layer: Layer, table: pd.DataFrame) -> None:
    if isinstance(table, gpd.GeoDataFrame):
        shapes = table.geometry.to_numpy()
        coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
        odd = table.index[np.unique(owners[~np.isfinite(coordinates).all(axis=1)])]
        if len(odd):
            raise DeliveryError(
                gettext(
                    "Layer “{name}”: coordinates that are no numbers in {count} features; make the file again "
                    "with build.",
                    name=layer.name,
                    count=len(odd),
                )
            )


def _removed_or_changed(
    layer: Layer, keys: pd.MultiIndex, both: np.ndarray, changed: Mapping[Key, RowChange]
) -> list[RowChange]:
    told = zip(keys, both, strict=True)
    rows = (changed.get(key) if kept else _row(layer, key, "removed") for key, kept in told)
    return [row for row in rows if row is not None]


def _row(layer: Layer, key: Key, kind: Literal["added", "removed"]) -> RowChange:
    return RowChange(layer.name, dict(zip(layer.key, key, strict=True)), kind)


def _changed(layer: Layer, keys: pd.MultiIndex, old: pd.DataFrame, new: pd.DataFrame) -> dict[Key, RowChange]:
    """Return the rows that differ, by key; the two tables have the same rows in the same order."""
    fields: dict[Key, dict[str, tuple[Any, Any]]] = {}
    for name in _plain_columns(old):
        if name not in new.columns or name in layer.key:
            continue
        values = _values(old[name]), _values(new[name])
        for position in np.flatnonzero(values[0] != values[1]).tolist():
            fields.setdefault(keys[position], {})[name] = values[0][position], values[1][position]
    shapes = _changed_shapes(keys, old, new)
    return {
        key: RowChange(
            layer.name, dict(zip(layer.key, key, strict=True)), "changed", fields.get(key, {}), shapes.get(key)
        )
        for key in {**fields, **shapes}
    }


def _plain_columns(table: pd.DataFrame) -> list[str]:
    shape = table.geometry.name if isinstance(table, gpd.GeoDataFrame) else None
    return [name for name in table.columns if name != shape]


def _values(column: pd.Series) -> np.ndarray:
    """Return plain values, None for unknown, so that tables read with other types are compared by what they hold."""
    values = np.empty(len(column), dtype=object)
    values[:] = column.astype(object).where(column.notna(), None).to_list()
    return values


def _changed_shapes(keys: pd.MultiIndex, old: pd.DataFrame, new: pd.DataFrame) -> dict[Key, ShapeChange]:
    if not isinstance(old, gpd.GeoDataFrame) or not isinstance(new, gpd.GeoDataFrame):
        return {}
    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    contents = [_values(pd.Series(shapely.to_wkb(shapes), dtype=object)) for shapes in (before, after)]
    measured: dict[tuple[bytes | None, bytes | None], ShapeChange | None] = {}
    found: dict[Key, ShapeChange] = {}
    for position in np.flatnonzero(contents[0] != contents[1]).tolist():
        pair = contents[0][position], contents[1][position]
        if pair not in measured:  # units share their shape among many rows
            measured[pair] = _measure(before[position], after[position])
        change = measured[pair]
        if change is not None:
            found[keys[position]] = change
    return found


def _measure(before: shapely.Geometry | None, after: shapely.Geometry | None) -> ShapeChange | None:
    """Return how two shapes of which not both are missing differ; None where only their writing does."""
    if before is None or after is None:
        areas = [0.0 if shape is None else float(shapely.area(shape)) for shape in (after, before)]
        return ShapeChange(*areas)
    if shapely.equals_exact(shapely.normalize(before), shapely.normalize(after), tolerance=0.0):
        return None
    points = [shapely.get_type_id(shape) == shapely.GeometryType.POINT for shape in (before, after)]
    moved = float(shapely.distance(before, after)) if all(points) else None
    old, new = (_mended(shape) for shape in (before, after))
    gained, lost = (shapely.difference(*pair) for pair in ((new, old), (old, new)))
    return ShapeChange(float(shapely.area(gained)), float(shapely.area(lost)), moved)


def _mended(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape as it is, of one that crosses itself, as drawn by hand, what it encloses."""
    if shapely.is_valid(shape):
        return shape
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)
