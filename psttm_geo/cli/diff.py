"""The command that says what changed between two deliveries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from psttm_geo.cli.options import JSON, PATH, note, print_result, with_settings
from psttm_geo.core.messages import NOTHING, Language, Text, gettext, pgettext
from psttm_geo.core.settings import Settings

if TYPE_CHECKING:
    from psttm_geo.delivery.delivery_diff import Difference
    from psttm_geo.delivery.table_diff import RowChange, ShapeChange
    from psttm_geo.jobs.delivery_comparison import DeliveryDifference

FOUND_DIFFERENCES = 1

_SHOWN_CAUSES = 20
"""Of one kind of fact, before the report says how many more there are."""

_SHOWN_ROWS = 3
"""Of one layer of computed rows."""

SQUARE_METRES_PER_HECTARE = 10_000

_KINDS = {"added": pgettext("a row", "added"), "removed": gettext("removed"), "changed": NOTHING}

_ROWS = {"added": gettext("rows added,"), "removed": gettext("rows removed,")}


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@JSON
@with_settings
def diff(settings: Settings, *, old: Path, new: Path, as_json: bool) -> int:
    """Elenca che cosa è cambiato fra due GeoPackage: prima le fonti, poi le righe che ne seguono."""
    from psttm_geo import jobs  # noqa: PLC0415 - geopandas is loaded only by commands that need it

    found = jobs.compare_files(old, new)
    note(found.notices, settings)
    lines = list(_Report(found, settings.language).lines(old, new))
    print_result(_result(found, settings.language) | {"old": str(old), "new": str(new)}, lines, as_json=as_json)
    return FOUND_DIFFERENCES if found.difference else 0


def _result(found: "DeliveryDifference", language: Language) -> dict[str, Any]:
    """Return everything, for machines: rows by Italian field names, causes numbered from 1."""
    from psttm_geo.delivery.facts import FACTS  # noqa: PLC0415 - pandas is loaded only by commands that need it

    difference = found.difference
    return {
        "versions": list(found.versions),
        "synthetic": list(found.synthetic),
        "layers_added": dict(difference.layers_added),
        "layers_removed": dict(difference.layers_removed),
        "columns_added": {name: list(columns) for name, columns in difference.columns_added.items()},
        "columns_removed": {name: list(columns) for name, columns in difference.columns_removed.items()},
        "changes": [
            {"number": number, "fact": cause.fact, "title": FACTS[cause.fact].say(language)} | _row(cause.change)
            for number, cause in enumerate(difference.causes, start=1)
        ],
        "derived": [
            _row(one.change) | {"because_of": [number + 1 for number in one.causes]} for one in difference.derived
        ],
    }


def _row(change: "RowChange") -> dict[str, Any]:
    from psttm_geo.schema.layers import LAYERS  # noqa: PLC0415 - pandas is loaded only by commands that need it

    layer = LAYERS[change.layer]
    return {
        "layer": change.layer,
        "kind": change.kind,
        "key": {layer.field(name): _plain(value) for name, value in change.key.items()},
        "fields": {layer.field(name): [_plain(value) for value in pair] for name, pair in change.fields.items()},
        "geometry": None if change.shape is None else _shape(change.shape),
    }


def _shape(shape: "ShapeChange") -> dict[str, float | None]:
    return {"gained_m2": shape.gained_m2, "lost_m2": shape.lost_m2, "moved_m": shape.moved_m}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of a table
    return value.item() if hasattr(value, "item") else value


class _Report:
    """Says a difference in one language, short enough to be read."""

    def __init__(self, found: "DeliveryDifference", language: Language) -> None:
        self._found = found
        self._language = language

    def lines(self, old: Path, new: Path) -> Iterator[str]:
        """Give the lines of the report."""
        difference = self._found.difference
        yield from (self._say(notice) for notice in self._found.made_up)
        if not difference:
            yield self._say(gettext("No difference between {old} and {new}.", old=old, new=new))
            return
        sources, derived = len(difference.causes), len(difference.derived)
        yield self._say(
            gettext(
                "{old} → {new}: changes in the sources {sources}, computed rows that change {derived}.",
                old=old,
                new=new,
                sources=sources,
                derived=derived,
            )
        )
        yield from self._structure(difference)
        yield from self._causes(difference)
        unexplained = [one.change for one in difference.derived if not one.causes]
        if unexplained:
            yield self._say(
                gettext("Without a cause in the two files (rules, lists, method or data that they do not hold):")
            )
            yield from self._rows(unexplained)

    def _structure(self, difference: "Difference") -> Iterator[str]:
        layers = (
            (gettext("layer added"), difference.layers_added),
            (gettext("layer removed"), difference.layers_removed),
        )
        for said, counts in layers:
            yield from (f"{self._say(said)}: {name}, {count}" for name, count in counts.items())
        columns = (
            (gettext("columns added"), difference.columns_added),
            (gettext("columns removed"), difference.columns_removed),
        )
        for said, names in columns:
            yield from (f"{self._say(said)}: {name}, {', '.join(one)}" for name, one in names.items())

    def _causes(self, difference: "Difference") -> Iterator[str]:
        from psttm_geo.delivery.facts import FACTS  # noqa: PLC0415 - pandas is loaded only by commands that need it

        numbered = enumerate(difference.causes)
        for fact, group in groupby(numbered, key=lambda pair: pair[1].fact):
            causes = list(group)
            yield f"{FACTS[fact].say(self._language)}: {len(causes)}"
            changes = [cause.change for _, cause in causes]
            yield from self._sources(changes) if fact == "sources" else self._stated(changes)
            mine = {number for number, _ in causes}
            rows = [one.change for one in difference.derived if mine & set(one.causes)]
            if rows:
                yield "  " + self._say(gettext("from which follow:"))
                yield from self._rows(rows, "  ")

    def _stated(self, changes: Sequence["RowChange"]) -> Iterator[str]:
        changed = [change for change in changes if change.kind == "changed"]
        yield from (f"  {self._change(change)}" for change in changed[:_SHOWN_CAUSES])
        if len(changed) > _SHOWN_CAUSES:
            more = len(changed) - _SHOWN_CAUSES
            yield "  " + self._say(gettext("... and {more} more: --json", more=more))
        for kind in ("added", "removed"):
            rows = [change for change in changes if change.kind == kind]
            yield from (f"  {_ROWS[kind].say(self._language)} {line.lstrip()}" for line in self._rows(rows))

    def _sources(self, changes: Sequence["RowChange"]) -> Iterator[str]:
        """Give one line per source, however many layers rest on it."""
        layers: dict[str, int] = {}
        for change in changes:
            pairs = (f"{name} {self._pair(pair)}" for name, pair in self._fields(change))
            said = ", ".join(pairs) or _KINDS[change.kind].say(self._language)
            line = f"{change.key['source']}: {said}"
            layers[line] = layers.get(line, 0) + 1
        yield from (f"  {line} ({count} layer)" for line, count in layers.items())

    def _rows(self, rows: Sequence["RowChange"], indent: str = "") -> Iterator[str]:
        for layer, group in groupby(rows, key=lambda row: row.layer):
            mine = list(group)
            shown = "; ".join(" ".join(self._key(row.key)) for row in mine[:_SHOWN_ROWS])
            more = "; ..." if len(mine) > _SHOWN_ROWS else ""
            yield f"{indent}  {layer}: {len(mine)} ({shown}{more})"

    def _change(self, change: "RowChange") -> str:
        said = [f"{name} {self._pair(pair)}" for name, pair in self._fields(change)]
        if change.shape is not None:
            said.append(self._moved(change.shape))
        return f"{change.layer} {' '.join(self._key(change.key))}: {', '.join(said)}"

    def _fields(self, change: "RowChange") -> Iterator[tuple[str, tuple[Any, Any]]]:
        from psttm_geo.schema.layers import LAYERS  # noqa: PLC0415 - pandas is loaded only by commands that need it

        layer = LAYERS[change.layer]
        yield from ((layer.field(name), pair) for name, pair in change.fields.items())

    def _key(self, key: Mapping[str, Any]) -> Iterable[str]:
        key = dict(key)
        if "number" in key and "mission" in key:
            key["mission"] = f"{key['mission']}.{key.pop('number')}"
        for name, value in key.items():
            named = self._found.names.get(str(value)) if name in ("municipality_code", "unit") else None
            yield f"{named} ({value})" if named else str(value)

    def _pair(self, pair: tuple[Any, Any]) -> str:
        before, after = ("—" if value in (None, "") else str(_plain(value)) for value in pair)
        return f"{before} → {after}"

    def _moved(self, shape: "ShapeChange") -> str:
        if shape.moved_m is not None:
            return self._say(gettext("moved by {} m")).format(self._number(shape.moved_m, 1))
        return self._say(gettext("geometry +{} -{}")).format(self._area(shape.gained_m2), self._area(shape.lost_m2))

    def _area(self, square_metres: float) -> str:
        if square_metres < SQUARE_METRES_PER_HECTARE:
            return f"{self._number(square_metres, 1)} m²"
        return f"{self._number(square_metres / SQUARE_METRES_PER_HECTARE, 2)} ha"

    def _number(self, value: float, decimals: int) -> str:
        from psttm_geo.core.numbers import write_number  # noqa: PLC0415 - numpy takes its time

        return write_number(value, self._language, decimals)

    def _say(self, text: Text) -> str:
        return text.say(self._language)


COMMANDS = (diff,)
