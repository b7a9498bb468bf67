import geopandas as gpd
import pytest
import shapely

from psttm_geo.crs import GEOGRAPHIC, METRIC, require_metric
from psttm_geo.errors import CrsError


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
