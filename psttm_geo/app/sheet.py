"""Pieces of the sheet of a municipality: all that the plan and the measures say of it, to print and to edit."""

import pandas as pd
import streamlit as st

from psttm_geo.app import data, widgets
from psttm_geo.app.figures import LIST_HEIGHT_PX, percentages, show_figures
from psttm_geo.app.goals import mark_word, plan_of
from psttm_geo.app.proximity import EVERYTHING, category_name
from psttm_geo.app.state import GOAL, PAGE, State, write_parameter
from psttm_geo.app.texts import day, number, say
from psttm_geo.model.plan import GOAL_KEY
from psttm_geo.outputs.documents import docx_document, xlsx_document
from psttm_geo.workflows import Territory


def town_of(state: State, territory: Territory) -> pd.Series | None:
    """Return the row of the chosen municipality; None where none is chosen."""
    if state.municipality is None:
        return None
    row: pd.Series = territory.municipalities.set_index("municipality_code").loc[state.municipality]
    return row


def show_head(town: pd.Series, state: State, territory: Territory) -> None:
    """Show what the municipality is: codes, zone, unions, residents, neighbours."""
    st.header(town["municipality"], anchor=False)
    widgets.show_unit(town, state, territory)
    widgets.show_facts(widgets.municipality_facts(str(town.name), town, state, territory))
    widgets.show_ages(town, state)
    widgets.show_neighbours(str(town.name), state, territory)


def goal_table(town: pd.Series, state: State, territory: Territory) -> pd.DataFrame:
    """Return every goal of the edition: whether it applies in the municipality, whether it calls it, and why."""
    language, plan = state.language, plan_of(territory, state.edition)
    answers = territory.answers.municipalities
    mine = answers[(answers["municipality_code"] == town.name) & (answers["edition"] == state.edition)]
    rows = plan.goals.merge(mine[[*GOAL_KEY, "applies", "called", f"reason_{language}"]], on=GOAL_KEY, validate="1:1")
    return pd.DataFrame(
        {
            "n.": rows["mission"].astype(str) + "." + rows["number"].astype(str),
            say("goal", language): rows[f"title_{language}"],
            say("applies", language): [mark_word(answer, language) for answer in rows["applies"]],
            say("called", language): [mark_word(answer, language) for answer in rows["called"]],
            say("reason", language): rows[f"reason_{language}"],
        }
    )


def show_goals(town: pd.Series, state: State, territory: Territory) -> None:
    """Show the goals, those that call the municipality first; a chosen row opens the goal."""
    language, table = state.language, goal_table(town, state, territory)
    yes, unknown = say("si", language), say("non_noto", language)
    called, applies = table[say("called", language)], table[say("applies", language)]
    st.markdown(f"**{say('sheet_goals', language, edition=state.edition)}**")
    st.markdown(
        say(
            "sheet_goals_sentence",
            language,
            called=int((called == yes).sum()),
            applies=int((applies == yes).sum()),
            unknown=int((called == unknown).sum()),
            total=len(table),
        )
    )
    first = table.assign(order=called != yes).sort_values("order", kind="stable").drop(columns="order")
    key = f"sheet_goals_{language}_{state.edition}"

    def picked() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen:
            write_parameter(GOAL, str(first["n."].iloc[chosen[0]]))
            write_parameter(PAGE, "obiettivi")

    st.dataframe(first, key=key, hide_index=True, height=LIST_HEIGHT_PX, on_select=picked, selection_mode="single-row")


