import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psttm_geo.plan.driver_coverage import activated_coverage, located_projects
from psttm_geo.plan.plan_layers import project_places
from psttm_geo.plan.project_records import EQUAL, PUBLISHED

CODES = [f"01500{number}" for number in range(8)]


@st.composite
def registers(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give up to 6 projects of whole amounts and of one to three drivers, in places by equal or by weighted shares."""
    amounts = draw(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
    places = []
    for number in range(len(amounts)):
        codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=8, unique=True))
        weights = draw(st.lists(st.integers(1, 100), min_size=len(codes), max_size=len(codes)))
        rule = EQUAL if len(set(weights)) == 1 else PUBLISHED
        places += [
            (f"P{number}", code, weight / sum(weights), rule) for code, weight in zip(codes, weights, strict=True)
        ]
    projects = pd.DataFrame(
        {
            "project": [f"P{number}" for number in range(len(amounts))],
            "edition": "a",
            "driver": [
                draw(st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True)) for _ in range(len(amounts))
            ],
            "drivers": "some",
            "amount_eur": [float(amount) for amount in amounts],
            "submeasure": "",
        }
    )
    return projects, pd.DataFrame(places, columns=["project", "municipality_code", "share", "rule"])


@given(registers(), st.lists(st.sampled_from("UVW"), min_size=len(CODES), max_size=len(CODES)))
def test_amounts_add_up_to_the_register_over_any_partition(
    register: tuple[pd.DataFrame, pd.DataFrame], parts: list[str]
) -> None:
    projects, places = register
    units = pd.DataFrame({"unit": parts, "municipality_code": CODES})
    links = projects[["project", "driver"]].explode("driver").astype({"driver": "int64"})
    located = project_places(projects, places)
    found = activated_coverage(links.merge(located, on="project", validate="m:m"), units)
    expected = projects.explode("driver").groupby("driver")["amount_eur"].sum()
    assert found.groupby("driver")["amount_eur"].sum().to_dict() == pytest.approx(expected.to_dict())
    unit_of = dict(zip(CODES, parts, strict=True))
    drivers_of = dict(zip(projects["project"], projects["driver"], strict=True))
    met: dict[tuple[int, str], set[str]] = {}
    for project, code in places[["project", "municipality_code"]].itertuples(index=False):
        for driver in drivers_of[project]:
            met.setdefault((driver, unit_of[code]), set()).add(project)
    counted = dict(zip(zip(found["driver"], found["unit"], strict=True), found["projects"], strict=True))
    assert counted == {key: len(names) for key, names in met.items()}


@given(registers())
def test_the_whole_territory_holds_every_project_once(register: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    projects, places = register
    units = pd.DataFrame({"unit": "all", "municipality_code": CODES})
    found = located_projects(project_places(projects, places), units)
    assert found[["projects", "projects_unattributed"]].to_numpy().tolist() == [[len(projects), 0]]
