"""Streets of a synthetic territory: a rotated, shaken grid per municipality, roads between them, motorways."""

from dataclasses import dataclass

import numpy as np
import shapely

from psttm_geo.osm._drawing import Drawing, Tags

CORE_AREA_SHARE = 0.35
"""Of a municipality's area that is built up, around its middle; outside, only every third street goes on."""

COUNTRY_STEP = 3

JITTER_SHARE = 0.18
"""How far a junction is shaken off the grid, as a share of the grid's step."""

DROPPED_SHARE = 0.08
"""Of stretches of street that are left out, so that blocks differ and streets end."""

LONGEST_WAY_EDGES = 12

JOIN_DISTANCE_M = 90.0
"""Streets of two municipalities that end so close to each other may meet; closer where the grid is denser."""

JOIN_STEPS = 1.5
"""And within so many steps of the grid."""

JOIN_SHARE = 0.4

ROAD_STEP_M = 150.0
"""Between the shape points of roads from one municipality to another."""

_ISLAND_PERIOD = (29, 23)
"""A patch of grid in each so many lines and columns is cut off from the rest."""

_ISLAND_SIZE = 3

_KINDS: tuple[tuple[float, Tags], ...] = (
    (0.60, {"highway": "residential"}),
    (0.68, {"highway": "living_street"}),
    (0.76, {"highway": "unclassified"}),
    (0.84, {"highway": "service"}),
    (0.90, {"highway": "footway"}),
    (0.925, {"highway": "cycleway", "foot": "yes"}),
    (0.94, {"highway": "cycleway", "foot": "designated", "segregated": "no"}),
    (0.95, {"highway": "cycleway", "foot": "no"}),
    (0.965, {"highway": "path"}),
    (0.98, {"highway": "pedestrian"}),
    (0.99, {"highway": "service", "access": "private"}),
    (1.0, {"highway": "track"}),
)
"""Tags of small streets, with the cumulated share of each."""

_STEPS: Tags = {"highway": "steps"}

_MAIN: tuple[tuple[int, Tags], ...] = (
    (24, {"highway": "primary", "sidewalk": "both"}),
    (12, {"highway": "secondary", "sidewalk": "both"}),
    (6, {"highway": "tertiary"}),
)
"""Tags of main streets: every so many lines of the grid."""

_ROAD: Tags = {"highway": "secondary", "sidewalk": "right"}

_TRUNK: Tags = {"highway": "trunk", "foot": "no", "motorroad": "yes"}

_MOTORWAY: Tags = {"highway": "motorway", "oneway": "yes"}


@dataclass(frozen=True)
class Streets:
    """Junctions and the stretches between them.

    Attributes
    ----------
    points
        (n, 2) junctions of the grids, EPSG:32632.
    owners
        (n,) position of each one's municipality.
    in_core
        (n,) whether it stands in the built-up part.
    edges
        (m, 2) positions of junctions at both ends of each stretch.
    """

    points: np.ndarray
    owners: np.ndarray
    in_core: np.ndarray
    edges: np.ndarray


def draw_streets(
    drawing: Drawing, outlines: np.ndarray, weights: np.ndarray, node_count: int, rng: np.random.Generator
) -> Streets:
    """Draw about `node_count` junctions and the streets between them.

    Parameters
    ----------
    drawing
        Gets the objects.
    outlines
        (Multi)polygons of the municipalities, EPSG:32632.
    weights
        How the junctions are shared among them.
    node_count
        Of all municipalities together.
    rng
        Where chance comes from.
    """
    grids = [
        _lay_grid(outline, owner, max(9.0, node_count * share), rng)
        for owner, (outline, share) in enumerate(zip(outlines, weights / weights.sum(), strict=True))
    ]
    table = {name: np.concatenate([grid[name] for grid in grids]) for name in grids[0]}
    numbers = drawing.add_nodes(table["points"])
    along = [_draw_lines(drawing, table, numbers, rng, axis=axis) for axis in (0, 1)]
    joins = _draw_joins(drawing, table, numbers, rng)
    streets = Streets(table["points"], table["owners"], table["in_core"], np.vstack([*along, joins]))
    _draw_roads(drawing, streets, numbers, outlines, rng)
    _draw_motorways(drawing, outlines)
    return streets


