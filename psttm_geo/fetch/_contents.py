"""Whether what a server sent is of the kind that was asked for, by its bytes and not by what the server says."""

import csv
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.reading import OF_ZIPS
from psttm_geo.fetch.download_records import ContentKind, Download

HEAD_BYTES = 256
"""How many first bytes tell the kind."""

_LARGEST_HEADER_BYTES = 64 * 1024
"""Of a block of a PBF file, by the format."""

_KIND_NAMES = {
    "zip": gettext("a zip"),
    "pbf": gettext("an OSM extract in PBF"),
    "csv": gettext("a CSV"),
    "rows": gettext("a CSV"),
}


def kind_fault(head: bytes, kind: ContentKind) -> Text | None:
    """Return what is wrong with the first bytes of a file; None when they are those of its kind."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if _is_kind(head, text, kind):
        return None
    expected = _KIND_NAMES[kind]
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return gettext(
            "an HTML page arrives (a notice of the server or of the network?), expected {expected}", expected=expected
        )
    if not head:
        return gettext("nothing arrives, expected {expected}", expected=expected)
    return gettext("it is not {expected}", expected=expected)


def _is_kind(head: bytes, text: bytes, kind: ContentKind) -> bool:
    if kind == "zip":
        return head.startswith(b"PK\x03\x04")
    if kind == "pbf":
        return head[4:15] == b"\x0a\x09OSMHeader"
    return bool(text) and b"\x00" not in head and text[:1] not in (b"<", b"{", b"[")


def contents_fault(path: Path, download: Download) -> Text | None:
    """Return what is wrong with a whole file: cut, damaged, or another one; None when nothing is.

    Parameters
    ----------
    path
        The file.
    download
        Its kind, and the headings or members that it must have.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return kind_fault(head, download.kind) or _CONTENTS[download.kind](path, download.expects)


def _zip_fault(path: Path, expects: tuple[str, ...]) -> Text | None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = {PurePosixPath(name).name.lower() for name in archive.namelist()}
    except OF_ZIPS:
        return gettext("the zip is truncated or damaged")
    if damaged is not None:
        return gettext("in the zip “{damaged}” is damaged", damaged=damaged)
    missing = ", ".join(name for name in expects if name.lower() not in names)
    return gettext("the zip lacks {missing}", missing=missing) if missing else None


def _csv_fault(path: Path, expects: tuple[str, ...]) -> Text | None:
    broken = gettext("the CSV is truncated or damaged")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            whole = all(len(cells) in (0, len(header)) for cells in reader)
    except (UnicodeDecodeError, csv.Error):
        return broken
    missing = ", ".join(name for name in expects if name not in header)
    if missing:
        return gettext("the CSV lacks the columns {missing}", missing=missing)
    return None if whole else broken


def _pbf_fault(path: Path, _expects: tuple[str, ...]) -> Text | None:
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(0)
            last = 0
            for last in _block_ends(file):
                if last > end:
                    break
    except (ValueError, struct.error):
        last = -1
    return None if last == end else gettext("the extract is truncated or damaged")


def _block_ends(file: BinaryIO) -> Iterator[int]:
    """Go through the blocks of a PBF file without unpacking them, and give where each one ends."""
    while size := file.read(4):
        (header_bytes,) = struct.unpack(">I", size)
        if header_bytes > _LARGEST_HEADER_BYTES:
            message = "no block header is so long"
            raise ValueError(message)
        yield file.seek(_data_bytes(file.read(header_bytes)), 1)


def _data_bytes(header: bytes) -> int:
    """Return the length of a block's data, field 3 of its header (a protocol buffer)."""
    position = 0
    while position < len(header):
        key, position = _varint(header, position)
        number, position = _varint(header, position)  # a value, or the length of a text
        if key == 3 << 3:
            return number
        position += number if key & 7 else 0
    message = "a block header without the length of its data"
    raise ValueError(message)


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if position >= len(data):
            break
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the top bit says whether more follows
            return value, position
    message = "a number without an end"
    raise ValueError(message)


def _rows_fault(_path: Path, _expects: tuple[str, ...]) -> Text | None:
    return None


_CONTENTS = {"zip": _zip_fault, "csv": _csv_fault, "rows": _rows_fault, "pbf": _pbf_fault}
