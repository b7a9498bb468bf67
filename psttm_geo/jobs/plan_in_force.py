"""The plan in force: its editions, where its goals apply, and the projects that are under way."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.core.errors import UnknownNameError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import FACT, OFFICE, UNSTATED, Source
from psttm_geo.core.workspace import Input, Kind
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.plan import agenda_2030, plan_layers
from psttm_geo.plan import projects as projects_source
from psttm_geo.plan.agenda_2030 import Agenda
from psttm_geo.plan.applicability import ScopeInputs
from psttm_geo.plan.editions import build_plans, with_numbers
from psttm_geo.plan.packed_projects import read_packed
from psttm_geo.plan.plan_layers import PlanAnswers
from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects
from psttm_geo.plan.reasons import STATIONS
from psttm_geo.plan.records import Plan
from psttm_geo.plan.statements import statement_layers
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.degurba import find_peri_urban
from psttm_geo.territory.degurba_records import PERI_URBAN_SCOPE, Urbanisation
from psttm_geo.territory.features import read_features

_NOTICES_SHOWN = 3
"""Of a register of projects, when something else is being done."""


@dataclass(frozen=True)
class PlanInForce:
    """The plan as all outputs share it.

    Attributes
    ----------
    plans
        One per edition, in order.
    links, key_words
        The tables ``goal_links.csv`` (numbers as whole numbers) and ``key_words.csv``.
    answers
        Where goals apply, whom they call, and which municipalities they name in particular.
    projects
        Those of the plans' editions in the register of the workspace, attributed to drivers as far as the office has;
        None without any.
    statements
        What the documents state beside, by layer, as :func:`psttm_geo.plan.statements.statement_layers` returns it.
    statement_sources
        By layer, the documents that have its passages.
    sources
        Where zones, unions and the tables of the plan come from.
    scope_sources
        What scope rules rest on beside the tables: public facts, mapped features, the Degree of Urbanisation.
    answer_sources
        The same of all answers: of scopes and of what goals name in particular.
    agenda
        Italia Domani's mapping to the 2030 Agenda in the workspace; None without one.
    """

    plans: tuple[Plan, ...]
    links: pd.DataFrame
    key_words: pd.DataFrame
    answers: PlanAnswers
    projects: Projects | None
    statements: dict[str, pd.DataFrame]
    statement_sources: dict[str, tuple[Source, ...]]
    sources: tuple[Source, ...]
    scope_sources: tuple[Source, ...]
    answer_sources: tuple[Source, ...]
    agenda: Agenda | None = None

    @property
    def project_targets(self) -> pd.DataFrame | None:
        """What projects reach of the 2030 Agenda, as the layer ``agenda_2030``; None without register or mapping."""
        if self.projects is None or self.agenda is None:
            return None
        return agenda_2030.project_targets(self.projects.projects, self.agenda)

    @property
    def driver_targets(self) -> pd.DataFrame | None:
        """What drivers reach of the Agenda, as ``agenda_2030.driver_targets``; None without register or mapping."""
        targets = self.project_targets
        if self.projects is None or targets is None:
            return None
        drivers = pd.concat([plan.drivers for plan in self.plans], ignore_index=True)
        return agenda_2030.driver_targets(targets, self.projects.projects, self.projects.drivers, drivers)

    @property
    def project_places(self) -> pd.DataFrame | None:
        """One row per project and municipality, as ``plan_layers.project_places``; None without a register."""
        if self.projects is None:
            return None
        return plan_layers.project_places(self.projects.projects, self.projects.places)


def answer_plans(
    project: Project,
    plans: tuple[Plan, ...],
    projects: Projects | None,
    municipalities: gpd.GeoDataFrame,
    known: tuple[Mapped | None, Urbanisation | None],
) -> PlanInForce:
    """Answer the goals of the plans with what is known of the map and of the Degree of Urbanisation."""
    register, inputs = project.register, project.workspace.inputs
    rules = _scopes(plans)
    every_rule = pd.concat([rules, *(plan.focuses for plan in plans)])
    statements = statement_layers(register.tables, plans)
    documents = tuple(register.source(name) for name in dict.fromkeys(plan.edition.source for plan in plans))
    return PlanInForce(
        plans=plans,
        links=with_numbers(register.tables["goal_links.csv"]),
        key_words=register.tables["key_words.csv"],
        answers=plan_layers.answer_goals(municipalities, plans, _scope_inputs(project, *known)),
        projects=projects,
        statements=statements,
        statement_sources={
            name: _cited(register, table) if "source" in table.columns else documents
            for name, table in statements.items()
        },
        sources=documents,
        scope_sources=_rule_sources(register, inputs, rules, *known),
        answer_sources=_rule_sources(register, inputs, every_rule, *known),
        agenda=_read_agenda(project),
    )


def _read_agenda(project: Project) -> Agenda | None:
    def read(held: Input) -> Agenda:
        found = agenda_2030.read_agenda(held.path)
        return dataclasses.replace(found, source=dataclasses.replace(found.source, added_on=held.added_on))

    return project.read_input("agenda", read)


def _cited(register: Register, table: pd.DataFrame) -> tuple[Source, ...]:
    """Return the documents that have the passages of a table."""
    return tuple(register.source(name) for name in table["source"].dropna().unique())


def choose_plans(register: Register, editions: Sequence[str]) -> tuple[Plan, ...]:
    """Return the plans of the editions wanted; of all where none is named.

    Raises
    ------
    UnknownNameError
        There is no such edition.
    """
    table = register.tables["editions.csv"]
    unknown = [name for name in editions if name not in set(table["edition"])]
    if unknown:
        known = ", ".join(table["edition"])
        raise UnknownNameError(
            gettext("Unknown edition {listed}; the editions are: {known}.", listed=", ".join(unknown), known=known)
        )
    return build_plans(register.tables, editions)


def _scope_inputs(project: Project, mapped: Mapped | None, classes: Urbanisation | None) -> ScopeInputs:
    """Return what scope rules are executed on: the office's stations before the map's, the map before public lists.

    A kind of feature that the map has none of is no proof that there is none: the public list then stays in force.
    """
    features = {} if mapped is None else dict(iter(mapped.features.groupby("feature")))
    stations = project.read_input("stations", lambda held: read_features(held.path))
    if stations is not None:
        features[STATIONS] = stations
    codes = project.tables["zones.csv"]["municipality_code"]
    figures = {} if classes is None else {PERI_URBAN_SCOPE: find_peri_urban(classes, list(codes))}
    return ScopeInputs(project.tables["scope_lists.csv"], features, figures)


def _scopes(plans: Sequence[Plan]) -> pd.DataFrame:
    """Return the scopes of the plans as rules: ``rule`` and ``parameter``."""
    return pd.concat([plan.goals for plan in plans]).rename(columns={"scope": "rule"})[["rule", "parameter"]]


def _rule_sources(
    register: Register,
    inputs: Mapping[Kind, Input],
    rules: pd.DataFrame,
    mapped: Mapped | None,
    classes: Urbanisation | None,
) -> tuple[Source, ...]:
    """Return the sources of what rules rest on: lists, mapped features, the office's stations, classes."""
    found = _place_sources(register, inputs, rules, mapped)
    asked = (rules["parameter"] == PERI_URBAN_SCOPE).any()
    return (*found, classes.source) if asked and classes is not None else found


