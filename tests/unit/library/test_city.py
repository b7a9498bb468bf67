import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import osmium
import pandas as pd
import pyogrio
import pytest

import psttm_geo as pg
from psttm_geo import jobs
from psttm_geo.core.errors import InputMissingError, LimitError, OutputError, PlaceError, PsttmError, UnknownNameError
from psttm_geo.core.messages import Text
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.accessibility import Accessibility
from psttm_geo.jobs.isochrone_layers import WalkedStreets


@pytest.fixture(scope="module")
def city(synthetic_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> pg.City:
    return pg.open(osm=synthetic_extract, found=0.9, workspace=tmp_path_factory.mktemp("library"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> pg.City:
    return pg.open(workspace=tmp_path_factory.mktemp("bare"))


@pytest.fixture
def farmacia(city: pg.City) -> str:
    services = city.services
    return str(services.loc[services["category"] == "farmacia", "service"].iloc[0])


@pytest.fixture(scope="module")
def cut_extract(synthetic_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the west of the synthetic territory."""
    path = tmp_path_factory.mktemp("cut") / "west.osm.pbf"
    kept = set()
    with osmium.SimpleWriter(path) as writer:
        for entity in osmium.FileProcessor(synthetic_extract).with_locations():
            if entity.is_node() and entity.location.lon < _WEST:
                kept.add(entity.id)
                writer.add(entity)
            elif entity.is_way() and all(node.ref in kept for node in entity.nodes):
                writer.add(entity)
    return path


_WEST = 9.15


def one_sentence(error: pytest.ExceptionInfo[PsttmError]) -> str:
    said = str(error.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def test_the_package_offers_its_main_names_and_nothing_else() -> None:
    assert dir(pg) == ["Add", "City", "Close", "Move", "PsttmError", "WhatIf", "WhereNext", "open"]
    assert set(pg.__all__) == set(dir(pg))


def test_importing_it_loads_nothing() -> None:
    code = "import sys, psttm_geo; print(sorted(set(sys.modules) & {'pandas', 'geopandas', 'numba', 'streamlit'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


def test_help_shows_the_five_lines() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import psttm_geo; help(psttm_geo)"], capture_output=True, encoding="utf-8", check=True
    )
    for line in ('city = pg.open(osm="synthetic.osm.pbf")', 'city.to_geopackage("psttm.gpkg")', "open(osm:"):
        assert line in done.stdout


def test_without_streets_the_territory_and_the_plan_are_there(bare: pg.City) -> None:
    assert (len(bare.municipalities), len(bare.zones), bare.editions) == (133, 8, ("2022-2024", "2025-2027"))
    assert isinstance(bare.municipalities, gpd.GeoDataFrame)
    assert bare.municipalities.crs == "EPSG:32632"
    goals = bare.goals("2025-2027")
    assert set(goals["edition"]) == {"2025-2027"}
    assert len(goals) == 75
    assert len(bare.applicability("2025-2027")) == 75 * 133
    assert len(bare.drivers(by="zone", edition="2022-2024")) == 10 * 8
    assert set(bare.unions["edition"]) == set(bare.editions)
    assert not bare.sources.empty
    named = bare.statements("obiettivi_attori", edition="2022-2024")
    assert set(named[(named["mission"] == 2) & (named["number"] == 5)]["actor"]) == {"ato", "gestori_reti"}
    assert len(bare.statements("attori", edition="2022-2024")) == 41


def test_results_are_the_callers_own(bare: pg.City) -> None:
    mine = bare.municipalities
    mine["residents"] = 0
    assert bare.municipalities["residents"].sum() > 3_000_000


@pytest.mark.parametrize("ask", ["accessibility", "gaps", "indicators"])
def test_without_streets_one_sentence_says_what_to_pass(bare: pg.City, ask: str) -> None:
    with pytest.raises(InputMissingError) as error:
        getattr(bare, ask)()
    assert 'psttm_geo.open(osm="estratto.osm.pbf")' in one_sentence(error)


def test_without_streets_no_isochrone_and_no_scenario(bare: pg.City) -> None:
    for ask in (
        lambda: bare.isochrones(lon=9.19, lat=45.46),
        lambda: bare.what_if(pg.Add("farmacia", lon=9.19, lat=45.46)),
    ):
        with pytest.raises(InputMissingError) as error:
            ask()
        assert "psttm_geo.open(osm=" in one_sentence(error)


def test_what_the_workspace_does_not_hold_is_said(bare: pg.City) -> None:
    for name in ("services", "projects"):
        with pytest.raises(InputMissingError) as error:
            getattr(bare, name)
        one_sentence(error)


def test_accessibility_is_that_of_the_command(city: pg.City, computed: Accessibility) -> None:
    for by, layer in (("municipality", "comuni"), ("zone", "zone"), ("union", "unioni"), ("hexagon", "esagoni")):
        expected = computed.layers[f"accessibilita_{layer}"]
        expected = expected[expected["profile"] == "anziano"].reset_index(drop=True)
        pd.testing.assert_frame_equal(
            pd.DataFrame(city.accessibility(by=by, profile="anziano")), pd.DataFrame(expected), check_categorical=False
        )
    pd.testing.assert_frame_equal(city.indicators(), computed.layers["indicatori"])
    assert len(city.gaps()) == len(computed.layers["carenze_comuni"].query("profile == 'per_eta'"))


def test_isochrones_are_those_of_the_command(city: pg.City, synthetic_extract: Path) -> None:
    drawn = city.isochrones(lon=9.19, lat=45.464, minutes=[5, 15], profile="adulto")
    request = jobs.IsochroneRequest(synthetic_extract, lon=9.19, lat=45.464, minutes=(5, 15), profile="adulto")
    expected = jobs.compute_isochrones(city.project, request).layers["isocrone"]
    assert list(drawn["minutes"]) == [5, 15]
    assert drawn.geometry.geom_equals(expected.geometry).all()
    assert list(drawn.columns) == list(expected.columns)


def test_longitude_comes_first(city: pg.City) -> None:
    drawn = city.isochrones(lon=9.19, lat=45.464, minutes=[10]).to_crs(4326)
    west, south, east, north = drawn.total_bounds
    assert west < 9.19 < east
    assert south < 45.464 < north


def test_a_new_pharmacy_is_gained_where_it_stands(city: pg.City, farmacia: str) -> None:
    found = city.what_if([pg.Add("farmacia", lon=9.19, lat=45.464), pg.Close("farmacia", farmacia)])
    gains = found.gains(by="whole")
    assert list(gains["category"]) == ["farmacia"]
    assert gains["gainers"].iloc[0] > 0
    by_zone = found.gains(by="zone")
    assert by_zone["gainers"].sum() == pytest.approx(gains["gainers"].iloc[0])
    assert by_zone["losers"].sum() == pytest.approx(gains["losers"].iloc[0])
    assert len(found.summary) >= 1


def test_the_best_places_make_a_scenario(city: pg.City, tmp_path: Path) -> None:
    found = city.site("farmacia", 2, candidates="scuola")
    assert found.sites["number"].tolist() == [1, 2]
    assert (found.gap, found.bound) == (0, found.after)
    assert len(found.summary) == len(found.excluded) + 2 == 2
    assert found.gains["walk_shorter"].sum() > 0
    assert {"siti", "scenario_comuni"} <= found.to_geopackage(tmp_path / "siti.gpkg").keys()
    milano = city.municipalities.set_index("municipality_code")["residents"].where(lambda people: people > 500_000, 0)
    assert city.site("farmacia", weight=milano).before <= milano.sum()
    assert city.site("farmacia", action="chiudi").excluded.empty


def test_a_scenario_may_be_a_file(city: pg.City, tmp_path: Path) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text("azione,categoria,servizio,nome,lon,lat\naggiungi,farmacia,,,9.19,45.464\n", "utf-8")
    from_file, from_code = (city.what_if(one) for one in (path, pg.Add("farmacia", lon=9.19, lat=45.464)))
    pd.testing.assert_frame_equal(from_file.gains(by="zone"), from_code.gains(by="zone"))


def test_geopackages_are_those_of_the_commands(city: pg.City, farmacia: str, tmp_path: Path) -> None:
    counts = city.to_geopackage(str(tmp_path / "psttm.gpkg"))
    held = {name for name, _ in pyogrio.list_layers(tmp_path / "psttm.gpkg")}
    assert {"comuni", "obiettivi_comuni", "servizi", "accessibilita_zone", "indicatori", "driver_zone"} <= held
    assert counts["comuni"] == 133
    city.what_if(pg.Close("farmacia", farmacia)).to_geopackage(tmp_path / "scenario.gpkg")
    assert "scenario_comuni" in {name for name, _ in pyogrio.list_layers(tmp_path / "scenario.gpkg")}


def test_a_workspace_that_holds_accessibility_needs_no_extract(walked: Settings) -> None:
    kept = pg.open(workspace=walked.workspace)
    assert len(kept.accessibility(by="zone", profile="adulto")) == 8
    assert len(kept.isochrones(lon=9.19, lat=45.464)) == 3
    assert kept.what_if(pg.Add("farmacia", lon=9.19, lat=45.464)).gains(by="whole")["gainers"].iloc[0] > 0


WRONG = {
    "by": (lambda city: city.accessibility(by="comune"), UnknownNameError, "municipality, zone"),
    "profile": (lambda city: city.accessibility(profile="adult"), UnknownNameError, "adulto"),
    "edition": (lambda city: city.goals("2022"), UnknownNameError, "2022-2024, 2025-2027"),
    "edition as a number": (lambda city: city.goals(2022), UnknownNameError, "2022-2024"),
    "own units": (lambda city: city.accessibility(by="own_unit"), InputMissingError, "units="),
    "a text as a number": (lambda city: city.isochrones(lon="9.19", lat=45.46), PlaceError, "lon='9.19'"),
    "latitude first": (lambda city: city.isochrones(lon=45.46, lat=9.19), PlaceError, "km"),
    "not a number": (lambda city: city.isochrones(lon=float("nan"), lat=45.46), PlaceError, "nan"),
    "nowhere on the globe": (lambda city: city.isochrones(lon=919, lat=45.46), PlaceError, "919"),
    "one threshold": (lambda city: city.isochrones(lon=9.19, lat=45.464, minutes=15), LimitError, "[5, 10, 15]"),
    "no threshold": (lambda city: city.isochrones(lon=9.19, lat=45.464, minutes=[]), LimitError, "[5, 10, 15]"),
    "a threshold of nothing": (lambda city: city.isochrones(lon=9.19, lat=45.464, minutes=[0]), LimitError, "0"),
    "who walks": (lambda city: city.isochrones(lon=9.19, lat=45.464, profile="cane"), UnknownNameError, "adulto"),
    "category": (lambda city: city.what_if(pg.Add("pharmacy", lon=9.19, lat=45.464)), UnknownNameError, "farmacia"),
    "half a site": (lambda city: city.site("farmacia", 1.5), LimitError, "n=1.5"),
    "no site": (lambda city: city.site("farmacia", 0), LimitError, "0"),
    "a category of sites": (lambda city: city.site("pharmacy"), UnknownNameError, "farmacia"),
    "a number as a weight": (lambda city: city.site("farmacia", weight=3), UnknownNameError, "weight=3"),
    "no change": (lambda city: city.what_if([]), UnknownNameError, "Add, Move"),
    "a tuple as a change": (lambda city: city.what_if([("farmacia", 9.19, 45.464)]), UnknownNameError, "Add, Move"),
    "a number as a scenario": (lambda city: city.what_if(3), UnknownNameError, "Add, Move"),
    "a place of no number": (lambda _: pg.Add("farmacia", lon=None, lat=45.464), PlaceError, "lon=None"),
    "a service that is not there": (lambda city: city.what_if(pg.Close("farmacia", "n0")), UnknownNameError, "'n0'"),
    "a name that is no text": (lambda _: pg.Add("farmacia", lon=9.19, lat=45.464, name=5), UnknownNameError, "name=5"),
    "no profile": (lambda city: city.isochrones(lon=9.19, lat=45.464, profile=None), UnknownNameError, "profile"),
    "a path that is none": (lambda city: city.to_geopackage(None), InputMissingError, "path=None"),
    "an extract that is no path": (lambda _: pg.open(osm=3), InputMissingError, "osm=3"),
    "an empty path": (lambda _: pg.open(osm=""), InputMissingError, "osm=''"),
    "registers without streets": (lambda _: pg.open(registers=["x.csv"]), InputMissingError, "registers"),
    "a found part without streets": (lambda _: pg.open(found=0.9), InputMissingError, "found"),
    "a found part that is none": (lambda _: pg.open(osm=Path(__file__), found=0.4), LimitError, "found=0.4"),
    "a found part that is no number": (lambda _: pg.open(osm=Path(__file__), found="0,9"), LimitError, "found='0,9'"),
    "own units without streets": (lambda _: pg.open(units="x.gpkg"), InputMissingError, "osm="),
    "file of a scenario": (lambda city: city.what_if("none.csv"), InputMissingError, "none.csv"),
    "another format": (lambda city: city.to_geopackage("psttm.shp"), UnknownNameError, "*.gpkg"),
    "a folder that is missing": (lambda city: city.to_geopackage("/none/psttm.gpkg"), OutputError, "/none"),
    "an extract that is missing": (lambda _: pg.open(osm="none.osm.pbf"), InputMissingError, "none.osm.pbf"),
    "language": (lambda _: pg.open(language="de"), UnknownNameError, "it, en"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_each_wrong_argument_is_answered_with_one_sentence(city: pg.City, wrong: str) -> None:
    ask, kind, part = WRONG[wrong]
    with pytest.raises(kind) as error:
        ask(city)
    assert part in one_sentence(error)


def test_a_service_is_changed_once(city: pg.City, farmacia: str) -> None:
    with pytest.raises(UnknownNameError, match="1"):
        city.what_if([pg.Close("farmacia", farmacia), pg.Move("farmacia", farmacia, lon=9.19, lat=45.464)])


def test_a_file_that_is_missing_is_told_when_it_is_named(synthetic_extract: Path, tmp_path: Path) -> None:
    for name in ("registers", "census", "degurba", "units"):
        with pytest.raises(InputMissingError, match=name):
            pg.open(osm=synthetic_extract, workspace=tmp_path, **{name: tmp_path / "none.csv"})


def test_notices_say_what_the_commands_say(city: pg.City, computed: Accessibility) -> None:
    city.accessibility()
    assert {notice.it for notice in computed.notices} <= set(city.notices)
    assert any("sintetic" in notice for notice in city.notices)
    assert any("sintetic" in notice for notice in city.what_if(pg.Add("farmacia", lon=9.19, lat=45.464)).notices)


def test_sources_are_those_of_accessibility_too(city: pg.City) -> None:
    assert {"accessibilita_zone", "indicatori", "comuni"} <= set(city.sources["layer"])


def test_hexagons_in_which_nothing_changes_are_none(city: pg.City, farmacia: str) -> None:
    point = city.services.set_index("service").loc[[farmacia]].to_crs(4326).geometry.iloc[0]
    same = city.what_if(pg.Add("farmacia", lon=point.x, lat=point.y, name="beside it"))
    assert same.gains(by="hexagon").empty
    assert same.gains(by="whole")["gainers"].iloc[0] == 0


def test_one_profile_is_the_default_where_it_is_the_only_one(
    synthetic_extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(synthetic_extract.parent)
    alone = pg.open(osm=synthetic_extract.name, profiles="anziano", workspace="~/psttm", data=None)
    assert alone.project.settings.workspace == Path("~/psttm").expanduser()
    alone = pg.open(osm=synthetic_extract.name, profiles="anziano", workspace=tmp_path)
    monkeypatch.chdir(tmp_path)
    assert set(alone.accessibility(by="zone")["profile"]) == {"anziano"}
    assert set(alone.gaps()["profile"]) == {"anziano"}


def test_services_are_those_that_figures_count_also_where_streets_cover_a_part(
    cut_extract: Path, map_workspace: Path, tmp_path: Path
) -> None:
    shutil.copytree(map_workspace, tmp_path / "workspace")
    part = pg.open(osm=cut_extract, workspace=tmp_path / "workspace", profiles=["adulto"], language="en")
    shops = part.services.query("category == 'alimentari'").to_crs(4326)
    assert len(shops) > 1
    assert shops.geometry.x.max() < _WEST
    assert part.what_if(pg.Close("alimentari", shops["service"].iloc[0])).gains(by="whole")["losers"].notna().all()
    assert any("cover" in notice for notice in part.notices)


def test_a_point_that_leads_nowhere_is_warned_of(city: pg.City, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = city.isochrones(lon=9.19, lat=45.464)
    monkeypatch.setattr(WalkedStreets, "draw", lambda *_: (drawn, (Text("da solo", "alone"),)))
    with pytest.warns(UserWarning, match="da solo"):
        city.isochrones(lon=9.19, lat=45.464)


def test_errors_speak_the_language_of_the_caller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for language, word in (("it", "sconosciuto"), ("en", "unknown")):
        with pytest.raises(UnknownNameError, match=word):
            pg.open(workspace=tmp_path, language=language).goals("1999")
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    with pytest.raises(UnknownNameError, match="unknown"):
        pg.open(workspace=tmp_path).goals("1999")


def test_required_arguments_are_required(city: pg.City) -> None:
    for ask in (
        lambda: city.isochrones(lon=9.19),
        city.goals,
        lambda: pg.Add("farmacia"),
        lambda: pg.Move("farmacia", "n1", lon=9.19),
    ):
        with pytest.raises(TypeError, match="missing"):
            ask()


def test_registers_given_are_those_of_every_result(synthetic_extract: Path, tmp_path: Path) -> None:
    register = tmp_path / "farmacie.csv"
    register.write_text(
        "CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE\n"
        "MI1;DUOMO;MILANO;15.146;45,464;9,19\n",
        "utf-8",
    )
    given = pg.open(osm=synthetic_extract, registers=[register], profiles=["adulto"], workspace=tmp_path / "workspace")
    assert "DUOMO" in set(given.services["service_name"])
    moved = given.what_if(pg.Move("farmacia", "MI1", lon=9.2, lat=45.47)).gains(by="whole", profile="adulto")
    assert moved[["gainers", "losers"]].iloc[0].gt(0).all()
