from collections.abc import Callable

import pandas as pd
import pytest

from psttm_geo.schema.checks import cross_faults

Tables = dict[str, pd.DataFrame]


def table(header: str, *rows: str) -> pd.DataFrame:
    return pd.DataFrame([row.split(",") for row in rows], columns=header.split(","), dtype="str")


@pytest.fixture
def tables() -> Tables:
    """Give a territory of three municipalities, one zona omogenea and Milano, one union in one edition."""
    return {
        "zone_names.csv": table("number,zone", "1,Est", "2,Milano"),
        "zones.csv": table(
            "municipality_code,municipality,zone,written_as",
            "015001,Alfa,Est,",
            "015002,Beta,Est,",
            "015146,Milano,Milano,",
        ),
        "unions.csv": table(
            "edition,union,municipality_code,municipality,written_as", "a,U,015001,Alfa,", "a,U,015002,Beta,"
        ),
        "predecessors.csv": table("municipality_code,municipality,successor_code,successor", "015000,Old,015001,Alfa"),
        "editions.csv": table(
            "edition,first_year,last_year,municipality_count,zone_count,union_count,source", "a,2022,2024,3,1,1,doc"
        ),
        "sources.csv": table("source", "doc"),
    }


@pytest.fixture
def municipalities(tables: Tables) -> pd.DataFrame:
    return tables["zones.csv"][["municipality_code", "municipality"]].copy()


def test_tables_that_agree_have_no_fault(tables: Tables, municipalities: pd.DataFrame) -> None:
    assert cross_faults(tables, municipalities) == []


def test_no_edition_at_all_is_one_fault(tables: Tables, municipalities: pd.DataFrame) -> None:
    emptied = {name: tables[name].iloc[:0] for name in ("editions.csv", "unions.csv")}
    (fault,) = cross_faults({**tables, **emptied}, municipalities)
    assert (fault.file, fault.row) == ("editions.csv", None)
    assert fault.text.en == "there is no edition; add the row of at least one."


def put(name: str, row: int, column: str, value: str) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        tables[name].loc[row, column] = value

    return spoil


def repeat(name: str, row: int, **values: str) -> Callable[[Tables], None]:
    def spoil(tables: Tables) -> None:
        again = tables[name].iloc[[row]].assign(**values)
        tables[name] = pd.concat([tables[name], again], ignore_index=True)

    return spoil


@pytest.mark.parametrize(
    ("spoil", "file", "line", "said"),
    [
        (put("zones.csv", 1, "zone", "Sud"), "zones.csv", 3, "unknown zone “Sud”; write one of: Est, Milano."),
        (put("zones.csv", 1, "municipality", "Betta"), "zones.csv", 3, "015002 is called “Beta”, found “Betta”"),
        (put("zones.csv", 1, "municipality_code", "015999"), "zones.csv", 3, "015999 (Beta) unknown to the boundaries"),
        (put("zones.csv", 1, "municipality_code", "015999"), "zones.csv", None, "Beta (015002) is missing"),
        (repeat("zones.csv", 0, zone="Milano"), "zones.csv", 5, "Alfa (015001) stands in another row already"),
        (put("unions.csv", 1, "municipality_code", "015999"), "unions.csv", 3, "Beta (015999) is not in zones.csv"),
        (put("unions.csv", 1, "municipality", "Betta"), "unions.csv", 3, "015002 is called “Beta”, found “Betta”"),
        (put("unions.csv", 1, "edition", "z"), "unions.csv", 3, "unknown edition “z”; write one of: a."),
        (repeat("unions.csv", 0, union="V"), "unions.csv", 4, "Alfa is in a union of edition a already"),
        (
            put("editions.csv", 0, "municipality_count", "9"),
            "editions.csv",
            2,
            "declares 9 municipalities, zones.csv has 3",
        ),
        (
            put("editions.csv", 0, "zone_count", "9"),
            "editions.csv",
            2,
            "declares 9 zone omogenee, zone_names.csv has 1",
        ),
        (
            put("editions.csv", 0, "union_count", "9"),
            "editions.csv",
            2,
            "declares 9 unioni di comuni, unions.csv has 1",
        ),
        (put("editions.csv", 0, "source", "x"), "editions.csv", 2, "the source “x” is not in sources.csv"),
        (
            put("editions.csv", 0, "last_year", "2021"),
            "editions.csv",
            2,
            "the first year 2022 comes after the last 2021",
        ),
        (put("predecessors.csv", 0, "successor_code", "015999"), "predecessors.csv", 2, "the successor Alfa (015999)"),
        (put("predecessors.csv", 0, "municipality_code", "015002"), "predecessors.csv", 2, "still in zones.csv"),
    ],
)
def test_a_contradiction_is_found_where_it_stands(
    tables: Tables,
    municipalities: pd.DataFrame,
    spoil: Callable[[Tables], None],
    file: str,
    line: int | None,
    said: str,
) -> None:
    spoil(tables)
    found = [(fault.file, fault.row) for fault in cross_faults(tables, municipalities) if said in fault.text.en]
    assert found == [(file, line)]


