"""Messages in English and Italian: what the catalogue holds, what is built into the package, how places are filled."""

import ast
from collections.abc import Iterator, Sequence
from io import BytesIO
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from psttm_geo.core.messages import COMMA, DOMAIN, LOCALE, Text, gettext, list_some, ngettext, pgettext

CATALOGUE = LOCALE / "it" / "LC_MESSAGES" / f"{DOMAIN}.po"


@pytest.fixture(scope="module")
def italian() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def test_the_catalogue_translates_each_message_of_the_code_and_no_other(italian: Catalog) -> None:
    code = set(_messages())
    known = {(message.context, message.id) for message in italian if message.id}
    assert sorted(map(str, code - known)) == [], "make catalogues, then translate"
    assert sorted(map(str, known - code)) == [], "make catalogues"
    assert not italian.obsolete


def test_no_message_is_without_its_italian(italian: Catalog) -> None:
    assert [message.id for message in italian if not all(_forms(message.string))] == []
    assert [message.id for message in italian if message.id and message.fuzzy] == []


def test_the_italian_has_the_places_of_the_english(italian: Catalog) -> None:
    differ = [
        english
        for message in italian
        if message.id
        for english, wording in zip(_forms(message.id), _forms(message.string), strict=True)
        if _places(english) != _places(wording)
    ]
    assert differ == []


def test_the_compiled_catalogue_is_that_of_its_source(italian: Catalog) -> None:
    compiled = BytesIO()
    write_mo(compiled, italian)
    assert compiled.getvalue() == CATALOGUE.with_suffix(".mo").read_bytes(), "make catalogues"


def _messages() -> Iterator[tuple[str | None, str | tuple[str, str]]]:
    """Give the context and the message of each call in the code, as the catalogue has them."""
    for path in LOCALE.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Name("gettext" | "say"), [ast.Constant(str(message)), *_]):
                    yield None, message
                case ast.Call(ast.Name("ngettext"), [ast.Constant(str(one)), ast.Constant(str(many)), *_]):
                    yield None, (one, many)
                case ast.Call(ast.Name("pgettext"), [ast.Constant(str(context)), ast.Constant(str(message))]):
                    yield context, message
                case ast.Call(ast.Name("gettext" | "ngettext" | "pgettext" as name)) if path.name != "messages.py":
                    assert (name, path.name) == ("gettext", "texts.py"), "a message that nobody can find"


def _forms(wording: str | Sequence[str]) -> tuple[str, ...]:
    return (wording,) if isinstance(wording, str) else tuple(wording)


def _places(wording: str) -> set[str]:
    return set(_names(wording))


def _names(wording: str) -> Iterator[str]:
    return (name for _, name, _, _ in Formatter().parse(wording) if name is not None)


def test_a_message_is_said_in_both_languages() -> None:
    assert gettext("yes") == Text("sì", "yes")


def test_a_text_among_the_values_is_said_in_the_language_of_the_wording() -> None:
    said = gettext("{said}%", said=Text("88,9", "88.9"))
    assert said == Text("88,9 %", "88.9%")


def test_one_english_wording_has_an_italian_one_for_each_context() -> None:
    assert pgettext("one row", "used") == Text("usata", "used")
    assert pgettext("several rows", "used") == Text("usate", "used")


def test_what_is_no_message_stays_english_in_both_languages() -> None:
    assert gettext("no such message: {it}") == Text(*["no such message: {it}"] * 2)


def test_a_count_takes_its_form_in_each_language() -> None:
    said = [ngettext("row {listed}", "rows {listed}", count, listed="2") for count in (1, 2)]
    assert said == [Text("riga 2", "row 2"), Text("righe 2", "rows 2")]


def test_of_many_names_the_rest_is_counted() -> None:
    assert list_some(["a", "b"], 2) == Text("a, b", "a, b")
    assert list_some(["a", "b", "c", "d"], 2) == Text("a, b e altri 2", "a, b and 2 more")


def test_texts_are_joined_language_by_language() -> None:
    assert COMMA.join([Text("uno", "one"), Text("due", "two")]) == Text("uno, due", "one, two")
