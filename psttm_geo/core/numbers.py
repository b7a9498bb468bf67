"""How shares are rounded and written, here and nowhere else: pages, files, documents and commands say the same."""

import functools
import math
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from psttm_geo.core.messages import NOTHING, Language, Text, gettext

if TYPE_CHECKING:
    from babel.numbers import NumberPattern

SHARE_DECIMALS = 1
"""Of a percentage wherever one is said."""

POINT_DECIMALS = 2
"""Of a difference between two percentages."""

UNKNOWN = gettext("not known")

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
    return Text(write_number(value, "it", decimals), write_number(value, "en", decimals))


def write_number(value: float, language: Language, decimals: int) -> str:
    """Return a figure with its decimals as a language writes it."""
    return str(_pattern(decimals).apply(value, language))


@functools.cache
def _pattern(decimals: int) -> "NumberPattern":
    from babel.numbers import parse_pattern  # noqa: PLC0415 - commands that say no figure do without

    return parse_pattern(f"#,##0.{'0' * decimals}" if decimals else "#,##0")


def say_percent(share: float, decimals: int = SHARE_DECIMALS) -> Text:
    """Return a share (0-1) as a percentage: 88,9 % in Italian, 88.9% in English.

    It has its decimals always; only what is exactly none or all has none: "0,0 %" are few, "0 %" is nobody.
    """
    if math.isnan(share):
        return UNKNOWN
    said = say_number(percentage(share, decimals), 0 if share in (0, 1) else decimals)
    return gettext("{said}%", said=said)


def say_share_change(before: float, after: float) -> Text:
    """Return what becomes of a share: from which to which, or by how many points where both are written alike."""
    if math.isnan(before):
        return gettext("the share is not known")
    if math.isnan(after):
        said = say_percent(before)
        return gettext("the share, {said} before, is not known any more", said=said)
    old, new = say_percent(before), say_percent(after)
    if before == after:
        return gettext("the share stays {old}", old=old)
    if old != new:
        return gettext("the share goes from {old} to {new}", old=old, new=new)
    points = say_points(abs(after - before))
    if after > before:
        return gettext("the share, {old}, rises by {points}", old=old, points=points)
    return gettext("the share, {old}, falls by {points}", old=old, points=points)


def say_points(difference: float) -> Text:
    """Return a difference of shares (0-1, not negative) in percentage points; what is too small to write is said so."""
    points = percentage(difference, POINT_DECIMALS)
    said = say_number(points or 10**-POINT_DECIMALS, POINT_DECIMALS)
    less = NOTHING if points else gettext("less than ")
    return gettext("{less}{said} percentage points", less=less, said=said)
