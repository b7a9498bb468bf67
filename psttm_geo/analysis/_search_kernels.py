"""Shortest paths by a bucket queue over whole deciseconds, compiled.

Dial, R. B. (1969), Algorithm 360: shortest-path forest with topological ordering, Communications of the ACM 12(11).
Every arc is relaxed at most once, so that one entry of the queue per arc and per start is enough. Settled entries that
a shorter path has overtaken are passed over. The functions release the interpreter's lock: threads run side by side.
"""

import numba
import numpy as np
import numpy.typing as npt

from psttm_geo.model.walks import UNREACHED

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]


@numba.njit(cache=True, nogil=True)
def _queue(
    heads: Indices, entry_node: Indices, entry_next: Indices, count: int, node: int, time: int
) -> int:  # pragma: no cover - compiled
    """Put a node into the bucket of its time; return how many entries there are."""
    entry_node[count] = node
    entry_next[count] = heads[time]
    heads[time] = count
    return count + 1


@numba.njit(cache=True, nogil=True)
def search(
    offsets: Indices,
    targets: Indices,
    weights: Times,
    starts: Indices,
    start_ds: Indices,
    limit_ds: int,
    reached_ds: Times,
) -> None:  # pragma: no cover - compiled
    """Write into `reached_ds`, filled with :data:`psttm_geo.model.walks.UNREACHED`, the time from the nearest start.

    Arcs of node `i` are `offsets[i]` to `offsets[i + 1]` of `targets` and `weights` (deciseconds).
    """
    heads = np.full(limit_ds + 1, -1, np.int32)
    capacity = len(targets) + len(starts)
    entry_node = np.empty(capacity, np.int32)
    entry_next = np.empty(capacity, np.int32)
    count = 0
    for position in range(len(starts)):
        node, time = starts[position], start_ds[position]
        if time <= limit_ds and time < reached_ds[node]:
            reached_ds[node] = time
            count = _queue(heads, entry_node, entry_next, count, node, time)
    for time in range(limit_ds + 1):
        while heads[time] >= 0:
            entry = heads[time]
            heads[time] = entry_next[entry]
            node = entry_node[entry]
            if reached_ds[node] != time:
                continue
            for arc in range(offsets[node], offsets[node + 1]):
                target = targets[arc]
                later = time + weights[arc]
                if later <= limit_ds and later < reached_ds[target]:
                    reached_ds[target] = later
                    count = _queue(heads, entry_node, entry_next, count, target, later)


@numba.njit(cache=True, nogil=True)
def place_times(
    edge: Indices,
    along_ds: Indices,
    off_ds: Indices,
    edge_from: Indices,
    edge_to: Indices,
    edge_ds: Indices,
    node_ds: Times,
    same_edge_offsets: Indices,
    same_edge_along: Indices,
    same_edge_off: Indices,
    out: Times,
) -> None:  # pragma: no cover - compiled
    """Write the time at places on edges: by either end of the street, or along it from a source on the same street.

    Sources of edge `e` are `same_edge_offsets[e]` to `same_edge_offsets[e + 1]`.
    """
    for place in range(len(edge)):
        street = edge[place]
        best = np.int64(UNREACHED)
        if street >= 0 and edge_ds[street] >= 0:
            ahead = node_ds[edge_from[street]]
            if ahead != UNREACHED:
                best = min(best, np.int64(ahead) + along_ds[place])
            behind = node_ds[edge_to[street]]
            if behind != UNREACHED:
                best = min(best, np.int64(behind) + edge_ds[street] - along_ds[place])
            for source in range(same_edge_offsets[street], same_edge_offsets[street + 1]):
                best = min(best, np.int64(same_edge_off[source]) + abs(same_edge_along[source] - along_ds[place]))
            best += off_ds[place]
        out[place] = min(best, np.int64(UNREACHED))


@numba.njit(cache=True, nogil=True)
def count_services(
    offsets: Indices,
    targets: Indices,
    weights: Times,
    arc_edges: Indices,
    arc_forward: npt.NDArray[np.bool_],
    edge_ds: Indices,
    starts: Indices,
    start_ds: Indices,
    start_offsets: Indices,
    source_edge: Indices,
    source_along: Indices,
    source_off: Indices,
    source_offsets: Indices,
    place_offsets: Indices,
    place_order: Indices,
    along_ds: Indices,
    off_ds: Indices,
    limit_ds: int,
    counts: Indices,
) -> None:  # pragma: no cover - compiled
    """Add to `counts` how many services each place reaches within the limit: one bounded search per service.

    Service `s` starts at `start_offsets[s]` to `start_offsets[s + 1]` of `starts`, and stands on streets at
    `source_offsets[s]` to `source_offsets[s + 1]` of `source_edge`; the places of edge `e` are `place_offsets[e]` to
    `place_offsets[e + 1]` of `place_order`.
    """
    reached = np.full(len(offsets) - 1, UNREACHED, np.uint16)
    heads = np.full(limit_ds + 1, -1, np.int32)
    capacity = len(targets) + len(starts) + 1
    entry_node = np.empty(capacity, np.int32)
    entry_next = np.empty(capacity, np.int32)
    counted = np.full(len(counts), -1, np.int32)
    for service in range(len(start_offsets) - 1):
        count = 0
        for position in range(start_offsets[service], start_offsets[service + 1]):
            node, time = starts[position], start_ds[position]
            if time <= limit_ds and time < reached[node]:
                reached[node] = time
                count = _queue(heads, entry_node, entry_next, count, node, time)
        for time in range(limit_ds + 1):
            while heads[time] >= 0:
                entry = heads[time]
                heads[time] = entry_next[entry]
                node = entry_node[entry]
                if reached[node] != time:
                    continue
                for arc in range(offsets[node], offsets[node + 1]):
                    street = arc_edges[arc]
                    for position in range(place_offsets[street], place_offsets[street + 1]):
                        place = place_order[position]
                        if counted[place] == service:
                            continue
                        along = along_ds[place] if arc_forward[arc] else edge_ds[street] - along_ds[place]
                        if time + along + off_ds[place] <= limit_ds:
                            counted[place] = service
                            counts[place] += 1
                    target = targets[arc]
                    later = time + weights[arc]
                    if later <= limit_ds and later < reached[target]:
                        reached[target] = later
                        count = _queue(heads, entry_node, entry_next, count, target, later)
        for source in range(source_offsets[service], source_offsets[service + 1]):
            street = source_edge[source]
            for position in range(place_offsets[street], place_offsets[street + 1]):
                place = place_order[position]
                along = abs(source_along[source] - along_ds[place])
                if counted[place] != service and source_off[source] + along + off_ds[place] <= limit_ds:
                    counted[place] = service
                    counts[place] += 1
        for entry in range(count):
            reached[entry_node[entry]] = UNREACHED
