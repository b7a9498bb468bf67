"""Residents put on places: census sections, else buildings and streets, with ISTAT's totals always kept."""

import math

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.core.crs import METRIC, require_metric
from psttm_geo.core.messages import Text, gettext, list_some
from psttm_geo.core.numbers import say_number
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.population_records import OUTSIDE, Population, Sections

STEPS_PER_PERSON = 1024
"""Residents of a place are multiples of 1/1024 of a person: sums of such floats are exact in whatever order."""

ENOUGH_BUILT_M2 = 5.0
"""Mapped area of buildings per resident from which they are taken to be mapped: even towers stand on more."""

FAR_M = 250.0
"""A section this far from the municipality it belongs to is reported; outlines of two years differ by less."""

_LIKELY_SHARE = (0.8, 1.25)
"""Residents on sections over residents of the municipality: beyond it, sections are probably missing."""

_BANDS = list(AGE_BANDS)

_SHOWN = 10

_LADDER = ("building", "residential_street", "street")

_METHOD_OF = {"building": "buildings", "residential_street": "residential_streets", "street": "streets"}


_NO_DWELLINGS = pd.DataFrame({"x": [], "y": [], "weight": [], "municipality_code": [], "kind": []}).astype(
    {"municipality_code": object, "kind": object}
)

_SHRINK = 1 - 1e-9
"""Keeps shares rounded down from adding up to more than the total through the rounding of floats."""


def apportion(
    totals: npt.ArrayLike, groups: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Share totals out by weight, to 1/1024, so that the shares of each group add up to its total exactly.

    Each share is rounded down to a step and the steps left over go to the largest remainders (Hamilton's method),
    earlier places first where remainders are equal.

    Parameters
    ----------
    totals
        What each group shares out: whole numbers, not negative. The total of a group without places is lost.
    groups
        For each place, the position of its group in `totals`.
    weights
        For each place, finite and not negative; a group whose weights are all zero shares its total out evenly.

    Returns
    -------
    ndarray
        The share of each place, a multiple of 1/1024, zero where the weight is zero; empty for no places.
    """
    steps = np.asarray(totals, dtype=np.int64) * STEPS_PER_PERSON
    largest = np.zeros(len(steps))
    np.maximum.at(largest, groups, weights)
    # The largest weight of a group becomes 1: the sum of huge ones would overflow.
    weights = np.divide(weights, largest[groups], out=np.ones(len(groups)), where=largest[groups] > 0)
    shares = np.zeros(len(groups))
    weighty = weights > 0
    shares[weighty] = _hamilton(steps, groups[weighty], weights[weighty]) / STEPS_PER_PERSON
    return shares


def _hamilton(
    steps: npt.NDArray[np.int64], groups: npt.NDArray[np.intp], weights: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Share whole steps out by positive weights."""
    size = len(steps)
    quota = weights / np.bincount(groups, weights, minlength=size)[groups] * steps[groups]
    whole = np.floor(quota * _SHRINK)
    left = steps - np.bincount(groups, whole, minlength=size).astype(np.int64)
    order = np.lexsort((whole - quota, groups))
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups)) - np.searchsorted(groups[order], groups[order])
    each, rest = np.divmod(left, np.maximum(np.bincount(groups, minlength=size), 1))
    shared: npt.NDArray[np.float64] = whole + each[groups] + (rank < rest[groups])
    return shared


