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

What a scenario changes is surer than what it is measured on: both times all walk as fast, live at the same places and
miss the same services, so that only what differs between the two counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from psttm_geo.access.alternatives import COUNT, Choice
from psttm_geo.access.indicators import ALL_AGES, Band, BaseUnits, bands_of, people_of
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.access.unit_reach import FARTHEST_MIN, QUARTER_HOUR_MIN, Floats, reported_profiles

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LIKELY = 1.96
"""Standard deviations on either side: 95 of 100 of a normal distribution."""

LEAST_FOUND = 0.5
"""Of the services: with more missing than found the powers of their ratio grow, and nothing can be said."""

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
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415 - a quarter of a second that isochrones do without

    members = csr_array(vstack([kind.members for kind in base.kinds]))
    reported = reported_profiles(travel_times)
    people = _people(travel_times, base)
    bands: dict[tuple[tuple[str, str], str], Band] = {}
    for category in [*travel_times.categories, FARTHEST_ESSENTIAL]:
        rows = _rows_of(travel_times, category)
        if not rows:
            continue
        known = [found[travel_times.categories[row]] for row in rows]
        services = max(1, *(int(choice.services[rows].max(initial=-1)) + 1 for choice in choices.values()))
        asked = _Asked(rows, known, services)
        for who, (shares, times) in _add_up(
            travel_times, people, partial(_measure_both, travel_times, choices, asked)
        ).items():
            if who[0] in reported:
                bands[who, category] = _band(shares.of(members), times.of(members), known)
    return bands


class Walked(NamedTuple):
    """Residents who walked: the time to the nearest service of each category, and the nearest services, by profile."""

    travel_times: TravelTimes
    choices: Mapping[str, Choice]


def measure_changes(
    before: Walked, after: Walked, found: Mapping[str, Found], categories: Sequence[str], base: BaseUnits, services: int
) -> dict[tuple[str, str], tuple[Floats, Floats]]:
    """Measure how sure it is what a change of services changes.

    Parameters
    ----------
    before, after
        The same residents and categories, with the services of today and with those of a scenario.
    found
        By category.
    categories
        Whose services change.
    base
        What residents are counted in.
    services
        How many there are today: they have the numbers below it in choices. What the scenario adds, moves or closes is
        certain, and has numbers from it on, before and after.

    Returns
    -------
    dict
        By profile, all ages together, and category: the least and the most that the number of residents within a
        quarter of an hour of the category, or of all that are essential, may change by. NaN where it is not known how
        many services are missing, or the data hold but one; no entry for what has no service before or after.
    """
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415 - as above

    members = csr_array(vstack([kind.members for kind in base.kinds]))
    reported = reported_profiles(before.travel_times)
    people = _people(before.travel_times, base)
    changes: dict[tuple[str, str], tuple[Floats, Floats]] = {}
    touched = [*categories]
    if before.travel_times.essential & set(categories):
        touched.append(FARTHEST_ESSENTIAL)
    else:
        nothing = np.zeros(members.shape[0])
        changes |= {(profile, FARTHEST_ESSENTIAL): (nothing, nothing) for profile in reported}
    for category in touched:
        rows = _rows_of(before.travel_times, category)
        if not rows or not _rows_of(after.travel_times, category):
            continue
        known = [found[before.travel_times.categories[row]] for row in rows]
        asked = _Asked(rows, known, services)
        for who, (sums,) in _add_up(before.travel_times, people, partial(_compare, before, after, asked)).items():
            if who[0] in reported and who[1] == ALL_AGES:
                changes[who[0], category] = _change_band(sums.of(members), known)
    return changes


def _rows_of(travel_times: TravelTimes, category: str) -> list[int]:
    """Return the positions of a category, or of all that are essential; none where one has no service."""
    wanted = travel_times.essential if category == FARTHEST_ESSENTIAL else {category}
    if wanted & travel_times.absent:
        return []
    return [row for row, name in enumerate(travel_times.categories) if name in wanted]


