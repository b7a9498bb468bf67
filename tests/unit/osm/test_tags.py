"""The rule of what can be walked, row by row of `walkable.csv`, and tags in bulk."""

import pandas as pd
import pyarrow as pa
import pytest

from psttm_geo.osm._selection import Condition, meets, meets_any
from psttm_geo.osm._tags import ABSENT, ANY, TagIndex, Tags, WalkRule, join_tags
from psttm_geo.osm.extract_reader import TagTables
from psttm_geo.osm.network import NOT_MAPPED, EdgeFlag, NodeFlag
from psttm_geo.schema.code_lists import SMOOTHNESS

KEYS = ("highway", "foot", "name", "isced:level", "a=b")


@pytest.fixture
def rule(tag_tables: TagTables) -> WalkRule:
    return WalkRule(tag_tables.walkable)


def tagged(keys: frozenset[str] | tuple[str, ...], *objects: str) -> tuple[TagIndex, Tags]:
    index = TagIndex(keys)
    return index, index.read(pa.array([f"T{tags.replace(' ', '%20%')}" for tags in objects], pa.string()))


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ("highway=residential", True),
        ("highway=residential,foot=no", False),
        ("highway=residential,access=private", False),
        ("highway=residential,access=private,foot=yes", True),
        ("highway=cycleway", False),
        ("highway=cycleway,foot=designated", True),
        ("highway=cycleway,segregated=no", True),
        ("highway=cycleway,segregated=yes,foot=no", False),
        ("highway=trunk", False),
        ("highway=trunk,sidewalk=both", True),
        ("highway=trunk,sidewalk=both,motorroad=yes", False),
        ("highway=motorway", False),
        ("highway=motorway,foot=yes", False),
        ("highway=construction,foot=yes", False),
        ("highway=residential,sidewalk=separate", True),
        ("highway=primary,sidewalk=no", True),
        ("highway=footway,foot=use_sidepath", False),
        ("highway=service,service=driveway", True),
        ("highway=pedestrian,area=yes", True),
        ("highway=something_new", False),
        ("highway=something_new,foot=yes", True),
        ("foot=yes", False),
        ("", False),
        ("highway=cycleway,foot=yes;designated", True),
        ("highway=service,access=customers;private", False),
        ("highway=service,access=unknown%3b%private", False),
        ("highway=service,access=private,foot=unknown; yes", True),
        ("highway=residential,foot=yes;no", False),
        ("highway=footway;steps", False),
        ("highway=footway,foot=permit", False),
        ("highway=busway", False),
        ("highway=busway,foot=yes", True),
        ("highway=busway,sidewalk=both", False),
        ("highway=rest_area", False),
        ("highway=rest_area,foot=designated", True),
        ("highway=services,foot=yes", False),
        ("railway=platform", True),
        ("public_transport=platform", True),
        ("public_transport=platform,highway=bus_stop", True),
        ("railway=platform,foot=no", False),
        ("railway=platform,access=private", False),
        ("railway=platform,access=private,foot=yes", True),
        ("railway=platform_edge", False),
        ("railway=platform_edge,public_transport=platform,foot=yes", False),
        ("railway=platform;tram", False),
        ("railway=rail,foot=yes", False),
        ("man_made=pier", True),
        ("man_made=pier,access=no", False),
        ("man_made=bridge,foot=yes", False),
        ("highway=construction,public_transport=platform", False),
        ("highway=path,sac_scale=strolling", True),
        ("highway=path,sac_scale=hiking", True),
        ("highway=path,sac_scale=mountain_hiking", False),
        ("highway=path,sac_scale=hiking;mountain_hiking", False),
        ("highway=path,sac_scale=demanding_alpine_hiking,foot=designated", False),
        ("highway=residential,construction=yes", True),
        ("highway=path,oneway=yes", True),
        ("highway=footway,foot:forward=no", True),
        ("highway=footway,foot:forward=no,foot:backward=private", False),
        ("highway=footway,foot:forward=no,foot:backward=yes", True),
        ("highway=footway,foot:forward=permit,foot:backward=use_sidepath", False),
        ("highway=footway,foot=no,foot:forward=yes", True),
        ("highway=service,access=private,foot:backward=designated", True),
        ("highway=motorway,foot:forward=yes", False),
        ("highway=residential,foot=No", False),
        ("highway=residential,access=Private; NO", False),
        ("highway=service,access=no,foot=Yes", True),
        ("highway=footway,foot=residents", False),
        ("highway=service,access=employees", False),
        ("highway=footway,access:conditional=no @ (22:00-06:00)", True),
        ("highway=footway,access:conditional=no @ (08:00-12:00)", False),
        ("highway=footway,access:conditional=no @ (08:00-12:00),foot=yes", True),
        ("highway=footway,access:conditional=no @ (wet)", True),
        ("highway=footway,access=no,access:conditional=yes @ (Mo-Fr 08:00-18:00)", True),
        ("highway=footway,access=no,foot:conditional=yes @ (day)", True),
        ("highway=footway,access=no,foot:conditional=yes @ (night)", False),
        ("highway=footway,foot=no,foot:conditional=permissive @ (day)", True),
        ("highway=footway,foot=yes,foot:conditional=no @ (Tu)", False),
    ],
)
def test_the_strongest_tag_decides(rule: WalkRule, tags: str, *, walked: bool) -> None:
    index, read = tagged(rule.way_keys, tags)
    assert rule.walkable(read, index).tolist() == [walked]


