import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import BoundaryFileError, InputMissingError
from psttm_geo.core.files import sha256_of
from psttm_geo.territory.istat import pack_boundaries, read_boundaries
from psttm_geo.territory.municipalities import Boundaries, Snapshot

TOWN = pd.DataFrame({"municipality_code": ["015001", "015002"], "municipality": ["Alfa", "Beta"]})

NO_PREDECESSORS = pd.DataFrame(columns=["municipality_code", "municipality", "successor_code", "successor"])

MERGERS = pd.DataFrame(
    {
        "municipality_code": ["015001", "015002"],
        "municipality": ["Alfa", "Beta"],
        "successor_code": ["015009", "015009"],
        "successor": ["Alfa con Beta", "Alfa con Beta"],
    }
)

MERGED = pd.DataFrame({"municipality_code": ["015009"], "municipality": ["Alfa con Beta"]})

BOW_TIE = shapely.Polygon([(500_000, 5_000_000), (501_000, 5_001_000), (501_000, 5_000_000), (500_000, 5_001_000)])


def read(path: Path, municipalities: pd.DataFrame = TOWN, predecessors: pd.DataFrame = NO_PREDECESSORS) -> Boundaries:
    return read_boundaries(path, municipalities, predecessors)


@pytest.fixture
def unpacked(write_boundaries: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    return lambda rows, *name: write_boundaries(rows, tmp_path / "istat città 2023", *name)


@pytest.fixture
def zipped(unpacked: Callable[..., Path], zip_folder: Callable[..., Path]) -> Callable[..., Path]:
    return lambda rows, *more: zip_folder(unpacked(rows), *more)


@pytest.fixture
def refused(refuses: Callable[..., str]) -> Callable[..., str]:
    """Prove that the reader and the command refuse a path with the same sentence; give it in English."""

    def refused(path: Path, error: type[Exception] = BoundaryFileError) -> str:
        with pytest.raises(error) as found:
            read(path)
        assert str(found.value) in refuses("--boundaries", path)
        return found.value.text.en

    return refused


def test_the_province_is_read_as_it_stands(town: gpd.GeoDataFrame, zipped: Callable[..., Path]) -> None:
    path = zipped(town)
    boundaries = read(path)
    layer = boundaries.municipalities
    assert layer.columns.to_list() == ["municipality_code", "municipality", "geometry"]
    assert list(zip(layer["municipality_code"], layer["municipality"], strict=True)) == [
        ("015001", "Alfa"),
        ("015002", "Beta"),
    ]
    assert layer.crs == METRIC
    assert layer.area.to_list() == [1_000_000, 1_000_000]
    assert boundaries.notices == ()
    assert (boundaries.source.reference_date, boundaries.source.sha256) == ("2023-01-01", sha256_of(path))
    assert path.name in boundaries.source.title


@pytest.mark.parametrize(
    ("name", "date", "version"),
    [
        ("Com01012023_g/Com01012023_g_WGS84.shp", "2023-01-01", ", generalizzati"),
        ("Limiti01012024/Com01012024/Com01012024_WGS84.shp", "2024-01-01", "non generalizzati"),
        ("Com01012021_g/Com01012021_g.shp", "2021-01-01", ", generalizzati"),
        ("com31122019.shp", "2019-12-31", "non generalizzati"),
    ],
)
def test_names_and_folders_of_every_year_are_recognised(
    town: gpd.GeoDataFrame,
    unpacked: Callable[..., Path],
    zip_folder: Callable[..., Path],
    name: str,
    date: str,
    version: str,
) -> None:
    folder = unpacked(town, name)
    for path in (folder, zip_folder(folder)):
        boundaries = read(path)
        assert len(boundaries.municipalities) == 2
        assert boundaries.source.reference_date == date
        assert version in boundaries.source.title


def test_the_layers_of_regions_and_provinces_beside_it_are_passed_over(
    town: gpd.GeoDataFrame, unpacked: Callable[..., Path], zip_folder: Callable[..., Path]
) -> None:
    for name in ("ProvCM01012023_g/ProvCM01012023_g_WGS84.shp", "Reg01012023_g/Reg01012023_g_WGS84.shp"):
        unpacked(town.head(1), name)
    assert len(read(zip_folder(unpacked(town))).municipalities) == 2


def test_fields_in_another_case_and_without_the_optional_ones_are_read(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    renamed = town.drop(columns=["COD_CM", "COD_UTS"]).rename(
        columns={"COD_PROV": "Cod_Prov", "PRO_COM_T": "Pro_Com_T", "COMUNE": "Comune"}
    )
    assert read(zipped(renamed)).municipalities["municipality"].to_list() == ["Alfa", "Beta"]


def test_a_wrong_code_of_the_metropolitan_city_is_said_and_the_row_kept(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    boundaries = read(zipped(town.assign(COD_CM=[215, 251, 0], COD_UTS=[215, 251, 16])))
    assert len(boundaries.municipalities) == 2
    assert [notice.en.split(" instead")[0] for notice in boundaries.notices] == [
        "In ISTAT's file Beta has COD_CM = 251, COD_UTS = 251"
    ]


@pytest.mark.parametrize(
    "codes",
    [["15001", "15002", "16001"], [15001, 15002, 16001], [15001.0, 15002.0, 16001.0]],
    ids=["text", "whole numbers", "floats"],
)
def test_codes_without_zeros_or_as_numbers_are_repaired_and_said(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path], codes: list[object]
) -> None:
    boundaries = read(zipped(town.assign(PRO_COM_T=codes)))
    assert boundaries.municipalities["municipality_code"].to_list() == ["015001", "015002"]
    assert [notice.en[:7] for notice in boundaries.notices] == ["2 ISTAT"]


def test_an_outline_that_crosses_itself_is_repaired_and_said(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    boundaries = read(zipped(town.set_geometry([BOW_TIE, *town.geometry[1:]], crs=METRIC)))
    assert boundaries.municipalities.is_valid.all()
    assert set(boundaries.municipalities.geom_type) <= {"Polygon", "MultiPolygon"}
    assert boundaries.municipalities.area.to_list() == [500_000, 1_000_000]
    assert [notice.en for notice in boundaries.notices] == ["Invalid geometry repaired: Alfa."]


def test_predecessors_become_their_successor_and_it_is_said(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    boundaries = read(zipped(town), MERGED, MERGERS)
    layer = boundaries.municipalities
    assert layer[["municipality_code", "municipality"]].to_numpy().tolist() == [["015009", "Alfa con Beta"]]
    assert layer.geometry.iloc[0].equals(shapely.box(500_000, 5_000_000, 502_000, 5_001_000))
    assert [notice.en for notice in boundaries.notices] == [
        "Alfa (015001) and Beta (015002) joined into Alfa con Beta (015009), which they merged into."
    ]


def test_a_successor_with_one_predecessor_missing_is_refused(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    with pytest.raises(BoundaryFileError, match="Beta"):
        read(zipped(town.drop(index=1)), MERGED, MERGERS)


def test_a_path_that_does_not_exist_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none.zip", InputMissingError)


def test_what_is_no_zip_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "page.zip"
    path.write_text("<html>Errore</html>")
    assert "not a readable zip" in refused(path)


def test_an_empty_file_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "empty.zip"
    path.touch()
    assert "not a readable zip" in refused(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_zip_is_refused(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path], share: float
) -> None:
    path = zipped(town)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "truncated" in refused(path)


def test_a_damaged_member_is_refused_by_name(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    path = zipped(town)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        member = next(member for member in archive.infolist() if member.filename.endswith(".shp"))
    start = member.header_offset + 30 + len(member.filename.encode())
    content[start : start + member.compress_size] = b"\xff" * member.compress_size
    path.write_bytes(content)
    assert "Com01012023_g_WGS84.shp” is damaged" in refused(path)


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".shx"])
def test_a_member_cut_short_before_zipping_is_refused(
    refused: Callable[..., str],
    town: gpd.GeoDataFrame,
    unpacked: Callable[..., Path],
    zip_folder: Callable[..., Path],
    suffix: str,
) -> None:
    folder = unpacked(town)
    (file,) = folder.rglob(f"*{suffix}")
    file.write_bytes(file.read_bytes()[:110])
    assert refused(zip_folder(folder))


SEVERAL = {
    "years": (
        ["Com01012023_g/Com01012023_g_WGS84.shp", "b/Com01012021_g.shp"],
        "2021-01-01 generalised, 2023-01-01 generalised",
    ),
    "versions": (
        ["Com01012023_g/Com01012023_g_WGS84.shp", "Com01012023/Com01012023_WGS84.shp"],
        "2023-01-01 detailed, 2023-01-01 generalised",
    ),
}


@pytest.mark.parametrize("case", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("packed", [False, True])
def test_several_years_or_versions_are_refused_naming_them(
    refused: Callable[..., str],
    unpacked: Callable[..., Path],
    zip_folder: Callable[..., Path],
    town: gpd.GeoDataFrame,
    case: tuple[list[str], str],
    *,
    packed: bool,
) -> None:
    for name in case[0]:
        folder = unpacked(town, name)
    said = refused(zip_folder(folder) if packed else folder)
    assert f"holds several municipal layers ({case[1]}" in said
    assert "give the folder or the zip of one" in said


@pytest.mark.parametrize(
    "codes", [["015", "015", "016"], ["15", " 15 ", "16"], [15.0, 15.0, 16.0], ["15.0", "015", "016"]], ids=str
)
def test_the_province_is_found_as_number_and_as_text(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path], codes: list[object]
) -> None:
    layer = read(zipped(town.assign(COD_PROV=codes))).municipalities
    assert layer["municipality"].to_list() == ["Alfa", "Beta"]


def test_codes_of_the_metropolitan_city_may_be_texts_and_blank(
    town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    boundaries = read(zipped(town.assign(COD_CM=["215", "", "0"], COD_UTS=["215", "251", "016"])))
    assert [notice.en.split(" instead")[0] for notice in boundaries.notices] == [
        "In ISTAT's file Beta has COD_UTS = 251"
    ]


@pytest.mark.parametrize("name", ["comuni.geojson", "comuni.gpkg", "comuni.shp", "comuni.fgb"])
@pytest.mark.parametrize("epsg", [4326, 3003, 32632])
def test_a_vector_file_with_istat_s_fields_is_read_whatever_its_name_and_system(
    town: gpd.GeoDataFrame, tmp_path: Path, name: str, epsg: int
) -> None:
    pyogrio.write_dataframe(town.to_crs(epsg), tmp_path / name)
    boundaries = read(tmp_path / name)
    assert boundaries.municipalities["municipality"].to_list() == ["Alfa", "Beta"]
    assert boundaries.municipalities.crs == METRIC
    assert boundaries.municipalities.area.to_list() == pytest.approx([1_000_000, 1_000_000], rel=1e-3)
    assert boundaries.source.reference_date == ""
    said = [notice.en for notice in boundaries.notices]
    assert said[0] == f"{name} does not say of which day its boundaries are: it stays unstated."
    assert any("boundaries brought from" in line for line in said) == (epsg != 32632)


def test_a_folder_with_a_shapefile_of_another_name_is_read_and_packed(
    town: gpd.GeoDataFrame, unpacked: Callable[..., Path], tmp_path: Path
) -> None:
    folder = unpacked(town, "dati/comuni.shp")
    expected = read(folder).municipalities
    for number, path in enumerate((folder, folder / "dati" / "comuni.shp")):
        packed = [tmp_path / f"{number}-{copy}.zip" for copy in range(2)]
        for one in packed:
            pack_boundaries(path, one)
        assert packed[0].read_bytes() == packed[1].read_bytes()
        assert read(packed[0]).municipalities.equals(expected)


def test_a_layer_named_as_istat_s_gives_its_day_in_any_file(town: gpd.GeoDataFrame, tmp_path: Path) -> None:
    pyogrio.write_dataframe(town, tmp_path / "x.gpkg", layer="Com01012020_g_WGS84")
    source = read(tmp_path / "x.gpkg").source
    assert (source.reference_date, ", generalizzati" in source.title) == ("2020-01-01", True)


def test_heights_are_left_behind(town: gpd.GeoDataFrame, tmp_path: Path) -> None:
    pyogrio.write_dataframe(town.set_geometry(shapely.force_3d(town.geometry, 120)), tmp_path / "x.gpkg")
    assert not read(tmp_path / "x.gpkg").municipalities.has_z.any()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.drop(columns="COMUNE"), "lacks the fields COMUNE (found COD_PROV"),
        (lambda rows: rows.set_geometry(rows.geometry.boundary), "holds LineString, expected polygons: of its 2"),
        (lambda rows: rows.set_geometry(rows.geometry.centroid), "holds Point, expected polygons: of its 2"),
        (lambda rows: rows.set_geometry([None, *rows.geometry[1:]], crs=METRIC), "empty geometry for Alfa"),
        (lambda rows: rows.set_crs(32633, allow_override=True), "far from it; assign the right CRS"),
        (lambda rows: rows.set_crs(4326, allow_override=True), "cannot be in the CRS that is declared"),
    ],
    ids=["field", "line", "point", "missing", "zone", "degrees"],
)
def test_what_is_wrong_with_an_office_s_own_file_is_told(
    refused: Callable[..., str],
    town: gpd.GeoDataFrame,
    tmp_path: Path,
    change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame],
    said: str,
) -> None:
    pyogrio.write_dataframe(change(town), tmp_path / "x.gpkg")
    assert said in refused(tmp_path / "x.gpkg")


def test_two_layers_with_the_fields_are_refused(
    refused: Callable[..., str], town: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    for layer in ("a", "b"):
        pyogrio.write_dataframe(town, tmp_path / "x.gpkg", layer=layer, append=layer == "b")
    assert "holds 2 layers that may serve (a, b)" in refused(tmp_path / "x.gpkg")


def test_an_extract_of_the_map_is_told_where_it_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(b"x")
    with pytest.raises(BoundaryFileError, match="psttm-geo build --boundaries FILE"):
        read(path)


@pytest.mark.parametrize("content", ["folder", "zip"])
def test_a_zip_or_folder_without_municipal_layer_is_refused(
    refused: Callable[..., str],
    town: gpd.GeoDataFrame,
    unpacked: Callable[..., Path],
    zip_folder: Callable[..., Path],
    content: str,
) -> None:
    folder = unpacked(town, "Reg01012023_g/Reg01012023_g_WGS84.shp")
    said = refused(folder if content == "folder" else zip_folder(folder))
    assert "no municipal layer (expected a file such as Com01012023_g_WGS84.shp)" in said


@pytest.mark.parametrize("member", ["../outside.txt", "a/../../outside", "/etc/outside", r"..\outside", r"C:\outside"])
def test_a_zip_that_points_outside_itself_is_refused(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path], member: str
) -> None:
    assert "points outside the zip" in refused(zipped(town, member))


@pytest.mark.parametrize(
    ("suffix", "said"), [(".prj", "the CRS is not declared"), (".dbf", ".dbf is missing"), (".shx", ".shx is missing")]
)
def test_a_layer_without_one_of_its_files_is_refused(
    refused: Callable[..., str],
    town: gpd.GeoDataFrame,
    unpacked: Callable[..., Path],
    zip_folder: Callable[..., Path],
    suffix: str,
    said: str,
) -> None:
    folder = unpacked(town)
    for file in folder.rglob(f"*{suffix}"):
        file.unlink()
    assert said in refused(zip_folder(folder))


@pytest.mark.parametrize(("epsg", "name"), [(4326, "WGS"), (23032, "ED"), (32633, "33N"), (3857, "Mercator")])
def test_another_reference_system_is_refused_with_its_name(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path], epsg: int, name: str
) -> None:
    said = refused(zipped(town.to_crs(epsg)))
    assert name in said
    assert "expected EPSG:32632" in said


