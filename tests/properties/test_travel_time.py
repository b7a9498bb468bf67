"""What holds for walking times on every network, with scipy's Dijkstra as the oracle."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import Places
from psttm_geo.access.street_times import CLOSED
from psttm_geo.access.walk_graph import UNREACHED, WalkGraph
from psttm_geo.osm.network import EdgeFlag, NodeFlag, WalkNetwork

COUNT = 9

LIMIT_DS = 60_000


class Drawn(NamedTuple):
    """Streets (both ends, metres, flags), nodes with an obstacle, and whether a wheelchair goes there."""

    streets: list[tuple[int, int, float, int]]
    obstacles: set[int]
    on_wheels: bool


positions = st.integers(0, COUNT - 1)
# Streets of nothing, of a few metres, of about an hour, and longer than can be walked; halves round either way.
lengths = st.one_of(
    st.integers(0, 3).map(lambda value: value / 20),
    st.integers(0, 40_000).map(lambda value: value / 10),
    st.integers(0, 9000).map(float),
)
flags = st.sampled_from([0, 0, 0, *EdgeFlag, EdgeFlag.STEPS | EdgeFlag.RAMP])
streets = st.tuples(positions, positions, lengths, flags)
networks = st.builds(Drawn, st.lists(streets, min_size=1, max_size=20), st.sets(positions, max_size=2), st.booleans())
# Street, where on it, metres beside it, and whose access it is.
some_places = st.lists(
    st.tuples(
        st.integers(-1, 10**6),
        st.sampled_from([0.0, 1.0, 0.5, 1 / 3]) | st.floats(0, 1),
        st.sampled_from([0.0, 5.0, 123.4]),
        st.integers(0, 3),
    ),
    max_size=6,
)
SomePlaces = list[tuple[int, float, float, int]]
GraphOf = Callable[[Drawn], WalkGraph]


@pytest.fixture(scope="module")
def graph_of(street_network: Callable[..., WalkNetwork], profile: Profile, wheelchair: Profile) -> GraphOf:
    """Make the graph of streets drawn, as a walker or a wheelchair goes them."""

    def make(drawn: Drawn) -> WalkGraph:
        joined, barred, on_wheels = drawn
        network = street_network(
            [(0.0, 0.0)] * COUNT,
            [(start, stop) for start, stop, *_ in joined],
            node_flags=dict.fromkeys(barred, NodeFlag.OBSTACLE),
            edge_flags={edge: flags for edge, (*_, flags) in enumerate(joined)},
        )
        network = dataclasses.replace(network, edge_length_m=np.array([length for *_, length, _ in joined]))
        return WalkGraph(network, wheelchair if on_wheels else profile)

    return make


def put(graph: WalkGraph, drawn: SomePlaces) -> Places:
    """Give places on the streets of a graph; a negative street is none."""
    edge = np.array([street % graph.network.edge_count if street >= 0 else -1 for street, *_ in drawn], np.int32)
    fraction = np.array([fraction for _, fraction, _, _ in drawn], float)
    away = np.array([off for *_, off, _ in drawn], float)
    lost = edge < 0
    return Places(edge, np.where(lost, 0.0, fraction), np.where(lost, np.inf, away), away, away)


def starts(graph: WalkGraph, places: Places, way: int = 1) -> list[tuple[int, int]]:
    """Give node and time of each way to places from the ends of their streets, or from places with -1, one by one."""
    found = []
    for edge, fraction, away in zip(places.edge, places.fraction, places.off_street_m, strict=True):
        if edge < 0 or graph.edge_ds[edge] == CLOSED:
            continue
        whole = int(graph.edge_ds[edge])
        along, off = int(np.rint(fraction * whole)), int(np.rint(away * 10))
        first, last = int(graph.network.edge_from[edge]), int(graph.network.edge_to[edge])
        # A place at the very end of a street is at its node.
        found += [(first, off + along)] if way * graph.direction[edge] >= 0 or along == 0 else []
        found += [(last, off + whole - along)] if way * graph.direction[edge] <= 0 or along == whole else []
    return found


def barred_nodes(graph: WalkGraph) -> set[int]:
    if graph.profile.steps_speed_m_s is not None:
        return set()
    return set(np.flatnonzero(graph.network.node_flags & NodeFlag.OBSTACLE).tolist())


def links_of(graph: WalkGraph) -> list[tuple[int, int, int]]:
    """Give what can be walked from node to node: both nodes and the time, one by one."""
    found, barred = [], barred_nodes(graph)
    network = graph.network
    ends = zip(
        network.edge_from.tolist(), network.edge_to.tolist(), graph.edge_ds.tolist(), graph.direction, strict=True
    )
    for start, stop, time, way in ends:
        if time == CLOSED or {start, stop} & barred:
            continue
        found += [(start, stop, time)] if way >= 0 else []
        found += [(stop, start, time)] if way <= 0 else []
    return found


def oracle(graph: WalkGraph, places: Places, limit_ds: int = LIMIT_DS, *, outward: bool = False) -> list[int]:
    """Give the times at all nodes by scipy, from one node more that is joined to every start."""
    least: dict[tuple[int, int], int] = {}
    links = [(start, stop, time) if outward else (stop, start, time) for start, stop, time in links_of(graph)]
    begins = starts(graph, places, -1 if outward else 1)
    links += [(COUNT, node, time) for node, time in begins if node not in barred_nodes(graph)]
    for start, stop, time in links:
        if start != stop:
            least[start, stop] = min(time, least.get((start, stop), time))
    # Zeros are no links to scipy. A tenth of the smallest unit over the number of links stands for them.
    weights = [time or 0.001 for time in least.values()]
    rows, columns = np.array([*least], int).reshape(-1, 2).T
    found = dijkstra(csr_array((weights, (rows, columns)), shape=(COUNT + 1,) * 2), directed=True, indices=COUNT)
    return [int(UNREACHED) if time > limit_ds + 0.5 else round(time) for time in found[:COUNT]]


@given(networks, some_places, st.sampled_from([100.0, 100.0, 7.35, 0.5]), st.booleans())
def test_times_are_those_of_scipy_at_every_node(
    graph_of: GraphOf,
    drawn: Drawn,
    services: SomePlaces,
    minutes: float,
    outward: bool,  # noqa: FBT001 - drawn
) -> None:
    graph = graph_of(drawn)
    places = put(graph, services)
    times = graph.nearest([places], limit_min=minutes, outward=outward)[0].tolist()
    assert times == oracle(graph, places, round(minutes * 600), outward=outward)


@given(networks, some_places, some_places)
def test_there_and_back_are_the_same_walk_on_streets_turned_round(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, homes: SomePlaces
) -> None:
    graph = graph_of(drawn)
    turn = {EdgeFlag.FORWARD: EdgeFlag.BACKWARD, EdgeFlag.BACKWARD: EdgeFlag.FORWARD}
    turned = graph_of(drawn._replace(streets=[(*street, turn.get(flag, flag)) for *street, flag in drawn.streets]))
    group, places = put(graph, services), put(graph, homes)
    there, back = graph.nearest([group], limit_min=100)[0], turned.nearest([group], limit_min=100, outward=True)[0]
    assert there.tolist() == back.tolist()
    assert graph.at(places, there, group).tolist() == turned.at(places, back, group, outward=True).tolist()


@given(networks, st.integers(0, 19), some_places)
def test_a_street_opened_in_both_directions_lengthens_no_time(
    graph_of: GraphOf, drawn: Drawn, which: int, services: SomePlaces
) -> None:
    opened = list(drawn.streets)
    start, stop, length, flag = opened[which % len(opened)]
    opened[which % len(opened)] = (start, stop, length, flag & ~(EdgeFlag.FORWARD | EdgeFlag.BACKWARD))
    before, after = graph_of(drawn), graph_of(drawn._replace(streets=opened))
    group = put(before, services)
    old, new = (graph.nearest([group], limit_min=100)[0] for graph in (before, after))
    assert (new <= old).all()


@given(networks, streets, some_places, some_places)
def test_an_added_street_lengthens_no_time(
    graph_of: GraphOf, drawn: Drawn, added: tuple[int, int, float, int], services: SomePlaces, homes: SomePlaces
) -> None:
    before = graph_of(drawn)
    after = graph_of(drawn._replace(streets=[*drawn.streets, added]))
    group, places = put(before, services), put(before, homes)
    old, new = (graph.nearest([group], limit_min=100)[0] for graph in (before, after))
    assert (new <= old).all()
    assert (after.at(places, new, group) <= before.at(places, old, group)).all()
    counts = [graph.count_within(places, group, np.arange(len(group)), minutes=30) for graph in (before, after)]
    assert (counts[0] <= counts[1]).all()


@given(networks, some_places, some_places, some_places)
def test_an_added_service_lengthens_no_time(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, added: SomePlaces, homes: SomePlaces
) -> None:
    graph = graph_of(drawn)
    few, more, places = put(graph, services), put(graph, services + added), put(graph, homes)
    old, new = graph.nearest([few, more], limit_min=100)
    assert (new <= old).all()
    assert (graph.at(places, new, more) <= graph.at(places, old, few)).all()


@given(networks, some_places, some_places, st.sampled_from([100.0, 7.35]), st.booleans())
def test_times_renewed_with_new_services_are_those_searched_anew(
    graph_of: GraphOf,
    drawn: Drawn,
    services: SomePlaces,
    added: SomePlaces,
    minutes: float,
    outward: bool,  # noqa: FBT001 - drawn
) -> None:
    graph = graph_of(drawn)
    few, more = graph.nearest([put(graph, services), put(graph, services + added)], limit_min=minutes, outward=outward)
    kept = few.copy()
    renewed = graph.renew(few, put(graph, added), limit_min=minutes, outward=outward)
    assert renewed.tolist() == more.tolist()
    assert few.tolist() == kept.tolist()


def test_ten_thousand_times_renewed_are_those_searched_anew(
    street_network: Callable[..., WalkNetwork], profile: Profile
) -> None:
    random = np.random.default_rng(11)
    for _ in range(100):
        nodes = random.integers(0, 30, (40, 2)) * 10.0
        streets = random.integers(0, 40, (60, 2)).tolist()
        one_way = {edge: random.choice([EdgeFlag.FORWARD, EdgeFlag.BACKWARD]) for edge in range(0, 60, 5)}
        graph = WalkGraph(street_network(nodes, streets, edge_flags=one_way), profile)
        away = random.integers(0, 200, 100) * 1.0
        places = Places(random.integers(-1, 60, 100).astype(np.int32), random.random(100), away, away, away)
        groups = [places.take(slice(0, count)) for count in range(101)]
        anew = graph.nearest(groups, limit_min=6)
        times = anew[0]
        for count in range(100):
            times = graph.renew(times, places.take(slice(count, count + 1)), limit_min=6)
            np.testing.assert_array_equal(times, anew[count + 1])


@given(networks, some_places)
def test_no_street_is_a_shortcut_that_was_missed(graph_of: GraphOf, drawn: Drawn, services: SomePlaces) -> None:
    graph = graph_of(drawn)
    times = graph.nearest([put(graph, services)], limit_min=100)[0].astype(int)
    for start, stop, time in links_of(graph):
        assert times[start] <= times[stop] + time or times[stop] + time > LIMIT_DS


@given(networks, some_places.filter(bool), some_places)
def test_the_nearest_is_the_nearest_of_each_alone(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, homes: SomePlaces
) -> None:
    graph = graph_of(drawn)
    group, places = put(graph, services), put(graph, homes)
    alone = [group.take(np.array([position])) for position in range(len(group))]
    together = graph.nearest([group], limit_min=100)[0]
    single = graph.nearest(alone, limit_min=100)
    assert together.tolist() == single.min(axis=0).tolist()
    at_homes = np.array([graph.at(places, times, one) for times, one in zip(single, alone, strict=True)])
    assert graph.at(places, together, group).tolist() == at_homes.min(axis=0, initial=UNREACHED).tolist()


@given(networks, some_places, some_places)
def test_times_at_places_are_the_best_of_both_ends_and_of_the_street_itself(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, homes: SomePlaces
) -> None:
    graph = graph_of(drawn)
    group, places = put(graph, services), put(graph, homes)
    node_ds = graph.nearest([group], limit_min=100)[0]
    times = graph.at(places, node_ds, group)
    reached = oracle(graph, group)
    barred = barred_nodes(graph)
    for position, time in enumerate(times.tolist()):
        home = places.take(np.array([position]))
        ways = [
            reached[node] + left
            for node, left in starts(graph, home, -1)
            if reached[node] != UNREACHED and node not in barred
        ]
        ways += [
            away + round(off * 10) + round(home.off_street_m[0] * 10)
            for edge, fraction, off in zip(group.edge, group.fraction, group.off_street_m, strict=True)
            if edge == home.edge[0] >= 0 and (whole := graph.edge_ds[edge]) != CLOSED
            for ahead in [int(np.rint(fraction * whole)) - int(np.rint(home.fraction[0] * whole))]
            for away in ([abs(ahead)] if ahead * int(graph.direction[edge]) >= 0 else [])
        ]
        assert time == min([*ways, int(UNREACHED)])


@given(networks, some_places, some_places, st.sampled_from([0.5, 12.0, 100.0]))
def test_services_counted_are_those_whose_own_time_is_short_enough(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, homes: SomePlaces, minutes: float
) -> None:
    graph = graph_of(drawn)
    group, places = put(graph, services), put(graph, homes)
    owner = np.array([whose for *_, whose in services], np.int64)
    counts = graph.count_within(places, group, owner, minutes=minutes)
    within = np.zeros(len(places), int)
    for service in set(owner.tolist()):
        own = group.take(owner == service)
        times = graph.at(places, graph.nearest([own], limit_min=100)[0], own)
        within += times <= round(minutes * 600)
    assert counts.tolist() == within.tolist()


@given(networks, some_places, some_places, st.sampled_from([0.5, 12.0, 100.0]), st.integers(1, 3))
def test_the_nearest_services_are_those_with_the_shortest_times_of_their_own(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, homes: SomePlaces, minutes: float, count: int
) -> None:
    graph = graph_of(drawn)
    group, places = put(graph, services), put(graph, homes)
    owner = np.array([whose for *_, whose in services], np.int64)
    times, owners = graph.several_nearest(places, group, owner, count=count, limit_min=minutes)
    alone = np.full((4, len(places)), UNREACHED, np.int64)
    for service in set(owner.tolist()):
        own = group.take(owner == service)
        alone[service] = graph.at(places, graph.nearest([own], limit_min=100)[0], own)
    limit_ds = round(minutes * 600)
    told = np.where(times <= limit_ds, times.astype(int), UNREACHED)
    expected = np.sort(alone, axis=0)[:count]
    assert told.tolist() == np.where(expected <= limit_ds, expected, UNREACHED).tolist()
    for rank, place in zip(*np.nonzero(told != UNREACHED), strict=True):
        assert alone[owners[rank, place], place] == told[rank, place]
        assert owners[rank, place] not in owners[:rank, place]
    assert (owners[times == UNREACHED] == -1).all()


@given(networks, some_places, some_places)
@hypothesis.settings(max_examples=25)
def test_every_call_gives_the_same_on_any_number_of_threads(
    graph_of: GraphOf, drawn: Drawn, services: SomePlaces, homes: SomePlaces
) -> None:
    graph = graph_of(drawn)
    group, places = put(graph, services), put(graph, homes)
    groups = [group, places, group, group.take(slice(0, 1)), group]
    owner = np.arange(len(group))

    def answer(_: int) -> tuple[list, list]:
        return (
            graph.nearest(groups, limit_min=30).tolist(),
            graph.count_within(places, group, owner, minutes=30).tolist(),
        )

    first = answer(0)
    assert [graph.nearest([one], limit_min=30)[0].tolist() for one in groups] == first[0]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(answer, range(6))) == [first] * 6
