"""Pieces of the sheet of a municipality, a zone or a union: all that plan and measures say of it, to print and edit."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from psttm_geo.access.results import Results
from psttm_geo.app import cards, controls, data, figure_tables, gap_summary, level_marks
from psttm_geo.app.download_button import offer
from psttm_geo.app.drivers import UNIT_LAYERS, gap_columns, known_figures
from psttm_geo.app.figure_tables import LIST_HEIGHT_PX, show_figures
from psttm_geo.app.gap_summary import Lacking
from psttm_geo.app.goals import plan_of, reason_with_basis
from psttm_geo.app.proximity import EVERYTHING, WHOLE, category_name, list_categories, profile_name
from psttm_geo.app.proximity import UNIT_LAYERS as ACCESS_LAYERS
from psttm_geo.app.state import GOAL, NAME, UNITS, State, read_choice, read_units, write_parameter
from psttm_geo.app.state import MUNICIPALITY as CHOSEN
from psttm_geo.app.texts import day, number, plain, say
from psttm_geo.app.used_sources import find_sources, source_lines
from psttm_geo.app.views.figures import percentages
from psttm_geo.core.errors import Language
from psttm_geo.core.provenance import SYNTHETIC, marked
from psttm_geo.delivery.documents import docx_document, xlsx_document
from psttm_geo.delivery.formats import with_warning
from psttm_geo.jobs import Territory
from psttm_geo.plan.plan_layers import MUNICIPALITY, UNION, ZONE
from psttm_geo.schema.answers import UNKNOWN, YES
from psttm_geo.schema.code_lists import GOAL_KEY

_ANSWERS = "obiettivi_comuni"
"""The layer of where goals apply, whom they involve and what they name."""

_KINDS = {"comuni": MUNICIPALITY, "zone": ZONE, "unioni": UNION}


@dataclass(frozen=True)
class Subject:
    """Whom a sheet is about.

    Attributes
    ----------
    units
        ``comuni``, ``zone`` or ``unioni``.
    unit
        Code of the municipality, else the name.
    row
        Its row of ``comuni``, ``zone_omogenee`` or ``unioni_comuni``.
    members
        Rows of its municipalities by code, in order of their names; the municipality itself.
    """

    units: str
    unit: str
    row: pd.Series
    members: pd.DataFrame

    @property
    def name(self) -> str:
        """As people call it."""
        return str(self.members["municipality"].iloc[0]) if self.units == "comuni" else self.unit


def asked_units() -> str:
    """Return the kind of unit that the address asks for; municipalities where it asks for none."""
    return read_units(_KINDS)


def find_subject(state: State, territory: Territory) -> Subject | None:
    """Return whom the address asks for; where it names no zone or union, the chosen municipality's or the first.

    None where no municipality is chosen, or the edition has no union.
    """
    units = asked_units()
    towns = territory.municipalities.set_index("municipality_code").sort_values("municipality")
    if units == "comuni":
        if state.municipality is None:
            return None
        return Subject(units, state.municipality, towns.loc[state.municipality], towns.loc[[state.municipality]])
    names, column = unit_names(units, state, territory), UNIT_LAYERS[units][1]
    mine = territory.memberships[territory.memberships["edition"] == state.edition]
    belongs = mine.set_index("municipality_code")[column]
    own = belongs.get(state.municipality) if state.municipality else None
    name = read_choice(NAME, names) or (own if own in names else next(iter(names), None))
    if name is None:
        return None
    rows = territory.zones if units == "zone" else territory.unions[territory.unions["edition"] == state.edition]
    members = towns[towns.index.isin(belongs.index[belongs == name])]
    return Subject(units, name, rows.set_index(column).loc[name], members)


def unit_names(units: str, state: State, territory: Territory) -> list[str]:
    """Return the zones, or the unions of the edition."""
    return list(territory.zones["zone"]) if units == "zone" else list(plan_of(territory, state.edition).union_names)


def layers_of(subject: Subject) -> list[str]:
    """Return the layers of the delivery whose figures the sheet shows."""
    zone = [ACCESS_LAYERS["zone"][0]] if subject.units == "comuni" else []
    return [_ANSWERS, UNIT_LAYERS[subject.units][0], ACCESS_LAYERS[subject.units][0], *zone, WHOLE, "carenze_comuni"]


def show_choice(subject: Subject | None, state: State, territory: Territory) -> None:
    """Show the switch between sheets of municipalities, zones and unions, and which zone or union."""
    language, units = state.language, asked_units()
    with st.container(horizontal=True, vertical_alignment="bottom", key="sheet_choice"):
        controls.show_switch(UNITS, "sheet_of", list(_KINDS), units, language, lambda one: say(f"unit_{one}", language))
        if units == "comuni" or subject is None:
            return
        key = f"sheet_name_{units}_{state.edition}_{subject.unit}"
        names = {name: name for name in unit_names(units, state, territory)}
        width = controls.SEARCH_WIDTH_PX
        controls.show_select(NAME, f"unit_{units}", names, subject.unit, language, key=key, width=width)


def unit_facts(subject: Subject, state: State, territory: Territory) -> dict[str, str]:
    """Return what a subject is, in words: codes, zone and unions of a municipality, members of a larger unit."""
    language, members = state.language, subject.members
    if subject.units == "comuni":
        return cards.municipality_facts(subject.unit, subject.row, state, territory)
    facts = {say("units_comuni", language): str(len(members))}
    if subject.units == "unioni":
        return facts | {say("units_zone", language): ", ".join(dict.fromkeys(members["zone"]))}
    inside = territory.memberships[territory.memberships["municipality_code"].isin(members.index)]
    for edition, rows in inside.groupby("edition"):
        unions = sorted(set(rows["union"].dropna()))
        facts[say("union_in", language, edition=edition)] = ", ".join(unions) or say("no_union", language)
    return facts


def show_head(subject: Subject, state: State, territory: Territory) -> None:
    """Show what the subject is: residents, facts, ages, and its neighbours or members."""
    st.header(subject.name, anchor=False)
    cards.show_unit(subject.row, state, territory)
    cards.show_facts(unit_facts(subject, state, territory))
    cards.show_ages(subject.row, state)
    if subject.units == "comuni":
        cards.show_neighbours(subject.unit, state, territory)
        return

    def open_sheet(code: str | None) -> None:
        write_parameter(CHOSEN, code)
        write_parameter(UNITS, None)

    names = dict(subject.members["municipality"])
    controls.show_pills(say("sheet_members", state.language), names, f"members_{subject.unit}", open_sheet)


def goal_table(subject: Subject, state: State, territory: Territory) -> pd.DataFrame:
    """Return every goal of the edition: whether it applies in the subject, involves it and names it, and why."""
    language, plan = state.language, plan_of(territory, state.edition)
    answers = territory.answers.units
    mine = answers[
        (answers["edition"] == state.edition)
        & (answers["unit_kind"] == _KINDS[subject.units])
        & (answers["unit"] == subject.unit)
    ]
    rows = plan.goals.merge(mine[[*GOAL_KEY, "applies", "called"]], on=GOAL_KEY, how="left", validate="1:1")
    last = "reason" if subject.units == "comuni" else "sheet_where"
    return pd.DataFrame(
        {
            "n.": rows["mission"].astype(str) + "." + rows["number"].astype(str),
            say("goal", language): rows[f"title_{language}"],
            say("applies", language): [level_marks.answer_word(answer, "", language) for answer in rows["applies"]],
            say("called", language): level_marks.level_words(rows, "called", language),
            say("level_basis", language): level_marks.basis_words(rows, level_marks.MUNICIPALITIES, language),
            say(last, language): _reasons_or_places(rows, subject, state, territory),
            say("focus", language): _focuses(rows, subject, state, territory),
            say("scope_reason", language): [reason_with_basis(row, language) for row in rows.to_dict("records")],
        }
    )


def _reasons_or_places(goals: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> list[str]:
    """Say why a goal applies in the municipality or not, or in which municipalities of a larger unit it applies."""
    language, answers = state.language, territory.answers.municipalities
    mine = answers[(answers["edition"] == state.edition) & answers["municipality_code"].isin(subject.members.index)]
    by_goal = dict(iter(mine.groupby(GOAL_KEY)))
    found = [by_goal[key] for key in goals[GOAL_KEY].itertuples(index=False, name=None)]
    if subject.units == "comuni":
        return [str(rows[f"reason_{language}"].iloc[0]) for rows in found]
    return [_say_places(rows, subject, state) for rows in found]


def _focuses(goals: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> list[str]:
    """Say whether a goal names the municipality in particular and why, or which ones of a larger unit."""
    language, names = state.language, subject.members["municipality"]
    answers = territory.answers.municipalities
    mine = answers[(answers["edition"] == state.edition) & answers["municipality_code"].isin(names.index)]
    by_goal = dict(iter(mine.groupby(GOAL_KEY)))
    said = []
    for key, named in zip(goals[GOAL_KEY].itertuples(index=False, name=None), goals["focus_it"], strict=True):
        rows = by_goal[key]
        if not named:
            said.append("")
        elif subject.units == "comuni":
            said.append(
                f"{level_marks.answer_word(rows['focus'].iloc[0], '', language)}. "
                f"{rows[f'focus_reason_{language}'].iloc[0]}"
            )
        else:
            listed = {answer: set(rows.loc[rows["focus"] == answer, "municipality_code"]) for answer in (YES, UNKNOWN)}
            said.append(_listed_places(listed, names, language))
    return said


def _say_places(answers: pd.DataFrame, subject: Subject, state: State) -> str:
    listed = {answer: set(answers.loc[answers["applies"] == answer, "municipality_code"]) for answer in (YES, UNKNOWN)}
    return _listed_places(listed, subject.members["municipality"], state.language)


def _listed_places(codes_by_answer: Mapping[str, set[str]], names: pd.Series, language: Language) -> str:
    """Say which of the municipalities give an answer, yes first, then those of which it is not known."""
    parts = []
    for answer, everywhere in ((YES, "sheet_everywhere"), (UNKNOWN, "sheet_unknown_everywhere")):
        codes = codes_by_answer[answer]
        if len(codes) == len(names):
            return say(everywhere, language)
        if codes:
            listed = ", ".join(names[names.index.isin(codes)])
            parts.append(listed if answer == YES else f"{say('non_noto', language)}: {listed}")
    return "; ".join(parts) or say("none", language)


def say_goals(table: pd.DataFrame, subject: Subject, language: Language) -> str:
    """Say how many goals involve the subject and apply in it, and of how many either is not known."""
    called, applies = (table[say(name, language)].value_counts() for name in ("called", "applies"))
    yes, no, unknown = (say(answer, language) for answer in ("si", "no", "non_noto"))
    count = called.get(yes, 0)
    return say(
        "sheet_goals_sentence_one" if count == 1 else "sheet_goals_sentence",
        language,
        whom=say(f"sheet_whom_{subject.units}", language),
        called=count,
        total=len(table),
        unknown=called.get(unknown, 0),
        unmarked=called.drop([yes, no, unknown], errors="ignore").sum(),
        applies=applies.get(yes, 0),
        untold=applies.get(unknown, 0),
    )


def show_goals(table: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> None:
    """Show the goals, as :func:`goal_table`, those that involve the subject first; a chosen row opens the goal."""
    language = state.language
    called = table[say("called", language)]
    st.markdown(f"**{say('sheet_goals', language, edition=state.edition)}**")
    st.markdown(say_goals(table, subject, language))
    if said := level_marks.say_tables(plan_of(territory, state.edition), language):
        st.caption(said)
    first = table.assign(order=called != say("si", language)).sort_values("order", kind="stable").drop(columns="order")
    key = f"sheet_goals_{language}_{state.edition}_{subject.units}"
    choice = controls.chosen_row(key, first["n."], controls.opener("obiettivi", GOAL))
    st.dataframe(first, key=key, hide_index=True, height=LIST_HEIGHT_PX, **choice)
    figure_tables.show_printed(first)


def show_documents(goals: pd.DataFrame, subject: Subject, state: State, territory: Territory) -> None:
    """Offer the goals, as :func:`goal_table`, as a document and a sheet that the office edits for its own planning."""
    language = state.language
    title = say("sheet_document", language, name=subject.name, edition=state.edition)
    title = marked(title, language, synthetic=state.synthetic)
    table = goals.assign(**{say(f"sheet_own_action_{subject.units}", language): ""})
    sheet = f"{SYNTHETIC.say(language)} - {subject.name}" if state.synthetic else subject.name
    rows = with_warning(table, language, synthetic=state.synthetic)
    facts = unit_facts(subject, state, territory)
    tables = level_marks.say_tables(plan_of(territory, state.edition), language)
    facts |= {say("mark_basis", language): tables} if tables else {}
    facts[say("residents", language)] = (
        f"{number(subject.row['residents'], language)} ({day(territory.residents_date, language)})"
    )
    sources = source_lines(find_sources(territory, [_ANSWERS]), language)
    notes = (tables, *sources) if tables else sources
    name = f"obiettivi_{subject.unit.replace(' ', '_')}_{state.edition}"
    docx, xlsx = st.columns(2)
    with docx:
        offer(
            say("download_docx", language),
            f"{name}.docx",
            lambda: docx_document(title, facts, table, sources, language),
        )
    with xlsx:
        offer(say("download_xlsx", language), f"{name}.xlsx", lambda: xlsx_document(sheet, rows, notes, title))
    with st.container(key="screen"):
        st.caption(say("sheet_print", language))


def show_drivers(subject: Subject, state: State, territory: Territory) -> None:
    """Show how much of each driver's goals applies in the subject and involves it, and its projects."""
    language, plan = state.language, plan_of(territory, state.edition)
    layer, column = UNIT_LAYERS[subject.units]
    covered = data.layers()[layer]
    mine = covered[(covered[column] == subject.unit) & (covered["edition"] == state.edition)]
    titles = dict(zip(plan.drivers["driver"], plan.drivers[f"title_{language}"], strict=True))
    if mine.empty:
        return
    table = pd.DataFrame(
        {
            say("driver", language): [f"{driver}. {titles[driver]}" for driver in mine["driver"]],
            f"{say('coverage_si_applica', language)} (%)": percentages(known_figures(mine, "applies_share")),
            f"{say('coverage_chiamato', language)} (%)": percentages(known_figures(mine, "called_share")),
            **gap_columns(mine, level_marks.tables_of(plan), language),
            say("coverage_progetti", language): mine["projects"].astype("float64"),
        }
    ).reset_index(drop=True)
    st.markdown(f"**{say('count_drivers', language)}**")
    show_figures(table, f"sheet_drivers_{language}", language, printed=True)
    if territory.projects is not None:
        found, undated = (subject.row[name] for name in ("projects", "projects_edition_unknown"))
        st.caption(say("sheet_projects", language, count=number(found, language), undated=number(undated, language)))


