import re
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.core.files import sha256_of
from psttm_geo.schema.data_tables import Register

pytestmark = pytest.mark.real_data

HEADINGS = {
    "ALTO MILANESE": "Alto Milanese",
    "NORD OVEST": "Nord Ovest",
    "NORD MILANO": "Nord Milano",
    "ADDA MARTESANA": "Adda Martesana",
    "SUD EST": "Sud Est",
    "SUD OVEST": "Sud Ovest",
    "MAGENTINO ABBIATENSE": "Magentino Abbiatense",
}

ENGLISH = {"Milano": "MILAN"}

SCANNED = {"San Colombano al Lambro": "San Colombano al Llambro", "Milano": "MILANO"}
"""What the recognition of characters made of names in the list of the zones of 2025-2027."""

SCANNED_MEMBERS = {"Bellinzago Lombardo": r"Be\l'\nzogo Lombardo"}
"""The same in the list of the unions."""


def plain(text: str) -> str:
    return " ".join(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())


@pytest.fixture(scope="module")
def documents(test_data: Path, absent: object) -> dict[str, str]:
    folder = test_data.parent / "sources"
    found = {name: next(iter(folder.glob(f"{name}_*.txt")), None) for name in ("000", "001")}
    if None in found.values():
        absent(f"the plan's own text is missing from {folder}")
    return {name: file.read_text("utf-8") for name, file in found.items()}


def cut(text: str, start: str, end: str) -> str:
    return text[text.index(start) : text.index(end, text.index(start))]


def take_out(names: list[str], text: str) -> str:
    """Take each name out of a text once, long ones first, and give what is left."""
    for name in sorted(names, key=len, reverse=True):
        assert name in text, f"{name} is not in {text}"
        text = text.replace(name, " ", 1)
    return " ".join(text.split())


@pytest.fixture
def written(register: Register) -> pd.DataFrame:
    """Give zone and name of every municipality, the name as the documents write it."""
    zones = register.tables["zones.csv"]
    return zones.assign(name=zones["written_as"].where(zones["written_as"] != "", zones["municipality"]))


def sections_2022(document: str) -> dict[str, str]:
    text = cut(document, "ALTO MILANESE", "2. Reference Framework")
    text = text.replace(cut(text, "MUNICIPALITIES BELONGING", "SUD EST"), "")
    pattern = rf"^(?:\d )?({'|'.join(HEADINGS)}|MILAN)$"
    _, *parts = re.split(pattern, text, flags=re.MULTILINE)
    return {heading: plain(part) for heading, part in zip(parts[::2], parts[1::2], strict=True)}


def test_the_zones_of_2022_2024_hold_exactly_the_municipalities_of_the_table(
    documents: dict[str, str], written: pd.DataFrame
) -> None:
    sections = sections_2022(documents["000"])
    assert set(sections) == {*HEADINGS, "MILAN"}
    assert sections["MILAN"] == ""
    for heading, zone in HEADINGS.items():
        assert take_out(written.loc[written["zone"] == zone, "name"].to_list(), sections[heading]) == ""
    assert written.loc[written["zone"] == "Milano", "name"].to_list() == ["Milano"]


def test_every_municipality_stands_in_the_document_of_2022_2024(
    documents: dict[str, str], written: pd.DataFrame
) -> None:
    text = plain(cut(documents["000"], "ALTO MILANESE", "2. Reference Framework"))
    assert [name for name in written["name"] if ENGLISH.get(name, name) not in text] == []


def test_the_zones_of_2025_2027_hold_exactly_the_municipalities_of_the_table(
    documents: dict[str, str], written: pd.DataFrame
) -> None:
    text = plain(cut(documents["001"], "ALTO MILANESE", "Risultati conseguiti"))
    headings = ["SUDEST" if name == "SUD EST" else "SUDOVEST" if name == "SUD OVEST" else name for name in HEADINGS]
    text = take_out(headings, text)
    text = text.replace("San Colomband", "").replace("al Lambro Arluno", "Arluno")  # a label on the map
    names = [SCANNED.get(name, name) for name in written["name"]]
    assert set(take_out(names, text).split()) == set("2345678")


UNION_LISTS = {
    ("000", "2022-2024", "Unione di Comuni Basiano e Masate"): r"a\.Unione dei Comuni Basiano e Mesate \((.*?)\)",
    ("000", "2022-2024", "Unione di Comuni Adda Martesana"): r"b\.Unione dei Comuni Adda Martesana \((.*?)\)",
    ("001", "2025-2027", "Unione di Comuni Basiano e Masate"): r"UC Basiano e Masate \((.*?)\)",
    ("001", "2025-2027", "Unione di Comuni Adda Martesana"): r"UC Adda Martesana \((.*?)\)",
    ("001", "2025-2027", "Fontanili"): r"UC dei Fontanili \((.*?)\)",
}


