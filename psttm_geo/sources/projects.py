"""Registers of projects: the office's own table, OpenCUP's list of places, and the office's attribution to drivers.

The office's register is a CSV or XLSX with the columns of :data:`TEMPLATE`. OpenCUP's file of places names only the
project (CUP) and the municipality. A table ``cup,driver`` attributes projects to drivers afterwards.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import openpyxl
import pandas as pd

from psttm_geo.errors import Fault, InputMissingError, TableError, Text
from psttm_geo.files import sha256_of
from psttm_geo.model.codes import normalise_codes
from psttm_geo.model.provenance import Source

TEMPLATE = {
    "codice": Text("codice del progetto (CUP), unico", "code of the project (CUP), unique"),
    "titolo": Text("titolo del progetto", "title of the project"),
    "comuni": Text("codici ISTAT dei comuni, separati da punto e virgola", "ISTAT codes, separated by semicolons"),
    "edizione": Text("edizione del Piano; vuota per la più recente", "edition of the plan; blank for the latest"),
    "driver": Text("numero del driver, 1-10; vuoto se non attribuito", "number of the driver, 1-10; blank if none"),
    "missione": Text("numero della missione, 1-6; vuoto se non nota", "number of the mission, 1-6; blank if unknown"),
    "importo_eur": Text("importo in euro; vuoto se non noto", "amount in euros; blank if unknown"),
    "stato": Text("stato di attuazione, testo libero", "state of progress, free text"),
    "data_inizio": Text("data di inizio, AAAA-MM-GG", "date of start, YYYY-MM-DD"),
    "data_fine": Text("data di fine, AAAA-MM-GG", "date of end, YYYY-MM-DD"),
}
"""Columns of the office's register, in order, and what goes in them."""

REQUIRED = ("codice", "comuni")

_WHOLE_PROVINCE = "-1"
"""OpenCUP's code for "all municipalities of the province"."""

_OPENCUP = ("cup", "codice_comune", "codice_provincia")

_HINT = "# "
"""How the template's line of explanations begins."""

_LARGEST_BYTES = 50_000_000

_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[ T][\d:.]+)?"),
    re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})[.-](?P<month>\d{1,2})[.-](?P<year>\d{4})"),
)

_AMOUNT = Text("un importo come 1.234.567,89", "an amount such as 1234567.89")

_DAY = Text("una data AAAA-MM-GG", "a date YYYY-MM-DD")

_Value = TypeVar("_Value", float, str)

_DRIVERS = range(1, 11)

_MISSIONS = range(1, 7)


@dataclass(frozen=True)
class Projects:
    """A register of projects.

    Attributes
    ----------
    projects
        ``project`` (code), ``title``, ``edition``, ``driver``, ``mission`` (whole numbers or NA),
        ``amount_eur`` (NA where unknown), ``status``, ``start_date``, ``end_date`` (ISO 8601 or empty), ``row``.
    places
        ``project``, ``municipality_code``: one row per project and municipality of the territory.
    elsewhere
        How many rows or projects lie wholly outside the territory and were left out.
    source
        Where they come from.
    notices
        What was repaired or left out, for the user.
    """

    projects: pd.DataFrame
    places: pd.DataFrame
    elsewhere: int
    source: Source
    notices: tuple[Text, ...]


