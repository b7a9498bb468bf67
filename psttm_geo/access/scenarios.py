"""A scenario: services added, moved or closed, to see who gains and who loses.

A small scenario also fits into an address: changes parted by ``;``, each with its fields parted by ``,``: a letter for
what is done, the category, the service, latitude, longitude, name. Texts are quoted as in addresses.
"""

import dataclasses
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import quote, unquote

Action = Literal["aggiungi", "sposta", "chiudi"]

ADD: Action = "aggiungi"
MOVE: Action = "sposta"
CLOSE: Action = "chiudi"

ACTIONS: tuple[Action, ...] = get_args(Action)

POLE, ANTIMERIDIAN = 90.0, 180.0
"""The largest latitude and longitude, degrees."""

MOST_IN_ADDRESS = 20
"""Changes that an address takes; a larger scenario is a file."""

LONGEST_ADDRESS = 3000
"""Letters of a scenario in an address: browsers and servers take some thousands in all."""

_LONGEST_READ = 20_000

_FIELDS = 6


@dataclass(frozen=True)
class Change:
    """One change of a scenario.

    Attributes
    ----------
    action
        What is done.
    category
        Of the service.
    service
        Identifier of the service in its category, as in the layer ``servizi``; empty for one that is added.
    name
        Of a service that is added or moved, for people.
    lon, lat
        Where it is added or moved to, degrees (EPSG:4326); None for one that is closed.
    """

    action: Action
    category: str
    service: str
    name: str
    lon: float | None
    lat: float | None

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude; None for a service that is closed."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


Scenario = tuple[Change, ...]


def changed_twice(changes: Sequence[Change]) -> list[tuple[int, int]]:
    """Return the positions of changes of a service that another one before changes too, with that of the first."""
    first: dict[tuple[str, str], int] = {}
    found = []
    for position, change in enumerate(changes):
        if change.action == ADD:
            continue
        earlier = first.setdefault((change.category, change.service), position)
        if earlier != position:
            found.append((position, earlier))
    return found


def with_added(changes: Scenario, category: str, place: tuple[float, float], name: str = "") -> Scenario:
    """Return a scenario with one more service, at a latitude and longitude."""
    lat, lon = place
    return (*changes, Change(ADD, category, "", name, lon, lat))


def with_moved(changes: Scenario, category: str, service: str, place: tuple[float, float], name: str = "") -> Scenario:
    """Return a scenario in which a service of today is moved; it takes the place of what it did with it before."""
    lat, lon = place
    return _with_change(changes, Change(MOVE, category, service, name, lon, lat))


def with_closed(changes: Scenario, category: str, service: str) -> Scenario:
    """Return a scenario in which a service of today is closed; it takes the place of what it did with it before."""
    return _with_change(changes, Change(CLOSE, category, service, "", None, None))


def with_place(changes: Scenario, position: int, place: tuple[float, float]) -> Scenario:
    """Return a scenario in which the service that a change added or moved is somewhere else."""
    lat, lon = place
    there = dataclasses.replace(changes[position], lat=lat, lon=lon)
    return (*changes[:position], there, *changes[position + 1 :])


def without(changes: Scenario, position: int) -> Scenario:
    """Return a scenario without one of its changes."""
    return (*changes[:position], *changes[position + 1 :])


def _with_change(changes: Scenario, change: Change) -> Scenario:
    key = (change.category, change.service)
    for position, earlier in enumerate(changes):
        if earlier.action != ADD and (earlier.category, earlier.service) == key:
            return (*changes[:position], change, *changes[position + 1 :])
    return (*changes, change)


def address_text(changes: Sequence[Change]) -> str | None:
    """Return a scenario as it stands in an address; None where it is too large for one, empty where it has nothing."""
    if len(changes) > MOST_IN_ADDRESS:
        return None
    text = ";".join(_write_change(change) for change in changes)
    return text if len(text) <= LONGEST_ADDRESS else None


def _write_change(change: Change) -> str:
    place = ("", "") if change.place is None else (repr(degrees) for degrees in change.place)
    texts = (quote(text, safe="") for text in (change.category, change.service))
    return ",".join([change.action[0], *texts, *place, quote(change.name, safe="")]).rstrip(",")


def parse_address(text: str, categories: Collection[str]) -> tuple[Scenario, tuple[str, ...]]:
    """Read what :func:`address_text` writes.

    Parameters
    ----------
    text
        From an address: anybody can have written it.
    categories
        Those that are known.

    Returns
    -------
    scenario
        The changes that can be read.
    refused
        The parts that cannot: wrongly formed, of no known category, about a service that a part before is about, or
        too many.
    """
    if len(text) > _LONGEST_READ:
        return (), (text,)
    changes: Scenario = ()
    refused = []
    for part in filter(None, text.split(";")):
        change = _read_change(part, categories)
        if change is None or len(changes) == MOST_IN_ADDRESS or changed_twice((*changes, change)):
            refused.append(part)
        else:
            changes = (*changes, change)
    return changes, tuple(refused)


def _read_change(part: str, categories: Collection[str]) -> Change | None:
    fields = part.split(",")
    if len(fields) > _FIELDS:
        return None
    letter, category, service, lat, lon, name = (unquote(field) for field in fields + [""] * (_FIELDS - len(fields)))
    action = next((action for action in ACTIONS if action[0] == letter), None)
    degrees = (_parse_degrees(lon, ANTIMERIDIAN), _parse_degrees(lat, POLE))
    if action is None or category not in categories or (action != ADD and not service):
        return None
    if action == CLOSE:
        return None if lat or lon else Change(CLOSE, category, service, name, None, None)
    return None if None in degrees else Change(action, category, service, name, *degrees)


def _parse_degrees(text: str, farthest: float) -> float | None:
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) and abs(degrees) <= farthest else None
