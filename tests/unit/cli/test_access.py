"""The commands that walk, end to end on a straight street whose answers are arithmetic.

Two municipalities of 1 x 0.4 km share a street of 2 km with its only pharmacy at the western end, and each has one
house on it: Alfa 0.5 km from the pharmacy, Beta 1.5 km. Adults walk 1,179 m in a quarter of an hour.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

Run = Callable[..., Any]

SPEED_M_S = 1.31

MINUTES_A, MINUTES_B = 500 / SPEED_M_S / 60, 1500 / SPEED_M_S / 60

ROUNDED = 0.001
"""Coordinates in the file have seven decimals: houses are a little larger or smaller than drawn."""

HOUSE = {"building": "house"}


def _house(first: int, x: float) -> tuple[dict[int, tuple[float, float]], list[int]]:
    """Give the corners of a house of 10 by 10 metres that stands on the street at `x`, and its outline."""
    corners = [(x - 5, -5), (x + 5, -5), (x + 5, 5), (x - 5, 5)]
    nodes = {first + number: corner for number, corner in enumerate(corners)}
    return nodes, [*nodes, first]


@pytest.fixture
def town(write_osm: Callable[..., Path]) -> Path:
    alfa, alfa_outline = _house(20, 500)
    beta, beta_outline = _house(30, 1500)
    nodes = {
        1: (0, -200), 2: (1000, -200), 3: (2000, -200), 4: (2000, 200), 5: (1000, 200), 6: (0, 200),
        10: (0, 0), 11: (2000, 0), 12: (0, 0, {"amenity": "pharmacy", "name": "All'angolo"}),
        **alfa, **beta,
    }  # fmt: skip
    ways = {
        1: ([2, 5], {}),
        2: ([5, 6, 1, 2], {}),
        3: ([2, 3, 4, 5], {}),
        10: ([10, 11], {"highway": "residential"}),
        20: (alfa_outline, HOUSE),
        30: (beta_outline, HOUSE),
    }
    border = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}
    relations = {
        1: ([("way", 1, "outer"), ("way", 2, "outer")], {**border, "name": "Alfa", "ref:ISTAT": "099001"}),
        2: ([("way", 1, "outer"), ("way", 3, "outer")], {**border, "name": "Beta", "ref:ISTAT": "099002"}),
    }
    return write_osm(nodes, ways, relations)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.gpkg"


def layer(path: Path, name: str, profile: str = "adulto") -> gpd.GeoDataFrame:
    table = pyogrio.read_dataframe(path, layer=name)
    return table[table["profilo"] == profile]


def refused(outcome: Any) -> str:  # noqa: ANN401 - what the fixture gives
    assert (outcome.code, outcome.out) == (2, "")
    assert "Traceback" not in outcome.err
    said: str = outcome.err
    return said


# Accessibility.


def test_shares_and_minutes_are_weighted_by_houses_where_residents_are_unknown(
    run: Run, town: Path, output: Path
) -> None:
    outcome = run("access", "--osm", town, "--territory", "osm:8", "-o", output)
    assert outcome.code == 0
    assert "Residenti non noti in questo territorio" in outcome.err
    assert "Categorie senza nessun servizio" in outcome.err
    towns = layer(output, "accessibilita_comuni").set_index("comune")
    assert towns["quota_farmacia_15"].to_dict() == {"Alfa": 1, "Beta": 0}
    assert towns["minuti_farmacia"].to_dict() == pytest.approx({"Alfa": MINUTES_A, "Beta": MINUTES_B}, abs=0.01)
    assert towns["residenti"].isna().all()
    whole = layer(output, "accessibilita_citta_metropolitana")
    assert whole["quota_farmacia_15"].tolist() == pytest.approx([0.5], abs=ROUNDED)
    assert whole["quota_tutte_15"].isna().all()
    assert layer(output, "accessibilita_esagoni")["quota_farmacia_15"].isin([0, 1]).all()


def test_indicators_say_what_stands_for_residents(run: Run, town: Path, output: Path) -> None:
    run("access", "--osm", town, "--territory", "osm:8", "--minutes", "5,10", "--profiles", "adulto", "-o", output)
    table = layer(output, "indicatori")
    assert table["metodo"].str.startswith("superficie degli edifici").all()
    assert not table["indicatore"].str.startswith("residenti").any()
    assert set(table["soglia_min"].dropna()) == {5, 10}
    known = table[(table["indicatore"] == "quota_entro_10") & (table["categoria"] == "farmacia")]
    shares = {"099001": 1, "099002": 0, "citta_metropolitana": 0.5}
    assert known.set_index("unita")["valore"].to_dict() == pytest.approx(shares, abs=ROUNDED)


def test_the_result_for_machines(run: Run, town: Path, output: Path) -> None:
    outcome = run("--quiet", "access", "--osm", town, "--territory", "osm:8", "-o", output, "--json")
    said = json.loads(outcome.out)
    assert outcome.err == ""
    assert (said["file"], said["kept"], said["synthetic"]) == (str(output), False, False)
    assert said["layers"]["accessibilita_comuni"] == 2 * 3
    assert said["layers"]["indicatori"] == len(pyogrio.read_dataframe(output, layer="indicatori"))


def test_own_units_have_their_layer(run: Run, town: Path, output: Path, tmp_path: Path) -> None:
    path = tmp_path / "nil.gpkg"
    x, y = 514_000, 5_034_000
    gpd.GeoDataFrame(
        {"nome": ["Quartiere d'ovest", "Vuoto"]},
        geometry=[shapely.box(x, y - 200, x + 1600, y + 200), shapely.box(x + 5000, y, x + 6000, y + 10)],
        crs="EPSG:32632",
    ).to_file(path)
    assert run("access", "--osm", town, "--territory", "osm:8", "--units", path, "-o", output).code == 0
    units = layer(output, "accessibilita_unita").set_index("unita")
    assert units.loc["Quartiere d'ovest", "quota_farmacia_15"] == pytest.approx(0.5, abs=ROUNDED)
    assert pd.isna(units.loc["Vuoto", "quota_farmacia_15"])


def test_own_units_are_called_by_their_field_or_the_user_s_and_it_is_said(
    run: Run, town: Path, output: Path, tmp_path: Path
) -> None:
    path = tmp_path / "municipi.gpkg"
    x, y = 514_000, 5_034_000
    west, east = shapely.box(x, y - 200, x + 1600, y + 200), shapely.box(x + 5000, y, x + 6000, y + 10)
    units = gpd.GeoDataFrame({"MUNICIPIO": [2, 1], "AREA": [1.0, 2.0]}, geometry=[west, east], crs="EPSG:32632")
    units.to_file(path)
    ask = ("access", "--osm", town, "--territory", "osm:8", "--profiles", "adulto", "-o", output, "--units", path)
    outcome = run(*ask)
    assert "municipi.gpkg: i nomi delle unità sono quelli del campo MUNICIPIO." in outcome.err
    assert layer(output, "accessibilita_unita").set_index("unita").loc["2"].geometry.centroid.x < x + 1600
    units.assign(quartiere=["A", "B"], sigla=["C", "D"]).to_file(path)
    assert "più campi possono contenere i nomi delle unità (quartiere, sigla)" in refused(run("--quiet", *ask))
    assert run(*ask, "--name-field", "sigla").code == 0
    assert set(layer(output, "accessibilita_unita")["unita"]) == {"C", "D"}


def test_units_of_elsewhere_and_a_field_of_no_units_are_refused(
    run: Run, town: Path, output: Path, tmp_path: Path
) -> None:
    path = tmp_path / "altrove.gpkg"
    gpd.GeoDataFrame({"nome": ["A"]}, geometry=[shapely.box(0, 0, 9, 9)], crs="EPSG:32632").to_file(path)
    ask = ("--quiet", "access", "--osm", town, "--territory", "osm:8", "-o", output)
    assert "nessuna unità è nel territorio" in refused(run(*ask, "--units", path))
    assert "--name-field indica il campo con il nome delle unità" in run(*ask, "--name-field", "nome").err
    assert not output.exists()


def test_a_vector_file_is_a_territory_of_its_own(run: Run, town: Path, output: Path, tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    x, y = 514_000, 5_034_000
    area = gpd.GeoDataFrame({"nome": ["Ovest"]}, geometry=[shapely.box(x, y - 9, x + 999, y + 9)], crs="EPSG:32632")
    area.to_crs("EPSG:4326").to_file(path)
    assert run("access", "--osm", town, "--territory", path, "-o", output).code == 0
    assert layer(output, "accessibilita_unita")["quota_farmacia_15"].tolist() == [1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--minutes", "0"], "attesi minuti interi da 1 a 100"),
        (["--minutes", "-5"], "attesi minuti interi da 1 a 100"),
        (["--minutes", "10000"], "attesi minuti interi da 1 a 100"),
        (["--minutes", "un quarto"], "attesi minuti interi da 1 a 100"),
        (["--found", "0.4"], "0.4"),
        (["--found", "1.01"], "1.01"),
        (["--found", "nan"], "nan"),
        (["--profiles", "astronauta"], "Profilo astronauta sconosciuto"),
        (["--census", "sezioni.gpkg"], "--census non si può usare con --territory osm:8"),
        (["--registers", "farmacie.csv"], "--registers non si può usare con --territory osm:8"),
        (["--degurba", "classi.csv"], "--degurba non si può usare con --territory osm:8"),
        (["--units", "assente.gpkg"], "assente.gpkg"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(
    run: Run, town: Path, output: Path, arguments: list[str], said: str
) -> None:
    output.write_bytes(b"what stood here")
    outcome = run("--quiet", "access", "--osm", town, "--territory", "osm:8", "-o", output, *arguments)
    assert said in refused(outcome)
    assert output.read_bytes() == b"what stood here"


def test_low_and_high_values_and_catchments_are_written_where_they_are_asked_for(
    run: Run, town: Path, output: Path
) -> None:
    ask = ("access", "--osm", town, "--territory", "osm:8", "--profiles", "adulto", "-o", output)
    assert run(*ask, "--found", "0.8", "--choice").code == 0
    table = layer(output, "indicatori")
    shares = table[(table["indicatore"] == "quota_entro_15") & table["limite_inferiore"].notna()]
    assert ((shares["limite_inferiore"] <= shares["valore"]) & (shares["valore"] <= shares["limite_superiore"])).all()
    assert {"minuti_al_secondo", "minuti_al_terzo", "servizi_entro_15"} <= set(table["indicatore"])
    found = pyogrio.read_dataframe(output, layer="completezza_servizi").set_index("categoria")["base_quota_trovata"]
    assert set(found) <= {"ipotesi", "un_solo_servizio", "nessun_servizio"}
    assert set(layer(output, "bacini_servizi")["categoria"]) == set(found[found != "nessun_servizio"].index)


def test_units_that_overlap_or_are_empty_are_refused(run: Run, town: Path, output: Path, tmp_path: Path) -> None:
    path = tmp_path / "units.gpkg"
    boxes = [shapely.box(514_000, 5_034_000, 515_000, 5_035_000), shapely.box(514_500, 5_034_000, 516_000, 5_035_000)]
    units = gpd.GeoDataFrame({"nome": ["Uno", "Due"]}, geometry=boxes, crs="EPSG:32632")
    units.to_file(path)
    ask = ("--quiet", "access", "--osm", town, "--territory", "osm:8", "--units", path, "-o", output)
    assert "sovrapposte" in refused(run(*ask))
    units.assign(geometry=units.boundary).to_file(path)
    assert "senza superficie" in refused(run(*ask))
    assert not output.exists()


def test_a_territory_without_streets_or_municipalities_is_refused(
    run: Run, write_osm: Callable[..., Path], output: Path
) -> None:
    bare = write_osm({1: (0, 0), 2: (100, 0)}, {1: ([1, 2], {"highway": "residential"})}, name="bare.osm")
    said = refused(run("--quiet", "access", "--osm", bare, "--territory", "osm:8", "-o", output))
    assert "nessun comune" in said


# What if.


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[..., Path]:
    def scenario(*rows: str) -> Path:
        path = tmp_path / "scenario.csv"
        path.write_text("\n".join(["azione,categoria,servizio,nome,lon,lat", *rows]) + "\n", "utf-8")
        return path

    return scenario


@pytest.fixture
def at() -> Callable[[float], str]:
    """Give longitude and latitude of a point of the street, as the file wants them."""

    def at(x: float, y: float = 0) -> str:
        point = gpd.GeoSeries([shapely.Point(514_000 + x, 5_034_000 + y)], crs="EPSG:32632").to_crs("EPSG:4326")[0]
        return f"{point.x:.7f},{point.y:.7f}"

    return at


def test_a_pharmacy_added_serves_who_had_none(
    run: Run, town: Path, output: Path, scenario: Callable[..., Path], at: Callable[..., str]
) -> None:
    path = scenario(f"aggiungi,farmacia,,Nuova,{at(1400)}")
    outcome = run("what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output)
    assert outcome.code == 0
    assert (
        "adulto, Farmacia: il cammino si accorcia per 100 m² di edifici, si allunga per 0; "
        "entro 15 minuti la quota passa da 50," in outcome.out
    )
    assert " % a 100 %" in outcome.out
    towns = layer(output, "scenario_comuni").set_index("comune")
    assert towns.loc["Beta", "quota_farmacia_15_dopo"] == 1
    assert towns.loc["Beta", "minuti_farmacia_dopo"] == pytest.approx(100 / SPEED_M_S / 60, abs=0.01)
    assert towns.loc["Alfa", "quota_farmacia_15_prima"] == 1
    services = pyogrio.read_dataframe(output, layer="scenario_servizi")
    assert services["azione"].tolist() == ["aggiungi"]


def test_the_best_place_for_a_pharmacy_is_where_who_had_none_reaches_it(
    run: Run, town: Path, output: Path, tmp_path: Path, at: Callable[..., str]
) -> None:
    path = tmp_path / "immobili.csv"
    path.write_text(f"nome,lon,lat\nA ovest,{at(200)}\nA est,{at(1900)}\nA Roma,12.5,41.9\n", "utf-8")
    asked = ("site", "farmacia", "--osm", town, "--territory", "osm:8", "--candidates", path, "-o", output)
    outcome = run(*asked, "--json")
    assert outcome.code == 0
    result = json.loads(outcome.out)
    assert result["gap"] == 0
    assert result["before"] == pytest.approx(100, abs=1)
    assert result["after"] == result["bound"] == pytest.approx(200, abs=1)
    sites = pyogrio.read_dataframe(output, layer="siti")
    assert sites["nome"].tolist() == ["A est"]
    assert sites["aggiunge"].tolist() == pytest.approx([100], abs=1)
    assert pyogrio.read_dataframe(output, layer="siti_residenti")["comune"].tolist() == ["Beta"]
    assert pyogrio.read_dataframe(output, layer="siti_esclusi")["esclusione"].tolist() == ["fuori_territorio"]
    scenario = Path(result["scenario"])
    again = run("what-if", "--osm", town, "--territory", "osm:8", "--scenario", scenario, "-o", tmp_path / "again.gpkg")
    assert again.code == 0
    assert " % a 100 %" in again.out


def test_where_streets_stand_for_residents_their_length_is_counted(
    run: Run, write_osm: Callable[..., Path], output: Path, scenario: Callable[..., Path], at: Callable[..., str]
) -> None:
    corners = {1: (0, -200), 2: (2000, -200), 3: (2000, 200), 4: (0, 200)}
    nodes = {**corners, 10: (0, 0), 11: (2000, 0), 12: (0, 0, {"amenity": "pharmacy"})}
    border = {"boundary": "administrative", "admin_level": "8", "name": "Alfa"}
    town = write_osm(nodes, {1: ([1, 2, 3, 4, 1], border), 10: ([10, 11], {"highway": "residential"})})
    path = scenario(f"aggiungi,farmacia,,Nuova,{at(2000)}")
    said = run("what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output).out
    # Half of the street, in stretches of a little less than a hundred metres.
    assert re.search(
        r"adulto, Farmacia: il cammino si accorcia per (9[5-9]\d|1000) m di strade, si allunga per 0;", said
    )


def test_a_service_moved_takes_from_one_and_gives_to_another(
    run: Run, town: Path, output: Path, scenario: Callable[..., Path], at: Callable[..., str]
) -> None:
    path = scenario(f"sposta,farmacia,n12,,{at(2000)}")
    outcome = run("what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output)
    assert "adulto, Farmacia: il cammino si accorcia per 100 m² di edifici, si allunga per 100;" in outcome.out


def test_the_last_service_closed_leaves_the_category_unknown(
    run: Run, town: Path, output: Path, scenario: Callable[..., Path]
) -> None:
    path = scenario("chiudi,farmacia,n12,,,")
    outcome = run("what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output)
    assert outcome.code == 0
    assert "adulto, Farmacia: non è noto per chi il cammino cambi; entro 15 minuti la quota, prima 50," in outcome.out
    assert ", non è più nota" in outcome.out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("demolisci,farmacia,n12,,,", "azione «demolisci» sconosciuta"),
        ("aggiungi,gelateria,,,9.19,45.46", "categoria «gelateria» sconosciuta"),
        ("chiudi,farmacia,,,,", "manca «servizio»"),
        ("chiudi,farmacia,999,,,", "nessun servizio «999»"),
        ("aggiungi,farmacia,,,est,45.46", "«lon» vale «est»"),
        ("aggiungi,farmacia,,,9.19,145", "«lat» vale «145»"),
        ("aggiungi,farmacia,,,9.5,45.2", "a più di 250 m da ogni strada"),
    ],
)
def test_a_scenario_that_cannot_be_is_refused(
    run: Run, town: Path, output: Path, scenario: Callable[..., Path], row: str, said: str
) -> None:
    path = scenario(row)
    outcome = run("--quiet", "what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output)
    assert said in refused(outcome)
    assert not output.exists()


def test_the_template_of_a_scenario_is_read_as_an_empty_one(run: Run, town: Path, output: Path, tmp_path: Path) -> None:
    path = tmp_path / "modello.csv"
    assert run("template", "scenario", "-o", path).code == 0
    outcome = run("--quiet", "what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output)
    refused(outcome)


# Maps drawn in JOSM.


def test_a_school_drawn_in_josm_on_a_downloaded_map_counts(
    run: Run, town: Path, output: Path, scenario: Callable[..., Path], at: Callable[..., str]
) -> None:
    """At the eastern end, with a new street to it; what JOSM marks as deleted is no more."""
    text = town.read_text("utf-8")
    corners = [(2000, 100), (2040, 100), (2040, 140), (2000, 140)]
    places = [at(*corner).split(",") for corner in corners]
    nodes = [
        f"<node id='-{100 + number}' action='modify' visible='true' lat='{lat}' lon='{lon}' />"
        for number, (lon, lat) in enumerate(places)
    ]
    outline = "".join(f"<nd ref='-{100 + number}' />" for number in (0, 1, 2, 3, 0))
    grounds = f"<way id='-200' action='modify' visible='true'>{outline}</way>"
    access = "<way id='-201' action='modify'><nd ref='11' /><nd ref='-100' /><tag k='highway' v='footway' /></way>"
    tags = {"type": "multipolygon", "amenity": "school", "isced:level": "1", "name": "Scuola nuova"}
    written = "".join(f"<tag k='{key}' v='{value}' />" for key, value in tags.items())
    school = f"<relation id='-200' action='modify'><member type='way' ref='-200' role='outer' />{written}</relation>"
    drawn = text.replace('<osm version="0.6">', '<osm version="0.6" generator="JOSM" upload="never">')
    drawn = drawn.replace('<node id="12"', '<node id="12" action="delete"')
    drawn = drawn.replace("</osm>", "\n".join([*nodes, grounds, access, school, "</osm>"]))
    town.write_text(drawn, "utf-8")

    described = json.loads(run("--quiet", "osm", "read", town, "--territory", "osm:8", "--json").out)
    counts = {row["category"]: row["count"] for row in described["services"]}
    assert (counts["scuola"], counts["farmacia"]) == (1, 0)
    assert described["report"]["objects_deleted"] == 1
    assert run("access", "--osm", town, "--territory", "osm:8", "-o", output).code == 0
    towns = layer(output, "accessibilita_comuni").set_index("comune")
    minutes = {"Alfa": 1600 / SPEED_M_S / 60, "Beta": 600 / SPEED_M_S / 60}
    assert towns["minuti_scuola"].to_dict() == pytest.approx(minutes, abs=0.02)
    assert towns["quota_scuola_15"].to_dict() == {"Alfa": 0, "Beta": 1}
    assert towns["quota_farmacia_15"].isna().all()

    path = scenario("chiudi,scuola,r-200,,,")
    outcome = run("what-if", "--osm", town, "--territory", "osm:8", "--scenario", path, "-o", output)
    assert outcome.code == 0, "the school is known by the identifier that JOSM gave it"


# Places in another UTM zone.


@pytest.fixture
def far_town(town: Path) -> Path:
    """Give the same town four degrees farther east, in zone 33."""
    town.write_text(town.read_text("utf-8").replace('lon="9.', 'lon="13.'), "utf-8")
    return town


@pytest.fixture
def beside(far_town: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of the far town, with a place, a territory around it and a scenario."""
    folder = far_town.parent
    monkeypatch.chdir(folder)
    places = gpd.GeoDataFrame({"nome": ["Uno"]}, geometry=[shapely.Point(13.18, 45.46)], crs="EPSG:4326")
    places.to_file("places.geojson")
    places.assign(geometry=[shapely.box(13.1, 45.4, 13.2, 45.5)]).to_file("area.geojson")
    Path("scenario.csv").write_text("azione,categoria,servizio,nome,lon,lat\n", "utf-8")
    return folder


