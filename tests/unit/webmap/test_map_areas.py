"""Areas as the web map gets them."""

import json
import math

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.schema import colours
from psttm_geo.schema.colours import Class
from psttm_geo.webmap.map_areas import UNITS_PER_DEGREE, area_shapes, area_values

CLASSES = [Class(0, 0, "white"), Class(0.1, 0.5, "light"), Class(0.5, 1, "dark")]


@pytest.fixture
def layer() -> gpd.GeoDataFrame:
    """Give a hexagon and its six neighbours, twice as for two profiles, in no order."""
    cells = h3.grid_disk(h3.latlng_to_cell(45.464, 9.19, 9), 1)
    shapes = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells]
    return gpd.GeoDataFrame({"hexagon": [*cells, *cells]}, geometry=[*shapes, *shapes], crs=GEOGRAPHIC).to_crs(METRIC)


def areas(text: str) -> list[list[list[np.ndarray]]]:
    """Give the rings of each polygon of each area."""
    return [
        [[np.cumsum(np.array(steps).reshape(-1, 2), axis=0) for steps in rings] for rings in polygons]
        for polygons in json.loads(text)
    ]


def rings(text: str) -> list[np.ndarray]:
    """Give the only ring of each area."""
    found = areas(text)
    assert all(len(polygons) == len(polygons[0]) == 1 for polygons in found)
    return [polygons[0][0] for polygons in found]


def test_outlines_come_once_in_the_order_of_names(layer: gpd.GeoDataFrame) -> None:
    found = rings(area_shapes(layer, "hexagon"))
    names = sorted(set(layer["hexagon"]))
    assert len(found) == len(names) == 7
    for name, ring in zip(names, found, strict=True):
        assert ring / UNITS_PER_DEGREE == pytest.approx(np.array(h3.cell_to_boundary(name)), abs=1.01e-5)


def test_neighbours_share_their_corners(layer: gpd.GeoDataFrame) -> None:
    corners = {tuple(corner) for ring in rings(area_shapes(layer, "hexagon")) for corner in ring.tolist()}
    assert len(corners) == 24


def test_an_area_may_have_parts_and_holes() -> None:
    square = shapely.box(0, 0, 10, 10).difference(shapely.box(4, 4, 6, 6))
    apart = shapely.MultiPolygon([square, shapely.box(20, 0, 30, 10)])
    places = [
        shapely.transform(shape, lambda km: km * 1000 + [480_000, 5_030_000])
        for shape in (shapely.box(40, 0, 50, 10), apart)
    ]
    layer = gpd.GeoDataFrame({"own_unit": ["Isola", "Due parti"]}, geometry=places, crs=METRIC)
    found = areas(area_shapes(layer, "own_unit"))
    assert [[len(rings) for rings in polygons] for polygons in found] == [[2, 1], [1]]
    corners = [[ring[:, ::-1] / UNITS_PER_DEGREE for ring in rings] for rings in found[0]]
    drawn = gpd.GeoSeries([shapely.MultiPolygon([(ring, holes) for ring, *holes in corners])], crs=GEOGRAPHIC)
    assert drawn.to_crs(METRIC).area.iloc[0] == pytest.approx(196e6, rel=1e-4)


def test_outlines_have_to_be_metric(layer: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError):
        area_shapes(layer.to_crs(GEOGRAPHIC), "hexagon")


def test_each_value_is_said_once_with_its_fill() -> None:
    values = pd.Series({"d": 0.5004, "a": 0.0, "c": 0.5, "b": math.nan, "e": 0.8})
    told = json.loads(area_values(values, CLASSES, str, decimals=3))
    entries = [told["entries"][position] for position in told["of"]]
    assert entries == [
        ["0.0", "white"],
        ["nan", colours.UNKNOWN],
        ["0.5", "light"],
        ["0.5", "dark"],  # 0.5004 is said as 0.5, and drawn as what it is
        ["0.8", "dark"],
    ]
    again = json.loads(area_values(pd.concat([values, values.add_prefix("z")]), CLASSES, str, decimals=3))
    assert again["entries"] == told["entries"]
    assert again["of"] == told["of"] * 2


def test_the_name_of_an_area_may_stand_before_its_value() -> None:
    told = json.loads(area_values(pd.Series({"b": 0.0, "a": 0.0}), CLASSES, str, decimals=1, named=True))
    assert told == {"entries": [["a: 0.0", "white"], ["b: 0.0", "white"]], "of": [0, 1]}


def test_without_classes_nothing_is_known() -> None:
    told = json.loads(area_values(pd.Series({"a": math.nan}), [], str, decimals=1))
    assert told == {"entries": [["nan", colours.UNKNOWN]], "of": [0]}


def test_without_hexagons_nothing_is_drawn(layer: gpd.GeoDataFrame) -> None:
    assert json.loads(area_shapes(layer.iloc[:0], "hexagon")) == []
