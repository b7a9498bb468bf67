"""The pages as Streamlit runs them, without a browser: the map itself is proved in tests/browser."""

import dataclasses
import io
import itertools
import json
import math
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
import streamlit as st
from docx import Document
from streamlit.testing.v1 import AppTest

import psttm_geo.app
from psttm_geo import jobs
from psttm_geo.access.scenarios import ADD, Change, address_text
from psttm_geo.app import download_button, navigation
from psttm_geo.app.pages import sheet
from psttm_geo.app.state import State
from psttm_geo.app.texts import number, percent
from psttm_geo.app.views import driver_view, start_view
from psttm_geo.app.views.driver_view import DriverView
from psttm_geo.core.crs import METRIC
from psttm_geo.core.messages import Language, Text
from psttm_geo.core.provenance import SYNTHETIC
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.jobs.access_model import load_kept_access_model
from psttm_geo.jobs.accessibility import compute_access, save_access
from psttm_geo.jobs.neighbourhood import Surroundings, prepare_neighbourhood
from psttm_geo.jobs.requests import SiteRequest
from psttm_geo.jobs.trials import Trial, Trials
from psttm_geo.project import Project
from psttm_geo.territory.degurba_records import LEVEL_2

SCRIPT = Path(psttm_geo.app.__file__).with_name("__main__.py")

Opener = Callable[..., AppTest]


@pytest.fixture(scope="session")
def open_page() -> Opener:
    """Open the application at an address, by default the map; no page may raise."""

    def open_page(**address: str) -> AppTest:
        page = AppTest.from_file(str(SCRIPT), default_timeout=60)
        for name, value in ({"pagina": "territorio"} | address).items():
            page.query_params[name] = value
        page.run()
        assert not page.exception
        return page

    return open_page


def words(page: AppTest) -> str:
    """Give the texts of the page, marks included."""
    texts = [element.value for kind in ("title", "header", "markdown", "caption") for element in page.get(kind)]
    return "\n".join([*texts, *(block.proto.body for block in page.get("html"))])


def facts(page: AppTest) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", words(page)))


def bar(page: AppTest) -> dict[str, Any]:
    """Give what the bar above the page is told."""
    told: dict[str, Any] = json.loads(page.get("bidi_component")[0].proto.json)
    return told


def table(page: AppTest) -> pd.DataFrame:
    (shown,) = page.dataframe
    return shown.value


def tables(page: AppTest) -> dict[str, pd.DataFrame]:
    """Give the tables of the page by their first column."""
    return {str(shown.value.columns[0]): shown.value for shown in page.dataframe}


def bare(column: pd.Series) -> list[str]:
    """Give the cells of a column of figures without the spaces that align them."""
    return column.str.strip().to_list()


def switches(page: AppTest) -> dict[str, list[str]]:
    """Give the options of every switch by its label."""
    return {group.label: [option.content for option in group.proto.options] for group in page.get("button_group")}


REGISTER = """codice,titolo,comuni,driver,importo_eur
P-1,Uno,015146;015118,1,1000
P-2,Due,015146,1,
P-3,Tre,015191,,
P-4,Quattro,015002;015005;015007;015009,1,9
"""


ESSENTIAL = {
    "Alimentari",
    "Farmacia",
    "Medico o ambulatorio",
    "Nido o scuola dell'infanzia",
    "Scuola primaria o secondaria di primo grado",
    "Parco o area gioco",
    "Ufficio postale o banca",
    "Fermata del trasporto pubblico",
}


@pytest.fixture
def register(tmp_path: Path) -> None:
    """Put a register of projects into the workspace."""
    (tmp_path / "registro.csv").write_text(REGISTER, "utf-8")
    jobs.add_projects(Project(Settings()), [tmp_path / "registro.csv"], None)


def test_the_first_view_says_in_words_what_the_map_shows(open_page: Opener) -> None:
    page = open_page()
    assert bar(page)["brand"] == ["Piano strategico", "Città metropolitana di Milano"]
    assert bar(page)["sign"] is None
    (sentence,) = [text.value for text in page.markdown if text.value.startswith("133 comuni")]
    for fact in ("7 zone omogenee e Milano", "1.575,03 km²", "3.219.391 residenti al 1° gennaio 2023", "3 unioni"):
        assert fact in sentence
    assert "Edizione 2025-2027" in sentence
    assert "Unione di Comuni dei Fontanili" in sentence
    assert not page.warning
    assert not page.error


def test_english_is_english_throughout(open_page: Opener) -> None:
    page = open_page(lingua="en")
    assert bar(page)["brand"] == ["Strategic Plan", "Metropolitan City of Milan"]
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
    assert [heading.value for heading in page.header] == ["Legnano"]
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
    assert page.header[0].value == "San Colombano al Lambro"
    assert page.query_params == {"pagina": "territorio", "comune": "015191"}


def test_a_choice_can_be_taken_back(open_page: Opener) -> None:
    page = open_page(comune="015191")
    (clear,) = [button for button in page.button if button.label == "Togli la scelta"]
    clear.click().run()
    assert page.header[0].value == "Città metropolitana di Milano"
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


def test_without_a_register_drivers_are_ranked_by_rule_and_projects_are_not_known(open_page: Opener) -> None:
    page = open_page(pagina="driver", driver="5", copertura="si_applica")
    assert page.header[0].value == "5. Diritto alla mobilità"
    assert "la copertura attivata non è nota" in words(page)
    shown = tables(page)
    assert len(shown["Posizione"]) == 133
    assert set(bare(shown["Posizione"]["Obiettivi che si applicano (%)"])) == {"66,7"}
    assert set(shown["Posizione"]["Progetti"]) == set(shown["Posizione"]["Importo (€)"]) == {"non noto"}
    assert bare(shown["Posizione"]["Si applica: non noto (%)"])[0] == "33,3"
    goals = shown["n."].set_index("n.")["Comuni a cui si applica"]
    unlisted = ["3.3", "3.4", "3.8", "3.9", "3.13"]
    assert set(goals[unlisted]) == {"non noto"}
    assert set(goals.drop(unlisted)) == {"133"}


@pytest.mark.usefixtures("register")
def test_projects_of_a_register_are_counted_ranked_and_listed_by_amount(open_page: Opener) -> None:
    page = open_page(pagina="driver")
    shown = tables(page)
    ranked = shown["Posizione"].set_index("Comune").rename(columns={"Progetti, tutte le edizioni": "Progetti"})
    ranked = ranked.assign(Progetti=bare(ranked["Progetti"]))
    assert ranked.index[0] == "Milano"
    assert ranked["Progetti"].value_counts().to_dict() == {"2": 1, "1": 5, "0": 126, "non noto": 1}
    assert ranked.index[-1] == "San Colombano al Lambro"
    assert bare(ranked["Importo, tutte le edizioni (€)"])[0] == "500,00"
    listed = shown["Codice"]
    assert "Stato" not in listed.columns, "the register leaves it blank"
    assert listed["Codice"].to_list() == ["P-1", "P-4", "P-2"]
    assert listed["Comuni"].to_list() == ["Milano, Legnano", "4 comuni", "Milano"]
    assert bare(listed["Importo (€)"]) == ["1.000", "9", "non noto"]
    assert (
        "Progetti attribuiti al driver: 3; importo: 1.009 € \\(noto per 2 su 3\\). "
        "Da attribuire a un driver: 1." in words(page)
    )
    assert "Progetti nel registro: 4 (edizione non nota: 4)." in words(page)
    assert "Progetti del driver di edizione non nota: 3." in words(page)
    assert set(listed["Edizione del Piano"]) == {"edizione non nota"}
    assert (
        "conta 215 interventi nelle missioni del PNRR, per 464.267.194 €: non sono tutti i progetti del Piano"
        in words(page)
    )


