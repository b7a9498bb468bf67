"""What the pages show, loaded once per server and kept while its inputs stay the same."""

import tempfile
from pathlib import Path

import pandas as pd
import streamlit as st

from psttm_geo import workflows
from psttm_geo.outputs import maps
from psttm_geo.settings import Settings
from psttm_geo.workflows import Territory
from psttm_geo.workspace import Workspace


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


def layers() -> dict[str, pd.DataFrame]:
    """Return every layer of the territory shown, as :func:`psttm_geo.workflows.territory_layers`."""
    return _layers(_fingerprint())


def geopackage() -> bytes:
    """Return the GeoPackage of the territory shown, as ``psttm-geo build`` writes it."""
    return _geopackage(_fingerprint())


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
