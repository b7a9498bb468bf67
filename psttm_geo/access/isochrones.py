"""Isochrones: how far one walks in a time, along streets and beside them, drawn exactly where the time runs out.

A point is reached if it is within :data:`psttm_geo.access._kernels.stretch.REACH_M` of a street and the walk along
the nearest street, and from there straight to the point, takes no longer than the limit. Streets that are not reached
in time belong to what is near them too, and so do those that nothing connects: an isochrone never leaps over to them,
and water and motorways, which nobody walks on, are crossed where a bridge or a tunnel for walkers is.

The points of a grid of 3.3 m are asked whether they are reached, and of a grid of 1.1 m where streets run close
together other than where they meet, below or beside each other. Between two points of which one is reached, the line is
looked for to two centimetres. No point is lost when the limit rises:
isochrones nest. Strips narrower than the steps can be missed, as those beside a tunnel below a street.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from geopandas.array import from_shapely

from psttm_geo.access._kernels.isochrone import make_room, trace_block
from psttm_geo.access._kernels.outline import join_segments
from psttm_geo.access._kernels.reach import AROUND_M, NEVER_DS, Reached, Times, find_reached
from psttm_geo.access._kernels.stretch import CELL_M, FARTHEST_M, REACH_M, Block, find_squares, find_tangles, part_block
from psttm_geo.access.parallel import parallel_map
from psttm_geo.access.snapping import Places, require_streets
from psttm_geo.access.street_times import limit_deciseconds
from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE
from psttm_geo.access.walk_graph import WalkGraph
from psttm_geo.core.kept_model import Model, require_count, require_within
from psttm_geo.osm.network import WalkNetwork

_BLOCK = 64
"""Squares along the side of a block: streets are listed for a block at a time, when one is first asked for.

