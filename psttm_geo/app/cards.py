"""Cards of a municipality, a zone, a union or the whole: facts, large figures, ages and neighbours."""

import html
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from psttm_geo.app import controls, data
from psttm_geo.app.state import State
from psttm_geo.app.texts import TEXTS, day, number, percent, say
from psttm_geo.app.views.statement_view import Stated
from psttm_geo.app.views.year_axis import Axis, Mark
from psttm_geo.jobs import Territory


def show_facts(facts: Mapping[str, str]) -> None:
    """Show terms and what each is."""
    terms = "".join(f"<dt>{html.escape(term)}</dt><dd>{html.escape(fact)}</dd>" for term, fact in facts.items())
    st.html(f'<dl class="psttm-facts">{terms}</dl>')


def show_figures(figures: Sequence[tuple[str, str]]) -> None:
    """Show large figures, each over what it is."""
    items = "".join(
        f"<div><b>{html.escape(value)}</b><span>{html.escape(label)}</span></div>" for value, label in figures
    )
    st.html(f'<div class="psttm-figures">{items}</div>')


def show_stated(stated: Stated, nothing: str = "") -> None:
    """Show what documents state with its passages, row below row on a narrow screen; `nothing` where there is none."""
    if stated.table.empty:
        st.caption(nothing)
        return
    heads = [html.escape(str(name)) for name in stated.table.columns]
    body = "".join(
        f"<tr>{''.join(map(_cell, heads, map(str, cells)))}</tr>"
        for cells in stated.table.itertuples(index=False, name=None)
    )
    row = "".join(f"<th scope='col'>{head}</th>" for head in heads)
    numbered = " numbered" if heads[0] == "n." else ""
    st.html(
        f"<table class='psttm-stated{numbered}'><thead><tr>{row}</tr></thead><tbody>{body}</tbody></table>"
        f"<p class='psttm-cited'>{html.escape(stated.note)}</p>"
    )


_SHORT = 14
"""Letters of a cell that stays on one line: a year, a day, an edition, a role."""


def _cell(head: str, text: str) -> str:
    kind = " class='short'" if len(text) <= _SHORT else ""
    return f"<td data-head='{head}'{kind}>{html.escape(text)}</td>"


def show_axis(axis: Axis, label: str) -> None:
    """Show an axis of years; `label` says what it shows to those who do not see it."""
    first, length = axis.years[0], len(axis.years) - 1

    def place(mark: Mark) -> str:
        return f"left:{(mark.begins - first) / length:.2%};width:{(mark.ends - mark.begins) / length:.2%}"

    years = "".join(f"<li>{year}</li>" for year in axis.years[:-1])
    periods = "".join(f"<b style='{place(mark)}'>{html.escape(mark.label)}</b>" for mark in axis.periods)
    marks = "".join(
        f"<i{f' class={mark.kind}' if mark.kind else ''} style='{place(mark)};--level:{mark.level}'>"
        f"<span>{html.escape(mark.label)}</span></i>"
        for mark in axis.marks
    )
    levels = 1 + max((mark.level for mark in axis.marks), default=0)
    st.html(
        f"<div class='psttm-timeline' role='img' aria-label='{html.escape(label)}' style='--levels:{levels}'>"
        + (f"<div class='periods'>{periods}</div>" if periods else "")
        + f"<div class='marks'>{marks}</div><ol>{years}</ol></div>"
    )


def show_unit(row: pd.Series, state: State, territory: Territory) -> None:
    """Show residents, area and density of a municipality, a zone, a union or the whole."""
    language = state.language
    residents_on = say(
        "residents on {date}{estimate}",
        language,
        date=day(territory.residents_date, language),
        estimate=say(" (estimate)", language) if territory.residents.provisional else "",
    )
    show_figures(
        (
            (number(row["residents"], language), residents_on),
            (f"{number(row['area_km2'], language, 2)} km²", say("area", language)),
            (
                say("{density} per km²", language, density=number(row["density_per_km2"], language)),
                say("density", language),
            ),
        )
    )


def show_ages(row: pd.Series, state: State) -> None:
    """Show residents by age band."""
    language = state.language
    bands = {
        "0-14": "residents_0_14",
        "15-64": "residents_15_64",
        "65-74": "residents_65_74",
        "75+": "residents_75_over",
    }
    shares = {band: row[column] / row["residents"] for band, column in bands.items()}
    widest = max(shares.values())
    lines = "".join(
        f"<tr><th scope='row'>{band}</th><td class='bar'><i style='width:{shares[band] / widest:.1%}'></i></td>"
        f"<td>{number(row[column], language)}</td><td>{percent(shares[band], language)}</td></tr>"
        for band, column in bands.items()
    )
    age, residents, share = say("Age", language), say(TEXTS["residents"], language), say("Share", language)
    caption = say("Residents by age", language)
    st.html(
        f"<table class='psttm-ages'><caption>{caption}</caption><thead><tr><th scope='col'>{age}</th><td></td>"
        f"<th scope='col'>{residents}</th><th scope='col'>{share}</th></tr></thead><tbody>{lines}</tbody></table>"
    )
    st.caption(
        say(
            "Women {women}, men {men}.",
            language,
            women=number(row["residents_female"], language),
            men=number(row["residents_male"], language),
        )
    )


def show_neighbours(code: str, state: State, territory: Territory) -> None:
    """Show the municipalities around one; those of the territory can be chosen."""
    pairs = data.neighbours()
    codes = pairs.loc[pairs["municipality_code"] == code, "neighbour_code"]
    inside = territory.municipalities.set_index("municipality_code")["municipality"]
    ring = territory.ring.set_index("municipality_code")
    names = {one: inside[one] for one in codes if one in inside.index}
    key = f"neighbours_{code}"
    controls.show_pills(say("Neighbouring municipalities", state.language), names, key, controls.choose)
    outside = [f"{ring.loc[one, 'municipality']} ({ring.loc[one, 'province']})" for one in codes if one in ring.index]
    if outside:
        st.caption(say("Outside the territory: {names}.", state.language, names=", ".join(outside)))
