"""Time to the best places for services: the first answer, and the proof, with the gap that is left.

Run from the project's root: ``.venv/bin/python benchmarks/siting.py FILE.osm.pbf WORKSPACE``; the workspace holds the
registers and the census that are to count. Adults walk; 20,000 nodes of the network drawn by chance, then all inhabited
hexagons, are candidates. Wall time and processor time, of which two threads use more than one second a second.
"""

import sys
import time
from pathlib import Path

import numpy as np

from psttm_geo.access.aims import COVERAGE, EQUITY, MEAN, WORST_TENTH, Aim
from psttm_geo.access.improvements import Candidates
from psttm_geo.access.scenarios import ADD
from psttm_geo.access.siting import Problem, Question, find_sites
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.access_model import load_access_model
from psttm_geo.jobs.best_sites import count_zones
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.site_inputs import existing_services, list_candidates, weigh
from psttm_geo.project import Project

CATEGORY = "farmacia"

NODES = 20_000

SECONDS = 5.0

ASKED: tuple[tuple[Aim, int, float], ...] = (
    (COVERAGE, 3, 15),
    (COVERAGE, 10, 15),
    (MEAN, 3, 30),
    (MEAN, 10, 30),
    (EQUITY, 3, 15),
    (WORST_TENTH, 3, 30),
)


def timed(problem: Problem, question: Question) -> str:
    wall, processor = time.perf_counter(), time.process_time()
    found = find_sites(problem, question)
    took = f"{time.perf_counter() - wall:6.2f} s, processor {time.process_time() - processor:6.2f} s"
    return f"{found.after:12.3f} {took}, gap {found.gap:.5f}"


def main() -> None:
    osm, workspace = Path(sys.argv[1]), Path(sys.argv[2])
    model = load_access_model(Project(Settings(workspace=workspace)), AccessRequest(osm, profiles=("adulto",)))
    travel_times = model.walking.walk(list(model.services.categories), model.services.essential)
    weighted = weigh(model, travel_times, CATEGORY, "residenti")
    _, existing = existing_services(model, CATEGORY)
    network = model.extract.network
    nodes = np.random.default_rng(1).choice(network.node_count, NODES, replace=False)
    drawn = model.walking.snap(network.node_x[nodes], network.node_y[nodes])
    zones = count_zones(model, weighted)
    for name, candidates in (
        ("nodes", Candidates(drawn, np.arange(NODES), NODES)),
        ("hexagons", list_candidates(model, "esagoni").on_streets),
    ):
        problem = Problem(model.walking, weighted.demand, candidates, existing, *zones)
        find_sites(problem, Question(ADD, 1, COVERAGE, 15, 0))  # kernels are read
        print(f"{candidates.count} {name}, {len(weighted.demand)} places, {existing.count} services")
        for aim, count, minutes in ASKED:
            first, proven = (timed(problem, Question(ADD, count, aim, minutes, limit)) for limit in (0, SECONDS))
            print(f"{aim:16}{count:3}  first {first}; then {proven}")


if __name__ == "__main__":
    main()
