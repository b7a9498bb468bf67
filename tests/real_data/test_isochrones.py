"""Isochrones on real extracts, beside a truth worked out by other means, and beside figures kept.

The truth asks the centre of each cell of a grid of 5 m for the exact nearest point of a street within 50 m (GEOS), and
adds the straight walk from there to the time at that point (scipy's Dijkstra).
"""

import dataclasses
import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import shapely
import shapely.ops
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from psttm_geo import jobs
from psttm_geo.access.isochrones import StreetGrid, isochrones
from psttm_geo.access.profiles import Profile
from psttm_geo.access.snapping import Places
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.settings import Settings
from psttm_geo.osm.network import EdgeFlag, WalkNetwork
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path

pytestmark = pytest.mark.real_data

EXTRACTS = ("liechtenstein.osm.pbf", "badhersfeld.osm.gz", "helsinki.osm.pbf")

GOLDEN = Path(__file__).parents[1] / "golden" / "isochrones.json"

ORIGINS = int(os.environ.get("PSTTM_TRUTH", "3"))
"""How many origins are drawn for each extract; 50 take minutes."""

MINUTES = (5, 10, 15)

CELL_M, REACH_M = 5.0, 50.0

PART_M = 1.0
"""Streets are looked at in parts of about this length."""


class Streets(NamedTuple):
    """Straight pieces of streets: both ends, which street, and where on it they begin and end (0 to 1)."""

    points: np.ndarray
    edge: np.ndarray
    begin: np.ndarray
    end: np.ndarray


class Score(NamedTuple):
    """How an isochrone compares: overlap, and metres of street wrongly inside (connected or not) and reached."""

    overlap: float
    wrong: float
    apart: float
    reached: float


class Case(NamedTuple):
    """An extract as somebody walks it."""

    name: str
    graph: WalkGraph
    grid: StreetGrid
    streets: Streets
    tree: shapely.STRtree


def cut(network: WalkNetwork) -> Streets:
    """Cut up the streets, and walks across squares where the streets at their ends do not reach."""
    points, edge, begin, end = [], [], [], []
    lines, off = network.geometries(), np.where(network.is_street, 0, REACH_M)
    for number in np.flatnonzero(network.is_street | (network.edge_length_m > 2 * REACH_M)):
        whole = network.edge_length_m[number]
        line = shapely.ops.substring(lines[number], off[number], whole - off[number]) if off[number] else lines[number]
        ends = shapely.get_coordinates(line)
        length = np.hypot(*np.diff(ends, axis=0).T)
        share = (off[number] + np.concatenate([[0], np.cumsum(length)])) / max(whole, 1e-9)
        points.append(np.stack([ends[:-1], ends[1:]], axis=1))
        edge.append(np.full(len(length), number))
        begin.append(share[:-1])
        end.append(share[1:])
    return Streets(np.concatenate(points), *(np.concatenate(part) for part in (edge, begin, end)))


@pytest.fixture(scope="module", params=EXTRACTS)
def case(
    request: pytest.FixtureRequest,
    test_data: Path,
    profiles: dict[str, Profile],
    tmp_path_factory: pytest.TempPathFactory,
) -> Case:
    settings = Settings(data=data_path(), workspace=tmp_path_factory.mktemp("workspace"))
    network = jobs.read_extract(Project(settings), test_data / "osm" / request.param, territory="osm:8").network
    streets = cut(network)
    tree = shapely.STRtree(shapely.linestrings(streets.points))
    return Case(request.param, WalkGraph(network, profiles["adulto"]), StreetGrid(network), streets, tree)


def draw_origins(graph: WalkGraph, count: int) -> Places:
    """Give random places on streets, as likely anywhere along them."""
    random = np.random.default_rng(1)
    weight = np.where(graph.usable & graph.network.is_street, graph.network.edge_length_m, 0)
    edge = random.choice(graph.network.edge_count, count, p=weight / weight.sum()).astype(np.int32)
    nothing = np.zeros(count)
    return Places(edge, random.random(count), nothing, nothing, nothing)


def directions(network: WalkNetwork) -> np.ndarray:
    ahead, back = (network.edge_flags & flag > 0 for flag in (EdgeFlag.FORWARD, EdgeFlag.BACKWARD))
    return ahead.astype(int) - back.astype(int)


