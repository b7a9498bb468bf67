"""How many residents of units reach services, and how far they walk; what a change of services does to both."""

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, FARTHEST_ESSENTIAL, TravelTimes
from psttm_geo.osm.extent import LEAST_KNOWN_SHARE
from psttm_geo.schema.layers import AGE_BANDS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

QUARTER_HOUR_MIN = 15
"""The time that goal 5.10 speaks of."""


FARTHEST_MIN = 100
"""Longer walks are not told apart: whoever takes them counts as walking so long."""


_DECISECONDS_PER_SECOND = 10


Floats = npt.NDArray[np.float64]


Indices = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Reach:
    """What the residents of units reach, as sums, for one profile.

    Attributes
    ----------
    residents, unconnected, isolated, unplaced, outside, near_end
        One value per unit; the last are connected residents for whom the extract ends, straight on, within a quarter of
        an hour and before the farthest essential service.
    within_15, decisecond_sum, late_decisecond_sum
        One row per category and a last one for the farthest essential; residents within 15 minutes, the times of all
        who are connected added up, and those of whoever does not arrive within 15 minutes; at most
        :data:`FARTHEST_MIN` each. NaN for a category without services.
    """

    residents: Floats
    unconnected: Floats
    isolated: Floats
    unplaced: Floats
    outside: Floats
    near_end: Floats
    within_15: Floats
    decisecond_sum: Floats
    late_decisecond_sum: Floats

    @property
    def connected(self) -> Floats:
        """Residents who live on a street: those of whom something is known."""
        return self.residents - self.unconnected - self.unplaced - self.outside

    @property
    def spoken_of(self) -> Floats:
        """Residents whom the extract speaks of; NaN where they are too few to speak for the unit."""
        return count_spoken_of(self.residents, self.outside)

    def of(self, members: "csr_array") -> "Reach":
        """Return the same for larger units."""
        return Reach(*((members @ getattr(self, field.name).T).T for field in fields(self)))


def reported_profiles(travel_times: TravelTimes) -> tuple[str, ...]:
    """Return the profiles that can be reported: :data:`BY_AGE` first, if ages are known and every band has its own."""
    own = {band for profile in travel_times.profiles for band in profile.bands}
    known = travel_times.places[list(AGE_BANDS)].to_numpy().any()
    by_age = (BY_AGE,) if known and own >= set(AGE_BANDS) else ()
    return (*by_age, *(profile.identifier for profile in travel_times.profiles))


def measure_reach(
    travel_times: TravelTimes, profile: str, units: Sequence[tuple[Indices, pd.DataFrame]]
) -> list[Reach]:
    """Add up what the residents of units reach.

    Parameters
    ----------
    travel_times
        Of all places.
    profile
        One of :func:`reported_profiles`.
    units
        Kinds of units: for each place the position of its unit (-1 for none), and one row per unit with the residents
        without a place, by age band.

    Returns
    -------
    list of Reach
        One per kind.
    """
    parts = list(walkers_of(travel_times, profile))
    residents = np.sum([weights for _, weights in parts], axis=0)
    outside = travel_times.places["outside"].to_numpy()
    unconnected = _where(parts, {own: ~flags & ~outside for own, flags in travel_times.connected.items()})
    isolated = _where(parts, travel_times.isolated)
    near_end = _where(parts, {own: is_near_end(travel_times, own) for own, _ in parts})
    rows = [*travel_times.categories, FARTHEST_ESSENTIAL]
    sums = [np.full((len(_SUMS), len(rows), len(unplaced)), np.nan) for _, unplaced in units]
    for row in range(len(rows)):
        _fill_row(travel_times, parts, units, sums, row)
    found = []
    for (place_unit, unplaced), (within, total, late) in zip(units, sums, strict=True):
        away = unplaced[list(AGE_BANDS)].sum(axis=1).to_numpy(dtype=float)
        of_places = (residents, unconnected, isolated, residents * outside, near_end)
        counted = [sum_by_unit(place_unit, values, len(unplaced)) for values in of_places]
        everybody, off_streets, apart, beyond, at_end = counted
        found.append(Reach(everybody + away, off_streets, apart, away, beyond, at_end, within, total, late))
    return found


