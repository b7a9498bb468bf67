"""What the public services are asked, and what becomes of their answers: on a server of this machine."""

import http.server
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Protocol

import geopandas as gpd
import osmium
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import DownloadError, OutputError, UnknownNameError
from psttm_geo.osm import _overpass_server
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.overpass import fetch_extract, fetch_place

Writer = Callable[..., Path]

Fetch = Callable[..., Path]

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class Service(Protocol):
    """What the fixture of this name gives."""

    url: str
    asked: list[str]
    agents: set[str]
    instead: list[Answer]
    slots: list[str]
    polygons: list[shapely.Geometry]

    def serve_file(self, path: Path) -> None: ...

    def serve_place(self, name: str, osm_id: int, area: shapely.Geometry) -> None: ...


STREET = {"highway": "residential"}

FAR = 9000
"""Metres: beyond the margin and the box that a reader looks at."""


@pytest.fixture
def square() -> gpd.GeoDataFrame:
    """Give a territory of 1 km2 where the towns of these tests begin."""
    return gpd.GeoDataFrame(geometry=[shapely.box(514_000, 5_034_000, 515_000, 5_035_000)], crs=METRIC)


@pytest.fixture
def region(write_osm: Writer) -> Path:
    """Give a town, its surroundings, and what lies far away."""
    nodes = {
        1: (0, 0),
        2: (500, 0, {"highway": "crossing"}),
        3: (2900, 0),
        4: (4000, 0),
        5: (FAR, 0),
        6: (FAR, 500, {"amenity": "pharmacy"}),
        10: (100, 20),
        11: (140, 20, {"entrance": "main"}),
        12: (140, 60),
        13: (100, 60),
        20: (200, 20),
        21: (260, 20),
        22: (260, 80),
        23: (200, 80),
        30: (50, 10, {"shop": "bakery;convenience", "name": "Forno"}),
        31: (60, 10, {"amenity": "bench"}),
        32: (70, 10, {"highway": "bus_stop", "name": "Piazza"}),
        33: (2600, 10, {"amenity": "pharmacy", "name": "Oltre confine"}),
        34: (80, 5, {"natural": "tree"}),
        40: (-FAR, -FAR),
        41: (FAR, -FAR),
        42: (FAR, FAR),
        43: (500, 700),
        44: (-FAR, FAR),
        45: (300, 90, {"barrier": "gate", "access": "private"}),
    }
    ways = {
        7: ([1, 2, 3], STREET),
        8: ([3, 4, 5], {"highway": "primary"}),
        9: ([10, 11, 12, 13, 10], {"amenity": "school", "name": "Scuola"}),
        14: ([5, 6], STREET),
        15: ([20, 21, 22, 23, 20], {"building": "apartments"}),
        16: ([40, 41, 42, 43, 44, 40], {}),
        17: ([2, 43], {"waterway": "canal", "name": "Naviglio Vecchio"}),
        18: ([2, 22], {"railway": "platform"}),
        19: ([22, 45], {"man_made": "pier"}),
    }
    relations = {
        50: ([("way", 15, "outer")], {"type": "multipolygon", "amenity": "clinic"}),
        51: (
            [("way", 16, "outer")],
            {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Alfa"},
        ),
    }
    return write_osm(nodes, ways, relations, name="region.osm")


@pytest.fixture
def fetch(osm_service: Service, square: gpd.GeoDataFrame, tag_tables: TagTables, tmp_path: Path) -> Fetch:
    def fetch(*, tables: TagTables = tag_tables) -> Path:
        path = tmp_path / "kept" / "town.osm.pbf"
        path.parent.mkdir(exist_ok=True)
        fetch_extract(path, square, tables, url=f"{osm_service.url}/api")
        return path

    return fetch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give the pauses made, which take no time."""
    pauses: list[float] = []
    monkeypatch.setattr(
        _overpass_server, "time", SimpleNamespace(monotonic=lambda: float(sum(pauses)), sleep=pauses.append)
    )
    return pauses


def assert_same(one: Extract, other: Extract) -> None:
    """Prove that two extracts give the same streets to the micrometre, and the same tables."""
    mine, theirs = one.network.arrays(), other.network.arrays()
    for name, values in mine.items():
        if values.dtype.kind == "f":
            assert values == pytest.approx(theirs[name], abs=1e-6), name
        else:
            assert values.tolist() == theirs[name].tolist(), name
    for name in ("services", "entrances", "features", "homes"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_what_overpass_gives_is_what_an_extract_of_the_region_gives(
    osm_service: Service, fetch: Fetch, region: Path, square: gpd.GeoDataFrame, tag_tables: TagTables
) -> None:
    osm_service.serve_file(region)
    live = read_extract(fetch(), tag_tables, "sum", territory=square)
    whole = read_extract(region, tag_tables, "sum", territory=square)
    assert_same(live, whole)
    assert sorted(set(live.network.edge_way)) == [7, 18, 19], "the street of 4 km has but one end inside the margin"
    assert set(live.services["category"]) == {"alimentari", "farmacia", "medico", "scuola", "trasporto"}
    assert set(live.features["feature"]) == {"canali", "corsi_d_acqua", "navigli"}
    assert len(live.homes) == 1
    assert live.boundaries.drop(columns="geometry").equals(whole.boundaries.drop(columns="geometry"))
    assert set(live.entrances["access"]) >= {"entrance", "node"}


def test_only_what_is_near_and_of_use_is_kept_in_order(osm_service: Service, fetch: Fetch, region: Path) -> None:
    osm_service.serve_file(region)
    kept = [(found.type_str(), found.id) for found in osmium.FileProcessor(fetch())]
    assert kept == sorted(kept, key=lambda name: ("nwr".index(name[0]), name[1]))
    names = {f"{kind}{number}" for kind, number in kept}
    assert {"n30", "n33", "w9", "r50", "r51", "w16", "n44"} <= names, "what is met is whole"
    assert {"n6", "w14", "n34"}.isdisjoint(names)
    assert "n31" in names, "any value of a key of services is asked for"


def test_each_question_is_asked_once_and_by_name(osm_service: Service, fetch: Fetch, region: Path) -> None:
    osm_service.serve_file(region)
    fetch()
    assert osm_service.asked == ["GET /api/status", "POST /api/interpreter"] * 4
    assert {agent.split("/")[0] for agent in osm_service.agents} == {"psttm-geo"}


def test_what_is_asked_for_holds_the_margin_of_all_parts(
    osm_service: Service, tag_tables: TagTables, region: Path, tmp_path: Path
) -> None:
    osm_service.serve_file(region)
    parts = [shapely.Point(514_000, 5_034_000).buffer(1500), shapely.box(522_000, 5_030_000, 523_000, 5_030_500)]
    territory = gpd.GeoDataFrame(geometry=parts, crs=METRIC)
    fetch_extract(tmp_path / "parts.osm.pbf", territory, tag_tables, url=f"{osm_service.url}/api")
    asked = gpd.GeoSeries(osm_service.polygons, crs=GEOGRAPHIC).to_crs(METRIC).iloc[0]
    assert asked.covers(territory.buffer(2000).union_all())
    assert shapely.get_num_coordinates(asked) < 60


def test_an_interrupted_run_leaves_nothing(
    osm_service: Service, fetch: Fetch, region: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    osm_service.serve_file(region)
    with monkeypatch.context() as patch:
        patch.setattr(_overpass_server.Server, "inspect", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert not list((tmp_path / "kept").iterdir())


def test_a_table_of_the_user_decides_what_is_asked(
    osm_service: Service, fetch: Fetch, region: Path, tag_tables: TagTables
) -> None:
    osm_service.serve_file(region)
    services = tag_tables.services.head(1).assign(key="natural", value="tree", and_key="", and_value="")
    kept = {found.id for found in osmium.FileProcessor(fetch(tables=replace(tag_tables, services=services)))}
    assert 34 in kept
    assert 30 not in kept


def test_the_file_says_of_which_moment_it_is(
    osm_service: Service, fetch: Fetch, region: Path, square: gpd.GeoDataFrame, tag_tables: TagTables
) -> None:
    osm_service.serve_file(region)
    assert read_extract(fetch(), tag_tables, "sum", territory=square).report.source.reference_date == "2026-11-19"


def test_the_same_answers_make_the_same_file(osm_service: Service, fetch: Fetch, region: Path) -> None:
    osm_service.serve_file(region)
    first = fetch().read_bytes()
    assert fetch().read_bytes() == first


def test_nothing_is_left_behind(osm_service: Service, fetch: Fetch, region: Path) -> None:
    import osmnx  # noqa: PLC0415 - seconds that other tests need not spend

    osm_service.serve_file(region)
    before, resolve = dict(vars(osmnx.settings)), socket.getaddrinfo
    path = fetch()
    osm_service.instead.append(answer(400, "bad"))
    with pytest.raises(DownloadError):
        fetch()
    assert vars(osmnx.settings) == before
    assert socket.getaddrinfo is resolve
    assert list(path.parent.iterdir()) == [path]


def answer(status: int, content: str) -> Answer:
    return lambda request: request.give(status, content)


def cut(request: http.server.BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"elements": [')


PAGE = "<!DOCTYPE html><html><body>Login</body></html>"

REMARK = '{"elements": [], "osm3s": {}, "remark": "runtime error: Query timed out"}'

ELSEWHERE = '{"elements": [{"type": "node", "id": 1}], "osm3s": {"timestamp_osm_base": ""}}'


ANSWERS: dict[str, Answer] = {
    "page": answer(200, PAGE),
    "refusal": answer(400, PAGE),
    "fault": answer(500, "oops"),
    "remark": answer(200, REMARK),
    "half": answer(200, '{"elements": ['),
    "list": answer(200, '[{"name": "Alfa"}]'),
    "nothing": answer(200, "{}"),
    "nowhere": answer(200, ELSEWHERE),
    "cut": cut,
}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("page", "arriva una pagina e non i dati"),
        ("refusal", "il servizio risponde 400"),
        ("fault", "il servizio risponde 500"),
        ("remark", "ha interrotto la risposta («runtime error: Query timed out»)"),
        ("half", "la risposta non è quella attesa"),
        ("list", "la risposta non è quella attesa"),
        ("nothing", "la risposta non è quella attesa"),
        ("nowhere", "la risposta non è quella attesa"),
        ("cut", "il servizio non risponde o la rete è chiusa"),
    ],
)
def test_an_answer_that_is_not_the_data(osm_service: Service, fetch: Fetch, region: Path, what: str, said: str) -> None:
    osm_service.serve_file(region)
    path = fetch()
    before = path.read_bytes()
    osm_service.instead.append(ANSWERS[what])
    with pytest.raises(DownloadError) as refused:
        fetch()
    assert said in refused.value.text.it
    assert str(refused.value).startswith(osm_service.url)
    assert "Non è stato salvato nulla" in str(refused.value)
    assert path.read_bytes() == before


def test_a_service_that_is_silent(osm_service: Service, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_overpass_server, "TIMEOUT_S", 0.2)
    over = threading.Event()
    osm_service.instead.append(lambda _: over.wait())
    with pytest.raises(DownloadError, match="il servizio non risponde entro"):
        fetch()
    over.set()


def test_a_place_without_streets_is_no_extract(osm_service: Service, fetch: Fetch) -> None:
    with pytest.raises(DownloadError, match="il servizio risponde, ma in questo luogo non ha strade"):
        fetch()
    assert osm_service.asked.count("POST /api/interpreter") == 4


def test_a_closed_network(square: gpd.GeoDataFrame, tag_tables: TagTables, tmp_path: Path, clock: list[float]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/api"
        with pytest.raises(DownloadError, match="il servizio non risponde o la rete è chiusa"):
            fetch_extract(tmp_path / "town.osm.pbf", square, tag_tables, url=url)
    assert not list(tmp_path.iterdir())
    assert clock == [], "nobody waits for a network that is closed"


@pytest.mark.parametrize("status", [429, 504])
def test_a_busy_service_is_asked_again(
    osm_service: Service, fetch: Fetch, region: Path, clock: list[float], status: int
) -> None:
    osm_service.serve_file(region)
    osm_service.instead += [answer(status, PAGE)] * 2
    assert fetch().is_file()
    assert clock == [_overpass_server.PAUSE_S] * 2


def test_a_service_that_stays_busy_is_left_alone(osm_service: Service, fetch: Fetch, clock: list[float]) -> None:
    osm_service.instead += [answer(429, PAGE)] * 100
    with pytest.raises(DownloadError, match="è occupato o limita le richieste, e non si libera entro 180 secondi"):
        fetch()
    assert sum(clock) <= _overpass_server.PATIENCE_S
    assert len(osm_service.instead) == 100 - 1 - _overpass_server.PATIENCE_S // _overpass_server.PAUSE_S


@pytest.mark.parametrize(
    ("slots", "pauses"),
    [
        ("Slot available after: 2026-11-20T10:00:40Z, in 40 seconds.", [40]),
        ("Slot available after: A, in 40 seconds.\nSlot available after: B, in 7 seconds.", [7]),
        ("Slot available after: 2026-11-20T10:00:00Z, in -1 seconds.", [1]),
        ("0 slots available now.", [_overpass_server.PAUSE_S]),
        ("1 slots available now.", []),
    ],
)
def test_the_service_says_when_it_has_time(
    osm_service: Service, fetch: Fetch, region: Path, clock: list[float], slots: str, pauses: list[float]
) -> None:
    osm_service.serve_file(region)
    osm_service.slots.append(slots)
    fetch()
    assert clock == pauses


def test_a_slot_that_is_too_far_off_is_not_waited_for(osm_service: Service, fetch: Fetch, clock: list[float]) -> None:
    osm_service.slots.append("Slot available after: 2026-11-20T10:10:00Z, in 600 seconds.")
    with pytest.raises(DownloadError, match="limita le richieste"):
        fetch()
    assert clock == []
    assert osm_service.asked == ["GET /api/status"]


def test_a_disk_that_takes_no_more(
    osm_service: Service, fetch: Fetch, region: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    osm_service.serve_file(region)
    monkeypatch.setattr("osmnx._http._save_to_cache", full)
    with pytest.raises(OutputError, match="il disco è pieno"):
        fetch()


@pytest.fixture
def place(osm_service: Service, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], gpd.GeoDataFrame]:
    monkeypatch.setattr("osmnx._nominatim.time.sleep", lambda _: None)
    osm_service.serve_place("Alfa", 51, shapely.box(9, 45, 9.1, 45.1))
    osm_service.serve_place("Beta", 52, shapely.Point(9, 45))
    return lambda name: fetch_place(name, url=osm_service.url)


@pytest.mark.parametrize("name", ["Alfa", "R51"])
def test_a_place_has_its_outline_from_nominatim(place: Callable[[str], gpd.GeoDataFrame], name: str) -> None:
    found = place(name)
    assert list(found["name"]) == ["Alfa"]
    assert found.crs == GEOGRAPHIC
    assert found.geometry.iloc[0].equals(shapely.box(9, 45, 9.1, 45.1))


@pytest.mark.parametrize("name", ["Gamma", "R99", "Beta", "R52"])
def test_a_place_that_is_not_known_or_no_area(place: Callable[[str], gpd.GeoDataFrame], name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"non conosce un'area di nome «{name}»"):
        place(name)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("page", "arriva una pagina"),
        ("refusal", "il servizio risponde 400"),
        ("list", "la risposta non è quella attesa"),
        ("cut", "il servizio non risponde o la rete è chiusa"),
    ],
)
def test_nominatim_answers_something_else(
    osm_service: Service, place: Callable[[str], gpd.GeoDataFrame], what: str, said: str
) -> None:
    osm_service.instead.append(ANSWERS[what])
    with pytest.raises(DownloadError, match=said) as refused:
        place("Alfa")
    assert "PSTTM_NOMINATIM_URL" in str(refused.value)


def test_a_busy_nominatim_is_asked_again(
    osm_service: Service, place: Callable[[str], gpd.GeoDataFrame], clock: list[float]
) -> None:
    osm_service.instead.append(answer(429, PAGE))
    assert len(place("Alfa")) == 1
    assert clock == [_overpass_server.PAUSE_S]
