"""What tests of several modules of `outputs` start from."""

import dataclasses

import pytest

from psttm_geo import jobs
from psttm_geo.delivery.metadata_records import Record, list_records
from psttm_geo.delivery.publisher import Publisher
from psttm_geo.delivery.qgis.layer_styles import Styled
from psttm_geo.jobs.deliveries import describe
from psttm_geo.schema.layers import LAYERS

OFFICE = Publisher(
    name="Ufficio di prova «Studi & piani»",
    ipa_code="prova",
    email="gis@example.org",
    phone="+39 02 000000",
    website="https://example.org",
    page="https://example.org/dati",
    licence="CC BY 4.0",
    frequency="annuale",
    scale=25_000,
    accuracy_m=12.5,
)


def style_all(territory: jobs.Territory) -> list[Styled]:
    layers = jobs.territory_layers(territory)
    return [
        Styled(layer, layer.columns_of(layers[name]), layer.select(layers[name]), territory.codes)
        for name, layer in LAYERS.items()
        if name in layers
    ]


@pytest.fixture(scope="session")
def styled(territory: jobs.Territory) -> dict[str, Styled]:
    """Give the layers of the embedded data as styles are made for them."""
    return {one.layer.name: one for one in style_all(territory)}


@pytest.fixture(scope="session")
def styled_map(map_territory: jobs.Territory) -> dict[str, Styled]:
    """Give the layers of a workspace with services and mapped boundaries."""
    return {one.layer.name: one for one in style_all(map_territory)}


@pytest.fixture(scope="session")
def records(territory: jobs.Territory, styled: dict[str, Styled]) -> list[Record]:
    """Give what is said of the embedded data while no office has said who it is."""
    return list_records(list(styled.values()), describe(territory, styled), date="2025-05-29")


@pytest.fixture(scope="session")
def office_records(map_territory: jobs.Territory, styled_map: dict[str, Styled]) -> list[Record]:
    """Give what an office says of data that rest on OpenStreetMap and a register too."""
    delivery = dataclasses.replace(describe(map_territory, styled_map), publisher=OFFICE)
    return list_records(list(styled_map.values()), delivery, date="2025-05-29")
