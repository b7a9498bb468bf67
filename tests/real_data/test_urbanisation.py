"""The real sections of Milano, and everybody else spread evenly over the municipality.

No table of official classes is part of the test data: what is checked is arithmetic on real figures, and what is beyond
doubt of the places.
"""

from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.plan.membership import residents_by_band
from psttm_geo.project import Project
from psttm_geo.territory.census import read_sections
from psttm_geo.territory.degurba import ResidentGrid, classify_cells, classify_municipalities, lay_grid
from psttm_geo.territory.municipalities import Snapshot
from psttm_geo.territory.population import place_residents
from psttm_geo.territory.population_records import Population

pytestmark = pytest.mark.real_data

MILANO, SESTO, BASIGLIO, NOSATE, MONZA, BUSTO, SARONNO = (
    "015146",
    "015209",
    "015015",
    "015155",
    "108033",
    "012026",
    "012119",
)


@pytest.fixture(scope="module")
def population(
    test_data: Path, territory: jobs.Territory, zones: pd.DataFrame, predecessors: pd.DataFrame
) -> Population:
    sections = read_sections([test_data / "census" / "sezioni_milano_2021.fgb"], zones, predecessors)
    return place_residents(territory.municipalities, sections, None)


@pytest.fixture(scope="module")
def grid(embedded: Snapshot, territory: jobs.Territory, population: Population) -> ResidentGrid:
    columns = ["municipality_code", "residents", "geometry"]
    counts = residents_by_band(embedded.residents.counts)
    ring = embedded.ring.merge(counts, on="municipality_code", validate="1:1")
    everywhere = pd.concat([territory.municipalities[columns], ring[columns]], ignore_index=True)
    return lay_grid(everywhere, population.places)


def test_441_municipalities_have_all_their_residents_on_the_grid(grid: ResidentGrid, embedded: Snapshot) -> None:
    expected = embedded.residents.counts[["males", "females"]].to_numpy().sum()
    assert grid.residents.sum() == grid.parts["residents"].sum() == expected == 6_023_213
    assert len(grid.spread) == 440
    assert grid.parts["municipality_code"].nunique() == 441
    assert grid.known.sum() > 5_000


def test_milano_lives_on_as_many_cells_as_it_has_square_kilometres(grid: ResidentGrid) -> None:
    mine = grid.parts[grid.parts["municipality_code"] == MILANO]
    assert mine["residents"].sum() == 1_354_196
    assert 150 < len(mine) < 220
    assert mine["residents"].max() < 30_000


def test_classes_of_places_beyond_doubt(grid: ResidentGrid) -> None:
    classes = classify_municipalities(grid).set_index("municipality_code")
    assert set(classes.loc[[MILANO, SESTO, MONZA, BUSTO, SARONNO], "level_2"]) == {30}
    assert classes.loc[[BASIGLIO, NOSATE], ["level_1", "level_2"]].to_numpy().tolist() == [[2, 21], [3, 12]]
    mine = classes[classes.index.str.startswith("015")]
    assert mine["level_1"].value_counts().to_dict() == {1: 52, 2: 70, 3: 11}
    assert mine.index[mine["at_edge"]].size <= 1


def test_milano_is_part_of_a_centre_that_goes_on_beyond_the_territory(grid: ResidentGrid) -> None:
    classes = classify_cells(grid.residents)
    parts = grid.parts.assign(cell_class=classes[grid.parts["row"], grid.parts["column"]])
    milano = parts[parts["municipality_code"] == MILANO]
    assert milano.loc[milano["cell_class"] == 30, "residents"].sum() > 0.98 * 1_354_196
    assert (parts.loc[parts["municipality_code"] == MONZA, "cell_class"] == 30).all()


def test_only_milano_has_places_and_a_known_class(territory: jobs.Territory, population: Population) -> None:
    found = jobs.compute_urbanisation(Project(Settings()), population, territory)
    classes = found.classes.set_index("municipality_code")["urbanisation_2"]
    assert classes[MILANO] == 30
    assert classes.notna().sum() == 1
    assert "comuni del territorio 132 (" in found.notices[1].it
