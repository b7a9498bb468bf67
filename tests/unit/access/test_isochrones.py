import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import shapely

from psttm_geo.access import isochrones as drawing
from psttm_geo.access._kernels.stretch import STEP_M
from psttm_geo.access.isochrones import StreetGrid, isochrones
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import StreetIndex
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import CrsError, EmptyNetworkError, LimitError
from psttm_geo.osm.network import EdgeFlag, WalkNetwork

Network = Callable[..., WalkNetwork]

NEAR_M = 0.2
"""How near to the arithmetic answer an outline is; the grid has steps of 3.3 m."""

HALF_DISC = math.pi * 50**2 / 2
"""What is reached around the end of a street, when time does not run out before."""


def draw(
    network: WalkNetwork, profile: Profile, points: Sequence[tuple[float, float]], *minutes: float
) -> list[shapely.MultiPolygon]:
    graph = WalkGraph(network, profile)
    x, y = np.array(points, float).reshape(-1, 2).T
    drawn = isochrones(graph, StreetIndex(network).snap(x, y, usable=graph.usable), minutes)
    assert drawn.crs == METRIC
    assert drawn.is_valid.all()
    assert set(drawn.geom_type) == {"MultiPolygon"}
    shapes: list[shapely.MultiPolygon] = drawn.tolist()
    return shapes


def assert_near(shape: shapely.Geometry, expected: shapely.Geometry, near_m: float = NEAR_M) -> None:
    assert expected.buffer(near_m).covers(shape)
    assert shape.buffer(near_m).covers(expected)


# A straight street.


def test_a_whole_street_is_reached_with_what_lies_beside_it(street_network: Network, profile: Profile) -> None:
    (shape,) = draw(street_network([(0, 0), (300, 0)], [(0, 1)]), profile, [(150, 0)], 15)
    assert_near(shape, shapely.LineString([(0, 0), (300, 0)]).buffer(50, quad_segs=64), 0.5)
    assert shape.area == pytest.approx(300 * 100 + 2 * HALF_DISC, rel=0.002)


def test_the_walk_beside_the_street_takes_time(street_network: Network, profile: Profile) -> None:
    # After 300 m nothing is left; 50 m before, the reach is whole.
    (shape,) = draw(street_network([(0, 0), (2000, 0)], [(0, 1)]), profile, [(1000, 0)], 5)
    corners = [(700, 0), (750, -50), (1250, -50), (1300, 0), (1250, 50), (750, 50)]
    # The tips of the outline end between two points of the grid.
    assert_near(
        shape.intersection(shapely.box(710, -60, 1290, 60)),
        shapely.Polygon(corners).intersection(shapely.box(710, -60, 1290, 60)),
    )
    assert_near(shape, shapely.Polygon(corners), STEP_M)


def test_the_walk_to_the_street_takes_time(street_network: Network, profile: Profile) -> None:
    (shape,) = draw(street_network([(0, 0), (2000, 0)], [(0, 1)]), profile, [(1000, 60)], 5)
    west, south, east, north = shape.bounds
    assert (west, east) == (pytest.approx(760, abs=STEP_M), pytest.approx(1240, abs=STEP_M))
    assert (south, north) == (pytest.approx(-50, abs=NEAR_M), pytest.approx(50, abs=NEAR_M))


def test_a_profile_walks_at_its_speed(street_network: Network, profile: Profile) -> None:
    slow = dataclasses.replace(profile, speed_m_s=0.5)
    (shape,) = draw(street_network([(0, 0), (2000, 0)], [(0, 1)]), slow, [(1000, 0)], 5)
    assert shape.area == pytest.approx(2 * (100 * 100 + 50 * 50), rel=0.005)


def test_where_the_street_runs_does_not_matter(street_network: Network, profile: Profile) -> None:
    straight, turned = (
        draw(street_network([(0, 0), end], [(0, 1)]), profile, [(end[0] / 2, end[1] / 2)], 5)[0].area
        for end in ((2000, 0), (1200, 1600))
    )
    assert straight == pytest.approx(turned, rel=0.005)


