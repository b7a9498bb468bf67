"""How each layer is drawn: one declaration per layer, from which GIS styles are made.

Columns have their Italian field names here, as in the files that the styles travel in.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psttm_geo.outputs import styles
from psttm_geo.outputs.styles import Class


@dataclass(frozen=True)
class Outlined:
    """Outlines only."""

    colour: str = styles.OUTLINE
    width_mm: float = 0.3


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
        What figures are: a ``share`` from 0 to 1 or plain ``figures``.
    gaps
        Shares that are not known: where one is above zero, a figure of zero is not known either.
    unknown
        What the legend says of what is not known.
    """

    column: str
    classes: tuple[Class, ...] | None = None
    unit: str = "figures"
    gaps: tuple[str, ...] = ()
    unknown: str = "non noto"


@dataclass(frozen=True)
class Nested:
    """Areas inside each other by a threshold, the longest drawn first."""

    column: str
    unit: str


@dataclass(frozen=True)
class Marked:
    """Points with a fill and a shape for each value of a column."""

    column: str


Drawing = Outlined | Filled | Categorised | Hatched | Graduated | Nested | Marked


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
    """

    column: str
    size_pt: float
    from_scale: int
    to_scale: int
    bold: bool = False


@dataclass(frozen=True)
class Style:
    """How a layer is drawn.

    Attributes
    ----------
    drawing
        Fills, lines or points.
    label
        None for no names.
    one_of
        Columns of which the map shows one value at a time, the first (the last edition), because features of others
        cover the same ground.
    border_mm
        Width of the outline of filled areas.
    """

    drawing: Drawing
    label: Label | None = None
    one_of: tuple[str, ...] = ()
    border_mm: float = 0.2


SHARES = (
    Class(0, 0, styles.ZERO_FILL),
    *(Class(step / 3, (step + 1) / 3, fill) for step, fill in enumerate(styles.CLASS_FILLS)),
)
"""None, and thirds: the palette has three fills that stay 3:1 apart."""

OVERLAPS = tuple(
    Class(low, high, fill)
    for low, high, fill in zip((0, 0.9, 0.95), (0.9, 0.95, 1), reversed(styles.CLASS_FILLS), strict=True)
)
"""Overlaps of two outlines of one place: the darker, the less they agree."""

_MUNICIPALITY = Label("comune", 7, 1, 275_000)

_ZONE = Label("zona", 11, 90_000, 2_000_000, bold=True)

_UNION = Label("unione", 8, 1, 500_000, bold=True)

_COVERAGE = (
    Graduated("valore"),
    Graduated("progetti"),
    Graduated("quota_si_applica", SHARES, "share", ("quota_si_applica_non_nota",)),
)
"""Measured, activated, normative: drawn is the first of which anything is known."""

_ACCESS = Graduated("quota_tutte_15", SHARES, "share")

_DRIVER = ("edizione", "driver")

SYMBOLOGY: Mapping[str, tuple[Style, ...]] = {
    "comuni": (Style(Categorised("zona", styles.ZONE_FILLS), _MUNICIPALITY),),
    "zone_omogenee": (Style(Categorised("zona", styles.ZONE_FILLS), _ZONE, border_mm=0.6),),
    "unioni_comuni": (Style(Outlined(styles.UNION_OUTLINE, 0.9), _UNION, ("edizione",)),),
    "citta_metropolitana": (Style(Outlined(styles.SELECTED_OUTLINE, 0.9)),),
    "obiettivi": (Style(Filled(styles.YES_FILL, "si applica"), one_of=("edizione", "missione", "numero")),),
    "driver_comuni": tuple(Style(drawing, _MUNICIPALITY, _DRIVER) for drawing in _COVERAGE),
    "driver_zone": tuple(Style(drawing, _ZONE, _DRIVER) for drawing in _COVERAGE),
    "driver_unioni": tuple(Style(drawing, _UNION, _DRIVER) for drawing in _COVERAGE),
    "servizi": (Style(Marked("categoria"), Label("nome", 7, 1, 10_000)),),
    "confini_confronto": (Style(Graduated("iou", OVERLAPS, unknown="manca in OpenStreetMap"), _MUNICIPALITY),),
    "accessibilita_comuni": (Style(_ACCESS, _MUNICIPALITY, ("profilo",)),),
    "accessibilita_zone": (Style(_ACCESS, _ZONE, ("profilo",)),),
    "accessibilita_unioni": (Style(_ACCESS, _UNION, ("profilo",)),),
    "accessibilita_esagoni": (Style(_ACCESS, one_of=("profilo",), border_mm=0.05),),
    "accessibilita_unita": (Style(_ACCESS, one_of=("profilo",)),),
    "carenze": (Style(Graduated("residenti"), one_of=("categoria", "profilo"), border_mm=0.05),),
    "isocrone": (Style(Nested("minuti", "minuti"), one_of=("categoria", "profilo")),),
}
"""By layer; of several styles the first of whose figures anything is known."""

ZONE_LINES = Style(Outlined(width_mm=0.7), _ZONE)
"""Zones above their municipalities, which have their fills."""

MUNICIPALITY_LINES = Style(Outlined(), _MUNICIPALITY)
"""Municipalities below something else."""

DIFFERING_GOALS = Style(Hatched(("missione", "numero"), "titolo"))
"""Goals that do not apply everywhere."""

PROJECT_COUNTS = Style(Graduated("progetti"), _MUNICIPALITY)
"""Projects of a register, by municipality."""
