"""What must hold across the tables of the plan: every goal linked, scoped and counted, every reference resolved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress

import pandas as pd

from psttm_geo.core.errors import Fault, Text
from psttm_geo.plan.levels import is_legible
from psttm_geo.schema.checks import at, rows_of
from psttm_geo.schema.code_lists import GOAL_KEY, LEVELS
from psttm_geo.territory.degurba_records import PERI_URBAN_SCOPE

_PLAN_TABLES = {
    "editions.csv",
    "missions.csv",
    "key_words.csv",
    "goals.csv",
    "goal_marks.csv",
    "goal_links.csv",
    "vision.csv",
    "drivers.csv",
    "driver_missions.csv",
    "driver_goals.csv",
    "partnerships.csv",
    "scopes.csv",
    "focuses.csv",
    "scope_lists.csv",
    "zones.csv",
}

_NEEDS_PARAMETER = ("named", "feature", "figure")

_FIGURE = re.compile(rf"residenti<\d+|{PERI_URBAN_SCOPE}")

_MISSION = ["edition", "mission"]

_DRIVER = ["edition", "driver"]


def plan_faults(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Return every contradiction between the tables of the plan.

    Parameters
    ----------
    tables
        By file name, each right by its own contract; nothing is looked at while one of them is missing.

    Returns
    -------
    list of Fault
        Empty when all agree.
    """
    if not tables.keys() >= _PLAN_TABLES:
        return []
    return [
        *_reference_faults(tables),
        *_count_faults(tables),
        *_mark_faults(tables["goal_marks.csv"]),
        *_link_faults(tables["goal_links.csv"], tables["goals.csv"]),
        *_order_faults(tables["goal_links.csv"], list(tables["editions.csv"]["edition"])),
        *_scope_faults(tables),
        *_rule_faults("scopes.csv", "scope", tables),
        *_rule_faults("focuses.csv", "rule", tables),
        *_vision_faults(tables),
        *(fault for name, find in _READINGS.items() if name in tables for fault in find(tables)),
    ]


def _keys(table: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...]]:
    return list(table[list(columns)].astype(str).itertuples(index=False, name=None))


def _named(key: Sequence[str]) -> str:
    return f"{key[0]} {'.'.join(key[1:])}"


def _reference_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find rows that name something that does not exist."""
    references = (
        (("missions.csv", "partnerships.csv", "drivers.csv"), ["edition"], "editions.csv"),
        (("goals.csv", "vision.csv", "driver_missions.csv"), _MISSION, "missions.csv"),
        (("driver_missions.csv", "driver_goals.csv"), _DRIVER, "drivers.csv"),
        (("goal_marks.csv", "scopes.csv", "focuses.csv", "driver_goals.csv"), GOAL_KEY, "goals.csv"),
        (("vision.csv",), ["key_word"], "key_words.csv"),
        (("scope_lists.csv",), ["municipality_code", "municipality"], "zones.csv"),
    )
    for names, columns, target in references:
        known = set(_keys(tables[target], columns))
        for name in names:
            yield from _unknown(name, tables[name], columns, known, target)


def _unknown(
    name: str, table: pd.DataFrame, columns: Sequence[str], known: AbstractSet[tuple[str, ...]], target: str
) -> Iterator[Fault]:
    """Find rows of a table whose columns name something that `target` does not know."""
    for label, key in zip(table.index, _keys(table, columns), strict=True):
        if key not in known:
            said = ", ".join(key)
            yield at(
                name,
                int(label),
                f"«{said}» non è in {target}; correggere la riga o aggiungerla là.",
                f"“{said}” is not in {target}; correct the row or add it there.",
            )


def _count_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Hold the goals of each mission against the count that the mission declares; they are numbered from 1."""
    numbers: dict[tuple[str, ...], set[int]] = {}
    for key in _keys(tables["goals.csv"], GOAL_KEY):
        numbers.setdefault(key[:2], set()).add(int(key[2]))
    for label, row in rows_of(tables["missions.csv"]):
        declared = set(range(1, int(row["goal_count"]) + 1))
        found = numbers.get((row["edition"], row["mission"]), set())
        if found != declared:
            odd = ", ".join(map(str, sorted(found ^ declared)))
            yield at(
                "missions.csv",
                label,
                f"missione {row['mission']} del {row['edition']}: attesi gli obiettivi 1-{row['goal_count']}, "
                f"mancano o avanzano {odd}; completare goals.csv o correggere il numero.",
                f"mission {row['mission']} of {row['edition']}: expected goals 1-{row['goal_count']}, "
                f"missing or too many: {odd}; complete goals.csv or correct the count.",
            )


