"""Choosing the data in a real browser: real commands in the background, on a small invented extract."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

DESKTOP, PHONE = (1440, 900), (390, 844)

COMPUTING_MS = 240_000
"""The first walk of a fresh installation compiles its kernels."""

QUERY = "?pagina=quindici_minuti"


class OwnSite(NamedTuple):
    address: str
    workspace: Path


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an extract that takes some seconds to compute."""
    path = tmp_path_factory.mktemp("extract") / "prova di città.osm.pbf"
    settings = Settings(data=data_path(), workspace=path.parent / "workspace")
    jobs.write_synthetic(Project(settings), path, node_count=20_000, seed=1)
    return path


@pytest.fixture
def desk(own_site: OwnSite, visit: Visit) -> Iterator[OwnSite]:
    """Give an application with an empty workspace; what a test leaves running is stopped."""
    yield own_site
    page = visit(QUERY, at=own_site.address)
    settled(page)
    if running(page).is_visible():
        page.get_by_role("button", name="Annulla").click()
        expect(running(page)).to_have_count(0)
    dismiss = page.get_by_role("button", name="Chiudi l'avviso")
    if dismiss.is_visible():
        dismiss.click()
        expect(dismiss).to_have_count(0)


def settled(page: Page) -> None:
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_timeout(600)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def running(page: Page) -> Locator:
    return page.locator("p[role=status]")


def begin(page: Page, path: Path) -> None:
    settled(page)
    page.get_by_role("radiogroup", name="Provenienza dei dati").get_by_text("Un estratto su questo computer").click()
    page.get_by_label("Percorso dell'estratto").fill(str(path))
    page.get_by_role("button", name="Calcola").click()
    expect(running(page)).to_contain_text(f"Calcolo da un estratto: {path.name}")


def grave(page: Page) -> list[str]:
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_an_extract_becomes_results_while_the_pages_stay_usable(visit: Visit, desk: OwnSite, extract: Path) -> None:
    page = visit(QUERY, at=desk.address)
    begin(page, extract)
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=COMPUTING_MS)
    expect(page.get_by_role("button", name="Calcola")).to_have_count(0)
    page.locator(".groups summary", has_text="Il Piano").click()
    page.get_by_role("link", name="Panoramica").click()
    expect(page.get_by_text("Missioni").first).to_be_visible()
    page.locator(".groups summary", has_text="Città a 15 minuti").click()
    page.get_by_role("link", name="Accessibilità a piedi").click()
    expect(page.get_by_text(f"Calcolo da {extract.name} completato")).to_be_visible(timeout=COMPUTING_MS)
    expect(running(page)).to_have_count(0)
    page.locator(".psttm-figure[data-psttm=drawn]").wait_for()
    page.locator("nav .sign summary").click()
    expect(page.locator("nav .sign p")).to_be_visible()
    expect(page.get_by_text("dei residenti arriva entro 15 minuti")).to_be_visible()
    assert set(Workspace(desk.workspace).inputs) == {"access", "degurba", "monitoring"}
    settled(page)
    page.get_by_role("button", name="Chiudi l'avviso").click()
    expect(page.get_by_text("completato: i risultati")).to_have_count(0)


def test_a_job_survives_a_reload_and_is_cancelled_without_a_trace(visit: Visit, desk: OwnSite, extract: Path) -> None:
    page = visit(QUERY, at=desk.address)
    begin(page, extract)
    expect(running(page)).to_be_focused()
    page.reload()
    expect(running(page)).to_be_visible()
    assert grave(page) == []
    page.get_by_role("button", name="Annulla").click()
    expect(page.get_by_text("Annullato: calcolo da un estratto")).to_be_visible()
    expect(page.get_by_role("button", name="Preparare tutto")).to_be_visible()
    assert Workspace(desk.workspace).inputs == {}
    assert not list(desk.workspace.rglob(".*")), "nothing half-written"


def test_a_path_that_leads_nowhere_is_said_in_the_words_of_the_command(visit: Visit, desk: OwnSite) -> None:
    page = visit(QUERY, at=desk.address)
    begin(page, desk.workspace / "niente.osm.pbf")
    expect(page.get_by_role("alert").filter(has_text="non esiste; indicare un estratto")).to_be_visible()
    expect(page.get_by_role("button", name="Calcola")).to_be_visible()


def test_no_way_is_gravely_inaccessible_or_scrolls_sideways(visit: Visit, desk: OwnSite) -> None:
    page = visit(QUERY, at=desk.address)
    for way in (
        "Tutto, in un solo passo",
        "Scaricare l'estratto",
        "Un solo comune, da Overpass",
        "Una prova con dati sintetici",
    ):
        settled(page)
        page.get_by_role("radiogroup", name="Provenienza dei dati").get_by_text(way).click()
        settled(page)
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
            assert grave(page) == [], (way, width)
