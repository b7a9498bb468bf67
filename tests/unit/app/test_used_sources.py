"""Two sources of publishers, one of the office without a date, and two public facts."""

from dataclasses import replace

import pytest

from psttm_geo.app.used_sources import source_lines
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import FACT, OFFICE, UNSTATED, Source


def source(
    title: str, publisher: str, date: str = "", licence: str = UNSTATED, added_on: str = "", attribution: str = ""
) -> Source:
    return Source(title, title, publisher, "", date, licence, attribution or publisher, "0" * 64, added_on)


SOURCES = (
    source("Confini", "ISTAT", "2023-01-01", "CC BY 4.0", attribution="ISTAT; rielaborati"),
    source("Canale, giornale", FACT),
    source("Registro", OFFICE, added_on="2026-06-30", attribution="Registro"),
    source("Lago, giornale", FACT),
    source("DATI SINTETICI: Mappa", "OpenStreetMap contributors", licence="ODbL 1.0"),
)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "it",
            (
                "Confini, ISTAT; dati al 1° gennaio 2023; licenza: CC BY 4.0. Attribuzione: ISTAT; rielaborati.",
                "Registro, ente; data non indicata; file acquisito: 30 giugno 2026; licenza: non indicata.",
                "DATI SINTETICI: Mappa, OpenStreetMap contributors; data non indicata; licenza: ODbL 1.0.",
                "Fatti pubblici sui luoghi: Canale, giornale; Lago, giornale.",
            ),
        ),
        (
            "en",
            (
                "Confini, ISTAT; data on 1 January 2023; licence: CC BY 4.0. Attribution: ISTAT; rielaborati.",
                "Registro, the office; date not stated; file acquired: 30 June 2026; licence: not stated.",
                "SYNTHETIC DATA: Mappa, OpenStreetMap contributors; date not stated; licence: ODbL 1.0.",
                "Public facts on places: Canale, giornale; Lago, giornale.",
            ),
        ),
    ],
)
def test_each_source_has_its_date_and_licence_and_facts_share_a_line(language: Language, said: tuple[str, ...]) -> None:
    assert source_lines(SOURCES, language) == said


def test_without_public_facts_there_is_no_line_of_them() -> None:
    assert len(source_lines(SOURCES[:1], "it")) == 1


def test_a_publisher_that_is_all_there_is_to_name_is_named_once() -> None:
    office = replace(SOURCES[0], attribution="ISTAT")
    assert source_lines([office], "it") == ("Confini, ISTAT; dati al 1° gennaio 2023; licenza: CC BY 4.0.",)