def template_text() -> str:
    """Return the empty register as CSV: its header, and a second line that says what goes in each column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(TEMPLATE)
    writer.writerow([f"# {text.it}" if position == 0 else text.it for position, text in enumerate(TEMPLATE.values())])
    return buffer.getvalue()


def read_projects(
    path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame, editions: Sequence[str]
) -> Projects:
    """Read a register of projects: the office's own, or OpenCUP's file of places.

    Parameters
    ----------
    path
        CSV (comma or semicolon, UTF-8 or Windows) or XLSX (first sheet).
    municipalities
        The territory: ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: ``municipality_code``, ``successor_code``.
    editions
        Identifiers of the editions, the latest last: it is that of projects that name none.

    Returns
    -------
    Projects
        Whole: a register with any fault is not loaded at all.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row.
    """
    rows = _read_rows(path)
    if set(_OPENCUP) <= set(rows.columns):
        return _opencup(path, rows, municipalities, predecessors, editions)
    return _office(path, rows, municipalities, predecessors, editions)


def read_attribution(path: Path, projects: pd.DataFrame) -> pd.DataFrame:
    """Read the office's table that attributes projects to drivers.

    Parameters
    ----------
    path
        CSV or XLSX with the columns ``cup`` and ``driver``.
    projects
        ``project``: the codes that can be attributed.

    Returns
    -------
    DataFrame
        ``project``, ``driver`` (whole number).

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        All faults, each with its row: missing columns, unknown project, unknown driver, a project twice.
    """
    rows = _read_rows(path)
    missing = [name for name in ("cup", "driver") if name not in rows.columns]
    if missing:
        raise TableError([_columns_fault(path, missing, ("cup", "driver"))])
    known, seen = set(projects["project"]), set()
    faults, attributed = [], []
    for row, cup, driver in zip(rows.index, rows["cup"], rows["driver"], strict=True):
        if cup not in known:
            faults.append(
                _fault(path, row, f"il progetto «{cup}» non è nel registro", f"project “{cup}” is not in the register")
            )
        if cup in seen:
            faults.append(
                _fault(path, row, f"il progetto «{cup}» è già attribuito", f"project “{cup}” is attributed already")
            )
        number = _whole(driver, _DRIVERS)
        if number is None:
            faults.append(
                _fault(
                    path,
                    row,
                    f"driver «{driver}» sconosciuto, atteso 1-10",
                    f"unknown driver “{driver}”, expected 1-10",
                )
            )
        seen.add(cup)
        attributed.append({"project": cup, "driver": number})
    if faults:
        raise TableError(faults)
    return pd.DataFrame(attributed, columns=["project", "driver"]).astype({"driver": "Int64"})


def _fault(path: Path, row: int | None, it: str, en: str) -> Fault:
    return Fault(path.name, row, Text(f"{it}; correggere la cella.", f"{en}; correct the cell."))


def _columns_fault(path: Path, missing: Iterable[str], expected: Iterable[str]) -> Fault:
    return Fault(
        path.name,
        1,
        Text(
            f"mancano le colonne {', '.join(missing)} (attese: {', '.join(expected)}); "
            "partire dal modello: psttm-geo template projects -o FILE.",
            f"columns {', '.join(missing)} are missing (expected: {', '.join(expected)}); "
            "start from the template: psttm-geo template projects -o FILE.",
        ),
    )


def _read_rows(path: Path) -> pd.DataFrame:
    """Return the cells as text, labelled by their row in the file; blank and comment rows are left out."""
    if not path.is_file():
        raise InputMissingError(
            Text(
                f"{path} non esiste; indicare il registro dei progetti.",
                f"{path} does not exist; give the register of projects.",
            )
        )
    if path.stat().st_size > _LARGEST_BYTES:
        raise TableError(
            [_plain_fault(path, "il file supera 50 MB; dividerlo.", "the file is larger than 50 MB; split it.")]
        )
    with path.open("rb") as file:
        head = file.read(2)
    table = _xlsx_rows(path) if head == b"PK" else _csv_rows(path)
    filled = [(row, cells) for row, cells in table if any(cells)]
    if not filled:
        raise TableError(
            [_plain_fault(path, "il foglio è vuoto; riempire il modello.", "the sheet is empty; fill the template in.")]
        )
    names = _column_names(path, *filled[0])
    rows = {row: cells for row, cells in filled[1:] if not cells[0].startswith(_HINT)}
    surplus = [row for row, cells in rows.items() if any(cells[len(names) :])]
    if surplus:
        raise TableError(
            [
                _fault(
                    path,
                    row,
                    f"{len(rows[row])} celle, attese {len(names)} (le virgole nei testi vanno fra virgolette)",
                    f"{len(rows[row])} cells, expected {len(names)} (texts with a comma belong in quotes)",
                )
                for row in surplus
            ]
        )
    if not rows:
        raise TableError(
            [
                _plain_fault(
                    path,
                    "non c'è nessuna riga sotto l'intestazione; riempire il modello.",
                    "there is no row below the header; fill the template in.",
                )
            ]
        )
    padded = {row: (cells + [""] * len(names))[: len(names)] for row, cells in rows.items()}
    return pd.DataFrame.from_dict(padded, orient="index", columns=names, dtype="str")


def _column_names(path: Path, header_row: int, header: list[str]) -> list[str]:
    """Return the names of the columns in lower case; blank ones at the end are no columns."""
    names = [name.lower() for name in header]
    while names and not names[-1]:
        names.pop()
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        listed = ", ".join(repeated) or "«»"
        raise TableError(
            [
                _fault(
                    path,
                    header_row,
                    f"colonne ripetute o senza nome: {listed}",
                    f"columns repeated or unnamed: {listed}",
                )
            ]
        )
    return names


def _plain_fault(path: Path, it: str, en: str) -> Fault:
    return Fault(path.name, None, Text(it, en))


def _csv_rows(path: Path) -> list[tuple[int, list[str]]]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            [_fault(path, line, "testo troppo lungo o virgolette mai chiuse", "text too long or quotes never closed")]
        ) from error
    return rows


def _xlsx_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Read the first sheet; formulas come as their text and are never computed."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file declares of its size need not be true
        rows = [
            (row, [_cell_text(value) for value in cells])
            for row, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
        ]
        book.close()
    except Exception as error:  # openpyxl lets errors of zipfile, of XML parsers and its own through
        raise TableError(
            [
                _plain_fault(
                    path,
                    "non si apre come XLSX; salvarlo di nuovo o come CSV.",
                    "does not open as XLSX; save it again or as CSV.",
                )
            ]
        ) from error
    return rows


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):  # cents, so that a decimal point is never taken for one of thousands
        return str(int(value)) if value.is_integer() else f"{value:.2f}"
    return str(value).strip()


def _whole(text: str, allowed: range) -> int | None:
    number = re.fullmatch(r"0*(\d{1,2})(?:[.,]0+)?", text)
    return int(number[1]) if number and int(number[1]) in allowed else None


def _amount(text: str) -> float | None:
    """Return an amount in euros, or None where it cannot be read without doubt.

    A separator followed by exactly three digits parts thousands (cents have two); the last of two is the decimal one.
    """
    bare = re.sub(r"[\s€\u00a0']|euro?", "", text, flags=re.IGNORECASE)
    if not re.fullmatch(r"\d[\d.,]*", bare):
        return None
    for thousands, decimal in ((".", ","), (",", ".")):
        grouped = re.fullmatch(rf"([1-9]\d{{0,2}}(?:\{thousands}\d{{3}})+|\d+)(?:\{decimal}(\d{{1,2}}))?", bare)
        if grouped:
            return float(grouped[1].replace(thousands, "") + "." + (grouped[2] or "0"))
    return None


def _date(text: str) -> str | None:
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match:
            try:
                return date(int(match["year"]), int(match["month"]), int(match["day"])).isoformat()
            except ValueError:
                return None
    return None


def _split_codes(text: str) -> list[str]:
    return [part for part in re.split(r"[;,|\s]+", text) if part]


def _successors(predecessors: pd.DataFrame) -> dict[str, str]:
    return dict(zip(predecessors["municipality_code"], predecessors["successor_code"], strict=True))


def _office(
    path: Path, rows: pd.DataFrame, municipalities: pd.DataFrame, predecessors: pd.DataFrame, editions: Sequence[str]
) -> Projects:
    missing = [name for name in REQUIRED if name not in rows.columns]
    if missing:
        raise TableError([_columns_fault(path, missing, TEMPLATE)])
    reader = _OfficeReader(path, set(municipalities["municipality_code"]), _successors(predecessors), editions)
    written = pd.Series(sorted({part for text in rows["comuni"] for part in _split_codes(text)}), dtype="str")
    reader.codes = dict(zip(written, normalise_codes(written).codes.fillna(written), strict=True))
    for row, cells in zip(rows.index, rows.to_dict("records"), strict=True):
        reader.read(int(row), {str(name): str(value) for name, value in cells.items()})
    if reader.faults:
        raise TableError(reader.faults)
    projects = pd.DataFrame(reader.projects).astype({"driver": "Int64", "mission": "Int64", "amount_eur": "float64"})
    return Projects(
        projects,
        pd.DataFrame(reader.places, columns=["project", "municipality_code"]).drop_duplicates(ignore_index=True),
        0,
        _source(path, "Registro dei progetti dell'ente"),
        tuple(reader.notices),
    )


class _OfficeReader:
    """Reads the office's rows one by one and gathers projects, places and faults."""

    def __init__(self, path: Path, territory: set[str], successors: dict[str, str], editions: Sequence[str]) -> None:
        self.path = path
        self.editions = editions
        self.codes: dict[str, str] = {}
        self.territory = territory
        self.successors = successors
        self.seen: dict[str, int] = {}
        self.projects: list[dict[str, object]] = []
        self.places: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.notices: list[Text] = []

    def read(self, row: int, cells: dict[str, str]) -> None:
        """Take one row over."""
        code = cells["codice"]
        if not code:
            self._fault(row, "manca il codice del progetto", "the project's code is missing")
        elif code in self.seen:
            self._fault(
                row,
                f"il codice «{code}» è già alla riga {self.seen[code]}",
                f"code “{code}” stands on row {self.seen[code]} already",
            )
        self.seen.setdefault(code, row)
        self.places += [(code, place) for place in self._places(row, cells["comuni"])]
        self.projects.append(
            {
                "project": code,
                "title": cells.get("titolo", ""),
                "edition": self._edition(row, cells.get("edizione", "")),
                "driver": self._choice(row, "driver", cells, _DRIVERS),
                "mission": self._choice(row, "missione", cells, _MISSIONS),
                "amount_eur": self._parsed(row, "importo_eur", cells, _amount, _AMOUNT),
                "status": cells.get("stato", ""),
                "start_date": self._parsed(row, "data_inizio", cells, _date, _DAY) or "",
                "end_date": self._parsed(row, "data_fine", cells, _date, _DAY) or "",
                "row": row,
            }
        )

    def _fault(self, row: int, it: str, en: str) -> None:
        self.faults.append(_fault(self.path, row, it, en))

    def _places(self, row: int, text: str) -> list[str]:
        written = _split_codes(text)
        if not written:
            self._fault(row, "manca il comune", "the municipality is missing")
        places = []
        for part in written:
            code = self.codes[part]
            place = self.successors.get(code, code)
            read = part if place == code else code
            if place != read:
                self.notices.append(
                    Text(f"riga {row}: {read} letto come {place}.", f"row {row}: {read} read as {place}.")
                )
            if place in self.territory:
                places.append(place)
            else:
                self._fault(
                    row, f"il comune «{part}» non è nel territorio", f"municipality “{part}” is not in the territory"
                )
        return places

    def _edition(self, row: int, text: str) -> str:
        if text and text not in self.editions:
            known = ", ".join(self.editions)
            self._fault(
                row,
                f"edizione «{text}» sconosciuta, attesa una di: {known}",
                f"unknown edition “{text}”, expected one of: {known}",
            )
        return text or self.editions[-1]

    def _choice(self, row: int, name: str, cells: dict[str, str], allowed: range) -> int | None:
        text = cells.get(name, "")
        number = _whole(text, allowed)
        if text and number is None:
            self._fault(
                row,
                f"{name} «{text}» sconosciuto, atteso un numero da {allowed[0]} a {allowed[-1]} o niente",
                f"unknown {name} “{text}”, expected a number from {allowed[0]} to {allowed[-1]} or nothing",
            )
        return number

    def _parsed(
        self, row: int, name: str, cells: dict[str, str], parse: Callable[[str], _Value | None], expected: Text
    ) -> _Value | None:
        text = cells.get(name, "")
        value = parse(text) if text else None
        if text and value is None:
            self._fault(
                row,
                f"{name} «{text}» non si legge senza dubbi, atteso {expected.it}",
                f"{name} “{text}” cannot be read without doubt, expected {expected.en}",
            )
        return value


