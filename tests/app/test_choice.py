"""The choice of data as Streamlit runs it: the forms, the work in the background, and what came of it."""

import dataclasses
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from streamlit.testing.v1 import AppTest

import psttm_geo.app
from psttm_geo import jobs
from psttm_geo.app import assets, choice, job_status, tasks
from psttm_geo.app.job_runner import Job, Task
from psttm_geo.app.texts import number
from psttm_geo.core.errors import BusyError
from psttm_geo.core.events import Notice, Progress
from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import SYNTHETIC_MARK as SYNTHETIC
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.fetch.download_records import Download
from psttm_geo.jobs import Offer
from psttm_geo.project import Project
from psttm_geo.schema.layers import LAYERS

SCRIPT = Path(psttm_geo.app.__file__).with_name("__main__.py")

CHOICE = "quindici_minuti"


class Desk:
    """Stands in for the jobs of the server."""

    def __init__(self) -> None:
        self.latest: Job | None = None
        self.started: list[tuple[Task, Mapping[str, str]]] = []
        self.busy = False
        self.cancelled = 0

    def start(self, task: Task, environment: Mapping[str, str]) -> None:
        if self.busy:
            raise BusyError(Text("È già in corso", "It is running"))
        self.started.append((task, environment))

    def cancel(self) -> None:
        self.cancelled += 1

    def forget(self) -> None:
        self.latest = None


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    for module in (choice, job_status):
        monkeypatch.setattr(module, "JOBS", made)
    return made


Opener = Callable[..., AppTest]


@pytest.fixture
def open_page(desk: Desk) -> Opener:
    """Open the page; it may not raise."""
    assert not desk.started

    def open_page(way: str = "file", **address: str) -> AppTest:
        page = AppTest.from_file(str(SCRIPT), default_timeout=60)
        page.session_state["data_way_chosen"] = way
        for name, value in {"pagina": CHOICE, **address}.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return open_page


def button(page: AppTest, label: str) -> Any:  # noqa: ANN401 - Streamlit's
    (found,) = [one for one in page.button if one.label == label]
    return found


def words(page: AppTest) -> str:
    kinds = ("header", "markdown", "caption", "info", "warning", "error", "success")
    texts = [element.value for kind in kinds for element in page.get(kind)]
    return "\n".join([*texts, *(block.proto.body for block in page.get("html"))])


def called(desk: Desk, *given: Mapping[str, Any]) -> list[list[str]]:
    """Give what the one job that was started would call."""
    ((task, _),) = desk.started
    results = (*given, *([{}] * len(task.steps)))
    return [list(map(str, step.arguments(result))) for step, result in zip(task.steps, results, strict=False)]


def test_where_there_are_no_results_five_ways_to_them_are_offered(open_page: Opener) -> None:
    page = open_page()
    assert "non contiene ancora il calcolo dell'accessibilità" in page.info[0].value
    assert page.radio(key="data_way").options == [
        "Tutto, in un solo passo",
        "Un estratto su questo computer",
        "Scaricare l'estratto",
        "Un solo comune, da Overpass",
        "Una prova con dati sintetici",
    ]
    assert [one.label for one in page.button] == ["Calcola"]
    assert not page.expander


@pytest.mark.parametrize("way", choice.WAYS)
def test_every_way_speaks_english(open_page: Opener, way: str) -> None:
    page = open_page(way, lingua="en")
    said = words(page) + "".join(one.label for one in page.button)
    assert "Choose the data" in said
    assert not re.search(r"\b(con|della|risultati|scarica|calcola)\b", said.lower())


def test_everything_is_prepared_after_what_is_missing_was_said(open_page: Opener, desk: Desk) -> None:
    page = open_page("everything")
    said = words(page)
    assert "circa 1,2 GB, 8 minuti a 20 Mbit/s" in said
    assert said.count(": manca") == 9
    button(page, "Preparare tutto").click().run()
    assert called(desk) == [["prepare"]]


