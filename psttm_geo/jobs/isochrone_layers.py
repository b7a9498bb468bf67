"""Isochrones drawn around a point, the services of a category, or places of a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.access.isochrones import StreetGrid, isochrones
from psttm_geo.access.profiles import BY_DEFAULT, Profile
from psttm_geo.access.snapping import FARTHEST_M, Places, StreetIndex
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.crs import GEOGRAPHIC, METRIC, require_plane
from psttm_geo.core.errors import BoundaryFileError, PlaceError, UnknownNameError
from psttm_geo.core.messages import NOTHING, Text, gettext
from psttm_geo.core.numbers import say_number
from psttm_geo.core.progress_bar import progress_bar
from psttm_geo.core.provenance import SYNTHETIC, Source
from psttm_geo.jobs.access_model import choose_profiles
from psttm_geo.jobs.access_parts import open_grid, open_streets, unpack_sources
from psttm_geo.jobs.accessibility import Accessibility, save_results
from psttm_geo.jobs.far_places import say_alone
from psttm_geo.jobs.known_services import entrances_of, mapped_services
from psttm_geo.jobs.plan_parts import PlanParts
from psttm_geo.jobs.requests import AccessRequest, IsochroneRequest
from psttm_geo.jobs.streets import MILANO, extract_key, read_extract, territory_notices
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.project import Project
from psttm_geo.territory.features import inspect_features, read_features

_NO_CATEGORY = ""

_LOOK_M = 20_000.0
"""How far the nearest street of a point that is not connected is looked for, to say how far it is."""

_FARTHEST_EAST, _FARTHEST_NORTH = 180, 90
"""Degrees; as far west and south."""


@dataclass(frozen=True)
class Origin:
    """What an isochrone is drawn around: its name, its category if it is services, and its places (EPSG:32632)."""

    name: str
    category: str
    x: np.ndarray
    y: np.ndarray

    @classmethod
    def at(cls, lon: float, lat: float) -> "Origin":
        """Return a point, in degrees (EPSG:4326).

        Raises
        ------
        PlaceError
            It is nowhere on the globe.
        """
        _require_degrees(lon, lat)
        point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=GEOGRAPHIC).to_crs(METRIC)
        return cls(f"{lon:g}, {lat:g}", _NO_CATEGORY, point.x.to_numpy(), point.y.to_numpy())


class WalkedStreets:
    """The streets of an extract, made ready once for the isochrones of one profile.

    Parameters
    ----------
    network
        Of the extract.
    profile
        Who walks.
    streets, grid
        Of the network.
    """

    def __init__(self, network: WalkNetwork, profile: Profile, streets: StreetIndex, grid: StreetGrid) -> None:
        self._graph = WalkGraph(network, profile)
        self._streets = streets
        self._grid = grid

    @classmethod
    def of(cls, project: Project, extract: Extract, key: str, profile: Profile) -> "WalkedStreets":
        """Return the streets of an extract as they are kept under its key, else made and kept."""
        network = extract.network
        return cls(network, profile, open_streets(project, network, key), open_grid(project, network, key))

    def draw(self, origin: Origin, minutes: Sequence[int]) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
        """Return the rows of the layer ``isocrone`` around an origin, and what the user should know of it.

        Raises
        ------
        PlaceError
            It is farther from every street than can be walked.
        LimitError
            A threshold is no time that can be walked.
        """
        graph = self._graph
        places = connect(origin.name, origin.x, origin.y, self._streets, graph)
        from_there = origin.category == _NO_CATEGORY
        drawn = isochrones(graph, places, minutes, grid=self._grid, outward=from_there).reset_index()
        named = drawn.assign(origin=origin.name, category=origin.category, profile=graph.profile.identifier)
        return named.astype({"minutes": int}), say_alone(origin.name, places, graph)


def compute_isochrones(project: Project, request: IsochroneRequest, *, progress: bool = False) -> Accessibility:
    """Draw isochrones.

    Parameters
    ----------
    project
        Opened.
    request
        What is drawn.
    progress
        Whether to draw a bar on stderr.

    Returns
    -------
    Accessibility
        The layer ``isocrone``: one row per origin and threshold, each holding the smaller ones.

    Raises
    ------
    PlaceError
        A place is nowhere on the globe, or farther from every street than can be walked.
    UnknownNameError
        There is no such profile or category, or the category has no service.
    InputMissingError, OsmFileError, BoundaryFileError, TableError, EmptyNetworkError, LimitError
        Something asked for cannot be used.
    CrsError
        The extract is read in another UTM zone.
    """
    if request.lon is not None and request.lat is not None:
        _require_degrees(request.lon, request.lat)
    profile = choose_profiles(project.register, (request.profile,))[0]
    extract = read_extract(
        project, request.osm, territory=request.territory, services=request.services, progress=progress
    )
    require_plane(extract.network.crs, request.osm.name)
    origins, sources = _origins(project, request, extract)
    key = extract_key(project, extract.report.sha256, request.territory, request.services)
    streets = WalkedStreets.of(project, extract, key, profile)
    parts: list[gpd.GeoDataFrame] = []
    alone: list[Text] = list(territory_notices(request.territory))
    if request.places is not None:
        alone += inspect_features(request.places).notices
    with progress_bar("isochrone", len(origins), drawn=progress) as bar:
        for origin in origins:
            drawn, notices = streets.draw(origin, request.minutes)
            parts.append(drawn)
            alone += notices
            bar.update()
    layer = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=METRIC)
    made_up = (_MADE_UP,) if extract.report.synthetic else ()
    notices = (*project.notices, *made_up, say_profile(profile), *alone)
    return Accessibility({"isocrone": layer}, sources, notices, extract.report.synthetic)


_MADE_UP = gettext("{synthetic}: the streets are synthetic, the isochrones describe no place.", synthetic=SYNTHETIC)


def say_profile(profile: Profile) -> Text:
    """Say who walks and how fast, and whether that is who does where nobody says who."""
    speed = say_number(profile.speed_m_s, _SPEED_DECIMALS)
    by_default = gettext(" (the default)") if profile.identifier == BY_DEFAULT else NOTHING
    return gettext(
        "who walks: {name}, {speed} m/s on the flat{by_default}; --profile names another.",
        name=profile.name,
        speed=speed,
        by_default=by_default,
    )


_SPEED_DECIMALS = 2


def save_isochrones(project: Project, request: IsochroneRequest, computed: Accessibility) -> bool:
    """Keep isochrones of the plan's territory in the workspace, for builds.

    Returns
    -------
    bool
        False for another territory: nothing is kept then.

    Raises
    ------
    OutputError
        The workspace cannot be written.
    """
    if request.territory != MILANO:
        return False
    save_results(project, "isochrones", computed, {})
    return True


def _require_degrees(lon: float, lat: float) -> None:
    if -_FARTHEST_EAST <= lon <= _FARTHEST_EAST and -_FARTHEST_NORTH <= lat <= _FARTHEST_NORTH:
        return
    found = f"{lon:g}, {lat:g}"
    raise PlaceError(
        gettext(
            "Longitude and latitude {found}: expected degrees from -{farthest_east} to {farthest_east} and from "
            "-{farthest_north} to {farthest_north}, in Milan about 9 and 45; correct longitude and latitude.",
            found=found,
            farthest_east=_FARTHEST_EAST,
            farthest_north=_FARTHEST_NORTH,
        )
    )


def _origins(project: Project, request: IsochroneRequest, extract: Extract) -> tuple[list[Origin], tuple[Source, ...]]:
    if request.category is not None:
        return _category_origin(project, request, extract)
    own = (extract.report.source,)
    if request.places is not None:
        return list(_listed_origins(request)), own
    if request.lon is None or request.lat is None:
        raise PlaceError(_NOWHERE)
    return [Origin.at(request.lon, request.lat)], own


_NOWHERE = gettext("No place to start from; give longitude and latitude, a category of services or a file of places.")


def _listed_origins(request: IsochroneRequest) -> Iterator[Origin]:
    features = read_features(request.places) if request.places is not None else gpd.GeoDataFrame()
    single = features.geometry.count_geometries() == 1
    features = features.set_geometry(features.geometry.where(~single, shapely.get_geometry(features.geometry, 0)))
    if not (features.geometry.geom_type == "Point").all():
        kinds = ", ".join(sorted(set(features.geometry.geom_type)))
        raise BoundaryFileError(
            gettext(
                "{places}: found geometries {kinds}, expected points; export the places as points.",
                places=request.places,
                kinds=kinds,
            )
        )
    numbers = pd.Series(range(1, len(features) + 1)).astype(str)
    names = features["name"].where(features["name"] != "", numbers)
    names = names.where(~names.duplicated(keep=False), names + " #" + numbers)
    for name, point in zip(names, features.geometry, strict=True):
        yield Origin(str(name), _NO_CATEGORY, np.array([point.x]), np.array([point.y]))


def _category_origin(
    project: Project, request: IsochroneRequest, extract: Extract
) -> tuple[list[Origin], tuple[Source, ...]]:
    names = extract.service_tags.drop_duplicates("category").set_index("category")["name_it"]
    category = str(request.category)
    if category not in names.index:
        known = ", ".join(names.index)
        raise UnknownNameError(
            gettext("Unknown category “{category}”; the categories are: {known}.", category=category, known=known)
        )
    sources: tuple[Source, ...] = (extract.report.source,)
    if request.territory == MILANO:
        asked = AccessRequest(request.osm, registers=request.registers, services=request.services)
        parts = PlanParts(project, asked, extract, None)
        entrances, sources = parts.known_services.entrances, unpack_sources(parts.services.told["sources"])
    else:
        entrances = entrances_of(mapped_services(extract), extract)
    mine = entrances[entrances["category"] == category]
    if mine.empty:
        raise UnknownNameError(
            gettext("No service of the category {names}; give another extract or a register.", names=names[category])
        )
    origin = Origin(str(names[category]), category, mine["x"].to_numpy(dtype=float), mine["y"].to_numpy(dtype=float))
    return [origin], sources


def connect(name: str, x: np.ndarray, y: np.ndarray, streets: StreetIndex, graph: WalkGraph) -> Places:
    """Return those of some places (EPSG:32632) that are on a street; at least one.

    Raises
    ------
    PlaceError
        None is.
    """
    places = streets.snap(x, y, usable=graph.entered, leading=graph.leading)
    if places.connected.any():
        return places.take(places.connected)
    far = float(streets.snap(x, y, usable=graph.entered, max_m=_LOOK_M).off_street_m.min())
    distance = gettext("{far:.0f} m", far=far) if np.isfinite(far) else gettext("more than 20 km")
    raise PlaceError(
        gettext(
            "The point {name} is {distance} from the nearest street that can be walked ({profile}), at most "
            "{farthest:.0f} m; move it near a street.",
            name=name,
            distance=distance,
            profile=graph.profile.name.lower(),
            farthest=FARTHEST_M,
        )
    )
