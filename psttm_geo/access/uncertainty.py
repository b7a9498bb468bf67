"""How sure shares and mean times are: a low and a high value of each, and what makes them wide.

- **Speed**: the mean speed of a profile lies between two published values; all walk slower, or all faster.
- **Place**: residents live somewhere on the ground that their place stands for, and leave it by a door nobody knows:
  each walk is a little longer or shorter, independently of the others.
- **Missing services**: the data hold a part of the services. With `q` missing for each found, and `k` of them within
  reach of a place, ``1 - (-q)^k`` of its residents reach one: over all samples that might have been found this is what
  would be counted if nothing were missing (the estimator of Horvitz and Thompson (1952), Journal of the American
  Statistical Association 47(260), for the union of what services reach). Its variance is that of services left out
  one by one, each with its own effect, the largest one twice, for the one that is missing may be as large.

Missing services make shares larger and walks shorter, never the contrary, so that a figure as counted is within its
band. A service that is still in the data and no more there is not spoken of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, vstack
from scipy.special import ndtr

from psttm_geo.access.choice import Choice
from psttm_geo.access.indicators import ALL_AGES, Band, BaseUnits, name_band
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.access.unit_reach import FARTHEST_MIN, QUARTER_HOUR_MIN, Floats, reported_profiles, sum_by_unit

LIKELY = 1.96
"""Standard deviations on either side: 95 of 100 of a normal distribution."""

DOOR_SHARE = 0.5
"""Of the distance from a place to its street, the standard deviation of the walk between them."""

_LIMIT_DS = QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE

_CAP_DS = FARTHEST_MIN * DECISECONDS_PER_MINUTE

_DECISECONDS_PER_SECOND = 10

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """How many services of a category the data hold.

    Attributes
    ----------
    services
        In the data, wherever they are.
    ratio
        Missing for each found; NaN where nobody says.
    error
        The standard error of the ratio; 0 where somebody states it.
    """

    services: int
    ratio: float
    error: float = 0.0

    @property
    def missing_share(self) -> float:
        """The part of all services that is missing."""
        return self.ratio / (1 + self.ratio)


def measure_bands(
    travel_times: TravelTimes, choices: Mapping[str, Choice], found: Mapping[str, Found], base: BaseUnits
) -> dict[tuple[tuple[str, str], str], Band]:
    """Measure how sure the figures of units are.

    Parameters
    ----------
    travel_times
        Of all places.
    choices
        By profile, over the same places and categories.
    found
        By category.
    base
        What residents are counted in.

    Returns
    -------
    dict
        By who walks (profile and age band) and category, for :func:`psttm_geo.access.indicators.list_indicators`. A
        category without services has none. What rests on one service only has no band (NaN), and where it is not known
        how many are missing the end that they would move is not known either.
    """
    members = csr_array(vstack([kind.members for kind in base.kinds]))
    reported = reported_profiles(travel_times)
    bands: dict[tuple[tuple[str, str], str], Band] = {}
    for category in [*travel_times.categories, FARTHEST_ESSENTIAL]:
        wanted = travel_times.essential if category == FARTHEST_ESSENTIAL else {category}
        if not wanted or wanted & travel_times.absent:
            continue
        rows = [row for row, name in enumerate(travel_times.categories) if name in wanted]
        known = [found[travel_times.categories[row]] for row in rows]
        for who, (shares, times) in _who(travel_times, choices, rows, known, base).items():
            if who[0] in reported:
                bands[who, category] = _band(shares.of(members), times.of(members), known)
    return bands


@dataclass(frozen=True)
class _Sums:
    """Sums over the residents of units, rows: as counted, as estimated, all slower, all faster, variance of places.

    `missing` holds by category the effect of each service on each unit (rows are services), and how the sum changes
    with the ratio of missing services.
    """

    rows: Matrix
    missing: tuple[tuple[csr_array, Floats], ...]
    everybody: Floats

    def of(self, members: csr_array) -> "_Sums":
        """Return the same for larger units."""
        missing = tuple((csr_array(effects @ members.T), members @ slope) for effects, slope in self.missing)
        return _Sums((members @ self.rows.T).T, missing, members @ self.everybody)

    def __add__(self, other: Self) -> "_Sums":
        missing = tuple(
            (csr_array(mine + its), slope + other_slope)
            for (mine, slope), (its, other_slope) in zip(self.missing, other.missing, strict=True)
        )
        return _Sums(self.rows + other.rows, missing, self.everybody + other.everybody)

    def deviation(self, found: Sequence[Found]) -> Floats:
        """Return how far missing services may take the sums of units: a standard deviation."""
        variance = np.zeros(self.rows.shape[1])
        for (effects, slope), known in zip(self.missing, found, strict=True):
            squares = effects.power(2)
            variance += known.missing_share * (squares.sum(axis=0) + squares.max(axis=0).toarray())
            variance += (slope * known.error) ** 2
        return np.sqrt(variance)


def _band(shares: _Sums, times: _Sums, found: Sequence[Found]) -> Band:
    """Return the band of units: residents within a quarter of an hour, and deciseconds of all added up."""
    if min(known.services for known in found) <= 1:
        nothing = np.full(shares.rows.shape[1], np.nan)
        return Band(nothing, nothing, nothing, nothing)
    now, estimate, slower, faster, places = shares.rows
    within_low = now - np.sqrt((now - slower) ** 2 + LIKELY**2 * places)
    beyond = np.sqrt((LIKELY * shares.deviation(found)) ** 2 + (faster - now) ** 2 + LIKELY**2 * places)
    within_high = np.maximum(now, estimate) + beyond
    now, estimate, slower, faster, places = times.rows
    sum_high = now + np.sqrt((slower - now) ** 2 + LIKELY**2 * places)
    beyond = np.sqrt((LIKELY * times.deviation(found)) ** 2 + (now - faster) ** 2 + LIKELY**2 * places)
    sum_low = np.minimum(now, estimate) - beyond
    return Band(
        np.clip(within_low, 0, None),
        np.minimum(within_high, shares.everybody),
        np.clip(sum_low, 0, None),
        np.minimum(sum_high, times.everybody * _CAP_DS),
    )


def _who(
    travel_times: TravelTimes,
    choices: Mapping[str, Choice],
    rows: Sequence[int],
    found: Sequence[Found],
    base: BaseUnits,
) -> dict[tuple[str, str], tuple[_Sums, _Sums]]:
    """Return the sums of shares and times by profile and age band, and of all bands together."""
    services = max(1, *(int(choice.services[rows].max(initial=-1)) + 1 for choice in choices.values()))
    sums: dict[tuple[str, str], tuple[_Sums, _Sums]] = {}
    for profile in travel_times.profiles:
        choice = choices[profile.identifier]
        error_ds = _place_error(travel_times, profile, choice)
        share_of_each = _measure_shares(choice, rows, found, profile, error_ds)
        time_of_each = _measure_times(choice, rows, found, profile, error_ds)
        connected = travel_times.connected[profile.identifier]
        for band in ("residents", *profile.bands):
            weights = travel_times.places[band].to_numpy(dtype=float) * connected
            who = (profile.identifier, ALL_AGES) if band == "residents" else (BY_AGE, name_band(band))
            share, time = (measure.sums(weights, base, services) for measure in (share_of_each, time_of_each))
            sums[who] = share, time
            if band != "residents":
                every = sums.get((BY_AGE, ALL_AGES))
                sums[BY_AGE, ALL_AGES] = (share, time) if every is None else (every[0] + share, every[1] + time)
    return sums


def _place_error(travel_times: TravelTimes, profile: Profile, choice: Choice) -> Floats:
    """Return the standard deviation of each walk from where a resident's place is not quite known, deciseconds."""
    spread_m = travel_times.places["spread_m"].to_numpy(dtype=float)
    to_street_m = np.where(np.isfinite(choice.off_street_m), choice.off_street_m, 0.0)
    return np.asarray(np.hypot(spread_m, DOOR_SHARE * to_street_m) / profile.speed_m_s * _DECISECONDS_PER_SECOND)


