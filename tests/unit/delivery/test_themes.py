from collections import Counter

import pytest

from psttm_geo.delivery.themes import list_themes, theme_of
from psttm_geo.schema.layers import LAYERS

DATA_THEMES = {
    *("AGRI", "ECON", "EDUC", "ENER", "ENVI", "GOVE", "HEAL", "INTR", "JUST", "OP_DATPRO", "REGI", "SOCI", "TECH"),
    "TRAN",
}
"""The codes of http://publications.europa.eu/resource/authority/data-theme."""

TOPICS = {
    *("farming", "biota", "boundaries", "climatologyMeteorologyAtmosphere", "economy", "elevation", "environment"),
    *("geoscientificInformation", "health", "imageryBaseMapsEarthCover", "intelligenceMilitary", "inlandWaters"),
    *("location", "oceans", "planningCadastre", "society", "structure", "transportation", "utilitiesCommunication"),
}
"""MD_TopicCategoryCode of ISO 19115."""


def test_every_layer_belongs_to_one_theme() -> None:
    assert Counter(name for theme in list_themes() for name in theme.layers) == Counter(list(LAYERS))
    assert theme_of("carenze").title.it == "Accessibilità"


@pytest.mark.parametrize("theme", list_themes(), ids=lambda theme: theme.title.en)
def test_catalogues_know_the_codes_of_themes(theme: object) -> None:
    assert theme.topic in TOPICS
    assert set(theme.data_themes) <= DATA_THEMES
    assert theme.inspire[0] in {"au", "us"}
