"""Pieces that pages are put together from."""

import html
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_integer_dtype, is_numeric_dtype

from psttm_geo.app import assets, data
from psttm_geo.app.download_button import offer, offer_table
from psttm_geo.app.state import (
    AFTER,
    BEFORE,
    EDITION,
    GOAL,
    LANGUAGE,
    MUNICIPALITY,
    PAGE,
    VIEW,
    State,
    map_state,
    restore_address,
    write_background,
    write_panel,
    write_parameter,
)
from psttm_geo.app.texts import day, number, percent, say
from psttm_geo.core.errors import Language
from psttm_geo.core.provenance import marked
from psttm_geo.jobs import Territory
from psttm_geo.schema import colours
from psttm_geo.webmap import maps
from psttm_geo.webmap.offline_leaflet import standalone_html

MAP_HEIGHT_PX = 640

SEARCH_WIDTH_PX = 320

_SENDING_S = 0.03
"""A run that begins anew takes back what is not sent yet; in this time the server's loop sends what the map shows."""

_PATIENCE_S = 0.5
"""Between one look at what is being loaded and the next."""

_RESTS_ON = {EDITION: GOAL, AFTER: BEFORE}
"""What a choice takes out of the address: in another edition the same number is another goal."""

_STYLE = """
<style>
.stApp .block-container { padding: 1rem 2rem 2rem; max-width: 1680px; }
.stApp [data-testid="stHeader"] { height: 0; min-height: 0; background: none; }
.stApp [data-testid="stMain"] h1 { font-size: 1.4rem; padding: 0; font-weight: 700; line-height: 1.25; }
.stApp [data-testid="stMain"] h2 { font-size: 1.25rem; padding: 0 0 .3rem; }
.stApp [data-testid="stCaptionContainer"] { color: #525c68; opacity: 1; }
.st-key-map { --psttm-height: min(640px, 72vh); min-height: var(--psttm-height); }
.stApp .psttm-legend { display: flex; flex-wrap: wrap; gap: .25rem .95rem; margin: 0; padding: 0; list-style: none; }
.stApp .psttm-legend li {
  display: inline-flex; align-items: center; gap: .4rem; margin: 0; padding: 0; font-size: .84rem;
}
.psttm-legend i { width: 1.05rem; height: .8rem; border: 1px solid #3d4752; border-radius: 2px; display: inline-block; }
.psttm-legend i.union { border: 0; height: 0; border-top: 3px dashed #5b1a6b; width: 1.6rem; border-radius: 0; }
.psttm-legend i.sign {
  box-sizing: border-box; width: 1.15rem; height: 1.15rem; border: 0; border-radius: 50%; background: #aa3377;
  color: #fff; font: 700 .85rem/1.1rem system-ui, sans-serif; text-align: center;
}
.psttm-legend i.sposta { border-radius: 4px; }
.psttm-legend i.chiudi { background: #fff; color: #aa3377; border: 2px solid #aa3377; line-height: .85rem; }
.psttm-legend i.today { width: .7rem; height: .7rem; background: #ccbb44; border: 1.5px solid #111111; }
.stApp .psttm-facts {
  display: grid; grid-template-columns: auto 1fr; gap: .15rem 1rem; margin: 0; padding: 0; font-size: .93rem;
}
.stApp .psttm-facts dt, .stApp .psttm-facts dd { margin: 0; padding: 0; font-weight: 400; }
.psttm-facts dt { color: #525c68; }
.psttm-figures { display: flex; flex-wrap: wrap; gap: .4rem 1.8rem; }
.psttm-figures div { line-height: 1.2; }
.psttm-figures b { font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.psttm-figures span { display: block; color: #525c68; font-size: .82rem; }
.psttm-ages { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
.psttm-ages caption { text-align: left; font-weight: 600; padding-bottom: .1rem; }
.psttm-ages th, .psttm-ages td { text-align: right; padding: .14rem .35rem; border: 0; font-weight: 400; }
.psttm-ages th:first-child { text-align: left; padding-left: 0; }
.psttm-ages thead th { color: #525c68; font-size: .8rem; }
.psttm-ages td.bar { width: 45%; text-align: left; }
.psttm-ages td.bar i { display: block; height: .7rem; background: #1f5a94; border-radius: 2px; }
.psttm-matrix { border-collapse: collapse; width: 100%; font-size: .9rem; }
.psttm-matrix th, .psttm-matrix td {
  padding: .3rem .35rem; border: 0; border-bottom: 1px solid #d5d9de; font-weight: 400;
}
.psttm-matrix thead th { color: #525c68; font-size: .8rem; vertical-align: bottom; }
.psttm-matrix thead th:first-child, .psttm-matrix tbody th { text-align: left; padding-left: 0; }
.psttm-matrix td { text-align: center; color: #1f5a94; font-size: 1rem; }
.psttm-matrix td.non_noto { color: #8a6d00; }
.psttm-matrix td em { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.stApp [data-testid="stButtonGroup"] [role="radiogroup"] { flex-wrap: wrap; }
.psttm-print { display: none; }
@media print {
  @page { size: A4; margin: 12mm; }
  .stApp, .stApp [data-testid="stAppViewContainer"], .stApp [data-testid="stMain"] {
    position: static; height: auto; overflow: visible; display: block;
  }
  .stApp .block-container { padding: 0; max-width: none; }
  .st-key-header [data-testid="stButtonGroup"], .stApp [data-testid="stDownloadButton"],
  .stApp [data-testid="stSelectbox"], .stApp [data-testid="stCheckbox"], .stApp [data-testid="stButtonGroup"],
  .stApp [data-testid="stButton"], .stApp [data-testid="stExpander"], .st-key-sheet_choice, .st-key-screen,
  .stApp [data-testid="stElementContainer"]:has([data-testid="stDataFrame"]) {
    display: none;
  }
  .stApp .st-key-near [data-testid="stButtonGroup"] { display: block; }
  .stApp [data-testid="stHorizontalBlock"], .stApp [data-testid="stVerticalBlock"] { display: block; }
  .stApp [data-testid="stElementContainer"] { margin-bottom: 2.5mm; }
  .stApp [data-testid="stElementContainer"]:has([data-testid="stMarkdown"] strong:only-child) { break-after: avoid; }
  .psttm-print { display: table; width: 100%; border-collapse: collapse; font-size: 8.5pt; }
  .psttm-print thead { display: table-header-group; }
  .psttm-print tr { break-inside: avoid; }
  .psttm-print th, .psttm-print td {
    border: .4pt solid #8a929b; padding: 1.2mm 1.6mm; text-align: left; vertical-align: top;
  }
  .psttm-print td.figure { text-align: right; white-space: nowrap; }
}
@media (max-width: 640px) {
  .stApp .block-container { padding: .7rem .8rem 1.5rem; }
  .stApp [data-testid="stMain"] h1 { font-size: 1.05rem; }
  .st-key-map { --psttm-height: 48vh; }
  .st-key-twins .st-key-map { --psttm-height: 88vh; }
  .psttm-matrix thead th:not(:first-child) { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; }
  .psttm-matrix th, .psttm-matrix td { padding-inline: .15rem; }
  .stApp [data-testid="stHorizontalBlock"] { row-gap: .6rem; }
}
</style>
"""


