"""The workspace: a folder of registered inputs with their hashes, caches and results."""

import contextlib
import functools
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from psttm_geo.core.errors import OutputError, WorkspaceError
from psttm_geo.core.files import output_error, replacing, sha256_of, write_text
from psttm_geo.core.messages import Text, gettext

Kind = Literal[
    "boundaries",
    "residents",
    "projects",
    "attribution",
    "stations",
    "registers",
    "census",
    "degurba",
    "osm",
    "access",
    "isochrones",
    "ente",
    "agenda",
    "monitoring",
]

COMPUTED: tuple[Kind, ...] = ("access", "isochrones")
"""Results of computations, which builds deliver."""

_MANIFEST = "workspace.json"

_VERSION = 1

_LOCK = "workspace.lock"
"""What a process holds while it changes the workspace; the file stays."""

_WAIT_S = 60
"""How long one process waits for another that changes the workspace: copying a large input takes seconds."""

_SUM_DIGITS = 16
"""Of a sum in the name of a folder: the same name with other bytes never stands in the same place."""

_ADD: dict[Kind, str] = {
    "boundaries": "psttm-geo inputs add boundaries",
    "residents": "psttm-geo inputs add residents",
    "stations": "psttm-geo inputs add stations",
    "registers": "psttm-geo inputs add registers",
    "census": "psttm-geo inputs add census",
    "degurba": "psttm-geo inputs add degurba",
    "osm": "psttm-geo osm read",
    "access": "psttm-geo access --osm",
    "isochrones": "psttm-geo isochrone --osm",
    "ente": "psttm-geo inputs add ente",
    "agenda": "psttm-geo inputs add agenda",
    "projects": "psttm-geo projects add",
    "attribution": "psttm-geo projects add --attribution",
    "monitoring": "psttm-geo monitoring add",
}
"""How each kind is registered."""

_RESTS_ON_IT: dict[Kind, tuple[Kind, ...]] = {"projects": ("attribution",)}
"""What means nothing without a kind."""

State = Literal["ok", "missing", "changed"]
"""Whether a registered file is still what was registered."""


@dataclass(frozen=True)
class Input:
    """A file registered in the workspace.

    Attributes
    ----------
    kind
        What it serves as; one file of a kind at a time.
    path
        Where the workspace keeps its copy.
    sha256
        Of the copy, when it was registered.
    added_at
        When, ISO 8601, UTC.
    """

    kind: Kind
    path: Path
    sha256: str
    added_at: str

    @property
    def added_on(self) -> str:
        """The day of that, ISO 8601."""
        return self.added_at[: len("AAAA-MM-GG")]

    @property
    def state(self) -> State:
        """Whether the copy is there and has the sum that was registered."""
        try:
            return "ok" if _sum_now(self.path) == self.sha256 else "changed"
        except OSError:
            return "missing"

    @property
    def fault(self) -> Text:
        """What to do when the copy is missing or has changed."""
        kind, path = self.kind, self.path
        return gettext(
            "{path} is missing or changed after it was registered; register it again ({add} FILE) or "
            "remove it (psttm-geo inputs remove {kind}).",
            path=path,
            add=_ADD[kind],
            kind=kind,
        )


class Inputs(Mapping[Kind, Input]):
    """The registered inputs by kind. Taking one checks that one: a damaged input stops only what needs it.

    Attributes
    ----------
    entries
        All of them, unchecked.

    Raises
    ------
    WorkspaceError
        On taking an input whose file is missing or has changed.
    """

    def __init__(self, entries: Mapping[Kind, Input]) -> None:
        self.entries = entries

    def __getitem__(self, kind: Kind) -> Input:
        entry = self.entries[kind]
        if entry.state != "ok":
            raise WorkspaceError(entry.fault)
        return entry

    def __contains__(self, kind: object) -> bool:
        return kind in self.entries

    def __iter__(self) -> Iterator[Kind]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def faults(self, kinds: Sequence[Kind]) -> tuple[Text, ...]:
        """Return what to do about those of some kinds that are damaged."""
        found = (self.entries[kind] for kind in kinds if kind in self.entries)
        return tuple(entry.fault for entry in found if entry.state != "ok")