def show_documents(town: pd.Series, state: State, territory: Territory) -> None:
    """Offer the goals as a document and as a sheet that the office edits for its own planning document."""
    language = state.language
    title = say("sheet_document", language, name=town["municipality"], edition=state.edition)
    table = goal_table(town, state, territory)
    table[say("sheet_own_action", language)] = ""
    facts = widgets.municipality_facts(str(town.name), town, state, territory)
    facts[say("residents", language)] = (
        f"{number(town['residents'], language)} ({day(territory.residents_date, language)})"
    )
    notes = tuple(
        say(
            "source_line",
            language,
            title=source.title,
            publisher=source.publisher,
            date=day(source.reference_date, language),
            licence=source.licence,
        )
        for source in territory.sources
    )
    name = f"obiettivi_{town.name}_{state.edition}"
    docx, xlsx = st.columns(2)
    docx.download_button(
        say("download_docx", language),
        lambda: docx_document(title, facts, table, notes),
        file_name=f"{name}.docx",
        mime="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        on_click="ignore",
        icon=":material/description:",
        width="stretch",
    )
    xlsx.download_button(
        say("download_xlsx", language),
        lambda: xlsx_document(str(town["municipality"]), table, notes),
        file_name=f"{name}.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        on_click="ignore",
        icon=":material/table:",
        width="stretch",
    )


def show_drivers(town: pd.Series, state: State, territory: Territory) -> None:
    """Show how much of each driver's goals applies in the municipality and calls it, and its projects."""
    language, plan = state.language, plan_of(territory, state.edition)
    layer = data.layers()["driver_comuni"]
    mine = layer[(layer["municipality_code"] == town.name) & (layer["edition"] == state.edition)]
    titles = dict(zip(plan.drivers["driver"], plan.drivers[f"title_{language}"], strict=True))
    if mine.empty:
        return
    table = pd.DataFrame(
        {
            say("driver", language): [f"{driver}. {titles[driver]}" for driver in mine["driver"]],
            f"{say('coverage_si_applica', language)} (%)": percentages(mine["applies_share"]),
            f"{say('coverage_chiamato', language)} (%)": percentages(mine["called_share"]),
            say("coverage_progetti", language): mine["projects"].astype("float64"),
        }
    ).reset_index(drop=True)
    st.markdown(f"**{say('count_drivers', language)}**")
    show_figures(table, f"sheet_drivers_{language}", language)


def access_table(town: pd.Series, state: State, territory: Territory) -> pd.DataFrame | None:
    """Return shares within 15 minutes of the municipality, its zone and the whole; None where nothing was computed."""
    language, results = state.language, territory.results
    if results is None or "accessibilita_comuni" not in results.layers:
        return None
    layers = results.layers
    whole = layers["accessibilita_citta_metropolitana"].iloc[0]
    towns, zones = (
        layers[name][layers[name]["profile"] == whole["profile"]]
        for name in ("accessibilita_comuni", "accessibilita_zone")
    )
    rows = {
        str(town["municipality"]): towns[towns["municipality_code"] == town.name].iloc[0],
        str(town["zone"]): zones[zones["zone"] == town["zone"]].iloc[0],
        say("whole_short", language): whole,
    }
    columns = ["share_all_15", *(name for name in whole.index if str(name).startswith("share_15_"))]
    categories = [EVERYTHING, *(name.removeprefix("share_15_") for name in columns[1:])]
    return pd.DataFrame(
        {say("category", language): [category_name(name, language, territory) for name in categories]}
        | {f"{name} (%)": percentages(row[columns]).to_numpy() for name, row in rows.items()}
    )


def show_access(town: pd.Series, state: State, territory: Territory) -> None:
    """Show accessibility beside the zone's and the whole's, and the main gaps."""
    language, table = state.language, access_table(town, state, territory)
    st.markdown(f"**{say('sheet_access', language)}**")
    if table is None or territory.results is None:
        st.markdown(say("sheet_no_access", language))
        return
    show_figures(table, f"sheet_access_{language}", language)
    gaps = territory.results.layers["carenze_comuni"]
    first = territory.results.layers["accessibilita_citta_metropolitana"]["profile"].iloc[0]
    mine = gaps[(gaps["municipality_code"] == town.name) & (gaps["profile"] == first)]
    lines = [
        say(
            "sheet_gap",
            language,
            category=category_name(row["category"], language, territory),
            residents=number(row["residents_beyond"], language),
            minutes=number(row["gap_minutes"], language, 1),
        )
        for row in mine.to_dict("records")
    ]
    st.markdown(f"**{say('gaps', language)}**")
    st.markdown("\n".join(f"- {line}" for line in lines) or say("gaps_none", language))