def inject_style() -> None:
    """Set the few rules that Streamlit's theme has no option for."""
    st.html(_STYLE)


def declare_language(language: Language) -> None:
    """Tell the browser, and who has the page read aloud, which language it is in: Streamlit always says English."""
    st.html(f'<script>document.documentElement.lang = "{language}"</script>', unsafe_allow_javascript=True)


def show_header(state: State, page: str, pages: list[str]) -> None:
    """Show the title and the switch between pages."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="header"):
        title = marked(say("app", state.language), state.language, synthetic=state.synthetic)
        st.title(title, anchor=False, width="content")
        show_switch(PAGE, "page", pages, page, state.language, lambda name: say(f"page_{name}", state.language))


def show_switch(
    parameter: str,
    label: str,
    options: Sequence[str],
    chosen: str,
    language: Language,
    show: Callable[[str], str] = str,
) -> None:
    """Show a switch whose state is a part of the address bar.

    Parameters
    ----------
    parameter
        Its name in the address.
    label
        Key of its label in :data:`psttm_geo.app.texts.TEXTS`.
    options, chosen
        Values in the address.
    language
        Of label and options.
    show
        Gives the words of an option.
    """
    key = f"choice_{parameter}"
    st.session_state[key] = chosen

    def changed() -> None:
        # A second click on the chosen option empties the switch: the choice then stays as it was.
        write_parameter(parameter, st.session_state[key] or chosen)
        if parameter in _RESTS_ON:
            write_parameter(_RESTS_ON[parameter], None)

    st.segmented_control(
        say(label, language),
        options,
        key=key,
        format_func=show,
        on_change=changed,
        label_visibility="collapsed" if label in ("language", "page") else "visible",
        width="content",
    )


def show_controls(state: State, territory: Territory, *, one_edition: bool, mapped: bool) -> None:
    """Show the switch of editions where a page shows one, search, background where it shows a map, and language."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if one_edition:
            editions = [plan.edition.identifier for plan in territory.plans]
            show_switch(EDITION, "edition", editions, state.edition, state.language)
        _show_search(state, territory)
        if mapped:
            st.session_state["background"] = state.tiles
            st.toggle(
                say("background", state.language),
                key="background",
                help=say("background_help", state.language),
                on_change=lambda: write_background(on=st.session_state["background"]),
                width="content",
            )
        st.space("stretch")
        show_switch(LANGUAGE, "language", ["it", "en"], state.language, state.language, str.upper)


