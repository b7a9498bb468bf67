"""Starting the server."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from psttm_geo.app import server
from psttm_geo.core.settings import Settings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there: Streamlit is not started


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((server.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((server.HOST, 0))
        return int(probe.getsockname()[1])


@dataclass
class Started:
    """What Streamlit would be started with."""

    script: Path | None = None
    options: dict[str, object] = field(default_factory=dict)
    prepared: list[str] = field(default_factory=list)

    def app(self, script: Path, **_: object) -> "Started":
        self.script = script
        return self

    def run(self, *, config: dict[str, object]) -> None:
        self.options = config


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    found = Started()
    monkeypatch.setattr(server.st, "App", found.app)
    monkeypatch.setattr(server.data, "warm_up", lambda: None)
    monkeypatch.setattr(server.data, "prepare_surroundings", lambda: found.prepared.append("streets are loading"))
    monkeypatch.setattr(server.data, "prepare_trials", lambda: found.prepared.append("today's walks are made ready"))
    monkeypatch.setenv("PSTTM_SERVED", "")  # put back as it was after the test, whatever the server sets
    monkeypatch.delenv("PSTTM_SERVED")
    return found


def test_a_taken_port_is_refused_with_one_sentence_that_names_it(run: Callable[..., Any], taken_port: int) -> None:
    outcome = run("app", "--port", taken_port)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith(f"psttm-geo: La porta {taken_port} è occupata")
    assert len(outcome.err.splitlines()) == 1


def test_a_damaged_workspace_is_refused_before_anything_is_served(
    run: Callable[..., Any], tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.st, "App", lambda *_, **__: pytest.fail("it was served"))
    (tmp_path / "workspace.json").write_text("{", "utf-8")
    outcome = run("app", "--port", free_port, "--workspace", tmp_path)
    assert outcome.code == 2
    assert str(tmp_path / "workspace.json") in outcome.err
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("base_path", ["mappe/psttm", "/mappe/psttm", "/mappe/psttm/"])
def test_it_listens_on_this_machine_only_and_asks_nobody_outside(
    started: Started, free_port: int, settings: Settings, base_path: str
) -> None:
    server.serve(settings, port=free_port, base_path=base_path)
    assert started.script is not None
    assert started.script.is_file()
    assert {
        "server.address": "127.0.0.1",
        "server.port": free_port,
        "server.baseUrlPath": "mappe/psttm",
        "browser.serverAddress": "localhost",
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.disableDataExport": True,
    }.items() <= started.options.items()


@pytest.mark.usefixtures("started")
def test_pages_see_the_workspace_it_was_started_with(free_port: int, tmp_path: Path) -> None:
    server.serve(Settings(workspace=tmp_path), port=free_port, base_path="")
    assert Settings().workspace == tmp_path
    assert os.environ["PSTTM_WORKSPACE"] == str(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="Windows always has a screen")
@pytest.mark.parametrize(("screen", "headless"), [("", True), (":0", False)])
def test_a_browser_is_opened_only_where_there_is_a_screen(
    started: Started,
    free_port: int,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    screen: str,
    *,
    headless: bool,
) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", screen)
    server.serve(settings, port=free_port, base_path="")
    assert started.options.get("server.headless", False) is headless


@pytest.mark.parametrize("kept", [True, False])
def test_on_a_desk_what_is_kept_is_opened_at_once(
    started: Started, free_port: int, settings: Settings, *, kept: bool
) -> None:
    if kept:
        (settings.workspace / "cache" / "times-1").mkdir(parents=True)
    server.serve(settings, port=free_port, base_path="")
    assert bool(started.prepared) is kept


def test_served_to_many_forgets_the_gone_and_opens_no_browser(
    started: Started, run: Callable[..., Any], free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    assert run("app", "--served", "--address", EVERYWHERE, "--port", free_port).code == 0
    assert started.prepared == ["streets are loading", "today's walks are made ready"]
    assert {
        "server.address": EVERYWHERE,
        "server.disconnectedSessionTTL": 30,
        "server.headless": True,
    }.items() <= started.options.items()
    assert Settings().served


def test_on_a_desk_the_workspace_may_be_changed(started: Started, run: Callable[..., Any], free_port: int) -> None:
    assert run("app", "--port", free_port).code == 0
    assert started.options["server.maxUploadSize"] == 50
    assert started.prepared == []
    assert not Settings().served


def test_others_are_let_in_only_where_they_can_change_nothing(
    started: Started, run: Callable[..., Any], free_port: int
) -> None:
    outcome = run("app", "--address", EVERYWHERE, "--port", free_port)
    assert outcome.code == 2
    assert "--served" in outcome.err
    assert started.script is None


@pytest.mark.parametrize("address", ["203.0.113.7", "nessuno.invalid"])
def test_an_address_of_another_machine_is_refused(
    started: Started, run: Callable[..., Any], free_port: int, address: str
) -> None:
    outcome = run("app", "--served", "--address", address, "--port", free_port)
    assert outcome.code == 2
    assert outcome.err.startswith(f"psttm-geo: {address} non è un indirizzo")
    assert started.script is None


def visited(folder: Path, port: int, sign: int) -> int:
    """Start the application, show a page to one visitor, and end it by a signal; return its code."""
    command = [sys.executable, "-c", "from psttm_geo.cli import main; main()", "app", "--served", "--port", str(port)]
    environment = {**os.environ, "TMPDIR": str(folder), "PSTTM_WORKSPACE": str(folder / "workspace")}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as application:
        while application.poll() is None and not list(folder.iterdir()):
            with contextlib.suppress(OSError), connect(f"ws://{server.HOST}:{port}/_stcore/stream") as page:
                request = BackMsg()
                request.rerun_script.query_string = "pagina=territorio"
                page.send(request.SerializeToString())
                while ForwardMsg.FromString(page.recv(decode=False)).WhichOneof("type") != "script_finished":
                    pass
            time.sleep(0.1)
        application.send_signal(sign)
        return application.wait()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are other ones on this system")
def test_what_visitors_were_shown_goes_with_the_server_or_with_the_next_run(
    tmp_path: Path, free_port: int, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert visited(tmp_path, free_port, signal.SIGTERM) == 143
    assert list(tmp_path.iterdir()) == []
    assert visited(tmp_path, free_port, signal.SIGKILL) == -signal.SIGKILL
    assert list(tmp_path.iterdir())
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert run("check").code == 0
    assert list(tmp_path.iterdir()) == []
