"""Two editions of the plan side by side: what stayed, what changed, and where."""

from typing import Literal

import pandas as pd
import streamlit as st

from psttm_geo.app import controls, download_button, map_panel, used_sources
from psttm_geo.app.figure_tables import ROW_HEIGHT_PX, TALL_ROW_HEIGHT_PX
from psttm_geo.app.state import AFTER, BEFORE, SHEET, THEME, State
from psttm_geo.app.texts import TEXTS, number, plain, say
from psttm_geo.app.views import comparison_view, level_marks
from psttm_geo.app.views.comparison_view import ComparisonView
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.jobs import Territory

_SHEET_HEIGHT_PX = 560


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = comparison_view.read_view(territory)
    if view is None:
        st.info(
            say("The tables hold one edition of the plan only: there is no other to compare it with.", state.language)
        )
        return
    table = comparison_view.sheet_table(view, state, territory)
    _show_choices(view, state, territory)
    with st.container(key="twins"):
        maps = comparison_view.twin_maps(view, state, territory)
        map_panel.show_maps(state, *maps)
        map_panel.show_legend(maps[0].legend, state.language)
    _show_sentence(view, state)
    _show_sheet(view, table, state, territory)
    download_button.show_downloads(
        table, f"confronto_{view.sheet}_{view.before}_{view.after}", lambda: map_panel.map_page(*maps), state
    )
    used_sources.show_sources(state, territory, ["obiettivi"])


def _show_choices(view: ComparisonView, state: State, territory: Territory) -> None:
    """Show which editions and which theme; where there are only two editions there is nothing to choose."""
    language = state.language
    editions = [plan.edition.identifier for plan in territory.plan.plans]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if len(editions) > 2:  # noqa: PLR2004 - two editions are the comparison itself
            earlier = editions[: editions.index(view.after)]
            controls.show_switch(BEFORE, "before", earlier, view.before, language)
            controls.show_switch(AFTER, "after", editions[1:], view.after, language)
        controls.show_switch(
            THEME, "theme", list(comparison_view.THEMES), view.theme, language, controls.worded("theme", language)
        )


def _show_sentence(view: ComparisonView, state: State) -> None:
    """Say in words what changed, and what the maps show."""
    language, rows = state.language, view.changes.municipalities
    changed = rows[rows["union_changed"]]["municipality"]
    counts = {name: number(int(view.changes.counts[name].sum()), language) for name in comparison_view.COUNTS}
    sentences = [
        say(TEXTS["comparison_goals" if view.linked else "comparison_far"], language, **view.editions, **counts),
        say(
            "Municipalities that change union: {count} ({names}).",
            language,
            count=number(len(changed), language),
            names=plain(", ".join(changed)) or say(TEXTS["none"], language),
        ),
        say(
            "Municipalities with another number of goals that apply or involve them: {count}.",
            language,
            count=number(int(rows["goals_changed"].sum()), language),
        ),
        comparison_view.say_theme(view, state),
    ]
    st.markdown(" ".join(filter(None, sentences)))


def _show_sheet(view: ComparisonView, table: pd.DataFrame, state: State, territory: Territory) -> None:
    """Show a table of the page; a chosen row of municipalities chooses one."""
    language = state.language
    controls.show_switch(SHEET, "sheet", list(view.sheets), view.sheet, language, controls.worded("sheet", language))
    key = f"sheet_{view.sheet}_{language}"
    row_height = TALL_ROW_HEIGHT_PX if view.sheet == "partenariati" else ROW_HEIGHT_PX
    width: Literal["medium", "large"] = "large" if view.sheet == "partenariati" else "medium"
    narrow = [
        say("Partner", language),
        *(say("Unione {edition}", language, edition=one) for one in view.editions.values()),
    ]
    choice = controls.chosen_row(key, table.iloc[:, -1], controls.choose) if view.sheet == "comuni" else {}
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        height=min(_SHEET_HEIGHT_PX, ROW_HEIGHT_PX + row_height * len(table) + 2),
        row_height=row_height,
        column_config={name: st.column_config.TextColumn(width=width) for name in narrow},
        **choice,
    )
    notes = [say(TEXTS[f"sheet_{view.sheet}_note"], language)]
    if view.sheet == "comuni":
        notes += [level_marks.say_tables(plan_of(territory, edition), language) for edition in view.editions.values()]
    st.caption(" ".join(filter(None, notes)))
