"""Residents walked to services: places of both put on streets, and the time of each to each category, by profile."""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.alternatives import COUNT, Choice
from psttm_geo.access.kept_times import KeptTimes
from psttm_geo.access.parallel import parallel_map
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import Places, StreetIndex, join_places
from psttm_geo.access.street_times import LARGEST_LIMIT_MIN
from psttm_geo.access.travel_times import TravelTimes
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.crs import require_metric, require_plane
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.schema.layers import AGE_BANDS

Answer = TypeVar("Answer")

_SEARCHES_KEPT = 24
"""Of today's services, half a megabyte each in a metropolitan city: whoever tries scenarios adds to one category."""


class WalkingResidents:
    """Residents and services on the streets of a network, ready to be walked again and again.

    Parameters
    ----------
    network
        In EPSG:32632.
    profiles
        Who walks.
    places
        Places of residents: a point in EPSG:32632 each and the columns of
        :attr:`psttm_geo.access.travel_times.TravelTimes.places`; those outside the extract are put on no street.
    entrances
        Where one gets into services: ``category``, ``x``, ``y`` (EPSG:32632).
    streets
        The index of the network; made anew where it is None.
    kept
        These very places and entrances as they were put on streets before; `places` need no points then.

    Attributes
    ----------
    places
        Who lives at each, without the points: those on streets stand in `homes`.
    graphs
        The network as each profile walks it.
    streets
        Finds the nearest street.
    homes, services
        Places of residents and entrances on the streets of each profile.

    Raises
    ------
    CrsError
        `network` or `places` is not in EPSG:32632.
    EmptyNetworkError
        There is no street.
    ProfileError
        A profile cannot walk.
    """

    def __init__(
        self,
        network: WalkNetwork,
        profiles: Sequence[Profile],
        places: pd.DataFrame,
        entrances: pd.DataFrame,
        *,
        streets: StreetIndex | None = None,
        kept: KeptTimes | None = None,
    ) -> None:
        require_plane(network.crs, "network")
        self.places = pd.DataFrame(places[["residents", *AGE_BANDS, "outside", "to_end_m", "spread_m"]])
        self.graphs = tuple(WalkGraph(network, profile) for profile in profiles)
        self.streets = StreetIndex(network) if streets is None else streets
        self._access_categories = entrances["category"].to_numpy(dtype=object)
        self._nodes_today = lru_cache(maxsize=_SEARCHES_KEPT)(self._search_today)
        if kept is None:
            self.homes, self.services = self._snap_all(gpd.GeoDataFrame(places), entrances)
            return
        for graph in self.graphs:
            graph.leading = kept.leading[graph.profile.identifier]
        self.homes = tuple(kept.homes[profile.identifier] for profile in profiles)
        self.services = tuple(kept.services[profile.identifier] for profile in profiles)

    def _snap_all(
        self, places: gpd.GeoDataFrame, entrances: pd.DataFrame
    ) -> tuple[tuple[Places, ...], tuple[Places, ...]]:
        require_metric(places, "residenti")
        inside = ~places["outside"].to_numpy()
        x, y = (np.where(inside, values, np.nan) for values in (places.geometry.x, places.geometry.y))
        return self.snap(x, y), self.snap(*(entrances[axis].to_numpy(dtype=float) for axis in ("x", "y")))

    def snap(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[Places, ...]:
        """Return places on the streets of each profile; profiles that walk the same streets share them."""
        found: dict[bytes, Places] = {}
        snapped = []
        for graph in self.graphs:
            key = np.packbits(graph.entered).tobytes()
            if key not in found:
                found[key] = self.streets.snap(x, y, usable=graph.entered, leading=graph.leading)
            snapped.append(found[key])
        return tuple(snapped)

    def walk(self, categories: Sequence[str], essential: frozenset[str]) -> TravelTimes:
        """Walk from every place to the nearest service of each category.

        Parameters
        ----------
        categories
            In the order wanted; entrances of others are passed over.
        essential
            Those that the 15-minute share asks for.
        """
        masks = [self._access_categories == category for category in categories]
        return self.recall(self._walk(masks), categories, essential)

    def _walk(self, masks: Sequence[npt.NDArray[np.bool_]]) -> dict[str, npt.NDArray[np.uint16]]:
        def walk(walker: int) -> npt.NDArray[np.uint16]:
            services = self.services[walker]
            return times_to(self.graphs[walker], self.homes[walker], [services.take(mask) for mask in masks])

        return self._by_walk(walk)

    def recall(
        self, times_ds: Mapping[str, npt.NDArray[np.uint16]], categories: Sequence[str], essential: frozenset[str]
    ) -> TravelTimes:
        """Return what :meth:`walk` found: as there, by the times of each profile."""
        return TravelTimes(
            places=self.places,
            profiles=tuple(graph.profile for graph in self.graphs),
            categories=tuple(categories),
            essential=essential,
            absent=frozenset(categories) - frozenset(self._access_categories),
            times_ds=times_ds,
            connected=self._by_profile(lambda _, homes: homes.connected),
            isolated=self._by_profile(_isolated),
        )

    def walk_again(self, travel_times: TravelTimes, closed: npt.NDArray[np.bool_], opened: pd.DataFrame) -> TravelTimes:
        """Walk again where services changed; other categories keep their times.

        Parameters
        ----------
        travel_times
            Before the change.
        closed
            One flag per access: whether it is no more.
        opened
            New entrances: ``category``, ``x``, ``y`` (EPSG:32632).
        """
        changed, kept, new = self._changes(closed, opened)
        rows = [travel_times.categories.index(category) for category in changed]
        added = self.snap(opened["x"].to_numpy(dtype=float), opened["y"].to_numpy(dtype=float))

        def renew(walker: int) -> npt.NDArray[np.uint16]:
            before = travel_times.times_ds[self.graphs[walker].profile.identifier]
            walked = [
                self._walk_to(walker, before[row], category, old, added[walker].take(mine))
                for row, category, old, mine in zip(rows, changed, kept, new, strict=True)
            ]
            return np.array(walked, np.uint16).reshape(len(rows), len(self.places))

        times = {name: values.copy() for name, values in travel_times.times_ds.items()}
        for name, renewed in self._by_walk(renew).items():
            times[name][rows] = renewed
        gone = {name for name, old, mine in zip(changed, kept, new, strict=True) if not (old.any() or mine.any())}
        return dataclasses.replace(travel_times, times_ds=times, absent=(travel_times.absent - set(changed)) | gone)

    def _changes(
        self, closed: npt.NDArray[np.bool_], opened: pd.DataFrame
    ) -> tuple[list[str], list[npt.NDArray[np.bool_]], list[npt.NDArray[np.bool_]]]:
        """Return the categories whose services change, and which entrances of today and which new ones each has."""
        changed = sorted({*self._access_categories[closed], *opened["category"]})
        kept = [(self._access_categories == category) & ~closed for category in changed]
        return changed, kept, [(opened["category"] == category).to_numpy() for category in changed]

    def _walk_to(
        self, walker: int, before: npt.NDArray[np.uint16], category: str, kept: npt.NDArray[np.bool_], fresh: Places
    ) -> npt.NDArray[np.uint16]:
        """Return the times to the services of a category that are left and to new ones, from those before.

        Where none is closed only what the new ones are nearer to is walked again: the homes on streets with an end that
        is reached sooner, or with a new service on it.
        """
        graph, homes = self.graphs[walker], self.homes[walker]
        group = join_places(self.services[walker].take(kept), fresh)
        if not np.array_equal(kept, self._access_categories == category):
            return np.asarray(times_to(graph, homes, [group])[0])
        nodes = self._nodes_today(walker, category)
        sooner = graph.renew(nodes, fresh, limit_min=LARGEST_LIMIT_MIN)
        touched = graph.touched(sooner != nodes, fresh)[homes.edge] & homes.connected
        times: npt.NDArray[np.uint16] = before.copy()
        times[touched] = graph.at(homes.take(touched), sooner, group)
        return times

    def _search_today(self, walker: int, category: str) -> npt.NDArray[np.uint16]:
        services = self.services[walker].take(self._access_categories == category)
        (nodes,) = self.graphs[walker].nearest([services], limit_min=LARGEST_LIMIT_MIN)
        return np.asarray(nodes)

    def choose(self, categories: Sequence[str], owner: npt.NDArray[np.integer]) -> dict[str, Choice]:
        """Find the nearest services of each category from every place, by profile.

        Parameters
        ----------
        categories
            In the order wanted; entrances of others are passed over.
        owner
            Which service each access belongs to: whole numbers, not negative.
        """
        masks = [self._access_categories == category for category in categories]

        def choose(walker: int) -> Choice:
            groups = [(self.services[walker].take(mask), owner[mask]) for mask in masks]
            return _choices(self.graphs[walker], self.homes[walker], groups)

        return self._by_walk(choose)

    def choose_again(
        self,
        choices: Mapping[str, Choice],
        categories: Sequence[str],
        owner: npt.NDArray[np.integer],
        closed: npt.NDArray[np.bool_],
        opened: pd.DataFrame,
        numbers: npt.NDArray[np.integer],
    ) -> dict[str, Choice]:
        """Choose again where services changed.

        Parameters
        ----------
        choices, categories, owner
            What :meth:`choose` found, and was given.
        closed, opened
            As for :meth:`walk_again`.
        numbers
            Which service each new entrance belongs to.
        """
        changed, kept, new = self._changes(closed, opened)
        rows = [list(categories).index(category) for category in changed]
        added = self.snap(opened["x"].to_numpy(dtype=float), opened["y"].to_numpy(dtype=float))

        def choose(walker: int) -> Choice:
            before = choices[self.graphs[walker].profile.identifier]
            groups = [
                (
                    join_places(self.services[walker].take(old), added[walker].take(mine)),
                    np.append(owner[old], numbers[mine]),
                )
                for old, mine in zip(kept, new, strict=True)
            ]
            found = _choices(self.graphs[walker], self.homes[walker], groups)
            times, services = before.times_ds.copy(), before.services.copy()
            times[rows], services[rows] = found.times_ds, found.services
            return Choice(times, services, before.off_street_m)

        return self._by_walk(choose)

    def count_within(
        self, categories: Sequence[str], owner: npt.NDArray[np.integer], *, minutes: float
    ) -> dict[str, npt.NDArray[np.int32]]:
        """Count the services of each category (rows) that each place reaches within a time, by profile.

        Parameters
        ----------
        categories, owner
            As for :meth:`choose`.
        minutes
            The time.

        Raises
        ------
        LimitError
            `minutes` is not a time that can be walked.
        """
        masks = [self._access_categories == category for category in categories]

        def count(walker: int) -> npt.NDArray[np.int32]:
            graph, homes, services = self.graphs[walker], self.homes[walker], self.services[walker]
            rows = [graph.count_within(homes, services.take(m), owner[m], minutes=minutes) for m in masks]
            return np.array(rows)

        return self._by_walk(count)

    def _by_walk(self, answer: Callable[[int], Answer]) -> dict[str, Answer]:
        """Return the answer of each profile, asked by its position; those that walk alike share one."""
        answers: dict[str, Answer] = {}
        known: dict[bytes, Answer] = {}
        for walker, graph in enumerate(self.graphs):
            same_walk = hashlib.sha256(graph.edge_ds.tobytes()).digest()
            if same_walk not in known:
                known[same_walk] = answer(walker)
            answers[graph.profile.identifier] = known[same_walk]
        return answers

    def _by_profile(
        self, answer: Callable[[WalkGraph, Places], npt.NDArray[np.bool_]]
    ) -> dict[str, npt.NDArray[np.bool_]]:
        pairs = zip(self.graphs, self.homes, strict=True)
        return {graph.profile.identifier: answer(graph, homes) for graph, homes in pairs}


def times_to(graph: WalkGraph, homes: Places, groups: Sequence[Places]) -> npt.NDArray[np.uint16]:
    """Return the times from homes to the nearest place of each group, one row per group."""
    times = np.empty((len(groups), len(homes)), np.uint16)

    def fill(row: int) -> None:
        # Group by group: the times at all nodes are kept no longer than they are read at homes.
        (nodes,) = graph.nearest([groups[row]], limit_min=LARGEST_LIMIT_MIN)
        times[row] = graph.at(homes, nodes, groups[row])

    parallel_map(fill, len(groups))
    return times


def _choices(graph: WalkGraph, homes: Places, groups: Sequence[tuple[Places, npt.NDArray[np.integer]]]) -> Choice:
    times = np.empty((len(groups), COUNT, len(homes)), np.uint16)
    services = np.empty(times.shape, np.int32)

    def fill(row: int) -> None:
        group, owner = groups[row]
        times[row], services[row] = graph.several_nearest(homes, group, owner, count=COUNT, limit_min=LARGEST_LIMIT_MIN)

    parallel_map(fill, len(groups))
    return Choice(times, services, homes.off_street_m)


def _isolated(graph: WalkGraph, homes: Places) -> npt.NDArray[np.bool_]:
    return np.asarray(homes.connected & ~graph.leading[homes.edge])
