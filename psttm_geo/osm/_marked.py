"""OSM XML in which editors and servers have left marks, read as they mean it and turned into PBF.

JOSM keeps what was deleted with ``action="delete"``. Overpass writes coordinates into ways and members (``out geom``),
and remarks that it has not finished. History files, and the server itself, say ``visible="false"`` of what is no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

import numpy as np
import osmium
from osmium.io import File, FileBuffer, Reader, ThreadPool

from psttm_geo.core.errors import OsmFileError, quote
from psttm_geo.core.messages import gettext
from psttm_geo.osm._blobs import BATCH_BYTES
from psttm_geo.osm._containers import Bounds
from psttm_geo.osm._faults import damaged, damaged_file
from psttm_geo.osm._write import writing
from psttm_geo.osm._xml import read_pieces

_OBJECTS = frozenset(("node", "way", "relation"))

_SIDES = ("minlon", "minlat", "maxlon", "maxlat")

_KEPT = ("id", "version", "lat", "lon")
"""What is kept of an object's attributes, beside whether it is visible."""

_OBJECT_DEPTH, _PART_DEPTH, _INNER_DEPTH = 2, 3, 4

_UNNAMED = 1 << 40
"""Nodes of which the file has only coordinates get negative identifiers from here on; editors begin at -1."""

_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})

_BROKEN_OFF = "runtime error"
"""What Overpass remarks when a file holds only a part of what was to be in it."""


@dataclass(frozen=True)
class Marked:
    """What became of XML with marks.

    Attributes
    ----------
    parts
        PBF files with every version and with what was deleted, to be read one after the other; what comes later
        replaces what comes before it.
    box
        What the file says that it covers, the boxes of several downloads together; None where it does not say.
    remark
        What a server has remarked; empty when nothing.
    """

    parts: tuple[Path, Path]
    box: Bounds | None
    remark: str


def convert_marked_xml(path: Path, form: str, scratch: Path, pool: ThreadPool) -> Marked:
    """Turn XML with marks of editors and servers into PBF.

    Parameters
    ----------
    path
        The file.
    form
        How it is packed, as :func:`psttm_geo.osm._containers.recognise` says.
    scratch
        Folder for the parts.
    pool
        Threads of libosmium.

    Raises
    ------
    OsmFileError
        The file is damaged, the server has broken it off, or it says of objects only where their middle is.
    OutputError
        There is no room.
    """
    inside, objects = scratch / "inside.pbf", scratch / "objects.pbf"
    with damaged(path), writing(_writer(inside, pool)) as one, writing(_writer(objects, pool)) as other:
        target = _Target(path, _Texts(one, pool), _Texts(other, pool))
        parser = target.parser()
        try:
            for piece in read_pieces(path, form):
                parser.Parse(piece, False)  # noqa: FBT003 - expat takes it by position
                target.flush()
            parser.Parse(b"", True)  # noqa: FBT003 - as above
        except expat.ExpatError as error:
            said = quote(str(error))
            raise damaged_file(path, gettext("the reader says “{said}”", said=said)) from error
        target.flush(at_least=1)
    target.require_outlines()
    return Marked((inside, objects), target.box(), target.remark)


def _writer(pbf: Path, pool: ThreadPool) -> osmium.SimpleWriter:
    form = File(pbf, "pbf,pbf_compression=none,add_metadata=version,history=true")
    return osmium.SimpleWriter(form, overwrite=True, thread_pool=pool)


class _Texts:
    """Text of objects on its way to a writer."""

    def __init__(self, writer: osmium.SimpleWriter, pool: ThreadPool) -> None:
        self._writer, self._pool = writer, pool
        self._parts: list[str] = []
        self._held = 0

    def add(self, text: str) -> None:
        self._parts.append(text)
        self._held += len(text)

    def flush(self, at_least: int) -> None:
        """Write what is held, if it is that much."""
        if self._held < at_least:
            return
        whole = "".join(['<osm version="0.6">', *self._parts, "</osm>"]).encode()
        self._parts, self._held = [], 0
        osmium.apply(Reader(FileBuffer(whole, "osm"), osmium.osm.ALL, self._pool), self._writer)


