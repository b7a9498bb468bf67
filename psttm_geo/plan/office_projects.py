"""The office's own register of projects: a CSV or XLSX with the columns of :data:`TEMPLATE`."""

import csv
import difflib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pandas as pd

from psttm_geo.core.errors import Fault, TableError, quote
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import COMMA, NOTHING, Text, gettext
from psttm_geo.core.names import plain_name
from psttm_geo.core.provenance import OFFICE, UNSTATED, Source
from psttm_geo.core.spreadsheets import (
    EXPLANATION,
    NOT_COMPUTED,
    UNNAMED,
    Table,
    cell_fault,
    parse_amount,
    parse_date,
    parse_identifier,
    parse_whole,
)
from psttm_geo.plan.project_records import (
    BY_REGISTER,
    UNKNOWN_EDITION,
    Projects,
    complete_projects,
    share_equally,
    with_drivers,
)
from psttm_geo.plan.records import Plan
from psttm_geo.territory.gazetteer import Gazetteer, is_number

TEMPLATE = {
    "codice": gettext("code of the project (CUP), unique"),
    "titolo": gettext("title of the project"),
    "comuni": gettext("ISTAT codes or names, separated by semicolons"),
    "edizione": gettext("edition of the plan; blank if unknown"),
    "driver": gettext("number of the driver; blank if none"),
    "missione": gettext("number of the mission; blank if unknown"),
    "importo_eur": gettext("amount in euros; blank if unknown"),
    "stato": gettext("state of progress, free text"),
    "data_inizio": gettext("date of start, YYYY-MM-DD"),
    "data_fine": gettext("date of end, YYYY-MM-DD"),
}
"""Columns of the office's register, in order, and what goes in them."""

REQUIRED = ("codice", "comuni")

_TITLE = "Registro dei progetti dell'ente"

_FREE = ("titolo", "stato")
"""Columns of free text: what is no text there is left blank and said; elsewhere it is a fault."""

_AMOUNT = gettext("an amount such as 1234567.89")

_DAY = gettext("a date YYYY-MM-DD")

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