def test_classes_and_flags_of_ways(rule: WalkRule) -> None:
    index, read = tagged(
        rule.way_keys,
        "highway=steps,wheelchair=no",
        "highway=living_street",
        "highway=path,sac_scale=alpine_hiking",
        "highway=something_new,surface=gravel",
        "highway=footway,railway=platform",
        "highway=something_new,railway=platform",
        "man_made=pier,wheelchair=yes",
    )
    classes = ["steps", "living_street", "path", "", "footway", "platform", "pier"]
    assert [rule.classes[code] for code in rule.class_of(read, index)] == classes
    flags = [EdgeFlag.STEPS | EdgeFlag.WHEELCHAIR_NO, EdgeFlag.RESIDENTIAL, EdgeFlag.ROUGH, EdgeFlag.ROUGH]
    assert rule.way_flags(read, index).tolist() == [*flags, 0, 0, EdgeFlag.WHEELCHAIR_YES]


@pytest.mark.parametrize(
    ("tags", "flag"),
    [
        ("oneway:foot=yes", EdgeFlag.FORWARD),
        ("oneway:foot=1", EdgeFlag.FORWARD),
        ("oneway:foot=-1", EdgeFlag.BACKWARD),
        ("oneway:foot=no", 0),
        ("foot:backward=no", EdgeFlag.FORWARD),
        ("foot:forward=private", EdgeFlag.BACKWARD),
        ("conveying=forward", EdgeFlag.FORWARD),
        ("conveying=backward", EdgeFlag.BACKWARD),
        ("conveying=yes", 0),
        ("conveying=reversible", 0),
        ("oneway=yes", 0),
        ("oneway:foot=yes,conveying=backward", 0),
        ("oneway:foot=yes,foot:backward=no", EdgeFlag.FORWARD),
        ("oneway:foot=Yes", EdgeFlag.FORWARD),
        ("foot:backward=use_sidepath", EdgeFlag.FORWARD),
        ("foot:forward=yes", 0),
        ("foot=no,foot:forward=yes", EdgeFlag.FORWARD),
        ("access=private,foot:backward=designated", EdgeFlag.BACKWARD),
        ("foot=no,foot:forward=yes,foot:backward=yes", 0),
        ("foot=no,foot:conditional=yes @ (08:00-20:00),foot:forward=yes", 0),
    ],
)
def test_ways_walked_in_one_direction(rule: WalkRule, tags: str, flag: int) -> None:
    index, read = tagged(rule.way_keys, f"highway=footway,{tags}")
    assert rule.way_flags(read, index).tolist() == [flag]


@pytest.mark.parametrize(
    ("tags", "rough"),
    [
        ("surface=asphalt", False),
        ("surface=compacted", False),
        ("surface=gravel", True),
        ("surface=sand", True),
        ("surface=asphalt;gravel", True),
        ("surface=cobblestone", False),
        ("surface=unhewn_cobblestone", True),
        ("surface=unpaved", False),
        ("sac_scale=hiking", True),
        ("sac_scale=strolling", False),
        ("trail_visibility=no", True),
        ("trail_visibility=good", False),
        ("tracktype=grade5", False),
        ("smoothness=very_bad", False),
    ],
)
def test_rough_surfaces(rule: WalkRule, tags: str, *, rough: bool) -> None:
    index, read = tagged(rule.way_keys, f"highway=path,{tags}")
    assert rule.way_flags(read, index).tolist() == [EdgeFlag.ROUGH if rough else 0]


