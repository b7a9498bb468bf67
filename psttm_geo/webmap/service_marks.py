"""Services on web maps: those of today, which the browser gets once, and what a scenario does to them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from psttm_geo.access.scenarios import Change
from psttm_geo.webmap.map_areas import UNITS_PER_DEGREE


def service_points(services: pd.DataFrame) -> str:
    """Return services as JSON text.

    Parameters
    ----------
    services
        By identifier: ``service_name``, ``lat`` and ``lon`` (EPSG:4326).

    Returns
    -------
    str
        One list per service: latitude and longitude in parts of a degree
        (:data:`psttm_geo.webmap.map_areas.UNITS_PER_DEGREE`), identifier, name.
    """
    places = np.rint(services[["lat", "lon"]].to_numpy(dtype=float) * UNITS_PER_DEGREE).astype(int).tolist()
    names = zip(places, services.index, services["service_name"], strict=True)
    rows = [[*place, service, name] for place, service, name in names]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def change_marks(
    changes: Sequence[Change], category: str, places: Mapping[tuple[str, str], tuple[float, float]]
) -> str:
    """Return what a scenario does to services as JSON text.

    Parameters
    ----------
    changes
        The scenario.
    category
        Whose services the map shows.
    places
        Latitude and longitude where the services that are moved or closed stand today, by category and identifier;
        those that do not stand there are left out.

    Returns
    -------
    str
        ``key``, other for another scenario; ``marks``: of each change ``number`` (its position), ``action``,
        ``service``, ``name``, ``at`` (where it is drawn), ``from`` (where it stands today) and ``here`` (whether it
        is of the category shown).
    """
    marks: list[dict[str, Any]] = []
    for number, change in enumerate(changes):
        today = places.get((change.category, change.service))
        at = change.place or today
        if at is not None:
            marks.append(
                {
                    "number": number,
                    "action": change.action,
                    "service": change.service,
                    "name": change.name,
                    "at": at,
                    "from": today,
                    "here": change.category == category,
                }
            )
    return json.dumps({"key": scenario_key(changes), "marks": marks}, ensure_ascii=False, separators=(",", ":"))


def scenario_key(changes: Sequence[Change]) -> str:
    """Return a short text that is another for another scenario."""
    return hashlib.sha256(repr(tuple(changes)).encode()).hexdigest()[:16]
