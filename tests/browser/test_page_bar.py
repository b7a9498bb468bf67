"""The bar above every page: its groups with mouse and keyboard, its menu on a phone, the sign of made-up data."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

Visit = Callable[..., Page]

PHONE = (390, 844)


def bar(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Pagine")


def group(page: Page, name: str) -> Locator:
    return bar(page).locator(".groups summary", has_text=name)


def address(link: Locator) -> dict[str, str]:
    found = urlsplit(str(link.get_attribute("href")))
    assert not found.netloc
    return {name: values[-1] for name, values in parse_qs(found.query).items()}


def test_a_group_opens_alone_and_closes_where_somebody_looks_elsewhere(visit: Visit) -> None:
    page = visit("?pagina=panoramica")
    goals = page.get_by_role("link", name="Obiettivi")
    expect(goals).to_have_count(0)
    group(page, "Il Piano").click()
    expect(goals).to_be_visible()
    group(page, "Territorio").click()
    expect(page.get_by_role("link", name="Mappa")).to_be_visible()
    expect(goals).to_have_count(0)
    page.get_by_text("Missioni").first.click()
    expect(page.get_by_role("link", name="Mappa")).to_have_count(0)


def test_the_keyboard_opens_a_group_leaves_it_and_follows_a_link(visit: Visit) -> None:
    page = visit("?pagina=panoramica&comune=015118")
    plan, territory = group(page, "Il Piano"), group(page, "Territorio")
    territory.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Mappa")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Mappa")).to_have_count(0)
    expect(territory).to_be_focused()
    page.keyboard.press("Tab")
    expect(plan).to_be_focused()
    page.keyboard.press("Enter")
    for _ in ("Panoramica", "Obiettivi"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?pagina=obiettivi&comune=015118")
    expect(plan).to_be_focused()
    expect(page.get_by_text("75 obiettivi su 75")).to_be_visible()
    group(page, "Territorio").focus()
    page.keyboard.press("Enter")
    for _ in ("Mappa", "Scheda", "Il Piano"):
        page.keyboard.press("Tab")
    expect(plan).to_be_focused()
    expect(page.get_by_role("link", name="Mappa")).to_have_count(0)


def test_a_link_holds_what_the_address_says_now_and_the_page_that_is_shown_is_marked(visit: Visit) -> None:
    page = visit("?pagina=obiettivi&edizione=2022-2024&comune=015118")
    group(page, "Il Piano").click()
    drivers, goals = page.get_by_role("link", name="Driver"), page.get_by_role("link", name="Obiettivi")
    asked = {"edizione": "2022-2024", "comune": "015118"}
    assert address(drivers) == {"pagina": "driver", **asked}
    expect(goals).to_have_attribute("aria-current", "page")
    expect(drivers).not_to_have_attribute("aria-current", "page")
    page.get_by_role("radio", name="2025-2027").click()
    page.wait_for_url("**/?pagina=obiettivi&edizione=2025-2027&comune=015118")
    group(page, "Il Piano").click()
    assert address(drivers) == {"pagina": "driver", **asked, "edizione": "2025-2027"}
    english = page.get_by_role("link", name="EN", exact=True)
    assert address(english) == {"pagina": "obiettivi", **asked, "edizione": "2025-2027", "lingua": "en"}


def test_the_bar_stays_in_sight_above_the_map(visit: Visit) -> None:
    page = visit("?pagina=obiettivi", size=(1440, 500))
    expect(page.get_by_text("75 obiettivi su 75")).to_be_visible()
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 300)")
    box = bar(page).bounding_box()
    assert box is not None
    assert box["y"] == 0
    group(page, "Il Piano").click()
    page.get_by_role("link", name="Driver").click()
    page.wait_for_url("**/?pagina=driver")


@pytest.mark.parametrize("width", [PHONE[0], 720])
def test_a_narrow_window_has_all_pages_in_one_menu(visit: Visit, width: int) -> None:
    page = visit("?pagina=panoramica", size=(width, PHONE[1]))
    menu = bar(page).get_by_text("☰", exact=True)
    menu.click()
    expect(bar(page).get_by_role("link")).to_have_count(1 + 11 + 1)  # the first page, all pages, the language
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    page.get_by_role("link", name="Dove serve").click()
    page.wait_for_url("**/?pagina=dove_serve")
    expect(page.get_by_role("link", name="Obiettivi")).to_have_count(0)


def test_the_map_begins_within_300_pixels_on_a_phone(visit: Visit) -> None:
    page = visit("", size=PHONE)
    figure = page.locator(".psttm-figure[data-psttm=drawn]")
    figure.wait_for()
    box = figure.bounding_box()
    assert box is not None
    assert box["y"] <= 300


def test_made_up_data_are_signed_on_every_page_and_the_sign_says_what_they_are(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=panoramica", at=with_access)
    said = page.get_by_text("non descrivono nessun luogo")
    sign = bar(page).get_by_text("DATI SINTETICI", exact=True)
    expect(sign).to_be_visible()
    expect(said).not_to_be_visible()
    sign.click()
    expect(said).to_be_visible()
    page.keyboard.press("Escape")
    expect(said).not_to_be_visible()
    assert page.title().startswith("DATI SINTETICI: ")


def test_the_start_page_says_its_findings_and_opens_what_people_come_for(visit: Visit) -> None:
    page = visit("?pagina=inizio")
    expect(page.get_by_text("35 su 75")).to_be_visible()
    expect(bar(page).get_by_role("heading", level=1)).to_contain_text("Piano strategico")
    page.get_by_role("button", name="La scheda di un comune").click()
    page.wait_for_url("**/?pagina=scheda")
    bar(page).get_by_role("link", name="Piano strategico").click()
    page.wait_for_url("**/?pagina=inizio")