@pytest.mark.parametrize(
    ("tags", "flag"),
    [("level=-1", EdgeFlag.TUNNEL), ("level=-2;-1,indoor=yes", EdgeFlag.TUNNEL), ("level=-1;0", 0), ("level=1", 0)],
)
def test_what_lies_below_the_ground_is_as_a_tunnel(rule: WalkRule, tags: str, flag: int) -> None:
    index, read = tagged(rule.way_keys, f"highway=corridor,{tags}")
    assert rule.way_flags(read, index).tolist() == [flag]


def test_measures_of_ways(rule: WalkRule) -> None:
    index, read = tagged(rule.way_keys, "highway=path,width=0.5", "highway=path,incline=-12%25%", "highway=path")
    assert rule.widths_cm(read, index).tolist() == [50, NOT_MAPPED, NOT_MAPPED]
    assert rule.slopes_percent(read, index).tolist() == [NOT_MAPPED, 12, NOT_MAPPED]
    index, read = tagged(rule.way_keys, "highway=path,smoothness=good", "highway=path,smoothness=fine", "highway=path")
    assert rule.smoothness(read, index).tolist() == [SMOOTHNESS.index("good"), NOT_MAPPED, NOT_MAPPED]


@pytest.mark.parametrize(
    ("tags", "area"),
    [
        ("railway=platform", True),
        ("man_made=pier,foot=yes", True),
        ("railway=platform,area=no", False),
        ("highway=footway,public_transport=platform", False),
        ("highway=bus_stop,public_transport=platform", True),
        ("highway=rest_area,foot=yes", True),
        ("highway=pedestrian", False),
    ],
)
def test_what_is_an_area_where_it_closes(rule: WalkRule, tags: str, *, area: bool) -> None:
    index, read = tagged(rule.way_keys, tags)
    assert rule.is_area_as_ring(read, index).tolist() == [area]


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ("barrier=gate", False),
        ("barrier=bollard", False),
        ("barrier=gate,foot=no", True),
        ("barrier=gate,foot=private", True),
        ("barrier=gate,access=no", True),
        ("barrier=lift_gate,access=private", True),
        ("barrier=gate,access=private,foot=yes", False),
        ("barrier=gate,access=private,foot=designated;permissive", False),
        ("barrier=gate,access=customers;private", True),
        ("barrier=gate,access=yes,foot=no", True),
        ("barrier=gate,motor_vehicle=no", False),
        ("barrier=gate,locked=yes", True),
        ("barrier=gate,locked=yes,foot=yes", False),
        ("barrier=gate,locked=yes,access=permissive", False),
        ("barrier=gate,locked=no", False),
        ("barrier=bollard,locked=yes", False),
        ("barrier=bollard,foot=no", True),
        ("barrier=wall", True),
        ("barrier=fence", True),
        ("barrier=hedge,foot=yes", False),
        ("barrier=fence,access=yes", False),
        ("barrier=something_new", False),
        ("access=private", True),
        ("foot=no", True),
        ("barrier=gate,access:conditional=no @ (22:00-06:00)", False),
        ("barrier=gate,access=no,access:conditional=yes @ (Mo-Fr 08:00-18:00)", False),
        ("barrier=gate,foot:conditional=no @ (08:00-12:00)", True),
        ("highway=crossing,foot=no", False),
        ("railway=level_crossing,access=no", False),
        ("entrance=main,access=private", False),
        ("entrance=yes,barrier=gate,access=private", True),
        ("barrier=gate,access=Private", True),
        ("barrier=gate,foot=members", True),
        ("highway=elevator", False),
        ("highway=elevator,access=private", True),
    ],
)
def test_nodes_closed_on_foot(rule: WalkRule, tags: str, *, closed: bool) -> None:
    index, read = tagged(rule.node_keys, tags)
    assert (rule.node_flags(read, index) & NodeFlag.CLOSED > 0).tolist() == [closed]