def is_near_end(travel_times: TravelTimes, profile: str) -> npt.NDArray[np.bool_]:
    """Tell for which places the extract ends, straight on, within a quarter of an hour and before the farthest service.

    Beyond that end a nearer service may stand: their times are upper bounds.
    """
    speed_m_s = next(one.speed_m_s for one in travel_times.profiles if one.identifier == profile)
    end_ds = travel_times.places["to_end_m"].to_numpy() / speed_m_s * _DECISECONDS_PER_SECOND
    times = travel_times.times_to(profile, FARTHEST_ESSENTIAL)
    limit = np.full(len(end_ds), QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE)
    farthest = limit if times is None else np.minimum(limit, times)
    return np.asarray(travel_times.connected[profile] & (end_ds < farthest))


def renew_reach(
    travel_times: TravelTimes,
    profile: str,
    units: Sequence[tuple[Indices, pd.DataFrame]],
    before: Sequence[Reach],
    changed: Collection[str],
) -> list[Reach]:
    """Return the reach of units after some categories changed; the rest is taken from `before`."""
    rows = [*travel_times.categories, FARTHEST_ESSENTIAL]
    wanted = {*changed, FARTHEST_ESSENTIAL} if travel_times.essential & set(changed) else set(changed)
    parts = list(walkers_of(travel_times, profile))
    sums = [np.array([getattr(reach, name) for name in _SUMS]) for reach in before]
    for row, category in enumerate(rows):
        if category in wanted:
            _fill_row(travel_times, parts, units, sums, row)
    return [
        dataclasses.replace(reach, **dict(zip(_SUMS, values, strict=True)))
        for reach, values in zip(before, sums, strict=True)
    ]


_SUMS = ("within_15", "decisecond_sum", "late_decisecond_sum")


def _fill_row(
    travel_times: TravelTimes,
    parts: Sequence[tuple[str, Floats]],
    units: Sequence[tuple[Indices, pd.DataFrame]],
    sums: Sequence[Floats],
    row: int,
) -> None:
    """Write the sums of a category into those of each kind of units."""
    category = [*travel_times.categories, FARTHEST_ESSENTIAL][row]
    if travel_times.times_to(parts[0][0], category) is None:
        for values in sums:
            values[:, row] = np.nan
        return
    for number, of_row in enumerate(_category_sums(travel_times, parts, category)):
        for values, (place_unit, unplaced) in zip(sums, units, strict=True):
            values[number, row] = sum_by_unit(place_unit, of_row, len(unplaced))


def count_changed(
    before: TravelTimes, after: TravelTimes, profile: str, category: str, place_unit: Indices, count: int
) -> tuple[Floats, Floats]:
    """Count the residents of units whose walk to a category gets shorter, and longer.

    Returns
    -------
    tuple of ndarray
        One value per unit each; NaN where one of the two walks is unknown.
    """
    shorter, longer = np.zeros(len(before.places)), np.zeros(len(before.places))
    for own, weights in walkers_of(before, profile):
        old, new = before.times_to(own, category), after.times_to(own, category)
        if old is None or new is None:
            return np.full(count, np.nan), np.full(count, np.nan)
        shorter += np.where(new < old, weights, 0.0)
        longer += np.where(new > old, weights, 0.0)
    return sum_by_unit(place_unit, shorter, count), sum_by_unit(place_unit, longer, count)


def count_crossed(
    before: TravelTimes, after: TravelTimes, profile: str, category: str, units: Sequence[tuple[Indices, int]]
) -> list[tuple[Floats, Floats]]:
    """Count the residents who come within 15 minutes of a category, and those who are so no more.

    Parameters
    ----------
    before, after
        Of the same places.
    profile
        One of :func:`reported_profiles`.
    category
        Of services, or :data:`psttm_geo.access.travel_times.FARTHEST_ESSENTIAL`.
    units
        Kinds of units: for each place the position of its unit (-1 for none), and how many units there are.

    Returns
    -------
    list of tuple of ndarray
        Of each kind one value per unit, twice; NaN where one of the two walks is unknown.
    """
    limit = QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE
    gained, lost = np.zeros(len(before.places)), np.zeros(len(before.places))
    for own, weights in walkers_of(before, profile):
        old, new = before.times_to(own, category), after.times_to(own, category)
        if old is None or new is None:
            return [(np.full(count, np.nan), np.full(count, np.nan)) for _, count in units]
        gained += np.where((new <= limit) & (old > limit), weights, 0.0)
        lost += np.where((new > limit) & (old <= limit), weights, 0.0)
    return [
        (sum_by_unit(place_unit, gained, count), sum_by_unit(place_unit, lost, count)) for place_unit, count in units
    ]


