"""Relations of type site: one service out of several members."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from psttm_geo.core.crs import METRIC

if TYPE_CHECKING:
    from tests.unit.conftest import Town

SITE = {"type": "site"}
SCHOOL = {"amenity": "school", "isced:level": "1"}
HOSPITAL = {"amenity": "hospital"}
BUILDING = {"building": "school"}


def test_two_buildings_are_one_service_with_both_areas(osm_town: "Town") -> None:
    nodes, ring = osm_town.square(10, 100, 50, 20)
    more, other = osm_town.square(20, 150, 50, 20)
    extract = osm_town(
        {**nodes, **more},
        {8: (ring, BUILDING), 9: (other, BUILDING)},
        {5: ([("way", 8, ""), ("way", 9, "")], {**SITE, **SCHOOL, "name": "Due case"})},
    )
    assert osm_town.found(extract) == [("scuola", "r", 5)]
    assert extract.services["name"].tolist() == ["Due case"]
    kinds, ((x, y),) = osm_town.entrances(extract, 5)
    assert kinds == {"inside"}
    assert 50 < y < 70
    assert 100 < x < 120 or 150 < x < 170


def test_a_member_called_entrance_is_the_way_in(osm_town: "Town") -> None:
    nodes, ring = osm_town.square(10, 100, -10, 40)
    extract = osm_town(
        {**nodes, 30: (130, 45)},
        {8: (ring, {"building": "hospital"})},
        {5: ([("way", 8, "perimeter"), ("node", 30, "entrance")], {**SITE, **HOSPITAL})},
    )
    assert osm_town.entrances(extract, 5) == ({"entrance"}, [(130.0, 45.0)])


def test_entrances_on_members_are_those_of_the_site(osm_town: "Town") -> None:
    nodes, ring = osm_town.square(10, 100, 20, 40)
    extract = osm_town(
        {**nodes, 12: (140, 60, {"entrance": "main"})},
        {8: (ring, {"building": "hospital"})},
        {5: ([("way", 8, "")], {**SITE, **HOSPITAL})},
    )
    assert osm_town.entrances(extract, 5) == ({"entrance"}, [(140.0, 60.0)])


def test_open_ways_that_close_together_outline_the_site(osm_town: "Town") -> None:
    nodes, ring = osm_town.square(10, 100, 50, 20)
    extract = osm_town(
        nodes,
        {8: (ring[:3], {}), 9: (ring[2:], {})},
        {5: ([("way", 8, "perimeter"), ("way", 9, "perimeter")], {**SITE, **SCHOOL})},
    )
    _, ((x, y),) = osm_town.entrances(extract, 5)
    assert (100 < x < 120, 50 < y < 70) == (True, True)


def test_a_site_of_points_is_reached_at_each(osm_town: "Town") -> None:
    extract = osm_town(
        {30: (100, 5), 31: (180, 5)},
        None,
        {5: ([("node", 30, "label"), ("node", 31, "")], {**SITE, "site": "parking", "amenity": "clinic"})},
    )
    assert osm_town.found(extract) == [("medico", "r", 5)]
    assert osm_town.entrances(extract, 5)[1] == [(100.0, 5.0), (180.0, 5.0)]


def test_a_multipolygon_is_a_member_too(osm_town: "Town") -> None:
    nodes, ring = osm_town.square(10, 100, 50, 60)
    hole, inner = osm_town.square(20, 120, 70, 20)
    extract = osm_town(
        {**nodes, **hole},
        {8: (ring, {}), 9: (inner, {})},
        {
            4: ([("way", 8, "outer"), ("way", 9, "inner")], {"type": "multipolygon", "building": "school"}),
            5: ([("relation", 4, "")], {**SITE, **SCHOOL}),
        },
    )
    assert osm_town.found(extract) == [("scuola", "r", 5)]
    _, ((x, y),) = osm_town.entrances(extract, 5)
    assert not (120 < x < 140 and 70 < y < 90), "the point stands in the yard"


def test_a_site_without_tags_of_a_service_is_none(osm_town: "Town") -> None:
    extract = osm_town({30: (100, 5)}, None, {5: ([("node", 30, "")], {**SITE, "site": "bus_stop", "name": "Fermata"})})
    assert osm_town.found(extract) == []


@pytest.mark.parametrize("name", ["", "Ospedale Grande", "Padiglione"])
def test_the_same_service_on_a_member_counts_once(osm_town: "Town", name: str) -> None:
    nodes, ring = osm_town.square(10, 100, 20, 40)
    more, far = osm_town.square(20, 600, 20, 40)
    tags = {**HOSPITAL, "name": name} if name else HOSPITAL
    extract = osm_town(
        {**nodes, **more},
        {8: (ring, tags), 9: (far, {"building": "yes"})},
        {5: ([("way", 8, ""), ("way", 9, "")], {**SITE, **HOSPITAL, "name": "Ospedale Grande"})},
    )
    assert osm_town.found(extract) == [("ospedale", "r", 5)]
    assert extract.report.services_repeated == 1


def test_schools_with_names_of_their_own_count_instead_of_their_site(osm_town: "Town") -> None:
    schools = {20 + n: (100 + 200 * n, 5, {**SCHOOL, "name": f"Scuola {n}"}) for n in range(3)}
    members = [("node", identifier, "") for identifier in schools]
    extract = osm_town(schools, None, {5: (members, {**SITE, **SCHOOL, "name": "Polo"})})
    assert osm_town.found(extract) == [("scuola", "n", 20), ("scuola", "n", 21), ("scuola", "n", 22)]


def test_a_site_without_a_level_is_no_second_school_beside_its_member(osm_town: "Town") -> None:
    extract = osm_town(
        {20: (100, 5, {"amenity": "school", "isced:level": "3", "name": "Liceo"})},
        None,
        {5: ([("node", 20, "")], {**SITE, "amenity": "school", "name": "Polo"})},
    )
    assert osm_town.found(extract) == [("superiori", "n", 20)]


def test_a_member_that_the_file_lacks_is_counted_and_the_rest_used(osm_town: "Town") -> None:
    extract = osm_town({30: (100, 5)}, None, {5: ([("node", 30, ""), ("way", 99, "")], {**SITE, "amenity": "clinic"})})
    assert osm_town.found(extract) == [("medico", "r", 5)]
    assert extract.report.relations_incomplete == 1


def test_a_site_far_from_the_territory_is_not_looked_at(osm_town: Callable[..., object]) -> None:
    territory = gpd.GeoDataFrame(geometry=[shapely.box(513_900, 5_033_900, 515_000, 5_034_100)], crs=METRIC)
    extract = osm_town(
        {30: (50_000, 5), 31: (100, 5), 32: (60_000, 5)},
        None,
        {
            5: ([("node", 30, ""), ("node", 32, "")], {**SITE, "amenity": "clinic"}),
            6: ([("node", 31, "label")], {**SITE, "amenity": "clinic"}),
        },
        territory,
    )
    assert extract.services["osm_id"].tolist() == [6]  # type: ignore[attr-defined]
