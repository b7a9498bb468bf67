import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from psttm_geo.access.snapping import FARTHEST_M, NOT_CONNECTED, Places, StreetIndex
from psttm_geo.core.errors import CrsError, EmptyNetworkError
from psttm_geo.osm.network import LEADS_M, WalkNetwork, find_leading

Network = Callable[..., WalkNetwork]


@pytest.fixture(scope="module")
def square(street_network: Network) -> WalkNetwork:
    """Give the four sides of a square of 1 km, from its south-west corner round by the south-east one."""
    return street_network([(0, 0), (1000, 0), (1000, 1000), (0, 1000)], [(0, 1), (1, 2), (2, 3), (3, 0)])


def test_a_place_stands_at_the_nearest_point_of_the_nearest_street(square: WalkNetwork) -> None:
    places = StreetIndex(square).snap([250, 990, 400], [30, 600, 1007])
    assert places.edge.tolist() == [0, 1, 2]
    assert places.fraction.tolist() == [0.25, 0.6, 0.6]
    assert places.off_street_m.tolist() == [30, 10, 7]
    assert (places.x.tolist(), places.y.tolist()) == ([250, 990, 400], [30, 600, 1007])
    assert places.connected.all()
    assert len(places) == 3


def test_a_place_on_the_street_has_no_walk_to_it(square: WalkNetwork) -> None:
    places = StreetIndex(square).snap(125, 0)
    assert (places.edge.tolist(), places.fraction.tolist(), places.off_street_m.tolist()) == ([0], [0.125], [0])


def test_a_place_beyond_the_end_of_a_street_goes_to_its_end(street_network: Network) -> None:
    network = street_network([(0, 0), (100, 0)], [(0, 1)])
    places = StreetIndex(network).snap([-30, 104], [40, 3])
    assert places.fraction.tolist() == [0, 1]
    assert places.off_street_m.tolist() == [50, 5]


def test_where_on_a_bent_street_is_told_along_it(street_network: Network) -> None:
    network = street_network([(0, 0), (100, 200)], [(0, 1)], shapes={0: [(100, 0)]})
    places = StreetIndex(network).snap([50, 100, 90], [-1, 50, 200])
    assert places.fraction.tolist() == pytest.approx([50 / 300, 150 / 300, 1])


def test_of_equally_near_streets_the_first_is_taken(square: WalkNetwork) -> None:
    corner, middle = [0, 1000, 1000, 0, -20], [0, 0, 1000, 1000, -20]
    assert StreetIndex(square).snap(corner, middle).edge.tolist() == [0, 0, 1, 2, 0]


def test_streets_that_begin_where_another_ends_are_equally_near_to_a_place_beyond(street_network: Network) -> None:
    # A place outside the corner of two streets is nearest to the corner itself, whatever rounding does to the rest.
    angles = np.linspace(0.1, 1.4, 40)
    network = street_network([(0, 0), (1 / 3, 1 / 7), (-100.1, 0.3), (0.7, -99.9)], [(2, 1), (1, 3)])
    places = StreetIndex(network).snap(1 / 3 + 17.3 * np.cos(angles), 1 / 7 + 17.3 * np.sin(angles))
    assert set(places.edge.tolist()) == {0}
    assert set(places.fraction.tolist()) == {1.0}


@pytest.mark.parametrize(("away", "edge"), [(249.9, 0), (250, 0), (250.001, NOT_CONNECTED), (3000, NOT_CONNECTED)])
def test_farther_than_250_m_is_not_connected(square: WalkNetwork, away: float, edge: int) -> None:
    places = StreetIndex(square).snap([500], [-away])
    assert FARTHEST_M == 250
    assert places.edge.tolist() == [edge]
    assert places.connected.tolist() == [edge == 0]
    assert places.off_street_m.tolist() == [away if edge == 0 else math.inf]
    assert places.fraction.tolist() == [0.5 if edge == 0 else 0]


