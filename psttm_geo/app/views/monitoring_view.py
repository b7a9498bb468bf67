"""What the register of implementation answers to a planner, as tables for the pages."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from psttm_geo.jobs.monitoring_register import Monitoring
from psttm_geo.plan.monitoring_answers import (
    agreements_binding,
    changed_since,
    due_milestones,
    dup_coverage,
    stated_on,
    typed,
)


def list_due(register: Monitoring, today: date, months: int = 6) -> pd.DataFrame:
    """Return the milestones that are late or due within some months of a day, as :func:`due_milestones`."""
    return due_milestones(register.tables["milestones"], today, months)


def list_binding(register: Monitoring, zone: str, members: Mapping[str, str], today: date) -> pd.DataFrame:
    """Return the agreements that bind a zona omogenea on a day, as :func:`agreements_binding`."""
    return agreements_binding(register.tables["agreements"], zone, members, today)


def list_coverage(register: Monitoring, municipalities: pd.DataFrame, mission: int | None = None) -> pd.DataFrame:
    """Return the rows of the DUP of every municipality, of a mission of the plan or of all, as :func:`dup_coverage`."""
    return dup_coverage(register.tables["dup_links"], municipalities, mission)


def list_without_dup(register: Monitoring, municipalities: pd.DataFrame, mission: int | None = None) -> pd.DataFrame:
    """Return the municipalities that no row of a DUP is registered of, for a mission of the plan or for all."""
    counted = list_coverage(register, municipalities, mission)
    return counted.loc[counted["dup_rows"] == 0, ["municipality_code", "municipality"]].reset_index(drop=True)


def list_changes(register: Monitoring, since: date) -> pd.DataFrame:
    """Return the revisions of the plan's data since a day, as :func:`changed_since`."""
    return changed_since(register.tables["updates"], since)


def list_stated(register: Monitoring, day: date) -> pd.DataFrame:
    """Return what the plan said on a day of everything that was ever revised, as :func:`stated_on`."""
    return stated_on(register.tables["updates"], day)


def list_series(register: Monitoring, indicator: str) -> pd.DataFrame:
    """Return the observations of an indicator by place and day, unknown values as NA."""
    observations = typed("observations", register.tables["observations"])
    own = observations[observations["indicator"].str.casefold() == indicator.casefold()]
    return own.sort_values(["place", "observed_on", "source"], ignore_index=True)
