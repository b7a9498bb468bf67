"""Walking times on the street network, exact in whole deciseconds, for one profile of walkers.

The engine behind :class:`WalkGraph` is a bucket queue (:mod:`psttm_geo.access._kernels.search`); callers hand over
and get back arrays in the order of the network's nodes and edges and never see how it searches, so that another engine
can take its place. Times are those from a home to the nearest service: searches run backwards from services, against
the direction of streets that are walked one way only. Outwards they run from places to wherever one gets from there.
"""

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels import search
from psttm_geo.access.candidate_search import Improved, search_candidates
from psttm_geo.access.parallel import parallel_map
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import Places, require_streets
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE, UNREACHED
from psttm_geo.core.errors import LimitError, ProfileError
from psttm_geo.core.messages import gettext
from psttm_geo.osm.network import NOT_MAPPED, Bytes, EdgeFlag, NodeFlag, WalkNetwork, find_leading
from psttm_geo.schema.code_lists import SMOOTHNESS

LARGEST_LIMIT_MIN = 100
"""Longer walks than this are not told apart: times have to fit two bytes."""

CLOSED = -1
"""Time along a street that a profile cannot walk."""

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Ways = npt.NDArray[np.int8]
_Arcs = tuple[Indices, Indices, Times]
"""Arcs of node `i` are `offsets[i]` to `offsets[i + 1]` of targets and weights (deciseconds)."""


