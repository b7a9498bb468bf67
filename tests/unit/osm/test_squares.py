"""Squares drawn so that the shortest way across them is arithmetic."""

from collections.abc import Callable
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely

from psttm_geo.osm import _squares, _visibility
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.network import NOT_MAPPED, EdgeFlag, WalkNetwork
from psttm_geo.schema.code_lists import SMOOTHNESS

Writer = Callable[..., Path]

Nodes = dict[int, tuple[object, ...]]

Ways = dict[int, tuple[list[int], dict[str, str]]]

STREET = {"highway": "residential"}

SQUARE = {"highway": "pedestrian", "area": "yes"}

PLAZA = {"type": "multipolygon", "highway": "pedestrian"}

CORNERS: Nodes = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100)}

HOLE: Nodes = {21: (40, 40), 22: (60, 40), 23: (60, 60), 24: (40, 60)}

ENDS: Nodes = {11: (-50, 0), 13: (150, 100)}

STREETS: Ways = {71: ([11, 1], STREET), 73: ([3, 13], STREET)}
"""Two streets that meet the square in opposite corners."""

OUTLINE = [1, 2, 3, 4, 1]


@pytest.fixture
def read(write_osm: Writer, tag_tables: TagTables) -> Callable[..., Extract]:
    def read(
        ways: Ways,
        relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] | None = None,
        nodes: Nodes | None = None,
    ) -> Extract:
        path = write_osm({**CORNERS, **ENDS, **(nodes or {})}, {**STREETS, **ways}, relations)
        return read_extract(path, tag_tables, "sum", territory=None)

    return read


def walk_m(network: WalkNetwork, start: int, stop: int) -> float:
    """Give the shortest walk between two nodes, infinite for none."""
    graph = nx.MultiGraph()
    ids = network.node_osm_id
    ends = zip(ids[network.edge_from].tolist(), ids[network.edge_to].tolist(), strict=True)
    for (one, other), length in zip(ends, network.edge_length_m.tolist(), strict=True):
        graph.add_edge(one, other, weight=length)
    try:
        return float(nx.dijkstra_path_length(graph, start, stop))
    except (nx.NetworkXNoPath, nx.NodeNotFound):
        return float("inf")


def across(network: WalkNetwork) -> set[frozenset[int]]:
    """Give the ends of the walks across, by their OSM identifiers."""
    ids, travel_times = network.node_osm_id, np.flatnonzero(~network.is_street)
    return {frozenset({int(ids[network.edge_from[k]]), int(ids[network.edge_to[k]])}) for k in travel_times}


def ring(way: int, role: str = "outer") -> tuple[str, int, str]:
    return "way", way, role


def test_a_closed_way_is_crossed_along_its_diagonal(read: Callable[..., Extract]) -> None:
    network = read({7: (OUTLINE, {**SQUARE, "surface": "gravel"})}).network
    assert walk_m(network, 1, 3) == pytest.approx(np.hypot(100, 100), abs=0.05)
    assert across(network) == {frozenset({1, 3})}
    (walk,) = np.flatnonzero(~network.is_street)
    assert network.edge_flags[walk] == EdgeFlag.ACROSS | EdgeFlag.ROUGH
    assert (network.edge_way[walk], network.classes[network.edge_class[walk]]) == (7, "pedestrian")
    assert network.length_km == pytest.approx(0.5, abs=1e-3), "a walk across is no street"


def test_a_relation_is_walked_as_the_same_square_drawn_as_a_way(read: Callable[..., Extract]) -> None:
    way = read({7: (OUTLINE, SQUARE)}).network
    relation = read({7: (OUTLINE, {})}, {5: ([ring(7)], PLAZA)}).network
    assert relation.component_count == 1
    assert relation.length_km == pytest.approx(way.length_km)
    assert (walk_m(relation, 11, 13), across(relation)) == (pytest.approx(walk_m(way, 11, 13)), across(way))
    assert sorted(relation.edge_flags.tolist()) == sorted(way.edge_flags.tolist())
    assert relation.edge_way[~relation.is_street].tolist() == [5]
    assert set(relation.edge_way[relation.is_street].tolist()) == {7, 71, 73}


def test_one_outline_out_of_several_ways(read: Callable[..., Extract]) -> None:
    ways = {7: ([1, 2, 3], {}), 8: ([1, 4, 3], {"barrier": "wall"})}
    network = read(ways, {5: ([ring(8), ring(7)], PLAZA)}).network
    assert walk_m(network, 11, 13) == pytest.approx(100 + np.hypot(100, 100), abs=0.1)
    assert network.length_km == pytest.approx(0.5, abs=1e-3)


