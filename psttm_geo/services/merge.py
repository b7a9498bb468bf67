"""OpenStreetMap's services and official registers made one table, and what each has that the other lacks.

Two services of a category are the same when they are within

- :data:`NAMED_M` of each other and their names share a distinctive word,
- :data:`UNNAMED_M`, and one of them has no distinctive name,
- :data:`ANY_M`, whatever their names.

Registers are often geocoded to the street, hence the first; pharmacies in Italy are at least 200 m apart by law
(475/1968), hence no more than that without a name in common. Each service is matched once, the nearest and those with
a name in common first.

Where a register replaces OpenStreetMap's services it does so in the municipalities it covers; beyond the territory,
where it may be blind, and where it completes them, it only adds those that are not there. Of a category that a
register fills in a municipality, OpenStreetMap's services of unknown level are dropped: the register knows.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.core.crs import METRIC, require_metric
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.names import plain_words
from psttm_geo.services.register_records import USABLE, PlacedRegister

NAMED_M = 250.0

UNNAMED_M = 100.0

ANY_M = 30.0

SHORTEST_WORD = 3
"""Letters of a word that can tell two names apart."""

_COLUMNS = ["category", "name", "source", "osm_id", "osm_row", "code", "level_unknown", "municipality_code", "geometry"]

_GENERIC_WORDS = """
farmacia farmacie parafarmacia comunale comunali municipale
scuola scuole infanzia materna asilo nido primaria elementare media secondaria primo secondo grado istituto istruzione
comprensivo superiore liceo tecnico professionale succursale sede plesso
ospedale clinica clinico casa cura presidio irccs fondazione centro ufficio poste italiane banca filiale
via viale piazza piazzale largo corso vicolo san santa sant santo santi dott dottor dottssa dottoressa dssa
snc srl spa sas soc societa cooperativa onlus srls del della delle dei degli dello dell alla per con milano
"""

_GENERIC = frozenset(_GENERIC_WORDS.split())
"""Words of names that say what a service is or what its firm is, not which one."""


@dataclass(frozen=True)
class MergedServices:
    """Services of OpenStreetMap and of registers as one.

    Attributes
    ----------
    services
        ``category``, ``name``, ``source``, ``osm_id`` and ``osm_row`` (position in OpenStreetMap's table; missing of a
        register), ``code`` (None of OpenStreetMap), ``level_unknown``, ``municipality_code`` (None beyond the
        territory) and geometry in EPSG:32632.
    report
        One row per municipality of the territory and category that a register fills: ``municipality_code``,
        ``category``, ``register`` (that count there), ``not_placed`` (of them, without a usable point), ``osm``,
        ``both`` (matched), ``register_only``, ``osm_only`` and ``osm_dropped`` (of ``osm_only``, not in the result).
    """

    services: gpd.GeoDataFrame
    report: pd.DataFrame


def merge_services(
    osm: gpd.GeoDataFrame, registers: Sequence[PlacedRegister], municipalities: gpd.GeoDataFrame
) -> MergedServices:
    """Merge OpenStreetMap's services with registers.

    Parameters
    ----------
    osm
        ``category``, ``name`` (empty where none), ``source``, ``osm_id``, ``level_unknown`` (of a school: true or
        false) and any geometry in EPSG:32632; within the territory and around it.
    registers
        Held against the boundaries; not held against each other.
    municipalities
        The territory: ``municipality_code`` and geometry in EPSG:32632.

    Returns
    -------
    MergedServices
        With no registers, OpenStreetMap's services as they are, and an empty report.

    Raises
    ------
    CrsError
        `osm` or `municipalities` is not metric.
    """
    require_metric(osm, "servizi")
    require_metric(municipalities, "comuni")
    territory = pd.Index(municipalities["municipality_code"])
    numbered = osm.reset_index(drop=True).assign(code=None, osm_row=pd.array(range(len(osm)), dtype="Int64"))
    ours = _with_municipality(numbered, municipalities)
    theirs = _register_services(registers, territory)
    placed = theirs[theirs["placed"]].reset_index(drop=True)
    left, right = match_services(ours, placed)
    ours["both"], placed["both"] = False, False
    ours.loc[left, "both"], placed.loc[right, "both"] = True, True
    ours["dropped"] = ours["both"] | _outdone(ours, registers, territory)
    kept = [part[_COLUMNS] for part in (ours[~ours["dropped"]], placed) if not part.empty]
    merged = pd.concat(kept, ignore_index=True) if kept else ours[_COLUMNS]
    for name in ("osm_id", "code", "municipality_code"):
        merged[name] = merged[name].astype(object).where(merged[name].notna(), None)
    return MergedServices(
        gpd.GeoDataFrame(merged, geometry="geometry", crs=METRIC), _report(ours, theirs, placed, territory)
    )


def match_services(
    left: gpd.GeoDataFrame, right: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Match services of one table with those of another, each at most once.

    Parameters
    ----------
    left, right
        ``category``, ``name`` and geometry in EPSG:32632.

    Returns
    -------
    tuple of ndarray
        Positions in `left` and in `right` of the pairs.
    """
    shapes, others = left.geometry.to_numpy(), right.geometry.to_numpy()
    near, far = shapely.STRtree(others).query(shapes, predicate="dwithin", distance=NAMED_M)
    same = left["category"].to_numpy()[near] == right["category"].to_numpy()[far]
    near, far = near[same], far[same]
    distances = shapely.distance(shapes[near], others[far])
    words = [_distinctive_words(names) for names in (left["name"], right["name"])]
    pairs = [(words[0][one], words[1][other]) for one, other in zip(near, far, strict=True)]
    alike = np.array([bool(mine & its) for mine, its in pairs], dtype=bool)
    nameless = np.array([not (mine and its) for mine, its in pairs], dtype=bool)
    fits = alike | (nameless & (distances <= UNNAMED_M)) | (distances <= ANY_M)
    order = np.lexsort((distances, ~alike))
    return _each_once(near, far, order[fits[order]])


