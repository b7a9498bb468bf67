import atexit
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo.access import compilation, rehearsal
from psttm_geo.access.compilation import await_kernels, compile_beside, compile_kernels


class Child:
    """Stands in for a process that compiles."""

    started: list["Child"]
    ends: list[Callable[[], None]]

    def __init__(self, command: list[str], **_: object) -> None:
        self.command, self.calls = command, list[str]()
        self.started.append(self)

    def wait(self) -> None:
        self.calls.append("wait")

    def terminate(self) -> None:
        self.calls.append("terminate")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.setattr(compilation, "_KERNELS", tmp_path / "_kernels")
    monkeypatch.setattr(compilation, "user_cache_path", lambda *_, **__: tmp_path / "user")
    return tmp_path / "kept"


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    for name in ("started", "ends"):
        monkeypatch.setattr(Child, name, [], raising=False)
    monkeypatch.setattr(compilation, "_children", [])
    monkeypatch.setattr(subprocess, "Popen", Child)
    monkeypatch.setattr(atexit, "register", Child.ends.append)
    return Child.started


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    made: list[str] = []
    monkeypatch.setattr(rehearsal, "call_all_kernels", lambda: made.append("all"))
    return made


@pytest.mark.usefixtures("folder")
def test_one_process_compiles_beside_and_is_waited_for(children: list[Child]) -> None:
    for _ in range(2):
        said = compile_beside()
        assert said is not None
        assert "once after an installation" in said.say("en")
    (child,) = children
    assert child.command[1:] == ["-P", "-m", "psttm_geo.access.compilation"]
    await_kernels()
    assert child.calls == ["wait"]
    (end,) = Child.ends
    end()
    assert child.calls == ["wait", "terminate", "wait"]


def test_kernels_are_compiled_once(folder: Path, children: list[Child], calls: list[str]) -> None:
    compile_kernels()
    compile_kernels()
    assert calls == ["all"]
    assert len(list(folder.glob("compiled-*"))) == 1
    assert compile_beside() is None
    assert children == []


def test_kernels_are_compiled_anew_when_a_file_of_theirs_has_changed(
    folder: Path, children: list[Child], calls: list[str], tmp_path: Path
) -> None:
    compile_kernels()
    kept = [folder / "search.search-1.py311.nbi", folder / "_kernels_0a4f" / "reach._kind-2.py311.1.nbc"]
    other = folder / "other_17" / "other.one-1.py311.nbi"
    for path in (*kept, other):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "_kernels").mkdir()
    (tmp_path / "_kernels" / "search.py").write_text("changed", "utf-8")
    assert compile_beside() is not None
    assert len(children) == 1
    compile_kernels()
    assert calls == ["all", "all"]
    assert [path.exists() for path in (*kept, other)] == [False, False, True]


def test_where_the_first_folder_cannot_be_written_the_next_one_keeps_the_mark(
    folder: Path, calls: list[str], tmp_path: Path
) -> None:
    folder.touch()
    compile_kernels()
    compile_kernels()
    assert calls == ["all"]
    assert len(list((tmp_path / "_kernels" / "__pycache__").glob("compiled-*"))) == 1


def test_where_no_folder_can_be_written_it_is_said_and_nothing_is_started(
    folder: Path, children: list[Child], calls: list[str], tmp_path: Path
) -> None:
    for path in (folder, tmp_path / "_kernels", tmp_path / "user"):
        path.touch()
    said = compile_beside()
    assert said is not None
    assert "NUMBA_CACHE_DIR" in said.say("en")
    compile_kernels()
    assert (children, calls) == ([], [])


def test_without_a_folder_to_keep_them_in_kernels_are_compiled_all_the_same(
    run_apart_python: Callable[[str], tuple[int, str, str]],
) -> None:
    script = (
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import numpy as np\n"
        "from psttm_geo.access._kernels import jit\n"
        "@jit.entry\n"
        "def double(values):\n"
        "    for place in range(len(values)):\n"
        "        values[place] *= 2\n"
        "values = np.arange(3)\n"
        "double(values)\n"
        "print(jit.KEPT, values.tolist())\n"
    )
    assert run_apart_python(script) == (0, "False [0, 2, 4]\n", "")


def test_every_kernel_is_compiled_for_one_signature(run_apart_python: Callable[[str], tuple[int, str, str]]) -> None:
    # What tests call with arrays of other kinds is compiled for these too: a process that has run none is asked.
    script = (
        "import json\n"
        "from numba.core.dispatcher import Dispatcher\n"
        "from psttm_geo.access import rehearsal\n"
        "from psttm_geo.access._kernels import gains, isochrone, outline, reach, search, several, street, stretch\n"
        "rehearsal.call_all_kernels()\n"
        "modules = gains, isochrone, outline, reach, search, several, street, stretch\n"
        "kernels = {one for module in modules for one in vars(module).values() if isinstance(one, Dispatcher)}\n"
        "print(json.dumps({one.py_func.__name__: len(one.signatures) for one in kernels}))\n"
    )
    code, said, _ = run_apart_python(script)
    called = json.loads(said)
    assert code == 0
    entries = {"fill_cells", "nearest_streets", "search", "place_times", "count_services"}
    entries |= {"find_squares", "find_tangles", "find_reached", "trace_block", "_walk_rings", "search_several"}
    entries |= {"place_several", "list_improved", "add_excess", "raise_level", "count_above"}
    assert {name for name, signatures in called.items() if signatures} >= entries
    assert set(called.values()) <= {0, 1}
