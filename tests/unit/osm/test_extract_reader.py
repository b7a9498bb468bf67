"""What an extract gives beside streets, on towns drawn so that the answer is known."""

import copy
import math
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import OsmFileError
from psttm_geo.core.kept_model import keep_model, open_model
from psttm_geo.osm.extract_reader import TagTables, named_municipalities, read_extract
from psttm_geo.osm.extract_records import Extract

Writer = Callable[..., Path]

STREET = {"highway": "residential"}

NODES = {1: (0, 0), 2: (1000, 0)}

WAYS = {7: ([1, 2], STREET)}

SCHOOL = {"amenity": "school"}

BORDER = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}


def square(first: int, x: float, y: float, size: float) -> tuple[dict[int, tuple[float, float]], list[int]]:
    """Give the nodes of a square, numbered from `first`, and the way around it."""
    corners = {first: (x, y), first + 1: (x + size, y), first + 2: (x + size, y + size), first + 3: (x, y + size)}
    return corners, [*corners, first]


@pytest.fixture
def read(write_osm: Writer, tag_tables: TagTables) -> Callable[..., Extract]:
    def read(
        nodes: dict[int, tuple[object, ...]],
        ways: dict[int, tuple[list[int], dict[str, str]]] | None = None,
        relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] | None = None,
        territory: gpd.GeoDataFrame | None = None,
    ) -> Extract:
        path = write_osm({**NODES, **nodes}, {**WAYS, **(ways or {})}, relations)
        return read_extract(path, tag_tables, "sum", territory=territory)

    return read


def services_of(extract: Extract, category: str) -> list[tuple[str, str, int]]:
    rows = extract.services[extract.services["category"] == category]
    return sorted(zip(rows["name"], rows["osm_type"], rows["osm_id"], strict=True))


def entrances_of(extract: Extract, osm_id: int, origin: tuple[float, float]) -> tuple[set[str], set[tuple[int, int]]]:
    """Give the kinds of access of a service, and its points in whole metres from the origin."""
    (row,) = extract.services.index[extract.services["osm_id"] == osm_id]
    mine = extract.entrances[extract.entrances["service"] == row]
    points = {(round(x - origin[0]), round(y - origin[1])) for x, y in zip(mine["x"], mine["y"], strict=True)}
    return set(mine["access"]), points


def test_nodes_ways_and_multipolygons_are_services(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, 50, 20)
    more, outer = square(20, 200, 50, 60)
    hole, inner = square(30, 220, 70, 20)
    extract = read(
        {**nodes, **more, **hole, 40: (500, 10, {"amenity": "pharmacy", "name": "Uno"})},
        {8: (ring, {"amenity": "pharmacy", "name": "Due"}), 9: (outer, {}), 11: (inner, {})},
        {5: ([("way", 9, "outer"), ("way", 11, "inner")], {"type": "multipolygon", "amenity": "pharmacy"})},
    )
    assert services_of(extract, "farmacia") == [("", "r", 5), ("Due", "w", 8), ("Uno", "n", 40)]
    (row,) = extract.services.index[extract.services["osm_id"] == 5]
    x, y = extract.services.geometry.x[row], extract.services.geometry.y[row]
    assert not (514_220 < x < 514_240 and 5_034_070 < y < 5_034_090), "the point stands in the hole"


def test_an_object_of_two_categories_counts_in_both(read: Callable[..., Extract]) -> None:
    extract = read({10: (50, 10, {"amenity": "cafe", "shop": "supermarket", "tourism": "museum"})})
    assert sorted(extract.services["category"]) == ["alimentari", "cultura", "ristoro"]


def test_a_school_as_node_and_as_building_counts_once(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, 50, 60)
    extract = read(
        {**nodes, 20: (130, 80, {**SCHOOL, "name": "Scuola Verdi"})}, {8: (ring, {**SCHOOL, "building": "school"})}
    )
    assert services_of(extract, "scuola") == [("Scuola Verdi", "w", 8)]
    assert extract.report.services_repeated == 1