class Truth:
    """Times from one place, at any point of the streets and beside them."""

    def __init__(self, case: Case, edge: int, fraction: float) -> None:
        self.streets, self.network, self.edge, self.fraction = case.streets, case.graph.network, edge, fraction
        self.tree = case.tree
        self.speed = case.graph.profile.speed_m_s
        self.whole = np.where(case.graph.edge_ds < 0, np.inf, case.graph.edge_ds)
        self.way = directions(self.network)
        self.node_ds = self._nodes()

    def _nodes(self) -> np.ndarray:
        network, count = self.network, self.network.node_count
        walked = (self.whole < np.inf) & (network.edge_from != network.edge_to)
        ahead, back = np.flatnonzero(walked & (self.way >= 0)), np.flatnonzero(walked & (self.way <= 0))
        whole, way = self.whole[self.edge], self.way[self.edge]
        ends = [
            ([count, network.edge_from[self.edge]], self.fraction * whole if way <= 0 else np.inf),
            ([count, network.edge_to[self.edge]], (1 - self.fraction) * whole if way >= 0 else np.inf),
        ]
        pairs = np.concatenate(
            [
                np.column_stack([network.edge_from[ahead], network.edge_to[ahead]]),
                np.column_stack([network.edge_to[back], network.edge_from[back]]),
                [pair for pair, _ in ends],
            ]
        )
        # A time of nothing is no link for scipy.
        weights = np.maximum([*self.whole[ahead], *self.whole[back], *(time for _, time in ends)], 1e-6)
        pairs, weights = pairs[weights < np.inf], weights[weights < np.inf]
        order = np.lexsort((weights, pairs[:, 1], pairs[:, 0]))
        _, first = np.unique(pairs[order], axis=0, return_index=True)
        kept = order[first]
        links = csr_array((weights[kept], tuple(pairs[kept].T)), shape=(count + 1,) * 2)
        return np.asarray(dijkstra(links, directed=True, indices=count, limit=10_000.0)[:-1])

    def on_street(self, edge: np.ndarray, where: np.ndarray) -> np.ndarray:
        along = np.where(np.isinf(self.whole[edge]), 0, self.whole[edge])
        closed = np.isinf(self.whole[edge])
        never_ahead = (closed | (self.way[edge] < 0)) & (where > 0)
        never_back = (closed | (self.way[edge] > 0)) & (where < 1)
        ahead = self.node_ds[self.network.edge_from[edge]] + np.where(never_ahead, np.inf, where * along)
        behind = self.node_ds[self.network.edge_to[edge]] + np.where(never_back, np.inf, (1 - where) * along)
        onward = (edge == self.edge) & ((where - self.fraction) * self.way[edge] >= 0)
        direct = np.where(onward, np.abs(where - self.fraction) * along, np.inf)
        return np.minimum(np.minimum(ahead, behind), direct)

    def beside(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        place, piece = self.tree.query_nearest(shapely.points(x, y), max_distance=REACH_M, all_matches=False)
        start, along = self.streets.points[piece, 0], np.diff(self.streets.points[piece], axis=1)[:, 0]
        to = np.column_stack([x, y])[place] - start
        square = (along**2).sum(axis=1)
        where = np.clip((to * along).sum(axis=1) / np.where(square > 0, square, 1), 0, 1)
        away = np.hypot(*(to - where[:, None] * along).T)
        begin, end = self.streets.begin[piece], self.streets.end[piece]
        times = np.full(len(x), np.inf)
        times[place] = self.on_street(self.streets.edge[piece], begin + where * (end - begin)) + away / self.speed * 10
        return times


def parts_of(streets: Streets) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give the middles of short parts of all streets, their street, where on it they are, and their length."""
    length = np.hypot(*np.diff(streets.points, axis=1)[:, 0].T)
    count = np.maximum(np.ceil(length / PART_M).astype(int), 1)
    piece = np.repeat(np.arange(len(length)), count)
    share = (np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[piece]
    middle = streets.points[piece, 0] + share[:, None] * np.diff(streets.points, axis=1)[piece, 0]
    where = streets.begin[piece] + share * (streets.end - streets.begin)[piece]
    return middle, streets.edge[piece], where, (length / count)[piece]


def compare(case: Case, origin: Places) -> list[Score]:
    """Compare the isochrones around one place with the truth, one score per limit."""
    network = case.graph.network
    edge = int(origin.edge[0])
    truth = Truth(case, edge, float(origin.fraction[0]))
    drawn = isochrones(case.graph, origin, MINUTES, grid=case.grid).tolist()
    gained = np.isfinite(truth.node_ds[network.edge_from]) | np.isfinite(truth.node_ds[network.edge_to])
    gained[edge] = True
    near = shapely.box(*shapely.total_bounds(network.geometries()[gained])).buffer(2 * REACH_M, join_style="mitre")
    west, south, east, north = near.bounds
    columns, rows = np.meshgrid(np.arange(west, east, CELL_M), np.arange(south, north, CELL_M))
    x, y = columns.ravel(), rows.ravel()
    times = truth.beside(x, y)
    middle, on, where, length = parts_of(case.streets)
    here = shapely.contains_xy(near, middle) & network.is_street[on]
    middle, on, where, length = middle[here], on[here], where[here], length[here]
    street_ds = truth.on_street(on, where)
    component = network.node_component[network.edge_from]
    connected = component[on] == component[edge]
    scores = []
    for minutes, shape in zip(MINUTES, drawn, strict=True):
        limit = minutes * 600
        shapely.prepare(shape)
        inside, true = shapely.contains_xy(shape, x, y), times <= limit
        wrong = shapely.contains_xy(shape, middle) & (street_ds > limit)
        scores.append(
            Score(
                (inside & true).sum() / max((inside | true).sum(), 1),
                length[wrong & connected].sum(),
                length[wrong & ~connected].sum(),
                length[street_ds <= limit].sum(),
            )
        )
    return scores


def test_isochrones_are_the_truth_of_a_grid(case: Case) -> None:
    origins = draw_origins(case.graph, ORIGINS)
    scores = [compare(case, origins.take(slice(k, k + 1))) for k in range(ORIGINS)]
    for limit, minutes in enumerate(MINUTES):
        overlap, wrong, apart, reached = np.array([score[limit] for score in scores]).T
        print(  # noqa: T201 - pytest shows the figures with -s or on failure
            f"{case.name} {minutes} min: overlap mean {overlap.mean():.4f}, worst {overlap.min():.4f}, streets wrongly "
            f"inside {100 * wrong.sum() / reached.sum():.4f} %, disconnected {100 * apart.sum() / reached.sum():.4f} %"
        )
        assert wrong.sum() <= 0.001 * reached.sum()
    assert overlap.mean() >= 0.998
    assert overlap.min() >= 0.95


def test_isochrones_on_streets_walked_one_way_are_the_truth_of_a_grid(case: Case) -> None:
    network = case.graph.network
    chosen = np.random.default_rng(5).choice(
        [0, EdgeFlag.FORWARD, EdgeFlag.BACKWARD], network.edge_count, p=[0.8, 0.1, 0.1]
    )
    directed = dataclasses.replace(network, edge_flags=network.edge_flags | chosen.astype(np.uint16))
    turned = case._replace(graph=WalkGraph(directed, case.graph.profile))
    origins = draw_origins(turned.graph, 2)
    scores = np.array([compare(turned, origins.take(slice(k, k + 1))) for k in range(2)])
    assert scores[:, -1, 0].mean() >= 0.998
    # Where a street walked one way ends, the time jumps: twice as much as elsewhere is drawn beside the edge.
    assert scores[..., 1].sum() <= 0.002 * scores[..., 3].sum()


def test_isochrones_are_those_kept(case: Case) -> None:
    origins = draw_origins(case.graph, 3)
    found = []
    for k in range(len(origins)):
        drawn = isochrones(case.graph, origins.take(slice(k, k + 1)), MINUTES, grid=case.grid)
        found += [
            {
                "origin": k,
                "minutes": minutes,
                "area_m2": round(shape.area, 1),
                "length_m": round(shape.length, 1),
                "parts": len(shape.geoms),
                "holes": sum(len(part.interiors) for part in shape.geoms),
                "points": int(shapely.get_num_coordinates(shape)),
            }
            for minutes, shape in zip(MINUTES, drawn, strict=True)
        ]
    kept = json.loads(GOLDEN.read_text("utf-8"))[case.name]
    assert found == [{name: pytest.approx(value, rel=1e-6) for name, value in row.items()} for row in kept]
