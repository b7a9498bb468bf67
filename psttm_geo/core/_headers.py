"""Which row of a table names its columns, and which known column each of its names means."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from psttm_geo.core._table_text import Rows
from psttm_geo.core.names import plain_name

_SEARCHED_ROWS = 30
"""Titles above a header are fewer."""

_REMARK = re.compile(r"[(\[].*?[)\]]")
"""What stands in brackets beside a column's name."""


class Headers:
    """The columns that a table may have.

    Parameters
    ----------
    known
        Their names; none if any column will do.
    pattern
        Names in lower case that are known too.
    """

    def __init__(self, known: Iterable[str], pattern: re.Pattern[str] | None = None) -> None:
        self.known = tuple(known)
        self.pattern = pattern
        self._plain = {plain_name(name): name for name in reversed(self.known)}

    @property
    def any_will_do(self) -> bool:
        """Whether no column is known."""
        return not self.known and self.pattern is None

    def meanings(self, cells: Sequence[str]) -> list[str | None]:
        """Return the known column that each name of a header means, None for a column that is none of them.

        A name means a column by its very letters, else without case, accents and signs, else without a remark in
        brackets; a closer one comes first.
        """
        found: list[str | None] = [None] * len(cells)
        for read in (self._literal, self._by_words, self._without_remark):
            taken = set(found)
            for place, cell in enumerate(cells):
                if cell and found[place] is None:
                    name = read(cell)
                    found[place] = None if name in taken else name
        return found

    def count(self, cells: Sequence[str]) -> int:
        """Return how many known columns a row names."""
        return len(set(self.meanings(cells)) - {None})

    def place(self, rows: Rows) -> int:
        """Return which row is the header: the first that names most known columns, else the first.

        Where any column will do, it is the first with several cells, if there are such rows.
        """
        searched = [cells for _, cells in rows[:_SEARCHED_ROWS]]
        counts = [self.count(cells) for cells in searched]
        if not self.any_will_do:
            return counts.index(max(counts))
        widest = max((sum(map(bool, cells)) for cells in searched), default=0)
        return next((place for place, cells in enumerate(searched) if sum(map(bool, cells)) >= min(widest, 2)), 0)

    def best_sheets(self, samples: Sequence[Rows]) -> list[int]:
        """Return the sheets that name most known columns; the first that is filled where none names any."""
        counts = [self.score(rows)[0] if len(_filled(rows)) > 1 else 0 for rows in samples]
        if not any(counts):
            return [next((place for place, rows in enumerate(samples) if _filled(rows)), 0)]
        return [place for place, count in enumerate(counts) if count == max(counts)]

    def score(self, rows: Rows) -> tuple[int, int, int]:
        """Return how many known columns rows name at best, how many have as many cells, and how many these are."""
        filled = _filled(rows)
        named = max((self.count(cells) for _, cells in filled[:_SEARCHED_ROWS]), default=0)
        widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
        width, alike = widths.most_common(1)[0] if widths else (0, 0)
        return named, alike, width

    def _literal(self, cell: str) -> str | None:
        name = " ".join(cell.lower().split())
        known = self.pattern is not None and self.pattern.fullmatch(name)
        return name if known or name in self.known else None

    def _by_words(self, cell: str) -> str | None:
        return self._plain.get(plain_name(cell))

    def _without_remark(self, cell: str) -> str | None:
        plain = plain_name(_REMARK.sub(" ", cell))
        return self._plain.get(plain) if plain else None


def _filled(rows: Rows) -> Rows:
    return [(row, cells) for row, cells in rows if any(cells)]
