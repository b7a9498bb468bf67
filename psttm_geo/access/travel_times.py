"""How long residents walk: what the engine hands to the indicators."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.profiles import Profile

UNREACHED = 65535
"""Time of what cannot be reached within the limit of the search."""

DECISECONDS_PER_MINUTE = 600

BY_AGE = "per_eta"
"""The profile of residents of all ages, each age band walking as its own profile does."""

FARTHEST_ESSENTIAL = "tutte_essenziali"
"""Stands for a category: the walk to the farthest of the essential ones."""


@dataclass(frozen=True)
class TravelTimes:
    """Walking times from places of residents to the nearest service of each category.

    Attributes
    ----------
    places
        Places of residents: ``residents``, the columns of :data:`psttm_geo.schema.layers.AGE_BANDS`, ``outside``
        (whether the extract does not speak of them), ``to_end_m`` (how far, straight on, it ends, metres) and
        ``spread_m`` (how far from there somebody may live along either axis, a standard deviation in metres).
    profiles
        Who walked.
    categories
        In order; the rows of the times.
    essential
        Those that the 15-minute share asks for.
    absent
        Categories without a single service: how far one walks to them is unknown, not endless.
    times_ds
        By profile: one row per category, one column per place; deciseconds, :data:`UNREACHED` beyond the limit.
    connected
        By profile: whether each place is on a street that the profile can walk.
    isolated
        By profile: whether that street is on a piece of the network that leads nowhere.
    """

    places: pd.DataFrame
    profiles: tuple[Profile, ...]
    categories: tuple[str, ...]
    essential: frozenset[str]
    absent: frozenset[str]
    times_ds: Mapping[str, npt.NDArray[np.uint16]]
    connected: Mapping[str, npt.NDArray[np.bool_]]
    isolated: Mapping[str, npt.NDArray[np.bool_]]

    def times_to(self, profile: str, category: str) -> npt.NDArray[np.uint16] | None:
        """Return the times of a profile to a category, or to :data:`FARTHEST_ESSENTIAL`; None where unknown."""
        times = self.times_ds[profile]
        wanted = self.essential if category == FARTHEST_ESSENTIAL else frozenset({category})
        if not wanted or wanted & self.absent:
            return None
        rows = [row for row, name in enumerate(self.categories) if name in wanted]
        return times[rows[0]] if len(rows) == 1 else np.asarray(times[rows].max(axis=0))
