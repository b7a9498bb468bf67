import geopandas as gpd
import pytest
import shapely
from h3.api import basic_int as h3

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.territory.hexagons import RESOLUTION, find_hexagons, hexagon_layer

DUOMO = shapely.Point(9.1919, 45.4641)


def placed(*points: shapely.Point) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(points), crs=GEOGRAPHIC).to_crs(METRIC)


def test_places_are_counted_in_the_hexagon_that_they_lie_in() -> None:
    far = shapely.Point(9.3, 45.5)
    where, cells = find_hexagons(placed(DUOMO, far, DUOMO))
    assert cells == sorted({h3.latlng_to_cell(point.y, point.x, RESOLUTION) for point in (DUOMO, far)})
    assert where[0] == where[2] != where[1]
    layer = hexagon_layer(cells)
    assert layer.crs == METRIC
    assert layer.geometry.iloc[where].contains(placed(DUOMO, far, DUOMO).geometry, align=False).all()
    assert layer["hexagon"].map(h3.str_to_int).tolist() == cells


def test_a_hexagon_has_six_sides_and_a_tenth_of_a_square_kilometre() -> None:
    _, cells = find_hexagons(placed(DUOMO))
    (hexagon,) = hexagon_layer(cells).geometry
    assert len(hexagon.exterior.coords) == 7
    assert hexagon.area == pytest.approx(h3.cell_area(cells[0], unit="m^2"), rel=0.002)


def test_degrees_are_refused() -> None:
    with pytest.raises(CrsError):
        find_hexagons(placed(DUOMO).to_crs(GEOGRAPHIC))


def test_no_places_no_hexagons() -> None:
    where, cells = find_hexagons(placed())
    assert (len(where), cells) == (0, [])
    assert hexagon_layer(cells).empty
