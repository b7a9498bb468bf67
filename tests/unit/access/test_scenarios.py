"""A scenario is changed step by step, and read from an address that anybody can have written."""

import pytest

from psttm_geo.access.scenarios import (
    ADD,
    CLOSE,
    MOST_IN_ADDRESS,
    MOVE,
    Change,
    address_text,
    changed_twice,
    parse_address,
    with_added,
    with_closed,
    with_moved,
    with_place,
    without,
)

CATEGORIES = ("alimentari", "farmacia")

NEW = Change(ADD, "farmacia", "", "Nuova", 9.19, 45.46)
MOVED = Change(MOVE, "farmacia", "n12", "Comunale 1", 9.2, 45.47)
CLOSED = Change(CLOSE, "farmacia", "n12", "", None, None)
ELSEWHERE = Change(CLOSE, "alimentari", "n12", "", None, None)


def test_services_are_added_moved_and_closed_one_after_the_other() -> None:
    changes = with_added((), "farmacia", (45.46, 9.19), "Nuova")
    changes = with_moved(changes, "farmacia", "n12", (45.47, 9.2), "Comunale 1")
    changes = with_closed(changes, "alimentari", "n12")
    assert changes == (NEW, MOVED, ELSEWHERE)


def test_what_is_done_to_a_service_takes_the_place_of_what_was_done_to_it_before() -> None:
    assert with_closed((NEW, MOVED, ELSEWHERE), "farmacia", "n12") == (NEW, CLOSED, ELSEWHERE)
    assert with_moved((CLOSED, NEW), "farmacia", "n12", (45.47, 9.2), "Comunale 1") == (MOVED, NEW)


def test_a_service_that_was_added_or_moved_is_moved_on() -> None:
    assert [change.place for change in with_place((NEW, MOVED), 0, (45.0, 9.0))] == [(45.0, 9.0), (45.47, 9.2)]
    assert [change.place for change in with_place((NEW, MOVED), 1, (45.0, 9.0))] == [(45.46, 9.19), (45.0, 9.0)]


def test_a_change_is_taken_out() -> None:
    assert without((NEW, MOVED, ELSEWHERE), 1) == (NEW, ELSEWHERE)


def test_two_changes_of_one_service_are_found() -> None:
    assert changed_twice((MOVED, NEW, NEW, ELSEWHERE, CLOSED, CLOSED)) == [(4, 0), (5, 0)]


def test_a_scenario_in_an_address_can_be_read_by_people() -> None:
    text = address_text((NEW, MOVED, CLOSED))
    assert text == "a,farmacia,,45.46,9.19,Nuova;s,farmacia,n12,45.47,9.2,Comunale%201;c,farmacia,n12"
    assert address_text(()) == ""


def test_a_scenario_too_large_for_an_address_is_not_written_into_one() -> None:
    assert address_text((NEW,) * MOST_IN_ADDRESS) is not None
    assert address_text((NEW,) * (MOST_IN_ADDRESS + 1)) is None
    assert address_text((Change(ADD, "farmacia", "", "è" * 1000, 9.19, 45.46),)) is None


@pytest.mark.parametrize(
    "part",
    [
        "x,farmacia,,45.46,9.19",
        "a",
        "a,gelateria,,45.46,9.19",
        "a,farmacia,,45.46",
        "a,farmacia,,91,9.19",
        "a,farmacia,,45.46,181",
        "a,farmacia,,nan,9.19",
        "a,farmacia,,inf,9.19",
        "a,farmacia,,nord,9.19",
        "a,farmacia,,45.46,9.19,Nuova,altro",
        "s,farmacia,,45.46,9.19",
        "s,farmacia,n12",
        "c,farmacia",
        "c,farmacia,n12,45.46,9.19",
    ],
)
def test_a_part_of_an_address_that_means_nothing_is_told_and_the_others_are_read(part: str) -> None:
    assert parse_address(f"a,farmacia,,45.46,9.19,Nuova;{part};c,alimentari,n12", CATEGORIES) == (
        (NEW, ELSEWHERE),
        (part,),
    )


def test_a_service_changed_twice_and_more_changes_than_an_address_takes_are_told() -> None:
    assert parse_address("c,farmacia,n12;s,farmacia,n12,45.47,9.2", CATEGORIES) == (
        (CLOSED,),
        ("s,farmacia,n12,45.47,9.2",),
    )
    changes, refused = parse_address(";".join(["a,farmacia,,45.46,9.19"] * (MOST_IN_ADDRESS + 2)), CATEGORIES)
    assert (len(changes), len(refused)) == (MOST_IN_ADDRESS, 2)


def test_a_monstrous_address_is_not_even_looked_at() -> None:
    changes, refused = parse_address("c,farmacia,n12;" * 100_000, CATEGORIES)
    assert changes == ()
    assert len(refused) == 1
