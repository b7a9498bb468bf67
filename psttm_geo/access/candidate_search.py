"""Bounded searches from many candidates, some at a time, side by side."""

from typing import Any

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels import gains
from psttm_geo.access.parallel import parallel_map
from psttm_geo.access.travel_times import UNREACHED

Positions = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Times = npt.NDArray[np.uint16]

Improved = tuple[Positions, Indices, Times]
"""What candidate `c` brings nearer: `ptr[c]` to `ptr[c + 1]` of places and of times (deciseconds)."""

_SEARCHED_AT_ONCE = 1_000
"""Candidates that one thread searches from before it takes others."""

_ROOM = 2_000_000
"""Places found that are written before they are copied: 12 MB for each of two threads."""


def search_candidates(network: tuple[Any, ...], count: int, places: int) -> Improved:
    """Search from every candidate.

    Parameters
    ----------
    network
        What :func:`psttm_geo.access._kernels.gains.list_improved` asks for before the memory that it works in.
    count, places
        How many candidates and places there are.
    """
    offsets, targets, nodes, limit = network[0], network[1], network[3], network[-1]
    parts: list[list[tuple[Positions, Indices, Times]]] = [[] for _ in range(0, count, _SEARCHED_AT_ONCE)]

    def search_some(part: int) -> None:
        first, last = part * _SEARCHED_AT_ONCE, min((part + 1) * _SEARCHED_AT_ONCE, count)
        queue = len(targets) + len(nodes)
        memory = (
            np.full(len(offsets) - 1, UNREACHED, np.uint16),
            np.full(places, UNREACHED, np.uint16),
            np.full(limit + 1, -1, np.int32),
            np.empty(queue, np.int32),
            np.empty(queue, np.int32),
            np.empty(places, np.int32),
        )
        found, found_ds = np.empty(_ROOM + places, np.int32), np.empty(_ROOM + places, np.uint16)
        while first < last:
            ptr = np.zeros(count + 1, np.int64)
            given: tuple[Any, ...] = (*network, *memory, first, last, ptr, found, found_ds)
            done = gains.list_improved(*given)
            parts[part].append(
                (np.diff(ptr[first : done + 1]), found[: ptr[done]].copy(), found_ds[: ptr[done]].copy())
            )
            first = done

    parallel_map(search_some, len(parts))
    listed = [piece for pieces in parts for piece in pieces]
    ptr = np.concatenate([[0], *(counts for counts, _, _ in listed)]).cumsum()
    columns = (
        [np.zeros(0, kind), *(piece[place] for piece in listed)] for place, kind in ((1, np.int32), (2, np.uint16))
    )
    found, found_ds = (np.concatenate(column) for column in columns)
    return ptr.astype(np.int64), found, found_ds