def _show_search(state: State, territory: Territory) -> None:
    by_name = territory.municipalities.sort_values("municipality")
    names = dict(zip(by_name["municipality_code"], by_name["municipality"], strict=True))
    key, remember = renewed_key("search", state.municipality)
    st.session_state[key] = state.municipality

    def searched() -> None:
        code = st.session_state[key]
        remember(code)
        choose(code)

    st.selectbox(
        say("search", state.language),
        list(names),
        key=key,
        format_func=names.__getitem__,
        placeholder=say("search_hint", state.language),
        on_change=searched,
        width=SEARCH_WIDTH_PX,
    )


def renewed_key(name: str, value: str | None) -> tuple[str, Callable[[str | None], None]]:
    """Return the key of a field whose value is also chosen elsewhere, and what its own changes are to be told.

    A value chosen elsewhere gets a field of its own: the browser may still send what the old one says, and would take
    the choice back.
    """
    said, count = st.session_state.get(f"{name}_said", (value, 0))
    count += said != value
    st.session_state[f"{name}_said"] = (value, count)

    def remember(chosen: str | None) -> None:
        st.session_state[f"{name}_said"] = (chosen, count)

    return f"{name}_{count}", remember


def choose(code: str | None) -> None:
    """Choose a municipality; the map goes there by itself."""
    write_parameter(MUNICIPALITY, code)
    write_parameter(VIEW, None)


@st.fragment
def show_maps(state: State, *shown: maps.MapState) -> None:
    """Show one map, or two that move together; a click chooses a municipality, a move is kept in the address bar.

    Parameters
    ----------
    state
        What the address bar says.
    shown
        What each map shows.
    """
    draw_maps(state, shown)


def draw_maps(
    state: State,
    shown: Sequence[maps.MapState],
    *,
    on_pointed: Callable[[str], None] | None = None,
    on_edited: Callable[[str], None] | None = None,
) -> None:
    """Draw maps in a fragment of a page.

    Parameters
    ----------
    state
        What the address bar says.
    shown
        What each map shows.
    on_pointed
        Is told where a click was, where the maps ask for it.
    on_edited
        Is told what was done to services, where the maps allow it.
    """

    def moved(view: str) -> None:
        restore_address()
        write_parameter(VIEW, view)

    with st.container(key="map"):
        code = assets.show_maps(shown, data.web_layers(), on_moved=moved, on_pointed=on_pointed, on_edited=on_edited)
    if code and code != state.municipality:
        restore_address()
        write_parameter(MUNICIPALITY, code)
        st.rerun()


def follow_map() -> None:
    """Run the page anew after a map in a fragment was changed; what the map shows now is sent before."""
    time.sleep(_SENDING_S)
    st.rerun()


def await_ready(are_ready: Callable[..., bool], told: str) -> None:
    """Wait at the end of a page until something is loaded, say so meanwhile, then show the page again.

    Parameters
    ----------
    are_ready
        Waits ``patience_s`` at most, and returns whether it is loaded.
    told
        Why the page waits.
    """
    place = st.empty()
    while not are_ready(patience_s=_PATIENCE_S):
        place.caption(told)  # where a visitor does something else, the run ends here
    st.rerun()


def show_legend(entries: Sequence[tuple[str, str]], language: Language) -> None:
    """Show what colours and lines of the map mean; the unknown is hatched here as on the map."""
    items = "".join(f"<li>{_swatch(fill)}{html.escape(name)}</li>" for name, fill in entries)
    st.html(f'<ul class="psttm-legend" aria-label="{say("legend", language)}">{items}</ul>')


def _swatch(fill: str) -> str:
    if fill == colours.UNION_OUTLINE:
        return '<i class="union"></i>'
    shown = colours.HATCH_CSS if fill == colours.UNKNOWN else colours.MARK_CSS.get(fill, fill)
    return f'<i style="background:{shown}"></i>'