class WalkGraph:
    """The network as one profile walks it.

    Parameters
    ----------
    network
        Streets, in metres.
    profile
        Who walks.

    Attributes
    ----------
    network, profile
        As given.
    edge_ds
        Deciseconds along each street; :data:`CLOSED` where the profile cannot walk.
    usable
        Which streets the profile can walk.
    direction
        Of each street: 1 where it is walked from its first node to its last only, -1 the other way, 0 both ways.

    Raises
    ------
    EmptyNetworkError
        The network has no street.
    CrsError
        It is not in metres.
    ProfileError
        A speed is no finite number above 0, or a waiting is negative.
    """

    def __init__(self, network: WalkNetwork, profile: Profile) -> None:
        require_streets(network)
        _require_speeds(profile)
        self.network = network
        self.profile = profile
        self.edge_ds = _edge_times(network, profile)
        self.usable = self.edge_ds != CLOSED
        self.direction = _directions(network)
        # A street can be walked up to an obstacle from either side, but not past it.
        self._barred = _barred_nodes(network, profile)
        self._against, self._along_streets = self._build_arcs()

    @cached_property
    def leading(self) -> npt.NDArray[np.bool_]:
        """Which streets lead somewhere for the profile: :func:`psttm_geo.osm.network.find_leading`."""
        return find_leading(self.network, self.usable, self._barred)

    @cached_property
    def entered(self) -> npt.NDArray[np.bool_]:
        """Which streets places are put on: those that the profile can walk, but no tunnels, which run below places."""
        return np.asarray(self.usable & ((self.network.edge_flags & EdgeFlag.TUNNEL) == 0))

    def nearest(self, groups: Sequence[Places], *, limit_min: float, outward: bool = False) -> Times:
        """Return, for every node, the time to the nearest place of each group, or outward from it.

        Parameters
        ----------
        groups
            For instance the services of one category each; places that are not connected count for nothing.
        limit_min
            Longer walks are not reached; at most :data:`LARGEST_LIMIT_MIN`.
        outward
            Whether walks lead from the places to the nodes.

        Returns
        -------
        ndarray
            Deciseconds, one row per group, one column per node; :data:`UNREACHED` beyond the limit.

        Raises
        ------
        LimitError
            The limit is not a time that can be walked.
        """
        limit_ds = limit_deciseconds(limit_min)
        reached = np.full((len(groups), self.network.node_count), UNREACHED, np.uint16)
        # Kernels are compiled for one kind of array.
        start, stop = np.ascontiguousarray(self.network.edge_from), np.ascontiguousarray(self.network.edge_to)
        arcs, way = (self._along_streets, -self.direction) if outward else (self._against, self.direction)

        def fill(row: int) -> None:
            group = groups[row]
            search.search(
                *arcs,
                start,
                stop,
                self.edge_ds,
                way,
                self._barred,
                np.ascontiguousarray(group.edge),
                np.ascontiguousarray(group.fraction),
                np.ascontiguousarray(group.off_street_m),
                self.profile.speed_m_s,
                limit_ds,
                reached[row],
            )

        parallel_map(fill, len(groups))
        return reached

    def at(self, places: Places, node_ds: Times, group: Places | None = None, *, outward: bool = False) -> Times:
        """Return the time at places anywhere on streets, off-street walk included.

        Parameters
        ----------
        places
            Where the time is asked for; a place not connected is not reached.
        node_ds
            Times at the nodes, a row of :meth:`nearest`.
        group
            The places that the times lead to: those on the same street are reached along it.
        outward
            As `node_ds` was searched.

        Returns
        -------
        ndarray
            Deciseconds, one per place. Up to the limit that `node_ds` was searched with they are exact; beyond it
            they are :data:`UNREACHED`, or some walk that is longer than the limit but need not be the shortest.
        """
        sources = _NOWHERE if group is None else self._on_streets(group)
        order, first, last = _same_street(sources, places)
        out = np.empty(len(places), np.uint16)
        search.place_times(
            places.edge,
            self._along(places),
            self._off_street(places),
            self.network.edge_from,
            self.network.edge_to,
            self.edge_ds,
            -self.direction if outward else self.direction,
            node_ds,
            first,
            last,
            self._along(sources)[order],
            self._off_street(sources)[order],
            out,
        )
        return out

    def count_within(self, places: Places, group: Places, owner: npt.NDArray[np.integer], *, minutes: float) -> Indices:
        """Count the services that each place reaches within a time, by one bounded search per service.

        Parameters
        ----------
        places
            Where they are counted; a place not connected reaches none.
        group
            Accesses of services.
        owner
            Which service each access belongs to, any numbers.
        minutes
            The time, off-street walks included.

        Returns
        -------
        ndarray
            One count per place.

        Raises
        ------
        LimitError
            `minutes` is not a time that can be walked.
        """
        limit_ds = limit_deciseconds(minutes)
        sources, homes = self._on_streets(group), self._on_streets(places)
        services, rank = np.unique(np.asarray(owner)[self._walked(group)], return_inverse=True)
        order = np.argsort(rank, kind="stable")
        sources, rank = sources.take(order), rank[order]
        nodes, times, of_source = self._starts(sources, self.direction)
        ends, ends_ds, of_home = self._starts(homes, -self.direction)
        by_end = np.argsort(ends, kind="stable")
        by_street, first, last = _same_street(homes, sources)
        counts = np.zeros(len(homes), np.int32)
        search.count_services(
            *self._against,
            nodes,
            times,
            _offsets_of(rank[of_source], len(services)),
            _offsets_of(ends, self.network.node_count),
            of_home[by_end],
            ends_ds[by_end],
            self._along(sources),
            self._off_street(sources),
            self.direction[sources.edge],
            _offsets_of(rank, len(services)),
            first,
            last,
            by_street.astype(np.int32),
            self._along(homes),
            self._off_street(homes),
            limit_ds,
            counts,
        )
        counted = np.zeros(len(places), np.int32)
        counted[self._walked(places)] = counts
        return counted

    def improved(
        self,
        places: Places,
        candidates: Places,
        owner: npt.NDArray[np.integer],
        count: int,
        today_ds: Times,
        *,
        limit: int,
    ) -> Improved:
        """List what each candidate would bring nearer than it is today, by one bounded search per candidate.

        Parameters
        ----------
        places
            Who would walk; a place not connected is brought nowhere.
        candidates, owner
            Accesses of candidates, and which candidate each belongs to, from 0.
        count
            How many candidates there are.
        today_ds
            Of each place, deciseconds; 0 for one that is of no interest.
        limit
            Longer walks are of no interest, deciseconds.

        Returns
        -------
        tuple
            Offsets of each candidate, places and times to them, which are below both today's and the limit.
        """
        walked = self._walked(candidates)
        order = np.flatnonzero(walked)[np.argsort(np.asarray(owner)[walked], kind="stable")]
        sources, rank = candidates.take(order), np.asarray(owner)[order]
        kept = np.flatnonzero(self._walked(places) & (today_ds > 0))
        homes = places.take(kept)
        nodes, times, of_source = self._starts(sources, self.direction)
        ends, ends_ds, of_home = self._starts(homes, -self.direction)
        by_end = np.argsort(ends, kind="stable")
        by_street, first, last = _same_street(homes, sources)
        ptr, found, found_ds = search_candidates(
            (
                *self._against,
                nodes,
                times,
                _offsets_of(rank[of_source], count),
                _offsets_of(ends, self.network.node_count),
                of_home[by_end],
                ends_ds[by_end],
                self._along(sources),
                self._off_street(sources),
                self.direction[sources.edge],
                _offsets_of(rank, count),
                first,
                last,
                by_street.astype(np.int32),
                self._along(homes),
                self._off_street(homes),
                np.ascontiguousarray(today_ds[kept]),
                limit,
            ),
            count,
            len(homes),
        )
        return ptr, kept.astype(np.int32)[found], found_ds

    def _build_arcs(self) -> tuple[_Arcs, _Arcs]:
        """Return the arcs against the direction of streets and along it: the same where all are walked both ways."""
        network = self.network
        walked = np.flatnonzero((self.edge_ds != CLOSED) & (self.edge_ds < UNREACHED))
        walked = walked[~self._barred[network.edge_from[walked]] & ~self._barred[network.edge_to[walked]]]
        ahead, back = walked[self.direction[walked] >= 0], walked[self.direction[walked] <= 0]
        starts = np.concatenate([network.edge_from[ahead], network.edge_to[back]])
        stops = np.concatenate([network.edge_to[ahead], network.edge_from[back]])
        weights = self.edge_ds[np.concatenate([ahead, back])].astype(np.uint16)
        along = _arcs_of(starts, stops, weights, network.node_count)
        both_ways = len(ahead) == len(back) == len(walked)
        return along if both_ways else _arcs_of(stops, starts, weights, network.node_count), along

    def _walked(self, places: Places) -> npt.NDArray[np.bool_]:
        """Return which places are on a street that the profile can walk."""
        # The edge of a place that is not connected is -1: the last street is asked for it, in vain.
        return np.asarray(places.connected & self.usable[places.edge])

    def _on_streets(self, places: Places) -> Places:
        walked = self._walked(places)
        return places if walked.all() else places.take(walked)

    def _starts(self, places: Places, way: Ways) -> tuple[Indices, Indices, Indices]:
        """Return the nodes that searches from places start at, when, and which place each start belongs to.

        All places have to be on streets that the profile can walk. Starts come in the order of the places; of streets
        with a positive `way` only the first node, with a negative one only the last, unless a place is at the other.
        """
        along, off, edge = self._along(places), self._off_street(places), places.edge
        nodes = np.column_stack([self.network.edge_from[edge], self.network.edge_to[edge]]).ravel()
        times = np.column_stack([off + along, off + self.edge_ds[edge] - along]).ravel()
        owner = np.repeat(np.arange(len(places), dtype=np.int32), 2)
        against = np.column_stack(
            [(way[edge] < 0) & (along > 0), (way[edge] > 0) & (along < self.edge_ds[edge])]
        ).ravel()
        free = ~self._barred[nodes] & ~against
        return nodes[free], times[free], owner[free]

    def _along(self, places: Places) -> Indices:
        """Return the time from the first node of its street to each place, 0 where the profile cannot walk."""
        return np.asarray(search.along_street(places.fraction, self.edge_ds[places.edge]), np.int32)

    def _off_street(self, places: Places) -> Indices:
        return _deciseconds(places.off_street_m / self.profile.speed_m_s)


