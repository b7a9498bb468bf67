"""The territory: municipalities, zone omogenee and unioni di comuni on the map."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_integer_dtype, is_numeric_dtype

from psttm_geo.app import cards, controls, download_button, map_panel, used_sources
from psttm_geo.app.state import State, write_panel
from psttm_geo.app.texts import TEXTS, day, number, say
from psttm_geo.app.views import sheet_view, unit_maps
from psttm_geo.core.messages import pgettext
from psttm_geo.jobs import Territory

_TABLE_HEIGHT_PX = 550
"""With its tabs, as high as the map."""


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        shown = unit_maps.territory_map(state, territory)
        map_panel.show_maps(state, shown)
        map_panel.show_legend(shown.legend, state.language)
        _show_sentence(state, territory)
    with right:
        _show_panel(state, territory)
        download_button.show_downloads(
            _municipality_table(state, territory), f"comuni_{state.edition}", lambda: map_panel.map_page(shown), state
        )
        used_sources.show_sources(state, territory)


def _show_sentence(state: State, territory: Territory) -> None:
    """Say in words what the map shows."""
    whole = territory.whole.iloc[0]
    plan = next(plan for plan in territory.plan.plans if plan.edition.identifier == state.edition)
    names = ", ".join(plan.union_names)
    count = len(plan.union_names)
    key = {0: "union_none", 1: "union_one"}.get(count, "union_many")
    st.markdown(
        say(
            "{count} municipalities in {zones} zone omogenee and Milan, {area} km², {residents} "
            "residents on {date}{estimate}. Edition {edition}: {unions}.",
            state.language,
            count=whole["municipality_count"],
            zones=plan.edition.zone_count,
            area=number(whole["area_km2"], state.language, 2),
            residents=number(whole["residents"], state.language),
            date=day(territory.residents_date, state.language),
            estimate=say(" (estimate)", state.language) if territory.residents.provisional else "",
            edition=state.edition,
            unions=say(TEXTS[key], state.language, count=count, names=names),
        )
    )


def _show_panel(state: State, territory: Territory) -> None:
    """Show the card or the table, whichever is open; the other is not made."""
    labels = [say("Card", state.language), say(TEXTS["table"], state.language)]
    key = f"panel_{state.language}"
    card, table = st.tabs(
        labels,
        default=labels[state.table],
        key=key,
        on_change=lambda: write_panel(table=st.session_state[key] == labels[1]),
    )
    if card.open:
        with card:
            _show_card(state, territory)
    if table.open:
        with table:
            _show_table(state, territory)


def _show_card(state: State, territory: Territory) -> None:
    """Show the facts of the chosen municipality, or of the whole territory."""
    if state.municipality is None:
        _show_whole(state, territory)
        return
    rows = territory.municipalities.set_index("municipality_code")
    row = rows.loc[state.municipality]
    st.header(row["municipality"], anchor=False)
    cards.show_unit(row, state, territory)
    cards.show_facts(sheet_view.municipality_facts(state.municipality, row, state, territory))
    cards.show_ages(row, state)
    cards.show_neighbours(state.municipality, state, territory)
    st.button(say("Clear the choice", state.language), icon=":material/close:", on_click=controls.choose, args=(None,))


def _show_whole(state: State, territory: Territory) -> None:
    row = territory.whole.iloc[0]
    st.header(say("Metropolitan City of Milan", state.language), anchor=False)
    st.caption(say("Choose a municipality on the map, in the search or in the table.", state.language))
    cards.show_unit(row, state, territory)
    cards.show_ages(row, state)


def _municipality_table(state: State, territory: Territory) -> pd.DataFrame:
    """Return what the table shows, in the language of the page, one row per municipality by name."""
    language = state.language
    mine = territory.memberships[territory.memberships["edition"] == state.edition]
    rows = territory.municipalities.merge(
        mine[["municipality_code", "union"]], on="municipality_code", how="left", validate="1:1"
    ).sort_values("municipality")
    columns = {
        "municipality": say(TEXTS["municipality"], language),
        "zone": say(TEXTS["zone"], language),
        "residents": say(TEXTS["residents"], language),
        "density_per_km2": say("per km²", language),
        "area_km2": "km²",
        "union": say("Unione {edition}", language, edition=state.edition),
        "residents_0_14": "0-14",
        "residents_15_64": "15-64",
        "residents_65_74": "65-74",
        "residents_75_over": "75+",
        "municipality_code": say("ISTAT code", language),
    }
    shown = pd.DataFrame(rows[list(columns)]).rename(columns=columns).reset_index(drop=True)
    none = say(pgettext("unione", "none"), language)
    return shown.assign(**{columns["union"]: shown[columns["union"]].astype(object).fillna(none)})


def _show_table(state: State, territory: Territory) -> None:
    """Show the municipalities as a table; a chosen row chooses the municipality."""
    table = _municipality_table(state, territory)
    language = state.language
    formats: dict[Any, Any] = {
        column: partial(number, language=language, decimals=0 if is_integer_dtype(table[column]) else 1)
        for column in table.columns
        if is_numeric_dtype(table[column])
    }
    shown = table.style.format(formats)
    st.dataframe(
        shown,
        key="table",
        hide_index=True,
        height=_TABLE_HEIGHT_PX,
        **controls.chosen_row("table", table.iloc[:, -1], controls.choose),
    )
    st.caption(say("A click on a heading sorts; the box on the left chooses the municipality.", language))
