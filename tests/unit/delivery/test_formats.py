import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC, NATIONAL
from psttm_geo.core.errors import OutputError
from psttm_geo.core.messages import Language
from psttm_geo.delivery.formats import csv_text, spreadsheet_csv, without_geometry, write_tables
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.schema.columns import COLUMNS
from psttm_geo.schema.layers import LAYERS

EVERYBODY = 3_219_391

COMPUTED = (
    "progetti",
    "agenda",
    *MONITORING,
    "confini_confronto",
    "servizi",
    "accessibilita",
    "indicatori",
    "carenze",
    "completezza",
    "bacini",
    "isocrone",
    "scenario",
    "siti",
)
"""How the layers begin that need more than the embedded data."""

EMBEDDED = [name for name in LAYERS if not name.startswith(COMPUTED)]
"""What a build holds with an empty workspace."""

SPATIAL = [name for name in EMBEDDED if LAYERS[name].spatial]


@pytest.fixture
def exported(run: Callable[..., object], built: Path, tmp_path: Path) -> Callable[..., Path]:
    """Export the default build and give the folder."""

    def exported(form: str, *layers: str) -> Path:
        options = [part for layer in layers for part in ("--layers", layer)]
        outcome = run("export", built, "-o", tmp_path / "out", "--format", form, *options)
        assert (outcome.code, outcome.err) == (0, "")
        assert set(outcome.out.split()) == {str(file) for file in (tmp_path / "out").iterdir()}
        return tmp_path / "out"

    return exported


def fields(name: str) -> list[str]:
    return [COLUMNS[column].field for column in LAYERS[name].columns]


def test_geoparquet_keeps_everything(exported: Callable[..., Path]) -> None:
    folder = exported("geoparquet")
    assert {file.name for file in folder.iterdir()} == {f"{name}.parquet" for name in EMBEDDED}
    for name in SPATIAL:
        layer = gpd.read_parquet(folder / f"{name}.parquet")
        assert layer.crs == METRIC
        assert [column for column in layer.columns if column != layer.geometry.name] == fields(name)
    assert gpd.read_parquet(folder / "comuni.parquet")["residenti"].sum() == EVERYBODY
    assert len(pd.read_parquet(folder / "appartenenze.parquet")) == 266


def test_geojson_is_in_degrees_and_tables_come_as_csv(exported: Callable[..., Path]) -> None:
    folder = exported("geojson")
    assert {file.name for file in folder.iterdir()} == {
        *(f"{name}.geojson" for name in SPATIAL),
        *(f"{name}.csv" for name in EMBEDDED if name not in SPATIAL),
    }
    layer = gpd.read_file(folder / "comuni.geojson")
    assert layer.crs == GEOGRAPHIC
    assert layer["residenti"].sum() == EVERYBODY
    assert set(layer["pro_com_t"].str.len()) == {6}
    west, south, east, north = layer.total_bounds
    assert 8 < west < east < 10
    assert 45 < south < north < 46
    first = json.loads((folder / "comuni.geojson").read_text("utf-8"))["features"][0]
    assert list(first["properties"]) == fields("comuni")


def test_geojson_follows_rfc_7946(exported: Callable[..., Path]) -> None:
    folder = exported("geojson", "comuni", "obiettivi")
    text = (folder / "comuni.geojson").read_text("utf-8")
    collection = json.loads(text)
    assert "crs" not in collection
    assert collection["name"] == "comuni", "not the name of the file that was written beside"
    assert max(len(digits) for digits in re.findall(r"\b\d+\.(\d+)", text.partition('"geometry"')[2])) <= 7
    for feature in collection["features"]:
        for outline, *_ in feature["geometry"]["coordinates"]:
            assert shapely.LinearRing(outline).is_ccw
    goals = json.loads((folder / "obiettivi.geojson").read_text("utf-8"))
    assert len(goals["features"]) == 150


def test_rings_turn_as_rfc_7946_says(tmp_path: Path) -> None:
    outline, hole = shapely.box(0, 0, 9, 9, ccw=False), shapely.box(3, 3, 6, 6, ccw=True)
    shape = shapely.Polygon(outline.exterior.coords, [hole.exterior.coords])
    table = gpd.GeoDataFrame({"zona": ["Alfa"]}, geometry=[shape], crs=GEOGRAPHIC)
    write_tables(tmp_path, {"driver_zone": table}, form="geojson", workbook="w")
    rings = json.loads((tmp_path / "driver_zone.geojson").read_text("utf-8"))["features"][0]["geometry"]["coordinates"]
    assert [shapely.LinearRing(ring).is_ccw for ring in rings] == [True, False]


