"""Pieces of the page of scenarios: services added, moved and closed on the map, and who gains and who loses."""

import dataclasses
import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from psttm_geo.access.scenarios import ACTIONS, ADD, Change, Scenario
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import controls, data, map_panel, proximity, scenario_state
from psttm_geo.app.download_button import offer, offer_table
from psttm_geo.app.figure_tables import show_figures
from psttm_geo.app.proximity import EVERYTHING, SHARE, ProximityView
from psttm_geo.app.state import CATEGORY, HEXAGONS, PROFILE, UNITS, State, map_state, restore_address
from psttm_geo.app.texts import mark, number, plain, say
from psttm_geo.app.views import unit_maps
from psttm_geo.app.views.figures import percentages
from psttm_geo.core.errors import Language, PsttmError, TableError, Text
from psttm_geo.core.numbers import say_share_change
from psttm_geo.jobs import Territory
from psttm_geo.schema import colours
from psttm_geo.schema.colours import Class
from psttm_geo.webmap.map_areas import Areas, area_values
from psttm_geo.webmap.maps import Colouring, MapState
from psttm_geo.webmap.service_marks import change_marks, scenario_key

if TYPE_CHECKING:
    from psttm_geo.jobs.trials import Trial

SIGNS = {"aggiungi": "+", "sposta": "→", "chiudi": "×"}  # noqa: RUF001 - a cross, not a letter
"""Of changes, as on the map."""

_LEAST = 1 / 1024
"""Residents are multiples of it."""

GAINS = (
    Class(-math.inf, -_LEAST, colours.LOSS_FILL),
    Class(0, 0, colours.ZERO_FILL),
    Class(_LEAST, math.inf, colours.YES_FILL),
)
"""Fills of loss, none and gain, as in the GeoPackage's styles."""

_GAIN_NAMES = {colours.YES_FILL: "whatif_gain", colours.ZERO_FILL: "whatif_same", colours.LOSS_FILL: "whatif_loss"}

_MOST_SAID = 4
"""Categories told of in sentences."""


@dataclass(frozen=True)
class WhatIfView:
    """What the page shows.

    Attributes
    ----------
    today
        Shares within 15 minutes as they are, of the category whose services are shown.
    changes
        The scenario.
    """

    today: ProximityView
    changes: Scenario

    @property
    def category(self) -> str:
        """Whose services are shown."""
        return self.today.category


