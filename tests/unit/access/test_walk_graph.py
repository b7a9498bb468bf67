import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from psttm_geo.access.profiles import Limits, Profile
from psttm_geo.access.snapping import Places, StreetIndex
from psttm_geo.access.street_times import CLOSED, LARGEST_LIMIT_MIN, limit_deciseconds
from psttm_geo.access.walk_graph import UNREACHED, WalkGraph
from psttm_geo.core.errors import CrsError, EmptyNetworkError, LimitError, ProfileError
from psttm_geo.osm.network import NOT_MAPPED, EdgeFlag, NodeFlag, WalkNetwork
from psttm_geo.schema.code_lists import SMOOTHNESS

NEVER = int(UNREACHED)

Network = Callable[..., WalkNetwork]


class Walk:
    """A network walked by one profile, asked in metres."""

    def __init__(self, network: WalkNetwork, profile: Profile) -> None:
        self.graph = WalkGraph(network, profile)
        self.index = StreetIndex(network)

    def places(self, *points: tuple[float, float]) -> Places:
        x, y = np.array(points, float).reshape(-1, 2).T
        return self.index.snap(x, y, usable=self.graph.usable)

    def nodes(self, *services: tuple[float, float], minutes: float = 100) -> list[int]:
        times: list[int] = self.graph.nearest([self.places(*services)], limit_min=minutes)[0].tolist()
        return times

    def at(
        self, homes: Sequence[tuple[float, float]], services: Sequence[tuple[float, float]], minutes: float = 100
    ) -> list[int]:
        group = self.places(*services)
        node_ds = self.graph.nearest([group], limit_min=minutes)[0]
        times: list[int] = self.graph.at(self.places(*homes), node_ds, group).tolist()
        return times

    def count(
        self, homes: Sequence[tuple[float, float]], services: Sequence[tuple[float, float]], minutes: float
    ) -> list[int]:
        group = self.places(*services)
        counts: list[int] = self.graph.count_within(
            self.places(*homes), group, np.arange(len(group)), minutes=minutes
        ).tolist()
        return counts


@pytest.fixture
def street(street_network: Network, profile: Profile) -> Walk:
    """Give a straight street of 300 m with nodes every 100 m."""
    return Walk(street_network([(0, 0), (100, 0), (200, 0), (300, 0)], [(0, 1), (1, 2), (2, 3)]), profile)


# Times at nodes.


def test_a_service_at_a_node(street: Walk) -> None:
    assert street.nodes((100, 0)) == [1000, 0, 1000, 2000]


def test_a_service_in_the_middle_of_a_street(street: Walk) -> None:
    assert street.nodes((130, 0)) == [1300, 300, 700, 1700]


def test_the_walk_from_beside_the_street_is_added(street: Walk) -> None:
    assert street.nodes((130, 20)) == [1500, 500, 900, 1900]


def test_the_nearest_of_several_services_counts(street: Walk) -> None:
    assert street.nodes((0, 0), (290, 0)) == [0, 1000, 900, 100]


def test_a_time_is_whole_deciseconds_of_each_street(street_network: Network, profiles: dict[str, Profile]) -> None:
    network = street_network([(0, 0), (100, 0), (150, 0)], [(0, 1), (1, 2)])
    walk = Walk(network, profiles["adulto"])
    # 1.31 m/s: 763.36 and 381.68 deciseconds.
    assert walk.graph.edge_ds.tolist() == [763, 382]
    assert walk.nodes((0, 0)) == [0, 763, 1145]


def test_groups_are_answered_in_their_order(street: Walk) -> None:
    groups = [street.places((0, 0)), street.places(), street.places((300, 0)), street.places((0, 0))]
    times = street.graph.nearest(groups, limit_min=100)
    assert times.dtype == np.uint16
    assert times.tolist() == [[0, 1000, 2000, 3000], [NEVER] * 4, [3000, 2000, 1000, 0], [0, 1000, 2000, 3000]]


def test_no_groups_give_no_rows(street: Walk) -> None:
    assert street.graph.nearest([], limit_min=30).shape == (0, 4)


def test_services_that_are_not_connected_count_for_nothing(street: Walk) -> None:
    places = street.places((100, 0), (100, 2000), (math.nan, 0))
    assert places.connected.tolist() == [True, False, False]
    assert street.graph.nearest([places, places.take(slice(1, 3))], limit_min=100).tolist() == [
        [1000, 0, 1000, 2000],
        [NEVER] * 4,
    ]


