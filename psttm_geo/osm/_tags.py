"""Tags of many objects at once: each distinct pair of key and value is looked at but once."""

import functools
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from psttm_geo.osm import _measures as measures
from psttm_geo.osm._conditions import SUFFIX, value_at_hour
from psttm_geo.osm.network import NOT_MAPPED, Bytes, EdgeFlag, NodeFlag

Mask = npt.NDArray[np.bool_]

Pair = tuple[str, str]

ANY = "*"
"""Any value of a key."""

ABSENT = "-"
"""The key is not there."""


@dataclass(frozen=True)
class Tags:
    """Tags of a number of objects.

    Attributes
    ----------
    count
        How many objects there are.
    owner
        Position of the object that carries each tag.
    code
        Position of each tag among the pairs of the index.
    """

    count: int
    owner: npt.NDArray[np.int64]
    code: npt.NDArray[np.int32]

    def take(self, rows: npt.NDArray[np.int64]) -> "Tags":
        """Return the tags of some objects, in the order of the array given."""
        place = np.full(self.count, -1, np.int64)
        place[rows] = np.arange(len(rows))
        owner = place[self.owner]
        kept = owner >= 0
        return Tags(len(rows), owner[kept], self.code[kept])


def split_values(value: str) -> list[str]:
    """Return the values of a list such as ``restaurant; bar``."""
    return [part.strip() for part in value.split(";")]


def join_tags(parts: Sequence[Tags]) -> Tags:
    """Put the tags of batches of objects one after the other."""
    if not parts:
        return Tags(0, np.zeros(0, np.int64), np.zeros(0, np.int32))
    starts = np.cumsum([0, *(part.count for part in parts)])
    owner = np.concatenate([part.owner + start for part, start in zip(parts, starts[:-1], strict=True)])
    return Tags(int(starts[-1]), owner, np.concatenate([part.code for part in parts]))


