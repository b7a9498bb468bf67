"""Time from a request to a drawn map in Chromium, and bytes that a rerun sends.

Run from the project's root: ``.venv/bin/python benchmarks/app.py``. *Cold* is the first visitor of a server just
started, with an empty browser; *warm* is the same browser opening the page again. Bytes are those of the WebSocket, as
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

from playwright.sync_api import Browser, Page, sync_playwright

ROUNDS = 5

COMMAND = str(Path(sys.executable).with_name("psttm-geo"))

SETTLED_MS = 2000


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


def start(port: int, workspace: str) -> subprocess.Popen[bytes]:
    server = subprocess.Popen(
        [COMMAND, "app", "--port", str(port), "--workspace", workspace],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health"):
                return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    message = "the application did not start"
    raise RuntimeError(message)


def draw_s(page: Page, address: str) -> float:
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.frame_locator(".st-key-map iframe").locator("html[data-psttm=drawn]").wait_for(state="attached")
    return time.perf_counter() - started


def click_legnano(page: Page) -> None:
    frame = next(frame for frame in page.frames if "st_folium" in frame.url)
    x, y = frame.evaluate("() => { const p = map_div.latLngToContainerPoint([45.596, 8.915]); return [p.x, p.y]; }")
    box = page.locator(".st-key-map iframe").bounding_box()
    if box is None:
        message = "the map is not on the page"
        raise RuntimeError(message)
    page.mouse.click(box["x"] + x, box["y"] + y)


def measure_round(browser: Browser, workspace: str) -> dict[str, float]:
    port = free_port()
    server = start(port, workspace)
    address = f"http://127.0.0.1:{port}/"
    try:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        result = {"cold draw s": draw_s(context.new_page(), address)}
        page = context.new_page()
        traffic = Traffic(page)
        result["warm draw s"] = draw_s(page, address)
        result["click on a municipality kB"] = traffic.during(page, lambda: click_legnano(page)) / 1000
        result["other edition kB"] = traffic.during(page, page.get_by_text("2022-2024").first.click) / 1000
        result["other language kB"] = traffic.during(page, page.get_by_text("EN", exact=True).click) / 1000
        context.close()
    finally:
        server.terminate()
        server.wait()
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