def place_residents(
    municipalities: gpd.GeoDataFrame,
    sections: Sections | None,
    dwellings: pd.DataFrame | None,
    beyond: pd.DataFrame | None = None,
) -> Population:
    """Put the residents of every municipality on places: its census sections, else buildings, else streets.

    A municipality is placed on its sections where any of them has residents; of the others, on its residential
    buildings where they are mapped well enough (:data:`ENOUGH_BUILT_M2` per resident), else along its residential
    streets, else along all its streets. Whatever the places, the sums by municipality and age band are ISTAT's. Where
    dwellings are known of a part of a municipality only, its residents are taken to live as densely in the rest.

    Parameters
    ----------
    municipalities
        ``municipality_code``, ``municipality``, ``residents``, the age bands and geometry in EPSG:32632; whole numbers.
    sections
        Of any of the municipalities; None for none.
    dwellings
        ``x``, ``y`` (EPSG:32632), ``weight`` (area in m2 of a building, length in m of a stretch of street),
        ``municipality_code``, ``kind`` (``building``, ``residential_street``, ``street``); None for none.
    beyond
        Where no dwellings are known of, as :func:`psttm_geo.territory.dwellings.list_beyond` returns it; None for
        nowhere.

    Returns
    -------
    Population
        Every place that somebody lives on, and the method of every municipality.

    Raises
    ------
    CrsError
        `municipalities` or the sections are not metric.
    """
    require_metric(municipalities, "comuni")
    inhabited, section_notices = _inhabited(sections, municipalities)
    rest = municipalities[~municipalities["municipality_code"].isin(inhabited["municipality_code"])]
    chosen = choose_dwellings(rest, _NO_DWELLINGS if dwellings is None else dwellings)
    if beyond is not None:
        chosen = with_beyond(chosen, beyond[beyond["municipality_code"].isin(rest["municipality_code"])])
    spread = chosen[["municipality_code", "method", "x", "y"]].assign(
        section=None, spread_m=spread_of(chosen), **dict.fromkeys(_BANDS, chosen["weight"])
    )
    candidates = pd.concat([part for part in (inhabited, spread) if not part.empty] or [spread], ignore_index=True)
    places = _share_out(municipalities, candidates)
    methods = _list_methods(municipalities, candidates, places, sections)
    return Population(places, methods, (*section_notices, *_method_notices(methods)))


def choose_dwellings(municipalities: pd.DataFrame, dwellings: pd.DataFrame) -> pd.DataFrame:
    """Choose, for each municipality, the kind of places that its residents are spread over.

    Parameters
    ----------
    municipalities
        ``municipality_code``, ``residents``.
    dwellings
        As in :func:`place_residents`; rows of weight zero are no places.

    Returns
    -------
    DataFrame
        The rows of the chosen kinds, with ``method``; nothing for a municipality without any.
    """
    residents = municipalities.set_index("municipality_code")["residents"]
    places = dwellings.astype({"municipality_code": "category", "kind": "category"})
    usable = (places["weight"] > 0) & places["municipality_code"].isin(residents.index)
    if not usable.any():
        return dwellings[usable].assign(method=pd.Series(dtype=object))
    sums = places.loc[usable, ["municipality_code", "kind", "weight"]].pivot_table(
        index="municipality_code", columns="kind", values="weight", aggfunc="sum", observed=False
    )
    sums = sums.set_axis(sums.columns.astype(str), axis=1).reindex(columns=list(_LADDER)).fillna(0.0)
    enough = sums > 0
    enough["building"] &= sums["building"] >= ENOUGH_BUILT_M2 * residents.reindex(sums.index)
    enough.loc[~enough.any(axis=1), "building"] = True  # few buildings are better than nothing
    # Compared as codes: a metropolitan city has a million places.
    kind_of = places["kind"].cat.categories.get_indexer(pd.Index(enough.idxmax(axis=1)))
    mine = places["kind"].cat.codes.to_numpy() == kind_of[places["municipality_code"].cat.codes]
    chosen: pd.DataFrame = dwellings[usable & mine].astype({"municipality_code": str, "kind": str})
    return chosen.assign(method=chosen["kind"].map(_METHOD_OF))