class TagIndex:
    """The distinct tags met so far, of the keys asked for; all other keys are passed over.

    Parameters
    ----------
    keys
        Which ones.

    Attributes
    ----------
    pairs
        Key and value, by their code.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = frozenset(keys)
        self.pairs: list[Pair] = []
        self._codes: dict[str, int] = {}
        self._codes_of_key: dict[str, list[int]] = {}
        self._codes_of_value: dict[Pair, list[int]] = {}

    def read(self, column: pa.StringArray) -> Tags:
        """Read a column of tags as OPL has them: ``Tkey=value,key=value``."""
        if not self._keys:
            return Tags(len(column), np.zeros(0, np.int64), np.zeros(0, np.int32))
        lists = pc.split_pattern(pc.utf8_slice_codeunits(column, 1), ",")
        found = lists.flatten().dictionary_encode()
        known = np.array([self._code(text) for text in found.dictionary.to_pylist()], np.int32)
        code = known[found.indices.to_numpy()] if len(known) else np.zeros(0, np.int32)
        owner = pc.list_parent_indices(lists).to_numpy()
        return Tags(len(column), owner[code >= 0], code[code >= 0])

    def read_rows(self, column: pa.StringArray, rows: npt.NDArray[np.int64]) -> Tags:
        """Read some rows of a column of tags, in the order given."""
        return self.read(column.take(pa.array(rows)))

    def values(self, tags: Tags, key: str) -> npt.NDArray[np.object_]:
        """Return what each object has for a key, empty text for nothing."""
        values = np.full(tags.count, "", object)
        texts = np.full(len(self.pairs), None, object)
        for code in self._codes_of_key.get(key, ()):
            texts[code] = self.pairs[code][1]
        found = texts[tags.code]
        mine = found != None  # noqa: E711 - compared cell by cell
        values[tags.owner[mine]] = found[mine]
        return values

    def has(self, tags: Tags, key: str, value: str) -> Mask:
        """Tell which objects carry a tag; :data:`ANY` value, :data:`ABSENT` key; lists such as ``1;2`` hold each."""
        return ~self._carry(tags, self.codes(key)) if value == ABSENT else self.has_any(tags, [(key, value)])

    def has_any(self, tags: Tags, pairs: Iterable[Pair]) -> Mask:
        """Tell which objects carry one of several tags at least; :data:`ANY` value, lists hold each of theirs."""
        carried = self._codes_of_value
        codes = [self.codes(key) if value == ANY else carried.get((key, value), ()) for key, value in pairs]
        return self._carry(tags, itertools.chain.from_iterable(codes))

    def fits(self, tags: Tags, key: str, accepts: Callable[[str], bool]) -> Mask:
        """Tell which objects carry a key with a value that is accepted."""
        return self._carry(tags, (code for code in self.codes(key) if accepts(self.pairs[code][1])))

    def _carry(self, tags: Tags, codes: Iterable[int]) -> Mask:
        """Tell which objects carry one of some pairs."""
        mask, accepted = np.zeros(tags.count, bool), np.zeros(len(self.pairs), bool)
        wanted = list(codes)
        if wanted:
            accepted[wanted] = True
            mask[tags.owner[accepted[tags.code]]] = True
        return mask

    def codes(self, key: str) -> Sequence[int]:
        """Return the positions of the pairs of a key."""
        return self._codes_of_key.get(key, ())

    def add(self, pair: Pair) -> int:
        """Return the position of a pair, which is added where no object has it."""
        for code in self.codes(pair[0]):
            if self.pairs[code] == pair:
                return code
        return self._append(*pair)

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            key, _, value = text.partition("=")
            if _unescape(key) not in self._keys:
                return -1
            code = self._codes[text] = self._append(_unescape(key), _unescape(value))
        return code

    def _append(self, key: str, value: str) -> int:
        code = len(self.pairs)
        self.pairs.append((key, value))
        self._codes_of_key.setdefault(key, []).append(code)
        for part in set(split_values(value)):
            self._codes_of_value.setdefault((key, part), []).append(code)
        return code


_ESCAPED = re.compile(r"%([0-9a-f]+)%")


def _unescape(text: str) -> str:
    """Undo the escapes of OPL: a character's number in hexadecimal between per cent signs."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "%" in text else text


_KINDS = ("highway", "man_made", "public_transport", "railway")
"""Keys that say what a way is: a list in one of them says nothing, and without one a way is no street."""

_RINGS = (("highway", "rest_area"),)
"""Streets that are areas where they are drawn as a ring, like platforms and piers."""

_BESIDE = ("crossing", "entrance", "highway", "railway")
"""Keys of nodes whose access is that of a door or of a crossing, not of the street that passes there."""

_LEVEL_KEY = "level"
"""On which storey something is; whatever lies below the ground passes below all that is on it, as a tunnel does."""

_PASSED_THROUGH = ("highway", "elevator")
"""But not of this: who may not take it does not go on."""

_DIRECTIONS = ("foot:forward", "foot:backward")
"""Keys of ways that may open one direction where both are closed."""


