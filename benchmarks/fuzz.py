"""Whether a reader that is given a damaged file reads it or says in a sentence why not.

Run from the project's root: ``.venv/bin/python benchmarks/fuzz.py [COUNT] [SEED] [KIND ...]``. Sound files of each kind
are damaged in a way drawn by chance, each is read in a process of its own with limits on memory and time, and it is
counted how that ends: read, refused with a sentence, a traceback, a crash, no end. Inputs that end badly are kept, and
their folder is named.
"""

import contextlib
import csv
import io
import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import openpyxl
import osmium
import pandas as pd
import pyogrio
import shapely

from psttm_geo import jobs
from psttm_geo.access import scenario_file
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.settings import Settings
from psttm_geo.delivery import publisher_file
from psttm_geo.osm import extract_reader
from psttm_geo.plan import projects
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.records import Plan
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.services import register_layouts
from psttm_geo.territory import census, degurba_files, features, istat, residents, snapshot, units
from psttm_geo.territory.gazetteer import Gazetteer

BYTES, SECONDS = 4 << 30, 30
"""What a process may take."""

Seeds = list[Path]

Mutate = Callable[[Path, random.Random], None]


class Kind(NamedTuple):
    """Files of a kind.

    Attributes
    ----------
    seeds
        Writes sound files into a folder.
    mutations
        Ways to damage one in its place.
    read
        Reads one as commands do.
    """

    seeds: Callable[[Path], Seeds]
    mutations: Sequence[Mutate]
    read: Callable[[Path], object]


class Ends(NamedTuple):
    """How the inputs of a kind ended, and those that ended badly with what was said."""

    counts: Counter[str]
    bad: Mapping[Path, str]


# Damage


def flip(path: Path, dice: random.Random) -> None:
    """Change some bytes."""
    path.write_bytes(_flipped(path.read_bytes(), dice))


def _flipped(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.choice([1, 1, 1, 2, 8, 64]) if changed else 0):
        changed[dice.randrange(len(changed))] = dice.choice([0, 255, dice.randrange(256)])
    return bytes(changed)


def cut(path: Path, dice: random.Random) -> None:
    """Break off."""
    content = path.read_bytes()
    path.write_bytes(content[: dice.randrange(len(content) or 1)])


def splice(path: Path, dice: random.Random) -> None:
    """Take a stretch out, double it, or put zeros or chance in its place."""
    path.write_bytes(_spliced(path.read_bytes(), dice))