def test_an_extract_on_this_computer_is_computed(open_page: Opener, desk: Desk, tmp_path: Path) -> None:
    page = open_page()
    page.text_input[0].set_value(f' "{tmp_path}/x y.osm.pbf" ')
    button(page, "Calcola").click().run()
    assert not page.error
    assert called(desk) == [["access", "--osm", f"{tmp_path}/x y.osm.pbf"]]
    ((task, environment),) = desk.started
    assert task.about == "x y.osm.pbf"
    assert environment == {"PSTTM_WORKSPACE": str(Settings().workspace)}


def test_own_units_are_computed_too_and_a_home_folder_is_found(open_page: Opener, desk: Desk) -> None:
    page = open_page()
    page.text_input[0].set_value("~/x.osm.pbf")
    page.text_input[1].set_value("~/municipi.gpkg")
    button(page, "Calcola").click().run()
    home = Path.home()
    assert called(desk) == [["access", "--osm", str(home / "x.osm.pbf"), "--units", str(home / "municipi.gpkg")]]


def test_what_was_chosen_and_written_is_there_again_when_a_job_has_ended(open_page: Opener, desk: Desk) -> None:
    page = open_page()
    page.text_input[0].set_value("/wrong.osm.pbf")
    button(page, "Calcola").click().run()
    desk.latest = job()
    page.run()
    assert not page.text_input
    desk.latest = job(outcome="failed")
    page.run()
    assert page.text_input[0].value == "/wrong.osm.pbf"
    page.radio(key="data_way").set_value("synthetic").run()
    desk.latest = job()
    page.run()
    desk.latest = job(outcome="cancelled")
    page.run()
    assert page.radio(key="data_way").value == "synthetic"


def test_without_a_path_nothing_begins(open_page: Opener, desk: Desk) -> None:
    page = open_page()
    button(page, "Calcola").click().run()
    assert "Manca il percorso" in page.error[0].value
    assert not desk.started


def test_what_is_used_and_what_is_missing_is_said(open_page: Opener, walked: Settings, tmp_path: Path) -> None:
    said = words(open_page())
    assert "al 1° gennaio 2023" in said
    assert "sezioni di censimento: mancano" in said
    assert "registri ufficiali di servizi: mancano" in said
    table = tmp_path / "farmacie.csv"
    table.write_text(
        "CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE\nM;D;MILANO;15.146;45,4;9,1\n",
        "utf-8",
    )
    jobs.add_registers(Project(Settings()), [table])
    assert "registri ufficiali di servizi: quelli della cartella di lavoro" in words(open_page())
    assert walked.workspace != Settings().workspace


def test_the_extract_of_the_results_stands_in_the_field(
    open_page: Opener, walked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(walked.workspace))
    page = open_page()
    (extract,) = Workspace(walked.workspace).remembered_files
    (field,) = [one for one in page.text_input if one.label == "Percorso dell'estratto"]
    assert field.value == str(extract)
    assert "sostituiranno quelli attuali" in words(page)
    assert page.expander[-1].label.startswith("Dati in uso: **DATI SINTETICI")


# Download.


def offer(path: Path, **what: Any) -> Offer:  # noqa: ANN401 - fields of an offer
    download = Download(
        identifier="x",
        year=None,
        title=Text("x", "x"),
        publisher="G",
        licence="ODbL 1.0",
        attribution="©",
        page="https://example.org",
        url="https://example.org/x.osm.pbf",
        checksum_url=None,
        file="x.osm.pbf",
        kind="pbf",
        expects=(),
        size_bytes=None,
    )
    return Offer(download, **{"path": path, "size_bytes": 547_000_000, "fault": None, **what})


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Offer]:
    """Give what the server offers, which a test may change."""
    offers = [offer(tmp_path / "downloads" / "x.osm.pbf")]
    monkeypatch.setattr(jobs, "list_offers", lambda *_, **__: offers)
    return offers


def test_nothing_is_asked_of_the_network_before_a_click(open_page: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "list_offers", lambda *_, **__: pytest.fail("asked"))
    page = open_page("download")
    assert "circa 500 MB, da download.geofabrik.de" in words(page)
    assert [one.label for one in page.button] == ["Chiedi al server la dimensione"]


