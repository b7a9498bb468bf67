"""The page of the 15-minute city as a visitor uses it; `visit` proves that nothing leaves and nothing fails."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pyogrio
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Download, Locator, Page, expect

from psttm_geo import jobs
from psttm_geo.app.texts import percent
from psttm_geo.schema import colours

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

DESKTOP, PHONE = (1440, 900), (390, 844)

PATIENCE_MS = 20_000

COMPILING_MS = 240_000
"""The first walk of a fresh installation compiles its kernels."""

LARGEST_RERUN_BYTES = 500_000

MILANO, NEARBY = (45.464, 9.19), (45.466, 9.187)

FARTHEST_FIRST = colours.nested_fills(3)[::-1]


def drawn(page: Page) -> Locator:
    figure = page.locator(".psttm-figure[data-psttm=drawn]")
    figure.wait_for()
    page.wait_for_timeout(600)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    return figure


def ask(figure: Locator, question: str, given: Any = None) -> Any:  # noqa: ANN401 - what the script answers
    """Evaluate a JavaScript expression about Leaflet's `map` and what is `given`."""
    return figure.evaluate(
        f"(figure, given) => {{ const [map] = figure.parentNode.psttm.maps; return {question}; }}", given
    )


def click_on_map(figure: Locator, place: tuple[float, float]) -> None:
    x, y = ask(figure, "(({ x, y }) => [x, y])(map.latLngToContainerPoint(given))", place)
    box = figure.locator(".leaflet-container").bounding_box()
    assert box is not None
    figure.page.mouse.click(box["x"] + x, box["y"] + y)


def reached(around: Page | Locator) -> Locator:
    return around.locator(".leaflet-psttm-reached-pane path")


def expect_reached(around: Page | Locator) -> None:
    """Wait until three isochrones are drawn, the nearest one on top."""
    expect(reached(around)).to_have_count(len(FARTHEST_FIRST), timeout=COMPILING_MS)
    for position, fill in enumerate(FARTHEST_FIRST):  # each waited for: a map may be drawn anew meanwhile
        expect(reached(around).nth(position)).to_have_attribute("fill", fill, timeout=COMPILING_MS)


def point(page: Page) -> tuple[float, ...]:
    """Give the point of the address, as soon as there is one."""
    page.wait_for_url("**punto=*")
    (text,) = parse_qs(urlsplit(page.url).query)["punto"]
    return tuple(float(part) for part in text.split(","))


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