def test_a_place_that_is_not_connected_is_not_on_the_last_street(street_network: Network, profile: Profile) -> None:
    # Its edge is -1, and the last edge of an array is what -1 asks for.
    walk = Walk(street_network([(0, 0), (100, 0)], [(0, 1)]), profile)
    lost, service = walk.places((50, 5000)), walk.places((50, 0))
    assert walk.graph.nearest([lost], limit_min=100).tolist() == [[NEVER, NEVER]]
    assert walk.graph.at(lost, walk.graph.nearest([service], limit_min=100)[0], service).tolist() == [NEVER]
    assert walk.graph.at(service, walk.graph.nearest([lost], limit_min=100)[0], lost).tolist() == [NEVER]
    for homes, group in ((lost, service), (service, lost)):
        assert walk.graph.count_within(homes, group, np.zeros(1, int), minutes=100).tolist() == [0]


def test_what_lies_on_another_piece_of_the_network_is_not_reached(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (100, 0), (0, 300), (100, 300)], [(0, 1), (2, 3)])
    walk = Walk(network, profile)
    assert walk.nodes((0, 0)) == [0, 1000, NEVER, NEVER]
    assert walk.at([(50, 300), (50, 0)], [(0, 0)]) == [NEVER, 500]
    assert walk.count([(50, 300), (50, 0)], [(0, 0)], 100) == [0, 1]


# What lies between the ends of a street.


def test_of_parallel_streets_the_quicker_is_walked(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (100, 0)], [(0, 1), (0, 1), (1, 0)], shapes={0: [(50, 120)], 2: [(50, 60)]})
    walk = Walk(network, profile)
    assert walk.nodes((0, 0)) == [0, 1000]
    # The top of the longest street is 130 m from either end.
    assert walk.at([(50, 120)], [(0, 0)]) == [1300]
    assert walk.at([(50, 120)], [(50, 0)]) == [1800]
    assert walk.at([(50, 120)], [(50, 120)]) == [0]


def test_a_loop_is_walked_the_shorter_way_round(street_network: Network, profile: Profile) -> None:
    loop = [(100, 0), (100, 100), (0, 100)]
    network = street_network([(0, 0), (-50, 0)], [(0, 0), (1, 0)], shapes={0: loop})
    walk = Walk(network, profile)
    assert walk.nodes((100, 0)) == [1000, 1500]
    assert walk.nodes((0, 90)) == [900, 1400]
    homes = [(0, 90), (100, 100), (50, 0), (-50, 0)]
    # From (100, 0): round by the node, along the loop, along the loop, by the node and out.
    assert walk.at(homes, [(100, 0)]) == [1900, 1000, 500, 1500]
    assert [walk.count(homes, [(100, 0)], minutes) for minutes in (0.5, 1, 100)] == [
        [0, 0, 0, 0],
        [0, 0, 1, 0],
        [1, 1, 1, 1],
    ]


def test_a_street_without_length_takes_no_time(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (100, 0), (100, 0), (200, 0)], [(0, 1), (1, 2), (2, 3)])
    walk = Walk(network, profile)
    assert walk.nodes((0, 0)) == [0, 1000, 1000, 2000]
    assert walk.nodes((200, 0)) == [2000, 1000, 1000, 0]
    assert walk.at([(150, 0)], [(0, 0)]) == [1500]


def test_streets_without_length_in_a_ring_are_left_again(street_network: Network, profile: Profile) -> None:
    nodes = [(0, 0), (0, 0), (0, 0), (60, 0)]
    walk = Walk(street_network(nodes, [(0, 1), (1, 2), (2, 0), (2, 3), (0, 0)]), profile)
    assert walk.nodes((60, 0)) == [600, 600, 600, 0]


# Places anywhere on streets.


def test_service_and_home_on_one_street_are_joined_along_it(street: Walk) -> None:
    assert street.at([(110, 0), (160, 0), (199, 0)], [(150, 0)]) == [400, 100, 490]


def test_both_walks_beside_the_street_are_added(street: Walk) -> None:
    assert street.at([(110, 7), (10, 7)], [(150, 20)]) == [400 + 200 + 70, 1400 + 200 + 70]


def test_service_and_home_at_one_point_of_the_street_still_walk_to_it(street: Walk) -> None:
    # From beside the street to beside it: by the street, also for a neighbour across.
    assert street.at([(150, 20), (150, -5)], [(150, 20)]) == [400, 250]


