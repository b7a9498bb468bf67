"""Load the territory and the plan: everything that outputs share."""

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.access.results import RESTS_ON, Results
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import SYNTHETIC, Source, are_synthetic
from psttm_geo.core.workspace import COMPUTED, Input, Inputs
from psttm_geo.delivery.publisher import Publisher
from psttm_geo.delivery.publisher_file import read_publisher
from psttm_geo.delivery.value_lists import list_codes
from psttm_geo.jobs.boundaries import BoundaryComparison, Outlines, compare_boundaries, load_outlines
from psttm_geo.jobs.everyday_services import read_services
from psttm_geo.jobs.monitoring_register import Monitoring, open_monitoring
from psttm_geo.jobs.plan_in_force import (
    PlanInForce,
    answer_plans,
    choose_plans,
    of_editions,
    project_notices,
    read_projects,
)
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.plan import membership, plan_layers
from psttm_geo.plan.records import Plan
from psttm_geo.project import Project
from psttm_geo.schema.coded_values import CodedValues
from psttm_geo.services.merge import MergedServices, say_report
from psttm_geo.territory import residents as residents_source
from psttm_geo.territory.degurba import join_classes
from psttm_geo.territory.degurba_files import open_urbanisation
from psttm_geo.territory.degurba_records import Urbanisation
from psttm_geo.territory.municipalities import Residents


@dataclass(frozen=True)
class EverydayServices:
    """What is on the map and in registers.

    Attributes
    ----------
    mapped
        What is known of OpenStreetMap; None for nothing.
    services, sources
        Everyday services of OpenStreetMap and of registers as one, and where they come from; None and nothing for
        neither.
    """

    mapped: Mapped | None
    services: MergedServices | None
    sources: tuple[Source, ...]

    @property
    def comparison(self) -> tuple[Text, ...]:
        """What registers and OpenStreetMap have that the other lacks, in short; empty where there is but one."""
        if self.mapped is None or self.services is None or self.services.report.empty:
            return ()
        return say_report(self.services.report)


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
    outlines
        The boundaries that the municipalities are made of, and ISTAT's.
    residents
        Those of the municipalities, and where they come from.
    urbanisation
        What is known of the Degree of Urbanisation of its municipalities; None for nothing.
    plan, everyday
        The plan in force on it; its everyday services.
    monitoring
        The office's register of the plan's implementation; None where the workspace holds none.
    results
        Layers that the workspace holds of earlier computations; None for none.
    codes
        What columns hold, by their English name, where the tables say it.
    publisher
        The office, as the workspace's ``ente.toml`` describes it; None where it holds none.
    notices
        What was repaired or is odd, for the user.
    """

    municipalities: gpd.GeoDataFrame
    ring: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame
    unions: gpd.GeoDataFrame
    whole: gpd.GeoDataFrame
    memberships: pd.DataFrame
    outlines: Outlines
    residents: Residents
    urbanisation: Urbanisation | None
    plan: PlanInForce
    everyday: EverydayServices
    monitoring: Monitoring | None
    results: Results | None
    codes: Mapping[str, CodedValues]
    publisher: Publisher | None
    notices: tuple[Text, ...]

    @property
    def residents_date(self) -> str:
        """The day that every figure of residents refers to, ISO 8601."""
        return str(self.municipalities["residents_date"].iloc[0])

    @property
    def synthetic(self) -> bool:
        """Whether something in it is made up, to try things on."""
        mapped = self.everyday.mapped is not None and self.everyday.mapped.report.synthetic
        walked = self.results is not None and self.results.synthetic
        used = (self.outlines.in_force.source, *self.plan.answer_sources, *self.everyday.sources)
        return mapped or walked or are_synthetic(used)

    @functools.cached_property
    def comparison(self) -> BoundaryComparison | None:
        """Boundaries of OpenStreetMap compared with ISTAT's; None without any.

        They are those in force where OpenStreetMap's are, else those that the workspace holds. It takes seconds, and
        pages do without: computed when first asked for.
        """
        return compare_boundaries(self.outlines.official, self.outlines.mapped or self.everyday.mapped)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Those of outlines and figures, then of memberships."""
        return (self.outlines.in_force.source, self.residents.source, *self.plan.sources)


