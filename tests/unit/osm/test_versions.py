"""PBF files with several versions, negative identifiers, or the places of nodes on their ways."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Relation, Way

from psttm_geo.osm import _blobs
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.extract_records import Extract

STREET = {"highway": "residential"}

PHARMACY = {"amenity": "pharmacy"}

CAFE = {"amenity": "cafe"}

STEP_KM = 0.1111
"""From one node to the next: a thousandth of a degree."""

Object = Node | Way | Relation


def at(number: int, place: float, tags: dict[str, str] | None = None, **more: object) -> Node:
    return Node(id=number, location=(9.18, 45.46 + place / 1000), tags=tags or {}, **more)


def along(number: int, nodes: list[int], tags: dict[str, str] | None = None, **more: object) -> Way:
    return Way(id=number, nodes=nodes, tags=STREET if tags is None else tags, **more)


TOWN = [at(1, 0), at(2, 1), at(3, 2), along(10, [1, 2, 3])]


@pytest.fixture
def read(tmp_path: Path, tag_tables: TagTables) -> Callable[..., Extract]:
    def read(*objects: Object, form: str = "pbf", name: str = "map.osm.pbf") -> Extract:
        path = tmp_path / name
        with osmium.SimpleWriter(osmium.io.File(path, form), overwrite=True) as writer:
            for found in objects:
                writer.add(found)
        return read_extract(path, tag_tables, "sum", territory=None)

    return read


def steps(extract: Extract) -> float:
    return round(extract.network.length_km / STEP_KM, 1)


def services(extract: Extract) -> list[tuple[str, int]]:
    return sorted(zip(extract.services["category"], extract.services["osm_id"], strict=True))


def test_of_a_history_the_newest_versions_count(read: Callable[..., Extract]) -> None:
    history = [
        at(1, 0, version=1),
        at(1, 1, version=2),
        at(2, 2, version=1),
        at(3, 4, version=1),
        at(4, 3, PHARMACY, version=1),
        Node(id=4, version=2, visible=False),
        at(5, 3, PHARMACY, version=1),
        at(5, 3, CAFE, version=2),
        along(10, [1, 2], version=1),
        along(10, [1, 2, 3], version=2),
        along(11, [1, 3], version=1),
        Way(id=11, version=2, visible=False),
    ]
    extract = read(*history, form="pbf,history=true", name="map.osh.pbf")
    assert steps(extract) == 3
    assert services(extract) == [("ristoro", 5)]
    assert (extract.report.objects_deleted, extract.report.versions_older) == (2, 5)
    assert (extract.report.nodes_read, extract.report.ways_read) == (4, 1)


@pytest.mark.parametrize("order", [1, -1])
def test_versions_that_no_header_tells_of(read: Callable[..., Extract], order: int) -> None:
    versions = [at(4, 1, PHARMACY, version=8), at(4, 1, CAFE, version=11)]
    extract = read(*TOWN, *versions[::order])
    assert services(extract) == [("ristoro", 4)]
    assert extract.report.versions_older == 1


def test_the_last_of_objects_without_versions_counts(read: Callable[..., Extract]) -> None:
    extract = read(at(1, 0), at(2, 1), at(2, 3), along(10, [1, 2]), along(10, [1, 2]))
    assert (steps(extract), extract.network.edge_count) == (3, 1)
    assert extract.report.versions_older == 2


def test_the_same_relation_twice_is_one_service(read: Callable[..., Extract]) -> None:
    ring = [
        Node(id=20 + n, location=(9.18 + x, 45.46 + y)) for n, (x, y) in enumerate([(0, 0), (0.001, 0), (0, 0.001)])
    ]
    grounds = Relation(id=5, members=[("w", 12, "outer")], tags={"type": "multipolygon", **PHARMACY})
    extract = read(*TOWN, *ring, along(12, [20, 21, 22, 20], {}), grounds, grounds)
    assert services(extract) == [("farmacia", 5)]


@pytest.mark.parametrize("order", [1, -1])
def test_negative_identifiers_in_any_order(read: Callable[..., Extract], order: int) -> None:
    drawn = [at(-1, 3), at(-2, 1, PHARMACY), along(-1, [3, -1]), along(-2, [-1, 1])]
    extract = read(*[*drawn, *TOWN][::order])
    assert steps(extract) == 6
    assert services(extract) == [("farmacia", -2)]
    assert sorted(extract.network.edge_way.tolist()) == [-2, -1, 10]
    assert extract.report.nodes_missing == 0


def test_nodes_that_are_all_negative(read: Callable[..., Extract]) -> None:
    assert steps(read(at(-2, 0), at(-1, 1), along(7, [-2, -1]))) == 1


def test_a_member_with_a_negative_identifier(read: Callable[..., Extract]) -> None:
    ring = [at(20, 0), Node(id=21, location=(9.181, 45.46)), Node(id=22, location=(9.181, 45.461))]
    grounds = Relation(id=5, members=[("w", -12, "outer")], tags={"type": "multipolygon", **PHARMACY})
    extract = read(*TOWN, *ring, along(-12, [20, 21, 22, 20], {}), grounds)
    assert services(extract) == [("farmacia", 5)]
    assert extract.report.relations_incomplete == 0


def test_a_drawn_street_reaches_out_of_the_territory(
    tmp_path: Path, tag_tables: TagTables, read: Callable[..., Extract]
) -> None:
    """Nodes outside the box that an area needs are found, negative ones too."""
    far = [at(-20, -90), Node(id=-21, location=(9.28, 45.46)), Node(id=-22, location=(9.28, 45.55))]
    park = along(-12, [-20, -21, -22, 1, -20], {"leisure": "park"})
    read(*TOWN, *far, park)
    territory = gpd.GeoDataFrame(geometry=[shapely.box(9.17, 45.455, 9.19, 45.47)], crs=4326)
    extract = read_extract(tmp_path / "map.osm.pbf", tag_tables, "sum", territory=territory)
    assert services(extract) == [("verde", -12)]
    assert extract.report.nodes_missing == 0


def test_places_on_ways_stand_for_nodes_that_are_not_there(
    read: Callable[..., Extract], tmp_path: Path, tag_tables: TagTables
) -> None:
    read(*TOWN, at(4, 1, PHARMACY), along(11, [3, 1]))
    path = tmp_path / "located.osm.pbf"
    table = osmium.index.create_map("flex_mem")
    target = osmium.io.File(path, "pbf,locations_on_ways=true")
    with osmium.SimpleWriter(target) as writer:
        tagged = osmium.filter.EmptyTagFilter().enable_for(osmium.osm.NODE)
        osmium.apply(tmp_path / "map.osm.pbf", osmium.NodeLocationsForWays(table), tagged, writer)
    extract = read_extract(path, tag_tables, "sum", territory=None)
    assert (steps(extract), extract.network.edge_count) == (4, 2)
    assert services(extract) == [("farmacia", 4)]
    assert extract.report.nodes_missing == 0


def test_many_batches_give_the_same_as_one(read: Callable[..., Extract], monkeypatch: pytest.MonkeyPatch) -> None:
    objects = [*TOWN, at(-1, 3), along(-1, [3, -1]), at(4, 1, PHARMACY, version=2), at(4, 1, CAFE, version=1)]
    expected = read(*objects)
    monkeypatch.setattr(_blobs, "BATCH_BYTES", 1)
    found = read(*objects)
    assert services(found) == services(expected) == [("farmacia", 4)]
    assert found.report == expected.report
    assert steps(found) == 3


def test_the_date_of_a_file_with_versions_is_kept(tmp_path: Path, tag_tables: TagTables) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-11-20T20:21:58Z")
    path = tmp_path / "map.osm.pbf"
    with osmium.SimpleWriter(path, header=header) as writer:
        for found in (*TOWN, at(3, 2)):
            writer.add(found)
    assert read_extract(path, tag_tables, "sum", territory=None).report.date == "2026-11-20"
