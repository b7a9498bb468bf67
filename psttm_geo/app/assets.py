"""Folders that Streamlit's own server hands to the browser, as plain files over HTTP.

A declared component's folder is served under ``<base>/component/<name>/``; the map's frame lives in a sibling folder,
so a relative address reaches it also under a base path or behind a reverse proxy.
"""

import hashlib
import tempfile
from pathlib import Path

import streamlit.components.v1 as components

from psttm_geo.outputs.offline_leaflet import STATIC

_GENERATED = Path(tempfile.mkdtemp(prefix="psttm-geo-"))

_static = components.declare_component("static", path=str(STATIC))
_layers = components.declare_component("layers", path=str(_GENERATED))

STATIC_PREFIX = f"../{_static.name}/"


def publish(text: str) -> str:
    """Put a JSON text where the browser can fetch it, and return its address relative to the map's frame.

    The name is the content's hash: equal content has one address, and a browser's copy is never stale.
    """
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    path = _GENERATED / name
    if not path.exists():
        beside = path.with_suffix(".part")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    return f"../{_layers.name}/{name}"
