"""Layers of what the workspace holds of OpenStreetMap and of registers, their sources and their date."""

import dataclasses
from pathlib import Path

import pytest

from psttm_geo import workflows
from psttm_geo.model.layers import LAYERS
from psttm_geo.outputs.geopackage import read_geopackage
from psttm_geo.workflows.delivery import list_sources

SYNTHETIC = "DATI SINTETICI (SYNTHETIC DATA): "


def test_layers_of_the_map_follow_their_contracts(map_territory: workflows.Territory) -> None:
    layers = workflows.territory_layers(map_territory)
    absent = ("progetti", "accessibilita", "indicatori", "carenze", "isocrone", "scenario")
    assert set(layers) == {name for name in LAYERS if not name.startswith(absent)}
    for name, table in layers.items():
        assert len(LAYERS[name].select(table)) == len(table)
    assert len(layers["confini_confronto"]) == 133
    assert len(layers["servizi_confronto"]) == 133, "one category of register"
    assert len(layers["servizi"]) == len(map_territory.services.services) > 100


def test_whatever_rests_on_made_up_data_says_so(built_with_map: Path) -> None:
    tables = read_geopackage(built_with_map)
    mine = tables["fonti"][tables["fonti"]["fonte"].str.startswith(SYNTHETIC)]
    assert set(mine["layer"]) == {
        *("servizi", "servizi_confronto", "confini_confronto"),
        *("obiettivi", "obiettivi_comuni", "obiettivi_conteggi", "driver_comuni", "driver_zone", "driver_unioni"),
    }
    assert mine["attribuzione"].str.startswith(SYNTHETIC).all()
    assert set(mine["licenza"]) == {"ODbL 1.0"}
    by_source = tables["servizi"].groupby(tables["servizi"]["osm_id"].notna())["fonte"].unique()
    assert [list(titles) for titles in by_source] == [
        ["Elenco delle farmacie (farmacie.csv)"],
        [f"{SYNTHETIC}OpenStreetMap, synthetic.osm.pbf"],
    ]


def test_a_build_is_dated_with_the_latest_of_all_its_sources(
    map_territory: workflows.Territory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dates = []
    monkeypatch.setattr(workflows.delivery, "write_geopackage", lambda *_, date, **__: dates.append(date))
    workflows.write_territory(tmp_path / "x.gpkg", map_territory)
    newer = dataclasses.replace(map_territory.service_sources[0], reference_date="2026-11-19")
    for name in ("service_sources", "scope_sources"):
        workflows.write_territory(tmp_path / "x.gpkg", dataclasses.replace(map_territory, **{name: (newer,)}))
    assert dates == ["2025-05-29", "2026-11-19", "2026-11-19"]


def test_a_source_that_serves_a_layer_twice_is_listed_once(map_territory: workflows.Territory) -> None:
    source = map_territory.service_sources[0]
    assert len(list_sources({"comuni": (source, source), "servizi": (source,)})) == 2
