import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.cli import command
from psttm_geo.core.files import sha256_of
from psttm_geo.core.numbers import say_number
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery import geopackage
from psttm_geo.schema.contracts import SCHEMAS
from psttm_geo.schema.data_tables import Register

EVERYBODY = 3_219_391

Run = Callable[..., object]

COMMANDS = [
    [],
    ["check"],
    ["build"],
    ["export"],
    ["diff"],
    ["app"],
    ["status"],
    ["inputs"],
    ["inputs", "add"],
    ["inputs", "remove"],
    ["projects"],
    ["projects", "add"],
    ["monitoring"],
    ["monitoring", "add"],
    ["monitoring", "export"],
    ["monitoring", "status"],
    ["monitoring", "template"],
    ["prepare"],
    ["site"],
    ["template"],
    ["fetch"],
    ["osm"],
    ["osm", "read"],
    ["osm", "fetch"],
    ["synthetic"],
    ["access"],
    ["isochrone"],
    ["what-if"],
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


POOL = """
import atexit
from psttm_geo.cli import main
atexit.register(lambda: print(__import__("pyarrow").default_memory_pool().backend_name))
main(["--version"])
"""


@pytest.mark.parametrize(("own", "used"), [({}, "system"), ({"ARROW_DEFAULT_MEMORY_POOL": "mimalloc"}, "mimalloc")])
def test_arrow_asks_the_system_for_memory_unless_told_otherwise(own: dict[str, str], used: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run([sys.executable, "-c", POOL], capture_output=True, text=True, env=inherited | own, check=True)
    assert done.stdout.splitlines()[-1] == used


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
        ["export", "x.gpkg", "-o", "x", "--format", "csv", "--crs", "7791"],
        ["diff", "x.gpkg"],
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


@pytest.mark.usefixtures("unwritten")
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
        "zona «Alto» sconosciuta; indicarne una fra",
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
    "unknown member": ("unions.csv", "015014,Basiano", "015999,Basiano", 2, "Basiano (015999) non è in zones.csv"),
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
    found = json.loads(run("check", "--json").out)
    for key in ("unknown zone", "unknown member", "wrong number of unions"):
        name, _, _, line, said = FAULTS[key]
        assert [(entry["file"], entry["row"]) for entry in found if said in entry["message"]] == [(name, line)]


def test_faults_inside_a_changed_file_are_told_beside_its_changed_sum(run: Run, spoil: Callable[..., None]) -> None:
    spoil(*FAULTS["wrong number of unions"][:3], registered=False)
    outcome = run("check")
    assert outcome.code == 1
    assert "editions.csv non è il file registrato" in outcome.out
    assert "dichiara 4 unioni di comuni" in outcome.out


def test_check_names_every_missing_table(run: Run, data_copy: Path) -> None:
    tables = set(SCHEMAS) - {"sources.csv"}
    for name in tables:
        (data_copy / name).unlink()
    outcome = run("check")
    assert outcome.code == 1
    for name in tables:
        assert f"{name}: il file non c'è; rimetterlo nella cartella dei dati." in outcome.out


@pytest.mark.parametrize("name", ["boundaries/municipalities.fgb", "boundaries/residents.csv", "boundaries/italy.csv"])
@pytest.mark.parametrize("content", [None, b"", b"something else"], ids=["missing", "empty", "changed"])
def test_check_names_a_damaged_snapshot(run: Run, data_copy: Path, name: str, content: bytes | None) -> None:
    if content is None:
        (data_copy / name).unlink()
    else:
        (data_copy / name).write_bytes(content)
    outcome = run("check")
    assert outcome.code == 1
    assert name in outcome.out


@pytest.mark.parametrize("name", ["boundaries/municipalities.fgb", "boundaries/residents.csv", "boundaries/italy.csv"])
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
    output = tmp_path / "città dell'Adda" / built.name
    output.parent.mkdir()
    outcome = run("build", "-o", output)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == f"{output}: {say_number(EVERYBODY, 0).it} residenti al 1° gennaio 2023"
    assert "  comuni: 133" in outcome.out.splitlines()
    assert output.read_bytes() == built.read_bytes()


@pytest.mark.usefixtures("unwritten")
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
    of_the_other = tables["fonti"].loc[tables["fonti"]["fonte"].str.contains("2025-2027"), "layer"]
    # A later document may state what an earlier edition achieved, and what stands beside all editions.
    assert set(of_the_other) == {"strumenti", "atti_del_piano", "organismi", "supporto_ai_comuni", "risultati"}
    assert all(set(table["edizione"].dropna()) <= {"2022-2024"} for table in tables.values() if "edizione" in table)


def test_build_of_an_edition_names_only_the_public_facts_it_rests_on(
    run: Run, tmp_path: Path, register: Register
) -> None:
    found = {}
    for edition in ("2022-2024", "2025-2027"):
        assert run("build", "-o", tmp_path / f"{edition}.gpkg", "--edition", edition).code == 0
        sources = geopackage.read_geopackage(tmp_path / f"{edition}.gpkg", ["fonti"])["fonti"]
        for layer in ("obiettivi", "obiettivi_comuni"):
            found[layer, edition] = set(sources.loc[sources["layer"] == layer, "indirizzo"])
    facts = register.tables["scope_lists.csv"].groupby("list")["address"]
    addresses = {name: set(listed) for name, listed in facts}
    before, after = found["obiettivi", "2022-2024"], found["obiettivi", "2025-2027"]
    assert addresses["navigli"] <= before
    assert not addresses["navigli"] & after, "goal 1.15 of 2022-2024 has no heir"
    assert addresses["idroscalo"] <= before & after
    assert not addresses["olimpiadi"] & (before | after), "the venues are named in particular, not where it applies"
    assert addresses["olimpiadi"] <= found["obiettivi_comuni", "2022-2024"] & found["obiettivi_comuni", "2025-2027"]
    assert addresses["navigli"] <= found["obiettivi_comuni", "2025-2027"]


def test_residents_named_are_used_dated_and_called_an_estimate(
    run: Run, posas: Callable[..., Path], posas_rows: pd.DataFrame, tmp_path: Path
) -> None:
    path = posas(posas_rows, "synthetic.zip")
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--residents", path)
    assert outcome.out.splitlines()[0].endswith(f"{say_number(EVERYBODY, 0).it} residenti al 1° gennaio 2026 (stima)")
    tables = geopackage.read_geopackage(tmp_path / "x.gpkg", ["comuni", "fonti"])
    assert set(tables["comuni"]["residenti_al"]) == {"2026-01-01"}
    used = tables["fonti"].query("layer == 'comuni' and sha256 == @sum", local_dict={"sum": sha256_of(path)})
    assert used["data"].to_list() == ["2026-01-01"]
    assert "(stima) (synthetic.zip), ISTAT" in used["fonte"].iloc[0]


@pytest.mark.usefixtures("unwritten")
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
    files = [str(tmp_path / "out" / "fonti.csv")]
    assert json.loads(outcome.out) == {"files": files, "left_out": [], "synthetic": []}


def test_status_of_an_empty_workspace(run: Run, tmp_path: Path) -> None:
    assert run("status") == (0, f"{tmp_path / 'workspace'}: vuota: valgono i dati incorporati\n", "")
    told = json.loads(run("status", "--json").out)
    assert told == {"workspace": str(tmp_path / "workspace"), "inputs": {}}
    assert not (tmp_path / "workspace").exists()


@pytest.mark.usefixtures("unwritten")
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


@pytest.mark.usefixtures("unwritten")
def test_a_damaged_input_stops_only_what_needs_it_and_status_says_how_to_get_out(run: Run, tmp_path: Path) -> None:
    run("projects", "add", write_register(tmp_path, "P1,015146,,"))
    Workspace(tmp_path / "workspace").inputs["projects"].path.unlink()
    assert "psttm-geo inputs remove projects" in run("status").out
    assert json.loads(run("status", "--json").out)["inputs"]["projects"]["state"] == "missing"
    assert run("check").code == 0
    assert run("inputs", "remove", "projects").code == 0
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0


def test_a_workspace_without_a_name_or_that_is_a_file_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    for name, said in (("", "PSTTM_WORKSPACE=: vuota, attesa una cartella"), (str(file), "è un file; indicare una")):
        monkeypatch.setenv("PSTTM_WORKSPACE", name)
        outcome = run("status")
        assert (outcome.code, outcome.out) == (2, "")
        assert said in outcome.err


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("module", "name"),
    [(jobs.deliveries, "load_territory"), (geopackage, "_require_whole")],
    ids=["reading", "writing"],
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


PAUSED = """
import importlib, signal, sys
from psttm_geo.cli import main
module, name, *arguments = sys.argv[1:]
def pause(*_, **__):
    print("paused", flush=True)
    sys.stdin.read()
setattr(importlib.import_module(module), name, pause)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background hands down that it is ignored
main(arguments)
"""

WORKS = {
    "reading": ("psttm_geo.osm._reader", "_prepare", "osm", "read", "{town}", "--territory", "osm:8"),
    "building": ("psttm_geo.delivery.geopackage", "write_schema", "build", "-o", "{out}/x.gpkg"),
    "exporting": (
        "psttm_geo.delivery.formats",
        "_write_workbook",
        *("export", "{gpkg}", "-o", "{out}", "--format", "xlsx", "--layers", "comuni"),
    ),
    "measuring": (
        *("psttm_geo.delivery.geopackage", "write_schema"),
        *("access", "--osm", "{town}", "--territory", "osm:8", "-o", "{out}/x.gpkg"),
    ),
}


@pytest.fixture
def stopped(
    built: Path, write_osm: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, int], tuple[int, str]]:
    """Stop a command with a signal in the middle of its work; give its code and what it said."""
    for folder in ("out", "scratch"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    border = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Alfa"}
    corners = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000)}
    town = write_osm(corners, {8: ([1, 2, 3, 4, 1], {"highway": "path"})}, {5: ([("way", 8, "outer")], border)})
    places = {"town": town, "out": tmp_path / "out", "gpkg": built}

    def stopped(work: str, sign: int) -> tuple[int, str]:
        module, name, *arguments = (part.format(**places) for part in WORKS[work])
        command = [sys.executable, "-W", "ignore", "-c", PAUSED, module, name, "--quiet", *arguments]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with subprocess.Popen(command, **pipes, encoding="utf-8") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "paused\n"
            assert left_by(tmp_path), "there is something to tidy up"
            process.send_signal(sign)
            _, said = process.communicate()
        return process.returncode, said

    return stopped


