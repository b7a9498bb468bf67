"""A scenario: services added, moved or closed, to see who gains and who loses."""

from dataclasses import dataclass
from typing import Literal

Action = Literal["aggiungi", "sposta", "chiudi"]

ADD: Action = "aggiungi"
MOVE: Action = "sposta"
CLOSE: Action = "chiudi"


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
