import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import VectorFileError
from psttm_geo.core.vector_files import (
    list_layers,
    list_members,
    members_of,
    polygons_of,
    read_layer,
    read_located,
    say_rows,
)

HERE = shapely.Point(514_000, 5_034_000)

PLACEMARK = "<Placemark><name>{}</name><Point><coordinates>9.19,45.46,0</coordinates></Point></Placemark>"

KML = '<?xml version="1.0" encoding="utf-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(shapes: Sequence[object], name: str = "f.gpkg", *, crs: str = METRIC, **options: object) -> Path:
        names = [f"N{number}" for number in range(len(shapes))]
        rows = gpd.GeoDataFrame({"nome": names}, geometry=list(shapes), crs=crs)
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pyogrio.write_dataframe(rows, tmp_path / name, **options)
        return tmp_path / name

    return write


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Zip the parts of Shapefiles under names of their own."""

    def pack(*files: Path, folder: str = "", without: str = "", more: Sequence[str] = ()) -> Path:
        path = tmp_path / "packed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for part in (part for file in files for part in members_of(file)):
                if part.suffix != without:
                    archive.write(part, folder + part.name)
            for name in more:
                archive.writestr(name, b"x")
        return path

    return pack


def refusal(path: Path) -> str:
    with pytest.raises(VectorFileError) as error:
        read_located(path)
    assert str(path) in error.value.text.it
    assert error.value.text.it != error.value.text.en
    return error.value.reason.en


def test_shapes_are_flat_and_those_without_coordinates_are_none(write: Write) -> None:
    shapes = [shapely.Point(514_000, 5_034_000, 120), shapely.Point(), None, shapely.Point(np.nan, 1)]
    found = read_located(write(shapes))
    assert found.rows.index.to_list() == [1, 2, 3, 4]
    assert not shapely.has_z(found.shapes).any()
    assert list(shapely.is_missing(found.shapes)) == [False, True, True, True]
    assert found.shapes[0] == HERE


def test_degrees_become_metres(write: Write) -> None:
    degrees = gpd.GeoSeries([HERE], crs=METRIC).to_crs(GEOGRAPHIC)
    assert read_located(write(degrees, crs=GEOGRAPHIC)).shapes[0].distance(HERE) < 0.01


def test_a_folder_a_zip_and_a_zip_in_folders_are_read_as_the_shapefile_in_them(
    write: Write, pack: Callable[..., Path]
) -> None:
    file = write([HERE], "à {b}/s.shp")
    assert read_located(file.parent).shapes[0] == HERE
    for folder in ("", "a b/c/"):
        path = pack(file, folder=folder, more=["__MACOSX/._s.shp", ".hidden.shp", "leggimi.txt"])
        assert read_located(path).shapes[0] == HERE


def test_several_layers_are_refused_and_named(write: Write, pack: Callable[..., Path]) -> None:
    file = write([HERE], layer="a")
    write([HERE], layer="b", append=True)
    assert "holds 2 layers that may serve (a, b), expected one" in refusal(file)
    packed = pack(write([HERE], "s.shp"), write([HERE], "t.shp"))
    assert "(s.shp, t.shp)" in refusal(packed)


def test_tables_and_empty_layers_beside_the_one_with_features_do_not_matter(write: Write) -> None:
    file = write([HERE], layer="a")
    write([], layer="b", append=True, geometry_type="Point")
    pyogrio.write_dataframe(pd.DataFrame({"style": ["x"]}), file, layer="layer_styles", append=True)
    assert read_located(file).notices == ()


@pytest.mark.parametrize(("suffix", "said"), [(".shx", ".shx is missing"), (".dbf", ".dbf is missing")])
def test_a_shapefile_without_a_part_is_refused(write: Write, pack: Callable[..., Path], suffix: str, said: str) -> None:
    file = write([HERE], "s.shp")
    assert said in refusal(pack(file, without=suffix))
    file.with_suffix(suffix).unlink()
    assert said in refusal(file)


def test_a_part_of_a_shapefile_leads_to_the_whole(write: Write) -> None:
    assert "give s.shp" in refusal(write([HERE], "s.shp").with_suffix(".dbf"))


def test_what_a_zip_holds_instead_is_named(tmp_path: Path, pack: Callable[..., Path]) -> None:
    assert "holds no vector file (found: a.csv; expected" in refusal(pack(more=["a.csv"]))
    (tmp_path / "empty").mkdir()
    assert "(found: no file;" in refusal(tmp_path / "empty")
    (tmp_path / "page.zip").write_text("<html>")
    assert "is not a readable zip" in refusal(tmp_path / "page.zip")


def test_a_zip_with_a_password_is_told(write: Write, pack: Callable[..., Path]) -> None:
    path = pack(write([HERE], "s.shp"))
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(mark)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(mark, start + 1)
    path.write_bytes(content)
    assert "protected by a password" in refusal(path)


def test_a_crs_that_is_not_declared_is_told(write: Write) -> None:
    file = write([HERE], "s.shp")
    file.with_suffix(".prj").unlink()
    assert refusal(file).startswith("does not declare its CRS")


def test_coordinates_that_cannot_be_in_the_crs_are_told(write: Write) -> None:
    said = refusal(write([HERE], crs=GEOGRAPHIC))
    assert "the coordinates (514000, 5034000) cannot be in the CRS that is declared (WGS 84)" in said


def test_a_feature_with_impossible_coordinates_is_listed_and_the_rest_kept(write: Write) -> None:
    found = read_located(write([shapely.Point(9.19, 45.46), shapely.Point(514_000, 5_034_000)], crs=GEOGRAPHIC))
    assert list(shapely.is_missing(found.shapes)) == [False, True]
    assert [notice.en for notice in found.notices] == [
        "f.gpkg: features with impossible coordinates, read as having no place: 1 (row 2)."
    ]


def test_features_none_of_which_has_a_shape_are_refused(write: Write) -> None:
    assert "no feature has a geometry" in refusal(write([None, shapely.Point()], geometry_type="Point"))


@pytest.mark.parametrize(
    "ring", [[[9.1, 45.4], [9.2, 45.4], [9.2, 45.5]], [[9.1, 45.4], [9.2, 45.4]]], ids=["unclosed", "short"]
)
def test_a_ring_that_is_none_is_refused_in_a_sentence(tmp_path: Path, ring: list[list[float]]) -> None:
    shape = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {}, "geometry": shape}
    (tmp_path / "r.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert "a ring that is not closed" in refusal(tmp_path / "r.geojson")


def test_a_kml_is_read_and_one_of_several_folders_refused(tmp_path: Path) -> None:
    path = tmp_path / "k.kml"
    path.write_text(KML.format(PLACEMARK.format("A")))
    assert read_located(path).rows["Name"].to_list() == ["A"]
    folders = "".join(f"<Folder><name>{name}</name>{PLACEMARK.format(name)}</Folder>" for name in ("uno", "due"))
    path.write_text(KML.format(folders))
    assert "(uno, due)" in refusal(path)
    path.write_text(KML.format(""))
    assert "does not open as a vector file" in refusal(path)


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_letters_of_a_shapefile_that_does_not_say_its_encoding_are_read(
    tmp_path: Path, pack: Callable[..., Path], encoding: str
) -> None:
    rows = gpd.GeoDataFrame({"nome": ["Città"]}, geometry=[HERE], crs=METRIC)
    file = tmp_path / "s.shp"
    pyogrio.write_dataframe(rows, file, encoding=encoding)
    file.with_suffix(".cpg").unlink(missing_ok=True)
    for path in (file, pack(file)):
        assert read_located(path).rows["nome"].to_list() == ["Città"]


def test_fields_alone_and_a_part_of_the_features_are_read(write: Write) -> None:
    path = write([HERE, HERE])
    (layer,) = list_layers(path)
    rows, shapes = read_layer(path, layer, where="nome = 'N1'", with_shapes=False)
    assert rows["nome"].to_list() == ["N1"]
    assert list(shapes) == [None]


def test_the_files_of_a_dataset_are_listed(write: Write, tmp_path: Path) -> None:
    file = write([HERE], "s.shp")
    shutil.copy(file, tmp_path / "other.shp")
    assert {part.suffix for part in members_of(file)} >= {".shp", ".shx", ".dbf", ".prj"}
    assert all(part.stem == "s" for part in members_of(file))
    assert members_of(tmp_path / "a.gpkg") == [tmp_path / "a.gpkg"]
    assert list_members(file) == []


def test_areas_are_polygons_and_lines_and_points_are_left_behind() -> None:
    square, bow = shapely.box(0, 0, 2, 2), shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    mixed = shapely.GeometryCollection([square, shapely.MultiPolygon([shapely.box(5, 5, 6, 6)]), shapely.Point(9, 9)])
    line = shapely.LineString([(0, 0), (1, 1)])
    found = polygons_of(np.array([square, bow, mixed, line], dtype=object))
    assert [shape.area for shape in found] == [4, 2, 5, 0]
    assert set(shapely.get_type_id(found)) <= {3, 6}


def test_rows_are_named_up_to_ten() -> None:
    assert say_rows([3]) == ("riga 3", "row 3")
    assert say_rows(range(1, 13)).it == "righe 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ..."


def test_coordinates_beyond_any_system_are_said_with_an_example(tmp_path: Path) -> None:
    path = tmp_path / "far.geojson"
    ring = "[[1e308, 45], [9, 45], [9, 1e308], [1e308, 45]]"
    feature = f'{{"type": "Feature", "properties": {{}}, "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    assert refusal(path).startswith("the coordinates (1e+308, 45) cannot be in the CRS that is declared")


def test_a_ring_that_is_not_closed_is_said(tmp_path: Path) -> None:
    path = tmp_path / "open.geojson"
    shape = '{"type": "Polygon", "coordinates": [[[9, 45], [9.1, 45], [9.1, 45.1], [9, 45.1]]]}'
    path.write_text(f'{{"type": "Feature", "properties": {{}}, "geometry": {shape}}}')
    assert "a ring that is not closed" in refusal(path)


@pytest.mark.parametrize("name", ["a.kml", "a.gml", "a.fgb", "a.geojson"])
def test_a_file_without_a_layer_is_said(tmp_path: Path, name: str) -> None:
    contents = {"a.kml": b"<kml></kml>", "a.gml": b"<a/>", "a.fgb": b"fgb\3fgb\1" + bytes(60), "a.geojson": b"{}"}
    path = tmp_path / name
    path.write_bytes(contents[name])
    assert refusal(path).startswith("does not open as a vector file")


def test_a_header_that_promises_more_features_than_there_are_bytes_is_refused(write: Write) -> None:
    path = write([HERE, HERE], "f.fgb", SPATIAL_INDEX="NO")
    content = path.read_bytes()
    promised = (2).to_bytes(8, "little")
    assert content.count(promised) >= 1
    for place in range(len(content) - 8):
        if content[place : place + 8] == promised:
            path.write_bytes(content[:place] + (10**9).to_bytes(8, "little") + content[place + 8 :])
            if pyogrio.read_info(path)["features"] == 10**9:
                assert refusal(path).startswith("is damaged")
                return
    pytest.fail("the number of features stands nowhere")


def test_a_zip_that_unpacks_to_far_more_than_it_is_is_refused(write: Write, tmp_path: Path) -> None:
    shapefile = write([HERE], "f.shp")
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in members_of(shapefile):
            if part.suffix != ".dbf":
                archive.write(part, part.name)
        archive.writestr("f.dbf", bytes(70 << 20))
    assert refusal(path).startswith("unpacks to more than a hundred times its size")


def test_a_crs_that_leads_to_no_place_is_none(write: Write) -> None:
    path = write([HERE], "f.fgb", crs=METRIC, SPATIAL_INDEX="NO")
    shapefile = write([HERE], "f.shp")
    shapefile.with_suffix(".prj").write_text(
        'VERT_CS["height",VERT_DATUM["any",2005],UNIT["metre",1],AXIS["Gravity-related height",UP]]'
    )
    assert refusal(shapefile).startswith("does not declare its CRS")
    assert len(read_located(path).rows) == 1
