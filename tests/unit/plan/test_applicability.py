from itertools import product

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.core.messages import Text
from psttm_geo.plan.applicability import ScopeInputs, aggregate_answers, apply_scopes
from psttm_geo.schema.answers import Verdict
from psttm_geo.schema.code_lists import GOAL_KEY

CODES = ["015001", "015002", "015003"]


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    """Give two squares side by side and one apart, of 4,999, 5,000 and 5,001 residents."""
    return gpd.GeoDataFrame(
        {"municipality_code": CODES, "residents": [4999, 5000, 5001]},
        geometry=[shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000, 5000)],
        crs=METRIC,
        index=[7, 3, 5],
    )


def goals(*rules: tuple[str, str], mark: str = "si") -> pd.DataFrame:
    rows = [("a", 1, number, *rule, "document", mark) for number, rule in enumerate(rules, start=1)]
    return pd.DataFrame(rows, columns=[*GOAL_KEY, "scope", "parameter", "scope_basis", "municipalities"])


LIST = pd.DataFrame(
    [
        ("canali", "015002", "il canale attraversa il comune", "the canal runs through it"),
        ("canali", "015002", "c'è il porto", "the port is here"),
        ("canali", "015002", "c'è il porto", "the port is here"),
        ("canali", "015999", "altrove", "elsewhere"),
    ],
    columns=["list", "municipality_code", "fact_it", "fact_en"],
)


def points(*places: tuple[str, float, float], crs: str = METRIC) -> gpd.GeoDataFrame:
    names, xs, ys = zip(*places, strict=True)
    return gpd.GeoDataFrame({"name": names}, geometry=gpd.points_from_xy(xs, ys), crs=crs)


def answers(town: gpd.GeoDataFrame, rule: tuple[str, str], **inputs: object) -> pd.DataFrame:
    found = apply_scopes(goals(rule), town, ScopeInputs(inputs.pop("lists", LIST), **inputs))
    assert found["municipality_code"].to_list() == CODES
    assert found[["reason_it", "reason_en"]].map(bool).all(axis=None)
    assert (found["reason_it"] != found["reason_en"]).all()
    return found


@pytest.mark.parametrize("scope", ["whole_area", "every_municipality"])
def test_a_goal_for_all_applies_to_each(town: gpd.GeoDataFrame, scope: str) -> None:
    found = answers(town, (scope, ""))
    assert set(found["applies"]) == {"si"}
    assert set(found["basis"]) == {"document"}


def test_a_named_list_says_yes_with_its_facts_and_no_elsewhere(town: gpd.GeoDataFrame) -> None:
    found = answers(town, ("named", "canali"))
    assert found["applies"].to_list() == ["no", "si", "no"]
    assert found["reason_it"].iloc[1] == "si applica: il canale attraversa il comune; c'è il porto"
    assert found["reason_en"].iloc[1] == "applies: the canal runs through it; the port is here"
    assert set(found["basis"]) == {"public_fact"}


def test_a_feature_applies_where_it_is_met_and_takes_the_place_of_the_list(town: gpd.GeoDataFrame) -> None:
    mapped = points(("Porta", 500, 500), ("Altrove", 9000, 9000))
    found = answers(town, ("feature", "canali"), features={"canali": mapped})
    assert found["applies"].to_list() == ["si", "no", "no"]
    assert found["reason_it"].iloc[0] == "si applica: nel comune c'è il canale Porta"
    assert found["reason_en"].iloc[0] == "applies: the canal Porta is here"
    assert set(found["basis"]) == {"feature"}


def test_a_feature_on_the_border_is_met_by_both_sides(town: gpd.GeoDataFrame) -> None:
    found = answers(town, ("feature", "canali"), features={"canali": points(("Ponte", 1000, 500))})
    assert found["applies"].to_list() == ["si", "si", "no"]


def test_a_station_without_a_name_is_met_and_said_so(town: gpd.GeoDataFrame) -> None:
    mapped = points(("Porta", 500, 500), ("Centro", 600, 500), ("", 1500, 500))
    found = answers(town, ("feature", "stazioni"), features={"stazioni": mapped})
    assert found["reason_it"].to_list() == [
        "si applica: nel comune ci sono le stazioni Centro e Porta",
        "si applica: nel comune c'è una stazione (senza nome nei dati)",
        "non si applica: nessuna stazione è nel comune",
    ]


def test_a_feature_rule_without_features_falls_back_on_the_list(town: gpd.GeoDataFrame) -> None:
    found = answers(town, ("feature", "canali"))
    assert found["applies"].to_list() == ["no", "si", "no"]
    assert set(found["basis"]) == {"public_fact"}


def test_places_that_the_document_does_not_list_are_unknown_everywhere(town: gpd.GeoDataFrame) -> None:
    found = answers(town, ("unlisted", ""))
    assert set(found["applies"]) == set(found["called"]) == {"non_noto"}
    assert set(found["reason_it"]) == {"non noto: il documento non elenca i luoghi"}
    assert set(found["basis"]) == {"document"}


