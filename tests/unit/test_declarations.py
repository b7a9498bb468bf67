"""What files say of themselves: that their data are made up, and of when they are."""

import dataclasses
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from lxml import etree

from psttm_geo import jobs
from psttm_geo.core.provenance import say_date
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.geopackage import read_delivery, read_sources
from psttm_geo.jobs.deliveries import describe
from psttm_geo.plan.monitoring_layers import MONITORING
from psttm_geo.plan.statements import STATEMENTS
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path
from psttm_geo.schema.layers import LAYERS

Run = Callable[..., Any]

MADE_UP = "DATI SINTETICI"

REAL = {
    "zone_omogenee",
    "unioni_comuni",
    "citta_metropolitana",
    "appartenenze",
    "driver",
    "progetti",
    "progetti_comuni",
    "progetti_driver",
    "progetti_obiettivi",
    "progetti_conteggi",
    "agenda_2030",
    *(name for name in MONITORING if name != "osservazioni"),
    *STATEMENTS,
}
"""Layers that nothing made up is in: outlines, residents, the plan's own tables, the office's register."""

GMD = "{http://www.isotc211.org/2005/gmd}"


@pytest.fixture(scope="module")
def held(built_complete: Path) -> set[str]:
    """Give the layers of a build on made-up streets that are to say so."""
    names = {name for name, _ in pyogrio.list_layers(built_complete)}
    return names - REAL - {"fonti", "layer_styles"}


def contents(path: Path) -> pd.DataFrame:
    return pyogrio.read_dataframe(path, sql="SELECT * FROM gpkg_contents", sql_dialect="SQLITE", read_geometry=False)


def test_the_layers_of_a_build_say_it_in_title_and_description(built_complete: Path, held: set[str]) -> None:
    told = contents(built_complete).set_index("table_name")
    assert set(told.index[told["identifier"].str.startswith(f"{MADE_UP}: ")]) == held
    assert set(told.index[told["description"].str.startswith(f"{MADE_UP}: ")]) == held
    assert {"comuni", "servizi", "obiettivi_comuni", "driver_comuni", "accessibilita_comuni", "isocrone"} <= held


def test_nothing_of_the_embedded_data_says_it(built: Path) -> None:
    assert not contents(built).astype(str).apply(lambda column: column.str.contains(MADE_UP)).any(axis=None)


def test_its_metadata_say_it(run: Run, built_complete: Path, held: set[str], tmp_path: Path) -> None:
    outcome = run("export", built_complete, "-o", tmp_path / "out", "--format", "metadata")
    assert f"nota: {MADE_UP}: non descrivono nessun luogo i layer " in outcome.err
    for path in (tmp_path / "out").glob("*.xml"):
        root = etree.parse(path).getroot()
        said = [root.find(f".//{GMD}{tag}")[0].text.startswith(f"{MADE_UP}: ") for tag in ("title", "abstract")]
        assert said == [path.stem in held | {"psttm"}] * 2, path.name
    catalogue = json.loads((tmp_path / "out" / "psttm.jsonld").read_text("utf-8"))["@graph"]
    titles = {node["@id"]: node["dct:title"]["@value"] for node in catalogue if "dct:title" in node}
    assert sum(title.startswith(f"{MADE_UP}: ") for title in titles.values()) == 1 + 2 * len(held)


def test_its_project_says_it_in_titles_legends_and_sheets(run: Run, built_complete: Path, tmp_path: Path) -> None:
    assert run("export", built_complete, "-o", tmp_path / "out", "--format", "qgz").code == 0
    (path,) = (tmp_path / "out").iterdir()
    root = etree.fromstring(zipfile.ZipFile(path).read("psttm.qgs"))
    assert root.get("projectname").startswith(f"{MADE_UP}: ")
    names = {layer.findtext("id"): layer.findtext("layername") for layer in root.iter("maplayer")}
    assert names["psttm_isocrone"] == f"{MADE_UP}: Isocrone"
    assert names["psttm_zone_omogenee"] == "Zone omogenee"
    sheets = [sheet.get("name") for sheet in root.iter("Layout")]
    assert f"{MADE_UP}: Servizi" in sheets
    subtitles = {item.get("labelText") for item in root.iter("LayoutItem") if item.get("id") == "sottotitolo"}
    assert all(text.startswith(f"{MADE_UP}: ") for text in subtitles)


