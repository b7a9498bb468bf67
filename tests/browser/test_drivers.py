"""The page of drivers as a visitor uses it; `visit` proves in each test that nothing leaves and nothing fails."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.plan.office_projects import TEMPLATE
from psttm_geo.project import Project
from psttm_geo.schema import colours

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]

PHONE = (390, 844)

PATIENCE_MS = 20_000

ZERO, (LOW, MIDDLE, HIGH) = colours.ZERO_FILL, colours.CLASS_FILLS
UNKNOWN = "url(#psttm-unknown)"

LARGEST_RERUN_BYTES = 500_000

HEADER = ",".join(TEMPLATE)

# Of driver 1 Milano has two projects, Legnano one; San Colombano has one that waits for its driver.
GOOD = f"""{HEADER}
SINT-1,Opera di prova uno,015146;015118,2025-2027,1,1,"1.000,00",in corso,2025-03-01,31/12/2026
SINT-2,Opera di prova due,015146,,1,,500,,,
SINT-3,Opera di prova tre,015191,,,,,,,
SINT-4,Opera di prova quattro,015118,,2,,,,,
"""

BAD = f"""{HEADER}
SINT-1,Opera di prova uno,999999,,1,,,,,
SINT-2,Opera di prova due,015146,,99,,,,,
SINT-2,Opera di prova tre,015146,,1,,,,,
SINT-4,Opera di prova quattro,015146,,1,,un milione,,,
"""

HOSTILE = f"""{HEADER}
SINT-1,<img src=x onerror=alert(1)>,015146,,1,,20,,,
SINT-2,=2+3,015146,,1,,10,,,
"""


class OwnSite(NamedTuple):
    address: str
    workspace: Path


@pytest.fixture
def with_register(own_site: OwnSite, tmp_path: Path) -> str:
    """Give the address of an application that holds the good register."""
    jobs.add_projects(Project(Settings(workspace=own_site.workspace)), [written(tmp_path, "registro.csv", GOOD)], None)
    return own_site.address


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def drawn(page: Page) -> Locator:
    figure = page.locator(".psttm-figure[data-psttm=drawn]")
    figure.wait_for()
    settle(page)
    return figure


def opened(page: Page) -> Locator:
    """Wait for the matrix of drivers and missions, which the page opens on without a register."""
    matrix = page.locator("table.psttm-drivers")
    matrix.wait_for()
    settle(page)
    return matrix


def settle(page: Page) -> None:
    page.wait_for_timeout(600)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items() if name != "vista"}


def fills(around: Locator) -> dict[str, int]:
    """Count the municipalities of each fill on the map."""
    shapes = around.locator("path.leaflet-interactive")
    found: list[str] = shapes.evaluate_all("all => all.map(path => path.getAttribute('fill'))")
    return {fill: found.count(fill) for fill in set(found)}


def becomes(page: Page, read: Callable[[], object], expected: object) -> None:
    """Wait until what is read is what is expected: a map or an address follows the page's words."""
    for _ in range(PATIENCE_MS // 100):
        if read() == expected:
            return
        page.wait_for_timeout(100)
    assert read() == expected


def expect_fills(page: Page, expected: dict[str, int]) -> None:
    """Wait until the map counts this many municipalities of each fill."""
    figure = drawn(page)
    becomes(page, lambda: fills(figure), expected)


def expect_address(page: Page, **parts: str) -> None:
    becomes(page, lambda: address(page), parts)


def expect_legend(page: Page, *entries: str) -> None:
    expect(page.locator(".psttm-legend li")).to_have_text(entries)


def expect_first_row(table: Locator, *cells: str, first: int = 1) -> None:
    """Wait for a first row, as screen readers find it; `first` is 1 where a column of boxes stands before."""
    for column, text in enumerate(cells, start=first):
        expect(table.get_by_test_id(f"glide-cell-{column}-0")).to_have_text(text)


def ranking(page: Page) -> Locator:
    return page.get_by_test_id("stDataFrame").filter(has=page.locator("th", has_text="Posizione"))


def upload(page: Page, register: Path | None, attribution: Path | None = None) -> None:
    """Load files through the page's own form."""
    page.get_by_text("Registro dei progetti", exact=True).click()
    fields = page.get_by_test_id("stFileUploader").locator("input[type=file]")
    for position, file in enumerate((register, attribution)):
        if file is not None:
            fields.nth(position).set_input_files(file)
            # Its name is there from the start, but only when it has arrived can it be removed.
            uploader = page.get_by_test_id("stFileUploader").nth(position)
            expect(uploader.get_by_role("button", name=f"Remove {file.name}")).to_be_visible()
    page.get_by_role("button", name="Carica nella cartella di lavoro").click()


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


def test_with_an_empty_workspace_it_opens_on_what_the_documents_say_and_draws_no_flat_map(visit: Visit) -> None:
    page = visit("?pagina=driver&driver=5")
    row = opened(page).locator("tr.chosen")
    # Of the right to mobility: 15 goals of mission 3, marked for the three levels, and the goals with named places.
    expect(row.locator("th, td")).to_have_text(
        ["5. Diritto alla mobilità", "", "", "15", "", "", "", "11", "7", "1", "2"]
    )
    expect(page.get_by_role("radio", name="Dai documenti")).to_be_checked()
    expect(page.get_by_text("la copertura attivata non è nota")).to_be_visible()
    expect(page.get_by_text("Attori nominati nei testi degli obiettivi")).to_be_visible()
    expect(page.locator(".psttm-figure")).to_have_count(0)
    page = visit("?pagina=driver&copertura=si_applica")
    expect(page.get_by_text("100 % ovunque sia noto: 133 comuni su 133.")).to_be_visible()
    expect(page.get_by_text("la mappa non è disegnata")).to_be_visible()
    expect_first_row(ranking(page), "1", "Abbiategrasso", "100", "non noto", "non noto")
    expect(page.locator(".psttm-figure")).to_have_count(0)


def test_without_a_register_projects_are_unknown_and_never_zero(visit: Visit) -> None:
    page = visit("?pagina=driver&copertura=progetti")
    expect(page.get_by_text("Non è noto per 133 comuni su 133.")).to_be_visible()
    expect_first_row(ranking(page), "non noto", "Abbiategrasso", "non noto")


def test_a_register_uploaded_is_loaded_and_the_map_opens_on_projects(
    visit: Visit, own_site: OwnSite, tmp_path: Path
) -> None:
    page = visit("?pagina=driver", at=own_site.address)
    opened(page)
    upload(page, written(tmp_path, "registro.csv", GOOD))
    expect(page.get_by_text("Caricato.")).to_be_visible()
    expect(page.get_by_text("per edizione, 2025-2027: 1, non nota: 3")).to_be_visible()
    expect_fills(page, {ZERO: 130, MIDDLE: 1, HIGH: 1, UNKNOWN: 1})
    expect(page.get_by_role("radio", name="Progetti", exact=True)).to_be_checked()
    expect(page.get_by_text("Da 0 a 2 (Milano). È noto per 132 comuni su 133.")).to_be_visible()
    expect(page.get_by_text("2; importo: 1.500 €. Da attribuire a un driver: 1.")).to_be_visible()
    expect(page.get_by_text("Progetti nel registro: 4 (2025-2027: 1; edizione non nota: 3).")).to_be_visible()
    expect_first_row(ranking(page), "1", "Milano", "2", "1.000")
    expect_legend(page, "0", "1", "2", "non noto", "unione di comuni (2025-2027)")
    assert Workspace(own_site.workspace).inputs["projects"].path.read_text("utf-8") == GOOD


def test_a_register_with_faults_is_refused_whole_and_every_fault_is_listed_with_its_row(
    visit: Visit, own_site: OwnSite, tmp_path: Path
) -> None:
    page = visit("?pagina=driver", at=own_site.address)
    opened(page)
    upload(page, written(tmp_path, "sbagliato.csv", BAD))
    expect(page.get_by_text("Non caricato. Errori: 4;")).to_be_visible()
    settle(page)
    faults = page.get_by_test_id("stExpander").first.get_by_test_id("stDataFrame").locator("canvas table")
    said = [
        [faults.get_by_test_id(f"glide-cell-{column}-{row}").text_content() or "" for column in range(3)]
        for row in range(4)
    ]
    assert [cells[:2] for cells in said] == [["sbagliato.csv", str(row)] for row in (2, 3, 4, 5)]
    for cells, words in zip(said, ("999999", "99", "è già alla riga 3", "un milione"), strict=True):
        assert words in cells[2]
    expect(page.get_by_text("la copertura attivata non è nota")).to_be_visible()
    assert not own_site.workspace.exists()


def test_a_register_and_an_attribution_of_the_same_name_are_both_taken(
    visit: Visit, own_site: OwnSite, tmp_path: Path
) -> None:
    page = visit("?pagina=driver&driver=3", at=own_site.address)
    opened(page)
    upload(
        page,
        written(tmp_path / "registro", "dati.csv", GOOD),
        written(tmp_path / "attribuzione", "dati.csv", "cup,driver,edizione\nSINT-3,3,2025-2027\n"),
    )
    expect(page.get_by_text("Caricato.")).to_be_visible()
    expect_first_row(ranking(page), "1", "San Colombano al Lambro", "1")
    expect_fills(page, {ZERO: 132, MIDDLE: 1})


def test_what_a_register_holds_is_shown_as_text_and_made_harmless_in_files(
    visit: Visit, own_site: OwnSite, tmp_path: Path
) -> None:
    page = visit("?pagina=driver", at=own_site.address)
    opened(page)
    upload(page, written(tmp_path, "<b>[x](y).csv", HOSTILE))
    expect(page.get_by_text("Caricato.")).to_be_visible()
    drawn(page)
    expect(page.get_by_text("Registro in uso: Registro dei progetti dell'ente (<b>[x](y).csv)")).to_be_visible()
    expect(page.get_by_text("(<b>[x](y).csv), ente; data non indicata")).to_have_count(1)
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_have_count(1)
    assert page.locator("img[src=x]").count() == 0
    file = download(page, "Progetti CSV")
    with file.path().open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["Titolo"] for row in rows] == ["<img src=x onerror=alert(1)>", "'=2+3"]


