"""Time of all plan layers of all editions, from loaded tables to layers ready to write.

Run from the project's root: ``.venv/bin/python benchmarks/plan.py``.
"""

import statistics
import tempfile
import time
from pathlib import Path

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project

ROUNDS = 9


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(workspace=Path(folder))
        loads, layers = [], []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            territory = jobs.load_territory(Project(settings))
            loaded = time.perf_counter()
            jobs.territory_layers(territory)
            loads.append(loaded - started)
            layers.append(time.perf_counter() - loaded)
    for name, values in (("load territory and plan, answer all goals", loads), ("make all layers", layers)):
        print(f"{name:45}{min(values):8.2f}{statistics.median(values):8.2f}{max(values):8.2f}  s (min, median, max)")


if __name__ == "__main__":
    main()
