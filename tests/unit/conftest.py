"""Fixtures for the readers of tables."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

from psttm_geo.core.errors import TableError
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.extract_records import Extract
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.project_records import Projects
from psttm_geo.plan.projects import read_projects
from psttm_geo.plan.records import Plan
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.snapshot import read_gazetteer


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
def projects_of(table: Callable[..., Path], register: Register, plans: tuple[Plan, ...]) -> Callable[..., Projects]:
    """Read a register of projects from text, bytes or the rows of a sheet."""

    def projects_of(content: object, name: str = "register.csv") -> Projects:
        return read_projects(table(content, name), read_gazetteer(register), plans)

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


class Town:
    """Reads towns drawn in metres beside a straight street of a kilometre along their southern edge."""

    def __init__(self, write_osm: Callable[..., Path], tables: TagTables) -> None:
        self._write, self._tables = write_osm, tables

    def __call__(
        self,
        nodes: dict[int, tuple[object, ...]],
        ways: dict[int, tuple[list[int], dict[str, str]]] | None = None,
        relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] | None = None,
        territory: gpd.GeoDataFrame | None = None,
    ) -> Extract:
        street = {1: (0, 0), 2: (1000, 0)}
        path = self._write({**street, **nodes}, {7: ([1, 2], {"highway": "residential"}), **(ways or {})}, relations)
        return read_extract(path, self._tables, "sum", territory=territory)

    @staticmethod
    def square(first: int, x: float, y: float, size: float) -> tuple[dict[int, tuple[float, float]], list[int]]:
        """Give the nodes of a square, numbered from `first`, and the way around it."""
        corners = {first: (x, y), first + 1: (x + size, y), first + 2: (x + size, y + size), first + 3: (x, y + size)}
        return corners, [*corners, first]

    @staticmethod
    def found(extract: Extract) -> list[tuple[str, str, int]]:
        """Give category, type and identifier of all services."""
        rows = extract.services
        return sorted(zip(rows["category"], rows["osm_type"], rows["osm_id"], strict=True))

    @staticmethod
    def entrances(extract: Extract, osm_id: int) -> tuple[set[str], list[tuple[float, float]]]:
        """Give the kinds of access of a service, and its points in metres."""
        (row,) = extract.services.index[extract.services["osm_id"] == osm_id]
        mine = extract.entrances[extract.entrances["service"] == row]
        points = zip(mine["x"] - 514_000, mine["y"] - 5_034_000, strict=True)
        return set(mine["access"]), sorted((round(x, 1) + 0.0, round(y, 1) + 0.0) for x, y in points)


@pytest.fixture
def osm_town(write_osm: Callable[..., Path], tag_tables: TagTables) -> Town:
    """Read small towns."""
    return Town(write_osm, tag_tables)