def test_tables_cannot_be_exported_past_what_makes_them_harmless(visit: Visit, with_register: str) -> None:
    page = visit("?pagina=driver", at=with_register)
    drawn(page)
    ranking(page).hover()
    expect(ranking(page).get_by_role("button", name="Fullscreen")).to_be_visible()
    assert ranking(page).get_by_role("button", name="Download as CSV").count() == 0


def test_the_register_can_be_removed(visit: Visit, own_site: OwnSite, with_register: str) -> None:
    page = visit("?pagina=driver", at=with_register)
    drawn(page)
    page.get_by_text("Registro dei progetti", exact=True).click()
    settle(page)
    page.get_by_role("button", name="Togli il registro").click()
    expect(page.get_by_text("la copertura attivata non è nota")).to_be_visible()
    opened(page)
    assert not (own_site.workspace / "inputs" / "projects").exists()


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        # Milano two, the 22 of Alto Milanese one, the 15 of Sud Est not known, all others none.
        ("zone", {HIGH: 1, MIDDLE: 22, UNKNOWN: 15, ZERO: 95}),
        # None of the unions has a project: said, not drawn.
        ("unioni", None),
    ],
)
def test_units_are_chosen_in_the_address_and_colour_their_municipalities(
    visit: Visit, with_register: str, units: str, expected: dict[str, int] | None
) -> None:
    page = visit(f"?pagina=driver&unita={units}", at=with_register)
    if expected is None:
        expect(page.get_by_text("la mappa non è disegnata")).to_be_visible()
    else:
        expect_fills(page, expected)
    said = {"zone": ["1", "Milano", "2"], "unioni": ["1", "Unione di Comuni Adda Martesana", "0"]}[units]
    expect_first_row(ranking(page), *said, first=0)


