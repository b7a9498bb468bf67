"""The workspace: a folder of registered inputs with their hashes, caches and results."""

import functools
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from psttm_geo.errors import Text, WorkspaceError
from psttm_geo.files import output_error, replacing, sha256_of, write_text

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
]

COMPUTED: tuple[Kind, ...] = ("access", "isochrones")
"""Results of computations, which builds deliver."""

_MANIFEST = "workspace.json"

_VERSION = 1

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
    "projects": "psttm-geo projects add",
    "attribution": "psttm-geo projects add --attribution",
}
"""How each kind is registered."""

_RESTS_ON_IT: dict[Kind, tuple[Kind, ...]] = {"projects": ("attribution",)}
"""What means nothing without a kind."""

_ENTRY = ("file", "sha256", "added_at")


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


@dataclass(frozen=True)
class Workspace:
    """A workspace folder; nothing is created before something is registered.

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
        """Return where the copy of a registered input of a kind stands."""
        return self.folder / "inputs" / kind

    @property
    def inputs(self) -> dict[Kind, Input]:
        """The registered inputs by kind; empty for a folder that does not exist yet.

        Raises
        ------
        WorkspaceError
            The manifest cannot be read, or a registered file is missing or has changed.
        """
        manifest = self.folder / _MANIFEST
        if not manifest.is_file():
            return {}
        try:
            content = json.loads(manifest.read_text("utf-8"))
            registered: dict[Kind, Input] = {
                kind: Input(kind, self.folder / entry["file"], entry["sha256"], entry["added_at"])
                for kind, entry in content["inputs"].items()
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WorkspaceError(
                Text(
                    it=f"{manifest} è danneggiato; cancellarlo e registrare di nuovo i file.",
                    en=f"{manifest} is damaged; delete it and register the files again.",
                )
            ) from error
        for entry in registered.values():
            if not entry.path.is_file() or _sum_now(entry.path) != entry.sha256:
                raise WorkspaceError(
                    Text(
                        it=f"{entry.path} manca o è cambiato dopo la registrazione; registrarlo di nuovo "
                        f"({_ADD[entry.kind]} FILE) o toglierlo (psttm-geo inputs remove {entry.kind}).",
                        en=f"{entry.path} is missing or changed after it was registered; register it again "
                        f"({_ADD[entry.kind]} FILE) or remove it (psttm-geo inputs remove {entry.kind}).",
                    )
                )
        return registered

    def add(self, kind: Kind, file: Path) -> Input:
        """Copy a file into the workspace and register it, in place of another of the same kind.

        A file that is registered already, byte for byte, keeps the moment when it was: what rests on it is no newer.

        Raises
        ------
        OutputError
            The workspace cannot be written.
        """
        copy = self.input_folder(kind) / file.name
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(copy, error) from error
        if file.resolve() == copy.resolve():
            sha256 = sha256_of(copy)
        else:
            with replacing(copy) as beside:
                shutil.copyfile(file, beside)
                sha256 = sha256_of(beside)  # not after: the manifest is behind for a moment only
        entries = self._entries()
        held = entries.get(kind, {})
        again = (held.get("file"), held.get("sha256")) == (copy.relative_to(self.folder).as_posix(), sha256)
        added_at = held["added_at"] if again else datetime.now(UTC).isoformat(timespec="seconds")
        added = Input(kind, copy, sha256, added_at)
        self._write({**entries, kind: _entry(added, self.folder)})
        for other in copy.parent.iterdir():
            if other != copy:
                other.unlink()
        return added

    def remove(self, kind: Kind) -> tuple[Kind, ...]:
        """Forget the input of a kind, and those that mean nothing without it, and delete their copies.

        Returns
        -------
        tuple of Kind
            What was removed; empty when there was nothing.
        """
        entries = self._entries()
        removed = tuple(name for name in (kind, *_RESTS_ON_IT.get(kind, ())) if name in entries)
        if not removed:
            return ()
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

    def _entries(self) -> dict[str, dict[str, str]]:
        manifest = self.folder / _MANIFEST
        if not manifest.is_file():
            return {}
        try:
            entries = json.loads(manifest.read_text("utf-8"))["inputs"]
            return {kind: {name: str(entry[name]) for name in _ENTRY} for kind, entry in entries.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}  # damaged: what is registered now starts it anew

    def _write(self, entries: dict[str, dict[str, str]]) -> None:
        content = {"version": _VERSION, "inputs": entries}
        write_text(self.folder / _MANIFEST, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


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
    return {
        "file": entry.path.relative_to(folder).as_posix(),
        "sha256": entry.sha256,
        "added_at": entry.added_at,
    }
