"""Indicators of proximity on a handful of residents, so that every answer is arithmetic."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from psttm_geo.access.indicators import ALL_AGES, NO_CATEGORY, BaseUnits, UnitKind, list_indicators, same_units
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import BY_AGE, FARTHEST_ESSENTIAL, UNREACHED, TravelTimes
from psttm_geo.access.unit_reach import (
    count_changed,
    count_crossed,
    measure_reach,
    reach_table,
    renew_reach,
    reported_profiles,
)
from psttm_geo.schema.layers import AGE_BANDS

Make = Callable[..., TravelTimes]

NEVER = float("inf")


@pytest.fixture
def travel_times(profile: Profile) -> Make:
    """Make walks of one profile out of minutes: one list per category, one number per place."""

    def travel_times(  # noqa: PLR0913 - each test says what matters to it
        minutes: Mapping[str, Sequence[float]],
        residents: Sequence[float],
        *,
        essential: Sequence[str] = (),
        absent: Sequence[str] = (),
        off_street: Sequence[int] = (),
        outside: Sequence[int] = (),
        to_end_m: Sequence[float] | None = None,
        isolated: Sequence[int] = (),
    ) -> TravelTimes:
        count = len(residents)
        places = pd.DataFrame({"municipality_code": "015146", "residents": residents}).assign(
            **dict.fromkeys(AGE_BANDS, 0.0),
            outside=np.isin(np.arange(count), outside),
            to_end_m=np.inf if to_end_m is None else to_end_m,
        )
        times = [[UNREACHED if m == NEVER else round(m * 600) for m in row] for row in minutes.values()]
        here = np.arange(count)
        name = profile.identifier
        return TravelTimes(
            places=places,
            profiles=(profile,),
            categories=tuple(minutes),
            essential=frozenset(essential),
            absent=frozenset(absent),
            times_ds={name: np.array(times, np.uint16).reshape(len(minutes), count)},
            connected={name: ~np.isin(here, [*off_street, *outside])},
            isolated={name: np.isin(here, isolated)},
        )

    return travel_times


def nobody(count: int) -> pd.DataFrame:
    return pd.DataFrame(0.0, index=range(count), columns=list(AGE_BANDS))


def table_of(travel_times: TravelTimes, units: Sequence[int], unplaced: pd.DataFrame | None = None) -> pd.DataFrame:
    away = nobody(max(units) + 1) if unplaced is None else unplaced
    (reach,) = measure_reach(travel_times, travel_times.profiles[0].identifier, [(np.array(units), away)])
    return reach_table(reach, travel_times.categories, travel_times.essential)


def indicators_of(
    travel_times: TravelTimes,
    units: Sequence[int],
    *,
    unplaced: pd.DataFrame | None = None,
    minutes: Sequence[int] = (15,),
) -> pd.DataFrame:
    count = max(units) + 1
    base = BaseUnits(
        np.array(units),
        nobody(count) if unplaced is None else unplaced,
        (same_units("comune", [str(n) for n in range(count)]),),
    )
    return list_indicators(travel_times, (base,), minutes=minutes)


def figure(table: pd.DataFrame, name: str, category: str = "farmacia", unit: str = "0", **where: str) -> float:
    keys = {"access_indicator": name, "category": category, "unit": unit, "age_band": ALL_AGES, **where}
    chosen = table[np.logical_and.reduce([table[key] == value for key, value in keys.items()])]
    assert len(chosen) == 1, chosen
    return float(chosen["access_value"].iloc[0])


# Layers.


def test_shares_are_parts_of_residents_and_the_quarter_of_an_hour_is_included(travel_times: Make) -> None:
    table = table_of(travel_times({"farmacia": [15, 15 + 1 / 600, 5]}, [1, 2, 5], essential=["farmacia"]), [0, 0, 0])
    assert table["residents"].tolist() == [8]
    assert table["share_15_farmacia"].tolist() == [6 / 8]
    assert table["share_all_15"].tolist() == [6 / 8]


def test_all_essential_categories_are_needed_and_others_are_not(travel_times: Make) -> None:
    made = travel_times(
        {"farmacia": [5, 5, 20], "scuola": [5, 20, 5], "ospedale": [90, 90, 90]},
        [1, 1, 2],
        essential=["farmacia", "scuola"],
    )
    table = table_of(made, [0, 0, 0])
    assert table["share_all_15"].tolist() == [1 / 4]
    assert table["share_15_farmacia"].tolist() == [2 / 4]
    assert table["categories_15"].tolist() == [2 / 4 + 3 / 4]
    assert table["minutes_all"].tolist() == [(5 + 20 + 2 * 20) / 4]


def test_means_weigh_residents_and_count_endless_walks_as_a_hundred_minutes(travel_times: Make) -> None:
    table = table_of(travel_times({"farmacia": [10, 30, NEVER]}, [3, 1, 1]), [0, 0, 0])
    assert table["minutes_to_farmacia"].tolist() == [(3 * 10 + 30 + 100) / 5]


def test_who_lives_far_from_every_street_is_unknown_and_beside(travel_times: Make) -> None:
    away = nobody(1).assign(residents_0_14=2.0)
    made = travel_times({"farmacia": [10, NEVER]}, [3, 5], off_street=[1], essential=["farmacia"])
    table = table_of(made, [0, 0], away)
    assert table["residents"].tolist() == [10]
    assert table["residents_unconnected"].tolist() == [5]
    assert table["residents_unplaced"].tolist() == [2]
    assert table["share_unknown"].tolist() == [7 / 10]
    assert table["share_15_farmacia"].tolist() == [3 / 10]
    assert table["minutes_to_farmacia"].tolist() == [10]


def test_who_lives_outside_the_extract_is_no_part_of_shares_and_unknown_beside(travel_times: Make) -> None:
    made = travel_times({"farmacia": [5, 20, NEVER]}, [6, 2, 2], essential=["farmacia"], outside=[2])
    table = table_of(made, [0, 0, 0])
    assert table["residents"].tolist() == [10]
    assert table["residents_outside"].tolist() == [2]
    assert table["residents_unconnected"].tolist() == [0]
    assert table["share_unknown"].tolist() == [2 / 10]
    assert table["share_15_farmacia"].tolist() == [6 / 8]
    assert table["minutes_to_farmacia"].tolist() == [(6 * 5 + 2 * 20) / 8]
    indicators = indicators_of(made, [0, 0, 0])
    assert figure(indicators, "quota_entro_15") == 6 / 8
    assert figure(indicators, "residenti_entro_15") == 6
    assert figure(indicators, "residenti_fuori_estratto", NO_CATEGORY) == 2
    assert figure(indicators, "quota_non_nota", NO_CATEGORY) == 2 / 10


def test_a_unit_that_the_extract_hardly_speaks_of_has_no_figure(travel_times: Make) -> None:
    made = travel_times({"farmacia": [5, NEVER]}, [7, 3], essential=["farmacia"], outside=[1])
    table = table_of(made, [0, 0])
    unknown = ["share_15_farmacia", "share_all_15", "categories_15", "minutes_all", "minutes_to_farmacia"]
    assert table[unknown].isna().all(axis=None)
    assert table["share_unknown"].tolist() == [3 / 10]
    indicators = indicators_of(made, [0, 0])
    said = {"residenti", "residenti_fuori_estratto", "residenti_al_margine", "quota_non_nota"}
    said |= {"residenti_non_connessi", "residenti_isolati", "residenti_senza_posizione"}
    known = indicators[indicators["access_value"].notna()]
    assert set(known["access_indicator"]) == said


@pytest.mark.parametrize(("outside", "share"), [(2, 1), (2.25, np.nan)])
def test_four_fifths_inside_the_extract_are_enough_to_speak_for_a_unit(
    travel_times: Make, outside: float, share: float
) -> None:
    made = travel_times({"farmacia": [5, NEVER]}, [10 - outside, outside], outside=[1])
    assert table_of(made, [0, 0])["share_15_farmacia"].tolist() == pytest.approx([share], nan_ok=True)


def test_larger_units_speak_for_those_inside_only(travel_times: Make) -> None:
    made = travel_times({"farmacia": [5, 5, NEVER]}, [5, 4, 1], essential=["farmacia"], outside=[2])
    both = UnitKind("zona", ("Z",), ("",), csr_array(np.array([[1.0, 1.0]])))
    base = BaseUnits(np.array([0, 1, 1]), nobody(2), (same_units("comune", ["0", "1"]), both))
    table = list_indicators(made, (base,), minutes=(15,))
    assert figure(table, "quota_entro_15", unit="Z") == 1
    assert figure(table, "quota_non_nota", NO_CATEGORY, unit="Z") == 1 / 10


def test_times_near_the_end_of_the_extract_are_counted_as_upper_bounds(travel_times: Make) -> None:
    # A metre in a second: 900 m in a quarter of an hour, straight on.
    made = travel_times(
        {"farmacia": [20, 20, 5, 5]}, [1, 2, 4, 8], essential=["farmacia"], to_end_m=[899, 901, 299, 301]
    )
    assert table_of(made, [0, 0, 0, 0])["residents_near_end"].tolist() == [1 + 4]
    assert figure(indicators_of(made, [0, 0, 0, 0]), "residenti_al_margine", NO_CATEGORY) == 1 + 4


def test_where_the_extract_ends_just_at_the_farthest_service_no_nearer_one_can_stand_beyond(travel_times: Make) -> None:
    made = travel_times({"farmacia": [20, 5]}, [1, 2], essential=["farmacia"], to_end_m=[900, 300])
    assert table_of(made, [0, 0])["residents_near_end"].tolist() == [0]


def test_residents_on_another_piece_of_the_network_are_counted_apart(travel_times: Make) -> None:
    table = table_of(travel_times({"farmacia": [10, NEVER]}, [3, 5], isolated=[1]), [0, 0])
    assert table["residents_isolated"].tolist() == [5]
    assert table["residents_unconnected"].tolist() == [0]


def test_nothing_is_known_of_a_unit_with_nobody_on_a_street(travel_times: Make) -> None:
    made = travel_times({"farmacia": [10, 10]}, [3, 5], off_street=[1], essential=["farmacia"])
    table = table_of(made, [0, 1])
    assert table["share_15_farmacia"].isna().tolist() == [False, True]
    assert table["share_all_15"].isna().tolist() == [False, True]
    assert table["share_unknown"].tolist() == [0, 1]


def test_a_category_without_services_is_unknown_and_so_is_the_share_of_all(travel_times: Make) -> None:
    made = travel_times({"farmacia": [10], "scuola": [NEVER]}, [3], essential=["farmacia", "scuola"], absent=["scuola"])
    table = table_of(made, [0])
    assert table["share_15_farmacia"].tolist() == [1]
    unknown = ["share_15_scuola", "minutes_to_scuola", "share_all_15", "minutes_all", "categories_15"]
    assert table[unknown].isna().all(axis=None)


def test_without_essential_categories_there_is_no_share_of_all(travel_times: Make) -> None:
    table = table_of(travel_times({"ospedale": [10]}, [3]), [0])
    assert table[["share_all_15", "minutes_all", "categories_15"]].isna().all(axis=None)


def test_places_in_no_unit_count_nowhere(travel_times: Make) -> None:
    assert table_of(travel_times({"farmacia": [10, 10]}, [3, 5]), [0, -1])["residents"].tolist() == [3]


def test_larger_units_are_sums_of_their_members(travel_times: Make) -> None:
    made = travel_times({"farmacia": [5, 20, 30]}, [1, 2, 4], essential=["farmacia"])
    name = made.profiles[0].identifier
    (reach,) = measure_reach(made, name, [(np.array([0, 1, 2]), nobody(3))])
    both = reach.of(csr_array(np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])))
    table = reach_table(both, made.categories, made.essential)
    assert table["residents"].tolist() == [3, 7]
    assert table["share_15_farmacia"].tolist() == [1 / 3, 1 / 7]
    assert table["minutes_to_farmacia"].tolist() == [45 / 3, 165 / 7]


# Ages.


@pytest.fixture
def aged(travel_times: Make, profile: Profile) -> TravelTimes:
    """Give two profiles that walk apart: the young in ten minutes, the old in twenty."""
    made = travel_times({"farmacia": [10]}, [8], essential=["farmacia"])
    young = dataclasses.replace(profile, identifier="svelto", bands=("residents_0_14", "residents_15_64"))
    old = dataclasses.replace(profile, identifier="lento", bands=("residents_65_74", "residents_75_over"))
    bands = {"residents_0_14": 1.0, "residents_15_64": 4.0, "residents_65_74": 2.0, "residents_75_over": 1.0}
    yes, no = np.array([True]), np.array([False])
    return dataclasses.replace(
        made,
        places=made.places.assign(**bands),
        profiles=(young, old),
        times_ds={"svelto": np.array([[6000]], np.uint16), "lento": np.array([[12000]], np.uint16)},
        connected={"svelto": yes, "lento": yes},
        isolated={"svelto": no, "lento": no},
    )


def test_each_age_walks_as_its_own_profile_does(aged: TravelTimes) -> None:
    assert reported_profiles(aged) == (BY_AGE, "svelto", "lento")
    table = indicators_of(aged, [0])
    assert figure(table, "quota_entro_15", profile=BY_AGE) == 5 / 8
    assert figure(table, "quota_entro_15", profile="svelto") == 1
    assert figure(table, "quota_entro_15", profile="lento") == 0
    assert figure(table, "minuti_medi", profile=BY_AGE) == (5 * 10 + 3 * 20) / 8
    assert figure(table, "quota_entro_15", profile=BY_AGE, age_band="15_64") == 1
    assert figure(table, "quota_entro_15", profile=BY_AGE, age_band="75_piu") == 0
    assert figure(table, "residenti", NO_CATEGORY, profile=BY_AGE, age_band="65_74") == 2
    (reach,) = measure_reach(aged, BY_AGE, [(np.array([0]), nobody(1))])
    assert reach_table(reach, aged.categories, aged.essential)["share_all_15"].tolist() == [5 / 8]


def test_walks_that_are_too_long_add_up_over_the_ages(aged: TravelTimes) -> None:
    slower = {"svelto": np.array([[12000]], np.uint16), "lento": np.array([[24000]], np.uint16)}
    late = dataclasses.replace(aged, times_ds=slower)
    (reach,) = measure_reach(late, BY_AGE, [(np.array([0]), nobody(1))])
    assert reach.late_decisecond_sum.tolist() == [[5 * 12000 + 3 * 24000]] * 2


def test_figures_are_numbers_and_all_else_is_one_of_a_list(travel_times: Make) -> None:
    kinds = indicators_of(travel_times({"farmacia": [5]}, [1]), [0]).dtypes.astype(str).to_dict()
    assert {kinds.pop(f"access_{name}") for name in ("value", "low", "high", "width")} == {"float64"}
    assert kinds.pop("threshold_min") == "Int64"
    assert set(kinds.values()) == {"category"}


def test_where_ages_are_not_known_nobody_walks_by_age(aged: TravelTimes) -> None:
    ageless = dataclasses.replace(aged, places=aged.places.assign(**dict.fromkeys(AGE_BANDS, 0.0)))
    assert reported_profiles(ageless) == ("svelto", "lento")
    assert set(indicators_of(ageless, [0])["age_band"]) == {ALL_AGES}


def test_a_band_without_a_profile_leaves_no_walk_by_age(aged: TravelTimes) -> None:
    alone = dataclasses.replace(aged, profiles=aged.profiles[:1])
    assert reported_profiles(alone) == ("svelto",)


# Indicators.


def test_residents_within_each_threshold(travel_times: Make) -> None:
    table = indicators_of(travel_times({"farmacia": [4, 5, 5.1, 12]}, [1, 2, 4, 8]), [0] * 4, minutes=(5, 10, 15))
    assert [figure(table, f"residenti_entro_{t}") for t in (5, 10, 15)] == [3, 7, 15]
    assert [figure(table, f"quota_entro_{t}") for t in (5, 10, 15)] == [3 / 15, 7 / 15, 1]
    assert set(table["threshold_min"].dropna()) == {5, 10, 15}


def test_the_median_weighs_residents(travel_times: Make) -> None:
    table = indicators_of(travel_times({"farmacia": [4, 8, 30]}, [2, 1, 2]), [0, 0, 0])
    assert figure(table, "minuti_mediana") == 8
    assert figure(table, "minuti_medi") == (8 + 8 + 60) / 5


@pytest.mark.parametrize(
    ("residents", "median"), [([2, 1, 1], 4), ([2 - 1 / 1024, 1, 1], 8), ([1, 1, 2], 8), ([1, 1, 2 + 1 / 1024], 30)]
)
def test_half_of_the_residents_is_enough_for_the_median_to_the_last_part_of_one(
    travel_times: Make, residents: list[float], median: float
) -> None:
    assert (
        figure(indicators_of(travel_times({"farmacia": [4, 8, 30]}, residents), [0, 0, 0]), "minuti_mediana") == median
    )


@pytest.mark.parametrize(
    ("minutes", "median"),
    [(4.01, 4.1), (64.95, 65), (99.9, 99.9), (99.91, 100), (100, 100), (100 + 1 / 600, None), (NEVER, None)],
)
def test_the_median_is_told_to_the_tenth_of_a_minute_up_to_a_hundred(
    travel_times: Make, minutes: float, median: float | None
) -> None:
    found = figure(indicators_of(travel_times({"farmacia": [minutes]}, [3]), [0]), "minuti_mediana")
    assert np.isnan(found) if median is None else found == pytest.approx(median)


def test_the_median_is_of_those_on_a_street(travel_times: Make) -> None:
    table = indicators_of(travel_times({"farmacia": [4, 8, 8]}, [2, 1, 9], off_street=[2]), [0, 0, 0])
    assert figure(table, "minuti_mediana") == 4


def test_a_median_beyond_a_hundred_minutes_is_not_told(travel_times: Make) -> None:
    table = indicators_of(travel_times({"farmacia": [4, NEVER]}, [1, 2]), [0, 0])
    assert np.isnan(figure(table, "minuti_mediana"))
    assert figure(table, "residenti_oltre_100") == 2


def test_inequality_of_equals_is_nothing(travel_times: Make) -> None:
    made = travel_times({"farmacia": [8, 8]}, [3, 7], essential=["farmacia"])
    table = indicators_of(made, [0, 0])
    assert figure(table, "gini_minuti", FARTHEST_ESSENTIAL) == pytest.approx(0)
    assert figure(table, "quota_decimo_peggiore", FARTHEST_ESSENTIAL) == pytest.approx(0.1)


def test_inequality_where_one_tenth_walks_it_all(travel_times: Make) -> None:
    made = travel_times({"farmacia": [0, 50]}, [9, 1], essential=["farmacia"])
    table = indicators_of(made, [0, 0])
    assert figure(table, "gini_minuti", FARTHEST_ESSENTIAL) == pytest.approx(0.9)
    assert figure(table, "quota_decimo_peggiore", FARTHEST_ESSENTIAL) == pytest.approx(1)


def test_inequality_counts_whoever_does_not_arrive_as_walking_a_hundred_minutes(travel_times: Make) -> None:
    """Nine tenths walk 50 minutes, one tenth 100: of 550 minutes 100 are the tenth's."""
    made = travel_times({"farmacia": [50, NEVER]}, [9, 1], essential=["farmacia"])
    table = indicators_of(made, [0, 0])
    assert figure(table, "quota_decimo_peggiore", FARTHEST_ESSENTIAL) == pytest.approx(100 / 550)
    assert figure(table, "gini_minuti", FARTHEST_ESSENTIAL) == pytest.approx(9 * 50 / (10 * 550))
    assert figure(table, "minuti_medi") == 55


