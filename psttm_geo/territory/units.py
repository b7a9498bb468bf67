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
from psttm_geo.core.errors import Text, VectorFileError
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
        said = Text(
            f"{path.name}: l'unica unità non ha un nome ed è chiamata come il file.",
            f"{path.name}: the only unit has no name and is called as the file.",
        )
        return pd.Series(path.stem, index=rows.index, dtype=object), said
    names = _written(rows[field])
    if not names.any():
        raise VectorFileError(
            path,
            Text(
                f"il campo {field} è vuoto in tutte le unità; indicarne un altro con --name-field.",
                f"field {field} is blank in all units; name another one with --name-field.",
            ),
        )
    return names, Text(
        f"{path.name}: unità chiamate con il campo {field}.", f"{path.name}: units named by field {field}."
    )


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
        Text(
            f"non ha un campo «{wanted}» (trovati: {listed}); indicarne uno con --name-field.",
            f"has no field “{wanted}” (found: {listed}); name one of them with --name-field.",
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
        return Text(
            f"più campi possono dare il nome alle unità ({listed}); indicare quale con --name-field.",
            f"several fields may name the units ({listed}); say which one with --name-field.",
        )
    return Text(
        f"nessun campo dà di certo il nome alle unità (trovati: {listed}); indicarne uno con --name-field, o "
        "aggiungere un campo «nome».",
        f"no field names the units beyond doubt (found: {listed}); name one with --name-field, or add a field “nome”.",
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
        Text(
            f"{path.name}: unità senza nome, lasciate fuori: {len(rows)} ({listed.it}).",
            f"{path.name}: units without a name, left out: {len(rows)} ({listed.en}).",
        ),
    )


def _say_repaired(path: Path, names: pd.Series) -> tuple[Text, ...]:
    if names.empty:
        return ()
    listed = ", ".join(names[:_SHOWN])
    return (
        Text(
            f"{path.name}: unità con geometria non valida, riparata: {len(names)} ({listed}).",
            f"{path.name}: units whose invalid geometry was mended: {len(names)} ({listed}).",
        ),
    )


def _refuse_odd(path: Path, names: pd.Series, outlines: np.ndarray) -> np.ndarray:
    """Return the areas of units; refuse those that have none, share a name or overlap."""
    shapes = polygons_of(outlines)
    flat = shapely.area(shapes) == 0
    if flat.any():
        _refuse(path, names[flat], Text("senza superficie", "without area"))
    if names.duplicated().any():
        _refuse(path, names[names.duplicated()], Text("con un nome ripetuto", "with a repeated name"))
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    common = shapely.area(shapely.intersection(shapes[first], shapes[second])) > _TOLERATED_M2
    if common.any():
        told = zip(names.to_numpy()[first[common]], names.to_numpy()[second[common]], strict=True)
        _refuse(path, [f"{one} / {two}" for one, two in told], Text("sovrapposte", "that overlap"))
    return shapes


def _refuse(path: Path, names: Sequence[str] | pd.Series, what: Text) -> None:
    listed = ", ".join(list(names)[:_SHOWN])
    raise VectorFileError(
        path,
        Text(
            f"unità {what.it}: {len(names)} ({listed}); attesi poligoni distinti con un nome: correggere il file.",
            f"units {what.en}: {len(names)} ({listed}); expected distinct polygons with a name: correct the file.",
        ),
    )
