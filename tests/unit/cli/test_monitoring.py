"""The register of implementation from the command line: what goes in comes back, and a fault leaves all as it was."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from psttm_geo.plan.monitoring_tables import TABLES, written_names

Run = Callable[..., Any]

EXAMPLE = Path(__file__).parents[1] / "jobs" / "monitoring_SINTETICO"

DAY = ("--today", "2026-07-15")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_template_has_the_columns_of_its_table(run: Run, tmp_path: Path, table: str, suffix: str) -> None:
    path = tmp_path / f"vuota{suffix}"
    assert run("monitoring", "template", table, "-o", path) == (0, f"{path}\n", "")
    if suffix == ".csv":
        header = path.read_text("utf-8").splitlines()[0].split(",")
    else:
        header = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][1]]
    assert header == written_names(table)


def test_a_template_of_another_form_is_refused(run: Run, tmp_path: Path) -> None:
    outcome = run("monitoring", "template", "milestones", "-o", tmp_path / "traguardi.ods")
    assert outcome.code == 2
    assert "traguardi.ods" in outcome.err
    assert ".csv o .xlsx" in outcome.err
    assert list(tmp_path.glob("*.ods")) == []


def test_sheets_are_of_the_municipalities_asked_for(run: Run, tmp_path: Path) -> None:
    asked = ("--municipality", "Rozzano", "--municipality", "015118")
    outcome = run("monitoring", "template", "sheets", "-o", tmp_path / "schede", *asked)
    assert outcome.code == 0
    assert outcome.out.endswith(": 2.\n")
    assert sorted(path.name[4:10] for path in (tmp_path / "schede").iterdir()) == ["015118", "015189"]
    refused = run("monitoring", "template", "sheets", "-o", tmp_path / "altre", "--municipality", "Torino")
    assert refused.code == 2
    assert "Torino" in refused.err
    assert not (tmp_path / "altre").exists()


def test_what_is_added_is_told_and_comes_back_as_it_was(run: Run, tmp_path: Path) -> None:
    outcome = run("monitoring", "add", EXAMPLE)
    assert outcome.code == 0
    assert [line.split(",")[0] for line in outcome.out.splitlines()] == [
        "agreements: 3",
        "dup_links: 2",
        "milestones: 4",
        "indicators: 1",
        "observations: 3",
        "updates: 2",
    ]
    assert run("monitoring", "export", "-o", tmp_path / "tavole").code == 0
    for path in sorted(EXAMPLE.glob("*.csv")):
        assert (tmp_path / "tavole" / path.name).read_bytes() == path.read_bytes()
    one = tmp_path / "traguardi.xlsx"
    assert run("monitoring", "export", "milestones", "-o", one) == (0, f"{one}\n", "")
    assert openpyxl.load_workbook(one).worksheets[0].max_row == 5
    two = run("monitoring", "export", "-o", tmp_path / "tutte.csv")
    assert two.code == 2
    assert "milestones" in two.err


def test_status_says_what_is_due_on_a_day_to_people_and_machines(run: Run) -> None:
    run("monitoring", "add", EXAMPLE)
    said = run("monitoring", "status", *DAY, "--since", "2026-02-01")
    assert said.code == 0
    assert "SINTETICO-M1" in said.out
    assert "SINTETICO: seconda nota" in said.out
    assert "SINTETICO: prima nota\n" not in said.out
    told = json.loads(run("monitoring", "status", *DAY, "--json").out)
    assert "SINTETICO-M1" in json.dumps(told)


def test_a_fault_leaves_the_register_as_it_was(run: Run, tmp_path: Path) -> None:
    run("monitoring", "add", EXAMPLE)
    folder = tmp_path / "nuove"
    shutil.copytree(EXAMPLE, folder)
    for name, old, new in (
        ("milestones", "T2 2026", "T7 2026"),
        ("agreements", "SINTETICO-I2,patto", "SINTETICO-I2,boh"),
    ):
        path = folder / f"{name}.csv"
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    outcome = run("monitoring", "add", folder)
    assert outcome.code == 2
    assert "milestones.csv" in outcome.err
    assert "agreements.csv" in outcome.err
    assert "Traceback" not in outcome.err
    run("monitoring", "export", "-o", tmp_path / "tavole")
    assert (tmp_path / "tavole" / "milestones.csv").read_bytes() == (EXAMPLE / "milestones.csv").read_bytes()


def test_without_rows_there_is_nothing_to_export(run: Run, tmp_path: Path) -> None:
    outcome = run("monitoring", "export", "-o", tmp_path / "tavole")
    assert outcome.code == 2
    assert "psttm-geo monitoring add" in outcome.err
    assert not (tmp_path / "tavole").exists()