def test_the_largest_distance_can_be_another_one(square: WalkNetwork) -> None:
    index = StreetIndex(square)
    assert index.snap([500], [-300], max_m=300).off_street_m.tolist() == [300]
    assert not index.snap([500], [-300], max_m=299.9).connected.any()
    assert index.snap([500], [-90_000], max_m=math.inf).off_street_m.tolist() == [90_000]


def test_streets_that_cannot_be_used_are_passed_over(square: WalkNetwork) -> None:
    index = StreetIndex(square)
    usable = np.array([False, True, True, True])
    places = index.snap([900, 500], [30, 30], usable=usable)
    assert places.edge.tolist() == [1, NOT_CONNECTED]
    assert (places.fraction[0], places.off_street_m[0]) == (0.03, 100)
    assert not index.snap([900], [30], usable=np.zeros(4, bool)).connected.any()


def test_a_place_without_a_position_or_off_the_earth_is_not_connected(square: WalkNetwork) -> None:
    x = [math.nan, 10, math.inf, -math.inf, 1e300, 10]
    y = [10, math.nan, 10, 10, -1e300, 10]
    assert StreetIndex(square).snap(x, y).connected.tolist() == [False, False, False, False, False, True]


def test_no_places_are_no_places(square: WalkNetwork) -> None:
    places = StreetIndex(square).snap([], [])
    assert len(places) == 0
    assert (places.edge.dtype, places.fraction.dtype, places.off_street_m.dtype) == (np.int32, float, float)


def test_places_are_taken_by_mask_and_by_position(square: WalkNetwork) -> None:
    places = StreetIndex(square).snap([250, 990, 400], [30, 600, 1007])
    assert places.take(np.array([True, False, True])).edge.tolist() == [0, 2]
    assert places.take(np.array([2, 0, 0])).fraction.tolist() == [0.6, 0.25, 0.25]
    assert isinstance(places.take(slice(0, 0)), Places)


def test_places_given_are_not_changed_later(square: WalkNetwork) -> None:
    x, y = np.array([250.0]), np.array([30.0])
    places = StreetIndex(square).snap(x, y)
    x[0] = 7
    assert places.x.tolist() == [250]


def test_a_street_without_length_is_found(street_network: Network) -> None:
    network = street_network([(0, 0), (0, 0), (5000, 0), (6000, 0)], [(0, 1), (2, 3)])
    places = StreetIndex(network).snap([3, 5500], [4, 0])
    assert (places.edge.tolist(), places.fraction.tolist()) == ([0, 1], [0, 0.5])
    assert places.off_street_m.tolist() == [5, 0]


def test_a_network_of_one_point_has_a_grid(street_network: Network) -> None:
    places = StreetIndex(street_network([(7, 7), (7, 7)], [(0, 1)])).snap([7, 7, 7], [7, 250, 258])
    assert places.edge.tolist() == [0, 0, NOT_CONNECTED]


def test_a_loop_begins_and_ends_at_its_node(street_network: Network) -> None:
    network = street_network([(0, 0)], [(0, 0)], shapes={0: [(100, 0), (100, 100), (0, 100)]})
    places = StreetIndex(network).snap([0, 100, 50, -3], [0, 50, 90, 75])
    assert places.fraction.tolist() == pytest.approx([0, 150 / 400, 250 / 400, 325 / 400])


def test_long_streets_are_found_all_along(street_network: Network) -> None:
    # Many short streets make cells small, one long one across runs through many of them.
    nodes = [(0, 0), (30_000, 20_000), *((10.0 * i, 20_000.0) for i in range(500))]
    network = street_network(nodes, [(0, 1), *((i, i + 1) for i in range(2, 501))])
    along = np.linspace(0, 1, 301)[:250]
    normal = np.array([-20_000, 30_000]) / math.hypot(20_000, 30_000)
    places = StreetIndex(network).snap(along * 30_000 + 5 * normal[0], along * 20_000 + 5 * normal[1])
    assert set(places.edge.tolist()) == {0}
    assert places.off_street_m == pytest.approx(5)
    assert places.fraction == pytest.approx(along)


