"""The access model: streets, services, residents and units of a territory, read once, ready for travel times."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile, build_profiles
from psttm_geo.core.crs import require_plane
from psttm_geo.core.errors import InputMissingError, UnknownNameError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.numbers import say_number
from psttm_geo.core.provenance import SYNTHETIC, Source
from psttm_geo.jobs.census_areas import read_census
from psttm_geo.jobs.counted_units import CountedUnits, kept_units, other_units, plan_units, read_own_units
from psttm_geo.jobs.covered import mark_outside, measured_in, say_covered, say_stand_ins, stand_ins
from psttm_geo.jobs.known_services import KnownServices, mapped_services, plan_services
from psttm_geo.jobs.load import Territory, load_territory
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import MILANO, OSM_MUNICIPALITIES, load_kept_extract, read_extract
from psttm_geo.jobs.urbanisation import compute_urbanisation, read_urbanisation
from psttm_geo.osm.extract_reader import named_municipalities
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.degurba_records import Urbanisation
from psttm_geo.territory.dwellings import list_beyond, list_dwellings, within_extent
from psttm_geo.territory.population import place_residents
from psttm_geo.territory.population_records import METHODS, Population
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
    """Streets, services, residents and units of a territory, ready for travel times.

    Attributes
    ----------
    extract
        As read.
    walking
        Places of residents and entrances of services on the streets.
    services, units, people
        What is reached, what residents are counted in, and who is counted.
    sources
        Everything that figures rest on.
    notices
        What the user should know.
    """

    extract: Extract
    walking: WalkingResidents
    services: KnownServices
    units: CountedUnits
    people: CountedPeople
    sources: tuple[Source, ...]
    notices: tuple[Text, ...]

    @property
    def synthetic(self) -> bool:
        """Whether streets or services are made up."""
        return self.extract.report.synthetic


def load_access_model(
    project: Project, request: AccessRequest, *, known: tuple[Territory, Extract] | None = None, progress: bool = False
) -> AccessModel:
    """Read everything that travel times rest on.

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
        return _read_other_territory(request, extract, profiles)
    return _read_plan_territory(
        project, request, territory or load_territory(project, computed=False), extract, profiles
    )


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


def _read_plan_territory(
    project: Project, request: AccessRequest, territory: Territory, extract: Extract, profiles: Sequence[Profile]
) -> AccessModel:
    municipalities = territory.municipalities
    table, service_sources, register_lines, lists = plan_services(project, extract, territory, request.registers)
    services = KnownServices.of(table, extract, lists)
    population, census_sources = _place(project, request.census, extract, municipalities)
    classes = _choose_classes(project, request, territory, population, extract)
    own = read_own_units(request, municipalities)
    return AccessModel(
        extract=extract,
        walking=WalkingResidents(extract.network, profiles, population.places, services.entrances),
        services=services,
        units=plan_units(territory, population, classes, own),
        people=CountedPeople(known=True, date=territory.residents_date, urbanisation=classes),
        sources=_distinct(
            (*territory.sources, *service_sources, *census_sources, classes.source, extract.report.source)
        ),
        notices=(
            *_synthetic_notice(extract),
            *say_covered(extract, municipalities),
            *_other_notices(territory, classes),
            *register_lines,
            *own.notices,
            *population.notices,
            *_method_lines(population),
        ),
    )


