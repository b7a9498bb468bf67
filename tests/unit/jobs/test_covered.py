"""Extracts that hold half of a territory: what is said of the other half is that it is not known."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.accessibility import Accessibility, compute_access
from psttm_geo.project import Project

Writer = Callable[..., Path]

STREET = {"highway": "residential"}

SHOP = {"shop": "supermarket"}

BORDER = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}

STEP_M = 100


def _grid(columns: int, rows: int) -> tuple[dict[int, Any], dict[int, Any]]:
    """Give streets of a grid from the origin on, numbered from 1000."""
    at = {(i, j): 1000 + i * 100 + j for i in range(columns + 1) for j in range(rows + 1)}
    nodes = {number: (STEP_M * i, STEP_M * j) for (i, j), number in at.items()}
    lines = [[at[i, j] for j in range(rows + 1)] for i in range(columns + 1)]
    lines += [[at[i, j] for i in range(columns + 1)] for j in range(rows + 1)]
    return nodes, {100 + number: (line, STREET) for number, line in enumerate(lines)}


@pytest.fixture
def two_towns(write_osm: Writer) -> Path:
    """Give two towns of 2 x 2 km; the streets of the western one and one that runs on into the other are there."""
    nodes, ways = _grid(20, 20)
    corners = {1: (0, 0), 2: (2000, 0), 3: (4000, 0), 4: (4000, 2000), 5: (2000, 2000), 6: (0, 2000)}
    shops = {20 + i: (x, y, SHOP) for i, (x, y) in enumerate([(500, 510), (500, 1490), (1500, 510), (1500, 1490)])}
    nodes |= corners | shops | {11: (3900, 1000)}
    ways |= {1: ([2, 5], {}), 2: ([5, 6, 1, 2], {}), 3: ([2, 3, 4, 5], {}), 4: ([3010, 11], STREET)}
    relations = {
        1: ([("way", 1, "outer"), ("way", 2, "outer")], {**BORDER, "name": "Alfa"}),
        2: ([("way", 1, "outer"), ("way", 3, "outer")], {**BORDER, "name": "Beta"}),
    }
    return write_osm(nodes, ways, relations)


def _figures(computed: Accessibility, layer: str = "accessibilita_comuni") -> Any:  # noqa: ANN401 - a frame
    table = computed.layers[layer]
    return table[table["profile"] == "adulto"]


def test_a_town_without_streets_has_no_figure_and_its_neighbour_keeps_its_own(
    settings: Settings, two_towns: Path
) -> None:
    computed = compute_access(Project(settings), jobs.AccessRequest(two_towns, territory="osm:8"))
    towns = _figures(computed).set_index("municipality")
    assert towns["share_15_alimentari"].to_dict() == {"Alfa": 1, "Beta": pytest.approx(float("nan"), nan_ok=True)}
    assert towns["share_unknown"].to_dict() == {"Alfa": 0, "Beta": 1}
    whole = _figures(computed, "accessibilita_citta_metropolitana").iloc[0]
    assert whole[["share_15_alimentari", "minutes_to_alimentari"]].isna().all()
    assert not set(computed.layers["carenze_comuni"]["municipality_code"]) & {"r2"}
    assert "in parte 0, per nulla 1" in "".join(notice.it for notice in computed.notices)


def test_one_street_speaks_for_no_city(settings: Settings, write_osm: Writer) -> None:
    # An outline of the territory, which is no street, and one street with a shop in the middle of Milano.
    outline = {1: (-90_000, -90_000), 2: (90_000, -90_000), 3: (90_000, 90_000), 4: (-90_000, 90_000)}
    path = write_osm(
        outline | {10: (0, 0), 11: (444, 0), 12: (200, 10, SHOP)},
        {1: ([1, 2, 3, 4, 1], {"boundary": "administrative", "admin_level": "6"}), 2: ([10, 11], STREET)},
    )
    computed = compute_access(Project(settings), jobs.AccessRequest(path, profiles=("adulto",)))
    milano = _figures(computed).set_index("municipality").loc["Milano"]
    assert milano["share_unknown"] > 0.99
    assert milano["residents_outside"] + milano["residents_near_end"] <= milano["residents"]
    assert milano[["share_15_alimentari", "share_all_15", "minutes_to_alimentari"]].isna().all()
    assert all("%" in line.it and "il dato non è noto" in line.it for line in computed.summary)


def test_what_stands_for_residents_is_counted(settings: Settings, two_towns: Path) -> None:
    notices = compute_access(Project(settings), jobs.AccessRequest(two_towns, territory="osm:8")).notices
    (said,) = [notice.it for notice in notices if notice.it.startswith("Al posto dei residenti")]
    assert "tratti di strade residenziali" in said
    assert "comuni o unità 1" in said


def test_a_town_in_the_middle_of_others_that_is_not_there_has_no_figure(settings: Settings, write_osm: Writer) -> None:
    # Streets of 3.6 x 3.6 km but for a town of 1.2 km in the middle, through which one street passes.
    nodes, _ = _grid(36, 36)
    gone = {1000 + i * 100 + j for i in range(12, 25) for j in range(12, 25)}
    nodes = {number: at for number, at in nodes.items() if number not in gone}
    rows = [[1000 + i * 100 + j for i in range(37)] for j in range(37)]
    lines = rows + [list(line) for line in zip(*rows, strict=True)]
    ways = {100 + number: (line, STREET) for number, line in enumerate(lines)}  # they break where nodes are missing
    ways[1] = ([1000 + 11 * 100 + 18, 1000 + 25 * 100 + 18], STREET)
    corners = {1: (-50, -50), 2: (3650, -50), 3: (3650, 3650), 4: (-50, 3650)}
    inner = {5: (1150, 1150), 6: (2450, 1150), 7: (2450, 2450), 8: (1150, 2450)}
    shops = {20 + i: (x, y, SHOP) for i, (x, y) in enumerate([(500, 510), (3000, 3010), (500, 3010), (3000, 510)])}
    ways |= {2: ([1, 2, 3, 4, 1], {}), 3: ([5, 6, 7, 8, 5], {})}
    relations = {
        1: ([("way", 2, "outer"), ("way", 3, "inner")], {**BORDER, "name": "Anello"}),
        2: ([("way", 3, "outer")], {**BORDER, "name": "Mezzo"}),
    }
    path = write_osm(nodes | corners | inner | shops, ways, relations)
    towns = _figures(compute_access(Project(settings), jobs.AccessRequest(path, territory="osm:8")))
    assert dict(zip(towns["municipality"], towns["share_unknown"], strict=True)) == {"Anello": 0, "Mezzo": 1}
    assert towns.set_index("municipality")["share_15_alimentari"].isna().to_dict() == {"Anello": False, "Mezzo": True}