def _people(travel_times: TravelTimes, base: BaseUnits) -> "dict[tuple[str, str], csr_array]":
    return {
        who: people_of(travel_times, profile, column, base)
        for profile in travel_times.profiles
        for who, column in bands_of(profile).items()
    }


@dataclass(frozen=True)
class _Sums:
    """Sums over the residents of units.

    `rows` are what is counted, what is estimated, what is counted if all are slower, or faster, and then for each
    category how the estimate changes with its ratio; `places` is the variance of where residents live; `missing` holds
    by category the effect of each service (columns) on each unit.
    """

    rows: Matrix
    places: Floats
    everybody: Floats
    missing: "tuple[csr_array, ...]"

    def of(self, members: "csr_array") -> "_Sums":
        """Return the same for larger units."""
        from scipy.sparse import csr_array  # noqa: PLC0415 - as above

        missing = tuple(csr_array(members @ effects) for effects in self.missing)
        return _Sums((members @ self.rows.T).T, members @ self.places, members @ self.everybody, missing)

    def __add__(self, other: Self) -> "_Sums":
        from scipy.sparse import csr_array  # noqa: PLC0415 - as above

        missing = tuple(csr_array(mine + its) for mine, its in zip(self.missing, other.missing, strict=True))
        return _Sums(self.rows + other.rows, self.places + other.places, self.everybody + other.everybody, missing)

    def deviation(self, found: Sequence[Found]) -> Floats:
        """Return how far missing services may take the sums of units: a standard deviation."""
        variance = np.zeros(len(self.everybody))
        for effects, slope, known in zip(self.missing, self.rows[_PACED:], found, strict=True):
            squares = effects.power(2)
            variance += known.missing_share * (squares.sum(axis=1) + squares.max(axis=1).toarray())
            variance += (slope * known.error) ** 2
        return np.sqrt(variance)


_PACED = 4
"""Rows of :class:`_Sums` before those of categories."""


def _band(shares: _Sums, times: _Sums, found: Sequence[Found]) -> Band:
    """Return the band of units: residents within a quarter of an hour, and deciseconds of all added up."""
    if min(known.services for known in found) <= 1:
        nothing = np.full(len(shares.everybody), np.nan)
        return Band(nothing, nothing, nothing, nothing)
    now, estimate, slower, faster = shares.rows[:_PACED]
    places = LIKELY**2 * shares.places
    within_low = now - np.sqrt((now - slower) ** 2 + places)
    beyond = np.sqrt((LIKELY * shares.deviation(found)) ** 2 + (faster - now) ** 2 + places)
    within_high = np.maximum(now, estimate) + beyond
    now, estimate, slower, faster = times.rows[:_PACED]
    places = LIKELY**2 * times.places
    sum_high = now + np.sqrt((slower - now) ** 2 + places)
    beyond = np.sqrt((LIKELY * times.deviation(found)) ** 2 + (now - faster) ** 2 + places)
    sum_low = np.minimum(now, estimate) - beyond
    return Band(
        np.clip(within_low, 0, None),
        np.minimum(within_high, shares.everybody),
        np.clip(sum_low, 0, None),
        np.minimum(sum_high, times.everybody * _CAP_DS),
    )


def _change_band(change: _Sums, found: Sequence[Found]) -> tuple[Floats, Floats]:
    """Return between which numbers of residents a change lies."""
    if min(known.services for known in found) <= 1:
        nothing = np.full(len(change.everybody), np.nan)
        return nothing, nothing
    now, estimate, slower, faster = change.rows[:_PACED]
    pace = np.maximum(np.abs(slower - now), np.abs(faster - now))
    beyond = np.sqrt((LIKELY * change.deviation(found)) ** 2 + pace**2 + LIKELY**2 * change.places)
    return np.minimum(now, estimate) - beyond, np.maximum(now, estimate) + beyond


