"""Where one gets into a service: entrances, outlines, streets that are an edge, tunnels and bridges."""

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.conftest import Town

PARK = {"leisure": "park"}
HOSPITAL = {"amenity": "hospital"}
FOOTWAY = {"highway": "footway"}


def test_the_entrance_of_a_building_inside_is_that_of_its_grounds(osm_town: "Town") -> None:
    nodes, grounds = osm_town.square(10, 100, 20, 200)
    house, walls = osm_town.square(20, 150, 60, 20)
    house[21] = (*house[21], {"entrance": "main"})  # type: ignore[assignment]
    extract = osm_town({**nodes, **house}, {8: (grounds, HOSPITAL), 9: (walls, {"building": "hospital"})})
    assert osm_town.entrances(extract, 8) == ({"entrance"}, [(170.0, 60.0)])


def test_a_gate_on_the_outline_goes_before_the_doors_inside(osm_town: "Town") -> None:
    nodes, grounds = osm_town.square(10, 100, 20, 200)
    nodes[11] = (*nodes[11], {"entrance": "yes"})  # type: ignore[assignment]
    extract = osm_town({**nodes, 30: (170, 60, {"entrance": "main"})}, {8: (grounds, HOSPITAL)})
    assert osm_town.entrances(extract, 8) == ({"entrance"}, [(300.0, 20.0)])


@pytest.mark.parametrize("kind", ["emergency", "exit", "garage"])
def test_a_door_that_visitors_do_not_use_is_no_entrance(osm_town: "Town", kind: str) -> None:
    nodes, grounds = osm_town.square(10, 100, 20, 200)
    extract = osm_town({**nodes, 30: (170, 60, {"entrance": kind})}, {8: (grounds, HOSPITAL)})
    assert osm_town.entrances(extract, 8)[0] == {"inside"}


def test_the_door_of_another_service_inside_is_not_taken(osm_town: "Town") -> None:
    nodes, grounds = osm_town.square(10, 100, 20, 200)
    house, walls = osm_town.square(20, 150, 60, 20)
    house[21] = (*house[21], {"entrance": "main"})  # type: ignore[assignment]
    school = {"amenity": "school", "isced:level": "1"}
    extract = osm_town({**nodes, **house}, {8: (grounds, school), 9: (walls, {"amenity": "kindergarten"})})
    assert osm_town.entrances(extract, 9) == ({"entrance"}, [(170.0, 60.0)])
    assert osm_town.entrances(extract, 8)[0] == {"inside"}


def test_the_door_of_a_house_in_a_park_is_no_way_into_the_park(osm_town: "Town") -> None:
    nodes, outline = osm_town.square(10, 100, -50, 200)
    extract = osm_town({**nodes, 30: (170, 60, {"entrance": "main"})}, {8: (outline, PARK)})
    assert osm_town.entrances(extract, 8) == ({"outline"}, [(100.0, 0.0), (300.0, 0.0)])


def along(points: list[tuple[float, float]], start: float, stop: float) -> list[float]:
    """Give how far apart points along a stretch of the street are, its two ends included."""
    places = sorted({start, stop, *(x for x, y in points if abs(y) <= 0.5)})
    assert places[0] >= start - 0.5
    assert places[-1] <= stop + 0.5
    return [after - before for before, after in pairwise(places)]


def test_a_park_is_reached_along_the_whole_street_that_is_its_edge(osm_town: "Town") -> None:
    nodes = {3: (200, 0), 4: (320, 0), 10: (320, 90), 11: (200, 90)}
    extract = osm_town(nodes, {7: ([1, 3, 4, 2], {"highway": "residential"}), 8: ([3, 4, 10, 11, 3], PARK)})
    kinds, points = osm_town.entrances(extract, 8)
    assert kinds == {"outline"}
    assert max(along(points, 200, 320)) <= 3
    assert {200.0, 320.0} <= {x for x, _ in points}


def test_an_edge_that_leaves_out_a_node_of_a_nearly_straight_street_is_one_too(osm_town: "Town") -> None:
    nodes = {3: (200, 0), 4: (260, 0.3), 5: (320, 0), 10: (320, 90), 11: (200, 90)}
    extract = osm_town(nodes, {7: ([1, 3, 4, 5, 2], {"highway": "residential"}), 8: ([3, 5, 10, 11, 3], PARK)})
    assert max(along(osm_town.entrances(extract, 8)[1], 200, 320)) <= 3


def test_a_curved_edge_is_reached_all_along(osm_town: "Town") -> None:
    nodes = {3: (200, 0), 4: (200, 60), 10: (200, 100), 11: (150, 100), 12: (150, 50)}
    extract = osm_town(nodes, {8: ([3, 4, 10, 11], FOOTWAY), 9: ([3, 4, 10, 11, 12, 3], PARK)})
    _, points = osm_town.entrances(extract, 9)
    side = sorted({0.0, 100.0, *(y for x, y in points if abs(x - 200) <= 0.5)})
    assert max(after - before for before, after in pairwise(side)) <= 3
    top = sorted({150.0, 200.0, *(x for x, y in points if abs(y - 100) <= 0.5)})
    assert max(after - before for before, after in pairwise(top)) <= 3


def test_a_street_that_only_crosses_gives_but_the_crossings(osm_town: "Town") -> None:
    nodes, outline = osm_town.square(10, 100, -50, 100)
    assert len(osm_town.entrances(osm_town(nodes, {8: (outline, PARK)}), 8)[1]) == 2


@pytest.mark.parametrize(
    ("tags", "kinds"),
    [
        ({"tunnel": "yes", "layer": "-1"}, {"inside"}),
        ({"tunnel": "yes"}, {"inside"}),
        ({"location": "underground"}, {"inside"}),
        ({"bridge": "yes", "layer": "1"}, {"inside"}),
        ({"bridge": "viaduct"}, {"inside"}),
        ({"tunnel": "building_passage"}, {"outline"}),
        ({"tunnel": "no"}, {"outline"}),
        ({"bridge": "no"}, {"outline"}),
        ({"bridge": "boardwalk"}, {"outline"}),
        ({"layer": "-1"}, {"outline"}),
    ],
)
def test_a_street_below_or_above_does_not_meet_the_outline(
    osm_town: "Town", tags: dict[str, str], kinds: set[str]
) -> None:
    nodes, outline = osm_town.square(10, 100, 50, 100)
    extract = osm_town({**nodes, 3: (150, 0), 4: (150, 300)}, {8: (outline, PARK), 9: ([3, 4], {**FOOTWAY, **tags})})
    assert osm_town.entrances(extract, 8)[0] == kinds


def test_a_tunnel_that_ends_on_the_outline_meets_it_there(osm_town: "Town") -> None:
    nodes, outline = osm_town.square(10, 100, 50, 100)
    ring = [*outline[:1], 5, *outline[1:]]
    tunnel = {**FOOTWAY, "tunnel": "yes"}
    extract = osm_town({**nodes, 3: (150, 0), 5: (150, 50), 4: (150, 300)}, {8: (ring, PARK), 9: ([3, 5, 4], tunnel)})
    assert osm_town.entrances(extract, 8) == ({"outline"}, [(150.0, 50.0)])
