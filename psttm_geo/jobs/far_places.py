"""What stays on a piece of network that leads nowhere, to be said of services, homes, points and new services alike."""

import numpy as np

from psttm_geo.access.snapping import FARTHEST_M, Places
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.errors import Text
from psttm_geo.core.numbers import say_number
from psttm_geo.osm.network import LEADS_M

_WHY = Text(
    f"una rete staccata, con meno di {LEADS_M:.0f} m di strade e nessun'altra strada entro {FARTHEST_M:.0f} m",
    f"a separate network with less than {LEADS_M:.0f} m of streets and no other street within {FARTHEST_M:.0f} m",
)


def say_alone(name: str, places: Places, graph: WalkGraph) -> tuple[Text, ...]:
    """Say of a named place that it stays alone; nothing of one that does not.

    Parameters
    ----------
    name
        Of the place.
    places
        Its points on the streets of the profile; it stays alone when all of them do.
    graph
        The network as the profile walks it.
    """
    here = places.connected
    if not here.any() or graph.leading[places.edge[here]].any():
        return ()
    return (
        Text(
            f"{name}: su {_WHY.it}: da qui a piedi non si va altrove.",
            f"{name}: on {_WHY.en}: nothing else is reached on foot from here.",
        ),
    )


def say_services_alone(count: int) -> tuple[Text, ...]:
    """Say how many services stay alone; nothing of none."""
    if not count:
        return ()
    return (
        Text(
            f"Servizi su {_WHY.it}, raggiunti solo da lì: {count}.",
            f"Services on {_WHY.en}, reached from there only: {count}.",
        ),
    )


def say_residents_alone(people: float) -> tuple[Text, ...]:
    """Say how many residents stay alone; nothing of none, or where residents are not known."""
    if np.isnan(people) or people <= 0:
        return ()
    said = say_number(people, 0)
    return (Text(f"Residenti su {_WHY.it}: {said.it}.", f"Residents on {_WHY.en}: {said.en}."),)
