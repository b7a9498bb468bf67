"""Metadata and project as files of their own."""

import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from psttm_geo.delivery.geopackage import list_held

Run = Callable[..., object]


def test_metadata_are_written_one_file_for_each_layer_and_for_the_whole(run: Run, built: Path, tmp_path: Path) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "metadata")
    assert (outcome.code, outcome.err) == (0, "")
    names = {*(f"{name}.xml" for name in list_held(built)), "psttm.xml", "psttm.jsonld"}
    assert {file.name for file in (tmp_path / "out").iterdir()} == names
    for file in (tmp_path / "out").glob("*.xml"):
        assert etree.parse(file).getroot().tag == "{http://www.isotc211.org/2005/gmd}MD_Metadata"


def test_metadata_of_some_layers_only(run: Run, built: Path, tmp_path: Path) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "metadata", "--layers", "comuni")
    assert outcome.code == 0
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["comuni.xml"]


def test_the_project_is_written_as_an_archive_that_finds_the_file(run: Run, built: Path, tmp_path: Path) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "qgz")
    assert outcome.out.split() == [str(tmp_path / "out" / "psttm.qgz")]
    with zipfile.ZipFile(tmp_path / "out" / "psttm.qgz") as archive:
        root = etree.fromstring(archive.read("psttm.qgs"))
    source = next(root.iter("datasource")).text.partition("|")[0]
    assert (tmp_path / "out" / source).resolve() == built.resolve()


def test_the_project_is_exported_whole(run: Run, built: Path, tmp_path: Path) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "qgz", "--layers", "comuni")
    assert outcome.code == 2
    assert "intero" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["metadata", "qgz"])
def test_a_database_without_them_is_refused_in_one_sentence(run: Run, tmp_path: Path, form: str) -> None:
    path = tmp_path / "other.gpkg"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE anything (x)")
    connection.close()
    outcome = run("export", path, "-o", tmp_path / "out", "--format", form)
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1
    assert "non è un GeoPackage prodotto da psttm-geo build" in outcome.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["metadata", "qgz"])
def test_a_folder_that_cannot_be_made_is_refused(run: Run, built: Path, tmp_path: Path, form: str) -> None:
    outcome = run("export", built, "-o", tmp_path / "none" / "out", "--format", form)
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: Impossibile scrivere")
