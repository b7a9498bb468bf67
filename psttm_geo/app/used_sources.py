"""What a page rests on: its sources in words, on the screen, on paper and in the documents that it gives."""

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from psttm_geo.app import figure_tables
from psttm_geo.app.state import State
from psttm_geo.app.texts import TEXTS, bold, day, plain, say
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import FACT, Source, merge_sources, say_name
from psttm_geo.jobs import Territory
from psttm_geo.jobs.deliveries import layer_sources


def find_sources(territory: Territory, layers: Iterable[str] = ()) -> tuple[Source, ...]:
    """Return what a page rests on: outlines, figures and memberships, and whatever its layers do; each source once."""
    used = layer_sources(territory, layers)
    found = merge_sources([*territory.sources, *(source for sources in used.values() for source in sources)])
    return tuple({(source.title, source.publisher, source.reference_date): source for source in found}.values())


def source_lines(sources: Iterable[Source], language: Language) -> tuple[str, ...]:
    """Say each source with its date, its licence and whom that asks to name.

    Public facts, of which there may be many, are one line at the end.
    """
    listed = list(sources)
    facts = dict.fromkeys(source.title for source in listed if source.publisher == FACT)
    lines = [_say_source(source, language) for source in listed if source.publisher != FACT]
    return (*lines, *([say("Public facts on places: {names}.", language, names="; ".join(facts))] if facts else []))


def _say_source(source: Source, language: Language) -> str:
    date = source.reference_date
    said = say(
        "{title}; {dated}; licence: {licence}.",
        language,
        title=_titled(source, language),
        dated=say("data on {date}", language, date=day(date, language))
        if date
        else say_day("", source.added_on, language),
        licence=say_name(source.licence, language),
    )
    if source.attribution == source.publisher or source.title.startswith(source.attribution):
        return said
    attribution = say("Attribution: {attribution}.", language, attribution=say_name(source.attribution, language))
    return f"{said} {attribution}"


def _titled(source: Source, language: Language) -> str:
    return f"{say_name(source.title, language)}, {say_name(source.publisher, language)}"


def say_day(date: str, added_on: str, language: Language) -> str:
    """Say of when a source is; of one that does not say, when its file was registered."""
    if date or not added_on:
        return day(date, language)
    return say("date not stated; file acquired: {date}", language, date=day(added_on, language))


def show_sources(state: State, territory: Territory, layers: Sequence[str] = ()) -> None:
    """Say where every figure of the page comes from.

    Parameters
    ----------
    state, territory
        Give the language and what is known.
    layers
        Of the delivery, whose figures the page shows.
    """
    language = state.language
    with st.expander(say("Sources and licences", language)):
        lines = source_lines(find_sources(territory, layers), language)
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        st.markdown(say(TEXTS["method"], language))
        if territory.notices:
            st.markdown(bold(say("Notes on the data", language)))
            st.markdown("\n".join(f"- {plain(notice.say(language))}" for notice in territory.notices))


def show_printed_sources(state: State, territory: Territory, layers: Sequence[str] = ()) -> None:
    """Set on paper what every figure comes from, which the screen unfolds on request."""
    language = state.language
    lines = source_lines(find_sources(territory, layers), language)
    figure_tables.show_printed(pd.DataFrame({say("Sources and licences", language): lines}))
