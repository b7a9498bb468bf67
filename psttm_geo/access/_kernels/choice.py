"""The nearest services of several owners, compiled: the bucket queue of the search with some labels at each node.

A node keeps as many of the nearest owners as are asked for. Who is not among them at a node is not among them beyond
it either: those nearer there are nearer wherever one gets to from there.
"""

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.access.travel_times import UNREACHED

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Ways = npt.NDArray[np.int8]


@numba.njit(cache=True, nogil=True)
def _note(times: Times, owners: Indices, where: int, time: int, owner: int) -> bool:  # pragma: no cover - compiled
    """Put an owner among the nearest of a row, which stays sorted and names nobody twice; say whether it changed."""
    if time >= times[where, times.shape[1] - 1]:
        return False
    last = 0
    while last < times.shape[1] - 1 and owners[where, last] != owner:
        if times[where, last] == UNREACHED:
            break
        last += 1
    if time >= times[where, last]:
        return False
    while last > 0 and times[where, last - 1] > time:
        times[where, last], owners[where, last] = times[where, last - 1], owners[where, last - 1]
        last -= 1
    times[where, last], owners[where, last] = time, owner
    return True


@numba.njit(cache=True, nogil=True)
def search_several(
    offsets: Indices,
    targets: Indices,
    weights: Times,
    starts: Indices,
    start_ds: Indices,
    start_owner: Indices,
    limit_ds: int,
    reached_ds: Times,
    owners: Indices,
) -> None:  # pragma: no cover - compiled
    """Write the times from the nearest owners into the rows of `reached_ds`, one per node, and who they are.

    `reached_ds` is filled with :data:`psttm_geo.access.travel_times.UNREACHED` and `owners` with -1. Arcs are those of
    :func:`psttm_geo.access._kernels.search.search`; owners start at nodes at some time.
    """
    wanted = reached_ds.shape[1]
    heads = np.full(limit_ds + 1, -1, np.int32)
    capacity = wanted * len(targets) + len(starts)
    entry_node = np.empty(capacity, np.int32)
    entry_owner = np.empty(capacity, np.int32)
    entry_next = np.empty(capacity, np.int32)
    count = 0
    for start in range(len(starts)):
        node, owner, time = starts[start], start_owner[start], start_ds[start]
        if time <= limit_ds and _note(reached_ds, owners, node, time, owner):
            entry_node[count], entry_owner[count], entry_next[count] = node, owner, heads[time]
            heads[time] = count
            count += 1
    for time in range(limit_ds + 1):
        while heads[time] >= 0:
            entry = heads[time]
            heads[time] = entry_next[entry]
            node, owner = entry_node[entry], entry_owner[entry]
            rank = 0
            while rank < wanted and owners[node, rank] != owner:
                rank += 1
            if rank == wanted or reached_ds[node, rank] != time:
                continue
            for arc in range(offsets[node], offsets[node + 1]):
                target = targets[arc]
                later = time + weights[arc]
                if later <= limit_ds and _note(reached_ds, owners, target, later, owner):
                    entry_node[count], entry_owner[count], entry_next[count] = target, owner, heads[later]
                    heads[later] = count
                    count += 1


@numba.njit(cache=True, nogil=True)
def place_several(
    edge: Indices,
    along_ds: Indices,
    off_ds: Indices,
    edge_from: Indices,
    edge_to: Indices,
    edge_ds: Indices,
    way: Ways,
    node_ds: Times,
    node_owner: Indices,
    source_first: Indices,
    source_last: Indices,
    source_along: Indices,
    source_off: Indices,
    source_owner: Indices,
    out_ds: Times,
    out_owner: Indices,
) -> None:  # pragma: no cover - compiled
    """Write the nearest owners of places on edges into the rows of `out_ds` and `out_owner`, the nearest first.

    As :func:`psttm_geo.access._kernels.search.place_times` does of one; what is written to is filled as in
    :func:`search_several`.
    """
    for place in range(len(edge)):
        street = edge[place]
        if street < 0 or edge_ds[street] < 0:
            continue
        along, behind = along_ds[place], edge_ds[street] - along_ds[place]
        for number in range(node_ds.shape[1]):
            ahead_ds, behind_ds = node_ds[edge_from[street], number], node_ds[edge_to[street], number]
            if ahead_ds != UNREACHED and (way[street] <= 0 or along == 0):
                _note(out_ds, out_owner, place, ahead_ds + along + off_ds[place], node_owner[edge_from[street], number])
            if behind_ds != UNREACHED and (way[street] >= 0 or behind == 0):
                _note(out_ds, out_owner, place, behind_ds + behind + off_ds[place], node_owner[edge_to[street], number])
        for source in range(source_first[place], source_last[place]):
            between = source_along[source] - along
            if between * way[street] >= 0:
                time = source_off[source] + abs(between) + off_ds[place]
                _note(out_ds, out_owner, place, time, source_owner[source])
