"""Places on streets and the times between them, as they are kept beside their network."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from psttm_geo.access.snapping import Places
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.kept_model import Model, require_count


def pack_times(
    graphs: Sequence[WalkGraph],
    homes: Sequence[Places],
    services: Sequence[Places],
    times_ds: Mapping[str, npt.NDArray[np.uint16]],
) -> Model:
    """Return places on the streets of each profile, and the times between them, as they are kept.

    Parameters
    ----------
    graphs
        The network as each profile walks it.
    homes, services
        Places of residents and entrances on the streets of each; profiles that walk the same streets share them.
    times_ds
        As :attr:`psttm_geo.access.travel_times.TravelTimes.times_ds`.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    told: dict[str, dict[str, str]] = {}
    names: dict[int, str] = {}

    def add(name: str, shared: object, content: Mapping[str, npt.NDArray[Any]]) -> str:
        """Keep content under a name, unless it is shared with a profile before; return under which."""
        if id(shared) not in names:
            names[id(shared)] = name
            arrays.update(content)
        return names[id(shared)]

    for graph, mine, theirs in zip(graphs, homes, services, strict=True):
        who = graph.profile.identifier
        times = times_ds[who]
        told[who] = {
            "homes": add(f"homes_{who}", mine, mine.kept(f"homes_{who}")),
            "services": add(f"services_{who}", theirs, theirs.kept(f"services_{who}")),
            "times": add(f"times_{who}", times, {f"times_{who}": times}),
        }
        arrays[f"leading_{who}"] = graph.leading
    return Model(arrays, told=told)


class KeptTimes:
    """What :func:`pack_times` packed, read again.

    Parameters
    ----------
    model
        As it was kept.
    edges, homes, services, categories
        How many there are: on a network, among places or entrances of other sizes it is refused.

    Attributes
    ----------
    model
        As given.
    homes, services, times_ds, leading
        By profile, as they were packed.

    Raises
    ------
    IndexError
        It does not fit.
    """

    def __init__(self, model: Model, *, edges: int, homes: int, services: int, categories: int) -> None:
        self.model = model
        read: dict[str, Places] = {}

        def places(name: str, count: int) -> Places:
            if name not in read:
                read[name] = Places.of_kept(name, model.arrays, edges)
                require_count(name, read[name].edge, count)
            return read[name]

        self.homes = {who: places(names["homes"], homes) for who, names in model.told.items()}
        self.services = {who: places(names["services"], services) for who, names in model.told.items()}
        self.times_ds = {who: model.arrays[names["times"]] for who, names in model.told.items()}
        self.leading = {who: model.arrays[f"leading_{who}"] for who in model.told}
        for who, times in self.times_ds.items():
            require_count("times", times, categories)
            require_count("times", times.T, homes)
            require_count("leading", self.leading[who], edges)
