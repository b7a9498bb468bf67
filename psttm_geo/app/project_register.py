"""Pieces of the page of drivers about projects: those of a driver, and the register that they come from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo import jobs
from psttm_geo.app import controls, data
from psttm_geo.app.download_button import offer
from psttm_geo.app.figure_tables import show_faults, show_figures
from psttm_geo.app.state import BODY, STATUS, State
from psttm_geo.app.texts import TEXTS, number, plain, say
from psttm_geo.app.views import driver_view
from psttm_geo.app.views.driver_view import DriverView
from psttm_geo.app.views.project_filter import ProjectFilter, list_bodies, list_states
from psttm_geo.app.views.project_view import in_municipalities, place_names, say_amount
from psttm_geo.core.errors import PsttmError, TableError
from psttm_geo.core.messages import Language
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.delivery.formats import csv_text
from psttm_geo.jobs import Territory
from psttm_geo.plan.driver_projects import find_drivers, known_drivers, of_edition
from psttm_geo.plan.project_records import BETWEEN_DRIVERS, UNKNOWN_EDITION, waits
from psttm_geo.plan.records import Edition

_MOST_PROJECTS = 500
"""Rows of projects on the page; a table of all would be sent at every interaction."""


def show_projects(view: DriverView, state: State, territory: Territory) -> None:
    """Show the projects of the driver, in the chosen municipality where there is one."""
    language = state.language
    where = _name_of(state, territory)
    st.markdown(f"**{driver_view.say_measure(view, 'progetti', language)}{': ' if where else ''}{plain(where)}**")
    registered = territory.plan.projects
    if registered is None:
        st.markdown(say("The workspace holds no register of projects: activated coverage is not known.", language))
        return
    mine = in_municipalities(driver_view.find_projects(view, state, territory), registered.places, state.chosen)
    said = [
        _say_projects(view, mine, state, territory),
        *_say_shared(mine, language),
        *_say_unattributed(state, territory),
        *_say_elsewhere(view, state, territory),
    ]
    st.markdown(plain(" ".join(said)))
    st.caption(say_register(state, territory, view.asked))
    table = _project_table(mine[mine["certain"]], registered.places, state, territory)
    if table.empty:
        return
    show_figures(table.head(_MOST_PROJECTS), f"projects_{language}", language)
    if len(table) > _MOST_PROJECTS:
        st.caption(
            say(
                "The first {shown} by amount; the CSV holds them all.", language, shown=number(_MOST_PROJECTS, language)
            )
        )
    name = f"progetti_driver_{view.number}_{state.edition}.csv"
    offer(say("Projects CSV", language), name, lambda: csv_text(table).encode(), width="content")


def show_filter(wanted: ProjectFilter, places: Sequence[Any], language: Language, territory: Territory) -> None:
    """Show by which kind of body and state projects are filtered; each choice is a part of the address bar.

    Parameters
    ----------
    wanted
        What is chosen.
    places
        Where the two lists go.
    language, territory
        Of the words; of the register.
    """
    bodies = {kind: say(TEXTS[f"body_{kind}"], language) for kind in list_bodies(territory)}
    states = {one: one for one in list_states(territory)}
    filters = ((BODY, "body", bodies, wanted.body), (STATUS, "status", states, wanted.status))
    for place, (name, label, names, chosen) in zip(places, filters, strict=True):
        if names:
            everything = say("all of them", language)
            with place:
                controls.show_select(
                    name, label, names, chosen, language, key=f"projects_{name}", placeholder=everything
                )


def _say_projects(view: DriverView, mine: pd.DataFrame, state: State, territory: Territory) -> str:
    """Say how many projects the driver has; none is said only where no project may be its own."""
    language = state.language
    certain, waiting = mine[mine["certain"]], _count_waiting(view, state, territory)
    unknown = driver_view.say_unknown(mine, view, language)
    said = {"waiting": number(waiting, language)}
    if certain.empty:
        if waiting or unknown:
            key = "projects_unknown"
        else:
            key = "projects_none" if _is_known(view, state, territory) else "projects_not_known"
        return " ".join(filter(None, [say(TEXTS[key], language, **said), unknown]))
    count = number(len(certain), language)
    return " ".join(
        filter(
            None,
            [
                say(
                    "Projects attributed to the driver: {count}; amount: {amount}. Not yet attributed to a driver: "
                    "{waiting}.",
                    language,
                    count=count,
                    amount=say_amount(certain["here_eur"], language),
                    **said,
                ),
                unknown,
            ],
        )
    )


def _say_shared(mine: pd.DataFrame, language: Language) -> list[str]:
    """Say how many of the driver's projects have other drivers too, and what follows for sums."""
    shared = mine[mine["certain"] & mine["drivers"].str.contains(BETWEEN_DRIVERS, regex=False)]
    if shared.empty:
        return []
    count = say("Of other drivers too: {count}.", language, count=number(len(shared), language))
    return [f"{count} {say(TEXTS['drivers_not_additive'], language)}"]