def _lay_grid(outline: shapely.Geometry, owner: int, count: float, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Lay a municipality's grid: its junctions, their line and column, and whether they stand in the core."""
    centre = np.array(shapely.get_coordinates(shapely.point_on_surface(outline))[0])
    area_m2 = float(shapely.area(outline))
    core_radius_m = np.sqrt(area_m2 * CORE_AREA_SHARE / np.pi)
    kept_outside = 1 - (1 - 1 / COUNTRY_STEP) ** 2
    step_m = np.sqrt(area_m2 * (CORE_AREA_SHARE + (1 - CORE_AREA_SHARE) * kept_outside) / count)
    angle = rng.uniform(0, np.pi / 2)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    reach = int(np.ceil(shapely.hausdorff_distance(outline, shapely.Point(centre)) / step_m)) + 1
    lines, columns = (axis.ravel() for axis in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    points = centre + (np.column_stack([columns, lines]) * step_m) @ turn
    points += rng.uniform(-JITTER_SHARE, JITTER_SHARE, points.shape) * step_m
    in_core = np.hypot(*(points - centre).T) <= core_radius_m
    shapely.prepare(outline)
    kept = shapely.contains_xy(outline, points[:, 0], points[:, 1])
    kept &= in_core | (lines % COUNTRY_STEP == 0) | (columns % COUNTRY_STEP == 0)
    return {
        "points": points[kept],
        "owners": np.full(kept.sum(), owner),
        "lines": lines[kept],
        "columns": columns[kept],
        "in_core": in_core[kept],
        "reach_m": np.full(kept.sum(), min(JOIN_DISTANCE_M, JOIN_STEPS * step_m)),
        "on_border": _near(shapely.boundary(outline), points[kept], JOIN_DISTANCE_M),
    }


def _near(line: shapely.Geometry, points: np.ndarray, distance_m: float) -> np.ndarray:
    shapely.prepare(line)
    return np.asarray(shapely.dwithin(line, shapely.points(points), distance_m))


def _draw_lines(
    drawing: Drawing, table: dict[str, np.ndarray], numbers: np.ndarray, rng: np.random.Generator, *, axis: int
) -> np.ndarray:
    """Draw the streets along lines (axis 0) or columns (axis 1) and return their stretches."""
    across, along = (table["lines"], table["columns"]) if axis == 0 else (table["columns"], table["lines"])
    order = np.lexsort([along, across, table["owners"]])
    before, after = order[:-1], order[1:]
    open_country = ~(table["in_core"][before] & table["in_core"][after])
    linked = (
        (table["owners"][before] == table["owners"][after])
        & (across[before] == across[after])
        & (along[after] - along[before] == 1)
        & (~open_country | (across[before] % COUNTRY_STEP == 0))
        & (rng.random(len(before)) >= DROPPED_SHARE)
        & (_island(table, before) == _island(table, after))
    )
    edges = np.column_stack([before, after])[linked]
    _draw_ways(drawing, numbers, edges, across[edges[:, 0]], rng)
    return np.asarray(edges)


def _island(table: dict[str, np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Return whether a junction belongs to a patch that is cut off from the rest."""
    line, column = table["lines"][rows], table["columns"][rows]
    # Away from the middle, line and column 0, where the roads from other municipalities arrive.
    inside = (line % _ISLAND_PERIOD[0] // _ISLAND_SIZE == 1) & (column % _ISLAND_PERIOD[1] // _ISLAND_SIZE == 1)
    return np.asarray(inside & table["in_core"][rows])


def _draw_ways(
    drawing: Drawing, numbers: np.ndarray, edges: np.ndarray, across: np.ndarray, rng: np.random.Generator
) -> None:
    """Cut consecutive stretches into ways of a plausible length and give them tags."""
    if not len(edges):
        return
    starts = np.ones(len(edges), dtype=bool)
    starts[1:] = edges[1:, 0] != edges[:-1, 1]
    run = np.arange(len(edges)) - np.maximum.accumulate(np.where(starts, np.arange(len(edges)), 0))
    starts |= run % LONGEST_WAY_EDGES == 0
    # A street changes its kind here and there before it is long.
    starts |= rng.random(len(edges)) < 1 / LONGEST_WAY_EDGES
    firsts = np.flatnonzero(starts)
    lasts = np.append(firsts[1:], len(edges))
    tags = _choose_tags(across[firsts], lasts - firsts, rng)
    heads, tails = numbers[edges[:, 0]].tolist(), numbers[edges[:, 1]].tolist()
    ways = [[*heads[first:last], tails[last - 1]] for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)]
    drawing.add_ways(ways, tags)


def _choose_tags(across: np.ndarray, edge_counts: np.ndarray, rng: np.random.Generator) -> list[Tags]:
    bounds = np.array([bound for bound, _ in _KINDS])
    kinds = np.searchsorted(bounds, rng.random(len(across)), side="right").clip(max=len(_KINDS) - 1)
    steps = (edge_counts == 1) & (rng.random(len(across)) < 0.1)  # noqa: PLR2004 - one short stretch in ten
    named = rng.random(len(across)) < 0.7  # noqa: PLR2004 - seven streets in ten have a name
    street_numbers = rng.integers(1, 100_000, len(across))
    tags: list[Tags] = []
    for line, kind, is_steps, is_named, number in zip(
        across.tolist(), kinds.tolist(), steps.tolist(), named.tolist(), street_numbers.tolist(), strict=True
    ):
        main = next((main for period, main in _MAIN if line % period == 0), None)
        chosen = main or (_STEPS if is_steps else _KINDS[kind][1])
        tags.append({**chosen, "name": f"Via (synthetic) {number}"} if is_named else chosen)
    return tags


def _draw_joins(
    drawing: Drawing, table: dict[str, np.ndarray], numbers: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Let some streets cross the border where two municipalities' junctions stand close to each other."""
    rows = np.flatnonzero(table["on_border"])
    ends = np.asarray(shapely.points(table["points"][rows]), dtype=object)
    pairs = rows[shapely.STRtree(ends).query(ends, predicate="dwithin", distance=table["reach_m"][rows]).T]
    pairs = pairs[table["owners"][pairs[:, 0]] < table["owners"][pairs[:, 1]]]
    pairs = pairs[np.lexsort(pairs.T[::-1])]
    # One join for each junction on one side is enough.
    pairs = pairs[np.unique(pairs[:, 0], return_index=True)[1]]
    pairs = pairs[rng.random(len(pairs)) < JOIN_SHARE]
    drawing.add_ways(numbers[pairs].tolist(), [{"highway": "residential"}] * len(pairs))
    return pairs


def _draw_roads(
    drawing: Drawing, streets: Streets, numbers: np.ndarray, outlines: np.ndarray, rng: np.random.Generator
) -> None:
    """Draw a road between the middles of every two municipalities with a common border."""
    middles = shapely.get_coordinates(shapely.point_on_surface(outlines))
    pairs = shapely.STRtree(outlines).query(outlines, predicate="touches").T
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    pairs = pairs[np.lexsort(pairs.T[::-1])]
    junctions = np.asarray(shapely.points(streets.points), dtype=object)
    ends = numbers[shapely.STRtree(junctions).nearest(shapely.points(middles))]
    for first, second in pairs.tolist():
        start, end = middles[first], middles[second]
        count = max(2, int(np.hypot(*(end - start)) / ROAD_STEP_M))
        shares = np.linspace(0, 1, count + 1)[1:-1, None]
        shape = start + (end - start) * shares + rng.normal(0, ROAD_STEP_M / 10, (count - 1, 2))
        between = drawing.add_nodes(shape)
        drawing.add_ways([[ends[first], *between, ends[second]]], [_ROAD])


def _draw_motorways(drawing: Drawing, outlines: np.ndarray) -> None:
    """Draw a ring and two crossing lines that nobody walks on, joined to nothing."""
    west, south, east, north = shapely.total_bounds(outlines)
    centre, radius_m = np.array([(west + east) / 2, (south + north) / 2]), (east - west) / 6
    turns = np.linspace(0, 2 * np.pi, 97)[:-1]
    ring = drawing.add_nodes(centre + radius_m * np.column_stack([np.cos(turns), np.sin(turns)]))
    shares = np.linspace(0, 1, 60)[:, None]
    diagonals = [
        drawing.add_nodes(np.array(start) + (np.array(end) - np.array(start)) * shares)
        for start, end in (((west, south), (east, north)), ((west, north), (east, south)))
    ]
    drawing.add_ways(
        [[*ring, ring[0]], *map(list, diagonals)],
        [{**_TRUNK, "name": "Tangenziale (synthetic)"}, *[{**_MOTORWAY, "ref": f"SINT{i}"} for i in (1, 2)]],
    )
