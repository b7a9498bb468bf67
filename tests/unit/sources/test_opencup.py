from collections.abc import Callable

from psttm_geo.model.projects import UNKNOWN_EDITION, Projects

Reader = Callable[..., Projects]

OPENCUP = "CUP,CODICE_PROVINCIA,CODICE_COMUNE\n"


def test_opencup_is_projects_not_attributed_by_municipality(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015146\nA,015,015118\nB,017,017029\nA,017,017029\nA,015,015146\n")
    assert found.projects["project"].to_list() == ["A"]
    assert found.projects[["driver", "mission", "amount_eur"]].isna().all(axis=None)
    assert found.projects["edition"].to_list() == [UNKNOWN_EDITION]
    assert found.places.to_numpy().tolist() == [["A", "015146"], ["A", "015118"]]
    assert [notice.en for notice in found.notices] == ["1 project lies outside the territory and was left out."]


def test_opencup_projects_elsewhere_are_counted_once_each(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015146\nB,017,017029\nB,017,017030\nC,017,017029\n")
    assert [notice.en for notice in found.notices] == ["2 projects lie outside the territory and were left out."]


def test_opencup_predecessors_are_accepted_and_said(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015235\nA,015,015246\n")
    assert found.places.to_numpy().tolist() == [["A", "015251"]]
    assert any("015235" in notice.it for notice in found.notices)


def test_opencup_projects_of_the_whole_province_are_said_and_not_counted(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015146\nB,015,-1\nC,017,-1\n")
    assert found.projects["project"].to_list() == ["A"]
    assert [notice.en for notice in found.notices] == [
        "1 projects located on the whole province: not counted by municipality."
    ]


def test_opencup_rows_that_cannot_be_read_are_all_named(faults_of: Callable[..., list]) -> None:
    found = faults_of(OPENCUP + "A,015,MILANO\n,015,015146\nB,015,015146\n")
    assert [row for row, _ in found] == [2, 3]
