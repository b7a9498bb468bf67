import dataclasses

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source
from psttm_geo.schema.layers import layer_named
from psttm_geo.services.locations import place_register
from psttm_geo.services.merge import MergedServices, match_services, merge_services, say_report, service_layer
from psttm_geo.services.register_records import PlacedRegister, ServiceRegister

KM = 1000.0

ALFA, BETA = "015001", "015002"

Row = tuple[object, ...]


@pytest.fixture
def towns() -> gpd.GeoDataFrame:
    """Give two squares of 1 km side by side."""
    return gpd.GeoDataFrame(
        {"municipality_code": [ALFA, BETA], "municipality": ["Alfa", "Beta"], "in_territory": True},
        geometry=[shapely.box(n * KM, 0, n * KM + KM, KM) for n in range(2)],
        crs=METRIC,
    )


def osm(*rows: Row) -> gpd.GeoDataFrame:
    """Give OpenStreetMap's services from rows of category, name, x and, for schools of unknown level, a fourth cell."""
    return gpd.GeoDataFrame(
        {
            "category": pd.Series([row[0] for row in rows], dtype=object),
            "name": pd.Series([row[1] for row in rows], dtype=object),
            "source": "OpenStreetMap",
            "osm_id": pd.Series([f"node/{number}" for number in range(len(rows))], dtype=object),
            "level_unknown": pd.Series([len(row) > 3 for row in rows], dtype=bool),
        },
        geometry=[shapely.Point(row[2], 500) for row in rows],
        crs=METRIC,
    )


def register(
    towns: gpd.GeoDataFrame, *rows: Row, mode: str = "replaces", covers: frozenset[str] | None = None
) -> PlacedRegister:
    """Give a placed register from rows of category, name, x and optionally declared municipality."""
    services = gpd.GeoDataFrame(
        {
            "row": range(2, len(rows) + 2),
            "type": "",
            "category": pd.Series([row[0] for row in rows], dtype=object),
            "code": [f"R{number}" for number in range(len(rows))],
            "name": pd.Series([row[1] for row in rows], dtype=object),
            "municipality_code": pd.Series([row[3] if len(row) > 3 else None for row in rows], dtype=object),
        },
        geometry=[None if row[2] is None else shapely.Point(row[2], 500) for row in rows],
        crs=METRIC,
    )
    empty = pd.DataFrame(columns=["type", "reason_it", "reason_en", "rows"])
    issues = pd.DataFrame(columns=["row", "kind", "written"])
    source = Source("s", "Registro", "p", "", "", "l", "a", "")
    return place_register(ServiceRegister("r", source, mode, covers, services, empty, issues, ()), towns)


def names(merged: MergedServices) -> list[tuple[str, str]]:
    services = merged.services
    return sorted(zip(services["name"], services["source"], strict=True))


def counts(merged: MergedServices, code: str) -> dict[str, int]:
    row = merged.report.set_index("municipality_code").loc[code]
    return {name: int(row[name]) for name in merged.report.columns[2:]}


@pytest.mark.parametrize(
    ("mine", "its", "distance_m", "same"),
    [
        ("Farmacia Giardino", "DEL GIARDINO SRL", 250, True),
        ("Farmacia Giardino", "DEL GIARDINO SRL", 251, False),
        ("Farmacia", "COMUNALE SRL", 100, True),
        ("", "DEL GIARDINO SRL", 100, True),
        ("", "DEL GIARDINO SRL", 101, False),
        ("Rossi", "Bianchi", 30, True),
        ("Rossi", "Bianchi", 31, False),
        ("Città Studi", "CITTA' STUDI", 200, True),
    ],
)
def test_services_are_the_same_by_distance_and_name(mine: str, its: str, distance_m: float, *, same: bool) -> None:
    left, right = match_services(osm(("farmacia", mine, 0)), osm(("farmacia", its, distance_m)))
    assert (left.tolist(), right.tolist()) == (([0], [0]) if same else ([], []))


def test_services_of_other_categories_are_never_the_same() -> None:
    left, _ = match_services(osm(("farmacia", "Rossi", 0)), osm(("ospedale", "Rossi", 0)))
    assert left.tolist() == []


def test_each_service_is_matched_once_a_name_in_common_first() -> None:
    left, right = match_services(
        osm(("farmacia", "Rossi", 0), ("farmacia", "Verdi", 10), ("farmacia", "", 20)),
        osm(("farmacia", "VERDI SNC", 0), ("farmacia", "ROSSI SNC", 12)),
    )
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (1, 0)]


