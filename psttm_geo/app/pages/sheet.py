"""The sheet of a municipality, a zone or a union: what the plan asks of it and what is measured in it."""

import pandas as pd
import streamlit as st

from psttm_geo.access.results import Results
from psttm_geo.app import cards, controls, data, figure_tables, used_sources
from psttm_geo.app.download_button import offer, offer_table
from psttm_geo.app.figure_tables import LIST_HEIGHT_PX, show_figures
from psttm_geo.app.state import GOAL, NAME, UNITS, State, read_units, write_parameter
from psttm_geo.app.state import MUNICIPALITY as CHOSEN
from psttm_geo.app.texts import TEXTS, bold, day, number, plain, say
from psttm_geo.app.used_sources import find_sources, source_lines
from psttm_geo.app.views import access_view, driver_view, gap_summary, level_marks, project_view, sheet_view
from psttm_geo.app.views.access_view import WHOLE, profile_name
from psttm_geo.app.views.figures import percentages
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.app.views.sheet_view import Subject
from psttm_geo.core.provenance import SYNTHETIC, marked
from psttm_geo.delivery.documents import docx_document, xlsx_document
from psttm_geo.delivery.formats import with_warning
from psttm_geo.jobs import Territory
from psttm_geo.plan.project_records import IN_PROVINCE

