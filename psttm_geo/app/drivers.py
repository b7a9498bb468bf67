"""Pieces of the page of drivers: where each is at work, in which sense, and through which goals and projects."""

import math
import tempfile
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo import workflows
from psttm_geo.app import data, figures, widgets
from psttm_geo.app.downloads import offer
from psttm_geo.app.figures import (
    LIST_HEIGHT_PX,
    ROW_HEIGHT_PX,
    TALL_ROW_HEIGHT_PX,
    colour_by_unit,
    list_credits,
    percentages,
    show_figures,
)
from psttm_geo.app.goals import applies_word, goal_counts, plan_of
from psttm_geo.app.state import (
    COVERAGE,
    DRIVER,
    GOAL,
    PAGE,
    UNITS,
    State,
    map_state,
    read_choice,
    read_units,
    write_parameter,
)
from psttm_geo.app.texts import capitalised, measure_name, number, percent, plain, say
from psttm_geo.errors import Language, PsttmError, TableError
from psttm_geo.model.plan import GOAL_KEY, Plan
from psttm_geo.outputs.maps import Colouring, MapState
from psttm_geo.outputs.tables import csv_text
from psttm_geo.settings import Settings
from psttm_geo.workflows import Territory
from psttm_geo.workflows.delivery import layer_sources
from psttm_geo.workspace import Workspace

UNIT_LAYERS = {
    "comuni": ("driver_comuni", "municipality_code"),
    "zone": ("driver_zone", "zone"),
    "unioni": ("driver_unioni", "union"),
}
"""Layer and column of each kind of unit, by its name in the address."""

MEASURES = {
    "misura": "value",
    "progetti": "projects",
    "importo": "amount_eur",
    "si_applica": "applies_share",
    "chiamato": "called_share",
}
"""Column of each kind of coverage by its name in the address; maps open on the first that anything is known of."""

_UNKNOWN_SHARES = {
    "applies_share": ("applies_unknown_share",),
    "called_share": ("called_unknown_share", "called_unmarked_share"),
}

_SHARES = ("misura", "si_applica", "chiamato")

_GAPS = ("applies_unknown", "called_unknown", "called_unmarked")
"""Shares that stand beside the others: what is not known, and what is not marked."""

_HEADING_UNITS = {"importo": " (€)"} | dict.fromkeys(_SHARES, " (%)")

_MOST_NAMED = 3

