import contextlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from psttm_geo.core.errors import OutputError, WorkspaceError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.workspace import Workspace

HEX = re.compile(r"[0-9a-f]{16}")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "deep" / "workspace")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "POSAS città.csv"
    path.write_text("content")
    return path


def files(workspace: Workspace) -> set[str]:
    """Return what the folder holds, without the parts of paths that name a content."""
    found = (path.relative_to(workspace.folder) for path in workspace.folder.rglob("*") if path.is_file())
    return {"/".join(part for part in path.parts if not HEX.fullmatch(part)) for path in found} - {"workspace.lock"}


def test_looking_creates_nothing(workspace: Workspace) -> None:
    assert workspace.inputs == {}
    assert workspace.remove("residents") == ()
    assert not workspace.folder.exists()


def test_an_added_file_is_a_copy_with_its_sum(workspace: Workspace, file: Path) -> None:
    added = workspace.add("residents", file)
    file.unlink()
    assert workspace.inputs == {"residents": added}
    assert added.path.read_text() == "content"
    assert added.sha256 == sha256_of(added.path)
    assert added.path.is_relative_to(workspace.folder)
    assert files(workspace) == {"workspace.json", "inputs/residents/POSAS città.csv"}


def test_a_second_file_of_a_kind_takes_the_place_of_the_first(workspace: Workspace, file: Path, tmp_path: Path) -> None:
    first = workspace.add("residents", file)
    for name in ("second.csv", "third.csv"):
        other = tmp_path / name
        other.write_text(name)
        added = workspace.add("residents", other)
        assert workspace.inputs["residents"] == added
        assert added.path.read_text() == name
        assert first.path.exists() == (name == "second.csv")  # whoever was reading it has time to finish
    assert files(workspace) == {"workspace.json", "inputs/residents/second.csv", "inputs/residents/third.csv"}


def test_other_bytes_under_the_same_name_leave_the_old_copy_as_it_was(workspace: Workspace, file: Path) -> None:
    old = workspace.add("residents", file)
    file.write_text("revised")
    new = workspace.add("residents", file)
    assert [old.path.read_text(), new.path.read_text()] == ["content", "revised"]
    assert old.path.name == new.path.name == file.name


def test_a_copy_of_the_old_layout_is_in_force_until_the_next_but_one(workspace: Workspace, file: Path) -> None:
    old = workspace.add("residents", file)
    flat = workspace.folder / "inputs" / "residents" / file.name
    shutil.move(old.path, flat)
    manifest = workspace.folder / "workspace.json"
    manifest.write_text(manifest.read_text("utf-8").replace(f"{old.sha256[:16]}/", ""), "utf-8")
    assert workspace.inputs["residents"].path == flat
    for content, is_kept in (("revised", True), ("revised again", False)):
        file.write_text(content)
        assert workspace.add("residents", file).path.read_text() == content
        assert flat.exists() == is_kept


def test_what_a_killed_process_left_behind_goes_with_the_next_change(workspace: Workspace, file: Path) -> None:
    workspace.add("residents", file)
    orphan = workspace.folder / "inputs" / "residents" / ("0" * 16) / "killed.csv"
    orphan.parent.mkdir()
    orphan.write_text("half")
    assert set(workspace.inputs) == {"residents"}
    workspace.add("residents", file)
    assert not orphan.parent.exists()


def test_kinds_do_not_disturb_each_other(workspace: Workspace, file: Path) -> None:
    workspace.add("residents", file)
    workspace.add("boundaries", file)
    assert set(workspace.inputs) == {"residents", "boundaries"}
    assert workspace.remove("residents") == ("residents",)
    assert set(workspace.inputs) == {"boundaries"}
    assert files(workspace) == {"workspace.json", "inputs/boundaries/POSAS città.csv"}


def test_an_attribution_goes_with_its_register(workspace: Workspace, file: Path) -> None:
    for kind in ("projects", "attribution", "stations"):
        workspace.add(kind, file)
    assert workspace.remove("projects") == ("projects", "attribution")
    assert set(workspace.inputs) == {"stations"}
    assert files(workspace) == {"workspace.json", "inputs/stations/POSAS città.csv"}


