"""What must hold across rows and tables: memberships, names, counts that documents declare, who walks how."""

from collections.abc import Iterator, Mapping

import pandas as pd

from psttm_geo.core.errors import Fault
from psttm_geo.core.messages import Text, gettext
from psttm_geo.schema.contracts import HEADER_LINES


def cross_faults(tables: Mapping[str, pd.DataFrame], municipalities: pd.DataFrame | None) -> list[Fault]:
    """Return every contradiction between tables.

    Parameters
    ----------
    tables
        By file name, each right by its own contract; a rule whose tables are missing is passed over.
    municipalities
        The snapshot's territory: ``municipality_code``, ``municipality``; None when it cannot be read.

    Returns
    -------
    list of Fault
        Empty when all agree.
    """
    faults: list[Fault] = []
    if {"zones.csv", "zone_names.csv"} <= tables.keys():
        faults += _zone_faults(tables["zones.csv"], tables["zone_names.csv"])
    if "zones.csv" in tables and municipalities is not None:
        faults += _territory_faults(tables["zones.csv"], municipalities)
    if {"zones.csv", "unions.csv", "editions.csv"} <= tables.keys():
        faults += _union_faults(tables["unions.csv"], tables["zones.csv"], tables["editions.csv"])
    if {"zones.csv", "predecessors.csv"} <= tables.keys():
        faults += _predecessor_faults(tables["predecessors.csv"], tables["zones.csv"])
    if {"editions.csv", "zones.csv", "zone_names.csv", "unions.csv", "sources.csv"} <= tables.keys():
        faults += _edition_faults(tables)
    if {"editions.csv", "counted_projects.csv", "sources.csv"} <= tables.keys():
        faults += _counted_faults(tables["counted_projects.csv"], tables["editions.csv"], tables["sources.csv"])
    if "profiles.csv" in tables:
        faults += _profile_faults(tables["profiles.csv"])
    return faults


def rows_of(table: pd.DataFrame) -> Iterator[tuple[int, dict[str, str]]]:
    """Go through a table row by row, each with its label (the position in the file, from 0)."""
    for label, row in zip(table.index, table.to_dict("records"), strict=True):
        yield int(label), {str(column): str(value) for column, value in row.items()}


def _names(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["municipality_code"], table["municipality"], strict=True))


def at(name: str, label: int, text: Text) -> Fault:
    """Return a fault of the row with a label (the position in the file, from 0)."""
    return Fault(name, label + HEADER_LINES + 1, text)


def _zone_faults(zones: pd.DataFrame, names: pd.DataFrame) -> Iterator[Fault]:
    known = ", ".join(names["zone"])
    for label, row in rows_of(zones[~zones["zone"].isin(names["zone"])]):
        yield at(
            "zones.csv", label, gettext("unknown zone “{zone}”; write one of: {known}.", zone=row["zone"], known=known)
        )
    for label, row in rows_of(zones[zones["municipality_code"].duplicated()]):
        yield at(
            "zones.csv",
            label,
            gettext(
                "{municipality} ({municipality_code}) stands in another row already; every municipality is "
                "in exactly one zone.",
                municipality=row["municipality"],
                municipality_code=row["municipality_code"],
            ),
        )


def _territory_faults(zones: pd.DataFrame, municipalities: pd.DataFrame) -> Iterator[Fault]:
    names = _names(municipalities)
    for label, row in rows_of(zones):
        if row["municipality_code"] not in names:
            yield at(
                "zones.csv",
                label,
                gettext(
                    "code {municipality_code} ({municipality}) unknown to the boundaries; correct it.",
                    municipality_code=row["municipality_code"],
                    municipality=row["municipality"],
                ),
            )
        elif names[row["municipality_code"]] != row["municipality"]:
            yield at(
                "zones.csv",
                label,
                _other_name(row["municipality_code"], row["municipality"], names[row["municipality_code"]]),
            )
    listed = set(zones["municipality_code"])
    for code, name in ((code, name) for code, name in names.items() if code not in listed):
        yield Fault(
            "zones.csv", None, gettext("{name} ({code}) is missing; add its row with the zone.", name=name, code=code)
        )


def _other_name(code: str, found: str, expected: str) -> Text:
    return gettext(
        "{code} is called “{expected}”, found “{found}”; correct the name or the code.",
        code=code,
        expected=expected,
        found=found,
    )


def _union_faults(unions: pd.DataFrame, zones: pd.DataFrame, editions: pd.DataFrame) -> Iterator[Fault]:
    names = _names(zones)
    known = ", ".join(editions["edition"])
    repeated = unions.duplicated(["edition", "municipality_code"])
    for label, row in rows_of(unions):
        if row["edition"] not in set(editions["edition"]):
            yield at(
                "unions.csv",
                label,
                gettext("unknown edition “{edition}”; write one of: {known}.", edition=row["edition"], known=known),
            )
        if row["municipality_code"] not in names:
            yield at(
                "unions.csv",
                label,
                gettext(
                    "the member {municipality} ({municipality_code}) is not in zones.csv; correct the code.",
                    municipality=row["municipality"],
                    municipality_code=row["municipality_code"],
                ),
            )
        elif names[row["municipality_code"]] != row["municipality"]:
            yield at(
                "unions.csv",
                label,
                _other_name(row["municipality_code"], row["municipality"], names[row["municipality_code"]]),
            )
        if repeated[label]:
            yield at(
                "unions.csv",
                label,
                gettext(
                    "{municipality} is in a union of edition {edition} already; remove one of the two rows.",
                    municipality=row["municipality"],
                    edition=row["edition"],
                ),
            )


