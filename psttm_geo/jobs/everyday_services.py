"""Everyday services of the workspace: OpenStreetMap's and those of official registers, as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import Source
from psttm_geo.core.workspace import Input
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.project import Project
from psttm_geo.services import register_layouts
from psttm_geo.services import registers as registers_source
from psttm_geo.services.locations import place_register
from psttm_geo.services.merge import MergedServices, merge_services
from psttm_geo.services.register_layouts import Layout
from psttm_geo.services.register_records import PlacedRegister, ServiceRegister
from psttm_geo.territory.gazetteer import Gazetteer


@dataclass(frozen=True)
class RegisterContext:
    """What registers are read and placed with.

    Attributes
    ----------
    layouts, gazetteer, categories
        As :func:`psttm_geo.services.registers.read_register` wants them.
    municipalities
        The territory: ``municipality_code``, ``municipality`` and geometry in EPSG:32632.
    everywhere
        The same with the ring around, and ``in_territory``.
    """

    layouts: tuple[Layout, ...]
    categories: tuple[str, ...]
    gazetteer: Gazetteer
    municipalities: gpd.GeoDataFrame
    everywhere: gpd.GeoDataFrame


def categories_of(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the categories of everyday services that the tables know."""
    return tuple(tables["services.csv"]["category"].unique())


def register_context(project: Project, municipalities: gpd.GeoDataFrame) -> RegisterContext:
    """Return what registers are read with.

    Parameters
    ----------
    project
        Opened.
    municipalities
        ``municipality_code``, ``municipality`` and geometry in EPSG:32632, of the territory.
    """
    columns = ["municipality_code", "municipality", "geometry"]
    inside = municipalities[columns].assign(in_territory=True)
    around = project.snapshot.ring[columns].assign(in_territory=False)
    tables = project.tables
    return RegisterContext(
        layouts=register_layouts.known_layouts(tables["registers.csv"], tables["register_categories.csv"]),
        categories=categories_of(tables),
        gazetteer=project.gazetteer,
        municipalities=inside,
        everywhere=pd.concat([inside, around], ignore_index=True),
    )


def place_registers(context: RegisterContext, files: Sequence[Path]) -> tuple[PlacedRegister, ...]:
    """Read registers and compare them with the boundaries.

    Raises
    ------
    TableError, InputMissingError
        A file cannot be used.
    """
    registers = [
        registers_source.read_register(file, context.layouts, context.gazetteer, context.categories) for file in files
    ]
    return tuple(place_register(register, context.everywhere) for register in registers)


def registers_in_force(
    project: Project, municipalities: gpd.GeoDataFrame, files: Sequence[Path] = ()
) -> tuple[PlacedRegister, ...]:
    """Read the registers given, else those of the workspace, and compare them with the boundaries.

    Parameters
    ----------
    project, municipalities
        As for :func:`register_context`.
    files
        In place of what the workspace holds.

    Returns
    -------
    tuple of PlacedRegister
        None where there is no register.

    Raises
    ------
    TableError, InputMissingError
        A file cannot be used.
    WorkspaceError
        The workspace is damaged.
    """
    if not files and "registers" not in project.workspace.inputs:
        return ()
    context = register_context(project, municipalities)
    if files:
        return place_registers(context, files)

    def read(held: Input) -> list[ServiceRegister]:
        registers = registers_source.read_packed(held.path, context.layouts, context.gazetteer, context.categories)
        return [replace(one, source=replace(one.source, added_on=held.added_on)) for one in registers]

    return tuple(place_register(one, context.everywhere) for one in project.read_input("registers", read) or ())


def read_services(
    project: Project, mapped: Mapped | None, municipalities: gpd.GeoDataFrame, registers: Sequence[Path] = ()
) -> tuple[MergedServices, tuple[Source, ...]] | None:
    """Merge the everyday services that the workspace holds.

    Parameters
    ----------
    project, municipalities
        As for :func:`register_context`.
    mapped
        What is known of OpenStreetMap; None for nothing.
    registers
        Files in place of those of the workspace.

    Returns
    -------
    tuple
        The services and their sources; None where there is neither a map nor a register.
    """
    if mapped is None and not registers and "registers" not in project.workspace.inputs:
        return None
    return merge(mapped, registers_in_force(project, municipalities, registers), municipalities)


def merge(
    mapped: Mapped | None, placed: Sequence[PlacedRegister], municipalities: gpd.GeoDataFrame
) -> tuple[MergedServices, tuple[Source, ...]]:
    """Return the services of a map and of registers as one, and their sources."""
    merged = merge_services(_mapped_services(mapped), placed, municipalities)
    osm = () if mapped is None else (mapped.report.source,)
    return merged, (*osm, *(one.register.source for one in placed))


def _mapped_services(mapped: Mapped | None) -> gpd.GeoDataFrame:
    if mapped is None:
        columns = {name: pd.Series(dtype=object) for name in ("category", "name", "source", "osm_id", "level_unknown")}
        return gpd.GeoDataFrame(columns, geometry=[], crs=METRIC)
    services = mapped.services
    identifiers = services["osm_type"].astype(str) + services["osm_id"].astype(str)
    return services.assign(source=mapped.report.source.title, osm_id=identifiers)
