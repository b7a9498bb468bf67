"""Open the territory of the plan."""

from collections.abc import Iterable
from pathlib import Path

from psttm_geo.core.errors import InputMissingError, PsttmError
from psttm_geo.core.messages import Language, gettext
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.library.arguments import require_file, require_found, require_known, require_path, require_text
from psttm_geo.library.city import City
from psttm_geo.project import Project


def open(  # noqa: A001, PLR0913 - called through the package, as `rasterio.open` is; all but the first by name
    osm: str | Path | None = None,
    *,
    registers: str | Path | Iterable[str | Path] = (),
    census: str | Path | None = None,
    degurba: str | Path | None = None,
    units: str | Path | None = None,
    name_field: str | None = None,
    profiles: str | Iterable[str] = (),
    uncertainty: bool = False,
    choice: bool = False,
    found: float | None = None,
    workspace: str | Path | None = None,
    data: str | Path | None = None,
    language: Language | None = None,
) -> City:
    """Open the territory of the plan.

    Nothing is read before something is asked for.

    Parameters
    ----------
    osm
        An extract of OpenStreetMap (``.osm.pbf``, ``.osm``, ``.osm.gz``, ``.osm.bz2``) with the streets to walk on; by
        default those that the accessibility of the workspace rests on, if it holds any.
    registers, census, degurba
        Official registers of services, census sections, and classes of the Degree of Urbanisation, in place of those
        of the workspace; read with `osm` only.
    units, name_field
        A vector file of own units that accessibility is also counted by, and the field that names them.
    profiles
        Identifiers of who walks; by default all that an age band walks as.
    uncertainty, choice
        Whether low and high values of accessibility are computed too, and how much residents can choose among.
    found
        The part of the services that the data are taken to hold, 0.5 to 1, where registers and OpenStreetMap do not
        tell: those values rest on it, and are computed where it is given; by default it is not known.
    workspace, data
        Folders in place of those of ``PSTTM_WORKSPACE`` and ``PSTTM_DATA``.
    language
        Of errors and notices from now on, ``it`` or ``en``; by default that of ``PSTTM_LANGUAGE``, Italian where it is
        not set.

    Raises
    ------
    InputMissingError
        A file does not exist, or is given without `osm`.
    UnknownNameError
        The language is another one.
    LimitError
        `found` is no such share.
    """
    settings = Settings()
    PsttmError.language = settings.language
    if language is not None:
        require_known("language", language, ("it", "en"))
    given = {
        "workspace": None if workspace is None else require_path("workspace", workspace),
        "data": None if data is None else require_path("data", data),
        "language": language,
    }
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    PsttmError.language = settings.language
    asked = {
        "registers": registers,
        "census": census,
        "degurba": degurba,
        "units": units,
        "profiles": profiles,
        "found": found,
    }
    if osm is None:
        _refuse_unused([name for name, value in asked.items() if value])
        return City(Project(settings))
    request = AccessRequest(
        osm=require_file("osm", osm),
        registers=tuple(require_file("registers", file) for file in _listed(registers)),
        census=None if census is None else require_file("census", census),
        degurba=None if degurba is None else require_file("degurba", degurba),
        units=None if units is None else require_file("units", units),
        name_field=name_field,
        profiles=tuple(require_text("profiles", name) for name in _listed(profiles)),
        uncertainty=uncertainty,
        choice=choice,
        found=None if found is None else require_found(found),
    )
    return City(Project(settings), request)


def _listed(given: object) -> tuple[object, ...]:
    """Return several, or one, as several."""
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)


def _refuse_unused(names: list[str]) -> None:
    if names:
        listed = ", ".join(names)
        raise InputMissingError(
            gettext("{listed}: of use only with an extract of OpenStreetMap; give osm= too.", listed=listed)
        )
