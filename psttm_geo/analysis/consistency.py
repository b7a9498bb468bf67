"""What must hold across tables: memberships, names and counts that the documents declare."""

from collections.abc import Iterator, Mapping

import pandas as pd

from psttm_geo.errors import Fault, Text
from psttm_geo.model.schemas import HEADER_LINES


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
    return faults


def _at(name: str, label: int, it: str, en: str) -> Fault:
    return Fault(name, label + HEADER_LINES + 1, Text(it=it, en=en))


def _zone_faults(zones: pd.DataFrame, names: pd.DataFrame) -> Iterator[Fault]:
    known = ", ".join(names["zone"])
    for row in zones[~zones["zone"].isin(names["zone"])].itertuples():
        yield _at(
            "zones.csv",
            row.Index,
            f"zona «{row.zone}» sconosciuta; scrivere una di: {known}.",
            f"unknown zone “{row.zone}”; write one of: {known}.",
        )
    for row in zones[zones["municipality_code"].duplicated()].itertuples():
        yield _at(
            "zones.csv",
            row.Index,
            f"{row.municipality} ({row.municipality_code}) è già in un'altra riga; ogni comune sta in una zona sola.",
            f"{row.municipality} ({row.municipality_code}) stands in another row already; "
            "every municipality is in exactly one zone.",
        )


def _territory_faults(zones: pd.DataFrame, municipalities: pd.DataFrame) -> Iterator[Fault]:
    names = municipalities.set_index("municipality_code", verify_integrity=True)["municipality"]
    for row in zones.itertuples():
        if row.municipality_code not in names.index:
            yield _at(
                "zones.csv",
                row.Index,
                f"codice {row.municipality_code} ({row.municipality}) sconosciuto: non è fra i comuni dei confini; "
                "correggere il codice.",
                f"unknown code {row.municipality_code} ({row.municipality}): not among the municipalities of the "
                "boundaries; correct the code.",
            )
        elif names[row.municipality_code] != row.municipality:
            yield _at("zones.csv", row.Index, *_other_name(row.municipality_code, row.municipality, names[row.municipality_code]))
    absent = names[~names.index.isin(zones["municipality_code"])]
    for code, name in absent.items():
        yield Fault(
            "zones.csv",
            None,
            Text(
                it=f"manca {name} ({code}); aggiungere la sua riga con la zona.",
                en=f"{name} ({code}) is missing; add its row with the zone.",
            ),
        )


def _other_name(code: str, found: str, expected: str) -> tuple[str, str]:
    return (
        f"{code} si chiama «{expected}», trovato «{found}»; correggere il nome o il codice.",
        f"{code} is called “{expected}”, found “{found}”; correct the name or the code.",
    )


def _union_faults(unions: pd.DataFrame, zones: pd.DataFrame, editions: pd.DataFrame) -> Iterator[Fault]:
    names = zones.drop_duplicates("municipality_code").set_index("municipality_code")["municipality"]
    known = ", ".join(editions["edition"])
    repeated = unions.duplicated(["edition", "municipality_code"])
    for row in unions.itertuples():
        if row.edition not in set(editions["edition"]):
            yield _at(
                "unions.csv",
                row.Index,
                f"edizione «{row.edition}» sconosciuta; scrivere una di: {known}.",
                f"unknown edition “{row.edition}”; write one of: {known}.",
            )
        if row.municipality_code not in names.index:
            yield _at(
                "unions.csv",
                row.Index,
                f"il membro {row.municipality} ({row.municipality_code}) non è in zones.csv; correggere il codice.",
                f"the member {row.municipality} ({row.municipality_code}) is not in zones.csv; correct the code.",
            )
        elif names[row.municipality_code] != row.municipality:
            yield _at("unions.csv", row.Index, *_other_name(row.municipality_code, row.municipality, names[row.municipality_code]))
        if repeated[row.Index]:
            yield _at(
                "unions.csv",
                row.Index,
                f"{row.municipality} è già in un'unione dell'edizione {row.edition}; togliere una delle due righe.",
                f"{row.municipality} is in a union of edition {row.edition} already; remove one of the two rows.",
            )


def _predecessor_faults(predecessors: pd.DataFrame, zones: pd.DataFrame) -> Iterator[Fault]:
    current = set(zones["municipality_code"])
    for row in predecessors.itertuples():
        if row.successor_code not in current:
            yield _at(
                "predecessors.csv",
                row.Index,
                f"il successore {row.successor} ({row.successor_code}) non è in zones.csv; correggere il codice.",
                f"the successor {row.successor} ({row.successor_code}) is not in zones.csv; correct the code.",
            )
        if row.municipality_code in current:
            yield _at(
                "predecessors.csv",
                row.Index,
                f"{row.municipality} ({row.municipality_code}) è ancora in zones.csv; togliere una delle due righe.",
                f"{row.municipality} ({row.municipality_code}) is still in zones.csv; remove one of the two rows.",
            )


def _edition_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    zones, unions = tables["zones.csv"], tables["unions.csv"]
    found_zones = len(tables["zone_names.csv"]) - 1  # Milano stands by itself beside the zone omogenee
    for row in tables["editions.csv"].itertuples():
        counts = (
            ("comuni", "municipalities", int(row.municipality_count), zones["municipality_code"].nunique(), "zones.csv"),
            ("zone omogenee", "zone omogenee", int(row.zone_count), found_zones, "zone_names.csv"),
            (
                "unioni di comuni",
                "unioni di comuni",
                int(row.union_count),
                unions.loc[unions["edition"] == row.edition, "union"].nunique(),
                "unions.csv",
            ),
        )
        for italian, english, declared, found, file in counts:
            if declared != found:
                yield _at(
                    "editions.csv",
                    row.Index,
                    f"l'edizione {row.edition} dichiara {declared} {italian}, in {file} sono {found}; "
                    "completare le righe o correggere il numero.",
                    f"edition {row.edition} declares {declared} {english}, {file} has {found}; "
                    "complete the rows or correct the number.",
                )
        if row.source not in set(tables["sources.csv"]["source"]):
            yield _at(
                "editions.csv",
                row.Index,
                f"la fonte «{row.source}» non è in sources.csv; aggiungere la sua riga.",
                f"the source “{row.source}” is not in sources.csv; add its row.",
            )
        if row.first_year > row.last_year:
            yield _at(
                "editions.csv",
                row.Index,
                f"il primo anno {row.first_year} viene dopo l'ultimo {row.last_year}; correggere gli anni.",
                f"the first year {row.first_year} comes after the last {row.last_year}; correct the years.",
            )