def test_a_hole_is_walked_around(read: Callable[..., Extract]) -> None:
    ways = {7: (OUTLINE, {}), 8: ([*HOLE, 21], {"building": "yes"})}
    network = read(ways, {5: ([ring(7), ring(8, "inner")], PLAZA)}, HOLE).network
    # From a corner of the square straight to one of the hole, and on to the opposite corner.
    assert walk_m(network, 1, 3) == pytest.approx(2 * np.hypot(40, 60), abs=0.1)
    hole = shapely.box(*(40.1 + np.array([514_000, 5_034_000])), *(59.9 + np.array([514_000, 5_034_000])))
    assert not shapely.intersects(network.geometries(), hole).any()
    assert network.component_count == 1
    assert not any({21, 22, 23, 24} >= walk for walk in across(network)), "one walks along the hole already"


def test_the_relation_knows_the_holes_of_a_way_that_is_a_square_too(read: Callable[..., Extract]) -> None:
    ways = {7: (OUTLINE, SQUARE), 8: ([*HOLE, 21], {})}
    network = read(ways, {5: ([ring(7), ring(8, "inner")], PLAZA)}, HOLE).network
    assert walk_m(network, 1, 3) == pytest.approx(2 * np.hypot(40, 60), abs=0.1)
    assert network.edge_way[network.is_street].tolist().count(7) == 2


def test_a_square_in_a_hole_is_crossed_as_well(read: Callable[..., Extract]) -> None:
    ways = {7: (OUTLINE, {}), 8: ([*HOLE, 21], SQUARE)}
    network = read(ways, {5: ([ring(7), ring(8, "inner")], PLAZA)}, HOLE).network
    assert walk_m(network, 1, 3) == pytest.approx(np.hypot(100, 100), abs=0.1)


def test_two_outer_rings_are_two_squares(read: Callable[..., Extract]) -> None:
    far: Nodes = {31: (200, 100), 32: (300, 100), 33: (300, 200), 34: (200, 200), 35: (350, 200)}
    ways: Ways = {7: (OUTLINE, {}), 8: ([31, 32, 33, 34, 31], {}), 74: ([13, 31], STREET), 75: ([33, 35], STREET)}
    network = read(ways, {5: ([ring(7), ring(8)], PLAZA)}, far).network
    assert across(network) == {frozenset({1, 3}), frozenset({31, 33})}
    assert walk_m(network, 1, 33) == pytest.approx(2 * np.hypot(100, 100) + 100, abs=0.1)


def test_outer_rings_that_touch_in_a_corner_are_crossed_through_it(read: Callable[..., Extract]) -> None:
    nodes: Nodes = {5: (200, 100), 6: (200, 200), 7: (100, 200), 13: (200, 250)}
    ways: Ways = {1: (OUTLINE, {}), 2: ([3, 5, 6, 7, 3], {}), 73: ([6, 13], STREET)}
    network = read(ways, {5: ([("way", 1, "outer"), ("way", 2, "outer")], PLAZA)}, nodes).network
    assert walk_m(network, 1, 6) == pytest.approx(2 * np.hypot(100, 100), abs=0.1)


@pytest.mark.parametrize(
    ("tag", "measure", "expected"),
    [
        ({"smoothness": "horrible"}, "edge_smoothness", SMOOTHNESS.index("horrible")),
        ({"incline": "20%"}, "edge_slope_percent", 20),
        ({"width": "0.5"}, "edge_width_cm", 50),
    ],
)
@pytest.mark.parametrize("drawn", ["way", "relation"])
def test_walks_across_and_outlines_have_the_measures_of_the_square(
    read: Callable[..., Extract], tag: dict[str, str], measure: str, expected: int, drawn: str
) -> None:
    if drawn == "way":
        network = read({1: (OUTLINE, SQUARE | tag)}).network
    else:
        network = read({1: (OUTLINE, {})}, {5: ([("way", 1, "outer")], PLAZA | tag)}).network
    of_square = (network.edge_flags & EdgeFlag.AREA > 0) | (network.edge_flags & EdgeFlag.ACROSS > 0)
    assert set(getattr(network, measure)[of_square]) == {expected}
    assert set(getattr(network, measure)[~of_square]) == {NOT_MAPPED}


