"""From nothing to layers and a report, with the publishers' files in a folder or played by a server."""

import http.server
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.core.files import sha256_of
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.project import Project

Run = Callable[..., object]

PNRR = {
    "PNRR_Progetti": "Missione;Codice Univoco Submisura;CUP;Codice Locale Progetto;Titolo Progetto;"
    "Finanziamento Totale\nM1;M1C1I1.02.00;A11B22000010001;L1;Prova;1000\n",
    "PNRR_Localizzazione": "Codice Univoco Submisura;CUP;Codice Locale Progetto;Regione;Provincia;Comune\n"
    "M1C1I1.02.00;A11B22000010001;L1;3;15;146\n",
}

BROUGHT = ("residents", "census", "pnrr", "osm")


def write_census(folder: Path) -> None:
    rows = gpd.GeoDataFrame(
        {"PRO_COM": [15146, 15118], "SEZ21": [1, 1], "POP21": [30, 5]},
        geometry=[shapely.box(514_000 + 100 * n, 5_034_000, 514_100 + 100 * n, 5_034_100) for n in range(2)],
        crs=METRIC,
    )
    inside = folder / "shp"
    inside.mkdir()
    pyogrio.write_dataframe(rows, inside / "R03_21_WGS84.shp")
    book = openpyxl.Workbook()
    ages = [f"P{number}" for number in range(14, 30)]
    book.active.append(["PROCOM", "SEZ21_ID", "P1", *ages])
    for code, people in ((15146, 30), (15118, 5)):
        book.active.append([code, int(f"{code}0000001"), people, people, *[0] * 15])
    book.save(folder / "R03_indicatori_2021_sezioni.xlsx")
    with zipfile.ZipFile(folder / "R03_21.zip", "w") as archive:
        for path in inside.iterdir():
            archive.write(path, path.name)
    with zipfile.ZipFile(folder / "Dati_regionali_2021.zip", "w") as archive:
        archive.write(folder / "R03_indicatori_2021_sezioni.xlsx", "R03_indicatori_2021_sezioni.xlsx")


@pytest.fixture
def stick(tmp_path: Path, posas: Callable[..., Path], posas_rows: pd.DataFrame, synthetic_extract: Path) -> Path:
    """Give a folder with the files of all publishers but the registers of Regione Lombardia."""
    folder = tmp_path / "stick"
    folder.mkdir()
    shutil.copy(posas(posas_rows, "POSAS_2026_it_Comuni.zip"), folder)
    write_census(folder)
    for name, text in PNRR.items():
        (folder / f"{name}.csv").write_text(text, "utf-8-sig")
    shutil.copy(synthetic_extract, folder / "nord-ovest-latest.osm.pbf")
    return folder


def outcomes(told: dict[str, object]) -> dict[str, str]:
    return {step["step"]: step["outcome"] for step in told["steps"]}


def test_files_of_a_folder_become_layers_and_a_report(
    run: Run, stick: Path, tmp_path: Path, settings: Settings
) -> None:
    first = run("prepare", "--offline", stick, "--json")
    told = json.loads(first.out)
    assert first.code == 1
    assert outcomes(told) == {
        **dict.fromkeys(BROUGHT, "done"),
        "registers": "failed",
        "access": "done",
        "build": "done",
    }
    assert "farmacie_lombardia.csv, scuole_lombardia.csv, strutture_sanitarie.csv" in first.err
    workspace = tmp_path / "workspace"
    layers = pyogrio.list_layers(workspace / "psttm.gpkg")[:, 0]
    assert {"comuni", "accessibilita_comuni", "progetti"} <= {*layers}
    report = json.loads((workspace / "psttm.report.json").read_text("utf-8"))
    entries = Workspace(workspace).inputs.entries
    assert {one["kind"]: one["sha256"] for one in report["inputs"]} == {k: e.sha256 for k, e in entries.items()}
    assert report["delivery"]["sha256"] == sha256_of(workspace / "psttm.gpkg")
    assert report["delivery"]["layers"]["comuni"] == 133
    assert str(tmp_path) not in json.dumps([report["inputs"], report["delivery"], report["packages"]])
    assert not (workspace / "downloads").exists()

    needs = {need.group: need.state for need in jobs.list_needs(Project(settings), jobs.Preparation(folder=stick))}
    assert needs == {**dict.fromkeys(BROUGHT, "held"), "registers": "missing"}

    again = json.loads(run("prepare", "--offline", stick, "--json").out)
    assert outcomes(again) == {
        **dict.fromkeys(BROUGHT, "held"),
        "registers": "failed",
        "access": "held",
        "build": "done",
    }
    assert sha256_of(workspace / "psttm.gpkg") == report["delivery"]["sha256"]


