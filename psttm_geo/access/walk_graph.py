"""Walking times on the street network, exact in whole deciseconds, for one profile of walkers.

The engine behind :class:`WalkGraph` is a bucket queue (:mod:`psttm_geo.access._kernels.search`); callers hand over
and get back arrays in the order of the network's nodes and edges and never see how it searches, so that another engine
can take its place. Times are those from a home to the nearest service: searches run backwards from services, against
the direction of streets that are walked one way only. Outwards they run from places to wherever one gets from there.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from psttm_geo.access._kernels import search, several
from psttm_geo.access._kernels.search import NOBODY, make_queue
from psttm_geo.access.candidate_search import Improved, search_candidates
from psttm_geo.access.compilation import await_kernels
from psttm_geo.access.parallel import parallel_map
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import Places, require_streets, same_street
from psttm_geo.access.street_times import (
    CLOSED,
    barred_nodes,
    build_arcs,
    deciseconds,
    directions,
    edge_times,
    limit_deciseconds,
    offsets_of,
    require_speeds,
)
from psttm_geo.access.travel_times import UNREACHED
from psttm_geo.osm.network import EdgeFlag, WalkNetwork, find_leading

Times = npt.NDArray[np.uint16]
Indices = npt.NDArray[np.int32]
Ways = npt.NDArray[np.int8]


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
        require_speeds(profile)
        await_kernels()
        self.network = network
        self.profile = profile
        self.edge_ds = edge_times(network, profile)
        self.usable = self.edge_ds != CLOSED
        self.direction = directions(network)
        # Kernels are compiled for one kind of array.
        self._ends = np.ascontiguousarray(network.edge_from), np.ascontiguousarray(network.edge_to)
        self._one_way = bool(self.direction.any())
        # A street can be walked up to an obstacle from either side, but not past it.
        self._barred = barred_nodes(network, profile)
        self._against, self._along_streets = build_arcs(network, self.edge_ds, self.direction, self._barred)

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

        def fill(row: int) -> None:
            self._search(groups[row], limit_ds, reached[row], outward=outward)

        parallel_map(fill, len(groups))
        return reached

    def renew(self, node_ds: Times, added: Places, *, limit_min: float, outward: bool = False) -> Times:
        """Return, for every node, the time to the nearest place of a group that has more of them than before.

        Only the nodes that the new places are nearer to are searched: hardly any, where one is added to many.

        Parameters
        ----------
        node_ds
            Times before: a row of :meth:`nearest`.
        added
            The new places of the group.
        limit_min, outward
            As `node_ds` was searched.

        Returns
        -------
        ndarray
            As :meth:`nearest` gives it for all places of the group.

        Raises
        ------
        LimitError
            The limit is not a time that can be walked.
        """
        renewed = node_ds.copy()
        self._search(added, limit_deciseconds(limit_min), renewed, outward=outward)
        return renewed

    def touched(self, nodes: npt.NDArray[np.bool_], places: Places) -> npt.NDArray[np.bool_]:
        """Return which streets have one of some nodes as an end, or one of some places on them."""
        streets: npt.NDArray[np.bool_] = nodes[self._ends[0]] | nodes[self._ends[1]]
        streets[places.edge[places.connected]] = True
        return streets

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
        order, first, last = same_street(sources, places)
        times = np.empty(len(places), np.uint16)
        search.place_times(
            places.edge,
            self._along(places),
            self._off_street(places),
            *self._ends,
            self.edge_ds,
            -self.direction if outward else self.direction,
            node_ds,
            first,
            last,
            self._along(sources)[order],
            self._off_street(sources)[order],
            times,
        )
        return times

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
        by_street, first, last = same_street(homes, sources)
        counts = np.zeros(len(homes), np.int32)
        search.count_services(
            self._against,
            nodes,
            times,
            offsets_of(rank[of_source], len(services)),
            offsets_of(ends, self.network.node_count),
            of_home[by_end],
            ends_ds[by_end],
            self._along(sources),
            self._off_street(sources),
            self.direction[sources.edge],
            offsets_of(rank, len(services)),
            first,
            last,
            by_street.astype(np.int32),
            self._along(homes),
            self._off_street(homes),
            limit_ds,
            np.full(self.network.node_count, UNREACHED, np.uint16),
            make_queue(self._against, len(nodes), limit_ds),
            np.full(len(homes), -1, np.int32),
            counts,
        )
        counted = np.zeros(len(places), np.int32)
        counted[self._walked(places)] = counts
        return counted

    def several_nearest(
        self, places: Places, group: Places, owner: npt.NDArray[np.integer], *, count: int, limit_min: float
    ) -> tuple[Times, Indices]:
        """Find the nearest services of each place, the nearest first: one search that keeps some at each node.

        Parameters
        ----------
        places
            Where it is asked for; a place not connected reaches none.
        group
            Accesses of services; those that are not connected count for nothing.
        owner
            Which service each access belongs to: whole numbers, not negative.
        count
            How many services are looked for.
        limit_min
            Longer walks are not reached; at most :data:`LARGEST_LIMIT_MIN`.

        Returns
        -------
        tuple of ndarray
            Deciseconds and services, one row per rank and one column per place; :data:`UNREACHED` and
            :data:`psttm_geo.access.walk_graph.NOBODY` for none.
            Up to the limit they are exact; beyond it as :meth:`at` says.

        Raises
        ------
        LimitError
            The limit is not a time that can be walked.
        """
        limit_ds = limit_deciseconds(limit_min)
        sources, owners = self._on_streets(group), np.asarray(owner, np.int32)[self._walked(group)]
        nodes, times, of_source = self._starts(sources, self.direction)
        reached = np.full((self.network.node_count, count), UNREACHED, np.uint16)
        whose = np.full(reached.shape, NOBODY, np.int32)
        queue = make_queue(self._against, len(nodes), limit_ds, owners=count)
        several.search_several(
            self._against,
            nodes,
            times,
            owners[of_source],
            limit_ds,
            reached,
            whose,
            queue,
            np.empty(len(queue.nodes), np.int32),
        )
        order, first, last = same_street(sources, places)
        out_ds = np.full((len(places), count), UNREACHED, np.uint16)
        out_owner = np.full(out_ds.shape, NOBODY, np.int32)
        several.place_several(
            places.edge,
            self._along(places),
            self._off_street(places),
            *self._ends,
            self.edge_ds,
            self.direction,
            reached,
            whose,
            first,
            last,
            self._along(sources)[order],
            self._off_street(sources)[order],
            owners[order],
            out_ds,
            out_owner,
        )
        return out_ds.T, out_owner.T

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
        by_street, first, last = same_street(homes, sources)
        ptr, found, found_ds = search_candidates(
            (
                *self._against,
                nodes,
                times,
                offsets_of(rank[of_source], count),
                offsets_of(ends, self.network.node_count),
                of_home[by_end],
                ends_ds[by_end],
                self._along(sources),
                self._off_street(sources),
                self.direction[sources.edge],
                offsets_of(rank, count),
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

    def _search(self, group: Places, limit_ds: int, node_ds: Times, *, outward: bool) -> None:
        """Lower the times at nodes to those to a group of places, or from it."""
        arcs, way = (self._along_streets, -self.direction) if outward else (self._against, self.direction)
        nodes, times, _ = self._starts(self._on_streets(group), way)
        search.search(arcs, nodes, times, limit_ds, node_ds, make_queue(arcs, len(nodes), limit_ds))

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
        left = self.edge_ds[edge] - along
        nodes, times = np.empty((len(places), 2), np.int32), np.empty((len(places), 2), np.int32)
        nodes[:, 0], nodes[:, 1] = self._ends[0][edge], self._ends[1][edge]
        times[:, 0], times[:, 1] = off + along, off + left
        free = ~self._barred[nodes]
        if self._one_way:
            free[:, 0] &= (way[edge] >= 0) | (along == 0)
            free[:, 1] &= (way[edge] <= 0) | (left == 0)
        owner = np.repeat(np.arange(len(places), dtype=np.int32), 2)
        if free.all():
            return nodes.ravel(), times.ravel(), owner
        return nodes[free], times[free], owner[free.ravel()]

    def _along(self, places: Places) -> Indices:
        """Return the time from the first node of its street to each place, 0 where the profile cannot walk."""
        return np.rint(places.fraction * np.maximum(self.edge_ds[places.edge], 0)).astype(np.int32)

    def _off_street(self, places: Places) -> Indices:
        return deciseconds(places.off_street_m / self.profile.speed_m_s)


_NOWHERE = Places(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))
