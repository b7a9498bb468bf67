import geopandas as gpd
import pyproj
import pytest
import shapely

from psttm_geo.core.crs import DELIVERED, GEOGRAPHIC, METRIC, find_delivered, require_metric, require_plane
from psttm_geo.core.errors import CrsError


def layer(crs: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.Point(500_000, 5_000_000)], crs=crs)


def test_a_metric_layer_passes() -> None:
    require_metric(layer(METRIC), "comuni")


@pytest.mark.parametrize(("crs", "found"), [(None, "nessuno"), (GEOGRAPHIC, "EPSG:4326"), ("EPSG:32633", "EPSG:32633")])
def test_any_other_layer_is_refused_with_what_was_found(crs: str | None, found: str) -> None:
    with pytest.raises(CrsError) as error:
        require_metric(layer(crs), "comuni")
    assert found in error.value.text.it
    assert METRIC in error.value.text.en


def test_streets_on_the_plane_of_the_plan_pass() -> None:
    require_plane(METRIC, "town.osm")


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("EPSG:32633", "nel fuso UTM 33 (EPSG:32633)"),
        ("EPSG:32735", "nel fuso UTM 35 (EPSG:32735)"),
        ("EPSG:3003", "altrove (EPSG:3003)"),
    ],
)
def test_streets_on_another_plane_are_refused_with_the_zone(crs: str, said: str) -> None:
    with pytest.raises(CrsError) as error:
        require_plane(crs, "town.osm")
    assert error.value.text.it.startswith(f"town.osm: la rete stradale è {said}, attesa in {METRIC}")
    assert crs in error.value.text.en


@pytest.mark.parametrize("written", ["7791", "EPSG:7791", "epsg:7791", " 7791 "])
def test_a_delivered_system_is_known_however_it_is_written(written: str) -> None:
    assert find_delivered(written) == "EPSG:7791"


def test_delivered_systems_have_the_east_first() -> None:
    for name in DELIVERED:
        assert [axis.direction for axis in pyproj.CRS(name).axis_info] == ["east", "north"]
    assert [axis.direction for axis in pyproj.CRS("EPSG:6707").axis_info] == ["north", "east"]


@pytest.mark.parametrize("written", ["6707", "EPSG:4326", "32633", "UTM", ""])
def test_other_systems_are_not_delivered_in(written: str) -> None:
    with pytest.raises(CrsError) as error:
        find_delivered(written)
    assert f"«{written}»: atteso EPSG:32632 o EPSG:7791" in error.value.text.it
    assert ("il nord prima dell'est: usare EPSG:7791" in error.value.text.it) == (written == "6707")
