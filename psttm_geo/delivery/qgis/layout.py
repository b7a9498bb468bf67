"""A sheet to print: title, map, legend, scale, north and sources on A3, as QGIS writes it."""

import base64
import math
import textwrap
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree import ElementTree as ET

from psttm_geo.delivery.qgis.elements import colour, element, options
from psttm_geo.schema import colours

SHEET_MM = (420, 297)
"""A3, lying."""

_MAP_MM = (10.0, 26.0, 300.0, 246.0)
"""Left, top, width, height."""

_COLUMN_MM = (316.0, 94.0)
"""Left and width of what stands beside the map."""

_MARGIN = 1.03
"""Of the map around the territory."""

_SCALE_STEP = 10_000
"""Scales of sheets are multiples of it."""

_SEGMENTS_KM = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)

_SEGMENT_MM = 30
"""The longest segment of the scale bar on paper."""

_ITEMS = {"map": 65639, "picture": 65640, "label": 65641, "legend": 65642, "scale": 65646}
"""Numbers by which QGIS knows kinds of items."""

_WRAP = "|"
"""Where a heading of the legend is broken."""

_HEADING_WIDTH = 52
"""Characters of a line of it."""

_TOP, _BOTTOM = 32, 64
"""Where a text stands in its frame, in Qt's numbers."""

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


class _Letters(NamedTuple):
    """How a text is written, and whether it stands at the bottom of its frame."""

    size_pt: int
    bold: bool = False
    at_bottom: bool = False


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


def layout(sheet: Sheet) -> ET.Element:
    """Return the sheet."""
    left, top, width, height = _MAP_MM
    beside, column = _COLUMN_MM
    below = top + height + 3
    return element(
        "Layout",
        {"name": sheet.title, "printResolution": 300, "units": "mm", "worldFileMap": ""},
        element("PageCollection", None, _item(sheet, "page", 65638, (0, 0, *SHEET_MM))),
        _map(sheet),
        _label(sheet, "titolo", sheet.title, (left, 7, SHEET_MM[0] - 20, 10), _Letters(22, bold=True)),
        _label(sheet, "sottotitolo", sheet.subtitle, (left, 17, SHEET_MM[0] - 20, 7), _Letters(10)),
        _legend(sheet, (beside, top, column, 150)),
        _label(
            sheet,
            "note",
            "\n".join(sheet.notes),
            (beside, 178, column, top + height - 178),
            _Letters(7, at_bottom=True),
        ),
        _scale_bar(sheet, (left, below, 100, 12)),
        _label(sheet, "rapporto", _SCALE_TEXT, (left + 110, below + 3, 60, 6), _Letters(9)),
        _item(
            sheet,
            "nord",
            _ITEMS["picture"],
            (left + width - 12, below, 12, 16),
            file=f"base64:{_NORTH}",
            mode=0,
            mapUuid=_identifier(sheet, "mappa"),
            northMode=0,
            resizeMode=0,
        ),
    )


_SCALE_TEXT = "1:[% format_number(item_variables('mappa')['map_scale'], 0, 'it') %]"


def _map(sheet: Sheet) -> ET.Element:
    west, south, east, north = _rounded(sheet.extent)
    return _item(
        sheet,
        "mappa",
        _ITEMS["map"],
        _MAP_MM,
        element("Extent", {"xmin": west, "ymin": south, "xmax": east, "ymax": north}),
        frame="true",
        followPreset="true",
        followPresetName=sheet.title,
        keepLayerSet="false",
        drawCanvasItems="true",
    )