class _Target:
    """Takes the elements of a file and writes objects, and apart from them what stands inside of others.

    Attributes
    ----------
    remark
        What a server has remarked.
    """

    def __init__(self, path: Path, inside: _Texts, objects: _Texts) -> None:
        self.remark = ""
        self._path, self._inside, self._objects = path, inside, objects
        self._depth = 0
        self._object = self._member = ""
        self._parts: list[str] = []
        self._member_nodes: list[str] = []
        self._said: list[str] | None = None
        self._boxes: list[list[float]] = []
        self._unnamed: dict[tuple[str, str], int] = {}
        self._has_centre = self._has_parts = False
        self._nodes = self._only_centres = self._centres = 0

    def parser(self) -> expat.XMLParserType:
        """Return a parser that gives its elements here."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._take_text
        parser.EntityDeclHandler = self._refuse_entity
        return parser

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element."""
        self._depth += 1
        if self._depth == _OBJECT_DEPTH:
            if name in _OBJECTS:
                self._begin(name, attributes)
            elif name == "bounds":
                self._boxes.append([float(attributes.get(side, "nan")) for side in _SIDES])
            elif name == "remark":
                self._said = []
        elif self._depth == _PART_DEPTH and self._object:
            self._add_part(name, attributes)
        elif self._depth == _INNER_DEPTH and self._member and name == "nd":
            self._member_nodes.append(self._node(attributes))

    def _take_text(self, text: str) -> None:
        """Take text, which means something in remarks only."""
        if self._said is not None:
            self._said.append(text)

    def _end(self, name: str) -> None:
        """Take the end of an element."""
        if self._depth == _PART_DEPTH and self._member:
            self._end_member()
        elif self._depth == _OBJECT_DEPTH:
            if self._object:
                self._finish()
            elif name == "remark":
                self._take_remark()
        self._depth -= 1

    def flush(self, at_least: int = BATCH_BYTES) -> None:
        """Hand over what was written, if it is that much."""
        self._inside.flush(at_least)
        self._objects.flush(at_least)

    def box(self) -> Bounds | None:
        """Return the box around all that the file says it covers, None where it does not say."""
        if not self._boxes or not np.isfinite(self._boxes).all():
            return None
        west, south, east, north = np.transpose(self._boxes)
        return west.min(), south.min(), east.max(), north.max()

    def require_outlines(self) -> None:
        """Refuse a file that says of objects only where their middle is.

        Raises
        ------
        OsmFileError
            There are such objects.
        """
        lacking = self._centres if self._centres and not self._nodes else self._only_centres
        if lacking:
            raise _only_centres(self._path, lacking)

    def _refuse_entity(self, name: str, *_: object) -> None:
        """Take no shorthands: they can make a small file endless, and no map has any."""
        said = quote(name)
        raise damaged_file(self._path, gettext("it defines the XML entity “{said}”", said=said))

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._object = name
        self._has_centre = self._has_parts = False
        self._nodes += name == "node"
        gone = attributes.get("action") == "delete" or attributes.get("visible", "").strip().lower() == "false"
        written = [f' {key}="{_escaped(attributes[key])}"' for key in _KEPT if key in attributes]
        self._parts = [f'<{name}{"".join(written)} visible="{"false" if gone else "true"}">']

    def _add_part(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "tag":
            key, value = _escaped(attributes.get("k", "")), _escaped(attributes.get("v", ""))
            self._parts.append(f'<tag k="{key}" v="{value}"/>')
        elif name == "nd":
            self._has_parts = True
            self._parts.append(f'<nd ref="{self._node(attributes)}"/>')
        elif name == "member":
            self._has_parts = True
            self._add_member(attributes)
        elif name == "center":
            self._has_centre = True

    def _add_member(self, attributes: Mapping[str, str]) -> None:
        kind, ref, role = (_escaped(attributes.get(key, "")) for key in ("type", "ref", "role"))
        self._parts.append(f'<member type="{kind}" ref="{ref}" role="{role}"/>')
        if kind == "node":
            self._node(attributes)
        elif kind == "way":
            self._member, self._member_nodes = ref, []

    def _end_member(self) -> None:
        if self._member_nodes:
            refs = "".join(f'<nd ref="{ref}"/>' for ref in self._member_nodes)
            self._inside.add(f'<way id="{self._member}">{refs}</way>')
        self._member = ""

    def _node(self, attributes: Mapping[str, str]) -> str:
        """Return the identifier of a node named inside of an object, and write the node if it has coordinates."""
        lat, lon = _escaped(attributes.get("lat", "")), _escaped(attributes.get("lon", ""))
        ref = _escaped(attributes.get("ref", ""))
        if not ref:
            ref = str(-_UNNAMED - self._unnamed.setdefault((lat, lon), len(self._unnamed)))
        if lat and lon:
            self._nodes += 1
            self._inside.add(f'<node id="{ref}" lat="{lat}" lon="{lon}"/>')
        return ref

    def _finish(self) -> None:
        self._centres += self._has_centre
        self._only_centres += self._has_centre and not self._has_parts
        self._parts.append(f"</{self._object}>")
        self._objects.add("".join(self._parts))
        self._object = ""

    def _take_remark(self) -> None:
        said = quote("".join(self._said or []))
        self._said = None
        if _BROKEN_OFF in said.lower():
            raise _broken_off(self._path, said)
        self.remark = "; ".join(part for part in (self.remark, said) if part)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED)


def _broken_off(path: Path, said: str) -> OsmFileError:
    return OsmFileError(
        gettext(
            "{path} is incomplete: Overpass has broken off its answer (“{said}”); repeat the query for a "
            "smaller area or with a longer time ([timeout:900]).",
            path=path,
            said=said,
        )
    )


def _only_centres(path: Path, count: int) -> OsmFileError:
    return OsmFileError(
        gettext(
            "{path}: of {count} objects only the middle is there (out center), not the outline or route; "
            "repeat the query to Overpass with “out geom”, or with “out body; >; out skel qt;”.",
            path=path,
            count=count,
        )
    )
