"""ISTAT's yearly residents by sex and single year of age (POSAS files of demo.istat.it).

A POSAS file is a zip with one CSV, or that CSV: a title line that names the day, a header, one row per municipality
and age, where age 999 is the total of the row's municipality and 100 means "100 and over". The columns of civil status
that some years carry are not read. Since 2021 the separator is a semicolon and codes have six characters; 2020 has
commas and codes without zeros.
"""

import csv
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from psttm_geo.errors import InputMissingError, ResidentsFileError, Text
from psttm_geo.files import ZIP_ERRORS, sha256_of
from psttm_geo.model.codes import find_mergers, normalise_codes
from psttm_geo.model.provenance import Source
from psttm_geo.model.territory import Residents

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

_FAULTS_SHOWN = 10


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
            Text(
                it=f"{path} non esiste; indicare il file POSAS scaricato da demo.istat.it.",
                en=f"{path} does not exist; give the POSAS file downloaded from demo.istat.it.",
            )
        )
    layout = _open_posas(path)
    rows = _read_rows(path, layout)
    codes = normalise_codes(rows["municipality_code"])
    _require_unique(path, rows.assign(municipality_code=codes.codes))
    mergers = find_mergers(set(codes.codes.dropna()), predecessors)
    if mergers.contradictions:
        raise _refuse(
            path,
            f"{'; '.join(text.it for text in mergers.contradictions)}; usare un file completo di un anno.",
            f"{'; '.join(text.en for text in mergers.contradictions)}; use a complete file of one year.",
        )
    rows["municipality_code"] = codes.codes.replace(mergers.successors)
    rows = rows[rows["municipality_code"].isin(municipalities["municipality_code"])]
    counts = _parse_counts(path, rows)
    _require_complete(path, counts, municipalities)
    return Residents(
        counts=counts,
        date=f"{layout.year}-01-01",
        source=Source(
            identifier="istat-residents-file",
            title=f"Popolazione residente per sesso ed età al 1° gennaio {layout.year}"
            f"{' (stima)' if layout.provisional else ''} ({path.name})",
            publisher="ISTAT",
            address=ADDRESS,
            reference_date=f"{layout.year}-01-01",
            licence=LICENCE,
            attribution="ISTAT, demografia in cifre",
            sha256=sha256_of(path),
        ),
        provisional=layout.provisional,
        notices=(*codes.notices, *mergers.notices),
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
            f"contiene i residenti al {residents.date}, chiesto l'anno {year}; scegliere l'anno che contiene.",
            f"holds the residents on {residents.date}, year {year} was asked for; choose the year it holds.",
        )


@dataclass(frozen=True)
class _Layout:
    text: str
    first_line: int
    delimiter: str
    year: int
    provisional: bool


def _refuse(path: Path, it: str, en: str) -> ResidentsFileError:
    return ResidentsFileError(Text(it=f"{path}: {it}", en=f"{path}: {en}"))


