"""The page of scenarios as a visitor uses it; `visit` proves that nothing leaves and nothing fails."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from psttm_geo import jobs
from psttm_geo.access.scenarios import CLOSE, Change
from psttm_geo.access.travel_times import BY_AGE
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.access_model import load_kept_access_model
from psttm_geo.jobs.trials import Trials
from psttm_geo.project import Project

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

DESKTOP, PHONE = (1440, 900), (390, 844)

COMPILING_MS = 240_000
"""The first walk of a fresh installation compiles its kernels."""

LARGEST_RERUN_BYTES = 500_000

ADDED = "residenti entro 15 minuti .* in più"

SHARES = re.compile(r" passa da ([\d,]+) % a ([\d,]+) %")


class Pharmacy(NamedTuple):
    """A pharmacy without which the share of residents within 15 minutes is another."""

    service: str
    lat: float
    lon: float

    @property
    def place(self) -> tuple[float, float]:
        return self.lat, self.lon


@pytest.fixture(scope="module")
def pharmacy(walked: Settings, walked_territory: jobs.Territory) -> Pharmacy:
    trials = Trials(load_kept_access_model(Project(walked), walked_territory))
    for service, row in trials.services("farmacia").iterrows():
        closed = Change(CLOSE, "farmacia", str(service), "", None, None)
        whole = trials.evaluate((closed,), "farmacia", BY_AGE).whole.iloc[0]
        if whole["before_share_15_farmacia"] - whole["after_share_15_farmacia"] > 1e-3:
            return Pharmacy(str(service), row["lat"], row["lon"])
    pytest.fail("no pharmacy is missed")


def drawn(page: Page) -> Locator:
    """Wait until the map can be edited and nothing is on its way."""
    figure = page.locator(".psttm-figure[data-psttm=drawn]")
    figure.wait_for()
    page.locator(".leaflet-container.psttm-editing").wait_for(timeout=COMPILING_MS)
    page.wait_for_timeout(600)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    return figure


def ask(figure: Locator, question: str, given: Any = None) -> Any:  # noqa: ANN401 - what the script answers
    """Evaluate a JavaScript expression about Leaflet's `map` and what is `given`."""
    return figure.evaluate(
        f"(figure, given) => {{ const [map] = figure.parentNode.psttm.maps; return {question}; }}", given
    )


def on_screen(figure: Locator, place: tuple[float, float]) -> tuple[float, float]:
    x, y = ask(figure, "(({ x, y }) => [x, y])(map.latLngToContainerPoint(given))", place)
    box = figure.locator(".leaflet-container").bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def marks(page: Page, action: str) -> Locator:
    return page.locator(f".psttm-change-{action}")


def scenario(page: Page) -> str | None:
    return parse_qs(urlsplit(page.url).query).get("scenario", [None])[0]


def shares(page: Page) -> str:
    """Give what becomes of the share, as the sentence about pharmacies says it."""
    sentence = page.get_by_text(re.compile(f"Farmacia.*{ADDED}"))
    expect(sentence).to_be_visible()
    _, told, becomes = sentence.inner_text().partition("; la quota")
    assert told
    return becomes


