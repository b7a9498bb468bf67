"""The services that residents can choose among: not only the nearest of a category, but some of the next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from psttm_geo.access.indicators import ALL_AGES, BaseUnits, Figure, as_categories, bands_of, long_table, people_of
from psttm_geo.access.travel_times import BY_AGE, DECISECONDS_PER_MINUTE, TravelTimes
from psttm_geo.access.unit_reach import (
    FARTHEST_MIN,
    QUARTER_HOUR_MIN,
    Floats,
    count_by_unit,
    count_spoken_of,
    divide,
    reported_profiles,
    sum_by_unit,
)
from psttm_geo.schema.layers import AGE_BANDS

if TYPE_CHECKING:
    from scipy.sparse import csr_array

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


_NAMES = ("servizi_entro", "minuti_al_secondo", "minuti_al_terzo")

_CAP_DS = FARTHEST_MIN * DECISECONDS_PER_MINUTE


def list_choices(
    travel_times: TravelTimes,
    choices: Mapping[str, Choice],
    within: Mapping[str, npt.NDArray[np.int32]],
    bases: Sequence[BaseUnits],
) -> pd.DataFrame:
    """Return how much residents can choose among, as rows of the long table of indicators.

    Parameters
    ----------
    travel_times
        Of all places.
    choices
        By profile, over the same places and categories.
    within
        By profile, how many services of each category (rows) each place reaches within a quarter of an hour.
    bases
        What residents are counted in.

    Returns
    -------
    DataFrame
        The columns of :func:`psttm_geo.access.indicators.list_indicators`: for each category the mean number of
        services within a quarter of an hour, and the mean minutes to the second and the third nearest.
    """
    from scipy.sparse import csr_array, vstack  # noqa: PLC0415 - a quarter of a second that isochrones do without

    tables = []
    for base in bases:
        members = csr_array(vstack([kind.members for kind in base.kinds]))
        figures = [
            (who, category, Figure(name, QUARTER_HOUR_MIN if name == _NAMES[0] else None, values))
            for who, known, sums in _sums_of(travel_times, choices, within, base)
            for category, row in zip(travel_times.categories, sums, strict=True)
            for name, values in zip(_NAMES, _means(members, known, row), strict=True)
        ]
        tables.append(long_table(base, figures))
    return as_categories(pd.concat(tables, ignore_index=True))


def _means(members: "csr_array", known: Floats, sums: Floats) -> Iterator[Floats]:
    """Yield the means of larger units; of those too few of whose residents are inside nothing is known."""
    residents, outside, connected = (members @ counted for counted in known)
    among = np.where(np.isnan(count_spoken_of(residents, outside)), np.nan, connected)
    for name, total in zip(_NAMES, sums, strict=True):
        yield divide(members @ total, among) / (1 if name == _NAMES[0] else DECISECONDS_PER_MINUTE)


def _sums_of(
    travel_times: TravelTimes,
    choices: Mapping[str, Choice],
    within: Mapping[str, npt.NDArray[np.int32]],
    base: BaseUnits,
) -> Iterator[tuple[tuple[str, str], Floats, Floats]]:
    """Yield who walks, their residents by what is known of them, and sums by category and measure; of base units."""
    every: list[tuple[Floats, Floats]] = []
    reported = reported_profiles(travel_times)
    for profile in travel_times.profiles:
        name = profile.identifier
        steps = np.minimum(choices[name].times_ds[:, 1:], _CAP_DS)
        each = np.concatenate([within[name][:, None], steps], axis=1).astype(float)
        absent = [category in travel_times.absent for category in travel_times.categories]
        for who, column in bands_of(profile).items():
            people = people_of(travel_times, profile, column, base)
            sums = np.array([(people @ row.T).T for row in each])
            sums[absent] = np.nan
            known = _count_known(travel_times, column, people, base)
            every += [(known, sums)] if who[0] == BY_AGE else []
            if who[0] in reported:
                yield who, known, sums
    if BY_AGE in reported:
        known, sums = (np.sum(parts, axis=0) for parts in zip(*every, strict=True))
        yield (BY_AGE, ALL_AGES), known, sums


def _count_known(travel_times: TravelTimes, column: str, people: "csr_array", base: BaseUnits) -> Floats:
    """Return residents, those outside the extract and those who are connected, by base unit."""
    weights = travel_times.places[column].to_numpy(dtype=float)
    away = base.unplaced[list(AGE_BANDS) if column == "residents" else [column]].sum(axis=1).to_numpy(dtype=float)
    outside = weights * travel_times.places["outside"].to_numpy()
    counted = [sum_by_unit(base.place_unit, values, base.count) for values in (weights, outside)]
    return np.array([counted[0] + away, counted[1], people.sum(axis=1)])


def list_catchments(travel_times: TravelTimes, choices: Mapping[str, Choice], services: int) -> pd.DataFrame:
    """Return who has each service as the nearest of its category.

    Parameters
    ----------
    travel_times, choices
        As for :func:`list_choices`; services are numbered from 0.
    services
        How many there are.

    Returns
    -------
    DataFrame
        One row per profile that is reported and service: ``profile``, ``service_row`` (its number), ``residents``, the
        columns of :data:`psttm_geo.schema.layers.AGE_BANDS` (zero where ages are not known) and ``catchment_minutes``
        (their mean minutes, NaN where nobody has it).
    """
    tables = []
    for who in reported_profiles(travel_times):
        counts = dict.fromkeys(("residents", *AGE_BANDS, "walked"), np.zeros(services))
        for profile in travel_times.profiles:
            if who not in (BY_AGE, profile.identifier):
                continue
            own = profile.bands if who == BY_AGE else tuple(AGE_BANDS)
            for name, sums in _count_nearest(travel_times, choices[profile.identifier], own, services).items():
                counts[name] = counts[name] + sums
        minutes = divide(counts.pop("walked"), counts["residents"]) / DECISECONDS_PER_MINUTE
        table = pd.DataFrame({"profile": who, "service_row": range(services), **counts})
        tables.append(table.assign(catchment_minutes=minutes))
    return pd.concat(tables, ignore_index=True)


def _count_nearest(travel_times: TravelTimes, choice: Choice, bands: Sequence[str], services: int) -> dict[str, Floats]:
    """Count the residents, of some age bands, who have each service as the nearest, and their deciseconds."""
    nearest, times = choice.services[:, 0], np.minimum(choice.times_ds[:, 0], _CAP_DS)
    there = (nearest >= 0) & (choice.times_ds[:, 0] <= _CAP_DS)
    row, place = np.nonzero(there)
    owner = nearest[row, place].astype(np.intp)
    places = travel_times.places
    everybody = tuple(bands) == tuple(AGE_BANDS)
    people = places["residents"].to_numpy(float) if everybody else places[list(bands)].sum(axis=1).to_numpy(float)
    weights = {"residents": people, **{band: places[band].to_numpy(dtype=float) for band in bands}}
    counts = {name: count_by_unit(owner, values[place], services) for name, values in weights.items()}
    return {**counts, "walked": count_by_unit(owner, people[place] * times[row, place], services)}
