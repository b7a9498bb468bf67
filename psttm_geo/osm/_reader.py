"""The bytes of an OSM file, decoded by libosmium and handed over in bulk.

No object passes through Python one by one. A PBF file is cut at its own blobs into batches of a few megabytes.
libosmium decodes and filters a batch, puts the coordinates of its nodes into a table of locations and writes the
objects that pass the filter as OPL, one line each, which Arrow reads as columns. Other formats become PBF first.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import osmium
import pyarrow as pa
import pyarrow.compute as pc
from osmium.io import File, FileBuffer, Header, Reader, ThreadPool

from psttm_geo.core.errors import InputMissingError
from psttm_geo.core.messages import gettext
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.osm._blobs import read_batches, read_header, require_texts
from psttm_geo.osm._containers import PBF, Bounds, recognise
from psttm_geo.osm._faults import FREE_BYTES, damaged, no_room
from psttm_geo.osm._lines import read_lines
from psttm_geo.osm._marked import convert_marked_xml
from psttm_geo.osm._versions import draw_out_locations, keep_newest
from psttm_geo.osm._write import write
from psttm_geo.osm._xml import convert_plain_xml

LOCATION = np.dtype([("id", np.int64), ("x", np.int32), ("y", np.int32)])
"""A node: its identifier, longitude and latitude in :data:`UNITS_PER_DEGREE`; as libosmium lays it out."""

UNITS_PER_DEGREE = 10_000_000

Locations = np.ndarray[Any, np.dtype[np.void]]

DATE_OPTION = "osmosis_replication_timestamp"
"""What a header says of the moment that its data are of."""

_TABLE_ROWS = 1 << 20

_NOWHERE = 2_147_483_647
"""The coordinate that libosmium gives a node without one."""

_LOCATIONS_ON_WAYS = "LocationsOnWays"
"""What a header says when nodes without tags may be missing and their places stand on the ways."""

_FEATURES = 10
"""More than the optional features that a header lists."""

Read = TypeVar("Read")


class _RepeatedError(Exception):
    """Identifiers repeat or are in no order; nothing that leaves this module."""


class _NegativeError(Exception):
    """Identifiers are negative, which libosmium's tables do not take; nothing that leaves this module."""


@dataclass(frozen=True)
class Origin:
    """What the reader has found out about a file before it is scanned.

    Attributes
    ----------
    parts
        PBF files that hold it.
    date
        The day that its data are of, ISO 8601; empty where the file does not say.
    box
        What the file says that it covers; None where it does not say.
    remark
        What a server has remarked; empty when nothing.
    is_history
        Whether objects may be there in several versions, or deleted.
    is_unique
        Whether each object is known to be there once.
    """

    parts: Sequence[Path]
    date: str = ""
    box: Bounds | None = None
    remark: str = ""
    is_history: bool = False
    is_unique: bool = False


