"""From nothing to delivered layers: what a workspace lacks is fetched and taken in, computed, built, and reported."""

import contextlib
import json
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from psttm_geo.access.results import RESTS_ON, Results
from psttm_geo.core.errors import InputMissingError, NetworkFileError, PsttmError
from psttm_geo.core.files import sha256_of, write_text
from psttm_geo.core.messages import COMMA, Text, gettext, same
from psttm_geo.core.workspace import Kind
from psttm_geo.fetch import catalogue
from psttm_geo.fetch.download_records import Download, say_size
from psttm_geo.jobs.accessibility import compute_access, save_access
from psttm_geo.jobs.census_areas import add_census
from psttm_geo.jobs.deliveries import build
from psttm_geo.jobs.fetching import bring_group, forget_downloads
from psttm_geo.jobs.register_files import add_registers
from psttm_geo.jobs.registration import add_input, add_projects
from psttm_geo.jobs.requests import AccessRequest
from psttm_geo.jobs.streets import read_extract, save_extract
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.project import Project

if sys.platform != "win32":
    import resource

State = Literal["held", "missing", "old", "own"]
"""Of a group of files: in the workspace; not there; there, but grown old; there, and from somebody else than this."""

Outcome = Literal["done", "held", "left_out", "failed"]

DELIVERY = "psttm.gpkg"
"""What is built in the workspace where no other file is named."""

REPORT_SUFFIX = ".report.json"

_RECORD = "prepared.json"
"""In the workspace: the sums of the inputs that were taken in here, by kind. Nobody else's input is ever renewed."""

_GROUPS: Mapping[str, Kind] = {
    "residents": "residents",
    "census": "census",
    "registers": "registers",
    "pnrr": "projects",
    "osm": "osm",
}
"""Groups of downloads, in the order in which they are brought, and the input that each becomes."""

_COMPUTED, _BUILT = "access", "build"

_BYTES_PER_SECOND = 2_500_000
"""Of the connection that a time is said for: 20 Mbit/s."""

_WORK_MIN = 6
"""About how long reading, computing and building take after the downloads, on two cores: as in the how-to page."""

_PACKAGES = ("geopandas", "shapely", "pyogrio", "numpy", "pandas", "numba", "osmium", "pyarrow", "h3", "streamlit")


@dataclass(frozen=True)
class Preparation:
    """What is asked for.

    Attributes
    ----------
    output
        The GeoPackage to build; None for :data:`DELIVERY` in the workspace.
    folder
        Holds the publishers' files under their own names, where there is no network; None to download them.
    refresh
        Whether what has grown old is brought anew.
    """

    output: Path | None = None
    folder: Path | None = None
    refresh: bool = False


@dataclass(frozen=True)
class Need:
    """A group of files, and how the workspace stands with it.

    Attributes
    ----------
    group
        One of :data:`psttm_geo.schema.code_lists.DOWNLOAD_GROUPS`.
    downloads
        Its files.
    state
        Whether it is there.
    wanted
        Whether it is to be brought.
    """

    group: str
    downloads: tuple[Download, ...]
    state: State
    wanted: bool

    @property
    def said(self) -> Text:
        """The state in words."""
        return _STATES[self.state]

    @property
    def size_bytes(self) -> int:
        """About how much it is; files of unknown size count nothing."""
        return sum(one.size_bytes or 0 for one in self.downloads)


@dataclass(frozen=True)
class Step:
    """What came of one step.

    Attributes
    ----------
    name
        A group, ``access`` or ``build``.
    outcome
        Whether it was done, needed nothing, could not be tried for want of another one, or failed.
    said
        What was found, repaired, left out, or why it failed.
    seconds
        How long it took.
    peak_mb
        Of memory of this process until then, megabytes; None where the system does not say.
    """

    name: str
    outcome: Outcome
    said: tuple[Text, ...]
    seconds: float
    peak_mb: float | None


