"""Load the territory and the plan: everything that outputs share."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.access.results import RESTS_ON, Results
from psttm_geo.core.errors import Text, UnknownNameError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.provenance import FACT, OFFICE, SYNTHETIC, UNSTATED, Source, are_synthetic
from psttm_geo.core.workspace import COMPUTED, Input, Inputs, Kind
from psttm_geo.delivery.publisher import Publisher
from psttm_geo.delivery.publisher_file import read_publisher
from psttm_geo.delivery.value_lists import list_codes
from psttm_geo.jobs.boundaries import BoundaryComparison, Outlines, compare_boundaries, load_outlines
from psttm_geo.jobs.everyday_services import read_services
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.plan import membership, plan_layers
from psttm_geo.plan import projects as projects_source
from psttm_geo.plan.applicability import ScopeInputs
from psttm_geo.plan.editions import build_plans, with_numbers
from psttm_geo.plan.plan_layers import PlanAnswers
from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects
from psttm_geo.plan.reasons import STATIONS
from psttm_geo.plan.records import Plan
from psttm_geo.project import Project
from psttm_geo.schema.coded_values import CodedValues
from psttm_geo.schema.data_tables import Register
from psttm_geo.services.merge import MergedServices, say_report
from psttm_geo.territory import residents as residents_source
from psttm_geo.territory.degurba import find_peri_urban, join_classes
from psttm_geo.territory.degurba_files import open_urbanisation
from psttm_geo.territory.degurba_records import PERI_URBAN_SCOPE, Urbanisation
from psttm_geo.territory.features import read_features
from psttm_geo.territory.municipalities import Residents

_NOTICES_SHOWN = 3
"""Of a register of projects, when something else is being done."""


@dataclass(frozen=True)
class Territory:
    """The territory as all outputs share it.

    Attributes
    ----------
    municipalities
        The columns of the layer ``comuni``.
    ring
        Municipalities around the territory: ``municipality_code``, ``municipality``, ``province``, geometry.
    zones, unions, whole
        The columns of ``zone_omogenee``, ``unioni_comuni`` and ``citta_metropolitana``.
    memberships
        The columns of ``appartenenze`` and ``municipality``.
    plans
        One per edition, in order.
    links, key_words
        The tables ``goal_links.csv`` (numbers as whole numbers) and ``key_words.csv``.
    answers
        Where goals apply, whom they call, and which municipalities they name in particular.
    projects
        Those of the plans' editions in the register of the workspace, attributed to drivers as far as the office has;
        None without any.
    mapped
        What the workspace holds of OpenStreetMap; None for nothing.
    services, service_sources
        Everyday services of OpenStreetMap and of registers as one, and where they come from; None for neither.
    urbanisation
        What is known of the Degree of Urbanisation of its municipalities; None for nothing.
    scope_sources
        What scope rules rest on beside the tables: public facts, mapped features, the Degree of Urbanisation.
    answer_sources
        The same of all answers: of scopes and of what goals name in particular.
    outlines
        The boundaries that the municipalities are made of, and ISTAT's.
    results
        Layers that the workspace holds of earlier computations; None for none.
    codes
        What columns hold, by their English name, where the tables say it.
    publisher
        The office, as the workspace's ``ente.toml`` describes it; None where it holds none.
    boundaries_source, residents_source
        Where outlines and figures come from.
    membership_sources
        Where zones and unions come from.
    provisional
        Whether the residents are an estimate of the publisher.
    notices
        What was repaired or is odd, for the user.
    """

    municipalities: gpd.GeoDataFrame
    ring: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    unions: gpd.GeoDataFrame
    whole: gpd.GeoDataFrame
    memberships: pd.DataFrame
    plans: tuple[Plan, ...]
    links: pd.DataFrame
    key_words: pd.DataFrame
    answers: PlanAnswers
    projects: Projects | None
    mapped: Mapped | None
    services: MergedServices | None
    service_sources: tuple[Source, ...]
    urbanisation: Urbanisation | None
    scope_sources: tuple[Source, ...]
    answer_sources: tuple[Source, ...]
    outlines: Outlines
    results: Results | None
    codes: Mapping[str, CodedValues]
    publisher: Publisher | None
    boundaries_source: Source
    residents_source: Source
    membership_sources: tuple[Source, ...]
    provisional: bool
    notices: tuple[Text, ...]

    @property
    def residents_date(self) -> str:
        """The day that every figure of residents refers to, ISO 8601."""
        return str(self.municipalities["residents_date"].iloc[0])

    @property
    def synthetic(self) -> bool:
        """Whether something in it is made up, to try things on."""
        mapped = self.mapped is not None and self.mapped.report.synthetic
        walked = self.results is not None and self.results.synthetic
        return mapped or walked or are_synthetic((self.boundaries_source, *self.answer_sources, *self.service_sources))

    @functools.cached_property
    def comparison(self) -> BoundaryComparison | None:
        """Boundaries of OpenStreetMap held against ISTAT's; None without any.

        They are those in force where OpenStreetMap's are, else those that the workspace holds. It takes seconds, and
        pages do without: computed when first asked for.
        """
        return compare_boundaries(self.outlines.official, self.outlines.mapped or self.mapped)

    @property
    def service_comparison(self) -> tuple[Text, ...]:
        """What registers and OpenStreetMap have that the other lacks, in short; empty where there is but one."""
        if self.mapped is None or self.services is None or self.services.report.empty:
            return ()
        return say_report(self.services.report)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those of outlines and figures, then of memberships."""
        return (self.boundaries_source, self.residents_source, *self.membership_sources)

    @property
    def project_places(self) -> pd.DataFrame | None:
        """One row per project and municipality, as ``plan_layers.project_places``; None without a register."""
        if self.projects is None:
            return None
        return plan_layers.project_places(self.projects.projects, self.projects.places)


