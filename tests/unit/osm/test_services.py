"""What is a service, what is none although its tags name one, and how often it counts."""

from collections.abc import Callable

import pandas as pd
import pytest

from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.extract_records import Extract

PHARMACY = {"amenity": "pharmacy"}
PARK = {"leisure": "park"}
SCHOOL = {"amenity": "school"}
STOP = {"highway": "bus_stop"}


def categories(extract: Extract) -> list[str]:
    return extract.services["category"].tolist()


@pytest.mark.parametrize(
    "closing",
    [
        {"disused": "yes"},
        {"disused": "pharmacy"},
        {"abandoned": "yes"},
        {"demolished": "yes"},
        {"proposed": "yes"},
        {"planned": "yes"},
        {"construction": "yes"},
        {"building": "construction"},
        {"opening_hours": "off"},
        {"opening_hours": "Closed"},
        {"opening_hours": "24/7 off"},
        {"operational_status": "closed"},
        {"disused:amenity": "pharmacy"},
        {"was:amenity": "cafe;pharmacy"},
        {"historic:amenity": "pharmacy"},
        {"opening_hours": 'closed "per lavori; riapre"'},
        {"dispensing": "no"},
    ],
)
def test_a_closed_pharmacy_is_none_and_is_counted(osm_town: Callable[..., Extract], closing: dict[str, str]) -> None:
    extract = osm_town({10: (50, 5, {**PHARMACY, **closing}), 11: (90, 5, {"amenity": "cafe"})})
    assert categories(extract) == ["ristoro"]
    assert extract.report.services_closed == 1


@pytest.mark.parametrize(
    "tags",
    [
        {"disused": "no"},
        {"construction": "minor"},
        {"opening_hours": "Mo-Fr 08:30-19:30; PH off"},
        {"opening_hours": "off; Mo-Fr 08:30-19:30"},
        {"disused:amenity": "bank"},
        {"disused:shop": "pharmacy"},
        {"dispensing": "yes"},
        {"access": "customers"},
        {"access": "private"},
    ],
)
def test_a_pharmacy_with_tags_that_close_nothing_is_one(osm_town: Callable[..., Extract], tags: dict[str, str]) -> None:
    extract = osm_town({10: (50, 5, {**PHARMACY, **tags})})
    assert categories(extract) == ["farmacia"]
    assert extract.report.services_closed == 0


@pytest.mark.parametrize("prefix", ["disused", "abandoned", "was", "demolished", "removed", "razed", "proposed"])
def test_a_tag_behind_a_prefix_is_no_service_and_none_closed(osm_town: Callable[..., Extract], prefix: str) -> None:
    extract = osm_town({10: (50, 5, {f"{prefix}:amenity": "pharmacy"})})
    assert categories(extract) == []
    assert extract.report.services_closed == 0


@pytest.mark.parametrize(
    ("tags", "access", "open_to_all"),
    [
        (PARK, "private", False),
        (PARK, "no", False),
        (PARK, "customers", False),
        (PARK, "permissive", True),
        (PARK, "yes; private", False),
        ({"leisure": "playground"}, "residents", False),
        (STOP, "private", False),
        (STOP, "customers", True),
        ({"railway": "subway_entrance"}, "no", False),
        ({"railway": "subway_entrance", "entrance": "exit"}, "yes", False),
        ({"railway": "subway_entrance", "entrance": "yes"}, "yes", True),
        (SCHOOL, "private", True),
        ({"amenity": "kindergarten"}, "no", True),
        ({"amenity": "doctors"}, "private", True),
    ],
)
def test_access_closes_parks_and_stops_but_no_schools_and_doctors(
    osm_town: Callable[..., Extract], tags: dict[str, str], access: str, *, open_to_all: bool
) -> None:
    extract = osm_town({10: (50, 5, {**tags, "access": access})})
    assert len(extract.services) == open_to_all
    assert extract.report.services_closed == (not open_to_all)


def test_a_park_closed_to_others_is_open_where_foot_says_so(osm_town: Callable[..., Extract]) -> None:
    assert len(osm_town({10: (50, 5, {**PARK, "access": "no", "foot": "yes"})}).services) == 1
    assert len(osm_town({10: (50, 5, {**PARK, "foot": "private"})}).services) == 0
    assert len(osm_town({10: (50, 5, {**PARK, "foot": "yes", "disused": "yes"})}).services) == 0