def test_served_to_many_nobody_can_change_the_register(open_page: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(open_page(pagina="driver").get("file_uploader")) == 2
    monkeypatch.setenv("PSTTM_SERVED", "true")
    assert not open_page(pagina="driver").get("file_uploader")


@pytest.mark.usefixtures("register")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            {"comune": "015191"},
            "Non è noto se il driver abbia progetti: nessuno gli è attribuito; ancora da attribuire a un driver: 1.",
        ),
        ({"comune": "015155"}, "Nessun progetto attribuito al driver, né progetti da attribuire."),
        (
            {"driver": "2"},
            "Non è noto se il driver abbia progetti: nessuno gli è attribuito; ancora da attribuire a un driver: 1.",
        ),
        ({"edizione": "2022-2024"}, "Progetti attribuiti al driver: 3; importo: 1.009 € \\(noto per 2 su 3\\)."),
        (
            {"progetti": "2022-2024"},
            "nessuno gli è attribuito; ancora da attribuire a un driver: 1. Progetti di edizione non nota",
        ),
        ({"progetti": "non_nota"}, "Progetti attribuiti al driver: 3; importo: 1.009 € \\(noto per 2 su 3\\)."),
        ({"comune": "015146"}, "Progetti attribuiti al driver: 2; importo: 500 € \\(noto per 1 su 2\\)."),
    ],
    ids=["one waits", "none waits", "another driver", "both editions", "of an edition", "undated", "some"],
)
def test_none_is_said_only_where_none_is_known(open_page: Opener, address: dict[str, str], said: str) -> None:
    assert said in words(open_page(pagina="driver", **address))


@pytest.mark.usefixtures("register", "fresh_cache")
def test_a_number_that_is_another_driver_in_the_other_edition_is_said_to_be_one(
    open_page: Opener, spoil: Callable[..., None]
) -> None:
    spoil("drivers.csv", "2022-2024,3,Sustainability,Sustainability", "2022-2024,3,Energie,Energy")
    told = "Nell'edizione 2022-2024 il numero 3 è un altro driver"
    assert told in words(open_page(pagina="driver", driver="3"))
    assert told not in words(open_page(pagina="driver", driver="3", progetti="2025-2027"))
    assert "è un altro driver" not in words(open_page(pagina="driver", driver="7"))


def test_projects_of_unknown_edition_are_a_choice_only_where_there_are_such(
    open_page: Opener, register: None, tmp_path: Path
) -> None:
    assert register is None
    editions = ["tutte le edizioni", "2022-2024", "2025-2027"]
    assert switches(open_page(pagina="driver"))["Progetti contati"] == [*editions, "edizione non nota"]
    (tmp_path / "r.csv").write_text("codice,comuni,edizione,driver\nP,015146,2022-2024,1\n", "utf-8")
    jobs.add_projects(Project(Settings()), [tmp_path / "r.csv"], None)
    page = open_page(pagina="driver")
    assert switches(page)["Progetti contati"] == editions
    assert "Progetti attribuiti al driver: 1; importo: non noto." in words(page)
    assert "di edizione non nota" not in words(page)
    assert "Non è noto per 133 comuni su 133" in words(
        open_page(pagina="driver", progetti="2025-2027", copertura="progetti")
    )


def test_every_sheet_of_the_comparison_holds_its_table(open_page: Opener) -> None:
    missions = table(open_page(pagina="confronto")).set_index("Missione")
    assert missions.loc["Totale"].to_dict() == {"Conservati": 40, "Modificati": 29, "Non ripresi": 4, "Nuovi": 6}
    assert len(missions) == 7
    goals = table(open_page(pagina="confronto", scheda="obiettivi"))
    assert goals["2025-2027"].str.match(r"[1-6]\.").sum() >= 75
    assert (goals["Esito"] == "non ripreso").sum() == 4
    assert (goals.loc[goals["Esito"] == "nuovo", "2022-2024"] == "").all()
    assert goals.loc[goals["Esito"] != "continua", "Che cosa cambia"].map(bool).all()
    municipalities = table(open_page(pagina="confronto", scheda="comuni")).set_index("Comune")
    assert len(municipalities) == 133
    names = ("Si applicano", "Coinvolgono il comune")
    same = [municipalities[f"{name} 2022-2024"] == municipalities[f"{name} 2025-2027"] for name in names]
    first = list(zip((same[0] & same[1])[:10], municipalities.index[:10], strict=True))
    assert first == sorted(first), "those with another number of goals first"
    assert (municipalities["Unione 2022-2024"] != municipalities["Unione 2025-2027"]).to_list() == [True] * 10 + [
        False
    ] * 123
    drivers = table(open_page(pagina="confronto", scheda="driver")).set_index("n.")
    assert (drivers["2022-2024"] == drivers["2025-2027"]).all()
    partners = table(open_page(pagina="confronto", scheda="partenariati")).set_index("Partner")
    assert len(partners) == 7
    assert partners.index[partners["2022-2024"] == "non nominato"].to_list() == ["Unione europea", "Governo"]
    assert "non nominato" not in set(partners["2025-2027"])
    forum = partners.loc["Forum metropolitano della società civile", "2025-2027"]
    assert forum.startswith("nominato con: Autonomie funzionali")
    (authorities,) = [name for name in partners.index if name.startswith("Autonomie funzionali")]
    assert "(2022-2024: Enti pubblici, autonomie funzionali" in authorities


@pytest.mark.parametrize(
    ("goal", "edition", "said"),
    [
        ("1.13", "2025-2027", "è indicato dal testo dell'obiettivo"),
        ("3.8", "2025-2027", "il livello dei Comuni è ereditato dall'edizione 2022-2024, dove non è indicato"),
        ("2.8", "2025-2027", "non ha segni leggibili per questo obiettivo"),
        ("3.14", "2025-2027", "è nuovo, e questo documento"),
        ("5.10", "2025-2027", "Coinvolge 133 comuni. Il coinvolgimento dei Comuni è ereditato"),
        ("5.10", "2022-2024", "Il livello dei Comuni è indicato nella tabella del documento."),
        ("1.15", "2022-2024", "nella riga del documento nessun segno è leggibile"),
    ],
)
def test_who_acts_on_a_goal_is_said_with_what_that_rests_on(
    open_page: Opener, goal: str, edition: str, said: str
) -> None:
    page = open_page(pagina="obiettivi", obiettivo=goal, edizione=edition)
    assert said in words(page)
    if edition == "2025-2027":
        assert not re.search(r"(riga|tabella) del documento", words(page))
        assert "tabella del documento" not in set(tables(page)["n."]["Base del livello"])


def test_actors_are_compared_by_edition(open_page: Opener) -> None:
    page = open_page(pagina="confronto", scheda="attori", lingua="en")
    actors = table(page).set_index("Actor")
    assert actors.loc["Lombardy Region", "Goals 2025-2027"] == 7
    assert "name nobody, which does not mean that nobody acts" in words(page)


def test_goals_are_filtered_by_who_is_named_and_in_which_role(open_page: Opener) -> None:
    page = open_page(pagina="obiettivi", attore="regione", ruolo="takes_part", obiettivo="5.7", lingua="en")
    said = words(page)
    assert "7 goals of 75" in said
    assert all("Lombardy Region" in names for names in tables(page)["n."]["Who is named"])
    assert "<td data-head='Role' class='short'>takes part</td>" in said
    assert "Lines of the text of: Piano strategico triennale del territorio metropolitano 2025-2027" in said
    assert "Instruments that the text of the goal names" not in said


def test_the_passage_that_names_a_level_is_shown(open_page: Opener) -> None:
    shown = facts(open_page(pagina="obiettivi", obiettivo="2.13"))
    assert shown["Comuni"] == "sì"
    assert "Comuni: testo dell&#x27;obiettivo" in shown["Base dei livelli"]
    assert "(righe 565-569)" in shown["Base dei livelli"]


@pytest.mark.parametrize(
    ("edition", "key_word", "listed", "said"),
    [
        ("2022-2024", "sostenibilita", 36, "per 39 obiettivi non è noto"),
        ("2025-2027", "sostenibilita", 32, "Il documento conferma la visione dell'edizione 2022-2024"),
        ("2025-2027", "connettivita", 75, "nessun obiettivo è escluso"),
        ("2022-2024", "attrattivita", 75, "nessun obiettivo è escluso"),
    ],
)
def test_a_key_word_of_which_the_marks_are_not_known_leaves_no_goal_out(
    open_page: Opener, edition: str, key_word: str, listed: int, said: str
) -> None:
    page = open_page(pagina="obiettivi", edizione=edition, parola=key_word)
    assert f"{listed} obiettivi su 75" in words(page)
    assert said in words(page)
    shown = tables(page)["n."]
    (column,) = [name for name in shown.columns if name.startswith("Parola chiave: ")]
    assert set(shown[column]) == ({"non noto"} if listed == 75 else {"sì"})


