"""The counts of census sections: fields of files, and ISTAT's sheets of indicators."""

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import geopandas as gpd
import pandas as pd

from psttm_geo.core.errors import CensusFileError
from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.core.reading import OF_WORKBOOKS, OF_ZIPS, is_inflated_zip, refusing
from psttm_geo.schema.istat_codes import CODE_LENGTH

FIRST_AGE_FIELD = 14
"""P14 counts residents under 5, P15 those of 5 to 9, and so on by five years."""


LAST_AGE_FIELD = 29
"""P29 counts those of 75 and over."""


AGE_FIELDS = [f"P{number}" for number in range(FIRST_AGE_FIELD, LAST_AGE_FIELD + 1)]

_YEARS_PER_FIELD = 5

SECTION_DIGITS = 7

_INDICATORS = re.compile(r"r03_indicatori\w*\.xlsx", re.IGNORECASE)

FAULTS_SHOWN = 10

_HEADER_ROWS = 10


def refuse(path: Path, reason: Text) -> CensusFileError:
    """Return what says why a file cannot be used."""
    return CensusFileError(same("{path}: {reason}").fill(path=path, reason=reason))


def zipped_sheet(path: Path) -> str | None:
    """Return the sheet of Lombardy's indicators in ISTAT's zip of all regions; None for any other file."""
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except OF_ZIPS:
        return None
    return next((name for name in names if _INDICATORS.fullmatch(PurePosixPath(name).name)), None)


def _open_sheet(path: Path) -> io.BytesIO:
    zipped = zipped_sheet(path)
    if zipped is None:
        return io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        return io.BytesIO(archive.read(zipped))


def require_unique(path: Path, sections: pd.Series) -> None:
    repeated = sections[sections.duplicated()].unique()
    if len(repeated):
        listed = ", ".join(repeated[:FAULTS_SHOWN])
        raise refuse(
            path,
            gettext(
                "{count} sections stand there twice ({listed}): residents would count twice; take the file "
                "from ISTAT again.",
                count=len(repeated),
                listed=listed,
            ),
        )


def join_indicators(vector: Path, path: Path, rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Put ISTAT's indicators beside the sections; a section that the sheet lacks has no residents there."""
    table = _read_indicators(path)
    require_unique(path, table["section"])
    known = table["section"].isin(rows["section"])
    if not known.any():
        raise refuse(
            path,
            gettext(
                "none of its {count} sections is in {name}; use the indicators of the same region.",
                count=len(table),
                name=vector.name,
            ),
        )
    own = [name for name in table.columns if name != "section"]
    joined = rows.drop(columns=[name for name in own if name in rows]).merge(
        table[known], on="section", how="left", validate="1:1"
    )
    missing = int((~rows["section"].isin(table["section"])).sum())
    joined[own] = joined[own].fillna(0)
    notices = []
    if missing:
        notices.append(
            gettext("Sections missing from {name}, counted as uninhabited: {missing}.", name=path.name, missing=missing)
        )
    return joined, notices


def _read_indicators(path: Path) -> pd.DataFrame:
    """Return ``section``, ``P1`` and the fields of age of every row of ISTAT's sheet."""
    import openpyxl  # noqa: PLC0415 - slow and large to load, and sections that are kept need no sheet

    unreadable = refuse(path, gettext("does not open as XLSX; take the indicators from ISTAT again."))
    tables = []
    with refusing(OF_WORKBOOKS, lambda _: unreadable):
        content = _open_sheet(path)
        if is_inflated_zip(zipfile.ZipFile(content)):
            raise unreadable
        book = openpyxl.load_workbook(content, read_only=True, data_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what a file declares of its size need not be true
            tables.append(_sheet_rows(sheet.iter_rows(values_only=True)))
        book.close()
    found = next((table for table in tables if table is not None and not table.empty), None)
    if found is None:
        wanted = f"SEZ21_ID, P1, P{FIRST_AGE_FIELD}-P{LAST_AGE_FIELD}"
        raise refuse(
            path,
            gettext(
                "no sheet has the columns {wanted} and a row; use ISTAT's R03_indicatori_2021_sezioni.xlsx.",
                wanted=wanted,
            ),
        )
    numbers = pd.to_numeric(found["SEZ21_ID"], errors="coerce")
    numbers = numbers.where(numbers.between(0, 10 ** (CODE_LENGTH + SECTION_DIGITS)))
    found = found[numbers.notna()].drop(columns="SEZ21_ID")
    codes = numbers.dropna().astype("int64").astype(str).str.zfill(CODE_LENGTH + SECTION_DIGITS)
    return found.assign(section=codes)


def _sheet_rows(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame | None:
    """Return the wanted columns of a sheet; None for a sheet of something else."""
    for number, cells in enumerate(rows):
        names = [str(cell).strip().upper() for cell in cells]
        if {"SEZ21_ID", "P1"} <= set(names):
            wanted = [name for name in ("SEZ21_ID", "P1", *AGE_FIELDS) if name in names]
            positions = [names.index(name) for name in wanted]
            padding = (None,) * len(names)  # rows end at their last filled cell
            return pd.DataFrame(
                [[(*row, *padding)[position] for position in positions] for row in rows], columns=wanted
            )
        if number >= _HEADER_ROWS:
            return None
    return None


def fields_of(youngest: int, oldest: int | None) -> list[str]:
    """Return the fields of age that make up a band, which begins and ends with one of them."""
    first = FIRST_AGE_FIELD + youngest // _YEARS_PER_FIELD
    last = LAST_AGE_FIELD if oldest is None else FIRST_AGE_FIELD + oldest // _YEARS_PER_FIELD
    return [f"P{number}" for number in range(first, last + 1)]


def whole_counts(path: Path, rows: pd.DataFrame, fields: list[str]) -> tuple[pd.DataFrame, list[Text]]:
    counts = rows[fields].apply(pd.to_numeric, errors="coerce")
    written = rows[fields].notna() & (rows[fields].astype(str) != "")
    bad = (written & (counts.isna() | (counts < 0) | (counts % 1 != 0))).any(axis=1)
    if bad.any():
        listed = ", ".join(rows.loc[bad, "section"][:FAULTS_SHOWN])
        raise refuse(
            path,
            gettext(
                "unreadable residents in {bad} sections ({listed}), expected a whole number; take the file "
                "from ISTAT again.",
                bad=int(bad.sum()),
                listed=listed,
            ),
        )
    blank = int(counts[fields[0]].isna().sum())
    notices = []
    if blank:
        notices.append(gettext("Sections that state no residents, counted as uninhabited: {blank}.", blank=blank))
    return counts.fillna(0).astype("int64"), notices
