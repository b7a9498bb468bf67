"""ISTAT's yearly residents by sex and single year of age (POSAS files of demo.istat.it).

A POSAS file is a zip with one CSV, or that CSV: a title line that names the day, a header, one row per municipality
and age, where age 999 is the total of the row's municipality and 100 means "100 and over". The columns of civil status
that some years carry are not read. Since 2021 the separator is a semicolon and codes have six characters; 2020 has
commas and codes without zeros.
"""

import re
import zipfile
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from psttm_geo.core.errors import InputMissingError, ResidentsFileError, TableError, quote
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import NOTHING, SEMICOLON, Text, gettext, list_some, same
from psttm_geo.core.names import plain_words
from psttm_geo.core.provenance import Source
from psttm_geo.core.reading import OF_ZIPS, refusing
from psttm_geo.core.spreadsheets import Table, list_rows, read_noted_table
from psttm_geo.schema.istat_codes import find_mergers, find_nobodys, normalise_codes
from psttm_geo.territory.municipalities import Residents

TOTAL_AGE = 999
"""ISTAT's pseudo-age of a municipality's total row."""

OLDEST_AGE = 100
"""The last age, "100 and over"."""

LARGEST_BYTES = 300_000_000
"""Of a table, unpacked: all of Italy with civil status has about a third."""

LICENCE = "CC BY 4.0"

ADDRESS = "https://demo.istat.it/"

_HEADINGS = {
    "municipality_code": ("codice comune",),
    "age": ("eta",),
    "males": ("totale maschi", "maschi"),
    "females": ("totale femmine", "femmine"),
}

_AGE = re.compile(r"^'?(\d{1,3})(?!\d)")

_SHOWN = 10
"""Municipalities that a message names."""


