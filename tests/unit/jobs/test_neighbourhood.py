"""What surrounds a point: on a straight street whose answers are arithmetic, and in a workspace."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.access.matrix import WalkingResidents
from psttm_geo.access.profiles import Profile
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import InputMissingError, PlaceError
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.jobs.access_model import load_kept_access_model
from psttm_geo.jobs.known_services import entrances_of, mapped_services
from psttm_geo.jobs.neighbourhood import MINUTES, Neighbourhood, Surroundings, prepare_neighbourhood
from psttm_geo.project import Project
from psttm_geo.schema.layers import AGE_BANDS

STREET = {"highway": "residential"}

ORIGIN = (514_000, 5_034_000)
"""Where the towns of tests lie, EPSG:32632."""


def make_street(
    write_osm: Callable[..., Path], settings: Settings, profiles: dict[str, Profile], tags: dict[str, str]
) -> Neighbourhood:
    pharmacy = {"amenity": "pharmacy"}
    file = write_osm({1: (0, 0), 2: (2000, 0), 3: (0, 10, pharmacy), 4: (500, 10, pharmacy)}, {7: ([1, 2], tags)})
    extract = jobs.read_extract(Project(settings), file, territory="osm:8")
    entrances = entrances_of(mapped_services(extract), extract)
    homes = [shapely.Point(ORIGIN[0] + x, ORIGIN[1]) for x in range(50, 2000, 100)]
    residents = {"residents": np.full(len(homes), 10.0), "outside": False, "to_end_m": np.inf, "spread_m": 0.0}
    residents |= dict.fromkeys(AGE_BANDS, 2.5)
    places = gpd.GeoDataFrame(residents, geometry=homes, crs=METRIC)
    walking = WalkingResidents(extract.network, (profiles["adulto"],), places, entrances)
    return Neighbourhood(extract, walking, entrances, ("alimentari", "farmacia"))


@pytest.fixture
def street(write_osm: Callable[..., Path], settings: Settings, profiles: dict[str, Profile]) -> Neighbourhood:
    """Give a straight street of 2 km with a pharmacy at its end and one after 500 m, and residents every 100 m."""
    return make_street(write_osm, settings, profiles, STREET)


def degrees(x: float, y: float) -> tuple[float, float]:
    placed = gpd.GeoSeries([shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)], crs=METRIC).to_crs(GEOGRAPHIC)
    return float(placed.y.iloc[0]), float(placed.x.iloc[0])


def categories(found: Surroundings) -> pd.DataFrame:
    return found.services.set_index("category")


def test_residents_within_a_time_are_those_who_walk_so_long(
    street: Neighbourhood, profiles: dict[str, Profile]
) -> None:
    found = street.around(*degrees(0, 0), "adulto")
    reach_m = [60 * minutes * profiles["adulto"].speed_m_s for minutes in MINUTES]
    homes = np.arange(50, 2000, 100)
    assert found.isochrones["residents"].to_list() == [10.0 * (homes <= limit).sum() for limit in reach_m]
    assert found.isochrones["minutes"].to_list() == [5, 10, 15]


def test_what_is_around_a_point_on_a_street_walked_one_way_lies_ahead(
    write_osm: Callable[..., Path], settings: Settings, profiles: dict[str, Profile]
) -> None:
    street = make_street(write_osm, settings, profiles, STREET | {"oneway:foot": "yes"})
    found, beyond = (street.around(*degrees(x, 0), "adulto") for x in (300, 700))
    reach_m = [60 * minutes * profiles["adulto"].speed_m_s for minutes in MINUTES]
    ahead = np.arange(50, 2000, 100) - 300
    assert found.isochrones["residents"].to_list() == [10.0 * ((ahead >= 0) & (ahead <= far)).sum() for far in reach_m]
    assert categories(found).loc["farmacia", "within_15"] == 1
    assert categories(beyond).loc["farmacia", "within_15"] == 0


def test_isochrones_hold_each_other_and_the_point(street: Neighbourhood) -> None:
    drawn = street.around(*degrees(700, 0), "adulto").isochrones
    near, middle, far = drawn.geometry
    assert middle.contains(near)
    assert far.contains(middle)
    assert near.contains(shapely.Point(ORIGIN[0] + 700, ORIGIN[1]))
    assert drawn.crs == METRIC


def test_services_are_counted_once_and_essential_categories_come_first(
    street: Neighbourhood, profiles: dict[str, Profile]
) -> None:
    found = street.around(*degrees(0, 0), "adulto")
    pharmacies = categories(found).loc["farmacia"]
    far = 500 / profiles["adulto"].speed_m_s / 60
    assert pharmacies[["within_5", "within_10", "within_15"]].to_list() == [
        1,
        *(1 + (far <= limit) for limit in (10, 15)),
    ]
    assert pharmacies["minutes"] < 0.3
    assert found.services["category"].to_list()[:2] == ["alimentari", "farmacia"]
    assert found.services["essential"].to_list() == [True] * 2 + [False] * (len(found.services) - 2)


def test_of_a_category_without_any_service_nothing_is_known(street: Neighbourhood) -> None:
    found = categories(street.around(*degrees(1990, 0), "adulto"))
    assert found.loc["alimentari", ["minutes", "within_5", "within_15"]].isna().all()
    assert found.loc["farmacia", "within_15"] == 0
    assert np.isnan(found.loc["farmacia", "minutes"])


@pytest.mark.parametrize(("x", "y", "said"), [(500, 300, "300 m"), (500, 90_000, "a più di 20 km")])
def test_a_point_far_from_every_street_is_told(street: Neighbourhood, x: float, y: float, said: str) -> None:
    with pytest.raises(PlaceError, match=said):
        street.around(*degrees(x, y), "adulto")


def test_a_workspace_answers_for_every_profile_and_its_answer_can_be_written(
    walked: Settings, walked_territory: jobs.Territory, tmp_path: Path
) -> None:
    ready = prepare_neighbourhood(load_kept_access_model(Project(walked), walked_territory))
    found = [ready.around(45.464, 9.19, name) for name in ("adulto", "anziano", "adulto_bambino", "carrozzina")]
    areas = [surroundings.isochrones.area.iloc[-1] for surroundings in found]
    assert areas[0] == max(areas)
    assert found[0].synthetic
    found[0].write(tmp_path / "isocrone.gpkg", Project(walked))
    layers = read_geopackage(tmp_path / "isocrone.gpkg")
    assert layers["isocrone"]["minuti"].to_list() == [5, 10, 15]
    assert layers["fonti"].astype(str).apply(lambda row: "DATI SINTETICI" in " ".join(row), axis=1).all()


def test_without_results_or_their_streets_it_says_what_to_do(
    walked: Settings, walked_territory: jobs.Territory, territory: jobs.Territory, tmp_path: Path
) -> None:
    elsewhere = Settings(data=walked.data, workspace=tmp_path)
    for shown in (territory, walked_territory):
        with pytest.raises(InputMissingError, match="psttm-geo access"):
            prepare_neighbourhood(load_kept_access_model(Project(elsewhere), shown))