def missing_columns(path: Path, table: Table, missing: Iterable[str], expected: Iterable[str]) -> Fault:
    """Return the fault of a table that lacks columns."""
    listed, found = ", ".join(missing), quote(", ".join(table.rows.columns))
    return Fault(
        path.name,
        table.header,
        gettext(
            "columns {listed} are missing (expected: {expected}), found {found}; start from the "
            "template: psttm-geo template projects -o FILE.",
            listed=listed,
            expected=", ".join(expected),
            found=found,
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
    expected = gettext("expected one of: {listed}", listed=listed) if listed else _NONE
    where = gettext(" in {edition}", edition=edition) if edition else NOTHING
    return gettext("unknown {name} “{text}”{where}, {expected}", name=name, text=text, where=where, expected=expected)


def unknown_edition(text: str, editions: Iterable[str]) -> Text:
    """Say that an edition is none of the plan's."""
    known = ", ".join(editions)
    return gettext("unknown edition “{text}”, expected one of: {known}", text=text, known=known)


_NONE = gettext("the tables have none")


def read_office(path: Path, table: Table, gazetteer: Gazetteer, plans: Sequence[Plan]) -> Projects:
    """Read the office's register.

    Parameters and errors as :func:`psttm_geo.plan.projects.read_projects`; `table` is `path` as
    :func:`psttm_geo.core.spreadsheets.read_table` gives it.
    """
    rows = table.rows
    missing = [name for name in REQUIRED if name not in rows.columns]
    if missing:
        raise TableError([missing_columns(path, table, missing, TEMPLATE)])
    reader = _OfficeReader(path, gazetteer, plans)
    for row, cells in zip(rows.index, rows.to_dict("records"), strict=True):
        reader.read(int(row), {str(name): str(value) for name, value in cells.items()})
    if reader.faults:
        raise TableError(reader.faults, rows=len(rows))
    projects = pd.DataFrame(reader.projects).astype({"driver": "Int64", "mission": "Int64", "amount_eur": "float64"})
    places = pd.DataFrame(reader.places, columns=["project", "municipality_code"]).drop_duplicates(ignore_index=True)
    registered = Projects(
        complete_projects(projects.drop(columns="driver")),
        share_equally(places),
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
        (*_unknown_columns(rows), *table.say_explaining(TEMPLATE["codice"].it), *reader.notices),
    )
    told = projects.loc[projects["driver"].notna(), ["project", "edition", "driver"]]
    return with_drivers(registered, told.assign(driver_basis=BY_REGISTER))


def _unknown_columns(rows: pd.DataFrame) -> tuple[Text, ...]:
    """Name the columns that are none of the register, each with the absent one that it is closest to."""
    absent = [name for name in TEMPLATE if name not in rows.columns]
    parts = []
    for name in rows.columns:
        if name in TEMPLATE:
            continue
        meant = difflib.get_close_matches(name, absent, n=1)
        called, _, place = name.rpartition(UNNAMED) if UNNAMED in name else (name, "", "")
        hint = gettext(" (column {place})", place=place) if place else NOTHING
        hint = gettext(" (“{meant}”?)", meant=meant[0]) if meant else hint
        parts.append(gettext("“{called}”{hint}", called=called.strip(), hint=hint))
    return (gettext("columns not known and not read: {listed}.", listed=COMMA.join(parts)),) if parts else ()


class _OfficeReader:
    """Reads the office's rows one by one and gathers projects, places and faults."""

    def __init__(self, path: Path, gazetteer: Gazetteer, plans: Sequence[Plan]) -> None:
        self.path = path
        self.gazetteer = gazetteer
        self.found: dict[str, list[tuple[str, str | None]]] = {}
        self.editions = [plan.edition.identifier for plan in plans]
        self.drivers = drivers_of(plans)
        self.missions = {plan.edition.identifier: set(plan.missions["mission"]) for plan in plans}
        self.seen: dict[str, tuple[int, str]] = {}
        self.projects: list[dict[str, object]] = []
        self.places: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.notices: list[Text] = []

    def read(self, row: int, cells: dict[str, str]) -> None:
        """Take one row over."""
        code = self._code(row, cells["codice"])
        failed = {name: text for name, text in cells.items() if NOT_COMPUTED.fullmatch(text)}
        self._tell_failed(row, failed)
        cells |= dict.fromkeys(failed, "")
        edition = self._edition(row, cells.get("edizione", ""))
        if "comuni" not in failed:
            self.places += [(code, place) for place in self._places(row, cells["comuni"])]
        start, end = (self._parsed(row, name, cells, parse_date, _DAY) or "" for name in ("data_inizio", "data_fine"))
        if start and end and end < start:
            self._fault(row, gettext("data_fine {end} comes before data_inizio {start}", end=end, start=start))
        self.projects.append(
            {
                "project": code,
                "title": cells.get("titolo", ""),
                "edition": edition,
                "driver": self._choice(row, "driver", cells, self.drivers, edition),
                "mission": self._choice(row, "missione", cells, self.missions, edition),
                "amount_eur": self._parsed(row, "importo_eur", cells, parse_amount, _AMOUNT),
                "status": cells.get("stato", ""),
                "start_date": start,
                "end_date": end,
                "row": row,
            }
        )

    def _code(self, row: int, text: str) -> str:
        """Return the code of a project; one that differs from another only in case is the same."""
        code = parse_identifier(text)
        first, written = self.seen.setdefault(code.casefold(), (row, code))
        if not code:
            self._fault(row, gettext("the project's code is missing"))
        elif NOT_COMPUTED.fullmatch(code):
            self._fault(row, gettext("code “{code}” is a formula error", code=code))
        elif first != row:
            other = gettext(" (“{written}”)", written=written) if written != code else NOTHING
            self._fault(
                row, gettext("code “{code}” stands on row {first} already{other}", code=code, first=first, other=other)
            )
        return code

    def _tell_failed(self, row: int, failed: Mapping[str, str]) -> None:
        """Say which cells hold what a formula left that failed; the project's code has been told."""
        for name, text in failed.items():
            if name in _FREE:
                self.notices.append(
                    gettext(
                        "row {row}: {name} “{text}” is a formula error, read as a blank cell.",
                        row=row,
                        name=name,
                        text=text,
                    )
                )
            elif name in TEMPLATE and name != "codice":
                self._fault(row, gettext("{name} “{text}” is a formula error", name=name, text=text))

    def _fault(self, row: int, found: Text) -> None:
        self.faults.append(cell_fault(self.path, row, found))

    def _places(self, row: int, text: str) -> list[str]:
        if text not in self.found:
            self.found[text] = self.gazetteer.find_all(text)
        if not self.found[text]:
            self._fault(row, gettext("the municipality is missing"))
        places = []
        for part, code in self.found[text]:
            place = self.gazetteer.successors.get(code or "", code or "")
            if place in self.gazetteer.territory:
                self._tell_reading(row, part if place == code else str(code), place)
                places.append(place)
            elif code is not None:
                self._fault(row, gettext("municipality “{part}” is not in the territory", part=part))
            elif is_number(part):
                self._fault(row, gettext("no municipality has the code “{part}”", part=part))
            else:
                self._fault(
                    row,
                    gettext(
                        "municipality “{part}” is not known, expected the ISTAT code or the name of one of the "
                        "territory",
                        part=part,
                    ),
                )
        return places

    def _tell_reading(self, row: int, written: str, place: str) -> None:
        """Say how a municipality was read, unless by its code or its own name."""
        name = self.gazetteer.official[place]
        if written != place and plain_name(written) != plain_name(name):
            self.notices.append(gettext("row {row}: {written} read as {place}.", row=row, written=written, place=place))

    def _edition(self, row: int, text: str) -> str:
        if text and text not in self.editions:
            self._fault(row, unknown_edition(text, self.editions))
        return text or UNKNOWN_EDITION

    def _choice(
        self, row: int, name: str, cells: dict[str, str], numbers: Mapping[str, set[int]], edition: str
    ) -> int | None:
        text = cells.get(name, "")
        number, allowed = parse_whole(text), numbers_of(edition, numbers)
        if text and number not in allowed:
            unknown = unknown_number(name, text, edition if edition in numbers else "", allowed)
            blank = gettext(", or nothing") if allowed else gettext("; leave it blank")
            self._fault(row, NOTHING.join((unknown, blank)))
        return number if number in allowed else None

    def _parsed(
        self, row: int, name: str, cells: dict[str, str], parse: Callable[[str], _Value | None], expected: Text
    ) -> _Value | None:
        text = cells.get(name, "")
        value = parse(text) if text else None
        if text and value is None and parse is parse_amount and parse(text.lstrip("-\u2212 ")) is not None:
            self._fault(
                row,
                gettext("{name} “{text}” is negative, expected {expected}", name=name, text=text, expected=expected),
            )
        elif text and value is None:
            self._fault(
                row,
                gettext(
                    "{name} “{text}” cannot be read without doubt, expected {expected}",
                    name=name,
                    text=text,
                    expected=expected,
                ),
            )
        return value
