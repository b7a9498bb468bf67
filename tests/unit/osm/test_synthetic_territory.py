import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.outlines import measure_distances
from psttm_geo.osm import _synthetic_boundaries
from psttm_geo.osm._drawing import Drawing, Member
from psttm_geo.osm.synthetic_territory import Synthetic, write_synthetic
from psttm_geo.territory.municipalities import Snapshot

pytestmark = pytest.mark.slow

NODE_COUNT = 5_000


def residents_of(embedded: Snapshot) -> pd.Series:
    return embedded.residents.counts.groupby("municipality_code")[["males", "females"]].sum().sum(axis=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("synthetic")


@pytest.fixture(scope="module")
def made(embedded: Snapshot, folder: Path) -> Synthetic:
    municipalities = embedded.boundaries.municipalities
    return write_synthetic(
        folder / "small.osm.pbf", municipalities, residents_of(embedded), node_count=NODE_COUNT, seed=1
    )


class Extract:
    """All objects of a file, by number."""

    def __init__(self, path: Path) -> None:
        self.tags: dict[tuple[str, int], dict[str, str]] = {}
        self.order: list[tuple[str, int]] = []
        self.points: dict[int, tuple[float, float]] = {}
        self.ways: dict[int, list[int]] = {}
        self.relations: dict[int, list[tuple[str, int, str]]] = {}
        for thing in osmium.FileProcessor(path):
            kind = thing.type_str()
            self.order.append((kind, thing.id))
            self.tags[kind, thing.id] = dict(thing.tags)
            if kind == "n":
                self.points[thing.id] = (thing.lon, thing.lat)
            elif kind == "w":
                self.ways[thing.id] = [node.ref for node in thing.nodes]
            else:
                self.relations[thing.id] = [(member.type, member.ref, member.role) for member in thing.members]

    def having(self, kind: str, **tags: str) -> list[int]:
        """Return the numbers of the objects with these tags, a colon in a key written as two underscores."""
        wanted = {(key.replace("__", ":"), value) for key, value in tags.items()}
        return [number for (found, number), own in self.tags.items() if found == kind and wanted <= set(own.items())]


@pytest.fixture(scope="module")
def extract(made: Synthetic) -> Extract:
    return Extract(Path(str(made.faults_file).removesuffix(".faults.json")))


@pytest.fixture(scope="module")
def drawn(extract: Extract) -> gpd.GeoDataFrame:
    """Give the municipalities of the file: name, code and polygon, put together from the ways of their relations."""
    rows = []
    for number in extract.having("r", admin_level="8"):
        lines = {"outer": [], "inner": []}
        for _, way, role in extract.relations[number]:
            lines[role].append(shapely.LineString([extract.points[node] for node in extract.ways[way]]))
        outer, inner = (shapely.union_all(shapely.polygonize(lines[role])) for role in ("outer", "inner"))
        tags = extract.tags["r", number]
        rows.append((tags["name"], tags.get("ref:ISTAT"), shapely.difference(outer, inner)))
    table = gpd.GeoDataFrame(rows, columns=["name", "ref_istat", "geometry"], crs=GEOGRAPHIC)
    return table.to_crs(METRIC)


def test_every_object_is_marked(extract: Extract) -> None:
    assert {tags.get("source") for tags in extract.tags.values()} == {"synthetic"}


def test_objects_stand_in_the_order_of_osm_files(extract: Extract) -> None:
    ranks = [("nwr".index(kind), number) for kind, number in extract.order]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_everything_referred_to_is_there(extract: Extract) -> None:
    assert {node for nodes in extract.ways.values() for node in nodes} <= extract.points.keys()
    assert all(len(nodes) >= 2 for nodes in extract.ways.values())
    for members in extract.relations.values():
        assert {kind for kind, _, _ in members} == {"w"}
        assert {way for _, way, _ in members} <= extract.ways.keys()


def test_counts_are_those_of_the_file(made: Synthetic, extract: Extract) -> None:
    assert made.counts["nodes"] == len(extract.points)
    assert made.counts["ways"] == len(extract.ways)
    assert made.counts["relations"] == len(extract.relations)
    assert made.counts["junctions"] == pytest.approx(NODE_COUNT, rel=0.03)


def test_the_same_seed_makes_the_same_bytes_and_another_does_not(
    made: Synthetic, embedded: Snapshot, folder: Path, tmp_path: Path
) -> None:
    for name, seed in (("same", 1), ("other", 2)):
        path = tmp_path / f"{name}.osm.pbf"
        municipalities = embedded.boundaries.municipalities
        write_synthetic(path, municipalities, residents_of(embedded), node_count=NODE_COUNT, seed=seed)
    content = (folder / "small.osm.pbf").read_bytes()
    assert (tmp_path / "same.osm.pbf").read_bytes() == content
    assert (tmp_path / "same.osm.pbf.faults.json").read_text() == made.faults_file.read_text()
    assert (tmp_path / "other.osm.pbf").read_bytes() != content


def test_streets_are_walkable_and_not_in_all_the_ways_there_are(extract: Extract) -> None:
    kinds = Counter(tags.get("highway") for (kind, _), tags in extract.tags.items() if kind == "w")
    assert kinds.keys() >= {
        *("residential", "primary", "secondary", "tertiary", "living_street", "unclassified", "service", "footway"),
        *("cycleway", "path", "pedestrian", "track", "steps", "motorway", "trunk"),
    }
    assert extract.having("w", highway="cycleway", foot="yes")
    assert extract.having("w", highway="cycleway", foot="no")
    assert extract.having("w", highway="service", access="private")


def test_streets_lie_in_the_territory_and_are_densest_in_milan(extract: Extract, embedded: Snapshot) -> None:
    ways = extract.having("w", highway="residential")
    nodes = {node for way in ways for node in extract.ways[way]}
    points = gpd.GeoSeries(gpd.points_from_xy(*zip(*(extract.points[node] for node in nodes), strict=True)), crs=4326)
    points = points.to_crs(METRIC).to_frame("geometry")
    municipalities = embedded.boundaries.municipalities
    counts = points.sjoin(municipalities)["municipality"].value_counts()
    assert counts.sum() == len(points)
    per_km2 = counts / municipalities.set_index("municipality").area.loc[counts.index] * 1e6
    assert counts.idxmax() == "Milano"
    assert per_km2["Milano"] > 2 * counts.sum() / municipalities.area.sum() * 1e6


def test_most_streets_hang_together_and_a_few_do_not(extract: Extract) -> None:
    avoided = {*extract.having("w", highway="motorway"), *extract.having("w", highway="trunk")}
    streets = [
        nodes for way, nodes in extract.ways.items() if "highway" in extract.tags["w", way] and way not in avoided
    ]
    edges = np.array([pair for nodes in streets for pair in pairwise(nodes)])
    size = max(extract.points) + 1
    graph = coo_array((np.ones(len(edges)), edges.T), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    sizes = np.sort(np.bincount(labels[np.unique(edges)]))[::-1]
    assert sizes[0] > 0.9 * sizes.sum()
    assert (sizes > 0).sum() > 1


@pytest.mark.parametrize(
    "tags",
    [
        {"shop": "supermarket"},
        {"amenity": "pharmacy"},
        {"amenity": "doctors"},
        {"amenity": "clinic"},
        {"amenity": "kindergarten"},
        {"amenity": "childcare"},
        {"amenity": "school"},
        {"amenity": "school", "isced__level": "1"},
        {"amenity": "school", "isced__level": "2"},
        {"amenity": "school", "isced__level": "3"},
        {"leisure": "park"},
        {"leisure": "playground"},
        {"amenity": "post_office"},
        {"amenity": "bank"},
        {"highway": "bus_stop"},
        {"railway": "tram_stop"},
        {"railway": "station"},
        {"railway": "station", "station": "subway"},
        {"amenity": "hospital"},
        {"leisure": "sports_centre"},
        {"leisure": "pitch"},
        {"amenity": "library"},
        {"amenity": "theatre"},
        {"tourism": "museum"},
        {"amenity": "townhall"},
        {"amenity": "police"},
        {"amenity": "restaurant"},
        {"amenity": "cafe"},
    ],
    ids=lambda tags: " ".join(tags.values()),
)
def test_there_is_every_category(extract: Extract, tags: dict[str, str]) -> None:
    assert any(extract.having(kind, **tags) for kind in "nwr")


def test_services_are_mapped_in_all_the_ways_there_are(embedded: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "larger.osm.pbf"
    write_synthetic(path, embedded.boundaries.municipalities, residents_of(embedded), node_count=30_000, seed=1)
    extract = Extract(path)
    schools = [extract.having(kind, amenity="school") for kind in "nwr"]
    assert all(schools)
    assert any("isced:level" not in extract.tags["w", way] for way in schools[1])
    names = [
        {extract.tags[kind, number]["name"] for number in found} for kind, found in zip("nwr", schools, strict=True)
    ]
    assert names[0] & names[1], "some are mapped twice, as a point and as an area"
    doors = set(extract.having("n", entrance="main"))
    assert any(doors & set(extract.ways[way]) for way in schools[1])
    assert extract.having("w", building="apartments")


def test_nothing_pretends_to_be_the_real_thing(extract: Extract) -> None:
    for name in ("Naviglio Grande", "Naviglio Pavese", "Naviglio Martesana"):
        assert len(extract.having("w", waterway="canal", name=f"{name} (synthetic)")) == 1
    assert extract.having("w", natural="water", name="Idroscalo (synthetic)")
    boundaries = set(extract.having("r", admin_level="8"))
    for (kind, number), tags in extract.tags.items():
        if "name" in tags and not (kind == "r" and number in boundaries):
            assert "(synthetic)" in tags["name"]


def test_boundaries_share_their_ways_and_leave_no_gap(
    drawn: gpd.GeoDataFrame, made: Synthetic, embedded: Snapshot
) -> None:
    invented = drawn["name"] == _synthetic_boundaries.INVENTED_NAME
    outlines = drawn.geometry[~invented].to_numpy()
    assert len(outlines) == 133 - sum(fault.kind == "missing" for fault in made.faults)
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    missing = [fault.code for fault in made.faults if fault.kind == "missing"]
    true = embedded.boundaries.municipalities.set_index("municipality_code").drop(missing)
    assert shapely.area(outlines).sum() == pytest.approx(true.area.sum(), rel=0.002)


def test_outlines_are_displaced_a_little_and_only_where_it_is_said_far(
    drawn: gpd.GeoDataFrame, made: Synthetic, embedded: Snapshot
) -> None:
    true = embedded.boundaries.municipalities.rename(columns={"geometry": "true"}).set_geometry("true")
    both = drawn.dropna(subset="ref_istat").merge(
        true, left_on="ref_istat", right_on="municipality_code", validate="1:1"
    )
    distances_m = measure_distances(both["geometry"].to_numpy(), both["true"].to_numpy())
    far = distances_m > _synthetic_boundaries.DISPLACED_OVER_M
    said = {fault.code: fault.distance_m for fault in made.faults if fault.kind == "displaced"}
    assert set(both["municipality_code"][far]) == said.keys()
    assert len(said) >= _synthetic_boundaries.DISPLACED_SITES
    assert (distances_m[~far] > 0).all()
    assert distances_m[~far].max() < _synthetic_boundaries.DISPLACED_OVER_M
    for code, distance_m in zip(both["municipality_code"][far], distances_m[far], strict=True):
        assert distance_m == pytest.approx(said[code], abs=0.2)


def test_the_list_of_faults_is_what_the_file_says(drawn: gpd.GeoDataFrame, made: Synthetic, embedded: Snapshot) -> None:
    listed = json.loads(made.faults_file.read_text("utf-8"))
    assert listed["source"] == "synthetic"
    assert listed["seed"] == 1
    assert listed["faults"] == [fault.to_dict() for fault in made.faults]
    names = embedded.boundaries.municipalities.set_index("municipality_code")["municipality"].to_dict()
    for fault in made.faults:
        with_code, with_name = drawn[drawn["ref_istat"] == fault.code], drawn[drawn["name"] == fault.name]
        assert names.get(fault.code, fault.name) == fault.name
        if fault.kind == "missing":
            assert with_code.empty
            assert with_name.empty
        elif fault.kind == "renamed":
            assert with_code["name"].to_list() == [fault.written]
        elif fault.kind == "recoded":
            assert with_code.empty
            assert with_name["ref_istat"].fillna("").to_list() == [fault.written]
            assert fault.written not in names
    kinds = Counter(fault.kind for fault in made.faults)
    assert kinds.keys() == {"displaced", "missing", "renamed", "recoded", "extra"}
    assert sum(fault.written == "" for fault in made.faults if fault.kind == "recoded") == 1
    changed = [fault.code for fault in made.faults if fault.kind != "extra"]
    assert len(changed) == len(set(changed)), "a municipality has one fault at most"


@pytest.mark.parametrize("seed", range(2, 8))
def test_boundaries_stay_a_coverage_whatever_the_seed(embedded: Snapshot, seed: int) -> None:
    municipalities = embedded.boundaries.municipalities
    true = municipalities.geometry.to_numpy()
    bulges = _synthetic_boundaries._choose_bulges(true, np.random.default_rng(seed))  # noqa: SLF001 - the rule behind the drawing
    moved = _synthetic_boundaries._displace(true, bulges)  # noqa: SLF001 - the same
    assert len(bulges) == _synthetic_boundaries.DISPLACED_SITES
    assert shapely.is_valid(moved).all()
    assert shapely.coverage_is_valid(moved)


def test_an_exclave_and_a_hole_keep_their_roles() -> None:
    # A municipality around another one, with a part apart.
    around = shapely.difference(shapely.box(0, 0, 9000, 9000), shapely.box(3000, 3000, 6000, 6000))
    outlines = np.array(
        [shapely.union(around, shapely.box(20_000, 0, 21_000, 1000)), shapely.box(3000, 3000, 6000, 6000)]
    )
    drawing = Drawing({})
    members = _synthetic_boundaries._draw_arcs(drawing, outlines, np.array([True, True]))  # noqa: SLF001 - the smallest such territory
    assert sorted(member.role for member in members[0]) == ["inner", "outer", "outer"]
    assert [member.role for member in members[1]] == ["outer"]
    assert {member.number for member in members[1]} <= {member.number for member in members[0]}


def test_a_drawing_writes_what_it_was_given(tmp_path: Path) -> None:
    drawing = Drawing({"source": "here"})
    nodes = drawing.add_nodes(np.array([[500_000, 5_000_000], [500_100, 5_000_000]]), [{"a": "1"}, {}])
    way = drawing.add_ways([nodes.tolist()], [{"highway": "path"}])
    drawing.add_relation([Member("w", int(way[0]), "outer"), Member("n", 1, "")], {"type": "route"})
    drawing.write(tmp_path / "x.osm.pbf", "the test")
    extract = Extract(tmp_path / "x.osm.pbf")
    assert extract.points[1] == pytest.approx((9.0, 45.15348), abs=1e-4)
    assert extract.tags["n", 1] == {"a": "1", "source": "here"}
    assert extract.tags["n", 2] == {"source": "here"}
    assert extract.ways == {1: [1, 2]}
    assert extract.relations == {1: [("w", 1, "outer"), ("n", 1, "")]}
    assert osmium.io.Reader(str(tmp_path / "x.osm.pbf")).header().get("generator") == "the test"


Run = Callable[..., Any]


def test_the_command_writes_the_file_and_says_that_it_is_synthetic(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    outcome = run("synthetic", "-o", path, "--nodes", "1000")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{path}: DATI SINTETICI, ")
    told = json.loads(run("synthetic", "-o", path, "--nodes", "1000", "--json").out)
    assert told["file"] == str(path)
    assert told["faults"] == json.loads(Path(told["faults_file"]).read_text("utf-8"))["faults"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x.osm.pbf", "x.osm.pbf.faults.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "x.osm"], "il nome deve finire con .osm.pbf"),
        (["-o", ".osm.pbf"], "il nome deve finire con .osm.pbf"),
        (["-o", "none/x.osm.pbf", "--nodes", "1000"], "la cartella non esiste"),
        (["-o", "x.osm.pbf", "--nodes", "10"], "1000<=x<=20000000"),
        (["-o", "x.osm.pbf", "--seed", "-1"], "x>=0"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_cannot_be_written_is_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("synthetic", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
from psttm_geo.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are set by other means on this system")
def test_a_full_disk_is_said_in_one_sentence_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(b"from an earlier day")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "synthetic", "-o", path, "--nodes", "5000"],
        capture_output=True,
        text=True,
        env={**os.environ},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "il disco è pieno" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [(path.name, b"from an earlier day")]
