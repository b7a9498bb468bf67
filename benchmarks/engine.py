"""Speed and memory of walks: searches beside scipy and pandana, indicators and scenarios of a territory, growth.

Run from the project's root; ``P`` stands for ``.venv/bin/python benchmarks/engine.py``:

- ``P search FILE.osm.pbf [--territory T] [--pandana PYTHON] [--rounds N]``: from every node to the nearest service of
  ten categories of 50 to 3,000 services, at most 30 minutes. scipy and pandana start from the same nodes; pandana runs
  in the environment of the Python named, its build apart. Answers are held against scipy's before anything is timed.
- ``P whole FILE.osm.pbf --workspace FOLDER [--rounds N]``: all layers and indicators of the plan's territory after
  loading, and a pharmacy added, moved and closed; FOLDER holds registers and census, if they are to count.
- ``P grow [--nodes 50000,200000,500000,2000000]``: the same search on synthetic networks of growing size.
"""

import argparse
import json
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from psttm_geo import jobs
from psttm_geo.access.profiles import build_profiles
from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Change
from psttm_geo.access.snapping import Places, StreetIndex
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.access_model import load_access_model
from psttm_geo.jobs.accessibility import measure_access, measure_baseline
from psttm_geo.jobs.what_if import evaluate_scenario
from psttm_geo.osm.network import WalkNetwork
from psttm_geo.project import Project
from psttm_geo.schema import data_tables

CATEGORIES = 10

LIMIT_MIN = 30

LIMIT_DS = LIMIT_MIN * 600

SEED = 1

PANDANA = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd, pandana
data = np.load(sys.argv[1])
started = time.perf_counter()
network = pandana.Network(
    pd.Series(data["x"]), pd.Series(data["y"]), pd.Series(data["start"]), pd.Series(data["stop"]),
    pd.DataFrame({"ds": data["ds"]}), twoway=True,
)
build = time.perf_counter() - started
groups = [data[name] for name in data.files if name.startswith("group")]
for number, nodes in enumerate(groups):
    network.set_pois(str(number), float(sys.argv[2]), 1, data["x"][nodes], data["y"][nodes])
seconds = []
for _ in range(int(sys.argv[3])):
    started = time.perf_counter()
    for number in range(len(groups)):
        network.nearest_pois(float(sys.argv[2]), str(number), num_pois=1)
    seconds.append(time.perf_counter() - started)
with open(sys.argv[4], "w") as answer:  # its own lines end up between those printed
    json.dump([build, *seconds], answer)
