"""Places that people may live at: residential buildings and stretches of street, by municipality."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.core.crs import require_metric
from psttm_geo.osm.extent import Extent
from psttm_geo.osm.network import EdgeFlag, WalkNetwork

_KINDS = ("building", "residential_street", "street")
"""Of places that people may live at."""

STRETCH_M = 100.0
"""A longer street is cut into equal stretches of at most this length, each a place in its middle."""

BEYOND_M = 500.0
"""Between the points that stand for the parts of municipalities that an extract does not cover."""

ENOUGH_NEAR_SHARE = 0.25

NEAR_M = 250.0
"""As far as places are put on streets."""

_AT_ONCE = 2_000
"""Geometries made at a time: each takes hundreds of bytes, a metropolitan city has a million, and few stay in the cache
of the processor."""


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
        ``residential_street``, ``street``), the last two as categories; what lies in no municipality is left out, a
        place on a common border counts in the first. A residential street is listed as a street too.

    Raises
    ------
    CrsError
        `municipalities` is not metric.
    """
    require_metric(municipalities, "comuni")
    buildings = pd.DataFrame({"x": homes["x"], "y": homes["y"], "weight": homes["area_m2"]})
    buildings = _inside(buildings, municipalities)
    streets = _inside(_stretches(network), municipalities)
    residential = streets.pop("residential").to_numpy()
    parts = [buildings, streets[residential], streets]
    listed = pd.concat(parts, ignore_index=True)
    kinds = np.repeat(np.arange(len(_KINDS), dtype=np.int8), [len(part) for part in parts])
    return listed.assign(kind=pd.Categorical.from_codes(kinds, categories=pd.Index(_KINDS)))


def within_extent(dwellings: pd.DataFrame, extent: Extent, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the dwellings without those of municipalities that an extract covers in part and that lie beyond it."""
    cut = _cut(extent, municipalities)
    missing = cut.loc[cut["covered"] == 0, "municipality_code"]
    doubtful = np.array(dwellings["municipality_code"].isin(cut["municipality_code"]))
    doubtful[doubtful] = ~extent.contains(*(dwellings.loc[doubtful, axis].to_numpy() for axis in ("x", "y")))
    return dwellings[~doubtful & ~dwellings["municipality_code"].isin(missing).to_numpy()]


def drop_sparse_buildings(dwellings: pd.DataFrame) -> pd.DataFrame:
    """Return the dwellings without buildings where too few are mapped to stand for residents.

    Buildings of a municipality stay where :data:`ENOUGH_NEAR_SHARE` of its residential streets, else of all streets, by
    length, have one within :data:`NEAR_M`, and where there are no streets.
    """
    is_building = (dwellings["kind"] == "building").to_numpy()
    buildings, streets = dwellings[is_building], dwellings[~is_building]
    tree = shapely.STRtree(gpd.points_from_xy(buildings["x"], buildings["y"]))
    points = gpd.points_from_xy(streets["x"], streets["y"])
    near = np.zeros(len(streets), bool)
    near[tree.query(points, predicate="dwithin", distance=NEAR_M)[0]] = True
    lengths = streets.assign(near=np.where(near, streets["weight"], 0.0)).pivot_table(
        index="municipality_code", columns="kind", values=["near", "weight"], aggfunc="sum", observed=True
    )
    shares = pd.DataFrame(lengths["near"] / lengths["weight"]) if len(lengths) else pd.DataFrame()
    of_kind = shares.reindex(columns=["residential_street", "street"])
    share = of_kind["residential_street"].fillna(of_kind["street"])
    sparse = share.index[share < ENOUGH_NEAR_SHARE]
    return dwellings[~is_building | ~dwellings["municipality_code"].isin(sparse).to_numpy()]


def list_beyond(extent: Extent, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """List points all over the parts of municipalities that an extract does not cover.

    Parameters
    ----------
    extent
        In EPSG:32632.
    municipalities
        ``municipality_code`` and areas in EPSG:32632.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``x``, ``y`` (every :data:`BEYOND_M` metres, one at least for each municipality that is
        not covered in whole) and ``covered``, the part of the municipality that is.
    """
    cut = _cut(extent, municipalities)
    west, south, east, north = cut.total_bounds if len(cut) else (0.0, 0.0, 0.0, 0.0)
    columns, rows = (np.arange(first + BEYOND_M / 2, last, BEYOND_M) for first, last in ((west, east), (south, north)))
    x, y = (grid.ravel() for grid in np.meshgrid(columns, rows))
    position = _position_at(x, y, cut)
    missing = np.append(cut["covered"].to_numpy() == 0, False)  # the last one stands for no municipality
    outside = (position >= 0) & (missing[position] | ~extent.contains(x, y))
    alone = np.setdiff1d(np.arange(len(cut)), position[outside])
    points = shapely.get_coordinates(shapely.point_on_surface(cut.geometry.to_numpy()[alone]))
    listed = np.concatenate([position[outside], alone])
    return pd.DataFrame(
        {
            "municipality_code": cut["municipality_code"].to_numpy()[listed],
            "x": np.concatenate([x[outside], points[:, 0]]),
            "y": np.concatenate([y[outside], points[:, 1]]),
            "covered": cut["covered"].to_numpy()[listed],
        }
    )


def _cut(extent: Extent, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the municipalities that an extract does not cover in whole, and which part of each it covers."""
    covered = extent.shares(municipalities.geometry.to_numpy())
    return municipalities.assign(covered=covered)[covered < 1].reset_index(drop=True)


def _inside(places: pd.DataFrame, municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the places in municipalities, with their code."""
    found = _position_at(places["x"].to_numpy(dtype=float), places["y"].to_numpy(dtype=float), municipalities)
    code_of, codes = pd.factorize(municipalities["municipality_code"])
    known = found >= 0
    inside = pd.Categorical.from_codes(code_of[found[known]], categories=codes)
    return places[known].assign(municipality_code=inside)


def municipality_at(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], municipalities: gpd.GeoDataFrame
) -> npt.NDArray[np.object_]:
    """Return the code of the municipality that each point lies in; None in none, the first on a common border."""
    position = _position_at(x, y, municipalities)
    inside = position >= 0
    codes = np.full(len(x), None, dtype=object)
    codes[inside] = municipalities["municipality_code"].to_numpy(dtype=object)[position[inside]]
    return codes


def _position_at(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], municipalities: gpd.GeoDataFrame
) -> npt.NDArray[np.int32]:
    """Return the position of the municipality that each point lies in; -1 in none, the first on a common border."""
    position = np.full(len(x), -1, np.int32)
    areas = municipalities.geometry.to_numpy()
    for start in range(0, len(x), _AT_ONCE):
        asked = slice(start, start + _AT_ONCE)
        # Areas are asked for points, not points for areas: an area is looked at once for all of its points.
        tree = shapely.STRtree(np.asarray(shapely.points(x[asked], y[asked])))
        places, points = tree.query(areas, predicate="intersects")
        order = np.argsort(-places, kind="stable")  # the first of several is written last and stays
        position[start + points[order]] = places[order]
    return position


def _stretches(network: WalkNetwork) -> pd.DataFrame:
    count = np.maximum(np.ceil(network.edge_length_m / STRETCH_M), 1).astype(np.intp)
    count[~network.is_street] = 0  # nobody lives in the middle of a square
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
