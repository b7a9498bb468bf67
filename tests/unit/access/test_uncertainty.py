"""How sure figures are, on a handful of residents, so that every answer is arithmetic."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psttm_geo.access.alternatives import COUNT, Choice
from psttm_geo.access.indicators import ALL_AGES, BaseUnits, list_indicators, same_units
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import BY_AGE, FARTHEST_ESSENTIAL, UNREACHED, TravelTimes
from psttm_geo.access.uncertainty import LIKELY, Found, Walked, measure_bands, measure_changes
from psttm_geo.schema.layers import AGE_BANDS

NEVER = float("inf")

# One service is missing for every four that are found.
FOUR_FIFTHS = Found(5, 0.25)

ALL = Found(5, 0.0)

Services = Sequence[Mapping[int, float]]
"""For each place, the minutes to services by their number."""


class Town:
    """Residents, and their minutes to the services of each category."""

    def __init__(self, profile: Profile, residents: Sequence[float], **categories: Services) -> None:
        count = len(residents)
        times = np.full((len(categories), COUNT, count), UNREACHED, np.uint16)
        numbers = np.full(times.shape, -1, np.int32)
        for row, services in enumerate(categories.values()):
            for place, minutes in enumerate(services):
                for rank, (number, time) in enumerate(sorted(minutes.items(), key=lambda pair: pair[1])[:COUNT]):
                    times[row, rank, place], numbers[row, rank, place] = round(time * 600), number
        name = profile.identifier
        self.choices = {name: Choice(times, numbers, np.zeros(count))}
        self.walked = TravelTimes(
            places=pd.DataFrame({"residents": residents, "outside": False, "to_end_m": np.inf, "spread_m": 0.0}).assign(
                **dict.fromkeys(AGE_BANDS, 0.0)
            ),
            profiles=(profile,),
            categories=tuple(categories),
            essential=frozenset(categories),
            absent=frozenset(),
            times_ds={name: times[:, 0]},
            connected={name: np.ones(count, bool)},
            isolated={name: np.zeros(count, bool)},
        )

    def ends(
        self,
        found: Found,
        category: str = "farmacia",
        *,
        units: Sequence[int] | None = None,
        indicator: str = "quota_entro_15",
        **others: Found,
    ) -> list[tuple[float, float]]:
        """Give the low and high values of each unit."""
        base = counted_in([0] * len(self.walked.places) if units is None else units)
        known = {name: others.get(name, found) for name in self.walked.categories}
        bands = measure_bands(self.walked, self.choices, known, base)
        table = list_indicators(self.walked, (base,), minutes=(15,), bands=(bands,))
        chosen = table[
            (table["access_indicator"] == indicator)
            & (table["category"] == category)
            & (table["age_band"] == ALL_AGES)
            & (table["profile"] == self.walked.profiles[0].identifier)
        ]
        assert chosen["access_width"].equals(chosen["access_high"] - chosen["access_low"])
        return list(zip(chosen["access_low"], chosen["access_high"], strict=True))


def counted_in(units: Sequence[int]) -> BaseUnits:
    count = max(units) + 1
    nobody = pd.DataFrame(0.0, index=range(count), columns=list(AGE_BANDS))
    return BaseUnits(np.array(units), nobody, (same_units("comune", [str(n) for n in range(count)]),))


@pytest.fixture
def exact(profile: Profile) -> Profile:
    """Give somebody whose speed is known without error."""
    return dataclasses.replace(profile, slowest_m_s=profile.speed_m_s, fastest_m_s=profile.speed_m_s)


def near(low: float, high: float) -> Any:  # noqa: ANN401 - what pytest compares with
    return pytest.approx((low, high), abs=1e-9)


# Missing services.


def test_where_nothing_is_missing_a_figure_is_its_own_band(exact: Profile) -> None:
    town = Town(exact, [3, 1], farmacia=[{0: 5}, {0: 20, 1: 30}])
    assert town.ends(ALL) == [near(0.75, 0.75)]
    minutes = (3 * 5 + 20) / 4
    assert town.ends(ALL, indicator="minuti_medi") == [near(minutes, minutes)]
    assert town.ends(ALL, indicator="residenti_entro_15") == [near(3, 3)]


def test_a_share_has_what_missing_services_may_add(exact: Profile) -> None:
    # Ten places with a service of their own, as many without: a fourth more are expected, 1.25 for each found.
    town = Town(exact, [1] * 20, farmacia=[{number: 5} for number in range(10)] + [{0: 50}] * 10)
    estimate = 10 * 1.25
    variance = 0.2 * (10 + 1) * 1.25**2
    assert town.ends(FOUR_FIFTHS) == [near(0.5, (estimate + LIKELY * math.sqrt(variance)) / 20)]


def test_a_second_service_takes_back_what_the_first_one_promised(exact: Profile) -> None:
    # 1 - (-1/4)^2 of whoever reaches two; without either of the two 1 - (-1/4), so that each is worth -5/16.
    town = Town(exact, [16, 16], farmacia=[{0: 5, 1: 6}, {0: 50}])
    effect = 16 * (15 / 16 - 5 / 4)
    high = 16 + LIKELY * math.sqrt(0.2 * 3 * effect**2)
    assert town.ends(FOUR_FIFTHS) == [near(0.5, high / 32)]


def test_many_services_within_reach_leave_nothing_to_doubt(exact: Profile) -> None:
    town = Town(exact, [16, 16], farmacia=[dict.fromkeys(range(4), 5), {0: 50}])
    assert town.ends(FOUR_FIFTHS) == [near(0.5, 0.5)]


def test_each_unit_has_the_services_that_its_own_residents_reach(exact: Profile) -> None:
    town = Town(exact, [1, 9, 10], farmacia=[{0: 5}, {1: 40}, dict.fromkeys(range(4), 3)])
    (low, high), other = town.ends(FOUR_FIFTHS, units=[0, 0, 1])
    # Twice the effect of the one service: of those found, and of one as large that is not.
    assert (low, high) == near(0.1, (1.25 + LIKELY * math.sqrt(0.2 * 2 * 1.25**2)) / 10)
    assert other == near(1, 1)


def test_no_share_is_above_one(exact: Profile) -> None:
    assert Town(exact, [1, 1], farmacia=[{0: 5}, {1: 5}]).ends(FOUR_FIFTHS) == [near(1, 1)]


def test_mean_minutes_have_what_missing_services_may_save(exact: Profile) -> None:
    # In the mean over what might have been found 10 - 1/4 * 20 + 1/16 * 40 minutes; without the nearest 12.5 more.
    town = Town(exact, [1], farmacia=[{0: 10, 1: 30, 2: 70}])
    low = 7.5 - LIKELY * math.sqrt(0.2 * 2 * 12.5**2)
    assert town.ends(FOUR_FIFTHS, indicator="minuti_medi") == [near(max(low, 0), 10)]
    town = Town(exact, [1], farmacia=[{0: 10, 1: 12}])
    longer = 2 - 88 / 4
    low = 10 - LIKELY * math.sqrt(0.2 * 2 * (1.25 * longer) ** 2)
    assert town.ends(FOUR_FIFTHS, indicator="minuti_medi") == [near(max(low, 0), 10)]


def test_an_estimate_of_what_is_missing_has_an_error_of_its_own(exact: Profile) -> None:
    town = Town(exact, [1] * 4, farmacia=[{0: 5}, {1: 5}, {0: 50}, {0: 50}])
    variance = 0.2 * 3 * 1.25**2 + (2 * 0.1) ** 2
    assert town.ends(Found(2, 0.25, 0.1)) == [near(0.5, min(1, (2.5 + LIKELY * math.sqrt(variance)) / 4))]


def test_of_all_essential_categories_each_may_miss_some(exact: Profile) -> None:
    both = [{number: 5} for number in range(40)] + [{0: 50}] * 60
    town = Town(exact, [1] * 100, farmacia=both, scuola=both)
    # Places with one of each stand for 1.25 squared; without one of them for nothing.
    variance = 2 * 0.2 * 41 * (1.25**2) ** 2
    high = (40 * 1.25**2 + LIKELY * math.sqrt(variance)) / 100
    assert town.ends(FOUR_FIFTHS, FARTHEST_ESSENTIAL) == [near(0.4, high)]
    one = (40 * 1.25 + LIKELY * math.sqrt(0.2 * 41 * 1.25**2)) / 100
    assert town.ends(FOUR_FIFTHS, FARTHEST_ESSENTIAL, scuola=ALL) == [near(0.4, one)]


def test_what_rests_on_one_service_has_no_band_and_what_is_missing_unknown_has_half_of_one(exact: Profile) -> None:
    town = Town(exact, [3, 1], farmacia=[{0: 5}, {0: 20}], scuola=[{1: 5}, {1: 5}])
    unknown = Found(5, math.nan)
    for indicator in ("quota_entro_15", "minuti_medi"):
        for category, known in (("farmacia", {"scuola": ALL}), (FARTHEST_ESSENTIAL, {"scuola": ALL})):
            ((low, high),) = town.ends(Found(1, 0.25), category, indicator=indicator, **known)
            assert math.isnan(low)
            assert math.isnan(high)
    for category in ("farmacia", FARTHEST_ESSENTIAL):
        ((low, high),) = town.ends(unknown, category, scuola=ALL)
        assert (low, math.isnan(high)) == (0.75, True)
        ((low, high),) = town.ends(unknown, category, indicator="minuti_medi", scuola=ALL)
        assert (math.isnan(low), high) == (True, pytest.approx((3 * 5 + 20) / 4))


def test_a_category_without_services_has_no_figure_and_no_band(exact: Profile) -> None:
    town = Town(exact, [1], farmacia=[{0: 5}], scuola=[{}])
    town.walked = dataclasses.replace(town.walked, absent=frozenset({"scuola"}))
    for category in ("scuola", FARTHEST_ESSENTIAL):
        ((low, high),) = town.ends(FOUR_FIFTHS, category, scuola=Found(0, 0.25))
        assert math.isnan(low)
        assert math.isnan(high)


# Speed and place.


def test_all_walk_as_the_slowest_or_as_the_fastest_mean_walker(profile: Profile) -> None:
    # The profile's metre in a second may be 0.8 or 1.25.
    town = Town(profile, [1, 2, 4, 8], farmacia=[{0: 11}, {0: 13}, {0: 18}, {0: 19}])
    assert town.ends(ALL) == [near(1 / 15, 7 / 15)]
    minutes = (11 + 26 + 72 + 152) / 15
    assert town.ends(ALL, indicator="minuti_medi") == [near(minutes * 0.8, minutes * 1.25)]


def test_walks_of_a_hundred_minutes_stay_so(profile: Profile) -> None:
    town = Town(profile, [1, 1], farmacia=[{0: 90}, {}])
    assert town.ends(ALL, indicator="minuti_medi") == [near((72 + 100) / 2, 100)]


def test_residents_live_somewhere_around_their_place(exact: Profile) -> None:
    # A walk of exactly 15 minutes is as likely a little shorter as longer; of one of 10 minutes there is no doubt.
    town = Town(exact, [1, 1, 1, 1], farmacia=[{0: 15}, {0: 15}, {0: 10}, {0: 20}])
    town.walked.places["spread_m"] = 30.0
    deviation = math.sqrt(2 * 0.25)
    assert town.ends(ALL) == [near((3 - LIKELY * deviation) / 4, 1)]
    # 30 m are 30 s: the mean of four walks has half of that.
    minutes = (15 + 15 + 10 + 20) / 4
    assert town.ends(ALL, indicator="minuti_medi") == [near(minutes - LIKELY * 0.25, minutes + LIKELY * 0.25)]


def test_the_way_to_the_street_is_known_by_half(exact: Profile) -> None:
    town = Town(exact, [1], farmacia=[{0: 20}])
    choice = town.choices[exact.identifier]
    town.choices = {exact.identifier: dataclasses.replace(choice, off_street_m=np.array([120.0]))}
    assert town.ends(ALL, indicator="minuti_medi") == [near(20 - LIKELY, 20 + LIKELY)]


# Age bands.


def test_age_bands_share_services_and_stand_beside_the_whole(exact: Profile) -> None:
    young = dataclasses.replace(exact, identifier="svelto", bands=("residents_0_14", "residents_15_64"))
    old = dataclasses.replace(exact, identifier="lento", bands=("residents_65_74", "residents_75_over"))
    town = Town(young, [4, 8], farmacia=[{0: 5}, {1: 50}])
    places = town.walked.places.assign(**{band: [1.0, 2.0] for band in AGE_BANDS})
    of_both = {name: {young.identifier: values, old.identifier: values} for name, values in _by_profile(town).items()}
    choice = town.choices[young.identifier]
    town.walked = dataclasses.replace(town.walked, places=places, profiles=(young, old), **of_both)
    choices = {"svelto": choice, "lento": choice}
    bands = measure_bands(town.walked, choices, {"farmacia": FOUR_FIFTHS}, counted_in([0, 0]))
    each = bands[(BY_AGE, "75_piu"), "farmacia"]
    everybody = bands[(BY_AGE, ALL_AGES), "farmacia"]
    # One service serves all four bands: their effects add up before they are squared.
    assert everybody.within_high == pytest.approx(4 * each.within_high)
    assert everybody.within_low == pytest.approx(4 * each.within_low)
    assert {who[0] for who, _ in bands} == {BY_AGE, "svelto", "lento"}


def _by_profile(town: Town) -> dict[str, Any]:
    name = town.walked.profiles[0].identifier
    return {kind: getattr(town.walked, kind)[name] for kind in ("times_ds", "connected", "isolated")}


# Over all that might have been found.


def test_the_band_holds_the_truth_of_nine_samples_in_ten(exact: Profile) -> None:
    chance = np.random.default_rng(20)
    true = [
        {int(number): 5.0 for number in chance.choice(60, chance.integers(0, 4), replace=False)} for _ in range(150)
    ]
    residents = chance.integers(1, 20, 150).tolist()
    served = sum(people for people, services in zip(residents, true, strict=True) if services)
    inside = 0
    for _ in range(60):
        kept = set(np.flatnonzero(chance.random(60) < 0.8).tolist())
        found = [{number: time for number, time in services.items() if number in kept} for services in true]
        town = Town(exact, residents, farmacia=found)
        bands = measure_bands(town.walked, town.choices, {"farmacia": Found(len(kept), 0.25)}, counted_in([0] * 150))
        band = bands[(exact.identifier, ALL_AGES), "farmacia"]
        inside += bool(band.within_low <= served <= band.within_high)
    assert inside >= 54


# What a scenario changes.


def change(before: Town, after: Town, found: Found, *, services: int = 10) -> tuple[float, float]:
    """Give the least and the most by which the number of residents within a quarter of an hour changes."""
    known = dict.fromkeys(before.walked.categories, found)
    walked = [Walked(town.walked, town.choices) for town in (before, after)]
    base = counted_in([0] * len(before.walked.places))
    profile = before.walked.profiles[0].identifier
    changes = measure_changes(*walked, known, ["farmacia"], base, services)
    np.testing.assert_array_equal(changes[profile, FARTHEST_ESSENTIAL], changes[profile, "farmacia"])
    low, high = changes[profile, "farmacia"]
    return float(low[0]), float(high[0])


def test_what_is_surely_added_counts_for_all_whom_nothing_known_serves(exact: Profile) -> None:
    before = Town(exact, [3, 5], farmacia=[{0: 5}, {0: 20}])
    after = Town(exact, [3, 5], farmacia=[{0: 5}, {10: 6, 0: 20}])
    assert change(before, after, ALL) == near(5, 5)


def test_a_service_added_gains_less_where_some_that_nobody_knows_may_be_there_already(exact: Profile) -> None:
    # Everybody reaches the new one: of the first place a quarter more than itself was served before, by estimate.
    before = Town(exact, [4, 5], farmacia=[{0: 5}, {0: 20}])
    after = Town(exact, [4, 5], farmacia=[{0: 5, 10: 6}, {10: 6, 0: 20}])
    deviation = math.sqrt(0.2 * 2 * (4 * 1.25) ** 2)
    assert change(before, after, FOUR_FIFTHS) == near(4 - LIKELY * deviation, 5 + LIKELY * deviation)


def test_slower_or_faster_walkers_change_what_is_gained_only_where_they_arrive_or_not(profile: Profile) -> None:
    slow = dataclasses.replace(profile, slowest_m_s=profile.speed_m_s / 2, fastest_m_s=profile.speed_m_s)
    times = [{0: 12}, {0: 40}, {0: 40}]
    before = Town(slow, [100, 2, 1], farmacia=times)
    after = Town(slow, [100, 2, 1], farmacia=[times[0], {10: 12, 0: 40}, {10: 3, 0: 40}])
    # At half the speed 102 fewer arrive within a quarter of an hour, but 100 of them in any case.
    assert change(before, after, ALL) == near(3 - 2, 3 + 2)


def test_where_nobody_knows_what_is_missing_nothing_is_said_of_a_change(exact: Profile) -> None:
    before, after = (Town(exact, [1], farmacia=[{0: 5, **more}]) for more in ({}, {10: 6}))
    assert all(map(math.isnan, change(before, after, Found(5, math.nan))))
    assert all(map(math.isnan, change(before, after, Found(1, 0.25))))


def test_what_is_surely_closed_costs_what_adding_it_would_give(exact: Profile) -> None:
    times = [{10: 5, 0: 40}, {10: 6, 0: 8}, {0: 20}]
    there = Town(exact, [3, 7, 5], farmacia=times)
    gone = Town(exact, [3, 7, 5], farmacia=[{0: 40}, {0: 8}, {0: 20}])
    low, high = change(there, gone, FOUR_FIFTHS)
    assert change(gone, there, FOUR_FIFTHS) == near(-high, -low)
    assert low <= -3 <= high
    assert change(there, there, FOUR_FIFTHS) == near(0, 0)


def test_where_no_essential_category_changes_their_share_is_surely_the_same(exact: Profile) -> None:
    before, after = (Town(exact, [1], farmacia=[{0: 5}], bar=[{1: 20, **more}]) for more in ({}, {10: 6}))
    walked = [
        Walked(dataclasses.replace(town.walked, essential=frozenset({"farmacia"})), town.choices)
        for town in (before, after)
    ]
    unknown = dict.fromkeys(before.walked.categories, Found(5, math.nan))
    changes = measure_changes(*walked, unknown, ["bar"], counted_in([0]), 10)
    (profile,) = (one.identifier for one in before.walked.profiles)
    assert [end.tolist() for end in changes[profile, FARTHEST_ESSENTIAL]] == [[0], [0]]
    assert all(np.isnan(end).all() for end in changes[profile, "bar"])