def _say_unattributed(state: State, territory: Territory) -> list[str]:
    """Say how many projects here are of measures that no driver takes, and what they weigh."""
    if territory.plan.projects is None:
        return []
    projects = territory.plan.projects
    here = in_municipalities(projects.projects, projects.places, state.chosen)
    rows = here[(here["drivers"] == "") & ~waits(here)]
    if rows.empty:
        return []
    return [
        say(
            "Projects of PNRR measures that no driver takes, counted for none: {count} of {total}, for {amount}.",
            state.language,
            count=number(len(rows), state.language),
            total=number(len(here), state.language),
            amount=say_amount(rows["here_eur"], state.language),
        )
    ]


def _say_elsewhere(view: DriverView, state: State, territory: Territory) -> list[str]:
    """Say in which editions the number stands for another driver, whose projects are not this one's."""
    language, drivers = state.language, driver_view.all_drivers(territory)
    others = drivers[(drivers["driver"] == view.number) & (drivers["title_it"] != view.driver["title_it"])]
    return [
        say(
            "In edition {edition} number {driver} is another driver ({title}): its projects are not counted here.",
            language,
            edition=row["edition"],
            driver=view.number,
            title=row[f"title_{language}"],
        )
        for row in others.to_dict("records")
        if view.asked in (None, row["edition"])
    ]


def _count_waiting(view: DriverView, state: State, territory: Territory) -> int:
    """Count the projects here that are attributed to no driver and may be this one's."""
    registered = territory.plan.projects
    if registered is None:
        return 0
    projects = in_municipalities(registered.projects, registered.places, state.chosen)
    waiting = projects[waits(projects)].assign(driver=view.number)
    pairs = of_edition(find_drivers(waiting, driver_view.all_drivers(territory)), view.asked)
    return int((pairs["edition"] == state.edition).sum())


def _is_known(view: DriverView, state: State, territory: Territory) -> bool:
    """Tell whether the register says anything of the driver, in the editions asked for."""
    if territory.plan.projects is None:
        return False
    told = known_drivers(territory.plan.projects.drivers, driver_view.all_drivers(territory), asked=view.asked)
    return (state.edition, view.number) in told


def say_register(state: State, territory: Territory, asked: str | None = None) -> str:
    """Name the register, say what it holds of which edition, and what documents count beside it.

    Parameters
    ----------
    state, territory
        Give the language, and the register.
    asked
        The edition whose counts of documents are said; None for all.
    """
    registered, language = territory.plan.projects, state.language
    if registered is None:
        return ""
    counts = registered.projects["edition"].value_counts()
    parts = [
        f"{name}: {number(counts[name], language)}" for name in driver_view.edition_names(territory) if name in counts
    ]
    if UNKNOWN_EDITION in counts:
        undated = number(counts[UNKNOWN_EDITION], language)
        parts.append(f"{say(TEXTS['projects_non_nota'], language)}: {undated}")
    said = [
        say("Register in use: {name}.", language, name=plain(registered.source.title)),
        say(
            "Projects in the register: {count} ({parts}).",
            language,
            count=number(len(registered.projects), language),
            parts="; ".join(parts),
        ),
    ]
    editions = [plan.edition for plan in territory.plan.plans if asked in (None, plan.edition.identifier)]
    return " ".join([*said, *(_say_counted(edition, language) for edition in editions if edition.counted is not None)])


