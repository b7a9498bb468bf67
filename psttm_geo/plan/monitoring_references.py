"""What the office's tables of implementation refer to: places, editions, goals, drivers, indicators, the plan."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from psttm_geo.core.errors import Fault, TableError, quote
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.names import plain_name
from psttm_geo.plan.monitoring_reading import Reading, Written
from psttm_geo.plan.monitoring_tables import TABLES
from psttm_geo.plan.office_projects import unknown_edition, unknown_number
from psttm_geo.plan.records import Plan
from psttm_geo.schema.contracts import SCHEMAS
from psttm_geo.territory.gazetteer import Gazetteer, is_number

METROPOLITAN_CITY = "CM"
"""The body of a DUP that is no municipality's."""

WHOLE = "città metropolitana"
"""The place of an observation of the whole territory."""

ZONE = "zona"
"""What a place begins with that is a zona omogenea."""


@dataclass(frozen=True)
class References:
    """What the tables may refer to.

    Attributes
    ----------
    gazetteer
        Of municipalities.
    zones
        Names of the zone omogenee.
    goals, drivers
        Codes of the goals and numbers of the drivers of each edition.
    plan_tables
        The plan's own tables, by name without suffix, those that tell editions apart.
    """

    gazetteer: Gazetteer
    zones: tuple[str, ...]
    goals: Mapping[str, frozenset[str]]
    drivers: Mapping[str, frozenset[int]]
    plan_tables: Mapping[str, pd.DataFrame]


def list_references(gazetteer: Gazetteer, plans: Sequence[Plan], tables: Mapping[str, pd.DataFrame]) -> References:
    """Gather what the tables may refer to.

    Parameters
    ----------
    gazetteer, plans
        Of the project, plans of all editions.
    tables
        Of the data folder.
    """
    goals = tables["goals.csv"]
    codes = goals["mission"] + "." + goals["number"]
    return References(
        gazetteer,
        tuple(tables["zones.csv"]["zone"].unique()),
        {plan.edition.identifier: frozenset(codes[goals["edition"] == plan.edition.identifier]) for plan in plans},
        {plan.edition.identifier: frozenset(map(int, plan.drivers["driver"])) for plan in plans},
        {name.removesuffix(".csv"): table for name, table in tables.items() if "edition" in table and _row_key(name)},
    )


def _row_key(name: str) -> list[str]:
    """Return the columns that tell the rows of a table of one edition apart."""
    return [column for column in SCHEMAS[name].unique or [] if column != "edition"]


def read_monitoring(
    written: Mapping[str, Sequence[Written]], references: References
) -> tuple[dict[str, pd.DataFrame], tuple[Text, ...]]:
    """Read what tables mean, compared with what they refer to and with each other.

    Parameters
    ----------
    written
        The parts of each table; tables that are missing have no rows.
    references
        What they may refer to.

    Returns
    -------
    tuple
        Each table with the package's columns, and how doubtful cells were read.

    Raises
    ------
    TableError
        With every fault of every table.
    """
    checker = _Checker(references)
    tables: dict[str, pd.DataFrame] = {}
    for table in TABLES:
        readings = [checker.read(Reading(part)) for part in written.get(table, ())]
        tables[table] = pd.concat([one.cells for one in readings], ignore_index=True) if readings else pd.DataFrame()
    if checker.faults:
        raise TableError(checker.faults, rows=checker.rows)
    return tables, tuple(checker.notices)


