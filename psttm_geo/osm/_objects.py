"""Nodes, ways and relations of an OSM file as arrays, of what was asked for and inside a box only."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import osmium
import pyarrow as pa
import pyarrow.compute as pc
from osmium.filter import EntityFilter, IdFilter, KeyFilter

from psttm_geo.osm._faults import damaged
from psttm_geo.osm._lines import read_lines, read_numbers, text_of
from psttm_geo.osm._reader import LOCATION, Locations, OsmFile
from psttm_geo.osm._tags import Mask, TagIndex, Tags, join_tags
from psttm_geo.osm.network import Ints

Box = tuple[int, int, int, int]
"""West, south, east, north in :data:`psttm_geo.osm._reader.UNITS_PER_DEGREE`."""

_BEFORE_ALL = -(1 << 63)
"""Lower than any identifier."""

_SMALL_BYTES = 2 << 20
"""libosmium's filter by identifier clears 4 MB for each 33 million identifiers it touches: in a smaller file it is
sooner done to look at everything."""

WORLD: Box = (-1_800_000_000, -900_000_000, 1_800_000_000, 900_000_000)


@dataclass(frozen=True)
class Request:
    """Which objects of one kind to read.

    Attributes
    ----------
    keys
        libosmium lets pass what carries one of them.
    wanted
        Of those, which ones to keep, by their tags.
    kinds
        Tags to choose by.
    texts
        Names and codes: tags read of chosen objects only, since nearly each has its own.
    ids
        Identifiers of the only ones to keep; None for whatever they are.
    """

    keys: frozenset[str]
    wanted: Callable[[Tags], Mask]
    kinds: TagIndex
    texts: TagIndex
    ids: Ints | None = None

    def choose(self, table: pa.Table) -> tuple[Ints, Tags, Tags]:
        """Return the rows wanted, their tags and their texts."""
        column = _column(table, "tags")
        tags = self.kinds.read(column)
        wanted = self.wanted(tags)
        if self.ids is not None:
            wanted &= np.isin(table["id"].to_numpy(), self.ids)
        rows = np.flatnonzero(wanted)
        return rows, tags.take(rows), self.texts.read_rows(column, rows)


@dataclass(frozen=True)
class Nodes:
    """Nodes inside the box.

    Attributes
    ----------
    locations
        Of all of them, sorted by identifier, each identifier once.
    tagged
        Identifiers of those chosen by their tags, sorted.
    tags, texts
        Of the tagged ones.
    read, out_of_range
        How many nodes the file has, and how many of them lie nowhere on earth and were dropped.
    """

    locations: Locations
    tagged: Ints
    tags: Tags
    texts: Tags
    read: int
    out_of_range: int

    def find(self, ids: Ints) -> Ints:
        """Return the position of each node among the locations, -1 for one that is not there."""
        known = self.locations["id"]
        place = np.searchsorted(known, ids)
        place[place == len(known)] = 0
        return np.where(known[place] == ids, place, -1) if len(known) else np.full(len(ids), -1)


@dataclass(frozen=True)
class Ways:
    """Ways that were asked for.

    Attributes
    ----------
    ids
        Sorted, each once.
    tags, texts
        Of the ways.
    offsets
        Way `i` has the nodes `offsets[i]` to `offsets[i + 1]` of `refs`.
    refs
        Identifiers of nodes.
    read, too_short
        How many ways with tags asked for there are, and how many of them have fewer than two nodes and were dropped.
    """

    ids: Ints
    tags: Tags
    texts: Tags
    offsets: Ints
    refs: Ints
    read: int
    too_short: int

    def take(self, rows: Ints) -> "Ways":
        """Return some of the ways, in the order given."""
        counts = np.diff(self.offsets)[rows]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        at = np.arange(offsets[-1]) + np.repeat(self.offsets[rows] - offsets[:-1], counts)
        return replace(
            self,
            ids=self.ids[rows],
            tags=self.tags.take(rows),
            texts=self.texts.take(rows),
            offsets=offsets,
            refs=self.refs[at],
        )


@dataclass(frozen=True)
class OtherMembers:
    """Members of relations that are no ways.

    Attributes
    ----------
    owner
        Position of the relation, in rising order.
    kind
        ``n`` or ``r``.
    ids
        Of the members.
    roles
        What they are in the relation; empty text for nothing.
    """

    owner: Ints
    kind: npt.NDArray[np.object_]
    ids: Ints
    roles: npt.NDArray[np.object_]

    def take(self, rows: Ints) -> "OtherMembers":
        """Return some of the members, in the order given."""
        return OtherMembers(self.owner[rows], self.kind[rows], self.ids[rows], self.roles[rows])


@dataclass(frozen=True)
class Relations:
    """Relations that were asked for.

    Attributes
    ----------
    ids
        Sorted, each once.
    tags, texts
        Of the relations.
    owner, way
        Members that are ways: position of the relation (in rising order), identifier of the way.
    read
        How many relations with tags asked for there are.
    others
        Members that are no ways.
    """

    ids: Ints
    tags: Tags
    texts: Tags
    owner: Ints
    way: Ints
    read: int
    others: OtherMembers

    def take(self, rows: Ints) -> "Relations":
        """Return some of the relations, in the order given."""
        place = np.full(len(self.ids), -1, np.int64)
        place[rows] = np.arange(len(rows))
        owner, order = _reordered(place[self.owner])
        others_owner, others_order = _reordered(place[self.others.owner])
        return replace(
            self,
            ids=self.ids[rows],
            tags=self.tags.take(rows),
            texts=self.texts.take(rows),
            owner=owner,
            way=self.way[order],
            others=replace(self.others.take(others_order), owner=others_owner),
        )


def _reordered(owner: Ints) -> tuple[Ints, Ints]:
    """Sort members by their new owner, those without one (-1) left out; return owners and positions."""
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    return owner[order], order


def with_locations(nodes: Nodes, more: Locations) -> Nodes:
    """Add the locations of nodes outside the box."""
    locations = np.concatenate([nodes.locations, more])
    return replace(nodes, locations=locations[_last_of_each(locations["id"])]) if len(more) else nodes


def read_nodes(osm: OsmFile, request: Request, box: Box) -> Nodes:
    """Read the locations of all nodes inside a box, and the tags of those that are wanted."""
    nodes = _NodeBatches(osm, request, box)
    for locations, text in osm.locations_and_lines(osmium.osm.NODE, _carrying(request.keys, osmium.osm.NODE)):
        nodes.add(locations, text)
    return nodes.join()


class _NodeBatches:
    """Nodes inside a box, of the batches of a scan."""

    def __init__(self, osm: OsmFile, request: Request, box: Box) -> None:
        self._osm, self._request, self._box = osm, request, box
        self._last = _BEFORE_ALL
        self._locations, self._ids = [np.zeros(0, LOCATION)], [np.zeros(0, np.int64)]
        self._tags: list[Tags] = []
        self._texts: list[Tags] = []
        self._read = self._out_of_range = 0

    def add(self, locations: Locations, text: bytes) -> None:
        west, south, east, north = self._box
        x, y = locations["x"], locations["y"]
        self._last = self._osm.require_order(locations["id"], self._last)
        inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        self._read += len(locations)
        self._out_of_range += int(np.count_nonzero((np.abs(x[~inside]) > WORLD[2]) | (np.abs(y[~inside]) > WORLD[3])))
        self._locations.append(locations[inside])
        with damaged(self._osm.path):
            table = read_lines("n", text)
            rows, tags, texts = self._request.choose(table)
        self._osm.require_positive(table["id"].to_numpy())
        self._ids.append(table["id"].to_numpy()[rows])
        self._tags.append(tags)
        self._texts.append(texts)

    def join(self) -> Nodes:
        self._osm.require_nodes(self._read)
        locations, ids = np.concatenate(self._locations), np.concatenate(self._ids)
        self._locations.clear()  # the largest array there is: not to be held twice
        if not _is_sorted(locations["id"]):
            locations = locations[_last_of_each(locations["id"])]
        tags, texts = join_tags(self._tags), join_tags(self._texts)
        nodes = Nodes(locations, ids, tags, texts, self._read, self._out_of_range)
        rows = _last_of_each(ids)
        rows = rows[nodes.find(ids[rows]) >= 0]
        return replace(nodes, tagged=ids[rows], tags=tags.take(rows), texts=texts.take(rows))


def _carrying(keys: frozenset[str], entity: osmium.osm.osm_entity_bits) -> osmium.BaseFilter:
    """Let pass what carries one of some keys, and what is of another kind."""
    if not keys:
        return EntityFilter(osmium.osm.ALL & ~entity)
    carrying = KeyFilter(*sorted(keys))
    carrying.enable_for(entity)
    return carrying


def read_ways(osm: OsmFile, request: Request, nodes: Nodes) -> Ways:
    """Read the ways that are wanted and have a node inside the box."""
    return _read_ways(osm, request, nodes, _carrying(request.keys, osmium.osm.WAY))


def read_ways_by_id(osm: OsmFile, ids: Ints) -> Ways:
    """Read the ways with the identifiers given, inside the box or not, without their tags."""
    return _read_ways(osm, _everything_of(ids), None, _identified(osm, ids))


def _identified(osm: OsmFile, ids: Ints) -> osmium.BaseFilter:
    """Let pass objects by their identifiers; all where some are negative, which no filter of libosmium takes."""
    all_of_them = osm.has_negative or osm.size <= _SMALL_BYTES
    return EntityFilter(osmium.osm.ALL) if all_of_them else IdFilter(ids.tolist())


def _everything_of(ids: Ints) -> Request:
    """Ask for the objects with the identifiers given, without tags."""
    nothing = TagIndex(())
    return Request(frozenset(), lambda tags: np.ones(tags.count, bool), nothing, nothing, ids)


def _read_ways(osm: OsmFile, request: Request, nodes: Nodes | None, those: osmium.BaseFilter) -> Ways:
    ways = _WayBatches(osm, request, nodes)
    for text in osm.lines(osmium.osm.WAY, those):
        ways.add(text)
    return ways.join()


class _WayBatches:
    """Ways of the batches of a scan, with `nodes` only those that have one of them."""

    def __init__(self, osm: OsmFile, request: Request, nodes: Nodes | None) -> None:
        self._osm, self._request, self._nodes = osm, request, nodes
        self._last = _BEFORE_ALL
        self._parts = [_no_ways()]
        self._read = self._too_short = 0

    def add(self, text: bytes) -> None:
        with damaged(self._osm.path):
            table = read_lines("w", text)
            batch = _parse_ways(table, self._request)
        self._last = self._osm.require_order(table["id"].to_numpy(), self._last)
        self._osm.require_positive(batch.refs)
        long = np.diff(batch.offsets) > 1
        kept = long if self._nodes is None else long & touching(batch, self._nodes)
        self._read += len(table)
        self._too_short += int(np.count_nonzero(~long))
        self._parts.append(batch.take(np.flatnonzero(kept)))

    def join(self) -> Ways:
        parts = self._parts
        ways = Ways(
            np.concatenate([part.ids for part in parts]),
            join_tags([part.tags for part in parts]),
            join_tags([part.texts for part in parts]),
            _offsets(np.concatenate([np.diff(part.offsets) for part in parts])),
            np.concatenate([part.refs for part in parts]),
            self._read,
            self._too_short,
        )
        return ways if _is_sorted(ways.ids) else ways.take(_last_of_each(ways.ids))


def touching(ways: Ways, nodes: Nodes) -> Mask:
    """Tell which ways have a node inside the box."""
    inside = np.zeros(len(ways.ids), bool)
    inside[owners(ways.offsets)[nodes.find(ways.refs) >= 0]] = True
    return inside


def _no_ways() -> Ways:
    nothing = np.zeros(0, np.int64)
    return Ways(nothing, join_tags([]), join_tags([]), np.zeros(1, np.int64), nothing, 0, 0)


def _offsets(counts: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def owners(offsets: Ints) -> Ints:
    """Return for each item of runs the position of its run."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


