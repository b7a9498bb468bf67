"""Files on disk: written whole or not at all, and recognised by their content."""

import contextlib
import errno
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml.etree import SerialisationError
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from psttm_geo.core.errors import OutputError, PsttmError
from psttm_geo.core.messages import NOTHING, Text, gettext
from psttm_geo.core.scratch import reserved_name, scratch_folder


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path beside `path` to write to; on success it takes the place of `path` at once.

    The new file is synced to disk before it is renamed, so that a reader, a kill or a power cut meets either
    the old file or the new one. On any error the file beside is removed and `path` is as it was. What a writer that was
    killed has left beside goes with the next writer in its folder.

    Parameters
    ----------
    path
        The file to create or replace. Its folder must exist.

    Raises
    ------
    OutputError
        The folder is missing or read-only, the disk is full, or another program holds `path` open.
    """
    path = path.absolute()
    try:
        _require_free(path)
        with reserved_name(path.parent, path.suffix) as beside:
            yield beside
            _sync(beside)
            _require_free(path)
            beside.replace(path)
            _sync(path.parent)
    except PsttmError:  # some are errors of the system too, and say already what is wrong
        raise
    except OSError as error:
        raise output_error(path, error) from error


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 through :func:`replacing`, with Unix line ends on every system."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def make_folder(path: Path) -> None:
    """Create a folder to write to, unless it is there; its parent must be.

    Raises
    ------
    OutputError
        It cannot be created.
    """
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise output_error(path, error) from error


DATA_ERRORS = (DataSourceError, DataLayerError, FeatureError, sqlite3.Error, SerialisationError)
"""What writing through GDAL, SQLite or libxml2 (spreadsheets) raises when it does not go through."""


def output_error(path: Path, error: Exception) -> OutputError:
    """Turn what the system or a library said about writing `path` into a sentence for the user."""
    reason = _REASONS.get(_system_code(error)) or _sqlite_reason(error) or _other_reason(path, error)
    return OutputError(
        gettext("Cannot write {path}: {reason}. Whatever was there before is untouched.", path=path, reason=reason)
    )


def _system_code(error: Exception) -> int | None:
    """Return the system's number of an error; libxml2 writes its name ("IO_ENOSPC")."""
    if isinstance(error, SerialisationError):
        return getattr(errno, str(error).removeprefix("IO_"), None)
    return getattr(error, "errno", None)


def _sqlite_reason(error: Exception) -> Text | None:
    """Return what SQLite means: by its code, or by its words, which GDAL passes on without the code."""
    if not isinstance(error, DATA_ERRORS):
        return None
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & _PRIMARY if isinstance(code, int) else None
    said = str(error)
    return next((text for own, words, text in _SQLITE if primary == own or words in said), None)


def _other_reason(path: Path, error: Exception) -> Text:
    """Quote what was said; libraries do not always say why, but a full disk can be seen."""
    if isinstance(error, DATA_ERRORS) and _is_full(path):
        return _FULL
    said = " ".join(str(error).rpartition(") failed: ")[2].split())[:_QUOTED]
    return gettext(
        "writing failed with “{said}”; check the free space and the permissions, or choose another folder", said=said
    )


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.absolute().parent).free < _LITTLE
    except OSError:
        return False


_QUOTED = 200
"""Characters of a message that are quoted: GDAL's may hold whole statements."""

_LITTLE = 64 * 2**20
"""Bytes that are less than a delivery may need: a transaction that found no room has given back what it had taken."""