def test_the_gini_index_is_half_the_relative_mean_difference(travel_times: Make) -> None:
    minutes, people = np.array([2.0, 7.0, 11.0, 40.0]), np.array([3.0, 1.0, 5.0, 2.0])
    made = travel_times({"farmacia": minutes.tolist()}, people.tolist(), essential=["farmacia"])
    difference = np.abs(minutes[:, None] - minutes) * people[:, None] * people
    expected = difference.sum() / (2 * people.sum() * (minutes * people).sum())
    assert figure(indicators_of(made, [0] * 4), "gini_minuti", FARTHEST_ESSENTIAL) == pytest.approx(expected)


def test_the_worst_tenth_may_be_part_of_a_place(travel_times: Make) -> None:
    made = travel_times({"farmacia": [10, 20]}, [10, 10], essential=["farmacia"])
    assert figure(indicators_of(made, [0, 0]), "quota_decimo_peggiore", FARTHEST_ESSENTIAL) == pytest.approx(40 / 300)


def test_unknown_stays_unknown_in_every_indicator(travel_times: Make) -> None:
    made = travel_times({"farmacia": [NEVER]}, [3], essential=["farmacia"], absent=["farmacia"])
    table = indicators_of(made, [0])
    general = {
        "residenti",
        "residenti_non_connessi",
        "residenti_isolati",
        "residenti_senza_posizione",
        "residenti_fuori_estratto",
        "residenti_al_margine",
        "quota_non_nota",
    }
    known = table[table["access_value"].notna()]
    assert set(known["access_indicator"]) == general
    assert figure(table, "residenti", NO_CATEGORY) == 3


