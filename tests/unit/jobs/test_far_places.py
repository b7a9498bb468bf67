"""A courtyard path beside a street, and one far from every street: who is put where, and what is said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.accessibility import Accessibility, compute_access
from psttm_geo.project import Project

Writer = Callable[..., Path]

STREET, PATH = {"highway": "residential"}, {"highway": "footway"}

SHOP, HOUSE = {"shop": "supermarket"}, {"building": "house"}

BORDER = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Alfa"}


def _house(first: int, x: float, y: float) -> tuple[dict[int, tuple[float, float]], list[int]]:
    corners = [(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)]
    return {first + number: corner for number, corner in enumerate(corners)}, [*range(first, first + 4), first]


@pytest.fixture
def town(write_osm: Writer) -> Callable[[float], Path]:
    """Write a street of 1,100 m with a house at 300 m, and a path with a shop so many metres north of its 800th."""

    def town(away_m: float) -> Path:
        nodes, outline = _house(20, 300, 0)
        nodes |= {1: (0, -200), 2: (1100, -200), 3: (1100, away_m + 50), 4: (0, away_m + 50), 10: (0, 0), 11: (1100, 0)}
        nodes |= {12: (790, away_m), 13: (810, away_m), 14: (800, away_m + 1, SHOP)}
        ways = {1: ([1, 2, 3, 4, 1], {}), 2: ([10, 11], STREET), 3: ([12, 13], PATH), 4: (outline, HOUSE)}
        return write_osm(nodes, ways, {1: ([("way", 1, "outer")], BORDER)}, name=f"{away_m}.osm")

    return town


def _minutes(computed: Accessibility) -> float:
    table = computed.layers["accessibilita_comuni"]
    return float(table.loc[table["profile"] == "adulto", "minutes_to_alimentari"].iloc[0])


def test_a_shop_in_a_courtyard_is_reached_from_the_street(settings: Settings, town: Callable[[float], Path]) -> None:
    computed = compute_access(Project(settings), jobs.AccessRequest(town(30), territory="osm:8"))
    assert _minutes(computed) == pytest.approx((500 + 31) / 1.31 / 60, abs=0.01)
    assert not any("rete isolata" in notice.it for notice in computed.notices)


def test_a_shop_far_from_every_other_street_stays_alone_and_is_told(
    settings: Settings, town: Callable[[float], Path]
) -> None:
    computed = compute_access(Project(settings), jobs.AccessRequest(town(400), territory="osm:8"))
    assert _minutes(computed) == 100
    (said,) = [notice.it for notice in computed.notices if notice.it.startswith("Servizi su una rete isolata")]
    assert said.endswith(": 1.")


@pytest.mark.parametrize(("away_m", "told"), [(30, 0), (400, 1)])
def test_points_and_new_services_are_put_by_the_same_rule(
    settings: Settings,
    town: Callable[[float], Path],
    tmp_path: Path,
    write_osm: Any,  # noqa: ANN401 - the writer of the fixture
    away_m: float,
    told: int,
) -> None:
    x, y = write_osm.origin
    lon, lat = write_osm._onto.transform(x + 800, y + away_m)  # noqa: SLF001 - the fixture's own projection
    path = town(away_m)
    request = jobs.IsochroneRequest(path, territory="osm:8", lon=lon, lat=lat)
    drawn = jobs.compute_isochrones(Project(settings), request)
    assert sum("rete isolata" in notice.it for notice in drawn.notices) == told
    scenario = tmp_path / "scenario.csv"
    scenario.write_text(f"azione,categoria,servizio,nome,lon,lat\naggiungi,farmacia,,,{lon},{lat}\n", "utf-8")
    _, summary = jobs.what_if(Project(settings), jobs.AccessRequest(path, territory="osm:8"), scenario)
    assert [line.it.split(":")[0] for line in summary if "rete isolata" in line.it] == ["1 (farmacia)"] * told
