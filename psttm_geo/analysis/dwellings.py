"""Places that people may live at: residential buildings and stretches of street, by municipality."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.crs import require_metric
from psttm_geo.model.network import EdgeFlag, WalkNetwork

STRETCH_M = 100.0
"""A longer street is cut into equal stretches of at most this length, each a place in its middle."""


def list_dwellings(homes: pd.DataFrame, network: WalkNetwork, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the places that residents may be spread over.

    Parameters
    ----------
    homes
        Buildings: ``x``, ``y`` (EPSG:32632), ``area_m2``.
    network
        Streets, in EPSG:32632.
    municipalities
        ``municipality_code`` and areas in EPSG:32632.

    Returns
    -------
    DataFrame
        ``x``, ``y``, ``weight`` (m2 of a building, m of a street), ``municipality_code``, ``kind`` (``building``,
        ``residential_street``, ``street``); what lies in no municipality is left out, a place on a common border counts
        in the first. A residential street is listed as a street too.

    Raises
    ------
    CrsError
        `municipalities` is not metric.
    """
    require_metric(municipalities, "comuni")
    buildings = pd.DataFrame({"x": homes["x"], "y": homes["y"], "weight": homes["area_m2"], "kind": "building"})
    streets = _stretches(network)
    residential = streets[streets["residential"]]
    listed = pd.concat(
        [buildings, residential.assign(kind="residential_street"), streets.assign(kind="street")], ignore_index=True
    )
    codes = municipality_at(listed["x"].to_numpy(dtype=float), listed["y"].to_numpy(dtype=float), municipalities)
    inside = listed.assign(municipality_code=codes).dropna(subset="municipality_code")
    return inside[["x", "y", "weight", "municipality_code", "kind"]].reset_index(drop=True)


def municipality_at(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], municipalities: gpd.GeoDataFrame
) -> npt.NDArray[np.object_]:
    """Return the code of the municipality that each point lies in; None in none, the first on a common border."""
    codes = np.full(len(x), None, dtype=object)
    points, places = municipalities.sindex.query(shapely.points(x, y), predicate="intersects", sort=True)
    # Written from the last to the first, so that the first of several stays.
    codes[points[::-1]] = municipalities["municipality_code"].to_numpy(dtype=object)[places[::-1]]
    return codes


def _stretches(network: WalkNetwork) -> pd.DataFrame:
    count = np.maximum(np.ceil(network.edge_length_m / STRETCH_M), 1).astype(np.intp)
    edge = np.repeat(np.arange(network.edge_count), count)
    number = np.arange(len(edge)) - np.repeat(count.cumsum() - count, count)
    middles = shapely.line_interpolate_point(network.geometries()[edge], (number + 0.5) / count[edge], normalized=True)
    return pd.DataFrame(
        {
            "x": shapely.get_x(middles),
            "y": shapely.get_y(middles),
            "weight": network.edge_length_m[edge] / count[edge],
            "residential": (network.edge_flags[edge] & EdgeFlag.RESIDENTIAL) > 0,
        }
    )
