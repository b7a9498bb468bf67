"""Time from a click on a map to its answer: isochrones around a point, and what one more pharmacy changes; bytes sent.

Run from the project's root: ``.venv/bin/python benchmarks/clicks.py WORKSPACE``; the workspace holds what ``psttm-geo
access`` keeps. Drawn is the second frame after the map has said that it shows something else, which it says last.
"""

import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

COMMAND = str(Path(sys.executable).with_name("psttm-geo"))

PAGES = {
    "isochrones": "pagina=quindici_minuti&punto=45.4641,9.1901",
    "a pharmacy more": "pagina=scenario&categoria=farmacia&vista=45.464,9.19,15&scenario=a,farmacia,,45.4641,9.1901",
}
"""With a first point each, which waits until everything is loaded."""

CLICKS = ((45.466, 9.187), (45.462, 9.193), (45.4655, 9.195), (45.461, 9.186), (45.4675, 9.1915), (45.4635, 9.1885))

SETTLED_MS = 2500

READY = """figure => {
  const { dataset } = figure.parentNode.psttm.maps[0].getContainer();
  return figure.querySelectorAll(".leaflet-psttm-reached-pane path").length === 3 || dataset.services > 0;
}"""

CLICK = """(figure, place) => new Promise(done => {
  const [map] = figure.parentNode.psttm.maps, container = map.getContainer();
  const { x, y } = map.latLngToContainerPoint(place), box = container.getBoundingClientRect();
  const at = { bubbles: true, composed: true, clientX: box.left + x, clientY: box.top + y, detail: 1 };
  const hit = figure.getRootNode().elementFromPoint(at.clientX, at.clientY);
  const before = container.getAttribute("aria-label"), began = performance.now();
  new MutationObserver((_, watch) => {
    if (container.getAttribute("aria-label") === before) return;
    watch.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  }).observe(container, { attributes: true, attributeFilter: ["aria-label"] });
  for (const kind of ["mousedown", "mouseup", "click"]) hit.dispatchEvent(new MouseEvent(kind, at));
})"""


def measure(page: Page, name: str, address: str) -> None:
    """Print how long the first answer takes, then each click, and the median of the clicks."""
    received: list[int] = []
    page.on("websocket", lambda channel: channel.on("framereceived", lambda frame: received.append(len(frame))))
    began = time.perf_counter()
    page.goto(address)
    figure = page.locator(".psttm-figure")
    while not figure.evaluate(READY):
        page.wait_for_timeout(100)
    print(f"{name}, first of a fresh server: {time.perf_counter() - began:.1f} s")
    page.wait_for_timeout(SETTLED_MS)
    times = []
    for place in CLICKS:
        received.clear()
        times.append(figure.evaluate(CLICK, list(place)))
        page.wait_for_timeout(SETTLED_MS)
        print(f"click: {times[-1]:.0f} ms, {sum(received) / 1000:.0f} kB until settled")
    print(f"median {statistics.median(times):.0f} ms ({min(times):.0f}-{max(times):.0f})")


def main() -> None:
    """Serve the workspace and measure."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    options = ["app", "--port", str(port), "--workspace", sys.argv[1]]
    with subprocess.Popen([COMMAND, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while server.poll() is None:
                try:
                    urllib.request.urlopen(f"{address}/_stcore/health").close()  # noqa: S310 - our own server
                    break
                except OSError:
                    time.sleep(0.2)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                for name, query in PAGES.items():
                    measure(browser.new_page(viewport={"width": 1440, "height": 900}), name, f"{address}/?{query}")
                browser.close()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
