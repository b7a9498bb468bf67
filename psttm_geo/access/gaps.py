"""Where residents lack a category of services within a quarter of an hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.travel_times import DECISECONDS_PER_MINUTE
from psttm_geo.access.unit_reach import Reach

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gaps:
    """Where residents lack a category, for one profile: equally long arrays, in the order of categories and units.

    Attributes
    ----------
    unit, category
        Positions.
    residents
        Connected residents who do not arrive within 15 minutes: some.
    minutes
        What they walk on average; who does not arrive within 100 counts 100.
    """

    unit: npt.NDArray[np.int32]
    category: npt.NDArray[np.int8]
    residents: Floats
    minutes: Floats


def find_gaps(reach: Reach, categories: int) -> Gaps:
    """Find the units and categories with residents beyond 15 minutes.

    Parameters
    ----------
    reach
        Of the units.
    categories
        How many of its rows are categories. One without a service anywhere is unknown and has no gap, nor has a unit
        too few of whose residents are inside the extract.
    """
    beyond = np.where(np.isnan(reach.spoken_of), np.nan, reach.connected - reach.within_15[:categories])
    category, unit = np.nonzero(beyond > 0)
    residents = beyond[category, unit]
    minutes = reach.late_decisecond_sum[category, unit] / residents / DECISECONDS_PER_MINUTE
    return Gaps(unit.astype(np.int32), category.astype(np.int8), residents, minutes)


def list_gaps(gaps: Mapping[str, Gaps], names: pd.DataFrame, categories: Sequence[str]) -> pd.DataFrame:
    """List gaps from the gravest.

    Parameters
    ----------
    gaps
        By profile.
    names
        What names each unit: columns that the result carries, one row per unit.
    categories
        What gaps count categories in.

    Returns
    -------
    DataFrame
        The columns of `names`, ``category``, ``profile``, ``residents_beyond``, ``gap_minutes``. Texts are categories
        in the order of the alphabet, for there are hundreds of thousands of rows. Equally grave gaps stay in the order
        of profiles, categories and units.
    """
    residents = np.concatenate([found.residents for found in gaps.values()])
    gravest = np.argsort(-residents, kind="stable")
    unit = np.concatenate([found.unit for found in gaps.values()])[gravest]
    category = np.concatenate([found.category for found in gaps.values()])[gravest]
    profile = np.repeat(np.arange(len(gaps), dtype=np.int8), [len(found.unit) for found in gaps.values()])[gravest]
    texts = [name for name in names.columns if isinstance(names[name].dtype, pd.StringDtype)]
    listed = names.astype(dict.fromkeys(texts, pd.CategoricalDtype(ordered=True))).iloc[unit].reset_index(drop=True)
    return listed.assign(
        category=_in_order(category, categories),
        profile=_in_order(profile, list(gaps)),
        residents_beyond=residents[gravest],
        gap_minutes=np.concatenate([found.minutes for found in gaps.values()])[gravest],
    )


def _in_order(positions: npt.NDArray[np.int8], texts: Sequence[str]) -> "pd.Categorical[str]":
    """Return texts, given by their positions, as categories in the order of the alphabet."""
    found = pd.Categorical.from_codes(positions, categories=pd.Index(texts))
    return found.reorder_categories(sorted(texts), ordered=True)


def rank_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Rank all gaps of each municipality by the residents that they concern.

    Parameters
    ----------
    gaps
        As :func:`list_gaps` of municipalities: ``municipality_code``, ``profile``, ``category``, sorted.

    Returns
    -------
    DataFrame
        Every row, sorted by municipality and profile, with ``rank`` from 1.
    """
    ranked = gaps.assign(rank=gaps.groupby(["municipality_code", "profile"]).cumcount() + 1)
    ranked = ranked.astype(dict.fromkeys(ranked.select_dtypes("category").columns, str))
    return ranked.sort_values(["municipality_code", "profile", "rank"]).reset_index(drop=True)
