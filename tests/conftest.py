"""Fixtures that several rooms of the suite share."""

import contextlib
import csv
import dataclasses
import gc
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import geopandas as gpd
import hypothesis
import numpy as np
import osmium
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from filelock import FileLock

from psttm_geo import cli, jobs
from psttm_geo.access.compilation import compile_kernels
from psttm_geo.access.profiles import Profile, build_profiles
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.accessibility import Accessibility, compute_access, save_access
from psttm_geo.osm.extract_reader import TagTables
from psttm_geo.osm.network import WalkNetwork, connect
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register, data_path, read_register
from psttm_geo.territory.municipalities import Snapshot
from psttm_geo.territory.snapshot import read_snapshot

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

# What fixtures of a session hold is looked through for garbage at every collection; fewer of them save a thirtieth.
gc.set_threshold(100_000, 50, 100)

REPOSITORY = Path(__file__).parents[1]

INVENTED_OFFICE = Path(__file__).parent / "unit" / "jobs" / "monitoring_SINTETICO"
"""What an office that there is not recorded of the plan's implementation."""

NOBODY = 65534


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: whoever waits for a browser leaves its core to others."""
    return (os.cpu_count() or 1) + 1


def _absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def absent() -> Callable[[str], None]:
    """Skip with a reason, or fail where CI must have everything."""
    return _absent


Once = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Give folders that whichever process of a run comes first fills, and all of them read."""
    mine = tmp_path_factory.getbasetemp()
    root = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine

    def once(name: str, fill: Callable[[Path], object]) -> Path:
        folder, done = root / f"once_{name}", root / f"once_{name}.done"
        with FileLock(root / f"once_{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # of a process that failed at it
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return once


@pytest.fixture(scope="session")
def test_data() -> Path:
    folder = Path(os.environ.get("PSTTM_TEST_DATA") or REPOSITORY.parent / "shared" / "data")
    if not folder.is_dir():
        _absent(f"the folder of real test data {folder} is missing (PSTTM_TEST_DATA)")
    return folder


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compile the kernels where they have changed: once, whichever process of a run comes first."""
    compile_kernels()


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(tmp_path / "workspace"))
    servers = ("GEOFABRIK", "ISTAT", "ISTAT_DEMO", "ISTAT_DATA", "LOMBARDIA", "OVERPASS", "NOMINATIM")
    for name in ("PSTTM_DATA", "PSTTM_LANGUAGE", *(f"PSTTM_{server}_URL" for server in servers)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(PsttmError, "language", "it")


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Run `psttm-geo` in this process: any exception but its exit fails the test."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Outcome(int(leaving.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def run_apart() -> Callable[..., Outcome]:
    """Run `psttm-geo` as a process of its own, where warnings are no errors."""

    def run(*arguments: object, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-c", "from psttm_geo.cli import main; main()", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a build its file, where what the command says is all that is asked."""
    monkeypatch.setattr(jobs.deliveries, "write_geopackage", lambda *_, **__: None)


@pytest.fixture
def refuses(run: Callable[..., Outcome], tmp_path: Path) -> Callable[..., str]:
    """Run `build` over an existing file and prove that it is refused as promised; give what was said."""

    def refuses(*arguments: object) -> str:
        output = tmp_path / "delivery" / "old.gpkg"
        output.parent.mkdir()
        output.write_bytes(b"what stood here")
        outcome = run("build", "-o", output, *arguments)
        assert outcome.code == 2
        assert outcome.out == ""
        assert "Traceback" not in outcome.err
        assert outcome.err.startswith("psttm-geo: ")
        assert len(outcome.err.splitlines()) == 1
        assert output.read_bytes() == b"what stood here"
        assert list(output.parent.iterdir()) == [output]
        return outcome.err

    return refuses


@pytest.fixture(scope="session")
def register() -> Register:
    return read_register(data_path())


@pytest.fixture(scope="session")
def embedded(register: Register) -> Snapshot:
    return read_snapshot(register)


@pytest.fixture(scope="session")
def zones(register: Register) -> pd.DataFrame:
    return register.tables["zones.csv"]


@pytest.fixture(scope="session")
def predecessors(register: Register) -> pd.DataFrame:
    return register.tables["predecessors.csv"]


@pytest.fixture(scope="session")
def territory(tmp_path_factory: pytest.TempPathFactory) -> jobs.Territory:
    return jobs.load_territory(Project(Settings(data=data_path(), workspace=tmp_path_factory.mktemp("empty"))))


@pytest.fixture(scope="session")
def built(once: Once, territory: jobs.Territory) -> Path:
    """Give the build of the embedded data; tests read it and never change it."""
    return once("built", lambda folder: jobs.write_territory(folder / "psttm.gpkg", territory)) / "psttm.gpkg"


@pytest.fixture(scope="session")
def built_with_projects(once: Once) -> Path:
    """Give the build of a workspace that holds a register of one project."""

    def fill(folder: Path) -> None:
        settings = Settings(data=data_path(), workspace=folder / "workspace")
        (folder / "register.csv").write_text("codice,comuni,driver,importo_eur\nP1,015146;015118,1,1000\n", "utf-8")
        jobs.add_projects(Project(settings), [folder / "register.csv"], None)
        jobs.build(folder / "psttm.gpkg", Project(settings))

    return once("projects", fill) / "psttm.gpkg"


@pytest.fixture(scope="session")
def synthetic_extract(once: Once) -> Path:
    """Give a small synthetic territory; the faults of its boundaries stand beside it."""

    def fill(folder: Path) -> None:
        settings = Settings(data=data_path(), workspace=folder / "workspace")
        jobs.write_synthetic(Project(settings), folder / "synthetic.osm.pbf", node_count=2_000, seed=1)

    return once("synthetic", fill) / "synthetic.osm.pbf"


@pytest.fixture(scope="session")
def map_workspace(once: Once, synthetic_extract: Path) -> Path:
    """Give a workspace that holds the synthetic extract and a register of one pharmacy; tests only read it."""

    def fill(folder: Path) -> None:
        settings = Settings(data=data_path(), workspace=folder / "workspace")
        assert jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), synthetic_extract))
        (folder / "farmacie.csv").write_text(_ONE_PHARMACY, "utf-8")
        jobs.add_registers(Project(settings), [folder / "farmacie.csv"])

    return once("map", fill) / "workspace"