def test_squares_side_by_side_are_crossed_through_the_nodes_between_them(read: Callable[..., Extract]) -> None:
    beside: Nodes = {5: (200, 0), 6: (200, 100), 9: (100, 50), 16: (250, 100)}
    ways: Ways = {7: ([1, 2, 9, 3, 4, 1], SQUARE), 8: ([2, 5, 6, 3, 9, 2], SQUARE), 76: ([6, 16], STREET)}
    network = read(ways, None, beside).network
    assert walk_m(network, 1, 6) == pytest.approx(np.hypot(200, 100), abs=0.1)


@pytest.mark.parametrize("relation", [False, True])
def test_a_way_that_ends_inside_is_met(read: Callable[..., Extract], *, relation: bool) -> None:
    inside: Nodes = {41: (50, 50), 42: (50, 200)}
    ways: Ways = {7: (OUTLINE, {} if relation else SQUARE), 77: ([41, 42], {"highway": "footway"})}
    network = read(ways, {5: ([ring(7)], PLAZA)} if relation else None, inside).network
    assert network.component_count == 1
    assert walk_m(network, 1, 42) == pytest.approx(np.hypot(50, 50) + 150, abs=0.1)


@pytest.mark.parametrize(
    ("tags", "met"),
    [
        ({"highway": "footway", "layer": "-1"}, False),
        ({"highway": "footway", "tunnel": "yes"}, False),
        ({"highway": "footway", "level": "2"}, False),
        ({"highway": "footway", "layer": "0"}, True),
        ({"highway": "footway", "layer": "0", "level": "2"}, True),
        ({"highway": "footway", "layer": "sotto"}, True),
        ({"highway": "steps", "layer": "-1"}, True),
    ],
)
def test_a_way_below_a_square_is_not_met_but_steps_lead_up(
    read: Callable[..., Extract], tags: dict[str, str], *, met: bool
) -> None:
    inside: Nodes = {41: (50, 50), 42: (50, 200)}
    network = read({7: (OUTLINE, SQUARE), 77: ([41, 42], tags)}, None, inside).network
    assert (walk_m(network, 1, 42) < 1000) == met


def test_the_foot_of_steps_below_a_square_is_not_met(read: Callable[..., Extract]) -> None:
    inside: Nodes = {41: (50, 50), 42: (50, 60), 43: (60, 200)}
    below = {77: ([41, 42], {"highway": "steps"}), 78: ([42, 43], {"highway": "footway", "layer": "-1"})}
    network = read({7: (OUTLINE, SQUARE), **below}, None, inside).network
    assert frozenset({1, 41}) in across(network)
    assert not any(42 in walk for walk in across(network))


def test_around_a_corner_the_walk_bends_there(read: Callable[..., Extract]) -> None:
    corner: Nodes = {2: (200, 0), 3: (200, 50), 5: (50, 50), 6: (50, 200), 4: (0, 200), 13: (200, 300), 14: (0, 300)}
    ways: Ways = {7: ([1, 2, 3, 5, 6, 4, 1], SQUARE), 73: ([2, 13], STREET), 74: ([4, 14], STREET)}
    network = read(ways, None, corner).network
    assert walk_m(network, 2, 4) == pytest.approx(2 * np.hypot(150, 50), abs=0.1)
    assert across(network) >= {frozenset({2, 5}), frozenset({4, 5})}
    assert frozenset({1, 5}) not in across(network), "no shortest way bends there"


CLOSED = {"access": "private"}


@pytest.mark.parametrize(
    ("tags", "walked_m"),
    [
        ({**SQUARE, **CLOSED}, float("inf")),
        ({**SQUARE, "foot": "no"}, float("inf")),
        ({**SQUARE, **CLOSED, "foot": "yes"}, np.hypot(100, 100)),
        ({"highway": "footway", "area": "yes"}, np.hypot(100, 100)),
        ({"highway": "platform"}, np.hypot(100, 100)),
        ({"highway": "footway", "railway": "platform"}, np.hypot(100, 100)),
        ({"highway": "footway", "public_transport": "platform"}, np.hypot(100, 100)),
        ({"highway": "platform", "area": "no"}, 200),
        ({"highway": "pedestrian"}, 200),
        ({"highway": "footway"}, 200),
        ({"highway": "service", "area": "yes"}, 200),
        ({"leisure": "park", "area": "yes"}, float("inf")),
    ],
)
def test_only_areas_made_for_walking_are_crossed(
    read: Callable[..., Extract], tags: dict[str, str], walked_m: float
) -> None:
    assert walk_m(read({7: (OUTLINE, tags)}).network, 1, 3) == pytest.approx(walked_m, abs=0.1)


