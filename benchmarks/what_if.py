"""Time of the first click and of scenarios as pages try them: what is opened or made ready once, and each one after it.

Run from the project's root: ``.venv/bin/python benchmarks/what_if.py WORKSPACE``; the workspace holds what ``psttm-geo
access`` keeps.
"""

import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from psttm_geo import jobs
from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Change
from psttm_geo.access.travel_times import BY_AGE
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.access_model import load_kept_access_model
from psttm_geo.jobs.neighbourhood import prepare_neighbourhood
from psttm_geo.jobs.trials import Trials
from psttm_geo.project import Project

ROUNDS = 7

CATEGORY = "farmacia"

Result = TypeVar("Result")


def timed(name: str, work: Callable[[], Result], rounds: int = 1) -> Result:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - began)
    print(
        f"{name:40}{statistics.median(seconds):8.2f} s ({min(seconds):.2f}-{max(seconds):.2f}), peak {peak_mb():.0f} MB"
    )
    return result


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    settings = Settings(workspace=Path(sys.argv[1]))
    territory = timed("territory", lambda: jobs.load_territory(Project(settings)))
    timed("access model, from whatever is kept", lambda: load_kept_access_model(Project(settings), territory))
    model = timed("access model, kept", lambda: load_kept_access_model(Project(settings), territory))
    timed("first point", lambda: prepare_neighbourhood(model))
    trials = timed("scenarios made ready", lambda: Trials(model))
    services = trials.services(CATEGORY).index
    print(f"{model.extract.network.node_count} nodes, {len(model.walking.places)} places, {len(services)} services")
    new = Change(ADD, CATEGORY, "", "", 9.19, 45.464)
    moved = Change(MOVE, CATEGORY, services[0], "", 9.18, 45.466)
    closed = Change(CLOSE, CATEGORY, services[1], "", None, None)
    for name, changes in (("nothing", ()), ("added", (new,)), ("moved", (moved,)), ("closed", (closed,))):
        timed(name, lambda changes=changes: trials.evaluate(changes, CATEGORY, BY_AGE), ROUNDS)


if __name__ == "__main__":
    main()
