"""Pieces of the page of implementation that the office's own register fills: what is due, binds and has changed."""

from collections.abc import Mapping
from datetime import date

import pandas as pd
import streamlit as st

from psttm_geo.app import cards, controls, map_panel, used_sources
from psttm_geo.app.download_button import offer_table
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import DAY, INDICATOR, MISSION, NAME, SINCE, State, read_choice, read_day
from psttm_geo.app.texts import TEXTS, bold, day, number, plain, say
from psttm_geo.app.views import monitoring_view
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.jobs import Territory
from psttm_geo.jobs.monitoring_register import Monitoring
from psttm_geo.plan.monitoring_answers import LATE


def show_monitoring(state: State, territory: Territory) -> None:
    """Show milestones, agreements, rows of DUPs and revisions of the plan, as of a day of the address."""
    language, register = state.language, territory.monitoring
    st.subheader(say("Implementation as the office records it", language), anchor=False)
    if register is None:
        st.markdown(
            say(
                "The workspace holds no register of implementation: milestones, agreements, rows of DUPs and revisions "
                "of the plan's data are not known. `psttm-geo monitoring template` gives its tables to fill in, "
                "`psttm-geo monitoring add` takes them back.",
                language,
            )
        )
        return
    if register.source is not None:
        st.caption(plain(" ".join(used_sources.source_lines([register.source], language))))
    left, right = st.columns(2, gap="medium")
    with left:
        today = read_day(DAY) or date.today()  # noqa: DTZ011 - the calendar day where the application runs
        controls.show_day(DAY, say("On the day", language), today)
        _show_due(register, today, state)
        _show_binding(register, today, state, territory)
    with right:
        _show_without_dup(register, state, territory)
        _show_stated(register, today, state)
        _show_changes(register, state)
        _show_series(register, state, territory)


def _show_rows(rows: pd.DataFrame, columns: Mapping[str, str], name: str, state: State) -> None:
    """Show some columns of a table under their headings, and offer them as a file; say so where there is no row."""
    if rows.empty:
        st.markdown(say("None is registered.", state.language))
        return
    table = rows[list(columns)].rename(columns=dict(columns)).reset_index(drop=True)
    dates = [columns[column] for column in _DATES if column in columns]
    in_words = {date: table[date].map(lambda iso: iso and day(iso, state.language)) for date in dates}
    show_figures(table.assign(**in_words), f"monitoraggio_{name}_{state.language}", state.language)
    offer_table(say("Table CSV", state.language), f"{name}.csv", table, state)


_DATES = ("signed_on", "expires_on", "revised_on", "observed_on")
"""Columns that the page says in words and files give as ISO 8601."""


def _show_due(register: Monitoring, today: date, state: State) -> None:
    language = state.language
    due = monitoring_view.list_due(register, today)
    late = int((due["due_state"] == LATE).sum())
    st.markdown(
        bold(
            say(
                "Milestones late, or due within six months of {day}: {count}, of which late {late}",
                language,
                day=day(today.isoformat(), language),
                count=number(len(due), language),
                late=number(late, language),
            )
        )
    )
    columns = {
        "milestone": say("Code", language),
        "milestone_text": say("Description", language),
        "edition": say(TEXTS["edition"], language),
        "goal": say("Goal", language),
        "driver": say(TEXTS["driver"], language),
        "due_quarter": say("Due", language),
        "due_state": say("Status", language),
    }
    _show_rows(monitoring_view.in_words(due, language), columns, "traguardi", state)
    every = monitoring_view.list_milestones(register, today)
    if len(every):
        st.markdown(bold(say("All milestones: {count}", language, count=number(len(every), language))))
        label = say("Milestones by the quarter when they are due; the numbers are those of the list.", language)
        cards.show_axis(monitoring_view.milestone_axis(every), label)
        st.caption(say("Green: reached; red: late; blue: due on a day that has not passed.", language))
        numbered = monitoring_view.in_words(every, language).assign(
            place=[str(place) for place in range(1, len(every) + 1)]
        )
        _show_rows(numbered, {"place": "n.", **columns}, "tutti_i_traguardi", state)


