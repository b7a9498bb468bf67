from collections.abc import Callable

from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects

Reader = Callable[..., Projects]

OPENCUP = "CUP,CODICE_PROVINCIA,CODICE_COMUNE\n"


def test_opencup_is_projects_not_attributed_by_municipality(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015146\nA,015,015118\nB,017,017029\nA,017,017029\nA,015,015146\n")
    assert found.projects["project"].to_list() == ["A"]
    assert found.projects[["mission", "amount_eur"]].isna().all(axis=None)
    assert found.drivers.empty
    assert found.projects["edition"].to_list() == [UNKNOWN_EDITION]
    assert found.places[["project", "municipality_code"]].to_numpy().tolist() == [["A", "015146"], ["A", "015118"]]
    assert [notice.en for notice in found.notices] == [
        "1 project lies outside the territory and was left out.",
        "Rows of the file: 5; of municipalities of the territory 3, of others 2, of whole provinces 0.",
    ]


def test_opencup_projects_elsewhere_are_counted_once_each(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015146\nB,017,017029\nB,017,017030\nC,017,017029\n")
    assert [notice.en for notice in found.notices] == [
        "2 projects lie outside the territory and were left out.",
        "Rows of the file: 4; of municipalities of the territory 1, of others 3, of whole provinces 0.",
    ]


def test_opencup_predecessors_are_accepted_and_said(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015235\nA,015,015246\n")
    assert found.places[["project", "municipality_code"]].to_numpy().tolist() == [["A", "015251"]]
    assert any("015235" in notice.it for notice in found.notices)
    assert found.source.publisher == "OpenCUP"


def test_opencup_says_all_that_it_left_out_and_read_otherwise(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015235\nB,017,017029\nC,015,-1\n")
    assert len(found.notices) == 4


def test_opencup_projects_of_the_whole_province_are_said_and_not_counted(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A,015,015146\nB,015,-1\nC,017,-1\n")
    assert found.projects["project"].to_list() == ["A"]
    assert [notice.en for notice in found.notices] == [
        "1 project located on the whole province: not counted by municipality.",
        "Rows of the file: 3; of municipalities of the territory 1, of others 0, of whole provinces 2.",
    ]


def test_opencup_rows_that_cannot_be_read_are_all_named(faults_of: Callable[..., list]) -> None:
    found = faults_of(OPENCUP + "A,015,ATLANTIDE\n,015,015146\nB,015,015146\n,015,-1\n")
    assert [row for row, _ in found] == [2, 3, 5]
    assert all("CUP" in said for _, said in found)


def test_opencup_municipalities_are_read_as_offices_write_them(projects_of: Reader) -> None:
    found = projects_of("CUP;COD. PROV.;CODICE_COMUNE;Codice Provincia\n'A;;F205;15\nB;;03015118;15\nC;;-1;15\n")
    assert found.places[["project", "municipality_code"]].to_numpy().tolist() == [["A", "015146"], ["B", "015118"]]
    assert [notice.en for notice in found.notices] == [
        "Rows with the municipality written otherwise than by its code of six characters: 2.",
        "1 project located on the whole province: not counted by municipality.",
        "Rows of the file: 3; of municipalities of the territory 2, of others 0, of whole provinces 1.",
    ]


def test_opencup_codes_that_no_municipality_has_are_not_those_of_a_place_elsewhere(
    faults_of: Callable[..., list],
) -> None:
    found = faults_of(OPENCUP + "A,015,015999\nB,015,015146\nC,015,151460\nD,017,017029\n")
    assert [row for row, _ in found] == [2, 4]


def test_opencup_codes_that_differ_in_case_alone_are_one_project(projects_of: Reader) -> None:
    found = projects_of(OPENCUP + "A1,015,015146\na1,015,015118\n")
    assert found.projects["project"].to_list() == ["A1"]
    assert found.places[["project", "municipality_code"]].to_numpy().tolist() == [["A1", "015146"], ["A1", "015118"]]
