"""The nearest services of several owners, compiled: the bucket queue of the search with some labels at each node.

A node keeps as many of the nearest owners as are asked for. Who is not among them at a node is not among them beyond
it either: those nearer there are nearer wherever one gets to from there.
"""

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inner, int64
from psttm_geo.access._kernels.search import Arcs, Queue
from psttm_geo.access.travel_times import UNREACHED

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Ways = npt.NDArray[np.int8]


@inner
def _note(times: Times, owners: Indices, where: int, time: int, owner: int) -> bool:  # pragma: no cover - compiled
    """Put an owner among the nearest of a row, which stays sorted and names nobody twice; say whether it changed."""
    last, end = 0, times.shape[1] - 1
    if time >= times[where, end]:
        return False
    while last < end and owners[where, last] != owner and times[where, last] != UNREACHED:
        last += 1
    if time >= times[where, last]:
        return False
    while last > 0 and times[where, last - 1] > time:
        times[where, last], owners[where, last] = times[where, last - 1], owners[where, last - 1]
        last -= 1
    times[where, last], owners[where, last] = time, owner
    return True


@inner
def _reach(
    reached_ds: Times,
    owners: Indices,
    queue: Queue,
    queue_owner: Indices,
    limit_ds: int,
    node: int,
    time: int,
    owner: int,
    count: int,
) -> int:  # pragma: no cover - compiled
    """Reach a node from an owner at a time, if nobody nearer is in the way; return how many entries are used."""
    if time > limit_ds or not _note(reached_ds, owners, node, time, owner):
        return count
    queue.nodes[count], queue_owner[count] = node, owner
    queue.following[count] = queue.heads[time]
    queue.heads[time] = count
    return count + 1


@entry
def search_several(
    arcs: Arcs,
    starts: Indices,
    start_ds: Indices,
    start_owner: Indices,
    limit_ds: int,
    reached_ds: Times,
    owners: Indices,
    queue: Queue,
    queue_owner: Indices,
) -> None:  # pragma: no cover - compiled
    """Write the times from the nearest owners into the rows of `reached_ds`, one per node, and who they are.

    `reached_ds` is filled with :data:`psttm_geo.access.travel_times.UNREACHED` and `owners` with
    :data:`psttm_geo.access._kernels.search.NOBODY`. Arcs are those of :func:`psttm_geo.access._kernels.search.search`;
    owners start at nodes at some time. The queue has room for as many owners as a row; `queue_owner` is room for the
    owner of each of its entries.
    """
    count, wanted = int64(0), reached_ds.shape[1]
    for start in range(len(starts)):
        node, time, owner = int64(starts[start]), int64(start_ds[start]), int64(start_owner[start])
        count = _reach(reached_ds, owners, queue, queue_owner, limit_ds, node, time, owner, count)
    for time in range(limit_ds + 1):
        while queue.heads[time] >= 0:
            place = queue.heads[time]
            queue.heads[time] = queue.following[place]
            node, owner = int64(queue.nodes[place]), int64(queue_owner[place])
            rank = 0
            while rank < wanted and owners[node, rank] != owner:
                rank += 1
            if rank == wanted or reached_ds[node, rank] != time:
                continue
            for arc in range(arcs.offsets[node], arcs.offsets[node + 1]):
                target, later = int64(arcs.targets[arc]), time + int64(arcs.weights[arc])
                count = _reach(reached_ds, owners, queue, queue_owner, limit_ds, target, later, owner, count)


@entry
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
        along, whole, off = int64(along_ds[place]), int64(edge_ds[street]), int64(off_ds[place])
        ahead, behind = edge_from[street], edge_to[street]
        for number in range(node_ds.shape[1]):
            if node_ds[ahead, number] != UNREACHED and (way[street] <= 0 or along == 0):
                time = int64(node_ds[ahead, number]) + along + off
                _note(out_ds, out_owner, place, time, int64(node_owner[ahead, number]))
            if node_ds[behind, number] != UNREACHED and (way[street] >= 0 or along == whole):
                time = int64(node_ds[behind, number]) + whole - along + off
                _note(out_ds, out_owner, place, time, int64(node_owner[behind, number]))
        for source in range(source_first[place], source_last[place]):
            between = source_along[source] - along
            if between * way[street] >= 0:
                time = int64(source_off[source]) + abs(between) + off
                _note(out_ds, out_owner, place, time, int64(source_owner[source]))
