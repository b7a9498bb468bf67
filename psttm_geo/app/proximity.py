"""Pieces of the page of the 15-minute city: who reaches what on foot, where, at what age, and what is lacking."""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st

from psttm_geo.access.results import Results
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import controls, data, figure_tables, gap_summary, map_panel, surroundings
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.state import (
    CATEGORY,
    HEXAGONS,
    OWN_UNITS,
    PROFILE,
    REACH,
    UNITS,
    State,
    map_state,
    read_choice,
    read_units,
)
from psttm_geo.app.surroundings import Around
from psttm_geo.app.texts import number, percent, plain, say
from psttm_geo.app.used_sources import source_lines
from psttm_geo.app.views import unit_maps
from psttm_geo.app.views.figures import percentages
from psttm_geo.app.views.unit_maps import colour_by_unit
from psttm_geo.core.errors import Language, Text
from psttm_geo.delivery.symbology import SHARES
from psttm_geo.jobs import Territory
from psttm_geo.schema import colours
from psttm_geo.territory.degurba_records import LEVEL_1, LEVEL_2
from psttm_geo.webmap.map_areas import Areas, area_values
from psttm_geo.webmap.maps import Colouring

UNIT_LAYERS = {
    "comuni": ("accessibilita_comuni", "municipality_code"),
    "zone": ("accessibilita_zone", "zone"),
    "unioni": ("accessibilita_unioni", "union"),
    OWN_UNITS: ("accessibilita_unita", "own_unit"),
}
"""Layer and column of each kind of unit, by its name in the address."""

EVERYTHING = "tutte"
"""Stands for all essential categories together."""

SHARE, MINUTES = "quota", "minuti"

WHOLE = "accessibilita_citta_metropolitana"
"""The layer of the whole territory."""

_ALL_AGES = "totale"

_MOST_GAPS = 200
"""Rows of gaps on the page; the GeoPackage has them all."""

_DECIMALS = 1

_SHARE_DECIMALS = 3
"""Percentages are said with one decimal."""


@dataclass(frozen=True)
class ProximityView:
    """What the page shows.

    Attributes
    ----------
    results
        Of the workspace.
    units
        One of :data:`UNIT_LAYERS`, or :data:`HEXAGONS`.
    category
        One of services, or :data:`EVERYTHING`.
    profile
        Who walks.
    measure
        :data:`SHARE` within 15 minutes, or mean :data:`MINUTES`.
    rows
        Of the units ranked: ``unit`` (code or name), ``name``, ``value`` (NaN where unknown), and the columns of the
        layer.
    """

    results: Results
    units: str
    category: str
    profile: str
    measure: str
    rows: pd.DataFrame

    @property
    def column(self) -> str:
        """The column of the layers that is shown."""
        return _column(self.measure, self.category)

    @property
    def ranked(self) -> str:
        """The units of the ranking."""
        return "comuni" if self.units == HEXAGONS else self.units


def _column(measure: str, category: str) -> str:
    if category == EVERYTHING:
        return "share_all_15" if measure == SHARE else "minutes_all"
    return f"{'share_15' if measure == SHARE else 'minutes_to'}_{category}"


def read_view(state: State, territory: Territory) -> ProximityView | None:
    """Read from the address bar what to show; None where nothing was computed."""
    results = territory.results
    if results is None or WHOLE not in results.layers:
        return None
    whole = results.layers[WHOLE]
    categories = [EVERYTHING, *list_categories(whole)]
    profiles = list(whole["profile"])
    units = read_units(list_units(results))
    category = read_choice(CATEGORY, categories) or EVERYTHING
    profile = read_choice(PROFILE, profiles) or profiles[0]
    measure = read_choice(REACH, (SHARE, MINUTES)) or SHARE
    return view_of(results, state.edition, units=units, category=category, profile=profile, measure=measure)


def list_units(results: Results) -> list[str]:
    """Return the units that a map can show: the office's own only where there are results for them."""
    own = UNIT_LAYERS[OWN_UNITS][0] in results.layers
    return [units for units in (*UNIT_LAYERS, HEXAGONS) if own or units != OWN_UNITS]


def view_of(results: Results, edition: str, *, units: str, category: str, profile: str, measure: str) -> ProximityView:
    """Return what the page shows of results; of unioni those of an edition."""
    layer, column = UNIT_LAYERS.get(units, UNIT_LAYERS["comuni"])
    table = results.layers.get(layer, results.layers[WHOLE].iloc[:0].assign(**{column: ""}))
    mine = table[table["profile"] == profile]
    if "edition" in mine.columns:
        mine = mine[mine["edition"] == edition]
    names = mine["municipality"] if column == "municipality_code" else mine[column]
    value = mine[_column(measure, category)].astype("float64")
    rows = pd.DataFrame(mine.drop(columns="geometry")).assign(unit=mine[column], name=names, value=value)
    return ProximityView(results, units, category, profile, measure, rows.reset_index(drop=True))


