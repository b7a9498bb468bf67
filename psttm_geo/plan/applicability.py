"""Where a goal applies, and whom it calls: scope rules executed on municipalities.

Where and who are two questions. `applies` (where) says whether the scope of a goal includes a municipality; `called`
(who) says whether the goal also marks the level of the municipalities. What no source says stays unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from psttm_geo.core.crs import require_metric
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.numbers import say_number
from psttm_geo.plan.reasons import say_features, say_no_feature
from psttm_geo.schema.answers import NO, PRECEDENCE, UNKNOWN, YES, Answer, Verdict
from psttm_geo.schema.code_lists import GOAL_KEY
from psttm_geo.territory.degurba_records import PERI_URBAN_SCOPE

_TEXTS = ("municipality_code", "applies", "called", "reason_it", "reason_en", "basis")


@dataclass(frozen=True)
class ScopeInputs:
    """What rules of scopes and focuses are executed on.

    Attributes
    ----------
    lists
        Named lists: ``list``, ``municipality_code``, ``fact_it``, ``fact_en``.
    features
        Mapped features by parameter, with ``name`` and geometry in EPSG:32632; a rule without its feature falls back on
        the named list of the same name.
    classes
        What a figure that needs an input says, by parameter and municipality code; a code that is not there is not
        known.
    """

    lists: pd.DataFrame
    features: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, Verdict]] = field(default_factory=dict)


def apply_scopes(goals: pd.DataFrame, municipalities: gpd.GeoDataFrame, inputs: ScopeInputs) -> pd.DataFrame:
    """Execute the scope of every goal on every municipality.

    Parameters
    ----------
    goals
        Key, ``scope``, ``parameter``, ``scope_basis``, and the mark ``municipalities``.
    municipalities
        ``municipality_code``, ``residents`` and geometry in EPSG:32632.
    inputs
        Lists, features and classes.

    Returns
    -------
    DataFrame
        Key of the goal, ``municipality_code``, ``applies`` (si, no, non_noto), ``called`` (si, no, non_indicato,
        non_noto), ``reason_it``, ``reason_en``, ``basis``; one row per goal and municipality, in their order; empty
        without goals.

    Raises
    ------
    CrsError
        A layer is not metric.
    """
    require_metric(municipalities, "comuni")
    codes = municipalities["municipality_code"].to_numpy()
    rules: dict[Rule, list[Verdict]] = {}
    verdicts: list[Verdict] = []
    for goal in goals.to_dict("records"):
        rule = (str(goal["scope"]), str(goal["parameter"]), str(goal["scope_basis"]))
        if rule not in rules:
            rules[rule] = execute_rule(rule, municipalities, inputs)
        verdicts += rules[rule]
    marks = goals["municipalities"].repeat(len(codes))
    answers = pd.DataFrame(
        {
            **{column: goals[column].repeat(len(codes)).to_numpy() for column in GOAL_KEY},
            "municipality_code": np.tile(codes, len(goals)),
            "applies": [verdict.applies for verdict in verdicts],
            "called": [_called(verdict.applies, mark) for verdict, mark in zip(verdicts, marks, strict=True)],
            "reason_it": [f"{_SAID[verdict.applies].it}: {verdict.reason.it}" for verdict in verdicts],
            "reason_en": [f"{_SAID[verdict.applies].en}: {verdict.reason.en}" for verdict in verdicts],
            "basis": [verdict.basis for verdict in verdicts],
        }
    )
    return answers.astype({"edition": "str", "mission": "int64", "number": "int64", **dict.fromkeys(_TEXTS, "str")})


def aggregate_answers(answers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Carry answers over to larger units: the first of :data:`PRECEDENCE` that any member gives.

    Parameters
    ----------
    answers
        As :func:`apply_scopes` returns them.
    units
        ``unit``, ``municipality_code``; one row per member.

    Returns
    -------
    DataFrame
        Key of the goal, ``unit``, ``applies``, ``called``; one row per goal and unit.
    """
    rank = {answer: position for position, answer in enumerate(PRECEDENCE)}
    ranked = answers[[*GOAL_KEY, "municipality_code"]].assign(
        applies=answers["applies"].map(rank), called=answers["called"].map(rank)
    )
    joined = ranked.merge(units[["unit", "municipality_code"]], on="municipality_code", how="inner", validate="m:m")
    best = joined.groupby([*GOAL_KEY, "unit"], sort=False)[["applies", "called"]].min().reset_index()
    names = dict(enumerate(PRECEDENCE))
    return best.assign(applies=best["applies"].map(names), called=best["called"].map(names))


def _called(applies: Answer, mark: str) -> str:
    if applies == NO:
        return NO
    return mark if mark != YES else applies


_SAID: Mapping[str, Text] = {YES: gettext("applies"), NO: gettext("does not apply"), UNKNOWN: gettext("not known")}


