"""The plan: its editions, and what an edition says about the territory."""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.errors import Text


@dataclass(frozen=True)
class Edition:
    """One edition of the plan, a row of ``editions.csv``.

    Attributes
    ----------
    identifier
        Such as the first and last year joined by a hyphen.
    title
        As the document calls itself, in our own words.
    approved_on
        Date of approval, ISO 8601.
    approval_act
        The act of approval; empty where the documents do not name it.
    boundary_date
        Reference date of the municipal boundaries the edition is drawn on, ISO 8601.
    zone_count, union_count
        How many zone omogenee (Milano apart) and unioni di comuni the document declares.
    source
        Identifier of the document in ``sources.csv``.
    """

    identifier: str
    title: Text
    approved_on: str
    approval_act: str
    boundary_date: str
    zone_count: int
    union_count: int
    source: str


@dataclass(frozen=True)
class Plan:
    """What depends on the edition.

    Attributes
    ----------
    edition
        Which one.
    unions
        Columns ``union``, ``municipality_code``; one row per member.
    """

    edition: Edition
    unions: pd.DataFrame

    @property
    def union_names(self) -> list[str]:
        """Names of the unions, in the order of the document."""
        return list(dict.fromkeys(self.unions["union"]))