def test_the_switches_write_the_address(visit: Visit, with_register: str) -> None:
    page = visit("?pagina=driver", at=with_register)
    drawn(page)
    page.get_by_role("radio", name="Zone omogenee", exact=True).click()
    expect_address(page, pagina="driver", unita="zone")
    page.get_by_role("radio", name="Importo", exact=True).click()
    expect_address(page, pagina="driver", unita="zone", copertura="importo")
    page.get_by_label("Driver", exact=True).last.fill("2.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2)).to_have_text("2. Politiche verdi e blu")
    expect_address(page, pagina="driver", unita="zone", copertura="importo", driver="2")


def test_a_link_shows_the_same_to_somebody_else(visit: Visit, with_register: str) -> None:
    query = "?pagina=driver&edizione=2025-2027&driver=1&unita=comuni&copertura=importo&lingua=en&comune=015118"
    page = visit(query, at=with_register)
    figure = drawn(page)
    expect(page.get_by_role("heading", level=2)).to_have_text("1. Metropolitan smart campus")
    expect(page.get_by_role("radio", name="Amount", exact=True)).to_be_checked()
    expect(page.get_by_text("Projects attributed to the driver: 1; amount: 500 €.")).to_be_visible()
    expect(page.get_by_text("From 0 € to 1,000 € (Milano)")).to_be_visible()
    expect_legend(page, "0 €", "500 €", "1,000 €", "not known", "unione di comuni (2025-2027)")
    expect(figure.locator(".psttm-name")).to_have_text("Legnano")
    assert "residenti" not in page.locator("body").inner_text()
    other = visit("?" + urlsplit(page.url).query, at=with_register)
    expect_fills(other, fills(figure))
    expect_address(other, **address(page))


def test_a_municipality_whose_projects_wait_for_a_driver_is_not_said_to_have_none(
    visit: Visit, with_register: str
) -> None:
    page = visit("?pagina=driver&comune=015191", at=with_register)
    drawn(page)
    expect(page.get_by_text("Non è noto se il driver abbia progetti")).to_be_visible()
    expect(page.get_by_text("ancora da attribuire a un driver: 1")).to_be_visible()
    assert "Progetti attribuiti al driver: 0" not in page.locator("body").inner_text()


def test_an_address_with_nonsense_is_told(visit: Visit) -> None:
    parts = ("driver=99", "unita=x", "copertura=x")
    page = visit(f"?pagina=driver&{'&'.join(parts)}")
    opened(page)
    for part in parts:
        expect(page.get_by_test_id("stAlert").first).to_contain_text(part)
    expect(page.get_by_role("heading", level=2)).to_contain_text("1. Campus metropolitano smart")


def test_a_goal_of_the_driver_opens_on_its_page(visit: Visit) -> None:
    page = visit("?pagina=driver&driver=5")
    opened(page)
    expect(page.get_by_text("Obiettivi che si applicano ovunque: 10 su 15")).to_be_visible()
    goals = page.locator(".st-key-driver_goals_it_2025-2027_5")
    expect_first_row(goals, "3.1")
    box = goals.locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 60)
    expect(page.get_by_role("heading", level=2)).to_contain_text("3.1 ")
    expect_address(page, pagina="obiettivi", driver="5", obiettivo="3.1")


