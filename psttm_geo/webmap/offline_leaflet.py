"""Maps that draw with no internet: Leaflet from this package, and an error for anything that is not here.

folium names its scripts and styles by address on public servers; on a closed network a single missing one leaves the
map blank without a word. Every element of a map is therefore pointed at a local copy before it is shown.
"""

import base64
import json
import mimetypes
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import folium
from branca.colormap import ColorMap
from folium.elements import JSCSSMixin
from folium.plugins import DualMap

from psttm_geo.core.errors import LayerContractError
from psttm_geo.core.messages import gettext

STATIC = Path(__file__).with_name("static")
"""Leaflet 1.9.4 (BSD-2-Clause), Leaflet.Sync 0.2.4 (BSD-3-Clause) and html-to-image 1.11.13 (MIT), from their npm
packages, and our own script.
"""

_LOCAL = {
    "leaflet": "leaflet/leaflet.js",
    "leaflet_css": "leaflet/leaflet.css",
    "Leaflet.Sync": "leaflet_sync/L.Map.Sync.js",
    "html-to-image": "html_to_image/html-to-image.js",
    "psttm_map": "psttm_map.js",
    "psttm_map_css": "psttm_map.css",
}

_COLOUR_MAP = ("d3", "branca.colormap")
"""A script that colour maps load without naming it as other elements do."""

_NOT_NEEDED = {
    "jquery",
    "bootstrap",
    "bootstrap_css",
    "awesome_markers",
    "awesome_markers_css",
    "awesome_markers_font_css",
    "awesome_rotate_css",
    "glyphicons_css",
}
"""What folium loads for popups and icon markers, which our maps do not use."""


def localise(figure: folium.Map | DualMap) -> None:
    """Point every script and style of a finished map at the copies in :data:`STATIC`; the map itself is changed.

    Raises
    ------
    LayerContractError
        An element needs a file that this package does not carry.
    """
    for element in _walk(figure.get_root()):
        if isinstance(element, ColorMap):
            raise _not_carried(*_COLOUR_MAP)
        if isinstance(element, JSCSSMixin):
            element.default_js = _local_files(element.default_js)
            element.default_css = _local_files(element.default_css)


@cache
def map_module() -> str:
    """Return Leaflet, its styles and our own script as one JavaScript module, for maps in a page.

    Its function ``mount`` puts maps into an element of the page, as ``psttm_map.js`` says.
    """
    style = "".join(_style_text(_LOCAL[name]) for name in ("leaflet_css", "psttm_map_css"))
    scripts = [
        (STATIC / _LOCAL[name]).read_text("utf-8") for name in ("leaflet", "Leaflet.Sync", "html-to-image", "psttm_map")
    ]
    mount = f"export const mount = (parent, ...others) => psttm.mount(parent, {json.dumps(style)}, ...others);"
    return "\n;".join([*scripts, mount])


def standalone_html(figure: folium.Map | DualMap) -> str:
    """Return a map as one HTML text that draws with no other file and no network; the map itself is changed.

    Raises
    ------
    LayerContractError
        An element needs a file that this package does not carry.
    """
    localise(figure)
    html: str = figure.get_root().render()
    html = re.sub(r'<script src="([^"]+)"></script>', lambda match: _inline_script(match[1]), html)
    return re.sub(r'<link rel="stylesheet" href="([^"]+)"\s*/>', lambda match: _inline_style(match[1]), html)


def _walk(element: Any) -> Iterator[Any]:  # noqa: ANN401 - folium's elements have no common type
    yield element
    for child in element._children.values():  # noqa: SLF001 - folium offers no other way to its children
        yield from _walk(child)


def _local_files(files: list[tuple[str, str]]) -> list[tuple[str, str]]:
    local = []
    for name, address in files:
        if name in _LOCAL:
            local.append((name, _LOCAL[name]))
        elif name not in _NOT_NEEDED:
            raise _not_carried(name, address)
    return local


def _not_carried(name: str, address: str) -> LayerContractError:
    return LayerContractError(
        gettext("The map asks for “{name}” ({address}), which the package does not carry.", name=name, address=address)
    )


def _inline_script(name: str) -> str:
    text = (STATIC / name).read_text("utf-8").replace("</script", "<\\/script")
    return f"<script>{text}</script>"


def _inline_style(name: str) -> str:
    return f"<style>{_style_text(name)}</style>"


def _style_text(name: str) -> str:
    """Return a style sheet with its images inside."""
    folder = (STATIC / name).parent

    def inline(match: re.Match[str]) -> str:
        file = folder / match[1]
        kind = mimetypes.guess_type(file.name)[0]
        return f"url(data:{kind};base64,{base64.b64encode(file.read_bytes()).decode('ascii')})"

    return re.sub(r"url[(]([^)#:]+)[)]", inline, (STATIC / name).read_text("utf-8"))
