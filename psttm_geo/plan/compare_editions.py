"""What changed from one edition of the plan to another."""

import pandas as pd

from psttm_geo.plan.records import Plan

CHANGED = ("changed", "extended", "narrowed", "merged", "split")


def link_goals(before: Plan, after: Plan, links: pd.DataFrame) -> pd.DataFrame:
    """List what became of every goal from one plan to another.

    Parameters
    ----------
    before, after
        Two editions; where they are not neighbours, links lead through the editions between them and are not followed.
    links
        The table ``goal_links.csv``, numbers as whole numbers, NA where a goal is new or dropped.

    Returns
    -------
    DataFrame
        ``from_mission``, ``from_number``, ``from_title_it``, ``from_title_en``, ``to_mission``, ``to_number``,
        ``to_title_it``, ``to_title_en``, ``kind``, ``note``, ``mission`` (of the later goal, else of the earlier);
        sorted by mission and number of the later goal, dropped goals last in each mission.
    """
    mine = links[
        links["from_edition"].isin(["", before.edition.identifier])
        & links["to_edition"].isin(["", after.edition.identifier])
    ]
    old = before.goals[["mission", "number", "title_it", "title_en"]].add_prefix("from_")
    new = after.goals[["mission", "number", "title_it", "title_en"]].add_prefix("to_")
    joined = mine.merge(old, on=["from_mission", "from_number"], how="left", validate="m:1").merge(
        new, on=["to_mission", "to_number"], how="left", validate="m:1"
    )
    joined["mission"] = joined["to_mission"].fillna(joined["from_mission"])
    return joined.sort_values(["mission", "to_number", "from_number"], na_position="last").reset_index(drop=True)


def count_links(linked: pd.DataFrame) -> pd.DataFrame:
    """Count goals kept, changed, dropped and new by mission.

    Parameters
    ----------
    linked
        As :func:`link_goals` returns it.

    Returns
    -------
    DataFrame
        ``mission``, ``kept``, ``changed``, ``dropped``, ``new``. Kept and changed count goals of the later plan, once
        each: a goal with several links is changed if any of them is.
    """
    later = linked[linked["to_number"].notna() & (linked["kind"] != "new")]
    changed = later["kind"].isin(CHANGED).groupby([later["to_mission"], later["to_number"]]).any()
    by_mission = changed.groupby(level=0)
    counts = pd.DataFrame(
        {
            "kept": by_mission.size() - by_mission.sum(),
            "changed": by_mission.sum(),
            "dropped": linked[linked["kind"] == "dropped"].groupby("from_mission").size(),
            "new": linked[linked["kind"] == "new"].groupby("to_mission").size(),
        }
    )
    counts.index.name = "mission"
    return counts.fillna(0).astype("int64").reset_index()


def compare_unions(before: Plan, after: Plan) -> pd.DataFrame:
    """List municipalities whose union differs between two plans.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``union_before``, ``union_after`` (None outside any union); empty when nothing changed.
    """
    joined = before.unions.merge(
        after.unions, on="municipality_code", how="outer", suffixes=("_before", "_after"), validate="1:1"
    )
    sides = joined[["union_before", "union_after"]].astype(object)
    sides = sides.where(sides.notna(), None)
    differs = sides["union_before"].fillna("") != sides["union_after"].fillna("")
    rows = joined[["municipality_code"]].assign(**{name: sides[name] for name in sides.columns})
    return rows[differs].sort_values("municipality_code").reset_index(drop=True)


def compare_answers(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count, for every municipality, the goals that apply and that call it in two plans.

    Parameters
    ----------
    before, after
        Answers of one edition each, as :func:`psttm_geo.plan.applicability.apply_scopes` returns them.

    Returns
    -------
    DataFrame
        ``municipality_code``, and numbers of goals with the suffixes ``_before`` and ``_after``: ``applies``,
        ``applies_unknown``, ``called``, ``called_unknown``; NaN of a plan that asks nothing of it.
    """
    sides = []
    for name, answers in (("before", before), ("after", after)):
        counts = pd.DataFrame(
            {
                f"applies_{name}": (answers["applies"] == "si").groupby(answers["municipality_code"]).sum(),
                f"applies_unknown_{name}": (answers["applies"] == "non_noto")
                .groupby(answers["municipality_code"])
                .sum(),
                f"called_{name}": (answers["called"] == "si").groupby(answers["municipality_code"]).sum(),
                f"called_unknown_{name}": (answers["called"] == "non_noto").groupby(answers["municipality_code"]).sum(),
            }
        )
        sides.append(counts.reset_index())
    joined = sides[0].merge(sides[1], on="municipality_code", how="outer", validate="1:1")
    ordered = [
        f"{what}_{side}"
        for what in ("applies", "applies_unknown", "called", "called_unknown")
        for side in ("before", "after")
    ]
    return joined[["municipality_code", *ordered]]


def compare_drivers(before: Plan, after: Plan) -> pd.DataFrame:
    """Set the drivers of two plans side by side, by their number.

    Returns
    -------
    DataFrame
        ``driver``, and with suffixes ``_before`` and ``_after`` ``title_it``, ``title_en``, ``title_basis``, ``goals``
        (how many the driver combines), ``missions`` (their numbers as text).
    """
    sides = []
    for plan in (before, after):
        goals = plan.driver_goals.groupby("driver").size().rename("goals")
        missions = plan.driver_missions.groupby("driver")["mission"].agg(
            lambda numbers: ", ".join(map(str, sorted(numbers)))
        )
        table = plan.drivers[["driver", "title_it", "title_en", "title_basis"]].set_index("driver")
        sides.append(table.join(goals).join(missions.rename("missions")).reset_index())
    return sides[0].merge(sides[1], on="driver", how="outer", suffixes=("_before", "_after"), validate="1:1")


def compare_partnerships(before: Plan, after: Plan) -> pd.DataFrame:
    """Set the partnerships of two plans side by side, by their partner: one partner may have another name in each.

    Returns
    -------
    DataFrame
        With suffixes ``_before`` and ``_after`` ``partner_it``, ``partner_en``, ``purpose_it``, ``purpose_en`` (None
        where the plan has no such partnership) and ``within_it``, ``within_en`` (the partner of that plan in whose row
        this one is named; None for none); in the order of the later plan, then those of the earlier alone.
    """
    columns = [f"{what}_{language}" for what in ("partner", "purpose") for language in ("it", "en")]
    sides = {"before": before.partnerships, "after": after.partnerships}
    partners = list(dict.fromkeys([*after.partnerships["partner"], *before.partnerships["partner"]]))
    found = pd.DataFrame({"partner": partners})
    for side, rows in sides.items():
        mine = rows[["partner", *columns]].rename(columns={name: f"{name}_{side}" for name in columns})
        found = found.merge(mine, on="partner", how="left", validate="1:1")
        for language in ("it", "en"):
            within = {name: row[f"partner_{language}"] for row in rows.to_dict("records") for name in row["names"]}
            found[f"within_{language}_{side}"] = found["partner"].map(within)
    told = found.drop(columns="partner").astype(object)
    return told.where(told.notna(), None)
