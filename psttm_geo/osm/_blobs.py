"""The blobs that a PBF file is made of, each with its frame; packed in any way that the format knows."""

import bz2
import contextlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from psttm_geo.core.messages import gettext
from psttm_geo.osm._faults import damaged_file, not_osm, unsupported

BATCH_BYTES = 4 << 20
"""Of a file that is read at once, packed blobs or text."""

_BATCH_BLOBS = 100
"""Writers put at most 8,000 objects into a blob, so that the nodes of a batch fit into the table of locations."""

_HEADER_LIMIT = 64 << 10

_BLOB_LIMIT = 32 << 20
"""Largest blob that the format allows, packed or not, and its header."""

_ANY_PLAIN, _MOST_TIMES = 64 << 10, 50
"""Up to the first, bytes may be packed in any way; those of maps are packed two to five times."""

_TEXT_FIELD_1, _TEXT_FIELD_2, _NUMBER_FIELD_3 = 0x0A, 0x12, 0x18


def read_header(path: Path, pbf: Path) -> bytes:
    """Return the first blob of a file.

    Parameters
    ----------
    path
        The file as the user named it.
    pbf
        The same, or what became of it.

    Raises
    ------
    OsmFileError
        It is no PBF file.
    """
    with pbf.open("rb") as file:
        kind, header = _next_blob(path, file)
    if kind != b"OSMHeader":
        raise not_osm(path)
    return header


def read_batches(path: Path, pbf: Path) -> Iterator[tuple[bytes, int]]:
    """Give the blobs of a file in batches, the header of the file before each, and how far each comes.

    Raises
    ------
    OsmFileError
        It breaks off, or is no PBF file.
    """
    header = read_header(path, pbf)
    with pbf.open("rb") as file:
        _next_blob(path, file)
        parts, held = [header], 0
        while blob := _next_blob(path, file)[1]:
            parts.append(blob)
            held += len(blob)
            if held >= BATCH_BYTES or len(parts) > _BATCH_BLOBS:
                yield b"".join(parts), file.tell()
                parts, held = [header], 0
        if held:
            yield b"".join(parts), file.tell()


def _next_blob(path: Path, file: BinaryIO) -> tuple[bytes, bytes]:
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
            raise not_osm(path)
        raise damaged_file(path, gettext("it breaks off at byte {start}", start=start))
    return kind, _readable(path, kind, length + head, data)


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


def _varint(value: int) -> bytes:
    """Write a number as :func:`_parse_varint` reads it."""
    parts = []
    while value >= 0x80:  # noqa: PLR2004 - as above
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


_RAW, _RAW_SIZE, _ZLIB = 0x0A, 0x10, 0x1A

_LZMA, _BZIP2, _LZ4, _ZSTD = 0x22, 0x2A, 0x32, 0x3A
"""Tags of the fields of a blob: its content as it is, how long it is unpacked, and its content packed."""


def _readable(path: Path, kind: bytes, frame: bytes, data: bytes) -> bytes:
    """Return a blob with its frame as libosmium reads it: plain, or packed by zlib with its size said."""
    size, tag, content = _parse_blob(data)
    if tag != _RAW:
        _require_plausible(path, size, len(content))
    if tag == _RAW or (tag == _ZLIB and size):
        return frame + data
    unpack = _UNPACKERS.get(tag)
    if unpack is None:
        return frame + data  # libosmium says what is wrong
    try:
        plain = unpack(content, size)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, pa.ArrowException) as error:
        name = _NAMES[tag]
        raise damaged_file(path, gettext("a blob packed with {name} cannot be read", name=name)) from error
    if len(plain) > _BLOB_LIMIT:
        limit = _BLOB_LIMIT >> 20
        raise unsupported(path, gettext("blobs of more than {limit} MB", limit=limit))
    _require_plausible(path, len(plain), len(content))
    blob = bytes([_RAW]) + _varint(len(plain)) + plain
    head = bytes([_TEXT_FIELD_1, len(kind)]) + kind + bytes([_NUMBER_FIELD_3]) + _varint(len(blob))
    return len(head).to_bytes(4, "big") + head + blob


