"""The project's XML: what stands where QGIS looks for it. That QGIS opens it is proven in tests/qgis."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from lxml import etree

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.qgis.content import arrange
from psttm_geo.delivery.qgis.layer_styles import Styled
from psttm_geo.delivery.qgis.project_file import moved, packed, project, unpacked
from psttm_geo.jobs.deliveries import describe
from psttm_geo.schema.layers import LAYERS


@pytest.fixture(scope="module")
def xml(styled: dict[str, Styled], territory: jobs.Territory) -> str:
    content = arrange(list(styled.values()), describe(territory, styled))
    return project(content, "./l'Adda & altri.gpkg", notes={}, date="2025-05-29")


@pytest.fixture(scope="module")
def root(xml: str) -> etree._Element:
    return etree.fromstring(xml)


def sources(root: etree._Element) -> dict[str, str]:
    return {layer.findtext("id", ""): layer.findtext("datasource", "") for layer in root.iter("maplayer")}


def test_layers_are_looked_for_beside_the_project(root: etree._Element) -> None:
    found = sources(root)
    assert found["psttm_comuni"] == "./l'Adda & altri.gpkg|layername=comuni"
    assert found["psttm_unioni_comuni_2022_2024"].endswith("|layername=unioni_comuni|subset=\"edizione\" = '2022-2024'")
    partial = found["psttm_obiettivi_in_parte_2025_2027"]
    assert partial.endswith("\"edizione\" = '2025-2027' AND \"ambito\" IN ('named', 'feature', 'figure')")
    assert root.findtext("properties/Paths/Absolute") == "false"


def test_the_first_theme_is_what_the_project_shows(root: etree._Element) -> None:
    checked = {one.get("id") for one in root.iter("layer-tree-layer") if one.get("checked") == "Qt::Checked"}
    (first, *_) = root.iter("visibility-preset")
    shown = {layer.get("id") for layer in first.iter("layer")}
    assert shown == {"psttm_unioni_comuni_2025_2027", "psttm_zone_omogenee", "psttm_comuni"}
    in_tree = {one.get("id") for one in root.find("layer-tree-group").iter("layer-tree-layer")}
    assert checked & in_tree >= shown


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("zona omogenea Sud Est", ", parte: zona omogenea Sud Est · fonti"),
        ("solo " * 40, ", consegna parziale · fonti"),
    ],
    ids=["short", "long"],
)
def test_sheets_say_which_part_they_are_of_in_one_line(styled: dict[str, Styled], part: str, said: str) -> None:
    content = arrange([styled["comuni"], styled["unioni_comuni"]], Delivery())
    root = etree.fromstring(project(content, "./x.gpkg", notes={}, date="2025-05-29", part=part))
    texts = {item.get("labelText") for item in root.iter("LayoutItem") if item.get("id") == "sottotitolo"}
    assert texts
    assert all(said in text for text in texts)
    assert root.findtext("title").endswith(f", parte: {part}")


def test_the_same_project_is_the_same_bytes(xml: str) -> None:
    assert packed(xml) == packed(xml)
    assert unpacked(packed(xml)) == xml


@pytest.mark.parametrize(
    ("file", "folder", "address"),
    [
        ("a/x.gpkg", "a", "./x.gpkg"),
        ("a/x.gpkg", "a/out", "../x.gpkg"),
        ("a/l'ente & C.gpkg", "b", "../a/l'ente & C.gpkg"),
        ("a/back\\1.gpkg", "a", "./back\\1.gpkg"),
    ],
)
def test_a_project_written_elsewhere_finds_the_file(
    xml: str, tmp_path: Path, file: str, folder: str, address: str
) -> None:
    there = etree.fromstring(moved(xml, tmp_path / file, tmp_path / folder))
    assert {source.partition("|")[0] for source in sources(there).values()} == {address}
    assert sources(there)["psttm_comuni"].endswith("|layername=comuni")


def test_a_sheet_of_isochrones_is_drawn_around_them(styled: dict[str, Styled]) -> None:
    layer = LAYERS["isocrone"]
    rows = {"origine": ["Duomo"], "categoria": [None], "profilo": ["adulto"], "minuti": [15]}
    area = gpd.GeoDataFrame(rows, geometry=[shapely.box(514_000, 5_034_000, 516_000, 5_036_000)], crs=METRIC)
    content = arrange([styled["comuni"], Styled(layer, layer.columns, area, {})], Delivery())
    root = etree.fromstring(project(content, "./x.gpkg", notes={}, date="2025-05-29"))
    (extent,) = root.xpath("//Layout[@name='Isocrone']/LayoutItem[@id='mappa']/Extent")
    west, south, east, north = (float(extent.get(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
    assert (west + east, south + north) == (2 * 515_000, 2 * 5_035_000)
    assert (east - west) * 1000 / 300 == pytest.approx(10_000), "300 mm of paper at 1:10.000"
    wide = area.set_geometry([shapely.box(490_000, 5_010_000, 540_000, 5_050_000)], crs=METRIC)
    content = arrange([styled["comuni"], Styled(layer, layer.columns, wide, {})], Delivery())
    maps = etree.fromstring(project(content, "./x.gpkg", notes={}, date="2025-05-29")).xpath("//Layout")
    extents = {one.find("LayoutItem[@id='mappa']/Extent").get("xmin") for one in maps}
    assert len(extents) == 1, "half of the territory is shown in the whole"
    segments = {bar.get("numUnitsPerSegment") for bar in root.iter("LayoutItem") if bar.get("id") == "scala"}
    assert segments == {"0.2"}, "two of 20 mm"


def test_the_scale_bar_of_the_territory_is_of_ten_kilometres(root: etree._Element) -> None:
    bars = [bar for bar in root.iter("LayoutItem") if bar.get("id") == "scala"]
    assert {(bar.get("numSegments"), bar.get("numUnitsPerSegment")) for bar in bars} == {("2", "5")}


def test_every_sheet_has_title_map_legend_scale_north_and_notes(root: etree._Element) -> None:
    for sheet in root.iter("Layout"):
        items = {item.get("id") for item in sheet.iter("LayoutItem")}
        assert items >= {"titolo", "sottotitolo", "mappa", "legenda", "note", "scala", "rapporto", "nord"}
        page = sheet.find("PageCollection/LayoutItem")
        assert page.get("size") == "420,297,mm"