def test_a_click_adds_a_service_and_the_link_shows_the_same_in_a_fresh_browser(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=scenario&categoria=farmacia&vista=45.464,9.19,15", at=with_access)
    figure = drawn(page)
    page.mouse.click(*on_screen(figure, (45.4641, 9.1901)))
    expect(marks(page, "aggiungi")).to_have_count(1)
    expect(page.get_by_text(re.compile(ADDED)).first).to_be_visible()
    drawn(page)
    expect(page.locator(".psttm-legend").first).to_contain_text("guadagna")
    assert (scenario(page) or "").startswith("a,farmacia,,45.46")
    other = visit("?" + urlsplit(page.url).query, at=with_access)
    drawn(other)
    expect(marks(other, "aggiungi")).to_have_count(1)
    assert shares(other) == shares(page)
    bare = visit("?pagina=scenario&categoria=farmacia", at=with_access)
    drawn(bare)
    expect(marks(bare, "aggiungi")).to_have_count(0)
    expect(bare.get_by_text("Ancora nessuna modifica.")).to_be_visible()


def test_a_service_is_dragged_the_share_changes_and_it_is_undone_and_redone(
    visit: Visit, with_access: str, pharmacy: Pharmacy
) -> None:
    page = visit(f"?pagina=scenario&categoria=farmacia&vista={pharmacy.lat},{pharmacy.lon},14", at=with_access)
    figure = drawn(page)
    x, y = on_screen(figure, pharmacy.place)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y + 40, steps=4)
    expect(marks(page, "sposta")).to_have_count(1)
    page.mouse.up()
    page.wait_for_url("**scenario=*")
    drawn(page)
    assert (scenario(page) or "").startswith(f"s,farmacia,{pharmacy.service},")
    expect(marks(page, "sposta")).to_have_count(1)
    expect(page.locator(".psttm-change-aggiungi")).to_have_count(0)
    assert ask(figure, "map.distance(map.getCenter(), given)", pharmacy.place) < 100, "the map has not moved"
    moved = shares(page)
    page.get_by_role("button", name="Annulla").click()
    expect(marks(page, "sposta")).to_have_count(0)
    drawn(page)
    assert scenario(page) is None
    page.get_by_role("button", name="Ripeti").click()
    expect(marks(page, "sposta")).to_have_count(1)
    drawn(page)
    assert shares(page) == moved


def test_a_service_is_closed_and_opened_again_by_its_menu(visit: Visit, with_access: str, pharmacy: Pharmacy) -> None:
    page = visit(f"?pagina=scenario&categoria=farmacia&vista={pharmacy.lat},{pharmacy.lon},16", at=with_access)
    figure = drawn(page)
    page.mouse.click(*on_screen(figure, pharmacy.place))
    page.locator(".psttm-offer").get_by_role("button", name="Chiudi").click()
    expect(marks(page, "chiudi")).to_have_count(1)
    drawn(page)
    assert scenario(page) == f"c,farmacia,{pharmacy.service}"
    match = SHARES.search(shares(page))
    assert match is not None
    before, after = match.groups()
    assert float(before.replace(",", ".")) > float(after.replace(",", "."))
    page.mouse.click(*on_screen(figure, pharmacy.place))
    page.locator(".psttm-offer").get_by_role("button", name="Riapri").click()
    expect(marks(page, "chiudi")).to_have_count(0)
    drawn(page)
    assert scenario(page) is None


def test_a_service_is_moved_by_its_menu_and_a_click(visit: Visit, with_access: str, pharmacy: Pharmacy) -> None:
    page = visit(f"?pagina=scenario&categoria=farmacia&vista={pharmacy.lat},{pharmacy.lon},16", at=with_access)
    figure = drawn(page)
    x, y = on_screen(figure, pharmacy.place)
    page.mouse.click(x, y)
    page.locator(".psttm-offer").get_by_role("button", name="Sposta").click()
    expect(page.get_by_text("Un clic dove spostarlo")).to_be_visible()
    page.mouse.click(x + 60, y + 40)
    expect(marks(page, "sposta")).to_have_count(1)
    drawn(page)
    assert (scenario(page) or "").startswith(f"s,farmacia,{pharmacy.service},")
    expect(page.get_by_text("Un clic dove spostarlo")).to_have_count(0)


def test_a_click_that_only_closes_a_menu_and_a_drag_of_the_map_add_nothing(
    visit: Visit, with_access: str, pharmacy: Pharmacy
) -> None:
    page = visit(f"?pagina=scenario&categoria=farmacia&vista={pharmacy.lat},{pharmacy.lon},16", at=with_access)
    figure = drawn(page)
    x, y = on_screen(figure, pharmacy.place)
    page.mouse.click(x, y)
    expect(page.locator(".psttm-offer")).to_be_visible()
    page.mouse.click(x + 120, y + 80)
    expect(page.locator(".psttm-offer")).to_have_count(0)
    page.mouse.move(x + 120, y + 80)
    page.mouse.down()
    page.mouse.move(x + 20, y + 60, steps=4)
    page.mouse.up()
    drawn(page)
    assert scenario(page) is None
    assert page.locator(".psttm-change").count() == 0


