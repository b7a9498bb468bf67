"""The one palette that map, application and GIS styles share.

Fills are the "light" scheme of Paul Tol's technical note on colour schemes (SRON/EPS/TN/09-002, issue 3.2): told apart
with every kind of colour vision and light enough for dark text. Neighbours are separated by an outline, and every zone
also carries its name, so that colour is never the only sign.
"""

from collections.abc import Sequence

ZONE_FILLS = ("#77AADD", "#99DDFF", "#BBCC33", "#44BB99", "#AAAA00", "#EE8866", "#FFAABB", "#EEDD88")
"""Fills of the zones, in the order of the documents; the last one is Milano's."""

OUTSIDE_FILL = "#E9EAEC"
"""Fill of municipalities outside the territory."""

OUTLINE = "#3D4752"
"""Outline of municipalities and zones."""

UNION_OUTLINE = "#5B1A6B"
"""Outline of unioni di comuni; 3:1 or more against every zone fill."""

SELECTED_OUTLINE = "#111111"

YES_FILL = "#4477AA"
"""Fill of municipalities that a goal applies to; 3:1 or more against :data:`NO_FILL`."""

NO_FILL = "#FFFFFF"

UNKNOWN = "unknown"
"""Stands for a hatched fill: what is not known never looks like a value."""

HATCH = ("#FFFFFF", "#8A6D00")
"""Ground and lines of the hatched fill."""


def zone_fills(zones: Sequence[str]) -> dict[str, str]:
    """Return the fill of each zone; with more zones than colours, colours start again."""
    return {zone: ZONE_FILLS[position % len(ZONE_FILLS)] for position, zone in enumerate(zones)}
