"""Time and memory of reading the walkable network of an extract, beside OSMnx and pyrosm.

Run from the project's root: ``.venv/bin/python benchmarks/osm.py FILE.osm.pbf [--pyrosm PYTHON] [--rounds N]
[--osmnx-rounds N]``.

Each reader runs in a process of its own, in turn, so that a machine that slows down slows all of them down; it reads
the file twice, because the first time pays for much that is loaded late. Imports are not timed. OSMnx gets XML that was
cut down to highways beforehand; pyrosm, whose versions of libraries are other ones, runs in the environment of the
Python named. What is timed: from the file to nodes and edges with lengths and geometry; here and in OSMnx also joined
at junctions, which pyrosm leaves to others.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import osmium

OURS = """
from psttm_geo.schema import data_tables
from psttm_geo.osm.extract_reader import TagTables, read_extract
tables = data_tables.read_register(data_tables.data_path()).tables
only = TagTables(tables["walkable.csv"], tables["services.csv"].head(0), tables["features.csv"].head(0))
import scipy.sparse.csgraph
from pathlib import Path
def run():
    network = read_extract(Path(FILE), only, "", territory=None).network
    return network.node_count, network.edge_count
"""

OSMNX = """
import osmnx
def run():
    graph = osmnx.simplify_graph(osmnx.graph_from_xml(XML, bidirectional=True, simplify=False, retain_all=True))
    return len(graph), graph.number_of_edges()
"""

PYROSM = """
import warnings
warnings.simplefilter("ignore")
import pyrosm
def run():
    nodes, edges = pyrosm.OSM(FILE).get_network(network_type="walking", nodes=True)
    return len(nodes), len(edges)
"""

CACHE = """
from pathlib import Path
from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project
project = Project(Settings(workspace=Path(WORKSPACE)))
def run():
    extract = jobs.read_extract(project, Path(FILE), territory="osm:8")
    return extract.network.node_count, extract.network.edge_count
"""

TIMED = """
import json, time
from pathlib import Path
def peak_mb():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
before = peak_mb()
seconds = []
for _ in range(2):
    started = time.perf_counter()
    nodes, edges = run()
    seconds.append(time.perf_counter() - started)
print(json.dumps([*seconds, before, peak_mb(), nodes, edges]))
"""


def measure(python: str, script: str, **names: Path) -> list[float]:
    setup = "\n".join(f"{name} = {str(path)!r}" for name, path in names.items())
    command = [python, "-X", "faulthandler", "-c", setup + script + TIMED]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"exit code {done.returncode}:\n{done.stderr}")
    measured: list[float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def cut_to_highways(file: Path, target: Path) -> None:
    with osmium.BackReferenceWriter(target, ref_src=file) as writer:
        for way in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
            writer.add(way)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", type=Path)
    asked.add_argument("--pyrosm", help="a Python that has pyrosm")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--osmnx-rounds", type=int, help="fewer than the others', for a large extract")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        names = {
            "FILE": options.file.absolute(),
            "XML": Path(folder) / "highways.osm",
            "WORKSPACE": Path(folder) / "ws",
        }
        cut_to_highways(names["FILE"], names["XML"])
        readers = {"psttm-geo": (sys.executable, OURS), "osmnx": (sys.executable, OSMNX)}
        if options.pyrosm:
            readers["pyrosm"] = (options.pyrosm, PYROSM)
        runs: dict[str, list[list[float]]] = {name: [] for name in readers}
        rounds = {"osmnx": options.osmnx_rounds or options.rounds}
        for number in range(options.rounds):
            for name, (python, script) in readers.items():
                if number < rounds.get(name, options.rounds):
                    runs[name].append(measure(python, script, **names))
        runs["all of it: first run, from the cache"] = [measure(sys.executable, CACHE, **names)]
    report(runs)


def report(runs: dict[str, list[list[float]]]) -> None:
    ours = statistics.median(run[1] for run in runs["psttm-geo"])
    print(f"{'reader':36}{'first s':>9}{'again s':>9}{'min-max s':>15}{'to ours':>9}{'MB before':>11}{'MB peak':>9}")
    for name, measured in runs.items():
        first, again = (statistics.median(run[position] for run in measured) for position in (0, 1))
        span = f"{min(run[1] for run in measured):.3f}-{max(run[1] for run in measured):.3f}"
        before, peak = (max(run[position] for run in measured) for position in (2, 3))
        print(
            f"{name:36}{first:9.3f}{again:9.3f}{span:>15}{again / ours:9.2f}{before:11.0f}{peak:9.0f}"
            f"  {measured[0][4]} nodes, {measured[0][5]} edges"
        )


if __name__ == "__main__":
    main()
