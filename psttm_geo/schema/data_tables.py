"""The tables under ``data/`` and the register of where each comes from."""

import csv
import functools
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, InputMissingError, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import gettext
from psttm_geo.core.provenance import Source
from psttm_geo.schema.contracts import HEADER_LINES, SCHEMAS, contract_faults, with_defaults

REGISTER = "sources.csv"

BOUNDARIES = "boundaries/municipalities.fgb"

RESIDENTS = "boundaries/residents.csv"

ITALY = "boundaries/italy.csv"
"""What the municipalities of Italy are called, without outlines."""

_OF_SOURCES = ["source", "title", "publisher", "address", "reference_date", "licence", "attribution", "sha256"]
"""Columns of the register, in the order of what a :class:`Source` holds."""


def data_path() -> Path:
    """Return the packaged ``data/`` folder: inside an installed wheel, or beside the package in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


@dataclass(frozen=True)
class Register:
    """The tables of a data folder, each as its file has it: all cells text, blank cells empty.

    Attributes
    ----------
    folder
        Where the tables were read.
    tables
        One table per file of :data:`psttm_geo.schema.contracts.SCHEMAS` that could be read; row labels count from 0.
    faults
        Missing, unreadable or changed files and broken contracts.
    """

    folder: Path
    tables: dict[str, pd.DataFrame]
    faults: tuple[Fault, ...]

    def source(self, identifier: str) -> Source:
        """Return a row of the register as a :class:`Source`."""
        return self._sources[identifier]

    @functools.cached_property
    def _sources(self) -> dict[str, Source]:
        rows = self.tables[REGISTER][_OF_SOURCES].itertuples(index=False, name=None)
        return {row[0]: Source(*row) for row in rows}

    def source_of_file(self, file: str) -> Source:
        """Return the register's row for a file of the folder.

        Raises
        ------
        TableError
            The file is missing, not registered, or not the registered one.
        """
        faults = [fault for fault in self.faults if file in (fault.file, fault.about)]
        if faults:
            raise TableError(faults)
        rows = self.tables[REGISTER]
        return self.source(rows.loc[rows["file"] == file, "source"].iloc[0])


def read_register(folder: Path, *, validated: bool = False) -> Register:
    """Read every table of a data folder and compare each file with its registered sum.

    Parameters
    ----------
    folder
        A folder laid out like the packaged ``data/``.
    validated
        Whether tables that are the packaged ones, byte for byte, are known to keep their contracts: looking again takes
        most of the time.

    Raises
    ------
    InputMissingError
        `folder` does not exist.
    TableError
        The register itself, ``sources.csv``, cannot be used: nothing else can be trusted then.
    """
    if not folder.is_dir():
        raise InputMissingError(gettext("The data folder {folder} does not exist; check PSTTM_DATA.", folder=folder))
    register, faults = _read_table(folder / REGISTER, REGISTER)
    if register is None or faults:
        raise TableError(faults)
    faults = _sum_faults(folder, register)
    tables = {REGISTER: register}
    known = _packaged_sums(folder, register) if validated else {}
    for name in SCHEMAS:
        if name != REGISTER:
            table, found = _read_table(folder / name, name, known.get(name))
            faults += found
            if table is not None:
                tables[name] = table
    return Register(folder, tables, tuple(faults))


def _packaged_sums(folder: Path, register: pd.DataFrame) -> dict[str, str]:
    """Return the sums of the packaged tables, which were found right when they were packaged, by file name.

    `register` is that of `folder`, which may be the packaged one. Of a packaged register that cannot be read none is
    known.
    """
    packaged: pd.DataFrame | None = register
    if folder.resolve() != data_path().resolve():
        packaged, _ = _read_table(data_path() / REGISTER, REGISTER)
    return {} if packaged is None else dict(zip(packaged["file"], packaged["sha256"], strict=True))


def read_table(path: Path, name: str) -> pd.DataFrame:
    """Read a file that takes the place of a table of the data folder.

    Parameters
    ----------
    path
        Where it is, under any name.
    name
        The table it replaces, a key of :data:`psttm_geo.schema.contracts.SCHEMAS`: it has to keep the same contract.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        It breaks the contract.
    """
    if not path.is_file():
        raise InputMissingError(gettext("{path} does not exist; give a table such as {name}.", path=path, name=name))
    table, faults = _read_table(path, name)
    if table is None or faults:
        raise TableError([fault._replace(file=path.name) for fault in faults])
    return table


def _read_table(path: Path, name: str, known: str | None = None) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read one table; None when no row of it can be trusted. One with the sum `known` is known to keep its contract."""
    try:
        content = path.read_bytes()
        table, faults = _read_csv(name, content.decode("utf-8-sig"))
    except FileNotFoundError:
        return None, [_missing(name)]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return None, [Fault(name, line, _NOT_UTF8)]
    if hashlib.sha256(content).hexdigest() != known:
        faults += contract_faults(name, table)
    return (None if faults and faults[0].row == HEADER_LINES else with_defaults(name, table)), faults


def _read_csv(name: str, text: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Read cells as text, rows labelled so that :data:`HEADER_LINES` + 1 more is their line in the file.

    Blank lines are passed over; a row with more or fewer cells than the header is a fault.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, faults = {}, []
    try:
        header, *lines = [(reader.line_num, cells) for cells in reader] or [(HEADER_LINES, [])]
    except csv.Error:
        told = gettext("quotes not closed or out of place; correct the text.")
        return pd.DataFrame(columns=list(SCHEMAS[name].columns), dtype="str"), [Fault(name, reader.line_num, told)]
    for line, cells in lines:
        if len(cells) == len(header[1]):
            records[line - HEADER_LINES - 1] = cells
        elif cells:
            faults.append(
                Fault(
                    name,
                    line,
                    gettext(
                        "{count} cells, expected {count_header}; put texts that hold a comma in quotes.",
                        count=len(cells),
                        count_header=len(header[1]),
                    ),
                )
            )
    return pd.DataFrame.from_dict(records, orient="index", columns=header[1], dtype="str"), faults


_NOT_UTF8 = gettext("is not UTF-8; save it as UTF-8 CSV.")


def _missing(name: str) -> Fault:
    return Fault(name, None, gettext("the file is missing; put it back in the data folder."))


def _sum_faults(folder: Path, register: pd.DataFrame) -> list[Fault]:
    faults = []
    for row, file, expected in zip(register.index, register["file"], register["sha256"], strict=True):
        if not file:
            continue
        if not (folder / file).is_file():
            if file not in SCHEMAS:  # the tables themselves are missed when they are read
                faults.append(_missing(file))
            continue
        found = sha256_of(folder / file)
        if found != expected:
            faults.append(
                Fault(
                    REGISTER,
                    row + HEADER_LINES + 1,
                    gettext(
                        "{file} is not the registered file: if the change is intended, write {found} in the column "
                        "“sha256”.",
                        file=file,
                        found=found,
                    ),
                    about=file,
                )
            )
    registered = set(register["file"])
    return faults + [
        Fault(REGISTER, None, gettext("{name} is not registered; add its row.", name=name), about=name)
        for name in (*SCHEMAS, BOUNDARIES, RESIDENTS, ITALY)
        if name != REGISTER and name not in registered
    ]