def _show_binding(register: Monitoring, today: date, state: State, territory: Territory) -> None:
    language, rows = state.language, territory.municipalities
    zones = dict(zip(rows["municipality_code"], rows["zone"], strict=True))
    names = {name: name for name in territory.zones["zone"]}
    own = zones.get(state.municipality) if state.municipality else None
    zone = read_choice(NAME, names) or own or next(iter(names))
    controls.show_select(NAME, "zone", names, zone, language, key="monitoring_zone")
    binding = monitoring_view.list_binding(register, zone, zones, today)
    st.markdown(
        bold(say("Agreements that bind {zone}: {count}", language, zone=zone, count=number(len(binding), language)))
    )
    columns = {
        "agreement": say("Code", language),
        "agreement_kind": say("Kind", language),
        "partner": say("Partner", language),
        "purpose": say("To what end", language),
        "agreement_status": say("Status", language),
        "signed_on": say("Signed", language),
        "expires_on": say("Expires", language),
    }
    _show_rows(binding, columns, "accordi", state)


def _show_without_dup(register: Monitoring, state: State, territory: Territory) -> None:
    language, plan = state.language, plan_of(territory, state.edition)
    missions = {
        str(row["mission"]): f"{row['mission']}. {row[f'title_{language}']}" for row in plan.missions.to_dict("records")
    }
    mission = read_choice(MISSION, missions)
    controls.show_select(
        MISSION,
        "mission",
        missions,
        mission,
        language,
        key="monitoring_mission",
        placeholder=say("all of them", language),
    )
    asked = int(mission) if mission else None
    without = monitoring_view.list_without_dup(register, territory.municipalities, asked)
    if len(without) < len(territory.municipalities):
        shown = monitoring_view.coverage_map(register, asked, state, territory)
        st.markdown(bold(shown.title))
        map_panel.show_maps(state, shown)
        map_panel.show_legend(shown.legend, language)
    st.markdown(
        bold(
            say(
                "Municipalities of which no row of the DUP is registered: {count} of {total}",
                language,
                count=number(len(without), language),
                total=number(len(territory.municipalities), language),
            )
        )
    )
    columns = {"municipality": say("Municipality", language), "municipality_code": say("ISTAT code", language)}
    _show_rows(without, columns, "comuni_senza_dup", state)
    st.caption(say("That no row is registered does not mean that their DUP has none.", language))


def _show_changes(register: Monitoring, state: State) -> None:
    language = state.language
    since = read_day(SINCE)
    controls.show_day(SINCE, say("Revisions of the plan's data since", language), since)
    if since is None:
        return
    changes = monitoring_view.list_changes(register, since)
    columns = {
        "revised_on": say("Date", language),
        "edition": say(TEXTS["edition"], language),
        "plan_table": say("Table", language),
        "item": say("Item", language),
        "field": say("Field", language),
        "before": say(TEXTS["before"], language),
        "after": say(TEXTS["after"], language),
        "act": say("Act", language),
    }
    _show_rows(changes, columns, "aggiornamenti", state)


def _show_stated(register: Monitoring, today: date, state: State) -> None:
    """Show what the plan's data said on the day, of all that was ever revised."""
    language = state.language
    stated = monitoring_view.list_stated(register, today)
    columns = {
        "plan_table": say("Table", language),
        "item": say("Item", language),
        "field": say("Field", language),
        "edition": say(TEXTS["edition"], language),
        "stated": say("Stated on the day", language),
        "revised_on": say("Since", language),
    }
    st.markdown(
        bold(
            say(
                "What the plan's data said on {day}, where they were ever revised",
                language,
                day=day(today.isoformat(), language),
            )
        )
    )
    _show_rows(stated, columns, "detto_quel_giorno", state)


def _show_series(register: Monitoring, state: State, territory: Territory) -> None:
    """Show what was observed of an indicator, place by place and day by day."""
    language, names = state.language, monitoring_view.indicator_names(register)
    if not names:
        return
    indicator = read_choice(INDICATOR, names) or next(iter(names))
    controls.show_select(INDICATOR, "indicator", names, indicator, language, key="monitoring_indicator")
    series = monitoring_view.list_series(register, indicator)
    places = dict(
        zip(territory.municipalities["municipality_code"], territory.municipalities["municipality"], strict=True)
    )
    columns = {
        "place": say("Place", language),
        "observed_on": say("Date", language),
        "value": say("Value", language),
        "source": say("Source", language),
    }
    _show_rows(series.assign(place=series["place"].replace(places)), columns, "osservazioni", state)
