import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.schema.data_tables import Register
from psttm_geo.services.register_layouts import Layout, known_layouts
from psttm_geo.services.register_records import ServiceRegister
from psttm_geo.services.registers import pack_registers, read_packed, read_register
from psttm_geo.territory.gazetteer import Gazetteer
from psttm_geo.territory.snapshot import read_gazetteer

CATEGORIES = ("alimentari", "farmacia", "medico", "infanzia", "scuola", "superiori", "ospedale", "uffici", "sport")

PHARMACIES = ("CODICE_FARMACIA", "DESCRIZIONE_FARMACIA", "COMUNE", "CODICE_ISTAT", "LATITUDINE", "LONGITUDINE")

MAPPING = """
tabella = "{table}"
coordinate = "{crs}"
categoria = "sport"
[colonne]
nome = "nome"
codice = "id"
x = "x"
y = "y"
codice_istat = "istat"
comune = "comune"
"""

HEADER = ("id", "nome", "istat", "comune", "x", "y")

DUOMO = ("9.19", "45.464")

Reader = Callable[..., ServiceRegister]


@pytest.fixture(scope="session")
def layouts(register: Register) -> tuple[Layout, ...]:
    return known_layouts(register.tables["registers.csv"], register.tables["register_categories.csv"])


@pytest.fixture(scope="session")
def gazetteer(register: Register) -> Gazetteer:
    return read_gazetteer(register)


@pytest.fixture
def read(layouts: tuple[Layout, ...], gazetteer: Gazetteer) -> Reader:
    return lambda path: read_register(path, layouts, gazetteer, CATEGORIES)