def test_a_row_of_the_ranking_chooses_its_municipality(visit: Visit, with_register: str) -> None:
    page = visit("?pagina=driver", at=with_register)
    figure = drawn(page)
    ranking(page).scroll_into_view_if_needed()
    ranking(page).click(position={"x": 20, "y": 52})
    expect(figure.locator(".psttm-name")).to_have_text("Milano")
    expect_address(page, pagina="driver", comune="015146")


def test_figures_of_the_ranking_are_sorted_as_figures(visit: Visit, own_site: OwnSite, tmp_path: Path) -> None:
    amounts = {"015146": 900, "015118": 1000, "015191": 20}
    rows = "".join(f"S-{code},,{code},,1,,{amount},,,\n" for code, amount in amounts.items())
    register = written(tmp_path, "r.csv", f"{HEADER}\n{rows}S-0,,015002,,,,,,,\n")
    jobs.add_projects(Project(Settings(workspace=own_site.workspace)), [register], None)
    page = visit("?pagina=driver&copertura=importo", at=own_site.address)
    drawn(page)
    table = ranking(page)
    names = [table.get_by_test_id(f"glide-cell-2-{row}") for row in range(4)]
    for name, text in zip(names, ["Legnano", "Milano", "San Colombano al Lambro"], strict=False):
        expect(name).to_have_text(text)
    table.scroll_into_view_if_needed()
    table.click(position={"x": 300, "y": 18})
    expect(names[0]).not_to_have_text("Legnano")
    table.click(position={"x": 300, "y": 18})
    for name, text in zip(names, ["Abbiategrasso", "Legnano", "Milano", "San Colombano al Lambro"], strict=True):
        expect(name, "the unknown one before").to_have_text(text)


