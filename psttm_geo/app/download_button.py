"""Buttons that give files: a file is made when its button is pressed, and the page stays as it is."""

from collections.abc import Callable
from pathlib import PurePath
from typing import Literal

import pandas as pd
import streamlit as st

from psttm_geo.app import data
from psttm_geo.app.state import State
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.delivery.formats import spreadsheet_csv, with_warning

_OFFICE = "application/vnd.openxmlformats-officedocument"

_KINDS = {
    ".csv": ("text/csv", ":material/table:"),
    ".docx": (f"{_OFFICE}.wordprocessingml.document", ":material/description:"),
    ".gpkg": ("application/geopackage+sqlite3", ":material/layers:"),
    ".html": ("text/html", ":material/map:"),
    ".xlsx": (f"{_OFFICE}.spreadsheetml.sheet", ":material/table:"),
}
"""Media type and icon by the suffix of a file."""


def offer(
    label: str,
    name: str,
    make: Callable[[], bytes],
    *,
    width: Literal["content", "stretch"] = "stretch",
    disabled: bool = False,
) -> None:
    """Show a button that gives a file.

    Parameters
    ----------
    label
        Of the button.
    name
        Of the file; its suffix says what it is.
    make
        Makes its content.
    width, disabled
        As for Streamlit's buttons.
    """
    media_type, icon = _KINDS[PurePath(name).suffix]
    st.download_button(
        label, make, file_name=name, mime=media_type, on_click="ignore", icon=icon, width=width, disabled=disabled
    )


def offer_table(label: str, name: str, table: pd.DataFrame, state: State) -> None:
    """Show a button that gives a table as CSV; what is not known is said in it, and that it rests on made-up data."""
    language = state.language

    def make() -> bytes:
        told = with_warning(table, language, synthetic=state.synthetic)
        return spreadsheet_csv(told, language, say(TEXTS["non_noto"], language))

    offer(label, name, make)


def show_downloads(
    table: pd.DataFrame,
    name: str,
    page: Callable[[], str],
    state: State,
    geopackage: tuple[str, Callable[[], bytes]] = ("psttm.gpkg", data.geopackage),
) -> None:
    """Offer what is shown as files.

    Parameters
    ----------
    table
        What the map shows, in the words of the page.
    name
        Of the files, without suffix.
    page
        Makes the map as an HTML page of its own.
    state
        Gives the language.
    geopackage
        Its name, and what makes it; by default that of the territory.
    """
    language = state.language
    csv, gpkg, html_page = st.columns(3)
    with csv:
        offer_table(say("Table CSV", language), f"{name}.csv", table, state)
    with gpkg:
        offer(say("GeoPackage", language), *geopackage)
    with html_page:
        offer(say("Map HTML", language), f"mappa_{name}.html", lambda: page().encode())