def table(header: tuple[str, ...], *rows: tuple[object, ...], delimiter: str = ",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return buffer.getvalue()


@pytest.fixture
def office(read: Reader, tmp_path: Path) -> Reader:
    """Read an office's table of rows of HEADER through a mapping."""

    def office(*rows: tuple[object, ...], crs: str = GEOGRAPHIC) -> ServiceRegister:
        (tmp_path / "t.csv").write_text(table(HEADER, *rows), "utf-8")
        (tmp_path / "palestre.toml").write_text(MAPPING.format(table="t.csv", crs=crs), "utf-8")
        return read(tmp_path / "palestre.toml")

    return office


@pytest.fixture
def refusal(read: Reader) -> Callable[[Path], str]:
    def refusal(path: Path) -> str:
        with pytest.raises(TableError) as error:
            read(path)
        assert error.value.text.it != error.value.text.en
        return error.value.text.en

    return refusal


def issues(register: ServiceRegister) -> list[tuple[int, str, str]]:
    return list(register.issues.itertuples(index=False, name=None))


def places(register: ServiceRegister) -> list[tuple[float, float] | None]:
    """Give the points as longitude and latitude."""
    degrees = register.services.geometry.to_crs(GEOGRAPHIC)
    return [None if point is None else (round(point.x, 6), round(point.y, 6)) for point in degrees]


def test_the_region_s_pharmacies_are_read_as_published(read: Reader, tmp_path: Path) -> None:
    path = tmp_path / "whatever.csv"
    path.write_text(
        table(
            PHARMACIES,
            ("MI1", "COMUNALE SRL", "VANZAGO", "15.229", "45,507", "8,974"),
            ("SO1", "ALPINA", "VALDIDENTRO", "14.071", "46,487", "10,3"),
        )
    )
    found = read(path)
    assert found.identifier == "lombardia-pharmacies"
    assert (found.mode, found.covers) == ("replaces", None)
    assert found.services.drop(columns="geometry").to_numpy().tolist() == [
        [2, "", "farmacia", "MI1", "COMUNALE SRL", "015229"],
        [3, "", "farmacia", "SO1", "ALPINA", "014071"],
    ]
    assert places(found) == [(8.974, 45.507), (10.3, 46.487)]
    assert found.services.crs == METRIC
    assert found.source.title == "Elenco delle farmacie (whatever.csv)"
    assert (found.source.publisher, found.source.sha256) == ("Regione Lombardia", sha256_of(path))
    assert [notice.en for notice in found.notices] == [
        "Municipality codes written as numbers, brought to six characters: 2.",
        "Rows with decimal commas: 2.",
    ]
    assert found.issues.empty
    assert found.left_out.empty


def test_schools_are_told_apart_by_type_and_the_rest_is_left_out_with_a_reason(read: Reader, tmp_path: Path) -> None:
    header = ("DENOM_SEDE", "COD_MECCANOGRAFICO_SEDE", "MACROTIPOLOGIA_SEDE", "TIPO_SEDE", "COMUNE_SEDE")
    path = tmp_path / "s.csv"
    types = [
        ("Scuola dell'Infanzia", "Ordinaria"),
        ("Istituto Istruzione Primario", "Succursale"),
        ("Istituto Istruzione Primario", "Carceraria"),
        ("Ctp", "Ordinaria"),
        ("Universita'", "Ordinaria"),
        ("Universita'", "Ordinaria"),
    ]
    rows = [("S", f"MI{n}", *kind, "MILANO", "15146", "45,464", "9,19") for n, kind in enumerate(types)]
    path.write_text(table((*header, "COD_ISTAT_SEDE", "coorY", "coorX"), *rows))
    found = read(path)
    assert found.mode == "completes"
    assert found.services["category"].to_list() == ["infanzia", "scuola", None, None, None, None]
    assert found.left_out[["type", "reason_en", "rows"]].to_numpy().tolist() == [
        ["Istituto Istruzione Primario / Carceraria", "school in a prison: not open to those who live around it", 1],
        ["Ctp / Ordinaria", "adult education, no everyday service", 1],
        ["Universita' / Ordinaria", "type not foreseen: no category", 2],
    ]


def test_hospitals_call_their_latitude_x_and_name_a_town_only(read: Reader, tmp_path: Path) -> None:
    header = ("DESCRIZIONE STRUTTURA DI RICOVERO", "CODICE STRUTTURA DI RICOVERO", "LOCALITA")
    path = tmp_path / "h.csv"
    path.write_text(
        table(
            (*header, "COORDINATA GEOGRAFICA X", "COORDINATA GEOGRAFICA Y"),
            ("OSPEDALE UBOLDO", "030085-00", "CERNUSCO SUL NAVIGLIO", "45,523", "9,328"),
        )
    )
    found = read(path)
    assert found.services["municipality_code"].to_list() == ["015070"]
    assert found.services["category"].to_list() == ["ospedale"]
    assert places(found) == [(9.328, 45.523)]
    assert found.issues.empty, "the order of its columns is known: nothing is swapped"


@pytest.mark.parametrize("written", ["015146", "15146", "15.146", "15,146", "15146.0", " 15146 ", "15.1460000000"])
def test_a_municipality_code_is_read_in_every_form(office: Reader, written: str) -> None:
    assert office(("a", "A", written, "", *DUOMO)).services["municipality_code"].to_list() == ["015146"]


@pytest.mark.parametrize(("written", "code"), [("15.01", "015010"), ("15.2", "015200"), ("15.1100000000", "015110")])
def test_zeros_that_a_sheet_cut_off_are_put_back(office: Reader, written: str, code: str) -> None:
    assert office(("a", "A", written, "", *DUOMO)).services["municipality_code"].to_list() == [code]


def test_merged_municipalities_are_read_as_their_successor(office: Reader) -> None:
    found = office(("a", "A", "15235", "Vermezzo", *DUOMO), ("b", "B", "", "ZELO SURRIGONE", *DUOMO))
    assert found.services["municipality_code"].to_list() == ["015251", "015251"]
    assert "Rows with the code of a merged municipality, read with the new one (015235 → 015251): 1." in [
        notice.en for notice in found.notices
    ]
    assert found.issues.empty


@pytest.mark.parametrize(
    ("code", "name", "read_as"),
    [
        ("03015146", "", "015146"),
        ("F205", "", "015146"),
        ("c_f205", "", "015146"),
        ("'015146", "", "015146"),
        ('="015146"', "", "015146"),
        ("015146\N{ZERO WIDTH SPACE}", "", "015146"),
        ("Milano", "", "015146"),
        ("", "Milano (MI)", "015146"),
        ("", "Sesto S. Giovanni", "015209"),
        ("", "Locate Triulzi", "015125"),
        ("", "Mesate", "015136"),
        ("", "CASSANO DADDA", "015059"),
        ("", "F205", "015146"),
        ("", "Monza (MB)", "108033"),
        ("", "Monza (MI)", None),
        ("01015146", "", None),
        ("Z999", "", None),
        ("", "20121", None),
        ("", "Roma", "058091"),
        ("", "Castro (LE)", "075096"),
        ("999999", "Roma", "058091"),
    ],
)
def test_a_municipality_is_read_as_offices_write_it(office: Reader, code: str, name: str, read_as: str | None) -> None:
    found = office(("a", "A", code, name, *DUOMO))
    assert found.services["municipality_code"].to_list() == [read_as]
    numbered = code.isdecimal()
    kind = ("nobodys_code" if numbered else "unknown_municipality") if read_as is None else "code_from_name"
    assert [found_kind for _, found_kind, _ in issues(found)] == [kind] * (read_as is None or bool(numbered and name))


def test_names_and_codes_of_other_kinds_are_said_as_they_were_read(office: Reader) -> None:
    found = office(
        ("a", "A", "F205", "Milano (MI)", *DUOMO),
        ("b", "B", "03015118", "LEGNANO", *DUOMO),
        ("c", "C", "", "Sesto S. Giovanni", *DUOMO),
    )
    assert [notice.en for notice in found.notices] == [
        "Municipalities written by cadastral code, with their region or by name, read so: 2.",
        "Names of municipalities read: Milano (MI) → Milano, Sesto S. Giovanni → Sesto San Giovanni.",
    ]
    assert found.issues.empty


def test_titles_above_the_header_are_passed_over_and_rows_keep_their_number(read: Reader, tmp_path: Path) -> None:
    text = table(HEADER, ("a", "A", "15146", "", *DUOMO), ("b", "B", "??", "", *DUOMO), delimiter="|")
    (tmp_path / "t.csv").write_bytes(("Elenco delle palestre|||\n\n" + text).encode("utf-16"))
    (tmp_path / "m.toml").write_text(MAPPING.format(table="t.csv", crs=GEOGRAPHIC), "utf-8")
    found = read(tmp_path / "m.toml")
    assert found.services["row"].to_list() == [4, 5]
    assert issues(found) == [(5, "unknown_municipality", "??")]


def test_a_column_of_a_table_that_nobody_uses_may_stand_there_twice(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(table((*HEADER, "note", "note"), ("a", "A", "15146", "", *DUOMO, "x", "y")))
    (tmp_path / "m.toml").write_text(MAPPING.format(table="t.csv", crs=GEOGRAPHIC), "utf-8")
    assert read(tmp_path / "m.toml").services["name"].to_list() == ["A"]


def test_the_name_stands_in_for_a_code_that_cannot_be_read(office: Reader) -> None:
    found = office(
        ("a", "A", "MI", "Cassina de' Pecchi", *DUOMO),
        ("b", "B", "", "CASSINA DE PECCHI", *DUOMO),
        ("c", "C", "??", "Atlantide", *DUOMO),
        ("d", "D", "", "", *DUOMO),
        ("e", "E", "15118", "Milano", *DUOMO),
    )
    assert found.services["municipality_code"].to_list() == ["015060", "015060", None, None, "015118"]
    assert issues(found) == [
        (2, "code_from_name", "MI Cassina de' Pecchi"),
        (4, "unknown_municipality", "?? Atlantide"),
        (6, "name_differs", "15118 Milano"),
    ]


def test_a_code_that_no_place_around_has_gives_way_to_a_name_that_one_has(office: Reader) -> None:
    found = office(("a", "A", "15088", "CORNATE D'ADDA", *DUOMO), ("b", "B", "17029", "BRESCIA", *DUOMO))
    assert found.services["municipality_code"].to_list() == ["108053", "017029"]
    assert issues(found) == [(2, "code_from_name", "15088 CORNATE D'ADDA")]


@pytest.mark.parametrize("code", ["99999", "099999", "999999", "151460", "15999", "015999", "15.999", "015000"])
def test_a_code_that_nobody_has_is_no_municipality_and_is_listed(office: Reader, code: str) -> None:
    found = office(("a", "A", code, "", *DUOMO), ("b", "B", code, "Milano", *DUOMO), ("c", "C", code, "", "", ""))
    assert found.services["municipality_code"].to_list() == [None, "015146", None]
    assert issues(found) == [
        (2, "nobodys_code", code),
        (3, "code_from_name", f"{code} Milano"),
        (4, "nobodys_code", code),
    ]
    assert found.notices == ()


def test_a_number_and_a_text_are_the_same_code(read: Reader, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(HEADER))
    for code in (15999, "015999", 15146, "015146", 151460, "151460"):
        book.active.append(["a", "A", code, "", 9.19, 45.464])
    book.save(tmp_path / "t.xlsx")
    (tmp_path / "m.toml").write_text(MAPPING.format(table="t.xlsx", crs=GEOGRAPHIC), "utf-8")
    found = read(tmp_path / "m.toml")
    assert found.services["municipality_code"].to_list() == [None, None, "015146", "015146", None, None]
    assert [(row, kind) for row, kind, _ in issues(found)] == [(row, "nobodys_code") for row in (2, 3, 6, 7)]


def test_swapped_coordinates_are_put_in_order_and_listed(office: Reader) -> None:
    found = office(("a", "A", "", "", *DUOMO), ("b", "B", "", "", *reversed(DUOMO)))
    assert places(found) == [(9.19, 45.464)] * 2
    assert issues(found) == [(3, "swapped", "45.464 9.19")]


def test_metres_are_read_with_thousands_and_swapped_too(office: Reader) -> None:
    found = office(
        ("a", "A", "", "", "514000,5", "5034000"),
        ("b", "B", "", "", "514.000,5", "5.034.000,0"),
        ("c", "C", "", "", "5034000", "514000.5"),
        crs=METRIC,
    )
    assert [(point.x, point.y) for point in found.services.geometry] == [(514000.5, 5034000)] * 3
    assert issues(found) == [(4, "swapped", "5034000 514000.5")]


@pytest.mark.parametrize(
    "pair", [("", "45.4"), ("0", "0"), ("9.19", "x"), ("9.190.123", "45.4"), ("190", "95"), ("2", "48.8")]
)
def test_coordinates_that_cannot_be_are_listed_as_no_point(office: Reader, pair: tuple[str, str]) -> None:
    found = office(("a", "A", "", "", *DUOMO), ("b", "B", "", "", *pair))
    assert places(found) == [(9.19, 45.464), None]
    assert issues(found) == [(3, "unreadable_point", " ".join(pair))]


def test_a_row_without_coordinates_has_no_point_and_is_no_issue(office: Reader) -> None:
    found = office(("a", "A", "15146", "", "", ""))
    assert places(found) == [None]
    assert found.issues.empty


def test_coordinates_in_another_system_are_refused(office: Reader) -> None:
    with pytest.raises(TableError) as error:
        office(("a", "A", "", "", "514000", "5034000"))
    assert "no coordinates lie in Italy (for example 514000 5034000); correct the CRS" in error.value.text.en


def test_a_sheet_keeps_every_decimal_of_its_coordinates(read: Reader, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(HEADER))
    book.active.append(["a", "A", 15.01, "", 9.1234567, 45.7654321])
    book.save(tmp_path / "t.xlsx")
    (tmp_path / "m.toml").write_text(MAPPING.format(table="t.xlsx", crs=GEOGRAPHIC), "utf-8")
    found = read(tmp_path / "m.toml")
    assert places(found) == [(9.123457, 45.765432)]
    assert found.services["municipality_code"].to_list() == ["015010"]


@pytest.mark.parametrize("name", ["t.gpkg", "t.geojson", "t.fgb"])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_vector_file_gives_its_own_points(read: Reader, tmp_path: Path, name: str, *, swapped: bool) -> None:
    point = shapely.Point(45.464, 9.19) if swapped else shapely.Point(9.19, 45.464)
    area = shapely.box(9.1, 45.4, 9.2, 45.5)
    features = gpd.GeoDataFrame(
        {"NOME": ["A", "B", None], "ID": [1, 2, 3], "ISTAT": [15146.0, 15118.0, None], "COMUNE": ["", "", ""]},
        geometry=[point, area, None],
        crs=GEOGRAPHIC,
    )
    pyogrio.write_dataframe(features, tmp_path / name, **({"SPATIAL_INDEX": "NO"} if name == "t.fgb" else {}))
    mapping = MAPPING.format(table=name, crs="").replace('x = "x"\ny = "y"\n', "")
    (tmp_path / "m.toml").write_text(mapping, "utf-8")
    found = read(tmp_path / "m.toml")
    assert places(found)[0] == (9.19, 45.464)
    assert area.covers(shapely.Point(places(found)[1]))
    assert "Areas in place of points, of which a point inside holds: 1 (row 2)." in [said.en for said in found.notices]
    assert places(found)[2] is None
    assert found.services["municipality_code"].to_list() == ["015146", "015118", None]
    assert found.services[["row", "code", "name"]].to_numpy().tolist() == [[1, "1", "A"], [2, "2", "B"], [3, "3", ""]]
    assert [kind for _, kind, _ in issues(found)] == ["swapped"] * swapped


UNLOCATED = MAPPING.replace('x = "x"\ny = "y"\n', "")


def located(points: list[shapely.Point | None]) -> gpd.GeoDataFrame:
    """Give places of Milano with the columns of the mapping that has no coordinates."""
    count = len(points)
    cells = {"nome": [f"N{number}" for number in range(count)], "id": [str(number) for number in range(count)]}
    return gpd.GeoDataFrame(
        {**cells, "istat": ["015146"] * count, "comune": ["Milano"] * count}, geometry=points, crs=GEOGRAPHIC
    )


@pytest.mark.parametrize("name", ["t.shp", "t.kml", "t.zip"])
def test_shapefiles_their_zips_and_kml_are_registers_and_are_packed_whole(
    layouts: tuple[Layout, ...], gazetteer: Gazetteer, read: Reader, tmp_path: Path, name: str
) -> None:
    rows = located([shapely.Point(9.19, 45.464), shapely.Point(9.2, 45.47)])
    if name == "t.zip":
        pyogrio.write_dataframe(rows, tmp_path / "s.shp")
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for part in tmp_path.glob("s.*"):
                archive.write(part, f"dati/{part.name}")
    else:
        pyogrio.write_dataframe(rows, tmp_path / name, **({"driver": "LIBKML"} if name == "t.kml" else {}))
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table=name, crs=""), "utf-8")
    assert places(read(tmp_path / "m.toml")) == [(9.19, 45.464), (9.2, 45.47)]
    pack_registers(tmp_path / "packed.zip", [tmp_path / "m.toml"], gazetteer, CATEGORIES)
    (again,) = read_packed(tmp_path / "packed.zip", layouts, gazetteer, CATEGORIES)
    assert places(again) == [(9.19, 45.464), (9.2, 45.47)]


