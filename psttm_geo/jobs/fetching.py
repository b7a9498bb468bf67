"""Fetch data from their publishers."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from psttm_geo.core.errors import DownloadError, Fault, InputMissingError, TableError
from psttm_geo.core.files import output_error
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.workspace import Kind
from psttm_geo.fetch import catalogue, download
from psttm_geo.fetch.download_records import Download
from psttm_geo.jobs.registration import add_projects
from psttm_geo.plan.published_rows import open_published
from psttm_geo.project import Project
from psttm_geo.schema.code_lists import PROJECT_DOWNLOADS
from psttm_geo.territory import istat
from psttm_geo.territory import residents as residents_source

_INPUT_KINDS: dict[str, Kind] = {"istat": "boundaries", "residents": "residents"}
"""Groups that a workspace takes as an input: one file each, in force from then on."""


@dataclass(frozen=True)
class Offer:
    """A file as it would be downloaded now.

    Attributes
    ----------
    download
        What and from where.
    path
        Where it would go: the file, or for an input the folder of its copies.
    size_bytes
        As the server states it now; None where it does not.
    fault
        Why the server could not be asked; None when it answered.
    """

    download: Download
    path: Path
    size_bytes: int | None
    fault: Text | None


def list_offers(project: Project, groups: Sequence[str], *, year: int | None, folder: Path | None) -> list[Offer]:
    """List what :func:`fetch` would download, asking the servers for sizes alone; nothing is written.

    Raises
    ------
    UnknownNameError
        The group is not published for `year`.
    """
    offers = []
    for group, chosen in _choose(project, groups, year):
        size_bytes, fault = None, None
        try:
            size_bytes = download.fetch_size(chosen)
        except DownloadError as error:
            fault = error.text
        offers.append(Offer(chosen, _destination(project, group, chosen, folder), size_bytes, fault))
    return offers


def fetch(
    project: Project,
    groups: Sequence[str],
    *,
    year: int | None,
    folder: Path | None,
    progress: bool,
    tell: Callable[[Text], None],
) -> list[Path]:
    """Download the files of some groups, each kept only when it is whole and what was asked for.

    Parameters
    ----------
    project
        Opened.
    groups
        One of :data:`psttm_geo.schema.code_lists.DOWNLOAD_GROUPS`, and for the projects of the recovery plan those of
        :data:`psttm_geo.schema.code_lists.MORE_DOWNLOADS` that are wanted with it.
    year
        None for the latest that is known to exist.
    folder
        Where to put them; None for the workspace, where boundaries, residents and projects are in force from then on.
        Of the projects only the rows of the territory are kept there.
    progress
        Whether to draw bars on standard error.
    tell
        Told sizes, waits and fresh starts as they come.

    Returns
    -------
    list of Path
        Where the files are.

    Raises
    ------
    UnknownNameError
        The group is not published for `year`.
    DownloadError
        A file cannot be had or is not what was asked for; files downloaded before it stay.
    TableError
        The projects cannot be read; the workspace is as it was, and the files stay.
    OutputError
        A file cannot be written.
    """
    paths = [
        _fetch_one(project, group, chosen, folder, progress=progress, tell=tell)
        for group, chosen in _choose(project, groups, year)
    ]
    return _register(project, paths, tell) if folder is None and PROJECT_DOWNLOADS in groups else paths


def bring_group(
    project: Project, group: str, folder: Path | None, *, anew: bool, progress: bool, tell: Callable[[Text], None]
) -> list[Path]:
    """Return the files of a group, registered nowhere: of a folder, or of the workspace's downloads.

    Parameters
    ----------
    project
        Opened.
    group
        One of :data:`psttm_geo.schema.code_lists.DOWNLOAD_GROUPS`.
    folder
        Where somebody has put them under the publisher's names; None to download those that are not there yet.
    anew
        Whether to download also what is there; without meaning for a folder.
    progress, tell
        As for :func:`fetch`.

    Returns
    -------
    list of Path
        In the order of ``downloads.csv``.

    Raises
    ------
    InputMissingError
        The folder lacks some of them; all are named.
    DownloadError, TableError
        A file cannot be had, or is not what was asked for.
    OutputError
        A file cannot be written.
    """
    chosen = [download for _, download in _choose(project, [group], None)]
    if folder is not None:
        return _take_from(project, group, chosen, folder)
    paths = []
    for one in chosen:
        path = project.workspace.downloads / one.file
        if anew or not path.is_file():
            _make_downloads(project)
            check = partial(_check_content, project, group, one)
            download.fetch_file(one, path, check, progress=progress, tell=tell)
        paths.append(path)
    return paths


def _take_from(project: Project, group: str, chosen: Sequence[Download], folder: Path) -> list[Path]:
    absent = [one for one in chosen if not (folder / one.file).is_file()]
    if absent:
        raise InputMissingError(
            gettext(
                "{folder} lacks {files}; download from {pages}, put the files there under these names and repeat.",
                folder=folder,
                files=", ".join(one.file for one in absent),
                pages=", ".join(dict.fromkeys(one.page for one in absent)),
            )
        )
    faults = [
        Fault(one.file, None, fault)
        for one in chosen
        if (fault := download.content_fault(one, folder / one.file, partial(_check_content, project, group, one)))
    ]
    if faults:
        raise TableError(faults)
    return [folder / one.file for one in chosen]


def _register(project: Project, paths: Sequence[Path], tell: Callable[[Text], None]) -> list[Path]:
    """Take in projects as `projects add` does, and keep of the files no more than that."""
    for notice in add_projects(project, paths, None):
        tell(notice)
    forget_downloads(project, paths)
    return [project.workspace.inputs["projects"].path]


def _choose(project: Project, groups: Sequence[str], year: int | None) -> list[tuple[str, Download]]:
    table, mirrors = project.tables["downloads.csv"], project.settings.model_dump()
    return [(group, chosen) for group in groups for chosen in catalogue.choose_downloads(table, mirrors, group, year)]


def _destination(project: Project, group: str, chosen: Download, folder: Path | None) -> Path:
    if folder is not None:
        return folder / chosen.file
    workspace = project.workspace
    kind = _INPUT_KINDS.get(group)
    return workspace.downloads / chosen.file if kind is None else workspace.input_folder(kind)


def _fetch_one(
    project: Project, group: str, chosen: Download, folder: Path | None, *, progress: bool, tell: Callable[[Text], None]
) -> Path:
    check = partial(_check_content, project, group, chosen)
    if folder is not None:
        path = folder / chosen.file
        download.fetch_file(chosen, path, check, progress=progress, tell=tell)
        return path
    workspace = project.workspace
    path = workspace.downloads / chosen.file
    _make_downloads(project)
    try:
        download.fetch_file(chosen, path, check, progress=progress, tell=tell)
        kind = _INPUT_KINDS.get(group)
        if kind is None:
            return path
        added = workspace.add(kind, path)
        path.unlink()
        return added.path
    finally:
        _remove_empty(workspace.downloads, workspace.folder)


def forget_downloads(project: Project, paths: Sequence[Path]) -> None:
    """Remove files of the workspace's downloads that it has taken in."""
    for path in paths:
        path.unlink()
    _remove_empty(project.workspace.downloads, project.workspace.folder)


def _make_downloads(project: Project) -> None:
    folder = project.workspace.downloads
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


def _remove_empty(*folders: Path) -> None:
    """Leave no folder behind that nothing was put into."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _check_content(project: Project, group: str, chosen: Download, file: Path) -> None:
    """Read a file as `build` would, where there is a reader for it."""
    if group == "residents":
        residents = residents_source.read_residents(file, *project.municipality_tables)
        residents_source.require_year(file, residents, chosen.year)
    elif group == "istat":
        istat.require_year(file, istat.read_boundaries(file, *project.municipality_tables), chosen.year)
    elif chosen.as_browser:
        _require_published(project, chosen, file)


def _require_published(project: Project, chosen: Download, file: Path) -> None:
    """Refuse a file that is not the one of Italia Domani that was asked for."""
    opened = open_published(file, project.tables["published_columns.csv"])
    if opened is None or not chosen.identifier.endswith(opened.kind):
        text = gettext("its columns are not those of {file}", file=chosen.file)
        raise TableError([Fault(file.name, None, text)])
