"""The page of comparison as a visitor uses it; `visit` proves in each test that nothing leaves and nothing fails."""

import csv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from psttm_geo.schema import colours

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

PHONE = (390, 844)

LEGNANO = (45.596, 8.915)

MILANO = (45.464, 9.19)

EDITIONS = ["2022-2024", "2025-2027"]

BASIANO, MARTESANA, FONTANILI = (
    f"Unione di Comuni {name}" for name in ("Basiano e Masate", "Adda Martesana", "dei Fontanili")
)

UNIONS = [f"{BASIANO}|{MARTESANA}", f"{BASIANO}|{MARTESANA}|{FONTANILI}"]

MAPS = (0, 1)

LOW, MIDDLE, HIGH = colours.CLASS_FILLS

SENTENCE = "obiettivi conservati 40, modificati 29, non ripresi 4, nuovi 6."


def drawn(page: Page) -> Locator:
    figure = page.locator(".psttm-figure[data-psttm=drawn]")
    figure.wait_for()
    page.wait_for_timeout(600)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    return figure


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items() if name != "vista"}


def unions(around: Locator) -> list[str | None]:
    """Give the unions that each map outlines."""
    return [one.get_attribute("data-unions") for one in around.locator(".leaflet-container").all()]


def members(figure: Locator, name: str, edition: str) -> list[int]:
    """Count, on each map, the municipalities inside the outline of a union."""
    return [
        figure.evaluate(
            """(figure, [which, union, edition]) => {
                const map = figure.parentNode.psttm.maps[which];
                const features = Object.values(map._layers).map(layer => layer.feature).filter(Boolean);
                const outlined = features.some(one => one.properties.edition && one.properties.name === union);
                const inside = features.filter(one => (one.properties.unions || {})[edition] === union);
                return outlined ? new Set(inside.map(one => one.properties.code)).size : 0;
            }""",
            [one, name, edition],
        )
        for one in MAPS
    ]


def fills(around: Locator) -> list[dict[str, int]]:
    """Count the municipalities of each fill on each map."""
    counted = []
    for one in around.locator(".leaflet-container").all():
        found = one.locator("path.leaflet-interactive").evaluate_all("all => all.map(one => one.getAttribute('fill'))")
        counted.append({fill: found.count(fill) for fill in set(found)})
    return counted


def views(figure: Locator) -> list[list[float]]:
    found: list[list[float]] = figure.evaluate(
        "figure => figure.parentNode.psttm.maps.map(map => [map.getCenter().lat, map.getCenter().lng, map.getZoom()])"
    )
    return found


def on_screen(figure: Locator, place: tuple[float, float], which: int) -> tuple[float, float]:
    """Give where a place of one of the maps is on the page."""
    x, y = figure.evaluate(
        """(figure, [place, which]) => {
            const p = figure.parentNode.psttm.maps[which].latLngToContainerPoint(place);
            return [p.x, p.y];
        }""",
        [place, which],
    )
    box = figure.locator(".leaflet-container").nth(which).bounding_box()
    assert box is not None
    return box["x"] + x, box["y"] + y


def sheet(page: Page) -> list[list[str]]:
    """Give the table as screen readers find it: its header, then the rows that are drawn."""
    rows = page.get_by_test_id("stDataFrame").locator("canvas table tr")
    rows.nth(1).wait_for(state="attached")
    return rows.evaluate_all("all => all.map(row => [...row.children].map(cell => cell.textContent))")


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


def test_two_maps_show_each_edition_with_its_own_unions(visit: Visit) -> None:
    page = visit("?pagina=confronto")
    figure = drawn(page)
    assert figure.locator(".psttm-heading").all_inner_texts() == EDITIONS
    assert unions(figure) == UNIONS
    assert [sum(counted.values()) for counted in fills(figure)] == [133, 133]
    assert page.locator(".psttm-legend li").all_inner_texts()[-2:] == [
        "unione di comuni (2022-2024, 2025-2027)",
        "altri comuni",
    ]
    expect(page.get_by_text(SENTENCE)).to_be_visible()
    expect(page.get_by_text("Comuni che cambiano unione: 10 (Besate, Binasco")).to_be_visible()


def test_truccazzano_leaves_and_the_fontanili_appear(visit: Visit) -> None:
    page = visit("?pagina=confronto&scheda=comuni")
    figure = drawn(page)
    assert members(figure, MARTESANA, "2022-2024") == [4, 4]
    assert members(figure, MARTESANA, "2025-2027") == [3, 3]
    assert members(figure, FONTANILI, "2025-2027") == [0, 9]
    rows = {row[0]: row[2:4] for row in sheet(page)[1:]}
    assert rows["Truccazzano"] == [MARTESANA, "nessuna"]
    assert rows["Gaggiano"] == ["nessuna", FONTANILI]


