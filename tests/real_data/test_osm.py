"""The reader of extracts on real ones, and beside OSMnx on the same files."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import osmnx
import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.osm.extract_reader import TagTables, named_municipalities, read_extract
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.network import NodeFlag, WalkNetwork
from psttm_geo.project import Project

pytestmark = pytest.mark.real_data

FILES = ("liechtenstein.osm.pbf", "badhersfeld.osm.gz", "helsinki.osm.pbf")

LIECHTENSTEIN_KM2 = {
    "Balzers": 19.6,
    "Eschen": 10.3,
    "Gamprin": 6.1,
    "Mauren": 7.5,
    "Planken": 5.3,
    "Ruggell": 7.4,
    "Schaan": 26.8,
    "Schellenberg": 3.5,
    "Triesen": 26.4,
    "Triesenberg": 29.8,
    "Vaduz": 17.3,
}
"""Areas of the municipalities to a tenth, Amt für Statistik of Liechtenstein (Liechtenstein in Zahlen)."""


@pytest.fixture(params=FILES)
def extract_file(request: pytest.FixtureRequest, test_data: Path) -> Path:
    return test_data / "osm" / request.param


@pytest.fixture
def read(settings: Settings, test_data: Path) -> Callable[[str], Extract]:
    return lambda name: jobs.read_extract(Project(settings), test_data / "osm" / name, territory="osm:8")


def counts(extract: Extract) -> dict[str, int]:
    return {str(name): int(count) for name, count in extract.services["category"].value_counts().items()}


def test_liechtenstein_has_its_eleven_municipalities(read: Callable[[str], Extract]) -> None:
    extract = read("liechtenstein.osm.pbf")
    units = named_municipalities(extract.boundaries).set_index("name")
    assert set(units.index) == set(LIECHTENSTEIN_KM2)
    for name, area_km2 in LIECHTENSTEIN_KM2.items():
        # The figures are rounded to 0.1 km2.
        assert units.loc[name, "area_km2"] == pytest.approx(area_km2, rel=0.01, abs=0.05 + 0.01 * area_km2), name
    assert units["parts"].sum() == 30
    assert units["area_km2"].sum() == pytest.approx(160.5, rel=0.01)
    assert (extract.boundaries["complete"] & (extract.boundaries["name"] == "")).sum() == 4
    assert (~extract.boundaries["complete"]).sum() == 11, "the neighbours are cut off"


def test_liechtenstein_has_streets_and_services(read: Callable[[str], Extract]) -> None:
    extract = read("liechtenstein.osm.pbf")
    network = extract.network
    assert network.crs == "EPSG:32632"
    # Without 39.7 km of mountain paths from T2 up, with seven platforms.
    assert network.length_km == pytest.approx(1055, abs=1)
    assert network.component_count == 37
    assert len(set(network.node_osm_id[network.node_flags & NodeFlag.CLOSED > 0])) == 2
    assert (network.node_component == 0).mean() > 0.97
    found = counts(extract)
    assert {name: found[name] for name in ("farmacia", "ospedale", "uffici")} == {
        "farmacia": 3,
        "ospedale": 1,
        "uffici": 4,
    }
    assert len(extract.homes) > 8000


def test_bad_hersfeld_has_its_services_and_no_complete_municipality(read: Callable[[str], Extract]) -> None:
    extract = read("badhersfeld.osm.gz")
    found = counts(extract)
    assert (found["farmacia"], found["alimentari"], found["scuola"]) == (7, 18, 11)
    assert extract.services["level_unknown"].sum() == 10
    assert not extract.boundaries["complete"].any()
    assert set(extract.boundaries["name"]) >= {"Bad Hersfeld", "Hauneck", "Ludwigsau"}
    assert "entrance" in set(extract.entrances["access"])


def test_helsinki_says_what_was_cut_off(read: Callable[[str], Extract]) -> None:
    extract = read("helsinki.osm.pbf")
    assert extract.network.crs == "EPSG:32635"
    assert (extract.report.ways_incomplete, extract.report.nodes_missing) == (235, 1837)
    assert extract.report.relations_incomplete == 13, "six of them squares"
    assert extract.boundaries["name"].tolist() == ["Helsinki"]
    assert counts(extract)["ristoro"] > 400


def test_every_service_has_an_access_near_it(read: Callable[[str], Extract]) -> None:
    extract = read("badhersfeld.osm.gz")
    services = extract.services.loc[extract.entrances["service"]]
    assert set(extract.entrances["service"]) == set(range(len(extract.services)))
    away = np.hypot(
        services.geometry.x - extract.entrances["x"].array, services.geometry.y - extract.entrances["y"].array
    )
    assert away[services["osm_type"] == "n"].max() <= 100


# OSMnx, of the same file and under its own rule.


def _osmnx_filters() -> list[tuple[str, str | None]]:
    """Give OSMnx's filter for walking: keys, and the pattern that their value must not match (None: must be there)."""
    text = osmnx._overpass._get_network_filter("walk")  # noqa: SLF001 - OSMnx offers its rule nowhere else
    return [(key, pattern or None) for key, pattern in re.findall(r'\["([^"]+)"(?:!~"([^"]*)")?\]', text)]