class WalkRule:
    """Which ways can be walked, as the table ``walkable.csv`` has it, and what is to be known of ways and nodes.

    The tag with the strongest rank (1) decides; among tags of one rank a "no" wins. A list (``yes;designated``) stands
    for each of its values, but for the keys that say what a way is. Where ``foot:conditional`` or
    ``access:conditional`` holds at the stated hour, its value takes the place of ``foot`` or ``access``. A way without
    ``highway`` is a street only where the table opens it for what it is (a platform, a pier), and one that no tag
    decides on is not walked. A node that no tag decides on is open.

    Parameters
    ----------
    table
        ``object`` (way or node), ``key``, ``value`` (:data:`ANY` for any), ``rank``, ``verdict`` (si, no or nothing),
        ``flag`` (names of flags, or nothing), and where it has it ``kerb_cm`` (the height that a kind of kerb stands
        for).
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._ways, self._nodes = _Rows(table, "way"), _Rows(table, "node")
        named = {value for key, value in self._ways.rows if key == "highway"} | {value for _, value in self._ways.kinds}
        self.classes = ("", *sorted(named - {ANY}))
        self._class_codes = {name: code for code, name in enumerate(self.classes)}

    @property
    def way_keys(self) -> frozenset[str]:
        """Keys that the rule looks at on ways."""
        return self._ways.keys | {"highway"}

    @property
    def kind_keys(self) -> frozenset[str]:
        """Keys of which a way must carry one to be a street."""
        return frozenset(key for key, _ in self._ways.kinds) | {"highway"}

    @property
    def node_keys(self) -> frozenset[str]:
        """Keys that the rule looks at on nodes."""
        return self._nodes.keys

    @property
    def marking_keys(self) -> frozenset[str]:
        """Keys of which a node must carry one for the rule to say anything of it."""
        also = {"foot" + SUFFIX, "access" + SUFFIX, "kerb", "kerb:height"}
        return self._nodes.deciding | self._nodes.flagging | (self.node_keys & also)

    def walkable(self, tags: Tags, index: TagIndex) -> Mask:
        """Tell which ways can be walked."""
        tags = in_force(tags, index, self._ways.keys)
        best = self._ways.strongest(tags, index)
        walked = (best % 2 == 1) & (best < _UNDECIDED) & self._is_street(tags, index)
        if all(index.codes(key) for key in _DIRECTIONS):
            shut = (_carry(tags, index, (key,), self._ways.flagged) for key in _DIRECTIONS)
            walked &= ~np.logical_and(*shut)
        return np.asarray(walked)

    def is_area_as_ring(self, tags: Tags, index: TagIndex) -> Mask:
        """Tell which ways are areas where they end where they begin: platforms, piers, rest areas."""
        drawn = _carry(tags, index, _KINDS[1:], self._ways.kinds.__contains__)
        as_street = _carry(tags, index, ("highway",), self._ways.rows.__contains__)
        resting = _carry(tags, index, ("highway",), _RINGS.__contains__)
        return np.asarray((drawn & ~as_street | resting) & ~index.has(tags, "area", "no"))

    def class_of(self, tags: Tags, index: TagIndex) -> Bytes:
        """Return the street class of each way as a position in `classes`; 0 for one the table does not know."""
        classes = np.zeros(tags.count, np.uint8)
        for keys in (_KINDS[1:], _KINDS[:1]):  # what it is as a street comes before all else
            codes = _per_pair(index, keys, lambda pair: self._class_codes.get(pair[1], 0))[tags.code]
            classes[tags.owner[codes > 0]] = codes[codes > 0]
        return classes

    def way_flags(self, tags: Tags, index: TagIndex) -> npt.NDArray[np.uint16]:
        """Return the :class:`EdgeFlag` values of each way; two directions that contradict each other bind nobody."""
        flags = self._ways.flags(tags, index, EdgeFlag)
        if any(index.codes(key) for key in _DIRECTIONS):
            flags |= self._opened(tags, index)
        if _LEVEL_KEY in self._ways.keys:
            flags[_carry(tags, index, (_LEVEL_KEY,), lambda pair: measures.is_below_ground(pair[1]))] |= EdgeFlag.TUNNEL
        one_way = EdgeFlag.FORWARD | EdgeFlag.BACKWARD
        flags[flags & one_way == one_way] &= ~one_way
        return flags.astype(np.uint16)

    def node_flags(self, tags: Tags, index: TagIndex) -> Bytes:
        """Return the :class:`NodeFlag` values of each node."""
        tags = in_force(tags, index, self._nodes.keys)
        flags = self._nodes.flags(tags, index, NodeFlag)
        best = self._nodes.strongest(tags, index)
        closed = (best % 2 == 0) & (best < _UNDECIDED)
        if closed.any():
            beside = _carry(tags, index, _BESIDE, lambda pair: pair != _PASSED_THROUGH)
            closed &= ~beside | index.has(tags, "barrier", ANY)
        flags[closed] |= NodeFlag.CLOSED
        return flags.astype(np.uint8)

    def marks(self, tags: Tags, index: TagIndex) -> Mask:
        """Tell which nodes the rule says something of."""
        return np.asarray((self.node_flags(tags, index) > 0) | (self.kerbs_cm(tags, index) != NOT_MAPPED))

    def widths_cm(self, tags: Tags, index: TagIndex) -> Bytes:
        """Return the width of each way, :data:`NOT_MAPPED` where unknown."""
        return _measured(tags, index, "width", measures.width_cm)

    def slopes_percent(self, tags: Tags, index: TagIndex) -> Bytes:
        """Return the slope of each way, :data:`NOT_MAPPED` where unknown."""
        return _measured(tags, index, "incline", measures.slope_percent)

    def kerbs_cm(self, tags: Tags, index: TagIndex) -> Bytes:
        """Return the height of the kerb at each node: as measured, else as its kind says."""
        kinds = _measured(tags, index, "kerb", self._nodes.kerb_cm)
        heights = _measured(tags, index, "kerb:height", measures.height_cm)
        return np.where(heights != NOT_MAPPED, heights, kinds)

    def smoothness(self, tags: Tags, index: TagIndex) -> Bytes:
        """Return the grade of each way as a position in OSM's scale, :data:`NOT_MAPPED` where unknown."""
        return _measured(tags, index, "smoothness", measures.smoothness)

    def _opened(self, tags: Tags, index: TagIndex) -> npt.NDArray[np.int64]:
        """Return the direction of each way that is closed but for this one."""
        best = self._ways.strongest(in_force(tags, index, self._ways.keys), index, but=_DIRECTIONS)
        closed = (best % 2 == 0) & (best < _UNDECIDED)
        forward, backward = (_carry(tags, index, (key,), self._ways.opens) for key in _DIRECTIONS)
        flags = np.zeros(tags.count, np.int64)
        flags[closed & forward] |= EdgeFlag.FORWARD
        flags[closed & backward] |= EdgeFlag.BACKWARD
        return flags

    def _is_street(self, tags: Tags, index: TagIndex) -> Mask:
        return _carry(tags, index, _KINDS, lambda pair: pair[0] == "highway" or pair in self._ways.kinds)


