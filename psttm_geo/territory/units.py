"""The office's own units: any file of polygons, such as Municipi, NIL or social districts.

A unit is called as a field of the file calls it, never by its position: figures under the name of another unit cannot
be told from right ones. Where several fields might hold the names the user says which one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api.types import is_float_dtype, is_integer_dtype, is_object_dtype, is_string_dtype

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import VectorFileError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.vector_files import polygons_of, read_located, say_rows
from psttm_geo.territory.features import NAME_FIELDS, say_unplaced

_TOLERATED_M2 = 100.0
"""Outlines drawn by hand overlap by slivers; more than this is an overlap."""

_SHOWN = 5

_NUMBERINGS = ("id", "fid", "gid", "oid", "uid", "pk", "objectid", "ogc_fid", "feature_id", "cat", "index")
"""Fields by which programs number features; they name nothing."""


class Units(NamedTuple):
    """The office's own units.

    Attributes
    ----------
    table
        ``own_unit`` (unique) and valid areas in EPSG:32632.
    notices
        Which field names them, and what was left out.
    """

    table: gpd.GeoDataFrame
    notices: tuple[Text, ...]


def read_units(path: Path, name_field: str | None = None) -> Units:
    """Read the office's own units.

    Parameters
    ----------
    path
        A vector file.
    name_field
        The field that names them. By default one such as ``nome`` or ``name``; else the only field of texts, or the
        only one of whole numbers, that is filled and different in every unit. A single unit that nothing names is
        called as its file.

    Returns
    -------
    Units
        Those that have a name and a geometry; the others are listed.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    VectorFileError
        The file cannot be read; no field, or more than one, may name the units; a unit is no area, has the name of
        another, or overlaps another.
    """
    located = read_located(path)
    placed = ~shapely.is_missing(located.shapes)
    rows, shapes = located.rows[placed], located.shapes[placed]
    names, said = _name(path, rows, name_field)
    named = (names != "").to_numpy()
    nameless = _say_nameless(path, rows.index[~named])
    names, shapes = names[named], shapes[named]
    repaired = _say_repaired(path, names[~shapely.is_valid(shapes)])
    shapes = _refuse_odd(path, names, shapes)
    table = gpd.GeoDataFrame({"own_unit": names.to_numpy()}, geometry=shapes, crs=METRIC)
    unplaced = say_unplaced(path, located.rows.index[~placed])
    return Units(table, (*located.notices, said, *unplaced, *nameless, *repaired))


def _name(path: Path, rows: pd.DataFrame, wanted: str | None) -> tuple[pd.Series, Text]:
    """Return the name of each unit, blank where it has none, and where names come from."""
    field = _find_field(path, rows) if wanted is None else _require_field(path, rows, wanted)
    if field is None:
        said = gettext("{name}: the only unit has no name and is called as the file.", name=path.name)
        return pd.Series(path.stem, index=rows.index, dtype=object), said
    names = _written(rows[field])
    if not names.any():
        raise VectorFileError(
            path, gettext("field {field} is blank in all units; name another one with --name-field.", field=field)
        )
    return names, gettext("{name}: units named by field {field}.", name=path.name, field=field)


def _written(values: pd.Series) -> pd.Series:
    """Return values as people write them, blank where there is none."""
    numbers = pd.to_numeric(values, errors="coerce") if is_float_dtype(values) else None
    if numbers is not None and (numbers.dropna() % 1 == 0).all():
        values = numbers.astype("Int64")
    text = values.astype("string").fillna("").str.replace(r"\s+", " ", regex=True).str.strip()
    return text.astype(object)


def _require_field(path: Path, rows: pd.DataFrame, wanted: str) -> str:
    lower = wanted.strip().lower()
    found = [str(field) for field in rows.columns if field == wanted] or [
        str(field) for field in rows.columns if str(field).lower() == lower
    ]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(map(str, rows.columns)) or "—"
    raise VectorFileError(
        path,
        gettext(
            "has no field “{wanted}” (found: {listed}); name one of them with --name-field.",
            wanted=wanted,
            listed=listed,
        ),
    )


def _find_field(path: Path, rows: pd.DataFrame) -> str | None:
    """Return the field that names the units where there is no doubt; None for a single unit that has none."""
    known = [field for field in rows.columns if str(field).lower() in NAME_FIELDS and _written(rows[field]).any()]
    if known:
        same = all(_written(rows[field]).equals(_written(rows[known[0]])) for field in known)
        fitting = known[:1] if same else known
    else:
        telling = [field for field in rows.columns if _tells_apart(str(field), rows[field])]
        texts = [field for field in telling if not is_integer_dtype(rows[field])]
        fitting = texts or telling
    if len(fitting) == 1:
        return str(fitting[0])
    if len(rows) == 1 and not known:
        return None
    listed = ", ".join(map(str, fitting or rows.columns)) or "—"
    raise VectorFileError(path, _say_doubt(listed, several=bool(fitting)))


def _say_doubt(listed: str, *, several: bool) -> Text:
    if several:
        return gettext("several fields may name the units ({listed}); say which one with --name-field.", listed=listed)
    return gettext(
        "no field names the units beyond doubt (found: {listed}); name one with --name-field, or add a field “nome”.",
        listed=listed,
    )


def _tells_apart(field: str, values: pd.Series) -> bool:
    """Return whether a field is filled with texts or whole numbers, each another one."""
    kind = is_integer_dtype(values) or is_string_dtype(values) or is_object_dtype(values)
    written = _written(values) if kind and field.lower() not in _NUMBERINGS else None
    return written is not None and bool(written.ne("").all() and not written.duplicated().any())


def _say_nameless(path: Path, rows: pd.Index) -> tuple[Text, ...]:
    if rows.empty:
        return ()
    listed = say_rows(rows)
    return (
        gettext(
            "{name}: units without a name, left out: {count} ({listed}).",
            name=path.name,
            count=len(rows),
            listed=listed,
        ),
    )


def _say_repaired(path: Path, names: pd.Series) -> tuple[Text, ...]:
    if names.empty:
        return ()
    listed = ", ".join(names[:_SHOWN])
    return (
        gettext(
            "{name}: units whose invalid geometry was mended: {count} ({listed}).",
            name=path.name,
            count=len(names),
            listed=listed,
        ),
    )


def _refuse_odd(path: Path, names: pd.Series, outlines: np.ndarray) -> np.ndarray:
    """Return the areas of units; refuse those that have none, share a name or overlap."""
    shapes = polygons_of(outlines)
    flat = shapely.area(shapes) == 0
    if flat.any():
        _refuse(path, names[flat], gettext("without area"))
    if names.duplicated().any():
        _refuse(path, names[names.duplicated()], gettext("with a repeated name"))
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    common = shapely.area(shapely.intersection(shapes[first], shapes[second])) > _TOLERATED_M2
    if common.any():
        told = zip(names.to_numpy()[first[common]], names.to_numpy()[second[common]], strict=True)
        _refuse(path, [f"{one} / {two}" for one, two in told], gettext("that overlap"))
    return shapes


def _refuse(path: Path, names: Sequence[str] | pd.Series, what: Text) -> None:
    listed = ", ".join(list(names)[:_SHOWN])
    raise VectorFileError(
        path,
        gettext(
            "units {what}: {count} ({listed}); expected distinct polygons with a name: correct the file.",
            what=what,
            count=len(names),
            listed=listed,
        ),
    )