def test_features_without_coordinates_have_no_point_and_the_rest_is_kept(read: Reader, tmp_path: Path) -> None:
    rows = located([shapely.Point(), shapely.Point(9.19, 45.464, 120), None])
    pyogrio.write_dataframe(rows, tmp_path / "t.gpkg", geometry_type="Point Z")
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table="t.gpkg", crs=""), "utf-8")
    found = read(tmp_path / "m.toml")
    assert places(found) == [None, (9.19, 45.464), None]
    assert found.issues.empty


@pytest.mark.parametrize("name", ["t.geojson", "t.gpkg"])
def test_several_points_and_lines_are_no_point_and_are_listed(read: Reader, tmp_path: Path, name: str) -> None:
    here, there = (9.19, 45.464), (9.2, 45.47)
    shapes = [
        shapely.MultiPoint([here]),
        shapely.MultiPoint([here, here]),
        shapely.MultiPoint([here, there]),
        shapely.LineString([here, there]),
        shapely.GeometryCollection([shapely.Point(here), shapely.Point(there)]),
        shapely.Point(here),
    ]
    pyogrio.write_dataframe(located(shapes), tmp_path / name, geometry_type="Unknown")
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table=name, crs=""), "utf-8")
    found = read(tmp_path / "m.toml")
    assert places(found) == [here, here, None, None, None, here]
    assert issues(found) == [
        (3, "not_a_point", "MultiPoint"),
        (4, "not_a_point", "LineString"),
        (5, "not_a_point", "GeometryCollection"),
    ]
    assert found.notices == ()