def load_territory(
    project: Project,
    *,
    boundaries: Path | None = None,
    residents: Path | None = None,
    editions: Sequence[str] = (),
    mapped: Mapped | None = None,
    computed: bool = True,
) -> Territory:
    """Load everything the base layers are made of.

    Parameters
    ----------
    project
        Opened.
    boundaries
        ISTAT's zip or folder, or an extract of OpenStreetMap; by default what the workspace holds, else the embedded
        snapshot.
    residents
        ISTAT's POSAS file; by default what the workspace holds, else the embedded snapshot.
    editions
        Identifiers of the editions wanted; all by default.
    mapped
        What OpenStreetMap holds of the territory; by default what the workspace holds.
    computed
        Whether to load what earlier computations left in the workspace too; a new one does without.

    Raises
    ------
    TableError
        The tables break a contract or contradict each other.
    BoundaryFileError, OsmFileError, ResidentsFileError, InputMissingError
        A file of the user cannot be used.
    WorkspaceError
        The workspace is damaged.
    UnknownNameError
        There is no such edition.
    """
    register, inputs, embedded = project.register, project.workspace.inputs, project.snapshot
    outlines = load_outlines(project, boundaries)
    people = _read_residents(project, residents)
    plans = _choose_plans(register, editions)
    registered = read_projects(project)
    projects = None if registered is None else _of_editions(registered, plans)
    classes = held_urbanisation(project)
    municipalities = join_classes(
        membership.join_municipalities(outlines.in_force.municipalities, people, register.tables["zones.csv"]), classes
    )
    mapped = mapped or project.read_input("osm", _load_mapped)
    services = read_services(project, mapped, municipalities)
    results = _read_results(project, plans) if computed else None
    territory = Territory(
        municipalities=municipalities,
        ring=embedded.ring,
        zones=membership.dissolve_zones(municipalities, list(register.tables["zone_names.csv"]["zone"])),
        unions=membership.dissolve_unions(municipalities, plans),
        whole=membership.dissolve_all(municipalities),
        memberships=membership.list_memberships(municipalities, plans),
        plans=plans,
        links=with_numbers(register.tables["goal_links.csv"]),
        key_words=register.tables["key_words.csv"],
        answers=plan_layers.answer_goals(municipalities, plans, _scope_inputs(project, mapped, classes)),
        projects=projects,
        mapped=mapped,
        services=services[0] if services else None,
        service_sources=services[1] if services else (),
        urbanisation=classes,
        scope_sources=_rule_sources(register, inputs, _scopes(plans), mapped, classes),
        answer_sources=_rule_sources(
            register, inputs, pd.concat([_scopes(plans), *(plan.focuses for plan in plans)]), mapped, classes
        ),
        outlines=outlines,
        results=results,
        codes=list_codes(register.tables, plans),
        publisher=held_publisher(project),
        boundaries_source=outlines.in_force.source,
        residents_source=people.source,
        membership_sources=tuple(
            register.source(name) for name in dict.fromkeys(plan.edition.source for plan in plans)
        ),
        provisional=people.provisional,
        notices=(
            *_synthetic_notices(outlines.mapped, mapped),
            *outlines.in_force.notices,
            *people.notices,
            *(classes.notices if classes is not None else ()),
            *_project_notices(registered, projects, plans, partial=bool(editions)),
            *_result_notices(results, _in_force(inputs, boundaries=boundaries, residents=residents)),
        ),
    )
    return _with_project_counts(territory)


