"""What took long to compute, kept as files that processes map into memory and share.

A kept model is a folder: an array a file (npy), a table a file (Arrow), and last of all a manifest with the sizes and
sums of the others. It is written beside and renamed into place, so that whoever is killed leaves nothing that looks
whole; nothing in it is code that is run. It is opened only where every file is what was written: kernels check no
bounds, and a figure of a damaged file could not be told from a right one.
"""

import contextlib
import errno
import json
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyarrow import feather

from psttm_geo.core.errors import NetworkFileError
from psttm_geo.core.files import output_error
from psttm_geo.core.messages import gettext
from psttm_geo.core.reading import OF_ARRAYS, refusing
from psttm_geo.core.scratch import reserved_name

FORMAT = 1
"""Of the folder; raised when its files are written otherwise."""

_MANIFEST = "manifest.json"

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Model:
    """What is kept.

    Attributes
    ----------
    arrays, tables
        By name; tables may have geometries, and lose their row labels.
    told
        Whatever JSON can write.
    """

    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


def keep_model(folder: Path, key: str, model: Model) -> None:
    """Keep a model under a key, in place of what stands there; one that another process has just kept may stay.

    Parameters
    ----------
    folder
        To be made; the one that it lies in must exist.
    key
        Says what the model rests on: another key is another model.
    model
        What is kept.

    Raises
    ------
    OutputError
        It cannot be written: the disk is full or read-only.
    """
    try:
        with reserved_name(folder.parent) as beside:
            beside.mkdir()
            _write(beside, key, model)
            _put(beside, folder, key)
    except OSError as error:
        raise output_error(folder, error) from error


def open_model(folder: Path, key: str) -> Model | None:
    """Open a kept model: arrays as the system maps them, tables when they are first asked for.

    Arrays can be written to, which changes nothing but the process's own copy: compiled functions take those that
    cannot for arrays of another type.

    Returns
    -------
    Model or None
        None where none is kept.

    Raises
    ------
    NetworkFileError
        It is damaged, of another format or of another key.
    """
    try:
        written = (folder / _MANIFEST).read_text("utf-8")
    except FileNotFoundError:
        if not folder.is_dir():
            return None
        raise refused_model(folder) from None
    except (OSError, ValueError) as error:
        raise refused_model(folder) from error
    with refusing(OF_ARRAYS, lambda _: refused_model(folder)):
        content = _checked(folder, written, key)
        arrays = {name: _map(folder / f"{name}.npy", *entry) for name, entry in content["arrays"].items()}
        for name, entry in content["tables"].items():
            _require_sum(folder / f"{name}.arrow", *entry)
    return Model(arrays, _Tables(folder, content["tables"]), content["told"])


def refused_model(folder: Path) -> NetworkFileError:
    """Return the error of a model that must not be used."""
    return NetworkFileError(
        gettext("{folder} is damaged or was kept by another version; it is computed again.", folder=folder)
    )


def forget_models(folder: Path, kind: str, most: int) -> None:
    """Remove the models of a kind, `kind` and a key, that were opened or kept longest ago.

    Parameters
    ----------
    folder
        That they lie in.
    kind
        What their names begin with, before a hyphen.
    most
        How many stay.
    """
    held = []
    for path in folder.glob(f"{kind}-*"):
        with contextlib.suppress(OSError):  # another process removes it
            held.append((path.stat().st_mtime_ns, path))
    for _, path in sorted(held, reverse=True)[most:]:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def mark_used(folder: Path) -> None:
    """Note that a model is used: others go before it. One that cannot be changed is not trimmed either."""
    with contextlib.suppress(OSError):
        os.utime(folder)


def require_within(name: str, positions: npt.NDArray[Any], count: int, *, least: int = 0) -> None:
    """Refuse positions below `least` or not below a count: compiled functions would read what lies beside an array.

    Raises
    ------
    IndexError
        One is; whoever opens a model refuses it then.
    """
    if len(positions) and not (least <= positions.min() and positions.max() < count):
        raise IndexError(name)


