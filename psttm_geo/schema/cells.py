"""What a cell of a table has to be, and the sentence that says so to people, as ``cell_kinds.csv`` states them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from psttm_geo.core.messages import Text
from psttm_geo.schema.code_lists import (
    DOWNLOAD_GROUPS,
    FOCUS_RULES,
    LEVELS,
    LINK_KINDS,
    MORE_DOWNLOADS,
    PARTNER_LINK_KINDS,
    SCOPES,
    SMOOTHNESS,
)
from psttm_geo.schema.dictionary import OnFirstUse, read_rows
from psttm_geo.schema.layers import AGE_BANDS

if TYPE_CHECKING:
    import pandera.pandas as pa

_CODES: Mapping[str, Iterable[str]] = {
    "age_bands": AGE_BANDS,
    "download_group": (*DOWNLOAD_GROUPS, *MORE_DOWNLOADS),
    "focus_rule": FOCUS_RULES,
    "goal_link": LINK_KINDS,
    "level": LEVELS,
    "partnership_link": PARTNER_LINK_KINDS,
    "scope": SCOPES,
    "smoothness": SMOOTHNESS,
}
"""By kind of cell, what stands for ``{codes}`` in its pattern and its sentence."""


@dataclass(frozen=True)
class CellKind:
    """What cells of a kind are.

    Attributes
    ----------
    pattern
        A regular expression of the whole cell; empty for a day of the calendar.
    expected
        The sentence that says it.
    """

    pattern: str
    expected: Text

    def fits(self, cells: Iterable[str], *, blank: bool) -> bool:
        """Tell whether all of some cells are of this kind, or blank where they may be."""
        one = re.compile(self.pattern).fullmatch if self.pattern else _is_day
        return all((blank and not cell) or one(cell) for cell in set(cells))

    def check(self, *, blank: bool) -> "pa.Check":
        """Return the check of a column of such cells, which may be blank or not."""
        import pandera.pandas as pa  # noqa: PLC0415 - a fifth of a second that most commands do without

        if not self.pattern:
            return pa.Check(
                lambda cell: (blank and not cell) or _is_day(cell), element_wise=True, error=self.expected.it
            )
        return pa.Check.str_matches(rf"^(?:{self.pattern}){'?' if blank else ''}$", error=self.expected.it)


def _is_day(cell: str) -> bool:
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _read() -> dict[str, CellKind]:
    return {row["kind"]: _kind(row, _CODES.get(row["kind"], ())) for row in read_rows("cell_kinds.csv")}


def _kind(row: Mapping[str, str], codes: Iterable[str]) -> CellKind:
    listed = ", ".join(codes)
    expected = Text(*(row[name].replace("{codes}", listed) for name in ("expected_it", "expected_en")))
    return CellKind(row["pattern"].replace("{codes}", "|".join(codes)), expected)


CELL_KINDS = OnFirstUse(_read)
"""By name."""
