"""Walks across any area: never shorter than straight, never longer than along the outline, nearly the shortest."""

import itertools

import networkx as nx
import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from psttm_geo.osm._visibility import SPARE, Points, Rings, read_rings, straight_walks

CORNERS = 9

radii = st.lists(st.floats(20, 100), min_size=CORNERS, max_size=CORNERS)
"""How far the corners of a star-shaped area are from its middle."""

holes = st.one_of(st.none(), st.tuples(st.floats(1, 12), st.integers(3, 5), st.floats(0, 6)))
"""Size, number of corners and turn of a hole in the middle."""

chosen = st.lists(st.booleans(), min_size=CORNERS, max_size=CORNERS)


def ring(radius: np.ndarray, turn: float) -> np.ndarray:
    angles = turn + np.arange(len(radius)) * 2 * np.pi / len(radius)
    return np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])


def draw(radius: list[float], hole: tuple[float, int, float] | None) -> shapely.Polygon:
    inner = [] if hole is None else [ring(np.full(hole[1], hole[0]), hole[2])]
    return shapely.Polygon(ring(np.array(radius), 0.0), inner)


def outline(rings: Rings) -> nx.Graph:
    """Give the walks along the outlines, vertices by their position."""
    graph = nx.Graph()
    for vertex, after in enumerate(rings.after.tolist()):
        length = float(np.hypot(rings.x[after] - rings.x[vertex], rings.y[after] - rings.y[vertex]))
        graph.add_edge(vertex, after, weight=length)
    return graph


def seen(area: shapely.Polygon, rings: Rings) -> nx.Graph:
    """Give all straight walks between vertices that stay in the area, pair by pair."""
    graph = outline(rings)
    grown = area.buffer(1e-9)
    points = list(zip(rings.x.tolist(), rings.y.tolist(), strict=True))
    for one, other in itertools.combinations(range(len(points)), 2):
        if grown.covers(shapely.LineString([points[one], points[other]])):
            graph.add_edge(one, other, weight=float(np.hypot(*np.subtract(points[one], points[other]))))
    return graph


@given(radii, holes, chosen)
def test_walks_across_are_nearly_the_shortest(
    radius: list[float], hole: tuple[float, int, float] | None, begins: list[bool]
) -> None:
    area = draw(radius, hole)
    assume(area.is_valid)
    areas = np.array([area], object)
    rings = read_rings(areas, np.array([0]))
    is_begin = np.append(begins, np.zeros(len(rings.x) - CORNERS, bool))
    rows = np.flatnonzero(is_begin | rings.bends)
    points = Points(rings.owner[rows], rings.x[rows], rings.y[rows], rows, ~is_begin[rows])
    one, other = straight_walks(areas, rings, points, np.ones(len(rings.x), bool))
    along, shortest = outline(rings), seen(area, rings)
    walked = along.copy()
    for start, stop in zip(rows[one].tolist(), rows[other].tolist(), strict=True):
        length = float(np.hypot(rings.x[start] - rings.x[stop], rings.y[start] - rings.y[stop]))
        walked.add_edge(start, stop, weight=length)
    for start, stop in itertools.combinations(np.flatnonzero(is_begin).tolist(), 2):
        length = nx.dijkstra_path_length(walked, start, stop)
        straight = np.hypot(rings.x[start] - rings.x[stop], rings.y[start] - rings.y[stop])
        assert straight - 1e-6 <= length <= nx.dijkstra_path_length(along, start, stop) + 1e-6
        # A walk that is left out is put together of two others, which may be put together themselves.
        assert length <= SPARE ** len(rings.x) * nx.dijkstra_path_length(shortest, start, stop) + 0.01
