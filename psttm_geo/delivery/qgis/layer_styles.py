"""The style of a layer as QGIS keeps it in a GeoPackage: symbols, names, aliases, and what codes mean."""

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pandas as pd

from psttm_geo.core.provenance import marked
from psttm_geo.delivery.qgis.elements import VERSION, document, element, quoted
from psttm_geo.delivery.qgis.labels import labeling
from psttm_geo.delivery.qgis.renderers import Subject, choose_style, renderer
from psttm_geo.delivery.symbology import SYMBOLOGY, Style
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
    attributes = {"version": VERSION, "styleCategories": "AllStyleCategories", **labels_enabled(style)}
    return document(element("qgis", attributes, *style_elements(styled, style, styled.subject())))


def style_elements(
    styled: Styled, style: Style | None, subject: Subject, *, fixed: Collection[str] = ()
) -> list[ET.Element]:
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
    drawn: list[ET.Element] = []
    if style is not None:
        drawn.append(renderer(style, subject, fixed=fixed))
        if style.label is not None:
            drawn.append(labeling(style.label))
    return [*drawn, _forms(styled), _aliases(styled), _preview(styled)]


def labels_enabled(style: Style | None) -> dict[str, bool]:
    """Return the attribute that switches names on."""
    return {"labelsEnabled": style is not None and style.label is not None}


def _forms(styled: Styled) -> ET.Element:
    coded = styled.coded
    return element(
        "fieldConfiguration",
        None,
        *(_widget(name, coded[name]) for name in (column.field for column in styled.columns) if name in coded),
    )


def _widget(name: str, codes: CodedValues) -> ET.Element:
    values = [
        element("Option", {"type": "Map"}, element("Option", {"name": text.it, "type": "QString", "value": code}))
        for code, text in codes.meanings.items()
    ]
    config = element("Option", {"type": "Map"}, element("Option", {"name": "map", "type": "List"}, *values))
    widget = element("editWidget", {"type": "ValueMap"}, element("config", None, config))
    return element("field", {"name": name, "configurationFlags": "None"}, widget)


def _aliases(styled: Styled) -> ET.Element:
    named = enumerate(styled.columns, start=1)  # the first column is the feature's number
    return element(
        "aliases",
        None,
        *(
            element("alias", {"field": column.field, "index": position, "name": column.title.it})
            for position, column in named
        ),
    )


def _preview(styled: Styled) -> ET.Element:
    """Return by what features are listed: a name where there is one, else the last column of the key."""
    named = next((name for name in _NAMES if name in styled.layer.columns), styled.layer.key[-1])
    return element("previewExpression", text=quoted(column_named(named).field))


_NAMES = ("municipality", "title_it", "title", "service_name", "union", "zone")
"""Columns by which people know a feature, the best first."""