def _require_plausible(path: Path, plain: int, packed: int) -> None:
    """Refuse a blob that says the same thing over and over: its objects would take a thousand times the room."""
    if plain > max(_ANY_PLAIN, _MOST_TIMES * packed):
        raise damaged_file(
            path, gettext("a blob unpacks to more than {most_times} times its size", most_times=_MOST_TIMES)
        )


def _parse_blob(data: bytes) -> tuple[int, int, bytes]:
    """Return the unpacked size that a blob says (0 for none), and the tag and bytes of its content."""
    size = tag = place = 0
    content = b""
    while place < len(data):
        field = data[place]
        value, place = _parse_varint(data, place + 1)
        if field == _RAW_SIZE:
            size = value
        elif field in _NAMES:
            tag, content = field, data[place : place + value]
            place += value
        else:
            return 0, 0, b""
    return size, tag, content


def _unpack_zstd(content: bytes, _: int) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as stream:
        unpacked: bytes = stream.read(_BLOB_LIMIT + 1)
    return unpacked


def _unpack_lz4(content: bytes, size: int) -> bytes:
    unpacked: bytes = pa.Codec("lz4_raw").decompress(content, min(size, _BLOB_LIMIT), asbytes=True)
    return unpacked


_NAMES = {_RAW: "", _ZLIB: "zlib", _LZMA: "lzma", _BZIP2: "bzip2", _LZ4: "lz4", _ZSTD: "zstd"}

_UNPACKERS: dict[int, Callable[[bytes, int], bytes]] = {
    _ZLIB: lambda content, _: zlib.decompressobj().decompress(content, _BLOB_LIMIT + 1),
    _LZMA: lambda content, _: lzma.LZMADecompressor().decompress(content, _BLOB_LIMIT + 1),
    _BZIP2: lambda content, _: bz2.BZ2Decompressor().decompress(content, _BLOB_LIMIT + 1),
    _LZ4: _unpack_lz4,
    _ZSTD: _unpack_zstd,
}


def require_texts(path: Path) -> None:
    """Refuse a file with a text that has a null character, behind which libosmium would read on beyond the text.

    Raises
    ------
    OsmFileError
        It has one, or breaks off, or is no PBF file.
    """
    with path.open("rb") as file:
        _next_blob(path, file)
        while blob := _next_blob(path, file)[1]:
            _, tag, content = _parse_blob(blob[4 + int.from_bytes(blob[:4], "big") :])
            if tag and _has_null(_Plain(content, packed=tag == _ZLIB)):
                raise damaged_file(path, gettext("a text has a null character"))


class _Plain:
    """The content of a blob, unpacked no further than it is looked at."""

    def __init__(self, content: bytes, *, packed: bool) -> None:
        self._unpacker = zlib.decompressobj() if packed else None
        self._rest, self._held = (content, b"") if packed else (b"", content)

    def upto(self, end: int) -> bytes:
        """Return the first bytes; fewer where there are no more, or what is packed is damaged."""
        if self._unpacker is not None and len(self._held) < end <= _BLOB_LIMIT:
            with contextlib.suppress(zlib.error):  # libosmium says so
                more = self._unpacker.decompress(self._rest, end - len(self._held))
                self._held, self._rest = self._held + more, self._unpacker.unconsumed_tail
        return self._held[:end]


_TABLE = 0x0A
"""The tag of the list of all texts in a block of objects; of each text in the list too."""


def _has_null(plain: _Plain) -> bool:
    """Look for the list of texts, which nearly always comes first, and through it."""
    place = 0
    while len(head := plain.upto(place + 11)) > place:
        tag = head[place]
        size, start = _parse_varint(head, place + 1)
        if tag & 7 != _LENGTH:
            place = start
        elif tag == _TABLE and size:
            return _table_has_null(plain.upto(start + size)[start:])
        else:
            place = start + size
    return False


_LENGTH = 2
"""The kind of a field that says how long it is."""


_EMPTY = bytes([_TABLE, 0])


def _table_has_null(table: bytes) -> bool:
    place = 0
    while table.startswith(_EMPTY, place):  # which every list begins with, and most hold nowhere else
        place += len(_EMPTY)
    if table.find(b"\0", place) < 0:
        return False
    while place < len(table):
        size, start = _parse_varint(table, place + 1)
        if table[place] == _TABLE and 0 in table[start : start + size]:
            return True
        place = start + size
    return False