def test_a_download_begins_after_its_size_is_said(open_page: Opener, desk: Desk, offered: list[Offer]) -> None:
    page = open_page("download")
    button(page, "Chiedi al server la dimensione").click().run()
    assert "Dimensione: **547 MB**; spazio libero sul disco: " in words(page)
    button(page, "Scarica 547 MB e calcola").click().run()
    first, second = called(desk, {}, {"files": ["/w/x.osm.pbf"]})
    assert first == ["fetch", "osm"]
    assert second == ["access", "--osm", "/w/x.osm.pbf"]
    assert desk.started[0][0].about == offered[0].path.name


def test_a_download_that_was_cut_says_how_much_is_here(open_page: Opener, offered: list[Offer]) -> None:
    path = offered[0].path
    path.parent.mkdir()
    path.with_name("x.osm.pbf.part").write_bytes(b"0" * 120_000)
    page = open_page("download")
    button(page, "Chiedi al server la dimensione").click().run()
    assert "Già scaricati 120 kB" in words(page)


def test_a_server_that_does_not_answer_is_said_and_asked_again(
    open_page: Opener, desk: Desk, offered: list[Offer]
) -> None:
    works = offered[0]
    offered[0] = dataclasses.replace(works, size_bytes=None, fault=Text("il server non risponde", "no answer"))
    page = open_page("download")
    button(page, "Chiedi al server la dimensione").click().run()
    assert page.error[0].value.startswith("example.org: il server non risponde. Non è stato scaricato nulla")
    assert [one.label for one in page.button] == ["Chiedi al server la dimensione"]
    offered[0] = works
    button(page, "Chiedi al server la dimensione").click().run()
    assert not page.error
    assert not desk.started


# A municipality, live.


def test_a_municipality_is_asked_for(open_page: Opener, desk: Desk) -> None:
    page = open_page("municipality", comune="015146")
    assert "sono richiesti a overpass-api.de" in words(page)
    button(page, "Scarica e calcola").click().run()
    given = {"file": "/w/015146-milano.osm.pbf", "territory": "/w/015146-milano.fgb"}
    first, second = called(desk, {}, given)
    assert first == ["osm", "fetch", "--municipality", "015146"]
    assert second[-2:] == ["-o", "/w/015146-milano.gpkg"]
    assert desk.started[0][0].about == "Milano"


def test_without_a_municipality_nothing_begins(open_page: Opener, desk: Desk) -> None:
    page = open_page("municipality")
    button(page, "Scarica e calcola").click().run()
    assert "Manca il comune" in page.error[0].value
    assert not desk.started


# A try-out.


def test_a_try_out_is_marked_and_made_in_the_cache(open_page: Opener, desk: Desk) -> None:
    page = open_page("synthetic")
    assert page.warning[0].value.startswith("DATI SINTETICI: ")
    assert page.selectbox(key="data_junctions").options == [
        f"circa {number(size, 'it')} incroci" for size in choice.SIZES
    ]
    button(page, "Genera e calcola").click().run()
    extract = str(Workspace(Settings().workspace).cache / "sintetico-20000.osm.pbf")
    assert called(desk) == [
        ["synthetic", "-o", extract, "--nodes", "20000", "--seed", "1"],
        ["access", "--osm", extract],
    ]


def test_a_try_out_takes_the_place_of_real_results_only_when_told_so(
    open_page: Opener, desk: Desk, walked: Settings, walked_territory: jobs.Territory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(walked.workspace))
    found = choice.source_in_use(walked_territory)
    assert found is not None
    assert found.title.startswith(SYNTHETIC)
    assert not open_page("synthetic").checkbox, "an invented one takes the place of another"
    real = dataclasses.replace(found, title="OpenStreetMap, nord-ovest-latest.osm.pbf")
    monkeypatch.setattr(choice, "source_in_use", lambda _: real)
    page = open_page("synthetic")
    assert button(page, "Genera e calcola").disabled
    assert "occorre ricalcolarli dal loro estratto" in words(page)
    (understood,) = page.checkbox
    assert "nord\\-ovest\\-latest" in understood.label or "nord-ovest-latest" in understood.label
    understood.check().run()
    button(page, "Genera e calcola").click().run()
    assert len(desk.started) == 1


