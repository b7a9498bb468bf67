"""OSM XML turned into PBF by libosmium, a few megabytes at a time, so that its text can be looked at on the way.

libosmium does not see all that editors and servers write into XML: ``action="delete"``, coordinates inside ways, what
a server remarks. Text in which something of the kind may stand is left to :mod:`psttm_geo.osm._marked`.
"""

import bz2
import contextlib
import functools
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import osmium
from osmium.io import File, FileBuffer, Header, Reader, ThreadPool

from psttm_geo.core.errors import OsmFileError, quote
from psttm_geo.core.messages import gettext
from psttm_geo.core.reading import MOST_TIMES, most_unpacked
from psttm_geo.osm._blobs import BATCH_BYTES
from psttm_geo.osm._containers import BZIP2, GZIP
from psttm_geo.osm._faults import BROKEN, damaged, damaged_file
from psttm_geo.osm._write import write, writing

_LONGEST_BYTES = 64 << 20
"""More than any object can take: a relation has at most 32,000 members."""

_FIRST, _CLOSING = b'<osm version="0.6">', b"</osm>"

_PADDED = 100

_PADDING = b" " * _PADDED
"""Put behind text, so that one may look this far behind any of its signs."""

_DIGITS = 20
"""More than the longest identifier has."""

_KNOWN = b"?x os no me bo wa re nd ta /o /n /m /b /w /r /t"
"""How elements begin and end: xml, osm, note, node, meta, member, bounds, way, relation, nd, tag."""

_MARKS = (b'action="delete"', b'visible="false"')
"""What says that an object is no more."""

_LONGEST_REF = 15
"""Signs of an identifier: fewer than the shortest one with coordinates behind it, ``1" lat="1" lon="2``."""

_ENCODING = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["']|us-ascii["'])""", re.IGNORECASE
)


class PlainXml(NamedTuple):
    """What is known of XML that was turned into PBF.

    Attributes
    ----------
    header
        Of the file.
    in_order
        Whether each object stands there once, in the order of identifiers.
    """

    header: Header
    in_order: bool


def convert_plain_xml(path: Path, form: str, pbf: Path, pool: ThreadPool) -> PlainXml | None:
    """Turn XML without any marks of editors and servers into PBF.

    Parameters
    ----------
    path
        The file.
    form
        How it is packed, as :func:`psttm_geo.osm._containers.recognise` says.
    pbf
        To write.
    pool
        Threads of libosmium.

    Returns
    -------
    PlainXml or None
        None when the text is not plain and `pbf` means nothing.

    Raises
    ------
    OsmFileError
        The file is damaged.
    OutputError
        There is no room.
    """
    target = File(pbf, "pbf,pbf_compression=none,add_metadata=version")
    look = _Look()
    try:
        with writing(osmium.SimpleWriter(target, overwrite=True, thread_pool=pool)) as writer:
            header = _carry_pieces(read_pieces(path, form), look, writer, pool)
            if header is not None:
                return PlainXml(header, look.in_order)
            if not look.is_plain:
                return None
    except OsmFileError:
        raise
    except BROKEN:
        pass
    for _ in read_pieces(path, form):
        pass  # libosmium itself would hold an object of any size
    # Lines of a piece are not lines of the file: libosmium says of the whole file what is wrong with it.
    with damaged(path):
        write(Reader(File(path, form), osmium.osm.ALL, pool), target, pool=pool)
    return None