READERS = {
    "csv": (".csv", lambda path: pd.read_csv(path, dtype=str)),
    "geojson": (".geojson", gpd.read_file),
    "flatgeobuf": (".fgb", gpd.read_file),
    "geoparquet": (".parquet", gpd.read_parquet),
}


@pytest.mark.parametrize("form", READERS)
def test_every_row_of_an_exported_file_says_it(run: Run, built_complete: Path, tmp_path: Path, form: str) -> None:
    layers = ("accessibilita_zone", "zone_omogenee")
    options = [part for name in layers for part in ("--layers", name)]
    outcome = run("export", built_complete, "-o", tmp_path / "out", "--format", form, "--json", *options)
    assert json.loads(outcome.out)["synthetic"] == ["accessibilita_zone"]
    suffix, read = READERS[form]
    made_up, real = (read(tmp_path / "out" / f"{name}{suffix}") for name in layers)
    assert set(made_up["avvertenza"]) == {MADE_UP}
    assert "avvertenza" not in real.columns
    if form == "flatgeobuf":
        told = pyogrio.read_info(tmp_path / "out" / "accessibilita_zone.fgb")["layer_metadata"]
        assert told["TITLE"].startswith(f"{MADE_UP}: ")


def test_a_workbook_says_it_and_its_sheets_have_names_that_spreadsheets_take(
    run: Run, built_complete: Path, tmp_path: Path
) -> None:
    name = "accessibilita_citta_metropolitana"
    assert run("export", built_complete, "-o", tmp_path / "out", "--format", "xlsx", "--layers", name).code == 0
    book = openpyxl.load_workbook(next((tmp_path / "out").iterdir()))
    assert book.sheetnames == [name[:31]]
    assert book.properties.title.startswith(f"{MADE_UP}: ")
    assert {row[-1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)} == {MADE_UP}


def test_a_part_exported_as_geopackage_knows_it_from_the_file(run: Run, built_complete: Path, tmp_path: Path) -> None:
    options = ["--format", "gpkg", "--layers", "isocrone", "--layers", "zone_omogenee"]
    assert run("export", built_complete, "-o", tmp_path / "out", *options).code == 0
    told = contents(tmp_path / "out" / built_complete.name).set_index("table_name")["identifier"]
    assert told["isocrone"] == f"{MADE_UP}: Isocrone"
    assert told["zone_omogenee"] == "Zone omogenee"


def test_a_difference_says_which_file_holds_it(run: Run, built: Path, built_with_map: Path) -> None:
    outcome = run("diff", built, built_with_map)
    assert outcome.out.splitlines()[0] == f"{MADE_UP} nel secondo file."
    assert json.loads(run("diff", built, built_with_map, "--json").out)["synthetic"] == [False, True]


def test_a_build_says_it_in_its_first_line(run: Run, map_workspace: Path, tmp_path: Path) -> None:
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--workspace", map_workspace)
    assert outcome.out.startswith(f"{MADE_UP}: ")
    assert "SYNTHETIC" not in outcome.out + outcome.err


# Of when they are.


@pytest.fixture
def registered(settings: Settings, map_workspace: Path) -> Settings:
    """Give a workspace whose extract and register, which do not say of when they are, were taken in June 2026."""
    shutil.copytree(map_workspace, settings.workspace)
    manifest = settings.workspace / "workspace.json"
    told = json.loads(manifest.read_text("utf-8"))
    for entry in told["inputs"].values():
        entry["added_at"] = "2026-06-30T12:00:00+00:00"
    manifest.write_text(json.dumps(told), "utf-8")
    return settings