def show_sentence(state: State, territory: Territory) -> None:
    """Say in words what the map shows."""
    whole = territory.whole.iloc[0]
    plan = next(plan for plan in territory.plans if plan.edition.identifier == state.edition)
    names = ", ".join(plan.union_names)
    count = len(plan.union_names)
    key = {0: "union_none", 1: "union_one"}.get(count, "union_many")
    st.markdown(
        say(
            "sentence",
            state.language,
            count=whole["municipality_count"],
            zones=plan.edition.zone_count,
            area=number(whole["area_km2"], state.language, 2),
            residents=number(whole["residents"], state.language),
            date=day(territory.residents_date, state.language),
            estimate=say("estimate", state.language) if territory.provisional else "",
            edition=state.edition,
            unions=say(key, state.language, count=count, names=names),
        )
    )


def show_panel(state: State, territory: Territory) -> None:
    """Show the card or the table, whichever is open; the other is not made."""
    labels = [say("card", state.language), say("table", state.language)]
    key = f"panel_{state.language}"
    card, table = st.tabs(
        labels,
        default=labels[state.table],
        key=key,
        on_change=lambda: write_panel(table=st.session_state[key] == labels[1]),
    )
    if card.open:
        with card:
            _show_card(state, territory)
    if table.open:
        with table:
            _show_table(state, territory)


def _show_card(state: State, territory: Territory) -> None:
    """Show the facts of the chosen municipality, or of the whole territory."""
    if state.municipality is None:
        _show_whole(state, territory)
        return
    rows = territory.municipalities.set_index("municipality_code")
    row = rows.loc[state.municipality]
    st.header(row["municipality"], anchor=False)
    show_unit(row, state, territory)
    show_facts(municipality_facts(state.municipality, row, state, territory))
    show_ages(row, state)
    show_neighbours(state.municipality, state, territory)
    st.button(say("clear", state.language), icon=":material/close:", on_click=choose, args=(None,))


def municipality_facts(code: str, row: pd.Series, state: State, territory: Territory) -> dict[str, str]:
    """Return codes, zone, and union by edition of a municipality, by their names in words."""
    language = state.language
    mine = territory.memberships[territory.memberships["municipality_code"] == code]
    return {
        say("istat_code", language): code,
        say("cadastral_code", language): row["cadastral_code"] or say("unknown", language),
        say("zone", language): row["zone"],
        **{
            say("union_in", language, edition=one["edition"]): one["union"] or say("no_union", language)
            for one in mine.to_dict("records")
        },
    }


def show_printed(table: pd.DataFrame, figures: Sequence[str] = ()) -> None:
    """Set a table for paper: the one on the screen shows a window of its rows, and is left out there.

    Parameters
    ----------
    table
        As it is to be read.
    figures
        Its columns of figures, set to the right.
    """
    heads = "".join(f"<th scope='col'>{html.escape(str(name))}</th>" for name in table.columns)
    classes = [" class='figure'" if name in figures else "" for name in table.columns]
    rows = "".join(
        "<tr>"
        + "".join(f"<td{kind}>{html.escape(str(cell))}</td>" for kind, cell in zip(classes, cells, strict=True))
        + "</tr>"
        for cells in table.itertuples(index=False)
    )
    st.html(f"<table class='psttm-print'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>")


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


def _show_whole(state: State, territory: Territory) -> None:
    row = territory.whole.iloc[0]
    st.header(say("whole", state.language), anchor=False)
    st.caption(say("choose", state.language))
    show_unit(row, state, territory)
    show_ages(row, state)