def _carry_pieces(
    pieces: Iterator[bytes], look: "_Look", writer: osmium.SimpleWriter, pool: ThreadPool
) -> Header | None:
    """Carry the objects of text to a writer, as long as it is plain; return its header if that was so to its end."""
    text: bytes | None = next(pieces)
    opening, is_closed, header = b"", False, None
    reading: list[tuple[Reader, bytes]] = []  # what is read must stay as long as its reader
    while text is not None:
        is_closed = text[-_PADDED:].rstrip().endswith(_CLOSING)
        whole = b"".join([opening, text, b"" if is_closed else _CLOSING, _PADDING])
        opening = _FIRST
        # Threads of libosmium parse this piece and the one before it while the next is unpacked and looked at.
        reading.append((Reader(FileBuffer(whole, "osm"), osmium.osm.ALL, pool), whole))
        look.at(whole)
        if not look.is_plain:
            return None
        header = header or reading[0][0].header()
        text = next(pieces, None)
        if len(reading) > 1:
            osmium.apply(reading[0][0], writer)
            reading.pop(0)
    for reader, _ in reading:
        osmium.apply(reader, writer)
    return header if is_closed else None


def read_pieces(path: Path, form: str) -> Iterator[bytes]:
    """Give the text of an XML file in pieces that begin with an object each, but for the first.

    Raises
    ------
    OsmFileError
        The file cannot be unpacked, or an object has no end.
    """
    parts: list[bytes] = []
    held = 0
    for text in _read_text(path, form):
        held += len(text)
        cut = _last_object(text) if held >= BATCH_BYTES else -1
        if cut > 0:
            yield b"".join([*parts, text[:cut]])
            parts, held = [text[cut:]], len(text) - cut
            continue
        if held > _LONGEST_BYTES:
            limit = _LONGEST_BYTES >> 20
            raise damaged_file(path, gettext("an object takes more than {limit} MB", limit=limit))
        parts.append(text)
    yield b"".join(parts)


def _last_object(text: bytes) -> int:
    """Return where the last object of a text begins, -1 if none does."""
    return max(text.rfind(name) for name in (b"<node", b"<way", b"<relation"))


def _read_text(path: Path, form: str) -> Iterator[bytes]:
    """Give the text of a file, unpacked."""
    with path.open("rb") as file:
        if form not in _UNPACKERS:
            yield from iter(functools.partial(file.read, BATCH_BYTES), b"")
            return
        magic, start = _UNPACKERS[form]
        unpacker, unpacked = start(), 0
        while read := file.read(_PACKED_BYTES):
            packed: bytes | None = read
            while packed is not None:
                if unpacker.eof:
                    if not packed.startswith(magic):
                        return
                    unpacker = start()
                with _unpacking(path):
                    text = unpacker.decompress(packed, BATCH_BYTES)
                unpacked += len(text)
                if unpacked > most_unpacked(file.tell()):
                    raise damaged_file(path, _INFLATED)
                yield text
                packed = _rest(unpacker, len(text))
        if not unpacker.eof:
            raise damaged_file(path, gettext("it breaks off before its end"))


_INFLATED = gettext("it unpacks to more than {most_times} times its size", most_times=MOST_TIMES)


def _rest(unpacker: Any, given: int) -> bytes | None:  # noqa: ANN401 - of zlib or bz2
    """Return what is still to be unpacked of what was read, which may be inside of the unpacker; None for nothing."""
    if unpacker.eof:
        return unpacker.unused_data or None
    rest: bytes = getattr(unpacker, "unconsumed_tail", b"")
    return rest if rest or given == BATCH_BYTES else None


@contextlib.contextmanager
def _unpacking(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, zlib.error) as error:
        said = quote(str(error))
        raise damaged_file(path, gettext("it cannot be unpacked: “{said}”", said=said)) from error


_UNPACKERS: dict[str, tuple[bytes, Callable[[], Any]]] = {
    GZIP: (b"\x1f\x8b", lambda: zlib.decompressobj(wbits=31)),
    BZIP2: (b"BZh", bz2.BZ2Decompressor),
}
"""How each stream of a packed file begins, and what unpacks it."""

_PACKED_BYTES = 64 << 10
"""Read at once."""


