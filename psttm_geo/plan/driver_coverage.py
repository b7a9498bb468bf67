"""How drivers cover the territory: by rule, by projects, by measure; the three are never mixed.

*Normative*: the share of a driver's goals that apply to a unit, and that call it, with the unknown share beside.
*Activated*: projects of a register; a project counts once in a unit, its amount is shared among its municipalities, by
published shares or equally, so that amounts add up to the register's over any partition of the territory. Projects
whose amount is unknown are counted beside the amount, those without a driver beside all projects of the unit.
*Measured*: a named indicator, when it has been computed.
"""

import pandas as pd

from psttm_geo.plan.project_records import UNKNOWN_EDITION
from psttm_geo.schema.answers import NOT_MARKED, UNKNOWN, YES
from psttm_geo.schema.code_lists import GOAL_KEY

SHARE_DECIMALS = 4

_DRIVER = ["edition", "driver"]

_SHARES = ["applies_share", "applies_unknown_share", "called_share", "called_unmarked_share", "called_unknown_share"]


def normative_coverage(
    answers: pd.DataFrame, driver_goals: pd.DataFrame, drivers: pd.DataFrame, units: pd.DataFrame
) -> pd.DataFrame:
    """Count the goals of each driver that apply to each unit.

    Parameters
    ----------
    answers
        Key of the goal, ``unit``, ``applies``, ``called``.
    driver_goals
        ``edition``, ``driver``, ``mission``, ``number``.
    drivers
        ``edition``, ``driver``.
    units
        ``edition`` (or absent: then every edition), ``unit``.

    Returns
    -------
    DataFrame
        ``edition``, ``driver``, ``unit``, ``goal_count`` and the shares ``applies_share``, ``applies_unknown_share``,
        ``called_share``, ``called_unmarked_share``, ``called_unknown_share`` (0-1); one row per driver and unit, also
        of a driver without goals, whose shares are unknown (NA).
    """
    joined = driver_goals[[*_DRIVER, "mission", "number"]].merge(answers, on=GOAL_KEY, how="inner", validate="m:m")
    flags = joined.assign(
        applies_share=joined["applies"] == YES,
        applies_unknown_share=joined["applies"] == UNKNOWN,
        called_share=joined["called"] == YES,
        called_unmarked_share=joined["called"] == NOT_MARKED,
        called_unknown_share=joined["called"] == UNKNOWN,
    )
    grouped = flags.groupby([*_DRIVER, "unit"], sort=False)
    counted = grouped[_SHARES].mean().round(SHARE_DECIMALS).assign(goal_count=grouped.size()).reset_index()
    every = _drivers_by_unit(drivers, units).merge(counted, on=[*_DRIVER, "unit"], how="left", validate="1:1")
    return every.assign(goal_count=every["goal_count"].fillna(0).astype("int64"))


def weighted_coverage(coverage: pd.DataFrame, units: pd.DataFrame, municipalities: pd.DataFrame) -> pd.DataFrame:
    """Average the coverage of municipalities over larger units, weighted by residents.

    Parameters
    ----------
    coverage
        As :func:`normative_coverage` returns it, the units being municipality codes.
    units
        ``edition`` (or absent: then every edition), ``unit``, ``municipality_code``; one row per member.
    municipalities
        ``municipality_code``, ``residents``.

    Returns
    -------
    DataFrame
        ``edition``, ``driver``, ``unit`` and each share with ``_residents`` behind its name (0-1; NA for a driver
        without goals).
    """
    keys = ["edition", "municipality_code"] if "edition" in units.columns else ["municipality_code"]
    mine = coverage.rename(columns={"unit": "municipality_code"}).merge(units, on=keys, how="inner", validate="m:m")
    mine = mine.merge(municipalities[["municipality_code", "residents"]], on="municipality_code", validate="m:1")
    weighted = mine[[*_DRIVER, "unit", "residents"]].join(mine[_SHARES].mul(mine["residents"], axis=0))
    sums = weighted.groupby([*_DRIVER, "unit"], sort=False)[[*_SHARES, "residents"]].sum(min_count=1)
    shares = sums[_SHARES].div(sums["residents"], axis=0).round(SHARE_DECIMALS)
    return shares.add_suffix("_residents").reset_index()


