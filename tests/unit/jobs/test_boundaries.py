"""Boundaries out of OpenStreetMap in a build, and how they differ from ISTAT's."""

import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.numbers import say_number
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.osm import _synthetic_boundaries
from psttm_geo.osm._drawing import Drawing
from psttm_geo.project import Project
from psttm_geo.territory.municipalities import Snapshot

EVERYBODY = 3_219_391

Run = Callable[..., object]

OUTCOME_OF = {"displaced": "spostato", "missing": "mancante", "renamed": "rinominato", "recoded": "ricodificato"}


def faults_of(extract: Path) -> list[dict[str, str]]:
    return json.loads(extract.with_name(f"{extract.name}.faults.json").read_text("utf-8"))["faults"]


def outcome_of(fault: dict[str, str]) -> str:
    return "senza_codice" if fault["kind"] == "recoded" and not fault["written"] else OUTCOME_OF[fault["kind"]]


@pytest.fixture(scope="module")
def flawless(embedded: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an extract of the 133 municipalities as ISTAT has them, and a street around; it is not marked as made up."""
    municipalities = embedded.boundaries.municipalities
    outlines = municipalities.geometry.to_numpy()
    drawing = Drawing({})
    members = _synthetic_boundaries._draw_arcs(drawing, outlines, np.full(len(outlines), fill_value=True))  # noqa: SLF001 - the generator's own drawing, without its faults
    codes_and_names = municipalities[["municipality_code", "municipality"]].itertuples(index=False, name=None)
    for parts, (code, name) in zip(members, codes_and_names, strict=True):
        tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": name, "ref:ISTAT": code}
        drawing.add_relation(parts, tags)
    street = drawing.add_nodes(shapely.get_coordinates(shapely.convex_hull(shapely.union_all(outlines))))
    drawing.add_ways([street.tolist()], [{"highway": "residential"}])
    path = tmp_path_factory.mktemp("flawless") / "flawless.osm.pbf"
    drawing.write(path, "the test")
    return path


def test_a_build_on_boundaries_of_openstreetmap_has_the_whole_territory(
    run: Run, flawless: Path, embedded: Snapshot, tmp_path: Path
) -> None:
    outcome = run("--quiet", "build", "-o", tmp_path / "x.gpkg", "--boundaries", flawless)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0].endswith(f"{say_number(EVERYBODY, 0).it} residenti al 1° gennaio 2023")
    tables = read_geopackage(tmp_path / "x.gpkg", ["comuni", "confini_confronto", "fonti"])
    shapes = tables["comuni"].geometry.to_numpy()
    assert len(shapes) == 133
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert tables["comuni"]["residenti"].sum() == EVERYBODY
    assert tables["comuni"]["cod_catastale"].notna().all()
    true = embedded.boundaries.municipalities.set_index("municipality_code")
    assert tables["comuni"].set_index("pro_com_t").area.to_dict() == pytest.approx(true.area.to_dict(), rel=1e-4)
    sources = tables["fonti"].groupby("layer")["fonte"].agg(list)
    assert any(source.startswith("OpenStreetMap, flawless.osm.pbf") for source in sources["comuni"])
    assert set(tables["confini_confronto"]["esito"]) == {"uguale"}, "held against ISTAT's, not against themselves"
    assert [title.split(",")[0] for title in sources["confini_confronto"]] == [
        "Confini delle unità amministrative a fini statistici",
        "OpenStreetMap",
    ]


def test_the_map_s_own_boundaries_can_be_in_force_beside_it(
    run: Run, flawless: Path, settings: Settings, tmp_path: Path
) -> None:
    assert jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), flawless))
    assert run("build", "-o", tmp_path / "x.gpkg", "--boundaries", flawless).code == 0
    assert not read_geopackage(tmp_path / "x.gpkg", ["fonti"])["fonti"].duplicated(["layer", "fonte"]).any()


def test_boundaries_that_lack_municipalities_are_refused(refuses: Callable[..., str], synthetic_extract: Path) -> None:
    missing = {fault["name"] for fault in faults_of(synthetic_extract) if fault["kind"] == "missing"}
    said = refuses("--boundaries", synthetic_extract)
    counted, names = said.split(" comuni: ")
    assert counted.endswith(f"mancano o sono incompleti i confini di {len(missing)}")
    assert set(names.split(";")[0].split(", ")) == missing


def test_every_fault_of_the_synthetic_boundaries_is_found_and_named_in_a_build(
    built_with_map: Path, synthetic_extract: Path
) -> None:
    table = read_geopackage(built_with_map, ["confini_confronto"])["confini_confronto"].set_index("pro_com_t")
    faults = [fault for fault in faults_of(synthetic_extract) if fault["kind"] != "extra"]
    assert len(faults) >= 14
    expected = pd.Series("uguale", index=table.index)
    for fault in faults:
        expected[fault["code"]] = outcome_of(fault)
    assert table["esito"].to_dict() == expected.to_dict()
    for fault in faults:
        row = table.loc[fault["code"]]
        assert row["comune"] == fault["name"]
        if fault["kind"] == "renamed":
            assert row["nome_osm"] == fault["written"]
        elif fault["kind"] == "recoded":
            assert (row["codice_osm"] or "") == fault["written"]
            assert row["nota"].startswith("riconosciuto dal nome")
        elif fault["kind"] == "displaced":
            assert row["scarto_massimo_m"] == pytest.approx(fault["distance_m"], abs=0.2)
        else:
            assert pd.isna(row["iou"])


def test_the_report_of_an_extract_counts_and_names_every_fault(run: Run, synthetic_extract: Path) -> None:
    outcome = run("--quiet", "osm", "read", synthetic_extract)
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    heading = "confini a confronto con «Confini"
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    assert "uguale 111" in lines[start]
    assert "mancante 3" in lines[start]
    told = lines[start + 1 :]
    faults = faults_of(synthetic_extract)
    assert len(told) == len(faults)
    for fault in faults:
        who = fault["name"] if fault["kind"] == "extra" else f"{fault['name']} ({fault['code']}): "
        (line,) = [line for line in told if who in line]
        assert fault["written"] in line
    described = json.loads(run("--quiet", "osm", "read", synthetic_extract, "--json").out)["comparison"]
    assert described["doubts"] == [line.strip() for line in told]
    assert described["outcomes"] == {
        "uguale": 133 - (len(faults) - 1),
        **Counter(outcome_of(fault) for fault in faults if fault["kind"] != "extra"),
    }


def test_boundaries_that_are_made_up_are_said_to_be(
    run: Run, flawless: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = jobs.boundaries.read_extract

    def read_marked(*arguments: object, **options: object) -> object:
        extract = read(*arguments, **options)
        return dataclasses.replace(extract, report=dataclasses.replace(extract.report, synthetic=True))

    monkeypatch.setattr(jobs.boundaries, "read_extract", read_marked)
    outcome = run("build", "-o", tmp_path / "x.gpkg", "--boundaries", flawless, "--json")
    assert "DATI SINTETICI: i confini vengono da dati sintetici" in outcome.err
    assert json.loads(outcome.out)["synthetic"] is True
    sources = read_geopackage(tmp_path / "x.gpkg", ["fonti"])["fonti"].groupby("layer")["attribuzione"].agg(" ".join)
    for layer in ("comuni", "zone_omogenee", "unioni_comuni", "citta_metropolitana", "driver_comuni"):
        assert "DATI SINTETICI" in sources[layer]


def test_boundaries_are_compared_when_somebody_asks_and_once(
    settings: Settings, flawless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = jobs.load.compare_boundaries
    asked = []

    def count(*arguments: object) -> object:
        asked.append(arguments)
        return compare(*arguments)

    monkeypatch.setattr(jobs.load, "compare_boundaries", count)
    jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), flawless))
    territory = jobs.load_territory(Project(settings))
    assert territory.everyday.mapped is not None
    assert asked == []
    assert set(territory.comparison.reconciliation.municipalities["outcome"]) == {"uguale"}
    layers = jobs.territory_layers(territory)
    assert layers["confini_confronto"] is territory.comparison.reconciliation.municipalities
    assert len(asked) == 1


def test_an_extract_without_boundaries_is_compared_with_nothing(
    run: Run, settings: Settings, draw_map: Callable[..., Path]
) -> None:
    path = draw_map()
    described = json.loads(run("--quiet", "osm", "read", path, "--json").out)
    assert "comparison" not in described
    assert jobs.load_territory(Project(settings)).comparison is None


def test_a_ring_without_name_and_code_is_no_municipality_in_excess(
    settings: Settings, draw_map: Callable[..., Path]
) -> None:
    square = {20 + n: place for n, place in enumerate([(0, 0), (900, 0), (900, 900), (0, 900)])}
    ring = [*square, 20]
    tags = {"boundary": "administrative", "admin_level": "8"}
    nameless = draw_map(square, {20: (ring, tags)}, name="nameless.osm")
    assert jobs.compare_extract(Project(settings), jobs.read_extract(Project(settings), nameless)) is None
    named = draw_map(square, {20: (ring, {**tags, "name": "Località"})}, name="named.osm")
    compared = jobs.compare_extract(Project(settings), jobs.read_extract(Project(settings), named))
    assert compared.reconciliation.extra["name"].to_list() == ["Località"]
    assert set(compared.reconciliation.municipalities["outcome"]) == {"mancante"}