def test_steps_are_walked_at_their_own_speed(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (0, 100), (0, 1000)], [(0, 1), (1, 2)], edge_flags={1: EdgeFlag.STEPS})
    (shape,) = draw(network, profile, [(0, 0)], 5)
    # 100 m in 100 s, and 100 m of steps in 200 s.
    assert shape.bounds[3] == pytest.approx(200, abs=STEP_M)


def test_a_closed_street_is_not_reached(street_network: Network, wheelchair: Profile) -> None:
    network = street_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], edge_flags={1: EdgeFlag.STEPS})
    (shape,) = draw(network, wheelchair, [(50, 0)], 15)
    assert shape.bounds[2] == pytest.approx(100, abs=STEP_M)
    assert not shape.intersects(shapely.LineString([(100 + STEP_M, 0), (200, 0)]))


@pytest.mark.parametrize(("apart", "reach"), [(80, 30), (140, 50)])
def test_a_walk_across_a_square_is_drawn_where_streets_do_not_reach(
    street_network: Network, profile: Profile, apart: float, reach: float
) -> None:
    nodes = [(-100, 0), (0, 0), (apart, 0), (apart + 100, 0)]
    network = street_network(nodes, [(0, 1), (1, 2), (2, 3)], edge_flags={1: EdgeFlag.ACROSS})
    (shape,) = draw(network, profile, [(apart / 2, 0)], 5)
    assert shape.bounds[2] == pytest.approx(apart + 150, abs=STEP_M), "it is walked in any case"
    # Forty metres from both streets 30 m to the side are left, and halfway across a long walk all of 50 m.
    middle = shape.intersection(shapely.LineString([(apart / 2, -100), (apart / 2, 100)]))
    assert middle.length == pytest.approx(2 * reach, abs=NEAR_M)


def test_the_time_halfway_across_a_square_is_that_of_the_walk_there(street_network: Network, profile: Profile) -> None:
    network = street_network([(-100, 0), (0, 0), (200, 0)], [(0, 1), (1, 2)], edge_flags={1: EdgeFlag.ACROSS})
    (shape,) = draw(network, profile, [(-100, 0)], 4)
    inner = shapely.box(60, -60, 140, 60)
    # 240 m straight on, and as much less to the side.
    corners = [(60, 50), (90, 50), (140, 0), (90, -50), (60, -50)]
    assert_near(shape.intersection(inner), shapely.Polygon(corners))


# Several streets.


def test_a_street_that_nothing_connects_keeps_what_is_near_it(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (300, 0), (0, 20), (300, 20)], [(0, 1), (2, 3)])
    (shape,) = draw(network, profile, [(150, 0)], 15)
    # Halfway between the streets.
    inner = shapely.box(10, -60, 290, 60)
    assert_near(shape.intersection(inner), shapely.box(10, -50, 290, 10))
    assert not shape.intersects(shapely.LineString([(0, 20), (300, 20)]))


@pytest.mark.parametrize("apart", [4.0, 2.0, 1.0])
def test_no_street_that_is_not_reached_is_inside_however_near_it_is(
    street_network: Network, profile: Profile, apart: float
) -> None:
    network = street_network([(0, 0), (300, 100), (0, apart), (300, 100 + apart)], [(0, 1), (2, 3)])
    (shape,) = draw(network, profile, [(150, 50)], 15)
    late = shapely.LineString([(0, apart), (300, 100 + apart)])
    assert late.intersection(shape).length < 0.01 * late.length


@pytest.mark.parametrize("apart", [4.0, 2.5])
def test_a_strip_between_streets_that_are_not_reached_is_drawn(
    street_network: Network, profile: Profile, apart: float
) -> None:
    nodes = [(x, y + x / 3) for y in (0, apart, -apart) for x in (0, 300)]
    (shape,) = draw(street_network(nodes, [(0, 1), (2, 3), (4, 5)]), profile, [(150, 50)], 15)
    street = shapely.LineString(nodes[:2])
    # Halfway between the streets, but for the ends.
    inner = shapely.box(10, -60, 290, 160)
    assert_near(shape.intersection(inner), street.buffer(apart / math.hypot(1, 1 / 3) / 2).intersection(inner), 0.25)


