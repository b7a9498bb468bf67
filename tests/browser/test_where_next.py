"""The page of the best places as a visitor uses it; `visit` proves that nothing leaves and nothing fails."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

COMPILING_MS = 240_000
"""The first search of a fresh installation compiles its kernels."""


def test_places_are_found_drawn_and_made_a_scenario(visit: Callable[..., Page], with_access: str) -> None:
    page = visit("?pagina=dove_serve&categoria=farmacia&candidati=scuola&luoghi=2&lingua=en", at=with_access)
    button = page.get_by_role("button", name="Make it a scenario")
    button.wait_for(timeout=COMPILING_MS)
    expect(page.locator(".psttm-change-aggiungi")).to_have_count(2)
    expect(page.get_by_text(re.compile("proven: no choice is better"))).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    faults = [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in ("critical", "serious")]
    assert not faults
    button.click()
    page.wait_for_url("**pagina=scenario*")
    expect(page.locator(".psttm-change-aggiungi")).to_have_count(2)
    (changes,) = parse_qs(urlsplit(page.url).query)["scenario"]
    assert changes.count("a,farmacia,") == 2