def test_the_keyboard_adds_a_service(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=scenario&categoria=farmacia&lingua=en", at=with_access)
    drawn(page)
    page.get_by_text("Without the map").click()
    page.get_by_label("Point (latitude, longitude)").focus()
    page.keyboard.type("45.464, 9.19")
    page.keyboard.press("Enter")
    expect(marks(page, "aggiungi")).to_have_count(1)
    drawn(page)
    assert scenario(page) == "a,farmacia,,45.464,9.19"
    page.get_by_role("button", name="Remove change 1").click()
    expect(marks(page, "aggiungi")).to_have_count(0)


def test_a_scenario_is_downloaded_and_opened_again_by_somebody_else(
    visit: Visit, with_access: str, tmp_path: Path
) -> None:
    page = visit("?pagina=scenario&scenario=a,farmacia,,45.464,9.19,Nuova", at=with_access)
    drawn(page)
    with page.expect_download() as expected:
        page.get_by_role("button", name="Scarica lo scenario").click()
    file = tmp_path / expected.value.suggested_filename
    expected.value.save_as(file)
    assert file.read_text("utf-8").splitlines()[1] == "aggiungi,farmacia,,Nuova,9.19,45.464"
    other = visit("?pagina=scenario", at=with_access)
    drawn(other)
    other.get_by_text("File dello scenario").click()
    other.locator("input[type=file]").set_input_files(file)
    other.get_by_role("button", name="Apri lo scenario").click()
    expect(marks(other, "aggiungi")).to_have_count(1)
    drawn(other)
    assert scenario(other) == "a,farmacia,,45.464,9.19,Nuova"


def test_services_come_once_over_http_and_a_change_sends_little(
    visit: Visit, asked: list[str], received: list[int], with_access: str
) -> None:
    page = visit("?pagina=scenario&categoria=farmacia&unita=esagoni&vista=45.464,9.19,15", at=with_access)
    figure = drawn(page)
    assert ask(figure, "Number(map.getContainer().dataset.services)") > 0
    asked.clear()
    for count, place in enumerate(((45.4641, 9.1901), (45.466, 9.187)), start=1):
        received.clear()
        page.mouse.click(*on_screen(figure, place))
        expect(marks(page, "aggiungi")).to_have_count(count)
        drawn(page)
        assert 0 < sum(received) <= LARGEST_RERUN_BYTES
    assert len([address for address in asked if urlsplit(address).path.endswith(".json")]) <= 3, (
        "values of hexagons, and no services again"
    )


def test_the_map_is_a_file_of_its_own_in_which_nothing_is_changed(
    visit: Visit, with_access: str, tmp_path: Path
) -> None:
    page = visit("?pagina=scenario&scenario=a,farmacia,,45.464,9.19,Nuova", at=with_access)
    drawn(page)
    with page.expect_download() as expected:
        page.get_by_role("button", name="Mappa HTML").click()
    expected.value.save_as(tmp_path / "mappa.html")
    cut = visit(at="about:blank", offline=True)
    cut.goto((tmp_path / "mappa.html").as_uri())
    cut.wait_for_selector("html[data-psttm=drawn]", state="attached")
    expect(marks(cut, "aggiungi")).to_have_count(1)
    cut.mouse.click(300, 300)
    expect(marks(cut, "aggiungi")).to_have_count(1)
    assert cut.title().startswith("DATI SINTETICI: Farmacia; chi guadagna e chi perde")


def test_a_scenario_is_not_gravely_inaccessible_and_nothing_scrolls_sideways(visit: Visit, with_access: str) -> None:
    page = visit("?pagina=scenario&scenario=a,farmacia,,45.464,9.19,Nuova", at=with_access)
    drawn(page)
    for expander in page.locator("[data-testid=stExpander] summary").all():
        expander.click()
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    for width, height in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(1000)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