@pytest.mark.parametrize("rule", [("feature", "stazioni"), ("named", "stazioni"), ("figure", "periurbano")])
def test_a_rule_without_its_input_is_unknown_and_names_what_is_missing(
    town: gpd.GeoDataFrame, rule: tuple[str, str]
) -> None:
    found = answers(town, rule)
    assert set(found["applies"]) == set(found["called"]) == {"non_noto"}
    assert set(found["basis"]) == {"missing_input"}
    assert found["reason_it"].str.contains(f"«{rule[1]}»", regex=False).all()
    assert found["reason_en"].str.contains(f"“{rule[1]}”", regex=False).all()


def test_a_figure_of_residents_is_strictly_below_its_limit(town: gpd.GeoDataFrame) -> None:
    found = answers(town, ("figure", "residenti<5000"))
    assert found["applies"].to_list() == ["si", "no", "no"]
    assert found["reason_it"].iloc[0] == "si applica: 4.999 residenti, soglia 5.000"
    assert found["reason_en"].iloc[1] == "does not apply: 5,000 residents, threshold 5,000"
    assert set(found["basis"]) == {"figure"}


def test_a_class_says_yes_and_no_where_it_is_known_and_nothing_elsewhere(town: gpd.GeoDataFrame) -> None:
    verdicts = {
        "015001": Verdict("no", Text("città", "city"), "figure"),
        "015003": Verdict("si", Text("sobborgo", "suburb"), "figure"),
    }
    found = answers(town, ("figure", "periurbano"), classes={"periurbano": verdicts})
    assert found["applies"].to_list() == ["no", "non_noto", "si"]
    assert found["basis"].to_list() == ["figure", "missing_input", "figure"]
    assert found["reason_en"].iloc[0] == "does not apply: city"
    assert "«periurbano»" in found["reason_it"].iloc[1]


@pytest.mark.parametrize(
    ("applies", "mark", "called"),
    [
        *(("no", mark, "no") for mark in ("si", "non_indicato", "non_noto")),
        *(("si", mark, mark) for mark in ("si", "non_indicato", "non_noto")),
        ("non_noto", "si", "non_noto"),
        ("non_noto", "non_indicato", "non_indicato"),
        ("non_noto", "non_noto", "non_noto"),
    ],
)
def test_who_is_called_follows_from_where_it_applies_and_the_mark(
    town: gpd.GeoDataFrame, applies: str, mark: str, called: str
) -> None:
    rule = {"si": ("whole_area", ""), "no": ("figure", "residenti<1"), "non_noto": ("feature", "x")}[applies]
    found = apply_scopes(goals(rule, mark=mark), town, ScopeInputs(LIST))
    assert set(found["applies"]) == {applies}
    assert set(found["called"]) == {called}


def test_answers_stand_by_goal_and_municipality(town: gpd.GeoDataFrame) -> None:
    found = apply_scopes(goals(("whole_area", ""), ("named", "canali"), ("whole_area", "")), town, ScopeInputs(LIST))
    assert list(zip(found["number"], found["municipality_code"], strict=True)) == list(product([1, 2, 3], CODES))
    assert (found["applies"] == "si").groupby(found["number"]).sum().to_dict() == {1: 3, 2: 1, 3: 3}


def test_layers_in_degrees_are_refused(town: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError):
        apply_scopes(goals(("whole_area", "")), town.to_crs(GEOGRAPHIC), ScopeInputs(LIST))
    with pytest.raises(CrsError, match="x"):
        answers(town, ("feature", "x"), features={"x": points(("Porta", 9, 45), crs=GEOGRAPHIC)})


def member_answers(applies: tuple[str, ...], called: tuple[str, ...]) -> pd.DataFrame:
    keys = pd.DataFrame({"edition": "a", "mission": 1, "number": 1, "municipality_code": CODES[: len(applies)]})
    return keys.assign(applies=applies, called=called)


@pytest.mark.parametrize("members", list(product(("si", "no", "non_noto"), repeat=3)))
def test_a_larger_unit_applies_if_any_member_does_else_may_if_any_may(members: tuple[str, ...]) -> None:
    expected = "si" if "si" in members else "non_noto" if "non_noto" in members else "no"
    units = pd.DataFrame({"unit": "U", "municipality_code": CODES})
    (row,) = aggregate_answers(member_answers(members, members), units).to_dict("records")
    assert row == {"edition": "a", "mission": 1, "number": 1, "unit": "U", "applies": expected, "called": expected}


@pytest.mark.parametrize("members", list(product(("si", "no", "non_noto", "non_indicato"), repeat=2)))
def test_a_larger_unit_is_called_by_the_same_rule_blank_before_no(members: tuple[str, ...]) -> None:
    expected = next(answer for answer in ("si", "non_noto", "non_indicato", "no") if answer in members)
    units = pd.DataFrame({"unit": "U", "municipality_code": CODES[:2]})
    assert aggregate_answers(member_answers(("si", "si"), members), units)["called"].to_list() == [expected]


def test_a_municipality_counts_in_its_own_units_only() -> None:
    units = pd.DataFrame({"unit": ["U", "V", "V"], "municipality_code": CODES})
    found = aggregate_answers(member_answers(("si", "no", "non_noto"), ("no", "no", "no")), units)
    assert found.set_index("unit")["applies"].to_dict() == {"U": "si", "V": "non_noto"}


def test_no_units_give_no_answers() -> None:
    units = pd.DataFrame({"unit": [], "municipality_code": []}, dtype="str")
    assert aggregate_answers(member_answers(("si",), ("si",)), units).empty
