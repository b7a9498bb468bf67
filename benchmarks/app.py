"""Time from a request to a drawn map in Chromium, and bytes that a rerun sends.

Run from the project's root: ``.venv/bin/python benchmarks/app.py``. *Cold* is the first visitor of a server just
started, with an empty browser; *warm* is the same browser opening the page again. The browser itself says when what is
drawn has been painted, counted from the start of the request. Bytes are those of the WebSocket, as
received by the browser before decompression, and of files fetched over HTTP, until two seconds after the change.
"""

import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROUNDS = 5

COMMAND = str(Path(sys.executable).with_name("psttm-geo"))

SETTLED_MS = 2000

RERUNS: tuple[tuple[str, str, Callable[[Page], object]], ...] = (
    (
        "another edition, goals kB",
        "pagina=obiettivi&obiettivo=5.10",
        lambda page: page.get_by_role("radio", name="2022-2024").click(),
    ),
    (
        "another theme, comparison kB",
        "pagina=confronto",
        lambda page: page.get_by_role("radio", name="Obiettivi che coinvolgono i Comuni").click(),
    ),
)
"""Reruns of the other pages: name, address, and what the visitor does."""


MAP = "[...document.querySelectorAll('.st-key-map *')].some(one => one.shadowRoot?.querySelector('[data-psttm=drawn]'))"

TITLE = "document.querySelector('h1')"

WATCH = """(drawn => {
  const look = () => {
    if (drawn()) setTimeout(() => { window.paintedAt = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})"""
"""Looks before every frame whether something is drawn, and notes when the first frame with it was painted."""


class Traffic:
    """Bytes that reach a page."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        page.on("websocket", lambda socket_: socket_.on("framereceived", self._add))
        page.on("response", lambda answer: self._count(answer.headers.get("content-length")))

    def _add(self, frame: str | bytes) -> None:
        self.received += len(frame)

    def _count(self, length: str | None) -> None:
        self.received += int(length or 0)

    def during(self, page: Page, action: Callable[[], object]) -> int:
        """Return the bytes that arrive from `action` until the page has settled."""
        page.wait_for_timeout(SETTLED_MS)
        before = self.received
        action()
        page.wait_for_timeout(SETTLED_MS)
        return self.received - before


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(port: int, command: list[str]) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    message = "the application did not start"
    raise RuntimeError(message)


def bare_draw_s(browser: Browser, folder: str) -> float:
    """Return the warm time of the smallest Streamlit page there is: what no page of ours can beat."""
    script, port = Path(folder) / "bare.py", free_port()
    script.write_text("import streamlit as st\n\nst.title('bare')\n")
    options = ["--server.headless=true", "--browser.gatherUsageStats=false", "--browser.serverAddress=localhost"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *options]
    server = start(port, command)
    try:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        elapsed = [paint_s(watched(context, TITLE), f"http://127.0.0.1:{port}/") for _ in range(2)][-1]
        context.close()
    finally:
        server.terminate()
        server.wait()
    return elapsed


def watched(context: BrowserContext, drawn: str) -> Page:
    page = context.new_page()
    page.add_init_script(f"{WATCH}(() => {drawn})")
    return page


def paint_s(page: Page, address: str) -> float:
    """Open an address and return when the thing watched for was painted."""
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.paintedAt")
    return float(page.evaluate("window.paintedAt")) / 1000


def click_legnano(page: Page) -> None:
    x, y = page.locator(".psttm-figure").evaluate(
        """figure => {
            const [map] = figure.parentNode.psttm.maps, box = map.getContainer().getBoundingClientRect();
            const place = map.latLngToContainerPoint([45.596, 8.915]);
            return [box.x + place.x, box.y + place.y];
        }"""
    )
    page.mouse.click(x, y)


def measure_round(browser: Browser, workspace: str) -> dict[str, float]:
    port = free_port()
    server = start(port, [COMMAND, "app", "--port", str(port), "--workspace", workspace])
    address = f"http://127.0.0.1:{port}/"
    try:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        result = {"cold draw s": paint_s(watched(context, MAP), f"{address}?pagina=territorio")}
        page = watched(context, MAP)
        traffic = Traffic(page)
        result["warm draw s"] = paint_s(page, f"{address}?pagina=territorio")
        result["click on a municipality kB"] = traffic.during(page, lambda: click_legnano(page)) / 1000
        result["other edition kB"] = traffic.during(page, page.get_by_text("2022-2024").first.click) / 1000
        result["other language kB"] = traffic.during(page, page.get_by_text("EN", exact=True).click) / 1000
        for name, query, action in RERUNS:
            paint_s(page, f"{address}?{query}")
            result[name] = traffic.during(page, lambda action=action: action(page)) / 1000
        context.close()
    finally:
        server.terminate()
        server.wait()
    result["bare Streamlit page, warm s"] = bare_draw_s(browser, workspace)
    result["warm draw to bare page"] = result["warm draw s"] / result["bare Streamlit page, warm s"]
    return result


def main() -> None:
    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        rounds = [measure_round(browser, workspace) for _ in range(ROUNDS)]
    print(f"{'measure':32}{'min':>10}{'median':>10}{'max':>10}")
    for name in rounds[0]:
        values = [round_[name] for round_ in rounds]
        print(f"{name:32}{min(values):10.2f}{statistics.median(values):10.2f}{max(values):10.2f}")


if __name__ == "__main__":
    main()
