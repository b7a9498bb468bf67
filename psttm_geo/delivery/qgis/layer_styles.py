"""The style of a layer as QGIS keeps it in a GeoPackage: symbols, names, aliases, and what codes mean."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from psttm_geo.core.provenance import marked
from psttm_geo.delivery.qgis.notation import VERSION, field_of, quoted
from psttm_geo.delivery.qgis.renderers import Subject, choose_style, renderer
from psttm_geo.delivery.symbology import SYMBOLOGY, Label, Style
from psttm_geo.delivery.xml_documents import document, piece
from psttm_geo.schema.coded_values import CodedValues
from psttm_geo.schema.columns import Column, column_named
from psttm_geo.schema.layers import Layer


@dataclass(frozen=True)
class Styled:
    """A layer with what its style is made from.

    Attributes
    ----------
    layer
        Its contract.
    names
        English names of its columns, in order.
    rows
        Its rows under their Italian names.
    codes
        What columns hold, by English name, where the tables say it and not the contract.
    synthetic
        Whether something that it rests on is made up, which every title says then.
    """

    layer: Layer
    names: tuple[str, ...]
    rows: pd.DataFrame
    codes: Mapping[str, CodedValues]
    synthetic: bool = False

    @property
    def title(self) -> str:
        """The layer's title."""
        return self.marked(self.layer.title.it)

    @property
    def abstract(self) -> str:
        """What one feature is and how it was made."""
        return self.marked(self.layer.abstract.it)

    def marked(self, text: str) -> str:
        """Return another title of the layer, or a sentence on it, as it is to be said."""
        return marked(text, synthetic=self.synthetic)

    @property
    def columns(self) -> list[Column]:
        """The columns of the layer, in order."""
        return [column_named(name) for name in self.names]

    @functools.cached_property
    def coded(self) -> dict[str, CodedValues]:
        """What columns hold, by Italian name; a column that holds anything else has no codes."""
        known = {column_named(name).field: self.codes.get(name, column_named(name).codes) for name in self.names}
        return {
            name: codes for name, codes in known.items() if codes is not None and _holds_only(self.rows[name], codes)
        }

    @functools.cached_property
    def style(self) -> Style | None:
        """How it is drawn by default; None for a table."""
        return self.style_of(self.rows)

    def style_of(self, rows: pd.DataFrame) -> Style | None:
        """Return how some of its rows are drawn; None for a table."""
        return choose_style(SYMBOLOGY[self.layer.name], rows) if self.layer.spatial else None

    def subject(self, title: str = "", rows: pd.DataFrame | None = None) -> Subject:
        """Return what its legend is made from; `rows` are those that a filter leaves, None for all."""
        return Subject(title or self.title, self.rows if rows is None else rows, self.coded)


def _holds_only(values: pd.Series, codes: CodedValues) -> bool:
    return {str(value) for value in values.dropna().unique()} - {""} <= set(codes.meanings)


def qml(styled: Styled) -> str:
    """Return the style that QGIS applies when the layer is added."""
    style = styled.style
    inside = style_elements(styled, style, styled.subject())
    return document("style.qml", version=VERSION, label=label_of(style), style=inside)


def style_elements(styled: Styled, style: Style | None, subject: Subject, *, fixed: Collection[str] = ()) -> Markup:
    """Return what a style and a project hold of a layer alike.

    Parameters
    ----------
    styled
        The layer.
    style
        How to draw it; None for a table.
    subject
        Its rows and words, as :meth:`Styled.subject` returns them.
    fixed
        English names of columns that the filter sets to one value.
    """
    # Features are listed by a name where there is one, else by the last column of the key.
    named = next((name for name in _NAMES if name in styled.layer.columns), styled.layer.key[-1])
    return piece(
        "layer_style.xml",
        renderer="" if style is None else renderer(style, subject, fixed=fixed),
        label=label_of(style),
        columns=styled.columns,
        coded=styled.coded,
        preview=quoted(field_of(named)),
    )


def label_of(style: Style | None) -> Label | None:
    """Return the names that a style puts on the map."""
    return None if style is None else style.label


_NAMES = (
    *("municipality", "title_it", "title", "service_name", "union", "zone"),
    *("name_it", "act_title_it", "theme_it", "result_it", "partner_it"),
)
"""Columns by which people know a feature, the best first."""
