"""Peak memory and time of reading extracts of several sizes, with the line through them.

Run from the project's root: ``.venv/bin/python benchmarks/osm_memory.py FILE.osm.pbf [--copies 4 14 56]
[--beside SYNTHETIC.osm.pbf ...]``.

Larger extracts are made of the one named: so many copies of it side by side, with identifiers as far apart as OSM's.
They have what a real one has: buildings, tags, areas. Files named beside are read as they are; what
``psttm-geo synthetic`` makes has little but streets. Each reading runs in a process of its own: the network only; all
of it; of copies also all that lies in a territory as large as one of them.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable

LAST_IDS = {"n": 10_000_000_000, "w": 1_000_000_000, "r": 15_000_000}
"""Just above the highest in an extract of 2021; libosmium's filter by identifiers takes room for their range."""

GAP = 1.1
"""From one copy to the next, in sizes of the extract."""

LEAST_SIZES = 3
"""For a line through them."""

NETWORK = """
from psttm_geo.schema import data_tables
from psttm_geo.osm.extract_reader import TagTables, read_extract
tables = data_tables.read_register(data_tables.data_path()).tables
only = TagTables(tables["walkable.csv"], tables["services.csv"].head(0), tables["features.csv"].head(0))
import scipy.sparse.csgraph
def run():
    return read_extract(Path(FILE), only, "", territory=None).network
"""

WHOLE = """
from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project
def run():
    return jobs.read_extract(Project(Settings(workspace=Path(WORKSPACE))), Path(FILE), territory=TERRITORY).network
"""

TIMED = """
import json, time
def peak_mb():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
before = peak_mb()
started = time.perf_counter()
network = run()
first, peak = time.perf_counter() - started, peak_mb()
started = time.perf_counter()
run()
print(json.dumps([network.node_count, first, time.perf_counter() - started, before, peak]))
"""


def read(script: str, **names: object) -> list[float]:
    setup = "\n".join(["from pathlib import Path", *(f"{name} = {str(value)!r}" for name, value in names.items())])
    command = [sys.executable, "-c", setup + script + TIMED]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    measured: list[float] = json.loads(done.stdout.splitlines()[-1])
    return measured


class Copies:
    """An extract many times over, side by side."""

    def __init__(self, file: Path, count: int) -> None:
        self.file = file
        ranks: dict[str, list[int]] = {kind: [] for kind in LAST_IDS}
        places = []
        for entity in osmium.FileProcessor(file):
            ranks[entity.type_str()].append(entity.id)
            if entity.is_node():
                places.append((entity.lon, entity.lat))
        self.ranks = {kind: {number: rank for rank, number in enumerate(sorted(ids))} for kind, ids in ranks.items()}
        self.low, self.size = np.min(places, axis=0), np.ptp(places, axis=0)
        self.cells = list(product(range(int(np.ceil(np.sqrt(count)))), repeat=2))[:count]

    def number(self, kind: str, number: int, copy: int) -> int:
        """Return the identifier in a copy of what has this one in the file; beyond all others for what it lacks."""
        ranks = self.ranks[kind]
        total = len(ranks) * len(self.cells)
        rank = copy * len(ranks) + ranks[number] if number in ranks else total
        return (1 + rank) * (LAST_IDS[kind] // total)

    def shift(self, copy: int) -> np.ndarray:
        """Return how far a copy lies from the original, in degrees."""
        return np.multiply(self.cells[copy], self.size * GAP)

    def write(self, target: Path) -> None:
        """Write nodes, ways and relations, each kind sorted."""
        kinds = {"n": osmium.osm.NODE, "w": osmium.osm.WAY, "r": osmium.osm.RELATION}
        with osmium.SimpleWriter(target, overwrite=True) as writer:
            for (kind, bits), copy in product(kinds.items(), range(len(self.cells))):
                shift = self.shift(copy)
                for entity in osmium.FileProcessor(self.file, bits):
                    same = {"id": self.number(kind, entity.id, copy), "tags": entity.tags}
                    if kind == "n":
                        place = (entity.lon + shift[0], entity.lat + shift[1])
                        writer.add_node(mutable.Node(location=place, **same))
                    elif kind == "w":
                        nodes = [self.number("n", node.ref, copy) for node in entity.nodes]
                        writer.add_way(mutable.Way(nodes=nodes, **same))
                    else:
                        members = [(m.type, self.number(m.type, m.ref, copy), m.role) for m in entity.members]
                        writer.add_relation(mutable.Relation(members=members, **same))

    def write_territory(self, target: Path) -> None:
        """Write the box of a copy in the middle as GeoJSON."""
        west, south = self.low + self.shift(len(self.cells) // 2)
        east, north = self.low + self.shift(len(self.cells) // 2) + self.size
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        target.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")


def measure(file: Path, scratch: Path, territories: Iterable[object]) -> list[list[float]]:
    """Return a row per reading: nodes of the file and of the network, seconds, again, MB before and at the peak."""
    nodes = sum(1 for _ in osmium.FileProcessor(file, osmium.osm.NODE))
    names = {"FILE": file.absolute(), "WORKSPACE": scratch / "workspace"}
    whole = [read(WHOLE, **names, TERRITORY=territory) for territory in territories]
    return [[nodes, *row] for row in (read(NETWORK, **names), *whole)]


def report(reading: str, rows: list[list[float]]) -> None:
    print(f"\n{reading}\n{'nodes':>11}{'in network':>12}{'s':>9}{'again s':>9}{'MB before':>11}{'MB peak':>9}")
    for nodes, kept, first, again, before, peak in rows:
        print(f"{nodes:11,.0f}{kept:12,.0f}{first:9.2f}{again:9.3f}{before:11.0f}{peak:9.0f}")
    for name, column in (("the file", 0), ("the network", 1)):
        if len({row[column] for row in rows}) < LEAST_SIZES:
            continue
        slope, start = np.polyfit([row[column] / 1e6 for row in rows], [row[-1] for row in rows], 1)
        print(f"  {start:.0f} MB + {slope:.0f} MB for each million nodes of {name}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", type=Path)
    asked.add_argument("--copies", type=int, nargs="+", default=[4, 14, 56])
    asked.add_argument("--beside", type=Path, nargs="+", default=[])
    options = asked.parse_args()
    of_copies, of_others = [], []
    for count in options.copies:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            copies = Copies(options.file, count)
            copies.write(scratch / f"{count}.osm.pbf")
            copies.write_territory(scratch / "one.geojson")
            territories = ["osm:8", scratch / "one.geojson"]
            of_copies.append(measure(scratch / f"{count}.osm.pbf", scratch, territories))
    for file in options.beside:
        with tempfile.TemporaryDirectory() as folder:
            of_others.append(measure(file, Path(folder), ["osm:8"]))
    for position, name in enumerate(("network only", "all of it, again from the cache", "inside one copy")):
        report(f"copies: {name}", [rows[position] for rows in of_copies])
        if of_others and position < len(of_others[0]):
            report(f"beside: {name}", [rows[position] for rows in of_others])


if __name__ == "__main__":
    main()