def _open_posas(path: Path) -> _Layout:
    text = _read_text(path)
    lines = text.splitlines()
    for number, line in enumerate(lines[:10]):
        plain = _plain(line)
        if "codice comune" in plain and "eta" in plain:
            delimiter = max(";,\t", key=line.count)
            title = " ".join(lines[:number])
            year = re.search(r"gennaio\D{0,3}(\d{4})", title.lower()) or re.search(r"(?<!\d)(20\d{2})(?!\d)", path.name)
            if year is None:
                raise _refuse(
                    path,
                    "non si capisce di che anno sia (manca il titolo «… al 1° gennaio AAAA»); usare il file di ISTAT.",
                    "the year cannot be told (the title “… al 1° gennaio YYYY” is missing); use ISTAT's original file.",
                )
            return _Layout(text, number + 1, delimiter, int(year[1]), "stima" in _plain(title))
    raise _refuse(
        path,
        "non è un file POSAS (manca l'intestazione «Codice comune; Comune; Età…»); scaricarlo da demo.istat.it.",
        "is no POSAS file (the header “Codice comune; Comune; Età…” is missing); download it from demo.istat.it.",
    )


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        zipped = file.read(2) == b"PK"
        file.seek(0)
        data = _unzip(path, file) if zipped else file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        most = LARGEST_BYTES // 1_000_000
        raise _refuse(
            path,
            f"la tabella supera {most} MB, più di quella di tutta l'Italia; usare il file originale di ISTAT.",
            f"the table is larger than {most} MB, more than that of all Italy; use ISTAT's original file.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _unzip(path: Path, file: BinaryIO) -> bytes:
    """Return the only table of a zip, and never more than a byte above :data:`LARGEST_BYTES`."""
    try:
        with zipfile.ZipFile(file) as archive:
            tables = [name for name in archive.namelist() if name.lower().endswith(".csv")]
            if len(tables) != 1:
                raise _refuse(
                    path,
                    f"lo zip contiene {len(tables)} file CSV, atteso uno; scaricare un solo anno e territorio.",
                    f"the zip holds {len(tables)} CSV files, expected one; download one year and one territory.",
                )
            with archive.open(tables[0]) as table:
                return table.read(LARGEST_BYTES + 1)
    except ZIP_ERRORS as error:
        raise _refuse(
            path,
            "lo zip è troncato o danneggiato; riscaricarlo.",
            "the zip is truncated or damaged; download it again.",
        ) from error


def _plain(text: str) -> str:
    """Return text in lower case without accents and quotes, to compare headings."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace('"', " "))
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def _read_rows(path: Path, layout: _Layout) -> pd.DataFrame:
    """Return code, age and counts as text, one row per line, labelled by line; notes at the foot are left out."""
    lines = layout.text.splitlines()
    reader = csv.reader(lines[layout.first_line - 1 :], delimiter=layout.delimiter)
    header = [_plain(heading) for heading in next(reader)]
    positions = {}
    for column, headings in _HEADINGS.items():
        match = next((heading for heading in headings if heading in header), None)
        if match is None:
            raise _refuse(
                path,
                f"manca la colonna «{headings[0]}» (trovate {', '.join(header)}); usare il file originale di ISTAT.",
                f"the column “{headings[0]}” is missing (found {', '.join(header)}); use ISTAT's original file.",
            )
        positions[column] = header.index(match)
    last = max(positions.values())
    try:
        records = {
            layout.first_line + offset: [row[position] for position in positions.values()]
            for offset, row in enumerate(reader, start=1)
            if len(row) > last
        }
    except csv.Error as error:
        raise _refuse(
            path,
            "testo troppo lungo o virgolette mai chiuse; usare il file originale di ISTAT.",
            "text too long or quotes never closed; use ISTAT's original file.",
        ) from error
    return pd.DataFrame.from_dict(records, orient="index", columns=list(positions), dtype="str")


def _require_unique(path: Path, rows: pd.DataFrame) -> None:
    repeated = rows.duplicated(["municipality_code", "age"]) & rows["municipality_code"].notna()
    if repeated.any():
        lines = ", ".join(str(line) for line in rows.index[repeated][:_FAULTS_SHOWN])
        raise _refuse(
            path,
            f"comune ed età già visti alle righe {lines}; usare il file originale di ISTAT.",
            f"municipality and age already seen on lines {lines}; use ISTAT's original file.",
        )


def _parse_counts(path: Path, rows: pd.DataFrame) -> pd.DataFrame:
    """Turn text into whole numbers, add merged municipalities up, and hold each total against its ages."""
    numbers = rows[["males", "females"]].apply(_whole_numbers)
    ages = pd.to_numeric(rows["age"].str.extract(r"^\s*(\d{1,3})(?!\d)", expand=False), errors="coerce")
    bad = numbers.isna().any(axis=1) | ages.isna() | ((ages > OLDEST_AGE) & (ages != TOTAL_AGE))
    if bad.any():
        lines = ", ".join(str(line) for line in rows.index[bad][:_FAULTS_SHOWN])
        raise _refuse(
            path,
            f"età o numeri illeggibili alle righe {lines}; usare il file originale di ISTAT.",
            f"unreadable ages or numbers on lines {lines}; use ISTAT's original file.",
        )
    table = pd.DataFrame(
        {
            "municipality_code": rows["municipality_code"],
            "age": ages.astype("int64"),
            **numbers.astype("int64"),
        }
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
            f"la somma delle età non dà il totale per {', '.join(differing)}; riscaricare il file.",
            f"ages do not add up to the total for {', '.join(differing)}; download the file again.",
        )
    return counts


def _whole_numbers(column: pd.Series) -> pd.Series:
    """Read counts of people, with or without dots between thousands; anything else is NA."""
    text = column.str.strip()
    plain = text.where(~text.str.fullmatch(r"\d{1,3}(\.\d{3})+"), text.str.replace(".", "", regex=False))
    return pd.to_numeric(plain.where(plain.str.fullmatch(r"\d{1,9}")), errors="coerce")


def _require_complete(path: Path, counts: pd.DataFrame, municipalities: pd.DataFrame) -> None:
    ages = counts.groupby("municipality_code")["age"].nunique()
    wanted = municipalities.set_index("municipality_code")["municipality"]
    lacking = wanted[ages.reindex(wanted.index, fill_value=0) != OLDEST_AGE + 1]
    if not lacking.empty:
        shown = ", ".join(f"{name} ({code})" for code, name in lacking.iloc[:_FAULTS_SHOWN].items())
        more = len(lacking) - _FAULTS_SHOWN
        rest = (f" e altri {more}", f" and {more} more") if more > 0 else ("", "")
        raise _refuse(
            path,
            f"mancano del tutto o in parte le età di {len(lacking)} comuni su {len(wanted)}: {shown}{rest[0]}; "
            "serve il file dei comuni d'Italia o della provincia di Milano.",
            f"ages are missing wholly or in part for {len(lacking)} of {len(wanted)} municipalities: {shown}{rest[1]}; "
            "the file of Italy's municipalities or of the province of Milan is needed.",
        )
