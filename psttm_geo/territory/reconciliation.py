"""Whether the boundaries of OpenStreetMap are those of ISTAT: which is which, and how far apart they are."""

import unicodedata
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.crs import SQUARE_METRES_PER_KM2, require_metric
from psttm_geo.core.messages import COMMA, NOTHING, SEMICOLON, Text, gettext, pgettext, same
from psttm_geo.core.outlines import measure_distances
from psttm_geo.schema.istat_codes import normalise_codes

DISPLACED_OVER_M = 50.0
"""Outlines farther apart than this somewhere count as displaced; ISTAT's generalised ones are off by tens of metres."""

SAME_PLACE_IOU = 0.5
"""Two outlines that share more than this are the same place: no third one can share as much with either."""

EQUAL, DISPLACED, RENAMED, RECODED, UNCODED, PARTS, MISSING = OUTCOMES = (
    "uguale",
    "spostato",
    "rinominato",
    "ricodificato",
    "senza_codice",
    "parti_diverse",
    "mancante",
)
"""What `outcome` is made of; several stand with commas between them."""


@dataclass(frozen=True)
class Reconciliation:
    """What came of a comparison.

    Attributes
    ----------
    municipalities
        One row per municipality of ISTAT, in its order: ``municipality_code``, ``municipality``, ``osm_name``,
        ``osm_code`` (both empty where there is none), ``matched_by`` (``codice``, ``nome``, ``sovrapposizione`` or
        empty), ``iou`` (0-1), ``largest_distance_m``, ``area_difference_km2`` (OSM less ISTAT), ``part_count``,
        ``osm_part_count``, ``outcome``, ``doubt_it`` (empty without doubt), and ISTAT's geometry in EPSG:32632. Figures
        of a missing one are NA.
    extra
        The boundaries of OSM that belong to no municipality: ``name``, ``ref_istat``, geometry.
    doubts
        What the user should look at, in both languages: every match that does not rest on the code, and every fault.
    """

    municipalities: gpd.GeoDataFrame
    extra: gpd.GeoDataFrame
    doubts: tuple[Text, ...]


def reconcile(
    official: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame, *, displaced_over_m: float = DISPLACED_OVER_M
) -> Reconciliation:
    """Match boundaries of OSM to those of ISTAT and measure how they differ.

    A boundary belongs to the municipality whose code it carries, if they share most of their area; else to the one of
    the same name, else to the one that it covers. A code or a name without the area is taken only where nothing better
    is left, and said to be in doubt. Each boundary belongs to one municipality at most.

    Parameters
    ----------
    official
        ``municipality_code``, ``municipality`` and valid (multi)polygons in EPSG:32632, a row per municipality.
    mapped
        ``name``, ``ref_istat`` (either may be empty or NA) and valid (multi)polygons in EPSG:32632; any number of rows.
    displaced_over_m
        Over this distance outlines count as displaced.

    Raises
    ------
    CrsError
        One of the two is in another system.
    """
    require_metric(official, "ISTAT")
    require_metric(mapped, "OpenStreetMap")
    official = official.reset_index(drop=True)
    mapped = mapped.reset_index(drop=True)
    mapped = mapped.assign(
        name=mapped["name"].astype("string").fillna("").astype("str"),
        ref_istat=normalise_codes(mapped["ref_istat"]).codes,
    )
    matches = _choose(_candidates(official, mapped))
    table = _describe(official, mapped, matches)
    table = _judge(table, displaced_over_m)
    extra = mapped.loc[~mapped.index.isin(matches["mapped"]), ["name", "ref_istat", mapped.geometry.name]]
    return Reconciliation(table, extra.reset_index(drop=True), tuple(_say_doubts(table, extra)))


