"""The table of a register of services, whatever kind of file it is: its cells as text, and its points."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core import vector_files, vector_zips
from psttm_geo.core.errors import TableError, VectorFileError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.spreadsheets import read_table
from psttm_geo.services.register_layouts import Layout, recognise

_VECTOR = (*vector_zips.SUFFIXES, *vector_files.SHAPEFILE, ".zip")
"""How the names of registers end that are vector files, a zip of one included; others are tables."""


class RegisterTable(NamedTuple):
    """A table as its file has it.

    Attributes
    ----------
    rows
        Its cells as text, by row.
    numbers, crs
        Coordinates of its own, with their system; None where it has none.
    kinds
        What each shape was: :data:`AREA`, else its type; empty for a single point, or none.
    notices
        What was odd, for the user.
    """

    rows: pd.DataFrame
    numbers: np.ndarray | None = None
    crs: str = ""
    kinds: np.ndarray | None = None
    notices: tuple[Text, ...] = ()

    @property
    def located(self) -> bool:
        """Whether it has coordinates of its own."""
        return self.numbers is not None


def read_register_table(path: Path, layouts: Sequence[Layout], stated: str = "") -> RegisterTable:
    """Read the table of a register, its columns in lower case.

    Parameters
    ----------
    path
        CSV, XLSX or vector file; of one with several layers, the one that one of `layouts` fits.
    layouts
        Those it may have.
    stated
        The system of its coordinates where it does not declare one.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        The file cannot be read, is empty, or declares no system and none is stated.
    """
    if path.suffix.lower() not in _VECTOR:
        read = read_table(path, [name for layout in layouts for name in layout.needed(located=False)])
        return RegisterTable(read.rows, notices=read.say_explaining())
    try:
        layer, notices = _choose_layer(path, layouts)
        table = None if layer is None else _read_layer(path, layer, stated)
    except VectorFileError as error:
        raise TableError.of(path.name, None, error.reason) from error
    if table is None:
        raise TableError.of(path.name, None, _EMPTY)
    return table._replace(notices=(*notices, *table.notices))


def _choose_layer(path: Path, layouts: Sequence[Layout]) -> tuple[vector_files.Layer | None, tuple[Text, ...]]:
    """Return the layer that a layout fits, else one to say what it lacks, and which were passed over; None for none."""
    layers = vector_files.list_layers(path)
    layer, notices = vector_files.choose_layer(
        path, layers, lambda one: recognise(layouts, _columns(one.fields), located=one.spatial) is not None
    )
    return layer or next((one for one in layers if one.features), None), notices


_EMPTY = gettext("holds no feature; export it again.")


def _columns(fields: Iterable[str]) -> list[str]:
    return [field.strip().lower() for field in fields]


def _read_layer(path: Path, layer: vector_files.Layer, stated: str) -> RegisterTable:
    attributes, shapes = vector_files.read_layer(path, layer)
    rows = attributes.apply(lambda column: column.map(_cell_text))
    rows.columns = pd.Index(_columns(map(str, attributes.columns)))
    there = ~shapely.is_missing(shapes)
    if not there.any():
        return RegisterTable(rows)
    crs, notices = _system_of(path, layer, stated)
    broken = there & ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    kinds = _find_kinds(shapes)
    shapes[(kinds != "") & (kinds != AREA)] = None  # which of its points is meant nobody can tell
    points = shapely.point_on_surface(shapes)
    return RegisterTable(rows, np.column_stack([shapely.get_x(points), shapely.get_y(points)]), crs, kinds, notices)


AREA = "area"
"""Of a kind of shape: of the points inside one is taken."""

_SURFACES = ("Polygon", "MultiPolygon")


def _find_kinds(shapes: np.ndarray) -> np.ndarray:
    """Return what each shape is that is no single point: an area, else its type; empty for one point or none."""
    spots = shapely.extract_unique_points(shapes)
    single = shapely.is_missing(shapes) | (shapely.get_num_geometries(spots) == 1)
    types = np.array(gpd.GeoSeries(shapes).geom_type.fillna(""), dtype=object)
    kinds: np.ndarray = np.where(single, "", np.where(np.isin(types, _SURFACES), AREA, types))
    return kinds


def _system_of(path: Path, layer: vector_files.Layer, stated: str) -> tuple[str, tuple[Text, ...]]:
    """Return the system of a layer's coordinates: its own, else the one that is stated, which is said."""
    if layer.crs is not None:
        return layer.crs.to_wkt(), ()
    if not stated:
        raise VectorFileError(path, vector_files.NO_CRS)
    return stated, (
        gettext(
            "{name} does not declare its CRS: the one of the mapping holds, {stated}.", name=path.name, stated=stated
        ),
    )


def _cell_text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()