# While it runs, and afterwards.


def job(**what: Any) -> Job:  # noqa: ANN401 - fields of a job
    return dataclasses.replace(Job(tasks.from_download("x.osm.pbf"), time.time() - 125), **what)


@pytest.mark.parametrize(
    ("step", "progress", "said"),
    [
        (0, Progress(123_400_000, 547_000_000, "B", ""), "123 MB di 547 MB"),
        (1, Progress(50, 200, "B", ""), "lettura dell'estratto: 25 %"),
        (1, Progress(2, 4, "it", ""), "parti completate: 2 di 4"),
        (0, Progress(2, 4, "it", "attende 30 s"), "parti completate: 2 di 4 (attende 30 s)"),
    ],
)
def test_a_job_that_runs_is_shown_with_its_progress_and_can_be_cancelled(
    open_page: Opener, desk: Desk, step: int, progress: Progress, said: str
) -> None:
    desk.latest = job(step=step, progress=progress)
    page = open_page()
    told = words(page)
    assert '<p role="status" tabindex="-1"><b>Download e calcolo: x.osm.pbf</b>' in told
    assert f"Passo {step + 1} di 2: {('download', 'calcolo')[step]}" in told
    assert re.search(r"In corso da \d+ min \d+ s\.", told)
    (bar,) = page.get("progress")
    assert bar.proto.text == said
    assert not page.radio, "one job at a time"
    button(page, "Annulla").click().run()
    assert desk.cancelled == 1
    desk.latest = job(stopping=True)
    page.run()
    assert button(page, "Arresto in corso…").disabled


def test_what_a_command_says_stands_where_no_figure_is_known(open_page: Opener, desk: Desk) -> None:
    desk.latest = job(
        notices=(Notice(Text("Estratto: 547 MB da https://example.org", "Extract: 547 MB"), lasting=False),)
    )
    assert "Estratto: 547 MB" in words(open_page())
    assert "Extract: 547 MB" in words(open_page(lingua="en")), "in the language of whoever looks"
    desk.latest = job()
    assert "In corso…" in words(open_page())


def test_while_one_runs_below_results_no_other_is_offered(
    open_page: Opener, desk: Desk, walked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(walked.workspace))
    desk.latest = job()
    page = open_page()
    assert not page.radio
    assert len(page.dataframe) > 2, "the page is as it was"


def test_a_job_that_began_meanwhile_refuses_another(open_page: Opener, desk: Desk) -> None:
    page = open_page()
    desk.busy = True
    page.text_input[0].set_value("/x.osm.pbf")
    button(page, "Calcola").click().run()
    assert page.error[0].value == "È già in corso"


def test_what_was_made_is_said_until_it_is_dismissed(open_page: Opener, desk: Desk) -> None:
    result = {"summary": ["per_eta: 80,0 %"], "file": None}
    notices = (Notice(Text("attenzione", "beware")), Notice(Text("passa presto", "soon over"), lasting=False))
    desk.latest = job(outcome="done", result=result, notices=notices)
    assert "- beware" in words(open_page(lingua="en"))
    page = open_page()
    assert page.success[0].value.startswith("Download di x.osm.pbf e calcolo completati")
    assert "- attenzione" in words(page)
    assert "passa presto" not in words(page)
    assert "80,0 %" not in words(page), "the page itself shows the results"
    button(page, "Chiudi l'avviso").click().run()
    assert desk.latest is None
    assert not page.success


def test_synthetic_results_are_said_to_be(open_page: Opener, desk: Desk) -> None:
    desk.latest = dataclasses.replace(job(outcome="done"), task=tasks.invented(Path("x.osm.pbf"), 1))
    assert "DATI SINTETICI" in open_page().success[0].value


