"""What is asked for; apart from what answers, which takes long to load."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psttm_geo.access.aims import COVERAGE, Aim
from psttm_geo.access.profiles import BY_DEFAULT
from psttm_geo.access.scenarios import ADD, Action
from psttm_geo.core.crs import METRIC
from psttm_geo.jobs.streets import MILANO


@dataclass(frozen=True)
class AccessRequest:
    """What accessibility is computed of.

    Attributes
    ----------
    osm
        An extract of OpenStreetMap.
    territory
        As for :func:`psttm_geo.jobs.streets.read_extract`.
    registers, census
        Files to use instead of what the workspace holds.
    degurba
        ISTAT's or Eurostat's classes of municipalities, instead of what the workspace holds; without either they are
        computed.
    units
        The office's own units.
    name_field
        The field that names them, or the units of a territory of its own; None where the file leaves no doubt.
    services
        A table of services instead of ``services.csv``.
    profiles
        Identifiers; by default all that an age band walks as.
    minutes
        Thresholds of the indicators.
    uncertainty
        Whether low and high values are computed.
    choice
        Whether the second and third nearest services, their number within a quarter of an hour, and catchments are
        computed.
    found
        The part of the services that the data are taken to hold, 0.5 to 1, of categories of which registers and
        OpenStreetMap do not tell; None for not known. Where it is given, low and high values are computed.
    """

    osm: Path
    territory: str = MILANO
    registers: tuple[Path, ...] = ()
    census: Path | None = None
    degurba: Path | None = None
    units: Path | None = None
    name_field: str | None = None
    services: Path | None = None
    profiles: tuple[str, ...] = ()
    minutes: tuple[int, ...] = (5, 10, 15, 20, 30)
    uncertainty: bool = False
    choice: bool = False
    found: float | None = None

    @property
    def with_bounds(self) -> bool:
        """Whether low and high values are computed."""
        return self.uncertainty or self.found is not None


HEXAGONS = "esagoni"
"""Candidates for services: the hexagons that residents live in."""

RESIDENTS = "residenti"
"""What counts: everybody."""

BEYOND_QUARTER = "oltre_15"
"""What counts: residents who walk more than a quarter of an hour today."""


@dataclass(frozen=True)
class SiteRequest:
    """Where services are to be added, moved or closed.

    Attributes
    ----------
    category
        Of the services.
    count
        How many of them.
    action, aim
        As :class:`psttm_geo.access.siting.Question`.
    minutes
        Likewise; None for what the aim has by default.
    weight
        :data:`RESIDENTS`, :data:`BEYOND_QUARTER`, an age band as in ``indicatori``, the path of a table with the
        columns ``unita`` and ``peso``, or weights by unit.
    candidates
        :data:`HEXAGONS`, a category whose services of today are candidates, or the path of a file of places.
    seconds
        After which the best answer known is given.
    """

    category: str
    count: int = 1
    action: Action = ADD
    aim: Aim = COVERAGE
    minutes: float | None = None
    weight: str | Mapping[str, float] = RESIDENTS
    candidates: str = HEXAGONS
    seconds: float = 10.0


@dataclass(frozen=True)
class IsochroneRequest:
    """What isochrones are drawn around: one of a point, a category of services, or a file of places.

    Attributes
    ----------
    osm, territory, services, registers
        As in :class:`AccessRequest`.
    lon, lat
        A point, degrees (EPSG:4326).
    category
        All services of a category together.
    places
        A vector file of points, each on its own.
    minutes
        Thresholds.
    profile
        Identifier of who walks.
    """

    osm: Path
    territory: str = MILANO
    services: Path | None = None
    registers: tuple[Path, ...] = ()
    lon: float | None = None
    lat: float | None = None
    category: str | None = None
    places: Path | None = None
    minutes: tuple[int, ...] = (5, 10, 15)
    profile: str = BY_DEFAULT


@dataclass(frozen=True)
class BuildRequest:
    """What a build holds.

    Attributes
    ----------
    boundaries, residents, editions
        As for :func:`psttm_geo.jobs.load_territory`.
    zones, municipalities
        Zone omogenee, and codes or names of municipalities, that only a part is wanted of; all where both are empty.
    crs
        One of :data:`psttm_geo.core.crs.DELIVERED`.
    """

    boundaries: Path | None = None
    residents: Path | None = None
    editions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    crs: str = METRIC


@dataclass(frozen=True)
class ExportRequest:
    """What is exported of a build.

    Attributes
    ----------
    form
        ``gpkg``, a key of :data:`psttm_geo.delivery.formats.FORMATS`, ``metadata``, or ``qgz`` for the whole project.
    layers
        Italian layer names; all where empty.
    editions, zones, municipalities
        As in :class:`BuildRequest`.
    crs
        One of :data:`psttm_geo.core.crs.DELIVERED`; None for that of the build. GeoJSON has its own.
    """

    form: str
    layers: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    municipalities: tuple[str, ...] = ()
    crs: str | None = None