def walkers_of(travel_times: TravelTimes, profile: str) -> Iterator[tuple[str, Floats]]:
    """Yield who walks: a profile and how many residents of each place walk so."""
    if profile != BY_AGE:
        yield profile, travel_times.places["residents"].to_numpy(dtype=float)
        return
    for own in travel_times.profiles:
        if own.bands:
            yield own.identifier, travel_times.places[list(own.bands)].sum(axis=1).to_numpy(dtype=float)


def _where(parts: Sequence[tuple[str, Floats]], flags: Mapping[str, npt.NDArray[np.bool_]]) -> Floats:
    return np.asarray(np.sum([weights * flags[profile] for profile, weights in parts], axis=0))


def _category_sums(travel_times: TravelTimes, parts: Sequence[tuple[str, Floats]], category: str) -> tuple[Floats, ...]:
    """Return, per place, the three sums of a category as :class:`Reach` has them."""
    within, total, late = (np.zeros(len(travel_times.places)) for _ in range(3))
    for profile, weights in parts:
        times = travel_times.times_to(profile, category)
        if times is not None:
            soon = times <= QUARTER_HOUR_MIN * DECISECONDS_PER_MINUTE
            walked = (
                weights * travel_times.connected[profile] * np.minimum(times, FARTHEST_MIN * DECISECONDS_PER_MINUTE)
            )
            within += np.where(soon, weights, 0.0)
            total += walked
            late += np.where(soon, 0.0, walked)
    return within, total, late


def reach_table(reach: Reach, categories: Sequence[str], essential: frozenset[str]) -> pd.DataFrame:
    """Return the columns of the accessibility layers, one row per unit.

    Returns
    -------
    DataFrame
        ``residents``, ``share_all_15``, ``share_unknown``, ``categories_15``, ``minutes_all``,
        ``residents_outside``, ``residents_near_end``, ``residents_unconnected``, ``residents_isolated``,
        ``residents_unplaced``, and ``minutes_to_`` and ``share_15_`` of every category. Shares of a unit without
        connected residents are unknown, and of one too few of whose residents are inside the extract.
    """
    shares, minutes = reach_figures(reach, range(len(categories) + 1))
    rows = [row for row, name in enumerate(categories) if name in essential]
    columns = {
        "residents": reach.residents,
        "share_all_15": shares[-1],
        "share_unknown": divide(reach.residents - reach.connected, reach.residents),
        "categories_15": shares[rows].sum(axis=0) if rows else np.nan,
        "minutes_all": minutes[-1],
        "residents_outside": reach.outside,
        "residents_near_end": reach.near_end,
        "residents_unconnected": reach.unconnected,
        "residents_isolated": reach.isolated,
        "residents_unplaced": reach.unplaced,
    }
    columns |= {f"minutes_to_{name}": minutes[row] for row, name in enumerate(categories)}
    columns |= {f"share_15_{name}": shares[row] for row, name in enumerate(categories)}
    return pd.DataFrame(columns)


def reach_figures(reach: Reach, rows: Sequence[int]) -> tuple[Floats, Floats]:
    """Return the shares within 15 minutes and the mean minutes of some rows of a reach, one column per unit."""
    wanted = list(rows)
    shares = share_of(reach.within_15[wanted], reach.spoken_of, reach.connected)
    minutes = divide(reach.decisecond_sum[wanted], reach.connected) / DECISECONDS_PER_MINUTE
    return shares, np.where(np.isnan(reach.spoken_of), np.nan, minutes)


def sum_by_unit(place_unit: Indices, values: Floats, count: int) -> Floats:
    """Add up values of places by unit; places in none are left out."""
    inside = place_unit >= 0
    return count_by_unit(place_unit[inside], values[inside], count)


def count_by_unit(groups: Indices, weights: Floats, count: int) -> Floats:
    """Return the weights of each group."""
    return np.bincount(groups, weights, minlength=count).astype(float)


def count_spoken_of(residents: Floats, outside: Floats) -> Floats:
    """Return the residents whom the extract speaks of; NaN where they are too few to speak for a unit."""
    inside = residents - outside
    return np.where((inside >= LEAST_KNOWN_SHARE * residents) | (residents == 0), inside, np.nan)


def share_of(part: Floats, residents: Floats, connected: Floats) -> Floats:
    """Return a share of residents; NaN where nothing is known of any of them."""
    return np.where(connected > 0, divide(part, residents), np.nan)


def divide(values: Floats, by: Floats) -> Floats:
    """Return a quotient; NaN where nothing is divided by nothing."""
    return np.asarray(
        np.divide(values, by, out=np.full(np.broadcast_shapes(values.shape, by.shape), np.nan), where=by > 0)
    )
