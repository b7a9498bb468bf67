"""Who is called to act on a goal: the marks of the document, or those of the goals it continues."""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from psttm_geo.model.plan import GOAL_KEY, LEVELS, Mark

Goal = tuple[str, int, int]
"""Edition, mission and number."""

_FROM = ["from_edition", "from_mission", "from_number"]
_TO = ["to_edition", "to_mission", "to_number"]

_WITHOUT_HEIR = ("new", "dropped")


def combine_marks(marks: Sequence[Mark]) -> Mark:
    """Return the mark of a goal that continues several: si if any is, else non_noto if any is, else non_indicato.

    No mark at all gives non_noto.
    """
    for mark in ("si", "non_noto"):
        if mark in marks:
            return mark
    return "non_indicato" if marks else "non_noto"


def resolve_marks(goals: pd.DataFrame, marks: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Give every goal its marks: from its document, else from the goals it continues, else unknown.

    Parameters
    ----------
    goals
        Columns of :data:`psttm_geo.model.plan.GOAL_KEY`.
    marks
        The same and a column per level of :data:`psttm_geo.model.plan.LEVELS`, ``doubtful`` (bool).
    links
        ``from_edition``, ``from_mission``, ``from_number``, ``to_edition``, ``to_mission``, ``to_number`` (NA where a
        goal is new or dropped), ``kind``.

    Returns
    -------
    DataFrame
        The rows of `goals` in order: key, levels, ``mark_basis`` (document, inherited, none), ``doubtful``.
    """
    written = {_goal(row, GOAL_KEY): row for row in marks.to_dict("records")}
    parents: dict[Goal, list[Goal]] = {}
    for row in links[~links["kind"].isin(_WITHOUT_HEIR)].to_dict("records"):
        parents.setdefault(_goal(row, _TO), []).append(_goal(row, _FROM))
    return pd.DataFrame(
        [
            {**dict(zip(GOAL_KEY, goal, strict=True)), **_marks_of(goal, written, parents)}
            for goal in goals[GOAL_KEY].itertuples(index=False, name=None)
        ],
        columns=[*GOAL_KEY, *LEVELS, "mark_basis", "doubtful"],
    )


def _goal(row: Mapping[Hashable, object], columns: Sequence[str]) -> Goal:
    edition, mission, number = (row[column] for column in columns)
    return str(edition), int(str(mission)), int(str(number))


def _marks_of(
    goal: Goal, written: Mapping[Goal, Mapping[Hashable, object]], parents: Mapping[Goal, Sequence[Goal]]
) -> dict[str, object]:
    if goal in written:
        row = written[goal]
        return {**{level: row[level] for level in LEVELS}, "mark_basis": "document", "doubtful": bool(row["doubtful"])}
    inherited = [_marks_of(parent, written, parents) for parent in parents.get(goal, ())]
    known = [marks for marks in inherited if marks["mark_basis"] != "none"]
    return {
        **{level: combine_marks([marks[level] for marks in inherited]) for level in LEVELS},  # type: ignore[misc]
        "mark_basis": "inherited" if known else "none",
        "doubtful": any(bool(marks["doubtful"]) for marks in inherited),
    }
