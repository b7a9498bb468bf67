"""The folder that Streamlit's own server hands to the browser, as plain files over HTTP.

A declared component's folder is served under ``<base>/component/<name>/``; the map's frame lives in a sibling folder,
so a relative address reaches it also under a base path or behind a reverse proxy.
"""

import hashlib
import tempfile
from pathlib import Path

import folium
import streamlit.components.v1 as components
from folium.plugins import DualMap

from psttm_geo.outputs.offline_leaflet import bundle

_GENERATED = Path(tempfile.mkdtemp(prefix="psttm-geo-"))

_scripts = components.declare_component("scripts", path=str(_GENERATED))


def prepare(figure: folium.Map | DualMap, layers: str) -> folium.Map | DualMap:
    """Point a map at one script of this server, and at nothing else; the map itself is changed.

    Parameters
    ----------
    figure, layers
        As in :func:`psttm_geo.outputs.offline_leaflet.bundle`.

    Raises
    ------
    LayerContractError
        An element needs a file that this package does not carry.
    """
    figure.default_js = [("bundle", _publish(bundle(figure, layers)))]
    return figure


def _publish(script: str) -> str:
    """Put a script where the browser can fetch it, and return its address relative to the map's frame.

    The name is the content's hash: equal content has one address, and a browser's copy is never stale.
    """
    name = f"{hashlib.sha256(script.encode()).hexdigest()[:16]}.js"
    path = _GENERATED / name
    if not path.exists():
        beside = path.with_suffix(".part")
        beside.write_text(script, encoding="utf-8")
        beside.replace(path)
    return f"../{_scripts.name}/{name}"