class _Checker:
    """Compares tables with what they refer to; indicators before the observations of them."""

    def __init__(self, references: References) -> None:
        self.known = references
        self.faults: list[Fault] = []
        self.notices: list[Text] = []
        self.rows = 0
        self._levels: dict[str, str] = {}
        self._codes: dict[str, str | None] = {}
        self._rules: Mapping[str, Callable[[Reading], None]] = {
            "agreements": self._agreements,
            "dup_links": self._dup_links,
            "milestones": self._milestones,
            "indicators": self._indicators,
            "observations": self._observations,
            "updates": self._updates,
        }

    def read(self, reading: Reading) -> Reading:
        self.rows += len(reading.cells)
        self._rules[reading.written.table](reading)
        reading.require_distinct()
        self.faults += sorted(reading.faults, key=lambda fault: fault.row or 0)
        self.notices += reading.notices
        return reading

    def _agreements(self, reading: Reading) -> None:
        self._editions(reading)
        reading.read_references("zones", self._zones)
        reading.read_references("municipalities", lambda cell: self._municipalities(reading, cell))
        reading.require_order("signed_on", "expires_on")

    def _dup_links(self, reading: Reading) -> None:
        self._editions(reading)
        self._goals(reading)
        self._find_codes(reading.cells["body"])
        reading.read_references("body", lambda cell: self._body(reading, cell))

    def _milestones(self, reading: Reading) -> None:
        self._editions(reading)
        self._goals(reading)
        self._drivers(reading)
        values, written = reading.cells, reading.written.rows
        neither = (written["obiettivo"] == "") & (written["driver"] == "")
        reading.tell(
            "obiettivo", neither, lambda _: gettext("is blank and so is “driver”, expected a goal or a driver")
        )
        targets = (values["milestone_kind"] == "target") & (written["valore_obiettivo"] == "")
        reading.tell("valore_obiettivo", targets, lambda _: gettext("is blank, expected the value that the target is"))

    def _indicators(self, reading: Reading) -> None:
        self._editions(reading)
        lone = (reading.cells["goal"] != "") & (reading.written.rows["edizione"] == "")
        reading.tell("edizione", lone, lambda _: gettext("is blank, expected the edition of the goal"))
        self._goals(reading)
        levels = zip(reading.cells["indicator"], reading.cells["lowest_level"], strict=True)
        self._levels |= {code.casefold(): level for code, level in levels}

    def _observations(self, reading: Reading) -> None:
        reading.read_references("indicator", self._indicator)
        self._find_codes(reading.cells["place"])
        reading.read_references("place", lambda cell: self._place(reading, cell))
        values = reading.cells
        lowest = values["indicator"].str.casefold().map(self._levels)
        too_low = (values["place"].map(_level_of).map(_DEPTH) > lowest.map(_DEPTH)) & (values["place"] != "")
        reading.tell(
            "luogo",
            too_low,
            lambda row: gettext(
                "is “{place}”, below the lowest level of the indicator, {level}",
                place=values["place"][row],
                level=lowest[row],
            ),
        )

    def _updates(self, reading: Reading) -> None:
        self._editions(reading)
        reading.read_references("plan_table", self._plan_table)
        values = reading.cells
        pairs = values[["plan_table", "edition", "item", "field"]].drop_duplicates()
        found = {tuple(pair): self._revised(*pair) for pair in pairs.itertuples(index=False)}
        named = pd.Series([*values[list(pairs)].itertuples(index=False, name=None)], index=values.index, dtype=object)
        for column, place in (("campo", 0), ("chiave", 1)):
            said = {pair: faults[place] for pair, faults in found.items() if faults[place] is not None}
            reading.tell(column, named.isin(list(said)), lambda row, said=said: said[named[row]])  # type: ignore[misc]
        self._chain(reading, named)

    def _chain(self, reading: Reading, named: pd.Series) -> None:
        """Tell rows that come before an earlier one, or do not start from where the one before ended."""
        values = reading.cells
        later = pd.Series([*itertools.accumulate(values["revised_on"], max)], index=values.index, dtype=object)
        reading.tell(
            "data",
            (values["revised_on"] != "") & (values["revised_on"] < later),
            lambda row: gettext(
                "is {day}, before a row above it of {later}", day=values["revised_on"][row], later=later[row]
            ),
        )
        before = values["after"].groupby(named, sort=False).shift()
        reading.tell(
            "prima",
            before.notna() & (before != values["before"]),
            lambda row: gettext(
                "is “{found}”, expected what the revision before left: “{before}”",
                found=quote(values["before"][row]),
                before=quote(before[row]),
            ),
        )

    def _editions(self, reading: Reading) -> None:
        editions = list(self.known.goals)
        reading.read_references(
            "edition", lambda cell: (cell, None) if cell in editions else ("", unknown_edition(quote(cell), editions))
        )

    def _goals(self, reading: Reading) -> None:
        """Compare goals with their edition; without one that is known nothing can be said of them."""
        values = reading.cells
        values["goal"] = (
            values["goal"].str.removeprefix("'").str.replace(",", ".").str.replace(r"\b0+(?=\d)", "", regex=True)
        )
        pairs = values[(values["goal"] != "") & (values["edition"] != "")][["edition", "goal"]].drop_duplicates()
        strange = {
            (edition, goal) for edition, goal in pairs.itertuples(index=False) if goal not in self.known.goals[edition]
        }
        named = pd.Series(
            [*values[["edition", "goal"]].itertuples(index=False, name=None)], index=values.index, dtype=object
        )
        reading.tell(
            "obiettivo",
            named.isin(list(strange)),
            lambda row: gettext(
                "is “{goal}”, which is no goal of {edition}, expected one such as 5.10",
                goal=quote(values["goal"][row]),
                edition=values["edition"][row],
            ),
        )
        every = frozenset().union(*self.known.goals.values())
        shortened = values["goal"].isin([goal for goal in every if f"{goal}0" in every])
        reading.tell(
            "obiettivo",
            shortened & values.index.isin(reading.written.decimals),
            lambda row: gettext(
                "is the number {goal}, which may be the goal {goal} or {goal}0; write it as text",
                goal=values["goal"][row],
            ),
        )

    def _drivers(self, reading: Reading) -> None:
        values = reading.cells
        rows = values[(values["driver"] != "") & (values["edition"] != "")]
        strange = {
            row
            for row, edition, driver in rows[["edition", "driver"]].itertuples(name=None)
            if int(driver) not in self.known.drivers[edition]
        }
        reading.tell(
            "driver",
            values.index.to_series().isin(strange),
            lambda row: unknown_number(
                "driver", values["driver"][row], values["edition"][row], self.known.drivers[values["edition"][row]]
            ),
        )

    def _indicator(self, cell: str) -> tuple[str, Text | None]:
        if cell.casefold() in self._levels:
            return cell, None
        return "", gettext("is “{code}”, which is none of indicators; add its row first", code=quote(cell))

    def _plan_table(self, cell: str) -> tuple[str, Text | None]:
        name = cell.removesuffix(".csv")
        if name in self.known.plan_tables:
            return name, None
        listed = ", ".join(sorted(self.known.plan_tables))
        return "", gettext("is “{name}”, expected one of: {listed}", name=quote(cell), listed=listed)

    def _revised(self, table: str, edition: str, item: str, column: str) -> tuple[Text | None, Text | None]:
        """Return what is wrong with the column and with the row that a revision names."""
        rows = self.known.plan_tables.get(table)
        if rows is None or not edition:
            return None, None
        wrong = None
        if column not in rows:
            wrong = gettext(
                "is “{column}”, expected one of: {listed}", column=quote(column), listed=", ".join(map(str, rows))
            )
        if item in set(item_names(table, rows[rows["edition"] == edition])):
            return wrong, None
        return wrong, gettext(
            "is “{item}”, which is no row of {table} of {edition} ({key})",
            item=quote(item),
            table=table,
            edition=edition,
            key=".".join(_row_key(f"{table}.csv")),
        )

    def _zones(self, cell: str) -> tuple[str, Text | None]:
        plain = {plain_name(zone): zone for zone in self.known.zones}
        parts = [part.strip() for part in re.split(r"[;|\n]", cell) if part.strip()]
        found = {part: plain.get(re.sub(r"^zona (omogenea )?", "", plain_name(part))) for part in parts}
        strange = [part for part, zone in found.items() if zone is None]
        if strange:
            return "", gettext(
                "names “{zones}”, expected zone omogenee: {listed}",
                zones=quote("; ".join(strange)),
                listed=", ".join(self.known.zones),
            )
        return ";".join(dict.fromkeys(zone for zone in found.values() if zone)), None

    def _municipalities(self, reading: Reading, cell: str) -> tuple[str, Text | None]:
        codes = []
        for part, code in self.known.gazetteer.find_all(cell):
            place, wrong = self._municipality(reading, part, code)
            if wrong is not None:
                return "", wrong
            codes.append(place)
        return ";".join(dict.fromkeys(codes)), None

    def _municipality(self, reading: Reading, part: str, code: str | None) -> tuple[str, Text | None]:
        gazetteer = self.known.gazetteer
        place = gazetteer.successors.get(code or "", code or "")
        if place in gazetteer.territory:
            if place != code or (not is_number(part) and plain_name(part) != plain_name(gazetteer.official[place])):
                reading.notices.append(
                    gettext(
                        "{file}: {written} read as {place}.", file=reading.written.path.name, written=part, place=place
                    )
                )
            return place, None
        if code is not None:
            return "", gettext("names “{part}”, which is not in the territory", part=quote(part))
        return "", gettext("names “{part}”, expected the ISTAT code or the name of a municipality", part=quote(part))

    def _find_codes(self, cells: pd.Series) -> None:
        """Look up the municipality that each cell may mean; all at once, as one by one takes as long."""
        distinct = pd.Series([cell for cell in cells.unique() if cell], dtype=object)
        self._codes |= dict(zip(distinct, self.known.gazetteer.resolve(distinct), strict=True))

    def _body(self, reading: Reading, cell: str) -> tuple[str, Text | None]:
        if plain_name(cell) in _OF_THE_WHOLE:
            return METROPOLITAN_CITY, None
        return self._municipality(reading, cell, self._codes.get(cell))

    def _place(self, reading: Reading, cell: str) -> tuple[str, Text | None]:
        plain = plain_name(cell)
        if plain in _OF_THE_WHOLE:
            return WHOLE, None
        if plain.startswith(f"{ZONE} "):
            zone, wrong = self._zones(cell)
            return (f"{ZONE} {zone}" if zone else "", wrong)
        return self._municipality(reading, cell, self._codes.get(cell))


def item_names(table: str, rows: pd.DataFrame) -> pd.Series:
    """Return how revisions name each row of a table of the plan, of one edition."""
    key = _row_key(f"{table}.csv")
    return rows[key].agg(".".join, axis=1) if len(rows) else pd.Series(dtype="str")


def level_names(places: Iterable[str]) -> list[str]:
    """Return the level of each place of an observation."""
    return [_level_of(place) for place in places]


def _level_of(place: str) -> str:
    if place == WHOLE:
        return WHOLE
    return ZONE if place.startswith(f"{ZONE} ") else "comune"


_DEPTH = {WHOLE: 0, ZONE: 1, "comune": 2}

_OF_THE_WHOLE = ("cm", "cmm", "citta metropolitana", "citta metropolitana di milano")
