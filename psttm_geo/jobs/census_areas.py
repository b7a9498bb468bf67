"""Census sections: taken into the workspace, and read from it."""

from collections.abc import Sequence
from pathlib import Path

from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.numbers import say_number
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.project import Project
from psttm_geo.territory import census as census_source
from psttm_geo.territory.population_records import Sections


def add_census(project: Project, files: Sequence[Path]) -> list[Text]:
    """Read census sections and, if they can be used, keep those of the territory in the workspace.

    Parameters
    ----------
    project
        Opened.
    files
        ISTAT's zip of sections or any vector file with its fields; optionally ISTAT's indicators too.

    Returns
    -------
    list of Text
        What was found, repaired or is odd.

    Raises
    ------
    CensusFileError, InputMissingError
        A file cannot be used; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    sections = read_census(project, files)
    if sections is None:
        return []
    name = "+".join(file.stem for file in files)
    with scratch_folder() as folder:
        path = folder / f"{name}.fgb"
        census_source.write_sections(path, sections)
        project.workspace.add("census", path)
    return [_say_sections(project, sections), *sections.notices]


def read_census(project: Project, files: Sequence[Path] = ()) -> Sections | None:
    """Read census sections: of `files`, else what the workspace holds, else None.

    Raises
    ------
    CensusFileError, InputMissingError
        A file cannot be used.
    WorkspaceError
        The workspace is damaged.
    """
    if files:
        return census_source.read_sections(files, *project.municipality_tables)
    return project.read_input("census", lambda held: census_source.load_sections(held.path))


def _say_sections(project: Project, sections: Sections) -> Text:
    table = sections.sections
    total = len(project.tables["zones.csv"])
    counts = (len(table), (table["residents"] > 0).sum(), table["residents"].sum())
    listed, lived_in, residents = (say_number(count, 0) for count in counts)
    count = table["municipality_code"].nunique()
    ages = gettext("by age band") if sections.by_age else gettext("without ages: those of the municipality hold")
    return gettext(
        "{listed} sections of {year} ({lived_in} inhabited), {residents} residents, municipalities: "
        "{count} of {total}; {ages}.",
        listed=listed,
        year=sections.year,
        lived_in=lived_in,
        residents=residents,
        count=count,
        total=total,
        ages=ages,
    )
