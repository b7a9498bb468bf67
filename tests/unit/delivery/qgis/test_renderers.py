"""Legends and the expressions behind them, on tables of a few rows."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest
from lxml import etree

from psttm_geo.core.messages import Text
from psttm_geo.delivery.qgis.notation import colour
from psttm_geo.delivery.qgis.renderers import Subject, _joined, choose_style, entries, renderer
from psttm_geo.delivery.symbology import (
    SHARES,
    SYMBOLOGY,
    Categorised,
    Changed,
    Drawing,
    Graduated,
    Hatched,
    Marked,
    Nested,
    Outlined,
    Style,
)
from psttm_geo.schema import colours
from psttm_geo.schema.coded_values import CodedValues

CATEGORIES = CodedValues("categoria", {"farmacia": Text("Farmacia", "Pharmacy"), "scuola": Text("Scuola", "School")})


def legend(drawing: Drawing, rows: dict[str, list[Any]], **codes: CodedValues) -> list[tuple[str, str]]:
    made = entries(Style(drawing), Subject("Titolo", pd.DataFrame(rows), codes))
    return [(entry.label, entry.condition) for entry in made]


def read(style: Style, subject: Subject, *, fixed: Sequence[str] = ()) -> etree._Element:
    return etree.fromstring(renderer(style, subject, fixed=fixed))


def symbols(style: Style, subject: Subject) -> list[etree._Element]:
    return read(style, subject).findall("symbols/symbol")


def fills(symbol: etree._Element) -> list[str]:
    return [option.get("value", "") for option in symbol.iter("Option") if option.get("name") == "color"]


def test_an_outline_carries_the_title_of_the_layer() -> None:
    assert legend(Outlined(), {}) == [("Titolo", "")]


def test_categories_follow_their_codes_and_what_is_not_known_comes_last() -> None:
    drawn = legend(Categorised("category", colours.ZONE_FILLS), {"categoria": ["scuola", None]}, categoria=CATEGORIES)
    assert drawn == [
        ("Farmacia", "\"categoria\" = 'farmacia'"),
        ("Scuola", "\"categoria\" = 'scuola'"),
        ("non noto", "ELSE"),
    ]


def test_values_with_apostrophes_are_quoted() -> None:
    drawn = legend(Marked("action"), {"azione": ["dell'Adda"]})
    assert drawn == [("dell'Adda", "\"azione\" = 'dell''Adda'")]


def test_classes_of_figures_end_at_values_and_begin_where_the_one_before_ends() -> None:
    drawn = legend(Graduated("projects"), {"progetti": [5.42578125, 37.9, 38.2, 1234.5, 2000.0, math.nan]})
    assert drawn == [
        ("fino a 37,9", '"progetti" >= 5.42578125 AND "progetti" <= 37.9'),
        ("oltre 37,9 fino a 1.234", '"progetti" > 37.9 AND "progetti" <= 1234.5'),
        ("2.000", '"progetti" = 2000.0'),
        ("non noto", "ELSE"),
    ]


def test_classes_after_zero_begin_above_it() -> None:
    drawn = legend(Graduated("value"), {"valore": [0.0, 0.000456, 0.5634, 0.566, 1.0]})
    assert [label for label, _ in drawn] == ["0", "oltre 0 fino a 0,563", "oltre 0,563 fino a 1", "non noto"]
    assert [condition for _, condition in drawn][1:3] == [
        '"valore" > 0.0 AND "valore" <= 0.5634',
        '"valore" > 0.5634 AND "valore" <= 1.0',
    ]


@pytest.mark.parametrize(
    "values", [[3.0], [1.0, 2.0], [0.0, 7.0], [0.0, 1.0, 2.0, 3.0], [0.5, 0.7, 1.1, 40.0, 41.0, 90.0]]
)
def test_every_known_value_is_in_one_class(values: list[float]) -> None:
    joined = _joined(colours.classify(values))
    for value in values:
        inside = [
            one
            for number, one in enumerate(joined)
            if one.low < value <= one.high or (value == one.low and (number == 0 or one.low == one.high))
        ]
        assert [one.fill for one in inside] == [colours.fill_of(value, colours.classify(values))]


def test_residents_are_whole_for_people() -> None:
    drawn = legend(
        Graduated("residents_beyond", unit="residents"), {"residenti": [0.354, 0.4, 38.3, 38.34, 117.2, 8617.6]}
    )
    assert [label for label, _ in drawn] == ["fino a 0,4", "oltre 0,4 fino a 38", "oltre 38 fino a 8.618", "non noto"]


def test_zero_is_zero_only_where_nothing_is_unknown() -> None:
    drawing = Graduated("applies_share", None, "share", ("applies_unknown_share",))
    drawn = legend(drawing, {"quota_si_applica": [0.0, 0.5], "quota_si_applica_non_nota": [0.2, 0.0]})
    assert drawn == [
        ("0 %", '"quota_si_applica" = 0.0 AND coalesce("quota_si_applica_non_nota", 0) = 0'),
        ("50,0 %", '"quota_si_applica" = 0.5'),
        ("non noto", "ELSE"),
    ]


def test_fixed_classes_say_where_they_end() -> None:
    drawn = legend(Graduated("share_all_15", SHARES, "share"), {"quota_tutte_15": [0.5]})
    assert [label for label, _ in drawn] == [
        *("fino a 10,0 %", "oltre 10,0 % fino a 30,0 %", "oltre 30,0 % fino a 50,0 %"),
        *("oltre 50,0 % fino a 70,0 %", "oltre 70,0 % fino a 90,0 %", "oltre 90,0 % fino a 100 %"),
        "non noto",
    ]
    assert drawn[1][1].startswith('"quota_tutte_15" > 0.1 AND "quota_tutte_15" <= 0.3')


def test_a_change_is_a_loss_none_or_a_gain() -> None:
    assert legend(Changed("change_share_all_15", "quota"), {}) == [
        ("perde", '"quota_tutte_15_variazione" < 0'),
        ("come prima", '"quota_tutte_15_variazione" = 0'),
        ("guadagna", '"quota_tutte_15_variazione" > 0'),
        ("non noto", "ELSE"),
    ]


def test_what_is_not_known_is_hatched_and_nothing_else_is() -> None:
    subject = Subject("", pd.DataFrame({"residenti": [1.0, 2.0]}), {})
    *known, unknown = symbols(Style(Graduated("residents_beyond")), subject)
    assert [layer.get("class") for layer in unknown.iter("layer")][:2] == ["SimpleFill", "LinePatternFill"]
    assert all(len(list(symbol.iter("layer"))) == 1 for symbol in known)
    assert fills(known[0]) != fills(known[1])


def test_hatches_of_small_areas_are_finer() -> None:
    subject = Subject("", pd.DataFrame({"residenti": [1.0, 2.0]}), {})
    made = [symbols(Style(Graduated("residents_beyond"), border_mm=width), subject)[-1] for width in (0.2, 0.05)]
    distances = [
        float(option.get("value")) for one in made for option in one.iter("Option") if option.get("name") == "distance"
    ]
    assert distances == [2.0, 1.1]


def test_goals_on_the_same_ground_have_lines_of_their_own() -> None:
    rows = {"missione": [1, 3], "numero": [12, 8], "titolo": ["Idroscalo " * 9, "Stazioni"]}
    style, subject = Style(Hatched(("mission", "number"), "title_it")), Subject("", pd.DataFrame(rows), {})
    drawn = entries(style, subject)
    assert drawn[1].label == "3.8 Stazioni"
    assert drawn[1].condition == '"missione" = 3 AND "numero" = 8'
    assert drawn[0].label.endswith("…")
    assert len(drawn[0].label) < 70
    first, second = (list(symbol) for symbol in symbols(style, subject))
    assert [etree.tostring(layer) for layer in first] != [etree.tostring(layer) for layer in second]


@pytest.mark.parametrize("minutes", [[5, 15, 10], [5.0, 15.0, 10.0]], ids=["whole", "as kept"])
def test_isochrones_lie_inside_each_other_the_longest_lowest(minutes: list[float]) -> None:
    subject = Subject("", pd.DataFrame({"minuti": minutes}), {})
    style = Style(Nested("minutes", "minuti", "a piedi"))
    assert [entry.label for entry in entries(style, subject)] == [f"fino a {value} minuti" for value in (5, 10, 15)]
    drawn = read(style, subject)
    assert len({tuple(fills(symbol)) for symbol in drawn.findall("symbols/symbol")}) == 3
    assert drawn.get("enableorderby") == "1"
    order = drawn.find("orderby/orderByClause")
    assert (order.text, order.get("asc")) == ('"minuti"', "0")


@pytest.mark.parametrize(("count", "used"), [(1, [0]), (2, [0, 4]), (3, [0, 2, 4]), (5, [0, 1, 2, 3, 4])])
def test_few_thresholds_have_fills_far_apart(count: int, used: list[int]) -> None:
    subject = Subject("", pd.DataFrame({"minuti": range(1, count + 1)}), {})
    drawn = [fills(symbol)[0] for symbol in symbols(Style(Nested("minutes", "minuti", "a piedi")), subject)]
    assert drawn == [colour(colours.NEAR_TO_FAR_FILLS[at]) for at in used]


def test_one_value_at_a_time_is_shown_and_the_legend_says_which() -> None:
    rows = pd.DataFrame({"categoria": ["scuola", "farmacia"], "profilo": ["b", "a"], "residenti": [1.0, 2.0]})
    subject = Subject("Carenze", rows, {"categoria": CATEGORIES})
    (outer,) = read(SYMBOLOGY["carenze"][0], subject).findall("rules/rule")
    assert outer.get("label") == "Senza filtro: Farmacia, profilo a"
    assert outer.get("filter") == '"categoria" = minimum("categoria") AND "profilo" = maximum("profilo")'
    fixed = read(SYMBOLOGY["carenze"][0], subject, fixed=["category", "profile"])
    assert len(fixed.findall("rules/rule")) > 1, "a filter of the layer has chosen already"


def test_a_layer_without_rows_has_a_legend_too() -> None:
    rows = pd.DataFrame({"categoria": [], "profilo": [], "residenti": []})
    (outer,) = read(SYMBOLOGY["carenze"][0], Subject("Carenze", rows, {})).findall("rules/rule")
    assert outer.get("label") == "Senza filtro: nessuna riga"


def test_rules_have_keys_of_their_own_the_same_each_time() -> None:
    subject = Subject("Zone", pd.DataFrame({"zona": ["Est", "Ovest"]}), {})
    one, other = (renderer(SYMBOLOGY["zone_omogenee"][0], subject) for _ in range(2))
    keys = [rule.get("key") for rule in etree.fromstring(one).iter("rule")]
    assert len(set(keys)) == len(keys) == 3
    assert one == other


COVERAGE = ("quota_si_applica", "quota_si_applica_non_nota", "progetti", "valore", "driver", "edizione")


@pytest.mark.parametrize(
    ("known", "drawn"), [("valore", "value"), ("progetti", "projects"), ("quota_si_applica", "applies_share")]
)
def test_of_several_coverages_the_first_that_is_known_is_drawn(known: str, drawn: str) -> None:
    row = dict.fromkeys(COVERAGE, math.nan) | {"driver": 1, "edizione": "a", known: 1.0}
    columns = {"n_progetti": row["progetti"], **row}
    assert choose_style(SYMBOLOGY["driver_comuni"], pd.DataFrame([columns])).drawing.column == drawn