@pytest.mark.parametrize(
    ("numbers", "counted", "file", "said"),
    [
        (("5", "100"), "", "editions.csv", "must be told whole"),
        (("5", ""), "a,doc", "editions.csv", "must be told whole"),
        (("", ""), "a,doc", "counted_projects.csv", "“a” has no number and amount of projects"),
        (("5", "100"), "a,x", "counted_projects.csv", "the source “x” is not in sources.csv"),
    ],
    ids=["unsaid", "half a number", "no number", "no source"],
)
def test_projects_that_a_document_counts_are_told_whole(
    tables: Tables, municipalities: pd.DataFrame, numbers: tuple[str, str], counted: str, file: str, said: str
) -> None:
    tables["editions.csv"] = tables["editions.csv"].assign(project_count=numbers[0], project_amount_eur=numbers[1])
    tables["counted_projects.csv"] = table("edition,source", *filter(None, [counted]))
    faults = cross_faults(tables, municipalities)
    assert file in {fault.file for fault in faults}
    assert any(said in fault.text.en for fault in faults)


def test_projects_counted_and_told_are_no_fault(tables: Tables, municipalities: pd.DataFrame) -> None:
    tables["editions.csv"] = tables["editions.csv"].assign(project_count="5", project_amount_eur="100")
    tables["counted_projects.csv"] = table("edition,source", "a,doc")
    assert cross_faults(tables, municipalities) == []


def test_all_contradictions_are_found_at_once(tables: Tables, municipalities: pd.DataFrame) -> None:
    put("zones.csv", 0, "zone", "Sud")(tables)
    put("unions.csv", 0, "edition", "z")(tables)
    put("editions.csv", 0, "source", "x")(tables)
    assert {fault.file for fault in cross_faults(tables, municipalities)} == {"zones.csv", "unions.csv", "editions.csv"}


def test_a_municipality_may_change_union_between_editions(tables: Tables, municipalities: pd.DataFrame) -> None:
    repeat("editions.csv", 0, edition="b")(tables)
    repeat("unions.csv", 0, edition="b", union="V")(tables)
    assert cross_faults(tables, municipalities) == []


@pytest.mark.parametrize("name", ["zone_names.csv", "zones.csv", "unions.csv", "predecessors.csv", "editions.csv"])
def test_a_table_that_cannot_be_read_silences_only_its_own_rules(
    tables: Tables, municipalities: pd.DataFrame, name: str
) -> None:
    del tables[name]
    assert cross_faults(tables, municipalities) == []


def test_without_the_snapshot_the_other_rules_still_hold(tables: Tables) -> None:
    put("zones.csv", 0, "zone", "Sud")(tables)
    assert [fault.row for fault in cross_faults(tables, None)] == [2]


def test_an_age_band_walks_with_one_profile_only() -> None:
    speeds = "speed_m_s,slowest_m_s,fastest_m_s"
    profiles = table(
        f"profile,bands,{speeds}",
        "slow,residents_65_74,1,1,1",
        "quick,residents_15_64 residents_65_74,1,1,1",
        "other,,1,1,1",
    )
    (fault,) = cross_faults({"profiles.csv": profiles}, None)
    assert (fault.file, fault.row) == ("profiles.csv", 3)
    assert fault.text.en.startswith("the band residents_65_74 walks as slow already; write it once")
    twice = table(f"profile,bands,{speeds}", "slow,residents_65_74 residents_65_74,1,1,1")
    assert [fault.row for fault in cross_faults({"profiles.csv": twice}, None)] == [2]


def test_a_speed_lies_within_its_published_spread() -> None:
    profiles = table(
        "profile,bands,speed_m_s,slowest_m_s,fastest_m_s", "even,,1,1,1", "quick,,1.2,1,1.1", "slow,,1.2,1.21,1.3"
    )
    faults = cross_faults({"profiles.csv": profiles}, None)
    assert [fault.row for fault in faults] == [3, 4]
    assert faults[0].text.en == (
        "the speed 1.2 does not lie between the slowest, 1, and the fastest, 1.1; correct the three of them."
    )
