"""The Degree of Urbanisation: of the office's table, else computed on the 1 km grid and kept in the workspace."""

from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import Source, are_synthetic, marked, say_date
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.jobs.load import Territory, registered_urbanisation
from psttm_geo.plan.membership import residents_by_band
from psttm_geo.project import Project
from psttm_geo.territory import degurba_files as urbanisation_source
from psttm_geo.territory.degurba import classify_municipalities, lay_grid, say_grid
from psttm_geo.territory.degurba_records import EXPERIMENTAL, MANUAL, METHOD, Urbanisation, class_table
from psttm_geo.territory.municipalities import Snapshot
from psttm_geo.territory.population_records import OUTSIDE, Population

PACKED = "degurba.json"

MANUAL_ADDRESS = "https://ec.europa.eu/eurostat/en/web/products-manuals-and-guidelines/-/ks-02-20-499"

_ON_STREETS = ("buildings", "residential_streets", "streets")
"""Methods of placing residents that rest on OpenStreetMap."""


def read_urbanisation(project: Project, file: Path | None = None) -> Urbanisation | None:
    """Read ISTAT's or Eurostat's classes of `file`, else what the workspace holds, else None.

    Raises
    ------
    TableError, InputMissingError
        The file cannot be used.
    WorkspaceError
        The workspace is damaged.
    """
    if file is not None:
        return urbanisation_source.read_urbanisation(file, *project.municipality_tables)
    return registered_urbanisation(project)


def compute_urbanisation(
    project: Project, population: Population, territory: Territory, *, streets: Source | None = None
) -> Urbanisation:
    """Compute the Degree of Urbanisation of the territory's municipalities on the 1 km grid: EXPERIMENTAL.

    The ring of neighbours counts, its residents spread evenly over each municipality. A municipality of the territory
    whose residents have no place counts the same way for its neighbours, but its own class stays unknown: spread out, a
    town looks like a suburb.

    Parameters
    ----------
    project
        Opened.
    population
        Residents of the territory on places.
    territory
        The 133 municipalities with their residents.
    streets
        Where streets and buildings that residents were placed on come from; None where there are none.

    Returns
    -------
    Urbanisation
        Not kept yet: see :func:`save_urbanisation`.

    Raises
    ------
    TableError
        The snapshot cannot be used.
    """
    embedded = project.snapshot
    mine = territory.municipalities
    grid = lay_grid(_with_ring(mine, embedded), _wholly_placed(population))
    found = classify_municipalities(grid)
    classes = found[found["municipality_code"].isin(mine["municipality_code"])]
    known = ~classes["municipality_code"].isin(grid.spread)
    return Urbanisation(
        classes=class_table(
            classes["municipality_code"], classes["level_1"].where(known), classes["level_2"].where(known), EXPERIMENTAL
        ),
        experimental=True,
        source=_source(population, territory, streets),
        notices=(
            gettext("Degree of Urbanisation: {method}.", method=METHOD),
            *say_grid(grid, found, mine.set_index("municipality_code")["municipality"]),
            *_say_days(territory, embedded),
        ),
    )


def _wholly_placed(population: Population) -> gpd.GeoDataFrame:
    """Return the places of municipalities none of whose residents live where nothing is known of."""
    places = population.places
    return places[~places["municipality_code"].isin(places.loc[places["method"] == OUTSIDE, "municipality_code"])]


def save_urbanisation(project: Project, urbanisation: Urbanisation) -> bool:
    """Keep a computation in the workspace, in place of an older one; return whether it was kept.

    It is not where the workspace holds a table that the office gave: that one stands.

    Raises
    ------
    WorkspaceError
        The workspace is damaged.
    OutputError
        The workspace cannot be written.
    """
    held = registered_urbanisation(project)
    if held is not None and not held.experimental:
        return False
    with scratch_folder() as folder:
        path = folder / PACKED
        urbanisation_source.write_urbanisation(path, urbanisation)
        project.workspace.add("degurba", path)
    return True


def _with_ring(municipalities: gpd.GeoDataFrame, embedded: Snapshot) -> gpd.GeoDataFrame:
    """Return ``municipality_code``, ``residents`` and outlines of the territory and of the ring around it."""
    columns = ["municipality_code", "residents", "geometry"]
    counts = residents_by_band(embedded.residents.counts)[columns[:2]]
    ring = embedded.ring.merge(counts, on="municipality_code", how="inner", validate="1:1")
    return pd.concat([municipalities[columns], ring[columns]], ignore_index=True)


def _say_days(territory: Territory, embedded: Snapshot) -> tuple[Text, ...]:
    if territory.residents_date == embedded.residents.date:
        return ()
    own, around = say_date(territory.residents_date), say_date(embedded.residents.date)
    return (
        gettext(
            "Degree of Urbanisation: residents of the territory on {own}, of municipalities around it on {around}.",
            own=own,
            around=around,
        ),
    )


def _source(population: Population, territory: Territory, streets: Source | None) -> Source:
    """Return the source of a computation, with the licences of all that it rests on."""
    used = [territory.residents.source, territory.outlines.in_force.source]
    if streets is not None and population.places["method"].isin(_ON_STREETS).any():
        used.append(streets)
    title = f"Grado di urbanizzazione SPERIMENTALE, calcolato sulla griglia di 1 km; regole: {MANUAL}"
    return Source(
        identifier="degurba-grid",
        title=marked(title, synthetic=are_synthetic(used)),
        publisher="psttm-geo",
        address=MANUAL_ADDRESS,
        reference_date=territory.residents_date,
        licence="; ".join(dict.fromkeys(source.licence for source in used)),
        attribution="; ".join(dict.fromkeys(source.attribution for source in used)),
        sha256="",
    )
