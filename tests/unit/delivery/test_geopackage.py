import contextlib
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import BoundaryFileError, InputMissingError, LayerContractError, OutputError
from psttm_geo.delivery.formats import csv_text
from psttm_geo.delivery.geopackage import read_geopackage, write_geopackage
from psttm_geo.jobs.deliveries import describe
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.plan.statements import STATEMENTS
from psttm_geo.schema.columns import COLUMNS
from psttm_geo.schema.data_tables import Register
from psttm_geo.schema.layers import LAYERS

COUNTS = {
    "comuni": 133,
    "zone_omogenee": 8,
    "unioni_comuni": 5,
    "citta_metropolitana": 1,
    "appartenenze": 266,
    "obiettivi": 150,
    "obiettivi_comuni": 150 * 133,
    "obiettivi_conteggi": (2 * (133 + 8) + 5) * 6,
    "driver": 20,
    "driver_comuni": 20 * 133,
    "driver_zone": 20 * 8,
    "driver_unioni": 10 * 5,
    "missioni": 12,
    "temi_missioni": 74,
    "parole_chiave": 10,
    "visione": 60,
    "dimensioni": 3,
    "attori": 41,
    "obiettivi_attori": 182,
    "legami_obiettivi": 81,
    "strumenti": 46,
    "obiettivi_strumenti": 31,
    "atti_del_piano": 15,
    "fasi_del_processo": 7,
    "organismi": 18,
    "supporto_ai_comuni": 18,
    "risultati": 20,
    "partenariati": 11,
    "driver_missioni": 38,
    "driver_obiettivi": 111,
}

EVERYBODY = 3_219_391

MAPPED = ("servizi", "servizi_confronto", "confini_confronto")
"""What a build holds of OpenStreetMap and of registers of services."""

WALKED = ("accessibilita", "indicatori", "carenze", "completezza", "bacini", "isocrone", "scenario", "siti")
"""How the layers begin that `psttm-geo access`, `isochrone` and `what-if` compute."""

AGENDA = "agenda_2030"
"""What it holds of projects of the recovery plan beside a mapping to the 2030 Agenda."""

REGISTERED = (*MAPPED, AGENDA, *MONITORING)

EMBEDDED = [name for name in LAYERS if name not in REGISTERED and not name.startswith(("progetti", *WALKED))]
"""What it holds with an empty workspace."""

WITH_PROJECTS = [name for name in LAYERS if name not in REGISTERED and not name.startswith(WALKED)]
"""What it holds with a register of projects."""

SPATIAL = [name for name in EMBEDDED if LAYERS[name].spatial]

SYSTEM_PYTHON = "/usr/bin/python3"


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def layers(built: Path) -> dict[str, pd.DataFrame]:
    return read_geopackage(built)


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_every_layer_has_its_rows(layers: dict[str, pd.DataFrame], name: str, count: int) -> None:
    assert len(layers[name]) == count
    assert not layers[name].duplicated([COLUMNS[column].field for column in LAYERS[name].key]).any()


@pytest.mark.parametrize("layer", [LAYERS[name] for name in WITH_PROJECTS], ids=WITH_PROJECTS)
def test_every_layer_has_the_columns_of_its_contract(built_with_projects: Path, layer: object) -> None:
    present = [row[1] for row in ask(built_with_projects, f"PRAGMA table_info({layer.name})")]
    geometry = ["geom"] if layer.spatial else []
    assert present == ["fid", *geometry, *(COLUMNS[name].field for name in layer.columns)]


@pytest.mark.parametrize("name", ["comuni", "zone_omogenee", "citta_metropolitana"])
def test_every_partition_of_the_territory_has_the_same_totals(layers: dict[str, pd.DataFrame], name: str) -> None:
    layer = layers[name]
    assert layer["residenti"].sum() == EVERYBODY
    assert layer["residenti_maschi"].sum() + layer["residenti_femmine"].sum() == EVERYBODY
    bands = ["residenti_0_14", "residenti_15_64", "residenti_65_74", "residenti_75_piu"]
    assert layer[bands].to_numpy().sum() == EVERYBODY
    assert (layer[bands].sum(axis=1) == layer["residenti"]).all()
    assert layer["area_km2"].sum() == pytest.approx(1575.03, abs=0.005)
    assert layer.area.sum() / 1e6 == pytest.approx(layer["area_km2"].sum(), abs=0.001)
    assert set(layer["residenti_al"]) == {"2023-01-01"}


