"""Registers of services held against the boundaries: where each service counts, and whether its point can be used.

A register says where a service is twice: by the municipality it names, an administrative fact, and by a point, often
geocoded from the address alone. The two are used for two questions.

- *How many are there?* A service counts in the municipality it declares, else in that of its point.
- *Where does one walk to?* To the given point, if it lies in the declared municipality or within
  :data:`BORDER_M` of it: outlines and geocoded points are both off by tens of metres, and walking knows no border.
  Farther away one of the two is wrong and nobody can tell which: the point is not used until somebody corrects it,
  since a service in a wrong place would hide that another place has none.
"""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.crs import require_metric
from psttm_geo.core.messages import LANGUAGES, Text, as_sentence, gettext, pgettext, same
from psttm_geo.services.register_records import ISSUES, USABLE, PlacedRegister, ServiceRegister

BORDER_M = 250.0
"""How far from the declared municipality a point may lie and still be used."""

_TOLD = ("near_border", "doubtful", "no_point")

_CONFLICT_COLUMNS = ["row", "code", "name", "kind", "found_it", "found_en"]


def place_register(register: ServiceRegister, municipalities: gpd.GeoDataFrame) -> PlacedRegister:
    """Hold a register against the boundaries.

    Parameters
    ----------
    register
        As read.
    municipalities
        The territory and the ring around it: ``municipality_code``, ``municipality``, ``in_territory`` and geometry in
        EPSG:32632.

    Returns
    -------
    PlacedRegister
        Services of the territory and of the ring; rows of other places are only counted, those of which nobody can
        tell where they are listed too.

    Raises
    ------
    CrsError
        `municipalities` or the services are not metric.
    """
    require_metric(municipalities, "comuni")
    require_metric(register.services, register.source.title)
    known = municipalities.set_index("municipality_code")
    services = register.services.rename(columns={"municipality_code": "declared_code"})
    services["point_code"] = _codes_of_points(services, municipalities)
    services["distance_m"] = _distances(services, known)
    services["outcome"] = _outcomes(services, known)
    services["municipality_code"] = services["declared_code"].where(
        services["declared_code"].notna(), services["point_code"]
    )
    inside = known["in_territory"].astype(bool)
    services["in_territory"] = services["municipality_code"].map(inside).fillna(value=False).astype(bool)
    near = services["declared_code"].isin(known.index) | services["point_code"].notna()
    nowhere = services.geometry.isna() & services["declared_code"].isna()
    kept = services[near].reset_index(drop=True)
    told = kept[kept["in_territory"] | kept["point_code"].map(inside).fillna(value=False).astype(bool)]
    conflicts = pd.concat(
        [
            _place_conflicts(told, known["municipality"].to_dict()),
            _nowhere_conflicts(register, services[nowhere]),
            _read_conflicts(register.issues, told),
            _shared_points(told),
        ],
        ignore_index=True,
    )
    return PlacedRegister(
        register=register,
        services=kept,
        conflicts=conflicts.sort_values(["row", "kind"]).reset_index(drop=True),
        elsewhere=int((~near & ~nowhere).sum()),
        nowhere=int(nowhere.sum()),
    )


