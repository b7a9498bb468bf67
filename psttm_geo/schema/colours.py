"""The one palette that map, application and GIS styles share.

Fills are the "light" scheme of Paul Tol's technical note on colour schemes (SRON/EPS/TN/09-002, issue 3.2): told apart
with every kind of colour vision and light enough for dark text. Neighbours are separated by an outline, and every zone
also carries its name, so that colour is never the only sign.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

ZONE_FILLS = ("#77AADD", "#99DDFF", "#BBCC33", "#44BB99", "#AAAA00", "#EE8866", "#FFAABB", "#EEDD88")
"""Fills of the zones, in the order of the documents; the last one is Milano's."""

OUTSIDE_FILL = "#E9EAEC"
"""Fill of municipalities outside the territory."""

OUTLINE = "#3D4752"
"""Outline of municipalities and zones."""

CLASS_OUTLINE = "#8A949E"
"""Outline between the fills of classes: 2.5:1 or more against the lightest and the darkest."""

UNION_OUTLINE = "#5B1A6B"
"""Outline of unioni di comuni; 3:1 or more against every zone fill."""

SELECTED_OUTLINE = "#111111"

YES_FILL = "#4477AA"
"""Fill of municipalities that a goal applies to; 3:1 or more against :data:`NO_FILL`."""

NO_FILL = "#FFFFFF"

LOSS_FILL = "#EE8866"
"""Fill of places that lose; those that gain have :data:`YES_FILL`: orange and blue differ in every colour vision."""

SERVICE = "#CCBB44"
"""Of services as dots with a dark rim, seen on light and on dark fills, of the scheme of :data:`MARKER_FILLS`."""

CHANGE = "#AA3377"
"""Of services that a scenario changes, of the scheme of :data:`MARKER_FILLS`; each kind of change has a sign, too."""

UNKNOWN = "unknown"
"""Stands for a hatched fill: what is not known never looks like a value."""

HATCH = ("#FFFFFF", "#8A6D00")
"""Ground and lines of the hatched fill."""


HATCH_CSS = f"repeating-linear-gradient(45deg, {HATCH[0]} 0 4px, {HATCH[1]} 4px 6px)"
"""The same for a legend in HTML."""

NAMED, NAMED_UNKNOWN = "named", "named_unknown"
"""Stand for signs over any fill: full dots on what a goal names in particular, rings where that is not known."""

MARK_INKS = ("#FFFFFF", "#1B2026")
"""Ground and rim of these dots: one of them is seen on every fill."""

MARK_CSS = {
    NAMED: f"radial-gradient(circle, {MARK_INKS[0]} 0 1.6px, {MARK_INKS[1]} 1.6px 2.6px, #4477AA 2.8px) 0 0 / 7px 7px",
    NAMED_UNKNOWN: f"radial-gradient(circle, #FFFFFF 0 1.6px, {MARK_INKS[1]} 1.6px 2.4px, #FFFFFF 2.6px) 0 0 / 7px 7px",
}
"""The same for a legend in HTML."""

ZERO_FILL = "#FFFFFF"
"""Fill of zero, and of nothing else."""

CLASS_FILLS = ("#D6E6F4", "#4680B4", "#0E2A48")
"""Fills of the classes of a figure, from low to high; neighbours are 3:1 or more apart, also with zero first."""

REACHED_FILLS = ("#E3F0DC", "#A7CBB8", "#77A79A", "#3F7B78", "#186065", "#003E4D")
"""Fills of the classes of who reaches services, from few to all: neighbours are 10 or more apart in CAM02-UCS with
ordinary and with colour-blind vision, and fall evenly in grey; six of them cannot be 3:1 apart."""

NEAR_TO_FAR_FILLS = ("#0E2A48", "#2F5F92", "#4680B4", "#8FB5D9", "#D6E6F4")
"""Fills of thresholds inside each other, the nearest first: the middle ones lie between :data:`CLASS_FILLS`."""

MARKER_FILLS = ("#4477AA", "#CCBB44", "#AA3377", "#228833", "#EE6677", "#66CCEE", "#BBBBBB")
"""Fills of point markers: Tol's "bright" scheme, of the same note; every category also has a shape."""

MARKER_SHAPES = ("circle", "square", "triangle", "diamond", "pentagon")
"""Shapes of point markers by their names in QGIS; with the fills they make 35 pairs before one comes back."""

HATCH_ANGLES = (45, 135, 0, 90)
"""Directions of hatched areas that may lie over each other."""

HATCH_LINES = ("#4477AA", "#228833", "#AA3377", "#EE6677")
"""Their lines, of the same scheme: those that are 3:1 or more against white."""

TEXT = "#1B2026"
"""Labels on maps; 4.5:1 or more against every zone fill."""


class Class(NamedTuple):
    """Values from `low` to `high`, both included, and their fill."""

    low: float
    high: float
    fill: str


def zone_fills(zones: Sequence[str]) -> dict[str, str]:
    """Return the fill of each zone; with more zones than colours, colours start again."""
    return {zone: ZONE_FILLS[position % len(ZONE_FILLS)] for position, zone in enumerate(zones)}


def classify(values: Iterable[float]) -> list[Class]:
    """Part known values into at most three classes, each with a fill 3:1 or more apart from its neighbours.

    Up to three distinct values are a class each; else zero, where it occurs, is a class of its own, and the others are
    parted so that classes hold about as many distinct values.

    Parameters
    ----------
    values
        Known values; NaN is left out.

    Returns
    -------
    list of Class
        From low to high; empty when nothing is known.
    """
    distinct = sorted({float(value) for value in values if not math.isnan(value)})
    if len(distinct) <= len(CLASS_FILLS):
        groups = [[value] for value in distinct]
    elif distinct[0] == 0:
        groups = [distinct[:1], *_halves(distinct[1:])]
    else:
        third = -(-len(distinct) // 3)
        groups = [distinct[:third], *_halves(distinct[third:])]
    fills = CLASS_FILLS if len(groups) == len(CLASS_FILLS) else CLASS_FILLS[1:]
    if distinct[:1] == [0]:
        fills = (ZERO_FILL, *CLASS_FILLS[1:])
    return [Class(group[0], group[-1], fill) for group, fill in zip(groups, fills, strict=False)]


def nested_fills(count: int) -> list[str]:
    """Return the fills of thresholds inside each other, the nearest first; few take fills far apart."""
    step = (len(NEAR_TO_FAR_FILLS) - 1) / max(1, count - 1)
    return [NEAR_TO_FAR_FILLS[round(number * step)] for number in range(count)]


def fill_of(value: float, classes: Iterable[Class]) -> str:
    """Return the fill of a value's class; what is not known is hatched (:data:`UNKNOWN`)."""
    return next((one.fill for one in classes if one.low <= value <= one.high), UNKNOWN)


def _halves(values: list[float]) -> list[list[float]]:
    middle = -(-len(values) // 2)
    return [values[:middle], values[middle:]]
