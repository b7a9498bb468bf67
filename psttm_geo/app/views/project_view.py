"""The projects of a register, filtered, added up and listed in the words of the pages."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from psttm_geo.app.state import DRIVER, State, read_choice
from psttm_geo.app.texts import TEXTS, day, number, say
from psttm_geo.app.views.driver_view import all_drivers
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.app.views.project_filter import BODY_KINDS, ProjectFilter, read_filter
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.driver_projects import find_drivers
from psttm_geo.plan.plan_layers import ZONE
from psttm_geo.plan.project_counts import PROVINCE, count_by_unit, per_resident
from psttm_geo.plan.project_records import IN_PROVINCE, Projects

NO_DRIVER, OTHER_DRIVER = "nessuno", "altro"
"""Projects that are attributed to no driver, and to one that is none of the edition's for certain, in the address."""

_MOST_NAMED = 3

_EUROS = " (€)"

_DATES = ("start_date", "actual_start_date", "end_date", "actual_end_date")


@dataclass(frozen=True)
class ProjectView:
    """Which projects a page shows.

    Attributes
    ----------
    rows
        Projects as :attr:`psttm_geo.plan.project_records.Projects.projects` has them, with ``here_eur``: what falls to
        the chosen municipality, or the whole amount where none is chosen, and ``drivers_here``: a tuple of the numbers
        of the edition's drivers as text, or of :data:`NO_DRIVER` or :data:`OTHER_DRIVER` alone.
    places
        As :attr:`psttm_geo.plan.project_records.Projects.places`.
    wanted
        Body and state that they are filtered by.
    driver
        The driver that they are filtered by; None for all.
    """

    rows: pd.DataFrame
    places: pd.DataFrame
    wanted: ProjectFilter
    driver: str | None


def read_view(state: State, territory: Territory) -> ProjectView | None:
    """Read from the address bar which projects to show; None without a register."""
    registered = territory.plan.projects
    if registered is None:
        return None
    rows = with_drivers_here(registered, state, territory)
    wanted, driver = read_filter(territory), read_choice(DRIVER, driver_names(state, territory))
    rows = wanted.keep(in_municipalities(rows, registered.places, state.chosen))
    if driver is not None:
        rows = rows[[driver in drivers for drivers in rows["drivers_here"]]]
    return ProjectView(rows, registered.places, wanted, driver)


def with_drivers_here(registered: Projects, state: State, territory: Territory) -> pd.DataFrame:
    """Return the projects of a register with ``drivers_here``, as :attr:`ProjectView.rows` has it."""
    pairs = find_drivers(registered.drivers, all_drivers(territory))
    mine = pairs[(pairs["edition"] == state.edition) & pairs["certain"]]
    named = mine["driver"].astype(str).groupby(mine["project"]).agg(tuple)
    projects = registered.projects
    other = [(OTHER_DRIVER if drivers else NO_DRIVER,) for drivers in projects["drivers"]]
    here = [named.get(project, rest) for project, rest in zip(projects["project"], other, strict=True)]
    return projects.assign(drivers_here=pd.Series(here, index=projects.index, dtype="object"))


def in_municipalities(projects: pd.DataFrame, places: pd.DataFrame, codes: Collection[str] = ()) -> pd.DataFrame:
    """Return the projects of municipalities, with what falls to these as ``here_eur``; all where none is named."""
    if not codes:
        return projects.assign(here_eur=projects["amount_eur"])
    here = places[places["municipality_code"].isin(codes)].groupby("project", as_index=False)["share"].sum()
    mine = projects.merge(here, on="project", validate="1:1")
    return mine.assign(here_eur=mine["amount_eur"] * mine["share"])


def driver_names(state: State, territory: Territory) -> dict[str, str]:
    """Return the drivers of the edition in words, by number, and what stands for none and for others."""
    drivers = plan_of(territory, state.edition).drivers.to_dict("records")
    named = {str(row["driver"]): f"{row['driver']}. {row[f'title_{state.language}']}" for row in drivers}
    return named | {
        NO_DRIVER: say("not attributed to a driver", state.language),
        OTHER_DRIVER: say("driver of another edition, or doubtful", state.language),
    }


