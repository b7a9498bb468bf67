"""The commands on extracts."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo.core.workspace import Workspace

Writer = Callable[..., Path]

STREET = {"highway": "residential"}


@pytest.fixture
def town(write_osm: Writer) -> Path:
    nodes = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000), 5: (10, 10, {"amenity": "school"})}
    border = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Alfa"}
    return write_osm(
        nodes,
        {7: ([1, 2, 98, 3], STREET), 8: ([1, 2, 3, 4, 1], {"source": "synthetic", "highway": "path"})},
        {
            5: ([("way", 8, "outer")], {**border, "ref:ISTAT": "015001"}),
            6: ([("way", 7, "outer")], {**border, "name": "Beta"}),
        },
    )


def test_the_report_says_what_there_is_and_what_was_missing(run: Callable[..., object], town: Path) -> None:
    outcome = run("--quiet", "osm", "read", town, "--territory", "osm:8")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "DATI SINTETICI: non descrivono nessun luogo"
    assert "town.osm: letti 5 nodi, 2 linee e 2 relazioni utili" in lines[1]
    assert lines[2] == "territorio coperto: 100 %"
    assert "strade percorribili a piedi: 5,0 km" in lines[3]
    assert "  km per tipo: path 4,0; residential 1,0" in lines
    school = "  * Scuola primaria o secondaria di primo grado: 1, di cui 1 di livello non noto"
    assert any(line.startswith(school) for line in lines)
    assert "comuni completi: 1" in lines
    assert "  Alfa (015001): 1,00 km²" in lines
    assert "  incompleti, non usati: 1 (Beta)" in lines
    assert "  nodi citati ma assenti dal file: 1" in lines


def test_streets_with_works_are_counted(run: Callable[..., object], write_osm: Writer) -> None:
    nodes = {1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000)}
    border = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Alfa"}
    ways = {
        7: ([1, 2], {**STREET, "construction": "minor"}),
        8: ([1, 2, 3, 4, 1], {"highway": "path", "construction": "no"}),
        9: ([1, 3], {"highway": "construction", "construction": "footway"}),
    }
    path = write_osm(nodes, ways, {5: ([("way", 8, "outer")], border)})
    out = run("--quiet", "osm", "read", path, "--territory", "osm:8").out
    assert "strade con lavori in corso, contate come aperte: 1" in out.splitlines()


def test_services_that_are_closed_are_told(run: Callable[..., object], write_osm: Writer) -> None:
    nodes = {1: (0, 0), 2: (1000, 0), 3: (50, 5, {"amenity": "bank", "disused": "yes"})}
    out = run("--quiet", "osm", "read", write_osm(nodes, {7: ([1, 2], STREET)}), "--territory", "osm:8").out
    assert "  servizi chiusi, riservati o in disuso, non contati: 1" in out.splitlines()


def test_the_report_for_machines(run: Callable[..., object], town: Path) -> None:
    outcome = run("osm", "read", town, "--territory", "osm:8", "--json")
    described = json.loads(outcome.out)
    assert described["municipalities"] == [
        {"name": "Alfa", "ref_istat": "015001", "osm_id": 5, "area_km2": pytest.approx(1, abs=1e-3), "parts": 1}
    ]
    assert described["report"]["nodes_missing"] == 1


def test_the_report_in_english(run: Callable[..., object], town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    out = run("osm", "read", town, "--territory", "osm:8").out
    assert "SYNTHETIC DATA" in out
    assert "complete municipalities: 1" in out
    assert "1 of unknown level" in out


def test_bad_input_is_one_sentence(run: Callable[..., object], tmp_path: Path) -> None:
    (tmp_path / "page.osm.pbf").write_text("<html>404</html>", "utf-8")
    outcome = run("--quiet", "osm", "read", tmp_path / "page.osm.pbf", "--territory", "osm:8")
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.startswith("psttm-geo: ")


def test_the_report_says_what_a_drawn_map_has_deleted_and_what_a_server_remarks(
    run: Callable[..., object], town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = town.read_text("utf-8").replace('<node id="5"', '<node id="5" action="delete"')
    repeated = "<node id='-1' version='1' lat='45.46' lon='9.18'/>" * 3
    town.write_text(text.replace("</osm>", f"{repeated}<remark>runtime remark: slow</remark></osm>"), "utf-8")
    outcome = run("--quiet", "osm", "read", town, "--territory", "osm:8")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert "  oggetti segnati come eliminati nel file, non contati: 1" in lines
    assert "  versioni precedenti e ripetizioni di oggetti, non contate: vale l'ultima versione: 2" in lines
    assert lines[-1] == "  avvertenza del server che ha scritto il file: «runtime remark: slow»"
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    assert "remark of the server: “runtime remark: slow”" in run("osm", "read", town, "--territory", "osm:8").out


def test_fetch_prints_the_report_and_how_to_read_again(
    run: Callable[..., object], osm_service: object, town: Path, tmp_path: Path
) -> None:
    osm_service.serve_file(town)
    outcome = run("--quiet", "osm", "fetch", "--municipality", "Milano")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "DATI SINTETICI: non descrivono nessun luogo"
    assert "015146-milano.osm.pbf: letti" in lines[1]
    assert lines[2] == "dati del 19 novembre 2026"
    folder = tmp_path / "workspace" / "osm"
    again = f'"{folder / "015146-milano.osm.pbf"}" --territory "{folder / "015146-milano.fgb"}"'
    assert lines[-2:] == [
        f"per rileggerlo senza rete: psttm-geo osm read {again}",
        "per rinnovarlo: ripetere questo comando",
    ]
    told = json.loads(run("--quiet", "osm", "fetch", "--municipality", "Milano", "--json").out)
    assert told["file"] == str(folder / "015146-milano.osm.pbf")
    assert told["report"]["date"] == "2026-11-19"


def test_fetch_shows_its_progress_unless_quiet(run: Callable[..., object], osm_service: object, town: Path) -> None:
    osm_service.serve_file(town)
    assert "127.0.0.1" in run("osm", "fetch", "--municipality", "Milano").err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--municipality", "Milano", "--place", "Milano"], ["--municipality", "Milano", "--edition", "2025-2027"]],
)
def test_fetch_takes_one_place(run: Callable[..., object], arguments: list[str]) -> None:
    outcome = run("osm", "fetch", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert "indicare uno solo fra --municipality, --union e --place" in outcome.err


def test_a_service_that_refuses_is_one_sentence(run: Callable[..., object], osm_service: object) -> None:
    osm_service.instead.append(lambda request: request.give(200, "<html>login</html>"))
    outcome = run("--quiet", "osm", "fetch", "--union", "Fontanili")
    assert (outcome.code, outcome.out) == (2, "")
    assert len(outcome.err.splitlines()) == 1
    assert outcome.err.startswith(f"psttm-geo: {osm_service.url}/api: arriva una pagina")


def test_an_extract_of_the_whole_territory_is_in_force_listed_and_removed(
    run: Callable[..., object], synthetic_extract: Path
) -> None:
    outcome = run("osm", "read", synthetic_extract)
    assert outcome.code == 0
    assert (
        "nota: da ora nella cartella di lavoro valgono i servizi, i confini e gli ambiti di questo estratto"
        in outcome.err
    )
    assert list(json.loads(run("status", "--json").out)["inputs"]) == ["osm"]
    assert run("inputs", "remove", "osm") == (0, "osm: tolto.\n", "")
    assert json.loads(run("status", "--json").out)["inputs"] == {}
    assert run("inputs", "remove", "osm").out == "osm: non c'era niente da togliere.\n"


def test_an_extract_of_a_part_is_said_to_change_nothing_and_is_compared_with_nothing(
    run: Callable[..., object], town: Path
) -> None:
    outcome = run("osm", "read", town)
    assert outcome.code == 0
    assert "l'estratto copre solo una parte del territorio: non cambia ambiti" in outcome.err
    assert "confini a confronto" not in outcome.out
    assert json.loads(run("status", "--json").out)["inputs"] == {}


def test_a_map_that_changed_in_the_workspace_is_told_with_a_command_that_exists(
    run: Callable[..., object], map_workspace: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(map_workspace, workspace)
    kept = Workspace(workspace).inputs["osm"].path
    kept.write_bytes(kept.read_bytes()[:-1])
    outcome = run("build", "-o", tmp_path / "x.gpkg")
    assert (outcome.code, outcome.out) == (2, "")
    assert "registrarlo di nuovo (psttm-geo osm read FILE)" in outcome.err