@pytest.mark.parametrize("field", ["COD_PROV", "PRO_COM_T", "COMUNE"])
def test_a_layer_without_a_field_is_refused(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path], field: str
) -> None:
    assert f"lacks the fields {field}" in refused(zipped(town.drop(columns=field)))


def test_a_file_without_the_province_is_refused(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    assert "no municipality with COD_PROV = 15" in refused(zipped(town.tail(1)))


@pytest.mark.parametrize("code", ["15X01", "", None, "1500100"])
def test_an_unreadable_code_is_refused_with_the_name(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path], code: str | None
) -> None:
    assert "unreadable code or empty geometry for Alfa" in refused(
        zipped(town.assign(PRO_COM_T=[code, "015002", "016001"]))
    )


def test_an_empty_outline_is_refused_with_the_name(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    assert "empty geometry for Beta" in refused(
        zipped(town.set_geometry([town.geometry[0], None, town.geometry[2]], crs=METRIC))
    )


def test_a_repeated_code_is_refused_with_both_names(
    refused: Callable[..., str], town: gpd.GeoDataFrame, zipped: Callable[..., Path]
) -> None:
    said = refused(zipped(town.assign(PRO_COM_T=["015001", "15001", "016001"])))
    assert "repeated codes: 015001 (Alfa, Beta)" in said


def test_missing_and_foreign_municipalities_are_named(town: gpd.GeoDataFrame, zipped: Callable[..., Path]) -> None:
    with pytest.raises(BoundaryFileError) as error:
        read(zipped(town.assign(PRO_COM_T=["015001", "015003", "016001"])))
    assert "found 2: Beta (015002) missing; Beta (015003) not expected." in error.value.text.en


def test_one_municipality_of_133_missing_stops_the_build_with_its_name(
    refuses: Callable[..., str], embedded: Snapshot, zipped: Callable[..., Path]
) -> None:
    layer = embedded.boundaries.municipalities
    rows = gpd.GeoDataFrame(
        {"COD_PROV": 15, "PRO_COM_T": layer["municipality_code"], "COMUNE": layer["municipality"]},
        geometry=layer.geometry,
        crs=METRIC,
    )
    assert "trovati 132: mancano Nosate (015155)." in refuses("--boundaries", zipped(rows[rows["COMUNE"] != "Nosate"]))
