"""The 15-minute city: who reaches everyday services on foot, where, and what is lacking."""

import pandas as pd
import streamlit as st

from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import (
    access_panels,
    choice,
    controls,
    data,
    download_button,
    job_status,
    map_panel,
    surroundings,
    used_sources,
)
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import REACH, UNITS, State, map_state
from psttm_geo.app.surroundings import Around
from psttm_geo.app.texts import TEXTS, bold, number, plain, say
from psttm_geo.app.views import access_view, gap_summary
from psttm_geo.app.views.access_view import EVERYTHING, MINUTES, SHARE, AccessView, category_name
from psttm_geo.app.views.figures import percentages
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.territory.degurba_records import LEVEL_1, LEVEL_2

_ALL_AGES = "totale"

_MOST_GAPS = 200
"""Rows of gaps on the page; the GeoPackage has them all."""


def show(state: State, territory: Territory) -> None:
    """Show the page."""
    view = access_view.read_view(state, territory)
    job_status.show_status(state, territory)
    if view is None:
        st.info(
            say(
                "The workspace holds no accessibility yet: to compute it, streets and services of "
                "OpenStreetMap are needed.",
                state.language,
            )
        )
        choice.show_data(state, territory, shown=False)
        choice.show_served(state.language)
        return
    data.prepare_surroundings()
    around = surroundings.look_around(view.profile)
    left, right = st.columns(2, gap="medium")
    with left:
        _show_map(view, around, state, territory)
    with right:
        _show_choices(view, state, territory)
        surroundings.show_panel(around, state, access_view.category_names(view.categories, state.language, territory))
        if around.found is None:
            _show_whole(view, state, territory)
    left, right = st.columns(2, gap="medium")
    with left:
        access_panels.show_ranking(view, state)
        download_button.show_downloads(
            access_view.ranking(view, state),
            f"accessibilita_{view.units}_{view.category}_{view.profile}",
            lambda: _map_page(view, around, state, territory),
            state,
        )
    with right:
        if around.found is not None:
            _show_whole(view, state, territory)
        _show_splits(view, state)
        _show_gaps(view, state, territory)
        access_panels.show_sources(view, state)
        used_sources.show_sources(state, territory)
    choice.show_data(state, territory, shown=True)
    choice.show_served(state.language)
    surroundings.await_streets(around, state.language)


def _show_choices(view: AccessView, state: State, territory: Territory) -> None:
    """Show what, for whom, in which units; each is a part of the address bar."""
    language = state.language
    access_panels.show_whom(view, (EVERYTHING, *view.categories), language, territory)
    with st.container(horizontal=True, gap="medium"):
        controls.show_switch(
            UNITS,
            "units",
            access_view.list_units(view.results),
            view.units,
            language,
            controls.worded("units", language),
        )
        controls.show_switch(
            REACH, "reach", [SHARE, MINUTES], view.measure, language, controls.worded("reach", language)
        )


def _show_map(view: AccessView, around: Around, state: State, territory: Territory) -> None:
    """Show the map with its legend, and the sentence that says the same."""
    colouring = access_view.colour_units(view, state, territory)
    language = state.language
    title = access_view.map_title(view, state, territory)
    surroundings.show_map(state, title, colouring, view.profile, around.point)
    shown = f"{say(TEXTS[f'reach_{view.measure}'], language)}: {category_name(view.category, language, territory)}"
    st.markdown(bold(shown if around.found is None else say("From a point", language)))
    map_panel.show_legend(surroundings.legend(around, colouring.legend, state), language)
    st.markdown(plain(access_view.sentence(view, state, territory)))
    st.caption(say(TEXTS[f"reach_{view.measure}_method"], language))


def _map_page(view: AccessView, around: Around, state: State, territory: Territory) -> str:
    """Return the map as an HTML page of its own."""
    colouring = access_view.colour_units(view, state, territory)
    legend = surroundings.legend(around, colouring.legend, state)
    shown = map_state(state, access_view.map_title(view, state, territory), legend, colouring)
    return map_panel.map_page(surroundings.on_map(shown, around, state.language))


def _show_whole(view: AccessView, state: State, territory: Territory) -> None:
    """Show the figures of the whole, those of the chosen municipality beside them."""
    language = state.language
    rows = {"": access_view.whole_row(view)}
    of_towns = view.results.layers["accessibilita_comuni"]
    chosen = of_towns[(of_towns["profile"] == view.profile) & (of_towns["municipality_code"] == state.municipality)]
    rows |= {str(row["municipality"]): row for _, row in chosen.iterrows()}
    st.markdown(bold(say("By category", language)))
    table = access_view.category_table(rows, language, territory, set(view.results.essential))
    show_figures(access_view.add_ends(table, view, language), f"whole_{language}", language)
    st.caption(
        say(
            "An asterisk marks essential categories. Nothing is known of a category without services in "
            "the data, nor of all together.",
            language,
        )
    )