def test_densities_are_residents_by_area(layers: dict[str, pd.DataFrame]) -> None:
    for name in ("comuni", "zone_omogenee", "unioni_comuni", "citta_metropolitana"):
        expected = layers[name]["residenti"] / layers[name]["area_km2"]
        assert layers[name]["densita_ab_km2"].to_list() == pytest.approx(expected.to_list(), abs=0.06)


def test_zones_count_their_municipalities(layers: dict[str, pd.DataFrame]) -> None:
    counted = layers["comuni"]["zona"].value_counts()
    zones = layers["zone_omogenee"].set_index("zona")
    assert zones["n_comuni"].to_dict() == counted.to_dict()
    assert zones["n_comuni"].sum() == 133
    assert zones.loc["Milano", "n_comuni"] == 1


@pytest.mark.parametrize("name", ["comuni", "zone_omogenee"])
def test_outlines_are_valid_without_gaps_or_overlaps(layers: dict[str, pd.DataFrame], name: str) -> None:
    shapes = layers[name].geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)


def test_the_territory_has_two_parts_and_no_hole(layers: dict[str, pd.DataFrame]) -> None:
    (whole,) = layers["citta_metropolitana"].geometry
    assert shapely.get_num_geometries(whole) == 2
    assert shapely.get_num_interior_rings(shapely.get_parts(whole)).tolist() == [0, 0]
    union = layers["comuni"].union_all(method="coverage")
    assert shapely.equals(shapely.normalize(union), shapely.normalize(whole))
    exclave = min(shapely.get_parts(whole), key=shapely.area)
    (san_colombano,) = layers["comuni"].loc[layers["comuni"]["comune"] == "San Colombano al Lambro"].geometry
    assert exclave.equals(san_colombano)


def test_the_zone_with_the_exclave_keeps_both_its_parts(layers: dict[str, pd.DataFrame]) -> None:
    parts = layers["zone_omogenee"].set_index("zona").geometry.apply(shapely.get_num_geometries)
    assert parts["Sud Est"] == 2


def test_memberships_give_every_municipality_once_in_every_edition(layers: dict[str, pd.DataFrame]) -> None:
    table = layers["appartenenze"]
    assert table.groupby("edizione").size().to_dict() == {"2022-2024": 133, "2025-2027": 133}
    assert table.groupby("edizione")["unione"].count().to_dict() == {"2022-2024": 6, "2025-2027": 14}
    unions = table.dropna().groupby(["edizione", "unione"]).size()
    assert unions.to_dict() == layers["unioni_comuni"].set_index(["edizione", "unione"])["n_comuni"].to_dict()


def documents_of(register: Register, table: pd.DataFrame) -> set[str]:
    """Give the documents that a table has passages of; the plan's own two where it has none."""
    plans = set(register.tables["editions.csv"]["source"])
    return set(table["documento"]) if "documento" in table.columns else plans


def test_sources_are_named_for_every_layer(layers: dict[str, pd.DataFrame], register: Register) -> None:
    sources = layers["fonti"]
    facts = sources["fonte"].str.endswith("fatto pubblico")
    counts = dict.fromkeys(EMBEDDED, 4) | {"citta_metropolitana": 2, "appartenenze": 2, "driver": 2}
    counts |= {name: len(documents_of(register, layers[name])) for name in STATEMENTS}
    del counts["fonti"]
    assert sources[~facts].groupby("layer").size().to_dict() == counts
    lists = register.tables["scope_lists.csv"]
    listed = lists[["source", "address"]].drop_duplicates()
    where = lists.loc[lists["list"].isin(["navigli", "idroscalo"]), ["source", "address"]].drop_duplicates()
    scoped = {"obiettivi", "obiettivi_conteggi", "driver_comuni", "driver_zone", "driver_unioni"}
    named = dict.fromkeys(scoped, len(where)) | {"obiettivi_comuni": len(listed)}
    assert sources[facts].groupby("layer").size().to_dict() == named
    assert set(sources[facts]["indirizzo"]) == set(listed["address"])
    assert sources[["licenza", "attribuzione"]].map(bool).all(axis=None)
    undated = sources[~facts & (sources["data"] == "")]
    assert set(undated["fonte"].str.split(",").str[0]) == {"Indirizzi di policy del Piano strategico per temi"}
    assert set(sources[~facts]["sha256"]) <= set(register.tables["sources.csv"]["sha256"])
    istat = sources[sources["fonte"].str.endswith("ISTAT")]
    assert set(istat["licenza"]) == {"CC BY 4.0"}
    assert set(istat["data"]) == {"2023-01-01"}