def _opencup(
    path: Path, rows: pd.DataFrame, municipalities: pd.DataFrame, predecessors: pd.DataFrame, editions: Sequence[str]
) -> Projects:
    """Read OpenCUP's places: projects not yet attributed to a driver, without amounts."""
    province_wide = rows["codice_comune"] == _WHOLE_PROVINCE
    vague = rows.loc[province_wide & (rows["codice_provincia"] == "015"), "cup"]
    rows = rows[~province_wide]
    codes = normalise_codes(rows["codice_comune"])
    unreadable = rows.index[(rows["cup"] == "") | codes.codes.isna()]
    if len(unreadable):
        raise TableError(
            [
                _fault(path, int(row), "CUP o codice del comune illeggibile", "unreadable CUP or municipality code")
                for row in unreadable
            ]
        )
    successors = _successors(predecessors)
    places = pd.DataFrame(
        {"project": rows["cup"], "municipality_code": codes.codes.map(lambda code: successors.get(code, code))}
    )
    inside = places[places["municipality_code"].isin(municipalities["municipality_code"])].drop_duplicates(
        ignore_index=True
    )
    first = rows.index.to_series().groupby(rows["cup"]).first()
    cups = list(dict.fromkeys(inside["project"]))
    projects = pd.DataFrame(
        {
            "project": cups,
            "title": "",
            "edition": editions[-1],
            "driver": pd.array([pd.NA] * len(cups), dtype="Int64"),
            "mission": pd.array([pd.NA] * len(cups), dtype="Int64"),
            "amount_eur": float("nan"),
            "status": "",
            "start_date": "",
            "end_date": "",
            "row": [int(first[cup]) for cup in cups],
        }
    )
    notices = codes.notices
    merged = sorted(set(codes.codes) & set(successors))
    if merged:
        listed = ", ".join(f"{code} → {successors[code]}" for code in merged)
        notices += (
            Text(
                f"Comuni confluiti letti come il loro successore: {listed}.",
                f"Merged municipalities read as their successor: {listed}.",
            ),
        )
    if len(vague):
        notices += (
            Text(
                f"{len(vague)} progetti localizzati sull'intera provincia: non contati per comune.",
                f"{len(vague)} projects located on the whole province: not counted by municipality.",
            ),
        )
    return Projects(
        projects,
        inside,
        int(rows["cup"].nunique()) - len(cups),
        _source(path, "OpenCUP, localizzazioni dei progetti"),
        notices,
    )


def _source(path: Path, title: str) -> Source:
    return Source(
        identifier="projects-file",
        title=f"{title} ({path.name})",
        publisher="OpenCUP" if title.startswith("OpenCUP") else "ente",
        address="",
        reference_date="",
        licence="non indicata",
        attribution=title,
        sha256=sha256_of(path),
    )
