"""What stands above every page: its style, the title, the links to the pages, search and language."""

import streamlit as st

from psttm_geo.app import controls
from psttm_geo.app.state import EDITION, LANGUAGE, PAGE, State, write_background
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import marked
from psttm_geo.jobs import Territory

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
        title = marked(
            say("Strategic Plan of the Metropolitan City of Milan", state.language),
            state.language,
            synthetic=state.synthetic,
        )
        st.title(title, anchor=False, width="content")
        controls.show_switch(PAGE, "page", pages, page, state.language, controls.worded("page", state.language))


def show_controls(state: State, territory: Territory, *, one_edition: bool, mapped: bool) -> None:
    """Show the switch of editions where a page shows one, search, background where it shows a map, and language."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        if one_edition:
            editions = [plan.edition.identifier for plan in territory.plan.plans]
            controls.show_switch(EDITION, "edition", editions, state.edition, state.language)
        _show_search(state, territory)
        if mapped:
            st.session_state["background"] = state.tiles
            st.toggle(
                say(TEXTS["background"], state.language),
                key="background",
                help=say(
                    "Fetches the background map from openstreetmap.org. Switched off, the maps use no network.",
                    state.language,
                ),
                on_change=lambda: write_background(on=st.session_state["background"]),
                width="content",
            )
        st.space("stretch")
        controls.show_switch(LANGUAGE, "language", ["it", "en"], state.language, state.language, str.upper)


def _show_search(state: State, territory: Territory) -> None:
    by_name = territory.municipalities.sort_values("municipality")
    names = dict(zip(by_name["municipality_code"], by_name["municipality"], strict=True))
    key, remember = controls.renewed_key("search", state.municipality)
    st.session_state[key] = state.municipality

    def searched() -> None:
        code = st.session_state[key]
        remember(code)
        controls.choose(code)

    st.selectbox(
        say(TEXTS["search"], state.language),
        list(names),
        key=key,
        format_func=names.__getitem__,
        placeholder=say("Name of the municipality…", state.language),
        on_change=searched,
        width=controls.SEARCH_WIDTH_PX,
    )
