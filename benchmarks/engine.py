"""Speed and memory of walks: searches beside peers, indicators and scenarios of a territory, growth.

Run from the project's root; ``P`` stands for ``.venv/bin/python benchmarks/engine.py``:

- ``P search FILE.osm.pbf [--territory T] [--pandana PYTHON] [--routingkit PYTHON] [--rounds N]``: from every node to
  the nearest service of ten categories of 50 to 3,000 services, at most 30 minutes; then one service more. scipy and
  the others start from the same nodes; pandana and routingkit-cch (which has no limit, and gives a list of numbers) run
  in the environments of the Pythons named, their builds apart. Answers are held against scipy's, and
  those of the others counted that are not the same.
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

PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np
data, limit = np.load(sys.argv[1]), float(sys.argv[2])
groups = [data[name] for name in data.files if name.startswith("group")]
started = time.perf_counter()
{build}
build = time.perf_counter() - started
{prepare}
seconds = []
for _ in range(int(sys.argv[3])):
    started = time.perf_counter()
    found = [{ask} for number, nodes in enumerate(groups)]
    seconds.append(time.perf_counter() - started)
times = np.array([{read} for one in found], float)
np.save(sys.argv[4], times)
with open(sys.argv[4] + ".json", "w") as answer:  # its own lines end up between those printed
    json.dump([build, *seconds], answer)
"""
"""What a peer does in an environment of its own: builds, prepares, asks for the nearest of each group, gives times."""

PEERS = {
    "pandana": {
        "build": """import pandas as pd, pandana
network = pandana.Network(
    pd.Series(data["x"]), pd.Series(data["y"]), pd.Series(data["start"]), pd.Series(data["stop"]),
    pd.DataFrame({"ds": data["ds"].astype(float)}), twoway=True,
)""",
        "prepare": """for number, nodes in enumerate(groups):
    network.set_pois(str(number), limit, 1, data["x"][nodes], data["y"][nodes])""",
        "ask": "network.nearest_pois(limit, str(number), num_pois=1)",
        "read": "one[1].sort_index().to_numpy()",
    },
    "routingkit": {
        "build": """import routingkit_cch
tail, head = ([*data[one].tolist(), *data[other].tolist()] for one, other in (("start", "stop"), ("stop", "start")))
order = routingkit_cch.compute_order_inertial(len(data["x"]), tail, head, data["y"].tolist(), data["x"].tolist())
metric = routingkit_cch.CCHMetric(routingkit_cch.CCH(order, tail, head, False), data["ds"].tolist() * 2)
network = routingkit_cch.CCHOneToMany(metric, list(range(len(data["x"]))))""",
        "prepare": "groups = [[(node, 0) for node in nodes.tolist()] for nodes in groups]",
        "ask": "network.distances_from_multi(nodes)",
        "read": "[np.inf if time is None else time for time in one]",
    },
}


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
    for name, script in PEERS.items():
        if getattr(options, name):
            seconds, build = ask_peer(getattr(options, name), script, graph, nodes, found)
            say(name, seconds, ours)
            print(f"{f'{name}, build':44}{build:9.3f} s")
    added = at_nodes(graph, np.random.default_rng(SEED).integers(network.node_count, size=200).astype(np.int32))
    singles = [added.take(np.array([position])) for position in range(len(added))]
    renew(graph, groups[-1], singles)


def renew(graph: WalkGraph, group: Places, added: Sequence[Places]) -> None:
    """Time services added to a group one by one, searched from the times there were."""
    (today,) = graph.nearest([group], limit_min=LIMIT_MIN)
    seconds = [timed(lambda place=place: graph.renew(today, place, limit_min=LIMIT_MIN), 1)[0] for place in added]
    middle, most = statistics.median(seconds) * 1000, max(seconds) * 1000
    print(f"{'a service added to 3,000':44}{middle:9.3f} ms ({most:.3f} at most)")


def ask_peer(
    python: str,
    script: dict[str, str],
    graph: WalkGraph,
    nodes: Sequence[npt.NDArray[np.int32]],
    expected: npt.NDArray[np.uint16],
) -> tuple[list[float], float]:
    """Return the seconds of a peer's passes and of its build; say how many of its answers are not those expected."""
    network, open_ = graph.network, graph.usable
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        np.savez(
            path,
            x=network.node_x,
            y=network.node_y,
            start=network.edge_from[open_].astype(np.int64),
            stop=network.edge_to[open_].astype(np.int64),
            ds=graph.edge_ds[open_].astype(np.int64),
            **{f"group{number}": mine for number, mine in enumerate(nodes)},
        )
        answer = Path(folder) / "answer.npy"
        script = PEER.format(**script)
        subprocess.run(
            [python, "-c", script, str(path), str(LIMIT_DS), "3", str(answer)], check=True, capture_output=True
        )
        build, *seconds = json.loads(Path(f"{answer}.json").read_text("utf-8"))
        times = np.load(answer)
    # Both may say anything beyond the limit: one the limit itself, the other longer walks.
    other = np.where(expected <= LIMIT_DS, np.rint(times) != expected, times < LIMIT_DS)
    print(f"{np.count_nonzero(other)} of {other.size} answers of the next one are other ones")
    return seconds, build


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
            for peer in PEERS:
                part.add_argument(f"--{peer}", help=f"a Python that has {peer}")
    options = asked.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