def left_by(folder: Path) -> list[Path]:
    return [path for name in ("out", "scratch") for path in (folder / name).iterdir()]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are other ones on this system")
class TestStopped:
    @pytest.mark.parametrize(
        ("work", "sign", "code"),
        [
            ("building", signal.SIGINT, 130),
            ("building", signal.SIGTERM, 143),
            ("reading", signal.SIGINT, 130),
            ("exporting", signal.SIGTERM, 143),
            ("measuring", signal.SIGINT, 130),
        ],
    )
    def test_a_command_that_is_told_to_stop_leaves_nothing(
        self, stopped: Callable[..., tuple[int, str]], tmp_path: Path, work: str, sign: int, code: int
    ) -> None:
        assert stopped(work, sign) == (code, "\n")
        assert left_by(tmp_path) == []

    @pytest.mark.parametrize("work", ["reading", "building", "exporting"])
    def test_what_a_killed_one_leaves_goes_with_the_next(
        self, stopped: Callable[..., tuple[int, str]], run_apart: Run, tmp_path: Path, work: str
    ) -> None:
        assert stopped(work, signal.SIGKILL)[0] == -signal.SIGKILL
        assert left_by(tmp_path)
        assert run_apart("template", "projects", "-o", tmp_path / "out" / "other.csv").code == 0
        assert [path.name for path in left_by(tmp_path)] == ["other.csv"]


