"""The plan as layers: goals, their applicability, drivers and their coverage, as the GeoPackage delivers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely

from psttm_geo.plan.applicability import ScopeInputs, aggregate_answers, apply_scopes
from psttm_geo.plan.driver_coverage import (
    LOCATED,
    count_answers,
    located_projects,
    normative_coverage,
    weighted_coverage,
)
from psttm_geo.plan.driver_projects import COUNTS, count_projects, find_drivers
from psttm_geo.plan.focus import join_focuses
from psttm_geo.plan.project_counts import PROVINCE, count_by_unit
from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects, waits
from psttm_geo.plan.records import Plan
from psttm_geo.schema.answers import YES
from psttm_geo.schema.code_lists import GOAL_KEY

MUNICIPALITY, ZONE, UNION, WHOLE = "comune", "zona", "unione", "citta_metropolitana"
"""Kinds of unit, as the layers name them."""

OWN_UNIT = "unita"
"""The kind of the office's own units, as the layers name it."""

_LABEL = {MUNICIPALITY: "municipality_code", ZONE: "zone", UNION: "union"}
"""What names a unit in its layer; the whole needs no name."""

_PROJECT_COLUMNS = ["project", "municipality_code", "edition", "attributed", "amount_eur", "share", "rule", "waits"]


@dataclass(frozen=True)
class PlanAnswers:
    """Where the goals of all plans apply, and whom they call.

    Attributes
    ----------
    municipalities
        As :func:`psttm_geo.plan.focus.join_focuses` returns them.
    units
        Key of the goal, ``unit_kind``, ``unit``, ``applies``, ``called``: municipalities, zones, and the unions of the
        goal's own edition.
    """

    municipalities: pd.DataFrame
    units: pd.DataFrame


def answer_goals(municipalities: gpd.GeoDataFrame, plans: Sequence[Plan], inputs: ScopeInputs) -> PlanAnswers:
    """Answer where every goal of every plan applies, whom it calls and what it names in particular.

    Parameters
    ----------
    municipalities
        ``municipality_code``, ``zone``, ``residents`` and geometry in EPSG:32632.
    plans
        At least one.
    inputs
        What rules are executed on.

    Raises
    ------
    CrsError
        A layer is not metric.
    """
    goals = pd.concat([plan.goals for plan in plans], ignore_index=True)
    focuses = pd.concat([plan.focuses for plan in plans], ignore_index=True)
    answers = join_focuses(apply_scopes(goals, municipalities, inputs), focuses, municipalities, inputs)
    parts = [
        answers.assign(unit_kind=MUNICIPALITY, unit=answers["municipality_code"]),
        aggregate_answers(answers, _zone_members(municipalities)).assign(unit_kind=ZONE),
    ]
    for plan in plans:
        mine = answers[answers["edition"] == plan.edition.identifier]
        members = plan.unions.rename(columns={"union": "unit"})
        parts.append(aggregate_answers(mine, members).assign(unit_kind=UNION))
    columns = [*GOAL_KEY, "unit_kind", "unit", "applies", "called"]
    return PlanAnswers(answers, pd.concat([part[columns] for part in parts], ignore_index=True))