def test_the_file_is_a_geopackage_of_version_13(built: Path) -> None:
    assert ask(built, "PRAGMA application_id") == [(0x47504B47,)]
    assert ask(built, "PRAGMA user_version") == [(10300,)]
    assert ask(built, "PRAGMA integrity_check") == [("ok",)]


def test_layers_are_metric_multipolygons_called_geom(built: Path) -> None:
    rows = ask(built, "SELECT table_name, column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns")
    assert sorted(rows) == sorted((name, "geom", "MULTIPOLYGON", 32632) for name in SPATIAL)
    for name in SPATIAL:
        info = pyogrio.read_info(built, layer=name)
        assert (info["crs"], info["fid_column"], info["geometry_name"]) == (METRIC, "fid", "geom")


def test_services_are_points_and_the_comparison_of_boundaries_are_multipolygons(built_with_map: Path) -> None:
    rows = ask(built_with_map, "SELECT table_name, geometry_type_name, srs_id FROM gpkg_geometry_columns")
    types = {name: (kind, srs) for name, kind, srs in rows}
    assert types.pop("servizi") == ("POINT", 32632)
    assert types == dict.fromkeys([*(name for name in SPATIAL), "confini_confronto"], ("MULTIPOLYGON", 32632))
    tables = {row[0] for row in ask(built_with_map, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"rtree_servizi_geom", "rtree_confini_confronto_geom", "servizi_confronto"} <= tables
    services = read_geopackage(built_with_map, ["servizi"])["servizi"]
    assert set(services.geom_type) == {"Point"}
    assert pyogrio.read_info(built_with_map, layer="servizi")["geometry_name"] == "geom"


@pytest.mark.parametrize("layer", [LAYERS[name] for name in MAPPED], ids=MAPPED)
def test_layers_of_the_map_have_the_columns_of_their_contract(built_with_map: Path, layer: object) -> None:
    present = [row[1] for row in ask(built_with_map, f"PRAGMA table_info({layer.name})")]
    geometry = ["geom"] if layer.spatial else []
    assert present == ["fid", *geometry, *(COLUMNS[name].field for name in layer.columns)]


def test_spatial_indexes_are_there(built: Path) -> None:
    tables = {row[0] for row in ask(built, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {f"rtree_{name}_geom" for name in SPATIAL} <= tables


def test_layers_and_columns_carry_titles_and_descriptions(built: Path) -> None:
    contents = ask(built, "SELECT table_name, identifier, description, data_type FROM gpkg_contents")
    assert sorted(contents) == sorted(
        [
            ("layer_styles", "layer_styles", "Stili dei layer per QGIS.", "attributes"),
            *(
                (layer.name, layer.title.it, layer.abstract.it, "features" if layer.spatial else "attributes")
                for layer in map(LAYERS.get, EMBEDDED)
            ),
        ]
    )
    columns = ask(built, "SELECT table_name, column_name, title, description FROM gpkg_data_columns")
    assert sorted(columns) == sorted(
        (layer.name, COLUMNS[name].field, COLUMNS[name].title.it, COLUMNS[name].description.it)
        for layer in map(LAYERS.get, EMBEDDED)
        for name in layer.columns
    )


def test_the_dates_inside_are_those_of_the_latest_source_of_each_layer(built: Path) -> None:
    days = {name: instant[:10] for name, instant in ask(built, "SELECT table_name, last_change FROM gpkg_contents")}
    older = {name: days.pop(name) for name in ("citta_metropolitana", "dimensioni")}
    assert older["citta_metropolitana"] == "2023-01-01", "it rests on boundaries and residents alone"
    assert older["dimensioni"] == "2022-10-18", "only the slides have them"
    assert set(days.values()) == {"2025-05-29"}
    told = ask(built, "SELECT table_name, timestamp FROM gpkg_metadata_reference WHERE reference_scope = 'table'")
    assert {name: instant[:10] for name, instant in told}.items() <= {**days, **older}.items()


def test_the_same_input_gives_the_same_bytes_everywhere(
    built: Path, run_apart: Callable[..., object], tmp_path: Path
) -> None:
    for number, environment in enumerate(
        ({"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"}, {"TZ": "America/Lima", "PYTHONHASHSEED": "2", "LC_ALL": "C"})
    ):
        other = tmp_path / f"another folder {number}" / built.name
        other.parent.mkdir()
        outcome = run_apart("build", "-o", other, **environment)
        assert (outcome.code, outcome.err) == (0, "")
        assert other.read_bytes() == built.read_bytes()


def test_the_same_map_and_registers_give_the_same_bytes(
    built_with_map: Path, map_workspace: Path, run_apart: Callable[..., object], tmp_path: Path
) -> None:
    other = tmp_path / built_with_map.name
    environment = {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "3", "PSTTM_WORKSPACE": str(map_workspace)}
    assert run_apart("--quiet", "build", "-o", other, **environment).code == 0
    assert other.read_bytes() == built_with_map.read_bytes()


def test_every_layer_has_one_default_style_as_qgis_finds_it(built: Path) -> None:
    rows = ask(built, "SELECT f_table_catalog, f_table_schema, f_table_name, f_geometry_column FROM layer_styles")
    assert rows == [("", "", name, "geom" if LAYERS[name].spatial else "") for name in EMBEDDED]
    assert ask(built, "SELECT DISTINCT useAsDefault, substr(update_time, 1, 10) FROM layer_styles") == [
        (1, "2025-05-29")
    ]


def test_every_layer_has_metadata_below_those_of_the_file(built: Path) -> None:
    rows = ask(
        built,
        "SELECT reference_scope, table_name, md_scope, mime_type, md_parent_id, substr(timestamp, 1, 10) "
        "FROM gpkg_metadata JOIN gpkg_metadata_reference ON id = md_file_id ORDER BY id",
    )
    date, older = "2025-05-29", {"citta_metropolitana": "2023-01-01", "dimensioni": "2022-10-18"}
    assert rows[0] == ("geopackage", None, "series", "text/xml", None, date)
    assert rows[-1] == ("geopackage", None, "dataset", "application/ld+json", None, date)
    kinds = {name: "dataset" if LAYERS[name].spatial else "nonGeographicDataset" for name in EMBEDDED}
    assert rows[1:-1] == [("table", name, kinds[name], "text/xml", 1, older.get(name, date)) for name in EMBEDDED]


def test_codes_are_constraints_that_their_columns_name(built: Path) -> None:
    named = ask(built, "SELECT DISTINCT constraint_name FROM gpkg_data_columns WHERE constraint_name NOT NULL")
    known = {row[0] for row in ask(built, "SELECT DISTINCT constraint_name FROM gpkg_data_column_constraints")}
    assert {name for (name,) in named} == known
    values = ask(
        built,
        "SELECT value, description FROM gpkg_data_column_constraints WHERE constraint_name = 'si_applica' "
        "AND constraint_type = 'enum' ORDER BY value",
    )
    assert values == [("no", "non si applica"), ("non_noto", "non noto"), ("si", "si applica")]


def test_extensions_are_registered_once(built: Path) -> None:
    rows = ask(built, "SELECT table_name, column_name, extension_name FROM gpkg_extensions")
    assert len(set(rows)) == len(rows)
    assert {name for *_, name in rows} == {"gpkg_rtree_index", "gpkg_schema", "gpkg_metadata"}


@pytest.mark.parametrize("build", ["built", "built_with_map", "built_complete"])
def test_the_validator_of_gdal_finds_nothing(
    build: str, request: pytest.FixtureRequest, absent: Callable[[str], None]
) -> None:
    known = (
        Path(SYSTEM_PYTHON).exists()
        and not subprocess.run(
            [SYSTEM_PYTHON, "-c", "import osgeo_utils.samples.validate_gpkg"], capture_output=True, check=False
        ).returncode
    )
    if not known:
        absent(f"{SYSTEM_PYTHON} has no osgeo_utils (Debian: python3-gdal)")
    done = subprocess.run(
        [SYSTEM_PYTHON, "-m", "osgeo_utils.samples.validate_gpkg", request.getfixturevalue(build)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rror" not in done.stdout + done.stderr


def test_layers_are_written_in_the_order_of_the_contract_whatever_the_order_given(
    territory: jobs.Territory, built: Path, tmp_path: Path
) -> None:
    layers = dict(reversed(jobs.territory_layers(territory).items()))
    path = tmp_path / "reversed" / built.name
    path.parent.mkdir()
    write_geopackage(path, layers, date="2025-05-29", delivery=describe(territory, layers))
    assert path.read_bytes() == built.read_bytes()


def test_a_table_that_breaks_its_contract_leaves_no_file(territory: jobs.Territory, tmp_path: Path) -> None:
    layers = jobs.territory_layers(territory)
    layers["appartenenze"] = layers["appartenenze"].drop(columns="zone")
    with pytest.raises(LayerContractError):
        write_geopackage(tmp_path / "half.gpkg", layers, date="2025-05-29")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_an_error_of_the_output(territory: jobs.Territory, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        jobs.write_territory(tmp_path / "none" / "psttm.gpkg", territory)


def test_a_file_that_does_not_exist_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError):
        read_geopackage(tmp_path / "none.gpkg")


def not_a_database(_: Path, path: Path) -> None:
    path.write_text("a text")


def other_database(_: Path, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE anything (x)")


def other_geopackage(_: Path, path: Path) -> None:
    points = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=METRIC)
    pyogrio.write_dataframe(points, path, layer="streets", driver="GPKG")


def cut_in_half(built: Path, path: Path) -> None:
    content = built.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def cut_to_the_header(built: Path, path: Path) -> None:
    path.write_bytes(built.read_bytes()[:100])


@pytest.mark.parametrize(
    "make", [not_a_database, other_database, other_geopackage, cut_in_half, cut_to_the_header], ids=lambda f: f.__name__
)
def test_what_is_no_build_is_refused_in_one_sentence(
    built: Path, make: Callable[[Path, Path], None], run: Callable[..., object], tmp_path: Path
) -> None:
    path = tmp_path / "file.gpkg"
    make(built, path)
    outcome = run("export", path, "-o", tmp_path / "out", "--format", "csv")
    assert outcome.code == 2
    assert outcome.err.startswith(f"psttm-geo: {path} non è un GeoPackage prodotto da psttm-geo build")
    assert not (tmp_path / "out").exists()
    with pytest.raises(BoundaryFileError):
        read_geopackage(path)


@pytest.mark.parametrize(
    ("change", "command"),
    [
        ("UPDATE qgis_projects SET content = 12", ["export", "{file}", "-o", "{out}", "--format", "qgz"]),
        ("UPDATE qgis_projects SET content = 'zz'", ["export", "{file}", "-o", "{out}", "--format", "qgz"]),
        ("UPDATE gpkg_metadata SET metadata = X'00ff'", ["export", "{file}", "-o", "{out}", "--format", "metadata"]),
        ("DELETE FROM gpkg_data_column_constraints", ["export", "{file}", "-o", "{out}", "--format", "gpkg"]),
        ("UPDATE qgis_projects SET content = '00ff'", ["export", "{file}", "-o", "{out}", "--format", "qgz"]),
        ("UPDATE comuni SET pro_com_t = 'x'", ["diff", "{built}", "{file}"]),
    ],
)
def test_a_build_that_a_hand_has_damaged_is_refused_in_one_sentence(
    built: Path, run: Callable[..., object], tmp_path: Path, change: str, command: list[str]
) -> None:
    file = tmp_path / "file.gpkg"
    file.write_bytes(built.read_bytes())
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(change)
    outcome = run(*(part.format(file=file, built=built, out=tmp_path / "out") for part in command))
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: ")
    assert len(outcome.err.splitlines()) == 1


def test_a_polygon_that_a_hand_has_twisted_is_a_difference(
    built: Path, run: Callable[..., object], tmp_path: Path
) -> None:
    file = tmp_path / "file.gpkg"
    rows = pyogrio.read_dataframe(built, layer="zone_omogenee", fid_as_index=True)
    west, south, east, north = rows.geometry.iloc[0].bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    header = b"GP\0\1" + (32632).to_bytes(4, "little")
    file.write_bytes(built.read_bytes())
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        twisted = header + shapely.to_wkb(shapely.MultiPolygon([bow]))
        connection.execute("UPDATE zone_omogenee SET geom = ? WHERE fid = ?", (twisted, int(rows.index[0])))
    outcome = run("--quiet", "diff", built, file)
    assert outcome.code == 1
    assert "zone_omogenee: 1 (" in outcome.out


def test_whole_numbers_stay_whole_where_some_are_unknown(tmp_path: Path) -> None:
    table = gpd.GeoDataFrame(
        {name: [0.5, 0.75] for name in LAYERS["driver_zone"].columns},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs=METRIC,
    ).assign(edition="e", driver=1, zone=["x", "y"], projects=pd.array([3, None], dtype="Int64"), goal_count=[1, 2])
    write_geopackage(tmp_path / "x.gpkg", {"driver_zone": table}, date="2025-01-01")
    read = read_geopackage(tmp_path / "x.gpkg", ["driver_zone"])["driver_zone"]
    types = {name: str(read[name].dtype) for name in ("progetti", "importo_eur", "n_obiettivi")}
    assert types == {"progetti": "Int64", "importo_eur": "float64", "n_obiettivi": "int64"}
    assert ",3," in csv_text(read)
    assert "3.0" not in csv_text(read)