def test_flatgeobuf_keeps_shapes_and_types_and_tables_come_as_csv(exported: Callable[..., Path], built: Path) -> None:
    folder = exported("flatgeobuf")
    assert {file.name for file in folder.iterdir()} == {
        *(f"{name}.fgb" for name in SPATIAL),
        *(f"{name}.csv" for name in EMBEDDED if name not in SPATIAL),
    }
    tables = read_geopackage(built)
    for name in SPATIAL:
        info = pyogrio.read_info(folder / f"{name}.fgb")
        assert (info["layer_name"], info["crs"], info["geometry_type"]) == (name, METRIC, "MultiPolygon")
        assert list(info["fields"]) == fields(name)
        layer = gpd.read_file(folder / f"{name}.fgb")
        keys = [COLUMNS[column].field for column in LAYERS[name].key]
        mine, theirs = (table.sort_values(keys).reset_index(drop=True) for table in (layer, tables[name]))
        pd.testing.assert_frame_equal(without_geometry(mine), without_geometry(theirs), check_dtype=False)
        assert (mine.geometry.isna() == theirs.geometry.isna()).all()
        placed = mine.geometry.notna()
        assert mine.geometry[placed].geom_equals(theirs.geometry[placed]).all()


def test_a_feature_without_a_place_is_kept_in_flatgeobuf(tmp_path: Path) -> None:
    shapes = [shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]), None]
    table = gpd.GeoDataFrame({"missione": [1, 2]}, geometry=shapes, crs=METRIC)
    write_tables(tmp_path, {"obiettivi": table, "driver_zone": table.head(0)}, form="flatgeobuf", workbook="w")
    assert gpd.read_file(tmp_path / "obiettivi.fgb")["missione"].to_list() == [1, 2]
    assert gpd.read_file(tmp_path / "driver_zone.fgb").empty


@pytest.mark.parametrize("form", ["geoparquet", "flatgeobuf"])
def test_coordinates_can_be_had_in_the_national_system(
    run: Callable[..., object], built: Path, tmp_path: Path, form: str
) -> None:
    options = ["--format", form, "--crs", "7791", "--layers", "zone_omogenee", "--layers", "appartenenze"]
    assert run("export", built, "-o", tmp_path / "out", *options).code == 0
    (file,) = (tmp_path / "out").glob("zone_omogenee.*")
    layer = gpd.read_parquet(file) if form == "geoparquet" else gpd.read_file(file)
    assert layer.crs == NATIONAL
    zones = read_geopackage(built, ["zone_omogenee"])["zone_omogenee"]
    assert layer.area.sum() == pytest.approx(zones.area.sum(), rel=1e-7)


@pytest.mark.parametrize("form", ["flatgeobuf", "geojson"])
def test_the_same_layers_give_the_same_bytes(exported: Callable[..., Path], form: str) -> None:
    first = {file.name: file.read_bytes() for file in exported(form, "zone_omogenee", "obiettivi").iterdir()}
    assert {file.name: file.read_bytes() for file in exported(form, "zone_omogenee", "obiettivi").iterdir()} == first


def test_csv_has_one_plain_file_per_layer(exported: Callable[..., Path]) -> None:
    folder = exported("csv")
    assert {file.name for file in folder.iterdir()} == {f"{name}.csv" for name in EMBEDDED}
    for name in EMBEDDED:
        content = (folder / f"{name}.csv").read_bytes()
        assert b"\r" not in content
        header, *rows = csv.reader(content.decode("utf-8").splitlines())
        assert header == fields(name)
        assert {len(row) for row in rows} == {len(header)}
    rows = list(csv.DictReader((folder / "comuni.csv").read_text("utf-8").splitlines()))
    assert sum(int(row["residenti"]) for row in rows) == EVERYBODY
    assert {row["pro_com_t"] for row in rows if row["comune"] == "Milano"} == {"015146"}


