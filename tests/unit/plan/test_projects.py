from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.core.errors import TableError
from psttm_geo.plan.project_records import UNKNOWN_EDITION
from psttm_geo.plan.projects import attribute as attributed
from psttm_geo.plan.projects import read_attribution
from psttm_geo.plan.records import Plan

REGISTERED = pd.DataFrame(
    {
        "project": ["A", "B", "C", "D", "E"],
        "edition": ["2022-2024", "2025-2027", "2025-2027", UNKNOWN_EDITION, UNKNOWN_EDITION],
    }
)


@pytest.fixture
def attribute(tmp_path: Path, plans: tuple[Plan, ...]) -> Callable[[str], pd.DataFrame]:
    def attribute(text: str) -> pd.DataFrame:
        (tmp_path / "attribution.csv").write_text(text, "utf-8")
        return read_attribution(tmp_path / "attribution.csv", REGISTERED, plans)

    return attribute


def test_an_attribution_gives_drivers_to_projects(attribute: Callable[[str], pd.DataFrame]) -> None:
    assert attribute("CUP;Driver\nB;12\nA;010\n").to_numpy().tolist() == [
        ["B", 12, "2025-2027"],
        ["A", 10, "2022-2024"],
    ]


def test_an_attribution_finds_a_project_whatever_the_case_of_its_code(attribute: Callable[[str], pd.DataFrame]) -> None:
    assert attribute("cup,driver\na,1\n").to_numpy().tolist() == [["A", 1, "2022-2024"]]
    with pytest.raises(TableError, match="già attribuito"):
        attribute("cup,driver\na,1\nA,2\n")


def test_an_attribution_may_give_the_edition_that_the_register_lacks(attribute: Callable[[str], pd.DataFrame]) -> None:
    told = attribute("cup,driver,edizione\nD,3,2022-2024\nE,3,\nA,1,2022-2024\n")
    assert told.to_numpy().tolist() == [["D", 3, "2022-2024"], ["E", 3, UNKNOWN_EDITION], ["A", 1, "2022-2024"]]
    drivers = pd.array([pd.NA, 2, pd.NA, 4, pd.NA], dtype="Int64")
    mine = attributed(REGISTERED.assign(driver=drivers, driver_basis=["", "registro", "", "registro", ""]), told)
    assert mine["driver_basis"].to_list() == [
        "tabella dell'ente",
        "registro",
        "",
        "tabella dell'ente",
        "tabella dell'ente",
    ]
    assert mine["edition"].to_list() == ["2022-2024", "2025-2027", "2025-2027", "2022-2024", UNKNOWN_EDITION]
    assert mine["driver"].astype(object).where(mine["driver"].notna(), None).to_list() == [1, 2, None, 3, 3]


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("cup,driver\nX,1\n", 2, "project “X” is not in the register"),
        ("cup,driver\nA,1\nA,2\n", 3, "project “A” is attributed already"),
        ("cup,driver\nA,11\n", 2, "unknown driver “11” in 2022-2024, expected one of: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;"),
        ("cup,driver\nB,10\n", 2, "unknown driver “10” in 2025-2027, expected one of: 1, 2, 3, 4, 5, 6, 7, 8, 11, 12;"),
        ("cup,driver\nA,\n", 2, "unknown driver “”"),
        ("cup,driver\nA,=1\n", 2, "unknown driver “=1”"),
        (
            "cup,driver,edizione\nD,1,2019-2021\n",
            2,
            "unknown edition “2019-2021”, expected one of: 2022-2024, 2025-2027",
        ),
        (
            "cup,driver,edizione\nA,1,2025-2027\n",
            2,
            "project “A” is of 2025-2027 here and of 2022-2024 in the register",
        ),
        ("cup,driver,edizione\nD,11,2022-2024\n", 2, "unknown driver “11” in 2022-2024"),
        ("cup,driver\nD,13\n", 2, "unknown driver “13”, expected one of: 1, 2,"),
        ("cup\nA\n", 1, "columns driver are missing (expected: cup, driver)"),
        ("cup,driver\n", None, "there is no row below the header"),
    ],
)
def test_a_wrong_attribution_is_refused(
    attribute: Callable[[str], pd.DataFrame], text: str, row: int | None, said: str
) -> None:
    with pytest.raises(TableError) as error:
        attribute(text)
    (fault,) = error.value.faults
    assert fault.row == row
    assert said in fault.text.en


def test_all_faults_of_an_attribution_are_listed_at_once(attribute: Callable[[str], pd.DataFrame]) -> None:
    with pytest.raises(TableError) as error:
        attribute("cup,driver\nX,1\nA,11\nB,2\nB,3\n")
    assert [fault.row for fault in error.value.faults] == [2, 3, 5]