def test_the_reading_under_the_pointer_names_the_unit(visit: Visit, with_register: str) -> None:
    page = visit("?pagina=driver&unita=zone", at=with_register)
    figure = drawn(page)
    for place, words in (([45.596, 8.915], "LegnanoAlto Milanese: 1"), ([45.31, 8.99], "Abbiatense: 0")):
        x, y = figure.evaluate(
            """(figure, place) => {
                const [map] = figure.parentNode.psttm.maps, p = map.latLngToContainerPoint(place);
                return [p.x, p.y];
            }""",
            place,
        )
        box = figure.locator(".leaflet-container").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + x, box["y"] + y)
        expect(figure.locator(".psttm-tip", has_text=words)).to_be_visible()


def test_the_ranking_can_be_downloaded_and_says_what_is_not_known(visit: Visit, with_register: str) -> None:
    page = visit("?pagina=driver&copertura=importo", at=with_register)
    drawn(page)
    file = download(page, "Tabella CSV")
    assert file.suggested_filename == "driver_1_comuni_2025-2027.csv"
    with file.path().open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["Codice ISTAT"]: row for row in csv.DictReader(lines, delimiter=";")}
    assert len(rows) == 133
    assert (rows["015146"]["Posizione"], rows["015146"]["Importo, tutte le edizioni (€)"]) == ("1", "1000,0")
    unknown = rows["015191"]["Progetti, tutte le edizioni"], rows["015191"]["Importo, tutte le edizioni (€)"]
    assert unknown == ("non noto", "non noto")
    assert rows["015002"]["Progetti, tutte le edizioni"] == "0"


def test_the_downloaded_map_draws_with_the_network_cut_and_hatches_the_unknown(
    visit: Visit, with_register: str, tmp_path: Path
) -> None:
    page = visit("?pagina=driver", at=with_register)
    drawn(page)
    file = download(page, "Mappa HTML")
    path = tmp_path / "mappa.html"
    file.save_as(path)
    alone = visit(at="about:blank", offline=True)
    alone.goto(path.as_uri())
    alone.wait_for_selector("html[data-psttm=drawn]", state="attached")
    assert fills(alone.locator("body")) == {ZERO: 130, MIDDLE: 1, HIGH: 1, UNKNOWN: 1}
    title = "Progetti, tutte le edizioni: driver 1. Campus metropolitano smart (2025-2027), per comuni."
    expect(alone).to_have_title(title)
    items = alone.locator("ul.psttm-legend li")
    assert items.all_inner_texts() == ["0", "1", "2", "non noto", "unione di comuni (2025-2027)"]
    assert "repeating-linear-gradient" in (items.nth(3).locator("i").get_attribute("style") or "")


def test_on_a_phone_nothing_scrolls_sideways(visit: Visit, with_register: str) -> None:
    page = visit("?pagina=driver", at=with_register, size=PHONE)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    for switch in page.get_by_role("radiogroup").all():
        assert switch.evaluate("group => group.scrollWidth <= group.clientWidth"), switch.inner_text()


def test_a_rerun_sends_at_most_half_a_megabyte_also_with_a_large_register(
    visit: Visit, received: list[int], own_site: OwnSite, tmp_path: Path
) -> None:
    rows = "".join(f"SINT-{row},Opera di prova numero {row},015146;015118,,1,,{row},,,\n" for row in range(1, 10_001))
    register = written(tmp_path, "grande.csv", f"{HEADER}\n{rows}")
    jobs.add_projects(Project(Settings(workspace=own_site.workspace)), [register], None)
    page = visit("?pagina=driver", at=own_site.address)
    drawn(page)
    expect(page.get_by_text("I primi 500 per importo; il CSV li contiene tutti.")).to_be_visible()
    choices = (("Zone omogenee", "unita=zone"), ("Importo", "copertura=importo"), ("Comuni", "unita=comuni"))
    for choice, part in choices:
        received.clear()
        page.get_by_role("radio", name=choice, exact=True).click()
        page.wait_for_url(f"**{part}*")
        drawn(page)
        page.wait_for_timeout(1000)
        assert 0 < sum(received) <= LARGEST_RERUN_BYTES, choice
