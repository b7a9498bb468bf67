"""Wall time of `psttm-geo build` from the embedded data, beside the imports it cannot do without.

Run from the project's root: ``.venv/bin/python benchmarks/build.py``. Commands are run in turn, so that a machine that
slows down slows all of them down; medians and ratios are printed.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 9

COMMAND = str(Path(sys.executable).with_name("psttm-geo"))


def wall_s(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = ["--workspace", str(Path(folder) / "workspace")]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import geopandas, pyogrio": [sys.executable, "-c", "import geopandas, pyogrio"],
            "import what a build needs": [
                sys.executable,
                "-c",
                "import psttm_geo.cli; from psttm_geo.jobs import build",
            ],
            "psttm-geo build": [COMMAND, "build", "-o", str(Path(folder) / "psttm.gpkg"), *workspace],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for run in range(RUNS + 1):
            for name, command in commands.items():
                elapsed = wall_s(command)
                if run:  # the first round fills the disk cache
                    times[name].append(elapsed)
    floor = statistics.median(times["import geopandas, pyogrio"])
    print(f"{'command':45}{'min s':>8}{'median s':>10}{'max s':>8}{'to geopandas':>14}")
    for name, values in times.items():
        median = statistics.median(values)
        print(f"{name:45}{min(values):8.2f}{median:10.2f}{max(values):8.2f}{median / floor:14.2f}")


if __name__ == "__main__":
    main()
