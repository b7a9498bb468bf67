"""A register of projects, whatever its form was."""

from dataclasses import dataclass

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


@dataclass(frozen=True)
class Projects:
    """A register of projects.

    Attributes
    ----------
    projects
        ``project`` (code), ``title``, ``edition`` (:data:`UNKNOWN_EDITION` where the office does not say), ``driver``,
        ``mission`` (whole numbers or NA), ``driver_basis`` (who attributes it, empty for nobody), ``amount_eur``
        (what it is financed with, NA where unknown), ``status`` (as the register writes it; in one
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
    """

    projects: pd.DataFrame
    places: pd.DataFrame
    source: Source
    notices: tuple[Text, ...]


def complete_projects(projects: pd.DataFrame) -> pd.DataFrame:
    """Return the projects of a register of fewer columns with all of them."""
    basis = projects["driver"].notna().map({True: BY_REGISTER, False: ""})
    return projects.assign(
        **dict.fromkeys(_TEXTS, ""),
        **dict.fromkeys(_AMOUNTS, float("nan")),
        driver_basis=basis,
        extent=IN_MUNICIPALITIES,
    )


def waits(projects: pd.DataFrame) -> pd.Series:
    """Tell which projects wait for a driver, and so may be any driver's.

    A project of the recovery plan waits for none: what its measure is for is known, and no row of
    ``measure_drivers.csv`` gives the measure to a driver.

    Parameters
    ----------
    projects
        ``driver``, ``submeasure``.
    """
    return projects["driver"].isna() & (projects["submeasure"] == "")


def share_equally(places: pd.DataFrame) -> pd.DataFrame:
    """Return places with equal shares of the amount of their project.

    Parameters
    ----------
    places
        ``project``, ``municipality_code``; one row per municipality of a project.
    """
    count = places.groupby("project")["municipality_code"].transform("size")
    return places.assign(share=1 / count, rule=EQUAL)