def test_the_vision_that_an_edition_confirms_has_its_marks(open_page: Opener) -> None:
    both = [words(open_page(pagina="panoramica", edizione=edition)) for edition in ("2022-2024", "2025-2027")]
    matrices = [re.search(r"<table class='psttm-matrix'>.*?</table>", text, re.DOTALL)[0] for text in both]
    assert matrices[0] == matrices[1]
    assert matrices[0].count("●") == 5
    assert ["Il documento conferma la visione" in text for text in both] == [False, True]


def test_the_indicator_of_health_stands_beside_the_driver_with_its_name(open_page: Opener) -> None:
    shown = facts(open_page(pagina="driver", driver="10"))
    assert shown["Un indicatore accanto al driver"] == (
        "residenti con tutti i servizi essenziali entro 15 minuti a piedi (obiettivo 5.10)"
    )
    assert "Un indicatore accanto al driver" not in facts(open_page(pagina="driver", driver="1"))


def test_of_an_edition_without_columns_the_blank_cells_are_those_of_another_table(open_page: Opener) -> None:
    ranked = tables(open_page(pagina="driver", driver="1", copertura="chiamato"))["Posizione"]
    assert "Livello dei Comuni: non indicato nella tabella 2022-2024 (%)" in ranked.columns
    address = {"pagina": "driver", "driver": "1", "copertura": "chiamato", "edizione": "2022-2024"}
    earlier = tables(open_page(**address))["Posizione"]
    assert "Livello dei Comuni: non indicato nella tabella (%)" in earlier.columns


def test_two_editions_leave_no_choice_of_editions(open_page: Opener) -> None:
    page = open_page(pagina="confronto")
    assert list(switches(page)) == ["Le mappe mostrano", "Tabella"]


@pytest.mark.parametrize(
    "address", [{"prima": "2025-2027"}, {"dopo": "2022-2024"}, {"prima": "2025-2027", "dopo": "2022-2024"}], ids=str
)
def test_an_edition_is_compared_neither_with_itself_nor_backwards(open_page: Opener, address: dict[str, str]) -> None:
    page = open_page(pagina="confronto", **address)
    assert "Dall'edizione 2022-2024 alla 2025-2027: obiettivi conservati 40" in words(page)
    (warning,) = page.warning
    assert all(f"{name}={value}" in warning.value for name, value in address.items())


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


@pytest.mark.usefixtures("third_edition", "fresh_cache")
def test_the_drivers_of_a_third_edition_are_shown(open_page: Opener) -> None:
    assert "<td>" in words(open_page(pagina="driver", driver="12")), "a driver without goals has a row of the matrix"
    page = open_page(pagina="driver", driver="2", copertura="si_applica")
    assert page.header[0].value == "2. Leva 2"
    assert bare(tables(page)["Posizione"]["Obiettivi che si applicano (%)"])[0] == "100"
    assert tables(page)["n."]["n."].to_list() == ["2.1"]
    empty = open_page(pagina="driver", driver="12", copertura="si_applica")
    assert "Nessun obiettivo è ancora collegato a questo driver." in words(empty)
    assert set(tables(empty)["Posizione"]["Obiettivi che si applicano (%)"]) == {"non noto"}
    assert "Non è noto per 133 comuni su 133." in words(empty)


@pytest.mark.usefixtures("third_edition", "fresh_cache")
def test_three_editions_are_compared_two_by_two(open_page: Opener) -> None:
    page = open_page(pagina="confronto")
    assert switches(page)["Prima"] == ["2022-2024", "2025-2027"]
    assert switches(page)["Dopo"] == ["2025-2027", "2028-2030"]
    assert "Dall'edizione 2025-2027 alla 2028-2030: obiettivi conservati 2, modificati 1" in words(page)
    assert table(page).set_index("Missione").loc["Totale"].to_list() == [2, 1, 71, 1]
    earlier = open_page(pagina="confronto", dopo="2025-2027")
    assert switches(earlier)["Prima"] == ["2022-2024"]
    assert "obiettivi conservati 40" in words(earlier)
    assert not earlier.warning


@pytest.mark.usefixtures("third_edition", "fresh_cache")
def test_between_editions_that_are_no_neighbours_no_fate_of_goals_is_told(open_page: Opener) -> None:
    page = open_page(pagina="confronto", prima="2022-2024")
    assert "Dall'edizione 2022-2024 alla 2028-2030: l'esito di ogni obiettivo è indicato solo" in words(page)
    assert "obiettivi conservati" not in words(page)
    assert switches(page)["Tabella"] == ["Comuni e unioni", "Driver", "Intese", "Chi agisce"]
    legnano = table(page).set_index("Comune").loc["Legnano"]
    assert (legnano["Unione 2022-2024"], legnano["Unione 2028-2030"]) == ("nessuna", "Unione nuova")
    (warning,) = open_page(pagina="confronto", prima="2022-2024", scheda="missioni").warning
    assert "scheda=missioni" in warning.value


@pytest.mark.usefixtures("edition_without_goals", "fresh_cache")
@pytest.mark.parametrize("page_name", ["territorio", "obiettivi", "driver", "confronto"])
def test_an_edition_whose_goals_are_not_written_yet_is_shown_without_them(open_page: Opener, page_name: str) -> None:
    page = open_page(pagina=page_name)
    if page_name == "driver":
        assert page.info[0].value == "L'edizione 2028-2030 non ha ancora driver nelle tabelle."


@pytest.mark.usefixtures("edition_without_goals", "fresh_cache")
@pytest.mark.parametrize("theme", ["unioni", "si_applica", "chiamato"])
def test_beside_an_edition_without_goals_its_numbers_are_not_known(open_page: Opener, theme: str) -> None:
    page = open_page(pagina="confronto", tema=theme)
    assert "l'esito di ogni obiettivo è indicato solo fra due edizioni consecutive" in words(page)
    assert "cambia il numero di obiettivi che si applicano o li coinvolgono: 0." in words(page)
    assert set(table(page)["Si applicano 2028-2030"]) == {"non noto"}
    if theme != "unioni":
        assert "non noto per comune nell'edizione 2028-2030" in words(page)
        assert ">non noto</li>" in words(page)


@pytest.mark.usefixtures("fresh_cache")
def test_one_edition_has_none_to_be_compared_with(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    alone = jobs.load_territory(Project(settings), editions=["2025-2027"])
    monkeypatch.setattr(jobs, "load_territory", lambda _, **_kept: alone)
    page = open_page(pagina="confronto")
    assert page.info[0].value.startswith("Le tabelle contengono una sola edizione del Piano")


def test_every_page_stands_in_one_group_of_the_bar_and_the_one_shown_is_named(open_page: Opener) -> None:
    grouped = itertools.chain.from_iterable(navigation.GROUPS.values())
    assert sorted(["inizio", *grouped]) == sorted(navigation.PAGES)
    for page, group in (("territorio", "Territorio"), ("attuazione", "Il Piano"), ("dati", "Dati e metodo")):
        told = bar(open_page(pagina=page))
        assert told["page"] == page
        (found,) = [one["words"] for one in told["groups"] if page in [link["name"] for link in one["pages"]]]
        assert found == group


@pytest.mark.parametrize(("language", "said"), [("it", "dati sintetici"), ("en", "synthetic data")])
def test_data_that_are_made_up_are_said_to_be_on_every_page(
    open_page: Opener, map_workspace: Path, monkeypatch: pytest.MonkeyPatch, language: Language, said: str
) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(map_workspace))
    for name in navigation.PAGES:
        page = open_page(lingua=language, pagina=name)
        assert bar(page)["sign"]["words"].lower() == said
        assert bar(page)["sign"]["about"].lower().startswith(f"{said}: ")


# The start page.


def found(page: AppTest) -> dict[str, str]:
    """Give what the start page finds: what each figure is, by the figure."""
    return dict(re.findall(r"<b>(.*?)</b><p>(.*?) <small>", words(page)))