def test_a_workbook_has_one_sheet_per_layer_and_codes_stay_text(exported: Callable[..., Path], built: Path) -> None:
    folder = exported("xlsx")
    assert [file.name for file in folder.iterdir()] == [f"{built.stem}.xlsx"]
    workbook = openpyxl.load_workbook(folder / f"{built.stem}.xlsx", read_only=True)
    assert workbook.sheetnames == EMBEDDED
    header, *rows = workbook["comuni"].iter_rows(values_only=True)
    assert list(header) == fields("comuni")
    assert len(rows) == 133
    assert {type(row[0]) for row in rows} == {str}
    assert sum(row[header.index("residenti")] for row in rows) == EVERYBODY


@pytest.mark.parametrize("form", ["geoparquet", "flatgeobuf", "geojson", "csv", "xlsx"])
def test_only_the_layers_asked_for_are_written(exported: Callable[..., Path], form: str) -> None:
    folder = exported(form, "zone_omogenee", "fonti")
    if form == "xlsx":
        (file,) = folder.iterdir()
        workbook = openpyxl.load_workbook(file)
        assert workbook.sheetnames == ["zone_omogenee", "fonti"]
        assert workbook["zone_omogenee"].freeze_panes == "A2"
    else:
        assert {file.stem for file in folder.iterdir()} == {"zone_omogenee", "fonti"}


def test_exporting_again_replaces_the_files(exported: Callable[..., Path]) -> None:
    first = {file.name: file.read_bytes() for file in exported("csv").iterdir()}
    (exported("csv") / "comuni.csv").write_text("old")
    assert {file.name: file.read_bytes() for file in exported("csv").iterdir()} == first


def test_an_unknown_layer_is_refused_and_nothing_written(
    run: Callable[..., object], built: Path, tmp_path: Path
) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "csv", "--layers", "strade")
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: Il layer «strade» non esiste; quelli disponibili sono: comuni, ")
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_is_refused(run: Callable[..., object], built: Path, tmp_path: Path) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "dxf")
    assert outcome.code == 2
    assert "geoparquet" in outcome.err


@pytest.mark.parametrize("target", ["file", "none/out"])
@pytest.mark.parametrize("form", ["geoparquet", "flatgeobuf", "geojson", "csv", "xlsx"])
def test_a_folder_that_cannot_be_made_is_refused(
    run: Callable[..., object], built: Path, tmp_path: Path, form: str, target: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    outcome = run("export", built, "-o", tmp_path / target, "--format", form)
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: Impossibile scrivere")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(OutputError, match="è una cartella"):
        write_tables(tmp_path, {"t": pd.DataFrame({"a": [1]})}, form="csv", workbook="w")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("it", "nome;quota;residenti\r\nà, b;88,9;12\r\n'=1+1;non noto;7\r\n"),
        ("en", 'nome,quota,residenti\r\n"à, b",88.9,12\r\n\'=1+1,non noto,7\r\n'),
    ],
)
def test_a_csv_for_a_spreadsheet_is_written_as_the_language_does(language: Language, expected: str) -> None:
    table = pd.DataFrame(
        {"nome": ["à, b", "=1+1"], "quota": pd.Series([88.9, None], dtype=object), "residenti": [12, 7]}
    )
    written = spreadsheet_csv(table, language, "non noto")
    assert written.startswith(b"\xef\xbb\xbf")
    assert written.decode("utf-8-sig") == expected


def test_a_csv_text_leaves_the_geometry_out() -> None:
    layer = gpd.GeoDataFrame({"a": ["x, y"], "b": [1.5]}, geometry=[shapely.Point(0, 0)], crs=METRIC)
    assert csv_text(layer) == 'a,b\n"x, y",1.5\n'
    assert without_geometry(layer).columns.to_list() == ["a", "b"]
    plain = pd.DataFrame({"a": [1]})
    assert without_geometry(plain) is plain


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_texts_that_a_spreadsheet_would_compute_are_neutralised(tmp_path: Path, formula: str) -> None:
    table = pd.DataFrame({"titolo": [formula, "Scuola"], "importo_eur": [-1.5, 2.0]})
    first, second = csv.DictReader(csv_text(table).splitlines())
    assert first["titolo"][0] not in "=+-@"
    assert first["titolo"].endswith(formula)
    assert (first["importo_eur"], second["titolo"]) == ("-1.5", "Scuola"), "figures and plain texts stay as they are"
    write_tables(tmp_path, {"progetti": table}, form="xlsx", workbook="w")
    sheet = openpyxl.load_workbook(tmp_path / "w.xlsx")["progetti"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.endswith(formula)
    assert sheet["B2"].value == -1.5
