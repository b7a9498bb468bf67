"""Boundaries of the territory: those in force, and how far OpenStreetMap's are from ISTAT's."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.core.provenance import Source
from psttm_geo.jobs.streets import read_extract
from psttm_geo.osm.extract_records import Extract, Mapped
from psttm_geo.project import Project
from psttm_geo.territory import istat
from psttm_geo.territory.municipalities import Boundaries
from psttm_geo.territory.osm_boundaries import OSM_SUFFIXES, choose_boundaries
from psttm_geo.territory.reconciliation import Reconciliation, reconcile, say_outcomes


@dataclass(frozen=True)
class Outlines:
    """The boundaries that a territory is made of.

    Attributes
    ----------
    in_force
        Those used.
    official
        ISTAT's: the same, unless OpenStreetMap's were asked for.
    mapped
        What OpenStreetMap's were read from; None where ISTAT's are in force.
    """

    in_force: Boundaries
    official: Boundaries
    mapped: Mapped | None


@dataclass(frozen=True)
class BoundaryComparison:
    """Boundaries of OpenStreetMap held against ISTAT's.

    Attributes
    ----------
    reconciliation
        What came of it.
    sources
        Of the two sides, ISTAT's first.
    """

    reconciliation: Reconciliation
    sources: tuple[Source, Source]

    @property
    def summary(self) -> tuple[Text, ...]:
        """How many municipalities there are of each outcome, then every doubt, line by line."""
        counted = say_outcomes(self.reconciliation.municipalities)
        official = self.sources[0].title
        heading = gettext("boundaries compared with “{official}”: {counted}", official=official, counted=counted)
        return heading, *(same("  {doubt}").fill(doubt=doubt) for doubt in self.reconciliation.doubts)


def load_outlines(project: Project, named: Path | None = None) -> Outlines:
    """Load the boundaries in force: those of a file named, else of the workspace, else of the snapshot.

    Parameters
    ----------
    project
        Opened.
    named
        ISTAT's zip or folder, or an extract of OpenStreetMap; None for no such wish.

    Raises
    ------
    BoundaryFileError, OsmFileError, InputMissingError
        A file cannot be used.
    """
    zones, predecessors = project.municipality_tables
    embedded = project.snapshot.boundaries

    def read(path: Path) -> Boundaries:
        return _with_cadastral_codes(istat.read_boundaries(path, zones, predecessors), embedded)

    from_map = named is not None and named.name.lower().endswith(OSM_SUFFIXES)
    if from_map or named is None:
        official = project.read_input("boundaries", lambda held: read(held.path)) or embedded
    else:
        official = read(named)
    if named is None or not from_map:
        return Outlines(official, official, None)
    mapped = read_extract(project, named).mapped
    chosen = choose_boundaries(mapped.boundaries, mapped.report, zones, predecessors)
    return Outlines(_with_cadastral_codes(chosen, embedded), official, mapped)


def compare_boundaries(official: Boundaries, mapped: Mapped | None) -> BoundaryComparison | None:
    """Hold the complete boundaries of OpenStreetMap against ISTAT's; None where there is none.

    An outline with neither name nor code is that of no municipality: it is a ring that others are made of.
    """
    if mapped is None:
        return None
    table = mapped.boundaries
    complete = table[table["complete"] & ((table["name"] != "") | (table["ref_istat"] != ""))]
    if complete.empty:
        return None
    reconciliation = reconcile(official.municipalities, complete.to_crs(official.municipalities.crs))
    return BoundaryComparison(reconciliation, (official.source, mapped.report.source))


def compare_extract(project: Project, extract: Extract) -> BoundaryComparison | None:
    """Hold the boundaries of an extract against ISTAT's, of the workspace or of the snapshot; None where it has none.

    Raises
    ------
    TableError, WorkspaceError, BoundaryFileError
        The tables or the workspace cannot be used.
    """
    return compare_boundaries(load_outlines(project).official, extract.mapped)


def _with_cadastral_codes(read: Boundaries, embedded: Boundaries) -> Boundaries:
    """Add the cadastral codes, which neither ISTAT's boundaries nor OpenStreetMap's carry, from the snapshot."""
    codes = embedded.municipalities[["municipality_code", "cadastral_code"]]
    joined = read.municipalities.merge(codes, on="municipality_code", how="left", validate="1:1")
    return dataclasses.replace(read, municipalities=joined)