def count_services(placed: PlacedRegister, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Count the services of each municipality of the territory.

    Parameters
    ----------
    placed
        A register held against the boundaries.
    municipalities
        The territory: ``municipality_code``, ``municipality``.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``municipality``, ``by_code`` (that count there, left-out types included), ``by_point``
        (whose raw point lies there), ``usable`` (of a category, with a point that can be walked to).
    """
    services = placed.services[placed.services["outcome"] != "repeated"]
    used = services[services["outcome"].isin(USABLE) & services["category"].notna()]
    columns = {
        "by_code": services["municipality_code"],
        "by_point": services["point_code"],
        "usable": used["municipality_code"],
    }
    codes = municipalities["municipality_code"]
    counts = {name: codes.map(column.value_counts()).fillna(0).astype("int64") for name, column in columns.items()}
    return municipalities[["municipality_code", "municipality"]].assign(**counts).reset_index(drop=True)


def say_register(placed: PlacedRegister, municipalities: pd.DataFrame) -> list[Text]:
    """Say what a register holds and what a person should look at, one line each.

    Parameters
    ----------
    placed
        A register held against the boundaries.
    municipalities
        The territory: ``municipality_code``, ``municipality``.
    """
    counts = count_services(placed, municipalities)
    register, rows = placed.register, _count_rows(placed)
    by_code, by_point = counts["by_code"], counts["by_point"]
    without = sorted(counts.loc[by_code == 0, "municipality"])
    lines = [
        gettext(
            "{title}: {rows} rows; in the territory {by_code} by declared municipality (in {towns_by_code}), "
            "{by_point} by point (in {towns_by_point}), {usable} with a category and a point that can be used.",
            title=register.source.title,
            rows=rows,
            by_code=by_code.sum(),
            towns_by_code=_towns(by_code),
            by_point=by_point.sum(),
            towns_by_point=_towns(by_point),
            usable=counts["usable"].sum(),
        )
    ]
    if 0 < len(without) <= len(counts) // 2:
        listed = ", ".join(without)
        lines.append(gettext("Municipalities without any: {listed}.", listed=listed))
    return [
        *lines,
        as_sentence(say_fates(placed)),
        *_say_categories(placed),
        *register.notices,
        *_say_conflicts(placed.conflicts),
    ]


def _towns(counts: pd.Series) -> Text:
    """Say how many municipalities have any."""
    count = int((counts > 0).sum())
    return gettext("1 municipality") if count == 1 else gettext("{count} municipalities", count=count)


def say_fates(placed: PlacedRegister) -> Text:
    """Say what became of the rows of a register: those used, then each reason why others are not; they add up."""
    services = placed.services
    inside, repeated = services["in_territory"], services["outcome"] == "repeated"
    counted = inside & ~repeated & services["category"].notna()
    usable = services["outcome"].isin(USABLE)
    counts = {
        "used": int((counted & usable).sum()),
        "without_point": int((counted & ~usable).sum()),
        "repeated": int((inside & repeated).sum()),
        "left_out": int((inside & ~repeated & services["category"].isna()).sum()),
        "elsewhere": int((~inside).sum()) + placed.elsewhere,
        "nowhere": placed.nowhere,
    }
    told = [(count, _FATES[fate][count != 1]) for fate, count in counts.items() if count]
    title, total = placed.register.source.title, _count_rows(placed)
    fates = same(" + ").join(same("{count} {fate}").fill(count=count, fate=fate) for count, fate in told)
    return gettext("{title}: rows {total} = {fates}", title=title, total=total, fates=fates)


_OUTSIDE = gettext("outside the territory")

_TYPE_LEFT_OUT = gettext("of a type left out")

_UNREADABLE = gettext("without a readable municipality or point")

_FATES: dict[str, tuple[Text, Text]] = {
    "used": (pgettext("one row", "used"), pgettext("several rows", "used")),
    "without_point": (
        gettext("counted in its municipality, without a usable point"),
        gettext("counted in their municipality, without a usable point"),
    ),
    "repeated": (pgettext("one row", "repeated"), pgettext("several rows", "repeated")),
    "left_out": (_TYPE_LEFT_OUT, _TYPE_LEFT_OUT),
    "elsewhere": (_OUTSIDE, _OUTSIDE),
    "nowhere": (_UNREADABLE, _UNREADABLE),
}
"""What becomes of a row, of one and of several."""


def _count_rows(placed: PlacedRegister) -> int:
    return len(placed.services) + placed.elsewhere + placed.nowhere


def _codes_of_points(services: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame) -> pd.Series:
    """Return the municipality that each point lies in; on a border the first by order."""
    rows, places = municipalities.sindex.query(services.geometry.to_numpy(), predicate="intersects")
    codes = municipalities["municipality_code"].to_numpy()[places]
    return pd.Series(codes, index=services.index[rows], dtype=object).groupby(level=0).first().reindex(services.index)


def _distances(services: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> pd.Series:
    outlines = known.geometry.reindex(services["declared_code"]).to_numpy()
    distances = shapely.distance(services.geometry.to_numpy(), outlines)
    return pd.Series(distances, index=services.index)


def _outcomes(services: gpd.GeoDataFrame, known: gpd.GeoDataFrame) -> pd.Series:
    declared, placed = services["declared_code"], services.geometry.notna()
    # A code that no boundary has is of a place beyond the ring: far from any point within it.
    far = declared.notna() & ~declared.isin(known.index) & services["point_code"].notna()
    outcomes = np.select(
        [
            _repeated(services),
            ~placed,
            declared.isna(),
            far | (services["distance_m"] > BORDER_M),
            services["distance_m"] > 0,
        ],
        ["repeated", "no_point", "by_point", "doubtful", "near_border"],
        "agrees",
    )
    return pd.Series(outcomes, index=services.index, dtype=object)


def _repeated(services: gpd.GeoDataFrame) -> pd.Series:
    """Return which services stand there again; one that is nowhere is not where another one would be repeated.

    Case tells no two codes apart.
    """
    somewhere = services[services["declared_code"].notna() | services.geometry.notna()]
    keys = pd.DataFrame({"code": somewhere["code"].astype(str).str.casefold(), "category": somewhere["category"]})
    again: pd.Series = keys["code"].ne("") & keys.duplicated()
    repeated: pd.Series = again.reindex(services.index, fill_value=False)
    return repeated


def _place_conflicts(services: gpd.GeoDataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Say the services whose point and municipality contradict each other, that have no point, or stand there twice."""
    rows = []
    for service in services[services["outcome"].isin([*_TOLD, "repeated"])].to_dict("records"):
        declared = names.get(service["declared_code"], service["declared_code"])
        place = names.get(service["point_code"])
        found = {
            "no_point": gettext("{declared}, without a point", declared=declared),
            "repeated": gettext("code seen before"),
        }.get(service["outcome"]) or _say_distance(declared, place, service["distance_m"])
        rows.append((service["row"], service["code"], service["name"], service["outcome"], *found))
    return pd.DataFrame(rows, columns=_CONFLICT_COLUMNS)


def _nowhere_conflicts(register: ServiceRegister, services: pd.DataFrame) -> pd.DataFrame:
    """List the rows of which nobody can tell where they are, with what stands in them."""
    written = register.issues.groupby("row")["written"].agg(lambda said: " ".join(dict.fromkeys(said)))
    said = services["row"].map(written).astype(object).fillna(services["declared_code"]).fillna("").astype(str)
    found = [gettext("“{text}”", text=text) if text else gettext("without municipality and point") for text in said]
    listed = services[["row", "code", "name"]].assign(kind="nowhere")
    listed["found_it"], listed["found_en"] = [text.it for text in found], [text.en for text in found]
    return pd.DataFrame(listed, columns=_CONFLICT_COLUMNS)


def _say_distance(declared: str, place: str | None, distance_m: float) -> Text:
    where = gettext("outside the area") if place is None else gettext("in {place}", place=place)
    away = "" if np.isnan(distance_m) else f" ({distance_m:.0f} m)"
    return gettext("declared {declared}, point {where}{away}", declared=declared, where=where, away=away)


def _read_conflicts(issues: pd.DataFrame, services: pd.DataFrame) -> pd.DataFrame:
    """Return what reading listed, for the services that are told."""
    joined = issues.astype({"row": "int64"}).merge(
        services[["row", "code", "name"]], on="row", how="inner", validate="m:1"
    )
    quoted = {"found_it": "«" + joined["written"] + "»", "found_en": "“" + joined["written"] + "”"}
    conflicts: pd.DataFrame = joined.assign(**quoted)[_CONFLICT_COLUMNS]
    return conflicts


def _shared_points(services: gpd.GeoDataFrame) -> pd.DataFrame:
    """List services of one category on one point: an address that was geocoded without its number, as a rule."""
    usable = services[services["outcome"].isin(USABLE) & services["category"].notna()]
    spots = pd.DataFrame({"category": usable["category"], "x": usable.geometry.x, "y": usable.geometry.y})
    shared = usable[spots.duplicated(keep=False)]
    if shared.empty:
        return pd.DataFrame(columns=_CONFLICT_COLUMNS)
    keys = spots.loc[shared.index]
    rows = shared["row"].astype(str).groupby([keys[name] for name in keys]).transform(", ".join)
    conflicts: pd.DataFrame = shared.assign(
        kind="shared_point", **{f"found_{one}": _SAME_POINT.say(one) + rows for one in LANGUAGES}
    )[_CONFLICT_COLUMNS]
    return conflicts


_SAME_POINT = gettext("same point, rows ")


def _say_categories(placed: PlacedRegister) -> Iterable[Text]:
    inside = placed.services[placed.services["in_territory"]]
    counts = inside["category"].value_counts(sort=False)
    if len(counts) > 1:
        listed = ", ".join(f"{category} {count}" for category, count in counts.items())
        yield gettext("By category, in the territory: {listed}.", listed=listed)
    reasons = placed.register.left_out.set_index("type")
    for written, count in inside.loc[inside["category"].isna(), "type"].value_counts(sort=False).items():
        reason = reasons.loc[written]
        said = Text(reason["reason_it"], reason["reason_en"])
        yield gettext("Left out “{written}”: {count} ({reason}).", written=written, count=count, reason=said)


def _say_conflicts(conflicts: pd.DataFrame) -> Iterable[Text]:
    """Say each conflict; services that share a point are told once, with the first of them."""
    again = (conflicts["kind"] == "shared_point") & conflicts.duplicated(["kind", "found_en"])
    for conflict in conflicts[~again].to_dict("records"):
        done = ISSUES[conflict["kind"]]
        who = f"{conflict['code']} {conflict['name']}".strip()
        subject = f"{conflict['row']}: {who}" if who else str(conflict["row"])
        found = Text(conflict["found_it"], conflict["found_en"])
        yield gettext("row {subject}: {found}; {done}.", subject=subject, found=found, done=done)
