"""Arguments checked when a method is called: each answers with one sentence."""

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from pathlib import Path

import pandas as pd

from psttm_geo.access.scenarios import ADD, Change, changed_twice
from psttm_geo.access.uncertainty import LEAST_FOUND
from psttm_geo.core.errors import InputMissingError, LimitError, PlaceError, UnknownNameError
from psttm_geo.core.messages import gettext
from psttm_geo.jobs.isochrone_layers import Origin
from psttm_geo.jobs.known_services import KnownServices
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.plan.records import Plan

UNITS = {
    "municipality": "comuni",
    "zone": "zone",
    "union": "unioni",
    "whole": "citta_metropolitana",
    "hexagon": "esagoni",
    "own_unit": "unita",
}
"""What results can be counted by, and how layers name it."""


NO_STREETS = gettext('No streets; give an extract of OpenStreetMap: psttm_geo.open(osm="extract.osm.pbf").')

NO_OWN_UNITS = gettext('No own units; give them on opening: psttm_geo.open(osm="...", units="units.gpkg").')

NOT_HELD = {
    "servizi": gettext(
        "No service is known; give an extract of OpenStreetMap, "
        'psttm_geo.open(osm="extract.osm.pbf"), or register a register with psttm-geo inputs add '
        "registers."
    ),
    "agenda_2030": gettext(
        "The workspace holds no mapping to the 2030 Agenda, or no register of projects; add them with psttm-geo inputs "
        "add agenda FILE and psttm-geo projects add FILE."
    ),
    **dict.fromkeys(
        MONITORING,
        gettext("The workspace holds no such row of implementation; add some with psttm-geo monitoring add FILE."),
    ),
    **dict.fromkeys(
        ("progetti", "progetti_driver", "progetti_obiettivi", "progetti_conteggi"),
        gettext("The workspace holds no register of projects; add it with psttm-geo projects add FILE."),
    ),
}
"""What is missing where a layer is asked for that the city does not have."""


def of_driver(plans: Iterable[Plan], table: pd.DataFrame, driver: int | None) -> pd.DataFrame:
    """Return the rows of a driver; all of them where none is named.

    Raises
    ------
    UnknownNameError
        No edition has it.
    """
    if driver is None:
        return table
    known = sorted({str(number) for plan in plans for number in plan.drivers["driver"]}, key=int)
    return table[table["driver"] == int(require_known("driver", str(driver), known))].reset_index(drop=True)


def of_edition(editions: Iterable[str], table: pd.DataFrame, edition: str | None) -> pd.DataFrame:
    """Return the rows of an edition; all of them where none is named.

    Raises
    ------
    UnknownNameError
        It is none of the editions.
    """
    if edition is None:
        return table
    return table[table["edition"] == require_known("edition", edition, editions)].reset_index(drop=True)


def require_known(argument: str, value: object, known: Iterable[object]) -> str:
    """Return a value that is one of those known.

    Raises
    ------
    UnknownNameError
        It is none.
    """
    names = [str(name) for name in known]
    if isinstance(value, str) and value in names:
        return value
    listed = ", ".join(names)
    raise UnknownNameError(
        gettext(
            "{argument}={value!r}: unknown value; the values are: {listed}.",
            argument=argument,
            value=value,
            listed=listed,
        )
    )


def require_degrees(argument: str, value: object) -> float:
    """Return a coordinate.

    Raises
    ------
    PlaceError
        It is no number.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise PlaceError(
            gettext(
                "{argument}={value!r}: expected a number of degrees, for example lon=9.19, lat=45.46.",
                argument=argument,
                value=value,
            )
        )
    return float(value)


def require_minutes(minutes: object) -> tuple[int, ...]:
    """Return thresholds.

    Raises
    ------
    LimitError
        They are no whole numbers, or none.
    """
    listed = tuple(minutes) if isinstance(minutes, Iterable) and not isinstance(minutes, str) else ()
    if not listed or any(isinstance(limit, bool) or not isinstance(limit, Integral) for limit in listed):
        raise LimitError(
            gettext("minutes={minutes!r}: expected whole minutes, for example [5, 10, 15].", minutes=minutes)
        )
    return tuple(int(limit) for limit in listed)


def require_found(value: object) -> float:
    """Return the part of services that is found.

    Raises
    ------
    LimitError
        It is no share, or too small to say anything.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not LEAST_FOUND <= float(value) <= 1:
        raise LimitError(
            gettext(
                "found={value!r}: expected a share from {least:g} to 1, as 0.9 for 90%.", value=value, least=LEAST_FOUND
            )
        )
    return float(value)


