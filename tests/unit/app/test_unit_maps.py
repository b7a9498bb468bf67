from psttm_geo.app.views.unit_maps import list_credits
from psttm_geo.core.provenance import Source


def source(licence: str, title: str = "x", attribution: str = "© OpenStreetMap contributors") -> Source:
    return Source("x", title, "x", "", "2026-01-01", licence, attribution, "0" * 64)


def test_a_map_credits_whoever_its_sources_licence_asks_to_once() -> None:
    assert list_credits([source("CC BY 4.0"), source("ODbL 1.0"), source("ODbL 1.0")], "it") == (
        "© OpenStreetMap contributors",
    )
    assert list_credits([source("CC BY 4.0")], "it") == ()


def test_what_was_computed_from_the_map_and_other_things_credits_the_map_alone() -> None:
    mixed = source("CC BY 4.0; ODbL 1.0", attribution="ISTAT; © OpenStreetMap contributors")
    assert list_credits([mixed], "en") == ("© OpenStreetMap contributors",)
    made_up = source(
        "CC BY 4.0; ODbL 1.0", "DATI SINTETICI: Classi", "ISTAT; DATI SINTETICI: © OpenStreetMap contributors"
    )
    assert list_credits([made_up], "en") == ("SYNTHETIC DATA: © OpenStreetMap contributors",)
