"""Boundaries of a synthetic territory: the real ones a little displaced, without gaps, with faults made on purpose."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass

import geopandas as gpd
import numpy as np
import shapely

from psttm_geo.core.outlines import measure_distances
from psttm_geo.osm._drawing import Drawing, Member, Tags

DISPLACEMENT_M = 8.0
"""How far outlines stand from the real ones everywhere."""

WAVE_M = 900.0
"""Length of the waves in which they do."""

BULGE_M = 300.0
"""How far an outline that is displaced on purpose stands from the real one."""

BULGE_RADIUS_M = 900.0
"""How far along and across such a displacement is felt; wide against its height, so that outlines never cross."""

APART_M = 8 * BULGE_RADIUS_M
"""Between two such displacements at least."""

DISPLACED_OVER_M = 50.0
"""Over this distance an outline counts as displaced."""

DISPLACED_SITES = 4

MISSING_COUNT = 3

RENAMED_COUNT = 3

RECODED_COUNT = 4
"""The last one has no code at all."""

INVENTED_NAME = "Località inventata (synthetic)"


@dataclass(frozen=True)
class BoundaryFault:
    """One thing wrong on purpose.

    Attributes
    ----------
    kind
        ``displaced``, ``missing``, ``renamed``, ``recoded`` or ``extra``.
    code, name
        The municipality's true ones; the code of an extra one is empty.
    written
        What the file says in place of the name or code; empty for the other kinds.
    distance_m
        How far the outline is from the true one; 0 for the other kinds.
    """

    kind: str
    code: str
    name: str
    written: str = ""
    distance_m: float = 0.0

    def to_dict(self) -> dict[str, object]:
        """Return the fault as plain values."""
        return asdict(self)


def draw_boundaries(
    drawing: Drawing, municipalities: gpd.GeoDataFrame, rng: np.random.Generator
) -> list[BoundaryFault]:
    """Draw each municipality as a relation; neighbours share their ways.

    Parameters
    ----------
    drawing
        Gets the objects.
    municipalities
        ``municipality_code``, ``municipality``, ``cadastral_code`` and geometry in EPSG:32632, a valid coverage.
    rng
        Where chance comes from.

    Returns
    -------
    list of BoundaryFault
        What was made wrong, sorted by kind and code.
    """
    true = municipalities.geometry.to_numpy()
    bulges = _choose_bulges(true, rng)
    drawn = _displace(true, bulges)
    faults = _displaced(municipalities, drawn)
    faults += _change_some(municipalities, {fault.code for fault in faults}, rng)
    written = {(fault.kind, fault.code): fault for fault in faults}
    missing = [("missing", code) in written for code in municipalities["municipality_code"]]
    relations = _draw_arcs(drawing, drawn, ~np.array(missing))
    for row, members in zip(municipalities.to_dict("records"), relations, strict=True):
        if members:
            drawing.add_relation(members, _relation_tags(row, written))
    faults.append(_draw_invented(drawing, drawn[np.argmax(shapely.area(drawn))]))
    return sorted(faults, key=lambda fault: (fault.kind, fault.code))


def _displace(outlines: np.ndarray, bulges: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.transform(outlines, lambda points: points + _displacement(points, bulges)))


def _displacement(points: np.ndarray, bulges: np.ndarray) -> np.ndarray:
    """Return how far to move points, (n, 2) in metres.

    The same point moves the same way whoever it belongs to, and close points nearly so: neighbours keep their common
    border, and outlines stay valid.
    """
    x, y = points.T * (2 * np.pi / WAVE_M)
    moved = DISPLACEMENT_M / 2 * np.column_stack([np.sin(y) + np.sin(x + 1.3 * y), np.cos(x) + np.cos(y - 0.7 * x)])
    for east, north, to_east, to_north in bulges:
        squared = ((points - (east, north)) ** 2).sum(axis=1) / BULGE_RADIUS_M**2
        moved += np.exp(-squared)[:, None] * (to_east, to_north)
    return np.asarray(moved)


def _choose_bulges(outlines: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose where borders are pushed aside: a vertex between two municipalities, and the way across the border.

    Returns
    -------
    ndarray
        (:data:`DISPLACED_SITES`, 4): easting, northing, and the two components of the push in metres.
    """
    edges, owners = _edges(outlines)
    inner = edges[(owners >= 0).all(axis=1)]
    chosen = np.empty((0, 4))
    for start, end in inner[rng.permutation(len(inner))]:
        if (np.hypot(*(chosen[:, :2] - start).T) < APART_M).any():
            continue
        along = (end - start) / np.hypot(*(end - start))
        wider = np.vstack([chosen, [*start, -along[1] * BULGE_M, along[0] * BULGE_M]])
        if _is_sound(_displace(outlines, wider)):
            chosen = wider
        if len(chosen) == DISPLACED_SITES:
            break
    return chosen


