"""Every page in both languages, on desktop and phone: nothing too wide, and nothing that axe-core finds grave."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from psttm_geo.app.navigation import PAGES

Visit = Callable[..., Page]

DESKTOP, PHONE = (1440, 900), (390, 844)

LOOKS, LOOK_AGAIN_MS = 5, 1000
"""On a slow machine a text that has just come may still be on its way to its colour."""

GRAVE = ("serious", "critical")


def violations(page: Page) -> list[str]:
    """Give what axe finds grave: the rule, what it asks, and the first place that breaks it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({len(one['nodes'])}: {one['nodes'][0]['html']})"
        for one in found
        if one["impact"] in GRAVE
    ]


def settled(page: Page) -> Page:
    """Wait until Streamlit has nothing more to show, and end the transitions in which texts are still pale."""
    page.locator(".stApp h1").first.wait_for()
    page.locator("[data-test-script-state=notRunning]").first.wait_for(state="attached")
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    return page


def test_a_text_too_pale_is_found(visit: Visit) -> None:
    page = settled(visit("?pagina=panoramica"))
    page.locator("h1").first.evaluate("title => { title.style.color = '#ccc' }")
    assert [text.partition(":")[0] for text in violations(page)] == ["color-contrast"]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_a_grave_violation_or_scrolls_sideways(visit: Visit, name: str) -> None:
    page = visit(f"?pagina={name}&comune=015118")
    for language in ("it", "en"):
        settled(page)
        if language == "en":
            page.get_by_role("link", name="EN", exact=True).click()
            page.locator("html[lang=en]").wait_for(state="attached")
            settled(page)
        for width, height in (DESKTOP, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
            if language == "en" and width == PHONE[0]:
                continue  # axe asks nothing of the words themselves
            for _ in range(LOOKS):
                found = violations(page)
                if not found:
                    break
                page.wait_for_timeout(LOOK_AGAIN_MS)
            assert found == [], (language, width)
