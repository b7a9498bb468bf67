"""The real application, in a real browser."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, WebSocket, expect, sync_playwright

from psttm_geo.core.settings import Settings

COMMAND = Path(sys.executable).with_name("psttm-geo")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Drawing is done by the processor either way; without a program that plays a graphics card it is done in less.
    "--disable-gpu",
    # Should a page ask for an outside host after all, nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

DESKTOP = (1440, 900)

PATIENCE_MS = 20_000

BASE_PATH = "mappe/psttm"


class OwnSite(NamedTuple):
    """An application whose workspace a test may change."""

    address: str
    workspace: Path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(CHROMIUM)} is installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def _is_healthy(port: int, base_path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", f"{base_path}/_stcore/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _await_health(server: subprocess.Popen[bytes], port: int, base_path: str, log: Path) -> None:
    for _ in range(300):
        if _is_healthy(port, base_path):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.2)
            break
    pytest.fail(f"the application did not start:\n{log.read_text('utf-8')}")


@contextlib.contextmanager
def _served(folder: Path, base_path: str = "", *options: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["app", "--port", str(port), "--workspace", str(folder / "workspace"), "--base-path", base_path]
    arguments += options
    log = folder / "log.txt"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PSTTM_")}
    with (
        log.open("wb") as output,
        subprocess.Popen([COMMAND, *arguments], stdout=output, stderr=output, env=environment) as server,
    ):
        try:
            _await_health(server, port, f"/{base_path}".rstrip("/"), log)
            yield f"http://127.0.0.1:{port}/{base_path}".rstrip("/") + "/"
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the application. It is started only where there is a browser to open it."""
    assert browser.is_connected()
    with _served(tmp_path_factory.mktemp("site")) as address:
        yield address


@pytest.fixture(scope="session")
def site_below(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the application under a base path."""
    assert browser.is_connected()
    with _served(tmp_path_factory.mktemp("site_below"), BASE_PATH) as address:
        yield address


@pytest.fixture
def site_for_many(tmp_path: Path) -> Iterator[str]:
    """Give the address of the application as it is served to many."""
    with _served(tmp_path, BASE_PATH, "--served") as address:
        yield address


@pytest.fixture(scope="session")
def _own_site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSite]:
    assert browser.is_connected()
    folder = tmp_path_factory.mktemp("own_site")
    with _served(folder) as address:
        yield OwnSite(address, folder / "workspace")


@pytest.fixture
def own_site(_own_site: OwnSite) -> OwnSite:
    """Give an application with an empty workspace, which the test may fill."""
    shutil.rmtree(_own_site.workspace, ignore_errors=True)
    return _own_site


@pytest.fixture
def with_access(own_site: OwnSite, walked: Settings) -> str:
    """Give the address of an application that holds accessibility of synthetic streets."""
    shutil.copytree(walked.workspace, own_site.workspace, dirs_exist_ok=True)
    return own_site.address


@pytest.fixture
def outside() -> set[str]:
    """Collect the hosts, other than the server itself, that pages asked; what is left at the end fails the test."""
    return set()


@pytest.fixture
def faults() -> list[str]:
    """Collect the errors of pages and of their consoles; what is left at the end fails the test."""
    return []


@pytest.fixture
def asked() -> list[str]:
    """Collect the addresses that pages asked for."""
    return []


@pytest.fixture
def received() -> list[int]:
    """Collect how long the messages are that the server sent to pages."""
    return []


class Heard(NamedTuple):
    """What a test hears of its pages."""

    outside: set[str]
    faults: list[str]
    asked: list[str]
    received: list[int]


class Tab:
    """A tab in which one page after the other is opened: a page costs half of what it costs in a new tab."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._home = ""
        self._heard = Heard(set(), [], [], [])
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: self._note_request(request.url))
        page.on("websocket", self._listen_in)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self._heard.faults.append(str(error)))

    def open(self, address: str, home: str, size: tuple[int, int], heard: Heard) -> Page:
        self._home, self._heard = urlsplit(home).netloc, heard
        width, height = size
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(address)
        return self.page

    def leave(self) -> None:
        """Put down what the next page would find: the place of the mouse, answers in place of a server, paper."""
        self.page.mouse.move(0, 0)
        self.page.goto("about:blank")
        self.page.unroute_all()
        self.page.emulate_media(media="null")

    def _account(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"file", "data", "blob", "about"} and parts.netloc != self._home:
            self._heard.outside.add(parts.netloc)

    def _note_request(self, address: str) -> None:
        self._heard.asked.append(address)
        self._account(address)

    def _listen_in(self, channel: WebSocket) -> None:
        self._account(channel.url)
        channel.on("framereceived", lambda message: self._heard.received.append(len(message)))

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._heard.faults.append(message.text)


class Visitor(NamedTuple):
    """Somebody who keeps what Streamlit's pages are made of, and the tabs that are done with."""

    context: BrowserContext
    idle: list[Tab]


@pytest.fixture(scope="session")
def _visitors() -> dict[str, Visitor]:
    """Give those who have come, by their options of Playwright's."""
    return {}


@pytest.fixture
def visit(
    browser: Browser,
    _visitors: dict[str, Visitor],
    site: str,
    outside: set[str],
    faults: list[str],
    asked: list[str],
    received: list[int],
) -> Iterator[Callable[..., Page]]:
    """Open an address in a tab of its own, by default the map; every request and error is accounted for.

    Each set of options of Playwright's has a visitor of its own.
    """
    heard = Heard(outside, faults, asked, received)
    with contextlib.ExitStack() as opened:

        def visit(query: str = "", *, at: str = site, size: tuple[int, int] = DESKTOP, **options: Any) -> Page:  # noqa: ANN401 - as Playwright takes them
            name = repr(options)
            if name not in _visitors:
                _visitors[name] = Visitor(browser.new_context(locale="it-IT", **options), [])
            context, idle = _visitors[name]
            tab = idle.pop() if idle else Tab(context.new_page())

            def leave() -> None:
                tab.leave()
                idle.append(tab)  # one that cannot be left is not used again

            opened.callback(leave)
            if "pagina=" not in query:
                query += f"{'&' if query else '?'}pagina=territorio"
            return tab.open(at + query, at, size, heard)

        yield visit
    assert outside == set()
    assert faults == []
