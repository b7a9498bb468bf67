"""How many projects, for how much, in every unit: by driver, mission of the recovery plan, body and state."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from psttm_geo.plan.project_records import IN_PROVINCE

KEYS = ("project_edition", "drivers", "pnrr_mission", "body_kind", "status", "phase")
"""What projects of a unit are told apart by; a register leaves blank what it does not say."""

PROVINCE = ""
"""Stands for a municipality where a project is located on the whole province."""

_SHARE_DECIMALS = 6
"""Of shares of a whole register, of which one project is a small part."""

_CENTS = 2


def count_by_unit(
    projects: pd.DataFrame, places: pd.DataFrame, members: Mapping[str, pd.DataFrame], residents: pd.Series
) -> pd.DataFrame:
    """Count projects and share their amounts by unit and :data:`KEYS`.

    A project stands in one row of each unit that it touches, so that numbers and amounts add up over the rows of a
    unit; one of several drivers stands in the row of them all, so that sums by driver, of the rows that name it, do not
    add up. Amounts, which fall to municipalities by published shares or in equal parts, also add up over the units of a
    kind; numbers do not, since a project counts once in each of its units. A project located on a whole province is in
    no unit but the whole territory, with all its amount.

    Parameters
    ----------
    projects
        As :attr:`psttm_geo.plan.project_records.Projects.projects`.
    places
        ``project``, ``municipality_code``, ``share``.
    members
        By kind of unit: ``unit``, ``municipality_code`` (:data:`PROVINCE` for projects of the whole province), and
        ``edition`` where units differ by edition.
    residents
        By code of the municipality.

    Returns
    -------
    DataFrame
        ``unit_kind``, ``edition_or_all``, ``unit``, :data:`KEYS` (``drivers`` such as "3, 5", empty for none),
        ``projects``, ``projects_without_amount``, ``amount_eur`` (of the projects whose amount is known; NA where none
        is), ``amount_per_resident_eur``, ``amount_share`` (of the known amount of the whole register, 0-1),
        ``whole_amount_eur`` (of the same projects wherever they are: it adds up over the rows of a unit only).
    """
    told = projects.rename(columns={"edition": "project_edition"})
    wide = told.loc[told["extent"] == IN_PROVINCE, ["project"]].assign(municipality_code=PROVINCE, share=1.0)
    located = pd.concat([places[["project", "municipality_code", "share"]], wide], ignore_index=True).merge(
        told[["project", *KEYS, "amount_eur"]], on="project", validate="m:1"
    )
    located["part_eur"] = located["amount_eur"] * located["share"]
    tables = [_count_kind(kind, located, rows, residents) for kind, rows in members.items()]
    table = pd.concat(tables, ignore_index=True)
    declared = projects["amount_eur"].sum(min_count=1)
    return table.assign(amount_share=(table["amount_eur"] / declared).round(_SHARE_DECIMALS))


def _count_kind(kind: str, located: pd.DataFrame, members: pd.DataFrame, residents: pd.Series) -> pd.DataFrame:
    members = members.assign(edition_or_all=members["edition"] if "edition" in members.columns else "")
    units = ["edition_or_all", "unit"]
    inhabited = members.assign(residents=members["municipality_code"].map(residents)).groupby(units)["residents"].sum()
    joined = located.merge(members[[*units, "municipality_code"]], on="municipality_code", validate="m:m")
    joined["without_amount"] = joined["project"].where(joined["amount_eur"].isna())
    counted = joined.groupby([*units, *KEYS]).agg(
        projects=("project", "nunique"), projects_without_amount=("without_amount", "nunique")
    )
    keys = [*units, *KEYS]
    once = joined.drop_duplicates([*units, "project"]).groupby(keys)["amount_eur"].sum(min_count=1)
    amounts = joined.groupby(keys)["part_eur"].sum(min_count=1)
    table = counted.assign(amount_eur=amounts, whole_amount_eur=once).reset_index()
    of_unit = inhabited.loc[pd.MultiIndex.from_frame(table[units])].to_numpy()
    return table.assign(unit_kind=kind, amount_per_resident_eur=per_resident(table["amount_eur"], of_unit))


def per_resident(amounts: pd.Series, residents: pd.Series | np.ndarray) -> pd.Series:
    """Return amounts by residents, in euros to the cent."""
    return (amounts / residents).round(_CENTS)