class _Look:
    """Looks at text piece by piece.

    Attributes
    ----------
    is_plain
        Whether it held nothing but what libosmium sees, as programs write it.
    in_order
        Whether each identifier of a kind was higher than those before it.
    """

    def __init__(self) -> None:
        self.is_plain = self.in_order = True
        self._last = dict.fromkeys((b"node", b"way", b"relation"), -1)
        self._bounds = 0
        self._known = np.zeros(1 << 16, bool)
        self._known[[_kind(two) for two in _KNOWN.split()]] = True

    def at(self, text: bytes) -> None:
        """Look at a piece that ends with :data:`_PADDING`."""
        self.is_plain = self.is_plain and self._is_plain(text)

    def _is_plain(self, text: bytes) -> bool:
        if any(mark in text for mark in _MARKS) or _ENCODING.match(text):
            return False
        signs = np.frombuffer(text, np.uint8)
        quotes = np.flatnonzero(signs == ord("'"))
        if (signs[quotes - 1] == ord("=")).any():
            return False
        at = np.flatnonzero(signs == ord("<"))
        kinds = signs[at + 1].astype(np.uint16) << 8 | signs[at + 2]
        if not self._known[kinds].all():
            return False
        self._bounds += int(np.count_nonzero(kinds == _kind(b"bo")))
        if self._bounds > 1:  # those of the file, and those of objects whose coordinates stand in them
            return False
        if not _are_plain_refs(signs, at, np.flatnonzero(kinds == _kind(b"nd"))):
            return False
        return all(self._are_plain(signs, at[kinds == _kind(name)], name) for name in self._last)

    def _are_plain(self, signs: npt.NDArray[np.uint8], at: npt.NDArray[np.int64], name: bytes) -> bool:
        """Tell whether objects of a kind begin with their identifier, a number without a sign."""
        if name != b"way":  # note, remark
            third = signs[at + 3] == name[2]
            if name == b"relation" and not third.all():
                return False
            at = at[third]
        start = name[3:] + b' id="'
        if not _stand(signs, at + 4, start):
            return False
        ids, whole = _numbers(signs, at + 4 + len(start))
        rising = np.concatenate([[self._last[name]], ids])
        self.in_order = self.in_order and bool((rising[1:] > rising[:-1]).all())
        self._last[name] = int(rising[-1])
        return whole


def _kind(name: bytes) -> int:
    return name[0] << 8 | name[1]


def _are_plain_refs(signs: npt.NDArray[np.uint8], at: npt.NDArray[np.int64], refs: npt.NDArray[np.int64]) -> bool:
    """Tell whether nodes of ways, given by their positions among elements, consist of their identifier only."""
    before = b'<nd ref="'
    begin, last = at[refs], np.append(at[1:], len(signs) - _PADDED)[refs] - 1
    blank = signs[last] <= ord(" ")
    while blank.any():  # between elements nearly always as many signs as before
        last[blank] -= 1
        blank &= signs[last] <= ord(" ")
    behind = last - 2 - (signs[last - 2] == ord(" "))
    longest = bool((behind - begin - len(before) <= _LONGEST_REF).all())
    return longest and _stand(signs, begin, before) and _stand(signs, behind, b'"') and _stand(signs, last - 1, b"/>")


def _stand(signs: npt.NDArray[np.uint8], at: npt.NDArray[np.int64], text: bytes) -> bool:
    """Tell whether a text stands at some places."""
    return all((signs[at + place] == sign).all() for place, sign in enumerate(text))


def _numbers(signs: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], bool]:
    """Read numbers at some places; tell whether all are there and end with a quotation mark."""
    values = np.zeros(len(at), np.int64)
    reading = np.ones(len(at), bool)
    whole = True
    for place in range(_DIGITS):
        sign = signs[at + place]
        digit = sign - np.uint8(ord("0"))  # of any other sign more than nine
        whole = whole and bool(((digit <= _NINE) | (sign == ord('"')) | ~reading).all())
        reading &= digit <= _NINE
        if not reading.any():
            return values, whole and (place > 0 or not len(at))
        np.multiply(values, 10, out=values, where=reading)
        np.add(values, digit, out=values, where=reading)
    return values, False


_NINE = 9
