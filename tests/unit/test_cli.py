import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import workflows
from psttm_geo.cli import command
from psttm_geo.files import sha256_of
from psttm_geo.model.schemas import SCHEMAS
from psttm_geo.outputs import geopackage

EVERYBODY = 3_219_391

Run = Callable[..., object]

COMMANDS = [
    [],
    ["check"],
    ["build"],
    ["export"],
    ["app"],
    ["status"],
    ["inputs"],
    ["inputs", "add"],
    ["inputs", "remove"],
    ["projects"],
    ["projects", "add"],
    ["template"],
    ["fetch"],
    ["fetch", "residents"],
    ["refresh"],
    ["refresh", "boundaries"],
]


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(run: Run, name: list[str], option: str) -> None:
    outcome = run(*name, option)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage: {' '.join(['psttm-geo', *name])}")


def test_no_command_is_left_out_above() -> None:
    found = {(name,) for name in command.commands}
    found |= {(name, inner) for name, group in command.commands.items() for inner in getattr(group, "commands", {})}
    assert found == {tuple(name) for name in COMMANDS if name}


def test_the_version_is_told(run: Run) -> None:
    outcome = run("--version")
    assert outcome.code == 0
    assert outcome.out.startswith("psttm-geo ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["build"],
        ["build", "--output"],
        ["build", "-o", "x.gpkg", "--colour", "red"],
        ["build", "-o", "x.shp"],
        ["export", "x.gpkg"],
        ["inputs", "add", "streets", "x"],
        ["app", "--port", "99999"],
        ["refresh", "boundaries", "--year", "last"],
    ],
    ids=" ".join,
)
def test_arguments_that_make_no_sense_are_refused(run: Run, arguments: list[str]) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err
    assert "Traceback" not in outcome.err


def test_an_output_that_is_no_geopackage_is_refused(run: Run, tmp_path: Path) -> None:
    outcome = run("build", "-o", tmp_path / "x.shp")
    assert "trovato «x.shp», atteso un nome che finisca in .gpkg" in outcome.err
    assert not (tmp_path / "x.shp").exists()


def test_an_unknown_edition_is_refused(refuses: Callable[..., str]) -> None:
    assert "Edizione 1999-2001 sconosciuta" in refuses("--edition", "1999-2001")


