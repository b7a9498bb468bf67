"""Drivers of the plan: where each is at work, in which sense and through which projects, in the words of the pages."""

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from psttm_geo.app import data
from psttm_geo.app.state import COVERAGE, DRIVER, PROJECTS, State, map_state, read_choice, read_units
from psttm_geo.app.texts import TEXTS, capitalised, measure_name, number, percent, say
from psttm_geo.app.views import level_marks, unit_maps
from psttm_geo.app.views.figures import percentages
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.app.views.project_filter import EVERY_PROJECT, ProjectFilter, read_filter
from psttm_geo.app.views.unit_maps import colour_by_unit, list_credits
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.jobs.deliveries import layer_sources
from psttm_geo.plan.driver_projects import find_drivers, of_edition
from psttm_geo.plan.plan_layers import MUNICIPALITY, UNION, ZONE, filtered_projects
from psttm_geo.plan.project_counts import per_resident
from psttm_geo.plan.project_records import UNKNOWN_EDITION
from psttm_geo.plan.records import Plan
from psttm_geo.schema.answers import NOT_MARKED
from psttm_geo.schema.code_lists import GOAL_KEY
from psttm_geo.webmap.maps import Colouring, MapState

UNIT_LAYERS = {
    "comuni": ("driver_comuni", "municipality_code"),
    "zone": ("driver_zone", "zone"),
    "unioni": ("driver_unioni", "union"),
}
"""Layer and column of each kind of unit, by its name in the address."""

DOCUMENTS = "documenti"
"""What the documents say of the drivers, in place of a map, as the address names it."""

MEASURES = {
    "misura": "value",
    "progetti": "projects",
    "importo": "amount_eur",
    "pro_capite": "amount_per_resident_eur",
    "si_applica": "applies_share",
    "chiamato": "called_share",
}
"""Column of each kind of coverage by its name in the address; maps open on projects where a register says anything,
else on an indicator where one was computed; without either the page opens on :data:`DOCUMENTS`."""

_OPENED = ("progetti", "misura")

_UNKNOWN_SHARES = {
    "applies_share": ("applies_unknown_share",),
    "called_share": ("called_unknown_share", "called_unmarked_share"),
}

_SHARES = ("misura", "si_applica", "chiamato")

_AMOUNTS = ("importo", "pro_capite")

_GAPS = ("applies_unknown", "called_unknown", "called_unmarked")
"""Shares that stand beside the others: what is not known, and what is not marked."""

_HEADING_UNITS = {"importo": " (€)", "pro_capite": " (€)"} | dict.fromkeys(_SHARES, " (%)")

_MOST_NAMED = 3

_KINDS = {"comuni": MUNICIPALITY, "zone": ZONE, "unioni": UNION}

ALL_EDITIONS, NOT_KNOWN = "tutte", "non_nota"
"""Projects of every edition, and of unknown edition, as the address names them."""

OF_PROJECTS = ("progetti", "importo", "pro_capite")
"""Measures that count projects."""


@dataclass(frozen=True)
class DriverView:
    """What the page shows.

    Attributes
    ----------
    driver
        Its row of the plan.
    units
        One of :data:`UNIT_LAYERS`.
    measure
        One of :data:`MEASURES`.
    rows
        ``unit`` (code or name), ``name``, ``value`` (NaN where unknown), and the columns of the layer.
    tables
        Editions whose tables the levels of the goals come from; empty where they are the edition's own.
    asked
        Which projects count: those of an edition, of unknown edition (:data:`UNKNOWN_EDITION`), or None for all.
    registered
        Whether there is a register of projects.
    wanted
        Projects of which body and in which state count.
    """

    driver: Mapping[Hashable, Any]
    units: str
    measure: str
    rows: pd.DataFrame
    tables: str = ""
    asked: str | None = None
    registered: bool = False
    wanted: ProjectFilter = EVERY_PROJECT

    @property
    def number(self) -> int:
        """The driver's number."""
        return int(self.driver["driver"])


