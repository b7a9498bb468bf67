"""proto"""
import threading
from collections import OrderedDict
from collections.abc import Sequence
import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from psttm_geo.analysis import _isochrone_kernels as kernels
from psttm_geo.analysis._isochrone_kernels import Block, Times, CELL_M
from psttm_geo.analysis.snapping import Places
from psttm_geo.analysis.travel_time import WalkGraph, limit_deciseconds, LARGEST_LIMIT_MIN, UNREACHED
from psttm_geo.model.network import WalkNetwork

SIDE = 128
KEPT = 128
MARGIN = 80.0

class StreetGrid:
    def __init__(self, network: WalkNetwork):
        self.network = network
        self.lines, self.edge = _stretches(network)
        lines = self.lines
        x0, y0 = lines[:, 0], lines[:, 1]
        x1, y1 = x0 + lines[:, 2], y0 + lines[:, 3]
        starts = network.geometry_offsets[:-1]
        self.boxes = np.column_stack([np.minimum.reduceat(network.geometry_x, starts), np.minimum.reduceat(network.geometry_y, starts),
            np.maximum.reduceat(network.geometry_x, starts), np.maximum.reduceat(network.geometry_y, starts)])
        w = SIDE * CELL_M
        c0 = np.floor((np.minimum(x0, x1) - MARGIN) / w).astype(np.int64); c1 = np.floor((np.maximum(x0, x1) + MARGIN) / w).astype(np.int64)
        r0 = np.floor((np.minimum(y0, y1) - MARGIN) / w).astype(np.int64); r1 = np.floor((np.maximum(y0, y1) + MARGIN) / w).astype(np.int64)
        nx = c1 - c0 + 1; n = nx * (r1 - r0 + 1)
        s = np.repeat(np.arange(len(n)), n); k = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        col = c0[s] + k % nx[s]; row = r0[s] + k // nx[s]
        order = np.lexsort((s, col, row))
        col, row, s = col[order], row[order], s[order]
        first = np.flatnonzero(np.r_[True, (col[1:] != col[:-1]) | (row[1:] != row[:-1])])
        ends = np.r_[first[1:], len(s)]
        self.streets = s.astype(np.int32)
        self.where = {(int(c), int(r)): slice(int(a), int(b)) for c, r, a, b in zip(col[first], row[first], first, ends)}
        self._kept: OrderedDict[tuple[int, int], Block] = OrderedDict()
        self._lock = threading.Lock()
    def block(self, place):
        with self._lock:
            b = self._kept.get(place)
            if b is not None:
                self._kept.move_to_end(place)
                return b
        left, low, size = place[0] * SIDE - 1, place[1] * SIDE - 1, SIDE + 2
        k = self.streets[self.where[place]]; lines = self.lines[k]
        b = Block(left, low, size, lines, self.edge[k], *kernels.list_streets(lines, left, low, size))
        with self._lock:
            self._kept[place] = b
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return b

def _stretches(network):
    xs, ys = network.geometry_x, network.geometry_y
    starts = np.ones(len(xs), bool); starts[network.geometry_offsets[1:] - 1] = False
    first = np.flatnonzero(starts)
    edge = np.repeat(np.arange(network.edge_count, dtype=np.int32), np.diff(network.geometry_offsets) - 1)
    dx, dy = xs[first + 1] - xs[first], ys[first + 1] - ys[first]
    l = np.hypot(dx, dy)
    total = np.bincount(edge, l, minlength=network.edge_count)
    run = np.cumsum(l) - l
    base = run[network.geometry_offsets[:-1] - np.arange(network.edge_count)]
    tot = total[edge]
    f0 = np.divide(run - base[edge], tot, out=np.zeros_like(l), where=tot > 0)
    part = np.divide(l, tot, out=np.zeros_like(l), where=tot > 0)
    last = np.r_[edge[1:] != edge[:-1], True]
    part[last] = 1 - f0[last]
    sq = l * l
    return (np.ascontiguousarray(np.column_stack([xs[first], ys[first], dx, dy, np.divide(1, sq, out=np.zeros_like(l), where=sq > 0), f0, part])), edge)