def test_a_tunnel_below_a_street_is_reached_where_it_is_nearest(street_network: Network, profile: Profile) -> None:
    # The two cross twice, nowhere farther apart than 3 m.
    tunnel = [(0, 0), (100, 3), (200, -3), (300, 0)]
    network = street_network([*tunnel, (0, 1), (300, 1)], [(0, 1), (1, 2), (2, 3), (4, 5)])
    (shape,) = draw(network, profile, [(150, 0)], 15)
    street = shapely.LineString([(0, 1), (300, 1)])
    assert street.intersection(shape).length < 0.02 * street.length
    assert shapely.LineString(tunnel).intersection(shape).length > 0.95 * shapely.LineString(tunnel).length


def test_water_is_crossed_on_bridges_alone(street_network: Network, profile: Profile) -> None:
    # Two banks 60 m apart, joined 400 m from the origin.
    nodes = [(0, 0), (400, 0), (400, 60), (0, 60), (900, 0)]
    network = street_network(nodes, [(0, 1), (1, 2), (2, 3), (1, 4)])
    near, far = draw(network, profile, [(0, 0)], 7, 16)
    bank = shapely.LineString([(0, 60), (390, 60)])
    assert not near.intersects(bank)
    # 400 m, the bridge of 60 m and 400 m back.
    assert far.covers(bank)


def test_all_origins_count(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (4000, 0)], [(0, 1)])
    one, other = (draw(network, profile, [point], 5)[0] for point in ((1000, 0), (3000, 0)))
    (both,) = draw(network, profile, [(1000, 0), (3000, 0)], 5)
    assert len(both.geoms) == 2
    assert both.equals(one.union(other))


def test_of_origins_on_one_street_the_nearest_counts(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (4000, 0)], [(0, 1)])
    (shape,) = draw(network, profile, [(1500, 0), (2000, 100), (1900, 0)], 5)
    west, _, east, _ = shape.bounds
    assert (west, east) == (pytest.approx(1200, abs=STEP_M), pytest.approx(2200, abs=STEP_M))


def test_a_block_of_houses_that_is_out_of_reach_is_a_hole(street_network: Network, profile: Profile) -> None:
    nodes = [(0, 0), (300, 0), (300, 300), (0, 300)]
    (shape,) = draw(street_network(nodes, [(0, 1), (1, 2), (2, 3), (3, 0)]), profile, [(0, 0)], 15)
    (part,) = shape.geoms
    (hole,) = part.interiors
    # The grid cuts the corners.
    assert_near(shapely.Polygon(hole), shapely.box(50, 50, 250, 250), STEP_M)
    assert shapely.Polygon(hole).area == pytest.approx(200 * 200, rel=0.005)


# Limits.


def test_limits_come_in_order_and_nest(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (2000, 0), (1000, 900)], [(0, 1), (1, 2)])
    graph = WalkGraph(network, profile)
    origin = StreetIndex(network).snap([1000], [0])
    drawn = isochrones(graph, origin, [15, 5, 10, 5])
    assert drawn.index.tolist() == [5, 10, 15]
    small, middle, large = drawn
    assert large.covers(middle)
    assert middle.covers(small)
    assert large.area > middle.area > small.area > 0


def test_a_limit_need_not_be_whole_minutes(street_network: Network, profile: Profile) -> None:
    (shape,) = draw(street_network([(0, 0), (2000, 0)], [(0, 1)]), profile, [(1000, 0)], 2.5)
    assert shape.area == pytest.approx(2 * (100 * 100 + 50 * 50), rel=0.005)