def add_up(rows: pd.DataFrame, by: pd.Series, heading: str, language: Language) -> pd.DataFrame:
    """Return number and amounts of projects by what they are grouped by, the largest amount first.

    Amounts are of the projects that state them, whose number stands beside: what is financed, awarded and paid are
    three things, none of which follows from another. Columns of what no project of any group states are left out.
    """
    grouped = rows.assign(group=by.to_numpy()).groupby("group", sort=False)
    table = grouped.agg(
        projects=("project", "size"),
        here_eur=("here_eur", _known_sum),
        without=("here_eur", lambda amounts: int(amounts.isna().sum())),
        awarded_eur=("awarded_eur", _known_sum),
        awarded=("awarded_eur", "count"),
        paid_eur=("paid_eur", _known_sum),
        paid=("paid_eur", "count"),
        finished=("actual_end_date", lambda dates: int((dates != "").sum())),
    ).sort_values(["here_eur", "projects"], ascending=False, na_position="last")
    headings = _amount_headings(language)
    shown = pd.DataFrame(
        {
            heading: table.index,
            say("Projects", language): table["projects"],
            headings["here_eur"]: table["here_eur"],
            say("Without an amount", language): table["without"],
            headings["awarded_eur"]: table["awarded_eur"],
            say("Projects with an awarded amount", language): table["awarded"],
            headings["paid_eur"]: table["paid_eur"],
            say("Projects with a paid amount", language): table["paid"],
            say("With an actual end", language): table["finished"],
        }
    ).reset_index(drop=True)
    return shown.loc[
        :, shown.iloc[:, :3].columns.union(shown.columns[(shown.notna() & (shown != 0)).any()], sort=False)
    ]


def _known_sum(amounts: pd.Series) -> float:
    return float(amounts.sum(min_count=1))


def _amount_headings(language: Language) -> dict[str, str]:
    return {
        "here_eur": say("Financed", language) + _EUROS,
        "awarded_eur": say("Awarded", language) + _EUROS,
        "paid_eur": say("Paid", language) + _EUROS,
    }


def by_mission(view: ProjectView, language: Language) -> pd.DataFrame:
    """Add up by mission of the recovery plan."""
    missions = view.rows["pnrr_mission"].replace("", say("not of the PNRR, or not stated", language))
    return add_up(view.rows, missions, say("Mission of the PNRR", language), language)


def by_body(view: ProjectView, language: Language) -> pd.DataFrame:
    """Add up by kind of implementing body."""
    names = {kind: say(TEXTS[f"body_{kind}"], language) for kind in BODY_KINDS}
    words = view.rows["body_kind"].map(names).fillna(say("not stated", language))
    return add_up(view.rows, words, say(TEXTS["body"], language), language)


def by_state(view: ProjectView, language: Language) -> pd.DataFrame:
    """Add up by state and phase; what the register does not state is said."""
    unstated = say("not stated", language)
    states = view.rows["status"].replace("", unstated)
    phases = view.rows["phase"].replace("", say("phase not stated", language))
    return add_up(view.rows, states + ", " + phases, say("Status and phase", language), language)


def by_driver(view: ProjectView, state: State, territory: Territory) -> pd.DataFrame:
    """Add up by driver of the edition, a project under each of its drivers; what none takes stands apart."""
    rows = view.rows.explode("drivers_here")
    names = rows["drivers_here"].map(driver_names(state, territory))
    heading = say("Driver (a project counts in each of its own)", state.language)
    return add_up(rows, names, heading, state.language)