DEAF = """
import signal
from psttm_geo import cli
signal.signal(signal.SIGTERM, signal.SIG_IGN)
cli.command.main = lambda *_, **__: signal.raise_signal(signal.SIGTERM)
cli.main([])
"""


def test_whoever_wants_another_end_has_it() -> None:
    assert subprocess.run([sys.executable, "-c", DEAF], check=False).returncode == 0


def test_the_command_runs_as_a_process_of_its_own(run_apart: Run) -> None:
    assert run_apart("check") == (0, "Tabelle in ordine: nessun errore.\n", "")
    assert run_apart("build").code == 2


def test_text_that_the_terminal_cannot_show_is_no_traceback(run_apart: Run, tmp_path: Path) -> None:
    outcome = run_apart("build", "-o", tmp_path / "x.shp", PYTHONIOENCODING="ascii:strict", LC_ALL="C")
    assert outcome.code == 2
    assert "Traceback" not in outcome.err


def write_register(folder: Path, *rows: str, header: str = "codice,comuni,driver,importo_eur") -> Path:
    path = folder / "register.csv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def test_a_register_is_added_shown_used_and_removed(run: Run, tmp_path: Path) -> None:
    path = write_register(tmp_path, "P1,015146,1,1000", "P2,015235,,")
    added = run("projects", "add", path)
    assert (added.code, added.out) == (0, f"projects: register.csv, {tmp_path / 'workspace'}\n")
    assert "riga 3: 015235 letto come 015251" in added.err
    assert "Progetti nel registro: 2; per edizione, non nota: 2." in added.err
    assert "Importi noti: 1 su 2, in totale 1.000 euro." in added.err
    assert "Fra i risultati del 2022-2024 il documento «" in added.err
    assert "conta 215 interventi nelle missioni del PNRR, per 464.267.194 euro: non sono tutti i progetti" in added.err
    assert "2 di 215" not in added.err, "the interventions are no sum that a register comes to"
    assert "projects: register.csv" in run("status").out
    assert json.loads(run("status", "--json").out)["inputs"]["projects"]["sha256"] == sha256_of(path)
    told = json.loads(run("build", "-o", tmp_path / "x.gpkg", "--json").out)
    assert (told["layers"]["progetti"], told["layers"]["progetti_comuni"]) == (2, 2)
    sources = geopackage.read_geopackage(tmp_path / "x.gpkg", ["fonti"])["fonti"]
    used = set(sources[sources["sha256"] == sha256_of(path)]["layer"])
    units = {"comuni", "zone_omogenee", "unioni_comuni", "citta_metropolitana"}
    assert used == {
        "progetti",
        "progetti_comuni",
        "progetti_conteggi",
        "progetti_driver",
        "progetti_obiettivi",
        "driver_comuni",
        "driver_zone",
        "driver_unioni",
        *units,
    }
    assert run("inputs", "remove", "projects").out.startswith("projects: tolto")
    assert "progetti" not in json.loads(run("build", "-o", tmp_path / "x.gpkg", "--json").out)["layers"]


