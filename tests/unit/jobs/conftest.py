"""Small extracts that reach around the whole territory, with a known answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from psttm_geo.territory.municipalities import Snapshot

Draw = Callable[..., Path]

FIRST_OF_BORDER = 10_000
"""Number of the first node of the street around the territory."""

STREET_NODES = {5: (0, 0), 6: (1000, 0)}

STREET = ([5, 6], {"highway": "residential"})


@pytest.fixture
def draw_map(write_osm: Draw, embedded: Snapshot) -> Draw:
    """Write an extract with one street in Milano and one around the territory, and what a test adds.

    Nodes and ways of tests are numbered from 10, in metres around a point of Milano.
    """
    x, y = write_osm.origin
    around = shapely.convex_hull(embedded.boundaries.municipalities.union_all())
    places = shapely.get_coordinates(around) - (x, y)
    border = {number: tuple(place) for number, place in enumerate(places.tolist(), start=FIRST_OF_BORDER)}

    def draw_map(
        nodes: dict[int, Any] | None = None,
        ways: dict[int, Any] | None = None,
        relations: dict[int, Any] | None = None,
        *,
        name: str = "map.osm",
    ) -> Path:
        return write_osm(
            {**border, **STREET_NODES, **(nodes or {})},
            {5: STREET, 6: (list(border), STREET[1]), **(ways or {})},
            relations,
            name=name,
        )

    return draw_map