def _read_residents(project: Project, named: Path | None) -> Residents:
    """Read the residents in force: of a file named, else of the workspace, else of the snapshot."""

    def read(path: Path) -> Residents:
        return residents_source.read_residents(path, *project.municipality_tables)

    if named is not None:
        return read(named)
    return project.read_input("residents", lambda held: read(held.path)) or project.snapshot.residents


def _load_mapped(held: Input) -> Mapped:
    """Load what the workspace holds of OpenStreetMap, and since when."""
    mapped = Mapped.load(held.path)
    return dataclasses.replace(mapped, report=dataclasses.replace(mapped.report, added_on=held.added_on))


def _with_project_counts(territory: Territory) -> Territory:
    places = territory.project_places

    def counted(units: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
        return plan_layers.with_project_counts(units, kind, territory.municipalities, territory.plans, places)

    return dataclasses.replace(
        territory,
        municipalities=counted(territory.municipalities, plan_layers.MUNICIPALITY),
        zones=counted(territory.zones, plan_layers.ZONE),
        unions=counted(territory.unions, plan_layers.UNION),
        whole=counted(territory.whole, plan_layers.WHOLE),
    )


def find_neighbours(project: Project) -> pd.DataFrame:
    """Find pairs of municipalities with a common border, those around the territory included.

    They are read from the embedded snapshot, whose outlines meet exactly and which holds the ring.

    Returns
    -------
    DataFrame
        As :func:`psttm_geo.plan.membership.find_neighbours`.

    Raises
    ------
    TableError
        The snapshot cannot be used.
    """
    embedded = project.snapshot
    everywhere = pd.concat([embedded.boundaries.municipalities, embedded.ring], ignore_index=True)
    return membership.find_neighbours(everywhere)


def _choose_plans(register: Register, editions: Sequence[str]) -> tuple[Plan, ...]:
    table = register.tables["editions.csv"]
    unknown = [name for name in editions if name not in set(table["edition"])]
    if unknown:
        known = ", ".join(table["edition"])
        raise UnknownNameError(
            Text(
                it=f"Edizione {', '.join(unknown)} sconosciuta; quelle disponibili sono: {known}.",
                en=f"Unknown edition {', '.join(unknown)}; the editions are: {known}.",
            )
        )
    return build_plans(register.tables, editions)


def _synthetic_notices(outlines: Mapped | None, mapped: Mapped | None) -> Iterator[Text]:
    """Say what is made up: the outlines asked for, what the workspace holds of the map, or both."""
    if outlines is not None and outlines.report.synthetic:
        yield Text(
            f"{SYNTHETIC.it}: i confini vengono da dati sintetici e non sono quelli di nessun comune.",
            f"{SYNTHETIC.en}: the boundaries come from synthetic data and are those of no municipality.",
        )
    if mapped is not None and mapped.report.synthetic:
        yield Text(
            f"{SYNTHETIC.it}: strade, servizi e ambiti vengono da dati sintetici e non descrivono nessun luogo; "
            "toglierli con psttm-geo inputs remove osm.",
            f"{SYNTHETIC.en}: streets, services and scopes come from synthetic data and describe no place; "
            "remove them with psttm-geo inputs remove osm.",
        )


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


def _read_results(project: Project, plans: Sequence[Plan]) -> Results | None:
    """Return what earlier computations left in the workspace about these plans' editions; None for none."""
    found = [project.read_input(kind, _load_results) for kind in COMPUTED]
    held = [results for results in found if results is not None]
    editions = [plan.edition.identifier for plan in plans]
    return functools.reduce(Results.joined, held).of_editions(editions) if held else None


def _load_results(held: Input) -> Results:
    results = Results.load(held.path)
    return dataclasses.replace(results, computed_on=dict.fromkeys(results.layers, held.added_on))


def _in_force(inputs: Inputs, **asked: Path | None) -> dict[str, str]:
    """Return the sums of what results depend on: the workspace's inputs, or the files asked for in their place."""
    sums: dict[str, str] = {kind: entry.sha256 for kind, entry in inputs.entries.items() if kind in RESTS_ON}
    given = {kind: path for kind, path in asked.items() if path is not None}
    return sums | {kind: sha256_of(path) if path.is_file() else str(path) for kind, path in given.items()}


def _result_notices(results: Results | None, in_force: Mapping[str, str]) -> Iterator[Text]:
    """Say that results are older than what they rest on, and that they are synthetic."""
    if results is None:
        return
    if in_force != dict(results.inputs):
        yield Text(
            "l'accessibilità della cartella di lavoro è stata calcolata con altri confini, residenti, registri o "
            "sezioni: ripetere psttm-geo access.",
            "the workspace's accessibility was computed with other boundaries, residents, registers or sections: "
            "repeat psttm-geo access.",
        )
    if results.synthetic:
        yield Text(
            f"{SYNTHETIC.it}: l'accessibilità viene da strade sintetiche e non descrive nessun luogo; toglierla con "
            "psttm-geo inputs remove access.",
            f"{SYNTHETIC.en}: the accessibility comes from synthetic streets and describes no place; remove it with "
            "psttm-geo inputs remove access.",
        )


def _of_editions(projects: Projects, plans: Sequence[Plan]) -> Projects | None:
    """Keep the projects of the plans, and those of unknown edition, which may be theirs; None where there are none."""
    mine = projects.projects[projects.projects["edition"].isin([UNKNOWN_EDITION, *_names(plans)])]
    if mine.empty:
        return None
    places = projects.places[projects.places["project"].isin(mine["project"])]
    return dataclasses.replace(projects, projects=mine.reset_index(drop=True), places=places.reset_index(drop=True))


def _project_notices(
    registered: Projects | None, kept: Projects | None, plans: Sequence[Plan], *, partial: bool
) -> Iterator[Text]:
    """Say in short what was read otherwise than written in the register of projects, and whether it serves."""
    if registered is None:
        return
    notices = list(registered.notices[:_NOTICES_SHOWN])
    more = len(registered.notices) - _NOTICES_SHOWN
    if more > 0:
        notices.append(
            Text(
                f"altre {more} note; psttm-geo projects add le dice tutte.",
                f"{more} more notes; psttm-geo projects add says them all.",
            )
        )
    if partial:
        notices += _edition_notices(registered, kept, plans)
    for notice in notices:
        yield Text(f"registro dei progetti: {notice.it}", f"register of projects: {notice.en}")


def _edition_notices(registered: Projects, kept: Projects | None, plans: Sequence[Plan]) -> Iterator[Text]:
    """Say how many projects are left out because of their edition, and how many may be of another one."""
    names = ", ".join(_names(plans))
    if kept is None:
        yield Text(
            f"nessun progetto dell'edizione {names}: non è consegnato.",
            f"no project of the edition {names}: it is not delivered.",
        )
        return
    left_out = len(registered.projects) - len(kept.projects)
    undated = int((kept.projects["edition"] == UNKNOWN_EDITION).sum())
    if left_out:
        yield Text(
            f"progetti di un'altra edizione, non contati: {left_out}.",
            f"projects of another edition, not counted: {left_out}.",
        )
    if undated:
        yield Text(
            f"progetti di edizione non nota, contati perché possono essere del {names}: {undated}.",
            f"projects of unknown edition, counted because they may be of {names}: {undated}.",
        )


def _names(plans: Sequence[Plan]) -> list[str]:
    return [plan.edition.identifier for plan in plans]


def held_publisher(project: Project) -> Publisher | None:
    """Return who the office says it is; None where it has not.

    Raises
    ------
    TableError
        Its description is not right.
    """
    return project.read_input("ente", lambda held: read_publisher(held.path))


def held_urbanisation(project: Project) -> Urbanisation | None:
    """Read what the workspace holds of the Degree of Urbanisation: a table of the office, or a kept computation."""

    def read(held: Input) -> Urbanisation:
        found = open_urbanisation(held.path, *project.municipality_tables)
        return dataclasses.replace(found, source=dataclasses.replace(found.source, added_on=held.added_on))

    return project.read_input("degurba", read)


def read_projects(project: Project) -> Projects | None:
    """Read the register of projects of the workspace, with the office's attribution where there is one."""
    plans = build_plans(project.tables, ())

    def read(held: Input) -> Projects:
        found = projects_source.read_projects(held.path, project.gazetteer, plans)
        return dataclasses.replace(found, source=dataclasses.replace(found.source, added_on=held.added_on))

    registered = project.read_input("projects", read)
    if registered is None:
        return None
    rows = registered.projects
    told = project.read_input("attribution", lambda held: projects_source.read_attribution(held.path, rows, plans))
    if told is None:
        return registered
    return dataclasses.replace(registered, projects=projects_source.attribute(rows, told))
