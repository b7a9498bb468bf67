"""Everyday services of the workspace: OpenStreetMap's and those of official registers, as one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import Source
from psttm_geo.core.workspace import Input, Kind
from psttm_geo.osm.extract_records import Mapped
from psttm_geo.schema.data_tables import Register
from psttm_geo.services import register_layouts
from psttm_geo.services import registers as registers_source
from psttm_geo.services.locations import place_register
from psttm_geo.services.merge import MergedServices, merge_services
from psttm_geo.services.register_layouts import Layout
from psttm_geo.services.register_records import PlacedRegister
from psttm_geo.territory.gazetteer import Gazetteer
from psttm_geo.territory.snapshot import read_gazetteer


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


def categories_of(register: Register) -> tuple[str, ...]:
    """Return the categories of everyday services that the tables know."""
    return tuple(register.tables["services.csv"]["category"].unique())


def register_context(register: Register, municipalities: gpd.GeoDataFrame, ring: gpd.GeoDataFrame) -> RegisterContext:
    """Return what registers are read with.

    Parameters
    ----------
    register
        The tables in force.
    municipalities, ring
        ``municipality_code``, ``municipality`` and geometry in EPSG:32632, of the territory and around it.
    """
    columns = ["municipality_code", "municipality", "geometry"]
    inside = municipalities[columns].assign(in_territory=True)
    around = ring[columns].assign(in_territory=False)
    tables = register.tables
    return RegisterContext(
        layouts=register_layouts.known_layouts(tables["registers.csv"], tables["register_categories.csv"]),
        categories=categories_of(register),
        gazetteer=read_gazetteer(register),
        municipalities=inside,
        everywhere=pd.concat([inside, around], ignore_index=True),
    )


def held_registers(context: RegisterContext, inputs: Mapping[Kind, Input]) -> tuple[PlacedRegister, ...]:
    """Read the registers of the workspace and hold them against the boundaries; none where it has none."""
    held = inputs.get("registers")
    if held is None:
        return ()
    registers = registers_source.read_packed(held.path, context.layouts, context.gazetteer, context.categories)
    dated = (replace(one, source=replace(one.source, added_on=held.added_on)) for one in registers)
    return tuple(place_register(register, context.everywhere) for register in dated)


def read_services(
    register: Register,
    inputs: Mapping[Kind, Input],
    mapped: Mapped | None,
    municipalities: gpd.GeoDataFrame,
    ring: gpd.GeoDataFrame,
) -> tuple[MergedServices, tuple[Source, ...]] | None:
    """Merge the everyday services that the workspace holds.

    Parameters
    ----------
    register, municipalities, ring
        As for :func:`register_context`.
    inputs
        Of the workspace.
    mapped
        What it holds of OpenStreetMap; None for nothing.

    Returns
    -------
    tuple
        The services and their sources; None where there is neither a map nor a register.
    """
    if mapped is None and "registers" not in inputs:
        return None
    placed: Sequence[PlacedRegister] = ()
    if "registers" in inputs:
        placed = held_registers(register_context(register, municipalities, ring), inputs)
    return merge(mapped, placed, municipalities)


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