@dataclass(frozen=True)
class _Measure:
    """What is known of one resident of each place: the rows of :class:`_Sums`, and effects of services by category.

    Effects are those of the nearest services; with them come which services they are, and how the estimate changes with
    the ratio of missing ones.
    """

    rows: Matrix
    missing: tuple[tuple[Matrix, npt.NDArray[np.int32], Floats], ...]

    def sums(self, weights: Floats, base: BaseUnits, services: int) -> _Sums:
        """Add up over the residents of units."""
        lived_in = (weights > 0) & (base.place_unit >= 0)
        unit, people = base.place_unit[lived_in], weights[lived_in]
        rows = [sum_by_unit(unit, values[lived_in] * people, base.count) for values in self.rows[:-1]]
        rows.append(sum_by_unit(unit, self.rows[-1][lived_in] * people**2, base.count))
        missing = []
        for effects, which, slope in self.missing:
            mine = effects[:, lived_in] * people
            rank, place = np.nonzero((mine != 0) & (which[:, lived_in] >= 0))
            pairs = (which[:, lived_in][rank, place], unit[place])
            on_units = csr_array((mine[rank, place], pairs), shape=(services, base.count))
            missing.append((on_units, sum_by_unit(unit, slope[lived_in] * people, base.count)))
        return _Sums(np.array(rows), tuple(missing), sum_by_unit(unit, people, base.count))


