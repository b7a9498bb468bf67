"""The tables beside this module, which describe what the package reads and delivers: read when first asked for.

They are the package's own: no folder of data takes their place.
"""

import csv
import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")

FOLDER = Path(__file__).parent

YES = "si"


class OnFirstUse(Mapping[str, Value]):
    """A mapping that is made when it is first asked for anything.

    Parameters
    ----------
    make
        What makes it; called once.
    """

    def __init__(self, make: Callable[[], Mapping[str, Value]]) -> None:
        self._made = functools.cache(make)

    def __getitem__(self, name: str) -> Value:
        return self._made()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())


def read_rows(name: str, folder: Path = FOLDER) -> list[dict[str, str]]:
    """Return the rows of one of the tables, or of one beside another module; all cells text."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def read_groups(name: str, by: str) -> dict[str, list[dict[str, str]]]:
    """Return the rows of one of the tables by what they have in a column, in their order."""
    groups: dict[str, list[dict[str, str]]] = {}
    for row in read_rows(name):
        groups.setdefault(row[by], []).append(row)
    return groups