def test_an_attribution_can_go_alone(workspace: Workspace, file: Path) -> None:
    workspace.add("projects", file)
    workspace.add("attribution", file)
    assert workspace.remove("attribution") == ("attribution",)
    assert set(workspace.inputs) == {"projects"}


def test_an_attribution_left_without_register_can_be_removed_by_either_name(workspace: Workspace, file: Path) -> None:
    workspace.add("attribution", file)
    assert workspace.remove("projects") == ("attribution",)
    assert workspace.inputs == {}


def test_the_copy_itself_can_be_registered_again(workspace: Workspace, file: Path) -> None:
    copy = workspace.add("residents", file).path
    copy.write_text("changed on purpose")
    workspace.add("residents", copy)
    assert workspace.inputs["residents"].path.read_text() == "changed on purpose"


def test_the_workspace_can_be_moved(workspace: Workspace, file: Path, tmp_path: Path) -> None:
    workspace.add("residents", file)
    moved = Workspace(workspace.folder.rename(tmp_path / "moved"))
    assert moved.inputs["residents"].path.read_text() == "content"


@pytest.mark.parametrize("change", [Path.unlink, lambda path: path.write_text("x")], ids=["missing", "changed"])
def test_a_file_that_is_not_what_was_registered_is_noticed(
    workspace: Workspace, file: Path, change: Callable[[Path], None]
) -> None:
    added = workspace.add("residents", file)
    change(added.path)
    workspace.add("stations", file)
    with pytest.raises(WorkspaceError, match="inputs add residents FILE") as error:
        workspace.inputs["residents"]
    assert str(added.path) in error.value.text.en
    assert "inputs remove residents" in error.value.text.en
    assert workspace.inputs["stations"].path.read_text() == "content"  # a damaged input stops only what needs it
    assert workspace.inputs.faults(("stations", "residents", "osm")) == (error.value.text,)
    assert {kind: entry.state == "ok" for kind, entry in workspace.inputs.entries.items()} == {
        "residents": False,
        "stations": True,
    }
    assert workspace.remove("stations") == ("stations",)
    assert workspace.remove("residents") == ("residents",)
    assert workspace.inputs == {}


