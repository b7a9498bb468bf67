"""Fifty visitors on one server: how long a rerun takes, what fails, and how the memory of the server grows.

Run from the project's root: ``.venv/bin/python benchmarks/load.py [--workspace DIR]``. The visitors are clients that
speak Streamlit's protocol over WebSockets as its page does, and draw nothing: each opens a page, waits as people do,
and goes to another page, edition, municipality or indicator. A rerun is measured from the request until the server says
that the script has finished; its bytes are those of its messages.
"""

import argparse
import asyncio
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from psttm_geo.app.navigation import PAGES

COMMAND = str(Path(sys.executable).with_name("psttm-geo"))

VISITORS = 50

MINUTES = 2.0

THINKING_S = (4.0, 12.0)

PATIENCE_S = 60.0

CHOICES = {
    "pagina": [*PAGES],
    "edizione": ["2022-2024", "2025-2027"],
    "lingua": ["it", "en"],
    "comune": ["015146", "015118", "015191", "015077", ""],
    "driver": ["1", "5", "10"],
    "obiettivo": ["5.10", "1.1", ""],
    "unita": ["comuni", "zone", "unioni"],
    "scenario": ["a,farmacia,,45.464,9.19", "a,farmacia,,45.5,9.1;a,alimentari,,45.5,9.11", ""],
}


class Visits:
    """What all visitors saw: seconds and bytes of every rerun, and what failed."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.received: list[int] = []
        self.failed: list[str] = []


async def rerun(page: ClientConnection, query: str, visits: Visits) -> None:
    """Ask for a rerun and wait for its end."""
    request = BackMsg()
    request.rerun_script.query_string = query
    started, received = time.perf_counter(), 0
    await page.send(request.SerializeToString())
    while True:
        answer = await asyncio.wait_for(page.recv(decode=False), PATIENCE_S)
        received += len(answer)
        message = ForwardMsg.FromString(answer)
        if message.delta.new_element.WhichOneof("type") == "exception":
            visits.failed.append(f"{query}: {message.delta.new_element.exception.message}")
        if message.WhichOneof("type") == "script_finished":
            break
    visits.seconds.append(time.perf_counter() - started)
    visits.received.append(received)


async def visit(port: int, number: int, until: float, visits: Visits) -> None:
    """Come, look around until the end, and go."""
    mind = random.Random(number)  # noqa: S311 - the same visits in every run
    await asyncio.sleep(mind.uniform(0, THINKING_S[1]))
    shown = {"pagina": "territorio"}
    try:
        async with connect(
            f"ws://127.0.0.1:{port}/_stcore/stream", origin=f"http://127.0.0.1:{port}", max_size=None
        ) as page:
            while time.monotonic() < until:
                await rerun(page, urlencode({name: value for name, value in shown.items() if value}), visits)
                changed = mind.choice([*CHOICES])
                shown[changed] = mind.choice(CHOICES[changed])
                await asyncio.sleep(mind.uniform(*THINKING_S))
    except (OSError, TimeoutError) as error:
        visits.failed.append(f"visitor {number}: {error!r}")


async def crowd(port: int, server: int, visits: Visits) -> tuple[float, float]:
    """Send all visitors, and return the memory of the server in the middle and at the end, MB."""
    until = time.monotonic() + 60 * MINUTES
    going = [asyncio.create_task(visit(port, number, until, visits)) for number in range(VISITORS)]
    await asyncio.sleep(30 * MINUTES)
    middle = memory_mb(server)
    await asyncio.sleep(max(0.0, until - time.monotonic() - 1))
    end = memory_mb(server)
    await asyncio.gather(*going)
    return middle, end


def memory_mb(process: int) -> float:
    """Return the memory a process holds (Linux)."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def await_server(port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health")
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the application did not start")


def main() -> None:
    with tempfile.TemporaryDirectory() as empty:
        parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
        parser.add_argument("--workspace", default=empty, help="by default an empty one")
        workspace = parser.parse_args().workspace
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [COMMAND, "app", "--served", "--port", str(port), "--workspace", workspace],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await_server(port)
            visits = Visits()
            middle, end = asyncio.run(crowd(port, server.pid, visits))
        finally:
            server.terminate()
            server.wait()
    hundredths = statistics.quantiles(visits.seconds, n=100)
    print(f"{VISITORS} visitors for {MINUTES:g} minutes: {len(visits.seconds)} reruns, {len(visits.failed)} errors")
    print(f"rerun, seconds: median {hundredths[49]:.3f}, p95 {hundredths[94]:.3f}, max {max(visits.seconds):.3f}")
    kilobytes = [size / 1000 for size in visits.received]
    print(f"rerun, kB: median {statistics.median(kilobytes):.0f}, max {max(kilobytes):.0f}")
    print(f"memory of the server, MB: {middle:.0f} in the middle, {end:.0f} at the end ({end / middle:.2f})")
    for text in visits.failed[:10]:
        print(text)


if __name__ == "__main__":
    main()
