"""What the pages show, loaded once per server and kept while its inputs stay the same."""

import dataclasses
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, TypeVar

import geopandas as gpd
import pandas as pd
import streamlit as st

from psttm_geo import jobs
from psttm_geo.access.scenarios import Scenario
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import COMPUTED, Workspace
from psttm_geo.jobs import SiteRequest, Territory
from psttm_geo.project import Project
from psttm_geo.webmap import map_areas, maps
from psttm_geo.webmap.service_marks import scenario_key, service_points

if TYPE_CHECKING:
    from psttm_geo.jobs.access_model import AccessModel
    from psttm_geo.jobs.best_sites import Sites
    from psttm_geo.jobs.neighbourhood import Neighbourhood, Surroundings
    from psttm_geo.jobs.trials import Trial, Trials

_POINTS_KEPT = 64
"""Answers of about 200 kB."""

_TRIALS_KEPT = 32
"""Outcomes of about a megabyte."""

_CATEGORIES_KEPT = 32
"""Lists of services of up to a megabyte."""

Made = TypeVar("Made")


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


def project() -> Project:
    """Return the tables and the workspace that everything shown is made of."""
    return _project(_fingerprint(), Settings().model_dump_json())


def neighbours() -> pd.DataFrame:
    """Return pairs of neighbouring municipalities, as :func:`psttm_geo.jobs.find_neighbours`."""
    return _neighbours()


def web_layers() -> str:
    """Return the map's layers as JSON, as :func:`psttm_geo.webmap.maps.web_layers`."""
    return _web_layers(_fingerprint())


def area_shapes(layer: str, name: str) -> str:
    """Return the outlines of hexagons or own units, as :func:`psttm_geo.webmap.map_areas.area_shapes`.

    Parameters
    ----------
    layer
        Of results that the workspace has.
    name
        Its column of names.
    """
    return _area_shapes(_fingerprint(), layer, name)


def layers() -> dict[str, pd.DataFrame]:
    """Return every layer of the territory shown, as :func:`psttm_geo.jobs.territory_layers`."""
    return _layers(_fingerprint())


def geopackage() -> bytes:
    """Return the GeoPackage of the territory shown, as ``psttm-geo build`` writes it."""
    return _geopackage(_fingerprint())


def model_is_kept() -> bool:
    """Return whether the workspace keeps an access model, which a server opens in a moment."""
    return any(Workspace(Settings().workspace).cache.glob("times-*"))


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


def prepare_trials() -> None:
    """Start to load what :func:`trial` needs, in the background and once per server."""
    _trials(_fingerprint())


def trials_are_ready(*, patience_s: float = 0) -> bool:
    """Return whether :func:`trial` answers at once, after waiting for it so long at most."""
    loading = _trials(_fingerprint())
    wait([loading], patience_s)
    return loading.done()


def trial(changes: Scenario, category: str, profile: str) -> "Trial":
    """Return what a scenario changes, as :meth:`psttm_geo.jobs.trials.Trials.evaluate`.

    Raises
    ------
    PsttmError
        The scenario cannot be, or the workspace does not hold what is needed, or it cannot be used.
    """
    return _trial(_fingerprint(), scenario_key(changes), category, profile, changes)


def scenario_geopackage(changes: Scenario) -> bytes:
    """Return what a scenario changes as GeoPackage, as ``psttm-geo what-if`` writes it; errors as :func:`trial`."""
    with scratch_folder() as folder:
        path = folder / "scenario.gpkg"
        _made(_trials(_fingerprint())).write(path, changes, project())
        return path.read_bytes()


def prepare_sites(request: SiteRequest) -> None:
    """Start to look for the best places for services, in the background and once for all who ask the same."""
    _sites(_fingerprint(), repr(request), request)


def sites_are_ready(request: SiteRequest, *, patience_s: float = 0) -> bool:
    """Return whether :func:`sites` answers at once, after waiting for it so long at most."""
    looking = _sites(_fingerprint(), repr(request), request)
    wait([looking], patience_s)
    return looking.done()


def sites(request: SiteRequest) -> "Sites":
    """Return the best places for services, as :meth:`psttm_geo.jobs.trials.Trials.find_sites`.

    Raises
    ------
    PsttmError
        There can be none, or the workspace does not hold what is needed, or it cannot be used.
    """
    return _sites(_fingerprint(), repr(request), request).result()


def sites_geopackage(request: SiteRequest) -> bytes:
    """Return the best places as GeoPackage, as ``psttm-geo site`` writes it; errors as :func:`sites`."""
    with scratch_folder() as folder:
        path = folder / "siti.gpkg"
        _made(_trials(_fingerprint())).write_sites(path, sites(request), project())
        return path.read_bytes()


def services(category: str) -> pd.DataFrame:
    """Return today's services of a category, as :meth:`psttm_geo.jobs.trials.Trials.services`.

    Raises
    ------
    PsttmError
        The workspace does not hold what is needed, or it cannot be used.
    """
    return _services(_fingerprint(), category)


def services_on_map(category: str) -> str:
    """Return the same as JSON text for the map; errors as :func:`services`."""
    return _services_on_map(_fingerprint(), category)


def trial_shapes() -> str:
    """Return the outlines of the hexagons of trials, as JSON text; errors as :func:`services`."""
    return _trial_shapes(_fingerprint())


