"""Isochrones of the command: around a point, the services of a category, the places of a file."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import BoundaryFileError, InputMissingError, PlaceError, UnknownNameError
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.jobs.accessibility import write_access
from psttm_geo.jobs.isochrone_layers import compute_isochrones, save_isochrones
from psttm_geo.project import Project
from psttm_geo.schema.layers import LAYERS

STREET = {"highway": "residential"}

NEAR_M = 5

ORIGIN = (514_000, 5_034_000)
"""Where the towns of tests lie, EPSG:32632."""


@pytest.fixture
def town(write_osm: Callable[..., Path]) -> Path:
    """Give a straight street of 2 km with a pharmacy at each end."""
    pharmacy = {"amenity": "pharmacy"}
    nodes = {1: (0, 0), 2: (2000, 0), 3: (0, 10, pharmacy), 4: (2000, 10, pharmacy)}
    return write_osm(nodes, {7: ([1, 2], STREET)})


@pytest.fixture
def degrees() -> Callable[[float, float], tuple[float, float]]:
    """Give longitude and latitude of metres in the town."""

    def degrees(x: float, y: float) -> tuple[float, float]:
        point = shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)
        placed = gpd.GeoSeries([point], crs=METRIC).to_crs(GEOGRAPHIC)
        return float(placed.x.iloc[0]), float(placed.y.iloc[0])

    return degrees


@pytest.fixture
def places(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of places, by name and metres in the town."""

    def places(*named: tuple[str, shapely.Geometry]) -> Path:
        moved = [shapely.transform(shape, lambda xy: xy + ORIGIN) for _, shape in named]
        path = tmp_path / "places.gpkg"
        gpd.GeoDataFrame({"nome": [name for name, _ in named]}, geometry=moved, crs=METRIC).to_file(path)
        return path

    return places


def draw(settings: Settings, town: Path, **asked: object) -> gpd.GeoDataFrame:
    request = jobs.IsochroneRequest(town, territory="osm:8", **asked)
    return compute_isochrones(Project(settings), request).layers["isocrone"]


# What is drawn.


def test_around_a_point(settings: Settings, town: Path, degrees: Callable[..., Any]) -> None:
    lon, lat = degrees(1000, 0)
    layer = draw(settings, town, lon=lon, lat=lat)
    assert layer[["category", "profile", "minutes"]].to_numpy().tolist() == [
        ["", "adulto", 5],
        ["", "adulto", 10],
        ["", "adulto", 15],
    ]
    west, south, east, north = layer.geometry.iloc[0].bounds
    # Five minutes at 1.31 m/s are 393 m to each side.
    assert east - west == pytest.approx(2 * 393, abs=NEAR_M)
    assert north - south == pytest.approx(100, abs=NEAR_M)


def test_around_all_services_of_a_category(settings: Settings, town: Path) -> None:
    layer = draw(settings, town, category="farmacia", minutes=(5,))
    assert layer[["origin", "category"]].to_numpy().tolist() == [["Farmacia", "farmacia"]]
    assert len(layer.geometry.iloc[0].geoms) == 2


def test_a_point_is_walked_from_and_services_are_walked_to(
    settings: Settings, write_osm: Callable[..., Path], degrees: Callable[..., Any]
) -> None:
    nodes = {1: (0, 0), 2: (2000, 0), 3: (1000, 10, {"amenity": "pharmacy"})}
    town = write_osm(nodes, {7: ([1, 2], STREET | {"oneway:foot": "yes"})})
    lon, lat = degrees(1000, 0)
    (away,) = draw(settings, town, lon=lon, lat=lat, minutes=(5,)).geometry
    (there,) = draw(settings, town, category="farmacia", minutes=(5,)).geometry
    ahead, behind = (shapely.Point(ORIGIN[0] + x, ORIGIN[1]) for x in (1200, 800))
    assert [away.covers(ahead), away.covers(behind)] == [True, False]
    assert [there.covers(ahead), there.covers(behind)] == [False, True]