_ONE_PHARMACY = """\
CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE
MI1;DUOMO;MILANO;15.146;45,464;9,19
"""


@pytest.fixture(scope="session")
def map_territory(map_workspace: Path) -> jobs.Territory:
    return jobs.load_territory(Project(Settings(data=data_path(), workspace=map_workspace)))


@pytest.fixture(scope="session")
def built_with_map(once: Once, map_workspace: Path) -> Path:
    """Give the build of that workspace."""
    settings = Settings(data=data_path(), workspace=map_workspace)
    return once("built_with_map", lambda folder: jobs.build(folder / "psttm.gpkg", Project(settings))) / "psttm.gpkg"


@pytest.fixture(scope="session")
def computed(synthetic_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Accessibility:
    """Give the accessibility of the synthetic territory, with no register and no census, and how sure it is."""
    settings = Settings(data=data_path(), workspace=tmp_path_factory.mktemp("computed"))
    return compute_access(Project(settings), jobs.AccessRequest(synthetic_extract, uncertainty=True, found=0.9))


@pytest.fixture(scope="session")
def walked(once: Once, synthetic_extract: Path, request: pytest.FixtureRequest) -> Settings:
    """Give a workspace that keeps it, and the streets that it rests on; tests only read it."""

    def fill(folder: Path) -> None:
        project = Project(Settings(data=data_path(), workspace=folder))
        jobs.read_extract(project, synthetic_extract)
        computed = request.getfixturevalue("computed")
        assert save_access(project, jobs.AccessRequest(synthetic_extract), computed)

    return Settings(data=data_path(), workspace=once("walked", fill))


@pytest.fixture(scope="session")
def walked_territory(walked: Settings) -> jobs.Territory:
    """Give the territory with the accessibility that `walked` keeps; tests only read it."""
    return jobs.load_territory(Project(walked))


@pytest.fixture(scope="session")
def built_complete(once: Once, synthetic_extract: Path, map_workspace: Path) -> Path:
    """Give the build of a workspace that also holds accessibility, isochrones, projects, and who publishes."""
    from psttm_geo.jobs.isochrone_layers import compute_isochrones, save_isochrones  # noqa: PLC0415 - numba takes its time

    def fill(folder: Path) -> None:
        shutil.copytree(map_workspace, folder / "workspace")
        settings = Settings(data=data_path(), workspace=folder / "workspace")
        for name, text in _RECOVERY_PLAN.items():
            (folder / f"{name}.csv").write_text(text, "utf-8")
        files = [folder / f"{name}.csv" for name in ("PNRR_Progetti", "PNRR_Localizzazione")]
        jobs.add_projects(Project(settings), files, None)
        jobs.add_input(Project(settings), "agenda", folder / "mappatura.csv")
        jobs.add_monitoring(Project(settings), sorted(INVENTED_OFFICE.glob("*.csv")))
        (folder / "ente.toml").write_text('nome = "Ufficio di prova"\nemail = "gis@example.org"\n', "utf-8")
        jobs.add_input(Project(settings), "ente", folder / "ente.toml")
        access = jobs.AccessRequest(synthetic_extract, minutes=(15,), uncertainty=True)
        assert save_access(Project(settings), access, compute_access(Project(settings), access))
        point = jobs.IsochroneRequest(synthetic_extract, lon=9.19, lat=45.464)
        assert save_isochrones(Project(settings), point, compute_isochrones(Project(settings), point))
        jobs.build(folder / "l'ente di Città.gpkg", Project(settings))

    return once("complete", fill) / "l'ente di Città.gpkg"


_RECOVERY_PLAN = {
    "PNRR_Progetti": "Missione;Codice Univoco Submisura;CUP;Codice Locale Progetto;Titolo Progetto;"
    "Finanziamento Totale\nM1;M1C1I1.02.00;A11B22000010001;L1;Prova;1000\n",
    "PNRR_Localizzazione": "Codice Univoco Submisura;CUP;Codice Locale Progetto;Regione;Provincia;Comune\n"
    "M1C1I1.02.00;A11B22000010001;L1;3;15;146\nM1C1I1.02.00;A11B22000010001;L1;3;15;118\n",
    "mappatura": "Codice Univoco submisura;PREVALENTE;DES_INDICATORE;INDICATOR;TARGET;DES_TARGET;GOAL;DES_GOAL\n"
    "M1C1I1.02.00;si;Servizi digitali;16.6.2;16.6;Istituzioni efficaci;16;Pace\n",
}
"""A project of the recovery plan in two municipalities, as Italia Domani publishes it, and what its measure maps to."""


@pytest.fixture
def data_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a copy of `data/` to spoil, in force for commands."""
    folder = tmp_path / "data"
    shutil.copytree(data_path(), folder)
    monkeypatch.setenv("PSTTM_DATA", str(folder))
    return folder


@pytest.fixture
def spoil(data_copy: Path) -> Callable[..., None]:
    """Replace text once in a table of the copy; its sum is brought up to date unless told otherwise."""

    def spoil(name: str, old: str, new: str, *, registered: bool = True) -> None:
        file = data_copy / name
        text = file.read_text("utf-8")
        assert old in text, "the test wants to spoil something that is not there"
        before = sha256_of(file)
        file.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
        if registered and name != "sources.csv":
            sources = data_copy / "sources.csv"
            sources.write_text(sources.read_text("utf-8").replace(before, sha256_of(file)), "utf-8", newline="\n")

    return spoil


def _extend(folder: Path, name: str, rows: list[tuple[object, ...]]) -> None:
    with (folder / name).open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


@pytest.fixture
def third_edition(data_copy: Path) -> Path:
    """Give the copy of the tables with rows for an invented edition 2028-2030, and nothing else changed.

    Its goals 1.1 and 1.2 continue 1.1 and 5.10, 2.1 merges 2.1 and 2.2, 1.3 is new, all others are dropped.
    """
    new, old = "2028-2030", "2025-2027"
    before = pd.read_csv(data_copy / "goals.csv", dtype="str").query("edition == @old")
    heirs = {("1", "1"): (1, 1, "continued"), ("5", "10"): (1, 2, "reworded")}
    heirs |= {("2", "1"): (2, 1, "merged"), ("2", "2"): (2, 1, "merged")}
    links = [("", "", "", new, 1, 3, "new", "")]
    for goal in before[["mission", "number"]].itertuples(index=False, name=None):
        mission, number, kind = heirs.get(goal, ("", "", "dropped"))
        links.append((old, *goal, new if mission else "", mission, number, kind, ""))
    goals = [(new, 1, 1), (new, 1, 2), (new, 1, 3), (new, 2, 1)]
    scopes = [("whole_area", ""), ("every_municipality", ""), ("feature", "stazioni"), ("named", "navigli")]
    words = pd.read_csv(data_copy / "key_words.csv", dtype="str")["key_word"]
    rows: dict[str, list[tuple[object, ...]]] = {
        "editions.csv": [
            (new, 2028, 2030, "Prova", "Trial", "2028-05-01", "", "2023-01-01", 133, 7, 1, "", "", "plan-2028-2030")
        ],
        "missions.csv": [(new, 1, "Prima", "First", 3), (new, 2, "Seconda", "Second", 1)],
        "goals.csv": [
            (*goal, f"Obiettivo {goal[1]}.{goal[2]}", f"Goal {goal[1]}.{goal[2]}", "p", "", "") for goal in goals
        ],
        "goal_links.csv": links,
        "scopes.csv": [
            (*goal, *scope, "editorial", "prova", "trial") for goal, scope in zip(goals, scopes, strict=True)
        ],
        "vision.csv": [(new, word, mission, "non_noto") for word in words for mission in (1, 2)],
        "drivers.csv": [(new, n, f"Leva {n}", f"Lever {n}", "Prova", "Trial", "document", "p") for n in range(1, 13)],
        "driver_missions.csv": [(new, 1, 1, "editorial", "p"), (new, 2, 2, "editorial", "p")],
        "driver_goals.csv": [(new, 1, 1, n, "editorial", "p") for n in (1, 2, 3)] + [(new, 2, 2, 1, "editorial", "p")],
        "partnerships.csv": [(new, 1, "Regione", "Region", "Prova", "Trial", "p")],
        "unions.csv": [(new, "Unione nuova", "015146", "Milano", ""), (new, "Unione nuova", "015118", "Legnano", "")],
    }
    for name, more in rows.items():
        _extend(data_copy, name, more)
    sources = data_copy / "sources.csv"
    register = pd.read_csv(sources, dtype="str", keep_default_na=False)
    register["sha256"] = [
        sha256_of(data_copy / file) if file else found
        for file, found in zip(register["file"], register["sha256"], strict=True)
    ]
    register.to_csv(sources, index=False, lineterminator="\n")
    _extend(
        data_copy, "sources.csv", [("plan-2028-2030", "", "Prova", "p", "", "2028-05-01", "2028-05-01", "l", "a", "")]
    )
    return data_copy


@pytest.fixture
def edition_without_goals(spoil: Callable[..., None], data_copy: Path) -> Path:
    """Give the copy of the tables with an edition 2028-2030 of which nothing but its row is written yet."""
    last = (data_copy / "editions.csv").read_text("utf-8").splitlines()[-1]
    row = "2028-2030,2028,2030,Prova,Trial,2028-05-01,,2023-01-01,133,7,0,,,plan-2025-2027"
    spoil("editions.csv", last, f"{last}\n{row}")
    return data_copy


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    """Give two squares of 1 km side by side in ISTAT's columns, and one of another province."""
    return gpd.GeoDataFrame(
        {
            "COD_PROV": [15, 15, 16],
            "COD_CM": [215, 215, 0],
            "COD_UTS": [215, 215, 16],
            "PRO_COM_T": ["015001", "015002", "016001"],
            "COMUNE": ["Alfa", "Beta", "Altrove"],
        },
        geometry=[shapely.box(x, 5_000_000, x + 1000, 5_001_000) for x in (500_000, 501_000, 502_000)],
        crs=METRIC,
    )


def _write_boundaries(
    rows: gpd.GeoDataFrame, folder: Path, name: str = "Com01012023_g/Com01012023_g_WGS84.shp"
) -> Path:
    """Write a shapefile as ISTAT lays it out and give the folder."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(rows, file, driver="ESRI Shapefile", encoding="UTF-8")
    return folder


@pytest.fixture(scope="session")
def write_boundaries() -> Callable[..., Path]:
    return _write_boundaries


@pytest.fixture(scope="session")
def zip_folder() -> Callable[..., Path]:
    """Zip a folder beside it, members of the given names added."""

    def zip_folder(folder: Path, *more: str) -> Path:
        path = folder.with_suffix(".zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(folder.rglob("*")):
                archive.write(member, member.relative_to(folder).as_posix())
            for name in more:
                archive.writestr(zipfile.ZipInfo(name), b"anything")
        return path

    return zip_folder


@pytest.fixture
def posas_rows(embedded: Snapshot, zones: pd.DataFrame) -> pd.DataFrame:
    """Give the embedded residents of the territory as a POSAS file has them, totals (age 999) included."""
    names = zones[["municipality_code", "municipality"]]
    ages = embedded.residents.counts.merge(names, on="municipality_code", how="inner", validate="m:1")
    keys = ["municipality_code", "municipality"]
    totals = ages.groupby(keys, as_index=False)[["males", "females"]].sum().assign(age=999)
    return pd.concat([ages, totals]).sort_values(["municipality_code", "age"]).reset_index(drop=True)


_PLAIN = ("Codice comune", "Comune", "Età", "Totale maschi", "Totale femmine", "Totale")
_MEN = ("Celibi", "Coniugati", "Divorziati", "Vedovi", "Uniti civilmente")
_WOMEN = ("Nubili", "Coniugate", "Divorziate", "Vedove", "Unite civilmente")
_WIDE = (*_PLAIN[:3], *_MEN, "Totale maschi", *_WOMEN, "Totale femmine", "Totale")
_2020 = ("Codice comune", "Denominazione", "Età", "Totale Maschi", "Totale Femmine")


def _posas_text(rows: pd.DataFrame, *, layout: str = "plain", year: int = 2026, title: str | None = None) -> str:
    """Give a synthetic POSAS table in one of the layouts that ISTAT has used."""
    if title is None:
        title = f"Popolazione residente per età e sesso al 1° gennaio {year}{' (stima)' if year == 2026 else ''}"
    lines = [title] if title else []
    header, separator = {"plain": (_PLAIN, ";"), "wide": (_WIDE, ";"), "2020": (_2020, ",")}[layout]
    quote = '"' if layout != "2020" else ""
    lines.append(separator.join(f"{quote}{heading}{quote}" for heading in header))
    for code, name, age, males, females in rows[
        ["municipality_code", "municipality", "age", "males", "females"]
    ].itertuples(index=False):
        cells = {
            "plain": (f'"{code}"', f'"{name}"', age, males, females, males + females),
            "wide": (f'"{code}"', f'"{name}"', age, males, *"0000", males, females, *"0000", females, males + females),
            "2020": (int(code), name, age, males, females),
        }[layout]
        lines.append(separator.join(map(str, cells)))
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def posas_text() -> Callable[..., str]:
    return _posas_text


@pytest.fixture
def posas(tmp_path: Path) -> Callable[..., Path]:
    """Write a synthetic POSAS file, zipped if its name says so."""

    def posas(rows: pd.DataFrame, name: str = "synthetic.csv", *, encoding: str = "utf-8", **layout: object) -> Path:
        path = tmp_path / name
        content = _posas_text(rows, **layout).encode(encoding)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(f"{path.stem}.csv", content)
        else:
            path.write_bytes(content)
        return path

    return posas


@pytest.fixture
def guarded_folder() -> Iterator[Path]:
    """Give a folder that nobody but its owner may write to, reachable by every user."""
    if not hasattr(os, "geteuid"):
        pytest.skip("folders are guarded by other means on this system")
    folder = Path(os.path.realpath(os.environ.get("TMPDIR", "/tmp"))) / f"psttm-guarded-{os.getpid()}"  # noqa: S108 - tmp_path is closed to the other user the test turns into
    folder.mkdir()
    folder.chmod(0o555)
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.fixture
def unprivileged() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Give up root for a while: root ignores permissions."""

    @contextlib.contextmanager
    def unprivileged() -> Iterator[None]:
        was_root = os.geteuid() == 0
        if was_root:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if was_root:
                os.seteuid(0)

    return unprivileged


class OsmWriter:
    """Writes small OSM files whose distances are arithmetic: nodes are placed in metres around a point of Milano."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._onto = pyproj.Transformer.from_crs(METRIC, GEOGRAPHIC, always_xy=True)
        self.origin = (514_000, 5_034_000)

    def __call__(
        self,
        nodes: dict[int, tuple[object, ...]],
        ways: dict[int, tuple[list[int], dict[str, str]]],
        relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] | None = None,
        *,
        name: str = "town.osm",
    ) -> Path:
        """Write `nodes` as (x, y, tags), `ways` as (nodes, tags), `relations` as (members, tags)."""
        root = ET.Element("osm", version="0.6")
        for identifier, (x, y, *tags) in nodes.items():
            lon, lat = self._onto.transform(self.origin[0] + x, self.origin[1] + y)
            node = ET.SubElement(root, "node", id=str(identifier), lon=f"{lon:.7f}", lat=f"{lat:.7f}")
            self._tag(node, tags[0] if tags else {})
        for identifier, (refs, tags) in ways.items():
            way = ET.SubElement(root, "way", id=str(identifier))
            for ref in refs:
                ET.SubElement(way, "nd", ref=str(ref))
            self._tag(way, tags)
        for identifier, (members, tags) in (relations or {}).items():
            relation = ET.SubElement(root, "relation", id=str(identifier))
            for kind, ref, role in members:
                ET.SubElement(relation, "member", type=kind, ref=str(ref), role=role)
            self._tag(relation, tags)
        path = self._folder / name
        ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
        return path

    @staticmethod
    def _tag(element: ET.Element, tags: dict[str, str]) -> None:
        for key, value in tags.items():
            ET.SubElement(element, "tag", k=key, v=value)


@pytest.fixture
def write_osm(tmp_path: Path) -> OsmWriter:
    return OsmWriter(tmp_path)


@pytest.fixture(scope="session")
def tag_tables(register: Register) -> TagTables:
    tables = register.tables
    names = ("walkable.csv", "services.csv", "features.csv", "closed_services.csv")
    return TagTables(*(tables[name] for name in names))


def _street_network(
    nodes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    *,
    shapes: Mapping[int, Sequence[tuple[float, float]]] = MappingProxyType({}),
    node_flags: Mapping[int, int] = MappingProxyType({}),
    edge_flags: Mapping[int, int] = MappingProxyType({}),
    crossings: Mapping[int, int] = MappingProxyType({}),
) -> WalkNetwork:
    """Give the network of nodes (x, y in metres) and edges (the two ends of each).

    Edges are straight but for the points between their ends in `shapes`; all mappings go by the position of the node or
    edge. What else is asked for comes by `dataclasses.replace`.
    """
    points = np.array(nodes, float).reshape(-1, 2)
    ends = np.array(edges, np.int32).reshape(-1, 2)
    routes = [
        np.vstack([points[start], *np.array(shapes.get(edge, []), float).reshape(-1, 2), points[stop]])
        for edge, (start, stop) in enumerate(ends)
    ]
    geometry = np.vstack([np.zeros((0, 2)), *routes])
    label = connect(ends[:, 0], ends[:, 1], len(points))
    by_size = np.argsort(-np.bincount(label), kind="stable")
    return WalkNetwork(
        crs=METRIC,
        classes=("",),
        node_x=points[:, 0],
        node_y=points[:, 1],
        node_osm_id=np.arange(len(points)) + 1,
        node_flags=np.array([node_flags.get(node, 0) for node in range(len(points))], np.uint8),
        node_component=np.argsort(by_size)[label].astype(np.int32),
        edge_from=ends[:, 0],
        edge_to=ends[:, 1],
        edge_length_m=np.array([np.hypot(*np.diff(route, axis=0).T).sum() for route in routes], float),
        edge_way=np.arange(len(ends)) + 1,
        edge_class=np.zeros(len(ends), np.uint8),
        edge_flags=np.array([edge_flags.get(edge, 0) for edge in range(len(ends))], np.uint16),
        edge_crossings=np.array([crossings.get(edge, 0) for edge in range(len(ends))], np.uint8),
        geometry_offsets=np.cumsum([0, *map(len, routes)]),
        geometry_x=geometry[:, 0].copy(),  # in one piece, as readers give it: nothing is compiled for another form
        geometry_y=geometry[:, 1].copy(),
    )


@pytest.fixture(scope="session")
def street_network() -> Callable[..., WalkNetwork]:
    """Make a small network out of nodes and edges."""
    return _street_network


@pytest.fixture(scope="session")
def profiles(register: Register) -> dict[str, Profile]:
    """Give the profiles of the package by identifier."""
    return {profile.identifier: profile for profile in build_profiles(register.tables["profiles.csv"])}


@pytest.fixture(scope="session")
def profile(profiles: dict[str, Profile]) -> Profile:
    """Give somebody who walks a metre in a second, half of that on steps, and waits ten seconds at a crossing."""
    return dataclasses.replace(
        profiles["adulto"], speed_m_s=1.0, slowest_m_s=0.8, fastest_m_s=1.25, steps_speed_m_s=0.5, crossing_s=10.0
    )


@pytest.fixture(scope="session")
def wheelchair(profile: Profile) -> Profile:
    """Give somebody who is as fast as the walker and needs a way without steps and obstacles."""
    return dataclasses.replace(profile, identifier="carrozzina", steps_speed_m_s=None)


@pytest.fixture
def run_apart_python() -> Callable[[str], tuple[int, str, str]]:
    """Run a script in a Python of its own; give its exit code and what it said."""

    def run(script: str) -> tuple[int, str, str]:
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=False)
        return done.returncode, done.stdout, done.stderr

    return run


class OsmService(http.server.ThreadingHTTPServer):
    """Overpass and Nominatim on this machine, over the objects of one file.

    A question is answered as Overpass answers what OSMnx asks: objects that carry a tag and lie in a polygon, with the
    nodes and members that they are made of. What is put on `instead` is answered first, before anything else.
    """

    moment = "2026-11-19T20:21:58Z"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _OsmHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.polygons: list[shapely.Geometry] = []
        self.instead: list[Callable[[http.server.BaseHTTPRequestHandler], None]] = []
        self.slots: list[str] = []
        self.places: list[dict[str, object]] = []
        self._elements: dict[tuple[str, int], dict[str, Any]] = {}
        self._inside: dict[str, set[tuple[str, int]]] = {}
        self._carrying: dict[tuple[str, str], list[tuple[str, int]]] = {}

    def serve_file(self, path: Path) -> None:
        """Take over the objects of a file; an object that it does not have is not answered either."""
        for found in osmium.FileProcessor(path):
            element: dict[str, Any] = {"tags": {tag.k: tag.v for tag in found.tags}}
            if found.is_node():
                element |= {"type": "node", "lon": found.location.lon, "lat": found.location.lat}
            elif found.is_way():
                element |= {"type": "way", "nodes": [node.ref for node in found.nodes]}
            else:
                members = [
                    {"type": _OSM_KINDS[member.type], "ref": member.ref, "role": member.role}
                    for member in found.members
                ]
                element |= {"type": "relation", "members": members}
            self._elements[element["type"], found.id] = {"id": found.id, **element}
            for key in element["tags"]:
                self._carrying.setdefault((element["type"], key), []).append((element["type"], found.id))

    def serve_place(self, name: str, osm_id: int, area: shapely.Geometry) -> None:
        """Let Nominatim know a relation by its outline in longitude and latitude."""
        west, south, east, north = area.bounds
        self.places.append(
            {
                "osm_type": "relation",
                "osm_id": osm_id,
                "lat": str(area.centroid.y),
                "lon": str(area.centroid.x),
                "importance": 0.5,
                "name": name,
                "display_name": f"{name}, altrove",
                "boundingbox": [str(south), str(north), str(west), str(east)],
                "geojson": shapely.geometry.mapping(area),
            }
        )

    def answer_overpass(self, question: str) -> dict[str, object]:
        found: dict[tuple[str, int], None] = {}
        statements = _STATEMENT.findall(question)
        assert question == "[out:json][timeout:180];(" + "".join(_say(*part) for part in statements) + ");out;"
        polygon = statements[0][3]
        if polygon not in self._inside:
            self._inside[polygon] = self._find_inside(polygon)
        inside = self._inside[polygon]
        for kind, key, value, _ in statements:
            for name in self._carrying.get((kind, key), ()):
                if name in inside and value in ("", self._elements[name]["tags"][key]):
                    self._add_whole(name, found)
        return {
            "version": 0.6,
            "generator": "Overpass API",
            "osm3s": {"timestamp_osm_base": self.moment, "copyright": "ODbL"},
            "elements": [self._elements[name] for name in found],
        }

    def _find_inside(self, polygon: str) -> set[tuple[str, int]]:
        """Give what lies in a polygon: nodes, ways with a part there, relations with a member there."""
        numbers = list(map(float, polygon.split()))
        area = shapely.Polygon(zip(numbers[1::2], numbers[::2], strict=True))
        self.polygons.append(area)
        shapely.prepare(area)
        names = list(self._elements)
        shapes = np.array([self._shape(self._elements[name]) for name in names], object)
        touched = {names[position] for position in np.flatnonzero(shapely.intersects(area, shapes))}
        for name, element in self._elements.items():
            if name[0] == "relation" and any((part["type"], part["ref"]) in touched for part in element["members"]):
                touched.add(name)
        return touched

    def _shape(self, element: dict[str, Any]) -> shapely.Geometry | None:
        if element["type"] == "node":
            return shapely.Point(element["lon"], element["lat"])
        nodes = [self._elements.get(("node", ref)) for ref in element.get("nodes", ())]
        points = [(node["lon"], node["lat"]) for node in nodes if node]
        return shapely.LineString(points) if len(points) > 1 else shapely.MultiPoint(points)

    def _add_whole(self, name: tuple[str, int], found: dict[tuple[str, int], None]) -> None:
        element = self._elements.get(name)
        if element is None or name in found:
            return
        found[name] = None
        for ref in element.get("nodes", ()):
            self._add_whole(("node", ref), found)
        for part in element.get("members", ()):
            if part["type"] != "relation":
                self._add_whole((part["type"], part["ref"]), found)


_OSM_KINDS = {"n": "node", "w": "way", "r": "relation"}

_STATEMENT = re.compile(r"\((node|way|relation)\['([^']+)'(?:='([^']+)')?\]\(poly:'([^']+)'\);\(\._;>;\);\);")


def _say(kind: str, key: str, value: str, polygon: str) -> str:
    """Give a statement again, to prove that all of a question was understood."""
    condition = f"['{key}'='{value}']" if value else f"['{key}']"
    return f"({kind}{condition}(poly:'{polygon}');(._;>;););"


class _OsmHandler(http.server.BaseHTTPRequestHandler):
    server: OsmService

    def do_GET(self) -> None:
        self._note()
        address = urllib.parse.urlsplit(self.path)
        asked = urllib.parse.parse_qs(address.query)
        if address.path == "/api/status":
            slots = self.server.slots.pop(0) if self.server.slots else "2 slots available now."
            head = "Connected as: 1\nCurrent time: 2026-11-20T10:00:00Z\nAnnounced endpoint: none\nRate limit: 2\n"
            self.give(200, f"{head}{slots}\nCurrently running queries (pid, space limit, time limit, start time):\n")
        elif self.server.instead:
            self.server.instead.pop(0)(self)
        elif address.path == "/lookup":
            wanted = asked["osm_ids"][0]
            self.give(200, json.dumps([place for place in self.server.places if wanted == f"R{place['osm_id']}"]))
        else:
            assert address.path == "/search"
            self.give(200, json.dumps([place for place in self.server.places if place["name"] == asked["q"][0]]))

    def do_POST(self) -> None:
        self._note()
        assert self.path == "/api/interpreter"
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.server.instead:
            self.server.instead.pop(0)(self)
        else:
            self.give(200, json.dumps(self.server.answer_overpass(urllib.parse.parse_qs(body)["data"][0])))

    def give(self, status: int, content: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content.encode())))
        self.end_headers()
        self.wfile.write(content.encode())

    def _note(self) -> None:
        self.server.asked.append(f"{self.command} {urllib.parse.urlsplit(self.path).path}")
        self.server.agents.add(self.headers["User-Agent"])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def osm_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[OsmService]:
    """Give a server that stands in for Overpass and Nominatim, in force for commands."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with OsmService() as running:
        monkeypatch.setenv("PSTTM_OVERPASS_URL", f"{running.url}/api")
        monkeypatch.setenv("PSTTM_NOMINATIM_URL", running.url)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def documentation(once: Once) -> Path:
    """The documentation, built so that any warning is an error."""

    def fill(folder: Path) -> None:
        built = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder / "site")],
            cwd=Path(__file__).parents[1],
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (built.returncode, built.stdout, built.stderr) == (0, "", "")

    return once("documentation", fill) / "site"
