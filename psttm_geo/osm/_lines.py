"""Objects of OpenStreetMap as libosmium writes them, one line each (OPL), read as columns by Arrow."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

_ARROW_TYPES = {
    "n": {"id": pa.int64(), "tags": pa.string(), "x": pa.string(), "y": pa.string()},
    "w": {"id": pa.int64(), "tags": pa.string(), "nodes": pa.string()},
    "r": {"id": pa.int64(), "tags": pa.string(), "members": pa.string()},
}


def read_lines(kind: str, text: bytes) -> pa.Table:
    """Read lines of one kind of object (``n``, ``w``, ``r``) as columns.

    Each column but ``id`` still begins with its letter: ``T`` tags, ``x``, ``y``, ``N`` nodes, ``M`` members.
    """
    types = _ARROW_TYPES[kind]
    if not text:
        return pa.table({name: pa.array([], of) for name, of in types.items()})
    return csv.read_csv(
        pa.py_buffer(text[1:].replace(b"\n" + kind.encode(), b"\n")),
        read_options=csv.ReadOptions(column_names=list(types), block_size=len(text) + 1),
        parse_options=csv.ParseOptions(delimiter=" ", quote_char=False, escape_char=False),
        convert_options=csv.ConvertOptions(column_types=types, strings_can_be_null=False),
    ).combine_chunks()


def read_numbers(text: bytes) -> npt.NDArray[np.int64]:
    """Read whole numbers, one on each line."""
    if not text:
        return np.zeros(0, np.int64)
    table = csv.read_csv(
        pa.py_buffer(text),
        read_options=csv.ReadOptions(column_names=["number"], block_size=len(text) + 1),
        convert_options=csv.ConvertOptions(column_types={"number": pa.int64()}),
    )
    numbers: npt.NDArray[np.int64] = table["number"].to_numpy()
    return numbers


def text_of(strings: pa.StringArray) -> bytes:
    """Return the texts of a column one after the other."""
    if not len(strings):
        return b""
    offsets = np.frombuffer(strings.buffers()[1], np.int32)[strings.offset : strings.offset + len(strings) + 1]
    return bytes(memoryview(strings.buffers()[2])[offsets[0] : offsets[-1]])