def _candidates(official: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the pairs that overlap or carry the same code or name.

    Returns
    -------
    DataFrame
        ``official``, ``mapped`` (positions), ``same_code``, ``same_name``, ``iou``.
    """
    rows = pd.DataFrame(
        {"official": official.index, "code": official["municipality_code"], "key": official["municipality"].map(_plain)}
    )
    others = pd.DataFrame({"mapped": mapped.index, "code": mapped["ref_istat"], "key": mapped["name"].map(_plain)})
    overlapping = shapely.STRtree(mapped.geometry.to_numpy()).query(
        official.geometry.to_numpy(), predicate="intersects"
    )
    pairs = pd.concat(
        [
            pd.DataFrame({"official": overlapping[0], "mapped": overlapping[1]}),
            rows.merge(others.dropna(subset="code"), on="code", validate="1:m")[["official", "mapped"]],
            rows.merge(others[others["key"] != ""], on="key", validate="m:m")[["official", "mapped"]],
        ]
    ).drop_duplicates(ignore_index=True)
    first = rows.loc[pairs["official"]].reset_index(drop=True)
    second = others.loc[pairs["mapped"]].reset_index(drop=True)
    shapes = official.geometry.to_numpy()[pairs["official"]], mapped.geometry.to_numpy()[pairs["mapped"]]
    common = shapely.area(shapely.intersection(*shapes))
    whole = shapely.area(shapes[0]) + shapely.area(shapes[1]) - common
    return pairs.assign(same_code=first["code"] == second["code"], same_name=first["key"] == second["key"]).assign(
        iou=np.divide(common, whole, out=np.zeros(len(pairs)), where=whole > 0)
    )


def _plain(name: str) -> str:
    """Return a name without case, accents, apostrophes and hyphens, to compare spellings."""
    letters = [letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter)]
    return " ".join("".join(letter if letter.isalnum() else " " for letter in letters).split())


def _choose(candidates: pd.DataFrame) -> pd.DataFrame:
    """Keep the best pairs, no boundary and no municipality twice.

    Returns
    -------
    DataFrame
        The columns of `candidates`, ``matched_by`` and ``certain`` (the places are the same).
    """
    certain = candidates["iou"] > SAME_PLACE_IOU
    by_code, by_name = candidates["same_code"], candidates["same_name"]
    # First what shares the place, then what shares the code or the name alone; overlap alone must be of most of it.
    ranks = np.select(
        [certain & by_code, certain & by_name, certain, by_code, by_name & (candidates["iou"] > 0)], range(5), 5
    )
    ranked = candidates.assign(
        certain=certain, rank=ranks, matched_by=np.select([by_code, by_name], ["codice", "nome"], "sovrapposizione")
    )
    ranked = ranked[ranked["rank"] < 5]  # noqa: PLR2004 - the rank of what is no match
    ranked = ranked.sort_values(["rank", "iou", "official", "mapped"], ascending=[True, False, True, True])
    kept, taken, given = [], set(), set()
    for row, one, other in zip(ranked.index, ranked["official"], ranked["mapped"], strict=True):
        if one not in taken and other not in given:
            kept.append(row)
            taken.add(one)
            given.add(other)
    return ranked.loc[kept].sort_values("official", ignore_index=True)


def _describe(official: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame, matches: pd.DataFrame) -> gpd.GeoDataFrame:
    """Put the figures of each match beside its municipality."""
    shapes = official.geometry.to_numpy()[matches["official"]]
    others = mapped.geometry.to_numpy()[matches["mapped"]]
    found = mapped.loc[matches["mapped"]].reset_index(drop=True)
    figures = pd.DataFrame(
        {
            "official": matches["official"],
            "osm_name": found["name"],
            "osm_code": found["ref_istat"].fillna(""),
            "matched_by": matches["matched_by"],
            "certain": matches["certain"],
            "iou": matches["iou"],
            "largest_distance_m": measure_distances(shapes, others),
            "area_difference_km2": (shapely.area(others) - shapely.area(shapes)) / SQUARE_METRES_PER_KM2,
            "osm_part_count": shapely.get_num_geometries(others),
        }
    ).set_index("official")
    table = official[["municipality_code", "municipality", official.geometry.name]].join(figures)
    table["part_count"] = shapely.get_num_geometries(official.geometry.to_numpy())
    texts = ["osm_name", "osm_code", "matched_by"]
    table[texts] = table[texts].fillna("")
    return table.astype({"osm_part_count": "Int64", "certain": "boolean"})


def _judge(table: gpd.GeoDataFrame, displaced_over_m: float) -> gpd.GeoDataFrame:
    """Add ``outcome`` and ``doubt_it``."""
    missing = table["matched_by"] == ""
    faults = pd.DataFrame(
        {
            DISPLACED: table["largest_distance_m"] > displaced_over_m,
            RENAMED: table["osm_name"].map(_plain) != table["municipality"].map(_plain),
            RECODED: (table["osm_code"] != table["municipality_code"]) & (table["osm_code"] != ""),
            UNCODED: table["osm_code"] == "",
            PARTS: (table["osm_part_count"] != table["part_count"]).fillna(value=False).astype(bool),
        }
    )
    said = faults.apply(lambda row: ", ".join(row.index[row]), axis=1).replace("", EQUAL)
    doubts = [
        _doubt(row).it if row["matched_by"] and (row["matched_by"] != "codice" or not row["certain"]) else ""
        for row in table.drop(columns=table.geometry.name).to_dict("records")
    ]
    judged = table.assign(outcome=said.mask(missing, MISSING), doubt_it=doubts)
    return judged[
        [
            "municipality_code",
            "municipality",
            "osm_name",
            "osm_code",
            "matched_by",
            "iou",
            "largest_distance_m",
            "area_difference_km2",
            "part_count",
            "osm_part_count",
            "outcome",
            "doubt_it",
            table.geometry.name,
        ]
    ]


_BASES = {
    "codice": gettext("by its code alone"),
    "nome": gettext("by its name"),
    "sovrapposizione": gettext("by overlap alone"),
}


def _doubt(row: "dict[str, object]") -> Text:
    """Say on what a match rests that does not rest on code and place."""
    return gettext(
        "recognised {basis}: in OSM it is “{name}”, code {code}; areas in common: {share}%",
        basis=_BASES[str(row["matched_by"])],
        name=row["osm_name"] or _UNNAMED,
        code=row["osm_code"] or _NO_CODE,
        share=round(100 * float(str(row["iou"]))),
    )


_UNNAMED, _NO_CODE = gettext("without name"), gettext("absent")


def _say_doubts(table: gpd.GeoDataFrame, extra: pd.DataFrame) -> list[Text]:
    """Say what differs, municipality by municipality, then what OSM has in excess."""
    texts = []
    for row in table[table["outcome"] != EQUAL].drop(columns=table.geometry.name).to_dict("records"):
        who = f"{row['municipality']} ({row['municipality_code']})"
        if row["outcome"] == MISSING:
            texts.append(gettext("{who}: OSM has no boundary of it", who=who))
            continue
        distance_m = round(row["largest_distance_m"])
        outcome, more = _name_outcome(row["outcome"]), _doubt(row) if row["doubt_it"] else _written(row)
        told = gettext("{who}: {outcome}, largest distance {distance} m", who=who, outcome=outcome, distance=distance_m)
        texts.append(SEMICOLON.join((told, more)) if more.it else told)
    for name, code in extra[["name", "ref_istat"]].fillna("").itertuples(index=False):
        texts.append(gettext("OSM has “{name}” besides, code {code}", name=name or _UNNAMED, code=code or _NO_CODE))
    return texts


def say_outcomes(table: pd.DataFrame) -> Text:
    """Say how many municipalities there are of each outcome, those that are equal first, then the most frequent.

    Parameters
    ----------
    table
        As :attr:`Reconciliation.municipalities`.
    """
    counts = {EQUAL: 0, **table["outcome"].value_counts().to_dict()}
    listed = [(_name_outcome(str(outcome)), count) for outcome, count in counts.items() if count]
    # Several outcomes of one municipality stand with commas between them: semicolons part the counts.
    return SEMICOLON.join(same("{name} {count}").fill(name=name, count=count) for name, count in listed)


def _written(row: "dict[str, object]") -> Text:
    """Say which name stands in OSM in place of ISTAT's; nothing where it is the same."""
    if RENAMED not in str(row["outcome"]):
        return NOTHING
    return gettext("in OSM it is “{name}”", name=row["osm_name"] or _UNNAMED)


_NAMES = dict(
    zip(
        OUTCOMES,
        (
            gettext("equal"),
            gettext("displaced"),
            gettext("renamed"),
            gettext("recoded"),
            gettext("without code"),
            pgettext("areas", "other parts"),
            pgettext("municipality", "missing"),
        ),
        strict=True,
    )
)


def _name_outcome(outcome: str) -> Text:
    return COMMA.join(_NAMES[part] for part in outcome.split(", "))
