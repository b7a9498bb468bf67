"""Where services are needed next."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import pandas as pd

from psttm_geo.access.aims import COVERAGE, Aim
from psttm_geo.access.scenarios import ADD, Action
from psttm_geo.core.messages import Language
from psttm_geo.jobs.accessibility import Baseline, write_access
from psttm_geo.jobs.best_sites import Sites, deliver_sites, find_best_sites
from psttm_geo.jobs.requests import HEXAGONS, RESIDENTS, SiteRequest
from psttm_geo.library.arguments import require_geopackage, require_text, require_weight, require_whole
from psttm_geo.project import Project


class WhereNext:
    """The best places for services, as :meth:`City.site` returns them.

    Attributes
    ----------
    changes
        The scenario that they make, for :meth:`City.what_if`.
    before, after
        What the aim is today, and with the places chosen: residents, minutes or a share.
    bound
        What no choice betters, in the same unit; of ``equita``, of the mean in which low shares count most.
    gap
        By what part of what it gains a choice could be better; 0 where the places are proven to be the best.
    """

    def __init__(self, project: Project, baseline: Baseline, found: Sites) -> None:
        self._project = project
        self._baseline = baseline
        self._found = found
        self.changes = found.changes
        self.before, self.after = found.siting.before, found.siting.after
        self.bound, self.gap = found.siting.bound, found.siting.gap

    @property
    def language(self) -> Language:
        """Of notices and summaries."""
        return self._project.settings.language

    @property
    def summary(self) -> tuple[str, ...]:
        """What the places do, and how sure it is that none are better, in sentences."""
        return tuple(line.say(self.language) for line in self._found.summary)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know of the territory, the candidates and the weights."""
        notices = (*self._baseline.model.notices, *self._found.notices)
        return tuple(notice.say(self.language) for notice in notices)

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """One row per place, with the columns of the layer ``siti``: from the one that would be missed most."""
        return self._found.sites.copy()

    @property
    def gains(self) -> pd.DataFrame:
        """Who gains and who loses, by municipality and age band, with the columns of the table ``siti_residenti``."""
        return self._found.people.copy()

    @property
    def excluded(self) -> gpd.GeoDataFrame:
        """Candidates that cannot be chosen, with the columns of the layer ``siti_esclusi``."""
        listed = self._found.candidates
        columns = ["candidate", "service_name", "exclusion", "geometry"]
        if listed is None:
            return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=self._found.sites.crs)
        return gpd.GeoDataFrame(listed.excluded[columns], crs=listed.excluded.crs)

    def to_geopackage(self, path: str | Path) -> dict[str, int]:
        """Write the places, and the scenario that they make, as ``psttm-geo site`` does; return rows by layer.

        Raises
        ------
        OutputError
            The file cannot be written; what stood there before is untouched.
        """
        return write_access(require_geopackage(path), deliver_sites(self._baseline, self._found), self._project)


class _Walked(Protocol):
    """What places are looked for in."""

    project: Project

    @property
    def _baseline(self) -> Baseline: ...


class WithSites:
    """What a city is asked about places for services."""

    def site(  # noqa: PLR0913 - all but the first two by name
        self: _Walked,
        category: str,
        n: int = 1,
        *,
        action: Action = ADD,
        aim: Aim = COVERAGE,
        minutes: float | None = None,
        weight: str | Path | Mapping[str, float] | pd.Series = RESIDENTS,
        candidates: str | Path = HEXAGONS,
        seconds: float = 10.0,
    ) -> WhereNext:
        """Find the best places for more services of a category, or those that are best moved or closed.

        Parameters
        ----------
        category
            Of the services.
        n
            How many.
        action
            ``aggiungi`` (add), ``sposta`` (move) or ``chiudi`` (close).
        aim
            ``copertura`` (most people within the minutes), ``media`` (the least mean walk), ``decimo_peggiore`` (the
            least mean walk of the tenth that walks longest) or ``equita`` (the largest share of people within the
            minutes in the zone where it is smallest).
        minutes
            The time within which people are counted, 15 by default; for means, the walk beyond which longer ones are
            not told apart: 30 by default, of the worst tenth the first of 30, 60 and 100 that nine tenths do not
            exceed.
        weight
            Who counts: ``residenti``, ``oltre_15`` (those who walk more than 15 minutes today), an age band such as
            ``0_14``, a table (CSV or XLSX) with the columns ``unita`` and ``peso``, or weights by unit: codes of
            municipalities, hexagons or own units. The weight of a unit is shared among its residents.
        candidates
            ``esagoni``, a category whose services of today are candidates, or a file: vector, or CSV or XLSX with the
            columns ``lon`` and ``lat``.
        seconds
            After which the best choice known is taken; how much better another one could be is told.

        Raises
        ------
        InputMissingError
            There are no streets, or no such file.
        UnknownNameError
            There is no such category, action, aim or weight, or the category has no service.
        LimitError
            `n` or `minutes` cannot be.
        TableError, VectorFileError
            A file is not right.
        """
        wanted = SiteRequest(
            category=require_text("category", category),
            count=require_whole("n", n),
            action=action,
            aim=aim,
            minutes=minutes,
            weight=require_weight(weight),
            candidates=str(candidates),
            seconds=seconds,
        )
        baseline = self._baseline
        found = find_best_sites(baseline.model, baseline.travel_times, wanted)
        return WhereNext(self.project, baseline, found)