@pytest.mark.parametrize("territory", ["osm:8", "area.geojson"])
@pytest.mark.parametrize(
    "command",
    [
        ("access",),
        ("isochrone", "--lon", "13.18", "--lat", "45.46"),
        ("isochrone", "--category", "farmacia"),
        ("isochrone", "--places", "places.geojson"),
        ("what-if", "--scenario", "scenario.csv"),
    ],
    ids=["access", "point", "category", "places", "what-if"],
)
def test_streets_in_another_zone_are_refused_by_all_that_measures(
    run: Run, beside: Path, output: Path, command: tuple[str, ...], territory: str
) -> None:
    asked = ("--osm", beside / "town.osm", "--territory", territory, "-o", output)
    said = refused(run("--quiet", *command, *asked))
    assert "town.osm: la rete stradale è nel fuso UTM 33 (EPSG:32633), attesa in EPSG:32632" in said
    assert len(said.splitlines()) == 1
    assert not output.exists()


def test_streets_in_another_zone_are_read_and_said_to_be_there(run: Run, far_town: Path) -> None:
    outcome = run("--quiet", "osm", "read", far_town, "--territory", "osm:8")
    assert outcome.code == 0
    assert any(line.endswith("EPSG:32633") for line in outcome.out.splitlines())


@pytest.mark.parametrize(("moved", "code"), [("11.99", 0), ("12.01", 2)])
def test_the_middle_of_the_streets_decides_on_the_zone(
    run: Run, write_osm: Callable[..., Path], output: Path, moved: str, code: int
) -> None:
    """A street across the border between two zones."""
    path = write_osm(
        {1: (0, 0), 2: (1000, 0), 3: (0, 5, {"amenity": "pharmacy"})}, {7: ([1, 2], {"highway": "residential"})}
    )
    text = (
        path.read_text("utf-8")
        .replace('id="1" lon="9.1', f'id="1" lon="{moved}')
        .replace('id="3" lon="9.1', f'id="3" lon="{moved}')
    )
    path.write_text(text.replace('id="2" lon="9.1', 'id="2" lon="12.0'), "utf-8")
    asked = ("--category", "farmacia", "--osm", path, "--territory", "osm:8", "-o", output)
    assert run("--quiet", "isochrone", *asked).code == code