def _is_sound(outlines: np.ndarray) -> bool:
    """Whether outlines are valid and leave no gap: few vertices far apart do not follow a push everywhere."""
    return bool(shapely.is_valid(outlines).all() and shapely.coverage_is_valid(outlines))


def _displaced(municipalities: gpd.GeoDataFrame, drawn: np.ndarray) -> list[BoundaryFault]:
    """List the municipalities whose outline came out displaced: those on both sides of a push, and beside it."""
    far = municipalities.assign(distance_m=measure_distances(municipalities.geometry.to_numpy(), drawn))
    far = far[far["distance_m"] > DISPLACED_OVER_M]
    return [
        BoundaryFault("displaced", code, name, distance_m=round(float(distance_m), 1))
        for code, name, distance_m in far[["municipality_code", "municipality", "distance_m"]].itertuples(index=False)
    ]


def _change_some(
    municipalities: gpd.GeoDataFrame, taken: Collection[str], rng: np.random.Generator
) -> list[BoundaryFault]:
    """Choose the municipalities that go missing or get another name or code: one fault each, the largest has none."""
    free = municipalities[~municipalities["municipality_code"].isin(taken)]
    rows = free[free.area < municipalities.area.max()][["municipality_code", "municipality"]].to_numpy()
    order = iter(rows[rng.permutation(len(rows))].tolist())
    wanted = MISSING_COUNT + RENAMED_COUNT + RECODED_COUNT
    count = 1 if len(rows) > wanted else 0  # a territory of a few municipalities is left as it is
    faults = [BoundaryFault("missing", *next(order)) for _ in range(count * MISSING_COUNT)]
    for _ in range(count * RENAMED_COUNT):
        code, name = next(order)
        faults.append(BoundaryFault("renamed", code, name, f"{name} Nuovo (synthetic)"))
    for position in range(count * RECODED_COUNT):
        code, name = next(order)
        written = f"{code[:3]}9{position:02d}" if position + 1 < RECODED_COUNT else ""
        faults.append(BoundaryFault("recoded", code, name, written))
    return faults


def _relation_tags(row: dict[str, object], written: dict[tuple[str, str], BoundaryFault]) -> Tags:
    code, name = str(row["municipality_code"]), str(row["municipality"])
    renamed, recoded = written.get(("renamed", code)), written.get(("recoded", code))
    tags = {
        "type": "boundary",
        "boundary": "administrative",
        "admin_level": "8",
        "name": renamed.written if renamed else name,
        "ref:ISTAT": recoded.written if recoded else code,
        "ref:catasto": "" if recoded else str(row["cadastral_code"]),
    }
    return {key: value for key, value in tags.items() if value}