def test_around_each_place_of_a_file(settings: Settings, town: Path, places: Callable[..., Path]) -> None:
    path = places(("Sede", shapely.Point(300, 0)), ("", shapely.Point(1000, 20)), ("Sede", shapely.Point(1500, 0)))
    layer = draw(settings, town, places=path, minutes=(5, 10))
    assert layer["origin"].tolist() == ["Sede #1", "Sede #1", "2", "2", "Sede #3", "Sede #3"]
    assert layer["minutes"].tolist() == [5, 10] * 3


def test_a_slower_profile_reaches_less(settings: Settings, town: Path, degrees: Callable[..., Any]) -> None:
    lon, lat = degrees(1000, 0)
    quick, slow = (
        draw(settings, town, lon=lon, lat=lat, profile=profile).area.sum() for profile in ("adulto", "anziano")
    )
    assert slow < quick


def test_the_layer_follows_its_contract(
    settings: Settings, town: Path, degrees: Callable[..., Any], tmp_path: Path
) -> None:
    lon, lat = degrees(1000, 0)
    computed = compute_isochrones(Project(settings), jobs.IsochroneRequest(town, territory="osm:8", lon=lon, lat=lat))
    layer = computed.layers["isocrone"]
    assert layer.crs == METRIC
    assert not layer[list(LAYERS["isocrone"].key)].duplicated().any()
    write_access(tmp_path / "reach.gpkg", computed, Project(settings))
    written = read_geopackage(tmp_path / "reach.gpkg", ["isocrone"])["isocrone"]
    assert [name for name in written if name != "geometry"] == ["origine", "categoria", "profilo", "minuti"]
    assert written["minuti"].tolist() == [5, 10, 15]
    assert set(written.geom_type) == {"MultiPolygon"}
    assert written.is_valid.all()


def test_what_cannot_be_gained_in_time_is_empty(
    settings: Settings, town: Path, degrees: Callable[..., Any], tmp_path: Path
) -> None:
    lon, lat = degrees(1000, 240)
    computed = compute_isochrones(
        Project(settings), jobs.IsochroneRequest(town, territory="osm:8", lon=lon, lat=lat, minutes=(1, 10))
    )
    assert computed.layers["isocrone"].is_empty.tolist() == [True, False]
    write_access(tmp_path / "reach.gpkg", computed, Project(settings))
    assert len(read_geopackage(tmp_path / "reach.gpkg", ["isocrone"])["isocrone"]) == 2


def test_isochrones_of_another_territory_are_not_kept(
    settings: Settings, town: Path, degrees: Callable[..., Any]
) -> None:
    lon, lat = degrees(1000, 0)
    request = jobs.IsochroneRequest(town, territory="osm:8", lon=lon, lat=lat)
    assert not save_isochrones(Project(settings), request, compute_isochrones(Project(settings), request))


# What is refused.


def test_a_point_in_a_lake_is_refused(settings: Settings, town: Path, degrees: Callable[..., Any]) -> None:
    lon, lat = degrees(1000, 400)
    with pytest.raises(PlaceError, match="400 m") as refused:
        draw(settings, town, lon=lon, lat=lat)
    assert "at most 250 m" in refused.value.text.en


def test_a_point_three_kilometres_from_a_street_is_refused(
    settings: Settings, town: Path, degrees: Callable[..., Any]
) -> None:
    lon, lat = degrees(1000, -3000)
    with pytest.raises(PlaceError, match="3000 m"):
        draw(settings, town, lon=lon, lat=lat)


def test_a_point_on_another_continent_is_refused(settings: Settings, town: Path) -> None:
    with pytest.raises(PlaceError, match="più di 20 km"):
        draw(settings, town, lon=-70.0, lat=-30.0)


@pytest.mark.parametrize(
    ("lon", "lat", "found"),
    [(500.0, 45.0, "500, 45"), (9.0, -90.5, "9, -90.5"), (math.nan, 45.0, "nan, 45"), (9.0, math.inf, "9, inf")],
)
def test_a_point_that_is_nowhere_on_the_globe_is_refused(
    settings: Settings, town: Path, lon: float, lat: float, found: str
) -> None:
    with pytest.raises(PlaceError, match=rf"{found}: attesi gradi da -180 a 180 e da -90 a 90"):
        draw(settings, town, lon=lon, lat=lat)


