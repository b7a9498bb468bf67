"""How many everyday services are missing from the data: what two lists have in common tells what both lack.

Of `a` services in one list and `b` in another, `m` are in both. If being in one says nothing about being in the other,
there are about ``(a + 1)(b + 1) / (m + 1) - 1`` in all: Chapman, D. G. (1951), Some properties of the hypergeometric
distribution with applications to zoological sample censuses, University of California Publications in Statistics 1;
its variance is of Seber, G. A. F. (1970), The effects of trap response on tag recapture estimates, Biometrics 26(1).
A list that was copied from the other seems to lack nothing: one that has nothing of its own is not believed. Nor are
two that have little in common: they list different things, or the same ones too far apart to be recognised.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from psttm_geo.services.register_records import PlacedRegister

ESTIMATED, STATED, UNKNOWN, SINGLE, NONE = "stima", "ipotesi", "non_nota", "un_solo_servizio", "nessun_servizio"
"""What the part of the services that the data hold rests on: the codes of the column ``found_basis``."""

FEWEST_IN_BOTH = 7
"""With fewer services in both lists the estimate is too low: Robson, D. S. and Regier, H. A. (1964), Sample size in
Petersen mark-recapture experiments, Transactions of the American Fisheries Society 93(3)."""

LEAST_IN_COMMON = 0.5
"""Of the shorter list."""

_ROUNDING = 0.25
"""Added to the variance of the number of services: it is a whole number, and small ones are estimated as none."""


LISTS = ("category", "osm", "register", "both", "counted")
"""Columns of what two lists of services have, by category."""


def count_lists(report: pd.DataFrame, registers: Sequence[PlacedRegister]) -> pd.DataFrame:
    """Count what OpenStreetMap and registers have of each category, in the municipalities that registers cover.

    Parameters
    ----------
    report
        As :attr:`psttm_geo.services.merge.MergedServices.report`.
    registers
        That were merged.

    Returns
    -------
    DataFrame
        The columns of :data:`LISTS`: services of a register count where they have a usable point; ``counted`` are those
        in the data. One row per category of a register.
    """
    covered = pd.Series(data=False, index=report.index)
    for placed in registers:
        mine = report["category"].isin(placed.register.services["category"].dropna())
        covers = placed.register.covers
        covered |= mine if covers is None else mine & report["municipality_code"].isin(covers)
    sums = report[covered].drop(columns="municipality_code").groupby("category", as_index=False).sum()
    register = sums["register"] - sums["not_placed"]
    counts: pd.DataFrame = sums.assign(register=register, counted=register + sums["osm_only"] - sums["osm_dropped"])
    return counts[list(LISTS)]


def estimate_missing(counts: pd.DataFrame) -> pd.DataFrame:
    """Estimate how many services are missing for each that is counted, by category.

    Parameters
    ----------
    counts
        The columns of :data:`LISTS`.

    Returns
    -------
    DataFrame
        With ``estimated`` (services in all), ``missing_ratio`` and ``missing_error`` (its standard error). They are NaN
        where the lists do not tell: :data:`FEWEST_IN_BOTH`, :data:`LEAST_IN_COMMON`, a list with nothing of its own.
    """
    osm, register, both = (counts[name].astype(float) for name in ("osm", "register", "both"))
    counted = counts["counted"].astype(float)
    shorter = np.minimum(osm, register)
    tells = (both >= np.maximum(FEWEST_IN_BOTH, LEAST_IN_COMMON * shorter)) & (shorter > both) & (counted > 0)
    in_all = (osm + 1) * (register + 1) / (both + 1) - 1
    variance = (osm + 1) * (register + 1) * (osm - both) * (register - both) / ((both + 1) ** 2 * (both + 2))
    return counts.assign(
        estimated=in_all.where(tells),
        missing_ratio=(in_all / counted - 1).where(tells),
        missing_error=((variance + _ROUNDING) ** 0.5 / counted).where(tells),
    )