def _mark_faults(marks: pd.DataFrame) -> Iterator[Fault]:
    """Find rows that mix levels with a bullet and levels not legible: a row is legible as a whole or not at all."""
    for label, row in rows_of(marks):
        values = {row[level] for level in LEVELS}
        if values != {"non_noto"} and ("si" not in values or "non_noto" in values):
            yield at(
                "goal_marks.csv",
                label,
                "segni in contraddizione: con un «si» gli altri sono «si» o «non_indicato», senza tutti «non_noto»; "
                "correggere la riga.",
                "contradicting marks: beside a “si” the others are “si” or “non_indicato”, without one all are "
                "“non_noto”; correct the row.",
            )


def _link_faults(links: pd.DataFrame, goals: pd.DataFrame) -> Iterator[Fault]:
    known = set(_keys(goals, GOAL_KEY))
    sides = {side: _keys(links, [f"{side}_{name}" for name in GOAL_KEY]) for side in ("from", "to")}
    empty = ("", "", "")
    for position, label in enumerate(links.index):
        kind = links["kind"].iloc[position]
        blank = {side: keys[position] == empty for side, keys in sides.items()}
        if blank["from"] != (kind == "new") or blank["to"] != (kind == "dropped"):
            yield at(
                "goal_links.csv",
                int(label),
                f"«{kind}» non va con le celle riempite: «new» non ha origine, «dropped» non ha esito, gli altri "
                "hanno entrambi; correggere la riga.",
                f"“{kind}” does not go with the columns filled: “new” has no origin, “dropped” no heir, the others "
                "have both; correct the row.",
            )
        for side, keys in sides.items():
            if not blank[side] and keys[position] not in known:
                said = _named(keys[position])
                yield at(
                    "goal_links.csv",
                    int(label),
                    f"l'obiettivo {said} non è in goals.csv; correggere la riga.",
                    f"goal {said} is not in goals.csv; correct the row.",
                )
    linked = {*sides["from"], *sides["to"]}
    for label, key in zip(goals.index, _keys(goals, GOAL_KEY), strict=True):
        if key not in linked:
            yield at(
                "goals.csv",
                int(label),
                f"l'obiettivo {_named(key)} non ha legami; aggiungere una riga a goal_links.csv («new» o «dropped»).",
                f"goal {_named(key)} has no link; add a row to goal_links.csv (“new” or “dropped” too).",
            )


def _order_faults(links: pd.DataFrame, editions: Sequence[str]) -> Iterator[Fault]:
    """Find links that do not lead from an edition to a later one."""
    order = {edition: position for position, edition in enumerate(editions)}
    for label, row in rows_of(links):
        before, after = order.get(row["from_edition"]), order.get(row["to_edition"])
        if before is not None and after is not None and before >= after:
            yield at(
                "goal_links.csv",
                label,
                f"il legame va da {row['from_edition']} a {row['to_edition']}: deve andare a un'edizione successiva; "
                "correggere la riga.",
                f"the link leads from {row['from_edition']} to {row['to_edition']}: it must lead to a later edition; "
                "correct the row.",
            )


def _scope_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    scoped = set(_keys(tables["scopes.csv"], GOAL_KEY))
    for label, key in zip(tables["goals.csv"].index, _keys(tables["goals.csv"], GOAL_KEY), strict=True):
        if key not in scoped:
            yield at(
                "goals.csv",
                int(label),
                f"l'obiettivo {_named(key)} non ha un ambito; aggiungere una riga a scopes.csv.",
                f"goal {_named(key)} has no scope; add a row to scopes.csv.",
            )