def test_a_point_of_kml_without_coordinates_is_none(read: Reader, tmp_path: Path) -> None:
    points = ("9.19,45.464", "", "x")
    marks = "".join(
        f"<Placemark><name>{number}</name><ExtendedData><Data name='nome'><value>N</value></Data></ExtendedData>"
        f"<Point><coordinates>{point}</coordinates></Point></Placemark>"
        for number, point in enumerate(points)
    )
    kml = f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document><Folder>{marks}</Folder></Document></kml>"
    (tmp_path / "t.kml").write_text(kml, "utf-8")
    (tmp_path / "m.toml").write_text('tabella = "t.kml"\ncategoria = "sport"\n[colonne]\nnome = "nome"\n', "utf-8")
    found = read(tmp_path / "m.toml")
    assert places(found) == [(9.19, 45.464), None, None]
    assert found.issues.empty


def test_the_mapping_says_the_system_that_a_shapefile_does_not_declare(
    read: Reader, refusal: Callable[[Path], str], tmp_path: Path
) -> None:
    pyogrio.write_dataframe(located([shapely.Point(9.19, 45.464)]).to_crs(METRIC), tmp_path / "t.shp")
    (tmp_path / "t.prj").unlink()
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table="t.shp", crs=METRIC), "utf-8")
    found = read(tmp_path / "m.toml")
    assert places(found) == [(9.19, 45.464)]
    assert [said.en for said in found.notices] == [
        "t.shp does not declare its CRS: the one of the mapping holds, EPSG:32632."
    ]
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table="t.shp", crs=""), "utf-8")
    assert "t.shp: does not declare its CRS" in refusal(tmp_path / "m.toml")
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table="t.shp", crs=GEOGRAPHIC), "utf-8")
    assert "no coordinates lie in Italy" in refusal(tmp_path / "m.toml")


