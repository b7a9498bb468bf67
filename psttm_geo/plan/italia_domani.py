"""Projects of the recovery plan as Italia Domani publishes them: amounts, phases, dates and places by CUP.

A project is what has one CUP. Its amounts are those of its rows, one for each local code and sub-measure; they fall to
municipalities by the share that is published, else in equal parts among all places of the project, in the territory or
not. What is financed, awarded, paid and finished are four things, none of which is ever taken from another.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.names import plain_name
from psttm_geo.core.numbers import say_number
from psttm_geo.core.provenance import Source
from psttm_geo.core.spreadsheets import cell_fault, list_rows, parse_amount, parse_date
from psttm_geo.plan.project_places import Key, Places, key_of, read_places
from psttm_geo.plan.project_records import EQUAL, IN_MUNICIPALITIES, IN_PROVINCE, PUBLISHED, UNKNOWN_EDITION, Projects
from psttm_geo.plan.published_rows import FileKind, PublishedFile, open_published
from psttm_geo.territory.gazetteer import Gazetteer

ATTRIBUTION = "Italia Domani, dati di attuazione del PNRR"

METROPOLITAN_CITY, MUNICIPALITY, OTHER = "citta_metropolitana", "comune", "altro"
"""Kinds of implementing bodies."""

_CITY = "citta metropolitana di milano"

_TOWN = "comune di "

_NO_VALUE = re.compile(r"(?:n\.?/?[ad]\.?|n\.?c\.?|#+|\*+|-)?", re.IGNORECASE)
"""How the publisher writes that there is no value, or that it is masked."""

_NO_DATE = ("00/01/1900", "01/01/1900")

_WHOLE = (99.0, 101.0)
"""What published shares of a row add up to, rounded as they are."""

_MOST_BROKEN = 0.01
"""Share of the lines of a file that may be no rows of it: quotes are broken in some."""

_TITLE = "Italia Domani, progetti del PNRR"

_SUMS: Mapping[FileKind, str] = {"tenders": "awarded_eur", "payments": "paid_eur"}
"""What is added up of files beside the projects and places."""


def read_italia_domani(files: Sequence[PublishedFile], gazetteer: Gazetteer) -> Projects:
    """Read the projects of a territory.

    Parameters
    ----------
    files
        Italia Domani's projects and places, and where they are given tenders and payments; one of each kind.
    gazetteer
        The municipalities.

    Returns
    -------
    Projects
        Not attributed to drivers, of unknown edition.

    Raises
    ------
    TableError
        Projects or places are missing, a kind is given twice, too many lines are broken, amounts of the territory
        cannot be read, or a row stands twice with different amounts; all faults are listed.
    """
    by_kind = _by_kind(files)
    places = read_places(by_kind["places"], gazetteer)
    reader = _Reader(by_kind["projects"], places)
    rows = reader.read()
    added = [_Sums(by_kind[kind], role).read(places, reader.faults) for kind, role in _SUMS.items() if kind in by_kind]
    sums = {one.role: one.add_up() for one in added}
    for file in files:
        reader.faults += _broken_fault(file)
    if not rows and not reader.faults:
        text = gettext("no project is in the territory; give files that include it, projects and places of one day.")
        raise TableError.of(by_kind["projects"].path.name, None, text)
    if reader.faults:
        raise TableError(reader.faults)
    projects = pd.DataFrame([_project(cup, mine) for cup, mine in rows.items()])
    kinds = {body: _kind_of_bodies(body, gazetteer) for body in projects["body"].unique()}
    projects = projects.assign(
        body_kind=projects["body"].map(kinds),
        **{role: projects["project"].map(sums.get(role, {})) for role in _SUMS.values()},
    )
    located = [place for cup, mine in rows.items() for place in _place_rows(cup, mine, places, gazetteer)]
    table = pd.DataFrame(located, columns=["project", "municipality_code", "share", "rule"])
    extent = projects["project"].isin(table["project"]).map({True: IN_MUNICIPALITIES, False: IN_PROVINCE})
    projects = projects.assign(extent=extent)
    return Projects(
        projects.astype({"mission": "Int64"}),
        table,
        _source(by_kind, reader.published_on),
        tuple(_say(by_kind, places, reader, added, projects)),
    )


def open_files(paths: Sequence[Path], columns: pd.DataFrame) -> list[PublishedFile]:
    """Open files of Italia Domani.

    Parameters
    ----------
    paths
        CSV or Parquet.
    columns
        The table ``published_columns.csv``.

    Returns
    -------
    list of PublishedFile
        Empty where the first is no file of Italia Domani.

    Raises
    ------
    InputMissingError
        There is no such file.
    TableError
        Another one is none.
    """
    files = [open_published(path, columns) for path in paths]
    if not files or files[0] is None:
        return []
    faults = [
        Fault(path.name, None, gettext("is no file of Italia Domani; give its files alone, or another register alone."))
        for path, file in zip(paths, files, strict=True)
        if file is None
    ]
    if faults:
        raise TableError(faults)
    return [file for file in files if file is not None]


def _by_kind(files: Sequence[PublishedFile]) -> dict[FileKind, PublishedFile]:
    found: dict[FileKind, PublishedFile] = {}
    for file in files:
        if file.kind in found:
            text = gettext("is of the same kind as {other}; give one file of each kind.", other=found[file.kind].path)
            raise TableError([Fault(file.path.name, None, text)])
        found[file.kind] = file
    for kind, name in (("projects", "PNRR_Progetti"), ("places", "PNRR_Localizzazione")):
        if kind not in found:
            text = gettext("{name} is missing; give Italia Domani's projects and places together.", name=name)
            raise TableError([Fault(files[0].path.name, None, text)])
    return found


@dataclass(frozen=True)
class _Part:
    """A row of a project: what it has under one local code and one sub-measure."""

    line: int
    key: Key
    cells: Mapping[str, str]
    amounts: Mapping[str, float | None]


class _Reader:
    """Reads the rows of the projects that are somewhere in the territory."""

    def __init__(self, file: PublishedFile, places: Places) -> None:
        self.file = file
        self.places = places
        self.faults: list[Fault] = []
        self.invalid: list[int] = []
        self.repeated: list[int] = []
        self.unplaced: set[str] = set()
        self.several = 0
        self.unread_dates: list[int] = []
        self.published_on = ""

    def read(self) -> dict[str, list[_Part]]:
        """Return the rows by CUP."""
        found: dict[tuple[Key, str], _Part] = {}
        self.file.kept = []
        for line, row in self.file:
            key = key_of(row)
            if key is None:
                self.invalid.append(line)
            elif key[0] in self.places.by_cup:
                self.file.kept.append(row)
                self._take(found, _Part(line, key, row, self._amounts(line, row)))
                self.published_on = max(self.published_on, _date(row.get("published_on", "")))
                if any(_is_unread(row.get(role, "")) for role in _DATES):
                    self.unread_dates.append(line)
            elif key[0] not in self.places.elsewhere and key[0] not in self.places.regional:
                self.unplaced.add(key[0])
        by_cup: dict[str, list[_Part]] = defaultdict(list)
        for part in found.values():
            by_cup[part.key[0]].append(part)
        self.several = sum(len(parts) > 1 for parts in by_cup.values())
        return by_cup

    def _take(self, found: dict[tuple[Key, str], _Part], part: _Part) -> None:
        first = found.setdefault((part.key, part.cells["submeasure"]), part)
        if first is part:
            return
        if first.amounts == part.amounts:
            self.repeated.append(part.line)
            return
        text = gettext("the CUP {cup} stands on row {first} with other amounts", cup=part.key[0], first=first.line)
        self.faults.append(cell_fault(self.file.path, part.line, text))

    def _amounts(self, line: int, row: Mapping[str, str]) -> dict[str, float | None]:
        return {
            role: _amount(self.file, line, row[role], self.faults) for role in ("total_eur", "pnrr_eur") if role in row
        }


def _amount(file: PublishedFile, line: int, written: str, faults: list[Fault]) -> float | None:
    if _NO_VALUE.fullmatch(written):
        return None
    amount = parse_amount(written)
    if amount is None:
        faults.append(cell_fault(file.path, line, gettext("amount “{written}” cannot be read", written=written)))
    return amount


def _date(written: str) -> str:
    return "" if written in _NO_DATE else parse_date(written) or ""


_DATES = ("planned_start", "actual_start", "planned_end", "actual_end")


def _is_unread(written: str) -> bool:
    return not (_NO_VALUE.fullmatch(written) or written in _NO_DATE or parse_date(written))


@dataclass
class _Sums:
    """What a file beside the projects and places adds up to by CUP.

    Attributes
    ----------
    file, role
        The file, and the role of its amounts.
    amounts
        Of the rows of each CUP; None where a row has none.
    invalid, repeated, without_amount
        Lines whose CUP is none, that repeat another one, and that have no amount.
    """

    file: PublishedFile
    role: str
    amounts: dict[str, list[float | None]] = field(default_factory=lambda: defaultdict(list))
    invalid: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    without_amount: list[int] = field(default_factory=list)

    def read(self, places: Places, faults: list[Fault]) -> "_Sums":
        """Read the rows of the CUPs that have a place in the territory."""
        seen: set[tuple[str, ...]] = set()
        self.file.kept = []
        for line, row in self.file:
            key, cells = key_of(row), tuple(row.values())
            if key is None:
                self.invalid.append(line)
            elif key[0] in places.by_cup:
                self.file.kept.append(row)
                if cells in seen:
                    self.repeated.append(line)
                    continue
                seen.add(cells)
                amount = _amount(self.file, line, row[self.role], faults)
                self.amounts[key[0]].append(amount)
                if amount is None:
                    self.without_amount.append(line)
        return self

    def add_up(self) -> dict[str, float | None]:
        """Return the sum of each CUP; None where a row has no amount. CUPs without a row are not known either."""
        return {cup: _total(amounts) for cup, amounts in self.amounts.items()}

    def say_least(self) -> Iterator[Text]:
        """Say what is known of the CUPs whose sum is not."""
        partly = [amounts for amounts in self.amounts.values() if None in amounts]
        known = [amount for amounts in partly for amount in amounts if amount is not None]
        if known:
            yield gettext(
                "{file}: CUPs with a row without an amount: {cups}. Of their rows {known} of {rows} have one, "
                "together at least {euros} euros, which no sum counts.",
                file=self.file.path.name,
                cups=len(partly),
                known=len(known),
                rows=sum(map(len, partly)),
                euros=say_number(sum(known), 2),
            )


def _broken_fault(file: PublishedFile) -> Iterator[Fault]:
    if len(file.broken) > _MOST_BROKEN * file.rows:
        text = gettext(
            "{count} lines are no rows of the table, {rows} are; download it again.",
            count=len(file.broken),
            rows=file.rows,
        )
        yield Fault(file.path.name, file.broken[0], text)


def _project(cup: str, parts: Sequence[_Part]) -> dict[str, object]:
    """Return a project: it begins with the first of its rows and ends with the last; other things are listed."""
    return {
        "project": cup,
        "title": _listed(parts, "title"),
        "edition": UNKNOWN_EDITION,
        "drivers": "",
        "mission": None,
        "amount_eur": _sum(parts, "total_eur"),
        "pnrr_eur": _sum(parts, "pnrr_eur"),
        "status": _listed(parts, "progress") or _listed(parts, "cup_state"),
        "phase": _listed(parts, "phase", "phase_state"),
        "start_date": _first_day(parts, "planned_start"),
        "end_date": _last_day(parts, "planned_end"),
        "actual_start_date": _first_day(parts, "actual_start"),
        "actual_end_date": _last_day(parts, "actual_end"),
        "pnrr_mission": _listed(parts, "pnrr_mission"),
        "submeasure": "; ".join(sorted({part.cells["submeasure"] for part in parts})),
        "measure_title": _listed(parts, "measure"),
        "body": _listed(parts, "body"),
        "row": parts[0].line,
    }


_BETWEEN = "; "
"""Between what the rows of a project say."""


def _listed(parts: Sequence[_Part], *roles: str) -> str:
    """Return what the rows say, each thing once, in their order."""
    said = (", ".join(filter(None, (part.cells.get(role, "") for role in roles))) for part in parts)
    return _BETWEEN.join(dict.fromkeys(filter(None, said)))


def _first_day(parts: Sequence[_Part], role: str) -> str:
    return min(filter(None, (_date(part.cells.get(role, "")) for part in parts)), default="")


def _last_day(parts: Sequence[_Part], role: str) -> str:
    """Return the last day of all rows; nothing where one does not say it, for a part may still be under way."""
    days = [_date(part.cells.get(role, "")) for part in parts]
    return max(days) if all(days) else ""


def _sum(parts: Sequence[_Part], role: str) -> float | None:
    """Return the amounts of all rows together; None where one is not known."""
    return _total([part.amounts.get(role) for part in parts])


def _total(amounts: Sequence[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _kind_of_bodies(bodies: str, gazetteer: Gazetteer) -> str:
    """Return what kind the bodies of a project are; several kinds are others."""
    kinds = {_body_kind(body, gazetteer) for body in bodies.split(_BETWEEN)}
    return kinds.pop() if len(kinds) == 1 else OTHER


def _body_kind(body: str, gazetteer: Gazetteer) -> str:
    name = plain_name(body)
    if not name:
        return ""
    if name == _CITY:
        return METROPOLITAN_CITY
    is_town = name.startswith(_TOWN) and gazetteer.find(body[len(_TOWN) :]) is not None
    return MUNICIPALITY if is_town else OTHER


def _place_rows(
    cup: str, parts: Sequence[_Part], places: Places, gazetteer: Gazetteer
) -> Iterator[tuple[str, str, float, str]]:
    """Give the municipalities of the territory that a project is in, and the share of its amount that falls to each."""
    totals = [part.amounts.get("total_eur") for part in parts]
    whole = sum(total or 0.0 for total in totals)
    shares: dict[str, float] = {}
    rule = PUBLISHED
    for part, total in zip(parts, totals, strict=True):
        weight = (total or 0.0) / whole if whole else 1 / len(parts)
        mine = places.of(part.key)
        published = [share for share in mine.values() if share is not None]
        if len(published) == len(mine) and _WHOLE[0] <= sum(published) <= _WHOLE[1]:
            fractions = {code: (share or 0.0) / sum(published) for code, share in mine.items()}
        else:
            fractions, rule = dict.fromkeys(mine, 1 / len(mine)), EQUAL
        for code, fraction in fractions.items():
            shares[code] = shares.get(code, 0.0) + weight * fraction
    yield from ((cup, code, share, rule) for code, share in shares.items() if code in gazetteer.territory)


def _source(files: Mapping[FileKind, PublishedFile], published_on: str) -> Source:
    return Source(
        identifier="projects-file",
        title=f"{_TITLE} ({files['projects'].path.name})",
        publisher="Presidenza del Consiglio dei Ministri (Italia Domani)",
        address="https://www.italiadomani.gov.it/content/sogei-ng/it/it/catalogo-open-data.html",
        reference_date=published_on,
        licence="CC BY 4.0",
        attribution=ATTRIBUTION,
        sha256=sha256_of(files["projects"].path),
    )


def _say(
    files: Mapping[FileKind, PublishedFile],
    places: Places,
    reader: _Reader,
    added: Sequence[_Sums],
    projects: pd.DataFrame,
) -> Iterator[Text]:
    """Say what was read, and each thing that was not, with its count."""
    extent = projects["extent"]
    yield gettext(
        "CUPs in the territory: {mine}; elsewhere {elsewhere}, of the whole region or country {regional}.",
        mine=len(extent),
        elsewhere=len(places.elsewhere),
        regional=len(places.regional),
    )
    for file in files.values():
        yield gettext(
            "{file}: rows {rows}, of which {kept} of CUPs in the territory.",
            file=file.path.name,
            rows=file.rows,
            kept=len(file.kept),
        )
    told = (
        (
            int((extent == IN_PROVINCE).sum()),
            gettext("CUPs located on the whole province: in the totals, in no municipality: {count}."),
        ),
        (
            len(places.by_cup) - len(extent),
            gettext("CUPs with a place in the territory that the file of projects does not have: {count}."),
        ),
        (len(reader.unplaced), gettext("CUPs of which the file of places has none, not read: {count}.")),
        (reader.several, _SEVERAL),
        (_count_reversed(projects), gettext("CUPs that end before they start, as published: {count}.")),
        (len(reader.repeated), gettext("Rows of projects that repeat another one, counted once: {count}.")),
    )
    yield from (text.fill(count=count) for count, text in told if count)
    no_cup = gettext("{file}: rows without a valid CUP, not read: {count} ({lines}).")
    lines = (
        (reader.invalid, files["projects"], no_cup),
        (places.invalid, files["places"], no_cup),
        *((one.invalid, one.file, no_cup) for one in added),
        (places.unknown, files["places"], gettext("{file}: rows with a municipality that is none: {count} ({lines}).")),
        (reader.unread_dates, files["projects"], gettext("{file}: rows with dates that are none: {count} ({lines}).")),
        *((one.repeated, one.file, _REPEATED) for one in added),
        *((one.without_amount, one.file, _NO_AMOUNT) for one in added),
        *(
            (file.broken, file, gettext("{file}: lines that are no rows: {count} ({lines})."))
            for file in files.values()
        ),
    )
    for found, file, text in lines:
        if found:
            yield text.fill(file=file.path.name, count=len(found), lines=list_rows(found[:_SHOWN]))
    for one in added:
        yield from one.say_least()


def _count_reversed(projects: pd.DataFrame) -> int:
    """Count the projects one of whose ends comes before its beginning; dates that are not known are no fault."""
    pairs = ((projects[f"{kind}start_date"], projects[f"{kind}end_date"]) for kind in ("", "actual_"))
    planned, actual = ((end != "") & (end < start) for start, end in pairs)
    return int((planned | actual).sum())


_SEVERAL = gettext(
    "CUPs of several rows: {count}; amounts are added up, the first start and the last end count, what else differs is "
    "listed."
)

_REPEATED = gettext("{file}: rows that repeat another one, counted once: {count} ({lines}).")

_NO_AMOUNT = gettext("{file}: rows without an amount: {count} ({lines}); the sum of their CUPs is not known.")

_SHOWN = 10
