"""A scenario comes back from an address and from a file as it was."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given
from hypothesis import strategies as st

from psttm_geo.access.scenario_file import read_scenario, scenario_text
from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Change, Scenario, address_text, changed_twice, parse_address

CATEGORIES = ("alimentari", "farmacia", "posta_banca")

CATEGORY = st.sampled_from(CATEGORIES)

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)

TEXT = st.text(max_size=12)

WORD = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F, exclude_categories=["C", "Z"]), max_size=12)
"""Of a file, whose cells lose their outer spaces."""


def scenarios(text: st.SearchStrategy[str]) -> st.SearchStrategy[Scenario]:
    name = text.filter(bool)
    change = st.one_of(
        st.builds(Change, st.just(ADD), CATEGORY, st.just(""), text, LON, LAT),
        st.builds(Change, st.just(MOVE), CATEGORY, name, text, LON, LAT),
        st.builds(Change, st.just(CLOSE), CATEGORY, name, text, st.none(), st.none()),
    )
    return st.lists(change, max_size=8).map(tuple).filter(lambda changes: not changed_twice(changes))


@given(scenarios(TEXT))
def test_a_scenario_comes_back_from_an_address(changes: Scenario) -> None:
    text = address_text(changes)
    assert text is not None
    assert parse_address(text, CATEGORIES) == (changes, ())


@given(st.one_of(st.text(), st.text(alphabet="asc,;.0123456789%farmacia")))
def test_whatever_stands_in_an_address_is_read_or_told(text: str) -> None:
    changes, _ = parse_address(text, CATEGORIES)
    written = address_text(changes)
    assert written is not None
    assert parse_address(written, CATEGORIES) == (changes, ())


@given(scenarios(WORD))
def test_a_scenario_comes_back_from_a_file_that_no_spreadsheet_computes(changes: Scenario) -> None:
    assume(changes)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.csv"
        path.write_text(scenario_text(changes), "utf-8")
        assert read_scenario(path, CATEGORIES) == changes
