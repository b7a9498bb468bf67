"""Themes that layers belong to: groups of a project, and what catalogues file metadata under."""

import functools
from dataclasses import dataclass
from pathlib import Path

from psttm_geo.core.messages import Text
from psttm_geo.schema.dictionary import read_rows


@dataclass(frozen=True)
class Theme:
    """A theme.

    Attributes
    ----------
    title
        Of the group.
    layers
        Names of its layers and tables, in order.
    inspire
        Its INSPIRE theme: the code at ``http://inspire.ec.europa.eu/theme/`` and the Italian name that GEMET gives it.
    topic
        Its category of ISO 19115.
    data_themes
        Its codes in the European vocabulary of data themes, at
        ``http://publications.europa.eu/resource/authority/data-theme/``.
    """

    title: Text
    layers: tuple[str, ...]
    inspire: tuple[str, str]
    topic: str
    data_themes: tuple[str, ...]


@functools.cache
def list_themes() -> tuple[Theme, ...]:
    """Return the themes in the order of a project's groups; every layer belongs to one."""
    return tuple(
        Theme(
            title=Text(row["title_it"], row["title_en"]),
            layers=tuple(row["layers"].split()),
            inspire=(row["inspire_code"], row["inspire_name"]),
            topic=row["topic"],
            data_themes=tuple(row["data_themes"].split()),
        )
        for row in read_rows("themes.csv", Path(__file__).parent)
    )


def theme_of(layer: str) -> Theme:
    """Return the theme of a layer by its Italian name; a test proves that each has one."""
    return next(theme for theme in list_themes() if layer in theme.layers)
