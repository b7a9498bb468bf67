"""The register of the plan's implementation: what the office adds to it, and gets back as it was written."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import EmptyTableError, Fault, InputMissingError, TableError, UnknownNameError
from psttm_geo.core.files import make_folder, replacing, write_text
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import OFFICE, UNSTATED, Source
from psttm_geo.core.reading import OF_ZIPS, is_inflated_zip, refusing
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.workspace import Input
from psttm_geo.plan.editions import build_plans
from psttm_geo.plan.monitoring_reading import Reading, Written, read_file, read_whole
from psttm_geo.plan.monitoring_references import References, list_references, read_monitoring
from psttm_geo.plan.monitoring_sheets import BODY, is_sheet, read_sheet, sheet_name, sheet_template, workbook_bytes
from psttm_geo.plan.monitoring_tables import (
    APPENDED,
    COLUMNS,
    TABLES,
    csv_text,
    empty_table,
    pack,
    table_rows,
    template_rows,
    unpack,
)
from psttm_geo.project import Project
from psttm_geo.territory.gazetteer import Gazetteer

_FILE = "monitoring.zip"

_TITLE = "Registro di attuazione e monitoraggio dell'ente"

_COMPUTED = "computed_"
"""Before the name of a table whose rows the package computed; the office's own come before them."""


@dataclass(frozen=True)
class Monitoring:
    """The register in force.

    Attributes
    ----------
    written
        Each table as it was written, computed rows behind the office's.
    tables
        Each table with the package's columns, cells as text in one way of writing.
    source
        Where it comes from; None where nothing is registered.
    """

    written: Mapping[str, pd.DataFrame]
    tables: Mapping[str, pd.DataFrame]
    source: Source | None = None


@dataclass(frozen=True)
class Added:
    """What was added.

    Attributes
    ----------
    rows
        Rows that each table has now, of those that were added to.
    sheets
        Sheets of municipalities that were read.
    notices
        What was passed over or read in spite of a doubt.
    """

    rows: Mapping[str, int]
    sheets: int
    notices: tuple[Text, ...]


def references_of(project: Project) -> References:
    """Return what the tables of a project may refer to."""
    return list_references(project.gazetteer, build_plans(project.tables, ()), project.tables)


def open_monitoring(project: Project) -> Monitoring:
    """Return the register of the workspace, without rows where there is none.

    Raises
    ------
    TableError
        A table of the data folder has changed, and the register no longer fits it.
    WorkspaceError
        The workspace is damaged.
    """
    found = project.read_input("monitoring", lambda held: _opened(project, held))
    return found if found is not None else _compose({}, None, project)[0]


def _opened(project: Project, held: Input) -> Monitoring:
    source = Source(
        identifier="monitoring-file",
        title=_TITLE,
        publisher=OFFICE,
        address="",
        reference_date="",
        licence=UNSTATED,
        attribution=_TITLE,
        sha256=held.sha256,
        added_on=held.added_on,
    )
    parts = {name: [_stored(name, table)] for name, table in unpack(held.path).items() if len(table)}
    return _compose(parts, source, project)[0]


def _stored(name: str, table: pd.DataFrame) -> Written:
    """Return a table of the workspace, its rows labelled as in the CSV that an export writes."""
    labelled = table.set_axis(range(2, len(table) + 2))
    return Written(name.removeprefix(_COMPUTED), Path(f"{name}.csv"), "", labelled)


def _compose(
    parts: Mapping[str, Sequence[Written]], source: Source | None, project: Project
) -> tuple[Monitoring, tuple[Text, ...]]:
    """Put the parts of all tables together; of rows with one key, the office's first, the others are left out."""
    joined = {name: [*parts.get(name, ()), *parts.get(_COMPUTED + name, ())] for name in TABLES}
    values, notices = read_monitoring(joined, references_of(project))
    written, distinct = {}, {}
    for name in TABLES:
        columns = [column.name for column in COLUMNS[name]]
        key = [column.name for column in COLUMNS[name] if column.key]
        read = values[name].reindex(columns=columns).astype("str")
        kept = ~read[key].map(str.casefold).duplicated().to_numpy()
        rows = [part.rows for part in joined[name]]
        whole = pd.concat(rows, ignore_index=True) if rows else empty_table(name)
        written[name], distinct[name] = whole[kept], read[kept]
    return Monitoring(written, distinct, source), notices