def test_an_address_that_names_no_page_opens_the_start_page() -> None:
    page = AppTest.from_file(str(SCRIPT), default_timeout=60).run()
    assert bar(page)["page"] == bar(page)["home"] == "inizio"
    assert "6 missioni, 75 obiettivi e 10 driver per 133 comuni e 3.219.391 residenti" in words(page)
    assert list(found(page)) == ["12,5 %", "14", "35 su 75"]
    goals = "obiettivi del 2025-2027 sono nuovi (6) o modificati (29) rispetto al 2022-2024; non ripresi: 4."
    assert found(page)["35 su 75"] == goals
    assert "Unione di Comuni dei Fontanili" in found(page)["14"]


def test_the_start_page_says_the_ages_of_the_territory(open_page: Opener, territory: jobs.Territory) -> None:
    shares = (
        territory.zones.set_index("zone")["residents_75_over"] / territory.zones.set_index("zone")["residents"]
    ).sort_values()
    said = found(open_page(pagina="inizio"))["12,5 %"]
    ends = [f"{percent(shares.iloc[end], 'it')} ({shares.index[end]})" for end in (0, -1)]
    assert said == f"dei residenti ha 75 anni o più: da {ends[0]} a {ends[1]}."


def test_the_start_page_finds_who_is_within_15_minutes_and_how_far_zones_are_apart(
    open_page: Opener, with_access: pd.DataFrame, walked_territory: jobs.Territory
) -> None:
    page = open_page(pagina="inizio")
    first, second, third = found(page).items()
    whole = with_access.loc["per_eta"]
    assert first[0] == percent(whole["share_all_15"], "it")
    assert ("Dato non noto" in first[1]) == (whole["share_unknown"] > 0)
    zones = walked_territory.results.layers["accessibilita_zone"]
    known = zones[zones["profile"] == "per_eta"].set_index("zone")["share_all_15"].dropna().sort_values()
    apart = round(100 * known.iloc[-1], 1) - round(100 * known.iloc[0], 1)
    assert second[0] == f"{number(apart, 'it', 1)} punti"
    for end in (0, -1):
        assert f"{known.index[end]} ({percent(known.iloc[end], 'it')})" in second[1]
    assert second[1].endswith(f"zone con dato noto: {len(known)}.")
    assert third[0] == "35 su 75"
    assert words(page).count("DATI SINTETICI: Accessibilità a piedi") == 2


@pytest.mark.parametrize("known", [0, 1])
def test_zones_of_which_fewer_than_two_are_known_are_not_set_against_each_other(
    walked_territory: jobs.Territory, known: int
) -> None:
    layers = dict(walked_territory.results.layers)
    zones = layers["accessibilita_zone"].copy()
    zones.loc[zones["zone"].isin(zones["zone"].unique()[known:]), "share_all_15"] = math.nan
    results = dataclasses.replace(walked_territory.results, layers=layers | {"accessibilita_zone": zones})
    state = State("it", "2025-2027", None, tiles=False, view=None, table=False)
    themes = [one.theme for one in start_view.findings(state, dataclasses.replace(walked_territory, results=results))]
    assert themes == ["access", "plan"]


def test_an_unknown_share_is_no_finding(walked_territory: jobs.Territory) -> None:
    layers = dict(walked_territory.results.layers)
    whole = layers["accessibilita_citta_metropolitana"].assign(share_all_15=math.nan)
    results = dataclasses.replace(
        walked_territory.results, layers=layers | {"accessibilita_citta_metropolitana": whole}
    )
    territory = dataclasses.replace(walked_territory, results=results)
    state = State("it", "2025-2027", None, tiles=False, view=None, table=False)
    assert [one.figure for one in start_view.findings(state, territory)] == ["12,5 %", "14", "35 su 75"]
    assert start_view.find_layers(territory) == ()


@pytest.mark.parametrize("opened", ["scheda", "quindici_minuti", "obiettivi", "dove_serve"])
def test_what_people_come_for_is_one_click_from_the_start(open_page: Opener, opened: str) -> None:
    page = open_page(pagina="inizio")
    page.button(key=f"begin_{opened}").click().run()
    assert bar(page)["page"] == opened
    assert not page.exception


# The 15-minute city.


@pytest.fixture
def with_access(walked: Settings, walked_territory: jobs.Territory, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Show the workspace that keeps accessibility; give the layer of the whole."""
    monkeypatch.setenv("PSTTM_WORKSPACE", str(walked.workspace))
    whole = walked_territory.results.layers["accessibilita_citta_metropolitana"]
    return whole.set_index("profile")


def test_the_page_says_what_the_layers_hold(open_page: Opener, with_access: pd.DataFrame) -> None:
    page = open_page(pagina="quindici_minuti", categoria="farmacia")
    shown = tables(page)
    by_category = shown["Servizi"].set_index("Servizi")
    share = with_access.loc["per_eta", "share_15_farmacia"]
    assert bare(by_category["Entro 15 minuti (%)"])[2] == number(100 * share, "it", 1)
    assert list(by_category.index)[:3] == ["Tutte le essenziali", "Alimentari *", "Farmacia *"]
    assert list(shown["Età"]["Età"]) == ["tutte le età", "0-14", "15-64", "65-74", "75+"]
    assert shown["Classe"]["Classe"].str.endswith("(sperimentale)").all()
    assert len(shown["Posizione"]) == 133
    assert f"{percent(share, 'it')} dei residenti arriva entro 15 minuti" in words(page)
    assert bar(page)["sign"]["words"] == "DATI SINTETICI"


def test_other_walkers_units_and_measures_are_in_the_address(open_page: Opener, with_access: pd.DataFrame) -> None:
    page = open_page(pagina="quindici_minuti", unita="zone", profilo="anziano", arrivo="minuti", lingua="en")
    shown = tables(page)
    assert len(shown["Rank"]) == 8
    assert list(shown["Age"]) == ["Age", "Within 15 minutes (%)"]
    minutes = with_access.loc["anziano", "minutes_all"]
    assert number(minutes, "en", 1) in "".join(shown["Services"]["Minutes on average"])
    assert "Older person" in words(page)
    low, high = (number(with_access.loc["anziano", f"minutes_all_{end}"], "en", 1) for end in ("low", "high"))
    assert f"How sure: between {low} min and {high} min, for walking speed" in words(page)
    assert bare(shown["Services"]["Low value (min)"])[0] == low
    assert bare(shown["Rank"]["High value (min)"]) != []
    assert re.search(r"of 7 pairs of neighbours in the ranking, \d are not told apart", words(page))
    assert not page.warning or all("ignored" not in warning.value for warning in page.warning)


def test_a_chosen_municipality_stands_beside_the_whole(open_page: Opener, with_access: pd.DataFrame) -> None:
    page = open_page(pagina="quindici_minuti", comune="015118")
    shown = tables(page)
    assert "Legnano: entro 15 minuti (%)" in shown["Servizi"].columns
    assert with_access.loc["per_eta", "residents"] == 3_219_391
    gaps = next(table for table in page.dataframe if "Residenti oltre 15 minuti" in table.value.columns).value
    assert set(gaps["Comune"]) == {"Legnano"}
    assert len(gaps) > 3, "all that is lacking, not the gravest three"
    assert set(gaps["Servizi"]) == ESSENTIAL


@pytest.mark.usefixtures("with_access")
def test_a_category_that_some_lack_is_never_said_to_be_nowhere_lacking(open_page: Opener) -> None:
    for category in ("farmacia", "verde", "trasporto"):
        page = open_page(pagina="quindici_minuti", comune="015118", categoria=category)
        (row,) = [table for table in page.dataframe if "Residenti oltre 15 minuti" in table.value.columns]
        assert len(row.value) == 1
        assert "Nessuna carenza" not in words(page)


@pytest.mark.parametrize("language", ["it", "en"])
def test_classes_of_urbanisation_are_named_in_the_language_of_the_page(
    open_page: Opener, with_access: pd.DataFrame, language: Language
) -> None:
    assert len(with_access)
    shown = tables(open_page(pagina="quindici_minuti", lingua=language))[Text("Classe", "Class").say(language)]
    experimental = Text("sperimentale", "experimental").say(language)
    known = {f"{text.say(language)} ({experimental})" for text in LEVEL_2.values()}
    assert 0 < len(shown) == len(set(shown.iloc[:, 0]) & known)


@pytest.mark.usefixtures("with_access")
@pytest.mark.parametrize("measure", ["quota", "minuti"])
def test_beside_hexagons_municipalities_are_ranked(open_page: Opener, measure: str) -> None:
    page = open_page(pagina="quindici_minuti", unita="esagoni", arrivo=measure)
    shown = tables(page)["Posizione"]
    assert len(shown) == 133
    assert "Comune" in shown.columns
    assert "nessun residente</li>" in words(page)
    assert warnings(page) == []


@pytest.fixture
def own_units(
    walked: Settings,
    walked_territory: jobs.Territory,
    synthetic_extract: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Show a workspace that keeps accessibility of Milano's halves and of a place where nobody lives."""
    milano = walked_territory.municipalities.set_index("municipality_code").geometry["015146"]
    west, south, east, north = milano.bounds
    middle = (west + east) / 2
    sides = shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)
    shapes = [*(milano.intersection(side) for side in sides), shapely.box(0, 0, 9, 9)]
    gpd.GeoDataFrame({"nome": ["Ovest", "Est", "Altrove"]}, geometry=shapes, crs=METRIC).to_file(tmp_path / "own.gpkg")
    shutil.copytree(walked.workspace, tmp_path / "workspace")
    settings = Settings(data=walked.data, workspace=tmp_path / "workspace")
    own = {"units": tmp_path / "own.gpkg", "profiles": ("adulto",), "minutes": (15,)}
    request = jobs.AccessRequest(synthetic_extract, **own)
    assert save_access(Project(settings), request, compute_access(Project(settings), request))
    monkeypatch.setenv("PSTTM_WORKSPACE", str(settings.workspace))


