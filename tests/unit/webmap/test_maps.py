"""The layers of the web map, and the map that carries them."""

import dataclasses
import json
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.jobs import Territory
from psttm_geo.schema import colours
from psttm_geo.webmap import maps
from psttm_geo.webmap.maps import MapState
from psttm_geo.webmap.offline_leaflet import standalone_html

FONTANILI = "Unione di Comuni dei Fontanili"

STATE = MapState(
    edition="e1",
    language="it",
    selected="015002",
    tiles=False,
    title="Mappa",
    view=(45.1, 9.2, 11.25),
    credits=("© OpenStreetMap",),
    legend=(("Ovest", "#BBCC33"), ("Est", "#44BB99")),
)


@pytest.fixture(scope="module")
def text(territory: Territory) -> str:
    return maps.web_layers(
        territory.municipalities, territory.ring, territory.memberships, list(territory.zones["zone"])
    )


@pytest.fixture(scope="module")
def layers(text: str) -> dict[str, Any]:
    return json.loads(text)


@pytest.fixture(scope="module")
def facts(layers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the properties of every municipality by code."""
    features = layers["municipalities"]["features"]
    return {feature["properties"]["code"]: feature["properties"] for feature in features}


def shapes(collection: dict[str, Any]) -> np.ndarray:
    return shapely.from_geojson([json.dumps(feature["geometry"]) for feature in collection["features"]])


def squares(*corners: tuple[float, float]) -> list[shapely.Polygon]:
    return [shapely.box(x, y, x + 1000, y + 1000) for x, y in corners]


def test_what_is_reached_is_drawn_from_the_farthest_on() -> None:
    centre = shapely.Point(514_000, 5_034_000)
    rings = gpd.GeoDataFrame(geometry=[centre.buffer(size) for size in (400, 800, 1200)], crs=METRIC)
    drawn = json.loads(maps.reached_layer(rings, ["a", "b", "c"]))
    assert [feature["properties"]["tip"] for feature in drawn["features"]] == ["c", "b", "a"]
    fills = [feature["properties"]["fill"] for feature in drawn["features"]]
    assert fills[::-1] == [*colours.NEAR_TO_FAR_FILLS[::2]]
    far, middle, near = shapes(drawn)
    assert far.contains(middle)
    assert middle.contains(near)
    assert 9 < near.centroid.x < 10


def test_what_is_reached_has_to_be_metric() -> None:
    with pytest.raises(CrsError):
        maps.reached_layer(gpd.GeoDataFrame(geometry=[shapely.box(9, 45, 10, 46)], crs=GEOGRAPHIC), ["a"])


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    """Give two squares of 1 km side by side, each a zone."""
    return gpd.GeoDataFrame(
        {
            "municipality_code": ["015001", "015002"],
            "municipality": ["Alfa", "Beta"],
            "zone": ["West", "East"],
            "residents": [10, 20],
        },
        geometry=squares((500_000, 5_000_000), (501_000, 5_000_000)),
        crs=METRIC,
    )


@pytest.fixture
def ring() -> gpd.GeoDataFrame:
    columns = {"municipality": ["Fuori"], "province": ["Lodi"]}
    return gpd.GeoDataFrame(columns, geometry=squares((502_000, 5_000_000)), crs=METRIC)


@pytest.fixture
def memberships() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "edition": ["e1", "e1", "e2", "e2"],
            "municipality_code": ["015001", "015002", "015001", "015002"],
            "union": ["Both", "Both", None, "Alone"],
        }
    )


@pytest.fixture
def drawn(town: gpd.GeoDataFrame, ring: gpd.GeoDataFrame, memberships: pd.DataFrame) -> dict[str, Any]:
    return json.loads(maps.web_layers(town, ring, memberships, ["East", "West"]))


def test_a_municipality_carries_what_the_map_says_of_it(drawn: dict[str, Any]) -> None:
    alfa, beta = (feature["properties"] for feature in drawn["municipalities"]["features"])
    assert alfa == {
        "code": "015001",
        "name": "Alfa",
        "zone": "West",
        "residents": 10,
        "fill": colours.ZONE_FILLS[1],
        "unions": {"e1": "Both"},
    }
    assert beta["unions"] == {"e1": "Both", "e2": "Alone"}
    assert beta["fill"] == colours.ZONE_FILLS[0]


def test_a_union_is_the_outline_of_its_members_in_its_edition(drawn: dict[str, Any]) -> None:
    unions = {
        (feature["properties"]["edition"], feature["properties"]["name"]): shape
        for feature, shape in zip(drawn["unions"]["features"], shapes(drawn["unions"]), strict=True)
    }
    alfa, beta = shapes(drawn["municipalities"])
    assert unions.keys() == {("e1", "Both"), ("e2", "Alone")}
    assert unions["e1", "Both"].equals(alfa.union(beta))
    assert unions["e2", "Alone"].equals(beta)


def test_a_label_stands_where_there_is_most_room(drawn: dict[str, Any]) -> None:
    for feature, shape in zip(drawn["zones"]["features"], shapes(drawn["zones"]), strict=True):
        latitude, longitude = feature["properties"]["label"]
        assert (longitude, latitude) == pytest.approx((shape.centroid.x, shape.centroid.y), abs=1e-3)


def test_the_ring_has_name_and_province_and_does_not_count_for_the_bounds(drawn: dict[str, Any]) -> None:
    (feature,) = drawn["ring"]["features"]
    assert feature["properties"] == {"name": "Fuori", "province": "Lodi"}
    west, south, east, north = shapely.union_all(shapes(drawn["municipalities"])).bounds
    assert drawn["bounds"] == [[south, west], [north, east]]
    assert shapes(drawn["ring"])[0].bounds[2] > east


def test_no_union_at_all_draws_no_outline(
    town: gpd.GeoDataFrame, ring: gpd.GeoDataFrame, memberships: pd.DataFrame
) -> None:
    none = memberships.assign(union=None)
    drawn = json.loads(maps.web_layers(town, ring, none, ["East", "West"]))
    assert drawn["unions"]["features"] == []
    assert [feature["properties"]["unions"] for feature in drawn["municipalities"]["features"]] == [{}, {}]


@pytest.mark.parametrize("spoilt", ["town", "ring"])
def test_degrees_are_refused(
    spoilt: str, town: gpd.GeoDataFrame, ring: gpd.GeoDataFrame, memberships: pd.DataFrame
) -> None:
    given = {"town": town, "ring": ring}
    given[spoilt] = given[spoilt].to_crs(GEOGRAPHIC)
    with pytest.raises(CrsError):
        maps.web_layers(given["town"], given["ring"], memberships, ["East", "West"])


def test_all_133_municipalities_are_there_each_in_its_zone(
    facts: dict[str, dict[str, Any]], territory: Territory
) -> None:
    fills = colours.zone_fills(list(territory.zones["zone"]))
    rows = territory.municipalities.set_index("municipality_code")
    assert len(facts) == 133
    assert {code: fact["zone"] for code, fact in facts.items()} == rows["zone"].to_dict()
    assert {code: fact["residents"] for code, fact in facts.items()} == rows["residents"].to_dict()
    assert all(fact["fill"] == fills[fact["zone"]] for fact in facts.values())


def test_municipalities_say_their_union_in_every_edition(
    facts: dict[str, dict[str, Any]], territory: Territory
) -> None:
    told = {(edition, code, union) for code, fact in facts.items() for edition, union in fact["unions"].items()}
    members = territory.memberships.dropna(subset=["union"])
    assert told == set(zip(members["edition"], members["municipality_code"], members["union"], strict=True))
    assert facts["015224"]["unions"] == {"2022-2024": "Unione di Comuni Adda Martesana"}
    assert facts["015118"]["unions"] == {}


def test_the_fontanili_are_outlined_in_the_later_edition_only_and_cross_a_zone_border(
    layers: dict[str, Any], facts: dict[str, dict[str, Any]]
) -> None:
    unions = [feature["properties"] for feature in layers["unions"]["features"]]
    assert [union["edition"] for union in unions if union["name"] == FONTANILI] == ["2025-2027"]
    members = [fact for fact in facts.values() if FONTANILI in fact["unions"].values()]
    assert len(members) == 9
    assert {fact["zone"] for fact in members} == {"Magentino Abbiatense", "Sud Ovest"}


@pytest.mark.parametrize("name", ["municipalities", "zones"])
def test_simplified_outlines_still_share_their_borders(layers: dict[str, Any], name: str) -> None:
    outlines = shapes(layers[name])
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)


def test_zones_have_their_label_inside_and_cover_what_municipalities_cover(layers: dict[str, Any]) -> None:
    zones = shapes(layers["zones"])
    assert len(zones) == 8
    for feature, zone in zip(layers["zones"]["features"], zones, strict=True):
        latitude, longitude = feature["properties"]["label"]
        assert zone.contains(shapely.Point(longitude, latitude)), feature["properties"]["name"]
    municipalities = shapely.coverage_union_all(shapes(layers["municipalities"]))
    assert shapely.coverage_union_all(zones).symmetric_difference(municipalities).area == pytest.approx(0, abs=1e-9)


def test_the_bounds_hold_every_municipality_san_colombano_too(layers: dict[str, Any]) -> None:
    (south, west), (north, east) = layers["bounds"]
    outlines = dict(zip(_codes(layers), shapes(layers["municipalities"]), strict=True))
    assert all(shapely.box(west, south, east, north).covers(outline) for outline in outlines.values())
    assert outlines["015191"].bounds[1] == south


def _codes(layers: dict[str, Any]) -> list[str]:
    return [feature["properties"]["code"] for feature in layers["municipalities"]["features"]]


def test_the_layers_are_small_enough_for_a_slow_line(text: str) -> None:
    assert len(text.encode()) < 500_000


def test_the_ring_meets_the_territory_without_gaps_or_overlaps(text: str) -> None:
    drawn = json.loads(text)
    both = [*shapes(drawn["municipalities"]), *shapes(drawn["ring"])]
    assert len(both) > 133
    assert shapely.coverage_is_valid(both)


def shown_states(html: str) -> list[dict[str, Any]]:
    (states,) = re.findall(r"psttm\.show\((\[.*?\])\);", html)
    return json.loads(states)


def test_a_state_reaches_the_script_of_the_map_whole(text: str) -> None:
    html = standalone_html(maps.standalone_map(text, [STATE]))
    assert shown_states(html) == json.loads(json.dumps([dataclasses.asdict(STATE)]))


def test_two_maps_share_the_layers_of_the_first(text: str, layers: dict[str, Any]) -> None:
    html = standalone_html(maps.standalone_map(text, [STATE, dataclasses.replace(STATE, edition="e2")]))
    carried = [json.loads(options)["layers"] for options in re.findall(r"psttm\.start\(\w+, (\{.*\})\);", html)]
    assert carried == [layers, None]
    assert [state["edition"] for state in shown_states(html)] == ["e1", "e2"]


def test_a_map_that_stands_alone_has_layers_and_state_inside(text: str, layers: dict[str, Any]) -> None:
    html = standalone_html(maps.standalone_map(text, [STATE]))
    (start,) = re.findall(r"psttm\.start\(\w+, (\{.*\})\);", html)
    assert json.loads(start)["layers"] == layers
    assert [state["selected"] for state in shown_states(html)] == ["015002"]


def test_a_name_cannot_end_the_script_it_stands_in(
    town: gpd.GeoDataFrame, ring: gpd.GeoDataFrame, memberships: pd.DataFrame
) -> None:
    hostile = "</script><script>alert(1)</script>"
    named = town.assign(municipality=[hostile, "Beta"])
    state = dataclasses.replace(STATE, title=hostile)
    html = standalone_html(maps.standalone_map(maps.web_layers(named, ring, memberships, ["East", "West"]), [state]))
    assert hostile not in html
    assert shown_states(html)[0]["title"] == hostile
