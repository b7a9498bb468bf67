"""The office's own register of projects: a CSV or XLSX with the columns of :data:`TEMPLATE`."""

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd

from psttm_geo.errors import Fault, TableError, Text
from psttm_geo.files import sha256_of
from psttm_geo.model.codes import normalise_codes, successors_of
from psttm_geo.model.plan import Plan
from psttm_geo.model.projects import UNKNOWN_EDITION, Projects
from psttm_geo.model.provenance import OFFICE, UNSTATED, Source
from psttm_geo.sources.tables import EXPLANATION, cell_fault, parse_amount, parse_date, parse_whole

TEMPLATE = {
    "codice": Text("codice del progetto (CUP), unico", "code of the project (CUP), unique"),
    "titolo": Text("titolo del progetto", "title of the project"),
    "comuni": Text("codici ISTAT dei comuni, separati da punto e virgola", "ISTAT codes, separated by semicolons"),
    "edizione": Text("edizione del Piano; vuota se non nota", "edition of the plan; blank if unknown"),
    "driver": Text("numero del driver nell'edizione; vuoto se non attribuito", "number of the driver; blank if none"),
    "missione": Text("numero della missione; vuoto se non nota", "number of the mission; blank if unknown"),
    "importo_eur": Text("importo in euro; vuoto se non noto", "amount in euros; blank if unknown"),
    "stato": Text("stato di attuazione, testo libero", "state of progress, free text"),
    "data_inizio": Text("data di inizio, AAAA-MM-GG", "date of start, YYYY-MM-DD"),
    "data_fine": Text("data di fine, AAAA-MM-GG", "date of end, YYYY-MM-DD"),
}
"""Columns of the office's register, in order, and what goes in them."""

REQUIRED = ("codice", "comuni")

_TITLE = "Registro dei progetti dell'ente"

_AMOUNT = Text("un importo come 1.234.567,89", "an amount such as 1234567.89")

_DAY = Text("una data AAAA-MM-GG", "a date YYYY-MM-DD")

_Value = TypeVar("_Value", float, str)


def template_text() -> str:
    """Return the empty register as CSV: its header, and a second line that says what goes in each column."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(TEMPLATE)
    writer.writerow(
        [EXPLANATION + text.it if position == 0 else text.it for position, text in enumerate(TEMPLATE.values())]
    )
    return buffer.getvalue()


def missing_columns(path: Path, missing: Iterable[str], expected: Iterable[str]) -> Fault:
    """Return the fault of a table that lacks columns."""
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


def drivers_of(plans: Sequence[Plan]) -> dict[str, set[int]]:
    """Return the numbers of the drivers of each edition."""
    return {plan.edition.identifier: set(plan.drivers["driver"]) for plan in plans}


def numbers_of(edition: str, numbers: Mapping[str, set[int]]) -> set[int]:
    """Return the numbers of drivers or missions that an edition has; of an unknown edition, those that any has."""
    return numbers[edition] if edition in numbers else set().union(*numbers.values())


def unknown_number(name: str, text: str, edition: str, allowed: Iterable[int]) -> Text:
    """Say that a number is none of an edition, which is empty where it is not known."""
    listed = ", ".join(map(str, sorted(allowed)))
    expected = Text(f"atteso uno di: {listed}", f"expected one of: {listed}") if listed else _NONE
    where = Text(f" nel {edition}", f" in {edition}") if edition else Text("", "")
    return Text(
        f"{name} «{text}» sconosciuto{where.it}, {expected.it}",
        f"unknown {name} “{text}”{where.en}, {expected.en}",
    )


def unknown_edition(text: str, editions: Iterable[str]) -> Text:
    """Say that an edition is none of the plan's."""
    known = ", ".join(editions)
    return Text(
        f"edizione «{text}» sconosciuta, attesa una di: {known}",
        f"unknown edition “{text}”, expected one of: {known}",
    )


_NONE = Text("le tabelle non ne hanno nessuno", "the tables have none")