def test_places_that_are_no_points_are_refused(settings: Settings, town: Path, places: Callable[..., Path]) -> None:
    with pytest.raises(BoundaryFileError, match="LineString"):
        draw(settings, town, places=places(("via", shapely.LineString([(0, 0), (9, 9)]))))


def test_one_of_the_places_far_from_every_street_is_named(
    settings: Settings, town: Path, places: Callable[..., Path]
) -> None:
    path = places(("Sede", shapely.Point(300, 0)), ("Rifugio", shapely.Point(1000, 2000)))
    with pytest.raises(PlaceError, match="Rifugio"):
        draw(settings, town, places=path)


def test_a_file_of_places_that_is_missing_is_named(settings: Settings, town: Path, tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match=r"nowhere\.gpkg"):
        draw(settings, town, places=tmp_path / "nowhere.gpkg")


@pytest.mark.parametrize(("category", "said"), [("tabaccaio", "sconosciuta"), ("uffici", "Nessun servizio")])
def test_a_category_without_services_is_refused(settings: Settings, town: Path, category: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        draw(settings, town, category=category)


def test_a_profile_that_is_unknown_is_refused(settings: Settings, town: Path, degrees: Callable[..., Any]) -> None:
    lon, lat = degrees(1000, 0)
    with pytest.raises(UnknownNameError, match="ciclista"):
        draw(settings, town, lon=lon, lat=lat, profile="ciclista")


# The command.


@pytest.fixture
def command(run: Callable[..., Any], town: Path, tmp_path: Path) -> Callable[..., Any]:
    def command(*arguments: object) -> object:
        output = tmp_path / "out.gpkg"
        return run("--quiet", "isochrone", "--osm", town, "--territory", "osm:8", "-o", output, *arguments)

    return command


def test_the_command_says_how_much_is_reached(
    command: Callable[..., Any], degrees: Callable[..., Any], tmp_path: Path
) -> None:
    lon, lat = degrees(1000, 0)
    outcome = command("--lon", lon, "--lat", lat, "--minutes", "5,15")
    assert (outcome.code, outcome.err) == (0, "")
    first, second = outcome.out.splitlines()
    assert "adulto, 5 min: 0,07" in first
    assert "adulto, 15 min: 0,2" in second
    assert (tmp_path / "out.gpkg").is_file()


def test_the_command_for_machines(command: Callable[..., Any]) -> None:
    told = json.loads(command("--category", "farmacia", "--minutes", "5", "--json").out)
    assert told["layers"]["isocrone"] == 1
    (row,) = told["isochrones"]
    assert (row["origin"], row["minutes"]) == ("Farmacia", 5)


@pytest.mark.parametrize("minutes", ["0", "-5", "10000", "presto", "5,,10", "nan", "7.5", ""])
def test_minutes_that_nobody_walks_are_refused(
    command: Callable[..., Any], degrees: Callable[..., Any], tmp_path: Path, minutes: str
) -> None:
    lon, lat = degrees(1000, 0)
    outcome = command("--lon", lon, "--lat", lat, f"--minutes={minutes}")
    assert outcome.code == 2
    assert "attesi minuti interi da 1 a 100" in outcome.err
    assert not (tmp_path / "out.gpkg").exists()


def test_a_refused_point_leaves_nothing(
    command: Callable[..., Any], degrees: Callable[..., Any], tmp_path: Path
) -> None:
    lon, lat = degrees(1000, 3000)
    outcome = command("--lon", lon, "--lat", lat)
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: Il punto")
    assert len(outcome.err.splitlines()) == 1
    assert not (tmp_path / "out.gpkg").exists()


@pytest.mark.parametrize(
    "arguments", [(), ("--lon", "9"), ("--lat", "45"), ("--lon", "9", "--lat", "45", "--category", "farmacia")]
)
def test_one_origin_has_to_be_said(command: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    outcome = command(*arguments)
    assert outcome.code == 2
    assert "indicare da dove" in outcome.err
