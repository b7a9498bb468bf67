"""Which differences between two deliveries stand in the sources, and which follow from them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from psttm_geo.delivery.facts import FACTS, GEOMETRY, ROW_FACT, STATED_COLUMNS, rests_on
from psttm_geo.delivery.table_diff import LayerDifference, RowChange, compare_tables
from psttm_geo.plan.plan_layers import MUNICIPALITY, UNION, ZONE
from psttm_geo.schema.code_lists import GOAL_KEY, LEVEL_BASES, LEVELS
from psttm_geo.schema.layers import LAYERS

About = dict[str, frozenset[Any]]
"""What something is about: values by ``edition``, ``municipality``, ``zone``, ``union``, ``goal``, ``driver``,
``layer``; nothing is said of what is missing."""


@dataclass(frozen=True)
class Cause:
    """A change that stands in the sources.

    Attributes
    ----------
    fact
        A key of :data:`psttm_geo.delivery.facts.FACTS`.
    change
        The row, with those of its fields that state the fact.
    """

    fact: str
    change: RowChange


@dataclass(frozen=True)
class Derived:
    """A row, or the part of it, that is computed.

    Attributes
    ----------
    change
        The row, with those of its fields that are computed.
    causes
        Positions of the causes that it may follow from, all of them; none where nothing in the two deliveries explains
        it: a rule, a method or a table that they do not hold has changed.
    """

    change: RowChange
    causes: tuple[int, ...]


@dataclass(frozen=True)
class Difference:
    """What differs between two deliveries.

    Attributes
    ----------
    layers_added, layers_removed
        Rows by layer, by Italian name.
    columns_added, columns_removed
        Italian names by layer.
    causes
        By fact, in the order of :data:`psttm_geo.delivery.facts.FACTS`.
    derived
        In the order of the layers.
    """

    layers_added: Mapping[str, int]
    layers_removed: Mapping[str, int]
    columns_added: Mapping[str, tuple[str, ...]]
    columns_removed: Mapping[str, tuple[str, ...]]
    causes: tuple[Cause, ...]
    derived: tuple[Derived, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        layers = self.layers_added or self.layers_removed or self.columns_added or self.columns_removed
        return bool(layers or self.causes or self.derived)


def compare_deliveries(before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> Difference:
    """Compare two deliveries, and put what stands in the sources before what follows from it.

    A computed row follows from a change of the sources when it rests on that kind of fact
    (:func:`psttm_geo.delivery.facts.rests_on`) and is about the same municipality, zone, union, goal or driver; marks
    that a goal inherits follow from those of the document. Where nothing else explains it, a source of its layer that
    is dated or published anew does.

    Parameters
    ----------
    before, after
        Tables by Italian layer name, with English columns.

    Raises
    ------
    DeliveryError, CrsError
        As :func:`psttm_geo.delivery.table_diff.compare_tables`.
    """
    shared = [name for name in LAYERS if name in before and name in after]
    compared = {name: compare_tables(LAYERS[name], before[name], after[name]) for name in shared}
    context = _Context(before, after)
    parts = [part for one in compared.values() for row in one.rows for part in _split(row, context)]
    causes = sorted((part for part in parts if isinstance(part, Cause)), key=lambda one: list(FACTS).index(one.fact))
    rest = [part for part in parts if isinstance(part, RowChange)]
    found = _Explanations(causes, rest, context)
    return Difference(
        {name: len(table) for name, table in after.items() if name not in before},
        {name: len(table) for name, table in before.items() if name not in after},
        _columns(compared, "columns_added"),
        _columns(compared, "columns_removed"),
        tuple(causes),
        tuple(Derived(row, found.causes_of(row)) for row in rest),
    )


def _columns(compared: Mapping[str, LayerDifference], which: str) -> dict[str, tuple[str, ...]]:
    return {name: getattr(one, which) for name, one in compared.items() if getattr(one, which)}


def _split(row: RowChange, context: "_Context") -> Iterator[Cause | RowChange]:
    """Give what a row states of the sources, fact by fact, and what in it is computed."""
    if row.kind != "changed":
        yield Cause(ROW_FACT[row.layer], row) if row.layer in ROW_FACT else row
        return
    stated = dict(STATED_COLUMNS.get(row.layer, {}))
    if row.layer == "obiettivi":
        stated = {name: fact for name, fact in stated.items() if fact != "marks" or context.states(row, name)}
    names = (*row.fields, *([GEOMETRY] if row.shape is not None else []))
    by_fact: dict[str | None, list[str]] = defaultdict(list)
    for name in names:
        by_fact[stated.get(name)].append(name)
    for fact, mine in by_fact.items():
        shape = row.shape if GEOMETRY in mine else None
        part = replace(row, fields={name: row.fields[name] for name in mine if name in row.fields}, shape=shape)
        yield part if fact is None else Cause(fact, part)


class _Context:
    """What units, drivers and goals have to do with each other in either delivery."""

    def __init__(self, before: Mapping[str, pd.DataFrame], after: Mapping[str, pd.DataFrame]) -> None:
        self._tables = (before, after)
        self.members: dict[tuple[str, Any], set[str]] = defaultdict(set)
        self.units: dict[tuple[str, Any, Any], set[Any]] = defaultdict(set)
        for edition, code, zone, union in self._rows("appartenenze", "edition", "municipality_code", "zone", "union"):
            for kind, unit in (("zone", zone), ("union", (edition, union))):
                if unit not in (None, (edition, None)):
                    self.members[kind, unit].add(code)
                    self.units[kind, edition, code].add(unit)
        self.goals: dict[Any, set[Any]] = defaultdict(set)
        goals = [tuple(goal) for goal in self._rows("obiettivi", *GOAL_KEY, "mark_basis")]
        for edition, mission, number, _ in goals:
            self.goals[edition, mission].add((edition, mission, number))
        self._document = {goal[:-1] for goal in goals if goal[-1] == "document"}
        self._of_text = self._levels_of_text()
        self.combined: dict[Any, set[Any]] = defaultdict(set)
        for edition, driver, told in self._rows("driver", "edition", "driver", "goals"):
            pairs = (one.strip().partition(".") for one in str(told or "").split(",") if "." in one)
            self.combined[edition, driver] |= {(edition, int(mission), int(number)) for mission, _, number in pairs}
        self.places: dict[Any, set[str]] = defaultdict(set)
        for project, code in self._rows("progetti_comuni", "project", "municipality_code"):
            self.places[project].add(code)

    def _rows(self, layer: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        for tables in self._tables:
            table = tables.get(layer)
            if table is not None and set(columns) <= set(table.columns):
                rows = table[list(columns)].astype(object)
                yield from rows.where(rows.notna(), None).itertuples(index=False, name=None)

    def _levels_of_text(self) -> dict[Any, set[str]]:
        """Return the columns of goals that hold what their texts name."""
        found: dict[Any, set[str]] = defaultdict(set)
        for edition, mission, number, *bases in self._rows("obiettivi", *GOAL_KEY, *LEVEL_BASES):
            for level, column, basis in zip(LEVELS, LEVEL_BASES, bases, strict=True):
                if basis == "from_text":
                    found[edition, mission, number] |= {level, column, "mark_basis", "text_passage"}
        return found

    def states(self, row: RowChange, column: str) -> bool:
        """Return whether the table of its document, or its own text, says what a goal has in a column of levels.

        Elsewhere it has, in both deliveries, what the goals that it continues have.
        """
        goal = tuple(row.key[name] for name in GOAL_KEY)
        return goal in self._document or column in self._of_text[goal]

    def about(self, row: RowChange) -> About:
        """Return what a row is about, by its key."""
        key = dict(row.key)
        edition = key.get("edition") or key.get("edition_or_all")
        kind = key.get("unit_kind")
        names = {MUNICIPALITY: "municipality_code", ZONE: "zone", UNION: "union"}
        if kind in names:
            key[names[kind]] = key["unit"]
        found: dict[str, set[Any]] = {"layer": {row.layer}}
        if edition:
            found["edition"] = {edition}
        if "municipality_code" in key:
            found["municipality"] = {key["municipality_code"]}
        elif "zone" in key:
            found |= {"zone": {key["zone"]}, "municipality": self.members["zone", key["zone"]]}
        elif "union" in key:
            union = (edition, key["union"])
            found |= {"union": {union}, "municipality": self.members["union", union]}
        elif "project" in key:
            found["municipality"] = self.places[key["project"]]
        return {name: frozenset(values) for name, values in (found | self._plan(key, edition)).items() if values}

    def _plan(self, key: Mapping[str, Any], edition: Any) -> dict[str, set[Any]]:  # noqa: ANN401 - a value of a table
        if "driver" in key:
            driver = (edition, key["driver"])
            return {"driver": {driver}, "goal": self.combined[driver]}
        if "mission" in key:
            mission = (edition, key["mission"])
            return {"goal": {(*mission, key["number"])} if "number" in key else self.goals[mission]}
        return {}


class _Explanations:
    """Causes, found by what they are about."""

    def __init__(self, causes: Sequence[Cause], rest: Iterable[RowChange], context: _Context) -> None:
        self._context = context
        heirs = [row for row in rest if row.layer == "obiettivi" and set(LEVELS) & set(row.fields)]
        self._of_fact: dict[str, set[int]] = defaultdict(set)
        self._named: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._of_value: dict[tuple[str, str, Any], set[int]] = defaultdict(set)
        for number, cause in enumerate(causes):
            for fact in _facts_of(cause):
                self._of_fact[fact].add(number)
                for name, values in _about_cause(fact, cause.change, context, heirs).items():
                    self._named[fact, name].add(number)
                    for value in values:
                        self._of_value[fact, name, value].add(number)

    def causes_of(self, row: RowChange) -> tuple[int, ...]:
        """Return the positions of the causes that a row may follow from."""
        about = self._context.about(row)
        units = frozenset(about)
        names = (*row.fields, *([GEOMETRY] if row.shape is not None else []))
        if row.kind != "changed":
            names = (*LAYERS[row.layer].columns, GEOMETRY)
        facts = frozenset[str]().union(*(rests_on(row.layer, name, units) for name in names))
        found = {number for fact in facts for number in self._about(fact, about)}
        return tuple(sorted(found or self._about("sources", about)))

    def _about(self, fact: str, about: About) -> set[int]:
        found = self._of_fact[fact]
        for name, values in about.items():
            if not found:
                break
            silent = found - self._named[fact, name]
            found = found & silent | {n for value in values for n in self._of_value[fact, name, value] if n in found}
        return found


def _facts_of(cause: Cause) -> tuple[str, ...]:
    """Return what a cause changes; a row that comes or goes changes all that its layer states."""
    if cause.change.kind == "changed":
        return (cause.fact,)
    return tuple(dict.fromkeys((cause.fact, *STATED_COLUMNS[cause.change.layer].values())))


def _about_cause(fact: str, change: RowChange, context: _Context, heirs: Sequence[RowChange]) -> About:
    """Return what the consequences of a cause are about."""
    if fact in ("services", "scenario"):
        return {}  # whoever lives around walks there
    if fact == "sources":
        return {"layer": frozenset({change.key["layer"]})}
    kept = _KEPT.get(fact, ("municipality",))
    found = {name: values for name, values in context.about(change).items() if name in kept}
    if fact in ("unions", "zones"):
        found[fact.removesuffix("s")] = _units_of(fact.removesuffix("s"), change, context)
    if fact == "marks":
        found["goal"] = found["goal"] | _heirs(change, heirs)
    return found


def _units_of(kind: str, change: RowChange, context: _Context) -> frozenset[Any]:
    """Return the units that a municipality left and joined; those it is in, where its row came or went."""
    edition, code = change.key["edition"], change.key["municipality_code"]
    if change.kind != "changed":
        return frozenset(context.units[kind, edition, code])
    names = [name for name in change.fields[kind] if name is not None]
    return frozenset((edition, name) for name in names) if kind == "union" else frozenset(names)


_KEPT = {"goals": ("goal",), "marks": ("goal",), "scopes": ("goal",), "drivers": ("driver",), "unions": ()}
"""By fact, what of the row its consequences are about; the municipality where nothing is said."""


def _heirs(change: RowChange, heirs: Sequence[RowChange]) -> frozenset[Any]:
    """Return the goals of other editions that inherit what changed: the same level changed there too."""
    levels = set(LEVELS) & set(change.fields)
    return frozenset(
        tuple(heir.key[name] for name in GOAL_KEY)
        for heir in heirs
        if levels & set(heir.fields) and heir.key["edition"] != change.key["edition"]
    )
