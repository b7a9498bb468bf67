"""What goals name in particular, beside where they apply: rules of focuses executed on municipalities.

A goal that applies everywhere may still name some places: canals, parks, smaller municipalities. Whether a municipality
is one of them is a question of its own, answered by rules as scopes are; what no source says stays unknown.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from psttm_geo.core.messages import SEMICOLON, Text, same
from psttm_geo.plan.applicability import Rule, ScopeInputs, execute_rule
from psttm_geo.schema.answers import NO, UNKNOWN, YES, Verdict
from psttm_geo.schema.code_lists import GOAL_KEY

PRECEDENCE = (YES, UNKNOWN, NO)
"""Of the answers of a goal's focuses: the first one that any of them gives is the goal's."""

_COLUMNS = ["focus", "focus_reason_it", "focus_reason_en"]


def join_focuses(
    answers: pd.DataFrame, focuses: pd.DataFrame, municipalities: gpd.GeoDataFrame, inputs: ScopeInputs
) -> pd.DataFrame:
    """Add to the answers of goals whether each names the municipality in particular.

    Parameters
    ----------
    answers
        As :func:`psttm_geo.plan.applicability.apply_scopes` returns them.
    focuses
        As :attr:`psttm_geo.plan.records.Plan.focuses`, of any number of plans.
    municipalities
        ``municipality_code``, ``residents`` and geometry in EPSG:32632.
    inputs
        What rules are executed on.

    Returns
    -------
    DataFrame
        `answers` with ``focus`` (si, no, non_noto), ``focus_reason_it``, ``focus_reason_en``. A goal that names nothing
        in particular says no of every municipality, and its reasons are None.

    Raises
    ------
    CrsError
        A layer of features is not metric.
    """
    codes = list(municipalities["municipality_code"])
    rules: dict[Rule, list[Verdict]] = {}
    rows: list[tuple[Any, ...]] = []
    for key, mine in focuses.groupby(GOAL_KEY, sort=False):
        named = mine.to_dict("records")
        for rule in map(_rule, named):
            if rule not in rules:
                rules[rule] = execute_rule(rule, municipalities, inputs)
        names = [Text(str(row["name_it"]), str(row["name_en"])) for row in named]
        verdicts = zip(*(rules[_rule(row)] for row in named), strict=True)
        rows += [(*key, code, *_together(names, found)) for code, found in zip(codes, verdicts, strict=True)]
    keys = [*GOAL_KEY, "municipality_code"]
    table = pd.DataFrame(rows, columns=[*keys, *_COLUMNS]).astype({name: answers[name].dtype for name in keys})
    joined = answers.merge(table, on=keys, how="left", validate="1:1")
    reasons = {name: joined[name].astype(object).where(joined[name].notna(), None) for name in _COLUMNS[1:]}
    return joined.assign(focus=joined["focus"].fillna(NO).astype("str"), **reasons)


def _rule(row: Mapping[Hashable, Any]) -> Rule:
    return str(row["rule"]), str(row["parameter"]), str(row["basis"])


def _together(names: Sequence[Text], verdicts: Sequence[Verdict]) -> tuple[str, str, str]:
    """Return the answer of several focuses, and what those that give it say."""
    answer = next(one for one in PRECEDENCE if any(verdict.applies == one for verdict in verdicts))
    said = SEMICOLON.join(
        same("{name}: {reason}").fill(name=name, reason=verdict.reason)
        for name, verdict in zip(names, verdicts, strict=True)
        if verdict.applies == answer
    )
    return answer, said.it, said.en
