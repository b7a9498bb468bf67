"""The page of goals as a visitor uses it; `visit` proves in each test that nothing leaves and nothing fails."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyogrio
import pytest
from playwright.sync_api import Download, Locator, Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

YES = "#4477AA"
NO = "#FFFFFF"
UNKNOWN = "url(#psttm-unknown)"


def drawn(page: Page) -> Locator:
    figure = page.locator(".psttm-figure[data-psttm=drawn]")
    figure.wait_for()
    page.wait_for_timeout(600)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    return figure


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def fills(around: Locator) -> dict[str, int]:
    """Count the municipalities of each fill on the map."""
    shapes = around.locator("path.leaflet-interactive")
    found: list[str] = shapes.evaluate_all("all => all.map(path => path.getAttribute('fill'))")
    return {fill: found.count(fill) for fill in set(found)}


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=2)


def legend(page: Page) -> list[str]:
    return page.locator(".psttm-legend li").all_inner_texts()


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


def test_a_link_to_a_page_keeps_edition_and_language(visit: Visit) -> None:
    page = visit("?edizione=2022-2024&lingua=en")
    drawn(page)
    page.locator(".groups summary", has_text="The Plan").click()
    page.get_by_role("link", name="Goals").click()
    expect(page.get_by_text("75 goals of 75")).to_be_visible()
    assert address(page) == {"edizione": "2022-2024", "lingua": "en", "pagina": "obiettivi"}


def test_the_navigli_are_where_they_run_and_nowhere_else(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&edizione=2022-2024&obiettivo=1.15")
    figure = drawn(page)
    assert fills(figure) == {YES: 39, NO: 94}
    assert legend(page) == ["si applica", "non si applica", "non noto", "unione di comuni (2022-2024)"]
    expect(page.get_by_text("Si applica a 39 comuni su 133.")).to_be_visible()
    expect(page.get_by_text("nella riga del documento nessun segno è leggibile")).to_be_visible()


def test_what_is_not_known_is_hatched_and_never_a_no(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&obiettivo=3.8")
    figure = drawn(page)
    assert fills(figure) == {UNKNOWN: 133}
    assert figure.locator("#psttm-unknown").count() == 1
    expect(page.get_by_text("Non è noto dove si applica: manca un dato.")).to_be_visible()
    levels = page.locator(".psttm-facts dd")
    assert levels.all_inner_texts()[:3] == ["sì", *["non indicato nella tabella 2022-2024"] * 2]


def test_the_fifteen_minute_city_is_found_by_its_words_and_involves_every_municipality(visit: Visit) -> None:
    page = visit("?pagina=obiettivi")
    drawn(page)
    page.get_by_label("Cerca negli obiettivi").fill("15 minuti")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 obiettivo su 75")).to_be_visible()
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 52)
    expect(heading(page)).to_have_text(
        "5.10 Servizi di prossimità raggiungibili in 15 minuti, anche nelle aree periurbane"
    )
    expect(page.get_by_text("Si applica a 133 comuni su 133. Coinvolge 133 comuni.")).to_be_visible()
    assert address(page)["obiettivo"] == "5.10"
    assert fills(drawn(page)) == {YES: 133}


def test_the_reason_is_under_the_pointer(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&obiettivo=1.12")
    figure = drawn(page)
    x, y = figure.evaluate(
        """figure => {
            const [map] = figure.parentNode.psttm.maps, p = map.latLngToContainerPoint([45.478, 9.29]);
            return [p.x, p.y];
        }"""
    )
    box = figure.locator(".leaflet-container").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x, box["y"] + y)
    expect(figure.locator(".psttm-tip")).to_contain_text("Idroscalo")


def test_who_else_than_municipalities_acts_on_a_goal_is_told_or_said_not_to_be_stated(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&edizione=2022-2024&obiettivo=2.6")
    drawn(page)
    levels = page.locator(".psttm-facts dd")
    assert levels.all_inner_texts()[:3] == ["non indicato nella tabella", "sì", "non indicato nella tabella"]
    expect(page.get_by_text("Il testo dell'obiettivo non nomina nessun attore")).to_be_visible()
    page.get_by_label("Nominato nel testo").fill("Autorità d'ambito")
    page.get_by_role("option", name="Autorità d'ambito").click()
    expect(page.get_by_text("1 obiettivo su 75")).to_be_visible()
    assert address(page)["attore"] == "ato"
    box = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 52)
    rows = page.locator(".psttm-stated").first.locator("tbody tr")
    expect(rows).to_have_count(2)
    assert [cell.split("\t")[0] for cell in rows.all_inner_texts()] == [
        "Autorità d'ambito",
        "Gestori di reti e servizi",
    ]


def test_the_fate_of_a_goal_in_the_other_edition_is_told(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&edizione=2022-2024&obiettivo=5.12")
    drawn(page)
    expect(page.get_by_text("non ripreso")).to_be_visible()


def test_a_filter_lists_the_goals_of_a_mission_at_every_width(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&missione=6&edizione=2022-2024")
    drawn(page)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        expect(page.get_by_text("4 obiettivi su 75")).to_be_visible()
        page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_is_shown_of_a_goal_can_be_downloaded(visit: Visit, tmp_path: Path) -> None:
    page = visit("?pagina=obiettivi&edizione=2022-2024&obiettivo=1.15")
    drawn(page)
    table = download(page, "Tabella CSV")
    assert table.suggested_filename == "obiettivo_2022-2024_1.15.csv"
    with table.path().open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    answers = [row["Si applica (dove)"] for row in rows]
    assert (answers.count("sì"), answers.count("no"), len(rows)) == (39, 94, 133)
    package = download(page, "GeoPackage")
    package.save_as(tmp_path / "psttm.gpkg")
    assert {"obiettivi", "obiettivi_comuni"} <= set(pyogrio.list_layers(tmp_path / "psttm.gpkg")[:, 0])


def test_the_list_of_goals_can_be_downloaded_as_it_is_filtered(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&edizione=2022-2024&missione=6")
    drawn(page)
    table = download(page, "Tabella CSV")
    assert table.suggested_filename == "obiettivi_2022-2024.csv"
    with table.path().open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert [row["n."] for row in rows] == ["6.1", "6.2", "6.3", "6.4"]
    assert all(row["Motivo dell'ambito"] for row in rows)
    assert {row["Fondamento dell'ambito"] for row in rows} == {"testo del documento", "lettura del progetto"}


def test_the_downloaded_map_of_a_goal_draws_with_the_network_cut_and_explains_the_hatch(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit("?pagina=obiettivi&obiettivo=3.8")
    drawn(page)
    file = download(page, "Mappa HTML")
    assert file.suggested_filename == "mappa_obiettivo_2025-2027_3.8.html"
    path = tmp_path / file.suggested_filename
    file.save_as(path)
    alone = visit(at="about:blank", offline=True)
    alone.goto(path.as_uri())
    alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
    assert fills(alone.locator("body")) == {UNKNOWN: 133}
    entries = alone.locator("ul.psttm-legend li")
    assert entries.all_inner_texts()[2] == "non noto"
    assert "repeating-linear-gradient" in (entries.nth(2).locator("i").get_attribute("style") or "")
    expect(alone).to_have_title(
        re.compile(r"Comuni a cui si applica l'obiettivo 3\.8 dell'edizione 2025-2027: Stazioni .*")
    )
    heading = alone.locator(".psttm-heading").inner_text()
    assert "Ambito: comuni toccati da un elemento mappato." in heading
    assert "(testo del documento)" in heading


def test_what_a_goal_names_in_particular_is_marked_on_the_map_and_in_its_files(visit: Visit, tmp_path: Path) -> None:
    page = visit("?pagina=obiettivi&obiettivo=2.17")
    drawn(page)
    assert page.locator(".leaflet-container").get_attribute("data-marks") == "60"
    assert page.locator("path[fill='url(#psttm-named)']").count() == 60
    assert page.locator("pattern#psttm-named circle").count() == 1
    assert "nominato in particolare" in page.locator("ul.psttm-legend li").all_inner_texts()
    with download(page, "Tabella CSV").path().open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert [row["In particolare"] for row in rows].count("sì") == 60
    assert len({row["Motivo dell'ambito"] for row in rows}) == 1
    path = tmp_path / "map.html"
    download(page, "Mappa HTML").save_as(path)
    alone = visit(at="about:blank", offline=True)
    alone.goto(path.as_uri())
    alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
    assert alone.locator("path[fill='url(#psttm-named)']").count() == 60
    assert (
        "Nomina in particolare: Parco Agricolo Sud Milano (comuni: 60)." in alone.locator(".psttm-heading").inner_text()
    )


def test_where_it_is_not_known_what_a_goal_names_rings_stand_on_the_map(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&obiettivo=2.15")
    drawn(page)
    assert page.locator("path[fill='url(#psttm-named_unknown)']").count() == 133
    assert "non noto se nominato in particolare" in page.locator("ul.psttm-legend li").all_inner_texts()
    page = visit("?pagina=obiettivi&obiettivo=1.1")
    drawn(page)
    assert page.locator("path[fill^='url(#psttm-named']").count() == 0
