import dataclasses

import numpy as np
import pandas as pd
import pytest

from psttm_geo.access.gaps import find_gaps, list_gaps, rank_gaps
from psttm_geo.access.unit_reach import Reach

UNITS = pd.DataFrame({"municipality_code": ["015001", "015002"]})


def reach(within: list[list[float]], late_minutes: list[list[float]]) -> Reach:
    """Give the reach of two units of 10 and 20 residents, 2 of the second far from every street.

    Those who arrive in time walk an hour in all.
    """
    none = np.zeros(2)
    late = np.array(late_minutes) * 600
    residents, unconnected = np.array([10.0, 20.0]), np.array([0.0, 2.0])
    return Reach(residents, unconnected, none, none, none, none, np.array(within), late + 60 * 600, late)


def test_gaps_are_listed_from_the_gravest_with_what_is_walked() -> None:
    found = find_gaps(reach([[7, 8], [10, 3]], [[60, 200], [0, 450]]), 2)
    gaps = list_gaps({"adulto": found}, UNITS, ["farmacia", "scuola"])
    assert gaps.to_dict("list") == {
        "municipality_code": ["015002", "015002", "015001"],
        "category": ["scuola", "farmacia", "farmacia"],
        "profile": ["adulto"] * 3,
        "residents_beyond": [15, 10, 3],
        "gap_minutes": [30, 20, 20],
    }


def test_a_category_without_services_is_no_gap() -> None:
    unknown = [float("nan")] * 2
    found = find_gaps(reach([unknown], [unknown]), 1)
    assert list_gaps({"adulto": found}, UNITS, ["farmacia"]).empty


def test_every_gap_of_a_municipality_is_ranked_also_the_smallest() -> None:
    categories = ["a", "b", "c", "d"]
    found = find_gaps(reach([[9, 18], [6, 18], [7, 18], [8, 17]], [[1, 0]] * 4), len(categories))
    ranked = rank_gaps(list_gaps({"adulto": found}, UNITS, categories))
    assert list(zip(ranked["municipality_code"], ranked["rank"], ranked["category"], strict=True)) == [
        *(("015001", place, category) for place, category in enumerate("bcda", start=1)),
        ("015002", 1, "d"),
    ]


def test_equally_grave_gaps_stay_in_the_order_of_profiles_and_categories() -> None:
    late = [[60, 60], [60, 60]]
    older, adult = find_gaps(reach([[9, 18], [9, 18]], late), 2), find_gaps(reach([[9, 18], [8, 18]], late), 2)
    gaps = list_gaps({"anziano": older, "adulto": adult}, UNITS, ["scuola", "farmacia"])
    assert list(zip(gaps["profile"], gaps["category"], gaps["residents_beyond"], strict=True)) == [
        ("adulto", "farmacia", 2),
        ("anziano", "scuola", 1),
        ("anziano", "farmacia", 1),
        ("adulto", "scuola", 1),
    ]


def test_a_unit_that_the_extract_hardly_speaks_of_has_no_gap() -> None:
    found = find_gaps(dataclasses.replace(reach([[7, 8]], [[60, 200]]), outside=np.array([0.0, 5.0])), 1)
    assert found.unit.tolist() == [0]


STEP = 1 / 1024
"""Residents are multiples of it."""


@pytest.mark.parametrize(("beyond", "walked_min", "gap_min"), [(STEP, 30 * STEP, 30), (0.25, 4, 16), (1.5, 24, 16)])
def test_the_smallest_part_of_a_resident_is_a_gap_too(beyond: float, walked_min: float, gap_min: float) -> None:
    found = find_gaps(reach([[10 - beyond, 18]], [[walked_min, 0]]), 1)
    assert (found.residents.tolist(), found.minutes.tolist()) == ([beyond], [gap_min])


@pytest.mark.parametrize("minutes", [15 + 1 / 600, 15 + 1 / 7, 15.25, 16.5, 59.9, 61, 99.9, 100])
def test_minutes_are_told_as_they_are_walked(minutes: float) -> None:
    found = find_gaps(reach([[7, 18]], [[3 * minutes, 0]]), 1)
    assert found.minutes.tolist() == [pytest.approx(minutes, abs=1e-9)]


def test_the_farthest_of_all_is_no_category() -> None:
    found = find_gaps(reach([[10, 18], [0, 0]], [[0, 0], [200, 400]]), 1)
    assert found.residents.tolist() == []