def add_monitoring(project: Project, files: Sequence[Path]) -> Added:
    """Take tables into the register: all of them, or none where one has a fault.

    A table takes the place of the one that was there; a municipality's sheet that of the rows of its DUP of the same
    years; revisions of the plan's data are appended, and none that is recorded ever changes.

    Parameters
    ----------
    project
        Opened.
    files
        CSV or XLSX, each with one table or a municipality's sheet; folders and zips of such.

    Raises
    ------
    InputMissingError
        A file does not exist.
    TableError
        With every fault of every file; the workspace is as it was.
    OutputError
        The workspace cannot be written.
    """
    with scratch_folder() as folder:
        read, notices, faults = _read_files(project, list(_expanded(files, folder)))
        whole = {written.table: written for written, sheet in read if not sheet}
        sheets = [written for written, sheet in read if sheet]
        try:
            parts = _parts_with(project, whole, sheets)
            if faults and "indicators" not in whole:  # the file that cannot be read may be theirs
                parts.pop("observations", None)
            register, read_as = _compose(parts, None, project)
        except TableError as error:
            raise TableError([*faults, *error.faults]) from error
        if faults:
            raise TableError(faults)
        _keep(project, {name: pd.concat([part.rows for part in held]) for name, held in parts.items()})
    changed = [*whole, *(["dup_links"] if sheets else [])]
    rows = {name: len(register.written[name]) for name in TABLES if name in changed}
    return Added(rows, len(sheets), (*notices, *dict.fromkeys(read_as)))


def _parts_with(
    project: Project, whole: Mapping[str, Written], sheets: Sequence[Written]
) -> dict[str, Sequence[Written]]:
    """Return the parts of each table of the register, with tables and sheets in place of what was there."""
    stored = _stored_tables(project)
    parts: dict[str, Sequence[Written]] = {name: [_stored(name, table)] for name, table in stored.items() if len(table)}
    parts |= {name: [written] for name, written in whole.items()}
    if APPENDED in whole:
        parts[APPENDED] = [_appended(stored.get(APPENDED), whole[APPENDED])]
    if sheets:
        parts["dup_links"] = _with_sheets(parts.get("dup_links", []), sheets, project.gazetteer)
    return parts


def _stored_tables(project: Project) -> dict[str, pd.DataFrame]:
    held = project.workspace.inputs.get("monitoring")
    return {} if held is None else unpack(held.path)


def _keep(project: Project, tables: Mapping[str, pd.DataFrame]) -> None:
    with scratch_folder() as folder:
        pack(folder / _FILE, tables)
        project.workspace.add("monitoring", folder / _FILE)


def keep_computed(project: Project, tables: Mapping[str, pd.DataFrame]) -> int:
    """Add rows that were computed to the register, those whose key it does not have yet.

    Parameters
    ----------
    project
        Opened.
    tables
        As the office would write them: indicators and observations.

    Returns
    -------
    int
        How many rows of the last of the tables were new.

    Raises
    ------
    OutputError
        The workspace cannot be written.
    """
    stored = _stored_tables(project)
    kept, new = dict(stored), 0
    for name, table in tables.items():
        key = [column.written for column in COLUMNS[name] if column.key]
        held = stored.get(_COMPUTED + name, empty_table(name))
        kept[_COMPUTED + name] = pd.concat([held, table]).drop_duplicates(key, ignore_index=True)
        new = len(kept[_COMPUTED + name]) - len(held)
    if new:
        _keep(project, kept)
    return new


