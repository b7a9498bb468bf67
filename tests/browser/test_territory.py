"""The page of the territory as a visitor uses it; `visit` proves in each test that nothing leaves and nothing fails."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyogrio
import pytest
from PIL import Image, ImageColor
from playwright.sync_api import Download, Locator, Page, Route, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

PHONE = (390, 844)

LEGNANO = (45.596, 8.915)

SAN_COLOMBANO = (45.18, 9.49)

ZONES = [
    *("Alto Milanese", "Nord Ovest", "Nord Milano", "Adda Martesana"),
    *("Sud Est", "Sud Ovest", "Magentino Abbiatense", "Milano"),
]

BASIANO, MARTESANA, FONTANILI = (
    f"Unione di Comuni {name}" for name in ("Basiano e Masate", "Adda Martesana", "dei Fontanili")
)

WHOLE = "Città metropolitana di Milano"

PICTURE = "Scarica come immagine (PNG)"


def drawn(page: Page) -> Locator:
    """Wait for the map and for its first report to the page, and give it.

    What a visitor does while a report is under way may be lost from the address.
    """
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


def await_inside(figure: Locator, *places: tuple[float, float]) -> None:
    """Wait until the map shows these places."""
    for _ in range(100):
        if ask(figure, "given.every(place => map.getBounds().contains(place))", places):
            return
        figure.page.wait_for_timeout(100)
    pytest.fail("the map does not go there")


def view(figure: Locator) -> tuple[float, float, float]:
    latitude, longitude, zoom = ask(figure, "[map.getCenter().lat, map.getCenter().lng, map.getZoom()]")
    return latitude, longitude, zoom


def on_screen(figure: Locator, place: tuple[float, float]) -> tuple[float, float]:
    """Give where a place of the map is on the page."""
    x, y = ask(figure, "(({ x, y }) => [x, y])(map.latLngToContainerPoint(given))", place)
    box = figure.locator(".leaflet-container").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def click_on_map(figure: Locator, place: tuple[float, float]) -> None:
    figure.page.mouse.click(*on_screen(figure, place))


def heading(page: Page) -> Locator:
    """Give the heading of the card."""
    return page.get_by_role("heading", level=2)


def fact(page: Page, term: str) -> Locator:
    return page.locator(".psttm-facts dt", has_text=re.compile(f"^{term}$")).locator("xpath=following-sibling::dd[1]")


def rows(page: Page) -> Locator:
    """Give the table as screen readers find it inside the canvas that shows it."""
    return page.locator("[data-testid=stDataFrame] canvas table")


def switch(page: Page, option: str) -> None:
    """Choose an edition."""
    page.get_by_role("radio", name=option, exact=True).click()


def address(page: Page) -> dict[str, str]:
    said = {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}
    assert said.pop("pagina") == "territorio"
    return said


def await_address(page: Page, **parts: str) -> None:
    """Wait until the address bar says this, besides the view."""
    for _ in range(100):
        said = address(page)
        said.pop("vista", None)
        if said == parts:
            return
        page.wait_for_timeout(100)
    assert said == parts


def await_unions(around: Locator, *names: str) -> None:
    expect(around.locator(".leaflet-container").first).to_have_attribute("data-unions", "|".join(names))


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


def test_what_these_tests_forbid_is_seen(visit: Visit, outside: set[str], faults: list[str]) -> None:
    page = visit()
    page.evaluate("console.error('said'); setTimeout(() => { throw new Error('thrown'); })")
    page.evaluate("new Image().src = 'https://tile.openstreetmap.org/0/0/0.png'")  # all that the policy lets out
    page.wait_for_timeout(200)
    assert outside == {"tile.openstreetmap.org"}
    assert {"said", "thrown"} <= set(faults)
    outside.clear()
    faults.clear()


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desktop", "phone"])
def test_the_first_view_shows_all_municipalities_zones_and_the_exclave(visit: Visit, size: tuple[int, int]) -> None:
    page = visit(size=size)
    figure = drawn(page)
    assert figure.locator("path.leaflet-interactive").count() == 133
    assert sorted(figure.locator(".psttm-zone-label").all_inner_texts()) == sorted(ZONES)
    assert page.locator(".psttm-legend li").all_inner_texts()[:8] == ZONES
    outlines = "Object.values(map._layers).filter(layer => layer.feature && layer.feature.properties.code)"
    hidden = f"{outlines}.filter(layer => !map.getBounds().contains(layer.getBounds()))"
    assert ask(figure, f"{hidden}.map(layer => layer.feature.properties.name)") == []
    assert ask(figure, "map.getBounds().contains(given)", SAN_COLOMBANO)


def test_fills_on_the_map_are_those_of_the_legend(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    keys = page.locator(".psttm-legend i").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    fills = figure.locator("path.leaflet-interactive").evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
    assert set(fills) == set(keys[:8])


def test_a_click_on_the_map_opens_the_card(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    before = view(figure)
    expect(heading(page)).to_have_text(WHOLE)
    click_on_map(figure, LEGNANO)
    expect(heading(page)).to_have_text("Legnano")
    expect(fact(page, "Zona omogenea")).to_have_text("Alto Milanese")
    expect(fact(page, "Codice ISTAT")).to_have_text("015118")
    expect(page.locator(".psttm-figures")).to_contain_text("59.941")
    expect(figure.locator(".psttm-name")).to_have_text("Legnano")
    await_address(page, comune="015118")
    assert view(figure) == before


def test_the_municipality_under_the_mouse_says_name_zone_and_residents(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    page.mouse.move(*on_screen(figure, LEGNANO))
    expect(figure.locator(".psttm-tip")).to_have_text("LegnanoAlto Milanese59.941 residenti")


def test_the_edition_switch_changes_the_unions_and_keeps_the_view(visit: Visit) -> None:
    page = visit("?comune=015224")
    figure = drawn(page)
    await_unions(figure, BASIANO, MARTESANA, FONTANILI)
    expect(fact(page, "Unione 2022-2024")).to_have_text(MARTESANA)
    expect(fact(page, "Unione 2025-2027")).to_have_text("nessuna")
    before = view(figure)
    switch(page, "2022-2024")
    await_unions(figure, BASIANO, MARTESANA)
    await_address(page, comune="015224", edizione="2022-2024")
    expect(page.locator(".psttm-legend")).to_contain_text("unione di comuni (2022-2024)")
    assert view(figure) == before
    switch(page, "2025-2027")
    await_unions(figure, BASIANO, MARTESANA, FONTANILI)
    page.get_by_role("radio", name="2022-2024", exact=True).dblclick()
    await_unions(figure, BASIANO, MARTESANA)
    await_address(page, comune="015224", edizione="2022-2024")


def test_the_fontanili_are_one_outline_across_two_zones(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    outlines, zones = figure.evaluate(
        """(figure, name) => {
            const [map] = figure.parentNode.psttm.maps;
            const features = Object.values(map._layers).map(layer => layer.feature).filter(Boolean);
            const members = features.filter(one => (one.properties.unions || {})["2025-2027"] === name);
            const outlines = features.filter(one => one.properties.edition && one.properties.name === name);
            return [outlines.length, members.map(one => one.properties.zone)];
        }""",
        FONTANILI,
    )
    assert outlines == 1
    assert set(zones) == {"Magentino Abbiatense", "Sud Ovest"}
    assert len(zones) == 9


def test_the_language_switch_changes_words_numbers_and_the_declared_language(visit: Visit) -> None:
    page = visit("?comune=015118")
    figure = drawn(page)
    expect(page.locator("html")).to_have_attribute("lang", "it")
    page.get_by_role("link", name="EN", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Strategic Plan Metropolitan City of Milan")
    expect(page.locator(".psttm-figures")).to_contain_text("59,941")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.mouse.move(*on_screen(figure, LEGNANO))
    expect(figure.locator(".psttm-tip")).to_contain_text("59,941 residents")
    await_address(page, comune="015118", lingua="en")


def test_a_page_without_a_map_declares_its_language_too(visit: Visit) -> None:
    page = visit("?pagina=panoramica")
    expect(page.locator("html")).to_have_attribute("lang", "it")
    page.get_by_role("link", name="EN", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_the_search_chooses_a_municipality_and_goes_there(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    search(page, "san colom")
    expect(heading(page)).to_have_text("San Colombano al Lambro")
    page.wait_for_function("figure => figure.parentNode.psttm.maps[0].getZoom() > 11", arg=figure.element_handle())
    latitude, longitude, _ = view(figure)
    assert (latitude, longitude) == pytest.approx(SAN_COLOMBANO, abs=0.05)
    await_address(page, comune="015191")


def test_a_neighbour_can_be_chosen_on_the_card(visit: Visit) -> None:
    page = visit("?comune=015118")
    drawn(page)
    page.get_by_role("radiogroup", name="Comuni confinanti").get_by_text("San Giorgio su Legnano").click()
    expect(heading(page)).to_have_text("San Giorgio su Legnano")
    await_address(page, comune="015194")


def test_the_choice_can_be_taken_back(visit: Visit) -> None:
    page = visit("?comune=015118")
    figure = drawn(page)
    page.get_by_role("button", name="Togli la scelta").click()
    expect(heading(page)).to_have_text(WHOLE)
    expect(figure.locator(".psttm-name")).to_have_count(0)
    await_address(page)


def test_a_row_of_the_table_chooses_its_municipality(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    page.get_by_role("tab", name="Tabella").click()
    grid = page.get_by_test_id("stDataFrame")
    expect(rows(page)).to_have_attribute("aria-rowcount", "134")
    assert rows(page).locator("th").all_text_contents()[:3] == ["Comune", "Zona omogenea", "Residenti"]
    grid.click(position={"x": 20, "y": 52})
    await_address(page, comune="015002", pannello="tabella")
    expect(figure.locator(".psttm-name")).to_have_text("Abbiategrasso")
    page.get_by_role("tab", name="Scheda").click()
    expect(heading(page)).to_have_text("Abbiategrasso")


def test_a_heading_of_the_table_sorts_and_the_row_chosen_is_the_one_seen(visit: Visit) -> None:
    page = visit("?pannello=tabella")
    drawn(page)
    grid = page.get_by_test_id("stDataFrame")
    first = grid.get_by_test_id("glide-cell-1-0")
    expect(first).to_have_text("Abbiategrasso")
    grid.click(position={"x": 80, "y": 18})
    grid.click(position={"x": 80, "y": 18})
    expect(first).to_have_text("Zibido San Giacomo")
    grid.click(position={"x": 20, "y": 52})
    await_address(page, comune="015247", pannello="tabella")


def test_a_link_shows_the_same_to_somebody_else(visit: Visit) -> None:
    page = visit("?comune=015191&edizione=2022-2024&lingua=en&vista=45.18,9.49,12")
    figure = drawn(page)
    expect(heading(page)).to_have_text("San Colombano al Lambro")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Strategic Plan")
    await_unions(figure, BASIANO, MARTESANA)
    assert view(figure) == pytest.approx((45.18, 9.49, 12), abs=0.001)

    x, y = on_screen(figure, SAN_COLOMBANO)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 160, y - 120, steps=5)
    page.mouse.up()
    settle(page)
    assert address(page)["vista"] != "45.18,9.49,12"

    other = visit("?" + urlsplit(page.url).query)
    moved = view(figure)
    assert moved != pytest.approx((45.18, 9.49, 12), abs=0.01)
    assert view(drawn(other)) == pytest.approx(moved, abs=0.001)
    expect(heading(other)).to_have_text("San Colombano al Lambro")
    assert address(other) == address(page)


def search(page: Page, typed: str) -> None:
    field = page.get_by_label("Cerca un comune")
    field.fill(typed)
    field.press("Enter")


def press(page: Page, button: str) -> None:
    """Press a button of the map."""
    drawn(page).get_by_role("button", name=button).click()
    settle(page)


def settle(page: Page) -> None:
    """Let the map come to rest and tell the page where it is: it glides on for a while when let go."""
    page.wait_for_timeout(1500)


def test_the_address_of_a_map_gone_home_shows_it_at_home(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    settle(page)
    press(page, "Ingrandisci")
    assert "vista" in address(page)
    press(page, "Tutto il territorio")
    again = visit("?" + urlsplit(page.url).query)
    assert view(drawn(again)) == pytest.approx(view(figure), abs=0.001)


def test_the_address_after_a_choice_taken_back_shows_the_same_view_again(visit: Visit) -> None:
    page = visit("?comune=015118")
    figure = drawn(page)
    settle(page)
    page.get_by_role("button", name="Togli la scelta").click()
    settle(page)
    again = visit("?" + urlsplit(page.url).query)
    assert view(drawn(again)) == pytest.approx(view(figure), abs=0.001)


def test_where_the_search_took_the_map_stands_not_in_the_address(visit: Visit) -> None:
    page = visit()
    drawn(page)
    settle(page)
    search(page, "san colom")
    settle(page)
    assert address(page) == {"comune": "015191"}


@pytest.mark.parametrize(
    "query",
    ["?comune=058091&edizione=1999-2001&vista=Milano", "?comune=%3Cscript%3Ealert(1)%3C/script%3E&vista=99,999,99"],
)
def test_an_address_with_nonsense_is_told_and_the_map_is_drawn(visit: Visit, query: str) -> None:
    page = visit(query)
    figure = drawn(page)
    warning = page.get_by_test_id("stAlert")
    for name, value in parse_qs(query[1:]).items():
        expect(warning).to_contain_text(f"{name}={value[0]}")
    assert ask(figure, "map.getBounds().contains(given)", LEGNANO)
    expect(heading(page)).to_have_text(WHOLE)


def test_the_table_can_be_downloaded(visit: Visit) -> None:
    page = visit("?edizione=2022-2024")
    drawn(page)
    file = download(page, "Tabella CSV")
    assert file.suggested_filename == "comuni_2022-2024.csv"
    with file.path().open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert len(rows) == 133
    assert sum(int(row["Residenti"]) for row in rows) == 3_219_391
    unions = {row["Codice ISTAT"]: row["Unione 2022-2024"] for row in rows}
    assert unions["015224"] == MARTESANA


def test_the_geopackage_can_be_downloaded(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    drawn(page)
    file = download(page, "GeoPackage")
    assert file.suggested_filename == "psttm.gpkg"
    path = tmp_path / file.suggested_filename
    file.save_as(path)
    names = set(pyogrio.list_layers(path)[:, 0])
    assert names >= {"comuni", "zone_omogenee", "unioni_comuni", "citta_metropolitana", "appartenenze", "fonti"}


def test_the_downloaded_map_draws_with_the_network_cut(visit: Visit, asked: list[str], tmp_path: Path) -> None:
    page = visit("?comune=015118&edizione=2022-2024&lingua=en")
    drawn(page)
    file = download(page, "Map HTML")
    assert file.suggested_filename == "mappa_comuni_2022-2024.html"
    path = tmp_path / file.suggested_filename
    file.save_as(path)

    alone = visit(at="about:blank", offline=True)
    asked.clear()
    alone.goto(path.as_uri())
    alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert alone.locator("path.leaflet-interactive").count() == 133
    await_unions(alone.locator("body"), BASIANO, MARTESANA)
    expect(alone.locator(".psttm-name")).to_have_text("Legnano")
    expect(alone.locator("html")).to_have_attribute("lang", "en")


def test_the_legend_of_the_downloaded_map_covers_no_municipality(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    drawn(page)
    path = tmp_path / "mappa.html"
    download(page, "Mappa HTML").save_as(path)
    for size in ((1440, 900), PHONE):
        alone = visit(at="about:blank", size=size)
        alone.goto(path.as_uri())
        alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
        covered = alone.evaluate(
            """() => {
                const legend = document.querySelector("ul.psttm-legend").getBoundingClientRect();
                return [...document.querySelectorAll("path.leaflet-interactive")].filter(path => {
                    const box = path.getBoundingClientRect();
                    return box.right > legend.left && box.left < legend.right
                        && box.bottom > legend.top && box.top < legend.bottom;
                }).length;
            }"""
        )
        assert covered == 0, size


def rgb(fill: str) -> tuple[int, ...]:
    return ImageColor.getrgb(fill)[:3]


@pytest.mark.parametrize("size", [(1440, 900), PHONE], ids=["desktop", "phone"])
def test_a_picture_of_the_map_has_its_zones_its_title_and_its_legend(
    visit: Visit, tmp_path: Path, size: tuple[int, int]
) -> None:
    page = visit(size=size)
    figure = drawn(page)
    file = download(page, PICTURE)
    assert file.suggested_filename.startswith("mappa_zone_omogenee_e_unioni_di_comuni")
    path = tmp_path / "mappa.png"
    file.save_as(path)
    box = figure.bounding_box()
    assert box is not None
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    # Twice as many points as on the screen, and room above and below the map.
    assert picture.width > 2 * (box["width"] - 2)
    assert picture.height > 2 * box["height"] + 100
    counted = {colour: count for count, colour in picture.getcolors(picture.width * picture.height) or []}
    keys = page.locator(".psttm-legend i").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    zones = [rgb(fill) for fill in keys[:8]]
    assert all(counted.get(zone, 0) > 1000 for zone in zones)
    below = picture.crop((0, 2 * int(box["height"]) + 100, picture.width, picture.height))
    assert set(zones) <= {colour for _, colour in below.getcolors(below.width * below.height) or []}
    above = picture.crop((0, 0, picture.width, 60)).convert("L")
    assert above.getextrema()[0] < 60
    expect(page.locator(".psttm-sheet")).to_have_count(0)


def test_a_downloaded_map_gives_its_picture_with_no_network(visit: Visit, tmp_path: Path) -> None:
    page = visit("?pagina=confronto")
    drawn(page)
    path = tmp_path / "mappe.html"
    download(page, "Mappa HTML").save_as(path)
    alone = visit(at="about:blank", offline=True)
    alone.goto(path.as_uri())
    alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
    with Image.open(download(alone, PICTURE).path()) as picture:
        # Both maps, side by side.
        assert picture.width > 2 * alone.evaluate("innerWidth")
        assert picture.width > picture.height


def test_the_openstreetmap_background_is_the_only_outside_host_and_is_credited(visit: Visit, outside: set[str]) -> None:
    page = visit()
    figure = drawn(page)
    assert outside == set()
    credits_ = figure.locator(".leaflet-control-attribution")
    expect(credits_).not_to_contain_text("OpenStreetMap")
    answer_tiles(page)
    page.get_by_text("Sfondo OpenStreetMap").click()
    expect(credits_).to_contain_text("OpenStreetMap contributors")
    expect(figure.locator("img.leaflet-tile-loaded").first).to_be_attached()
    assert outside == {"tile.openstreetmap.org"}
    await_address(page, sfondo="osm")

    page.get_by_text("Sfondo OpenStreetMap").click()
    expect(credits_).not_to_contain_text("OpenStreetMap")
    expect(figure.locator("img.leaflet-tile")).to_have_count(0)
    outside.clear()


def answer_tiles(page: Page) -> None:
    """Answer for the tile server, so that nothing leaves this machine."""
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256"/>'

    def answer(route: Route) -> None:
        route.fulfill(body=blank, content_type="image/svg+xml")

    page.route("https://tile.openstreetmap.org/**", answer)


@pytest.mark.parametrize(
    ("site_name", "options"),
    [("site", {"size": PHONE, "has_touch": True}), ("site_below", {"has_touch": False})],
    ids=["phone", "base path on a desktop"],
)
def test_a_whole_visit_asks_nobody_outside_and_logs_no_error(
    visit: Visit,
    request: pytest.FixtureRequest,
    outside: set[str],
    faults: list[str],
    site_name: str,
    options: dict[str, Any],
) -> None:
    page = visit(at=request.getfixturevalue(site_name), **options)
    figure = drawn(page)
    place = on_screen(figure, LEGNANO)
    page.touchscreen.tap(*place) if options["has_touch"] else page.mouse.click(*place)
    expect(heading(page)).to_have_text("Legnano")
    switch(page, "2022-2024")
    await_unions(figure, BASIANO, MARTESANA)
    page.get_by_role("link", name="EN", exact=True).click()
    expect(page.get_by_role("tab", name="Card")).to_be_visible()
    page.get_by_role("tab", name="Table").click()
    expect(rows(page)).to_be_attached()
    page.get_by_text("Sources and licences").click()
    expect(page.get_by_text("CC BY 4.0").first).to_be_visible()
    await_address(page, comune="015118", edizione="2022-2024", lingua="en", pannello="tabella")
    page.reload()
    await_unions(drawn(page), BASIANO, MARTESANA)
    assert outside == set()
    assert faults == []


def test_on_a_phone_the_map_is_on_the_first_screen_and_nothing_scrolls_sideways(visit: Visit) -> None:
    page = visit(size=PHONE)
    figure = drawn(page)
    width, height = PHONE
    box = figure.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("tab", name="Tabella").click()
    expect(rows(page)).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_click_on_a_map_half_out_of_sight_does_not_move_the_page_away_from_under_it(visit: Visit) -> None:
    page = visit(size=(1440, 500))
    figure = drawn(page)
    main = page.get_by_test_id("stMain")
    main.evaluate("main => main.scrollTo(0, 180)")
    click_on_map(figure, SAN_COLOMBANO)
    expect(heading(page)).to_have_text("San Colombano al Lambro")
    assert main.evaluate("main => main.scrollTop") == 180


def shows_focus(page: Page, around: Locator) -> bool:
    """Tell whether the element in focus looks different from how it looks without."""
    with_focus = around.screenshot(animations="disabled")
    page.evaluate("document.activeElement.blur()")
    return around.screenshot(animations="disabled") != with_focus


def test_the_tab_key_reaches_every_control_and_shows_where_it_is(visit: Visit) -> None:
    page = visit()
    drawn(page)
    has_focus = "widget => widget.contains(document.activeElement)"
    for label, around in (
        ("Edizione del Piano", "stButtonGroup"),
        ("Cerca un comune", "stSelectbox"),
        ("Sfondo OpenStreetMap", "stCheckbox"),
    ):
        widget = page.get_by_test_id(around).filter(has=page.get_by_text(label))
        for _ in range(12):
            page.keyboard.press("Tab")
            if widget.evaluate(has_focus):
                break
        assert widget.evaluate(has_focus), f"the Tab key does not reach {label}"
        assert shows_focus(page, widget)


def test_the_edition_can_be_changed_with_the_keyboard(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    page.get_by_role("radio", name="2025-2027").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    await_unions(figure, BASIANO, MARTESANA)


def test_the_map_says_what_it_is_and_points_to_the_table(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    title = re.compile(
        "Mappa: Zone omogenee e unioni di comuni della Città metropolitana di Milano, edizione 2025-2027; .*"
        "Le tabelle della pagina dicono le stesse cose."
    )
    expect(page.get_by_role("application", name=title)).to_have_class(re.compile("leaflet-container"))
    for button in ("Ingrandisci", "Riduci", "Tutto il territorio", "Scarica come immagine (PNG)"):
        expect(figure.get_by_role("button", name=button)).to_be_visible()


def test_the_tab_key_leaves_the_map_after_its_few_controls(visit: Visit) -> None:
    page = visit()
    figure = drawn(page)
    figure.locator(".leaflet-container").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
    reached = figure.evaluate("figure => figure.getRootNode().activeElement?.outerHTML")
    assert reached is None, reached


def test_the_home_button_shows_the_whole_territory_again(visit: Visit) -> None:
    page = visit("?vista=45.18,9.49,13")
    figure = drawn(page)
    assert not ask(figure, "map.getBounds().contains(given)", LEGNANO)
    figure.get_by_role("button", name="Tutto il territorio").click()
    await_inside(figure, LEGNANO, SAN_COLOMBANO)
