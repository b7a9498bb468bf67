"""The office's own description: template, registration, metadata."""

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from psttm_geo.territory.municipalities import Snapshot

Run = Callable[..., object]


def test_an_office_fills_the_template_and_metadata_name_it(run: Run, tmp_path: Path) -> None:
    template = tmp_path / "ente.toml"
    assert run("template", "ente", "-o", template).code == 0
    text = template.read_text("utf-8").replace('nome = ""', 'nome = "Ente dell\'Adda & C."')
    template.write_text(text, "utf-8")
    added = run("inputs", "add", "ente", template)
    assert added.code == 0
    assert "ente.toml non indica codice_ipa, email" in added.err
    assert "ente: ente.toml" in run("status").out
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    assert run("export", tmp_path / "x.gpkg", "-o", tmp_path / "out", "--format", "metadata").code == 0
    assert "Ente dell'Adda &amp; C." in (tmp_path / "out" / "comuni.xml").read_text("utf-8")
    agents = json.loads((tmp_path / "out" / "psttm.jsonld").read_text("utf-8"))["@graph"]
    assert [node["foaf:name"]["@value"] for node in agents if "dcatapit:Agent" in node["@type"]] == [
        "Ente dell'Adda & C."
    ]
    assert run("inputs", "remove", "ente").out.startswith("ente: tolto")


def test_a_description_with_faults_is_not_registered(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ente.toml"
    path.write_text('email = "nessuna"\n', "utf-8")
    outcome = run("inputs", "add", "ente", path)
    assert (outcome.code, outcome.out) == (2, "")
    assert "email: trovato «nessuna»" in outcome.err
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize("name", ["ente.csv", "ente"])
def test_a_template_of_the_office_ends_in_toml(run: Run, tmp_path: Path, name: str) -> None:
    outcome = run("template", "ente", "-o", tmp_path / name)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"trovato «{name}», atteso un nome che finisca in .toml" in outcome.err


def territory_file(embedded: Snapshot, path: Path) -> Path:
    """Write the municipalities with ISTAT's fields to a file of the office."""
    rows = embedded.boundaries.municipalities
    fields = {"COD_PROV": 15, "PRO_COM_T": rows["municipality_code"], "COMUNE": rows["municipality"]}
    path.parent.mkdir(exist_ok=True)
    pyogrio.write_dataframe(gpd.GeoDataFrame(fields, geometry=rows.geometry, crs=rows.crs), path)
    return path


@pytest.mark.parametrize("name", ["comuni.gpkg", "comuni.shp", "cartella"])
def test_boundaries_of_an_office_are_registered_and_built_with(
    run: Run, embedded: Snapshot, tmp_path: Path, name: str
) -> None:
    file = territory_file(embedded, tmp_path / "dati" / ("comuni.gpkg" if name == "comuni.gpkg" else "comuni.shp"))
    added = run("inputs", "add", "boundaries", file.parent if name == "cartella" else file)
    assert added.code == 0
    assert "non indica a quale data si riferiscono i confini" in added.err
    assert run("--quiet", "build", "-o", tmp_path / "x.gpkg").code == 0
    sources = pyogrio.read_dataframe(tmp_path / "x.gpkg", layer="fonti")
    assert any(
        title.startswith("Confini delle unità") and ("(comuni." in title or "(dati." in title)
        for title in sources["fonte"]
    )


def test_stations_without_a_place_are_listed(run: Run, embedded: Snapshot, tmp_path: Path) -> None:
    inside = embedded.boundaries.municipalities.geometry.iloc[0].representative_point()
    rows = gpd.GeoDataFrame({"nome": ["A", "B", "C"]}, geometry=[inside, None, shapely.Point()], crs="EPSG:32632")
    pyogrio.write_dataframe(rows, tmp_path / "s.gpkg", geometry_type="Point")
    outcome = run("inputs", "add", "stations", tmp_path / "s.gpkg")
    assert outcome.out.startswith("stations: 1,")
    assert "s.gpkg: elementi senza geometria, esclusi: 2 (righe 2, 3)." in outcome.err


def test_a_folder_where_a_file_is_expected_is_refused_in_a_sentence(run: Run, tmp_path: Path) -> None:
    outcome = run("inputs", "add", "residents", tmp_path)
    assert outcome.code == 2
    assert "è una cartella, atteso un file" in outcome.err