def test_the_same_name_nearby_counts_once_farther_away_twice(read: Callable[..., Extract]) -> None:
    stop = {"highway": "bus_stop", "name": "Duomo"}
    extract = read({10: (100, 5, stop), 11: (160, -5, stop), 12: (500, 5, stop), 13: (165, 5, {"highway": "bus_stop"})})
    assert services_of(extract, "trasporto") == [("", "n", 13), ("Duomo", "n", 10), ("Duomo", "n", 12)]
    first = extract.services.index[extract.services["osm_id"] == 10][0]
    assert len(extract.entrances[extract.entrances["service"] == first]) == 2, "both poles of the stop are ways in"


def test_three_schools_in_nameless_grounds_are_three(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, 50, 200)
    schools = {20 + n: (120 + 60 * n, 100, {**SCHOOL, "name": f"Scuola {n}"}) for n in range(3)}
    extract = read({**nodes, **schools}, {8: (ring, SCHOOL)})
    assert services_of(extract, "scuola") == [("Scuola 0", "n", 20), ("Scuola 1", "n", 21), ("Scuola 2", "n", 22)]


@pytest.mark.parametrize(
    ("tags", "categories"),
    [
        ({"isced:level": "1"}, [("scuola", False)]),
        ({"isced:level": "0;1"}, [("infanzia", False), ("scuola", False)]),
        ({"isced:level": "3"}, [("superiori", False)]),
        ({"school": "primary"}, [("scuola", False)]),
        ({}, [("scuola", True)]),
    ],
)
def test_levels_of_schools(
    read: Callable[..., Extract], tags: dict[str, str], categories: list[tuple[str, bool]]
) -> None:
    services = read({10: (50, 10, {**SCHOOL, **tags})}).services
    assert list(zip(services["category"], services["level_unknown"], strict=True)) == categories


def test_a_school_without_a_level_is_not_a_second_one_beside_its_level(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, 50, 60)
    extract = read({**nodes, 20: (130, 80, {**SCHOOL, "name": "Liceo Volta", "isced:level": "3"})}, {8: (ring, SCHOOL)})
    assert list(extract.services["category"]) == ["superiori"]


def test_an_area_gives_its_entrances(read: Callable[..., Extract], write_osm: Writer) -> None:
    nodes, ring = square(10, 100, 50, 40)
    nodes = {**nodes, 11: (140, 50, {"entrance": "main"}), 12: (140, 90, {"entrance": "emergency"})}
    extract = read(nodes, {8: (ring, {"amenity": "hospital"})})
    assert entrances_of(extract, 8, write_osm.origin) == ({"entrance"}, {(140, 50)})


def test_an_area_without_entrances_gives_where_its_outline_meets_streets(
    read: Callable[..., Extract], write_osm: Writer
) -> None:
    nodes, ring = square(10, 100, -50, 100)
    extract = read(nodes, {8: (ring, {"leisure": "park"})})
    assert entrances_of(extract, 8, write_osm.origin) == ({"outline"}, {(100, 0), (200, 0)})


def test_an_area_away_from_streets_gives_a_point_inside(read: Callable[..., Extract], write_osm: Writer) -> None:
    nodes, ring = square(10, 100, 50, 40)
    kinds, points = entrances_of(read(nodes, {8: (ring, {"leisure": "park"})}), 8, write_osm.origin)
    ((x, y),) = points
    assert kinds == {"inside"}
    assert 100 < x < 140
    assert 50 < y < 90


def test_every_service_has_an_access(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, -50, 100)
    extract = read(
        {**nodes, 20: (5, 5, {"amenity": "cafe"}), 21: (300, 10), 22: (320, 10)},
        {8: (ring, {"leisure": "park"}), 9: ([21, 22], {"public_transport": "platform"})},
    )
    assert set(extract.entrances["service"]) == set(extract.services.index)
    assert extract.entrances["service"].is_monotonic_increasing


def test_boundaries_with_parts_and_the_code(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 0, -500, 1000)
    more, island = square(20, 3000, 0, 500)
    extract = read(
        {**nodes, **more},
        {8: (ring[:3], {}), 9: (ring[2:], {}), 11: (island, {})},
        {
            5: (
                [("way", 8, "outer"), ("way", 9, "outer"), ("way", 11, "outer")],
                {**BORDER, "name": "Alfa", "ref:ISTAT": "015001"},
            )
        },
    )
    row = extract.boundaries.iloc[0]
    assert (row["name"], row["ref_istat"], row["parts"], bool(row["complete"])) == ("Alfa", "015001", 2, True)
    assert row["area_km2"] == pytest.approx(1.25, abs=1e-4)


