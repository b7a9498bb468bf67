"""What the register of implementation answers: what is due, what binds a zone, which DUPs say what, what changed."""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from psttm_geo.plan.monitoring_references import METROPOLITAN_CITY
from psttm_geo.plan.monitoring_tables import COLUMNS

_MONTHS = 3
"""Of a quarter."""


def quarter_end(quarter: str) -> date:
    """Return the last day of a quarter such as 2026-T2."""
    year, number = int(quarter[:4]), int(quarter[-1])
    return date(year + number // 4, number % 4 * _MONTHS + 1, 1) - timedelta(days=1)


def due_milestones(milestones: pd.DataFrame, today: date, months: int = 6) -> pd.DataFrame:
    """Return the milestones that are late, and those due within some months, the earliest first.

    Parameters
    ----------
    milestones
        As read; one with ``reached_on`` or, of a target, a ``value`` at least as far as the target, is reached.
    today
        The day of the question.
    months
        How far ahead it goes.

    Returns
    -------
    DataFrame
        Their rows, with ``due_on``, the last day of their quarter, and ``due_state``: ``in ritardo``, ``in scadenza``.
    """
    due = with_due(milestones, today)
    until = (pd.Timestamp(today) + pd.DateOffset(months=months)).date().isoformat()
    wanted = due["due_state"].isin([LATE, DUE]) & (due["due_on"] <= until)
    return due[wanted].sort_values(["due_on", "milestone"], ignore_index=True)


LATE, DUE, REACHED = "in ritardo", "in scadenza", "conseguito"


def with_due(milestones: pd.DataFrame, today: date) -> pd.DataFrame:
    """Return milestones with ``due_on`` and ``due_state``: reached, late, or due on a day that has not passed."""
    due_on = milestones["due_quarter"].map(lambda quarter: quarter_end(quarter).isoformat()).astype("str")
    reached = (milestones["reached_on"] != "") | _is_met(milestones)
    state = pd.Series(DUE, index=milestones.index, dtype="str")
    state = state.mask(due_on < today.isoformat(), LATE).mask(reached, REACHED)
    return milestones.assign(due_on=due_on, due_state=state)


def _is_met(milestones: pd.DataFrame) -> pd.Series:
    """Return whether the value of a target has come as far as the target, from where it started."""
    value, target, baseline = (
        pd.to_numeric(milestones[name], errors="coerce") for name in ("value", "target", "baseline")
    )
    falling = baseline > target
    return ((value >= target) & ~falling) | ((value <= target) & falling)


def agreements_binding(agreements: pd.DataFrame, zone: str, members: Mapping[str, str], today: date) -> pd.DataFrame:
    """Return the agreements that bind a zona omogenea by name or through municipalities of it.

    Parameters
    ----------
    agreements
        As read.
    zone
        Its name.
    members
        The zone of each municipality, by ISTAT code.
    today
        Those that ended or lapsed, or expired before it, bind no more.

    Returns
    -------
    DataFrame
        Their rows, with ``binds``: ``zona``, or the codes of the municipalities of the zone that they name.
    """
    named = agreements["zones"].str.split(";").map(lambda zones: zone in zones).astype(bool)
    within = (
        agreements["municipalities"]
        .str.split(";")
        .map(lambda codes: ";".join(code for code in codes if members.get(code) == zone))
    )
    over = agreements["agreement_status"].isin(_OVER)
    over |= (agreements["expires_on"] != "") & (agreements["expires_on"] < today.isoformat())
    binds = within.astype("str").mask(named, "zona")
    return agreements.assign(binds=binds)[(binds != "") & ~over].reset_index(drop=True)


_OVER = ("concluso", "decaduto")


def dup_coverage(dup_links: pd.DataFrame, municipalities: pd.DataFrame, mission: int | None = None) -> pd.DataFrame:
    """Return how many rows the DUP of every municipality has, of all missions of the plan or of one.

    Parameters
    ----------
    dup_links
        As read.
    municipalities
        ``municipality_code`` and ``municipality``.
    mission
        Of the plan, the one of the goal that a row names; of any edition.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``municipality``, ``dup_rows`` and ``goal_count``; 0 where no row is registered, which
        does not mean that the DUP has none.
    """
    rows = dup_links[dup_links["body"] != METROPOLITAN_CITY]
    if mission is not None:
        rows = rows[rows["goal"].str.partition(".")[0] == str(mission)]
    goals = rows.assign(named=rows["edition"] + " " + rows["goal"]).groupby("body")["named"].agg(["size", "nunique"])
    counted = municipalities[["municipality_code", "municipality"]].merge(
        goals.rename(columns={"size": "dup_rows", "nunique": "goal_count"}),
        left_on="municipality_code",
        right_index=True,
        how="left",
        validate="1:1",
    )
    return counted.fillna({"dup_rows": 0, "goal_count": 0}).astype({"dup_rows": "int64", "goal_count": "int64"})


def changed_since(updates: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the revisions of the plan's data on a day or later, in their order."""
    return updates[updates["revised_on"] >= day.isoformat()].reset_index(drop=True)


def stated_on(updates: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return what the plan said on a day, of everything that was ever revised.

    What was revised later only was what its first later revision found.

    Parameters
    ----------
    updates
        As read, in the order of their days.
    day
        Revisions of that very day count.

    Returns
    -------
    DataFrame
        ``edition``, ``plan_table``, ``item``, ``field``, ``stated`` and ``revised_on``, blank where it had not been
        revised yet.
    """
    key = ["edition", "plan_table", "item", "field"]
    done = updates["revised_on"] <= day.isoformat()
    last = updates[done].drop_duplicates(key, keep="last")
    first = updates[~done].drop_duplicates(key)
    later = first.assign(after=first["before"], revised_on="")
    found = pd.concat([last, later]).drop_duplicates(key).rename(columns={"after": "stated"})
    return found[[*key, "stated", "revised_on"]].sort_values(key, ignore_index=True)


def typed(table: str, cells: pd.DataFrame) -> pd.DataFrame:
    """Return a table as read with its numbers as numbers, unknown ones as NA."""
    read = cells.copy()
    for column in COLUMNS[table]:
        if column.kind in ("signed_number", "measured_value"):
            read[column.name] = pd.to_numeric(read[column.name], errors="coerce").astype("Float64")
        elif column.kind in ("count", "budget_code"):
            read[column.name] = pd.to_numeric(read[column.name], errors="coerce").astype("Int64")
    return read
