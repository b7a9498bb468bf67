"""What surrounds a point: how far one walks from it, who lives within reach, and which services are."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from psttm_geo.access.isochrones import StreetGrid, isochrones
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile
from psttm_geo.access.street_times import limit_deciseconds
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source
from psttm_geo.jobs.access_model import AccessModel
from psttm_geo.jobs.accessibility import Accessibility, write_access
from psttm_geo.jobs.far_places import say_alone
from psttm_geo.jobs.isochrone_layers import connect
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project

MINUTES = (5, 10, 15)
"""Thresholds drawn at once: the quarter of an hour of the 15-minute city, in thirds."""


@dataclass(frozen=True)
class Surroundings:
    """What is reached on foot from a point.

    Attributes
    ----------
    lat, lon
        The point, degrees (EPSG:4326).
    profile
        Who walks.
    isochrones
        The columns of the layer ``isocrone``, one row per threshold of :data:`MINUTES`, and ``residents`` who live
        within it; EPSG:32632.
    services
        One row per category, essential ones first: ``category``, ``essential``, ``minutes`` to the nearest (NaN where
        none is within the last threshold), and ``within_5``, ``within_10``, ``within_15``, the numbers of services
        (NaN where the data have none of the category: nothing is known of it then).
    source
        Of the streets.
    synthetic
        Whether they are made up.
    notices
        What the user should know of the point.
    """

    lat: float
    lon: float
    profile: Profile
    isochrones: gpd.GeoDataFrame
    services: pd.DataFrame
    source: Source
    synthetic: bool
    notices: tuple[Text, ...]

    def write(self, path: Path, project: Project) -> None:
        """Write the isochrones as GeoPackage; errors as :func:`psttm_geo.jobs.accessibility.write_access`."""
        layer = self.isochrones.drop(columns="residents")
        write_access(path, Accessibility({"isocrone": layer}, (self.source,), (), self.synthetic), project)


class Neighbourhood:
    """Streets, residents and services, made ready once to be asked what surrounds any point.

    It may be asked from several threads; one question is answered at a time, so that memory stays bounded.

    Parameters
    ----------
    extract
        As read.
    walking
        Places of residents and entrances on its streets.
    entrances
        Of `walking`, as :func:`psttm_geo.jobs.access_model.entrances_of`.
    essential
        Categories that the 15-minute share asks for.
    grid
        Of its streets; made anew where it is None.
    """

    def __init__(
        self,
        extract: Extract,
        walking: WalkingResidents,
        entrances: pd.DataFrame,
        essential: Sequence[str],
        grid: StreetGrid | None = None,
    ) -> None:
        self._extract = extract
        self._streets = walking.streets
        self._grid = StreetGrid(extract.network) if grid is None else grid
        self._profiles = {
            graph.profile.identifier: (graph, homes, services)
            for graph, homes, services in zip(walking.graphs, walking.homes, walking.services, strict=True)
        }
        self._residents = walking.places["residents"].to_numpy(dtype=float)
        self._entrances = entrances[["service_row", "category"]].astype({"category": object})
        listed = list(extract.service_tags["category"].unique())
        self._categories = sorted(listed, key=lambda name: (name not in essential, listed.index(name)))
        self._known = np.isin(self._categories, self._entrances["category"].unique())
        self._essential = frozenset(essential)
        self._asking = threading.Lock()

    def around(self, lat: float, lon: float, profile: str) -> Surroundings:
        """Return what surrounds a point.

        Parameters
        ----------
        lat, lon
            Degrees (EPSG:4326).
        profile
            Identifier of who walks.

        Raises
        ------
        PlaceError
            The point is farther from every street than can be walked, or outside the network.
        """
        graph, homes, entrances = self._profiles[profile]
        name = f"{lat}, {lon}"
        point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=GEOGRAPHIC).to_crs(METRIC)
        with self._asking:
            origin = connect(name, point.x.to_numpy(), point.y.to_numpy(), self._streets, graph)
            drawn = isochrones(graph, origin, MINUTES, grid=self._grid).reset_index()
            node_ds = graph.nearest([origin], limit_min=MINUTES[-1], outward=True)[0]
            homes_ds, entrances_ds = (graph.at(places, node_ds, origin, outward=True) for places in (homes, entrances))
        inside = [float(self._residents[homes_ds <= limit_deciseconds(limit)].sum()) for limit in MINUTES]
        named = drawn.assign(origin=name, category="", profile=profile, residents=inside).astype({"minutes": int})
        report = self._extract.report
        return Surroundings(
            lat=lat,
            lon=lon,
            profile=graph.profile,
            isochrones=named,
            services=self._count_services(entrances_ds),
            source=report.source,
            synthetic=report.synthetic,
            notices=say_alone(name, origin, graph),
        )

    def warm_up(self) -> None:
        """Ask once, around a place that is on a street, so that the first visitor does not wait for what loads late."""
        profile, (_, homes, _) = next(iter(self._profiles.items()))
        there = np.flatnonzero(homes.connected)[:1]
        place = gpd.GeoSeries(gpd.points_from_xy(homes.x[there], homes.y[there]), crs=METRIC).to_crs(GEOGRAPHIC)
        for point in place:
            self.around(point.y, point.x, profile)

    def _count_services(self, entrances_ds: npt.NDArray[np.uint16]) -> pd.DataFrame:
        reached = entrances_ds <= limit_deciseconds(MINUTES[-1])
        near = self._entrances[reached].assign(time_ds=entrances_ds[reached])
        services = near.groupby("service_row", as_index=False).agg({"category": "first", "time_ds": "min"})
        counts = {}
        for limit in MINUTES:
            within = services.loc[services["time_ds"] <= limit_deciseconds(limit), "category"].value_counts()
            counts[f"within_{limit}"] = np.where(self._known, within.reindex(self._categories, fill_value=0), np.nan)
        nearest = services.groupby("category")["time_ds"].min().reindex(self._categories) / DECISECONDS_PER_MINUTE
        return pd.DataFrame(
            {
                "category": self._categories,
                "essential": [name in self._essential for name in self._categories],
                "minutes": nearest.to_numpy(dtype=float),
                **counts,
            }
        )


def prepare_neighbourhood(model: AccessModel) -> Neighbourhood:
    """Make the access model of a territory ready to be asked what surrounds any point."""
    essential = [name for name in model.services.categories if name in model.services.essential]
    ready = Neighbourhood(model.extract, model.walking, model.services.entrances, essential, model.open_grid())
    ready.warm_up()
    return ready