def read_office(
    path: Path, rows: pd.DataFrame, municipalities: pd.DataFrame, predecessors: pd.DataFrame, plans: Sequence[Plan]
) -> Projects:
    """Read the office's register.

    Parameters and errors as :func:`psttm_geo.sources.projects.read_projects`; `rows` are the cells of `path` as
    :func:`psttm_geo.sources.tables.read_rows` gives them.
    """
    missing = [name for name in REQUIRED if name not in rows.columns]
    if missing:
        raise TableError([missing_columns(path, missing, TEMPLATE)])
    reader = _OfficeReader(path, set(municipalities["municipality_code"]), successors_of(predecessors), plans)
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
        Source(
            identifier="projects-file",
            title=f"{_TITLE} ({path.name})",
            publisher=OFFICE,
            address="",
            reference_date="",
            licence=UNSTATED,
            attribution=_TITLE,
            sha256=sha256_of(path),
        ),
        (*_unknown_columns(rows), *reader.notices),
    )


def _unknown_columns(rows: pd.DataFrame) -> tuple[Text, ...]:
    """Name the columns that are none of the register, each with the absent one that it is closest to."""
    absent = [name for name in TEMPLATE if name not in rows.columns]
    parts_it, parts_en = [], []
    for place, name in enumerate(rows.columns, start=1):
        if name in TEMPLATE:
            continue
        meant = difflib.get_close_matches(name, absent, n=1)
        unnamed = Text("", "") if name else Text(f" (colonna {place})", f" (column {place})")
        parts_it.append(f"«{name}»" + (f" (forse «{meant[0]}»)" if meant else unnamed.it))
        parts_en.append(f"“{name}”" + (f" (“{meant[0]}”?)" if meant else unnamed.en))
    if not parts_it:
        return ()
    return (
        Text(
            f"colonne non riconosciute e non lette: {', '.join(parts_it)}.",
            f"columns not known and not read: {', '.join(parts_en)}.",
        ),
    )


class _OfficeReader:
    """Reads the office's rows one by one and gathers projects, places and faults."""

    def __init__(self, path: Path, territory: set[str], successors: dict[str, str], plans: Sequence[Plan]) -> None:
        self.path = path
        self.editions = [plan.edition.identifier for plan in plans]
        self.drivers = drivers_of(plans)
        self.missions = {plan.edition.identifier: set(plan.missions["mission"]) for plan in plans}
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
        edition = self._edition(row, cells.get("edizione", ""))
        self.places += [(code, place) for place in self._places(row, cells["comuni"])]
        self.projects.append(
            {
                "project": code,
                "title": cells.get("titolo", ""),
                "edition": edition,
                "driver": self._choice(row, "driver", cells, self.drivers, edition),
                "mission": self._choice(row, "missione", cells, self.missions, edition),
                "amount_eur": self._parsed(row, "importo_eur", cells, parse_amount, _AMOUNT),
                "status": cells.get("stato", ""),
                "start_date": self._parsed(row, "data_inizio", cells, parse_date, _DAY) or "",
                "end_date": self._parsed(row, "data_fine", cells, parse_date, _DAY) or "",
                "row": row,
            }
        )

    def _fault(self, row: int, it: str, en: str) -> None:
        self.faults.append(cell_fault(self.path, row, it, en))

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
            said = unknown_edition(text, self.editions)
            self._fault(row, said.it, said.en)
        return text or UNKNOWN_EDITION

    def _choice(
        self, row: int, name: str, cells: dict[str, str], numbers: Mapping[str, set[int]], edition: str
    ) -> int | None:
        text = cells.get(name, "")
        number, allowed = parse_whole(text), numbers_of(edition, numbers)
        if text and number not in allowed:
            it, en = unknown_number(name, text, edition if edition in numbers else "", allowed)
            blank = Text(", o niente", ", or nothing") if allowed else Text("; lasciarla vuota", "; leave it blank")
            self._fault(row, it + blank.it, en + blank.en)
        return number if number in allowed else None

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


def _split_codes(text: str) -> list[str]:
    return [part for part in re.split(r"[;,|\s]+", text) if part]
