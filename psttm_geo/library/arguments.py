"""Arguments checked when a method is called: each answers with one sentence."""

from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from pathlib import Path

from psttm_geo.access.scenarios import Change, changed_twice
from psttm_geo.core.errors import LimitError, PlaceError, Text, UnknownNameError
from psttm_geo.jobs.isochrone_layers import Origin

UNITS = {
    "municipality": "comuni",
    "zone": "zone",
    "union": "unioni",
    "whole": "citta_metropolitana",
    "hexagon": "esagoni",
    "own_unit": "unita",
}
"""What results can be counted by, and how layers name it."""


def require_known(argument: str, value: object, known: Iterable[object]) -> str:
    """Return a value that is one of those known.

    Raises
    ------
    UnknownNameError
        It is none.
    """
    names = [str(name) for name in known]
    if value in names:
        return str(value)
    listed = ", ".join(names)
    raise UnknownNameError(
        Text(
            f"{argument}={value!r}: valore sconosciuto; quelli ammessi sono: {listed}.",
            f"{argument}={value!r}: unknown value; the values are: {listed}.",
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
            Text(
                f"{argument}={value!r}: atteso un numero di gradi, per esempio lon=9.19, lat=45.46.",
                f"{argument}={value!r}: expected a number of degrees, for example lon=9.19, lat=45.46.",
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
            Text(
                f"minutes={minutes!r}: attesi minuti interi, per esempio [5, 10, 15].",
                f"minutes={minutes!r}: expected whole minutes, for example [5, 10, 15].",
            )
        )
    return tuple(int(limit) for limit in listed)


def require_changes(changes: object, categories: Sequence[str]) -> tuple[Change, ...]:
    """Return the changes of a scenario.

    Raises
    ------
    UnknownNameError
        They are no changes, a category is unknown, or a service is changed twice.
    PlaceError
        A place is nowhere on the globe.
    """
    given = (changes,) if isinstance(changes, Change) else changes
    listed = tuple(given) if isinstance(given, Iterable) else ()
    if not listed or not all(isinstance(change, Change) for change in listed):
        raise UnknownNameError(
            Text(
                "Scenario senza modifiche; attese Add, Move o Close, o il percorso di un file.",
                "A scenario without changes; expected Add, Move or Close, or the path of a file.",
            )
        )
    for change in listed:
        require_known("category", change.category, categories)
        if change.lon is not None and change.lat is not None:
            Origin.at(change.lon, change.lat)
    for position, earlier in changed_twice(listed):
        raise UnknownNameError(
            Text(
                f"Modifiche {earlier + 1} e {position + 1}: lo stesso servizio è modificato due volte; toglierne una.",
                f"Changes {earlier + 1} and {position + 1}: one service is changed twice; leave one of them out.",
            )
        )
    return listed


def require_geopackage(path: str | Path) -> Path:
    """Return the path of a GeoPackage.

    Raises
    ------
    UnknownNameError
        Its name does not end in ``.gpkg``.
    """
    if Path(path).suffix.lower() != ".gpkg":
        require_known("path", str(path), ["*.gpkg"])
    return Path(path)