_MOST_PROJECTS = 500
"""Rows of projects on the page; a table of all would be sent at every interaction."""


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
    """

    driver: Mapping[Hashable, Any]
    units: str
    measure: str
    rows: pd.DataFrame

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
    asked = read_choice(COVERAGE, MEASURES)
    rows = unit_rows(units, state.edition, int(driver["driver"]))
    measure = asked or next((name for name, column in MEASURES.items() if rows[column].notna().any()), "si_applica")
    return DriverView(driver, units, measure, rows.assign(value=known_figures(rows, MEASURES[measure])))


def unit_rows(units: str, edition: str, driver: int) -> pd.DataFrame:
    """Return the coverage of a driver by unit: ``unit``, ``name`` and the columns of the layer."""
    layer, column = UNIT_LAYERS[units]
    table = data.layers()[layer]
    mine = table[(table["edition"] == edition) & (table["driver"] == driver)]
    names = mine["municipality"] if units == "comuni" else mine[column]
    return pd.DataFrame(mine.drop(columns="geometry")).assign(unit=mine[column], name=names).reset_index(drop=True)


def known_figures(rows: pd.DataFrame, column: str) -> pd.Series:
    """Return the figures to map: a share of nothing but unknown goals is unknown, never zero."""
    figures = rows[column].astype("float64")
    unknown = rows[list(_UNKNOWN_SHARES[column])].sum(axis=1) if column in _UNKNOWN_SHARES else 0
    return figures.mask((figures == 0) & (unknown > 0))


def show_choices(view: DriverView, state: State, territory: Territory) -> None:
    """Show which driver, which units and which coverage; each is a part of the address bar."""
    language = state.language
    plan = plan_of(territory, state.edition)
    titles = {
        str(row["driver"]): f"{row['driver']}. {row[f'title_{language}']}" for row in plan.drivers.to_dict("records")
    }
    st.session_state["driver"] = str(view.number)
    st.selectbox(
        say("driver", language),
        list(titles),
        key="driver",
        format_func=titles.__getitem__,
        on_change=lambda: write_parameter(DRIVER, st.session_state["driver"]),
    )
    with st.container(horizontal=True, gap="medium"):
        widgets.show_switch(
            UNITS, "units", list(UNIT_LAYERS), view.units, language, lambda name: say(f"units_{name}", language)
        )
        widgets.show_switch(
            COVERAGE,
            "coverage",
            [name for name in MEASURES if name != "misura" or view.measure == "misura"],
            view.measure,
            language,
            lambda name: say(f"coverage_{name}", language),
        )


def say_value(value: float, measure: str, language: Language) -> str:
    """Say a figure with its unit; what is not known is said, never shown as zero."""
    if math.isnan(value):
        return say("non_noto", language)
    if measure in _SHARES:
        return percent(value, language)
    return f"{number(value, language)} €" if measure == "importo" else number(value, language)


def colour_units(view: DriverView, state: State, territory: Territory) -> Colouring:
    """Return the map of a driver: each municipality in the class of its unit."""
    say_one = partial(say_value, measure=view.measure, language=state.language)
    colouring = colour_by_unit(view.rows, view.units, say_one, state, territory)
    rests_on = layer_sources(territory, [UNIT_LAYERS[view.units][0]]) if view.measure in _SHARES else {}
    credited = [credit for sources in rests_on.values() for credit in list_credits(sources, state.language)]
    return replace(colouring, credits=credited)


def coverage_name(view: DriverView, language: Language) -> str:
    """Return what the coverage shown is called: a measure by its own name."""
    known = view.rows["indicator"].dropna()
    if view.measure != "misura" or known.empty:
        return say(f"coverage_{view.measure}", language)
    return measure_name(str(known.iloc[0]), language)


def map_title(view: DriverView, state: State) -> str:
    """Say what the map shows."""
    return say(
        "driver_map_title",
        state.language,
        coverage=capitalised(coverage_name(view, state.language)),
        driver=f"{view.number}. {view.driver[f'title_{state.language}']}",
        units=say(f"units_{view.units}", state.language).lower(),
        edition=state.edition,
    )


def show_driver_map(view: DriverView, state: State, territory: Territory) -> None:
    """Show the map of the driver with its legend and the sentence that says the same."""
    shown = driver_map(view, state, territory)
    widgets.show_maps(state, shown)
    st.markdown(f"**{capitalised(coverage_name(view, state.language))}**")
    widgets.show_legend(shown.legend, state.language)
    st.markdown(plain(_sentence(view, state)))
    measure = coverage_name(view, state.language)
    st.caption(say(f"coverage_{view.measure}_method", state.language, measure=measure))


def driver_map(view: DriverView, state: State, territory: Territory) -> MapState:
    """Return the map of the driver."""
    colouring = colour_units(view, state, territory)
    return map_state(state, map_title(view, state), widgets.class_legend(colouring.legend, state), colouring)


def _sentence(view: DriverView, state: State) -> str:
    language, values = state.language, view.rows["value"]
    known = values.dropna()
    said = {
        "units": say(f"units_{view.units}", language).lower(),
        "known": number(len(known), language),
        "count": number(len(values), language),
    }
    if known.empty:
        return say("driver_sentence_unknown", language, **said)
    if known.min() == known.max():
        value = say_value(float(known.iloc[0]), view.measure, language)
        return say("driver_sentence_same", language, value=value, **said)
    low, high = (say_value(float(value), view.measure, language) for value in (known.min(), known.max()))
    names = list(view.rows.loc[values == known.max(), "name"])
    highest = ", ".join(names) if len(names) <= _MOST_NAMED else f"{number(len(names), language)} {said['units']}"
    return say("driver_sentence_range", language, low=low, high=high, highest=highest, **said)


def show_card(view: DriverView, state: State, territory: Territory) -> None:
    """Show what the driver is: its summary, missions, and the goals it combines."""
    language, plan = state.language, plan_of(territory, state.edition)
    st.header(f"{view.number}. {view.driver[f'title_{language}']}", anchor=False)
    st.markdown(plain(str(view.driver[f"summary_{language}"])))
    missions = plan.driver_missions[plan.driver_missions["driver"] == view.number]["mission"]
    titles = dict(zip(plan.missions["mission"], plan.missions[f"title_{language}"], strict=True))
    facts = {
        say("title_basis", language): say(f"title_basis_{view.driver['title_basis']}", language),
        say("missions", language): "; ".join(f"{mission}. {titles[mission]}" for mission in missions)
        or say("non_noto", language),
        say("reference", language): f"{state.edition}, {view.driver['reference']}",
    }
    widgets.show_facts(facts)
    _show_goals(view, plan, state, territory)


def _show_goals(view: DriverView, plan: Plan, state: State, territory: Territory) -> None:
    """Say how many of the driver's goals apply everywhere and which differ; a chosen row opens the goal."""
    language = state.language
    mine = plan.driver_goals[plan.driver_goals["driver"] == view.number][["edition", "mission", "number"]]
    if mine.empty:
        st.markdown(say("driver_no_goals", language))
        return
    counts = goal_counts(territory, state.edition)
    rows = mine.merge(counts, on=GOAL_KEY, how="left", validate="1:1").merge(
        plan.goals[[*GOAL_KEY, f"title_{language}"]], on=GOAL_KEY, how="left", validate="1:1"
    )
    names = rows["mission"].astype(str) + "." + rows["number"].astype(str)
    everywhere = rows["yes"] == len(territory.municipalities)
    key = "driver_everywhere" if everywhere.all() else "driver_differs"
    st.markdown(
        say(key, language, same=int(everywhere.sum()), count=len(rows), names=", ".join(names[~everywhere]))
        + " "
        + say("driver_goals_basis", language)
    )
    table = pd.DataFrame(
        {
            "n.": names,
            say("goal", language): rows[f"title_{language}"],
            say("applies_to", language): [
                applies_word(row, language) for row in rows[["yes", "unknown"]].to_dict("records")
            ],
        }
    )
    key = f"driver_goals_{language}_{state.edition}_{view.number}"

    def picked() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen:
            write_parameter(GOAL, str(names.iloc[chosen[0]]))
            write_parameter(PAGE, "obiettivi")

    st.dataframe(
        table,
        key=key,
        hide_index=True,
        on_select=picked,
        selection_mode="single-row",
        height=min(LIST_HEIGHT_PX, ROW_HEIGHT_PX + TALL_ROW_HEIGHT_PX * len(table) + 2),
        row_height=TALL_ROW_HEIGHT_PX,
        column_config={
            "n.": st.column_config.TextColumn(width=50),
            say("goal", language): st.column_config.TextColumn(width="large"),
        },
    )


