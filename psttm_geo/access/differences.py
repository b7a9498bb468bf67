"""Whether figures with a low and a high value differ."""

import numpy as np
import numpy.typing as npt
import pandas as pd


def differs(smaller: pd.DataFrame, larger: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which differences of figures are larger than their uncertainty: a smaller one is none.

    Parameters
    ----------
    smaller, larger
        ``value``, ``low`` and ``high`` of figures of different units, row by row. What makes each of the two uncertain
        is taken for independent; the speed, which is the same for both, makes differences less uncertain than that.
    """
    above = smaller["high"] - smaller["value"]
    below = larger["value"] - larger["low"]
    return np.asarray(larger["value"] - smaller["value"] > np.hypot(above, below))