def test_a_click_anywhere_draws_isochrones_and_tells_what_is_around(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti", at=with_access)
    figure = drawn(page)
    expect(reached(page)).to_have_count(0)
    click_on_map(figure, MILANO)
    expect_reached(page)
    assert point(page) == pytest.approx(MILANO, abs=0.01)
    assert "comune" not in parse_qs(urlsplit(page.url).query)
    expect(page.get_by_text("residenti entro 15 minuti")).to_be_visible()
    expect(page.get_by_text("DATI SINTETICI: Adulto: categorie essenziali raggiunte entro 15 minuti")).to_be_visible()
    expect(page.locator(".psttm-legend li")).to_have_text(
        ["entro 5 minuti", "entro 10 minuti", "entro 15 minuti", "unione di comuni (2025-2027)"]
    )
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("ISTAT (CC BY 4.0)")
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("© OpenStreetMap contributors")
    drawn(page)
    assert ask(figure, "map.getBounds().contains(given)", MILANO)
    assert ask(figure, "map.getZoom()") > 12, "the map goes to what is reached"


def test_another_click_takes_its_place_and_a_button_takes_it_away(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti&punto=45.464,9.19", at=with_access)
    figure = drawn(page)
    expect_reached(page)
    before = reached(page).first.get_attribute("d")
    click_on_map(figure, NEARBY)
    expect(reached(page).first).not_to_have_attribute("d", before or "")
    drawn(page)
    expect(page.get_by_label("Punto (latitudine, longitudine)")).not_to_have_value("45.464,9.19")
    page.get_by_role("button", name="Togli il punto").click()
    expect(reached(page)).to_have_count(0)
    drawn(page)
    assert "punto" not in parse_qs(urlsplit(page.url).query)


def test_the_keyboard_writes_a_point(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti&lingua=en", at=with_access)
    drawn(page)
    page.get_by_label("Point (latitude, longitude)").focus()
    page.keyboard.type("45.464, 9.19")
    page.keyboard.press("Enter")
    expect_reached(page)
    assert point(page) == MILANO
    expect(page.get_by_text("residents within 15 minutes")).to_be_visible()


def test_a_link_shows_the_same_to_somebody_else(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti", at=with_access)
    click_on_map(drawn(page), MILANO)
    expect_reached(page)
    drawn(page)
    point(page)
    other = visit("?" + urlsplit(page.url).query, at=with_access)
    drawn(other)
    expect_reached(other)
    for place in (page, other):
        expect(place.locator(".psttm-figures").first).to_be_visible()
    assert other.locator(".psttm-figures").first.inner_text() == page.locator(".psttm-figures").first.inner_text()


def test_a_point_without_a_street_is_told(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti&punto=41.9,12.5", at=with_access)
    drawn(page)
    expect(page.get_by_text("a più di 20 km dalla strada più vicina")).to_be_visible()
    expect(reached(page)).to_have_count(0)


def test_what_is_around_can_be_downloaded(visit: Visit, with_access: str, tmp_path: Path) -> None:
    page = visit("?pagina=quindici_minuti&punto=45.464,9.19", at=with_access)
    drawn(page)
    expect_reached(page)
    table = download(page, "Servizi CSV")
    assert table.suggested_filename == "intorno_45.464_9.19_adulto.csv"
    with table.path().open(encoding="utf-8-sig", newline="") as lines:
        assert next(csv.DictReader(lines, delimiter=";"))["Servizi"].endswith(" *")
    layers = tmp_path / "isocrone.gpkg"
    download(page, "Isocrone GeoPackage").save_as(layers)
    assert pyogrio.read_dataframe(layers, layer="isocrone")["minuti"].to_list() == [5, 10, 15]
    alone = tmp_path / "mappa.html"
    download(page, "Mappa HTML").save_as(alone)
    cut = visit(at="about:blank", offline=True)
    cut.goto(alone.as_uri())
    cut.wait_for_selector("html[data-psttm=drawn]", state="attached")
    expect_reached(cut)
    assert cut.title().startswith(
        "DATI SINTETICI: Fin dove si arriva a piedi in 5, 10 e 15 minuti dal punto 45.464,9.19"
    )
    expect(cut.locator("ul.psttm-legend li").first).to_have_text("entro 5 minuti")


def test_a_click_sends_at_most_half_a_megabyte(visit: Visit, received: list[int], with_access: str) -> None:
    page = visit("?pagina=quindici_minuti", at=with_access)
    figure = drawn(page)
    for place in (MILANO, NEARBY):
        received.clear()
        ask(figure, "void map.setView(given, 13, { animate: false })", place)
        drawn(page)
        click_on_map(figure, place)
        expect_reached(page)
        drawn(page)
        assert 0 < sum(received) <= LARGEST_RERUN_BYTES


def hexagons(figure: Locator) -> int:
    return ask(figure, "Number(map.getContainer().dataset.areas || 0)")


def layer_of(walked_territory: jobs.Territory) -> pd.DataFrame:
    results = walked_territory.results
    assert results is not None
    layer = results.layers["accessibilita_esagoni"]
    return layer[layer["profile"] == "per_eta"].to_crs(4326)


def test_hexagons_are_drawn_on_a_canvas_and_read_under_the_pointer(
    visit: Visit, with_access: str, walked_territory: jobs.Territory
) -> None:
    layer = layer_of(walked_territory)
    fullest = layer.loc[layer["residents"].idxmax()]
    page = visit("?pagina=quindici_minuti&unita=esagoni&categoria=farmacia&vista=45.464,9.19,13", at=with_access)
    figure = drawn(page)
    assert hexagons(figure) == len(layer)
    expect(page.locator(".leaflet-psttm-areas-pane canvas")).to_have_count(1)
    expect(page.locator(".leaflet-overlay-pane path.leaflet-interactive").first).to_have_attribute("fill", "none")
    expect(page.locator(".psttm-legend li").nth(1)).to_have_text("10 % - 30 %")
    centre = (fullest.geometry.centroid.y, fullest.geometry.centroid.x)
    ask(figure, "void map.setView(given, 15, { animate: false })", centre)
    x, y = ask(figure, "(({ x, y }) => [x, y])(map.latLngToContainerPoint(given))", centre)
    box = figure.locator(".leaflet-container").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x, box["y"] + y)
    expect(figure.locator(".psttm-tip")).to_have_text(percent(fullest["share_15_farmacia"], "it"))


def test_hexagons_come_once_over_http_and_no_rerun_sends_them(
    visit: Visit, asked: list[str], received: list[int], with_access: str
) -> None:
    page = visit("?pagina=quindici_minuti&unita=esagoni", at=with_access)
    drawn(page)
    asked.clear()
    for choice in ("Minuti in media", "Entro 15 minuti", "Comuni", "Esagoni"):
        received.clear()
        page.get_by_role("radio", name=choice, exact=True).click()
        drawn(page)
        page.wait_for_timeout(500)
        assert 0 < sum(received) <= LARGEST_RERUN_BYTES, choice
    assert len(asked) == 1, "the values in minutes, and nothing again"


def test_a_click_on_a_hexagon_is_a_point_too_and_all_is_in_the_file(
    visit: Visit, with_access: str, tmp_path: Path
) -> None:
    page = visit("?pagina=quindici_minuti&unita=esagoni&vista=45.464,9.19,14", at=with_access)
    figure = drawn(page)
    click_on_map(figure, MILANO)
    expect_reached(page)
    drawn(page)
    alone = tmp_path / "mappa.html"
    download(page, "Mappa HTML").save_as(alone)
    cut = visit(at="about:blank", offline=True)
    cut.goto(alone.as_uri())
    cut.wait_for_selector("html[data-psttm=drawn]", state="attached")
    expect_reached(cut)
    drawn_there = cut.locator(".leaflet-container").get_attribute("data-areas")
    assert drawn_there == str(hexagons(figure))


def test_around_a_point_nothing_is_gravely_inaccessible(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti&unita=esagoni&punto=45.464,9.19", at=with_access)
    drawn(page)
    expect_reached(page)
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(1000)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], width


def test_on_a_phone_nothing_scrolls_sideways(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=quindici_minuti&punto=45.464,9.19", at=with_access, size=PHONE)
    drawn(page)
    expect_reached(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    for switch in page.get_by_role("radiogroup").all():
        assert switch.evaluate("group => group.scrollWidth <= group.clientWidth"), switch.inner_text()
