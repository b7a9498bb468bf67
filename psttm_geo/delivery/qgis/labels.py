"""Names on maps as QGIS writes them."""

from xml.etree import ElementTree as ET

from psttm_geo.delivery.qgis.elements import colour, element
from psttm_geo.delivery.symbology import Label
from psttm_geo.schema.columns import column_named

_BUFFER_MM = 0.7

_PLAIN, _BOLD = 50, 75
"""Weights of Qt's fonts."""

_LYING = 4
"""Placement anywhere inside an area, letters upright ("horizontal")."""


def labeling(label: Label) -> ET.Element:
    """Return names in the computer's own font, with a light halo, at readable scales only."""
    text = element(
        "text-style",
        {
            "fieldName": column_named(label.column).field,
            "isExpression": 0,
            "fontSize": label.size_pt,
            "fontSizeUnit": "Point",
            "fontWeight": _BOLD if label.bold else _PLAIN,
            "textColor": colour(label.colour),
            "textOpacity": 1,
            "multilineHeight": 1,
        },
        element(
            "text-buffer",
            {
                "bufferDraw": 1,
                "bufferSize": _BUFFER_MM,
                "bufferSizeUnits": "MM",
                "bufferColor": colour("#FFFFFF"),
                "bufferOpacity": 1,
                "bufferNoFill": 1,
            },
        ),
    )
    placement = element("placement", {"placement": _LYING, "priority": label.priority})
    rendering = element(
        "rendering",
        {
            "drawLabels": 1,
            "scaleVisibility": 1,
            "scaleMin": label.from_scale,
            "scaleMax": label.to_scale,
            "obstacle": 0,
            "limitNumLabels": 0,
            "fontLimitPixelSize": 0,
        },
    )
    settings = element("settings", None, text, placement, rendering)
    return element("labeling", {"type": "simple"}, settings)
