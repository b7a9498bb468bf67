"""What new places of a service would give to whom: bounded searches from candidates, and sums over lists, compiled.

Lists of candidates are compressed rows: what candidate `c` gives stands at `ptr[c]` to `ptr[c + 1]` of the arrays.
Memory that a search needs again and again is handed over, so that nothing is compiled for its making.
"""

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels.jit import entry
from psttm_geo.access.travel_times import UNREACHED

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Positions = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Ways = npt.NDArray[np.int8]


@entry
def list_improved(
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
    today_ds: Times,
    limit_ds: int,
    reached: Times,
    best: Times,
    heads: Indices,
    entry_node: Indices,
    entry_next: Indices,
    touched: Indices,
    first: int,
    last: int,
    ptr: Positions,
    places: Indices,
    times: Times,
) -> int:  # pragma: no cover - compiled
    """List the places that candidates `first` to `last` bring nearer than today, and how near: one bounded search each.

    Networks, candidates and places as in :func:`psttm_geo.access._kernels.search.count_services`. `reached` and `best`
    are filled with :data:`psttm_geo.access.travel_times.UNREACHED`, `heads` with -1, and are left so. Candidate `c` is
    written up to `ptr[c + 1]`, from `ptr[c]`, which is written already.

    Returns
    -------
    int
        The first candidate for which `places` and `times` had no room; `last` where all had.
    """
    for candidate in range(first, last):
        count = 0
        found = 0
        for position in range(start_offsets[candidate], start_offsets[candidate + 1]):
            node, time = starts[position], start_ds[position]
            if time <= limit_ds and time < reached[node]:
                reached[node] = time
                entry_node[count] = node
                entry_next[count] = heads[time]
                heads[time] = count
                count += 1
        waiting = count
        time = 0
        while waiting > 0:
            while heads[time] >= 0:
                entry = heads[time]
                heads[time] = entry_next[entry]
                waiting -= 1
                node = entry_node[entry]
                if reached[node] != time:
                    continue
                for end in range(end_offsets[node], end_offsets[node + 1]):
                    place = end_place[end]
                    later = time + end_ds[end]
                    if later <= limit_ds and later < today_ds[place] and later < best[place]:
                        if best[place] == UNREACHED:
                            touched[found] = place
                            found += 1
                        best[place] = later
                for arc in range(offsets[node], offsets[node + 1]):
                    target = targets[arc]
                    later = time + weights[arc]
                    if later <= limit_ds and later < reached[target]:
                        reached[target] = later
                        entry_node[count] = target
                        entry_next[count] = heads[later]
                        heads[later] = count
                        count += 1
                        waiting += 1
            time += 1
        for entry in range(count):
            reached[entry_node[entry]] = UNREACHED
        for source in range(source_offsets[candidate], source_offsets[candidate + 1]):
            for position in range(place_first[source], place_last[source]):
                place = place_order[position]
                between = source_along[source] - along_ds[place]
                later = source_off[source] + abs(between) + off_ds[place]
                if (
                    between * source_way[source] >= 0
                    and later <= limit_ds
                    and later < today_ds[place]
                    and later < best[place]
                ):
                    if best[place] == UNREACHED:
                        touched[found] = place
                        found += 1
                    best[place] = later
        at = ptr[candidate]
        room = at + found <= len(places)
        for position in range(found):
            place = touched[position]
            if room:
                places[at + position] = place
                times[at + position] = best[place]
            best[place] = UNREACHED
        if not room:
            return candidate
        ptr[candidate + 1] = at + found
    return last


@entry
def add_excess(
    ptr: Positions, place: Indices, gain: Floats, level: Floats, columns: Positions, excess: Floats
) -> None:  # pragma: no cover - compiled
    """Write, for each of some candidates, how much of its gains is above the level of their places, added up."""
    for row in range(len(columns)):
        total = 0.0
        for position in range(ptr[columns[row]], ptr[columns[row] + 1]):
            above = gain[position] - level[place[position]]
            if above > 0:
                total += above
        excess[row] = total


@entry
def raise_level(
    ptr: Positions, place: Indices, gain: Floats, columns: Positions, level: Floats
) -> None:  # pragma: no cover - compiled
    """Raise the level of places to the largest gain that some candidates give them."""
    for row in range(len(columns)):
        for position in range(ptr[columns[row]], ptr[columns[row] + 1]):
            level[place[position]] = max(level[place[position]], gain[position])


@entry
def count_above(
    ptr: Positions, place: Indices, gain: Floats, level: Floats, columns: Positions, counts: Floats
) -> None:  # pragma: no cover - compiled
    """Add to each place how many of some candidates give it more than its level."""
    for row in range(len(columns)):
        for position in range(ptr[columns[row]], ptr[columns[row] + 1]):
            if gain[position] > level[place[position]]:
                counts[place[position]] += 1.0
