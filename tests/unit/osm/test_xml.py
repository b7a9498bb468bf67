"""XML turned into PBF piece by piece: what is plain goes fast, what is marked is seen."""

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import osmium
import pytest
from osmium.io import ThreadPool

from psttm_geo.core.errors import OsmFileError
from psttm_geo.osm import _xml
from psttm_geo.osm._containers import BZIP2, GZIP, XML
from psttm_geo.osm._xml import convert_plain_xml, read_pieces

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="test">\n  <note>All rights</note>\n'

BODY = (
    '  <node id="1" version="3" lat="45.4600000" lon="9.1800000"/>\n'
    '  <node id="2" lat="45.4610000" lon="9.1800000">\n    <tag k="name" v="L\'Orto &gt; a &amp; b"/>\n  </node>\n'
    '  <way id="10">\n    <nd ref="1"/>\n    <nd ref="2"/>\n    <tag k="highway" v="residential"/>\n  </way>\n'
    '  <relation id="5">\n    <member type="way" ref="10" role="outer"/>\n  </relation>\n'
)

TAIL = "</osm>\n"

PLAIN = HEAD + '  <bounds minlat="45" minlon="9" maxlat="46" maxlon="10"/>\n' + BODY + TAIL


@pytest.fixture
def convert(tmp_path: Path) -> Callable[[str], tuple[bool | None, dict[str, int]]]:
    """Give what is found out about a text, and how many objects of each kind become of it."""

    def convert(text: str) -> tuple[bool | None, dict[str, int]]:
        (tmp_path / "map.osm").write_text(text, "utf-8")
        pbf = tmp_path / "map.osm.pbf"
        plain = convert_plain_xml(tmp_path / "map.osm", XML, pbf, ThreadPool(1))
        counts = {"n": 0, "w": 0, "r": 0}
        if plain is None:
            return None, counts
        for found in osmium.FileProcessor(pbf):
            counts[found.type_str()] += 1
        return plain.in_order, counts

    return convert


Convert = Callable[[str], tuple[bool | None, dict[str, int]]]


def test_plain_text_becomes_the_same_objects(convert: Convert) -> None:
    assert convert(PLAIN) == (True, {"n": 2, "w": 1, "r": 1})


def test_any_number_of_pieces_gives_the_same(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = "".join(f'<node id="{number}" lat="45.4" lon="9.1"/>' for number in range(1, 500))
    monkeypatch.setattr(_xml, "BATCH_BYTES", 100)
    assert convert(HEAD + nodes + TAIL) == (True, {"n": 499, "w": 0, "r": 0})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('<nd ref="2"/>', '<nd ref="2" />'),
        ("\n", ""),
        ("  ", "\t"),
        ('version="3"', 'version="3" visible="true" user="action=no" uid="7"'),
    ],
)
def test_ways_of_writing_that_change_nothing(convert: Convert, one: str, other: str) -> None:
    assert convert(PLAIN.replace(one, other)) == (True, {"n": 2, "w": 1, "r": 1})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('<way id="10"', '<way id="10" action="delete"'),
        ('<way id="10"', "<way id=\"10\" action='modify'"),
        ('<way id="10"', '<way id="10" visible="false"'),
        ('<node id="1"', '<node id="-1"'),
        ('<node id="1"', '<node version="2" id="1"'),
        ('<node id="1"', "<node id='1'"),
        ('<node id="1"', '<node id="+1"'),
        ('<nd ref="2"/>', '<nd ref="-2"/><nd ref="2" lat="45.4" lon="9.1"/>'),
        ('<nd ref="2"/>', '<nd lat="4" lon="9"/>'),
        ('<nd ref="2"/>', '<nd ref="2" lat="4" lon="9"/>'),
        ('<way id="10">', '<way id="10"><bounds minlat="4" minlon="9" maxlat="5" maxlon="9"/>'),
        ('<way id="10">', '<way id="10"><center lat="45.4" lon="9.1"/>'),
        (TAIL, "<remark>runtime error: too slow</remark></osm>"),
        ('  <node id="1"', '  <!-- <node id="9"/> -->  <node id="1"'),
        ('encoding="UTF-8"', 'encoding="ISO-8859-1"'),
    ],
)
def test_marks_are_seen(convert: Convert, one: str, other: str) -> None:
    text = PLAIN.replace(one, other)
    assert text != PLAIN
    assert convert(text)[0] is None