def read_view(state: State, territory: Territory) -> DriverView | None:
    """Read from the address bar which driver, units and coverage to show; None where the edition has no drivers."""
    plan = plan_of(territory, state.edition)
    drivers = {str(row["driver"]): row for row in plan.drivers.to_dict("records")}
    if not drivers:
        return None
    driver = drivers[read_choice(DRIVER, drivers) or next(iter(drivers))]
    units = read_units(UNIT_LAYERS)
    asked, wanted = _read_asked(territory), read_filter(territory)
    rows = unit_rows(units, state.edition, int(driver["driver"]))
    if asked is not None or wanted != EVERY_PROJECT:
        rows = _with_asked(rows, units, asked, wanted, territory)
    rows = rows.assign(amount_per_resident_eur=_per_resident(rows, units, state, territory))
    opened = next((name for name in _OPENED if rows[MEASURES[name]].notna().any()), DOCUMENTS)
    measure = read_choice(COVERAGE, (DOCUMENTS, *MEASURES)) or opened
    value = known_figures(rows, MEASURES[measure]) if measure in MEASURES else float("nan")
    registered = territory.plan.projects is not None
    tables = level_marks.tables_of(plan)
    return DriverView(driver, units, measure, rows.assign(value=value), tables, asked, registered, wanted)


def unit_rows(units: str, edition: str, driver: int) -> pd.DataFrame:
    """Return the coverage of a driver by unit: ``unit``, ``name`` and the columns of the layer."""
    layer, column = UNIT_LAYERS[units]
    table = data.layers()[layer]
    mine = table[(table["edition"] == edition) & (table["driver"] == driver)]
    names = mine["municipality"] if units == "comuni" else mine[column]
    return pd.DataFrame(mine.drop(columns="geometry")).assign(unit=mine[column], name=names).reset_index(drop=True)


def _per_resident(rows: pd.DataFrame, units: str, state: State, territory: Territory) -> pd.Series:
    """Return the amount of each unit by its residents, in euros."""
    unions = territory.unions[territory.unions["edition"] == state.edition]
    tables = {"comuni": territory.municipalities, "zone": territory.zones, "unioni": unions}
    residents = tables[units].set_index(UNIT_LAYERS[units][1])["residents"]
    return per_resident(rows["amount_eur"], rows["unit"].map(residents))


def project_filters(territory: Territory) -> list[str]:
    """Return the choices of projects to count, as the address names them; none without a register."""
    if territory.plan.projects is None:
        return []
    unknown = (territory.plan.projects.projects["edition"] == UNKNOWN_EDITION).any()
    return [ALL_EDITIONS, *edition_names(territory), *([NOT_KNOWN] if unknown else [])]


def _read_asked(territory: Territory) -> str | None:
    """Read from the address bar which projects count, as :func:`filtered_projects` wants it."""
    chosen = read_choice(PROJECTS, project_filters(territory)) or ALL_EDITIONS
    return {ALL_EDITIONS: None, NOT_KNOWN: UNKNOWN_EDITION}.get(chosen, chosen)


def _with_asked(
    rows: pd.DataFrame, units: str, asked: str | None, wanted: ProjectFilter, territory: Territory
) -> pd.DataFrame:
    """Count the projects that are asked for, in place of all."""
    places, registered = territory.plan.project_places, territory.plan.projects
    if places is None or registered is None:
        return rows
    kept = places[places["project"].isin(wanted.keep(registered.projects)["project"])]
    filtered = partial(filtered_projects, rows, _KINDS[units], territory.municipalities, territory.plan.plans)
    counts = filtered(kept, registered.drivers, asked=asked)
    return rows.assign(**counts)


def say_which(asked: str | None, language: Language) -> str:
    """Say projects of which edition are counted."""
    if asked is None:
        return say(TEXTS["projects_tutte"], language)
    return say(TEXTS["projects_non_nota" if asked == UNKNOWN_EDITION else "projects_edition"], language, edition=asked)


def say_measure(view: DriverView, measure: str, language: Language) -> str:
    """Name a kind of coverage: an indicator by its own name, projects of a register with those of which edition."""
    if measure == "misura" and (known := view.rows["indicator"].dropna()).any():
        return capitalised(measure_name(str(known.iloc[0]), language))
    name = say(TEXTS[f"coverage_{measure}"], language)
    if not view.registered or measure not in OF_PROJECTS:
        return name
    return ", ".join([name, say_which(view.asked, language), *view.wanted.say(language)])


