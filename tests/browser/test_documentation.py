"""The documentation as an office without a network reads it: opened from the file system."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

SIZES = [(1440, 900), (390, 844)]

PAGES = (
    "index.html",
    "tutorial.html",
    "how-to/gis-office.html",
    "guide/analisi.html",
    "reference/commands.html",
    "reference/layers.html",
    "reference/walkers-and-services.html",
    "explanation/plan.html",
)

JUDGED = (
    "index.html",
    "tutorial.html",
    "guide/analisi.html",
    "reference/commands.html",
    "reference/sources.html",
    "explanation/plan.html",
)
"""One page of each kind."""

OF_THE_THEME = ("landmark-unique",)
"""Advice, not part of WCAG: the theme's navigation and its row of buttons beside code share their names."""

LOCAL = ("file:", "data:", "blob:", "about:")


class Reader(NamedTuple):
    page: Page
    complaints: list[str]
    """What the page logged, and what it asked of the network."""


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(LOCAL) else complaints.append(asked.url))
    yield Reader(page, complaints)
    context.close()


def test_pages_open_from_the_file_system_and_fit(documentation: Path, reader: Reader) -> None:
    for name in PAGES:
        reader.page.goto((documentation / name).as_uri())
        for width, height in SIZES:
            reader.page.set_viewport_size({"width": width, "height": height})
            expect(reader.page.locator("h1")).to_be_visible()
            assert reader.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
    assert reader.complaints == []


def test_the_search_finds_words_of_both_languages(documentation: Path, reader: Reader) -> None:
    asked = (("confini", "Usare dati propri"), ("boundaries", "Bring your own data"))
    for (width, height), (words, found) in zip(SIZES, asked, strict=True):
        reader.page.set_viewport_size({"width": width, "height": height})
        reader.page.goto((documentation / "how-to/offline.html").as_uri())
        field = reader.page.locator("input.md-search__input")
        opener = reader.page.locator("label.md-header__button[for=__search]")
        (opener if opener.is_visible() else field).click()
        field.press_sequentially(words)
        result = reader.page.locator(".md-search-result__link", has_text=found).first
        expect(result).to_be_visible()
        result.click()
        expect(reader.page.locator("h1", has_text=found)).to_be_visible()
    assert reader.complaints == []


def test_formulas_are_drawn(documentation: Path, reader: Reader) -> None:
    reader.page.goto((documentation / "explanation/proximity.html").as_uri())
    fraction = reader.page.locator("mfrac").first
    above, below = (fraction.locator("xpath=*").nth(number).bounding_box() for number in (0, 1))
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"] + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(documentation: Path, browser: Browser, scheme: str) -> None:
    faults: list[str] = []
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type] - one of its literals
    for name in JUDGED:
        page.goto((documentation / name).as_uri())
        for found in Axe().run(page).response["violations"]:
            if found["id"] in OF_THE_THEME:
                continue
            faults += [f"{name}: {found['id']}: {node['html']}" for node in found["nodes"]]
    page.close()
    assert faults == []
