"""What a scenario changes."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.access.scenario_file import scenario_sum
from psttm_geo.access.scenarios import Change
from psttm_geo.access.unit_reach import reported_profiles
from psttm_geo.core.messages import Language
from psttm_geo.jobs.access_model import AccessModel
from psttm_geo.jobs.accessibility import write_access
from psttm_geo.jobs.what_if import SCENARIO_FILE, Outcome, deliver
from psttm_geo.library.arguments import UNITS, require_geopackage, require_known
from psttm_geo.project import Project

_BY_CATEGORY = (
    *("gainers", "losers", "before_share_15", "after_share_15", "before_minutes_to", "after_minutes_to"),
    *("change_low_15", "change_high_15"),
)
"""Columns that a scenario has for each category."""


class WhatIf:
    """What a scenario changes, as :meth:`City.what_if` returns it.

    Attributes
    ----------
    changes
        The scenario.
    """

    def __init__(self, project: Project, model: AccessModel, changes: tuple[Change, ...], outcome: Outcome) -> None:
        self._project = project
        self._model = model
        self.changes = changes
        self._outcome = outcome

    @property
    def language(self) -> Language:
        """Of notices and summaries."""
        return self._project.settings.language

    @property
    def summary(self) -> tuple[str, ...]:
        """Who gains and who loses, in sentences."""
        return tuple(line.say(self.language) for line in self._outcome.summary)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of the territory that the scenario is tried on."""
        return tuple(notice.say(self.language) for notice in self._model.notices)

    def gains(self, by: str = "municipality", *, profile: str | None = None) -> gpd.GeoDataFrame:
        """Return who gains and who loses.

        Parameters
        ----------
        by
            One of :data:`UNITS`; of hexagons only those in which something changes.
        profile
            Who walks; by default everybody as their age does, or the first of the profiles chosen on opening.

        Returns
        -------
        GeoDataFrame
            One row per unit and category that the scenario changes: the columns that name the unit, ``residents``,
            ``category``, ``gainers`` and ``losers`` (residents whose walk gets shorter, or longer),
            ``before_share_15`` and ``after_share_15`` (of residents who arrive within 15 minutes),
            ``before_minutes_to`` and ``after_minutes_to``, ``profile``, and of all essential categories together
            ``before_share_all_15``, ``after_share_all_15`` and ``change_share_all_15``. Of units other than hexagons
            also between which values changes lie, NaN unless the city was opened with ``uncertainty`` or ``found``:
            ``change_low_15``, ``change_high_15``, ``change_share_all_15_low`` and ``change_share_all_15_high``.

        Raises
        ------
        UnknownNameError
            There is no such unit or profile.
        """
        layers = self._outcome.layers
        held = {name: layer for name, layer in UNITS.items() if f"scenario_{layer}" in layers}
        table = layers[f"scenario_{held[require_known('by', by, held)]}"]
        walked = reported_profiles(self._outcome.travel_times)
        chosen = walked[0] if profile is None else require_known("profile", profile, walked)
        mine = table[table["profile"] == chosen]
        own = {
            name: {part: f"{part}_{name}" for part in _BY_CATEGORY if f"{part}_{name}" in mine}
            for name in self._outcome.categories
        }
        shared = mine.drop(columns=[column for columns in own.values() for column in columns.values()])
        parts = [
            shared.assign(category=name, **{part: mine[column] for part, column in columns.items()})
            for name, columns in own.items()
        ]
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=table.crs)

    def to_geopackage(self, path: str | Path) -> dict[str, int]:
        """Write what the scenario changes as GeoPackage, as ``psttm-geo what-if`` does; return rows by layer.

        Raises
        ------
        OutputError
            The file cannot be written; what stood there before is untouched.
        """
        written = deliver(self._model, self._outcome, SCENARIO_FILE, scenario_sum(self.changes))
        return write_access(require_geopackage(path), written, self._project)