Rule = tuple[str, str, str]
"""A kind of :data:`psttm_geo.schema.code_lists.SCOPES`, its parameter, and what it rests on (document, editorial)."""


def execute_rule(rule: Rule, municipalities: gpd.GeoDataFrame, inputs: ScopeInputs) -> list[Verdict]:
    """Return what a rule says of each municipality, in their order.

    Parameters
    ----------
    rule
        Of a scope or of a focus.
    municipalities
        ``municipality_code``, ``residents`` and geometry in EPSG:32632.
    inputs
        Lists, features and classes.

    Raises
    ------
    CrsError
        A layer of features is not metric.
    """
    return _RULES[rule[0]](rule, municipalities, inputs)


def _everywhere(rule: Rule, municipalities: gpd.GeoDataFrame, _: ScopeInputs) -> list[Verdict]:
    reason = _EVERYWHERE[rule[0]]
    return [Verdict("si", reason, rule[2])] * len(municipalities)


_EVERYWHERE = {
    "whole_area": gettext("it concerns the whole metropolitan area"),
    "every_municipality": gettext("it concerns every municipality"),
}


def _nowhere_said(rule: Rule, municipalities: gpd.GeoDataFrame, _: ScopeInputs) -> list[Verdict]:
    reason = gettext("the document does not list the places")
    return [Verdict("non_noto", reason, rule[2])] * len(municipalities)


def _in_list(rule: Rule, municipalities: gpd.GeoDataFrame, inputs: ScopeInputs) -> list[Verdict]:
    rows = inputs.lists[inputs.lists["list"] == rule[1]]
    if rows.empty:
        return _missing(rule, municipalities)
    facts = {
        code: Text("; ".join(dict.fromkeys(group["fact_it"])), "; ".join(dict.fromkeys(group["fact_en"])))
        for code, group in rows.groupby("municipality_code")
    }
    outside = gettext("the municipality is not concerned")
    return [
        Verdict("si", facts[code], "public_fact") if code in facts else Verdict("no", outside, "public_fact")
        for code in municipalities["municipality_code"]
    ]


def _missing(rule: Rule, municipalities: gpd.GeoDataFrame) -> list[Verdict]:
    kind, parameter, _ = rule
    reason = gettext("{input} “{parameter}”", input=_INPUTS.get(parameter, _INPUTS[kind]), parameter=parameter)
    return [Verdict("non_noto", reason, "missing_input")] * len(municipalities)


_INPUTS: Mapping[str, Text] = {
    "named": gettext("what is missing is the list of municipalities"),
    "feature": gettext("what is missing is an extract of OpenStreetMap with"),
    "figure": gettext("what is missing is the figure"),
    PERI_URBAN_SCOPE: gettext("what is missing is the Degree of Urbanisation, level 2, which says whether it is"),
}
"""The input that is missing, by kind of rule or, where it has a name of its own, by parameter."""


def _meets_feature(rule: Rule, municipalities: gpd.GeoDataFrame, inputs: ScopeInputs) -> list[Verdict]:
    features = inputs.features.get(rule[1])
    if features is None:
        return _in_list(rule, municipalities, inputs)
    require_metric(features, rule[1])
    shapes = municipalities.geometry.to_numpy()
    places, hits = features.sindex.query(shapes, predicate="intersects")
    names = features["name"].iloc[hits].astype(str).groupby(places).agg(list).to_dict()
    outside = say_no_feature(rule[1])
    return [
        Verdict("si", say_features(rule[1], names[position]), "feature")
        if position in names
        else Verdict("no", outside, "feature")
        for position in range(len(shapes))
    ]


def _by_figure(rule: Rule, municipalities: gpd.GeoDataFrame, inputs: ScopeInputs) -> list[Verdict]:
    name, _, limit = rule[1].partition("<")
    if name == "residenti" and limit.isdigit():
        return [_below(int(count), int(limit)) for count in municipalities["residents"]]
    known = inputs.classes.get(rule[1], {})
    missing = _missing(rule, municipalities)
    return [
        known.get(code, verdict) for code, verdict in zip(municipalities["municipality_code"], missing, strict=True)
    ]


def _below(count: int, limit: int) -> Verdict:
    people, most = say_number(count, 0), say_number(limit, 0)
    said = gettext("{people} residents, threshold {most}", people=people, most=most)
    return Verdict("si" if count < limit else "no", said, "figure")


_RULES: dict[str, Callable[[Rule, gpd.GeoDataFrame, ScopeInputs], list[Verdict]]] = {
    "whole_area": _everywhere,
    "every_municipality": _everywhere,
    "unlisted": _nowhere_said,
    "named": _in_list,
    "feature": _meets_feature,
    "figure": _by_figure,
}