def list_categories(table: pd.DataFrame) -> list[str]:
    """Return the categories that a layer of accessibility has columns of."""
    return [name.removeprefix("share_15_") for name in table.columns if name.startswith("share_15_")]


def category_names(view: ProximityView, language: Language, territory: Territory) -> dict[str, str]:
    """Return the categories in words, by identifier."""
    return {name: category_name(name, language, territory) for name in list_categories(view.results.layers[WHOLE])}


def category_name(category: str, language: Language, territory: Territory) -> str:
    """Return a category in words; one of another table of services by its identifier."""
    if category in (EVERYTHING, FARTHEST_ESSENTIAL):
        return say("all_essential", language)
    return _meaning("category", category, territory).say(language)


def profile_name(profile: str, language: Language, territory: Territory) -> str:
    """Return who walks in words."""
    return _meaning("profile", profile, territory).say(language)


def _meaning(column: str, code: str, territory: Territory) -> Text:
    return territory.codes[column].meanings.get(code, Text(code, code))


def show_absent(state: State) -> None:
    """Say that nothing was computed."""
    st.info(say("access_absent", state.language))


def show_choices(view: ProximityView, state: State, territory: Territory) -> None:
    """Show what, for whom, in which units; each is a part of the address bar."""
    language = state.language
    whole = view.results.layers[WHOLE]
    with st.container(horizontal=True, gap="medium"):
        controls.show_select(
            CATEGORY,
            "category",
            {name: category_name(name, language, territory) for name in (EVERYTHING, *list_categories(whole))},
            view.category,
            language,
        )
        controls.show_select(
            PROFILE,
            "profile",
            {name: profile_name(name, language, territory) for name in whole["profile"]},
            view.profile,
            language,
        )
    with st.container(horizontal=True, gap="medium"):
        controls.show_switch(
            UNITS, "units", list_units(view.results), view.units, language, lambda name: say(f"units_{name}", language)
        )
        controls.show_switch(
            REACH, "reach", [SHARE, MINUTES], view.measure, language, lambda name: say(f"reach_{name}", language)
        )


def say_value(value: float, measure: str, language: Language) -> str:
    """Say a figure with its unit; what is not known is said, never shown as zero."""
    if math.isnan(value):
        return say("non_noto", language)
    return percent(value, language) if measure == SHARE else f"{number(value, language, _DECIMALS)} min"


def colour_units(view: ProximityView, state: State, territory: Territory) -> Colouring:
    """Return the map: each unit in its class, shares in thirds as in the GeoPackage's styles; and whom it credits."""
    credited = list_credits(view.results, state.language)
    return dataclasses.replace(_colour_units(view, state, territory), credits=credited)


def list_credits(results: Results, language: Language) -> tuple[str, ...]:
    """Return whom a map of results has to name."""
    return unit_maps.list_credits(results.sources[WHOLE], language)


def _colour_units(view: ProximityView, state: State, territory: Territory) -> Colouring:
    if view.units in (HEXAGONS, OWN_UNITS):
        own = view.units == OWN_UNITS
        layer, name = UNIT_LAYERS[OWN_UNITS] if own else ("accessibilita_esagoni", "hexagon")
        table = view.results.layers[layer]
        values = table[table["profile"] == view.profile].set_index(name)[view.column]
        return colour_areas(values, data.area_shapes(layer, name), view.measure, state.language, own=own)
    say_one = partial(say_value, measure=view.measure, language=state.language)
    classes = SHARES if view.measure == SHARE else None
    return colour_by_unit(view.rows, view.units, say_one, state, territory, classes)


def colour_areas(
    values: "pd.Series[float]", shapes: str, measure: str, language: Language, *, own: bool = False
) -> Colouring:
    """Return a map of hexagons, or of the office's own units.

    Parameters
    ----------
    values
        One per area, by its name (NaN where unknown).
    shapes
        Of all of them, as :func:`psttm_geo.webmap.map_areas.area_shapes` returns them.
    measure
        What the values are: :data:`SHARE` or :data:`MINUTES`.
    language
        Of the words.
    own
        Whether they are own units, which have names and borders.
    """
    say_one = partial(say_value, measure=measure, language=language)
    classes = SHARES if measure == SHARE else colours.classify(values)
    decimals = _SHARE_DECIMALS if measure == SHARE else _DECIMALS
    shown = Areas(shapes, area_values(values, classes, say_one, decimals=decimals, named=own), outlined=own)
    elsewhere = say("outside_own_units" if own else "nobody_lives", language)
    return unit_maps.colour_areas(values, shown, classes, say_one, elsewhere)