def test_moving_one_map_moves_the_other(visit: Visit) -> None:
    page = visit("?pagina=confronto")
    figure = drawn(page)
    for which in MAPS:
        start = views(figure)
        assert start[0] == pytest.approx(start[1])
        box = figure.locator(".leaflet-container").nth(which).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 90, y + 60, steps=5)
        page.mouse.up()
        page.wait_for_timeout(1000)
        moved = views(figure)
        assert moved[0] != pytest.approx(start[0])
        assert moved[0] == pytest.approx(moved[1])
        page.mouse.move(x, y)
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(1000)
        nearer = views(figure)
        assert nearer[0][2] > moved[0][2]
        assert nearer[0] == pytest.approx(nearer[1])


def test_a_click_on_either_map_chooses_the_municipality_on_both(visit: Visit) -> None:
    page = visit("?pagina=confronto")
    figure = drawn(page)
    before = views(figure)
    for which, place, name, code in ((0, LEGNANO, "Legnano", "015118"), (1, MILANO, "Milano", "015146")):
        page.mouse.click(*on_screen(figure, place, which))
        expect(figure.locator(".psttm-name")).to_have_text([name, name])
        drawn(page)
        assert address(page) == {"pagina": "confronto", "comune": code}
        assert views(figure) == before


def test_the_search_moves_both_maps(visit: Visit) -> None:
    page = visit("?pagina=confronto")
    figure = drawn(page)
    field = page.get_by_label("Cerca un comune")
    field.fill("san colom")
    field.press("Enter")
    page.wait_for_function(
        "figure => figure.parentNode.psttm.maps.every(map => map.getZoom() > 11)", arg=figure.element_handle()
    )
    page.wait_for_timeout(600)
    left, right = views(figure)
    assert left == pytest.approx(right)
    assert figure.locator(".psttm-name").all_inner_texts() == ["San Colombano al Lambro"] * 2


def test_a_theme_colours_both_maps_by_the_same_classes(visit: Visit) -> None:
    page = visit("?pagina=confronto&tema=si_applica")
    figure = drawn(page)
    left, right = fills(figure)
    assert set(left) == set(right) == {MIDDLE, HIGH}
    assert page.locator(".psttm-legend li").all_inner_texts() == [
        *("58 obiettivi", "59 obiettivi", "unione di comuni (2022-2024, 2025-2027)")
    ]
    said = "Obiettivi che si applicano: 58-59 per comune nell'edizione 2022-2024 (non noti: 15); 58-59"
    expect(page.get_by_text(said)).to_be_visible()
    page.mouse.move(*on_screen(figure, LEGNANO, 1))
    expect(figure.locator(".psttm-tip")).to_have_text("LegnanoObiettivi che si applicano: 58; non noti: 16")
    page.get_by_role("radio", name="Obiettivi che coinvolgono i Comuni").click()
    drawn(page)
    assert address(page) == {"pagina": "confronto", "tema": "chiamato"}
    expect(page.locator(".psttm-legend")).to_contain_text("31 obiettivi")
    expect(page.locator(".psttm-legend")).to_contain_text("32 obiettivi")


@pytest.mark.parametrize(
    ("name", "heading", "row"),
    [
        (
            "missioni",
            ["Missione", "Conservati", "Modificati", "Non ripresi", "Nuovi"],
            ["Totale", "40", "29", "4", "6"],
        ),
        ("obiettivi", ["2022-2024", "Esito", "2025-2027"], None),
        ("driver", ["n.", "2022-2024", "2025-2027", "Obiettivi 2022-2024", "Obiettivi 2025-2027"], None),
        ("partenariati", ["Partner", "2022-2024", "2025-2027"], None),
    ],
)
def test_every_table_is_shown_and_downloaded(
    visit: Visit, name: str, heading: list[str], row: list[str] | None
) -> None:
    page = visit(f"?pagina=confronto&scheda={name}")
    drawn(page)
    shown = sheet(page)
    assert shown[0][: len(heading)] == heading
    assert row is None or row in shown
    file = download(page, "Tabella CSV")
    assert file.suggested_filename == f"confronto_{name}_2022-2024_2025-2027.csv"
    with file.path().open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.reader(lines, delimiter=";"))
    drawn_columns = len(shown[0])
    assert rows[0][:drawn_columns] == shown[0]
    assert rows[1][:drawn_columns] == shown[1]
    assert len(rows) >= {"missioni": 8, "obiettivi": 75, "driver": 11, "partenariati": 8}[name]


