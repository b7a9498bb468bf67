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

_AT_ONCE = 50_000
"""Geometries made at a time: each takes hundreds of bytes, and a metropolitan city has a million."""


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
    buildings = pd.DataFrame({"x": homes["x"], "y": homes["y"], "weight": homes["area_m2"]})
    buildings, streets = (_inside(places, municipalities) for places in (buildings, _stretches(network)))
    residential = streets[streets["residential"]]
    kinds = {"building": buildings, "residential_street": residential, "street": streets}
    columns = ["x", "y", "weight", "municipality_code"]
    return pd.concat([places[columns].assign(kind=kind) for kind, places in kinds.items()], ignore_index=True)


def _inside(places: pd.DataFrame, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the places in municipalities, with their code."""
    codes = municipality_at(places["x"].to_numpy(dtype=float), places["y"].to_numpy(dtype=float), municipalities)
    return places.assign(municipality_code=codes).dropna(subset="municipality_code")


def municipality_at(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], municipalities: gpd.GeoDataFrame
) -> npt.NDArray[np.object_]:
    """Return the code of the municipality that each point lies in; None in none, the first on a common border."""
    codes = np.full(len(x), None, dtype=object)
    names = municipalities["municipality_code"].to_numpy(dtype=object)
    for start in range(0, len(x), _AT_ONCE):
        asked = slice(start, start + _AT_ONCE)
        points, places = municipalities.sindex.query(
            shapely.points(x[asked], y[asked]), predicate="intersects", sort=True
        )
        # Written from the last to the first, so that the first of several stays.
        codes[start + points[::-1]] = names[places[::-1]]
    return codes


def _stretches(network: WalkNetwork) -> pd.DataFrame:
    count = np.maximum(np.ceil(network.edge_length_m / STRETCH_M), 1).astype(np.intp)
    edge = np.repeat(np.arange(network.edge_count), count)
    number = np.arange(len(edge)) - np.repeat(count.cumsum() - count, count)
    share = (number + 0.5) / count[edge]
    middles = np.empty((len(edge), 2))
    for first in range(0, network.edge_count, _AT_ONCE):
        lines = network.geometries(first, first + _AT_ONCE)
        here = slice(*np.searchsorted(edge, [first, first + _AT_ONCE]))
        along = shapely.line_interpolate_point(lines[edge[here] - first], share[here], normalized=True)
        middles[here] = shapely.get_coordinates(along)
    return pd.DataFrame(
        {
            "x": middles[:, 0],
            "y": middles[:, 1],
            "weight": network.edge_length_m[edge] / count[edge],
            "residential": (network.edge_flags[edge] & EdgeFlag.RESIDENTIAL) > 0,
        }
    )
