"""What to look for in an extract beside streets: the tables of services and of features, boundaries, homes."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from psttm_geo.osm._storeys import LEVEL_KEY, read_levels
from psttm_geo.osm._tags import ABSENT, ANY, Mask, Pair, TagIndex, Tags, in_force, split_values

Condition = tuple[Pair, ...]
"""Tags that an object carries all of."""

BOUNDARY: Condition = (("boundary", "administrative"), ("admin_level", "8"))
"""A municipality."""

HOMES = (
    "yes",  # by far the most frequent value, and mostly a house
    "residential",
    "apartments",
    "house",
    "detached",
    "semidetached_house",
    "terrace",
    "farm",
    "dormitory",
)
"""Buildings that people may live in."""

AREAS = ("multipolygon", "boundary")
"""Types of relations that outline an area."""

SITE = "site"
"""The type of relations whose members are together one thing, a service for one."""

TEXTS = ("name", "ref:ISTAT")


def service_conditions(services: pd.DataFrame) -> list[Condition]:
    """Return the tags of each row of ``services.csv``."""
    rows = services[["key", "value", "and_key", "and_value"]].itertuples(index=False, name=None)
    return [((key, value), (also, other)) if also else ((key, value),) for key, value, also, other in rows]


def feature_conditions(features: pd.DataFrame) -> list[Condition]:
    """Return the tags of each row of ``features.csv``."""
    return [((key, value),) for key, value in features[["key", "value"]].itertuples(index=False, name=None)]


def keys_of(conditions: Iterable[Condition]) -> frozenset[str]:
    """Return all keys that conditions look at."""
    return frozenset(key for condition in conditions for key, _ in condition)


def first_keys(conditions: Iterable[Condition]) -> frozenset[str]:
    """Return the keys that an object must carry to meet one of the conditions."""
    return frozenset(condition[0][0] for condition in conditions)


def meets(index: TagIndex, tags: Tags, condition: Condition) -> Mask:
    """Tell which objects carry all tags of a condition; levels of schools in any notation."""
    mask = np.ones(tags.count, bool)
    for key, value in condition:
        if mask.any():
            mask &= _carries_level(index, tags, value) if key == LEVEL_KEY else index.has(tags, key, value)
    return mask


def _carries_level(index: TagIndex, tags: Tags, level: str) -> Mask:
    """Tell which objects name a level; :data:`ABSENT` for those that name none that can be read."""
    if level == ABSENT:
        return ~index.fits(tags, LEVEL_KEY, lambda value: bool(read_levels(value)))
    return index.fits(tags, LEVEL_KEY, lambda value: level in read_levels(value))


def meets_any(index: TagIndex, tags: Tags, conditions: Iterable[Condition]) -> Mask:
    """Tell which objects meet at least one condition."""
    asked = list(conditions)
    mask = index.has_any(tags, [condition[0] for condition in asked if _is_one_value(condition)])
    for condition in asked:
        if not _is_one_value(condition):
            mask |= meets(index, tags, condition)
    return mask


def _is_one_value(condition: Condition) -> bool:
    """Tell whether a condition is one tag that is looked up by its value as written."""
    (key, value), *more = condition
    return not more and key != LEVEL_KEY and value != ABSENT


def named(names: np.ndarray, pattern: str) -> Mask:
    """Tell which names fit a pattern; all do when it is empty."""
    found = re.compile(pattern, re.IGNORECASE)
    return np.array([found.search(name) is not None for name in names], bool)


CLOSED_COLUMNS = ("category", "key", "value", "rank", "verdict")
"""What :class:`ClosedRule` reads of its table."""


class ClosedRule:
    """What is no service although its tags name one, as the table ``closed_services.csv`` has it.

    The row with the strongest rank (1) decides; among rows of one rank a "no" wins. A row of the category itself goes
    before one of all categories, a value before any value. Where ``foot:conditional`` or ``access:conditional`` holds
    at the hour stated for streets, its value takes the place of ``foot`` or ``access``.

    Parameters
    ----------
    table
        ``category`` (:data:`ANY` for all), ``key`` (one that ends with a colon stands before the key of the service
        itself), ``value`` (:data:`ANY` for any), ``rank``, ``verdict`` (si, no or nothing).
    """

    def __init__(self, table: pd.DataFrame) -> None:
        cells = table[list(CLOSED_COLUMNS)].itertuples(index=False, name=None)
        self._scores = {
            (category, key, value.casefold()): 2 * int(rank) + (verdict == "si") if verdict else _UNDECIDED
            for category, key, value, rank, verdict in cells
        }
        self._keys = frozenset(key for _, key, _ in self._scores)
        self._prefixes = tuple(sorted(key for key in self._keys if key.endswith(":")))

    def keys(self, conditions: Iterable[Condition]) -> frozenset[str]:
        """Return the keys to look at on objects that may meet some conditions."""
        denied = {prefix + key for prefix in self._prefixes for key in first_keys(conditions)}
        return self._keys.difference(self._prefixes) | denied

    def closed(self, index: TagIndex, tags: Tags, category: str, condition: Condition) -> Mask:
        """Tell which of the objects that meet a condition are closed as a service of its category."""
        tags = in_force(tags, index, self._keys)
        codes, place = np.unique(tags.code, return_inverse=True)
        scores = [self._score(category, index.pairs[code], condition[0]) for code in codes]
        best = np.full(tags.count, _UNDECIDED, np.int16)
        np.minimum.at(best, tags.owner, np.array(scores, np.int16)[place])
        closed: Mask = (best % 2 == 0) & (best < _UNDECIDED)
        return closed

    def _score(self, category: str, pair: Pair, own: Pair) -> int:
        key, values = pair[0], split_values(_COMMENT.sub("", pair[1]))
        if key == _HOURS:
            values = values[-1:]  # a later rule takes the place of the ones before
        prefix = key.removesuffix(own[0])
        if prefix in self._prefixes:
            return self._score_of_value(category, prefix, ANY) if own[1] in values else _UNDECIDED
        return min(self._score_of_value(category, key, value) for value in values)

    def _score_of_value(self, category: str, key: str, value: str) -> int:
        known = [(who, key, what) for who in (category, ANY) for what in (value.casefold(), ANY)]
        return next((self._scores[row] for row in known if row in self._scores), _UNDECIDED)


_HOURS = "opening_hours"

_COMMENT = re.compile(r'"[^"]*"')
"""What stands in hours for people to read: ``closed "for works"``."""

_UNDECIDED = 1000
"""Even, and weaker than any rank."""
