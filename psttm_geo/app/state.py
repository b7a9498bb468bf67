"""The state of the page: it lives in the address bar, so that a link shows the same again."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import SYNTHETIC, marked
from psttm_geo.schema.code_lists import LEVELS
from psttm_geo.webmap.maps import CLOSEST_ZOOM, Colouring, MapState

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
ACTOR = "attore"
ROLE = "ruolo"
TEXT = "testo"

DRIVER = "driver"
UNITS = "unita"
NAME = "nome"
OWN_UNITS = "proprie"
"""Stands for the office's own units, where the workspace has accessibility of them."""

HEXAGONS = "esagoni"
"""Stands for hexagons on the map; municipalities are ranked beside them."""
COVERAGE = "copertura"
DAY = "giorno"
"""As of which day a register is asked."""
SINCE = "dal"
INDICATOR = "indicatore"
BODY = "soggetto"
STATUS = "stato"
PROJECTS = "progetti"
"""Projects of which edition are counted."""
BEFORE = "prima"
AFTER = "dopo"
THEME = "tema"
SHEET = "scheda"
CATEGORY = "categoria"
PROFILE = "profilo"
REACH = "arrivo"
POINT = "punto"
SCENARIO = "scenario"
SITES = "luoghi"
"""How many places are looked for."""
AIM = "scopo"
WEIGHT = "conta"
CANDIDATES = "candidati"

PAGE = "pagina"

_VIEW = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?),(\d{1,2}(?:\.\d+)?)")

_POINTS = (
    re.compile(r"(-?\d{1,3}(?:\.\d{1,15})?)(?:[,;] {0,3}| {1,3})(-?\d{1,3}(?:\.\d{1,15})?)"),
    re.compile(r"(-?\d{1,3},\d{1,15})(?:; {0,3}|,? {1,3})(-?\d{1,3},\d{1,15})"),
)
"""Latitude and longitude as people write them: with decimal points, or with decimal commas."""

_POINT_DECIMALS = 5
"""About a metre."""

_POLE, _ANTIMERIDIAN = 90, 180

_WRITTEN = "address"

