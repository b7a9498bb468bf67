"""The network of streets that can be walked, as arrays: what a reader makes and the engine runs on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import IntFlag
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from psttm_geo.core.archive import read_arrays, write_arrays

FORMAT = 2
"""Of the file of :meth:`WalkNetwork.save`; raised when a field changes its meaning."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.uint16]


NOT_MAPPED = 255
"""What a measure of one byte holds where the map does not say."""

LEADS_M = 1000.0
"""A piece of network leads somewhere when its streets are so long together, or when it is the longest of all:
courtyards and unlinked paths measure some hundreds of metres."""


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
    """A loose or uneven surface, worse than a compacted one, or a mountain path."""
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
    WHEELCHAIR_YES = 1024
    """Mapped as passable in a wheelchair."""
    TUNNEL = 2048
    """Below the ground: what lies above is not reached from it."""
    BRIDGE = 4096
    """Above the ground: what lies below is not reached from it."""


class NodeFlag(IntFlag):
    """What a profile of walkers may mind at a node."""

    CROSSING = 1
    """A pedestrian crossing."""
    SIGNALS = 2
    """Traffic lights."""
    OBSTACLE = 4
    """Not passable in a wheelchair: a stile, a turnstile."""
    CLOSED = 8
    """Not passable on foot: a locked gate, a wall."""
    WHEELCHAIR_YES = 16
    """Mapped as passable in a wheelchair."""


def no_measures() -> Bytes:
    """Return what stands for measures of which none is mapped, before it is known how many there would be."""
    return np.zeros(0, np.uint8)


def fill_measures(record: object, names: Iterable[str], count: int) -> None:
    """Put :data:`NOT_MAPPED` into the measures of a frozen record that were left out."""
    for name in names:
        if not len(getattr(record, name)):
            object.__setattr__(record, name, np.full(count, NOT_MAPPED, np.uint8))


@dataclass(frozen=True)
class WalkNetwork:
    """Streets that can be walked, in both directions unless their flags say otherwise.

    They are cut at junctions, at ends, at obstacles and where the way is closed.

    Nodes and edges stand in an order that the builder owns (near in space is near in the arrays); callers never
    assume one. Two edges may join the same pair of nodes, and an edge may begin and end at the same node.

    Attributes
    ----------
    crs
        Of all coordinates; metric.
    classes
        Names of the street classes (OSM ``highway``, ``platform``, ``pier``) that `edge_class` points to.
    node_x, node_y
        Metres.
    node_osm_id
        OSM's identifier of the node.
    node_flags
        :class:`NodeFlag` values, added up. Every street that ends at a closed node has a node of its own there.
    node_component
        Which connected piece a node is in, whatever the direction of streets; 0 is the one with the most nodes.
    edge_from, edge_to
        Positions of the two ends among the nodes.
    edge_length_m
        Along the street.
    edge_way
        OSM's identifier of the way; of a walk across a square, of the way or relation that outlines it.
    edge_class
        Position in `classes`.
    edge_flags
        :class:`EdgeFlag` values, added up.
    edge_crossings
        Pedestrian crossings strictly between the two ends, at most 255.
    geometry_offsets
        Edge `i` has the points `geometry_offsets[i]` to `geometry_offsets[i + 1]`, one more offset than edges.
    geometry_x, geometry_y
        Points of the edges from `edge_from` to `edge_to`, ends included; metres. The way runs in this direction too.
    node_kerb_cm
        Height of a kerb, centimetres rounded up; :data:`NOT_MAPPED` for no kerb or one of unknown height.
    edge_width_cm, edge_slope_percent
        Width rounded down and slope (up or down) rounded up, at most 254; :data:`NOT_MAPPED` where unknown.
    edge_smoothness
        Position in :data:`SMOOTHNESS`; :data:`NOT_MAPPED` where unknown. Measures may be left out where none is mapped.
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
    node_kerb_cm: Bytes = field(default_factory=no_measures)
    edge_width_cm: Bytes = field(default_factory=no_measures)
    edge_slope_percent: Bytes = field(default_factory=no_measures)
    edge_smoothness: Bytes = field(default_factory=no_measures)

    def __post_init__(self) -> None:
        """Fill in measures that were left out."""
        fill_measures(self, ["node_kerb_cm"], len(self.node_x))
        fill_measures(self, ["edge_width_cm", "edge_slope_percent", "edge_smoothness"], len(self.edge_from))

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
        """All streets together, each counted once; walks across squares are none."""
        return float(self.edge_length_m[self.is_street].sum()) / 1000

    @property
    def is_street(self) -> npt.NDArray[np.bool_]:
        """Which edges are streets, and not walks across squares."""
        return np.asarray((self.edge_flags & EdgeFlag.ACROSS) == 0)

    def geometries(self, first: int = 0, last: int | None = None) -> npt.NDArray[np.object_]:
        """Return edges as shapely lines, in their order: all of them, or those from `first` to before `last`."""
        offsets = self.geometry_offsets[first : None if last is None else last + 1]
        points = np.column_stack([values[offsets[0] : offsets[-1]] for values in (self.geometry_x, self.geometry_y)])
        owners = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        return np.asarray(shapely.linestrings(points, indices=owners))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all fields as arrays by name, texts included."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: np.asarray(value) for name, value in values.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> "WalkNetwork":
        """Make a network of what :meth:`arrays` gave."""
        values: dict[str, Any] = {each.name: arrays[each.name] for each in fields(cls)}
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
        return cls.from_arrays(read_arrays(path, FORMAT, [each.name for each in fields(cls)]))


def connect(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer], count: int) -> Indices:
    """Label what is connected, directly or through others, by links between two arrays of positions."""
    # A tenth of a second that only who reads extracts or walks waits for.
    from scipy.sparse import coo_array  # noqa: PLC0415 - as above
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415 - as above

    links = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    label: Indices = connected_components(links, directed=False)[1] if count else np.zeros(0, np.int32)
    return label


def find_leading(
    network: WalkNetwork, usable: npt.NDArray[np.bool_], barred: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Tell which streets lead somewhere (:data:`LEADS_M`), whatever the direction they are walked in.

    Parameters
    ----------
    network
        Streets.
    usable
        One flag per edge: whether it can be walked; the others lead nowhere.
    barred
        One flag per node: whether nobody passes it.
    """
    piece = network.node_component
    if barred.any() or not usable.all():
        open_ends = usable & ~barred[network.edge_from] & ~barred[network.edge_to]
        piece = connect(network.edge_from[open_ends], network.edge_to[open_ends], network.node_count)
    # Of a street that ends at a node which nobody passes, the other end says which piece it is of.
    of_edge = np.where(barred[network.edge_from], piece[network.edge_to], piece[network.edge_from])
    length_m = np.bincount(of_edge, np.where(usable, network.edge_length_m, 0.0), minlength=network.node_count)
    return np.asarray(usable & (length_m[of_edge] >= min(LEADS_M, float(length_m.max()))))