def test_a_boundary_that_lacks_a_member_or_does_not_close_is_incomplete(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 0, -500, 1000)
    extract = read(
        nodes,
        {8: (ring[:3], {}), 9: (ring[2:], {})},
        {
            4: ([("way", 8, "outer")], {**BORDER, "name": "Aperto"}),
            5: ([("way", 8, "outer"), ("way", 99, "outer")], {**BORDER, "name": "Mancante"}),
            6: ([("way", 8, "outer"), ("way", 9, "outer")], {**BORDER, "name": "Intero"}),
            3: ([("way", 8, "outer"), ("way", 9, "outer")], BORDER),
        },
    )
    complete = dict(zip(extract.boundaries["name"], extract.boundaries["complete"], strict=True))
    assert complete == {"": True, "Aperto": False, "Intero": True, "Mancante": False}
    assert extract.boundaries.geometry.isna().sum() == 2
    assert named_municipalities(extract.boundaries)["name"].tolist() == ["Intero"]
    assert extract.report.relations_incomplete == 2


def test_a_way_that_is_but_a_piece_of_a_boundary_is_none(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 0, -500, 1000)
    tags = {"boundary": "administrative", "admin_level": "8"}
    assert read(nodes, {8: (ring[:3], tags), 9: (ring, tags)}).boundaries["osm_id"].tolist() == [9]


def test_features_by_tag_and_name(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, 50, 400)
    extract = read(
        {**nodes, 20: (0, 100), 21: (900, 100), 22: (5, 5, {"railway": "station", "name": "Centrale"})},
        {
            8: (ring, {"natural": "water", "name": "Idroscalo di Milano"}),
            9: ([20, 21], {"waterway": "canal", "name": "Naviglio Grande"}),
            11: ([20, 21], {"waterway": "canal", "name": "Canale Villoresi"}),
            12: ([21, 20], {"waterway": "stream", "name": "Rio"}),
        },
    )
    found = extract.features.groupby("feature")["name"].agg(sorted).to_dict()
    assert found == {
        "acque": ["Idroscalo di Milano"],
        "canali": ["Canale Villoresi", "Naviglio Grande"],
        "corsi_d_acqua": ["Canale Villoresi", "Naviglio Grande", "Rio"],
        "idroscalo": ["Idroscalo di Milano"],
        "navigli": ["Naviglio Grande"],
        "stazioni": ["Centrale"],
    }
    assert extract.features.crs == METRIC
    assert set(shapely.get_dimensions(extract.features.geometry)) == {0, 1, 2}


def test_homes_have_a_place_and_a_footprint(read: Callable[..., Extract]) -> None:
    nodes, house = square(10, 100, 50, 20)
    more, factory = square(20, 200, 50, 20)
    extract = read({**nodes, **more}, {8: (house, {"building": "yes"}), 9: (factory, {"building": "industrial"})})
    (home,) = extract.homes.to_dict("records")
    assert home["area_m2"] == pytest.approx(400, abs=0.5)
    assert (home["x"] - 514_000, home["y"] - 5_034_000) == (pytest.approx(110, abs=0.1), pytest.approx(60, abs=0.1))


def test_what_is_missing_is_counted(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100, 50, 40)
    extract = read(
        nodes,
        {
            8: ([*ring[:2], 98, 99, *ring[2:]], {"leisure": "park", "name": "Monco"}),
            9: ([1], STREET),
            11: ([1, 97, 2], STREET),
        },
    )
    report = extract.report
    assert (report.nodes_missing, report.ways_incomplete, report.ways_too_short) == (3, 2, 1)
    assert report.nodes_read == 6
    assert services_of(extract, "verde") == [("Monco", "w", 8)], "a park whose outline is broken is still a park"