def _place_sources(
    register: Register, inputs: Mapping[Kind, Input], rules: pd.DataFrame, mapped: Mapped | None
) -> tuple[Source, ...]:
    """Return the sources of named lists, mapped features and the office's stations."""
    wanted = set(rules["parameter"])
    asked = set(rules.loc[rules["rule"] == "feature", "parameter"])
    if "stations" in inputs:
        asked.discard(STATIONS)
    found = set() if mapped is None else asked & set(mapped.features["feature"])
    lists = register.tables["scope_lists.csv"]
    rows = lists.loc[lists["list"].isin(wanted - found), ["source", "address"]].drop_duplicates().to_dict("records")
    facts = [
        Source(f"scope-{position}", row["source"], FACT, row["address"], "", UNSTATED, row["source"], "")
        for position, row in enumerate(rows)
    ]
    if mapped is not None and found:
        facts.append(mapped.report.source)
    if "stations" not in inputs or STATIONS not in wanted:
        return tuple(facts)
    title, held = "Stazioni, file dell'ente", inputs["stations"]
    return (*facts, Source("stations-file", title, OFFICE, "", "", UNSTATED, title, held.sha256, held.added_on))


def of_editions(projects: Projects, plans: Sequence[Plan]) -> Projects | None:
    """Keep the projects of the plans, and those of unknown edition, which may be theirs; None where there are none."""
    mine = projects.projects[projects.projects["edition"].isin([UNKNOWN_EDITION, *_names(plans)])]
    goals = projects.goals[projects.goals["edition"].isin(_names(plans))]
    if mine.empty:
        return None
    places, drivers, goals = (
        table[table["project"].isin(mine["project"])].reset_index(drop=True)
        for table in (projects.places, projects.drivers, goals)
    )
    rows = mine.reset_index(drop=True)
    return dataclasses.replace(projects, projects=rows, places=places, drivers=drivers, goals=goals)


