"""What stands in the sources and what follows from it, on four municipalities, two zones and two editions."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.delivery.delivery_diff import Difference, compare_deliveries

OLD, NEW = "2022-2024", "2025-2027"

Tables = dict[str, pd.DataFrame]

Change = tuple[str, int, str, Any]
"""Layer, row, column, new value."""


@pytest.fixture
def tables() -> Tables:
    """Give a small delivery: municipalities A to D, B in the union U of the later edition, one goal each with an heir.

    Goal 1.1 of the later edition inherits its marks, 1.2 has none; driver 1 combines 1.1, driver 2 combines 1.2.
    """
    codes, zones = list("ABCD"), ["West", "West", "East", "East"]
    squares = [shapely.box(1000 * n, 0, 1000 * n + 1000, 1000) for n in range(4)]
    return {
        "comuni": gpd.GeoDataFrame(
            {"municipality_code": codes, "municipality": codes, "zone": zones, "residents": 100, "area_km2": 1.0},
            geometry=squares,
            crs=METRIC,
        ),
        "zone_omogenee": gpd.GeoDataFrame(
            {"zone": ["West", "East"], "municipality_count": 2, "residents": 200},
            geometry=[shapely.union_all(squares[:2]), shapely.union_all(squares[2:])],
            crs=METRIC,
        ),
        "unioni_comuni": gpd.GeoDataFrame(
            {"edition": [NEW], "union": ["U"], "residents": 100}, geometry=[squares[1]], crs=METRIC
        ),
        "appartenenze": pd.DataFrame(
            {
                "edition": [OLD] * 4 + [NEW] * 4,
                "municipality_code": codes * 2,
                "zone": zones * 2,
                "union": [None] * 5 + ["U", None, None],
            }
        ),
        "obiettivi": pd.DataFrame(
            {
                "edition": [OLD, NEW, NEW],
                "mission": 1,
                "number": [1, 1, 2],
                "title_it": ["x", "x", "y"],
                "municipalities": ["si", "si", "non_noto"],
                "mark_basis": ["document", "inherited", "none"],
                "scope": "every_municipality",
            }
        ),
        "obiettivi_comuni": pd.DataFrame(
            [(*goal, code, "si", "si") for goal in ((OLD, 1, 1), (NEW, 1, 1), (NEW, 1, 2)) for code in codes],
            columns=["edition", "mission", "number", "municipality_code", "applies", "called"],
        ),
        "driver": pd.DataFrame({"edition": [NEW, NEW], "driver": [1, 2], "goals": ["1.1", "1.2"]}),
        "driver_zone": pd.DataFrame(
            {"edition": NEW, "driver": [1, 2, 1, 2], "zone": ["West", "West", "East", "East"], "called_share": 1.0}
        ),
        "accessibilita_comuni": pd.DataFrame({"municipality_code": codes, "profile": "a", "minuti_scuola": 5.0}),
        "servizi": pd.DataFrame({"category": ["scuola"], "service": ["s"], "municipality_code": ["A"]}),
        "fonti": pd.DataFrame(
            {"layer": ["comuni", "accessibilita_comuni"], "source": ["x", "x"], "sha256": ["1", "1"]}
        ),
    }


def changed(tables: Tables, *changes: Change) -> Tables:
    after = {name: table.copy() for name, table in tables.items()}
    for layer, row, column, value in changes:
        after[layer][column] = [value if at == row else old for at, old in enumerate(after[layer][column].to_list())]
    return after


def told(difference: Difference) -> tuple[list[str], list[tuple[str, tuple[int, ...]]]]:
    facts = [cause.fact for cause in difference.causes]
    return facts, [(one.change.layer, one.causes) for one in difference.derived]


def test_a_delivery_does_not_differ_from_itself(tables: Tables) -> None:
    assert not compare_deliveries(tables, tables)


def test_a_new_member_of_a_union_explains_the_union_alone(tables: Tables) -> None:
    after = changed(
        tables,
        ("appartenenze", 6, "union", "U"),
        ("unioni_comuni", 0, "residents", 200),
        ("zone_omogenee", 0, "residents", 201),
    )
    difference = compare_deliveries(tables, after)
    assert told(difference) == (["unions"], [("zone_omogenee", ()), ("unioni_comuni", (0,))])
    assert difference.causes[0].change.fields == {"union": (None, "U")}


def test_whoever_leaves_a_union_explains_it_too(tables: Tables) -> None:
    after = changed(tables, ("appartenenze", 5, "union", None))
    after["unioni_comuni"] = after["unioni_comuni"].head(0)
    difference = compare_deliveries(tables, after)
    assert told(difference) == (["unions"], [("unioni_comuni", (0,))])
    assert difference.derived[0].change.kind == "removed"


def test_a_level_that_a_text_names_is_stated_and_not_inherited(tables: Tables) -> None:
    bases = {name: ["inherited"] * 3 for name in ("metropolitan_city_basis", "municipalities_basis", "others_basis")}
    before = {**tables, "obiettivi": tables["obiettivi"].assign(text_passage="", others="si", **bases)}
    after = changed(
        before,
        ("obiettivi", 2, "municipalities", "si"),
        ("obiettivi", 2, "municipalities_basis", "from_text"),
        ("obiettivi", 2, "mark_basis", "from_text"),
        ("obiettivi", 2, "text_passage", "I Comuni firmano"),
        ("obiettivi", 1, "others", "non_indicato"),
        ("obiettivi_comuni", 8, "called", "non_noto"),
    )
    assert told(compare_deliveries(before, after)) == (["marks"], [("obiettivi", ()), ("obiettivi_comuni", (0,))])


def test_a_mark_explains_whom_its_goal_calls_and_its_heirs(tables: Tables) -> None:
    after = changed(
        tables,
        ("obiettivi", 0, "municipalities", "non_indicato"),
        ("obiettivi", 1, "municipalities", "non_indicato"),
        ("obiettivi_comuni", 0, "called", "non_indicato"),
        ("obiettivi_comuni", 4, "called", "non_indicato"),
        ("obiettivi_comuni", 8, "called", "non_indicato"),
        ("driver_zone", 0, "called_share", 0.0),
        ("driver_zone", 1, "called_share", 0.0),
    )
    assert told(compare_deliveries(tables, after)) == (
        ["marks"],
        [
            ("obiettivi", (0,)),
            ("obiettivi_comuni", (0,)),
            ("obiettivi_comuni", (0,)),
            ("obiettivi_comuni", ()),  # goal 1.2 inherits nothing
            ("driver_zone", (0,)),
            ("driver_zone", ()),  # driver 2 does not combine 1.1
        ],
    )


def test_inherited_marks_alone_have_no_cause_in_the_files(tables: Tables) -> None:
    after = changed(tables, ("obiettivi", 1, "municipalities", "non_noto"))
    assert told(compare_deliveries(tables, after)) == ([], [("obiettivi", ())])


def test_a_mark_does_not_explain_where_a_goal_applies(tables: Tables) -> None:
    after = changed(
        tables, ("obiettivi", 0, "municipalities", "non_noto"), ("obiettivi_comuni", 0, "applies", "non_noto")
    )
    assert told(compare_deliveries(tables, after)) == (["marks"], [("obiettivi_comuni", ())])


def test_what_one_row_states_and_what_it_computes_are_told_apart(tables: Tables) -> None:
    after = changed(tables, ("comuni", 2, "residents", 90), ("comuni", 2, "area_km2", 1.1))
    after = changed(after, ("zone_omogenee", 1, "residents", 190), ("zone_omogenee", 0, "residents", 190))
    difference = compare_deliveries(tables, after)
    assert told(difference) == (["residents"], [("comuni", ()), ("zone_omogenee", ()), ("zone_omogenee", (0,))])
    assert difference.causes[0].change.fields == {"residents": (100, 90)}
    assert difference.derived[0].change.fields == {"area_km2": (1.0, 1.1)}


def test_a_moved_boundary_explains_the_area(tables: Tables) -> None:
    after = changed(tables, ("comuni", 2, "area_km2", 1.1))
    after["comuni"].loc[2, "geometry"] = shapely.box(2000, 0, 3100, 1000)
    difference = compare_deliveries(tables, after)
    assert told(difference) == (["boundaries"], [("comuni", (0,))])
    assert difference.causes[0].change.shape.gained_m2 == 100_000


def test_services_explain_walks_of_whoever_lives_around(tables: Tables) -> None:
    after = changed(tables, ("accessibilita_comuni", 3, "minuti_scuola", 4.0))
    after["servizi"] = pd.concat([after["servizi"], after["servizi"].assign(service="t")], ignore_index=True)
    difference = compare_deliveries(tables, after)
    assert told(difference) == (["services"], [("accessibilita_comuni", (0,))])
    assert difference.causes[0].change.kind == "added"


def test_a_source_published_anew_explains_its_layer_where_nothing_else_does(tables: Tables) -> None:
    after = changed(
        tables,
        ("fonti", 0, "sha256", "2"),
        ("fonti", 1, "sha256", "2"),
        ("accessibilita_comuni", 3, "minuti_scuola", 4.0),
        ("driver_zone", 0, "called_share", 0.0),
    )
    assert told(compare_deliveries(tables, after)) == (
        ["sources", "sources"],
        [("driver_zone", ()), ("accessibilita_comuni", (1,))],
    )


def test_layers_that_only_one_has_are_told_with_their_rows(tables: Tables) -> None:
    fewer = {name: table for name, table in tables.items() if name != "servizi"}
    assert compare_deliveries(fewer, tables).layers_added == {"servizi": 1}
    assert compare_deliveries(tables, fewer).layers_removed == {"servizi": 1}
    assert not compare_deliveries(fewer, tables).derived


def test_columns_that_only_one_has_are_a_difference(tables: Tables) -> None:
    after = {**tables, "comuni": tables["comuni"].drop(columns="residents")}
    difference = compare_deliveries(tables, after)
    assert difference
    assert difference.columns_removed == {"comuni": ("residenti",)}
    assert told(difference) == ([], [])


def test_an_edition_that_comes_explains_all_its_rows(tables: Tables) -> None:
    before = {
        name: table[table["edition"] == OLD].reset_index(drop=True) if "edition" in table.columns else table
        for name, table in tables.items()
    }
    difference = compare_deliveries(before, tables)
    facts, derived = told(difference)
    assert facts == ["unions"] * 4 + ["goals"] * 2 + ["drivers"] * 2
    assert {layer for layer, _ in derived} == {"unioni_comuni", "obiettivi_comuni", "driver_zone"}
    assert all(causes for _, causes in derived)
