"""Data and method: every source, layer, indicator, category of services, the workspace, and everything as a file."""

import pandas as pd
import streamlit as st

from psttm_geo.access.indicators import METHODS
from psttm_geo.app import data
from psttm_geo.app.download_button import offer
from psttm_geo.app.figure_tables import LIST_HEIGHT_PX
from psttm_geo.app.state import State
from psttm_geo.app.texts import TEXTS, bold, day, number, say
from psttm_geo.app.used_sources import say_day
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import say_name
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.jobs import Territory
from psttm_geo.schema.layers import LAYERS


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    _show_source_table(state)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_layers(state)
    with right:
        _show_indicators(state)
    _show_categories(state)
    _show_workspace(state)
    _show_everything(state, territory)


def _source_table(state: State) -> pd.DataFrame:
    """Return every source of every layer, one row each, with the layers that rest on it."""
    language = state.language
    listed = data.layers()["fonti"]
    grouped = listed.groupby(
        ["source", "source_date", "added_on", "licence", "attribution", "address", "sha256"], sort=False
    )
    rows = grouped["layer"].agg(", ".join).reset_index()
    return pd.DataFrame(
        {
            say(TEXTS["source"], language): [say_name(source, language) for source in rows["source"]],
            say("Data on", language): [
                say_day(date, added_on, language)
                for date, added_on in zip(rows["source_date"], rows["added_on"], strict=True)
            ],
            say("Licence", language): [say_name(one, language) for one in rows["licence"]],
            say(TEXTS["attribution"], language): [say_name(one, language) for one in rows["attribution"]],
            say(TEXTS["address"], language): rows["address"],
            say("Layers", language): rows["layer"],
            "sha256": rows["sha256"],
        }
    )


def _show_source_table(state: State) -> None:
    """Show every source with date, licence and sum."""
    language = state.language
    st.header(say("Sources and licences", language), anchor=False)
    st.dataframe(
        _source_table(state),
        hide_index=True,
        height=LIST_HEIGHT_PX,
        column_config={say(TEXTS["address"], language): st.column_config.LinkColumn(width="small")},
    )


def _show_layers(state: State) -> None:
    """Show what each layer of the delivery is, with how many rows it has here."""
    language, made = state.language, data.layers()
    table = pd.DataFrame(
        {
            say("Layer", language): list(LAYERS),
            say("Title", language): [layer.title.say(language) for layer in LAYERS.values()],
            say("Rows", language): [
                number(len(made[name]), language) if name in made else say("not there", language) for name in LAYERS
            ],
            say("What it holds", language): [layer.abstract.say(language) for layer in LAYERS.values()],
        }
    )
    st.header(say("Layers", language), anchor=False)
    st.dataframe(table, hide_index=True, height=LIST_HEIGHT_PX)


def _show_indicators(state: State) -> None:
    """Show what each indicator of accessibility is, and their limits."""
    language = state.language
    table = pd.DataFrame(
        {say("Indicator", language): list(METHODS), say("Definition (in Italian)", language): list(METHODS.values())}
    )
    st.header(say("Indicators of accessibility", language), anchor=False)
    st.dataframe(table, hide_index=True, height=LIST_HEIGHT_PX)
    st.caption(say("Names and definitions are those of the layer indicatori.", language))
    for text in ("access_method", "access_limits", "method"):
        st.markdown(say(TEXTS[text], language))


def _show_categories(state: State) -> None:
    """Show which categories of services are essential, why, and what that rests on."""
    language = state.language
    table = data.project().tables["services.csv"].drop_duplicates("category")
    st.header(say("Categories of services", language), anchor=False)
    st.dataframe(
        pd.DataFrame(
            {
                say(TEXTS["category"], language): table[f"name_{language}"],
                say("Essential", language): [say(TEXTS[verdict], language) for verdict in table["essential"]],
                say("Why it is essential, or not", language): table[f"reason_{language}"],
                say("Source of the reason", language): table["source"],
            }
        ),
        hide_index=True,
        height=LIST_HEIGHT_PX,
    )


def _show_workspace(state: State) -> None:
    """Show what the workspace holds in place of the embedded data."""
    language = state.language
    workspace = Workspace(Settings().workspace)
    st.header(say("Workspace", language), anchor=False)
    entries = workspace.inputs.entries
    if not entries:
        st.markdown(say("Empty: the embedded data are in force.", language))
        return
    st.dataframe(
        pd.DataFrame(
            {
                say("Kind", language): list(entries),
                say(TEXTS["file"], language): [entry.path.name for entry in entries.values()],
                say("Added on", language): [_say_moment(entry.added_at, language) for entry in entries.values()],
                say("State", language): [say(TEXTS[f"input_{entry.state}"], language) for entry in entries.values()],
                "sha256": [entry.sha256 for entry in entries.values()],
            }
        ),
        hide_index=True,
    )


def _say_moment(iso: str, language: Language) -> str:
    date, _, time = iso.partition("T")
    return f"{day(date, language)}, {time[: len('HH:MM')]} UTC"


def _show_everything(state: State, territory: Territory) -> None:
    """Offer the whole delivery as one file, and say what the notices say."""
    language = state.language
    offer(say("Download everything (GeoPackage)", language), "psttm.gpkg", data.geopackage, width="content")
    if territory.notices:
        st.markdown(bold(say("Notes on the data", language)))
        for notice in territory.notices:
            st.caption(notice.say(language))
