from collections.abc import Callable

import pytest

from psttm_geo.core.errors import UnknownNameError
from psttm_geo.core.settings import Settings
from psttm_geo.fetch.catalogue import choose_downloads
from psttm_geo.fetch.download_records import Download
from psttm_geo.schema.code_lists import DOWNLOAD_GROUPS
from psttm_geo.schema.data_tables import Register

Choose = Callable[..., list[Download]]


@pytest.fixture
def choose(register: Register) -> Choose:
    def choose(group: str, year: int | None = None, **settings: str) -> list[Download]:
        return choose_downloads(register.tables["downloads.csv"], Settings(**settings).model_dump(), group, year)

    return choose


def test_every_group_has_files_for_the_latest_year(choose: Choose) -> None:
    chosen = {group: [download.identifier for download in choose(group)] for group in DOWNLOAD_GROUPS}
    assert chosen == {
        "osm": ["osm-nord-ovest"],
        "istat": ["istat-boundaries"],
        "census": ["istat-census-sections", "istat-census-indicators"],
        "residents": ["istat-residents"],
        "registers": ["lombardia-pharmacies", "lombardia-schools", "lombardia-hospitals"],
        "pnrr": ["pnrr-places", "pnrr-projects"],
    }


def test_what_is_published_by_year_has_the_year_in_its_address_and_nothing_else_has(register: Register) -> None:
    for row in register.tables["downloads.csv"].to_dict("records"):
        assert ("{year}" in row["path"]) == bool(row["first_year"]) == bool(row["latest_year"])


def test_every_mirror_is_a_setting(register: Register) -> None:
    assert set(register.tables["downloads.csv"]["mirror_setting"]) <= set(Settings.model_fields)


def test_addresses_are_those_of_the_publishers(choose: Choose) -> None:
    osm, residents = choose("osm")[0], choose("residents", 2024)[0]
    assert osm.url == "https://download.geofabrik.de/europe/italy/nord-ovest-latest.osm.pbf"
    assert osm.checksum_url == f"{osm.url}.md5"
    assert (osm.year, osm.size_bytes) == (None, 500_000_000)
    assert residents.url == "https://demo.istat.it/data/posas/POSAS_2024_it_Comuni.zip"
    assert (residents.year, residents.file, residents.checksum_url) == (2024, "POSAS_2024_it_Comuni.zip", None)
    assert choose("istat")[0].url == (
        "https://www.istat.it/storage/cartografia/confini_amministrativi/generalizzati/2026/Limiti01012026_g.zip"
    )


def test_a_mirror_takes_the_place_of_the_server(choose: Choose) -> None:
    osm = choose("osm", geofabrik_url="http://mirror.example/geofabrik/")[0]
    assert osm.url == "http://mirror.example/geofabrik/europe/italy/nord-ovest-latest.osm.pbf"
    assert osm.checksum_url == f"{osm.url}.md5"


@pytest.mark.parametrize(("group", "year"), [("istat", 2021), ("census", 2011), ("census", 2022), ("residents", 2018)])
def test_a_year_that_is_not_published_is_refused(choose: Choose, group: str, year: int) -> None:
    with pytest.raises(UnknownNameError, match=f"chiesto l'anno {year}, anni disponibili:"):
        choose(group, year)


def test_a_year_to_come_is_tried(choose: Choose) -> None:
    assert choose("istat", 2031)[0].year == 2031


@pytest.mark.parametrize("group", ["osm", "registers"])
def test_a_year_of_what_has_none_is_refused(choose: Choose, group: str) -> None:
    with pytest.raises(UnknownNameError, match="ripetere senza --year"):
        choose(group, 2024)