def _measure_shares(
    choice: Choice, rows: Sequence[int], found: Sequence[Found], profile: Profile, error_ds: Floats
) -> _Measure:
    """Measure whether residents reach categories, all of them, within a quarter of an hour."""
    times = choice.times_ds[rows]
    late = [_unserved((times[row] > _LIMIT_DS).astype(float), known.ratio) for row, known in enumerate(found)]
    served = [1 - estimate for estimate, _, _ in late]
    missing = []
    for row, (_, effects, slope) in enumerate(late):
        others = np.prod(served[:row] + served[row + 1 :], axis=0)
        missing.append((effects * others, choice.services[rows[row], :-1], slope * others))
    farthest = times[:, 0].max(axis=0).astype(float)
    within = [farthest <= _LIMIT_DS * pace for pace in _paces(profile)]
    likely = ndtr(np.divide(_LIMIT_DS - farthest, error_ds, out=np.full(len(farthest), np.inf), where=error_ds > 0))
    measured = [farthest <= _LIMIT_DS, np.prod(served, axis=0), *within, likely * (1 - likely)]
    return _Measure(np.array(measured, float), tuple(missing))


def _measure_times(
    choice: Choice, rows: Sequence[int], found: Sequence[Found], profile: Profile, error_ds: Floats
) -> _Measure:
    """Measure how long residents walk to the farthest of categories; at most :data:`FARTHEST_MIN`."""
    steps = np.minimum(choice.times_ds[rows], _CAP_DS).astype(float)
    walks = [_unserved(steps[row], known.ratio) for row, known in enumerate(found)]
    estimates = np.array([estimate for estimate, _, _ in walks])
    last = estimates.argmax(axis=0)
    missing = [
        (effects * (last == row), choice.services[rows[row], :-1], slope * (last == row))
        for row, (_, effects, slope) in enumerate(walks)
    ]
    now = steps[:, 0].max(axis=0)
    endless = now >= _CAP_DS
    paced = [np.where(endless, _CAP_DS, np.minimum(now / pace, _CAP_DS)) for pace in _paces(profile)]
    measured = [now, estimates.max(axis=0), *paced, np.where(endless, 0.0, error_ds**2)]
    return _Measure(np.array(measured, float), tuple(missing))


def _paces(profile: Profile) -> tuple[float, float]:
    """Return how fast the slowest and the fastest mean walker goes, as parts of the profile's speed."""
    return profile.slowest_m_s / profile.speed_m_s, profile.fastest_m_s / profile.speed_m_s


def _unserved(steps: Matrix, ratio: float) -> tuple[Floats, Matrix, Floats]:
    """Estimate what is left without services, as if none were missing.

    Parameters
    ----------
    steps
        What is left with the nearest service, the next, and so on; rows are ranks, columns are places. What is left
        with none of the last is not told from nothing: it counts with a high power of the ratio.
    ratio
        Missing services for each found.

    Returns
    -------
    tuple of ndarray
        The estimate of each place, what it grows by without the service of each rank but the last, and what it changes
        by with the ratio.
    """
    gaps = np.diff(steps, axis=0)
    ranks = np.arange(1, len(steps))[:, None]
    powers = (-ratio) ** (ranks - 1)
    estimate = steps[0] - ratio * (powers * gaps).sum(axis=0)
    effects = ((1 + ratio) * powers * gaps)[::-1].cumsum(axis=0)[::-1]
    return estimate, effects, -(ranks * powers * gaps).sum(axis=0)
