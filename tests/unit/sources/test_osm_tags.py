"""The rule of what can be walked, row by row of `walkable.csv`, and tags in bulk."""

import pandas as pd
import pyarrow as pa
import pytest

from psttm_geo.model.network import EdgeFlag, NodeFlag
from psttm_geo.sources._osm_tags import ABSENT, ANY, TagIndex, Tags, WalkRule, join_tags
from psttm_geo.sources.osm_extract import TagTables

KEYS = ("highway", "foot", "name", "isced:level", "a=b")


@pytest.fixture
def rule(tag_tables: TagTables) -> WalkRule:
    return WalkRule(tag_tables.walkable)


def tagged(keys: frozenset[str] | tuple[str, ...], *objects: str) -> tuple[TagIndex, Tags]:
    index = TagIndex(keys)
    return index, index.read(pa.array([f"T{tags}" for tags in objects], pa.string()))


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
    )
    assert [rule.classes[code] for code in rule.class_of(read, index)] == ["steps", "living_street", "path", ""]
    flags = [EdgeFlag.STEPS | EdgeFlag.WHEELCHAIR_NO, EdgeFlag.RESIDENTIAL, EdgeFlag.ROUGH, EdgeFlag.ROUGH]
    assert rule.way_flags(read, index).tolist() == flags


def test_flags_of_nodes(rule: WalkRule) -> None:
    index, read = tagged(
        rule.node_keys, "highway=crossing", "crossing=traffic_signals", "crossing=no", "barrier=stile", "barrier=gate"
    )
    flags = [NodeFlag.CROSSING, NodeFlag.CROSSING | NodeFlag.SIGNALS, 0, NodeFlag.OBSTACLE, 0]
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