DAMAGE = {
    "no JSON": "{",
    "empty": "",
    "a list": "[]",
    "a number": "1",
    "no inputs": "{}",
    "inputs as list": '{"inputs": []}',
    "entry without sum": '{"inputs": {"residents": {"file": "x"}}}',
    "entry as text": '{"inputs": {"residents": "x"}}',
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_manifest_is_refused_and_adding_starts_anew(workspace: Workspace, file: Path, content: str) -> None:
    workspace.folder.mkdir(parents=True)
    manifest = workspace.folder / "workspace.json"
    manifest.write_text(content)
    with pytest.raises(WorkspaceError, match="è danneggiato"):
        _ = workspace.inputs
    assert manifest.read_text() == content
    manifest.unlink()
    workspace.add("residents", file)
    assert set(workspace.inputs) == {"residents"}


def test_bytes_that_are_no_text_are_a_damaged_manifest(workspace: Workspace) -> None:
    workspace.folder.mkdir(parents=True)
    (workspace.folder / "workspace.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WorkspaceError):
        _ = workspace.inputs


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_file_can_be_registered_over_a_damaged_manifest(workspace: Workspace, file: Path, content: str) -> None:
    workspace.folder.mkdir(parents=True)
    (workspace.folder / "workspace.json").write_text(content)
    workspace.add("boundaries", file)
    assert workspace.inputs["boundaries"].path.read_text() == "content"


def test_the_manifest_is_readable_by_people(workspace: Workspace, file: Path) -> None:
    workspace.add("residents", file)
    text = (workspace.folder / "workspace.json").read_text("utf-8")
    content = json.loads(text)
    assert content["version"] == 1
    entry = content["inputs"]["residents"]
    assert entry["file"] == f"inputs/residents/{entry['sha256'][:16]}/POSAS città.csv"
    assert text.endswith("}\n")


def test_a_workspace_that_cannot_be_made_is_an_error_of_the_output(file: Path) -> None:
    with pytest.raises(OutputError, match="una parte del percorso non è una cartella"):
        Workspace(file / "workspace").add("residents", file)


def test_a_manifest_of_a_newer_version_is_refused_and_left(workspace: Workspace, file: Path) -> None:
    workspace.add("residents", file)
    manifest = workspace.folder / "workspace.json"
    newer = manifest.read_text("utf-8").replace('"version": 1', '"version": 2')
    manifest.write_text(newer, "utf-8")
    for act in (
        lambda: workspace.inputs,
        lambda: workspace.add("stations", file),
        lambda: workspace.remove("residents"),
    ):
        with pytest.raises(WorkspaceError, match="versione più recente"):
            act()
    assert manifest.read_text("utf-8") == newer


def test_a_workspace_that_is_a_file_is_refused(file: Path) -> None:
    for act in (lambda: Workspace(file).inputs, lambda: Workspace(file).add("stations", file)):
        with pytest.raises(WorkspaceError, match="è un file; indicare una cartella"):
            act()
    assert file.read_text() == "content"


def test_a_file_that_changes_while_it_is_copied_is_not_registered(
    workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def grow(source: Path, target: Path) -> None:
        target.write_text(source.read_text() + "more")

    workspace.add("residents", file)
    monkeypatch.setattr("shutil.copyfile", grow)
    file.write_text("written by somebody")
    with pytest.raises(OutputError, match="è cambiato durante la copia"):
        workspace.add("residents", file)
    assert workspace.inputs["residents"].path.read_text() == "content"


def test_who_waits_too_long_for_another_process_is_told(
    workspace: Workspace, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.add("residents", file)
    monkeypatch.setattr("psttm_geo.core.workspace._WAIT_S", 0)
    with FileLock(workspace.folder / "workspace.lock"), pytest.raises(OutputError, match="un altro processo"):
        workspace.add("stations", file)
    assert set(workspace.inputs) == {"residents"}


REGISTER = """
import sys
from pathlib import Path
from psttm_geo.core.workspace import Workspace

folder, kind, file = sys.argv[1:]
Workspace(Path(folder)).add(kind, Path(file))
"""


def start(workspace: Workspace, kind: str, file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", REGISTER, workspace.folder, kind, file])


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [("residents", "stations"), ("residents", "residents")], ids=["two", "one"])
def test_two_processes_that_register_at_once_lose_nothing(
    workspace: Workspace, tmp_path: Path, kinds: tuple[str, str]
) -> None:
    for turn in range(5):
        paths = [tmp_path / f"{name}.csv" for name in "ab"]
        for path in paths:
            path.write_text(f"{path.name} {turn}")
        started = [start(workspace, kind, path) for kind, path in zip(kinds, paths, strict=True)]
        assert [process.wait() for process in started] == [0, 0]
        found = {kind: entry.path.read_text() for kind, entry in workspace.inputs.items()}
        possible = [
            dict(zip(order, (f"{path.name} {turn}" for path in those), strict=True))
            for order, those in ((kinds, paths), (kinds[::-1], paths[::-1]))
        ]
        assert found in possible


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_the_old_file_in_force_or_the_new_one(workspace: Workspace, file: Path) -> None:
    size = 1 << 20
    file.write_text("0" * size)
    workspace.add("residents", file)
    for turn in range(1, 13):
        file.write_text(str(turn % 10) * size)
        process = start(workspace, "residents", file)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.03 * turn)
        process.kill()
        process.wait()
        assert workspace.inputs["residents"].path.read_text() in {str(n % 10) * size for n in (turn, turn - 1)}
        assert workspace.add("residents", file).path.read_text() == str(turn % 10) * size
