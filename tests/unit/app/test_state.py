"""The address bar, read and written."""

from collections.abc import Callable

import pytest
import streamlit as st

from psttm_geo.app import state
from psttm_geo.app.state import (
    GoalFilters,
    State,
    map_state,
    parse_point,
    read_filters,
    read_ignored,
    read_point,
    read_state,
    say_point,
    write_background,
    write_panel,
    write_parameter,
)
from psttm_geo.webmap.maps import MapState

EDITIONS = ["2022-2024", "2025-2027"]

CODES = {"015118", "015191"}

NOTHING = State(language="it", edition="2025-2027", municipality=None, tiles=False, view=None, table=False)


class Address(dict[str, str]):
    """What Streamlit gives to ask and set the address bar."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Address:
    bar = Address()
    monkeypatch.setattr(st, "query_params", bar)
    return bar


@pytest.fixture
def read(address: Address) -> Callable[..., State]:
    def read(**parts: str) -> State:
        address.update(parts)
        return read_state(EDITIONS, CODES)

    return read


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("45.464,9.19", (45.464, 9.19)),
        (" 45.464, 9.19 ", (45.464, 9.19)),
        ("45.464 9.19", (45.464, 9.19)),
        ("45.464;9.19", (45.464, 9.19)),
        ("45,464; 9,19", (45.464, 9.19)),
        ("45,464, 9,19", (45.464, 9.19)),
        ("-33.123456,-70", (-33.12346, -70.0)),
        ("90,180", (90.0, 180.0)),
        ("90.1,9", None),
        ("45,181", None),
        ("45.464", None),
        ("45.464,9.19,12", None),
        ("nan,9", None),
        ("", None),
        ("9" * 100_000, None),
    ],
)
def test_a_point_is_read_as_people_write_it(text: str, point: tuple[float, float] | None) -> None:
    assert parse_point(text) == point


def test_a_point_comes_back_from_the_address(address: Address, read: Callable[..., State]) -> None:
    read(punto=say_point((45.46421, 9.0)))
    assert read_point() == (45.46421, 9.0)
    del address["punto"]
    assert read_point() is None
    assert read_ignored() == ()


def test_an_empty_address_means_the_latest_edition_in_italian_and_nothing_chosen(read: Callable[..., State]) -> None:
    assert read() == NOTHING


def test_a_full_address_is_read_whole(read: Callable[..., State]) -> None:
    said = {
        "lingua": "en",
        "edizione": "2022-2024",
        "comune": "015191",
        "sfondo": "osm",
        "vista": "45.18,9.49,12.25",
        "pannello": "tabella",
    }
    assert read(**said) == State(
        language="en", edition="2022-2024", municipality="015191", tiles=True, view=(45.18, 9.49, 12.25), table=True
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("edizione", "1999-2001"),
        ("comune", "999999"),
        ("lingua", "fr"),
        ("sfondo", "satellite"),
        ("pannello", "grafico"),
        ("vista", "Milano"),
        ("vista", "45.18;9.49;12"),
        ("vista", "45.18,9.49"),
        ("vista", "99,9.49,12"),
        ("vista", "45.18,999,12"),
        ("vista", "45.18,9.49,99"),
    ],
)
def test_what_the_address_says_wrongly_takes_its_default_and_is_told(
    read: Callable[..., State], name: str, value: str
) -> None:
    assert read(**{name: value}) == NOTHING
    assert read_ignored() == (f"{name}={value}",)


def test_parts_of_other_programs_are_no_mistake(read: Callable[..., State]) -> None:
    assert read(utm_source="newsletter") == NOTHING
    assert read_ignored() == ()


def test_a_choice_of_a_page_that_means_nothing_there_is_told_beside_those_of_all_pages(
    read: Callable[..., State],
) -> None:
    read(lingua="fr", missione="7", livello="others")
    assert read_filters(["1", "2"], []) == GoalFilters(None, "others", None, "")
    assert read_ignored() == ("lingua=fr", "missione=7")


def test_a_part_is_set_and_dropped_and_dropping_twice_is_no_error(address: Address) -> None:
    write_parameter("comune", "015118")
    assert address == {"comune": "015118"}
    write_parameter("comune", None)
    write_parameter("comune", None)
    assert address == {}


def test_what_is_written_is_read_back(address: Address) -> None:
    write_background(on=True)
    write_panel(table=True)
    on = read_state(EDITIONS, CODES)
    assert (on.tiles, on.table) == (True, True)
    write_background(on=False)
    write_panel(table=False)
    assert address == {}


def test_the_map_is_told_its_part_of_the_state(read: Callable[..., State]) -> None:
    asked = read(comune="015118", vista="45.5,9.1,11", sfondo="osm", lingua="en", edizione="2022-2024")
    assert map_state(asked, "Map", [("Zone", "#112233")]) == MapState(
        edition="2022-2024",
        language="en",
        selected="015118",
        tiles=True,
        title="Map",
        view=(45.5, 9.1, 11.0),
        legend=(("Zone", "#112233"),),
    )


def test_names_in_the_address_differ() -> None:
    names = [value for name, value in vars(state).items() if name.isupper() and not name.startswith("_")]
    names = [name for name in names if isinstance(name, str)]
    assert len(set(names)) == len(names)
