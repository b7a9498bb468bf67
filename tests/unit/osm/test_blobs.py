"""Blobs of PBF files packed in all the ways that the format knows."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import osmium
import pyarrow as pa
import pytest

from psttm_geo.core.errors import OsmFileError
from psttm_geo.osm._blobs import read_batches
from psttm_geo.osm.extract_reader import TagTables, read_extract
from psttm_geo.osm.network import WalkNetwork

SIZE, ZLIB, LZMA, BZIP2, LZ4, ZSTD = 0x10, 0x1A, 0x22, 0x2A, 0x32, 0x3A


@pytest.fixture
def pbf(write_osm: Callable[..., Path], tmp_path: Path) -> Path:
    """Give a street of 1 km with a point every 10 m, whose blobs are not packed."""
    nodes = {number: (number * 10, 0) for number in range(1, 102)}
    town = write_osm(nodes, {7: (list(nodes), {"highway": "residential"})})
    with osmium.SimpleWriter(osmium.io.File(tmp_path / "town.osm.pbf", "pbf,pbf_compression=none")) as writer:
        osmium.apply(town, writer)
    return tmp_path / "town.osm.pbf"


@pytest.fixture
def read(tag_tables: TagTables) -> Callable[[Path], WalkNetwork]:
    return lambda path: read_extract(path, tag_tables, "", territory=None).network


def number(value: int) -> bytes:
    parts = []
    while value > 127:
        parts.append(value % 128 + 128)
        value //= 128
    return bytes([*parts, value])


def field(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + number(len(content)) + content


def repack(path: Path, blob: Callable[[bytes], bytes]) -> Path:
    """Write each blob anew; `blob` takes the content and gives the message."""
    content, place, parts = path.read_bytes(), 0, []
    while place < len(content):
        head_size = int.from_bytes(content[place : place + 4], "big")
        head = content[place + 4 : place + 4 + head_size]
        kind = b"OSMHeader" if b"OSMHeader" in head else b"OSMData"
        size = _read_number(head[head.index(b"\x18") + 1 :])[0]
        start = place + 4 + head_size
        data = content[start : start + size]
        length, used = _read_number(data[1:])
        assert data[0] == 0x0A, "the blobs are not packed"
        message = blob(data[1 + used : 1 + used + length])
        renewed = field(0x0A, kind) + b"\x18" + number(len(message))
        parts.append(len(renewed).to_bytes(4, "big") + renewed + message)
        place = start + size
    path.write_bytes(b"".join(parts))
    return path


def _read_number(data: bytes) -> tuple[int, int]:
    value = 0
    for place, sign in enumerate(data):
        value += (sign % 128) << 7 * place
        if sign < 128:
            return value, place + 1
    raise AssertionError


def sized(content: bytes) -> bytes:
    return bytes([SIZE]) + number(len(content))


@pytest.mark.parametrize(
    "blob",
    [
        lambda content: field(0x0A, content),
        lambda content: field(0x0A, content) + sized(content),
        lambda content: sized(content) + field(ZLIB, zlib.compress(content)),
        lambda content: field(ZLIB, zlib.compress(content)) + sized(content),
        lambda content: field(ZLIB, zlib.compress(content)),
        lambda content: sized(content) + field(LZMA, lzma.compress(content)),
        lambda content: sized(content) + field(LZMA, lzma.compress(content, lzma.FORMAT_ALONE)),
        lambda content: sized(content) + field(BZIP2, bz2.compress(content)),
        lambda content: sized(content) + field(LZ4, pa.Codec("lz4_raw").compress(content, asbytes=True)),
        lambda content: sized(content) + field(ZSTD, pa.Codec("zstd").compress(content, asbytes=True)),
        lambda content: field(ZSTD, pa.Codec("zstd").compress(content, asbytes=True)),
    ],
    ids=["raw", "raw sized", "zlib", "size last", "zlib unsized", "xz", "lzma", "bzip2", "lz4", "zstd", "zstd unsized"],
)
def test_all_ways_of_packing_give_the_same(
    pbf: Path, read: Callable[[Path], WalkNetwork], blob: Callable[[bytes], bytes]
) -> None:
    assert read(repack(pbf, blob)).length_km == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(("tag", "name"), [(LZMA, "lzma"), (BZIP2, "bzip2"), (LZ4, "lz4"), (ZSTD, "zstd")])
def test_a_blob_that_cannot_be_unpacked_says_how_it_is_packed(
    pbf: Path, read: Callable[[Path], WalkNetwork], tag: int, name: str
) -> None:
    repack(pbf, lambda content: sized(content) + field(tag, b"no such thing" * 9))
    with pytest.raises(OsmFileError, match=f"danneggiato \\(un blocco compresso con {name} non si legge"):
        read(pbf)


def test_a_blob_that_unpacks_to_more_than_the_format_allows(pbf: Path, read: Callable[[Path], WalkNetwork]) -> None:
    huge = zlib.compress(bytes(40 << 20))
    with pytest.raises(OsmFileError, match="usa una parte del formato che qui non si legge"):
        read(repack(pbf, lambda _: field(ZLIB, huge)))


@pytest.mark.parametrize("tag", [ZLIB, BZIP2])
def test_a_blob_that_says_the_same_over_and_over_is_refused(
    pbf: Path, read: Callable[[Path], WalkNetwork], tag: int
) -> None:
    pack = {ZLIB: zlib.compress, BZIP2: bz2.compress}[tag]

    def swell(content: bytes) -> bytes:
        swollen = content + field(0x7A, bytes(1 << 20))  # a field that nobody knows
        return bytes([SIZE]) + number(len(swollen)) + field(tag, pack(swollen))

    with pytest.raises(OsmFileError, match="più di 50 volte"):
        read(repack(pbf, swell))


def test_a_feature_that_is_not_known_is_named(pbf: Path, read: Callable[[Path], WalkNetwork]) -> None:
    header = field(0x22, b"OsmSchema-V0.6") + field(0x22, b"Curves")
    content = pbf.read_bytes()
    repack(pbf, lambda _: field(0x0A, header))
    pbf.write_bytes(pbf.read_bytes()[:200] + content)
    with pytest.raises(
        OsmFileError, match=r"usa una parte del formato che qui non si legge \(il lettore dice .*Curves"
    ):
        read(pbf)


def test_batches_say_how_far_they_come(pbf: Path) -> None:
    places = [place for _, place in read_batches(pbf, pbf)]
    assert places == sorted(places)
    assert places[-1] == pbf.stat().st_size


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("text", [b"resi\0ential", b"residenti\n\0"])
def test_a_null_character_in_a_text_is_refused(
    pbf: Path, read: Callable[[Path], WalkNetwork], text: bytes, *, pack: bool
) -> None:
    def spoil(content: bytes) -> bytes:
        spoilt = content.replace(b"residential", text)
        return sized(spoilt) + field(ZLIB, zlib.compress(spoilt)) if pack else field(0x0A, spoilt)

    with pytest.raises(OsmFileError, match="un testo contiene un carattere nullo"):
        read(repack(pbf, spoil))


def test_texts_that_stand_behind_the_objects_are_looked_at_too(pbf: Path, read: Callable[[Path], WalkNetwork]) -> None:
    def turn(content: bytes) -> bytes:
        if b"residential" not in content:
            return field(0x0A, content)
        size, used = _read_number(content[1:])
        end = 1 + used + size
        return field(0x0A, content[end:] + content[:end].replace(b"residential", b"resi\0ential"))

    with pytest.raises(OsmFileError, match="un testo contiene un carattere nullo"):
        read(repack(pbf, turn))


def test_a_newline_before_an_empty_text_is_none(pbf: Path, read: Callable[[Path], WalkNetwork]) -> None:
    renamed = repack(pbf, lambda content: field(0x0A, content.replace(b"\n\x0bresidential", b"\n\x09footway\n\n\n\0")))
    with pytest.raises(OsmFileError) as error:
        read(renamed)
    assert "carattere nullo" not in error.value.text.it
