"""How far grids of streets reach, with ways that run on beyond them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.osm._read_extent import find_extent
from psttm_geo.osm.extent import Extent
from psttm_geo.osm.network import WalkNetwork

if TYPE_CHECKING:
    from psttm_geo.osm._containers import Bounds

Network = Callable[..., WalkNetwork]

WEST, SOUTH = 514_000, 5_034_000

SIDE_M, STEP_M = 2000, 100


@pytest.fixture
def grid(street_network: Network) -> Callable[..., WalkNetwork]:
    """Make a grid of streets, 2 km wide; more nodes and edges between them may follow."""

    def grid(more: list[tuple[float, float]] = [], links: list[tuple[int, int]] = []) -> WalkNetwork:  # noqa: B006 - never changed
        count = SIDE_M // STEP_M + 1
        nodes = [(WEST + STEP_M * column, SOUTH + STEP_M * row) for row in range(count) for column in range(count)]
        at = np.arange(count * count).reshape(count, count)
        pairs = [*zip(at[:, :-1].ravel(), at[:, 1:].ravel()), *zip(at[:-1].ravel(), at[1:].ravel())]  # noqa: B905 - equally long
        return street_network([*nodes, *((WEST + x, SOUTH + y) for x, y in more)], [*pairs, *links])

    return grid


def shares(extent: Extent, *boxes: tuple[float, float, float, float]) -> list[float]:
    moved = [shapely.box(WEST + w, SOUTH + s, WEST + e, SOUTH + n) for w, s, e, n in boxes]
    return extent.shares(np.array(moved)).tolist()


def test_a_grid_covers_what_lies_in_it_and_half_of_what_lies_half_in_it(grid: Callable[..., WalkNetwork]) -> None:
    extent = find_extent(grid(), None)
    inside, half, beyond = shares(extent, (0, 0, 2000, 2000), (1000, 0, 3000, 2000), (3000, 0, 4000, 2000))
    assert (inside, beyond) == (1, 0)
    assert half == pytest.approx(0.5, abs=0.01)


def test_ways_that_run_on_beyond_the_edge_cover_nothing(grid: Callable[..., WalkNetwork]) -> None:
    corner = (SIDE_M // STEP_M + 1) ** 2 - 1
    extent = find_extent(grid([(6000, 2000), (2000, 6000)], [(corner, corner + 1), (corner, corner + 2)]), None)
    assert shares(extent, (3000, 1000, 6000, 3000), (1000, 3000, 3000, 6000)) == [0, 0]


def test_a_hole_is_no_end(street_network: Network) -> None:
    steps = range(0, 5000, 100)
    ring = [(x, y) for x in steps for y in steps if not 1000 <= x <= 3500 or not 1000 <= y <= 3500]
    place = {point: number for number, point in enumerate(ring)}
    links = [
        (number, place[x + dx, y + dy])
        for (x, y), number in place.items()
        for dx, dy in ((100, 0), (0, 100))
        if (x + dx, y + dy) in place
    ]
    extent = find_extent(street_network([(WEST + x, SOUTH + y) for x, y in ring], links), None)
    far = extent.distances_to_end(np.array([WEST + 900.0, WEST + 2250.0]), np.array([SOUTH + 2250.0] * 2))
    assert far == pytest.approx([900, 2250], abs=60)


def test_few_streets_cover_what_is_beside_them(street_network: Network) -> None:
    extent = find_extent(street_network([(WEST, SOUTH), (WEST + 1000, SOUTH)], [(0, 1)]), None)
    town, city = shares(extent, (0, -200, 1000, 200), (-5000, -5000, 5000, 5000))
    assert town == 1
    assert city == pytest.approx((1000 * 500 + np.pi * 250**2) / 1e8, rel=0.01)


def test_the_stated_box_stands_on_the_plane(grid: Callable[..., WalkNetwork]) -> None:
    to_degrees = Transformer.from_crs(METRIC, GEOGRAPHIC, always_xy=True)
    west, south = to_degrees.transform(WEST + 1000, SOUTH)
    east, north = to_degrees.transform(WEST + 2000, SOUTH + 2000)
    box: Bounds = (west, south, east, north)
    assert shares(find_extent(grid(), box), (0, 0, 2000, 2000)) == pytest.approx([0.5], abs=0.01)


@pytest.mark.parametrize(
    "box",
    [(-180, -90, 180, 90), (-180, 0, 180, 85), (0, 0, 0, 0), (-200, -100, 180, 90), (9.5, 46, 9, 45), (8, 44, 11, 47)],
    ids=["world", "hemisphere", "no surface", "beyond the poles", "upside down", "wide"],
)
def test_a_box_that_is_none_or_goes_far_beyond_takes_nothing_away(
    grid: Callable[..., WalkNetwork], box: "Bounds"
) -> None:
    assert shares(find_extent(grid(), box), (0, 0, 2000, 2000)) == [1]


def test_a_box_of_another_place_leaves_nothing(grid: Callable[..., WalkNetwork]) -> None:
    assert shares(find_extent(grid(), (12, 40, 13, 41)), (0, 0, 2000, 2000)) == [0]


def test_a_town_among_others_that_one_street_passes_through_is_not_covered(street_network: Network) -> None:
    steps = range(0, 3600, 100)
    ring = [(x, y) for x in steps for y in steps if not 1150 <= x <= 2350 or not 1150 <= y <= 2350]
    place = {point: number for number, point in enumerate(ring)}
    links = [
        (number, place[x + dx, y + dy])
        for (x, y), number in place.items()
        for dx, dy in ((100, 0), (0, 100))
        if (x + dx, y + dy) in place
    ]
    links.append((place[1100, 1700], place[2400, 1700]))
    extent = find_extent(street_network([(WEST + x, SOUTH + y) for x, y in ring], links), None)
    assert shares(extent, (1150, 1150, 2350, 2350), (-50, 1150, 1150, 2350)) == [0, 1]