def require_text(argument: str, value: object) -> str:
    """Return a text.

    Raises
    ------
    UnknownNameError
        It is none.
    """
    if isinstance(value, str):
        return value
    raise UnknownNameError(gettext("{argument}={value!r}: expected a text.", argument=argument, value=value))


def require_whole(argument: str, value: object) -> int:
    """Return a whole number.

    Raises
    ------
    LimitError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise LimitError(
            gettext("{argument}={value!r}: expected a whole number, for example 3.", argument=argument, value=value)
        )
    return int(value)


def require_weight(value: object) -> str | dict[str, float]:
    """Return who counts: a name or the path of a table as text, or weights by unit.

    Raises
    ------
    UnknownNameError
        It is none of them.
    """
    if isinstance(value, pd.Series | Mapping):
        return {str(unit): float(weight) for unit, weight in value.items()}
    return require_text("weight", str(value) if isinstance(value, Path) else value)


def require_path(argument: str, value: object) -> Path:
    """Return an absolute path, ``~`` being the user's folder.

    Raises
    ------
    InputMissingError
        It is no path.
    """
    if isinstance(value, str | Path) and str(value):
        return Path(value).expanduser().absolute()
    raise InputMissingError(
        gettext("{argument}={value!r}: expected the path of a file or folder.", argument=argument, value=value)
    )


def require_file(argument: str, value: object) -> Path:
    """Return the path of a file or folder that exists.

    Raises
    ------
    InputMissingError
        It does not.
    """
    path = require_path(argument, value)
    if path.exists():
        return path
    raise InputMissingError(
        gettext("{argument}={value!r}: the file does not exist; correct the path.", argument=argument, value=str(value))
    )


def require_changes(changes: object, services: KnownServices) -> tuple[Change, ...]:
    """Return the changes of a scenario.

    Raises
    ------
    UnknownNameError
        They are no changes, a category or service is unknown, or a service is changed twice.
    PlaceError
        A place is nowhere on the globe.
    """
    given = (changes,) if isinstance(changes, Change) else changes
    listed = tuple(given) if isinstance(given, Iterable) else ()
    if not listed or not all(isinstance(change, Change) for change in listed):
        raise UnknownNameError(
            gettext("A scenario without changes; expected Add, Move or Close, or the path of a file.")
        )
    for change in listed:
        require_known("category", change.category, services.categories)
        _require_service(change, services)
        if change.lon is not None and change.lat is not None:
            Origin.at(change.lon, change.lat)
    for position, earlier in changed_twice(listed):
        raise UnknownNameError(
            gettext(
                "Changes {earlier} and {position}: one service is changed twice; leave one of them out.",
                earlier=earlier + 1,
                position=position + 1,
            )
        )
    return listed


def _require_service(change: Change, services: KnownServices) -> None:
    mine = services.table.loc[services.table["category"] == change.category, "service"]
    if change.action != ADD and change.service not in set(mine):
        raise UnknownNameError(
            gettext(
                "service={service!r}: no service with this identifier in the category {category}; take it "
                "from the column service of city.services.",
                service=change.service,
                category=change.category,
            )
        )


def require_geopackage(path: object) -> Path:
    """Return the path of a GeoPackage.

    Raises
    ------
    InputMissingError
        It is no path.
    UnknownNameError
        Its name does not end in ``.gpkg``.
    """
    found = require_path("path", path)
    if found.suffix.lower() != ".gpkg":
        require_known("path", found.name, ["*.gpkg"])
    return found
