"""Answers to questions that may be unknown, and why they are given."""

from dataclasses import dataclass
from typing import Literal

from psttm_geo.core.messages import Text

Answer = Literal["si", "no", "non_noto"]
"""To a question whose answer may be unknown."""


NO = "no"


YES = "si"


UNKNOWN = "non_noto"


NOT_MARKED = "non_indicato"


PRECEDENCE = (YES, UNKNOWN, NOT_MARKED, NO)
"""Of answers in a larger unit: the first one that any member gives is the unit's."""


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a municipality.

    Attributes
    ----------
    applies
        Whether the rule includes it.
    reason
        Why, for people: the fact alone, whatever question the rule answers.
    basis
        What the answer rests on: ``document`` or ``editorial`` (the rule alone), ``public_fact`` (a named list),
        ``feature`` (mapped features), ``figure``, ``missing_input``.
    """

    applies: Answer
    reason: Text
    basis: str