def in_force(tags: Tags, index: TagIndex, known: Collection[str]) -> Tags:
    """Put the values that hold at the stated hour in the place of those they replace, of ``foot`` and ``access``.

    Parameters
    ----------
    tags, index
        Of some objects.
    known
        Keys that are looked at: conditions of others are passed over.
    """
    keys = [key for key in ("foot", "access") if key + SUFFIX in known and index.codes(key + SUFFIX)]
    code, kept = tags.code, np.ones(len(tags.code), bool)
    for key in keys:
        said = {at: value for at in index.codes(key + SUFFIX) if (value := value_at_hour(index.pairs[at][1]))}
        holds = np.isin(tags.code, list(said))
        if holds.any():
            place = np.arange(len(index.pairs) + len(said), dtype=np.int32)
            for at, value in said.items():
                place[at] = index.add((key, value))
            base = np.isin(tags.code, index.codes(key))
            kept &= ~(base & np.isin(tags.owner, tags.owner[holds]))
            code = np.where(holds, place[tags.code], code)
    return Tags(tags.count, tags.owner[kept], code[kept]) if keys else tags


_UNDECIDED = 1000

_Row = dict[str, str]


class _Rows:
    """The rows of ``walkable.csv`` for ways or for nodes.

    Attributes
    ----------
    rows
        By key and value.
    kinds
        Tags that make a street of a way without ``highway``.
    keys, deciding, flagging
        All keys, those of rows with a verdict, and those of rows with flags.
    """

    def __init__(self, table: pd.DataFrame, kind: str) -> None:
        names = table.columns.tolist()
        cells = zip(*(table[name].tolist() for name in names), strict=True)
        rows = [dict(zip(names, row, strict=True)) for row in cells]
        self.rows: dict[Pair, _Row] = {(row["key"], row["value"]): row for row in rows if row["object"] == kind}
        self.kinds = {pair for pair, row in self.rows.items() if pair[0] in _KINDS[1:] and row["verdict"] == "si"}
        self.keys = frozenset(key for key, _ in self.rows)
        self.deciding, self.flagging = self._filled("verdict"), self._filled("flag")
        self._score = functools.cache(self._score_of)

    def strongest(self, tags: Tags, index: TagIndex, but: Iterable[str] = ()) -> npt.NDArray[np.integer]:
        """Return the smallest score of each object, some keys left out: twice the rank of a tag, one more for a yes."""
        best = np.full(tags.count, _UNDECIDED, np.int16)
        score = _per_pair(index, self.deciding.difference(but), self._score, _UNDECIDED)
        np.minimum.at(best, tags.owner, score[tags.code])
        return best

    def flags(self, tags: Tags, index: TagIndex, names: type[EdgeFlag] | type[NodeFlag]) -> npt.NDArray[np.int64]:
        """Return the flags of each object, added up."""

        def value(pair: Pair) -> int:
            return sum({names[name.upper()] for row in self._of(pair) for name in row["flag"].split()})

        flags = np.zeros(tags.count, np.int64)
        np.bitwise_or.at(flags, tags.owner, _per_pair(index, self.flagging, value)[tags.code])
        return flags

    def opens(self, pair: Pair) -> bool:
        """Tell whether a tag says yes."""
        return self._score(pair) % 2 == 1

    def flagged(self, pair: Pair) -> bool:
        """Tell whether a tag gives flags."""
        return any(row["flag"] for row in self._of(pair))

    def kerb_cm(self, value: str) -> int:
        """Return the height that a kind of kerb stands for."""
        cells = [row.get("kerb_cm", "") for row in self._of(("kerb", value))]
        return max((int(cell) for cell in cells if cell), default=NOT_MAPPED)

    def _filled(self, column: str) -> frozenset[str]:
        return frozenset(key for (key, _), row in self.rows.items() if row.get(column))

    def _of(self, pair: Pair) -> list[_Row]:
        """Return the row of a tag, or those of each value of a list; the row of any value for one without its own.

        Capital letters mean the same but in the keys that say what a thing is.
        """
        key, value = pair
        if pair in self.rows:
            return [self.rows[pair]]
        values = [value] if key in _KINDS else [part.casefold() for part in split_values(value)]
        found = [self.rows.get((key, part)) or self.rows.get((key, ANY)) for part in values]
        return [row for row in found if row is not None]

    def _score_of(self, pair: Pair) -> int:
        decided = [row for row in self._of(pair) if row["verdict"]]
        return min((2 * int(row["rank"]) + (row["verdict"] == "si") for row in decided), default=_UNDECIDED)


def _per_pair(
    index: TagIndex, keys: Iterable[str], function: Callable[[Pair], int], default: int = 0
) -> npt.NDArray[np.int16]:
    """Return a number for each pair of the index: what a function gives for those of some keys."""
    values = np.full(len(index.pairs), default, np.int16)
    for key in keys:
        for code in index.codes(key):
            values[code] = function(index.pairs[code])
    return values


def _carry(tags: Tags, index: TagIndex, keys: Iterable[str], wanted: Callable[[Pair], bool]) -> Mask:
    """Tell which objects carry a tag that is wanted."""
    mask = np.zeros(tags.count, bool)
    mask[tags.owner[_per_pair(index, keys, wanted)[tags.code] > 0]] = True
    return mask


def _measured(tags: Tags, index: TagIndex, key: str, measure: Callable[[str], int]) -> Bytes:
    """Return the measure of each object's value of a key."""
    found = _per_pair(index, (key,), lambda pair: measure(pair[1]), NOT_MAPPED)[tags.code]
    measured = np.full(tags.count, NOT_MAPPED, np.uint8)
    measured[tags.owner[found != NOT_MAPPED]] = found[found != NOT_MAPPED]
    return measured