def known_figures(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return the figures to map: a share of nothing but unknown goals is unknown, never zero."""
    figures = rows[column].astype("float64")
    unknown = rows[list(_UNKNOWN_SHARES[column])].sum(axis=1) if column in _UNKNOWN_SHARES else 0
    return figures.mask((figures == 0) & (unknown > 0))


def say_value(value: float, measure: str, language: Language) -> str:
    """Say a figure with its unit; what is not known is said, never shown as zero."""
    if math.isnan(value):
        return say(TEXTS["non_noto"], language)
    if measure in _SHARES:
        return percent(value, language)
    decimals = 2 if measure == "pro_capite" and value % 1 else 0
    return f"{number(value, language, decimals)} €" if measure in _AMOUNTS else number(value, language)


def colour_units(view: DriverView, state: State, territory: Territory) -> Colouring:
    """Return the map of a driver: each municipality in the class of its unit."""
    say_one = partial(say_value, measure=view.measure, language=state.language)
    colouring = colour_by_unit(view.rows, view.units, say_one, state, territory)
    rests_on = layer_sources(territory, [UNIT_LAYERS[view.units][0]]) if view.measure in _SHARES else {}
    credited = [credit for sources in rests_on.values() for credit in list_credits(sources, state.language)]
    return replace(colouring, credits=credited)


def all_drivers(territory: Territory) -> pd.DataFrame:
    """Return the drivers of all editions."""
    return pd.concat([plan.drivers for plan in territory.plan.plans], ignore_index=True)


def edition_names(territory: Territory) -> list[str]:
    """Return the editions, in their order."""
    return [plan.edition.identifier for plan in territory.plan.plans]


def find_projects(view: DriverView, state: State, territory: Territory) -> pd.DataFrame:
    """Return the attributed projects that are the driver's, of the editions asked for, or may be (not ``certain``)."""
    registered = territory.plan.projects
    if registered is None:
        return pd.DataFrame(columns=["project", "project_edition", "certain"])
    pairs = of_edition(find_drivers(registered.drivers, all_drivers(territory)), view.asked)
    mine = pairs[(pairs["edition"] == state.edition) & (pairs["driver"] == view.number)]
    projects = view.wanted.keep(registered.projects).drop(columns="edition")
    return mine.merge(projects, on="project", validate="1:1")


def say_unknown(projects: pd.DataFrame, view: DriverView, language: Language) -> str:
    """Say how many of the driver's projects are of unknown edition, or are not counted because of it."""
    possible = int((~projects["certain"].astype(bool)).sum())
    said = []
    if view.asked is None:
        undated = int((projects["project_edition"] == UNKNOWN_EDITION).sum()) - possible
        said += (
            [say("Projects of the driver of unknown edition: {count}.", language, count=number(undated, language))]
            if undated
            else []
        )
    if possible:
        key = "projects_doubtful" if view.asked in (None, UNKNOWN_EDITION) else "projects_left_out"
        said.append(say(TEXTS[key], language, count=number(possible, language), driver=view.number))
    return " ".join(said)


def map_title(view: DriverView, state: State) -> str:
    """Say what the map shows."""
    counted = view.registered and view.measure in OF_PROJECTS
    return say(
        TEXTS["driver_map_projects_title" if counted else "driver_map_title"],
        state.language,
        coverage=say_measure(view, view.measure, state.language),
        driver=f"{view.number}. {view.driver[f'title_{state.language}']}",
        units=say(TEXTS[f"units_{view.units}"], state.language).lower(),
        edition=state.edition,
    )


def say_method(view: DriverView, state: State, territory: Territory) -> str:
    """Say what the map counts or shares; of the goals that involve municipalities, whose levels they have."""
    language, plan = state.language, plan_of(territory, state.edition)
    said = say(TEXTS[f"coverage_{view.measure}_method"], language, indicator=say_indicator(view, plan, language))
    return f"{said} {level_marks.say_tables(plan, language)}".strip() if view.measure == "chiamato" else said


def say_indicator(view: DriverView, plan: Plan, language: Language) -> str:
    """Name the indicator that stands beside the driver, and the goal that it measures; empty for none."""
    mine = plan.driver_goals[plan.driver_goals["driver"] == view.number][GOAL_KEY]
    goals = mine.merge(plan.goals[[*GOAL_KEY, "measure"]], on=GOAL_KEY, how="left", validate="1:1")
    return "; ".join(
        say(TEXTS[f"indicator_{goal['measure']}"], language, goal=f"{goal['mission']}.{goal['number']}")
        for goal in goals.to_dict("records")
        if f"indicator_{goal['measure']}" in TEXTS
    )


def driver_map(view: DriverView, state: State, territory: Territory) -> MapState:
    """Return the map of the driver."""
    colouring = colour_units(view, state, territory)
    return map_state(state, map_title(view, state), unit_maps.class_legend(colouring.legend, state), colouring)


def sentence(view: DriverView, state: State) -> str:
    """Say of how many units the figure is known, and between which it lies."""
    language, values = state.language, view.rows["value"]
    known = values.dropna()
    said = {
        "units": say(TEXTS[f"units_{view.units}"], language).lower(),
        "known": number(len(known), language),
        "count": number(len(values), language),
    }
    if known.empty:
        return say("Not known for {count} of {count} {units}.", language, **said)
    if known.min() == known.max():
        value = say_value(float(known.iloc[0]), view.measure, language)
        return say("{value} wherever it is known: {known} of {count} {units}.", language, value=value, **said)
    low, high = (say_value(float(value), view.measure, language) for value in (known.min(), known.max()))
    names = list(view.rows.loc[values == known.max(), "name"])
    highest = ", ".join(names) if len(names) <= _MOST_NAMED else f"{number(len(names), language)} {said['units']}"
    return say(
        "From {low} to {high} ({highest}). It is known for {known} of {count} {units}.",
        language,
        low=low,
        high=high,
        highest=highest,
        **said,
    )


def say_gaps(view: DriverView, language: Language) -> str:
    """Say which share of the driver's goals the map's shares leave out, being neither yes nor no; empty for none."""
    unmarked = level_marks.answer_word(NOT_MARKED, view.tables, language)
    said = []
    for column in _UNKNOWN_SHARES.get(MEASURES.get(view.measure, ""), ()):
        shares = view.rows[column].dropna()
        if shares.any():
            low, high = (percent(float(share), language) for share in (shares.min(), shares.max()))
            share = low if low == high else f"{low} - {high}"
            key = f"driver_sentence_{column.removesuffix('_share')}"
            said.append(say(TEXTS[key], language, share=share, unmarked=unmarked))
    return " ".join(said)


def ranking(view: DriverView, state: State) -> pd.DataFrame:
    """Return the units from the highest figure down, the unknown ones (NaN) last; columns in the words of the page."""
    language = state.language
    rows = view.rows.sort_values(["value", "name"], ascending=[False, True], na_position="last")
    first = [view.measure] if view.measure in MEASURES else []
    measures = [*first, *(name for name in MEASURES if name not in (view.measure, "misura"))]
    columns = {
        say("Rank", language): rows["value"].rank(method="min", ascending=False).astype("Int64"),
        say(TEXTS[f"unit_{view.units}"], language): rows["name"],
        **{say_measure(view, name, language) + _HEADING_UNITS.get(name, ""): _figures(rows, name) for name in measures},
        **gap_columns(rows, view.tables, language),
    }
    if view.units == "comuni":
        columns[say("ISTAT code", language)] = rows["unit"]
    return pd.DataFrame(columns).reset_index(drop=True)


def gap_columns(rows: pd.DataFrame, tables: str, language: Language) -> dict[str, pd.Series]:
    """Return the shares of goals that are neither yes nor no, by their headings: not known, or not marked.

    Parameters
    ----------
    rows
        Of a layer of drivers.
    tables
        Editions whose tables the levels come from, as :func:`psttm_geo.app.views.level_marks.tables_of`.
    language
        Of the headings.
    """
    unmarked = level_marks.answer_word(NOT_MARKED, tables, language)
    return {
        f"{say(TEXTS[name], language, unmarked=unmarked)} (%)": percentages(rows[f"{name}_share"]) for name in _GAPS
    }


def _figures(rows: pd.DataFrame, measure: str) -> pd.Series:
    figures = known_figures(rows, MEASURES[measure])
    if measure == "progetti":
        return figures.astype("Int64")
    return percentages(figures) if measure in _SHARES else figures
