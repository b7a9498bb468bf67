"""Walking times on real extracts and on a synthetic metropolitan city: those of scipy's Dijkstra at every node."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from psttm_geo import jobs
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import FARTHEST_M, Places, StreetIndex
from psttm_geo.access.walk_graph import UNREACHED, WalkGraph
from psttm_geo.core.settings import Settings
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.network import NOT_MAPPED, EdgeFlag, NodeFlag, WalkNetwork
from psttm_geo.project import Project
from psttm_geo.schema.code_lists import SMOOTHNESS
from psttm_geo.schema.data_tables import data_path

pytestmark = pytest.mark.real_data

PROFILES = ("adulto", "anziano", "adulto_bambino", "carrozzina")

SYNTHETIC = "synthetic"

HARDLY_ANY_DS = 1e-6
"""Stands for a time of nothing, which scipy takes for no link at all; far below a decisecond on every path."""


@pytest.fixture(scope="module", params=["liechtenstein.osm.pbf", "badhersfeld.osm.gz", "helsinki.osm.pbf", SYNTHETIC])
def extract(request: pytest.FixtureRequest, test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Extract:
    folder = tmp_path_factory.mktemp("extract")
    settings = Settings(data=data_path(), workspace=folder / "workspace")
    if request.param != SYNTHETIC:
        return jobs.read_extract(Project(settings), test_data / "osm" / request.param, territory="osm:8")
    path = folder / "metropolitan.osm.pbf"
    jobs.write_synthetic(Project(settings), path, node_count=20_000, seed=3)
    return jobs.read_extract(Project(settings), path)


@pytest.fixture(scope="module")
def index(extract: Extract) -> StreetIndex:
    return StreetIndex(extract.network)


def edge_times(network: WalkNetwork, profile: Profile) -> np.ndarray:
    """Give the deciseconds along each street as the profile says them, NaN where it cannot walk."""
    steps = network.edge_flags & EdgeFlag.STEPS > 0
    at_end = (network.node_flags & NodeFlag.CROSSING > 0) / 2
    crossings = network.edge_crossings + at_end[network.edge_from] + at_end[network.edge_to]
    on_the_flat = network.edge_length_m / profile.speed_m_s
    if profile.steps_speed_m_s is not None:
        seconds = np.where(steps, network.edge_length_m / profile.steps_speed_m_s, on_the_flat)
    else:
        seconds = np.where(closed_to_wheels(network), np.nan, on_the_flat)
    return np.round((seconds + crossings * profile.crossing_s) * 10)


def closed_to_wheels(network: WalkNetwork) -> np.ndarray:
    """Tell street by street what the table says: 90 cm, 5 %, 8 % on ramps, intermediate or not rough."""
    closed = []
    for flags, width, slope, grade in zip(
        network.edge_flags, network.edge_width_cm, network.edge_slope_percent, network.edge_smoothness, strict=True
    ):
        steps, ramp = flags & EdgeFlag.STEPS > 0, flags & EdgeFlag.RAMP > 0
        steep = not steps and slope != NOT_MAPPED and slope > (8 if ramp else 5)
        rough = flags & EdgeFlag.ROUGH > 0 if grade == NOT_MAPPED else grade > SMOOTHNESS.index("intermediate")
        barred = steep or rough or width < 90 or (steps and not ramp)
        closed.append((barred and not flags & EdgeFlag.WHEELCHAIR_YES) or bool(flags & EdgeFlag.WHEELCHAIR_NO))
    return np.array(closed, bool)


def barred_nodes(network: WalkNetwork, *, on_wheels: bool) -> np.ndarray:
    high = (network.node_kerb_cm > 3) & (network.node_kerb_cm != NOT_MAPPED)
    obstacle = high | (network.node_flags & NodeFlag.OBSTACLE > 0)
    passable = network.node_flags & NodeFlag.WHEELCHAIR_YES > 0
    # Nobody is told of closed nodes: the reader has parted the streets there.
    return np.asarray(obstacle & ~passable & on_wheels)


def directions(network: WalkNetwork) -> np.ndarray:
    ahead, back = (network.edge_flags & flag > 0 for flag in (EdgeFlag.FORWARD, EdgeFlag.BACKWARD))
    return ahead.astype(int) - back.astype(int)


def one_way(network: WalkNetwork) -> WalkNetwork:
    """Make a fifth of the streets one way, half of them against their drawing."""
    random = np.random.default_rng(5)
    chosen = random.choice([0, EdgeFlag.FORWARD, EdgeFlag.BACKWARD], network.edge_count, p=[0.8, 0.1, 0.1])
    plain = network.edge_flags & ~np.uint16(EdgeFlag.FORWARD | EdgeFlag.BACKWARD)
    return dataclasses.replace(network, edge_flags=plain | chosen.astype(np.uint16))


class Oracle:
    """Times to places by scipy, from one node more that all of them are joined to, against the direction of streets."""

    def __init__(self, network: WalkNetwork, profile: Profile) -> None:
        self.count, self.network, self.profile = network.node_count, network, profile
        self.edge_ds = edge_times(network, profile)
        self.way = directions(network)
        self.barred = barred_nodes(network, on_wheels=profile.steps_speed_m_s is None)

    def times(self, places: Places, limit_ds: int) -> np.ndarray:
        on_street = places.take(places.connected)
        on_street = on_street.take(~np.isnan(self.edge_ds[on_street.edge]))
        edge = on_street.edge
        whole, off = self.edge_ds[edge], np.round(on_street.off_street_m / self.profile.speed_m_s * 10)
        along = np.round(on_street.fraction * whole)
        network, open_ = self.network, ~np.isnan(self.edge_ds)
        ahead, back = np.flatnonzero(open_ & (self.way >= 0)), np.flatnonzero(open_ & (self.way <= 0))
        # A place at the very end of a street is at its node.
        first = (self.way[edge] >= 0) | (along == 0)
        last = (self.way[edge] <= 0) | (along == whole)
        stops = [network.edge_from[ahead], network.edge_to[back], network.edge_from[edge[first]]]
        source = np.full(np.count_nonzero(first) + np.count_nonzero(last), self.count)
        starts = np.concatenate([network.edge_to[ahead], network.edge_from[back], source])
        stops = np.concatenate([*stops, network.edge_to[edge[last]]])
        times = [self.edge_ds[ahead], self.edge_ds[back], (off + along)[first], (off + whole - along)[last]]
        links = self._least(starts, stops, np.concatenate(times))
        found = dijkstra(links, directed=True, indices=self.count, limit=limit_ds + 0.5)[:-1]
        return np.where(np.isinf(found), int(UNREACHED), np.round(np.where(np.isinf(found), 0, found))).astype(int)

    def _least(self, starts: np.ndarray, stops: np.ndarray, times: np.ndarray) -> csr_array:
        """Give the shortest of all links between two nodes that are not barred; scipy would add them up."""
        barred = np.append(self.barred, [False])
        kept = (starts != stops) & ~barred[starts] & ~barred[stops]
        one, other = starts[kept].astype(np.int64), stops[kept].astype(np.int64)
        order = np.lexsort((times[kept], other, one))
        pair = (one * (self.count + 1) + other)[order]
        first = order[np.append([True], pair[1:] != pair[:-1])]
        weights = np.maximum(times[kept][first], HARDLY_ANY_DS)
        return csr_array((weights, (one[first], other[first])), shape=(self.count + 1,) * 2)


def categories(extract: Extract, index: StreetIndex, usable: np.ndarray) -> Iterator[Places]:
    entrances = extract.entrances
    category = extract.services["category"].to_numpy()[entrances["service"].to_numpy()]
    places = index.snap(entrances["x"].to_numpy(), entrances["y"].to_numpy(), usable=usable)
    for name in sorted(set(extract.service_tags["category"])):
        yield places.take(category == name)


@pytest.mark.parametrize("name", PROFILES)
def test_times_of_every_category_are_those_of_scipy_at_every_node(
    extract: Extract, index: StreetIndex, profiles: dict[str, Profile], name: str
) -> None:
    network, profile = extract.network, profiles[name]
    graph, oracle = WalkGraph(network, profile), Oracle(network, profile)
    assert graph.usable.tolist() == (~np.isnan(oracle.edge_ds)).tolist()
    groups = list(categories(extract, index, graph.usable))
    assert len(groups) == 14
    for minutes in (30, 100):
        times = graph.nearest(groups, limit_min=minutes)
        expected = np.array([oracle.times(group, minutes * 600) for group in groups])
        np.testing.assert_array_equal(times, expected)
    assert (times != UNREACHED).mean() > 0.1


def test_times_on_streets_walked_one_way_are_those_of_scipy(
    extract: Extract, index: StreetIndex, profiles: dict[str, Profile]
) -> None:
    network = one_way(extract.network)
    graph, oracle = WalkGraph(network, profiles["adulto"]), Oracle(network, profiles["adulto"])
    groups = list(categories(extract, index, graph.usable))
    times = graph.nearest(groups, limit_min=100)
    np.testing.assert_array_equal(times, np.array([oracle.times(group, 60_000) for group in groups]))


def test_no_street_is_nearer_to_a_building_than_the_one_chosen(extract: Extract, index: StreetIndex) -> None:
    x, y = extract.homes["x"].to_numpy(), extract.homes["y"].to_numpy()
    places = index.snap(x, y)
    lines = extract.network.geometries()
    points = shapely.points(x, y)
    found, nearest = shapely.STRtree(lines).query_nearest(points, max_distance=FARTHEST_M, all_matches=False)
    assert np.flatnonzero(places.connected).tolist() == found.tolist()
    away = shapely.distance(lines[nearest], points[found])
    np.testing.assert_allclose(places.off_street_m[found], away, atol=1e-6)