def test_far_apart_pieces_need_no_endless_grid(street_network: Network) -> None:
    network = street_network([(0, 0), (10, 0), (4e7, 4e7), (4e7 + 10, 4e7)], [(0, 1), (2, 3)])
    places = StreetIndex(network).snap([5, 4e7 + 5, 2e7], [1, 4e7 + 1, 2e7])
    assert places.edge.tolist() == [0, 1, NOT_CONNECTED]
    assert places.off_street_m[:2].tolist() == [1, 1]


def test_a_network_without_streets_is_refused(street_network: Network) -> None:
    for empty in (street_network([], []), street_network([(0, 0)], [])):
        with pytest.raises(EmptyNetworkError, match="non ha strade percorribili"):
            StreetIndex(empty)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263", "EPSG:4978"])
def test_a_network_in_degrees_feet_or_space_is_refused(square: WalkNetwork, crs: str) -> None:
    with pytest.raises(CrsError, match=f"trovato {crs}, atteso uno in metri"):
        StreetIndex(dataclasses.replace(square, crs=crs))


def test_another_utm_zone_is_metric_too(square: WalkNetwork) -> None:
    assert StreetIndex(dataclasses.replace(square, crs="EPSG:32635")).snap([500], [5]).connected.all()


# Pieces of network that lead nowhere.


@pytest.fixture(scope="module")
def courtyard(street_network: Network) -> WalkNetwork:
    """Give a street of 2 km, a path of 50 m that stands alone 30 m north of it, and one 400 m south."""
    nodes = [(0, 0), (2000, 0), (1000, 30), (1050, 30), (1000, -400), (1050, -400)]
    return street_network(nodes, [(0, 1), (2, 3), (4, 5)])


def leading(network: WalkNetwork, *, closed: Sequence[int] = (), barred: Sequence[int] = ()) -> list[bool]:
    usable = ~np.isin(np.arange(network.edge_count), closed)
    return find_leading(network, usable, np.isin(np.arange(network.node_count), barred)).tolist()


def test_a_place_goes_to_the_nearest_street_that_leads_somewhere(courtyard: WalkNetwork) -> None:
    places = StreetIndex(courtyard).snap([1025, 1025, 1025], [31, -300, -600], leading=np.array(leading(courtyard)))
    assert places.edge.tolist() == [0, 2, 2]
    assert places.off_street_m.tolist() == [31, 100, 200]
    assert places.fraction.tolist() == [1025 / 2000, 0.5, 0.5]


def test_a_place_that_no_street_is_near_enough_to_stays_so(courtyard: WalkNetwork) -> None:
    places = StreetIndex(courtyard).snap([1025], [-800], leading=np.array(leading(courtyard)))
    assert places.edge.tolist() == [NOT_CONNECTED]


def test_a_piece_leads_somewhere_by_its_size_and_not_by_its_rank(street_network: Network) -> None:
    nodes = [(0, 0), (5000, 0), (0, 900), (LEADS_M, 900), (0, 2000), (LEADS_M - 1, 2000)]
    assert leading(street_network(nodes, [(0, 1), (2, 3), (4, 5)])) == [True, True, False]


def test_of_short_pieces_the_longest_leads_somewhere(street_network: Network) -> None:
    nodes = [(0, 0), (300, 0), (0, 900), (299, 900)]
    assert leading(street_network(nodes, [(0, 1), (2, 3)])) == [True, False]


def test_what_cannot_be_walked_or_passed_parts_the_network(street_network: Network) -> None:
    # Two streets of 800 m joined by one of 10 m; then one of 1,200 m behind a node that nobody passes.
    nodes = [(0, 0), (800, 0), (810, 0), (1610, 0), (2810, 0)]
    network = street_network(nodes, [(0, 1), (1, 2), (2, 3), (3, 4)])
    assert leading(network) == [True] * 4
    assert leading(network, closed=[1]) == [False, False, True, True]
    assert leading(network, barred=[3]) == [True, True, True, True]
    assert leading(network, closed=[1], barred=[3]) == [False, False, False, True]