"""


def adult_graph(network: WalkNetwork) -> WalkGraph:
    profiles = build_profiles(data_tables.read_register(data_tables.data_path()).tables["profiles.csv"])
    return WalkGraph(network, next(one for one in profiles if one.identifier == "adulto"))


def draw_services(graph: WalkGraph) -> list[Places]:
    """Return ten groups of 50 to 3,000 places near nodes chosen at random."""
    network, random = graph.network, np.random.default_rng(SEED)
    index = StreetIndex(network)
    groups = []
    for count in np.geomspace(50, 3000, CATEGORIES).astype(int):
        nodes = random.integers(network.node_count, size=count)
        x, y = (values[nodes] + random.uniform(-20, 20, count) for values in (network.node_x, network.node_y))
        groups.append(index.snap(x, y, usable=graph.usable))
    return groups


def matrix(graph: WalkGraph) -> csr_array:
    """Return the network as scipy wants it: the quickest of parallel streets, both ways."""
    network, open_ = graph.network, graph.usable
    ends = np.sort(np.column_stack([network.edge_from, network.edge_to])[open_], axis=1)
    weights = graph.edge_ds[open_].astype(float)
    order = np.lexsort((weights, ends[:, 1], ends[:, 0]))
    ends, weights = ends[order], np.maximum(weights[order], 1e-6)
    first = np.append(True, np.any(ends[1:] != ends[:-1], axis=1)) & (ends[:, 0] != ends[:, 1])
    (start, stop), ds = ends[first].T, weights[first]
    both = (np.append(ds, ds), (np.append(start, stop), np.append(stop, start)))
    return csr_array(coo_array(both, shape=(network.node_count, network.node_count)))


def start_nodes(graph: WalkGraph, group: Places) -> npt.NDArray[np.int32]:
    """Return the nodes at both ends of the streets that services are on."""
    on = group.take(group.connected)
    return np.unique(np.append(graph.network.edge_from[on.edge], graph.network.edge_to[on.edge]))


def at_nodes(graph: WalkGraph, nodes: npt.NDArray[np.int32]) -> Places:
    """Return places that stand on nodes exactly."""
    network = graph.network
    edge = np.zeros(network.node_count, np.int32)
    fraction = np.zeros(network.node_count)
    streets = np.flatnonzero(graph.usable)
    edge[network.edge_to[streets]], fraction[network.edge_to[streets]] = streets, 1.0
    edge[network.edge_from[streets]], fraction[network.edge_from[streets]] = streets, 0.0
    return Places(edge[nodes], fraction[nodes], np.zeros(len(nodes)), network.node_x[nodes], network.node_y[nodes])


def timed(function: Callable[[], object], rounds: int) -> list[float]:
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - started)
    return seconds


def say(name: str, seconds: Sequence[float], beside: Sequence[float] | None = None) -> None:
    ratio = "" if beside is None else f"  {statistics.median(seconds) / statistics.median(beside):8.1f} times ours"
    print(f"{name:44}{statistics.median(seconds):9.3f} s  ({min(seconds):.3f}-{max(seconds):.3f}){ratio}")


def search(options: argparse.Namespace) -> None:
    settings = Settings(workspace=options.workspace)
    network = jobs.read_extract(Project(settings), options.file, territory=options.territory).network
    graph = adult_graph(network)
    nodes = [start_nodes(graph, group) for group in draw_services(graph)]
    groups = [at_nodes(graph, mine) for mine in nodes]
    sparse = matrix(graph)
    found = graph.nearest(groups, limit_min=LIMIT_MIN)
    for mine, times in zip(nodes, found, strict=True):
        expected = dijkstra(sparse, indices=mine, min_only=True, limit=LIMIT_DS + 0.5)
        known = np.isfinite(expected)
        if not ((np.rint(expected[known]) == times[known]).all() and (times[~known] > LIMIT_DS).all()):
            message = "scipy finds other times"
            raise RuntimeError(message)
    print(f"{network.node_count} nodes, {network.edge_count} streets, {CATEGORIES} categories; answers as scipy's")
    ours, peer = [], []
    for _ in range(options.rounds):
        ours += timed(lambda: graph.nearest(groups, limit_min=LIMIT_MIN), 1)
        peer += timed(lambda: [dijkstra(sparse, indices=mine, min_only=True, limit=LIMIT_DS) for mine in nodes], 1)
    say("psttm-geo", ours)
    say("scipy.sparse.csgraph.dijkstra", peer, ours)
    if options.pandana:
        pandana(options, graph, nodes, ours)


def pandana(
    options: argparse.Namespace, graph: WalkGraph, nodes: Sequence[npt.NDArray[np.int32]], ours: Sequence[float]
) -> None:
    network, open_ = graph.network, graph.usable
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        np.savez(
            path,
            x=network.node_x,
            y=network.node_y,
            start=network.edge_from[open_].astype(np.int64),
            stop=network.edge_to[open_].astype(np.int64),
            ds=graph.edge_ds[open_].astype(float),
            **{f"group{number}": mine for number, mine in enumerate(nodes)},
        )
        answer = Path(folder) / "seconds.json"
        command = [options.pandana, "-c", PANDANA, str(path), str(LIMIT_DS), "3", str(answer)]
        subprocess.run(command, check=True, capture_output=True)
        build, *seconds = json.loads(answer.read_text("utf-8"))
    say("pandana nearest_pois", seconds, ours)
    print(f"{'pandana, build':44}{build:9.3f} s")


def whole(options: argparse.Namespace) -> None:
    pa.set_memory_pool(pa.system_memory_pool())  # as the command does
    before = peak_mb()
    model = load_access_model(Project(Settings(workspace=options.workspace)), jobs.AccessRequest(options.file))
    profiles = len(model.walking.graphs)
    print(
        f"{model.extract.network.node_count} nodes, {len(model.walking.places)} places, "
        f"{len(model.services.categories)} categories, {profiles} profiles; "
        f"peak {peak_mb():.0f} MB, of it imports {before:.0f}"
    )

    def everything() -> None:
        measure_access(measure_baseline(model))

    say("all layers and indicators", timed(everything, options.rounds))
    baseline = measure_baseline(model)
    pharmacy = model.services.table.loc[model.services.table["category"] == "farmacia", "service"].iloc[0]
    for change in (
        Change(ADD, "farmacia", "", "", 9.19, 45.46),
        Change(MOVE, "farmacia", pharmacy, "", 9.2, 45.47),
        Change(CLOSE, "farmacia", pharmacy, "", None, None),
    ):
        say(
            f"scenario, {change.action}",
            timed(lambda change=change: evaluate_scenario(baseline, [change]), options.rounds),
        )
    print(f"peak {peak_mb():.0f} MB")


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def grow(options: argparse.Namespace) -> None:
    sizes, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(workspace=Path(folder) / "workspace")
        for nodes in map(int, options.nodes.split(",")):
            file = Path(folder) / f"{nodes}.osm.pbf"
            jobs.write_synthetic(Project(settings), file, node_count=nodes, seed=SEED)
            network = jobs.read_extract(Project(settings), file).network
            graph = adult_graph(network)
            groups = draw_services(graph)
            graph.nearest(groups, limit_min=LIMIT_MIN)
            taken = timed(lambda graph=graph, groups=groups: graph.nearest(groups, limit_min=LIMIT_MIN), options.rounds)
            say(f"{network.node_count} nodes", taken)
            sizes.append(network.node_count)
            seconds.append(min(taken))
    power = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"time grows with nodes to the power of {power:.2f}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = asked.add_subparsers(required=True)
    for name, run in (("search", search), ("whole", whole), ("grow", grow)):
        part = parts.add_parser(name)
        part.set_defaults(run=run)
        part.add_argument("--rounds", type=int, default=5)
        if name == "grow":
            part.add_argument("--nodes", default="50000,200000,500000,2000000")
            continue
        part.add_argument("file", type=Path)
        part.add_argument("--workspace", type=Path, default=Settings().workspace)
        if name == "search":
            part.add_argument("--territory", default="milano")
            part.add_argument("--pandana", help="a Python that has pandana")
    options = asked.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