def test_without_the_services_the_street_they_share_is_not_known(street: Walk) -> None:
    group, homes = street.places((150, 0)), street.places((110, 0))
    node_ds = street.graph.nearest([group], limit_min=100)[0]
    assert street.graph.at(homes, node_ds).tolist() == [500 + 100]
    assert street.graph.at(homes, node_ds, group).tolist() == [400]


def test_the_nearer_of_a_service_on_the_street_and_one_beyond_is_taken(street: Walk) -> None:
    assert street.at([(110, 0)], [(190, 0), (95, 0)]) == [150]
    assert street.at([(110, 0)], [(130, 0), (95, 0), (190, 0)]) == [150]
    assert street.at([(110, 0)], [(125, 0), (80, 0), (120, 0)]) == [100]


def test_no_places_give_no_times(street: Walk) -> None:
    assert street.at([], [(0, 0)]) == []
    assert street.at([(10, 0)], []) == [NEVER]
    assert street.at([], []) == []


def test_up_to_the_limit_times_at_places_are_exact(street: Walk) -> None:
    # Five minutes are 3000 deciseconds: 300 m.
    assert street.at([(300, 0), (299, 1), (300, 1)], [(0, 0)], minutes=5)[:2] == [3000, 3000]
    beyond = street.at([(300, 1)], [(0, 0)], minutes=5)
    assert beyond == [3010]
    assert street.at([(250, 0)], [(0, 0)], minutes=3) == [NEVER]


# Limits.


def test_what_is_beyond_the_limit_is_not_reached(street: Walk) -> None:
    assert street.nodes((0, 0), minutes=10 / 6) == [0, 1000, NEVER, NEVER]
    assert street.nodes((0, 0), minutes=999 / 600) == [0, NEVER, NEVER, NEVER]
    assert street.nodes((0, 100), minutes=1) == [NEVER] * 4


def test_100_minutes_are_walked_to_the_decisecond(street_network: Network, profile: Profile) -> None:
    network = street_network([(0, 0), (5999.9, 0), (6000, 0), (6000.1, 0)], [(0, 1), (1, 2), (2, 3)])
    walk = Walk(network, profile)
    assert walk.nodes((0, 0)) == [0, 59_999, 60_000, NEVER]
    assert walk.count([(5999.9, 0), (6000, 0), (6000.1, 0)], [(0, 0)], 100) == [1, 1, 0]


@pytest.mark.parametrize("minutes", [0, -1, -0.5, 100.1, 10_000, math.nan, math.inf, -math.inf])
def test_a_limit_that_is_no_time_to_walk_is_refused(street: Walk, minutes: float) -> None:
    group = street.places((0, 0))
    for ask in (
        lambda: limit_deciseconds(minutes),
        lambda: street.graph.nearest([group], limit_min=minutes),
        lambda: street.graph.count_within(group, group, np.zeros(1, int), minutes=minutes),
    ):
        with pytest.raises(LimitError, match=r"atteso un numero maggiore di 0 e non superiore a 100") as refused:
            ask()
        assert f"{minutes:g}" in refused.value.text.en


def test_limits_are_rounded_to_deciseconds() -> None:
    assert [limit_deciseconds(minutes) for minutes in (15, 0.5, LARGEST_LIMIT_MIN, 1e-9, np.float32(5))] == [
        9000,
        300,
        60_000,
        0,
        3000,
    ]


# Long streets and long walks.


@pytest.fixture
def long_street(street_network: Network, profile: Profile) -> Walk:
    """Give a street of 10 km, 100,000 deciseconds, with a short one at each end."""
    nodes = [(-100, 0), (0, 0), (10_000, 0), (10_100, 0)]
    return Walk(street_network(nodes, [(0, 1), (1, 2), (2, 3)]), profile)