def _spliced(content: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(content) or 1)
    end = min(len(content), start + dice.randrange(1, 2 + len(content) // 4))
    middle = dice.choice([b"", content[start:end] * 2, bytes(end - start), dice.randbytes(end - start)])
    return content[:start] + middle + content[end:]


_STRANGE = (
    b"", b"1e308", b"-1e308", b"nan", b"inf", b"-1", b"99999999999999999999", b"0x10", b"null", b"true", b"[" * 3000,
    b"{" * 3000, b'{"a":' * 3000, b'"', b"'", b"\\u0000", b"\0", b"\xff\xfe", b"\xe9", "\u202e".encode(), b"\x1b[2J",
    b"a" * 70_000, b";" * 500, b"<", b"&x;", b"<a>" * 3000, b"=1+1", b"015146", b"2025-02-30", b"1.234,56", b"\n",
)  # fmt: skip


def say_strange(path: Path, dice: random.Random) -> None:
    """Put something else in the place of a word or number."""
    content = path.read_bytes()
    for _ in range(dice.choice([1, 1, 2, 5])):
        content = _worded(content, dice)
    path.write_bytes(content)


def _worded(content: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(content) or 1)
    is_word = content[start : start + 1].isalnum()
    first = last = start
    while is_word and first > 0 and content[first - 1 : first].isalnum():
        first -= 1
    while is_word and last < len(content) and content[last : last + 1].isalnum():
        last += 1
    return content[:first] + dice.choice(_STRANGE) + content[last if is_word else start + 1 :]


def swap(path: Path, dice: random.Random) -> None:
    """Put a line in another place, double it or leave it out."""
    lines = path.read_bytes().splitlines(keepends=True)
    if lines:
        line = lines.pop(dice.randrange(len(lines)))
        for _ in range(dice.randrange(3)):
            lines.insert(dice.randrange(len(lines) + 1), line)
    path.write_bytes(b"".join(lines))


def within(path: Path, dice: random.Random) -> None:
    """Damage a file inside of a zip and pack it again, so that the zip's own checks pass."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = dice.choice(list(members))
    content = dice.choice([_flipped, _flipped, _spliced, _worded])(members[name], dice)
    deed = dice.randrange(10)
    if deed == 0:
        del members[name]
    elif deed == 1:
        members[dice.choice(["../x.shp", "/x.shp", "x\x1b.shp", "x" * 300, name.upper(), name + ".shp"])] = content
    else:
        members[name] = content
    with zipfile.ZipFile(path, "w", dice.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])) as archive:
        for member, packed in members.items():
            archive.writestr(member, packed)


def by_hand(path: Path, dice: random.Random) -> None:
    """Change a GeoPackage as a program for databases can: a value, a column, a table."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for _ in range(dice.choice([1, 1, 3])):
            with contextlib.suppress(sqlite3.Error, IndexError):  # refused by the database
                table = dice.choice(tables)
                columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
                _change(connection, table, dice.choice(columns), dice)
    connection.close()


def _change(connection: sqlite3.Connection, table: str, column: str, dice: random.Random) -> None:
    some = "" if dice.randrange(2) else " WHERE rowid % 3 = 0"
    deed = dice.randrange(8)
    if deed == 0:
        connection.execute(f'DROP TABLE "{table}"')
    elif deed == 1:
        connection.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
    elif deed == 2:  # noqa: PLR2004 - one deed of eight
        connection.execute(f'DELETE FROM "{table}"{some}')  # noqa: S608 - its own names
    elif deed == 3:  # noqa: PLR2004 - as above
        connection.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "altro"')
    else:
        values = (None, "", "x", "\x1b[2J", b"\0\xff", -1, 1e308, float("inf"), 2**62, "015146", _shape(dice))
        connection.execute(f'UPDATE "{table}" SET "{column}" = ?{some}', (dice.choice(values),))  # noqa: S608 - its own names


def _shape(dice: random.Random) -> bytes:
    """Return a shape as GeoPackages hold them, seldom a sound one."""
    sides = [0, 1000, -1, 1e308, float("nan"), float("inf")]
    corners = [(dice.choice(sides), dice.randrange(1000)) for _ in range(4)]
    bow = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    with np.errstate(invalid="ignore"):
        shape = dice.choice([shapely.Point(), shapely.Point(*corners[0]), shapely.LineString(corners), bow])
    return b"GP\0\1" + (32632).to_bytes(4, "little") + _flipped(shapely.to_wkb(shape), dice)


_ONLY: Mapping[Mutate, Sequence[str]] = {by_hand: (".gpkg",), within: (".zip", ".xlsx")}
"""Mutations that only some files can have, by their suffix."""


# Sound files


def _named(count: int) -> gpd.GeoDataFrame:
    boxes = [shapely.box(514_000 + 500 * one, 5_034_000, 514_400 + 500 * one, 5_034_400) for one in range(count)]
    rows = {"nome": [f"Unità {one}" for one in range(count)], "codice": range(count), "quota": [1.5] * count}
    return gpd.GeoDataFrame(rows, geometry=boxes, crs="EPSG:32632")


def seed_vectors(folder: Path) -> Seeds:
    """Write the same units in each format."""
    rows = _named(6)
    files = [folder / f"units.{suffix}" for suffix in ("geojson", "gpkg", "fgb", "kml", "gml")]
    for file in files:
        moved = rows if file.suffix in (".gpkg", ".fgb") else rows.to_crs("EPSG:4326")
        pyogrio.write_dataframe(moved, file, **({"driver": "LIBKML"} if file.suffix == ".kml" else {}))
    return files


def _zip_shapefile(rows: gpd.GeoDataFrame, path: Path, stem: str) -> Path:
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(rows, Path(folder) / f"{stem}.shp", encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, f"cartella/{part.name}")
    return path


def seed_zips(folder: Path) -> Seeds:
    """Write boundaries, residents, sections and units, zipped."""
    municipalities = _embedded().boundaries.municipalities
    boundaries = municipalities.assign(COD_PROV=15, COD_CM=215, COD_UTS=215).rename(
        columns={"municipality_code": "PRO_COM_T", "municipality": "COMUNE"}
    )
    boundaries.geometry = boundaries.geometry.simplify(500)
    columns = ["COD_PROV", "COD_CM", "COD_UTS", "PRO_COM_T", "COMUNE", "geometry"]
    sections = _named(4).assign(PRO_COM=15146, SEZ21=[1, 2, 3, 4], POP21=[5, 0, 7, 9])
    posas = folder / "posas.zip"
    with zipfile.ZipFile(posas, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("POSAS_2026_it_Comuni.csv", _posas())
    return [
        _zip_shapefile(boundaries[columns], folder / "boundaries.zip", "Com01012023_g_WGS84"),
        _zip_shapefile(sections, folder / "sections.zip", "R03_21_WGS84"),
        _zip_shapefile(_named(6), folder / "units.zip", "units"),
        posas,
    ]


def _posas() -> str:
    counts = _embedded().residents.counts
    names = _embedded().boundaries.municipalities.set_index("municipality_code")["municipality"]
    lines = ["Popolazione residente per età e sesso al 1° gennaio 2026"]
    lines.append("Codice comune;Comune;Età;Totale maschi;Totale femmine;Totale")
    for code, rows in counts[counts["municipality_code"].isin(names.index)].groupby("municipality_code"):
        ages = list(rows[["age", "males", "females"]].itertuples(index=False, name=None))
        ages.append((999, int(rows["males"].sum()), int(rows["females"].sum())))
        lines += [f"{code};{names[code]};{age};{males};{females};{males + females}" for age, males, females in ages]
    return "\n".join(lines) + "\n"


@cache
def delivery() -> Path:
    """Write a small delivery, once for all: the sound one that others are compared with."""
    folder = Path(tempfile.mkdtemp())
    settings = _settings(folder)
    jobs.build(folder / "whole.gpkg", Project(settings), jobs.BuildRequest(municipalities=("Legnano",)))
    layers = ("comuni", "zone_omogenee", "appartenenze", "fonti")
    request = jobs.ExportRequest(form="gpkg", layers=layers)
    (small,) = jobs.export(folder / "whole.gpkg", folder / "small", Project(settings), request).files
    return small


def seed_geopackages(folder: Path) -> Seeds:
    """Copy the small delivery."""
    return [Path(shutil.copyfile(delivery(), folder / "delivery.gpkg"))]


def seed_toml(folder: Path) -> Seeds:
    """Write the office's description and a mapping, filled in."""
    (folder / "ente.toml").write_text(
        'nome = "Ente"\nemail = "a@ente.example"\nsito = "https://ente.example/"\nscala = 10000\naccuratezza_m = 5.5\n',
        "utf-8",
    )
    (folder / "table.csv").write_text("nome,x,y\nA,9.19,45.46\n")
    (folder / "mapping.toml").write_text(
        'tabella = "table.csv"\ntitolo = "Prova"\ndata = "2026-01-31"\ncomuni = ["015146"]\ncoordinate = "EPSG:4326"\n'
        'categoria = "farmacia"\n[colonne]\nnome = "nome"\nx = "x"\ny = "y"\n',
        "utf-8",
    )
    return [folder / "ente.toml", folder / "mapping.toml"]


def seed_tables(folder: Path) -> Seeds:
    """Write registers, scenarios, classes and residents as CSV and XLSX."""
    rows = {
        "projects": [
            ["codice", "titolo", "comuni", "edizione", "driver", "importo_eur", "inizio"],
            ["P1", "Pista ciclabile", "015146", "2025-2027", "1", "1.234,50", "2026-01-31"],
            ["P2", "Società e città", "Legnano; Milano", "2025-2027", "", "100000", ""],
        ],
        "scenario": [["azione", "categoria", "lon", "lat", "nome"], ["aggiungi", "farmacia", "9,19", "45.46", "Nuova"]],
        "degurba": [["LAU CODE", "COUNTRY", "DEGURBA"], ["015146", "IT", "1"], ["015118", "IT", "2"]],
    }
    files = []
    for name, table in rows.items():
        with io.StringIO() as text:
            csv.writer(text, delimiter=";").writerows(table)
            (folder / f"{name}.csv").write_text(text.getvalue(), "utf-8")
        book = openpyxl.Workbook()
        for row in table:
            book.worksheets[0].append(row)
        book.save(folder / f"{name}.xlsx")
        files += [folder / f"{name}.csv", folder / f"{name}.xlsx"]
    (folder / "posas.csv").write_text(_posas(), "utf-8")
    return [*files, folder / "posas.csv"]


_TAGS = (
    {"highway": "residential", "name": "Via Roma"},
    {"highway": "footway", "foot": "yes;designated", "width": "1.5"},
    {"leisure": "park", "name": "Giardini"},
    {"building": "apartments", "building:levels": "5"},
)


def _write_osm(path: Path) -> Path:
    """Write a few streets, a park, houses and a pharmacy."""
    with osmium.SimpleWriter(path) as writer:
        for number in range(1, 41):
            tags = {"amenity": "pharmacy", "name": "Centrale"} if number == 40 else {}  # noqa: PLR2004 - the last one
            place = (9.18 + number % 7 / 1000, 45.46 + number // 7 / 1000)
            writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=place, tags=tags))
        for number in range(12):
            nodes = [1 + (number * 3 + step * (1 + number % 3)) % 39 for step in range(5)]
            closed = [*nodes, nodes[0]] if number % 4 > 1 else nodes
            writer.add_way(osmium.osm.mutable.Way(id=100 + number, version=1, nodes=closed, tags=_TAGS[number % 4]))
        members = [("w", 102, "outer"), ("w", 103, "inner"), ("n", 40, "")]
        tags = {"type": "multipolygon", "leisure": "park"}
        writer.add_relation(osmium.osm.mutable.Relation(id=1, version=1, members=members, tags=tags))
    return path


def seed_osm_xml(folder: Path) -> Seeds:
    """Write a map as XML, plain and packed."""
    files = [_write_osm(folder / f"map.{suffix}") for suffix in ("osm", "osm.gz", "osm.bz2")]
    return [files[0], *files]


def seed_osm_pbf(folder: Path) -> Seeds:
    """Write a map as PBF, its blobs packed or not."""
    packed = _write_osm(folder / "packed.osm.pbf")
    plain = folder / "plain.osm.pbf"
    with osmium.SimpleWriter(osmium.io.File(plain, "pbf,pbf_compression=none")) as writer:
        osmium.apply(packed, writer)
    return [plain, plain, packed]


# Readers


@cache
def _register() -> Register:
    return Project(Settings()).register


@cache
def _municipalities() -> tuple[pd.DataFrame, pd.DataFrame]:
    return Project(Settings()).municipality_tables


@cache
def _gazetteer() -> Gazetteer:
    return snapshot.read_gazetteer(_register())


@cache
def _embedded() -> snapshot.Snapshot:
    return snapshot.read_snapshot(_register())


@cache
def _plans() -> Sequence[Plan]:
    return build_plans(_register().tables, ())


def _settings(folder: Path) -> Settings:
    return Settings(workspace=folder / "workspace")


def read_vector(path: Path) -> None:
    """Read stations, then units."""
    features.inspect_features(path)
    units.read_units(path)


def read_zip(path: Path) -> None:
    """Read what a zip was written as."""
    tables = _municipalities()
    if path.name.startswith("posas"):
        residents.read_residents(path, *tables)
    elif path.name.startswith("sections"):
        census.read_sections([path], *tables)
    elif path.name.startswith("units"):
        units.read_units(path)
    else:
        istat.read_boundaries(path, *tables)


def read_geopackage(path: Path) -> None:
    """Compare a delivery with the sound one, and export it."""
    found = jobs.compare_files(delivery(), path)
    list(found.notices)
    seldom = ("gpkg",) if zlib.crc32(path.read_bytes()) % 50 == 0 else ()  # takes longer than all others together
    for form in ("csv", "metadata", "qgz", *seldom):
        request = jobs.ExportRequest(form=form)
        jobs.export(path, path.with_suffix(f".{form}.out"), Project(_settings(path.parent)), request)


def read_toml(path: Path) -> None:
    """Read the office's description or a mapping."""
    if path.name.startswith("ente"):
        publisher_file.read_publisher(path)
    else:
        categories = _register().tables["services.csv"]["category"].unique()
        shutil.copyfile(Path(__file__), path.with_name("table.csv"))
        register_layouts.read_mapping(path, {"015146"}, categories)


def read_table(path: Path) -> None:
    """Read what a table was written as."""
    tables = _municipalities()
    if path.name.startswith("projects"):
        projects.read_projects(path, _gazetteer(), _plans())
    elif path.name.startswith("scenario"):
        scenario_file.read_scenario(path, set(_register().tables["services.csv"]["category"]))
    elif path.name.startswith("degurba"):
        degurba_files.read_urbanisation(path, *tables)
    else:
        residents.read_residents(path, *tables)


def read_osm(path: Path) -> None:
    """Read an extract with all that it may hold."""
    tables = _register().tables
    names = ("walkable.csv", "services.csv", "features.csv", "closed_services.csv")
    tagged = extract_reader.TagTables(*(tables[name] for name in names))
    extract_reader.read_extract(path, tagged, "", territory=None)


_BYTES = (flip, cut, splice)

KINDS = {
    "vector": Kind(seed_vectors, (*_BYTES, say_strange, say_strange, by_hand), read_vector),
    "zip": Kind(seed_zips, (*_BYTES, within, within, within), read_zip),
    "geopackage": Kind(seed_geopackages, (flip, cut, splice, by_hand, by_hand, by_hand), read_geopackage),
    "toml": Kind(seed_toml, (*_BYTES, say_strange, say_strange, swap), read_toml),
    "table": Kind(seed_tables, (*_BYTES, say_strange, say_strange, swap, within), read_table),
    "osm xml": Kind(seed_osm_xml, (*_BYTES, say_strange, say_strange, swap), read_osm),
    "osm pbf": Kind(seed_osm_pbf, (flip, flip, cut, splice), read_osm),
}


# Trials


def _read_apart(kind: Kind, path: Path, said: Path) -> None:
    """Read a file in this process, which ends with it: 0 for read, 2 for refused, 1 for a traceback."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    descriptor = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    warnings.simplefilter("ignore")
    try:
        kind.read(path)
    except PsttmError as error:
        said.write_text(error.text.en, "utf-8", errors="replace")
        os._exit(2)
    except BaseException:  # noqa: BLE001 - a mistake is what is looked for
        said.write_text(traceback.format_exc(), "utf-8", errors="replace")
        os._exit(1)
    os._exit(0)


def _await(child: int) -> str:
    """Return how a process ended; one that does not end is killed."""
    deadline = time.monotonic() + 4 * SECONDS
    done = status = 0
    while not done:
        done, status = os.waitpid(child, os.WNOHANG)
        if not done and time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hang"
        time.sleep(0.001)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        return "hang"
    return {0: "read", 1: "traceback", 2: "refused"}.get(code, f"crash {code}")


def _try(kind: Kind, path: Path) -> tuple[str, str]:
    """Read a file in a process of its own; return how that ended and what was said."""
    said = path.with_name("said")
    with warnings.catch_warnings(action="ignore"):  # threads that a library has begun do nothing yet
        child = os.fork()
    if not child:
        _read_apart(kind, path, said)
    return _await(child), said.read_text("utf-8", errors="replace") if said.exists() else ""


def try_kind(name: str, count: int, seed: int, folder: Path) -> Ends:
    """Damage files of a kind as often as said, the same files for the same seed, and see how reading them ends."""
    kind, seeds = KINDS[name], folder / "seeds"
    seeds.mkdir(parents=True)
    with warnings.catch_warnings(action="ignore"):
        sound = kind.seeds(seeds)
    _register(), _municipalities(), _gazetteer(), _plans()  # the same for all, and not what is tried here
    with warnings.catch_warnings(action="ignore"):
        kind.read(Path(shutil.copy(sound[0], folder)))  # what is loaded late is loaded once
    for path in sound:
        end, said = _try(kind, path)
        if end != "read":
            message = f"{path} is to be sound, and ends so: {end} {said}"
            raise ValueError(message)
    counts: Counter[str] = Counter()
    bad: dict[Path, str] = {}
    for number in range(count):
        dice = random.Random(f"{name} {seed} {number}")  # noqa: S311 - to be repeated, not to be secret
        room = folder / f"{number}"
        room.mkdir()
        path = Path(shutil.copy(dice.choice(sound), room))
        fitting = [one for one in kind.mutations if path.suffix in _ONLY.get(one, (path.suffix,))]
        dice.choice(fitting)(path, dice)
        end, said = _try(kind, path)
        counts[end] += 1
        if end in ("read", "refused"):
            shutil.rmtree(room)
        else:
            bad[path] = said
    return Ends(counts, bad)


def main() -> None:
    """Print how many inputs of each kind were read, refused, and ended badly."""
    count, seed = (int(text) for text in (*sys.argv[1:3], *("2000", "1")[len(sys.argv) - 1 :])[:2])
    folder = Path(tempfile.mkdtemp())
    bad = 0
    for name in sys.argv[3:] or KINDS:
        start = time.monotonic()
        ends = try_kind(name, count, seed, folder / name.replace(" ", "-"))
        bad += len(ends.bad)
        took = time.monotonic() - start
        listed = ", ".join(f"{end} {times}" for end, times in sorted(ends.counts.items()))
        print(f"{name}: {count} inputs in {took:.0f} s: {listed}", flush=True)
        for path, said in ends.bad.items():
            print(f"  {path}: {(said.splitlines() or [''])[-1][:200]}", flush=True)
    if bad:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
