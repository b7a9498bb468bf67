"""Registers of projects: the office's own table or OpenCUP's list of places, and their attribution to drivers."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from psttm_geo.errors import TableError
from psttm_geo.model.projects import Projects
from psttm_geo.sources import office_projects, opencup
from psttm_geo.sources.tables import cell_fault, parse_whole, read_rows

_CENTS = 2

_DRIVERS = range(1, 11)


def read_projects(
    path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame, editions: Sequence[str]
) -> Projects:
    """Read a register of projects: the office's own, or OpenCUP's file of places.

    Parameters
    ----------
    path
        CSV (comma or semicolon, UTF-8 or Windows) or XLSX (first sheet).
    municipalities
        The territory: ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: ``municipality_code``, ``successor_code``.
    editions
        Identifiers of the editions, the latest last: it is that of projects that name none.

    Returns
    -------
    Projects
        Whole: a register with any fault is not loaded at all.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row.
    """
    rows = read_rows(path, decimals=_CENTS)
    read = opencup.read_opencup if set(opencup.COLUMNS) <= set(rows.columns) else office_projects.read_office
    return read(path, rows, municipalities, predecessors, editions)


def read_attribution(path: Path, projects: pd.DataFrame) -> pd.DataFrame:
    """Read the office's table that attributes projects to drivers.

    Parameters
    ----------
    path
        CSV or XLSX with the columns ``cup`` and ``driver``.
    projects
        ``project``: the codes that can be attributed.

    Returns
    -------
    DataFrame
        ``project``, ``driver`` (whole number).

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row: missing columns, unknown project, unknown driver, a project twice.
    """
    rows = read_rows(path)
    missing = [name for name in ("cup", "driver") if name not in rows.columns]
    if missing:
        raise TableError([office_projects.missing_columns(path, missing, ("cup", "driver"))])
    known, seen = set(projects["project"]), set()
    faults, attributed = [], []
    for row, cup, driver in zip(rows.index, rows["cup"], rows["driver"], strict=True):
        if cup not in known:
            faults.append(
                cell_fault(
                    path, row, f"il progetto «{cup}» non è nel registro", f"project “{cup}” is not in the register"
                )
            )
        if cup in seen:
            faults.append(
                cell_fault(path, row, f"il progetto «{cup}» è già attribuito", f"project “{cup}” is attributed already")
            )
        number = parse_whole(driver)
        if number not in _DRIVERS:
            faults.append(
                cell_fault(
                    path,
                    row,
                    f"driver «{driver}» sconosciuto, atteso 1-10",
                    f"unknown driver “{driver}”, expected 1-10",
                )
            )
        seen.add(cup)
        attributed.append({"project": cup, "driver": number})
    if faults:
        raise TableError(faults)
    return pd.DataFrame(attributed, columns=["project", "driver"]).astype({"driver": "Int64"})
