"""A sheet to print: title, map, legend, scale, north and sources on A3, as QGIS writes it."""

import base64
import math
import textwrap
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from psttm_geo.delivery.xml_documents import piece
from psttm_geo.schema import colours

_MAP_MM = (300.0, 246.0)
"""Width and height of the map on the sheet."""

_MARGIN = 1.03
"""Of the map around the territory."""

_SCALE_STEP = 10_000
"""Scales of sheets are multiples of it."""

_SEGMENTS_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)

_SEGMENT_MM = 30
"""The longest segment of the scale bar on paper."""

_WRAP = "|"
"""Where a heading of the legend is broken."""

_HEADING_WIDTH = 52
"""Characters of a line of it."""

_SHEETS = uuid.UUID("0c6c7c0d-3f0b-45c0-9d0e-6f4f1f2f8a55")
"""Where the identifiers of items are made from, the same each time."""

_NORTH = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 60"><path d="M20 14 32 50 20 42 8 50Z" fill="#1B2026"/>'
    b'<text x="20" y="11" font-size="13" text-anchor="middle" font-family="sans-serif" fill="#1B2026">N</text></svg>'
).decode("ascii")


@dataclass(frozen=True)
class Listed:
    """A layer in the legend.

    Attributes
    ----------
    identifier
        Of the layer.
    heading
        Above its entries; empty for none.
    """

    identifier: str
    heading: str

    @property
    def broken_heading(self) -> str:
        """The heading in lines that fit the legend."""
        return _WRAP.join(textwrap.wrap(self.heading, _HEADING_WIDTH))


@dataclass(frozen=True)
class Sheet:
    """What is printed.

    Attributes
    ----------
    title
        Of the sheet, and of the map theme that it shows.
    subtitle
        Below it.
    legend
        Its layers.
    extent
        West, south, east, north of what is to be seen, metres.
    notes
        Paragraphs beside the map: what it cannot show, sources.
    """

    title: str
    subtitle: str
    legend: Sequence[Listed]
    extent: tuple[float, float, float, float]
    notes: Sequence[str]


def layout(sheet: Sheet) -> Markup:
    """Return the sheet."""
    west, south, east, north = _rounded(sheet.extent)
    return piece(
        "sheet.xml",
        sheet=sheet,
        map_mm=_MAP_MM,
        extent=(west, south, east, north),
        segment_km=_segment_km(east - west),
        text_colour=colours.TEXT,
        wrap=_WRAP,
        north=_NORTH,
        identifier=lambda name: f"{{{uuid.uuid5(_SHEETS, f'{sheet.title}|{name}')}}}",
    )


def _rounded(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the extent around the same middle whose scale on the sheet is round."""
    west, south, east, north = extent
    width_mm, height_mm = _MAP_MM
    needed = max((east - west) * _MARGIN / width_mm, (north - south) * _MARGIN / height_mm) * 1000
    scale = max(_SCALE_STEP, math.ceil(needed / _SCALE_STEP) * _SCALE_STEP)
    half_width, half_height = width_mm * scale / 2000, height_mm * scale / 2000
    x, y = (west + east) / 2, (south + north) / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def _segment_km(width_m: float) -> float:
    """Return the longest round length, two of which fit the scale bar of a map of a width on the ground."""
    fitting = width_m / 1000 / _MAP_MM[0] * _SEGMENT_MM
    return max((length for length in _SEGMENTS_KM if length <= fitting), default=_SEGMENTS_KM[0])
