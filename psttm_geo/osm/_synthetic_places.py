"""What stands along the streets of a synthetic territory: services, buildings, canals, railways, parks, water."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from psttm_geo.osm._drawing import Drawing, Member, Tags
from psttm_geo.osm._synthetic_streets import Streets
from psttm_geo.schema.dictionary import read_rows

FULL_NODE_COUNT = 500_000
"""The number of junctions for which there are as many services as in a real territory; fewer junctions, fewer."""

JUNCTIONS_PER_BUILDING = 12

OFF_STREET_M = 14.0
"""How far what has an address stands from the street."""

TWIN_SHARE = 0.15
"""Of mapped areas that are mapped a second time as a point inside."""


@dataclass(frozen=True)
class _Kind:
    """A kind of service.

    Attributes
    ----------
    tags
        Besides the name.
    label
        What its name begins with.
    count
        In the whole territory, at full size.
    side_m
        Of the square it occupies where it is mapped as an area; 0 for what is always a point.
    area_share, relation_share
        How many are mapped as an area, and how many of those as a multipolygon with a court inside.
    """

    tags: Tags
    label: str
    count: int
    side_m: float = 0.0
    area_share: float = 0.0
    relation_share: float = 0.0


def _read_kinds() -> tuple[_Kind, ...]:
    return tuple(
        _Kind(
            dict(tag.split("=") for tag in row["tags"].split("|")),
            row["label"],
            int(row["count"]),
            *(float(row[name]) for name in ("side_m", "area_share", "relation_share")),
        )
        for row in read_rows("synthetic_kinds.csv", Path(__file__).parent)
    )


_TOWN_HALL = _Kind({"amenity": "townhall"}, "Municipio", 0, 30, 0.6)

_HOUSES: tuple[Tags, ...] = (
    {"building": "residential"},
    {"building": "apartments", "building:levels": "5"},
    {"building": "house", "building:levels": "2"},
    {"building": "yes"},
)

_CANALS: tuple[tuple[str, str], ...] = (
    ("Naviglio Grande", "Abbiategrasso"),
    ("Naviglio Pavese", "Casarile"),
    ("Naviglio Martesana", "Cassano d'Adda"),
)
"""Canals and the municipality each one runs to from the largest."""

_RAILWAYS = ("Legnano", "Rho", "Monza", "Melzo", "Melegnano", "Abbiategrasso", "Gorgonzola", "Magenta", "Bollate")
"""Municipalities that a railway runs to from the largest; those that the territory does not have are passed over."""

_LAKE_BETWEEN = ("Segrate", "Peschiera Borromeo")

_STATIONS_PER_LINE = 6

_SQUARE = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])


def draw_places(
    drawing: Drawing, streets: Streets, municipalities: gpd.GeoDataFrame, node_count: int, rng: np.random.Generator
) -> None:
    """Draw everything that stands along the streets or crosses them.

    Parameters
    ----------
    drawing
        Gets the objects.
    streets
        Of the same territory.
    municipalities
        ``municipality`` and geometry in EPSG:32632.
    node_count
        How many junctions were asked for: services are as many in proportion.
    rng
        Where chance comes from.
    """
    scale = node_count / FULL_NODE_COUNT
    for kind in _read_kinds():
        count = max(2, round(kind.count * scale))
        _draw_services(drawing, kind, _beside_streets(streets, count, rng), rng)
    _draw_services(drawing, _TOWN_HALL, _one_each(streets, len(municipalities)), rng)
    _draw_houses(drawing, streets, node_count // JUNCTIONS_PER_BUILDING, rng)
    _draw_lines(drawing, municipalities, rng)
    _draw_nature(drawing, municipalities)


def _beside_streets(streets: Streets, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return points beside the middle of streets, in built-up parts where there are any."""
    inside = streets.in_core[streets.edges].all(axis=1)
    edges = streets.edges[inside] if inside.any() else streets.edges
    ends = streets.points[edges[rng.integers(len(edges), size=count)]]
    along = ends[:, 1] - ends[:, 0]
    across = along[:, ::-1] * (-1, 1) / np.maximum(np.hypot(*along.T), 1)[:, None]
    side = rng.choice([-1.0, 1.0], size=(count, 1))
    return np.asarray(ends[:, 0] + along * rng.uniform(0.2, 0.8, (count, 1)) + across * side * OFF_STREET_M)


def _one_each(streets: Streets, count: int) -> np.ndarray:
    """Return a point beside the first junction of each municipality that has one."""
    owners, firsts = np.unique(streets.owners, return_index=True)
    return np.asarray(streets.points[firsts[owners < count]] + OFF_STREET_M)


def _draw_services(drawing: Drawing, kind: _Kind, points: np.ndarray, rng: np.random.Generator) -> None:
    """Map services as points, areas or multipolygons, some of them twice, areas with an entrance."""
    names = [{**kind.tags, "name": f"{kind.label} (synthetic) {number}"} for number in range(1, len(points) + 1)]
    chance = rng.random(len(points))
    as_relation = chance < kind.area_share * kind.relation_share
    as_area = (chance < kind.area_share) & ~as_relation
    as_point = ~(as_area | as_relation)
    drawing.add_nodes(points[as_point], _pick(names, as_point))
    _draw_areas(drawing, kind, points[as_area], _pick(names, as_area))
    for point, tags in zip(points[as_relation], _pick(names, as_relation), strict=True):
        _draw_multipolygon(drawing, kind, point, tags)
    twins = ~as_point & (rng.random(len(points)) < TWIN_SHARE)
    drawing.add_nodes(points[twins], _pick(names, twins))


def _pick(tags: Sequence[Tags], chosen: np.ndarray) -> list[Tags]:
    return [tags[position] for position in np.flatnonzero(chosen).tolist()]


