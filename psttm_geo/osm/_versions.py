"""Of files with several versions of an object: the newest of each, unless it says that the object was deleted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
import pyarrow as pa
import pyarrow.compute as pc
from osmium.io import File, FileBuffer, Reader, ThreadPool
from pyarrow import csv

from psttm_geo.osm._blobs import read_batches
from psttm_geo.osm._faults import damaged
from psttm_geo.osm._lines import read_lines, text_of
from psttm_geo.osm._write import write, writing

_ENTITIES = (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION)

_NEWLINE = ord("\n")


@dataclass(frozen=True)
class Kept:
    """What was kept and what was not.

    Attributes
    ----------
    deleted
        Objects whose newest version says that they were deleted.
    older
        Versions of objects of which there is a newer one, and repetitions.
    has_negative
        Whether identifiers are negative: of objects drawn by hand.
    """

    deleted: int
    older: int
    has_negative: bool


def keep_newest(path: Path, parts: Sequence[Path], target: Path, scratch: Path, pool: ThreadPool) -> Kept:
    """Write a PBF file with the newest version of each object.

    Versions are compared by their number; of equal ones, and where numbers are not said, the last one counts.

    Parameters
    ----------
    path
        The file as the user named it.
    parts
        PBF files, read one after the other.
    target
        To write.
    scratch
        Folder for the lines of a batch.
    pool
        Threads of libosmium.

    Raises
    ------
    OsmFileError
        A part is damaged.
    OutputError
        There is no room.
    """
    lines = _Lines(path, parts, scratch / "versions.opl", pool)
    deleted = older = 0
    has_negative = False
    form = File(target, "pbf,pbf_compression=none,add_metadata=none")
    with damaged(path), writing(osmium.SimpleWriter(form, overwrite=True, thread_pool=pool)) as writer:
        for entity in _ENTITIES:
            ids, versions, visible = _read_versions(lines, entity)
            newest = _newest(ids, versions)
            kept = newest & visible
            deleted += int(np.count_nonzero(newest & ~visible))
            older += int(np.count_nonzero(~newest))
            has_negative |= bool((ids < 0).any())
            start = 0
            for text in lines.read(entity):
                count = text.count(b"\n")
                chosen = _choose_lines(text, kept[start : start + count])
                start += count
                if chosen:
                    osmium.apply(Reader(FileBuffer(chosen, "opl"), osmium.osm.ALL, pool), writer)
    return Kept(deleted, older, has_negative)


class _Lines:
    """The objects of PBF files as lines."""

    def __init__(self, path: Path, parts: Sequence[Path], scratch: Path, pool: ThreadPool) -> None:
        self._path, self._parts, self._scratch, self._pool = path, parts, scratch, pool

    def read(self, entity: osmium.osm.osm_entity_bits, form: str = "opl,add_metadata=version") -> Iterator[bytes]:
        """Give the lines of objects of a kind, batch by batch."""
        for part in self._parts:
            for batch, _ in read_batches(self._path, part):
                with damaged(self._path):
                    reader = Reader(FileBuffer(batch, "pbf"), entity, self._pool)
                    write(reader, File(self._scratch, form), pool=self._pool)
                yield self._scratch.read_bytes()


def _read_versions(
    lines: _Lines, entity: osmium.osm.osm_entity_bits
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return the identifier and version of each line, and whether it says that the object is there."""
    ids, versions, visible = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    for text in lines.read(entity):
        if not text:
            continue
        table = csv.read_csv(
            pa.py_buffer(text),
            read_options=csv.ReadOptions(column_names=[*_HEAD, *_REST[text[:1]]], block_size=len(text) + 1),
            parse_options=csv.ParseOptions(delimiter=" ", quote_char=False, escape_char=False),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(_HEAD, pa.string()), include_columns=list(_HEAD), strings_can_be_null=False
            ),
        )
        ids.append(_number(table["id"]))
        versions.append(_number(table["version"]))
        visible.append(pc.equal(table["visible"], "dV").to_numpy())
    return np.concatenate(ids), np.concatenate(versions), np.concatenate(visible)


_HEAD = ("id", "version", "visible")

_REST = {b"n": ("tags", "x", "y"), b"w": ("tags", "nodes"), b"r": ("tags", "members")}


def _number(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Read numbers with a letter before them."""
    numbers: npt.NDArray[np.int64] = pc.utf8_slice_codeunits(column, 1).cast(pa.int64()).to_numpy()
    return numbers


def _newest(ids: npt.NDArray[np.int64], versions: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell which lines are the newest of their object."""
    order = np.lexsort((versions, ids))  # stable: of equal versions the last line comes last
    newest = np.zeros(len(ids), bool)
    if len(ids):
        newest[order[np.append(ids[order][1:] != ids[order][:-1], True)]] = True
    return newest


def _choose_lines(text: bytes, kept: npt.NDArray[np.bool_]) -> bytes:
    signs = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(signs == _NEWLINE) + 1
    return signs[np.repeat(kept, np.diff(ends, prepend=0))].tobytes()


def draw_out_locations(path: Path, pbf: Path, target: Path, scratch: Path, pool: ThreadPool) -> None:
    """Write a PBF file of the nodes whose places stand on the ways of another, where they have no nodes of their own.

    Raises
    ------
    OsmFileError
        The file is damaged.
    OutputError
        There is no room.
    """
    lines = _Lines(path, [pbf], scratch / "locations.opl", pool)
    form = File(target, "pbf,pbf_compression=none,add_metadata=none")
    with damaged(path), writing(osmium.SimpleWriter(form, overwrite=True, thread_pool=pool)) as writer:
        for text in lines.read(osmium.osm.WAY, "opl,add_metadata=none,locations_on_ways=true"):
            nodes = _located_nodes(text)
            if nodes:
                osmium.apply(Reader(FileBuffer(nodes, "opl"), osmium.osm.ALL, pool), writer)


def _located_nodes(text: bytes) -> bytes:
    """Return a line for each node that ways name with its place: ``n5x9.1y45.4`` becomes ``n5 x9.1 y45.4``."""
    named = pc.utf8_slice_codeunits(read_lines("w", text)["nodes"], 1)  # without the N
    refs = pc.unique(pc.list_flatten(pc.split_pattern(named, ",")))
    parts = pc.extract_regex(refs, r"^(?P<ref>n-?\d+)(?P<x>x[-0-9.e]+)(?P<y>y[-0-9.e]+)$").drop_null()
    lines = pc.binary_join_element_wise(*(pc.struct_field(parts, name) for name in ("ref", "x", "y")), " ")
    return text_of(pc.binary_join_element_wise(lines, "", "\n"))
