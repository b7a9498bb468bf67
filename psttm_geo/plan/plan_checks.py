"""What must hold across the tables of the plan: every goal linked, scoped and counted, every reference resolved."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import compress

import pandas as pd

from psttm_geo.core.errors import Fault
from psttm_geo.core.messages import gettext
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
        *_passage_faults(tables),
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
        (
            ("goal_marks.csv", "scopes.csv", "focuses.csv", "driver_goals.csv", "measure_goals.csv"),
            GOAL_KEY,
            "goals.csv",
        ),
        (("vision.csv",), ["key_word"], "key_words.csv"),
        (("scope_lists.csv",), ["municipality_code", "municipality"], "zones.csv"),
        (("goal_actors.csv", "goal_instruments.csv"), GOAL_KEY, "goals.csv"),
        (("goal_actors.csv",), ["actor"], "actors.csv"),
        (("goal_instruments.csv",), ["instrument"], "instruments.csv"),
        (("stages.csv", "plan_dimensions.csv", "edition_results.csv"), ["edition"], "editions.csv"),
        (("key_word_definitions.csv",), ["key_word"], "key_words.csv"),
        (("mission_themes.csv",), _MISSION, "missions.csv"),
        (("measure_drivers.csv",), ["driver"], "drivers.csv"),
    )
    for names, columns, target in references:
        if target in tables:
            known = set(_keys(tables[target], columns))
            for name in filter(tables.__contains__, names):
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
                gettext("“{said}” is not in {target}; correct the row or add it there.", said=said, target=target),
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
                gettext(
                    "mission {mission} of {edition}: expected goals 1-{goal_count}, missing or too many: {odd}; "
                    "complete goals.csv or correct the count.",
                    mission=row["mission"],
                    edition=row["edition"],
                    goal_count=row["goal_count"],
                    odd=odd,
                ),
            )


def _mark_faults(marks: pd.DataFrame) -> Iterator[Fault]:
    """Find rows that mix levels with a bullet and levels not legible: a row is legible as a whole or not at all."""
    for label, row in rows_of(marks):
        values = {row[level] for level in LEVELS}
        if values != {"non_noto"} and ("si" not in values or "non_noto" in values):
            yield at(
                "goal_marks.csv",
                label,
                gettext(
                    "contradicting marks: beside a “si” the others are “si” or “non_indicato”, without one all "
                    "are “non_noto”; correct the row."
                ),
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
                gettext(
                    "“{kind}” does not go with the columns filled: “new” has no origin, “dropped” no heir, the "
                    "others have both; correct the row.",
                    kind=kind,
                ),
            )
        for side, keys in sides.items():
            if not blank[side] and keys[position] not in known:
                said = _named(keys[position])
                yield at(
                    "goal_links.csv",
                    int(label),
                    gettext("goal {said} is not in goals.csv; correct the row.", said=said),
                )
    linked = {*sides["from"], *sides["to"]}
    for label, key in zip(goals.index, _keys(goals, GOAL_KEY), strict=True):
        if key not in linked:
            yield at(
                "goals.csv",
                int(label),
                gettext(
                    "goal {key} has no link; add a row to goal_links.csv (“new” or “dropped” too).", key=_named(key)
                ),
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
                gettext(
                    "the link leads from {from_edition} to {to_edition}: it must lead to a later edition; "
                    "correct the row.",
                    from_edition=row["from_edition"],
                    to_edition=row["to_edition"],
                ),
            )


def _scope_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    scoped = set(_keys(tables["scopes.csv"], GOAL_KEY))
    for label, key in zip(tables["goals.csv"].index, _keys(tables["goals.csv"], GOAL_KEY), strict=True):
        if key not in scoped:
            yield at(
                "goals.csv", int(label), gettext("goal {key} has no scope; add a row to scopes.csv.", key=_named(key))
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
                gettext("the scope “{rule}” needs a parameter; correct the row.", rule=rule)
                if needed
                else gettext("the scope “{rule}” takes no parameter; correct the row.", rule=rule),
            )
        elif rule == "named" and parameter not in lists:
            yield at(
                name,
                label,
                gettext("the list “{parameter}” is not in scope_lists.csv; add its rows.", parameter=parameter),
            )
        elif rule == "feature" and mapped is not None and parameter not in mapped:
            yield at(
                name,
                label,
                gettext("the feature “{parameter}” is not in features.csv; add its rows.", parameter=parameter),
            )
        elif rule == "figure" and not _FIGURE.fullmatch(parameter):
            yield at(
                name,
                label,
                gettext(
                    "the figure “{parameter}” is not known; write residenti<NUMBER or {peri_urban_scope}.",
                    parameter=parameter,
                    peri_urban_scope=PERI_URBAN_SCOPE,
                ),
            )


def _vision_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    found = set(_keys(tables["vision.csv"], ["edition", "key_word", "mission"]))
    for _, row in rows_of(tables["missions.csv"]):
        for key_word in tables["key_words.csv"]["key_word"]:
            if (row["edition"], key_word, row["mission"]) not in found:
                yield Fault(
                    "vision.csv",
                    None,
                    gettext(
                        "the row {edition}, {key_word}, mission {mission} is missing; add it (“non_noto” where the "
                        "document does not say).",
                        edition=row["edition"],
                        key_word=key_word,
                        mission=row["mission"],
                    ),
                )


def _text_level_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find levels named by a text of which the goal's row of the table says already who acts, and other wrong rows."""
    name = "goal_text_levels.csv"
    rows = tables[name]
    yield from _unknown(name, rows, GOAL_KEY, set(_keys(tables["goals.csv"], GOAL_KEY)), "goals.csv")
    marks = tables["goal_marks.csv"]
    legible = map(is_legible, marks[list(LEVELS)].itertuples(index=False, name=None))
    told = set(compress(_keys(marks, GOAL_KEY), legible))
    for label, key in zip(rows.index, _keys(rows, GOAL_KEY), strict=True):
        if key in told:
            yield at(
                name,
                int(label),
                gettext(
                    "the levels of goal {key} are legible in the document's table (goal_marks.csv), which counts "
                    "for more than the text; remove the row.",
                    key=_named(key),
                ),
            )