def test_a_register_replaces_what_openstreetmap_has_in_the_territory(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("farmacia", "Rossi", 500), ("farmacia", "Chiusa", 900), ("farmacia", "Oltre", 2100), ("park", "P", 500))
    merged = merge_services(mine, [register(towns, ("farmacia", "ROSSI SNC", 510), ("farmacia", "Nuova", 1500))], towns)
    assert names(merged) == [
        ("Nuova", "Registro"),
        ("Oltre", "OpenStreetMap"),
        ("P", "OpenStreetMap"),
        ("ROSSI SNC", "Registro"),
    ]
    by_name = merged.services.set_index("name")
    assert by_name["municipality_code"].to_dict() == {"P": ALFA, "Oltre": None, "ROSSI SNC": ALFA, "Nuova": BETA}
    assert (by_name.loc["ROSSI SNC", "code"], by_name.loc["ROSSI SNC", "osm_id"]) == ("R0", None)
    assert (by_name.loc["P", "code"], by_name.loc["P", "osm_id"], by_name.loc["P", "osm_row"]) == (None, "node/3", 3)
    assert by_name["osm_row"].isna().to_dict() == {"P": False, "Oltre": False, "ROSSI SNC": True, "Nuova": True}
    assert merged.services.crs == METRIC
    assert merged.report["category"].unique().tolist() == ["farmacia"]
    assert counts(merged, ALFA) == {
        "register": 1,
        "not_placed": 0,
        "osm": 2,
        "both": 1,
        "register_only": 0,
        "osm_only": 1,
        "osm_dropped": 1,
    }
    assert counts(merged, BETA)["register_only"] == 1


def test_a_register_completes_what_openstreetmap_has(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("infanzia", "Comunale Rossi", 500), ("infanzia", "Privata", 900))
    theirs = register(towns, ("infanzia", "Infanzia - Rossi", 520), ("infanzia", "Verdi", 1500), mode="completes")
    merged = merge_services(mine, [theirs], towns)
    assert names(merged) == [("Infanzia - Rossi", "Registro"), ("Privata", "OpenStreetMap"), ("Verdi", "Registro")]
    assert counts(merged, ALFA)["osm_only"] == 1
    assert counts(merged, ALFA)["osm_dropped"] == 0


def test_schools_of_unknown_level_give_way_where_a_register_is_given(towns: gpd.GeoDataFrame) -> None:
    mine = osm(
        ("scuola", "Vaga", 500, "level unknown"),
        ("scuola", "Certa", 700),
        ("scuola", "Oltre", 2500, "level unknown"),
        ("superiori", "Altra", 500, "level unknown"),
    )
    theirs = register(towns, ("scuola", "Statale", 1500), mode="completes")
    assert [name for name, _ in names(merge_services(mine, [theirs], towns))] == ["Altra", "Certa", "Oltre", "Statale"]
    assert len(merge_services(mine, [], towns).services) == 4


def test_a_register_replaces_only_where_it_is_complete(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("park", "A", 500), ("park", "B", 1500))
    theirs = register(towns, ("park", "Nuovo", 100), covers=frozenset({ALFA}))
    assert [name for name, _ in names(merge_services(mine, [theirs], towns))] == ["B", "Nuovo"]


def test_a_municipality_that_a_complete_register_leaves_out_has_none(towns: gpd.GeoDataFrame) -> None:
    merged = merge_services(osm(("farmacia", "A", 1500)), [register(towns, ("farmacia", "R", 500))], towns)
    assert names(merged) == [("R", "Registro")]
    assert counts(merged, BETA)["osm_dropped"] == 1


def test_services_without_a_usable_point_are_counted_but_have_no_place(towns: gpd.GeoDataFrame) -> None:
    theirs = register(towns, ("park", "Senza", None, ALFA), ("park", "Lontano", 1900, ALFA), ("park", "R", 500, ALFA))
    merged = merge_services(osm(), [theirs], towns)
    assert names(merged) == [("R", "Registro")]
    assert (counts(merged, ALFA)["register"], counts(merged, ALFA)["not_placed"]) == (3, 2)


def test_left_out_types_are_no_services(towns: gpd.GeoDataFrame) -> None:
    merged = merge_services(osm(), [register(towns, (None, "Ctp", 500))], towns)
    assert merged.services.empty
    assert merged.report.empty


def test_without_registers_openstreetmap_stays_as_it_is(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("park", "A", 500), ("park", "B", 2500))
    merged = merge_services(mine, [], towns)
    kept = [name for name in mine.columns if name != "geometry"]
    assert merged.services[kept].to_numpy().tolist() == mine[kept].to_numpy().tolist()
    assert merged.services.geometry.geom_equals(mine.geometry).all()
    assert merged.report.empty


