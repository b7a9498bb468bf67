"""From an empty workspace to layers and report, against publishers played by a server on this machine.

Run from the project's root: ``.venv/bin/python benchmarks/prepare.py DATA [KILLS] [NODES]``, where DATA holds the real
files of the tests (``census``, ``pnrr``, ``registers``). The server gives them as their publishers do: ranges, sums,
browsers alone; the extract is synthetic, of 500,000 nodes by default. First the whole, with time and memory of each
step; then the same again and again, each process killed at a moment drawn by chance, and in the end a run that is let
live: is the delivery the same, byte for byte? Then each publisher in turn refuses, stalls or answers with a web page:
is it said, and is the rest done?
"""

import http.server
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import openpyxl
import pyogrio

from psttm_geo.core.files import sha256_of

sys.path.insert(0, str(Path(__file__).parent))
from kills import COMMAND, residents_zip

STALL_S = 600

_ANEW = 0.5

PAGE = b"<!DOCTYPE html><html><body>Avviso</body></html>"

GROUPS = {
    "residents": "POSAS_",
    "census": "R03_21.zip",
    "registers": "f77v-rpny",
    "pnrr": "PNRR_Progetti",
    "osm": "nord-ovest-latest.osm.pbf",
}
"""What the address of one file of each group holds."""