def _fingerprint() -> str:
    """Return what tells one state of the workspace from another."""
    entries = Workspace(Settings().workspace).inputs.entries
    return " ".join(f"{kind}:{entry.sha256}:{entry.state}" for kind, entry in sorted(entries.items()))


@st.cache_resource(show_spinner=False, max_entries=2)
def _territory(fingerprint: str) -> Territory:  # noqa: ARG001 - it is the key of the cache
    opened = project()
    faults = opened.workspace.inputs.faults(COMPUTED)
    territory = jobs.load_territory(opened, computed=not faults)
    return dataclasses.replace(territory, notices=(*territory.notices, *faults))


@st.cache_resource(show_spinner=False, max_entries=2)
def _project(fingerprint: str, settings: str) -> Project:  # noqa: ARG001 - they are the key of the cache
    return Project()


@st.cache_resource(show_spinner=False, max_entries=2)
def _layers(fingerprint: str) -> dict[str, pd.DataFrame]:
    return jobs.territory_layers(_territory(fingerprint))


@st.cache_resource(show_spinner=False, max_entries=2)
def _area_shapes(fingerprint: str, layer: str, name: str) -> str:
    results = _territory(fingerprint).results
    return "[]" if results is None else map_areas.area_shapes(gpd.GeoDataFrame(results.layers[layer]), name)


@st.cache_resource(show_spinner=False)
def _neighbours() -> pd.DataFrame:
    return jobs.find_neighbours(project())


@st.cache_resource(show_spinner=False, max_entries=2)
def _web_layers(fingerprint: str) -> str:
    shown = _territory(fingerprint)
    return maps.web_layers(shown.municipalities, shown.ring, shown.memberships, list(shown.zones["zone"]))


@st.cache_resource(show_spinner=False, max_entries=1)
def _geopackage(fingerprint: str) -> bytes:
    with scratch_folder() as folder:
        path = folder / "psttm.gpkg"
        jobs.write_territory(path, _territory(fingerprint))
        return path.read_bytes()


@st.cache_resource(show_spinner=False, max_entries=_POINTS_KEPT)
def _surroundings(fingerprint: str, point: tuple[float, float], profile: str) -> "Surroundings":
    return _made(_neighbourhood(fingerprint)).around(*point, profile)


@st.cache_resource(show_spinner=False, max_entries=_TRIALS_KEPT)
def _trial(fingerprint: str, key: str, category: str, profile: str, _changes: Scenario) -> "Trial":  # noqa: ARG001 - `key` is their sum
    return _made(_trials(fingerprint)).evaluate(_changes, category, profile)


@st.cache_resource(show_spinner=False, max_entries=_TRIALS_KEPT)
def _sites(fingerprint: str, key: str, _request: SiteRequest) -> "Future[Sites]":  # noqa: ARG001 - `key` is the request
    trials = _trials(fingerprint)
    return _begin("sites", lambda: trials.result().find_sites(_request))


@st.cache_resource(show_spinner=False, max_entries=_CATEGORIES_KEPT)
def _services(fingerprint: str, category: str) -> pd.DataFrame:
    return _made(_trials(fingerprint)).services(category)


@st.cache_resource(show_spinner=False, max_entries=_CATEGORIES_KEPT)
def _services_on_map(fingerprint: str, category: str) -> str:
    return service_points(_services(fingerprint, category))


@st.cache_resource(show_spinner=False, max_entries=2)
def _trial_shapes(fingerprint: str) -> str:
    return map_areas.area_shapes(_made(_trials(fingerprint)).hexagons, "hexagon")


def _made(loading: "Future[Made]") -> Made:
    try:
        return loading.result()
    except PsttmError:
        for cached in (_model, _neighbourhood, _trials):
            cached.clear()  # tried again at the next question: the workspace may have been put right
        raise


@st.cache_resource(show_spinner=False, max_entries=1)
def _model(fingerprint: str) -> "Future[AccessModel]":
    opened, shown = project(), _territory(fingerprint)

    def load() -> "AccessModel":
        from psttm_geo.jobs.access_model import load_kept_access_model  # noqa: PLC0415 - numba takes its time

        return load_kept_access_model(opened, shown)

    return _begin("ground", load)


@st.cache_resource(show_spinner=False, max_entries=1)
def _neighbourhood(fingerprint: str) -> "Future[Neighbourhood]":
    model = _model(fingerprint)

    def load() -> "Neighbourhood":
        from psttm_geo.jobs.neighbourhood import prepare_neighbourhood  # noqa: PLC0415 - as above

        return prepare_neighbourhood(model.result())

    return _begin("neighbourhood", load)


@st.cache_resource(show_spinner=False, max_entries=1)
def _trials(fingerprint: str) -> "Future[Trials]":
    model = _model(fingerprint)

    def load() -> "Trials":
        from psttm_geo.jobs.trials import Trials  # noqa: PLC0415 - as above

        return Trials(model.result())

    return _begin("trials", load)


def _begin(name: str, load: Callable[[], Made]) -> "Future[Made]":
    """Load something on a thread of its own."""
    loading: Future[Made] = Future()

    def run() -> None:
        try:
            loading.set_result(load())
        except Exception as error:  # noqa: BLE001 - whoever waits for the result gets it
            loading.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return loading