def require_offsets(name: str, offsets: npt.NDArray[Any], groups: int, count: int) -> None:
    """Refuse offsets that do not part `count` things into so many groups; errors as :func:`require_within`."""
    fitting = len(offsets) == groups + 1 and offsets[0] == 0 and offsets[-1] == count
    if not (fitting and bool((np.diff(offsets) >= 0).all())):
        raise IndexError(name)


def require_count(name: str, values: npt.NDArray[Any] | Sequence[Any] | pd.DataFrame, count: int) -> None:
    """Refuse arrays that are not as long as they should be; errors as :func:`require_within`."""
    if len(values) != count:
        raise IndexError(name)


class _Tables(Mapping[str, pd.DataFrame]):
    """The tables of a kept model, each read when it is asked for."""

    def __init__(self, folder: Path, entries: Mapping[str, Any]) -> None:
        self._folder = folder
        self._entries = entries

    def __getitem__(self, name: str) -> pd.DataFrame:
        self._entries[name]
        with refusing(OF_ARRAYS, lambda _: refused_model(self._folder)):
            table = feather.read_table(self._folder / f"{name}.arrow", memory_map=True, use_threads=False)
            located = b"geo" in (table.schema.metadata or {})
            read = gpd.GeoDataFrame.from_arrow(table) if located else table.to_pandas(use_threads=False)
            return _as_written(read, table.schema.pandas_metadata["columns"])

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _as_written(read: pd.DataFrame, columns: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table whose texts are Python's objects where they were: Arrow gives texts of pandas for both."""
    for column in columns:
        if (column["pandas_type"], column["numpy_type"]) == ("unicode", "object"):
            texts = read[column["name"]].astype(object)
            read[column["name"]] = texts.where(texts.notna(), None)
    return read


def _write(folder: Path, key: str, model: Model) -> None:
    arrays, tables = {}, {}
    for name, values in model.arrays.items():
        path = folder / f"{name}.npy"
        np.save(path, values, allow_pickle=False)
        arrays[name] = (values.dtype.str, list(values.shape), *_sum(path))
    for name, table in model.tables.items():
        path = folder / f"{name}.arrow"
        table.reset_index(drop=True).to_feather(path, compression="uncompressed")
        tables[name] = _sum(path)
    content = json.dumps(
        {"format": FORMAT, "key": key, "arrays": arrays, "tables": tables, "told": model.told}, ensure_ascii=False
    )
    (folder / _MANIFEST).write_text(f"{_text_sum(content)}\n{content}", "utf-8", newline="\n")


def _put(beside: Path, folder: Path, key: str) -> None:
    """Rename a folder into place; what a quicker process has kept there meanwhile stays."""
    with contextlib.suppress(NetworkFileError):
        if open_model(folder, key) is not None:
            return
    with reserved_name(folder.parent) as old:
        with contextlib.suppress(FileNotFoundError):
            folder.rename(old)
        try:
            beside.rename(folder)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise


def _checked(folder: Path, written: str, key: str) -> dict[str, Any]:
    """Return what a manifest says, if it is one, and of this key."""
    summed, _, content = written.partition("\n")
    if summed != _text_sum(content):
        raise refused_model(folder)
    told: dict[str, Any] = json.loads(content)
    if (told["format"], told["key"]) != (FORMAT, key):
        raise refused_model(folder)
    return told


def _map(path: Path, dtype: str, shape: list[int], size: int, summed: int) -> npt.NDArray[Any]:
    _require_sum(path, size, summed)
    values = np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    if (values.dtype.str, list(values.shape)) != (dtype, shape):
        raise refused_model(path.parent)
    return values


def _require_sum(path: Path, size: int, summed: int) -> None:
    if _sum(path) != (size, summed):
        raise refused_model(path.parent)


def _sum(path: Path) -> tuple[int, int]:
    """Return the size and the sum of a file, read piece by piece: mapped pages would count as the process's own."""
    summed, size = 0, 0
    with path.open("rb") as file:
        for piece in iter(partial(file.read, _CHUNK), b""):
            summed, size = zlib.crc32(piece, summed), size + len(piece)
    return size, summed


def _text_sum(content: str) -> str:
    return f"{zlib.crc32(content.encode()):08x}"
