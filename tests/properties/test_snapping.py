from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from psttm_geo.access.snapping import FARTHEST_M, Places, StreetIndex
from psttm_geo.osm.network import WalkNetwork

COUNT = 8

# Metres, to the millimetre; few round ones, so that streets meet, cross and lie on each other.
coordinates = st.one_of(
    st.integers(-3, 3).map(float),
    st.integers(-600_000, 600_000).map(lambda value: value / 1000),
    st.integers(-(10**8), 10**8).map(lambda value: value / 1000),
)
points = arrays(float, st.tuples(st.integers(1, 12), st.just(2)), elements=coordinates)
nodes = arrays(float, (COUNT, 2), elements=coordinates)
edges = st.lists(st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)), min_size=1, max_size=12)
bends = st.lists(st.lists(st.tuples(coordinates, coordinates), max_size=3), min_size=12, max_size=12)


@pytest.fixture(scope="module")
def oracle() -> Callable[..., np.ndarray]:
    """Give the distances of shapely from every place to every street."""

    def distances(network: WalkNetwork, at: np.ndarray) -> np.ndarray:
        return shapely.distance(network.geometries()[None, :], shapely.points(at)[:, None])

    return distances


def snapped(
    street_network: Callable[..., WalkNetwork],
    drawn: tuple[np.ndarray, list[tuple[int, int]], list[list[tuple[float, float]]]],
    at: np.ndarray,
    usable: np.ndarray | None = None,
) -> tuple[WalkNetwork, Places]:
    places, joined, shapes = drawn
    network = street_network(places.tolist(), joined, shapes=dict(enumerate(shapes)))
    return network, StreetIndex(network).snap(*at.T, usable=usable)


@given(st.tuples(nodes, edges, bends), points)
def test_no_street_is_nearer_than_the_one_chosen(
    street_network: Callable[..., WalkNetwork],
    oracle: Callable[..., np.ndarray],
    drawn: tuple[np.ndarray, list[tuple[int, int]], list[list[tuple[float, float]]]],
    at: np.ndarray,
) -> None:
    network, places = snapped(street_network, drawn, at)
    nearest = oracle(network, at).min(axis=1)
    there = places.connected
    # Beside the limit itself, where the last digit decides.
    assert there[nearest < FARTHEST_M - 1e-6].all()
    assert not there[nearest > FARTHEST_M + 1e-6].any()
    np.testing.assert_allclose(places.off_street_m[there], nearest[there], atol=1e-9)


@given(st.tuples(nodes, edges, bends), points)
def test_the_point_told_is_as_far_away_as_told(
    street_network: Callable[..., WalkNetwork],
    drawn: tuple[np.ndarray, list[tuple[int, int]], list[list[tuple[float, float]]]],
    at: np.ndarray,
) -> None:
    network, places = snapped(street_network, drawn, at)
    there = places.connected
    assert ((places.fraction >= 0) & (places.fraction <= 1)).all()
    lines = network.geometries()[places.edge[there]]
    on_street = shapely.line_interpolate_point(lines, places.fraction[there], normalized=True)
    away = shapely.distance(on_street, shapely.points(at[there]))
    np.testing.assert_allclose(away, places.off_street_m[there], atol=1e-6)


@given(st.tuples(nodes, edges, bends), points, st.lists(st.booleans(), min_size=12, max_size=12))
def test_streets_that_cannot_be_used_might_as_well_be_missing(
    street_network: Callable[..., WalkNetwork],
    oracle: Callable[..., np.ndarray],
    drawn: tuple[np.ndarray, list[tuple[int, int]], list[list[tuple[float, float]]]],
    at: np.ndarray,
    flags: list[bool],
) -> None:
    usable = np.array(flags[: len(drawn[1])])
    network, places = snapped(street_network, drawn, at, usable)
    assert usable[places.edge[places.connected]].all()
    nearest = np.where(usable, oracle(network, at), np.inf).min(axis=1)
    np.testing.assert_allclose(places.off_street_m[places.connected], nearest[places.connected], atol=1e-9)
    assert places.connected[nearest < FARTHEST_M - 1e-6].all()
