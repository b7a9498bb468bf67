"""The sheet in a browser: on paper, and as documents."""

from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import Download, Page, expect

Visit = Callable[..., Page]

GOALS = 75


def download(page: Page, button: str) -> Download:
    with page.expect_download() as expected:
        page.get_by_role("button", name=button).click()
    return expected.value


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("comune=015118", "Legnano"),
        ("unita=zone&nome=Sud Est", "Sud Est"),
        ("unita=unioni&nome=Unione di Comuni Adda Martesana", "Unione di Comuni Adda Martesana"),
    ],
)
def test_on_paper_every_goal_is_there_and_nothing_to_press(visit: Visit, query: str, name: str) -> None:
    page = visit(f"?pagina=scheda&{query}")
    expect(page.get_by_role("heading", level=2)).to_have_text(name)
    goals = page.locator(".psttm-print").first
    grid = page.get_by_test_id("stDataFrame").first
    expect(grid).to_be_visible()
    expect(goals).to_be_hidden()
    page.emulate_media(media="print")
    expect(grid).to_be_hidden()
    expect(goals).to_be_visible()
    assert goals.locator("tbody tr").count() == GOALS
    for button in page.get_by_test_id("stDownloadButton").all():
        expect(button).to_be_hidden()
    expect(page.locator(".psttm-print").last).to_contain_text("ISTAT")


@pytest.mark.parametrize(("language", "size"), [("it", (1440, 900)), ("en", (390, 844))])
def test_goals_come_as_documents_an_office_can_edit(
    visit: Visit, tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    page = visit(f"?pagina=scheda&comune=015118&lingua={language}", size=size)
    for kind in ("docx", "xlsx"):
        words = f"{'Obiettivi' if language == 'it' else 'Goals'} {kind.upper()}"
        download(page, words).save_as(tmp_path / f"goals.{kind}")
    document = docx.Document(str(tmp_path / "goals.docx"))
    assert "Legnano" in document.paragraphs[0].text
    assert len(document.tables[0].rows) == GOALS + 1
    assert openpyxl.load_workbook(tmp_path / "goals.xlsx").worksheets[0].max_row == GOALS + 1


def test_a_zone_is_chosen_and_its_municipality_opened(visit: Visit) -> None:
    page = visit("?pagina=scheda&comune=015118")
    page.get_by_role("radio", name="Zona omogenea").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Alto Milanese")
    page.get_by_role("radiogroup", name="I suoi comuni").get_by_text("Cuggiono").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Cuggiono")
