"""How many services are missing, from two lists whose answer is arithmetic."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from psttm_geo.services.completeness import LISTS, count_lists, estimate_missing


def estimated(**counts: int) -> pd.Series:
    return estimate_missing(pd.DataFrame({"category": ["farmacia"], **{name: [n] for name, n in counts.items()}})).iloc[
        0
    ]


def test_two_lists_tell_how_many_both_lack() -> None:
    # 81 * 61 / 49 - 1 in all, of which 92 are in either list.
    found = estimated(osm=80, register=60, both=48, counted=92)
    assert found["estimated"] == pytest.approx(81 * 61 / 49 - 1)
    assert found["missing_ratio"] == pytest.approx(found["estimated"] / 92 - 1)
    variance = 81 * 61 * 32 * 12 / (49**2 * 50)
    assert found["missing_error"] == pytest.approx((variance + 0.25) ** 0.5 / 92)


@pytest.mark.parametrize(
    "counts",
    [
        {"osm": 6, "register": 40, "both": 6, "counted": 40},
        {"osm": 40, "register": 40, "both": 40, "counted": 40},
        {"osm": 40, "register": 60, "both": 40, "counted": 60},
        {"osm": 60, "register": 40, "both": 40, "counted": 60},
        {"osm": 14, "register": 10, "both": 6, "counted": 18},
        {"osm": 60, "register": 40, "both": 19, "counted": 81},
        {"osm": 0, "register": 0, "both": 0, "counted": 0},
    ],
    ids=["few", "copied", "map within register", "register within map", "too few in both", "little in common", "none"],
)
def test_lists_that_do_not_tell_leave_it_unknown(counts: dict[str, int]) -> None:
    assert estimated(**counts)[["estimated", "missing_ratio", "missing_error"]].isna().all()


def test_no_lists_are_no_rows() -> None:
    assert len(estimate_missing(pd.DataFrame(columns=list(LISTS)))) == 0


def test_the_estimate_is_right_in_the_mean_of_many_lists() -> None:
    chance = np.random.default_rng(5)
    first, second = (chance.random((2000, 300)) < part for part in (0.8, 0.7))
    counts = pd.DataFrame(
        {
            "category": "farmacia",
            "osm": first.sum(axis=1),
            "register": second.sum(axis=1),
            "both": (first & second).sum(axis=1),
            "counted": (first | second).sum(axis=1),
        }
    )
    found = estimate_missing(counts)
    assert found["estimated"].mean() == pytest.approx(300, abs=0.5)
    assert found["estimated"].std() == pytest.approx((found["missing_error"] * counts["counted"]).mean(), rel=0.1)


def test_lists_are_held_against_each_other_where_a_register_covers() -> None:
    report = pd.DataFrame(
        {
            "municipality_code": ["1", "2", "1", "2"],
            "category": ["farmacia", "farmacia", "scuola", "scuola"],
            "register": [10, 20, 5, 5],
            "not_placed": [1, 2, 0, 0],
            "osm": [8, 30, 4, 4],
            "both": [7, 15, 3, 3],
            "register_only": [2, 3, 2, 2],
            "osm_only": [1, 15, 1, 1],
            "osm_dropped": [1, 0, 0, 1],
        }
    )
    registers = [
        SimpleNamespace(register=SimpleNamespace(services=pd.DataFrame({"category": [name]}), covers=covers))
        for name, covers in (("farmacia", frozenset({"2"})), ("scuola", None))
    ]
    counts = count_lists(report, registers).set_index("category")
    assert counts.loc["farmacia"].to_dict() == {"osm": 30, "register": 18, "both": 15, "counted": 33}
    assert counts.loc["scuola"].to_dict() == {"osm": 8, "register": 10, "both": 6, "counted": 11}
