"""The bytes of an OSM file, decoded by libosmium and handed over in bulk.

No object passes through Python one by one. A PBF file is cut at its own blobs into batches of a few megabytes.
libosmium decodes and filters a batch, puts the coordinates of its nodes into a table of locations and writes the
objects that pass the filter as OPL, one line each, which Arrow reads as columns. Other formats become PBF first.
"""

import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import osmium
import pyarrow as pa
from osmium.io import File, FileBuffer, Reader, ThreadPool
from pyarrow import csv

from psttm_geo.errors import InputMissingError, OsmFileError, OutputError, Text, quote

LOCATION = np.dtype([("id", np.int64), ("x", np.int32), ("y", np.int32)])
"""A node: its identifier, longitude and latitude in :data:`UNITS_PER_DEGREE`; as libosmium lays it out."""

UNITS_PER_DEGREE = 10_000_000

Locations = np.ndarray[Any, np.dtype[np.void]]

DATE_OPTION = "osmosis_replication_timestamp"
"""What a header says of the moment that its data are of."""

_BATCH_BYTES = 4 << 20

_BATCH_BLOBS = 100
"""Writers put at most 8,000 objects into a blob, so that the nodes of a batch fit into :data:`_TABLE_ROWS`."""

_TABLE_ROWS = 1 << 20

_FREE_BYTES = 256 << 20
"""What the scratch folder should have free: the table of locations and the lines of one batch."""

_HEADER_LIMIT = 64 << 10

_BLOB_LIMIT = 32 << 20
"""Largest blob that the format allows, and its header."""

_FORMATS = ((b"\x1f\x8b", "osm.gz"), (b"BZh", "osm.bz2"), (b"<", "osm"), (b"\xef\xbb\xbf<", "osm"))
"""First bytes of the formats that are not PBF."""


