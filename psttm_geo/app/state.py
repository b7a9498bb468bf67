"""The state of the page: it lives in the address bar, so that a link shows the same again."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from psttm_geo.errors import Language
from psttm_geo.model.plan import LEVELS
from psttm_geo.outputs.maps import CLOSEST_ZOOM, Colouring, MapState

EDITION = "edizione"
LANGUAGE = "lingua"
MUNICIPALITY = "comune"
BACKGROUND = "sfondo"
VIEW = "vista"
PANEL = "pannello"
GOAL = "obiettivo"
MISSION = "missione"
LEVEL = "livello"
KEY_WORD = "parola"
TEXT = "testo"

PAGE = "pagina"

_VIEW = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)")

_POLE, _ANTIMERIDIAN = 90, 180

_WRITTEN = "address"

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
    st.session_state[_WRITTEN] = asked
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


@dataclass(frozen=True)
class GoalFilters:
    """Which goals the page of goals lists; None or empty filters nothing.

    Attributes
    ----------
    mission
        Its number as text.
    level
        One of :data:`psttm_geo.model.plan.LEVELS`: goals that mark it.
    key_word
        Its identifier: goals of the missions that the vision marks for it.
    text
        Words to look for in titles and number.
    """

    mission: str | None
    level: str | None
    key_word: str | None
    text: str


def read_filters(missions: Collection[str], key_words: Collection[str]) -> GoalFilters:
    """Read the filters of the page of goals from the address bar."""
    asked = st.query_params.to_dict()
    mission, level, key_word = asked.get(MISSION), asked.get(LEVEL), asked.get(KEY_WORD)
    return GoalFilters(
        mission if mission in missions else None,
        level if level in LEVELS else None,
        key_word if key_word in key_words else None,
        asked.get(TEXT, "").strip(),
    )


def read_goal() -> tuple[int, int] | None:
    """Read the mission and number of the chosen goal from the address bar."""
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,3})", st.query_params.get(GOAL, ""))
    return (int(match[1]), int(match[2])) if match else None


def read_page(pages: Sequence[str]) -> str:
    """Read which page the address names; the first one where it names none."""
    asked = st.query_params.get(PAGE, "")
    return asked if asked in pages else pages[0]


def write_parameter(name: str, value: str | None) -> None:
    """Set a part of the address bar, or drop it."""
    if value:
        st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
    st.session_state[_WRITTEN] = st.query_params.to_dict()


def restore_address() -> None:
    """Put the address back as it was last read or written.

    A fragment that runs because the map reports brings along the address that the browser had when it reported: older
    than a change that was on its way there, and would undo it.
    """
    written = st.session_state.get(_WRITTEN)
    if written is not None and st.query_params.to_dict() != written:
        st.query_params.from_dict(written)


def write_background(*, on: bool) -> None:
    """Say in the address bar whether the background is on."""
    write_parameter(BACKGROUND, _OSM if on else None)


def write_panel(*, table: bool) -> None:
    """Say in the address bar whether the table is open."""
    write_parameter(PANEL, _TABLE if table else None)


def map_state(state: State, title: str, colouring: Colouring | None = None) -> MapState:
    """Return the part of the state that the map shows."""
    return MapState(
        edition=state.edition,
        language=state.language,
        selected=state.municipality,
        tiles=state.tiles,
        title=title,
        view=state.view,
        fills=colouring.fills if colouring else None,
        tips=colouring.tips if colouring else {},
    )