@pytest.mark.parametrize(("union", "pattern"), UNION_LISTS.items(), ids=[f"{key[1]} {key[2]}" for key in UNION_LISTS])
def test_the_unions_have_exactly_the_members_that_the_documents_list(
    documents: dict[str, str], register: Register, union: tuple[str, str, str], pattern: str
) -> None:
    document, edition, name = union
    table = register.tables["unions.csv"]
    members = table[(table["edition"] == edition) & table["union"].str.contains(name, regex=False)]
    written = members["written_as"].where(members["written_as"] != "", members["municipality"])
    if document == "001":
        written = written.replace(SCANNED_MEMBERS)
    assert plain(re.search(pattern, documents[document], re.DOTALL)[1]).split(", ") == written.to_list()


@pytest.mark.parametrize(("document", "edition"), [("000", "2022-2024"), ("001", "2025-2027")])
def test_the_numbers_of_an_edition_are_those_of_its_document(
    documents: dict[str, str], register: Register, document: str, edition: str
) -> None:
    row = register.tables["editions.csv"].set_index("edition").loc[edition]
    text = plain(documents[document])
    assert re.search(rf"{row['municipality_count']} (Municipalities|comuni)", text)
    assert f"{row['zone_count']} Zone Omogenee" in text
    assert f"{row['union_count']} Unioni di Comuni" in text


@pytest.mark.parametrize(("source", "document"), [("plan-2022-2024", "000"), ("plan-2025-2027", "001")])
@pytest.mark.usefixtures("documents")
def test_the_sum_of_a_document_is_the_registered_one(
    test_data: Path, register: Register, source: str, document: str
) -> None:
    (file,) = (test_data.parent / "sources").glob(f"{document}_*.txt")
    assert sha256_of(file) == register.source(source).sha256


def test_the_approval_of_2022_2024_is_dated_as_printed(documents: dict[str, str], register: Register) -> None:
    editions = register.tables["editions.csv"].set_index("edition")
    year, month, day = editions.loc["2022-2024", "approved_on"].split("-")
    assert f"Approved by Consiglio metropolitano with Delibera n. 18/2023 del {day}/{month}/{year}" in documents["000"]


VISION = {
    "000": ("The key elements that articulate this vision include:", "The strategic objectives outlined in the Plan"),
    "001": ("Le parole chiave che esplicitano tale", "Allo stesso tempo, il Piano 2025-2027"),
}


@pytest.mark.parametrize("document", VISION)
def test_both_editions_have_the_same_five_key_words(
    documents: dict[str, str], register: Register, document: str
) -> None:
    words = register.tables["key_words.csv"]
    text = cut(documents[document], *VISION[document])
    if document == "000":
        assert re.findall(r"^ ?- (\w+): ", text, re.MULTILINE) == words["title_en"].to_list()
    else:  # the recognition of characters dropped the accents
        unaccented = words["title_it"].str.replace("à", "a").to_list()
        assert re.findall(r"^\+ +(\w+)\. ", text, re.MULTILINE) == unaccented


SOURCES = {"plan-2022-2024": "000", "plan-2025-2027": "001"}

NAMED = {
    "municipalities": r"Comuni|enti locali|municipalities",
    "metropolitan_city": r"Citt. Metropolitana|Ente|Metropolitan City",
    "others": r"privat|ATO|Regione|Universit|universit|associazioni|institutions|soggetti|impres",
}
"""What the lines of a passage hold where they name a level; the recognition of characters lost accents."""


def lines(document: str, first: str, last: str) -> str:
    return plain(" ".join(document.split("\n")[int(first) - 1 : int(last)]))


def test_levels_read_of_a_text_stand_in_the_lines_that_are_given(documents: dict[str, str], register: Register) -> None:
    rows = register.tables["goal_text_levels.csv"]
    assert len(rows) > 0
    for row in rows.to_dict("records"):
        text = lines(documents[SOURCES[row["source"]]], row["first_line"], row["last_line"])
        assert re.search(NAMED[row["level"]], text), (row, text)


def test_the_lines_given_for_levels_begin_and_end_with_a_paragraph(
    documents: dict[str, str], register: Register
) -> None:
    rows = register.tables["goal_text_levels.csv"]
    for row in rows.to_dict("records"):
        document = documents[SOURCES[row["source"]]].split("\n")
        first, last = int(row["first_line"]) - 1, int(row["last_line"])
        if row["edition"] == "2022-2024":
            assert document[first].startswith(f"{row['number']}\t")
        else:
            assert not document[first - 1].strip() or document[first].startswith(" "), "a page begins with a blank"
            assert not document[last].strip() or document[last].startswith(" ")
            assert document[first].strip()[0].isupper()


