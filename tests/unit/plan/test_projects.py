from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.core.errors import TableError
from psttm_geo.core.provenance import Source
from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects
from psttm_geo.plan.projects import attribute as attributed
from psttm_geo.plan.projects import attribute_by_measure, read_attribution
from psttm_geo.plan.records import Plan

SOURCE = Source("projects-file", "Registro", "ente", "", "", "", "Registro", "")

REGISTERED = pd.DataFrame(
    {
        "project": ["A", "B", "C", "D", "E"],
        "edition": ["2022-2024", "2025-2027", "2025-2027", UNKNOWN_EDITION, UNKNOWN_EDITION],
    }
)


MEASURE_DRIVERS = pd.DataFrame(
    [
        ("M1C1I1", "", "1", "editorial"),
        ("M5C2I2", "", "9", "editorial"),
        ("M5C2I2.01", "", "9", "editorial"),
        ("M5C2I2.01", "", "2", "document"),
        ("M5C2I2.03", "2022-2024", "3", "document"),
        ("M6C1I1", "2025-2027", "3", "editorial"),
    ],
    columns=["measure", "edition", "driver", "basis"],
)

MEASURE_GOALS = pd.DataFrame(
    [
        ("M5C2I2", "2022-2024", "5", "9", "", "editorial"),
        ("M5C2I2.03", "2022-2024", "5", "7", "", "document"),
        ("M5C2I2.03", "2025-2027", "5", "6", "", "document"),
        ("M4C1I3", "2025-2027", "4", "6", "citta_metropolitana", "document"),
    ],
    columns=["measure", "edition", "mission", "number", "body_kind", "basis"],
)


def financed(*rows: tuple[str, str, str]) -> Projects:
    """Give a register of projects by code, measures and kind of body, of unknown edition and without drivers."""
    table = pd.DataFrame(rows, columns=["project", "submeasure", "body_kind"])
    places = pd.DataFrame(columns=["project", "municipality_code", "share", "rule"])
    return Projects(table.assign(edition=UNKNOWN_EDITION, mission=pd.NA, drivers=""), places, SOURCE, ())


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
        attribute("cup,driver\na,1\nA,1\n")


def test_a_project_may_have_several_drivers_of_its_edition(attribute: Callable[[str], pd.DataFrame]) -> None:
    told = attribute("cup,driver,edizione\nA,1,\nA,2,\nD,3,\nD,5,2022-2024\n").to_numpy().tolist()
    assert told == [["A", 1, "2022-2024"], ["A", 2, "2022-2024"], ["D", 3, "2022-2024"], ["D", 5, "2022-2024"]]


def test_an_attribution_may_give_the_edition_that_the_register_lacks(attribute: Callable[[str], pd.DataFrame]) -> None:
    told = attribute("cup,driver,edizione\nD,3,2022-2024\nE,3,\nA,1,2022-2024\n")
    assert told.to_numpy().tolist() == [["D", 3, "2022-2024"], ["E", 3, UNKNOWN_EDITION], ["A", 1, "2022-2024"]]
    own = pd.DataFrame(
        [("B", "2025-2027", 2, "registro"), ("D", UNKNOWN_EDITION, 4, "registro")],
        columns=["project", "edition", "driver", "driver_basis"],
    )
    registered = Projects(REGISTERED.assign(drivers=["", "2", "", "4", ""]), pd.DataFrame(), SOURCE, (), own)
    mine = attributed(registered, told)
    assert mine.projects["edition"].to_list() == ["2022-2024", "2025-2027", "2025-2027", "2022-2024", UNKNOWN_EDITION]
    assert mine.projects["drivers"].to_list() == ["1", "2", "", "3", "3"]
    assert mine.drivers.to_numpy().tolist() == [
        ["A", "2022-2024", 1, "tabella dell'ente"],
        ["B", "2025-2027", 2, "registro"],
        ["D", "2022-2024", 3, "tabella dell'ente"],
        ["E", UNKNOWN_EDITION, 3, "tabella dell'ente"],
    ]


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("cup,driver\nX,1\n", 2, "project “X” is not in the register"),
        ("cup,driver\nA,1\nA,01\n", 3, "project “A” is attributed to driver 01 already"),
        (
            "cup,driver,edizione\nD,1,2022-2024\nD,2,2025-2027\n",
            3,
            "project “D” is of 2025-2027 here and of 2022-2024 on another row",
        ),
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
        attribute("cup,driver\nX,1\nA,11\nB,2\nB,2\n")
    assert [fault.row for fault in error.value.faults] == [2, 3, 5]


@pytest.mark.parametrize(
    ("codes", "links", "edition"),
    [
        ("M5C2I2.04.00", [(9, "lettura")], ""),
        ("M5C2I2.01.00", [(2, "documento"), (9, "lettura")], ""),
        ("M5C2I2.03.01", [(3, "documento")], "2022-2024"),
        ("M5C2I20.01", [], ""),
        ("M1C1I1.04.01; M1C1I1.02.00", [(1, "lettura")], ""),
        ("M1C1I1.04.01; M5C2I2.01.00", [(1, "lettura"), (2, "documento"), (9, "lettura")], ""),
        ("M1C1I1.04.01; M5C2I2.03.01", [(1, "lettura"), (3, "documento")], "2022-2024"),
        ("M5C2I2.03.01; M6C1I1.01.00", [], ""),
        ("", [], ""),
    ],
)
def test_the_closest_measures_attribute_a_project(codes: str, links: list[tuple[int, str]], edition: str) -> None:
    found = attribute_by_measure(financed(("P", codes, "")), MEASURE_DRIVERS, MEASURE_GOALS)
    assert found.drivers.to_numpy().tolist() == [["P", edition, *link] for link in links]
    assert found.projects["drivers"].to_list() == [", ".join(str(driver) for driver, _ in links)]
    assert found.projects["edition"].to_list() == [edition]


def test_the_offices_table_goes_before_what_measures_say_also_with_several_drivers(
    tmp_path: Path, plans: tuple[Plan, ...]
) -> None:
    registered = financed(("P", "M5C2I2.01.00", ""), ("Q", "M5C2I2.01.00", ""))
    (tmp_path / "t.csv").write_text("cup,driver\nP,1\nP,9\n", "utf-8")
    told = attributed(registered, read_attribution(tmp_path / "t.csv", registered.projects, plans))
    found = attribute_by_measure(told, MEASURE_DRIVERS, MEASURE_GOALS)
    assert found.drivers[["project", "driver", "driver_basis"]].to_numpy().tolist() == [
        ["P", 1, "tabella dell'ente"],
        ["P", 9, "tabella dell'ente"],
        ["Q", 2, "documento"],
        ["Q", 9, "lettura"],
    ]
    assert found.projects["drivers"].to_list() == ["1, 9", "2, 9"]


def test_goals_are_those_of_the_closest_measure_and_of_the_body_that_the_text_names() -> None:
    rows = (("P", "M5C2I2.03.01", ""), ("C", "M4C1I3.03.00", "citta_metropolitana"), ("M", "M4C1I3.03.00", "comune"))
    found = attribute_by_measure(financed(*rows), MEASURE_DRIVERS, MEASURE_GOALS).goals
    assert found.to_numpy().tolist() == [
        ["C", "2025-2027", 4, 6, "documento"],
        ["P", "2022-2024", 5, 7, "documento"],
        ["P", "2025-2027", 5, 6, "documento"],
    ]
    both = attribute_by_measure(financed(("P", "M5C2I2.03.01; M5C2I2.01.00", "")), MEASURE_DRIVERS, MEASURE_GOALS)
    assert both.goals["number"].to_list() == [7, 9, 6]