def load_kept_access_model(project: Project, territory: Territory, extract: Extract | None = None) -> AccessModel:
    """Read what the accessibility of a workspace rests on, without its extract, for all profiles of the tables.

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
    table, service_sources, _, lists = plan_services(project, extract, territory, ())
    services = dataclasses.replace(
        KnownServices.of(table, extract, lists), essential=frozenset(territory.results.essential)
    )
    population, census_sources = _place(project, None, extract, territory.municipalities)
    return AccessModel(
        extract=extract,
        walking=WalkingResidents(extract.network, profiles, population.places, services.entrances),
        services=services,
        units=kept_units(territory, population),
        people=CountedPeople(known=True, date=territory.residents_date),
        sources=_distinct((*territory.sources, *service_sources, *census_sources, extract.report.source)),
        notices=(*_synthetic_notice(extract), *population.notices),
    )


def _place(
    project: Project, census: Path | None, extract: Extract, municipalities: gpd.GeoDataFrame
) -> tuple[Population, tuple[Source, ...]]:
    """Return the residents of municipalities on places, and where census sections come from.

    What they might have been placed on and were not, a million places, is forgotten here.
    """
    sections = read_census(project, () if census is None else (census,))
    dwellings = list_dwellings(extract.homes, extract.network, municipalities)
    dwellings = within_extent(dwellings, extract.extent, municipalities)
    population = place_residents(municipalities, sections, dwellings, list_beyond(extract.extent, municipalities))
    places = mark_outside(population.places, extract.extent, municipalities)
    population = dataclasses.replace(population, places=places)
    return population, () if sections is None else (sections.source,)


def find_kept_extract(project: Project, territory: Territory) -> Extract | None:
    """Return the extract that the accessibility of a workspace rests on; None where there is none, or no more."""
    results = {} if territory.results is None else territory.results.sources
    walked = (sources for name, sources in results.items() if name.startswith("accessibilita_"))
    rests_on = (source for sources in walked for source in sources)
    sums = dict.fromkeys(source.sha256 for source in rests_on if source.identifier == "openstreetmap")
    found = (load_kept_extract(project, sha256) for sha256 in sums)
    return next((extract for extract in found if extract is not None), None)


def _choose_classes(
    project: Project, request: AccessRequest, territory: Territory, population: Population, extract: Extract
) -> Urbanisation:
    """Return the classes of an official table, else compute them anew: those kept may be of other residents."""
    given = read_urbanisation(project, request.degurba)
    if given is not None and not given.experimental:
        return given
    return compute_urbanisation(project, population, territory, streets=extract.report.source)


def _other_notices(territory: Territory, classes: Urbanisation) -> tuple[Text, ...]:
    """Return the territory's notices, with what there is to say of these classes in place of those it holds."""
    held = () if territory.urbanisation is None else territory.urbanisation.notices
    return (*(notice for notice in territory.notices if notice not in held), *classes.notices)


def _read_other_territory(request: AccessRequest, extract: Extract, profiles: Sequence[Profile]) -> AccessModel:
    """Read a territory whose residents nobody has told: buildings stand for them, else streets."""
    municipalities, named = _other_municipalities(request, extract)
    places = mark_outside(stand_ins(municipalities, extract), extract.extent, municipalities)
    services = KnownServices.of(mapped_services(extract), extract)
    own = read_own_units(request, municipalities)
    unknown = gettext(
        "Residents are not known in this territory: shares and minutes are weighted by the ground "
        "area of residential buildings, or by the length of streets where there are none."
    )
    return AccessModel(
        extract=extract,
        walking=WalkingResidents(extract.network, profiles, places, services.entrances),
        services=services,
        units=other_units(request, municipalities, places, own),
        people=CountedPeople(known=False, date="", name=measured_in(places)),
        sources=(extract.report.source,),
        notices=(
            *_synthetic_notice(extract),
            *say_covered(extract, municipalities),
            unknown,
            *named,
            *own.notices,
            *say_stand_ins(places),
        ),
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


def _method_lines(population: Population) -> tuple[Text, ...]:
    """Say how residents were put on places, a line per method."""
    counted = population.methods.groupby("method", sort=False)["residents"].agg(["size", "sum"])
    said = [
        (METHODS[str(name)], row["size"], say_number(row["sum"], 0)) for name, row in counted.to_dict("index").items()
    ]
    return tuple(
        gettext("{method}: municipalities {count}, residents {people}", method=method, count=count, people=people)
        for method, count, people in said
    )