def _show_splits(view: AccessView, state: State) -> None:
    """Show the figure of the whole by age band, and by degree of urbanisation."""
    language = state.language
    mine = _whole_indicators(view)
    by_age = mine[mine["unit_kind"] == "citta_metropolitana"]
    by_age = by_age.sort_values("age_band", key=lambda bands: bands.where(bands != _ALL_AGES, ""))
    ages = {say("Age", language): [_age_name(band, language) for band in by_age["age_band"]]}
    _show_split("by_age", f"ages_{language}", ages, by_age, state)
    for kind in ("degurba_2", "degurba"):
        classes = mine[(mine["unit_kind"] == kind) & (mine["age_band"] == _ALL_AGES)]
        if len(classes):
            names = {say(TEXTS["degurba"], language): [_class_name(str(name), language) for name in classes["unit"]]}
            _show_split("by_degurba", f"degurba_{language}", names, classes, state)
            break


def _class_name(unit: str, language: Language) -> str:
    """Return a class of urbanisation, which results name in Italian, in the language of the page."""
    class_name, *mark = unit.split(" (", maxsplit=1)
    named = {text.it: text.say(language) for text in (*LEVEL_1.values(), *LEVEL_2.values())}
    marked = say(" (experimental)", language) if mark else ""
    return named.get(class_name, class_name) + marked


def _show_split(title: str, key: str, names: dict[str, list[str]], rows: pd.DataFrame, state: State) -> None:
    language = state.language
    st.markdown(bold(say(TEXTS[title], language)))
    if rows.empty:
        st.markdown(say("Not known.", language))
        return
    table = pd.DataFrame(
        {**names, f"{say(TEXTS['reach_quota'], language)} (%)": percentages(rows["access_value"]).to_numpy()}
    )
    show_figures(table, key, language)


def _whole_indicators(view: AccessView) -> pd.DataFrame:
    """Return the share within 15 minutes of the category shown: of the whole and of classes, by age where known."""
    table = view.results.layers["indicatori"]
    category = FARTHEST_ESSENTIAL if view.category == EVERYTHING else view.category
    chosen = table[
        (table["access_indicator"] == "quota_entro_15")
        & (table["category"] == category)
        & (table["profile"] == view.profile)
        & table["unit_kind"].isin(["citta_metropolitana", "degurba", "degurba_2"])
    ]
    texts = ["unit_kind", "unit", "age_band"]
    return chosen.astype(dict.fromkeys(texts, str)).reset_index(drop=True)


def _age_name(band: str, language: Language) -> str:
    if band == _ALL_AGES:
        return say("all ages", language)
    return band.replace("75_piu", "75+").replace("_", "-")


def _show_gaps(view: AccessView, state: State, territory: Territory) -> None:
    """Show where residents lack the category, or any essential one: everywhere, or in the chosen municipality."""
    language = state.language
    everything = view.category == EVERYTHING
    categories = list(view.results.essential) if everything else [view.category]
    codes = None if state.municipality is None else [state.municipality]
    lacking = gap_summary.find_lacking(view.results, view.profile, codes, categories)
    st.markdown(bold(say(TEXTS["gaps_essential" if everything else "gaps"], language)))
    named = access_view.category_names(view.categories, language, territory)
    known = gap_summary.say_what_is_known(lacking, named, language)
    if known:
        st.markdown(plain(known))
    if lacking.rows.empty:
        return
    gravest = lacking.rows.head(_MOST_GAPS)
    names = territory.municipalities.set_index("municipality_code")["municipality"]
    table = pd.DataFrame(
        {
            say(TEXTS["municipality"], language): gravest["municipality_code"].map(names),
            say(TEXTS["category"], language): gravest["category"].map(named),
            say(TEXTS["residents_beyond"], language): gravest["residents_beyond"].astype("float64").round(0),
            say(TEXTS["reach_minuti"], language): gravest["gap_minutes"].astype("float64").round(1),
        }
    )
    show_figures(table, f"gaps_{language}", language)
    counts = {"shown": number(len(gravest), language), "count": number(len(lacking.rows), language)}
    st.caption(
        say(
            "For each municipality and category, residents beyond 15 minutes and their minutes on "
            "average, gravest first. Rows shown: {shown} of {count}; all in the layer carenze_comuni of "
            "the GeoPackage, by hexagon in carenze.",
            language,
            **counts,
        )
    )
