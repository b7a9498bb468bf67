import json
import shutil
import socket
import sqlite3
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core import gdal
from psttm_geo.core.errors import PsttmError, VectorFileError
from psttm_geo.core.vector_files import read_located
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.services.registers import read_register
from psttm_geo.territory.census import read_sections
from psttm_geo.territory.features import read_features
from psttm_geo.territory.istat import read_boundaries
from psttm_geo.territory.units import read_units

POINT = '{"type": "Feature", "properties": {"nome": "A"}, "geometry": {"type": "Point", "coordinates": [9.2, 45.4]}}'

GML = """<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY outside SYSTEM "ADDRESS">]>
<q:FeatureCollection xmlns:q="http://q" xmlns:gml="http://www.opengis.net/gml"
 xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://q ADDRESS?SERVICE=WFS&amp;VERSION=1.1.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=q:x">
<gml:featureMember><q:x gml:id="x.0"><q:far xlink:href="ADDRESS#a"/>
<q:p><gml:Point srsName="ADDRESS"><gml:pos>9 45</gml:pos></gml:Point></q:p></q:x></gml:featureMember>
</q:FeatureCollection>"""

KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document>
<NetworkLink><Link><href>ADDRESS</href></Link></NetworkLink>
<Placemark><name>A</name><styleUrl>ADDRESS#s</styleUrl><Point><coordinates>9,45</coordinates></Point></Placemark>
</Document></kml>"""

VRT = '<OGRVRTDataSource><OGRVRTLayer name="{}"><SrcDataSource>{}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'


class Listener:
    """Counts who connects, and answers nothing useful."""

    def __init__(self, listening: socket.socket) -> None:
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        self.asked = 0
        self._listening = listening

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.asked += 1
            connection.close()


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # the way out that offices open to their own servers
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Listener(listening)
        thread = threading.Thread(target=found.serve, daemon=True)
        thread.start()
        yield found
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def geojson(crs: str) -> str:
    return f'{{"type": "FeatureCollection", "crs": {crs}, "features": [{POINT}]}}'


FOREIGN = {
    "vrt.geojson": VRT.format("x", "/vsicurl/ADDRESS"),
    "gdalg.json": '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read ADDRESS ! write"}',
    "link.geojson": geojson('{"type": "link", "properties": {"href": "ADDRESS", "type": "proj4"}}'),
    "url.geojson": geojson('{"type": "url", "properties": {"url": "ADDRESS"}}'),
    "twice.geojson": geojson(
        '{"TYPE": "link", "type": "name", "properties": {"href": "ADDRESS", "name": "EPSG:4326"}}'
    ),
    "escaped.geojson": geojson('{"type": "l\\u0069nk", "properties": {"href": "ADDRESS"}}').replace("crs", "\\u0043RS"),
    "inside.geojson": geojson("null").replace(
        '"Point",', '"Point", "crs": {"type": "link", "properties": {"href": "ADDRESS"}},'
    ),
    "next.geojson": geojson("null").replace("features", 'links": [{"rel": "next", "href": "ADDRESS"}], "features'),
    "a.gml": GML,
    "a.kml": KML,
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("packed", [False, True])
def test_nothing_that_a_file_points_to_is_asked(listener: Listener, tmp_path: Path, name: str, *, packed: bool) -> None:
    path = tmp_path / name
    text = FOREIGN[name].replace("ADDRESS", listener.address)
    if packed:
        path = tmp_path / "packed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(name, text)
    else:
        path.write_text(text)
    try:
        read_located(path)
    except VectorFileError as error:
        assert len(error.text.it.splitlines()) == 1  # noqa: PT017 - some are read, some are refused: both will do
    assert listener.asked == 0


def test_an_address_in_place_of_a_crs_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(FOREIGN["link.geojson"])
    with pytest.raises(VectorFileError, match="un indirizzo in rete"):
        read_located(path)
    path.write_text(geojson('{"type": "name", "properties": {"name": "EPSG:32632", "url": "x", "link": "y"}}'))
    assert len(read_located(path).rows) == 1
    path.write_text(geojson("null").replace('"nome": "A"', '"crs": {"a": 1}, "type": "link", "url": "http://x"'))
    assert len(read_located(path).rows) == 1


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Write a file that nobody has named."""
    path = tmp_path / "elsewhere" / "secret.gpkg"
    path.parent.mkdir()
    rows = gpd.GeoDataFrame({"nome": ["A"]}, geometry=[shapely.Point(514_000, 5_034_000).buffer(9)], crs="EPSG:32632")
    pyogrio.write_dataframe(rows, path, layer="secret")
    return path


NOBODY = pd.DataFrame({"municipality_code": ["015146"], "municipality": ["Milano"]})

PREDECESSORS = pd.DataFrame(columns=["municipality_code", "municipality", "successor_code", "successor"])

READERS: dict[str, Callable[[Path], object]] = {
    "stations": read_features,
    "units": read_units,
    "boundaries": lambda path: read_boundaries(path, NOBODY, PREDECESSORS),
    "census": lambda path: read_sections([path], NOBODY, PREDECESSORS),
    "registers": lambda path: read_register(path, [], None, []),  # type: ignore[arg-type] - nothing is read so far
    "delivery": read_geopackage,
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.vrt", "a.shp"])
def test_another_file_is_not_read(secret: Path, tmp_path: Path, reader: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(VRT.format("secret", secret))
    for suffix in (".dbf", ".shx", ".prj"):
        (tmp_path / f"a{suffix}").write_bytes(b"")
    with pytest.raises(PsttmError) as error:
        READERS[reader](path)
    assert "secret" not in error.value.text.it


def test_views_and_foreign_tables_of_a_geopackage_are_not_followed(listener: Listener, secret: Path) -> None:
    table = f"CREATE VIRTUAL TABLE w USING VirtualOGR(''{secret}'')"
    for statement in (
        f"CREATE VIEW w AS SELECT 1 AS fid, gdal_get_pixel_value('/vsicurl/{listener.address}', 1, 'pixel', 1, 1) AS b",
        "CREATE VIEW w AS SELECT 1 AS fid, load_extension('x.so') AS b",
        f"INSERT INTO sqlite_master VALUES ('table', 'w', 'w', 0, '{table}')",  # noqa: S608 - our own
    ):
        path = secret.with_name("view.gpkg")
        shutil.copyfile(secret, path)
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute(statement)
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('w', 'attributes', 'w')"
            )
        connection.close()
        with pytest.raises(VectorFileError):
            read_located(path)
    assert listener.asked == 0


def test_named_drivers_are_left_and_no_other() -> None:
    gdal.confine()
    assert set(pyogrio.list_drivers()) == set(gdal.DRIVERS)


def test_long_json_without_a_crs_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", None)
    path = tmp_path / "a.geojson"
    path.write_text(geojson("null").replace("crs", "url"))
    assert len(read_located(path).rows) == 1
