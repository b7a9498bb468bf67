"""Shortest paths by a bucket queue over whole deciseconds, compiled.

Dial, R. B. (1969), Algorithm 360: shortest-path forest with topological ordering, Communications of the ACM 12(11).
Every arc is relaxed at most once, so that one entry of the queue per arc and per start is enough. Settled
entries that a shorter path has overtaken are passed over. The functions release the interpreter's lock: threads run
side by side.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry, inlined, inner, int64
from psttm_geo.access.travel_times import UNREACHED

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Ways = npt.NDArray[np.int8]

NOBODY = -1
"""Owner of what nobody reaches."""


class Arcs(NamedTuple):
    """Links in the direction that a search follows: of node `i` those from `offsets[i]` to `offsets[i + 1]`.

    Attributes
    ----------
    offsets, targets
        Where they begin, and the nodes that they lead to.
    weights
        Deciseconds.
    """

    offsets: Indices
    targets: Indices
    weights: Times


class Queue(NamedTuple):
    """Nodes by the time that they are reached at.

    Attributes
    ----------
    heads
        The first entry of each decisecond; -1 for none, as all of them are before a search and after it.
    nodes, following
        The node of each entry, and the next entry of its decisecond: see :func:`make_queue`.
    """

    heads: Indices
    nodes: Indices
    following: Indices


def make_queue(arcs: Arcs, starts: int, limit_ds: int, *, owners: int = 1) -> Queue:
    """Return an empty queue for a search from so many starts, which passes so many owners on from each node."""
    room, heads = owners * len(arcs.targets) + starts, np.empty(limit_ds + 1, np.int32)
    heads.fill(-1)  # half the time of `np.full`, which small networks notice
    return Queue(heads, np.empty(room, np.int32), np.empty(room, np.int32))


@inlined
def _reach(
    reached_ds: Times, queue: Queue, limit_ds: int, node: int, time: int, count: int
) -> int:  # pragma: no cover - compiled
    """Reach a node at a time, if that is sooner than before; return how many entries are used."""
    if time > limit_ds or time >= reached_ds[node]:
        return count
    reached_ds[node] = time
    queue.nodes[count] = node
    queue.following[count] = queue.heads[time]
    queue.heads[time] = count
    return count + 1


@inner
def _spread(
    arcs: Arcs, reached_ds: Times, queue: Queue, limit_ds: int, count: int
) -> int:  # pragma: no cover - compiled
    """Settle the nodes in the queue and those that are reached from them; return how many entries were used."""
    settled = 0
    for time in range(limit_ds + 1):
        if settled == count:
            break
        while queue.heads[time] >= 0:
            place = queue.heads[time]
            queue.heads[time] = queue.following[place]
            settled += 1
            node = queue.nodes[place]
            if reached_ds[node] != time:
                continue
            for arc in range(arcs.offsets[node], arcs.offsets[node + 1]):
                target, later = int64(arcs.targets[arc]), time + int64(arcs.weights[arc])
                count = _reach(reached_ds, queue, limit_ds, target, later, count)
    return count


@entry
def search(
    arcs: Arcs, starts: Indices, start_ds: Indices, limit_ds: int, reached_ds: Times, queue: Queue
) -> None:  # pragma: no cover - compiled
    """Lower the times at nodes to those from the nearest of some starts.

    Where all nodes are :data:`psttm_geo.access.travel_times.UNREACHED`, they are searched anew. Where they have the
    times of a search from other starts with the same limit, they have afterwards those of a search from all of them.

    Parameters
    ----------
    arcs
        Against the direction of walks for times to places, along it for times from them.
    starts, start_ds
        Nodes, and when the search begins at each.
    limit_ds
        Longer walks are not reached.
    reached_ds
        Written.
    queue
        As :func:`make_queue` makes it.
    """
    count = int64(0)
    for position in range(len(starts)):
        node, time = int64(starts[position]), int64(start_ds[position])
        count = _reach(reached_ds, queue, limit_ds, node, time, count)
    _spread(arcs, reached_ds, queue, limit_ds, count)


@entry
def place_times(
    edge: Indices,
    along_ds: Indices,
    off_ds: Indices,
    edge_from: Indices,
    edge_to: Indices,
    edge_ds: Indices,
    way: Ways,
    node_ds: Times,
    source_first: Indices,
    source_last: Indices,
    source_along: Indices,
    source_off: Indices,
    out: Times,
) -> None:  # pragma: no cover - compiled
    """Write the time at places on edges: by either end of the street, or along it from a source on the same street.

    The sources on the street of place `p` are `source_first[p]` to `source_last[p]`. On a street with a positive `way`
    only its last end and sources farther along count, with a negative one only its first and those before; a place at
    the very end of a street is at its node.
    """
    for place in range(len(edge)):
        street = edge[place]
        best = int64(UNREACHED)
        if street >= 0 and edge_ds[street] >= 0:
            along, whole = int64(along_ds[place]), int64(edge_ds[street])
            ahead, behind = node_ds[edge_from[street]], node_ds[edge_to[street]]
            if ahead != UNREACHED and (way[street] <= 0 or along == 0):
                best = min(best, int64(ahead) + along)
            if behind != UNREACHED and (way[street] >= 0 or along == whole):
                best = min(best, int64(behind) + whole - along)
            for source in range(source_first[place], source_last[place]):
                between = source_along[source] - along
                if between * way[street] >= 0:
                    best = min(best, int64(source_off[source]) + abs(between))
            best += off_ds[place]
        out[place] = min(best, int64(UNREACHED))


@entry
def count_services(
    arcs: Arcs,
    starts: Indices,
    start_ds: Indices,
    start_offsets: Indices,
    end_offsets: Indices,
    end_place: Indices,
    end_ds: Indices,
    source_along: Indices,
    source_off: Indices,
    source_way: Ways,
    source_offsets: Indices,
    place_first: Indices,
    place_last: Indices,
    place_order: Indices,
    along_ds: Indices,
    off_ds: Indices,
    limit_ds: int,
    reached_ds: Times,
    queue: Queue,
    counted: Indices,
    counts: Indices,
) -> None:  # pragma: no cover - compiled
    """Add to `counts` how many services each place reaches within the limit: one bounded search per service.

    Service `s` starts at `start_offsets[s]` to `start_offsets[s + 1]` of `starts`. From node `i` it is `end_ds[k]` to
    place `end_place[k]`, for `k` from `end_offsets[i]` to `end_offsets[i + 1]`. The service stands on streets at
    `source_offsets[s]` to `source_offsets[s + 1]`; the places on the street of source `q` are `place_first[q]` to
    `place_last[q]` of `place_order`: before it where `source_way[q]` is positive, behind it where it is negative.
    No node is reached yet; `counted` is the last service counted at each place, -1 at first.
    """
    for service in range(len(start_offsets) - 1):
        count = int64(0)
        for position in range(start_offsets[service], start_offsets[service + 1]):
            node, time = int64(starts[position]), int64(start_ds[position])
            count = _reach(reached_ds, queue, limit_ds, node, time, count)
        count = _spread(arcs, reached_ds, queue, limit_ds, count)
        for position in range(count):
            node = queue.nodes[position]
            # A node that is in the queue twice is reached no more the second time: nothing is within the limit then.
            time, reached_ds[node] = int64(reached_ds[node]), UNREACHED
            for end in range(end_offsets[node], end_offsets[node + 1]):
                place = end_place[end]
                if counted[place] != service and time + end_ds[end] <= limit_ds:
                    counted[place] = service
                    counts[place] += 1
        for source in range(source_offsets[service], source_offsets[service + 1]):
            for position in range(place_first[source], place_last[source]):
                place = place_order[position]
                between = source_along[source] - along_ds[place]
                if between * source_way[source] < 0:
                    continue
                if counted[place] != service and source_off[source] + abs(between) + off_ds[place] <= limit_ds:
                    counted[place] = service
                    counts[place] += 1