def _parse_ways(table: pa.Table, request: Request) -> Ways:
    """Return the ways of a table that are wanted."""
    rows, tags, texts = request.choose(table)
    nodes = pc.utf8_slice_codeunits(_column(table, "nodes").take(pa.array(rows)), 1)  # without the N
    counts = pc.count_substring(nodes, "n").to_numpy().astype(np.int64)
    refs = read_numbers(text_of(nodes).replace(b",n", b"\n").replace(b"n", b"\n")[1:])
    return Ways(table["id"].to_numpy()[rows], tags, texts, _offsets(counts), refs, 0, 0)


def read_relations(osm: OsmFile, request: Request) -> Relations:
    """Read the relations that are wanted."""
    return _read_relations(osm, request, _carrying(request.keys, osmium.osm.RELATION))


def read_relations_by_id(osm: OsmFile, ids: Ints) -> Relations:
    """Read the relations with the identifiers given, without their tags."""
    return _read_relations(osm, _everything_of(ids), _identified(osm, ids))


def _read_relations(osm: OsmFile, request: Request, those: osmium.BaseFilter) -> Relations:
    nothing = np.zeros(0, np.int64)
    ids, tags, texts, owner, way = [nothing], [], [], [nothing], [nothing]
    others = [no_members()]
    read = start = 0
    last = _BEFORE_ALL
    for text in osm.lines(osmium.osm.RELATION, those):
        with damaged(osm.path):
            table = read_lines("r", text)
            rows, tags_of_rows, texts_of_rows = request.choose(table)
            members = pc.split_pattern(pc.utf8_slice_codeunits(_column(table, "members").take(pa.array(rows)), 1), ",")
        last = osm.require_order(table["id"].to_numpy(), last)
        flat, parents = members.flatten(), pc.list_parent_indices(members).to_numpy() + start
        is_way = pc.starts_with(flat, "w").to_numpy(zero_copy_only=False)
        read += len(table)
        ids.append(table["id"].to_numpy()[rows])
        tags.append(tags_of_rows)
        texts.append(texts_of_rows)
        owner.append(parents[is_way])
        way.append(_member_ids(flat.filter(pa.array(is_way))))
        others.append(_other_members(parents[~is_way], flat.filter(pa.array(~is_way))))
        osm.require_positive(way[-1])
        osm.require_positive(others[-1].ids)
        start += len(rows)
    joined = [np.concatenate(part) for part in (ids, owner, way)]
    beside = OtherMembers(
        np.concatenate([part.owner for part in others]),
        np.concatenate([part.kind for part in others]),
        np.concatenate([part.ids for part in others]),
        np.concatenate([part.roles for part in others]),
    )
    relations = Relations(joined[0], join_tags(tags), join_tags(texts), joined[1], joined[2], read, beside)
    return relations if _is_sorted(relations.ids) else relations.take(_last_of_each(relations.ids))


