import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.files import sha256_of
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.plan.statements import STATEMENTS
from psttm_geo.territory.istat import read_boundaries
from psttm_geo.territory.municipalities import Boundaries, Snapshot

pytestmark = pytest.mark.real_data

LAYER = "Limiti01012020_g/Com01012020_g/Com01012020_g_WGS84.shp"

EVERYBODY = 3_219_391


@pytest.fixture
def limits(test_data: Path) -> Path:
    return test_data / "istat" / "Limiti01012020_g.zip"


@pytest.fixture
def read(zones: pd.DataFrame, predecessors: pd.DataFrame) -> Callable[[Path], Boundaries]:
    return lambda path: read_boundaries(path, zones, predecessors)


@pytest.fixture
def rows(limits: Path) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(f"/vsizip/{limits}/{LAYER}")


def codes(boundaries: Boundaries) -> list[str]:
    return boundaries.municipalities["municipality_code"].to_list()


def test_the_zip_of_2020_gives_133_municipalities_and_names_the_wrong_row(
    limits: Path, read: Callable[[Path], Boundaries], zones: pd.DataFrame
) -> None:
    boundaries = read(limits)
    assert codes(boundaries) == sorted(zones["municipality_code"])
    assert boundaries.municipalities.crs == METRIC
    assert boundaries.municipalities.is_valid.all()
    assert boundaries.municipalities.area.sum() / 1e6 == pytest.approx(1575, abs=1)
    assert boundaries.source.reference_date == "2020-01-01"
    assert boundaries.source.sha256 == sha256_of(limits)
    (notice,) = boundaries.notices
    assert notice.it.startswith("Nel file di ISTAT Vermezzo con Zelo ha COD_CM = 251, COD_UTS = 251 invece di 215")


def test_the_unpacked_folder_gives_the_same(limits: Path, read: Callable[[Path], Boundaries], tmp_path: Path) -> None:
    with zipfile.ZipFile(limits) as archive:
        archive.extractall(tmp_path / "unpacked")
    from_zip, from_folder = read(limits), read(tmp_path / "unpacked")
    pd.testing.assert_frame_equal(from_folder.municipalities, from_zip.municipalities)
    assert from_folder.notices == from_zip.notices
    assert from_folder.source.reference_date == "2020-01-01"


def test_the_names_of_the_detailed_version_are_read_too(
    rows: gpd.GeoDataFrame,
    read: Callable[[Path], Boundaries],
    write_boundaries: Callable[..., Path],
    zip_folder: Callable[..., Path],
    tmp_path: Path,
) -> None:
    folder = write_boundaries(rows, tmp_path / "Limiti01012022", "Limiti01012022/Com01012022/Com01012022_WGS84.shp")
    boundaries = read(zip_folder(folder))
    assert len(codes(boundaries)) == 133
    assert ", non generalizzati (" in boundaries.source.title


def test_the_zip_agrees_with_the_snapshot(limits: Path, read: Callable[[Path], Boundaries], embedded: Snapshot) -> None:
    ours, theirs = embedded.boundaries.municipalities, read(limits).municipalities
    assert theirs["municipality"].to_list() == ours["municipality"].to_list()
    shared = ours.geometry.intersection(theirs.geometry).area / ours.geometry.union(theirs.geometry).area
    assert shared.min() > 0.9