@pytest.mark.usefixtures("own_units")
def test_own_units_are_ranked_and_drawn(open_page: Opener) -> None:
    for language, outside in (("it", "in nessuna unità"), ("en", "in no unit")):
        page = open_page(pagina="quindici_minuti", unita="proprie", lingua=language)
        ranked = next(table.value for table in page.dataframe if {"Ovest", "Est"} <= set(table.value.iloc[:, 1]))
        assert sorted(ranked.iloc[:, 1]) == ["Altrove", "Est", "Ovest"]
        assert outside in words(page)
        assert warnings(page) == []


@pytest.mark.usefixtures("with_access")
def test_own_units_are_not_offered_where_there_are_none(open_page: Opener) -> None:
    page = open_page(pagina="quindici_minuti", unita="proprie")
    assert len(tables(page)["Posizione"]) == 133
    assert all("Unità proprie" not in group.options for group in page.button_group)


@pytest.fixture
def around(walked: Settings, walked_territory: jobs.Territory, with_access: pd.DataFrame) -> Surroundings:
    """Give what surrounds a point of the workspace shown, for an adult."""
    assert len(with_access)
    return prepare_neighbourhood(load_kept_access_model(Project(walked), walked_territory)).around(
        45.464, 9.19, "adulto"
    )


def warnings(page: AppTest) -> list[str]:
    return [one.value for one in page.warning]


def point_field(page: AppTest) -> Any:  # noqa: ANN401 - Streamlit's
    (found,) = [field for field in page.text_input if field.label.startswith(("Punto", "Point"))]
    return found


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_point_in_the_address_is_told_with_residents_and_services(
    open_page: Opener, around: Surroundings, language: Language
) -> None:
    page = open_page(pagina="quindici_minuti", punto="45.464,9.19", lingua=language)
    for minutes, residents in around.isochrones[["minutes", "residents"]].itertuples(index=False, name=None):
        said = Text(f"residenti entro {minutes} minuti", f"residents within {minutes} minutes").say(language)
        assert f"<b>{number(residents, language)}</b><span>{said}</span>" in words(page)
    marked = SYNTHETIC.say(language)
    assert any("8" in text.value and marked in text.value for text in page.markdown)
    assert any(
        text.value.startswith(Text("Chi cammina: Adulto, 1,31 m/s", "Who walks: Adult, 1.31 m/s").say(language))
        for text in page.caption
    )
    nearest = Text("Il più vicino", "The nearest").say(language)
    told = next(table.value for table in page.dataframe if nearest in table.value.columns)
    assert len(told) == len(around.services)
    assert [str(name).endswith(" *") for name in told.iloc[:, 0]] == around.services["essential"].to_list()
    assert bare(told["15 min"]) == [
        Text("non noto", "not known").say(language) if math.isnan(count) else number(count, language)
        for count in around.services["within_15"]
    ]
    assert point_field(page).value == "45.464,9.19"


@pytest.mark.usefixtures("with_access")
def test_a_point_is_written_taken_back_and_refused_in_words(open_page: Opener) -> None:
    page = open_page(pagina="quindici_minuti")
    point_field(page).set_value("45,464; 9,19").run()
    assert page.query_params["punto"] == "45.464,9.19"
    assert "residenti entro 15 minuti</span>" in words(page)
    point_field(page).set_value("al Duomo").run()
    assert "al Duomo" in page.error[0].value
    assert page.query_params["punto"] == "45.464,9.19"
    next(button for button in page.button if button.label == "Togli il punto").click().run()
    assert "punto" not in page.query_params
    assert point_field(page).value == ""


@pytest.mark.usefixtures("with_access")
def test_a_point_with_no_street_near_is_told_in_a_sentence(open_page: Opener) -> None:
    (said,) = warnings(open_page(pagina="quindici_minuti", punto="41.9,12.5"))
    assert "a più di 20 km dalla strada più vicina" in said


@pytest.mark.usefixtures("with_access")
def test_a_point_that_is_none_is_ignored_and_said(open_page: Opener) -> None:
    page = open_page(pagina="quindici_minuti", punto="91,9")
    assert any("punto=91" in said for said in warnings(page))
    assert point_field(page).value == ""


