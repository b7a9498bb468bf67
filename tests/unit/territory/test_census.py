import contextlib
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CensusFileError, InputMissingError
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.census import load_sections, read_sections, write_sections
from psttm_geo.territory.population_records import Sections

AGES = [f"P{number}" for number in range(14, 30)]

Reader = Callable[..., Sections]

X, Y = 514_000, 5_034_000


@pytest.fixture
def read(zones: pd.DataFrame, predecessors: pd.DataFrame) -> Reader:
    return lambda *paths: read_sections(paths, zones, predecessors)


@pytest.fixture
def refusal(read: Reader) -> Callable[..., str]:
    """Give the English sentence that files are refused with."""

    def refusal(*paths: Path) -> str:
        with pytest.raises(CensusFileError) as error:
            read(*paths)
        assert error.value.text.it != error.value.text.en
        assert "\n" not in error.value.text.en
        return error.value.text.en

    return refusal


@pytest.fixture
def rows() -> gpd.GeoDataFrame:
    """Give two sections of Milano and one of Legnano in ISTAT's fields, 100 m each."""
    return gpd.GeoDataFrame(
        {
            "PRO_COM": [15146, 15146, 15118],
            "SEZ21": [1, 2, 1],
            "SEZ21_ID": [151460000001, 151460000002, 151180000001],
            "POP21": [30, 0, 5],
        },
        geometry=[shapely.box(X + 100 * n, Y, X + 100 * n + 100, Y + 100) for n in range(3)],
        crs=METRIC,
    )


def write(rows: gpd.GeoDataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(rows, path)
    return path


def counted(sections: Sections) -> dict[str, int]:
    return dict(zip(sections.sections["section"], sections.sections["residents"], strict=True))


def write_indicators(path: Path, *rows: tuple[object, ...], ages: list[str] = AGES, title: bool = False) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Note"
    book.active.append(["Indicatori", None])
    sheet = book.create_sheet("Sezioni")
    if title:
        sheet.append(["Sezioni di censimento 2021"])
    sheet.append(["PROCOM", "SEZ21_ID", "P1", *ages])
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


THREE = {"0151180000001": 5, "0151460000001": 30, "0151460000002": 0}


def test_the_fields_of_istat_become_sections(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    found = read(write(rows, tmp_path / "R03_21_WGS84.shp"))
    assert counted(found) == THREE
    assert list(found.sections.columns) == ["municipality_code", "section", "residents", "geometry"]
    assert found.sections["municipality_code"].to_list() == ["015118", "015146", "015146"]
    assert found.sections.crs == METRIC
    assert found.sections.geometry.iloc[0].bounds == (X + 200, Y, X + 300, Y + 100)
    assert (found.by_age, found.year, found.notices) == (False, 2021, ())
    assert found.source.title == "Sezioni di censimento 2021 (R03_21_WGS84.shp)"
    assert len(found.source.sha256) == 64


@pytest.fixture
def zipped(rows: gpd.GeoDataFrame, tmp_path: Path, zip_folder: Callable[..., Path]) -> Path:
    """Give a zip as ISTAT lays it out."""
    write(rows, tmp_path / "R03_21" / "SHP" / "R03_21_WGS84.shp")
    (tmp_path / "R03_21" / "leggimi.txt").write_text("x")
    return zip_folder(tmp_path / "R03_21")


def test_the_zip_of_istat_and_its_folder_give_the_same(read: Reader, zipped: Path) -> None:
    assert counted(read(zipped)) == counted(read(zipped.with_suffix(""))) == THREE


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "geojson"])
def test_any_vector_file_will_do(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    lower = rows.rename(columns=str.lower)
    path = write(lower if suffix != "geojson" else lower.to_crs(GEOGRAPHIC), tmp_path / f"a.{suffix}")
    assert counted(read(path)) == THREE


def test_the_layer_with_sections_is_found_among_others(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write(gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(X, Y)], crs=METRIC), tmp_path / "a.gpkg")
    pyogrio.write_dataframe(rows, path, layer="sezioni", append=True)
    assert counted(read(path)) == THREE