def test_nodes_nowhere_on_earth_are_dropped_and_counted(write_osm: Writer, tag_tables: TagTables) -> None:
    path = write_osm({**NODES, 3: (0, 100), 4: (0, 200)}, {**WAYS, 8: ([1, 3, 4], STREET)})
    text = path.read_text("utf-8")
    line = text[text.index('<node id="3"') :].split("/>")[0]
    path.write_text(text.replace(line, '<node id="3" lon="181" lat="95" '), "utf-8")
    extract = read_extract(path, tag_tables, "sum", territory=None)
    assert (extract.report.nodes_read, extract.report.nodes_out_of_range) == (4, 1)
    assert extract.report.nodes_missing == 1
    assert extract.network.length_km == pytest.approx(1.0, abs=1e-3)


def territory_at(x: float, size: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.box(514_000 + x, 5_033_900, 514_000 + x + size, 5_034_100)], crs=METRIC)


def test_streets_are_cut_two_kilometres_beyond_the_territory(read: Callable[..., Extract]) -> None:
    nodes = {100 + n: (n * 100, 0) for n in range(101)}
    corners = square(10, -100, -1000, 2000)[0]
    extract = read({**nodes, **corners}, {8: (list(nodes), STREET)}, territory=territory_at(-10, 1000))
    assert extract.network.node_x.max() - 514_000 == pytest.approx(2900, abs=1)
    assert extract.report.nodes_missing == 0, "nodes outside the margin are left out, not missing"
    assert extract.report.ways_incomplete == 0


def test_a_boundary_that_leaves_the_margin_is_known_in_whole(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 0, -100, 50_000)
    extract = read(
        {**nodes, 30: (500, 10)},
        {8: (ring[:3], {}), 9: (ring[2:], {})},
        {5: ([("way", 8, "outer"), ("way", 9, "outer")], {**BORDER, "name": "Grande"})},
        territory=territory_at(0, 1000),
    )
    assert extract.report.relations_incomplete == 0
    assert extract.boundaries["complete"].tolist() == [True]
    assert extract.boundaries["area_km2"].iloc[0] == pytest.approx(2500, rel=0.01)
    assert extract.network.node_x.max() < 514_000 + 3_100, "streets end where the margin does"


def test_a_relation_elsewhere_is_not_looked_at(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 100_000, 0, 100)
    here, corners = square(20, 0, -100, 1000)
    extract = read(
        {**nodes, **here},
        {8: (ring, {}), 9: (corners, {})},
        {
            5: ([("way", 8, "outer"), ("way", 98, "outer")], {**BORDER, "name": "Lontano"}),
            6: ([("way", 9, "outer")], {**BORDER, "name": "Vicino"}),
        },
        territory=territory_at(0, 1000),
    )
    assert extract.boundaries["name"].tolist() == ["Vicino"]
    assert extract.report.relations_incomplete == 0


def test_objects_in_any_order_and_twice_give_the_same(write_osm: Writer, tag_tables: TagTables) -> None:
    nodes, ring = square(10, 0, -500, 1000)
    more, island = square(20, 3000, 0, 500)
    path = write_osm(
        {**NODES, **nodes, **more, 30: (5, 5, {"amenity": "cafe"})},
        {**WAYS, 8: (ring[:3], {}), 9: (ring[2:], {}), 11: (island, {})},
        {
            5: ([("way", 8, "outer"), ("way", 9, "outer")], {**BORDER, "name": "Alfa"}),
            6: ([("way", 11, "outer")], {**BORDER, "name": "Beta"}),
        },
    )
    root = ET.parse(path).getroot()  # noqa: S314 - written just now
    for element in reversed(list(root)):
        root.append(copy.deepcopy(element))
        root.remove(element)
        if element.tag == "relation":
            root.insert(0, element)
    shuffled = path.with_name("shuffled.osm")
    ET.ElementTree(root).write(shuffled)
    first, second = (read_extract(file, tag_tables, "sum", territory=None) for file in (path, shuffled))
    pd.testing.assert_frame_equal(first.boundaries, second.boundaries)
    pd.testing.assert_frame_equal(first.services, second.services)
    assert first.network.edge_way.tolist() == second.network.edge_way.tolist()
    assert second.report.nodes_read == first.report.nodes_read


def test_an_extract_of_another_place_is_refused_with_the_percent(read: Callable[..., Extract]) -> None:
    with pytest.raises(OsmFileError, match=r"territorio coperto 0(,0)? %: è l'estratto di un altro luogo"):
        read({}, territory=territory_at(500_000, 1000))
    with pytest.raises(OsmFileError, match=r"territorio coperto 0(,0)? %"):
        read({3: (0, 50)}, territory=territory_at(2000, 500))