def _draw_areas(drawing: Drawing, kind: _Kind, points: np.ndarray, tags: Sequence[Tags]) -> None:
    """Draw squares; every second one has an entrance in the middle of its first side."""
    if not len(points):
        return
    corners = points[:, None] + _SQUARE * kind.side_m
    built = {} if "leisure" in kind.tags else {"building": "yes"}
    numbers = drawing.add_nodes(corners.reshape(-1, 2)).reshape(-1, 4)
    doors = drawing.add_nodes(
        (corners[::2, 0] + corners[::2, 1]) / 2, [{"entrance": "main"}] * len(corners[::2])
    ).tolist()
    ways = [
        [first, doors[position // 2], *others, first] if position % 2 == 0 else [first, *others, first]
        for position, (first, *others) in enumerate(numbers.tolist())
    ]
    drawing.add_ways(ways, [{**one, **built} for one in tags])


def _draw_multipolygon(drawing: Drawing, kind: _Kind, point: np.ndarray, tags: Tags) -> None:
    """Draw a square around a court; what it is stands on the relation alone."""
    rings = point + np.stack([_SQUARE, _SQUARE / 3]) * kind.side_m
    outer, inner = drawing.add_rings(rings, [{}, {}]).tolist()
    members = [Member("w", outer, "outer"), Member("w", inner, "inner")]
    drawing.add_relation(members, {"type": "multipolygon", **tags})


def _draw_houses(drawing: Drawing, streets: Streets, count: int, rng: np.random.Generator) -> None:
    points = _beside_streets(streets, count, rng)
    sides_m = rng.uniform(8, 18, (count, 1, 1))
    kinds = rng.integers(len(_HOUSES), size=count)
    drawing.add_rings(points[:, None] + _SQUARE * sides_m, [_HOUSES[kind] for kind in kinds])


def _draw_lines(drawing: Drawing, municipalities: gpd.GeoDataFrame, rng: np.random.Generator) -> None:
    """Draw canals and railways from the largest municipality outwards, with stations on the latter."""
    centres = _centres(municipalities)
    start = centres[str(municipalities["municipality"].iloc[int(np.argmax(municipalities.area))])]
    for name, towards in _CANALS:
        if towards in centres:
            line = drawing.add_nodes(_wander(start, centres[towards], rng))
            drawing.add_ways([line.tolist()], [{"waterway": "canal", "name": f"{name} (synthetic)"}])
    for number, towards in enumerate((name for name in _RAILWAYS if name in centres), start=1):
        shape = _wander(start, centres[towards], rng)
        stops = np.linspace(len(shape) // 8, len(shape) - 1, _STATIONS_PER_LINE).astype(int)
        metro = number % 3 == 0
        tags = _station_tags(number, metro=metro)
        nodes = drawing.add_nodes(shape)
        drawing.tag_nodes(nodes[stops], [tags(stop) for stop in range(1, _STATIONS_PER_LINE + 1)])
        drawing.add_ways([nodes.tolist()], [{"railway": "subway" if metro else "rail"}])


def _station_tags(line: int, *, metro: bool) -> Callable[[int], Tags]:
    kind = {"station": "subway", "subway": "yes"} if metro else {"train": "yes"}

    def tags(stop: int) -> Tags:
        name = f"Stazione (synthetic) {line}.{stop}"
        return {"railway": "station", "public_transport": "station", "name": name, **kind}

    return tags


def _wander(start: np.ndarray, end: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a line from one point to another, slightly bent, a point every 250 m."""
    count = max(10, int(np.hypot(*(end - start)) / 250))
    shares = np.linspace(0, 1, count)[:, None]
    bend = np.sin(np.pi * shares) * rng.normal(0, 400, 2)
    return np.asarray(start + (end - start) * shares + bend)


def _draw_nature(drawing: Drawing, municipalities: gpd.GeoDataFrame) -> None:
    """Draw a lake, the large agricultural park in the south, and a wood as a multipolygon."""
    centres = _centres(municipalities)
    west, south, east, north = municipalities.total_bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    lake_ends = [centres[name] for name in _LAKE_BETWEEN if name in centres]
    lake = np.mean(lake_ends, axis=0) if lake_ends else middle
    turns = np.linspace(0, 2 * np.pi, 41)[:-1]
    circle = np.column_stack([np.cos(turns), np.sin(turns)])
    drawing.add_rings(
        (lake + circle * (200, 1250))[None], [{"natural": "water", "water": "lake", "name": "Idroscalo (synthetic)"}]
    )
    radius_m = (east - west) / 2
    arc = np.linspace(1.1 * np.pi, 1.9 * np.pi, 40)
    rim = np.column_stack([np.cos(arc), np.sin(arc)]) * radius_m
    park = middle + np.vstack([rim * 0.95, rim[::-1] * 0.35])
    drawing.add_rings(
        park[None],
        [{"boundary": "protected_area", "leisure": "nature_reserve", "name": "Parco Agricolo Sud Milano (synthetic)"}],
    )
    wood = middle + np.array([0, radius_m / 2])
    outer, inner = drawing.add_rings(np.stack([wood + circle * 900, wood + circle * 250]), [{}, {}]).tolist()
    drawing.add_relation(
        [Member("w", outer, "outer"), Member("w", inner, "inner")],
        {"type": "multipolygon", "natural": "wood", "leisure": "park", "name": "Bosco (synthetic)"},
    )


def _centres(municipalities: gpd.GeoDataFrame) -> dict[str, np.ndarray]:
    points = shapely.get_coordinates(shapely.point_on_surface(municipalities.geometry.to_numpy()))
    return dict(zip(municipalities["municipality"], points, strict=True))