def _rule_faults(name: str, column: str, tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find rules without what they are executed on: the kind of rule is in `column`."""
    lists = set(tables["scope_lists.csv"]["list"])
    mapped = set(tables["features.csv"]["feature"]) if "features.csv" in tables else None
    for label, row in rows_of(tables[name]):
        rule, parameter = row[column], row["parameter"]
        needed = rule in _NEEDS_PARAMETER
        if needed != bool(parameter):
            yield at(
                name,
                label,
                f"l'ambito «{rule}» {'vuole' if needed else 'non vuole'} un parametro; correggere la riga.",
                f"the scope “{rule}” {'needs a' if needed else 'takes no'} parameter; correct the row.",
            )
        elif rule == "named" and parameter not in lists:
            yield at(
                name,
                label,
                f"l'elenco «{parameter}» non è in scope_lists.csv; aggiungerne le righe.",
                f"the list “{parameter}” is not in scope_lists.csv; add its rows.",
            )
        elif rule == "feature" and mapped is not None and parameter not in mapped:
            yield at(
                name,
                label,
                f"l'elemento «{parameter}» non è in features.csv; aggiungerne le righe.",
                f"the feature “{parameter}” is not in features.csv; add its rows.",
            )
        elif rule == "figure" and not _FIGURE.fullmatch(parameter):
            yield at(
                name,
                label,
                f"la misura «{parameter}» non si conosce; scrivere residenti<NUMERO o {PERI_URBAN_SCOPE}.",
                f"the figure “{parameter}” is not known; write residenti<NUMBER or {PERI_URBAN_SCOPE}.",
            )


def _vision_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    found = set(_keys(tables["vision.csv"], ["edition", "key_word", "mission"]))
    for _, row in rows_of(tables["missions.csv"]):
        for key_word in tables["key_words.csv"]["key_word"]:
            if (row["edition"], key_word, row["mission"]) not in found:
                yield Fault(
                    "vision.csv",
                    None,
                    Text(
                        it=f"manca la riga {row['edition']}, {key_word}, missione {row['mission']}; aggiungerla "
                        "(«non_noto» se il documento non lo dice).",
                        en=f"the row {row['edition']}, {key_word}, mission {row['mission']} is missing; add it "
                        "(“non_noto” where the document does not say).",
                    ),
                )


def _text_level_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find levels named by a text of which the goal's row of the table says already who acts, and other wrong rows."""
    name = "goal_text_levels.csv"
    rows = tables[name]
    yield from _unknown(name, rows, GOAL_KEY, set(_keys(tables["goals.csv"], GOAL_KEY)), "goals.csv")
    yield from _line_faults(name, tables)
    marks = tables["goal_marks.csv"]
    legible = map(is_legible, marks[list(LEVELS)].itertuples(index=False, name=None))
    told = set(compress(_keys(marks, GOAL_KEY), legible))
    for label, key in zip(rows.index, _keys(rows, GOAL_KEY), strict=True):
        if key in told:
            yield at(
                name,
                int(label),
                f"i livelli dell'obiettivo {_named(key)} si leggono nella tabella del documento (goal_marks.csv), che "
                "vale più del testo; togliere la riga.",
                f"the levels of goal {_named(key)} are legible in the document's table (goal_marks.csv), which counts "
                "for more than the text; remove the row.",
            )


def _confirmation_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find visions said to be confirmed that are not those of an earlier edition."""
    name = "vision_confirmations.csv"
    rows = tables[name]
    order = {edition: position for position, edition in enumerate(tables["editions.csv"]["edition"])}
    for column in ("edition", "confirmed"):
        yield from _unknown(name, rows, [column], {(edition,) for edition in order}, "editions.csv")
    yield from _line_faults(name, tables)
    for label, row in rows_of(rows):
        later, earlier = order.get(row["edition"]), order.get(row["confirmed"])
        if later is not None and earlier is not None and earlier >= later:
            yield at(
                name,
                label,
                f"{row['edition']} non può confermare la visione di {row['confirmed']}, che non è precedente; "
                "correggere la riga.",
                f"{row['edition']} cannot confirm the vision of {row['confirmed']}, which is not earlier; correct the "
                "row.",
            )


def _partner_link_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find links between partnerships that do not exist."""
    name = "partner_links.csv"
    known = set(_keys(tables["partnerships.csv"], ["edition", "number"]))
    for columns in (["edition", "number"], ["partner_edition", "partner_number"]):
        yield from _unknown(name, tables[name], columns, known, "partnerships.csv")


def _line_faults(name: str, tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find passages whose lines do not follow each other, or of a document that is not registered."""
    rows = tables[name]
    sources = tables.get("sources.csv")
    if sources is not None:
        yield from _unknown(name, rows, ["source"], set(_keys(sources, ["source"])), "sources.csv")
    for label, row in rows_of(rows):
        if int(row["first_line"]) > int(row["last_line"]):
            yield at(
                name,
                label,
                f"le righe vanno da {row['first_line']} a {row['last_line']}: la prima viene dopo l'ultima; "
                "correggere la riga.",
                f"the lines go from {row['first_line']} to {row['last_line']}: the first comes after the last; correct "
                "the row.",
            )


_READINGS = {
    "goal_text_levels.csv": _text_level_faults,
    "vision_confirmations.csv": _confirmation_faults,
    "partner_links.csv": _partner_link_faults,
}
"""Tables that say what was read in documents beside their tables, and what must hold of each."""
