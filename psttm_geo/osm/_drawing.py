"""Nodes, ways and relations collected on a plane and written as an OSM file, each marked with where it comes from."""

import ctypes
import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
import pyproj

from psttm_geo.core.crs import GEOGRAPHIC, METRIC

Tags = Mapping[str, str]

COORDINATE_DECIMALS = 7
"""OSM's own: about a centimetre."""


_BLOCK = 100_000
"""Nodes turned into Python's numbers at a time."""


@dataclass(frozen=True)
class Member:
    """A member of a relation: ``n``, ``w`` or ``r``, its number and its role."""

    kind: str
    number: int
    role: str


@dataclass
class Drawing:
    """What will be written; numbers start at 1 in each kind of object.

    Attributes
    ----------
    mark
        Tags that every object carries.
    """

    mark: Tags
    _points: list[np.ndarray] = field(default_factory=list)
    _node_count: int = 0
    _node_tags: dict[int, Tags] = field(default_factory=dict)
    _way_nodes: list[list[int]] = field(default_factory=list)
    _way_tags: list[Tags] = field(default_factory=list)
    _relations: list[tuple[list[Member], Tags]] = field(default_factory=list)

    def add_nodes(self, points: np.ndarray, tags: Sequence[Tags] | None = None) -> np.ndarray:
        """Add nodes and return their numbers.

        Parameters
        ----------
        points
            (n, 2), EPSG:32632.
        tags
            One for each node; None for none.
        """
        numbers = np.arange(self._node_count + 1, self._node_count + len(points) + 1)
        self._points.append(np.asarray(points, dtype=float).reshape(-1, 2))
        self._node_count += len(points)
        if tags is not None:
            self.tag_nodes(numbers, tags)
        return numbers

    def tag_nodes(self, numbers: np.ndarray, tags: Sequence[Tags]) -> None:
        """Give tags to nodes that have none yet."""
        self._node_tags.update(zip(numbers.tolist(), tags, strict=True))

    def add_ways(self, ways: Sequence[Sequence[int]], tags: Sequence[Tags]) -> np.ndarray:
        """Add ways, each the numbers of its nodes in order, and return their numbers."""
        first = len(self._way_nodes) + 1
        self._way_nodes.extend([list(map(int, nodes)) for nodes in ways])
        self._way_tags.extend(tags)
        return np.arange(first, first + len(ways))

    def add_rings(self, corners: np.ndarray, tags: Sequence[Tags]) -> np.ndarray:
        """Add closed ways with as many corners each, new nodes all of them; return the ways' numbers.

        Parameters
        ----------
        corners
            (n, corners, 2), EPSG:32632, the first not repeated at the end.
        tags
            One for each ring.
        """
        numbers = self.add_nodes(corners.reshape(-1, 2)).reshape(corners.shape[:2])
        return self.add_ways(np.hstack([numbers, numbers[:, :1]]).tolist(), tags)

    def add_relation(self, members: Sequence[Member], tags: Tags) -> int:
        """Add a relation and return its number."""
        self._relations.append((list(members), tags))
        return len(self._relations)

    @property
    def counts(self) -> dict[str, int]:
        """How many nodes, ways and relations there are."""
        return {"nodes": self._node_count, "ways": len(self._way_nodes), "relations": len(self._relations)}

    def write(self, path: Path, generator: str) -> None:
        """Write everything in the order that OSM files have: nodes, ways, relations, by number.

        Parameters
        ----------
        path
            Its suffix names the format; replaced if it exists.
        generator
            Written into the header.

        Raises
        ------
        OSError
            The disk is full.
        """
        header = osmium.io.Header()
        header.set("generator", generator)
        longitudes, latitudes = self._project()
        header.add_box(
            osmium.osm.Box(
                float(longitudes.min()), float(latitudes.min()), float(longitudes.max()), float(latitudes.max())
            )
        )
        writer = osmium.SimpleWriter(str(path), header=header, overwrite=True)
        try:
            self._write_nodes(writer, longitudes, latitudes)
            for number, (nodes, tags) in enumerate(zip(self._way_nodes, self._way_tags, strict=True), start=1):
                writer.add_way(_Object(number, {**tags, **self.mark}, nodes=nodes))
            for number, (members, tags) in enumerate(self._relations, start=1):
                listed = [(member.kind, member.number, member.role) for member in members]
                writer.add_relation(_Object(number, {**tags, **self.mark}, members=listed))
            writer.close()
        except RuntimeError as error:  # what the library makes of a write that did not go through
            # A writer that failed ends the whole process when it is destroyed: this one never is.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(writer))
            raise OSError(errno.ENOSPC, str(error)) from error

    def _project(self) -> tuple[np.ndarray, np.ndarray]:
        points = np.vstack(self._points) if self._points else np.empty((0, 2))
        to_geographic = pyproj.Transformer.from_crs(METRIC, GEOGRAPHIC, always_xy=True)
        longitudes, latitudes = to_geographic.transform(points[:, 0], points[:, 1])
        return np.round(longitudes, COORDINATE_DECIMALS), np.round(latitudes, COORDINATE_DECIMALS)

    def _write_nodes(self, writer: osmium.SimpleWriter, longitudes: np.ndarray, latitudes: np.ndarray) -> None:
        plain = dict(self.mark)
        for start in range(0, len(longitudes), _BLOCK):
            block = slice(start, start + _BLOCK)
            locations = zip(longitudes[block].tolist(), latitudes[block].tolist(), strict=True)
            for number, location in enumerate(locations, start=start + 1):
                tags = self._node_tags.get(number)
                writer.add_node(_Object(number, {**tags, **plain} if tags else plain, location=location))


class _Object:
    """An OSM object as the writer wants it: the attributes that it has, and a version."""

    def __init__(self, number: int, tags: Tags, **content: object) -> None:
        self.id = number
        self.version = 1
        self.tags = tags
        self.__dict__.update(content)
