"""Layers that computations left: kept as they are, joined, and of some editions only."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from psttm_geo.access.results import Results
from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import FACT, UNSTATED, Source

SOURCE, OTHER = (Source(name, name, FACT, "", "", UNSTATED, name, "") for name in ("una", "altra"))


@pytest.fixture
def results() -> Results:
    layers = {
        "indicatori": pd.DataFrame({"edition_or_all": ["", "2025-2027"], "value": [1.0, 2.0]}),
        "carenze_comuni": pd.DataFrame({"edition": ["2022-2024"]}),
    }
    return Results(layers, {"indicatori": (SOURCE,), "carenze_comuni": (OTHER,)}, {"census": "1"}, ("farmacia",))


def test_what_is_saved_is_loaded_as_it_was(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "results.npz")
    loaded = Results.load(tmp_path / "results.npz")
    assert {name: table.to_dict("list") for name, table in loaded.layers.items()} == {
        name: table.to_dict("list") for name, table in results.layers.items()
    }
    assert (loaded.sources, loaded.inputs, loaded.essential) == (results.sources, results.inputs, results.essential)


def test_shapes_that_rows_share_are_kept_once(tmp_path: Path) -> None:
    hexagons = gpd.GeoDataFrame({"hexagon": ["a", "b"]}, geometry=[shapely.box(0, 0, 1, 1), None], crs=METRIC)
    gaps = hexagons.iloc[[1, 0, 0, 1, 0]].reset_index(drop=True).assign(residents_beyond=range(5))
    alone = gpd.GeoDataFrame({"minutes": [5, 10]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(0, 0, 2, 2)])
    layers = {"carenze": gaps, "isocrone": alone.set_crs(METRIC)}
    Results(layers, dict.fromkeys(layers, (SOURCE,)), {}).save(tmp_path / "results.npz")
    loaded = Results.load(tmp_path / "results.npz").layers
    for name, table in layers.items():
        assert_geodataframe_equal(gpd.GeoDataFrame(loaded[name]), table)
    first, second = (loaded["carenze"].geometry.iloc[row] for row in (1, 2))
    assert first is second


def test_of_an_edition_there_is_nothing_of_the_others_and_no_source_of_theirs(results: Results) -> None:
    kept = results.of_editions(["2025-2027"])
    assert list(kept.layers) == list(kept.sources) == ["indicatori"]
    assert len(kept.layers["indicatori"]) == 2


def test_joined_have_the_layers_and_the_sources_of_both(results: Results) -> None:
    more = Results({"isocrone": pd.DataFrame()}, {"isocrone": (SOURCE,)}, {"boundaries": "2"})
    both = results.joined(more)
    assert list(both.layers) == list(both.sources) == ["indicatori", "carenze_comuni", "isocrone"]
    assert both.inputs == {"census": "1", "boundaries": "2"}
    assert both.essential == ("farmacia",)