def access_table(subject: Subject, state: State, territory: Territory) -> pd.DataFrame | None:
    """Return shares within 15 minutes of the subject, a municipality's zone, and the whole; None if not computed."""
    language, results = state.language, territory.results
    layer, column = ACCESS_LAYERS[subject.units]
    if results is None or layer not in results.layers:
        return None
    layers = results.layers
    whole = layers[WHOLE].iloc[0]
    compared = [(subject.name, layer, column, subject.unit)]
    if subject.units == "comuni":
        compared.append((str(subject.row["zone"]), *ACCESS_LAYERS["zone"], str(subject.row["zone"])))
    rows = {name: _access_row(layers[layer], column, unit, whole, state) for name, layer, column, unit in compared}
    if rows[subject.name] is None:
        return None
    rows[say("whole_short", language)] = whole
    columns = ["share_all_15", *(name for name in whole.index if str(name).startswith("share_15_"))]
    categories = [EVERYTHING, *(name.removeprefix("share_15_") for name in columns[1:])]
    return pd.DataFrame(
        {say("category", language): [category_name(name, language, territory) for name in categories]}
        | {f"{name} (%)": percentages(row[columns]).to_numpy() for name, row in rows.items() if row is not None}
    )


def _access_row(layer: pd.DataFrame, column: str, unit: str, whole: pd.Series, state: State) -> pd.Series | None:
    """Return the row of a unit, walked with the profile of the whole's; None where the layer has none."""
    mine = layer[(layer["profile"] == whole["profile"]) & (layer[column] == unit)]
    if "edition" in mine:
        mine = mine[mine["edition"] == state.edition]
    return None if mine.empty else mine.iloc[0]


