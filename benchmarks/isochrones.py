"""Time of an isochrone of a quarter of an hour, beside the recipe of OSMnx's notebook on isolines.

Run from the project's root: ``.venv/bin/python benchmarks/isochrones.py NETWORK.npz [--origins N] [--recipe N]``, once
for each network; without a file it makes a synthetic one in a square of 7 km. Files are those of ``WalkNetwork.save``.

Both start at nodes of the same network and both take turns, so that a machine that slows down slows both of them.
The recipe (https://github.com/gboeing/osmnx-examples, the notebook on isolines and isochrones): ``networkx.ego_graph``
by time, a buffer around each node and each edge, and their union; buffers of 50 m, as ours reaches. It is taken both
ways: as the notebook has it, which looks both ends of each street up in a table before it takes the street's geometry,
and without that, the three steps alone. Ours is asked twice, because the lists of streets near each square are made
when they are first needed: cold and warm are told apart.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from psttm_geo.access._kernels.stretch import REACH_M
from psttm_geo.access.isochrones import StreetGrid, isochrones
from psttm_geo.access.profiles import build_profiles
from psttm_geo.access.snapping import Places
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.schema.data_tables import data_path, read_register

MINUTES = 15

KEPT = 0.9
"""Share of the streets of the synthetic grid."""


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def synthetic(side: int = 90, step: float = 80.0) -> WalkNetwork:
    """Return streets in a crooked square grid, some of them left out."""
    random = np.random.default_rng(5)
    x, y = (np.array(values, float).ravel() * step for values in np.meshgrid(np.arange(side), np.arange(side)))
    x, y = x + random.normal(0, 15, len(x)), y + random.normal(0, 15, len(y))
    number = np.arange(side * side).reshape(side, side)
    across, along = (
        np.column_stack([a.ravel(), b.ravel()]) for a, b in ((number[:, :-1], number[:, 1:]), (number[:-1], number[1:]))
    )
    ends = np.concatenate([across, along])
    ends = ends[random.random(len(ends)) < KEPT].astype(np.int32)
    count = len(ends)
    return WalkNetwork(
        crs="EPSG:32632",
        classes=("",),
        node_x=x,
        node_y=y,
        node_osm_id=np.arange(len(x)),
        node_flags=np.zeros(len(x), np.uint8),
        node_component=np.zeros(len(x), np.int32),
        edge_from=ends[:, 0].copy(),
        edge_to=ends[:, 1].copy(),
        edge_length_m=np.hypot(np.diff(x[ends])[:, 0], np.diff(y[ends])[:, 0]),
        edge_way=np.arange(count),
        edge_class=np.zeros(count, np.uint8),
        edge_flags=np.zeros(count, np.uint16),
        edge_crossings=np.zeros(count, np.uint8),
        geometry_offsets=np.arange(count + 1) * 2,
        geometry_x=x[ends].ravel(),
        geometry_y=y[ends].ravel(),
    )


def as_networkx(graph: WalkGraph) -> nx.MultiDiGraph:
    """Return the network as OSMnx holds it: both directions, minutes and geometry on edges."""
    network = graph.network
    made = nx.MultiDiGraph()
    made.add_nodes_from(
        (node, {"x": x, "y": y}) for node, (x, y) in enumerate(zip(network.node_x, network.node_y, strict=True))
    )
    ends = zip(
        network.edge_from.tolist(), network.edge_to.tolist(), graph.edge_ds.tolist(), network.geometries(), strict=True
    )
    for start, stop, deciseconds, line in ends:
        if deciseconds >= 0:
            made.add_edge(start, stop, time=deciseconds / 600, geometry=line)
            made.add_edge(stop, start, time=deciseconds / 600, geometry=line.reverse())
    return made


def look_up_lines(graph: nx.MultiDiGraph, reached: nx.MultiDiGraph, nodes: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    """Return the streets reached as the notebook collects them, with a straight line ready for each."""
    lines = []
    for start, stop in reached.edges():
        straight = shapely.LineString([nodes.loc[start].geometry, nodes.loc[stop].geometry])
        lines.append(graph.get_edge_data(start, stop)[0].get("geometry", straight))
    return lines


def recipe(graph: nx.MultiDiGraph, center: int, *, look_up: bool) -> shapely.Geometry:
    reached = nx.ego_graph(graph, center, radius=MINUTES, distance="time")
    points = [shapely.Point(data["x"], data["y"]) for _, data in reached.nodes(data=True)]
    nodes = gpd.GeoDataFrame({"id": list(reached.nodes)}, geometry=points).set_index("id")
    if look_up:
        lines = look_up_lines(graph, reached, nodes)
    else:
        lines = [data["geometry"] for _, _, data in reached.edges(data=True)]
    shapes = [*nodes.buffer(REACH_M).geometry, *gpd.GeoSeries(lines).buffer(REACH_M).geometry]
    return gpd.GeoSeries(shapes).union_all()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("network", type=Path, nargs="?")
    parser.add_argument("--origins", type=int, default=50)
    parser.add_argument("--recipe", type=int, default=50, help="Origins that the recipe draws too.")
    asked = parser.parse_args()
    network = synthetic() if asked.network is None else WalkNetwork.load(asked.network)
    profile = next(
        one for one in build_profiles(read_register(data_path()).tables["profiles.csv"]) if one.identifier == "adulto"
    )
    graph = WalkGraph(network, profile)
    other = as_networkx(graph)
    main_piece = np.flatnonzero((network.node_component[network.edge_from] == 0) & graph.usable)
    edges = np.random.default_rng(1).choice(main_piece, asked.origins).astype(np.int32)
    nothing = np.zeros(1)

    def ours(edge: int) -> object:
        place = Places(np.array([edge], np.int32), nothing, nothing, nothing, nothing)
        return isochrones(graph, place, [MINUTES], grid=grid)

    grid = StreetGrid(network)
    ours(int(edges[0]))
    grid = StreetGrid(network)
    cold, warm = [], []
    theirs: dict[bool, list[float]] = {True: [], False: []}
    for turn, edge in enumerate(edges.tolist()):
        cold.append(timed(lambda edge=edge: ours(edge)))
        warm.append(timed(lambda edge=edge: ours(edge)))
        if turn < asked.recipe:
            center = int(network.edge_from[edge])
            for look_up, times in theirs.items():
                times.append(timed(lambda center=center, look_up=look_up: recipe(other, center, look_up=look_up)))
    print(f"{network.node_count} nodes, {network.edge_count} streets, {asked.origins} origins, {MINUTES} minutes")
    print(f"ours: median {statistics.median(warm):.1f} ms (first time {statistics.median(cold):.1f} ms)")
    for look_up, times in theirs.items():
        ratios = [time / mine for time, mine in zip(times, warm, strict=False)]
        print(
            f"recipe of OSMnx's notebook, {'as it is' if look_up else 'its three steps alone'}, {len(times)} origins:"
        )
        print(f"    median {statistics.median(times):.0f} ms")
        print(f"    times faster, origin by origin: median {statistics.median(ratios):.0f}, least {min(ratios):.0f}")


if __name__ == "__main__":
    main()