def _say_counted(edition: Edition, language: Language) -> str:
    """Say what a document counts among the results of an edition, which the register need not come to."""
    if edition.counted is None or edition.project_count is None or edition.project_amount_eur is None:
        return ""
    return say(
        "Among the results of {edition} the document “{document}” counts {count} {kind}, for "
        "{amount}: these are not all projects of the plan, and the register may have others.",
        language,
        edition=edition.identifier,
        document=plain(edition.counted.document),
        count=number(edition.project_count, language),
        kind=edition.counted.kind.say(language),
        amount=driver_view.say_value(edition.project_amount_eur, "importo", language),
    )


def _project_table(projects: pd.DataFrame, places: pd.DataFrame, state: State, territory: Territory) -> pd.DataFrame:
    """Return projects by what falls here, the unknown ones last; columns that a register leaves blank are left out."""
    language = state.language
    rows = projects.sort_values(["here_eur", "project"], ascending=[False, True], na_position="last")
    here = {f"{say('Falls here', language)} (€)": rows["here_eur"]} if state.chosen else {}
    undated = say(TEXTS["projects_non_nota"], language)
    table = pd.DataFrame(
        {
            say("Code", language): rows["project"],
            say("Title", language): rows["title"],
            say(TEXTS["edition"], language): rows["project_edition"].replace(UNKNOWN_EDITION, undated),
            say(TEXTS["municipalities"], language): place_names(rows, places, language, territory),
            **here,
            f"{say(TEXTS['coverage_importo'], language)} (€)": rows["amount_eur"].astype("float64"),
            say("Status", language): rows["status"],
            say("Implementing body", language): rows["body"],
            say("Drivers of the project", language): rows["drivers"],
        }
    )
    return table.loc[:, (table != "").any()].reset_index(drop=True)


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
    with st.expander(say(TEXTS["register"], language)):
        st.markdown(
            say(
                "A register of the office (CSV or XLSX), OpenCUP's places, or Italia Domani's projects and places "
                "together. If a row is wrong nothing is loaded, and the faults are listed one by one.",
                language,
            )
        )
        offer(
            say("Template to fill in", language),
            "progetti.csv",
            lambda: jobs.project_template().encode(),
            width="content",
        )
        registers = st.file_uploader(
            say("Register, or Italia Domani's files together", language),
            type=["csv", "xlsx", "parquet"],
            accept_multiple_files=True,
            key="register",
        )
        attribution = st.file_uploader(
            say("Attribution to drivers (cup,driver)", language), type=["csv", "xlsx"], key="attribution"
        )
        if st.button(say("Load into the workspace", language), disabled=not registers and attribution is None):
            _load(registers, attribution, language)
        if territory.plan.projects is not None:
            st.button(say("Remove the register", language), icon=":material/close:", on_click=_remove)


def _show_outcome() -> None:
    """Say that a register was loaded; outside the form, which closes when the page around it changes."""
    outcome = st.session_state.pop("register_outcome", None)
    if outcome:
        st.success(outcome[0])
        st.markdown("\n".join(f"- {plain(line)}" for line in outcome[1:]))


def _remove() -> None:
    Workspace(Settings().workspace).remove("projects")


def _load(registers: Sequence[Any], attribution: Any, language: Language) -> None:  # noqa: ANN401 - uploaded files
    """Register what was uploaded, or list every fault with its row."""
    with scratch_folder() as folder:
        # Each in a folder of its own: both may have the same name.
        files = [_saved(folder / str(number), file) for number, file in enumerate(registers)]
        told = None if attribution is None else _saved(folder / "attribution", attribution)
        try:
            notices = jobs.add_projects(data.project(), files, told)
        except TableError as error:
            st.error(
                say(
                    "Not loaded. Faults: {count}; mend them in the file and load it again.",
                    language,
                    count=len(error.faults),
                )
            )
            show_faults(error.faults, language)
            return
        except PsttmError as error:
            st.error(plain(error.text.say(language)))
            return
    st.session_state["register_outcome"] = [say("Loaded.", language), *(notice.say(language) for notice in notices)]
    st.rerun()


def _saved(folder: Path, file: Any) -> Path:  # noqa: ANN401 - Streamlit's uploaded file
    folder.mkdir()
    path = folder / Path(file.name).name
    path.write_bytes(file.getvalue())
    return path
