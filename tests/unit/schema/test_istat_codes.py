import numpy as np
import pandas as pd
import pytest

from psttm_geo.schema.istat_codes import find_nobodys, normalise_codes


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("015146", "015146"),
        (" 015146 ", "015146"),
        ("15146", "015146"),
        ("15146.0", "015146"),
        ("15.146", "015146"),
        ("1001", "001001"),
        ("15X46", None),
        ("15,146", "015146"),
        ("15 146", "015146"),
        ("'015146", "015146"),
        ('="015146"', "015146"),
        ("015146\N{ZERO WIDTH SPACE}", "015146"),
        ("03015146", "015146"),
        ("3015146", "015146"),
        ("3.015.146", "015146"),
        ("01015146", None),
        ("99015146", None),
        ("15.15", None),
        ("1015146", None),
        ("146", None),
        ("999999", None),
        ("151460", None),
        ("120001", None),
        ("015000", None),
        ("000146", None),
        ("119001", "119001"),
        ("", None),
        (None, None),
    ],
)
def test_a_code_becomes_six_characters_only_where_there_is_no_doubt(written: str | None, expected: str | None) -> None:
    assert normalise_codes(pd.Series([written], dtype=object)).codes.to_list() == [expected]


@pytest.mark.parametrize("numbers", [[15146, 15009], [15146.0, 15009.0], np.array([15146, 15009], dtype="int32")])
def test_numbers_are_repaired_and_counted(numbers: list[float]) -> None:
    codes = normalise_codes(pd.Series(numbers))
    assert codes.codes.to_list() == ["015146", "015009"]
    assert codes.repaired == 2
    assert [notice.en.split(" ISTAT")[0] for notice in codes.notices] == ["2"]


def test_the_index_stays_and_unreadable_codes_are_not_counted_as_repaired() -> None:
    codes = normalise_codes(pd.Series(["15146", "no", "015009"], index=[7, 3, 5]))
    assert codes.codes.index.to_list() == [7, 3, 5]
    assert codes.repaired == 1


def test_right_codes_need_no_notice() -> None:
    assert normalise_codes(pd.Series(["015146"])).notices == ()


def test_no_codes_give_no_codes() -> None:
    assert normalise_codes(pd.Series([], dtype=object)).codes.empty


def test_nobody_has_a_code_that_is_unread_or_missing_among_all_of_its_province() -> None:
    codes = pd.Series(["015146", "015999", None, "016999"], dtype=object)
    assert find_nobodys(codes, {"015146", "015118"}).to_list() == [False, True, True, False]
    assert find_nobodys(codes.head(0), {"015146"}).empty
