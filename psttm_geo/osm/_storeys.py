"""Levels of schools in the ways that mappers write them."""

import re

LEVEL_KEY = "isced:level"
"""The key of the International Standard Classification of Education, levels 0 (before school) to 8 (doctorate)."""

_WORDS = re.compile(r"isced|levels?|livell[oi]|[:=]")

_DASHES = re.compile(r"\s*(?:[-\u2010-\u2015]|\bto\b)\s*")

_BETWEEN = re.compile(r"(?:[\s;,/+&]|\be\b|\band\b)+")

_LEVELS = re.compile(r"-?([0-8])[a-c]?(?:-([0-8])[a-c]?)?")
"""A level or a range; a letter is the orientation of a programme in the edition of 1997."""


def read_levels(value: str) -> frozenset[str]:
    """Return the levels that a value names: ``1``, ``1;2``, ``1, 2``, ``0-2``, ``ISCED 1``, ``3A``.

    Returns
    -------
    frozenset of str
        Digits; without what cannot be read, so empty for a value that nothing can be read of.
    """
    text = _DASHES.sub("-", _WORDS.sub(" ", value.casefold()))
    found = [_LEVELS.fullmatch(part) for part in _BETWEEN.split(text)]
    ends = [sorted((int(part[1]), int(part[2] or part[1]))) for part in found if part]
    return frozenset(str(level) for first, last in ends for level in range(first, last + 1))
