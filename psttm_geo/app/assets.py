"""The component that shows maps on a page, and the files that Streamlit's own server hands to it.

The maps stand in the page itself, with no frame around them: nothing has to start before they are drawn. A declared
component's folder is served under ``<base>/component/<name>/``; an address relative to the page reaches it also under a
base path or behind a reverse proxy.
"""

import contextlib
import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v1 as components

from psttm_geo.core.files import write_text
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.webmap import maps
from psttm_geo.webmap.offline_leaflet import map_module

_until_the_end = contextlib.ExitStack()

GENERATED = _until_the_end.enter_context(scratch_folder())

_MOST_PASSING = 256
"""Files of up to a few hundred kilobytes that only some visitors ask for, and only for a moment."""

_passing: dict[str, None] = {}
_passing_lock = threading.Lock()

_files = components.declare_component("files", path=str(GENERATED))

_LOADER = Path(__file__).with_name("static") / "show_maps.js"

_show = st.components.v2.component("psttm_maps", js=_LOADER.read_text("utf-8"))


def show_maps(
    states: Sequence[maps.MapState],
    layers: str,
    *,
    on_moved: Callable[[str], None],
    on_pointed: Callable[[str], None] | None = None,
    on_edited: Callable[[str], None] | None = None,
) -> str | None:
    """Show as many maps as there are states, which move together; once on a page.

    Parameters
    ----------
    states
        What each map shows.
    layers
        JSON, as :func:`psttm_geo.webmap.maps.web_layers` returns it.
    on_moved
        Is told where a person moved the maps, as in the address; empty once they are where they go by themselves.
    on_pointed
        Is told where a click was, as in the address, on maps whose state asks for it.
    on_edited
        Is told what was done to services, as ``psttm_map.js`` says it, on maps whose state allows it.

    Returns
    -------
    str or None
        Code of the municipality that was clicked on just now.
    """
    drawn_once = publish(layers, ".json")
    key = f"maps_{len(states)}_{drawn_once}"  # maps of another number or with other layers are made anew
    shown = {
        "module": publish(map_module(), ".js"),
        "layers": drawn_once,
        "options": maps.OPTIONS,
        "states": [_with_addresses(state) for state in states],
    }
    told = _show(
        key=key,
        data=shown,
        on_view_change=lambda: on_moved(st.session_state[key]["view"]),
        on_clicked_change=lambda: None,
        on_pointed_change=lambda: on_pointed(st.session_state[key]["pointed"]) if on_pointed else None,
        on_edited_change=lambda: on_edited(st.session_state[key]["edited"]) if on_edited else None,
    )
    code: str | None = told.clicked
    return code


def _with_addresses(state: maps.MapState) -> dict[str, Any]:
    """Return a state with the addresses of its areas and services in place of themselves."""
    services = state.services and publish(state.services, ".json")
    if state.areas is None:
        return {**asdict(state), "services": services}
    addresses = {
        "shapes": publish(state.areas.shapes, ".json"),
        "values": publish_passing(state.areas.values, ".json"),
        "outlined": state.areas.outlined,
    }
    return {**asdict(replace(state, areas=None)), "areas": addresses, "services": services}


def publish(text: str, suffix: str) -> str:
    """Put a text where the browser can fetch it, and return its address relative to the page.

    The name is the content's hash: equal content has one address, and a browser's copy is never stale.
    """
    name = f"{hashlib.sha256(text.encode()).hexdigest()[:16]}{suffix}"
    path = GENERATED / name
    if not path.exists():
        write_text(path, text)  # at once and beside what another visitor's page may be writing
    return f"component/{_files.name}/{name}"


def show_page(html: str, name: str, height: int) -> None:
    """Show a page of its own in a frame, which the browser gets once; its name is for screen readers."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    root = f"/{base}/" if base else "/"
    st.iframe(root + publish_passing(html, ".html"), height=height, alt=name)


def publish_passing(text: str, suffix: str) -> str:
    """Do the same for a text that is asked for at once or never: the oldest of many such files goes."""
    address = publish(text, suffix)
    with _passing_lock:
        _passing.pop(address, None)
        _passing[address] = None
        while len(_passing) > _MOST_PASSING:
            oldest = next(iter(_passing))
            del _passing[oldest]
            (GENERATED / oldest.rpartition("/")[2]).unlink(missing_ok=True)
    return address
