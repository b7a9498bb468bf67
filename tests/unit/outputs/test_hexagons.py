"""Hexagons as the web map gets them."""

import json
import math

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.crs import GEOGRAPHIC, METRIC
from psttm_geo.errors import CrsError
from psttm_geo.outputs import styles
from psttm_geo.outputs.hexagons import UNITS_PER_DEGREE, hexagon_shapes, hexagon_values
from psttm_geo.outputs.styles import Class

CLASSES = [Class(0, 0, "white"), Class(0.1, 0.5, "light"), Class(0.5, 1, "dark")]


@pytest.fixture
def layer() -> gpd.GeoDataFrame:
    """Give a hexagon and its six neighbours, twice as for two profiles, in no order."""
    cells = h3.grid_disk(h3.latlng_to_cell(45.464, 9.19, 9), 1)
    shapes = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in cells]
    return gpd.GeoDataFrame({"hexagon": [*cells, *cells]}, geometry=[*shapes, *shapes], crs=GEOGRAPHIC).to_crs(METRIC)


def rings(text: str) -> list[np.ndarray]:
    return [np.cumsum(np.array(steps).reshape(-1, 2), axis=0) for steps in json.loads(text)]


def test_outlines_come_once_in_the_order_of_names(layer: gpd.GeoDataFrame) -> None:
    found = rings(hexagon_shapes(layer))
    names = sorted(set(layer["hexagon"]))
    assert len(found) == len(names) == 7
    for name, ring in zip(names, found, strict=True):
        assert ring / UNITS_PER_DEGREE == pytest.approx(np.array(h3.cell_to_boundary(name)), abs=1.01e-5)


def test_neighbours_share_their_corners(layer: gpd.GeoDataFrame) -> None:
    corners = {tuple(corner) for ring in rings(hexagon_shapes(layer)) for corner in ring.tolist()}
    assert len(corners) == 24


def test_outlines_have_to_be_metric(layer: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError):
        hexagon_shapes(layer.to_crs(GEOGRAPHIC))


def test_each_value_is_said_once_with_its_fill() -> None:
    values = pd.Series({"d": 0.5004, "a": 0.0, "c": 0.5, "b": math.nan, "e": 0.8})
    told = json.loads(hexagon_values(values, CLASSES, str, decimals=3))
    entries = [told["entries"][position] for position in told["of"]]
    assert entries == [
        ["0.0", "white"],
        ["nan", styles.UNKNOWN],
        ["0.5", "light"],
        ["0.5", "dark"],  # 0.5004 is said as 0.5, and drawn as what it is
        ["0.8", "dark"],
    ]
    again = json.loads(hexagon_values(pd.concat([values, values.add_prefix("z")]), CLASSES, str, decimals=3))
    assert again["entries"] == told["entries"]
    assert again["of"] == told["of"] * 2


def test_without_classes_nothing_is_known() -> None:
    told = json.loads(hexagon_values(pd.Series({"a": math.nan}), [], str, decimals=1))
    assert told == {"entries": [["nan", styles.UNKNOWN]], "of": [0]}


def test_without_hexagons_nothing_is_drawn(layer: gpd.GeoDataFrame) -> None:
    assert json.loads(hexagon_shapes(layer.iloc[:0])) == []
