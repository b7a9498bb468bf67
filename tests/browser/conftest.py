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
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from psttm_geo.core.settings import Settings

COMMAND = Path(sys.executable).with_name("psttm-geo")

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
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


@pytest.fixture(scope="session")
def _visitor(browser: Browser) -> BrowserContext:
    """Give a visitor who keeps what Streamlit's pages are made of, so that it is fetched and compiled once."""
    return browser.new_context(locale="it-IT")


@pytest.fixture
def visit(
    browser: Browser, _visitor: BrowserContext, site: str, outside: set[str], faults: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open an address in a new tab, by default the application's; every request and error is accounted for.

    With options of Playwright's, a new visitor opens it.
    """
    with contextlib.ExitStack() as opened:

        def visit(query: str = "", *, at: str = site, size: tuple[int, int] = DESKTOP, **options: Any) -> Page:  # noqa: ANN401 - as Playwright takes them
            width, height = size
            context = browser.new_context(locale="it-IT", **options) if options else _visitor
            page = context.new_page()
            opened.callback(context.close if options else page.close)
            page.set_default_timeout(PATIENCE_MS)
            page.set_viewport_size({"width": width, "height": height})
            home = urlsplit(at).netloc

            def account(address: str) -> None:
                parts = urlsplit(address)
                if parts.scheme not in {"file", "data", "blob"} and parts.netloc != home:
                    outside.add(parts.netloc)

            def listen(message: ConsoleMessage) -> None:
                if message.type == "error":
                    faults.append(message.text)

            page.on("request", lambda request: account(request.url))
            page.on("websocket", lambda channel: account(channel.url))
            page.on("console", listen)
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(at + query)
            return page

        yield visit
    assert outside == set()
    assert faults == []
