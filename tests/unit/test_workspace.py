import json
from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo.errors import OutputError, WorkspaceError
from psttm_geo.files import sha256_of
from psttm_geo.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "deep" / "workspace")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "POSAS città.csv"
    path.write_text("content")
    return path


def files(workspace: Workspace) -> set[str]:
    return {path.relative_to(workspace.folder).as_posix() for path in workspace.folder.rglob("*") if path.is_file()}


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
    workspace.add("residents", file)
    other = tmp_path / "other.csv"
    other.write_text("other")
    workspace.add("residents", other)
    assert workspace.inputs["residents"].path.read_text() == "other"
    assert files(workspace) == {"workspace.json", "inputs/residents/other.csv"}


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
    with pytest.raises(WorkspaceError, match="inputs add residents FILE") as error:
        _ = workspace.inputs
    assert str(added.path) in error.value.text.en
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
    assert content["inputs"]["residents"]["file"] == "inputs/residents/POSAS città.csv"
    assert text.endswith("}\n")


def test_a_workspace_that_cannot_be_made_is_an_error_of_the_output(file: Path) -> None:
    with pytest.raises(OutputError, match="una parte del percorso non è una cartella"):
        Workspace(file / "workspace").add("residents", file)
