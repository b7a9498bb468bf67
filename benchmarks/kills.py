"""Whether a workspace survives commands that are killed and commands that meet.

Run from the project's root: ``.venv/bin/python benchmarks/kills.py [KILLS] [ROUNDS]``. Registered again and again under
the same name with other bytes, a register of projects (``projects add``) and residents (``fetch residents``, from a
server on this machine), each command killed at a moment of its life drawn by chance; then pairs of commands at the
same instant: two kinds, two names of one kind, and one that registers while another builds. After each: is every input
the old file or the new one, can a command use the workspace, is no registration lost?
"""

import http.server
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from psttm_geo.core.files import sha256_of
from psttm_geo.core.workspace import Kind, Workspace
from psttm_geo.schema.data_tables import data_path

COMMAND = str(Path(sys.executable).with_name("psttm-geo"))

HEADER = "codice,titolo,comuni,edizione,driver,importo_eur\n"

YEAR = 2026


def residents_zip(more: int) -> bytes:
    """Make a POSAS file of the embedded residents, with some more newborn boys in one municipality."""
    zones = pd.read_csv(data_path() / "zones.csv", dtype=str)
    counts = pd.read_csv(data_path() / "boundaries" / "residents.csv", dtype={"municipality_code": str})
    rows = counts.merge(zones[["municipality_code", "municipality"]], on="municipality_code", validate="m:1")
    rows.loc[(rows["municipality_code"] == "015146") & (rows["age"] == 0), "males"] += more
    totals = rows.groupby(["municipality_code", "municipality"], as_index=False)[["males", "females"]].sum()
    rows = pd.concat([rows, totals.assign(age=999)]).sort_values(["municipality_code", "age"])
    lines = [f"Popolazione residente per età e sesso al 1° gennaio {YEAR}"]
    lines.append("Codice comune;Comune;Età;Totale maschi;Totale femmine;Totale")
    columns = ("municipality_code", "municipality", "age", "males", "females")
    lines += [
        f"{code};{name};{age};{m};{f};{m + f}" for code, name, age, m, f in rows[[*columns]].itertuples(index=False)
    ]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"POSAS_{YEAR}_it_Comuni.csv", "\n".join(lines) + "\n")
    return packed.getvalue()


class Server(http.server.BaseHTTPRequestHandler):
    """Serves the residents of the moment."""

    content = b""

    def do_GET(self) -> None:
        """Answer."""
        self._answer(self.content)

    def do_HEAD(self) -> None:
        """Answer without content."""
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Trial:
    """A workspace and what is registered in it, and what was seen."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.workspace = folder, Workspace(folder / "workspace")
        self.environment = os.environ | {"PSTTM_WORKSPACE": str(self.workspace.folder), "PSTTM_ISTAT_DEMO_URL": address}
        self.seen: Counter[str] = Counter()

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command."""
        return subprocess.Popen(
            [COMMAND, "--quiet", *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def register(self, kind: Kind, turn: int) -> tuple[subprocess.Popen[bytes], str]:
        """Start to register new bytes under the same name; return the process and their sum."""
        if kind == "residents":
            Server.content = residents_zip(turn)
            path = self.folder / "expected.zip"
            path.write_bytes(Server.content)
            return self.start("fetch", "residents", "--year", str(YEAR)), sha256_of(path)
        path = self.folder / "progetti.csv"
        path.write_text(f"{HEADER}P{turn},Progetto {turn},015146,2025-2027,1,100\n", "utf-8")
        return self.start("projects", "add", str(path)), sha256_of(path)

    def sums(self) -> dict[str, str]:
        """Return what is in force; an input that is damaged as such."""
        entries = self.workspace.inputs.entries
        return {str(kind): entry.sha256 if entry.state == "ok" else "damaged" for kind, entry in entries.items()}

    def judge(self, kind: str, possible: set[str]) -> None:
        """Count whether an input is one of those it can be."""
        found = self.sums().get(kind, "nothing")
        self.seen["as it must be" if found in possible else f"{kind}: {found}"] += 1


def kill(trial: Trial, count: int, chance: random.Random) -> None:
    """Kill commands while they register, and see what is in force."""
    kinds: tuple[Kind, Kind] = ("projects", "residents")
    lives: dict[str, float] = {}
    before: dict[str, str] = {}
    for kind in kinds:
        start = time.monotonic()
        process, before[kind] = trial.register(kind, 0)
        process.wait()
        lives[kind] = time.monotonic() - start
    for turn in range(1, count + 1):
        kind = kinds[turn % 2]
        process, new = trial.register(kind, turn)
        try:
            process.wait(lives[kind] * chance.uniform(0.5, 1.1))
        except subprocess.TimeoutExpired:
            process.kill()
            trial.seen["killed"] += 1
        process.communicate()
        trial.judge(kind, {before[kind], new})
        before[kind] = trial.sums().get(kind, "")
    trial.seen["a command afterwards"] += trial.start("check").wait() == 0
    trial.seen["a build afterwards"] += trial.start("build", "-o", str(trial.folder / "x.gpkg")).wait() == 0


def race(trial: Trial, rounds: int) -> None:
    """Let two commands meet, and see what is in force."""
    for turn in range(1, rounds + 1):
        (one, projects), (two, residents) = (trial.register("projects", turn), trial.register("residents", turn))
        trial.seen["both registered"] += one.wait() == two.wait() == 0
        trial.judge("projects", {projects})
        trial.judge("residents", {residents})
        other = trial.folder / "altri.csv"
        one, first = trial.register("projects", -turn)
        other.write_text(f"{HEADER}A{turn},Altro,015146,2025-2027,1,100\n", "utf-8")
        two = trial.start("projects", "add", str(other))
        trial.seen["both registered under two names"] += one.wait() == two.wait() == 0
        trial.judge("projects", {first, sha256_of(other)})
        building = trial.start("build", "-o", str(trial.folder / "race.gpkg"))
        one, last = trial.register("projects", turn)
        trial.seen["registered while another built"] += one.wait() == 0
        trial.seen["built while another registered"] += building.wait() == 0
        trial.judge("projects", {last})


def trials(address: str) -> Iterator[Trial]:
    """Give a fresh workspace."""
    folder = Path(tempfile.mkdtemp())
    try:
        yield Trial(folder, address)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Print what was seen."""
    kills, rounds = (int(text) for text in (*sys.argv[1:], "500", "60")[:2])
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        for trial in trials(address):
            kill(trial, kills, random.Random(1))  # noqa: S311 - no secret
            print(f"{kills} kills: {dict(trial.seen)}")
        for trial in trials(address):
            race(trial, rounds)
            print(f"{rounds} rounds of three races: {dict(trial.seen)}")
        server.shutdown()


if __name__ == "__main__":
    main()
