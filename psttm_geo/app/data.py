"""What the pages show, loaded once per server and kept while its inputs stay the same."""

import tempfile
import threading
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import streamlit as st

from psttm_geo import workflows
from psttm_geo.errors import PsttmError
from psttm_geo.outputs import hexagons, maps
from psttm_geo.settings import Settings
from psttm_geo.workflows import Territory
from psttm_geo.workspace import Workspace

if TYPE_CHECKING:
    from psttm_geo.workflows.neighbourhood import Neighbourhood, Surroundings

_POINTS_KEPT = 64
"""Answers of about 200 kB."""


def warm_up() -> None:
    """Load what every visitor needs.

    Raises
    ------
    PsttmError
        The tables or the workspace cannot be used.
    """
    territory()
    web_layers()
    neighbours()


def territory() -> Territory:
    """Return the territory of the workspace.

    Raises
    ------
    PsttmError
        The tables or the workspace cannot be used.
    """
    return _territory(_fingerprint())


def neighbours() -> pd.DataFrame:
    """Return pairs of neighbouring municipalities, as :func:`psttm_geo.workflows.find_neighbours`."""
    return _neighbours()


def web_layers() -> str:
    """Return the map's layers as JSON, as :func:`psttm_geo.outputs.maps.web_layers`."""
    return _web_layers(_fingerprint())


def hexagon_shapes() -> str:
    """Return the outlines of the hexagons of accessibility, as JSON text; of none where nothing was computed."""
    return _hexagon_shapes(_fingerprint())


def layers() -> dict[str, pd.DataFrame]:
    """Return every layer of the territory shown, as :func:`psttm_geo.workflows.territory_layers`."""
    return _layers(_fingerprint())


def geopackage() -> bytes:
    """Return the GeoPackage of the territory shown, as ``psttm-geo build`` writes it."""
    return _geopackage(_fingerprint())


def prepare_surroundings() -> None:
    """Start to load what :func:`surroundings` needs, in the background and once per server."""
    _neighbourhood(_fingerprint())


def surroundings_are_ready(*, patience_s: float = 0) -> bool:
    """Return whether :func:`surroundings` answers at once, after waiting for it so long at most."""
    loading = _neighbourhood(_fingerprint())
    wait([loading], patience_s)
    return loading.done()


def surroundings(point: tuple[float, float], profile: str) -> "Surroundings":
    """Return what is reached on foot from a point; the first question waits until streets and residents are loaded.

    Raises
    ------
    PlaceError
        The point is too far from every street.
    PsttmError
        The workspace does not hold what is needed, or it cannot be used.
    """
    return _surroundings(_fingerprint(), point, profile)


def _fingerprint() -> str:
    """Return what tells one state of the workspace from another."""
    inputs = Workspace(Settings().workspace).inputs
    return " ".join(f"{kind}:{entry.sha256}" for kind, entry in sorted(inputs.items()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _territory(fingerprint: str) -> Territory:  # noqa: ARG001 - it is the key of the cache
    return workflows.load_territory(Settings())


@st.cache_resource(show_spinner=False, max_entries=2)
def _layers(fingerprint: str) -> dict[str, pd.DataFrame]:
    return workflows.territory_layers(_territory(fingerprint))


@st.cache_resource(show_spinner=False, max_entries=2)
def _hexagon_shapes(fingerprint: str) -> str:
    results = _territory(fingerprint).results
    layer = None if results is None else results.layers.get("accessibilita_esagoni")
    return "[]" if layer is None else hexagons.hexagon_shapes(gpd.GeoDataFrame(layer))


@st.cache_resource(show_spinner=False)
def _neighbours() -> pd.DataFrame:
    return workflows.find_neighbours(Settings())


@st.cache_resource(show_spinner=False, max_entries=2)
def _web_layers(fingerprint: str) -> str:
    shown = _territory(fingerprint)
    return maps.web_layers(shown.municipalities, shown.ring, shown.memberships, list(shown.zones["zone"]))


@st.cache_resource(show_spinner=False, max_entries=1)
def _geopackage(fingerprint: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "psttm.gpkg"
        workflows.write_territory(path, _territory(fingerprint))
        return path.read_bytes()


@st.cache_resource(show_spinner=False, max_entries=_POINTS_KEPT)
def _surroundings(fingerprint: str, point: tuple[float, float], profile: str) -> "Surroundings":
    try:
        ready = _neighbourhood(fingerprint).result()
    except PsttmError:
        _neighbourhood.clear()  # tried again at the next question: the workspace may have been put right
        raise
    return ready.around(*point, profile)


@st.cache_resource(show_spinner=False, max_entries=1)
def _neighbourhood(fingerprint: str) -> "Future[Neighbourhood]":
    settings, shown = Settings(), _territory(fingerprint)
    loading: Future[Neighbourhood] = Future()

    def load() -> None:
        from psttm_geo.workflows.neighbourhood import load_neighbourhood  # noqa: PLC0415 - numba takes its time

        try:
            loading.set_result(load_neighbourhood(settings, shown))
        except Exception as error:  # noqa: BLE001 - whoever waits for the result gets it
            loading.set_exception(error)

    threading.Thread(target=load, name="neighbourhood", daemon=True).start()
    return loading
