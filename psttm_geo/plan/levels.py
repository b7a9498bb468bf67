"""Who acts on a goal: the marks of its document, its own text, or the marks of the goals that it continues."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pandas as pd

from psttm_geo.schema.code_lists import GOAL_KEY, LEVEL_BASES, LEVELS, MARK_COLUMNS, Mark, MarkBasis

Goal = tuple[str, int, int]
"""Edition, mission and number."""

_FROM = ["from_edition", "from_mission", "from_number"]
_TO = ["to_edition", "to_mission", "to_number"]

_WITHOUT_HEIR = ("new", "dropped")


@dataclass(frozen=True)
class _Row:
    """The marks of a goal: one per level, the basis of each, whose table they come from, and the doubt."""

    marks: tuple[Mark, ...]
    bases: tuple[MarkBasis, ...]
    editions: tuple[str, ...]
    doubtful: bool

    @property
    def known(self) -> bool:
        return any(basis != "none" for basis in self.bases)


def combine_marks(marks: Sequence[Mark]) -> Mark:
    """Return the mark of a goal that continues several: si if any is, else non_noto if any is, else non_indicato.

    No mark at all gives non_noto.
    """
    for mark in ("si", "non_noto"):
        if mark in marks:
            return mark
    return "non_indicato" if marks else "non_noto"


def _every(basis: MarkBasis) -> tuple[MarkBasis, ...]:
    return tuple(basis for _ in LEVELS)


_NOTHING = _Row(tuple(combine_marks(()) for _ in LEVELS), _every("none"), (), doubtful=False)


def is_legible(marks: Sequence[object]) -> bool:
    """Return whether a row of a document's table can be read: some of its marks are known."""
    return any(mark != "non_noto" for mark in marks)


def resolve_marks(
    goals: pd.DataFrame, marks: pd.DataFrame, links: pd.DataFrame, texts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Give every goal its marks: from its document, its own text, the goals it continues, else unknown.

    The table of the document has the word where its row is legible; where it is not, or the document has no table, a
    level that the goal's own text names is marked, and what the text leaves open is inherited.

    Parameters
    ----------
    goals
        Columns of :data:`psttm_geo.schema.code_lists.GOAL_KEY`.
    marks
        The same and a column per level of :data:`psttm_geo.schema.code_lists.LEVELS`, ``doubtful`` (bool).
    links
        ``from_edition``, ``from_mission``, ``from_number``, ``to_edition``, ``to_mission``, ``to_number`` (NA where a
        goal is new or dropped), ``kind``.
    texts
        Levels that the text of a goal names: its key, ``level``, ``passage``; None for none.

    Returns
    -------
    DataFrame
        The rows of `goals` in order: key and :data:`psttm_geo.schema.code_lists.MARK_COLUMNS`.
    """
    written = {_goal(row, GOAL_KEY): row for row in marks.to_dict("records")}
    parents: dict[Goal, list[Goal]] = {}
    for row in links[~links["kind"].isin(_WITHOUT_HEIR)].to_dict("records"):
        parents.setdefault(_goal(row, _TO), []).append(_goal(row, _FROM))
    named: dict[Goal, dict[str, str]] = {}
    for row in [] if texts is None else texts.to_dict("records"):
        goal = _goal(row, GOAL_KEY)
        if goal not in written or not is_legible([written[goal][level] for level in LEVELS]):
            named.setdefault(goal, {})[str(row["level"])] = str(row["passage"])
    return pd.DataFrame(
        [
            {
                **dict(zip(GOAL_KEY, goal, strict=True)),
                **_cells(_marks_of(goal, written, named, parents), named.get(goal, {})),
            }
            for goal in goals[GOAL_KEY].itertuples(index=False, name=None)
        ],
        columns=[*GOAL_KEY, *MARK_COLUMNS],
    )


def _goal(row: Mapping[Hashable, object], columns: Sequence[str]) -> Goal:
    edition, mission, number = (row[column] for column in columns)
    return str(edition), int(str(mission)), int(str(number))


def _marks_of(
    goal: Goal,
    written: Mapping[Goal, Mapping[Hashable, object]],
    named: Mapping[Goal, Mapping[str, str]],
    parents: Mapping[Goal, Sequence[Goal]],
) -> _Row:
    if goal in written:
        row = written[goal]
        found = _Row(
            tuple(cast("Mark", row[level]) for level in LEVELS),
            _every("document"),
            (goal[0],),
            doubtful=bool(row["doubtful"]),
        )
    else:
        found = _inherited(
            [(parent[0], _marks_of(parent, written, named, parents)) for parent in parents.get(goal, ())]
        )
    return _with_text(found, named.get(goal, {}))


def _inherited(parents: Sequence[tuple[str, _Row]]) -> _Row:
    """Combine the marks of the goals that one continues, each with its edition."""
    origins = [row for _, row in parents]
    if not any(origin.known for origin in origins):
        return _NOTHING
    stated = [(*row.editions, *([edition] if "from_text" in row.bases else [])) for edition, row in parents]
    return _Row(
        tuple(combine_marks([origin.marks[place] for origin in origins]) for place in range(len(LEVELS))),
        _every("inherited"),
        tuple(dict.fromkeys(edition for editions in stated for edition in editions)),
        doubtful=any(origin.doubtful for origin in origins),
    )


def _with_text(row: _Row, named: Mapping[str, str]) -> _Row:
    """Mark the levels that the text names."""
    if not named:
        return row
    return _Row(
        tuple("si" if level in named else mark for level, mark in zip(LEVELS, row.marks, strict=True)),
        tuple("from_text" if level in named else basis for level, basis in zip(LEVELS, row.bases, strict=True)),
        row.editions,
        doubtful=row.doubtful and LEVELS[0] not in named,
    )


def _cells(row: _Row, named: Mapping[str, str]) -> dict[str, object]:
    return {
        **dict(zip(LEVELS, row.marks, strict=True)),
        "mark_basis": "from_text" if named else row.bases[0],
        "doubtful": row.doubtful,
        "mark_edition": ", ".join(row.editions),
        **dict(zip(LEVEL_BASES, row.bases, strict=True)),
        "text_passage": "; ".join(dict.fromkeys(named.values())),
    }
