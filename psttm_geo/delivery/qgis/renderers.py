"""From the declaration of a style and the rows of its layer to what QGIS draws and lists in legends."""

import textwrap
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from psttm_geo.core.numbers import say_percent
from psttm_geo.delivery.qgis.notation import both, equal, field_of, inside_sentence, literal, quoted
from psttm_geo.delivery.symbology import (
    Categorised,
    Changed,
    Drawing,
    Filled,
    Graduated,
    Hatched,
    Marked,
    Nested,
    Outlined,
    Style,
)
from psttm_geo.delivery.xml_documents import piece
from psttm_geo.schema import colours
from psttm_geo.schema.coded_values import CodedValues
from psttm_geo.schema.colours import Class
from psttm_geo.schema.columns import column_named

_EVERYTHING_ELSE = "ELSE"

_TITLE_WIDTH = 60
"""Characters of a title in a legend; QGIS does not break lines there."""

_WHOLE_FROM = 100
"""From here on a legend says figures without decimals, below it with three digits."""

_RULES = uuid.UUID("6d0f4a53-8f0e-4c0b-9a5e-0f2f6f1f7c11")
"""Where the keys of rules are made from: QGIS wants one of each, and the same file must come out each time."""


@dataclass(frozen=True)
class Subject:
    """What a style is made for.

    Attributes
    ----------
    title
        Of the layer.
    rows
        Its rows under their Italian names.
    codes
        What its columns hold, by Italian name.
    """

    title: str
    rows: pd.DataFrame
    codes: Mapping[str, CodedValues]

    def meanings(self, column: str) -> dict[Any, str]:
        """Return the codes of a column in order with their meanings; without codes its values as they are."""
        name = field_of(column)
        if name in self.codes:
            return {code: text.it for code, text in self.codes[name].meanings.items()}
        return {value: str(value) for value in sorted(self.rows[name].dropna().unique())}


class Symbol(NamedTuple):
    """How something is drawn: a kind of symbol in `templates/symbols.xml`, and its values."""

    kind: str
    values: dict[str, object]


@dataclass(frozen=True)
class Entry:
    """One line of a legend.

    Attributes
    ----------
    label
        What it says.
    condition
        The expression that is true for what it draws; empty for all.
    symbol
        How that is drawn.
    """

    label: str
    condition: str
    symbol: Symbol


def choose_style(candidates: tuple[Style, ...], rows: pd.DataFrame) -> Style:
    """Return the first style of whose figures, in the rows that it shows, anything is known; else the last."""
    for style in candidates[:-1]:
        drawing = style.drawing
        if not isinstance(drawing, Graduated) or _shown(style, drawing.column, rows).notna().any():
            return style
    return candidates[-1]


def _shown(style: Style, figure: str, rows: pd.DataFrame) -> pd.Series:
    """Return the figures of the values that are shown at a time."""
    names = [field_of(column) for column in (*style.first_of, *style.last_of, figure)]
    shown = pd.DataFrame({name: rows[name] for name in names})  # without geometries, which take long to choose from
    for column in style.first_of:
        shown = shown[shown[field_of(column)] == shown[field_of(column)].min()]
    for column in style.last_of:
        shown = shown[shown[field_of(column)] == shown[field_of(column)].max()]
    return shown[field_of(figure)]


def entries(style: Style, subject: Subject) -> list[Entry]:
    """Return the legend of a style."""
    return _MAKERS[type(style.drawing)](style.drawing, style.border_mm, subject)


def renderer(style: Style, subject: Subject, *, fixed: Collection[str] = ()) -> Markup:
    """Return what draws a layer.

    Parameters
    ----------
    style
        Its declaration.
    subject
        Its rows and words.
    fixed
        English names of columns that a filter of the layer has set to one value.
    """
    chosen = dict.fromkeys(style.first_of, "minimum") | dict.fromkeys(style.last_of, "maximum")
    chosen = {column: which for column, which in chosen.items() if column not in fixed}
    return piece(
        "renderer.xml",
        entries=entries(style, subject),
        label=_say_one_of(chosen, subject),
        condition=_one_of(chosen),
        key=partial(_key, subject.title),
        order=quoted(field_of(style.drawing.column)) if isinstance(style.drawing, Nested) else "",
    )