@pytest.mark.parametrize("minutes", [0, -5, 10_000, math.nan, math.inf])
def test_a_limit_that_nobody_walks_is_refused(street_network: Network, profile: Profile, minutes: float) -> None:
    with pytest.raises(LimitError, match="Minuti"):
        draw(street_network([(0, 0), (300, 0)], [(0, 1)]), profile, [(150, 0)], minutes)


# Nothing to draw, or much.


def test_an_origin_that_is_not_connected_reaches_nothing(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (300, 0)], [(0, 1)])
    assert all(shape.is_empty for shape in draw(network, profile, [(150, 5000)], 5, 10))
    assert all(shape.is_empty for shape in draw(network, profile, [], 5, 10))


def test_a_street_that_cannot_be_gained_in_time_is_not_reached(street_network: Network, profile: Profile) -> None:
    (shape,) = draw(street_network([(0, 0), (300, 0)], [(0, 1)]), profile, [(150, 200)], 3)
    assert shape.is_empty


def test_a_street_without_length_is_a_point(street_network: Network, profile: Profile) -> None:
    (shape,) = draw(street_network([(0, 0), (0, 0)], [(0, 1)]), profile, [(0, 0)], 15)
    assert_near(shape, shapely.Point(0, 0).buffer(50, quad_segs=64), 0.5)


def test_one_grid_serves_many_origins_and_profiles(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (2000, 0), (1000, 900)], [(0, 1), (1, 2)])
    grid, index = StreetGrid(network), StreetIndex(network)
    for speed in (1.0, 1.3, 1.0):
        graph = WalkGraph(network, dataclasses.replace(profile, speed_m_s=speed))
        for x in (10.0, 1990.0, 10.0):
            origin = index.snap([x], [0])
            shared, own = isochrones(graph, origin, [9], grid=grid), isochrones(graph, origin, [9])
            assert shared.to_wkb().equals(own.to_wkb())


def test_what_is_drawn_in_blocks_is_the_same(
    street_network: Network, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [(x, y + x / 3) for x in (0, 250, 500, 750) for y in (0, 250, 500)]
    edges = [(k, k + 1) for k in range(11) if k % 3 < 2] + [(k, k + 3) for k in range(9)]
    network = street_network(nodes, edges)
    whole = draw(network, profile, [(0, 0), (750, 700)], 5, 9)
    monkeypatch.setattr(drawing, "_BLOCK", 17)
    for one, in_blocks in zip(whole, draw(network, profile, [(0, 0), (750, 700)], 5, 9), strict=True):
        assert one.symmetric_difference(in_blocks).area < 1e-6
        assert shapely.get_num_interior_rings(shapely.get_parts(in_blocks)).sum() == (
            shapely.get_num_interior_rings(shapely.get_parts(one)).sum()
        )


def test_an_outline_that_needs_more_room_is_the_same(
    street_network: Network, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = street_network([(0, 0), (300, 0), (300, 400)], [(0, 1), (1, 2)])
    (in_one,) = draw(network, profile, [(0, 0)], 9)
    monkeypatch.setattr(drawing, "_SEGMENTS", 1)
    (grown,) = draw(network, profile, [(0, 0)], 9)
    assert grown.equals_exact(in_one)


def test_a_street_of_twelve_kilometres(street_network: Network, profile: Profile) -> None:
    (shape,) = draw(street_network([(0, 0), (12_000, 0)], [(0, 1)]), profile, [(6000, 0)], 100)
    assert shape.area == pytest.approx(2 * (5950 * 100 + 50 * 50), rel=0.001)
    assert len(shape.geoms) == 1


def test_a_network_that_nobody_can_walk_on_is_refused(street_network: Network) -> None:
    with pytest.raises(EmptyNetworkError):
        StreetGrid(street_network([(0, 0)], []))


def test_a_network_in_degrees_is_refused(street_network: Network) -> None:
    network = street_network([(9, 45), (9.1, 45)], [(0, 1)])
    with pytest.raises(CrsError):
        StreetGrid(dataclasses.replace(network, crs="EPSG:4326"))