class OsmFile:
    """An OSM file ready to be scanned, as often as it takes.

    Attributes
    ----------
    path
        The file as the user named it.
    size
        Bytes that one scan goes through.
    """

    def __init__(self, path: Path, pbf: Path, scratch: Path, advance: Callable[[int], object]) -> None:
        self.path = path
        self.size = pbf.stat().st_size
        self._pbf = pbf
        self._lines = scratch / "batch.opl"
        self._advance = advance
        self._pool = ThreadPool(os.cpu_count() or 1)
        self._table = _LocationTable(scratch / "locations")

    def locations_and_lines(
        self, entities: osmium.osm.osm_entity_bits, *filters: osmium.BaseFilter
    ) -> Iterator[tuple[Locations, bytes]]:
        """Give the locations of all nodes batch by batch, and the lines of the objects that pass the filters."""
        for batch in self._batches():
            text = self._decode(batch, osmium.osm.NODE | entities, self._table.handler, *filters)
            yield self._table.take(), text

    def lines(self, entity: osmium.osm.osm_entity_bits, *filters: osmium.BaseFilter) -> Iterator[bytes]:
        """Give the lines of the objects that pass the filters batch by batch."""
        for batch in self._batches():
            yield self._decode(batch, entity, *filters)

    def date(self) -> str:
        """Return the day that the data are of, ISO 8601; empty where the file does not say."""
        day = self._header().get(DATE_OPTION).partition("T")[0]
        try:
            return date.fromisoformat(day).isoformat()
        except ValueError:
            return ""

    def box(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north that the file states, degrees; None where it states no box."""
        box = self._header().box()
        if not box.valid():
            return None
        return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat

    def _header(self) -> osmium.io.Header:
        with self._pbf.open("rb") as file:
            header = self._next_blob(file)[1]
        with damaged(self.path):
            reader = Reader(FileBuffer(header, "pbf"), osmium.osm.NOTHING, self._pool)
            found = reader.header()
            reader.close()
        return found

    def _decode(self, batch: bytes, entity: osmium.osm.osm_entity_bits, *handlers: Any) -> bytes:  # noqa: ANN401 - libosmium's handlers share no type
        with damaged(self.path):
            reader = Reader(FileBuffer(batch, "pbf"), entity, self._pool)
            write(reader, File(self._lines, "opl,add_metadata=none"), *handlers, pool=self._pool)
        return self._lines.read_bytes()

    def _batches(self) -> Iterator[bytes]:
        """Give the blobs of the file in batches, the header of the file before each."""
        with self._pbf.open("rb") as file:
            kind, header = self._next_blob(file)
            if kind != b"OSMHeader":
                raise _not_osm(self.path)
            done = 0
            parts, held = [header], 0
            while blob := self._next_blob(file)[1]:
                parts.append(blob)
                held += len(blob)
                if held >= _BATCH_BYTES or len(parts) > _BATCH_BLOBS:
                    yield b"".join(parts)
                    done = self._report(file, done)
                    parts, held = [header], 0
            if held:
                yield b"".join(parts)
            self._report(file, done)

    def _report(self, file: BinaryIO, done: int) -> int:
        self._advance(file.tell() - done)
        return file.tell()

    def _next_blob(self, file: BinaryIO) -> tuple[bytes, bytes]:
        """Read one blob with its frame; both empty at the end of the file."""
        start = file.tell()
        length = file.read(4)
        if not length:
            return b"", b""
        size = int.from_bytes(length, "big")
        head = file.read(size) if size <= _HEADER_LIMIT else b""
        kind, data_size = _parse_blob_header(head)
        data = file.read(data_size) if 0 < data_size <= _BLOB_LIMIT else b""
        if len(head) != size or kind not in (b"OSMHeader", b"OSMData") or not data or len(data) != data_size:
            if start == 0 and kind != b"OSMHeader":
                raise _not_osm(self.path)
            raise _damaged(self.path, Text(f"si interrompe al byte {start}", f"it breaks off at byte {start}"))
        return kind, length + head + data


@contextlib.contextmanager
def open_osm(path: Path, advance: Callable[[int], object]) -> Iterator[OsmFile]:
    """Open an OSM file of any format: PBF, or XML plain, gzipped or bzipped.

    Parameters
    ----------
    path
        The format is known by the content, not by the name.
    advance
        Told how many bytes were read since the last time.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    OsmFileError
        The file is damaged or no OSM file.
    OutputError
        There is no room for temporary files.
    """
    if not path.is_file():
        raise InputMissingError(
            Text(
                f"{path} non esiste; indicare un estratto di OpenStreetMap (.osm.pbf, .osm, .osm.gz, .osm.bz2).",
                f"{path} does not exist; give an extract of OpenStreetMap (.osm.pbf, .osm, .osm.gz, .osm.bz2).",
            )
        )
    with tempfile.TemporaryDirectory(prefix="psttm-osm-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder)
        if shutil.disk_usage(scratch).free < _FREE_BYTES:
            raise no_room(scratch)
        pbf = _as_pbf(path, scratch)
        osm = OsmFile(path, pbf, scratch, advance)
        yield osm


def write(source: Reader, target: File, *handlers: Any, pool: ThreadPool) -> None:  # noqa: ANN401 - libosmium's handlers share no type
    """Let libosmium carry all objects from `source` to `target`, through handlers and filters."""
    with writing(osmium.SimpleWriter(target, header=source.header(), overwrite=True, thread_pool=pool)) as writer:
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


@contextlib.contextmanager
def damaged(path: Path) -> Iterator[None]:
    """Turn what libosmium and Arrow say of a broken file into a sentence."""
    try:
        yield
    except _BROKEN as error:
        reason = str(error)
        if "No space left" in reason:
            raise no_room(Path(tempfile.gettempdir())) from error
        said = quote(reason)
        raise _damaged(path, Text(f"il lettore dice «{said}»", f"the reader says “{said}”")) from error


_BROKEN = (
    RuntimeError,
    ValueError,
    IndexError,
    OverflowError,
    MemoryError,
    osmium.InvalidLocationError,
    pa.ArrowException,
)
"""What libosmium and Arrow raise on content that is no OSM data."""

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


def divide_lines(text: bytes) -> tuple[bytes, bytes]:
    """Divide lines of nodes and of ways, whose runs are as long as the file is sorted."""
    runs: dict[bytes, list[bytes]] = {b"n": [], b"w": []}
    start = 0
    while start < len(text):
        kind = text[start : start + 1]
        stop = text.find(b"\nw" if kind == b"n" else b"\nn", start) + 1 or len(text)
        runs[kind].append(text[start:stop])
        start = stop
    return b"".join(runs[b"n"]), b"".join(runs[b"w"])


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


class _LocationTable:
    """libosmium's table of node locations in a file, seen as an array.

    The file gets its room on the disk beforehand, so that a full disk is met here and not while libosmium fills the
    file through memory, where the system would end the process.
    """

    def __init__(self, path: Path) -> None:
        try:
            _reserve(path, _TABLE_ROWS * LOCATION.itemsize)
        except OSError as error:
            raise no_room(path.parent) from error
        self._path = path
        self._table = osmium.index.create_map(f"sparse_file_array,{path}")
        self._table.clear()  # what the file holds at first are no locations
        self._rows = np.memmap(path, LOCATION, mode="r")
        self.handler = osmium.NodeLocationsForWays(self._table)
        self.handler.apply_nodes_to_ways = False

    def take(self) -> Locations:
        """Return the locations that came in since the last time."""
        count = self._table.used_memory() // LOCATION.itemsize
        if count > len(self._rows):  # libosmium has made the file longer
            self._rows = np.memmap(self._path, LOCATION, mode="r")
        taken: Locations = np.array(self._rows[:count])
        self._table.clear()
        return taken


def _reserve(path: Path, size: int) -> None:
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.write(bytes(size))


def _as_pbf(path: Path, scratch: Path) -> Path:
    with path.open("rb") as file:
        start = file.read(16).lstrip()
    form = next((form for first, form in _FORMATS if start.startswith(first)), None)
    if form is None:
        return path
    pbf = scratch / "converted.pbf"
    target = File(pbf, "pbf,pbf_compression=none,add_metadata=none")
    pool = ThreadPool(os.cpu_count() or 1)
    with damaged(path):
        write(Reader(File(path, form), osmium.osm.ALL, pool), target, pool=pool)
    return pbf


def _parse_blob_header(head: bytes) -> tuple[bytes, int]:
    """Return type and size of a blob from its header, a message of protocol buffers; no type if it is none.

    Fields: 1 the type (text), 2 data for an index (bytes), 3 the size (number).
    """
    kind, size, place = b"", 0, 0
    while place < len(head):
        tag = head[place]
        value, place = _parse_varint(head, place + 1)
        if tag == _TEXT_FIELD_1:
            kind = head[place : place + value]
        if tag == _NUMBER_FIELD_3:
            size = value
        elif tag in (_TEXT_FIELD_1, _TEXT_FIELD_2):
            place += value
        else:
            return b"", 0
    return kind, size


_TEXT_FIELD_1, _TEXT_FIELD_2, _NUMBER_FIELD_3 = 0x0A, 0x12, 0x18


def _parse_varint(data: bytes, place: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, lowest first, and the place behind it."""
    value = shift = 0
    while place < len(data) and shift < 64:  # noqa: PLR2004 - bits of the longest number
        value |= (data[place] & 0x7F) << shift
        shift += 7
        place += 1
        if data[place - 1] < 0x80:  # noqa: PLR2004 - the high bit says that more follow
            break
    return value, place


def _not_osm(path: Path) -> OsmFileError:
    return OsmFileError(
        Text(
            f"{path} non è un file di OpenStreetMap; indicare un estratto .osm.pbf, .osm, .osm.gz o .osm.bz2.",
            f"{path} is no OpenStreetMap file; give an extract .osm.pbf, .osm, .osm.gz or .osm.bz2.",
        )
    )


def _damaged(path: Path, reason: Text) -> OsmFileError:
    return OsmFileError(
        Text(
            f"{path} è troncato o danneggiato ({reason.it}); scaricarlo di nuovo.",
            f"{path} is truncated or damaged ({reason.en}); download it again.",
        )
    )


def no_room(folder: Path) -> OutputError:
    return OutputError(
        Text(
            f"In {folder} non c'è posto per i file temporanei (servono {_FREE_BYTES >> 20} MB); "
            "liberare spazio o indicare un'altra cartella con TMPDIR.",
            f"{folder} has no room for temporary files ({_FREE_BYTES >> 20} MB are needed); "
            "free some space or name another folder with TMPDIR.",
        )
    )
