"""Maps that draw with no internet."""

import base64
import json
import re

import folium
import pytest
from branca.colormap import LinearColormap
from branca.element import MacroElement
from folium.plugins import Fullscreen, MarkerCluster

from psttm_geo.core.errors import LayerContractError
from psttm_geo.webmap.maps import MapState, standalone_map
from psttm_geo.webmap.offline_leaflet import STATIC, localise, map_module, standalone_html

LAYERS = '{"municipalities":{},"ring":{},"zones":{},"unions":{},"bounds":[[45,9],[46,10]]}'

STATE = MapState(edition="e1", language="it", selected=None, tiles=True, title="Mappa", view=None)


def new_map() -> folium.Map:
    return standalone_map(LAYERS, [STATE])


def loaded(html: str) -> list[str]:
    """List what a page loads by address."""
    return re.findall(r'<script[^>]*\ssrc="([^"]*)"|<link[^>]*\shref="([^"]*)"', html)


def local_addresses() -> list[str]:
    """List what a localised map loads."""
    figure = new_map()
    localise(figure)
    return ["".join(pair) for pair in loaded(figure.get_root().render())]


def test_everything_a_localised_map_loads_is_a_file_of_the_package() -> None:
    addresses = local_addresses()
    assert all((STATIC / address).is_file() for address in addresses), addresses
    assert "leaflet/leaflet.js" in addresses


def test_leaflet_stands_before_the_script_that_uses_it() -> None:
    addresses = local_addresses()
    assert addresses.index("leaflet/leaflet.js") < addresses.index("psttm_map.js")


@pytest.mark.parametrize(
    ("element", "name"),
    [
        (Fullscreen(), "Control.Fullscreen.js"),
        (MarkerCluster(), "markerclusterjs"),
        (LinearColormap(["#000000", "#FFFFFF"]), "d3"),
    ],
    ids=["plugin", "plugin with styles", "colour map, which adds its script only when rendered"],
)
@pytest.mark.parametrize("make", [localise, standalone_html])
def test_a_map_that_needs_a_file_the_package_does_not_carry_is_refused(
    element: MacroElement, name: str, make: object
) -> None:
    figure = new_map()
    figure.add_child(element)
    assert callable(make)
    with pytest.raises(LayerContractError, match=re.escape(name)):
        make(figure)


def test_an_element_inside_another_is_found() -> None:
    group = folium.FeatureGroup()
    group.add_child(MarkerCluster())
    figure = new_map()
    figure.add_child(group)
    with pytest.raises(LayerContractError):
        localise(figure)


def test_the_module_for_pages_holds_scripts_in_order_styles_and_images() -> None:
    module = map_module()
    names = ("leaflet/leaflet.js", "leaflet_sync/L.Map.Sync.js", "html_to_image/html-to-image.js", "psttm_map.js")
    starts = [module.index((STATIC / name).read_text("utf-8")) for name in names]
    assert starts == sorted(starts)
    (style,) = re.findall(r'^;export const mount = .*, ("(?:[^"\\]|\\.)*"),', module, re.MULTILINE)
    assert {".leaflet-container", ".psttm-figure"} <= set(json.loads(style).split())
    addresses = re.findall(r"url[(]([^)#:]+)", json.loads(style))
    assert addresses
    assert set(addresses) == {"data"}
    assert "@import" not in style


def test_a_file_of_its_own_loads_nothing() -> None:
    html = standalone_html(new_map())
    assert loaded(html) == []
    styles = "".join(re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL))
    assert ".leaflet-container" in styles
    assert all(address.startswith(("data:", "#")) for address in re.findall(r"url\(['\"]?([^'\")]+)", styles))
    assert "@import" not in styles


def test_a_file_of_its_own_holds_scripts_styles_and_images() -> None:
    html = standalone_html(new_map())
    assert "Leaflet 1.9.4" in html
    assert "window.psttm" in html
    assert ".psttm-zone-label {" in html
    assert base64.b64encode((STATIC / "leaflet/images/layers.png").read_bytes()).decode() in html