def read_residents(path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Residents:
    """Read a POSAS file for the municipalities of the territory.

    Parameters
    ----------
    path
        The zip or CSV of ISTAT, of Italy or of the province of Milan, any year.
    municipalities
        The territory: columns ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: columns ``municipality_code``, ``successor_code``.

    Returns
    -------
    Residents
        Ages 0-100 for every municipality of the territory.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    ResidentsFileError
        The file is no POSAS file, a municipality or an age is missing, or a total does not match its ages.
    """
    if not path.is_file():
        raise InputMissingError(
            gettext("{path} does not exist; give the POSAS file downloaded from demo.istat.it.", path=path)
        )
    table = _open_posas(path)
    year, provisional = _find_year(path, table)
    whole = table.rows
    noted = _find_notes(whole)
    rows = whole[~noted].copy()
    codes = normalise_codes(rows["municipality_code"])
    _require_codes(path, codes.codes)
    _require_unique(path, rows.assign(municipality_code=codes.codes))
    mergers = find_mergers(set(codes.codes.dropna()), predecessors)
    if mergers.contradictions:
        raise _refuse(
            path, gettext("{found}; use a complete file of one year.", found=SEMICOLON.join(mergers.contradictions))
        )
    nobodys = find_nobodys(codes.codes, {*municipalities["municipality_code"], *predecessors["municipality_code"]})
    rows["municipality_code"] = codes.codes.replace(mergers.successors)
    elsewhere = ~rows["municipality_code"].isin(municipalities["municipality_code"])
    rows = rows[~elsewhere]
    counts = _parse_counts(path, rows)
    _require_complete(path, counts, municipalities)
    return Residents(
        counts=counts,
        date=f"{year}-01-01",
        source=Source(
            identifier="istat-residents-file",
            title=f"Popolazione residente per sesso ed età al 1° gennaio {year}"
            f"{' (stima)' if provisional else ''} ({path.name})",
            publisher="ISTAT",
            address=ADDRESS,
            reference_date=f"{year}-01-01",
            licence=LICENCE,
            attribution="ISTAT, demografia in cifre",
            sha256=sha256_of(path),
        ),
        provisional=provisional,
        notices=(
            *codes.notices,
            *mergers.notices,
            *_say_rows(len(rows), int((elsewhere & ~nobodys).sum()), nobodys.index[nobodys], whole.index[noted]),
        ),
    )


def require_year(path: Path, residents: Residents, year: int | None) -> None:
    """Refuse residents of another year than the one asked for.

    Raises
    ------
    ResidentsFileError
        The file says another year.
    """
    if year is not None and not residents.date.startswith(f"{year}-"):
        raise _refuse(
            path,
            gettext(
                "holds the residents on {date}, year {year} was requested; choose the year it holds.",
                date=residents.date,
                year=year,
            ),
        )


def _refuse(path: Path, reason: Text) -> ResidentsFileError:
    return ResidentsFileError(same("{path}: {reason}").fill(path=path, reason=reason))


def _open_posas(path: Path) -> Table:
    """Return the table with :data:`_HEADINGS`' columns only."""
    try:
        table = read_noted_table(path, _read_bytes(path), [name for names in _HEADINGS.values() for name in names])
    except TableError as error:
        reasons = SEMICOLON.join(fault.text for fault in error.faults)
        raise _refuse(path, gettext("is no POSAS file that can be read: {reasons}", reasons=reasons)) from error
    found = {column: next((one for one in names if one in table.rows), None) for column, names in _HEADINGS.items()}
    if found["municipality_code"] is None or found["age"] is None:
        raise _refuse(
            path,
            gettext(
                "is no POSAS file (the header “Codice comune; Comune; Età…” is missing); download it from "
                "demo.istat.it."
            ),
        )
    missing = next((_HEADINGS[column][0] for column, name in found.items() if name is None), None)
    if missing is not None:
        listed = quote(", ".join(table.rows.columns))
        raise _refuse(
            path,
            gettext(
                "the column “{missing}” is missing (found {listed}); use ISTAT's original file.",
                missing=missing,
                listed=listed,
            ),
        )
    return table._replace(rows=pd.DataFrame({column: table.rows[name] for column, name in found.items()}))


def _find_year(path: Path, table: Table) -> tuple[int, bool]:
    """Return the year of a table, and whether its title calls it an estimate."""
    title = " ".join(table.above).lower()
    year = re.search(r"gennaio\D{0,3}(\d{4})", title) or re.search(r"(?<!\d)(20\d{2})(?!\d)", path.name)
    if year is None:
        raise _refuse(
            path,
            gettext(
                "the year cannot be told (the title “… al 1° gennaio YYYY” is missing); use ISTAT's original file."
            ),
        )
    return int(year[1]), "stima" in plain_words(title)


def _find_notes(rows: pd.DataFrame) -> pd.Series:
    """Return which rows are no data: they have no numbers, or neither a code nor an age; the last may be cut off."""
    no_code = normalise_codes(rows["municipality_code"]).codes.isna()
    no_age = rows["age"].str.extract(_AGE, expand=False).isna()
    return (no_code & no_age) | (rows["females"] == "")


def _require_codes(path: Path, codes: pd.Series) -> None:
    if codes.isna().any():
        lines = list_rows(codes.index[codes.isna()])
        raise _refuse(
            path, gettext("unreadable municipality code on lines {lines}; use ISTAT's original file.", lines=lines)
        )


def _say_rows(mine: int, elsewhere: int, nobodys: pd.Index, noted: pd.Index) -> tuple[Text, ...]:
    """Say how many rows were passed over, and which hold no data or the code of no municipality, if any."""
    notices = []
    whole = mine + elsewhere + len(nobodys)
    if elsewhere or len(nobodys):
        nobody = gettext(", with a code that no municipality has {count}", count=len(nobodys))
        notices.append(
            gettext(
                "Rows with residents: {whole}; of the territory's municipalities {mine}, of others {elsewhere}{rest}.",
                whole=whole,
                mine=mine,
                elsewhere=elsewhere,
                rest=nobody if len(nobodys) else NOTHING,
            )
        )
    if len(nobodys):
        lines = list_rows(nobodys)
        notices.append(gettext("Rows with a code that no municipality has, not counted: {lines}.", lines=lines))
    if len(noted):
        lines = list_rows(noted)
        notices.append(
            gettext("Rows of notes, or without numbers, not read: {count} ({lines}).", count=len(noted), lines=lines)
        )
    return tuple(notices)


def _read_bytes(path: Path) -> bytes:
    """Return the table, taken out of its zip; a workbook is a zip too, and is the table."""
    with path.open("rb") as file:
        data = _unzip(path, file) if _is_packed(path, file) else file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        most = LARGEST_BYTES // 1_000_000
        raise _refuse(
            path,
            gettext(
                "the table is larger than {most} MB, more than that of all Italy; use ISTAT's original file.", most=most
            ),
        )
    return data


def _is_packed(path: Path, file: BinaryIO) -> bool:
    zipped = file.read(2) == b"PK"
    file.seek(0)
    if not zipped:
        return False
    with refusing(OF_ZIPS, lambda _: _damaged(path)), zipfile.ZipFile(file) as archive:
        workbook = "xl/workbook.xml" in archive.namelist()
    file.seek(0)
    return not workbook


def _unzip(path: Path, file: BinaryIO) -> bytes:
    """Return the only table of a zip, and never more than a byte above :data:`LARGEST_BYTES`."""
    with refusing(OF_ZIPS, lambda _: _damaged(path)), zipfile.ZipFile(file) as archive:
        tables = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(tables) != 1:
            raise _refuse(
                path,
                gettext(
                    "the zip holds {count} CSV files, expected one; download one year and one territory.",
                    count=len(tables),
                ),
            )
        with archive.open(tables[0]) as table:
            return table.read(LARGEST_BYTES + 1)


def _damaged(path: Path) -> ResidentsFileError:
    return _refuse(path, gettext("the zip is truncated or damaged; download it again."))


def _require_unique(path: Path, rows: pd.DataFrame) -> None:
    repeated = rows.duplicated(["municipality_code", "age"]) & rows["municipality_code"].notna()
    if repeated.any():
        lines = list_rows(rows.index[repeated])
        raise _refuse(
            path, gettext("municipality and age already seen on lines {lines}; use ISTAT's original file.", lines=lines)
        )


def _parse_counts(path: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Turn text into whole numbers, add merged municipalities up, and hold each total against its ages."""
    numbers = rows[["males", "females"]].apply(_whole_numbers)
    ages = pd.to_numeric(rows["age"].str.extract(_AGE, expand=False), errors="coerce")
    bad = numbers.isna().any(axis=1) | ages.isna() | ((ages > OLDEST_AGE) & (ages != TOTAL_AGE))
    if bad.any():
        lines = list_rows(rows.index[bad])
        raise _refuse(
            path, gettext("unreadable ages or numbers on lines {lines}; use ISTAT's original file.", lines=lines)
        )
    table = pd.DataFrame(
        {"municipality_code": rows["municipality_code"], "age": ages.astype("int64"), **numbers.astype("int64")}
    )
    summed = table.groupby(["municipality_code", "age"], as_index=False).sum()
    totals = summed[summed["age"] == TOTAL_AGE].set_index("municipality_code")
    counts = summed[summed["age"] != TOTAL_AGE].reset_index(drop=True)
    by_age = counts.groupby("municipality_code")[["males", "females"]].sum()
    wrong = (totals[["males", "females"]] != by_age.reindex(totals.index, fill_value=0)).any(axis=1)
    if wrong.any():
        differing = list(totals.index[wrong])
        raise _refuse(
            path,
            gettext(
                "ages do not add up to the total for {listed}; download the file again.", listed=", ".join(differing)
            ),
        )
    return counts


def _whole_numbers(column: pd.Series) -> pd.Series:
    """Read counts of people, with or without signs between thousands; anything else is NA."""
    text = column.str.removeprefix("'").str.strip()
    grouped = text.str.fullmatch(r"\d{1,3}(?:(?:\.\d{3})+|(?:,\d{3})+|(?:\s\d{3})+|(?:['\u2019]\d{3})+)")
    plain = text.where(~grouped, text.str.replace(r"\D", "", regex=True))
    return pd.to_numeric(plain.where(plain.str.fullmatch(r"\d{1,9}")), errors="coerce")


def _require_complete(path: Path, counts: pd.DataFrame, municipalities: pd.DataFrame) -> None:
    ages = counts.groupby("municipality_code")["age"].nunique()
    wanted = municipalities.set_index("municipality_code")["municipality"]
    lacking = wanted[ages.reindex(wanted.index, fill_value=0) != OLDEST_AGE + 1]
    if not lacking.empty:
        raise _refuse(
            path,
            gettext(
                "ages are missing wholly or in part for {count} of {total} municipalities: {names}; the file of "
                "Italy's municipalities or of the province of Milan is needed.",
                count=len(lacking),
                total=len(wanted),
                names=list_some([f"{name} ({code})" for code, name in lacking.items()], _SHOWN),
            ),
        )
