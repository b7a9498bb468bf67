"""What surrounds a point that a visitor chose: drawn on the map, told beside it."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from psttm_geo.access.profiles import BY_DEFAULT
from psttm_geo.access.travel_times import BY_AGE
from psttm_geo.app import cards, controls, data, map_panel
from psttm_geo.app.download_button import offer, offer_table
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import (
    POINT,
    State,
    map_state,
    parse_point,
    read_point,
    restore_address,
    say_point,
    write_parameter,
)
from psttm_geo.app.texts import TEXTS, bold, mark, number, plain, say
from psttm_geo.app.views import unit_maps
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.messages import Language, Text
from psttm_geo.core.provenance import marked
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.schema import colours
from psttm_geo.webmap.maps import Colouring, MapState, reached_layer

if TYPE_CHECKING:
    from psttm_geo.jobs.neighbourhood import Surroundings

_UNREADABLE = "unreadable_point"

_LONGEST_SAID = 60

_DECIMALS = 1

_SPEED_DECIMALS = 2


@dataclass(frozen=True)
class Around:
    """What is known of a point.

    Attributes
    ----------
    point
        Latitude and longitude; None for none chosen.
    found
        What surrounds it; None where that is not known, or not yet.
    problem
        Why it is not known; None where it is, or will be.
    """

    point: tuple[float, float] | None
    found: "Surroundings | None" = None
    problem: Text | None = None

    @property
    def waiting(self) -> bool:
        """Whether streets and residents are still being loaded."""
        return self.point is not None and self.found is None and self.problem is None


def look_around(walker: str) -> Around:
    """Return what surrounds the point of the address, without waiting for streets that are still being loaded."""
    point = read_point()
    if point is None or not data.surroundings_are_ready():
        return Around(point)
    try:
        return Around(point, data.surroundings(point, BY_DEFAULT if walker == BY_AGE else walker))
    except PsttmError as error:
        return Around(point, problem=error.text)


def on_map(shown: MapState, around: Around, language: Language) -> MapState:
    """Return a map with the point and what is reached from it."""
    found = around.found
    if found is None:
        return dataclasses.replace(shown, point=around.point)
    reached = reached_layer(found.isochrones, [_say_inside(row, language) for row in _rows(found)])
    title = say(
        "How far one walks in 5, 10 and 15 minutes from the point {point}; {profile}.",
        language,
        point=say_point((found.lat, found.lon)),
        profile=found.profile.name.say(language),
    )
    title = marked(title, language, synthetic=found.synthetic)
    return dataclasses.replace(shown, point=around.point, reached=reached, title=title)


def _rows(found: "Surroundings") -> list[tuple[int, float]]:
    columns = found.isochrones[["minutes", "residents"]]
    return list(columns.itertuples(index=False, name=None))


def _say_inside(row: tuple[int, float], language: Language) -> str:
    minutes, residents = row
    return say(
        "within {minutes} minutes: {residents} residents",
        language,
        minutes=minutes,
        residents=number(residents, language),
    )


def legend(around: Around, classes: Sequence[tuple[str, str]], state: State) -> list[tuple[str, str]]:
    """Return what the map's colours mean: what is reached from a point takes the place of classes."""
    if around.found is None:
        return unit_maps.class_legend(classes, state)
    minutes = [minutes for minutes, _ in _rows(around.found)]
    names = [say("within {minutes} minutes", state.language, minutes=limit) for limit in minutes]
    return unit_maps.class_legend(list(zip(names, colours.nested_fills(len(minutes)), strict=True)), state)


@st.fragment
def show_map(state: State, title: str, colouring: Colouring, walker: str, told: tuple[float, float] | None) -> None:
    """Show the map; a click chooses a point, and what surrounds it is drawn before the page around follows.

    Parameters
    ----------
    state
        What the address bar says.
    title, colouring
        Of the map.
    walker
        Who walks.
    told
        The point that the page around tells of.
    """
    restore_address()  # what is read here is what was last written, not what the browser brings along
    around = look_around(walker)
    meaning = legend(around, colouring.legend, state)
    shown = on_map(map_state(state, title, meaning, colouring), around, state.language)
    map_panel.draw_maps(state, [dataclasses.replace(shown, pointing=True)], on_pointed=_point_at)
    if around.point != told:
        map_panel.follow_map()


def _point_at(place: str) -> None:
    restore_address()
    write_parameter(POINT, place)


def show_panel(around: Around, state: State, names: Mapping[str, str]) -> None:
    """Show the field for a point, and what surrounds the one chosen.

    Parameters
    ----------
    around
        The point.
    state
        Gives the language.
    names
        Of categories, in words.
    """
    language = state.language
    st.markdown(bold(say("From a point", language)))
    _show_field(around, language)
    if around.point is None:
        st.caption(
            say(
                "A click on the map draws how far one walks in 5, 10 and 15 minutes, and tells how many "
                "residents and which services are there. The point can be written here, too.",
                language,
            )
        )
        return
    if around.problem is not None:
        st.warning(plain(around.problem.say(language)), icon=":material/wrong_location:")
    if around.found is not None:
        _show_found(around.found, state, names)


