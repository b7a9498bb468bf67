"""How the plan is made and carried out, in the words of the overview: acts, stages, instruments, bodies, results."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from psttm_geo.app.texts import day, say
from psttm_geo.app.views.statement_view import Stated, cite, instrument_names, optional_texts, words_of
from psttm_geo.app.views.year_axis import Axis, Mark, draw_axis, span_of
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory

_MONTH_DIGITS = len("AAAA-MM")


@dataclass(frozen=True)
class Timeline:
    """The acts of all editions.

    Attributes
    ----------
    axis
        Acts with a date, below the editions.
    listed, undated
        The acts with a date, by their numbers, and those without one.
    """

    axis: Axis
    listed: Stated
    undated: Stated


def timeline(territory: Territory, language: Language) -> Timeline:
    """Return the acts in the order of their dates, and where they and the editions stand in the years."""
    rows = territory.plan.statements["atti_del_piano"]
    dated = rows[rows["act_date"].notna()].sort_values("act_date", kind="stable")
    numbers = [str(number) for number in range(1, len(dated) + 1)]
    undated = rows[rows["act_date"].isna()]
    acts = [Mark(number, *span_of(written)) for number, written in zip(numbers, dated["act_date"], strict=True)]
    editions = [
        Mark(plan.edition.identifier, plan.edition.years[0], plan.edition.years[1] + 1)
        for plan in territory.plan.plans
        if plan.edition.years is not None
    ]
    return Timeline(
        draw_axis(acts, editions),
        listed=_list_dated(dated, numbers, territory, language),
        undated=cite(undated, _told(undated, language), territory, language),
    )


def _say_written(written: str, language: Language) -> str:
    """Say a date as far as it is stated: a day in words, a month or a year as written; that none is stated."""
    return written if 0 < len(written) <= _MONTH_DIGITS else day(written, language)


def _list_dated(rows: pd.DataFrame, numbers: Iterable[str], territory: Territory, language: Language) -> Stated:
    dates = [_say_written(one, language) for one in rows["act_date"]]
    columns = {"n.": numbers, say("Date", language): dates, **_told(rows, language)}
    return cite(rows, columns, territory, language)


def _told(rows: pd.DataFrame, language: Language) -> dict[str, Iterable[str]]:
    """Return what acts are, whose, and what they set."""
    kinds = words_of(rows, "act_kind", "tipo_di_atto", language)
    named = (kinds, *(optional_texts(rows[name]) for name in ("act_number", f"deciding_body_{language}")))
    acts = [
        ", ".join(filter(None, (f"{kind} {number}".strip(), organ))) for kind, number, organ in zip(*named, strict=True)
    ]
    return {say("Act", language): acts, say("What it sets", language): rows[f"act_title_{language}"].to_list()}


def stage_table(territory: Territory, language: Language) -> Stated:
    """Return the stages in which each edition was made."""
    rows = territory.plan.statements["fasi_del_processo"].sort_values(["edition", "position"])
    columns = {
        say("Edition", language): rows["edition"].to_list(),
        say("Stage", language): (rows["position"].astype(str) + ". " + rows[f"name_{language}"]).to_list(),
        say("What is done", language): optional_texts(rows[f"description_{language}"]),
    }
    return cite(rows, columns, territory, language)


def result_tables(edition: str, territory: Territory, language: Language) -> list[tuple[str, str, Stated]]:
    """Return what is known to have become of an edition and of the one before it: edition, kind, table."""
    known = [plan.edition.identifier for plan in territory.plan.plans]
    position = known.index(edition)
    rows = territory.plan.statements["risultati"]
    rows = rows[rows["edition"].isin(known[max(0, position - 1) : position + 1])].sort_values(["edition", "position"])
    return [
        (
            str(of),
            str(kind),
            cite(mine, {say("Result", language): mine[f"result_{language}"].to_list()}, territory, language),
        )
        for (of, kind), mine in rows.groupby(["edition", "result_kind"], sort=False)
    ]


def instrument_table(edition: str, territory: Territory, language: Language) -> Stated:
    """Return the instruments, what the documents say of them, and which goals of an edition name them."""
    statements = territory.plan.statements
    rows, named = statements["strumenti"], statements["obiettivi_strumenti"]
    named = named[named["edition"] == edition]
    goals = (
        (named["mission"].astype(str) + "." + named["number"].astype(str)).groupby(named["instrument"]).agg(", ".join)
    )
    columns = {
        say("Instrument", language): instrument_names(rows, language),
        say("Kind", language): words_of(rows, "instrument_kind", "tipo_di_strumento", language),
        say("What the documents say of it", language): optional_texts(rows[f"description_{language}"]),
        say("Goals {edition}", language, edition=edition): rows["instrument"].map(goals).fillna("").to_list(),
    }
    return cite(rows, columns, territory, language)


def body_table(territory: Territory, language: Language) -> Stated:
    """Return the bodies and what they do."""
    rows = territory.plan.statements["organismi"]
    columns = {
        say("Body", language): rows[f"name_{language}"].to_list(),
        say("Kind", language): words_of(rows, "plan_body_kind", "tipo_di_organismo", language),
        say("What it does", language): optional_texts(rows[f"description_{language}"]),
    }
    return cite(rows, columns, territory, language)


def service_table(territory: Territory, language: Language) -> Stated:
    """Return the services to municipalities."""
    rows = territory.plan.statements["supporto_ai_comuni"]
    columns = {
        say("Service", language): rows[f"name_{language}"].to_list(),
        say("What it is", language): optional_texts(rows[f"description_{language}"]),
    }
    return cite(rows, columns, territory, language)


def dimension_table(territory: Territory, language: Language) -> Stated:
    """Return the dimensions of the plan, with the edition whose documents name them."""
    rows = territory.plan.statements["dimensioni"].sort_values(["edition", "position"])
    columns = {
        say("Edition", language): rows["edition"].to_list(),
        say("Dimension", language): rows[f"name_{language}"].to_list(),
        say("What it is", language): optional_texts(rows[f"description_{language}"]),
    }
    return cite(rows, columns, territory, language)