def show_access(subject: Subject, state: State, territory: Territory) -> None:
    """Show accessibility beside the zone's and the whole's, and what is lacking."""
    language, table = state.language, access_table(subject, state, territory)
    heading = marked(say("sheet_access", language), language, synthetic=state.synthetic)
    st.markdown(f"**{heading}**")
    if table is None or territory.results is None:
        st.markdown(say("sheet_no_access", language))
        return
    show_figures(table, f"sheet_access_{language}", language, printed=True)
    profile = profile_name(str(territory.results.layers[WHOLE]["profile"].iloc[0]), language, territory)
    st.caption(plain(say("sheet_access_method", language, profile=profile)))
    st.markdown(f"**{say('gaps_essential', language)}**")
    _show_gaps(subject, territory.results, state, territory)


def _show_gaps(subject: Subject, results: Results, state: State, territory: Territory) -> None:
    """Show how many residents lack each essential category; say what is not known, and what else is lacking."""
    language, whole = state.language, results.layers[WHOLE]
    names = {name: category_name(name, language, territory) for name in list_categories(whole)}
    profile, codes = str(whole["profile"].iloc[0]), list(subject.members.index)
    lacking = gap_summary.find_lacking(results, profile, codes, results.essential)
    table = gap_table(lacking, names, subject, language)
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
        st.caption(plain(say("sheet_other_gaps", language, listed=listed)))


def gap_table(lacking: Lacking, names: Mapping[str, str], subject: Subject, language: Language) -> pd.DataFrame:
    """Return the categories that residents lack; of a larger unit, in how many of its municipalities."""
    totals = gap_summary.total_by_category(lacking)
    table = pd.DataFrame(
        {
            say("essential_category", language): totals["category"].map(names),
            say("residents_beyond", language): totals["residents_beyond"].round(0),
            say("reach_minuti", language): totals["gap_minutes"].round(1),
        }
    )
    if subject.units == "comuni":
        return table
    return table.assign(**{say("municipalities", language): totals["municipality_count"]})
