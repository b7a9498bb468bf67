from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.core.messages import Text
from psttm_geo.schema.data_tables import Register
from psttm_geo.services.register_layouts import Layout, Rule, known_layouts, read_mapping, recognise, template_text

CATEGORIES = ("alimentari", "farmacia", "medico", "infanzia", "scuola", "superiori", "ospedale", "uffici", "sport")

TERRITORY = {"015146", "015118"}

MAPPING = """
tabella = "t.csv"
titolo = "Farmacie"
editore = "Comune di Legnano"
licenza = "CC BY 4.0"
data = "2026-01-31"
rispetto_a_osm = "sostituisce"
comuni = ["015118"]
coordinate = "EPSG:32632"
categoria = "farmacia"
[colonne]
nome = "Denominazione"
codice = "ID"
x = "EST"
y = "NORD"
codice_istat = "ISTAT"
"""

BY_TYPE = """
tabella = "t.csv"
[colonne]
nome = "nome"
tipo = "Ordine / Gestione"
[categorie]
"Nido*" = "infanzia"
"*" = ""
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], tuple[Layout, Path]]:
    def read(text: str) -> tuple[Layout, Path]:
        (tmp_path / "t.csv").write_text("x")
        path = tmp_path / "mappa.toml"
        path.write_text(text, "utf-8")
        return read_mapping(path, TERRITORY, CATEGORIES)

    return read


@pytest.fixture
def faults(read: Callable[[str], object]) -> Callable[[str], list[str]]:
    """Give the English words of every fault of a mapping."""

    def faults(text: str) -> list[str]:
        with pytest.raises(TableError) as error:
            read(text)
        assert all(fault.file == "mappa.toml" and fault.text.it != fault.text.en for fault in error.value.faults)
        return [fault.text.en for fault in error.value.faults]

    return faults


def test_a_mapping_says_what_each_column_is(read: Callable[[str], tuple[Layout, Path]], tmp_path: Path) -> None:
    layout, table = read(MAPPING)
    assert table == tmp_path / "t.csv"
    assert (layout.identifier, layout.title, layout.publisher) == ("mappa", "Farmacie", "Comune di Legnano")
    assert (layout.licence, layout.reference_date, layout.mode) == ("CC BY 4.0", "2026-01-31", "replaces")
    assert layout.covers == {"015118"}
    assert layout.crs == "EPSG:32632"
    assert layout.columns == {
        "name": "denominazione",
        "code": "id",
        "x": "est",
        "y": "nord",
        "municipality_code": "istat",
    }
    assert layout.types == ()
    assert layout.rule_of("").category == "farmacia"
    assert layout.needed(located=False) == ["denominazione", "id", "est", "nord", "istat"]
    assert layout.needed(located=True) == ["denominazione", "id", "istat"]


def test_types_are_mapped_by_the_first_pattern_that_fits(read: Callable[[str], tuple[Layout, Path]]) -> None:
    layout, _ = read(BY_TYPE)
    assert (layout.mode, layout.covers, layout.publisher, layout.title) == ("completes", None, "ente", "mappa")
    assert layout.types == ("ordine", "gestione")
    assert layout.rule_of("NIDO / comunale").category == "infanzia"
    assert layout.rule_of("Scuola / statale").category is None
    assert layout.rule_of("Scuola / statale").reason.en == "left out by the mapping of types"


def test_a_type_that_no_rule_fits_is_left_out(read: Callable[[str], tuple[Layout, Path]]) -> None:
    layout, _ = read(BY_TYPE.replace('"*" = ""\n', ""))
    rule = layout.rule_of("Scuola / statale")
    assert (rule.category, rule.reason.en) == (None, "type not foreseen: no category")


def test_a_byte_order_mark_is_accepted(read: Callable[[str], tuple[Layout, Path]]) -> None:
    assert read("\ufeff" + MAPPING)[0].title == "Farmacie"


WRONG: dict[str, tuple[str, str, str]] = {
    "unknown key": ('titolo = "Farmacie"', 'titoli = "Farmacie"', "unknown keys: titoli"),
    "no text": ('titolo = "Farmacie"', "titolo = 5", "titolo: expected a text in quotes"),
    "no table": ('tabella = "t.csv"', 'tabella = " "', "“tabella”, the file's name, is missing"),
    "no name": ('nome = "Denominazione"', 'nome = ""', "does not say which column is “nome”"),
    "unknown role": ('nome = "Denominazione"', 'nome = "a"\nlat = "b"', "[colonne] has no lat (but nome, codice, x, y"),
    "role of no text": ('nome = "Denominazione"', "nome = 1", '[colonne]: expected lines such as key = "text"'),
    "x alone": ('y = "NORD"', 'y = ""', "[colonne] wants x and y together"),
    "mode": ('"sostituisce"', '"aggiunge"', "rispetto_a_osm is “aggiunge”, expected one of: completa, sostituisce"),
    "municipality": ('"015118"', '"016024"', "codes of no municipality of the territory: 016024"),
    "municipalities": ('["015118"]', '"015118"', 'comuni: expected a list such as ["015146"]'),
    "crs": ("EPSG:32632", "EPSG:99999999", "coordinate is “EPSG:99999999”, expected a code such as EPSG:4326"),
    "no crs": ("EPSG:32632", "", "“coordinate”, the CRS of x and y, is missing"),
    "category": ('"farmacia"', '"chemist"', "unknown categories: chemist (known: alimentari, farmacia"),
    "no category": ('categoria = "farmacia"', 'categoria = ""', "either “categoria” is needed, or the column “tipo”"),
    "category and types": ("[colonne]", '[categorie]\n"a" = "sport"\n[colonne]', "either “categoria” is needed"),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_mapping_is_said(
    faults: Callable[[str], list[str]], old: str, new: str, said: str
) -> None:
    assert old in MAPPING
    found = faults(MAPPING.replace(old, new, 1))
    assert said in " | ".join(found)


def test_all_faults_are_told_together(faults: Callable[[str], list[str]]) -> None:
    assert len(faults('oops = 1\nrispetto_a_osm = "x"\ncategoria = "chemist"')) == 5


@pytest.mark.parametrize(
    "text", ["tabella = t.csv", "[colonne", "\0", "a = " + "[" * 9999, "#" * 1_000_001, 'a = "1"\na = "2"']
)
def test_what_is_no_toml_is_refused(faults: Callable[[str], list[str]], text: str) -> None:
    (said,) = faults(text)
    assert said.startswith("is not readable as TOML (")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TableError, match="non si legge come TOML"):
        read_mapping(tmp_path / "m.toml", TERRITORY, CATEGORIES)


def test_a_mapping_or_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="psttm-geo template register"):
        read_mapping(tmp_path / "none.toml", TERRITORY, CATEGORIES)
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    with pytest.raises(InputMissingError, match=r"la tabella «t\.csv» non c'è"):
        read_mapping(tmp_path / "m.toml", TERRITORY, CATEGORIES)


@pytest.mark.parametrize(
    "name", ["../t.csv", "/etc/passwd", "sub/t.csv", "sub\\\\t.csv", "C:t.csv", "linked.csv", "è" * 200]
)
def test_a_table_outside_of_the_folder_of_its_mapping_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "own"
    (folder / "sub").mkdir(parents=True)
    for outside in (tmp_path / "t.csv", folder / "sub" / "t.csv"):
        outside.write_text("x")
    (folder / "linked.csv").symlink_to(tmp_path / "t.csv")
    (folder / "m.toml").write_text(MAPPING.replace("t.csv", name), "utf-8")
    with pytest.raises(TableError, match="atteso il nome di un file nella stessa cartella"):
        read_mapping(folder / "m.toml", TERRITORY, CATEGORIES)


def test_the_template_is_toml_that_says_what_is_missing(faults: Callable[[str], list[str]]) -> None:
    template = template_text(CATEGORIES)
    assert all(category in template for category in CATEGORIES)
    assert [said.split(";")[0] for said in faults(template)] == [
        "“tabella”, the file's name, is missing",
        "[colonne] does not say which column is “nome”",
        "either “categoria” is needed, or the column “tipo” and the section [categorie]",
    ]


def test_the_template_filled_in_is_a_mapping(read: Callable[[str], tuple[Layout, Path]]) -> None:
    filled = template_text(CATEGORIES)
    for key, value in (("tabella", "t.csv"), ("categoria", "sport"), ("nome", "n"), ("x", "lon"), ("y", "lat")):
        assert filled.count(f'\n{key} = ""') == 1
        filled = filled.replace(f'\n{key} = ""', f'\n{key} = "{value}"')
    layout, _ = read(filled)
    assert layout.columns == {"name": "n", "x": "lon", "y": "lat"}
    assert (layout.mode, layout.crs) == ("completes", "EPSG:4326")


@pytest.fixture
def layouts(register: Register) -> tuple[Layout, ...]:
    return known_layouts(register.tables["registers.csv"], register.tables["register_categories.csv"])


def test_every_known_register_has_rules_and_every_reason_is_said(register: Register) -> None:
    rules = register.tables["register_categories.csv"]
    assert set(rules["register"]) == set(register.tables["registers.csv"]["register"])
    out = rules["category"] == ""
    assert (rules["reason_it"].ne("") == out).all()
    assert (rules["reason_en"].ne("") == out).all()


def test_a_register_is_recognised_by_its_columns(layouts: tuple[Layout, ...]) -> None:
    for layout in layouts:
        columns = [*layout.needed(located=False), "more"]
        found = recognise(layouts, columns, located=False)
        assert found is layout
        assert recognise(layouts, columns[1:], located=False) is None


def test_schools_in_prisons_and_hospitals_are_left_out_whatever_their_level(layouts: tuple[Layout, ...]) -> None:
    (schools,) = (layout for layout in layouts if layout.types)
    assert schools.rule_of("Scuola dell'Infanzia / Ordinaria").category == "infanzia"
    assert schools.rule_of("Scuola dell'Infanzia / Ospedaliera").category is None
    assert schools.rule_of("Ctp / Carceraria").reason.en.startswith("school in a prison")


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("Palestra [comunale]", "Palestra [comunale]"),
        ("Piscina?", "piscina?"),
        ("Campo sportivo", "CAMPO  SPORTIVO "),
        ("Campo sportivo", "Campo\u00a0sportivo"),
        ("Campo sportivo", "Campo spor\u200btivo"),
        ("Palestra dell'ente", "PALESTRA DELL\u2019ENTE"),
        ("Palestra dell`ente", "Palestra dell\u00b4ente"),
        ("Centro (*) + bar", "Centro (polifunzionale) + bar"),
        ("Città", "Citta\u0300"),
    ],
)
def test_types_are_compared_as_people_read_them_and_a_star_alone_is_any_text(pattern: str, written: str) -> None:
    assert layout_of(pattern).rule_of(written).category == "sport"


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("Palestra [comunale]", "Palestra c"),
        ("Piscina?", "Piscine"),
        ("Campo.sportivo", "Campo sportivo"),
        ("a|b", "a"),
    ],
)
def test_other_marks_stand_for_themselves(pattern: str, written: str) -> None:
    assert layout_of(pattern).rule_of(written).category is None


def layout_of(pattern: str) -> Layout:
    """Give a layout of one rule."""
    rules = (Rule(pattern, "sport", Text("", "")),)
    return Layout("r", "R", "p", "", "l", "", "completes", None, "", {}, ("tipo",), rules)