def limit_deciseconds(minutes: float) -> int:
    """Return a time limit in deciseconds.

    Raises
    ------
    LimitError
        It is not a number above 0 and up to :data:`LARGEST_LIMIT_MIN`.
    """
    if not 0 < minutes <= LARGEST_LIMIT_MIN:
        raise LimitError(
            gettext(
                "Minutes {minutes:g}: expected a number above 0 and up to {largest_limit_min}; correct it.",
                minutes=minutes,
                largest_limit_min=LARGEST_LIMIT_MIN,
            )
        )
    return round(minutes * DECISECONDS_PER_MINUTE)


def _require_speeds(profile: Profile) -> None:
    speeds = [profile.speed_m_s, *([] if profile.steps_speed_m_s is None else [profile.steps_speed_m_s])]
    if not (all(0 < speed < math.inf for speed in speeds) and 0 <= profile.crossing_s < math.inf):
        raise ProfileError(
            gettext(
                "Profile “{identifier}”: speeds {listed} m/s and waiting {crossing_s:g} s; expected finite "
                "numbers, speeds above 0 and no negative waiting: correct profiles.csv.",
                identifier=profile.identifier,
                listed=", ".join(f"{speed:g}" for speed in speeds),
                crossing_s=profile.crossing_s,
            )
        )


