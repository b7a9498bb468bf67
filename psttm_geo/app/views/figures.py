"""Figures in the words of a table: percentages as they are said, in columns whose order as texts is theirs."""

import math

import pandas as pd

from psttm_geo.app.texts import TEXTS, number, say
from psttm_geo.core.messages import Language
from psttm_geo.core.numbers import percentage

_FIGURE_SPACE = "\u2007"
"""A space as wide as a digit."""


def percentages(shares: pd.Series) -> pd.Series:
    """Return shares (0-1) as percentages, rounded as they are wherever they are said."""
    return pd.Series(percentage(shares.to_numpy(dtype="float64", na_value=math.nan)), shares.index)


def say_figures(column: pd.Series, language: Language, decimals: int, *, always: bool = False) -> list[str]:
    """Say figures with spaces before them, so that their order as texts is their order as figures.

    Whole figures are said without `decimals`; where these are `always` to stand, only none and a hundred are.
    """
    figures = column.astype("float64")
    known = figures.dropna()
    shown = 0 if (known.isin([0, 100]) if always else known % 1 == 0).all() else decimals
    said = [None if math.isnan(figure) else number(figure, language, shown) for figure in figures]
    width = max((len(text) for text in said if text), default=0)
    return [say(TEXTS["non_noto"], language) if text is None else text.rjust(width, _FIGURE_SPACE) for text in said]