def by_zone(view: ProjectView, state: State, territory: Territory) -> pd.DataFrame:
    """Add up by zone what falls to its municipalities; a project counts once in each of its zones.

    A zone without a project has an amount of zero; one whose projects state no amount has none that is known. What is
    located on the whole province stands in a row of its own.
    """
    language = state.language
    everywhere = say("whole province, in no single zone", language)
    members = territory.municipalities[["municipality_code", "zone"]].rename(columns={"zone": "unit"})
    members.loc[len(members)] = [PROVINCE, everywhere]
    inhabitants = territory.municipalities.set_index("municipality_code")["residents"]
    counts = count_by_unit(view.rows, view.places, {ZONE: members}, inhabitants).groupby("unit")
    sums = counts[["projects", "projects_without_amount", "amount_eur"]].sum(min_count=1)
    residents = territory.zones.set_index("zone")["residents"]
    table = sums.reindex([*residents.index, *sums.index.intersection([everywhere])])
    numbers = ["projects", "projects_without_amount"]
    table[numbers] = table[numbers].fillna(0).astype("int64")
    table["amount_eur"] = table["amount_eur"].mask(table["projects"] == 0, 0)
    shown = pd.DataFrame(
        {
            say(TEXTS["zone"], language): table.index,
            say("Projects", language): table["projects"],
            _amount_headings(language)["here_eur"]: table["amount_eur"],
            say("Without an amount", language): table["projects_without_amount"],
            say("Per resident", language) + _EUROS: per_resident(table["amount_eur"], residents.reindex(table.index)),
        }
    ).sort_values(say("Per resident", language) + _EUROS, ascending=False, na_position="last")
    return shown if table["projects_without_amount"].any() else shown.drop(columns=say("Without an amount", language))


def unattributed_measures(view: ProjectView, language: Language) -> pd.DataFrame:
    """Return the measures of the recovery plan that no driver takes, by amount."""
    rows = view.rows[(view.rows["drivers"] == "") & (view.rows["submeasure"] != "")]
    table = add_up(rows, rows["submeasure"], say("Measure", language), language)
    titles = rows.drop_duplicates("submeasure").set_index("submeasure")["measure_title"]
    table.insert(1, say("Title", language), table.iloc[:, 0].map(titles))
    return table


def list_projects(
    rows: pd.DataFrame, places: pd.DataFrame, state: State, territory: Territory, *, is_part: bool
) -> pd.DataFrame:
    """Return projects one by one, the largest first; columns of which the register says nothing are left out.

    Parameters
    ----------
    rows
        As :attr:`ProjectView.rows`.
    places
        As :attr:`ProjectView.places`.
    state, territory
        Give the language, the names of drivers and municipalities.
    is_part
        Whether the rows are of a part of the territory, to which but a part of their amounts may fall.
    """
    language, headings = state.language, _amount_headings(state.language)
    rows = rows.sort_values(["here_eur", "project"], ascending=[False, True], na_position="last")
    here = {say("Falls here", language) + _EUROS: rows["here_eur"]} if is_part else {}
    names = driver_names(state, territory)
    dates = {say(TEXTS[f"project_{name}"], language): rows[name] for name in _DATES}
    table = pd.DataFrame(
        {
            say("Code", language): rows["project"],
            say("Title", language): rows["title"],
            **here,
            headings["here_eur"]: rows["amount_eur"].astype("float64"),
            say("Status", language): rows["status"],
            say("Phase", language): rows["phase"],
            say(TEXTS["municipalities"], language): place_names(rows, places, language, territory),
            say("Implementing body", language): rows["body"],
            say(TEXTS["driver"], language): ["; ".join(map(names.__getitem__, told)) for told in rows["drivers_here"]],
            say("Mission of the PNRR", language): rows["pnrr_mission"],
            say("Measure", language): rows["submeasure"],
            headings["awarded_eur"]: rows["awarded_eur"].astype("float64"),
            headings["paid_eur"]: rows["paid_eur"].astype("float64"),
            **dates,
        }
    ).reset_index(drop=True)
    told = (table.notna() & (table != "")).any()
    return table.loc[:, told]


