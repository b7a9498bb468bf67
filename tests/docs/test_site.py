import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

import psttm_geo
from psttm_geo.cli import command
from psttm_geo.schema.columns import COLUMNS, FAMILIES
from psttm_geo.schema.layers import LAYERS

ROOT = Path(__file__).parents[2]

DOCS = ROOT / "docs"

READMES = ("README.md", "README.it.md")

LOADED = {"audio", "embed", "iframe", "img", "input", "link", "object", "script", "source", "track", "video"}
"""Elements for which a browser asks by itself."""

FETCHED = ("data", "href", "poster", "src", "srcset")

ON_THE_WEB = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)


class Seen(HTMLParser):
    """What stands in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.names: set[str] = set()
        self.language = ""
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names.add(given.get("id", ""))
        if tag == "html":
            self.language = given["lang"]
        if tag in LOADED:
            self.loaded += [given[name] for name in FETCHED if name in given]

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def pages(documentation: Path) -> Mapping[str, Seen]:
    found = {}
    for file in sorted(documentation.rglob("*.html")):
        found[file.relative_to(documentation).as_posix()] = seen = Seen()
        seen.feed(file.read_text(encoding="utf-8"))
    return found


def commands(group: click.Group, name: str) -> Iterator[str]:
    for sub_name, sub in group.commands.items():
        yield f"{name} {sub_name}"
        if isinstance(sub, click.Group):
            yield from commands(sub, f"{name} {sub_name}")


def test_every_source_is_a_page_and_nothing_else_is(documentation: Path, pages: Mapping[str, Seen]) -> None:
    sources = {file.relative_to(DOCS).with_suffix(".html").as_posix() for file in DOCS.rglob("*.md")}
    assert set(pages) == sources | {"404.html"}
    assert not list(documentation.rglob("*.py"))


def test_no_page_loads_anything_from_the_web(pages: Mapping[str, Seen]) -> None:
    asked = [(name, address) for name, page in pages.items() for address in page.loaded if ON_THE_WEB.match(address)]
    assert asked == []
    assert all(any(address.endswith(".js") for address in page.loaded) for page in pages.values())


def test_what_pages_load_is_there(documentation: Path, pages: Mapping[str, Seen]) -> None:
    for name, page in pages.items():
        if name == "404.html":  # a server answers with it at any address: its links begin at the root
            continue
        local = [address.split("?")[0].split("#")[0] for address in page.loaded if not address.startswith("data:")]
        assert [address for address in local if not (documentation / name).parent.joinpath(address).is_file()] == []


def test_no_style_loads_anything_from_the_web(documentation: Path) -> None:
    styles = list(documentation.rglob("*.css"))
    assert len(styles) > 1
    for style in styles:
        assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']*", style.read_text(encoding="utf-8")) == []


def test_every_command_has_its_part(pages: Mapping[str, Seen]) -> None:
    words = pages["reference/commands.html"].words
    expected = list(commands(command, "psttm-geo"))
    assert len(expected) > 10
    assert [name for name in expected if f"{name} [OPTIONS]" not in words] == []
    assert "UNSET" not in words


def test_every_layer_has_its_part_with_every_field(pages: Mapping[str, Seen]) -> None:
    page = pages["reference/layers.html"]
    assert set(LAYERS) <= page.names
    for layer in LAYERS.values():
        assert {*layer.title, *layer.abstract} <= {text.strip(" ·") for text in page.text}, layer.name
        for name in layer.columns:
            assert COLUMNS[name].field in page.text, (layer.name, name)


def test_every_column_is_described_in_italian_and_english(pages: Mapping[str, Seen]) -> None:
    page = pages["reference/columns.html"]
    assert {*COLUMNS, *FAMILIES} <= page.names
    for column in (*COLUMNS.values(), *FAMILIES.values()):
        for said in (*column.title, *column.description):
            assert " ".join(said.replace("{}", "…").split()) in page.words, column.field


def test_every_code_is_explained(pages: Mapping[str, Seen]) -> None:
    page = pages["reference/columns.html"]
    lists = [column.codes for column in COLUMNS.values() if column.codes is not None]
    assert {f"codes-{codes.name}" for codes in lists} <= page.names
    assert {code for codes in lists for code in codes.meanings} <= set(page.text)


def test_every_name_of_the_library_has_its_part(pages: Mapping[str, Seen]) -> None:
    headings = set(pages["reference/api.html"].text)
    assert {name for name in getattr(psttm_geo, "__all__", ()) if name not in headings} == set()


def test_names_of_the_code_stand_without_the_roles_of_docstrings(documentation: Path) -> None:
    assert not re.findall(r":\w+:<code>", (documentation / "reference" / "api.html").read_text("utf-8"))


def test_formulas_are_drawn_by_the_browser(documentation: Path, pages: Mapping[str, Seen]) -> None:
    for name, page in pages.items():
        assert "FORMULA" not in page.words, name
        assert "$`" not in page.words, name
    assert "<mfrac>" in (documentation / "explanation/proximity.html").read_text(encoding="utf-8")


def test_a_page_says_which_language_it_is_in(pages: Mapping[str, Seen]) -> None:
    for name, page in pages.items():
        assert page.language == ("it" if name.startswith("guide/") else "en"), name


def test_pages_for_users_lead_to_themselves_in_the_other_language() -> None:
    english = {file.name: file.read_text(encoding="utf-8") for file in (DOCS / "how-to").glob("*.md")}
    italian = {file.name: file.read_text(encoding="utf-8") for file in (DOCS / "guide").glob("*.md")}
    assert len(italian) == len(english) + 1  # the tutorial is in both too
    for name, text in english.items():
        other = re.search(r"\]\(\.\./guide/([\w-]+\.md)\)", text)
        assert other is not None, name
        assert f"](../how-to/{name})" in italian[other[1]]


def test_the_search_finds_pages_of_both_languages_without_a_server(documentation: Path) -> None:
    index = (documentation / "search/search_index.js").read_text(encoding="utf-8")
    assert index.startswith("var __index = ")
    assert "guide/senza-internet.html" in index
    assert "how-to/offline.html" in index


@pytest.mark.parametrize("name", READMES)
def test_a_readme_is_short_and_starts_with_the_two_commands(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    first, *others = re.findall(r"^```(\w+)\n(.+?)^```$", text, re.MULTILINE | re.DOTALL)
    language, lines = first
    assert (language, [line.split("#")[0].strip() for line in lines.splitlines()]) == ("sh", ["make run", "make test"])
    python = [lines.splitlines() for language, lines in others if language == "python"]
    assert [len([line for line in lines if line.startswith("city")]) for lines in python] == [6]


@pytest.mark.parametrize("name", READMES)
def test_what_a_readme_refers_to_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / name).read_text(encoding="utf-8"))
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://") and not (ROOT / link).is_file()] == []