def test_where_streets_are_no_more_the_point_says_so(
    open_page: Opener, walked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(walked.workspace, tmp_path / "bare", ignore=shutil.ignore_patterns("osm-*"))
    Workspace(tmp_path / "bare").remove("degurba")  # another state of the workspace than the server has in mind
    monkeypatch.setenv("PSTTM_WORKSPACE", str(tmp_path / "bare"))
    (said,) = warnings(open_page(pagina="quindici_minuti", punto="45.464,9.19"))
    assert "ripetere psttm-geo access" in said


# What if.

NEW = "a,farmacia,,45.464,9.19,Nuova"


@pytest.fixture(scope="module")
def trials(walked: Settings, walked_territory: jobs.Territory) -> Trials:
    return Trials(load_kept_access_model(Project(walked), walked_territory))


@pytest.fixture
def what_if(open_page: Opener, with_access: pd.DataFrame) -> Opener:
    """Open the page of scenarios where accessibility is kept."""
    assert len(with_access)

    def what_if(**address: str) -> AppTest:
        return open_page(**{"pagina": "scenario", **address})

    return what_if


def wanted(trials: Trials) -> tuple[str, Trial]:
    """Give a scenario of a pharmacy that somebody lacks, as in the address, and what it changes."""
    for lat, lon in trials.services("alimentari")[["lat", "lon"]].to_numpy().tolist():
        change = Change(ADD, "farmacia", "", "Nuova", lon, lat)
        found = trials.evaluate((change,), "farmacia", "per_eta")
        if found.whole["gained_farmacia"].iloc[0] > 1:
            return f"a,farmacia,,{lat!r},{lon!r},Nuova", found
    pytest.fail("nobody lacks a pharmacy")


def button(page: AppTest, label: str) -> Any:  # noqa: ANN401 - Streamlit's
    (found,) = [one for one in page.button if one.label == label]
    return found


def test_without_results_there_is_nothing_to_change(open_page: Opener) -> None:
    page = open_page(pagina="scenario")
    assert "non contiene ancora il calcolo dell'accessibilità" in page.info[0].value
    assert not page.get("file_uploader")


def test_before_any_change_the_page_shows_today(what_if: Opener, with_access: pd.DataFrame) -> None:
    page = what_if(categoria="farmacia")
    share = with_access.loc["per_eta", "share_15_farmacia"]
    assert f"{percent(share, 'it')} dei residenti arriva entro 15 minuti" in words(page)
    assert "Ancora nessuna modifica." in words(page)
    assert len(tables(page)["Posizione"]) == 133
    assert button(page, "Annulla").disabled
    assert "DATI SINTETICI" in words(page)
    assert warnings(page) == []


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_scenario_of_the_address_is_told_in_sentence_and_table(
    what_if: Opener, trials: Trials, language: Language
) -> None:
    text, found = wanted(trials)
    gained = found.whole["gained_farmacia"].iloc[0]
    page = what_if(scenario=text, lingua=language)
    said = Text(f"{number(gained, 'it')} in più", f"residents within 15 minutes {number(gained, 'en')} more").say(
        language
    )
    marked = Text("DATI SINTETICI: Farmacia", "SYNTHETIC DATA: Pharmacy").say(language)
    assert marked in words(page)
    assert said in words(page)
    shown = next(one.value for one in page.dataframe if len(one.value) == 133)
    assert bare(shown.iloc[:, 1])[0] == number(found.municipalities["gained_farmacia"].max(), language)
    legend = Text("guadagna</li>", "gains</li>").say(language)
    assert legend in words(page)
    assert page.selectbox[1].value == "farmacia"


@pytest.mark.parametrize("units", ["comuni", "esagoni"])
def test_gains_are_shown_by_municipality_and_by_hexagon(what_if: Opener, units: str) -> None:
    page = what_if(scenario=NEW, unita=units)
    assert ("nessun residente</li>" in words(page)) == (units == "esagoni")
    assert warnings(page) == []


def test_the_best_places_are_listed_and_become_a_scenario(what_if: Opener, trials: Trials) -> None:
    asked = {"categoria": "farmacia", "candidati": "scuola", "luoghi": "2"}
    found = trials.find_sites(SiteRequest("farmacia", 2, candidates="scuola"))
    page = what_if(**asked, pagina="dove_serve")
    assert f"{number(found.siting.after, 'it')} " in words(page)
    places, towns, ages = (shown.value for shown in page.dataframe)
    assert set(places.iloc[:, 1]) <= set(towns.iloc[:, 0])
    assert bare(places.iloc[:, 3]) == [number(adds, "it", 0) for adds in found.sites["site_adds"]]
    assert len(towns) == 133
    assert ages.iloc[0, 0] == "tutte le età"
    assert warnings(page) == []
    next(one for one in page.button if one.proto.type == "primary").click().run()
    assert page.query_params["pagina"] == "scenario"
    assert page.query_params["scenario"] == address_text(found.changes)


def test_places_that_cannot_be_are_said_and_the_choice_is_in_the_address(what_if: Opener) -> None:
    page = what_if(categoria="farmacia", pagina="dove_serve", scopo="decimo_peggiore", luoghi="7", lingua="en")
    ignored, refused = sorted(warnings(page), key=len)
    assert "luoghi=7" in ignored
    assert "the mean of the worst tenth needs a limit above that" in refused
    assert page.selectbox[1].value == "farmacia"


def test_what_is_written_without_the_map_can_be_undone_and_redone(what_if: Opener) -> None:
    page = what_if(categoria="farmacia")
    name, point = page.text_input
    name.set_value("Nuova")
    point.set_value("45,464; 9,19")
    button(page, "Applica").click().run()
    assert page.query_params["scenario"] == NEW
    assert "aggiunto Nuova nel punto 45.46400, 9.19000" in words(page)
    assert [field.value for field in page.text_input] == ["", ""]
    button(page, "Annulla").click().run()
    assert "scenario" not in page.query_params
    button(page, "Ripeti").click().run()
    assert page.query_params["scenario"] == NEW
    button(page, "Togli la modifica 1").click().run()
    assert "scenario" not in page.query_params
    assert not page.exception


def test_a_service_is_closed_and_moved_by_its_identifier(what_if: Opener, trials: Trials) -> None:
    service = trials.services("farmacia").index[0]
    page = what_if(categoria="farmacia")
    page.session_state["scenario_action"] = "chiudi"
    page.run()
    page.text_input[0].set_value(service)
    button(page, "Applica").click().run()
    assert page.query_params["scenario"] == f"c,farmacia,{service}"
    page.session_state["scenario_action"] = "sposta"
    page.run()
    page.text_input[0].set_value(service)
    page.text_input[1].set_value("45.464, 9.19")
    button(page, "Applica").click().run()
    assert page.query_params["scenario"].startswith(f"s,farmacia,{service},45.464,9.19")


def test_what_is_written_wrongly_is_told_and_changes_nothing(what_if: Opener) -> None:
    page = what_if(categoria="farmacia")
    page.text_input[1].set_value("al Duomo")
    button(page, "Applica").click().run()
    assert "al Duomo" in page.error[0].value
    page.session_state["scenario_action"] = "chiudi"
    page.run()
    page.text_input[0].set_value("n0")
    button(page, "Applica").click().run()
    assert "Nessun servizio «n0»" in page.error[0].value
    assert "scenario" not in page.query_params


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("c,farmacia,n0", "nessun servizio «n0» nella categoria farmacia"),
        ("a,farmacia,,41.9,12.5", "a più di 250 m da ogni strada"),
        (f"{NEW};demolisci", "scenario=demolisci"),
    ],
)
def test_a_scenario_of_the_address_that_cannot_be_is_told(what_if: Opener, text: str, said: str) -> None:
    (warning,) = warnings(what_if(scenario=text))
    assert said in warning


UPLOAD = "azione,categoria,servizio,nome,lon,lat\n"


def opened(page: AppTest, content: str, name: str = "scenario.csv") -> AppTest:
    page.get("file_uploader")[0].set_value((name, content.encode(), "text/csv"))
    page.run()
    button(page, "Apri lo scenario").click().run()
    assert not page.exception
    return page


def test_a_scenario_file_is_opened_and_its_like_given_back(what_if: Opener) -> None:
    page = opened(what_if(), f"{UPLOAD}aggiungi,farmacia,,Nuova,9.19,45.464\n")
    assert page.query_params["scenario"] == NEW
    assert page.success[0].value == "Scenario aperto; modifiche: 1."
    assert "Scarica lo scenario" in [one.proto.label for one in page.get("download_button")]


@pytest.mark.parametrize(
    ("rows", "row", "said"),
    [
        ("demolisci,farmacia,n1,,,\n", 2, "azione «demolisci» sconosciuta"),
        ("chiudi,farmacia,n0,,,\n", None, "nessun servizio «n0»"),
        ("aggiungi,farmacia,,,12.5,41.9\n", None, "a più di 250 m"),
        ("aggiungi,farmacia,,,9.19,45.464\n" * 101, None, "al massimo 100 modifiche"),
        ("", None, "non c'è nessuna riga"),
    ],
)
def test_of_a_scenario_file_with_faults_nothing_is_opened(
    what_if: Opener, rows: str, row: int | None, said: str
) -> None:
    page = opened(what_if(scenario=NEW), UPLOAD + rows)
    assert page.query_params["scenario"] == NEW
    faults = next(one.value for one in page.dataframe if "Errore" in one.value.columns)
    assert said in faults["Errore"].iloc[0]
    assert faults["File"].iloc[0] in ("scenario.csv", "scenario")
    assert row is None or faults["Riga"].iloc[0] == row


# The plan at a glance; data and method.


def test_an_edition_at_a_glance(open_page: Opener) -> None:
    page = open_page(pagina="panoramica")
    said = words(page)
    assert page.header[0].value == "Piano strategico 2025-2027 «Prospettive metropolitane»"
    assert facts(page)["Approvato il"] == "29 maggio 2025"
    assert facts(page)["Atto"] == "non noto"
    for figure in ("<b>133</b>", "<b>3.219.391</b>", "<b>75</b>", "<b>10</b>"):
        assert figure in said
    assert "<b>215</b>" not in said, "those are results of the edition before"
    assert "Edizione 2022-2024: che cosa ha raggiunto" in said
    assert "215 interventi in tutto, per 464.267.194 euro" in said
    assert said.count("<table class='psttm-stated") == 10
    assert "<i style='left:38.37%;width:0.00%;--level:0'><span>2</span></i>" in said
    assert "entro 15 minuti a piedi" not in said
    assert said.count("<td class=") == 6 * 5
    shown = tables(page)
    assert shown["Missione"]["Obiettivi"].sum() == 75
    assert len(shown["Driver"]) == 10