@dataclass(frozen=True)
class Prepared:
    """What came of a preparation.

    Attributes
    ----------
    steps
        In the order in which they were taken.
    delivery, report
        The GeoPackage, and the account of everything beside it; the first is None where it could not be built.
    layers
        Rows by Italian layer name.
    synthetic
        Whether something in it is made up.
    """

    steps: tuple[Step, ...]
    delivery: Path | None
    report: Path
    layers: Mapping[str, int] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing failed and nothing had to be left out."""
        return all(step.outcome in ("done", "held") for step in self.steps)


def list_needs(project: Project, request: Preparation) -> list[Need]:
    """List what there is to bring, without the network.

    Raises
    ------
    WorkspaceError
        The workspace is damaged.
    """
    return [_need(project, group, request) for group in _GROUPS]


def list_old(project: Project) -> dict[Kind, int]:
    """Return the inputs that have grown old, and after how many days inputs of their kind do.

    Only inputs that become old by themselves: a census does not.
    """
    entries = project.workspace.inputs.entries
    limits = {kind: limit for group, kind in _GROUPS.items() if (limit := _old_after_days(project, group)) is not None}
    return {
        kind: limit for kind, limit in limits.items() if kind in entries and _age_days(entries[kind].added_on) > limit
    }


def say_needs(needs: Sequence[Need], *, local: bool) -> Text:
    """Say before anything is done what is brought, how much it is and how long it will take, roughly.

    Parameters
    ----------
    needs
        As :func:`list_needs` returns them.
    local
        Whether the files are here already.
    """
    wanted = [need for need in needs if need.wanted]
    work = _WORK_MIN
    if not wanted:
        return gettext("Nothing is missing: what rests on it is computed where it is old, and built.")
    names = COMMA.join(need.downloads[0].title for need in wanted)
    if local:
        return gettext("To be taken in: {names}; then about {work} minutes of computing.", names=names, work=work)
    size = sum(need.size_bytes for need in wanted)
    minutes = max(1, round(size / _BYTES_PER_SECOND / 60))
    return gettext(
        "To be downloaded: {names}; about {size}, {minutes} minutes at 20 Mbit/s; then about {work} minutes of "
        "computing.",
        names=names,
        size=say_size(size),
        minutes=minutes,
        work=work,
    )


def prepare(
    project: Project, request: Preparation, *, progress: bool = False, tell: Callable[[Text], None] = lambda _: None
) -> Prepared:
    """Bring what a workspace lacks, compute accessibility where it is missing or old, build, and write a report.

    Every step that can be taken is taken: one that fails is reported, and what does not rest on it goes on. Whoever
    repeats the call goes on where it was interrupted; a download is continued, an input that is there is not brought
    again.

    Parameters
    ----------
    project
        Opened.
    request
        What is asked for.
    progress
        Whether to draw bars on standard error.
    tell
        Told how it goes on.

    Returns
    -------
    Prepared
        The steps, the delivery and the report.

    Raises
    ------
    WorkspaceError
        The workspace is damaged.
    OutputError
        The report cannot be written.
    """
    needs = list_needs(project, request)
    tell(say_needs(needs, local=request.folder is not None))
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    steps: list[Step] = []
    brought: dict[str, Sequence[Path] | None] = {}
    for need in needs:
        bring = partial(_bring, project, need, request, progress=progress, tell=tell)
        step, brought[need.group] = _take(need.group, bring, tell)
        steps.append(step)
    step, _ = _take(_COMPUTED, lambda: _compute(project, brought["osm"], progress=progress), tell)
    steps.append(step)
    output = request.output or project.workspace.folder / DELIVERY
    step, built = _take(_BUILT, lambda: _build(project, output), tell)
    steps.append(step)
    report = output.with_name(f"{output.stem}{REPORT_SUFFIX}")
    layers = {} if built is None else built.counts
    write_text(report, json.dumps(_report(project, steps, output, layers, begun), indent=2, ensure_ascii=False) + "\n")
    return Prepared(
        tuple(steps), None if built is None else output, report, layers, built is not None and built.territory.synthetic
    )


_Done = tuple[Outcome, Sequence[Text], Any]
"""What a step came to, what it said, and what later ones need of it."""


def _take(name: str, work: Callable[[], _Done], tell: Callable[[Text], None]) -> tuple[Step, Any]:
    """Take a step; what fails is told and leaves the others their turn."""
    begun = time.monotonic()
    try:
        outcome, said, given = work()
    except PsttmError as error:
        outcome, said, given = "failed", (error.text,), None
    for text in said:
        tell(same("{name}: {text}").fill(name=name, text=text))
    return Step(name, outcome, tuple(said), time.monotonic() - begun, _peak_mb()), given


def _need(project: Project, group: str, request: Preparation) -> Need:
    downloads = catalogue.choose_downloads(project.tables["downloads.csv"], project.settings.model_dump(), group, None)
    state = _state(project, group)
    return Need(group, tuple(downloads), state, state == "missing" or (state == "old" and request.refresh))


def _state(project: Project, group: str) -> State:
    kind = _GROUPS[group]
    entry = project.workspace.inputs.entries.get(kind)
    if entry is None or entry.state != "ok":
        return "missing"
    if _read_record(project).get(kind) != entry.sha256:
        return "own"
    limit = _old_after_days(project, group)
    return "old" if limit is not None and _age_days(entry.added_on) > limit else "held"


def _old_after_days(project: Project, group: str) -> int | None:
    table = project.tables["downloads.csv"]
    limits = [int(limit) for limit in table.loc[table["what"] == group, "old_after_days"] if limit]
    return min(limits, default=None)


def _age_days(day: str) -> int:
    return (datetime.now(UTC).date() - date.fromisoformat(day)).days


def _bring(
    project: Project, need: Need, request: Preparation, *, progress: bool, tell: Callable[[Text], None]
) -> _Done:
    """Bring a group of files and take it in."""
    if not need.wanted:
        said = [] if need.state == "held" else [_STANDS[need.state]]
        return "held", said, None
    paths = bring_group(project, need.group, request.folder, anew=need.state == "old", progress=progress, tell=tell)
    said = list(_TAKE_IN[need.group](project, paths, progress))
    kind = _GROUPS[need.group]
    record = _read_record(project) | {kind: project.workspace.inputs.entries[kind].sha256}
    write_text(project.workspace.folder / _RECORD, json.dumps(record, indent=2) + "\n")
    if need.group != "osm" and request.folder is None:
        forget_downloads(project, paths)
    return "done", said, paths


_STATES: Mapping[State, Text] = {
    "held": gettext("there"),
    "missing": gettext("missing"),
    "old": gettext("there, grown old"),
    "own": gettext("there, registered by hand"),
}

_STANDS: Mapping[State, Text] = {
    "old": gettext("has grown old; --refresh brings it anew."),
    "own": gettext("somebody has registered it by hand: it stays as it is, also with --refresh."),
}


def _take_extract(project: Project, paths: Sequence[Path], progress: bool) -> Sequence[Text]:  # noqa: FBT001 - as all of them
    """Read an extract and put it in force; one that does not cover the territory is refused."""
    extract = read_extract(project, paths[0], progress=progress)
    if not save_extract(project, extract):
        raise NetworkFileError(
            gettext(
                "{file} covers a part of the territory only; give an extract of north-west Italy or of all Lombardy.",
                file=paths[0].name,
            )
        )
    return ()


_TAKE_IN: Mapping[str, Callable[[Project, Sequence[Path], bool], Sequence[Text]]] = {
    "residents": lambda project, paths, _: add_input(project, "residents", paths[0]),
    "census": lambda project, paths, _: add_census(project, paths),
    "registers": lambda project, paths, _: add_registers(project, paths),
    "pnrr": lambda project, paths, _: add_projects(project, paths, None),
    "osm": _take_extract,
}


def _compute(project: Project, brought: Sequence[Path] | None, *, progress: bool) -> _Done:
    """Compute accessibility, unless what the workspace holds rests on what it holds now."""
    held = project.workspace.inputs.get("osm")
    if held is None:
        return "left_out", [gettext("there is no extract of OpenStreetMap, so there are no streets to walk on.")], None
    sha256 = Mapped.load(held.path).report.sha256
    if _is_current(project, sha256):
        return "held", [], None
    extract = brought[0] if brought else _find_extract(project, sha256)
    request = AccessRequest(osm=extract)
    computed = compute_access(project, request, progress=progress)
    save_access(project, request, computed)
    return "done", [*computed.notices, *computed.summary], None


def _is_current(project: Project, sha256: str) -> bool:
    """Whether the results of the workspace rest on this extract and on the inputs that are there."""
    entries = project.workspace.inputs.entries
    if "access" not in entries or entries["access"].state != "ok":
        return False
    try:
        results = Results.load(entries["access"].path)
    except NetworkFileError:  # damaged, or of an older version
        return False
    in_force = {str(kind): entry.sha256 for kind, entry in entries.items() if kind in RESTS_ON}
    used = {source.sha256 for sources in results.sources.values() for source in sources}
    return in_force == dict(results.inputs) and sha256 in used


def _find_extract(project: Project, sha256: str) -> Path:
    """Return the file of the extract in force."""
    workspace = project.workspace
    known = {sum_: path for path, sum_ in workspace.remembered_files.items()}
    if sha256 not in known:
        raise InputMissingError(
            gettext(
                "the extract of OpenStreetMap that the workspace was made from is no longer where it was; remove it "
                "(psttm-geo inputs remove osm) and repeat, or run psttm-geo access --osm FILE."
            )
        )
    return known[sha256]


def _build(project: Project, output: Path) -> _Done:
    built = build(output, project)
    return "done", built.territory.notices, built


def _read_record(project: Project) -> dict[str, str]:
    """Return the sums of what was taken in here; none where the record is gone or damaged."""
    with contextlib.suppress(OSError, ValueError):
        told = json.loads((project.workspace.folder / _RECORD).read_text("utf-8"))
        if isinstance(told, dict):
            return {str(kind): str(sha256) for kind, sha256 in told.items()}
    return {}


def _peak_mb() -> float | None:
    if sys.platform == "win32":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _report(
    project: Project, steps: Sequence[Step], output: Path, layers: Mapping[str, int], begun: str
) -> dict[str, Any]:
    """Return what somebody who was not there needs to know of a preparation; files by their names alone."""
    language = project.settings.language
    entries = project.workspace.inputs.entries
    return {
        "psttm_geo": version("psttm-geo"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {name: version(name) for name in _PACKAGES},
        "begun": begun,
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "steps": [
            {
                "step": step.name,
                "outcome": step.outcome,
                "seconds": round(step.seconds, 1),
                "peak_mb_so_far": None if step.peak_mb is None else round(step.peak_mb),
                "said": [text.say(language) for text in step.said],
            }
            for step in steps
        ],
        "inputs": [
            {
                "kind": kind,
                "file": entry.path.name,
                "sha256": entry.sha256,
                "added_at": entry.added_at,
                "state": entry.state,
                "bytes": entry.path.stat().st_size if entry.path.is_file() else None,
            }
            for kind, entry in entries.items()
        ],
        "delivery": {"file": output.name, "sha256": sha256_of(output), "layers": dict(layers)} if layers else None,
    }
