"""Where residents lack a category of services within a quarter of an hour."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from psttm_geo.analysis.proximity import Reach
from psttm_geo.model.walks import DECISECONDS_PER_MINUTE

MAIN_GAPS = 3
"""How many gaps of a municipality are named."""


def list_gaps(reach: Reach, names: pd.DataFrame, categories: Sequence[str], *, profile: str) -> pd.DataFrame:
    """List units and categories with residents beyond 15 minutes, from the gravest.

    Parameters
    ----------
    reach
        Of the units.
    names
        What names each unit: columns that the result carries, one row per unit.
    categories
        The rows of `reach`.
    profile
        Whose reach it is.

    Returns
    -------
    DataFrame
        The columns of `names`, ``category``, ``profile``, ``residents_beyond`` (connected residents who do not arrive
        within 15 minutes), ``gap_minutes`` (what they walk on average; who does not arrive within 100 counts 100).
        Categories without a service anywhere are unknown and have no row.
    """
    parts = []
    for row, category in enumerate(categories):
        beyond = reach.connected - reach.within_15[row]
        lacking = beyond > 0
        minutes = reach.late_decisecond_sum[row, lacking] / beyond[lacking] / DECISECONDS_PER_MINUTE
        parts.append(
            names[lacking].assign(
                category=category, profile=profile, residents_beyond=beyond[lacking], gap_minutes=minutes
            )
        )
    return sort_gaps(pd.concat(parts, ignore_index=True))


def sort_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return gaps from the gravest; equally grave ones stay in their order."""
    gravest = np.argsort(-gaps["residents_beyond"].to_numpy(dtype=float), kind="stable")
    return gaps.iloc[gravest].reset_index(drop=True)


def main_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps of each municipality that concern most residents.

    Parameters
    ----------
    gaps
        As :func:`list_gaps` of municipalities: ``municipality_code``, ``profile``, ``category``, sorted.

    Returns
    -------
    DataFrame
        At most :data:`MAIN_GAPS` rows per municipality and profile, with ``rank`` from 1.
    """
    ranked = gaps.assign(rank=gaps.groupby(["municipality_code", "profile"]).cumcount() + 1)
    kept = ranked[ranked["rank"] <= MAIN_GAPS]
    return kept.sort_values(["municipality_code", "profile", "rank"]).reset_index(drop=True)