def test_a_street_that_runs_straight_on_lies_somewhere(write_osm: Writer, tag_tables: TagTables) -> None:
    path = write_osm({1: (0, 0), 2: (300, 0)}, {7: ([1, 2], STREET)})
    extract = read_extract(path, tag_tables, "sum", territory=territory_at(0, 50_000))
    assert extract.network.edge_length_m.sum() == pytest.approx(300, abs=0.1)
    with pytest.raises(OsmFileError, match=r"l'estratto di un altro luogo"):
        read_extract(path, tag_tables, "sum", territory=territory_at(2000, 50_000))


@pytest.mark.parametrize("territory", [None, territory_at(-10, 500)])
def test_an_area_of_which_nothing_is_there_is_counted(
    read: Callable[..., Extract], territory: gpd.GeoDataFrame | None
) -> None:
    school = {"type": "multipolygon", "amenity": "school"}
    extract = read({3: (0, 50)}, relations={5: ([("way", 99, "outer")], school)}, territory=territory)
    assert services_of(extract, "scuola") == []
    assert extract.report.relations_incomplete == 1


def test_the_overlap_comes_from_streets_and_not_from_other_nodes(read: Callable[..., Extract]) -> None:
    # One street of 1 km covers what is within 250 m of it; the square around the territory is no street.
    nodes, ring = square(10, -4000, -4000, 8000)
    outline = {8: (ring, {"boundary": "administrative", "admin_level": "6"})}
    extract = read(nodes, outline, territory=territory_at(250, 2000))
    assert extract.report.overlap_percent == pytest.approx(50, abs=1)
    assert read(nodes).report.overlap_percent is None


def test_the_overlap_of_its_own_municipalities_is_told_too(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, -2000, -2000, 4000)
    border = {5: ([("way", 8, "outer")], {**BORDER, "name": "Alfa"})}
    assert read(nodes, {8: (ring, {})}, border).report.overlap_percent == pytest.approx(
        100 * (1000 * 500 + math.pi * 250**2) / 4000**2, abs=0.1
    )


def test_without_any_municipality_the_whole_extract_is_read(read: Callable[..., Extract]) -> None:
    extract = read({3: (100_000, 0), 4: (100_100, 0)}, {8: ([3, 4], STREET)})
    assert extract.network.component_count == 2
    assert extract.boundaries.empty


def test_municipalities_of_the_extract_bound_what_is_read(read: Callable[..., Extract]) -> None:
    nodes, ring = square(10, 0, -500, 1000)
    extract = read(
        {**nodes, 3: (100_000, 0), 4: (100_100, 0), 5: (100_000, 5, {"amenity": "cafe"})},
        {8: ([3, 4], STREET), 9: (ring, {})},
        {5: ([("way", 9, "outer")], {**BORDER, "name": "Alfa"})},
    )
    assert extract.network.component_count == 1
    assert extract.services.empty


def test_made_up_data_say_so(read: Callable[..., Extract]) -> None:
    assert not read({}).report.synthetic
    assert read({3: (0, 10)}, {8: ([1, 3], {**STREET, "source": "synthetic"})}).report.synthetic


def test_what_is_saved_is_loaded_again(read: Callable[..., Extract], tmp_path: Path) -> None:
    nodes, ring = square(10, 0, -500, 1000)
    extract = read(
        {**nodes, 20: (5, 5, {"amenity": "cafe", "name": "Bar"})},
        {9: (ring, {}), 8: (ring, {"natural": "water"})},
        {5: ([("way", 9, "outer")], {**BORDER, "name": "Alfa"}), 6: ([("way", 98, "outer")], BORDER)},
    )
    keep_model(tmp_path / "extract", "key", extract.kept())
    model = open_model(tmp_path / "extract", "key")
    assert model is not None
    loaded = Extract.of_kept(model)
    for name in ("services", "boundaries", "features", "entrances", "homes", "service_tags"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(extract, name), check_dtype=False)
    assert loaded.report == extract.report
    assert loaded.services.crs == extract.services.crs
    assert loaded.network.edge_way.tolist() == extract.network.edge_way.tolist()
