"""What an office recorded as layers: joined to municipalities, zones and goals, and nothing said that is not stated."""

import pandas as pd
import pytest

from psttm_geo.plan.monitoring_layers import MONITORING, monitoring_layers
from psttm_geo.plan.monitoring_tables import COLUMNS, TABLES
from psttm_geo.schema.layers import LAYERS

ZONES = {"015146": "Milano", "015189": "Sud Ovest", "015103": "Sud Ovest", "015118": "Alto Milanese"}

Cells = dict[str, str]


def tables(**rows: list[Cells]) -> dict[str, pd.DataFrame]:
    """Give a register as it is read: cells as text, blank where nothing is stated."""
    names = {name: [column.name for column in COLUMNS[name]] for name in TABLES}
    return {
        name: pd.DataFrame(
            [[row.get(column, "") for column in columns] for row in rows.get(name, [])], columns=columns, dtype="str"
        )
        for name, columns in names.items()
    }


def layers(editions: tuple[str, ...] = ("2025-2027",), **rows: list[Cells]) -> dict[str, pd.DataFrame]:
    found = monitoring_layers(tables(**rows), ZONES, editions)
    for name, table in found.items():
        assert len(LAYERS[name].select(table)) == len(table)
    return found


def test_without_rows_there_is_no_layer() -> None:
    assert layers() == {}
    assert set(MONITORING) <= set(LAYERS)


def test_an_agreement_binds_municipalities_by_name_before_by_zone() -> None:
    bound = layers(
        agreements=[{"agreement": "A", "zones": "Sud Ovest", "municipalities": "015189;015118"}, {"agreement": "B"}]
    )
    assert bound["accordi_comuni"].to_numpy().tolist() == [
        ["A", "015189", "comune"],
        ["A", "015103", "zona"],
        ["A", "015118", "comune"],
    ]
    assert bound["accordi"]["bound_zones"].tolist() == ["Sud Ovest", None]
    assert bound["accordi"]["agreement_kind"].tolist() == [None, None]


def test_a_row_of_a_dup_is_of_its_municipality_and_its_goal() -> None:
    rows = [
        {"body": "015189", "years": "2026-2028", "edition": "2025-2027", "goal": "5.10", "budget_mission": "12"},
        {"body": "CM", "years": "2026-2028", "edition": "2025-2027", "goal": "1.2", "budget_mission": "8"},
    ]
    dup = layers(dup_links=rows)["dup"]
    assert dup["municipality_code"].tolist() == ["015189", None]
    assert dup[["mission", "number", "budget_mission"]].to_numpy().tolist() == [[5, 10, 12], [1, 2, 8]]
    assert dup["budget_programme"].isna().all()


def test_what_is_of_no_goal_has_none_and_values_stay_unknown() -> None:
    found = layers(
        milestones=[{"milestone": "M", "edition": "2025-2027", "driver": "2", "target": "75.5"}],
        observations=[
            {"indicator": "K", "place": "015118", "value": "18.4", "observed_on": "2025-12-31", "source": "x"},
            {"indicator": "K", "place": "zona Sud Est", "observed_on": "2025-12-31", "source": "x"},
        ],
    )
    milestone = found["traguardi"].iloc[0]
    assert milestone[["mission", "number"]].isna().all()
    assert (milestone["driver"], milestone["target_value"]) == (2, 75.5)
    assert pd.isna(milestone["reached_value"])
    observed = found["osservazioni"]
    assert observed["municipality_code"].tolist() == ["015118", None]
    assert observed["observed_value"].tolist() == [18.4, pd.NA]
    assert observed["register_row"].tolist() == [1, 2]


@pytest.mark.parametrize(("editions", "expected"), [(("2025-2027",), ["N", "O"]), (("2022-2024",), ["O"])])
def test_rows_of_other_editions_are_left_out_and_those_of_none_are_kept(
    editions: tuple[str, ...], expected: list[str]
) -> None:
    rows = [{"indicator": "N", "edition": "2025-2027", "goal": "2.1"}, {"indicator": "O"}]
    assert layers(editions, indicators=rows)["indicatori_registrati"]["indicator_code"].tolist() == expected
