"""What residents can choose among, and who each service serves, on a handful of residents."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from psttm_geo.access.alternatives import Choice, list_catchments, list_choices
from psttm_geo.access.indicators import ALL_AGES, BaseUnits, same_units
from psttm_geo.access.profiles import Profile
from psttm_geo.access.travel_times import BY_AGE, UNREACHED, TravelTimes
from psttm_geo.schema.layers import AGE_BANDS

# Minutes of three places to the nearest, second and third pharmacy, and which they are; the last place has one only.
MINUTES = [[5, 10, 20], [10, 20, 0], [30, 40, 0]]

PHARMACIES = [[0, 1, 1], [1, 0, -1], [2, 2, -1]]

RESIDENTS = [6.0, 2.0, 4.0]


@pytest.fixture
def walked(profile: Profile) -> tuple[TravelTimes, dict[str, Choice]]:
    """Give residents of whom two thirds are young; the old walk as the young do."""
    young = dataclasses.replace(profile, identifier="giovane", bands=("residents_0_14", "residents_15_64"))
    old = dataclasses.replace(profile, identifier="anziano", bands=("residents_65_74", "residents_75_over"))
    services = np.array([PHARMACIES, np.full((3, 3), -1)], np.int32)
    times = np.where(services >= 0, np.array([MINUTES, MINUTES]) * 600, UNREACHED).astype(np.uint16)
    parts = zip(AGE_BANDS, (3, 3, 6, 6), strict=True)
    ages = {band: np.array(RESIDENTS) / part for band, part in parts}
    places = pd.DataFrame({"residents": RESIDENTS, "outside": False, **ages})
    names = ("giovane", "anziano")
    return (
        TravelTimes(
            places=places,
            profiles=(young, old),
            categories=("farmacia", "scuola"),
            essential=frozenset(),
            absent=frozenset({"scuola"}),
            times_ds=dict.fromkeys(names, times[:, 0]),
            connected=dict.fromkeys(names, np.ones(3, bool)),
            isolated=dict.fromkeys(names, np.zeros(3, bool)),
        ),
        dict.fromkeys(names, Choice(times, services, np.zeros(3))),
    )


def test_second_and_third_services_and_their_number_are_means_of_residents(walked: Any) -> None:  # noqa: ANN401 - a pair
    travel_times, choices = walked
    within = dict.fromkeys(choices, np.array([[2, 1, 0], [0, 0, 0]], np.int32))
    nobody = pd.DataFrame(0.0, index=[0, 1], columns=list(AGE_BANDS))
    base = BaseUnits(np.array([0, 0, 1]), nobody, (same_units("comune", ["0", "1"]),))
    table = list_choices(travel_times, choices, within, (base,))
    keys = ["profile", "age_band", "category", "access_indicator", "unit"]
    values = table.astype(dict.fromkeys(keys, str)).set_index(keys)["access_value"].sort_index()
    for who in ((BY_AGE, ALL_AGES), (BY_AGE, "0_14"), (BY_AGE, "75_piu"), ("anziano", ALL_AGES)):
        mine = values[who]["farmacia"]
        assert mine["servizi_entro_15"].tolist() == pytest.approx([(6 * 2 + 2) / 8, 0])
        assert mine["minuti_al_secondo"].tolist() == pytest.approx([(6 * 10 + 2 * 20) / 8, 100])
        assert mine["minuti_al_terzo"].tolist() == pytest.approx([(6 * 30 + 2 * 40) / 8, 100])
    assert values.xs("scuola", level="category").isna().all()


def test_each_resident_is_in_the_catchment_of_the_nearest_service(walked: Any) -> None:  # noqa: ANN401 - a pair
    table = list_catchments(*walked, 3).set_index(["profile", "service_row"])
    for profile in (BY_AGE, "giovane", "anziano"):
        mine = table.loc[profile]
        assert mine["residents"].tolist() == pytest.approx([6, 6, 0])
        assert mine["catchment_minutes"].tolist()[:2] == pytest.approx([5, (2 * 10 + 4 * 20) / 6])
        assert mine["catchment_minutes"].isna().tolist() == [False, False, True]
        assert mine[list(AGE_BANDS)].sum(axis=1).tolist() == pytest.approx([6, 6, 0])
