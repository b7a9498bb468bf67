"""Layers of what the workspace holds, their sources and their date; parts of a delivery."""

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pytest
from lxml import etree

from psttm_geo import jobs
from psttm_geo.core.crs import NATIONAL
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.formats import without_geometry
from psttm_geo.delivery.geopackage import list_held, read_documents, read_geopackage, read_project
from psttm_geo.jobs.deliveries import list_sources
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path
from psttm_geo.schema.layers import LAYERS

SYNTHETIC = "DATI SINTETICI: "


def test_layers_of_the_map_follow_their_contracts(map_territory: jobs.Territory) -> None:
    layers = jobs.territory_layers(map_territory)
    absent = (
        "progetti",
        "agenda",
        *MONITORING,
        "accessibilita",
        "indicatori",
        "carenze",
        "completezza",
        "bacini",
        "isocrone",
        "scenario",
        "siti",
    )
    assert set(layers) == {name for name in LAYERS if not name.startswith(absent)}
    for name, table in layers.items():
        assert len(LAYERS[name].select(table)) == len(table)
    assert len(layers["confini_confronto"]) == 133
    assert len(layers["servizi_confronto"]) == 133, "one category of register"
    assert len(layers["servizi"]) == len(map_territory.everyday.services.services) > 100


def test_whatever_rests_on_made_up_data_says_so(built_with_map: Path) -> None:
    tables = read_geopackage(built_with_map)
    mine = tables["fonti"][tables["fonti"]["fonte"].str.startswith(SYNTHETIC)]
    assert set(mine["layer"]) == {
        *("servizi", "servizi_confronto", "confini_confronto"),
        *("obiettivi", "obiettivi_comuni", "obiettivi_conteggi", "driver_comuni", "driver_zone", "driver_unioni"),
    }
    assert mine["attribuzione"].str.startswith(SYNTHETIC).all()
    assert set(mine["licenza"]) == {"ODbL 1.0"}
    by_source = tables["servizi"].groupby(tables["servizi"]["osm_id"].notna())["fonte"].unique()
    assert [list(titles) for titles in by_source] == [
        ["Elenco delle farmacie (farmacie.csv)"],
        [f"{SYNTHETIC}OpenStreetMap, synthetic.osm.pbf"],
    ]


def test_a_build_is_dated_with_the_latest_of_all_its_sources(
    map_territory: jobs.Territory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dates = []
    monkeypatch.setattr(jobs.deliveries, "write_geopackage", lambda *_, date, **__: dates.append(date))
    jobs.write_territory(tmp_path / "x.gpkg", map_territory)
    days = {source.newest for source in (*map_territory.everyday.sources, *map_territory.plan.scope_sources)}
    newer = dataclasses.replace(map_territory.everyday.sources[0], reference_date="2099-11-19")
    everyday = dataclasses.replace(map_territory.everyday, sources=(newer,))
    plan = dataclasses.replace(map_territory.plan, scope_sources=(newer,))
    for changed in ({"everyday": everyday}, {"plan": plan}):
        jobs.write_territory(tmp_path / "x.gpkg", dataclasses.replace(map_territory, **changed))
    assert dates == [max(days), "2099-11-19", "2099-11-19"]
    assert max(days) > "2025-05-29", "a file that does not say of when it is has the day on which it was registered"


def test_a_source_that_serves_a_layer_twice_is_listed_once(map_territory: jobs.Territory) -> None:
    source = map_territory.everyday.sources[0]
    assert len(list_sources({"comuni": (source, source), "servizi": (source,)})) == 2


def test_two_states_of_one_file_are_two_sources(map_territory: jobs.Territory) -> None:
    source = map_territory.everyday.sources[0]
    newer = dataclasses.replace(source, sha256="0123456789" * 6 + "0123")
    listed = list_sources({"driver_comuni": (source, newer, source)})
    title = f"{source.title}, {source.publisher}"
    assert listed["source"].to_list() == [title, f"{source.title} (01234567), {source.publisher}"]
    assert LAYERS["fonti"].select(listed)["sha256"].to_list() == [source.sha256, newer.sha256]


CASSINA = "015060"


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the build of Cassina de' Pecchi, which is in no union, in EPSG:7791."""
    folder = tmp_path_factory.mktemp("part")
    settings = Settings(data=data_path(), workspace=folder / "workspace")
    request = jobs.BuildRequest(municipalities=("Cassina de' Pecchi",), crs=NATIONAL)
    built = jobs.build(folder / "cassina.gpkg", Project(settings), request)
    assert built.left_out == ("unioni_comuni", "driver_unioni")
    tables = read_geopackage(folder / "cassina.gpkg")
    assert built.residents == tables["comuni"]["residenti"].sum()
    assert built.counts == {name: len(table) for name, table in tables.items()}
    return folder / "cassina.gpkg"


def test_a_part_is_what_the_export_of_the_same_part_has(
    part: Path, built: Path, run: Callable[..., Any], tmp_path: Path
) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "geoparquet", "--municipality", CASSINA)
    assert outcome.err == "nota: senza righe in questa parte, esclusi: unioni_comuni, driver_unioni.\n"
    tables = read_geopackage(part)
    assert {f"{name}.parquet" for name in tables} == {file.name for file in (tmp_path / "out").iterdir()}
    for name, table in tables.items():
        exported = pd.read_parquet(tmp_path / "out" / f"{name}.parquet").drop(columns="geometry", errors="ignore")
        if name == "fonti":
            left_out = exported["layer"].isin(["unioni_comuni", "driver_unioni"])
            exported = exported[~left_out].reset_index(drop=True)
        mine, theirs = (one.astype(object).where(one.notna(), None) for one in (without_geometry(table), exported))
        pd.testing.assert_frame_equal(mine, theirs)
    assert set(tables["obiettivi_comuni"]["pro_com_t"]) == {CASSINA}