def test_indicators_and_layers_agree(travel_times: Make) -> None:
    away = nobody(2).assign(residents_15_64=[0.0, 4.0])
    minutes = {"farmacia": [10, 20, NEVER], "scuola": [3, 4, NEVER]}
    made = travel_times(minutes, [1, 2, 4], essential=["farmacia", "scuola"], off_street=[2])
    layer, table = table_of(made, [0, 1, 1], away), indicators_of(made, [0, 1, 1], unplaced=away)
    for unit in ("0", "1"):
        row = layer.iloc[int(unit)]
        assert figure(table, "quota_entro_15", FARTHEST_ESSENTIAL, unit) == row["share_all_15"]
        assert figure(table, "minuti_medi", "farmacia", unit) == row["minutes_to_farmacia"]
        assert figure(table, "quota_non_nota", NO_CATEGORY, unit) == row["share_unknown"]
        assert figure(table, "categorie_entro_15", NO_CATEGORY, unit) == row["categories_15"]
        assert figure(table, "residenti_senza_posizione", NO_CATEGORY, unit) == row["residents_unplaced"]


def test_larger_units_are_reported_with_their_edition(travel_times: Make) -> None:
    made = travel_times({"farmacia": [5, 20]}, [1, 2])
    union = UnitKind("unione", ("Alfa",), ("2022-2024",), csr_array(np.array([[1.0, 1.0]])))
    base = BaseUnits(np.array([0, 1]), nobody(2), (same_units("comune", ["a", "b"]), union))
    table = list_indicators(made, (base,), minutes=(15,))
    assert figure(table, "quota_entro_15", unit="Alfa", unit_kind="unione", edition_or_all="2022-2024") == 1 / 3
    assert figure(table, "quota_entro_15", unit="a", unit_kind="comune", edition_or_all="") == 1