def map_title(view: ProximityView, state: State, territory: Territory) -> str:
    """Say what the map shows."""
    language = state.language
    return say(
        "access_map_title",
        language,
        reach=say(f"reach_{view.measure}", language),
        category=category_name(view.category, language, territory),
        profile=profile_name(view.profile, language, territory),
        units=say(f"units_{view.units}", language).lower(),
    )


def show_map(view: ProximityView, around: Around, state: State, territory: Territory) -> None:
    """Show the map with its legend, and the sentence that says the same."""
    colouring = colour_units(view, state, territory)
    language = state.language
    title = map_title(view, state, territory)
    surroundings.show_map(state, title, colouring, view.profile, around.point)
    shown = f"{say(f'reach_{view.measure}', language)}: {category_name(view.category, language, territory)}"
    st.markdown(f"**{shown if around.found is None else say('around', language)}**")
    map_panel.show_legend(surroundings.legend(around, colouring.legend, state), language)
    st.markdown(plain(sentence(view, state, territory)))
    st.caption(say(f"reach_{view.measure}_method", language))


def map_page(view: ProximityView, around: Around, state: State, territory: Territory) -> str:
    """Return the map as an HTML page of its own."""
    colouring = colour_units(view, state, territory)
    legend = surroundings.legend(around, colouring.legend, state)
    shown = map_state(state, map_title(view, state, territory), legend, colouring)
    return map_panel.map_page(surroundings.on_map(shown, around, state.language))


def _whole_row(view: ProximityView) -> pd.Series:
    whole = view.results.layers[WHOLE]
    return whole[whole["profile"] == view.profile].iloc[0]


def sentence(view: ProximityView, state: State, territory: Territory) -> str:
    """Say the figures of the whole, and whom they leave out."""
    language, row = state.language, _whole_row(view)
    people = float(row["residents_near_end"])
    near_end = say("access_near_end", language, people=number(people, language)) if people > 0 else ""
    share = float(row[_column(SHARE, view.category)])
    said = say(
        "access_sentence_unknown" if math.isnan(share) else "access_sentence",
        language,
        profile=profile_name(view.profile, language, territory),
        category=category_name(view.category, language, territory),
        share=say_value(share, SHARE, language),
        minutes=say_value(float(row[_column(MINUTES, view.category)]), MINUTES, language),
        unknown=say_value(float(row["share_unknown"]), SHARE, language),
    )
    return f"{said} {near_end}".strip()


def show_whole(view: ProximityView, state: State, territory: Territory) -> None:
    """Show the figures of the whole, those of the chosen municipality beside them."""
    language = state.language
    rows = {"": _whole_row(view)}
    of_towns = view.results.layers["accessibilita_comuni"]
    chosen = of_towns[(of_towns["profile"] == view.profile) & (of_towns["municipality_code"] == state.municipality)]
    rows |= {str(row["municipality"]): row for _, row in chosen.iterrows()}
    st.markdown(f"**{say('by_category', language)}**")
    show_by_category(rows, f"whole_{language}", language, territory, set(view.results.essential))
    st.caption(say("essential_note", language))


def show_by_category(
    rows: Mapping[str, pd.Series], key: str, language: Language, territory: Territory, essential: Collection[str] = ()
) -> None:
    """Show share and minutes of every category.

    Parameters
    ----------
    rows
        Of layers of accessibility, by the name that their columns are headed with; it may be empty.
    key
        Of the table.
    language, territory
        Give the words.
    essential
        Categories that an asterisk marks.
    """
    first = next(iter(rows.values()))
    categories = [EVERYTHING, *list_categories(first.to_frame().T)]
    table = pd.DataFrame(
        {
            say("category", language): [
                category_name(name, language, territory) + (" *" if name in essential else "") for name in categories
            ],
            **{
                _heading(name, measure, language): [row[_column(measure, category)] for category in categories]
                for name, row in rows.items()
                for measure in (SHARE, MINUTES)
            },
        }
    )
    shares = [name for name in table.columns if name.endswith("(%)")]
    show_figures(table.assign(**{name: percentages(table[name]) for name in shares}), key, language)


def _heading(name: str, measure: str, language: Language) -> str:
    said = say(f"reach_{measure}", language) + (" (%)" if measure == SHARE else "")
    return f"{name}: {said[0].lower()}{said[1:]}" if name else said