def _edges(outlines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the straight pieces of all outlines, once each, and whose they are.

    Returns
    -------
    edges : ndarray
        (n, 2, 2): both ends, in metres.
    owners : ndarray
        (n, 2): the positions of the one or two outlines that have the piece; the second is -1 on the outer border.
    """
    parts, owner_of_part = shapely.get_parts(outlines, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    same = ring_of_point[:-1] == ring_of_point[1:]
    pairs = np.stack([points[:-1], points[1:]], axis=1)[same]
    owner = owner_of_part[part_of_ring[ring_of_point[:-1]]][same]
    backwards = (pairs[:, 0, 0] > pairs[:, 1, 0]) | (
        (pairs[:, 0, 0] == pairs[:, 1, 0]) & (pairs[:, 0, 1] > pairs[:, 1, 1])
    )
    pairs[backwards] = pairs[backwards][:, ::-1]
    edges, inverse, counts = np.unique(pairs.reshape(-1, 4), axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    firsts = np.cumsum(counts) - counts
    owners = np.full((len(edges), 2), -1)
    owners[:, 0] = owner[order][firsts]
    shared = counts > 1
    owners[shared, 1] = owner[order][firsts[shared] + 1]
    return edges.reshape(-1, 2, 2), owners


def _draw_arcs(drawing: Drawing, outlines: np.ndarray, present: np.ndarray) -> list[list[Member]]:
    """Draw the borders between every two municipalities and return the members of each one's relation.

    A ring inside an outline is a border as any other here: its role is that of a hole where the outline has one.
    """
    edges, owners = _edges(outlines)
    pairs, pair_of_edge = np.unique(owners, axis=0, return_inverse=True)
    order = np.argsort(pair_of_edge, kind="stable")
    pieces = np.asarray(shapely.linestrings(edges[order]), dtype=object)
    borders = shapely.multilinestrings(pieces, indices=pair_of_edge[order])
    arcs, pair_of_arc = shapely.get_parts(shapely.line_merge(borders), return_index=True)
    members: list[list[Member]] = [[] for _ in outlines]
    used = [any(present[owner] for owner in pairs[pair] if owner >= 0) for pair in pair_of_arc]
    arcs, pair_of_arc = arcs[used], pair_of_arc[used]
    points, arc_of_point = shapely.get_coordinates(arcs, return_index=True)
    unique, number_of_point = np.unique(points, axis=0, return_inverse=True)
    numbers = drawing.add_nodes(unique)[number_of_point]
    ways = np.split(numbers, np.flatnonzero(np.diff(arc_of_point)) + 1)
    tags: Tags = {"boundary": "administrative", "admin_level": "8"}
    way_numbers = drawing.add_ways([way.tolist() for way in ways], [tags] * len(ways))
    roles = _roles(outlines, arcs, pairs[pair_of_arc])
    for way, pair, role in zip(way_numbers.tolist(), pairs[pair_of_arc].tolist(), roles, strict=True):
        for owner, part in zip(pair, role, strict=True):
            if owner >= 0 and present[owner]:
                members[owner].append(Member("w", way, part))
    return members


def _roles(outlines: np.ndarray, arcs: np.ndarray, owners: np.ndarray) -> Iterable[tuple[str, str]]:
    """Return, for each arc, its role in the outline of each owner: ``inner`` on the edge of a hole, else ``outer``."""
    parts, owner_of_part = shapely.get_parts(outlines, return_index=True)
    holes = np.full(len(outlines), shapely.MultiLineString())
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    inner = np.append(False, part_of_ring[1:] == part_of_ring[:-1])
    if inner.any():
        shapely.multilinestrings(rings[inner], indices=owner_of_part[part_of_ring[inner]], out=holes)
    middles = shapely.line_interpolate_point(arcs, 0.5, normalized=True)
    on_hole = [shapely.dwithin(holes[owners[:, side]], middles, 1e-6) & (owners[:, side] >= 0) for side in (0, 1)]
    return [tuple("inner" if hole else "outer" for hole in both) for both in zip(*on_hole, strict=True)]  # type: ignore[misc] # two sides


def _draw_invented(drawing: Drawing, outline: shapely.Geometry) -> BoundaryFault:
    """Draw a boundary that the municipalities know nothing of, inside one of them."""
    east, north = shapely.get_coordinates(shapely.point_on_surface(outline))[0]
    half_m = 200.0
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half_m + (east, north)
    tags: Tags = {"boundary": "administrative", "admin_level": "8"}
    way = drawing.add_rings(corners[None], [tags])[0]
    drawing.add_relation([Member("w", int(way), "outer")], {"type": "boundary", **tags, "name": INVENTED_NAME})
    return BoundaryFault("extra", "", INVENTED_NAME)
