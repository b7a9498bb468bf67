"""Registers of projects: the office's own table or OpenCUP's list of places, and their attribution to drivers."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.messages import gettext
from psttm_geo.core.spreadsheets import cell_fault, parse_identifier, parse_whole, read_table
from psttm_geo.plan import office_projects, opencup
from psttm_geo.plan.project_records import BY_DOCUMENT, BY_OFFICE, BY_READING, UNKNOWN_EDITION, Projects
from psttm_geo.plan.records import Plan
from psttm_geo.territory.gazetteer import Gazetteer


def read_projects(path: Path, gazetteer: Gazetteer, plans: Sequence[Plan]) -> Projects:
    """Read a register of projects: the office's own, or OpenCUP's file of places.

    Parameters
    ----------
    path
        CSV or XLSX, as :func:`psttm_geo.core.spreadsheets.read_table` reads them.
    gazetteer
        The municipalities.
    plans
        All editions; drivers and missions are theirs. The edition of a project that names none is unknown.

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
    if set(opencup.COLUMNS) <= set(table.rows.columns):
        return opencup.read_opencup(path, table, gazetteer)
    return office_projects.read_office(path, table, gazetteer, plans)


def attribute(projects: pd.DataFrame, attribution: pd.DataFrame) -> pd.DataFrame:
    """Return the projects of a register with the drivers and editions that :func:`read_attribution` gives them."""
    mine = projects.set_index("project")
    told = attribution.set_index("project")[["driver", "edition"]].assign(driver_basis=BY_OFFICE).reindex(mine.index)
    return mine.assign(**{name: told[name].fillna(mine[name]) for name in told.columns}).reset_index()


def attribute_by_measure(projects: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Return projects with the drivers that the measures stand for which finance them; what has a driver keeps it.

    Parameters
    ----------
    projects
        As :attr:`Projects.projects`.
    measures
        The table ``measure_drivers.csv``. A row holds for a measure and all its sub-measures, unless another one
        names them more closely; one without an edition holds for all.
    """
    by_measure = measures.set_index("measure").to_dict("index")
    found = {codes: _driver_of(codes, by_measure) for codes in projects.loc[projects["driver"].isna(), "submeasure"]}
    rows = projects["driver"].isna() & projects["submeasure"].map(found).notna()
    told = pd.DataFrame(projects.loc[rows, "submeasure"].map(found).to_list(), index=projects.index[rows])
    if told.empty:
        return projects
    attributed = projects.copy()
    attributed.loc[rows, "driver"] = told["driver"].astype("Int64")
    attributed.loc[rows, "driver_basis"] = told["basis"].map({"document": BY_DOCUMENT, "editorial": BY_READING})
    attributed.loc[rows, "edition"] = told["edition"].where(told["edition"] != "", attributed.loc[rows, "edition"])
    return attributed


def _driver_of(codes: str, by_measure: Mapping[Hashable, Mapping[Hashable, str]]) -> Mapping[Hashable, str] | None:
    """Return the row of the closest measure of each code, where all codes of a project mean the same driver."""
    rows = [
        next((by_measure[name] for name in _and_above(code) if name in by_measure), None) for code in codes.split("; ")
    ]
    return rows[0] if len({row and (row["driver"], row["edition"]) for row in rows}) == 1 else None


def _and_above(code: str) -> Iterator[str]:
    """Give the code of a sub-measure, then those that it is part of: M5C2I2.03.01, M5C2I2.03, M5C2I2."""
    parts = code.split(".")
    yield from (".".join(parts[:count]) for count in range(len(parts), 0, -1))


def read_attribution(path: Path, projects: pd.DataFrame, plans: Sequence[Plan]) -> pd.DataFrame:
    """Read the office's table that attributes projects to drivers.

    Parameters
    ----------
    path
        CSV or XLSX with the columns ``cup`` and ``driver``, and ``edizione`` where the office knows it.
    projects
        ``project``, ``edition``: what can be attributed.
    plans
        All editions.

    Returns
    -------
    DataFrame
        ``project``, ``driver`` (whole number), ``edition`` (the table's, else the register's).

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row: missing columns, unknown project, edition or driver, a project twice, an edition
        other than the register's.
    """
    table = read_table(path, ("cup", "driver", "edizione"))
    rows = table.rows
    missing = [name for name in ("cup", "driver") if name not in rows.columns]
    if missing:
        raise TableError([office_projects.missing_columns(path, table, missing, ("cup", "driver"))])
    editions = dict(zip(projects["project"], projects["edition"], strict=True))
    drivers = office_projects.drivers_of(plans)
    faults: list[Fault] = []
    attributed: dict[str, tuple[int | None, str]] = {}
    written = {project.casefold(): project for project in editions}
    cups = rows["cup"].map(parse_identifier).map(lambda cup: written.get(cup.casefold(), cup))
    said = rows["edizione"] if "edizione" in rows.columns else [""] * len(rows)
    for row, cup, driver, told in zip(rows.index, cups, rows["driver"], said, strict=True):
        registered = editions.get(cup, UNKNOWN_EDITION)
        edition = told or registered
        number, allowed = parse_whole(driver), office_projects.numbers_of(edition, drivers)
        wrong = (
            (cup not in editions, gettext("project “{cup}” is not in the register", cup=cup)),
            (cup in attributed, gettext("project “{cup}” is attributed already", cup=cup)),
            (bool(told) and told not in drivers, office_projects.unknown_edition(told, drivers)),
            (
                bool(told) and registered not in (told, UNKNOWN_EDITION),
                gettext(
                    "project “{cup}” is of {told} here and of {registered} in the register",
                    cup=cup,
                    told=told,
                    registered=registered,
                ),
            ),
            (
                number not in allowed,
                office_projects.unknown_number("driver", driver, edition if edition in drivers else "", allowed),
            ),
        )
        faults += [cell_fault(path, int(row), text) for found, text in wrong if found]
        attributed[cup] = (number, edition)
    if faults:
        raise TableError(faults, rows=len(rows))
    return pd.DataFrame(
        {
            "project": list(attributed),
            "driver": pd.array([number for number, _ in attributed.values()], dtype="Int64"),
            "edition": [edition for _, edition in attributed.values()],
        }
    )