def test_a_data_folder_that_does_not_exist_is_refused(
    refuses: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PSTTM_DATA", str(tmp_path / "none"))
    assert "controllare PSTTM_DATA" in refuses()


def test_a_wrong_setting_is_refused_in_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", "fr")
    outcome = run("check")
    assert outcome.code == 2
    assert "PSTTM_LANGUAGE" in outcome.err
    assert "Traceback" not in outcome.err


def test_messages_can_be_english(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    assert run("check").out == "Tables in order: no fault.\n"
    assert "residents on 1 January 2023" in run("build", "-o", tmp_path / "x.gpkg").out
    assert run("export", "none.gpkg", "-o", tmp_path, "--format", "csv").err.startswith(
        "psttm-geo: none.gpkg does not exist; make it with psttm-geo build"
    )


def test_check_says_that_all_is_well(run: Run) -> None:
    assert run("check") == (0, "Tabelle in ordine: nessun errore.\n", "")
    assert json.loads(run("check", "--json").out) == []


FAULTS = {
    "unknown zone": (
        "zones.csv",
        "Arconate,Alto Milanese",
        "Arconate,Alto",
        2,
        "zona «Alto» sconosciuta; scrivere una di",
    ),
    "unknown code": ("zones.csv", "015007,", "015999,", 2, "codice 015999 (Arconate) sconosciuto ai confini"),
    "code of five digits": ("zones.csv", "015007,", "15007,", 2, "atteso un codice ISTAT di sei cifre"),
    "repeated municipality": (
        "zones.csv",
        "015007,Arconate,Alto Milanese,\n",
        "015007,Arconate,Alto Milanese,\n015007,Arconate,Nord Ovest,\n",
        3,
        "Arconate (015007) è già in un'altra riga",
    ),
    "unknown member": ("unions.csv", "015014,Basiano", "015999,Basiano", 2, "Basiano (015999) manca in zones.csv"),
    "member in two unions": (
        "unions.csv",
        "2022-2024,Unione di Comuni Basiano e Masate,015136,Masate,Mesate",
        "2022-2024,Unione di Comuni Basiano e Masate,015122,Liscate,",
        5,
        "Liscate è già in un'unione dell'edizione 2022-2024; togliere una riga",
    ),
    "wrong number of unions": ("editions.csv", ",133,7,2,", ",133,7,4,", 2, "dichiara 4 unioni di comuni"),
    "wrong number of municipalities": ("editions.csv", ",133,7,2,", ",134,7,2,", 2, "dichiara 134 comuni"),
    "unknown edition": ("unions.csv", "2025-2027,", "2028-2030,", 8, "edizione «2028-2030» sconosciuta"),
    "wrong columns": ("zones.csv", "municipality_code,", "codice,", 1, "mancano le colonne municipality_code"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_check_finds_a_fault_and_build_refuses_it(
    run: Run, spoil: Callable[..., None], tmp_path: Path, fault: tuple[str, str, str, int, str]
) -> None:
    name, old, new, line, said = fault
    spoil(name, old, new)
    outcome = run("check")
    assert (outcome.code, outcome.err) == (1, "")
    matching = [line for line in outcome.out.splitlines() if said in line]
    assert len(matching) == 1
    assert matching[0].startswith(f"{name}, riga {line}: ")
    listed = json.loads(run("check", "--json").out)
    assert [(entry["file"], entry["row"]) for entry in listed if said in entry["message"]] == [(name, line)]

    output = tmp_path / "old.gpkg"
    output.write_bytes(b"what stood here")
    refused = run("build", "-o", output)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("psttm-geo: trovat")
    assert matching[0] in refused.err
    assert output.read_bytes() == b"what stood here"


def test_check_finds_all_faults_of_all_tables_at_once(run: Run, spoil: Callable[..., None]) -> None:
    for name, old, new, _, _ in (FAULTS["unknown zone"], FAULTS["unknown member"], FAULTS["wrong number of unions"]):
        spoil(name, old, new)
    out = run("check").out
    for key in ("unknown zone", "unknown member", "wrong number of unions"):
        assert FAULTS[key][-1] in out


def test_faults_inside_a_changed_file_are_told_beside_its_changed_sum(run: Run, spoil: Callable[..., None]) -> None:
    spoil(*FAULTS["wrong number of unions"][:3], registered=False)
    outcome = run("check")
    assert outcome.code == 1
    assert "editions.csv non è il file registrato" in outcome.out
    assert "dichiara 4 unioni di comuni" in outcome.out


@pytest.mark.parametrize("name", SCHEMAS)
def test_check_names_a_missing_table(run: Run, data_copy: Path, name: str) -> None:
    (data_copy / name).unlink()
    outcome = run("check")
    assert outcome.code == 1
    assert f"{name}: il file non c'è; rimetterlo nella cartella dei dati." in outcome.out


@pytest.mark.parametrize("name", ["boundaries/municipalities.fgb", "boundaries/residents.csv"])
@pytest.mark.parametrize("content", [None, b"", b"something else"], ids=["missing", "empty", "changed"])
def test_check_names_a_damaged_snapshot(run: Run, data_copy: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (data_copy / name).unlink()
    else:
        (data_copy / name).write_bytes(content)
    outcome = run("check")
    assert outcome.code == 1
    assert name in outcome.out


@pytest.mark.parametrize("name", ["boundaries/municipalities.fgb", "boundaries/residents.csv"])
def test_check_names_a_snapshot_that_is_not_registered(run: Run, data_copy: Path, name: str) -> None:
    sources = data_copy / "sources.csv"
    lines = [line for line in sources.read_text("utf-8").splitlines(keepends=True) if f",{name}," not in line]
    sources.write_text("".join(lines), "utf-8")
    outcome = run("check")
    assert outcome.code == 1
    assert f"{name} non è registrato" in outcome.out


def test_a_row_with_too_many_cells_is_told_outside_tests_too(
    run_apart: Run, spoil: Callable[..., None], data_copy: Path
) -> None:
    spoil("zones.csv", "015007,Arconate,Alto Milanese,", "015007,Arconate,Alto Milanese,,Arconate, sul Naviglio")
    outcome = run_apart("check", PSTTM_DATA=str(data_copy))
    assert outcome.code == 1, "pandas only warns, and warnings are no errors outside the tests"
    assert "zones.csv" in outcome.out
    assert outcome.err == ""


def test_build_tells_what_it_wrote(run: Run, built: Path, tmp_path: Path) -> None:
    output = tmp_path / "città è.gpkg"
    outcome = run("build", "-o", output)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == f"{output}: {EVERYBODY} residenti al 1° gennaio 2023"
    assert "  comuni: 133" in outcome.out.splitlines()
    assert output.read_bytes() == built.read_bytes()


def test_build_tells_it_to_machines_too(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("build", "-o", tmp_path / "x.gpkg", "--json").out)
    assert told["residents"] == EVERYBODY
    assert told["residents_date"] == "2023-01-01"
    assert told["provisional"] is False
    assert told["layers"]["appartenenze"] == 266
    assert told["notices"] == []


def test_build_of_an_edition_holds_nothing_of_the_other(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("build", "-o", tmp_path / "x.gpkg", "--edition", "2022-2024", "--json").out)
    assert (told["layers"]["unioni_comuni"], told["layers"]["appartenenze"]) == (2, 133)
    tables = geopackage.read_geopackage(tmp_path / "x.gpkg")
    assert set(tables["unioni_comuni"]["edizione"]) == {"2022-2024"}
    assert not tables["fonti"]["fonte"].str.contains("2025-2027").any()


def test_residents_named_are_used_dated_and_called_an_estimate(
    run: Run, posas: Callable[..., Path], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    path = posas(posas_rows, "synthetic.zip")
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--residents", path)
    assert outcome.out.splitlines()[0].endswith(f"{EVERYBODY} residenti al 1° gennaio 2026 (stima)")
    tables = geopackage.read_geopackage(tmp_path / "x.gpkg")
    assert set(tables["comuni"]["residenti_al"]) == {"2026-01-01"}
    used = tables["fonti"].query("layer == 'comuni' and sha256 == @sum", local_dict={"sum": sha256_of(path)})
    assert used["data"].to_list() == ["2026-01-01"]
    assert "(stima) (synthetic.zip), ISTAT" in used["fonte"].iloc[0]


def test_notes_go_to_standard_error_unless_quiet(
    run: Run, posas: Callable[..., Path], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    arguments = ["build", "-o", tmp_path / "x.gpkg", "--residents", posas(posas_rows, layout="2020", year=2020)]
    loud, quiet = run(*arguments), run("--quiet", *arguments)
    assert loud.err.startswith("nota: 13566 codici ISTAT")
    assert quiet.err == ""
    assert loud.out == quiet.out


def test_export_tells_its_files(run: Run, built: Path, tmp_path: Path) -> None:
    outcome = run("export", built, "-o", tmp_path / "out", "--format", "csv", "--layers", "fonti", "--json")
    assert json.loads(outcome.out) == {"files": [str(tmp_path / "out" / "fonti.csv")]}


def test_status_of_an_empty_workspace(run: Run, tmp_path: Path) -> None:
    assert run("status") == (0, f"{tmp_path / 'workspace'}: vuota: valgono i dati incorporati\n", "")
    told = json.loads(run("status", "--json").out)
    assert told == {"workspace": str(tmp_path / "workspace"), "inputs": {}}
    assert not (tmp_path / "workspace").exists()


def test_inputs_are_added_shown_used_and_removed(
    run: Run, posas: Callable[..., Path], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    path = posas(posas_rows, "synthetic.zip")
    workspace = tmp_path / "elsewhere"
    added = run("inputs", "add", "residents", path, "--workspace", workspace)
    assert (added.code, added.err) == (0, "")
    status = json.loads(run("status", "--workspace", workspace, "--json").out)
    assert status["inputs"]["residents"]["sha256"] == sha256_of(path)
    assert "residents: synthetic.zip" in run("status", "--workspace", workspace).out
    build = ["build", "-o", tmp_path / "x.gpkg", "--json"]
    assert json.loads(run(*build, "--workspace", workspace).out)["residents_date"] == "2026-01-01"
    assert json.loads(run(*build).out)["residents_date"] == "2023-01-01"
    assert run("inputs", "remove", "residents", "--workspace", workspace).out.startswith("residents: tolto")
    assert run("inputs", "remove", "residents", "--workspace", workspace).out.startswith("residents: non c'era")
    assert json.loads(run(*build, "--workspace", workspace).out)["residents_date"] == "2023-01-01"


@pytest.mark.parametrize("kind", ["boundaries", "residents"])
def test_an_input_that_cannot_be_used_is_not_added(run: Run, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "page.zip"
    path.write_text("<html></html>")
    for file in (path, tmp_path / "none.zip"):
        outcome = run("inputs", "add", kind, file)
        assert (outcome.code, outcome.out) == (2, "")
        assert outcome.err.startswith(f"psttm-geo: {file} ") or outcome.err.startswith(f"psttm-geo: {file}: ")
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize("name", ["zones.csv", "predecessors.csv"])
def test_an_input_is_not_read_with_broken_tables(
    run: Run, posas: Callable[..., Path], posas_rows: pd.DataFrame, data_copy: Path, name: str
) -> None:
    (data_copy / name).unlink()
    outcome = run("inputs", "add", "residents", posas(posas_rows))
    assert outcome.code == 2
    assert name in outcome.err


def test_a_damaged_workspace_is_refused_everywhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "workspace.json").write_text("{")
    for arguments in (["status"], ["status", "--json"], ["build", "-o", tmp_path / "x.gpkg"]):
        outcome = run(*arguments)
        assert (outcome.code, outcome.out) == (2, "")
        assert "workspace.json è danneggiato" in outcome.err
    assert not (tmp_path / "x.gpkg").exists()


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("module", "name"), [(workflows.delivery, "load_territory"), (geopackage, "_require_whole")], ids=["reading", "writing"]
)
def test_an_interrupted_build_leaves_the_old_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: object, name: str
) -> None:
    output = tmp_path / "old.gpkg"
    output.write_bytes(b"what stood here")
    monkeypatch.setattr(module, name, interrupt)
    outcome = run("build", "-o", output)
    assert (outcome.code, outcome.out) == (130, "")
    assert "Traceback" not in outcome.err
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"what stood here"]


def test_the_command_runs_as_a_process_of_its_own(run_apart: Run) -> None:
    assert run_apart("check") == (0, "Tabelle in ordine: nessun errore.\n", "")
    assert run_apart("build").code == 2


def test_text_that_the_terminal_cannot_show_is_no_traceback(run_apart: Run, tmp_path: Path) -> None:
    outcome = run_apart("build", "-o", tmp_path / "x.shp", PYTHONIOENCODING="ascii:strict", LC_ALL="C")
    assert outcome.code == 2
    assert "Traceback" not in outcome.err
