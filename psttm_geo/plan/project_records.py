"""A register of projects, whatever its form was."""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source

UNKNOWN_EDITION = ""
"""The edition of a project of which the office does not say it: neither the latest nor any other."""


@dataclass(frozen=True)
class Projects:
    """A register of projects.

    Attributes
    ----------
    projects
        ``project`` (code), ``title``, ``edition`` (:data:`UNKNOWN_EDITION` where the office does not say), ``driver``,
        ``mission`` (whole numbers or NA),
        ``amount_eur`` (NA where unknown), ``status``, ``start_date``, ``end_date`` (ISO 8601 or empty), ``row``.
    places
        ``project``, ``municipality_code``: one row per project and municipality of the territory.
    source
        Where they come from.
    notices
        What was repaired or left out, for the user.
    """

    projects: pd.DataFrame
    places: pd.DataFrame
    source: Source
    notices: tuple[Text, ...]