def _read_files(project: Project, files: Sequence[Path]) -> tuple[list[tuple[Written, bool]], list[Text], list[Fault]]:
    """Return what files hold, each with whether it is a municipality's sheet; what is empty; and the faults of all."""
    faults: list[Fault] = []
    empty: list[Fault] = []
    read: list[tuple[Written, bool]] = []
    for path in files:
        try:
            table = read_file(path)
            sheet = is_sheet(table)
            read.append((read_sheet(path, table, project.gazetteer) if sheet else read_whole(path, table), sheet))
        except EmptyTableError as error:
            empty += error.faults
        except TableError as error:
            faults += error.faults
    faults += _repeated(read)
    if not read:
        raise TableError(faults or empty)
    return read, [gettext("{file}: no row is filled in, nothing read.", file=fault.file) for fault in empty], faults


def _repeated(read: Iterable[tuple[Written, bool]]) -> list[Fault]:
    """Return a fault for every file that holds the table, or the municipality's sheet, of another one."""
    first: dict[tuple[str, str], str] = {}
    faults = []
    for written, sheet in read:
        what = (written.table, written.rows[BODY].iloc[0] if sheet else "")
        other = first.setdefault(what, written.path.name)
        if other is not written.path.name:
            faults.append(
                Fault(
                    written.path.name,
                    None,
                    gettext(
                        "holds the same table as {other} ({what}); give one.", other=other, what=" ".join(what).strip()
                    ),
                )
            )
    return faults


def _with_sheets(parts: Sequence[Written], sheets: Sequence[Written], gazetteer: Gazetteer) -> list[Written]:
    """Return the rows of DUPs without those of the bodies and years of sheets, and the sheets behind them."""
    new = {pair for sheet in sheets for pair in _bodies(sheet, gazetteer)}
    kept = []
    for part in parts:
        rows = part.rows[[pair not in new for pair in _bodies(part, gazetteer)]]
        if len(rows):
            kept.append(replace(part, rows=rows))
    return [*kept, *sheets]