class OsmFile:
    """An OSM file ready to be scanned, as often as it takes.

    Attributes
    ----------
    path
        The file as the user named it.
    size
        Bytes that one scan goes through.
    date
        The day that the data are of, ISO 8601; empty where the file does not say.
    box
        What the file says that it covers; None where it does not say.
    remark
        What the server that wrote the file has remarked; empty when nothing.
    deleted
        Objects that the file says are no more.
    older
        Versions of objects of which the file has a newer one, and repetitions.
    has_negative
        Whether identifiers may be negative: of objects drawn by hand.
    """

    def __init__(self, path: Path, origin: Origin, scratch: Path, advance: Callable[[int], object]) -> None:
        self.path = path
        self.date, self.box, self.remark = origin.date, origin.box, origin.remark
        self.deleted = self.older = 0
        self.has_negative = False
        self._scratch = scratch
        self._advance = advance
        self._pool = ThreadPool(os.cpu_count() or 1)
        self._table = _LocationTable(scratch / "locations")
        self._pbf, self._is_unique = origin.parts[-1], origin.is_unique
        if origin.is_history:
            self._keep_newest(origin.parts)
        self.size = self._pbf.stat().st_size

    def read(self, scans: Callable[[], Read]) -> Read:
        """Return what scans of the file give, made again when one meets what the file was not known to have."""
        while True:
            try:
                return scans()
            except _RepeatedError:
                self._keep_newest([self._pbf])
            except _NegativeError:
                self.has_negative = True

    def require_order(self, ids: npt.NDArray[np.int64], after: int) -> int:
        """Return the last of some identifiers; :meth:`read` begins again where they are not higher than those before.

        Parameters
        ----------
        ids
            Of the objects of one kind in a batch.
        after
            The last one of the batch before.
        """
        if not len(ids):
            return after
        if not self._is_unique and (ids[0] <= after or (ids[1:] <= ids[:-1]).any()):
            raise _RepeatedError
        self.require_positive(ids)
        return int(ids[-1])

    def require_positive(self, ids: npt.NDArray[np.int64]) -> None:
        """Make :meth:`read` begin again, with negative identifiers in mind, when some are."""
        if not self.has_negative and len(ids) and ids.min() < 0:
            raise _NegativeError

    def require_nodes(self, count: int) -> None:
        """Make :meth:`read` begin again, with negative identifiers in mind, when no node was found."""
        if not self.has_negative and not count:
            raise _NegativeError

    def locations_and_lines(
        self, entities: osmium.osm.osm_entity_bits, *filters: osmium.BaseFilter
    ) -> Iterator[tuple[Locations, bytes]]:
        """Give the locations of all nodes batch by batch, and the lines of the objects that pass the filters."""
        for batch in self._batches():
            text = self._decode(batch, osmium.osm.NODE | entities, self._table.handler, *filters)
            locations = self._table.take()
            if self.has_negative:
                locations = _written_locations(self._decode(batch, osmium.osm.NODE))
            yield locations, text

    def lines(self, entity: osmium.osm.osm_entity_bits, *filters: osmium.BaseFilter) -> Iterator[bytes]:
        """Give the lines of the objects that pass the filters batch by batch."""
        for batch in self._batches():
            yield self._decode(batch, entity, *filters)

    def _keep_newest(self, parts: Sequence[Path]) -> None:
        newest = self._scratch / "newest.pbf"
        kept = keep_newest(self.path, parts, newest, self._scratch, self._pool)
        self.deleted, self.older, self.has_negative = kept.deleted, kept.older, kept.has_negative
        self._pbf, self._is_unique = newest, True

    def _decode(self, batch: bytes, entity: osmium.osm.osm_entity_bits, *handlers: Any) -> bytes:  # noqa: ANN401 - libosmium's handlers share no type
        lines = self._scratch / "batch.opl"
        with damaged(self.path):
            reader = Reader(FileBuffer(batch, "pbf"), entity, self._pool)
            write(reader, File(lines, "opl,add_metadata=none"), *handlers, pool=self._pool)
        return lines.read_bytes()

    def _batches(self) -> Iterator[bytes]:
        done = 0
        for batch, place in read_batches(self.path, self._pbf):
            yield batch
            self._advance(place - done)
            done = place


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
        The file is damaged or no OSM file, or was broken off by the server that wrote it.
    OutputError
        There is no room for temporary files.
    """
    if not path.is_file():
        raise InputMissingError(
            gettext(
                "{path} does not exist; give an extract of OpenStreetMap (.osm.pbf, .osm, .osm.gz, .osm.bz2).",
                path=path,
            )
        )
    with scratch_folder() as scratch:
        if shutil.disk_usage(scratch).free < FREE_BYTES:
            raise no_room(scratch)
        osm = OsmFile(path, _prepare(path, scratch), scratch, advance)
        yield osm


def _prepare(path: Path, scratch: Path) -> Origin:
    """Bring a file into PBF, and find out what it is."""
    form = recognise(path)
    pool = ThreadPool(os.cpu_count() or 1)
    if form == PBF:
        return _prepare_pbf(path, scratch, pool)
    pbf = scratch / "converted.pbf"
    plain = convert_plain_xml(path, form, pbf, pool)
    if plain is None:
        marked = convert_marked_xml(path, form, scratch, pool)
        return Origin(marked.parts, box=marked.box, remark=marked.remark, is_history=True)
    return Origin([pbf], box=_box(plain.header), is_history=not plain.in_order, is_unique=plain.in_order)


def _prepare_pbf(path: Path, scratch: Path, pool: ThreadPool) -> Origin:
    require_texts(path)
    with damaged(path):
        reader = Reader(FileBuffer(read_header(path, path), "pbf"), osmium.osm.NOTHING, pool)
        header = reader.header()
        reader.close()
    parts = [path]
    on_ways = _LOCATIONS_ON_WAYS in (header.get(f"pbf_optional_feature_{number}") for number in range(_FEATURES))
    if on_ways:
        parts = [scratch / "nodes.pbf", path]
        draw_out_locations(path, path, parts[0], scratch, pool)
    return Origin(parts, _date(header), _box(header), is_history=on_ways or header.has_multiple_object_versions)


def _date(header: Header) -> str:
    """Return the day that a header says its data are of, ISO 8601; empty where it does not."""
    try:
        return date.fromisoformat(header.get(DATE_OPTION).partition("T")[0]).isoformat()
    except ValueError:
        return ""


def _box(header: Header) -> Bounds | None:
    """Return the box that a header states; None where it states none."""
    box = header.box()
    if not box.valid():
        return None
    return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat


def _written_locations(text: bytes) -> Locations:
    """Return the locations of nodes as their lines have them, of negative identifiers too."""
    table = read_lines("n", text)
    locations = np.empty(len(table), LOCATION)
    locations["id"] = table["id"].to_numpy()
    for name in ("x", "y"):
        degrees = pc.utf8_slice_codeunits(table[name], 1)
        known = pc.if_else(pc.equal(degrees, ""), None, degrees).cast(pa.float64())
        units = pc.round(pc.multiply(known, float(UNITS_PER_DEGREE)))
        locations[name] = pc.fill_null(units, float(_NOWHERE)).cast(pa.int32()).to_numpy()
    return locations


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