@pytest.mark.parametrize(
    "tags", [{**PLAZA, **CLOSED}, {**PLAZA, "highway": "service"}, {**PLAZA, "type": "site"}, {"type": "multipolygon"}]
)
def test_other_relations_are_not_walked(read: Callable[..., Extract], tags: dict[str, str]) -> None:
    network = read({7: (OUTLINE, {})}, {5: ([ring(7)], tags)}).network
    assert set(network.edge_way.tolist()) == {71, 73}


def test_of_an_incomplete_relation_one_walks_along_what_is_there(read: Callable[..., Extract]) -> None:
    extract = read({7: ([1, 2, 3], {})}, {5: ([ring(7), ring(8)], PLAZA)})
    assert walk_m(extract.network, 1, 3) == pytest.approx(200, abs=0.1)
    assert extract.network.is_street.all()
    assert extract.report.relations_incomplete == 1


def test_a_relation_that_no_walk_meets_is_not_walked(read: Callable[..., Extract]) -> None:
    beside: Nodes = {31: (900, 0), 32: (960, 0), 33: (960, 60), 34: (900, 60), 35: (1000, 0)}
    ways: Ways = {7: (OUTLINE, {}), 8: ([31, 32, 33, 34, 31], {}), 9: ([32, 35, 33, 32], {})}
    squares = {5: ([ring(7)], PLAZA), 6: ([ring(8)], PLAZA), 4: ([ring(9)], PLAZA)}
    extract = read(ways, squares, beside)
    assert set(extract.network.edge_way.tolist()) == {5, 7, 71, 73}
    assert extract.report.squares_alone == 2


def test_a_way_is_not_crossed_where_its_relation_lacks_a_hole(read: Callable[..., Extract]) -> None:
    network = read({7: (OUTLINE, SQUARE)}, {5: ([ring(7), ring(8, "inner")], PLAZA)}).network
    assert walk_m(network, 1, 3) == pytest.approx(200, abs=0.1)


def test_an_outline_that_crosses_itself_is_two_squares(read: Callable[..., Extract]) -> None:
    network = read({7: ([1, 3, 2, 4, 1], SQUARE), 78: ([2, 11], STREET)}).network
    # The lines cross where there is no node: nobody turns there.
    assert across(network) == set()
    assert walk_m(network, 1, 3) == pytest.approx(np.hypot(100, 100), abs=0.1)


def test_a_square_where_too_many_walks_meet_is_walked_along_its_outline(
    read: Callable[..., Extract], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_squares, "MOST_POINTS", 1)
    extract = read({7: (OUTLINE, SQUARE)})
    assert walk_m(extract.network, 1, 3) == pytest.approx(200, abs=0.1)
    assert extract.report.squares_uncrossed == 1


COUNT = 60

CHORDS_M = np.array([2 * 80 * np.sin(k * np.pi / COUNT) for k in range(1, COUNT)])
"""From one of so many points around a circle of 80 m to each of the others."""


@pytest.fixture
def circle(read: Callable[..., Extract]) -> Callable[[], WalkNetwork]:
    """Read a round square with a street at each corner, the first of them 100, all others as they follow."""
    angles = (np.arange(COUNT) * 2 * np.pi / COUNT).tolist()
    corners: Nodes = {100 + k: (80 * np.cos(angle), 80 * np.sin(angle)) for k, angle in enumerate(angles)}
    outside: Nodes = {200 + k: (90 * np.cos(angle), 90 * np.sin(angle)) for k, angle in enumerate(angles)}
    elsewhere: Nodes = {1: (500, 0), 3: (600, 0), 11: (500, 100), 13: (600, 100)}
    ways: Ways = {7: ([*corners, 100], SQUARE)} | {300 + k: ([100 + k, 200 + k], STREET) for k in range(COUNT)}
    return lambda: read(ways, None, corners | outside | elsewhere).network


def test_walks_that_others_stand_for_are_left_out(circle: Callable[[], WalkNetwork]) -> None:
    network = circle()
    assert 0 < len(across(network)) < 0.7 * COUNT * (COUNT - 1) / 2
    walked = np.array([walk_m(network, 100, 100 + k) for k in range(1, COUNT)])
    assert (walked / CHORDS_M).max() <= 1.05


def test_walks_across_stay_few_where_many_walks_meet(
    circle: Callable[[], WalkNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_visibility, "MOST_FOR_EACH", 4)
    network = circle()
    assert 0 < len(across(network)) <= 4 * COUNT
    assert walk_m(network, 100, 130) == pytest.approx(160, rel=0.1)