def _bodies(part: Written, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    """Return the municipality and the years of each row."""
    cells = Reading(part).cells
    codes = gazetteer.resolve(cells["body"]).replace(gazetteer.successors)
    return list(zip(codes, cells["years"], strict=True))


def _appended(stored: pd.DataFrame | None, added: Written) -> Written:
    """Return revisions with those of the register before them; one that is recorded already stands once.

    Raises
    ------
    TableError
        A row has another content than the one that is recorded.
    """
    if stored is None or stored.empty:
        return added
    held = Written(APPENDED, added.path, "", stored.set_axis(range(-len(stored), 0)))
    old, new = Reading(held).cells, Reading(added).cells
    key = [column.name for column in COLUMNS[APPENDED] if column.key]
    recorded = {tuple(row[: len(key)]): tuple(row) for row in old[[*key, *_rest(key)]].itertuples(index=False)}
    found = {row[0]: tuple(row[1:]) for row in new[[*key, *_rest(key)]].itertuples(name=None)}
    changed = [row for row, cells in found.items() if recorded.get(cells[: len(key)], cells) != cells]
    if changed:
        raise TableError([Fault(added.path.name, int(row), _RECORDED) for row in changed])
    fresh = [row for row, cells in found.items() if cells[: len(key)] not in recorded]
    return replace(added, rows=pd.concat([held.rows, added.rows.loc[fresh]]))


def _rest(key: Sequence[str]) -> list[str]:
    return [column.name for column in COLUMNS[APPENDED] if column.name not in key]


_RECORDED = gettext(
    "this revision is recorded with another content, and what is recorded never changes; add a row of a later day."
)


def _expanded(files: Iterable[Path], folder: Path) -> Iterator[Path]:
    """Return the tables of folders and zips one by one, in the order of their names."""
    for number, path in enumerate(files):
        if path.is_dir():
            yield from _tables_of(path)
        elif path.suffix.lower() == ".zip":
            yield from _tables_of(_extracted(path, folder / f"{number}"))
        else:
            yield path


def _tables_of(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and _is_shown(path))
    if not found:
        raise InputMissingError(gettext("{folder} holds no table, CSV or XLSX.", folder=folder.name))
    return found


_SUFFIXES = (".csv", ".xlsx")

_SHADOWS = "__MACOSX"
"""The folder of a zip in which a Macintosh keeps what its own files look like."""


def _is_shown(path: Path) -> bool:
    """Return whether a file is no lock or shadow that an office program or a Macintosh leaves."""
    return path.is_file() and not path.name.startswith((".", "~$")) and _SHADOWS not in path.parts


def _extracted(path: Path, folder: Path) -> Path:
    if not path.is_file():
        raise InputMissingError(gettext("{path} does not exist; give a table, CSV or XLSX.", path=path))
    damaged = TableError.of(path.name, None, gettext("does not open as a zip; pack it again, without password."))
    with path.open("rb") as file, refusing(OF_ZIPS, lambda _: damaged), zipfile.ZipFile(file) as archive:
        if is_inflated_zip(archive):
            raise TableError.of(path.name, None, gettext("unpacks to far more than its size; split it."))
        tables = [name for name in sorted(archive.namelist()) if Path(name).suffix.lower() in _SUFFIXES]
        held = {name: archive.read(name) for name in tables if _SHADOWS not in Path(name).parts}
    for number, (name, content) in enumerate(held.items()):
        # Tables of several folders may have one name.
        place = folder / path.name / f"{number:06}"
        place.mkdir(parents=True)
        (place / Path(name).name).write_bytes(content)
    return folder / path.name


def export_monitoring(project: Project, output: Path, tables: Sequence[str] = (), *, form: str = "csv") -> list[Path]:
    """Write tables of the register as they were added.

    Parameters
    ----------
    project
        Opened.
    output
        A file for one table (CSV or XLSX by its name), else a folder.
    tables
        Which ones; by default all that have rows.
    form
        ``csv`` or ``xlsx``, in a folder.

    Raises
    ------
    UnknownNameError
        There is nothing to write, or a file was named for several tables.
    OutputError
        A file cannot be written.
    """
    register = open_monitoring(project)
    wanted = [name for name in TABLES if name in tables or (not tables and len(register.written[name]))]
    if not wanted:
        raise UnknownNameError(
            gettext("the workspace holds no row of implementation; add some with psttm-geo monitoring add FILE.")
        )
    if output.suffix.lower() in _SUFFIXES:
        if len(wanted) > 1:
            raise UnknownNameError(
                gettext(
                    "{output} is one file and {count} tables have rows ({listed}); name one, or give a folder.",
                    output=output,
                    count=len(wanted),
                    listed=", ".join(wanted),
                )
            )
        _write_rows(output, wanted[0], table_rows(register.written[wanted[0]]))
        return [output]
    make_folder(output)
    paths = [output / f"{name}.{form}" for name in wanted]
    for name, path in zip(wanted, paths, strict=True):
        _write_rows(path, name, table_rows(register.written[name]))
    return paths


def _write_rows(path: Path, name: str, rows: Sequence[Sequence[str]]) -> None:
    if path.suffix.lower() == ".csv":
        write_text(path, csv_text(rows))
        return
    with replacing(path) as beside:
        beside.write_bytes(workbook_bytes(name, rows))


def write_monitoring_template(output: Path, table: str) -> None:
    """Write an empty table to fill in, CSV or XLSX by its name.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    _write_rows(output, table, template_rows(table))


def write_sheet_templates(project: Project, folder: Path, municipalities: Sequence[str] = ()) -> list[Path]:
    """Write the empty sheet of DUP of each municipality.

    Parameters
    ----------
    project
        Opened.
    folder
        Created where its parent exists.
    municipalities
        ISTAT codes or names; by default all of the territory.

    Raises
    ------
    UnknownNameError
        A municipality is not of the territory.
    OutputError
        A file cannot be written.
    """
    gazetteer = project.gazetteer
    found = {name: gazetteer.find(name) for name in municipalities}
    strange = [name for name, code in found.items() if code not in gazetteer.territory]
    if strange:
        raise UnknownNameError(
            gettext(
                "{listed}: no municipality of the territory, give its ISTAT code or name.", listed=", ".join(strange)
            )
        )
    make_folder(folder)
    paths = []
    for code in sorted({code for code in found.values() if code} or gazetteer.territory):
        name = gazetteer.official[code]
        path = folder / sheet_name(code, name)
        with replacing(path) as beside:
            beside.write_bytes(sheet_template(code, name))
        paths.append(path)
    return paths
