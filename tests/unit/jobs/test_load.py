"""What scope rules rest on: the office's stations before the map's, the map before public lists."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.municipalities import Snapshot

Draw = Callable[..., Path]

MILANO = "015146"

CANAL = {10: (0, 100), 11: (1000, 100)}

CANAL_TAGS = {"waterway": "canal", "name": "Naviglio Grande"}

STATION = {20: (500, 500, {"railway": "station", "name": "Centrale"})}

NAVIGLI, IDROSCALO, STATIONS = ("2022-2024", 1, 15), ("2022-2024", 1, 14), ("2022-2024", 3, 8)


def put_in_force(settings: Settings, path: Path) -> None:
    assert jobs.save_extract(Project(settings), jobs.read_extract(Project(settings), path))


def answers(territory: jobs.Territory, goal: tuple[str, int, int]) -> pd.DataFrame:
    edition, mission, number = goal
    table = territory.plan.answers.municipalities
    chosen = (table["edition"] == edition) & (table["mission"] == mission) & (table["number"] == number)
    return table[chosen].set_index("municipality_code")


def concerned(territory: jobs.Territory, goal: tuple[str, int, int]) -> set[str]:
    rows = answers(territory, goal)
    assert set(rows["applies"]) <= {"si", "no"}, "a rule that has its features knows everywhere"
    return set(rows.index[rows["applies"] == "si"])


def at(embedded: Snapshot, code: str, *, side_m: float = 100) -> list[tuple[float, float]]:
    """Give the corners of a square inside a municipality, in metres around the point that small extracts start from."""
    table = embedded.boundaries.municipalities.set_index("municipality_code")
    point = table.geometry[code].representative_point()
    x, y = point.x - 514_000, point.y - 5_034_000
    return [(x + dx, y + dy) for dx, dy in ((0, 0), (side_m, 0), (side_m, side_m), (0, side_m))]


def scope_titles(territory: jobs.Territory) -> set[str]:
    return {source.title for source in territory.plan.scope_sources}


def test_rules_of_features_are_answered_by_the_map_and_public_lists_give_way(
    settings: Settings, draw_map: Draw, register: Register, territory: jobs.Territory, embedded: Snapshot
) -> None:
    lake = {30 + n: corner for n, corner in enumerate(at(embedded, "015205"))}
    path = draw_map(
        {**CANAL, **STATION, **lake},
        {10: ([10, 11], CANAL_TAGS), 11: ([*lake, 30], {"natural": "water", "name": "Idroscalo"})},
    )
    lists = register.tables["scope_lists.csv"].groupby("list")["municipality_code"].agg(set)
    assert concerned(territory, NAVIGLI) == lists["navigli"]
    assert concerned(territory, IDROSCALO) == lists["idroscalo"]
    assert set(answers(territory, STATIONS)["applies"]) == {"non_noto"}
    put_in_force(settings, path)
    after = jobs.load_territory(Project(settings))
    assert concerned(after, NAVIGLI) == {MILANO}
    assert concerned(after, IDROSCALO) == {"015205"}
    assert concerned(after, STATIONS) == {MILANO}
    for goal, reason in (
        (NAVIGLI, "si applica: nel comune c'è il Naviglio Grande"),
        (IDROSCALO, "si applica: nel comune c'è Idroscalo"),
        (STATIONS, "si applica: nel comune c'è la stazione Centrale"),
    ):
        rows = answers(after, goal)
        assert set(rows["basis"]) == {"feature"}
        assert set(rows.loc[rows["applies"] == "si", "reason_it"]) == {reason}
    assert answers(after, NAVIGLI)["reason_it"]["015118"] == "non si applica: nessun Naviglio è nel comune"
    assert answers(after, ("2025-2027", 1, 12))["applies"].equals(answers(after, IDROSCALO)["applies"])


def test_the_map_is_named_as_source_in_place_of_the_lists(
    settings: Settings, draw_map: Draw, register: Register
) -> None:
    put_in_force(settings, draw_map(CANAL, {10: ([10, 11], CANAL_TAGS)}))
    loaded = jobs.load_territory(Project(settings))
    titles, answered = scope_titles(loaded), {source.title for source in loaded.plan.answer_sources}
    lists = register.tables["scope_lists.csv"].groupby("list")["source"].agg(set)
    assert "OpenStreetMap, map.osm" in titles & answered
    assert not lists["navigli"] & titles
    assert lists["idroscalo"] <= titles
    assert lists["olimpiadi"] | lists["idroscalo"] <= answered
    assert not lists["olimpiadi"] & titles, "the venues are named in particular, not where the goal applies"


def test_what_the_map_has_none_of_stays_with_its_public_list(
    settings: Settings, draw_map: Draw, register: Register
) -> None:
    put_in_force(settings, draw_map(STATION))
    loaded = jobs.load_territory(Project(settings))
    lists = register.tables["scope_lists.csv"].groupby("list")["municipality_code"].agg(set)
    assert concerned(loaded, STATIONS) == {MILANO}
    assert concerned(loaded, NAVIGLI) == lists["navigli"]
    assert concerned(loaded, IDROSCALO) == lists["idroscalo"]
    assert set(answers(loaded, NAVIGLI)["basis"]) == {"public_fact"}


def test_a_map_without_stations_leaves_them_unknown(settings: Settings, draw_map: Draw) -> None:
    put_in_force(settings, draw_map(CANAL, {10: ([10, 11], CANAL_TAGS)}))
    rows = answers(jobs.load_territory(Project(settings)), STATIONS)
    assert set(rows["applies"]) == {"non_noto"}
    assert set(rows["basis"]) == {"missing_input"}


def test_a_canal_of_another_name_is_no_naviglio(settings: Settings, draw_map: Draw, register: Register) -> None:
    put_in_force(settings, draw_map(CANAL, {10: ([10, 11], {**CANAL_TAGS, "name": "Canale Villoresi"})}))
    lists = register.tables["scope_lists.csv"].groupby("list")["municipality_code"].agg(set)
    assert concerned(jobs.load_territory(Project(settings)), NAVIGLI) == lists["navigli"]


FOCUSES = {
    ("2022-2024", 2, 17): "nel comune c'è Parco Agricolo Sud Milano",
    ("2025-2027", 2, 17): "nel comune c'è Parco Agricolo Sud Milano",
    ("2025-2027", 2, 15): "nel comune ci sono le aree protette Parco Agricolo Sud Milano e Parco Nord",
    ("2025-2027", 3, 6): "nel comune c'è il Naviglio Grande",
    ("2025-2027", 2, 6): "nel comune ci sono i corsi d'acqua Lambro e Naviglio Grande",
    ("2025-2027", 2, 14): "nel comune c'è lo specchio d'acqua Laghetto",
    ("2025-2027", 3, 5): "nel comune c'è la stazione Centrale",
}


def test_what_goals_name_in_particular_is_answered_by_the_map(
    settings: Settings, draw_map: Draw, territory: jobs.Territory
) -> None:
    square = {30 + n: (x, y) for n, (x, y) in enumerate(((0, 0), (300, 0), (300, 300), (0, 300)))}
    ring = [*square, 30]
    path = draw_map(
        {**CANAL, **STATION, **square},
        {
            10: ([10, 11], CANAL_TAGS),
            11: ([11, 10], {"waterway": "stream", "name": "Lambro"}),
            12: (ring, {"boundary": "protected_area", "name": "Parco Agricolo Sud Milano"}),
            13: (ring, {"boundary": "protected_area", "name": "Parco Nord"}),
            14: (ring, {"natural": "water", "name": "Laghetto"}),
            15: (ring, {"leisure": "park", "name": "Giardino"}),
        },
    )
    assert set(answers(territory, ("2025-2027", 2, 15))["focus"]) == {"non_noto"}
    put_in_force(settings, path)
    after = jobs.load_territory(Project(settings))
    for goal, reason in FOCUSES.items():
        rows = answers(after, goal)
        assert set(rows["applies"]) == {"si"}, "the scope stays what it is"
        assert set(rows.index[rows["focus"] == "si"]) == {MILANO}
        assert (rows["focus"].drop(MILANO) == "no").all()
        assert reason in rows["focus_reason_it"][MILANO]
    tourism = answers(after, ("2025-2027", 1, 11))["focus_reason_it"]
    assert tourism[MILANO] == (
        "Navigli: nel comune c'è il Naviglio Grande; Vie d'acqua: nel comune c'è il canale Naviglio Grande; "
        "Parchi urbani: nel comune c'è il parco Giardino; "
        "Parchi regionali: nel comune ci sono le aree protette Parco Agricolo Sud Milano e Parco Nord"
    )


def test_without_a_map_public_lists_name_and_the_rest_says_what_is_missing(
    territory: jobs.Territory, register: Register
) -> None:
    lists = register.tables["scope_lists.csv"].groupby("list")["municipality_code"].agg(set)
    for goal, name in (
        (("2022-2024", 2, 17), "parco_agricolo_sud"),
        (("2025-2027", 3, 6), "navigli"),
        (("2025-2027", 1, 15), "olimpiadi"),
    ):
        rows = answers(territory, goal)
        assert set(rows.index[rows["focus"] == "si"]) == lists[name]
        assert set(rows["applies"]) == {"si"}
    tourism = answers(territory, ("2025-2027", 1, 11))
    assert set(tourism.index[tourism["focus"] == "si"]) == lists["navigli"]
    others = tourism[tourism["focus"] != "si"]
    assert set(others["focus"]) == {"non_noto"}
    assert others["focus_reason_it"].str.contains("manca un estratto di OpenStreetMap con gli elementi «parchi»").all()
    schools = answers(territory, ("2025-2027", 4, 3))
    assert set(schools["focus_reason_it"]) == {"Impianti sportivi nelle scuole: il documento non elenca i luoghi"}


@pytest.mark.parametrize(("edition", "number"), [("2022-2024", 16), ("2025-2027", 13)])
def test_smaller_municipalities_are_those_below_5000_residents(
    territory: jobs.Territory, edition: str, number: int
) -> None:
    rows = answers(territory, (edition, 1, number))
    people = territory.municipalities.set_index("municipality_code")["residents"]
    assert (rows["focus"] == "si").equals(people.reindex(rows.index) < 5000)


def test_every_feature_that_an_extract_gives_serves_a_goal(territory: jobs.Territory, register: Register) -> None:
    asked = {
        name
        for plan in territory.plan.plans
        for name in (
            *plan.goals.loc[plan.goals["scope"] == "feature", "parameter"],
            *plan.focuses.loc[plan.focuses["rule"] == "feature", "parameter"],
        )
    }
    assert asked == set(register.tables["features.csv"]["feature"])


@pytest.fixture
def stations_file(tmp_path: Path, embedded: Snapshot) -> Path:
    """Give one station in Legnano."""
    x, y = at(embedded, "015118")[0]
    point = gpd.GeoSeries([shapely.Point(514_000 + x, 5_034_000 + y)], crs=METRIC).to_crs(GEOGRAPHIC)
    path = tmp_path / "stations.geojson"
    gpd.GeoDataFrame({"nome": ["Legnano"]}, geometry=point).to_file(path)
    return path


def test_the_office_s_stations_stand_before_the_map_s(settings: Settings, draw_map: Draw, stations_file: Path) -> None:
    put_in_force(settings, draw_map(STATION))
    jobs.add_stations(Project(settings), [stations_file])
    loaded = jobs.load_territory(Project(settings))
    assert concerned(loaded, STATIONS) == {"015118"}
    titles = scope_titles(loaded)
    assert "Stazioni, file dell'ente" in titles
    assert "OpenStreetMap, map.osm" not in titles, "nothing of the map is asked for any more"


def test_the_map_still_counts_for_the_rest_beside_the_office_s_stations(
    settings: Settings, draw_map: Draw, stations_file: Path
) -> None:
    put_in_force(settings, draw_map({**CANAL, **STATION}, {10: ([10, 11], CANAL_TAGS)}))
    jobs.add_stations(Project(settings), [stations_file])
    loaded = jobs.load_territory(Project(settings))
    assert (concerned(loaded, STATIONS), concerned(loaded, NAVIGLI)) == ({"015118"}, {MILANO})
    assert {"Stazioni, file dell'ente", "OpenStreetMap, map.osm"} <= scope_titles(loaded)


def test_on_the_synthetic_territory_every_rule_of_features_says_yes_or_no(map_territory: jobs.Territory) -> None:
    for goal in (NAVIGLI, IDROSCALO, STATIONS):
        rows = answers(map_territory, goal)
        assert set(rows["applies"]) == {"si", "no"}
        assert set(rows["basis"]) == {"feature"}
        assert rows.loc[rows["applies"] == "si", "reason_it"].str.contains("(synthetic)", regex=False).all()


def test_what_is_made_up_is_said(map_territory: jobs.Territory, territory: jobs.Territory) -> None:
    assert map_territory.synthetic
    assert map_territory.notices[0].it.startswith("DATI SINTETICI: strade, servizi e ambiti vengono da dati sintetici")
    assert "psttm-geo inputs remove osm" in map_territory.notices[0].en
    assert not territory.synthetic


def test_a_map_of_the_world_is_not_said_to_be_made_up(settings: Settings, draw_map: Draw) -> None:
    put_in_force(settings, draw_map(STATION))
    loaded = jobs.load_territory(Project(settings))
    assert loaded.everyday.mapped is not None
    assert not loaded.synthetic
    assert loaded.notices == ()


def test_without_a_map_there_is_nothing_of_it(territory: jobs.Territory) -> None:
    held: list[Any] = [territory.everyday.mapped, territory.everyday.services, territory.comparison]
    assert held == [None, None, None]
    assert territory.everyday.sources == territory.everyday.comparison == ()


def test_states_of_a_register_that_differ_by_their_case_are_one(settings: Settings, tmp_path: Path) -> None:
    rows = ("codice,titolo,comuni,stato", "P,Uno,015146,in corso", "Q,Due,015146,IN CORSO", "R,Tre,015146,Concluso")
    (tmp_path / "registro.csv").write_text("\n".join(rows), "utf-8")
    jobs.add_projects(Project(settings), [tmp_path / "registro.csv"], None)
    projects = jobs.load_territory(Project(settings)).plan.projects
    assert projects is not None
    assert projects.projects["status"].to_list() == ["In corso", "In corso", "Concluso"]
