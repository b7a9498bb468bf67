"""Files and folders that are not to stay: they go with the process that made them, or with the next one.

All have one name (:data:`NAME`), in the system's folder of temporary files as beside what is written. Beside each
stands a lock that its process holds as long as it lives: the system lets go of it however the process ends, and no
number of a process has to be compared. Whoever makes the next one in the same folder removes what nobody holds.
"""

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = ".psttm-geo-"
"""How the name of everything begins that is not to stay."""

_LOCK = ".lock"
"""How the file ends that a process holds as long as it lives."""

_COMPANIONS = ("", "-wal", "-shm", "-journal")
"""Under a name that is held: the file, and what SQLite keeps beside it while it is open."""


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """Give an empty folder that is removed in the end, however this process ends: at the latest by the next one.

    Parameters
    ----------
    parent
        Where to make it; the system's folder of temporary files where there is a reason for no other.

    Raises
    ------
    OSError
        It cannot be made.
    """
    with reserved_name(parent or Path(tempfile.gettempdir())) as folder:
        folder.mkdir(mode=0o700)
        yield folder


@contextlib.contextmanager
def reserved_name(parent: Path, suffix: str = "") -> Iterator[Path]:
    """Give a name in a folder under which nothing stands; what does in the end is removed, as by a scratch folder.

    Parameters
    ----------
    parent
        The folder. What killed processes have left in it goes.
    suffix
        How the name shall end, for writers that go by it.

    Raises
    ------
    OSError
        The folder is missing or cannot be written to.
    """
    sweep(parent)
    lock = _hold_new(parent, suffix)
    try:
        yield _held_by(lock)
    finally:
        _let_go(lock)


def sweep(folder: Path | None = None) -> None:
    """Remove what killed processes have left in a folder; what a living one holds stays.

    Parameters
    ----------
    folder
        The system's folder of temporary files where no other is named.
    """
    with contextlib.suppress(OSError):  # no such folder, or it may not be listed
        for lock in (folder or Path(tempfile.gettempdir())).glob(f"{NAME}*{_LOCK}"):
            _sweep_one(lock)


def _sweep_one(lock: Path) -> None:
    try:
        descriptor = os.open(lock, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:  # gone by now, somebody else's, or no lock
        return
    try:
        _hold(descriptor)
    except OSError:  # held by somebody who lives
        os.close(descriptor)
    else:
        _clear(descriptor, lock)


_descriptors: dict[Path, int] = {}
"""Of the locks that this process holds."""


def _let_go(lock: Path) -> None:
    descriptor = _descriptors.pop(lock, None)
    if descriptor is not None:
        _clear(descriptor, lock)


@atexit.register
def _let_go_of_all() -> None:
    """Let go of what threads hold that end with the process, wherever they are."""
    for lock in [*_descriptors]:
        _let_go(lock)


def _clear(descriptor: int, lock: Path) -> None:
    """Remove what stands under a held name, and the lock last: whoever is killed meanwhile leaves it to the next.

    So does who cannot remove all of it, because another program has it open. The lock goes while it is held: one that
    was made but not held yet would else be taken from its process. Windows removes no open file and needs no such care.
    """
    gone = False
    try:
        with contextlib.suppress(OSError):
            gone = _remove(_held_by(lock))
            if gone and os.name != "nt":
                lock.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
    if gone:
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)


def _remove(held: Path) -> bool:
    """Remove a folder, or a file with its companions, and return whether nothing is left.

    A folder first takes another name: a thread that still writes there, at the end of a process, puts nothing into it
    but what was on its way already, which the second turn removes.
    """
    doomed = held.with_name(f"{held.name}-gone")
    if held.is_dir():
        with contextlib.suppress(OSError):
            held.rename(doomed)
    for folder in (held, doomed, doomed):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
    if held.is_dir() or doomed.is_dir():
        return False
    for companion in _COMPANIONS:
        held.with_name(held.name + companion).unlink(missing_ok=True)
    return True


def _held_by(lock: Path) -> Path:
    return lock.with_name(lock.name.removesuffix(_LOCK))


def _hold_new(folder: Path, suffix: str) -> Path:
    """Make a lock that this process holds until it ends, however it ends."""
    descriptor, name = tempfile.mkstemp(prefix=NAME, suffix=suffix + _LOCK, dir=folder)
    lock = Path(name)
    if _is_held(descriptor) and lock.exists():
        _descriptors[lock] = descriptor
        return lock
    os.close(descriptor)
    return _hold_new(folder, suffix)  # somebody swept it before it was held


def _is_held(descriptor: int) -> bool:
    try:
        _hold(descriptor)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: nothing is ever swept there
        return True
    return True


def _hold(descriptor: int) -> None:
    """Hold an open file until it is closed or this process ends; raise OSError where somebody else holds it."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