def test_results_stand_in_the_edition_whose_they_are_with_the_document_that_counts_them(open_page: Opener) -> None:
    said = words(open_page(pagina="panoramica", edizione="2022-2024"))
    assert "<b>215</b><span>interventi nelle missioni del PNRR</span>" in said
    assert "<b>464.267.194 €</b>" in said
    assert "Fra i risultati del 2022-2024 il documento «Piano strategico triennale" in said
    assert "né quanti sono conclusi" in said


def test_a_mark_that_is_not_legible_is_no_mark_and_no_blank(open_page: Opener) -> None:
    said = words(open_page(pagina="panoramica", edizione="2022-2024", lingua="en"))
    assert "<td class='non_noto'><span aria-hidden='true'>?</span><em>not known</em></td>" in said
    assert "<td class='si'><span aria-hidden='true'>●</span><em>yes</em></td>" in said
    assert "Lines of the text of: [1] Indirizzi di policy del Piano strategico per temi (date not stated)" in said
    assert "Indirizzi di policy del Piano strategico per temi, Città metropolitana di Milano; date not stated;" in said


def test_the_overview_tells_the_measured_share(open_page: Opener, with_access: pd.DataFrame) -> None:
    said = words(open_page(pagina="panoramica"))
    assert f"<b>{percent(with_access['share_all_15'].iloc[0], 'it')}</b>" in said


def test_every_source_layer_and_indicator_is_listed(open_page: Opener) -> None:
    page = open_page(pagina="dati")
    shown = tables(page)
    assert shown["Fonte"]["sha256"].str.fullmatch("[0-9a-f]{64}|").all()
    assert shown["Fonte"]["Licenza"].ne("").all()
    assert "comuni" in shown["Fonte"]["Layer"].iloc[0]
    rows = shown["Layer"].set_index("Layer")["Righe"]
    assert rows["comuni"] == "133"
    assert rows["indicatori"] == "assente"
    assert "quota_entro" in set(shown["Indicatore"]["Indicatore"])
    categories = shown["Servizi"].set_index("Servizi")
    assert categories.loc["Farmacia", "Essenziale"] == "sì"
    assert categories["Perché è essenziale, o non lo è"].ne("").all()
    assert "Vuota: valgono i dati incorporati." in words(page)


def test_the_workspace_is_told_with_its_sums(open_page: Opener, with_access: pd.DataFrame) -> None:
    page = open_page(pagina="dati", lingua="en")
    shown = tables(page)
    assert set(shown["Kind"]["Kind"]) == {"access", "degurba", "monitoring"}
    assert shown["Kind"]["sha256"].str.len().eq(64).all()
    assert len(with_access)
    assert "SYNTHETIC DATA" in words(page)


# The sheet of a municipality.


def test_a_goal_that_names_places_says_which_and_its_scope_says_why(open_page: Opener) -> None:
    page = open_page(pagina="obiettivi", obiettivo="2.17")
    assert "Si applica a 133 comuni su 133." in words(page)
    assert "Nomina in particolare: Parco Agricolo Sud Milano (comuni: 60)." in words(page)
    shown = facts(page)
    assert shown["Ambito"].endswith("intero territorio metropolitano")
    assert shown["Motivo dell&#x27;ambito"].endswith("(lettura del progetto)")
    assert shown["In particolare"] == "Parco Agricolo Sud Milano: nominato in particolare (testo del documento)"
    answers = tables(page)["Comune"].set_index("Comune")
    assert answers["In particolare"].value_counts().to_dict() == {"no": 73, "sì": 60}
    assert answers["Motivo del riferimento"]["Opera"].startswith("Parco Agricolo Sud Milano: parte del Parco")


def test_a_goal_whose_places_are_not_listed_says_so(open_page: Opener) -> None:
    page = open_page(pagina="obiettivi", obiettivo="5.9", lingua="en")
    assert "Where it applies is not known: the document does not list the places." in words(page)
    shown = facts(page)
    assert shown["Scope"] == "places that the document does not list"
    assert shown["Reason of the scope"].endswith("which the text does not list (text of the document)")
    assert shown["In particular"] == "nothing"
    assert "In particular" not in tables(page)["Municipality"].columns


def test_without_a_municipality_the_sheet_asks_for_one(open_page: Opener) -> None:
    assert "Scegliere un comune" in open_page(pagina="scheda").info[0].value


def test_the_sheet_says_all_of_a_municipality(open_page: Opener) -> None:
    page = open_page(pagina="scheda", comune="015118")
    assert page.header[0].value == "Legnano"
    assert facts(page)["Zona omogenea"] == "Alto Milanese"
    goals = tables(page)["n."]
    assert len(goals) == 75
    involved = goals["Coinvolto (chi)"]
    assert f"{(involved == 'sì').sum()} obiettivi su 75 coinvolgono il comune" in words(page)
    assert involved.iloc[0] == "sì"
    assert involved.isin(["sì", "non noto", "no", "non indicato nella tabella 2022-2024"]).all()
    bases = goals.set_index("n.")["Base del livello"]
    assert set(bases) == {"ereditato dall'edizione 2022-2024", "testo dell'obiettivo", "nessuna: obiettivo nuovo"}
    assert bases["1.13"] == "testo dell'obiettivo"
    assert "Il documento 2025-2027 non ha colonne dei livelli" in words(page)
    assert goals["Motivo dell'ambito"].str.endswith(("(testo del documento)", "(lettura del progetto)")).all()
    named = goals.set_index("n.")["In particolare"]
    assert named["2.17"] == "no. Parco Agricolo Sud Milano: il comune non è fra quelli interessati"
    assert named["1.1"] == ""
    assert "si calcola con psttm-geo access" in words(page)
    assert len(tables(page)["Driver"]) == 10


def test_the_sheet_tells_what_is_not_known_from_what_is_not(open_page: Opener) -> None:
    page = open_page(pagina="scheda", comune="015118")
    goals, drivers_of = tables(page)["n."], tables(page)["Driver"]
    called, applies = goals["Coinvolto (chi)"], goals["Si applica (dove)"]
    unmarked = called.str.startswith("non indicato").sum()
    assert f"per {(called == 'non noto').sum()} non è noto, per {unmarked} il livello dei Comuni" in words(page)
    known, unknown = (applies == "sì").sum(), (applies == "non noto").sum()
    said = f"Nel territorio se ne applicano {known} su 75; per {unknown} non è noto"
    assert said in words(page)
    gaps = ["Si applica: non noto (%)", "Coinvolge i Comuni: non noto (%)"]
    assert set(gaps) <= set(drivers_of.columns)
    mobility = drivers_of[drivers_of["Driver"].str.startswith("5. ")].iloc[0]
    assert [mobility[name].strip() for name in ("Obiettivi che si applicano (%)", gaps[0])] == ["66,7", "33,3"]


def test_the_sheet_names_the_map_that_its_figures_rest_on(open_page: Opener, with_access: pd.DataFrame) -> None:
    page = open_page(pagina="scheda", comune="015118")
    assert "OpenStreetMap contributors; " in words(page)
    printed = [one.proto.body for one in page.get("html") if one.proto.body.startswith("<table class='psttm-print'")]
    assert any("© OpenStreetMap contributors" in table for table in printed)
    assert "chi cammina: ogni età con il suo passo" in words(page)
    assert len(with_access)


def test_the_sheet_holds_accessibility_against_the_zone_and_the_whole(
    open_page: Opener, with_access: pd.DataFrame
) -> None:
    page = open_page(pagina="scheda", comune="015146", lingua="en")
    shown = tables(page)["Services"]
    assert list(shown.columns[1:]) == ["Milano (%)", "Metropolitan City (%)"], "Milano is a zone of its own"
    assert number(100 * with_access["share_15_farmacia"].iloc[0], "en", 1) in "".join(shown.iloc[:, -1])


