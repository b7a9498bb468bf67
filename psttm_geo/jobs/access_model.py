"""The access model: streets, services, residents and units of a territory, read once, ready for travel times."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from psttm_geo.access.isochrones import StreetGrid
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile, build_profiles
from psttm_geo.access.travel_times import TravelTimes
from psttm_geo.core.crs import require_plane
from psttm_geo.core.errors import InputMissingError, UnknownNameError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import SYNTHETIC, Source
from psttm_geo.jobs.access_parts import (
    hexagons_of,
    open_grid,
    open_streets,
    residents_of,
    units_of,
    unpack_sources,
    unpack_texts,
)
from psttm_geo.jobs.counted_units import CountedUnits, kept_units, other_units, read_own_units
from psttm_geo.jobs.covered import mark_outside, measured_in, say_covered, say_stand_ins, stand_ins
from psttm_geo.jobs.known_services import KnownServices, mapped_services
from psttm_geo.jobs.load import Territory
from psttm_geo.jobs.plan_parts import PlanParts, unpack_classes
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import MILANO, OSM_MUNICIPALITIES, extract_key, load_kept_extract, read_extract
from psttm_geo.osm.extract_reader import named_municipalities
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.degurba_records import Urbanisation
from psttm_geo.territory.units import read_units

_RESIDENTS = gettext("residents")


@dataclass(frozen=True)
class CountedPeople:
    """Who is counted.

    Attributes
    ----------
    known
        Whether places hold residents; else buildings or streets stand for them, and only shares and times are known.
    date
        That residents refer to, ISO 8601; empty where they are not known.
    name
        Residents, or the measures of what stands for them.
    urbanisation
        Classes of the plan's municipalities; None elsewhere.
    """

    known: bool
    date: str
    name: Text = _RESIDENTS
    urbanisation: Urbanisation | None = None


@dataclass(frozen=True)
class AccessModel:
    """Streets, services, residents and units of a territory, and the travel times between them as they are.

    Attributes
    ----------
    extract
        As read.
    walking
        Places of residents and entrances of services on the streets.
    services, units, people
        What is reached, what residents are counted in, and who is counted.
    travel_times
        From its residents to today's services.
    sources
        Everything that figures rest on.
    notices
        What the user should know.
    open_grid
        Gives the grid that isochrones on its streets are drawn on.
    """

    extract: Extract
    walking: WalkingResidents
    services: KnownServices
    units: CountedUnits
    people: CountedPeople
    travel_times: TravelTimes
    sources: tuple[Source, ...]
    notices: tuple[Text, ...]
    open_grid: Callable[[], StreetGrid]

    @property
    def synthetic(self) -> bool:
        """Whether streets or services are made up."""
        return self.extract.report.synthetic


def load_access_model(
    project: Project, request: AccessRequest, *, known: tuple[Territory, Extract] | None = None, progress: bool = False
) -> AccessModel:
    """Open everything that travel times rest on, as far as it is kept in the workspace's cache; the rest is computed.

    Parameters
    ----------
    project
        Opened.
    request
        What is computed.
    known
        The plan's territory and the extract, where they have been read already.
    progress
        Whether to draw a bar on stderr.

    Raises
    ------
    InputMissingError, OsmFileError, BoundaryFileError, TableError, UnknownNameError, CensusFileError
        Something asked for cannot be used.
    CrsError
        The extract is read in another UTM zone.
    EmptyNetworkError
        There is no street to walk on in the territory.
    WorkspaceError, OutputError
        The workspace is damaged or cannot be written.
    """
    profiles = choose_profiles(project.register, request.profiles)
    territory, extract = known or (None, None)
    if extract is None:
        extract = read_extract(
            project, request.osm, territory=request.territory, services=request.services, progress=progress
        )
    require_plane(extract.network.crs, request.osm.name)
    if request.territory != MILANO:
        return _read_other_territory(project, request, extract, profiles)
    return _open_plan_territory(PlanParts(project, request, extract, territory), profiles)


def choose_profiles(register: Register, wanted: Sequence[str]) -> tuple[Profile, ...]:
    """Return the profiles asked for; by default those that an age band walks as.

    Raises
    ------
    UnknownNameError
        There is no such profile.
    """
    profiles = {profile.identifier: profile for profile in build_profiles(register.tables["profiles.csv"])}
    unknown = [name for name in wanted if name not in profiles]
    if unknown:
        known = ", ".join(profiles)
        raise UnknownNameError(
            gettext("Unknown profile {listed}; the profiles are: {known}.", listed=", ".join(unknown), known=known)
        )
    if wanted:
        return tuple(profiles[name] for name in dict.fromkeys(wanted))
    return tuple(profile for profile in profiles.values() if profile.bands)


def _open_plan_territory(parts: PlanParts, profiles: Sequence[Profile]) -> AccessModel:
    extract, units, places, listed = parts.extract, parts.units, parts.places, parts.services
    services = parts.known_services
    classes = unpack_classes(units)
    walking, travel_times = parts.walk(profiles, services)
    return AccessModel(
        extract=extract,
        walking=walking,
        services=services,
        units=units_of(units, places),
        people=CountedPeople(known=True, date=units.told["residents_date"], urbanisation=classes),
        travel_times=travel_times,
        sources=_distinct(
            (
                *unpack_sources(units.told["sources"]),
                *unpack_sources(listed.told["sources"]),
                *unpack_sources(places.told["sources"]),
                classes.source,
                extract.report.source,
            )
        ),
        notices=(
            *parts.project.notices,
            *_synthetic_notice(extract),
            *unpack_texts(places.told["covered"]),
            *unpack_texts(units.told["notices"]),
            *unpack_texts(listed.told["lines"]),
            *unpack_texts(units.told["own"]),
            *unpack_texts(places.told["notices"]),
            *unpack_texts(places.told["methods_said"]),
        ),
        open_grid=parts.open_grid,
    )


def load_kept_access_model(project: Project, territory: Territory, extract: Extract | None = None) -> AccessModel:
    """Open what the accessibility of a workspace rests on, without its extract, for all profiles of the tables.

    Units are municipalities and the whole; residents are not split by degree of urbanisation.

    Parameters
    ----------
    project
        Opened.
    territory
        With its results.
    extract
        That its accessibility rests on, where it has been read already.

    Raises
    ------
    InputMissingError
        There are no results, or the workspace no longer keeps the streets that they rest on.
    TableError, CensusFileError, NetworkFileError
        Something that the workspace holds cannot be used.
    """
    extract = extract or find_kept_extract(project, territory)
    if extract is None or territory.results is None:
        raise InputMissingError(
            gettext(
                "The workspace no longer holds the street network of these results; repeat psttm-geo access "
                "--osm EXTRACT."
            )
        )
    profiles = tuple(build_profiles(project.tables["profiles.csv"]))
    parts = PlanParts(project, None, extract, territory)
    listed, places = parts.services, parts.places
    services = dataclasses.replace(parts.known_services, essential=frozenset(territory.results.essential))
    walking, travel_times = parts.walk(profiles, services)
    of_services, of_places = (unpack_sources(part.told["sources"]) for part in (listed, places))
    return AccessModel(
        extract=extract,
        walking=walking,
        services=services,
        units=kept_units(territory, residents_of(places), hexagons_of(places)),
        people=CountedPeople(known=True, date=territory.residents_date),
        travel_times=travel_times,
        sources=_distinct((*territory.sources, *of_services, *of_places, extract.report.source)),
        notices=(*project.notices, *_synthetic_notice(extract), *unpack_texts(places.told["notices"])),
        open_grid=parts.open_grid,
    )


def find_kept_extract(project: Project, territory: Territory) -> Extract | None:
    """Return the extract that the accessibility of a workspace rests on; None where there is none, or no more."""
    results = {} if territory.results is None else territory.results.sources
    walked = (sources for name, sources in results.items() if name.startswith("accessibilita_"))
    rests_on = (source for sources in walked for source in sources)
    sums = dict.fromkeys(source.sha256 for source in rests_on if source.identifier == "openstreetmap")
    found = (load_kept_extract(project, sha256) for sha256 in sums)
    return next((extract for extract in found if extract is not None), None)


def _read_other_territory(
    project: Project, request: AccessRequest, extract: Extract, profiles: Sequence[Profile]
) -> AccessModel:
    """Read a territory whose residents nobody has told: buildings stand for them, else streets."""
    municipalities, named = _other_municipalities(request, extract)
    places = mark_outside(stand_ins(municipalities, extract), extract.extent, municipalities)
    services = KnownServices.of(mapped_services(extract), extract)
    own = read_own_units(request, municipalities)
    unknown = gettext(
        "Residents are not known in this territory: shares and minutes are weighted by the ground "
        "area of residential buildings, or by the length of streets where there are none."
    )
    key = extract_key(project, extract.report.sha256, request.territory, request.services)
    streets = open_streets(project, extract.network, key)
    walking = WalkingResidents(extract.network, profiles, places, services.entrances, streets=streets)
    return AccessModel(
        extract=extract,
        walking=walking,
        services=services,
        units=other_units(request, municipalities, places, own),
        people=CountedPeople(known=False, date="", name=measured_in(places)),
        travel_times=walking.walk(list(services.categories), services.essential),
        sources=(extract.report.source,),
        notices=(
            *project.notices,
            *_synthetic_notice(extract),
            *say_covered(extract, municipalities),
            unknown,
            *named,
            *own.notices,
            *say_stand_ins(places),
        ),
        open_grid=lambda: open_grid(project, extract.network, key),
    )


def _other_municipalities(request: AccessRequest, extract: Extract) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Return what stands for municipalities in another territory, and where its names come from."""
    if request.territory != OSM_MUNICIPALITIES:
        units, notices = read_units(Path(request.territory), request.name_field)
        return units.assign(municipality_code=units["own_unit"], municipality=units["own_unit"]), notices
    whole = named_municipalities(extract.boundaries)
    if whole.empty:
        raise InputMissingError(
            gettext(
                "{osm} holds no complete, named municipality; give the territory as a vector file.", osm=request.osm
            )
        )
    codes = whole["ref_istat"].where(
        whole["ref_istat"] != "", whole["osm_type"].astype(str) + whole["osm_id"].astype(str)
    )
    return gpd.GeoDataFrame(
        {"municipality_code": codes, "municipality": whole["name"]}, geometry=whole.geometry, crs=whole.crs
    ).reset_index(drop=True), ()


def _distinct(sources: Sequence[Source]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(sources))


def _synthetic_notice(extract: Extract) -> tuple[Text, ...]:
    if not extract.report.synthetic:
        return ()
    return (
        gettext(
            "{synthetic}: streets and mapped services are synthetic: the figures describe no place.",
            synthetic=SYNTHETIC,
        ),
    )