def test_a_street_longer_than_two_bytes_is_walked_on_but_not_past(long_street: Walk) -> None:
    assert long_street.graph.edge_ds.tolist() == [1000, 100_000, 1000]
    assert long_street.nodes((100, 0)) == [2000, 1000, NEVER, NEVER]
    homes = [(200, 0), (5000, 0), (6100, 0), (9900, 0), (-100, 0), (10_100, 0)]
    assert long_street.at(homes, [(100, 0)]) == [1000, 49_000, 60_000, NEVER, 2000, NEVER]
    assert long_street.at(homes, [(-100, 0)]) == [3000, 51_000, 62_000, NEVER, 0, NEVER]
    assert long_street.count(homes, [(100, 0)], 100) == [1, 1, 1, 0, 1, 0]
    assert long_street.count(homes, [(-100, 0)], 10) == [1, 0, 0, 0, 1, 0]
    assert long_street.count(homes, [(9950, 0), (-100, 0)], 10) == [1, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("length_m", [6553.4, 6553.5, 6553.6, 6554.0, 1e6, 4e7])
def test_no_street_is_so_long_that_it_becomes_short(street_network: Network, profile: Profile, length_m: float) -> None:
    walk = Walk(street_network([(0, 0), (length_m, 0)], [(0, 1)]), profile)
    assert walk.nodes((0, 0)) == [0, NEVER]
    assert walk.nodes((length_m - 100, 0)) == [NEVER, 1000]
    assert walk.at([(length_m, 0), (50, 0)], [(0, 0)]) == [min(round(length_m * 10), NEVER), 500]
    assert walk.count([(length_m, 0), (50, 0)], [(0, 0)], 100) == [0, 1]


def test_whoever_hardly_moves_reaches_nothing(street_network: Network, profile: Profile) -> None:
    snail = dataclasses.replace(profile, speed_m_s=1e-9)
    walk = Walk(street_network([(0, 0), (100, 0)], [(0, 1)]), snail)
    assert walk.graph.edge_ds.tolist() == [2**29]
    assert walk.nodes((10, 200)) == [NEVER, NEVER]
    assert walk.at([(10, 200), (0, 0)], [(10, 200)]) == [NEVER, NEVER]
    assert walk.count([(10, 200), (0, 0)], [(10, 200)], 100) == [0, 0]
    assert walk.nodes((0, 0)) == [0, NEVER]


@pytest.mark.parametrize("away_m", [7000.0, 1e6, 1e12, math.inf])
def test_a_walk_beside_the_street_may_be_longer_than_any_time(street: Walk, away_m: float) -> None:
    near = street.places((100, 0))
    far = dataclasses.replace(near, off_street_m=np.array([away_m]))
    assert street.graph.nearest([far], limit_min=100).tolist() == [[NEVER] * 4]
    node_ds = street.graph.nearest([near], limit_min=100)[0]
    assert street.graph.at(far, node_ds, near).tolist() == [NEVER]
    assert street.graph.at(near, np.full(4, UNREACHED), far).tolist() == [NEVER]
    assert street.graph.at(far, np.full(4, UNREACHED), far).tolist() == [NEVER]
    assert street.graph.count_within(far, far, np.zeros(1, int), minutes=100).tolist() == [0]


# Profiles: steps, wheelchairs, obstacles, crossings.


@pytest.fixture
def by_steps(street_network: Network) -> Callable[..., WalkNetwork]:
    """Make a straight street of 100 m between two others, and a way round it of 400 m."""

    def make(flags: int) -> WalkNetwork:
        nodes = [(0, 0), (100, 0), (200, 0), (300, 0)]
        return street_network(
            nodes, [(0, 1), (1, 2), (2, 3), (1, 2)], shapes={3: [(100, 150), (200, 150)]}, edge_flags={1: flags}
        )

    return make


def test_steps_are_slower(by_steps: Callable[..., WalkNetwork], profile: Profile) -> None:
    walk = Walk(by_steps(EdgeFlag.STEPS), profile)
    assert walk.graph.edge_ds.tolist() == [1000, 2000, 1000, 4000]
    assert walk.nodes((0, 0)) == [0, 1000, 3000, 4000]
    assert walk.at([(150, 0)], [(0, 0)]) == [2000]


@pytest.mark.parametrize(
    "flags",
    [EdgeFlag.STEPS, EdgeFlag.WHEELCHAIR_NO, EdgeFlag.STEPS | EdgeFlag.RAMP | EdgeFlag.WHEELCHAIR_NO],
    ids=["steps", "not for wheelchairs", "steps whose ramp is not for wheelchairs"],
)
def test_a_wheelchair_goes_round(by_steps: Callable[..., WalkNetwork], wheelchair: Profile, flags: EdgeFlag) -> None:
    walk = Walk(by_steps(flags), wheelchair)
    assert walk.graph.edge_ds.tolist() == [1000, CLOSED, 1000, 4000]
    assert walk.graph.usable.tolist() == [True, False, True, True]
    assert walk.nodes((0, 0)) == [0, 1000, 5000, 6000]
    # A home in the middle of the steps goes to the nearest street that can be used: 50 m to the corner.
    home = walk.places((150, 0))
    assert (home.edge.tolist(), home.off_street_m.tolist()) == ([0], [50])
    assert walk.at([(150, 0)], [(0, 0)]) == [1500]


def test_steps_with_a_ramp_are_a_street_for_a_wheelchair(
    by_steps: Callable[..., WalkNetwork], wheelchair: Profile
) -> None:
    assert Walk(by_steps(EdgeFlag.STEPS | EdgeFlag.RAMP), wheelchair).graph.edge_ds.tolist() == [1000] * 3 + [4000]


@pytest.mark.parametrize("flags", [EdgeFlag.ROUGH, EdgeFlag.AREA, EdgeFlag.RESIDENTIAL, EdgeFlag.RAMP])
def test_other_flags_close_nothing(
    by_steps: Callable[..., WalkNetwork], profile: Profile, wheelchair: Profile, flags: EdgeFlag
) -> None:
    for who in (profile, wheelchair):
        assert WalkGraph(by_steps(flags), who).edge_ds.tolist() == [1000] * 3 + [4000]


def test_whoever_walks_goes_where_wheelchairs_do_not(by_steps: Callable[..., WalkNetwork], profile: Profile) -> None:
    assert WalkGraph(by_steps(EdgeFlag.WHEELCHAIR_NO), profile).usable.all()


def test_places_on_a_closed_street_are_not_reached(by_steps: Callable[..., WalkNetwork], wheelchair: Profile) -> None:
    walk = Walk(by_steps(EdgeFlag.STEPS), wheelchair)
    on_steps, service = walk.index.snap([150], [0]), walk.places((0, 0))
    assert on_steps.edge.tolist() == [1]
    assert walk.graph.nearest([on_steps], limit_min=100).tolist() == [[NEVER] * 4]
    assert walk.graph.at(on_steps, walk.graph.nearest([service], limit_min=100)[0], on_steps).tolist() == [NEVER]
    for homes, group in ((on_steps, service), (service, on_steps), (on_steps, on_steps)):
        assert walk.graph.count_within(homes, group, np.zeros(1, int), minutes=100).tolist() == [0]


def test_a_network_closed_to_a_profile_reaches_nothing(street_network: Network, wheelchair: Profile) -> None:
    walk = Walk(street_network([(0, 0), (100, 0)], [(0, 1)], edge_flags={0: EdgeFlag.STEPS}), wheelchair)
    assert walk.nodes((0, 0)) == [NEVER, NEVER]
    assert walk.at([(50, 0)], [(0, 0)]) == [NEVER]
    assert walk.count([(50, 0)], [(0, 0)], 100) == [0]


@pytest.fixture
def barred(street_network: Network) -> WalkNetwork:
    """Give a street of 300 m with an obstacle after 100 m and, from there, a side street of 80 m."""
    return street_network(
        [(0, 0), (100, 0), (300, 0), (100, 80)], [(0, 1), (1, 2), (3, 1)], node_flags={1: NodeFlag.OBSTACLE}
    )


def test_an_obstacle_is_reached_but_not_passed(barred: WalkNetwork, wheelchair: Profile) -> None:
    walk = Walk(barred, wheelchair)
    assert walk.nodes((0, 0)) == [0, NEVER, NEVER, NEVER]
    homes = [(50, 0), (100, 0), (110, 0), (300, 0), (100, 40)]
    assert walk.at(homes, [(0, 0)]) == [500, 1000, NEVER, NEVER, NEVER]
    assert walk.at(homes, [(200, 0)]) == [NEVER, NEVER, 900, 1000, NEVER]
    assert walk.count(homes, [(0, 0), (20, 0), (200, 0), (100, 80)], 100) == [2, 2, 1, 1, 1]


def test_whoever_walks_passes_obstacles(barred: WalkNetwork, profile: Profile) -> None:
    assert Walk(barred, profile).nodes((0, 0)) == [0, 1000, 3000, 1800]


@pytest.mark.parametrize("flags", [NodeFlag.CROSSING, NodeFlag.SIGNALS])
def test_other_nodes_bar_nobody(street_network: Network, wheelchair: Profile, flags: NodeFlag) -> None:
    network = street_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], node_flags={1: flags})
    assert NEVER not in Walk(network, wheelchair).nodes((0, 0))