def test_areas_count_where_their_inside_is(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("park", "A", 500)).set_geometry([shapely.box(900, 0, 1900, 900)], crs=METRIC)
    assert merge_services(mine, [], towns).services["municipality_code"].to_list() == [BETA]


def test_several_registers_each_fill_their_category(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("park", "A", 500), ("ospedale", "H", 500))
    second = register(towns, ("ospedale", "Ospedale", 800))
    second = dataclasses.replace(
        second, register=dataclasses.replace(second.register, source=Source("2", "Altro", "p", "", "", "l", "a", ""))
    )
    merged = merge_services(mine, [register(towns, ("park", "P", 100)), second], towns)
    assert names(merged) == [("Ospedale", "Altro"), ("P", "Registro")]
    assert len(merged.report) == 4


def test_degrees_are_refused_and_inputs_not_changed(towns: gpd.GeoDataFrame) -> None:
    mine, theirs = osm(("park", "A", 500)), register(towns, ("park", "P", 100))
    before = mine.copy(), theirs.services.copy()
    merge_services(mine, [theirs], towns)
    pd.testing.assert_frame_equal(pd.DataFrame(before[0]), pd.DataFrame(mine))
    pd.testing.assert_frame_equal(pd.DataFrame(before[1]), pd.DataFrame(theirs.services))
    with pytest.raises(CrsError):
        merge_services(mine.set_crs(GEOGRAPHIC, allow_override=True), [theirs], towns)


def test_the_report_is_said_a_line_per_category(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("farmacia", "Rossi", 500), ("farmacia", "Chiusa", 900), ("farmacia", "Verdi", 1500), ("park", "P", 1))
    theirs = register(towns, ("farmacia", "ROSSI SNC", 510), ("farmacia", "Verdi", 1510), ("ospedale", "H", None, BETA))
    assert say_report(merge_services(mine, [theirs], towns).report) == (
        Text(
            "farmacia: registri 2 (0 senza un punto utilizzabile), OpenStreetMap 3; in entrambi 2, "
            "solo nei registri 0, solo in OpenStreetMap 1 (1 non usati); comuni con differenze 1",
            "farmacia: registers 2 (0 without a usable point), OpenStreetMap 3; in both 2, in registers only 0, "
            "in OpenStreetMap only 1 (1 not used); municipalities that differ 1",
        ),
        Text(
            "ospedale: registri 1 (1 senza un punto utilizzabile), OpenStreetMap 0; in entrambi 0, "
            "solo nei registri 0, solo in OpenStreetMap 0 (0 non usati); comuni con differenze 0",
            "ospedale: registers 1 (1 without a usable point), OpenStreetMap 0; in both 0, in registers only 0, "
            "in OpenStreetMap only 0 (0 not used); municipalities that differ 0",
        ),
    )


def test_every_service_of_the_layer_is_a_point_with_an_identifier_of_its_own(towns: gpd.GeoDataFrame) -> None:
    mine = osm(("park", "A", 500), ("park", "B", 700), ("park", "C", 800), ("sport", "A", 500))
    mine["osm_id"] = ["n1", "n1", "", "n1"]
    mine = mine.set_geometry([shapely.box(100, 0, 200, 100), *mine.geometry[1:]], crs=METRIC)
    merged = merge_services(mine, [register(towns, ("farmacia", "R", 1500), ("farmacia", "S", 1600))], towns)
    merged.services.loc[merged.services["name"] == "S", "code"] = None
    layer = service_layer(merged.services)
    assert dict(zip(layer["service_name"] + " " + layer["category"], layer["service"], strict=True)) == {
        "A park": "n1#1",
        "B park": "n1#2",
        "C park": "#1",
        "A sport": "n1",
        "R farmacia": "R0",
        "S farmacia": "#1",
    }
    assert set(layer.geom_type) == {"Point"}
    assert shapely.box(100, 0, 200, 100).contains(layer.geometry.iloc[0])
    selected = layer_named("servizi").select(layer)
    assert selected.columns.to_list() == [
        *("categoria", "servizio", "nome", "fonte", "osm_id", "pro_com_t"),
        "geometry",
    ]


def test_no_services_make_an_empty_layer(towns: gpd.GeoDataFrame) -> None:
    layer = layer_named("servizi").select(service_layer(merge_services(osm(), [], towns).services))
    assert len(layer) == 0
