"""Mapped features that scope rules need, from any vector file of the office."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.vector_files import read_located, say_rows

NAME_FIELDS = ("name", "nome", "nome_sf", "nome_eve", "denominazione", "denominazi", "stazione")
"""Fields that name features, in lower case; a Shapefile cuts them off after ten letters."""


class Features(NamedTuple):
    """Features as read.

    Attributes
    ----------
    table
        ``name`` (empty where the file has no such field) and geometry in EPSG:32632.
    notices
        Which layer was read, and which features were left out.
    """

    table: gpd.GeoDataFrame
    notices: tuple[Text, ...]


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Read features as :func:`inspect_features` does, where what was odd has been said before."""
    return inspect_features(path).table


def inspect_features(path: Path) -> Features:
    """Read features, such as stations, from a vector file.

    Parameters
    ----------
    path
        Shapefile (or its zip), GeoPackage, GeoJSON, KML ..., with one layer that has geometry; any CRS.

    Returns
    -------
    Features
        Those that have a place.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    VectorFileError
        The file cannot be opened, is empty, does not declare its CRS, or holds several layers.
    """
    located = read_located(path)
    placed = ~shapely.is_missing(located.shapes)
    names = _names(located.rows)
    table = gpd.GeoDataFrame({"name": names[placed]}, geometry=located.shapes[placed], crs=METRIC)
    left_out = located.rows.index[~placed]
    return Features(table.reset_index(drop=True), (*located.notices, *say_unplaced(path, left_out)))


def say_unplaced(path: Path, rows: Sequence[int] | pd.Index) -> tuple[Text, ...]:
    """Say which features were left out because they have no geometry; nothing where none was."""
    if not len(rows):
        return ()
    listed = say_rows(rows)
    return (
        gettext(
            "{name}: features without geometry, left out: {count} ({listed}).",
            name=path.name,
            count=len(rows),
            listed=listed,
        ),
    )


def _names(rows: pd.DataFrame) -> pd.Series:
    lower = {str(column).lower(): column for column in rows.columns}
    columns = [rows[lower[name]].fillna("").astype(str).str.strip() for name in NAME_FIELDS if name in lower]
    stated = [column for column in columns if column.ne("").any()]
    return stated[0] if stated else pd.Series("", index=rows.index)


def write_features(path: Path, features: gpd.GeoDataFrame) -> None:
    """Write features as read, to be read back by :func:`read_features`."""
    pyogrio.write_dataframe(features, path, driver="FlatGeobuf", layer="features")
