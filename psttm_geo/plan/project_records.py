"""A register of projects, whatever its form was."""

import dataclasses
from dataclasses import dataclass, field

import pandas as pd

from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source

UNKNOWN_EDITION = ""
"""The edition of a project of which the office does not say it: neither the latest nor any other."""


EQUAL, PUBLISHED = "parti uguali", "quota pubblicata"
"""By which rule the amount of a project falls to municipalities."""

IN_MUNICIPALITIES, IN_PROVINCE = "comuni", "provincia"
"""Where a project is: in municipalities that are named, or in the whole of a province."""

BY_REGISTER, BY_OFFICE, BY_DOCUMENT, BY_READING = "registro", "tabella dell'ente", "documento", "lettura"
"""Who attributes a project to a driver: the register itself, the office's table, or the measure that finances it, which
the plan's document names, or by our reading of what the measure is for."""

BETWEEN_DRIVERS = ", "
"""Between the numbers of several drivers of a project."""

_DRIVER_LINKS = ("project", "edition", "driver", "driver_basis")

_GOAL_LINKS = ("project", "edition", "mission", "number", "goal_basis")

_TEXTS = (
    "phase",
    "actual_start_date",
    "actual_end_date",
    "pnrr_mission",
    "submeasure",
    "measure_title",
    "body",
    "body_kind",
)

_AMOUNTS = ("pnrr_eur", "awarded_eur", "paid_eur")


def _no_drivers() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_DRIVER_LINKS), dtype="str").astype({"driver": "int64"})


def _no_goals() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_GOAL_LINKS), dtype="str").astype({"mission": "int64", "number": "int64"})


@dataclass(frozen=True)
class Projects:
    """A register of projects.

    Attributes
    ----------
    projects
        ``project`` (code), ``title``, ``edition`` (:data:`UNKNOWN_EDITION` where the office does not say), ``drivers``
        (numbers of its drivers, such as "3, 5"; empty where none is attributed), ``mission`` (whole number or NA),
        ``amount_eur`` (what it is financed with, NA where unknown), ``status`` (as the register writes it; in one
        spelling in the plan in force), ``start_date``, ``end_date`` (ISO 8601 or empty),
        ``row``. Of projects of the recovery plan also ``pnrr_eur`` (the plan's part), ``awarded_eur``, ``paid_eur``
        (NA where unknown), ``phase``, ``actual_start_date``, ``actual_end_date``, ``pnrr_mission``, ``submeasure``,
        ``measure_title``, ``body`` (that carries it out), ``body_kind``; empty for others. ``extent``:
        :data:`IN_MUNICIPALITIES` or :data:`IN_PROVINCE`.
    places
        ``project``, ``municipality_code``, ``share`` (of the amount, 0-1), ``rule``: one row per project and
        municipality of the territory.
    source
        Where they come from.
    notices
        What was repaired or left out, for the user.
    drivers
        ``project``, ``edition`` (the project's), ``driver``, ``driver_basis`` (who attributes it): one row per project
        and driver. A project may have several, so that sums by driver do not add up to those of all projects.
    goals
        ``project``, ``edition``, ``mission``, ``number`` (of the goal), ``goal_basis`` (:data:`BY_DOCUMENT` or
        :data:`BY_READING`): one row per project and goal that the measure which finances it serves.
    """

    projects: pd.DataFrame
    places: pd.DataFrame
    source: Source
    notices: tuple[Text, ...]
    drivers: pd.DataFrame = field(default_factory=_no_drivers)
    goals: pd.DataFrame = field(default_factory=_no_goals)


def complete_projects(projects: pd.DataFrame) -> pd.DataFrame:
    """Return the projects of a register of fewer columns with all of them."""
    return projects.assign(
        **dict.fromkeys(_TEXTS, ""), **dict.fromkeys(_AMOUNTS, float("nan")), drivers="", extent=IN_MUNICIPALITIES
    )


def with_drivers(registered: Projects, links: pd.DataFrame) -> Projects:
    """Return a register with drivers for projects, in place of those that these had.

    Parameters
    ----------
    registered
        A register.
    links
        As :attr:`Projects.drivers`, all rows of a project of one edition, which becomes that of the project.
    """
    if links.empty:
        return registered
    rows = registered.projects
    told = rows["project"].map(links.drop_duplicates("project").set_index("project")["edition"])
    rows = rows.assign(edition=told.fillna(rows["edition"]))
    kept = registered.drivers[~registered.drivers["project"].isin(links["project"])]
    drivers = pd.concat([kept, links[list(_DRIVER_LINKS)]], ignore_index=True)
    drivers = drivers.astype({"driver": "int64"}).sort_values(["project", "driver"], ignore_index=True)
    listed = drivers["driver"].astype(str).groupby(drivers["project"]).agg(BETWEEN_DRIVERS.join)
    rows = rows.assign(drivers=rows["project"].map(listed).fillna(""))
    return dataclasses.replace(registered, projects=rows, drivers=drivers)


def waits(projects: pd.DataFrame) -> pd.Series:
    """Tell which projects wait for a driver, and so may be any driver's.

    A project of the recovery plan waits for none: what its measure is for is known, and no row of
    ``measure_drivers.csv`` gives the measure to a driver.

    Parameters
    ----------
    projects
        ``drivers``, ``submeasure``.
    """
    return (projects["drivers"] == "") & (projects["submeasure"] == "")


def share_equally(places: pd.DataFrame) -> pd.DataFrame:
    """Return places with equal shares of the amount of their project.

    Parameters
    ----------
    places
        ``project``, ``municipality_code``; one row per municipality of a project.
    """
    count = places.groupby("project")["municipality_code"].transform("size")
    return places.assign(share=1 / count, rule=EQUAL)
