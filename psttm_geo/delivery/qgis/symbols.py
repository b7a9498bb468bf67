"""Symbols as QGIS writes them."""

from xml.etree import ElementTree as ET

from psttm_geo.delivery.qgis.elements import colour, element, options
from psttm_geo.schema import colours

_HATCH_MM = (2.0, 0.3)
"""From line to line of a hatch, and their width."""

_FINE_HATCH_MM = (1.1, 0.25)
"""The same for areas so small that they have thin outlines: hexagons of a sheet are two millimetres wide."""

_THIN_MM = 0.1

_CASING_MM = 0.6

_MARKER_MM = 2.0

_MARKER_BORDER_MM = 0.2


def outline_symbol(line: str, width_mm: float, *, cased: bool) -> ET.Element:
    """Return an outline with nothing inside."""
    casing = [_fill(colours.NO_FILL, colours.NO_FILL, width_mm + _CASING_MM, style="no")] if cased else []
    return _symbol("fill", *casing, _fill(colours.NO_FILL, line, width_mm, style="no"))


def fill_symbol(fill: str, width_mm: float, line: str = colours.OUTLINE) -> ET.Element:
    """Return an area; :data:`psttm_geo.schema.colours.UNKNOWN` is hatched."""
    if fill == colours.UNKNOWN:
        ground, lines = colours.HATCH
        mesh = _FINE_HATCH_MM if width_mm < _THIN_MM else _HATCH_MM
        return _symbol("fill", _fill(ground, line, width_mm), _hatch(lines, colours.HATCH_ANGLES[0], *mesh))
    return _symbol("fill", _fill(fill, line, width_mm))


def hatch_symbol(line: str, angle: int, width_mm: float) -> ET.Element:
    """Return an area of lines that lets others below it be seen."""
    return _symbol("fill", _hatch(line, angle, *_HATCH_MM), _fill(colours.NO_FILL, line, width_mm, style="no"))


def marker_symbol(shape: str, fill: str) -> ET.Element:
    """Return a point."""
    values = {
        "name": shape,
        "color": colour(fill),
        "outline_color": colour(colours.OUTLINE),
        "outline_width": _MARKER_BORDER_MM,
        "outline_width_unit": "MM",
        "size": _MARKER_MM,
        "size_unit": "MM",
    }
    return _symbol("marker", _layer("SimpleMarker", values))


def _symbol(kind: str, *layers: ET.Element) -> ET.Element:
    return element("symbol", {"type": kind, "name": "", "alpha": 1, "clip_to_extent": 1, "force_rhr": 0}, *layers)


def _layer(kind: str, values: dict[str, object], *inside: ET.Element) -> ET.Element:
    return element("layer", {"class": kind, "enabled": 1, "locked": 0, "pass": 0}, options(values), *inside)


def _fill(fill: str, line: str, width_mm: float, *, style: str = "solid") -> ET.Element:
    return _layer(
        "SimpleFill",
        {
            "color": colour(fill),
            "style": style,
            "outline_color": colour(line),
            "outline_style": "solid",
            "outline_width": width_mm,
            "outline_width_unit": "MM",
            "joinstyle": "round",
        },
    )


def _hatch(line: str, angle: int, distance_mm: float, width_mm: float) -> ET.Element:
    stroke = _layer(
        "SimpleLine",
        {
            "line_color": colour(line),
            "line_style": "solid",
            "line_width": width_mm,
            "line_width_unit": "MM",
        },
    )
    # QGIS finds the symbol of the lines by its kind, whatever its name.
    return _layer(
        "LinePatternFill",
        {"angle": angle, "distance": distance_mm, "distance_unit": "MM"},
        _symbol("line", stroke),
    )
