"""The tables under ``data/`` and the register of where each comes from."""

import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from psttm_geo.errors import Fault, InputMissingError, TableError, Text
from psttm_geo.files import sha256_of
from psttm_geo.model.provenance import Source
from psttm_geo.model.schemas import SCHEMAS, contract_faults

REGISTER = "sources.csv"

BOUNDARIES = "boundaries/municipalities.fgb"

RESIDENTS = "boundaries/residents.csv"


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
        One table per file of :data:`psttm_geo.model.schemas.SCHEMAS` that could be read; row labels count from 0.
    faults
        Missing, unreadable or changed files and broken contracts.
    """

    folder: Path
    tables: dict[str, pd.DataFrame]
    faults: tuple[Fault, ...]

    def source(self, identifier: str) -> Source:
        """Return a row of the register as a :class:`Source`."""
        rows = self.tables[REGISTER]
        row = rows[rows["source"] == identifier].to_dict("records")[0]
        return Source(
            identifier=identifier,
            title=row["title"],
            publisher=row["publisher"],
            address=row["address"],
            reference_date=row["reference_date"],
            licence=row["licence"],
            attribution=row["attribution"],
            sha256=row["sha256"],
        )

    def source_of_file(self, file: str) -> Source:
        """Return the register's row for a file of the folder."""
        rows = self.tables[REGISTER]
        return self.source(rows.loc[rows["file"] == file, "source"].iloc[0])


def read_register(folder: Path) -> Register:
    """Read every table of a data folder and compare each file with its registered sum.

    Parameters
    ----------
    folder
        A folder laid out like the packaged ``data/``.

    Raises
    ------
    InputMissingError
        `folder` does not exist.
    TableError
        The register itself, ``sources.csv``, cannot be used: nothing else can be trusted then.
    """
    if not folder.is_dir():
        raise InputMissingError(
            Text(
                it=f"La cartella dei dati {folder} non esiste; controllare PSTTM_DATA.",
                en=f"The data folder {folder} does not exist; check PSTTM_DATA.",
            )
        )
    register, faults = _read_table(folder, REGISTER)
    if register is None or faults:
        raise TableError(faults)
    faults = _sum_faults(folder, register)
    tables = {REGISTER: register}
    for name in SCHEMAS:
        if name != REGISTER:
            table, found = _read_table(folder, name)
            faults += found
            if table is not None:
                tables[name] = table
    return Register(folder, tables, tuple(faults))


def _read_table(folder: Path, name: str) -> tuple[pd.DataFrame | None, list[Fault]]:
    """Read one table; None when no row of it can be trusted."""
    try:
        text = (folder / name).read_bytes().decode("utf-8-sig")
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, index_col=False)
    except FileNotFoundError:
        return None, [_missing(name)]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return None, [Fault(name, line, _NOT_UTF8)]
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        return None, [
            Fault(
                name,
                None,
                Text(
                    it=f"non si legge come tabella separata da virgole ({error}); salvare come CSV UTF-8.",
                    en=f"cannot be read as a comma-separated table ({error}); save it as UTF-8 CSV.",
                ),
            )
        ]
    faults = contract_faults(name, table)
    return (None if faults and faults[0].row == 1 else table), faults


_NOT_UTF8 = Text(it="il testo non è in UTF-8; salvare come CSV UTF-8.", en="is not UTF-8; save it as UTF-8 CSV.")


def _missing(name: str) -> Fault:
    return Fault(
        name,
        None,
        Text(
            it="il file non c'è; rimetterlo nella cartella dei dati.",
            en="the file is missing; put it back in the data folder.",
        ),
    )


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
                    row + 2,
                    Text(
                        it=f"{file} non è il file registrato: se la modifica è voluta, "
                        f"scrivere {found} nella colonna «sha256».",
                        en=f"{file} is not the registered file: if the change is intended, "
                        f"write {found} in the column “sha256”.",
                    ),
                )
            )
    registered = set(register["file"])
    return faults + [
        Fault(
            REGISTER,
            None,
            Text(
                it=f"{name} non è registrato; aggiungere la sua riga.",
                en=f"{name} is not registered; add its row.",
            ),
        )
        for name in (*SCHEMAS, BOUNDARIES, RESIDENTS)
        if name != REGISTER and name not in registered
    ]
