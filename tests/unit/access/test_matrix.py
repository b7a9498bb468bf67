"""From tags to minutes: what an adult and a wheelchair walk who take a street of 300 m, or must go 1,500 m round."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from psttm_geo.access.matrix import WalkingResidents, times_to
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import StreetIndex
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.crs import METRIC
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.network import EdgeFlag, WalkNetwork
from psttm_geo.schema.layers import AGE_BANDS

Tags = dict[str, str]

Walk = Callable[..., list[int]]

OPEN, CLOSED, ON_FOOT_ONLY = [300, 300], [1500, 1500], [300, 1500]

FOOTWAY = {"highway": "footway"}


@pytest.fixture
def walk(write_osm: Callable[..., Path], tag_tables: TagTables, profiles: dict[str, Profile]) -> Walk:
    """Give the metres walked, at the speed of the flat, from west to east or back."""

    def walked(way: Tags, node: Tags | None = None, *, back: bool = False) -> list[int]:
        nodes = {1: (0, 0), 2: (150, 0, node or {}), 3: (300, 0), 4: (0, 600), 5: (300, 600)}
        ways = {7: ([1, 2, 3], way), 8: ([1, 4, 5, 3], {"highway": "residential"})}
        network = read_extract(write_osm(nodes, ways), tag_tables, "", territory=None).network
        ends = [int(network.node_x.argmin()), int(network.node_x.argmax())]
        metres = []
        for name in ("adulto", "carrozzina"):
            graph = WalkGraph(network, profiles[name])
            places = StreetIndex(network).snap(network.node_x[ends], network.node_y[ends], usable=graph.entered)
            home, service = (places.take(np.array([end])) for end in (int(back), 1 - back))
            seconds = times_to(graph, home, [service])[0, 0] / 10
            metres.append(int(round(seconds * profiles[name].speed_m_s, -1)))
        return metres

    return walked


def test_a_service_of_the_same_street_is_walked_to_along_it(
    write_osm: Callable[..., Path], tag_tables: TagTables, profile: Profile
) -> None:
    path = write_osm({1: (0, 0), 2: (300, 0)}, {7: ([1, 2], FOOTWAY)})
    network = read_extract(path, tag_tables, "", territory=None).network
    graph = WalkGraph(network, profile)
    x, y = network.node_x.min() + np.array([100.0, 200.0]), np.full(2, network.node_y.mean())
    homes = StreetIndex(network).snap(x, y, usable=graph.entered)
    times = times_to(graph, homes, [homes.take(np.array([1]))])
    assert times.dtype == np.uint16
    assert times.round(-1).tolist() == [[1000, 0]]


@pytest.mark.parametrize(
    ("way", "metres"),
    [
        (FOOTWAY, OPEN),
        (FOOTWAY | {"foot": "permit"}, CLOSED),
        (FOOTWAY | {"access": "unknown;private"}, CLOSED),
        (FOOTWAY | {"access": "no", "foot:conditional": "yes @ (07:00-21:00)"}, OPEN),
        (FOOTWAY | {"access:conditional": "no @ (21:00-07:00)"}, OPEN),
        ({"highway": "cycleway", "foot": "yes;designated"}, OPEN),
        ({"highway": "busway", "foot": "yes"}, OPEN),
        ({"railway": "platform"}, OPEN),
        ({"man_made": "pier"}, OPEN),
        ({"highway": "path", "sac_scale": "demanding_mountain_hiking"}, CLOSED),
        ({"highway": "via_ferrata"}, CLOSED),
        ({"highway": "residential", "construction": "yes"}, OPEN),
        ({"highway": "steps"}, [870, 1500]),
        ({"highway": "steps", "ramp:wheelchair": "yes"}, [870, 300]),
        ({"highway": "steps", "wheelchair": "yes"}, [870, 300]),
        (FOOTWAY | {"incline": "20%"}, ON_FOOT_ONLY),
        (FOOTWAY | {"incline": "4%"}, OPEN),
        (FOOTWAY | {"width": "0.6"}, ON_FOOT_ONLY),
        (FOOTWAY | {"surface": "gravel"}, ON_FOOT_ONLY),
        (FOOTWAY | {"smoothness": "horrible"}, ON_FOOT_ONLY),
        (FOOTWAY | {"smoothness": "horrible", "wheelchair": "yes"}, OPEN),
    ],
)
def test_streets(walk: Walk, way: Tags, metres: list[int]) -> None:
    assert walk(way) == metres


@pytest.mark.parametrize(
    ("node", "metres"),
    [
        ({"barrier": "bollard"}, OPEN),
        ({"barrier": "gate"}, OPEN),
        ({"barrier": "gate", "foot": "no"}, CLOSED),
        ({"barrier": "gate", "locked": "yes"}, CLOSED),
        ({"barrier": "fence", "access": "no"}, CLOSED),
        ({"barrier": "kissing_gate"}, ON_FOOT_ONLY),
        ({"barrier": "cycle_barrier", "wheelchair": "yes"}, OPEN),
        ({"wheelchair": "no"}, ON_FOOT_ONLY),
        ({"kerb": "flush"}, OPEN),
        ({"kerb": "lowered"}, OPEN),
        ({"kerb": "raised"}, ON_FOOT_ONLY),
        ({"kerb": "rolled"}, ON_FOOT_ONLY),
        ({"kerb": "yes", "kerb:height": "0.08 m"}, ON_FOOT_ONLY),
        ({"kerb": "yes", "kerb:height": "0.02"}, OPEN),
    ],
)
def test_what_stands_in_the_middle_of_a_street(walk: Walk, node: Tags, metres: list[int]) -> None:
    assert walk(FOOTWAY, node) == metres


@pytest.mark.parametrize(
    ("way", "there", "back"),
    [
        (FOOTWAY | {"oneway:foot": "yes"}, OPEN, CLOSED),
        (FOOTWAY | {"oneway:foot": "-1"}, CLOSED, OPEN),
        (FOOTWAY | {"foot:backward": "no"}, OPEN, CLOSED),
        (FOOTWAY | {"conveying": "backward"}, CLOSED, OPEN),
        (FOOTWAY | {"conveying": "reversible"}, OPEN, OPEN),
        ({"highway": "residential", "oneway": "yes"}, OPEN, OPEN),
        ({"highway": "steps", "conveying": "forward"}, [870, 1500], CLOSED),
    ],
)
def test_a_street_walked_one_way_is_walked_from_home_to_service(
    walk: Walk, way: Tags, there: list[int], back: list[int]
) -> None:
    assert walk(way) == there
    assert walk(way, back=True) == back


@pytest.mark.parametrize("closed", [[], [0], [0, 1]])
@pytest.mark.parametrize("opened", [[], [(40, 5)], [(40, 5), (210, -3), (9000, 0)]])
def test_times_after_a_change_are_those_of_walking_anew(
    street_network: Callable[..., WalkNetwork],
    profile: Profile,
    wheelchair: Profile,
    closed: list[int],
    opened: list[tuple[float, float]],
) -> None:
    steps = {1: int(EdgeFlag.STEPS), 3: int(EdgeFlag.FORWARD)}
    streets = [(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)]
    nodes = [(0, 0), (150, 0), (300, 0), (150, 400), (0, 900), (200, 900)]
    network = street_network(nodes, streets, edge_flags=steps)
    x = np.arange(-20, 320, 17)
    homes = pd.DataFrame(
        {"residents": 1.0, "outside": x > 310, "to_end_m": np.inf, "spread_m": 0.0} | dict.fromkeys(AGE_BANDS, 1.0)
    )
    places = gpd.GeoDataFrame(homes, geometry=gpd.points_from_xy(x, x % 7), crs=METRIC)
    today = entrances(("school", 20, 3), ("school", 130, 0), ("shop", 280, 0))
    new = entrances(*(("school", *place) for place in opened))
    gone = np.isin(np.arange(3), closed)
    walking = WalkingResidents(network, (profile, wheelchair), places, today)
    before = walking.walk(["school", "shop"], frozenset())
    after = walking.walk_again(before, gone, new)
    afresh = WalkingResidents(network, (profile, wheelchair), places, pd.concat([today[~gone], new]))
    expected = afresh.walk(["school", "shop"], frozenset())
    assert after.absent == expected.absent
    for name, times in expected.times_ds.items():
        assert after.times_ds[name].tolist() == times.tolist()


def entrances(*listed: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(listed, columns=["category", "x", "y"])
