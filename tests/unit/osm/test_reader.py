"""Files that are damaged, incomplete or something else: one sentence, or a result that says what was dropped."""

import bz2
import gzip
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import osmium
import pytest

from psttm_geo.core.errors import InputMissingError, OsmFileError, OutputError
from psttm_geo.osm import _blobs, _reader
from psttm_geo.osm._faults import damaged
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.network import WalkNetwork

Writer = Callable[..., Path]


@pytest.fixture
def town(write_osm: Writer) -> Path:
    """Give a street of 1 km with a point every 10 m."""
    nodes = {number: (number * 10, 0) for number in range(1, 102)}
    return write_osm(nodes, {7: (list(nodes), {"highway": "residential"})})


@pytest.fixture
def read(tag_tables: TagTables) -> Callable[[Path], WalkNetwork]:
    return lambda path: read_extract(path, tag_tables, "", territory=None).network


def as_pbf(path: Path, **options: str) -> Path:
    target = path.with_suffix(".osm.pbf")
    form = ",".join(["pbf", *(f"{name}={value}" for name, value in options.items())])
    with osmium.SimpleWriter(osmium.io.File(target, form), overwrite=True) as writer:
        osmium.apply(path, writer)
    return target


def test_all_formats_give_the_same(town: Path, read: Callable[[Path], WalkNetwork], tmp_path: Path) -> None:
    content = town.read_bytes()
    (tmp_path / "town.osm.gz").write_bytes(gzip.compress(content))
    (tmp_path / "town.osm.bz2").write_bytes(bz2.compress(content))
    files = [town, tmp_path / "town.osm.gz", tmp_path / "town.osm.bz2", as_pbf(town)]
    lengths = [read(path).length_km for path in files]
    assert lengths == [pytest.approx(1.0, abs=1e-4)] * 4
    assert len(set(lengths)) == 1


@pytest.mark.parametrize("options", [{"pbf_compression": "none"}, {"pbf_dense_nodes": "false"}])
def test_all_kinds_of_pbf_are_read(town: Path, read: Callable[[Path], WalkNetwork], options: dict[str, str]) -> None:
    assert read(as_pbf(town, **options)).length_km == pytest.approx(1.0, abs=1e-4)


def test_the_content_tells_the_format_not_the_name(
    town: Path, read: Callable[[Path], WalkNetwork], tmp_path: Path
) -> None:
    shutil.copyfile(as_pbf(town), tmp_path / "download.bin")
    assert read(tmp_path / "download.bin").edge_count == 1


def test_a_file_in_any_order_gives_the_same(town: Path, read: Callable[[Path], WalkNetwork], tmp_path: Path) -> None:
    text = town.read_text("utf-8")
    way = text[text.index("<way") : text.index("</way>") + len("</way>")]
    upside_down = tmp_path / "upside_down.osm"
    upside_down.write_text(text.replace(way, "").replace("<node", way + "<node", 1), "utf-8")
    assert read(upside_down).length_km == read(town).length_km


def test_nodes_and_ways_in_turns_give_the_same(
    write_osm: Writer, read: Callable[[Path], WalkNetwork], tmp_path: Path
) -> None:
    crossing, street = {"highway": "crossing"}, {"highway": "residential"}
    nodes = {1: (0, 0), 2: (100, 0, crossing), 3: (200, 0), 4: (300, 0, crossing), 5: (400, 0)}
    path = write_osm(nodes, {7: ([1, 2, 3], street), 8: ([3, 4, 5], street), 9: ([8, 9], street)})
    start, *objects = re.split(r"(?=<node|<way)", path.read_text("utf-8").replace("</osm>", ""))
    turned = tmp_path / "turned.osm"
    turned.write_text("".join([start, *(objects[place] for place in (5, 1, 2, 6, 3, 0, 7, 4)), "</osm>"]), "utf-8")
    expected, found = read(path).arrays(), read(turned).arrays()
    assert expected["edge_crossings"].tolist() == [1, 1]
    assert {name: values.tolist() for name, values in found.items()} == {
        name: values.tolist() for name, values in expected.items()
    }


def test_a_rule_that_looks_at_no_node(town: Path, tag_tables: TagTables) -> None:
    rule = tag_tables.walkable
    assert read_extract(
        town, replace(tag_tables, walkable=rule[rule["object"] == "way"]), "", territory=None
    ).network.length_km == pytest.approx(1.0, abs=1e-4)


