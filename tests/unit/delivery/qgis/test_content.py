import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.qgis.content import Content, Group, arrange
from psttm_geo.delivery.qgis.layer_styles import Styled
from psttm_geo.jobs.deliveries import describe
from psttm_geo.schema.columns import column_named
from psttm_geo.schema.layers import LAYERS


@pytest.fixture(scope="module")
def content(styled: dict[str, Styled], territory: jobs.Territory) -> Content:
    return arrange(list(styled.values()), describe(territory, styled))


def test_groups_follow_the_themes_and_the_background_is_lowest(content: Content) -> None:
    assert [group.title for group in content.groups] == [
        *("Territorio", "Obiettivi", "Driver", "Documenti del Piano", "Fonti", "Sfondo")
    ]


def covered(styled: dict[str, Styled], *names: str) -> Content:
    """Arrange layers that accessibility and scenarios have, with municipalities of two walkers."""
    layers = []
    for name in names:
        here = styled["comuni"].rows[["pro_com_t", "comune", "geometry"]]
        rows = pd.concat([here.assign(profilo=profile) for profile in ("adulto", "per_eta")])
        blank = [column_named(one).field for one in LAYERS[name].columns]
        extra = {field: None for field in blank if field not in rows}
        layers.append(Styled(LAYERS[name], LAYERS[name].columns, rows.assign(**extra), {}))
    return arrange(layers, Delivery())


def test_outlines_lie_above_what_covers_the_ground_and_below_points(styled: dict[str, Styled]) -> None:
    content = covered(styled, "scenario_comuni", "scenario_esagoni", "scenario_servizi")
    names = [placed.identifier for placed in content.layers]
    assert names == [
        *("psttm_scenario_servizi", "psttm_contorni_comuni", "psttm_scenario_esagoni", "psttm_scenario_comuni")
    ]
    (theme,) = (one for one in content.themes if one.title == "Scenario negli esagoni")
    assert theme.layers == ("psttm_scenario_esagoni", "psttm_scenario_servizi", "psttm_contorni_comuni")


def test_outlines_are_drawn_once_where_rows_are_about_walkers(styled: dict[str, Styled]) -> None:
    content = covered(styled, "accessibilita_comuni", "accessibilita_esagoni")
    outlines = next(placed for placed in content.layers if placed.identifier == "psttm_contorni_comuni")
    assert outlines.where == {"profile": ("per_eta",)}
    assert len(outlines.rows) == 133


def test_identifiers_are_unique_and_long_enough_for_qgis(content: Content) -> None:
    identifiers = [placed.identifier for placed in content.layers]
    assert len(set(identifiers)) == len(identifiers)
    assert all(len(identifier) > 10 for identifier in identifiers)


def test_layers_of_an_edition_stand_once_for_each_the_latest_first(content: Content) -> None:
    unions = [placed for placed in content.layers if placed.styled.layer.name == "unioni_comuni"]
    assert [placed.where for placed in unions] == [{"edition": ("2025-2027",)}, {"edition": ("2022-2024",)}]
    assert [len(placed.rows) for placed in unions] == [3, 2]


def test_drivers_are_shown_one_at_a_time(content: Content) -> None:
    drivers = next(group for group in content.groups if group.title == "Driver")
    inner = [member for member in drivers.members if isinstance(member, Group)]
    assert [group.exclusive for group in inner] == [True, True]
    assert [len(group.members) for group in inner] == [10, 10]


def test_every_theme_shows_layers_that_are_there(content: Content) -> None:
    known = {placed.identifier for placed in content.layers}
    assert [theme.title for theme in content.themes] == [
        *("Territorio 2025-2027", "Territorio 2022-2024"),
        *("Obiettivi in parte del territorio 2025-2027", "Obiettivi in parte del territorio 2022-2024"),
        *("Driver 2025-2027", "Driver 2022-2024"),
    ]
    assert all(theme.layers and set(theme.layers) <= known for theme in content.themes)


def test_goals_of_which_it_is_not_known_where_they_apply_are_named_beside_the_map(content: Content) -> None:
    notes = next(theme.notes for theme in content.themes if theme.title.endswith("territorio 2022-2024"))
    assert notes[-1].startswith("Non noto dove si applica: 3.8 Stazioni")


def test_relations_join_by_the_key_of_the_first(content: Content) -> None:
    relations = {one.identifier: one.columns for one in content.relations}
    assert len(relations) == len(content.relations)
    assert relations["psttm_comuni_psttm_obiettivi_comuni"] == (("municipality_code",) * 2,)
    key = tuple((name, name) for name in ("edition", "mission", "number"))
    for child in ("obiettivi_comuni", "obiettivi_attori", "obiettivi_strumenti", "driver_obiettivi"):
        assert relations[f"psttm_obiettivi_2025_2027_psttm_{child}"] == key
    assert relations["psttm_missioni_psttm_obiettivi_2025_2027"] == key[:2]
    assert relations["psttm_parole_chiave_psttm_visione"] == (("edition", "edition"), ("key_word", "key_word"))


def test_a_link_belongs_to_the_goal_it_comes_from_and_to_the_one_it_goes_to(content: Content) -> None:
    links = [one for one in content.relations if one.child == "psttm_legami_obiettivi"]
    assert [one.parent[-9:] for one in links] == ["2025_2027"] * 2 + ["2022_2024"] * 2
    assert [below for one in links[:2] for _, below in one.columns] == [
        *("from_edition", "from_mission", "from_number"),
        *("to_edition", "to_mission", "to_number"),
    ]
    for one in links:
        parent, child = (
            {placed.identifier: placed for placed in content.layers}[name] for name in (one.parent, one.child)
        )
        assert {above for above, _ in one.columns} <= set(parent.styled.layer.columns)
        assert {below for _, below in one.columns} <= set(child.styled.layer.columns)


def test_what_a_delivery_does_not_hold_is_left_out(styled: dict[str, Styled]) -> None:
    content = arrange([styled["zone_omogenee"]], Delivery())
    assert [placed.identifier for placed in content.layers] == ["psttm_zone_omogenee"]
    assert content.themes == content.relations == ()
