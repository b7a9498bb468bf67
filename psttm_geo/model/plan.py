"""The plan: its editions, what an edition asks, and of whom."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from psttm_geo.errors import Text

Mark = Literal["si", "non_indicato", "non_noto"]
"""Of a level: a bullet; a blank cell beside another bullet; no legible bullet on the row. None of them is "no"."""

Answer = Literal["si", "no", "non_noto"]
"""To a question whose answer may be unknown."""

LEVELS = ("metropolitan_city", "municipalities", "others")
"""Who acts: the Metropolitan City, the municipalities, intermediate bodies and others."""

LINK_KINDS = ("continued", "reworded", "extended", "narrowed", "merged", "split", "dropped", "new")
"""What became of a goal from one edition to the next."""

SCOPES = ("whole_area", "every_municipality", "unlisted", "named", "feature", "figure")
"""Kinds of rule that say where a goal applies; ``unlisted`` where the document speaks of places and lists none."""

FOCUS_RULES = ("unlisted", "named", "feature", "figure")
"""Those that say which places a goal names in particular, beside its scope."""

GOAL_KEY = ["edition", "mission", "number"]
"""The columns that name a goal."""


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
    project_count, project_amount_eur
        Projects that the document counts and their amount in euros: what a complete register comes to; None where it
        does not say.
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
    project_count: int | None
    project_amount_eur: int | None
    source: str


@dataclass(frozen=True)
class Plan:
    """What depends on the edition. All tables hold its rows only, in the order of the documents.

    Attributes
    ----------
    edition
        Which one.
    unions
        Columns ``union``, ``municipality_code``; one row per member.
    missions
        ``mission``, ``title_it``, ``title_en``.
    goals
        ``edition``, ``mission``, ``number`` (whole numbers), ``title_it``, ``title_en``, ``reference``, ``measure``
        (the indicator that measures it, empty for none), ``note``, the marks of :data:`LEVELS`, ``mark_basis``
        (document, inherited, none), ``doubtful`` (bool), ``scope``, ``parameter``, ``scope_basis``,
        ``scope_reason_it``, ``scope_reason_en``, ``focus_it``, ``focus_en`` (what it names in particular; None for
        nothing).
    focuses
        Key of the goal, ``rule`` (one of :data:`FOCUS_RULES`), ``parameter``, ``name_it``, ``name_en`` (what is named
        in particular), ``basis``, ``passage``, ``reason_it``, ``reason_en``; a goal may have several, or none.
    drivers
        ``edition``, ``driver``, ``title_it``, ``title_en``, ``summary_it``, ``summary_en``, ``title_basis``.
    driver_missions, driver_goals
        ``driver`` with ``mission``, and ``number`` for goals; ``basis``, ``passage``.
    vision
        ``key_word``, ``mission``, ``mark``.
    partnerships
        ``number``, ``partner_it``, ``partner_en``, ``purpose_it``, ``purpose_en``.
    """

    edition: Edition
    unions: pd.DataFrame
    missions: pd.DataFrame
    goals: pd.DataFrame
    focuses: pd.DataFrame
    drivers: pd.DataFrame
    driver_missions: pd.DataFrame
    driver_goals: pd.DataFrame
    vision: pd.DataFrame
    partnerships: pd.DataFrame

    @property
    def union_names(self) -> list[str]:
        """Names of the unions, in the order of the document."""
        return list(dict.fromkeys(self.unions["union"]))
