"""Rows, fields and shapes that differ, on squares of a kilometre."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import METRIC, NATIONAL
from psttm_geo.core.errors import CrsError, DeliveryError
from psttm_geo.delivery.table_diff import RowChange, ShapeChange, compare_tables
from psttm_geo.schema.layers import LAYERS

TABLE, AREAS, POINTS = LAYERS["appartenenze"], LAYERS["zone_omogenee"], LAYERS["servizi"]


def memberships(**unions: str | None) -> pd.DataFrame:
    return pd.DataFrame(
        {"edition": "2022-2024", "municipality_code": list(unions), "zone": "Nord", "union": list(unions.values())}
    )


def areas(**shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    rows = {"zone": list(shapes), "municipality_count": 1}
    return gpd.GeoDataFrame(rows, geometry=list(shapes.values()), crs=METRIC)


def square(width: float = 1000, x: float = 0) -> shapely.Geometry:
    return shapely.box(x, 0, x + width, 1000)


def shape_of(before: shapely.Geometry | None, after: shapely.Geometry | None) -> ShapeChange | None:
    rows = compare_tables(AREAS, areas(Nord=before), areas(Nord=after)).rows
    return rows[0].shape if rows else None


def test_equal_tables_do_not_differ() -> None:
    table = memberships(a="U", b=None)
    difference = compare_tables(TABLE, table, table.iloc[::-1].reset_index(drop=True))
    assert difference.rows == ()
    assert compare_tables(AREAS, areas(Nord=square()), areas(Nord=square())).rows == ()


def test_rows_are_matched_by_key_and_changed_fields_have_both_values() -> None:
    difference = compare_tables(TABLE, memberships(a="U", b=None, c="V"), memberships(d="V", b="U", a="U"))
    key = {"edition": "2022-2024"}
    assert difference.rows == (
        RowChange("appartenenze", {**key, "municipality_code": "b"}, "changed", {"union": (None, "U")}),
        RowChange("appartenenze", {**key, "municipality_code": "c"}, "removed"),
        RowChange("appartenenze", {**key, "municipality_code": "d"}, "added"),
    )


def test_names_with_apostrophes_and_accents_are_keys_too() -> None:
    names = ("Cassina de' Pecchi", "Città «Èx»", 'L"Aquila')
    shapes = dict.fromkeys(names, square())
    assert compare_tables(AREAS, areas(**shapes), areas(**shapes)).rows == ()
    gone = compare_tables(AREAS, areas(**shapes), areas(**dict(list(shapes.items())[1:]))).rows
    assert [row.key["zone"] for row in gone] == ["Cassina de' Pecchi"]


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        (pd.Series([1]), pd.Series([1.0]), False),
        (pd.Series([None], dtype=object), pd.Series([np.nan]), False),
        (pd.Series([pd.NA], dtype="Int64"), pd.Series([None], dtype=object), False),
        (pd.Series([0]), pd.Series([np.nan]), True),
        (pd.Series([0.1 + 0.2]), pd.Series([0.3]), True),
        (pd.Series(["1"]), pd.Series([1]), True),
        (pd.Series([""]), pd.Series([None], dtype=object), True),
    ],
    ids=str,
)
def test_values_are_compared_exactly_however_they_were_read(before: pd.Series, after: pd.Series, differs: bool) -> None:  # noqa: FBT001 - an expectation
    tables = [pd.DataFrame({"edition": ["e"], "municipality_code": ["a"], "union": one}) for one in (before, after)]
    assert bool(compare_tables(TABLE, *tables).rows) == differs


def test_columns_that_only_one_has_are_named_in_italian_and_not_compared() -> None:
    before = memberships(a="U").assign(minuti_scuola=1)
    after = memberships(a="U").drop(columns="zone")
    difference = compare_tables(TABLE, before, after)
    assert difference == type(difference)((), (), ("zona", "minuti_scuola"))
    assert compare_tables(TABLE, after, before).columns_added == ("zona", "minuti_scuola")


def test_the_area_that_changed_is_told() -> None:
    assert shape_of(square(), square(1500)) == ShapeChange(500_000, 0)
    assert shape_of(square(), square(x=250)) == ShapeChange(250_000, 250_000)
    assert shape_of(square(), None) == ShapeChange(0, 1_000_000)
    assert shape_of(None, square()) == ShapeChange(1_000_000, 0)
    assert shape_of(None, None) is None


def test_only_the_writing_of_a_shape_is_no_difference() -> None:
    turned = shapely.Polygon([(1000, 0), (0, 0), (0, 1000), (1000, 1000)])
    assert shape_of(square(), turned) is None
    assert shape_of(shapely.MultiPolygon([square()]), shapely.MultiPolygon([turned])) is None


def test_a_vertex_more_is_a_difference_without_area() -> None:
    with_vertex = shapely.Polygon([(0, 0), (500, 0), (1000, 0), (1000, 1000), (0, 1000)])
    assert shape_of(square(), with_vertex) == ShapeChange(0, 0)


def test_a_point_has_moved_so_far() -> None:
    tables = [
        gpd.GeoDataFrame({"category": ["c"], "service": ["s"]}, geometry=[shapely.Point(x, 0)], crs=METRIC)
        for x in (0, 30)
    ]
    (row,) = compare_tables(POINTS, *tables).rows
    assert row.shape == ShapeChange(0, 0, 30)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (memberships(a="U").drop(columns="edition"), "«appartenenze»: mancano le colonne edizione; servono due file"),
        (pd.concat([memberships(a="U")] * 2), "«appartenenze»: chiave ripetuta o vuota edizione, pro_com_t; servono"),
        (memberships(a="U").assign(edition=None), "«appartenenze»: chiave ripetuta o vuota edizione, pro_com_t; servo"),
    ],
)
def test_a_table_of_another_origin_is_refused(spoilt: pd.DataFrame, said: str) -> None:
    for pair in ((spoilt, memberships(a="U")), (memberships(a="U"), spoilt)):
        with pytest.raises(DeliveryError, match=said):
            compare_tables(TABLE, *pair)


def test_two_systems_of_coordinates_are_not_compared() -> None:
    table = areas(Nord=square())
    with pytest.raises(CrsError, match="diversi, EPSG:32632 e EPSG:7791; rifare uno dei due con psttm-geo build --crs"):
        compare_tables(AREAS, table, table.set_crs(NATIONAL, allow_override=True))


def test_a_shape_that_crosses_itself_is_measured_by_what_it_encloses() -> None:
    bow = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    change = shape_of(square(), bow)
    assert change is not None
    assert (change.gained_m2, change.lost_m2) == pytest.approx((0, 500_000))
    change = shape_of(bow, square())
    assert change is not None
    assert (change.gained_m2, change.lost_m2) == pytest.approx((500_000, 0))


def test_coordinates_that_are_no_numbers_are_refused() -> None:
    odd = shapely.Polygon([(0, 0), (np.inf, 0), (1000, 1000)])
    with pytest.raises(DeliveryError, match="«zone_omogenee»: coordinate che non sono numeri in 1 elementi"):
        shape_of(square(), odd)