def _show_field(around: Around, language: Language) -> None:
    written = "" if around.point is None else say_point(around.point)
    key, remember = controls.renewed_key("point", written)
    st.session_state[key] = written

    def changed() -> None:
        text = st.session_state[key].strip()
        point = parse_point(text)
        if text and point is None:
            st.session_state[_UNREADABLE] = text
            return
        said = "" if point is None else say_point(point)
        remember(said)
        write_parameter(POINT, said)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            say("Point (latitude, longitude)", language),
            key=key,
            placeholder="45.4642, 9.19",
            on_change=changed,
            width=controls.SEARCH_WIDTH_PX,
        )
        if around.point is not None:
            st.button(
                say("Clear the point", language), icon=":material/close:", on_click=write_parameter, args=(POINT, None)
            )
    unreadable = st.session_state.pop(_UNREADABLE, None)
    if unreadable:
        st.error(
            say(
                "“{text}” is no point; write latitude and longitude in degrees, such as 45.4642, 9.19.",
                language,
                text=plain(unreadable[:_LONGEST_SAID]),
            )
        )


def _show_found(found: "Surroundings", state: State, names: Mapping[str, str]) -> None:
    language = state.language
    cards.show_figures(
        [
            (number(residents, language), say("residents within {minutes} minutes", language, minutes=minutes))
            for minutes, residents in _rows(found)
        ]
    )
    for notice in found.notices:
        st.warning(plain(notice.say(language)), icon=":material/link_off:")
    st.markdown(plain(_sentence(found, language, names)))
    speed = number(found.profile.speed_m_s, language, _SPEED_DECIMALS)
    st.caption(
        say(
            "Who walks: {profile}, {speed} m/s on the flat. From a point one walks at one pace: unless another is "
            "chosen it is the adult's, also where the rest of the page gives every age its pace.",
            language,
            profile=found.profile.name.say(language),
            speed=speed,
        )
    )
    table = services_table(found, language, names)
    show_figures(table, f"around_{language}", language)
    st.caption(
        say(
            "Residents and services are counted by the walk along streets, as everywhere on this page: "
            "who lives a little way off a street is counted also where the drawing leaves the place out.",
            language,
        )
    )
    _show_downloads(found, table, state)


def _sentence(found: "Surroundings", language: Language, names: Mapping[str, str]) -> str:
    essential = found.services[found.services["essential"]]
    last = essential.iloc[:, -1]

    def named(which: "pd.Series[bool]") -> str:
        return ", ".join(names.get(name, name) for name in essential.loc[which, "category"])

    said = [
        say(
            "{marked}{profile}: essential categories reached within 15 minutes: {count} of {total}.",
            language,
            marked=mark(language, synthetic=found.synthetic),
            profile=found.profile.name.say(language),
            count=int((last > 0).sum()),
            total=len(essential),
        )
    ]
    if (last == 0).any():
        said.append(say("Not reached: {names}.", language, names=named(last == 0)))
    if last.isna().any():
        said.append(say("Not known of: {names}.", language, names=named(last.isna())))
    return " ".join(said)


def services_table(found: "Surroundings", language: Language, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the services reached by category, essential ones marked and first; columns in the words of the page."""
    services = found.services
    marks = services["essential"].map({True: " *", False: ""})
    limits = [minutes for minutes, _ in _rows(found)]
    last = services[f"within_{limits[-1]}"]
    return pd.DataFrame(
        {
            say(TEXTS["category"], language): [names.get(name, name) for name in services["category"]] + marks,
            say("The nearest", language): [
                _say_nearest(minutes, count, limits[-1], language)
                for minutes, count in zip(services["minutes"], last, strict=True)
            ],
            **{say("{minutes} min", language, minutes=limit): services[f"within_{limit}"] for limit in limits},
        }
    )


def _say_nearest(minutes: float, count: float, limit: int, language: Language) -> str:
    if math.isnan(count):
        return say(TEXTS["non_noto"], language)
    if math.isnan(minutes):
        return say("over {minutes} min", language, minutes=limit)
    return f"{number(minutes, language, _DECIMALS)} min"


def _show_downloads(found: "Surroundings", table: pd.DataFrame, state: State) -> None:
    language = state.language
    name = f"intorno_{found.lat}_{found.lon}_{found.profile.identifier}"
    csv, gpkg = st.columns(2)
    with csv:
        offer_table(say("Services CSV", language), f"{name}.csv", table, state)
    with gpkg:
        offer(say("Isochrones GeoPackage", language), f"{name}.gpkg", lambda: _geopackage(found))


def _geopackage(found: "Surroundings") -> bytes:
    with scratch_folder() as folder:
        path = folder / "isocrone.gpkg"
        found.write(path, data.project())
        return path.read_bytes()


def await_streets(around: Around, language: Language) -> None:
    """Wait at the end of the page until streets and residents are loaded, then show it again; others pass at once."""
    if around.waiting:
        map_panel.await_ready(
            data.surroundings_are_ready,
            say("Streets and residents are being loaded: only once, then answers are immediate.", language),
        )
