"""Municipalities joined to zone omogenee and unioni di comuni, and dissolved into them."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import shapely

from psttm_geo.core.crs import SQUARE_METRES_PER_KM2, require_metric
from psttm_geo.core.errors import ResidentsFileError
from psttm_geo.core.messages import gettext
from psttm_geo.plan.records import Plan
from psttm_geo.schema.layers import AGE_BANDS, RESIDENT_COUNTS
from psttm_geo.territory.municipalities import Residents

AREA_DECIMALS = 6
"""Areas in square kilometres are kept to the square metre."""

DENSITY_DECIMALS = 1


def residents_by_band(counts: pd.DataFrame) -> pd.DataFrame:
    """Add residents of single years of age up to age bands, by municipality.

    Parameters
    ----------
    counts
        Columns ``municipality_code``, ``age``, ``males``, ``females``.

    Returns
    -------
    DataFrame
        ``municipality_code`` and the columns of :data:`psttm_geo.schema.layers.RESIDENT_COUNTS`; one row per
        municipality, sorted by code; empty for no counts.
    """
    both = counts.assign(both=counts["males"] + counts["females"])
    columns = {"residents": both["both"], "residents_male": both["males"], "residents_female": both["females"]}
    for band, (youngest, oldest) in AGE_BANDS.items():
        within = both["age"].ge(youngest) if oldest is None else both["age"].between(youngest, oldest)
        columns[band] = both["both"].where(within, 0)
    return pd.DataFrame(columns).groupby(both["municipality_code"]).sum().reset_index()


def join_municipalities(boundaries: gpd.GeoDataFrame, residents: Residents, zones: pd.DataFrame) -> gpd.GeoDataFrame:
    """Join boundaries, residents and zones by ISTAT code.

    Parameters
    ----------
    boundaries
        ``municipality_code``, ``municipality``, ``cadastral_code`` and geometry in EPSG:32632.
    residents
        Of all municipalities of `boundaries`, possibly of more.
    zones
        ``municipality_code``, ``zone``; one row per municipality.

    Returns
    -------
    GeoDataFrame
        The columns of the layer ``comuni``, sorted by code.

    Raises
    ------
    CrsError
        `boundaries` is not metric.
    ResidentsFileError
        A municipality has no residents' row.
    """
    require_metric(boundaries, "comuni")
    bands = residents_by_band(residents.counts)
    missing = boundaries.loc[~boundaries["municipality_code"].isin(bands["municipality_code"]), "municipality"]
    if not missing.empty:
        raise ResidentsFileError(
            gettext("Residents of {listed} are missing; use a complete file.", listed=", ".join(missing))
        )
    joined = boundaries.merge(bands, on="municipality_code", how="left", validate="1:1").merge(
        zones[["municipality_code", "zone"]], on="municipality_code", how="left", validate="1:1"
    )
    joined = joined.assign(residents_date=residents.date, municipality_count=1)
    return _with_measures(joined).sort_values("municipality_code").reset_index(drop=True)


def dissolve_zones(municipalities: gpd.GeoDataFrame, order: Sequence[str]) -> gpd.GeoDataFrame:
    """Dissolve municipalities into zone omogenee.

    Parameters
    ----------
    municipalities
        As :func:`join_municipalities` returns them.
    order
        Names of the zones in the order of the documents.

    Returns
    -------
    GeoDataFrame
        The columns of the layer ``zone_omogenee``, in `order`.
    """
    zones = _dissolve(municipalities, "zone").set_index("zone")
    return zones.reindex(list(order)).reset_index()


def dissolve_unions(municipalities: gpd.GeoDataFrame, plans: Sequence[Plan]) -> gpd.GeoDataFrame:
    """Dissolve municipalities into the unioni di comuni of each edition.

    Returns
    -------
    GeoDataFrame
        The columns of the layer ``unioni_comuni``, in the order of editions and documents; empty when no edition
        has a union.
    """
    layers = []
    for plan in plans:
        members = municipalities.merge(plan.unions, on="municipality_code", how="inner", validate="1:1")
        unions = _dissolve(members, "union").set_index("union")
        layers.append(unions.reindex(plan.union_names).reset_index().assign(edition=plan.edition.identifier))
    filled = [layer for layer in layers if not layer.empty]
    return gpd.GeoDataFrame(pd.concat(filled or layers, ignore_index=True), crs=municipalities.crs)


def dissolve_all(municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Dissolve all municipalities into the one row of the layer ``citta_metropolitana``."""
    return _dissolve(municipalities.assign(whole=""), "whole").drop(columns="whole")


def list_memberships(municipalities: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """List zone and union of every municipality in every edition.

    Returns
    -------
    DataFrame
        ``edition``, ``municipality_code``, ``municipality``, ``zone``, ``union`` (None outside any union);
        one row per edition and municipality.
    """
    parts = [
        municipalities[["municipality_code", "municipality", "zone"]]
        .merge(plan.unions[["municipality_code", "union"]], on="municipality_code", how="left", validate="1:1")
        .assign(edition=plan.edition.identifier)
        for plan in plans
    ]
    memberships = pd.concat(parts, ignore_index=True)
    memberships["union"] = memberships["union"].astype(object).where(memberships["union"].notna(), None)
    return memberships


def find_neighbours(municipalities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find which municipalities share a stretch of border; meeting in a single point does not count.

    Parameters
    ----------
    municipalities
        ``municipality_code`` and geometry in EPSG:32632; a coverage.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``neighbour_code``, ``border_m`` (length shared, metres); each pair in both
        directions, sorted.

    Raises
    ------
    CrsError
        The layer is not metric.
    """
    require_metric(municipalities, "comuni")
    shapes = municipalities.geometry.to_numpy()
    codes = municipalities["municipality_code"].to_numpy()
    left, right = municipalities.sindex.query(shapes, predicate="intersects")
    distinct = left != right
    left, right = left[distinct], right[distinct]
    outlines = shapely.boundary(shapes)
    lengths = shapely.length(shapely.intersection(outlines[left], outlines[right]))
    pairs = pd.DataFrame({"municipality_code": codes[left], "neighbour_code": codes[right], "border_m": lengths})
    return pairs[pairs["border_m"] > 0].sort_values(["municipality_code", "neighbour_code"]).reset_index(drop=True)


def _dissolve(members: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    """Dissolve by a column and add counts up; as a coverage, so that no sliver stays between members.

    Boundaries that are no coverage (outlines of neighbours that differ) are united the slow way instead.
    """
    sums: dict[str, str] = dict.fromkeys((*RESIDENT_COUNTS, "municipality_count"), "sum")
    valid = shapely.coverage_is_valid(members.geometry.to_numpy())
    dissolved = members[[by, "residents_date", *sums, "geometry"]].dissolve(
        by, aggfunc={**sums, "residents_date": "first"}, as_index=False, method="coverage" if valid else "unary"
    )
    return _with_measures(dissolved)


def _with_measures(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    area_km2 = units.area / SQUARE_METRES_PER_KM2
    return units.assign(
        area_km2=area_km2.round(AREA_DECIMALS), density_per_km2=(units["residents"] / area_km2).round(DENSITY_DECIMALS)
    )