def test_a_build_in_the_national_system_says_so_everywhere(part: Path, built: Path) -> None:
    here, there = (read_geopackage(path, ["comuni"])["comuni"].set_index("pro_com_t") for path in (part, built))
    assert here.crs == NATIONAL
    moved = here.geometry[CASSINA].hausdorff_distance(there.geometry[CASSINA])
    assert moved < 0.001, "the ellipsoids differ by a tenth of a millimetre in their shape"
    assert here["area_km2"].to_list() == there.loc[[CASSINA], "area_km2"].to_list()
    documents = read_documents(part)
    assert "<gco:CharacterString>7791<" in documents["comuni.xml"]
    assert "in EPSG:32632; coordinate portate in EPSG:7791." in documents["comuni.xml"]
    project = read_project(part)
    assert "<authid>EPSG:7791</authid>" in project
    assert "EPSG:32632" not in project
    assert "EPSG:7791" not in "".join(read_documents(built).values())


WHOLE = "Piano strategico triennale del territorio metropolitano di Milano"


def say_part(file: Path) -> str:
    """Return which part a file says that it is, the same in every place where it says so; empty for the whole."""
    documents, project = read_documents(file), etree.fromstring(read_project(file).encode())
    iso = etree.fromstring(documents["psttm.xml"].encode())
    graph = {node["@id"]: node for node in json.loads(documents["psttm.jsonld"])["@graph"]}
    catalogue = next(node for node in graph.values() if "dcat:Catalog" in node["@type"])
    titles = [
        project.findtext("title"),
        project.get("projectname"),
        project.findtext("projectMetadata/title"),
        iso.findtext(".//{*}CI_Citation/{*}title/{*}CharacterString"),
        catalogue["dct:title"]["@value"],
        *(graph[link["@id"]]["dct:title"]["@value"] for link in catalogue["dcat:dataset"]),
    ]
    abstracts = [
        iso.findtext(".//{*}abstract/{*}CharacterString"),
        catalogue["dct:description"]["@value"].partition(" Metadati incompleti")[0],
        *(pyogrio.read_info(file, layer=name)["layer_metadata"]["DESCRIPTION"] for name in list_held(file)),
    ]
    assert all(title.partition(",")[0].find(WHOLE) >= 0 for title in titles)
    said = {title.partition(", parte: ")[2] for title in titles}
    said |= {abstract.partition(" Consegna parziale: ")[2].removesuffix(".") for abstract in abstracts}
    said |= {iso.findtext(".//{*}EX_Extent/{*}description/{*}CharacterString", "")}
    assert len(said) == 1
    (part,) = said
    assert all(f"Consegna parziale: {part}." in text for text in documents.values()) or not part
    return part


