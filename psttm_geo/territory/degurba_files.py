"""The Degree of Urbanisation of municipalities: ISTAT's and Eurostat's tables, and what this package computed itself.

ISTAT publishes it with the statistical classifications of municipalities (``Classificazioni statistiche-e-dimensione-
dei-comuni``: ``Codice Istat del Comune (alfanumerico)``, ``Grado di urbanizzazione``, since 2026 with a year behind),
Eurostat with the local administrative units (workbook ``EU-27-LAU``, a sheet per country: ``NUTS 3 CODE``, ``LAU
CODE``, ``DEGURBA``) and in GISCO's layers (``GISCO_ID``, ``CNTR_CODE``, ``LAU_ID``, ``DGURBA``). All of them know level
1; a column of level 2 is read where a table has one. GHSL's ``DEGURBA_L1`` is not read: it counts the other way round.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.files import sha256_of, write_text
from psttm_geo.core.messages import Text, gettext, list_some
from psttm_geo.core.provenance import Source
from psttm_geo.core.reading import OF_ARRAYS, refusing
from psttm_geo.core.spreadsheets import cell_fault, file_fault, parse_whole, read_rows
from psttm_geo.schema.code_lists import CLASS_COLUMNS
from psttm_geo.schema.istat_codes import find_mergers, find_nobodys, normalise_codes
from psttm_geo.territory.degurba_records import (
    EXPERIMENTAL,
    FILE,
    LEVEL_1,
    LEVEL_1_OF,
    LEVEL_2,
    Urbanisation,
    class_table,
)

_VERSION = 1

_COUNTRY = "IT"
"""As Eurostat calls it, in names of sheets and at the beginning of codes."""

_CODES = {
    "codice istat del comune (alfanumerico)": "ISTAT",
    "codice istat del comune (numerico)": "ISTAT",
    "pro_com_t": "ente",
    "pro_com": "ente",
    "lau code": "Eurostat",
    "lau_id": "Eurostat",
    "gisco_id": "Eurostat",
}
"""Columns of codes, the first that is there counts, and who publishes tables that have it."""

_PUBLISHED = {
    "ISTAT": ("https://www.istat.it/classificazione/principali-statistiche-geografiche-sui-comuni/", "CC BY 4.0"),
    "Eurostat": ("https://ec.europa.eu/eurostat/web/nuts/local-administrative-units", "CC BY 4.0"),
    "ente": ("", "non indicata"),
}
"""Address and licence of each publisher."""

_LEVEL_1 = re.compile(r"grado di urbanizzazione(?: \d{4})?|degurba|dgurba")

_LEVEL_2 = re.compile(r"degurba[ _](?:level[ _]|l)?2|dgurba_lvl2")

_COUNTRIES = re.compile(r"cntr_code|nuts 3 code(?: \d{4})?|gisco_id")

_NAMED = re.compile("|".join(pattern.pattern for pattern in (_LEVEL_1, _LEVEL_2, _COUNTRIES)))

_BASIS = "degurba_base"

_SHOWN = 10


def open_urbanisation(path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Urbanisation:
    """Read what a workspace holds: a kept computation, which is JSON, or a table; errors as of the reader of each."""
    with path.open("rb") as file:
        packed = file.read(1) == b"{"
    return load_urbanisation(path) if packed else read_urbanisation(path, municipalities, predecessors)


def read_urbanisation(path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Urbanisation:
    """Read ISTAT's or Eurostat's classes of the territory's municipalities.

    Parameters
    ----------
    path
        CSV or XLSX, of Italy or of Europe; of a workbook the sheet ``IT``, else the first.
    municipalities
        The territory: ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: ``municipality_code``, ``municipality``, ``successor_code``, ``successor``.

    Returns
    -------
    Urbanisation
        Municipalities that the table lacks, or has without a class, are not known and said.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        A column is missing, a code or class cannot be read, a municipality stands there twice or in parts, levels
        contradict each other, no municipality of the territory is there, or classes are this package's own.
    """
    whole = read_rows(path, (*_CODES, _BASIS), pattern=_NAMED, sheet=_COUNTRY)
    code_column, columns = _find_columns(path, whole)
    noted = (whole[[code_column, *columns.values()]] == "").all(axis=1)  # below the table
    rows = _of_italy(whole[~noted])
    written = rows[code_column].str.removeprefix(f"{_COUNTRY}_")
    codes = normalise_codes(written)
    classes = _read_classes(rows, columns).assign(municipality_code=codes.codes)
    mine = classes[classes["municipality_code"].isin({*municipalities["municipality_code"], *_merged(predecessors)})]
    mergers = find_mergers(set(mine["municipality_code"]), predecessors)
    faults = [
        *_code_faults(path, written, codes.codes, {*municipalities["municipality_code"], *_merged(predecessors)}),
        *_class_faults(path, rows, columns),
        *_contradictions(path, classes),
        *_repetitions(path, mine["municipality_code"]),
        *(file_fault(path, gettext("{found}; correct the table.", found=found)) for found in mergers.contradictions),
    ]
    if mine.empty and not faults:
        faults.append(
            file_fault(path, gettext("no municipality of the territory is in the table; use the one of all Italy."))
        )
    if faults:
        raise TableError(faults, rows=len(whole))
    table = _join_parts(mine.assign(municipality_code=mine["municipality_code"].replace(mergers.successors)))
    return Urbanisation(
        classes=table,
        experimental=False,
        source=_source(path, _CODES[code_column]),
        notices=(
            *codes.notices,
            *mergers.notices,
            *_say_unknown(table, municipalities),
            *_say_rows(len(mine), elsewhere=len(rows) - len(mine), abroad=len(whole) - int(noted.sum()) - len(rows)),
        ),
    )


def write_urbanisation(path: Path, urbanisation: Urbanisation) -> None:
    """Write a computation to be read back by :func:`load_urbanisation`.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    table = urbanisation.classes.astype(object)
    content = {
        "version": _VERSION,
        "source": asdict(urbanisation.source),
        "notices": [list(notice) for notice in urbanisation.notices],
        "classes": table.where(table.notna(), None).to_dict("records"),
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def load_urbanisation(path: Path) -> Urbanisation:
    """Read a computation that :func:`write_urbanisation` wrote.

    Raises
    ------
    TableError
        The file is damaged or of another version.
    """
    with refusing(OF_ARRAYS, lambda _: _damaged(path)):
        content = json.loads(path.read_text("utf-8"))
        if content["version"] != _VERSION:
            raise _damaged(path)
        table = pd.DataFrame(content["classes"], columns=["municipality_code", *CLASS_COLUMNS], dtype=object)
        return Urbanisation(
            classes=table.astype(dict.fromkeys(CLASS_COLUMNS[:2], "Int64")),
            experimental=True,
            source=Source(**{**content["source"], "sha256": sha256_of(path)}),
            notices=tuple(Text(*notice) for notice in content["notices"]),
        )


def _damaged(path: Path) -> TableError:
    return TableError.of(
        path.name,
        None,
        gettext("is damaged or of another version; remove it with psttm-geo inputs remove degurba, compute it again."),
    )


def _source(path: Path, publisher: str) -> Source:
    address, licence = _PUBLISHED[publisher]
    title = "Grado di urbanizzazione dei comuni"
    return Source(
        identifier="degurba-file",
        title=f"{title} ({path.name})",
        publisher=publisher,
        address=address,
        reference_date="",
        licence=licence,
        attribution=f"{publisher}, {title.lower()}",
        sha256=sha256_of(path),
    )


def _find_columns(path: Path, rows: pd.DataFrame) -> tuple[str, dict[int, str]]:
    """Return the column of codes and that of each level."""
    if _BASIS in rows and (rows[_BASIS] == EXPERIMENTAL).any():
        raise TableError.of(
            path.name,
            None,
            gettext("its classes were computed by psttm-geo, experimental; give ISTAT's or Eurostat's table."),
        )
    codes = next((name for name in _CODES if name in rows), None)
    patterns = {1: _LEVEL_1, 2: _LEVEL_2}
    named = rows.columns.to_list()
    found = {level: [name for name in named if pattern.fullmatch(name)] for level, pattern in patterns.items()}
    columns = {level: names[-1] for level, names in found.items() if names}
    if codes is None or not columns:
        listed = ", ".join(list(rows.columns)[: 2 * _SHOWN])
        raise TableError.of(
            path.name,
            None,
            gettext(
                "a column of codes (Codice Istat del Comune, LAU CODE, GISCO_ID) and one of classes (Grado "
                "di urbanizzazione, DEGURBA) are needed; found: {listed}; use ISTAT's or Eurostat's table.",
                listed=listed,
            ),
        )
    return codes, columns


def _of_italy(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep Italy in a table of several countries: codes of others look like Italian ones."""
    name = next((name for name in rows.columns.to_list() if _COUNTRIES.fullmatch(name)), None)
    return rows if name is None else rows[rows[name].str.upper().str.startswith(_COUNTRY)]


def _merged(predecessors: pd.DataFrame) -> pd.Series:
    return predecessors["municipality_code"]


def _read_classes(rows: pd.DataFrame, columns: Mapping[int, str]) -> pd.DataFrame:
    """Return ``level_1`` and ``level_2`` of each row, NA where none is written; either column may hold the finer."""
    blank = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    coarse, fine = (
        rows[columns[level]].map(parse_whole).astype("Int64") if level in columns else blank for level in (1, 2)
    )
    finer = coarse.isin(LEVEL_2)
    return pd.DataFrame({"level_1": coarse.mask(finer), "level_2": fine.fillna(coarse.where(finer))})


def _by_row(cells: pd.Series) -> list[tuple[int, str]]:
    """Return cells with their rows, to be shown."""
    return list(zip(cells.index.to_list(), cells.to_list(), strict=True))


def _code_faults(path: Path, written: pd.Series, codes: pd.Series, known: set[str]) -> list[Fault]:
    """Find codes that cannot be read, and those of the province that no municipality has or had."""
    strange = find_nobodys(codes, known)
    return [
        cell_fault(
            path, row, gettext("unknown municipality code “{text}”, expected six characters such as 015146", text=text)
        )
        for row, text in _by_row(written[strange])
    ]


def _class_faults(path: Path, rows: pd.DataFrame, columns: Mapping[int, str]) -> list[Fault]:
    """Find classes that do not exist."""
    faults = []
    for level, name in columns.items():
        allowed = [*LEVEL_1, *LEVEL_2] if level == 1 else list(LEVEL_2)
        expected = ", ".join(map(str, allowed))
        texts = rows[name]
        unknown = texts[(texts != "") & ~texts.map(parse_whole).isin(allowed)]
        faults += [
            cell_fault(
                path,
                row,
                gettext(
                    "unknown class “{text}”, expected a blank cell or one of {expected}", text=text, expected=expected
                ),
            )
            for row, text in _by_row(unknown)
        ]
    return faults


def _contradictions(path: Path, classes: pd.DataFrame) -> list[Fault]:
    """Find rows whose two levels do not go together."""
    implied = classes["level_2"].map(LEVEL_1_OF).astype("Int64")
    odd = classes[(implied != classes["level_1"]).fillna(value=False)]
    return [
        cell_fault(
            path,
            row,
            gettext("class {fine} of level 2 is no part of class {coarse} of level 1", fine=fine, coarse=coarse),
        )
        for row, coarse, fine in odd[["level_1", "level_2"]].itertuples(name=None)
    ]


def _repetitions(path: Path, codes: pd.Series) -> list[Fault]:
    return [
        cell_fault(path, row, gettext("municipality {code} stands in another row already", code=code))
        for row, code in _by_row(codes[codes.duplicated()])
    ]


_NONE = 0
"""Stands for no class while parts are compared: no class has this code."""


def _join_parts(classes: pd.DataFrame) -> pd.DataFrame:
    """Give a merged municipality the class of its parts; where they differ it is not known."""
    levels = ["level_1", "level_2"]
    implied = classes["level_2"].map(LEVEL_1_OF).astype("Int64")
    filled = classes.assign(level_1=classes["level_1"].fillna(implied)).fillna(dict.fromkeys(levels, _NONE))
    parts = filled.groupby("municipality_code")[levels]
    agreed = parts.min().where(parts.min() == parts.max())
    found = agreed.mask(agreed == _NONE)
    return class_table(found.index.to_series(), found["level_1"], found["level_2"], FILE)


def _say_rows(mine: int, *, elsewhere: int, abroad: int) -> tuple[Text, ...]:
    """Say how many rows with a code or a class were passed over, if any."""
    if not elsewhere and not abroad:
        return ()
    return (
        gettext(
            "Rows with a code or a class: {mine}; of municipalities of the territory {inside}, of others "
            "{elsewhere}, of other countries {abroad}.",
            mine=mine + elsewhere + abroad,
            inside=mine,
            elsewhere=elsewhere,
            abroad=abroad,
        ),
    )


def _say_unknown(classes: pd.DataFrame, municipalities: pd.DataFrame) -> tuple[Text, ...]:
    known = classes.loc[classes[CLASS_COLUMNS[0]].notna(), "municipality_code"]
    missing = municipalities.loc[~municipalities["municipality_code"].isin(known), "municipality"].sort_values()
    lines = []
    if not missing.empty:
        lines.append(
            gettext(
                "Municipalities without a class in the table, which stays unknown: {count} ({names}).",
                count=len(missing),
                names=list_some(missing.to_list(), _SHOWN),
            )
        )
    if classes[CLASS_COLUMNS[1]].isna().all():
        lines.append(
            gettext("The table has level 1 only: it does not say which municipalities of class 2 are peri-urban.")
        )
    return tuple(lines)