def make_files(data: Path, folder: Path, nodes: int) -> dict[str, Path]:
    """Make what the publishers give, by a piece of its address."""
    made = {
        "POSAS_": folder / "POSAS_2026_it_Comuni.zip",
        "R03_21.zip": folder / "R03_21.zip",
        "Dati_regionali_": folder / "Dati_regionali_2021.zip",
        "nord-ovest-latest.osm.pbf": folder / "nord-ovest-latest.osm.pbf",
        "f77v-rpny": data / "registers" / "farmacie_lombardia.csv",
        "fm99-kxtn": data / "registers" / "scuole_lombardia.csv",
        "6n7g-5p5e": data / "registers" / "strutture_sanitarie.csv",
        "PNRR_Localizzazione": data / "pnrr" / "localizzazioni_validate_milano.csv",
        "PNRR_Progetti": data / "pnrr" / "progetti_validati_milano.csv",
    }
    made["POSAS_"].write_bytes(residents_zip(0))
    sections = pyogrio.read_dataframe(data / "census" / "sezioni_milano_2021.fgb")
    counts = ["PRO_COM", "SEZ21", "POP21"]
    sections = sections[[*counts, "geometry"]].astype(dict.fromkeys(counts, int))
    (folder / "shp").mkdir()
    pyogrio.write_dataframe(sections, folder / "shp" / "R03_21_WGS84.shp")
    with zipfile.ZipFile(made["R03_21.zip"], "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((folder / "shp").iterdir()):
            archive.write(path, path.name)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sezioni")
    ages = [f"P{number}" for number in range(14, 30)]
    sheet.append(["PROCOM", "SEZ21_ID", "P1", *ages])
    for code, number, people in sections[counts].itertuples(index=False):
        shares = [people // 16 + (place < people % 16) for place in range(16)]
        sheet.append([code, int(f"{code}{number:07d}"), people, *shares])
    indicators = folder / "R03_indicatori_2021_sezioni.xlsx"
    book.save(indicators)
    with zipfile.ZipFile(made["Dati_regionali_"], "w") as archive:
        archive.write(indicators, indicators.name)
    extract = made["nord-ovest-latest.osm.pbf"]
    subprocess.run([COMMAND, "--quiet", "synthetic", "-o", str(extract), "--nodes", str(nodes)], check=True)
    return made


class Publishers(http.server.BaseHTTPRequestHandler):
    """All of them at once; one may fail in a way of its own."""

    files: dict[str, Path]
    failing: tuple[str, str] = ("", "")

    def do_GET(self) -> None:
        """Answer with a file, or as the one who fails does."""
        piece, how = self.failing
        if piece and piece in self.path:
            return self._fail(how)
        found = next((path for name, path in self.files.items() if name in self.path), None)
        if found is None or self.path.endswith(".md5"):
            return self.send_error(404)
        size, asked = found.stat().st_size, self.headers.get("Range", "bytes=0-")
        first = 0 if "PNRR" in self.path else int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - first))
        self.send_header("ETag", f'"{size}"')
        self.end_headers()
        if self.command == "GET":
            with found.open("rb") as file:
                file.seek(first)
                shutil.copyfileobj(file, self.wfile)
        return None

    def do_HEAD(self) -> None:
        """Answer without content."""
        self.do_GET()

    def _fail(self, how: str) -> None:
        if how == "refuses":
            return self.send_error(403)
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE) if how == "page" else 10**6))
        self.end_headers()
        self.wfile.write(PAGE if how == "page" else b"")
        if how == "stalls":
            time.sleep(STALL_S)
        return None

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def start(workspace: Path, address: str) -> subprocess.Popen[bytes]:
    """Start to prepare."""
    servers = ("GEOFABRIK", "ISTAT", "ISTAT_DEMO", "ISTAT_DATA", "LOMBARDIA", "ITALIA_DOMANI")
    environment = os.environ | {f"PSTTM_{name}_URL": address for name in servers}
    return subprocess.Popen(
        [COMMAND, "--quiet", "prepare", "--json", "--workspace", str(workspace)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def show(workspace: Path) -> None:
    """Print the steps of the report."""
    report = json.loads((workspace / "psttm.report.json").read_text("utf-8"))
    for step in report["steps"]:
        print(f"  {step['step']:10} {step['outcome']:9} {step['seconds']:6.1f} s  {step['peak_mb_so_far']} MB so far")
    sizes = {path.name: path.stat().st_size for path in (workspace / "inputs").rglob("*") if path.is_file()}
    print(f"  inputs kept: {sum(sizes.values()) / 1e6:.0f} MB")


def prepare_once(workspace: Path, address: str) -> tuple[int, float]:
    """Prepare; return the exit code and the seconds."""
    begun = time.monotonic()
    process = start(workspace, address)
    _, said = process.communicate()
    if process.returncode not in (0, 1):
        print(said.decode())
    return process.returncode, time.monotonic() - begun


def kill_and_compare(folder: Path, address: str, expected: str, seconds: float, kills: int) -> None:
    """Kill processes by chance, then let one live and compare what it built."""
    chance = random.Random(1)  # noqa: S311 - nothing to be kept secret
    workspace, done = folder / "killed", 0
    for _ in range(kills):
        process = start(workspace, address)
        try:
            process.communicate(timeout=chance.uniform(0.2, seconds))
            done += 1
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
        if done and chance.random() < _ANEW:  # begin anew where all had come to its end
            shutil.rmtree(workspace)
            done = 0
    code, _ = prepare_once(workspace, address)
    same = sha256_of(workspace / "psttm.gpkg") == expected
    print(f"{kills} processes killed, then one that lived: exit code {code}, the same bytes: {same}")


def fail_in_turn(folder: Path, address: str) -> None:
    """Let each publisher fail in each way, beside an extract that is read already."""
    for group, piece in GROUPS.items():
        for how in ("refuses", "stalls", "page"):
            Publishers.failing = (piece, how)
            workspace = folder / f"{group}_{how}"
            code, seconds = prepare_once(workspace, address)
            report = json.loads((workspace / "psttm.report.json").read_text("utf-8"))
            outcomes = {step["step"]: step["outcome"] for step in report["steps"]}
            said = next(step["said"][-1] for step in report["steps"] if step["step"] == group)
            print(f"{group} {how}: exit code {code}, {seconds:.0f} s, {outcomes}\n  {said[:160]}")
            shutil.rmtree(workspace)
    Publishers.failing = ("", "")


def main() -> None:
    """Play the publishers."""
    data = Path(sys.argv[1])
    kills, nodes = (int(sys.argv[place]) if len(sys.argv) > place else by for place, by in ((2, 50), (3, 500_000)))
    print(f"kills: {kills}, nodes: {nodes}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Publishers.files = make_files(data, folder, nodes)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publishers)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        code, seconds = prepare_once(folder / "whole", address)
        print(f"from nothing: exit code {code}, {seconds:.0f} s")
        show(folder / "whole")
        expected = sha256_of(folder / "whole" / "psttm.gpkg")
        code, again = prepare_once(folder / "whole", address)
        same = sha256_of(folder / "whole" / "psttm.gpkg") == expected
        print(f"again: exit code {code}, {again:.0f} s, the same bytes: {same}")
        kill_and_compare(folder, address, expected, seconds, kills)
        fail_in_turn(folder, address)


if __name__ == "__main__":
    main()
