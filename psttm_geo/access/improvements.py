"""Who walks how far today, and whom each candidate for a service would bring nearer: one list for every aim.

Existing services stand in today's times. Where some of them may be moved or closed, they become candidates themselves:
as many stay as there are now less those, and each place rests on the nearest of its services that is sure to be left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from psttm_geo.access.candidate_search import Improved, Times
from psttm_geo.access.choosing import Gains, Group, Positions, make_gains
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.snapping import Places
from psttm_geo.access.travel_times import UNREACHED

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

COSTS = UNREACHED + 1
"""Times that a cost is told of: whole deciseconds, what is not reached being the last."""


@dataclass(frozen=True)
class Demand:
    """Those who walk: one row per place and pace.

    Attributes
    ----------
    place
        Position of the place.
    graph
        Which of the walked networks they walk on.
    weight
        What they count, more than 0.
    today_ds
        What they walk today, deciseconds; :data:`psttm_geo.access.travel_times.UNREACHED` for very long.
    """

    place: Positions
    graph: Indices
    weight: Floats
    today_ds: Times

    def __len__(self) -> int:
        return len(self.place)

    @property
    def whole(self) -> float:
        """All weights together."""
        return float(self.weight.sum())


def list_demand(parts: Mapping[int, tuple[Floats, Times]]) -> Demand:
    """Return those who walk.

    Parameters
    ----------
    parts
        By position of the walked network: the weight of each place, 0 for one that does not count, and its time today.
    """
    rows = {graph: np.flatnonzero(weights > 0) for graph, (weights, _) in parts.items()}
    none = np.zeros(0, np.int64)
    return Demand(
        np.concatenate([none, *rows.values()]),
        np.repeat(np.array(list(rows), np.int32), [len(found) for found in rows.values()]),
        np.concatenate([np.zeros(0), *(parts[graph][0][found] for graph, found in rows.items())]),
        np.concatenate([np.zeros(0, np.uint16), *(parts[graph][1][found] for graph, found in rows.items())]),
    )


@dataclass(frozen=True)
class Candidates:
    """Where services could be.

    Attributes
    ----------
    accesses
        On the streets of each walked network: where one gets in, at one point or several.
    owner
        Which candidate each access belongs to, from 0.
    count
        How many candidates there are.
    """

    accesses: tuple[Places, ...]
    owner: Positions
    count: int


def find_improved(
    walking: WalkingResidents, demand: Demand, candidates: Candidates, base_ds: Times, *, limit: int
) -> Improved:
    """List the rows of a demand that each candidate brings nearer, and how near.

    Parameters
    ----------
    walking, demand, candidates
        Who walks where to what.
    base_ds
        What each row walks without any candidate, deciseconds; 0 for rows that are of no interest.
    limit
        Longer walks are of no interest, deciseconds.
    """
    lists = []
    for graph in np.unique(demand.graph):
        rows = np.flatnonzero(demand.graph == graph)
        homes = walking.homes[graph].take(demand.place[rows])
        accesses = candidates.accesses[graph]
        ptr, place, times = walking.graphs[graph].improved(
            homes, accesses, candidates.owner, candidates.count, base_ds[rows], limit=limit
        )
        lists.append((ptr, rows.astype(np.int32)[place], times))
    return _side_by_side(lists, candidates.count)


def _side_by_side(lists: Sequence[Improved], count: int) -> Improved:
    """Return several lists as one: of each candidate first what the first one has, then what the second one has."""
    if len(lists) == 1:
        return lists[0]
    ptr = np.sum([np.zeros(count + 1, np.int64), *(part for part, _, _ in lists)], axis=0)
    rows, times = np.empty(ptr[-1], np.int32), np.empty(ptr[-1], np.uint16)
    begins = ptr[:-1].copy()
    for part, of_part, of_times in lists:
        sizes = np.diff(part)
        places = np.repeat(begins - part[:-1], sizes) + np.arange(part[-1])
        rows[places], times[places] = of_part, of_times
        begins += sizes
    return ptr, rows, times


def append(first: Improved, second: Improved) -> Improved:
    """Return the lists of some candidates followed by those of others."""
    return (
        np.concatenate([first[0], first[0][-1] + second[0][1:]]),
        np.concatenate([first[1], second[1]]),
        np.concatenate([first[2], second[2]]),
    )


def take_some(improved: Improved, columns: Positions) -> Improved:
    """Return the lists of some candidates alone; those of others are empty."""
    ptr, rows, times = improved
    sizes = np.zeros(len(ptr) - 1, np.int64)
    sizes[columns] = np.diff(ptr)[columns]
    kept = np.repeat(sizes > 0, np.diff(ptr))
    return np.concatenate([[0], sizes.cumsum()]), rows[kept], times[kept]


def rest_on(improved: Improved, base_ds: Times, kept_away: int) -> tuple[Improved, Times]:
    """Return what places rest on when only so many of their services can go away, and the services nearer than that.

    Parameters
    ----------
    improved
        Of the services of today, held against nothing at all.
    base_ds
        What each row walks without any service.
    kept_away
        How many services go away.

    Returns
    -------
    improved
        Of each row the nearest services alone, one per service that can go away.
    base_ds
        The time of each row to the next nearest one.
    """
    ptr, rows, times = improved
    owner = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    order = np.lexsort((owner, times, rows))
    begins = np.searchsorted(rows[order], np.arange(len(base_ds)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - begins[rows[order]]
    base = base_ds.copy()
    sure = rank == kept_away
    base[rows[sure]] = times[sure]
    near = (rank < kept_away) & (times < base[rows])
    return (np.concatenate([[0], near.cumsum()])[ptr], rows[near], times[near]), base


def gains_of(improved: Improved, demand: Demand, base_ds: Times, cost: Floats, groups: tuple[Group, ...]) -> Gains:
    """Return what candidates save.

    Parameters
    ----------
    improved, demand, base_ds
        As for :func:`find_improved`.
    cost
        Of a walk by its deciseconds, :data:`COSTS` values, never falling.
    groups
        Of the candidates.
    """
    ptr, rows, times = improved
    saved = demand.weight[rows] * (cost[base_ds[rows]] - cost[times])
    return make_gains(ptr, rows, saved, len(demand), groups)
