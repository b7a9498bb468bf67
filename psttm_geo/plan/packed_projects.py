"""What a workspace keeps of Italia Domani's files: the rows of the territory's projects, as they were published."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from psttm_geo.core.files import sha256_of
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.plan.italia_domani import open_files, read_italia_domani
from psttm_geo.plan.project_records import Projects
from psttm_geo.plan.published_rows import PublishedFile
from psttm_geo.territory.gazetteer import Gazetteer


def pack_projects(path: Path, files: Sequence[PublishedFile], projects: Projects) -> None:
    """Write the rows of the projects that were read, as they were published, into one zip.

    Parameters
    ----------
    path
        To write; the same files give the same bytes.
    files
        What `projects` were read from, with the rows kept of them.
    projects
        Of the territory.
    """
    cups = set(projects.projects["project"])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            text = io.StringIO()
            writer = csv.DictWriter(text, file.columns, lineterminator="\n")
            writer.writerow(file.names)
            writer.writerows(row for row in file.kept if row["cup"].upper() in cups)
            info = zipfile.ZipInfo(f"{file.kind}/{file.path.stem}.csv")
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.getvalue())


def read_packed(path: Path, columns: pd.DataFrame, gazetteer: Gazetteer) -> Projects:
    """Read what :func:`pack_projects` wrote; parameters as of the functions of ``italia_domani`` that read files."""
    with scratch_folder() as folder, zipfile.ZipFile(path) as archive:
        archive.extractall(folder)  # written by this package
        found = read_italia_domani(open_files([folder / name for name in archive.namelist()], columns), gazetteer)
    return replace(found, source=replace(found.source, sha256=sha256_of(path)))