def test_a_part_says_everywhere_which_it_is(part: Path) -> None:
    assert say_part(part) == "comune di Cassina de' Pecchi"


def test_the_whole_is_no_part(built: Path) -> None:
    assert say_part(built) == ""


def test_a_part_is_another_thing_than_the_whole(part: Path, built: Path) -> None:
    names = [set(re.findall("psttm[a-z0-9-]*-metadati", read_documents(file)["comuni.xml"])) for file in (part, built)]
    assert [len(some) for some in names] == [2, 2]
    assert not names[0] & names[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--zone", "sud est", "--edition", "2025-2027", "--layers", "comuni"],
            "zona omogenea Sud Est; edizione 2025-2027; solo il layer Comuni",
        ),
        (["--edition", "2022-2024", "--edition", "2025-2027"], ""),
        (["--layers", "comuni"], "solo il layer Comuni"),
    ],
    ids=["all", "none", "layer"],
)
def test_an_export_says_which_part_it_is(
    run: Callable[..., Any], built: Path, tmp_path: Path, options: list[str], said: str
) -> None:
    assert run("export", built, "-o", tmp_path, "--format", "gpkg", *options).code == 0
    assert say_part(tmp_path / built.name) == said


def test_a_part_of_a_part_says_of_which(run: Callable[..., Any], part: Path, tmp_path: Path) -> None:
    assert run("export", part, "-o", tmp_path, "--format", "gpkg").code == 0
    assert say_part(tmp_path / part.name) == "comune di Cassina de' Pecchi"
    assert run("export", part, "-o", tmp_path, "--format", "gpkg", "--edition", "2025-2027").code == 0
    assert say_part(tmp_path / part.name) == (
        "edizione 2025-2027 (da una consegna già parziale: comune di Cassina de' Pecchi)"
    )


def test_an_edition_alone_is_a_part(run: Callable[..., Any], tmp_path: Path) -> None:
    assert run("build", "-o", tmp_path / "x.gpkg", "--edition", "2025-2027").code == 0
    assert say_part(tmp_path / "x.gpkg") == "edizione 2025-2027"


def test_a_part_has_its_own_extent(part: Path) -> None:
    west = re.search(r"westBoundLongitude>\s*<gco:Decimal>([0-9.]+)", read_documents(part)["comuni.xml"])
    assert west is not None
    assert float(west[1]) == pytest.approx(9.34, abs=0.02)


def test_a_zone_is_its_municipalities(run: Callable[..., Any], built: Path, tmp_path: Path) -> None:
    outcome = run(
        "export", built, "-o", tmp_path / "o", "--format", "csv", "--zone", "sud est", "--edition", "2025-2027"
    )
    assert outcome.code == 0
    rows = pd.read_csv(tmp_path / "o" / "comuni.csv", dtype=str)
    assert set(rows["zona"]) == {"Sud Est"}
    assert set(pd.read_csv(tmp_path / "o" / "appartenenze.csv")["edizione"]) == {"2025-2027"}
    assert set(pd.read_csv(tmp_path / "o" / "zone_omogenee.csv")["zona"]) == {"Sud Est"}


