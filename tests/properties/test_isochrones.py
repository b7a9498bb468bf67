"""What holds for isochrones on every network."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import geopandas as gpd
import hypothesis
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.ops import substring

from psttm_geo.access._kernels.stretch import REACH_M, STEP_M
from psttm_geo.access.isochrones import StreetGrid, isochrones
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import Places
from psttm_geo.access.walk_graph import UNREACHED, WalkGraph
from psttm_geo.osm.network import EdgeFlag, WalkNetwork

COUNT = 8

MINUTES = (2, 5)


class Drawn(NamedTuple):
    """Nodes, streets between them, where on streets walks begin (share and metres beside), and what is one way."""

    nodes: list[tuple[float, float]]
    streets: list[tuple[int, int]]
    origins: list[tuple[int, float, float]]
    one_way: dict[int, EdgeFlag] = {}  # noqa: RUF012 - never changed


metres = st.integers(0, 4000).map(lambda value: value / 10)
positions = st.integers(0, COUNT - 1)
streets = st.lists(st.tuples(positions, positions).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=12)
origins = st.tuples(st.integers(0, 10**6), st.floats(0, 1), st.sampled_from([0.0, 0.0, 40.0]))
networks = st.builds(
    Drawn,
    st.lists(st.tuples(metres, metres), min_size=COUNT, max_size=COUNT, unique=True),
    streets,
    st.lists(origins, min_size=1, max_size=3),
    st.dictionaries(st.integers(0, 11), st.sampled_from([EdgeFlag.FORWARD, EdgeFlag.BACKWARD]), max_size=3),
)
GraphOf = Callable[[Drawn], WalkGraph]


@pytest.fixture(scope="module")
def graph_of(street_network: Callable[..., WalkNetwork], profile: Profile) -> GraphOf:
    return lambda drawn: WalkGraph(street_network(drawn.nodes, drawn.streets, edge_flags=drawn.one_way), profile)


def put(graph: WalkGraph, drawn: Drawn) -> Places:
    edge, fraction, away = (np.array(values) for values in zip(*drawn.origins, strict=True))
    return Places((edge % graph.network.edge_count).astype(np.int32), fraction, away, away, away)


def draw(graph: WalkGraph, origin: Places) -> gpd.GeoSeries:
    drawn = isochrones(graph, origin, MINUTES)
    assert drawn.is_valid.all()
    return drawn


def lies_in(inner: shapely.Geometry, outer: shapely.Geometry) -> bool:
    """Say whether one shape is in another, but for what rounds coordinates to micrometres."""
    return bool(inner.difference(outer).area < 1e-3)


@given(networks)
@hypothesis.settings(max_examples=60)
def test_isochrones_nest(graph_of: GraphOf, drawn: Drawn) -> None:
    graph = graph_of(drawn)
    small, large = draw(graph, put(graph, drawn))
    assert lies_in(small, large)


SIDE_BY_SIDE = [(0.0, 0.0), (0.0, 0.2), (0.0, 0.4), (0.0, 240.2), (0.0, 0.1), (0.0, 0.3), (0.0, 0.5), (0.6, 0.0)]
"""Streets from the fourth node to the last are a breath longer than a walk of two minutes from their middle."""


@given(networks)
@hypothesis.example(Drawn(SIDE_BY_SIDE, [(3, 7), (3, 7)], [(0, 0.5, 0.0)]))
@hypothesis.example(Drawn(SIDE_BY_SIDE, [(3, 7), (3, 6)], [(0, 0.5, 0.0)]))
@hypothesis.settings(max_examples=60)
def test_no_street_that_is_not_reached_is_inside(graph_of: GraphOf, drawn: Drawn) -> None:
    graph = graph_of(drawn)
    network, origin = graph.network, put(graph, drawn)
    times = graph.nearest([origin], limit_min=max(MINUTES), outward=True)[0]
    for minutes, shape in zip(MINUTES, draw(graph, origin).geometry, strict=True):
        late = times > minutes * 600
        never = late[network.edge_from] & late[network.edge_to]
        never[origin.edge] = False
        # A street shorter than two steps of the grid can pass between its points; so can the very end of any.
        never &= network.edge_length_m > 6 * STEP_M
        for line in network.geometries()[never]:
            inner = substring(line, 2 * STEP_M, line.length - 2 * STEP_M)
            assert not inner.intersects(shape.buffer(-1.5 * STEP_M))


@given(networks)
@hypothesis.settings(max_examples=60)
def test_what_is_reached_is_within_reach_of_a_street_in_time(graph_of: GraphOf, drawn: Drawn) -> None:
    graph = graph_of(drawn)
    network, origin = graph.network, put(graph, drawn)
    times = graph.nearest([origin], limit_min=max(MINUTES), outward=True)[0]
    used = (times[network.edge_from] != UNREACHED) | (times[network.edge_to] != UNREACHED)
    used[origin.edge] = True
    # Between the points of the grid the outline is straight, also where it turns from one street to the next.
    reach = shapely.union_all(network.geometries()[used]).buffer(REACH_M + STEP_M, quad_segs=64)
    assert reach.covers(draw(graph, origin).geometry.iloc[1])


@given(networks)
@hypothesis.settings(max_examples=30)
def test_every_call_draws_the_same(graph_of: GraphOf, drawn: Drawn) -> None:
    graph = graph_of(drawn)
    origin, grid = put(graph, drawn), StreetGrid(graph.network)
    first = draw(graph, origin).to_wkb()
    for _ in range(2):
        assert isochrones(graph, origin, MINUTES, grid=grid).to_wkb().equals(first)
    turned = origin.take(np.arange(len(origin))[::-1])
    assert draw(graph, turned).to_wkb().equals(first)


@given(networks, st.integers(0, 11), st.floats(0.1, 1))
@hypothesis.settings(max_examples=60)
def test_a_quicker_street_takes_nothing_away(graph_of: GraphOf, drawn: Drawn, which: int, share: float) -> None:
    graph = graph_of(drawn)
    network, origin = graph.network, put(graph, drawn)
    quicker = network.edge_length_m.copy()
    quicker[which % network.edge_count] *= share
    after = WalkGraph(dataclasses.replace(network, edge_length_m=quicker), graph.profile)
    for old, new in zip(draw(graph, origin).geometry, draw(after, origin).geometry, strict=True):
        # Times are whole deciseconds: a tenth of a metre is rounded.
        assert lies_in(old.buffer(-0.5), new)


@given(networks, positions, positions)
@hypothesis.settings(max_examples=60)
def test_a_link_more_takes_nothing_away_but_beside_itself(
    graph_of: GraphOf, drawn: Drawn, start: int, stop: int
) -> None:
    graph = graph_of(drawn)
    after = graph_of(drawn._replace(streets=[*drawn.streets, (start, stop)]))
    # Beside the link the nearest street may be another one now, which is gained later.
    link = shapely.LineString([drawn.nodes[start], drawn.nodes[stop]]).buffer(REACH_M + 4 * STEP_M)
    # Origins stay on the streets that they were on.
    origin = put(graph, drawn)
    for old, new in zip(draw(graph, origin).geometry, draw(after, origin).geometry, strict=True):
        assert lies_in(old.difference(link), new)


@given(networks)
@hypothesis.settings(max_examples=40)
def test_walks_to_a_place_are_those_from_it_on_streets_turned_round(graph_of: GraphOf, drawn: Drawn) -> None:
    turn = {EdgeFlag.FORWARD: EdgeFlag.BACKWARD, EdgeFlag.BACKWARD: EdgeFlag.FORWARD}
    graph = graph_of(drawn)
    turned = graph_of(drawn._replace(one_way={edge: turn[flag] for edge, flag in drawn.one_way.items()}))
    there = isochrones(graph, put(graph, drawn), MINUTES, outward=False)
    assert there.to_wkb().equals(isochrones(turned, put(turned, drawn), MINUTES).to_wkb())
