"""Shortest paths by a bucket queue over whole deciseconds, compiled.

Dial, R. B. (1969), Algorithm 360: shortest-path forest with topological ordering, Communications of the ACM 12(11).
Every arc is relaxed at most once, so that one entry of the queue per arc and per start is enough. Settled entries that
a shorter path has overtaken are passed over. The functions release the interpreter's lock: threads run side by side.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba.extending import register_jitable

from psttm_geo.access.travel_times import UNREACHED

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ways = npt.NDArray[np.int8]
Number = Any


_DECISECONDS_PER_SECOND = 10

_ENDLESS_DS = 2**29
"""Longer walks, of more than a year, are taken for this long: the sum of a few of them is still a whole number."""


@register_jitable
def whole_deciseconds(seconds: Number) -> Number:
    """Return times in whole deciseconds; of arrays, or compiled of one time."""
    return np.rint(np.minimum(seconds * _DECISECONDS_PER_SECOND, _ENDLESS_DS))


@register_jitable
def along_street(fraction: Number, edge_ds: Number) -> Number:
    """Return the time from the first node of a street to a place on it, 0 where it is closed; likewise."""
    return np.rint(fraction * np.maximum(edge_ds, 0))


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
    edge_from: Indices,
    edge_to: Indices,
    edge_ds: Indices,
    way: Ways,
    barred: Flags,
    edge: Indices,
    fraction: Floats,
    off_street_m: Floats,
    speed_m_s: float,
    limit_ds: int,
    reached_ds: Times,
) -> None:  # pragma: no cover - compiled
    """Write the time from the nearest place into `reached_ds`.

    It is filled with :data:`psttm_geo.access.travel_times.UNREACHED`.

    Arcs of node `i` are `offsets[i]` to `offsets[i + 1]` of `targets` and `weights` (deciseconds). Places are on
    streets (`edge`, negative for none), a part of the way along them and some metres off; the search begins at the ends
    of their street, unless these are `barred`. Streets with a negative `edge_ds` are closed; of one with a positive
    `way` it begins at the first end only, with a negative one at the last, unless a place is at the very other end.
    """
    heads = np.full(limit_ds + 1, -1, np.int32)
    capacity = len(targets) + 2 * len(edge)
    entry_node = np.empty(capacity, np.int32)
    entry_next = np.empty(capacity, np.int32)
    count = 0
    for place in range(len(edge)):
        street = edge[place]
        if street < 0 or edge_ds[street] < 0:
            continue
        along = int(along_street(fraction[place], edge_ds[street]))
        off = int(whole_deciseconds(off_street_m[place] / speed_m_s))
        for end in range(2):
            node = edge_from[street] if end == 0 else edge_to[street]
            time = off + (along if end == 0 else edge_ds[street] - along)
            left = time - off
            against = left > 0 and (way[street] < 0 if end == 0 else way[street] > 0)
            if not (against or barred[node]) and time <= limit_ds and time < reached_ds[node]:
                reached_ds[node] = time
                count = _queue(heads, entry_node, entry_next, count, node, time)
    waiting = count
    for time in range(limit_ds + 1):
        if waiting == 0:
            break
        while heads[time] >= 0:
            entry = heads[time]
            heads[time] = entry_next[entry]
            waiting -= 1
            node = entry_node[entry]
            if reached_ds[node] != time:
                continue
            for arc in range(offsets[node], offsets[node + 1]):
                target = targets[arc]
                later = time + weights[arc]
                if later <= limit_ds and later < reached_ds[target]:
                    reached_ds[target] = later
                    count = _queue(heads, entry_node, entry_next, count, target, later)
                    waiting += 1


@numba.njit(cache=True, nogil=True)
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
        best = np.int64(UNREACHED)
        if street >= 0 and edge_ds[street] >= 0:
            ahead = node_ds[edge_from[street]]
            if ahead != UNREACHED and (way[street] <= 0 or along_ds[place] == 0):
                best = min(best, np.int64(ahead) + along_ds[place])
            behind = node_ds[edge_to[street]]
            if behind != UNREACHED and (way[street] >= 0 or along_ds[place] == edge_ds[street]):
                best = min(best, np.int64(behind) + edge_ds[street] - along_ds[place])
            for source in range(source_first[place], source_last[place]):
                between = source_along[source] - along_ds[place]
                if between * way[street] >= 0:
                    best = min(best, np.int64(source_off[source]) + abs(between))
            best += off_ds[place]
        out[place] = min(best, np.int64(UNREACHED))


@numba.njit(cache=True, nogil=True)
def count_services(
    offsets: Indices,
    targets: Indices,
    weights: Times,
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
    counts: Indices,
) -> None:  # pragma: no cover - compiled
    """Add to `counts` how many services each place reaches within the limit: one bounded search per service.

    Service `s` starts at `start_offsets[s]` to `start_offsets[s + 1]` of `starts`. From node `i` it is `end_ds[k]` to
    place `end_place[k]`, for `k` from `end_offsets[i]` to `end_offsets[i + 1]`. The service stands on streets at
    `source_offsets[s]` to `source_offsets[s + 1]`; the places on the street of source `q` are `place_first[q]` to
    `place_last[q]` of `place_order`: before it where `source_way[q]` is positive, behind it where it is negative.
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
                for end in range(end_offsets[node], end_offsets[node + 1]):
                    place = end_place[end]
                    if counted[place] != service and time + end_ds[end] <= limit_ds:
                        counted[place] = service
                        counts[place] += 1
                for arc in range(offsets[node], offsets[node + 1]):
                    target = targets[arc]
                    later = time + weights[arc]
                    if later <= limit_ds and later < reached[target]:
                        reached[target] = later
                        count = _queue(heads, entry_node, entry_next, count, target, later)
        for source in range(source_offsets[service], source_offsets[service + 1]):
            for position in range(place_first[source], place_last[source]):
                place = place_order[position]
                between = source_along[source] - along_ds[place]
                if between * source_way[source] < 0:
                    continue
                if counted[place] != service and source_off[source] + abs(between) + off_ds[place] <= limit_ds:
                    counted[place] = service
                    counts[place] += 1
        for entry in range(count):
            reached[entry_node[entry]] = UNREACHED
