"""Writing through libosmium, whose writers must be taken down with care."""

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any

import osmium
from osmium.io import File, Reader, ThreadPool


def write(source: Reader, target: File, *handlers: Any, pool: ThreadPool) -> None:  # noqa: ANN401 - libosmium's handlers share no type
    """Let libosmium carry all objects from `source` to `target`, through handlers and filters."""
    with writing(osmium.SimpleWriter(target, overwrite=True, thread_pool=pool)) as writer:
        osmium.apply(source, *handlers, writer)


@contextlib.contextmanager
def writing(writer: osmium.SimpleWriter) -> Iterator[osmium.SimpleWriter]:
    """Close a writer in the end, whether it has failed or not."""
    try:
        try:
            yield writer
        finally:
            writer.close()
    except Exception:
        # The destructor of a writer that failed throws in C++ and would end the process: let it live for ever.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
        raise
