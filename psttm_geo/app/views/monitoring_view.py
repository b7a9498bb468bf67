"""What the register of implementation answers to a planner, as tables for the pages."""

import math
from collections.abc import Mapping
from datetime import date

import pandas as pd

from psttm_geo.app.state import State, map_state
from psttm_geo.app.texts import number, say
from psttm_geo.app.views.unit_maps import class_legend, colour_by_unit
from psttm_geo.app.views.year_axis import Axis, Mark, draw_axis, span_of_quarter
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.jobs.monitoring_register import Monitoring
from psttm_geo.plan.monitoring_answers import (
    DUE,
    LATE,
    REACHED,
    agreements_binding,
    changed_since,
    due_milestones,
    dup_coverage,
    stated_on,
    typed,
    with_due,
)
from psttm_geo.schema.colours import UNKNOWN
from psttm_geo.webmap.maps import MapState


def list_due(register: Monitoring, today: date, months: int = 6) -> pd.DataFrame:
    """Return the milestones that are late or due within some months of a day, as :func:`due_milestones`."""
    return due_milestones(register.tables["milestones"], today, months)


def list_milestones(register: Monitoring, today: date) -> pd.DataFrame:
    """Return all milestones in the order of their quarters with what they are on a day, as :func:`with_due`."""
    return with_due(register.tables["milestones"], today).sort_values(["due_on", "milestone"], ignore_index=True)


def milestone_axis(milestones: pd.DataFrame) -> Axis:
    """Return the quarters when milestones are due; their numbers are those of the rows, from 1."""
    rows = zip(milestones["due_quarter"], milestones["due_state"], strict=True)
    marks = (
        Mark(str(number), *span_of_quarter(quarter), kind=_KINDS.get(state, ""))
        for number, (quarter, state) in enumerate(rows, start=1)
    )
    return draw_axis(marks)


_KINDS = {LATE: "late", REACHED: "reached"}


def in_words(milestones: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return milestones with their ``due_state`` in the words of the page."""
    words = {LATE: say("late", language), DUE: say("due", language), REACHED: say("reached", language)}
    return milestones.assign(due_state=milestones["due_state"].map(words))


def list_binding(register: Monitoring, zone: str, members: Mapping[str, str], today: date) -> pd.DataFrame:
    """Return the agreements that bind a zona omogenea on a day, as :func:`agreements_binding`."""
    return agreements_binding(register.tables["agreements"], zone, members, today)


def coverage_map(register: Monitoring, mission: int | None, state: State, territory: Territory) -> MapState:
    """Return the map of how many rows of each municipality's DUP are registered; without any it is not known."""
    language = state.language
    counted = _count_rows(register, territory.municipalities, mission)
    rows = pd.DataFrame(
        {
            "unit": counted["municipality_code"],
            "name": counted["municipality"],
            "value": counted["dup_rows"].astype("float64").where(counted["dup_rows"] > 0),
        }
    )

    def say_rows(value: float) -> str:
        if math.isnan(value):
            return say("no row registered", language)
        return say("rows of the DUP: {count}", language, count=number(value, language))

    colouring = colour_by_unit(rows, "comuni", say_rows, state, territory)
    legend = [(say_rows(math.nan) if fill == UNKNOWN else name, fill) for name, fill in colouring.legend]
    title = say("Rows of the municipalities' DUPs that are registered", language)
    if mission is not None:
        title = say("{title}, mission {mission}", language, title=title, mission=mission)
    return map_state(state, title, class_legend(legend, state), colouring)


def _count_rows(register: Monitoring, municipalities: pd.DataFrame, mission: int | None) -> pd.DataFrame:
    return dup_coverage(register.tables["dup_links"], municipalities, mission)


def list_without_dup(register: Monitoring, municipalities: pd.DataFrame, mission: int | None) -> pd.DataFrame:
    """Return the municipalities that no row of a DUP is registered of, for a mission of the plan or for all."""
    counted = _count_rows(register, municipalities, mission)
    return counted.loc[counted["dup_rows"] == 0, ["municipality_code", "municipality"]].reset_index(drop=True)


def list_changes(register: Monitoring, since: date) -> pd.DataFrame:
    """Return the revisions of the plan's data since a day, as :func:`changed_since`."""
    return changed_since(register.tables["updates"], since)


def list_stated(register: Monitoring, day: date) -> pd.DataFrame:
    """Return what the plan said on a day of everything that was ever revised, as :func:`stated_on`."""
    return stated_on(register.tables["updates"], day)


def indicator_names(register: Monitoring) -> dict[str, str]:
    """Return the indicators that were observed, by code, each with its name and unit."""
    observed = set(register.tables["observations"]["indicator"].str.casefold())
    rows = register.tables["indicators"]
    rows = rows[rows["indicator"].str.casefold().isin(observed)]
    return dict(zip(rows["indicator"], rows["indicator_name"] + " (" + rows["unit"] + ")", strict=True))


def list_series(register: Monitoring, indicator: str) -> pd.DataFrame:
    """Return the observations of an indicator by place and day, unknown values as NA."""
    observations = typed("observations", register.tables["observations"])
    own = observations[observations["indicator"].str.casefold() == indicator.casefold()]
    return own.sort_values(["place", "observed_on", "source"], ignore_index=True)