def test_floats_and_section_numbers_alone_give_the_same_codes(
    read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    floats = rows.drop(columns="SEZ21_ID").astype({"PRO_COM": float, "SEZ21": float, "POP21": float})
    assert counted(read(write(floats, tmp_path / "a.fgb"))) == THREE


def test_the_same_number_in_two_municipalities_is_two_sections(
    read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    assert len(read(write(rows.drop(columns="SEZ21_ID"), tmp_path / "a.fgb")).sections) == 3


def test_sections_of_elsewhere_are_left_out(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    rows.loc[2, ["PRO_COM", "SEZ21_ID"]] = [16024, 160240000001]
    assert counted(read(write(rows, tmp_path / "a.gpkg"))) == {"0151460000001": 30, "0151460000002": 0}


def test_merged_municipalities_are_read_as_their_successor(
    read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    rows.loc[2, ["PRO_COM", "SEZ21_ID"]] = [15235, 152350000001]
    found = read(write(rows, tmp_path / "a.gpkg"))
    assert "015251" in set(found.sections["municipality_code"])
    assert [notice.en for notice in found.notices] == ["Merged municipalities: 015235 → 015251."]


@pytest.mark.parametrize("shape", [None, shapely.Point(), shapely.Polygon(), shapely.Point(X, Y)], ids=str)
def test_a_section_without_area_is_listed_and_the_rest_kept_and_written(
    read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path, shape: shapely.Geometry | None
) -> None:
    path = write(rows.set_geometry([shape, *rows.geometry[1:]], crs=METRIC), tmp_path / "a.gpkg")
    found = read(path)
    assert counted(found) == THREE
    (notice,) = found.notices
    assert notice.en == (
        "Sections without geometry, whose residents (30) go to the other sections of the municipality: "
        "1 (0151460000001)."
    )
    write_sections(tmp_path / "kept.fgb", found)
    again = load_sections(tmp_path / "kept.fgb")
    assert counted(again) == THREE
    assert again.sections.set_index("section").geometry.isna().to_dict() == {
        "0151180000001": False,
        "0151460000001": True,
        "0151460000002": False,
    }


def test_heights_of_sections_are_left_behind(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write(rows.set_geometry(shapely.force_3d(rows.geometry, 120)), tmp_path / "a.gpkg")
    assert not read(path).sections.has_z.any()


def test_two_layers_of_sections_are_refused(
    refusal: Callable[..., str], rows: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    for layer in ("uno", "due"):
        pyogrio.write_dataframe(rows, tmp_path / "a.gpkg", layer=layer, append=layer == "due")
    assert "holds 2 layers of sections (uno, due), expected one" in refusal(tmp_path / "a.gpkg")


def unnamed(rows: gpd.GeoDataFrame, system: str) -> gpd.GeoDataFrame:
    wkt = (
        'GEOGCS["unknown",DATUM["unknown",SPHEROID["x",6378137,298.257]],PRIMEM["Greenwich",0],UNIT["degree",0.01745]]'
    )
    return rows.to_crs(system).set_crs(wkt if system == GEOGRAPHIC else None, allow_override=True)


@pytest.mark.parametrize("system", [GEOGRAPHIC, METRIC])
def test_a_crs_without_a_name_is_told_by_the_coordinates(
    read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path, system: str
) -> None:
    with pytest.warns(UserWarning, match="crs") if system == METRIC else contextlib.nullcontext():
        path = write(unnamed(rows, system), tmp_path / "a.fgb")
    found = read(path)
    assert found.sections.total_bounds.round(3).tolist() == [X, Y, X + 300, Y + 100]
    (notice,) = found.notices
    assert f"read as {system}, since its coordinates" in notice.en


def test_coordinates_outside_italy_are_refused(
    refusal: Callable[..., str], rows: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    degrees = rows.to_crs(GEOGRAPHIC)
    swapped = degrees.set_geometry(
        shapely.transform(degrees.geometry.to_numpy(), lambda points: points[:, ::-1]), crs=GEOGRAPHIC
    )
    assert "do not lie in Italy" in refusal(write(swapped, tmp_path / "a.fgb"))
    assert "do not lie in Italy" in refusal(write(unnamed(swapped, GEOGRAPHIC), tmp_path / "b.fgb"))


def ages(row: int) -> list[int]:
    """Give residents by five-year ages: 1, 2, ... times the row."""
    return [row * (position + 1) for position in range(16)]


def test_ages_by_five_years_add_up_to_bands(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    aged = rows.assign(P1=[136, 0, 272], **{name: [n, 0, 2 * n] for n, name in enumerate(AGES, start=1)})
    found = read(write(aged.drop(columns="POP21"), tmp_path / "a.gpkg"))
    assert found.by_age
    assert found.notices == ()
    bands = found.sections.set_index("section")[["residents", *AGE_BANDS]]
    assert bands.loc["0151460000001"].to_list() == [136, 1 + 2 + 3, sum(range(4, 14)), 14 + 15, 16]
    assert bands.loc["0151180000001"].to_list() == [272, 12, 170, 58, 32]


@pytest.mark.parametrize("title", [False, True])
def test_the_sheet_of_indicators_is_joined_by_section(
    read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path, *, title: bool
) -> None:
    path = write(rows.drop(columns="POP21"), tmp_path / "R03_21.fgb")
    sheet = write_indicators(
        tmp_path / "R03_indicatori_2021_sezioni.xlsx",
        (15118, 151180000001, 136, *ages(1)),
        (15146, 151460000001, 272, *ages(2)),
        (16024, 160240000001, 136, *ages(1)),
        title=title,
    )
    found = read(path, sheet)
    assert counted(found) == {"0151180000001": 136, "0151460000001": 272, "0151460000002": 0}
    assert found.by_age
    assert [notice.en for notice in found.notices] == [
        "Sections missing from R03_indicatori_2021_sezioni.xlsx, counted as uninhabited: 1."
    ]
    assert found.source.title == "Sezioni di censimento 2021 (R03_21.fgb + R03_indicatori_2021_sezioni.xlsx)"
    assert counted(read(sheet, path)) == counted(found)


def test_the_sheet_is_found_in_the_zip_of_all_regions(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write(rows, tmp_path / "R03_21.fgb")
    sheet = write_indicators(tmp_path / "i.xlsx", (15118, 151180000001, 5, *ages(0)), (15146, 151460000001, 30))
    with zipfile.ZipFile(tmp_path / "Dati_regionali_2021.zip", "w") as archive:
        archive.writestr("R01_indicatori_2021_sezioni.xlsx", b"another region")
        archive.write(sheet, "Dati/R03_indicatori_2021_sezioni.xlsx")
    assert counted(read(path, tmp_path / "Dati_regionali_2021.zip")) == THREE


def test_indicators_without_every_age_give_residents_only(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    sheet = write_indicators(tmp_path / "i.xlsx", (15118, 151180000001, 9, 9), ages=["P14"])
    found = read(write(rows, tmp_path / "a.fgb"), sheet)
    assert not found.by_age
    assert counted(found)["0151180000001"] == 9
    assert found.notices[-1].en == "POP21 gives 35 residents, the indicators 9: the latter are used."


def test_ages_that_do_not_add_up_are_told(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    found = read(write(rows.assign(**{name: [2, 0, 0] for name in AGES}), tmp_path / "a.fgb"))
    assert [notice.en for notice in found.notices] == ["Ages add up to 32, residents to 35."]


def test_a_blank_number_of_residents_is_told(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    rows["POP21"] = [30, None, 5]
    found = read(write(rows, tmp_path / "a.fgb"))
    assert counted(found) == THREE
    assert [notice.en for notice in found.notices] == ["Sections that state no residents, counted as uninhabited: 1."]


def test_sections_of_no_municipality_are_said(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    odd = rows.assign(
        PRO_COM=[15999, 999999, 16024], SEZ21=[7, 8, 9], SEZ21_ID=[159990000007, 9999990000008, 160240000009]
    )
    everything = pd.concat([rows, odd[[*rows.columns]]], ignore_index=True)
    found = read(write(everything, tmp_path / "a.gpkg"))
    assert counted(found) == THREE
    assert [notice.en for notice in found.notices] == [
        "Sections with a code that no municipality has, not counted: 2 (rows 4, 5)."
    ]


def test_an_invalid_outline_is_mended(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    bowtie = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    rows = rows.set_geometry([bowtie, *rows.geometry[1:]], crs=METRIC)
    found = read(write(rows, tmp_path / "a.fgb"))
    assert found.sections.is_valid.all()
    assert [notice.en for notice in found.notices] == ["Sections whose invalid geometry was mended: 1."]


def test_written_sections_are_loaded_as_they_were(read: Reader, rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    aged = rows.assign(**{name: [n, 0, 2 * n] for n, name in enumerate(AGES, start=1)})
    found = read(write(aged, tmp_path / "a.gpkg"))
    write_sections(tmp_path / "kept.fgb", found)
    loaded = load_sections(tmp_path / "kept.fgb")
    assert loaded.by_age
    assert loaded.source.title == "Sezioni di censimento 2021 (kept)"
    pd.testing.assert_frame_equal(
        pd.DataFrame(loaded.sections).astype({"municipality_code": object, "section": object}),
        pd.DataFrame(found.sections).astype({"municipality_code": object, "section": object}),
    )


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.fgb").write_bytes(b"fgb")
    with pytest.raises(CensusFileError):
        load_sections(tmp_path / "kept.fgb")


def test_a_file_that_does_not_exist_is_named(read: Reader, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=r"R03_21\.zip"):
        read(tmp_path / "none.zip")


@pytest.mark.parametrize("names", [["a.xlsx"], ["a.fgb", "b.fgb"], ["a.fgb", "a.xlsx", "b.xlsx"]])
def test_one_file_of_sections_and_one_of_indicators_are_expected(
    refusal: Callable[..., str], tmp_path: Path, names: list[str]
) -> None:
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_bytes(b"")
    assert "expected one file of sections" in refusal(*paths)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 truncated", b"\x00" * 100], ids=["empty", "zip", "zeros"])
@pytest.mark.parametrize("name", ["a.zip", "a.fgb", "a.gpkg", "a.shp", "a.geojson"])
def test_what_is_no_vector_file_is_refused(
    refusal: Callable[..., str], tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert str(tmp_path / name) in refusal(tmp_path / name)


@pytest.mark.filterwarnings("ignore:Non closed ring:RuntimeWarning")  # GDAL's own, beside the error
def test_a_damaged_outline_is_refused(refusal: Callable[..., str], rows: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = write(rows[:1], tmp_path / "a.fgb")
    head, corner, tail = path.read_bytes().rpartition(struct.pack("<2d", X + 100, Y))
    assert corner
    path.write_bytes(head + struct.pack("<2d", X + 101, Y) + tail)
    assert "does not open as a vector file" in refusal(path)


def test_a_truncated_or_damaged_zip_is_refused(refusal: Callable[..., str], zipped: Path) -> None:
    whole = zipped.read_bytes()
    zipped.write_bytes(whole[: len(whole) // 2])
    assert "download it again from ISTAT" in refusal(zipped)
    start = whole.index(b"R03_21_WGS84.shp") + 60
    zipped.write_bytes(whole[:start] + bytes(20) + whole[start + 20 :])
    assert "is damaged" in refusal(zipped) or "truncated" in refusal(zipped)


def test_a_zip_with_none_or_several_files_of_sections_is_refused(
    refusal: Callable[..., str], zipped: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as archive:
        archive.writestr("leggimi.txt", "x")
    assert "found 0 files of sections, expected one" in refusal(tmp_path / "none.zip")
    with zipfile.ZipFile(zipped, "a") as archive:
        archive.writestr("SHP/R01_21_WGS84.shp", "x")
    assert "found 2 files of sections (SHP/R03_21_WGS84.shp, SHP/R01_21_WGS84.shp)" in refusal(zipped)


UNREADABLE = "unreadable residents in 1 sections (0151460000001)"

SPOILT: dict[str, tuple[Callable[..., object], str]] = {
    "no municipality": (
        lambda rows: rows.drop(columns="PRO_COM"),
        "the fields PRO_COM and SEZ21 or SEZ21_ID are missing",
    ),
    "no number": (lambda rows: rows.drop(columns=["SEZ21", "SEZ21_ID"]), "are missing (found: PRO_COM, POP21)"),
    "no residents": (lambda rows: rows.drop(columns="POP21"), "has no residents (neither POP21 nor P1)"),
    "elsewhere": (
        lambda rows: rows.assign(PRO_COM=16024),
        "none of its 3 sections is of a municipality of the territory",
    ),
    "repeated": (lambda rows: rows.assign(SEZ21_ID=1), "1 sections stand there twice (0000000000001)"),
    "unreadable number": (lambda rows: rows.assign(SEZ21_ID="x"), "unreadable section number in 3 rows"),
    "negative": (lambda rows: rows.assign(POP21=[-1, 0, 1]), UNREADABLE),
    "fraction": (lambda rows: rows.assign(POP21=[0.5, 0, 1]), UNREADABLE),
    "text": (lambda rows: rows.assign(POP21=["x", "0", "1"]), UNREADABLE),
    "no geometry": (lambda rows: rows.set_geometry([None] * 3, crs=METRIC), "has no geometry"),
}


@pytest.mark.parametrize(("change", "said"), SPOILT.values(), ids=SPOILT)
def test_sections_that_cannot_be_used_are_refused(
    refusal: Callable[..., str], rows: gpd.GeoDataFrame, tmp_path: Path, change: Callable[..., object], said: str
) -> None:
    assert said in refusal(write(change(rows), tmp_path / "a.gpkg"))


def test_sheets_that_cannot_be_used_are_refused(
    refusal: Callable[..., str], rows: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = write(rows, tmp_path / "a.fgb")
    sheet = tmp_path / "i.xlsx"
    sheet.write_bytes(b"PK no sheet")
    assert "does not open as XLSX" in refusal(path, sheet)
    openpyxl.Workbook().save(sheet)
    assert "no sheet has the columns SEZ21_ID, P1, P14-P29" in refusal(path, sheet)
    write_indicators(sheet)
    assert "no sheet has the columns" in refusal(path, sheet)
    write_indicators(sheet, (1001, 10010000001, 5, *ages(1)))
    assert "none of its 1 sections is in a.fgb" in refusal(path, sheet)
    write_indicators(sheet, *[(15146, 151460000001, 5, *ages(1))] * 2)
    assert "stand there twice" in refusal(path, sheet)