def activated_coverage(projects: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Count projects and share their amounts by unit and driver.

    Parameters
    ----------
    projects
        One row per project, driver and municipality: ``project``, ``municipality_code``, ``driver``, ``amount_eur``
        (what falls to the municipality; NA where unknown).
    units
        ``unit``, ``municipality_code``; one row per member.

    Returns
    -------
    DataFrame
        ``driver``, ``unit``, ``projects``, ``amount_eur`` (of the projects whose amount is known; NA where none is),
        ``projects_without_amount``.
    """
    joined = projects.merge(units[["unit", "municipality_code"]], on="municipality_code", how="inner", validate="m:m")
    told = joined.assign(without_amount=joined["project"].where(joined["amount_eur"].isna()))
    grouped = told.groupby(["driver", "unit"], sort=False)
    return grouped.agg(
        projects=("project", "nunique"),
        amount_eur=("amount_eur", lambda shares: shares.sum(min_count=1)),
        projects_without_amount=("without_amount", "nunique"),
    ).reset_index()


LOCATED = ("projects", "projects_unattributed", "projects_edition_unknown")
"""What :func:`located_projects` counts."""


def located_projects(projects: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Count the projects of each unit, of all editions; each once, however many members it touches.

    Parameters
    ----------
    projects
        One row per project and municipality: ``project``, ``municipality_code``, ``edition`` (may be unknown),
        ``attributed`` (bool: to a driver).
    units
        ``edition`` of units that only that edition has (or absent), ``unit``, ``municipality_code``; one row per
        member.

    Returns
    -------
    DataFrame
        The keys of `units` and :data:`LOCATED`: all, those not attributed to a driver, those of unknown edition; units
        without a project have no row.
    """
    keys = ["edition", "unit"] if "edition" in units.columns else ["unit"]
    mine = projects.rename(columns={"edition": "project_edition"})
    joined = mine.merge(units[[*keys, "municipality_code"]], on="municipality_code", how="inner", validate="m:m")
    grouped = joined.assign(
        waiting=joined["project"].where(~joined["attributed"]),
        undated=joined["project"].where(joined["project_edition"] == UNKNOWN_EDITION),
    ).groupby(keys, sort=False)
    return grouped.agg(
        projects=("project", "nunique"),
        projects_unattributed=("waiting", "nunique"),
        projects_edition_unknown=("undated", "nunique"),
    ).reset_index()


def count_answers(answers: pd.DataFrame) -> pd.DataFrame:
    """Count the goals of each mission that apply to each unit, and that call it.

    Parameters
    ----------
    answers
        Key of the goal, ``unit_kind``, ``unit``, ``applies``, ``called``.

    Returns
    -------
    DataFrame
        ``edition``, ``unit_kind``, ``unit``, ``mission``, ``goal_count``, ``applies_count``, ``applies_unknown_count``,
        ``called_count``, ``called_unmarked_count``, ``called_unknown_count``.
    """
    flags = answers.assign(
        goal_count=1,
        applies_count=answers["applies"] == YES,
        applies_unknown_count=answers["applies"] == UNKNOWN,
        called_count=answers["called"] == YES,
        called_unmarked_count=answers["called"] == NOT_MARKED,
        called_unknown_count=answers["called"] == UNKNOWN,
    )
    counts = [name for name in flags.columns if name.endswith("_count")]
    return flags.groupby(["edition", "unit_kind", "unit", "mission"], sort=False)[counts].sum().reset_index()


def _drivers_by_unit(drivers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Pair every driver with every unit of its edition."""
    if "edition" in units.columns:
        return drivers[_DRIVER].merge(units[["edition", "unit"]].drop_duplicates(), on="edition", validate="m:m")
    return drivers[_DRIVER].merge(units[["unit"]].drop_duplicates(), how="cross")
