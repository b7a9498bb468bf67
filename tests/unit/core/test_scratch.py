"""What is not to stay goes with its process, or with the next one."""

import contextlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from psttm_geo.core import scratch
from psttm_geo.core.scratch import reserved_name, scratch_folder, sweep

_HOLDER = """
import sys
from pathlib import Path
from psttm_geo.core.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_bytes(b"half")
    print(folder.name, flush=True)
    sys.stdin.read()
"""

_BUSY_AT_THE_END = """
import contextlib, itertools, os, sys, threading
from pathlib import Path
from psttm_geo.core.scratch import scratch_folder
folders = []
begun = threading.Event()
def write(name):
    for number in itertools.count():
        with contextlib.suppress(OSError):
            os.close(os.open(f"{folders[0]}/{name}-{number}", os.O_CREAT))
        if number == 300:
            begun.set()
def hold():
    with scratch_folder(Path(sys.argv[1])) as folder:
        folders.append(folder)
        for name in range(8):
            threading.Thread(target=write, args=[name], daemon=True).start()
        threading.Event().wait()
threading.Thread(target=hold, daemon=True).start()
begun.wait()
"""


@contextlib.contextmanager
def holder(parent: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Give another process that holds a scratch folder, and that folder."""
    command = [sys.executable, "-c", _HOLDER, str(parent)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        yield process, parent / process.stdout.readline().strip()
        process.kill()


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Give a scratch folder whose process was killed."""
    with holder(tmp_path) as (process, folder):
        process.kill()
    return folder


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("error", [None, ValueError("x"), KeyboardInterrupt()], ids=repr)
def test_a_folder_goes_in_the_end(tmp_path: Path, error: BaseException | None) -> None:
    with contextlib.suppress(ValueError, KeyboardInterrupt), scratch_folder(tmp_path) as folder:
        assert names(folder) == set()
        (folder / "deep").mkdir()
        (folder / "deep" / "file").touch()
        if error:
            raise error
    assert names(tmp_path) == set()


def test_without_a_place_it_is_among_the_systems_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder() as folder:
        assert folder.parent == tmp_path
        assert names(tmp_path) == {folder.name, f"{folder.name}.lock"}
        assert folder.name.startswith(scratch.NAME)


def test_what_a_killed_process_leaves_goes_with_the_next_folder(tmp_path: Path, left: Path) -> None:
    assert (left / "deep" / "file").read_bytes() == b"half"
    with scratch_folder(tmp_path) as folder:
        assert names(tmp_path) == {folder.name, f"{folder.name}.lock"}
    assert names(tmp_path) == set()


def test_or_with_a_sweep(tmp_path: Path, left: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sweep()
    assert not left.exists()
    assert names(tmp_path) == set()


def test_what_a_living_process_holds_stays(tmp_path: Path) -> None:
    with holder(tmp_path) as (process, folder):
        sweep(tmp_path)
        assert (folder / "deep" / "file").read_bytes() == b"half"
        assert names(tmp_path) == {folder.name, f"{folder.name}.lock"}
        process.communicate("")
        assert process.returncode == 0
    assert names(tmp_path) == set()


def test_so_does_what_this_one_holds(tmp_path: Path) -> None:
    with reserved_name(tmp_path, ".gpkg") as name:
        name.write_bytes(b"half")
        sweep(tmp_path)
        assert name.read_bytes() == b"half"


def test_threads_that_end_with_their_process_leave_nothing(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _BUSY_AT_THE_END, str(tmp_path)], stderr=subprocess.DEVNULL, check=True)
    assert names(tmp_path) == set()


def test_what_cannot_be_removed_is_left_to_the_next(
    tmp_path: Path, left: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        sweep(tmp_path)
        sweep(tmp_path)
        assert f"{left.name}.lock" in names(tmp_path)
        assert len(names(tmp_path)) == 2
    sweep(tmp_path)
    assert names(tmp_path) == set()


def test_what_has_another_name_or_no_lock_is_nobodys_business(tmp_path: Path) -> None:
    others = {"psttm-geo-1", f"{scratch.NAME}2", f"{scratch.NAME}3-gone"}
    for name in others:
        (tmp_path / name).mkdir()
    (tmp_path / "psttm-geo-1.lock").touch()
    sweep(tmp_path)
    assert names(tmp_path) == others | {"psttm-geo-1.lock"}


@pytest.mark.skipif(sys.platform == "win32", reason="links take a right there that few have")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    scratched = tmp_path / "scratch"
    scratched.mkdir()
    (scratched / f"{scratch.NAME}1").symlink_to(tmp_path / "mine")
    (scratched / f"{scratch.NAME}1.lock").symlink_to(tmp_path / "mine" / "file")
    sweep(scratched)
    assert (tmp_path / "mine" / "file").exists()
    (scratched / f"{scratch.NAME}1.lock").unlink()
    (scratched / f"{scratch.NAME}1.lock").touch()
    sweep(scratched)
    assert (tmp_path / "mine" / "file").exists()


def test_a_folder_that_is_not_there_is_clean(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
