"""Municipal boundaries of the territory out of what was read of OpenStreetMap."""

import geopandas as gpd
import pandas as pd
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import BoundaryFileError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.osm.extract_records import ExtractReport
from psttm_geo.schema.istat_codes import find_mergers, normalise_codes
from psttm_geo.territory.municipalities import Boundaries

OSM_SUFFIXES = (".osm.pbf", ".osm", ".osm.gz", ".osm.bz2")
"""How names of extracts end."""

_NAMED = 5
"""Municipalities named in a message before the rest is only counted."""


def choose_boundaries(
    mapped: gpd.GeoDataFrame, report: ExtractReport, municipalities: pd.DataFrame, predecessors: pd.DataFrame
) -> Boundaries:
    """Return the boundaries of the territory as OpenStreetMap has them: by ``ref:ISTAT``, else by name.

    Parameters
    ----------
    mapped
        ``name``, ``ref_istat`` (empty where not mapped), ``complete`` and polygons in any CRS.
    report
        Of the extract they were read from.
    municipalities
        The territory: ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: ``municipality_code``, ``municipality``, ``successor_code``, ``successor``.

    Returns
    -------
    Boundaries
        In EPSG:32632, valid, named as ISTAT names them; those that have merged since joined in their successor.

    Raises
    ------
    BoundaryFileError
        A municipality is missing or incomplete, or two boundaries claim to be the same.
    """
    whole = mapped[mapped["complete"]].to_crs(METRIC)
    codes = normalise_codes(whole["ref_istat"]).codes
    mergers = find_mergers(set(codes.dropna()), predecessors)
    known = set(municipalities["municipality_code"])
    parts = codes.isin(list(mergers.successors))
    by_code = codes.replace(mergers.successors).where(lambda found: found.isin(known))
    names = dict(zip(municipalities["municipality"].str.casefold(), municipalities["municipality_code"], strict=True))
    by_name = whole["name"].str.casefold().map(names)
    by_name = by_name.where(by_code.isna() & ~by_name.isin(set(by_code.dropna())))
    chosen = whole.assign(municipality_code=by_code.fillna(by_name), part=codes.where(parts, ""))
    chosen = chosen.dropna(subset=["municipality_code"])
    _require_each_once(report, chosen, municipalities)
    areas = gpd.GeoDataFrame(
        chosen[["municipality_code"]], geometry=shapely.make_valid(chosen.geometry.to_numpy()), crs=METRIC
    ).dissolve("municipality_code", as_index=False)
    located = areas.merge(
        municipalities[["municipality_code", "municipality"]], on="municipality_code", how="left", validate="1:1"
    )
    ordered = located[["municipality_code", "municipality", "geometry"]].sort_values("municipality_code")
    notices = (*mergers.notices, *_name_notices(whole.loc[by_name.notna(), "name"]))
    return Boundaries(ordered.reset_index(drop=True), report.source, notices)


def _require_each_once(report: ExtractReport, chosen: pd.DataFrame, municipalities: pd.DataFrame) -> None:
    missing = municipalities.loc[
        ~municipalities["municipality_code"].isin(chosen["municipality_code"]), "municipality"
    ].tolist()
    if missing:
        listed = ", ".join(missing[:_NAMED])
        more = f" (+{len(missing) - _NAMED})" if len(missing) > _NAMED else ""
        raise BoundaryFileError(
            gettext(
                "{file}: the boundaries of {count} municipalities are missing or incomplete: {listed}{more}; "
                "use an extract that has them whole, or ISTAT's boundaries.",
                file=report.file,
                count=len(missing),
                listed=listed,
                more=more,
            )
        )
    repeated = sorted(set(chosen.loc[chosen.duplicated(["municipality_code", "part"]), "name"]))
    if repeated:
        listed = ", ".join(repeated)
        raise BoundaryFileError(
            gettext(
                "{file}: several boundaries for one municipality ({listed}); correct ref:ISTAT or use ISTAT's.",
                file=report.file,
                listed=listed,
            )
        )


def _name_notices(names: pd.Series) -> tuple[Text, ...]:
    if names.empty:
        return ()
    listed = ", ".join(sorted(names))
    return (
        gettext(
            "Boundaries of OpenStreetMap without an ISTAT code of the territory, known by their name: {listed}.",
            listed=listed,
        ),
    )