_FULL = gettext("the disk is full or takes no more data; free some space or choose another folder")
_DENIED = gettext("the folder is read-only or the file is locked; choose another folder or close the program using it")
_BUSY = gettext("another program keeps it locked; close it and try again, or choose another name")
_FAILING = gettext(
    "the disk reports an error of reading or writing; check the space, the disk and, for a "
    "folder on the network, the connection, or choose another folder"
)
_SHUT = gettext(
    "the file can be neither opened nor created; check that the folder exists and may be written "
    "to, or choose another one"
)
_REASONS: dict[int | None, Text] = {
    errno.ENOENT: gettext("the folder does not exist; create it or choose another one"),
    errno.ENOTDIR: gettext("a part of the path is not a folder; choose another path"),
    errno.EISDIR: gettext("it is a folder, not a file; give the name of the file too"),
    errno.ENOSPC: _FULL,
    errno.EFBIG: _FULL,
    errno.EDQUOT: _FULL,
    errno.EIO: _FAILING,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.ETXTBSY: _DENIED,
}
_PRIMARY = 0xFF
"""Of a code of SQLite; the bits above say more of the same."""

_SQLITE = (
    (sqlite3.SQLITE_FULL, "database or disk is full", _FULL),
    (sqlite3.SQLITE_READONLY, "attempt to write a readonly database", _DENIED),
    (sqlite3.SQLITE_CANTOPEN, "unable to open database file", _SHUT),
    (sqlite3.SQLITE_BUSY, "database is locked", _BUSY),
    (sqlite3.SQLITE_LOCKED, "database table is locked", _BUSY),
    (sqlite3.SQLITE_IOERR, "disk I/O error", _FAILING),
)
"""Codes, the words of SQLite's own table of messages, and what they mean here."""


def _companion(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _require_free(path: Path) -> None:
    """Refuse to replace a folder, or an SQLite file that another program has open.

    SQLite keeps a write-ahead log beside an open file; replacing the file under the log would mix the two.
    """
    if path.is_dir():
        raise output_error(path, IsADirectoryError(errno.EISDIR, "is a directory"))
    logs = [_companion(path, suffix) for suffix in _LOGS if _companion(path, suffix).exists()]
    in_use = path.is_file() and _is_sqlite(path) and not is_logged(path) and _is_locked(path)
    if logs or in_use:
        left = _say_left(logs)
        raise OutputError(
            gettext(
                "{path} is open in another program (QGIS?). Close it and try again, or choose another "
                "name.{left} The file is untouched.",
                path=path,
                left=left,
            )
        )


_LOGS = ("-wal", "-journal")
"""What SQLite keeps beside a file that is open; it stays there when a program ends without closing the file."""


def _say_left(logs: Sequence[Path]) -> Text:
    """Say how to get out where no program has the file open any more; nothing where nothing lies beside it."""
    if not logs:
        return NOTHING
    listed = ", ".join(log.name for log in logs)
    return gettext(
        " If no program uses it, {listed} was left by one that broke off: open the file in QGIS and "
        "close it; then, if it is still there, delete it.",
        listed=listed,
    )


def is_logged(path: Path) -> bool:
    """Return whether an SQLite file keeps a write-ahead log: even those who only read it write beside it."""
    with path.open("rb") as file:
        return file.read(_FORMAT.stop)[_FORMAT] == _WITH_LOG


_FORMAT = slice(18, 20)
"""Where an SQLite file says how it is written and read."""

_WITH_LOG = b"\x02\x02"


@contextlib.contextmanager
def readable(path: Path) -> Iterator[Path]:
    """Give an SQLite file to read that leaves nothing beside `path`: the file, or a copy of one that keeps a log.

    The copy holds what stands in the log. The folder of `path` may be read-only.
    """
    if not (path.is_file() and _is_sqlite(path) and is_logged(path)):
        yield path
        return
    with scratch_folder() as folder:
        copy = folder / path.name
        shutil.copyfile(path, copy)
        log = _companion(path, "-wal")
        if log.is_file():
            shutil.copyfile(log, _companion(copy, "-wal"))
        yield copy


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\x00"


def _is_locked(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = NORMAL")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            return "locked" in str(error) or "busy" in str(error)
        except sqlite3.DatabaseError:
            return False  # damaged: nobody can be using it
    return False


def _sync(path: Path) -> None:
    """Flush a file or a folder to disk; Windows cannot open folders, and renames durably without it."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