def show_unit(row: pd.Series, state: State, territory: Territory) -> None:
    """Show residents, area and density of a municipality, a zone, a union or the whole."""
    language = state.language
    residents_on = say(
        "residents_on",
        language,
        date=day(territory.residents_date, language),
        estimate=say("estimate", language) if territory.provisional else "",
    )
    show_figures(
        (
            (number(row["residents"], language), residents_on),
            (f"{number(row['area_km2'], language, 2)} km²", say("area", language)),
            (f"{number(row['density_per_km2'], language)} {say('per_km2', language)}", say("density", language)),
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
    st.html(
        f"<table class='psttm-ages'><caption>{say('ages', language)}</caption><thead><tr>"
        f"<th scope='col'>{say('band', language)}</th><td></td><th scope='col'>{say('residents', language)}</th>"
        f"<th scope='col'>{say('share', language)}</th></tr></thead><tbody>{lines}</tbody></table>"
    )
    st.caption(
        say(
            "women_men",
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
    show_pills(say("neighbours", state.language), names, key, choose)
    outside = [f"{ring.loc[one, 'municipality']} ({ring.loc[one, 'province']})" for one in codes if one in ring.index]
    if outside:
        st.caption(say("neighbours_outside", state.language, names=", ".join(outside)))


def show_pills(label: str, names: Mapping[str, str], key: str, pick: Callable[[str | None], None]) -> None:
    """Show municipalities by name, any of which can be picked; on paper too."""
    with st.container(key="near"):
        st.pills(
            label,
            list(names),
            format_func=names.__getitem__,
            key=key,
            on_change=lambda: pick(st.session_state[key]),
        )


def municipality_table(state: State, territory: Territory) -> pd.DataFrame:
    """Return what the table shows, in the language of the page, one row per municipality by name."""
    language = state.language
    mine = territory.memberships[territory.memberships["edition"] == state.edition]
    rows = territory.municipalities.merge(
        mine[["municipality_code", "union"]], on="municipality_code", how="left", validate="1:1"
    ).sort_values("municipality")
    columns = {
        "municipality": say("municipality", language),
        "zone": say("zone", language),
        "residents": say("residents", language),
        "density_per_km2": say("per_km2", language),
        "area_km2": "km²",
        "union": say("union_in", language, edition=state.edition),
        "residents_0_14": "0-14",
        "residents_15_64": "15-64",
        "residents_65_74": "65-74",
        "residents_75_over": "75+",
        "municipality_code": say("istat_code", language),
    }
    shown = pd.DataFrame(rows[list(columns)]).rename(columns=columns).reset_index(drop=True)
    none = say("no_union", language)
    return shown.assign(**{columns["union"]: shown[columns["union"]].astype(object).fillna(none)})


def _show_table(state: State, territory: Territory) -> None:
    """Show the municipalities as a table; a chosen row chooses the municipality."""
    table = municipality_table(state, territory)
    language = state.language
    formats: dict[Any, Any] = {
        column: partial(number, language=language, decimals=0 if is_integer_dtype(table[column]) else 1)
        for column in table.columns
        if is_numeric_dtype(table[column])
    }
    shown = table.style.format(formats)
    key = "table"

    def picked() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        choose(table.iloc[chosen[0], -1] if chosen else None)

    st.dataframe(
        shown,
        key=key,
        hide_index=True,
        height=MAP_HEIGHT_PX - 90,
        on_select=picked,
        selection_mode="single-row",
    )
    st.caption(say("table_hint", language))


def show_downloads(table: pd.DataFrame, name: str, page: Callable[[], str], state: State) -> None:
    """Offer what is shown as files.

    Parameters
    ----------
    table
        What the map shows, in the words of the page.
    name
        Of the files, without suffix.
    page
        Makes the map as an HTML page of its own.
    state
        Gives the language.
    """
    language = state.language
    csv, gpkg, html_page = st.columns(3)
    with csv:
        offer_table(say("download_csv", language), f"{name}.csv", table, state)
    with gpkg:
        offer(say("download_gpkg", language), "psttm.gpkg", data.geopackage)
    with html_page:
        offer(say("download_html", language), f"mappa_{name}.html", lambda: page().encode())


def territory_map(state: State, territory: Territory) -> maps.MapState:
    """Return the map of zones and unions."""
    date = day(territory.residents_date, state.language)
    title = say("map_title", state.language, edition=state.edition, date=date)
    return map_state(state, title, territory_legend(state, territory))


def territory_legend(state: State, territory: Territory) -> list[tuple[str, str]]:
    """Return name and fill of what the map of zones and unions shows."""
    return [
        *colours.zone_fills(list(territory.zones["zone"])).items(),
        _union_entry(state),
        (say("legend_outside", state.language), colours.OUTSIDE_FILL),
    ]


def class_legend(classes: Sequence[tuple[str, str]], state: State) -> list[tuple[str, str]]:
    """Return name and fill of what a map coloured by a theme shows: its classes, and the outlines of unions."""
    return [*classes, _union_entry(state)]


def _union_entry(state: State) -> tuple[str, str]:
    return say("legend_union", state.language, edition=state.edition), colours.UNION_OUTLINE


def map_page(*states: maps.MapState) -> str:
    """Return one map, or two that move together, as an HTML page of its own, on which each says what it shows."""
    titled = [one if one.title in one.heading else replace(one, heading=one.title) for one in states]
    return standalone_html(maps.standalone_map(data.web_layers(), titled))
