"""The library: the territory and its plan, opened once, and what an analyst asks of them.

Every result is a GeoDataFrame in EPSG:32632 or a DataFrame, with the columns that the data dictionary describes; it is
the caller's own and may be changed. Points are given as `lon, lat` in degrees (EPSG:4326). What the documents or the
data do not say is missing in results: never no, never zero.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo import jobs
from psttm_geo.access.profiles import BY_DEFAULT
from psttm_geo.access.scenario_file import read_scenario
from psttm_geo.access.scenarios import Change
from psttm_geo.core.errors import InputMissingError
from psttm_geo.core.messages import Language
from psttm_geo.jobs.access_model import choose_profiles
from psttm_geo.jobs.isochrone_layers import Origin, WalkedStreets
from psttm_geo.jobs.streets import extract_key
from psttm_geo.jobs.what_if import evaluate_scenario
from psttm_geo.library.arguments import (
    NOT_HELD,
    UNITS,
    of_driver,
    of_edition,
    require_changes,
    require_degrees,
    require_geopackage,
    require_known,
    require_minutes,
    require_path,
    require_text,
)
from psttm_geo.library.best_places import WithSites
from psttm_geo.library.opened_city import OpenedCity
from psttm_geo.library.scenario_result import WhatIf
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.plan.statements import STATEMENTS

_MINUTES = (5, 10, 15)


class City(OpenedCity, WithSites):
    """The territory of the plan, as :func:`open` returns it.

    Attributes
    ----------
    project
        What every function of :mod:`psttm_geo.jobs` works on: settings, tables and workspace.
    """

    def __repr__(self) -> str:
        """Say what was opened, without reading it."""
        osm = "" if self._request is None else f"osm={str(self._request.osm)!r}, "
        return f"psttm_geo.open({osm}workspace={str(self.project.settings.workspace)!r})"

    @property
    def language(self) -> Language:
        """Of notices and summaries; errors speak that of the city opened last."""
        return self.project.settings.language

    @property
    def editions(self) -> tuple[str, ...]:
        """Identifiers of the editions of the plan, in order."""
        return tuple(plan.edition.identifier for plan in self._territory.plan.plans)

    @property
    def municipalities(self) -> gpd.GeoDataFrame:
        """One row per municipality, with the columns of the layer ``comuni``."""
        return self._territory.municipalities.copy()

    @property
    def zones(self) -> gpd.GeoDataFrame:
        """One row per zona omogenea, and Milano, with the columns of the layer ``zone_omogenee``."""
        return self._territory.zones.copy()

    @property
    def unions(self) -> gpd.GeoDataFrame:
        """One row per union and edition, with the columns of the layer ``unioni_comuni``."""
        return self._territory.unions.copy()

    @property
    def services(self) -> gpd.GeoDataFrame:
        """Everyday services of OpenStreetMap and of registers as one, with the columns of the layer ``servizi``.

        Raises
        ------
        InputMissingError
            Nothing is known of services: neither an extract nor a register.
        """
        return self._layer("servizi")

    @property
    def projects(self) -> pd.DataFrame:
        """The register of projects, with the columns of the layer ``progetti``.

        Raises
        ------
        InputMissingError
            The workspace holds none.
        """
        return self._layer("progetti")

    def agenda_2030(self, driver: int | None = None, *, edition: str | None = None) -> pd.DataFrame:
        """Return which goals and targets of the 2030 Agenda drivers reach, and through which projects: derived links.

        Parameters
        ----------
        driver
            Number of one driver; all by default.
        edition
            One edition of the plan; all by default.

        Returns
        -------
        DataFrame
            As :func:`psttm_geo.plan.agenda_2030.driver_targets` describes it; amounts do not add up over targets.

        Raises
        ------
        InputMissingError
            The workspace holds no register of projects, or no mapping to the Agenda.
        UnknownNameError
            There is no such driver or edition.
        """
        found = self._territory.plan.driver_targets
        if found is None:
            raise InputMissingError(NOT_HELD["agenda_2030"])
        return of_driver(self._territory.plan.plans, of_edition(self.editions, found, edition), driver)

    @property
    def project_counts(self) -> pd.DataFrame:
        """Number and amount of projects by unit, drivers, mission, body and state: the table ``progetti_conteggi``.

        A project of several drivers is in the row of them all: the rows of a unit add up, sums by driver do not.

        Raises
        ------
        InputMissingError
            The workspace holds no register of projects.
        """
        return self._layer("progetti_conteggi")

    def project_links(self, to: str = "driver") -> pd.DataFrame:
        """Return which drivers or goals projects serve: a project may serve several, and sums over them do not add up.

        Parameters
        ----------
        to
            ``driver`` (the table ``progetti_driver``) or ``goal`` (``progetti_obiettivi``).

        Raises
        ------
        InputMissingError, UnknownNameError
            The workspace holds no register of projects; there are no such links.
        """
        layers = {"driver": "progetti_driver", "goal": "progetti_obiettivi"}
        return self._layer(layers[require_known("to", to, layers)])

    @property
    def sources(self) -> pd.DataFrame:
        """Where every layer comes from, those of accessibility too, with the columns of the layer ``fonti``."""
        return self._all_layers["fonti"].copy()

    @property
    def notices(self) -> tuple[str, ...]:
        """What was repaired, is odd, made up or not covered, as commands say it; of figures once they are asked for."""
        found = self._territory.notices
        if self._request is not None:
            found += (self._computed if "_computed" in vars(self) else self._model).notices
        return tuple(notice.say(self.language) for notice in dict.fromkeys(found))

    def goals(self, edition: str) -> pd.DataFrame:
        """Return the goals of an edition.

        Returns
        -------
        DataFrame
            With the columns of the layer ``obiettivi``: where each goal applies as a geometry, and whom it calls.

        Raises
        ------
        UnknownNameError
            There is no such edition.
        """
        return of_edition(self.editions, self._layer("obiettivi"), edition)

    def statements(self, layer: str, *, edition: str | None = None) -> pd.DataFrame:
        """Return what the documents state beside the goals: who acts, acts, instruments, bodies, results.

        Parameters
        ----------
        layer
            One of :data:`psttm_geo.plan.statements.STATEMENTS`, such as ``obiettivi_attori``.
        edition
            One edition; all rows by default, those of no edition too. A table without editions is given whole.

        Returns
        -------
        DataFrame
            With the columns of the layer; ``document``, ``first_line`` and ``last_line`` say where each row is from.

        Raises
        ------
        UnknownNameError
            There is no such table or edition.
        """
        table = self._layer(require_known("layer", layer, STATEMENTS))
        return of_edition(self.editions, table, edition) if "edition" in table.columns else table

    def monitoring(self, layer: str) -> pd.DataFrame:
        """Return what the office's register of the plan's implementation holds: agreements, milestones, observations.

        Parameters
        ----------
        layer
            One of :data:`psttm_geo.plan.monitoring_layers.MONITORING`, such as ``traguardi``; its columns are given.

        Raises
        ------
        UnknownNameError, InputMissingError
            There is no such table; the workspace holds no row of it.
        """
        return self._layer(require_known("layer", layer, MONITORING))

    def applicability(self, edition: str) -> pd.DataFrame:
        """Return where the goals of an edition apply, and whom they call.

        Returns
        -------
        DataFrame
            One row per goal and municipality, with the columns of the layer ``obiettivi_comuni``.

        Raises
        ------
        UnknownNameError
            There is no such edition.
        """
        return of_edition(self.editions, self._layer("obiettivi_comuni"), edition)

    def drivers(self, by: str = "municipality", *, edition: str | None = None) -> gpd.GeoDataFrame:
        """Return how far drivers cover units; where streets are open, with the measure of goal 5.10 beside.

        A project of several drivers counts in each of them: numbers and amounts do not add up over drivers.

        Parameters
        ----------
        by
            ``municipality``, ``zone`` or ``union``.
        edition
            One edition; all by default.

        Returns
        -------
        GeoDataFrame
            One row per edition, driver and unit, with the columns of the layers ``driver_*``.

        Raises
        ------
        UnknownNameError
            There is no such unit or edition.
        """
        units = require_known("by", by, ("municipality", "zone", "union"))
        return of_edition(self.editions, self._all_layers[f"driver_{UNITS[units]}"].copy(), edition)

    def accessibility(self, by: str = "municipality", *, profile: str | None = None) -> gpd.GeoDataFrame:
        """Return who reaches everyday services on foot: goal 5.10, the 15-minute city.

        Parameters
        ----------
        by
            One of :data:`UNITS`.
        profile
            Who walks; by default everybody as their age does, or the first of the profiles chosen on opening.

        Returns
        -------
        GeoDataFrame
            One row per unit, with the columns of the layers ``accessibilita_*``.

        Raises
        ------
        InputMissingError
            There are no streets.
        UnknownNameError
            There is no such unit or profile.
        """
        layer = f"accessibilita_{UNITS[require_known('by', by, UNITS)]}"
        return self._of_profile(self._result(layer), profile)

    def indicators(self) -> pd.DataFrame:
        """Return all indicators of accessibility as a long table, with the columns of the layer ``indicatori``.

        Raises
        ------
        InputMissingError
            There are no streets.
        """
        return self._result("indicatori")

    def gaps(self, by: str = "municipality", *, profile: str | None = None) -> pd.DataFrame:
        """Return which categories of services residents lack within 15 minutes.

        Parameters
        ----------
        by
            ``municipality`` or ``hexagon``.
        profile
            Who walks; by default everybody as their age does, or the first of the profiles chosen on opening.

        Returns
        -------
        DataFrame
            With the columns of the layers ``carenze_comuni`` and ``carenze``.

        Raises
        ------
        InputMissingError
            There are no streets.
        UnknownNameError
            There is no such unit or profile.
        """
        units = require_known("by", by, ("municipality", "hexagon"))
        return self._of_profile(self._result("carenze_comuni" if units == "municipality" else "carenze"), profile)

    def isochrones(
        self, *, lon: float, lat: float, minutes: Sequence[int] = _MINUTES, profile: str = BY_DEFAULT
    ) -> gpd.GeoDataFrame:
        """Draw how far one walks from a point.

        Parameters
        ----------
        lon, lat
            Degrees (EPSG:4326).
        minutes
            Thresholds.
        profile
            Identifier of who walks.

        Returns
        -------
        GeoDataFrame
            One row per threshold, each holding the smaller ones, with the columns of the layer ``isocrone``. A warning
            says where the point is on a piece of network that leads nowhere.

        Raises
        ------
        InputMissingError
            There are no streets.
        PlaceError
            The point is nowhere on the globe, or too far from every street.
        LimitError
            A threshold is no time that can be walked.
        UnknownNameError
            There is no such profile.
        """
        origin = Origin.at(require_degrees("lon", lon), require_degrees("lat", lat))
        limits, who = require_minutes(minutes), require_text("profile", profile)
        if who not in self._streets:
            (chosen,) = choose_profiles(self.project.register, (who,))
            extract = self._require_extract()
            key = extract_key(self.project, extract.report.sha256)
            self._streets[who] = WalkedStreets.of(self.project, extract, key, chosen)
        drawn, notices = self._streets[who].draw(origin, limits)
        for notice in notices:
            warnings.warn(notice.say(self.language), stacklevel=2)
        return drawn

    def what_if(self, changes: Change | Sequence[Change] | str | Path) -> WhatIf:
        """Compare a scenario with accessibility as it is.

        Parameters
        ----------
        changes
            :func:`Add`, :func:`Move` and :func:`Close`, or the path of a scenario (CSV or XLSX).

        Raises
        ------
        InputMissingError
            There are no streets, or no such file.
        TableError
            The file is not right.
        PlaceError
            A service would stand nowhere, or too far from every street.
        UnknownNameError
            There is no such category or service, or a service is changed twice.
        """
        services = self._model.services
        if isinstance(changes, str | Path):
            listed = read_scenario(require_path("changes", changes), list(services.categories))
        else:
            listed = require_changes(changes, services)
        return WhatIf(self.project, self._model, listed, evaluate_scenario(self._baseline, listed, self._request))

    def to_geopackage(self, path: str | Path) -> dict[str, int]:
        """Write every layer, with styles and the QGIS project, as ``psttm-geo build`` does; return rows by layer.

        Accessibility is written too where there are streets. The Degree of Urbanisation that is computed with it, and
        that ``psttm-geo access`` keeps for builds, is not: only an official table stands in ``comuni`` and in goals.

        Raises
        ------
        OutputError
            The file cannot be written; what stood there before is untouched.
        """
        return jobs.write_territory(require_geopackage(path), self._measured)