_MOST_PROJECTS = 50
"""Rows of projects on a sheet."""


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    units = read_units(sheet_view.KINDS)
    subject = sheet_view.find_subject(units, state, territory)
    _show_choice(units, subject, state, territory)
    if subject is None:
        st.info(say(TEXTS["sheet_choose" if units == "comuni" else "sheet_no_union"], state.language))
        return
    rests_on = sheet_view.layers_of(subject)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _show_head(subject, state, territory)
    with right:
        goals = sheet_view.goal_table(subject, state, territory)
        _show_goals(goals, subject, state, territory)
        _show_documents(goals, subject, state, territory)
    _show_projects(subject, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_drivers(subject, state, territory)
    with right:
        _show_access(subject, state, territory)
        used_sources.show_sources(state, territory, rests_on)
        used_sources.show_printed_sources(state, territory, rests_on)


def _show_choice(units: str, subject: Subject | None, state: State, territory: Territory) -> None:
    """Show the switch between sheets of municipalities, zones and unions, and which zone or union."""
    language = state.language
    with st.container(horizontal=True, vertical_alignment="bottom", key="sheet_choice"):
        controls.show_switch(
            UNITS, "sheet_of", list(sheet_view.KINDS), units, language, controls.worded("unit", language)
        )
        if units == "comuni" or subject is None:
            return
        key = f"sheet_name_{units}_{state.edition}_{subject.unit}"
        names = {name: name for name in sheet_view.unit_names(units, state, territory)}
        width = controls.SEARCH_WIDTH_PX
        controls.show_select(NAME, f"unit_{units}", names, subject.unit, language, key=key, width=width)


def _show_head(subject: Subject, state: State, territory: Territory) -> None:
    """Show what the subject is: residents, facts, ages, and its neighbours or members."""
    st.header(subject.name, anchor=False)
    cards.show_unit(subject.row, state, territory)
    cards.show_facts(sheet_view.unit_facts(subject, state, territory))
    cards.show_ages(subject.row, state)
    if subject.units == "comuni":
        cards.show_neighbours(subject.unit, state, territory)
        return

    def open_sheet(code: str | None) -> None:
        write_parameter(CHOSEN, code)
        write_parameter(UNITS, None)

    names = dict(subject.members["municipality"])
    controls.show_pills(say("Its municipalities", state.language), names, f"members_{subject.unit}", open_sheet)


def _show_goals(table: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> None:
    """Show the goals, those that involve the subject first; a chosen row opens the goal."""
    language = state.language
    called = table[say(TEXTS["called"], language)]
    st.markdown(bold(say("Goals of the edition {edition}", language, edition=state.edition)))
    st.markdown(sheet_view.say_goals(table, subject, language))
    if said := level_marks.say_tables(plan_of(territory, state.edition), language):
        st.caption(said)
    first = (
        table.assign(order=called != say(TEXTS["si"], language))
        .sort_values("order", kind="stable")
        .drop(columns="order")
    )
    key = f"sheet_goals_{language}_{state.edition}_{subject.units}"
    choice = controls.chosen_row(key, first["n."], controls.opener("obiettivi", GOAL))
    st.dataframe(first, key=key, hide_index=True, height=LIST_HEIGHT_PX, **choice)
    figure_tables.show_printed(first)


def _show_documents(goals: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> None:
    """Offer the goals as a document and a sheet that the office edits for its own planning."""
    language = state.language
    title = say("Goals of the Strategic Plan {edition}: {name}", language, name=subject.name, edition=state.edition)
    title = marked(title, language, synthetic=state.synthetic)
    table = goals.assign(**{say(TEXTS[f"sheet_own_action_{subject.units}"], language): ""})
    sheet = f"{SYNTHETIC.say(language)} - {subject.name}" if state.synthetic else subject.name
    rows = with_warning(table, language, synthetic=state.synthetic)
    facts = sheet_view.unit_facts(subject, state, territory)
    tables = level_marks.say_tables(plan_of(territory, state.edition), language)
    facts |= {say("Basis of the levels", language): tables} if tables else {}
    facts[say(TEXTS["residents"], language)] = (
        f"{number(subject.row['residents'], language)} ({day(territory.residents_date, language)})"
    )
    sources = source_lines(find_sources(territory, [sheet_view.ANSWERS]), language)
    notes = (tables, *sources) if tables else sources
    name = f"obiettivi_{subject.unit.replace(' ', '_')}_{state.edition}"
    docx, xlsx = st.columns(2)
    with docx:
        offer(
            say("Goals DOCX", language), f"{name}.docx", lambda: docx_document(title, facts, table, sources, language)
        )
    with xlsx:
        offer(say("Goals XLSX", language), f"{name}.xlsx", lambda: xlsx_document(sheet, rows, notes, title))
    with st.container(key="screen"):
        st.caption(say("The sheet prints on A4 with the browser's Print command, whole tables included.", language))


def _show_drivers(subject: Subject, state: State, territory: Territory) -> None:
    """Show how much of each driver's goals applies in the subject and involves it, and its projects."""
    language, plan = state.language, plan_of(territory, state.edition)
    layer, column = driver_view.UNIT_LAYERS[subject.units]
    covered = data.layers()[layer]
    mine = covered[(covered[column] == subject.unit) & (covered["edition"] == state.edition)]
    titles = dict(zip(plan.drivers["driver"], plan.drivers[f"title_{language}"], strict=True))
    if mine.empty:
        return
    table = pd.DataFrame(
        {
            say(TEXTS["driver"], language): [f"{driver}. {titles[driver]}" for driver in mine["driver"]],
            f"{say(TEXTS['coverage_si_applica'], language)} (%)": percentages(
                driver_view.known_figures(mine, "applies_share")
            ),
            f"{say(TEXTS['coverage_chiamato'], language)} (%)": percentages(
                driver_view.known_figures(mine, "called_share")
            ),
            **driver_view.gap_columns(mine, level_marks.tables_of(plan), language),
            say(TEXTS["coverage_progetti"], language): mine["projects"].astype("float64"),
        }
    ).reset_index(drop=True)
    st.markdown(bold(say(TEXTS["count_drivers"], language)))
    show_figures(table, f"sheet_drivers_{language}", language, printed=True)
    if territory.plan.projects is not None:
        found, undated = (subject.row[name] for name in ("projects", "projects_edition_unknown"))
        st.caption(
            say(
                "Projects of all editions are counted. In the register, here: {count}; of unknown edition: {undated}.",
                language,
                count=number(found, language),
                undated=number(undated, language),
            )
            + f" {say(TEXTS['drivers_not_additive'], language)}"
        )


def _show_projects(subject: Subject, state: State, territory: Territory) -> None:
    """Show the projects of the subject, the largest of many, with what falls to it of each."""
    registered, language = territory.plan.projects, state.language
    if registered is None:
        return
    projects = project_view.with_drivers_here(registered, state, territory)
    rows = project_view.in_municipalities(projects, registered.places, list(subject.members.index))
    st.markdown(bold(say("Projects: {count}", language, count=number(len(rows), language))))
    if rows.empty:
        return
    amount = project_view.say_amount(rows["here_eur"], language)
    st.markdown(plain(say("Amount that falls here: {amount}.", language, amount=amount)))
    table = project_view.list_projects(rows, registered.places, state, territory, is_part=True)
    show_figures(table.head(_MOST_PROJECTS), f"sheet_projects_{language}", language, printed=True)
    if len(table) > _MOST_PROJECTS:
        shown = number(_MOST_PROJECTS, language)
        st.caption(say("The first {shown} by amount; the CSV holds them all.", language, shown=shown))
    offer_table(say("Table CSV", language), f"progetti_{subject.unit}.csv", table, state)
    said = [say("Register in use: {name}.", language, name=registered.source.title)]
    wide = int((projects["extent"] == IN_PROVINCE).sum())
    if wide:
        said.append(
            say(
                "Projects located on the whole province, which are listed on no sheet: {count}.",
                language,
                count=number(wide, language),
            )
        )
    st.caption(plain(" ".join(said)))


def _show_access(subject: Subject, state: State, territory: Territory) -> None:
    """Show accessibility beside the zone's and the whole's, and what is lacking."""
    language, table = state.language, sheet_view.access_table(subject, state, territory)
    heading = marked(say("Within 15 minutes on foot", language), language, synthetic=state.synthetic)
    st.markdown(bold(heading))
    if table is None or territory.results is None:
        st.markdown(say("Not computed: psttm-geo access computes it.", language))
        return
    show_figures(table, f"sheet_access_{language}", language, printed=True)
    profile = profile_name(str(territory.results.layers[WHOLE]["profile"].iloc[0]), language, territory)
    st.caption(
        plain(
            say(
                "Residents who walk to the nearest service within 15 minutes; who walks: {profile}.",
                language,
                profile=profile,
            )
        )
    )
    st.markdown(bold(say(TEXTS["gaps_essential"], language)))
    _show_gaps(subject, territory.results, state, territory)


def _show_gaps(subject: Subject, results: Results, state: State, territory: Territory) -> None:
    """Show how many residents lack each essential category; say what is not known, and what else is lacking."""
    language, whole = state.language, results.layers[WHOLE]
    names = access_view.category_names(access_view.list_categories(whole), language, territory)
    profile, codes = str(whole["profile"].iloc[0]), list(subject.members.index)
    lacking = gap_summary.find_lacking(results, profile, codes, results.essential)
    table = sheet_view.gap_table(lacking, names, subject, language)
    if len(table):
        show_figures(table, f"sheet_gaps_{language}", language, printed=True)
    known = gap_summary.say_what_is_known(lacking, names, language)
    if known:
        st.markdown(plain(known))
    others = [name for name in names if name not in results.essential]
    rest = gap_summary.total_by_category(gap_summary.find_lacking(results, profile, codes, others))
    counts = zip(rest["category"], rest["residents_beyond"], strict=True)
    listed = ", ".join(f"{names[name]} {gap_summary.say_residents(count, language)}" for name, count in counts)
    if listed:
        st.caption(
            plain(
                say(
                    "Categories that are not essential, residents beyond 15 minutes: {listed}.", language, listed=listed
                )
            )
        )