def spread_of(chosen: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return how far from its place somebody may live, along either axis: a standard deviation in metres.

    Of somebody anywhere on the ground of a building, taken to be round, or anywhere along a stretch of street.

    Parameters
    ----------
    chosen
        As :func:`choose_dwellings` returns them.
    """
    size = chosen["weight"].to_numpy(dtype=float)
    return np.where(chosen["method"] == "buildings", _spread_on(size), size / math.sqrt(12))


def _spread_on(area_m2: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the standard deviation along either axis of somebody anywhere on a round area."""
    return np.asarray(np.sqrt(area_m2 / (4 * math.pi)))


def with_beyond(chosen: pd.DataFrame, beyond: pd.DataFrame) -> pd.DataFrame:
    """Add to the dwellings of each municipality the places that stand for those nothing is known of.

    Parameters
    ----------
    chosen
        As :func:`choose_dwellings` returns them, of the covered parts.
    beyond
        As :func:`psttm_geo.territory.dwellings.list_beyond` returns it.

    Returns
    -------
    DataFrame
        With the places beyond, of the method :data:`psttm_geo.territory.population_records.OUTSIDE`, weighted as if
        people lived as
        densely there; where nothing is chosen, all of a municipality is beyond.
    """
    count = beyond.groupby("municipality_code")["x"].transform("size")
    weights = chosen.groupby("municipality_code")["weight"].sum()
    known = beyond["municipality_code"].map(weights).fillna(0.0).to_numpy()
    per_area = np.divide(known, beyond["covered"], out=np.zeros(len(beyond)), where=beyond["covered"] > 0)
    weight = np.where(per_area > 0, per_area * (1 - beyond["covered"]), 1.0) / count
    uncovered = beyond.loc[beyond["covered"] == 0, "municipality_code"]
    listed = beyond[["municipality_code", "x", "y"]].assign(weight=weight, kind=OUTSIDE, method=OUTSIDE)
    parts = [part for part in (chosen[~chosen["municipality_code"].isin(uncovered)], listed) if not part.empty]
    return pd.concat(parts, ignore_index=True) if parts else chosen


def _inhabited(sections: Sections | None, municipalities: gpd.GeoDataFrame) -> tuple[pd.DataFrame, list[Text]]:
    """Return the sections that residents are put on, each as a point inside it with a weight per band."""
    columns = ["municipality_code", "method", "x", "y", "section", "spread_m", *_BANDS]
    if sections is None:
        return pd.DataFrame(columns=columns), []
    require_metric(sections.sections, "sezioni di censimento")
    known = sections.sections["municipality_code"].isin(municipalities["municipality_code"])
    lived_in = sections.sections[known & (sections.sections["residents"] > 0)]
    placed = lived_in[lived_in.geometry.notna() & ~lived_in.geometry.is_empty]
    points = shapely.point_on_surface(placed.geometry.to_numpy())
    weights = _band_weights(placed, by_age=sections.by_age)
    inhabited = weights.assign(
        municipality_code=placed["municipality_code"],
        method="sections_by_age" if sections.by_age else "sections",
        x=shapely.get_x(points),
        y=shapely.get_y(points),
        section=placed["section"],
        spread_m=_spread_on(placed.area.to_numpy()),
    )
    notices = _shapeless(lived_in, placed) + _far_sections(placed, points, municipalities)
    return inhabited[columns], notices


def _band_weights(sections: pd.DataFrame, *, by_age: bool) -> pd.DataFrame:
    """Return the weight of each section for each band: its people of that age, or all its people where not known.

    A band that nobody is in on any section of a municipality is weighted by all people too.
    """
    if not by_age:
        return pd.DataFrame(dict.fromkeys(_BANDS, sections["residents"].astype(float)))
    counts = sections[_BANDS]
    nobody = counts.groupby(sections["municipality_code"]).transform("sum") == 0
    weights = np.where(nobody, sections[["residents"]], counts).astype(float)
    return pd.DataFrame(weights, index=sections.index, columns=_BANDS)


def _share_out(municipalities: gpd.GeoDataFrame, candidates: pd.DataFrame) -> gpd.GeoDataFrame:
    groups = pd.Index(municipalities["municipality_code"]).get_indexer(candidates["municipality_code"])
    shares = {
        band: apportion(municipalities[band].to_numpy(), groups, candidates[band].to_numpy(dtype=float))
        for band in _BANDS
    }
    places = gpd.GeoDataFrame(
        {"municipality_code": candidates["municipality_code"], "residents": sum(shares.values()), **shares},
        geometry=gpd.points_from_xy(candidates["x"], candidates["y"]),
        crs=METRIC,
    ).assign(method=candidates["method"], section=candidates["section"].astype(object), spread_m=candidates["spread_m"])
    lived_in = places[places["residents"] > 0]
    columns = ["municipality_code", "section", "method", "spread_m", "residents", *_BANDS, "geometry"]
    return lived_in[columns].reset_index(drop=True)


def _list_methods(
    municipalities: pd.DataFrame, candidates: pd.DataFrame, places: pd.DataFrame, sections: Sections | None
) -> pd.DataFrame:
    methods = candidates.groupby("municipality_code")["method"].first()
    codes = municipalities["municipality_code"]
    counted = pd.Series(dtype="Int64")
    if sections is not None:
        counted = sections.sections.groupby("municipality_code")["residents"].sum().astype("Int64")
    return pd.DataFrame(
        {
            "municipality_code": codes,
            "municipality": municipalities["municipality"],
            "method": codes.map(methods).astype(object).fillna("nowhere"),
            "residents": municipalities["residents"],
            "counted": codes.map(counted).astype("Int64"),
            "places": codes.map(places.groupby("municipality_code").size()).fillna(0).astype("int64"),
        }
    ).reset_index(drop=True)


def _method_notices(methods: pd.DataFrame) -> list[Text]:
    """Say which municipalities have no place, and whose sections hold far fewer or far more people than live there."""
    notices = []
    nowhere = methods[(methods["method"] == "nowhere") & (methods["residents"] > 0)]
    if not nowhere.empty:
        notices.append(
            gettext(
                "Residents without a place, since the municipality has neither sections nor streets: {people} "
                "({names}).",
                people=say_number(nowhere["residents"].sum(), 0),
                names=list_some(nowhere["municipality"].to_list(), _SHOWN),
            )
        )
    share = methods["counted"] / methods["residents"].where(methods["residents"] > 0)
    odd = methods[methods["method"].isin(["sections", "sections_by_age"]) & ~share.between(*_LIKELY_SHARE)]
    notices += [
        gettext(
            "{name}: {counted} residents on the sections, {people} by ISTAT; some sections may be missing.",
            name=name,
            counted=counted,
            people=people,
        )
        for name, counted, people in (
            (row["municipality"], say_number(row["counted"], 0), say_number(row["residents"], 0))
            for row in odd.head(_SHOWN).to_dict("records")
        )
    ]
    return notices


def _shapeless(lived_in: pd.DataFrame, placed: pd.DataFrame) -> list[Text]:
    people = int(lived_in["residents"].sum() - placed["residents"].sum())
    if not people:
        return []
    count = len(lived_in) - len(placed)
    return [
        gettext(
            "Inhabited sections without geometry: {count}, whose {people} residents are put on the "
            "municipality's others.",
            count=count,
            people=people,
        )
    ]


def _far_sections(placed: pd.DataFrame, points: npt.NDArray[np.object_], municipalities: pd.DataFrame) -> list[Text]:
    """Say which sections lie far outside the municipality that they name; residents stay where the section is."""
    outlines = municipalities.set_index("municipality_code").geometry.reindex(placed["municipality_code"]).to_numpy()
    away_m = shapely.distance(points, outlines)
    far = away_m > FAR_M
    if not far.any():
        return []
    listed = ", ".join(placed["section"][far].head(_SHOWN))
    people = int(placed["residents"][far].sum())
    return [
        gettext(
            "Sections more than {far_m:.0f} m from the municipality they belong to: {far}, with {people} "
            "residents, up to {away_m:.0f} m ({listed}).",
            far_m=FAR_M,
            far=far.sum(),
            people=people,
            away_m=away_m.max(),
            listed=listed,
        )
    ]
