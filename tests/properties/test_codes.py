import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from psttm_geo.schema.istat_codes import normalise_codes

RIGHT = st.from_regex(r"(?!000)(?:0[0-9]{2}|10[0-9]|11[0-9])(?!000)[0-9]{3}", fullmatch=True)
"""ISTAT has numbered provinces up to 119, and municipalities of each from 1 on."""

WRITTEN = st.one_of(st.text(max_size=9), st.from_regex(r"\s?[0-9]{1,7}(\.[0-9]{1,3})?\s?", fullmatch=True), st.none())


@given(st.lists(RIGHT, max_size=20))
def test_a_right_code_is_never_changed(codes: list[str]) -> None:
    normalised = normalise_codes(pd.Series(codes, dtype=object))
    assert normalised.codes.to_list() == codes
    assert normalised.repaired == 0


@given(st.lists(WRITTEN, max_size=20))
def test_a_code_is_six_digits_or_nothing_and_once_is_enough(written: list[str | None]) -> None:
    once = normalise_codes(pd.Series(written, dtype=object))
    assert all(code is None or (len(code) == 6 and code.isascii() and code.isdigit()) for code in once.codes)
    twice = normalise_codes(once.codes)
    assert twice.codes.to_list() == once.codes.to_list()
    assert twice.repaired == 0


@given(
    st.lists(st.integers(1_001, 111_107).filter(lambda number: number % 1000 > 0), min_size=1, max_size=20),
    st.sampled_from(["int64", "float64", "str"]),
)
def test_numbers_give_the_code_they_are(numbers: list[int], kind: str) -> None:
    normalised = normalise_codes(pd.Series(numbers).astype(kind))
    assert normalised.codes.to_list() == [f"{number:06}" for number in numbers]