def test_undated_sources_have_the_day_of_their_registration(registered: Settings, tmp_path: Path) -> None:
    jobs.build(tmp_path / "x.gpkg", Project(registered))
    changed = contents(tmp_path / "x.gpkg").set_index("table_name")["last_change"].astype(str).str[:10]
    newest = {"servizi", "servizi_confronto", "obiettivi", "obiettivi_comuni", "fonti", "layer_styles"}
    assert set(changed[changed == "2026-06-30"].index) >= newest
    assert set(changed[["zone_omogenee", "comuni", "appartenenze", "driver"]]) == {"2025-05-29"}
    sources = read_sources(tmp_path / "x.gpkg")
    days = {source.title.partition(",")[0]: (source.reference_date, source.added_on) for source in sources["servizi"]}
    assert days["Elenco delle farmacie (farmacie.csv)"] == ("", "2026-06-30")
    delivery = read_delivery(tmp_path / "x.gpkg")
    assert (delivery.date, delivery.sources_until) == ("2026-06-30", "2026-06-30")
    assert delivery.date_of("zone_omogenee") == "2025-05-29", "what does not rest on them is no newer"


def test_sheets_and_metadata_say_which_sources_have_no_date(registered: Settings, run: Run, tmp_path: Path) -> None:
    jobs.build(tmp_path / "x.gpkg", Project(registered))
    for form in ("qgz", "metadata"):
        assert run("export", tmp_path / "x.gpkg", "-o", tmp_path / form, "--format", form).code == 0
    root = etree.fromstring(zipfile.ZipFile(tmp_path / "qgz" / "x.qgz").read("psttm.qgs"))
    labels = " ".join(item.get("labelText") for item in root.iter("LayoutItem") if item.get("labelText"))
    assert f"fonti fino al {say_date('2026-06-30').it}" in labels
    assert "Fonti che non dicono la propria data: " in labels
    assert "(file acquisito: 30 giugno 2026)" in labels
    assert "data non indicata; " in (tmp_path / "metadata" / "servizi.xml").read_text("utf-8")


def test_computed_layers_have_the_day_on_which_they_were_kept(walked: Settings, tmp_path: Path) -> None:
    settings = walked.model_copy(update={"workspace": tmp_path / "workspace"})
    shutil.copytree(walked.workspace, settings.workspace)
    manifest = settings.workspace / "workspace.json"
    told = json.loads(manifest.read_text("utf-8"))
    told["inputs"]["access"]["added_at"] = "2027-02-03T04:05:06+00:00"
    manifest.write_text(json.dumps(told), "utf-8")
    territory = jobs.load_territory(Project(settings))
    delivery = describe(territory, LAYERS)
    assert delivery.date_of("accessibilita_comuni") == delivery.date_of("driver_comuni") == "2027-02-03"
    assert delivery.date == "2027-02-03"
    assert delivery.date_of("appartenenze") == "2025-05-29"
    assert dataclasses.replace(delivery, computed_on={}).date < "2027"


def test_a_file_registered_again_is_no_newer(settings: Settings, tmp_path: Path) -> None:
    workspace = Workspace(settings.workspace)
    path = tmp_path / "a.csv"
    path.write_text("1", "utf-8")
    workspace.add("projects", path)
    manifest = settings.workspace / "workspace.json"
    manifest.write_text(
        manifest.read_text("utf-8").replace(workspace.inputs["projects"].added_at, "2020-01-01"), "utf-8"
    )
    assert workspace.add("projects", path).added_on == "2020-01-01"
    path.write_text("2", "utf-8")
    assert workspace.add("projects", path).added_on > "2020-01-01"


def test_the_walker_by_default_is_one_everywhere() -> None:
    from psttm_geo.access.profiles import BY_DEFAULT, build_profiles  # noqa: PLC0415 - as above
    from psttm_geo.cli.access import WALKER  # noqa: PLC0415 - the command's own copy of the name
    from psttm_geo.project import Project  # noqa: PLC0415 - as above

    known = build_profiles(Project(Settings(data=data_path())).tables["profiles.csv"])
    assert WALKER == BY_DEFAULT == jobs.IsochroneRequest(Path("x.osm")).profile
    assert BY_DEFAULT in [profile.identifier for profile in known]
