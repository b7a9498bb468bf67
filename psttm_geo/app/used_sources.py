"""What a page rests on: its sources in words, on the screen, on paper and in the documents that it gives."""

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from psttm_geo.app import widgets
from psttm_geo.app.state import State
from psttm_geo.app.texts import day, plain, say
from psttm_geo.errors import Language
from psttm_geo.model.provenance import FACT, Source, merge_sources, say_name
from psttm_geo.workflows import Territory
from psttm_geo.workflows.delivery import layer_sources


def find_sources(territory: Territory, layers: Iterable[str] = ()) -> tuple[Source, ...]:
    """Return what a page rests on: outlines, figures and memberships, and whatever its layers do; each source once."""
    used = layer_sources(territory, layers)
    found = merge_sources([*territory.sources, *(source for sources in used.values() for source in sources)])
    return tuple({(source.title, source.publisher, source.sha256): source for source in found}.values())


def source_lines(sources: Iterable[Source], language: Language) -> tuple[str, ...]:
    """Say each source with its date and licence; public facts, of which there may be many, in one line at the end."""
    dated, facts = _parted(sources)
    lines = [
        say(
            "source_line",
            language,
            title=_titled(source, language),
            dated=say("data_on", language, date=day(source.reference_date, language))
            if source.reference_date
            else say_day("", source.added_on, language),
            licence=say_name(source.licence, language),
        )
        for source in dated
    ]
    return (*lines, *([f"{_say_facts(facts, language)}."] if facts else []))


def source_table(sources: Iterable[Source], language: Language) -> pd.DataFrame:
    """Return sources in the words of a page, one row each; public facts are one row, without a date."""
    dated, facts = _parted(sources)
    rows = [
        (
            _titled(source, language),
            say_day(source.reference_date, source.added_on, language),
            say_name(source.attribution, language),
            say_name(source.licence, language),
        )
        for source in dated
    ]
    rows += [(_say_facts(facts, language), "", "", "")] if facts else []
    names = ("source", "data_of", "attribution", "licence_title")
    return pd.DataFrame(rows, columns=[say(name, language) for name in names])


def _parted(sources: Iterable[Source]) -> tuple[list[Source], list[Source]]:
    """Part sources from public facts."""
    listed = list(sources)
    return [one for one in listed if one.publisher != FACT], [one for one in listed if one.publisher == FACT]


def _titled(source: Source, language: Language) -> str:
    return f"{say_name(source.title, language)}, {say_name(source.publisher, language)}"


def _say_facts(facts: Iterable[Source], language: Language) -> str:
    return say("public_facts", language, names="; ".join(dict.fromkeys(fact.title for fact in facts)))


def say_day(date: str, added_on: str, language: Language) -> str:
    """Say of when a source is; of one that does not say, when its file was registered."""
    if date or not added_on:
        return day(date, language)
    return say("undated_added", language, date=day(added_on, language))


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
    with st.expander(say("sources", language)):
        lines = source_lines(find_sources(territory, layers), language)
        st.markdown("\n".join(f"- {plain(line)}" for line in lines))
        st.markdown(say("method", language))
        if territory.notices:
            st.markdown(f"**{say('notes', language)}**")
            st.markdown("\n".join(f"- {plain(notice.say(language))}" for notice in territory.notices))


def show_printed_sources(state: State, territory: Territory, layers: Sequence[str] = ()) -> None:
    """Set on paper what every figure comes from, which the screen unfolds on request."""
    widgets.show_printed(source_table(find_sources(territory, layers), state.language))