def _confirmation_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find visions said to be confirmed that are not those of an earlier edition."""
    name = "vision_confirmations.csv"
    rows = tables[name]
    order = {edition: position for position, edition in enumerate(tables["editions.csv"]["edition"])}
    for column in ("edition", "confirmed"):
        yield from _unknown(name, rows, [column], {(edition,) for edition in order}, "editions.csv")
    for label, row in rows_of(rows):
        later, earlier = order.get(row["edition"]), order.get(row["confirmed"])
        if later is not None and earlier is not None and earlier >= later:
            yield at(
                name,
                label,
                gettext(
                    "{edition} cannot confirm the vision of {confirmed}, which is not earlier; correct the row.",
                    edition=row["edition"],
                    confirmed=row["confirmed"],
                ),
            )


def _partner_link_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find links between partnerships that do not exist."""
    name = "partner_links.csv"
    known = set(_keys(tables["partnerships.csv"], ["edition", "number"]))
    for columns in (["edition", "number"], ["partner_edition", "partner_number"]):
        yield from _unknown(name, tables[name], columns, known, "partnerships.csv")


def _passage_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find passages whose lines do not follow each other, or of a document that is not registered."""
    for name, table in tables.items():
        if "first_line" in table.columns:
            rows = table[table["first_line"] != ""]
            if "sources.csv" in tables:
                known = set(_keys(tables["sources.csv"], ["source"]))
                yield from _unknown(name, rows, ["source"], known, "sources.csv")
            yield from _line_faults(name, rows)


def _line_faults(name: str, rows: pd.DataFrame) -> Iterator[Fault]:
    for label, row in rows_of(rows):
        if int(row["first_line"]) > int(row["last_line"]):
            yield at(
                name,
                label,
                gettext(
                    "the lines go from {first_line} to {last_line}: the first comes after the last; correct the row.",
                    first_line=row["first_line"],
                    last_line=row["last_line"],
                ),
            )


def _measure_faults(tables: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Find measures of several editions, where a project is of one, and drivers that the edition named has not."""
    name = "measure_drivers.csv"
    named = tables[name][tables[name]["edition"] != ""]
    yield from _unknown(name, named, _DRIVER, set(_keys(tables["drivers.csv"], _DRIVER)), "drivers.csv")
    first: dict[str, str] = {}
    for label, row in rows_of(tables[name]):
        edition = first.setdefault(row["measure"], row["edition"])
        if row["edition"] != edition:
            yield at(
                name,
                label,
                gettext(
                    "measure {measure} is of edition “{found}” here and of “{edition}” on another row; give all its "
                    "rows the same edition, or none.",
                    measure=row["measure"],
                    found=row["edition"],
                    edition=edition,
                ),
            )


_READINGS = {
    "goal_text_levels.csv": _text_level_faults,
    "vision_confirmations.csv": _confirmation_faults,
    "partner_links.csv": _partner_link_faults,
    "measure_drivers.csv": _measure_faults,
}
"""Tables that say what was read in documents beside their tables, and what must hold of each."""