@pytest.mark.parametrize(
    ("tags", "open_at_ten"),
    [
        ({"access": "no", "access:conditional": "yes @ (08:00-20:00)"}, True),
        ({"access": "no", "access:conditional": "yes @ (Sa-Su 08:00-20:00)"}, False),
        ({"access": "yes", "access:conditional": "no @ (20:00-08:00)"}, True),
        ({"access:conditional": "private @ (Mo-Fr 08:00-18:00)"}, False),
        ({"access": "private", "foot:conditional": "yes @ (sunrise-sunset)"}, True),
    ],
)
def test_a_park_is_open_as_it_is_at_the_stated_hour(
    osm_town: Callable[..., Extract], tags: dict[str, str], *, open_at_ten: bool
) -> None:
    assert len(osm_town({10: (50, 5, {**PARK, **tags})}).services) == open_at_ten


def test_an_object_may_be_closed_in_one_of_its_categories(osm_town: Callable[..., Extract]) -> None:
    extract = osm_town({10: (50, 5, {"amenity": "cafe", **PARK, "access": "private"})})
    assert categories(extract) == ["ristoro"]
    assert extract.report.services_closed == 1


def test_without_a_table_of_what_is_closed_nothing_is(write_osm: Callable[..., object], tag_tables: TagTables) -> None:
    path = write_osm(
        {1: (0, 0), 2: (1000, 0), 10: (50, 5, {**PHARMACY, "disused": "yes"})},
        {7: ([1, 2], {"highway": "residential"})},
    )
    tables = TagTables(tag_tables.walkable, tag_tables.services, tag_tables.features)
    assert categories(read_extract(path, tables, "sum", territory=None)) == ["farmacia"]


@pytest.mark.parametrize("organic", [None, "no", "yes", "only"])
def test_health_food_is_groceries_only_where_it_is_organic(
    osm_town: Callable[..., Extract], organic: str | None
) -> None:
    tags = {"shop": "health_food"} if organic is None else {"shop": "health_food", "organic": organic}
    assert categories(osm_town({10: (50, 5, tags)})) == (["alimentari"] if organic in ("yes", "only") else [])


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"isced:level": "0-2"}, [("infanzia", False), ("scuola", False)]),
        ({"isced:level": "2, 3"}, [("scuola", False), ("superiori", False)]),
        ({"isced:level": "2"}, [("scuola", False)]),
        ({"isced:level": "4"}, []),
        ({"isced:level": "elementare"}, [("scuola", True)]),
        ({"isced:level": "elementare", "school": "upper_secondary"}, [("superiori", False)]),
        ({"school": "primary;secondary"}, [("scuola", False)]),
        ({"school": "secondary"}, [("scuola", True)]),
        ({"school": "upper_secondary"}, [("superiori", False)]),
        ({"school": "secondary", "isced:level": "3"}, [("superiori", False)]),
        ({"school:type": "community"}, [("scuola", True)]),
    ],
)
def test_levels_in_any_notation(
    osm_town: Callable[..., Extract], tags: dict[str, str], found: list[tuple[str, bool]]
) -> None:
    services = osm_town({10: (50, 5, {**SCHOOL, **tags})}).services
    assert list(zip(services["category"], services["level_unknown"], strict=True)) == found


def test_values_of_a_list_may_be_parted_by_blanks(osm_town: Callable[..., Extract]) -> None:
    shops = {10: (50, 5, {"amenity": "bench ; cafe"}), 11: (90, 5, {"shop": "bakery; convenience"})}
    assert categories(osm_town(shops)) == ["ristoro", "alimentari"]


def test_the_rows_of_what_is_closed_name_categories_that_there_are(tag_tables: TagTables) -> None:
    assert set(tag_tables.closed["category"]) <= {*tag_tables.services["category"], "*"}
    customers = tag_tables.closed[tag_tables.closed["value"] == "customers"]
    assert isinstance(customers, pd.DataFrame)
    verdicts = customers[customers["key"] == "access"].set_index("category")["verdict"].to_dict()
    assert verdicts == {"*": "si", "verde": "no", "trasporto": "si"}
