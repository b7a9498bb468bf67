"""What a city rests on, each piece read or computed when it is first asked for."""

import dataclasses
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from psttm_geo import jobs
from psttm_geo.access.results import Results
from psttm_geo.core.errors import InputMissingError
from psttm_geo.jobs.access_model import AccessModel, find_kept_extract, load_access_model, load_kept_access_model
from psttm_geo.jobs.accessibility import (
    Accessibility,
    Baseline,
    measure_access,
    measure_baseline,
    results_of,
    sums_given,
)
from psttm_geo.jobs.everyday_services import read_services
from psttm_geo.jobs.load import EverydayServices, Territory
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import WHOLE_PERCENT
from psttm_geo.library.arguments import NO_OWN_UNITS, NO_STREETS, NOT_HELD, require_known
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project

if TYPE_CHECKING:
    from psttm_geo.jobs.isochrone_layers import WalkedStreets


class OpenedCity:
    """The pieces; :class:`psttm_geo.library.city.City` says what there is to ask.

    Attributes
    ----------
    project
        What every function of :mod:`psttm_geo.jobs` works on: settings, tables and workspace.
    """

    def __init__(self, project: Project, request: AccessRequest | None = None) -> None:
        self.project = project
        self._request = request
        self._streets: dict[str, WalkedStreets] = {}

    @cached_property
    def _extract(self) -> Extract | None:
        if self._request is not None:
            return jobs.read_extract(self.project, self._request.osm)
        return find_kept_extract(self.project, self._territory)

    @cached_property
    def _territory(self) -> Territory:
        """The territory; with an extract, with the services and, where it covers all of it, the features of that."""
        if self._request is None:
            return jobs.load_territory(self.project)
        extract = self._require_extract()
        whole = (extract.report.overlap_percent or 0) >= WHOLE_PERCENT
        degurba, registers = self._request.degurba, self._request.registers
        loaded = jobs.load_territory(
            self.project,
            mapped=extract.mapped if whole else None,
            registers=registers,
            urbanisation=None if degurba is None else jobs.read_urbanisation(self.project, degurba),
            computed=False,
        )
        if whole:
            return loaded
        services = read_services(self.project, extract.mapped, loaded.municipalities, registers)
        return dataclasses.replace(loaded, everyday=EverydayServices(extract.mapped, *(services or (None, ()))))

    @cached_property
    def _model(self) -> AccessModel:
        extract = self._require_extract()
        if self._request is not None:
            return load_access_model(self.project, self._request, known=(self._territory, extract))
        return load_kept_access_model(self.project, self._territory, extract)

    def _require_extract(self) -> Extract:
        if self._extract is None:
            raise InputMissingError(NO_STREETS)
        return self._extract

    @cached_property
    def _baseline(self) -> Baseline:
        return measure_baseline(self._model)

    @cached_property
    def _computed(self) -> Accessibility:
        return measure_access(self._baseline, self._request)

    @cached_property
    def _results(self) -> Results | None:
        if self._request is None:
            return self._territory.results
        return results_of(self.project, self._computed, sums_given(self._request))

    @cached_property
    def _measured(self) -> Territory:
        """The territory with all results."""
        return dataclasses.replace(self._territory, results=self._results)

    @cached_property
    def _all_layers(self) -> dict[str, pd.DataFrame]:
        """Those of accessibility too, and what rests on them."""
        return self._layers if self._request is None else jobs.territory_layers(self._measured)

    @cached_property
    def _layers(self) -> dict[str, pd.DataFrame]:
        """Those that need no walk."""
        return jobs.territory_layers(self._territory)

    def _layer(self, name: str) -> pd.DataFrame:
        if name not in self._layers:
            raise InputMissingError(NOT_HELD[name])
        return self._layers[name].copy()

    def _result(self, name: str) -> pd.DataFrame:
        if self._results is None or "indicatori" not in self._results.layers:
            raise InputMissingError(NO_STREETS)
        if name not in self._results.layers:
            raise InputMissingError(NO_OWN_UNITS)
        return self._results.layers[name].copy()

    def _of_profile(self, table: pd.DataFrame, profile: str | None) -> pd.DataFrame:
        walked = list(self._result("accessibilita_citta_metropolitana")["profile"])
        chosen = walked[0] if profile is None else require_known("profile", profile, walked)
        return table[table["profile"] == chosen].reset_index(drop=True)
