"""The jobs of the application, each a row of commands: from an extract, a download, a place or nothing to results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psttm_geo.app.job_runner import Step, Task

EXTRACTS = "osm"
"""What ``psttm-geo fetch`` calls extracts."""

DOWNLOAD, ASK, INVENT, COMPUTE, PREPARE = "download", "ask", "invent", "compute", "prepare"
"""Names of steps."""

PARTS = 3
"""Of a computation, as ``psttm-geo access`` counts them; the first is reading the extract."""

_SEED = 1
"""The same invented territory for everybody."""


def everything(name: str) -> Task:
    """Bring whatever the workspace lacks, compute and build."""
    return Task("everything", name, (Step(PREPARE, lambda _: ["prepare"]),))


def from_file(path: Path, units: Path | None = None) -> Task:
    """Compute accessibility of the plan's territory from an extract on this computer, by the office's own units too."""
    own = [] if units is None else ["--units", str(units)]
    return Task("file", path.name, (Step(COMPUTE, lambda _: ["access", "--osm", str(path), *own]),))


def from_download(name: str) -> Task:
    """Download the extract, go on where an earlier download ended, and compute."""
    return Task(
        "download",
        name,
        (
            Step(DOWNLOAD, lambda _: ["fetch", EXTRACTS]),
            Step(COMPUTE, lambda given: ["access", "--osm", given["files"][0]]),
        ),
    )


def from_municipality(code: str, name: str) -> Task:
    """Ask for one municipality and compute its own figures, in a file beside what was fetched.

    They do not take the place of the territory's: the rest of it would be unknown.
    """

    def compute(given: Mapping[str, Any]) -> list[str]:
        layers = Path(given["file"]).parent / f"{Path(given['territory']).stem}.gpkg"
        places = ["--osm", given["file"], "--territory", given["territory"]]
        return ["access", *places, "-o", str(layers)]

    fetch = Step(ASK, lambda _: ["osm", "fetch", "--municipality", code])
    return Task("municipality", name, (fetch, Step(COMPUTE, compute)))


def invented(extract: Path, junctions: int) -> Task:
    """Make up a territory and compute; everything says that it is made up."""
    make = ["synthetic", "-o", str(extract), "--nodes", str(junctions), "--seed", str(_SEED)]
    return Task(
        "synthetic",
        extract.name,
        (Step(INVENT, lambda _: make), Step(COMPUTE, lambda _: ["access", "--osm", str(extract)])),
    )
