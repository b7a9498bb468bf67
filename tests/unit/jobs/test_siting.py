"""Where next: what is asked, who counts, where services could be, and that the figures are those of the scenario."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.access.scenario_file import read_scenario
from psttm_geo.access.scenarios import ADD, CLOSE, MOVE
from psttm_geo.access.travel_times import BY_AGE, TravelTimes
from psttm_geo.core.errors import InputMissingError, LimitError, PsttmError, TableError, UnknownNameError
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.jobs.access_model import AccessModel, load_kept_access_model
from psttm_geo.jobs.accessibility import measure_baseline
from psttm_geo.jobs.best_sites import Sites, deliver_sites, find_best_sites
from psttm_geo.jobs.requests import SiteRequest
from psttm_geo.jobs.trials import Trials
from psttm_geo.project import Project

Find = Callable[..., Sites]


@pytest.fixture(scope="module")
def model(walked: Settings, walked_territory: jobs.Territory) -> AccessModel:
    return load_kept_access_model(Project(walked), walked_territory)


@pytest.fixture(scope="module")
def times(model: AccessModel) -> TravelTimes:
    return model.walking.walk(list(model.services.categories), model.services.essential)


@pytest.fixture(scope="module")
def find(model: AccessModel, times: TravelTimes) -> Find:
    """Find the best places; by default of pharmacies, among the schools."""

    def find(**asked: Any) -> Sites:  # noqa: ANN401 - what a request takes
        given = {"category": "farmacia", "candidates": "scuola", **asked}
        return find_best_sites(model, times, SiteRequest(**given))

    return find


def residents_by_town(model: AccessModel) -> dict[str, float]:
    base = model.units.bases[0]
    people = model.walking.places["residents"].to_numpy(dtype=float)
    counted = np.bincount(base.place_unit, people * ~model.walking.places["outside"], minlength=base.count)
    return dict(zip(base.kinds[0].names, counted, strict=True))


@pytest.mark.parametrize("asked", [{"count": 2}, {"action": MOVE}, {"action": CLOSE}, {"candidates": "esagoni"}])
def test_the_figures_are_those_of_the_scenario(find: Find, model: AccessModel, asked: Mapping[str, Any]) -> None:
    found = find(**asked)
    trial = Trials(model).evaluate(found.changes, "farmacia", BY_AGE).whole.iloc[0]
    everybody = found.people[found.people["age_band"] == "totale"]
    assert everybody["residents_gained"].sum() == trial["gained_farmacia"]
    assert everybody["residents_lost"].sum() == trial["lost_farmacia"]
    assert everybody["walk_shorter"].sum() == trial["shorter_farmacia"]
    assert found.siting.after - found.siting.before == pytest.approx(trial["gained_farmacia"] - trial["lost_farmacia"])
    assert found.siting.gap == 0
    assert [change.action for change in found.changes] == [asked.get("action", ADD)] * asked.get("count", 1)
    ages = found.people[found.people["age_band"] != "totale"]
    np.testing.assert_allclose(ages["walk_shorter"].sum(), everybody["walk_shorter"].sum())


def test_each_site_tells_what_it_adds(find: Find) -> None:
    found = find(count=3)
    assert found.siting.before + found.sites["site_adds"].sum() == pytest.approx(found.siting.after)
    assert (found.sites["site_adds"] > 0).all()
    assert found.sites["number"].tolist() == [1, 2, 3]
    assert found.summary[0].en.startswith("SYNTHETIC DATA: Pharmacy: within 15 minutes, from ")
    assert found.summary[1].en == "SYNTHETIC DATA: proven: no choice is better"


def test_an_age_band_counts_alone(find: Find, times: TravelTimes) -> None:
    found = find(weight="75_piu")
    old = found.people.set_index("age_band")["residents_gained"]["75_piu"].sum()
    assert found.siting.after - found.siting.before == pytest.approx(old)
    assert found.siting.after <= times.places["residents_75_over"].sum()


def test_of_those_beyond_a_quarter_of_an_hour_none_is_within_it_today(find: Find) -> None:
    found = find(weight="oltre_15")
    assert found.siting.before == 0
    assert found.siting.after == pytest.approx(find().siting.after - find().siting.before)


def test_own_weights_are_shared_among_the_residents_of_their_units(find: Find, model: AccessModel) -> None:
    by_town = residents_by_town(model)
    as_residents, doubled = find(weight=by_town), find(weight={name: 2 * value for name, value in by_town.items()})
    assert as_residents.siting.after == pytest.approx(find().siting.after)
    assert doubled.siting.after == pytest.approx(2 * find().siting.after)
    alone = max(by_town, key=lambda name: by_town[name])
    found = find(weight=dict.fromkeys(by_town, 0.0) | {alone: 500.0}, aim="media")
    assert found.people.loc[found.people["age_band"] == "totale", "municipality_code"].tolist()[0] == alone


def test_a_table_of_weights_is_read(find: Find, model: AccessModel, tmp_path: Path) -> None:
    by_town = residents_by_town(model)
    path = tmp_path / "pesi.csv"
    path.write_text("unita;peso\n" + "".join(f"{name};{value}\n" for name, value in by_town.items()), "utf-8")
    assert find(weight=str(path)).siting.after == pytest.approx(find().siting.after)


def test_weights_typed_as_numbers_leave_no_doubt(find: Find, model: AccessModel, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("unita", "peso"), *((name, 1.125) for name in residents_by_town(model))]:
        book.active.append(row)
    path = tmp_path / "pesi.xlsx"
    book.save(path)
    whole = find(weight=str(path)).siting.after
    assert 0 < whole <= 1.125 * len(residents_by_town(model))


def off_streets(model: AccessModel) -> str:
    """Give longitude and latitude of a place of the territory that is far from every street."""
    towns = model.units.municipalities
    points = gpd.GeoSeries(towns.geometry.sample_points(20, rng=1).explode().to_numpy(), crs=towns.crs)
    far = np.all([~places.connected for places in model.walking.snap(points.x, points.y)], axis=0)
    point = points[far].to_crs("EPSG:4326").iloc[0]
    return f"{point.x},{point.y}"


def test_candidates_outside_the_territory_or_off_the_streets_are_listed(
    find: Find, model: AccessModel, tmp_path: Path
) -> None:
    path = tmp_path / "immobili.csv"
    rows = ("nome,lon,lat", "Ex scuola,9.19,45.464", "A Roma,12.5,41.9", f"Nel campo,{off_streets(model)}")
    path.write_text("\n".join(rows), "utf-8")
    found = find(candidates=str(path), aim="media")
    assert [change.name for change in found.changes] == ["Ex scuola"]
    assert found.candidates is not None
    excluded = found.candidates.excluded
    reasons = dict(zip(excluded["service_name"], excluded["exclusion"], strict=True))
    assert reasons == {"A Roma": "fuori_territorio", "Nel campo": "fuori_strade"}
    assert [notice.en for notice in found.notices] == [
        "1 candidate outside the territory, left out: 3 A Roma.",
        "1 candidate more than 250 m from every street that can be walked, left out: 4 Nel campo.",
    ]


def test_areas_of_a_vector_file_stand_by_a_point_inside(find: Find, tmp_path: Path) -> None:
    square = shapely.box(514_800, 5_034_400, 515_200, 5_034_800)
    gpd.GeoDataFrame({"nome": ["Area"]}, geometry=[square], crs="EPSG:32632").to_file(tmp_path / "aree.gpkg")
    found = find(candidates=str(tmp_path / "aree.gpkg"))
    assert found.candidates is not None
    assert square.contains(found.candidates.table.geometry).all()
    assert found.candidates.table["service_name"].tolist() == ["Area"]


def test_hexagons_stand_by_a_point_of_a_street(find: Find, model: AccessModel) -> None:
    found = find(candidates="esagoni")
    assert found.candidates is not None
    (first, *_) = found.candidates.on_streets.accesses
    # From a point of a street that leads nowhere one that does may be in reach.
    assert np.mean(first.off_street_m < 0.1) > 0.99
    assert len(found.candidates.table) + len(found.candidates.excluded) == len(model.units.hexagons)


def test_the_smallest_share_is_that_of_a_zone(find: Find) -> None:
    found = find(aim="equita", count=2)
    assert 0 <= found.siting.before <= found.siting.after <= found.siting.bound + 1e-9 <= 1
    assert " smallest share of a zone within 15 minutes, from " in found.summary[0].en


def test_where_no_place_adds_anything_fewer_are_given(find: Find, model: AccessModel, tmp_path: Path) -> None:
    services = model.services.table
    there = services[services["category"] == "farmacia"].geometry.iloc[:2].representative_point().to_crs("EPSG:4326")
    rows = "".join(f"{point.x!r},{point.y!r}\n" for point in there)
    (tmp_path / "gia.csv").write_text("lon,lat\n" + rows, "utf-8")
    found = find(candidates=str(tmp_path / "gia.csv"), count=2)
    assert found.changes == ()
    assert found.siting.after == found.siting.before
    assert found.summary[2].en.endswith("2 places fewer than requested: no others would add anything")


def test_sites_are_written_with_the_scenario_that_they_make(
    find: Find, model: AccessModel, walked: Settings, tmp_path: Path
) -> None:
    (tmp_path / "immobili.csv").write_text("nome,lon,lat\nEx scuola,9.19,45.464\nA Roma,12.5,41.9\n", "utf-8")
    found = find(candidates=str(tmp_path / "immobili.csv"), aim="media")
    path = tmp_path / "siti.gpkg"
    counts = jobs.write_access(path, deliver_sites(measure_baseline(model), found), Project(walked))
    layers = read_geopackage(path, ["siti", "siti_residenti", "siti_esclusi", "scenario_comuni"])
    assert {name: counts[name] for name in ("siti", "siti_esclusi")} == {"siti": 1, "siti_esclusi": 1}
    assert layers["siti"]["scopo"].tolist() == ["media"]
    assert layers["siti_residenti"]["cammino_piu_breve"].sum() == pytest.approx(found.people["walk_shorter"].sum())
    scenario = jobs.write_site_scenario(path, found)
    assert read_scenario(scenario, list(model.services.categories)) == found.changes


REFUSED: dict[str, tuple[dict[str, Any], type[PsttmError], str]] = {
    "no service": ({"count": 0}, LimitError, "Number of services 0: expected a whole number from 1"),
    "less than none": ({"count": -2}, LimitError, "Number of services -2"),
    "more than candidates": ({"count": 9_999}, LimitError, "candidates in the territory and on streets"),
    "more to close than there are": ({"count": 9_999, "action": CLOSE}, LimitError, "of the category; ask for fewer"),
    "a category": ({"category": "chiesa"}, UnknownNameError, "Unknown category “chiesa”; expected one of: alimentari"),
    "an aim": ({"aim": "ottimo"}, UnknownNameError, "Unknown aim “ottimo”"),
    "an action": ({"action": "apri"}, UnknownNameError, "Unknown action “apri”"),
    "a weight": ({"weight": "tutti"}, UnknownNameError, "Unknown weight “tutti”"),
    "negative weights": ({"weight": {"015146": -1.0}}, TableError, "weights that are no number from 0: 015146 (-1.0)"),
    "missing weights": ({"weight": {"015146": 1.0}}, TableError, "units without a weight: "),
    "weights of nothing": ({"weight": {"Atlantide": 1.0}}, TableError, "units that are not known: Atlantide"),
    "no time": ({"minutes": 0}, LimitError, "Minutes 0"),
    "more than a time": ({"minutes": 500}, LimitError, "Minutes 500"),
    "seconds": ({"seconds": -1}, LimitError, "Seconds -1"),
    "a limit that the worst tenth does not reach": (
        {"aim": "decimo_peggiore", "minutes": 1},
        LimitError,
        "the mean of the worst tenth needs a limit above that",
    ),
    "a file that is not there": ({"candidates": "nessuno.gpkg"}, InputMissingError, "nessuno.gpkg"),
}


@pytest.mark.parametrize(("asked", "error", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused(find: Find, asked: dict[str, Any], error: type[PsttmError], said: str) -> None:
    with pytest.raises(error) as raised:
        find(**asked)
    assert said in raised.value.text.en


def test_weights_of_nobody_are_refused(find: Find, model: AccessModel) -> None:
    nothing = dict.fromkeys(residents_by_town(model), 0.0)
    with pytest.raises(TableError) as raised:
        find(weight=nothing)
    assert "all weights are 0" in raised.value.text.en


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pesi.csv", "unita,peso\n015146,molti\n015146,1\n", "“peso” is “molti”, expected a number from 0"),
        ("pesi.csv", "unita;peso\n015146;10%\n", "“peso” is “10%”, expected a number from 0"),
        ("pesi.csv", "unita;peso\n015146;1.234\n", "“peso” is “1.234”, expected a number from 0, without doubt"),
        ("pesi.csv", "unita,peso\n015146,2\n015146,1\n", "expected a unit that no other row is about"),
        ("pesi.csv", "unita,abitanti\n015146,2\n", "columns peso are missing"),
        ("luoghi.csv", "nome,lon,lat\nQui,9.19,\n", "“lat” is “”, expected decimal degrees"),
        ("luoghi.csv", "nome,lon,alt\nQui,9.19,4\n", "columns lat are missing"),
    ],
)
def test_files_that_are_not_right_are_refused(find: Find, tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(TableError) as raised:
        find(**{"weight" if name == "pesi.csv" else "candidates": str(path)})
    assert said in raised.value.text.en


def test_a_category_without_services_is_refused(model: AccessModel, times: TravelTimes) -> None:
    absent = pd.Series(list(model.services.categories))
    nobody = TravelTimes(**{**vars(times), "absent": frozenset(absent)})
    with pytest.raises(UnknownNameError) as raised:
        find_best_sites(model, nobody, SiteRequest("farmacia"))
    assert raised.value.text.en.startswith("No service of the category Pharmacy")