def no_members() -> OtherMembers:
    nothing, text = np.zeros(0, np.int64), np.zeros(0, object)
    return OtherMembers(nothing, text, nothing, text)


def _other_members(owner: Ints, members: pa.StringArray) -> OtherMembers:
    """Read members written as ``n123@role``; a member that is empty text is none."""
    there = np.flatnonzero(pc.not_equal(members, "").to_numpy(zero_copy_only=False))
    members = members.take(pa.array(there))
    kinds = pc.utf8_slice_codeunits(members, 0, 1).to_numpy(zero_copy_only=False)
    roles = pc.list_element(pc.split_pattern(members, "@", max_splits=1), 1).to_numpy(zero_copy_only=False)
    return OtherMembers(owner[there], kinds, _member_ids(members), roles)


def _member_ids(members: pa.StringArray) -> Ints:
    """Return the identifiers of members written as ``w123@role``."""
    numbers = pc.utf8_slice_codeunits(pc.list_element(pc.split_pattern(members, "@"), 0), 1)
    ids: Ints = numbers.cast(pa.int64()).to_numpy()
    return ids


def locate(osm: OsmFile, ids: Ints) -> Locations:
    """Return the locations of those of the nodes given (sorted) that the file has, inside the box or not."""
    # libosmium's own filter by identifier takes 4 MB for each 33 million identifiers it touches: 1.5 GB for nodes.
    found = [np.zeros(0, LOCATION)]
    for locations, _ in osm.locations_and_lines(osmium.osm.NODE, EntityFilter(osmium.osm.NOTHING)):
        place = np.minimum(np.searchsorted(ids, locations["id"]), len(ids) - 1)
        found.append(locations[ids[place] == locations["id"]])
    located = np.concatenate(found)
    return located[_last_of_each(located["id"])]


def _last_of_each(ids: Ints) -> Ints:
    """Return the positions of distinct identifiers, sorted by identifier; of repeated ones the last."""
    if _is_sorted(ids):
        return np.arange(len(ids))
    order = np.argsort(ids, kind="stable")
    ordered = ids[order]
    last: Ints = order[np.append(ordered[1:] != ordered[:-1], True)]
    return last


def _is_sorted(ids: Ints) -> bool:
    """Tell whether identifiers rise, none repeated."""
    return bool((ids[1:] > ids[:-1]).all())


def _column(table: pa.Table, name: str) -> pa.StringArray:
    column = table[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
