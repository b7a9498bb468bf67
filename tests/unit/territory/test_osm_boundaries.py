"""Boundaries of the territory out of OpenStreetMap's: two squares, one of them once two municipalities."""

import dataclasses

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import BoundaryFileError
from psttm_geo.osm.extract_records import ExtractReport
from psttm_geo.territory.municipalities import Boundaries
from psttm_geo.territory.osm_boundaries import choose_boundaries

REPORT = ExtractReport("a.osm.pbf", "0" * 64, "2026-11-19", 100.0, 9, 0, 5, 0, 0, 0, 2, 0, 0, synthetic=False)

TERRITORY = pd.DataFrame({"municipality_code": ["015001", "015002"], "municipality": ["Alfa", "Beta"]})

PREDECESSORS = pd.DataFrame(
    {
        "municipality_code": ["015003", "015004"],
        "municipality": ["Beta di Sopra", "Beta di Sotto"],
        "successor_code": "015002",
        "successor": "Beta",
    }
)

ALFA, BETA = (shapely.box(x, 5_000_000, x + 1000, 5_001_000) for x in (500_000, 501_000))

UPPER, LOWER = (shapely.box(501_000, y, 502_000, y + 500) for y in (5_000_500, 5_000_000))


def choose(*rows: tuple[str, str, shapely.Geometry | None]) -> Boundaries:
    mapped = gpd.GeoDataFrame(rows, columns=["name", "ref_istat", "geometry"], crs=METRIC)
    return choose_boundaries(mapped.assign(complete=mapped.geometry.notna()), REPORT, TERRITORY, PREDECESSORS)


def test_boundaries_are_taken_by_their_code_and_named_as_istat_does() -> None:
    chosen = choose(("BETA!", "015002", BETA), ("Altrove", "016001", UPPER), ("Alfa", "15001", ALFA))
    layer = chosen.municipalities
    assert layer[["municipality_code", "municipality"]].to_numpy().tolist() == TERRITORY.to_numpy().tolist()
    assert shapely.equals(layer.geometry.to_numpy(), [ALFA, BETA]).all()
    assert layer.crs == METRIC
    assert chosen.source == REPORT.source
    assert chosen.notices == ()


def test_a_boundary_without_code_is_known_by_its_name_and_it_is_said() -> None:
    chosen = choose(("ALFA", "", ALFA), ("Beta", "016999", BETA))
    assert shapely.equals(chosen.municipalities.geometry.to_numpy(), [ALFA, BETA]).all()
    (notice,) = chosen.notices
    assert notice.it.endswith("riconosciuti dal nome: ALFA, Beta.")


def test_a_namesake_of_a_municipality_with_a_code_is_another_place() -> None:
    chosen = choose(("Alfa", "015001", ALFA), ("Alfa", "", UPPER), ("Beta", "015002", BETA))
    assert shapely.equals(chosen.municipalities.geometry.to_numpy(), [ALFA, BETA]).all()


def test_degrees_are_brought_to_metres() -> None:
    mapped = gpd.GeoDataFrame(
        {"name": ["Alfa", "Beta"], "ref_istat": ["015001", "015002"], "complete": True},
        geometry=[ALFA, BETA],
        crs=METRIC,
    ).to_crs(GEOGRAPHIC)
    layer = choose_boundaries(mapped, REPORT, TERRITORY, PREDECESSORS).municipalities
    assert layer.crs == METRIC
    assert layer.area.to_list() == pytest.approx([1e6, 1e6])


def test_municipalities_that_have_merged_since_are_joined() -> None:
    chosen = choose(("Alfa", "015001", ALFA), ("Sopra", "015003", UPPER), ("Sotto", "015004", LOWER))
    assert chosen.municipalities.area.to_list() == [1e6, 1e6]
    (notice,) = chosen.notices
    assert notice.it == (
        "Beta di Sopra (015003) e Beta di Sotto (015004) uniti in Beta (015002), il comune nato dalla loro fusione."
    )


def test_one_of_two_that_have_merged_is_not_the_whole() -> None:
    with pytest.raises(BoundaryFileError, match="mancano o sono incompleti i confini di 1 comuni: Beta;"):
        choose(("Alfa", "015001", ALFA), ("Sopra", "015003", UPPER))


def test_what_stands_beside_what_it_became_is_passed_over() -> None:
    chosen = choose(("Alfa", "015001", ALFA), ("Beta", "015002", BETA), ("Sopra", "015003", UPPER))
    assert shapely.equals(chosen.municipalities.geometry.to_numpy(), [ALFA, BETA]).all()


def test_a_missing_or_incomplete_boundary_is_named() -> None:
    with pytest.raises(BoundaryFileError) as caught:
        choose(("Alfa", "015001", None))
    assert "a.osm.pbf: mancano o sono incompleti i confini di 2 comuni: Alfa, Beta; usare un estratto" in str(
        caught.value
    )


def test_many_missing_ones_are_counted() -> None:
    many = pd.DataFrame({"municipality_code": [f"01510{n}" for n in range(8)], "municipality": list("ABCDEFGH")})
    mapped = gpd.GeoDataFrame({"name": ["x"], "ref_istat": [""], "complete": True}, geometry=[ALFA], crs=METRIC)
    with pytest.raises(BoundaryFileError, match=r"di 8 comuni: A, B, C, D, E \(\+3\)"):
        choose_boundaries(mapped, REPORT, many, PREDECESSORS)


@pytest.mark.parametrize(
    "rows",
    [
        [("Alfa", "015001", ALFA), ("Alfa due", "015001", UPPER), ("Beta", "015002", BETA)],
        [("Alfa", "", ALFA), ("ALFA", "", UPPER), ("Beta", "015002", BETA)],
        [("Alfa", "015001", ALFA), ("Su", "015003", UPPER), ("Su due", "015003", UPPER), ("Giu", "015004", LOWER)],
    ],
    ids=["code", "name", "part"],
)
def test_two_that_claim_to_be_one_are_refused(rows: list[tuple[str, str, shapely.Geometry]]) -> None:
    with pytest.raises(BoundaryFileError, match="più confini per lo stesso comune"):
        choose(*rows)


def test_synthetic_boundaries_say_so() -> None:
    mapped = gpd.GeoDataFrame(
        {"name": "", "ref_istat": ["015001", "015002"], "complete": True}, geometry=[ALFA, BETA], crs=METRIC
    )
    chosen = choose_boundaries(mapped, dataclasses.replace(REPORT, synthetic=True), TERRITORY, PREDECESSORS)
    assert chosen.source.title.startswith("DATI SINTETICI: ")