# Changes.


def test_only_what_changed_is_measured_anew(travel_times: Make) -> None:
    before = travel_times({"farmacia": [20, 5], "scuola": [5, 5]}, [1, 2], essential=["farmacia", "scuola"])
    after = travel_times({"farmacia": [10, 5], "scuola": [5, 5]}, [1, 2], essential=["farmacia", "scuola"])
    name = before.profiles[0].identifier
    units = [(np.array([0, 0]), nobody(1))]
    whole = measure_reach(after, name, units)
    renewed = renew_reach(after, name, units, measure_reach(before, name, units), ["farmacia"])
    for field in dataclasses.fields(whole[0]):
        np.testing.assert_array_equal(getattr(renewed[0], field.name), getattr(whole[0], field.name))


def test_the_last_service_of_a_category_leaves_it_unknown(travel_times: Make) -> None:
    before = travel_times({"farmacia": [5]}, [1], essential=["farmacia"])
    after = travel_times({"farmacia": [NEVER]}, [1], essential=["farmacia"], absent=["farmacia"])
    name = before.profiles[0].identifier
    units = [(np.array([0]), nobody(1))]
    (renewed,) = renew_reach(after, name, units, measure_reach(before, name, units), ["farmacia"])
    assert np.isnan(renewed.within_15).all()
    assert np.isnan(count_changed(before, after, name, "farmacia", np.array([0]), 1)).all()


