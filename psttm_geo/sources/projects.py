"""Registers of projects: the office's own table or OpenCUP's list of places, and their attribution to drivers."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from psttm_geo.errors import Fault, TableError, Text
from psttm_geo.model.gazetteer import Gazetteer
from psttm_geo.model.plan import Plan
from psttm_geo.model.projects import Projects
from psttm_geo.sources import office_projects, opencup
from psttm_geo.sources.tables import cell_fault, parse_identifier, parse_whole, read_table


def read_projects(path: Path, gazetteer: Gazetteer, plans: Sequence[Plan]) -> Projects:
    """Read a register of projects: the office's own, or OpenCUP's file of places.

    Parameters
    ----------
    path
        CSV or XLSX, as :func:`psttm_geo.sources.tables.read_table` reads them.
    gazetteer
        The municipalities.
    plans
        All editions, the latest last: it is that of projects that name none. Drivers and missions are theirs.

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
    columns = (*office_projects.TEMPLATE, *opencup.COLUMNS)
    table = read_table(path, columns, amounts=("importo_eur",))
    read = opencup.read_opencup if set(opencup.COLUMNS) <= set(table.rows.columns) else office_projects.read_office
    return read(path, table, gazetteer, plans)


def read_attribution(path: Path, projects: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """Read the office's table that attributes projects to drivers.

    Parameters
    ----------
    path
        CSV or XLSX with the columns ``cup`` and ``driver``.
    projects
        ``project``, ``edition``: what can be attributed.
    plans
        All editions.

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
    table = read_table(path, ("cup", "driver"))
    rows = table.rows
    missing = [name for name in ("cup", "driver") if name not in rows.columns]
    if missing:
        raise TableError([office_projects.missing_columns(path, table, missing, ("cup", "driver"))])
    editions = dict(zip(projects["project"], projects["edition"], strict=True))
    drivers = office_projects.drivers_of(plans)
    faults: list[Fault] = []
    attributed: dict[str, int | None] = {}
    for row, cup, driver in zip(rows.index, rows["cup"].map(parse_identifier), rows["driver"], strict=True):
        edition = editions.get(cup, "")
        number, allowed = parse_whole(driver), office_projects.numbers_of(edition, drivers)
        wrong = (
            (
                cup not in editions,
                Text(f"il progetto «{cup}» non è nel registro", f"project “{cup}” is not in the register"),
            ),
            (
                cup in attributed,
                Text(f"il progetto «{cup}» è già attribuito", f"project “{cup}” is attributed already"),
            ),
            (number not in allowed, office_projects.unknown_number("driver", driver, edition, allowed)),
        )
        faults += [cell_fault(path, int(row), *said) for found, said in wrong if found]
        attributed[cup] = number
    if faults:
        raise TableError(faults, rows=len(rows))
    return pd.DataFrame({"project": list(attributed), "driver": pd.array(list(attributed.values()), dtype="Int64")})