EDITIONS = "codice,comuni,edizione,importo_eur"


def test_build_of_an_edition_holds_its_projects_only(run: Run, tmp_path: Path) -> None:
    rows = ("P1,015146,2022-2024,1", "P2,015146;015118,2025-2027,10", "P3,015118,,100")
    run("projects", "add", write_register(tmp_path, *rows, header=EDITIONS))
    held = {}
    for editions in (["2022-2024"], ["2025-2027"], ["2022-2024", "2025-2027"]):
        options = [part for edition in editions for part in ("--edition", edition)]
        assert run("build", "-o", tmp_path / "x.gpkg", *options).code == 0
        tables = geopackage.read_geopackage(tmp_path / "x.gpkg", ["progetti", "progetti_comuni", "citta_metropolitana"])
        listed = set(tables["progetti"]["progetto"])
        assert set(tables["progetti_comuni"]["progetto"]) == listed
        assert set(tables["progetti"]["edizione"].dropna()) == set(editions)
        assert tables["progetti"].set_index("progetto")["edizione"].isna()["P3"]
        counted = tables["citta_metropolitana"][["progetti", "progetti_edizione_non_nota"]].to_numpy().tolist()
        assert counted == [[len(listed), 1]]
        held[tuple(editions)] = listed
    assert list(held.values()) == [{"P1", "P3"}, {"P2", "P3"}, {"P1", "P2", "P3"}]


