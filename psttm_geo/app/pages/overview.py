"""An edition of the plan at a glance: its figures, missions, key words, drivers and partnerships."""

import html

import pandas as pd
import streamlit as st

from psttm_geo.app import cards, controls, used_sources
from psttm_geo.app.figure_tables import TALL_ROW_HEIGHT_PX
from psttm_geo.app.state import DRIVER, MISSION, State
from psttm_geo.app.texts import TEXTS, bold, day, number, percent, plain, say
from psttm_geo.app.views import access_view, level_marks, process_view, statement_view
from psttm_geo.app.views.access_view import WHOLE
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.core.messages import Language, gettext, pgettext
from psttm_geo.core.provenance import marked
from psttm_geo.jobs import Territory
from psttm_geo.plan.records import Counted, Plan
from psttm_geo.plan.statements import STATEMENTS

_MARKS = {"si": "●", "non_indicato": "", "non_noto": "?"}


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    plan, language = plan_of(territory, state.edition), state.language
    _show_edition(plan, language, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_vision(plan, language, territory)
        _show_missions(plan, language)
        _show_partnerships(plan, language)
    with right:
        _show_drivers(plan, language)
        _show_terms(state.edition, language, territory)
    _show_timeline(language, territory)
    _show_results(state.edition, language, territory)
    _show_means(state.edition, language, territory)
    used_sources.show_sources(state, territory, [WHOLE, *STATEMENTS])


def _show_edition(plan: Plan, language: Language, territory: Territory) -> None:
    """Say which edition it is, and its figures."""
    edition = plan.edition
    st.header(edition.title.say(language), anchor=False)
    facts = {
        say("Approved on", language): day(edition.approved_on, language),
        say("Act", language): edition.approval_act or say(TEXTS["non_noto"], language),
        say("Unioni di comuni", language): ", ".join(plan.union_names) or say(pgettext("unione", "none"), language),
    }
    cards.show_facts(facts)
    cards.show_figures(_figures(plan, language, territory))
    if edition.counted is not None and edition.project_count is not None:
        st.caption(plain(_say_counted(edition.project_count, edition.counted, edition.identifier, language)))


def _say_counted(count: int, counted: Counted, edition: str, language: Language) -> str:
    """Say what a document counts among the results of the edition, where it does, and what it leaves open."""
    return say(
        "Among the results of {edition} the document “{document}” ({reference}) counts {count} "
        "{kind}: {note}. It is not the total of the projects of the plan.",
        language,
        edition=edition,
        count=number(count, language),
        kind=counted.kind.say(language),
        note=counted.note.say(language),
        document=counted.document,
        reference=counted.reference,
    )


def _figures(plan: Plan, language: Language, territory: Territory) -> list[tuple[str, str]]:
    whole = territory.whole.iloc[0]
    counts = (
        (whole["municipality_count"], "count_municipalities"),
        (whole["residents"], "residents"),
        (len(plan.missions), "missions"),
        (len(plan.goals), "goals"),
        (len(plan.drivers), "count_drivers"),
    )
    figures = [(number(count, language), say(TEXTS[key], language).lower()) for count, key in counts]
    counted, amount = plan.edition.project_count, plan.edition.project_amount_eur
    if counted is not None and plan.edition.counted is not None:
        figures.append((number(counted, language), plan.edition.counted.kind.say(language)))
    if amount is not None:
        figures.append((f"{number(amount, language)} €", say("amount of these interventions", language)))
    share = access_view.quarter_hour_share(territory)
    if share is not None:
        label = marked(
            say("residents with all essential services within 15 minutes on foot", language),
            language,
            synthetic=territory.synthetic,
        )
        figures.append((percent(share, language), label))
    return figures


def _vision_table(plan: Plan, language: Language, territory: Territory) -> pd.DataFrame:
    """Return what the vision marks: one row per mission, one column per key word, words for marks."""
    titles = dict(zip(territory.plan.key_words["key_word"], territory.plan.key_words[f"title_{language}"], strict=True))
    marks = plan.vision.set_index(["mission", "key_word"])["mark"]
    missions = plan.missions[["mission", f"title_{language}"]].itertuples(index=False, name=None)
    return pd.DataFrame(
        [
            {say(TEXTS["mission"], language): f"{mission}. {title}"}
            | {name: str(marks.get((mission, word), "non_noto")) for word, name in titles.items()}
            for mission, title in missions
        ]
    )


def _show_vision(plan: Plan, language: Language, territory: Territory) -> None:
    """Show missions and key words as a matrix; a mark that is not legible is unknown."""
    table = _vision_table(plan, language, territory)
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in table.columns)
    body = "".join(
        f"<tr><th scope='row'>{html.escape(row[0])}</th>{''.join(_cell(mark, language) for mark in row[1:])}</tr>"
        for row in table.itertuples(index=False, name=None)
    )
    st.markdown(bold(say("Missions and key words", language)))
    st.html(f"<table class='psttm-matrix'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    said = [
        say(
            "● marked in the vision; blank: not marked in the table; ?: the mark is not legible in the table.", language
        )
    ]
    said.append(level_marks.say_vision(plan, language))
    st.caption(" ".join(filter(None, said)))