def goal_layer(plans: Sequence[Plan], answers: PlanAnswers, municipalities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer ``obiettivi``: every goal with the union of the municipalities it applies to.

    Goals that apply to the same municipalities share one shape, computed once; a goal whose municipalities are all
    unknown has none.
    """
    goals = pd.concat([plan.goals for plan in plans], ignore_index=True)
    applying = answers.municipalities[answers.municipalities["applies"] == YES]
    members = applying.groupby(GOAL_KEY, sort=False)["municipality_code"].agg(frozenset)
    shapes = dict(zip(municipalities["municipality_code"], municipalities.geometry, strict=True))
    united: dict[frozenset[str], shapely.Geometry] = {
        codes: shapely.union_all([shapes[code] for code in sorted(codes)]) for codes in set(members)
    }
    keys = list(goals[GOAL_KEY].itertuples(index=False, name=None))
    geometry = [united[members[key]] if key in members.index else None for key in keys]
    stated = {name: goals[name].mask(goals[name] == "") for name in ("mark_edition", "text_passage")}
    return gpd.GeoDataFrame(goals.assign(**stated), geometry=geometry, crs=municipalities.crs)


def driver_layers(
    municipalities: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    unions: gpd.GeoDataFrame,
    plans: Sequence[Plan],
    answers: PlanAnswers,
    projects: tuple[pd.DataFrame, pd.DataFrame] | None,
) -> dict[str, gpd.GeoDataFrame]:
    """Return ``driver_comuni``, ``driver_zone`` and ``driver_unioni``.

    Parameters
    ----------
    municipalities, zones, unions
        The layers ``comuni``, ``zone_omogenee`` and ``unioni_comuni``.
    plans
        The editions.
    answers
        As :func:`answer_goals` returns them.
    projects
        One row per project and municipality, and the drivers of projects, as
        :func:`psttm_geo.plan.driver_projects.count_projects` wants them; None without a register: numbers and amounts
        are then unknown, not zero. Projects of all editions count.
    """
    driver_goals = pd.concat([plan.driver_goals for plan in plans], ignore_index=True)
    drivers = pd.concat([plan.drivers for plan in plans], ignore_index=True)
    members = _members(municipalities, plans)
    normative = {
        kind: normative_coverage(
            answers.units[answers.units["unit_kind"] == kind], driver_goals, drivers, members[kind]
        )
        for kind in _LABEL
    }
    covered = {
        kind: _with_projects(normative[kind], members[kind], projects, drivers).assign(
            indicator=None, value=float("nan")
        )
        for kind in _LABEL
    }
    for kind in (ZONE, UNION):
        weighted = weighted_coverage(normative[MUNICIPALITY], members[kind], municipalities)
        covered[kind] = covered[kind].merge(weighted, on=["edition", "driver", "unit"], how="left", validate="1:1")
    return {
        "driver_comuni": _on_shapes(
            covered[MUNICIPALITY], municipalities, {"unit": "municipality_code"}, "municipality"
        ),
        "driver_zone": _on_shapes(covered[ZONE], zones, {"unit": "zone"}),
        "driver_unioni": _on_shapes(covered[UNION], unions, {"unit": "union"}),
    }


def filtered_projects(  # noqa: PLR0913 - who belongs where, and what counts
    rows: pd.DataFrame,
    kind: str,
    municipalities: pd.DataFrame,
    plans: Sequence[Plan],
    projects: pd.DataFrame,
    links: pd.DataFrame,
    *,
    asked: str | None,
) -> pd.DataFrame:
    """Count the projects of drivers in units of a kind, of all editions or of one.

    Parameters
    ----------
    rows
        ``edition``, ``driver``, ``unit``; of the whole, :data:`WHOLE` is the unit.
    kind, municipalities, plans, projects
        As for :func:`with_project_counts`; `projects` may be some of them.
    links
        The drivers of all projects of the register.
    asked
        An edition, that of projects whose edition is unknown, or None for all.

    Returns
    -------
    DataFrame
        As :func:`psttm_geo.plan.driver_projects.count_projects` returns it.
    """
    drivers = pd.concat([plan.drivers for plan in plans], ignore_index=True)
    return count_projects(rows, _members(municipalities, plans)[kind], projects, links, drivers, asked=asked)


def with_measures(
    drivers: Mapping[str, gpd.GeoDataFrame], plans: Sequence[Plan], measured: Mapping[str, pd.DataFrame]
) -> dict[str, gpd.GeoDataFrame]:
    """Fill ``indicator`` and ``value``: what a driver's goals are measured by, where it was computed.

    Parameters
    ----------
    drivers
        As :func:`driver_layers` returns them.
    plans
        The editions.
    measured
        Of these layers, by name, the layer of accessibility of the same units, one row per unit.

    Returns
    -------
    dict
        A driver that combines several measured goals carries the measure of the first.
    """
    driver_goals = pd.concat([plan.driver_goals for plan in plans], ignore_index=True)
    goals = pd.concat([plan.goals for plan in plans], ignore_index=True)
    joined = driver_goals.merge(goals[[*GOAL_KEY, "measure"]], on=GOAL_KEY, how="left", validate="m:1")
    told = joined[joined["measure"].isin(list(_MEASURES))]
    measures = told.drop_duplicates(["edition", "driver"])[["edition", "driver", "measure"]]
    return {
        name: _with_measure(layer, measures, measured[name]) if name in measured else layer
        for name, layer in drivers.items()
    }


_MEASURES = {"quota_tutte_15": "share_all_15"}
"""Columns of the layers of accessibility, by the name that ``goals.csv`` gives a measure."""

_UNIT_KEYS = ("municipality_code", "zone", "union", "edition")


def _with_measure(layer: gpd.GeoDataFrame, measures: pd.DataFrame, measured: pd.DataFrame) -> gpd.GeoDataFrame:
    keys = [name for name in _UNIT_KEYS if name in layer.columns and name in measured.columns]
    columns = list(_MEASURES.values())
    joined = layer.merge(measures, on=["edition", "driver"], how="left", validate="m:1")
    joined = joined.merge(measured[[*keys, *columns]], on=keys, how="left", validate="m:1")
    for measure, column in _MEASURES.items():
        mine = (joined["measure"] == measure) & joined[column].notna()
        joined.loc[mine, "value"] = joined.loc[mine, column]
        joined.loc[mine, "indicator"] = measure
    return joined.drop(columns=["measure", *columns])


def driver_table(plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the table ``driver``; ``goals`` lists the goals that a driver combines, such as "1.2, 1.5"."""
    tables = []
    for plan in plans:
        combined = plan.driver_goals.assign(
            goal=plan.driver_goals["mission"].astype(str) + "." + plan.driver_goals["number"].astype(str)
        )
        goals = combined.groupby("driver")["goal"].agg(", ".join).rename("goals")
        tables.append(plan.drivers.merge(goals.reset_index(), on="driver", how="left", validate="1:1"))
    return pd.concat(tables, ignore_index=True)


def with_project_counts(
    units: gpd.GeoDataFrame,
    kind: str,
    municipalities: gpd.GeoDataFrame,
    plans: Sequence[Plan],
    projects: pd.DataFrame | None,
) -> gpd.GeoDataFrame:
    """Add to a layer of units how many projects of all editions stand in each.

    Parameters
    ----------
    units
        ``comuni``, ``zone_omogenee``, ``unioni_comuni`` or ``citta_metropolitana``.
    kind
        :data:`MUNICIPALITY`, :data:`ZONE`, :data:`UNION` or :data:`WHOLE`.
    municipalities
        ``municipality_code``, ``zone``.
    plans
        The editions.
    projects
        As :func:`project_places` returns them; None without a register.

    Returns
    -------
    GeoDataFrame
        `units` with :data:`LOCATED`: zero where a register has none, NA without a register.
    """
    if projects is None:
        return units.assign(**dict.fromkeys(LOCATED, pd.array([pd.NA] * len(units), dtype="Int64")))
    keys = ["edition", "unit"] if kind == UNION else ["unit"]
    counts = located_projects(projects, _members(municipalities, plans)[kind])
    labelled = units.assign(unit=units[_LABEL[kind]] if kind in _LABEL else WHOLE)
    joined = labelled.merge(counts, on=keys, how="left", validate="1:1").drop(columns="unit")
    return joined.assign(**{name: joined[name].fillna(0).astype("Int64") for name in LOCATED})


def project_places(projects: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return one row per project and municipality, with its amount there, and whether the project has a driver.

    Parameters
    ----------
    projects
        ``project``, ``edition``, ``drivers``, ``amount_eur``, ``submeasure``.
    places
        ``project``, ``municipality_code``, ``share``, ``rule``.
    """
    named = projects[["project", "edition", "amount_eur"]].assign(
        attributed=projects["drivers"] != "", waits=waits(projects)
    )
    joined = places.merge(named, on="project", validate="m:1")
    return joined.assign(amount_eur=joined["amount_eur"] * joined["share"])[_PROJECT_COLUMNS]


def project_counts(projects: Projects, municipalities: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the table ``progetti_conteggi``; parameters as :func:`with_project_counts`."""
    residents = municipalities.set_index("municipality_code")["residents"]
    members = _members(municipalities, plans)
    province = pd.DataFrame({"unit": [WHOLE], "municipality_code": [PROVINCE]})
    members[WHOLE] = pd.concat([members[WHOLE], province], ignore_index=True)
    return count_by_unit(projects.projects, projects.places, members, residents)


def project_drivers(projects: Projects, plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the table ``progetti_driver``: the drivers of each edition that projects belong to, or may belong to."""
    drivers = pd.concat([plan.drivers for plan in plans], ignore_index=True)
    pairs = find_drivers(projects.drivers, drivers).drop(columns="project_edition")
    return pairs.sort_values(["project", "edition", "driver"], ignore_index=True)


def goal_counts(answers: PlanAnswers) -> pd.DataFrame:
    """Return the table ``obiettivi_conteggi``."""
    return count_answers(answers.units)


def _zone_members(municipalities: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"unit": municipalities["zone"], "municipality_code": municipalities["municipality_code"]})


def _members(municipalities: pd.DataFrame, plans: Sequence[Plan]) -> dict[str, pd.DataFrame]:
    """Return ``unit`` and ``municipality_code`` of every kind of unit, and ``edition`` of unions."""
    codes = municipalities["municipality_code"]
    return {
        MUNICIPALITY: pd.DataFrame({"unit": codes, "municipality_code": codes}),
        ZONE: _zone_members(municipalities),
        UNION: pd.concat(
            [plan.unions.assign(unit=plan.unions["union"], edition=plan.edition.identifier) for plan in plans],
            ignore_index=True,
        ),
        WHOLE: pd.DataFrame({"unit": WHOLE, "municipality_code": codes}),
    }


def _with_projects(
    coverage: pd.DataFrame,
    members: pd.DataFrame,
    projects: tuple[pd.DataFrame, pd.DataFrame] | None,
    drivers: pd.DataFrame,
) -> pd.DataFrame:
    """Add the projects of each driver: of all editions, of its own, of unknown edition, and those that may be its."""
    if projects is None:
        unknown = pd.array([pd.NA] * len(coverage), dtype="Int64")
        blank = dict.fromkeys(("amount_eur", "amount_of_edition_eur"), float("nan"))
        return coverage.assign(**dict.fromkeys(_COUNTED, unknown), **blank)
    everywhere = count_projects(coverage, members, *projects, drivers)
    own = count_projects(coverage, members, *projects, drivers, own=True)
    unknown_edition = count_projects(coverage, members, *projects, drivers, asked=UNKNOWN_EDITION)
    return coverage.assign(
        **{name: everywhere[name] for name in COUNTS},
        projects_of_edition=own["projects"],
        amount_of_edition_eur=own["amount_eur"],
        projects_edition_unknown=unknown_edition["projects"].fillna(0).mask(everywhere["projects"].isna()),
        projects_possible=everywhere["projects_possible"],
    )


_COUNTED = (
    "projects",
    "projects_without_amount",
    "projects_of_edition",
    "projects_edition_unknown",
    "projects_possible",
)


def _on_shapes(
    coverage: pd.DataFrame, shapes: gpd.GeoDataFrame, names: dict[str, str], *carried: str
) -> gpd.GeoDataFrame:
    table = coverage.rename(columns=names)
    keys = [*names.values(), *(["edition"] if "edition" in shapes.columns else [])]
    joined = table.merge(shapes[[*keys, *carried, "geometry"]], on=keys, how="left", validate="m:1")
    return gpd.GeoDataFrame(joined, crs=shapes.crs)
