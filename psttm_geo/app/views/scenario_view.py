"""A scenario: what is known of it, on the map and in words."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from psttm_geo.access.scenarios import ADD, Change, Scenario
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import data, scenario_state
from psttm_geo.app.state import HEXAGONS, State, map_state
from psttm_geo.app.texts import TEXTS, mark, number, say
from psttm_geo.app.views import access_view, unit_maps
from psttm_geo.app.views.access_view import EVERYTHING, SHARE, AccessView, category_name, profile_name
from psttm_geo.app.views.figures import percentages
from psttm_geo.core.errors import PsttmError, TableError
from psttm_geo.core.messages import Language, Text
from psttm_geo.core.numbers import say_share_change
from psttm_geo.jobs import Territory
from psttm_geo.schema import colours
from psttm_geo.schema.colours import Class
from psttm_geo.webmap.map_areas import Areas, area_values
from psttm_geo.webmap.maps import Colouring, MapState
from psttm_geo.webmap.service_marks import change_marks

if TYPE_CHECKING:
    from psttm_geo.jobs.trials import Trial

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

    today: AccessView
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
    view = access_view.read_view(state, territory)
    if view is None:
        return None
    categories = view.categories
    changes = scenario_state.read_scenario(categories)
    named = [change.category for change in changes] or categories
    category = named[-1] if changes and view.category == EVERYTHING else view.category
    today = access_view.view_of(
        view.results,
        state.edition,
        units=HEXAGONS if view.units == HEXAGONS else "comuni",
        category=categories[0] if category == EVERYTHING else category,
        profile=view.profile,
        measure=SHARE,
    )
    return WhatIfView(today, changes)


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


def map_shown(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> MapState:
    """Return the map: today's services, what is done to them and whom that concerns."""
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
        TEXTS["whatif_map_today" if attempt.told is None else "whatif_map"],
        language,
        category=category_name(view.category, language, territory),
        profile=profile_name(view.today.profile, language, territory),
        units=say(TEXTS[f"units_{view.today.units}"], language).lower(),
        count=len(attempt.changes),
    )


def colour(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> Colouring:
    """Return the map: who gains and who loses, or the shares of today where nothing is changed."""
    found, language = attempt.told, state.language
    if found is None:
        return access_view.colour_units(view.today, state, territory)
    units = found.hexagons if view.today.units == HEXAGONS else found.municipalities
    net = units[f"gained_{view.category}"] - units[f"lost_{view.category}"]
    credited = unit_maps.list_credits(view.today.sources, language)
    legend = [(say(TEXTS[_GAIN_NAMES[one.fill]], language), one.fill) for one in reversed(GAINS)]
    legend += [(say(TEXTS["non_noto"], language), colours.UNKNOWN)] if net.isna().any() else []
    if view.today.units == HEXAGONS:
        by_name = pd.Series(net.to_numpy(), index=units["hexagon"].to_numpy())
        values = area_values(
            by_name,
            GAINS,
            lambda value: say("{net} residents within 15 minutes", language, net=say_net(value, language)),
            decimals=1,
        )
        legend += [(say(TEXTS["nobody_lives"], language), colours.OUTSIDE_FILL)]
        return Colouring({}, {}, legend, Areas(data.trial_shapes(), values), credited)
    codes = list(units["municipality_code"])
    fills = {code: colours.fill_of(value, GAINS) for code, value in zip(codes, net, strict=True)}
    shares = zip(*(units[f"{when}_share_15_{view.category}"] for when in ("before", "after")), strict=True)
    tips = {
        code: say(
            "{net} residents within 15 minutes; {share}",
            language,
            net=say_net(value, language),
            share=say_share_change(before, after).say(language),
        )
        for code, value, (before, after) in zip(codes, net, shares, strict=True)
    }
    return Colouring(fills, tips, legend, credits=credited)


def say_net(net: float, language: Language) -> str:
    """Say more or fewer residents, with their sign."""
    if math.isnan(net):
        return say(TEXTS["non_noto"], language)
    figure = number(abs(net), language, 0 if abs(net) >= 1 or net == 0 else 1)
    return figure if net == 0 else f"{'+' if net > 0 else '−'}{figure}"  # noqa: RUF001 - the sign that typography asks for


def sentences(view: WhatIfView, attempt: Attempt, state: State, territory: Territory) -> list[str]:
    """Say who gains and who loses, category by category, and last of all essential ones where they change."""
    found = attempt.told
    if found is None:
        today = mark(state.language, synthetic=territory.synthetic) + access_view.sentence(view.today, state, territory)
        return [] if attempt.problems else [today]
    changed = {change.category for change in attempt.changes}
    told = [name for name in found.categories if name in changed][:_MOST_SAID]
    told += [FARTHEST_ESSENTIAL] if changed & set(view.today.results.essential) else []
    named = {
        "marked": mark(state.language, synthetic=territory.synthetic),
        "profile": profile_name(view.today.profile, state.language, territory),
    }
    row = found.whole.iloc[0]
    said = [
        _sentence(name, row, {**named, "category": category_name(name, state.language, territory)}, state.language)
        for name in told
    ]
    return [*said, *(notice.say(state.language) for notice in found.notices)]


def _sentence(category: str, row: pd.Series, said: dict[str, str], language: Language) -> str:
    if math.isnan(row[f"gained_{category}"]):
        return say(
            "{marked}{category}, {profile}: who gains and who loses is not known; nothing is known of a "
            "category without services.",
            language,
            **said,
        )
    figures = {name: number(row[f"{name}_{category}"], language) for name in ("gained", "lost")}
    before, after = (float(row[f"{when}_share_15_{category}"]) for when in ("before", "after"))
    share = say_share_change(before, after).say(language)
    line = say(
        "{marked}{category}, {profile}: residents within 15 minutes {gained} more, {lost} fewer; {share}.",
        language,
        **said,
        **figures,
        share=share,
    )
    if category == FARTHEST_ESSENTIAL:
        return line
    walks = {name: number(row[f"{name}_{category}"], language) for name in ("shorter", "longer")}
    return " ".join((line, say("Residents whose walk gets shorter: {shorter}; longer: {longer}.", language, **walks)))


def say_change(position: int, change: Change, attempt: Attempt, language: Language, territory: Territory) -> str:
    """Say a change, which of all it is, and the name of its service."""
    name = change.name or change.service or say("a new service", language)
    if change.action != ADD and not change.name and attempt.services is not None:
        services = data.services(change.category)
        named = str(services["service_name"].get(change.service, ""))
        name = f"{named} ({change.service})" if named else change.service
    return say(
        TEXTS[f"whatif_change_{change.action}"],
        language,
        number=position + 1,
        category=category_name(change.category, language, territory),
        name=name,
        place="" if change.place is None else f"{change.place[0]:.5f}, {change.place[1]:.5f}",
    )


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
    columns = {say(TEXTS["municipality"], language): rows["municipality"]}
    for category, name in zip((view.category, FARTHEST_ESSENTIAL), names, strict=True):
        columns |= {
            say("{name}: gain", language, name=name): rows[f"gained_{category}"].round(0),
            say("{name}: lose", language, name=name): rows[f"lost_{category}"].round(0),
            say("{name}: today (%)", language, name=name): percentages(rows[f"before_share_15_{category}"]),
            say("{name}: with the scenario (%)", language, name=name): percentages(rows[f"after_share_15_{category}"]),
        }
    return pd.DataFrame({**columns, say("ISTAT code", language): rows["municipality_code"]}).reset_index(drop=True)
