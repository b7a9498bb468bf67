"""What MkDocs asks while it builds the site: pages made from the code, formulas as MathML, the language of pages.

A page says ``<!-- made: layers -->`` where a part belongs that is made from the code or from the tables in ``data/``.
This is the only place of the documentation that knows where in the package something is.
"""

import csv
import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

import psttm_geo

COMMANDS = ("psttm_geo.cli", "command")
"""Module and name of the group of all commands."""

_ROOMS = ("psttm_geo.schema", "psttm_geo.core")

_MADE = re.compile(r"<!-- made: (\w+) -->")

_BLOCK_FORMULA = re.compile(r"^```math\n(.+?)\n```$", re.MULTILINE | re.DOTALL)

_FORMULA = re.compile(r"\$`([^`]+)`\$")

_MARK = "FORMULA{}END"

_MARKED = re.compile(_MARK.format(r"(\d+)"))

_ROLE = re.compile(r":(?:attr|class|data|func|meth|mod):(?=<code>)")
"""What docstrings write before a name of the code."""

_formulas: list[str] = []

_DATA = Path(__file__).parents[2] / "data"


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put in what is made from the code, and a mark for each formula."""
    del page, config, files
    made = _MADE.sub(lambda found: "\n".join(_make(found[1])), markdown)
    made = _BLOCK_FORMULA.sub(lambda found: _mark(found[1], "block"), made)
    return _FORMULA.sub(lambda found: _mark(found[1], "inline"), made)


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put formulas where their marks are, and leave names of the code without their roles."""
    del page, config, files
    return _ROLE.sub("", _MARKED.sub(lambda found: _formulas[int(found[1])], html))


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, nav: Navigation) -> dict[str, Any]:
    """Let the page's frame speak the page's language."""
    del nav
    config.theme["language"] = page.meta.get("lang", "en")
    return context


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Give the theme's search a name, for whoever hears the page."""
    del config
    name = {"en": "Search", "it": "Cerca"}[page.meta.get("lang", "en")]
    return output.replace('role="dialog"', f'role="dialog" aria-label="{name}"', 1)


def _mark(formula: str, display: str) -> str:
    """Keep a formula in LaTeX as MathML, which browsers draw by themselves, and return what stands for it."""
    _formulas.append(convert(" ".join(formula.split()), display=display))
    return _MARK.format(len(_formulas) - 1)


def _make(name: str) -> Iterator[str]:
    if name not in _MAKERS:
        message = f"Nothing is made under the name {name}; there are: {', '.join(_MAKERS)}."
        raise PluginError(message)
    yield from _MAKERS[name]()