_IGNORED = "ignored"

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
    synthetic
        Whether what the pages show rests on made-up data: not of the address, but every page, map and file says it.
    """

    language: Language
    edition: str
    municipality: str | None
    tiles: bool
    view: tuple[float, float, float] | None
    table: bool
    synthetic: bool = False

    @property
    def chosen(self) -> tuple[str, ...]:
        """The code of the municipality that is chosen; empty for none."""
        return () if self.municipality is None else (self.municipality,)


def read_state(editions: Sequence[str], municipalities: Collection[str]) -> State:
    """Read the address bar; what it does not say or says wrongly takes its default."""
    st.session_state[_WRITTEN] = st.query_params.to_dict()
    st.session_state[_IGNORED] = []
    view = _read_view(st.query_params.get(VIEW, ""))
    if VIEW in st.query_params and view is None:
        ignore(VIEW)
    return State(
        language="en" if read_choice(LANGUAGE, ("it", "en")) == "en" else "it",
        edition=read_choice(EDITION, editions) or editions[-1],
        municipality=read_choice(MUNICIPALITY, municipalities),
        tiles=read_choice(BACKGROUND, (_OSM,)) is not None,
        view=view,
        table=read_choice(PANEL, (_TABLE,)) is not None,
    )


def read_choice(name: str, allowed: Collection[str]) -> str | None:
    """Read a part of the address bar; None where it is absent, or where it means nothing here, which is told."""
    asked = st.query_params.get(name)
    if asked is not None and asked not in allowed:
        ignore(name)
        return None
    return asked


def read_day(name: str) -> date | None:
    """Read a day from the address bar, as ISO 8601 writes it; None where it is absent, or none, which is told."""
    text = st.query_params.get(name)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        ignore(name)
        return None


def ignore(name: str, part: str | None = None) -> None:
    """Note that a part of the address bar, or only a part of what it says, means nothing here."""
    st.session_state[_IGNORED].append(f"{name}={st.query_params[name] if part is None else part}")


def read_ignored() -> tuple[str, ...]:
    """Return the parts of the address bar that meant nothing since :func:`read_state`."""
    return tuple(st.session_state[_IGNORED])


def _read_view(text: str) -> tuple[float, float, float] | None:
    match = _VIEW.fullmatch(text)
    if match is None:
        return None
    latitude, longitude, zoom = (float(part) for part in match.groups())
    on_earth = abs(latitude) <= _POLE and abs(longitude) <= _ANTIMERIDIAN and zoom <= CLOSEST_ZOOM
    return (latitude, longitude, zoom) if on_earth else None


def parse_point(text: str) -> tuple[float, float] | None:
    """Return latitude and longitude, in degrees, of what somebody wrote; None where it is no place on earth."""
    match = next(filter(None, (pattern.fullmatch(text.strip()) for pattern in _POINTS)), None)
    if match is None:
        return None
    latitude, longitude = (round(float(part.replace(",", ".")), _POINT_DECIMALS) for part in match.groups())
    return (latitude, longitude) if abs(latitude) <= _POLE and abs(longitude) <= _ANTIMERIDIAN else None


def say_point(point: tuple[float, float]) -> str:
    """Return a point as it stands in the address."""
    return f"{point[0]},{point[1]}"


def read_point() -> tuple[float, float] | None:
    """Read from the address bar the point that is looked around."""
    text = st.query_params.get(POINT)
    point = None if text is None else parse_point(text)
    if text is not None and point is None:
        ignore(POINT)
    return point


@dataclass(frozen=True)
class GoalFilters:
    """Which goals the page of goals lists; None or empty filters nothing.

    Attributes
    ----------
    mission
        Its number as text.
    level
        One of :data:`psttm_geo.schema.code_lists.LEVELS`: goals that mark it.
    key_word
        Its identifier: goals of the missions that the vision marks for it.
    text
        Words to look for in titles and number.
    actor, role
        Identifier of an actor that the goal's text names, and in which role: goals that name it so.
    """

    mission: str | None
    level: str | None
    key_word: str | None
    text: str
    actor: str | None = None
    role: str | None = None


def read_filters(
    missions: Collection[str], key_words: Collection[str], actors: Collection[str] = (), roles: Collection[str] = ()
) -> GoalFilters:
    """Read the filters of the page of goals from the address bar."""
    return GoalFilters(
        read_choice(MISSION, missions),
        read_choice(LEVEL, LEVELS),
        read_choice(KEY_WORD, key_words),
        st.query_params.get(TEXT, "").strip(),
        read_choice(ACTOR, actors),
        read_choice(ROLE, roles),
    )


def read_units(allowed: Collection[str]) -> str:
    """Read by which units a page shows: municipalities where the address names none, or one that only others have."""
    asked = read_choice(UNITS, ("comuni", "zone", "unioni", OWN_UNITS, HEXAGONS))
    return asked if asked is not None and asked in allowed else "comuni"


def read_page(pages: Sequence[str]) -> str:
    """Read which page the address names; the first one where it names none."""
    return read_choice(PAGE, pages) or pages[0]


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


def map_state(
    state: State, title: str, legend: Sequence[tuple[str, str]], colouring: Colouring | None = None, heading: str = ""
) -> MapState:
    """Return the part of the state that the map shows; on made-up data its title says so, and a sign on it."""
    signs = (heading, SYNTHETIC.say(state.language) if state.synthetic else "")
    return MapState(
        edition=state.edition,
        language=state.language,
        selected=state.municipality,
        tiles=state.tiles,
        title=marked(title, state.language, synthetic=state.synthetic),
        view=state.view,
        fills=colouring.fills if colouring else None,
        tips=colouring.tips if colouring else {},
        marks=colouring.marks if colouring else {},
        heading=" · ".join(filter(None, signs)),
        areas=colouring.areas if colouring else None,
        credits=colouring.credits if colouring else (),
        legend=tuple(legend),
    )
