"""Registers of projects: the office's own table or OpenCUP's list of places, and their attribution to drivers."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.messages import gettext
from psttm_geo.core.spreadsheets import cell_fault, parse_identifier, parse_whole, read_table
from psttm_geo.plan import office_projects, opencup
from psttm_geo.plan.editions import with_numbers
from psttm_geo.plan.project_records import BY_DOCUMENT, BY_OFFICE, BY_READING, UNKNOWN_EDITION, Projects, with_drivers
from psttm_geo.plan.records import Plan
from psttm_geo.schema.code_lists import GOAL_KEY
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


def attribute(registered: Projects, attribution: pd.DataFrame) -> Projects:
    """Return a register with the drivers and editions that :func:`read_attribution` gives to its projects."""
    return with_drivers(registered, attribution.assign(driver_basis=BY_OFFICE))


def attribute_by_measure(registered: Projects, drivers: pd.DataFrame, goals: pd.DataFrame) -> Projects:
    """Return a register with the drivers and goals that the measures stand for which finance its projects.

    A row holds for a measure and all its sub-measures, unless rows of another one name them more closely. A project of
    several sub-measures has what each of them stands for.

    Parameters
    ----------
    registered
        A register; a project that has drivers keeps them.
    drivers
        The table ``measure_drivers.csv``: rows of a measure are of one edition, which becomes the project's, or of
        none. A project whose measures are of different editions is not attributed.
    goals
        The table ``measure_goals.csv``. A row with a ``body_kind`` holds for the projects of such a body only.
    """
    rows = registered.projects
    found = _of_measures(rows[rows["drivers"] == ""], drivers.rename(columns={"edition": "named"}))
    named = found["named"].mask(found["named"] == "").groupby(found["project"])
    found = found.assign(edition=named.transform("first").fillna(found["edition"]))
    links = found[named.transform("nunique") <= 1].astype({"driver": "int64"}).rename(columns={"basis": "driver_basis"})
    goal_links = _of_measures(rows.drop(columns=["edition", "mission"]), goals.rename(columns={"body_kind": "asked"}))
    theirs = (goal_links["asked"] == "") | (goal_links["asked"] == goal_links["body_kind"])
    columns = ["project", *GOAL_KEY]
    goal_links = goal_links[theirs].drop_duplicates(columns).rename(columns={"basis": "goal_basis"})
    return dataclasses.replace(
        with_drivers(registered, links.drop_duplicates(["project", "driver"])),
        goals=with_numbers(goal_links[[*columns, "goal_basis"]]).sort_values(columns, ignore_index=True),
    )


def _of_measures(projects: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Pair projects with the rows of the closest measure of each of their codes; what documents say comes first."""
    codes = projects.assign(code=projects["submeasure"].str.split("; ")).explode("code")
    known = set(measures["measure"])
    closest = {code: next(filter(known.__contains__, _and_above(code)), None) for code in codes["code"].unique()}
    pairs = codes.assign(measure=codes["code"].map(closest)).dropna(subset="measure")
    found = pairs.merge(measures, on="measure", validate="m:m").sort_values("basis", kind="stable")
    return found.assign(basis=found["basis"].map({"document": BY_DOCUMENT, "editorial": BY_READING}))


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
        ``project``, ``driver`` (whole number), ``edition`` (the table's, else the register's); a project has one row
        for each of its drivers.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row: missing columns, unknown project, edition or driver, a project twice with the
        same driver, an edition other than the register's or that of another row of the project.
    """
    table = read_table(path, ("cup", "driver", "edizione"))
    missing = [name for name in ("cup", "driver") if name not in table.rows.columns]
    if missing:
        raise TableError([office_projects.missing_columns(path, table, missing, ("cup", "driver"))])
    rows = table.rows if "edizione" in table.rows.columns else table.rows.assign(edizione="")
    editions = dict(zip(projects["project"], projects["edition"], strict=True))
    written = {project.casefold(): project for project in editions}
    cups = rows["cup"].map(parse_identifier).map(lambda cup: written.get(cup.casefold(), cup))
    said = rows.assign(cup=cups)[rows["edizione"] != ""].drop_duplicates("cup")
    told = dict(zip(said["cup"], said["edizione"], strict=True))
    reader = _AttributionReader(path, editions, told, office_projects.drivers_of(plans))
    for row, cup, driver, edition in zip(rows.index, cups, rows["driver"], rows["edizione"], strict=True):
        reader.read(int(row), cup, driver, edition)
    if reader.faults:
        raise TableError(reader.faults, rows=len(rows))
    links = pd.DataFrame(list(reader.links), columns=["project", "driver"])
    return links.assign(edition=list(reader.links.values())).astype({"driver": "Int64"})


class _AttributionReader:
    """Reads the rows of an attribution one by one; `registered` and `told` are editions by project.

    The first is what the register says, the second what the first row says that names one.
    """

    def __init__(
        self, path: Path, registered: Mapping[str, str], told: Mapping[str, str], drivers: Mapping[str, set[int]]
    ) -> None:
        self.path = path
        self.registered = registered
        self.told = told
        self.drivers = drivers
        self.links: dict[tuple[str, int | None], str] = {}
        self.faults: list[Fault] = []

    def read(self, row: int, cup: str, driver: str, told: str) -> None:
        """Take one row over."""
        registered = self.registered.get(cup, UNKNOWN_EDITION)
        edition = self.told.get(cup, registered)
        number, allowed = parse_whole(driver), office_projects.numbers_of(edition, self.drivers)
        wrong = (
            (cup not in self.registered, gettext("project “{cup}” is not in the register", cup=cup)),
            (
                (cup, number) in self.links,
                gettext("project “{cup}” is attributed to driver {driver} already", cup=cup, driver=driver),
            ),
            (bool(told) and told not in self.drivers, office_projects.unknown_edition(told, self.drivers)),
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
                bool(told) and told != edition,
                gettext(
                    "project “{cup}” is of {told} here and of {edition} on another row",
                    cup=cup,
                    told=told,
                    edition=edition,
                ),
            ),
            (
                number not in allowed,
                office_projects.unknown_number("driver", driver, edition if edition in self.drivers else "", allowed),
            ),
        )
        self.faults += [cell_fault(self.path, row, text) for found, text in wrong if found]
        self.links[cup, number] = edition