def _add_up(
    travel_times: TravelTimes,
    people: "Mapping[tuple[str, str], csr_array]",
    measure: "Callable[[Profile], Sequence[_Measure]]",
) -> dict[tuple[str, str], tuple[_Sums, ...]]:
    """Return the sums of what is measured by profile and age band, and of all bands together."""
    sums: dict[tuple[str, str], tuple[_Sums, ...]] = {}
    for profile in travel_times.profiles:
        measured = measure(profile)
        for who in bands_of(profile):
            sums[who] = mine = tuple(each.sums(people[who]) for each in measured)
            if who[0] == BY_AGE:
                every = sums.get((BY_AGE, ALL_AGES))
                both = mine if every is None else tuple(one + other for one, other in zip(every, mine, strict=True))
                sums[BY_AGE, ALL_AGES] = both
    return sums


class _Asked(NamedTuple):
    """The rows of some categories, how many of their services are known, and below which number these are."""

    rows: Sequence[int]
    found: Sequence[Found]
    services: int


def _measure_both(
    travel_times: TravelTimes, choices: Mapping[str, Choice], asked: _Asked, profile: Profile
) -> "tuple[_Measure, _Measure]":
    """Measure whether residents reach categories within a quarter of an hour, and how long they walk."""
    choice = choices[profile.identifier]
    error_ds = _place_error(travel_times, profile, choice)
    return _measure_shares(choice, asked, profile, error_ds), _measure_times(choice, asked, profile, error_ds)


def _compare(before: Walked, after: Walked, asked: _Asked, profile: Profile) -> "tuple[_Measure]":
    """Measure how many more residents reach categories within a quarter of an hour."""
    old, new = before.choices[profile.identifier], after.choices[profile.identifier]
    error_ds = _place_error(before.travel_times, profile, old)
    less, more = (_measure_shares(choice, asked, profile, error_ds) for choice in (old, new))
    likely = np.abs(_likely(new, asked.rows, error_ds) - _likely(old, asked.rows, error_ds))
    missing = tuple(mine - its for mine, its in zip(more.missing, less.missing, strict=True))
    return (_Measure(more.rows - less.rows, likely * (1 - likely), missing),)


def _place_error(travel_times: TravelTimes, profile: Profile, choice: Choice) -> Floats:
    """Return the standard deviation of each walk from where a resident's place is not quite known, deciseconds."""
    spread_m = travel_times.places["spread_m"].to_numpy(dtype=float)
    to_street_m = np.where(np.isfinite(choice.off_street_m), choice.off_street_m, 0.0)
    return np.asarray(np.hypot(spread_m, DOOR_SHARE * to_street_m) / profile.speed_m_s * _DECISECONDS_PER_SECOND)


@dataclass(frozen=True)
class _Measure:
    """What is known of one resident of each place: the columns of `rows` are places; `missing` has a row for each."""

    rows: Matrix
    places: Floats
    missing: "tuple[csr_array, ...]"

    def sums(self, people: "csr_array") -> _Sums:
        """Add up over the residents of units."""
        from scipy.sparse import csr_array  # noqa: PLC0415 - as above

        missing = tuple(csr_array(people @ effects) for effects in self.missing)
        return _Sums((people @ self.rows.T).T, people.power(2) @ self.places, people.sum(axis=1), missing)