def load_territory(  # noqa: PLR0913 - each takes the place of one thing that the workspace holds
    project: Project,
    *,
    boundaries: Path | None = None,
    residents: Path | None = None,
    editions: Sequence[str] = (),
    mapped: Mapped | None = None,
    registers: Sequence[Path] = (),
    urbanisation: Urbanisation | None = None,
    computed: bool = True,
    everyday: bool = True,
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
    registers
        Registers of services; by default those of the workspace.
    urbanisation
        Classes of municipalities; by default those of the workspace.
    computed
        Whether to load what earlier computations left in the workspace too; a new one does without.
    everyday
        Whether to put map and registers together as everyday services; an access model has its own.

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
    plans = choose_plans(register, editions)
    registered = read_projects(project)
    projects = None if registered is None else of_editions(registered, plans)
    classes = urbanisation or registered_urbanisation(project)
    municipalities = join_classes(
        membership.join_municipalities(outlines.in_force.municipalities, people, register.tables["zones.csv"]), classes
    )
    held = None if mapped is not None else project.read_input("osm", _load_mapped)
    mapped = mapped or held
    services = read_services(project, mapped, municipalities, registers) if everyday else None
    results = _read_results(project, plans) if computed else None
    territory = Territory(
        municipalities=municipalities,
        ring=embedded.ring,
        zones=membership.dissolve_zones(municipalities, list(register.tables["zone_names.csv"]["zone"])),
        unions=membership.dissolve_unions(municipalities, plans),
        whole=membership.dissolve_all(municipalities),
        memberships=membership.list_memberships(municipalities, plans),
        outlines=outlines,
        residents=people,
        urbanisation=classes,
        plan=answer_plans(project, plans, projects, municipalities, (mapped, classes)),
        everyday=EverydayServices(mapped, *(services or (None, ()))),
        monitoring=open_monitoring(project) if "monitoring" in inputs else None,
        results=results,
        codes=list_codes(register.tables, plans),
        publisher=registered_publisher(project),
        notices=(
            *_synthetic_notices(outlines.mapped, held),
            *outlines.in_force.notices,
            *people.notices,
            *(classes.notices if classes is not None else ()),
            *project_notices(registered, projects, plans, partial=bool(editions)),
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
    places = territory.plan.project_places

    def counted(units: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
        return plan_layers.with_project_counts(units, kind, territory.municipalities, territory.plan.plans, places)

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


def _synthetic_notices(outlines: Mapped | None, mapped: Mapped | None) -> Iterator[Text]:
    """Say what is made up: the outlines asked for, what the workspace holds of the map, or both."""
    if outlines is not None and outlines.report.synthetic:
        yield gettext(
            "{synthetic}: the boundaries come from synthetic data and are those of no municipality.",
            synthetic=SYNTHETIC,
        )
    if mapped is not None and mapped.report.synthetic:
        yield gettext(
            "{synthetic}: streets, services and scopes come from synthetic data and describe no place; "
            "remove them with psttm-geo inputs remove osm.",
            synthetic=SYNTHETIC,
        )


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
        yield gettext(
            "the workspace's accessibility was computed with other boundaries, residents, registers or "
            "sections: repeat psttm-geo access."
        )
    if results.synthetic:
        yield gettext(
            "{synthetic}: the accessibility comes from synthetic streets and describes no place; remove "
            "it with psttm-geo inputs remove access.",
            synthetic=SYNTHETIC,
        )


def registered_publisher(project: Project) -> Publisher | None:
    """Return who the office says it is; None where it has not.

    Raises
    ------
    TableError
        Its description is not right.
    """
    return project.read_input("ente", lambda held: read_publisher(held.path))


def registered_urbanisation(project: Project) -> Urbanisation | None:
    """Read what the workspace holds of the Degree of Urbanisation: a table of the office, or a kept computation."""

    def read(held: Input) -> Urbanisation:
        found = open_urbanisation(held.path, *project.municipality_tables)
        return dataclasses.replace(found, source=dataclasses.replace(found.source, added_on=held.added_on))

    return project.read_input("degurba", read)
