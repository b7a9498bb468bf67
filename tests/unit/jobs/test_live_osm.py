"""Fetching a place of the plan: which one is meant, what the workspace keeps, what a failure leaves."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from psttm_geo import jobs
from psttm_geo.core.errors import DownloadError, OutputError, UnknownNameError
from psttm_geo.core.settings import Settings
from psttm_geo.jobs import Place
from psttm_geo.project import Project
from psttm_geo.territory.features import read_features

Writer = Callable[..., Path]


class Service(Protocol):
    """What the fixture of this name gives."""

    moment: str
    asked: list[str]
    instead: list[Callable[[object], None]]

    def serve_file(self, path: Path) -> None: ...


@pytest.fixture
def town(osm_service: Service, write_osm: Writer) -> Path:
    """Give a synthetic street in Milano, which the service knows."""
    nodes = {1: (0, 0), 2: (1000, 0), 3: (10, 10, {"amenity": "cafe"})}
    path = write_osm(nodes, {7: ([1, 2], {"highway": "residential", "source": "synthetic"})})
    osm_service.serve_file(path)
    return path


@pytest.fixture
def kept(town: Path) -> Callable[..., list[str]]:
    """Fetch a place where only Milano has a street, and give the names of the municipalities fetched."""

    def kept(kind: str, name: str, edition: str | None = None) -> list[str]:
        assert town.is_file()
        fetched = jobs.fetch_extract(Project(Settings()), Place(kind, name, edition))
        return [fetched.file.name, *read_features(fetched.outline)["name"]]

    return kept


@pytest.mark.parametrize("written", ["015146", "15146", "15.146", "Milano", "MILANO", " milano "])
def test_a_municipality_is_known_by_code_or_name(kept: Callable[..., list[str]], written: str) -> None:
    assert kept("municipality", written) == ["015146-milano.osm.pbf", "Milano"]


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Give the name of the file and the municipalities that a place means, without asking for them."""

    class AskedError(Exception):
        """Carries what was requested."""

    def refuse(path: Path, territory: object, *_: object, **__: object) -> None:
        raise AskedError(path.name, *territory["name"])

    monkeypatch.setattr("psttm_geo.osm.overpass.fetch_extract", refuse)

    def asked_for(kind: str, name: str, edition: str | None = None) -> list[str]:
        with pytest.raises(AskedError) as asked:
            jobs.fetch_extract(Project(Settings()), Place(kind, name, edition))
        return list(asked.value.args)

    return asked_for


@pytest.mark.parametrize("written", ["Vermezzo con Zelo", "015235", "vermezzo", "Zelo Surrigone", "15246"])
def test_a_municipality_that_merged_is_the_one_it_is_part_of(asked_for: Callable[..., list[str]], written: str) -> None:
    assert asked_for("municipality", written) == ["015251-vermezzo-con-zelo.osm.pbf", "Vermezzo con Zelo"]


@pytest.mark.parametrize(
    "written", ["Cassano d'Adda", "cassano d\N{RIGHT SINGLE QUOTATION MARK}adda", "CASSANO D ADDA"]
)
def test_apostrophes_do_not_matter(asked_for: Callable[..., list[str]], written: str) -> None:
    assert asked_for("municipality", written)[0] == "015059-cassano-d-adda.osm.pbf"


@pytest.mark.parametrize(
    ("written", "edition", "file", "count"),
    [
        ("Unione di Comuni Adda Martesana", None, "unione-di-comuni-adda-martesana-2025-2027.osm.pbf", 3),
        ("adda martesana", "2022-2024", "unione-di-comuni-adda-martesana-2022-2024.osm.pbf", 4),
        ("Fontanili", None, "unione-di-comuni-dei-fontanili-2025-2027.osm.pbf", 9),
    ],
)
def test_a_union_has_the_members_of_an_edition(
    asked_for: Callable[..., list[str]], written: str, edition: str | None, file: str, count: int
) -> None:
    name, *members = asked_for("union", written, edition)
    assert (name, len(members)) == (file, count)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (
            Place("municipality", "Abiategrasso"),
            r"Comune «Abiategrasso» sconosciuto; .* 133 .*\. Forse Abbiategrasso\?",
        ),
        (Place("municipality", "099999"), r"Comune «099999» sconosciuto; .* con --place\.$"),
        (
            Place("union", "Brianza"),
            r"Unione «Brianza» sconosciuta; .*: Unione di Comuni Basiano e Masate \(2022-2024\)",
        ),
        (Place("union", "Fontanili", "2022-2024"), r"Unione «Fontanili \(2022-2024\)» sconosciuta"),
        (Place("union", "Fontanili", "1999"), r"Unione «Fontanili \(1999\)» sconosciuta"),
    ],
)
def test_a_name_that_nothing_has(settings: Settings, place: Place, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        jobs.fetch_extract(Project(settings), place)
    assert not settings.workspace.exists()


def test_what_was_fetched_is_read_again_without_the_network(osm_service: Service, town: Path) -> None:
    settings = Settings()
    fetched = jobs.fetch_extract(Project(settings), Place("municipality", "Milano"))
    assert fetched.extract.network.length_km == pytest.approx(1, abs=0.001)
    assert fetched.extract.report.synthetic
    assert town.is_file()
    asked = list(osm_service.asked)
    again = jobs.read_extract(Project(settings), fetched.file, territory=str(fetched.outline))
    assert again.report == fetched.extract.report
    assert osm_service.asked == asked


def test_fetching_again_takes_the_place_of_what_was_there(osm_service: Service, town: Path, write_osm: Writer) -> None:
    settings = Settings()
    first = jobs.fetch_extract(Project(settings), Place("municipality", "Milano"))
    osm_service.serve_file(write_osm({2: (2000, 0)}, {}, name=f"later-{town.name}"))
    osm_service.moment = "2026-12-24T00:00:00Z"
    second = jobs.fetch_extract(Project(settings), Place("municipality", "Milano"))
    assert second.file == first.file
    assert second.extract.network.length_km == pytest.approx(2, abs=0.002)
    assert (first.extract.report.date, second.extract.report.date) == ("2026-11-19", "2026-12-24")


def test_a_failure_leaves_what_was_there(osm_service: Service, town: Path) -> None:
    settings = Settings()
    fetched = jobs.fetch_extract(Project(settings), Place("municipality", "Milano"))
    before = {path.name: path.read_bytes() for path in fetched.file.parent.iterdir()}
    osm_service.instead.append(lambda request: request.give(400, "no"))
    with pytest.raises(
        DownloadError, match=r"Resta quello che era stato scaricato prima: .*015146-milano\.osm\.pbf\.$"
    ):
        jobs.fetch_extract(Project(settings), Place("municipality", "Milano"))
    assert {path.name: path.read_bytes() for path in fetched.file.parent.iterdir()} == before
    assert town.is_file()


def test_a_workspace_that_cannot_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", "utf-8")
    with pytest.raises(OutputError, match="Impossibile scrivere"):
        jobs.fetch_extract(
            Project(settings.model_copy(update={"workspace": tmp_path / "file"})), Place("municipality", "Milano")
        )
