"""Which residents an extract speaks of, what stands for them where they are not known, and how to say it."""

import geopandas as gpd
import numpy as np
import pandas as pd

from psttm_geo.core.messages import NOTHING, Text, gettext, list_some, same
from psttm_geo.osm.extent import LEAST_KNOWN_SHARE, Extent
from psttm_geo.osm.extract_records import Extract
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.dwellings import drop_sparse_buildings, list_beyond, list_dwellings, within_extent
from psttm_geo.territory.population import STEPS_PER_PERSON, choose_dwellings, spread_of, with_beyond
from psttm_geo.territory.population_records import OUTSIDE, STAND_INS

_SHOWN = 10
"""Municipalities named in a notice before the rest is only counted."""


def mark_outside(places: gpd.GeoDataFrame, extent: Extent, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Tell which places are ``outside`` an extract, and how far it ends: ``to_end_m``.

    Those of a municipality that is covered in whole are inside wherever they stand, those of one that is not covered at
    all are outside.
    """
    covered = pd.Series(extent.shares(municipalities.geometry.to_numpy()), municipalities["municipality_code"])
    x, y = places.geometry.x.to_numpy(), places.geometry.y.to_numpy()
    share = places["municipality_code"].map(covered).to_numpy(dtype=float)
    beyond = (places["method"] == OUTSIDE).to_numpy() | (share == 0) | ((share < 1) & ~extent.contains(x, y))
    return places.assign(outside=beyond, to_end_m=extent.distances_to_end(x, y))


def stand_ins(municipalities: gpd.GeoDataFrame, extract: Extract) -> gpd.GeoDataFrame:
    """Return what stands for residents: buildings of each municipality, else its residential streets, else all.

    Where the extract holds none of a municipality, as much stands for it as for an equal area elsewhere.
    """
    nobody = municipalities[["municipality_code"]].assign(residents=0)
    dwellings = list_dwellings(extract.homes, extract.network, municipalities)
    dwellings = drop_sparse_buildings(within_extent(dwellings, extract.extent, municipalities))
    chosen = with_beyond(choose_dwellings(nobody, dwellings), list_beyond(extract.extent, municipalities))
    found = chosen[chosen["method"] != OUTSIDE]
    areas = pd.Series(municipalities.area.to_numpy(), municipalities["municipality_code"])
    covered_m2 = float(areas @ extract.extent.shares(municipalities.geometry.to_numpy()))
    spread_m = spread_of(chosen)
    alone = ~chosen["municipality_code"].isin(found["municipality_code"])
    if covered_m2 > 0:
        per_m2 = found["weight"].sum() / covered_m2
        chosen.loc[alone, "weight"] *= per_m2 * chosen.loc[alone, "municipality_code"].map(areas).astype(float)
    weights = np.round(chosen["weight"].to_numpy(dtype=float) * STEPS_PER_PERSON) / STEPS_PER_PERSON
    return gpd.GeoDataFrame(
        {
            "municipality_code": chosen["municipality_code"].to_numpy(),
            "method": chosen["method"].to_numpy(),
            "spread_m": spread_m,
            "residents": weights,
        }
        | dict.fromkeys(AGE_BANDS, 0.0),
        geometry=gpd.points_from_xy(chosen["x"], chosen["y"]),
        crs=municipalities.crs,
    )


def say_covered(extract: Extract, municipalities: gpd.GeoDataFrame) -> tuple[Text, ...]:
    """Say which municipalities an extract covers in part or not at all."""
    covered = extract.extent.shares(municipalities.geometry.to_numpy())
    if (covered >= 1).all():
        return ()
    part = np.flatnonzero((covered > 0) & (covered < 1))
    part = part[np.argsort(-covered[part], kind="stable")]
    names = municipalities["municipality"].to_numpy()[part]
    shares = [f"{name} {100 * share:.0f} %" for name, share in zip(names, covered[part], strict=True)]
    listed = same(" ({listed})").fill(listed=list_some(shares, _SHOWN)) if shares else NOTHING
    whole, nothing = int((covered >= 1).sum()), int((covered == 0).sum())
    least = f"{100 * LEAST_KNOWN_SHARE:.0f}"
    return (
        gettext(
            "The extract covers {whole} municipalities in whole, {part} in part{listed}, {nothing} not at all: of "
            "residents outside it nothing is known, and a unit of whose residents it covers less than {least} % has no "
            "share and no minutes.",
            whole=whole,
            part=len(part),
            listed=listed,
            nothing=nothing,
            least=least,
        ),
    )


def say_stand_ins(places: gpd.GeoDataFrame) -> tuple[Text, ...]:
    """Say what stands for residents, a line per kind of places."""
    counted = places.groupby("method", sort=False)["municipality_code"].agg(["nunique", "size"])
    return tuple(
        gettext(
            "In place of residents, {stand_ins}: municipalities or units {nunique}, places {size}",
            stand_ins=STAND_INS[str(method)],
            nunique=row["nunique"],
            size=row["size"],
        )
        for method, row in counted.to_dict("index").items()
        if method != OUTSIDE
    )


def measured_in(places: gpd.GeoDataFrame) -> Text:
    """Return the measures of what stands for residents."""
    methods = set(places["method"]) - {OUTSIDE}
    if methods <= {"buildings"}:
        return gettext("m² of buildings")
    if "buildings" not in methods:
        return gettext("m of streets")
    return gettext("m² of buildings and m of streets")
