"""What the page of drivers says and how it orders; the page itself is proved in tests/app and tests/browser."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from psttm_geo.app.state import State
from psttm_geo.app.views import driver_view, figures
from psttm_geo.app.views.driver_view import DriverView
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.schema import colours

ITALIAN = State(language="it", edition="2025-2027", municipality=None, tiles=False, view=None, table=False)

DRIVER = {"driver": 1, "title_it": "Uno", "title_en": "One"}


def rows(*units: tuple[str, float, float, float, float]) -> pd.DataFrame:
    """Give the coverage of units: name, share that applies, unknown share, projects, amount."""
    table = pd.DataFrame(units, columns=["name", "applies_share", "applies_unknown_share", "projects", "amount_eur"])
    return table.assign(
        unit=table["name"],
        called_share=0.0,
        called_unknown_share=0.0,
        called_unmarked_share=0.25,
        projects=table["projects"].astype("Int64"),
        amount_per_resident_eur=table["amount_eur"] / 100,
    )


def view(measure: str, units: str, table: pd.DataFrame) -> DriverView:
    value = driver_view.known_figures(table, driver_view.MEASURES[measure])
    return DriverView(DRIVER, units, measure, table.assign(value=value))


NAN = math.nan

UNITS = rows(("B", 0.5, 0, 2, 1500.5), ("A", 0.5, 0, 0, 0), ("C", 0, 1, NAN, NAN), ("D", 0.29, 0.5, 10, NAN))


def test_a_share_of_nothing_but_unknown_goals_is_unknown_and_never_zero() -> None:
    table = rows(("none", 0, 0, 0, 0), ("unknown", 0, 0.1, 0, 0), ("some", 0.2, 0.8, 0, 0), ("nothing", NAN, NAN, 0, 0))
    found = driver_view.known_figures(table, "applies_share")
    assert found.isna().to_list() == [False, True, False, True]
    assert found.dropna().to_list() == [0, 0.2]


@pytest.mark.parametrize("gap", ["called_unknown_share", "called_unmarked_share"])
def test_a_call_not_known_or_not_marked_is_no_zero(gap: str) -> None:
    table = rows(("A", 1, 0, 0, 0)).assign(called_unmarked_share=0.0).assign(**{gap: 1.0})
    assert driver_view.known_figures(table, "called_share").isna().all()


def test_a_number_of_projects_is_unknown_only_where_it_is_missing() -> None:
    table = rows(("A", 0, 1, 0, 0), ("B", 0, 1, NAN, NAN))
    assert driver_view.known_figures(table, "projects").isna().to_list() == [False, True]


@pytest.mark.parametrize(
    ("value", "measure", "language", "said"),
    [
        (NAN, "progetti", "it", "non noto"),
        (NAN, "si_applica", "en", "not known"),
        (0, "progetti", "it", "0"),
        (1234, "progetti", "it", "1.234"),
        (1234.5, "importo", "it", "1.234 €"),
        (0, "importo", "en", "0 €"),
        (0.8889, "si_applica", "it", "88,9 %"),
        (0.7795, "misura", "it", "78,0 %"),
        (0, "misura", "en", "0%"),
        (1, "chiamato", "en", "100%"),
    ],
)
def test_a_figure_is_said_with_its_unit(value: float, measure: str, language: Language, said: str) -> None:
    assert driver_view.say_value(value, measure, language) == said


def test_the_ranking_goes_from_high_to_low_with_the_unknown_last_and_equal_ones_share_a_place() -> None:
    by_share = driver_view.ranking(view("si_applica", "zone", UNITS), ITALIAN)
    assert by_share["Zona omogenea"].to_list() == ["A", "B", "D", "C"]
    assert by_share["Posizione"].astype(object).where(by_share["Posizione"].notna(), None).to_list() == [1, 1, 3, None]
    assert by_share["Obiettivi che si applicano (%)"].to_list()[:3] == [50, 50, 29]
    assert math.isnan(by_share["Obiettivi che si applicano (%)"].iloc[3])
    by_projects = driver_view.ranking(view("progetti", "zone", UNITS), ITALIAN)
    assert by_projects["Zona omogenea"].to_list() == ["D", "B", "A", "C"]
    assert by_projects["Progetti"].isna().to_list() == [False, False, False, True]
    assert by_projects["Importo (€)"].isna().to_list() == [True, False, False, True]


def test_the_measure_shown_stands_first_and_codes_only_beside_municipalities() -> None:
    assert list(driver_view.ranking(view("importo", "zone", UNITS), ITALIAN).columns)[:3] == [
        *("Posizione", "Zona omogenea", "Importo (€)")
    ]
    of_municipalities = driver_view.ranking(view("importo", "comuni", UNITS), ITALIAN)
    assert of_municipalities.columns[-1] == "Codice ISTAT", "a chosen row is read from there"
    assert of_municipalities["Codice ISTAT"].to_list() == of_municipalities["Comune"].to_list()


def test_figures_in_words_are_in_the_order_of_figures() -> None:
    said = figures.say_figures(pd.Series([2.0, 10.0, 1000.0, NAN, 0.0]), "it", 1)
    assert [text.strip() for text in said] == ["2", "10", "1.000", "non noto", "0"]
    known = [text.replace("\u2007", " ") for text in said if text != "non noto"]
    assert sorted(known) == ["    0", "    2", "   10", "1.000"]
    assert [text.strip() for text in figures.say_figures(pd.Series([100.0, 33.33]), "it", 1)] == ["100,0", "33,3"]
    assert [text.strip() for text in figures.say_figures(pd.Series([9.5, 33.25]), "en", 2)] == ["9.50", "33.25"]
    assert figures.say_figures(pd.Series([NAN]), "en", 1) == ["not known"]


def test_percentages_have_their_decimal_also_where_all_are_whole() -> None:
    def said(*percentages: float) -> list[str]:
        return [text.strip() for text in figures.say_figures(pd.Series(percentages), "it", 1, always=True)]

    assert said(78.0) == ["78,0"]
    assert said(0.0, 78.0, 100.0) == ["0,0", "78,0", "100,0"]
    assert said(0.0, 100.0) == ["0", "100"], "none and all need none"


def test_a_map_of_zones_colours_every_municipality_by_its_zone(territory: Territory) -> None:
    zones = list(territory.zones["zone"])
    table = rows(
        *((zone, 0.0, 0.0, 0 if place else 3, 0.0) for place, zone in enumerate(zones[:-1])),
        (zones[-1], 0, 0, NAN, NAN),
    )
    found = driver_view.colour_units(view("progetti", "zone", table), ITALIAN, territory)
    zone_of = territory.municipalities.set_index("municipality_code")["zone"]
    for code, fill in found.fills.items():
        expected = {zones[0]: colours.CLASS_FILLS[1], zones[-1]: colours.UNKNOWN}.get(zone_of[code], colours.ZERO_FILL)
        assert fill == expected
    assert len(found.fills) == 133
    assert found.legend == [("0", colours.ZERO_FILL), ("3", colours.CLASS_FILLS[1]), ("non noto", colours.UNKNOWN)]
    assert found.tips["015118"] == "Alto Milanese: 3"
    assert found.tips["015146"] == "Milano: non noto"


def test_a_municipality_in_no_union_is_said_to_be_in_none(territory: Territory) -> None:
    unions = ["Unione di Comuni Basiano e Masate", "Unione di Comuni Adda Martesana", "Unione di Comuni dei Fontanili"]
    table = rows(*((union, 0, 0, 1, 0) for union in unions))
    found = driver_view.colour_units(view("progetti", "unioni", table), ITALIAN, territory)
    assert found.tips["015118"] == "in nessuna unione"
    assert found.fills["015118"] == colours.OUTSIDE_FILL
    assert found.tips["015103"] == "Unione di Comuni dei Fontanili: 1"
    assert found.legend[-1] == ("in nessuna unione", colours.OUTSIDE_FILL)


def test_what_the_shares_leave_out_is_said_beside_them() -> None:
    table = rows(("A", 0.4, 0.6, 0, 0), ("B", 0.4, 0.5, 0, 0)).assign(called_unknown_share=[0.25, 0.25])
    shown = view("si_applica", "comuni", table)
    assert driver_view.say_gaps(shown, "it") == (
        "Obiettivi del driver per cui non è noto dove si applichino: 50,0 % - 60,0 %."
    )
    called = driver_view.say_gaps(replace(view("chiamato", "comuni", table), tables="2022-2024"), "it")
    assert "non è noto se coinvolgano i Comuni: 25,0 %." in called
    assert "Livello dei Comuni non indicato nella tabella 2022-2024: 25,0 % degli obiettivi." in called


@pytest.mark.parametrize("measure", ["progetti", "si_applica"])
def test_where_nothing_is_left_out_nothing_is_said_of_it(measure: str) -> None:
    assert driver_view.say_gaps(view(measure, "comuni", rows(("A", 1, 0, 0, 0))), "en") == ""