def test_the_sheet_of_a_zone_counts_what_its_municipalities_are_called_for(open_page: Opener) -> None:
    page = open_page(pagina="scheda", unita="zone", nome="Sud Est")
    assert page.header[0].value == "Sud Est"
    assert facts(page)["Comuni"] == "15"
    assert facts(page)["Unione 2025-2027"] == "nessuna"
    goals = tables(page)["n."]
    assert len(goals) == 75
    where, named = goals["Dove si applica"], goals.set_index("n.")["In particolare"]
    assert named["2.17"].split(", ")[:2] == ["Carpiano", "Cerro al Lambro"]
    assert "San Colombano al Lambro" not in named["2.17"]
    assert named["2.15"] == "non noto in tutti i comuni"
    assert "in tutti i comuni" in set(where)
    partly = where[~where.str.startswith(("in tutti", "nessuno", "non noto"))]
    (pills,) = [group for group in page.get("button_group") if group.label == "I suoi comuni"]
    members = {option.content for option in pills.proto.options}
    assert len(members) == 15
    assert {name for text in partly for name in text.partition(";")[0].split(", ")} <= members
    assert len(tables(page)["Driver"]) == 10


def test_a_zone_not_named_is_that_of_the_chosen_municipality(open_page: Opener) -> None:
    assert open_page(pagina="scheda", unita="zone", comune="015118").header[0].value == "Alto Milanese"


def test_the_sheet_of_a_union_is_that_of_its_edition(open_page: Opener) -> None:
    page = open_page(pagina="scheda", unita="unioni", nome="Unione di Comuni dei Fontanili")
    assert page.header[0].value == "Unione di Comuni dei Fontanili"
    assert len(facts(page)["Zone omogenee"].split(", ")) == 2
    earlier = open_page(pagina="scheda", unita="unioni", nome="Unione di Comuni dei Fontanili", edizione="2022-2024")
    assert earlier.header[0].value == "Unione di Comuni Basiano e Masate"
    assert "nome=Unione di Comuni dei Fontanili" in earlier.warning[0].value


def test_the_sheet_of_a_zone_holds_accessibility_against_the_whole(
    open_page: Opener, with_access: pd.DataFrame
) -> None:
    page = open_page(pagina="scheda", unita="zone", nome="Milano", lingua="en")
    assert list(tables(page)["Services"].columns[1:]) == ["Milano (%)", "Metropolitan City (%)"]
    assert len(with_access)


@pytest.mark.parametrize("page", ["driver", "scheda"])
def test_units_that_only_another_page_has_are_municipalities_and_no_mistake(open_page: Opener, page: str) -> None:
    shown = open_page(pagina=page, unita="esagoni", comune="015118")
    assert not shown.warning
    assert "Legnano" in words(shown)


QUARTER_HOUR = "residenti con tutti i servizi essenziali entro 15 minuti a piedi"


def test_a_measured_goal_says_whether_it_was_computed(open_page: Opener) -> None:
    measured = facts(open_page(pagina="obiettivi", obiettivo="5.10"))["Misura"]
    assert measured == f"{QUARTER_HOUR} (non ancora calcolata)"


def figure(said: str) -> float:
    return float(said.strip(" %").replace(",", "."))


def test_one_share_is_one_figure_on_every_page(open_page: Opener, with_access: pd.DataFrame) -> None:
    share = percent(with_access.loc["per_eta", "share_all_15"], "it")
    measured = facts(open_page(pagina="obiettivi", obiettivo="5.10"))["Misura"]
    assert measured == f"DATI SINTETICI: {QUARTER_HOUR}: {share} nella Città metropolitana"
    assert f"<b>{share}</b>" in words(open_page(pagina="panoramica"))
    page = open_page(pagina="quindici_minuti")
    assert f"{share} dei residenti arriva entro 15 minuti" in words(page)
    whole = tables(page)["Servizi"].set_index("Servizi")["Entro 15 minuti (%)"]
    assert figure(whole.iloc[0]) == figure(share)
    sheet = tables(open_page(pagina="scheda", unita="zone", nome="Milano"))["Servizi"]
    assert figure(sheet["Città metropolitana (%)"].iloc[0]) == figure(share)


def test_a_measure_of_a_driver_is_a_percentage_with_its_name_and_whom_it_owes(
    open_page: Opener, with_access: pd.DataFrame, walked_territory: jobs.Territory
) -> None:
    page = open_page(pagina="driver", driver="10")
    heading = f"{QUARTER_HOUR[0].upper()}{QUARTER_HOUR[1:]}"
    column = tables(page)["Posizione"][f"{heading} (%)"]
    assert all(re.fullmatch(r"\d{1,3}(,\d)?", cell) for cell in bare(column))
    legend = re.findall(r"<li><i[^>]*></i>(.*?)</li>", words(page))
    assert all(entry.endswith(" %") for entry in legend[:-1])
    assert f"**{heading}**" in words(page)
    layer = jobs.territory_layers(walked_territory)["driver_comuni"]
    rows = layer[(layer["edition"] == "2025-2027") & (layer["driver"] == 10)]
    rows = rows.assign(unit=rows["municipality_code"], name=rows["municipality"], value=rows["value"])
    state = State("it", "2025-2027", None, tiles=False, view=None, table=False, synthetic=walked_territory.synthetic)
    shown = driver_view.driver_map(
        DriverView({"driver": 10, "title_it": "x"}, "comuni", "misura", rows), state, walked_territory
    )
    assert shown.credits == ["DATI SINTETICI: © OpenStreetMap contributors"]
    assert shown.title.startswith(f"DATI SINTETICI: {heading}, driver 10. x")
    assert shown.heading == "DATI SINTETICI"
    assert with_access["share_all_15"].notna().all()


def test_documents_and_tables_of_made_up_data_say_so(
    open_page: Opener, map_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSTTM_WORKSPACE", str(map_workspace))
    offered: dict[str, Callable[[], bytes]] = {}
    for module in (sheet, download_button):
        monkeypatch.setattr(module, "offer", lambda _, name, make, **__: offered.update({name: make}))
    open_page(pagina="scheda", comune="015146")
    document = Document(io.BytesIO(offered["obiettivi_015146_2025-2027.docx"]()))
    assert "OpenStreetMap contributors; " in "".join(paragraph.text for paragraph in document.paragraphs)
    assert document.paragraphs[0].text.startswith("DATI SINTETICI: Obiettivi del Piano strategico 2025-2027: Milano")
    book = openpyxl.load_workbook(io.BytesIO(offered["obiettivi_015146_2025-2027.xlsx"]()))
    assert book.sheetnames[0] == "DATI SINTETICI - Milano"
    assert {row[-1] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)} == {"DATI SINTETICI"}
    open_page(pagina="obiettivi", lingua="en")
    rows = pd.read_csv(io.BytesIO(offered["obiettivi_2025-2027.csv"]()))
    assert set(rows["warning"]) == {"SYNTHETIC DATA"}


def test_files_of_the_office_s_register_keep_days_as_iso_and_the_page_says_where_it_is_from(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Path(__file__).parents[1] / "unit" / "jobs" / "monitoring_SINTETICO"
    jobs.add_monitoring(Project(Settings()), sorted(office.glob("*.csv")))
    offered: dict[str, Callable[[], bytes]] = {}
    monkeypatch.setattr(download_button, "offer", lambda _, name, make, **__: offered.update({name: make}))
    page = open_page(pagina="attuazione", giorno="2026-07-15", nome="Sud Est", dal="2026-02-01")
    assert "Registro di attuazione e monitoraggio dell'ente" in words(page)
    columns = {
        "accordi": ["Firma", "Scadenza"],
        "aggiornamenti": ["Data"],
        "osservazioni": ["Data"],
        "detto_quel_giorno": ["Dal"],
    }
    for name, dates in columns.items():
        rows = pd.read_csv(io.BytesIO(offered[f"{name}.csv"]()), dtype=str, sep=";")
        days = rows[dates].melt()["value"].dropna()
        assert len(days)
        assert days.str.fullmatch(r"\d{4}-\d{2}-\d{2}").all(), name
