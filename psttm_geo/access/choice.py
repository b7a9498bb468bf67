"""The services that residents can choose among: not only the nearest of a category, but some of the next."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

COUNT = 3
"""Services of a category that are looked for: what a fourth one adds is below what can be told."""


@dataclass(frozen=True)
class Choice:
    """The nearest services of every category from every place of residents, for one profile.

    Attributes
    ----------
    times_ds
        Categories by :data:`COUNT` by places, the nearest first; deciseconds,
        :data:`psttm_geo.access.travel_times.UNREACHED` beyond the limit of the search.
    services
        Which services they are, as numbered by whoever asked; -1 for none.
    off_street_m
        From each place to its street; infinity of places that are not connected.
    """

    times_ds: npt.NDArray[np.uint16]
    services: npt.NDArray[np.int32]
    off_street_m: npt.NDArray[np.float64]