def _key(title: str, name: str) -> str:
    return f"{{{uuid.uuid5(_RULES, f'{title}|{name}')}}}"


def _one_of(chosen: Mapping[str, str]) -> str:
    """Return the expression of the values that are shown: of those that the layer's filter leaves; empty for all."""
    columns = {quoted(field_of(column)): which for column, which in chosen.items()}
    return both(f"{column} = {which}({column})" for column, which in columns.items())


def _say_one_of(chosen: Mapping[str, str], subject: Subject) -> str:
    """Say what is shown while nobody has filtered the layer, and that the others need a filter."""
    shown = subject.rows
    for column, which in chosen.items():
        values = shown[field_of(column)]
        shown = shown[values == (values.min() if which == "minimum" else values.max())]
    names = [_say_value(column, shown[field_of(column)].iloc[0], subject) for column in chosen if len(shown)]
    return f"Senza filtro: {', '.join(names) or 'nessuna riga'}"


def _say_value(column: str, value: object, subject: Subject) -> str:
    if field_of(column) in subject.codes:
        return subject.meanings(column)[str(value)]
    return f"{inside_sentence(column_named(column).title.it)} {value}"


def _fill(fill: str, width_mm: float, line: str = colours.OUTLINE) -> Symbol:
    """Return an area; :data:`psttm_geo.schema.colours.UNKNOWN` is hatched."""
    values = {"fill": fill, "line": line, "width_mm": width_mm}
    if fill != colours.UNKNOWN:
        return Symbol("fill", values)
    ground, hatch = colours.HATCH
    return Symbol("hatched_fill", values | {"fill": ground, "hatch": hatch, "angle": colours.HATCH_ANGLES[0]})


def _outlined(drawing: Outlined, _border_mm: float, subject: Subject) -> list[Entry]:
    values = {"line": drawing.colour, "width_mm": drawing.width_mm, "cased": drawing.cased}
    return [Entry(subject.title, "", Symbol("outline", values))]


def _filled(drawing: Filled, border_mm: float, _subject: Subject) -> list[Entry]:
    return [Entry(drawing.meaning, "", _fill(drawing.fill, border_mm))]


def _categorised(drawing: Categorised, border_mm: float, subject: Subject) -> list[Entry]:
    known = subject.meanings(drawing.column)
    made = [
        Entry(meaning, equal({field_of(drawing.column): value}), _fill(fill, border_mm))
        for (value, meaning), fill in zip(known.items(), cycle(drawing.fills), strict=False)
    ]
    return [*made, Entry("non noto", _EVERYTHING_ELSE, _fill(colours.UNKNOWN, border_mm))]


def _hatched(drawing: Hatched, border_mm: float, subject: Subject) -> list[Entry]:
    key, title = [field_of(column) for column in drawing.key], field_of(drawing.title)
    rows = subject.rows[[*key, title]].to_dict("records")
    looks = zip(rows, cycle(colours.HATCH_ANGLES), cycle(colours.HATCH_LINES), strict=False)
    return [
        Entry(
            f"{'.'.join(str(row[name]) for name in key)} {_shortened(row[title])}",
            equal({name: row[name] for name in key}),
            Symbol("hatch", {"line": line, "width_mm": border_mm * 3, "angle": angle}),
        )
        for row, angle, line in looks
    ]


def _shortened(title: str) -> str:
    return textwrap.shorten(title, _TITLE_WIDTH, placeholder="…")