Two threads share the blocks of an isochrone: larger ones leave one of them waiting for the other.
"""

_BLOCKS_KEPT = 300
"""About 100 MB in a dense city, where an isochrone of a quarter of an hour needs six; in the country up to 20."""

_SEGMENTS = 4096
"""Of outlines in a block, where room for twice as many is not needed: hardly ever."""

_NEAR_M = REACH_M + 4 * CELL_M
"""Streets farther from a block do not matter in it."""

_DECISECONDS_PER_SECOND = 10

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]


class StreetGrid:
    """Lists of the streets near each square of a grid, for all isochrones of a network; profiles can share it.

    Parameters
    ----------
    network
        At least one street, metric.
    model
        The grid of this very network as it was kept; made anew where it is None.

    Raises
    ------
    EmptyNetworkError
        There is no street.
    CrsError
        The network is not in metres.
    IndexError
        What was kept does not fit the network.
    """

    def __init__(self, network: WalkNetwork, model: Model | None = None) -> None:
        require_streets(network)
        if model is None:
            self._build(network)
        else:
            self._take(network, model)
        self._ends = np.column_stack([network.edge_from, network.edge_to])
        self._nodes = np.column_stack([network.node_x, network.node_y])
        self._side = _BLOCK * CELL_M
        west, south = (self.boxes[:, :2].min(axis=0) - AROUND_M).tolist()
        east, north = (self.boxes[:, 2:].max(axis=0) + AROUND_M).tolist()
        self._left, self._low = math.floor(west / self._side), math.floor(south / self._side)
        self._shape = math.floor(north / self._side) - self._low + 1, math.floor(east / self._side) - self._left + 1
        self.block = lru_cache(maxsize=_BLOCKS_KEPT)(self._list_block)
        """The block at a column and row."""

    def _build(self, network: WalkNetwork) -> None:
        self.boxes = _street_boxes(network)
        """Smallest and largest x and y of each street, as shapely writes boxes."""
        self._lines, self._edge = _leave_to_streets(network, *_cut_stretches(network))
        self._stretches, self._where = _sort_into_blocks(self._lines)

    def _take(self, network: WalkNetwork, model: Model) -> None:
        self.boxes, self._lines, self._edge, self._stretches, blocks = (
            model.arrays[name] for name in ("boxes", "lines", "edge", "stretches", "blocks")
        )
        require_count("boxes", self.boxes, network.edge_count)
        require_count("edge", self._edge, len(self._lines))
        require_within("edge", self._edge, network.edge_count)
        require_within("stretches", self._stretches, len(self._lines))
        self._where = {(column, row): span for column, row, *span in blocks.tolist()}

    def kept(self) -> Model:
        """Return the grid as it is kept beside its network."""
        blocks = np.array([[*place, *span] for place, span in self._where.items()], np.int64).reshape(-1, 4)
        lines: dict[str, npt.NDArray[Any]] = {"boxes": self.boxes, "lines": self._lines, "edge": self._edge}
        return Model(lines | {"stretches": self._stretches, "blocks": blocks})

    def near(self, times: Times, limit_ds: float) -> list[tuple[int, int]]:
        """Return where blocks are (column, row) that outlines can be in, those with the most streets first."""
        near = np.zeros(self._shape, np.bool_)
        find_reached(times, limit_ds, self.boxes, self._side, self._left, self._low, near)
        rows, columns = np.nonzero(near)
        places = zip((columns + self._left).tolist(), (rows + self._low).tolist(), strict=True)
        spans = {place: self._where[place] for place in places if place in self._where}
        return sorted(spans, key=lambda place: spans[place][0] - spans[place][1])

    def _list_block(self, column: int, row: int) -> Block:
        first, last = self._where[column, row]
        mine = self._stretches[first:last]
        lines, edge = self._lines[mine], self._edge[mine]
        # One square more on each side: what is known of points on a common side is the same in both blocks.
        left, low, size = column * _BLOCK - 1, row * _BLOCK - 1, _BLOCK + 2
        squares, nothing = size * size, np.empty(0, np.int32)
        nearest, counts = np.full(squares, FARTHEST_M * FARTHEST_M), np.zeros(squares, np.int32)
        find_squares(lines, left, low, size, nearest, nothing, nothing)
        find_squares(lines, left, low, size, nearest, counts, nothing)
        offsets = np.zeros(squares + 1, np.int32)
        np.cumsum(counts, out=offsets[1:])
        near = np.empty(offsets[-1], np.int32)
        find_squares(lines, left, low, size, nearest, offsets[:-1].copy(), near)
        part, pair = part_block(lines, left, low, size), np.empty((2, lines.shape[1]))
        parts, tangled = np.zeros(squares, np.uint64), np.zeros(squares, np.bool_)
        ends = self._ends[edge]
        find_tangles(lines, edge, ends, self._nodes, left, low, size, part, offsets, near, pair, parts, tangled)
        distance = np.where(nearest < FARTHEST_M * FARTHEST_M, np.sqrt(nearest), np.inf)
        return Block(left, low, size, lines, edge, part, offsets, near, parts, distance, tangled)


def isochrones(
    graph: WalkGraph, origin: Places, minutes: Sequence[float], *, grid: StreetGrid | None = None, outward: bool = True
) -> gpd.GeoSeries:
    """Draw how far is walked from any of some places, or to the nearest of them.

    Parameters
    ----------
    graph
        Streets as one profile walks them.
    origin
        One or many; those that are not connected count for nothing.
    minutes
        Limits, at most :data:`psttm_geo.access.street_times.LARGEST_LIMIT_MIN` minutes each, in any order.
    grid
        Of the same network, so that several isochrones share the work on streets; otherwise it is made.
    outward
        Whether one walks from the places; else to the nearest of them.

    Returns
    -------
    GeoSeries
        By ``minutes``, from the smallest limit on, in the CRS of the network (metres): what is reached, a multipolygon
        within that of each larger limit; empty where no street is reached. (A frame takes most of a millisecond to
        make.)

    Raises
    ------
    LimitError
        A limit is not a time that can be walked.
    """
    grid = StreetGrid(graph.network) if grid is None else grid
    limits = sorted({limit_deciseconds(limit) for limit in minutes})
    ds_per_m = _DECISECONDS_PER_SECOND / graph.profile.speed_m_s
    times = _walk(graph, origin, limits[-1], outward=outward)
    reached = _draw(grid, times, [float(limit) for limit in limits], ds_per_m)
    drawn = pd.Index([limit / DECISECONDS_PER_MINUTE for limit in limits], name="minutes")
    return gpd.GeoSeries(from_shapely(reached, crs=graph.network.crs), index=drawn, name="geometry")


def _walk(graph: WalkGraph, origin: Places, limit_ds: int, *, outward: bool) -> Times:
    """Return when streets are reached, up to a limit."""
    network = graph.network
    walked = origin.take(origin.connected & graph.usable[origin.edge])
    node_ds = graph.nearest([walked], limit_min=limit_ds / DECISECONDS_PER_MINUTE, outward=outward)[0]
    off_street_ds = np.rint(walked.off_street_m / graph.profile.speed_m_s * _DECISECONDS_PER_SECOND)
    way = graph.direction if outward else -graph.direction
    ahead_ds, back_ds = (
        np.where(against * way[walked.edge] > 0, NEVER_DS, graph.edge_ds[walked.edge]) for against in (-1, 1)
    )
    marks = np.column_stack([walked.edge, walked.fraction, off_street_ds, ahead_ds, back_ds]).astype(float)
    marks = marks[np.argsort(walked.edge, kind="stable")]
    streets, first = np.unique(marks[:, 0].astype(np.int32), return_index=True)
    marked = np.full(network.edge_count, -1, np.int32)
    marked[streets] = first
    # Kernels are compiled for one kind of array.
    start, stop = np.ascontiguousarray(network.edge_from), np.ascontiguousarray(network.edge_to)
    return Times(node_ds, start, stop, graph.edge_ds, way, marked, marks)


def _draw(grid: StreetGrid, times: Times, limits: Sequence[float], ds_per_m: float) -> list[shapely.MultiPolygon]:
    """Return what is reached within each limit, from the smallest on; each block is looked up once for all of them."""
    # The most work comes first, so that neither of two threads is left with it.
    *_, places = near = [grid.near(times, limit) for limit in limits]
    within = [frozenset(blocks) for blocks in near]
    traced: list[list[tuple[Longs, Floats]]] = [[] for _ in limits]

    def trace(number: int) -> None:
        block = grid.block(*places[number])
        for limit, blocks, parts in zip(limits, within, traced, strict=True):
            if places[number] in blocks:
                parts.append(_trace(block, times, limit, ds_per_m))

    parallel_map(trace, len(places))
    reached = [shapely.MultiPolygon()] * len(limits)

    def join(number: int) -> None:
        reached[number] = _join(traced[number])

    parallel_map(join, len(limits))
    return reached


def _join(traced: Sequence[tuple[Longs, Floats]]) -> shapely.MultiPolygon:
    """Return what segments of outlines surround."""
    if not any(len(links) for links, _ in traced):
        return shapely.MultiPolygon()
    links, points = (np.concatenate(parts) for parts in zip(*traced, strict=True))
    points, rings, polygons = join_segments(links, points)
    offsets = (rings, polygons, np.array([0, len(polygons) - 1]))
    drawn: shapely.MultiPolygon = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, points, offsets)[0]
    return drawn


def _trace(block: Block, times: Times, limit_ds: float, ds_per_m: float) -> tuple[Longs, Floats]:
    """Return the segments of outlines in a block: the sides that they begin and end on, and where they begin."""
    count = len(block.lines)
    reached = Reached(block.lines, times.marks, np.empty(count, np.uint8), np.empty((count, 6)), limit_ds, ds_per_m)
    segments = _SEGMENTS
    while (found := trace_block(block, times, reached, room := make_room(segments))) < 0:
        segments *= 2
    return room.links[:found], room.points[:found]


def _leave_to_streets(network: WalkNetwork, lines: Floats, edge: Indices) -> tuple[Floats, Indices]:
    """Shorten walks across squares by what lies within reach of the streets at their ends, all of most of them.

    Who leaves those streets walks straight too, and many walks across would hide what runs below a square.
    """
    kept = (network.is_street | (network.edge_length_m > 2 * REACH_M))[edge]
    lines, edge = lines[kept], edge[kept]
    across = np.flatnonzero(~network.is_street[edge])
    share = REACH_M / network.edge_length_m[edge[across], None]
    rest = 1 - 2 * share
    lines[across, :2] += share * lines[across, 2:4]
    lines[across, 2:4] *= rest
    lines[across, 4:5] /= rest**2
    lines[across, 5:6] += share * lines[across, 6:7]
    lines[across, 6:7] *= rest
    return lines, edge


def _street_boxes(network: WalkNetwork) -> Floats:
    starts = network.geometry_offsets[:-1]
    x, y = network.geometry_x, network.geometry_y
    sides = [extreme.reduceat(values, starts) for extreme in (np.minimum, np.maximum) for values in (x, y)]
    return np.column_stack(sides)


def _cut_stretches(network: WalkNetwork) -> tuple[Floats, Indices]:
    """Return the straight pieces of streets, as ``lines`` and ``edge`` of a :class:`Block`."""
    x, y, offsets = network.geometry_x, network.geometry_y, network.geometry_offsets
    begins = np.ones(len(x), bool)
    begins[offsets[1:] - 1] = False
    first = np.flatnonzero(begins)
    edge = np.repeat(np.arange(network.edge_count, dtype=np.int32), np.diff(offsets) - 1)
    along_x, along_y = x[first + 1] - x[first], y[first + 1] - y[first]
    square = along_x**2 + along_y**2
    # Lengths along the streets up to each point of each street, and from there the share of its street.
    run = np.concatenate([[0.0], np.cumsum(np.sqrt(square))])
    stretch = np.arange(len(first))
    before, whole = (
        run[(offsets[:-1] - np.arange(network.edge_count))[edge]],
        np.diff(run[offsets - np.arange(len(offsets))])[edge],
    )
    start, end = (
        np.divide(run[point] - before, whole, out=np.zeros(len(first)), where=whole > 0)
        for point in (stretch, stretch + 1)
    )
    per_square = np.divide(1.0, square, out=np.zeros(len(first)), where=square > 0)
    return np.column_stack([x[first], y[first], along_x, along_y, per_square, start, end - start]), edge


def _sort_into_blocks(lines: Floats) -> tuple[Indices, dict[tuple[int, int], list[int]]]:
    """Return stretches, block by block, and for each block (column, row) which of them matter in it."""
    side = _BLOCK * CELL_M
    spans = []
    for axis in (0, 1):
        ends = lines[:, axis], lines[:, axis] + lines[:, 2 + axis]
        first = np.floor((np.minimum(*ends) - _NEAR_M) / side).astype(np.int64)
        last = np.floor((np.maximum(*ends) + _NEAR_M) / side).astype(np.int64)
        spans.append((first, last - first + 1))
    (left, columns), (low, rows) = spans
    count = columns * rows
    stretch = np.repeat(np.arange(len(lines), dtype=np.int32), count)
    within = np.arange(len(stretch)) - np.repeat(np.cumsum(count) - count, count)
    column, row = left[stretch] + within % columns[stretch], low[stretch] + within // columns[stretch]
    order = np.lexsort((column, row))
    places, first = np.unique(np.column_stack([row, column])[order], axis=0, return_index=True)
    limits = [*first.tolist(), len(stretch)]
    where = {(place[1], place[0]): limits[k : k + 2] for k, place in enumerate(places.tolist())}
    return stretch[order], where