def test_nobody_passes_a_closed_node(street_network: Network, profile: Profile, wheelchair: Profile) -> None:
    network = street_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], node_flags={1: NodeFlag.CLOSED})
    for who in (profile, wheelchair):
        walk = Walk(network, who)
        assert walk.nodes((0, 0)) == [0, NEVER, NEVER]
        assert walk.at([(90, 0), (110, 0)], [(0, 0)]) == [900, NEVER]


def test_a_street_that_ends_at_a_closed_node_is_walked_to_its_end(street_network: Network, profile: Profile) -> None:
    closed = {1: NodeFlag.CLOSED, 2: NodeFlag.CLOSED}
    network = street_network([(0, 0), (100, 0), (100, 0), (200, 0)], [(0, 1), (2, 3)], node_flags=closed)
    assert Walk(network, profile).nodes((0, 0)) == [0, 1000, NEVER, NEVER]


@pytest.fixture
def limited(wheelchair: Profile) -> Profile:
    """Give somebody in a wheelchair who passes 3 cm, 5 % (8 % on ramps), 90 cm and what is intermediate."""
    return dataclasses.replace(wheelchair, limits=Limits(3, 5, 8, 90, "intermediate", rough=False))


@pytest.mark.parametrize(
    ("measures", "flags", "open_"),
    [
        ({}, 0, True),
        ({"edge_width_cm": 90}, 0, True),
        ({"edge_width_cm": 89}, 0, False),
        ({"edge_width_cm": 89}, EdgeFlag.WHEELCHAIR_YES, True),
        ({"edge_slope_percent": 5}, 0, True),
        ({"edge_slope_percent": 6}, 0, False),
        ({"edge_slope_percent": 8}, EdgeFlag.RAMP, True),
        ({"edge_slope_percent": 9}, EdgeFlag.RAMP, False),
        ({"edge_slope_percent": 40}, EdgeFlag.STEPS | EdgeFlag.RAMP, True),
        ({"edge_smoothness": SMOOTHNESS.index("intermediate")}, 0, True),
        ({"edge_smoothness": SMOOTHNESS.index("bad")}, 0, False),
        ({"edge_smoothness": SMOOTHNESS.index("impassable")}, EdgeFlag.WHEELCHAIR_YES, True),
        ({}, EdgeFlag.ROUGH, False),
        ({}, EdgeFlag.ROUGH | EdgeFlag.WHEELCHAIR_YES, True),
        ({"edge_smoothness": SMOOTHNESS.index("good")}, EdgeFlag.ROUGH, True),
        ({"edge_smoothness": SMOOTHNESS.index("bad")}, EdgeFlag.ROUGH, False),
        ({}, EdgeFlag.STEPS | EdgeFlag.WHEELCHAIR_YES, True),
        ({}, EdgeFlag.WHEELCHAIR_NO | EdgeFlag.WHEELCHAIR_YES, False),
    ],
)
def test_limits_close_streets_that_are_measured(
    street_network: Network, profile: Profile, limited: Profile, measures: dict[str, int], flags: int, *, open_: bool
) -> None:
    network = street_network([(0, 0), (100, 0)], [(0, 1)], edge_flags={0: flags})
    network = dataclasses.replace(network, **{name: np.array([value], np.uint8) for name, value in measures.items()})
    assert WalkGraph(network, limited).usable.tolist() == [open_]
    assert WalkGraph(network, profile).usable.tolist() == [True]