def project_notices(
    registered: Projects | None, kept: Projects | None, plans: Sequence[Plan], *, partial: bool
) -> Iterator[Text]:
    """Say in short what was read otherwise than written in the register of projects, and whether it serves."""
    if registered is None:
        return
    notices = list(registered.notices[:_NOTICES_SHOWN])
    more = len(registered.notices) - _NOTICES_SHOWN
    if more > 0:
        notices.append(gettext("{more} more notes; psttm-geo projects add says them all.", more=more))
    if partial:
        notices += _edition_notices(registered, kept, plans)
    for notice in notices:
        yield gettext("register of projects: {notice}", notice=notice)


def _edition_notices(registered: Projects, kept: Projects | None, plans: Sequence[Plan]) -> Iterator[Text]:
    """Say how many projects are left out because of their edition, and how many may be of another one."""
    names = ", ".join(_names(plans))
    if kept is None:
        yield gettext("no project of the edition {names}: it is not delivered.", names=names)
        return
    left_out = len(registered.projects) - len(kept.projects)
    undated = int((kept.projects["edition"] == UNKNOWN_EDITION).sum())
    if left_out:
        yield gettext("projects of another edition, not counted: {left_out}.", left_out=left_out)
    if undated:
        yield gettext(
            "projects of unknown edition, counted because they may be of {names}: {undated}.",
            names=names,
            undated=undated,
        )


def _names(plans: Sequence[Plan]) -> list[str]:
    return [plan.edition.identifier for plan in plans]


def read_register(project: Project, path: Path, plans: Sequence[Plan]) -> Projects:
    """Read a register of projects, or what is kept of Italia Domani's files; each state has one spelling."""
    if path.suffix == PACKED_PROJECTS.suffix:
        found = read_packed(path, project.tables["published_columns.csv"], project.gazetteer)
    else:
        found = projects_source.read_projects(path, project.gazetteer, plans)
    rows = found.projects
    return dataclasses.replace(found, projects=rows.assign(status=rows["status"].str.capitalize()))


PACKED_PROJECTS = Path("italia_domani.zip")
"""How a workspace keeps the rows of the territory out of Italia Domani's files."""


def read_projects(project: Project) -> Projects | None:
    """Read the register of projects of the workspace, with the office's attribution where there is one."""

    def plans() -> tuple[Plan, ...]:
        return build_plans(project.tables, ())

    def read(held: Input) -> Projects:
        found = read_register(project, held.path, plans())
        return dataclasses.replace(found, source=dataclasses.replace(found.source, added_on=held.added_on))

    registered = project.read_input("projects", read)
    if registered is None:
        return None
    rows = registered.projects
    told = project.read_input("attribution", lambda held: projects_source.read_attribution(held.path, rows, plans()))
    if told is not None:
        registered = projects_source.attribute(registered, told)
    tables = project.tables
    return projects_source.attribute_by_measure(registered, tables["measure_drivers.csv"], tables["measure_goals.csv"])