def test_several_layers_that_fit_are_refused(refusal: Callable[[Path], str], tmp_path: Path) -> None:
    for layer in ("uno", "due"):
        pyogrio.write_dataframe(
            located([shapely.Point(9.19, 45.464)]), tmp_path / "t.gpkg", layer=layer, append=layer == "due"
        )
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table="t.gpkg", crs=""), "utf-8")
    assert "t.gpkg: holds 2 layers that may serve (uno, due)" in refusal(tmp_path / "m.toml")


def test_a_column_that_is_used_and_stands_there_twice_is_refused_and_no_other(
    read: Reader, refusal: Callable[[Path], str], tmp_path: Path
) -> None:
    cells = {"nome": "A", "id": "1", "istat": "015146", "comune": "Milano", "via": "a", "Via": "b"}
    (tmp_path / "m.toml").write_text(UNLOCATED.format(table="t.geojson", crs=""), "utf-8")

    def write(properties: dict[str, str]) -> None:
        point = {"type": "Point", "coordinates": [9.19, 45.464]}
        feature = {"type": "Feature", "properties": properties, "geometry": point}
        (tmp_path / "t.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))

    write(cells)
    assert read(tmp_path / "m.toml").services["name"].to_list() == ["A"]
    write({**cells, "Nome": "B"})
    assert "columns nome stand there more than once" in refusal(tmp_path / "m.toml")


def test_formulas_are_no_names_and_no_codes_and_are_listed(office: Reader) -> None:
    found = office(
        ("=ROW()", '=HYPERLINK("https://example.org","A")', "15146", "", *DUOMO),
        ("=ROW()", '="B"', "15146", "", *DUOMO),
        ("c", "=> C", "15146", "", *DUOMO),
        ("d", "#N/D", "15146", "", *DUOMO),
        ("e", "#RIF!", "15146", "", *DUOMO),
    )
    assert found.services["name"].to_list() == ["", "B", "=> C", "", ""]
    assert found.services["code"].to_list() == ["", "", "c", "d", "e"]
    assert issues(found) == [
        (2, "formula", "=ROW()"),
        (2, "formula", '=HYPERLINK("https://example.org","A")'),
        (3, "formula", "=ROW()"),
        (5, "formula", "#N/D"),
        (6, "formula", "#RIF!"),
    ]


def test_rows_of_a_mapping_that_no_type_fits_are_named(read: Reader, tmp_path: Path) -> None:
    header = ("nome", "tipo", "x", "y")
    (tmp_path / "t.csv").write_text(table(header, ("A", "Palestra", *DUOMO), ("B", "Liceo", *DUOMO)), "utf-8")
    (tmp_path / "m.toml").write_text(
        'tabella = "t.csv"\ncoordinate = "EPSG:4326"\n[colonne]\nnome = "nome"\ntipo = "tipo"\nx = "x"\ny = "y"\n'
        '[categorie]\n"palestra*" = "sport"\n"Palestra" = "medico"\n"Piscina" = "sport"\n"Liceo" = ""\n"*" = ""\n',
        "utf-8",
    )
    found = read(tmp_path / "m.toml")
    assert found.services["category"].to_list() == ["sport", None]
    assert [said.en for said in found.notices] == [
        "[categorie]: no type of the table fits “Palestra”, “Piscina”; check how they are written."
    ]


def test_the_layer_that_fits_is_read_among_others(read: Reader, tmp_path: Path) -> None:
    point = [shapely.Point(9.19, 45.464)]
    pyogrio.write_dataframe(gpd.GeoDataFrame({"a": [1]}, geometry=point, crs=GEOGRAPHIC), tmp_path / "t.gpkg")
    fitting = gpd.GeoDataFrame({"descrizione_farmacia": ["A"], "codice_farmacia": ["1"], "codice_istat": ["15.146"]})
    pyogrio.write_dataframe(
        fitting.assign(comune="MILANO").set_geometry(point, crs=GEOGRAPHIC),
        tmp_path / "t.gpkg",
        layer="farmacie",
        append=True,
    )
    assert read(tmp_path / "t.gpkg").services["name"].to_list() == ["A"]


def test_unknown_columns_lead_to_the_template(refusal: Callable[[Path], str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Name,Address,City\na,b,c\n")
    said = refusal(tmp_path / "t.csv")
    assert "its columns (name, address, city) are of no known register" in said
    assert "psttm-geo template register" in said


def test_columns_that_the_mapping_names_must_be_there(refusal: Callable[[Path], str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("nome,x\na,1\n")
    (tmp_path / "m.toml").write_text(MAPPING.format(table="t.csv", crs=GEOGRAPHIC), "utf-8")
    said = refusal(tmp_path / "m.toml")
    assert "t.csv, line 1: columns id, y, istat, comune that the mapping names are missing (found: nome, x)" in said


def test_a_table_without_geometry_needs_columns_of_coordinates(refusal: Callable[[Path], str], tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(table(HEADER, ("a", "A", "", "", *DUOMO)))
    mapping = MAPPING.format(table="t.csv", crs="").replace('x = "x"\ny = "y"\n', "")
    (tmp_path / "m.toml").write_text(mapping, "utf-8")
    assert "has no geometry and the mapping names no x and y" in refusal(tmp_path / "m.toml")


@pytest.mark.parametrize("name", ["t.csv", "t.gpkg", "t.toml"])
def test_a_file_that_does_not_exist_is_named(read: Reader, tmp_path: Path, name: str) -> None:
    with pytest.raises(InputMissingError, match=name):
        read(tmp_path / name)


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.gpkg", "t.geojson", "t.fgb"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x00\xff" * 50], ids=["empty", "zip", "bytes"])
def test_what_is_no_register_is_refused(
    refusal: Callable[[Path], str], tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert name in refusal(tmp_path / name)


def test_an_empty_layer_and_one_without_crs_are_refused(refusal: Callable[[Path], str], tmp_path: Path) -> None:
    empty = gpd.GeoDataFrame({"a": []}, geometry=[], crs=GEOGRAPHIC)
    pyogrio.write_dataframe(empty, tmp_path / "e.gpkg", geometry_type="Point")
    assert "holds no feature" in refusal(tmp_path / "e.gpkg")
    nowhere = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(9, 45)])
    with pytest.warns(UserWarning, match="crs"):
        pyogrio.write_dataframe(nowhere, tmp_path / "n.fgb")
    assert "does not declare its CRS" in refusal(tmp_path / "n.fgb")


def test_packed_registers_are_read_back_in_their_order(
    layouts: tuple[Layout, ...], gazetteer: Gazetteer, office: Reader, tmp_path: Path
) -> None:
    office(("a", "A", "15146", "", *DUOMO))
    pharmacies = tmp_path / "t2.csv"
    pharmacies.write_text(table(PHARMACIES, ("MI1", "B", "VANZAGO", "15.229", "45,507", "8,974")))
    files = [tmp_path / "palestre.toml", pharmacies]
    packed = [tmp_path / "1.zip", tmp_path / "2.zip"]
    for path in packed:
        pack_registers(path, files, gazetteer, CATEGORIES)
    assert packed[0].read_bytes() == packed[1].read_bytes()
    found = read_packed(packed[0], layouts, gazetteer, CATEGORIES)
    assert [register.services["name"].to_list() for register in found] == [["A"], ["B"]]
    assert found[0].source.title == "palestre (t.csv)"
    (tmp_path / "3.zip").write_bytes(packed[0].read_bytes()[:50])
    with pytest.raises(TableError, match="è danneggiato"):
        read_packed(tmp_path / "3.zip", layouts, gazetteer, CATEGORIES)