def _rounded(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the extent around the same middle whose scale on the sheet is round."""
    west, south, east, north = extent
    *_, width_mm, height_mm = _MAP_MM
    needed = max((east - west) * _MARGIN / width_mm, (north - south) * _MARGIN / height_mm) * 1000
    scale = max(_SCALE_STEP, math.ceil(needed / _SCALE_STEP) * _SCALE_STEP)
    half_width, half_height = width_mm * scale / 2000, height_mm * scale / 2000
    x, y = (west + east) / 2, (south + north) / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def _scale_bar(sheet: Sheet, place: tuple[float, float, float, float]) -> ET.Element:
    text = element(
        "text-style",
        {"fontSize": 8, "fontSizeUnit": "Point", "fontWeight": 50, "textColor": colour(colours.TEXT), "textOpacity": 1},
    )
    return _item(
        sheet,
        "scala",
        _ITEMS["scale"],
        place,
        text,
        mapUuid=_identifier(sheet, "mappa"),
        style="Single Box",
        unitType="km",
        unitLabel="km",
        numMapUnitsPerScaleBarUnit=1,
        numUnitsPerSegment=_segment_km(sheet),
        numSegments=2,
        numSegmentsLeft=0,
        height=2,
        labelBarSpace=1.5,
        segmentSizeMode=0,
    )


def _segment_km(sheet: Sheet) -> float:
    """Return the longest round length, two of which fit the scale bar."""
    west, _, east, _ = _rounded(sheet.extent)
    fitting = (east - west) / 1000 / _MAP_MM[2] * _SEGMENT_MM
    return max((length for length in _SEGMENTS_KM if length <= fitting), default=_SEGMENTS_KM[0])


def _legend(sheet: Sheet, place: tuple[float, float, float, float]) -> ET.Element:
    sizes = {"title": 12, "group": 11, "subgroup": 9, "symbol": 8, "symbolLabel": 8}
    fonts = (
        element(
            "style",
            {
                "name": name,
                "marginTop": 2,
                "marginBottom": 3 if name == "title" else 0,
                "marginLeft": 2 if name == "symbolLabel" else 0,
                "alignment": 1,
            },
            _font("styleFont", size, bold=name == "title"),
        )
        for name, size in sizes.items()
    )
    return _item(
        sheet,
        "legenda",
        _ITEMS["legend"],
        place,
        element("layer-tree-group", None, *map(_in_legend, sheet.legend)),
        element("styles", None, *fonts),
        title="Legenda",
        map_uuid=_identifier(sheet, "mappa"),
        legendFilterByMap=1,
        wrapChar=_WRAP,
        resizeToContents=1,
        symbolWidth=7,
        symbolHeight=4,
        boxSpace=0,
        columnSpace=2,
        fontColor=colours.TEXT,
    )


def _in_legend(listed: Listed) -> ET.Element:
    heading = _WRAP.join(textwrap.wrap(listed.heading, _HEADING_WIDTH))
    values = {"legend/title-style": "subgroup", "legend/title-label": heading}
    hidden = {"legend/title-style": "hidden"}
    return element(
        "layer-tree-layer",
        {"id": listed.identifier, "name": listed.heading, "expanded": 1, "checked": "Qt::Checked"},
        element("customproperties", None, options(values if listed.heading else hidden)),
    )


def _label(
    sheet: Sheet,
    name: str,
    text: str,
    place: tuple[float, float, float, float],
    letters: _Letters,
) -> ET.Element:
    red, green, blue = (int(colours.TEXT[at : at + 2], 16) for at in (1, 3, 5))
    return _item(
        sheet,
        name,
        _ITEMS["label"],
        place,
        _font("LabelFont", letters.size_pt, bold=letters.bold),
        element("FontColor", {"red": red, "green": green, "blue": blue, "alpha": 255}),
        labelText=text,
        htmlState=0,
        halign=1,
        valign=_BOTTOM if letters.at_bottom else _TOP,
        marginX=0,
        marginY=0,
    )


def _font(tag: str, size_pt: int, *, bold: bool) -> ET.Element:
    """Return the computer's own font in Qt's form: family, size, then weight at the fifth place."""
    return element(tag, {"description": f"Sans Serif,{size_pt},-1,5,{75 if bold else 50},0,0,0,0,0", "style": ""})


def _item(
    sheet: Sheet,
    name: str,
    kind: int,
    place: tuple[float, float, float, float],
    *inside: ET.Element,
    **attributes: object,
) -> ET.Element:
    left, top, width, height = place
    identifier = _identifier(sheet, name)
    common = {
        "type": kind,
        "id": name,
        "uuid": identifier,
        "templateUuid": identifier,
        "position": f"{left},{top},mm",
        "positionOnPage": f"{left},{top},mm",
        "size": f"{width},{height},mm",
        "referencePoint": 0,
        "visibility": 1,
        "opacity": 1,
        "zValue": 1,
        "background": "true" if name in ("page", "mappa") else "false",
    }
    return element("LayoutItem", {**common, **attributes}, *inside)


def _identifier(sheet: Sheet, name: str) -> str:
    return f"{{{uuid.uuid5(_SHEETS, f'{sheet.title}|{name}')}}}"