def _cell(mark: str, language: Language) -> str:
    return (
        f"<td class='{mark}'><span aria-hidden='true'>{_MARKS[mark]}</span><em>{say(TEXTS[mark], language)}</em></td>"
    )


def _show_missions(plan: Plan, language: Language) -> None:
    """Show the missions and how many goals each has; a chosen row opens its goals."""
    counts = plan.goals.groupby("mission").size()
    table = pd.DataFrame(
        {
            say(TEXTS["mission"], language): plan.missions["mission"].astype(str)
            + ". "
            + plan.missions[f"title_{language}"],
            say(TEXTS["goals"], language): plan.missions["mission"].map(counts),
        }
    )
    _show_rows(table, f"overview_missions_{language}", MISSION, plan.missions["mission"], "obiettivi")


def _show_drivers(plan: Plan, language: Language) -> None:
    """Show the drivers with what each is for; a chosen row opens the driver."""
    table = pd.DataFrame(
        {
            say(TEXTS["driver"], language): plan.drivers["driver"].astype(str)
            + ". "
            + plan.drivers[f"title_{language}"],
            say("What it combines", language): plan.drivers[f"summary_{language}"],
        }
    )
    st.markdown(bold(say(TEXTS["count_drivers"], language)))
    _show_rows(table, f"overview_drivers_{language}", DRIVER, plan.drivers["driver"], "driver", TALL_ROW_HEIGHT_PX)


def _show_rows(
    table: pd.DataFrame, key: str, parameter: str, values: pd.Series, page: str, row_height: int | None = None
) -> None:
    """Show a table whose chosen row opens a page."""
    first, *others = table.columns
    st.dataframe(
        table,
        key=key,
        hide_index=True,
        row_height=row_height,
        height="content",
        column_config={first: st.column_config.Column(width="medium" if row_height else None)}
        | {name: st.column_config.Column(width="large" if row_height else "small") for name in others},
        **controls.chosen_row(key, values, controls.opener(page, parameter)),
    )


def _show_partnerships(plan: Plan, language: Language) -> None:
    """Show with whom the plan is carried out, and to what end."""
    st.markdown(bold(say("Agreements", language)))
    if plan.partnerships.empty:
        st.markdown(say(TEXTS["non_noto"], language))
        return
    columns = {
        f"partner_{language}": say("Partner", language),
        f"purpose_{language}": say("To what end", language),
        "reference": say("Reference (in Italian)", language),
    }
    table = plan.partnerships[list(columns)].rename(columns=columns)
    st.dataframe(
        table,
        hide_index=True,
        row_height=TALL_ROW_HEIGHT_PX,
        height="content",
        column_config={name: st.column_config.Column(width="medium") for name in table.columns},
    )


def _show_terms(edition: str, language: Language, territory: Territory) -> None:
    """Show what the key words mean, and the dimensions of the plan."""
    st.markdown(bold(say("What the key words mean", language)))
    cards.show_stated(statement_view.key_word_table(edition, territory, language), say(TEXTS["non_noto"], language))
    dimensions = process_view.dimension_table(territory, language)
    if not dimensions.table.empty:
        st.markdown(bold(say("Dimensions of the plan", language)))
        cards.show_stated(dimensions)


def _show_timeline(language: Language, territory: Territory) -> None:
    """Show the acts of all editions on an axis of years and one by one, and the stages of each edition."""
    shown = process_view.timeline(territory, language)
    st.header(say("Acts and stages", language), anchor=False)
    label = say("Acts by date and editions by year; the numbers are those of the list.", language)
    cards.show_axis(shown.axis, label)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        cards.show_stated(shown.listed, say(TEXTS["non_noto"], language))
        if not shown.undated.table.empty:
            heading = say("Acts whose date is not stated", language)
            with st.expander(f"{heading} ({number(len(shown.undated.table), language)})"):
                cards.show_stated(shown.undated)
    with right:
        st.markdown(bold(say("Stages of the process", language)))
        cards.show_stated(process_view.stage_table(territory, language), say(TEXTS["non_noto"], language))
        st.caption(say("The documents state no dates for the stages.", language))


def _show_results(edition: str, language: Language, territory: Territory) -> None:
    """Show what the edition, and the one before it, achieved and left open."""
    results = process_view.result_tables(edition, territory, language)
    if not results:
        return
    headings = {
        "raggiunto": gettext("Edition {edition}: what it achieved"),
        "aperto": gettext("Edition {edition}: what remains open"),
    }
    st.header(say("Results", language), anchor=False)
    for (of, kind, stated), column in zip(results, st.columns(len(results), gap="medium"), strict=True):
        with column:
            st.markdown(bold(say(headings[kind], language, edition=of)))
            cards.show_stated(stated)


def _show_means(edition: str, language: Language, territory: Territory) -> None:
    """Show with what the plan is carried out: instruments, bodies, services to municipalities."""
    sections = {
        say("Instruments", language): process_view.instrument_table(edition, territory, language),
        say("Bodies", language): process_view.body_table(territory, language),
        say("Services to municipalities", language): process_view.service_table(territory, language),
    }
    for heading, stated in sections.items():
        with st.expander(f"{heading} ({number(len(stated.table), language)})"):
            cards.show_stated(stated, say(TEXTS["non_noto"], language))