@pytest.mark.parametrize(
    ("kerb_cm", "flags", "passed"),
    [(NOT_MAPPED, 0, True), (0, 0, True), (3, 0, True), (4, 0, False), (4, NodeFlag.WHEELCHAIR_YES, True)],
)
def test_a_kerb_above_the_limit_is_not_passed(
    street_network: Network, limited: Profile, kerb_cm: int, flags: int, *, passed: bool
) -> None:
    network = street_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], node_flags={1: flags})
    network = dataclasses.replace(network, node_kerb_cm=np.array([NOT_MAPPED, kerb_cm, NOT_MAPPED], np.uint8))
    assert (NEVER not in Walk(network, limited).nodes((0, 0))) == passed


def test_an_obstacle_mapped_as_passable_is_passed(street_network: Network, wheelchair: Profile) -> None:
    flags = NodeFlag.OBSTACLE | NodeFlag.WHEELCHAIR_YES
    network = street_network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)], node_flags={1: flags})
    assert NEVER not in Walk(network, wheelchair).nodes((0, 0))


def test_between_two_obstacles_only_the_street_itself_is_reached(street_network: Network, wheelchair: Profile) -> None:
    network = street_network(
        [(0, 0), (100, 0), (200, 0), (300, 0)],
        [(0, 1), (1, 2), (2, 3)],
        node_flags={1: NodeFlag.OBSTACLE, 2: NodeFlag.OBSTACLE},
    )
    walk = Walk(network, wheelchair)
    assert walk.nodes((150, 0)) == [NEVER] * 4
    assert walk.at([(120, 0), (50, 0)], [(150, 0)]) == [300, NEVER]
    assert walk.count([(120, 0), (50, 0)], [(150, 0)], 100) == [1, 0]


