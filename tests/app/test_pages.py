"""The pages as Streamlit runs them, without a browser: the map itself is proved in tests/browser."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import psttm_geo.app
from psttm_geo.errors import Language, Text

SCRIPT = Path(psttm_geo.app.__file__).with_name("__main__.py")

Opener = Callable[..., AppTest]


@pytest.fixture(scope="session")
def open_page() -> Opener:
    """Open the application at an address; no page may raise."""

    def open_page(**address: str) -> AppTest:
        page = AppTest.from_file(str(SCRIPT), default_timeout=60)
        for name, value in address.items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return open_page


def words(page: AppTest) -> str:
    """Give the texts of the page, marks included."""
    texts = [element.value for kind in ("title", "subheader", "markdown", "caption") for element in page.get(kind)]
    return "\n".join([*texts, *(block.proto.body for block in page.get("html"))])


def facts(page: AppTest) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", words(page)))


def table(page: AppTest) -> pd.DataFrame:
    (shown,) = page.dataframe
    return shown.value


def test_the_first_view_says_in_words_what_the_map_shows(open_page: Opener) -> None:
    page = open_page()
    assert [title.value for title in page.title] == ["Piano strategico della Città metropolitana di Milano"]
    (sentence,) = [text.value for text in page.markdown if text.value.startswith("133 comuni")]
    for fact in ("7 zone omogenee e Milano", "1.575,03 km²", "3.219.391 residenti al 1° gennaio 2023", "3 unioni"):
        assert fact in sentence
    assert "Edizione 2025-2027" in sentence
    assert "Unione di Comuni dei Fontanili" in sentence
    assert not page.warning
    assert not page.error


def test_english_is_english_throughout(open_page: Opener) -> None:
    page = open_page(lingua="en")
    assert page.title[0].value == "Strategic Plan of the Metropolitan City of Milan"
    (sentence,) = [text.value for text in page.markdown if text.value.startswith("133 municipalities")]
    assert "3,219,391 residents on 1 January 2023" in sentence
    assert "1,575.03 km²" in sentence
    assert [tab.label for tab in page.tabs] == ["Card", "Table"]
    assert page.selectbox[0].label == "Find a municipality"
    assert "residenti" not in words(page)


def test_the_sentence_and_the_legend_follow_the_edition(open_page: Opener) -> None:
    said = words(open_page(edizione="2022-2024"))
    (unions,) = re.findall(r"Edizione 2022-2024: 2 unioni di comuni.*", said)
    assert re.findall(r"Unione di Comuni (\w+)", unions) == ["Basiano", "Adda"]
    assert "unione di comuni (2022-2024)" in said
    assert "Fontanili" not in said


def test_the_legend_lists_all_zones_and_what_is_outside(open_page: Opener) -> None:
    items = re.findall(r"<li><i[^>]*></i>(.*?)</li>", words(open_page()))
    assert items == [
        *("Alto Milanese", "Nord Ovest", "Nord Milano", "Adda Martesana"),
        *("Sud Est", "Sud Ovest", "Magentino Abbiatense", "Milano"),
        *("unione di comuni (2025-2027)", "altri comuni"),
    ]


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ({"edizione": "1999-2001"}, "edizione=1999-2001"),
        ({"comune": "058091"}, "comune=058091"),
        ({"comune": "x", "edizione": "y"}, "edizione=y, comune=x"),
        ({"vista": "Milano"}, "vista=Milano"),
    ],
    ids=str,
)
def test_what_the_address_says_wrongly_is_named_in_a_warning(
    open_page: Opener, address: dict[str, str], named: str
) -> None:
    page = open_page(**address)
    assert [named in warning.value for warning in page.warning] == [True]
    assert "Edizione 2025-2027" in words(page)


def test_a_card_says_what_is_known_of_a_municipality(open_page: Opener) -> None:
    page = open_page(comune="015118")
    assert [heading.value for heading in page.subheader] == ["Legnano"]
    assert "<b>59.941</b><span>residenti al 1° gennaio 2023</span>" in words(page)
    assert facts(page) == {
        "Codice ISTAT": "015118",
        "Codice catastale": "E514",
        "Zona omogenea": "Alto Milanese",
        "Unione 2022-2024": "nessuna",
        "Unione 2025-2027": "nessuna",
    }
    assert page.selectbox[0].value == "015118"


def test_a_card_says_the_union_of_every_edition(open_page: Opener) -> None:
    truccazzano = facts(open_page(comune="015224"))
    assert truccazzano["Unione 2022-2024"] == "Unione di Comuni Adda Martesana"
    assert truccazzano["Unione 2025-2027"] == "nessuna"


def test_neighbours_inside_can_be_chosen_and_those_outside_are_named(open_page: Opener) -> None:
    page = open_page(comune="015191")
    (pills,) = [group for group in page.get("button_group") if group.label == "Comuni confinanti"]
    assert list(pills.options) == []
    assert "Graffignana (LO)" in next(text.value for text in page.caption if text.value.startswith("Fuori"))
    page = open_page(comune="015118")
    (pills,) = [group for group in page.get("button_group") if group.label == "Comuni confinanti"]
    assert "San Giorgio su Legnano" in [option.content for option in pills.proto.options]


def test_a_choice_in_the_search_opens_the_card_and_stands_in_the_address(open_page: Opener) -> None:
    page = open_page(vista="45.5,9.1,12")
    page.selectbox[0].set_value("015191").run()
    assert page.subheader[0].value == "San Colombano al Lambro"
    assert page.query_params == {"comune": "015191"}


def test_a_choice_can_be_taken_back(open_page: Opener) -> None:
    page = open_page(comune="015191")
    (clear,) = [button for button in page.button if button.label == "Togli la scelta"]
    clear.click().run()
    assert page.subheader[0].value == "Città metropolitana di Milano"
    assert "comune" not in page.query_params


@pytest.mark.parametrize("language", ["it", "en"])
@pytest.mark.parametrize("edition", ["2022-2024", "2025-2027"])
def test_the_table_says_for_all_133_what_the_map_shows(open_page: Opener, language: Language, edition: str) -> None:
    shown = table(open_page(pannello="tabella", lingua=language, edizione=edition))
    assert len(shown) == 133
    rows = shown.set_index(Text("Codice ISTAT", "ISTAT code").say(language))
    assert rows[Text("Residenti", "Residents").say(language)].sum() == 3_219_391
    assert rows[Text("Zona omogenea", "Zona omogenea").say(language)].nunique() == 8
    union = rows[f"Unione {edition}"]
    none = Text("nessuna", "none").say(language)
    assert union["015224"] == {"2022-2024": "Unione di Comuni Adda Martesana", "2025-2027": none}[edition]
    assert (union != none).sum() == {"2022-2024": 6, "2025-2027": 14}[edition]


def test_rows_of_the_table_stand_by_name(open_page: Opener) -> None:
    names = list(table(open_page(pannello="tabella"))["Comune"])
    assert names == sorted(names)
    assert names[0] == "Abbiategrasso"


def test_the_sources_are_named_with_date_and_licence(open_page: Opener) -> None:
    (sources,) = [text.value for text in open_page().expander[0].markdown if "licenza" in text.value]
    lines = sources.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("- ") for line in lines)


def test_what_is_shown_can_be_downloaded(open_page: Opener) -> None:
    labels = [button.proto.label for button in open_page().get("download_button")]
    assert labels == ["Tabella CSV", "GeoPackage", "Mappa HTML"]


def test_a_damaged_workspace_is_said_in_a_sentence(tmp_path: Path, open_page: Opener) -> None:
    manifest = tmp_path / "workspace" / "workspace.json"
    manifest.parent.mkdir()
    manifest.write_text("{", "utf-8")
    page = open_page()
    (error,) = page.error
    assert error.value == f"{manifest} è danneggiato; cancellarlo e registrare di nuovo i file."
    assert [caption.value for caption in page.caption] == [
        f"{manifest} is damaged; delete it and register the files again."
    ]
    assert not page.title


def test_a_workspace_put_right_is_shown_at_the_next_visit(tmp_path: Path, open_page: Opener) -> None:
    manifest = tmp_path / "workspace" / "workspace.json"
    manifest.parent.mkdir()
    manifest.write_text("{", "utf-8")
    assert open_page().error
    manifest.unlink()
    assert not open_page().error


@pytest.fixture
def fresh_cache() -> Iterator[None]:
    """Empty what the server keeps: its key is the workspace, while the folder of tables stays for a server's life."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.usefixtures("third_edition", "fresh_cache")
def test_a_third_edition_in_the_tables_is_offered_and_shown(open_page: Opener) -> None:
    page = open_page()
    (switch,) = [group for group in page.get("button_group") if group.label == "Edizione del Piano"]
    assert [option.content for option in switch.proto.options] == ["2022-2024", "2025-2027", "2028-2030"]
    assert "Edizione 2028-2030" in words(page)
    assert "Unione nuova" in words(page)
    assert facts(open_page(comune="015118"))["Unione 2028-2030"] == "Unione nuova"
    assert "Edizione 2025-2027" in words(open_page(edizione="2025-2027"))
