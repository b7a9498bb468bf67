import pandas as pd
import pytest

from psttm_geo.jobs.input_summary import say_register
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.records import Plan
from psttm_geo.schema.data_tables import Register


@pytest.fixture(scope="module")
def plans(register: Register) -> tuple[Plan, ...]:
    return build_plans(register.tables, ())


@pytest.mark.parametrize(
    ("amounts", "it", "en"),
    [
        ([1000.0, 234.5], "2 su 2, in totale 1.234,50 euro.", "2 of 2, 1,234.50 euros in all."),
        ([1_000_000.0, None], "1 su 2, in totale 1.000.000 euro.", "1 of 2, 1,000,000 euros in all."),
        ([0.1, 0.2], "2 su 2, in totale 0,30 euro.", "2 of 2, 0.30 euros in all."),
        ([0.0], "1 su 1, in totale 0 euro.", "1 of 1, 0 euros in all."),
    ],
)
def test_totals_have_their_cents_and_signs_between_thousands(
    plans: tuple[Plan, ...], amounts: list[float | None], it: str, en: str
) -> None:
    projects = pd.DataFrame({"edition": "2022-2024", "amount_eur": amounts})
    said = say_register(projects, plans)[1]
    assert said == (f"Importi noti: {it}", f"Amounts known: {en}")


def test_what_a_document_counts_is_said_with_signs_between_thousands(plans: tuple[Plan, ...]) -> None:
    projects = pd.DataFrame({"edition": "2022-2024", "amount_eur": [None]}).astype({"amount_eur": "float64"})
    said = say_register(projects, plans)[-1]
    assert "per 464.267.194 euro:" in said.it
    assert "for 464,267,194 euros:" in said.en