def test_who_gains_and_who_loses(travel_times: Make) -> None:
    before, after = travel_times({"farmacia": [5, 6, 7]}, [1, 2, 4]), travel_times({"farmacia": [4, 8, 7]}, [1, 2, 4])
    gain, loss = count_changed(before, after, before.profiles[0].identifier, "farmacia", np.array([0, 1, 1]), 2)
    assert (gain.tolist(), loss.tolist()) == ([1, 0], [0, 2])


def test_who_comes_within_the_quarter_of_an_hour_and_who_is_so_no_more(travel_times: Make) -> None:
    before = travel_times({"farmacia": [15, 16, 7, 20, NEVER]}, [1, 2, 4, 8, 16], essential=["farmacia"])
    after = travel_times({"farmacia": [16, 15, 9, 18, 3]}, [1, 2, 4, 8, 16], essential=["farmacia"])
    name, towns = before.profiles[0].identifier, np.array([0, 1, 1, 1, 0])
    units = [(towns, 2), (np.array([-1, 0, 0, 0, -1]), 1)]
    for category in ("farmacia", FARTHEST_ESSENTIAL):
        found = count_crossed(before, after, name, category, units)
        assert [(gained.tolist(), lost.tolist()) for gained, lost in found] == [([16, 2], [1, 0]), ([2], [0])]
        assert [gained.tolist() for gained, _ in count_crossed(before, before, name, category, units)] == [[0, 0], [0]]


def test_of_an_unknown_walk_nobody_knows_who_comes_within(travel_times: Make) -> None:
    before = travel_times({"farmacia": [5]}, [1])
    after = travel_times({"farmacia": [NEVER]}, [1], absent=["farmacia"])
    ((gained, lost),) = count_crossed(before, after, before.profiles[0].identifier, "farmacia", [(np.array([0]), 1)])
    assert np.isnan([*gained, *lost]).all()
