"""The plan: its editions, what an edition asks, and of whom."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from psttm_geo.errors import Text

Mark = Literal["si", "non_indicato", "non_noto"]
"""Of a level: a bullet, or named by the goal's own text; a blank cell beside another bullet; no legible bullet on the
row, or no row at all. None of them is "no"."""

MarkBasis = Literal["document", "inherited", "from_text", "none"]
"""Where a mark comes from: the table of the goal's document; the goals that it continues; its own text; nowhere."""

Answer = Literal["si", "no", "non_noto"]
"""To a question whose answer may be unknown."""

LEVELS = ("metropolitan_city", "municipalities", "others")
"""Who acts: the Metropolitan City, the municipalities, intermediate bodies and others."""

LEVEL_BASES = tuple(f"{level}_basis" for level in LEVELS)
"""Columns that hold the :data:`MarkBasis` of each level, in the order of levels."""

MARK_COLUMNS = (*LEVELS, "mark_basis", "doubtful", "mark_edition", *LEVEL_BASES, "text_passage")
"""What is known of the levels of a goal: the :data:`Mark` of each; the basis of the row, ``from_text`` where its text
names any level; whether a bullet was probably lost; the edition whose table (or text, where inherited) the marks come
from, several joined by commas, empty for none; the basis of each level; the passage of the goal's text that names
levels, empty for none."""

LINK_KINDS = ("continued", "reworded", "changed", "extended", "narrowed", "merged", "split", "dropped", "new")
"""What became of a goal from one edition to the next; ``changed``: some of its content left and other came."""

PARTNER_LINK_KINDS = ("same", "names")
"""Of two partnerships: they are with one partner under two names; the first names the other's partner too."""

SCOPES = ("whole_area", "every_municipality", "unlisted", "named", "feature", "figure")
"""Kinds of rule that say where a goal applies; ``unlisted`` where the document speaks of places and lists none."""

FOCUS_RULES = ("unlisted", "named", "feature", "figure")
"""Those that say which places a goal names in particular, beside its scope."""

GOAL_KEY = ["edition", "mission", "number"]
"""The columns that name a goal."""


@dataclass(frozen=True)
class Counted:
    """What the projects are that a document counts among the results of an edition: some kinds, never all.

    Attributes
    ----------
    kind, note
        What they are in short, and what the document says of them and leaves open, in our own words.
    document
        Title of the document that counts them, which may be that of a later edition.
    reference
        The passage.
    """

    kind: Text
    note: Text
    document: str
    reference: str


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
        Projects that a document counts among the results of the edition and their amount in euros, which no register
        need come to; None where none does.
    source
        Identifier of the document in ``sources.csv``.
    counted
        What the projects counted are; None where none are.
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
    counted: Counted | None = None


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
        (the indicator that measures it, empty for none), ``note``, ``scope``, ``parameter``, ``scope_basis``,
        ``scope_reason_it``, ``scope_reason_en``, ``focus_it``, ``focus_en`` (what it names in particular; None for
        nothing), and the :data:`MARK_COLUMNS`.
    focuses
        Key of the goal, ``rule`` (one of :data:`FOCUS_RULES`), ``parameter``, ``name_it``, ``name_en`` (what is named
        in particular), ``basis``, ``passage``, ``reason_it``, ``reason_en``; a goal may have several, or none.
    drivers
        ``edition``, ``driver``, ``title_it``, ``title_en``, ``summary_it``, ``summary_en``, ``title_basis``,
        ``same_in_all`` (bool: the number stands for this driver in every edition that has it).
    driver_missions, driver_goals
        ``driver`` with ``mission``, and ``number`` for goals; ``basis``, ``passage``.
    vision
        ``key_word``, ``mission``, ``mark``, ``mark_edition`` (whose matrix has the mark: the plan's own, or that of
        the edition whose vision it confirms).
    partnerships
        ``number``, ``partner_it``, ``partner_en``, ``purpose_it``, ``purpose_en``, ``partner`` (the same for one
        partner under two names), ``names`` (other partners named in the same row, a tuple).
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
