"""Fixtures for the readers of tables."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from psttm_geo.analysis.plans import build_plans
from psttm_geo.errors import TableError
from psttm_geo.model.plan import Plan
from psttm_geo.model.projects import Projects
from psttm_geo.sources.projects import read_projects
from psttm_geo.sources.registry import Register


@pytest.fixture(scope="session")
def plans(register: Register) -> tuple[Plan, ...]:
    """Give the two editions; the later one with eight drivers and, after a gap, two more and a seventh mission."""
    before, after = build_plans(register.tables, ())
    return before, dataclasses.replace(
        after,
        drivers=pd.DataFrame({"driver": [1, 2, 3, 4, 5, 6, 7, 8, 11, 12]}),
        missions=pd.DataFrame({"mission": range(1, 8)}),
    )


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Write a table from text, bytes or the rows of a sheet."""

    def table(content: object, name: str = "register.csv") -> Path:
        path = tmp_path / name
        if isinstance(content, str):
            path.write_text(content, "utf-8")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, list):
            book = openpyxl.Workbook()
            for row in content:
                book.active.append(row)
            book.save(path)
        return path

    return table


@pytest.fixture
def projects_of(
    table: Callable[..., Path], zones: pd.DataFrame, predecessors: pd.DataFrame, plans: tuple[Plan, ...]
) -> Callable[..., Projects]:
    """Read a register of projects from text, bytes or the rows of a sheet."""

    def projects_of(content: object, name: str = "register.csv") -> Projects:
        return read_projects(table(content, name), zones, predecessors, plans)

    return projects_of


@pytest.fixture
def faults_of(projects_of: Callable[..., Projects]) -> Callable[..., list[tuple[int | None, str]]]:
    """Give row and English words of every fault of a register."""

    def faults_of(content: object, name: str = "register.csv") -> list[tuple[int | None, str]]:
        with pytest.raises(TableError) as error:
            projects_of(content, name)
        assert all(fault.file == name for fault in error.value.faults)
        assert all(fault.text.it != fault.text.en for fault in error.value.faults)
        return [(fault.row, fault.text.en) for fault in error.value.faults]

    return faults_of
