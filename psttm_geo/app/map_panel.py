"""The map of a page: drawn, followed when it is changed, explained by its legend, and given as a page of its own."""

import html
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from psttm_geo.app import assets, data
from psttm_geo.app.state import MUNICIPALITY, VIEW, State, restore_address, write_parameter
from psttm_geo.app.texts import say
from psttm_geo.core.messages import Language
from psttm_geo.schema import colours
from psttm_geo.webmap import maps
from psttm_geo.webmap.offline_leaflet import standalone_html

_SENDING_S = 0.03
"""A run that begins anew takes back what is not sent yet; in this time the server's loop sends what the map shows."""

_PATIENCE_S = 0.5
"""Between one look at what is being loaded and the next."""


@st.fragment
def show_maps(state: State, *shown: maps.MapState) -> None:
    """Show one map, or two that move together; a click chooses a municipality, a move is kept in the address bar.

    Parameters
    ----------
    state
        What the address bar says.
    shown
        What each map shows.
    """
    draw_maps(state, shown)


def draw_maps(
    state: State,
    shown: Sequence[maps.MapState],
    *,
    on_pointed: Callable[[str], None] | None = None,
    on_edited: Callable[[str], None] | None = None,
) -> None:
    """Draw maps in a fragment of a page.

    Parameters
    ----------
    state
        What the address bar says.
    shown
        What each map shows.
    on_pointed
        Is told where a click was, where the maps ask for it.
    on_edited
        Is told what was done to services, where the maps allow it.
    """

    def moved(view: str) -> None:
        restore_address()
        write_parameter(VIEW, view)

    with st.container(key="map"):
        code = assets.show_maps(shown, data.web_layers(), on_moved=moved, on_pointed=on_pointed, on_edited=on_edited)
    if code and code != state.municipality:
        restore_address()
        write_parameter(MUNICIPALITY, code)
        st.rerun()


def follow_map() -> None:
    """Run the page anew after a map in a fragment was changed; what the map shows now is sent before."""
    time.sleep(_SENDING_S)
    st.rerun()


def await_ready(are_ready: Callable[..., bool], told: str) -> None:
    """Wait at the end of a page until something is loaded, say so meanwhile, then show the page again.

    Parameters
    ----------
    are_ready
        Waits ``patience_s`` at most, and returns whether it is loaded.
    told
        Why the page waits.
    """
    place = st.empty()
    while not are_ready(patience_s=_PATIENCE_S):
        place.caption(told)  # where a visitor does something else, the run ends here
    st.rerun()


def list_legend(name: str, items: str) -> str:
    """Return a list of what stands for what, as HTML: its name for those who do not see it, and its items."""
    return f'<ul class="psttm-legend" aria-label="{html.escape(name)}">{items}</ul>'


def show_legend(entries: Sequence[tuple[str, str]], language: Language) -> None:
    """Show what colours and lines of the map mean; the unknown is hatched here as on the map."""
    items = "".join(f"<li>{_swatch(fill)}{html.escape(name)}</li>" for name, fill in entries)
    st.html(list_legend(say("Legend", language), items))


def _swatch(fill: str) -> str:
    if fill == colours.UNION_OUTLINE:
        return '<i class="union"></i>'
    shown = colours.HATCH_CSS if fill == colours.UNKNOWN else colours.MARK_CSS.get(fill, fill)
    return f'<i style="background:{shown}"></i>'


def map_page(*states: maps.MapState) -> str:
    """Return one map, or two that move together, as an HTML page of its own, on which each says what it shows."""
    titled = [one if one.title in one.heading else replace(one, heading=one.title) for one in states]
    return standalone_html(maps.standalone_map(data.web_layers(), titled))