def test_what_has_grown_old_is_brought_anew_where_it_was_brought_by_this(
    run: Run, stick: Path, settings: Settings, posas: Callable[..., Path], posas_rows: pd.DataFrame
) -> None:
    for name in ("R03_21.zip", "nord-ovest-latest.osm.pbf"):
        (stick / name).unlink()
    assert run("inputs", "add", "residents", posas(posas_rows, "nostri.csv")).code == 0
    assert outcomes(json.loads(run("prepare", "--offline", stick, "--json").out))["pnrr"] == "done"
    manifest = settings.workspace / "workspace.json"
    told = json.loads(manifest.read_text("utf-8"))
    for entry in told["inputs"].values():
        entry["added_at"] = (datetime.now(UTC) - timedelta(days=400)).isoformat(timespec="seconds")
    manifest.write_text(json.dumps(told), "utf-8")

    status = run("status")
    assert status.out.count("prepare --refresh") == 2  # the residents of the office too, by their age
    needs = jobs.list_needs(Project(settings), jobs.Preparation(folder=stick, refresh=True))
    states = {need.group: (need.state, need.wanted) for need in needs}
    assert states["residents"] == ("own", False)
    assert states["pnrr"] == ("old", True)
    assert states["census"] == ("missing", True)
    kept = jobs.list_needs(Project(settings), jobs.Preparation(folder=stick))
    assert {need.group: need.wanted for need in kept}["pnrr"] is False


def test_a_dry_run_says_what_is_missing_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("prepare", "--dry-run", "--json").out)
    assert [one["group"] for one in told] == ["residents", "census", "registers", "pnrr", "osm"]
    assert {one["state"] for one in told} == {"missing"}
    assert sum(one["size_bytes_about"] for one in told) > 1e9
    assert "circa 1,2 GB, 8 minuti a 20 Mbit/s" in run("prepare", "--dry-run").out
    assert not (tmp_path / "workspace").exists()


class Failing(http.server.BaseHTTPRequestHandler):
    """Publishers of whom every one fails, each in its way."""

    def do_GET(self) -> None:
        page = b"<!DOCTYPE html><html><body>Avviso</body></html>"
        if "posas" in self.path:
            self.send_error(403)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(page) * (2 if "Progetti" in self.path else 1)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Failing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for name in ("GEOFABRIK", "ISTAT", "ISTAT_DEMO", "ISTAT_DATA", "LOMBARDIA", "ITALIA_DOMANI"):
            monkeypatch.setenv(f"PSTTM_{name}_URL", f"http://127.0.0.1:{server.server_port}")
        yield
        server.shutdown()


@pytest.mark.usefixtures("failing")
def test_publishers_that_fail_are_said_and_the_rest_is_done(run: Run, tmp_path: Path) -> None:
    output = tmp_path / "consegna.gpkg"
    outcome = run("prepare", "-o", output)
    assert outcome.code == 1
    assert "il server risponde 403" in outcome.err
    assert outcome.err.count("arriva una pagina HTML") >= 4
    report = json.loads(output.with_name("consegna.report.json").read_text("utf-8"))
    assert outcomes(report) == {
        **dict.fromkeys(("residents", "census", "registers", "pnrr", "osm"), "failed"),
        "access": "left_out",
        "build": "done",
    }
    assert len(pyogrio.read_dataframe(output, layer="comuni")) == 133


def test_a_name_that_is_no_geopackage_is_refused(run: Run) -> None:
    assert run("prepare", "-o", "a.zip").code == 2
