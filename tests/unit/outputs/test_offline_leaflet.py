"""Maps that draw with no internet."""

import base64
import json
import re

import folium
import pytest
from branca.colormap import LinearColormap
from branca.element import MacroElement
from folium.plugins import Fullscreen, MarkerCluster

from psttm_geo.errors import LayerContractError
from psttm_geo.outputs.maps import MapState, standalone_map, state_group, territory_map
from psttm_geo.outputs.offline_leaflet import STATIC, bundle, localise, standalone_html

LAYERS = '{"municipalities":{},"ring":{},"zones":{},"unions":{},"bounds":[[45,9],[46,10]]}'

STATE = MapState(edition="e1", language="it", selected=None, tiles=True, title="Mappa", view=None)

PREFIX = "../component/static/"


def loaded(html: str) -> list[str]:
    """List what a page loads by address."""
    return re.findall(r'<script[^>]*\ssrc="([^"]*)"|<link[^>]*\shref="([^"]*)"', html)


def test_everything_a_localised_map_loads_is_a_file_of_the_package() -> None:
    figure = territory_map()
    figure.add_child(state_group(STATE))
    addresses = ["".join(pair) for pair in loaded(localise(figure, PREFIX).get_root().render())]
    assert addresses
    assert all(address.startswith(PREFIX) for address in addresses), addresses
    assert all((STATIC / address.removeprefix(PREFIX)).is_file() for address in addresses), addresses
    assert PREFIX + "leaflet/leaflet.js" in addresses


def test_leaflet_stands_before_the_script_that_uses_it() -> None:
    addresses = ["".join(pair) for pair in loaded(localise(territory_map(), "").get_root().render())]
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
@pytest.mark.parametrize(
    "make",
    [lambda figure: localise(figure, PREFIX), lambda figure: bundle(figure, LAYERS), standalone_html],
    ids=["page", "bundle", "file"],
)
def test_a_map_that_needs_a_file_the_package_does_not_carry_is_refused(
    element: MacroElement, name: str, make: object
) -> None:
    figure = territory_map()
    figure.add_child(element)
    assert callable(make)
    with pytest.raises(LayerContractError, match=re.escape(name)):
        make(figure)


def test_an_element_inside_another_is_found() -> None:
    group = folium.FeatureGroup()
    group.add_child(MarkerCluster())
    figure = territory_map()
    figure.add_child(group)
    with pytest.raises(LayerContractError):
        localise(figure, PREFIX)


def test_a_bundle_holds_scripts_styles_images_and_layers_and_leaves_the_map_none_to_load() -> None:
    figure = territory_map()
    script = bundle(figure, LAYERS)
    assert loaded(figure.get_root().render()) == []
    assert f"window.psttmLayers = {LAYERS};" in script
    leaflet, ours = (STATIC / "leaflet/leaflet.js").read_text("utf-8"), (STATIC / "psttm_map.js").read_text("utf-8")
    assert script.index(leaflet) < script.index(ours)
    (style,) = re.findall(r'textContent = ("(?:[^"\\]|\\.)*");', script.splitlines()[0])
    assert "--psttm-style: ready" in json.loads(style)
    addresses = re.findall(r"url[(]([^)#:]+)", json.loads(style))
    assert addresses
    assert set(addresses) == {"data"}


def test_a_file_of_its_own_loads_nothing() -> None:
    html = standalone_html(standalone_map(LAYERS, [STATE], []))
    assert loaded(html) == []
    assert all(address.startswith(("data:", "#")) for address in re.findall(r"url\(['\"]?([^'\")]+)", html))
    assert "@import" not in html


def test_a_file_of_its_own_holds_scripts_styles_and_images() -> None:
    html = standalone_html(standalone_map(LAYERS, [STATE], []))
    assert "Leaflet 1.9.4" in html
    assert "window.psttm" in html
    assert "--psttm-style: ready" in html
    assert base64.b64encode((STATIC / "leaflet/images/layers.png").read_bytes()).decode() in html