@dataclass(frozen=True)
class Attempt:
    """What is known of a scenario.

    Attributes
    ----------
    changes
        The scenario.
    services
        Today's services of the category shown, by identifier; None while they are being loaded, or where they cannot
        be.
    found
        What the scenario changes; None where that is not known, or not yet.
    problems
        Why it is not known, in sentences; empty where it is, or will be.
    """

    changes: Scenario
    services: pd.DataFrame | None = None
    found: "Trial | None" = None
    problems: tuple[Text, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether streets, services and residents are still being loaded."""
        return self.services is None and not self.problems

    @property
    def told(self) -> "Trial | None":
        """What is told: of a scenario without a change, nothing."""
        return self.found if self.changes else None


def read_view(state: State, territory: Territory) -> WhatIfView | None:
    """Read from the address bar what to show; None where nothing was computed.

    Choices of the page of the 15-minute city that mean nothing here take what is nearest to them.
    """
    view = proximity.read_view(state, territory)
    if view is None:
        return None
    categories = list_categories(view)
    changes = scenario_state.read_scenario(categories)
    named = [change.category for change in changes] or categories
    category = named[-1] if changes and view.category == EVERYTHING else view.category
    today = proximity.view_of(
        view.results,
        state.edition,
        units=HEXAGONS if view.units == HEXAGONS else "comuni",
        category=categories[0] if category == EVERYTHING else category,
        profile=view.profile,
        measure=SHARE,
    )
    return WhatIfView(today, changes)


def list_categories(view: ProximityView) -> list[str]:
    """Return the categories that a scenario can change."""
    return proximity.list_categories(view.results.layers[proximity.WHOLE])


def look(view: WhatIfView, changes: Scenario) -> Attempt:
    """Return what is known of a scenario, without waiting for what is still being loaded."""
    if not data.trials_are_ready():
        return Attempt(changes)
    services = None
    try:
        services = data.services(view.category)
        return Attempt(changes, services, data.trial(changes, view.category, view.today.profile))
    except TableError as error:
        return Attempt(changes, services, problems=tuple(fault.text for fault in error.faults))
    except PsttmError as error:
        return Attempt(changes, services, problems=(error.text,))


def show_choices(view: WhatIfView, state: State, territory: Territory) -> None:
    """Show which services, for whom, in which units; each is a part of the address bar."""
    language = state.language
    whole = view.today.results.layers[proximity.WHOLE]
    categories = {name: proximity.category_name(name, language, territory) for name in proximity.list_categories(whole)}
    profiles = {name: proximity.profile_name(name, language, territory) for name in whole["profile"]}
    with st.container(horizontal=True, gap="medium"):
        controls.show_select(CATEGORY, "category", categories, view.category, language)
        controls.show_select(PROFILE, "profile", profiles, view.today.profile, language)
    controls.show_switch(
        UNITS, "map_by", ["comuni", HEXAGONS], view.today.units, language, lambda name: say(f"units_{name}", language)
    )


@st.fragment
def show_map(view: WhatIfView, state: State, territory: Territory) -> None:
    """Show the map; what is done to a service there is drawn, with what it changes, before the page around follows."""
    restore_address()  # what is read here is what was last written, not what the browser brings along
    attempt = look(view, scenario_state.read_scenario(list_categories(view.today)))

    def edited(told: str) -> None:
        services = attempt.services
        changes = (
            None if services is None else scenario_state.edited(told, scenario_state.present(), view.category, services)
        )
        if changes is not None and not scenario_state.change_to(changes):
            _complain("whatif_too_many", most=scenario_state.MOST_CHANGES)

    map_panel.draw_maps(state, [_map_shown(view, attempt, state, territory)], on_edited=edited)
    _show_complaint(state.language)
    if attempt.changes != view.changes:
        map_panel.follow_map()


def _map_shown(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> MapState:
    colouring = colour(view, attempt, state, territory)
    title, legend = map_title(view, attempt, state, territory), unit_maps.class_legend(colouring.legend, state)
    shown = map_state(state, title, legend, colouring)
    known = attempt.services is not None
    return dataclasses.replace(
        shown,
        services=data.services_on_map(view.category) if known else "",
        changes=change_marks(attempt.changes, view.category, _places_today(attempt.changes) if known else {}),
        editing=known,
    )


def _places_today(changes: Scenario) -> dict[tuple[str, str], tuple[float, float]]:
    found = {}
    for change in changes:
        services = data.services(change.category)
        if change.action != ADD and change.service in services.index:
            lat, lon = services.loc[[change.service], ["lat", "lon"]].to_numpy(dtype=float)[0].tolist()
            found[change.category, change.service] = (lat, lon)
    return found


def map_title(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> str:
    """Say what the map shows."""
    language = state.language
    return say(
        "whatif_map_today" if attempt.told is None else "whatif_map",
        language,
        category=proximity.category_name(view.category, language, territory),
        profile=proximity.profile_name(view.today.profile, language, territory),
        units=say(f"units_{view.today.units}", language).lower(),
        count=len(attempt.changes),
    )


def colour(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> Colouring:
    """Return the map: who gains and who loses, or the shares of today where nothing is changed."""
    found, language = attempt.told, state.language
    if found is None:
        return proximity.colour_units(view.today, state, territory)
    units = found.hexagons if view.today.units == HEXAGONS else found.municipalities
    net = units[f"gained_{view.category}"] - units[f"lost_{view.category}"]
    credited = proximity.list_credits(view.today.results, language)
    legend = [(say(_GAIN_NAMES[one.fill], language), one.fill) for one in reversed(GAINS)]
    legend += [(say("non_noto", language), colours.UNKNOWN)] if net.isna().any() else []
    if view.today.units == HEXAGONS:
        by_name = pd.Series(net.to_numpy(), index=units["hexagon"].to_numpy())
        values = area_values(by_name, GAINS, lambda value: _say_hexagon(value, language), decimals=1)
        legend += [(say("nobody_lives", language), colours.OUTSIDE_FILL)]
        return Colouring({}, {}, legend, Areas(data.trial_shapes(), values), credited)
    codes = list(units["municipality_code"])
    fills = {code: colours.fill_of(value, GAINS) for code, value in zip(codes, net, strict=True)}
    shares = zip(*(units[f"{when}_share_15_{view.category}"] for when in ("before", "after")), strict=True)
    tips = {
        code: say(
            "whatif_tip",
            language,
            net=say_net(value, language),
            share=say_share_change(before, after).say(language),
        )
        for code, value, (before, after) in zip(codes, net, shares, strict=True)
    }
    return Colouring(fills, tips, legend, credits=credited)


def _say_hexagon(net: float, language: Language) -> str:
    return say("whatif_tip_hexagon", language, net=say_net(net, language))


def say_net(net: float, language: Language) -> str:
    """Say more or fewer residents, with their sign."""
    if math.isnan(net):
        return say("non_noto", language)
    figure = number(abs(net), language, 0 if abs(net) >= 1 or net == 0 else 1)
    return figure if net == 0 else f"{'+' if net > 0 else '−'}{figure}"  # noqa: RUF001 - the sign that typography asks for


def show_meaning(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> None:
    """Show the legend, and the sentences that say what the map shows."""
    language = state.language
    name = proximity.category_name(view.category, language, territory)
    st.markdown(f"**{say('whatif_today' if attempt.told is None else 'whatif_change', language, category=name)}**")
    map_panel.show_legend(unit_maps.class_legend(colour(view, attempt, state, territory).legend, state), language)
    _show_signs(language)
    for line in sentences(view, attempt, state, territory):
        st.markdown(plain(line))
    st.caption(say("reach_quota_method" if attempt.told is None else "whatif_method", language))


def _show_signs(language: Language) -> None:
    today = f"<li><i class='sign today'></i>{html.escape(say('whatif_sign_today', language))}</li>"
    items = "".join(
        f"<li><i class='sign {action}'>{SIGNS[action]}</i>{html.escape(say(f'whatif_sign_{action}', language))}</li>"
        for action in ACTIONS
    )
    st.html(f'<ul class="psttm-legend" aria-label="{say("whatif_signs", language)}">{today}{items}</ul>')


def sentences(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> list[str]:
    """Say who gains and who loses, category by category, and last of all essential ones where they change."""
    found = attempt.told
    if found is None:
        today = mark(state.language, synthetic=territory.synthetic) + proximity.sentence(view.today, state, territory)
        return [] if attempt.problems else [today]
    changed = {change.category for change in attempt.changes}
    told = [name for name in found.categories if name in changed][:_MOST_SAID]
    told += [FARTHEST_ESSENTIAL] if changed & set(view.today.results.essential) else []
    named = {
        "marked": mark(state.language, synthetic=territory.synthetic),
        "profile": proximity.profile_name(view.today.profile, state.language, territory),
    }
    row = found.whole.iloc[0]
    said = [
        _sentence(
            name, row, {**named, "category": proximity.category_name(name, state.language, territory)}, state.language
        )
        for name in told
    ]
    return [*said, *(notice.say(state.language) for notice in found.notices)]


def _sentence(category: str, row: pd.Series, said: dict[str, str], language: Language) -> str:
    if math.isnan(row[f"gained_{category}"]):
        return say("whatif_unknown", language, **said)
    figures = {name: number(row[f"{name}_{category}"], language) for name in ("gained", "lost")}
    before, after = (float(row[f"{when}_share_15_{category}"]) for when in ("before", "after"))
    share = say_share_change(before, after).say(language)
    line = say("whatif_sentence", language, **said, **figures, share=share)
    if category == FARTHEST_ESSENTIAL:
        return line
    walks = {name: number(row[f"{name}_{category}"], language) for name in ("shorter", "longer")}
    return f"{line} {say('whatif_walks', language, **walks)}"


def show_history(attempt: Attempt, language: Language) -> None:
    """Show what goes back and forth, what is wrong, and the changes one by one."""
    with st.container(horizontal=True):
        st.button(
            say("whatif_undo", language),
            icon=":material/undo:",
            on_click=scenario_state.undo,
            disabled=not scenario_state.can_undo(),
        )
        st.button(
            say("whatif_redo", language),
            icon=":material/redo:",
            on_click=scenario_state.redo,
            disabled=not scenario_state.can_redo(),
        )
        st.button(
            say("whatif_empty", language),
            icon=":material/delete:",
            on_click=scenario_state.clear,
            disabled=not attempt.changes,
        )
    for problem in attempt.problems:
        st.warning(plain(problem.say(language)), icon=":material/wrong_location:")
    if scenario_state.is_held():
        st.warning(say("whatif_held", language), icon=":material/link_off:")


def show_changes(attempt: Attempt, state: State, territory: Territory) -> None:
    """Show the changes, each with a button that takes it out."""
    language = state.language
    st.markdown(f"**{say('whatif_changes', language)}**")
    if not attempt.changes:
        st.caption(say("whatif_no_changes", language))
    key = scenario_key(attempt.changes)
    for position, change in enumerate(attempt.changes):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(plain(_say_change(position, change, attempt, language, territory)), width="stretch")
            st.button(
                say("whatif_remove", language, number=position + 1),
                key=f"scenario_remove_{position}_{key}",
                icon=":material/close:",
                on_click=scenario_state.remove,
                args=(position, key),
            )


def _say_change(position: int, change: Change, attempt: Attempt, language: Language, territory: Territory) -> str:
    name = change.name or change.service or say("whatif_new", language)
    if change.action != ADD and not change.name and attempt.services is not None:
        services = data.services(change.category)
        named = str(services["service_name"].get(change.service, ""))
        name = f"{named} ({change.service})" if named else change.service
    return say(
        f"whatif_change_{change.action}",
        language,
        number=position + 1,
        category=proximity.category_name(change.category, language, territory),
        name=name,
        place="" if change.place is None else f"{change.place[0]:.5f}, {change.place[1]:.5f}",
    )


_COMPLAINT = "scenario_complaint"


def _complain(text: str, **said: object) -> None:
    st.session_state[_COMPLAINT] = (text, said)


def _show_complaint(language: Language) -> None:
    complaint = st.session_state.pop(_COMPLAINT, None)
    if complaint:
        text, said = complaint
        st.error(plain(say(text, language, **said)))


def municipality_table(view: WhatIfView, found: "Trial", language: Language, names: Sequence[str]) -> pd.DataFrame:
    """Return gains and losses by municipality, the largest change first; columns in the words of the page.

    Parameters
    ----------
    view
        Gives the category.
    found
        What the scenario changes.
    language
        Of the words.
    names
        The category, and all essential ones, in words.
    """
    towns = found.municipalities
    net = (towns[f"gained_{view.category}"] - towns[f"lost_{view.category}"]).abs()
    rows = towns.assign(net=net).sort_values(["net", "municipality"], ascending=[False, True], na_position="last")
    columns = {say("municipality", language): rows["municipality"]}
    for category, name in zip((view.category, FARTHEST_ESSENTIAL), names, strict=True):
        columns |= {
            say("whatif_gained", language, name=name): rows[f"gained_{category}"].round(0),
            say("whatif_lost", language, name=name): rows[f"lost_{category}"].round(0),
            say("whatif_before", language, name=name): percentages(rows[f"before_share_15_{category}"]),
            say("whatif_after", language, name=name): percentages(rows[f"after_share_15_{category}"]),
        }
    return pd.DataFrame({**columns, say("istat_code", language): rows["municipality_code"]}).reset_index(drop=True)


def show_table(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> None:
    """Show gains and losses by municipality, with their downloads; where nothing is changed, the ranking of today."""
    language, found = state.language, attempt.told
    if found is None:
        proximity.show_ranking(view.today, state)
        return
    names = [proximity.category_name(name, language, territory) for name in (view.category, FARTHEST_ESSENTIAL)]
    table = municipality_table(view, found, language, names)
    key = f"whatif_table_{language}_{view.category}"
    st.markdown(f"**{say('whatif_table', language)}**")
    show_figures(table, key, language, **controls.chosen_row(key, table.iloc[:, -1], controls.choose))
    csv, gpkg, page = st.columns(3)
    name = f"scenario_{view.category}_{view.today.profile}"
    with csv:
        offer_table(say("download_csv", language), f"{name}.csv", table, state)
    with gpkg:
        offer(say("download_gpkg", language), "scenario.gpkg", lambda: data.scenario_geopackage(attempt.changes))
    with page:
        html_page = f"mappa_{name}.html"
        offer(say("download_html", language), html_page, lambda: map_page(view, attempt, state, territory).encode())


def map_page(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> str:
    """Return the map as an HTML page of its own, in which nothing can be changed."""
    shown = dataclasses.replace(_map_shown(view, attempt, state, territory), editing=False)
    return map_panel.map_page(shown)


def await_services(attempt: Attempt, language: Language) -> None:
    """Wait at the end of the page until everything is loaded, then show it again; others pass at once."""
    if attempt.waiting:
        map_panel.await_ready(data.trials_are_ready, say("whatif_loading", language))
