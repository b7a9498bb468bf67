"""The network of streets that can be walked, as arrays: what a reader makes and the engine runs on."""

from dataclasses import dataclass, fields
from enum import IntFlag
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.model.archive import read_arrays, write_arrays

FORMAT = 1
"""Of the file of :meth:`WalkNetwork.save`; raised when a field changes its meaning."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.uint16]


class EdgeFlag(IntFlag):
    """What a profile of walkers may mind on a stretch of street."""

    STEPS = 1
    """A flight of steps."""
    RAMP = 2
    """Steps with a ramp for wheelchairs."""
    WHEELCHAIR_NO = 4
    """Mapped as not passable in a wheelchair."""
    CROSSING = 8
    """Crosses a carriageway."""
    ROUGH = 16
    """Unpaved, uneven, or a mountain path."""
    AREA = 32
    """The outline of a square."""
    RESIDENTIAL = 64
    """A street that people live on."""
    FORWARD = 128
    """Walked from its first node to its last only."""
    BACKWARD = 256
    """Walked from its last node to its first only."""
    ACROSS = 512
    """A walk across a square: no street, and no part of the length of streets."""
    TUNNEL = 1024
    """Below the ground: what lies above is not reached from it."""
    BRIDGE = 2048
    """Above the ground: what lies below is not reached from it."""


class NodeFlag(IntFlag):
    """What a profile of walkers may mind at a node."""

    CROSSING = 1
    """A pedestrian crossing."""
    SIGNALS = 2
    """Traffic lights."""
    OBSTACLE = 4
    """Not passable in a wheelchair: a stile, a turnstile, a high kerb."""
    CLOSED = 8
    """Not passable on foot: a locked gate, a wall."""


@dataclass(frozen=True)
class WalkNetwork:
    """Streets that can be walked in both directions, cut at junctions and ends.

    Nodes and edges stand in an order that the builder owns (near in space is near in the arrays); callers never
    assume one. Two edges may join the same pair of nodes, and an edge may begin and end at the same node.

    Attributes
    ----------
    crs
        Of all coordinates; metric.
    classes
        Names of the street classes (OSM ``highway``) that `edge_class` points to.
    node_x, node_y
        Metres.
    node_osm_id
        OSM's identifier of the node.
    node_flags
        :class:`NodeFlag` values, added up.
    node_component
        Which connected piece a node is in; 0 is the one with the most nodes.
    edge_from, edge_to
        Positions of the two ends among the nodes.
    edge_length_m
        Along the street.
    edge_way
        OSM's identifier of the way.
    edge_class
        Position in `classes`.
    edge_flags
        :class:`EdgeFlag` values, added up.
    edge_crossings
        Pedestrian crossings strictly between the two ends, at most 255.
    geometry_offsets
        Edge `i` has the points `geometry_offsets[i]` to `geometry_offsets[i + 1]`, one more offset than edges.
    geometry_x, geometry_y
        Points of the edges from `edge_from` to `edge_to`, ends included; metres.
    """

    crs: str
    classes: tuple[str, ...]
    node_x: Floats
    node_y: Floats
    node_osm_id: Ints
    node_flags: Bytes
    node_component: Indices
    edge_from: Indices
    edge_to: Indices
    edge_length_m: Floats
    edge_way: Ints
    edge_class: Bytes
    edge_flags: Flags
    edge_crossings: Bytes
    geometry_offsets: Ints
    geometry_x: Floats
    geometry_y: Floats

    @property
    def node_count(self) -> int:
        """How many nodes there are."""
        return len(self.node_x)

    @property
    def edge_count(self) -> int:
        """How many edges there are."""
        return len(self.edge_from)

    @property
    def component_count(self) -> int:
        """How many connected pieces the network has."""
        return int(self.node_component.max()) + 1 if self.node_count else 0

    @property
    def length_km(self) -> float:
        """All edges together, each counted once."""
        return float(self.edge_length_m.sum()) / 1000

    def geometries(self, first: int = 0, last: int | None = None) -> npt.NDArray[np.object_]:
        """Return edges as shapely lines, in their order: all of them, or those from `first` to before `last`."""
        offsets = self.geometry_offsets[first : None if last is None else last + 1]
        points = np.column_stack([values[offsets[0] : offsets[-1]] for values in (self.geometry_x, self.geometry_y)])
        owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        return np.asarray(shapely.linestrings(points, indices=owners))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all fields as arrays by name, texts included."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: np.asarray(value) for name, value in values.items()}

    @classmethod
    def from_arrays(cls, arrays: dict[str, npt.NDArray[Any]]) -> "WalkNetwork":
        """Make a network of what :meth:`arrays` gave."""
        values: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        values["crs"] = str(values["crs"])
        values["classes"] = tuple(map(str, values["classes"]))
        return cls(**values)

    def save(self, path: Path) -> None:
        """Write the network as one file, whole or not at all.

        Raises
        ------
        OutputError
            The file cannot be written.
        """
        write_arrays(path, FORMAT, self.arrays())

    @classmethod
    def load(cls, path: Path) -> "WalkNetwork":
        """Read what :meth:`save` wrote.

        Raises
        ------
        NetworkFileError
            The file is damaged, of another format, or is no network.
        """
        return cls.from_arrays(read_arrays(path, FORMAT, [field.name for field in fields(cls)]))
