"""How each layer is drawn: one declaration per layer, from which GIS styles are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from psttm_geo.schema import colours
from psttm_geo.schema.colours import Class


@dataclass(frozen=True)
class Outlined:
    """Outlines only; with a light casing they are seen on dark fills too."""

    colour: str = colours.OUTLINE
    width_mm: float = 0.3
    cased: bool = False


@dataclass(frozen=True)
class Filled:
    """One fill, with what it means."""

    fill: str
    meaning: str


@dataclass(frozen=True)
class Categorised:
    """A fill for each value of a column, in the order of its codes (else of the alphabet); fills start again."""

    column: str
    fills: tuple[str, ...]


@dataclass(frozen=True)
class Hatched:
    """Lines in a direction and colour of its own for each feature: areas may lie over each other."""

    key: tuple[str, ...]
    title: str


@dataclass(frozen=True)
class Graduated:
    """A fill by the class of a figure; what is not known is hatched.

    Attributes
    ----------
    column
        The figure.
    classes
        Fixed ones, each value above the `high` of the class before; None to part the known values.
    unit
        What figures are: a ``share`` from 0 to 1, ``residents`` (parts of one come from estimates) or ``figures``.
    gaps
        Shares that are not known: where one is above zero, a figure of zero is not known either.
    unknown
        What the legend says of what is not known.
    meaning
        What the legend says of the figure; the title of its column where empty.
    """

    column: str
    classes: tuple[Class, ...] | None = None
    unit: str = "figures"
    gaps: tuple[str, ...] = ()
    unknown: str = "non noto"
    meaning: str = ""


@dataclass(frozen=True)
class Changed:
    """A fill by the sign of a difference, said as legends are to say it: loss, none, gain; unknown is hatched."""

    column: str
    meaning: str


@dataclass(frozen=True)
class Nested:
    """Areas inside each other by a threshold, the longest drawn first; what legends say of it."""

    column: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Marked:
    """Points with a fill and a shape for each value of a column."""

    column: str
    fills: tuple[str, ...] = colours.MARKER_FILLS


Drawing = Outlined | Filled | Categorised | Hatched | Graduated | Changed | Nested | Marked


@dataclass(frozen=True)
class Label:
    """A name on each feature.

    Attributes
    ----------
    column
        The name.
    size_pt
        Its size.
    from_scale, to_scale
        Denominators of the largest and smallest scale that show it.
    bold
        Whether it is heavier than others.
    priority
        From 0 to 10: where two names do not fit, the lower one is left out.
    colour
        Of the letters.
    """

    column: str
    size_pt: float
    from_scale: int
    to_scale: int
    bold: bool = False
    priority: int = 3
    colour: str = colours.TEXT


@dataclass(frozen=True)
class Style:
    """How a layer is drawn.

    Attributes
    ----------
    drawing
        Fills, lines or points.
    label
        None for no names.
    first_of, last_of
        Columns of which the map shows one value at a time, the first or the last, because features of other values
        cover the same ground.
    border_mm
        Width of the outline of filled areas.
    """

    drawing: Drawing
    label: Label | None = None
    first_of: tuple[str, ...] = ()
    last_of: tuple[str, ...] = ()
    border_mm: float = 0.2


_SHARE_ENDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)

SHARES = tuple(
    Class(low, high, fill) for (low, high), fill in zip(pairwise(_SHARE_ENDS), colours.REACHED_FILLS, strict=True)
)
"""Classes of shares, the same for every service, unit and date: maps can be set side by side."""

OVERLAPS = tuple(
    Class(low, high, fill)
    for low, high, fill in zip((0, 0.9, 0.95), (0.9, 0.95, 1), reversed(colours.CLASS_FILLS), strict=True)
)
"""Overlaps of two outlines of one place: the darker, the less they agree."""

_MUNICIPALITY = Label("municipality", 7, 1, 275_000)

_ZONE = Label("zone", 11, 90_000, 2_000_000, bold=True, priority=6)

_UNION = Label("union", 7.5, 1, 500_000, bold=True, priority=9, colour=colours.UNION_OUTLINE)

_REACHED = "quota di residenti con tutti i servizi essenziali entro 15 minuti a piedi"

_COVERAGE = (
    Graduated("value", unit="share", meaning=_REACHED),
    Graduated("projects"),
    Graduated("applies_share", None, "share", ("applies_unknown_share",)),
)
"""Measured, activated, normative: drawn is the first of which anything is known."""


def _covered(label: Label) -> tuple[Style, ...]:
    return tuple(Style(drawing, label, ("driver",), ("edition",)) for drawing in _COVERAGE)


def _reached(label: Label | None = None, last_of: tuple[str, ...] = (), border_mm: float = 0.2) -> tuple[Style, ...]:
    """Draw residents who reach everything; of walkers, those who walk as their age does (the last by name)."""
    drawing = Graduated("share_all_15", SHARES, "share", meaning=_REACHED)
    return (Style(drawing, label, last_of=(*last_of, "profile"), border_mm=border_mm),)


def _gained(label: Label | None = None, last_of: tuple[str, ...] = (), border_mm: float = 0.2) -> tuple[Style, ...]:
    """Draw who gains and who loses, of the same walkers as :func:`_reached`."""
    drawing = Changed("change_share_all_15", f"{_REACHED}, rispetto a oggi")
    return (Style(drawing, label, last_of=(*last_of, "profile"), border_mm=border_mm),)


SYMBOLOGY: Mapping[str, tuple[Style, ...]] = {
    "comuni": (Style(Categorised("zone", colours.ZONE_FILLS), _MUNICIPALITY),),
    "zone_omogenee": (Style(Categorised("zone", colours.ZONE_FILLS), _ZONE, border_mm=0.6),),
    "unioni_comuni": (Style(Outlined(colours.UNION_OUTLINE, 0.9), _UNION, last_of=("edition",)),),
    "citta_metropolitana": (Style(Outlined(colours.SELECTED_OUTLINE, 0.9)),),
    "obiettivi": (Style(Filled(colours.YES_FILL, "si applica"), None, ("mission", "number"), ("edition",)),),
    "driver_comuni": _covered(_MUNICIPALITY),
    "driver_zone": _covered(_ZONE),
    "driver_unioni": _covered(_UNION),
    "servizi": (Style(Marked("category"), Label("service_name", 7, 1, 10_000)),),
    "confini_confronto": (Style(Graduated("iou", OVERLAPS, unknown="manca in OpenStreetMap"), _MUNICIPALITY),),
    "accessibilita_comuni": _reached(_MUNICIPALITY),
    "accessibilita_zone": _reached(_ZONE),
    "accessibilita_unioni": _reached(_UNION, ("edition",)),
    "accessibilita_citta_metropolitana": _reached(),
    "accessibilita_esagoni": _reached(border_mm=0.05),
    "accessibilita_unita": _reached(Label("own_unit", 8, 1, 200_000)),
    "carenze": (
        Style(Graduated("residents_beyond", unit="residents"), None, ("category",), ("profile",), border_mm=0.05),
    ),
    "bacini_servizi": (Style(Marked("category"), Label("residents", 7, 1, 10_000), (), ("profile",)),),
    "isocrone": (Style(Nested("minutes", "minuti", "fin dove si arriva a piedi"), None, ("origin", "profile")),),
    "scenario_comuni": _gained(_MUNICIPALITY),
    "scenario_zone": _gained(_ZONE),
    "scenario_unioni": _gained(_UNION, ("edition",)),
    "scenario_citta_metropolitana": _gained(),
    "scenario_esagoni": _gained(border_mm=0.05),
    "scenario_unita": _gained(Label("own_unit", 8, 1, 200_000)),
    "scenario_servizi": (Style(Marked("action", colours.MARKER_FILLS[1:]), Label("service_name", 7, 1, 100_000)),),
    "siti": (Style(Marked("action", colours.MARKER_FILLS[1:]), Label("number", 9, 1, 500_000, bold=True)),),
    "siti_esclusi": (Style(Marked("exclusion", colours.MARKER_FILLS[3:]), Label("candidate", 7, 1, 50_000)),),
}
"""By layer; of several styles the first of whose figures anything is known."""

ZONE_LINES = Style(Outlined(width_mm=0.6, cased=True), _ZONE)
"""Zones above their municipalities, which have their fills."""

MUNICIPALITY_LINES = Style(Outlined(), _MUNICIPALITY)
"""Municipalities below or above something else."""

DIFFERING_GOALS = Style(Hatched(("mission", "number"), "title_it"))
"""Goals that do not apply everywhere."""

PROJECT_COUNTS = Style(Graduated("projects"), _MUNICIPALITY)
"""Projects of a register, by municipality."""
