from dataclasses import replace
from pathlib import Path

import pytest

from psttm_geo.core.settings import Settings
from psttm_geo.fetch._contents import contents_fault
from psttm_geo.fetch.catalogue import choose_downloads
from psttm_geo.schema.data_tables import Register

pytestmark = pytest.mark.real_data


def test_the_registers_of_the_region_have_the_columns_asked_for(register: Register, test_data: Path) -> None:
    chosen = choose_downloads(register.tables["downloads.csv"], Settings().model_dump(), "registers", None)
    assert [contents_fault(test_data / "registers" / download.file, download) for download in chosen] == [None] * 3


def test_one_register_is_not_taken_for_another(register: Register, test_data: Path) -> None:
    pharmacies, schools, _ = choose_downloads(
        register.tables["downloads.csv"], Settings().model_dump(), "registers", None
    )
    fault = contents_fault(test_data / "registers" / pharmacies.file, schools)
    assert fault is not None
    assert "COD_MECCANOGRAFICO_SEDE" in fault.en


@pytest.mark.parametrize("name", ["liechtenstein", "helsinki"])
def test_a_real_extract_is_whole_and_a_cut_one_is_not(
    register: Register, test_data: Path, tmp_path: Path, name: str
) -> None:
    download = choose_downloads(register.tables["downloads.csv"], Settings().model_dump(), "osm", None)[0]
    path = test_data / "osm" / f"{name}.osm.pbf"
    assert contents_fault(path, download) is None
    short = tmp_path / path.name
    content = path.read_bytes()
    for kept in (len(content) - 1, len(content) // 2, 100):
        short.write_bytes(content[:kept])
        assert contents_fault(short, download) is not None


def test_a_real_zip_of_boundaries_is_whole(register: Register, test_data: Path) -> None:
    download = choose_downloads(register.tables["downloads.csv"], Settings().model_dump(), "istat", None)[0]
    path = test_data / "istat" / "Limiti01012020_g.zip"
    assert contents_fault(path, download) is None
    assert contents_fault(path, replace(download, expects=("none.shp",))) is not None
