"""Ten thousand rows with each fault in each column: every reader counts a row or lists it."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from psttm_geo.access.scenario_file import read_scenario
from psttm_geo.core.errors import TableError
from psttm_geo.plan.projects import read_attribution, read_projects
from psttm_geo.plan.records import Plan
from psttm_geo.schema.data_tables import Register
from psttm_geo.services.locations import place_register, say_fates
from psttm_geo.services.register_layouts import known_layouts
from psttm_geo.services.registers import read_register
from psttm_geo.territory.degurba_files import read_urbanisation
from psttm_geo.territory.municipalities import Residents
from psttm_geo.territory.residents import read_residents
from psttm_geo.territory.snapshot import Snapshot, read_gazetteer

ROWS = 10_000

HEADER = 3
"""A title and a blank line stand above it."""

FAULTS = (
    *("", "X", "??", "n.d.", "Totale", "# nota", "#RIF!", "#N/D", "=1+1", '="X"', "'", '"', "-", "0", "-5", "999"),
    *("7,5", "1e6", "1.2.3", "1,23,456", "12 mln", "\N{EURO SIGN}", "nan", "inf", "1_0", "\N{ARABIC-INDIC DIGIT ONE}"),
    *("31/02/2025", "2025-13-01", "2025-03-03T23:30:00Z", "015999", "058091", "01015146", "F999", "Atlantide"),
    *("Milano (RM)", "Rho; Atlantide", "\N{ZERO WIDTH SPACE}", "\N{NO-BREAK SPACE}", "due\nrighe", "a" * 5000),
)

Cells = list[list[str]]


def test_the_faults_are_forty() -> None:
    assert len(FAULTS) == len(set(FAULTS)) == 40


def spoil(rows: Cells) -> Cells:
    """Put each fault into each column of a row of its own, far from each other."""
    spoiled = [list(row) for row in rows]
    places = [(fault, column) for fault in FAULTS for column in range(len(rows[0]))]
    step = len(rows) // len(places)
    for number, (fault, column) in enumerate(places):
        spoiled[number * step + 1][column] = fault
    return spoiled


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows, by line, each where it stands: of lines that are left out, a blank one stays."""

    def write(header: Sequence[str], rows: Cells, left_out: Iterable[int] = ()) -> Path:
        path, gone = tmp_path / "register.csv", set(left_out)
        with path.open("w", encoding="utf-16", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\n")
            writer.writerows([["Elenco"], [], header])
            line = HEADER + 1
            for row in rows:
                height = 1 + sum(cell.count("\n") for cell in row)
                writer.writerows([row] if line not in gone else [[]] * height)
                line += height
        return path

    return write


def count_and_list(
    write: Callable[..., Path], header: Sequence[str], rows: Cells, count: Callable[[Path], int]
) -> tuple[int, set[int]]:
    """Read rows, leave those out that are listed as faulty, and read again until the table is taken."""
    listed: set[int] = set()
    while True:
        try:
            return count(write(header, rows, listed)), listed
        except TableError as error:
            found = error.faults
        rows_found = {fault.row for fault in found if fault.row is not None}
        assert rows_found, found
        assert rows_found.isdisjoint(listed)
        listed |= rows_found


def test_the_office_s_register(write: Callable[..., Path], register: Register, plans: tuple[Plan, ...]) -> None:
    header = ["codice", "titolo", "comuni", "edizione", "driver", "missione", "importo_eur", "stato", "data_inizio"]
    row = ["Pista", "015146; Rho", "2022-2024", "7", "4", "1.234,50", "in corso", "04/03/2025"]
    rows = spoil([[f"P{number}", *row] for number in range(ROWS)])
    gazetteer = read_gazetteer(register)
    counted, listed = count_and_list(
        write, header, rows, lambda path: len(read_projects(path, gazetteer, plans).projects)
    )
    assert counted + len(listed) == ROWS
    assert len(listed) > 100


def test_a_refusal_says_how_many_rows_have_no_fault(
    write: Callable[..., Path], register: Register, plans: tuple[Plan, ...]
) -> None:
    rows = spoil([[f"P{number}", "015146"] for number in range(ROWS)])
    with pytest.raises(TableError) as error:
        read_projects(write(["codice", "comuni"], rows), read_gazetteer(register), plans)
    listed = len({fault.row for fault in error.value.faults})
    assert f"(rows with faults {listed}, without {ROWS - listed}, in all {ROWS})" in error.value.text.en


def test_opencup_s_places(write: Callable[..., Path], register: Register, plans: tuple[Plan, ...]) -> None:
    rows = spoil([[f"P{number}", "015", "015146"] for number in range(ROWS)])
    gazetteer = read_gazetteer(register)

    def count(path: Path) -> int:
        said = " ".join(notice.en for notice in read_projects(path, gazetteer, plans).notices)
        found = re.search(r"file: (\d+); of municipalities of the territory (\d+), of others (\d+), .* (\d+)\.", said)
        assert found is not None
        whole, *parts = map(int, found.groups())
        assert whole == sum(parts)
        return whole

    counted, listed = count_and_list(write, ["CUP", "CODICE_PROVINCIA", "CODICE_COMUNE"], rows, count)
    assert counted + len(listed) == ROWS
    assert len(listed) > 10


def test_an_attribution_of_projects(write: Callable[..., Path], plans: tuple[Plan, ...]) -> None:
    rows = [[f"P{number}", "7"] for number in range(ROWS)]
    known = pd.DataFrame({"project": [code for code, _ in rows], "edition": "2022-2024"})
    counted, listed = count_and_list(
        write, ["cup", "driver"], spoil(rows), lambda path: len(read_attribution(path, known, plans))
    )
    assert counted + len(listed) == ROWS
    assert len(listed) > 70


def test_a_scenario(write: Callable[..., Path]) -> None:
    rows = spoil([["aggiungi", "farmacia", "", "Nuova", "9,19", "45,46"] for _ in range(ROWS)])
    header = ["azione", "categoria", "servizio", "nome", "lon", "lat"]
    counted, listed = count_and_list(write, header, rows, lambda path: len(read_scenario(path, ["farmacia"])))
    assert counted + len(listed) == ROWS
    assert len(listed) > 100


def test_classes_of_urbanisation(write: Callable[..., Path], zones: pd.DataFrame, predecessors: pd.DataFrame) -> None:
    mine = zones["municipality_code"].to_list()
    elsewhere = [f"{code:06}" for code in range(16_001, 16_001 + ROWS - len(mine))]
    rows = spoil([[code, "2"] for code in [*mine, *elsewhere]])

    def count(path: Path) -> int:
        said = " ".join(notice.en for notice in read_urbanisation(path, zones, predecessors).notices)
        found = re.search(r"code or a class: (\d+); of .* territory (\d+), of others (\d+), .* (\d+)\.", said)
        assert found is not None
        whole, *parts = map(int, found.groups())
        assert whole == sum(parts)
        return whole

    counted, listed = count_and_list(write, ["PRO_COM_T", "DEGURBA"], rows, count)
    assert counted + len(listed) == ROWS
    assert len(listed) > 50


def test_a_register_of_services(write: Callable[..., Path], register: Register, embedded: Snapshot) -> None:
    header = ["CODICE_FARMACIA", "DESCRIZIONE_FARMACIA", "COMUNE", "CODICE_ISTAT", "LATITUDINE", "LONGITUDINE"]
    rows = spoil([[f"MI{number}", "Comunale", "MILANO", "15.146", "45,464", "9,19"] for number in range(ROWS)])
    layouts = known_layouts(register.tables["registers.csv"], register.tables["register_categories.csv"])
    found = read_register(write(header, rows), layouts, read_gazetteer(register), ["farmacia"])
    assert len(found.services) == ROWS
    assert set(found.issues["row"]) <= set(found.services["row"])
    unlocated = set(found.services.loc[found.services.geometry.isna(), "row"])
    blank = {HEADER + 1 + place for place, row in enumerate(rows) if not "".join(row[4:]).strip()}
    assert unlocated - blank <= set(found.issues.loc[found.issues["kind"] == "unreadable_point", "row"])
    placed = place_register(found, embedded.boundaries.municipalities.assign(in_territory=True))
    whole, *parts = (int(count) for count in re.findall(r"\d+", say_fates(placed).en.partition(": ")[2]))
    assert whole == sum(parts) == ROWS
    assert len(parts) >= 3  # used, without a point, elsewhere
    used = parts[0]
    assert len(set(placed.conflicts["row"])) >= ROWS - used


def test_residents(tmp_path: Path, posas_rows: pd.DataFrame, zones: pd.DataFrame, predecessors: pd.DataFrame) -> None:
    header = ["Codice comune", "Comune", "Età", "Totale maschi", "Totale femmine"]
    rows = posas_rows[["municipality_code", "municipality", "age", "males", "females"]].astype(str).to_numpy().tolist()
    strangers = spoil(
        [[f"{number // 102 + 16_001:06}", "Altrove", f"{number % 102}", "5", "6"] for number in range(ROWS)]
    )
    strangers = [[cell.replace("\n", " ") for cell in row] for row in strangers]
    every = [*rows, *strangers]
    path = tmp_path / "posas.csv"

    def read(left_out: set[int]) -> Residents:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerows([["Popolazione al 1° gennaio 2025"], [], header])
            writer.writerows(row if line not in left_out else [] for line, row in enumerate(every, start=HEADER + 1))
        return read_residents(path, zones, predecessors)

    listed: set[int] = set()
    while True:
        try:
            said = " ".join(notice.en for notice in read(listed).notices)
            break
        except ValueError as error:
            (lines,) = re.findall(r"righe ([\d, -]+)", str(error))
            listed |= spread(lines)
    (noted,) = re.findall(r"not read: \d+ \(([\d, -]+)\)", said)
    (counted,) = re.findall(r"Rows with residents: (\d+)", said)
    assert int(counted) + len(listed | spread(noted)) == len(every)
    assert listed.isdisjoint(spread(noted))
    assert len(listed | spread(noted)) > 10


def spread(lines: str) -> set[int]:
    """Return the lines that a list such as 2, 5-8 names."""
    ends = [[int(end) for end in part.split("-")] for part in lines.strip(", ").split(", ")]
    return {line for first, *last in ends for line in range(first, (last or [first])[0] + 1)}