def show_splits(view: ProximityView, state: State) -> None:
    """Show the figure of the whole by age band, and by degree of urbanisation."""
    language = state.language
    mine = _whole_indicators(view)
    by_age = mine[mine["unit_kind"] == "citta_metropolitana"]
    by_age = by_age.sort_values("age_band", key=lambda bands: bands.where(bands != _ALL_AGES, ""))
    ages = {say("band", language): [_age_name(band, language) for band in by_age["age_band"]]}
    _show_split("by_age", f"ages_{language}", ages, by_age, state)
    for kind in ("degurba_2", "degurba"):
        classes = mine[(mine["unit_kind"] == kind) & (mine["age_band"] == _ALL_AGES)]
        if len(classes):
            names = {say("degurba", language): [_class_name(str(name), language) for name in classes["unit"]]}
            _show_split("by_degurba", f"degurba_{language}", names, classes, state)
            break


def _class_name(unit: str, language: Language) -> str:
    """Return a class of urbanisation, which results name in Italian, in the language of the page."""
    class_name, *mark = unit.split(" (", maxsplit=1)
    named = {text.it: text.say(language) for text in (*LEVEL_1.values(), *LEVEL_2.values())}
    marked = f" ({say('experimental', language)})" if mark else ""
    return named.get(class_name, class_name) + marked


def _show_split(title: str, key: str, names: dict[str, list[str]], rows: pd.DataFrame, state: State) -> None:
    language = state.language
    st.markdown(f"**{say(title, language)}**")
    if rows.empty:
        st.markdown(say("split_by_age_only", language))
        return
    table = pd.DataFrame({**names, f"{say('reach_quota', language)} (%)": percentages(rows["access_value"]).to_numpy()})
    show_figures(table, key, language)


def _whole_indicators(view: ProximityView) -> pd.DataFrame:
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
        return say("all_ages", language)
    return band.replace("75_piu", "75+").replace("_", "-")


def ranking(view: ProximityView, state: State) -> pd.DataFrame:
    """Return units from the best served down, unknown ones last; columns in the words of the page."""
    language, minutes = state.language, view.measure == MINUTES
    rows = view.rows.sort_values(["value", "name"], ascending=[minutes, True], na_position="last")
    columns = {
        say("rank", language): rows["value"].rank(method="min", ascending=minutes).astype("Int64"),
        say(f"unit_{view.ranked}", language): rows["name"],
        f"{say('reach_quota', language)} (%)": percentages(rows[_column(SHARE, view.category)]),
        say("reach_minuti", language): rows[_column(MINUTES, view.category)].astype("float64").round(1),
        say("residents", language): rows["residents"].astype("float64").round(0),
        f"{say('not_known_share', language)} (%)": percentages(rows["share_unknown"]),
    }
    if view.ranked == "comuni":
        columns[say("istat_code", language)] = rows["unit"]
    return pd.DataFrame(columns).reset_index(drop=True)


def show_ranking(view: ProximityView, state: State) -> None:
    """Show the ranking; a chosen row chooses the municipality."""
    key = f"access_ranking_{state.language}_{view.ranked}"
    figure_tables.show_ranking(ranking(view, state), key, view.ranked, state.language)


def show_gaps(view: ProximityView, state: State, territory: Territory) -> None:
    """Show where residents lack the category, or any essential one: everywhere, or in the chosen municipality."""
    language = state.language
    everything = view.category == EVERYTHING
    categories = list(view.results.essential) if everything else [view.category]
    codes = None if state.municipality is None else [state.municipality]
    lacking = gap_summary.find_lacking(view.results, view.profile, codes, categories)
    st.markdown(f"**{say('gaps_essential' if everything else 'gaps', language)}**")
    known = gap_summary.say_what_is_known(lacking, category_names(view, language, territory), language)
    if known:
        st.markdown(plain(known))
    if lacking.rows.empty:
        return
    gravest = lacking.rows.head(_MOST_GAPS)
    names = territory.municipalities.set_index("municipality_code")["municipality"]
    table = pd.DataFrame(
        {
            say("municipality", language): gravest["municipality_code"].map(names),
            say("category", language): [category_name(name, language, territory) for name in gravest["category"]],
            say("residents_beyond", language): gravest["residents_beyond"].astype("float64").round(0),
            say("reach_minuti", language): gravest["gap_minutes"].astype("float64").round(1),
        }
    )
    show_figures(table, f"gaps_{language}", language)
    counts = {"shown": number(len(gravest), language), "count": number(len(lacking.rows), language)}
    st.caption(say("gaps_note", language, **counts))


def show_sources(view: ProximityView, state: State) -> None:
    """Say what the figures rest on, with the date of residents."""
    language = state.language
    with st.expander(say("access_sources", language)):
        st.markdown("\n".join(f"- {plain(line)}" for line in source_lines(view.results.sources[WHOLE], language)))
        for method in ("access_method", "access_limits"):
            st.markdown(say(method, language))