def test_a_crossing_at_a_node_is_waited_for_once_by_who_passes(street_network: Network, profile: Profile) -> None:
    nodes, edges = [(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)]
    walk = Walk(street_network(nodes, edges, node_flags={1: NodeFlag.CROSSING | NodeFlag.SIGNALS}), profile)
    # Ten seconds: half of them on each of the two streets.
    assert walk.graph.edge_ds.tolist() == [1050, 1050]
    assert walk.nodes((0, 0)) == [0, 1050, 2100]


def test_crossings_within_a_street_are_all_waited_for(street_network: Network, profile: Profile) -> None:
    network = street_network(
        [(0, 0), (100, 0)], [(0, 1)], crossings={0: 255}, node_flags={0: NodeFlag.CROSSING, 1: NodeFlag.CROSSING}
    )
    assert WalkGraph(network, profile).edge_ds.tolist() == [1000 + 255 * 100 + 100]
    patient = dataclasses.replace(profile, crossing_s=0.0)
    assert WalkGraph(network, patient).edge_ds.tolist() == [1000]


# Counting.


def test_services_within_a_time_are_counted(street: Walk) -> None:
    services = [(0, 0), (150, 0), (160, 10), (300, 0)]
    homes = [(150, 0), (0, 0), (295, 5), (100, 0)]
    assert street.count(homes, services, 0.05) == [1, 1, 0, 0]
    assert street.count(homes, services, 199 / 600) == [1, 1, 1, 0]
    assert street.count(homes, services, 200 / 600) == [2, 1, 1, 0]
    assert street.count(homes, services, 1500 / 600) == [4, 2, 3, 3]
    assert street.count(homes, services, 100) == [4, 4, 4, 4]


def test_a_service_with_two_ways_in_counts_once(street: Walk) -> None:
    homes, group = street.places((120, 0), (0, 0), (300, 0)), street.places((110, 0), (290, 0), (150, 0), (120, 0))
    owner = np.array([7, 7, 3, 7])
    assert street.graph.count_within(homes, group, owner, minutes=100).tolist() == [2, 2, 2]
    assert street.graph.count_within(homes, group, owner, minutes=200 / 600).tolist() == [1, 0, 1]
    assert street.graph.count_within(homes, group, owner, minutes=1200 / 600).tolist() == [2, 1, 1]


def test_the_nearest_services_of_a_place_are_told_in_order(street: Walk) -> None:
    homes, group = street.places((120, 0), (0, 0), (0, 900)), street.places((110, 0), (290, 0), (150, 0), (120, 0))
    times, owners = street.graph.several_nearest(homes, group, np.array([7, 7, 3, 7]), count=3, limit_min=100)
    assert times.T.tolist() == [[0, 300, NEVER], [1100, 1500, NEVER], [NEVER] * 3]
    assert owners.T.tolist() == [[7, 3, -1], [7, 3, -1], [-1, -1, -1]]


def test_owners_may_be_any_numbers_in_any_order(street: Walk) -> None:
    homes, group = street.places((100, 0)), street.places((0, 0), (100, 5000), (300, 0), (100, 0))
    for owner in ([5, 1, 900, -3], [2**40, 0, -(2**40), 2]):
        assert street.graph.count_within(homes, group, np.array(owner), minutes=100).tolist() == [3]


def test_nothing_to_count_is_nothing(street: Walk) -> None:
    assert street.count([], [(0, 0)], 15) == []
    assert street.count([(0, 0), (5000, 5000)], [], 15) == [0, 0]
    assert street.count([(5000, 5000), (0, 0)], [(0, 0)], 15) == [0, 1]


# What is refused.