def test_marks_are_seen_in_any_piece(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = "".join(f'<node id="{number}" lat="45.4" lon="9.1"/>' for number in range(1, 500))
    monkeypatch.setattr(_xml, "BATCH_BYTES", 100)
    assert convert(HEAD + nodes + '<node id="500" visible="false"/>' + TAIL)[0] is None


@pytest.mark.parametrize("swapped", [("1", "2"), ("2", "2")], ids=["unsorted", "repeated"])
def test_identifiers_that_do_not_rise_are_seen(convert: Convert, swapped: tuple[str, str]) -> None:
    nodes = "".join(f'<node id="{number}" lat="45.4" lon="9.1"/>' for number in ("2", *swapped[:1], "7"))
    assert convert(HEAD + nodes + TAIL) == (False, {"n": 3, "w": 0, "r": 0})


def test_each_kind_has_its_own_order(convert: Convert) -> None:
    turned = (
        '<way id="9"><nd ref="1"/></way><node id="1" lat="45" lon="9"/><way id="10"/><node id="3" lat="45" lon="9"/>'
    )
    assert convert(HEAD + turned + TAIL) == (True, {"n": 2, "w": 2, "r": 0})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PLAIN.replace('k="highway"', "k=highway"), "danneggiato .*XML parsing error at line 1[0-9]"),
        (PLAIN.replace(TAIL, ""), "danneggiato .*XML parsing error"),
        (PLAIN.replace('lat="45.4600000"', 'lat="north"'), "danneggiato .*wrong format for coordinate"),
        (PLAIN.replace('version="0.6"', 'version="0.5"'), "non si legge .*version 0.5"),
    ],
)
def test_what_is_wrong_is_told_of_the_whole_file(
    convert: Convert, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    monkeypatch.setattr(_xml, "BATCH_BYTES", 200)
    with pytest.raises(OsmFileError, match=said):
        convert(text)


def test_an_object_without_end_is_refused(convert: Convert, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_xml, "BATCH_BYTES", 1 << 10)
    monkeypatch.setattr(_xml, "_LONGEST_BYTES", 1 << 14)
    with pytest.raises(OsmFileError, match="un oggetto occupa più di"):
        convert(PLAIN.replace("residential", "r" * (1 << 16)))


@pytest.mark.parametrize(("form", "pack"), [(XML, bytes), (GZIP, gzip.compress), (BZIP2, bz2.compress)])
def test_pieces_put_together_are_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(_xml, "BATCH_BYTES", 50)
    content = PLAIN.encode()
    path = tmp_path / "map"
    path.write_bytes(pack(content[:300]) + pack(content[300:]))
    pieces = list(read_pieces(path, form))
    assert b"".join(pieces) == content
    assert len(pieces) > 1
    assert all(piece.startswith((b"<node", b"<way", b"<relation")) for piece in pieces[1:])


@pytest.mark.parametrize(("form", "pack"), [(GZIP, gzip.compress), (BZIP2, bz2.compress)])
def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path, form: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "map"
    path.write_bytes(pack(PLAIN.encode())[:-20])
    with pytest.raises(OsmFileError, match="troncato o danneggiato"):
        list(read_pieces(path, form))


def test_what_follows_a_packed_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "map"
    path.write_bytes(gzip.compress(PLAIN.encode()) + bytes(64))
    assert b"".join(read_pieces(path, GZIP)) == PLAIN.encode()


ATTRIBUTE = (HEAD + '<node id="1" lat="45" lon="9"><tag k="name" v="').encode()


@pytest.mark.slow
@pytest.mark.parametrize(("form", "pack"), [(GZIP, gzip.compress), (BZIP2, bz2.compress)])
def test_what_unpacks_to_a_hundred_times_its_size_is_refused(
    tmp_path: Path, form: str, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "bomb"
    for start, again in ((ATTRIBUTE, b"a" * (1 << 20)), (HEAD.encode(), b'<node id="1" lat="45" lon="9"/>' * 35_000)):
        path.write_bytes(pack(start) + pack(again) * 66)  # both forms may be put together from packed parts
        with pytest.raises(OsmFileError, match="a più di 100 volte"):
            sum(len(piece) for piece in read_pieces(path, form))


@pytest.mark.parametrize(("form", "pack"), [(GZIP, gzip.compress), (BZIP2, bz2.compress)])
@pytest.mark.parametrize("more", [0, 1, (4 << 20) - len(HEAD + BODY + TAIL), 9 << 20])
def test_what_is_packed_well_is_read_to_its_end(
    tmp_path: Path, form: str, pack: Callable[[bytes], bytes], more: int
) -> None:
    text = (HEAD + " " * more + BODY + TAIL).encode()
    path = tmp_path / "well"
    path.write_bytes(pack(text) + pack(b"\n"))
    assert b"".join(read_pieces(path, form)) == text + b"\n"


def test_a_file_that_libosmium_has_to_judge_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "map.osm"
    broken = HEAD + '<node id="1" lat="x" lon="9"/>' + '<node id="2" lat="45" lon="9"/>' * 500_000
    path.write_bytes(broken.encode() + b'<node id="3" lat="45" lon="9"><tag k="name" v="' + b"a" * (70 << 20))
    with pytest.raises(OsmFileError, match="più di 64 MB"):
        convert_plain_xml(path, XML, tmp_path / "map.osm.pbf", ThreadPool(1))
