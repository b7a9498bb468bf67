import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from psttm_geo.osm._build_network import Points, Streets, build_network
from psttm_geo.osm.network import WalkNetwork

COUNT = 12

routes = st.lists(st.lists(st.integers(-1, COUNT - 1), min_size=2, max_size=8), max_size=8)


def build(ways: list[list[int]]) -> tuple[WalkNetwork, Points]:
    """Give the network of ways over points on a circle; -1 stands for a node that is not there."""
    angles = np.arange(COUNT) * 2 * np.pi / COUNT
    points = Points(np.arange(COUNT) + 100, 1000 * np.cos(angles), 1000 * np.sin(angles), np.zeros(COUNT, np.uint8))
    streets = Streets(
        np.arange(len(ways)),
        np.cumsum([0, *map(len, ways)]),
        np.array([place for way in ways for place in way], np.int64),
        np.zeros(len(ways), np.uint8),
        np.zeros(len(ways), np.uint16),
    )
    return build_network(streets, points, crs="EPSG:32632", classes=("",)), points


def pieces(ways: list[list[int]]) -> list[tuple[int, int, int]]:
    """Give all straight pieces by plain Python: way and both ends, the lower one first."""
    found = []
    for number, way in enumerate(ways):
        once = [place for position, place in enumerate(way) if position == 0 or place != way[position - 1]]
        found += [(number, *sorted(pair)) for pair in itertools.pairwise(once) if min(pair) >= 0]
    return sorted(found)


@given(routes)
def test_every_piece_of_street_is_in_exactly_one_edge(ways: list[list[int]]) -> None:
    network, points = build(ways)
    found = []
    for edge in range(network.edge_count):
        run = slice(network.geometry_offsets[edge], network.geometry_offsets[edge + 1])
        place = [
            int(np.argmin(np.hypot(points.x - x, points.y - y)))
            for x, y in zip(network.geometry_x[run], network.geometry_y[run], strict=True)
        ]
        found += [(int(network.edge_way[edge]), *sorted(pair)) for pair in itertools.pairwise(place)]
    assert sorted(found) == pieces(ways)


@given(routes)
def test_a_point_inside_an_edge_is_on_no_other_street(ways: list[list[int]]) -> None:
    network, points = build(ways)
    degree = np.bincount([place for _, *pair in pieces(ways) for place in pair], minlength=COUNT)
    nodes = set(network.node_osm_id.tolist())
    assert nodes >= {int(points.ids[place]) for place in np.flatnonzero(degree > 2)}
    assert nodes <= {int(points.ids[place]) for place in np.flatnonzero(degree > 0)}


@given(routes)
def test_ends_of_an_edge_are_in_one_component(ways: list[list[int]]) -> None:
    network, _ = build(ways)
    assert (network.node_component[network.edge_from] == network.node_component[network.edge_to]).all()
    sizes = np.bincount(network.node_component) if network.node_count else np.zeros(0)
    assert (np.diff(sizes) <= 0).all()