def _graduated(drawing: Graduated, border_mm: float, subject: Subject) -> list[Entry]:
    classes = drawing.classes or _joined(colours.classify(subject.rows[field_of(drawing.column)].astype("float64")))
    made = [
        Entry(
            _say_class(one, drawing.unit, lowest=number == 0),
            _within(drawing, one, closed=number == 0),
            _fill(one.fill, border_mm, colours.CLASS_OUTLINE),
        )
        for number, one in enumerate(classes)
    ]
    unknown = _fill(colours.UNKNOWN, border_mm, colours.CLASS_OUTLINE)
    return [*made, Entry(drawing.unknown, _EVERYTHING_ELSE, unknown)]


def _joined(classes: Sequence[Class]) -> list[Class]:
    """Begin each class where the one before ends: a legend then has no gaps, and no value in two lines."""
    ends = [one.low for one in classes[:1]] + [one.high for one in classes[:-1]]
    return [one if one.low == one.high else one._replace(low=end) for one, end in zip(classes, ends, strict=True)]


def _within(drawing: Graduated, one: Class, *, closed: bool) -> str:
    name = quoted(field_of(drawing.column))
    if one.low == one.high:
        known = [f"coalesce({quoted(field_of(gap))}, 0) = 0" for gap in drawing.gaps] if one.low == 0 else []
        return both([f"{name} = {literal(one.low)}", *known])
    return f"{name} {'>=' if closed else '>'} {literal(one.low)} AND {name} <= {literal(one.high)}"


def _say_class(one: Class, unit: str, *, lowest: bool) -> str:
    low, high = _say(one.low, unit), _say(one.high, unit)
    if one.low == one.high:
        return low
    return f"fino a {high}" if lowest else f"oltre {low} fino a {high}"


def _say(value: float, unit: str) -> str:
    if unit == "share":
        return say_percent(value).it
    whole_from = 1 if unit == "residents" else _WHOLE_FROM
    rounded = round(value) if abs(value) >= whole_from else float(f"{value:.3g}")
    return f"{rounded:,}".removesuffix(".0").translate(str.maketrans(",.", ".,"))


def _changed(drawing: Changed, border_mm: float, _subject: Subject) -> list[Entry]:
    name = quoted(field_of(drawing.column))
    signs = (
        ("perde", "<", colours.LOSS_FILL),
        ("come prima", "=", colours.ZERO_FILL),
        ("guadagna", ">", colours.YES_FILL),
        ("non noto", "", colours.UNKNOWN),
    )
    return [
        Entry(meaning, f"{name} {sign} 0" if sign else _EVERYTHING_ELSE, _fill(fill, border_mm, colours.CLASS_OUTLINE))
        for meaning, sign, fill in signs
    ]


def _nested(drawing: Nested, border_mm: float, subject: Subject) -> list[Entry]:
    values = list(subject.meanings(drawing.column))
    return [
        Entry(
            f"fino a {_say(value, drawing.unit)} {drawing.unit}",
            equal({field_of(drawing.column): value}),
            _fill(fill, border_mm),
        )
        for value, fill in zip(values, colours.nested_fills(len(values)), strict=True)
    ]


def _marked(drawing: Marked, _border_mm: float, subject: Subject) -> list[Entry]:
    known = subject.meanings(drawing.column)
    looks = zip(known.items(), cycle(colours.MARKER_SHAPES), cycle(drawing.fills), strict=False)
    return [
        Entry(
            meaning,
            equal({field_of(drawing.column): value}),
            Symbol("marker", {"shape": shape, "fill": fill, "line": colours.OUTLINE}),
        )
        for (value, meaning), shape, fill in looks
    ]


_MAKERS: dict[type[Drawing], Callable[[Any, float, Subject], list[Entry]]] = {
    Outlined: _outlined,
    Filled: _filled,
    Categorised: _categorised,
    Hatched: _hatched,
    Graduated: _graduated,
    Changed: _changed,
    Nested: _nested,
    Marked: _marked,
}