@pytest.mark.usefixtures("unwritten")
def test_build_of_an_edition_says_what_it_leaves_out_and_what_may_be_of_another(run: Run, tmp_path: Path) -> None:
    rows = ("P1,015146,2022-2024,1", "P2,015146;015118,2025-2027,10", "P3,015118,,100")
    run("projects", "add", write_register(tmp_path, *rows, header=EDITIONS))
    said = run("build", "-o", tmp_path / "x.gpkg", "--edition", "2025-2027").err
    assert "progetti di un'altra edizione, non contati: 1." in said
    assert "progetti di edizione non nota, contati perché possono essere del 2025-2027: 1." in said


def test_an_export_of_an_edition_keeps_the_projects_of_unknown_edition(run: Run, tmp_path: Path) -> None:
    rows = ("P1,015146,2022-2024,1", "P2,015118,2025-2027,10", "P3,015118,,100")
    run("projects", "add", write_register(tmp_path, *rows, header=EDITIONS))
    run("build", "-o", tmp_path / "x.gpkg")
    export = ("export", tmp_path / "x.gpkg", "-o", tmp_path / "out", "--format", "csv")
    assert run(*export, "--layers", "progetti", "--edition", "2025-2027").code == 0
    assert pd.read_csv(tmp_path / "out" / "progetti.csv")["progetto"].to_list() == ["P2", "P3"]


def test_a_register_without_projects_of_the_edition_is_no_source_and_it_is_said(run: Run, tmp_path: Path) -> None:
    path = write_register(tmp_path, "P1,015146,2022-2024,1", header=EDITIONS)
    run("projects", "add", path)
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--edition", "2025-2027")
    assert outcome.code == 0
    assert "nessun progetto dell'edizione 2025-2027: non è consegnato" in outcome.err
    tables = geopackage.read_geopackage(tmp_path / "x.gpkg", ["progetti", "comuni", "fonti"])
    assert "progetti" not in tables
    assert tables["comuni"]["progetti"].isna().all()
    assert sha256_of(path) not in set(tables["fonti"]["sha256"])


@pytest.mark.usefixtures("unwritten")
def test_notes_of_a_register_are_said_at_build_too_the_first_of_many(run: Run, tmp_path: Path) -> None:
    run("projects", "add", write_register(tmp_path, *(f"P{n},015235,," for n in range(5))))
    outcome = run("build", "-o", tmp_path / "x.gpkg")
    assert outcome.err.splitlines() == [
        *(f"nota: registro dei progetti: riga {n}: 015235 letto come 015251." for n in (2, 3, 4)),
        "nota: registro dei progetti: altre 2 note; psttm-geo projects add le elenca tutte.",
    ]
    assert run("--quiet", "build", "-o", tmp_path / "x.gpkg").err == ""


