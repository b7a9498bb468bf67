"""Planner's questions on what is put into effect, asked of the pages with the recovery plan's projects of 2023."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project

pytestmark = [pytest.mark.browser, pytest.mark.real_data]

Visit = Callable[..., Page]


class OwnSite(NamedTuple):
    address: str
    workspace: Path


@pytest.fixture
def with_projects(own_site: OwnSite, test_data: Path) -> str:
    """Give the address of an application that holds the projects of the province in the extract of 2023."""
    files = [test_data / "pnrr" / f"{name}_milano.csv" for name in ("progetti_validati", "localizzazioni_validate")]
    jobs.add_projects(Project(Settings(workspace=own_site.workspace)), files, None)
    return own_site.address


def table_of(page: Page, heading: str, another: str = "") -> list[list[str]]:
    """Give the rows that are drawn of the table whose first column, but for a box or a place, has a heading."""
    first = page.locator("th:nth-child(1), th:nth-child(2)").filter(has_text=re.compile(f"^{heading}$"))
    beside = page.locator("th").filter(has_text=another)
    rows = page.get_by_test_id("stDataFrame").filter(has=first).filter(has=beside).first.locator("canvas table tr")
    rows.nth(1).wait_for(state="attached")
    return rows.evaluate_all("all => all.map(row => [...row.children].map(cell => cell.textContent.trim()))")


def column(rows: list[list[str]], heading: str) -> list[str]:
    return [row[rows[0].index(heading)] for row in rows[1:]]


def test_what_is_put_into_effect_is_asked_and_answered(visit: Visit, with_projects: str) -> None:
    # Which projects are in Rozzano, and for how much?
    page = visit("?pagina=attuazione&comune=015189", at=with_projects)
    expect(page.locator(".psttm-figures b").first).to_have_text("17")
    expect(page.locator(".psttm-figures")).to_contain_text("13.499.205 €")
    shown = table_of(page, "Codice")
    assert len(shown) - 1 <= 17
    assert "F21B21006590001" in column(shown, "Codice")
    assert all("Rozzano" in names or "comuni" in names for names in column(shown, "Comuni"))

    # Which measures no driver takes, and how much they weigh.
    page = visit("?pagina=attuazione", at=with_projects)
    assert table_of(page, "Misura")[1][0] == "M4C2I3.01.00"
    drivers = table_of(page, re.escape("Driver (un progetto conta in ciascuno dei suoi)"))
    assert drivers[1][:3] == ["non attribuito a un driver", "1.003", "1.525.332.952,78"]
    expect(page.get_by_text("le somme per driver non si addizionano")).to_be_visible()
    expect(page.get_by_text("215 interventi nelle missioni del PNRR, per 464.267.194 €")).to_be_visible()
    expect(page.get_by_text("(448 % dell'importo del documento)")).to_be_visible()

    # The Metropolitan City's own projects, and their phase, one click away.
    page.get_by_role("button", name="Solo i progetti della Città metropolitana").click()
    expect(page.locator(".psttm-figures b").first).to_have_text("23")
    expect(page.locator(".psttm-figures")).to_contain_text("32.956.655 €")
    assert table_of(page, "Stato e fase")[1][0] == "Attivo, fase non indicata"
    assert set(column(table_of(page, "Codice"), "Stato")) <= {"Attivo", "Chiuso"}


def test_euros_per_resident_of_a_driver_are_ranked_by_zone(visit: Visit, with_projects: str) -> None:
    page = visit("?pagina=driver&driver=9&unita=zone&copertura=pro_capite", at=with_projects)
    page.locator(".psttm-figure[data-psttm=drawn]").wait_for()
    ranked = table_of(page, "Posizione")
    assert column(ranked, "Zona omogenea")[:3] == ["Alto Milanese", "Milano", "Nord Ovest"]
    assert column(ranked, "Importo per residente, tutte le edizioni (€)")[:3] == ["68,09", "38,64", "32,14"]
    expect(page.get_by_text("non contati: 1.003 su 1.938, per 1.525.332.953 €")).to_be_visible()

    page = visit("?pagina=scheda&comune=015189", at=with_projects)
    expect(page.get_by_text("Progetti: 17", exact=True)).to_be_visible()

    # Two projects of mobility as a service are of two drivers, and found under each.
    page = visit("?pagina=driver&driver=1&copertura=documenti", at=with_projects)
    expect(page.get_by_text("Attribuiti anche ad altri driver: 2.")).to_be_visible()
    page = visit("?pagina=attuazione&driver=5", at=with_projects)
    listed = column(table_of(page, "Codice"), "Driver")
    assert [names.partition(".")[0] for names in listed if "; 5. " in names] == ["1", "1"]


def test_the_projects_that_serve_a_goal_are_counted_and_listed(visit: Visit, with_projects: str) -> None:
    page = visit("?pagina=obiettivi&obiettivo=5.6", at=with_projects)
    expect(page.get_by_text("Progetti che concorrono all'obiettivo: 32")).to_be_visible()
    expect(page.get_by_text("Importo: 167.987.", exact=False)).to_be_visible()
    assert len(table_of(page, "Codice")) > 1
    expect(page.get_by_text("PINQUA, edilizia sociale")).to_be_visible()


def test_the_targets_of_the_2030_agenda_that_a_driver_reaches_are_told(
    visit: Visit, own_site: OwnSite, with_projects: str, test_data: Path
) -> None:
    mapping = test_data / "pnrr" / "mappatura_pnrr_agenda2030.csv"
    jobs.add_input(Project(Settings(workspace=own_site.workspace)), "agenda", mapping)

    # Which targets does driver 9 reach, and through which projects? Of driver 2 no project is in the province.
    page = visit("?pagina=driver&driver=9", at=with_projects)
    reached = table_of(page, "Obiettivo dell'Agenda 2030")
    assert dict(zip(column(reached, "Target"), column(reached, "Progetti"), strict=True))["11.1"] == "23"
    expect(page.get_by_text("compare in ciascuno, perciò i conteggi non si sommano")).to_be_visible()

    page = visit("?pagina=driver&driver=2", at=with_projects)
    expect(page.get_by_text("Nessun progetto di questo driver porta a un obiettivo dell'Agenda 2030.")).to_be_visible()


INVENTED = Path(__file__).parents[1] / "unit" / "jobs" / "monitoring_SINTETICO"


def test_what_an_invented_office_recorded_is_asked_on_a_day(visit: Visit, own_site: OwnSite) -> None:
    project = Project(Settings(workspace=own_site.workspace))
    jobs.add_monitoring(project, sorted(INVENTED.glob("*.csv")))
    query = "?pagina=attuazione&giorno=2026-07-15&nome=Sud Est&missione=5&dal=2026-02-01"
    page = visit(query, at=own_site.address)

    # What is due in the next six months, or late?
    expect(page.get_by_text("Traguardi in ritardo o in scadenza entro sei mesi dal 15 luglio 2026: 2")).to_be_visible()
    due = table_of(page, "Codice", "Descrizione")
    assert column(due, "Codice") == ["SINTETICO-M1", "SINTETICO-M2"]
    assert column(due, "Stato") == ["in ritardo", "in scadenza"]
    marks = page.locator(".psttm-timeline i")
    assert marks.all_inner_texts() == ["1", "2", "3", "4"]
    assert [mark.get_attribute("class") for mark in marks.all()] == ["reached", "late", None, None]

    # Which agreements bind the zone Sud Est?
    expect(page.get_by_text("Intese e accordi che vincolano Sud Est: 2")).to_be_visible()

    # Which municipalities have no row of the DUP for mission 5?
    expect(page.get_by_text("Comuni per i quali non è registrata alcuna riga del DUP: 132 su 133")).to_be_visible()
    page.locator(".psttm-figure[data-psttm=drawn]").wait_for()
    expect(page.locator(".psttm-legend")).to_contain_text("nessuna riga registrata")

    # What changed in the plan's data since a day?
    assert column(table_of(page, "Data"), "Dopo") == ["SINTETICO: seconda nota"]

    # What did the plan say on that day, and what was observed?
    assert column(table_of(page, "Tabella"), "Dato a quel giorno") == ["SINTETICO: seconda nota"]
    observed = table_of(page, "Luogo")
    assert column(observed, "Valore")[:1] == ["18,4"]
    assert column(observed, "Data")[:1] == ["31 dicembre 2025"]
