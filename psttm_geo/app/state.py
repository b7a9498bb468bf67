"""The state of the page: it lives in the address bar, so that a link shows the same again."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from psttm_geo.errors import Language
from psttm_geo.outputs.maps import CLOSEST_ZOOM, MapState

EDITION = "edizione"
LANGUAGE = "lingua"
MUNICIPALITY = "comune"
BACKGROUND = "sfondo"
VIEW = "vista"
PANEL = "pannello"

_VIEW = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)")

_POLE, _ANTIMERIDIAN = 90, 180

_OSM = "osm"

_TABLE = "tabella"


@dataclass(frozen=True)
class State:
    """What the address bar says.

    Attributes
    ----------
    language, edition
        In force; the latest edition where the address names none.
    municipality
        Code of the one chosen, or None.
    tiles
        Whether the OpenStreetMap background is on.
    view
        Latitude, longitude and zoom of the map, or None.
    table
        Whether the table is open beside the map, in place of the card.
    ignored
        Parts of the address that mean nothing here.
    """

    language: Language
    edition: str
    municipality: str | None
    tiles: bool
    view: tuple[float, float, float] | None
    table: bool
    ignored: tuple[str, ...]


def read_state(editions: Collection[str], municipalities: Collection[str]) -> State:
    """Read the address bar; what it does not say or says wrongly takes its default, and is told apart."""
    asked = st.query_params.to_dict()
    allowed = {
        EDITION: editions,
        MUNICIPALITY: municipalities,
        LANGUAGE: ("it", "en"),
        BACKGROUND: (_OSM,),
        PANEL: (_TABLE,),
    }
    known = {name: asked[name] for name, values in allowed.items() if asked.get(name) in values}
    view = _read_view(asked.get(VIEW, ""))
    ignored = [name for name in allowed if name in asked and name not in known]
    ignored += [VIEW] if VIEW in asked and view is None else []
    return State(
        language="en" if known.get(LANGUAGE) == "en" else "it",
        edition=known.get(EDITION, list(editions)[-1]),
        municipality=known.get(MUNICIPALITY),
        tiles=BACKGROUND in known,
        view=view,
        table=PANEL in known,
        ignored=tuple(f"{name}={asked[name]}" for name in ignored),
    )


def _read_view(text: str) -> tuple[float, float, float] | None:
    match = _VIEW.fullmatch(text)
    if match is None:
        return None
    latitude, longitude, zoom = (float(part) for part in match.groups())
    on_earth = abs(latitude) <= _POLE and abs(longitude) <= _ANTIMERIDIAN and zoom <= CLOSEST_ZOOM
    return (latitude, longitude, zoom) if on_earth else None


def write_parameter(name: str, value: str | None) -> None:
    """Set a part of the address bar, or drop it."""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def write_background(*, on: bool) -> None:
    """Say in the address bar whether the background is on."""
    write_parameter(BACKGROUND, _OSM if on else None)


def write_panel(*, table: bool) -> None:
    """Say in the address bar whether the table is open."""
    write_parameter(PANEL, _TABLE if table else None)


def map_state(state: State, title: str) -> MapState:
    """Return the part of the state that the map shows."""
    return MapState(
        edition=state.edition,
        language=state.language,
        selected=state.municipality,
        tiles=state.tiles,
        title=title,
        view=state.view,
    )
