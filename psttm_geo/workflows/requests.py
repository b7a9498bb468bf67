"""What is asked of the engine of walks; apart from it, because it takes long to load."""

from dataclasses import dataclass
from pathlib import Path

from psttm_geo.workflows.streets import MILANO


@dataclass(frozen=True)
class AccessRequest:
    """What accessibility is computed of.

    Attributes
    ----------
    osm
        An extract of OpenStreetMap.
    territory
        As for :func:`psttm_geo.workflows.streets.read_extract`.
    registers, census
        Files to use instead of what the workspace holds.
    units
        The office's own units.
    services
        A table of services instead of ``services.csv``.
    profiles
        Identifiers; by default all that an age band walks as.
    minutes
        Thresholds of the indicators.
    """

    osm: Path
    territory: str = MILANO
    registers: tuple[Path, ...] = ()
    census: Path | None = None
    units: Path | None = None
    services: Path | None = None
    profiles: tuple[str, ...] = ()
    minutes: tuple[int, ...] = (5, 10, 15, 20, 30)
