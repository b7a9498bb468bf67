"""The two coordinate reference systems of the package: one to measure in, one to show in."""

from typing import TYPE_CHECKING

from psttm_geo.errors import CrsError, Text

if TYPE_CHECKING:
    import geopandas as gpd

METRIC = "EPSG:32632"
"""WGS 84 / UTM zone 32N, the system of ISTAT's boundaries; metres."""

GEOGRAPHIC = "EPSG:4326"
"""WGS 84 longitude and latitude, the system of web maps and GeoJSON; degrees."""

SQUARE_METRES_PER_KM2 = 1_000_000


def require_metric(layer: "gpd.GeoDataFrame", name: str) -> None:
    """Refuse a layer that is not in :data:`METRIC`, so that lengths and areas are true metres.

    Parameters
    ----------
    layer
        Any layer; not changed, never reprojected here.
    name
        What to call the layer in the message.

    Raises
    ------
    CrsError
        The layer has no CRS or another one.
    """
    if layer.crs is None or layer.crs != METRIC:
        found = "nessuno" if layer.crs is None else layer.crs.to_string()
        raise CrsError(
            Text(
                it=f"«{name}»: sistema di riferimento trovato {found}, atteso {METRIC}; riproiettare il layer.",
                en=f"“{name}”: found CRS {found}, expected {METRIC}; reproject the layer.",
            )
        )
