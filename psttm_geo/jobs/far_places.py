"""What stays on a piece of network that leads nowhere, to be said of services, homes, points and new services alike."""

import numpy as np

from psttm_geo.access.snapping import FARTHEST_M, Places
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.numbers import say_number
from psttm_geo.osm.network import LEADS_M

_WHY = gettext(
    "a separate network with less than {leads_m:.0f} m of streets and no other street within {farthest_m:.0f} m",
    leads_m=LEADS_M,
    farthest_m=FARTHEST_M,
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
    return (gettext("{name}: on {why}: nothing else is reached on foot from here.", name=name, why=_WHY),)


def say_services_alone(count: int) -> tuple[Text, ...]:
    """Say how many services stay alone; nothing of none."""
    if not count:
        return ()
    return (gettext("Services on {why}, reached from there only: {count}.", why=_WHY, count=count),)


def say_residents_alone(people: float) -> tuple[Text, ...]:
    """Say how many residents stay alone; nothing of none, or where residents are not known."""
    if np.isnan(people) or people <= 0:
        return ()
    said = say_number(people, 0)
    return (gettext("Residents on {why}: {said}.", why=_WHY, said=said),)
