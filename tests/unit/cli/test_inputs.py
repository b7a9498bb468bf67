"""The office's own description: template, registration, metadata."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

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