def test_the_vision_is_confirmed_where_the_table_says_so(documents: dict[str, str], register: Register) -> None:
    (row,) = register.tables["vision_confirmations.csv"].to_dict("records")
    text = lines(documents[SOURCES[row["source"]]], row["first_line"], row["last_line"])
    assert re.search(rf"{row['edition']} conferma .*visione .*Piano {row['confirmed']}", text)


def test_the_bullets_of_the_vision_are_those_of_its_matrix(documents: dict[str, str], register: Register) -> None:
    vision = register.tables["vision.csv"]
    mine = vision[vision["edition"] == "2022-2024"]
    words = register.tables["key_words.csv"]["key_word"].to_list()
    rows = re.findall(r"^MISSION (\d) [^\t]*\t(.*)$", documents["000"], re.MULTILINE)
    assert len(rows) == 6
    printed = {
        (word, mission) for mission, cells in rows for word, cell in zip(words, cells.split("\t"), strict=True) if cell
    }
    marked = mine[mine["mark"] == "si"]
    assert set(zip(marked["key_word"], marked["mission"], strict=True)) == printed


BULLET = "\N{BULLET}"


def test_the_marks_of_2022_2024_are_the_bullets_of_its_tables(documents: dict[str, str], register: Register) -> None:
    marks = register.tables["goal_marks.csv"].set_index(["mission", "number"])
    assert set(marks["edition"]) == {"2022-2024"}
    parts = re.split(r"^MISSION (\d)\.$", documents["000"], flags=re.MULTILINE)
    found = {}
    for mission, part in zip(parts[1::2], parts[2::2], strict=True):
        for number, cells in re.findall(r"^(\d+)\t[^\t\n]+\t(.*)$", part, re.MULTILINE):
            bullets = [cell == BULLET for cell in cells.split("\t")[:3]]
            blank = "non_indicato" if any(bullets) else "non_noto"
            found[mission, number] = ["si" if bullet else blank for bullet in bullets]
    assert found == {key: list(row) for key, row in zip(marks.index, marks.iloc[:, 1:4].to_numpy(), strict=True)}


LEFT_AND_CAME = {
    ("1", "5"): ("Web GIS", "sistema della conoscenza regionale"),
    ("1", "14"): ("new governance", "destagionalizzazione"),
    ("1", "16"): ("municipalities support", "SEAV"),
    ("2", "1"): ("DeciWatt", "one-stop-shop metropolitani"),
    ("2", "9"): ("establishment of a single fee", "promozione di una tariffa unica"),
    ("2", "12"): ("grey soils", "strumenti di perequazione"),
    ("2", "15"): ("establishment of the Metropolitan Park", "Rete Verde Metropolitana"),
    ("3", "9"): ("exceptional transportation", "Metro Hub"),
    ("4", "2"): ("university-level", "ITS Academy"),
    ("4", "3"): ("creating inclusive spaces", "dedicati a persone con disabilit"),
}
"""Goals of 2022-2024 that lose content: words of theirs that have gone, and words that came."""


def test_goals_that_lose_content_are_not_told_as_kept(documents: dict[str, str], register: Register) -> None:
    links = register.tables["goal_links.csv"]
    mine = links[links["from_number"] != ""].set_index(["from_mission", "from_number"])
    goals = plain(documents["001"])
    for key, (gone, came) in LEFT_AND_CAME.items():
        assert gone in plain(documents["000"])
        assert gone not in goals
        assert came in goals
        assert mine.loc[key, "kind"] in ("changed", "narrowed")
    lossless = mine.drop(list(LEFT_AND_CAME))
    assert "changed" not in set(lossless["kind"])


def test_every_link_but_a_plain_one_says_what_changed(register: Register) -> None:
    links = register.tables["goal_links.csv"]
    assert (links["note"] != "").equals(links["kind"] != "continued")


def test_the_forum_and_the_functional_authorities_are_named_in_both_documents(
    documents: dict[str, str], register: Register
) -> None:
    assert "Metropolitan Civil Society Forum" in documents["000"]
    assert "Functional authorities" in documents["000"]
    named = lines(documents["001"], "1239", "1253")
    assert named.startswith("+ Autonomie funzionali")
    assert "organizzati nel Forum" in named
    assert set(register.tables["partner_links.csv"]["kind"]) == {"same", "names"}
