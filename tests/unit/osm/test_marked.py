"""Maps drawn in JOSM or saved from Overpass: what editors and servers write beside objects is understood."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from psttm_geo.core.errors import OsmFileError
from psttm_geo.osm import _marked, _xml
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.extract_records import Extract

STREET = '<tag k="highway" v="residential"/>'

LAT = 45.46

STEP = 0.001
"""Degrees from one node of the street to the next: 111 m."""


def node(identifier: int, place: float, inside: str = "", **attributes: str) -> str:
    written = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<node id='{identifier}' lat='{LAT + place * STEP:.7f}' lon='9.18'{written}>{inside}</node>"


def way(identifier: int, refs: list[int], inside: str = STREET, **attributes: str) -> str:
    written = "".join(f" {key}='{value}'" for key, value in attributes.items())
    nodes = "".join(f"<nd ref='{ref}' />" for ref in refs)
    return f"<way id='{identifier}'{written}>{nodes}{inside}</way>"


def tags(**pairs: str) -> str:
    return "".join(f"<tag k='{key}' v='{value}' />" for key, value in pairs.items())


def osm(*objects: str) -> str:
    return "\n".join(
        ["<?xml version='1.0' encoding='UTF-8'?>", "<osm version='0.6' generator='JOSM'>", *objects, "</osm>"]
    )


TOWN = (node(1, 0), node(2, 1), node(3, 2), way(10, [1, 2, 3]))


class Found(NamedTuple):
    metres: int
    edges: int
    services: list[tuple[str, str, int, str]]
    deleted: int
    older: int


@pytest.fixture
def read(tmp_path: Path, tag_tables: TagTables) -> Callable[[str], Extract]:
    def read(text: str) -> Extract:
        path = tmp_path / "map.osm"
        path.write_text(text, "utf-8")
        return read_extract(path, tag_tables, "sum", territory=None)

    return read


@pytest.fixture
def found(read: Callable[[str], Extract]) -> Callable[..., Found]:
    """Give how long the streets are in steps of 111 m, and the services, of some objects."""

    def found(*objects: str) -> Found:
        extract = read(osm(*objects))
        rows = extract.services[["category", "osm_type", "osm_id", "name"]].itertuples(index=False, name=None)
        steps = extract.network.length_km / 0.1111
        assert steps == pytest.approx(round(steps), abs=0.01)
        report = extract.report
        return Found(
            round(steps), extract.network.edge_count, sorted(rows), report.objects_deleted, report.versions_older
        )

    return found


def test_what_was_drawn_counts_with_the_identifiers_of_the_file(found: Callable[..., Found]) -> None:
    drawn = (
        node(-1, 3, action="modify"),
        node(-2, 1.5, tags(amenity="pharmacy", name="Nuova"), action="modify"),
        way(-1, [3, -1], action="modify"),
    )
    assert found(*TOWN, *drawn) == (3, 2, [("farmacia", "n", -2, "Nuova")], 0, 0)


def test_what_was_drawn_may_stand_anywhere(found: Callable[..., Found]) -> None:
    drawn = (way(-1, [3, -1]), node(-7, 9), node(-1, 3), node(-2, 1.5, tags(amenity="pharmacy")))
    assert found(*drawn, *TOWN) == (3, 2, [("farmacia", "n", -2, "")], 0, 0)


def test_a_map_of_drawn_objects_only(found: Callable[..., Found]) -> None:
    drawn = (node(-1, 0), node(-2, 1), way(-3, [-1, -2]), way(-4, [-2, -1], tags(amenity="pharmacy")))
    assert found(*drawn) == (1, 1, [("farmacia", "w", -4, "")], 0, 0)


@pytest.mark.parametrize("far", [1, 2, 99_999_999_999, 1 << 40, (1 << 62) - 1])
def test_identifiers_above_and_below_nought_stay_apart(found: Callable[..., Found], far: int) -> None:
    """One node carries the number of the other with the sign turned."""
    objects = (node(far, 0), node(-far, 1), node(3, 5), node(4, 7), way(far, [far, -far]), way(-far, [3, 4]))
    assert found(*objects)[:2] == (3, 2)


def test_a_school_drawn_as_a_relation(found: Callable[..., Found], read: Callable[[str], Extract]) -> None:
    corners = [(-300, 45.4602, 9.1802), (-301, 45.4602, 9.1806), (-302, 45.4606, 9.1806), (-303, 45.4606, 9.1802)]
    ring = "".join(f"<node id='{number}' lat='{lat}' lon='{lon}' />" for number, lat, lon in corners)
    outline = way(-400, [-300, -301, -302, -303, -300], "", action="modify")
    member = "<member type='way' ref='-400' role='outer' />"
    school = tags(type="multipolygon", amenity="school", name="Nuova", **{"isced:level": "1"})
    drawn = (*TOWN, ring, outline, f"<relation id='-500' action='modify'>{member}{school}</relation>")
    assert found(*drawn)[2] == [("scuola", "r", -500, "Nuova")]
    extract = read(osm(*drawn))
    assert extract.entrances["access"].tolist() != []
    assert extract.report.relations_incomplete == 0


@pytest.mark.parametrize("gone", [{"action": "delete"}, {"visible": "false"}, {"action": "delete", "visible": "true"}])
def test_what_was_deleted_does_not_count(found: Callable[..., Found], gone: dict[str, str]) -> None:
    pharmacy = tags(amenity="pharmacy")
    objects = (node(4, 1, pharmacy), node(5, 1, pharmacy, **gone), way(11, [1, 3], **gone))
    assert found(*TOWN, *objects) == (2, 1, [("farmacia", "n", 4, "")], 2, 0)


def test_what_was_deleted_and_has_no_place_any_more(found: Callable[..., Found]) -> None:
    assert found(*TOWN, "<node id='9' version='4' visible='false' />", "<way id='9' visible='false' />")[3] == 2


def test_of_several_versions_the_newest_counts(found: Callable[..., Found]) -> None:
    """In any order; one that was deleted in the end is no more, one that came back is there."""
    pharmacy, cafe = tags(amenity="pharmacy"), tags(amenity="cafe")
    history = (
        node(5, 1, pharmacy, version="1"),
        node(5, 1, cafe, version="2"),
        node(6, 1, cafe, version="10"),
        node(6, 1, pharmacy, version="9"),
        node(7, 1, pharmacy, version="1"),
        "<node id='7' version='2' visible='false' />",
        "<node id='8' version='2' visible='false' />",
        node(8, 2, pharmacy, version="3", visible="true"),
    )
    expected = [("farmacia", "n", 8, ""), ("ristoro", "n", 5, ""), ("ristoro", "n", 6, "")]
    assert found(*TOWN, *history) == (2, 1, expected, 1, 4)


def test_a_street_that_is_closed_in_its_newest_version(found: Callable[..., Found]) -> None:
    older = way(11, [1, 3], version="1")
    newer = way(11, [1, 3], tags(highway="proposed"), version="2")
    assert found(*TOWN, older, newer)[0] == found(*TOWN, newer, older)[0] == 2


def test_a_file_in_order_whose_versions_stand_together(found: Callable[..., Found]) -> None:
    """Nothing but a number that does not rise tells of it."""
    text = osm(*TOWN, node(4, 0, version="1"), node(4, 3, version="2"), way(11, [3, 4])).replace("'", '"')
    start, *objects = text.replace(" />", "/>").split("\n")
    assert found(*objects[1:-1])[0] == 3, start


@pytest.mark.parametrize("remark", ['runtime error: Query timed out in "query"', " RUNTIME ERROR: out of memory "])
def test_an_answer_that_was_broken_off_is_refused(read: Callable[[str], Extract], remark: str) -> None:
    with pytest.raises(OsmFileError, match=r"incompleto: Overpass ha interrotto la risposta \(«.*un'area più piccola"):
        read(osm(*TOWN, f"<remark>{remark}</remark>"))


def test_other_remarks_are_said(read: Callable[[str], Extract]) -> None:
    report = read(osm(*TOWN, "<remark> runtime remark: Timeout is\n 180 </remark>", "<remark>more</remark>")).report
    assert report.remark == "runtime remark: Timeout is 180; more"


def test_a_remark_inside_of_an_object_is_none(read: Callable[[str], Extract]) -> None:
    name = tags(amenity="pharmacy", name="runtime error")
    extract = read(osm(*TOWN, node(-4, 1, f"<remark>runtime error</remark>{name}")))
    assert extract.report.remark == ""
    assert extract.services["name"].tolist() == ["runtime error"]


def geometry(places: list[float], refs: list[int] | None = None) -> str:
    named = [""] * len(places) if refs is None else [f" ref='{ref}'" for ref in refs]
    nodes = zip(named, places, strict=True)
    return "".join(f"<nd{ref} lat='{LAT + place * STEP:.7f}' lon='9.18' />" for ref, place in nodes)


BOXES = (
    "<bounds minlat='45.46' minlon='9.17' maxlat='45.47' maxlon='9.19' />",
    "<bounds minlat='45.45' minlon='9.18' maxlat='45.46' maxlon='9.2' />",
)


@pytest.mark.parametrize(
    ("boxes", "mark", "stated"),
    [
        (BOXES[:1], "", (9.17, 45.46, 9.19, 45.47)),
        (BOXES[:1], node(4, 3, action="delete"), (9.17, 45.46, 9.19, 45.47)),
        (BOXES, "", (9.17, 45.45, 9.2, 45.47)),
        ((), "", None),
        ((), node(4, 3, action="delete"), None),
        (("<bounds minlat='45.46' />",), node(4, 3, action="delete"), None),
    ],
)
def test_the_box_that_a_file_states_is_read_marked_or_not(
    read: Callable[[str], Extract], boxes: tuple[str, ...], mark: str, stated: tuple[float, ...] | None
) -> None:
    parts = read(osm(*boxes, *TOWN, mark)).extent.table.set_index("part").geometry
    found = parts.to_crs("EPSG:4326").get("box")
    assert stated is None if found is None else found.bounds == pytest.approx(stated, abs=1e-7)


def test_coordinates_inside_of_ways_are_nodes(found: Callable[..., Found]) -> None:
    bounds = "<bounds minlat='45.46' minlon='9.18' maxlat='45.47' maxlon='9.18' />"
    one = f"<way id='10'>{bounds}{geometry([0, 1], [1, 2])}{STREET}</way>"
    other = f"<way id='11'>{bounds}{geometry([1, 3], [2, 4])}{STREET}</way>"
    assert found(one, other)[:2] == (3, 2)


@pytest.mark.parametrize("order", [1, -1])
def test_nodes_of_their_own_stand_before_coordinates_inside_of_ways(found: Callable[..., Found], order: int) -> None:
    pharmacy = node(2, 1, tags(amenity="pharmacy"))
    street = f"<way id='10'>{geometry([0, 1, 2], [1, 2, 3])}{STREET}</way>"
    assert found(*(pharmacy, street)[::order])[2] == [("farmacia", "n", 2, "")]


def test_ways_without_identifiers_of_nodes_meet_where_they_have_the_same_place(found: Callable[..., Found]) -> None:
    one, other = (f"<way id='{way}'>{geometry(places)}{STREET}</way>" for way, places in ((10, [0, 1]), (11, [1, 3])))
    assert found(one, other)[:2] == (3, 2)
    assert found(node(1, 0), one, other)[:2] == (3, 2)


def test_ways_inside_of_relations_outline_an_area(read: Callable[[str], Extract]) -> None:
    corners = [(45.4602, 9.1802), (45.4602, 9.1806), (45.4606, 9.1806), (45.4606, 9.1802), (45.4602, 9.1802)]
    nodes = [f"<nd lat='{lat}' lon='{lon}' />" for lat, lon in corners]
    members = (
        f"<member type='way' ref='20' role='outer'>{''.join(nodes[:3])}</member>"
        f"<member type='way' ref='21' role='outer'>{''.join(nodes[2:])}</member>"
    )
    school = tags(type="multipolygon", amenity="hospital", name="Grande")
    extract = read(osm(*TOWN, f"<relation id='5'><bounds minlat='45' />{members}{school}</relation>"))
    assert extract.services[["osm_type", "osm_id", "name"]].to_numpy().tolist() == [["r", 5, "Grande"]]
    assert extract.report.relations_incomplete == 0


def test_a_way_of_its_own_stands_before_the_same_one_inside_of_a_relation(found: Callable[..., Found]) -> None:
    member = f"<member type='way' ref='10' role='outer'>{geometry([0, 1, 2])}</member>"
    relation = f"<relation id='5'>{member}{tags(type='route')}</relation>"
    assert found(*TOWN, relation)[:2] == found(relation, *TOWN)[:2] == (2, 1)


def test_a_way_of_which_only_the_middle_is_known_is_refused(read: Callable[[str], Extract]) -> None:
    middle = "<center lat='45.46' lon='9.18' />"
    with pytest.raises(OsmFileError, match=r"di 2 oggetti c'è solo il centro \(out center\).*out geom"):
        read(
            osm(
                *TOWN,
                f"<way id='12'>{middle}{tags(amenity='pharmacy')}</way>",
                f"<relation id='12'>{middle}{tags(amenity='pharmacy')}</relation>",
            )
        )


def test_ways_whose_nodes_are_nowhere_are_refused_for_their_middle(read: Callable[[str], Extract]) -> None:
    with pytest.raises(OsmFileError, match="di 1 oggetti c'è solo il centro"):
        read(osm(way(12, [1, 2], f"<center lat='45.46' lon='9.18' />{STREET}")))


def test_a_middle_beside_the_nodes_changes_nothing(found: Callable[..., Found]) -> None:
    assert found(*TOWN[:3], way(10, [1, 2, 3], f"<center lat='45.46' lon='9.18' />{STREET}"))[:2] == (2, 1)


def test_names_keep_every_sign(read: Callable[[str], Extract]) -> None:
    name = "A&amp;B &lt;&quot;C&apos;&gt;, 50% =@ Città \U0001f600"
    extract = read(osm(*TOWN, node(-4, 1, tags(amenity="pharmacy", name=name))))
    assert extract.services["name"].tolist() == ["A&B <\"C'>, 50% =@ Città \U0001f600"]


def test_other_encodings_are_understood(tmp_path: Path, tag_tables: TagTables) -> None:
    text = osm(*TOWN, node(4, 1, tags(amenity="pharmacy", name="Carità"))).replace("UTF-8", "ISO-8859-1")
    (tmp_path / "map.osm").write_bytes(text.encode("latin-1"))
    extract = read_extract(tmp_path / "map.osm", tag_tables, "sum", territory=None)
    assert extract.services["name"].tolist() == ["Carità"]


def test_entities_are_refused(read: Callable[[str], Extract]) -> None:
    bomb = '<!DOCTYPE osm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    text = osm(*TOWN, node(-4, 1, tags(amenity="pharmacy", name="&b;")))
    with pytest.raises(OsmFileError, match=r"danneggiato .*entità XML «a»"):
        read(text.replace("<osm", f"{bomb}<osm", 1))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("<nd ref='2' />", "<nd ref=2 />", "il lettore dice"),
        ("</way>", "", "il lettore dice"),
        (f"lat='{LAT:.7f}'", "lat='north'", "wrong format for coordinate"),
        ("ref='2'", "ref='two'", "illegal id"),
    ],
)
def test_what_is_broken_is_one_sentence(read: Callable[[str], Extract], one: str, other: str, said: str) -> None:
    text = osm(*TOWN, node(-1, 3))
    assert one in text
    with pytest.raises(OsmFileError, match=f"troncato o danneggiato .*{said}"):
        read(text.replace(one, other))


def test_many_pieces_give_the_same_as_one(found: Callable[..., Found], monkeypatch: pytest.MonkeyPatch) -> None:
    objects = (*TOWN, node(-1, 3), way(-1, [3, -1]), node(5, 1, tags(amenity="pharmacy")))
    expected = found(*objects)
    monkeypatch.setattr(_xml, "BATCH_BYTES", 50)
    monkeypatch.setattr(_marked, "BATCH_BYTES", 50)
    assert found(*objects) == expected


def test_a_packed_file_that_was_drawn(tmp_path: Path, tag_tables: TagTables) -> None:
    path = tmp_path / "map.osm.gz"
    path.write_bytes(gzip.compress(osm(*TOWN, node(-1, 3), way(-1, [3, -1])).encode()))
    assert read_extract(path, tag_tables, "", territory=None).network.length_km == pytest.approx(3 * 0.1111, abs=1e-3)
