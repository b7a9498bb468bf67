from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.errors import TableError
from psttm_geo.sources.projects import read_attribution

REGISTERED = pd.DataFrame({"project": ["A", "B", "C"]})


@pytest.fixture
def attribute(tmp_path: Path) -> Callable[[str], pd.DataFrame]:
    def attribute(text: str) -> pd.DataFrame:
        (tmp_path / "attribution.csv").write_text(text, "utf-8")
        return read_attribution(tmp_path / "attribution.csv", REGISTERED)

    return attribute


def test_an_attribution_gives_drivers_to_projects(attribute: Callable[[str], pd.DataFrame]) -> None:
    assert attribute("CUP;Driver\nB;10\nA;01\n").to_numpy().tolist() == [["B", 10], ["A", 1]]


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("cup,driver\nX,1\n", 2, "project “X” is not in the register"),
        ("cup,driver\nA,1\nA,2\n", 3, "project “A” is attributed already"),
        ("cup,driver\nA,11\n", 2, "unknown driver “11”"),
        ("cup,driver\nA,\n", 2, "unknown driver “”"),
        ("cup,driver\nA,=1\n", 2, "unknown driver “=1”"),
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
