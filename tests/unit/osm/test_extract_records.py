"""What is kept of an extract beside its streets."""

import dataclasses
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.archive import write_arrays
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import NetworkFileError, OutputError
from psttm_geo.osm.extract_records import FORMAT, ExtractReport, Mapped

REPORT = ExtractReport("a.osm.pbf", "0" * 64, "2026-11-19", 100.0, 9, 0, 5, 0, 0, 0, 2, 0, 0, synthetic=False)


def layer(**columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry="geometry", crs=METRIC)


@pytest.fixture
def mapped() -> Mapped:
    return Mapped(
        layer(category=["sport"], name=["Campo"], osm_type=["n"], osm_id=[1], geometry=[shapely.Point(1, 2)]),
        layer(name=["Alfa", "Beta"], complete=[True, False], geometry=[shapely.box(0, 0, 1, 1), None]),
        layer(feature=["navigli"], name=["Naviglio Grande"], geometry=[shapely.LineString([(0, 0), (1, 1)])]),
        pd.DataFrame({"category": ["sport"], "key": ["leisure"], "value": ["pitch"]}),
        REPORT,
    )


def test_what_is_saved_is_loaded(mapped: Mapped, tmp_path: Path) -> None:
    mapped.save(tmp_path / "osm.npz")
    loaded = Mapped.load(tmp_path / "osm.npz")
    assert loaded.report == REPORT
    for name in ("services", "boundaries", "features"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(mapped, name))
        assert getattr(loaded, name).crs == METRIC
    pd.testing.assert_frame_equal(loaded.service_tags, mapped.service_tags)


def test_the_same_content_is_the_same_bytes(mapped: Mapped, tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        mapped.save(tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_damaged_file_is_refused(mapped: Mapped, tmp_path: Path, keep: float) -> None:
    path = tmp_path / "osm.npz"
    mapped.save(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(NetworkFileError, match="leggere di nuovo l'estratto"):
        Mapped.load(path)


def test_a_file_of_another_format_or_kind_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "old.npz", FORMAT - 1, {})
    with pytest.raises(NetworkFileError, match=f"ha il formato {FORMAT - 1}, atteso {FORMAT}"):
        Mapped.load(tmp_path / "old.npz")
    write_arrays(tmp_path / "other.npz", FORMAT, {})
    with pytest.raises(NetworkFileError, match="danneggiato"):
        Mapped.load(tmp_path / "other.npz")
    with pytest.raises(NetworkFileError):
        Mapped.load(tmp_path / "missing.npz")


def test_a_folder_that_does_not_exist_is_an_error_of_the_output(mapped: Mapped, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        mapped.save(tmp_path / "none" / "osm.npz")


def test_the_source_names_file_day_and_licence() -> None:
    source = REPORT.source
    assert (source.title, source.attribution) == ("OpenStreetMap, a.osm.pbf", "© OpenStreetMap contributors")
    assert (source.reference_date, source.licence, source.sha256) == ("2026-11-19", "ODbL 1.0", "0" * 64)


def test_the_source_of_made_up_data_says_so_in_both_languages() -> None:
    source = dataclasses.replace(REPORT, synthetic=True).source
    for said in (source.title, source.attribution):
        assert said.startswith("DATI SINTETICI: ")
    assert source.title.endswith("OpenStreetMap, a.osm.pbf")
