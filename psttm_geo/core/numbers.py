"""How shares are rounded and written, here and nowhere else: pages, files, documents and commands say the same."""

import math
from typing import overload

import numpy as np
import numpy.typing as npt

from psttm_geo.core.errors import Text

SHARE_DECIMALS = 1
"""Of a percentage wherever one is said."""

POINT_DECIMALS = 2
"""Of a difference between two percentages."""

UNKNOWN = Text("non noto", "not known")

_EPSILON = 1e-9
"""In units of the last decimal: 0.7795 is stored as a little less, and is half all the same."""


@overload
def percentage(share: float, decimals: int = ...) -> float: ...


@overload
def percentage(share: npt.NDArray[np.float64], decimals: int = ...) -> npt.NDArray[np.float64]: ...


def percentage(
    share: float | npt.NDArray[np.float64], decimals: int = SHARE_DECIMALS
) -> float | npt.NDArray[np.float64]:
    """Return shares (0-1) as percentages, rounded once from the unrounded figure, halves away from zero; NaN stays."""
    steps = 100.0 * 10**decimals
    rounded = np.copysign(np.floor(np.abs(share) * steps + 0.5 + _EPSILON), share) / 10**decimals
    return rounded if isinstance(share, np.ndarray) else float(rounded)


def say_number(value: float, decimals: int) -> Text:
    """Return a figure with its decimals as each language writes it: 3.219.391 and 1.575,03 in Italian."""
    english = f"{value:,.{decimals}f}"
    return Text(english.translate(str.maketrans(",.", ".,")), english)


def say_percent(share: float, decimals: int = SHARE_DECIMALS) -> Text:
    """Return a share (0-1) as a percentage: 88,9 % in Italian, 88.9% in English.

    It has its decimals always; only what is exactly none or all has none: "0,0 %" are few, "0 %" is nobody.
    """
    if math.isnan(share):
        return UNKNOWN
    said = say_number(percentage(share, decimals), 0 if share in (0, 1) else decimals)
    return Text(f"{said.it} %", f"{said.en}%")


def say_share_change(before: float, after: float) -> Text:
    """Return what becomes of a share: from which to which, or by how many points where both are written alike."""
    if math.isnan(before):
        return Text("la quota non è nota", "the share is not known")
    if math.isnan(after):
        said = say_percent(before)
        return Text(f"la quota, prima {said.it}, non è più nota", f"the share, {said.en} before, is not known any more")
    old, new = say_percent(before), say_percent(after)
    if before == after:
        return Text(f"la quota resta {old.it}", f"the share stays {old.en}")
    if old != new:
        return Text(f"la quota passa da {old.it} a {new.it}", f"the share goes from {old.en} to {new.en}")
    points = say_points(abs(after - before))
    rises = after > before
    return Text(
        f"la quota, {old.it}, {'sale' if rises else 'scende'} di {points.it}",
        f"the share, {old.en}, {'rises' if rises else 'falls'} by {points.en}",
    )


def say_points(difference: float) -> Text:
    """Return a difference of shares (0-1, not negative) in percentage points; what is too small to write is said so."""
    points = percentage(difference, POINT_DECIMALS)
    said = say_number(points or 10**-POINT_DECIMALS, POINT_DECIMALS)
    less = Text("", "") if points else Text("meno di ", "less than ")
    return Text(f"{less.it}{said.it} punti percentuali", f"{less.en}{said.en} percentage points")
