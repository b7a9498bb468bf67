import pytest

from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source, are_synthetic, mark_lines, merge_sources, say_date, say_name


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2023-01-01", Text("1° gennaio 2023", "1 January 2023")),
        ("2025-05-29", Text("29 maggio 2025", "29 May 2025")),
        ("2026-12-31", Text("31 dicembre 2026", "31 December 2026")),
    ],
)
def test_dates_are_said_as_people_write_them(iso: str, said: Text) -> None:
    assert say_date(iso) == said


def source(title: str, date: str = "", added_on: str = "") -> Source:
    return Source("x", title, "Editore", "", date, "ODbL 1.0", title, "0" * 64, added_on)


def test_no_date_is_said_to_be_none() -> None:
    assert say_date("") == Text("data non indicata", "date not stated")


@pytest.mark.parametrize("mark", ["DATI SINTETICI: ", "DATI SINTETICI (SYNTHETIC DATA): "])
def test_made_up_sources_are_known_by_their_name_and_named_in_each_language(mark: str) -> None:
    assert are_synthetic([source("Strade"), source(f"{mark}Strade")])
    assert not are_synthetic([source("Strade (sintetiche)")])
    assert say_name(f"{mark}Strade", "it") == "DATI SINTETICI: Strade"
    assert say_name(f"{mark}Strade", "en") == "SYNTHETIC DATA: Strade"
    assert say_name("Strade", "en") == "Strade"


def test_sentences_are_marked_in_the_words_of_their_language() -> None:
    assert mark_lines([Text("uno", "one")], synthetic=True) == (Text("DATI SINTETICI: uno", "SYNTHETIC DATA: one"),)
    assert mark_lines([Text("uno", "one")], synthetic=False) == (Text("uno", "one"),)


def test_a_source_named_twice_is_one_and_keeps_the_day_of_its_registration() -> None:
    told = [source("A"), source("B", "2024-01-01"), source("A", added_on="2026-06-30")]
    assert merge_sources(told) == (source("A", added_on="2026-06-30"), source("B", "2024-01-01"))


def test_a_source_tells_up_to_its_own_day_before_that_of_its_registration() -> None:
    assert source("A", "2024-01-01", "2026-06-30").newest == "2024-01-01"
    assert source("A", "", "2026-06-30").newest == "2026-06-30"


def test_words_that_stand_for_a_publisher_or_a_licence_are_said_in_each_language() -> None:
    assert say_name("Registro (a.csv), ente", "en") == "Registro (a.csv), the office"
    assert say_name("Registro (a.csv), ente", "it") == "Registro (a.csv), ente"
    assert say_name("DATI SINTETICI: Canale, fatto pubblico", "en") == "SYNTHETIC DATA: Canale, public fact"
    assert [say_name("non indicata", language) for language in ("it", "en")] == ["non indicata", "not stated"]
    assert say_name("Parco, presidente", "en") == "Parco, presidente"