def isochrones(graph: WalkGraph, origin: Places, minutes: Sequence[float], *, grid: StreetGrid | None = None) -> gpd.GeoDataFrame:
    grid = grid or StreetGrid(graph.network)
    limits = np.unique([limit_deciseconds(m) for m in minutes]).astype(float)
    ds_per_m = 10 / graph.profile.speed_m_s
    times = _times(graph, origin, limits[-1] + np.ceil(2.5 * ds_per_m))
    l, lo, r, h = kernels.reached_box(times, limits[-1], grid.boxes)
    pieces = []
    if l <= r:
        w = SIDE * CELL_M
        for row in range(int((lo - MARGIN) // w), int((h + MARGIN) // w) + 1):
            for col in range(int((l - MARGIN) // w), int((r + MARGIN) // w) + 1):
                s = grid.where.get((col, row))
                if s is None: continue
                for level, limit in enumerate(limits):
                    pieces.append(kernels.outline(grid.block((col, row)), times, limit, ds_per_m, level))
    geoms = _assemble(pieces, len(limits))
    return gpd.GeoDataFrame({"minutes": limits / 600}, geometry=geoms, crs=graph.network.crs)

def _times(graph, origin, limit):
    net = graph.network
    on = origin.take(origin.connected & graph.usable[origin.edge])
    node = graph.nearest([on], limit_min=min(limit / 600, LARGEST_LIMIT_MIN))[0]
    order = np.lexsort((on.fraction, on.edge))
    marks = np.column_stack([on.edge, on.fraction, np.rint(on.off_street_m / graph.profile.speed_m_s * 10)])[order].astype(float)
    marked = np.full(net.edge_count, -1, np.int32)
    marked[on.edge[order][::-1]] = np.arange(len(order), dtype=np.int32)[::-1]
    return Times(node, net.edge_from, net.edge_to, graph.edge_ds, marked, np.ascontiguousarray(marks))

def _assemble(pieces, levels):
    keys = np.concatenate([p[0] for p in pieces]) if pieces else np.empty((0, 2), np.int64)
    pts = np.concatenate([p[1] for p in pieces]) if pieces else np.empty((0, 2))
    order = np.argsort(keys[:, 0]); keys = keys[order]; pts = pts[order]
    ends = np.argsort(keys[:, 1])
    following = np.empty(len(keys), np.int64); following[ends] = np.arange(len(keys))
    assert (keys[ends, 1] == keys[:, 0]).all()
    seq, off = kernels.rings(following)
    pts = pts[seq]
    level = (keys[seq[off[:-1]], 0] >> 55)
    counts = np.diff(off)
    x, y = pts[:, 0], pts[:, 1]
    nxt = np.arange(len(pts)) + 1; nxt[off[1:] - 1] = off[:-1]
    ar = np.add.reduceat((x - x[0]) * (y[nxt] - y[0]) - (x[nxt] - x[0]) * (y - y[0]), off[:-1]) / 2 if len(off) > 1 else np.zeros(0)
    rings = shapely.linearrings(pts, indices=np.repeat(np.arange(len(counts)), counts))
    out = []
    for k in range(levels):
        mine = np.flatnonzero(level == k)
        shells = mine[ar[mine] > 0]; holes = mine[ar[mine] < 0]
        sh = shapely.polygons(rings[shells])
        if len(holes) == 0:
            out.append(shapely.multipolygons(sh)); continue
        o = shells[np.argsort(ar[shells])]
        parent = np.full(len(holes), -1)
        hp = pts[off[holes]]
        b = shapely.bounds(rings[o])
        for q, s in enumerate(o):
            c = np.flatnonzero((parent < 0) & (hp[:, 0] > b[q, 0]) & (hp[:, 0] < b[q, 2]) & (hp[:, 1] > b[q, 1]) & (hp[:, 1] < b[q, 3]))
            if len(c) == 0: continue
            poly = shapely.polygons(rings[s])
            if len(c) > 8: shapely.prepare(poly)
            parent[c[shapely.contains_xy(poly, hp[c])]] = s
        polys = shapely.polygons(rings[shells])
        has = np.isin(shells, parent)
        ph = np.argsort(parent, kind="stable")
        pos = np.searchsorted(shells[has], parent[ph])
        if has.any():
            polys[has] = shapely.polygons(rings[shells[has]], holes=None) if False else np.array([shapely.Polygon(rings[s], list(rings[holes[parent == s]])) for s in shells[has]])
        out.append(shapely.multipolygons(polys))
    return out
