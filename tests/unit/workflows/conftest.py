"""Small extracts that reach around the whole territory, with a known answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from psttm_geo.model.territory import Snapshot

Draw = Callable[..., Path]

AROUND_M = 1_000
"""How far the corners are from the territory: the reader drops what is some kilometres away."""

STREET_NODES = {5: (0, 0), 6: (1000, 0)}

STREET = ([5, 6], {"highway": "residential"})


@pytest.fixture
def draw_map(write_osm: Draw, embedded: Snapshot) -> Draw:
    """Write an extract with one street in Milano and corners just outside the territory, and what a test adds.

    Nodes and ways of tests are numbered from 10, in metres around a point of Milano.
    """

    x, y = write_osm.origin
    west, south, east, north = embedded.boundaries.municipalities.total_bounds - (x, y, x, y)
    places = shapely.get_coordinates(shapely.box(west, south, east, north).buffer(AROUND_M, join_style="mitre"))[:4]
    corners = {number: (*place, {"note": "corner"}) for number, place in enumerate(places.tolist(), start=1)}

    def draw_map(
        nodes: dict[int, Any] | None = None,
        ways: dict[int, Any] | None = None,
        relations: dict[int, Any] | None = None,
        *,
        name: str = "map.osm",
    ) -> Path:
        return write_osm(
            {**corners, **STREET_NODES, **(nodes or {})}, {5: STREET, **(ways or {})}, relations, name=name
        )

    return draw_map
