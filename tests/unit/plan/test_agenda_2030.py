"""Italia Domani's mapping to the 2030 Agenda: what is read, and what projects, drivers and goals reach by it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.core.errors import TableError
from psttm_geo.plan.agenda_2030 import Agenda, driver_targets, goal_targets, project_targets, read_agenda

HEADER = "Codice Univoco submisura;PREVALENTE;DES_INDICATORE;INDICATOR;TARGET;DES_TARGET;GOAL;DES_GOAL"

Read = Callable[[Sequence[str]], Agenda]


def mapped(code: str = "M5C2I2.03.01", target: str = "11.1", goal: str = "11", **cells: str) -> str:
    said = {"prevalent": "si", "bes": "Abitazioni"} | cells
    return f"{code};{said['prevalent']};{said['bes']};11.1.1;{target};Alloggi;{goal};Città"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(rows: Sequence[str], header: str = HEADER) -> Agenda:
        path = tmp_path / "mappatura.csv"
        path.write_text("\n".join([header, *rows, ""]), "utf-8-sig")
        return read_agenda(path)

    return read


def projects(*codes: str) -> pd.DataFrame:
    """Make projects P0, P1, ... of driver 2, the last one of driver 3."""
    count = len(codes)
    return pd.DataFrame(
        {
            "project": [f"P{number}" for number in range(count)],
            "title": "Bosco",
            "edition": "B",
            "driver": pd.array([2] * (count - 1) + [3], "Int64"),
            "amount_eur": 10.0,
            "submeasure": codes,
        }
    )


DRIVERS = pd.DataFrame(
    [("A", 2, "Verde", False), ("B", 2, "Blu", False), ("B", 3, "Altro", True)],
    columns=["edition", "driver", "title_it", "same_in_all"],
)


def test_a_row_says_the_target_of_a_sub_measure(read: Read) -> None:
    found = read([mapped(), mapped(prevalent="no", target="n.c.", goal="1")])
    assert found.targets[["submeasure", "sdg_goal", "sdg_target", "prevalent"]].to_numpy().tolist() == [
        ["M5C2I2.03.01", 11, "11.1", True],
        ["M5C2I2.03.01", 1, "", False],
    ]
    assert "1, in 2 rows; rows that name a goal of the Agenda without a target: 1." in found.notices[-1].en


def test_several_indicators_of_a_target_are_one_row(read: Read) -> None:
    found = read([mapped(prevalent="no"), mapped(bes="Rumore"), mapped(bes="Rumore")])
    row = found.targets.iloc[0].to_dict()
    assert (len(found.targets), row["bes_indicator"], row["prevalent"]) == (1, "Abitazioni; Rumore", True)


def test_all_faults_are_listed_with_their_row_and_nothing_is_loaded(read: Read) -> None:
    rows = [
        mapped(),
        mapped(code="X1"),
        mapped(goal="18"),
        mapped(target="7.1"),
        mapped(target="tanto"),
        mapped(goal=""),
    ]
    with pytest.raises(TableError) as refused:
        read(rows)
    assert [fault.row for fault in refused.value.faults] == [3, 4, 5, 6, 7]
    with pytest.raises(TableError, match="mancano le colonne"):
        read(["1;2"], header="codice univoco submisura;goal")


def test_a_project_reaches_the_targets_of_each_of_its_sub_measures_and_the_link_is_derived(read: Read) -> None:
    agenda = read([mapped(), mapped("M2C4I3.01.00", "15.2", "15")])
    found = project_targets(projects("M2C4I3.01.00; M5C2I2.03.01", "M5C2I2.03.01", "M1C1I1.01.00"), agenda)
    assert found[["project", "sdg_target", "target_link"]].to_numpy().tolist() == [
        ["P0", "15.2", "derivato"],
        ["P0", "11.1", "derivato"],
        ["P1", "11.1", "derivato"],
    ]


def test_a_driver_reaches_what_its_projects_reach_in_its_own_edition(read: Read) -> None:
    agenda = read([mapped(target="11.10"), mapped(target="11.2"), mapped(target="n.c."), mapped("M5C2I2.03.02")])
    mine = projects("M5C2I2.03.01", "M5C2I2.03.02; M5C2I2.03.01", "M1C1I1.01.00")
    found = driver_targets(project_targets(mine, agenda), mine, mine, DRIVERS)
    assert set(found["edition"]) == {"B"}, "in edition A the number stands for another driver"
    assert set(found["driver"]) == {2}, "no project of driver 3 has a sub-measure that is mapped"
    assert found["sdg_target"].drop_duplicates().to_list() == ["", "11.1", "11.2", "11.10"]
    assert found.groupby("sdg_target")["project"].agg(list).to_dict() == {
        "": ["P0", "P1"],
        "11.1": ["P1"],
        "11.2": ["P0", "P1"],
        "11.10": ["P0", "P1"],
    }
    doubtful = mine.assign(edition="")
    assert not driver_targets(project_targets(doubtful, agenda), doubtful, doubtful, DRIVERS)["certain"].any()


def test_a_project_of_two_drivers_reaches_its_targets_for_each_and_counts_once_for_a_goal(read: Read) -> None:
    mine = projects("M5C2I2.03.01")
    links = pd.concat([mine.assign(driver=2), mine], ignore_index=True)
    reached = driver_targets(project_targets(mine, read([mapped()])), mine, links, DRIVERS)
    assert reached[["edition", "driver", "sdg_target", "project"]].to_numpy().tolist() == [
        ["B", 2, "11.1", "P0"],
        ["B", 3, "11.1", "P0"],
    ]
    goals = pd.DataFrame([("B", 2, 1, 1), ("B", 3, 1, 1)], columns=["edition", "driver", "mission", "number"])
    assert goal_targets(reached, goals)[["drivers", "projects"]].to_numpy().tolist() == [["2; 3", 1]]


def test_goals_reach_what_their_drivers_reach(read: Read) -> None:
    mine = projects("M5C2I2.03.01", "M5C2I2.03.01", "M5C2I2.03.01")
    reached = driver_targets(project_targets(mine, read([mapped()])), mine, mine, DRIVERS)
    goals = pd.DataFrame(
        [("B", 2, 1, 1), ("B", 3, 1, 1), ("B", 3, 1, 2), ("A", 2, 1, 3)],
        columns=["edition", "driver", "mission", "number"],
    )
    found = goal_targets(reached, goals)
    assert found[["number", "sdg_target", "drivers", "projects", "target_link"]].to_numpy().tolist() == [
        [1, "11.1", "2; 3", 3, "derivato"],
        [2, "11.1", "3", 1, "derivato"],
    ]
