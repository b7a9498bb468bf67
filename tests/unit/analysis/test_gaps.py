import numpy as np
import pandas as pd

from psttm_geo.analysis.gaps import list_gaps, main_gaps
from psttm_geo.analysis.proximity import Reach

UNITS = pd.DataFrame({"municipality_code": ["015001", "015002"]})


def reach(within: list[list[float]], late_minutes: list[list[float]]) -> Reach:
    """Give the reach of two units of 10 and 20 residents, 2 of the second far from every street."""
    none = np.zeros(2)
    late = np.array(late_minutes) * 600
    return Reach(np.array([10.0, 20.0]), np.array([0.0, 2.0]), none, none, np.array(within), late, late)


def test_gaps_are_listed_from_the_gravest_with_what_is_walked() -> None:
    gaps = list_gaps(reach([[7, 8], [10, 3]], [[60, 200], [0, 450]]), UNITS, ["farmacia", "scuola"], profile="adulto")
    assert gaps.to_dict("list") == {
        "municipality_code": ["015002", "015002", "015001"],
        "category": ["scuola", "farmacia", "farmacia"],
        "profile": ["adulto"] * 3,
        "residents_beyond": [15, 10, 3],
        "gap_minutes": [30, 20, 20],
    }


def test_a_category_without_services_is_no_gap() -> None:
    unknown = [float("nan")] * 2
    assert list_gaps(reach([unknown], [unknown]), UNITS, ["farmacia"], profile="adulto").empty


def test_at_most_three_gaps_of_a_municipality_are_named() -> None:
    categories = ["a", "b", "c", "d"]
    gaps = list_gaps(reach([[9, 18], [6, 18], [7, 18], [8, 18]], [[1, 0]] * 4), UNITS, categories, profile="adulto")
    main = main_gaps(gaps)
    assert main["category"].tolist() == ["b", "c", "d"]
    assert main["rank"].tolist() == [1, 2, 3]
