"""The services that an access model knows, and where one gets into them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.messages import Text, as_sentence
from psttm_geo.core.provenance import Source
from psttm_geo.jobs.everyday_services import merge, registers_in_force
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project
from psttm_geo.services.completeness import LISTS, count_lists
from psttm_geo.services.locations import say_fates
from psttm_geo.services.merge import identify


@dataclass(frozen=True)
class KnownServices:
    """The services of a territory and where one gets into them.

    Attributes
    ----------
    table
        ``category``, ``service_name``, ``service`` (identifier in its category) and geometry in EPSG:32632.
    entrances
        ``service_row`` (position in `table`), ``category``, ``x``, ``y`` (EPSG:32632).
    categories
        Identifier and name, in the order of the table of services.
    essential
        Those that the 15-minute share asks for.
    lists
        What OpenStreetMap and registers have in common, as :func:`psttm_geo.services.completeness.count_lists` counts
        it; no row where there is no register.
    """

    table: gpd.GeoDataFrame
    entrances: pd.DataFrame
    categories: Mapping[str, Text]
    essential: frozenset[str]
    lists: pd.DataFrame

    @classmethod
    def of(
        cls,
        table: gpd.GeoDataFrame,
        extract: Extract,
        entrances: pd.DataFrame | None = None,
        lists: pd.DataFrame | None = None,
    ) -> "KnownServices":
        """Return services with the entrances and categories of an extract; entrances are found unless given."""
        rows = extract.service_tags.drop_duplicates("category").to_dict("records")
        names = {row["category"]: Text(row["name_it"], row["name_en"]) for row in rows}
        essential = frozenset(extract.service_tags.loc[extract.service_tags["essential"] == "si", "category"])
        found = entrances_of(table, extract) if entrances is None else entrances
        counts = pd.DataFrame(columns=list(LISTS)) if lists is None else lists
        return cls(table[["category", "service_name", "service", "geometry"]], found, names, essential, counts)


def plan_services(
    project: Project, extract: Extract, municipalities: gpd.GeoDataFrame, registers: Sequence[Path]
) -> tuple[gpd.GeoDataFrame, tuple[Source, ...], tuple[Text, ...], pd.DataFrame]:
    """Return the services of an extract and of registers as one, their sources, and how registers were counted.

    Parameters
    ----------
    project
        Opened.
    extract
        As read.
    municipalities
        Of the plan's territory: ``municipality_code``, ``municipality`` and geometry in EPSG:32632.
    registers
        Files.

    Returns
    -------
    services
        As :attr:`psttm_geo.services.merge.MergedServices.services`, with ``service`` (identifier in its category)
        and ``service_name``.
    sources
        Of the map and of each register.
    lines
        What became of the rows of each register.
    lists
        As in :class:`KnownServices`.

    Raises
    ------
    TableError, InputMissingError
        A register cannot be used.
    """
    placed = registers_in_force(project, municipalities, registers)
    merged, sources = merge(extract.mapped, placed, municipalities)
    services = merged.services
    named = services.assign(service=identify(services), service_name=services["name"].fillna(""))
    lines = tuple(as_sentence(say_fates(register)) for register in placed)
    return named, sources, lines, count_lists(merged.report, placed)


def mapped_services(extract: Extract) -> gpd.GeoDataFrame:
    """Return the services of an extract alone, with the columns that :func:`entrances_of` wants."""
    services = extract.services
    return services.assign(
        service=services["osm_type"].astype(str) + services["osm_id"].astype(str),
        service_name=services["name"],
        osm_row=np.arange(len(services)),
        municipality_code=None,
    )


def entrances_of(services: gpd.GeoDataFrame, extract: Extract) -> pd.DataFrame:
    """Return where one gets into services: the entrances mapped, and the point of a register's.

    Returns
    -------
    DataFrame
        ``service_row`` (position among `services`), ``category``, ``x``, ``y`` (EPSG:32632).
    """
    rows = pd.DataFrame({"service_row": np.arange(len(services)), "category": services["category"].to_numpy()})
    osm_row = services["osm_row"].astype("Int64").to_numpy(dtype=float, na_value=np.nan)
    mapped = rows.assign(osm_row=osm_row)[~np.isnan(osm_row)].astype({"osm_row": "int64"})
    found = mapped.merge(
        extract.entrances[["service", "x", "y"]], left_on="osm_row", right_on="service", validate="m:m"
    )
    points = shapely.point_on_surface(services.geometry.to_numpy()[np.isnan(osm_row)])
    alone = rows[np.isnan(osm_row)].assign(x=shapely.get_x(points), y=shapely.get_y(points))
    columns = ["service_row", "category", "x", "y"]
    parts = [part[columns] for part in (found, alone) if not part.empty]
    return pd.concat(parts, ignore_index=True) if parts else rows.assign(x=0.0, y=0.0)[columns]
