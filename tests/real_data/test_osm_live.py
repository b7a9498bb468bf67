"""The live path on real objects: what Overpass gives of a place is what the extract of the whole region gives."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.settings import Settings
from psttm_geo.osm import extract_reader
from psttm_geo.osm.extract_reader import TagTables, named_municipalities, read_extract
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.overpass import fetch_extract
from psttm_geo.project import Project

pytestmark = pytest.mark.real_data


class Service(Protocol):
    """What the fixture of this name gives."""

    url: str
    asked: list[str]

    def serve_file(self, path: Path) -> None: ...

    def serve_place(self, name: str, osm_id: int, area: shapely.Geometry) -> None: ...


@pytest.fixture
def liechtenstein(test_data: Path) -> Path:
    return test_data / "osm" / "liechtenstein.osm.pbf"


@pytest.fixture
def municipalities(liechtenstein: Path, tag_tables: TagTables) -> gpd.GeoDataFrame:
    return named_municipalities(read_extract(liechtenstein, tag_tables, "sum", territory=None).boundaries)


def assert_same(live: Extract, whole: Extract) -> None:
    """Prove that streets are the same ways, the same edges and as long, and that services are the same."""
    mine, theirs = live.network, whole.network
    assert set(mine.edge_way) == set(theirs.edge_way)
    ends = [
        pd.DataFrame(
            {
                "way": net.edge_way,
                "from": net.node_osm_id[net.edge_from],
                "to": net.node_osm_id[net.edge_to],
                "class": [net.classes[code] for code in net.edge_class],
                "flags": net.edge_flags,
                "crossings": net.edge_crossings,
                "length": net.edge_length_m,
            }
        ).sort_values(["way", "from", "to", "length"], ignore_index=True)
        for net in (mine, theirs)
    ]
    pd.testing.assert_frame_equal(*ends, rtol=0, atol=0.001)
    assert np.array_equal(mine.node_flags, theirs.node_flags)
    assert mine.component_count == theirs.component_count
    for name in ("services", "entrances", "features", "homes"):
        pd.testing.assert_frame_equal(getattr(live, name), getattr(whole, name))


def test_a_municipality_is_the_same_as_from_the_whole_country(
    osm_service: Service, liechtenstein: Path, municipalities: gpd.GeoDataFrame, tag_tables: TagTables, tmp_path: Path
) -> None:
    territory = municipalities[municipalities["name"] == "Balzers"][["name", "geometry"]]
    osm_service.serve_file(liechtenstein)
    path = tmp_path / "place.osm.pbf"
    fetch_extract(path, territory, tag_tables, url=f"{osm_service.url}/api")
    live = read_extract(path, tag_tables, "sum", territory=territory)
    whole = read_extract(liechtenstein, tag_tables, "sum", territory=territory)
    assert_same(live, whole)
    assert live.network.length_km > 100
    assert len(live.services) > 30
    mine, theirs = (read.boundaries.query("complete and name == 'Balzers'") for read in (live, whole))
    assert mine["area_km2"].tolist() == theirs["area_km2"].tolist()
    assert path.stat().st_size < liechtenstein.stat().st_size


def test_the_middle_of_a_town_is_the_same_as_from_the_whole_town(
    osm_service: Service, test_data: Path, tag_tables: TagTables, tmp_path: Path
) -> None:
    town = test_data / "osm" / "badhersfeld.osm.gz"
    territory = gpd.GeoDataFrame(geometry=[shapely.box(9.70, 50.865, 9.71, 50.87)], crs=GEOGRAPHIC)
    osm_service.serve_file(town)
    path = tmp_path / "place.osm.pbf"
    fetch_extract(path, territory, tag_tables, url=f"{osm_service.url}/api")
    live = read_extract(path, tag_tables, "sum", territory=territory)
    assert_same(live, read_extract(town, tag_tables, "sum", territory=territory))
    assert (live.services["category"] == "farmacia").sum() >= 5


def test_a_place_is_fetched_once_and_read_again_without_the_network(
    run: Callable[..., object],
    osm_service: Service,
    liechtenstein: Path,
    municipalities: gpd.GeoDataFrame,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vaduz = municipalities.set_index("name").loc["Vaduz"]
    outline = gpd.GeoSeries([vaduz.geometry], crs=METRIC).to_crs(GEOGRAPHIC).iloc[0]
    osm_service.serve_file(liechtenstein)
    osm_service.serve_place("Vaduz", int(vaduz["osm_id"]), outline)
    outcome = run("--quiet", "osm", "fetch", "--place", "Vaduz")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[1] == "dati del 19 novembre 2026"
    assert any(line.startswith("  Vaduz: 17,") and line.endswith("parti") for line in lines)
    asked = len(osm_service.asked)
    kept = Settings().workspace / "osm"
    monkeypatch.delattr(extract_reader, "read_extract")
    again = run("osm", "read", kept / "vaduz.osm.pbf", "--territory", kept / "vaduz.fgb")
    assert again.out.splitlines() == lines[:-2]
    assert len(osm_service.asked) == asked
    extract = jobs.read_extract(Project(Settings()), kept / "vaduz.osm.pbf", territory=str(kept / "vaduz.fgb"))
    assert extract.report.source.reference_date == "2026-11-19"