def as_2019(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut 015251 along its middle into the two municipalities that merged into it."""
    merged = rows[rows["PRO_COM_T"] == "015251"]
    (shape,) = merged.geometry
    west, south, east, north = shape.bounds
    middle = (west + east) / 2
    parts = [
        merged.assign(PRO_COM=int(code), PRO_COM_T=code, COMUNE=name, COD_CM=215, COD_UTS=215).set_geometry(
            [shape.intersection(box)], crs=METRIC
        )
        for code, name, box in (
            ("015235", "Vermezzo", shapely.box(west, south, middle, north)),
            ("015246", "Zelo Surrigone", shapely.box(middle, south, east, north)),
        )
    ]
    return pd.concat([rows[rows["PRO_COM_T"] != "015251"], *parts], ignore_index=True)


@pytest.fixture
def limits_2019(
    rows: gpd.GeoDataFrame, write_boundaries: Callable[..., Path], zip_folder: Callable[..., Path], tmp_path: Path
) -> Path:
    folder = tmp_path / "Limiti01012019_g"
    return zip_folder(write_boundaries(as_2019(rows), folder, "Com01012019_g/Com01012019_g_WGS84.shp"))


def test_the_134_municipalities_of_2019_become_133_and_it_is_said(
    rows: gpd.GeoDataFrame, limits_2019: Path, read: Callable[[Path], Boundaries], zones: pd.DataFrame
) -> None:
    assert len(as_2019(rows)) == 134
    boundaries = read(limits_2019)
    assert codes(boundaries) == sorted(zones["municipality_code"])
    layer = boundaries.municipalities.set_index("municipality_code")
    (before,) = rows.loc[rows["PRO_COM_T"] == "015251"].geometry
    assert layer.loc["015251", "municipality"] == "Vermezzo con Zelo"
    assert layer.loc["015251", "geometry"].symmetric_difference(before).area < 1
    (notice,) = boundaries.notices
    assert notice.it == (
        "Vermezzo (015235) e Zelo Surrigone (015246) uniti in Vermezzo con Zelo (015251), "
        "il comune nato dalla loro fusione."
    )


@pytest.mark.parametrize("lost", ["015146", "015191"])
def test_a_municipality_missing_from_the_zip_is_named(
    refuses: Callable[..., str],
    rows: gpd.GeoDataFrame,
    write_boundaries: Callable[..., Path],
    zip_folder: Callable[..., Path],
    tmp_path: Path,
    lost: str,
) -> None:
    partial = write_boundaries(rows[rows["PRO_COM_T"] != lost], tmp_path / "partial")
    assert f"trovati 132: mancano {rows.set_index('PRO_COM_T').loc[lost, 'COMUNE']} ({lost})." in refuses(
        "--boundaries", zip_folder(partial)
    )


@pytest.mark.parametrize("year", ["2020", "2019"])
def test_a_build_on_the_zip_names_it_among_the_sources(
    run: Callable[..., object], limits: Path, limits_2019: Path, tmp_path: Path, year: str
) -> None:
    path = {"2020": limits, "2019": limits_2019}[year]
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--boundaries", path, "--json")
    assert outcome.code == 0
    assert outcome.err.startswith("nota: ")
    assert "Vermezzo con Zelo" in outcome.err
    told = json.loads(outcome.out)
    assert told["layers"]["comuni"] == 133
    assert told["residents"] == EVERYBODY
    assert len(told["notices"]) == 1
    tables = read_geopackage(tmp_path / "x.gpkg")
    assert tables["comuni"]["cod_catastale"].notna().all()
    assert tables["zone_omogenee"]["residenti"].sum() == EVERYBODY
    assert tables["citta_metropolitana"]["area_km2"].iloc[0] == pytest.approx(1575, abs=1)
    used = tables["fonti"][tables["fonti"]["sha256"] == sha256_of(path)]
    assert set(used["layer"]) == set(tables) - {"appartenenze", "driver", "fonti", *STATEMENTS}
    assert set(used["data"]) == {f"{year}-01-01"}


def test_the_zip_can_be_registered_and_is_used_from_then_on(
    run: Callable[..., object], limits: Path, tmp_path: Path
) -> None:
    added = run("inputs", "add", "boundaries", limits)
    assert added.code == 0
    assert "Vermezzo con Zelo" in added.err
    told = json.loads(run("build", "-o", tmp_path / "x.gpkg", "--json").out)
    assert any(limits.name in source for source in told["sources"])