def ranking(view: DriverView, state: State) -> pd.DataFrame:
    """Return the units from the highest figure down, the unknown ones (NaN) last; columns in the words of the page."""
    language = state.language
    rows = view.rows.sort_values(["value", "name"], ascending=[False, True], na_position="last")
    measures = [view.measure, *(name for name in MEASURES if name not in (view.measure, "misura"))]
    columns = {
        say("rank", language): rows["value"].rank(method="min", ascending=False).astype("Int64"),
        say(f"unit_{view.units}", language): rows["name"],
        **{_heading(view, name, language) + _HEADING_UNITS.get(name, ""): _figures(rows, name) for name in measures},
        **{f"{say(name, language)} (%)": percentages(rows[f"{name}_share"]) for name in _GAPS},
    }
    if view.units == "comuni":
        columns[say("istat_code", language)] = rows["unit"]
    return pd.DataFrame(columns).reset_index(drop=True)


def _heading(view: DriverView, measure: str, language: Language) -> str:
    if measure == "misura":
        return capitalised(coverage_name(view, language))
    return say(f"coverage_{measure}", language)


def _figures(rows: pd.DataFrame, measure: str) -> pd.Series:
    figures = known_figures(rows, MEASURES[measure])
    if measure == "progetti":
        return figures.astype("Int64")
    return percentages(figures) if measure in _SHARES else figures


