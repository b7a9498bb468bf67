"""The scenario file: a CSV or XLSX with the columns of :data:`TEMPLATE`, one change of services a row."""

import csv
import hashlib
import io
import re
from collections.abc import Collection
from pathlib import Path

from psttm_geo.access.scenarios import ACTIONS, ADD, ANTIMERIDIAN, CLOSE, POLE, Change, changed_twice
from psttm_geo.core.errors import Fault, TableError, quote
from psttm_geo.core.messages import gettext
from psttm_geo.core.spreadsheets import EXPLANATION, cell_fault, parse_identifier, read_rows

TEMPLATE = {
    "azione": gettext("aggiungi (add), sposta (move) or chiudi (close)"),
    "categoria": gettext("category of services.csv, such as farmacia"),
    "servizio": gettext("identifier in the layer servizi; blank for aggiungi"),
    "nome": gettext("name of the service, optional"),
    "lon": gettext("longitude in degrees; blank for chiudi"),
    "lat": gettext("latitude in degrees; blank for chiudi"),
}
"""Columns of a scenario, in order, and what goes in them."""

_REQUIRED = ("azione", "categoria")

_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

_FARTHEST_DEGREES = {"lon": ANTIMERIDIAN, "lat": POLE}


def template_text() -> str:
    """Return an empty scenario as CSV: its header, and a second line that says what goes in each column."""
    return write_rows(
        [[EXPLANATION + text.it if not place else text.it for place, text in enumerate(TEMPLATE.values())]]
    )


def scenario_text(changes: Collection[Change]) -> str:
    """Return a scenario as the CSV that :func:`read_scenario` reads back."""
    return write_rows(
        [
            [
                change.action,
                change.category,
                _harmless(change.service),
                _harmless(change.name),
                "" if change.lon is None else repr(change.lon),
                "" if change.lat is None else repr(change.lat),
            ]
            for change in changes
        ]
    )


def scenario_sum(changes: Collection[Change]) -> str:
    """Return the SHA-256 of a scenario, as that of its file."""
    return hashlib.sha256(scenario_text(changes).encode()).hexdigest()


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet computes; :func:`_as_meant` takes back what is put before it."""
    return f"'{text}" if text.startswith(_COMPUTED) else text


def _as_meant(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_COMPUTED) else text


def write_rows(rows: list[list[str]]) -> str:
    """Return rows under the header of a scenario, as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(TEMPLATE)
    writer.writerows(rows)
    return buffer.getvalue()


def read_scenario(path: Path, categories: Collection[str]) -> tuple[Change, ...]:
    """Read a scenario.

    Parameters
    ----------
    path
        CSV or XLSX.
    categories
        Those that the tables know.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        It holds no row, lacks a column, a row cannot be read, or a service is changed twice; all faults are listed.
    """
    rows = read_rows(path, TEMPLATE)
    missing = [name for name in _REQUIRED if name not in rows.columns]
    if missing:
        listed, expected, found = ", ".join(missing), ", ".join(TEMPLATE), quote(", ".join(rows.columns))
        text = gettext(
            "columns {listed} are missing; expected {expected}, found {found}.",
            listed=listed,
            expected=expected,
            found=found,
        )
        raise TableError.of(path.name, None, text)
    faults: list[Fault] = []
    changes = [
        _read_change(
            path, int(str(row)), {str(name): str(value).strip() for name, value in cells.items()}, categories, faults
        )
        for row, cells in zip(rows.index, rows.to_dict("records"), strict=True)
    ]
    faults += _repeated(path, [int(str(row)) for row in rows.index], changes)
    if faults:
        raise TableError(faults, rows=len(rows))
    return tuple(changes)


def _repeated(path: Path, rows: list[int], changes: list[Change]) -> list[Fault]:
    return [
        cell_fault(
            path,
            rows[later],
            gettext(
                "the service “{service}” is changed on line {rows} already",
                service=changes[later].service,
                rows=rows[earlier],
            ),
        )
        for later, earlier in changed_twice(changes)
        if changes[later].service
    ]


def _read_change(
    path: Path, row: int, cells: dict[str, str], categories: Collection[str], faults: list[Fault]
) -> Change:
    action = next((name for name in ACTIONS if name == parse_identifier(cells["azione"]).lower()), None)
    if action is None:
        listed = ", ".join(ACTIONS)
        faults.append(
            cell_fault(
                path,
                row,
                gettext("unknown action “{azione}”, expected one of: {listed}", azione=cells["azione"], listed=listed),
            )
        )
    category = parse_identifier(cells["categoria"]).lower()
    if category not in categories:
        listed = ", ".join(categories)
        faults.append(
            cell_fault(
                path,
                row,
                gettext(
                    "unknown category “{categoria}”, expected one of: {listed}",
                    categoria=cells["categoria"],
                    listed=listed,
                ),
            )
        )
    service = _as_meant(cells.get("servizio", ""))
    if action in (CLOSE, "sposta") and not service:
        faults.append(
            cell_fault(
                path,
                row,
                gettext("“servizio” is missing, the identifier of the service to move or close (layer servizi)"),
            )
        )
    lon, lat = (
        (None, None) if action == CLOSE else (read_degrees(path, row, cells, name, faults) for name in ("lon", "lat"))
    )
    return Change(action or ADD, category, service, _as_meant(cells.get("nome", "")), lon, lat)


def read_degrees(path: Path, row: int, cells: dict[str, str], name: str, faults: list[Fault]) -> float | None:
    """Return the longitude or latitude of a row, None with a fault where it holds none."""
    value = _parse_degrees(cells.get(name, ""))
    if value is None or abs(value) > _FARTHEST_DEGREES[name]:
        faults.append(
            cell_fault(
                path,
                row,
                gettext(
                    "“{name}” is “{cells}”, expected decimal degrees such as {examples}",
                    name=name,
                    cells=cells.get(name, ""),
                    examples=_EXAMPLES[name],
                ),
            )
        )
        return None
    return value


def _parse_degrees(text: str) -> float | None:
    """Return decimal degrees, written with a point or a comma; a degree sign or an apostrophe for text may be there."""
    number = re.fullmatch(r"'?([+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*°?", text, re.ASCII | re.IGNORECASE)
    return float(number[1].replace(",", ".")) if number else None


_EXAMPLES = {"lon": "9.19", "lat": "45.46"}