class _DamagedError(WorkspaceError):
    """The manifest cannot be read."""


@dataclass(frozen=True)
class Workspace:
    """A workspace folder; nothing is created before something is registered.

    Copies of inputs are kept by their content, and the manifest that says which are in force is replaced at once while
    a lock is held: a process that is killed, or meets another one, leaves the old input in force or the new one. The
    copy that was in force before stays until the next change, for who is reading it.

    Attributes
    ----------
    folder
        Where it is.
    """

    folder: Path

    @property
    def cache(self) -> Path:
        """Where derived files may be kept; losing them costs only time."""
        return self.folder / "cache"

    @property
    def downloads(self) -> Path:
        """Where files fetched from publishers are kept that are not registered as an input."""
        return self.folder / "downloads"

    def input_folder(self, kind: Kind) -> Path:
        """Return the folder that holds the copies of registered inputs of a kind."""
        return self.folder / "inputs" / kind

    @property
    def inputs(self) -> Inputs:
        """The registered inputs by kind; empty for a folder that does not exist yet.

        Raises
        ------
        WorkspaceError
            The manifest cannot be read, or the workspace is no folder.
        """
        return Inputs(self._entries())

    def add(self, kind: Kind, file: Path) -> Input:
        """Copy a file into the workspace and register it, in place of another of the same kind.

        A file that is registered already, byte for byte, keeps the moment when it was: what rests on it is no newer.

        Raises
        ------
        OutputError
            The workspace cannot be written.
        """
        with self._changing():
            entries = self._readable_entries()
            try:
                added = self._copy(kind, file, entries.get(kind))
            except OSError as error:
                raise output_error(self.input_folder(kind) / file.name, error) from error
            self._write({**entries, kind: added})
            _sweep(self.input_folder(kind), kept=[entry for entry in (added, entries.get(kind)) if entry is not None])
        return added

    def _copy(self, kind: Kind, file: Path, held: Input | None) -> Input:
        """Keep a copy of a file under its content; the same bytes once more keep the day when they first came."""
        sha256 = sha256_of(file)
        copy = self.input_folder(kind) / sha256[:_SUM_DIGITS] / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if file.resolve() != copy.resolve():
            with replacing(copy) as beside:
                shutil.copyfile(file, beside)
                sha256 = _require_sum(file, beside, sha256)
        added_at = datetime.now(UTC).isoformat(timespec="seconds")
        if held is not None and (held.path.name, held.sha256) == (copy.name, sha256):
            added_at = held.added_at
        return Input(kind, copy, sha256, added_at)

    def remove(self, kind: Kind) -> tuple[Kind, ...]:
        """Forget the input of a kind, and those that mean nothing without it, and delete their copies.

        Returns
        -------
        tuple of Kind
            What was removed; empty when there was nothing.
        """
        if not (self.folder / _MANIFEST).is_file():
            return ()
        with self._changing():
            entries = self._readable_entries()
            removed = tuple(name for name in (kind, *_RESTS_ON_IT.get(kind, ())) if name in entries)
            if removed:
                self._write({name: entry for name, entry in entries.items() if name not in removed})
            for name in removed:
                shutil.rmtree(self.input_folder(name), ignore_errors=True)
        return removed

    def remembered_sha256(self, file: Path) -> str:
        """Return the SHA-256 of a large file, read again only when its size or its time of change is another.

        A file that is changed and given back both its size and its time of change, to the nanosecond, is taken for the
        old one.

        Raises
        ------
        OutputError
            The workspace cannot be written.
        """
        known = self.cache / "sums.json"
        state = file.stat()
        mark = [state.st_size, state.st_mtime_ns]
        sums = _read_sums(known)
        name = str(file.resolve())
        if sums.get(name, [])[:2] != mark:
            sums[name] = [*mark, sha256_of(file)]
            self.make_cache()
            write_text(known, json.dumps(sums, indent=2, ensure_ascii=False) + "\n")
        return str(sums[name][2])

    @property
    def remembered_files(self) -> dict[Path, str]:
        """Large files whose sum was asked for and that are still there, and that sum."""
        sums = _read_sums(self.cache / "sums.json")
        return {Path(name): str(entry[-1]) for name, entry in sums.items() if Path(name).is_file()}

    def make_cache(self) -> Path:
        """Create the folder of derived files where it is missing, and return it.

        Raises
        ------
        OutputError
            The workspace cannot be written.
        """
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self.cache, error) from error
        return self.cache

    def _entries(self) -> dict[Kind, Input]:
        """Read the manifest."""
        self._require_folder()
        manifest = self.folder / _MANIFEST
        if not manifest.is_file():
            return {}
        try:
            content = json.loads(manifest.read_text("utf-8"))
            _require_version(manifest, content)
            return {
                kind: Input(kind, self.folder / entry["file"], str(entry["sha256"]), str(entry["added_at"]))
                for kind, entry in content["inputs"].items()
            }
        except WorkspaceError:  # of a newer version
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _DamagedError(
                gettext("{manifest} is damaged; delete it and register the files again.", manifest=manifest)
            ) from error

    def _readable_entries(self) -> dict[Kind, Input]:
        """Read the manifest to change it: what is registered next starts a damaged one anew."""
        try:
            return self._entries()
        except _DamagedError:
            return {}

    def _write(self, entries: Mapping[Kind, Input]) -> None:
        content = {"version": _VERSION, "inputs": {kind: _entry(entry, self.folder) for kind, entry in entries.items()}}
        write_text(self.folder / _MANIFEST, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Let no other process change the workspace meanwhile."""
        self._require_folder()
        lock = FileLock(self.folder / _LOCK, timeout=_WAIT_S)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise OutputError(
                gettext("another process is changing the workspace {folder}; repeat later.", folder=self.folder)
            ) from error
        except OSError as error:
            raise output_error(self.folder / _MANIFEST, error) from error
        try:
            yield
        finally:
            lock.release()

    def _require_folder(self) -> None:
        if self.folder.exists() and not self.folder.is_dir():
            raise WorkspaceError(
                gettext(
                    "the workspace {folder} is a file; give a folder (--workspace, PSTTM_WORKSPACE).",
                    folder=self.folder,
                )
            )


def _require_version(manifest: Path, content: dict[str, object]) -> None:
    """Refuse a manifest that a newer version has written."""
    version = content.get("version")
    if isinstance(version, int) and version > _VERSION:
        raise WorkspaceError(
            gettext(
                "{manifest} was written by a newer version of psttm-geo (format {version}, expected "
                "{known}); update psttm-geo or give another workspace.",
                manifest=manifest,
                version=version,
                known=_VERSION,
            )
        )


def _require_sum(file: Path, copy: Path, sha256: str) -> str:
    """Return the sum of a copy; refuse a file that was written to while it was copied."""
    if sha256_of(copy) == sha256:
        return sha256
    raise OutputError(
        gettext("{file} changed while it was copied; repeat when whoever writes it has finished.", file=file)
    )


def _sweep(folder: Path, kept: Sequence[Input]) -> None:
    """Remove the copies of a kind that are not kept; one that another program has open goes with the next change."""
    for item in folder.iterdir():
        if any(item in (entry.path, *entry.path.parents) for entry in kept):
            continue
        if item.is_dir():
            shutil.rmtree(item, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                item.unlink()


def _sum_now(path: Path) -> str:
    """Return the SHA-256 of a file, which a process that asks at every click reads again only when it has changed."""
    state = path.stat()
    return _sum_of_state(path, state.st_ino, state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _sum_of_state(path: Path, *_state: int) -> str:
    return sha256_of(path)


def _read_sums(known: Path) -> dict[str, list[int | str]]:
    """Return the sums remembered: size, time of change and sum by path; none when the file is damaged."""
    try:
        sums = json.loads(known.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(sums, dict):
        return {}
    return {str(name): entry for name, entry in sums.items() if isinstance(entry, list) and len(entry) == _SUM_FIELDS}


_SUM_FIELDS = 3


def _entry(entry: Input, folder: Path) -> dict[str, str]:
    return {"file": entry.path.relative_to(folder).as_posix(), "sha256": entry.sha256, "added_at": entry.added_at}
