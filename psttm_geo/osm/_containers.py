"""What kind of file somebody has named, by its first bytes: an extract, or something that is not read, by its name."""

import bz2
import re
import zlib
from pathlib import Path

from psttm_geo.core.errors import OsmFileError, quote
from psttm_geo.core.messages import Text, gettext
from psttm_geo.osm._faults import EXPECTED, damaged_file, not_osm

PBF = "pbf"

XML = "osm"

GZIP = "osm.gz"

BZIP2 = "osm.bz2"

Bounds = tuple[float, float, float, float]
"""West, south, east and north that a file says it covers, degrees."""

_HEAD_BYTES = 64 << 10
"""How much of a file is looked at; what stands before the first element of an XML file is shorter."""

_PBF_BLOB = b"OSMHeader"
"""The first blob of a PBF file, named in its first bytes."""

_PBF_START = 64

_UNPACK = gettext("extract the .osm or .osm.pbf file that it holds and give that")

_CONVERT = gettext("convert it to .osm.pbf, for example with osmium cat, and give that")

_QUERY_AS_XML = gettext("repeat the query with [out:xml], or export from Overpass Turbo as raw OSM data (XML)")

_SIGNATURES: tuple[tuple[bytes, Text, Text], ...] = (
    (b"PK\x03\x04", gettext("a ZIP archive"), _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", gettext("a 7z archive"), _UNPACK),
    (b"Rar!", gettext("a RAR archive"), _UNPACK),
    (b"\xfd7zXZ\x00", gettext("a file compressed with xz"), _UNPACK),
    (b"\x28\xb5\x2f\xfd", gettext("a file compressed with zstd"), _UNPACK),
    (b"\x04\x22\x4d\x18", gettext("a file compressed with lz4"), _UNPACK),
    (b"\xff\xe0\x04o5m2", gettext("an o5m file"), _CONVERT),
    (b"\xff\xe0\x04o5c2", gettext("an o5c file of changes"), EXPECTED),
    (b"\xff\xfe<\x00", gettext("an XML file in UTF-16"), _CONVERT),
    (b"\xfe\xff\x00<", gettext("an XML file in UTF-16"), _CONVERT),
    (b"SQLite format 3\x00", gettext("a GeoPackage or other SQLite file"), EXPECTED),
    (b"fgb", gettext("a FlatGeobuf file"), EXPECTED),
    (b"%PDF", gettext("a PDF file"), EXPECTED),
)
"""First bytes, what they are of, and what to do."""

_OPL_LINE = re.compile(rb"[nwr]-?\d+ (v\d|d[VD]|c\d|t|T)")

_ROOT = re.compile(rb"<(?!\?|!)([^\s/>]{1,100})")

_NO_CONTENT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
"""What may stand before the first element."""

_TAR = (257, b"ustar")
"""Where an archive of tar says that it is one."""


def recognise(path: Path) -> str:
    """Return the format of an extract: :data:`PBF`, :data:`XML`, :data:`GZIP` or :data:`BZIP2`.

    Raises
    ------
    OsmFileError
        The file is of another kind, named; or holds something else when unpacked.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    form, head = _unpacked(path, head)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _PBF_BLOB in head[:_PBF_START]:
        if form:
            raise not_osm(path, _inside(gettext("a .osm.pbf file")), _UNPACK)
        return PBF
    if start.startswith(b"<"):
        _require_osm_root(path, start)
        return form or XML
    found = _named(head, start)
    if found is not None:
        raise not_osm(path, _inside(found[0]) if form else found[0], found[1])
    if form:
        raise not_osm(path, _inside(gettext("something that is no OSM XML")))
    return PBF


def _unpacked(path: Path, head: bytes) -> tuple[str, bytes]:
    """Return the format of what is packed, and the first bytes inside; of what is not, nothing and the bytes."""
    try:
        if head.startswith(b"\x1f\x8b"):
            return GZIP, zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
        if head.startswith(b"BZh"):
            return BZIP2, bz2.BZ2Decompressor().decompress(_more(path, head), _HEAD_BYTES)
    except (zlib.error, OSError, EOFError) as error:
        said = quote(str(error))
        raise damaged_file(path, gettext("it cannot be unpacked: “{said}”", said=said)) from error
    return "", head


def _more(path: Path, head: bytes) -> bytes:
    """Read enough for a whole block of bzip2: 900 kB before it is packed."""
    with path.open("rb") as file:
        return file.read(1 << 20) or head


def _inside(found: Text) -> Text:
    return gettext("a packed file that holds {found}", found=found)


def _named(head: bytes, start: bytes) -> tuple[Text, Text] | None:
    """Return what a file is that is neither PBF nor XML, and what to do; None for what nobody knows."""
    if not start:
        return gettext("empty"), EXPECTED
    for first, found, remedy in _SIGNATURES:
        if head.startswith(first):
            return found, remedy
    if head[_TAR[0] :].startswith(_TAR[1]):
        return gettext("a tar archive"), _UNPACK
    if start.startswith((b"{", b"[")):
        return _named_json(start)
    if _OPL_LINE.match(start):
        return gettext("an OPL file"), _CONVERT
    return None


def _named_json(start: bytes) -> tuple[Text, Text]:
    if b'"Overpass API' in start or b'"osm3s"' in start or b'"elements"' in start:
        return gettext("an answer of Overpass in JSON"), _QUERY_AS_XML
    if b'"Feature' in start or b'"coordinates"' in start:
        return gettext("a GeoJSON file"), EXPECTED
    return gettext("a JSON file"), EXPECTED


def _require_osm_root(path: Path, start: bytes) -> None:
    """Refuse XML of another kind; what has no element so far is left to who reads it."""
    text = _NO_CONTENT.sub(b"", start)
    if re.match(rb"\s*(<!DOCTYPE\s+html|<html)", text, re.IGNORECASE):
        raise not_osm(path, gettext("a web page (HTML)"), _PAGE)
    root = _ROOT.search(text)
    if root is None or root[1] == b"osm":
        return
    name = quote(root[1].decode("utf-8", "replace"))
    if name == "osmChange":
        raise _changes(path)
    if name == "osm-script":
        found = gettext("a query for Overpass, not its answer")
        raise not_osm(path, found, _QUERY_AS_XML)
    raise not_osm(path, gettext("an XML file of the element “{name}”", name=name))


_PAGE = gettext("a site has answered it in place of data: open it in a browser to read why, and download again")


def _changes(path: Path) -> OsmFileError:
    """Say that a file of changes holds only what has changed."""
    return not_osm(
        path,
        gettext("a file of changes (osmChange) without the map"),
        gettext(
            "apply it to the extract that it belongs to, for example with osmium apply-changes, and give the result"
        ),
    )
