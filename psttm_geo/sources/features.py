"""Mapped features that scope rules need, from any vector file of the office."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from psttm_geo.crs import METRIC
from psttm_geo.errors import BoundaryFileError, InputMissingError, Text

_NAMES = ("name", "nome", "nome_sf", "nome_eve", "denominazione", "stazione")


def read_features(path: Path) -> gpd.GeoDataFrame:
    """Read features, such as stations, from a vector file.

    Parameters
    ----------
    path
        Shapefile (or its zip), GeoPackage, GeoJSON ...; any CRS.

    Returns
    -------
    GeoDataFrame
        ``name`` (empty where the file has no such field) and geometry in EPSG:32632.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    BoundaryFileError
        The file cannot be opened, is empty, or does not declare its CRS.
    """
    if not path.exists():
        raise InputMissingError(
            Text(f"{path} non esiste; indicare un file vettoriale.", f"{path} does not exist; give a vector file.")
        )
    try:
        rows = pyogrio.read_dataframe(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise BoundaryFileError(
            Text(
                f"{path} non si apre come file vettoriale; usare Shapefile, GeoPackage o GeoJSON.",
                f"{path} does not open as a vector file; use Shapefile, GeoPackage or GeoJSON.",
            )
        ) from error
    located = isinstance(rows, gpd.GeoDataFrame) and rows.crs is not None and rows.geometry.notna().any()
    if not located:
        raise BoundaryFileError(
            Text(
                f"{path} è vuoto, senza geometria o senza sistema di riferimento; esportarlo di nuovo completo.",
                f"{path} is empty, has no geometry or no CRS; export it again complete.",
            )
        )
    lower = {str(column).lower(): column for column in rows.columns}
    field = next((lower[name] for name in _NAMES if name in lower), None)
    names = pd.Series("", index=rows.index) if field is None else rows[field].fillna("").astype(str).str.strip()
    features = gpd.GeoDataFrame({"name": names}, geometry=rows.geometry, crs=rows.crs)
    return features[features.geometry.notna()].to_crs(METRIC).reset_index(drop=True)


def write_features(path: Path, features: gpd.GeoDataFrame) -> None:
    """Write features as read, to be read back by :func:`read_features`."""
    pyogrio.write_dataframe(features, path, driver="FlatGeobuf", layer="features")