@pytest.mark.parametrize(
    ("tags", "cm"),
    [
        ("kerb=flush", 0),
        ("kerb=no", 0),
        ("kerb=lowered", 3),
        ("kerb=raised", 4),
        ("kerb=rolled", 4),
        ("kerb=regular", 4),
        ("kerb=yes", NOT_MAPPED),
        ("barrier=kerb", NOT_MAPPED),
        ("barrier=kerb,kerb:height=0.18", 18),
        ("kerb=raised,kerb:height=2 cm", 2),
        ("kerb=lowered;raised", 4),
    ],
)
def test_heights_of_kerbs(rule: WalkRule, tags: str, cm: int) -> None:
    index, read = tagged(rule.node_keys, tags)
    assert rule.kerbs_cm(read, index).tolist() == [cm]
    assert rule.marks(read, index).tolist() == [cm != NOT_MAPPED]


def test_flags_of_nodes(rule: WalkRule) -> None:
    index, read = tagged(
        rule.node_keys,
        "highway=crossing",
        "crossing=traffic_signals",
        "crossing=no",
        "barrier=stile",
        "barrier=gate",
        "barrier=cycle_barrier,wheelchair=yes",
    )
    passable = NodeFlag.OBSTACLE | NodeFlag.WHEELCHAIR_YES
    flags = [NodeFlag.CROSSING, NodeFlag.CROSSING | NodeFlag.SIGNALS, 0, NodeFlag.OBSTACLE, 0, passable]
    assert rule.node_flags(read, index).tolist() == flags


def test_a_no_wins_over_a_yes_of_the_same_rank() -> None:
    rows = [("way", "a", "1", "1", "si", ""), ("way", "b", "1", "1", "no", ""), ("way", "highway", "x", "2", "si", "")]
    table = pd.DataFrame(rows, columns=["object", "key", "value", "rank", "verdict", "flag"])
    rule = WalkRule(table)
    index, read = tagged(rule.way_keys, "highway=x,a=1,b=1", "highway=x,a=1", "highway=x,b=1")
    assert rule.walkable(read, index).tolist() == [False, True, False]


def test_names_come_back_as_they_were_written() -> None:
    index, read = tagged(KEYS, "highway=service,name=Via%20%A%2c%%20%B%3d%C%25%", "", "a%3d%b=1,name=però")
    assert index.values(read, "name").tolist() == ["Via A, B=C%", "", "però"]
    assert index.values(read, "a=b").tolist() == ["", "", "1"]


def test_keys_not_asked_for_are_passed_over() -> None:
    index, read = tagged(KEYS, "surface=asphalt,highway=path", "surface=gravel")
    assert index.pairs == [("highway", "path")]
    assert read.owner.tolist() == [0]


def test_lists_hold_each_of_their_values() -> None:
    index, read = tagged(KEYS, "isced:level=1;2", "isced:level=2", "highway=path")
    assert index.has(read, "isced:level", "1").tolist() == [True, False, False]
    assert index.has(read, "isced:level", ANY).tolist() == [True, True, False]
    assert index.has(read, "isced:level", ABSENT).tolist() == [False, False, True]
    assert index.has(read, "foot", "yes").tolist() == [False, False, False]


def test_tags_stay_with_their_objects_when_taken_and_joined() -> None:
    index, read = tagged(KEYS, "name=a", "name=b", "name=c,highway=path")
    more = index.read(pa.array(["Tname=d"], pa.string()))
    joined = join_tags([read.take(pd.array([2, 0]).to_numpy()), more])
    assert index.values(joined, "name").tolist() == ["c", "a", "d"]
    assert join_tags([]).count == 0


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ([(("isced:level", "1"),)], [True, False, False]),
        ([(("foot", ABSENT),)], [True, False, True]),
        ([(("foot", "yes"),), (("name", "b"),)], [False, True, True]),
        ([(("foot", ANY), ("name", "a"))], [False, True, False]),
        ([], [False, False, False]),
    ],
)
def test_any_of_several_conditions_is_met_as_each_by_itself(conditions: list[Condition], met: list[bool]) -> None:
    index, tags = tagged(KEYS, "isced:level=0-2", "foot=yes,name=a", "name=b;c")
    assert meets_any(index, tags, conditions).tolist() == met
    alone = [meets(index, tags, condition).tolist() for condition in conditions]
    assert met == [any(found) for found in zip(*alone, strict=True)] or not conditions
