"""The plan: its editions, what an edition asks, and of whom."""

from dataclasses import dataclass

import pandas as pd

from psttm_geo.core.messages import Text


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
    years
        The first and the last that it is for; None where that is not known.
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
    years: tuple[int, int] | None = None


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
