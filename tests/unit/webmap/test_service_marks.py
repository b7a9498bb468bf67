"""Services and what a scenario does to them, as the map gets them."""

import json

import pandas as pd

from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Change
from psttm_geo.webmap.map_areas import UNITS_PER_DEGREE
from psttm_geo.webmap.service_marks import change_marks, scenario_key, service_points

CHANGES = (
    Change(ADD, "farmacia", "", "Nuova", 9.19, 45.46),
    Change(MOVE, "farmacia", "n1", "Vecchia", 9.2, 45.47),
    Change(CLOSE, "alimentari", "n2", "", None, None),
    Change(CLOSE, "alimentari", "n3", "", None, None),
)


def test_services_come_with_place_identifier_and_name() -> None:
    services = pd.DataFrame(
        {"service_name": ["Comunale", ""], "lat": [45.46, 45.4612345], "lon": [9.19, -9.1]},
        index=pd.Index(["n1", "A#2"], name="service"),
    )
    rows = json.loads(service_points(services))
    assert rows == [[45.46 * UNITS_PER_DEGREE, 919_000, "n1", "Comunale"], [4_546_123, -910_000, "A#2", ""]]


def test_changes_are_drawn_where_they_put_a_service_or_where_it_stands() -> None:
    places = {("farmacia", "n1"): (45.4, 9.1), ("alimentari", "n2"): (45.5, 9.3)}
    marks = json.loads(change_marks(CHANGES, "farmacia", places))["marks"]
    assert [mark["number"] for mark in marks] == [0, 1, 2], "nobody knows where the last one stands"
    assert [mark["at"] for mark in marks] == [[45.46, 9.19], [45.47, 9.2], [45.5, 9.3]]
    assert [mark["from"] for mark in marks] == [None, [45.4, 9.1], [45.5, 9.3]]
    assert [mark["here"] for mark in marks] == [True, True, False]


def test_another_scenario_has_another_key() -> None:
    keys = {scenario_key(CHANGES[:count]) for count in range(len(CHANGES) + 1)}
    assert len(keys) == len(CHANGES) + 1
    assert scenario_key(list(CHANGES)) == scenario_key(CHANGES)