def _predecessor_faults(predecessors: pd.DataFrame, zones: pd.DataFrame) -> Iterator[Fault]:
    current = set(zones["municipality_code"])
    for label, row in rows_of(predecessors):
        if row["successor_code"] not in current:
            yield at(
                "predecessors.csv",
                label,
                gettext(
                    "the successor {successor} ({successor_code}) is not in zones.csv; correct the code.",
                    successor=row["successor"],
                    successor_code=row["successor_code"],
                ),
            )
        if row["municipality_code"] in current:
            yield at(
                "predecessors.csv",
                label,
                gettext(
                    "{municipality} ({municipality_code}) is still in zones.csv; remove one row.",
                    municipality=row["municipality"],
                    municipality_code=row["municipality_code"],
                ),
            )


def _edition_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    zones, unions = tables["zones.csv"], tables["unions.csv"]
    if tables["editions.csv"].empty:
        yield Fault("editions.csv", None, gettext("there is no edition; add the row of at least one."))
    found_zones = len(tables["zone_names.csv"]) - 1  # Milano stands by itself beside the zone omogenee
    for label, row in rows_of(tables["editions.csv"]):
        counts = (
            (
                gettext("municipalities"),
                int(row["municipality_count"]),
                zones["municipality_code"].nunique(),
                "zones.csv",
            ),
            (gettext("zone omogenee"), int(row["zone_count"]), found_zones, "zone_names.csv"),
            (
                gettext("unioni di comuni"),
                int(row["union_count"]),
                unions.loc[unions["edition"] == row["edition"], "union"].nunique(),
                "unions.csv",
            ),
        )
        for units, declared, found, file in counts:
            if declared != found:
                yield at(
                    "editions.csv",
                    label,
                    gettext(
                        "edition {edition} declares {declared} {units}, {file} has {found}; complete the rows or "
                        "correct the number.",
                        edition=row["edition"],
                        declared=declared,
                        units=units,
                        file=file,
                        found=found,
                    ),
                )
        if row["source"] not in set(tables["sources.csv"]["source"]):
            yield at(
                "editions.csv",
                label,
                gettext("the source “{source}” is not in sources.csv; add its row.", source=row["source"]),
            )
        if row["first_year"] > row["last_year"]:
            yield at(
                "editions.csv",
                label,
                gettext(
                    "the first year {first_year} comes after the last {last_year}; correct the years.",
                    first_year=row["first_year"],
                    last_year=row["last_year"],
                ),
            )


def _counted_faults(counted: pd.DataFrame, editions: pd.DataFrame, sources: pd.DataFrame) -> Iterator[Fault]:
    """Find numbers of projects of which it is not said what they count, and what is said of none."""
    numbers = editions.set_index("edition")[["project_count", "project_amount_eur"]]
    whole = set(numbers.index[(numbers != "").all(axis=1)])
    for label, row in rows_of(editions):
        blank = [name for name in numbers.columns if not row[name]]
        if len(blank) < len(numbers.columns) and (blank or row["edition"] not in set(counted["edition"])):
            yield at(
                "editions.csv",
                label,
                gettext(
                    "the projects that a document counts among the results of {edition} must be told whole: number "
                    "and amount here, what they are in counted_projects.csv; complete them, or leave both cells blank.",
                    edition=row["edition"],
                ),
            )
    for label, row in rows_of(counted):
        if row["edition"] not in whole:
            yield at(
                "counted_projects.csv",
                label,
                gettext(
                    "in editions.csv “{edition}” has no number and amount of projects; add them or remove the row.",
                    edition=row["edition"],
                ),
            )
        if row["source"] not in set(sources["source"]):
            yield at(
                "counted_projects.csv",
                label,
                gettext("the source “{source}” is not in sources.csv; add its row.", source=row["source"]),
            )


def _profile_faults(profiles: pd.DataFrame) -> Iterator[Fault]:
    walked: dict[str, str] = {}
    for label, row in rows_of(profiles):
        if not float(row["slowest_m_s"]) <= float(row["speed_m_s"]) <= float(row["fastest_m_s"]):
            yield at(
                "profiles.csv",
                label,
                gettext(
                    "the speed {speed} does not lie between the slowest, {slowest}, and the fastest, {fastest}; "
                    "correct the three of them.",
                    speed=row["speed_m_s"],
                    slowest=row["slowest_m_s"],
                    fastest=row["fastest_m_s"],
                ),
            )
        for band in row["bands"].split():
            if band in walked:
                yield at(
                    "profiles.csv",
                    label,
                    gettext(
                        "the band {band} walks as {walked} already; write it once, in one profile only.",
                        band=band,
                        walked=walked[band],
                    ),
                )
            walked.setdefault(band, row["profile"])
