"""Kernels compiled ahead: once after an installation, by a process beside the one that will need them.

numba compiles a kernel when it is first called, seconds for those of an isochrone, and keeps it on disk. Whoever is
going to need them starts a process that calls them all on a street of two nodes, and goes on reading its input.
"""

import atexit
import gc
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_path

from psttm_geo.core.messages import Text, gettext

_KERNELS = Path(__file__).with_name("_kernels")

_NICE = 10
"""Lower than the priority of whoever waits for other work."""

_children: list[subprocess.Popen[bytes]] = []
"""The process that compiles, or has compiled, for this one; empty where there is none."""


def compile_beside() -> Text | None:
    """Start to compile the kernels in another process, if they are not; return what the user should know.

    :func:`await_kernels` waits for it. It ends with this process.
    """
    if any(mark.exists() for mark in _marks()):
        return None
    if _writable_mark() is None:
        return gettext(
            "No folder can keep the compiled code of travel times: every process compiles it again, about ten seconds; "
            "name a folder that can be written in NUMBA_CACHE_DIR."
        )
    if not _children:
        command = [sys.executable, "-P", "-m", __name__]
        _children.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # noqa: S603 - this very module
        atexit.register(_end)
    return gettext("Compiling the code of travel times, once after an installation: about ten seconds.")


def await_kernels() -> None:
    """Wait until the process that was started here has compiled the kernels: nobody compiles them twice."""
    for child in _children:
        child.wait()


def _end() -> None:
    for child in _children:
        child.terminate()
        child.wait()


def compile_kernels() -> None:
    """Compile all kernels, or find them compiled, and leave a mark that says so."""
    mark = _writable_mark()
    if mark is None:
        return
    with FileLock(_lock_beside(mark)):
        if not mark.exists():
            from psttm_geo.access.rehearsal import call_all_kernels  # noqa: PLC0415 - numba takes its time

            _forget(mark.parent)
            call_all_kernels()
            mark.touch()


def _forget(folder: Path) -> None:
    """Delete what numba keeps of kernels: it renews a kernel with its own file, not with those of kernels it calls."""
    for pattern in ("*.nb[ci]", f"{_KERNELS.name}_*/*.nb[ci]"):
        for kept in folder.glob(pattern):
            kept.unlink()


def _marks() -> Iterator[Path]:
    """Give the marks that say that everything is compiled: beside what numba keeps, from where it looks first on.

    Their name holds what compiled code depends on.
    """
    sources = b"".join(path.read_bytes() for path in sorted(_KERNELS.glob("*.py")))
    depends_on = f"{_KERNELS} {version('numba')} {version('numpy')} {sys.version} {platform.machine()}".encode()
    name = f"compiled-{hashlib.sha256(sources + depends_on).hexdigest()[:16]}"
    named = os.environ.get("NUMBA_CACHE_DIR")
    folders = ([Path(named)] if named else []) + [_KERNELS / "__pycache__", user_cache_path("numba", appauthor=False)]
    return (folder / name for folder in folders)


def _writable_mark() -> Path | None:
    for mark in _marks():
        try:
            mark.parent.mkdir(parents=True, exist_ok=True)
            _lock_beside(mark).touch()
        except OSError:
            continue
        return mark
    return None


def _lock_beside(mark: Path) -> Path:
    return mark.with_name("compiling.lock")


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(_NICE)
    gc.disable()  # a compiler makes many small objects, all of which it keeps: a fifth of its time
    compile_kernels()
