"""Two editions of the plan side by side."""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.jobs.load import Territory
from psttm_geo.plan.compare_editions import (
    compare_answers,
    compare_drivers,
    compare_partnerships,
    compare_unions,
    count_links,
    link_goals,
)


@dataclass(frozen=True)
class Comparison:
    """What changed from one edition to another.

    Attributes
    ----------
    goals
        As :func:`psttm_geo.plan.compare_editions.link_goals` returns them.
    counts
        As :func:`psttm_geo.plan.compare_editions.count_links` returns them.
    drivers
        As :func:`psttm_geo.plan.compare_editions.compare_drivers` returns them.
    partnerships
        As :func:`psttm_geo.plan.compare_editions.compare_partnerships` returns them.
    municipalities
        ``municipality_code``, ``municipality``, ``zone``, ``union_before``, ``union_after`` (None outside any union),
        the numbers of :func:`psttm_geo.plan.compare_editions.compare_answers`, and ``union_changed``, ``goals_changed``
        (bool; not where an edition has no goals): one row per municipality.
    """

    goals: pd.DataFrame
    counts: pd.DataFrame
    drivers: pd.DataFrame
    partnerships: pd.DataFrame
    municipalities: pd.DataFrame


def compare_editions(territory: Territory, before: str, after: str) -> Comparison:
    """Set two editions side by side.

    Parameters
    ----------
    territory
        Holds the plans of both.
    before, after
        Identifiers of the editions.
    """
    plans = {plan.edition.identifier: plan for plan in territory.plan.plans}
    old, new = plans[before], plans[after]
    goals = link_goals(old, new, territory.plan.links)
    return Comparison(
        goals=goals,
        counts=count_links(goals),
        drivers=compare_drivers(old, new),
        partnerships=compare_partnerships(old, new),
        municipalities=_municipalities(territory, before, after),
    )


def _municipalities(territory: Territory, before: str, after: str) -> pd.DataFrame:
    answers = territory.plan.answers.municipalities
    sides = [answers[answers["edition"] == edition] for edition in (before, after)]
    unions = {
        side: mine.set_index("municipality_code")["union"]
        for side, edition in (("before", before), ("after", after))
        for mine in [territory.memberships[territory.memberships["edition"] == edition]]
    }
    plans = {plan.edition.identifier: plan for plan in territory.plan.plans}
    changed = compare_unions(plans[before], plans[after])["municipality_code"]
    rows = territory.municipalities[["municipality_code", "municipality", "zone"]].merge(
        compare_answers(*sides), on="municipality_code", how="left", validate="1:1"
    )
    named = {side: rows["municipality_code"].map(union).astype(object) for side, union in unions.items()}
    numbers = [rows[[f"applies_{side}", f"called_{side}"]].to_numpy() for side in ("before", "after")]
    known = rows["applies_before"].notna() & rows["applies_after"].notna()
    return pd.DataFrame(rows).assign(
        **{f"union_{side}": names.where(names.notna(), None) for side, names in named.items()},
        union_changed=rows["municipality_code"].isin(changed),
        goals_changed=known & (numbers[0] != numbers[1]).any(axis=1),
    )