def _measure_shares(choice: Choice, asked: _Asked, profile: Profile, error_ds: Floats) -> _Measure:
    """Measure whether residents reach categories, all of them, within a quarter of an hour."""
    rows, found, services = asked
    reached = [_count_reached(choice, row, services) for row in rows]
    powers = [np.append((-known.ratio) ** np.arange(COUNT), 0.0) for known in found]
    served = [(1 - power)[count] for power, count in zip(powers, reached, strict=True)]
    missing, slopes = [], []
    for number, (row, count, known) in enumerate(zip(rows, reached, found, strict=True)):
        others = np.prod(served[:number] + served[number + 1 :], axis=0)
        few = (count > 0) & (count < COUNT)
        power = (-known.ratio) ** np.where(few, count - 1, 0)
        slopes.append(np.where(few, count * power * others, 0.0))
        which = np.where(few & (np.arange(COUNT)[:, None] < count), choice.services[row], -1)
        missing.append(_on_services(which, (1 + known.ratio) * power * others, services))
    farthest = choice.times_ds[rows, 0].max(axis=0).astype(float)
    within = [farthest <= _LIMIT_DS * pace for pace in _paces(profile)]
    likely = _likely(choice, rows, error_ds)
    measured = [farthest <= _LIMIT_DS, np.prod(served, axis=0), *within, *slopes]
    return _Measure(np.array(measured, float), likely * (1 - likely), tuple(missing))


def _count_reached(choice: Choice, row: int, services: int) -> npt.NDArray[np.intp]:
    """Count the services within a quarter of an hour; where one of them is certain, as many as leave no doubt."""
    within = choice.times_ds[row] <= _LIMIT_DS
    certain = (within & (choice.services[row] >= services)).any(axis=0)
    return np.where(certain, COUNT, within.sum(axis=0))


def _likely(choice: Choice, rows: Sequence[int], error_ds: Floats) -> Floats:
    """Return how likely residents reach categories within a quarter of an hour from where they may live."""
    from scipy.special import ndtr  # noqa: PLC0415 - as above

    spare_ds = _LIMIT_DS - choice.times_ds[rows, 0].max(axis=0).astype(float)
    exact = np.where(spare_ds >= 0, np.inf, -np.inf)
    return np.asarray(ndtr(np.divide(spare_ds, error_ds, out=exact, where=error_ds > 0)))


def _measure_times(choice: Choice, asked: _Asked, profile: Profile, error_ds: Floats) -> _Measure:
    """Measure how long residents walk to the farthest of categories; at most :data:`FARTHEST_MIN`."""
    rows, found, services = asked
    steps = [np.minimum(choice.times_ds[row], _CAP_DS).astype(float) for row in rows]
    # What the walk grows by without the nearest service, as if the next ones might be missing too.
    longer = [
        sum((-known.ratio) ** rank * (each[rank + 1] - each[rank]) for rank in range(COUNT - 1))
        for each, known in zip(steps, found, strict=True)
    ]
    estimates = np.array([each[0] - known.ratio * more for each, more, known in zip(steps, longer, found, strict=True)])
    last = estimates.argmax(axis=0)
    missing, slopes = [], []
    for number, (row, more, known) in enumerate(zip(rows, longer, found, strict=True)):
        effect = np.where(last == number, more, 0.0)
        slopes.append(effect)
        which = np.where(effect != 0, choice.services[row, :1], -1)
        missing.append(_on_services(which, (1 + known.ratio) * effect, services))
    now = np.max([each[0] for each in steps], axis=0)
    endless = now >= _CAP_DS
    paced = [np.where(endless, _CAP_DS, np.minimum(now / pace, _CAP_DS)) for pace in _paces(profile)]
    measured = [now, estimates.max(axis=0), *paced, *slopes]
    return _Measure(np.array(measured, float), np.where(endless, 0.0, error_ds**2), tuple(missing))


def _on_services(which: npt.NDArray[np.int32], effect: Floats, services: int) -> "csr_array":
    """Return the effect of services (columns) at places (rows): the same of each service named at a place."""
    from scipy.sparse import csr_array  # noqa: PLC0415 - as above

    place, rank = np.nonzero(which.T >= 0)
    offsets = np.append(0, np.cumsum((which >= 0).sum(axis=0)))
    return csr_array((effect[place], which[rank, place], offsets), shape=(which.shape[1], services))


def _paces(profile: Profile) -> tuple[float, float]:
    """Return how fast the slowest and the fastest mean walker goes, as parts of the profile's speed."""
    return profile.slowest_m_s / profile.speed_m_s, profile.fastest_m_s / profile.speed_m_s