def show_ranking(view: DriverView, state: State) -> None:
    """Show the ranking; a chosen row chooses the municipality."""
    figures.show_ranking(ranking(view, state), f"ranking_{state.language}_{view.units}", view.units, state.language)


def show_projects(view: DriverView, state: State, territory: Territory) -> None:
    """Show the projects of the driver, in the chosen municipality where there is one."""
    language = state.language
    where = _name_of(state, territory)
    st.markdown(f"**{say('projects', language)}{': ' if where else ''}{plain(where)}**")
    if territory.projects is None:
        st.markdown(say("no_register", language))
        return
    everywhere = territory.projects.projects
    of_edition = everywhere[everywhere["edition"] == state.edition]
    st.markdown(_say_projects(view, of_edition, state, territory))
    st.caption(_say_register(len(of_edition), state, territory))
    mine = of_edition[(of_edition["driver"] == view.number).fillna(value=False)]
    table = _project_table(_here(mine, state, territory), state, territory)
    if table.empty:
        return
    show_figures(table.head(_MOST_PROJECTS), f"projects_{language}", language)
    if len(table) > _MOST_PROJECTS:
        st.caption(say("projects_first", language, shown=number(_MOST_PROJECTS, language)))
    name = f"progetti_{state.edition}_{view.number}.csv"
    offer(say("projects_csv", language), name, lambda: csv_text(table).encode(), width="content")


def _here(projects: pd.DataFrame, state: State, territory: Territory) -> pd.DataFrame:
    """Keep the projects of the chosen municipality, where one is chosen."""
    if state.municipality is None or territory.projects is None:
        return projects
    places = territory.projects.places
    here = places.loc[places["municipality_code"] == state.municipality, "project"]
    return projects[projects["project"].isin(here)]


def _say_projects(view: DriverView, of_edition: pd.DataFrame, state: State, territory: Territory) -> str:
    """Say how many projects the driver has; none is said only where no project waits for its driver."""
    language = state.language
    if of_edition["driver"].isna().all():
        key = "projects_unknown" if len(of_edition) else "no_register_edition"
        return say(key, language, edition=state.edition, waiting=number(len(of_edition), language))
    here = _here(of_edition, state, territory)
    waiting = number(int(here["driver"].isna().sum()), language)
    amounts = here.loc[(here["driver"] == view.number).fillna(value=False), "amount_eur"]
    if amounts.empty:
        return say("projects_none" if waiting == "0" else "projects_unknown", language, waiting=waiting)
    said = say("projects_no_amount", language)
    if amounts.notna().any():
        missing = number(int(amounts.isna().sum()), language)
        said = say(
            "projects_amount", language, amount=say_value(float(amounts.sum()), "importo", language), missing=missing
        )
    return say("projects_sentence", language, count=number(len(amounts), language), amount=said, waiting=waiting)


def _say_register(count: int, state: State, territory: Territory) -> str:
    """Name the register, and say how far it is from what the plan counts."""
    language, edition = state.language, plan_of(territory, state.edition).edition
    said = [say("register_held", language, name=plain(territory.projects.source.title))] if territory.projects else []
    if edition.project_count is not None and edition.project_amount_eur is not None:
        said.append(
            say(
                "projects_complete",
                language,
                count=number(count, language),
                edition=state.edition,
                expected=number(edition.project_count, language),
                amount=say_value(edition.project_amount_eur, "importo", language),
            )
        )
    return " ".join(said)