def test_a_row_of_municipalities_chooses_one(visit: Visit) -> None:
    page = visit("?pagina=confronto&scheda=comuni")
    figure = drawn(page)
    page.get_by_test_id("stDataFrame").scroll_into_view_if_needed()
    page.get_by_test_id("stDataFrame").click(position={"x": 20, "y": 52})
    expect(figure.locator(".psttm-name").first).to_have_text("Besate")
    drawn(page)
    assert address(page) == {"pagina": "confronto", "scheda": "comuni", "comune": "015022"}


def test_a_link_shows_the_same_in_english(visit: Visit) -> None:
    query = "?pagina=confronto&tema=chiamato&scheda=comuni&comune=015224&lingua=en"
    page = visit(query)
    figure = drawn(page)
    expect(page.get_by_text("goals kept 40, changed 29, dropped 4, new 6.")).to_be_visible()
    expect(page.get_by_role("radio", name="Goals that involve municipalities")).to_be_checked()
    assert sheet(page)[0][:3] == ["Municipality", "Zona omogenea", "Unione 2022-2024"]
    assert figure.locator(".psttm-name").all_inner_texts() == ["Truccazzano"] * 2
    assert "obiettivi" not in page.locator("body").inner_text()
    other = visit("?" + urlsplit(page.url).query)
    assert fills(drawn(other)) == fills(figure)
    assert address(other) == address(page)


def test_both_maps_say_which_edition_they_show(visit: Visit) -> None:
    page = visit("?pagina=confronto")
    figure = drawn(page)
    for edition in EDITIONS:
        expect(page.get_by_role("application", name=edition)).to_have_count(1)
    labels = [one.get_attribute("aria-label") or "" for one in figure.locator(".leaflet-container").all()]
    assert [edition in label for edition, label in zip(EDITIONS, labels, strict=True)] == [True, True]


def test_an_address_with_nonsense_is_told(visit: Visit) -> None:
    parts = ["prima=2025-2027", "dopo=2022-2024", "tema=x", "scheda=x"]
    page = visit(f"?pagina=confronto&{'&'.join(parts)}")
    figure = drawn(page)
    for part in parts:
        expect(page.get_by_test_id("stAlert")).to_contain_text(part)
    assert figure.locator(".psttm-heading").all_inner_texts() == EDITIONS
    expect(page.get_by_text(SENTENCE)).to_be_visible()


def test_on_a_phone_the_maps_stand_one_above_the_other(visit: Visit) -> None:
    page = visit("?pagina=confronto&tema=chiamato", size=PHONE)
    figure = drawn(page)
    upper, lower = (one.bounding_box() for one in figure.locator(".leaflet-container").all())
    assert upper is not None
    assert lower is not None
    assert lower["y"] == pytest.approx(upper["y"] + upper["height"], abs=2)
    assert upper["width"] == lower["width"] > 300
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    for switch in page.get_by_role("radiogroup").all():
        assert switch.evaluate("group => group.scrollWidth <= group.clientWidth"), switch.inner_text()


def test_the_downloaded_maps_draw_with_the_network_cut(visit: Visit, asked: list[str], tmp_path: Path) -> None:
    page = visit("?pagina=confronto&tema=si_applica&comune=015118")
    drawn(page)
    file = download(page, "Mappa HTML")
    path = tmp_path / file.suggested_filename
    file.save_as(path)

    alone = visit(at="about:blank", offline=True)
    asked.clear()
    alone.goto(path.as_uri())
    alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    headings = alone.locator(".psttm-heading").all_inner_texts()
    assert [said.endswith(f", edizione {edition}.") for said, edition in zip(headings, EDITIONS, strict=True)] == [
        True
    ] * 2
    assert unions(alone.locator("body")) == UNIONS
    assert alone.locator(".psttm-name").all_inner_texts() == ["Legnano", "Legnano"]
    left, right = fills(alone.locator("body"))
    assert set(left) == set(right) == {MIDDLE, HIGH}
    boxes = [one.bounding_box() for one in alone.locator(".leaflet-container").all()]
    assert [box and (box["width"] > 600, box["height"] > 600) for box in boxes] == [(True, True)] * 2
    assert alone.locator("ul.psttm-legend li").first.inner_text() == "58 obiettivi"
    assert EDITIONS[0] in alone.title()
    assert EDITIONS[1] in alone.title()
    assert "tabell" not in alone.title()

    alone.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    alone.wait_for_timeout(600)
    upper, lower = (one.bounding_box() for one in alone.locator(".leaflet-container").all())
    assert upper is not None
    assert lower is not None
    assert upper["width"] == lower["width"] == PHONE[0]
    assert lower["y"] == pytest.approx(upper["y"] + upper["height"], abs=1)