def _edge_times(network: WalkNetwork, profile: Profile) -> Indices:
    """Return deciseconds along each street, crossings between its ends included and half of those at its ends.

    A crossing at a node is shared by the two streets that meet there: whoever walks past waits once.
    """
    speed = np.full(network.edge_count, profile.speed_m_s)
    if profile.steps_speed_m_s is not None:
        speed[(network.edge_flags & EdgeFlag.STEPS) > 0] = profile.steps_speed_m_s
    at_ends = (network.node_flags & NodeFlag.CROSSING) > 0
    crossings = network.edge_crossings + (at_ends[network.edge_from] * 0.5 + at_ends[network.edge_to] * 0.5)
    seconds = network.edge_length_m / speed + crossings * profile.crossing_s
    return np.where(_closed_edges(network, profile), np.int32(CLOSED), _deciseconds(seconds))


def _closed_edges(network: WalkNetwork, profile: Profile) -> npt.NDArray[np.bool_]:
    """Return which streets the profile cannot walk; what is mapped as passable in a wheelchair passes all limits."""
    flags, limits = network.edge_flags, profile.limits
    steps, ramp = (flags & EdgeFlag.STEPS) > 0, (flags & EdgeFlag.RAMP) > 0
    slope = np.where(steps, np.uint8(NOT_MAPPED), network.edge_slope_percent)
    closed = _above(slope, limits.slope_max_percent) & ~ramp
    closed |= _above(slope, limits.ramp_max_percent) & ramp
    if limits.width_min_cm is not None:
        closed |= network.edge_width_cm < limits.width_min_cm
    if limits.smoothness_worst is not None:
        closed |= _above(network.edge_smoothness, SMOOTHNESS.index(limits.smoothness_worst))
    if not limits.rough:
        closed |= ((flags & EdgeFlag.ROUGH) > 0) & (network.edge_smoothness == NOT_MAPPED)
    if profile.steps_speed_m_s is None:
        closed |= steps & ~ramp
    closed &= (flags & EdgeFlag.WHEELCHAIR_YES) == 0
    if profile.steps_speed_m_s is None:
        closed |= (flags & EdgeFlag.WHEELCHAIR_NO) > 0
    return closed


def _barred_nodes(network: WalkNetwork, profile: Profile) -> npt.NDArray[np.bool_]:
    """Return where the profile does not pass from one street to another."""
    flags = network.node_flags
    barred = _above(network.node_kerb_cm, profile.limits.kerb_max_cm)
    if profile.steps_speed_m_s is None:
        barred |= (flags & NodeFlag.OBSTACLE) > 0
    barred &= (flags & NodeFlag.WHEELCHAIR_YES) == 0
    # Where a reader has given each street an end of its own, a closed node is the end of one street, and reached.
    ends = np.bincount(np.concatenate([network.edge_from, network.edge_to]), minlength=network.node_count)
    return barred | ((flags & NodeFlag.CLOSED) > 0) & (ends > 1)


def _above(measured: Bytes, limit: float | None) -> npt.NDArray[np.bool_]:
    """Return which measures are above a limit; what is not mapped is not."""
    return np.zeros(len(measured), bool) if limit is None else (measured > limit) & (measured != NOT_MAPPED)


def _deciseconds(seconds: npt.NDArray[np.float64]) -> Indices:
    return np.asarray(search.whole_deciseconds(seconds), np.int32)


def _directions(network: WalkNetwork) -> Ways:
    ahead, back = ((network.edge_flags & flag) > 0 for flag in (EdgeFlag.FORWARD, EdgeFlag.BACKWARD))
    return ahead.astype(np.int8) - back.astype(np.int8)


def _arcs_of(starts: Indices, stops: Indices, weights: Times, count: int) -> _Arcs:
    """Return arcs sorted by the node that they start at: offsets of each of `count` nodes, targets and weights."""
    order = np.argsort(starts, kind="stable")
    return _offsets_of(starts, count), stops[order], weights[order]


def _offsets_of(groups: npt.NDArray[np.integer], count: int) -> Indices:
    """Return where each of `count` groups begins once group numbers are sorted, and where the last one ends."""
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(groups, minlength=count), out=offsets[1:])
    return offsets


def _same_street(sought: Places, places: Places) -> tuple[npt.NDArray[np.intp], Indices, Indices]:
    """Return which of the places sought are on the same street as each place.

    Returns
    -------
    tuple
        The places sought, sorted by street, and per place the first of them on its street and the one after the last.
    """
    order = np.argsort(sought.edge, kind="stable")
    streets = sought.edge[order]
    first, last = (np.searchsorted(streets, places.edge, side).astype(np.int32) for side in ("left", "right"))
    return order, first, last


_NOWHERE = Places(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))