def _project_table(projects: pd.DataFrame, state: State, territory: Territory) -> pd.DataFrame:
    """Return projects by amount, the unknown ones last; columns that a register leaves blank are left out."""
    language = state.language
    rows = projects.sort_values(["amount_eur", "project"], ascending=[False, True], na_position="last")
    table = pd.DataFrame(
        {
            say("project_code", language): rows["project"],
            say("project_title", language): rows["title"],
            say("municipalities", language): _place_names(rows["project"], language, territory),
            f"{say('coverage_importo', language)} (€)": rows["amount_eur"].astype("float64"),
            say("project_status", language): rows["status"],
        }
    )
    return table.loc[:, (table != "").any()].reset_index(drop=True)


def _place_names(projects: pd.Series, language: Language, territory: Territory) -> pd.Series:
    """Name the municipalities of each project; of more than a few, say how many."""
    if territory.projects is None:
        return pd.Series(dtype="str")
    names = territory.municipalities[["municipality_code", "municipality"]]
    places = territory.projects.places
    mine = places[places["project"].isin(projects)].merge(names, on="municipality_code", how="left", validate="m:1")
    grouped = mine.groupby("project")["municipality"]
    counts = grouped.size()
    few = mine[mine["project"].map(counts) <= _MOST_NAMED].groupby("project")["municipality"].agg(", ".join)
    many = counts[counts > _MOST_NAMED].map(
        lambda count: say("many_municipalities", language, count=number(count, language))
    )
    return projects.map(pd.concat([few, many]))


def _name_of(state: State, territory: Territory) -> str:
    rows = territory.municipalities
    return "".join(rows.loc[rows["municipality_code"] == state.municipality, "municipality"])


def show_upload(state: State, territory: Territory) -> None:
    """Take a register of projects, or a table that attributes projects to drivers; nothing is half-loaded.

    Where the application is served to many, the workspace is nobody's to change.
    """
    if Settings().served:
        return
    language = state.language
    _show_outcome()
    with st.expander(say("register", language)):
        st.markdown(say("register_help", language))
        offer(
            say("register_template", language),
            "progetti.csv",
            lambda: workflows.project_template().encode(),
            width="content",
        )
        register = st.file_uploader(say("register_file", language), type=["csv", "xlsx"], key="register")
        attribution = st.file_uploader(say("attribution_file", language), type=["csv", "xlsx"], key="attribution")
        if st.button(say("register_load", language), disabled=register is None and attribution is None):
            _load(register, attribution, language)
        if territory.projects is not None:
            st.button(say("register_remove", language), icon=":material/close:", on_click=_remove)


def _show_outcome() -> None:
    """Say that a register was loaded; outside the form, which closes when the page around it changes."""
    outcome = st.session_state.pop("register_outcome", None)
    if outcome:
        st.success(outcome[0])
        st.markdown("\n".join(f"- {plain(line)}" for line in outcome[1:]))


def _remove() -> None:
    Workspace(Settings().workspace).remove("projects")


def _load(register: Any, attribution: Any, language: Language) -> None:  # noqa: ANN401 - Streamlit's uploaded files
    """Register what was uploaded, or list every fault with its row."""
    with tempfile.TemporaryDirectory() as folder:
        # Each in a folder of its own: both may have the same name.
        paths = [
            _saved(Path(folder) / kind, file) for kind, file in (("register", register), ("attribution", attribution))
        ]
        try:
            notices = workflows.add_projects(Settings(), *paths)
        except TableError as error:
            st.error(say("register_refused", language, count=len(error.faults)))
            faults = {
                say("file", language): [fault.file for fault in error.faults],
                say("row", language): [fault.row for fault in error.faults],
                say("fault", language): [fault.text.say(language) for fault in error.faults],
            }
            st.dataframe(pd.DataFrame(faults), hide_index=True, row_height=TALL_ROW_HEIGHT_PX)
            return
        except PsttmError as error:
            st.error(plain(error.text.say(language)))
            return
    st.session_state["register_outcome"] = [
        say("register_loaded", language),
        *(notice.say(language) for notice in notices),
    ]
    st.rerun()


def _saved(folder: Path, file: Any) -> Path | None:  # noqa: ANN401 - Streamlit's uploaded file
    if file is None:
        return None
    folder.mkdir()
    path = folder / Path(file.name).name
    path.write_bytes(file.getvalue())
    return path
