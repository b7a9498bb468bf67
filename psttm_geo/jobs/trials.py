"""Scenarios evaluated one after the other on one access model: who comes within a quarter of an hour."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely
from scipy.sparse import csr_array

from psttm_geo.access.scenario_file import scenario_sum
from psttm_geo.access.scenarios import Change
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.access.unit_reach import (
    Floats,
    Reach,
    count_changed,
    count_crossed,
    measure_reach,
    reach_figures,
    renew_reach,
    reported_profiles,
)
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.messages import Text
from psttm_geo.jobs.access_model import AccessModel
from psttm_geo.jobs.accessibility import Baseline, write_access
from psttm_geo.jobs.best_sites import Sites, deliver_sites, find_best_sites
from psttm_geo.jobs.requests import SiteRequest
from psttm_geo.jobs.what_if import SCENARIO_FILE, deliver, evaluate_scenario, renew_travel_times, say_opened
from psttm_geo.project import Project


@dataclass(frozen=True)
class Trial:
    """What a scenario changes, for one profile.

    Attributes
    ----------
    categories
        Those told of: those that the scenario changes, in the order of the tables, the one asked for among them, and
        last :data:`psttm_geo.access.travel_times.FARTHEST_ESSENTIAL`.
    municipalities
        ``municipality_code``, ``municipality``, ``residents`` and of each category ``before_share_15_``,
        ``after_share_15_``, ``gained_`` and ``lost_``: residents who come within 15 minutes, and who are so no more;
        NaN where unknown.
    whole
        The same of the whole, a row; and ``shorter_`` and ``longer_``: residents whose walk changes, by however much.
    hexagons
        ``hexagon``, ``gained_`` and ``lost_`` of each category, and geometry in EPSG:32632.
    notices
        What the user should know of the changes.
    """

    categories: tuple[str, ...]
    municipalities: pd.DataFrame
    whole: pd.DataFrame
    hexagons: gpd.GeoDataFrame
    notices: tuple[Text, ...]


class Trials:
    """An access model with today's travel times, ready to be compared with scenarios.

    It may be asked from several threads; one scenario is walked at a time, so that memory stays bounded.

    Parameters
    ----------
    model
        Whose first base are municipalities.
    """

    def __init__(self, model: AccessModel) -> None:
        self._model = model
        self._travel_times = model.travel_times
        self._units = model.units.all_counts
        self._reaches: dict[str, list[Reach]] = {}
        self._places = _list_services(model)
        self._asking, self._siting = threading.Lock(), threading.Lock()

    @property
    def hexagons(self) -> gpd.GeoDataFrame:
        """``hexagon`` and geometry in EPSG:32632 of those that residents live in."""
        return self._model.units.hexagons[["hexagon", "geometry"]].reset_index(drop=True)

    def services(self, category: str) -> pd.DataFrame:
        """Return today's services of a category, by identifier: ``service_name``, ``lat`` and ``lon`` (EPSG:4326)."""
        mine = self._places[self._places["category"] == category]
        return mine.drop(columns="category").set_index("service")

    def evaluate(self, changes: Sequence[Change], category: str, profile: str) -> Trial:
        """Compare a scenario with today.

        Parameters
        ----------
        changes
            The scenario.
        category
            Told of in any case.
        profile
            One of :func:`psttm_geo.access.unit_reach.reported_profiles`.

        Raises
        ------
        TableError
            A change names a service that is not there.
        PlaceError
            A service would stand farther from every street than can be walked.
        """
        model = self._model
        changed = {change.category for change in changes}
        named = tuple(name for name in model.services.categories if name in changed | {category})
        told = (*named, FARTHEST_ESSENTIAL)
        with self._asking:
            travel_times = renew_travel_times(model, self._travel_times, changes) if changes else self._travel_times
            before = self._reach(profile)
            after = renew_reach(travel_times, profile, self._units, before, changed)
            counts = self._count(travel_times, profile, told)
        members = next(layer.kind.members for layer in model.units.layers if layer.layer == _WHOLE)
        shares = self._shares(before[0], after[0], told)
        towns = model.units.municipalities[["municipality_code", "municipality"]].reset_index(drop=True)
        of_towns = pd.DataFrame({"residents": before[0].residents} | shares | counts[0])
        of_whole = pd.DataFrame(
            {"residents": members @ before[0].residents}
            | self._shares(before[0].of(members), after[0].of(members), told)
            | {name: members @ values for name, values in counts[0].items()}
            | self._count_walks(travel_times, profile, named, members)
        )
        hexagons = self.hexagons
        return Trial(
            told,
            pd.concat([towns, of_towns], axis=1),
            of_whole,
            gpd.GeoDataFrame(hexagons.assign(**counts[-1]), geometry="geometry", crs=hexagons.crs),
            say_opened(model, changes),
        )

    def write(self, path: Path, changes: Sequence[Change], project: Project) -> None:
        """Write what a scenario changes as GeoPackage, for all walkers, as ``psttm-geo what-if`` does.

        Raises
        ------
        TableError, PlaceError, OutputError
            As :meth:`attempt`, and :func:`psttm_geo.jobs.accessibility.write_access`.
        """
        with self._asking:
            outcome = evaluate_scenario(self._baseline(), changes)
        write_access(path, deliver(self._model, outcome, SCENARIO_FILE, scenario_sum(changes)), project)

    def find_sites(self, request: SiteRequest) -> Sites:
        """Find the best places, as :func:`psttm_geo.jobs.best_sites.find_best_sites`; one search at a time."""
        with self._siting:
            return find_best_sites(self._model, self._travel_times, request)

    def write_sites(self, path: Path, found: Sites, project: Project) -> None:
        """Write the best places and their scenario as GeoPackage, as ``psttm-geo site`` does.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        with self._asking:
            delivered = deliver_sites(self._baseline(), found)
        write_access(path, delivered, project)

    def _baseline(self) -> Baseline:
        reaches = {profile: self._reach(profile) for profile in reported_profiles(self._travel_times)}
        return Baseline(self._model, self._travel_times, reaches)

    def _reach(self, profile: str) -> list[Reach]:
        if profile not in self._reaches:
            self._reaches[profile] = measure_reach(self._travel_times, profile, self._units)
        return self._reaches[profile]

    def _count(self, travel_times: TravelTimes, profile: str, told: Sequence[str]) -> list[dict[str, Floats]]:
        """Return who comes within 15 minutes and who is so no more, by category, in each kind of units."""
        units = [(place_unit, len(unplaced)) for place_unit, unplaced in self._units]
        counts: list[dict[str, Floats]] = [{} for _ in units]
        for category in told:
            crossed = count_crossed(self._travel_times, travel_times, profile, category, units)
            for found, (gained, lost) in zip(counts, crossed, strict=True):
                found |= {f"gained_{category}": gained, f"lost_{category}": lost}
        return counts

    def _count_walks(
        self, travel_times: TravelTimes, profile: str, named: Sequence[str], members: csr_array
    ) -> dict[str, Floats]:
        place_unit, unplaced = self._units[0]
        found: dict[str, Floats] = {}
        for category in named:
            shorter, longer = count_changed(
                self._travel_times, travel_times, profile, category, place_unit, len(unplaced)
            )
            found |= {f"shorter_{category}": members @ shorter, f"longer_{category}": members @ longer}
        return found

    def _shares(self, before: Reach, after: Reach, told: Sequence[str]) -> dict[str, Floats]:
        names = [*self._model.services.categories, FARTHEST_ESSENTIAL]
        rows = [names.index(category) for category in told]
        (old, _), (new, _) = (reach_figures(reach, rows) for reach in (before, after))
        return {
            f"{when}_share_15_{category}": shares[position]
            for when, shares in (("before", old), ("after", new))
            for position, category in enumerate(told)
        }


_WHOLE = "accessibilita_citta_metropolitana"


def _list_services(model: AccessModel) -> pd.DataFrame:
    services = model.services.table
    points = gpd.GeoSeries(shapely.point_on_surface(services.geometry.to_numpy()), crs=METRIC).to_crs(GEOGRAPHIC)
    return pd.DataFrame(
        {
            "category": services["category"].to_numpy(),
            "service": services["service"].to_numpy(),
            "service_name": services["service_name"].to_numpy(),
            "lat": points.y.to_numpy(),
            "lon": points.x.to_numpy(),
        }
    )
