"""The goals of the plan: where each applies and why, who must act, what became of it."""

import streamlit as st

from psttm_geo.app import download_button, goals, map_panel, used_sources
from psttm_geo.app.state import State, read_filters
from psttm_geo.app.views import unit_maps
from psttm_geo.jobs import Territory


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    plan = goals.plan_of(territory, state.edition)
    filters = read_filters(
        [str(mission) for mission in plan.missions["mission"]], list(territory.key_words["key_word"])
    )
    chosen = goals.find_goal(plan)
    left, right = st.columns(2, gap="medium")
    with left:
        goals.show_map_of_goal(chosen, state, territory)
    with right:
        goals.show_filters(filters, state, territory)
        listed = goals.filter_goals(plan, filters)
        table = goals.list_table(listed, state, territory, filters.key_word)
        goals.show_list(table, state, territory)
        if chosen is None:
            goals.show_overview(state, territory)
            download_button.show_downloads(
                goals.download_list(table, listed, state.language),
                f"obiettivi_{state.edition}",
                lambda: map_panel.map_page(unit_maps.territory_map(state, territory)),
                state,
            )
        else:
            goals.show_goal(chosen, state, territory)
            goals.show_answers(chosen, state, territory)
            download_button.show_downloads(
                goals.download_answers(chosen, state, territory),
                f"obiettivo_{state.edition}_{chosen['mission']}.{chosen['number']}",
                lambda: goals.goal_page(chosen, state, territory),
                state,
            )
        used_sources.show_sources(state, territory, ["obiettivi_comuni"])