@pytest.mark.parametrize(
    "change",
    [
        {"speed_m_s": 0.0},
        {"speed_m_s": -1.0},
        {"speed_m_s": math.nan},
        {"speed_m_s": math.inf},
        {"steps_speed_m_s": 0.0},
        {"steps_speed_m_s": math.nan},
        {"steps_speed_m_s": math.inf},
        {"crossing_s": -1.0},
        {"crossing_s": math.nan},
        {"crossing_s": math.inf},
    ],
    ids=str,
)
def test_a_profile_that_cannot_walk_is_refused(street: Walk, profile: Profile, change: dict[str, Any]) -> None:
    with pytest.raises(ProfileError, match=r"Profilo «adulto»: .*correggere profiles\.csv"):
        WalkGraph(street.graph.network, dataclasses.replace(profile, **change))


def test_a_network_without_streets_is_refused(street_network: Network, profile: Profile) -> None:
    with pytest.raises(EmptyNetworkError):
        WalkGraph(street_network([], []), profile)


def test_a_network_in_degrees_is_refused(street: Walk, profile: Profile) -> None:
    with pytest.raises(CrsError, match="EPSG:4326"):
        WalkGraph(dataclasses.replace(street.graph.network, crs="EPSG:4326"), profile)


def test_nothing_given_is_changed(street: Walk) -> None:
    network = street.graph.network
    before = {name: values.copy() for name, values in network.arrays().items()}
    group = street.places((130, 5), (5000, 5000))
    kept = [getattr(group, field.name).copy() for field in dataclasses.fields(group)]
    node_ds = street.graph.nearest([group, group], limit_min=30)[0]
    times = node_ds.copy()
    street.graph.at(group, node_ds, group)
    street.graph.count_within(group, group, np.arange(2), minutes=30)
    assert node_ds.tolist() == times.tolist()
    for name, values in network.arrays().items():
        np.testing.assert_array_equal(values, before[name])
    for field, values in zip(dataclasses.fields(group), kept, strict=True):
        np.testing.assert_array_equal(getattr(group, field.name), values)


# Streets walked one way.


@pytest.fixture
def loop(street_network: Network, profile: Profile) -> Walk:
    """Give a square of 100 m whose southern side is walked eastward only."""
    nodes = [(0, 0), (100, 0), (100, 100), (0, 100)]
    sides = [(0, 1), (1, 2), (2, 3), (3, 0)]
    return Walk(street_network(nodes, sides, edge_flags={0: EdgeFlag.FORWARD}), profile)


def test_a_service_is_walked_to_along_a_street_and_not_against_it(loop: Walk) -> None:
    # To the south-eastern corner: straight from the western one; to the western one all the way round.
    assert loop.nodes((100, 0)) == [1000, 0, 1000, 2000]
    assert loop.nodes((0, 0)) == [0, 3000, 2000, 1000]
    outward = loop.graph.nearest([loop.places((0, 0))], limit_min=100, outward=True)[0].tolist()
    assert outward == [0, 1000, 2000, 1000]


def test_a_home_leaves_a_street_in_its_direction_only(loop: Walk) -> None:
    assert loop.at([(40, 0)], [(60, 0), (40, 0)]) == [0]
    assert loop.at([(40, 0)], [(60, 0)]) == [200]
    assert loop.at([(60, 0)], [(40, 0)]) == [400 + 3000 + 400]
    assert loop.at([(60, 0)], [(0, 0)]) == [400 + 3000]


def test_services_counted_are_those_that_a_home_can_walk_to(loop: Walk) -> None:
    assert loop.count([(40, 0), (60, 0)], [(50, 0)], minutes=1) == [1, 0]
    assert loop.count([(40, 0), (60, 0)], [(50, 0)], minutes=10) == [1, 1]


def test_an_escalator_up_stands_beside_stairs(street_network: Network, profile: Profile) -> None:
    flags = {0: EdgeFlag.BACKWARD, 1: EdgeFlag.STEPS}
    walk = Walk(street_network([(0, 0), (50, 0)], [(0, 1), (0, 1)], edge_flags=flags), profile)
    # Down by the escalator in 50 s; up by the stairs at half a metre in a second.
    assert walk.graph.nearest([walk.places((0, 0))], limit_min=100)[0].tolist() == [0, 500]
    assert walk.graph.nearest([walk.places((0, 0))], limit_min=100, outward=True)[0].tolist() == [0, 1000]
