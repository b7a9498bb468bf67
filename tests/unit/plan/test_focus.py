"""What goals name in particular: rules executed on two squares and one apart."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError
from psttm_geo.core.messages import Text
from psttm_geo.plan.applicability import ScopeInputs, apply_scopes
from psttm_geo.plan.focus import join_focuses
from psttm_geo.schema.answers import Verdict
from psttm_geo.schema.code_lists import GOAL_KEY

CODES = ["015001", "015002", "015003"]

LIST = pd.DataFrame(
    [("laghi", "015002", "il lago è nel comune", "the lake is here")],
    columns=["list", "municipality_code", "fact_it", "fact_en"],
)

Focus = tuple[int, str, str, str, str]


@pytest.fixture
def town() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"municipality_code": CODES, "residents": [4999, 5000, 5001]},
        geometry=[shapely.box(x, 0, x + 1000, 1000) for x in (0, 1000, 5000)],
        crs=METRIC,
        index=[7, 3, 5],
    )


def park(x: float, crs: str = METRIC) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["Parco"]}, geometry=[shapely.Point(x, 500)], crs=crs)


def found(town: gpd.GeoDataFrame, *focuses: Focus, **inputs: object) -> pd.DataFrame:
    """Give the answers of two goals that apply everywhere, by number and municipality."""
    rows = [("a", 1, number, "whole_area", "", "document", "si") for number in (1, 2)]
    goals = pd.DataFrame(rows, columns=[*GOAL_KEY, "scope", "parameter", "scope_basis", "municipalities"])
    table = pd.DataFrame(
        [("a", 1, *focus, "document") for focus in focuses],
        columns=[*GOAL_KEY, "rule", "parameter", "name_it", "name_en", "basis"],
    )
    given = ScopeInputs(LIST, **inputs)
    before = apply_scopes(goals, town, given)
    joined = join_focuses(before, table, town, given)
    pd.testing.assert_frame_equal(joined[before.columns], before)
    assert set(joined["focus"]) <= {"si", "no", "non_noto"}
    return joined.set_index(["number", "municipality_code"])


def test_a_goal_without_a_focus_names_nobody_and_gives_no_reason(town: gpd.GeoDataFrame) -> None:
    answers = found(town)
    assert set(answers["focus"]) == {"no"}
    assert answers[["focus_reason_it", "focus_reason_en"]].isna().all(axis=None)


def test_a_list_names_its_municipalities_and_leaves_the_scope_alone(town: gpd.GeoDataFrame) -> None:
    answers = found(town, (2, "named", "laghi", "Laghi", "lakes"))
    assert answers.loc[2, "focus"].to_list() == ["no", "si", "no"]
    assert set(answers.loc[1, "focus"]) == {"no"}
    assert set(answers["applies"]) == {"si"}
    assert answers.loc[(2, "015002"), "focus_reason_it"] == "Laghi: il lago è nel comune"
    assert answers.loc[(2, "015001"), "focus_reason_en"] == "lakes: the municipality is not concerned"
    assert answers.loc[1, "focus_reason_it"].isna().all()


def test_a_feature_takes_the_place_of_the_list_where_it_is_mapped(town: gpd.GeoDataFrame) -> None:
    answers = found(town, (1, "feature", "laghi", "Laghi", "lakes"), features={"laghi": park(500)})
    assert answers.loc[1, "focus"].to_list() == ["si", "no", "no"]
    assert answers.loc[(1, "015001"), "focus_reason_it"] == "Laghi: nel comune c'è Parco"


@pytest.mark.parametrize(
    ("rule", "parameter", "missing"),
    [
        ("feature", "parchi", "manca un estratto di OpenStreetMap con gli elementi «parchi»"),
        ("named", "ville", "manca l'elenco di comuni «ville»"),
        ("figure", "periurbano", "manca il grado di urbanizzazione, livello 2"),
        ("unlisted", "", "il documento non elenca i luoghi"),
    ],
)
def test_what_no_input_says_is_unknown_and_names_the_input(
    town: gpd.GeoDataFrame, rule: str, parameter: str, missing: str
) -> None:
    answers = found(town, (1, rule, parameter, "Cose", "things"))
    assert set(answers.loc[1, "focus"]) == {"non_noto"}
    assert answers.loc[1, "focus_reason_it"].str.startswith(f"Cose: {missing}").all()


def test_residents_and_classes_name_as_they_apply(town: gpd.GeoDataFrame) -> None:
    small = found(town, (1, "figure", "residenti<5000", "Piccoli", "small"))
    assert small.loc[1, "focus"].to_list() == ["si", "no", "no"]
    suburb = {"periurbano": {"015003": Verdict("si", Text("classe 21", "class 21"), "figure")}}
    around = found(town, (1, "figure", "periurbano", "Periurbano", "peri-urban"), classes=suburb)
    assert around.loc[1, "focus"].to_list() == ["non_noto", "non_noto", "si"]
    assert around.loc[(1, "015003"), "focus_reason_it"] == "Periurbano: classe 21"


def test_of_several_focuses_one_yes_is_enough_and_unknown_comes_before_no(town: gpd.GeoDataFrame) -> None:
    lakes, parks = (1, "named", "laghi", "Laghi", "lakes"), (1, "feature", "parchi", "Parchi", "parks")
    assert found(town, lakes, parks).loc[1, "focus"].to_list() == ["non_noto", "si", "non_noto"]
    both = found(town, lakes, parks, features={"parchi": park(1500)})
    assert both.loc[1, "focus"].to_list() == ["no", "si", "no"]
    assert both.loc[(1, "015002"), "focus_reason_it"] == (
        "Laghi: il lago è nel comune; Parchi: nel comune c'è il parco Parco"
    )
    assert both.loc[(1, "015001"), "focus_reason_en"] == (
        "lakes: the municipality is not concerned; parks: no park is here"
    )


def test_a_reason_tells_only_what_decides(town: gpd.GeoDataFrame) -> None:
    answers = found(
        town,
        (1, "named", "laghi", "Laghi", "lakes"),
        (1, "feature", "parchi", "Parchi", "parks"),
        features={"parchi": park(500)},
    )
    assert answers.loc[(1, "015001"), "focus_reason_it"] == "Parchi: nel comune c'è il parco Parco"
    assert answers.loc[(1, "015002"), "focus_reason_it"] == "Laghi: il lago è nel comune"


def test_features_in_degrees_are_refused(town: gpd.GeoDataFrame) -> None:
    with pytest.raises(CrsError, match="parchi"):
        found(town, (1, "feature", "parchi", "P", "p"), features={"parchi": park(9, GEOGRAPHIC)})
