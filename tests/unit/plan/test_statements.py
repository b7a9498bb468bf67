"""What the documents state beside the goals: each row with its document and lines, what is not stated missing."""

import geopandas as gpd
import pandas as pd
import pytest

from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.statements import STATEMENTS, goal_actors, statement_layers, with_actors
from psttm_geo.schema.data_tables import Register
from psttm_geo.schema.layers import LAYERS


@pytest.fixture(scope="module")
def layers(register: Register) -> dict[str, pd.DataFrame]:
    return statement_layers(register.tables, build_plans(register.tables, ()))


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_layer_keeps_its_contract_and_has_no_blank_text(layers: dict[str, pd.DataFrame], name: str) -> None:
    table = LAYERS[name].select(layers[name])
    assert len(table) == len(layers[name]) > 0
    assert not (table.astype(object) == "").any(axis=None)


def test_a_passage_is_the_title_of_a_registered_document_and_whole_lines(
    layers: dict[str, pd.DataFrame], register: Register
) -> None:
    titles = set(register.tables["sources.csv"]["title"])
    cited = [table for table in layers.values() if "document" in table.columns]
    assert len(cited) == 11
    for table in cited:
        assert set(table["document"]) <= titles
        assert (table["first_line"] <= table["last_line"]).all()


def test_an_edition_has_its_rows_those_of_none_and_its_links(register: Register) -> None:
    later = statement_layers(register.tables, build_plans(register.tables, ["2025-2027"]))
    assert set(later["obiettivi_attori"]["edition"]) == set(later["visione"]["edition"]) == {"2025-2027"}
    assert {"legge_56_2014", "approvazione_2025"} <= set(later["atti_del_piano"]["act"])
    assert "adozione_3_2023" not in set(later["atti_del_piano"]["act"])
    assert later["risultati"].empty
    ends = later["legami_obiettivi"]
    assert (ends["to_edition"] == "2025-2027").all()
    assert "2022-2024 1.1 > 2025-2027 1.1" in set(ends["link"])
    assert ends[ends["link_kind"] == "new"]["link"].str.startswith(" > ").all()


def test_actors_of_a_goal_stand_in_the_order_of_actors_with_their_roles(layers: dict[str, pd.DataFrame]) -> None:
    rows = goal_actors(layers)
    mine = rows[(rows["edition"] == "2022-2024") & (rows["mission"] == 1) & (rows["number"] == 3)]
    assert mine["name_en"].to_list() == ["Metropolitan City", "Municipalities", "Staff of public bodies"]
    goals = gpd.GeoDataFrame(
        {"edition": ["2022-2024"] * 2, "mission": [1, 1], "number": [3, 1]}, geometry=[None, None], crs="EPSG:32632"
    )
    named = with_actors(goals, layers)["actors_it"].to_list()
    assert named == [
        "Città metropolitana (è destinatario); Comuni (è destinatario); Personale degli enti (è destinatario)",
        None,
    ]
