from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import BoundaryFileError, InputMissingError
from psttm_geo.territory.features import read_features, write_features

POINTS = gpd.GeoDataFrame(
    {"NOME": [" Certosa ", None], "other": [1, 2]},
    geometry=[shapely.Point(500_000, 5_000_000), shapely.Point(501_000, 5_000_000)],
    crs=METRIC,
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(rows: gpd.GeoDataFrame, name: str = "stations.gpkg") -> Path:
        pyogrio.write_dataframe(rows, tmp_path / name)
        return tmp_path / name

    return write


@pytest.mark.parametrize("name", ["stations.gpkg", "stations.shp", "stations.geojson", "stations.fgb"])
def test_any_vector_file_is_read_in_metres(write: Callable[..., Path], name: str) -> None:
    found = read_features(write(POINTS if name != "stations.geojson" else POINTS.to_crs(GEOGRAPHIC), name))
    assert found.crs == METRIC
    assert list(found.columns) == ["name", "geometry"]
    by_name = found.set_index("name").geometry
    assert set(by_name.index) == {"Certosa", ""}
    assert by_name["Certosa"].distance(POINTS.geometry[0]) < 0.1


@pytest.mark.parametrize("field", ["name", "Nome", "NOME_SF", "nome_eve", "DENOMINAZIONE", "stazione"])
def test_the_usual_fields_of_names_are_known(write: Callable[..., Path], field: str) -> None:
    assert set(read_features(write(POINTS.rename(columns={"NOME": field})))["name"]) == {"Certosa", ""}


def test_without_a_field_of_names_features_are_read_nameless(write: Callable[..., Path]) -> None:
    assert read_features(write(POINTS.drop(columns="NOME")))["name"].to_list() == ["", ""]


def test_features_without_a_place_are_left_out(write: Callable[..., Path]) -> None:
    rows = POINTS.copy()
    rows.loc[1, "geometry"] = None
    assert read_features(write(rows))["name"].to_list() == ["Certosa"]


def test_a_file_none_of_whose_features_has_a_place_is_refused(write: Callable[..., Path]) -> None:
    rows = POINTS.copy()
    rows["geometry"] = gpd.GeoSeries([None, None], crs=METRIC)
    path = write(rows)
    with pytest.raises(BoundaryFileError):
        read_features(path)


def test_features_without_a_crs_are_refused(write: Callable[..., Path]) -> None:
    path = write(POINTS, "stations.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(BoundaryFileError, match="non dichiara il sistema di riferimento"):
        read_features(path)


def test_an_empty_layer_is_refused(write: Callable[..., Path]) -> None:
    with pytest.raises(BoundaryFileError, match="è vuoto"):
        read_features(write(POINTS.iloc[:0]))


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04", b"{}"], ids=str)
@pytest.mark.parametrize("name", ["x.gpkg", "x.shp", "x.geojson", "x.zip", "x.txt"])
def test_what_is_no_vector_file_is_refused(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BoundaryFileError):
        read_features(tmp_path / name)


def test_a_table_without_geometry_is_refused(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"name": ["Certosa"]}), tmp_path / "x.gpkg", layer="x")
    with pytest.raises(BoundaryFileError, match="senza geometria"):
        read_features(tmp_path / "x.gpkg")
    (tmp_path / "x.csv").write_text("name,value\nCertosa,1\n")
    with pytest.raises(BoundaryFileError, match="non si apre come file vettoriale"):
        read_features(tmp_path / "x.csv")


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="non esiste"):
        read_features(tmp_path / "none.shp")


def test_what_is_written_is_read_back(tmp_path: Path, write: Callable[..., Path]) -> None:
    found = read_features(write(POINTS))
    write_features(tmp_path / "again.fgb", found)
    again = read_features(tmp_path / "again.fgb").sort_values("name", ignore_index=True)
    assert again.equals(found.sort_values("name", ignore_index=True))
