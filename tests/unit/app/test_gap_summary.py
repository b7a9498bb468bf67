"""Three municipalities: A lacks four categories, B none, C is outside the extract; nobody knows of hospitals."""

import math

import pandas as pd
import pytest

from psttm_geo.access.results import Results
from psttm_geo.app.views.gap_summary import find_lacking, say_residents, say_what_is_known, total_by_category

NAN = math.nan

ESSENTIAL = ("alimentari", "farmacia", "medico", "scuola")

NAMES = {
    "alimentari": "Alimentari",
    "farmacia": "Farmacia",
    "medico": "Medico",
    "scuola": "Scuola",
    "ospedale": "Ospedale",
}


def results(unknown_share: float = 0.0, gaps_of_b: float = 0.0) -> Results:
    gaps = [
        ("A", "medico", 400.0, 30.0),
        ("A", "scuola", 300.0, 25.0),
        ("A", "alimentari", 200.0, 20.0),
        ("A", "farmacia", 100.0, 18.0),
        *([("B", "farmacia", gaps_of_b, 24.0)] if gaps_of_b else []),
    ]
    columns = ["municipality_code", "category", "residents_beyond", "gap_minutes"]
    share = {f"share_15_{name}": [0.5, 1.0, NAN] for name in ESSENTIAL} | {"share_15_ospedale": [NAN] * 3}
    towns = pd.DataFrame(
        {
            "municipality_code": ["A", "B", "C"],
            "residents": [1000.0, 500.0, 50.0],
            "share_unknown": [unknown_share, unknown_share, 0.9],
            **share,
        }
    )
    layers = {
        "carenze_comuni": pd.DataFrame(gaps, columns=columns).assign(profile="adulto"),
        "accessibilita_comuni": towns.assign(profile="adulto"),
    }
    return Results(layers, {}, {}, ESSENTIAL)


def said(codes: list[str] | None, categories: tuple[str, ...], **options: float) -> str:
    return say_what_is_known(find_lacking(results(**options), "adulto", codes, categories), NAMES, "it")


@pytest.mark.parametrize("category", ESSENTIAL)
def test_a_category_is_lacking_whatever_its_rank(category: str) -> None:
    lacking = find_lacking(results(), "adulto", ["A"], [category])
    assert lacking.rows["category"].to_list() == [category]
    assert said(["A"], (category,)) == "", "what is lacking is listed, and all else is known"


def test_nothing_is_lacking_only_where_all_is_known() -> None:
    assert said(["B"], ESSENTIAL) == "Nessuna carenza."
    assert said(["B"], ESSENTIAL, unknown_share=0.1) == "Nessuna carenza nota. Residenti per cui non è noto: 50."
    assert said(["B"], ("scuola", "ospedale")) == "Nessuna carenza nota. Non noto per queste categorie: Ospedale."
    assert (
        said(["B"], ("ospedale",))
        == said(["C"], ESSENTIAL)
        == "Carenze non note: i dati dell'estratto non sono sufficienti."
    )
    assert said(["B"], ESSENTIAL, gaps_of_b=3) == ""


def test_a_part_that_is_not_known_is_said_beside_what_is_lacking() -> None:
    assert said(None, ESSENTIAL) == "Comuni di cui non è noto nulla: 1. Residenti per cui non è noto: 50."
    assert said(["A", "B"], ESSENTIAL) == ""
    assert said(["A", "D"], ESSENTIAL) == "Comuni di cui non è noto nulla: 1.", "one that the results do not have"


def test_what_is_lacking_adds_up_over_municipalities() -> None:
    totals = total_by_category(find_lacking(results(gaps_of_b=300), "adulto", ["A", "B"], ESSENTIAL))
    assert totals["category"].to_list() == ["farmacia", "medico", "scuola", "alimentari"]
    first = totals.iloc[0]
    assert first[["residents_beyond", "gap_minutes", "municipality_count"]].to_list() == [400, 22.5, 2]
    assert total_by_category(find_lacking(results(), "adulto", ["B"], ESSENTIAL)).empty


def test_another_profile_has_its_own_gaps() -> None:
    assert find_lacking(results(), "anziano", ["A"], ESSENTIAL).rows.empty


def test_a_part_of_a_resident_is_less_than_one() -> None:
    assert [say_residents(count, "it") for count in (0.2, 1, 1660.4)] == ["meno di 1", "1", "1.660"]
