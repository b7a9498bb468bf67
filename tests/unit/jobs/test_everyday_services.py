"""Services of the map and of registers in a build, as one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo import jobs
from psttm_geo.core.files import sha256_of
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.everyday_services import categories_of
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register

Draw = Callable[..., Path]

PHARMACIES = """\
CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE
MI1;ROSSI SNC;MILANO;15.146;45,4597;9,1792
MI2;NUOVA;MILANO;15.146;45,4642;9,19
MI3;LONTANA;LEGNANO;15.118;45,464;9,20
"""

PLACES = {
    10: (0, 0, {"amenity": "pharmacy", "name": "Farmacia Rossi"}),
    11: (900, 10, {"amenity": "pharmacy", "name": "Farmacia Chiusa"}),
    12: (500, 10, {"amenity": "cafe", "name": "Bar"}),
}


@pytest.fixture
def pharmacies(tmp_path: Path) -> Path:
    path = tmp_path / "farmacie.csv"
    path.write_text(PHARMACIES, "utf-8")
    return path


def held(territory: jobs.Territory) -> list[tuple[str, str, str]]:
    assert territory.everyday.services is not None
    table = territory.everyday.services.services
    return sorted(zip(table["category"], table["name"], table["source"], strict=True))


def test_a_map_alone_gives_its_services(settings: Settings, draw_map: Draw) -> None:
    path = draw_map(PLACES)
    jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), path))
    loaded = jobs.load_territory(Project(settings))
    title = "OpenStreetMap, map.osm"
    assert held(loaded) == [
        ("farmacia", "Farmacia Chiusa", title),
        ("farmacia", "Farmacia Rossi", title),
        ("ristoro", "Bar", title),
    ]
    assert set(loaded.everyday.services.services["osm_id"]) == {"n10", "n11", "n12"}
    assert [source.sha256 for source in loaded.everyday.sources] == [sha256_of(path)]
    assert loaded.everyday.comparison == ()
    layers = jobs.territory_layers(loaded)
    assert "servizi" in layers
    assert "servizi_confronto" not in layers, "there is nothing to compare with"


def test_registers_alone_give_theirs(settings: Settings, pharmacies: Path) -> None:
    jobs.add_registers(Project(settings), [pharmacies])
    loaded = jobs.load_territory(Project(settings))
    title = "Elenco delle farmacie (farmacie.csv)"
    assert held(loaded) == [("farmacia", "NUOVA", title), ("farmacia", "ROSSI SNC", title)]
    assert [source.title for source in loaded.everyday.sources] == [title]
    assert loaded.everyday.comparison == (), "there is nothing to compare with"
    assert loaded.everyday.services.report[["register", "not_placed", "osm"]].sum().to_list() == [3, 1, 0]
    assert "confini_confronto" not in jobs.territory_layers(loaded)


def test_a_register_takes_the_place_of_the_map_in_its_category_and_what_differs_is_said(
    run: Callable[..., object], settings: Settings, draw_map: Draw, pharmacies: Path, tmp_path: Path
) -> None:
    jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), draw_map(PLACES)))
    jobs.add_registers(Project(settings), [pharmacies])
    loaded = jobs.load_territory(Project(settings))
    assert [name for _, name, _ in held(loaded)] == ["NUOVA", "ROSSI SNC", "Bar"]
    (said,) = loaded.everyday.comparison
    assert said.it == (
        "farmacia: registri 3 (1 senza un punto utilizzabile), OpenStreetMap 2; in entrambi 1, solo nei registri 1, "
        "solo in OpenStreetMap 1 (1 non usati); comuni con differenze 1"
    )
    outcome = run("build", "-o", tmp_path / "x.gpkg")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-2:] == [
        "registri e OpenStreetMap a confronto, comune per comune in servizi_confronto:",
        f"  {said.it}",
    ]
    sources = jobs.territory_layers(loaded)["fonti"].groupby("layer")["source"].agg(list)
    assert sources["servizi"] == sources["servizi_confronto"]
    assert [title.split(",")[0] for title in sources["servizi"][1:]] == [
        "OpenStreetMap",
        "Elenco delle farmacie (farmacie.csv)",
    ]


def test_categories_are_those_of_the_table(register: Register) -> None:
    assert len(categories_of(register.tables)) == 14
    assert categories_of(register.tables)[:2] == ("alimentari", "farmacia")