def place_names(rows: pd.DataFrame, places: pd.DataFrame, language: Language, territory: Territory) -> pd.Series:
    """Name the municipalities of each project; of more than a few, say how many, and where it is the whole province."""
    names = territory.municipalities[["municipality_code", "municipality"]]
    mine = places[places["project"].isin(rows["project"])]
    mine = mine.merge(names, on="municipality_code", how="left", validate="m:1")
    grouped = mine.groupby("project")["municipality"]
    counts = grouped.size()
    few = mine[mine["project"].map(counts) <= _MOST_NAMED].groupby("project")["municipality"].agg(", ".join)
    many = counts[counts > _MOST_NAMED].map(
        lambda count: say("{count} municipalities", language, count=number(count, language))
    )
    said = rows["project"].map(pd.concat([few, many]))
    return said.mask(rows["extent"] == IN_PROVINCE, say("whole province", language))


def say_known_check(state: State, territory: Territory) -> list[str]:
    """Say how far the register stands from the projects that documents count, and why the two can differ."""
    registered, language = territory.plan.projects, state.language
    if registered is None:
        return []
    said, projects = [], registered.projects
    own = projects[projects["body_kind"] == "citta_metropolitana"]
    for edition in (plan.edition for plan in territory.plan.plans):
        if edition.counted is None or edition.project_count is None or edition.project_amount_eur is None:
            continue
        said.append(
            say(
                "{edition}: the document “{document}” counts {count} {kind}, for {amount}. Register: {loaded}, for "
                "{loaded_amount} ({times} of the document's amount); of these the Metropolitan City carries out {own}, "
                "for {own_amount} ({own_times}). They can differ: the document states neither the implementing bodies "
                "nor the date of its count; the register holds those of all bodies and is of {date}.",
                language,
                edition=edition.identifier,
                document=edition.counted.document,
                count=number(edition.project_count, language),
                kind=edition.counted.kind.say(language),
                amount=f"{number(edition.project_amount_eur, language)} €",
                loaded=number(len(projects), language),
                loaded_amount=say_amount(projects["amount_eur"], language),
                times=_say_percent(projects, edition.project_amount_eur, language),
                own=number(len(own), language),
                own_amount=say_amount(own["amount_eur"], language),
                own_times=_say_percent(own, edition.project_amount_eur, language),
                date=day(registered.source.reference_date, language)
                if registered.source.reference_date
                else say("a date that it does not state", language),
            )
        )
    return said


def say_amount(amounts: pd.Series, language: Language) -> str:
    """Say what projects come to, in euros, and of how many it is known where it is not of all."""
    known = amounts.dropna()
    if known.empty:
        return say(TEXTS["non_noto"], language)
    total = f"{number(float(known.sum()), language)} €"
    if len(known) == len(amounts):
        return total
    return say(
        "{amount} (known of {known} of {count})",
        language,
        amount=total,
        known=number(len(known), language),
        count=number(len(amounts), language),
    )


def _say_percent(projects: pd.DataFrame, amount: float, language: Language) -> str:
    known = _known_sum(projects["amount_eur"])
    return say(TEXTS["non_noto"], language) if math.isnan(known) else f"{number(100 * known / amount, language)} %"


def totals(view: ProjectView, language: Language) -> Mapping[str, tuple[str, str]]:
    """Return number and amounts in words, each with what it is and of how many projects it is known."""
    count = len(view.rows)
    said = {"projects": (number(count, language), say("Projects", language).lower())}
    for name, word in (
        ("here_eur", say("financed", language)),
        ("awarded_eur", say("awarded", language)),
        ("paid_eur", say("paid", language)),
    ):
        known = view.rows[name].dropna()
        value = f"{number(float(known.sum()), language)} €" if len(known) else say(TEXTS["non_noto"], language)
        of = say(
            "{what}, known of {known} of {count}",
            language,
            what=word,
            known=number(len(known), language),
            count=number(count, language),
        )
        said[name] = (value, of)
    return said
