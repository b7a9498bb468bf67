import pytest

from psttm_geo.delivery.facts import FACTS, GEOMETRY, ROW_FACT, STATED_COLUMNS, rests_on
from psttm_geo.schema.layers import LAYERS


@pytest.mark.parametrize("name", STATED_COLUMNS)
def test_what_a_layer_states_are_columns_of_it_and_known_facts(name: str) -> None:
    layer = LAYERS[name]
    assert set(STATED_COLUMNS[name]) - {GEOMETRY} <= set(layer.columns)
    assert layer.spatial or GEOMETRY not in STATED_COLUMNS[name]
    assert {*STATED_COLUMNS[name].values(), ROW_FACT[name]} <= set(FACTS)
    assert set(ROW_FACT) == set(STATED_COLUMNS)


@pytest.mark.parametrize("name", LAYERS)
def test_whatever_is_computed_rests_on_known_facts(name: str) -> None:
    for column in (*LAYERS[name].columns, GEOMETRY):
        facts = rests_on(name, column, frozenset())
        assert facts
        assert facts <= set(FACTS)


def test_units_rest_on_their_members() -> None:
    assert "unions" in rests_on("driver_unioni", "applies_share", frozenset({"union", "driver"}))
    assert "unions" not in rests_on("driver_zone", "applies_share", frozenset({"zone", "driver"}))
    assert "zones" in rests_on("zone_omogenee", "residents", frozenset({"zone"}))
    assert "drivers" in rests_on("driver_comuni", "called_share", frozenset({"driver", "municipality"}))


def test_where_a_goal_applies_does_not_rest_on_who_is_called() -> None:
    assert "marks" in rests_on("obiettivi_comuni", "called", frozenset())
    assert "marks" not in rests_on("obiettivi_comuni", "applies", frozenset())
    assert "marks" not in rests_on("obiettivi", GEOMETRY, frozenset())
    assert rests_on("comuni", "area_km2", frozenset()) == {"boundaries"}