def test_the_figures_of_a_municipality_are_shown_and_its_file_offered(
    open_page: Opener, desk: Desk, walked_territory: jobs.Territory, tmp_path: Path
) -> None:
    assert walked_territory.results is not None
    layer = walked_territory.results.layers["accessibilita_comuni"].query(
        "municipality_code == '015146' and profile == 'adulto'"
    )
    units = LAYERS["accessibilita_unita"]
    path = tmp_path / "015146-milano.gpkg"
    named = gpd.GeoDataFrame(layer.assign(own_unit="Milano")).rename(columns=units.field)
    pyogrio.write_dataframe(named, path, layer="accessibilita_unita")
    hexagons = walked_territory.results.layers["accessibilita_esagoni"].query("profile == 'adulto'").head(50)
    in_italian = gpd.GeoDataFrame(hexagons).rename(columns=LAYERS["accessibilita_esagoni"].field)
    pyogrio.write_dataframe(in_italian, path, layer="accessibilita_esagoni")
    done = job(outcome="done", result={"file": str(path), "synthetic": True})
    desk.latest = dataclasses.replace(done, task=tasks.from_municipality("015146", "Milano"))
    page = open_page()
    assert "il resto della pagina non è cambiato" in page.success[0].value
    assert "**DATI SINTETICI: Milano, Adulto**" in words(page)
    (shown,) = page.dataframe
    by_category = shown.value.set_index("Servizi")
    share = layer["share_15_farmacia"].iloc[0]
    assert by_category.loc["Farmacia", "Entro 15 minuti (%)"].strip() == number(100 * share, "it", 1)
    (frame,) = page.get("iframe")
    assert frame.proto.src.endswith(".html")
    on_map = (assets.GENERATED / frame.proto.src.rpartition("/")[2]).read_text("utf-8")
    assert "DATI SINTETICI: Entro 15 minuti: Tutte le essenziali" in on_map
    (offered,) = page.get("download_button")
    assert offered.proto.label == "Scarica il GeoPackage del comune"
    path.unlink()
    page.run()
    assert not page.dataframe


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (
            {"code": 2, "error": Text("/x non esiste; indicare un estratto.", "/x does not exist."), "last_line": "x"},
            "/x non esiste; indicare un estratto",
        ),
        ({"code": 1, "last_line": "MemoryError"}, "codice 1; ultima riga: MemoryError"),
        ({"code": -9}, "forse per memoria insufficiente"),
    ],
)
def test_a_failure_is_the_sentence_of_the_command(
    open_page: Opener, desk: Desk, ended: dict[str, Any], said: str
) -> None:
    desk.latest = job(outcome="failed", **ended)
    page = open_page()
    (error,) = page.error
    assert said in error.value
    assert "Traceback" not in words(page)
    assert page.radio, "another try is offered"


def test_a_cancelled_download_says_what_stays(open_page: Opener, desk: Desk) -> None:
    desk.latest = job(outcome="cancelled")
    said = open_page().info[0].value
    assert said.startswith("Annullato: download e calcolo. I risultati precedenti, se presenti, non sono cambiati.")
    assert "un nuovo download riprende da lì" in said


# Served to many.


@pytest.mark.parametrize("page_name", [CHOICE, "scenario"])
@pytest.mark.parametrize("outcome", ["running", "done", "failed"])
def test_served_to_many_nothing_is_offered_and_no_job_shown(
    open_page: Opener, desk: Desk, monkeypatch: pytest.MonkeyPatch, page_name: str, outcome: str
) -> None:
    monkeypatch.setenv("PSTTM_SERVED", "true")
    desk.latest = job(outcome=outcome)
    page = open_page(pagina=page_name)
    assert not page.radio
    assert not page.button
    assert not page.get("progress")
    assert words(page).count("sono scelti da chi gestisce il server") == 1


def test_served_to_many_results_are_shown_without_a_choice(
    open_page: Opener, walked: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(walked.workspace))
    monkeypatch.setenv("PSTTM_SERVED", "true")
    page = open_page()
    assert not page.radio
    assert not [one.label for one in page.expander if one.label.startswith("Dati in uso")]
    assert "sono scelti da chi gestisce il server" in words(page)


def test_the_page_of_scenarios_leads_to_the_choice(open_page: Opener) -> None:
    page = open_page(pagina="scenario")
    button(page, "Scegliere i dati nella pagina Città a 15 minuti").click().run()
    assert page.radio(key="data_way")