REFUSED = {
    "zone": (["--zone", "Ovest"], "Zona omogenea «Ovest» sconosciuta; indicarne una fra: "),
    "municipality": (["--municipality", "Cassina de Pechi"], "Forse Cassina de' Pecchi?"),
    "edition": (["--edition", "1999-2001"], "non contiene edizione 1999-2001; contiene 2022-2024, 2025-2027."),
    "crs": (["--crs", "6707"], "EPSG:6707 è EPSG:7791 con il nord prima dell'est: usare EPSG:7791."),
    "layer": (["--layers", "servizi"], "non contiene layer servizi; contiene comuni, zone_omogenee, "),
    "empty": (
        ["--municipality", CASSINA, "--layers", "unioni_comuni"],
        "non contiene nulla di questa parte nei layer unioni_comuni; indicare altri layer o un'altra parte.",
    ),
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_a_part_that_cannot_be_is_refused_in_one_sentence(
    run: Callable[..., Any], built: Path, tmp_path: Path, refused: tuple[list[str], str]
) -> None:
    arguments, said = refused
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "xlsx", *arguments)
    if "--crs" in arguments:
        outcome = run("export", built, "-o", tmp_path / "out", "--format", "geoparquet", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert said in outcome.err
    assert outcome.err.startswith("psttm-geo: ")
    assert len(outcome.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("form", "option", "value"),
    [
        ("geojson", "--crs", "7791"),
        ("csv", "--crs", "7791"),
        ("xlsx", "--crs", "7791"),
        ("qgz", "--layers", "comuni"),
        ("qgz", "--zone", "Milano"),
        ("metadata", "--municipality", "Milano"),
    ],
)
def test_an_option_that_means_nothing_in_a_format_is_refused(
    run: Callable[..., Any], built: Path, tmp_path: Path, form: str, option: str, value: str
) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", form, option, value)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"{option} non si può usare con --format {form}: " in outcome.err
    assert not (tmp_path / "out").exists()


def test_build_refuses_a_part_that_is_not(refuses: Callable[..., str]) -> None:
    assert "Comune «Torino» sconosciuto" in refuses("--municipality", "Torino")


def test_a_file_without_municipalities_has_no_parts(run: Callable[..., Any], built: Path, tmp_path: Path) -> None:
    path = tmp_path / "walks.gpkg"
    zones = read_geopackage(built, ["zone_omogenee"])["zone_omogenee"]
    zones.to_file(path, layer="zone_omogenee", driver="GPKG")
    outcome = run("export", path, "-o", tmp_path / "out", "--format", "csv", "--municipality", CASSINA)
    assert outcome.code == 2
    assert "non contiene layer comuni, appartenenze; contiene zone_omogenee." in outcome.err


def test_a_whole_build_exported_as_geopackage_is_the_same_file(
    run: Callable[..., Any], built: Path, tmp_path: Path
) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "gpkg")
    copy = tmp_path / "out" / built.name
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{copy}\n", "")
    assert copy.read_bytes() == built.read_bytes()


def test_a_part_exported_as_geopackage_is_what_build_makes(
    run: Callable[..., Any], built: Path, part: Path, tmp_path: Path
) -> None:
    options = ["--format", "gpkg", "--municipality", CASSINA, "--crs", "7791"]
    assert run("export", built, "-o", tmp_path / "out", *options).code == 0
    exported, made = (read_geopackage(path) for path in (tmp_path / "out" / built.name, part))
    assert list(exported) == list(made)
    for name in set(made) - {"fonti"}:
        pd.testing.assert_frame_equal(without_geometry(exported[name]), without_geometry(made[name]))
    assert exported["comuni"].crs == NATIONAL
    documents = [read_documents(path) for path in (tmp_path / "out" / built.name, part)]
    assert documents[0]["comuni.xml"] == documents[1]["comuni.xml"]


def test_layers_alone_are_a_geopackage_too(run: Callable[..., Any], built: Path, tmp_path: Path) -> None:
    options = ["--format", "gpkg", "--layers", "appartenenze", "--edition", "2025-2027"]
    assert run("export", built, "-o", tmp_path / "out", *options).code == 0
    tables = read_geopackage(tmp_path / "out" / built.name)
    assert list(tables) == ["appartenenze"]
    assert set(tables["appartenenze"]["edizione"]) == {"2025-2027"}


def test_a_geopackage_is_not_exported_over_itself(run: Callable[..., Any], built: Path) -> None:
    before = built.read_bytes()
    outcome = run("export", built, "-o", built.parent, "--format", "gpkg", "--zone", "Milano")
    assert (outcome.code, outcome.out) == (2, "")
    assert "è il file da cui si esporta; indicare un'altra cartella con -o." in outcome.err
    assert built.read_bytes() == before


def test_no_publisher_has_what_parts_it_from_its_title(map_territory: jobs.Territory) -> None:
    tables = (pd.read_csv(data_path() / name) for name in ("sources.csv", "downloads.csv"))
    publishers = {publisher for table in tables for publisher in table["publisher"]}
    publishers |= {source.publisher for source in map_territory.everyday.sources}
    assert not [publisher for publisher in publishers if ", " in publisher]
