"""What to look for in an extract beside streets: the tables of services and of features, boundaries, homes."""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from psttm_geo.sources._osm_tags import Mask, Pair, TagIndex, Tags

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
    """Tell which objects carry all tags of a condition."""
    mask = np.ones(tags.count, bool)
    for key, value in condition:
        mask &= index.has(tags, key, value)
    return mask


def meets_any(index: TagIndex, tags: Tags, conditions: Iterable[Condition]) -> Mask:
    """Tell which objects meet at least one condition."""
    mask = np.zeros(tags.count, bool)
    for condition in conditions:
        mask |= meets(index, tags, condition)
    return mask


def named(names: np.ndarray, pattern: str) -> Mask:
    """Tell which names fit a pattern; all do when it is empty."""
    found = re.compile(pattern, re.IGNORECASE)
    return np.array([found.search(name) is not None for name in names], bool)