def test_many_batches_give_the_same_as_one(
    town: Path, read: Callable[[Path], WalkNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read(town).length_km
    monkeypatch.setattr(_blobs, "BATCH_BYTES", 1)
    assert read(as_pbf(town)).length_km == expected


def test_more_nodes_than_the_table_has_rows(
    town: Path, read: Callable[[Path], WalkNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reader, "_TABLE_ROWS", 10)
    assert read(town).length_km == pytest.approx(1.0, abs=1e-4)


def test_a_file_that_does_not_exist(read: Callable[[Path], WalkNetwork], tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="non esiste; indicare un estratto"):
        read(tmp_path / "missing.osm.pbf")


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", b"PK\x03\x04 a zip archive", b"\x00" * 100, b"\xff" * 5000, b"SQLite format 3\x00"],
    ids=["empty", "text", "zip", "zeros", "ones", "sqlite"],
)
def test_a_file_of_something_else(read: Callable[[Path], WalkNetwork], tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(OsmFileError, match=r"other\.osm\.pbf non è un file di OpenStreetMap"):
        read(path)


@pytest.mark.parametrize("content", [b"<osm", b"\x1f\x8bno gzip", b"BZhno bzip"])
def test_xml_or_an_archive_of_something_else(
    read: Callable[[Path], WalkNetwork], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "page.osm"
    path.write_bytes(content)
    with pytest.raises(OsmFileError, match=r"page\.osm è troncato o danneggiato"):
        read(path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_truncated_pbf(town: Path, read: Callable[[Path], WalkNetwork], share: float) -> None:
    path = as_pbf(town)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(OsmFileError, match=r"(troncato o danneggiato \(si interrompe al byte \d+\)|non contiene nodi)"):
        read(path)


def test_a_pbf_with_a_damaged_blob(town: Path, read: Callable[[Path], WalkNetwork]) -> None:
    path = as_pbf(town)
    content = bytearray(path.read_bytes())
    content[-20] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(OsmFileError, match="troncato o danneggiato"):
        read(path)


def test_a_blob_that_claims_to_be_huge(town: Path, read: Callable[[Path], WalkNetwork]) -> None:
    path = as_pbf(town)
    content = path.read_bytes()
    path.write_bytes(content + b"\x00\x00\x00\x10\x0a\x07OSMData\x18\xff\xff\xff\xff\x0f")
    with pytest.raises(OsmFileError, match="troncato o danneggiato"):
        read(path)


def test_a_file_without_streets(write_osm: Writer, read: Callable[[Path], WalkNetwork]) -> None:
    with pytest.raises(OsmFileError, match="non ha strade percorribili a piedi"):
        read(write_osm({1: (0, 0), 2: (10, 0)}, {7: ([1, 2], {"waterway": "canal"})}))


def test_a_file_without_nodes(write_osm: Writer, read: Callable[[Path], WalkNetwork]) -> None:
    with pytest.raises(OsmFileError, match="non contiene nodi"):
        read(write_osm({}, {7: ([1, 2], {"highway": "path"})}))


def test_coordinates_that_are_no_numbers(town: Path, read: Callable[[Path], WalkNetwork]) -> None:
    text = town.read_text("utf-8")
    town.write_text(text.replace('lon="9.', 'lon="x9.', 1), "utf-8")
    with pytest.raises(OsmFileError, match="wrong format for coordinate"):
        read(town)


def test_a_disk_without_room_is_told_before_reading(
    town: Path, read: Callable[[Path], WalkNetwork], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reader, "FREE_BYTES", 1 << 60)
    with pytest.raises(OutputError, match="non c'è spazio per i file temporanei"):
        read(town)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_disk_that_fills_up_while_reading(
    town: Path, run_apart_python: Callable[[str], tuple[int, str, str]]
) -> None:
    """A writer of libosmium that failed would end the process when it is taken down: it must not be."""
    code, out, err = run_apart_python(
        f"""
from pathlib import Path
from osmium.io import File, Reader, ThreadPool
from psttm_geo.core.errors import OutputError
from psttm_geo.osm._faults import damaged
from psttm_geo.osm._write import write
try:
    with damaged(Path("town.osm")):
        pool = ThreadPool(1)
        write(Reader({str(town)!r}), File("/dev/full", "opl"), pool=pool)
except OutputError as error:
    print(error.text.en)
"""
    )
    assert (code, err) == (0, "")
    assert "has no room for temporary files" in out


def test_nothing_is_left_behind(
    town: Path, read: Callable[[Path], WalkNetwork], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    read(town)
    town.write_bytes(town.read_bytes()[:500])
    with pytest.raises(OsmFileError):
        read(town)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("stamp", "day"), [("2026-11-20T20:21:58Z", "2026-11-20"), ("", ""), ("1970-01-01T00:00:00Z", "")]
)
def test_the_date_of_the_data_is_what_the_header_says(
    town: Path, tag_tables: TagTables, tmp_path: Path, stamp: str, day: str
) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", stamp)
    with osmium.SimpleWriter(tmp_path / "dated.osm.pbf", header=header) as writer:
        osmium.apply(town, writer)
    extract = read_extract(tmp_path / "dated.osm.pbf", tag_tables, "sum", territory=None)
    assert extract.report.date == day
    assert extract.report.source.reference_date == day
    assert extract.report.source.licence == "ODbL 1.0"
    assert extract.report.source.attribution == "© OpenStreetMap contributors"


def test_what_the_reader_says_of_a_broken_file_stays_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OsmFileError) as refused, damaged(tmp_path / "a.osm.pbf"):
        raise RuntimeError("overlong string (0\n\x0eVia\n\x1b[2J" + "x" * 500 + ")")
    said = refused.value.text.it
    assert "«overlong string (0 Via [2Jxxx" in said
    assert said.isprintable()
    assert len(said) < 400