def _walked_by_osmnx(tags: dict[str, str], filters: list[tuple[str, str | None]]) -> bool:
    return all(
        key in tags if pattern is None else not (key in tags and re.search(pattern, tags[key]))
        for key, pattern in filters
    )


@pytest.fixture
def osmnx_rule(extract_file: Path) -> pd.DataFrame:
    """Give OSMnx's rule as a table of ours, for the values that the file has."""
    rows = [("way", "highway", "*", "2", "si")]
    filters = _osmnx_filters()
    seen = {(tag.k, tag.v) for way in osmium.FileProcessor(extract_file, osmium.osm.WAY) for tag in way.tags}
    for key, pattern in filters:
        rows += [("way", key, v, "1", "no") for k, v in sorted(seen) if k == key and pattern and re.search(pattern, v)]
    table = pd.DataFrame(rows, columns=["object", "key", "value", "rank", "verdict"])
    return table.assign(flag="", reason_it="prova", reason_en="test")


@pytest.fixture
def osmnx_graph(extract_file: Path, tmp_path: Path) -> nx.MultiDiGraph:
    """Give the graph that OSMnx makes of the ways that its rule lets walk."""
    filters = _osmnx_filters()
    walked = tmp_path / "walked.osm"
    with osmium.BackReferenceWriter(walked, ref_src=extract_file) as writer:
        for way in osmium.FileProcessor(extract_file, osmium.osm.WAY):
            if _walked_by_osmnx({tag.k: tag.v for tag in way.tags}, filters):
                writer.add(way)
    # OSMnx refuses nodes that the extract has cut off, and keeps those that are left without a street.
    graph = osmnx.graph_from_xml(_without_missing_nodes(walked), bidirectional=True, simplify=False, retain_all=True)
    graph.remove_nodes_from(list(nx.isolates(graph)))
    return graph


def _without_missing_nodes(path: Path) -> Path:
    known = {node.id for node in osmium.FileProcessor(path, osmium.osm.NODE)}
    whole = path.with_name("whole.osm")
    with osmium.SimpleWriter(whole) as writer:
        for entity in osmium.FileProcessor(path):
            if not entity.is_way():
                writer.add(entity)
            elif len(left := [node.ref for node in entity.nodes if node.ref in known]) > 1:
                writer.add(entity.replace(nodes=left))
    return whole


@pytest.fixture
def streets_alone(extract_file: Path, tmp_path: Path) -> Path:
    """Give nodes and ways: OSMnx knows no squares that relations outline."""
    path = tmp_path / "streets.osm.pbf"
    with osmium.SimpleWriter(path) as writer:
        for entity in osmium.FileProcessor(extract_file, osmium.osm.NODE | osmium.osm.WAY):
            writer.add(entity)
    return path


def test_under_osmnx_s_rule_the_network_is_osmnx_s(
    streets_alone: Path, osmnx_rule: pd.DataFrame, osmnx_graph: nx.MultiDiGraph, tag_tables: TagTables
) -> None:
    network = read_extract(streets_alone, replace(tag_tables, walkable=osmnx_rule), "", territory=None).network
    edges = [data for *_, data in osmnx_graph.edges(data=True)]  # every stretch stands there in both directions
    assert set(network.edge_way[network.is_street].tolist()) == {data["osmid"] for data in edges}
    assert network.length_km == pytest.approx(sum(data["length"] for data in edges) / 2 / 1000, rel=0.005)
    assert network.component_count == nx.number_weakly_connected_components(osmnx_graph)


def _cycleways(network: WalkNetwork) -> set[int]:
    return set(network.edge_way[network.edge_class == network.classes.index("cycleway")].tolist())


def test_under_our_rule_cycleways_open_to_foot_are_added(test_data: Path, tag_tables: TagTables) -> None:
    path = test_data / "osm" / "liechtenstein.osm.pbf"
    added = _cycleways(read_extract(path, tag_tables, "", territory=None).network)
    mapped = {
        way.id: dict(way.tags)
        for way in osmium.FileProcessor(path, osmium.osm.WAY).with_filter(
            osmium.filter.TagFilter(("highway", "cycleway"))
        )
    }
    open_to_foot = {
        identifier
        for identifier, tags in mapped.items()
        if tags.get("foot") in {"yes", "designated", "permissive", "official"} or "segregated" in tags
    }
    assert len(mapped) == 257
    assert added == open_to_foot
