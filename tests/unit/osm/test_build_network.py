"""Streets out of ways: lengths, cuts, gaps and flags whose answer is arithmetic."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from psttm_geo.osm import _build_network
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.network import NOT_MAPPED, EdgeFlag, NodeFlag, WalkNetwork
from psttm_geo.schema.code_lists import SMOOTHNESS

Writer = Callable[..., Path]

STREET = {"highway": "residential"}


@pytest.fixture
def read(write_osm: Writer, tag_tables: TagTables) -> Callable[..., WalkNetwork]:
    return lambda nodes, ways: read_extract(write_osm(nodes, ways), tag_tables, "", territory=None).network


def links(network: WalkNetwork) -> set[tuple[int, frozenset[int], int]]:
    """Give way, ends by their OSM identifiers and whole metres of every edge."""
    return {
        (int(way), frozenset({int(network.node_osm_id[one]), int(network.node_osm_id[other])}), round(float(length)))
        for way, one, other, length in zip(
            network.edge_way, network.edge_from, network.edge_to, network.edge_length_m, strict=True
        )
    }


def test_a_straight_street_is_one_edge_and_its_points_are_shape(read: Callable[..., WalkNetwork]) -> None:
    network = read({1: (0, 0), 2: (100, 0), 3: (250, 0)}, {7: ([1, 2, 3], STREET)})
    assert links(network) == {(7, frozenset({1, 3}), 250)}
    assert network.edge_length_m[0] == pytest.approx(250, abs=0.05)
    assert (network.crs, network.component_count) == ("EPSG:32632", 1)
    assert shapely.get_num_points(network.geometries()).tolist() == [3]
    assert network.classes[network.edge_class[0]] == "residential"


def test_ways_are_cut_where_they_meet(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (300, 0), 4: (100, 50)}
    network = read(nodes, {7: ([1, 2, 3], STREET), 8: ([2, 4], STREET)})
    expected = {(7, frozenset({1, 2}), 100), (7, frozenset({2, 3}), 200), (8, frozenset({2, 4}), 50)}
    assert links(network) == expected


def test_ways_that_cross_without_a_common_node_do_not_meet(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (50, -50), 4: (50, 50)}
    network = read(nodes, {7: ([1, 2], STREET), 8: ([3, 4], STREET)})
    assert (network.edge_count, network.component_count) == (2, 2)


def test_a_loop_begins_and_ends_at_its_only_junction(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100), 5: (-50, 0)}
    network = read(nodes, {7: ([1, 2, 3, 4, 1], STREET), 8: ([5, 1], STREET)})
    assert links(network) == {(7, frozenset({1}), 400), (8, frozenset({1, 5}), 50)}


def test_a_way_that_crosses_itself_is_cut_there(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (50, 100)}
    network = read(nodes | {5: (50, -50)}, {7: ([1, 2, 3, 4, 2, 5], STREET)})
    assert len(links(network)) == 3
    assert (7, frozenset({2}), round(100 + 50 + np.hypot(50, 100))) in links(network)


def test_two_streets_between_the_same_ends_are_both_kept(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (50, 50)}
    network = read(nodes, {7: ([1, 2], STREET), 8: ([1, 3, 2], STREET)})
    assert links(network) == {(7, frozenset({1, 2}), 100), (8, frozenset({1, 2}), 141)}


def test_a_way_breaks_where_a_node_is_missing(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 4: (300, 0), 5: (400, 0)}
    network = read(nodes, {7: ([1, 2, 3, 4, 5], STREET)})
    assert links(network) == {(7, frozenset({1, 2}), 100), (7, frozenset({4, 5}), 100)}
    assert network.component_count == 2


def test_nodes_that_repeat_one_after_the_other_count_once(read: Callable[..., WalkNetwork]) -> None:
    network = read({1: (0, 0), 2: (100, 0), 3: (200, 0)}, {7: ([1, 2, 2, 3, 3], STREET)})
    assert links(network) == {(7, frozenset({1, 3}), 200)}


def test_the_largest_piece_is_component_0(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (10, 0), 3: (20, 0), 4: (10, 10), 11: (500, 0), 12: (510, 0)}
    network = read(nodes, {5: ([11, 12], STREET), 7: ([1, 2, 3], STREET), 8: ([2, 4], STREET)})
    labels = dict(zip(network.node_osm_id.tolist(), network.node_component.tolist(), strict=True))
    assert labels == {1: 0, 2: 0, 3: 0, 4: 0, 11: 1, 12: 1}


def test_geometry_runs_from_the_first_node_to_the_second(read: Callable[..., WalkNetwork]) -> None:
    nodes = {number: (number * 37 % 101 * 10, number * 53 % 97 * 10) for number in range(1, 40)}
    ways = {100 + number: ([number, number + 1, number * 7 % 39 + 1], STREET) for number in range(1, 39)}
    network = read(nodes, ways)
    lines = network.geometries()
    for position, ends in ((0, network.edge_from), (-1, network.edge_to)):
        points = shapely.get_point(lines, position)
        np.testing.assert_array_equal(shapely.get_x(points), network.node_x[ends])
        np.testing.assert_array_equal(shapely.get_y(points), network.node_y[ends])
    np.testing.assert_allclose(shapely.length(lines), network.edge_length_m)


def test_near_nodes_are_near_in_the_arrays(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (5000, 5000), 3: (10, 0), 4: (5010, 5000)}
    network = read(nodes, {7: ([1, 3], STREET), 8: ([2, 4], STREET)})
    place = {identifier: position for position, identifier in enumerate(network.node_osm_id.tolist())}
    assert abs(place[1] - place[3]) == 1
    assert abs(place[2] - place[4]) == 1


def test_the_hilbert_curve_goes_through_every_cell_to_a_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_build_network, "_HILBERT_ORDER", 3)
    x, y = (cells.ravel().astype(float) for cells in np.meshgrid(np.arange(8), np.arange(8)))
    distance = _build_network._hilbert_distance(x, y)  # noqa: SLF001 - what makes the order of nodes
    assert sorted(distance) == list(range(64))
    order = np.argsort(distance)
    assert (np.abs(np.diff(x[order])) + np.abs(np.diff(y[order])) == 1).all()


def test_steps_crossings_and_obstacles_are_marked(read: Callable[..., WalkNetwork]) -> None:
    nodes = {
        1: (0, 0),
        2: (50, 0, {"highway": "crossing", "crossing": "traffic_signals"}),
        3: (100, 0, {"barrier": "stile"}),
        4: (150, 0),
    }
    ways = {7: ([1, 2, 3], STREET), 8: ([3, 4], {"highway": "steps", "ramp:wheelchair": "yes", "surface": "gravel"})}
    network = read(nodes, ways)
    edge = {int(way): position for position, way in enumerate(network.edge_way)}
    assert network.edge_crossings[edge[7]] == 1
    assert network.edge_crossings[edge[8]] == 0
    assert network.edge_flags[edge[7]] == EdgeFlag.RESIDENTIAL
    assert network.edge_flags[edge[8]] == EdgeFlag.STEPS | EdgeFlag.RAMP | EdgeFlag.ROUGH
    flags = dict(zip(network.node_osm_id.tolist(), network.node_flags.tolist(), strict=True))
    assert flags == {1: 0, 3: NodeFlag.OBSTACLE, 4: 0}


def test_a_crossing_at_a_junction_marks_the_node_not_the_streets(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (50, 0, {"highway": "crossing"}), 3: (100, 0), 4: (50, 50), 5: (50, -50)}
    network = read(nodes, {7: ([1, 2, 3], STREET), 8: ([4, 2, 5], {"highway": "footway", "footway": "crossing"})})
    assert network.edge_crossings.tolist() == [0, 0, 0, 0]
    assert sorted(network.edge_flags.tolist()) == [EdgeFlag.CROSSING] * 2 + [EdgeFlag.RESIDENTIAL] * 2
    assert network.node_flags[network.node_osm_id == 2].tolist() == [NodeFlag.CROSSING]


GATE = {"barrier": "gate", "foot": "no"}


def test_a_closed_gate_in_the_middle_of_a_way_parts_it(read: Callable[..., WalkNetwork]) -> None:
    network = read({1: (0, 0), 2: (100, 0, GATE), 3: (300, 0)}, {7: ([1, 2, 3], STREET)})
    assert links(network) == {(7, frozenset({1, 2}), 100), (7, frozenset({2, 3}), 200)}
    assert (network.node_count, network.component_count) == (4, 2)
    gates = network.node_osm_id == 2
    assert network.node_flags[gates].tolist() == [NodeFlag.CLOSED] * 2
    assert set(network.node_component[gates]) == {0, 1}


def test_a_closed_gate_where_streets_meet_parts_them_all(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0, GATE), 3: (200, 0), 4: (100, 80)}
    network = read(nodes, {7: ([1, 2], STREET), 8: ([2, 3], STREET), 9: ([4, 2], STREET)})
    assert (network.edge_count, network.node_count, network.component_count) == (3, 6, 3)


def test_a_loop_that_begins_at_a_closed_gate_ends_there(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0, GATE), 2: (100, 0), 3: (100, 100)}
    network = read(nodes, {7: ([1, 2, 3, 1], STREET)})
    assert (network.edge_count, network.node_count, network.component_count) == (1, 2, 1)
    assert network.edge_length_m[0] == pytest.approx(200 + 100 * np.sqrt(2), abs=0.2)


def test_a_closed_gate_beside_a_way_is_of_no_account(read: Callable[..., WalkNetwork]) -> None:
    network = read({1: (0, 0), 2: (100, 0), 3: (50, 5, GATE)}, {7: ([1, 2], STREET)})
    assert (network.node_count, network.component_count) == (2, 1)


@pytest.mark.parametrize(
    ("tags", "nodes"),
    [
        ({"barrier": "kissing_gate"}, 3),
        ({"wheelchair": "no"}, 3),
        ({"kerb": "raised"}, 3),
        ({"kerb": "lowered"}, 3),
        ({"barrier": "kerb", "kerb:height": "0.18"}, 3),
        ({"kerb": "flush"}, 2),
        ({"barrier": "kerb"}, 2),
        ({"barrier": "bollard"}, 2),
        ({"barrier": "cycle_barrier", "wheelchair": "yes"}, 2),
        ({"kerb": "raised", "wheelchair": "yes"}, 2),
    ],
)
def test_what_may_stop_a_wheelchair_cuts_a_way_in_its_middle(
    read: Callable[..., WalkNetwork], tags: dict[str, str], nodes: int
) -> None:
    network = read({1: (0, 0), 2: (100, 0, tags), 3: (300, 0)}, {7: ([1, 2, 3], STREET)})
    assert (network.node_count, network.edge_count, network.component_count) == (nodes, nodes - 1, 1)
    assert network.length_km == pytest.approx(0.3, abs=0.001)


def test_heights_of_kerbs_stand_at_their_nodes(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0, {"kerb": "flush"}), 2: (100, 0, {"kerb": "yes", "kerb:height": "10 cm"}), 3: (300, 0)}
    network = read(nodes, {7: ([1, 2, 3], STREET)})
    heights = dict(zip(network.node_osm_id.tolist(), network.node_kerb_cm.tolist(), strict=True))
    assert heights == {1: 0, 2: 10, 3: NOT_MAPPED}


def test_one_way_is_the_direction_of_the_way_in_all_its_pieces(read: Callable[..., WalkNetwork]) -> None:
    # Nodes lie so that the order of the arrays is not that of the way.
    nodes = {1: (900, 900), 2: (500, 20), 3: (0, 0), 4: (20, 500), 5: (500, 500)}
    ways = {7: ([1, 2, 3, 4], {**STREET, "oneway:foot": "yes"}), 8: ([5, 2], STREET), 9: ([5, 3], STREET)}
    network = read(nodes, ways)
    mine = network.edge_way == 7
    assert network.edge_flags[mine].tolist() == [EdgeFlag.RESIDENTIAL | EdgeFlag.FORWARD] * 3
    ends = zip(network.node_osm_id[network.edge_from[mine]], network.node_osm_id[network.edge_to[mine]], strict=True)
    assert {(int(one), int(other)) for one, other in ends} == {(1, 2), (2, 3), (3, 4)}


def test_measures_of_a_way_stand_on_its_edges(read: Callable[..., WalkNetwork]) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0)}
    ways = {7: ([1, 2], {**STREET, "width": "0.8", "incline": "6%"}), 8: ([2, 3], {**STREET, "smoothness": "good"})}
    network = read(nodes, ways)
    order = np.argsort(network.edge_way)
    assert network.edge_width_cm[order].tolist() == [80, NOT_MAPPED]
    assert network.edge_slope_percent[order].tolist() == [6, NOT_MAPPED]
    assert network.edge_smoothness[order].tolist() == [NOT_MAPPED, SMOOTHNESS.index("good")]


@pytest.mark.parametrize("tags", [{"railway": "platform"}, {"man_made": "pier"}, {"public_transport": "platform"}])
def test_platforms_and_piers_join_streets_and_as_rings_are_squares(
    read: Callable[..., WalkNetwork], tags: dict[str, str]
) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (100, 50), 5: (150, 50)}
    ways = {7: ([1, 2], STREET), 8: ([2, 3], tags), 9: ([2, 4, 5, 2], tags)}
    assert set(read(nodes, ways).edge_way.tolist()) == {7, 8, 9}
    ways[9] = ([2, 4, 5, 2], {"highway": "rest_area", "foot": "yes"})
    assert set(read(nodes, ways).edge_way.tolist()) == {7, 8}


def test_the_zone_is_the_one_of_the_place(write_osm: Writer, tag_tables: TagTables) -> None:
    path = write_osm({1: (0, 0), 2: (100, 0)}, {7: ([1, 2], STREET)})
    moved = path.read_text("utf-8").replace('lon="9.', 'lon="25.').replace('lat="45', 'lat="-60')
    path.write_text(moved, "utf-8")
    assert read_extract(path, tag_tables, "", territory=None).network.crs == "EPSG:32735"