def _each_once(
    near: npt.NDArray[np.intp], far: npt.NDArray[np.intp], order: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    taken: set[int] = set()
    matched: set[int] = set()
    pairs = []
    for position in order:
        one, other = int(near[position]), int(far[position])
        if one not in taken and other not in matched:
            taken.add(one)
            matched.add(other)
            pairs.append((one, other))
    found = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _distinctive_words(names: pd.Series) -> list[frozenset[str]]:
    """Return the words of each name that tell it from others of its category."""
    return [frozenset(word for word in plain_words(name) if len(word) >= SHORTEST_WORD) - _GENERIC for name in names]


def _with_municipality(services: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    points = shapely.point_on_surface(services.geometry.to_numpy())
    rows, places = municipalities.sindex.query(points, predicate="intersects", sort=True)
    codes = pd.Series(municipalities["municipality_code"].to_numpy()[places], index=rows, dtype=object)
    return services.assign(municipality_code=codes.groupby(level=0).first().reindex(services.index))


def _register_services(registers: Sequence[PlacedRegister], territory: pd.Index) -> gpd.GeoDataFrame:
    """Return the services of all registers that have a category and stand there for the first time."""
    parts = []
    for placed in registers:
        services = placed.services[placed.services["category"].notna() & (placed.services["outcome"] != "repeated")]
        parts.append(
            services[["category", "name", "code", "municipality_code", "geometry"]].assign(
                source=placed.register.source.title,
                osm_id=None,
                osm_row=pd.array([pd.NA] * len(services), dtype="Int64"),
                level_unknown=False,
                placed=services["outcome"].isin(USABLE),
                municipality_code=services["municipality_code"].where(services["municipality_code"].isin(territory)),
            )
        )
    if not parts:
        empty = {name: pd.Series(dtype=object) for name in _COLUMNS if name != "geometry"}
        return gpd.GeoDataFrame(empty, geometry=[], crs=METRIC).assign(placed=pd.Series(dtype=bool))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=METRIC)


def _outdone(ours: gpd.GeoDataFrame, registers: Sequence[PlacedRegister], territory: pd.Index) -> pd.Series:
    """Return which of OpenStreetMap's services a register makes superfluous."""
    outdone = pd.Series(data=False, index=ours.index)
    vague = ours["level_unknown"].astype(bool)
    for placed in registers:
        register = placed.register
        covered = territory if register.covers is None else territory.intersection(sorted(register.covers))
        mine = ours["category"].isin(_filled(register.services)) & ours["municipality_code"].isin(covered)
        outdone |= mine if register.mode == "replaces" else mine & vague
    return outdone


def _filled(services: pd.DataFrame) -> set[str]:
    return set(services["category"].dropna())


def _report(
    ours: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, placed: gpd.GeoDataFrame, territory: pd.Index
) -> pd.DataFrame:
    """Count, per municipality and category of the registers, what each side has."""
    categories = sorted(_filled(theirs))
    index = pd.MultiIndex.from_product([territory, categories], names=["municipality_code", "category"])
    counted = {
        "register": theirs,
        "not_placed": theirs[~theirs["placed"].astype(bool)],
        "osm": ours,
        "both": placed[placed["both"]],
        "register_only": placed[~placed["both"]],
        "osm_only": ours[~ours["both"]],
        "osm_dropped": ours[~ours["both"] & ours["dropped"]],
    }
    keys = ["municipality_code", "category"]
    counts = {
        name: pd.DataFrame(table[keys]).groupby(keys).size().reindex(index, fill_value=0)
        for name, table in counted.items()
    }
    return pd.DataFrame(counts, index=index).reset_index()


def say_report(report: pd.DataFrame) -> tuple[Text, ...]:
    """Say in short what registers and OpenStreetMap have that the other lacks, a line per category.

    Parameters
    ----------
    report
        As :attr:`MergedServices.report`.
    """
    counts = report.columns.drop(["municipality_code", "category"])
    differs = (report["register_only"] + report["osm_only"]) > 0
    totals = report[["category", *counts]].assign(differing=differs).groupby("category").sum()
    return tuple(_say_category(str(category), row) for category, row in totals.to_dict("index").items())


def _say_category(category: str, row: Mapping[Hashable, int]) -> Text:
    return gettext(
        "{category}: registers {register} ({not_placed} without a usable point), OpenStreetMap "
        "{osm}; in both {both}, in registers only {register_only}, in OpenStreetMap only {osm_only} "
        "({osm_dropped} not used); municipalities that differ {differing}",
        category=category,
        register=row["register"],
        not_placed=row["not_placed"],
        osm=row["osm"],
        both=row["both"],
        register_only=row["register_only"],
        osm_only=row["osm_only"],
        osm_dropped=row["osm_dropped"],
        differing=row["differing"],
    )


def service_layer(services: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer ``servizi``: merged services as points, each with an identifier of its own in its category.

    Parameters
    ----------
    services
        As :attr:`MergedServices.services`.
    """
    return services.assign(
        service=identify(services),
        service_name=services["name"],
        geometry=shapely.point_on_surface(services.geometry.to_numpy()),
    )


def identify(services: gpd.GeoDataFrame) -> pd.Series:
    """Return an identifier of each merged service, its own in its category.

    It is OpenStreetMap's, else the register's; those that several share, and missing ones, are numbered.
    """
    identifiers = services["osm_id"].astype(object).where(services["osm_id"].notna(), services["code"])
    keys = pd.DataFrame({"category": services["category"], "service": identifiers.fillna("").astype(str)})
    repeated = keys.duplicated(keep=False) | (keys["service"] == "")
    numbers = keys.groupby(["category", "service"]).cumcount() + 1
    return keys["service"].where(~repeated, keys["service"] + "#" + numbers.astype(str))