def _module(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import a module of the package by its last name."""
    for room in _ROOMS:
        try:
            return importlib.import_module(f"{room}.{name}")
        except ModuleNotFoundError as error:
            if not f"{room}.{name}".startswith(str(error.name)):
                raise
    message = f"No module {name} in {', '.join(_ROOMS)}."
    raise PluginError(message)


class _Text(NamedTuple):
    """A text of a table in two languages, as the package's own texts are."""

    it: str
    en: str


def _in(text: Any, language: str) -> str:  # noqa: ANN401 - a text in two languages
    """Return a text in a language."""
    return str(getattr(text, language))


def _both(text: Any, between: str = "<br>") -> str:  # noqa: ANN401 - as above
    """Return a text in both languages, each marked as what it is."""
    italian, english = _in(text, "it"), _in(text, "en")
    if italian == english:
        return _safe(italian)
    return f'<span lang="it">{_safe(italian)}</span>{between}<span lang="en">{_safe(english)}</span>'


def _safe(text: str) -> str:
    """Return a text that neither HTML nor a Markdown table takes for its own."""
    return escape(text, quote=False).replace("|", "&#124;").replace("*", "&#42;").replace("_", "&#95;")


def _sentence(text: str) -> str:
    """Return a reason of a table as a sentence."""
    return f"{_safe(text[:1].upper() + text[1:]).removesuffix('.')}." if text else ""


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    heads = list(heads)
    yield ""
    yield f'<div class="made columns-{len(heads)}" markdown>'
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
    yield "</div>"
    yield ""


def _rows(table: str) -> list[dict[str, str]]:
    with (_DATA / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _made_api() -> Iterator[str]:
    for name in getattr(psttm_geo, "__all__", ()):
        found = getattr(psttm_geo, name)
        home, qualified = getattr(found, "__module__", None), getattr(found, "__qualname__", None)
        yield f"::: {home}.{qualified}" if home and qualified else f"::: psttm_geo.{name}"
        yield "    options:"
        yield "      inherited_members: true"
        yield ""


def _made_commands() -> Iterator[str]:
    module, command = COMMANDS
    yield "::: mkdocs-click"
    yield f"    :module: {module}"
    yield f"    :command: {command}"
    yield "    :prog_name: psttm-geo"
    yield "    :depth: 1"
    yield ""


def _made_settings() -> Iterator[str]:
    def rows() -> Iterator[tuple[str, str, str]]:
        for name, field in _module("settings").Settings.model_fields.items():
            default = "the user's data folder" if field.default_factory else _say_default(field.default)
            yield f"`PSTTM_{name.upper()}`", _safe(field.description), default

    yield from _table(("variable", "what it sets", "default"), rows())


def _say_default(value: object) -> str:
    return "none" if value is None else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _made_layers() -> Iterator[str]:
    layers, columns = _module("layers").LAYERS, _module("columns")
    for layer in layers.values():
        yield f"## {layer.name} {{ #{layer.name} }}"
        yield ""
        yield f'<p class="titles">{_both(layer.title, " · ")}</p>'
        yield ""
        yield _both(layer.abstract)
        yield ""
        keys = ", ".join(f"`{columns.column_named(name).field}`" for name in layer.key)
        yield f"{_GEOMETRIES[layer.geometry] if layer.spatial else 'Table without geometry'}. Key: {keys}."
        yield ""
        yield from _table(
            ("field", "titolo", "title"), (_layer_row(name, columns.column_named(name)) for name in layer.columns)
        )
        if layer.families:
            yield "And for each category of services:"
            yield from _table(
                ("field", "titolo", "title"), (_layer_row(name, columns.FAMILIES[name]) for name in layer.families)
            )


_GEOMETRIES = {"MultiPolygon": "Polygons (MultiPolygon)", "Point": "Points"}


def _layer_row(name: str, column: Any) -> tuple[str, str, str]:  # noqa: ANN401 - a Column
    field, title = _field(column.field), column.title
    italian, english = (_safe(_in(title, language)).replace("{}", "…") for language in ("it", "en"))
    return f"[`{field}`](columns.md#{name})", f'<span lang="it">{italian}</span>', english


def _field(field: str) -> str:
    return field.replace("{}", "<categoria>")


def _made_columns() -> Iterator[str]:
    module = _module("columns")
    listed = sorted(module.COLUMNS.items(), key=lambda item: item[1].field)
    yield from _table(_COLUMN_HEADS, (_column_row(name, column) for name, column in listed))


def _made_families() -> Iterator[str]:
    yield from _table(_COLUMN_HEADS, (_column_row(*item) for item in _module("columns").FAMILIES.items()))


_COLUMN_HEADS = ("field, name in Python", "significato, meaning")


def _column_row(name: str, column: Any) -> tuple[str, str]:  # noqa: ANN401 - a Column
    field = f'<span id="{name}"></span>`{_field(column.field)}`<br><small>{_safe(name)}</small>'
    meaning = f"**{_both(column.title, ' · ')}**<br>{_both(column.description)}".replace("{}", "…")
    if column.codes is not None:
        meaning += f"<br>Codici, codes: [{_safe(column.codes.name)}](#codes-{column.codes.name})"
    return field, meaning


def _made_codes() -> Iterator[str]:
    columns = _module("columns").COLUMNS.values()
    lists = {column.codes.name: column.codes for column in columns if column.codes is not None}
    for name, codes in sorted(lists.items()):
        fields = ", ".join(sorted({f"`{column.field}`" for column in columns if column.codes is codes}))
        yield f"### {name} {{ #codes-{name} }}"
        yield ""
        yield f"In {fields}."
        rows = ((f"`{code}`", *_meanings(meaning)) for code, meaning in codes.meanings.items())
        yield from _table(("code", "significato", "meaning"), rows)


def _meanings(meaning: Any) -> tuple[str, str]:  # noqa: ANN401 - a text in two languages
    return f'<span lang="it">{_safe(_in(meaning, "it"))}</span>', _safe(_in(meaning, "en"))


def _made_profiles() -> Iterator[str]:
    def rows() -> Iterator[tuple[str, ...]]:
        for row in _rows("profiles.csv"):
            names = f'`{row["profile"]}`<br><span lang="it">{_safe(row["name_it"])}</span><br>{_safe(row["name_en"])}'
            stairs = f"{row['steps_speed_m_s']} m/s" if row["steps_speed_m_s"] else "none"
            why = f"{_safe(row['source'])}.<br>{_sentence(row['reason_en'])}"
            spread = f"{row['slowest_m_s']}-{row['fastest_m_s']} m/s: {_safe(row['spread_reason_en'])}"
            yield names, f"{row['speed_m_s']} m/s", spread, stairs, why

    yield from _table(("profile", "speed", "mean between", "on stairs", "source and reason"), rows())


def _made_services() -> Iterator[str]:
    categories: dict[str, list[dict[str, str]]] = {}
    for row in _rows("services.csv"):
        categories.setdefault(row["category"], []).append(row)

    def rows() -> Iterator[tuple[str, ...]]:
        for category, tags in categories.items():
            first = tags[0]
            names = f'`{category}`<br><span lang="it">{_safe(first["name_it"])}</span><br>{_safe(first["name_en"])}'
            essential = "yes" if first["essential"] == "si" else "no"
            yield names, essential, "<br>".join(dict.fromkeys(map(_tag, tags))), _sentence(first["reason_en"])

    yield from _table(("category", "essential", "tags of OpenStreetMap", "why"), rows())


def _tag(row: Mapping[str, str]) -> str:
    also = f" + `{row['and_key']}={row['and_value']}`" if row["and_key"] else ""
    return f"`{row['key']}={row['value']}`{also}"


def _made_sources() -> Iterator[str]:
    def rows() -> Iterator[tuple[str, str]]:
        for row in _rows("sources.csv"):
            file = f" · `{row['file']}`" if row["file"] else ""
            about = f'**<span lang="it">{_safe(row["title"])}</span>**<br>{_safe(row["licence"])}{file}'
            yield f"{_safe(row['publisher'])}<br><small>{row['reference_date']}</small>", about

    yield from _table(("publisher, date", "source, licence, file in `data/`"), rows())


def _made_downloads() -> Iterator[str]:
    def rows() -> Iterator[tuple[str, str]]:
        for row in _rows("downloads.csv"):
            size = f" · {row['size_mb']} MB" if row["size_mb"] else ""
            title = _both(_Text(row["title_it"], row["title_en"]), " · ")
            about = f"**{title}**<br>{_safe(row['publisher'])} · {_safe(row['licence'])}{size}"
            yield f"`fetch {row['what']}`", f"{about}<br>`{row['server']}{row['path']}`"

    yield from _table(("command", "what, publisher, licence, size, address"), rows())


_MAKERS: Mapping[str, Callable[[], Iterator[str]]] = {
    name.removeprefix("_made_"): maker for name, maker in list(globals().items()) if name.startswith("_made_")
}
