"""Tags of many objects at once: each distinct pair of key and value is looked at but once."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from psttm_geo.model.network import EdgeFlag, NodeFlag

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

    def read(self, column: pa.StringArray) -> Tags:
        """Read a column of tags as OPL has them: ``Tkey=value,key=value``."""
        lists = pc.split_pattern(pc.utf8_slice_codeunits(column, 1), ",")
        found = lists.flatten().dictionary_encode()
        known = np.array([self._code(text) for text in found.dictionary.to_pylist()], np.int32)
        code = known[found.indices.to_numpy()] if len(known) else np.zeros(0, np.int32)
        owner = pc.list_parent_indices(lists).to_numpy()
        return Tags(len(column), owner[code >= 0], code[code >= 0])

    def read_rows(self, column: pa.StringArray, rows: npt.NDArray[np.int64]) -> Tags:
        """Read some rows of a column of tags, in the order given."""
        if not self._keys:
            return Tags(len(rows), np.zeros(0, np.int64), np.zeros(0, np.int32))
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
        if value == ABSENT:
            return ~self.has(tags, key, ANY)
        return self.fits(tags, key, lambda found: value == ANY or value in split_values(found))

    def fits(self, tags: Tags, key: str, accepts: Callable[[str], bool]) -> Mask:
        """Tell which objects carry a key with a value that is accepted."""
        mask = np.zeros(tags.count, bool)
        accepted = np.zeros(len(self.pairs), bool)
        accepted[[code for code in self._codes_of_key.get(key, []) if accepts(self.pairs[code][1])]] = True
        mask[tags.owner[accepted[tags.code]]] = True
        return mask

    def _code(self, text: str) -> int:
        code = self._codes.get(text)
        if code is None:
            key, _, value = text.partition("=")
            if _unescape(key) not in self._keys:
                return -1
            code = self._codes[text] = len(self.pairs)
            self.pairs.append((_unescape(key), _unescape(value)))
            self._codes_of_key.setdefault(self.pairs[-1][0], []).append(code)
        return code


_ESCAPED = re.compile(r"%([0-9a-f]+)%")


def _unescape(text: str) -> str:
    """Undo the escapes of OPL: a character's number in hexadecimal between per cent signs."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "%" in text else text


class WalkRule:
    """Which ways can be walked, as the table ``walkable.csv`` has it.

    The tag with the strongest rank (1) decides; among tags of one rank a "no" wins. A way without ``highway`` is no
    street, and one that no tag decides on is not walked.

    Parameters
    ----------
    table
        ``object`` (way or node), ``key``, ``value`` (:data:`ANY` for any), ``rank``, ``verdict`` (si, no or nothing),
        ``flag`` (names of flags, or nothing).
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._ways, self._nodes = _rows_of(table, "way"), _rows_of(table, "node")
        self.classes = ("", *sorted(value for key, value in self._ways if key == "highway" and value != ANY))
        self._class_codes = {name: code for code, name in enumerate(self.classes)}

    @property
    def way_keys(self) -> frozenset[str]:
        """Keys that the rule looks at on ways."""
        return frozenset(key for key, _ in self._ways) | {"highway"}

    @property
    def node_keys(self) -> frozenset[str]:
        """Keys that the rule looks at on nodes."""
        return frozenset(key for key, _ in self._nodes)

    def walkable(self, tags: Tags, index: TagIndex) -> Mask:
        """Tell which ways can be walked."""
        score = _per_pair(index, self._score, np.int16)[tags.code]
        best = np.full(tags.count, _UNDECIDED, np.int16)
        np.minimum.at(best, tags.owner, score)
        walked: Mask = (best % 2 == 1) & (best < _UNDECIDED) & index.has(tags, "highway", ANY)
        return walked

    def class_of(self, tags: Tags, index: TagIndex) -> npt.NDArray[np.uint8]:
        """Return the street class of each way as a position in `classes`; 0 for one the table does not know."""
        codes = _per_pair(
            index, lambda pair: self._class_codes.get(pair[1], 0) if pair[0] == "highway" else 0, np.uint8
        )
        classes = np.zeros(tags.count, np.uint8)
        np.maximum.at(classes, tags.owner, codes[tags.code])
        return classes

    def way_flags(self, tags: Tags, index: TagIndex) -> npt.NDArray[np.uint16]:
        """Return the :class:`EdgeFlag` values of each way."""
        return _flags(tags, index, self._ways, EdgeFlag).astype(np.uint16)

    def node_flags(self, tags: Tags, index: TagIndex) -> npt.NDArray[np.uint8]:
        """Return the :class:`NodeFlag` values of each node."""
        return _flags(tags, index, self._nodes, NodeFlag).astype(np.uint8)

    def _score(self, pair: Pair) -> int:
        row = _row(self._ways, pair)
        if row is None or not row["verdict"]:
            return _UNDECIDED
        return 2 * int(row["rank"]) + (row["verdict"] == "si")


_UNDECIDED = 1000

_Rows = dict[Pair, dict[str, str]]


def _rows_of(table: pd.DataFrame, kind: str) -> _Rows:
    cells = zip(*(table[name].tolist() for name in table.columns), strict=True)
    rows = [dict(zip(table.columns, row, strict=True)) for row in cells]
    return {(row["key"], row["value"]): row for row in rows if row["object"] == kind}


def _row(rows: _Rows, pair: Pair) -> dict[str, str] | None:
    return rows.get(pair) or rows.get((pair[0], ANY))


def _per_pair(index: TagIndex, function: Callable[[Pair], int], of: type[np.generic]) -> npt.NDArray[np.generic]:
    return np.fromiter(map(function, index.pairs), of, len(index.pairs))


def _flags(tags: Tags, index: TagIndex, rows: _Rows, names: type[EdgeFlag] | type[NodeFlag]) -> npt.NDArray[np.int64]:
    def value(pair: Pair) -> int:
        row = _row(rows, pair)
        return sum(names[name.upper()] for name in row["flag"].split()) if row is not None else 0

    flags = np.zeros(tags.count, np.int64)
    np.bitwise_or.at(flags, tags.owner, _per_pair(index, value, np.int64)[tags.code])
    return flags
