"""Files of other kinds: each is called by its name, with what to do about it."""

import bz2
import gzip
import io
import tarfile
from pathlib import Path

import pytest

from psttm_geo.core.errors import OsmFileError
from psttm_geo.osm._containers import BZIP2, GZIP, PBF, XML, recognise

PLAIN = b'<?xml version="1.0"?>\n<!-- drawn <node> by hand -->\n<osm version="0.6"></osm>'

BLOB = b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c"


def tar_of(content: bytes) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        entry = tarfile.TarInfo("map.osm")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return target.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "map.osm"


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (PLAIN, XML),
        (b"\xef\xbb\xbf" + PLAIN, XML),
        (b"\n  " + PLAIN, XML),
        (gzip.compress(PLAIN, mtime=0), GZIP),
        (bz2.compress(PLAIN), BZIP2),
        (BLOB, PBF),
    ],
    ids=["xml", "mark", "blanks", "gzip", "bzip2", "pbf"],
)
def test_extracts_are_known_by_their_content(file: Path, content: bytes, form: str) -> None:
    file.write_bytes(content)
    assert recognise(file) == form


@pytest.mark.parametrize(
    ("content", "named", "remedy"),
    [
        (b"", "vuoto", "indicare un estratto"),
        (b"PK\x03\x04....", "un archivio ZIP", "estrarre il file"),
        (b"7z\xbc\xaf\x27\x1c..", "un archivio 7z", "estrarre il file"),
        (b"\xfd7zXZ\x00..", "un file compresso con xz", "estrarre il file"),
        (b"\x28\xb5\x2f\xfd..", "un file compresso con zstd", "estrarre il file"),
        (tar_of(PLAIN), "un archivio tar", "estrarre il file"),
        (b"\xff\xe0\x04o5m2....", "un file o5m", "convertirlo"),
        (b"n1 v1 dV Tamenity=cafe x9.1 y45.4\n", "un file OPL", "convertirlo"),
        (b"w-7 Thighway=path Nn1,n2\n", "un file OPL", "convertirlo"),
        ("<osm/>".encode("utf-16"), "un file XML in UTF-16", "convertirlo"),
        (b'{"version": 0.6, "generator": "Overpass API 0.7", "elements": []}', "Overpass in JSON", "[out:xml]"),
        (b'\n{ "elements": [ {"type": "node"} ] }', "Overpass in JSON", "[out:xml]"),
        (b'{"type": "FeatureCollection", "features": []}', "un file GeoJSON", "indicare un estratto"),
        (b"[1, 2]", "un file JSON", "indicare un estratto"),
        (b"SQLite format 3\x00", "un GeoPackage", "indicare un estratto"),
        (b"<!DOCTYPE html>\n<html><body>503</body></html>", "una pagina web (HTML)", "scaricare di nuovo"),
        (b"<HTML><body>404</body></HTML>", "una pagina web (HTML)", "scaricare di nuovo"),
        (b"<?xml version='1.0'?><gpx version='1.1'/>", "un file XML con elemento «gpx»", "indicare un estratto"),
        (b"<osm-script><query/></osm-script>", "una richiesta per Overpass", "[out:xml]"),
        (b'<?xml version="1.0"?><osmChange version="0.6"/>', "un file di modifiche (osmChange)", "apply-changes"),
        (gzip.compress(b"<osmChange/>", mtime=0), "un file di modifiche (osmChange)", "apply-changes"),
        (gzip.compress(BLOB, mtime=0), "compresso che contiene un file .osm.pbf", "estrarre il file"),
        (gzip.compress(tar_of(PLAIN), mtime=0), "compresso che contiene un archivio tar", "estrarre il file"),
        (gzip.compress(b'{"elements": []}', mtime=0), "compresso che contiene una risposta di Overpass", "[out:xml]"),
        (bz2.compress(b"rubbish"), "compresso che contiene qualcosa", "indicare un estratto"),
    ],
)
def test_what_is_something_else_is_named(file: Path, content: bytes, named: str, remedy: str) -> None:
    file.write_bytes(content)
    with pytest.raises(OsmFileError) as refused:
        recognise(file)
    said = refused.value.text.it
    assert "map.osm non è un file di OpenStreetMap leggibile: è " in said
    assert named in said
    assert remedy in said
    assert refused.value.text.en != said


def test_the_name_of_an_element_cannot_break_the_sentence(file: Path) -> None:
    file.write_bytes(b"<a\x1b[2J" + b"x" * 300 + b"/>")
    with pytest.raises(OsmFileError) as refused:
        recognise(file)
    assert refused.value.text.it.isprintable()
    assert len(refused.value.text.it) < 400


def test_nonsense_in_a_packed_file_is_damage(file: Path) -> None:
    file.write_bytes(b"\x1f\x8b" + b"\x01" * 100)
    with pytest.raises(OsmFileError, match="troncato o danneggiato"):
        recognise(file)