def test_a_register_with_faults_lists_them_all_and_registers_nothing(run: Run, tmp_path: Path) -> None:
    outcome = run("projects", "add", write_register(tmp_path, "P1,015999,11,x", "P2,015146,1,1", "P1,015146,,"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(
        "psttm-geo: trovati 4 errori nelle tabelle (righe con errori: 2; senza errori: 1; in tutto: 3):\n"
    )
    assert [line.split(":")[0].strip() for line in outcome.err.splitlines()[1:]] == [
        *["register.csv, riga 2"] * 3,
        "register.csv, riga 4",
    ]
    assert not (tmp_path / "workspace").exists()


def test_a_bad_register_leaves_the_good_one_in_force(run: Run, tmp_path: Path) -> None:
    run("projects", "add", write_register(tmp_path, "P1,015146,1,1"))
    before = run("status").out
    assert run("projects", "add", write_register(tmp_path, "P1,015999,1,1")).code == 2
    assert run("status").out == before


_PROJECT_TABLES = ["progetti", "progetti_driver", "progetti_obiettivi", "progetti_conteggi"]


def test_an_attribution_alone_or_with_its_register(run: Run, tmp_path: Path) -> None:
    path = write_register(tmp_path, "P1,015146,,10", "P2,015118,3,20")
    (tmp_path / "attribution.csv").write_text("cup,driver\nP1,7\nP1,9\n")
    alone = run("projects", "add", "--attribution", tmp_path / "attribution.csv")
    assert alone.code == 2
    assert "aggiungerlo prima con psttm-geo projects add FILE" in alone.err
    both = run("projects", "add", path, "--attribution", tmp_path / "attribution.csv")
    assert both.code == 0
    assert [line.split(",")[0] for line in both.out.splitlines()] == [
        "projects: register.csv",
        "attribution: attribution.csv",
    ]
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    built = geopackage.read_geopackage(tmp_path / "x.gpkg", _PROJECT_TABLES)
    assert built["progetti"].set_index("progetto")["elenco_driver"].to_dict() == {"P1": "7, 9", "P2": "3"}
    latest = built["progetti_driver"].query("edizione == '2025-2027'")
    assert latest[["progetto", "driver"]].to_numpy().tolist() == [["P1", 7], ["P1", 9], ["P2", 3]]
    assert built["progetti_obiettivi"].empty, "no measure finances them"
    counts = built["progetti_conteggi"].query("tipo_unita == 'citta_metropolitana'")
    assert counts.set_index("elenco_driver")["importo_eur"].to_dict() == {"7, 9": 10, "3": 20}
    assert counts["quota_importo"].sum() == pytest.approx(1)
    assert run("inputs", "remove", "attribution").code == 0
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    assert geopackage.read_geopackage(tmp_path / "x.gpkg", ["progetti"])["progetti"]["elenco_driver"].to_list() == [
        "",
        "3",
    ]


def test_a_register_with_a_bad_attribution_is_not_half_loaded(run: Run, tmp_path: Path) -> None:
    (tmp_path / "attribution.csv").write_text("cup,driver\nNONE,7\n")
    path = write_register(tmp_path, "P1,015146,,10")
    outcome = run("projects", "add", path, "--attribution", tmp_path / "attribution.csv")
    assert (outcome.code, outcome.out) == (2, "")
    assert "«NONE» non è nel registro" in outcome.err
    assert json.loads(run("status", "--json").out)["inputs"] == {}


@pytest.mark.usefixtures("unwritten")
def test_a_new_register_never_leaves_a_workspace_that_cannot_be_built(run: Run, tmp_path: Path) -> None:
    (tmp_path / "attribution.csv").write_text("cup,driver\nP1,7\n")
    run("projects", "add", write_register(tmp_path, "P1,015146,,"), "--attribution", tmp_path / "attribution.csv")
    run("projects", "add", write_register(tmp_path, "Q1,015146,,"))
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0


def test_a_register_is_removed_with_its_attribution_and_it_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "attribution.csv").write_text("cup,driver\nP1,7\n")
    run("projects", "add", write_register(tmp_path, "P1,015146,,"), "--attribution", tmp_path / "attribution.csv")
    assert run("inputs", "remove", "projects") == (
        0,
        "projects: tolto.\nattribution: tolta: senza il registro non ha effetto.\n",
        "",
    )
    assert json.loads(run("status", "--json").out)["inputs"] == {}


def test_projects_without_any_file_are_refused(run: Run) -> None:
    outcome = run("projects", "add")
    assert (outcome.code, outcome.out) == (2, "")
    assert "indicare il registro o --attribution" in outcome.err


@pytest.mark.parametrize("arguments", [["none.csv"], ["--attribution", "none.csv"]], ids=" ".join)
def test_a_register_that_does_not_exist_is_refused(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    run("projects", "add", write_register(tmp_path, "P1,015146,,"))
    outcome = run("projects", "add", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "none.csv" in outcome.err
    assert "Traceback" not in outcome.err


def test_a_register_is_not_read_with_tables_that_contradict_each_other(
    run: Run, spoil: Callable[..., None], tmp_path: Path
) -> None:
    spoil("goal_links.csv", "2022-2024,1,4,,,,dropped", "2022-2024,1,4,,,,continued")
    outcome = run("projects", "add", write_register(tmp_path, "P1,015146,,"))
    assert outcome.code == 2
    assert "goal_links.csv" in outcome.err


def test_projects_are_told_by_edition(run: Run, tmp_path: Path) -> None:
    path = write_register(
        tmp_path, "P1,015146,2022-2024", "P2,015146,2025-2027", "P3,015146,", header="codice,comuni,edizione"
    )
    said = run("projects", "add", path).err
    assert "Progetti nel registro: 3; per edizione, 2022-2024: 1, 2025-2027: 1, non nota: 1." in said
    assert "Nessun importo noto." in said


def test_a_driver_that_editions_mean_differently_is_doubtful_until_the_edition_is_given(
    run: Run, tmp_path: Path, spoil: Callable[..., None]
) -> None:
    spoil("drivers.csv", "2022-2024,3,Sustainability,Sustainability", "2022-2024,3,Energie rinnovabili,Energy")
    path = write_register(tmp_path, "P1,015146,3,10", "P2,015146,7,20", "P3,015118,,")
    said = run("projects", "add", path).err
    assert "Progetti del driver 3 di edizione non nota: 1." in said
    assert "2022-2024: Energie rinnovabili" in said
    (tmp_path / "attribution.csv").write_text("cup,driver,edizione\nP1,3,2022-2024\n")
    assert "driver 3" not in run("projects", "add", "--attribution", tmp_path / "attribution.csv").err
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    table = geopackage.read_geopackage(tmp_path / "x.gpkg", ["driver_comuni"])["driver_comuni"]
    milano = table[table["pro_com_t"] == "015146"].set_index(["edizione", "driver"])["progetti"]
    assert [milano[edition, 7] for edition in ("2022-2024", "2025-2027")] == [1, 1]
    assert milano["2022-2024", 3] == 1
    assert milano["2025-2027", 3] == 0


def test_a_changed_register_is_told_with_a_command_that_exists(run: Run, tmp_path: Path) -> None:
    run("projects", "add", write_register(tmp_path, "P1,015146,,"))
    Workspace(tmp_path / "workspace").inputs["projects"].path.write_text("changed")
    outcome = run("build", "-o", tmp_path / "x.gpkg")
    assert outcome.code == 2
    assert "psttm-geo projects add FILE" in outcome.err


def test_formulas_and_html_leave_neutralised(run: Run, tmp_path: Path) -> None:
    path = write_register(tmp_path, 'P1,015146,"=HYPERLINK(""x"")",<b>x</b>', header="codice,comuni,titolo,stato")
    assert run("projects", "add", path).code == 0
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    exported = run("export", tmp_path / "x.gpkg", "-o", tmp_path / "out", "--format", "csv", "--layers", "progetti")
    assert exported.code == 0
    row = pd.read_csv(tmp_path / "out" / "progetti.csv").iloc[0]
    assert not row["titolo"].startswith("=")
    assert "HYPERLINK" in row["titolo"]
    assert row["stato"] == "<b>x</b>"


def test_the_template_is_written_and_is_no_register_yet(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "template.csv"
    assert run("template", "projects", "-o", output) == (0, f"{output}\n", "")
    assert output.read_text("utf-8").startswith("codice,titolo,comuni,edizione,driver,missione,importo_eur,stato,")
    refused = run("projects", "add", output)
    assert refused.code == 2
    assert "non c'è nessuna riga sotto l'intestazione" in refused.err
    with output.open("a", encoding="utf-8") as file:
        file.write("P1,Scuola,015146,,7,4,1.000,,,\n")
    assert run("projects", "add", output).code == 0


def test_a_template_that_cannot_be_written_is_refused(run: Run, tmp_path: Path) -> None:
    outcome = run("template", "projects", "-o", tmp_path / "none" / "x.csv")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("psttm-geo: Impossibile scrivere")


def write_stations(path: Path, name: str, longitude: float) -> Path:
    point = {"type": "Point", "coordinates": [longitude, 45.4642]}
    feature = {"type": "Feature", "properties": {"nome": name}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def test_stations_of_several_files_are_added_together_listed_and_removed(run: Run, tmp_path: Path) -> None:
    first = write_stations(tmp_path / "a.geojson", "Duomo", 9.19)
    second = write_stations(tmp_path / "b.geojson", "Altrove", 12.0)
    assert run("inputs", "add", "stations", first, second) == (0, f"stations: 2, {tmp_path / 'workspace'}\n", "")
    assert "stations: stations.fgb" in run("status").out
    assert run("build", "-o", tmp_path / "x.gpkg").code == 0
    answers = geopackage.read_geopackage(tmp_path / "x.gpkg", ["obiettivi_comuni"])["obiettivi_comuni"].query(
        "missione == 3 and numero == 8"
    )
    applying = answers[answers["si_applica"] == "si"]
    assert applying["pro_com_t"].to_list() == ["015146"] * 2
    assert set(applying["motivo"]) == {"si applica: nel comune c'è la stazione Duomo"}
    assert run("inputs", "remove", "stations").out.startswith("stations: tolto")
    assert json.loads(run("status", "--json").out)["inputs"] == {}


@pytest.mark.parametrize("longitude", [12.0, 45.46], ids=["another region", "swapped"])
def test_stations_all_elsewhere_are_refused_in_one_sentence(run: Run, tmp_path: Path, longitude: float) -> None:
    outcome = run("inputs", "add", "stations", write_stations(tmp_path / "a.geojson", "Altrove", longitude))
    assert (outcome.code, outcome.out) == (2, "")
    (said,) = outcome.err.splitlines()
    assert "a.geojson: nessuna stazione è nel territorio; trovate" in said
    assert f"a {longitude:.2f}-{longitude:.2f}° E e 45.46-45.46° N" in said
    assert "8.71-9.55° E e 45.16-45.64° N" in said
    assert not (tmp_path / "workspace").exists()


def test_one_bad_file_of_stations_registers_none(run: Run, tmp_path: Path) -> None:
    good = write_stations(tmp_path / "a.geojson", "Duomo", 9.19)
    (tmp_path / "bad.shp").write_text("nothing")
    outcome = run("inputs", "add", "stations", good, tmp_path / "bad.shp")
    assert (outcome.code, outcome.out) == (2, "")
    assert "accanto a bad.shp manca .shx, .dbf" in outcome.err
    assert not (tmp_path / "workspace").exists()


def test_only_stations_take_several_files(run: Run, tmp_path: Path) -> None:
    outcome = run("inputs", "add", "residents", tmp_path / "a", tmp_path / "b")
    assert (outcome.code, outcome.out) == (2, "")
    assert "trovati 2 file, atteso uno" in outcome.err
