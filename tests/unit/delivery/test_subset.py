"""What belongs to some municipalities, on a strip of four squares."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.delivery.subset import Part, take_part
from psttm_geo.plan.statements import WHOLE_STATEMENTS
from psttm_geo.schema.layers import LAYERS

OLD, NEW = "2022-2024", "2025-2027"


def squares(*numbers: int) -> shapely.Geometry:
    return shapely.union_all([shapely.box(1000 * n, 0, 1000 * n + 1000, 1000) for n in numbers])


def spatial(rows: dict[str, list[object]], shapes: list[shapely.Geometry | None]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=METRIC)


@pytest.fixture
def strip() -> dict[str, pd.DataFrame]:
    """Give four municipalities A to D in zones West and East; B and C form a union in the later edition only."""
    codes, zones = list("ABCD"), ["West", "West", "East", "East"]
    whole = squares(0, 1, 2, 3)
    goals = [(OLD, 1, 1), (NEW, 1, 1), (NEW, 1, 2)]
    answers = {(NEW, 1, 2): ["no", "si", "no", "non_noto"]}
    rows = [
        (*goal, code, answer)
        for goal in goals
        for code, answer in zip(codes, answers.get(goal, ["si"] * 4), strict=True)
    ]
    unit_rows = [
        *(("comune", code) for code in codes),
        ("zona", "West"),
        ("zona", "East"),
        ("citta_metropolitana", "citta_metropolitana"),
        ("grado", "21"),
        ("unita", "left"),
        ("unita", "right"),
    ]
    plan_units = [(edition, *unit) for edition in (OLD, NEW) for unit in unit_rows[:6]] + [(NEW, "unione", "U")]
    hexagons = [squares(0), shapely.box(900, 0, 1100, 500), squares(2), shapely.box(4000, 0, 4500, 500)]
    return {
        "comuni": spatial({"municipality_code": codes, "zone": zones}, [squares(n) for n in range(4)]),
        "zone_omogenee": spatial({"zone": ["West", "East"]}, [squares(0, 1), squares(2, 3)]),
        "unioni_comuni": spatial({"edition": [NEW], "union": ["U"]}, [squares(1, 2)]),
        "citta_metropolitana": spatial({"municipality_count": [4]}, [whole]),
        "accessibilita_citta_metropolitana": spatial({"unit": ["citta_metropolitana"], "profile": ["a"]}, [whole]),
        "appartenenze": pd.DataFrame(
            {
                "edition": [OLD] * 4 + [NEW] * 4,
                "municipality_code": codes * 2,
                "zone": zones * 2,
                "union": [None] * 4 + [None, "U", "U", None],
            }
        ),
        "obiettivi": spatial(
            dict(zip(("edition", "mission", "number"), map(list, zip(*goals, strict=True)), strict=True)),
            [whole, whole, squares(1)],
        ),
        "obiettivi_comuni": pd.DataFrame(
            rows, columns=["edition", "mission", "number", "municipality_code", "applies"]
        ),
        "obiettivi_conteggi": pd.DataFrame(plan_units, columns=["edition", "unit_kind", "unit"]),
        "indicatori": pd.DataFrame(
            [("", *unit) for unit in unit_rows] + [(NEW, "unione", "U")],
            columns=["edition_or_all", "unit_kind", "unit"],
        ),
        "accessibilita_unita": spatial({"own_unit": ["left", "right"]}, [squares(0, 1), squares(2, 3)]),
        "driver": pd.DataFrame({"edition": [OLD, NEW], "driver": [1, 1]}),
        "driver_zone": spatial({"edition": [NEW] * 2, "zone": ["West", "East"]}, [squares(0, 1), squares(2, 3)]),
        "driver_unioni": spatial({"edition": [NEW], "union": ["U"]}, [squares(1, 2)]),
        "progetti": pd.DataFrame({"project": ["P", "Q"], "edition": [NEW, NEW]}),
        "progetti_comuni": pd.DataFrame({"project": ["P", "P", "Q"], "municipality_code": ["A", "B", "D"]}),
        "progetti_obiettivi": pd.DataFrame({"project": ["P", "Q"], "edition": [OLD, NEW], "mission": 1, "number": 1}),
        "servizi": spatial(
            {"service": ["s1", "s2", "s3"], "municipality_code": ["A", "D", None]},
            [shapely.Point(500, 500), shapely.Point(3500, 500), shapely.Point(-5, 0)],
        ),
        "accessibilita_esagoni": spatial({"hexagon": list("pqrs")}, hexagons),
        "fonti": pd.DataFrame({"layer": ["comuni", "servizi"], "source": ["x", "y"]}),
    }


def test_a_link_is_of_both_its_editions_and_an_act_of_none_of_all(strip: dict[str, pd.DataFrame]) -> None:
    links = pd.DataFrame({"from_edition": [OLD, None, OLD], "to_edition": [NEW, NEW, None]})
    more = {"legami_obiettivi": links, "atti_del_piano": pd.DataFrame({"edition": [OLD, NEW, None]})}
    part = take_part({**strip, **more}, Part(frozenset({NEW}), frozenset("A")))
    assert part["legami_obiettivi"].index.to_list() == [0, 1]
    assert part["atti_del_piano"].index.to_list() == [1, 2]


def kept(layers: dict[str, pd.DataFrame], name: str, column: str) -> list[object]:
    return layers[name][column].to_list()


def test_a_municipality_has_its_rows_its_zone_and_what_meets_its_area(strip: dict[str, pd.DataFrame]) -> None:
    part = take_part(strip, Part(municipality_codes=frozenset({"A"})))
    assert kept(part, "comuni", "municipality_code") == ["A"]
    assert kept(part, "zone_omogenee", "zone") == kept(part, "driver_zone", "zone") == ["West"]
    assert kept(part, "appartenenze", "municipality_code") == ["A", "A"]
    assert part["unioni_comuni"].empty
    assert part["driver_unioni"].empty
    assert kept(part, "servizi", "service") == ["s1"]
    assert kept(part, "progetti", "project") == ["P"]
    assert kept(part, "progetti_comuni", "project") == ["P"]
    assert kept(part, "progetti_obiettivi", "project") == ["P"], "the links of its projects, not of the goals there"
    assert kept(part, "accessibilita_esagoni", "hexagon") == ["p", "q"]
    assert kept(part, "accessibilita_unita", "own_unit") == ["left"]
    assert kept(part, "obiettivi_conteggi", "unit") == ["A", "West", "A", "West"]
    assert kept(part, "indicatori", "unit") == ["A", "West", "citta_metropolitana", "21", "left"]


def test_the_whole_territory_drivers_and_sources_are_complete(strip: dict[str, pd.DataFrame]) -> None:
    part = take_part(strip, Part(municipality_codes=frozenset({"A"})))
    for name in ("citta_metropolitana", "accessibilita_citta_metropolitana", "driver", "fonti"):
        assert part[name].equals(strip[name])


def test_goals_are_those_that_apply_or_may(strip: dict[str, pd.DataFrame]) -> None:
    def goals(code: str) -> list[tuple[object, ...]]:
        part = take_part(strip, Part(municipality_codes=frozenset({code})))
        assert len(part["obiettivi_comuni"]) == 3, "where a goal does not apply, its reason is still told"
        return list(part["obiettivi"][["edition", "mission", "number"]].itertuples(index=False, name=None))

    assert goals("A") == goals("C") == [(OLD, 1, 1), (NEW, 1, 1)]
    assert goals("B") == goals("D") == [(OLD, 1, 1), (NEW, 1, 1), (NEW, 1, 2)], "unknown is not no"


def test_a_union_is_kept_whole_in_its_edition(strip: dict[str, pd.DataFrame]) -> None:
    part = take_part(strip, Part(municipality_codes=frozenset({"C"})))
    for name in ("unioni_comuni", "driver_unioni"):
        assert kept(part, name, "union") == ["U"]
    assert part["unioni_comuni"].area.to_list() == [2_000_000]
    assert "U" in kept(part, "obiettivi_conteggi", "unit")
    assert "U" in kept(part, "indicatori", "unit")
    earlier = take_part(strip, Part(frozenset({OLD}), frozenset({"C"})))
    assert earlier["unioni_comuni"].empty
    assert "U" not in kept(earlier, "indicatori", "unit")


def test_editions_leave_what_has_none(strip: dict[str, pd.DataFrame]) -> None:
    part = take_part(strip, Part(frozenset({OLD})))
    assert set(kept(part, "obiettivi", "edition")) == {OLD}
    assert part["unioni_comuni"].empty
    assert kept(part, "indicatori", "unit")[:4] == list("ABCD")
    for name in ("comuni", "zone_omogenee", "servizi", "fonti"):
        assert part[name].equals(strip[name])


def test_everything_is_all_there_is(strip: dict[str, pd.DataFrame]) -> None:
    everyone = Part(municipality_codes=frozenset("ABCD"))
    for name, table in take_part(strip, everyone).items():
        outside = {"servizi": 1, "accessibilita_esagoni": 1}.get(name, 0)
        assert len(table) == len(strip[name]) - outside, name


def test_nothing_in_a_layer_needs_no_other_layer(strip: dict[str, pd.DataFrame]) -> None:
    few = {name: strip[name] for name in ("comuni", "appartenenze", "obiettivi", "progetti")}
    part = take_part(few, Part(municipality_codes=frozenset({"A"})))
    assert part["obiettivi"].empty
    assert part["progetti"].empty


def test_every_layer_of_the_contract_is_told_apart_by_columns_or_by_place() -> None:
    told = {"municipality_code", "zone", "union", "unit_kind", "project", "number"}
    everywhere = {"driver", "fonti", "completezza_servizi", *WHOLE_STATEMENTS, "accordi", "aggiornamenti_piano"}
    complete = {name for name in LAYERS if name.endswith("citta_metropolitana")} | everywhere
    rest = {name for name, layer in LAYERS.items() if not told & set(layer.columns) and not layer.spatial}
    assert rest == everywhere <= complete
