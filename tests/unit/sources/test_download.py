import http.server
import re
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import workflows
from psttm_geo.errors import DownloadError, OutputError
from psttm_geo.settings import Settings
from psttm_geo.sources.download import posas_url

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def whole(status: int, content: bytes) -> Answer:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def cut(content: bytes) -> Answer:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content[: len(content) // 2])

    return answer


def cut_without_length(content: bytes) -> Answer:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(content[: len(content) // 2])

    return answer


class Server(http.server.ThreadingHTTPServer):
    """A server on this machine that gives one answer to everything and remembers what was asked."""

    answer: Answer
    asked: list[str]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.answer(self)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        monkeypatch.setenv("PSTTM_ISTAT_DEMO_URL", f"http://127.0.0.1:{running.server_port}/")
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def good(posas: Callable[..., Path], posas_rows: pd.DataFrame) -> bytes:
    path = posas(posas_rows, "synthetic.zip")
    content = path.read_bytes()
    path.unlink()
    return content


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_address_is_istats() -> None:
    assert posas_url("https://demo.istat.it/", 2026) == "https://demo.istat.it/data/posas/POSAS_2026_it_Comuni.zip"


def test_a_good_file_goes_into_the_workspace_and_is_used_from_then_on(
    run: Callable[..., object], server: Server, good: bytes, tmp_path: Path
) -> None:
    server.answer = whole(200, good)
    outcome = run("fetch", "residents", "--year", "2026")
    kept = tmp_path / "workspace" / "inputs" / "residents" / "POSAS_2026_it_Comuni.zip"
    assert outcome.code == 0
    assert outcome.out == f"{kept}\n"
    assert kept.read_bytes() == good
    assert server.asked == ["/data/posas/POSAS_2026_it_Comuni.zip"]
    assert {file.name for file in files(tmp_path / "workspace")} == {kept.name, "workspace.json"}
    assert workflows.load_territory(Settings()).residents_date == "2026-01-01"


def test_a_good_file_goes_to_the_folder_named_and_the_workspace_stays_empty(
    run: Callable[..., object], server: Server, good: bytes, tmp_path: Path
) -> None:
    server.answer = whole(200, good)
    folder = tmp_path / "downloads"
    folder.mkdir()
    assert run("--quiet", "fetch", "residents", "--year", "2026", "--to", folder).err == ""
    assert [file.read_bytes() for file in files(folder)] == [good]
    assert not (tmp_path / "workspace").exists()


FAILURES = {
    "error page": (lambda _: whole(200, b"<html>Servizio non disponibile</html>"), "non è il file atteso"),
    "nothing": (lambda _: whole(200, b""), "non è il file atteso"),
    "404": (lambda _: whole(404, b"not found"), "il server risponde 404"),
    "503": (lambda _: whole(503, b"busy"), "il server risponde 503"),
    "cut": (cut, "il server non risponde o la rete è chiusa"),
    "cut without length": (cut_without_length, "non è il file atteso"),
}


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest, server: Server, good: bytes) -> str:
    """Make the server fail in one way and give what the user is to be told."""
    answer, said = FAILURES[request.param]
    server.answer = answer(good)
    return said


def require_refused(outcome: object, said: str) -> None:
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    last = outcome.err.splitlines()[-1]
    assert last.startswith("psttm-geo: http://127.0.0.1")
    assert said in last
    assert "Niente è stato salvato" in last


@pytest.mark.parametrize("option", [[], ["--quiet"]], ids=["with progress", "quiet"])
def test_a_failed_download_leaves_the_workspace_empty(
    run: Callable[..., object], failure: str, tmp_path: Path, option: list[str]
) -> None:
    require_refused(run(*option, "fetch", "residents", "--year", "2026"), failure)
    assert files(tmp_path) == []


def test_a_failed_download_leaves_the_file_that_was_there(
    run: Callable[..., object], failure: str, tmp_path: Path
) -> None:
    before = tmp_path / "POSAS_2026_it_Comuni.zip"
    before.write_bytes(b"from an earlier day")
    require_refused(run("--quiet", "fetch", "residents", "--year", "2026", "--to", tmp_path), failure)
    assert before.read_bytes() == b"from an earlier day"
    assert files(tmp_path) == [before]


@pytest.mark.usefixtures("failure")
def test_a_failed_download_is_no_error_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        workflows.fetch_residents(Settings(), year=2026, folder=tmp_path, progress=False)


def test_a_closed_port_is_said_in_one_sentence(
    run: Callable[..., object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("PSTTM_ISTAT_DEMO_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    require_refused(run("--quiet", "fetch", "residents", "--year", "2026"), "il server non risponde o la rete è chiusa")
    assert files(tmp_path) == []


def test_the_file_of_another_year_is_not_taken_for_the_one_asked(
    run: Callable[..., object], server: Server, good: bytes, tmp_path: Path
) -> None:
    server.answer = whole(200, good)
    assert run("--quiet", "fetch", "residents", "--year", "2025", "--to", tmp_path).code == 2
    assert files(tmp_path) == []


def test_a_zip_of_something_else_is_refused(run: Callable[..., object], server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("other.csv", "a;b\n1;2\n")
    server.answer = whole(200, other.read_bytes())
    other.unlink()
    outcome = run("--quiet", "fetch", "residents", "--year", "2026", "--to", tmp_path)
    require_refused(outcome, "non è un file POSAS")
    assert re.search(r"\.POSAS\S*", outcome.err) is None, (
        "the name of the temporary file is none of the user's business"
    )
    assert files(tmp_path) == []


def test_a_folder_that_does_not_exist_is_an_error_of_the_output(server: Server, good: bytes, tmp_path: Path) -> None:
    server.answer = whole(200, good)
    with pytest.raises(OutputError, match="la cartella non esiste"):
        workflows.fetch_residents(Settings(), year=2026, folder=tmp_path / "none", progress=False)


def test_a_workspace_that_cannot_be_made_is_said_in_one_sentence(
    run: Callable[..., object], server: Server, good: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PSTTM_WORKSPACE", str(tmp_path / "file" / "workspace"))
    server.answer = whole(200, good)
    outcome = run("--quiet", "fetch", "residents", "--year", "2026")
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: Impossibile scrivere")


@pytest.mark.parametrize("year", ["1999", "abc", "3000"])
def test_an_impossible_year_is_refused_before_asking(run: Callable[..., object], server: Server, year: str) -> None:
    assert run("fetch", "residents", "--year", year).code == 2
    assert server.asked == []
