"""Reading an extract once and keeping what was read."""

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import (
    BoundaryFileError,
    InputMissingError,
    OsmFileError,
    OutputError,
    TableError,
    UnknownNameError,
)
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.osm import extract_reader
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.project import Project

Writer = Callable[..., Path]

STREET = {"highway": "residential"}


@pytest.fixture
def town(write_osm: Writer) -> Path:
    nodes = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000), 5: (10, 10, {"amenity": "cafe"})}
    return write_osm(nodes, {7: ([1, 2, 3, 4], STREET)})


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give the list of files that were really read."""
    done: list[Path] = []
    read = extract_reader.read_extract

    def spy(path: Path, *arguments: object, **options: object) -> object:
        done.append(path)
        return read(path, *arguments, **options)

    monkeypatch.setattr(extract_reader, "read_extract", spy)
    return done


def test_the_second_run_loads_what_the_first_one_read(settings: Settings, town: Path, reads: list[Path]) -> None:
    first = jobs.read_extract(Project(settings), town, territory="osm:8")
    second = jobs.read_extract(Project(settings), town, territory="osm:8")
    assert len(reads) == 1
    assert second.report == first.report
    assert second.network.length_km == first.network.length_km
    assert list(second.services["category"]) == ["ristoro"]


def test_a_copy_under_another_name_is_the_same_extract(settings: Settings, town: Path, reads: list[Path]) -> None:
    jobs.read_extract(Project(settings), town, territory="osm:8")
    shutil.copyfile(town, town.with_name("copy.osm"))
    jobs.read_extract(Project(settings), town.with_name("copy.osm"), territory="osm:8")
    assert len(reads) == 1


def test_a_changed_extract_is_read_again(settings: Settings, town: Path, reads: list[Path]) -> None:
    jobs.read_extract(Project(settings), town, territory="osm:8")
    town.write_text(town.read_text("utf-8").replace("cafe", "bank"), "utf-8")
    extract = jobs.read_extract(Project(settings), town, territory="osm:8")
    assert len(reads) == 2
    assert list(extract.services["category"]) == ["posta_banca"]


def test_another_territory_or_table_is_read_again(
    settings: Settings, town: Path, reads: list[Path], tmp_path: Path, write_services: Callable[[str], Path]
) -> None:
    jobs.read_extract(Project(settings), town, territory="osm:8")
    jobs.read_extract(Project(settings), town)
    area = tmp_path / "area.geojson"
    gpd.GeoDataFrame(geometry=[shapely.box(514_000, 5_034_000, 514_500, 5_034_500)], crs=METRIC).to_crs(
        GEOGRAPHIC
    ).to_file(area)
    jobs.read_extract(Project(settings), town, territory=str(area))
    mine = write_services("bar,Bar,Bars,B,si,amenity,cafe,,,no\n")
    extract = jobs.read_extract(Project(settings), town, territory="osm:8", services=mine)
    assert len(reads) == 4
    assert list(extract.services["category"]) == ["bar"]
    assert extract.report.overlap_percent is None
    assert jobs.describe_extract(extract)["services"][0]["reason_it"] == "", "an own table need not say why"


def test_another_file_in_the_folder_of_a_territory_is_read_again(
    settings: Settings, town: Path, reads: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "area").mkdir()
    for side in (500, 500, 400):
        square = gpd.GeoDataFrame(geometry=[shapely.box(514_000, 5_034_000, 514_000 + side, 5_034_500)], crs=METRIC)
        square.to_crs(GEOGRAPHIC).to_file(tmp_path / "area" / "area.geojson")
        jobs.read_extract(Project(settings), town, territory=str(tmp_path / "area"))
    assert len(reads) == 2


@pytest.fixture
def write_services(tmp_path: Path) -> Callable[[str], Path]:
    def write(rows: str) -> Path:
        path = tmp_path / "mine.csv"
        header = "category,name_it,name_en,icon,essential,key,value,and_key,and_value,level_unknown\n"
        path.write_text(header + rows, "utf-8")
        return path

    return write


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("name", ["edge_to.npy", "services.arrow", "manifest.json"])
def test_a_broken_cache_is_said_and_made_anew(
    settings: Settings, town: Path, reads: list[Path], name: str, keep: float
) -> None:
    jobs.read_extract(Project(settings), town, territory="osm:8")
    (kept,) = Workspace(settings.workspace).cache.glob("osm-*")
    whole = (kept / name).read_bytes()
    (kept / name).write_bytes(whole[: int(len(whole) * keep)])
    project = Project(settings)
    jobs.read_extract(project, town, territory="osm:8")
    assert [notice.en for notice in project.notices] == [
        f"{kept} is damaged or was kept by another version; it is computed again."
    ]
    jobs.read_extract(Project(settings), town, territory="osm:8")
    assert len(reads) == 2


def test_an_interrupted_run_leaves_no_cache(settings: Settings, town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("psttm_geo.core.kept_model.np.save", interrupt)
    with pytest.raises(KeyboardInterrupt):
        jobs.read_extract(Project(settings), town, territory="osm:8")
    assert {path.name for path in Workspace(settings.workspace).cache.iterdir()} == {"sums.json"}


def test_the_cache_keeps_the_latest_extracts_only(settings: Settings, town: Path) -> None:
    for number in range(6):
        town.write_text(town.read_text("utf-8") + f"<!-- {number} -->", "utf-8")
        jobs.read_extract(Project(settings), town, territory="osm:8")
    assert len(list(Workspace(settings.workspace).cache.glob("osm-*"))) == 4


def test_a_sum_is_remembered_and_a_damaged_memory_forgotten(
    settings: Settings, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(settings.workspace)
    assert workspace.remembered_files == {}
    found = workspace.remembered_sha256(town)
    assert workspace.remembered_files == {town: found}
    with monkeypatch.context() as patch:
        patch.setattr("psttm_geo.core.workspace.sha256_of", lambda _: "read again")
        assert workspace.remembered_sha256(town) == found
        os.utime(town, ns=(0, 0))
        assert workspace.remembered_sha256(town) == "read again"
    (workspace.cache / "sums.json").write_text("[", "utf-8")
    assert workspace.remembered_sha256(town) == found
    town.unlink()
    assert workspace.remembered_files == {}


def test_milano_is_the_territory_unless_told_otherwise(settings: Settings, town: Path) -> None:
    extract = jobs.read_extract(Project(settings), town)
    around = 1 + 4 * 0.25 + math.pi * 0.25**2
    assert extract.report.overlap_percent == pytest.approx(100 * around / 1575, abs=0.001), "1 km2, 250 m beside it too"


def test_what_cannot_be_used_is_told(
    settings: Settings, town: Path, tmp_path: Path, write_services: Callable[[str], Path]
) -> None:
    with pytest.raises(InputMissingError, match="non esiste; indicare un estratto"):
        jobs.read_extract(Project(settings), tmp_path / "missing.osm")
    with pytest.raises(UnknownNameError, match="Territorio «osm:6» sconosciuto; indicare milano, osm:8 o il percorso"):
        jobs.read_extract(Project(settings), town, territory="osm:6")
    points = tmp_path / "points.geojson"
    gpd.GeoDataFrame(geometry=[shapely.Point(9, 45)], crs=GEOGRAPHIC).to_file(points)
    with pytest.raises(BoundaryFileError, match="1 elementi su 1 non sono aree"):
        jobs.read_extract(Project(settings), town, territory=str(points))
    with pytest.raises(TableError, match=r"mine\.csv, riga 2: «essential» vale «forse»"):
        jobs.read_extract(Project(settings), town, services=write_services("bar,Bar,Bars,B,forse,amenity,cafe,,,no\n"))
    with pytest.raises(TableError, match=r"mine\.csv, riga 2: «and_key» e «and_value» vanno scritti insieme"):
        jobs.read_extract(Project(settings), town, services=write_services("bar,Bar,Bars,B,si,amenity,cafe,x,,no\n"))
    with pytest.raises(InputMissingError, match=r"services\.csv"):
        jobs.read_extract(Project(settings), town, services=tmp_path / "missing.csv")


def test_a_workspace_that_cannot_be_written_is_told(settings: Settings, town: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    with pytest.raises(OutputError, match="Impossibile scrivere"):
        jobs.read_extract(Project(settings.model_copy(update={"workspace": tmp_path / "file"})), town)


def test_a_failed_reading_leaves_no_cache(settings: Settings, town: Path) -> None:
    town.write_bytes(town.read_bytes()[:400])
    with pytest.raises(OsmFileError):
        jobs.read_extract(Project(settings), town, territory="osm:8")
    assert not list(Workspace(settings.workspace).cache.glob("osm-*"))


def test_walks_across_squares_are_no_kilometres_of_streets(settings: Settings, write_osm: Writer) -> None:
    nodes = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100), 5: (-100, 0), 6: (200, 100)}
    ways = {
        7: ([5, 1], {"highway": "residential"}),
        8: ([3, 6], {"highway": "residential"}),
        9: ([1, 2, 3, 4, 1], {"highway": "pedestrian", "area": "yes"}),
    }
    extract = jobs.read_extract(Project(settings), write_osm(nodes, ways), territory="osm:8")
    assert not extract.network.is_street.all()
    streets = jobs.describe_extract(extract)["streets"]
    km = {"residential": pytest.approx(0.2, abs=1e-3), "pedestrian": pytest.approx(0.4, abs=1e-3)}
    assert (streets["km"], streets["km_by_class"]) == (pytest.approx(0.6, abs=1e-3), km)


def test_an_extract_is_described(settings: Settings, town: Path) -> None:
    described = jobs.describe_extract(jobs.read_extract(Project(settings), town, territory="osm:8"))
    assert described["streets"]["km"] == pytest.approx(3, abs=0.01)
    assert described["streets"]["km_by_class"] == {"residential": pytest.approx(3, abs=0.01)}
    assert described["streets"]["largest_component_percent"] == 100
    services = {row["category"]: row for row in described["services"]}
    assert len(services) == 14
    assert sum(row["essential"] for row in services.values()) == 8
    assert services["ristoro"]["count"] == 1
    assert services["farmacia"]["count"] == 0
    assert services["scuola"]["reason_en"].startswith("education")
    assert "doi" in services["farmacia"]["source"]
    assert services["scuola"]["tags"][0] == "amenity=school + isced:level=1"
    assert described["attribution"] == "© OpenStreetMap contributors"


def test_an_extract_of_the_whole_territory_is_put_in_force(settings: Settings, draw_map: Writer) -> None:
    extract = jobs.read_extract(Project(settings), draw_map({10: (0, 0, {"amenity": "cafe"})}))
    assert jobs.save_extract(Project(settings), extract)
    held = Workspace(settings.workspace).inputs["osm"]
    kept = Mapped.load(held.path)
    assert kept.report == extract.report
    assert list(kept.services["category"]) == ["ristoro"]
    assert jobs.save_extract(Project(settings), extract)
    assert Workspace(settings.workspace).inputs["osm"].sha256 == held.sha256, "the same extract is the same file"


def test_an_extract_of_a_part_changes_nothing(settings: Settings, town: Path, draw_map: Writer) -> None:
    part = jobs.read_extract(Project(settings), town)
    assert not jobs.save_extract(Project(settings), part)
    assert Workspace(settings.workspace).inputs == {}
    jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), draw_map()))
    before = Workspace(settings.workspace).inputs
    assert not jobs.save_extract(Project(settings), part)
    assert Workspace(settings.workspace).inputs == before


def test_an_extract_that_is_its_own_territory_is_not_put_in_force(settings: Settings, draw_map: Writer) -> None:
    assert not jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), draw_map(), territory="osm:8"))
